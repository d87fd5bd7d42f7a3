"""Elements left out and put in between, at places known when the graph is built."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from graphcomp.dims import DimLike
from graphcomp.errors import DTypeError, ShapeError, SizeError, ValueKindError
from graphcomp.graph import Variable
from graphcomp.ops import (
    compare,
    create,
    indexing,
    join,
    reduce,
    scatter,
    search,
    shape as shapes,
    sorting,
)
from graphcomp.ops.base import Bad, Meaning, Op, Operand, Sample, as_variable, axis_from_end
from graphcomp.ops.indices import FULL, slice_length
from graphcomp.registry import public
from graphcomp.types import TensorType

__all__ = ["delete", "insert"]

Array = np.ndarray[Any, Any]
Places = tuple[int, ...]


def _at(axis: int, ndim: int, entry: Any) -> tuple[Any, ...]:
    """The index with an entry at an axis counted from the end."""
    return (*[FULL] * (axis + ndim), entry)


def _kept(x: Variable, removed: Places | slice, axis: int) -> Variable:
    """The places along an axis that are not removed."""
    return Delete(removed, -1)(create.arange(x.shape[axis]))


def _outside(place: int, length: int, axis: int) -> ShapeError:
    return ShapeError(
        f"index {place} is out of range for axis {axis} of length {length}",
        f"use {-length} to {length}",
    )


@dataclass(frozen=True, eq=False)
class Delete(Op):
    """x without its elements at some places along an axis, counted from the end.

    The places differ, and are either all from the front or all from the end.
    """

    places: Places | slice
    axis: int
    flops_per_element: ClassVar[float] = 0.0

    def infer(self, x: TensorType) -> TensorType:
        reduce.require_axes((self.axis,), x)
        shape = list(x.shape)
        shape[self.axis] = shape[self.axis] - self._count(shape[self.axis])
        return x.with_shape(tuple(shape))

    def _count(self, length: DimLike) -> DimLike:
        if isinstance(self.places, slice):
            return slice_length(self.places, length)
        if isinstance(length, int):
            for place in self.places:
                if not -length <= place < length:
                    raise _outside(place, length, self.axis)
        return len(self.places)

    def simplify(self, x: Variable) -> Variable | None:
        return x if self.places == () and not x.type.weak else None

    def meaning(self, *types: TensorType) -> Meaning:
        literals = {"places": _listed(self.places), "axis": _axis(self.axis, types[0])}
        return Meaning("np.delete(x, places, axis=axis)", literals, {"axis": None})

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        (x,) = inputs
        zeros = create.full_of(0, x.type.with_dtype(G.dtype))
        index = _at(self.axis, x.ndim, _kept(x, self.places, self.axis))
        return scatter.updated(scatter.IndexAdd, zeros, index, G, unique=True)

    def oracle(self, x: Array) -> Any:
        length = x.shape[self.axis]
        places = self.places
        chosen = range(*places.indices(length)) if isinstance(places, slice) else places
        gone = {place % length for place in chosen}
        rows = [x.take(k, self.axis) for k in range(length) if k not in gone]
        return np.stack(rows, self.axis) if rows else np.empty(self.infer_shape(x))

    def infer_shape(self, x: Array) -> Any:
        """The shape of the result, for the oracle."""
        return self.infer(TensorType(x.dtype, x.shape)).shape

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for shape, places, axis in (
            ((4,), (1,), -1),
            ((4,), (0, 2), -1),
            ((4,), (-2, -1), -1),
            ((3, 2), (1,), -2),
            ((2, 3), (0, 2), -1),
            ((2, 3), slice(None, None, 2), -1),
            ((2,), (0, 1), -1),
        ):
            yield Sample(cls(places, axis), (Operand(shape),))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls((3,), -1), (Operand((3,)),), ShapeError)
        yield Bad(cls((0,), -2), (Operand((3,)),), ShapeError)


@dataclass(frozen=True, eq=False)
class Insert(Op):
    """x with y put in before some places along an axis, counted from the end.

    The places ascend, and are either all from the front or all from the end.
    """

    places: Places
    axis: int
    parameters: ClassVar[tuple[str, ...]] = ("x", "y")
    flops_per_element: ClassVar[float] = 0.0

    def infer(self, *types: TensorType) -> TensorType:
        x, y = types
        reduce.require_axes((self.axis,), x)
        length, count = x.shape[self.axis], len(self.places)
        if isinstance(length, int):
            for place in self.places:
                if not -length <= place <= length:
                    raise _outside(place, length, self.axis)
        block, whole = list(x.shape), list(x.shape)
        block[self.axis], whole[self.axis] = count, length + count
        fits = len(y.shape) <= len(block) and all(
            d == 1 or d == block[k - len(y.shape)] for k, d in enumerate(y.shape)
        )
        if not fits:
            raise ShapeError(
                f"values of shape {y.shape} for {count} places",
                f"they must broadcast to {tuple(block)}",
            )
        if not np.can_cast(y.dtype, x.dtype, "same_kind"):
            raise DTypeError(f"cannot put {y.dtype} into {x.dtype}", "convert with .astype first")
        return x.with_shape(tuple(whole))

    @property
    def new(self) -> Places:
        """Where the new elements stand in the result."""
        shift = 0 if self.places[0] >= 0 else len(self.places)
        return tuple(place + k - shift for k, place in enumerate(self.places))

    def meaning(self, *types: TensorType) -> Meaning:
        x, y = types
        one = len(set(self.places)) == 1 and (len(self.places) == 1 or y.ndim == x.ndim)
        plain = one and (not y.ndim or self.axis == -x.ndim)
        places = self.places[0] if plain else list(self.places)
        literals = {"places": places, "axis": _axis(self.axis, x)}
        return Meaning("np.insert(x, places, y, axis=axis)", literals, {"axis": None})

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        if i == 0:
            return Delete(self.new, self.axis)(G)
        places = self.new
        part: Any = list(places)
        if places == tuple(range(places[0], places[0] + len(places))):
            part = slice(places[0], places[-1] + 1 or None)
        return indexing.getitem(G, _at(self.axis, G.ndim, part))

    def batch(self, inputs: tuple[Variable, ...], batched: tuple[bool, ...]) -> Variable:
        x, y = inputs
        if not batched[0]:
            x = shapes.broadcast_to(x, (y.shape[0], *x.shape))
        if batched[1]:
            lead = (1,) * (x.ndim - y.ndim)
            y = shapes.Reshape((y.shape[0], *lead, *y.shape[1:]))(y)
        return self(x, y)

    def oracle(self, x: Array, y: Array) -> Any:
        rows = [x.take(k, self.axis) for k in range(x.shape[self.axis])]
        shape = list(x.shape)
        shape[self.axis] = len(self.places)
        block = np.broadcast_to(y, shape)
        order = sorted(range(len(self.places)), key=lambda k: self.places[k] % (len(rows) + 1))
        places = [p + len(rows) if p < 0 else p for p in self.places]
        for k in reversed(order):
            rows.insert(places[k], block.take(k, self.axis))
        return np.stack(rows, self.axis).astype(x.dtype)

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for shape, values, places, axis in (
            ((3,), (), (1,), -1),
            ((3,), (2,), (1, 1), -1),
            ((3,), (2,), (0, 3), -1),
            ((3,), (), (-2, -1), -1),
            ((3, 2), (1, 2), (1,), -2),
            ((2, 3), (2, 2), (0, 2), -1),
            ((2, 3), (1, 2), (1, 1), -1),
            ((0,), (2,), (0, 0), -1),
        ):
            yield Sample(cls(places, axis), (Operand(shape), Operand(values)))
        yield Sample(cls((1,), -1), (Operand((2,)), Operand((), dtype="int64")))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls((4,), -1), (Operand((3,)), Operand(())), ShapeError)
        yield Bad(cls((1,), -1), (Operand((3,)), Operand((2,))), ShapeError)
        yield Bad(cls((1,), -1), (Operand((3,), dtype="int64"), Operand(())), DTypeError)


def _listed(places: Places | slice) -> Any:
    """The places as people write them."""
    if isinstance(places, slice):
        return places
    return places[0] if len(places) == 1 else list(places)


def _axis(axis: int, x: TensorType) -> int | None:
    """The axis as NumPy code names it; None for the only one."""
    return axis + x.ndim if x.ndim > 1 else None


# ------------------------------------------------------------------------- functions for users


@public("numpy.delete")
def delete(arr: Any, obj: Any, axis: int | None = None) -> Variable:
    """arr without the elements at ``obj`` along ``axis``, or of arr flattened, as ``np.delete``.

    ``obj`` is an int, a slice, a list of ints or bools; one int may be a variable. Raises
    ShapeError for places out of range, SizeError where places from the front and from the end
    meet on an axis of symbolic length, ValueKindError for several places that are variables.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, delete(gr.constant([1, 2, 3, 4]), [0, 2]))
    array([2, 4])
    """
    x, place = _along(arr, axis)
    if isinstance(obj, Variable):
        return _without_one(x, obj, place)
    if isinstance(obj, slice):
        return Delete(slice(*map(_plain, (obj.start, obj.stop, obj.step))), place)(x)
    places = _places(obj, x, place, "delete")
    return Delete(tuple(sorted(set(places))), place)(x)


def _plain(bound: Any) -> Any:
    return int(bound) if isinstance(bound, np.integer) else bound


def _without_one(x: Variable, position: Variable, axis: int) -> Variable:
    """x without the element at a position that is a variable."""
    if position.size != 1 or position.dtype.kind not in "iu":
        raise ValueKindError(
            f"obj= of delete is {position.label}: which elements stay would depend on its values",
            "give ints, a slice, or one variable that is an int",
        )
    length = x.shape[axis]
    gone = shapes.Reshape(())(position) % length
    rest = create.arange(length - 1)
    return indexing.getitem(x, _at(axis, x.ndim, rest + (rest >= gone)))


@public("numpy.insert")
def insert(arr: Any, obj: Any, values: Any, axis: int | None = None) -> Variable:
    """arr with ``values`` put in before the places ``obj`` along ``axis``, as ``np.insert``.

    ``obj`` is an int, a slice, or a list of ints or bools, or a variable of ints. The values are
    converted to arr's dtype and broadcast to a block with one element for each place along the
    axis. Raises ShapeError for places out of range and values that do not fit, DTypeError for
    complex values in a real array, SizeError as ``delete``, ValueKindError for other places.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, insert(gr.constant([1, 2]), 1, [8, 9]))
    array([1, 8, 9, 2])
    """
    x, place = _along(arr, axis)
    new = as_variable(values)
    if new.dtype.kind == "c" and x.dtype.kind != "c":
        raise DTypeError(
            f"cannot put complex values into {x.label}, which is {x.dtype}",
            "write values.real, or arr.astype('complex128')",
        )
    new = new.astype(x.dtype)
    if isinstance(obj, Variable):
        return _insert_at(x, obj, new, place)
    places = _places(obj, x, place, "insert", beyond=1)
    if np.ndim(obj) == 0 and not isinstance(obj, slice) and new.ndim:
        new = _block(new, x.ndim, place, scalar=True)
        count = new.shape[place]
        if not isinstance(count, int):
            raise SizeError(
                f"a symbolic number of values, {count}, at one place",
                "write np.concatenate((arr[:k], values, arr[k:]))",
            )
        places *= count
    if not places:
        return x
    order = sorted(range(len(places)), key=places.__getitem__)
    if order != list(range(len(places))) and new.ndim >= -place and new.shape[place] != 1:
        new = indexing.getitem(new, _at(place, new.ndim, order))
    return Insert(tuple(sorted(places)), place)(x, new)


def _block(new: Variable, ndim: int, axis: int, scalar: bool) -> Variable:
    """The values with as many axes as the array.

    NumPy: one place takes as many elements as the values' axis has, which is their first one
    where the place is a scalar.
    """
    new = shapes.Reshape((*(1,) * (ndim - new.ndim), *new.shape))(new)
    return shapes.moveaxis(new, 0, axis) if scalar else new


def _insert_at(x: Variable, obj: Variable, new: Variable, axis: int) -> Variable:
    """``insert`` at places that are known when the function runs.

    Every element of the array and of the values is told its place in the result, and the
    result takes them in that order.
    """
    if obj.dtype.kind not in "iu" or obj.ndim > 1:
        raise ValueKindError(
            f"obj= of insert is {obj.label}, {obj.type}", "give ints, a slice, or constant bools"
        )
    length = x.shape[axis]
    new = _block(new, x.ndim, axis, scalar=not obj.ndim)
    count = new.shape[axis] if obj.size == 1 else obj.size
    block = shapes.broadcast_to(
        new, tuple(count if k - x.ndim == axis else n for k, n in enumerate(x.shape))
    )
    places = compare.where(obj < 0, obj + length, obj)
    places = shapes.broadcast_to(places, (count,))
    ranks = sorting.argsort(sorting.argsort(places, stable=True))
    before = search.searchsorted(sorting.sort(places), create.arange(length), side="right")
    targets = join.concatenate([create.arange(length) + before, places + ranks])
    joined = join.concatenate([x, block], axis=axis)
    return indexing.take(joined, sorting.argsort(targets), axis=axis)


def _along(arr: Any, axis: int | None) -> tuple[Variable, int]:
    x = as_variable(arr)
    if axis is None:
        return (x if x.ndim == 1 else shapes.Reshape((x.size,))(x)), -1
    return x, axis_from_end(axis, x.ndim)


def _places(obj: Any, x: Variable, axis: int, function: str, beyond: int = 0) -> list[int]:
    """The places as ints, from the front where the length is known."""
    length = x.shape[axis]
    if isinstance(obj, slice):
        if not isinstance(length, int):
            raise SizeError(
                f"{function} at a slice of an axis of symbolic length {length}", "give ints"
            )
        return list(range(*obj.indices(length)))
    array = np.asarray(obj)
    if array.dtype.kind == "b" and array.ndim == 1:
        if array.shape != (length,) and not beyond:
            raise ShapeError(
                f"a mask of length {array.size} on axis {axis} of length {length}",
                "a mask must have the length of the axis",
            )
        array = np.nonzero(array)[0]
    if (array.ndim > 1 and beyond) or (array.size and array.dtype.kind not in "iub"):
        raise ValueKindError(f"obj={obj!r} of {function}", "give ints, a slice, or bools")
    found = [int(k) for k in array.ravel()]
    if not isinstance(length, int):
        if len({k < 0 for k in found}) > 1:
            raise SizeError(
                f"places {found} from both ends of an axis of symbolic length {length}",
                f"{function} twice: once from the front, once from the end",
            )
        return found
    for k in found:
        if not -length <= k < length + beyond:
            raise _outside(k, length, axis + x.ndim)
    return [k + length if k < 0 else k for k in found]
