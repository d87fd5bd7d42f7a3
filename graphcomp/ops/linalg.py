"""Solving, and inverses of square matrices, batched over leading axes.

Derivatives follow Giles (2008), "An extended collection of matrix derivative results for forward
and reverse mode algorithmic differentiation".
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from graphcomp.dims import DimLike, prod
from graphcomp.errors import OptionError, ShapeError
from graphcomp.graph import Variable
from graphcomp.ops import contract, create, rearrange, shape as shapes, structure
from graphcomp.ops.axes import moveaxis
from graphcomp.ops.base import (
    Bad,
    Meaning,
    Op,
    Operand,
    Sample,
    as_variable,
    axis_from_end,
)
from graphcomp.ops.elementwise import align_batch
from graphcomp.registry import public
from graphcomp.types import (
    DType,
    TensorType,
    TupleType,
    broadcast_shapes,
    format_shape,
    sampled_dtype,
)

__all__ = ["inv", "matrix_power", "solve", "solve_triangular", "tensorinv", "tensorsolve"]

Array = np.ndarray[Any, Any]


def require_square(x: TensorType) -> None:
    if x.ndim < 2 or x.shape[-1] != x.shape[-2]:
        raise ShapeError(
            f"shape {format_shape(x.shape)} is no square matrix",
            "the last two axes must have the same length",
        )


def real_dtype(dtype: DType) -> DType:
    """The dtype of the real part."""
    return np.empty(0, dtype).real.dtype


def hermitian(x: Variable) -> Variable:
    """The conjugate transpose."""
    return x.conj().mT


class OfMatrix(Op, abstract=True):
    """Base of operations on square matrices, batched over leading axes."""

    function: ClassVar[str]  # its name in np.linalg
    cubes: ClassVar[tuple[int, int]] = (2, 3)  # flops in units of n**3, a fraction: those of LU

    def __init_subclass__(cls, abstract: bool = False, **kwargs: Any) -> None:
        super().__init_subclass__(abstract=abstract, **kwargs)
        if not cls.expression:
            cls.expression = f"np.linalg.{cls.function}(x)"

    def infer(self, *types: TensorType) -> TensorType | TupleType:
        (x,) = types
        require_square(x)
        return x.with_dtype(sampled_dtype(getattr(np.linalg, self.function), x))

    def flops(self, types: tuple[TensorType, ...], output: TensorType) -> DimLike:
        factor, divisor = self.cubes
        return factor * types[0].shape[-1] * types[0].size // divisor

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for shape in ((1, 1), (3, 3), (2, 2, 2), (0, 0), (0, 2, 2)):
            yield Sample(cls(), (Operand(shape, kind="spd"),))
        yield Sample(cls(), (_tilted(),))
        yield Sample(cls(), (_complex(),))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(), (Operand((2, 3)),), ShapeError)
        yield Bad(cls(), (Operand((3,)),), ShapeError)


def _tilted() -> Operand:
    """A matrix that is not symmetric, of negative determinant, far from singular."""
    value = np.array([[2.0, -1.0, 0.5], [1.0, 3.0, -0.5], [0.25, 0.5, -1.5]])
    return Operand((3, 3), kind="fixed", value=value)


def _complex() -> Operand:
    value = np.array([[2.0 + 1.0j, -1.0], [0.5j, 1.5 - 0.25j]])
    return Operand((2, 2), kind="fixed", dtype="complex128", value=value)


# ------------------------------------------------------------------------------ solving, inverse


class Solve(Op):
    """The solution of x @ z = y: for a vector y of one axis, else for a stack of matrices."""

    parameters: ClassVar[tuple[str, ...]] = ("x", "y")

    def infer(self, *types: TensorType) -> TensorType:
        x, y = types
        require_square(x)
        n = x.shape[-1]
        if not y.ndim or y.shape[-1 if y.ndim == 1 else -2] != n:
            raise ShapeError(
                f"right-hand side without {n} rows", "it must have as many rows as the matrix"
            )
        matrix = x.with_shape(x.shape[-2:])  # NumPy 1 refuses one vector for many matrices
        dtype = sampled_dtype(np.linalg.solve, matrix, y.with_shape(y.shape[-2:]))
        if y.ndim == 1:
            return TensorType(dtype, x.shape[:-1])
        lead = broadcast_shapes(x.shape[:-2], y.shape[:-2])
        return TensorType(dtype, (*lead, *y.shape[-2:]))

    def meaning(self, *types: TensorType) -> Meaning:
        """NumPy 1 and 2 differ on a right-hand side of one axis less than the matrix, so
        that one gets its missing axes."""
        x, y = types
        if x.ndim > 2 and y.ndim == 1:
            axes = "None, " * (x.ndim - 2) + ":, None"
            return Meaning(f"np.linalg.solve(x, y[{axes}])[..., 0]")
        short = x.ndim > 2 and y.ndim == x.ndim - 1
        return Meaning(f"np.linalg.solve(x, {'y[None]' if short else 'y'})")

    def flops(self, types: tuple[TensorType, ...], output: TensorType) -> DimLike:
        n = types[0].shape[-1]
        return 2 * n * types[0].size // 3 + 2 * n * output.size

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        """Giles (2008)."""
        x, y = inputs
        if y.ndim > 1:
            gradient = Solve()(x.mT, G)
            return gradient if i == 1 else -(gradient @ output.mT)
        gradient = _solve_vectors(x.mT, G)
        return gradient if i == 1 else -contract.Outer()(gradient, output)

    def batch(self, inputs: tuple[Variable, ...], batched: tuple[bool, ...]) -> Variable:
        x, y = inputs
        if not batched[1]:
            return self(x, y) if y.ndim == 1 else self(*align_batch(inputs, batched))
        if y.ndim == 2:
            if batched[0] or x.ndim > 2:
                y = shapes.Reshape((y.shape[0], *(1,) * (x.ndim - batched[0] - 2), y.shape[1]))(y)
            return _solve_vectors(x, y)
        if batched[0] or x.ndim > 2 or y.ndim > 3:
            return self(*align_batch(inputs, batched))
        size, n, k = y.shape
        columns = shapes.Reshape((n, size * k))(moveaxis(y, 0, 1))
        return moveaxis(shapes.Reshape((n, size, k))(self(x, columns)), 1, 0)

    @staticmethod
    def oracle(x: Array, y: Array) -> Any:
        if y.ndim == 1:
            out = np.empty(x.shape[:-1], np.result_type(x, y))
            for index in np.ndindex(x.shape[:-2]):
                out[index] = _eliminate(x[index], y[:, None])[:, 0]
            return out
        lead = np.broadcast_shapes(x.shape[:-2], y.shape[:-2])
        x = np.broadcast_to(x, (*lead, *x.shape[-2:]))
        y = np.broadcast_to(y, (*lead, *y.shape[-2:]))
        out = np.empty(y.shape, np.result_type(x, y))
        for index in np.ndindex(lead):
            out[index] = _eliminate(x[index], y[index])
        return out

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        uses: list[tuple[tuple[int, ...], tuple[int, ...]]] = [
            ((3, 3), (3,)),
            ((3, 3), (3, 2)),
            ((1, 1), (1,)),
            ((2, 2, 2), (2,)),
            ((2, 3, 3), (3, 2)),
            ((2, 2, 2), (2, 2, 1)),
            ((2, 2), (3, 2, 2)),
            ((2, 1, 2, 2), (3, 2, 2)),
            ((0, 0), (0,)),
            ((0, 0), (0, 2)),
            ((2, 2), (2, 0)),
        ]
        for x, y in uses:
            yield Sample(cls(), (Operand(x, kind="spd"), Operand(y)))
        yield Sample(cls(), (_tilted(), Operand((3, 2))))
        yield Sample(cls(), (_complex(), Operand((2,), dtype="complex128")))
        yield Sample(cls(), (_complex(), Operand((2, 1))))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        for x, y in (((2, 3), (2,)), ((3, 3), (2,)), ((3, 3), ()), ((2, 3, 3), (2, 3))):
            yield Bad(cls(), (Operand(x), Operand(y)), ShapeError)


def _solve_vectors(x: Variable, y: Variable) -> Variable:
    """Solve for each vector along y's last axis; one matrix is factorised once."""
    if y.ndim == 1:
        return Solve()(x, y)
    if x.ndim > 2:
        return shapes.squeeze(Solve()(x, shapes.Reshape((*y.shape, 1))(y)), -1)
    rows = shapes.Reshape((prod(y.shape[:-1]), y.shape[-1]))(y)
    return shapes.Reshape(y.shape)(Solve()(x, rows.T).T)


