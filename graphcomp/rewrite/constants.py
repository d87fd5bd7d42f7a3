"""Numbers and other 0-d factors: gathered into one, and moved outward to where they cost least.

``2.0 / n * (X.T @ r)`` has one product with a scalar, on the smallest array: a scale moves from
the operands of products, sums and reshapes to their results wherever these have no more
elements. Where the sizes do not tell (n against p), it moves too: on its way it meets the other
scales and becomes one with them. A value with a name or with a second use stays as it is.
"""

from __future__ import annotations

from graphcomp.graph import Variable
from graphcomp.ops.arithmetic import Add, Divide, Multiply, Negative, Subtract
from graphcomp.ops.base import Constant, constant, weak
from graphcomp.ops.contract import Matmul
from graphcomp.ops.create import full, full_of
from graphcomp.ops.elementwise import Elementwise
from graphcomp.ops.indexing import GetItem
from graphcomp.ops.linalg import Solve
from graphcomp.ops.reduce import Mean, Sum
from graphcomp.ops.shape import Reshape, Transpose
from graphcomp.rewrite.engine import Context, Pass, rule
from graphcomp.rewrite.patterns import (
    NUMBERS,
    as_python,
    fold,
    is_floating,
    is_scale,
    literal,
    negated,
    number,
    pays,
    quotient,
    retyped,
    split_divisor,
    split_scale,
)


@rule(
    "f(float64(2), x) -> f(2, x)",
    Elementwise,
    sample=lambda x: constant(2.5) * x,
    near_miss=lambda f: constant(2.5) * f,
)
def weaken(v: Variable, *operands: Variable) -> Variable | None:
    # As a Python number it is read, and written, without its dtype.
    if len(operands) < 2 or v.type.weak:
        return None
    for i, x in enumerate(operands):
        value = _without_one(x) if x.type.weak else as_python(x)
        if value is None:
            continue
        types = [a.type for a in operands]
        types[i] = value.type
        if v.op.infer(*types) == v.type:
            return v.op(*operands[:i], value, *operands[i + 1 :])
    return None


def _without_one(x: Variable) -> Variable | None:
    """n of the Python number ``1.0 * n``."""
    is_product = isinstance(x.op, Multiply) and literal(x.inputs[0]) == 1
    return x.inputs[1] if is_product else None


@rule(
    "3 / 2 -> 1.5",
    Divide,
    reads=NUMBERS,
    sample=lambda: weak(3.0) / weak(2.0),
    near_miss=lambda: weak(2.0) / weak(0.0),
)
def fold_quotient(v: Variable, x: Variable, y: Variable) -> Variable | None:
    folded = fold(v.op, literal(x), literal(y))
    return None if folded is None else retyped(v, folded)


@rule(
    "c * full(d) -> full(c * d)",
    Add,
    Subtract,
    Multiply,
    Divide,
    Negative,
    reads=NUMBERS,
    sample=lambda: 2.0 * full(3, 3.0),
    near_miss=lambda x: 2.0 * x,
)
def fold_full(v: Variable, *operands: Variable) -> Variable | None:
    if v.type.weak or v.dtype.kind != "f":
        return None
    folded = fold(v.op, *map(number, operands))
    value = None if folded is None else literal(folded)
    return None if value is None else full_of(value, v.type)


@rule(
    "(3 * x) / 2 -> 1.5 * x",
    Divide,
    reads=(Multiply,),
    sample=lambda s: (3.0 * s) / 2.0,
    near_miss=lambda x: x / 4.0,
)
def literal_quotient(v: Variable, x: Variable, d: Variable, context: Context) -> Variable | None:
    if not isinstance(x.op, Multiply) or not context.is_private(x):
        return None
    c, y = x.inputs
    folded = fold(v.op, literal(c), literal(d))
    return None if folded is None else retyped(v, folded * y)


@rule(
    "2 / (4 * x) -> 0.5 / x",
    Divide,
    reads=(Multiply,),
    sample=lambda x: 2.0 / (4.0 * x),
    near_miss=lambda x, y: 2.0 / (x * y),
)
def literal_over_product(
    v: Variable, c: Variable, x: Variable, context: Context
) -> Variable | None:
    if not isinstance(x.op, Multiply) or not context.is_private(x):
        return None
    for d, y in (x.inputs, x.inputs[::-1]):
        folded = fold(v.op, literal(c), literal(d))
        if folded is not None and is_floating(y) and not y.type.weak:
            return retyped(v, folded / y)
    return None


