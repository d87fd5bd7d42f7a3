"""Indexing by NumPy's rules, and its adjoint: adding values at an index."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any, ClassVar

import numpy as np

from graphcomp.dims import DimLike, prod
from graphcomp.errors import DTypeError, ShapeError
from graphcomp.graph import Variable
from graphcomp.ops import create, shape as shapes
from graphcomp.ops.base import (
    Bad,
    Meaning,
    Op,
    Operand,
    Sample,
    as_variable,
    axis_from_end,
    constant_value,
    weak,
)
from graphcomp.ops.elementwise import align_batch
from graphcomp.ops.indices import (
    FULL,
    Index,
    Slot,
    advanced_at,
    index_text,
    is_unique,
    parse,
    result_shape,
    show_index,
    slots,
)
from graphcomp.registry import public, refuse
from graphcomp.types import TensorType, broadcast_shapes, format_shape, result_dtype

__all__ = ["index_add", "take", "take_along_axis"]

Array = np.ndarray[Any, Any]


# ------------------------------------------------------------------------------------- operations


@dataclass(frozen=True, eq=False)
class GetItem(Op):
    """Elements of x at an index of ints, slices, new axes and integer arrays."""

    index: Index
    parameters: ClassVar[tuple[str, ...]] = ("x", "*i")
    flops_per_element: ClassVar[float] = 0.0

    def describe(self) -> str:
        return f"{self.name}{show_index(self.index)}"

    @property
    def is_view(self) -> bool:  # type: ignore[override]
        """Basic indexing gives a view, arrays give a copy."""
        return all(entry.scalar for entry in self.index if isinstance(entry, Slot))

    @property
    def nondiff(self) -> frozenset[int]:
        return frozenset(range(1, 1 + slots(self.index)))

    def infer(self, *types: TensorType) -> TensorType:
        x, *arrays = types
        return x.with_shape(result_shape(self.index, x.shape, (a.shape for a in arrays)))

    def meaning(self, *types: TensorType) -> Meaning:
        text, literals = index_text(self.index, types[0].ndim)
        return Meaning(f"x[{text}]", literals)

    def simplify(self, *inputs: Variable) -> Variable | None:
        x, *arrays = inputs
        if all(entry is None or entry == FULL for entry in self.index):
            axes = [k for k, entry in enumerate(self.index) if entry is None]
            return shapes.expand_dims(x, axes) if axes else x
        if isinstance(x.op, create.Full):
            shape = result_shape(self.index, x.shape, (a.shape for a in arrays))
            return create.Full(shape, x.op.fill, x.op.dtype)()
        return None

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        x, *arrays = inputs
        index = self.index
        if not arrays and None in index:
            index = tuple(entry for entry in index if entry is not None)
            G = shapes.Reshape(result_shape(index, x.shape, ()))(G)
        zeros = create.full_of(0, x.type.with_dtype(G.dtype))
        return IndexAdd(index, is_unique(index, tuple(arrays)))(zeros, G, *arrays)

    def batch(self, inputs: tuple[Variable, ...], batched: tuple[bool, ...]) -> Variable:
        x, *arrays = inputs
        moved = _Batched.of(self.index, x.shape[0], arrays, batched[1:], batched[0])
        return moved.to_front(GetItem(moved.index)(x, *moved.arrays))

    def oracle(self, x: Array, *arrays: Array) -> Any:
        found = dict(_pairs(self.index, x.shape, arrays))
        out = np.empty(result_shape(self.index, x.shape, (a.shape for a in arrays)), x.dtype)
        for target, source in found.items():
            out[target] = x[source]
        return out

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for index, shape, arrays in _uses():
            yield Sample(cls(index), (Operand(shape), *arrays))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls((3,)), (Operand((3,)),), ShapeError)
        yield Bad(cls((-4,)), (Operand((3,)),), ShapeError)
        yield Bad(cls((0, 0)), (Operand((3,)),), ShapeError)
        two, three = _indices([0, 1]), _indices([0, 1, 1])
        yield Bad(cls((Slot(0), Slot(1))), (Operand((3, 3)), two, three), ShapeError)


@dataclass(frozen=True, eq=False)
class IndexAdd(Op):
    """``base`` with ``values`` added at an index; values for one element accumulate.

    ``unique``: the index is known to name no element twice.
    """

    index: Index
    unique: bool = False
    parameters: ClassVar[tuple[str, ...]] = ("x", "y", "*i")

    def describe(self) -> str:
        return f"{self.name}{show_index(self.index)}"

    @property
    def nondiff(self) -> frozenset[int]:
        return frozenset(range(2, 2 + slots(self.index)))

    def infer(self, *types: TensorType) -> TensorType:
        x, y, *arrays = types
        target = result_shape(self.index, x.shape, (a.shape for a in arrays))
        if broadcast_shapes(target, y.shape) != target:
            raise ShapeError(
                f"cannot add {format_shape(y.shape)} at an index of shape {format_shape(target)}",
                "the values must broadcast to the shape of x[index]",
            )
        if not np.can_cast(y.dtype, x.dtype, "same_kind"):
            raise DTypeError(f"cannot add {y.dtype} into {x.dtype}", "convert with .astype first")
        return x.with_shape(x.shape)

    def meaning(self, *types: TensorType) -> Meaning:
        text, literals = self._text(types[0].ndim)
        helper = "_index_add" if self.unique else "_index_add_repeated"
        return Meaning(f"{helper}(x, {text}, y)", literals)

    def flops(self, types: tuple[TensorType, ...], output: TensorType) -> DimLike:
        return prod(result_shape(self.index, types[0].shape, (t.shape for t in types[2:])))

    def update(self, *types: TensorType) -> Meaning | None:
        if not self.unique:
            text, literals = self._text(types[0].ndim)
            return Meaning(f"np.add.at(x, {text}, y)", literals)
        text, literals = index_text(self.index, types[0].ndim)
        return Meaning(f"x[{text}] += y", literals)

    def _text(self, ndim: int) -> tuple[str, dict[str, Any]]:
        text, literals = index_text(self.index, ndim)
        if any(isinstance(entry, slice) for entry in self.index) or text.endswith(":"):
            return f"np.s_[{text}]", literals
        return (text if len(self.index) == 1 else f"({text})"), literals

    def simplify(self, *inputs: Variable) -> Variable | None:
        """Adding nothing is left out; values that one number fills are that number."""
        x, y, *arrays = inputs
        number = constant_value(y)
        if number is None and not isinstance(y.op, shapes.BroadcastTo):
            return None
        self.infer(*(v.type for v in inputs))
        if number == 0:
            return x
        if number is not None:
            return self(x, weak(number), *arrays) if y.ndim else None
        source = y.inputs[0]
        if isinstance(source.op, shapes.Reshape) and not source.inputs[0].ndim:
            source = source.inputs[0]
        return self(x, source, *arrays)

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        return G if i == 0 else GetItem(self.index)(G, *inputs[2:])

    def batch(self, inputs: tuple[Variable, ...], batched: tuple[bool, ...]) -> Variable:
        x, y, *arrays = inputs
        size = inputs[batched.index(True)].shape[0]
        target = result_shape(
            self.index,
            x.shape[batched[0] :],
            (a.shape[b:] for a, b in zip(arrays, batched[2:], strict=True)),
        )
        if not batched[0]:
            x = shapes.broadcast_to(x, (size, *x.shape))
        moved = _Batched.of(self.index, size, arrays, batched[2:], True)
        if y.ndim and (batched[1] or moved.order is not None):
            lead = (size,) if batched[1] else (1,)
            shape = y.shape[batched[1] :]
            y = shapes.Reshape((*lead, *(1,) * (len(target) - len(shape)), *shape))(y)
        return IndexAdd(moved.index, self.unique)(x, moved.from_front(y), *moved.arrays)

    def oracle(self, x: Array, y: Array, *arrays: Array) -> Any:
        out = np.array(x)
        values = np.broadcast_to(
            y,
            result_shape(self.index, x.shape, (a.shape for a in arrays)),  # type: ignore[arg-type]
        )
        for source, target in _pairs(self.index, x.shape, arrays):
            out[target] = out[target] + values[source]
        return out

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for index, shape, arrays in _uses():
            target = result_shape(index, shape, (a.shape for a in arrays))
            for values in dict.fromkeys((target, target[1:], ())):
                operands = (Operand(shape), Operand(values), *arrays)  # type: ignore[arg-type]
                yield Sample(cls(index, not arrays), operands)

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls((slice(1, None),)), (Operand((3,)), Operand((3,))), ShapeError)
        yield Bad(cls((0,)), (Operand((3,)), Operand((), dtype="complex128")), DTypeError)


# ----------------------------------------------------------------------------------------- vmap


@dataclass(frozen=True)
class _Batched:
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
    ) -> _Batched:
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
        return _Batched(index, tuple(arrays), order if order != tuple(range(len(order))) else None)

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


# ------------------------------------------------------------------------- functions for users


@public("numpy.ndarray.__getitem__")
def getitem(x: Any, index: Any) -> Variable:
    """``x[index]``, by NumPy's rules: ints, slices, Ellipsis, None, arrays of ints, static masks.

    Bounds of slices are ints or sizes. Raises ShapeError for an index out of range or too many
    of them, DTypeError for a float index and for a symbolic mask.

    >>> import graphcomp as gr
    >>> gr.vector("x", "n")[1:].shape
    (Dim('n - 1'),)
    """
    x = as_variable(x)
    entries, arrays = parse(x, index)
    return GetItem(entries)(x, *arrays)


def index_add(x: Any, index: Any, values: Any) -> Variable:
    """A copy of x with ``values`` added at ``index``; values for one element accumulate.

    The shape is x's, the dtype NumPy's common one of x and values. Raises as ``x[index]``, and
    ShapeError where the values do not broadcast to the shape of ``x[index]``.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.index_add(gr.zeros(3), [0, 0, 2], 1.0))
    array([2., 0., 1.])
    """
    x, values = as_variable(x), as_variable(values)
    entries, arrays = parse(x, index)
    x = x.astype(result_dtype(x.type, values.type))
    return IndexAdd(entries, is_unique(entries, tuple(arrays)))(x, values, *arrays)


@public("numpy.take")
def take(
    x: Any, indices: Any, axis: int | None = None, out: None = None, mode: str = "raise"
) -> Variable:
    """The elements of x at ``indices`` along ``axis``, or of x flattened, as ``np.take``.

    Shape: x's with ``axis`` replaced by the shape of the indices. Raises ShapeError for an axis
    that x does not have, OptionError for another ``mode`` than "raise".

    >>> import graphcomp as gr
    >>> gr.take(gr.matrix("X", (2, 3)), [0, 2, 2, 1], axis=1).shape
    (2, 4)
    """
    refuse("take", out=out, mode=None if mode == "raise" else mode)
    x = as_variable(x)
    if axis is None:
        return getitem(shapes.Reshape((x.size,))(x), (indices,))
    lead = axis_from_end(axis, x.ndim) + x.ndim
    return getitem(x, (*[FULL] * lead, indices))


@public("numpy.take_along_axis")
def take_along_axis(arr: Any, indices: Any, axis: int | None = -1) -> Variable:
    """The elements of ``arr`` at ``indices`` of the same rank along ``axis``.

    As ``np.take_along_axis``. Raises ShapeError where the ranks differ.

    >>> import graphcomp as gr
    >>> x = gr.matrix("x", (2, 3))
    >>> gr.evaluate({x: [[1, 2, 3], [4, 5, 6]]}, gr.take_along_axis(x, [[2], [0]], axis=1))
    array([[3.],
           [4.]])
    """
    x, positions = as_variable(arr), as_variable(indices)
    if axis is None:
        x, axis = shapes.Reshape((x.size,))(x), -1
    if positions.ndim != x.ndim:
        raise ShapeError(
            f"take_along_axis: {x.label} has {x.ndim} axes, the indices have {positions.ndim}",
            "give indices of the same number of axes",
        )
    along = axis_from_end(axis, x.ndim)
    entries: list[Variable] = []
    for k in range(-x.ndim, 0):
        count = create.arange(x.shape[k]) if k != along else positions
        alone = tuple(x.shape[k] if j == k else 1 for j in range(-x.ndim, 0))
        entries.append(positions if k == along else shapes.Reshape(alone)(count))
    return getitem(x, tuple(entries))


# ---------------------------------------------------------------------------- samples and oracle


def _indices(values: Any) -> Operand:
    array = np.array(values, np.int64)
    return Operand(array.shape, dtype="int64", kind="fixed", value=array)


def _uses() -> Iterator[tuple[Index, tuple[int, ...], tuple[Operand, ...]]]:
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
    flat, column = _indices([2, 0, 2, -1]), _indices([[0], [1]])
    yield (one,), (3,), (flat,)
    yield (one,), (3, 2), (flat,)
    yield (one,), (3, 2), (_indices(1),)
    yield (one,), (3,), (_indices(np.empty(0)),)
    yield (FULL, one), (2, 3), (flat,)
    yield (one, two), (3, 3), (flat, _indices([0, 1, 2, 0]))
    yield (one, two), (2, 3), (column, flat)
    yield (one, FULL, two), (3, 2, 3), (flat, _indices([0, 1, 2, 0]))
    yield (FULL, one, two), (2, 3, 3), (flat, _indices([0, 1, 2, 0]))
    yield (1, FULL, one), (2, 2, 3), (flat,)
    yield (slice(1, None), one, None), (3, 3), (flat,)
    yield (one, None, slice(None, None, 2)), (3, 3), (column,)


def _pairs(
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
