"""Products with zeros and ones at places that indices name: read there, or added there.

``eye(k)[y]`` has a row of zeros for each of y, with a one at the place that y says. A gradient of
reads is such too: zeros, with values added at an index.
"""

from __future__ import annotations

from typing import NamedTuple

from graphcomp.graph import Variable
from graphcomp.ops.arithmetic import Add, Divide, Multiply, Negative, Subtract
from graphcomp.ops.contract import Matmul
from graphcomp.ops.create import Arange, Eye, arange, eye, full_of, zeros
from graphcomp.ops.indexing import GetItem, getitem
from graphcomp.ops.indices import FULL, Entry, Index, Slot, advanced_at, is_unique, result_shape
from graphcomp.ops.reduce import Sum, sum
from graphcomp.ops.scatter import IndexAdd, index_add
from graphcomp.ops.shape import BroadcastTo, Reshape
from graphcomp.rewrite.engine import Pass, rule
from graphcomp.rewrite.patterns import (
    is_floating,
    number,
    op_as,
    retyped,
    split_divisor,
    split_scale,
)

_ROWS: tuple[Index, ...] = ((Slot(0),), (Slot(0, scalar=True),))


def _hot(v: Variable) -> Variable | None:
    """y of ``eye(k)[y]``, of no or one axis; None of anything else."""
    if not isinstance(v.op, GetItem) or v.op.index not in _ROWS:
        return None
    matrix, y = v.inputs
    op = matrix.op
    square = isinstance(op, Eye) and op.n == op.m and op.k == 0
    return y if square and y.ndim < 2 else None


def _at_hot(x: Variable, y: Variable) -> tuple[Variable, ...]:
    """The index of what x has at the ones of ``eye(k)[y]``."""
    return (arange(x.shape[0]), y) if y.ndim else (y,)


@rule(
    "sum(eye(k)[y] * x, axis=-1) -> x[arange(n), y]",
    Sum,
    reads=(Multiply,),
    sample=lambda C, i: sum(eye(3)[i] * C[:2], axis=1),
    near_miss=lambda C, i: sum(eye(3)[i] * C[:2], axis=0),
    stabilisation=True,
)
def picked(v: Variable, product: Variable) -> Variable | None:
    axes = op_as(Sum, v).axes
    if not isinstance(product.op, Multiply) or -1 not in axes:
        return None
    for mask, x in (product.inputs, product.inputs[::-1]):
        y = _hot(mask)
        if y is not None and x.type == v.type.with_shape(product.shape) == mask.type:
            values = getitem(x, _at_hot(x, y))
            total = Sum((-1,))(values) if -2 in axes else values
            return retyped(v, Reshape(v.shape)(total))
    return None


@rule(
    "sum(s * eye(k)[y], axis=-1) -> s",
    Sum,
    reads=(GetItem, Multiply, Divide, Negative),
    sample=lambda i: sum(-0.5 * eye(3)[i], axis=1, keepdims=True),
    near_miss=lambda i: sum(eye(3)[i], axis=0),
)
def sum_of_hot(v: Variable, x: Variable) -> Variable | None:
    found = _scaled_hot(x)
    if op_as(Sum, v).axes != (-1,) or found is None or not is_floating(v):
        return None
    return retyped(v, full_of(1, v.type) * found[0])


@rule(
    "eye(k)[y] @ A -> A[y]",
    Matmul,
    reads=(GetItem,),
    sample=lambda A, i: eye(3)[i] @ A,
    near_miss=lambda A, i: A[i] @ A,
    stabilisation=True,
)
def product_with_hot(v: Variable, x: Variable, y: Variable) -> Variable | None:
    places = _hot(x)
    if places is None or y.ndim > 2 or y.dtype != v.dtype:
        return None
    return retyped(v, getitem(y, places))


@rule(
    "x + s * eye(k)[y] -> index_add(x, (arange(n), y), s)",
    Add,
    Subtract,
    reads=(GetItem, Multiply, Divide, Negative),
    sample=lambda C, i: C[:2] - 0.5 * eye(3)[i],
    near_miss=lambda C, i: C[:2] - 0.5 * eye(3, 3, 1)[i],
)
def add_hot(v: Variable, x: Variable, y: Variable) -> Variable | None:
    minus = isinstance(v.op, Subtract)
    for a, b in ((x, y), (y, x)):
        found = _scaled_hot(b)
        if found is None or a.type != v.type or not is_floating(v):
            continue
        scale, places = found
        if minus and a is x:
            scale = -scale
        return retyped(v, index_add(-a if minus and b is x else a, _at_hot(a, places), scale))
    return None


