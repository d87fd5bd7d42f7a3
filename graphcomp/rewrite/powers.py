"""Squares and reciprocals. (Powers with a known exponent become these when they are built.)"""

from __future__ import annotations

from graphcomp.graph import Variable
from graphcomp.ops.arithmetic import Divide, Multiply, Square
from graphcomp.rewrite.engine import Context, Pass, rule
from graphcomp.rewrite.patterns import literal, retyped


@rule("x * x -> x**2", Multiply, sample=lambda x: x * x, near_miss=lambda x, y: x * y)
def product_with_itself(v: Variable, x: Variable, y: Variable) -> Variable | None:
    return retyped(v, Square()(x)) if x is y else None


@rule(
    "y * (1 / x) -> y / x",
    Multiply,
    reads=(Divide,),
    sample=lambda x, y: y * (1.0 / x),
    near_miss=lambda x, y: y * (2.0 / x),
)
def times_reciprocal(
    v: Variable, x: Variable, y: Variable, context: Context
) -> Variable | None:
    for a, b in ((x, y), (y, x)):
        inverse = isinstance(b.op, Divide) and literal(b.inputs[0]) == 1
        if inverse and (not b.ndim or context.is_private(b)):
            return retyped(v, a / b.inputs[1])
    return None


powers = Pass("powers", [product_with_itself, times_reciprocal])
