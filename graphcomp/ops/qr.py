"""The QR decomposition, batched over leading axes.

Derivatives follow Walter and Lehmann (2010), "Algorithmic differentiation of linear algebra
functions with application in optimum experimental design", and Seeger et al. (2017),
"Auto-differentiating linear algebra"; for wide matrices Roberts and Roberts (2020), "QR and LQ
decomposition matrix backpropagation algorithms for square, wide, and deep matrices". They need
the leading columns, as many as there are rows, to be independent.
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
from graphcomp.ops import create, join, linalg, rearrange, structure
from graphcomp.ops.base import Bad, Meaning, Op, Operand, Sample
from graphcomp.ops.gaps import rank_ones
from graphcomp.ops.linalg import hermitian, unpack_named
from graphcomp.ops.svd import exceeds, require_matrix, without_complement
from graphcomp.registry import public
from graphcomp.types import TensorType, TupleType, sampled_dtype

__all__ = ["QRResult", "qr"]

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False)
class Qr(Op):
    """Q with orthonormal columns, and upper triangular R, such that x = Q @ R."""

    mode: str = "reduced"

    def infer(self, *types: TensorType) -> TupleType:
        (x,) = types
        require_matrix(x)
        dtype = sampled_dtype(np.linalg.inv, x)
        *lead, m, n = x.shape
        k = m if self.mode == "complete" else dims.minimum(m, n)
        return TupleType((TensorType(dtype, (*lead, m, k)), TensorType(dtype, (*lead, k, n))))

    def meaning(self, *types: TensorType) -> Meaning:
        return Meaning("np.linalg.qr(x, mode=mode)", {"mode": self.mode}, {"mode": "reduced"})

    def flops(self, types: tuple[TensorType, ...], output: TensorType) -> DimLike:
        return 4 * types[0].size * dims.minimum(*types[0].shape[-2:])

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        m, n = inputs[0].shape[-2:]
        k = dims.minimum(m, n)
        Q, R = unpack_named(output, *QRResult._fields)
        grad_Q, grad_R = structure.unpack(G)
        if self.mode == "complete":
            Q, grad_Q = without_complement(Q, grad_Q, k)
            R, grad_R = R[..., :k, :], grad_R[..., :k, :]
        if not exceeds(n, m):
            return _of_independent_columns(Q, R, grad_Q, grad_R)
        # Roberts and Roberts (2020): of x = (X, Y), X is factorised, and R ends with Q^H Y.
        grad_ending = grad_R[..., k:]
        grad_Q = grad_Q + (inputs[0][..., k:] @ grad_ending.mT).conj()
        grad_X = _of_independent_columns(Q, R[..., :k], grad_Q, grad_R[..., :k])
        return join.concatenate([grad_X, Q.conj() @ grad_ending], axis=-1)

    def invariants(self, *results: Variable) -> tuple[Variable, ...]:
        Q, R = results
        if self.mode == "reduced":
            return (rank_ones(Q, R),)
        k = dims.minimum(*R.shape[-2:])
        others = Q[..., k:]
        return rank_ones(Q[..., :k], R[..., :k, :]), others @ hermitian(others)

    def oracle(self, x: Array) -> Any:
        *lead, m, n = x.shape
        products = np.zeros((*lead, min(m, n), m, n), x.dtype)
        rest = np.zeros((*lead, m, m), x.dtype)
        for index in np.ndindex(*lead):
            Q = _gram_schmidt(x[index])
            R = Q.conj().T @ x[index]
            products[index] = Q.T[:, :, None] * R[:, None, :]
            rest[index] = np.eye(m) - Q @ Q.conj().T
        return (products, rest) if self.mode == "complete" else products

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for shape in ((1, 1), (3, 2), (2, 3), (2, 2, 2), (0, 2), (2, 0)):
            yield Sample(cls(), (Operand(shape),))
        for shape in ((3, 2), (2, 3), (3, 1)):
            yield Sample(cls("complete"), (Operand(shape),))
        for shape in ((3, 2), (2, 3)):
            yield Sample(cls(), (Operand(shape, dtype="complex128"),))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(), (Operand((3,)),), ShapeError)


def _of_independent_columns(
    Q: Variable, R: Variable, grad_Q: Variable, grad_R: Variable
) -> Variable:
    """The gradient where R is square. With dC = Q^H dx R^-1 the upper triangular dR R^-1 is the
    one whose Hermitian part is dC's; the diagonal of R stays real, as LAPACK makes it."""
    product = grad_R @ R.mT - Q.mT @ grad_Q
    upper = rearrange.triu(product) + rearrange.triu(product, 1)
    both = 0.5 * (upper + hermitian(upper))
    return linalg.Solve()(R, (grad_Q + Q.conj() @ both).mT).mT


