"""Squares and other powers with an exponent that is known."""

from __future__ import annotations

from graphcomp.graph import Variable
from graphcomp.ops.arithmetic import Divide, Multiply, Power, Sqrt, Square
from graphcomp.rewrite.engine import Context, Pass, rule
from graphcomp.rewrite.patterns import literal, number, retyped


@rule("x * x -> x**2", Multiply, sample=lambda x: x * x, near_miss=lambda x, y: x * y)
def product_with_itself(v: Variable, x: Variable, y: Variable) -> Variable | None:
    return retyped(v, Square()(x)) if x is y else None


@rule("x**1 -> x", Power, sample=lambda x: x**1.0, near_miss=lambda i: i**1.0)
def first_power(v: Variable, x: Variable, y: Variable) -> Variable | None:
    return retyped(v, x) if number(y) == 1 else None


@rule("x**2.0 -> x**2", Power, sample=lambda x: x**2.0, near_miss=lambda x: x**3.0)
def second_power(v: Variable, x: Variable, y: Variable) -> Variable | None:
    return retyped(v, Square()(x)) if number(y) == 2 else None


@rule("x**0.5 -> sqrt(x)", Power, sample=lambda x: x**0.5, near_miss=lambda x: x**0.25)
def half_power(v: Variable, x: Variable, y: Variable) -> Variable | None:
    return retyped(v, Sqrt()(x)) if number(y) == 0.5 else None


@rule("x**-1 -> 1 / x", Power, sample=lambda x: x**-1.0, near_miss=lambda x: x**-2.0)
def inverse_power(v: Variable, x: Variable, y: Variable) -> Variable | None:
    return retyped(v, 1.0 / x) if number(y) == -1 else None


@rule(
    "y * (1 / x) -> y / x",
    Multiply,
    sample=lambda x, y: y * (1.0 / x),
    near_miss=lambda x, y: y * (2.0 / x),
)
def times_reciprocal(
    v: Variable, x: Variable, y: Variable, context: Context
) -> Variable | None:
    for a, b in ((x, y), (y, x)):
        if isinstance(b.op, Divide) and literal(b.inputs[0]) == 1 and context.is_private(b):
            return retyped(v, a / b.inputs[1])
    return None


powers = Pass(
    "powers",
    [
        product_with_itself,
        first_power,
        second_power,
        half_power,
        inverse_power,
        times_reciprocal,
    ],
)
