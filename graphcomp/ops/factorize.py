"""Factorisations of symmetric and Hermitian matrices: Cholesky's, and eigenvectors.

They read one triangle. The gradient is symmetric, as in JAX: the derivative along symmetric
changes of the matrix. Derivatives follow Murray (2016), "Differentiation of the Cholesky
decomposition", and Giles (2008), "An extended collection of matrix derivative results".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np

from graphcomp.errors import OptionError
from graphcomp.graph import Variable
from graphcomp.ops import linalg, rearrange, shape as shapes, structure
from graphcomp.ops.base import Meaning, Operand, Sample, as_variable, constant_value
from graphcomp.ops.gaps import InverseGaps, rank_ones
from graphcomp.ops.linalg import OfMatrix, hermitian, real_dtype, require_square, unpack_named
from graphcomp.registry import public
from graphcomp.types import TensorType, TupleType, sampled_dtype

__all__ = ["EighResult", "cholesky", "eigh", "eigvalsh"]

Array = np.ndarray[Any, Any]


class Cholesky(OfMatrix):
    """The lower triangular L with L @ L^H = x; only the lower triangle of x is read."""

    function = "cholesky"
    cubes = (1, 3)
    symmetric_inputs: ClassVar[frozenset[int]] = frozenset({0})

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        """Murray (2016), equation (9) with (10), symmetrised: L^-T (P + P^T)/2 L^-1."""
        L = output
        product = L.mT @ G
        both = rearrange.tril(product) + hermitian(rearrange.tril(product, -1))
        if both.dtype.kind == "c":
            both = 0.5 * (both + hermitian(both))
        left = linalg.Solve()(L.mT, 0.5 * both)
        return linalg.Solve()(L.mT, hermitian(left))

    @staticmethod
    def oracle(x: Array) -> Any:
        import mpmath

        out = np.zeros(x.shape, x.dtype)
        for index in np.ndindex(x.shape[:-2]):
            for row, column in zip(*np.tril_indices(x.shape[-1]), strict=True):
                lower = out[index]
                value = mpmath.mpmathify(x[index][row, column].item())
                value -= mpmath.fdot(lower[row, :column], lower[column, :column], conjugate=True)
                if row == column:
                    lower[row, row] = mpmath.sqrt(value.real)
                else:
                    lower[row, column] = value / lower[column, column]
        return out

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for shape in ((1, 1), (3, 3), (2, 2, 2), (0, 0), (0, 2, 2)):
            yield Sample(cls(), (Operand(shape, kind="spd"),))
        yield Sample(cls(), (HERMITIAN,))


def vectors_and_values(x: TensorType) -> tuple[TensorType, TensorType]:
    """The types of eigenvectors and real eigenvalues; raises ShapeError unless x is square."""
    require_square(x)
    dtype = sampled_dtype(np.linalg.inv, x)
    return TensorType(dtype, x.shape), TensorType(real_dtype(dtype), x.shape[:-1])


@dataclass(frozen=True, eq=False)
class Eigh(OfMatrix):
    """Eigenvalues, ascending, and orthonormal eigenvectors of a symmetric or Hermitian matrix.

    Only the triangle ``UPLO`` is read. Where eigenvalues repeat, the eigenvectors have no
    derivative: what couples two equal eigenvalues is taken as 0.
    """

    UPLO: str = "L"
    function: ClassVar[str] = "eigh"
    cubes: ClassVar[tuple[int, int]] = (9, 1)
    symmetric_inputs: ClassVar[frozenset[int]] = frozenset({0})

    def infer(self, *types: TensorType) -> TupleType:
        vectors, values = vectors_and_values(types[0])
        return TupleType((values, vectors))

    def meaning(self, *types: TensorType) -> Meaning:
        return Meaning("np.linalg.eigh(x, UPLO=UPLO)", {"UPLO": self.UPLO}, {"UPLO": "L"})

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        """Giles (2008)."""
        w, V = unpack_named(output, *EighResult._fields)
        grad_w, grad_V = structure.unpack(G)
        conj_V = hermitian(V).mT
        gradient = (conj_V * shapes.expand_dims(grad_w, -2)) @ V.mT
        if constant_value(grad_V) == 0:
            return gradient
        turning = conj_V @ (InverseGaps()(w) * (V.mT @ grad_V)) @ V.mT
        return gradient + 0.5 * (turning + hermitian(turning))

    def invariants(self, *results: Variable) -> tuple[Variable, ...]:
        w, V = results
        return w, rank_ones(V, hermitian(V))

    def oracle(self, x: Array) -> Any:
        w, products = np.empty(x.shape[:-1]), np.empty((*x.shape, x.shape[-1]), x.dtype)
        for index in np.ndindex(x.shape[:-2]):
            w[index], V = symmetric_eigen(x[index], self.UPLO)
            products[index] = V.T[:, :, None] * V.T[:, None, :].conj()
        return w, products

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for shape in ((1, 1), (3, 3), (2, 2, 2), (0, 0)):
            yield Sample(cls(), (Operand(shape, kind="spd"),))
        yield Sample(cls(), (HERMITIAN,))
        yield Sample(cls("U"), (Operand((3, 3), kind="fixed", value=ONE_TRIANGLE),))


@dataclass(frozen=True, eq=False)
class Eigvalsh(OfMatrix):
    """The eigenvalues, ascending, of a symmetric or Hermitian matrix, of which one triangle is
    read."""

    UPLO: str = "L"
    function: ClassVar[str] = "eigvalsh"
    cubes: ClassVar[tuple[int, int]] = (4, 3)
    symmetric_inputs: ClassVar[frozenset[int]] = frozenset({0})

    def infer(self, *types: TensorType) -> TensorType:
        return vectors_and_values(types[0])[1]

    def meaning(self, *types: TensorType) -> Meaning:
        return Meaning("np.linalg.eigvalsh(x, UPLO=UPLO)", {"UPLO": self.UPLO}, {"UPLO": "L"})

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        """Giles (2008)."""
        _, V = unpack_named(Eigh(self.UPLO)(inputs[0]), *EighResult._fields)
        return (V.conj() * shapes.expand_dims(G, -2)) @ V.mT

    def oracle(self, x: Array) -> Any:
        w = np.empty(x.shape[:-1])
        for index in np.ndindex(x.shape[:-2]):
            w[index] = symmetric_eigen(x[index], self.UPLO)[0]
        return w

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for shape in ((1, 1), (3, 3), (2, 2, 2), (0, 0)):
            yield Sample(cls(), (Operand(shape, kind="spd"),))
        yield Sample(cls(), (HERMITIAN,))
        yield Sample(cls("U"), (Operand((3, 3), kind="fixed", value=ONE_TRIANGLE),))


HERMITIAN = Operand((3, 3), kind="spd", dtype="complex128")
ONE_TRIANGLE = np.array([[4.0, 1.0, -0.5], [9.0, 2.5, 0.75], [9.0, 9.0, 1.0]])


def symmetric_eigen(x: Array, UPLO: str) -> tuple[Array, Array]:
    """Eigenvalues and eigenvectors of one matrix by mpmath, for the oracles."""
    import mpmath

    if not len(x):
        return np.empty(0), np.empty((0, 0))
    half = np.triu(x, 1) if UPLO == "U" else np.tril(x, -1)
    whole = half + half.conj().T + np.diag(np.diag(x))
    values, vectors = mpmath.eighe(mpmath.matrix(whole.tolist()))
    return np.array(values.tolist(), float)[:, 0], np.array(vectors.tolist(), x.dtype)


# ------------------------------------------------------------------------- functions for users


class EighResult(NamedTuple):
    """What ``eigh`` returns."""

    eigenvalues: Variable
    eigenvectors: Variable


@public("numpy.linalg.cholesky")
def cholesky(a: Any, /, *, upper: bool = False) -> Variable:
    """The lower triangular L with L @ L.T = a, as ``np.linalg.cholesky``; its transpose if upper.

    Only the lower triangle of ``a`` is read; the gradient is symmetric. Raises ShapeError unless
    square.

    >>> import graphcomp as gr
    >>> cholesky(gr.matrix("A", (3, 3))).shape
    (3, 3)
    """
    x = as_variable(a)
    return hermitian(Cholesky()(hermitian(x))) if upper else Cholesky()(x)


@public("numpy.linalg.eigh")
def eigh(a: Any, UPLO: str = "L") -> EighResult:
    """Eigenvalues (..., n), ascending, and eigenvectors (..., n, n), as ``np.linalg.eigh``.

    Of a symmetric or Hermitian matrix, of which one triangle is read; the gradient is symmetric.
    It is that of functions which signs, or phases, of eigenvectors do not change. Where
    eigenvalues are equal but for rounding, what couples them is taken as 0, so that functions
    which treat them alike, such as their sum, keep an exact gradient.
    Raises ShapeError unless square, OptionError for a UPLO that is neither "L" nor "U".

    >>> import graphcomp as gr
    >>> w, V = eigh(gr.matrix("A", (3, 3)))
    """
    return EighResult(*unpack_named(Eigh(_triangle(UPLO))(a), *EighResult._fields))


@public("numpy.linalg.eigvalsh")
def eigvalsh(a: Any, UPLO: str = "L") -> Variable:
    """The eigenvalues (..., n), ascending, as ``np.linalg.eigvalsh``; else as ``eigh``.

    >>> import graphcomp as gr
    >>> eigvalsh(gr.matrix("A", (3, 3))).shape
    (3,)
    """
    return Eigvalsh(_triangle(UPLO))(a)


def _triangle(UPLO: str) -> str:
    name = str(UPLO).upper()
    if name not in ("L", "U"):
        raise OptionError(f"UPLO={UPLO!r}", "give 'L' or 'U'")
    return name
