"""Eigenvalues and eigenvectors of general square matrices, batched over leading axes.

NumPy returns real arrays where it finds no imaginary parts, so that the dtype depends on the
data. A graph has one dtype for all data: the results are complex here, always.

Derivatives follow Giles (2008), "An extended collection of matrix derivative results", for
eigenvectors of length 1 Boeddeker et al. (2017), "On the computation of complex-valued
gradients with application to statistically optimum beamforming". The phase of an eigenvector is
a matter of convention: the gradient is that of functions which it does not change.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, NamedTuple

import numpy as np

from graphcomp.graph import Variable
from graphcomp.ops import linalg, reduce, shape as shapes, structure
from graphcomp.ops.base import Operand, Sample, constant_value
from graphcomp.ops.gaps import InverseGaps
from graphcomp.ops.linalg import OfMatrix, hermitian, require_square, unpack_named
from graphcomp.registry import public
from graphcomp.types import TensorType, TupleType, sampled_dtype

__all__ = ["EigResult", "eig", "eigvals"]

Array = np.ndarray[Any, Any]


def _eig(a: Any) -> tuple[Any, Any]:
    """Eigenvalues and eigenvectors, complex also where np.linalg.eig finds real ones."""
    w, V = np.linalg.eig(a)
    dtype = np.result_type(w, np.complex64)
    return w.astype(dtype), V.astype(dtype)


class Eig(OfMatrix):
    """Eigenvalues and eigenvectors of length 1, in the columns of a matrix, both complex.

    Where eigenvalues repeat, what couples two equal ones is taken as 0. A matrix that has no
    basis of eigenvectors has no derivative.
    """

    function = "eig"
    cubes = (25, 1)
    expression: ClassVar[str] = "_eig(x)"
    helpers = (_eig,)

    def infer(self, *types: TensorType) -> TupleType:
        (x,) = types
        require_square(x)
        dtype = np.result_type(sampled_dtype(np.linalg.inv, x), np.complex64)
        return TupleType((TensorType(dtype, x.shape[:-1]), TensorType(dtype, x.shape)))

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        """V^-1 dx V = dP: dw is its diagonal, V^-1 dV = dP / (w_j - w_i) but for lengths."""
        w, V = unpack_named(output, *EigResult._fields)
        grad_w, grad_V = structure.unpack(G)
        weights = shapes.expand_dims(grad_w, -1) * V.mT
        if constant_value(grad_V) != 0:
            along = reduce.sum(V * grad_V, axis=-2, keepdims=True)
            across = grad_V - V.conj() * along  # a length of 1 stays
            weights = weights + (InverseGaps()(w) * (V.mT @ across)) @ V.mT
        return linalg.Solve()(V.mT, weights)

    def invariants(self, *results: Variable) -> tuple[Variable, ...]:
        """Of any order of the eigenvalues and phases of the eigenvectors."""
        w, V = results
        values = [reduce.sum(w**k, axis=-1) for k in (1, 2, 3)]
        columns = [V * shapes.expand_dims(w**k, -2) for k in (1, 2)]
        return (*values, *(c @ hermitian(V) for c in columns))

    @staticmethod
    def oracle(x: Array) -> Any:
        shape, kind = x.shape[:-2], np.complex128
        values = [np.zeros(shape, kind) for _ in range(3)]
        matrices = [np.zeros(x.shape, kind) for _ in range(2)]
        for index in np.ndindex(shape):
            for value, vector in _eigen(x[index]):
                for k in range(3):
                    values[k][index] += value ** (k + 1)
                for k in range(2):
                    matrices[k][index] += value ** (k + 1) * np.outer(vector, vector.conj())
        return (*values, *matrices)

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        turning = [[1.0, -2.0, 0.5], [1.5, 0.5, 0.25], [0.5, -0.25, -1.0]]  # complex eigenvalues
        yield Sample(cls(), (Operand((3, 3), kind="fixed", value=turning),))
        yield Sample(cls(), (Operand((2, 2), kind="fixed", value=[[1.0, 2.0], [0.5, -1.0]]),))
        yield Sample(cls(), (Operand((2, 2, 2), dtype="complex128"),))
        for shape in ((1, 1), (0, 0)):
            yield Sample(cls(), (Operand(shape),))


def _eigen(x: Array) -> list[tuple[complex, Array]]:
    """Eigenvalues with eigenvectors of length 1 of one matrix by mpmath, for the oracle."""
    import mpmath

    if not len(x):
        return []
    values, vectors = mpmath.eig(mpmath.matrix(x.tolist()))
    columns = np.array(vectors.tolist(), complex).T
    lengths = (float(mpmath.norm(column.tolist())) for column in columns)
    return [(complex(w), v / n) for w, v, n in zip(values, columns, lengths, strict=True)]


# ------------------------------------------------------------------------- functions for users


class EigResult(NamedTuple):
    """What ``eig`` returns."""

    eigenvalues: Variable
    eigenvectors: Variable


@public("numpy.linalg.eig")
def eig(a: Any) -> EigResult:
    """Eigenvalues (..., n) and eigenvectors (..., n, n), in its columns, as ``np.linalg.eig``.

    Both are complex: what NumPy returns, with ``.astype(complex)``; where you know them to be
    real, take ``.real``. ``eigh`` serves symmetric matrices better. Raises ShapeError unless
    square.

    The gradient is that of functions which phases of eigenvectors do not change. Where eigenvalues
    are equal but for rounding, what couples them is taken as 0.

    >>> import graphcomp as gr
    >>> w, V = eig(gr.matrix("A", (3, 3)))
    >>> w.dtype
    dtype('complex128')
    """
    return EigResult(*unpack_named(Eig()(a), *EigResult._fields))


@public("numpy.linalg.eigvals")
def eigvals(a: Any) -> Variable:
    """The eigenvalues (..., n) of ``eig``, complex, in its order.

    >>> import graphcomp as gr
    >>> A = gr.constant([[0.0, -4.0], [1.0, 0.0]])
    >>> gr.evaluate({}, eigvals(A).imag)
    array([ 2., -2.])
    """
    return eig(a).eigenvalues
