"""Values that are plainly exponentials, and their logarithms: what stabilisation looks for."""

from __future__ import annotations

import numbers
from collections.abc import Callable

from graphcomp.graph import Variable
from graphcomp.ops.activations import LogSoftmax, Logsumexp, Sigmoid, Softmax, softplus
from graphcomp.ops.arithmetic import Add, Divide, Multiply, Negative, Sqrt, Square, Subtract
from graphcomp.ops.axes import Transpose
from graphcomp.ops.base import Op, as_variable, weak
from graphcomp.ops.indexing import GetItem
from graphcomp.ops.reduce import Mean, Sum
from graphcomp.ops.shape import BroadcastTo, Reshape
from graphcomp.ops.stable import Sech, log_cosh
from graphcomp.ops.transcendental import Exp, Share, log, logaddexp
from graphcomp.rewrite.patterns import fold, literal, number, op_as

_DEPTH = 4  # operations between an exponential and the value that is asked about
_FACTORS = 3  # products deep
_SPLIT = 6

MOVED: tuple[type[Op], ...] = (GetItem, Reshape, Transpose, BroadcastTo)
"""Operations that move elements: a logarithm passes them."""


def is_real(v: Variable) -> bool:
    return bool(v.dtype.kind == "f") and not v.type.weak


def is_number(v: Variable, value: float) -> bool:
    """Whether every element of v plainly equals the number."""
    found = number(v)
    return found is not None and found == value


def log_number(v: Variable, like: Variable) -> Variable | None:
    """The logarithm of a plain positive number, in the dtype of ``like``; 0 as a literal.

    None where v is no such number. Folding it would give a last bit that differs between
    processors.
    """
    value = number(v)
    if not isinstance(value, numbers.Real) or not value > 0:
        return None
    return weak(0.0) if value == 1 else log(v).astype(like.dtype)


def log_of(v: Variable, depth: int = _DEPTH) -> Variable | None:
    """t of v's dtype where v is made like exp(t), else None.

    An exponential, a sigmoid, a softmax, and products, quotients, roots, sums and elements of
    such.
    """
    if not is_real(v) or not depth:
        return None
    t: Variable | None
    direct = _DIRECT.get(type(v.op))
    if direct is not None:
        t = direct(v)
    elif isinstance(v.op, (Multiply, Divide, Add)):
        t = _of_two(v, depth)
    elif type(v.op) in _OF_ONE:
        t = log_of(v.inputs[0], depth - 1)
        t = None if t is None else _OF_ONE[type(v.op)](v, t)
    else:
        return None
    return t.astype(v.dtype) if t is not None and (t.dtype != v.dtype or t.type.weak) else t


def _of_two(v: Variable, depth: int) -> Variable | None:
    logs = []
    for x in v.inputs:
        t = log_of(x, depth - 1)
        logs.append(log_number(x, v) if t is None else t)
    s, t = logs
    if s is None or t is None or (s.type.weak and t.type.weak):
        return None
    if isinstance(v.op, Add):
        return logaddexp(s, t)
    if isinstance(v.op, Multiply):
        return s + t
    return -t if literal(s) == 0 else s - t


_DIRECT: dict[type[Op], Callable[[Variable], Variable]] = {
    Exp: lambda v: v.inputs[0],
    Share: lambda v: v.inputs[0] - v.inputs[1],
    Sech: lambda v: -log_cosh(v.inputs[0]),
    Sigmoid: lambda v: -softplus(opposite(v.inputs[0])),
    Softmax: lambda v: LogSoftmax(op_as(Softmax, v).axes)(v.inputs[0]),
}

_OF_ONE: dict[type[Op], Callable[[Variable, Variable], Variable]] = {
    **{moved: lambda v, t: v.op(t, *v.inputs[1:]) for moved in MOVED},
    Sqrt: lambda v, t: 0.5 * t,
    Square: lambda v, t: 2.0 * t,
    Sum: lambda v, t: log_of_sum(v, t),
    Mean: lambda v, t: log_of_mean(v, t),
}

EXPONENTIALS: tuple[type[Op], ...] = (*_DIRECT, *_OF_ONE, Multiply, Divide, Add)
"""What may compute a value that ``log_of`` knows the logarithm of."""


