"""Products of several matrices and vectors, in the order that costs least.

The dynamic programme is that of Cormen et al., *Introduction to Algorithms* (2009), 15.2. Sizes
may be symbolic: one order is better than another where its cost has a lower degree, or is known to
be less at all sizes. Where neither is so, the order stays as the user wrote it.
"""

from __future__ import annotations

from dataclasses import dataclass

from graphcomp.dims import DimLike, lower_bound
from graphcomp.dims.algebra import terms_of
from graphcomp.graph import Variable
from graphcomp.ops.contract import Matmul
from graphcomp.rewrite.engine import Context, Pass, rule
from graphcomp.rewrite.facts.matrices import transpose_of
from graphcomp.rewrite.patterns import retyped

_LONGEST = 8  # operands of a chain: the search takes cubic time


class _Chain:
    """The operands of nested products, left to right, and what these products cost together.

    A vector stands at an end only; one that a product makes counts as that product, turned where
    it is a row of what would be a column: ``(A @ x) @ B`` is x.T A.T B.
    """

    def __init__(self, v: Variable, context: Context) -> None:
        self.context = context
        self.cost: DimLike = 0
        self.count = 1
        x, y = v.inputs
        self.operands = self._split(x, y, (x.ndim == 1, y.ndim == 1))

    def _split(self, x: Variable, y: Variable, ends: tuple[bool, bool]) -> list[Variable]:
        """The operands of x @ y; ``ends`` says whether x is a row, y a column."""
        row, column = ends
        self.count += 1
        self.cost = self.cost + (1 if row else x.shape[0]) * x.shape[-1] * (
            1 if column else y.shape[-1]
        )
        return [*self._operands(x, row, False), *self._operands(y, False, column)]

    def _operands(self, x: Variable, row: bool, column: bool) -> list[Variable]:
        inner = transpose_of(x)
        product = x if inner is None else inner
        if not isinstance(product.op, Matmul) or self.count >= _LONGEST:
            return [x]
        if not (self.context.is_private(x) and self.context.is_private(product)):
            return [x]
        p, q = product.inputs
        if max(p.ndim, q.ndim) > 2 or (product.ndim == 0):
            return [x]
        # As a column x @ A is A.T @ x, as a row A @ x is x @ A.T.
        if inner is not None or (column and p.ndim == 1) or (row and q.ndim == 1):
            p, q = _turned(q), _turned(p)
        return self._split(p, q, (row, column))


def _turned(x: Variable) -> Variable:
    return x.mT if x.ndim == 2 else x


@dataclass(frozen=True)
class _Plan:
    """The cheapest known order for a part of a chain: where it is split first."""

    cost: DimLike
    split: int = 0


def _is_cheaper(a: DimLike, b: DimLike) -> bool:
    """Whether a is less than b, by degree or at all sizes."""
    if _degree(a) != _degree(b):
        return _degree(a) < _degree(b)
    low = lower_bound(b - a)
    return low is not None and low > 0


def _degree(cost: DimLike) -> int:
    return max((len(atoms) for atoms, _ in terms_of(cost)), default=0)


def _planned(operands: list[Variable]) -> dict[tuple[int, int], _Plan]:
    """For operands i to j, both included, the cheapest order."""
    first, last = operands[0], operands[-1]
    sizes = [1 if first.ndim == 1 else first.shape[0], *(x.shape[-1] for x in operands)]
    if last.ndim == 1:
        sizes[-1] = 1
        sizes[-2] = last.shape[0]
    plans = {(i, i): _Plan(0) for i in range(len(operands))}
    for length in range(1, len(operands)):
        for i in range(len(operands) - length):
            j = i + length
            for k in range(i, j):
                cost = sizes[i] * sizes[k + 1] * sizes[j + 1]
                cost = plans[i, k].cost + plans[k + 1, j].cost + cost
                if (i, j) not in plans or _is_cheaper(cost, plans[i, j].cost):
                    plans[i, j] = _Plan(cost, k)
    return plans


def _multiplied(
    operands: list[Variable], plans: dict[tuple[int, int], _Plan], i: int, j: int
) -> Variable:
    if i == j:
        return operands[i]
    k = plans[i, j].split
    left = _multiplied(operands, plans, i, k)
    return left @ _multiplied(operands, plans, k + 1, j)


@rule(
    "(A @ B) @ x -> A @ (B @ x), in the cheapest order",
    Matmul,
    sample=lambda A, B, X, x: ((A @ B).T @ X.T) @ (X @ x),
    near_miss=lambda A, B, C: A @ (B @ C),
)
def cheapest_order(v: Variable, x: Variable, y: Variable, context: Context) -> Variable | None:
    if max(x.ndim, y.ndim) > 2:
        return None
    chain = _Chain(v, context)
    if chain.count < 3:
        return None
    last = len(chain.operands) - 1
    plans = _planned(chain.operands)
    if not _is_cheaper(plans[0, last].cost, chain.cost):
        return None
    return retyped(v, _multiplied(chain.operands, plans, 0, last))


matrix_chains = Pass("matrix_chains", [cheapest_order])