def _eliminate(a: Array, b: Array) -> Array:
    """Gauss-Jordan elimination with pivoting, for the oracles."""
    n = len(a)
    rows = [[*a[k].tolist(), *b[k].tolist()] for k in range(n)]
    for k in range(n):
        pivot = max(range(k, n), key=lambda r: abs(rows[r][k]))
        rows[k], rows[pivot] = rows[pivot], rows[k]
        rows[k] = [v / rows[k][k] for v in rows[k]]
        for r in range(n):
            if r != k:
                rows[r] = [u - rows[r][k] * v for u, v in zip(rows[r], rows[k], strict=True)]
    return np.array([row[n:] for row in rows]).reshape(b.shape)


class Inv(OfMatrix):
    """The inverse matrix."""

    function = "inv"
    cubes = (8, 3)  # NumPy solves for the identity

    def simplify(self, x: Variable) -> Variable | None:
        return x.inputs[0] if isinstance(x.op, Inv) else None

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        """Giles (2008)."""
        return -(output.mT @ G @ output.mT)

    @staticmethod
    def oracle(x: Array) -> Any:
        out = np.empty(x.shape, x.dtype)
        identity = np.zeros(x.shape[-2:])
        for k in range(len(identity)):
            identity[k, k] = 1.0
        for index in np.ndindex(x.shape[:-2]):
            out[index] = _eliminate(x[index], identity)
        return out


