"""Operations whose value is an input's own: they steer differentiation, which is done."""

from __future__ import annotations

from graphcomp.graph import Variable
from graphcomp.ops.assume import Assume
from graphcomp.ops.identity import CustomVjp, StopGradient, stop_gradient
from graphcomp.ops.selection import OnlyWhere
from graphcomp.rewrite.engine import Pass, rule
from graphcomp.rewrite.patterns import retyped


@rule(
    "stop_gradient(x) -> x",
    StopGradient,
    CustomVjp,
    OnlyWhere,
    Assume,
    sample=lambda x: stop_gradient(x),
    near_miss=lambda x: -x,
    after_differentiation=True,
)
def steering(v: Variable, x: Variable, *_: Variable) -> Variable | None:
    return retyped(v, x)


cleanup = Pass("cleanup", [steering])
