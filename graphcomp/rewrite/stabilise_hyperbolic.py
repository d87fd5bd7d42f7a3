"""Stabilisation of hyperbolic functions written by exponentials, and of their reciprocals."""

from __future__ import annotations

from graphcomp.graph import Variable
from graphcomp.ops.activations import Sigmoid, sigmoid
from graphcomp.ops.arithmetic import Add, Divide, Multiply, Negative, Square, Subtract
from graphcomp.ops.base import weak
from graphcomp.ops.stable import bose, sech
from graphcomp.ops.transcendental import (
    Cosh,
    Exp,
    Expm1,
    Sinh,
    Tanh,
    cosh,
    exp,
    expm1,
    sinh,
    tanh,
)
from graphcomp.rewrite.engine import rule
from graphcomp.rewrite.exponents import (
    are_opposite,
    is_number,
    is_real,
    mirrored,
    one_plus_exp,
    opposite,
    product,
)
from graphcomp.rewrite.patterns import literal, number, retyped


@rule(
    "exp(x) - exp(-x) -> 2 * sinh(x)",
    Subtract,
    reads=(Exp,),
    sample=lambda x: exp(x) - exp(-x),
    near_miss=lambda x, y: exp(x) - exp(-y),
    stabilisation=True,
)
def difference_of_mirrored(v: Variable, x: Variable, y: Variable) -> Variable | None:
    if not (isinstance(x.op, Exp) and isinstance(y.op, Exp) and is_real(v)):
        return None
    s, t = x.inputs[0], y.inputs[0]
    return retyped(v, 2.0 * sinh(s)) if are_opposite(s, t) else None


@rule(
    "(exp(x) + exp(-x)) / 2 -> cosh(x)",
    Divide,
    Multiply,
    reads=(Add,),
    sample=lambda x: (exp(x) + exp(-x)) / 2,
    near_miss=lambda x: (exp(x) + exp(-x)) / 3,
    stabilisation=True,
)
def half_sum_of_mirrored(v: Variable, x: Variable, y: Variable) -> Variable | None:
    half = _halved(v, x, y)
    t = mirrored(half) if half is not None else None
    return None if t is None else retyped(v, cosh(t))


@rule(
    "(2 * sinh(x)) / 2 -> sinh(x)",
    Divide,
    Multiply,
    reads=(Multiply,),
    sample=lambda x: (2 * sinh(x)) / 2,
    near_miss=lambda x: (2 * sinh(x)) / 3,
)
def half_of_double_sinh(v: Variable, x: Variable, y: Variable) -> Variable | None:
    half = _halved(v, x, y)
    t = _double_sinh(half) if half is not None else None
    return None if t is None else retyped(v, sinh(t))


def _halved(v: Variable, x: Variable, y: Variable) -> Variable | None:
    """z of ``z / 2`` and of ``0.5 * z``."""
    if isinstance(v.op, Divide):
        return x if is_number(y, 2) else None
    return x if is_number(y, 0.5) else y if is_number(x, 0.5) else None


def _double_sinh(v: Variable) -> Variable | None:
    """x of ``2 * sinh(x)``."""
    found = isinstance(v.op, Multiply) and literal(v.inputs[0]) == 2
    product = v.inputs[1] if found else v
    return product.inputs[0] if found and isinstance(product.op, Sinh) else None


@rule(
    "2 * sinh(x) / (exp(x) + exp(-x)) -> tanh(x), sinh(x) / cosh(x) -> tanh(x)",
    Divide,
    sample=lambda x: (exp(x) - exp(-x)) / (exp(x) + exp(-x)),
    near_miss=lambda x: sinh(x) / cosh(2 * x),
    reads=(Multiply, Subtract, Sinh),
    stabilisation=True,
)
def hyperbolic_quotient(v: Variable, x: Variable, y: Variable) -> Variable | None:
    if isinstance(x.op, Sinh) and isinstance(y.op, Cosh):
        s, t = x.inputs[0], y.inputs[0]
        return retyped(v, tanh(s)) if s is t else None
    s2, t2 = _odd_part(x), mirrored(y)
    if s2 is None or t2 is None:
        return None
    return retyped(v, tanh(s2)) if s2 is t2 or are_opposite(s2, t2) else None


def _odd_part(v: Variable) -> Variable | None:
    """x of ``2 * sinh(x)``, in both writings."""
    if isinstance(v.op, Subtract) and all(isinstance(a.op, Exp) for a in v.inputs):
        s, t = (a.inputs[0] for a in v.inputs)
        return s if are_opposite(s, t) else None
    return _double_sinh(v)


@rule(
    "expm1(x) / (1 + exp(x)) -> tanh(x / 2)",
    Divide,
    reads=(Expm1, Negative),
    sample=lambda x: expm1(x) / (1 + exp(x)),
    near_miss=lambda x: expm1(x) / (2 + exp(x)),
    stabilisation=True,
)
def expm1_over_sum(v: Variable, x: Variable, y: Variable) -> Variable | None:
    power = one_plus_exp(y)
    above = x.inputs[0] if isinstance(x.op, Negative) else x
    if power is None or not isinstance(above.op, Expm1) or above.inputs[0] is not power.inputs[0]:
        return None
    half = _half_of(power.inputs[0])
    return retyped(v, tanh(half if above is x else opposite(half)))