def log_of_sum(v: Variable, t: Variable) -> Variable:
    """The logarithm of v, a sum of exp(t)."""
    total = op_as(Sum, v)
    return Logsumexp(total.axes, total.keepdims)(t)


def log_of_mean(v: Variable, t: Variable) -> Variable:
    """The logarithm of v, a mean of exp(t)."""
    mean = op_as(Mean, v)
    count = log(as_variable(mean.count(v.inputs[0]))).astype(v.dtype)
    return Logsumexp(mean.axes, mean.keepdims)(t) - count


# ----------------------------------------------------------------------------------------- signs


def opposite(x: Variable) -> Variable:
    """-x, without a second sign: of -y it is y, of -2 * y it is 2 * y, of y - z it is z - y."""
    if isinstance(x.op, Negative):
        return x.inputs[0]
    if isinstance(x.op, Subtract):
        return x.inputs[1] - x.inputs[0]
    unsigned = _unsigned(x)
    return -x if unsigned is None else unsigned


def _unsigned(x: Variable) -> Variable | None:
    """2 * y of -2 * y, and x * y of -x * y; None where x begins with no sign."""
    if not isinstance(x.op, (Multiply, Divide)):
        return None
    first, rest = x.inputs
    if isinstance(first.op, Negative):
        positive: Variable | None = first.inputs[0]
    else:
        value = literal(first)
        is_negative = isinstance(value, (int, float)) and value < 0
        positive = fold(Negative(), value) if is_negative else None
    return None if positive is None else x.op(positive, rest)


def are_opposite(x: Variable, y: Variable) -> bool:
    """Whether x is plainly -y."""
    return x.type == y.type and (opposite(x) is y or opposite(y) is x)


# --------------------------------------------------------------------------------------- products


def one_plus_exp(v: Variable) -> Variable | None:
    """exp(x) of ``1 + exp(x)``."""
    if isinstance(v.op, Add):
        for one, power in (v.inputs, v.inputs[::-1]):
            if is_number(one, 1) and isinstance(power.op, Exp) and is_real(power):
                return power
    return None


def without_factor(v: Variable, factor: Variable, depth: int = _FACTORS) -> Variable | None:
    """v, a product, without that factor; 1 of the factor itself; None where it is not in v."""
    if v is factor:
        return weak(1.0)
    if isinstance(v.op, Negative):
        rest = without_factor(v.inputs[0], factor, depth)
        return None if rest is None else -rest
    if not depth or not isinstance(v.op, (Multiply, Divide)):
        return None
    a, b = v.inputs
    rest = without_factor(a, factor, depth - 1)
    if rest is not None:
        return v.op(rest, b)
    rest = without_factor(b, factor, depth - 1) if isinstance(v.op, Multiply) else None
    return None if rest is None else product(a, rest)


def product(x: Variable, y: Variable) -> Variable:
    """x * y, without a factor of one."""
    for a, b in ((x, y), (y, x)):
        if literal(a) == 1:
            return b
        if literal(a) == -1:
            return -b
    return x * y


def mirrored(v: Variable) -> Variable | None:
    """x of ``exp(x) + exp(-x)``."""
    if isinstance(v.op, Add) and all(isinstance(a.op, Exp) for a in v.inputs) and is_real(v):
        s, t = (a.inputs[0] for a in v.inputs)
        if are_opposite(s, t):
            return t if isinstance(s.op, Negative) else s
    return None


def split_exponential(v: Variable, depth: int = _SPLIT) -> tuple[Variable, Variable] | None:
    """(t, w) where v is ``w * exp(t)``, a product with an exponential in it; else None."""
    t = log_of(v)
    if t is not None:
        return t, weak(1.0)
    if not depth or not isinstance(v.op, (Multiply, Divide)) or not is_real(v):
        return None
    a, b = v.inputs
    first, second = split_exponential(a, depth - 1), split_exponential(b, depth - 1)
    if first is None and second is None:
        return None
    s, p = first or (None, a)
    t, q = second or (None, b)
    if isinstance(v.op, Divide):
        exponent = _difference(s, t)
        return exponent, p if literal(q) == 1 else p / q
    joined = t if s is None else s if t is None else s + t
    assert joined is not None
    return joined, product(p, q)


def _difference(s: Variable | None, t: Variable | None) -> Variable:
    """s - t, where one of them may be missing."""
    if t is None:
        assert s is not None
        return s
    return opposite(t) if s is None else s - t
