"""The operations' meanings as fragments, made once for each operation and types of operands."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from codegen import fragment as fragments
from codegen.facts import sizes_in, strong_number
from codegen.fragment import Fragment
from graphcomp.errors import OptionError, SizeError
from graphcomp.graph import Variable
from graphcomp.ops.base import Constant, Input, Meaning, SizeOf
from graphcomp.ops.scipy_modules import SCIPY_MODULES


class Meant(NamedTuple):
    """An operation's fragment and the sizes that it reads."""

    fragment: Fragment
    sizes: frozenset[str]


class Meanings:
    """The fragments of a function's operations; ``rename`` maps sizes to their names in it.

    ``allow`` are the packages beside NumPy that they may use.

    ``of`` holds them by variable; ``same`` maps each variable to the one whose value it has
    without an operation, itself as a rule.
    """

    def __init__(
        self,
        order: Iterable[Variable],
        rename: Mapping[str, str],
        allow: Collection[str] = (),
    ) -> None:
        self.rename = rename
        self.allow = allow
        self.same: dict[Variable, Variable] = {}
        self.of: dict[Variable, Meant] = {}
        self._cache: dict[tuple[object, ...], Meant] = {}
        for v in order:
            self._enter(v)

    def _enter(self, v: Variable) -> None:
        self.same[v] = v
        if isinstance(v.op, (Input, Constant, SizeOf)) or strong_number(v) is not None:
            return
        meant = self._meant(v)
        k = meant.fragment.parameter
        if k is not None and v.inputs[k].type == v.type:
            self.same[v] = self.same[v.inputs[k]]
        else:
            self.of[v] = meant

    def _meant(self, v: Variable) -> Meant:
        types = tuple([x.type for x in v.inputs])
        key = (v.op.key, *map(id, types))  # types are costly to hash, and most are one object
        found = self._cache.get(key)
        if found is None:
            by_scipy = v.op.scipy_meaning(*types) if "scipy" in self.allow else None
            found = self.written(v, by_scipy or v.op.meaning(*types))
            self._cache[key] = found
        return found

    def written(self, v: Variable, meaning: Meaning) -> Meant:
        """A meaning for the operands of v as a fragment."""
        sizes = self.known_sizes(meaning.literals.values())
        parameters = v.op.parameter_names(len(v.inputs))
        made = fragments.fragment(
            meaning.text, parameters, meaning.literals, meaning.defaults, self.rename
        )
        if "scipy" not in self.allow and not made.helpers.isdisjoint(SCIPY_MODULES):
            raise OptionError(
                f"{v.op.name} has no form in NumPy alone",
                'let the generated file import SciPy: write allow=("scipy",), or --allow scipy '
                "on the command line",
            )
        return Meant(made, sizes)

    def known_sizes(self, values: Iterable[object]) -> frozenset[str]:
        """The sizes in attributes; SizeError for one that no input tells."""
        sizes = sizes_in(values)
        unknown = sorted(sizes - self.rename.keys())
        if unknown:
            raise SizeError(
                f"size {unknown[0]} cannot be found from the shapes of the inputs",
                f"give an input an axis of length {unknown[0]}",
            )
        return sizes
