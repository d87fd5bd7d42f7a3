"""Signs and neutral elements.

A sign moves between values of one dtype only: unsigned integers wrap around.
"""

from __future__ import annotations

from graphcomp.graph import Variable
from graphcomp.ops.arithmetic import Add, Divide, Multiply, Negative, Square, Subtract
from graphcomp.ops.create import full_of, ones, zeros
from graphcomp.ops.shape import BroadcastTo
from graphcomp.rewrite.engine import Context, Pass, rule
from graphcomp.rewrite.patterns import (
    NUMBERS,
    either,
    is_floating,
    leads_with_number,
    negated,
    number,
    retyped,
    unsigned,
)


@rule(
    "x + 0 -> x",
    Add,
    reads=NUMBERS,
    sample=lambda s: zeros(3) + s,
    near_miss=lambda f: f + zeros(3),
)
def add_zero(v: Variable, x: Variable, y: Variable) -> Variable | None:
    # Where the shape stays, adding zero vanishes when it is built; here it broadcasts.
    for a, b in ((x, y), (y, x)):
        if number(b) == 0 and a.dtype == v.dtype:
            return retyped(v, BroadcastTo(v.shape)(a))
    return None


@rule(
    "x - 0 -> x",
    Subtract,
    reads=NUMBERS,
    sample=lambda s: s - zeros(3),
    near_miss=lambda f: f - zeros(3),
)
def subtract_zero(v: Variable, x: Variable, y: Variable) -> Variable | None:
    kept = number(y) == 0 and x.dtype == v.dtype
    return retyped(v, BroadcastTo(v.shape)(x)) if kept else None


@rule(
    "0 - x -> -x",
    Subtract,
    reads=NUMBERS,
    sample=lambda x: 0 - x,
    near_miss=lambda x: 1 - x,
)
def subtract_from_zero(v: Variable, x: Variable, y: Variable) -> Variable | None:
    return retyped(v, -y) if number(x) == 0 and y.dtype == v.dtype else None


@rule(
    "x * 0 -> 0",
    Multiply,
    reads=NUMBERS,
    sample=lambda x: x * zeros(3),
    near_miss=lambda i: i * 0,
    stabilisation=True,
)
def times_zero(v: Variable, x: Variable, y: Variable) -> Variable | None:
    if is_floating(v) and not v.type.weak and (number(x) == 0 or number(y) == 0):
        return full_of(0, v.type)
    return None


@rule(
    "x * 1 -> x",
    Multiply,
    reads=NUMBERS,
    sample=lambda s: ones(3) * s,
    near_miss=lambda x, s: x * s,
)
def times_one(v: Variable, x: Variable, y: Variable) -> Variable | None:
    for a, b in ((x, y), (y, x)):
        if number(b) == 1 and a.dtype == v.dtype:
            return retyped(v, BroadcastTo(v.shape)(a))
    return None


@rule(
    "x / 1 -> x",
    Divide,
    reads=NUMBERS,
    sample=lambda s: s / ones(3),
    near_miss=lambda i: i / 1,
)
def over_one(v: Variable, x: Variable, y: Variable) -> Variable | None:
    kept = number(y) == 1 and x.dtype == v.dtype
    return retyped(v, BroadcastTo(v.shape)(x)) if kept else None


@rule(
    "x * -1 -> -x",
    Multiply,
    reads=NUMBERS,
    sample=lambda x: x * -1.0,
    near_miss=lambda x: x * -2.0,
)
def times_minus_one(v: Variable, x: Variable, y: Variable) -> Variable | None:
    for a, b in ((x, y), (y, x)):
        if number(b) == -1 and a.dtype == v.dtype:
            return retyped(v, -a)
    return None


@rule(
    "x / -1 -> -x",
    Divide,
    reads=NUMBERS,
    sample=lambda x: x / -1.0,
    near_miss=lambda x: x / -2.0,
)
def over_minus_one(v: Variable, x: Variable, y: Variable) -> Variable | None:
    return retyped(v, -x) if number(y) == -1 and x.dtype == v.dtype else None


@rule(
    "(-x) * y -> -(x * y)",
    Multiply,
    reads=(Negative,),
    sample=lambda x, y: x * -y,
    near_miss=lambda x, s: x * -s,
)
def negative_factor(v: Variable, x: Variable, y: Variable) -> Variable | None:
    # A sign on a smaller operand is cheaper where it is.
    found = either(x, y, Negative)
    if found is None or found[0].type != v.type or not v.ndim:
        return None
    return retyped(v, -(found[0].inputs[0] * found[1]))


@rule(
    "(-x) / y -> -(x / y), x / (-y) -> -(x / y)",
    Divide,
    reads=(Negative,),
    sample=lambda x, y: x / -y,
    near_miss=lambda x, s: x / -s,
)
def negative_quotient(v: Variable, x: Variable, y: Variable) -> Variable | None:
    if not v.ndim:
        return None
    if isinstance(x.op, Negative) and x.type == v.type:
        return retyped(v, -(x.inputs[0] / y))
    if isinstance(y.op, Negative) and y.type == v.type:
        return retyped(v, -(x / y.inputs[0]))
    return None