@rule(
    "2 * (x / 4) -> 0.5 * x",
    Multiply,
    reads=(Divide,),
    sample=lambda s: 2.0 * (s / 4.0),
    near_miss=lambda s, t: 2.0 * (s / t),
)
def literal_times_quotient_by_literal(
    v: Variable, c: Variable, x: Variable
) -> Variable | None:
    if not isinstance(x.op, Divide) or x.hints.name:
        return None
    y, d = x.inputs
    folded = fold(x.op, literal(c), literal(d))
    return None if folded is None else retyped(v, folded * y)


@rule(
    "x * (2 / y) -> 2 * (x / y)",
    Multiply,
    reads=(Divide,),
    sample=lambda x, y: x * (2.0 / y),
    near_miss=lambda x, y: x * (y / 2.0),
)
def literal_numerator(
    v: Variable, x: Variable, y: Variable, context: Context
) -> Variable | None:
    for a, b in ((x, y), (y, x)):
        if isinstance(b.op, Divide) and literal(b.inputs[0]) is not None:
            c, d = b.inputs
            private = is_floating(v) and context.is_private(b)
            if private and literal(a) is None and b.shape == v.shape and not d.type.weak:
                return retyped(v, c * (a / d))
    return None


@rule(
    "(2 * x) * (0.5 * y) -> x * y",
    Multiply,
    reads=(Multiply,),
    sample=lambda x, y: (2.0 * x) * (0.5 * y),
    near_miss=lambda x, y: (2.0 * x) * y,
)
def literal_factors(v: Variable, x: Variable, y: Variable) -> Variable | None:
    # Less work even where both operands stay for other uses.
    if not (isinstance(x.op, Multiply) and isinstance(y.op, Multiply) and is_floating(v)):
        return None
    if x.hints.name or y.hints.name:
        return None
    (c, a), (d, b) = x.inputs, y.inputs
    folded = fold(v.op, literal(c), literal(d))
    return None if folded is None else retyped(v, folded * (a * b))


@rule("x * c -> c * x", Multiply, sample=lambda x: x * 2.0, near_miss=lambda x: 2.0 * x)
def scale_first(v: Variable, x: Variable, y: Variable) -> Variable | None:
    return y * x if is_scale(y, x) and not is_scale(x, y) else None


@rule(
    "-(c * x) -> (-c) * x",
    Negative,
    reads=(Multiply, Divide),
    sample=lambda x: -(2.0 * x),
    near_miss=lambda x, s: -(s * x),
)
def negative_of_scaled(v: Variable, x: Variable, context: Context) -> Variable | None:
    if isinstance(x.op, (Multiply, Divide)) and is_floating(v) and context.is_private(x):
        opposite = negated(x.inputs[0])
        if opposite is not None:
            return retyped(v, x.op(opposite, x.inputs[1]))
    return None


@rule(
    "c * (-x) -> (-c) * x",
    Multiply,
    reads=(Negative,),
    sample=lambda x: 2.0 * -x,
    near_miss=lambda x, s: s * -x,
)
def scaled_negative(v: Variable, s: Variable, x: Variable) -> Variable | None:
    if isinstance(x.op, Negative) and is_floating(v) and is_scale(s, x):
        opposite = negated(s)
        if opposite is not None:
            return retyped(v, opposite * x.inputs[0])
    return None


@rule(
    "s * (t * x) -> (s * t) * x",
    Multiply,
    reads=(Multiply,),
    sample=lambda x, s, t: s * (t * x),
    near_miss=lambda x, y, s: s * (y * x),
)
def scale_of_scaled(
    v: Variable, s: Variable, x: Variable, context: Context
) -> Variable | None:
    inner = split_scale(x)
    if inner is None or not is_scale(s, x) or x.hints.name or not is_floating(v):
        return None
    t, y = inner
    folded = fold(v.op, literal(s), literal(t))
    if folded is not None:
        value = number(folded)
        if y.type.weak and not v.type.weak and value is not None:
            folded = full_of(value, v.type)
        return retyped(v, folded * y)
    if not v.ndim or not context.is_private(x):
        return None
    scale = t * s if literal(t) is not None and literal(s) is None else s * t
    return _scaled(v, scale, y)


