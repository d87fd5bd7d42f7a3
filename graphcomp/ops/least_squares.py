"""The pseudoinverse, and least squares.

Their derivative is that of Golub and Pereyra (1973), "The differentiation of pseudo-inverses and
nonlinear least squares problems whose variables separate": along changes of the matrix that keep
its rank. Where the rank changes, neither is continuous.
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
from graphcomp.ops import contract, rearrange, reduce, shape as shapes, svd
from graphcomp.ops.axes import moveaxis
from graphcomp.ops.base import Bad, Meaning, Op, Operand, Sample, as_variable
from graphcomp.ops.factorize import HERMITIAN, ONE_TRIANGLE
from graphcomp.ops.linalg import hermitian, require_square
from graphcomp.registry import public
from graphcomp.types import TensorType, broadcast_shapes, format_shape, sampled_dtype

__all__ = ["LstsqResult", "lstsq", "pinv"]

Array = np.ndarray[Any, Any]


class Pinv(Op):
    """The pseudoinverse of x, singular values up to rcond times the largest taken as 0."""

    parameters: ClassVar[tuple[str, ...]] = ("x", "rcond")
    expression: ClassVar[str] = "np.linalg.pinv(x, rcond=rcond)"

    @property
    def nondiff(self) -> frozenset[int]:
        return frozenset({1})

    def infer(self, *types: TensorType) -> TensorType:
        x, rcond = types
        svd.require_matrix(x)
        *lead, m, n = x.shape
        if broadcast_shapes(tuple(lead), rcond.shape) != tuple(lead):
            raise ShapeError(
                f"rcond of shape {format_shape(rcond.shape)}", "give one number for each matrix"
            )
        return TensorType(sampled_dtype(np.linalg.inv, x), (*lead, n, m))

    def flops(self, types: tuple[TensorType, ...], output: TensorType) -> DimLike:
        return 14 * types[0].size * dims.minimum(*types[0].shape[-2:])

    def batch(self, inputs: tuple[Variable, ...], batched: tuple[bool, ...]) -> Variable:
        x, rcond = inputs
        if batched[1] and not batched[0]:
            x = shapes.broadcast_to(x, (rcond.shape[0], *x.shape))
        if batched[1] and rcond.ndim < x.ndim - 2:
            missing = (1,) * (x.ndim - 2 - rcond.ndim)
            rcond = shapes.reshape(rcond, (rcond.shape[0], *missing, *rcond.shape[1:]))
        return self(x, rcond)

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        """Golub and Pereyra (1973), equation (4.12)."""
        x, P = inputs[0], output
        if svd.exceeds(x.shape[-1], x.shape[-2]):
            return _gradient_of_tall(x.mT, P.mT, G.mT).mT
        return _gradient_of_tall(x, P, G)

    @staticmethod
    def oracle(x: Array, rcond: Array) -> Any:
        return _pseudoinverse(x)

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        rcond = Operand(kind="fixed", value=1e-15)
        for shape in ((2, 2), (3, 2), (2, 3), (2, 3, 1), (0, 2)):
            yield Sample(cls(), (Operand(shape), rcond))
        yield Sample(cls(), (Operand((3, 2), dtype="complex128"), rcond))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(), (Operand((3,)), Operand()), ShapeError)
        yield Bad(cls(), (Operand((3, 2)), Operand((2,))), ShapeError)


def _gradient_of_tall(x: Variable, P: Variable, G: Variable) -> Variable:
    """The gradient of a pseudoinverse, with no product as large as rows by rows."""
    square = G @ P.mT
    rows = G - square @ x.mT  # 0 where the rows of x are independent
    columns = G - (x.mT @ P.mT) @ G  # 0 where its columns are
    turned = (P.conj() @ P.mT) @ rows + (columns @ P.mT) @ P.conj()
    return hermitian(turned) - P.mT @ square


class PinvOfHermitian(Pinv):
    """The pseudoinverse of a symmetric or Hermitian matrix, of which the lower triangle is read."""

    expression: ClassVar[str] = "np.linalg.pinv(x, rcond=rcond, hermitian=True)"
    symmetric_inputs: ClassVar[frozenset[int]] = frozenset({0})

    def infer(self, *types: TensorType) -> TensorType:
        require_square(types[0])
        return super().infer(*types)

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        lower = rearrange.tril(inputs[0])
        whole = lower + hermitian(rearrange.tril(inputs[0], -1))
        gradient = super().bprop((whole, inputs[1]), output, i, G)
        return 0.5 * (gradient + hermitian(gradient))

    @staticmethod
    def oracle(x: Array, rcond: Array) -> Any:
        lower = np.tril(x, -1)
        diagonals = np.eye(x.shape[-1]) * x
        return _pseudoinverse(lower + np.swapaxes(lower, -1, -2).conj() + diagonals)

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        rcond = Operand(kind="fixed", value=1e-15)
        yield Sample(cls(), (Operand((3, 3), kind="fixed", value=ONE_TRIANGLE.T), rcond))
        yield Sample(cls(), (Operand((2, 2, 2), kind="spd"), rcond))
        yield Sample(cls(), (HERMITIAN, rcond))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(), (Operand((3, 2)), Operand()), ShapeError)


def _pseudoinverse(x: Array) -> Array:
    """(x^H x)^-1 x^H, or x^H (x x^H)^-1 of wide matrices, by mpmath, for the oracles."""
    import mpmath

    *lead, m, n = x.shape
    P = np.zeros((*lead, n, m), x.dtype)
    with mpmath.workdps(40):
        for index in np.ndindex(*lead):
            if m and n:
                a = mpmath.matrix(x[index].tolist())
                whole = (a.H * a) ** -1 * a.H if m >= n else a.H * (a * a.H) ** -1
                P[index] = np.array(whole.tolist(), x.dtype)
    return P


@dataclass(frozen=True, eq=False)
class Lstsq(Op):
    """The z for which x @ z is nearest to y, a vector or the columns of a matrix; the shortest
    such z. Singular values up to rcond times the largest count as 0."""

    rcond: float | None = None
    parameters: ClassVar[tuple[str, ...]] = ("x", "y")
    expression: ClassVar[str] = "np.linalg.lstsq(x, y, rcond=rcond)[0]"

    def infer(self, *types: TensorType) -> TensorType:
        x, y = types
        if x.ndim != 2 or y.ndim not in (1, 2):
            raise ShapeError(
                "lstsq takes one matrix, and a vector or a matrix",
                "write np.linalg.pinv(a) @ b, or gr.vmap, for several matrices",
            )
        if x.shape[0] != y.shape[0]:
            raise ShapeError(
                "shape mismatch", "the right-hand side must have as many rows as the matrix"
            )
        dtype = sampled_dtype(_solution, x, y.with_shape(y.shape[-1:]))
        return TensorType(dtype, (x.shape[1], *y.shape[1:]))

    def meaning(self, *types: TensorType) -> Meaning:
        return Meaning(self.expression, self.attributes)  # NumPy 1 has another default

    def flops(self, types: tuple[TensorType, ...], output: TensorType) -> DimLike:
        return 6 * types[0].size * dims.minimum(*types[0].shape)

    def batch(self, inputs: tuple[Variable, ...], batched: tuple[bool, ...]) -> Variable:
        x, y = inputs
        if not batched[0]:
            size, m, *columns = y.shape
            flat = shapes.reshape(moveaxis(y, 0, 1), (m, dims.prod((size, *columns))))
            z = shapes.reshape(self(x, flat), (x.shape[1], size, *columns))
            return moveaxis(z, 0, 1)
        P = pseudoinverse(x, self.rcond)
        if batched[1] and y.ndim == 2:
            return shapes.squeeze(P @ shapes.expand_dims(y, -1), -1)
        return P @ y

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        """Golub and Pereyra (1973), equation (4.12), times y."""
        x, y = inputs
        P = pseudoinverse(x, self.rcond)
        back = P.mT @ G
        if i == 1:
            return back
        z, residual, rest = output, y - x @ output, G - x.mT @ back
        others = _outer(residual, P.conj() @ back) + _outer(hermitian(P) @ z, rest)
        return others.conj() - _outer(back, z)

    @staticmethod
    def oracle(x: Array, y: Array) -> Any:
        return _pseudoinverse(x) @ y

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for x, y in (((3, 2), (3,)), ((3, 2), (3, 2)), ((2, 3), (2,)), ((2, 2), (2, 1))):
            yield Sample(cls(), (Operand(x), Operand(y)))
        yield Sample(cls(), tuple(Operand(s, dtype="complex128") for s in ((3, 2), (3,))))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        for x, y in (((3,), (3,)), ((3, 2), (2,)), ((2, 3, 2), (3,)), ((3, 2), ())):
            yield Bad(cls(), (Operand(x), Operand(y)), ShapeError)


def _outer(x: Variable, y: Variable) -> Variable:
    """x @ y.T, of vectors as columns."""
    return contract.Outer()(x, y) if x.ndim == 1 else x @ y.mT


def _solution(x: Array, y: Array) -> Any:
    return np.linalg.lstsq(x, y, rcond=None)[0]


def pseudoinverse(x: Variable, rcond: float | None) -> Variable:
    """The pseudoinverse with lstsq's meaning of rcond: None, and a negative one, is rounding."""
    return Pinv()(x, _cutoff(x, rcond))


