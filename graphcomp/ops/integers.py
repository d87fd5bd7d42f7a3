"""Functions of integers: shifts, divisors and multiples, counts of bits, and their reductions."""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from graphcomp import dims
from graphcomp.errors import DTypeError, ShapeError
from graphcomp.ops.base import Bad, Meaning, Operand, Sample
from graphcomp.ops.compare import Bitwise
from graphcomp.ops.cumulative import Cumulative
from graphcomp.ops.elementwise import Unary, binary, unary
from graphcomp.ops.reduce import Reduce, axis_literal, require_axes
from graphcomp.types import DType, TensorType

__all__ = [
    "bitwise_count",
    "bitwise_left_shift",
    "bitwise_right_shift",
    "gcd",
    "lcm",
    "left_shift",
    "right_shift",
]

# ----------------------------------------------------------------------------------- elementwise


class LeftShift(Bitwise):
    """x with its bits moved y places to the left: x * 2**y."""

    ufunc = np.left_shift
    expression = "x << y"
    oracle = "int(x) * 2 ** int(y)"
    domain = ((-9.0, 9.0), (0.0, 5.0))
    dtypes = ("int64",)


class RightShift(Bitwise):
    """x with its bits moved y places to the right: the floor of x / 2**y."""

    ufunc = np.right_shift
    expression = "x >> y"
    oracle = "int(x) // 2 ** int(y)"
    domain = ((-99.0, 99.0), (0.0, 5.0))
    dtypes = ("int64",)


class Gcd(Bitwise):
    """The greatest common divisor of x and y, not negative."""

    ufunc = np.gcd
    oracle = "max(d for d in range(1, 99) if x % d == 0 and y % d == 0) if x or y else 0"
    domain = ((-60.0, 60.0), (-60.0, 60.0))
    dtypes = ("int64",)


class Lcm(Bitwise):
    """The least common multiple of x and y, not negative; 0 where one of them is 0."""

    ufunc = np.lcm
    oracle = "next((k * abs(x) for k in range(1, 99) if y and k * x % y == 0), 0)"
    domain = ((-20.0, 20.0), (-20.0, 20.0))
    dtypes = ("int64",)


class BitwiseCount(Unary):
    """The number of ones among the bits of abs(x), as ``np.bitwise_count`` of NumPy 2."""

    expression = "_bitwise_count(x)"
    oracle = "bin(abs(x)).count('1')"
    domain = ((-999.0, 999.0),)
    nondiff = frozenset({0})
    dtypes = ("int64", "bool")
    takes_out = False

    def result_dtype(self, *types: TensorType) -> DType:
        if types[0].dtype.kind not in "biu":
            raise DTypeError(f"bitwise_count does not take {types[0].dtype}", "give it integers")
        return np.dtype(np.uint8)

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(), (Operand((3,)),), DTypeError)


# ----------------------------------------------------------------------- reductions and scans

# What reduces bools and integers, in plain Python.
_IN_PYTHON: dict[str, Callable[[Any, Any], Any]] = {
    "bitwise_and": operator.and_,
    "bitwise_or": operator.or_,
    "bitwise_xor": operator.xor,
    "gcd": math.gcd,
    "lcm": math.lcm,
    "logical_xor": lambda x, y: bool(x) != bool(y),
}
_IDENTITY: dict[str, Any] = {"bitwise_and": -1, "lcm": 1, "logical_xor": False}


def _loop_dtype(ufunc: str, x: TensorType, method: str) -> DType:
    """The dtype that a ufunc's reduction has, found by reducing a one."""
    try:
        result = getattr(getattr(np, ufunc), method)(np.ones(1, x.dtype))
    except TypeError:
        raise DTypeError(
            f"{ufunc}.{method} does not take {x.dtype}", "convert with .astype first"
        ) from None
    return np.asarray(result).dtype


