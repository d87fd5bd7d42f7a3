"""Reductions over axes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from graphcomp.errors import DTypeError, ShapeError
from graphcomp.graph import Variable
from graphcomp.operators import public
from graphcomp.ops import shape as shapes
from graphcomp.ops.base import Meaning, Op, Operand, Sample, as_variable, axis_from_end
from graphcomp.types import DType, TensorType, as_dtype, sampled_dtype

Axes = tuple[int, ...]


def normalize_axes(axis: int | Sequence[int] | None, ndim: int) -> Axes:
    """The axes as sorted numbers counted from the end; None means all of them."""
    if axis is None:
        return tuple(range(-ndim, 0))
    chosen = (axis,) if not isinstance(axis, (tuple, list)) else axis
    axes = tuple(sorted(axis_from_end(a, ndim) for a in chosen))
    if len(set(axes)) != len(axes):
        raise ShapeError(f"axis {axis} names one axis twice", "name each axis once")
    return axes


def axis_literal(axes: Axes, ndim: int) -> int | Axes | None:
    """How NumPy code names the axes: None for all, an int for one, else from the front."""
    if len(axes) == ndim:
        return None
    front = tuple(a + ndim for a in axes)
    return front[0] if len(front) == 1 else front


@dataclass(frozen=True, eq=False)
class Reduce(Op, abstract=True):
    """Base of reductions over ``axes``, counted from the end, of an operand of any rank."""

    axes: Axes
    keepdims: bool = False
    function: ClassVar[str]  # NumPy's name of it

    def infer(self, *types: TensorType) -> TensorType:
        return TensorType(self.result_dtype(types[0]), self.reduced_shape(types[0]))

    def result_dtype(self, x: TensorType) -> DType:
        """The dtype of the result, as NumPy gives it."""
        return sampled_dtype(getattr(np, self.function), x)

    def reduced_shape(self, x: TensorType) -> tuple[Any, ...]:
        """The shape with the axes taken out, or of length 1."""
        axes = {a + x.ndim for a in self.axes}
        if self.keepdims:
            return tuple(1 if k in axes else d for k, d in enumerate(x.shape))
        return tuple(d for k, d in enumerate(x.shape) if k not in axes)

    def meaning(self, *types: TensorType) -> Meaning:
        literals = {"axis": axis_literal(self.axes, types[0].ndim), "keepdims": self.keepdims}
        text = f"np.{self.function}(x, axis=axis, keepdims=keepdims)"
        return Meaning(text, literals, {"axis": None, "keepdims": False})

    def expand(self, reduced: Variable) -> Variable:
        """A value of the result's shape with the axes back as axes of length 1."""
        return reduced if self.keepdims else shapes.expand_dims(reduced, self.axes)

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        uses: list[tuple[tuple[int, ...], Axes, bool]] = [
            ((), (), False),
            ((1,), (-1,), False),
            ((5,), (-1,), False),
            ((2, 3), (-2, -1), False),
            ((2, 3), (-2,), False),
            ((2, 3), (-1,), True),
            ((2, 3, 2), (-3, -1), False),
        ]
        for shape, axes, keepdims in uses:
            yield Sample(cls(axes, keepdims), (Operand(shape),))


class Sum(Reduce):
    """The sum of elements over axes."""

    function = "sum"

    def simplify(self, x: Variable) -> Variable | None:
        return x if not self.axes and not x.type.weak and x.dtype.kind in "fc" else None

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        return shapes.broadcast_to(self.expand(G), inputs[0].shape)

    def oracle(self, x: np.ndarray[Any, Any]) -> Any:
        result: dict[tuple[int, ...], float] = {}
        axes = {a + x.ndim for a in self.axes}
        for index in np.ndindex(x.shape):
            kept = tuple(
                0 if k in axes else i
                for k, i in enumerate(index)
                if self.keepdims or k not in axes
            )
            result[kept] = result.get(kept, 0.0) + float(x[index])
        out = np.zeros(self.reduced_shape(TensorType(x.dtype, x.shape)))
        for index, value in result.items():
            out[index] = value
        return out


@public("numpy.sum")
def sum(
    x: Any,
    axis: int | Sequence[int] | None = None,
    dtype: Any = None,
    out: None = None,
    keepdims: bool = False,
) -> Variable:
    """The sum of elements of x over ``axis``, as ``np.sum``.

    Raises ShapeError for an axis that x does not have.
    """
    x = as_variable(x)
    _refuse_out(out)
    if dtype is not None:
        x = x.astype(as_dtype(dtype))
    return Sum(normalize_axes(axis, x.ndim), keepdims)(x)


def _refuse_out(out: Any) -> None:
    if out is not None:
        raise DTypeError("out= cannot receive a variable", "use the value that is returned")


def sum_to(x: Variable, shape: tuple[Any, ...]) -> Variable:
    """Sum over the axes along which an operand of ``shape`` was broadcast to x's shape."""
    if x.shape == shape:
        return x
    extra = x.ndim - len(shape)
    lead = tuple(range(-x.ndim, -len(shape)))
    stretched = tuple(
        k - len(shape) for k, d in enumerate(shape) if d == 1 and x.shape[extra + k] != 1
    )
    if stretched:
        x = Sum(stretched, keepdims=True)(x)
    return Sum(lead)(x) if lead else x
