"""Floor-division and remainder of dimensions, carried out as far as all sizes allow."""

from __future__ import annotations

import functools
import math

from graphcomp.dims.algebra import (
    add,
    atom_and_offset,
    build,
    long_division,
    multiply,
    single,
    subtract,
    terms_of,
)
from graphcomp.dims.atoms import DimLike
from graphcomp.dims.bounds import call_atom, divisor_sign, lower_bound


@functools.lru_cache(maxsize=4096)
def divide(kind: str, left: DimLike, right: DimLike) -> DimLike:
    """``left // right`` or ``left % right``, by kind."""
    if isinstance(left, int) and isinstance(right, int) and right:
        return left // right if kind == "//" else left % right
    sign = divisor_sign(right)
    if sign == 0:
        return single(call_atom(kind, (left, right)))
    if sign < 0:
        positive = divide(kind, multiply(left, -1), multiply(right, -1))
        return positive if kind == "//" else multiply(positive, -1)
    if kind == "//":  # rounding up: -x//d -> -((x + d - 1)//d)
        factors = [c for atoms, c in terms_of(long_division(left, right, exact=True)[1]) if atoms]
        if factors and max(factors) < 0:
            flipped = add(subtract(right, left), -1)
            return multiply(divide("//", flipped, right), -1)
    whole, rest = long_division(left, right)
    quotient = _constant_quotient(rest, right)
    if quotient is not None:
        both = add(whole, quotient), subtract(rest, multiply(quotient, right))
        return both[kind == "%"]
    common, offset = 1, 0
    if isinstance(right, int):  # (2*x + 1)//4 -> x//2, and (2*x + 1) % 4 -> 2*(x % 2) + 1
        common = math.gcd(right, *(c for atoms, c in terms_of(rest) if atoms))
        offset = dict(terms_of(rest)).get((), 0) % common
        rest = build({atoms: c // common for atoms, c in terms_of(rest)})
        right //= common
        inner, shift = atom_and_offset(rest)
        if kind == "//" and inner is not None and inner.kind == "//":
            below = inner.arguments[1]
            if isinstance(below, int):  # (x//a + c)//b -> (x + a*c)//(a*b)
                joined = add(inner.arguments[0], below * shift)
                return add(whole, divide("//", joined, below * right))
    call = single(call_atom(kind, (rest, right)))
    return add(whole, call) if kind == "//" else add(multiply(call, common), offset)


floordiv = functools.partial(divide, "//")


mod = functools.partial(divide, "%")


def _constant_quotient(value: DimLike, divisor: DimLike) -> int | None:
    """0 where ``0 <= value < divisor``, -1 where ``-divisor <= value < 0``, for all sizes."""
    for quotient in (0, -1):
        start = multiply(divisor, quotient)
        inside = subtract(value, start), subtract(add(start, divisor), add(value, 1))
        if all((low := lower_bound(side)) is not None and low >= 0 for side in inside):
            return quotient
    return None
