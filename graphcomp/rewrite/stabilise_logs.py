"""Stabilisation of logarithms: of sums and differences of exponentials, and near 1."""

from __future__ import annotations

from graphcomp.graph import Variable
from graphcomp.ops.activations import (
    Sigmoid,
    Softmax,
    sigmoid,
    softmax,
    softplus,
)
from graphcomp.ops.arithmetic import Add, Divide, Multiply, Negative, Sqrt, Square, Subtract, sqrt
from graphcomp.ops.entropies import xlog1py, xlogy
from graphcomp.ops.indexing import getitem
from graphcomp.ops.reduce import Mean, Sum, mean, sum
from graphcomp.ops.stable import WeightedLogsumexp, log1mexp, log_cosh, xlogx
from graphcomp.ops.transcendental import (
    Cosh,
    Exp,
    Expm1,
    Log,
    Log1p,
    arcsinh,
    arctanh,
    cosh,
    exp,
    expm1,
    log,
    log1p,
)
from graphcomp.rewrite.engine import rule
from graphcomp.rewrite.exponents import (
    EXPONENTIALS,
    MOVED,
    are_opposite,
    is_number,
    is_real,
    log_number,
    log_of,
    log_of_mean,
    log_of_sum,
    mirrored,
    opposite,
    split_exponential,
)
from graphcomp.rewrite.patterns import number, op_as, retyped

# -------------------------------------------------------------------- of what is an exponential


@rule(
    "log(exp(x)) -> x",
    Log,
    reads=(Exp,),
    sample=lambda x: log(exp(x)),
    near_miss=lambda x: exp(log(x)),
    stabilisation=True,
)
def log_of_exp(v: Variable, x: Variable) -> Variable | None:
    return _log(v, x) if isinstance(x.op, Exp) else None


@rule(
    "log(sigmoid(x)) -> -softplus(-x)",
    Log,
    reads=(Sigmoid,),
    sample=lambda x: log(sigmoid(x)),
    near_miss=lambda x: log(2 + sigmoid(x)),
    stabilisation=True,
)
def log_of_sigmoid(v: Variable, x: Variable) -> Variable | None:
    return _log(v, x) if isinstance(x.op, Sigmoid) else None


@rule(
    "log(softmax(x)) -> log_softmax(x)",
    Log,
    reads=(Softmax,),
    sample=lambda X: log(softmax(X, axis=1)),
    near_miss=lambda X: log(X * softmax(X, axis=1)),
    stabilisation=True,
)
def log_of_softmax(v: Variable, x: Variable) -> Variable | None:
    return _log(v, x) if isinstance(x.op, Softmax) else None


@rule(
    "log(softmax(x)[i]) -> log_softmax(x)[i]",
    Log,
    reads=MOVED,
    sample=lambda X, i: log(getitem(softmax(X, axis=1), (i, 0))),
    near_miss=lambda X, i: log(getitem(X, (i, 0))),
    stabilisation=True,
)
def log_of_elements(v: Variable, x: Variable) -> Variable | None:
    return _log(v, x) if isinstance(x.op, MOVED) else None


@rule(
    "log(sqrt(exp(x))) -> 0.5 * x",
    Log,
    reads=(Sqrt, Square),
    sample=lambda x: log(sqrt(exp(x))),
    near_miss=lambda x: log(sqrt(x)),
    stabilisation=True,
)
def log_of_power(v: Variable, x: Variable) -> Variable | None:
    return _log(v, x) if isinstance(x.op, (Sqrt, Square)) else None


def _log(v: Variable, x: Variable) -> Variable | None:
    t = log_of(x)
    return None if t is None else retyped(v, t)


@rule(
    "log(x * exp(y)) -> log(x) + y, log(x / exp(y)) -> log(x) - y",
    Log,
    reads=(Multiply, Divide),
    sample=lambda x, y: log((2 + x) ** 2 * exp(y)),
    near_miss=lambda x, y: log(x * y),
    stabilisation=True,
)
def log_of_product(v: Variable, x: Variable) -> Variable | None:
    if not isinstance(x.op, (Multiply, Divide)) or not is_real(v):
        return None
    s, t = (log_of(operand) for operand in x.inputs)
    if s is None and t is None:
        return None
    a, b = x.inputs
    s, t = log(a) if s is None else s, log(b) if t is None else t
    joined = s + t if isinstance(x.op, Multiply) else opposite(t) if is_number(a, 1) else s - t
    return retyped(v, joined)


