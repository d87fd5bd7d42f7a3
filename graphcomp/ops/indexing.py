"""Indexing by NumPy's rules."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from graphcomp.dims import DimLike
from graphcomp.errors import DTypeError, OptionError, ShapeError
from graphcomp.graph import Variable
from graphcomp.ops import compare, create, scatter, shape as shapes
from graphcomp.ops.base import (
    Bad,
    Constant,
    Meaning,
    Op,
    Operand,
    Sample,
    as_variable,
    axis_from_end,
)
from graphcomp.ops.index_samples import index_operand, index_pairs, index_uses
from graphcomp.ops.indices import (
    FULL,
    BatchedIndex,
    Index,
    Slot,
    are_apart,
    index_text,
    is_unique,
    open_bools,
    parse,
    result_shape,
    show_index,
    slots,
)
from graphcomp.registry import public, refuse
from graphcomp.types import TensorType

__all__ = ["take", "take_along_axis"]

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
        return self._of_set(x, arrays)

    def _of_set(self, x: Variable, arrays: list[Variable]) -> Variable | None:
        """What was set at this index, or what was there before values were set elsewhere."""
        source = x
        while isinstance(source.op, scatter.IndexSet):
            op, (before, values, *others) = source.op, source.inputs
            same = op.index == self.index and all(map(operator.is_, arrays, others))
            if same and (op.unique or is_unique(op.index, tuple(others))):
                shape = result_shape(self.index, x.shape, (a.shape for a in arrays))
                return shapes.broadcast_to(values.astype(x.dtype), shape)
            if not are_apart(self.index, op.index):
                break
            source = before
        return None if source is x else self(source, *arrays)

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        x, *arrays = inputs
        index = self.index
        if not arrays and None in index:
            index = tuple(entry for entry in index if entry is not None)
            G = shapes.Reshape(result_shape(index, x.shape, ()))(G)
        zeros = create.full_of(0, x.type.with_dtype(G.dtype))
        return scatter.IndexAdd(index, is_unique(index, tuple(arrays)))(zeros, G, *arrays)

    def batch(self, inputs: tuple[Variable, ...], batched: tuple[bool, ...]) -> Variable:
        x, *arrays = inputs
        moved = BatchedIndex.of(self.index, x.shape[0], arrays, batched[1:], batched[0])
        return moved.to_front(GetItem(moved.index)(x, *moved.arrays))

    def oracle(self, x: Array, *arrays: Array) -> Any:
        found = dict(index_pairs(self.index, x.shape, arrays))
        out = np.empty(result_shape(self.index, x.shape, (a.shape for a in arrays)), x.dtype)
        for target, source in found.items():
            out[target] = x[source]
        return out

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for index, shape, arrays in index_uses():
            yield Sample(cls(index), (Operand(shape), *arrays))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls((3,)), (Operand((3,)),), ShapeError)
        yield Bad(cls((-4,)), (Operand((3,)),), ShapeError)
        yield Bad(cls((0, 0)), (Operand((3,)),), ShapeError)
        two, three = index_operand([0, 1]), index_operand([0, 1, 1])
        yield Bad(cls((Slot(0), Slot(1))), (Operand((3, 3)), two, three), ShapeError)


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
    x, index = open_bools(as_variable(x), index)
    entries, arrays = parse(x, index)
    return GetItem(entries)(x, *arrays)


@public("numpy.take")
def take(
    a: Any, indices: Any, axis: int | None = None, out: None = None, mode: str = "raise"
) -> Variable:
    """The elements of a at ``indices`` along ``axis``, or of a flattened, as ``np.take``.

    Shape: a's with ``axis`` replaced by the shape of the indices. With ``mode="wrap"`` indices
    go round, with ``"clip"`` they stop at the ends. Raises ShapeError for an axis that a does
    not have, DTypeError for indices that are no ints, OptionError for another ``mode``.

    >>> import graphcomp as gr
    >>> gr.take(gr.matrix("X", (2, 3)), [0, 2, 2, 1], axis=1).shape
    (2, 4)
    """
    refuse("take", out=out)
    x = as_variable(a)
    if axis is None:
        x, axis = shapes.Reshape((x.size,))(x), 0
    lead = axis_from_end(axis, x.ndim) + x.ndim if x.ndim else 0
    if not x.ndim:
        x = shapes.Reshape((1,))(x)
    return getitem(x, (*[FULL] * lead, _in_range(indices, x.shape[lead], mode)))


def _in_range(indices: Any, length: DimLike, mode: str) -> Any:
    """The indices as ``mode`` reads them, for an axis of this length."""
    if mode not in ("raise", "wrap", "clip"):
        raise OptionError(f"mode={mode!r}", "give 'raise', 'wrap' or 'clip'")
    places = as_variable(np.empty(0, np.intp) if _is_empty(indices) else indices)
    if places.dtype.kind == "b":
        places = places.astype("int64")
    if places.dtype.kind not in "iu":
        raise DTypeError(f"take with indices of dtype {places.dtype}", "give ints")
    if mode == "raise":
        return places.op.value if isinstance(places.op, Constant) else places
    if isinstance(places.op, Constant) and isinstance(length, int):
        value = places.op.value
        return value % length if mode == "wrap" else np.clip(value, 0, length - 1)
    return places % length if mode == "wrap" else compare.clip(places, 0, length - 1)


def _is_empty(indices: Any) -> bool:
    return isinstance(indices, (list, tuple)) and not np.size(indices)


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
