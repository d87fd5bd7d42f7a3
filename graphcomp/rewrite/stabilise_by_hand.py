"""What users have stabilised by hand: its values are right, but not its derivative at a kink.

``maximum(x, 0) + log1p(exp(-abs(x)))`` is smooth, and made of two functions that are not.
"""

from __future__ import annotations

from graphcomp.graph import Variable
from graphcomp.ops.activations import Relu, Softplus, relu, softplus
from graphcomp.ops.arithmetic import Add, Negative, Subtract
from graphcomp.ops.compare import Maximum, maximum
from graphcomp.ops.parts import Absolute, absolute
from graphcomp.rewrite.engine import rule
from graphcomp.rewrite.exponents import are_opposite, is_number, is_real
from graphcomp.rewrite.patterns import retyped


@rule(
    "maximum(x, 0) + softplus(-abs(x)) -> softplus(x)",
    Add,
    reads=(Softplus,),
    sample=lambda x: maximum(x, 0) + softplus(-absolute(x)),
    near_miss=lambda x, y: maximum(x, 0) + softplus(-absolute(y)),
    stabilisation=True,
)
def softplus_by_hand(v: Variable, x: Variable, y: Variable) -> Variable | None:
    for rest, tail in ((x, y), (y, x)):
        t = _positive_part(rest)
        if t is not None and _is_tail(tail, t) and is_real(v):
            return retyped(v, softplus(t))
    return None


@rule(
    "(maximum(x, 0) - y) + softplus(-abs(x)) -> softplus(x) - y",
    Add,
    reads=(Softplus,),
    sample=lambda x, y: relu(x) - x * y + softplus(-absolute(x)),
    near_miss=lambda x, y: y - relu(x) + softplus(-absolute(x)),
    stabilisation=True,
)
def cross_entropy_by_hand(v: Variable, x: Variable, y: Variable) -> Variable | None:
    for rest, tail in ((x, y), (y, x)):
        if not isinstance(rest.op, (Add, Subtract)) or not is_real(v):
            continue
        a, b = rest.inputs
        for part, other in ((a, b), (b, a)) if isinstance(rest.op, Add) else ((a, b),):
            t = _positive_part(part)
            if t is not None and _is_tail(tail, t):
                return retyped(v, rest.op(softplus(t), other))
    return None


def _positive_part(v: Variable) -> Variable | None:
    """x of ``maximum(x, 0)``."""
    if isinstance(v.op, Relu):
        return v.inputs[0]
    if isinstance(v.op, Maximum):
        for x, zero in (v.inputs, v.inputs[::-1]):
            if is_number(zero, 0) and x.type == v.type:
                return x
    return None


def _is_tail(v: Variable, x: Variable) -> bool:
    """Whether v is ``softplus(-abs(x))``."""
    negative = v.inputs[0] if isinstance(v.op, Softplus) else v
    size = negative.inputs[0] if isinstance(negative.op, Negative) else v
    if size is v or not isinstance(size.op, Absolute):
        return False
    return size.inputs[0] is x or are_opposite(size.inputs[0], x)


BY_HAND = [softplus_by_hand, cross_entropy_by_hand]
