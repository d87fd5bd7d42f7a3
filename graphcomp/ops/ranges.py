"""Values evenly spaced between two ends: linearly, or in their logarithms."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from graphcomp.dims import Dim, DimLike, as_dim
from graphcomp.errors import DTypeError
from graphcomp.graph import Variable
from graphcomp.ops import create, reduce, shape as shapes
from graphcomp.ops.base import Meaning, Op, Operand, Sample, as_variable, constant_value
from graphcomp.ops.elementwise import align_batch
from graphcomp.registry import call, public
from graphcomp.types import TensorType, broadcast_shapes, sampled_dtype

__all__ = ["geomspace", "linspace", "logspace"]

Array = np.ndarray[Any, Any]


def _spread(start: Any, stop: Any, num: int, endpoint: bool) -> list[Any]:
    """The values between two ends, for the oracles."""
    gaps = max(num - endpoint, 1)
    return [(start * (gaps - k) + stop * k) / gaps for k in range(num)]


@dataclass(frozen=True, eq=False)
class Linspace(create.Creation):
    """``num`` numbers from start to stop, evenly spaced."""

    start: float
    stop: float
    num: DimLike
    endpoint: bool = True
    expression: ClassVar[str] = "np.linspace(start, stop, num, endpoint=endpoint)"

    def infer(self) -> TensorType:
        return TensorType(create.FLOAT, (self.num,))

    def oracle(self) -> Any:
        return _spread(self.start, self.stop, int(self.num), self.endpoint)

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for num in (0, 1, 5):
            yield Sample(cls(-1.0, 2.0, num), ())
            yield Sample(cls(-1.0, 2.0, num, endpoint=False), ())


@dataclass(frozen=True, eq=False)
class LinspaceBetween(Op):
    """``num`` arrays from x to y, evenly spaced, along a new leading axis."""

    num: DimLike
    endpoint: bool = True
    parameters: ClassVar[tuple[str, ...]] = ("x", "y")

    def infer(self, *types: TensorType) -> TensorType:
        shape = broadcast_shapes(*(t.shape for t in types))
        return TensorType(sampled_dtype(_linspace_dtype, *types), (self.num, *shape))

    def meaning(self, *types: TensorType) -> Meaning:
        dtype = self.infer(*types).dtype
        text = "np.linspace(x, y, num, endpoint=endpoint"
        if dtype not in (np.dtype("float64"), np.dtype("complex128")):
            text += ", dtype=dtype"  # NumPy 1.26 makes float64 of scalars
        return Meaning(f"{text})", {**self.attributes, "dtype": dtype}, {"endpoint": True})

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        steps = Linspace(0.0, 1.0, self.num, self.endpoint)().astype(G.real.dtype)
        share = shapes.Reshape((self.num, *(1,) * (G.ndim - 1)))(steps)
        return reduce.Sum((-G.ndim,))(G * (share if i else 1 - share))

    def batch(self, inputs: tuple[Variable, ...], batched: tuple[bool, ...]) -> Variable:
        return shapes.moveaxis(self(*align_batch(inputs, batched)), 0, 1)

    def oracle(self, x: Array, y: Array) -> Any:
        rows = _spread(x, y, int(self.num), self.endpoint)
        return rows or np.empty((0, *np.broadcast_shapes(x.shape, y.shape)))

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        scalar, vector, column = Operand(()), Operand((2,)), Operand((2, 1))
        for num in (0, 1, 4):
            yield Sample(cls(num), (scalar, scalar))
            yield Sample(cls(num, endpoint=False), (vector, scalar))
        yield Sample(cls(3), (vector, column))
        yield Sample(cls(3), (scalar, Operand((), dtype="complex128")))
        yield Sample(cls(3), (Operand((), dtype="int64"), Operand((2,), dtype="float32")))


def _linspace_dtype(start: Any, stop: Any) -> Any:
    return np.linspace(start, stop, 2)


# ------------------------------------------------------------------------------------ functions


@public("numpy.linspace")
def linspace(
    start: Any,
    stop: Any,
    num: Any = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    axis: int = 0,
    *,
    device: Any = None,
) -> Any:
    """``num`` evenly spaced values from start to stop, as ``np.linspace``.

    start and stop are numbers, arrays or variables; the result has their common shape with a new
    axis of length num at ``axis``. With ``retstep`` it comes with the distance between two
    values. Integer dtypes round down. Raises SizeError for a ``num`` that is no length.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, linspace(0, 1, 5))
    array([0.  , 0.25, 0.5 , 0.75, 1.  ])
    """
    count, endpoint = as_dim(num), bool(endpoint)
    first, last = as_variable(start), as_variable(stop)
    ends = [constant_value(v) for v in (first, last) if not v.ndim and v.dtype.kind in "biuf"]
    doubles = all(v.type.weak or v.dtype != np.dtype("float32") for v in (first, last))
    if len(ends) == 2 and None not in ends and doubles:
        result = Linspace(float(ends[0]), float(ends[1]), count, endpoint)()
    else:
        result = LinspaceBetween(count, endpoint)(first, last)
    result = _placed(result, dtype, axis)
    if not retstep:
        return result
    gaps = count - 1 if endpoint else count
    if not isinstance(gaps, Dim) and gaps < 1:
        return result, np.nan
    return result, (last * 1.0 - first) / gaps


def _placed(values: Variable, dtype: Any, axis: int) -> Variable:
    """The values in a dtype, rounded down to integers, along another axis."""
    if dtype is not None:
        if values.dtype.kind == "c" and np.dtype(dtype).kind in "iu":
            raise DTypeError("complex values cannot be rounded down", "leave dtype= out")
        whole = np.dtype(dtype).kind in "iu" and values.dtype.kind == "f"
        values = (call("floor", values) if whole else values).astype(dtype)
    return shapes.moveaxis(values, 0, axis)


@public("numpy.logspace")
def logspace(
    start: Any,
    stop: Any,
    num: Any = 50,
    endpoint: bool = True,
    base: Any = 10.0,
    dtype: Any = None,
    axis: int = 0,
) -> Variable:
    """``base ** linspace(start, stop, num)``, as ``np.logspace``; all three may be arrays.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, logspace(0, 2, 3))
    array([  1.,  10., 100.])
    """
    first, last, root = map(as_variable, (start, stop, base))
    if root.ndim:
        first, last, root = shapes.broadcast_arrays(first, last, root)
    exponents = linspace(first, last, num, endpoint)
    powers = call("power", root, exponents)
    if dtype is not None:
        powers = powers.astype(dtype)
    return shapes.moveaxis(powers, 0, axis)


@public("numpy.geomspace")
def geomspace(
    start: Any,
    stop: Any,
    num: Any = 50,
    endpoint: bool = True,
    dtype: Any = None,
    axis: int = 0,
) -> Variable:
    """``num`` values from start to stop, each the same multiple of the one before, as
    ``np.geomspace``.

    NaN where real ends differ in sign. Complex ends are joined by a logarithmic spiral.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, geomspace(1, 8, 4))
    array([1., 2., 4., 8.])
    """
    wide = np.result_type(as_variable(start).dtype, as_variable(stop).dtype, np.float64)
    first, last = as_variable(start).astype(wide), as_variable(stop).astype(wide)
    if wide.kind != "c":
        sign = call("sign", first)
        growth = call("log", sign * last) - call("log", sign * first)
    else:
        growth = call("log", last / first)
    exponents = linspace(growth * 0, growth, num, endpoint)
    values = first * call("exp", exponents)
    if dtype is not None:
        values = values.astype(dtype)
    return shapes.moveaxis(values, 0, axis)
