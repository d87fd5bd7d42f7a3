"""Reads of parts: of slices, of joined arrays, of functions; and parts joined to a whole again."""

from __future__ import annotations

from graphcomp.dims import DimLike, lower_bound, upper_bound
from graphcomp.graph import Variable
from graphcomp.ops.create import Arange, arange
from graphcomp.ops.elementwise import Elementwise
from graphcomp.ops.indexing import GetItem, getitem
from graphcomp.ops.indices import FULL, Entry, Index, Slot, slice_length
from graphcomp.ops.join import Concatenate, Stack, concatenate, stack
from graphcomp.ops.reduce import Sum, sum
from graphcomp.ops.shape import BroadcastTo, broadcast_to
from graphcomp.ops.transcendental import exp
from graphcomp.rewrite.engine import Context, Pass, rule
from graphcomp.rewrite.patterns import op_as, retyped, stripped

_PIECES = 8  # more are summed faster when joined


def _is_basic(index: Index) -> bool:
    """Whether it consists of ints, sizes and slices: each takes one axis."""
    return not any(entry is None or isinstance(entry, Slot) for entry in index)


def _at_least(value: DimLike, number: int) -> bool:
    low = lower_bound(value)
    return low is not None and low >= number


# -------------------------------------------------------------------------------- reads of slices


@rule(
    "x[a:][k] -> x[a + k], x[a:][b:] -> x[a + b:]",
    GetItem,
    reads=(GetItem,),
    sample=lambda X: X[1:][1:, 0],
    near_miss=lambda X: X[::2][1],
)
def read_of_slice(v: Variable, x: Variable, *arrays: Variable) -> Variable | None:
    outer = op_as(GetItem, v).index
    if not isinstance(x.op, GetItem) or arrays or x.hints.name is not None:
        return None
    inner, source = x.op.index, x.inputs[0]
    if not (_is_basic(inner) and _is_basic(outer)):
        return None
    rest = list(outer)
    joined: list[Entry] = []
    for axis, entry in enumerate(inner):
        if isinstance(entry, slice) and rest:
            after = rest.pop(0)
            both = after if entry == FULL else _joined(entry, after, source.shape[axis])
            if both is None:
                return None
            joined.append(both)
        else:
            joined.append(entry)
    return retyped(v, getitem(source, (*joined, *rest)))


def _joined(first: slice, then: Entry, length: DimLike) -> Entry:
    """What reads ``then`` of the slice of an axis; None where that is not plain.

    It fails wherever that fails.
    """
    if then == FULL:
        return first
    if first.step not in (None, 1) or not _are_plain(first.start, first.stop):
        return None
    if isinstance(then, slice):
        plain = then.step in (None, 1) and _are_plain(then.start, then.stop)
        return _slice_of_slice(first, then) if plain else None
    if not isinstance(then, int):
        return None
    start, stop, count = first.start or 0, first.stop, slice_length(first, length)
    fits = _at_least(count - (then + 1 if then >= 0 else -then), 0)
    if then >= 0:
        from_front = start >= 0 and (stop is None or fits)
        from_back = start < 0 and fits and _at_least(length + start, 0)
        return start + then if from_front or from_back else None
    if stop is None or stop < 0:
        return (stop or 0) + then if start == 0 or fits else None
    return None


def _are_plain(*bounds: object) -> bool:
    return all(bound is None or isinstance(bound, int) for bound in bounds)


def _slice_of_slice(first: slice, then: slice) -> slice | None:
    """The slice of a slice whose bounds are ints; starts are counted from the front."""
    start, more = first.start or 0, then.start or 0
    stop, end = first.stop, then.stop
    if start < 0 or more < 0:
        return None
    if end is None:
        joined = stop
    elif end >= 0:
        if stop is not None and stop < 0:
            return None
        joined = start + end if stop is None else min(stop, start + end)
    else:
        if stop is not None and stop >= 0:
            return None
        joined = (stop or 0) + end
    return slice(start + more or None, joined, None)


@rule(
    "x[arange(n)] -> x",
    GetItem,
    reads=(Arange,),
    sample=lambda X: getitem(X, (slice(None), arange(3))),
    near_miss=lambda X: getitem(X, arange(3)),
)
def read_of_all(v: Variable, x: Variable, *arrays: Variable) -> Variable | None:
    index = op_as(GetItem, v).index
    if len(arrays) != 1 or not isinstance(arrays[0].op, Arange):
        return None
    counts = arrays[0].op
    axis = index.index(Slot(0)) if Slot(0) in index and None not in index else -1
    whole = counts.start == 0 and counts.step == 1 and arrays[0].shape == x.shape[axis : axis + 1]
    if axis < 0 or not whole:
        return None
    return retyped(v, getitem(x, (*index[:axis], FULL, *index[axis + 1 :])))