# ----------------------------------------------------------- of sums and differences of them


@rule(
    "log(1 + exp(x)) -> softplus(x)",
    Log,
    reads=(Add,),
    sample=lambda x: log(1 + exp(x)),
    near_miss=lambda x: log(x + exp(x)),
    stabilisation=True,
)
def log_of_one_plus_exp(v: Variable, x: Variable) -> Variable | None:
    has_one = isinstance(x.op, Add) and any(is_number(a, 1) for a in x.inputs)
    return _log(v, x) if has_one else None


@rule(
    "log1p(exp(x)) -> softplus(x)",
    Log1p,
    reads=EXPONENTIALS,
    sample=lambda x: log1p(exp(x)),
    near_miss=lambda x: log1p(x),
    stabilisation=True,
)
def log1p_of_exp(v: Variable, x: Variable) -> Variable | None:
    t = log_of(x)
    return None if t is None else retyped(v, softplus(t))


@rule(
    "log(exp(x) + exp(y)) -> logaddexp(x, y)",
    Log,
    reads=(Add,),
    sample=lambda x, y: log(exp(x) + exp(y)),
    near_miss=lambda x, y: log(exp(x) + y),
    stabilisation=True,
)
def log_of_two(v: Variable, x: Variable) -> Variable | None:
    has_number = any(number(a) is not None for a in x.inputs)
    return None if has_number or not isinstance(x.op, Add) else _log(v, x)


@rule(
    "log(exp(x) + exp(-x)) -> log_cosh(x) + log(2)",
    Log,
    reads=(Add,),
    sample=lambda x: log(exp(x) + exp(-x)),
    near_miss=lambda x, y: log(exp(x) + exp(-y)),
    stabilisation=True,
)
def log_of_mirrored_exp(v: Variable, x: Variable) -> Variable | None:
    t = mirrored(x)
    return None if t is None else retyped(v, log_cosh(t) + log(2.0).astype(v.dtype))


@rule(
    "log(2 + exp(x)) -> logaddexp(log(2), x)",
    Log,
    reads=(Add,),
    sample=lambda x: log(2 + exp(x)),
    near_miss=lambda x: log(-2 + exp(x)),
    stabilisation=True,
)
def log_of_number_plus_exp(v: Variable, x: Variable) -> Variable | None:
    known = isinstance(x.op, Add) and any(log_number(a, v) is not None for a in x.inputs)
    return _log(v, x) if known else None


@rule(
    "log(sum(exp(x))) -> logsumexp(x)",
    Log,
    reads=(Sum,),
    sample=lambda X: log(sum(exp(X), axis=1)),
    near_miss=lambda X: log(sum(X**2, axis=1)),
    stabilisation=True,
)
def log_of_total(v: Variable, x: Variable) -> Variable | None:
    t = log_of(x.inputs[0]) if isinstance(x.op, Sum) else None
    return None if t is None else retyped(v, log_of_sum(x, t))


@rule(
    "log(sum(w * exp(x))) -> weighted_logsumexp(x, w)",
    Log,
    reads=(Sum,),
    sample=lambda X, x: log(sum((2 + x) ** 2 * exp(X), axis=1)),
    near_miss=lambda X, x: log(sum(X * x, axis=1)),
    stabilisation=True,
)
def log_of_weighted_total(v: Variable, x: Variable) -> Variable | None:
    found = split_exponential(x.inputs[0]) if isinstance(x.op, Sum) else None
    if found is None or found[1].type.weak:
        return None
    terms = x.inputs[0]
    t, w = (part.astype(terms.dtype) for part in found)
    return retyped(v, WeightedLogsumexp(op_as(Sum, x).axes, op_as(Sum, x).keepdims)(t, w))


@rule(
    "log(mean(exp(x))) -> logsumexp(x) - log(n)",
    Log,
    reads=(Mean,),
    sample=lambda X: log(mean(exp(X), axis=1)),
    near_miss=lambda X: log(mean(X**2, axis=1)),
    stabilisation=True,
)
def log_of_average(v: Variable, x: Variable) -> Variable | None:
    t = log_of(x.inputs[0]) if isinstance(x.op, Mean) else None
    return None if t is None else retyped(v, log_of_mean(x, t))