def _cutoff(x: Variable, rcond: float | None) -> Any:
    """The fraction of the largest singular value up to which lstsq takes one as 0."""
    dtype = sampled_dtype(np.linalg.inv, x.type)
    spacing = float(np.finfo(dtype).eps)
    if rcond is None:
        return dims.maximum(*x.shape[-2:]) * spacing
    return rcond if rcond >= 0 else spacing


# ------------------------------------------------------------------------- functions for users


@public("numpy.linalg.pinv")
def pinv(
    a: Any, rcond: Any = None, hermitian: bool = False, *, rtol: Any = np._NoValue
) -> Variable:
    """The pseudoinverse (..., n, m) of (..., m, n), as ``np.linalg.pinv``.

    Singular values up to ``rcond``, or ``rtol``, times the largest are taken as 0: 1e-15 unless
    given, or max(m, n) times the spacing of numbers at 1 for ``rtol=None``. ``hermitian=True``
    reads the lower triangle of a square a. Raises ShapeError for fewer than two axes, OptionError
    where both are given.

    The derivative is that along changes of a that keep its rank.

    >>> import graphcomp as gr
    >>> pinv(gr.matrix("A", ("n", 2))).shape
    (2, Dim('n'))
    """
    x = as_variable(a)
    if rtol is None:
        rcond = _cutoff(x, None)
    elif rtol is not np._NoValue:
        if rcond is not None:
            raise OptionError("pinv with both rcond and rtol", "give one of them")
        rcond = rtol
    op = PinvOfHermitian() if hermitian else Pinv()
    return op(x, 1e-15 if rcond is None else rcond)


