"""What Python's ``math`` module computes otherwise than the NumPy function of the same name."""

from __future__ import annotations

import functools
from typing import Any

from graphcomp.errors import DTypeError
from graphcomp.graph import Variable
from graphcomp.ops import arithmetic, compare, floats, integers, parts, transcendental
from graphcomp.ops.base import as_variable
from graphcomp.ops.elementwise import BinaryFunction
from graphcomp.registry import call, public

__all__: list[str] = []


@public("math.remainder")
def remainder(x: Any, y: Any) -> Variable:
    """x - n * y for the integer n nearest to x / y, as IEEE 754 has it."""
    x, y = as_variable(x), as_variable(y)
    if "c" in x.dtype.kind + y.dtype.kind:
        raise DTypeError(f"math.remainder of {x.dtype} and {y.dtype}", "take .real or abs() first")
    return arithmetic.subtract(x, y * parts.rint(x / y))


@public("math.isclose")
def isclose(a: Any, b: Any, *, rel_tol: Any = 1e-09, abs_tol: Any = 0.0) -> Variable:
    """Whether a and b differ by at most ``rel_tol`` of the larger one, or by ``abs_tol``."""
    a, b = as_variable(a), as_variable(b)
    largest = compare.maximum(parts.absolute(a), parts.absolute(b))
    near = parts.absolute(a - b) <= compare.maximum(rel_tol * largest, abs_tol)
    return compare.logical_or(near & compare.isfinite(largest), a == b)


@public("math.hypot")
def hypot(*coordinates: Any) -> Variable:
    """The Euclidean norm of any number of coordinates."""
    return _joined(transcendental.hypot, coordinates)


@public("math.dist")
def dist(p: Any, q: Any) -> Variable:
    """The Euclidean distance between two points."""
    return call("linalg.norm", arithmetic.subtract(p, q))


@public("math.sumprod")
def sumprod(p: Any, q: Any) -> Variable:
    """The sum of the products of two sequences."""
    return call("dot", p, q)


@public("math.gcd")
def gcd(*numbers: Any) -> Variable:
    """The greatest common divisor of any number of integers."""
    return _joined(integers.gcd, numbers)


@public("math.lcm")
def lcm(*numbers: Any) -> Variable:
    """The least common multiple of any number of integers."""
    return _joined(integers.lcm, numbers)


def _joined(function: BinaryFunction, operands: tuple[Any, ...]) -> Variable:
    """A function of two operands, from the first to the last; of one alone, its absolute value."""
    first, *others = operands
    return functools.reduce(function, others, first) if others else parts.absolute(first)


@public("math.ulp")
def ulp(x: Any) -> Variable:
    """The distance from abs(x) to the next larger float."""
    return floats.spacing(parts.absolute(x))
