"""What dimensions are made of: named sizes, and calls of ``//``, ``%``, min and max."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from graphcomp.dims.dim import Dim

DimLike: TypeAlias = "int | Dim"
Shape: TypeAlias = "tuple[int | Dim, ...]"
Monomial: TypeAlias = "tuple[Atom, ...]"


class Size(NamedTuple):
    """A named size and the least value that it takes."""

    name: str
    minimum: int


class Atom(str):
    """A named size (``kind`` is empty) or ``kind`` of ``arguments``.

    The string is a canonical key of bounded length: it gives order, equality and hash at the
    speed of strings, however deep the arguments are; "~" sorts calls behind names.
    """

    __slots__ = ("arguments", "depth", "high", "kind", "low", "sizes")
    kind: str
    arguments: tuple[DimLike, ...]
    depth: int
    low: int | None
    high: int | None
    sizes: frozenset[Size]


@functools.lru_cache(maxsize=4096)
def size_atom(name: str, minimum: int) -> Atom:
    """The atom of a named size; that of a call is made by `bounds.call_atom`."""
    atom = Atom(name if minimum == 1 else f"{name}{{{minimum}}}")
    atom.kind, atom.arguments, atom.depth = "", (), 0
    atom.low, atom.high, atom.sizes = minimum, None, frozenset([Size(name, minimum)])
    return atom


def key_of(value: DimLike) -> str:
    """The value as text, of which the keys of calls are made."""
    if isinstance(value, int):
        return str(value)
    return "+".join("*".join((str(factor), *atoms)) for atoms, factor in value._terms)


def own_atoms(value: DimLike) -> set[Atom]:
    """The atoms of its terms, but not those inside of calls."""
    return set() if isinstance(value, int) else {a for atoms, _ in value._terms for a in atoms}


def all_atoms(value: DimLike) -> list[Atom]:
    """Every atom at any depth, arguments before calls."""
    found: set[Atom] = set()
    stack = list(own_atoms(value))
    while stack:
        atom = stack.pop()
        if atom not in found:
            found.add(atom)
            stack.extend(a for argument in atom.arguments for a in own_atoms(argument))
    return sorted(found, key=lambda atom: (atom.depth, atom))


def size_of(atom: Atom) -> Size:
    """The size of an atom that is a named size."""
    return next(iter(atom.sizes))
