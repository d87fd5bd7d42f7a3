"""What a dimension is when its sizes are known."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from graphcomp.dims.algebra import INTEGERS, plain, terms_of
from graphcomp.dims.atoms import Atom, DimLike, Size, all_atoms, size_of
from graphcomp.errors import SizeError

_T = TypeVar("_T")


def evaluate(value: DimLike, sizes: Mapping[str, int]) -> int:
    """The number at given sizes; `SizeError` where one is missing or below its minimum.

    >>> from graphcomp.dims import as_dim
    >>> evaluate(as_dim("2*n + m//2"), {"n": 3, "m": 5})
    8
    """

    def leaf(named: Size) -> int:
        if named.name not in sizes:
            raise SizeError(f"size {named.name} of {value} is not given", f"give {named.name}")
        return int(checked(named, sizes[named.name]))

    calls: dict[str, Callable[..., int]]
    calls = {"//": operator.floordiv, "%": operator.mod, "min": min, "max": max}
    return value if isinstance(value, int) else fold(value, leaf, calls)


def fold(value: DimLike, leaf: Callable[[Size], _T], calls: Mapping[str, Callable[..., _T]]) -> _T:
    """The value with ``leaf`` for sizes and ``calls`` for calls, arguments first."""
    known: dict[Atom, Any] = {}

    def total(part: DimLike) -> Any:
        result: Any = 0
        for atoms, factor in terms_of(part):
            product: Any = factor
            for atom in atoms:
                product = product * known[atom]
            result = result + product
        return result

    for atom in all_atoms(value):
        known[atom] = (
            calls[atom.kind](*map(total, atom.arguments)) if atom.kind else leaf(size_of(atom))
        )
    result: _T = total(value)
    return result


def checked(named: Size, value: DimLike) -> DimLike:
    """The value put for a size, which may not be below the size's minimum."""
    if isinstance(value, INTEGERS) and value < named.minimum:
        raise SizeError(
            f"size {named.name} is {value}, and is declared at least {named.minimum}",
            f"declare it with size({named.name!r}, minimum={max(int(value), 0)})",
        )
    return plain(value)
