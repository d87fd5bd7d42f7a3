"""Stabilisation of functions of their inverses, and of the logarithm of a tail."""

from __future__ import annotations

from graphcomp.graph import Variable
from graphcomp.ops.activations import Sigmoid, sigmoid
from graphcomp.ops.arithmetic import Multiply
from graphcomp.ops.error_functions import Logit, Ndtr, log_ndtr, logit, ndtr
from graphcomp.ops.transcendental import Exp, Log, exp, log
from graphcomp.rewrite.engine import rule
from graphcomp.rewrite.exponents import is_real
from graphcomp.rewrite.patterns import literal, retyped


@rule(
    "log(ndtr(x)) -> log_ndtr(x)",
    Log,
    reads=(Ndtr,),
    sample=lambda x: log(ndtr(x)),
    near_miss=lambda x: log(2 * ndtr(x)),
    stabilisation=True,
)
def log_of_ndtr(v: Variable, x: Variable) -> Variable | None:
    return retyped(v, log_ndtr(x.inputs[0])) if isinstance(x.op, Ndtr) else None


@rule(
    "logit(sigmoid(x)) -> x",
    Logit,
    reads=(Sigmoid,),
    sample=lambda x: logit(sigmoid(x)),
    near_miss=lambda x: logit(0.5 * sigmoid(x)),
    stabilisation=True,
)
def logit_of_sigmoid(v: Variable, x: Variable) -> Variable | None:
    return retyped(v, x.inputs[0]) if isinstance(x.op, Sigmoid) else None


@rule(
    "exp(a * log(x)) -> x**a",
    Exp,
    reads=(Multiply,),
    sample=lambda x: exp(2 * log(x * x)),
    near_miss=lambda x, y: exp(y * log(x)),
    stabilisation=True,
)
def exp_of_scaled_log(v: Variable, x: Variable) -> Variable | None:
    if not isinstance(x.op, Multiply) or not is_real(v):
        return None
    a, logarithm = x.inputs
    power = literal(a)
    # Of a whole number, so that the power exists for negative x too.
    if isinstance(logarithm.op, Log) and isinstance(power, (int, float)) and power == int(power):
        return retyped(v, logarithm.inputs[0] ** int(power))
    return None


SPECIAL = (log_of_ndtr, logit_of_sigmoid, exp_of_scaled_log)