def _scaled(v: Variable, s: Variable | None, x: Variable) -> Variable | None:
    """``s * x``, unless s was computed in another dtype than v, and less exactly."""
    if s is None or not (s.type.weak or s.dtype == v.dtype):
        return None
    return retyped(v, s * x)


@rule(
    "s * (x / t) -> (s / t) * x",
    Multiply,
    reads=(Divide,),
    sample=lambda x, s, t: s * (x / t),
    near_miss=lambda x, y, s: s * (x / y),
)
def scale_of_quotient(
    v: Variable, s: Variable, x: Variable, context: Context
) -> Variable | None:
    inner = split_divisor(x)
    if inner is None or not is_scale(s, x) or not context.is_private(x):
        return None
    y, d = inner
    return _scaled(v, quotient(s, d), y)


@rule(
    "(s * x) / t -> (s / t) * x",
    Divide,
    reads=(Multiply,),
    sample=lambda x, s, t: (s * x) / t,
    near_miss=lambda x, s, y: (s * x) / y,
)
def quotient_of_scaled(
    v: Variable, x: Variable, d: Variable, context: Context
) -> Variable | None:
    inner = split_scale(x)
    if inner is None or d.ndim or not v.ndim or not context.is_private(x):
        return None
    s, y = inner
    return _scaled(v, quotient(s, d), y)


@rule(
    "(x / s) / t -> x / (s * t)",
    Divide,
    reads=(Divide,),
    sample=lambda x, s, t: x / s / t,
    near_miss=lambda x, y, s: x / y / s,
)
def quotient_of_quotient(
    v: Variable, x: Variable, d: Variable, context: Context
) -> Variable | None:
    inner = split_divisor(x)
    if inner is None or d.ndim or not context.is_private(x):
        return None
    y, e = inner
    divisor = e * d
    return retyped(v, y / divisor) if divisor.type.weak or divisor.dtype == v.dtype else None


@rule(
    "2 * (3 / s) -> 6 / s",
    Multiply,
    reads=(Divide,),
    sample=lambda s: 2.0 * (3.0 / s),
    near_miss=lambda s, t: 2.0 * (t / s),
)
def literal_times_quotient(v: Variable, c: Variable, x: Variable) -> Variable | None:
    if isinstance(x.op, Divide) and literal(c) is not None:
        a, b = x.inputs
        folded = fold(v.op, literal(c), literal(a))
        return None if folded is None else retyped(v, folded / b)
    return None


@rule(
    "(s * x) * y -> s * (x * y), of numbers x * (2 * y) -> (2 * x) * y",
    Multiply,
    reads=(Multiply,),
    sample=lambda x, y, s: (s * x) * y,
    near_miss=lambda x, A, s: (s * x) * A,
)
def scaled_factor(
    v: Variable, x: Variable, y: Variable, context: Context
) -> Variable | None:
    for a, b in ((x, y), (y, x)):
        inner = split_scale(a)
        if inner is None or is_scale(b, a) or not context.is_private(a):
            continue
        s, z = inner
        if not v.ndim:
            return None if a is x else retyped(v, (s * x) * z)
        if a.shape == v.shape:
            return retyped(v, s * (z * b if a is x else b * z))
    return None


@rule(
    "(x / s) * y -> (x * y) / s",
    Multiply,
    reads=(Divide,),
    sample=lambda x, y, s: (x / s) * y,
    near_miss=lambda x, A, s: (x / s) * A,
)
def quotient_factor(
    v: Variable, x: Variable, y: Variable, context: Context
) -> Variable | None:
    for a, b in ((x, y), (y, x)):
        inner = split_divisor(a)
        if inner is None or not b.ndim or not context.is_private(a):
            continue
        z, d = inner
        if a.shape == v.shape:
            return retyped(v, (z * b if a is x else b * z) / d)
    return None


@rule(
    "(s * x) / y -> s * (x / y)",
    Divide,
    reads=(Multiply,),
    sample=lambda x, y, s: (s * x) / y,
    near_miss=lambda x, A, s: (s * x) / A,
)
def scaled_numerator(
    v: Variable, x: Variable, y: Variable, context: Context
) -> Variable | None:
    inner = split_scale(x)
    if inner is None or not y.ndim or x.shape != v.shape or not context.is_private(x):
        return None
    s, z = inner
    return retyped(v, s * (z / y))