@rule(
    "log(1 - exp(x)) -> log1mexp(x)",
    Log,
    reads=(Subtract, Negative),
    sample=lambda x: log(1 - exp(-(x**2) - 1)),
    near_miss=lambda x: log(1 + x),
    stabilisation=True,
)
def log_of_one_minus_exp(v: Variable, x: Variable) -> Variable | None:
    if isinstance(x.op, Negative) and isinstance(x.inputs[0].op, Expm1):
        return retyped(v, log1mexp(x.inputs[0].inputs[0]))
    if isinstance(x.op, Subtract) and is_number(x.inputs[0], 1):
        t = log_of(x.inputs[1])
        return None if t is None else retyped(v, log1mexp(t))
    return None


@rule(
    "log1p(-exp(x)) -> log1mexp(x)",
    Log1p,
    reads=(Negative,),
    sample=lambda x: log1p(-exp(-(x**2) - 1)),
    near_miss=lambda x: log1p(-x),
    stabilisation=True,
)
def log1p_of_minus_exp(v: Variable, x: Variable) -> Variable | None:
    t = log_of(x.inputs[0]) if isinstance(x.op, Negative) else None
    return None if t is None else retyped(v, log1mexp(t))


@rule(
    "log1p(-sigmoid(x)) -> -softplus(x)",
    Log1p,
    reads=(Negative,),
    sample=lambda x: log1p(-sigmoid(x)),
    near_miss=lambda x: log1p(-softmax(x)),
    stabilisation=True,
)
def log1p_of_minus_sigmoid(v: Variable, x: Variable) -> Variable | None:
    y = x.inputs[0] if isinstance(x.op, Negative) else x
    if y is x or not isinstance(y.op, Sigmoid):
        return None
    return retyped(v, -softplus(y.inputs[0]))


@rule(
    "log(exp(x) - exp(y)) -> x + log1mexp(y - x)",
    Log,
    reads=(Subtract,),
    sample=lambda x, y: log(exp(4 + x**2) - exp(y)),
    near_miss=lambda x, y: log(exp(x) - y),
    stabilisation=True,
)
def log_of_difference(v: Variable, x: Variable) -> Variable | None:
    if not isinstance(x.op, Subtract):
        return None
    s, t = (log_of(operand) for operand in x.inputs)
    return None if s is None or t is None else retyped(v, s + log1mexp(t - s))


@rule(
    "log(exp(x) - 1) -> x + log1mexp(-x)",
    Log,
    reads=(Expm1, Subtract),
    sample=lambda x: log(expm1(x**2)),
    near_miss=lambda x: log(exp(x) - 2),
    stabilisation=True,
)
def log_of_exp_minus_one(v: Variable, x: Variable) -> Variable | None:
    if isinstance(x.op, Expm1):
        t: Variable | None = x.inputs[0]
    else:
        is_minus_one = isinstance(x.op, Subtract) and is_number(x.inputs[1], 1)
        t = log_of(x.inputs[0]) if is_minus_one else None
    return None if t is None or not is_real(v) else retyped(v, t + log1mexp(opposite(t)))


@rule(
    "log(cosh(x)) -> log_cosh(x)",
    Log,
    reads=(Cosh,),
    sample=lambda x: log(cosh(x)),
    near_miss=lambda x: log(cosh(x) - 0.5),
    stabilisation=True,
)
def log_of_cosh(v: Variable, x: Variable) -> Variable | None:
    real = isinstance(x.op, Cosh) and is_real(v)
    return retyped(v, log_cosh(x.inputs[0])) if real else None


# ------------------------------------------------------------------------------- near 1 and at 0


@rule(
    "log(1 + x) -> log1p(x), log(1 - x) -> log1p(-x)",
    Log,
    reads=(Add, Subtract),
    sample=lambda x: log(1 + x),
    near_miss=lambda x: log(2 + x),
    stabilisation=True,
)
def log_near_one(v: Variable, x: Variable) -> Variable | None:
    if not isinstance(x.op, (Add, Subtract)) or not is_real(v) or not is_real(x):
        return None
    a, b = x.inputs
    if is_number(a, 1):
        return retyped(v, log1p(b if isinstance(x.op, Add) else opposite(b)))
    if is_number(b, 1) and isinstance(x.op, Add):
        return retyped(v, log1p(a))
    return None


@rule(
    "log((1 + x) / (1 - x)) -> 2 * arctanh(x)",
    Log,
    reads=(Divide,),
    sample=lambda x: log((1 + x) / (1 - x)),
    near_miss=lambda x, y: log((1 + x) / (1 - y)),
    stabilisation=True,
)
def log_of_mirrored(v: Variable, x: Variable) -> Variable | None:
    above, below = x.inputs if isinstance(x.op, Divide) else (x, x)
    if not (isinstance(above.op, Add) and isinstance(below.op, Subtract) and is_real(v)):
        return None
    places = [k for k in (0, 1) if is_number(above.inputs[k], 1)]
    if not places or not is_number(below.inputs[0], 1):
        return None
    y = above.inputs[1 - places[0]]
    return retyped(v, 2.0 * arctanh(y)) if y is below.inputs[1] else None