# ------------------------------------------------------------------------- functions for users


def unpack_named(x: Variable, *names: str) -> tuple[Variable, ...]:
    """The results of a tuple-typed variable, called by their names in generated code."""
    results = structure.unpack(x)
    for result, name in zip(results, names, strict=True):
        result.hints.role = result.hints.role or name
    return results


@public("numpy.linalg.solve")
def solve(a: Any, b: Any) -> Variable:
    """The solution x of a @ x = b, as ``np.linalg.solve`` of NumPy 2.

    ``a`` (..., n, n); ``b`` (n,) is one vector, any other b a stack of matrices (..., n, k).
    Raises ShapeError for a matrix that is not square and a b without n rows.

    >>> import graphcomp as gr
    >>> solve(gr.matrix("A", ("n", "n")), gr.vector("b", "n")).shape
    (Dim('n'),)
    """
    return Solve()(a, b)


def solve_triangular(
    a: Any, b: Any, trans: int | str = 0, lower: bool = False, unit_diagonal: bool = False
) -> Variable:
    """The solution of a @ x = b, or of a.T @ x = b with ``trans=1``, reading one triangle of a.

    As ``scipy.linalg.solve_triangular``. Raises as ``solve``, OptionError for another ``trans``.

    >>> import graphcomp as gr
    >>> A, b = gr.matrix("A", (2, 2)), gr.vector("b", 2)
    >>> gr.evaluate({A: [[2, 9], [1, 1]], b: [2, 2]}, solve_triangular(A, b, lower=True))
    array([1., 1.])
    """
    if trans not in (0, 1, 2, "N", "T", "C"):
        raise OptionError(f"trans={trans!r}", "give 0, 1 or 2, or 'N', 'T' or 'C'")
    x = as_variable(a)
    triangle = rearrange.tril if lower else rearrange.triu
    if unit_diagonal:
        n = x.shape[-1]
        x = triangle(x, -1 if lower else 1) + create.eye(n, dtype=x.dtype)
    else:
        x = triangle(x)
    if trans in (1, "T"):
        x = x.mT
    return Solve()(hermitian(x) if trans in (2, "C") else x, b)


