"""Limits that hold at all sizes, and what they decide: a sign, a comparison."""

from __future__ import annotations

import functools
import hashlib

from graphcomp.dims.algebra import (
    add,
    build,
    long_division,
    multiply,
    subtract,
    terms_of,
    without,
)
from graphcomp.dims.atoms import Atom, DimLike, Monomial, key_of, own_atoms
from graphcomp.errors import SizeError

_FUEL = 16  # how many cases `lower_bound` looks at before it settles for intervals


def lower_bound(value: DimLike) -> int | None:
    """A number that the value never goes below at any sizes, None where none is found.

    >>> from graphcomp.dims import minimum, size
    >>> n = size("n")
    >>> lower_bound(2 * n - 1), lower_bound(n - minimum(5, n)), lower_bound(-n)
    (1, 0, None)
    """
    return value if isinstance(value, int) else _lower(value, _FUEL)


def upper_bound(value: DimLike) -> int | None:
    """A number that the value never exceeds at any sizes, None where none is found."""
    low = lower_bound(multiply(value, -1))
    return None if low is None else -low


def divisor_sign(divisor: DimLike) -> int:
    """1 or -1, or 0 where a symbolic divisor may have either sign or be zero."""
    if divisor == 0:
        raise SizeError("a size is divided by zero", "give a divisor of at least 1")
    low, high = lower_bound(divisor), upper_bound(divisor)
    return int(low is not None and low > 0) - int(high is not None and high < 0)


def compare(symbol: str, left: DimLike, right: DimLike) -> bool:
    """``left < right`` and its kin, if the same at all sizes, else `SizeError`.

    ``==`` is of two that are not written alike, and so are never equal or undecided.
    """
    # a > b is b < a; a <= b is not b < a; a >= b is not a < b
    small, large = (left, right) if symbol in ("<", ">=") else (right, left)
    difference = subtract(large, small)
    low, high = lower_bound(difference), upper_bound(difference)
    if low is not None and low > 0:
        return symbol in ("<", ">")
    if high is not None and high <= -(symbol == "=="):
        return symbol in ("<=", ">=")
    assert not isinstance(difference, int)
    limits = ", ".join(f"{name} >= {least}" for name, least in difference.sizes)
    raise SizeError(
        f"{left} {symbol} {right} is not decided for all sizes ({limits})",
        "give the axis a number, or a larger minimum by declaring it as 'n + 2' (at least 3), "
        "or write minimum(a, b) or maximum(a, b)",
    )


@functools.lru_cache(maxsize=8192)
def _lower(value: DimLike, fuel: int) -> int | None:
    """The better of interval arithmetic and of putting limits for the outermost call."""
    best = _interval(value)
    calls = [atom for atom in own_atoms(value) if atom.kind]
    if not calls or fuel <= 0:
        return best
    call = max(calls, key=lambda atom: (atom.depth, atom))
    if any(atoms.count(call) > 1 for atoms, _ in terms_of(value)):
        return best
    with_call = {atoms: factor for atoms, factor in terms_of(value) if call in atoms}
    slope = build({without(atoms, (call,)) or (): c for atoms, c in with_call.items()})
    rest = build({atoms: c for atoms, c in terms_of(value) if atoms not in with_call})
    for rising in (True, False):
        tilt = _interval(slope if rising else multiply(slope, -1))
        if tilt is not None and tilt >= 0:
            found = _lower_by_limits(call, slope, rest, rising, fuel)
            return max((low for low in (best, found) if low is not None), default=None)
    return best


