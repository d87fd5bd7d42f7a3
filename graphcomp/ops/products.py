"""Products of vectors and of matrices: cross, matvec, vecmat, and chains of matrices."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import numpy as np

from graphcomp.dims import DimLike
from graphcomp.errors import ShapeError
from graphcomp.graph import Variable
from graphcomp.ops import axes, contract, einsum, join, shape as shapes
from graphcomp.ops.base import Bad, Op, Operand, Sample, as_variable, axis_from_end
from graphcomp.ops.elementwise import align_batch
from graphcomp.registry import public, refuse
from graphcomp.types import TensorType, broadcast_shapes, format_shape, ufunc_dtype

__all__ = ["cross", "matvec", "vecdot", "vecmat"]

Array = np.ndarray[Any, Any]

TYPICAL = 100  # what a symbolic size counts for in the order of a chain of products


class Cross(Op):
    """The cross product of vectors of three components along the last axis."""

    parameters: ClassVar[tuple[str, ...]] = ("x", "y")
    expression: ClassVar[str] = "np.cross(x, y)"
    flops_per_element: ClassVar[float] = 3.0

    def infer(self, *types: TensorType) -> TensorType:
        x, y = types
        if x.shape[-1:] != (3,) or y.shape[-1:] != (3,):
            raise ShapeError("vectors without three components", "the last axis must have length 3")
        dtype = ufunc_dtype(np.multiply, x.operand, y.operand)
        return TensorType(dtype, broadcast_shapes(x.shape, y.shape))

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        """G . (dx cross y) = dx . (y cross G), and likewise for y."""
        x, y = inputs
        return self(y, G) if i == 0 else self(G, x)

    def batch(self, inputs: tuple[Variable, ...], batched: tuple[bool, ...]) -> Variable:
        return self(*align_batch(inputs, batched))

    @staticmethod
    def oracle(x: Array, y: Array) -> Any:
        x, y = np.broadcast_arrays(x, y)
        out = np.empty(x.shape, np.result_type(x, y))
        for index in np.ndindex(x.shape):
            *row, k = index
            a, b = x[tuple(row)], y[tuple(row)]
            out[index] = a[k - 2] * b[k - 1] - a[k - 1] * b[k - 2]
        return out

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for x, y in (((3,), (3,)), ((2, 3), (3,)), ((2, 1, 3), (2, 3)), ((0, 3), (3,))):
            yield Sample(cls(), (Operand(x), Operand(y)))
        yield Sample(cls(), (Operand((3,), dtype="complex128"), Operand((3,))))
        yield Sample(cls(), (Operand((3,), dtype="int64"), Operand((3,), dtype="int64")))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(), (Operand((2,)), Operand((3,))), ShapeError)
        yield Bad(cls(), (Operand(()), Operand((3,))), ShapeError)
        yield Bad(cls(), (Operand((2, 3)), Operand((4, 3))), ShapeError)


@public("numpy.cross")
def cross(
    a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None
) -> Variable:
    """The cross product of vectors of two or three components, as ``np.cross``.

    The components lie along ``axisa`` and ``axisb``, those of the result along ``axisc``;
    ``axis`` stands for all three. Of two vectors of two components it is the third component
    alone. Raises ShapeError for another number of components.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.cross(gr.constant([1, 0, 0]), gr.constant([0, 1, 0])))
    array([0, 0, 1])
    """
    if axis is not None:
        axisa = axisb = axisc = axis
    x, y = _components_last(a, axisa), _components_last(b, axisb)
    if x.shape[-1] == y.shape[-1] == 2:
        return x[..., 0] * y[..., 1] - x[..., 1] * y[..., 0]
    product = Cross()(_in_space(x), _in_space(y))
    return axes.moveaxis(product, -1, axisc)


@public("numpy.linalg.cross")
def _linalg_cross(x1: Any, x2: Any, /, *, axis: int = -1) -> Variable:
    x, y = _components_last(x1, axis), _components_last(x2, axis)
    return axes.moveaxis(Cross()(x, y), -1, axis)


def _components_last(a: Any, axis: int) -> Variable:
    v = as_variable(a)
    v = axes.moveaxis(v, axis_from_end(axis, v.ndim), -1)
    if v.shape[-1] not in (2, 3):
        raise ShapeError(
            f"cross of {v.label}, which is {format_shape(v.shape)}",
            "give vectors of two or three components",
        )
    return v


def _in_space(v: Variable) -> Variable:
    """A vector of two components with 0 for the third."""
    return v if v.shape[-1] == 3 else join.concatenate([v, v[..., :1] * 0], axis=-1)


# --------------------------------------------------------------------- stacks of matrix products


def _conj(x: Variable) -> Variable:
    return x.conj() if x.dtype.kind == "c" else x


def _vectors_last(a: Any, axis: int = -1) -> Variable:
    x = as_variable(a)
    return axes.moveaxis(x, axis_from_end(axis, x.ndim), -1)


@public("numpy.vecdot")
def vecdot(x1: Any, x2: Any, /, out: None = None, *, axis: int = -1, **options: Any) -> Variable:
    """The sum of conj(x1) * x2 over ``axis``, broadcast over the others, as ``np.vecdot``.

    Raises ShapeError where the shapes do not broadcast or there is no axis, OptionError for
    ``axes=`` and other options of a ufunc.

    >>> import graphcomp as gr
    >>> vecdot(gr.matrix("A", (2, 3)), gr.vector("b", 3)).shape
    (2,)
    """
    return _vecdot(x1, x2, axis, out, options)


@public("numpy.linalg.vecdot")
def _linalg_vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> Variable:
    return _vecdot(x1, x2, axis, None, {})


def _vecdot(x1: Any, x2: Any, axis: int, out: Any, options: dict[str, Any]) -> Variable:
    x1, x2 = contract.gufunc_operands("vecdot", x1, x2, out, options)
    x, y = _vectors_last(x1, axis), _vectors_last(x2, axis)
    if x.shape[-1] != y.shape[-1]:
        raise ShapeError(
            f"vecdot of vectors of lengths {x.shape[-1]} and {y.shape[-1]}",
            "both must have the same length",
        )
    x = _conj(x)
    return x @ y if x.ndim == y.ndim == 1 else einsum.einsum("...i,...i->...", x, y)


@public("numpy.matvec")
def matvec(x1: Any, x2: Any, /, out: None = None, **options: Any) -> Variable:
    """The products of matrices (..., m, n) with vectors (..., n), as ``np.matvec``.

    Raises ShapeError where the shapes do not fit, OptionError for ``axes=`` and its like.

    >>> import graphcomp as gr
    >>> matvec(gr.tensor("A", (5, 2, 3)), gr.matrix("B", (5, 3))).shape
    (5, 2)
    """
    x, y = contract.gufunc_operands("matvec", x1, x2, out, options)
    _require_axes("matvec", (x, 2), (y, 1))
    return x @ y if y.ndim == 1 else shapes.squeeze(x @ shapes.expand_dims(y, -1), -1)


@public("numpy.vecmat")
def vecmat(x1: Any, x2: Any, /, out: None = None, **options: Any) -> Variable:
    """The products of conj(x1) (..., m) with matrices (..., m, n), as ``np.vecmat``.

    Raises as ``matvec``.

    >>> import graphcomp as gr
    >>> vecmat(gr.vector("a", 2), gr.tensor("B", (5, 2, 3))).shape
    (5, 3)
    """
    x, y = contract.gufunc_operands("vecmat", x1, x2, out, options)
    _require_axes("vecmat", (x, 1), (y, 2))
    x = _conj(x)
    return x @ y if x.ndim == 1 else shapes.squeeze(shapes.expand_dims(x, -2) @ y, -2)


def _require_axes(function: str, *operands: tuple[Variable, int]) -> None:
    for v, least in operands:
        if v.ndim < least:
            raise ShapeError(
                f"{function} of {v.label}, which is {format_shape(v.shape)}",
                f"it needs at least {least} axes",
            )


# ----------------------------------------------------------------------------- chains of products


@public("numpy.linalg.multi_dot")
def multi_dot(arrays: Sequence[Any], *, out: None = None) -> Variable:
    """The product of two or more matrices, in the cheapest order, as ``np.linalg.multi_dot``.

    The first and the last may be vectors. A symbolic size counts as 100. Raises ShapeError for
    fewer than two, for other ranks, and where neighbours do not fit.

    The order is by dynamic programming: Cormen et al., *Introduction to Algorithms*, 15.2.

    >>> import graphcomp as gr
    >>> A, B, c = gr.matrix("A", (2, "n")), gr.matrix("B", ("n", 3)), gr.vector("c", 3)
    >>> gr.linalg.multi_dot([A, B, c]).shape
    (2,)
    """
    refuse("multi_dot", out=out)
    chain = [as_variable(a) for a in arrays]
    ends = [chain[0], chain[-1]] if chain else []
    if len(chain) < 2 or any(v.ndim not in (1, 2) for v in ends):
        raise ShapeError("multi_dot multiplies two or more matrices", "give a list of them")
    if any(v.ndim != 2 for v in chain[1:-1]):
        raise ShapeError("multi_dot of vectors between matrices", "only the ends may be vectors")
    return _product(chain, _splits([_length(n) for n in _lengths(chain)]))


def _lengths(chain: list[Variable]) -> list[DimLike]:
    """The rows of each matrix, and the columns of the last; 1 for those that a vector lacks."""
    first = chain[0].shape[0] if chain[0].ndim == 2 else 1
    last = chain[-1].shape[1] if chain[-1].ndim == 2 else 1
    return [first, *(v.shape[0] for v in chain[1:]), last]


def _length(n: DimLike) -> int:
    return n if isinstance(n, int) else TYPICAL


def _splits(n: list[int]) -> dict[tuple[int, int], int]:
    """For each part i..j of a chain of n[k] x n[k + 1] matrices, the last of its left factor."""
    count = len(n) - 1
    cost = {(i, i): 0 for i in range(count)}
    splits: dict[tuple[int, int], int] = {}
    for span in range(1, count):
        for i in range(count - span):
            j = i + span
            choices = (
                (cost[i, k] + cost[k + 1, j] + n[i] * n[k + 1] * n[j + 1], k) for k in range(i, j)
            )
            cost[i, j], splits[i, j] = min(choices)
    return splits


def _product(chain: list[Variable], splits: dict[tuple[int, int], int]) -> Variable:
    done: dict[tuple[int, int], Variable] = {(k, k): v for k, v in enumerate(chain)}
    whole = (0, len(chain) - 1)
    stack = [whole]
    while stack:
        i, j = stack[-1]
        left, right = (i, splits[i, j]), (splits[i, j] + 1, j)
        missing = [part for part in (left, right) if part not in done]
        if missing:
            stack += missing
        else:
            done[stack.pop()] = done[left] @ done[right]
    return done[whole]
