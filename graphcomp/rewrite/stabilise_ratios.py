"""Stabilisation of ratios of exponentials: sigmoid, softmax, hyperbolic functions."""

from __future__ import annotations

from graphcomp.graph import Variable
from graphcomp.ops.activations import LogSoftmax, Logsumexp, Sigmoid, Softmax, sigmoid, softmax
from graphcomp.ops.arithmetic import Add, Divide, Multiply, Negative, Square, Subtract
from graphcomp.ops.extremes import Max, max
from graphcomp.ops.identity import StopGradient
from graphcomp.ops.reduce import Sum, sum
from graphcomp.ops.shape import Reshape
from graphcomp.ops.stable import LogCosh, Sech, SigmoidSlope, sigmoid_slope
from graphcomp.ops.transcendental import (
    Exp,
    exp,
)
from graphcomp.rewrite.engine import Context, rule
from graphcomp.rewrite.exponents import (
    are_opposite,
    is_number,
    is_real,
    log_of,
    one_plus_exp,
    opposite,
    product,
    without_factor,
)
from graphcomp.rewrite.patterns import op_as, retyped

# --------------------------------------------------------------------------------------- sigmoid


@rule(
    "y / (1 + exp(x)) -> y * sigmoid(-x), y * exp(x) / (1 + exp(x)) -> y * sigmoid(x)",
    Divide,
    reads=(Add,),
    sample=lambda x: 1 / (1 + exp(-x)),
    near_miss=lambda x: 1 / (2 + exp(-x)),
    stabilisation=True,
)
def over_one_plus_exp(v: Variable, x: Variable, y: Variable) -> Variable | None:
    power = one_plus_exp(y)
    if power is None or not is_real(v):
        return None
    t = power.inputs[0]
    rest = without_factor(x, power)
    if rest is not None:
        return retyped(v, product(rest, sigmoid(t)))
    return retyped(v, product(x, sigmoid(opposite(t))))


@rule(
    "exp(x) / (exp(x) + exp(y)) -> sigmoid(x - y)",
    Divide,
    reads=(Add,),
    sample=lambda x, y: exp(x) / (exp(x) + exp(y)),
    near_miss=lambda x, y, z: exp(x) / (exp(y) + exp(z)),
    stabilisation=True,
)
def part_of_two(v: Variable, x: Variable, y: Variable) -> Variable | None:
    if not (isinstance(y.op, Add) and all(isinstance(a.op, Exp) for a in y.inputs)):
        return None
    for part, other in (y.inputs, y.inputs[::-1]):
        rest = without_factor(x, part) if is_real(v) else None
        if rest is not None:
            s, t = part.inputs[0], other.inputs[0]
            difference = 2.0 * s if are_opposite(s, t) else s - t
            return retyped(v, product(rest, sigmoid(difference)))
    return None


@rule(
    "1 - sigmoid(x) -> sigmoid(-x)",
    Subtract,
    reads=(Sigmoid,),
    sample=lambda x: 1 - sigmoid(x),
    near_miss=lambda x: 2 - sigmoid(x),
    stabilisation=True,
)
def complement_of_sigmoid(v: Variable, x: Variable, y: Variable) -> Variable | None:
    taken = isinstance(y.op, Sigmoid) and is_number(x, 1)
    return retyped(v, sigmoid(opposite(y.inputs[0]))) if taken else None


@rule(
    "sigmoid(x) * exp(-x) -> sigmoid(-x)",
    Multiply,
    reads=(Exp,),
    sample=lambda x, y: (y * sigmoid(x)) * exp(-x),
    near_miss=lambda x: sigmoid(x) * exp(x),
    stabilisation=True,
)
def sigmoid_times_exp(v: Variable, x: Variable, y: Variable) -> Variable | None:
    for whole, power in ((x, y), (y, x)):
        if isinstance(power.op, Exp) and is_real(v):
            t = power.inputs[0]
            factor = sigmoid(opposite(t))
            rest = without_factor(whole, factor)
            if rest is not None:
                return retyped(v, product(rest, sigmoid(t)))
    return None


