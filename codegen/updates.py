"""Which operations change their first operand, or a copy of it, in place."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from codegen.facts import is_fresh
from codegen.meanings import Meanings
from graphcomp.graph import Variable
from graphcomp.ops.base import Meaning
from graphcomp.ops.create import Full
from graphcomp.ops.indices import Index, are_apart
from graphcomp.ops.scatter import IndexAdd

_LOOKS_BACK = 64  # a limit, so that the time is linear in the length of a chain


@dataclass(frozen=True)
class Updates:
    """``owner`` maps a result to the operand that becomes it. The first operands of such chains
    are either ``bases``, which have no statement of their own, or ``copied``. ``sets`` are what
    adds to zeros of the buffer, and so may set them."""

    owner: Mapping[Variable, Variable]
    updated_by: Mapping[Variable, Variable]
    bases: Collection[Variable]
    copied: Collection[Variable]
    sets: Collection[Variable]

    def last(self, v: Variable) -> Variable:
        """The end of the chain of updates that v is in."""
        while v in self.updated_by:
            v = self.updated_by[v]
        return v


def find_updates(
    meanings: Meanings, uses: Callable[[Variable], int], kept: Collection[Variable]
) -> Updates:
    """The updates, in place or of a copy, so that nothing changes that is read later; ``kept``
    are the outputs."""
    owner: dict[Variable, Variable] = {}
    copied: set[Variable] = set()
    readers = _readers(meanings)

    def is_read_for(base: Variable, v: Variable) -> bool:
        """Whether all that reads base is on the way to v, and to nothing else."""
        if uses(base) != len(readers[base]):
            return False
        for reader in readers[base]:
            while reader is not v:
                if uses(reader) != 1 or reader in kept or not readers.get(reader):
                    return False
                (reader,) = readers[reader]
        return True

    for v in reversed(meanings.of):
        if not _is_update(v, meanings):
            continue
        base = owner[v] = meanings.same[v.inputs[0]]
        ours = base not in kept and base in meanings.of
        alone = ours and uses(base) == 1 and is_fresh(base)
        in_turn = ours and _is_update(base, meanings) and is_read_for(base, v)
        if not (isinstance(base.op, Full) or alone or in_turn):
            copied.add(v)
    inside = {b: v for v, b in owner.items() if v not in copied}
    return Updates(
        owner,
        {b: v for b, v in inside.items() if b in owner},
        {b for b in inside if b not in owner and b not in kept},
        copied,
        _sets([v for v in meanings.of if v in owner and v not in copied], owner),
    )


def _sets(updates: Iterable[Variable], owner: Mapping[Variable, Variable]) -> set[Variable]:
    """Those that add to elements which are zeros still, of updates in order: the first of a
    chain, and those after it at other places."""
    found: set[Variable] = set()
    written: dict[Variable, list[Index]] = {}  # where a buffer of zeros has other values by now
    for v in updates:
        base = owner[v]
        places = written.pop(base, None) if base in owner else [] if is_zeros(base) else None
        if places is None or len(places) > _LOOKS_BACK or not adds(v):
            continue
        index = v.op.index  # type: ignore[attr-defined]
        if adds_once(v) and all(are_apart(index, place) for place in places):
            found.add(v)
        written[v] = [*places, index]
    return found


def _readers(meanings: Meanings) -> dict[Variable, list[Variable]]:
    """The operations that read each variable, once for each time."""
    found: dict[Variable, list[Variable]] = {}
    for v in meanings.of:
        for x in v.inputs:
            found.setdefault(meanings.same[x], []).append(v)
    return found


def _is_update(v: Variable, meanings: Meanings) -> bool:
    """Whether a statement can make v of its first operand."""
    if not v.inputs or v.op.update(*(x.type for x in v.inputs)) is None:
        return False
    return v.ndim > 0 and meanings.same[v.inputs[0]].type == v.type


def is_zeros(v: Variable) -> bool:
    """Whether it is an array of zeros, made for this."""
    return isinstance(v.op, Full) and v.op.fill == 0


def adds_once(v: Variable) -> bool:
    """Whether v adds to elements of its first operand, to none of them twice."""
    return adds(v) and v.op.unique  # type: ignore[attr-defined]


def adds(v: Variable) -> bool:
    """Whether v adds to elements of its first operand."""
    return isinstance(v.op, IndexAdd)


def update_meaning(v: Variable, sign: str = "+") -> Meaning:
    """The statement that makes v of its first operand.

    ``sign``, for one that ``adds``: ``"-"`` to subtract; ``""`` to set what is zero so far, for
    one that ``adds_once``.
    """
    meaning = v.op.update(*(x.type for x in v.inputs))
    assert meaning is not None
    if not adds(v):
        return meaning
    text = meaning.text.replace(" += ", f" {sign}= ", 1)
    if sign == "-":
        text = text.replace("np.add.at(", "np.subtract.at(", 1)
    return replace(meaning, text=text)
