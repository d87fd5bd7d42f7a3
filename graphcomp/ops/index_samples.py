"""Indices for the tests of operations that have one, and what they name, by plain loops."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np

from graphcomp.ops.base import Operand
from graphcomp.ops.indices import FULL, Index, Slot, advanced_at

Array = np.ndarray[Any, Any]


def index_operand(values: Any) -> Operand:
    """An index array for a test."""
    array = np.array(values, np.int64)
    return Operand(array.shape, dtype="int64", kind="fixed", value=array)


def index_uses() -> Iterator[tuple[Index, tuple[int, ...], tuple[Operand, ...]]]:
    """Indices with a shape that they fit and their arrays."""
    one, two = Slot(0), Slot(1)
    yield (2,), (5,), ()
    yield (-1,), (3,), ()
    yield (slice(1, None),), (5,), ()
    yield (slice(None, -1),), (1,), ()
    yield (slice(None, None, -2),), (5,), ()
    yield (slice(4, 0, -1), 1), (5, 2), ()
    yield (slice(1, None), None), (3, 2), ()
    yield (None, FULL, 0), (2, 3), ()
    yield (slice(1, None),), (0, 2), ()
    flat, column = index_operand([2, 0, 2, -1]), index_operand([[0], [1]])
    yield (one,), (3,), (flat,)
    yield (one,), (3, 2), (flat,)
    yield (one,), (3, 2), (index_operand(1),)
    yield (one,), (3,), (index_operand(np.empty(0)),)
    yield (FULL, one), (2, 3), (flat,)
    yield (one, two), (3, 3), (flat, index_operand([0, 1, 2, 0]))
    yield (one, two), (2, 3), (column, flat)
    yield (one, FULL, two), (3, 2, 3), (flat, index_operand([0, 1, 2, 0]))
    yield (FULL, one, two), (2, 3, 3), (flat, index_operand([0, 1, 2, 0]))
    yield (1, FULL, one), (2, 2, 3), (flat,)
    yield (slice(1, None), one, None), (3, 3), (flat,)
    yield (one, None, slice(None, None, 2)), (3, 3), (column,)


def index_pairs(
    index: Index, shape: tuple[int, ...], arrays: tuple[Array, ...]
) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Each place in ``x[index]`` with the place in x that it reads."""
    joined = np.broadcast_shapes(*(np.shape(a) for a in arrays))
    tables = [np.broadcast_to(a, joined) for a in arrays]
    used = sum(entry is not None for entry in index)
    index = (*index, *(FULL,) * (len(shape) - used))
    at = advanced_at(index) if arrays else 0
    axes = iter(shape)
    lengths = [1 if entry is None else next(axes) for entry in index]
    choices = [
        range(1) if entry is None else range(*entry.indices(length))
        for entry, length in zip(index, lengths, strict=True)
        if isinstance(entry, slice | None)
    ]
    for counts in product(*(range(len(choice)) for choice in choices)):
        for place in np.ndindex(joined):
            left = iter(choice[c] for choice, c in zip(choices, counts, strict=True))
            source = []
            for entry, length in zip(index, lengths, strict=True):
                if isinstance(entry, Slot):
                    source.append(int(tables[entry.number][place]) % length)
                elif isinstance(entry, int):
                    source.append(entry % length)
                elif entry is None:
                    next(left)
                else:
                    source.append(next(left))
            yield (*counts[:at], *place, *counts[at:]), tuple(source)
