"""Masks: zeros of ``where`` move outward, and merge where they meet.

Back-propagation through ``where`` multiplies masked zeros by whatever the branch not taken has
for a derivative, and 0 * inf is NaN. Outside of the product the mask lets nothing of it through,
neither here nor in the next derivative. ``guards`` does the rest.
"""

from __future__ import annotations

from graphcomp.backprop import edge_gradient
from graphcomp.graph import Variable
from graphcomp.ops.arithmetic import Add, Cast, Divide, Multiply, Negative
from graphcomp.ops.base import weak
from graphcomp.ops.compare import (
    Invert,
    Isfinite,
    Isinf,
    Isnan,
    LogicalNot,
    Where,
    greater,
    isnan,
    logical_not,
    where,
)
from graphcomp.ops.reduce import Sum, sum
from graphcomp.ops.shape import Reshape
from graphcomp.rewrite.engine import Context, Pass, rule
from graphcomp.rewrite.hazards import hazards_of
from graphcomp.rewrite.patterns import (
    as_python,
    is_scale,
    literal,
    number,
    op_as,
    retyped,
    split_scale,
)

_DEPTH = 3  # factors deep, and negations of a condition


def _is_zero(v: Variable) -> bool:
    return number(v) == 0


def _has_zero(v: Variable) -> bool:
    """Whether v is ``where(c, x, 0)`` or ``where(c, 0, y)``."""
    return isinstance(v.op, Where) and (_is_zero(v.inputs[1]) or _is_zero(v.inputs[2]))


def _inside(v: Variable, mask: Variable, new: Variable) -> Variable | None:
    """``mask``, a ``where`` with a zero, with ``new`` in the other branch; of v's type."""
    condition, x, _ = mask.inputs
    branches = (weak(0.0), new) if _is_zero(x) else (new, weak(0.0))
    return retyped(v, Where()(condition, *branches))


def _taken(mask: Variable) -> Variable:
    """The branch of ``where(c, x, 0)`` that is not the zero."""
    return mask.inputs[2] if _is_zero(mask.inputs[1]) else mask.inputs[1]


def _asks_for_nan(condition: Variable) -> bool:
    """Whether the condition tells NaN or infinities, which data have where they are masked."""
    for _ in range(_DEPTH):
        if isinstance(condition.op, (Isnan, Isinf, Isfinite)):
            return True
        if not isinstance(condition.op, (Invert, LogicalNot, Reshape)):
            return False
        condition = condition.inputs[0]
    return False


def _may_move(mask: Variable, v: Variable, context: Context) -> bool:
    """Whether it costs nothing to take an operation into the mask, or is called for."""
    if not _has_zero(mask) or literal(_taken(mask)) is not None or context.is_tested(v):
        return False
    if _asks_for_nan(mask.inputs[0]):
        return True
    return mask.shape == v.shape and context.is_private(mask)


# ------------------------------------------------------------------------------------ outward


@rule(
    "where(c, x, 0) * y -> where(c, x * y, 0)",
    Multiply,
    reads=(Where,),
    sample=lambda m, x, y: where(m, x, 0) * y,
    near_miss=lambda m, x, s: where(m, x, 0) * s,
    stabilisation=True,
)
def product_of_mask(v: Variable, x: Variable, y: Variable, context: Context) -> Variable | None:
    # A scale stays outside, where it meets others.
    for mask, factor in ((x, y), (y, x)):
        if is_scale(factor, mask) or not _may_move(mask, v, context):
            continue
        same = isinstance(factor.op, Where) and factor.inputs[0] is mask.inputs[0]
        inner = _taken(factor) if same and _has_zero(factor) else factor
        kept = inner if inner.shape == factor.shape else factor
        return _inside(v, mask, _taken(mask) * kept)
    return None


@rule(
    "where(c, G, 0) / y -> where(c, G / y, 0), G a gradient",
    Divide,
    reads=(Where,),
    sample=lambda m, x, y: edge_gradient(x / y, 0, where(m, x, 0)),
    near_miss=lambda m, x, y: where(m, x, 0) / y,
    stabilisation=True,
)
def quotient_of_mask(v: Variable, x: Variable, y: Variable, context: Context) -> Variable | None:
    # What the user divides by 0 stays NaN, as in NumPy.
    if not v.hints.gradient or is_scale(y, x) or not _may_move(x, v, context):
        return None
    return _inside(v, x, _taken(x) / y)


