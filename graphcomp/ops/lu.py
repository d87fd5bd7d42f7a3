"""LU factors with partial pivoting, batched over leading axes, and solving with them.

Derivatives follow de Hoog, Anderssen and Lukas (2011), "Differentiation of matrix functionals
using triangular factorization"; the permutation is constant between jumps.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from graphcomp import dims
from graphcomp.dims import DimLike
from graphcomp.errors import OptionError, ShapeError
from graphcomp.graph import Variable
from graphcomp.ops import (
    create,
    indexing,
    join,
    linalg,
    rearrange,
    shape as shapes,
    sorting,
    structure,
)
from graphcomp.ops.base import Bad, Meaning, Op, Operand, Sample, as_variable
from graphcomp.ops.svd import exceeds, require_matrix
from graphcomp.registry import public
from graphcomp.types import TensorType, TupleType, sampled_dtype

__all__: list[str] = []

Array = np.ndarray[Any, Any]


def _lu_factor(x: Any, dtype: Any) -> tuple[Any, Any]:
    """L without its diagonal of ones and U in one array, and the row each step swaps with its own.

    Gaussian elimination with partial pivoting: Golub and Van Loan, Matrix Computations, 3.4.
    """
    *lead, m, n = x.shape
    steps = min(m, n)
    lu = np.array(x, dtype).reshape(int(np.prod(lead)), m, n)
    swaps = np.empty((len(lu), steps), np.int32)
    every = np.arange(len(lu))
    for i in range(steps):
        sizes = np.abs(lu[:, i:, i].real) + np.abs(lu[:, i:, i].imag)
        chosen = swaps[:, i] = i + np.argmax(sizes, axis=1)
        rows = lu[every, chosen]
        lu[every, chosen] = lu[:, i]
        lu[:, i] = rows
        pivot = lu[:, i, i, None]
        lu[:, i + 1 :, i] /= np.where(pivot == 0, 1, pivot)
        lu[:, i + 1 :, i + 1 :] -= lu[:, i + 1 :, i, None] * lu[:, i, None, i + 1 :]
    return lu.reshape(x.shape), swaps.reshape(*lead, steps)


def _row_order(swaps: Any, rows: Any) -> Any:
    """The order that rows have after swapping row i with row swaps[i], one by one."""
    *lead, steps = swaps.shape
    each = swaps.reshape(int(np.prod(lead)), steps)
    order = np.tile(np.arange(rows, dtype=np.int32), (len(each), 1))
    every = np.arange(len(each))
    for i in range(steps):
        other = order[every, each[:, i]]
        order[every, each[:, i]] = order[:, i]
        order[:, i] = other
    return order.reshape(*lead, rows)


class LuFactor(Op):
    """The factors L and U of x with its rows reordered, in one array, and the rows swapped.

    L has a diagonal of ones, which is left out.
    """

    name = "lu_factor"
    expression: ClassVar[str] = "_lu_factor(x, dtype)"
    helpers = (_lu_factor,)

    def infer(self, *types: TensorType) -> TupleType:
        (x,) = types
        require_matrix(x)
        *lead, m, n = x.shape
        dtype = sampled_dtype(np.linalg.inv, x.with_shape((1, 1)))
        swaps = TensorType(np.dtype(np.int32), (*lead, dims.minimum(m, n)))
        return TupleType((TensorType(dtype, x.shape), swaps))

    def meaning(self, *types: TensorType) -> Meaning:
        return Meaning(self.expression, {"dtype": self.infer(*types).items[0].dtype})

    def flops(self, types: tuple[TensorType, ...], output: TensorType) -> DimLike:
        return types[0].size * dims.minimum(*types[0].shape[-2:])

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        """dL = L tril(L^-1 dx U^-1, -1) and dU = triu(L^-1 dx U^-1) U where x is square; what
        lies below it is L2 = x2 U^-1, and what lies on its right U2 = L^-1 x2."""
        packed, swaps = structure.unpack(output)
        grad = structure.unpack(G)[0]
        m, n = inputs[0].shape[-2:]
        k = dims.minimum(m, n)
        L, U = unpack_factors(packed[..., :k, :k])
        grad_L = rearrange.tril(grad[..., :k, :k], -1)
        grad_U = rearrange.triu(grad[..., :k, :k])
        below = right = None
        if exceeds(m, n):
            below = linalg.Solve()(U, grad[..., k:, :].mT).mT
            grad_U = grad_U - rearrange.triu(packed[..., k:, :].mT @ below)
        if exceeds(n, m):
            right = linalg.Solve()(L.mT, grad[..., k:])
            grad_L = grad_L - rearrange.tril(right @ packed[..., k:].mT, -1)
        both = rearrange.tril(L.mT @ grad_L, -1) + rearrange.triu(grad_U @ U.mT)
        gradient = linalg.Solve()(L.mT, linalg.Solve()(U, both.mT).mT)
        if below is not None:
            gradient = join.concatenate([gradient, below], axis=-2)
        if right is not None:
            gradient = join.concatenate([gradient, right], axis=-1)
        return take_rows(gradient, sorting.argsort(RowOrder(m)(swaps)))

    @staticmethod
    def oracle(x: Array) -> Any:
        factors, swaps = x.astype(np.result_type(x, 1.0)), []
        for index in np.ndindex(x.shape[:-2]):
            rows = [list(row) for row in factors[index].tolist()]
            for i in range(min(x.shape[-2:])):
                j = max(range(i, len(rows)), key=lambda r: abs(rows[r][i]))
                swaps.append(j)
                rows[i], rows[j] = rows[j], rows[i]
                for row in rows[i + 1 :]:
                    row[i] = row[i] / rows[i][i]
                    for c in range(i + 1, len(row)):
                        row[c] -= row[i] * rows[i][c]
            factors[index] = np.array(rows).reshape(x.shape[-2:])
        steps = (*x.shape[:-2], min(x.shape[-2:]))
        return factors, np.array(swaps, np.int32).reshape(steps)

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        tilted = [[0.5, -1.0, 0.5], [2.0, 3.0, -0.5], [0.25, 0.5, -1.5]]
        for value in (tilted, tilted[:2], [row[:2] for row in tilted], [tilted, tilted[::-1]]):
            yield Sample(cls(), (Operand(np.shape(value), kind="fixed", value=value),))
        for shape in ((1, 1), (0, 0), (2, 0), (0, 2, 2)):
            yield Sample(cls(), (Operand(shape),))
        turned = [[0.5j, 1.0], [2.0 - 1j, 0.5]]
        yield Sample(cls(), (Operand((2, 2), dtype="complex128", kind="fixed", value=turned),))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(), (Operand((3,)),), ShapeError)


@dataclass(frozen=True, eq=False)
class RowOrder(Op):
    """The order of rows after swapping row i with row swaps[i], one after another."""

    rows: DimLike
    parameters: ClassVar[tuple[str, ...]] = ("swaps",)
    expression: ClassVar[str] = "_row_order(swaps, rows)"
    helpers = (_row_order,)

    def infer(self, *types: TensorType) -> TensorType:
        return types[0].with_shape((*types[0].shape[:-1], self.rows))

    def oracle(self, swaps: Array) -> Any:
        orders = []
        for each in swaps.reshape(-1, swaps.shape[-1]).tolist():
            order = list(range(int(self.rows)))
            for i, j in enumerate(each):
                order[i], order[j] = order[j], order[i]
            orders.append(order)
        return np.array(orders, np.int32).reshape(*swaps.shape[:-1], self.rows)

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for value in ([2, 2, 2], [[1, 1], [0, 2]]):
            operand = Operand(np.shape(value), dtype="int32", kind="fixed", value=value)
            yield Sample(cls(3), (operand,))


def take_rows(x: Variable, order: Variable) -> Variable:
    """The rows of matrices in another order, given for one or for each."""
    if order.ndim == 1:
        return x[..., order, :]
    x = shapes.broadcast_to(x, (*order.shape[:-1], *x.shape[-2:])) if x.ndim < 3 else x
    return indexing.take_along_axis(x, shapes.expand_dims(order, -1), axis=-2)


def unpack_factors(packed: Variable) -> tuple[Variable, Variable]:
    """L (…, m, k) with its diagonal of ones, and U (…, k, n)."""
    m, n = packed.shape[-2:]
    k = dims.minimum(m, n)
    ones = create.eye(m, k, dtype=packed.dtype)
    return rearrange.tril(packed[..., :k], -1) + ones, rearrange.triu(packed[..., :k, :])


# ------------------------------------------------------------------------- functions for users


@public("scipy.linalg.lu_factor")
def lu_factor(
    a: Any, overwrite_a: bool = False, check_finite: bool = True
) -> tuple[Variable, Variable]:
    """The factors L and U in one array, and the rows swapped, as ``scipy.linalg.lu_factor``.

    Of (..., m, n): L below the diagonal, without its ones, and U; row i was swapped with row
    ``piv[i]``. Raises ShapeError for what is no matrix.

    >>> import graphcomp as gr
    >>> lu, piv = lu_factor(gr.constant([[1.0, 2.0], [4.0, 2.0]]))
    >>> gr.evaluate({}, [lu, piv])
    [array([[4.  , 2.  ],
           [0.25, 1.5 ]]), array([1, 1], dtype=int32)]
    """
    packed, swaps = structure.unpack(LuFactor()(as_variable(a)))
    return packed, swaps


@public("scipy.linalg.lu")
def lu(
    a: Any,
    permute_l: bool = False,
    overwrite_a: bool = False,
    check_finite: bool = True,
    p_indices: bool = False,
) -> tuple[Variable, ...]:
    """P, L and U with a = P @ L @ U, as ``scipy.linalg.lu``.

    P is a permutation matrix; with ``p_indices`` the order of rows for which a = L[p] @ U; with
    ``permute_l`` the results are P @ L and U. Raises ShapeError for what is no matrix.

    >>> import graphcomp as gr
    >>> P, L, U = lu(gr.matrix("A", (4, 3)))
    >>> P.shape, L.shape, U.shape
    ((4, 4), (4, 3), (3, 3))
    """
    packed, swaps = lu_factor(a)
    L, U = unpack_factors(packed)
    rows = L.shape[-2]
    places = sorting.argsort(RowOrder(rows)(swaps)).astype("int32")
    if permute_l:
        return take_rows(L, places), U
    if p_indices:
        return places, L, U
    P = shapes.expand_dims(places, -1) == create.arange(rows)
    return P.astype(linalg.real_dtype(L.dtype)), L, U


@public("scipy.linalg.lu_solve")
def lu_solve(
    lu_and_piv: tuple[Any, Any],
    b: Any,
    trans: int = 0,
    overwrite_b: bool = False,
    check_finite: bool = True,
) -> Variable:
    """The solution x of a @ x = b, given ``lu_factor(a)``, as ``scipy.linalg.lu_solve``.

    Of a.T with ``trans=1``, of its conjugate with 2. Raises OptionError for another ``trans``,
    ShapeError for a b without as many rows as a.

    >>> import graphcomp as gr
    >>> A, b = gr.matrix("A", ("n", "n")), gr.vector("b", "n")
    >>> lu_solve(lu_factor(A), b).shape
    (Dim('n'),)
    """
    if trans not in (0, 1, 2):
        raise OptionError(f"lu_solve with trans={trans!r}", "give 0, 1 or 2")
    packed, right = as_variable(lu_and_piv[0]), as_variable(b)
    order = RowOrder(packed.shape[-2])(as_variable(lu_and_piv[1]))
    if not right.ndim or right.shape[-1 if right.ndim == 1 else -2] != packed.shape[-1]:
        raise ShapeError(
            f"{right.label} has not the {packed.shape[-1]} rows of the factors",
            "the right-hand side must have as many rows as the matrix",
        )
    x = shapes.expand_dims(right, -1) if right.ndim == 1 else right
    if trans == 0:
        x = linalg.solve_triangular(packed, take_rows(x, order), 0, True, True)
        x = linalg.solve_triangular(packed, x)
    else:
        x = linalg.solve_triangular(packed, x, trans)
        x = linalg.solve_triangular(packed, x, trans, True, True)
        x = take_rows(x, sorting.argsort(order))
    return shapes.squeeze(x, -1) if right.ndim == 1 else x
