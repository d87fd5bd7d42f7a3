"""Stabilisation near points: differences that cancel there, quotients 0 / 0, roots of squares."""

from __future__ import annotations

from graphcomp.graph import Variable
from graphcomp.ops.arithmetic import (
    Add,
    Divide,
    Multiply,
    Negative,
    Sqrt,
    Square,
    Subtract,
    sqrt,
    square,
)
from graphcomp.ops.base import weak
from graphcomp.ops.contract import Matmul
from graphcomp.ops.norms import Norm, norm
from graphcomp.ops.parts import Absolute, absolute
from graphcomp.ops.reduce import Sum, sum
from graphcomp.ops.stable import exprel, sin_over_x
from graphcomp.ops.transcendental import (
    Cos,
    Exp,
    Expm1,
    Sin,
    cos,
    exp,
    expm1,
    hypot,
    sin,
)
from graphcomp.rewrite.engine import rule
from graphcomp.rewrite.exponents import is_number, is_real, opposite, product
from graphcomp.rewrite.patterns import literal, op_as, retyped

# ------------------------------------------------------------------------ differences that cancel


@rule(
    "exp(x) - 1 -> expm1(x), 1 - exp(x) -> -expm1(x)",
    Subtract,
    reads=(Exp,),
    sample=lambda x: exp(x) - 1,
    near_miss=lambda x: exp(x) - 2,
    stabilisation=True,
)
def exp_minus_one(v: Variable, x: Variable, y: Variable) -> Variable | None:
    if isinstance(x.op, Exp) and is_number(y, 1) and is_real(v):
        return retyped(v, expm1(x.inputs[0]))
    if isinstance(y.op, Exp) and is_number(x, 1) and is_real(v):
        return retyped(v, -expm1(y.inputs[0]))
    return None


@rule(
    "1 + expm1(x) -> exp(x)",
    Add,
    reads=(Expm1,),
    sample=lambda x: 1 + expm1(x),
    near_miss=lambda x: 2 + expm1(x),
    stabilisation=True,
)
def expm1_plus_one(v: Variable, x: Variable, y: Variable) -> Variable | None:
    for one, power in ((x, y), (y, x)):
        if is_number(one, 1) and isinstance(power.op, Expm1):
            return retyped(v, exp(power.inputs[0]))
    return None


@rule(
    "1 - cos(x) -> 2 * sin(x / 2)**2, cos(x) - 1 -> -2 * sin(x / 2)**2",
    Subtract,
    reads=(Cos,),
    sample=lambda x: 1 - cos(x),
    near_miss=lambda x: 2 - cos(x),
    stabilisation=True,
)
def one_minus_cos(v: Variable, x: Variable, y: Variable) -> Variable | None:
    for one, curve, factor in ((x, y, 2.0), (y, x, -2.0)):
        if is_number(one, 1) and isinstance(curve.op, Cos) and is_real(v):
            return retyped(v, factor * sin(_half_of(curve.inputs[0])) ** 2)
    return None


def _half_of(x: Variable) -> Variable:
    """x / 2, c * y of 2 * c * y."""
    value = literal(x.inputs[0]) if isinstance(x.op, Multiply) else None
    if isinstance(value, (int, float)):
        return product(weak(0.5 * value), x.inputs[1])
    return 0.5 * x


@rule(
    "sqrt(1 + x) - 1 -> x / (1 + sqrt(1 + x))",
    Subtract,
    reads=(Sqrt,),
    sample=lambda x: sqrt(1 + x**2) - 1,
    near_miss=lambda x: sqrt(2 + x**2) - 1,
    stabilisation=True,
)
def sqrt_minus_one(v: Variable, x: Variable, y: Variable) -> Variable | None:
    for root, one, sign in ((x, y, 1), (y, x, -1)):
        if isinstance(root.op, Sqrt) and is_number(one, 1) and is_real(v):
            excess = _beyond_one(root.inputs[0])
            if excess is not None:
                return retyped(v, (excess if sign > 0 else opposite(excess)) / (1 + root))
    return None


def _beyond_one(v: Variable) -> Variable | None:
    """x of ``1 + x`` and -x of ``1 - x``."""
    if isinstance(v.op, Subtract):
        return -v.inputs[1] if is_number(v.inputs[0], 1) else None
    if isinstance(v.op, Add):
        for one, x in (v.inputs, v.inputs[::-1]):
            if is_number(one, 1):
                return x
    return None


