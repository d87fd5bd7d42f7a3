"""Determinants of square matrices, batched over leading axes.

Derivatives follow Giles (2008), "An extended collection of matrix derivative results for forward
and reverse mode algorithmic differentiation".
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, ClassVar, NamedTuple

import numpy as np

from graphcomp.graph import Variable
from graphcomp.ops import create, diagonal, linalg, reduce, shape as shapes, structure, svd
from graphcomp.ops.base import Operand, Sample
from graphcomp.ops.linalg import OfMatrix, hermitian, real_dtype, require_square, unpack_named
from graphcomp.registry import public
from graphcomp.types import TensorType, TupleType, sampled_dtype

__all__ = ["SlogdetResult", "det", "slogdet"]

Array = np.ndarray[Any, Any]

SINGULAR = np.array([[1.0, 2.0, 0.5], [2.0, 4.0, 1.0], [-1.0, 0.5, 3.0]])


def _cofactor_det(a: list[list[Any]]) -> Any:
    """Laplace's expansion along the first row, for the oracles."""
    if not len(a):
        return 1.0
    rest = [list(row) for row in a[1:]]
    minors = ([row[:k] + row[k + 1 :] for row in rest] for k in range(len(a)))
    return sum(((-1) ** k * a[0][k] * _cofactor_det(m) for k, m in enumerate(minors)), 0.0)


class Det(OfMatrix):
    """The determinant."""

    function = "det"

    def infer(self, *types: TensorType) -> TensorType:
        result = super().infer(*types)
        assert isinstance(result, TensorType)
        return result.with_shape(result.shape[:-2])

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        """Jacobi's formula, with cofactors, which a singular matrix has too."""
        return shapes.expand_dims(G, (-2, -1)) * Cofactors()(inputs[0])

    @staticmethod
    def oracle(x: Array) -> Any:
        out = np.empty(x.shape[:-2], x.dtype)
        for index in np.ndindex(out.shape):
            out[index] = _cofactor_det(x[index].tolist())
        return out[()]

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        yield from super().samples()
        yield Sample(cls(), (Operand((3, 3), kind="fixed", value=SINGULAR),))
        yield Sample(cls(), (Operand((2, 2), kind="fixed", value=np.eye(2)),))


class Cofactors(OfMatrix):
    """The derivative of the determinant: det(x) * inv(x).T where x is not singular."""

    expression: ClassVar[str] = "_cofactors(x)"
    function = "inv"
    cubes = (10, 3)  # of LU and the inverse

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        """The second differential of det(diag(s)) along H and K is the sum over i and j of
        (H_ii K_jj - H_ij K_ji) times the product of all s but s_i and s_j."""
        U, s, Vh = unpack_named(svd.Svd()(inputs[0]), "U", "s", "Vh")
        phase = shapes.expand_dims(Det()(U) * Det()(Vh), (-2, -1))
        turned = hermitian(U) @ G @ hermitian(Vh)
        others = _product_of_other_pairs(s)
        diagonals = diagonal.diagonal(turned, axis1=-2, axis2=-1)
        traces = reduce.sum(others * shapes.expand_dims(diagonals, -2), axis=-1)
        n = s.shape[-1]
        inner = diagonal.FromDiagonal(n, n)(traces) - others * turned.mT
        return phase * (U.conj() @ inner @ Vh.conj())

    @staticmethod
    def oracle(x: Array) -> Any:
        out = np.empty(x.shape, x.dtype)
        for *lead, i, j in np.ndindex(x.shape):
            minor = np.delete(np.delete(x[tuple(lead)], i, axis=0), j, axis=1)
            out[(*lead, i, j)] = (-1) ** (i + j) * _cofactor_det(minor.tolist())
        return out

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        yield from super().samples()
        for value in (SINGULAR, np.zeros((2, 2))):
            yield Sample(cls(), (Operand(value.shape, kind="fixed", value=value),), second=False)


def _product_of_other_pairs(s: Variable) -> Variable:
    """At (i, j) the product of all values but s_i and s_j; 0 on the diagonal."""
    zero = s == 0
    safe = s + zero
    rows, columns = (shapes.expand_dims(safe, axis) for axis in (-1, -2))
    whole = shapes.expand_dims(reduce.prod(safe, axis=-1), (-2, -1))
    zeros = zero.astype(s.dtype)
    pairs = shapes.expand_dims(zeros, -1) + shapes.expand_dims(zeros, -2)
    all_others = shapes.expand_dims(reduce.sum(zeros, axis=-1), (-2, -1)) == pairs
    return whole / (rows * columns) * all_others * (1 - create.eye(s.shape[-1], dtype=s.dtype))


class Slogdet(OfMatrix):
    """The sign and the logarithm of the absolute value of the determinant."""

    function = "slogdet"

    def infer(self, *types: TensorType) -> TupleType:
        (x,) = types
        require_square(x)
        dtype = sampled_dtype(np.linalg.det, x)
        shape = x.shape[:-2]
        return TupleType((TensorType(dtype, shape), TensorType(real_dtype(dtype), shape)))

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        """Giles (2008). A complex sign turns with the determinant's argument."""
        grad_sign, weight = structure.unpack(G)
        if inputs[0].dtype.kind == "c":
            sign, _ = unpack_named(output, *SlogdetResult._fields)
            weight = weight + 1j * (grad_sign * sign).imag
        return shapes.expand_dims(weight, (-2, -1)) * linalg.Inv()(inputs[0]).mT

    @staticmethod
    def oracle(x: Array) -> Any:
        sign, logarithm = np.empty(x.shape[:-2], x.dtype), np.empty(x.shape[:-2])
        for index in np.ndindex(sign.shape):
            value = _cofactor_det(x[index].tolist())
            sign[index], logarithm[index] = value / abs(value), math.log(abs(value))
        return sign[()], logarithm[()]


# ------------------------------------------------------------------------- functions for users


class SlogdetResult(NamedTuple):
    """What ``slogdet`` returns."""

    sign: Variable
    logabsdet: Variable


@public("numpy.linalg.det")
def det(a: Any) -> Variable:
    """The determinant of (..., n, n), as ``np.linalg.det``. Raises ShapeError unless square.

    The gradient is the matrix of cofactors, det(a) * inv(a).T. It and the second derivative are
    exact also where a is singular.

    >>> import graphcomp as gr
    >>> det(gr.matrix("A", (3, 3))).shape
    ()
    """
    return Det()(a)


@public("numpy.linalg.slogdet")
def slogdet(a: Any) -> SlogdetResult:
    """Sign and log of the absolute value of the determinant, as ``np.linalg.slogdet``.

    Raises ShapeError unless square.

    >>> import graphcomp as gr
    >>> sign, logabsdet = slogdet(gr.matrix("A", (3, 3)))
    """
    return SlogdetResult(*unpack_named(Slogdet()(a), *SlogdetResult._fields))
