"""Arithmetic: ranges by interval arithmetic in the result's dtype, and what keeps zeros away.

Rounding to nearest is monotone, so an interval's ends, computed and rounded as the elements are,
stay bounds of what is computed (Moore, *Interval Analysis*, 1966, without directed rounding).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from graphcomp.facts import INF, NOTHING, Facts, Known, Sure, knows, rounded
from graphcomp.graph import Variable
from graphcomp.ops.arithmetic import (
    Add,
    Cast,
    Cbrt,
    Divide,
    FloorDivide,
    Multiply,
    Negative,
    Power,
    Reciprocal,
    Remainder,
    Sqrt,
    Square,
    Subtract,
)
from graphcomp.ops.base import constant_value
from graphcomp.types import DType, TensorType

_EXACT = 2.0**53  # integers up to here are floats


def operand(x: Variable, facts: Facts, dtype: DType) -> Facts:
    """The facts of an operand as it is computed with: cast to the result's dtype."""
    if x.dtype == dtype or dtype.kind != "f":
        return facts
    low, high = rounded(facts.low, dtype), rounded(facts.high, dtype)
    wider = x.dtype.kind in "biu" or dtype.itemsize >= x.dtype.itemsize
    bounded = low > -INF and high < INF
    return facts.but(
        low=low,
        high=high,
        nonzero=facts.nonzero and (wider or facts.least > 1e-4),  # else it may underflow
        plus_zero=facts.plus_zero and (wider or facts.low >= 0),
        finite=facts.finite if wider else facts.never_nan if bounded else Sure.NO,
    )


def operands(v: Variable, known: Known) -> list[Facts]:
    """The facts of v's inputs, as they are computed with."""
    return [operand(x, known(x), v.dtype) for x in v.inputs]


def ranged(low: float, high: float, type: TensorType) -> Facts:
    """A computed range; none where integers of the type may have wrapped around."""
    low, high = -INF if math.isnan(low) else low, INF if math.isnan(high) else high
    if type.dtype.kind in "biu" and not type.weak:
        limits = (0, 1) if type.dtype.kind == "b" else _limits(type.dtype)
        if low < max(limits[0], -_EXACT) or high > min(limits[1], _EXACT):
            return NOTHING
    return Facts(low, high)


def _limits(dtype: DType) -> tuple[int, int]:
    limits = np.iinfo(dtype)
    return int(limits.min), int(limits.max)


def may_be_infinite(x: Facts, sure: Sure, sign: int = 0) -> bool:
    """Whether x may be an infinity of this sign (0: any) where ``sure`` is given."""
    if x.finite >= sure:
        return False
    return (sign >= 0 and x.high == INF) or (sign <= 0 and x.low == -INF)


def surest(holds: Callable[[Sure], bool], most: Sure) -> Sure:
    """How surely something holds that can hold as surely as ``most``."""
    for sure in (Sure.ALWAYS, Sure.GIVEN):
        if sure <= most and holds(sure):
            return sure
    return Sure.NO


def _plus(low: float, more: float) -> float:
    """A lower end's sum: unknown beside -inf."""
    return -INF if -INF in (low, more) else low + more


@knows(Add)
def of_sum(v: Variable, known: Known) -> Facts:
    x, y = operands(v, known)
    return total(x, y, v.type)


@knows(Subtract)
def of_difference(v: Variable, known: Known) -> Facts:
    x, y = operands(v, known)
    return total(x, negated(y), v.type)


def total(x: Facts, y: Facts, type: TensorType) -> Facts:
    """What is known of x + y. With gradual underflow a sum is 0 only of opposites."""
    both = min(x.never_nan, y.never_nan)
    nan = surest(lambda sure: not _cancel(x, y, sure), both)
    found = ranged(_plus(x.low, y.low), -_plus(-x.high, -y.high), type)
    one_sided = (x.low >= 0 and y.low >= 0) or (x.high <= 0 and y.high <= 0)
    negligible = 1e-20 * float(np.finfo(type.dtype).max) if type.dtype.kind == "f" else 0.0
    small = x.most <= negligible or y.most <= negligible
    return found.but(
        nonzero=type.dtype.kind == "f" and one_sided and (x.nonzero or y.nonzero),
        plus_zero=x.plus_zero or y.plus_zero,
        integer=x.integer and y.integer,
        never_nan=nan,
        finite=min(x.finite, y.finite) if small else Sure.NO,
    )