@dataclass(frozen=True, eq=False)
class UfuncReduce(Reduce):
    """The elements over axes, combined by a ufunc of integers or truth values."""

    ufunc: str = "bitwise_or"
    takes_out: ClassVar[bool] = False
    of_one_is_itself: ClassVar[bool] = False
    nondiff = frozenset({0})

    def infer(self, x: TensorType) -> TensorType:
        if self.ufunc == "lcm" and len(self.axes) > 1:
            raise ShapeError("lcm reduces one axis at a time", "reduce the axes one by one")
        result = super().infer(x)
        if self.ufunc == "lcm" and dims.prod(x.shape[a] for a in self.axes) == 0:
            raise ShapeError("lcm of no integers", "leave empty arrays out")
        return result

    def result_dtype(self, x: TensorType) -> DType:
        return _loop_dtype(self.ufunc, x, "reduce")

    def meaning(self, *types: TensorType) -> Meaning:
        literals = {"axis": axis_literal(self.axes, types[0].ndim), "keepdims": self.keepdims}
        if types[0].ndim == 1:
            literals["axis"] = 0
        text = f"np.{self.ufunc}.reduce(x, axis=axis, keepdims=keepdims)"
        return Meaning(text, literals, {"axis": 0, "keepdims": False})

    def of_values(self, values: list[Any]) -> Any:
        start = _IDENTITY.get(self.ufunc, 0)
        return functools.reduce(_IN_PYTHON[self.ufunc], values, start)

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for ufunc in _IN_PYTHON:
            for shape, axes, keepdims in (
                ((4,), (-1,), False),
                ((2, 3), (-2,), True),
                ((0, 3), (-1,), False),
            ):
                operand = Operand(shape, 1, 60, "int64")
                yield Sample(cls(axes, keepdims, ufunc), (operand,))
        operand = Operand((2, 3), dtype="bool")
        yield Sample(cls((-2, -1), False, "logical_xor"), (operand,))
        yield Sample(cls((-1,), False, "bitwise_xor"), (operand,))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls((-3,)), (Operand((2, 3), dtype="int64"),), ShapeError)
        yield Bad(cls((-1,)), (Operand((2, 3)),), DTypeError)
        yield Bad(cls((-2, -1), False, "lcm"), (Operand((2, 3), dtype="int64"),), ShapeError)


@dataclass(frozen=True, eq=False)
class UfuncAccumulate(Cumulative):
    """The elements up to each place along an axis, combined by a ufunc of integers."""

    ufunc: str = "bitwise_or"
    takes_out: ClassVar[bool] = False
    nondiff = frozenset({0})

    def infer(self, x: TensorType) -> TensorType:
        require_axes((self.axis,), x)
        return TensorType(_loop_dtype(self.ufunc, x, "accumulate"), x.shape)

    def meaning(self, *types: TensorType) -> Meaning:
        literals = {"axis": self.axis + types[0].ndim}
        return Meaning(f"np.{self.ufunc}.accumulate(x, axis=axis)", literals, {"axis": 0})

    def of_values(self, values: list[Any]) -> Any:
        return functools.reduce(_IN_PYTHON[self.ufunc], values)

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for ufunc in _IN_PYTHON:
            for shape, axis in (((4,), -1), ((2, 3), -2), ((0, 3), -1)):
                yield Sample(cls(axis, ufunc), (Operand(shape, 1, 60, "int64"),))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(-2), (Operand((3,), dtype="int64"),), ShapeError)
        yield Bad(cls(-1), (Operand((3,)),), DTypeError)


# ------------------------------------------------------------------------------ public functions

left_shift = bitwise_left_shift = binary(LeftShift, "numpy.bitwise_left_shift")
right_shift = bitwise_right_shift = binary(RightShift, "numpy.bitwise_right_shift")
gcd = binary(Gcd)
lcm = binary(Lcm)
bitwise_count = unary(BitwiseCount, "numpy.bitwise_count")
