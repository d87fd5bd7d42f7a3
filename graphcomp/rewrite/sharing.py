"""Shared transcendentals: functions of one value that can be had from one exponential.

These passes run when the others have come to rest, and after differentiation only: what they
take apart no rule could read any more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from graphcomp.dims import Shape
from graphcomp.graph import Variable, derived_from, now_derived_from
from graphcomp.ops.activations import (
    LogSoftmax,
    Logsumexp,
    Sigmoid,
    Softmax,
    Softplus,
    relu,
    sigmoid,
    softmax,
    softplus,
)
from graphcomp.ops.arithmetic import Add, Multiply, Negative, Subtract, sqrt
from graphcomp.ops.compare import where
from graphcomp.ops.linalg import unpack_named
from graphcomp.ops.parts import Absolute, absolute
from graphcomp.ops.reduce import Axes, Mean, Sum, mean
from graphcomp.ops.shape import Reshape
from graphcomp.ops.shared import LogSoftmaxSoftmax, LogsumexpSoftmax, shared_exp
from graphcomp.ops.stable import SigmoidSlope, sigmoid_slope
from graphcomp.ops.statistics import Std, Var, var
from graphcomp.ops.transcendental import Exp, Share, exp, log1p, tanh
from graphcomp.rewrite.engine import Changes, Context, Outputs, WholePass, inherit, rule
from graphcomp.rewrite.exponents import is_real, opposite
from graphcomp.rewrite.stabilise_ratios import reduction_of

Make: TypeAlias = Callable[[Variable], Variable]


@dataclass(eq=False)
class _Family:
    """Functions of x that share work: each with what makes it anew, of a new x."""

    x: Variable
    members: dict[Variable, Make] = field(default_factory=dict)


def _rebuilt(context: Context, families: list[_Family]) -> tuple[Outputs, Changes]:
    """The graph with the members of families made anew."""
    family = {v: each for each in families for v in each.members}
    if not family:
        return context.outputs, []
    done: dict[Variable, Variable] = {}
    changes: Changes = []
    with derived_from(context.order[0]):
        for v in context.order:
            done[v] = _renewed(v, done, family.get(v))
            if done[v] is not v:
                context.knowledge.replaced(v, done[v])
                inherit(done[v], v)
                if v in family:
                    changes.append((v, done[v]))
    return tuple(done[v] for v in context.outputs), changes


def _renewed(v: Variable, done: Mapping[Variable, Variable], family: _Family | None) -> Variable:
    now_derived_from(v)
    if family is not None:
        new = family.members[v](done[family.x])
        if new.type == v.type:
            return new
    inputs = [done[x] for x in v.inputs]
    same = all(a is b for a, b in zip(inputs, v.inputs, strict=True))
    return v if same else v.op(*inputs)


# ------------------------------------------------------------------------- from one exp(-abs(x))


def _tail(x: Variable) -> Variable:
    """exp(-abs(x)), which never overflows."""
    e = shared_exp(-absolute(x))
    e.hints.role = e.hints.role or "e"
    return e


def _sigmoid(x: Variable) -> Variable:
    e = _tail(x)
    return where(x >= 0, 1.0, e) / (1.0 + e)


def _sigmoid_of_minus(x: Variable) -> Variable:
    e = _tail(x)
    return where(x >= 0, e, 1.0) / (1.0 + e)


def _softplus(x: Variable) -> Variable:
    return relu(x) + log1p(_tail(x))


def _softplus_of_minus(x: Variable) -> Variable:
    return relu(-x) + log1p(_tail(x))


def _slope(x: Variable) -> Variable:
    e = _tail(x)
    return e / (1.0 + e) ** 2


_OF_TAIL: dict[type, tuple[Make, Make]] = {
    Sigmoid: (_sigmoid, _sigmoid_of_minus),
    Softplus: (_softplus, _softplus_of_minus),
    SigmoidSlope: (_slope, _slope),
    Exp: (_tail, _tail),
}
"""What makes f(x) and f(-x) of one exp(-abs(x))."""


def _of_one_tail(context: Context, differentiable: bool) -> tuple[Outputs, Changes]:
    if differentiable or len(context.classes & _OF_TAIL.keys()) == 0:
        return context.outputs, []
    families: dict[Variable, _Family] = {}
    for v in context.order:
        x = _operand_of_tail(v) if type(v.op) in _OF_TAIL and is_real(v) else None
        if x is None or x.dtype != v.dtype:
            continue
        known = x if x in families else opposite(x)
        if known not in families:
            known = x.inputs[0] if isinstance(x.op, Negative) else x
            families[known] = _Family(known)
        families[known].members[v] = _OF_TAIL[type(v.op)][known is not x]
    return _rebuilt(context, [each for each in families.values() if len(each.members) > 1])


def _operand_of_tail(v: Variable) -> Variable | None:
    """x of f(x), or of exp(-abs(x))."""
    x = v.inputs[0]
    if not isinstance(v.op, Exp):
        return x
    inner = x.inputs[0] if isinstance(x.op, Negative) else x
    return inner.inputs[0] if inner is not x and isinstance(inner.op, Absolute) else None


@rule(
    "sigmoid(x), softplus(x), their derivatives -> the same of one exp(-abs(x))",
    Add,
    Multiply,
    sample=lambda x: sigmoid(x) * softplus(-x),
    near_miss=lambda x, y: sigmoid(x) * sigmoid_slope(y),
    after_differentiation=True,
)
def share_tail(v: Variable, *inputs: Variable, context: Context) -> Variable | None:
    return _of_variable(v, context, _of_one_tail)


def _of_variable(
    v: Variable,
    context: Context,
    rewrite: Callable[[Context, bool], tuple[Outputs, Changes]],
) -> Variable | None:
    (new,), _ = rewrite(Context((v,), context.knowledge), False)
    return None if new is v else new


# ------------------------------------------------------- softmax, its logarithm, and logsumexp


@dataclass(eq=False)
class _Normalised:
    """What the graph has of softmax of x over axes."""

    softmaxes: list[Variable] = field(default_factory=list)
    log_softmaxes: list[Variable] = field(default_factory=list)
    logsumexps: list[Variable] = field(default_factory=list)

    def family(self, x: Variable, axes: Axes) -> _Family:
        """Those that share an exponential."""
        family = _Family(x)
        logarithms = self.log_softmaxes or self.logsumexps
        if not self.softmaxes or not logarithms:
            return family
        if self.log_softmaxes:
            pair: LogSoftmaxSoftmax | LogsumexpSoftmax = LogSoftmaxSoftmax(axes)
            name = "log_softmax"
        else:
            keepdims = any(v.op.keepdims for v in logarithms if isinstance(v.op, Logsumexp))
            pair, name = LogsumexpSoftmax(axes, keepdims), "logsumexp"

        def logarithm(shape: Shape) -> Make:
            return lambda x: Reshape(shape)(unpack_named(pair(x), name, "softmax")[0])

        for v in self.softmaxes:
            family.members[v] = lambda x: unpack_named(pair(x), name, "softmax")[1]
        for v in logarithms:
            family.members[v] = logarithm(v.shape)
        return family


def _of_one_softmax(context: Context, differentiable: bool) -> tuple[Outputs, Changes]:
    if differentiable or not context.classes & {LogSoftmax, Logsumexp}:
        return context.outputs, []
    found: dict[tuple[Variable, Axes], _Normalised] = {}
    for v in context.order:
        whole = _normalised(v)
        if whole is None:
            continue
        kind, x, axes = whole
        if x.ndim and x.dtype == v.dtype and is_real(v):
            getattr(found.setdefault((x, axes), _Normalised()), kind).append(v)
    return _rebuilt(context, [each.family(*key) for key, each in found.items()])


def _normalised(v: Variable) -> tuple[str, Variable, Axes] | None:
    """(which list of _Normalised v is one for, x, axes)."""
    op = v.op
    if isinstance(op, Softmax):
        return "softmaxes", v.inputs[0], op.axes
    if isinstance(op, LogSoftmax):
        return "log_softmaxes", v.inputs[0], op.axes
    if isinstance(op, Logsumexp):
        return "logsumexps", v.inputs[0], op.axes
    if isinstance(op, Exp) and isinstance(v.inputs[0].op, LogSoftmax):
        return "softmaxes", v.inputs[0].inputs[0], v.inputs[0].op.axes
    if isinstance(op, Share):
        x, y = v.inputs
        total = reduction_of(y, v)
        if total is not None and isinstance(total.op, Logsumexp) and total.inputs[0] is x:
            return "softmaxes", x, total.op.axes
    return None


@rule(
    "softmax(x), log_softmax(x), logsumexp(x) -> the same of one exp(x - max(x))",
    Add,
    Multiply,
    sample=lambda X: softmax(X, axis=1) * LogSoftmax((-1,))(X),
    near_miss=lambda X: softmax(X, axis=1) * LogSoftmax((-2,))(X),
    after_differentiation=True,
)
def share_softmax(v: Variable, *inputs: Variable, context: Context) -> Variable | None:
    return _of_variable(v, context, _of_one_softmax)


# ----------------------------------------------------------------------------- exp(x) and exp(-x)

_SAFE = {2: 8.0, 4: 80.0, 8: 700.0}  # the reciprocal of exp of no more is a normal number


def _of_one_exp(context: Context, differentiable: bool) -> tuple[Outputs, Changes]:
    if differentiable or Exp not in context.classes:
        return context.outputs, []
    exponents: dict[Variable, Variable] = {}
    families: list[_Family] = []
    for v in context.order:
        if not isinstance(v.op, Exp) or not is_real(v) or v.inputs[0].dtype != v.dtype:
            continue
        x = v.inputs[0]
        positive = opposite(x)
        if positive in exponents and context.knows(x).most <= _SAFE[v.dtype.itemsize]:
            families.append(_Family(positive, {v: lambda x: 1.0 / exp(x)}))
        exponents[x] = v
    return _rebuilt(context, families)


@rule(
    "exp(x), exp(-x) -> exp(x), 1 / exp(x), x within bounds",
    Add,
    Multiply,
    sample=lambda x: exp(tanh(x)) + exp(-tanh(x)),
    near_miss=lambda x: exp(x) + exp(-x),
    after_differentiation=True,
)
def share_exp(v: Variable, *inputs: Variable, context: Context) -> Variable | None:
    return _of_variable(v, context, _of_one_exp)


# ------------------------------------------------------------------- variances and x - mean(x)


def _of_one_mean(context: Context, differentiable: bool) -> tuple[Outputs, Changes]:
    if differentiable or not context.classes & {Var, Std}:
        return context.outputs, []
    differences = {v for v in context.order if isinstance(v.op, Subtract)}
    families: list[_Family] = []
    for v in context.order:
        if isinstance(v.op, Var) and is_real(v) and v.dtype == v.inputs[0].dtype:
            (x,) = v.inputs
            if v.op.centred(x) in differences:
                families.append(_Family(x, {v: _spread(v.op)}))
    return _rebuilt(context, families)


def _spread(op: Var) -> Make:
    """The variance, or its root, by the squares of x - mean(x)."""

    def make(x: Variable) -> Variable:
        squares = op.centred(x) ** 2
        if op.ddof:
            variance = Sum(op.axes, op.keepdims)(squares) / op.divisor(x)
        else:
            variance = Mean(op.axes, op.keepdims)(squares)
        return sqrt(variance) if isinstance(op, Std) else variance

    return make


@rule(
    "var(x), x - mean(x) -> mean((x - mean(x))**2), x - mean(x)",
    Add,
    Multiply,
    sample=lambda x: (x - mean(x)) * var(x),
    near_miss=lambda x, y: (x - mean(x)) * var(y),
    after_differentiation=True,
)
def share_mean(v: Variable, *inputs: Variable, context: Context) -> Variable | None:
    return _of_variable(v, context, _of_one_mean)


shared_tails = WholePass("shared_tails", [share_tail], _of_one_tail, last=True)
shared_softmaxes = WholePass("shared_softmaxes", [share_softmax], _of_one_softmax, last=True)
shared_exps = WholePass("shared_exps", [share_exp], _of_one_exp, last=True)
shared_means = WholePass("shared_means", [share_mean], _of_one_mean, last=True)
