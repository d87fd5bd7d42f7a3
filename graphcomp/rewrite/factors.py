"""Common and repeated factors: drawn out of sums, and gathered where they have fewest elements."""

from __future__ import annotations

from graphcomp.graph import Variable
from graphcomp.ops.arithmetic import Add, Divide, Multiply, Square, Subtract
from graphcomp.rewrite.engine import Context, Pass, rule
from graphcomp.rewrite.patterns import is_floating, is_scale, retyped, split_divisor, split_scale


@rule(
    "s * x + s * y -> s * (x + y)",
    Add,
    Subtract,
    reads=(Multiply,),
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
    reads=(Divide,),
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
    "A / x + B / x -> (A + B) / x, of arrays",
    Add,
    Subtract,
    reads=(Divide,),
    sample=lambda A, B, x: A / x - B / x,
    near_miss=lambda A, B, x, y: A / x - B / y,
)
def common_denominator(
    v: Variable, x: Variable, y: Variable, context: Context
) -> Variable | None:
    if not (isinstance(x.op, Divide) and isinstance(y.op, Divide)) or x is y:
        return None
    (a, d), (b, other) = x.inputs, y.inputs
    if d is not other or not d.ndim or not is_floating(v) or a.type != v.type or b.type != v.type:
        return None
    if not (context.is_private(x) and context.is_private(y)):
        return None
    return retyped(v, v.op(a, b) / d)


@rule(
    "(x + y) + y -> x + 2 * y",
    Add,
    reads=(Add,),
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
    reads=(Multiply,),
    sample=lambda x, y: (x * y) * x,
    near_miss=lambda x, y, z: (x * y) * z,
)
def repeated_factor(
    v: Variable, x: Variable, y: Variable, context: Context
) -> Variable | None:
    for a, b in ((x, y), (y, x)):
        if isinstance(a.op, Multiply) and context.is_private(a):
            p, q = a.inputs
            if (p is b or q is b) and b.dtype.kind == "b":
                return retyped(v, a)
            if (p is b or q is b) and b.dtype == v.dtype:
                return retyped(v, Square()(b) * (q if p is b else p))
    return None


@rule(
    "(A * x) * y -> A * (x * y), x and y smaller",
    Multiply,
    reads=(Multiply,),
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


@rule(
    "(A * x) / y -> A * (x / y), (A / x) * y -> A * (y / x), x and y smaller",
    Multiply,
    Divide,
    reads=(Multiply, Divide),
    sample=lambda A, x, y: (A / x) * y,
    near_miss=lambda A, B, y: (A / B) * y,
)
def small_quotients(
    v: Variable, x: Variable, y: Variable, context: Context
) -> Variable | None:
    multiplied = isinstance(v.op, Multiply)
    for a, b in ((x, y), (y, x)) if multiplied else ((x, y),):
        if a.shape != v.shape or not b.ndim or not context.is_private(a):
            continue
        if isinstance(a.op, Divide) or (isinstance(a.op, Multiply) and not multiplied):
            for k in (0, 1):
                joined = _small_joined(v, a, k, b)
                if joined is not None:
                    return retyped(v, joined)
    return None


def _small_joined(v: Variable, a: Variable, k: int, b: Variable) -> Variable | None:
    """``a * b`` or ``a / b`` with b joined to the smaller operand of a; k numbers the larger."""
    large, small = a.inputs[k], a.inputs[1 - k]
    if large.shape != v.shape or small.shape == v.shape or not small.ndim:
        return None
    over_small = isinstance(a.op, Divide) and k == 0
    if isinstance(v.op, Multiply):
        factor = b / small if over_small else small * b
    else:
        factor = small * b if over_small else small / b
    if factor.shape not in (small.shape, b.shape) or factor.shape == v.shape:
        return None
    if factor.dtype != v.dtype:
        return None
    if isinstance(a.op, Divide) and (k == 1 or isinstance(v.op, Divide)):
        return large / factor if k == 0 else factor / large
    return large * factor


@rule(
    "A * x + A * y -> A * (x + y)",
    Add,
    Subtract,
    reads=(Multiply, Divide),
    sample=lambda A, x, y: A * x - 2.0 * (A * y),
    near_miss=lambda A, B, x, y: A * x + B * y,
)
def common_factor(v: Variable, x: Variable, y: Variable, context: Context) -> Variable | None:
    if not (v.ndim and x.shape == y.shape == v.shape) or x is y:
        return None
    for A, p in _products(x, context):
        for B, q in _products(y, context):
            if A is B and p.shape == q.shape:
                return retyped(v, A * v.op(p, q))
    return None


def _products(v: Variable, context: Context) -> list[tuple[Variable, Variable]]:
    """The (A, x) that v is privately a product of; of ``s * (A * y)`` x is ``s * y``."""
    scaled, divided = split_scale(v), split_divisor(v)
    product = scaled[1] if scaled else divided[0] if divided else v
    if not isinstance(product.op, Multiply):
        return []
    if not (context.is_private(v) and context.is_private(product)):
        return []
    a, b = product.inputs
    return [
        (A, scaled[0] * x if scaled else x / divided[1] if divided else x)
        for A, x in ((a, b), (b, a))
        if A.ndim and x.ndim and x.dtype == A.dtype
    ]


@rule(
    "A - A * x -> A * (1 - x), x smaller",
    Add,
    Subtract,
    reads=(Multiply, Divide),
    sample=lambda A, x: A - A * x,
    near_miss=lambda A, B: A - A * B,
)
def factor_of_itself(v: Variable, x: Variable, y: Variable, context: Context) -> Variable | None:
    for A, other in ((x, y), (y, x)):
        for B, p in _products(other, context):
            if A is B and p.shape != v.shape:
                return retyped(v, A * (v.op(1.0, p) if A is x else v.op(p, 1.0)))
    return None


factors = Pass(
    "factors",
    [
        common_scale,
        common_divisor,
        common_denominator,
        common_factor,
        factor_of_itself,
        repeated_addend,
        repeated_factor,
        small_factors,
        small_quotients,
    ],
)
