"""What the plan asks about one variable: its memory, its number, what type hints know of it."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from typing import Any

from graphcomp import dims
from graphcomp.dims import Dim, Shape
from graphcomp.graph import Variable
from graphcomp.ops.base import Constant, SizeOf, constant_value
from graphcomp.ops.contract import Matmul
from graphcomp.ops.create import Full
from graphcomp.ops.elementwise import Elementwise, keeps_dtype
from graphcomp.ops.floats import Ldexp
from graphcomp.ops.scatter import IndexUpdate
from graphcomp.ops.shape import BroadcastTo
from graphcomp.types import TensorType, format_shape


def shape_text(v: Variable) -> str:
    """The shape for a comment; nothing for a scalar, or for several results in one."""
    return _formatted(v.shape) if isinstance(v.type, TensorType) and v.ndim else ""


@functools.lru_cache(maxsize=1024)
def _formatted(shape: Shape) -> str:
    return format_shape(shape)


def weak_needs_dtype(v: Variable, x: Variable) -> bool:
    """Whether a Python number x must become a NumPy scalar among v's other operands.

    NumPy 2 adds a 0-d float32 and a Python float in float32, NumPy 1.26 in float64.
    """
    if not isinstance(v.op, Elementwise) or not x.type.weak or v.type.weak or v.dtype.kind == "b":
        return False
    if isinstance(v.op, Ldexp):  # an exponent is an integer, whatever x is
        return False
    valued = [y.type for k, y in enumerate(v.inputs) if k not in v.op.nondiff]  # no condition
    others = [t for t in valued if not t.weak]
    return bool(others) and not any(map(keeps_dtype, others))


def storage(v: Variable, same: Mapping[Variable, Variable]) -> tuple[Variable, bool]:
    """The variable whose memory v may show, and whether v shows an element more than once."""
    repeated = False
    while v.inputs and may_be_view(v):
        repeated = repeated or isinstance(v.op, BroadcastTo)
        v = same[v.inputs[0]]
    return v, repeated


def may_be_view(v: Variable) -> bool:
    if v.op.name == "get_item":
        return not any(x.ndim for x in v.inputs[1:])
    views = {"einsum", "real", "imag"}  # for some arguments
    return v.op.is_view or (v.op.name in views and len(v.inputs) == 1)


def is_fresh(v: Variable) -> bool:
    """Whether the result is plainly an array of its own: arithmetic, a product, or an update."""
    return isinstance(v.op, (Elementwise, IndexUpdate, Matmul)) and not may_be_view(v)


def sizes_in(values: Iterable[object]) -> frozenset[str]:
    found: set[str] = set()
    stack = list(values)
    while stack:
        value = stack.pop()
        if isinstance(value, Dim):
            found |= value.names
        elif isinstance(value, (tuple, list)):
            stack.extend(value)
        elif isinstance(value, slice):
            stack.extend((value.start, value.stop, value.step))
    return frozenset(found)


def strong_number(v: Variable) -> Any:
    """The value of a 0-d constant with a dtype of its own, else None."""
    if isinstance(v.op, Constant) and not v.type.weak and not v.ndim:
        return v.dtype.type(v.op.value)
    if isinstance(v.op, Full) and not v.op.shape:
        return v.dtype.type(v.op.fill)
    return None


def may_be_zero(v: Variable) -> bool:
    if isinstance(v.op, SizeOf):
        low = dims.lower_bound(v.op.dim)
        return low is None or low < 1
    return constant_value(v) in (None, 0)