@rule(
    "sigmoid(x) / sigmoid(-x) -> exp(x)",
    Divide,
    reads=(Sigmoid,),
    sample=lambda x: sigmoid(x) / sigmoid(-x),
    near_miss=lambda x: sigmoid(x) / sigmoid(2 * x),
    stabilisation=True,
)
def odds(v: Variable, x: Variable, y: Variable) -> Variable | None:
    if isinstance(x.op, Sigmoid) and isinstance(y.op, Sigmoid):
        t = x.inputs[0]
        return retyped(v, exp(t)) if are_opposite(t, y.inputs[0]) else None
    return None


@rule(
    "sigmoid(x) * sigmoid(-x) -> sigmoid_slope(x)",
    Multiply,
    reads=(Sigmoid,),
    sample=lambda x: sigmoid(x) * sigmoid(-x),
    near_miss=lambda x: sigmoid(x) * sigmoid(2 * x),
    stabilisation=True,
)
def slope_of_sigmoid(v: Variable, x: Variable, y: Variable) -> Variable | None:
    for whole, part in ((x, y), (y, x)):
        if isinstance(part.op, Sigmoid):
            t = part.inputs[0]
            rest = without_factor(whole, sigmoid(opposite(t)))
            if rest is not None:
                return retyped(v, product(rest, sigmoid_slope(_positive(t))))
    return None


@rule(
    "exp(x) / (1 + exp(x))**2 -> sigmoid_slope(x), y / (1 + exp(x))**2 -> y * sigmoid(-x)**2",
    Divide,
    reads=(Square,),
    sample=lambda x: exp(x) / (1 + exp(x)) ** 2,
    near_miss=lambda x: exp(x) / (2 + exp(x)) ** 2,
    stabilisation=True,
)
def over_squared_sum(v: Variable, x: Variable, y: Variable) -> Variable | None:
    power = one_plus_exp(y.inputs[0]) if isinstance(y.op, Square) else None
    if power is None or not is_real(v):
        return None
    t = power.inputs[0]
    rest = without_factor(x, power)
    if rest is not None:
        return retyped(v, product(rest, sigmoid_slope(_positive(t))))
    return retyped(v, product(x, sigmoid(opposite(t)) ** 2))


def _positive(t: Variable) -> Variable:
    """t or -t, whichever has no sign: for even functions."""
    return t.inputs[0] if isinstance(t.op, Negative) else t


@rule(
    "f(-x) -> f(x), f an even function",
    SigmoidSlope,
    Sech,
    LogCosh,
    reads=(Negative,),
    sample=lambda x: sigmoid_slope(-x),
    near_miss=lambda x: sigmoid_slope(-2.0 * x),
)
def even_of_negative(v: Variable, x: Variable) -> Variable | None:
    return v.op(x.inputs[0]) if isinstance(x.op, Negative) else None


# --------------------------------------------------------------------------------------- softmax


@rule(
    "exp(x) / sum(exp(x)) -> softmax(x)",
    Divide,
    reads=(Sum, Reshape),
    sample=lambda X: exp(X) / sum(exp(X), axis=1, keepdims=True),
    near_miss=lambda A: exp(A) / sum(exp(A), axis=1),
    stabilisation=True,
)
def exp_over_sum(v: Variable, x: Variable, y: Variable) -> Variable | None:
    total = reduction_of(y, v) if is_real(v) else None
    if total is None or not isinstance(total.op, Sum) or not isinstance(total.inputs[0].op, Exp):
        return None
    rest = without_factor(x, total.inputs[0])
    if rest is None:
        return None
    return retyped(v, product(rest, Softmax(total.op.axes)(total.inputs[0].inputs[0])))


@rule(
    "exp(x) / sum(exp(y)) -> exp(x - logsumexp(y))",
    Divide,
    reads=(Sum,),
    sample=lambda X, x: exp(x) / sum(exp(X), axis=0),
    near_miss=lambda X, x: x / sum(exp(X), axis=0),
    stabilisation=True,
)
def exp_over_other_sum(v: Variable, x: Variable, y: Variable) -> Variable | None:
    if not (isinstance(y.op, Sum) and isinstance(y.inputs[0].op, Exp) and is_real(v)):
        return None
    if isinstance(x.op, Exp) and x is y.inputs[0] and reduction_of(y, v) is not None:
        return None
    s = log_of(x)
    if s is None:
        return None
    total = op_as(Sum, y)
    log_total = Logsumexp(total.axes, total.keepdims)(y.inputs[0].inputs[0])
    return retyped(v, exp(s - log_total))