# ---------------------------------------------------------------------------------------- 0 / 0


@rule(
    "expm1(x) / x -> exprel(x), expm1(s * x) / x -> s * exprel(s * x)",
    Divide,
    reads=(Expm1, Negative),
    sample=lambda x: expm1(x) / x,
    near_miss=lambda x, y: expm1(x) / y,
    stabilisation=True,
)
def expm1_over_x(v: Variable, x: Variable, y: Variable) -> Variable | None:
    power, sign = (x.inputs[0], -1.0) if isinstance(x.op, Negative) else (x, 1.0)
    if not isinstance(power.op, Expm1) or not is_real(power):
        return None
    t = power.inputs[0]
    ratio = _ratio(t, y)
    return None if ratio is None else retyped(v, product(_signed(sign, ratio), exprel(t)))


@rule(
    "sin(x) / x -> sin_over_x(x), sin(s * x) / x -> s * sin_over_x(s * x)",
    Divide,
    reads=(Sin,),
    sample=lambda x: sin(x) / x,
    near_miss=lambda x, y: sin(x) / y,
    stabilisation=True,
)
def sin_quotient(v: Variable, x: Variable, y: Variable) -> Variable | None:
    if not isinstance(x.op, Sin) or not is_real(x):
        return None
    t = x.inputs[0]
    ratio = _ratio(t, y)
    return None if ratio is None else retyped(v, product(ratio, sin_over_x(t)))


@rule(
    "x / expm1(x) -> 1 / exprel(x), x / sin(x) -> 1 / sin_over_x(x)",
    Divide,
    reads=(Expm1, Sin, Negative),
    sample=lambda x: x / expm1(x),
    near_miss=lambda x, y: x / expm1(y),
    stabilisation=True,
)
def x_over_expm1(v: Variable, x: Variable, y: Variable) -> Variable | None:
    curve, sign = (y.inputs[0], -1.0) if isinstance(y.op, Negative) else (y, 1.0)
    if not isinstance(curve.op, (Expm1, Sin)) or not is_real(curve):
        return None
    t = curve.inputs[0]
    ratio = _ratio(t, x)
    if ratio is None or literal(ratio) is None:
        return None
    regular = exprel(t) if isinstance(curve.op, Expm1) else sin_over_x(t)
    return retyped(v, weak(sign / _float(ratio)) / regular)


@rule(
    "2 * sin(x / 2)**2 / x**2 -> 0.5 * sin_over_x(x / 2)**2, and over x",
    Divide,
    reads=(Multiply,),
    sample=lambda x: (2.0 * sin(0.5 * x) ** 2) / x**2,
    near_miss=lambda x, y: (2.0 * sin(0.5 * x) ** 2) / y**2,
    stabilisation=True,
)
def squared_sine_over_x(v: Variable, x: Variable, y: Variable) -> Variable | None:
    factor = literal(x.inputs[0]) if isinstance(x.op, Multiply) else None
    squared = x.inputs[1] if factor is not None else x
    if not (isinstance(squared.op, Square) and isinstance(squared.inputs[0].op, Sin)):
        return None
    if not isinstance(factor, (int, float)):
        return None
    below = _root_of_square(y)
    base = y if below is None else below
    t = squared.inputs[0].inputs[0]
    ratio = _ratio(t, base)
    if ratio is None or literal(ratio) is None or not is_real(squared):
        return None
    c = factor * _float(ratio) ** 2
    part = weak(c) * sin_over_x(t) ** 2
    return retyped(v, part if below is not None else base * part)


def _ratio(t: Variable, x: Variable) -> Variable | None:
    """t / x where t is plainly a multiple of x, among them -x, 2 * x, s * x and x / 2."""
    if t is x:
        return weak(1.0)
    if isinstance(t.op, Negative):
        ratio = _ratio(t.inputs[0], x)
        return None if ratio is None else _signed(-1.0, ratio)
    if isinstance(x.op, Negative):
        ratio = _ratio(t, x.inputs[0])
        return None if ratio is None else _signed(-1.0, ratio)
    if isinstance(t.op, Multiply):
        a, b = t.inputs
        if b is x or a is x:
            return a if b is x else b
        for c, part in ((a, b), (b, a)):
            ratio = _ratio(part, x) if literal(c) is not None else None
            if ratio is not None:
                return product(c, ratio)
    if isinstance(t.op, Divide) and t.inputs[0] is x and literal(t.inputs[1]):
        return weak(1.0 / _float(t.inputs[1]))
    return None