@rule(
    "-where(c, x, 0) -> where(c, -x, 0)",
    Negative,
    Cast,
    reads=(Where,),
    sample=lambda m, x: -where(m, x, 0),
    near_miss=lambda m, x: -where(m, x, 1),
)
def negative_of_mask(v: Variable, x: Variable, context: Context) -> Variable | None:
    if not _may_move(x, v, context) or v.dtype.kind not in "fc" or x.dtype.kind not in "fc":
        return None
    return _inside(v, x, v.op(_taken(x)))


@rule(
    "sum(where(c, x, 0)) -> where(c, sum(x), 0), c the same along the axes",
    Sum,
    reads=(Where,),
    sample=lambda A, s: sum(where(greater(s, 0), A, 0), axis=1),
    near_miss=lambda A, x: sum(where(greater(x, 0), A, 0), axis=1),
)
def sum_of_mask(v: Variable, x: Variable, context: Context) -> Variable | None:
    op = op_as(Sum, v)
    if not _has_zero(x) or not context.is_private(x) or v.dtype != x.dtype:
        return None
    condition, inner = x.inputs[0], _taken(x)
    if inner.shape != x.shape or v.dtype.kind not in "fc":
        return None
    axes = [a for a in op.axes if -a <= condition.ndim]
    if any(condition.shape[a] != 1 for a in axes):
        return None
    if axes and not op.keepdims:
        kept = [a for a in range(-condition.ndim, 0) if a not in axes]
        condition = Reshape(tuple(condition.shape[a] for a in kept))(condition)
    total = op(inner)
    branches = (weak(0.0), total) if _is_zero(x.inputs[1]) else (total, weak(0.0))
    return retyped(v, Where()(condition, *branches))


@rule(
    "c * (x / y) -> where(c, x / y, 0), c a bool and y perhaps 0",
    Multiply,
    sample=lambda m, x, y: m * (x / y),
    near_miss=lambda m, x: m * (x / 2),
    stabilisation=True,
)
def product_of_bool(v: Variable, x: Variable, y: Variable, context: Context) -> Variable | None:
    for mask, factor in ((x, y), (y, x)):
        if mask.dtype.kind != "b" or mask.type.weak or factor.dtype.kind not in "fc":
            continue
        if not context.is_tested(v) and _may_be_infinite(factor, context):
            return retyped(v, Where()(mask, factor, weak(0.0)))
    return None


def _may_be_infinite(v: Variable, context: Context, depth: int = _DEPTH) -> bool:
    """Whether v has a factor that is computed at a pole, or outside of a domain."""
    for hazard in hazards_of(v):
        if not hazard.fine(context.knows(v.inputs[hazard.operand])):
            return True
    if depth and isinstance(v.op, (Multiply, Divide, Negative, Cast)):
        return any(_may_be_infinite(x, context, depth - 1) for x in v.inputs)
    return False


# --------------------------------------------------------------------------------- conditions


@rule(
    "where(~c, x, y) -> where(c, y, x)",
    Where,
    reads=(Invert, LogicalNot),
    sample=lambda m, x, y: where(logical_not(m), x, y),
    near_miss=lambda x, y, z: where(logical_not(isnan(x)) & isnan(z), x, y),
)
def negated_condition(
    v: Variable, condition: Variable, x: Variable, y: Variable
) -> Variable | None:
    if not isinstance(condition.op, (Invert, LogicalNot)) or condition.dtype.kind != "b":
        return None
    inner = condition.inputs[0]
    return retyped(v, Where()(inner, y, x)) if inner.dtype.kind == "b" else None


