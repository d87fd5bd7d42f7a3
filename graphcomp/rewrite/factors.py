"""Common and repeated factors: drawn out of sums, and gathered where they have fewest elements."""

from __future__ import annotations

from graphcomp.graph import Variable
from graphcomp.ops.arithmetic import Add, Multiply, Square, Subtract
from graphcomp.rewrite.engine import Context, Pass, rule
from graphcomp.rewrite.patterns import is_scale, retyped, split_divisor, split_scale


@rule(
    "s * x + s * y -> s * (x + y)",
    Add,
    Subtract,
    sample=lambda x, y, s: s * x + s * y,
    near_miss=lambda x, y, s, t: s * x + t * y,
)
def common_scale(v: Variable, x: Variable, y: Variable, context: Context) -> Variable | None:
    first, second = split_scale(x), split_scale(y)
    if first is None or second is None or first[0] is not second[0] or x is y:
        return None
    if x.shape != y.shape or not (context.is_private(x) and context.is_private(y)):
        return None
    return retyped(v, first[0] * v.op(first[1], second[1]))


@rule(
    "x / s + y / s -> (x + y) / s",
    Add,
    Subtract,
    sample=lambda x, y, s: x / s - y / s,
    near_miss=lambda x, y, s, t: x / s - y / t,
)
def common_divisor(
    v: Variable, x: Variable, y: Variable, context: Context
) -> Variable | None:
    first, second = split_divisor(x), split_divisor(y)
    if first is None or second is None or first[1] is not second[1] or x is y:
        return None
    if x.shape != y.shape or not (context.is_private(x) and context.is_private(y)):
        return None
    return retyped(v, v.op(first[0], second[0]) / first[1])


@rule(
    "(x + y) + y -> x + 2 * y",
    Add,
    sample=lambda x, y: (x + y) + y,
    near_miss=lambda x, y, z: (x + y) + z,
)
def repeated_addend(
    v: Variable, x: Variable, y: Variable, context: Context
) -> Variable | None:
    # An addend of fewer elements is doubled for less; one of as many costs the same.
    for a, b in ((x, y), (y, x)):
        if isinstance(a.op, Add) and b.dtype == v.dtype and context.is_private(a):
            p, q = a.inputs
            if q is b:
                return retyped(v, p + _twice(b))
            if p is b:
                return retyped(v, _twice(b) + q)
    return None


def _twice(x: Variable) -> Variable:
    return (2.0 if x.dtype.kind in "fc" else 2) * x


@rule(
    "(x * y) * x -> x**2 * y",
    Multiply,
    sample=lambda x, y: (x * y) * x,
    near_miss=lambda x, y, z: (x * y) * z,
)
def repeated_factor(
    v: Variable, x: Variable, y: Variable, context: Context
) -> Variable | None:
    for a, b in ((x, y), (y, x)):
        if isinstance(a.op, Multiply) and context.is_private(a):
            p, q = a.inputs
            if (p is b or q is b) and b.dtype == v.dtype:
                return retyped(v, Square()(b) * (q if p is b else p))
    return None


@rule(
    "(A * x) * y -> A * (x * y), x and y smaller",
    Multiply,
    sample=lambda A, x, y: (A * x) * y,
    near_miss=lambda A, B, y: (A * B) * y,
)
def small_factors(
    v: Variable, x: Variable, y: Variable, context: Context
) -> Variable | None:
    for a, b in ((x, y), (y, x)):
        if not isinstance(a.op, Multiply) or a.shape != v.shape or not context.is_private(a):
            continue
        for large, small in (a.inputs, a.inputs[::-1]):
            if large.shape != v.shape or not small.ndim or is_scale(b, a):
                continue
            factor = small * b
            smaller = factor.shape in (small.shape, b.shape) and factor.shape != v.shape
            if smaller and factor.dtype == v.dtype:
                return retyped(v, large * factor)
    return None


factors = Pass(
    "factors",
    [common_scale, common_divisor, repeated_addend, repeated_factor, small_factors],
)
