"""Elements of plain values, numbers or variables: read, set and arranged for a view."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from graphcomp.arrays import holds
from graphcomp.dims import Dim
from graphcomp.errors import ShapeError
from graphcomp.graph import Variable
from graphcomp.ops.at import At
from graphcomp.ops.base import as_variable, is_uniform
from graphcomp.ops.create import Full
from graphcomp.ops.scatter import IndexUpdate, index_set
from graphcomp.regions import Region
from graphcomp.registry import call, implementation
from graphcomp.source import Source
from graphcomp.types import format_shape

Read = Callable[[Any], Any]


def is_symbolic(value: Any) -> bool:
    """Whether a variable or a symbolic size stands in a plain value, at any depth."""
    return holds((Variable, Dim), value)


def on_plain(name: str, *args: Any, **kwargs: Any) -> Any:
    """NumPy's function of numbers, or graphcomp's where one is symbolic."""
    return (call if is_symbolic((args, kwargs)) else _of_numbers)(name, *args, **kwargs)


def _of_numbers(name: str, *args: Any, **kwargs: Any) -> Any:
    return getattr(np, name)(*args, **kwargs)


def item(value: Any, index: Any) -> Any:
    """``value[index]`` of a plain value."""
    if isinstance(value, np.ndarray) and is_symbolic(index):
        return implementation("numpy.ndarray.__getitem__")(as_variable(value), index)
    return value[index]


def element(value: Any, index: Any) -> Any:
    """``value[index]`` at a basic index; of an array whose elements were set, at the index that
    they were set at."""
    if isinstance(value, Variable) and isinstance(value.op, IndexUpdate):
        region = Region.whole(value.ndim).at(index, value.shape)
        if region is not None and region.is_plain:
            return item(value, region.index)
    return item(value, index)


def set_at(value: Any, index: Any, new: Any) -> Variable:
    """An array with other elements at an index; a mask that is a variable selects too."""
    value = as_variable(value)
    is_mask = isinstance(index, Variable) and index.dtype.kind == "b"
    return At(value)[index].set(new) if is_mask else index_set(value, index, new)


def reading(inner: Read, index: Any, region: Region) -> Read:
    """How to read an index of a view: from the array itself once that has been changed."""

    def read(value: Any) -> Any:
        if isinstance(value, Variable) and isinstance(value.op, IndexUpdate):
            return _arranged(item(value, region.index), region)
        return item(inner(value), index)

    return read


def _arranged(value: Any, region: Region) -> Any:
    """``array[index]`` with its axes in the order of the region, new ones among them."""
    if region.is_plain:
        return value
    kept = region.kept
    old = [kept.index(axis) for axis in region.axes if axis is not None]
    if old != sorted(old):
        value = call("transpose", value, old)
    if None in region.axes:
        value = value[tuple(None if axis is None else slice(None) for axis in region.axes)]
    return value


def turned(value: Variable, region: Region, shape: Any) -> Variable:
    """A value for a region, with its axes as those of the array."""
    value = call("broadcast_to", value, shape)
    if None in region.axes:
        value = value[tuple(0 if axis is None else slice(None) for axis in region.axes)]
    old = [axis for axis in region.axes if axis is not None]
    order = [old.index(axis) for axis in region.kept]
    return value if order == sorted(order) else call("transpose", value, order)


def whole(old: Any, value: Any) -> Variable:
    """An array of the old one's type with these contents."""
    return index_set(as_variable(old), Ellipsis, value)


def fitting(value: Any, shape: Any) -> Any:
    """A value for an array of this shape, without the leading axes of length 1 it need not have.

    Raises ShapeError where it does not broadcast to the shape.
    """
    if isinstance(value, (list, tuple)):
        value = call("array", value)
    while np.ndim(value) > len(shape) and value.shape[0] == 1:
        value = value[0]
    given = as_variable(value).shape
    pairs = zip(reversed(given), reversed(shape), strict=False)
    if len(given) > len(shape) or any(a not in (1, b) for a, b in pairs):
        raise ShapeError(
            f"cannot assign {format_shape(given)} to elements of shape {format_shape(shape)}",
            "the values must broadcast to the shape of the elements",
        )
    return value


def as_operand(value: Any) -> Any:
    """A plain value beside variables: one number throughout an array is not spelled out."""
    if isinstance(value, np.ndarray) and value.ndim and value.size and is_uniform(value):
        return Full(value.shape, value.flat[0].item(), value.dtype)()
    return value


def variable_of(array: Any, source: Source | None) -> Variable:
    """An array of numbers as a variable, made where the user made the array."""
    made = as_variable(as_operand(array))
    made.hints.source = source or made.hints.source
    return made
