"""The head of a generated function: argument checks, and where sizes are read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from codegen.fragment import Code, dimension
from codegen.program import Check, Know, ReadSize, ReadSizes, Sizes, Slot, Statement
from graphcomp import dims
from graphcomp.dims import Dim, Solution

_WORD = re.compile(r"\w+")


class Arguments:
    """Plans the checks of a function's arguments and the reads of its sizes.

    ``rename`` maps sizes to the names that they have in the function. The checks keep lengths
    that they share in a ``table``, by their text: the first argument with an axis of length ``n``
    gives ``n``.
    """

    def __init__(self, slots: Sequence[Slot], rename: Mapping[str, str], table: str) -> None:
        self.slots = slots
        self.rename = rename
        self.table = table
        self.solutions = dims.solve([slot.shape for slot in slots])
        self.by_axis = {(s.argument, s.axis): s for s in self.solutions}
        self.origin = {s.name: slots[s.argument].name for s in self.solutions}

    def head(self, used: frozenset[str], checks: bool) -> list[Statement]:
        """Checks (if asked for), and reads of the sizes in ``used`` or needed by a check."""
        names = self._needed(used, checks)
        if not checks:
            return self._reads(self.solutions, names)
        statements: list[Statement] = []
        table: set[str] = set()
        known: set[str] = set()
        early: list[int] = []
        for k in self._order():
            own = [s for s in self.solutions if s.argument == k and s.name not in known]
            statements += self._enter(_symbolic(self.slots[k]), known, table)
            statements.append(self._check(k))
            statements += self._reads(own, names, checked=True)
            known.update(s.name for s in own)
            table.update(map(_text, _symbolic(self.slots[k])))
            sizes = [dims.size(s.name, s.minimum) for s in own]
            statements += self._enter(sizes, known, table)
            if self._is_early(k, own):
                early.append(k)
        for k in early:  # the lengths that it could not be held against before
            sums = [d for d in _symbolic(self.slots[k]) if not _is_plain_size(d)]
            statements += [*self._enter(sums, known, set()), self._check(k)]
        return self._read_ones(self._sharing(statements), used)

    def _sharing(self, statements: Sequence[Statement]) -> list[Statement]:
        """The statements, where only lengths that two of them know of go through the table."""
        uses = Counter(size for s in statements for size in _lengths(s))
        shared = {size for size, count in uses.items() if count > 1}
        result: list[Statement] = [Sizes(self.table)] if shared else []
        for s in statements:
            if isinstance(s, Check) and shared.isdisjoint(_lengths(s)):
                s = replace(s, table="")
            if not isinstance(s, Know) or s.size in shared:
                result.append(s)
        return result

    def _read_ones(self, statements: Sequence[Statement], used: frozenset[str]) -> list[Statement]:
        """The statements, with no name for a size that neither they nor ``used`` read."""
        texts = [s.length.text for s in statements if isinstance(s, Know)]
        texts += [s.offset.text for s in statements if isinstance(s, ReadSize) and s.offset]
        read = {self.rename[name] for name in used}.union(*map(_WORD.findall, texts))
        result: list[Statement] = []
        for s in statements:
            if isinstance(s, ReadSizes) and read.isdisjoint(s.names):
                continue
            if isinstance(s, ReadSize) and s.name not in read:
                if not s.origin:
                    continue
                s = replace(s, name="")
            result.append(s)
        return result

    def _check(self, k: int) -> Check:
        slot = self.slots[k]
        entries = [_text(d) if isinstance(d, Dim) else d for d in slot.shape]
        return Check(slot.name, slot.dtype, tuple(entries), self.table)

    def _enter(self, lengths: Iterable[Dim], known: set[str], table: set[str]) -> list[Statement]:
        """Statements that enter lengths, given by known sizes, in the table."""
        result: list[Statement] = []
        for d in lengths:
            if d.names <= known and _text(d) not in table:
                table.add(_text(d))
                value = dimension(dims.expression(d, self.rename))
                result.append(Know(self.table, _text(d), value, self.origin[min(d.names)]))
        return result

    def _is_early(self, k: int, own: Sequence[Solution]) -> bool:
        """Whether a length of argument k was checked before all its sizes could be read."""
        solved = {s.axis for s in own}
        new = {s.name for s in own}
        return any(
            isinstance(d, Dim) and axis not in solved and not _is_plain_size(d) and d.names & new
            for axis, d in enumerate(self.slots[k].shape)
        )

    # -------------------------------------------------------------------------------- order

    def _needed(self, used: frozenset[str], checks: bool) -> frozenset[str]:
        """Sizes to be read: used ones, what their offsets need, and what is not read plainly."""
        names = set(used)
        for solution in reversed(self.solutions):
            plain = self._is_plain(solution)
            if checks and (not plain or self._is_in_sum(solution.name)):
                names.add(solution.name)
            if solution.name in names:
                names |= dims.names_of((solution.offset,))
        return frozenset(names)

    def _is_in_sum(self, name: str) -> bool:
        """Whether a length is an expression with this size in it."""
        lengths = [d for slot in self.slots for d in _symbolic(slot)]
        return any(name in d.names and not _is_plain_size(d) for d in lengths)

    @staticmethod
    def _is_plain(solution: Solution) -> bool:
        return solution.factor == 1 and solution.offset == 0 and solution.minimum <= 1

    def _order(self) -> list[int]:
        """Arguments in order, one whose shape needs a size of a later one behind that."""
        rest = list(range(len(self.slots)))
        known: set[str] = set()
        order: list[int] = []
        while rest:
            ready = next((k for k in rest if self._waits_for(k) <= known), rest[0])
            rest.remove(ready)
            order.append(ready)
            known.update(s.name for s in self.solutions if s.argument == ready)
        return order

    def _waits_for(self, k: int) -> set[str]:
        wanted: set[str] = set()
        for axis, dim in enumerate(self.slots[k].shape):
            if isinstance(dim, Dim):
                solution = self.by_axis.get((k, axis))
                own = {solution.name} if solution else set()
                wanted |= dim.names - own
        own_names = {s.name for s in self.solutions if s.argument == k and self._is_plain(s)}
        return wanted - own_names

    # -------------------------------------------------------------------------------- reads

    def _reads(
        self, solutions: Sequence[Solution], names: frozenset[str], checked: bool = False
    ) -> list[Statement]:
        wanted = [s for s in solutions if s.name in names]
        whole = self._whole_shape(wanted)
        if whole is not None:
            return [whole]
        return [self._read(s, checked) for s in wanted]

    def _whole_shape(self, wanted: Sequence[Solution]) -> ReadSizes | None:
        """``n, p = X.shape``, where every axis is wanted and plain."""
        if len(wanted) < 2 or len({s.argument for s in wanted}) != 1:
            return None
        slot = self.slots[wanted[0].argument]
        if [s.axis for s in wanted] != list(range(len(slot.shape))):
            return None
        if not all(map(self._is_plain, wanted)):
            return None
        return ReadSizes(tuple(self.rename[s.name] for s in wanted), slot.name)

    def _read(self, solution: Solution, checked: bool) -> ReadSize:
        offset: Code | None = None
        if solution.offset != 0:
            offset = dimension(dims.expression(solution.offset, self.rename))
        argument = self.slots[solution.argument].name
        must_check = checked and not self._is_plain(solution)
        return ReadSize(
            self.rename[solution.name],
            f"{argument}.shape[{solution.axis}]",
            offset,
            solution.factor,
            solution.minimum,
            argument if must_check else "",
            solution.name,
        )


def helpers_of(head: Iterable[Statement]) -> set[str]:
    """The helper functions that the statements call."""
    found = set()
    for statement in head:
        if isinstance(statement, Check):
            found.add("_argument" if statement.dtype.kind != "O" else "_generator")
        elif isinstance(statement, ReadSize) and statement.origin:
            found.add("_size")
    return found


def _lengths(statement: Statement) -> set[str]:
    """The lengths, by their text, that a statement enters in the table or compares with it."""
    if isinstance(statement, Check):
        return {n for n in statement.shape if isinstance(n, str)}
    return {statement.size} if isinstance(statement, Know) else set()


def _symbolic(slot: Slot) -> list[Dim]:
    return [d for d in slot.shape if isinstance(d, Dim)]


def _is_plain_size(d: Dim) -> bool:
    return str(d) in d.names


def _text(d: Dim) -> str:
    """The length in the table: its text, that of a size which may be 0 no mere name."""
    may_be_zero = _is_plain_size(d) and all(size.minimum == 0 for size in d.sizes)
    return f"{d} >= 0" if may_be_zero else str(d)