class LstsqResult(NamedTuple):
    """What ``lstsq`` returns."""

    x: Variable
    residuals: Variable
    rank: Variable
    s: Variable


@public("numpy.linalg.lstsq")
def lstsq(a: Any, b: Any, rcond: Any = None) -> LstsqResult:
    """The x that makes the sum of squares of b - a @ x least, as ``np.linalg.lstsq`` of NumPy 2.

    ``a`` (m, n); ``b`` (m,) or (m, k); x (n,) or (n, k); the sums of squares, for each column,
    (1,) or (k,); the rank of a; its singular values. Of x the derivative is along changes of a
    that keep its rank. NumPy returns no sums where the rank is below n; here, where shapes must
    not depend on the data, they are there unless m <= n. Raises ShapeError for other shapes.

    >>> import graphcomp as gr
    >>> x, residuals, rank, s = lstsq(gr.matrix("A", ("n + 3", 2)), gr.vector("b", "n + 3"))
    >>> x.shape, residuals.shape
    ((2,), (1,))
    """
    matrix, right = as_variable(a), as_variable(b)
    if rcond == "warn":  # NumPy 1 has it as its default
        rcond = -1
    if rcond is not None and not isinstance(rcond, int | float | np.number):
        raise OptionError(f"lstsq with rcond={rcond!r}", "give a number or None")
    cutoff = None if rcond is None else float(rcond)
    x = Lstsq(cutoff)(matrix, right)
    m, n = matrix.shape
    s = svd.Svdvals()(matrix)
    rank = reduce.sum(s > _cutoff(matrix, cutoff) * s[:1], -1).astype(np.intc)
    squares = abs(right - matrix @ x) ** 2
    sums = reduce.sum(squares, axis=0, keepdims=right.ndim == 1)
    is_tall = dims.minimum(dims.maximum(m - n, 0), 1)
    return LstsqResult(x, sums[: sums.shape[0] * is_tall], rank, s.astype(sums.dtype))