def _cancel(x: Facts, y: Facts, sure: Sure) -> bool:
    """Whether inf - inf may happen."""
    return any(
        may_be_infinite(x, sure, sign) and may_be_infinite(y, sure, -sign) for sign in (1, -1)
    )


@knows(Negative)
def of_negative(v: Variable, known: Known) -> Facts:
    x = known(v.inputs[0])
    found = negated(x)
    if v.dtype.kind in "biu":
        return ranged(found.low, found.high, v.type).but(nonzero=x.nonzero)
    return found


def negated(x: Facts) -> Facts:
    """What is known of -x."""
    return x.elements().but(low=-x.high, high=-x.low, plus_zero=x.nonzero)


def _times(a: float, b: float) -> float:
    return 0.0 if a == 0 or b == 0 else a * b


@knows(Multiply)
def of_product(v: Variable, known: Known) -> Facts:
    x, y = operands(v, known)
    if v.inputs[0] is v.inputs[1]:
        return squared(x, v.type)
    ends = [_times(a, b) for a in (x.low, x.high) for b in (y.low, y.high)]
    both = min(x.never_nan, y.never_nan)
    real = v.dtype.kind == "f"
    grows = x.least >= 1 or y.least >= 1  # else it may underflow
    shrinks = x.most <= 1 or y.most <= 1  # else it may overflow
    same_sign = (x.low >= 0 and y.low >= 0) or (x.high <= 0 and y.high <= 0)
    return ranged(min(ends), max(ends), v.type).but(
        nonzero=real and grows and x.nonzero and y.nonzero,
        plus_zero=real and same_sign and x.low >= 0 and x.plus_zero and y.plus_zero,
        integer=x.integer and y.integer,
        never_nan=surest(lambda sure: not _indefinite(x, y, sure), both) if real else Sure.NO,
        finite=min(x.finite, y.finite) if real and shrinks else Sure.NO,
    )


def _indefinite(x: Facts, y: Facts, sure: Sure) -> bool:
    """Whether 0 * inf may happen."""
    return any(may_be_infinite(a, sure) and not b.nonzero for a, b in ((x, y), (y, x)))


@knows(Square)
def of_square(v: Variable, known: Known) -> Facts:
    (x,) = operands(v, known)
    return squared(x, v.type)


def squared(x: Facts, type: TensorType) -> Facts:
    """What is known of x * x."""
    if type.dtype.kind == "c":
        return NOTHING
    return ranged(x.least**2, _times(x.most, x.most), type).but(
        nonzero=type.dtype.kind == "f" and x.least >= 1,
        plus_zero=True,
        integer=x.integer,
        never_nan=x.never_nan,
        finite=x.finite if x.most <= 1 else Sure.NO,
    )


@knows(Divide)
def of_quotient(v: Variable, known: Known) -> Facts:
    x, y = operands(v, known)
    return quotient(x, y, v.type)


@knows(Reciprocal)
def of_reciprocal(v: Variable, known: Known) -> Facts:
    (y,) = operands(v, known)
    one = Facts(1.0, 1.0, True, True, True, Sure.ALWAYS, Sure.ALWAYS)
    return quotient(one, y, v.type) if v.dtype.kind == "f" else NOTHING


def quotient(x: Facts, y: Facts, type: TensorType) -> Facts:
    """What is known of x / y. A divisor that may be -0.0 has no sign to count on."""
    if type.dtype.kind != "f" or y.low > y.high:  # the range of no elements
        return NOTHING
    if y.low < 0 and y.high <= 0 and y.nonzero:
        return quotient(negated(x), negated(y), type)
    if not (y.low >= 0 and y.plus_zero):
        shrinks = y.most <= 1 and x.nonzero and y.never_nan == Sure.ALWAYS
        return Facts(nonzero=shrinks, never_nan=_ratio_never_nan(x, y))
    tops = [_over(x.low, y.low), _over(x.low, y.high), _over(x.high, y.low), _over(x.high, y.high)]
    return Facts(
        min(tops),
        max(tops),
        nonzero=x.nonzero and y.most <= 1,
        plus_zero=x.low >= 0 and x.plus_zero,
        never_nan=_ratio_never_nan(x, y),
        finite=min(x.finite, y.never_nan) if y.low >= 1 else Sure.NO,
    )


