"""Sliding windows over axes, as views of the array."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NoReturn

import numpy as np

from graphcomp import dims
from graphcomp.dims import Dim, DimLike, as_dim
from graphcomp.errors import OptionError, ShapeError, TraceError
from graphcomp.graph import Variable
from graphcomp.ops import diagonal, padding, rearrange, reduce, shape as shapes
from graphcomp.ops.base import Bad, Meaning, Op, Operand, Sample, as_variable, axis_from_end
from graphcomp.registry import public
from graphcomp.types import TensorType

__all__ = ["sliding_window_view"]

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False)
class SlidingWindows(Op):
    """Every window of some lengths along ``axes``, counted from the end, as new last axes."""

    lengths: tuple[DimLike, ...]
    axes: tuple[int, ...]
    is_view: ClassVar[bool] = True
    flops_per_element: ClassVar[float] = 0.0

    def infer(self, x: TensorType) -> TensorType:
        reduce.require_axes(self.axes, x)
        shape = list(x.shape)
        for length, axis in zip(self.lengths, self.axes, strict=True):
            count = shape[axis] - length + 1
            shape[axis] = dims.maximum(0, count)  # as of slices; NumPy refuses a shorter axis
            if isinstance(count, int) and count < 1:
                raise ShapeError(
                    f"a window of length {length} on axis {axis} of length {x.shape[axis]}",
                    "a window is at most as long as its axis",
                )
        return x.with_shape((*shape, *self.lengths))

    def meaning(self, *types: TensorType) -> Meaning:
        one = len(self.lengths) == 1
        axes = tuple(axis + types[0].ndim for axis in self.axes)
        literals = {
            "window": self.lengths[0] if one else self.lengths,
            "axis": None if axes == tuple(range(types[0].ndim)) else axes[0] if one else axes,
        }
        text = "np.lib.stride_tricks.sliding_window_view(x, window, axis=axis)"
        return Meaning(text, literals, {"axis": None})

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        """An element sums, over the windows that it is in, the gradient at its place in each:
        the diagonals of the windows of G, padded, with their places reversed."""
        for length, axis in reversed(list(zip(self.lengths, self.axes, strict=True))):
            G = shapes.moveaxis(G, axis - 1 - (G.ndim - 1 - inputs[0].ndim), -1)
            after = inputs[0].shape[axis] - G.shape[-1]  # length - 1, without a doubt of the sum
            widths = ((0, 0), (length - 1, after))
            padded = padding.Pad(widths)(G)
            windows = SlidingWindows((length,), (-1,))(padded)
            places = rearrange.Flip((-1,))(windows)
            total = reduce.Sum((-1,))(diagonal.diagonal(places, 0, -3, -1))
            G = shapes.moveaxis(total, -1, axis - (G.ndim - 1 - inputs[0].ndim))
        return G

    def oracle(self, x: Array) -> Any:
        shape: Any = self.infer(TensorType(x.dtype, x.shape)).shape
        out = np.empty(shape, x.dtype)
        for index in np.ndindex(out.shape):
            place = list(index[: x.ndim])
            for offset, axis in zip(index[x.ndim :], self.axes, strict=True):
                place[axis] += offset
            out[index] = x[tuple(place)]
        return out

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for shape, lengths, axes in (
            ((4,), (2,), (-1,)),
            ((3,), (3,), (-1,)),
            ((2, 4), (3,), (-1,)),
            ((3, 2), (2,), (-2,)),
            ((3, 3), (2, 2), (-2, -1)),
            ((3, 2), (2, 2), (-1, -2)),
            ((5,), (2, 2), (-1, -1)),
        ):
            yield Sample(cls(lengths, axes), (Operand(shape),))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls((4,), (-1,)), (Operand((3,)),), ShapeError)
        yield Bad(cls((1,), (-2,)), (Operand((3,)),), ShapeError)


@public("numpy.lib.stride_tricks.sliding_window_view", "numpy.lib.sliding_window_view")
def sliding_window_view(
    x: Any,
    window_shape: Any,
    axis: int | Sequence[int] | None = None,
    *,
    subok: bool = False,
    writeable: bool = False,
) -> Variable:
    """Every window of ``window_shape`` along ``axis`` (all axes without it), as new last axes.

    As ``np.lib.stride_tricks.sliding_window_view``: an axis of length n has n - w + 1 windows of
    length w. Raises ShapeError for a window longer than its axis, OptionError where there is
    not one length for each axis, and for ``writeable``.

    >>> import graphcomp as gr
    >>> sliding_window_view(gr.vector("x", "n"), 3).shape
    (Dim('max(0, n - 2)'), 3)
    """
    if writeable:
        raise OptionError("a variable never changes", "leave writeable= out")
    x = as_variable(x)
    lengths = tuple(map(as_dim, _listed(window_shape)))
    places = range(x.ndim) if axis is None else _listed(axis)
    axes = tuple(axis_from_end(k, x.ndim) for k in places)
    if len(axes) != len(lengths):
        raise OptionError(
            f"{len(lengths)} window lengths for {len(axes)} axes", "give one length for each axis"
        )
    return SlidingWindows(lengths, axes)(x) if axes else x


def _listed(value: Any) -> Sequence[Any]:
    if isinstance(value, (Dim, str)):
        return (value,)
    try:
        return (operator.index(value),)
    except TypeError:
        return tuple(value)


@public("numpy.lib.stride_tricks.as_strided", "numpy.lib.as_strided")
def _as_strided(x: Any, *_: Any, **__: Any) -> NoReturn:
    raise TraceError(
        "as_strided reads memory, and a variable has none",
        "write np.lib.stride_tricks.sliding_window_view, x[::step], or np.broadcast_to",
    )