@rule(
    "where(c, where(c, x, y), z) -> where(c, x, z)",
    Where,
    reads=(Where,),
    sample=lambda m, x, y, z: where(m, where(m, x, y), z),
    near_miss=lambda m, k, x, y, z: where(m, where(k, x, y), z),
    stabilisation=True,
)
def nested(v: Variable, condition: Variable, x: Variable, y: Variable) -> Variable | None:
    inner = [x, y]
    for i in (0, 1):
        if isinstance(inner[i].op, Where) and inner[i].inputs[0] is condition:
            inner[i] = inner[i].inputs[1 + i]
    if inner[0] is x and inner[1] is y:
        return None
    return retyped(v, Where()(condition, *inner))


# -------------------------------------------------------------------------------------- merging


@rule(
    "where(c, x, 0) + where(c, 0, y) -> where(c, x, y)",
    Add,
    reads=(Where, Multiply),
    sample=lambda m, x, y: where(m, x, 0) + where(m, 0, y),
    near_miss=lambda m, k, x, y: where(m, x, 0) + where(k, 0, y),
)
def complementary(v: Variable, x: Variable, y: Variable, context: Context) -> Variable | None:
    first, second = _selection(x, context), _selection(y, context)
    if first is None or second is None or first[0] is not second[0]:
        return None
    for (condition, a, rest), (_, gap, b) in ((first, second), (second, first)):
        if _is_zero(rest) and _is_zero(gap):
            return retyped(v, Where()(condition, a, b))
    return None


def _selection(v: Variable, context: Context) -> tuple[Variable, Variable, Variable] | None:
    """(c, x, y) where v is ``where(c, x, y)``, or privately a multiple of such with a zero."""
    scale, where_ = split_scale(v) or (None, v)
    if not isinstance(where_.op, Where):
        return None
    condition, x, y = where_.inputs
    if scale is None:
        return condition, x, y
    if not (context.is_private(v) and context.is_private(where_)):
        return None
    if _is_zero(x):
        return condition, x, scale * y
    return (condition, scale * x, y) if _is_zero(y) else None


@rule(
    "where(c, 2, 0) * x -> where(c, 2 * x, 0)",
    Multiply,
    reads=(Where,),
    sample=lambda m, x: where(m, 2.0, 0.0) * x,
    near_miss=lambda m, x, s: where(m, 1.0, 0.0) * s,
    stabilisation=True,
)
def masked(v: Variable, x: Variable, y: Variable, context: Context) -> Variable | None:
    # A scale stays outside, where it meets others; a mask of ones is taken in for nothing.
    for a, b in ((x, y), (y, x)):
        if not isinstance(a.op, Where) or is_scale(b, a) or context.is_tested(v):
            continue
        condition, p, q = a.inputs
        ones = number(p) == 1 or number(q) == 1
        if not (ones or (context.is_private(a) and b.shape == condition.shape)):
            continue
        scale = as_python(q if _is_zero(p) else p)
        if scale is None or not (_is_zero(p) or _is_zero(q)):
            continue
        scaled = b if ones else scale * b
        taken = (weak(0.0), scaled) if _is_zero(p) else (scaled, weak(0.0))
        return retyped(v, Where()(condition, *taken))
    return None


@rule(
    "where(c, x, 0) + where(c, y, 0) -> where(c, x + y, 0)",
    Add,
    reads=(Where,),
    sample=lambda m, x, y: where(m, x, 0) + where(m, y, 0),
    near_miss=lambda m, x, y: where(m, x, 1) + where(m, y, 1),
)
def same_branch(v: Variable, x: Variable, y: Variable, context: Context) -> Variable | None:
    if not (isinstance(x.op, Where) and isinstance(y.op, Where)):
        return None
    (condition, a, c), (other, b, d) = x.inputs, y.inputs
    if condition is not other:
        return None
    if not (_asks_for_nan(condition) or (context.is_private(x) and context.is_private(y))):
        return None
    if _is_zero(c) and _is_zero(d) and (a + b).dtype == v.dtype:
        return retyped(v, Where()(condition, a + b, c))
    if _is_zero(a) and _is_zero(b) and (c + d).dtype == v.dtype:
        return retyped(v, Where()(condition, a, c + d))
    return None


masks = Pass(
    "masks",
    [
        negated_condition,
        nested,
        product_of_mask,
        quotient_of_mask,
        negative_of_mask,
        sum_of_mask,
        product_of_bool,
        complementary,
        masked,
        same_branch,
    ],
)