@rule(
    "sum(s * x) -> s * sum(x)",
    Sum,
    Mean,
    Reshape,
    Transpose,
    GetItem,
    sample=lambda x, s: (s * x).sum(),
    near_miss=lambda x, y: (x * y).sum(),
)
def linear_of_scaled(
    v: Variable, x: Variable, *_: Variable, context: Context
) -> Variable | None:
    moved = _moved_out(v, 0, context)
    return None if moved is None else retyped(v, moved)


@rule(
    "solve(A, s * x) -> s * solve(A, x)",
    Solve,
    sample=lambda A, x: Solve()(A, -x),
    near_miss=lambda A, x: Solve()(-A, x),
)
def solution_of_scaled(
    v: Variable, A: Variable, b: Variable, context: Context
) -> Variable | None:
    moved = _moved_out(v, 1, context)
    return None if moved is None else retyped(v, moved)


@rule(
    "(s * A) @ B -> s * (A @ B)",
    Matmul,
    sample=lambda A, B, s: (s * A) @ B,
    near_miss=lambda A, X, s: X @ (s * A),
)
def product_of_scaled(
    v: Variable, x: Variable, y: Variable, context: Context
) -> Variable | None:
    for i in (0, 1):
        moved = _moved_out(v, i, context)
        if moved is not None:
            return retyped(v, moved)
    return None


def _moved_out(v: Variable, i: int, context: Context) -> Variable | None:
    """v, linear in its input i, with the scale of that input applied to the result instead."""
    x = v.inputs[i]
    if not is_floating(x):
        return None
    if isinstance(x.op, Negative) and v.ndim < x.ndim and not x.hints.name:
        return -_with_input(v, i, x.inputs[0])
    if not (context.is_private(x) and pays(v.size, x.size)):
        return None
    scaled, divided = split_scale(x), split_divisor(x)
    if scaled is not None and scaled[1].ndim:
        return scaled[0] * _with_input(v, i, scaled[1])
    if divided is not None:
        return _with_input(v, i, divided[0]) / divided[1]
    if isinstance(x.op, Negative):
        return -_with_input(v, i, x.inputs[0])
    return None


@rule(
    "2 * f(0.5 * x, y) -> f(x, y), f linear",
    Multiply,
    reads=(Constant,),
    sample=lambda A, B, x: 2.0 * ((A * (0.5 * x)) @ B),
    near_miss=lambda A, B, x: 2.0 * ((A * x) @ B),
)
def absorbed_literal(
    v: Variable, c: Variable, x: Variable, context: Context
) -> Variable | None:
    if literal(c) is None or not is_floating(x) or x.type.weak:
        return None
    rescaled = _rescaled(x, c, context)
    return None if rescaled is None else retyped(v, rescaled)


_LINEAR = (Matmul, Multiply, Negative, Sum, Reshape, Transpose)


def _rescaled(
    x: Variable, c: Variable, context: Context, depth: int = 3
) -> Variable | None:
    """c * x by way of a literal that x is privately made with."""
    if not depth or not isinstance(x.op, _LINEAR) or not context.is_private(x):
        return None
    if isinstance(x.op, Multiply):
        folded = fold(x.op, literal(c), literal(x.inputs[0]))
        if folded is not None:
            return retyped(x, folded * x.inputs[1])
    for i, y in enumerate(x.inputs):
        if y.dtype == x.dtype and not y.type.weak:
            rescaled = _rescaled(y, c, context, depth - 1)
            if rescaled is not None:
                return retyped(x, _with_input(x, i, rescaled))
    return None


def _with_input(v: Variable, i: int, x: Variable) -> Variable:
    return v.op(*v.inputs[:i], x, *v.inputs[i + 1 :])


constants = Pass(
    "constants",
    [
        weaken,
        fold_quotient,
        fold_full,
        literal_over_product,
        literal_quotient,
        literal_times_quotient_by_literal,
        literal_numerator,
        literal_factors,
        scale_first,
        negative_of_scaled,
        scaled_negative,
        scale_of_scaled,
        scale_of_quotient,
        quotient_of_scaled,
        quotient_of_quotient,
        literal_times_quotient,
        scaled_factor,
        quotient_factor,
        scaled_numerator,
        linear_of_scaled,
        solution_of_scaled,
        product_of_scaled,
        absorbed_literal,
    ],
)
