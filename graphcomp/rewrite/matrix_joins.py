"""Solves of one matrix, joined into one with several right-hand sides."""

from __future__ import annotations

from collections.abc import Iterator

from graphcomp.dims import DimLike
from graphcomp.graph import Variable, derived_from, now_derived_from
from graphcomp.inputs import variable
from graphcomp.ops.join import Concatenate, Stack
from graphcomp.ops.linalg import Solve
from graphcomp.ops.shape import Reshape
from graphcomp.rewrite.engine import Changes, Context, Outputs, WholePass, inherit, rule

_SMALL = 64  # rows; up to here joining costs more than a factorisation

Groups = dict[Variable, list[Variable]]


def _groups(context: Context) -> tuple[list[Variable], Groups]:
    """The graph in an order that has all solves of a group in a row, and the group of each.

    Of solves that are as many solves away from the inputs, none needs another.
    """
    depth: dict[Variable, int] = {}
    found: dict[tuple[Variable, int, object], list[Variable]] = {}
    for v in context.order:
        depth[v] = max((depth[x] for x in v.inputs), default=0)
        if isinstance(v.op, Solve):
            depth[v] += 1
            A, b = v.inputs
            small = isinstance(A.shape[-1], int) and A.shape[-1] <= _SMALL
            if A.ndim == 2 and b.ndim <= 2 and not small:
                found.setdefault((A, depth[v], b.dtype), []).append(v)
    order = sorted(context.order, key=lambda v: (depth[v], not isinstance(v.op, Solve)))
    return order, {v: group for group in found.values() if len(group) > 1 for v in group}


def _joined(A: Variable, sides: list[Variable]) -> Iterator[Variable]:
    """The solutions for each of the right-hand sides, from one solve."""
    if all(b.ndim == 1 for b in sides):
        together = Stack(-1)(*sides)
    else:
        columns = [b if b.ndim == 2 else Reshape((*b.shape, 1))(b) for b in sides]
        together = Concatenate(-1)(*columns)
    solution = Solve()(A, together)
    start: DimLike = 0
    for b in sides:
        if b.ndim == 1:
            yield solution[:, start]
        else:
            yield solution[:, start : start + b.shape[1]]
        start = start + (1 if b.ndim == 1 else b.shape[1])


def joined_solves(context: Context, differentiable: bool = False) -> tuple[Outputs, Changes]:
    """The outputs, with the solves of one matrix joined where none of them needs another."""
    if Solve not in context.classes:
        return context.outputs, []
    order, groups = _groups(context)
    if not groups:
        return context.outputs, []
    done: dict[Variable, Variable] = {}
    changes: Changes = []
    with derived_from(context.order[0]):
        for v in order:
            if v in done:
                continue
            now_derived_from(v)
            group = groups.get(v)
            if group is not None:
                sides = [done[u.inputs[1]] for u in group]
                for old, new in zip(group, _joined(done[v.inputs[0]], sides), strict=True):
                    done[old] = _replaced(old, new, context)
                    changes.append((old, new))
                continue
            inputs = [done[x] for x in v.inputs]
            same = all(a is b for a, b in zip(inputs, v.inputs, strict=True))
            done[v] = v if same else _replaced(v, v.op(*inputs), context)
    return tuple(done[v] for v in context.outputs), changes


def _replaced(old: Variable, new: Variable, context: Context) -> Variable:
    context.replaced(old, new)
    inherit(new, old)
    return new


def _two_solves() -> Variable:
    A, b = variable("A", (_SMALL + 1, _SMALL + 1)), variable("b", _SMALL + 1)
    return Solve()(A, b) + Solve()(A, b**2)


def _solve_of_solve() -> Variable:
    A, b = variable("A", (_SMALL + 1, _SMALL + 1)), variable("b", _SMALL + 1)
    return Solve()(A, Solve()(A, b))


@rule(
    "solve(A, b) beside solve(A, c) -> the columns of solve(A, stack([b, c]))",
    Solve,
    sample=_two_solves,
    near_miss=_solve_of_solve,
)
def join_solves(v: Variable, *_: Variable, context: Context) -> Variable | None:
    _, changes = joined_solves(context)
    return next((new for old, new in changes if old is v), None)


matrix_joins = WholePass("matrix_joins", [join_solves], joined_solves, last=True)