@rule(
    "softmax(x - max(x)) -> softmax(x)",
    Softmax,
    LogSoftmax,
    reads=(Subtract,),
    sample=lambda X: softmax(X - max(X, axis=1, keepdims=True), axis=1),
    near_miss=lambda X, x: softmax(X - x, axis=1),
    stabilisation=True,
)
def softmax_of_shifted(v: Variable, x: Variable) -> Variable | None:
    if not (isinstance(v.op, (Softmax, LogSoftmax)) and isinstance(x.op, Subtract)):
        return None
    whole, shift = x.inputs
    padded = (*(1,) * (x.ndim - shift.ndim), *shift.shape)
    is_constant = whole.shape == x.shape and all(padded[k] == 1 for k in v.op.axes)
    return retyped(v, v.op(whole)) if is_constant and whole.dtype == x.dtype else None


@rule(
    "x - logsumexp(x) -> log_softmax(x)",
    Subtract,
    reads=(Logsumexp, Reshape),
    sample=lambda X: X - Logsumexp((-1,), True)(X),
    near_miss=lambda X: X - Logsumexp((-1,), True)(2 * X),
    stabilisation=True,
)
def minus_logsumexp(v: Variable, x: Variable, y: Variable, context: Context) -> Variable | None:
    total = reduction_of(y, v)
    if total is None or not isinstance(total.op, Logsumexp) or total.inputs[0] is not x:
        return None
    if not (context.is_private(y) and (y is total or context.is_private(total))):
        return None
    return retyped(v, LogSoftmax(total.op.axes)(x))


def reduction_of(y: Variable, whole: Variable) -> Variable | None:
    """The reduction over axes, kept or not, that y brings back to the axes of ``whole``."""
    total = y.inputs[0] if isinstance(y.op, Reshape) else y
    if not isinstance(total.op, (Logsumexp, Sum, Max)) or not total.inputs:
        return None
    axes, reduced = total.op.axes, total.inputs[0]
    kept = tuple(1 if k in axes else reduced.shape[k] for k in range(-reduced.ndim, 0))
    padded = (*(1,) * (whole.ndim - y.ndim), *y.shape)
    return total if padded == kept and whole.ndim == reduced.ndim else None


@rule(
    "logsumexp(x - max(x)) + max(x) -> logsumexp(x)",
    Add,
    reads=(Logsumexp,),
    sample=lambda X: (
        Logsumexp((-1,), True)(X - max(X, 1, keepdims=True)) + max(X, 1, keepdims=True)
    ),
    near_miss=lambda X, s: Logsumexp((-1,), True)(X - s) + s,
    stabilisation=True,
)
def logsumexp_by_hand(v: Variable, x: Variable, y: Variable) -> Variable | None:
    for total, top in ((x, y), (y, x)):
        if not isinstance(total.op, Logsumexp):
            continue
        shifted = total.inputs[0]
        if isinstance(shifted.op, Subtract) and _is_top(shifted.inputs[1], top, total):
            return retyped(v, total.op(shifted.inputs[0]))
    return None


def _is_top(inside: Variable, outside: Variable, total: Variable) -> bool:
    """Whether both are the maximum of what is summed, inside with its axes."""
    op = op_as(Logsumexp, total)
    whole = total.inputs[0]
    top = reduction_of(_passing(inside), whole)
    if top is None or not isinstance(top.op, Max) or top.inputs[0] is not whole.inputs[0]:
        return False
    outer = _passing(outside)
    if outer.shape != total.shape or top.op.axes != op.axes:
        return False
    found = outer.inputs[0] if isinstance(outer.op, Reshape) else outer
    same = isinstance(found.op, Max) and found.inputs[0] is top.inputs[0]
    return same and op_as(Max, found).axes == op.axes


def _passing(x: Variable) -> Variable:
    """x itself, of ``stop_gradient(x)``: what is taken off cancels in derivatives too."""
    return x.inputs[0] if isinstance(x.op, StopGradient) else x


RATIOS = [
    over_one_plus_exp,
    part_of_two,
    complement_of_sigmoid,
    sigmoid_times_exp,
    odds,
    slope_of_sigmoid,
    over_squared_sum,
    even_of_negative,
    exp_over_sum,
    exp_over_other_sum,
    softmax_of_shifted,
    minus_logsumexp,
    logsumexp_by_hand,
]
