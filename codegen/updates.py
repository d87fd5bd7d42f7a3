"""Which operations may change their first operand in place."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

from codegen.facts import is_fresh
from codegen.meanings import Meanings
from graphcomp.graph import Variable
from graphcomp.ops.base import Meaning
from graphcomp.ops.create import Full
from graphcomp.ops.indexing import IndexAdd


@dataclass(frozen=True)
class Updates:
    """``owner`` maps a result to the operand that becomes it; ``bases`` are the first operands
    of such chains, which have no statement of their own."""

    owner: Mapping[Variable, Variable]
    updated_by: Mapping[Variable, Variable]
    bases: Collection[Variable]

    def last(self, v: Variable) -> Variable:
        """The end of the chain of updates that v is in."""
        while v in self.updated_by:
            v = self.updated_by[v]
        return v


def find_updates(
    meanings: Meanings, uses: Callable[[Variable], int], kept: Collection[Variable]
) -> Updates:
    """The updates that change nothing that is read later; ``kept`` are the outputs."""
    owner: dict[Variable, Variable] = {}
    for v in reversed(meanings.of):
        if not v.inputs or v.op.update(*(x.type for x in v.inputs)) is None:
            continue
        base, *others = [meanings.same[x] for x in v.inputs]
        if base.type != v.type or any(x is base for x in others):
            continue
        unshared = uses(base) == 1 and base not in kept and base in meanings.of
        if isinstance(base.op, Full) or (unshared and is_fresh(base)):
            owner[v] = base
    return Updates(
        owner,
        {b: v for v, b in owner.items() if b in owner},
        {b for b in owner.values() if b not in owner and b not in kept},
    )


def is_zeros(v: Variable) -> bool:
    """Whether it is an array of zeros, made for this."""
    return isinstance(v.op, Full) and v.op.fill == 0


def adds_once(v: Variable) -> bool:
    """Whether v adds to elements of its first operand, to none of them twice."""
    return isinstance(v.op, IndexAdd) and v.op.unique


def update_meaning(v: Variable, sign: str = "+") -> Meaning:
    """The statement that makes v of its first operand.

    ``sign``, for one that ``adds_once``: ``"-"`` to subtract, ``""`` to set what is zero so far.
    """
    meaning = v.op.update(*(x.type for x in v.inputs))
    assert meaning is not None
    if not adds_once(v):
        return meaning
    return replace(meaning, text=meaning.text.replace(" += ", f" {sign}= "))
