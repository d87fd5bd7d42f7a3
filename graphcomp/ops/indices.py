"""What an index is, by NumPy's rules: its one form, the shape of its result, its text."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphcomp import dims
from graphcomp.dims import Dim, DimLike, Shape
from graphcomp.errors import DTypeError, OptionError, ShapeError, ValueKindError
from graphcomp.graph import Variable
from graphcomp.ops import create, shape as shapes
from graphcomp.ops.base import Constant, as_variable, constant
from graphcomp.ops.elementwise import align_batch
from graphcomp.types import broadcast_shapes

Array = np.ndarray[Any, Any]
FULL = slice(None)


@dataclass(frozen=True)
class Slot:
    """The place of index array ``number`` in an index; ``scalar``: it has no axes."""

    number: int
    scalar: bool = False


Entry = int | Dim | slice | Slot | None
Index = tuple[Entry, ...]


# ------------------------------------------------------------------------ an index and its result


def slots(index: Index) -> int:
    return sum(isinstance(entry, Slot) for entry in index)


def advanced_at(index: Index) -> int:
    """The result axis where the broadcast axes of the index arrays begin.

    With arrays, integers count as arrays too; arrays that a slice or a new axis parts put their
    axes first (NumPy's user guide, "Combining advanced and basic indexing").
    """
    places = [k for k, entry in enumerate(index) if not isinstance(entry, slice | None)]
    adjacent = bool(places) and places[-1] - places[0] == len(places) - 1
    return places[0] if adjacent else 0


def slice_length(part: slice, length: DimLike) -> DimLike:
    """How many elements the slice of an axis has."""
    step: int = 1 if part.step is None else part.step
    if step > 0 and part.stop is None and part.start is not None and _is_negative(part.start):
        return (dims.minimum(-part.start, length) + step - 1) // step
    if step > 0:
        start = _bound(part.start, length, default=0, low=0)
        stop = dims.minimum(_bound(part.stop, length, default=length), length)
        return dims.maximum((stop - start + step - 1) // step, 0)
    start = dims.minimum(_bound(part.start, length, default=length - 1), length - 1)
    stop = _bound(part.stop, length, default=-1, low=-1)
    return dims.maximum((start - stop - step - 1) // -step, 0)


def _bound(
    value: DimLike | None, length: DimLike, default: DimLike, low: int | None = None
) -> DimLike:
    """A bound of a slice counted from the front, not below ``low``."""
    if value is None:
        return default
    if _is_negative(value):
        value = length + value
        return value if low is None else dims.maximum(value, low)
    return value


def _is_negative(value: DimLike) -> bool:
    """Whether a bound counts from the end; SizeError where that depends on the sizes."""
    return bool(value < 0)


def result_shape(index: Index, x: Shape, arrays: Iterable[Shape]) -> Shape:
    basic: list[DimLike] = []
    axis = 0
    for entry in index:
        if entry is None:
            basic.append(1)
            continue
        if axis == len(x):
            raise ShapeError("too many indices", f"index at most {len(x)} axes")
        if isinstance(entry, slice):
            basic.append(slice_length(entry, x[axis]))
        elif not isinstance(entry, Slot):
            _check_range(entry, x[axis], axis)
        axis += 1
    at = advanced_at(index) if slots(index) else 0
    return (*basic[:at], *broadcast_shapes(*arrays), *basic[at:], *x[axis:])


def _check_range(k: DimLike, length: DimLike, axis: int) -> None:
    """Refuse an index that is out of range at any sizes; NumPy checks the others at run time."""
    above, below = dims.lower_bound(k - length), dims.upper_bound(k + length)
    if (above is not None and above >= 0) or (below is not None and below < 0):
        last = length - 1
        raise ShapeError(
            f"index {k} is out of range for axis {axis} of length {length}",
            f"use {-length} to {last}" if length != 0 else "the axis is empty",
        )


def index_text(index: Index, ndim: int) -> tuple[str, dict[str, Any]]:
    """The index as NumPy code, and its symbolic sizes as literals ``d0``, ``d1``, …"""
    literals: dict[str, Any] = {}

    def text(value: DimLike | None) -> str:
        if value is None:
            return ""
        if isinstance(value, int):
            return str(value)
        name = f"d{len(literals)}"
        literals[name] = value
        return name

    parts = []
    for entry in index:
        if isinstance(entry, Slot):
            parts.append(f"i{entry.number}")
        elif isinstance(entry, slice):
            bounds = f"{text(entry.start)}:{text(entry.stop)}"
            parts.append(bounds if entry.step is None else f"{bounds}:{entry.step}")
        else:
            parts.append("None" if entry is None else text(entry))
    if None in parts or "None" in parts:
        parts += [":"] * (ndim - sum(entry is not None for entry in index))
    return ", ".join(parts), literals


def show_index(index: Index) -> str:
    """The index as people write it, with ``i0``, ``i1``, … for its arrays."""
    text, literals = index_text(index, 0)
    for name, value in reversed(literals.items()):
        text = text.replace(name, str(value))
    return f"[{text}]"


def is_unique(index: Index, arrays: tuple[Variable, ...]) -> bool:
    """Whether it is plain that the index names no element twice."""
    if not arrays:
        return True
    values = [a.op.value for a in arrays if isinstance(a.op, Constant)]
    if len(values) == len(arrays):
        rows = np.array(np.broadcast_arrays(*values)).reshape(len(values), -1)
        signs_agree = all((row >= 0).all() or (row < 0).all() for row in rows)
        return bool(signs_agree) and np.unique(rows, axis=1).shape == rows.shape
    if _is_triangle(arrays):
        return True
    shape = broadcast_shapes(*(a.shape for a in arrays))
    covered = {_counting_axis(a) for a in arrays}
    left = [k for k, d in enumerate(shape, -len(shape)) if d != 1 and k not in covered]
    return not left or any([_permuted_axis(a)] == left for a in arrays)


def _is_triangle(arrays: tuple[Variable, ...]) -> bool:
    """Whether they are the rows and the columns of a triangle."""
    sources = [a.inputs[0] for a in arrays if a.op.name == "project"]
    return (
        len(arrays) == len(sources) == 2
        and sources[0] is sources[1]
        and arrays[0] is not arrays[1]
        and sources[0].op.name == "triangle_indices"
    )


def are_apart(first: Index, second: Index) -> bool:
    """Whether it is plain that two indices name no element in common: by ints that differ, or
    slices that do not meet."""
    pairs = zip(_before_new_axes(first), _before_new_axes(second), strict=False)
    return any(_entries_are_apart(a, b) for a, b in pairs)


def _entries_are_apart(a: Entry, b: Entry) -> bool:
    if isinstance(a, int) and isinstance(b, int) and a < 0 and b < 0:
        return a != b
    first, second = _progression(a), _progression(b)
    if first is None or second is None:
        return False
    (start, stop, step), (other_start, other_stop, other_step) = first, second
    if stop <= other_start or other_stop <= start:
        return True
    return (start - other_start) % math.gcd(step, other_step) != 0


def _progression(entry: Entry) -> tuple[int, float, int] | None:
    """Start, stop and step of what an int or slice takes, where it counts up from the front."""
    if isinstance(entry, int):
        return (entry, entry + 1, 1) if entry >= 0 else None
    if not isinstance(entry, slice):
        return None
    start, stop, step = entry.start, entry.stop, entry.step
    start, stop, step = start or 0, math.inf if stop is None else stop, step or 1
    if not all(isinstance(end, (int, float)) and end >= 0 for end in (start, stop, step)):
        return None
    return start, stop, step


def _before_new_axes(index: Index) -> Index:
    return index[: index.index(None)] if None in index else index


def _counting_axis(array: Variable) -> int | None:
    """The one axis, from the end, along which an array is 0, 1, 2, …; None for other arrays."""
    source = array.inputs[0] if isinstance(array.op, shapes.Reshape) else array
    if not isinstance(source.op, create.Arange) or source.op.start != 0:
        return None
    long = [k - array.ndim for k, d in enumerate(array.shape) if d != 1]
    return long[0] if len(long) == 1 else None


def _permuted_axis(array: Variable) -> int | None:
    """The axis, from the end, along which no number of an array stands twice, as of an argsort."""
    axis: int | None = getattr(array.op, "permuted_axis", None)
    return axis


# ------------------------------------------------------------------------ from the user's index


def parse(x: Variable, index: Any) -> tuple[Index, list[Variable]]:
    """The index in one form: no Ellipsis, no masks, arrays as inputs, no full slices at its end."""
    entries: list[Any] = []
    for entry in as_entries(index):
        entries.extend(_as_entries(x, entry))
    count = sum(entry is not None and entry is not Ellipsis for entry in entries)
    if count > x.ndim:
        raise ShapeError(
            f"{x.label} has {x.ndim} axes, and the index has {count} entries", "leave some out"
        )
    dots = [k for k, entry in enumerate(entries) if entry is Ellipsis]
    if len(dots) > 1:
        raise ShapeError("an index has more than one '...'", "write ':' for each axis")
    for k in dots:
        entries[k : k + 1] = [FULL] * (x.ndim - count)
    arrays: list[Variable] = []
    axis = 0
    for k, entry in enumerate(entries):
        if isinstance(entry, Variable):
            _check_constant(entry, x.shape[axis], axis)
            entries[k] = Slot(len(arrays), entry.ndim == 0)
            arrays.append(entry)
        elif isinstance(entry, _Mask):
            entry.check(x.shape[axis], axis)
            entries[k] = Slot(len(arrays))
            arrays.append(constant(entry.positions))
        elif isinstance(entry, slice):
            entries[k] = _plain_slice(entry, x.shape[axis])
        axis += entry is not None
    while entries and entries[-1] == FULL:
        entries.pop()
    return tuple(entries), arrays


def as_entries(index: Any) -> tuple[Any, ...]:
    """The entries of a user's index."""
    return index if isinstance(index, tuple) else (index,)


def open_bools(x: Variable, index: Any) -> tuple[Variable, tuple[Any, ...]]:
    """x with a new axis for each 0-d bool of the index, and the index with an array there.

    NumPy's rule: True takes the one element of an axis that x does not have, False none of it.
    """
    entries = as_entries(index)
    if not any(map(_is_bool, entries)):
        return x, entries
    dots = next((k for k, entry in enumerate(entries) if entry is Ellipsis), len(entries))
    before, after = entries[:dots], entries[dots + 1 :][::-1]
    axes = [*_bool_axes(before), *(-1 - k for k in _bool_axes(after))]
    opened = tuple(
        np.zeros(int(bool(entry)), np.intp) if _is_bool(entry) else entry for entry in entries
    )
    return shapes.expand_dims(x, axes), opened


def _bool_axes(entries: Sequence[Any]) -> list[int]:
    """Which of the axes that the entries take are those of 0-d bools."""
    axes, axis = [], 0
    for entry in entries:
        if _is_bool(entry):
            axes.append(axis)
        axis += 0 if entry is None else _mask_rank(entry)
    return axes


def _is_bool(entry: Any) -> bool:
    is_array = isinstance(entry, np.ndarray) and not entry.ndim
    return isinstance(entry, (bool, np.bool_)) or (is_array and entry.dtype == bool)


def _mask_rank(entry: Any) -> int:
    """How many axes an entry takes: a mask as many as it has, any other one."""
    if isinstance(entry, (list, np.ndarray)):
        array = np.asarray(entry)
        return max(array.ndim, 1) if array.dtype.kind == "b" else 1
    return 1


@dataclass(frozen=True)
class _Mask:
    """One axis of a static boolean mask: its length, and where the mask is true along it."""

    length: int
    positions: Array

    def check(self, length: DimLike, axis: int) -> None:
        if length != self.length:
            raise ShapeError(
                f"a mask of length {self.length} on axis {axis} of length {length}",
                "a mask must have the lengths of the axes that it selects from",
            )


def _as_entries(x: Variable, entry: Any) -> list[Any]:
    """An entry of the user's index as ours; a mask of k axes gives k entries."""
    if entry is None or entry is Ellipsis or isinstance(entry, Dim):
        return [entry]
    if isinstance(entry, slice):
        return [slice(*(_slice_part(part) for part in (entry.start, entry.stop, entry.step)))]
    if isinstance(entry, Variable):
        _check_index_dtype(x, entry)
        return [entry]
    if isinstance(entry, int | np.integer) and not isinstance(entry, bool):
        return [int(entry)]
    if isinstance(entry, list | tuple) and not entry:
        entry = np.empty(0, np.intp)
    value = constant(as_variable(entry)).op.value  # type: ignore[attr-defined]
    if value.dtype.kind == "b" and value.ndim:
        return [_Mask(n, p) for n, p in zip(value.shape, np.nonzero(value), strict=True)]
    if value.dtype.kind not in "iu":
        raise DTypeError(
            f"cannot index {x.label} with a value of dtype {value.dtype}",
            "an index is made of ints, slices, None, and arrays of ints or bools",
        )
    return [constant(value) if value.ndim else int(value)]


def _check_index_dtype(x: Variable, index: Variable) -> None:
    if index.dtype.kind == "b":
        raise DTypeError(
            f"{x.label}[{index.label}]: the length of the result would depend on the values of "
            "the mask",
            f"write gr.where({index.label}, {x.label}, 0) and reduce that, "
            "or index with a NumPy array of bools",
        )
    if index.dtype.kind not in "iu":
        raise DTypeError(
            f"cannot index {x.label} with {index.label}, which is {index.dtype}",
            "convert the index with .astype('int64')",
        )


def _check_constant(array: Variable, length: DimLike, axis: int) -> None:
    if isinstance(array.op, Constant) and array.op.value.size:
        for k in (int(array.op.value.min()), int(array.op.value.max())):
            _check_range(k, length, axis)


def _slice_part(part: Any) -> DimLike | None:
    if part is None or isinstance(part, Dim):
        return part
    try:
        return operator.index(part)
    except TypeError:
        raise ValueKindError(
            f"a slice's bound cannot be {getattr(part, 'label', repr(part))}",
            "bounds are ints or sizes; gr.take(x, start + gr.arange(count)) starts anywhere",
        ) from None


def _plain_slice(part: slice, length: DimLike) -> slice:
    """The slice without what it says by default."""
    start, stop, step = part.start, part.stop, part.step
    if step is not None and not isinstance(step, int):
        raise ValueKindError(f"a slice's step cannot be the symbolic size {step}", "give an int")
    if step == 0:
        raise OptionError("a slice's step is zero", "give a step other than 0")
    if step is None or step > 0:
        start = None if start == 0 else start
        stop = None if stop == length else stop
        step = None if step == 1 else step
    return slice(start, stop, step)


# ----------------------------------------------------------------------------------------- vmap


@dataclass(frozen=True)
class BatchedIndex:
    """An index along a new leading axis.

    ``order`` sorts the axes of its result into (batch axis, axes of the result without it);
    None where they are in that order by themselves.
    """

    index: Index
    arrays: tuple[Variable, ...]
    order: tuple[int, ...] | None

    @staticmethod
    def of(
        index: Index,
        size: DimLike,
        arrays: list[Variable],
        flags: tuple[bool, ...],
        x_batched: bool,
    ) -> BatchedIndex:
        """``flags`` mark the index arrays that have the new axis, ``x_batched`` the operand."""
        at = advanced_at(index)
        rank = max((a.ndim - b for a, b in zip(arrays, flags, strict=True)), default=0)
        order: tuple[int, ...] = ()
        joined = tuple(range(1, rank + 1))
        if not any(flags):
            index = (FULL, *index)
            if arrays and advanced_at(index) == 0:
                order = (rank, *range(rank))
        elif x_batched:
            arrays = list(align_batch(tuple(arrays), flags))
            rows = shapes.Reshape((size, *(1,) * rank))(create.arange(size))
            index = (Slot(len(arrays)), *index)
            arrays = [*arrays, rows]
            order = (0, *range(rank + 1, rank + 1 + at), *joined)
        else:
            arrays = list(align_batch(tuple(arrays), flags))
            order = (at, *range(at))
        index = tuple(
            Slot(entry.number, arrays[entry.number].ndim == 0) if isinstance(entry, Slot) else entry
            for entry in index
        )
        in_order = order == tuple(range(len(order)))
        return BatchedIndex(index, tuple(arrays), None if in_order else order)

    def _permutation(self, ndim: int) -> list[int]:
        assert self.order is not None
        return [*self.order, *range(len(self.order), ndim)]

    def to_front(self, result: Variable) -> Variable:
        """The result of this index with the batch axis in front."""
        if self.order is None:
            return result
        return shapes.transpose(result, self._permutation(result.ndim))

    def from_front(self, values: Variable) -> Variable:
        """Values with the batch axis in front, as this index takes them."""
        if self.order is None or not values.ndim:
            return values
        permutation = self._permutation(values.ndim)
        return shapes.transpose(values, [permutation.index(k) for k in range(values.ndim)])
