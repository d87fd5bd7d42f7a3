"""What signs and ranges decide: absolute values, limits, comparisons, and powers of powers."""

from __future__ import annotations

import math
from collections.abc import Callable

from graphcomp.facts import Facts, Sure, rounded
from graphcomp.graph import Variable
from graphcomp.ops.activations import Relu, sigmoid
from graphcomp.ops.arithmetic import Divide, Negative, Power, Sqrt, Square, sqrt, square
from graphcomp.ops.base import Op
from graphcomp.ops.compare import (
    Clip,
    Equal,
    Greater,
    GreaterEqual,
    Isfinite,
    Isinf,
    Isnan,
    Less,
    LessEqual,
    Maximum,
    Minimum,
    NotEqual,
    Where,
    clip,
    isnan,
    maximum,
    minimum,
    where,
)
from graphcomp.ops.create import full_of, ones
from graphcomp.ops.parts import Absolute, Sign, absolute, sign
from graphcomp.ops.shape import BroadcastTo
from graphcomp.ops.transcendental import cosh, exp, tanh
from graphcomp.rewrite.engine import Context, Pass, rule
from graphcomp.rewrite.patterns import number, op_as, retyped
from graphcomp.types import result_dtype


def _ranges(v: Variable, context: Context) -> list[Facts]:
    """What is known of v's inputs, their ranges as numbers of the dtype that they meet in."""
    dtype = result_dtype(*(x.type for x in v.inputs))
    known = [context.knows(x) for x in v.inputs]
    return [f.but(low=rounded(f.low, dtype), high=rounded(f.high, dtype)) for f in known]


def _in_place_of(v: Variable, x: Variable) -> Variable | None:
    """x with v's shape, where it has v's dtype."""
    return retyped(v, BroadcastTo(v.shape)(x)) if x.dtype == v.dtype else None


# ------------------------------------------------------------------------------- absolute values


@rule(
    "abs(x) -> x, x >= 0",
    Absolute,
    sample=lambda x: absolute(exp(x)),
    near_miss=lambda x: absolute(exp(x) - 1.5),
    after_differentiation=True,
)
def absolute_of_nonnegative(v: Variable, x: Variable, context: Context) -> Variable | None:
    return retyped(v, x) if context.knows(x).nonnegative else None


@rule(
    "abs(x) -> -x, x <= 0",
    Absolute,
    sample=lambda x: absolute(tanh(x) - 1.0),
    near_miss=lambda x: absolute(tanh(x) - 0.5),
    after_differentiation=True,
)
def absolute_of_nonpositive(v: Variable, x: Variable, context: Context) -> Variable | None:
    known = context.knows(x)
    return retyped(v, -x) if known.nonpositive and not known.nonnegative else None


@rule(
    "abs(-x) -> abs(x), abs(x)**2 -> x**2",
    Absolute,
    Square,
    sample=lambda x: square(absolute(x)),
    near_miss=lambda x: absolute(square(x) - 1.0),
)
def even(v: Variable, x: Variable) -> Variable | None:
    inner: type[Op] = Absolute if isinstance(v.op, Square) else Negative
    if not isinstance(x.op, inner) or x.inputs[0].dtype.kind == "c":
        return None
    return retyped(v, v.op(x.inputs[0]))


@rule(
    "sign(x) -> 1, x > 0",
    Sign,
    sample=lambda x: sign(cosh(x)),
    near_miss=lambda x: sign(exp(x)),
    stabilisation=True,
)
def sign_of_positive(v: Variable, x: Variable, context: Context) -> Variable | None:
    known = context.knows(x)
    if not known.never_nan or v.dtype.kind == "c" or not (known.positive or known.negative):
        return None
    return full_of(1 if known.positive else -1, v.type)


# ---------------------------------------------------------------------------------------- limits


@rule(
    "maximum(x, y) -> x, x >= y",
    Maximum,
    Minimum,
    sample=lambda x: maximum(exp(x), 0.0),
    near_miss=lambda x: minimum(exp(x), 0.5),
    after_differentiation=True,
)
def known_extreme(v: Variable, x: Variable, y: Variable, context: Context) -> Variable | None:
    known = _ranges(v, context)
    if v.dtype.kind == "c" or not all(f.never_nan for f in known):
        return None
    a, b = known if isinstance(v.op, Maximum) else known[::-1]
    if a.low >= b.high:
        return _in_place_of(v, x)
    return _in_place_of(v, y) if b.low >= a.high else None


@rule(
    "relu(x) -> x, x >= 0",
    Relu,
    sample=lambda x: Relu()(exp(x)),
    near_miss=lambda x: Relu()(tanh(x)),
    after_differentiation=True,
)
def relu_of_nonnegative(v: Variable, x: Variable, context: Context) -> Variable | None:
    return retyped(v, x) if context.knows(x).nonnegative else None


@rule(
    "clip(x, low, high) -> x, low <= x <= high",
    Clip,
    sample=lambda x: clip(sigmoid(x), 0.0, 0.5),
    near_miss=lambda x: clip(sigmoid(x), 1e-9, 0.5),
)
def idle_limits(v: Variable, x: Variable, *limits: Variable, context: Context) -> Variable | None:
    if v.dtype.kind == "c" or x.dtype != v.dtype:
        return None
    op = op_as(Clip, v)
    value, *known = _ranges(v, context)
    has_low = op.has_low and not (value.low >= known[0].high and known[0].never_nan)
    has_high = op.has_high and not (value.high <= known[-1].low and known[-1].never_nan)
    if (has_low, has_high) == (op.has_low, op.has_high):
        return None
    kept = [limits[0]] * has_low + [limits[-1]] * has_high
    return retyped(v, Clip(has_low, has_high)(x, *kept)) if kept else _in_place_of(v, x)