@rule(
    "x + (-y) -> x - y",
    Add,
    reads=(Negative,),
    sample=lambda x, y: -y + x,
    near_miss=lambda x, y: x - y,
)
def add_negative(v: Variable, x: Variable, y: Variable) -> Variable | None:
    for a, b in ((x, y), (y, x)):
        if isinstance(b.op, Negative) and b.dtype == v.dtype:
            return retyped(v, a - b.inputs[0])
    return None


@rule(
    "x - (-y) -> x + y",
    Subtract,
    reads=(Negative,),
    sample=lambda x, y: x - (-y),
    near_miss=lambda x, y: -x - y,
)
def subtract_negative(v: Variable, x: Variable, y: Variable) -> Variable | None:
    signed = isinstance(y.op, Negative) and y.dtype == v.dtype
    return retyped(v, x + y.inputs[0]) if signed else None


@rule(
    "x + (-2 * y) -> x - 2 * y",
    Add,
    sample=lambda x, y: x + -2.0 * y,
    near_miss=lambda x, y: x + 2.0 * y,
)
def add_negative_multiple(
    v: Variable, x: Variable, y: Variable, context: Context
) -> Variable | None:
    for a, b in ((x, y), (y, x)):
        opposite = unsigned(b, context) if is_floating(v) else None
        if opposite is not None:
            return retyped(v, a - opposite)
    return None


@rule(
    "x - (-2 * y) -> x + 2 * y",
    Subtract,
    sample=lambda x, y: x - (-2.0 * y),
    near_miss=lambda x, y: -2.0 * x - y,
)
def subtract_negative_multiple(
    v: Variable, x: Variable, y: Variable, context: Context
) -> Variable | None:
    opposite = unsigned(y, context) if is_floating(v) else None
    return None if opposite is None else retyped(v, x + opposite)


@rule(
    "(-x) - y -> -(x + y)",
    Subtract,
    sample=lambda x, y: -x - y,
    near_miss=lambda x, y: -2.0 * x - y,
)
def negative_minus(v: Variable, x: Variable, y: Variable, context: Context) -> Variable | None:
    # Outside, the sign can meet another.
    if x.type != v.type or not context.is_private(x):
        return None
    opposite = unsigned(x, context, literals=False)
    if opposite is None or leads_with_number(opposite):
        return None
    return retyped(v, -(opposite + y))


@rule(
    "-((-x) * y) -> x * y",
    Negative,
    reads=(Multiply, Divide),
    sample=lambda A, x: -(A * -x),
    near_miss=lambda A, x: -(A * x),
)
def negative_of_product(v: Variable, x: Variable, context: Context) -> Variable | None:
    if not isinstance(x.op, (Multiply, Divide)) or not context.is_private(x):
        return None
    opposite = unsigned(x, context)
    return None if opposite is None else retyped(v, opposite)


@rule(
    "-(x - y) -> y - x",
    Negative,
    reads=(Subtract,),
    sample=lambda x, y: -(x - y),
    near_miss=lambda x, y: -(x + y),
)
def negative_difference(v: Variable, x: Variable, context: Context) -> Variable | None:
    if isinstance(x.op, Subtract) and context.is_private(x):
        a, b = x.inputs
        return retyped(v, b - a)
    return None


@rule(
    "-(2 * x + y) -> -2 * x - y",
    Negative,
    reads=(Add,),
    sample=lambda x, y: -(2.0 * x + y),
    near_miss=lambda x, y: -(x + y),
)
def negative_sum(v: Variable, x: Variable, context: Context) -> Variable | None:
    if not isinstance(x.op, Add) or not is_floating(v) or not context.is_private(x):
        return None
    for a, b in (x.inputs, x.inputs[::-1]):
        if isinstance(a.op, (Multiply, Divide)) and context.is_private(a):
            opposite = negated(a)
            if opposite is not None:
                return retyped(v, opposite - b)
    return None


@rule(
    "x + x -> 2 * x",
    Add,
    sample=lambda x: x + x,
    near_miss=lambda x, y: x + y,
)
def double(v: Variable, x: Variable, y: Variable) -> Variable | None:
    return retyped(v, (2.0 if v.dtype.kind in "fc" else 2) * x) if x is y else None


@rule(
    "(-x)**2 -> x**2",
    Square,
    reads=(Negative,),
    sample=lambda x: Square()(-x),
    near_miss=lambda x: -Square()(x),
)
def square_of_negative(v: Variable, x: Variable) -> Variable | None:
    return Square()(x.inputs[0]) if isinstance(x.op, Negative) else None


identities = Pass(
    "identities",
    [
        add_zero,
        subtract_zero,
        subtract_from_zero,
        times_zero,
        times_one,
        over_one,
        times_minus_one,
        over_minus_one,
        negative_factor,
        negative_quotient,
        add_negative,
        subtract_negative,
        add_negative_multiple,
        subtract_negative_multiple,
        negative_minus,
        negative_of_product,
        negative_difference,
        negative_sum,
        double,
        square_of_negative,
    ],
)