@rule(
    "x[i][j] -> x[i[j]]",
    GetItem,
    reads=(GetItem,),
    sample=lambda X, i, j: X[i][j],
    near_miss=lambda X, i, j: X[i] * X[j],
)
def read_of_read(v: Variable, x: Variable, *arrays: Variable, context: Context) -> Variable | None:
    # The rows that are moved twice have more elements than the numbers of the rows.
    first = (Slot(0),)
    if not isinstance(x.op, GetItem) or len(arrays) != 1 or x.ndim < 2:
        return None
    if x.op.index != first or op_as(GetItem, v).index != first or not context.is_private(x):
        return None
    source, places = x.inputs
    return retyped(v, GetItem(first)(source, getitem(places, arrays[0])))


# ------------------------------------------------------------------------ reads of what was made


@rule(
    "f(x)[k] -> f(x[k]), of fewer elements",
    GetItem,
    reads=(Elementwise,),
    sample=lambda X: exp(X)[0],
    near_miss=lambda X, i: exp(X)[i],
)
def read_of_function(
    v: Variable, x: Variable, *arrays: Variable, context: Context
) -> Variable | None:
    index = op_as(GetItem, v).index
    if not isinstance(x.op, Elementwise) or arrays or not _is_basic(index):
        return None
    fewer = _at_least(x.size - v.size, 1)
    if not fewer or any(a.ndim and a.shape != x.shape for a in x.inputs):
        return None
    if not context.is_private(x):
        return None
    return retyped(v, x.op(*(getitem(a, index) if a.ndim else a for a in x.inputs)))


@rule(
    "broadcast_to(s)[k] -> broadcast_to(s)",
    GetItem,
    reads=(BroadcastTo,),
    sample=lambda s: broadcast_to(s, (4, 3))[1:],
    near_miss=lambda x: broadcast_to(x, (4, 3))[1:],
)
def read_of_broadcast(v: Variable, x: Variable, *arrays: Variable) -> Variable | None:
    s = stripped(x) if isinstance(x.op, BroadcastTo) else x
    return retyped(v, BroadcastTo(v.shape)(s)) if not s.ndim and s is not x else None


@rule(
    "concatenate((x, y))[:n] -> x",
    GetItem,
    reads=(Concatenate,),
    sample=lambda X, Y: concatenate((X, Y))[4:8],
    near_miss=lambda X, Y: concatenate((X, Y))[3:8],
)
def read_of_joined(v: Variable, x: Variable, *arrays: Variable) -> Variable | None:
    index = op_as(GetItem, v).index
    if not isinstance(x.op, Concatenate) or not _is_basic(index):
        return None
    axis = x.op.axis + x.ndim
    entry = index[axis] if axis < len(index) else FULL
    if entry == FULL or any(piece.dtype != x.dtype for piece in x.inputs):
        return None
    start: DimLike = 0
    for piece in x.inputs:
        length = piece.shape[axis]
        inside = _inside(entry, start, length, x.shape[axis])
        if inside is not None:
            return retyped(v, getitem(piece, (*index[:axis], inside, *index[axis + 1 :])))
        start = start + length
    return None


def _inside(entry: Entry, start: DimLike, length: DimLike, whole: DimLike) -> Entry:
    """What the entry of an index reads of the piece from ``start``; None where more or less."""
    if isinstance(entry, slice):
        bounds = _bounds(entry, whole)
        if bounds is None or not _at_least(bounds[0] - start, 0):
            return None
        if not _at_least(start + length - bounds[1], 0):
            return None
        first, last = bounds[0] - start, bounds[1] - start
        return slice(None if first == 0 else first, None if last == length else last, None)
    if entry is None or isinstance(entry, Slot):
        return None
    place = entry + whole if _is_below_zero(entry) else entry
    inside = _at_least(place - start, 0) and _at_least(start + length - 1 - place, 0)
    return place - start if inside else None


def _is_below_zero(value: DimLike) -> bool:
    high = upper_bound(value)
    return high is not None and high < 0


