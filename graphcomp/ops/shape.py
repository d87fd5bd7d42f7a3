"""Operations that rearrange elements, and those that make arrays from nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from graphcomp.dims import DimLike, Shape, as_shape, prod
from graphcomp.errors import ShapeError
from graphcomp.graph import Variable
from graphcomp.operators import public
from graphcomp.ops import reduce
from graphcomp.ops.base import Meaning, Op, Operand, Sample, as_variable, axis_from_end
from graphcomp.types import DType, TensorType, as_dtype, broadcast_shapes, format_shape

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False)
class Full(Op):
    """An array of one number."""

    shape: Shape
    fill: bool | int | float | complex
    dtype: DType
    parameters: ClassVar[tuple[str, ...]] = ()

    def infer(self, *types: TensorType) -> TensorType:
        return TensorType(self.dtype, self.shape)

    def meaning(self, *types: TensorType) -> Meaning:
        literals = {"shape": self.shape, "dtype": self.dtype, "fill": self.fill}
        if not self.shape:
            return Meaning("dtype(fill)", literals)
        name = {0: "np.zeros(shape", 1: "np.ones(shape"}.get(self.fill, "np.full(shape, fill")  # type: ignore[call-overload]
        default = {"dtype": np.dtype("float64")}
        return Meaning(f"{name}, dtype=dtype)", literals, default)

    def oracle(self) -> Any:
        return np.array([self.fill] * int(prod(self.shape)), self.dtype).reshape(self.shape)

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for shape in ((), (0,), (2, 3)):
            for fill in (0.0, 1.0, 2.5):
                yield Sample(cls(shape, fill, np.dtype("float64")), ())


@dataclass(frozen=True, eq=False)
class Reshape(Op):
    """The elements of x, in C order, in another shape of the same size."""

    shape: Shape
    is_view: ClassVar[bool] = True
    expression: ClassVar[str] = "x.reshape(shape)"

    def infer(self, *types: TensorType) -> TensorType:
        if types[0].size != prod(self.shape):
            raise ShapeError(
                f"cannot reshape {format_shape(types[0].shape)} to {format_shape(self.shape)}",
                "both shapes must have the same number of elements",
            )
        return types[0].with_shape(self.shape)

    def simplify(self, x: Variable) -> Variable | None:
        if x.shape == self.shape and not x.type.weak:
            return x
        return self(x.inputs[0]) if isinstance(x.op, Reshape) else None

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        return Reshape(inputs[0].shape)(G)

    def batch(self, inputs: tuple[Variable, ...], batched: tuple[bool, ...]) -> Variable:
        return Reshape((inputs[0].shape[0], *self.shape))(inputs[0])

    def oracle(self, x: Array) -> Any:
        out = np.empty(self.shape, x.dtype)  # type: ignore[arg-type]
        for target, source in zip(np.ndindex(out.shape), np.ndindex(x.shape), strict=True):
            out[target] = x[source]
        return out

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for shape, new in (((2, 3), (6,)), ((6,), (3, 2)), ((), (1, 1)), ((0, 2), (0,))):
            yield Sample(cls(new), (Operand(shape),))


@dataclass(frozen=True, eq=False)
class BroadcastTo(Op):
    """x repeated along axes of length 1, and new leading axes, to ``shape``."""

    shape: Shape
    is_view: ClassVar[bool] = True
    expression: ClassVar[str] = "np.broadcast_to(x, shape)"

    def infer(self, *types: TensorType) -> TensorType:
        if broadcast_shapes(types[0].shape, self.shape) != self.shape:
            raise ShapeError(
                f"cannot broadcast {format_shape(types[0].shape)} to {format_shape(self.shape)}",
                "each axis of the operand must have length 1 or that of the target",
            )
        return types[0].with_shape(self.shape)

    def simplify(self, x: Variable) -> Variable | None:
        return x if x.shape == self.shape and not x.type.weak else None

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        return reduce.sum_to(G, inputs[0].shape)

    def batch(self, inputs: tuple[Variable, ...], batched: tuple[bool, ...]) -> Variable:
        x, rank = inputs[0], len(self.shape)
        size = x.shape[0]
        x = Reshape((size, *(1,) * (rank + 1 - x.ndim), *x.shape[1:]))(x)
        return BroadcastTo((size, *self.shape))(x)

    def oracle(self, x: Array) -> Any:
        out = np.empty(self.shape, x.dtype)  # type: ignore[arg-type]
        for index in np.ndindex(out.shape):
            tail = index[len(index) - x.ndim :]
            out[index] = x[tuple(0 if d == 1 else k for k, d in zip(tail, x.shape, strict=True))]
        return out

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for shape, new in (((), (3,)), ((3,), (2, 3)), ((2, 1), (2, 3)), ((1,), (0,))):
            yield Sample(cls(new), (Operand(shape),))


@dataclass(frozen=True, eq=False)
class Transpose(Op):
    """The axes of x in another order: ``axes`` permutes the last ones, counted from the end."""

    axes: tuple[int, ...]
    is_view: ClassVar[bool] = True

    def infer(self, *types: TensorType) -> TensorType:
        x = types[0]
        lead = x.shape[: x.ndim - len(self.axes)]
        return x.with_shape((*lead, *(x.shape[a] for a in self.axes)))

    def meaning(self, *types: TensorType) -> Meaning:
        ndim = types[0].ndim
        lead = ndim - len(self.axes)
        axes = (*range(lead), *(a + ndim for a in self.axes))
        if axes == tuple(reversed(range(ndim))):
            return Meaning("x.T")
        if axes == (*range(ndim - 2), ndim - 1, ndim - 2):
            return Meaning("np.swapaxes(x, -1, -2)")
        return Meaning("np.transpose(x, axes)", {"axes": axes})

    def simplify(self, x: Variable) -> Variable | None:
        """Drop what does not move, and join with a transpose below."""
        count = len(self.axes)
        if self.axes == tuple(range(-count, 0)):
            return x
        if self.axes[0] == -count:
            return Transpose(self.axes[1:])(x)
        if isinstance(x.op, Transpose):
            inner = x.op.axes
            widest = max(count, len(inner))
            inner = (*range(-widest, -len(inner)), *inner)
            outer = (*range(-widest, -count), *self.axes)
            return Transpose(tuple(inner[a] for a in outer))(x.inputs[0])
        return None

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        count = len(self.axes)
        order = sorted(range(count), key=lambda k: self.axes[k])
        return Transpose(tuple(k - count for k in order))(G)

    def oracle(self, x: Array) -> Any:
        axes = [*range(x.ndim - len(self.axes)), *(a + x.ndim for a in self.axes)]
        out = np.empty([x.shape[a] for a in axes], x.dtype)
        for index in np.ndindex(x.shape):
            out[tuple(index[a] for a in axes)] = x[index]
        return out

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        uses = (((2, 3), (-1, -2)), ((2, 3, 4), (-1, -3, -2)), ((2, 3, 4), (-1, -2)))
        for shape, axes in uses:
            yield Sample(cls(axes), (Operand(shape),))


@public("numpy.transpose", "numpy.permute_dims")
def transpose(x: Any, axes: Sequence[int] | None = None) -> Variable:
    """The axes of x reversed, or in the order ``axes``, as ``np.transpose``.

    Raises ShapeError where ``axes`` is not a permutation of x's axes.
    """
    x = as_variable(x)
    if axes is None:
        return Transpose(tuple(range(-1, -x.ndim - 1, -1)))(x)
    order = tuple(axis_from_end(a, x.ndim) for a in axes)
    if sorted(order) != list(range(-x.ndim, 0)):
        raise ShapeError(f"axes {tuple(axes)} do not permute {x.ndim} axes", "name each axis once")
    return Transpose(order)(x)


@public("numpy.matrix_transpose", "numpy.linalg.matrix_transpose")
def matrix_transpose(x: Any, /) -> Variable:
    """The last two axes of x swapped."""
    x = as_variable(x)
    if x.ndim < 2:
        raise ShapeError(f"{x.label} has {x.ndim} axes", "a matrix transpose needs two or more")
    return Transpose((-1, -2))(x)


@public("numpy.zeros")
def zeros(shape: Any, dtype: Any = "float64") -> Variable:
    """Zeros; an entry of the shape is an int, a size, or the name of a size."""
    return Full(as_shape(shape), 0.0, as_dtype(dtype))()


@public("numpy.reshape")
def reshape(x: Any, shape: Any, order: str = "C") -> Variable:
    """x in another shape of the same size; one entry may be -1."""
    x = as_variable(x)
    return Reshape(as_shape(shape))(x)


@public("numpy.broadcast_to")
def broadcast_to(x: Any, shape: Any) -> Variable:
    """x broadcast to a shape, as ``np.broadcast_to``."""
    return BroadcastTo(as_shape(shape))(x)


@public("numpy.expand_dims")
def expand_dims(x: Any, axis: int | Sequence[int]) -> Variable:
    """x with new axes of length 1 at ``axis`` of the result, as ``np.expand_dims``."""
    x = as_variable(x)
    count = 1 if isinstance(axis, int) else len(axis)
    axes = {a + x.ndim + count for a in reduce.normalize_axes(axis, x.ndim + count)}
    rest = iter(x.shape)
    shape: list[DimLike] = [1 if k in axes else next(rest) for k in range(x.ndim + count)]
    return Reshape(tuple(shape))(x)


def full_of(number: bool | int | float, like: TensorType) -> Variable:
    """An array of one number with the shape and dtype of a type."""
    return Full(like.shape, like.dtype.type(number).item(), like.dtype)()
