"""Norms of vectors and matrices; at 0 the gradient of a norm is 0."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphcomp.dims import Shape, prod
from graphcomp.errors import OptionError, ShapeError
from graphcomp.graph import Variable
from graphcomp.ops import reduce, shape as shapes
from graphcomp.ops.base import Bad, Meaning, Op, Operand, Sample, as_variable, axis_from_end
from graphcomp.registry import public
from graphcomp.types import TensorType, sampled_dtype

__all__ = ["matrix_norm", "norm", "vector_norm"]

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False)
class Norm(Op):
    """The root of the sum of squared absolute values over axes; at 0 its gradient is 0."""

    axes: reduce.Axes
    keepdims: bool = False

    def infer(self, *types: TensorType) -> TensorType:
        (x,) = types
        reduce.require_axes(self.axes, x)
        return TensorType(sampled_dtype(np.linalg.norm, x), self._reduced(x.shape))

    def _reduced(self, shape: Shape) -> Shape:
        kept: Shape = (1,) if self.keepdims else ()
        axes = {a + len(shape) for a in self.axes}
        return tuple(n for k, d in enumerate(shape) for n in (kept if k in axes else (d,)))

    def meaning(self, *types: TensorType) -> Meaning:
        axis = reduce.axis_literal(self.axes, types[0].ndim)
        text = "np.linalg.norm(x, axis=axis, keepdims=keepdims)"
        literals = {"axis": axis, "keepdims": self.keepdims}
        return Meaning(text, literals, {"axis": None, "keepdims": False})

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        """Giles (2008), "An extended collection of matrix derivative results"."""
        x = inputs[0]
        conjugate = x.conj()
        length = output + (output == 0)  # 1 where it is 0, so that 0 / 0 does not appear
        if self.keepdims:
            return conjugate * (G / length)
        return conjugate * shapes.expand_dims(G / length, self.axes)

    def batch(self, inputs: tuple[Variable, ...], batched: tuple[bool, ...]) -> Variable:
        """NumPy takes at most two axes, or all of them; all of them become one."""
        x = inputs[0]
        if len(self.axes) <= 2:
            return self(x)
        flat = shapes.Reshape((x.shape[0], prod(x.shape[1:])))(x)
        kept = (1,) * len(self.axes) if self.keepdims else ()
        return shapes.Reshape((x.shape[0], *kept))(Norm((-1,))(flat))

    def oracle(self, x: Array) -> Any:
        import mpmath

        out = np.zeros(self._reduced(x.shape))
        axes = {a + x.ndim for a in self.axes}
        for place in np.ndindex(out.shape):
            rest = iter(place)
            chosen = [
                slice(None) if k in axes and (not self.keepdims or next(rest) == 0) else next(rest)
                for k in range(x.ndim)
            ]
            out[place] = mpmath.norm(x[tuple(chosen)].ravel().tolist())
        return out[()]

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        uses: list[tuple[tuple[int, ...], reduce.Axes, bool]] = [
            ((3,), (-1,), False),
            ((2, 3), (-2, -1), False),
            ((2, 3), (-2,), True),
            ((2, 3), (-1,), False),
            ((2, 3, 2), (-3, -1), False),
            ((2, 3, 2), (-3, -2, -1), False),
            ((0,), (-1,), False),
        ]
        for shape, axes, keepdims in uses:
            yield Sample(cls(axes, keepdims), (Operand(shape),))
        yield Sample(cls((-1,)), (Operand((2, 3), dtype="complex128"),))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls((-3,)), (Operand((2, 3)),), ShapeError)


@public("numpy.linalg.norm")
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Variable:
    """The norm of vectors or matrices, as ``np.linalg.norm``; at 0 the gradient is 0.

    ``ord``: None (2-norm, or Frobenius norm), any number for vectors, and for matrices "fro",
    1, -1, inf, -inf. Raises OptionError for the orders of a matrix that need singular values,
    ShapeError for other than one or two axes.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, norm(gr.constant([3.0, 4.0])))
    np.float64(5.0)
    """
    v = as_variable(x)
    if axis is None and ord is None:
        if not v.ndim:
            return abs(v)
        return Norm(reduce.normalize_axes(None, v.ndim), keepdims)(v)
    axes = tuple(range(v.ndim)) if axis is None else axis
    axes = (axes,) if isinstance(axes, int | np.integer) else tuple(axes)
    if len(axes) not in (1, 2):
        raise ShapeError(f"a norm over {len(axes)} axes", "name one or two axes with axis=")
    if len(axes) == 1:
        return vector_norm(v, axis=axes, keepdims=keepdims, ord=2 if ord is None else ord)
    return _matrix_norm(v, "fro" if ord is None else ord, axes, keepdims)


@public("numpy.linalg.vector_norm")
def vector_norm(x: Any, /, *, axis: Any = None, keepdims: bool = False, ord: float = 2) -> Variable:
    """The norm of order ``ord`` over one or several axes, as ``np.linalg.vector_norm``.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, vector_norm(gr.constant([3.0, -4.0]), ord=1))
    np.float64(7.0)
    """
    v = as_variable(x)
    axes = reduce.normalize_axes(axis, v.ndim)
    if not isinstance(ord, int | float | np.number):
        raise OptionError(f"ord={ord!r} for vectors", "give a number, inf or -inf")
    if ord == 2:
        if len(axes) in (1, 2, v.ndim) and axes:
            return Norm(axes, keepdims)(v)
        return (abs(v) ** 2).sum(axes, keepdims=keepdims) ** 0.5
    size = abs(v)
    if ord == np.inf:
        return size.max(axes, keepdims=keepdims)
    if ord == -np.inf:
        return size.min(axes, keepdims=keepdims)
    if ord == 0:
        return (v != 0).astype(size.dtype).sum(axes, keepdims=keepdims)
    if ord == 1:
        return size.sum(axes, keepdims=keepdims)
    power: float = float(ord)
    return (size**power).sum(axes, keepdims=keepdims) ** (1.0 / power)


@public("numpy.linalg.matrix_norm")
def matrix_norm(x: Any, /, *, keepdims: bool = False, ord: Any = "fro") -> Variable:
    """The norm of the matrices in the last two axes, as ``np.linalg.matrix_norm``.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, matrix_norm(gr.constant([[1.0, -4.0], [2.0, 3.0]]), ord=1))
    np.float64(7.0)
    """
    return _matrix_norm(as_variable(x), ord, (-2, -1), keepdims)


def _matrix_norm(x: Variable, ord: Any, axes: tuple[int, ...], keepdims: bool) -> Variable:
    rows, columns = (axis_from_end(axis, x.ndim) for axis in axes)
    if rows == columns:
        raise ShapeError(f"axis {axes} names one axis twice", "name two axes")
    if ord == "fro":
        return Norm(reduce.normalize_axes(axes, x.ndim), keepdims)(x)
    if ord not in (1, -1, np.inf, -np.inf):
        raise OptionError(
            f"ord={ord!r} of a matrix", "orders are 'fro', 1, -1, inf and -inf; use eigvalsh for 2"
        )
    summed, kept = (rows, columns) if abs(ord) == 1 else (columns, rows)
    sums = abs(x).sum(summed, keepdims=True)
    extreme = (sums.max if ord > 0 else sums.min)(kept, keepdims=True)
    return extreme if keepdims else shapes.squeeze(extreme, (rows, columns))
