"""Which elements of an array a view of it is, as basic indexing and transposing make them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphcomp.dims import Dim, DimLike, Shape

FULL = slice(None)


def is_basic(index: Any) -> bool:
    """Whether an index is of ints, sizes, slices, Ellipsis and None only: it makes a view."""
    entries = index if isinstance(index, tuple) else (index,)
    kinds = (int, np.integer, Dim, slice)
    return all(
        (isinstance(entry, kinds) and not isinstance(entry, bool))
        or entry is None
        or entry is Ellipsis
        for entry in entries
    )


@dataclass(frozen=True)
class Region:
    """``array[index]`` with its axes in another order.

    ``index`` has an int or a slice for each axis of the array; ``axes`` says which axis of the
    array each axis of the region runs along, None for a new axis of length 1.
    """

    index: tuple[Any, ...]
    axes: tuple[int | None, ...]

    @classmethod
    def whole(cls, ndim: int) -> Region:
        """All of an array."""
        return cls((FULL,) * ndim, tuple(range(ndim)))

    @property
    def is_whole(self) -> bool:
        """Whether it has all elements, in whatever order of the axes."""
        return all(entry == FULL for entry in self.index)

    @property
    def kept(self) -> list[int]:
        """The axes of the array that the index leaves."""
        return [axis for axis, entry in enumerate(self.index) if isinstance(entry, slice)]

    @property
    def is_plain(self) -> bool:
        """Whether the region is ``array[index]``, its axes as they are."""
        return list(self.axes) == self.kept

    @property
    def is_contiguous(self) -> bool:
        """Whether its elements follow each other in an array in C order, for certain."""
        entries = list(self.index)
        while entries and not isinstance(entries[0], slice):
            entries.pop(0)
        first = entries[0].step in (None, 1) if entries else True
        return first and all(entry == FULL for entry in entries[1:]) and self.is_plain

    def transposed(self, order: Sequence[int]) -> Region:
        """The region with its axes in this order."""
        return Region(self.index, tuple(self.axes[k] for k in order))

    def at(self, index: Any, shape: Shape) -> Region | None:
        """What a basic index selects of the region, in an array of this shape.

        None where that cannot be said as one index, or the index is out of range.
        """
        entries = _spread(index, len(self.axes))
        if entries is None:
            return None
        chosen, given = list(self.index), iter(self.axes)
        axes: list[int | None] = []
        for entry in entries:
            if entry is None:
                axes.append(None)
                continue
            axis = next(given)
            if axis is None:
                if entry not in (0, -1, FULL):
                    return None
                axes += [None] if entry == FULL else []
                continue
            composed = _composed(chosen[axis], entry, shape[axis])
            if composed is None:
                return None
            chosen[axis] = composed
            axes += [axis] if isinstance(entry, slice) else []
        return Region(tuple(chosen), tuple(axes))


def _spread(index: Any, ndim: int) -> list[Any] | None:
    """An entry for each of ``ndim`` axes and each new one."""
    entries: list[Any] = list(index) if isinstance(index, tuple) else [index]
    missing = ndim - sum(entry is not None and entry is not Ellipsis for entry in entries)
    dots = [k for k, entry in enumerate(entries) if entry is Ellipsis]
    if missing < 0 or len(dots) > 1:
        return None
    place = dots[0] if dots else len(entries)
    entries[place : place + len(dots)] = [FULL] * missing
    return [int(entry) if isinstance(entry, np.integer) else entry for entry in entries]


def _composed(first: slice, second: Any, length: DimLike) -> Any:
    """The index of ``array[first][second]`` along an axis of this length.

    An int counts from the front where the length is known, so that one element has one index.
    """
    if first == FULL:
        is_from_end = isinstance(second, int) and second < 0
        return second + length if is_from_end and isinstance(length, int) else second
    if second == FULL:
        return first
    parts = [first.start, first.stop, first.step]
    parts += [second.start, second.stop, second.step] if isinstance(second, slice) else [second]
    if isinstance(length, int) and not any(isinstance(part, Dim) for part in parts):
        return _in_range(range(length)[first], second)
    start = 0 if first.start is None else first.start
    if first.step not in (None, 1) or first.stop is not None or not _counts(start):
        return None
    if not isinstance(second, slice):
        return start + second if _counts(second) else None
    begin = 0 if second.start is None else second.start
    step = 1 if second.step is None else second.step
    is_tail = second.stop is None and _counts(begin) and isinstance(step, int) and step > 0
    return slice(start + begin, None, second.step) if is_tail else None


def _counts(value: Any) -> bool:
    return isinstance(value, int) and value >= 0


def _in_range(places: range, second: Any) -> Any:
    try:
        found = places[second]
    except IndexError:
        return None
    if isinstance(found, int):
        return found
    if not found:
        return slice(0, 0)
    stop = found.stop if found.stop >= 0 else None
    return slice(found.start, stop, None if found.step == 1 else found.step)
