"""What NumPy does not dispatch: ``np.array`` and its kin, and questions about shapes and dtypes.

The tracer binds these names inside a traced function.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from graphcomp import dims, types
from graphcomp.dims import Dim
from graphcomp.errors import ShapeError
from graphcomp.graph import Variable
from graphcomp.ops.base import Constant, as_variable, constant
from graphcomp.ops.reduce import normalize_axes
from graphcomp.registry import call, public
from graphcomp.types import as_dtype, format_shape


def holds(kinds: type | tuple[type, ...], value: Any) -> bool:
    """Whether an instance of ``kinds`` stands in the value, at any depth of its nesting."""
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, kinds):
            return True
        if isinstance(item, (list, tuple)):
            stack.extend(item)
        elif isinstance(item, dict):
            stack.extend(item.values())
        elif isinstance(item, slice):
            stack.extend((item.start, item.stop, item.step))
    return False


def as_array(value: Any) -> Variable:
    """A variable, number, array, or nested list of these, as one variable with NumPy's dtype.

    Raises ShapeError for a ragged list.
    """
    if isinstance(value, (list, tuple)) and holds((Variable, Dim), value):
        parts = [as_array(item) for item in value]
        for part in parts:
            if part.shape != parts[0].shape:
                raise ShapeError(
                    f"a list holds {format_shape(parts[0].shape)} and {format_shape(part.shape)}",
                    "the parts of an array must have one shape",
                )
        dtype = np.result_type(*(part.dtype for part in parts))
        return call("stack", [_converted(part, dtype) for part in parts])
    if isinstance(value, (bool, int, float, complex)):
        return constant(value)
    variable = as_variable(value)
    return variable.astype(variable.dtype) if variable.type.weak else variable


def _converted(part: Variable, dtype: Any) -> Variable:
    """A part of an array in the array's dtype, numbers at once."""
    if isinstance(part.op, Constant):
        return constant(part.op.value.astype(dtype))
    return part.astype(dtype)


@public("numpy.array", "numpy.asarray", "numpy.asanyarray", "numpy.ascontiguousarray",
        "numpy.asfortranarray", "numpy.asarray_chkfinite", "numpy.require",
        "scipy.special.asarray")  # fmt: skip
def array(
    object: Any,
    dtype: Any = None,
    order: str | None = None,
    *,
    copy: bool | None = None,
    subok: bool = False,
    ndmin: int = 0,
    **_: Any,
) -> Variable:
    """An array of a variable or of nested lists of variables and numbers, as ``np.array``.

    Raises ShapeError for a ragged list, DTypeError for a dtype that graphs do not hold.
    """
    result = as_array(object)
    if dtype is not None:
        result = result.astype(as_dtype(dtype))
    if result.ndim < ndmin:
        result = result.reshape((1,) * (ndmin - result.ndim) + result.shape)
    return result


@public("numpy.fromiter")
def fromiter(iter: Any, dtype: Any, count: int = -1) -> Variable:
    """An array of the numbers and variables that an iterator gives, as ``np.fromiter``."""
    return array(list(iter), dtype)


@public("numpy.empty")
def empty(shape: Any, dtype: Any = "float64", order: str = "C", **_: Any) -> Variable:
    """Zeros: what an array holds that nobody has filled."""
    return call("zeros", shape, dtype=dtype)


# --------------------------------------------------------------------- questions with answers


@public("numpy.shape")
def shape(a: Any) -> dims.Shape:
    """The shape of a variable, as ``np.shape``."""
    return as_array(a).shape


@public("numpy.ndim")
def ndim(a: Any) -> int:
    """The number of axes, as ``np.ndim``."""
    return as_array(a).ndim


@public("numpy.size")
def size(a: Any, axis: int | Sequence[int] | None = None) -> dims.DimLike:
    """The number of elements, or of those along some axes, as ``np.size``."""
    x = as_array(a)
    return dims.prod(x.shape[k] for k in normalize_axes(axis, x.ndim))


@public("numpy.broadcast_shapes")
def broadcast_shapes(*args: Any) -> dims.Shape:
    """The shape that arrays of these shapes broadcast to, as ``np.broadcast_shapes``.

    Raises ShapeError where they do not.
    """
    return types.broadcast_shapes(*map(dims.as_shape, args))


@public("numpy.may_share_memory", "numpy.shares_memory")
def shares_memory(a: Any, b: Any, max_work: Any = None) -> bool:
    """Whether two variables are one: others have no memory to share."""
    return a is b


@public("numpy.isfortran")
def isfortran(a: Any) -> bool:
    """False: a variable has no memory layout."""
    return False


@public("numpy.isscalar")
def isscalar(element: Any) -> bool:
    """True for a 0-d variable, which stands for a NumPy scalar."""
    return isinstance(element, Dim) or not as_array(element).ndim


@public("numpy.iterable")
def iterable(obj: Any) -> bool:
    """Whether a variable has an axis to iterate over."""
    return not isinstance(obj, Dim) and as_array(obj).ndim > 0


@public("numpy.iscomplexobj")
def iscomplexobj(x: Any) -> bool:
    """Whether the dtype is complex."""
    return as_array(x).dtype.kind == "c"


@public("numpy.isrealobj")
def isrealobj(x: Any) -> bool:
    """Whether the dtype is not complex."""
    return not iscomplexobj(x)


def _promote(function: Callable[..., Any]) -> Callable[..., Any]:
    def answer(*operands: Any) -> Any:
        return function(*(v.dtype if isinstance(v, Variable) else v for v in operands))

    return answer


for _function in (np.result_type, np.promote_types, np.can_cast, np.min_scalar_type):
    public(f"numpy.{_function.__name__}")(_promote(_function))


@public("numpy.common_type")
def common_type(*arrays: Any) -> type:
    """The floating type that holds all operands, as ``np.common_type``."""
    kinds = [np.empty(0, as_array(a).dtype) for a in arrays]
    common: type = np.common_type(*kinds)
    return common
