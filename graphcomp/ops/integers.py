"""Functions of integers: shifts, divisors and multiples, counts of bits."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from graphcomp.errors import DTypeError
from graphcomp.ops.base import Bad, Operand
from graphcomp.ops.compare import Bitwise
from graphcomp.ops.elementwise import Unary, binary, unary
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


# ------------------------------------------------------------------------------ public functions

left_shift = bitwise_left_shift = binary(LeftShift, "numpy.bitwise_left_shift")
right_shift = bitwise_right_shift = binary(RightShift, "numpy.bitwise_right_shift")
gcd = binary(Gcd)
lcm = binary(Lcm)
bitwise_count = unary(BitwiseCount, "numpy.bitwise_count")
