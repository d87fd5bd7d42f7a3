"""The singular value decomposition, batched over leading axes, and the rank.

The derivative follows Townsend (2016), "Differentiating the singular value decomposition", for
complex matrices Wan and Zhang (2019), "Automatic differentiation for complex valued SVD", with
the fractions of s[j]**2 - s[i]**2 taken apart: what couples two singular values is divided by
their difference in its Hermitian part, and by their sum in the rest. So the gradient of a
function that treats equal singular values alike, such as that of U @ Vh, stays exact.

Signs, or phases, of singular vectors are a matter of convention. The gradient is that of
functions which they do not change, as in JAX and PyTorch.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np

from graphcomp import dims
from graphcomp.dims import DimLike
from graphcomp.errors import OptionError, ShapeError
from graphcomp.graph import Variable
from graphcomp.ops import diagonal, factorize, indexing, parts, reduce, shape as shapes, structure
from graphcomp.ops.base import Bad, Meaning, Op, Operand, Sample, as_variable, constant_value
from graphcomp.ops.gaps import InverseGaps, InverseSums, rank_ones
from graphcomp.ops.linalg import hermitian, real_dtype, unpack_named
from graphcomp.registry import call, public
from graphcomp.types import TensorType, TupleType, format_shape, sampled_dtype

__all__ = ["SVDResult", "matrix_rank", "svd", "svdvals"]

Array = np.ndarray[Any, Any]


def require_matrix(x: TensorType) -> None:
    """ShapeError for fewer than two axes."""
    if x.ndim < 2:
        raise ShapeError(f"shape {format_shape(x.shape)} is no matrix", "give it two axes, or more")


def exceeds(m: DimLike, n: DimLike) -> bool:
    """Whether m may be the larger one, for some sizes."""
    return bool(dims.minimum(m, n) != m)


@dataclass(frozen=True, eq=False)
class Svd(Op):
    """U, s, Vh with x = U @ diag(s) @ Vh: singular vectors, and singular values, descending."""

    full_matrices: bool = True

    def infer(self, *types: TensorType) -> TupleType:
        (x,) = types
        require_matrix(x)
        dtype = sampled_dtype(np.linalg.inv, x)
        *lead, m, n = x.shape
        k = dims.minimum(m, n)
        rows, columns = (m, n) if self.full_matrices else (k, k)
        return TupleType(
            (
                TensorType(dtype, (*lead, m, rows)),
                TensorType(real_dtype(dtype), (*lead, k)),
                TensorType(dtype, (*lead, columns, n)),
            )
        )

    def meaning(self, *types: TensorType) -> Meaning:
        text = "np.linalg.svd(x, full_matrices=full_matrices)"
        return Meaning(text, self.attributes, {"full_matrices": True})

    def flops(self, types: tuple[TensorType, ...], output: TensorType) -> DimLike:
        return 12 * types[0].size * dims.minimum(*types[0].shape[-2:])

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        """With dP = U^H dx V, and skew-Hermitian dU = U A, dV = V B:
        A + B = (dP + dP^H) / (s_j - s_i), A - B = (dP - dP^H) / (s_j + s_i)."""
        m, n = inputs[0].shape[-2:]
        U, s, Vh = unpack_named(output, "U", "s", "Vh")
        grad_U, grad_s, grad_Vh = structure.unpack(G)
        if constant_value(grad_U) == 0 and constant_value(grad_Vh) == 0:
            return _from_values(U, s, Vh, grad_s)
        if self.full_matrices:
            k = dims.minimum(m, n)
            U, grad_U = without_complement(U, grad_U, k)
            rows, grad_rows = without_complement(Vh.mT, grad_Vh.mT, k)
            Vh, grad_Vh = rows.mT, grad_rows.mT
        conj_U, conj_Vh = U.conj(), Vh.conj()
        left, right = U.mT @ grad_U, grad_Vh @ Vh.mT
        even = InverseGaps()(s) * (left - right)
        sums = InverseSums()(s)
        odd = sums * (left + right)
        middle = 0.5 * (even + hermitian(even) + odd - hermitian(odd))
        inverse = 2 * diagonal.diagonal(sums, axis1=-2, axis2=-1)
        columns = conj_U @ middle
        if exceeds(m, n):
            columns = columns + (grad_U - conj_U @ left) * shapes.expand_dims(inverse, -2)
        gradient = _from_values(U, s, Vh, grad_s) + columns @ conj_Vh
        if exceeds(n, m):
            rest = (grad_Vh - right @ conj_Vh) * shapes.expand_dims(inverse, -1)
            gradient = gradient + conj_U @ rest
        return gradient

    def invariants(self, *results: Variable) -> tuple[Variable, ...]:
        U, s, Vh = results
        k = s.shape[-1]
        products = rank_ones(U[..., :k], Vh[..., :k, :])
        if not self.full_matrices:
            return s, products
        beyond, below = U[..., k:], hermitian(Vh[..., k:, :])
        return s, products, beyond @ hermitian(beyond), below @ hermitian(below)

    def oracle(self, x: Array) -> Any:
        *lead, m, n = x.shape
        k = min(m, n)
        s, products = np.empty((*lead, k)), np.empty((*lead, k, m, n), x.dtype)
        beyond, below = np.empty((*lead, m, m), x.dtype), np.empty((*lead, n, n), x.dtype)
        for index in np.ndindex(*lead):
            U, s[index], Vh = singular(x[index])
            products[index] = U.T[:, :, None] * Vh[:, None, :]
            beyond[index] = np.eye(m) - U @ U.conj().T
            below[index] = np.eye(n) - Vh.conj().T @ Vh
        return (s, products, beyond, below) if self.full_matrices else (s, products)

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for shape in ((1, 1), (3, 2), (2, 3), (2, 2, 2), (0, 2)):
            yield Sample(cls(full_matrices=False), (Operand(shape),))
        for shape in ((3, 2), (2, 3), (3, 1)):
            yield Sample(cls(), (Operand(shape),))
        for shape in ((2, 2), (3, 2)):
            yield Sample(cls(full_matrices=False), (Operand(shape, dtype="complex128"),))
        yield Sample(cls(), (Operand((2, 3), dtype="complex128"),), second=False)

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(), (Operand((3,)),), ShapeError)


def _from_values(U: Variable, s: Variable, Vh: Variable, grad_s: Variable) -> Variable:
    """The gradient by way of the singular values; at 0 one has a kink, as an absolute value."""
    k = s.shape[-1]
    weights = grad_s * (s > 0)
    columns = U[..., :k].conj() * shapes.expand_dims(weights, -2)
    return columns @ Vh[..., :k, :].conj()


def without_complement(Q: Variable, G: Variable, k: DimLike) -> tuple[Variable, Variable]:
    """The first k columns of a unitary Q, and the gradient on them, given that on all of Q.

    The others Q2 span the complement of the first Q1, so dQ2 = -Q1 dQ1^H Q2, up to a rotation
    among themselves.
    """
    first, others = Q[..., :k], Q[..., k:]
    turned = others @ G[..., k:].mT @ first
    return first, G[..., :k] - turned.conj()


def singular(x: Array) -> tuple[Array, Array, Array]:
    """U, s and Vh of one matrix by mpmath, for the oracles."""
    import mpmath

    m, n = x.shape
    k = min(m, n)
    if not k:
        return np.empty((m, k)), np.empty(k), np.empty((k, n))
    svd = mpmath.svd_c if x.dtype.kind == "c" else mpmath.svd_r
    U, s, Vh = svd(mpmath.matrix(x.tolist()))
    return (
        np.array(U.tolist(), x.dtype),
        np.array(s.tolist(), float)[:, 0],
        np.array(Vh.tolist(), x.dtype),
    )


class Svdvals(Op):
    """The singular values, descending."""

    expression: ClassVar[str] = "np.linalg.svd(x, compute_uv=False)"

    def infer(self, *types: TensorType) -> TensorType:
        values = Svd(full_matrices=False).infer(*types).items[1]
        assert isinstance(values, TensorType)
        return values

    def flops(self, types: tuple[TensorType, ...], output: TensorType) -> DimLike:
        return 3 * types[0].size * dims.minimum(*types[0].shape[-2:])

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        """Townsend (2016), equation (17)."""
        U, s, Vh = unpack_named(Svd(full_matrices=False)(inputs[0]), "U", "s", "Vh")
        return _from_values(U, s, Vh, G)

    @staticmethod
    def oracle(x: Array) -> Any:
        s = np.empty((*x.shape[:-2], min(x.shape[-2:])))
        for index in np.ndindex(x.shape[:-2]):
            s[index] = singular(x[index])[1]
        return s

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for shape in ((1, 1), (3, 2), (2, 2, 3), (2, 0)):
            yield Sample(cls(), (Operand(shape),))
        yield Sample(cls(), (Operand((2, 3), dtype="complex128"),))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(), (Operand((3,)),), ShapeError)


# ------------------------------------------------------------------------- functions for users


class SVDResult(NamedTuple):
    """What ``svd`` returns."""

    U: Variable
    S: Variable
    Vh: Variable


@public("numpy.linalg.svd")
def svd(
    a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False
) -> Any:
    """a = U @ diag(S) @ Vh for (..., m, n), as ``np.linalg.svd``; k is the smaller of m and n.

    U (..., m, m), S (..., k), Vh (..., n, n); with ``full_matrices=False`` U (..., m, k) and
    Vh (..., k, n); with ``compute_uv=False`` S alone. ``hermitian=True`` reads the lower triangle
    of a square a. Raises ShapeError for fewer than two axes.

    The gradient is that of functions which signs, or phases, of singular vectors do not change.
    Where singular values are equal but for rounding, what would couple them is taken as 0.

    >>> import graphcomp as gr
    >>> U, S, Vh = svd(gr.matrix("A", ("n", 2)), full_matrices=False)
    >>> S.shape
    (Dim('min(2, n)'),)
    """
    x = as_variable(a)
    if hermitian:
        return _svd_of_hermitian(x) if compute_uv else _svdvals_of_hermitian(x)
    if not compute_uv:
        return Svdvals()(x)
    return SVDResult(*unpack_named(Svd(bool(full_matrices))(x), "U", "s", "Vh"))


@public("numpy.linalg.svdvals")
def svdvals(x: Any, /) -> Variable:
    """The singular values, descending, as ``np.linalg.svdvals``. Raises as ``svd``.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, svdvals(gr.constant([[0.0, 2.0], [-3.0, 0.0]])))
    array([3., 2.])
    """
    return Svdvals()(x)


def _svd_of_hermitian(x: Variable) -> SVDResult:
    """Singular values are eigenvalues without their signs, which go to the rows of Vh."""
    w, V = factorize.eigh(x)
    order = abs(w).argsort(axis=-1)[..., ::-1]
    w = indexing.take_along_axis(w, order, -1)
    V = indexing.take_along_axis(V, shapes.expand_dims(order, -2), -1)
    return SVDResult(V, abs(w), hermitian(V * shapes.expand_dims(parts.sign(w), -2)))


def _svdvals_of_hermitian(x: Variable) -> Variable:
    return call("sort", abs(factorize.eigvalsh(x)), axis=-1)[..., ::-1]


@public("numpy.linalg.matrix_rank")
def matrix_rank(A: Any, tol: Any = None, hermitian: bool = False, *, rtol: Any = None) -> Variable:
    """How many singular values exceed ``tol``, as ``np.linalg.matrix_rank``: an integer.

    ``tol`` defaults to ``rtol`` times the largest of them, ``rtol`` to max(m, n) times the
    spacing of numbers at 1. Fewer than two axes: 1, or 0 where all is zero. It has no derivative.
    Raises OptionError where both are given.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, matrix_rank(gr.constant([[1.0, 2.0], [2.0, 4.0]])))
    np.int64(1)
    """
    x = as_variable(A)
    if tol is not None and rtol is not None:
        raise OptionError("matrix_rank with both tol and rtol", "give one of them")
    if x.ndim < 2:
        return call("any", x != 0).astype(np.int64)
    s = svd(x, compute_uv=False, hermitian=hermitian)
    if tol is not None:
        return reduce.sum(s > _beside_values(tol), -1)
    if rtol is None:
        rtol = dims.maximum(*x.shape[-2:]) * float(np.finfo(s.dtype).eps)
    return reduce.sum(s > s.max(-1, keepdims=True) * _beside_values(rtol), -1)


def _beside_values(number: Any) -> Variable:
    """One number, or one for each matrix, such that it broadcasts against singular values."""
    v = as_variable(number)
    return shapes.expand_dims(v, -1) if v.ndim else v