def _scaled_hot(v: Variable) -> tuple[Variable | float, Variable] | None:
    """(s, y) where v is ``s * eye(k)[y]``, ``eye(k)[y] / d`` or its negative."""
    bare = v.inputs[0] if isinstance(v.op, Negative) else v
    sign = 1.0 if bare is v else -1.0
    split, divided = split_scale(bare), split_divisor(bare)
    y = _hot(split[1] if split else divided[0] if divided else bare)
    if y is None:
        return None
    return (split[0] * sign if split else sign / divided[1] if divided else sign), y


# ------------------------------------------------------------------------------- scattered values


class _Scattered(NamedTuple):
    """Values at an index of zeros."""

    place: Index
    values: Variable
    arrays: tuple[Variable, ...]


def _scattered(x: Variable) -> _Scattered | None:
    if not isinstance(x.op, IndexAdd) or number(x.inputs[0]) != 0:
        return None
    index = x.op.index
    if any(entry is None for entry in index):
        return None
    padded = (*index, *(FULL,) * (x.ndim - len(index)))
    return _Scattered(padded, x.inputs[1], x.inputs[2:])


@rule(
    "sum(index_add(0, (i, j), x), axis=1) -> index_add(0, i, x)",
    Sum,
    reads=(IndexAdd,),
    sample=lambda i, j, s: sum(index_add(zeros((4, 3)), (i, j), s), axis=1),
    near_miss=lambda X, i, j, s: sum(index_add(X, (i, j), s), axis=1),
)
def sum_of_scattered(v: Variable, x: Variable) -> Variable | None:
    op, found = op_as(Sum, v), _scattered(x)
    if found is None or v.dtype != x.dtype or (found.values.dtype != v.dtype and found.values.ndim):
        return None
    index, values, arrays = found
    target = result_shape(index, x.shape, (a.shape for a in arrays))
    if len(op.axes) == x.ndim:
        whole = BroadcastTo(target)(values.astype(v.dtype))
        return retyped(v, Reshape(v.shape)(Sum(tuple(range(-whole.ndim, 0)))(whole)))
    summed = [index[a] for a in op.axes]
    if any(isinstance(entry, slice) for entry in summed):
        return None
    kept = [k for k in range(-x.ndim, 0) if k not in op.axes]
    rest, others = _renumbered([index[k] for k in kept], arrays)
    shape = tuple(x.shape[k] for k in kept)
    same = result_shape(rest, shape, (a.shape for a in others)) == target
    if not same or not others or advanced_at(rest) != advanced_at(index):
        return None
    base = full_of(0, v.type.with_shape(shape))
    new = IndexAdd(rest, is_unique(rest, others))(base, values, *others)
    return retyped(v, Reshape(v.shape)(new))


def _renumbered(
    entries: list[Entry], arrays: tuple[Variable, ...]
) -> tuple[Index, tuple[Variable, ...]]:
    """The index with its arrays counted anew, without those that it does not name."""
    index: list[Entry] = []
    kept: list[Variable] = []
    for entry in entries:
        if isinstance(entry, Slot):
            index.append(Slot(len(kept), entry.scalar))
            kept.append(arrays[entry.number])
        else:
            index.append(entry)
    while index and index[-1] == FULL:
        index.pop()
    return tuple(index), tuple(kept)


@rule(
    "index_add(x, arange(n), y) -> x + y",
    IndexAdd,
    reads=(Arange,),
    sample=lambda x, y: index_add(x, arange(3), y),
    near_miss=lambda X, x: index_add(X, arange(3), x),
)
def add_everywhere(v: Variable, x: Variable, y: Variable, *arrays: Variable) -> Variable | None:
    if op_as(IndexAdd, v).index != (Slot(0),) or not isinstance(arrays[0].op, Arange):
        return None
    counts = arrays[0].op
    whole = counts.start == 0 and counts.step == 1 and arrays[0].shape == x.shape[:1]
    return retyped(v, x + y) if whole and (y.type.weak or y.dtype == v.dtype) else None


one_hot = Pass(
    "one_hot",
    [
        picked,
        sum_of_hot,
        product_with_hot,
        add_hot,
        sum_of_scattered,
        add_everywhere,
    ],
)