def _lower_by_limits(
    call: Atom, slope: DimLike, rest: DimLike, rising: bool, fuel: int
) -> int | None:
    """A lower bound of ``slope * call + rest``, where the slope's sign is known."""
    limits = _limits(call, rising)
    found: list[int | None] = []
    for scale, limit in limits:
        share, remainder = long_division(slope, scale, exact=True)
        fuel_each = (fuel - 1) // len(limits)
        if remainder == 0:
            found.append(_lower(add(multiply(share, limit), rest), fuel_each))
        elif isinstance(scale, int):
            scaled = _lower(add(multiply(slope, limit), multiply(scale, rest)), fuel_each)
            found.append(None if scaled is None else -(-scaled // scale))
    known = [low for low in found if low is not None]
    if call.kind == ("min" if rising else "max"):  # one of them holds, and which is not known
        return min(known) if known and len(known) == len(found) else None
    return max(known, default=None)


def _limits(call: Atom, rising: bool) -> list[tuple[DimLike, DimLike]]:
    """Pairs (d, e): ``d * call >= e`` where rising, else ``d * call <= e``; d is positive.

    All hold, but for a rising minimum and a falling maximum, where one of them does.
    """
    if call.kind in ("min", "max"):
        return [(1, argument) for argument in call.arguments]
    value, divisor = call.arguments
    if (low := _interval(divisor)) is None or low <= 0:
        return []
    start = _interval(value)
    last = subtract(divisor, 1)
    if call.kind == "%":
        limits: list[tuple[DimLike, DimLike]] = [(1, 0 if rising else last)]
    else:
        limits = [(divisor, subtract(value, last) if rising else value)]
    if start is not None and start >= 0:
        limits.append((1, 0 if rising else value))
    return limits


def _interval(value: DimLike) -> int | None:
    """Each atom is its lower bound plus something from 0 to upper - lower; multiply out."""
    if isinstance(value, int):
        return value
    total: dict[Monomial, int] = {}
    for atoms, factor in value._terms:
        if len(set(atoms)) > 10:  # 2**10 products
            return None
        part: dict[Monomial, int] = {(): factor}
        for atom in atoms:
            if atom.low is None:
                return None
            raised = {(*monomial, atom): c for monomial, c in part.items()}
            for monomial, c in part.items() if atom.low else ():
                raised[monomial] = raised.get(monomial, 0) + c * atom.low
            part = raised
        for monomial, c in part.items():
            total[monomial] = total.get(monomial, 0) + c
    bound = total.pop((), 0)
    for monomial, c in total.items():
        if c < 0:
            for atom in monomial:
                if atom.high is None or atom.low is None:
                    return None
                c *= atom.high - atom.low
            bound += c
    return bound


def call_atom(kind: str, arguments: tuple[DimLike, ...]) -> Atom:
    """The atom of a call, with its depth, sizes and limits."""
    key = f"~{kind}({','.join(map(key_of, arguments))})"
    if len(key) > 100:
        key = f"{key[:40]}#{hashlib.blake2b(key.encode(), digest_size=20).hexdigest()}"
    atom = Atom(key)
    inner = [a for argument in arguments for a in own_atoms(argument)]
    atom.kind, atom.arguments = kind, arguments
    atom.depth = 1 + max(a.depth for a in inner)
    atom.sizes = frozenset().union(*(a.sizes for a in inner))
    atom.low, atom.high = _call_range(kind, arguments)
    return atom


def _call_range(kind: str, arguments: tuple[DimLike, ...]) -> tuple[int | None, int | None]:
    lows, highs = [*map(lower_bound, arguments)], [*map(upper_bound, arguments)]
    known_lows = [low for low in lows if low is not None]
    known_highs = [high for high in highs if high is not None]
    if kind == "min":
        all_known = len(known_lows) == len(lows)
        return min(known_lows) if all_known else None, min(known_highs, default=None)
    if kind == "max":
        all_known = len(known_highs) == len(highs)
        return max(known_lows, default=None), max(known_highs) if all_known else None
    (low, least), (high, most) = lows, highs
    if least is None or least <= 0:
        return None, None
    if kind == "%":
        ends = [] if most is None else [most - 1]
        ends += [high] if high is not None and low is not None and low >= 0 else []
        return 0, min(ends, default=None)
    return _quotient(low, least, most, up=False), _quotient(high, least, most, up=True)


def _quotient(value: int | None, least: int, most: int | None, up: bool) -> int | None:
    """The limit of ``value // d`` for d from least to most, below or (``up``) above."""
    if value is None:
        return None
    if (value >= 0) == up:
        return value // least
    return value // most if most is not None else -int(value < 0)
