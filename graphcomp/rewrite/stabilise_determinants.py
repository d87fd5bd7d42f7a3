"""Logarithms of determinants, which overflow long before their logarithms do."""

from __future__ import annotations

from graphcomp.graph import Variable
from graphcomp.ops.create import eye
from graphcomp.ops.determinants import Det, Slogdet, SlogdetResult
from graphcomp.ops.linalg import unpack_named
from graphcomp.ops.parts import Absolute
from graphcomp.ops.structure import Project
from graphcomp.ops.transcendental import Log, log
from graphcomp.rewrite.engine import Context, rule
from graphcomp.rewrite.patterns import retyped


@rule(
    "log(det(A)) -> log(sign) + logabsdet",
    Log,
    reads=(Det,),
    sample=lambda A: log(Det()(A.T @ A + eye(3))),
    near_miss=lambda A: log(1.0 + Det()(A.T @ A)),
    stabilisation=True,
)
def log_det(v: Variable, x: Variable, context: Context) -> Variable | None:
    # The logarithm of the sign is 0 for 1, and NaN for -1, as that of the determinant.
    if not isinstance(x.op, Det):
        return None
    (A,) = x.inputs
    sign, logabsdet = unpack_named(Slogdet()(A), *SlogdetResult._fields)
    definite = context.knows(A).positive_definite
    return retyped(v, logabsdet if definite else Log()(sign) + logabsdet)


@rule(
    "log(abs(det(A))) -> slogdet(A)[1]",
    Log,
    reads=(Absolute,),
    sample=lambda A: log(abs(Det()(A))),
    near_miss=lambda A: log(abs(Det()(A) + 1.0)),
    stabilisation=True,
)
def log_abs_det(v: Variable, x: Variable) -> Variable | None:
    if isinstance(x.op, Absolute) and isinstance(x.inputs[0].op, Det):
        return retyped(v, Project(1)(Slogdet()(x.inputs[0].inputs[0])))
    return None


DETERMINANTS = [log_det, log_abs_det]
