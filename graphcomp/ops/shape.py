"""Reshape, broadcast and transpose."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from graphcomp.dims import Shape, as_shape, prod
from graphcomp.errors import OptionError, ShapeError, SizeError
from graphcomp.graph import Variable
from graphcomp.ops import create, reduce
from graphcomp.ops.base import (
    Bad,
    Meaning,
    Op,
    Operand,
    Sample,
    as_variable,
    axis_from_end,
    constant_value,
)
from graphcomp.registry import public
from graphcomp.types import TensorType, broadcast_shapes, format_shape

__all__ = [
    "atleast_1d",
    "atleast_2d",
    "broadcast_arrays",
    "broadcast_to",
    "copy",
    "expand_dims",
    "matrix_transpose",
    "moveaxis",
    "ravel",
    "reshape",
    "squeeze",
    "swapaxes",
    "transpose",
]

Array = np.ndarray[Any, Any]


# --------------------------------------------------------------------------------------- reshape


@dataclass(frozen=True, eq=False)
class Reshape(Op):
    """The elements of x, in C order, in another shape of the same size."""

    shape: Shape
    is_view: ClassVar[bool] = True
    flops_per_element: ClassVar[float] = 0.0

    def infer(self, x: TensorType) -> TensorType:
        if x.size != prod(self.shape):
            raise ShapeError(
                f"cannot reshape {format_shape(x.shape)} to {format_shape(self.shape)}",
                "both shapes must have the same number of elements",
            )
        return x.with_shape(self.shape)

    def simplify(self, x: Variable) -> Variable | None:
        if x.shape == self.shape and not x.type.weak:
            return x
        if isinstance(x.op, create.Full) and x.size == prod(self.shape):
            return create.Full(self.shape, x.op.fill, x.op.dtype)()
        return self(x.inputs[0]) if isinstance(x.op, Reshape) else None

    def meaning(self, *types: TensorType) -> Meaning:
        x = types[0]
        if not x.shape:  # may be a Python number, which has no methods
            scalar = "" if self.shape else "[()]"
            return Meaning(f"np.reshape(x, shape){scalar}", {"shape": self.shape})
        index = _unit_axes_index(x.shape, self.shape)
        if index is not None:
            return Meaning(f"x[{index}]")
        if len(self.shape) == 1:
            return Meaning("x.ravel()")
        return Meaning("x.reshape(shape)", {"shape": self.shape})

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        return Reshape(inputs[0].shape)(G)

    def batch(self, inputs: tuple[Variable, ...], batched: tuple[bool, ...]) -> Variable:
        return Reshape((inputs[0].shape[0], *self.shape))(inputs[0])

    def oracle(self, x: Array) -> Any:
        out = np.empty(self.shape, x.dtype)
        for target, source in zip(np.ndindex(out.shape), np.ndindex(x.shape), strict=True):
            out[target] = x[source]
        return out

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for shape, new in (
            ((2, 3), (6,)),
            ((6,), (3, 2)),
            ((2, 3), (3, 2)),
            ((), (1, 1)),
            ((1, 1), ()),
            ((2, 3), (2, 1, 3)),
            ((2, 3), (2, 3, 1, 1)),
            ((3, 1, 2, 1), (3, 2)),
            ((2, 1, 3), (1, 6)),
            ((0, 2), (0,)),
            ((0,), (0, 3)),
        ):
            yield Sample(cls(new), (Operand(shape),))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls((4,)), (Operand((2, 3)),), ShapeError)
        yield Bad(cls(()), (Operand((0,)),), ShapeError)


def _unit_axes_index(old: Shape, new: Shape) -> str | None:
    """``:, None`` or ``:, 0`` where axes of length 1 only come or only go, else None."""
    longer, shorter, mark = (new, old, "None") if len(new) > len(old) else (old, new, "0")
    entries: list[str] = []
    matched = 0
    for length in longer:
        if matched < len(shorter) and length == shorter[matched]:
            entries.append(":")
            matched += 1
        elif length == 1:
            entries.append(mark)
        else:
            return None
    if matched < len(shorter):
        return None
    kept = entries.index(mark)
    if kept > 1 and ":" not in entries[kept:]:
        entries[:kept] = ["..."]
    while entries[-1] == ":":
        entries.pop()
    return ", ".join(entries)


@public("numpy.reshape")
def reshape(a: Any, shape: Any, order: str = "C", *, copy: bool | None = None) -> Variable:
    """The elements of a in another shape of the same size, as ``np.reshape``.

    One entry may be -1: it becomes the size of a divided by the rest. Raises ShapeError where
    the sizes differ or do not divide, SizeError where that depends on a symbolic size.

    >>> import graphcomp as gr
    >>> gr.reshape(gr.vector("x", "2*n"), (-1, 2)).shape
    (Dim('n'), 2)
    """
    a = as_variable(a)
    wanted = _inferred(a, shape)
    if order == "F":
        return transpose(Reshape(wanted[::-1])(transpose(a)))
    _require_c_order(order)
    return Reshape(wanted)(a)


def _inferred(a: Variable, shape: Any) -> Shape:
    """The shape with its entry of -1, if there is one, filled in."""
    entries = tuple(shape) if isinstance(shape, (tuple, list)) else (shape,)
    free = [k for k, d in enumerate(entries) if isinstance(d, (int, np.integer)) and d == -1]
    if not free:
        return as_shape(entries)
    if len(free) > 1:
        raise ShapeError(f"shape {entries} has -1 twice", "only one axis can be inferred")
    before, after = as_shape(entries[: free[0]]), as_shape(entries[free[0] + 1 :])
    known = prod((*before, *after))
    if known == 0 or (isinstance(known, int) and isinstance(a.size, int) and a.size % known):
        raise ShapeError(
            f"cannot reshape {a.label}, of shape {format_shape(a.shape)}, to {entries}",
            f"its {a.size} elements do not divide by {known}",
        )
    if a.size % known != 0:
        raise SizeError(
            f"whether the {a.size} elements of {a.label} divide by {known} is not known",
            f"declare the axis as a multiple, such as '{known}*k', or give the whole shape",
        )
    return (*before, a.size // known, *after)


def _require_c_order(order: str) -> None:
    if order not in ("C", "K", "A"):
        raise OptionError(f"order {order!r} is not supported", "leave it out, or transpose first")


@public("numpy.ravel")
def ravel(a: Any, order: str = "C") -> Variable:
    """a as one axis of length a.size, as ``np.ravel``.

    >>> import graphcomp as gr
    >>> gr.ravel(gr.matrix("X", ("n", 3))).shape
    (Dim('3*n'),)
    """
    return reshape(a, (-1,) if 0 not in as_variable(a).shape else (0,), order)


@public("numpy.expand_dims")
def expand_dims(a: Any, axis: int | Sequence[int]) -> Variable:
    """a with new axes of length 1 at ``axis`` of the result, as ``np.expand_dims``.

    Raises ShapeError for an axis that the result does not have.

    >>> import graphcomp as gr
    >>> gr.expand_dims(gr.vector("x", "n"), 0).shape
    (1, Dim('n'))
    """
    a = as_variable(a)
    ndim = a.ndim + (len(axis) if isinstance(axis, (tuple, list)) else 1)
    new = {k + ndim for k in reduce.normalize_axes(axis, ndim)}
    rest = iter(a.shape)
    return Reshape(tuple(1 if k in new else next(rest) for k in range(ndim)))(a)


@public("numpy.squeeze")
def squeeze(a: Any, axis: int | Sequence[int] | None = None) -> Variable:
    """a without its axes of length 1, or without those in ``axis``, as ``np.squeeze``.

    Raises ShapeError where an axis to leave out is not of length 1.

    >>> import graphcomp as gr
    >>> gr.squeeze(gr.tensor("x", (1, "n", 1)), -1).shape
    (1, Dim('n'))
    """
    a = as_variable(a)
    if axis is None:
        return Reshape(tuple(d for d in a.shape if d != 1))(a)
    chosen = reduce.normalize_axes(axis, a.ndim)
    for k in chosen:
        if a.shape[k] != 1:
            raise ShapeError(
                f"axis {k + a.ndim} of {a.label} has length {a.shape[k]}",
                "only axes of length 1 can be squeezed out",
            )
    return Reshape(tuple(d for k, d in enumerate(a.shape) if k - a.ndim not in chosen))(a)


@public("numpy.atleast_1d")
def atleast_1d(*arys: Any) -> Any:
    """Each operand with at least one axis; several give a tuple, as ``np.atleast_1d``."""
    made = tuple(x if x.ndim else Reshape((1,))(x) for x in map(as_variable, arys))
    return made[0] if len(made) == 1 else made


@public("numpy.atleast_2d")
def atleast_2d(*arys: Any) -> Any:
    """Each operand with at least two axes, new ones in front, as ``np.atleast_2d``."""
    made = tuple(
        x if x.ndim > 1 else Reshape((1, *atleast_1d(x).shape))(x) for x in map(as_variable, arys)
    )
    return made[0] if len(made) == 1 else made


@public("numpy.copy")
def copy(a: Any, order: str = "K", subok: bool = False) -> Variable:
    """a itself: variables never change."""
    return as_variable(a)


# ------------------------------------------------------------------------------------- broadcast


@dataclass(frozen=True, eq=False)
class BroadcastTo(Op):
    """x repeated along axes of length 1, and new leading axes, to ``shape``."""

    shape: Shape
    is_view: ClassVar[bool] = True
    expression: ClassVar[str] = "np.broadcast_to(x, shape)"
    flops_per_element: ClassVar[float] = 0.0

    def infer(self, x: TensorType) -> TensorType:
        if not self._reaches(x.shape):
            raise ShapeError(
                f"cannot broadcast {format_shape(x.shape)} to {format_shape(self.shape)}",
                "each axis of the operand must have length 1 or that of the target",
            )
        return x.with_shape(self.shape)

    def _reaches(self, shape: Shape) -> bool:
        lead = len(self.shape) - len(shape)
        pairs = zip(shape, self.shape[lead:], strict=True) if lead >= 0 else [(0, 1)]
        return not [1 for length, target in pairs if length != 1 and length != target]

    def simplify(self, x: Variable) -> Variable | None:
        if not self._reaches(x.shape):
            return None
        if x.shape == self.shape and not x.type.weak:
            return x
        number = constant_value(x)
        if number is not None:
            return create.full_of(number, x.type.with_shape(self.shape))
        if isinstance(x.op, BroadcastTo):
            return self(x.inputs[0])
        return Reshape(self.shape)(x) if x.size == prod(self.shape) else None

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        return reduce.sum_to(G, inputs[0].shape)

    def batch(self, inputs: tuple[Variable, ...], batched: tuple[bool, ...]) -> Variable:
        (x,) = inputs
        size, new = x.shape[0], len(self.shape) + 1 - x.ndim
        return BroadcastTo((size, *self.shape))(Reshape((size, *(1,) * new, *x.shape[1:]))(x))

    def oracle(self, x: Array) -> Any:
        out = np.empty(self.shape, x.dtype)
        for index in np.ndindex(out.shape):
            tail = index[len(index) - x.ndim :]
            out[index] = x[tuple(0 if d == 1 else k for k, d in zip(tail, x.shape, strict=True))]
        return out

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for shape, new in (
            ((), (3,)),
            ((), (0, 2)),
            ((3,), (2, 3)),
            ((2, 1), (2, 3)),
            ((2, 1, 2), (3, 2, 3, 2)),
            ((1,), (0,)),
            ((3,), (1, 3)),
        ):
            yield Sample(cls(new), (Operand(shape),))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        for shape, new in (((2,), (3,)), ((2, 3), (3,)), ((3,), (1,))):
            yield Bad(cls(new), (Operand(shape),), ShapeError)


@public("numpy.broadcast_to")
def broadcast_to(array: Any, shape: Any, subok: bool = False) -> Variable:
    """array broadcast to a shape, as ``np.broadcast_to``.

    Raises ShapeError where an axis has neither length 1 nor the target's.

    >>> import graphcomp as gr
    >>> gr.broadcast_to(gr.vector("x", 3), ("n", 3)).shape
    (Dim('n'), 3)
    """
    return BroadcastTo(as_shape(shape))(array)


@public("numpy.broadcast_arrays")
def broadcast_arrays(*args: Any, subok: bool = False) -> tuple[Variable, ...]:
    """The operands broadcast against each other, as ``np.broadcast_arrays``."""
    arrays = [as_variable(x) for x in args]
    shape = broadcast_shapes(*(x.shape for x in arrays))
    return tuple(BroadcastTo(shape)(x) for x in arrays)


# ------------------------------------------------------------------------------------- transpose


@dataclass(frozen=True, eq=False)
class Transpose(Op):
    """The axes of x in another order: ``axes`` permutes the last ones, counted from the end."""

    axes: tuple[int, ...]
    is_view: ClassVar[bool] = True
    flops_per_element: ClassVar[float] = 0.0

    def infer(self, x: TensorType) -> TensorType:
        return x.with_shape(self._permuted(x.shape))

    def _permuted(self, shape: Shape) -> Shape:
        if len(self.axes) > len(shape):
            raise ShapeError(f"axes {self.axes} do not fit", f"it has {len(shape)} axes")
        return (*shape[: len(shape) - len(self.axes)], *(shape[a] for a in self.axes))

    def simplify(self, x: Variable) -> Variable | None:
        """Drop what does not move, and join with a transpose below."""
        count = len(self.axes)
        if count > x.ndim:
            return None
        if self.axes == tuple(range(-count, 0)):
            return x
        if self.axes[0] == -count:
            return Transpose(self.axes[1:])(x)
        if isinstance(x.op, create.Full):
            return create.Full(self._permuted(x.shape), x.op.fill, x.op.dtype)()
        if isinstance(x.op, Transpose):
            inner = x.op.axes
            widest = max(count, len(inner))
            inner = (*range(-widest, -len(inner)), *inner)
            outer = (*range(-widest, -count), *self.axes)
            return Transpose(tuple(inner[a] for a in outer))(x.inputs[0])
        return None

    def meaning(self, *types: TensorType) -> Meaning:
        ndim = types[0].ndim
        order = (*range(ndim - len(self.axes)), *(a + ndim for a in self.axes))
        moved = [k for k, a in enumerate(order) if a != k]
        if order == tuple(reversed(range(ndim))):
            return Meaning("x.T")
        if len(moved) == 2:
            first, second = (a - ndim for a in moved) if moved[0] == ndim - 2 else moved
            return Meaning("np.swapaxes(x, first, second)", {"first": first, "second": second})
        return Meaning("np.transpose(x, axes)", {"axes": order})

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
        for shape, axes in (
            ((2, 3), (-1, -2)),
            ((0, 3), (-1, -2)),
            ((2, 3, 4), (-1, -3, -2)),
            ((2, 3, 4), (-1, -2)),
            ((2, 3, 4), (-2, -3, -1)),
            ((2, 3, 4), (-1, -2, -3)),
        ):
            yield Sample(cls(axes), (Operand(shape),))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls((-1, -2)), (Operand((3,)),), ShapeError)


@public("numpy.transpose", "numpy.permute_dims")
def transpose(a: Any, axes: Sequence[int] | None = None) -> Variable:
    """The axes of a reversed, or in the order ``axes``, as ``np.transpose``.

    Raises ShapeError where ``axes`` is not a permutation of a's axes.

    >>> import graphcomp as gr
    >>> gr.transpose(gr.tensor("x", (2, 3, 4)), (1, 2, 0)).shape
    (3, 4, 2)
    """
    a = as_variable(a)
    if axes is None:
        return Transpose(tuple(range(-1, -a.ndim - 1, -1)))(a)
    chosen = tuple(axes) if isinstance(axes, (tuple, list)) else (axes,)
    order = tuple(axis_from_end(k, a.ndim) for k in chosen)
    if sorted(order) != list(range(-a.ndim, 0)):
        raise ShapeError(f"axes {chosen} do not permute {a.ndim} axes", "name each axis once")
    return Transpose(order)(a)


@public("numpy.matrix_transpose", "numpy.linalg.matrix_transpose")
def matrix_transpose(x: Any, /) -> Variable:
    """The last two axes of x swapped. Raises ShapeError for fewer than two.

    >>> import graphcomp as gr
    >>> gr.matrix_transpose(gr.tensor("x", ("n", 2, 3))).shape
    (Dim('n'), 3, 2)
    """
    x = as_variable(x)
    if x.ndim < 2:
        raise ShapeError(f"{x.label} has {x.ndim} axes", "a matrix transpose needs two or more")
    return Transpose((-1, -2))(x)


@public("numpy.swapaxes")
def swapaxes(a: Any, axis1: int, axis2: int) -> Variable:
    """a with two axes exchanged, as ``np.swapaxes``.

    >>> import graphcomp as gr
    >>> gr.swapaxes(gr.tensor("x", (2, 3, 4)), 0, -1).shape
    (4, 3, 2)
    """
    a = as_variable(a)
    order = list(range(-a.ndim, 0))
    first, second = axis_from_end(axis1, a.ndim), axis_from_end(axis2, a.ndim)
    order[first], order[second] = second, first
    return Transpose(tuple(order))(a)


@public("numpy.moveaxis")
def moveaxis(a: Any, source: int | Sequence[int], destination: int | Sequence[int]) -> Variable:
    """a with its ``source`` axes at the places ``destination``, as ``np.moveaxis``.

    Raises ShapeError for an axis out of range or named twice, or counts that differ.
    """
    a = as_variable(a)
    origin, goal = (
        [axis_from_end(k, a.ndim) for k in (axis if isinstance(axis, (tuple, list)) else (axis,))]
        for axis in (source, destination)
    )
    if not len(set(origin)) == len(origin) == len(goal) == len(set(goal)):
        raise ShapeError(
            f"cannot move axes {source} to {destination}", "name as many, and each only once"
        )
    order = [k for k in range(-a.ndim, 0) if k not in origin]
    for place, axis in sorted(zip(goal, origin, strict=True)):
        order.insert(place + a.ndim, axis)
    return Transpose(tuple(order))(a)
