"""Sums and products of dimensions: polynomials over atoms, in one canonical form."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from typing import Any

import numpy as np

from graphcomp.dims import dim
from graphcomp.dims.atoms import Atom, DimLike, Monomial

INTEGERS = (int, np.integer)
LARGEST_POWER = 64


def terms_of(value: DimLike) -> tuple[tuple[Monomial, int], ...]:
    """Pairs (atoms, factor); none for 0."""
    return value._terms if isinstance(value, dim.Dim) else (((), value),) if value else ()


def build(total: dict[Monomial, int]) -> DimLike:
    """Canonical: highest degree first, then by atoms; a constant is an int."""
    terms = [term for term in total.items() if term[1]]
    if not terms or (len(terms) == 1 and not terms[0][0]):
        return terms[0][1] if terms else 0
    if len(terms) > 1:
        terms.sort(key=lambda term: (-len(term[0]), term[0]))
    return dim.Dim(tuple(terms))


def single(atom: Atom) -> dim.Dim:
    """The dimension that is one atom."""
    return dim.Dim((((atom,), 1),))


def plain(operand: Any) -> DimLike:
    """The operand, an integer of NumPy's as an int."""
    return operand if isinstance(operand, dim.Dim) else operator.index(operand)


def add(left: DimLike, right: DimLike) -> DimLike:
    total = dict(terms_of(left))
    for atoms, factor in terms_of(right):
        total[atoms] = total.get(atoms, 0) + factor
    return build(total)


def multiply(left: DimLike, right: DimLike) -> DimLike:
    total: dict[Monomial, int] = {}
    for a, m in terms_of(left):
        for b, n in terms_of(right):
            atoms = tuple(sorted(a + b)) if a and b else a or b
            total[atoms] = total.get(atoms, 0) + m * n
    return build(total)


def subtract(left: DimLike, right: DimLike) -> DimLike:
    return add(left, multiply(right, -1))


def prod(shape: Iterable[DimLike]) -> DimLike:
    """The number of elements of an array of that shape.

    >>> from graphcomp.dims import size
    >>> prod((2, size("n"), size("n")))
    Dim('2*n**2')
    """
    product: DimLike = 1
    for length in shape:
        product = multiply(product, length)
    return product


def long_division(value: DimLike, divisor: DimLike, exact: bool = False) -> tuple[DimLike, DimLike]:
    """Quotient and rest of a long division by the divisor's leading term."""
    lead, by = terms_of(divisor)[0]
    whole: DimLike = 0
    rest: DimLike = 0
    open_ = value
    while terms := terms_of(open_):
        atoms, factor = terms[0]
        quotient = without(atoms, lead)
        count = 0 if quotient is None or (exact and factor % by) else factor // by
        if count and quotient is not None:
            step = build({quotient: count})
            whole, open_ = add(whole, step), subtract(open_, multiply(step, divisor))
        left = terms_of(open_)
        if left and left[0][0] == atoms:  # what remains of this term cannot be divided
            rest = add(rest, build({atoms: left[0][1]}))
            open_ = build(dict(left[1:]))
    return whole, rest


def without(atoms: Monomial, divisor: Monomial) -> Monomial | None:
    """The monomial over the divisor, None where that is no monomial."""
    left = list(atoms)
    for atom in divisor:
        if atom not in left:
            return None
        left.remove(atom)
    return tuple(left)


def atom_and_offset(value: DimLike) -> tuple[Atom | None, int]:
    """(atom, c) where the value is ``atom + c``, else (None, 0)."""
    terms = dict(terms_of(value))
    offset = terms.pop((), 0)
    atoms, factor = next(iter(terms.items())) if len(terms) == 1 else ((), 0)
    return (atoms[0], offset) if len(atoms) == 1 and factor == 1 else (None, 0)
