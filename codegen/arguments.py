"""The head of a generated function: argument checks, and where sizes are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from codegen.fragment import Code, dimension
from codegen.program import Check, ReadSize, ReadSizes, Slot, Statement
from graphcomp import dims
from graphcomp.dims import Dim, Solution
from graphcomp.types import format_shape


class Arguments:
    """Plans the checks of a function's arguments and the reads of its sizes.

    ``rename`` maps sizes to the names that they have in the function.
    """

    def __init__(self, slots: Sequence[Slot], rename: Mapping[str, str]) -> None:
        self.slots = slots
        self.rename = rename
        self.solutions = dims.solve([slot.shape for slot in slots])
        self.by_axis = {(s.argument, s.axis): s for s in self.solutions}

    def head(self, used: frozenset[str], checks: bool) -> list[Statement]:
        """Checks (if asked for), and reads of the sizes in ``used`` or needed by a check."""
        names = self._needed(used, checks)
        if not checks:
            return self._reads(self.solutions, names)
        statements: list[Statement] = []
        known: set[str] = set()
        again: list[int] = []
        for k in self._order():
            unsolved = self._check(k, known, names)
            statements.append(unsolved[0])
            if unsolved[1]:
                again.append(k)
            own = [s for s in self.solutions if s.argument == k and s.name not in known]
            statements += self._reads(own, names, checked=True)
            known.update(s.name for s in own)
        full = [self._check(k, known, names)[0] for k in again]
        return statements + list(full)

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
        lengths = [d for slot in self.slots for d in slot.shape if isinstance(d, Dim)]
        return any(name in d.names and str(d) != name for d in lengths)

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

    def _length(self, solution: Solution) -> str:
        return f"{self.slots[solution.argument].name}.shape[{solution.axis}]"

    def _check(self, k: int, known: set[str], names: frozenset[str]) -> tuple[Check, bool]:
        """The check of argument k, and whether it must be repeated when all sizes are known."""
        slot = self.slots[k]
        lengths: list[str | None] = []
        origins: dict[str, str] = {}
        incomplete = composite = False
        for axis, dim in enumerate(slot.shape):
            if isinstance(dim, int):
                lengths.append(str(dim))
                continue
            solution = self.by_axis.get((k, axis))
            if solution is not None and solution.name not in known:
                nonempty = self._is_plain(solution) and solution.minimum == 1
                lengths.append(None if nonempty else "...")
            elif not dim.names <= known:
                lengths.append("...")
                incomplete = True
            else:
                plain = len(dim.names) == 1 and str(dim) in dim.names
                composite = composite or not plain
                lengths.append(self._expected(dim, names))
                if plain:
                    origins.setdefault(str(dim), f"{{{axis}}}")
        if all(isinstance(dim, int) for dim in slot.shape):
            return Check(slot.name, slot.dtype, tuple(lengths), ""), False
        expected = _braced(format_shape(slot.shape))
        if composite:
            expected += " = {shape}"
        if origins:
            found = {s.name: self.slots[s.argument].name for s in self.solutions}
            parts = [f"{n} = {hole} (from {found[n]})" for n, hole in origins.items()]
            expected += (" and " if composite else " with ") + ", ".join(parts)
        return Check(slot.name, slot.dtype, tuple(lengths), expected), incomplete

    def _expected(self, dim: Dim, names: frozenset[str]) -> str:
        """A length as an expression: sizes that are not read on their own are read here."""
        inline = {s.name: self._length(s) for s in self.solutions if s.name not in names}
        return dims.expression(dim, {**self.rename, **inline})

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
        must_check = checked and not self._is_plain(solution)
        return ReadSize(
            self.rename[solution.name],
            self._length(solution),
            offset,
            solution.factor,
            solution.minimum,
            self.slots[solution.argument].name if must_check else "",
            solution.name,
        )


def _braced(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
