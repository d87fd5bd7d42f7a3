"""Norms of vectors and matrices, and the condition number; at 0 the gradient of a norm is 0."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from graphcomp.dims import DimLike, Shape, prod
from graphcomp.errors import OptionError, ShapeError
from graphcomp.graph import Variable
from graphcomp.ops import linalg, reduce, shape as shapes, svd
from graphcomp.ops.axes import moveaxis
from graphcomp.ops.base import Bad, Meaning, Op, Operand, Sample, as_variable, axis_from_end
from graphcomp.registry import public
from graphcomp.types import TensorType, format_shape, sampled_dtype

__all__ = ["cond", "matrix_norm", "norm", "vector_norm"]

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False)
class Norm(Op):
    """The sum over axes of absolute values to the power of ``ord``, to the power of 1 / ord.

    An order other than 2 takes one axis. At 0 the gradient is 0.
    """

    axes: reduce.Axes
    keepdims: bool = False
    ord: float = 2

    def infer(self, *types: TensorType) -> TensorType:
        (x,) = types
        reduce.require_axes(self.axes, x)
        if self.ord != 2 and len(self.axes) != 1:
            raise ShapeError(f"order {self.ord} over {len(self.axes)} axes", "make them one axis")
        return TensorType(sampled_dtype(np.linalg.norm, x), self._reduced(x.shape))

    def flops(self, types: tuple[TensorType, ...], output: TensorType) -> DimLike:
        return 2 * types[0].size

    def _reduced(self, shape: Shape) -> Shape:
        kept: Shape = (1,) if self.keepdims else ()
        axes = {a + len(shape) for a in self.axes}
        return tuple(n for k, d in enumerate(shape) for n in (kept if k in axes else (d,)))

    def meaning(self, *types: TensorType) -> Meaning:
        axis = reduce.axis_literal(self.axes, types[0].ndim)
        order = "" if self.ord == 2 else "ord, "  # over two axes, 2 would be a matrix norm's
        text = f"np.linalg.norm(x, {order}axis=axis, keepdims=keepdims)"
        literals = {"ord": self.ord, "axis": axis, "keepdims": self.keepdims}
        return Meaning(text, literals, {"axis": None, "keepdims": False})

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        """Giles (2008), "An extended collection of matrix derivative results"."""
        x = inputs[0]
        length = output + (output == 0)  # 1 where it is 0, so that 0 / 0 does not appear
        if self.ord == 2:
            return x.conj() * self._expand(G / length)
        if self.ord < 0:  # a single 0 makes it 0
            G = G * (output != 0)
        size = abs(x)
        size = size + (size == 0)
        share = (size / self._expand(length)) ** (self.ord - 1)
        return x.conj() / size * share * self._expand(G)

    def _expand(self, reduced: Variable) -> Variable:
        return reduced if self.keepdims else shapes.expand_dims(reduced, self.axes)

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
            sizes = [mpmath.fabs(v) for v in x[tuple(chosen)].ravel().tolist()]
            out[place] = mpmath.fsum(v**self.ord for v in sizes) ** (mpmath.mpf(1) / self.ord)
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
        for order in (3, 2.5, 0.5, -1):
            yield Sample(cls((-2,), ord=order), (Operand((3, 2), 0.5, 2.0),))
        yield Sample(cls((-1,), True, 4), (Operand((2, 3), dtype="complex128"),))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls((-3,)), (Operand((2, 3)),), ShapeError)
        yield Bad(cls((-2, -1), ord=3), (Operand((2, 3)),), ShapeError)


def _inverse_or_inf(a: Any) -> Any:
    """The inverse of square matrices, all infinite where one is singular."""
    singular = (np.linalg.slogdet(a)[0] == 0)[..., None, None]
    regular = np.where(singular, np.eye(a.shape[-1], dtype=a.dtype), a)
    return np.where(singular, np.inf, np.linalg.inv(regular))


class InverseOrInf(linalg.Inv):
    """The inverse, all infinite where a matrix is singular, as the condition number takes it."""

    expression: ClassVar[str] = "_inverse_or_inf(x)"
    helpers = (_inverse_or_inf,)

    def simplify(self, x: Variable) -> Variable | None:
        return None


# ------------------------------------------------------------------------- functions for users


@public("numpy.linalg.norm")
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Variable:
    """The norm of vectors or matrices, as ``np.linalg.norm``; at 0 the gradient is 0.

    ``ord``: None (2-norm, or Frobenius norm), any number for vectors, and for matrices "fro",
    "nuc", 1, -1, 2, -2, inf, -inf. Raises OptionError for another, ShapeError for other than one
    or two axes.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, norm(gr.constant([3.0, 4.0])))
    np.float64(5.0)
    """
    v = as_variable(x)
    if axis is None and ord is None:
        return (
            Norm(reduce.normalize_axes(None, v.ndim), bool(keepdims))(v)
            if v.ndim
            else abs(_floating(v))
        )
    axes = tuple(range(v.ndim)) if axis is None else _axes(axis, v.ndim)
    if len(axes) not in (1, 2):
        raise ShapeError(f"a norm over {len(axes)} axes", "name one or two axes with axis=")
    if len(axes) == 1:
        return vector_norm(v, axis=axes, keepdims=keepdims, ord=2 if ord is None else ord)
    return _matrix_norm(v, "fro" if ord is None else ord, axes, bool(keepdims))


def _axes(axis: Any, ndim: int) -> tuple[int, ...]:
    each = axis if isinstance(axis, (tuple, list)) else (axis,)
    return tuple(axis_from_end(a, ndim) for a in each)


@public("numpy.linalg.vector_norm")
def vector_norm(x: Any, /, *, axis: Any = None, keepdims: bool = False, ord: float = 2) -> Variable:
    """The norm of order ``ord`` over one or several axes, as ``np.linalg.vector_norm``.

    Orders inf and -inf are the largest and the smallest absolute value, 0 the number of elements
    that are not 0. Raises OptionError for what is no number.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, vector_norm(gr.constant([3.0, -4.0]), ord=1))
    np.float64(7.0)
    """
    v = as_variable(x)
    axes = reduce.normalize_axes(axis, v.ndim)
    if not isinstance(ord, int | float | np.number) or isinstance(ord, np.complexfloating):
        raise OptionError(f"ord={ord!r} of a vector", "give a number, inf or -inf")
    order: float = ord.item() if isinstance(ord, np.number) else ord
    if order == 2 and axes and len(axes) in (1, 2, v.ndim):
        return Norm(axes, bool(keepdims))(v)
    if order in (0, 1, np.inf, -np.inf):
        return _simple_norm(abs(_floating(v)), order, axes, keepdims)
    kept = v.ndim - len(axes)
    moved = moveaxis(v, axes, tuple(range(-len(axes), 0)))
    flat = shapes.reshape(moved, (*moved.shape[:kept], prod(moved.shape[kept:])))
    result = Norm((-1,), ord=order)(flat)
    return shapes.expand_dims(result, axes) if keepdims else result


def _simple_norm(size: Variable, order: float, axes: tuple[int, ...], keepdims: bool) -> Variable:
    if order == 0:
        return (size != 0).astype(size.dtype).sum(axes, keepdims=keepdims)
    if order == 1:
        return size.sum(axes, keepdims=keepdims)
    return _extreme(size, order > 0, axes, keepdims)


def _extreme(x: Variable, largest: bool, axes: tuple[int, ...], keepdims: bool) -> Variable:
    """The largest, 0 of no elements, or the smallest."""
    if not largest:
        return x.min(axes, keepdims=keepdims)
    is_empty = prod(x.shape[axis] for axis in axes) == 0
    return (x.sum if is_empty else x.max)(axes, keepdims=keepdims)


def _floating(x: Variable) -> Variable:
    """Integers and bools as floats, as NumPy's norms take them."""
    return x if x.dtype.kind in "fc" else x.astype(float)