def _half_of(x: Variable) -> Variable:
    """x / 2, y of 2 * y."""
    if isinstance(x.op, Multiply) and literal(x.inputs[0]) in (2, -2):
        return x.inputs[1] if literal(x.inputs[0]) == 2 else -x.inputs[1]
    return 0.5 * x


@rule(
    "2 * sigmoid(x) - 1 -> tanh(x / 2), 1 - 2 * sigmoid(x) -> -tanh(x / 2)",
    Subtract,
    reads=(Multiply,),
    sample=lambda x: 2 * sigmoid(x) - 1,
    near_miss=lambda x: 3 * sigmoid(x) - 1,
    stabilisation=True,
)
def centred_sigmoid(v: Variable, x: Variable, y: Variable) -> Variable | None:
    for double, one in ((x, y), (y, x)):
        if not (isinstance(double.op, Multiply) and is_number(one, 1)):
            continue
        for two, part in (double.inputs, double.inputs[::-1]):
            if is_number(two, 2) and isinstance(part.op, Sigmoid):
                half = _half_of(part.inputs[0])
                return retyped(v, tanh(half if double is x else opposite(half)))
    return None


@rule(
    "1 + tanh(x) -> 2 * sigmoid(2 * x), 1 - tanh(x) -> 2 * sigmoid(-2 * x)",
    Add,
    Subtract,
    reads=(Tanh,),
    sample=lambda x: 1 - tanh(x),
    near_miss=lambda x: 2 - tanh(x),
    stabilisation=True,
)
def one_plus_tanh(v: Variable, x: Variable, y: Variable) -> Variable | None:
    pairs = ((x, y),) if isinstance(v.op, Subtract) else ((x, y), (y, x))
    for one, curve in pairs:
        if is_number(one, 1) and isinstance(curve.op, Tanh) and is_real(v):
            sign = -2.0 if isinstance(v.op, Subtract) else 2.0
            return retyped(v, 2.0 * sigmoid(_times(sign, curve.inputs[0])))
    return None


def _times(c: float, x: Variable) -> Variable:
    """c * x, joined with a number in front of x."""
    value = literal(x.inputs[0]) if isinstance(x.op, Multiply) else None
    if isinstance(value, (int, float)):
        factor = c * value
        return product(weak(factor), x.inputs[1])
    return c * x


@rule(
    "y / cosh(x) -> y * sech(x), y / cosh(x)**2 -> y * sech(x)**2",
    Divide,
    reads=(Cosh, Square),
    sample=lambda x: 1 / cosh(x),
    near_miss=lambda x: 1 / sinh(x),
    stabilisation=True,
)
def over_cosh(v: Variable, x: Variable, y: Variable) -> Variable | None:
    curve = y.inputs[0] if isinstance(y.op, Square) else y
    if not isinstance(curve.op, Cosh) or not is_real(v) or not is_real(curve):
        return None
    part = sech(curve.inputs[0])
    return retyped(v, product(x, part**2 if isinstance(y.op, Square) else part))


@rule(
    "2 / (exp(x) + exp(-x)) -> sech(x)",
    Divide,
    reads=(Add,),
    sample=lambda x: 2 / (exp(x) + exp(-x)),
    near_miss=lambda x, y: 2 / (exp(x) + exp(-y)),
    stabilisation=True,
)
def over_mirrored(v: Variable, x: Variable, y: Variable) -> Variable | None:
    value, t = number(x), mirrored(y)
    if t is None or not isinstance(value, (int, float)) or x.ndim:
        return None
    return retyped(v, product(weak(value / 2), sech(t)))


@rule(
    "y / expm1(x) -> y * bose(x), exp(x) / expm1(x) -> -bose(-x)",
    Divide,
    reads=(Expm1,),
    sample=lambda x: 1 / expm1(x),
    near_miss=lambda x: x / expm1(x),
    stabilisation=True,
)
def over_expm1(v: Variable, x: Variable, y: Variable) -> Variable | None:
    below = y.inputs[0] if isinstance(y.op, Negative) else y
    if not isinstance(below.op, Expm1) or not is_real(v) or not is_real(below):
        return None
    t = below.inputs[0]
    if isinstance(x.op, Exp) and x.inputs[0] is t:
        part = -bose(opposite(t))
    elif number(x) is not None:
        part = product(x, bose(t))
    else:
        return None
    return retyped(v, part if below is y else -part)


HYPERBOLIC = [
    difference_of_mirrored,
    half_sum_of_mirrored,
    half_of_double_sinh,
    hyperbolic_quotient,
    expm1_over_sum,
    centred_sigmoid,
    one_plus_tanh,
    over_cosh,
    over_mirrored,
    over_expm1,
]