def _gram_schmidt(x: Array) -> Array:
    """Q with orthonormal columns by the process of that name, for the oracles."""
    import mpmath

    m, n = x.shape
    Q = np.zeros((m, min(m, n)), x.dtype)
    found: list[Any] = []
    with mpmath.workdps(30):
        for k in range(min(m, n)):
            rest = mpmath.matrix(x[:, k].tolist())
            for q in found:
                rest = rest - q * mpmath.fdot(q.conjugate(), rest)
            found.append(rest / mpmath.norm(rest))
            Q[:, k] = np.array(found[-1].tolist(), x.dtype)[:, 0]
    return Q


class QrTriangle(Op):
    """The upper triangular R of x = Q @ R alone."""

    expression: ClassVar[str] = 'np.linalg.qr(x, mode="r")'

    def infer(self, *types: TensorType) -> TensorType:
        R = Qr().infer(*types).items[1]
        assert isinstance(R, TensorType)
        return R

    def flops(self, types: tuple[TensorType, ...], output: TensorType) -> DimLike:
        return 2 * types[0].size * dims.minimum(*types[0].shape[-2:])

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        whole = Qr()(*inputs)
        zeros = create.full_of(0, structure.unpack(whole)[0].type)
        return Qr().bprop(inputs, whole, i, structure.MakeTuple()(zeros, G))

    def invariants(self, *results: Variable) -> tuple[Variable, ...]:
        (R,) = results
        return (rank_ones(hermitian(R), R),)

    @staticmethod
    def oracle(x: Array) -> Any:
        *lead, m, n = x.shape
        products = np.zeros((*lead, min(m, n), n, n), x.dtype)
        for index in np.ndindex(*lead):
            Q = _gram_schmidt(x[index])
            R = Q.conj().T @ x[index]
            products[index] = R.conj()[:, :, None] * R[:, None, :]
        return products

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for shape in ((3, 2), (2, 3)):
            yield Sample(cls(), (Operand(shape),))
        yield Sample(cls(), (Operand((2, 2), dtype="complex128"),))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(), (Operand((3,)),), ShapeError)


# ------------------------------------------------------------------------- functions for users


class QRResult(NamedTuple):
    """What ``qr`` returns."""

    Q: Variable
    R: Variable


@public("numpy.linalg.qr")
def qr(a: Any, mode: str = "reduced") -> Any:
    """a = Q @ R for (..., m, n), Q with orthonormal columns, R upper triangular.

    As ``np.linalg.qr``; k is the smaller of m and n. ``mode``: "reduced", Q (..., m, k) and R
    (..., k, n); "complete", Q (..., m, m) and R (..., m, n); "r", R (..., k, n) alone. Raises
    OptionError for "raw", ShapeError for fewer than two axes.

    The derivative needs the first k columns to be independent. The last m - k columns of a complete
    Q are any basis of what the others leave: the gradient is that of functions which do not
    depend on the basis.

    >>> import graphcomp as gr
    >>> Q, R = qr(gr.matrix("A", (5, 3)))
    >>> Q.shape, R.shape
    ((5, 3), (3, 3))
    """
    names = {"full": "reduced", "f": "reduced"}  # NumPy's older names
    mode = names.get(mode, mode)
    if mode == "r":
        return QrTriangle()(a)
    if mode not in ("reduced", "complete"):
        raise OptionError(f"qr with mode={mode!r}", "give 'reduced', 'complete' or 'r'")
    return QRResult(*unpack_named(Qr(mode)(a), *QRResult._fields))
