"""Operations on one value twice: differences, quotients, comparisons and choices that are plain."""

from __future__ import annotations

from graphcomp.facts import Sure
from graphcomp.graph import Variable
from graphcomp.ops.arithmetic import Divide, Subtract
from graphcomp.ops.compare import (
    Equal,
    Greater,
    GreaterEqual,
    Less,
    LessEqual,
    Maximum,
    Minimum,
    NotEqual,
    Where,
    maximum,
    where,
)
from graphcomp.ops.create import full_of
from graphcomp.ops.shape import BroadcastTo
from graphcomp.ops.transcendental import cosh, exp, tanh
from graphcomp.rewrite.engine import Context, Pass, rule
from graphcomp.rewrite.patterns import is_floating, retyped


@rule(
    "x - x -> 0, x finite",
    Subtract,
    sample=lambda x: tanh(x) - tanh(x),
    near_miss=lambda x: exp(x) - exp(x),
    stabilisation=True,
)
def difference_of_one(v: Variable, x: Variable, y: Variable, context: Context) -> Variable | None:
    if x is not y or v.type.weak or not context.knows(x).finite:
        return None
    return full_of(0, v.type)


@rule(
    "x / x -> 1, x finite and not 0",
    Divide,
    sample=lambda x: (1.5 + tanh(x)) / (1.5 + tanh(x)),
    near_miss=lambda x: cosh(x) / cosh(x),
    stabilisation=True,
)
def quotient_of_one(v: Variable, x: Variable, y: Variable, context: Context) -> Variable | None:
    if x is not y or v.type.weak or not is_floating(v):
        return None
    known = context.knows(x)
    return full_of(1, v.type) if known.finite and known.nonzero else None


@rule(
    "x < x -> False, x <= x -> True",
    Less,
    Greater,
    NotEqual,
    LessEqual,
    GreaterEqual,
    Equal,
    sample=lambda x: x < x,
    near_miss=lambda x: x <= x,
)
def comparison_of_one(v: Variable, x: Variable, y: Variable, context: Context) -> Variable | None:
    if x is not y or v.type.weak or x.dtype.kind == "c":
        return None
    if isinstance(v.op, (Less, Greater)):
        return full_of(False, v.type)
    # x == x is how one asks for a NaN: finite inputs are no answer to that.
    numbers = context.knows(x).never_nan == Sure.ALWAYS
    return full_of(not isinstance(v.op, NotEqual), v.type) if numbers else None


@rule(
    "where(c, x, x) -> x",
    Where,
    sample=lambda m, x: where(m, x, x),
    near_miss=lambda m, x, y: where(m, x, y),
)
def choice_of_one(v: Variable, condition: Variable, x: Variable, y: Variable) -> Variable | None:
    if x is not y or x.dtype != v.dtype:
        return None
    return retyped(v, BroadcastTo(v.shape)(x))


@rule(
    "maximum(x, x) -> x",
    Maximum,
    Minimum,
    sample=lambda x: maximum(x, x),
    near_miss=lambda x, y: maximum(x, y),
)
def extreme_of_one(v: Variable, x: Variable, y: Variable) -> Variable | None:
    return retyped(v, x) if x is y else None


same = Pass(
    "same",
    [difference_of_one, quotient_of_one, comparison_of_one, choice_of_one, extreme_of_one],
)
