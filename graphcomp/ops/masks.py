"""The ``where=`` and ``initial=`` of NumPy's reductions."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphcomp.errors import DTypeError, ShapeError
from graphcomp.graph import Variable
from graphcomp.ops import compare
from graphcomp.ops.base import Constant, as_variable, weak
from graphcomp.types import DType, broadcast_shapes, format_shape


def chosen(a: Variable, where: Any, fill: Any) -> Variable:
    """a with ``fill`` in the place of the elements that NumPy's ``where=`` leaves out."""
    mask = as_mask(where, a)
    return a if mask is None else compare.where(mask, a, fill)


def as_mask(where: Any, a: Variable) -> Variable | None:
    """NumPy's ``where=`` for elements of a as truth values; None where it takes them all.

    Raises ShapeError where it does not broadcast to a's shape, DTypeError for floats.
    """
    if where is True:
        return None
    mask = as_variable(bool(where) if where is None else where)
    if mask.dtype.kind in "fc":
        raise DTypeError(f"where= is {mask.dtype}", "give truth values, such as x > 0")
    if broadcast_shapes(mask.shape, a.shape) != a.shape:
        raise ShapeError(
            f"where= has shape {format_shape(mask.shape)} for {a.label}, of shape "
            f"{format_shape(a.shape)}",
            "give a mask that broadcasts to the shape of the array",
        )
    return mask if mask.dtype.kind == "b" else mask != 0


def as_initial(initial: Any, dtype: DType) -> Variable:
    """NumPy's ``initial=`` of a reduction whose result has ``dtype``.

    Raises ShapeError for more than one number, DTypeError for a complex one of a real result.
    """
    start = as_variable(initial)
    if start.ndim:
        raise ShapeError(f"initial= has shape {format_shape(start.shape)}", "give one number")
    if start.dtype.kind == "c" and dtype.kind != "c":
        raise DTypeError(f"initial= is complex, the result {dtype}", "give a real number")
    if isinstance(start.op, Constant):
        kinds: dict[str, type] = {"b": bool, "f": float, "c": complex}
        if dtype.kind in "iu" and not np.isfinite(start.op.value):
            raise DTypeError(f"initial= is {start.op.scalar}, the result {dtype}", "give an int")
        return weak(kinds.get(dtype.kind, int)(start.op.scalar))
    return start.astype(dtype)
