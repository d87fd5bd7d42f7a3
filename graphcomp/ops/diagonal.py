"""Diagonals: taken from matrices, summed, and made into matrices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from graphcomp import dims
from graphcomp.dims import DimLike
from graphcomp.errors import ShapeError
from graphcomp.graph import Variable
from graphcomp.ops import create, shape as shapes
from graphcomp.ops.base import Bad, Meaning, Op, Operand, Sample, as_variable, axis_from_end
from graphcomp.registry import public, refuse
from graphcomp.types import TensorType, as_dtype, sampled_dtype

__all__ = ["diag", "diagflat", "diagonal", "trace"]

Array = np.ndarray[Any, Any]


def _length(rows: DimLike, columns: DimLike, offset: int) -> DimLike:
    """The length of a diagonal."""
    shorter = dims.minimum(rows + min(offset, 0), columns - max(offset, 0))
    return dims.maximum(shorter, 0)


@dataclass(frozen=True, eq=False)
class OfDiagonal(Op, abstract=True):
    """Base of what is read off the diagonal of the last two axes, ``offset`` above the main one."""

    offset: int = 0
    function: ClassVar[str]

    def require_matrix(self, x: TensorType) -> None:
        """ShapeError for fewer than two axes."""
        if x.ndim < 2:
            raise ShapeError(f"{x.ndim} axes", "a diagonal needs two or more axes")

    def meaning(self, *types: TensorType) -> Meaning:
        axes = "" if types[0].ndim == 2 else ", axis1=-2, axis2=-1"
        text = f"np.{self.function}(x, offset=offset{axes})"
        return Meaning(text, {"offset": self.offset}, {"offset": 0})

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for shape in ((3, 3), (2, 3), (4, 2), (2, 3, 3), (0, 3), (0, 0)):
            for offset in (0, 1, -1):
                yield Sample(cls(offset), (Operand(shape),))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(), (Operand((3,)),), ShapeError)


class Diagonal(OfDiagonal):
    """The diagonal of the last two axes."""

    function = "diagonal"
    is_view = True
    flops_per_element = 0.0

    def infer(self, *types: TensorType) -> TensorType:
        (x,) = types
        self.require_matrix(x)
        return x.with_shape((*x.shape[:-2], _length(x.shape[-2], x.shape[-1], self.offset)))

    def simplify(self, x: Variable) -> Variable | None:
        if isinstance(x.op, FromDiagonal) and x.op.offset == self.offset:
            return x.inputs[0] if self.infer(x.type) == x.inputs[0].type else None
        return None

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        rows, columns = inputs[0].shape[-2:]
        return FromDiagonal(rows, columns, self.offset)(G)

    def oracle(self, x: Array) -> Any:
        *lead, rows, columns = x.shape
        places = [(k, k + self.offset) for k in range(rows) if 0 <= k + self.offset < columns]
        out = np.empty((*lead, len(places)), x.dtype)
        for k, (row, column) in enumerate(places):
            out[..., k] = x[..., row, column]
        return out


class Trace(OfDiagonal):
    """The sum of the diagonal of the last two axes."""

    function = "trace"

    def infer(self, *types: TensorType) -> TensorType:
        (x,) = types
        self.require_matrix(x)
        return TensorType(sampled_dtype(np.trace, x), x.shape[:-2])

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        rows, columns = inputs[0].shape[-2:]
        return shapes.expand_dims(G, (-2, -1)) * create.eye(
            rows, columns, k=self.offset, dtype=G.dtype
        )

    def oracle(self, x: Array) -> Any:
        out = np.zeros(x.shape[:-2], x.dtype)
        for *lead, row, column in np.ndindex(x.shape):
            if column - row == self.offset:
                out[tuple(lead)] += x[(*lead, row, column)]
        return out[()]


@dataclass(frozen=True, eq=False)
class FromDiagonal(Op):
    """Zeros of shape (rows, columns), with x on the diagonal that is ``offset`` above the main."""

    rows: DimLike
    columns: DimLike
    offset: int = 0
    flops_per_element: ClassVar[float] = 0.0

    @property
    def _is_square(self) -> bool:
        return bool(self.rows == self.columns)

    def infer(self, *types: TensorType) -> TensorType:
        (x,) = types
        if not x.ndim or x.shape[-1] != _length(self.rows, self.columns, self.offset):
            raise ShapeError(
                f"a diagonal of {self.rows} by {self.columns} at offset {self.offset}",
                "the values must have the length of the diagonal",
            )
        return x.with_shape((*x.shape[:-1], self.rows, self.columns))

    def meaning(self, *types: TensorType) -> Meaning:
        (x,) = types
        if x.ndim == 1 and self._is_square and self.rows == x.shape[0] + abs(self.offset):
            return Meaning("np.diag(x, k=offset)", {"offset": self.offset}, {"offset": 0})
        return Meaning(
            "_from_diagonal(x, rows, columns, offset=offset)", self.attributes, {"offset": 0}
        )

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        return Diagonal(self.offset)(G)

    def oracle(self, x: Array) -> Any:
        out = np.zeros((*x.shape[:-1], self.rows, self.columns), x.dtype)
        for *lead, k in np.ndindex(x.shape):
            row, column = k + max(-self.offset, 0), k + max(self.offset, 0)
            out[(*lead, row, column)] = x[(*lead, k)]
        return out

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        yield Sample(cls(3, 3), (Operand((3,)),))
        yield Sample(cls(3, 3, 1), (Operand((2,)),))
        yield Sample(cls(4, 4, -2), (Operand((2,)),))
        yield Sample(cls(2, 3, 1), (Operand((2,)),))
        yield Sample(cls(4, 2), (Operand((2, 2)),))
        yield Sample(cls(1, 1, 3), (Operand((0,)),))
        yield Sample(cls(0, 0), (Operand((0,)),))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(3, 3, 1), (Operand((3,)),), ShapeError)


def _matrix_last(x: Variable, axis1: int, axis2: int) -> Variable:
    """x with the two axes moved to the end."""
    if x.ndim < 2:
        raise ShapeError(f"{x.label} has {x.ndim} axes", "a diagonal needs two or more axes")
    first, second = axis_from_end(axis1, x.ndim), axis_from_end(axis2, x.ndim)
    if first == second:
        raise ShapeError(f"axis1 and axis2 are both axis {axis1}", "name two axes")
    rest = [k for k in range(-x.ndim, 0) if k not in (first, second)]
    return shapes.transpose(x, (*rest, first, second))


@public("numpy.diagonal")
def diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Variable:
    """The diagonal over two axes, as the last axis of the result, as ``np.diagonal``.

    Raises ShapeError where a has fewer than two axes, or none of that number.

    >>> import graphcomp as gr
    >>> diagonal(gr.matrix("A", ("n", "n"))).shape
    (Dim('n'),)
    """
    return Diagonal(create.as_int(offset, "offset"))(_matrix_last(as_variable(a), axis1, axis2))


@public("numpy.linalg.diagonal")
def linalg_diagonal(x: Any, /, *, offset: int = 0) -> Variable:
    return diagonal(x, offset, -2, -1)


@public("numpy.trace")
def trace(
    a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None, out: None = None
) -> Variable:
    """The sum of the diagonal over two axes, as ``np.trace``. Raises as ``diagonal``.

    >>> import graphcomp as gr
    >>> trace(gr.matrix("A", (3, 3))).shape
    ()
    """
    refuse("trace", out=out)
    x = as_variable(a)
    if dtype is not None:
        x = x.astype(as_dtype(dtype))
    return Trace(create.as_int(offset, "offset"))(_matrix_last(x, axis1, axis2))


@public("numpy.linalg.trace")
def linalg_trace(x: Any, /, *, offset: int = 0, dtype: Any = None) -> Variable:
    return trace(x, offset, -2, -1, dtype)


@public("numpy.diag")
def diag(v: Any, k: int = 0) -> Variable:
    """The square matrix with a vector on its diagonal, or a matrix's diagonal, as ``np.diag``.

    Raises ShapeError for other than one or two axes.

    >>> import graphcomp as gr
    >>> diag(gr.vector("v", "n"), 1).shape
    (Dim('n + 1'), Dim('n + 1'))
    """
    x = as_variable(v)
    if x.ndim == 2:
        return Diagonal(create.as_int(k, "k"))(x)
    if x.ndim != 1:
        raise ShapeError(f"{x.label} has {x.ndim} axes", "diag takes a vector or a matrix")
    rows = x.shape[0] + abs(create.as_int(k, "k"))
    return FromDiagonal(rows, rows, create.as_int(k, "k"))(x)


@public("numpy.diagflat")
def diagflat(v: Any, k: int = 0) -> Variable:
    """The square matrix with the elements of v, flattened, on its diagonal.

    >>> import graphcomp as gr
    >>> diagflat(gr.matrix("A", (2, 3))).shape
    (6, 6)
    """
    x = as_variable(v)
    return diag(shapes.Reshape((x.size,))(x), k)
