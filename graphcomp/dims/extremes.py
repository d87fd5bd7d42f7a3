"""The least and the greatest of several dimensions."""

from __future__ import annotations

import functools

from graphcomp.dims.algebra import add, atom_and_offset, multiply, plain, single, subtract
from graphcomp.dims.atoms import DimLike, key_of
from graphcomp.dims.bounds import call_atom, lower_bound, upper_bound


def minimum(first: DimLike, *others: DimLike) -> DimLike:
    """The least of the values, as a dimension.

    >>> from graphcomp.dims import size
    >>> minimum(5, size("n")), minimum(size("n"), size("n") + 1)
    (Dim('min(5, n)'), Dim('n'))
    """
    return extreme("min", (plain(first), *map(plain, others)))


def maximum(first: DimLike, *others: DimLike) -> DimLike:
    """The greatest of the values, as a dimension.

    >>> from graphcomp.dims import size
    >>> maximum(size("n") - 5, 0), maximum(size("n"), 1)
    (Dim('max(0, n - 5)'), Dim('n'))
    """
    return extreme("max", (plain(first), *map(plain, others)))


@functools.lru_cache(maxsize=4096)
def extreme(kind: str, values: tuple[DimLike, ...]) -> DimLike:
    """The min or max, by kind; without those that another one beats at all sizes."""
    sign = 1 if kind == "min" else -1
    kept: list[DimLike] = []
    spread: dict[DimLike, list[DimLike]] = {}
    for value in values:
        inner, offset = atom_and_offset(value)
        parts = [value]
        if inner is not None and inner.kind == kind:
            # max(max(a, b) + c, d) -> max(a + c, b + c, d)
            parts = [add(argument, offset) for argument in inner.arguments]
        spread[value] = parts
        for part in parts:
            gaps = [(other, multiply(subtract(part, other), sign)) for other in kept]
            if not any((low := lower_bound(gap)) is not None and low >= 0 for _, gap in gaps):
                kept = [o for o, gap in gaps if (high := upper_bound(gap)) is None or high > 0]
                kept.append(part)
    if len(kept) == 1:
        return kept[0]
    for value, parts in spread.items():
        if set(kept) == set(parts):
            return value  # one form: max(0, n) + 1 stays, and is not max(1, n + 1)
    kept.sort(key=lambda part: (not isinstance(part, int), key_of(part)))
    return single(call_atom(kind, tuple(kept)))
