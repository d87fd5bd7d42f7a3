"""Reshapes, broadcasts and transposes that cancel, and sums over them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from graphcomp.dims import prod
from graphcomp.graph import Variable
from graphcomp.ops.arithmetic import Cast, Multiply
from graphcomp.ops.create import full_of
from graphcomp.ops.elementwise import Elementwise
from graphcomp.ops.reduce import Reduce, Sum
from graphcomp.ops.shape import BroadcastTo, Reshape, Transpose, broadcast_to, reshape
from graphcomp.rewrite.engine import Context, Pass, rule
from graphcomp.rewrite.patterns import number, op_as, retyped, stripped
from graphcomp.types import TensorType


@rule(
    "f(broadcast_to(x), y) -> f(x, y)",
    Elementwise,
    reads=(BroadcastTo, Reshape, Cast),
    sample=lambda x, A: broadcast_to(x, (3, 3)) * A,
    near_miss=lambda x, y: x * y,
)
def broadcast_operand(v: Variable, *operands: Variable) -> Variable | None:
    # Where all operands are broadcast, the function is computed first: it has fewer elements.
    if not any(isinstance(x.op, (BroadcastTo, Reshape, Cast)) for x in operands):
        return None
    bare = tuple(map(stripped, operands))
    if all(a is b for a, b in zip(bare, operands, strict=True)):
        return None
    inferred = v.op.infer(*(x.type for x in bare))
    if not isinstance(inferred, TensorType) or inferred.dtype != v.dtype:
        return None
    if inferred.weak or v.type.weak:
        return None
    if inferred.shape == v.shape:
        return v.op(*bare)
    if any(isinstance(x.op, BroadcastTo) for x in operands):
        return retyped(v, BroadcastTo(v.shape)(v.op(*bare)))
    return None


@rule(
    "broadcast_to(broadcast_to(x)) -> broadcast_to(x)",
    BroadcastTo,
    sample=lambda x: broadcast_to(broadcast_to(x, (1, 3)), (2, 3)),
    near_miss=lambda x: broadcast_to(reshape(x, (3, 1)), (3, 3)),
)
def broadcast_twice(v: Variable, x: Variable) -> Variable | None:
    bare = stripped(x)
    if bare is x or bare.dtype != v.dtype:
        return None
    return retyped(v, v.op(bare))


@rule(
    "full(c).astype(t) -> full(c, t)",
    Cast,
    sample=lambda: broadcast_to(2.0, (2, 3)).astype("float32"),
    near_miss=lambda x: x.astype("float32"),
)
def cast_number(v: Variable, x: Variable) -> Variable | None:
    value = number(x)
    if value is None or not np.can_cast(x.dtype, v.dtype, "same_kind"):
        return None
    return full_of(value, v.type)


@rule(
    "reshape(broadcast_to(s)) -> broadcast_to(s)",
    Reshape,
    Transpose,
    sample=lambda s: reshape(broadcast_to(s, (2, 3)), (6,)),
    near_miss=lambda x: reshape(broadcast_to(x, (2, 3)), (6,)),
)
def moved_scalar(v: Variable, x: Variable) -> Variable | None:
    if isinstance(x.op, BroadcastTo):
        s = stripped(x)
        if not s.ndim and s.dtype == v.dtype:
            return BroadcastTo(v.shape)(s)
    return None


@rule(
    "sum(broadcast_to(x)) -> n * sum(x)",
    Sum,
    sample=lambda x: broadcast_to(x, (2, 3)).sum(),
    near_miss=lambda x: broadcast_to(x, (2, 3)).sum(axis=1),
)
def sum_of_broadcast(v: Variable, x: Variable) -> Variable | None:
    op = op_as(Sum, v)
    if not isinstance(x.op, BroadcastTo) or v.dtype.kind not in "fc":
        return None
    inner = x.inputs[0]
    repeated = [a for a in op.axes if (-a > inner.ndim or inner.shape[a] == 1) and x.shape[a] != 1]
    if not repeated or 0 in x.shape:
        return None
    once = list(x.shape)
    for a in repeated:
        once[a] = 1
    count = prod(x.shape[a] for a in repeated)
    return retyped(v, count * op(BroadcastTo(tuple(once))(inner)))


@rule(
    "sum(full(c)) -> c * n",
    Sum,
    sample=lambda: broadcast_to(2.0, (2, 3)).sum(),
    near_miss=lambda x: x.sum(),
)
def sum_of_number(v: Variable, x: Variable) -> Variable | None:
    value = number(x)
    if value is None or v.dtype.kind not in "fc":
        return None
    count = prod(x.shape[a] for a in op_as(Sum, v).axes)
    total = full_of(value, v.type.with_shape(())) * count
    return retyped(v, BroadcastTo(v.shape)(total))


@rule(
    "sum(reshape(x)) -> sum(x)",
    Sum,
    sample=lambda A: A.T.sum(),
    near_miss=lambda A: A.T.sum(axis=0),
)
def sum_of_moved(v: Variable, x: Variable) -> Variable | None:
    if isinstance(x.op, (Reshape, Transpose)) and len(op_as(Sum, v).axes) == x.ndim and not v.ndim:
        inner = x.inputs[0]
        return retyped(v, Sum(tuple(range(-inner.ndim, 0)))(inner))
    return None


@rule(
    "sum(sum(x)) -> sum(x)",
    Sum,
    sample=lambda A: A.sum(axis=0).sum(),
    near_miss=lambda A: (-A).sum(),
)
def sum_of_sum(v: Variable, x: Variable) -> Variable | None:
    op = op_as(Sum, v)
    if not isinstance(x.op, Sum) or x.op.keepdims != op.keepdims:
        return None
    inner = x.inputs[0]
    if op.keepdims:
        outer = op.axes
    else:
        kept = [a for a in range(-inner.ndim, 0) if a not in x.op.axes]
        outer = tuple(kept[a] for a in op.axes)
    axes = tuple(sorted({*outer, *x.op.axes}))
    return retyped(v, Sum(axes, op.keepdims)(inner))


@rule(
    "reshape(sum(x, keepdims=True)) -> sum(x)",
    Reshape,
    reads=(Reduce,),
    sample=lambda A: reshape(A.sum(axis=0, keepdims=True), (3,)),
    near_miss=lambda A: A.sum(axis=0)[:, None],
)
def kept_axes(v: Variable, x: Variable, context: Context) -> Variable | None:
    op = x.op
    if not isinstance(op, Reduce) or not op.keepdims or not context.is_private(x):
        return None
    return retyped(v, Reshape(v.shape)(replace(op, keepdims=False)(x.inputs[0])))


@rule(
    "sum(x[:, None] * y, axis=-1) -> x * sum(y)",
    Sum,
    reads=(Multiply,),
    sample=lambda x, y: (x[:, None] * y).sum(axis=1),
    near_miss=lambda x, A: (x[:, None] * A).sum(axis=0),
)
def sum_of_outer(v: Variable, x: Variable) -> Variable | None:
    op = op_as(Sum, v)
    if not isinstance(x.op, Multiply) or op.keepdims or v.dtype != x.dtype:
        return None
    for a, b in (x.inputs, x.inputs[::-1]):
        if not a.ndim or -min(op.axes, default=0) > b.ndim or 0 in x.shape:
            continue
        if all(-k > a.ndim or a.shape[k] == 1 for k in op.axes):
            kept = [k for k in range(-a.ndim, 0) if k not in op.axes]
            factor = Reshape(tuple(a.shape[k] for k in kept))(a)
            return retyped(v, factor * op(b))
    return None


@rule(
    "f(x.T, y.T) -> f(x, y).T",
    Elementwise,
    reads=(Transpose,),
    sample=lambda A, B: A.T * B.T,
    near_miss=lambda A, B: A.T * B,
)
def transposed_operands(v: Variable, *operands: Variable) -> Variable | None:
    # Of one operand it stays inside: a scale moves out of it, to where it costs least.
    arrays = [x for x in operands if x.ndim]
    if len(arrays) < 2 or not all(isinstance(x.op, Transpose) and x.ndim == v.ndim for x in arrays):
        return None
    order = arrays[0].op
    if any(x.op.key != order.key for x in arrays):
        return None
    return retyped(v, order(v.op(*(x.inputs[0] if x.ndim else x for x in operands))))


shapes = Pass(
    "shapes",
    [
        cast_number,
        broadcast_twice,
        moved_scalar,
        broadcast_operand,
        sum_of_number,
        sum_of_broadcast,
        sum_of_moved,
        sum_of_sum,
        kept_axes,
        sum_of_outer,
        transposed_operands,
    ],
)
