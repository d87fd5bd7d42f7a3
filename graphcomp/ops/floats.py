"""Floating-point numbers taken apart and put together; remainders; repaired values; sinc."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from graphcomp.errors import DTypeError, TraceError
from graphcomp.graph import Variable
from graphcomp.ops import activations, arithmetic, compare, create, parts
from graphcomp.ops.base import Bad, Meaning, Operand, Sample, as_variable
from graphcomp.ops.compare import Predicate
from graphcomp.ops.elementwise import Binary, Step, Unary, binary, unary, universal
from graphcomp.registry import public
from graphcomp.types import DType, TensorType, ufunc_dtype

__all__ = [
    "copysign",
    "divmod",
    "fmod",
    "frexp",
    "ldexp",
    "logaddexp2",
    "modf",
    "nan_to_num",
    "nextafter",
    "signbit",
    "sinc",
    "spacing",
]

_LOG_2 = 0.6931471805599453

# ---------------------------------------------------------------------- signs and neighbours


class Copysign(Binary):
    """abs(x) with the sign of y; its derivative by x at 0 is 0."""

    ufunc = np.copysign
    oracle = "abs(x) if y >= 0 else -abs(x)"
    kinks = (0.0,)
    dtypes = ("float64", "int64")

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        x, y = inputs
        if i == 1:
            return create.full_of(0, y.type)
        return G * (parts.sign(x) * copysign(1.0, y))


class Signbit(Predicate):
    """Whether the sign of x is set: x is negative, or -0.0."""

    ufunc = np.signbit
    oracle = "mp.sign(x) < 0"
    extremes = (-np.inf, -1.0, 0.0, 2.0, np.inf)


class Nextafter(Binary):
    """The number next to x in the direction of y. It moves with x, and not with y."""

    ufunc = np.nextafter
    # The spacing of floats between 1 and 2, above x or below it.
    oracle = "x + mp.sign(y - x) * mp.mpf(2) ** -52"
    domain = ((1.1, 1.9), (-2.0, 2.0))

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        return create.full_of(0, inputs[1].type) if i else G


class Spacing(Step):
    """The distance from x to the float next to it, away from 0."""

    ufunc = np.spacing
    oracle = "mp.sign(x) * mp.mpf(2) ** (mp.floor(mp.log(abs(x), 2)) - 52)"
    domain = ((1.1, 1.9),)  # between powers of 2


# --------------------------------------------------------------------- mantissa and exponent


class Ldexp(Binary):
    """x * 2**y, for an integer y."""

    ufunc = np.ldexp
    oracle = "x * mp.mpf(2) ** int(y)"
    nondiff = frozenset({1})

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        return self(G, inputs[1])

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for x, y in (((), ()), ((5,), (5,)), ((0, 3), (3,)), ((2, 1), (3,)), ((), (4,))):
            yield Sample(cls(), (Operand(x), Operand(y, -3, 4, "int64")))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(), (Operand((2,)), Operand((2,))), DTypeError)


class Mantissa(Unary):
    """m in x = m * 2**e, with 0.5 <= abs(m) < 1."""

    expression = "np.frexp(x)[0]"
    oracle = "mp.frexp(x)[0]"
    domain = ((0.6, 0.9),)  # between powers of 2
    extremes = (-1.7, 0.0, 5.0)
    takes_out = False

    def result_dtype(self, *types: TensorType) -> DType:
        return ufunc_dtype(np.modf, types[0].operand)

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        return ldexp(G, -Exponent()(inputs[0]))


class Exponent(Unary):
    """e in x = m * 2**e, with 0.5 <= abs(m) < 1."""

    expression = "np.frexp(x)[1]"
    oracle = "mp.frexp(x)[1]"
    domain = ((0.6, 3.9),)
    nondiff = frozenset({0})
    takes_out = False

    def result_dtype(self, *types: TensorType) -> DType:
        ufunc_dtype(np.modf, types[0].operand)
        return np.dtype(np.int32)


class Fraction(Unary):
    """x without its integer part, with the sign of x."""

    expression = "np.modf(x)[0]"
    oracle = "x - int(x)"
    domain = ((1.1, 1.9),)  # between integers
    extremes = (-1.5, 0.0, 2.25)
    takes_out = False

    def result_dtype(self, *types: TensorType) -> DType:
        return ufunc_dtype(np.modf, types[0].operand)

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        return G


class Fmod(Binary):
    """x - y * trunc(x / y): it has the sign of x."""

    ufunc = np.fmod
    oracle = "x - y * int(mp.mpf(1) * x / y)"
    domain = ((-4.5, -4.2), (1.15, 1.35))  # no quotient near an integer
    dtypes = ("float64", "int64")

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        x, y = inputs
        return -G * parts.trunc(x / y) if i else G


class Logaddexp2(Binary):
    """log2(2**x + 2**y), without overflow."""

    ufunc = np.logaddexp2
    oracle = "mp.log(mp.mpf(2) ** x + mp.mpf(2) ** y, 2)"
    extremes = (-2000.0, 0.0, 2000.0)

    def partial(self, i: int, x: Variable, y: Variable, z: Variable) -> Variable | float:
        return transcendental.share(_LOG_2 * (x, y)[i], _LOG_2 * z)
