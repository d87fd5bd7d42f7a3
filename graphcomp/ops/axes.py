"""The axes of an array in another order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from graphcomp.dims import Shape
from graphcomp.errors import ShapeError
from graphcomp.graph import Variable
from graphcomp.ops.base import Bad, Meaning, Op, Operand, Sample, as_variable, axis_from_end
from graphcomp.registry import public
from graphcomp.types import TensorType

__all__ = ["matrix_transpose", "moveaxis", "permute_dims", "rollaxis", "swapaxes", "transpose"]

Array = np.ndarray[Any, Any]


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
        if x.op.name == "full":  # by name: its module needs this one
            return replace(x.op, shape=self._permuted(x.shape))()  # type: ignore[type-var]
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
    chosen = tuple(axes) if isinstance(axes, (tuple, list, np.ndarray)) else (axes,)
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


permute_dims = transpose


@public("numpy.rollaxis")
def rollaxis(a: Any, axis: int, start: int = 0) -> Variable:
    """a with ``axis`` moved to stand before the axis that is ``start`` now, as ``np.rollaxis``.

    Raises ShapeError for an axis that a does not have. ``moveaxis`` says the same more plainly.

    >>> import graphcomp as gr
    >>> gr.rollaxis(gr.tensor("x", (2, 3, 4)), 2).shape
    (4, 2, 3)
    """
    a = as_variable(a)
    source = axis_from_end(axis, a.ndim) + a.ndim
    before = start + a.ndim if start < 0 else start
    if not 0 <= before <= a.ndim:
        raise ShapeError(
            f"start={start} is out of range for {a.ndim} dimensions", f"use 0 to {a.ndim}"
        )
    return moveaxis(a, source, before - (before > source))