@public("numpy.linalg.matrix_norm")
def matrix_norm(x: Any, /, *, keepdims: bool = False, ord: Any = "fro") -> Variable:
    """The norm of the matrices in the last two axes, as ``np.linalg.matrix_norm``.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, matrix_norm(gr.constant([[1.0, -4.0], [2.0, 3.0]]), ord=1))
    np.float64(7.0)
    """
    return _matrix_norm(as_variable(x), ord, (-2, -1), bool(keepdims))


def _matrix_norm(x: Variable, ord: Any, axes: tuple[int, ...], keepdims: bool) -> Variable:
    rows, columns = (axis_from_end(axis, x.ndim) for axis in axes)
    if rows == columns:
        raise ShapeError(f"axis {axes} names one axis twice", "name two axes")
    if ord is None or ord in ("fro", "f"):
        return Norm(reduce.normalize_axes(axes, x.ndim), keepdims)(x)
    if ord in ("nuc", 2, -2):
        s = svd.Svdvals()(moveaxis(x, (rows, columns), (-2, -1)))
        values = s.sum(-1) if ord == "nuc" else _extreme(s, ord == 2, (-1,), False)
        return shapes.expand_dims(values, (rows, columns)) if keepdims else values
    if ord not in (1, -1, np.inf, -np.inf):
        raise OptionError(
            f"ord={ord!r} of a matrix", "give 'fro', 'nuc', 1, -1, 2, -2, inf or -inf"
        )
    summed, kept = (rows, columns) if abs(ord) == 1 else (columns, rows)
    sums = abs(_floating(x)).sum(summed, keepdims=True)
    extreme = _extreme(sums, ord > 0, (kept,), keepdims=True)
    return extreme if keepdims else shapes.squeeze(extreme, (rows, columns))


@public("numpy.linalg.cond")
def cond(x: Any, p: Any = None) -> Variable:
    """The condition number of (..., m, n), as ``np.linalg.cond``.

    With ``p`` None or 2 the largest singular value over the smallest, with -2 the other way round;
    else norm(x, p) * norm(inv(x), p) of square matrices, which must not be singular. Raises
    ShapeError for other shapes and for matrices without elements, OptionError as ``norm``.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, cond(gr.constant([[1.0, 0.0], [0.0, 4.0]])))
    np.float64(4.0)
    """
    v = as_variable(x)
    svd.require_matrix(v.type)
    if 0 in (v.shape[-2:]):
        raise ShapeError(f"cond of shape {format_shape(v.shape)}", "give matrices with elements")
    if p is None or p in (2, -2):
        s = svd.Svdvals()(v)
        first, last = s[..., 0], s[..., -1]
        return last / first if p == -2 else first / last
    return matrix_norm(v, ord=p) * matrix_norm(InverseOrInf()(v), ord=p)