@public("numpy.linalg.inv")
def inv(a: Any) -> Variable:
    """The inverse of (..., n, n), as ``np.linalg.inv``. Raises ShapeError unless square.

    ``solve(a, b)`` is more exact, and faster, than ``inv(a) @ b``.

    >>> import graphcomp as gr
    >>> inv(gr.matrix("A", (3, 3))).shape
    (3, 3)
    """
    return Inv()(a)


@public("numpy.linalg.matrix_power")
def matrix_power(a: Any, n: int) -> Variable:
    """a multiplied by itself n times, its inverse for negative n, as ``np.linalg.matrix_power``.

    Raises ShapeError unless square.

    >>> import graphcomp as gr
    >>> matrix_power(gr.matrix("A", (3, 3)), 5).shape
    (3, 3)
    """
    x = as_variable(a)
    require_square(x.type)
    if n < 0:
        x, n = Inv()(x), -n
    if not n:
        return shapes.broadcast_to(create.eye(x.shape[-1], dtype=x.dtype), x.shape)
    power = None
    while True:  # by repeated squaring
        if n & 1:
            power = x if power is None else power @ x
        n >>= 1
        if not n:
            assert power is not None
            return power
        x = x @ x


@public("numpy.linalg.tensorsolve")
def tensorsolve(a: Any, b: Any, axes: Any = None) -> Variable:
    """The x of ``np.tensordot(a, x, x.ndim) = b``, as ``np.linalg.tensorsolve``.

    The last axes of a, those that b does not have, are x's; ``axes`` are moved there first.
    Raises ShapeError where x would not have as many elements as b.

    >>> import graphcomp as gr
    >>> tensorsolve(gr.tensor("A", (2, 3, 6)), gr.matrix("B", (2, 3))).shape
    (6,)
    """
    x, y = as_variable(a), as_variable(b)
    if axes is not None:
        chosen = axes if isinstance(axes, (tuple, list)) else (axes,)
        last = [axis_from_end(axis, x.ndim) for axis in chosen]
        x = moveaxis(x, last, tuple(range(-len(last), 0)))
    shape = x.shape[y.ndim - x.ndim :] if x.ndim > y.ndim else ()
    count = prod(shape)
    if x.size != count * count:
        raise ShapeError(
            f"tensorsolve of {format_shape(x.shape)} and {format_shape(y.shape)}",
            "the axes of a that b has, and those that it lacks, must hold as many elements",
        )
    return shapes.reshape(Solve()(shapes.reshape(x, (count, count)), shapes.ravel(y)), shape)


@public("numpy.linalg.tensorinv")
def tensorinv(a: Any, ind: int = 2) -> Variable:
    """The inverse for ``np.tensordot(a, b, ind)``, as ``np.linalg.tensorinv``.

    ``a`` has its first ``ind`` axes of as many elements as its others. Raises ShapeError where
    they are not, OptionError for ind < 1.

    >>> import graphcomp as gr
    >>> tensorinv(gr.tensor("A", (4, 6, 8, 3))).shape
    (8, 3, 4, 6)
    """
    x = as_variable(a)
    if not isinstance(ind, int | np.integer) or ind < 1:
        raise OptionError(f"tensorinv with ind={ind}", "give at least 1")
    first, others = x.shape[:ind], x.shape[ind:]
    if prod(first) != prod(others):
        raise ShapeError(
            f"tensorinv of {format_shape(x.shape)} with ind={ind}",
            f"the first {ind} axes must hold as many elements as the others",
        )
    square = shapes.reshape(x, (prod(first), prod(others)))
    return shapes.reshape(Inv()(square), (*others, *first))