@rule(
    "log(x + sqrt(x**2 + 1)) -> arcsinh(x)",
    Log,
    reads=(Add,),
    sample=lambda x: log(x + sqrt(x**2 + 1)),
    near_miss=lambda x, y: log(y + sqrt(x**2 + 1)),
    stabilisation=True,
)
def log_of_hyperbola(v: Variable, x: Variable) -> Variable | None:
    if not isinstance(x.op, Add) or not is_real(v):
        return None
    for a, root in (x.inputs, x.inputs[::-1]):
        if isinstance(root.op, Sqrt) and isinstance(root.inputs[0].op, Add):
            for one, squared in (root.inputs[0].inputs, root.inputs[0].inputs[::-1]):
                if is_number(one, 1) and is_square(squared, a):
                    return retyped(v, arcsinh(a))
    return None


def is_square(v: Variable, x: Variable) -> bool:
    """Whether v is x squared, in one of its two writings."""
    is_product = isinstance(v.op, Multiply) and v.inputs[1] is x
    return v.inputs != () and v.inputs[0] is x and (is_product or isinstance(v.op, Square))


@rule(
    "x * log(x) -> xlogx(x)",
    Multiply,
    reads=(Log,),
    sample=lambda x: x**2 * log(x**2),
    near_miss=lambda x, y: x**2 * log(y**2),
    stabilisation=True,
)
def times_own_log(v: Variable, x: Variable, y: Variable) -> Variable | None:
    for a, b in ((x, y), (y, x)):
        if isinstance(b.op, Log) and b.inputs[0] is a and is_real(a):
            return retyped(v, xlogx(a))
    return None


@rule(
    "y * log(p) + (1 - y) * log1p(-p) -> xlogy(y, p) + xlog1py(1 - y, -p)",
    Add,
    Subtract,
    reads=(Multiply,),
    sample=lambda x, y: y * log(x**2) + (1 - y) * log1p(-(x**2)),
    near_miss=lambda x, y: y * log(x) + (1 + y) * log1p(-x),
    stabilisation=True,
)
def likelihood_of_a_coin(v: Variable, x: Variable, y: Variable) -> Variable | None:
    for first, second, swapped in ((x, y, False), (y, x, True)):
        heads, tails = _weighted(first, Log), _weighted(second, Log1p)
        if heads is None or tails is None or not is_real(v):
            continue
        (w, p), (rest, negative) = heads, tails
        if are_opposite(negative, p) and _is_complement(rest, w):
            terms = xlogy(w, p), xlog1py(rest, negative)
            return retyped(v, v.op(*(terms[::-1] if swapped else terms)))
    return None


def _weighted(v: Variable, kind: type[Log] | type[Log1p]) -> tuple[Variable, Variable] | None:
    """(w, p) of ``w * log(p)``."""
    if isinstance(v.op, Multiply):
        for w, logarithm in (v.inputs, v.inputs[::-1]):
            if isinstance(logarithm.op, kind):
                return w, logarithm.inputs[0]
    return None


def _is_complement(rest: Variable, w: Variable) -> bool:
    """Whether rest is 1 - w; w may be -u, beside which a difference has 1 - u."""
    positive = w.inputs[0] if isinstance(w.op, Negative) else w
    is_difference = isinstance(rest.op, Subtract) and is_number(rest.inputs[0], 1)
    return is_difference and rest.inputs[1] is positive


LOGS = [
    log_of_exp,
    log_of_sigmoid,
    log_of_softmax,
    log_of_elements,
    log_of_power,
    log_of_mirrored,
    log_of_product,
    log_of_one_plus_exp,
    log1p_of_exp,
    log_of_mirrored_exp,
    log_of_two,
    log_of_number_plus_exp,
    log_of_total,
    log_of_weighted_total,
    log_of_average,
    log_of_one_minus_exp,
    log1p_of_minus_sigmoid,
    log1p_of_minus_exp,
    log_of_difference,
    log_of_exp_minus_one,
    log_of_cosh,
    log_of_hyperbola,
    log_near_one,
    times_own_log,
    likelihood_of_a_coin,
]