# ----------------------------------------------------------------------------------- comparisons

_Test = Callable[[Facts, Facts], bool]
_HOLDS: dict[type[Op], _Test] = {
    Greater: lambda x, y: x.low > y.high or (y.high <= 0 and x.positive),
    GreaterEqual: lambda x, y: x.low >= y.high,
    Less: lambda x, y: x.high < y.low or (y.low >= 0 and x.negative),
    LessEqual: lambda x, y: x.high <= y.low,
    NotEqual: lambda x, y: _are_apart(x, y),
}
_FAILS: dict[type[Op], _Test] = {
    Greater: lambda x, y: x.high <= y.low,
    GreaterEqual: lambda x, y: x.high < y.low or (y.low >= 0 and x.negative),
    Less: lambda x, y: x.low >= y.high,
    LessEqual: lambda x, y: x.low > y.high or (y.high <= 0 and x.positive),
    Equal: lambda x, y: _are_apart(x, y),
}


def _are_apart(x: Facts, y: Facts) -> bool:
    """Whether the two are equal nowhere."""
    zero = (x, y) if y.low == y.high == 0 else (y, x)
    beside_zero = zero[1].low == zero[1].high == 0 and zero[0].nonzero
    return x.low > y.high or x.high < y.low or beside_zero


@rule(
    "x > y -> True or False, by what is known of both",
    *dict.fromkeys((*_HOLDS, *_FAILS)),
    sample=lambda x: exp(x) < 0,
    near_miss=lambda x: exp(x) > 0,
)
def known_comparison(v: Variable, x: Variable, y: Variable, context: Context) -> Variable | None:
    if x.dtype.kind == "c" or y.dtype.kind == "c" or v.type.weak:
        return None
    a, b = _ranges(v, context)
    # Beside a NaN all comparisons fail, but for !=.
    numbers = min(a.never_nan, b.never_nan) == Sure.ALWAYS or isinstance(v.op, NotEqual)
    if numbers and type(v.op) in _HOLDS and _HOLDS[type(v.op)](a, b):
        return full_of(True, v.type)
    fails = type(v.op) in _FAILS and _FAILS[type(v.op)](a, b)
    return full_of(False, v.type) if fails else None


@rule(
    "isnan(x) -> False, isfinite(x) -> True, where that is known",
    Isnan,
    Isinf,
    Isfinite,
    sample=lambda i: isnan(i / 2),
    near_miss=lambda x: isnan(x),
)
def known_kind(v: Variable, x: Variable, context: Context) -> Variable | None:
    known = context.knows(x)
    sure = known.never_nan if isinstance(v.op, Isnan) else known.finite
    return full_of(isinstance(v.op, Isfinite), v.type) if sure == Sure.ALWAYS else None


@rule(
    "where(True, x, y) -> x, where(False, x, y) -> y",
    Where,
    sample=lambda x, y: where(ones(3, bool), x, y),
    near_miss=lambda m, x, y: where(m, x, y),
)
def known_choice(v: Variable, condition: Variable, x: Variable, y: Variable) -> Variable | None:
    value = number(condition)
    if value is None:
        return None
    return retyped(v, BroadcastTo(v.shape)((x if value else y).astype(v.dtype)))


# ------------------------------------------------------------------------------ powers of powers


def _power(v: Variable) -> tuple[Variable, float] | None:
    """(x, a) of x**a, a plain number."""
    if isinstance(v.op, (Square, Sqrt)):
        return v.inputs[0], 2.0 if isinstance(v.op, Square) else 0.5
    if not isinstance(v.op, Power):
        return None
    exponent = number(v.inputs[1])
    if not isinstance(exponent, (int, float)) or not math.isfinite(exponent):
        return None
    return v.inputs[0], float(exponent)


@rule(
    "(x**a)**b -> x**(a*b), x >= 0 or a and b whole",
    Square,
    Sqrt,
    Power,
    reads=(Square, Sqrt, Power),
    sample=lambda x: sqrt(exp(x) ** 3),
    near_miss=lambda x: square(x) ** 1.5,
)
def power_of_power(v: Variable, x: Variable, *_: Variable, context: Context) -> Variable | None:
    outer, inner = _power(v), _power(x)
    if outer is None or inner is None or v.dtype.kind != "f" or x.dtype != v.dtype:
        return None
    base, a = inner
    b = outer[1]
    whole = a.is_integer() and b.is_integer()
    if a * b == 0 or not (whole or context.knows(base).nonnegative):
        return None
    if a * b != 1 and not context.is_private(x):
        return None
    return retyped(v, base ** (a * b))


@rule(
    "x / sqrt(x) -> sqrt(x), x > 0",
    Divide,
    reads=(Sqrt,),
    sample=lambda x: cosh(x) / sqrt(cosh(x)),
    near_miss=lambda x: exp(x) / sqrt(exp(x)),
)
def over_root(v: Variable, x: Variable, y: Variable, context: Context) -> Variable | None:
    if not isinstance(y.op, Sqrt) or y.inputs[0] is not x or v.dtype.kind != "f":
        return None
    return retyped(v, y) if context.knows(x).positive else None


signs = Pass(
    "signs",
    [
        even,
        absolute_of_nonnegative,
        absolute_of_nonpositive,
        sign_of_positive,
        known_extreme,
        relu_of_nonnegative,
        idle_limits,
        known_comparison,
        known_kind,
        known_choice,
        power_of_power,
        over_root,
    ],
)