def _bounds(part: slice, length: DimLike) -> tuple[DimLike, DimLike] | None:
    """Start and stop of a slice with step 1, from the front, where it is plain what they are."""
    if part.step not in (None, 1):
        return None
    found: list[DimLike] = []
    for bound, default in ((part.start, 0), (part.stop, length)):
        place = default if bound is None else bound + length if _is_below_zero(bound) else bound
        if not (_at_least(place, 0) and _at_least(length - place, 0)):
            return None
        found.append(place)
    return found[0], found[1]


@rule(
    "stack((x, y))[0] -> x",
    GetItem,
    reads=(Stack,),
    sample=lambda x, y: stack((x, y))[1],
    near_miss=lambda x, y: stack((x, y), axis=1)[1],
)
def read_of_stack(v: Variable, x: Variable, *arrays: Variable) -> Variable | None:
    index = op_as(GetItem, v).index
    if not isinstance(x.op, Stack) or not _is_basic(index):
        return None
    axis = x.op.axis + x.ndim
    entry = index[axis] if axis < len(index) else FULL
    if not isinstance(entry, int):
        return None
    piece = x.inputs[entry]
    if piece.dtype != x.dtype:
        return None
    return retyped(v, getitem(piece, (*index[:axis], *index[axis + 1 :])))


# ---------------------------------------------------------------------------------- joined arrays


@rule(
    "concatenate((x[:k], x[k:])) -> x",
    Concatenate,
    reads=(GetItem,),
    sample=lambda X: concatenate((X[:1], X[1:3])),
    near_miss=lambda X: concatenate((X[:1], X[2:])),
)
def adjacent_slices(v: Variable, *pieces: Variable) -> Variable | None:
    axis = op_as(Concatenate, v).axis
    merged = [pieces[0]]
    for piece in pieces[1:]:
        both = _merged(merged[-1], piece, axis + piece.ndim)
        merged[-1:] = [merged[-1], piece] if both is None else [both]
    return retyped(v, v.op(*merged)) if len(merged) < len(pieces) else None


def _merged(x: Variable, y: Variable, axis: int) -> Variable | None:
    """The slice that consists of two slices of one array, the second behind the first."""
    if not (isinstance(x.op, GetItem) and isinstance(y.op, GetItem)):
        return None
    source, first, second = x.inputs[0], x.op.index, y.op.index
    if source is not y.inputs[0] or not (len(first) == len(second) == axis + 1):
        return None
    if not all(isinstance(entry, slice) for entry in (*first, *second)):
        return None
    (*before, a), (*others, b) = first, second
    if before != others or not (isinstance(a, slice) and isinstance(b, slice)):
        return None
    length = source.shape[axis]
    left, right = _bounds(a, length), _bounds(b, length)
    if left is None or right is None or left[1] != right[0]:
        return None
    start = None if left[0] == 0 else a.start
    return getitem(source, (*before, slice(start, None if right[1] == length else b.stop)))


@rule(
    "concatenate((concatenate((x, y)), z)) -> concatenate((x, y, z))",
    Concatenate,
    reads=(Concatenate,),
    sample=lambda x, y, z: concatenate((concatenate((x, y)), z)),
    near_miss=lambda A, B, C: concatenate((concatenate((A, B), axis=1).T, C)),
)
def nested_joins(v: Variable, *pieces: Variable, context: Context) -> Variable | None:
    flat: list[Variable] = []
    for piece in pieces:
        same = isinstance(piece.op, Concatenate) and piece.op.axis == op_as(Concatenate, v).axis
        nested = same and piece.dtype == v.dtype and context.is_private(piece)
        flat += piece.inputs if nested else (piece,)
    return retyped(v, v.op(*flat)) if len(flat) > len(pieces) else None


@rule(
    "sum(concatenate((x, y))) -> sum(x) + sum(y)",
    Sum,
    reads=(Concatenate,),
    sample=lambda x, y: sum(concatenate((x, y))),
    near_miss=lambda A, B: sum(concatenate((A, B)), axis=1),
)
def sum_of_joined(v: Variable, x: Variable, context: Context) -> Variable | None:
    op = op_as(Sum, v)
    if not isinstance(x.op, Concatenate) or x.op.axis not in op.axes or len(x.inputs) > _PIECES:
        return None
    if any(piece.dtype != x.dtype for piece in x.inputs) or not context.is_private(x):
        return None
    first, *others = (op(piece) for piece in x.inputs)
    for part in others:
        first = first + part
    return retyped(v, first)


slices = Pass(
    "slices",
    [
        read_of_slice,
        read_of_all,
        read_of_read,
        read_of_function,
        read_of_broadcast,
        read_of_joined,
        read_of_stack,
        adjacent_slices,
        nested_joins,
        sum_of_joined,
    ],
)