def _signed(sign: float, ratio: Variable) -> Variable:
    return ratio if sign > 0 else weak(-_float(ratio)) if literal(ratio) else opposite(ratio)


def _float(v: Variable) -> float:
    value = literal(v)
    assert isinstance(value, (int, float))
    return float(value)


# --------------------------------------------------------------------------------- roots of squares


@rule(
    "sqrt(x * x) -> abs(x)",
    Sqrt,
    reads=(Square, Multiply),
    sample=lambda x: sqrt(x**2),
    near_miss=lambda x: sqrt(x**3),
    stabilisation=True,
)
def root_of_square(v: Variable, x: Variable) -> Variable | None:
    base = _root_of_square(x)
    return None if base is None or not is_real(v) else retyped(v, absolute(base))


def _root_of_square(v: Variable) -> Variable | None:
    """x, real, of ``x**2`` and of ``x * x``."""
    if isinstance(v.op, Square) or (isinstance(v.op, Multiply) and v.inputs[0] is v.inputs[1]):
        x = v.inputs[0]
        base = x.inputs[0] if isinstance(x.op, Absolute) else x
        return base if is_real(base) else None
    return None


@rule(
    "sqrt(sum(x**2)) -> norm(x)",
    Sqrt,
    reads=(Sum,),
    sample=lambda X: sqrt(sum(X**2, axis=1)),
    near_miss=lambda X: sqrt(sum(X**4, axis=1)),
    stabilisation=True,
)
def root_of_sum_of_squares(v: Variable, x: Variable) -> Variable | None:
    base = _root_of_square(x.inputs[0]) if isinstance(x.op, Sum) else None
    if base is None or not is_real(v):
        return None
    total = op_as(Sum, x)
    if len(total.axes) > 2 and len(total.axes) < base.ndim:
        return None
    return retyped(v, Norm(total.axes, total.keepdims)(base))


@rule(
    "sqrt(x @ x) -> norm(x)",
    Sqrt,
    reads=(Matmul,),
    sample=lambda x: sqrt(x @ x),
    near_miss=lambda x, y: sqrt(x @ y),
    stabilisation=True,
)
def root_of_dot(v: Variable, x: Variable) -> Variable | None:
    if not isinstance(x.op, Matmul) or not is_real(v):
        return None
    a, b = x.inputs
    return retyped(v, Norm((-1,))(a)) if a is b and a.ndim == 1 else None


@rule(
    "sqrt(x**2 + y**2) -> hypot(x, y)",
    Sqrt,
    reads=(Add,),
    sample=lambda x, y: sqrt(x**2 + y**2),
    near_miss=lambda x, y: sqrt(x**2 + y),
    stabilisation=True,
)
def root_of_two_squares(v: Variable, x: Variable) -> Variable | None:
    length = _length(x) if isinstance(x.op, Add) and is_real(v) else None
    return None if length is None else retyped(v, length)


def _length(v: Variable, depth: int = 4) -> Variable | None:
    """The root of v, a sum of squares."""
    base = _root_of_square(v)
    if base is not None or not depth or not isinstance(v.op, Add):
        return base
    a, b = (_length(x, depth - 1) for x in v.inputs)
    return None if a is None or b is None else hypot(a, b)


@rule(
    "norm(x)**2 -> sum(x**2)",
    Square,
    reads=(Norm,),
    sample=lambda x: square(norm(x)),
    near_miss=lambda x: square(norm(x, 1)),
    stabilisation=True,
)
def square_of_norm(v: Variable, x: Variable) -> Variable | None:
    # The norm has no second derivative at 0, its square has.
    if not isinstance(x.op, Norm) or x.op.ord != 2 or not is_real(x.inputs[0]):
        return None
    return retyped(v, Sum(x.op.axes, x.op.keepdims)(Square()(x.inputs[0])))


POINTS = [
    exp_minus_one,
    expm1_plus_one,
    one_minus_cos,
    sqrt_minus_one,
    expm1_over_x,
    sin_quotient,
    x_over_expm1,
    squared_sine_over_x,
    root_of_square,
    root_of_sum_of_squares,
    root_of_dot,
    root_of_two_squares,
    square_of_norm,
]