def _ratio_never_nan(x: Facts, y: Facts) -> Sure:
    """Neither 0 / 0 nor inf / inf."""
    if not (x.nonzero or y.nonzero):
        return Sure.NO
    both = min(x.never_nan, y.never_nan)
    return surest(lambda sure: not (may_be_infinite(x, sure) and may_be_infinite(y, sure)), both)


def _over(a: float, b: float) -> float:
    """a / b for b >= +0, where the range of quotients ends."""
    if a == 0 or b == INF:
        return 0.0
    if b == 0:
        return math.copysign(INF, a)
    try:
        return a / b
    except OverflowError:
        return math.copysign(INF, a)


@knows(FloorDivide)
def of_floored_quotient(v: Variable, known: Known) -> Facts:
    x, y = operands(v, known)
    same = x.low >= 0 and y.low >= 0 and (y.nonzero or v.dtype.kind in "iu")
    return Facts(0.0 if same else -INF, integer=True)


@knows(Remainder)
def of_remainder(v: Variable, known: Known) -> Facts:
    """The result has the divisor's sign, and is not beyond it."""
    _, y = operands(v, known)
    x, _ = operands(v, known)
    low = 0.0 if y.low >= 0 else min(y.low, 0.0)
    high = 0.0 if y.high <= 0 else y.high
    return Facts(low, high, integer=x.integer and y.integer)


@knows(Power)
def of_power(v: Variable, known: Known) -> Facts:
    x, y = operands(v, known)
    if v.dtype.kind == "c":
        return NOTHING
    if v.dtype.kind != "f":  # of integers: it may wrap around
        return NOTHING
    exponent = constant_value(v.inputs[1])
    if exponent is not None and not isinstance(exponent, complex) and exponent % 2 == 0:
        return Facts(0.0, plus_zero=True, never_nan=x.never_nan, integer=x.integer and exponent > 0)
    if not (x.low >= 0 and (x.plus_zero or y.low >= 0)):
        return NOTHING
    low, high = 0.0, INF
    if x.low >= 1 and y.low >= 0:
        low = 1.0
    elif (x.high <= 1 and y.low >= 0) or (x.low >= 1 and y.high <= 0):
        high = 1.0
    return Facts(low, high, plus_zero=x.plus_zero, never_nan=min(x.never_nan, y.never_nan))


@knows(Sqrt)
def of_root(v: Variable, known: Known) -> Facts:
    (x,) = operands(v, known)
    if v.dtype.kind == "c":
        return Facts(nonzero=x.nonzero, finite=x.finite)
    low = math.sqrt(x.low) if 0 < x.low < INF else 0.0
    high = math.sqrt(x.high) if 0 <= x.high < INF else INF
    return Facts(
        low,
        high,
        nonzero=x.nonzero,
        plus_zero=x.plus_zero,
        never_nan=x.never_nan if x.low >= 0 else Sure.NO,
        finite=x.finite if x.low >= 0 else Sure.NO,
    )


@knows(Cbrt)
def of_cube_root(v: Variable, known: Known) -> Facts:
    (x,) = operands(v, known)
    low, high = 0.0 if x.low >= 0 else -INF, 0.0 if x.high <= 0 else INF
    return Facts(low, high, x.nonzero, x.plus_zero, never_nan=x.never_nan, finite=x.finite)


@knows(Cast)
def of_cast(v: Variable, known: Known) -> Facts:
    (x,) = v.inputs
    facts = known(x)
    if v.dtype.kind == "b":
        return Facts(1.0 if facts.nonzero else 0.0, 1.0)
    if x.dtype.kind == "c" and v.dtype.kind != "c":
        return NOTHING
    if v.dtype.kind in "iu":  # infinities and NaN become any number
        sound = facts.finite == Sure.ALWAYS and facts.most <= _EXACT
        low, high = (math.trunc(facts.low), math.trunc(facts.high)) if sound else (-INF, INF)
        return ranged(low, high, v.type)
    return operand(x, facts, v.dtype)
