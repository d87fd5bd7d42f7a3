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
from graphcomp.ops import linalg, rearrange, reduce, shape as shapes, structure
from graphcomp.ops.base import Meaning, Op, Operand, Sample, as_variable, constant_value
from graphcomp.ops.linalg import OfMatrix, hermitian, real_dtype, require_square, unpack_named
from graphcomp.registry import public
from graphcomp.types import TensorType, TupleType, sampled_dtype

__all__ = ["EighResult", "cholesky", "eigh", "eigvalsh"]

Array = np.ndarray[Any, Any]


class Cholesky(OfMatrix):
    """The lower triangular L with L @ L.T = x; only the lower triangle of x is read."""

    function = "cholesky"
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

        out = np.zeros(x.shape)
        for index in np.ndindex(x.shape[:-2]):
            for row, column in zip(*np.tril_indices(x.shape[-1]), strict=True):
                lower = out[index]
                value = mpmath.mpf(x[index][row, column])
                value -= mpmath.fdot(lower[row, :column], lower[column, :column])
                if row == column:
                    lower[row, row] = mpmath.sqrt(value)
                else:
                    lower[row, column] = value / lower[column, column]
        return out

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for shape in ((1, 1), (3, 3), (2, 2, 2), (0, 0), (0, 2, 2)):
            yield Sample(cls(), (Operand(shape, kind="spd"),))


@dataclass(frozen=True, eq=False)
class Eigh(OfMatrix):
    """Eigenvalues, ascending, and orthonormal eigenvectors of a symmetric or Hermitian matrix.

    Only the triangle ``UPLO`` is read. Where eigenvalues repeat, the eigenvectors have no
    derivative: what couples two equal eigenvalues is taken as 0.
    """

    UPLO: str = "L"
    function: ClassVar[str] = "eigh"
    symmetric_inputs: ClassVar[frozenset[int]] = frozenset({0})

    def infer(self, *types: TensorType) -> TupleType:
        (x,) = types
        require_square(x)
        dtype = sampled_dtype(np.linalg.inv, x)
        return TupleType((TensorType(real_dtype(dtype), x.shape[:-1]), TensorType(dtype, x.shape)))

    def meaning(self, *types: TensorType) -> Meaning:
        return Meaning("np.linalg.eigh(x, UPLO=UPLO)", {"UPLO": self.UPLO}, {"UPLO": "L"})

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        """Giles (2008)."""
        w, V = structure.unpack(output)
        grad_w, grad_V = structure.unpack(G)
        conj_V = hermitian(V).mT
        gradient = (conj_V * shapes.expand_dims(grad_w, -2)) @ V.mT
        if constant_value(grad_V) == 0:
            return gradient
        turning = conj_V @ (InverseGaps()(w) * (V.mT @ grad_V)) @ V.mT
        return gradient + 0.5 * (turning + hermitian(turning))

    def oracle(self, x: Array) -> Any:
        """mpmath's eigenvectors, each with the sign that NumPy happens to give it."""
        import mpmath

        w, V = np.empty(x.shape[:-1]), np.empty(x.shape)
        signs = np.linalg.eigh(x, "U" if self.UPLO == "U" else "L")[1]
        for index in np.ndindex(x.shape[:-2]):
            if x.shape[-1]:
                values, vectors = mpmath.eigsy(mpmath.matrix(x[index].tolist()))
                w[index] = [float(v) for v in values]
                V[index] = np.array(vectors.tolist(), float)
                V[index] *= np.sign((V[index] * signs[index]).sum(axis=0))
        return w, V

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for shape in ((1, 1), (3, 3), (2, 2, 2), (0, 0)):
            yield Sample(cls(), (Operand(shape, kind="spd"),))
        yield Sample(cls("U"), (Operand((3, 3), kind="spd"),))


class InverseGaps(Op):
    """1 / (w[j] - w[i]) at (i, j), and 0 where the two are equal."""

    expression: ClassVar[str] = "_inverse_gaps(x)"

    def infer(self, *types: TensorType) -> TensorType:
        return types[0].with_shape((*types[0].shape, types[0].shape[-1]))

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        """d(1 / gap) = -d(gap) / gap**2, with gap = w[j] - w[i]."""
        change = G * output * output
        return reduce.sum(change, axis=-1) - reduce.sum(change, axis=-2)

    @staticmethod
    def oracle(x: Array) -> Any:
        out = np.zeros((*x.shape, x.shape[-1]))
        for *lead, i, j in np.ndindex(out.shape):
            gap = float(x[(*lead, j)]) - float(x[(*lead, i)])
            out[(*lead, i, j)] = 1.0 / gap if gap else 0.0
        return out

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for shape in ((3,), (1,), (0,), (2, 3)):
            yield Sample(cls(), (Operand(shape, kind="distinct"),))


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
    Raises ShapeError unless square.

    >>> import graphcomp as gr
    >>> w, V = eigh(gr.matrix("A", (3, 3)))
    """
    if UPLO not in ("L", "U"):
        raise OptionError(f"UPLO={UPLO!r}", "give 'L' or 'U'")
    return EighResult(*unpack_named(Eigh(UPLO)(a), *EighResult._fields))


@public("numpy.linalg.eigvalsh")
def eigvalsh(a: Any, UPLO: str = "L") -> Variable:
    """The eigenvalues of ``eigh``.

    >>> import graphcomp as gr
    >>> eigvalsh(gr.matrix("A", (3, 3))).shape
    (3,)
    """
    return eigh(a, UPLO).eigenvalues
