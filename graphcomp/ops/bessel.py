"""Bessel functions of orders 0 and 1, elementwise.

Derivatives are those of DLMF 10.6 and 10.29. That of J1 is J0 - J1(x)/x, whose last term is an
operation of its own, since dividing by x would lose its derivatives at 0.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from graphcomp.graph import Variable
from graphcomp.ops import transcendental
from graphcomp.ops.base import Meaning, Operand, Sample
from graphcomp.ops.elementwise import unary
from graphcomp.ops.parts import absolute, sign
from graphcomp.ops.special_base import SpecialUnary
from graphcomp.types import TensorType

__all__ = ["i0", "i0e", "i1", "i1e", "j0", "j1", "k0", "k0e", "k1", "k1e", "y0", "y1"]

_POSITIVE = ((0.3, 7.0),)
_SIGNED = ((-9.0, 9.0),)


# ------------------------------------------------------------------------------------- J and Y


class J0(SpecialUnary):
    """J0(x), the Bessel function of the first kind of order 0."""

    name = "j0"
    expression = "_j0(x)"
    scipy = "special.j0(x)"
    oracle = "mp.besselj(0, x)"
    domain = _SIGNED
    extremes = (0.0, 1e-300, 2.404825557695773, 50.0)

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return -j1(x)


class J1(SpecialUnary):
    """J1(x), the Bessel function of the first kind of order 1."""

    name = "j1"
    expression = "_j1(x)"
    scipy = "special.j1(x)"
    oracle = "mp.besselj(1, x)"
    domain = _SIGNED
    extremes = (0.0, 1e-300, 3.8317059702075125, 50.0)

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return j0(x) - JOverPower(1)(x)


class Y0(SpecialUnary):
    """Y0(x), the Bessel function of the second kind of order 0, for x > 0."""

    name = "y0"
    expression = "_y0(x)"
    scipy = "special.y0(x)"
    oracle = "mp.bessely(0, x)"
    domain = _POSITIVE
    dtypes = ("float64",)

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return -y1(x)


class Y1(SpecialUnary):
    """Y1(x), the Bessel function of the second kind of order 1, for x > 0."""

    name = "y1"
    expression = "_y1(x)"
    scipy = "special.y1(x)"
    oracle = "mp.bessely(1, x)"
    domain = _POSITIVE
    dtypes = ("float64",)

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return y0(x) - y / x


@dataclass(frozen=True, eq=False)
class OverPower(SpecialUnary, abstract=True):
    """Base of Bessel functions of an order, over x to the power of that order."""

    order: int = 1
    dtypes: ClassVar[tuple[str, ...]] = ("float64",)
    extremes: ClassVar[tuple[float, ...]] = (0.0, 1e-300, 1e-8, 20.0)

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for order, shape in ((1, ()), (1, (2, 3)), (1, (0,)), (2, (4,)), (4, (3,))):
            yield Sample(cls(order), (Operand(shape, -9.0, 9.0),))
        extreme = Operand((4,), kind="fixed", value=cls.extremes)
        yield Sample(cls(1), (extreme,))


@dataclass(frozen=True, eq=False)
class JOverPower(OverPower):
    """J(x) / x**order for J of that order."""

    expression: ClassVar[str] = "_j_over_power(x, order)"
    oracle: ClassVar[str] = (
        "mp.besselj(order, x) / x**order if x else 1 / mp.mpf(2) ** order / mp.factorial(order)"
    )

    def scipy_meaning(self, *types: TensorType) -> Meaning | None:
        """0F1(; order + 1; -x**2 / 4) over 2**order times its factorial (DLMF 10.16.9)."""
        scale = 2**self.order * math.factorial(self.order)
        literals = {"next": self.order + 1, "scale": scale}
        return Meaning("special.hyp0f1(next, -0.25 * x**2) / scale", literals)

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return -x * JOverPower(self.order + 1)(x)


# ------------------------------------------------------------------------------------- I and K


class I0(SpecialUnary):
    """I0(x), the modified Bessel function of the first kind of order 0."""

    name = "i0"
    expression = "_i0(x)"
    scipy = "special.i0(x)"
    oracle = "mp.besseli(0, x)"
    extremes = (-10.0, 0.0, 1e-300, 10.0)

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return i1(x)


class I1(SpecialUnary):
    """I1(x), the modified Bessel function of the first kind of order 1."""

    name = "i1"
    expression = "_i1(x)"
    scipy = "special.i1(x)"
    oracle = "mp.besseli(1, x)"
    extremes = (-10.0, 0.0, 1e-300, 10.0)

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        half = transcendental.exp(absolute(x) / 2)  # exp(x) overflows before I1 does
        return i0(x) - IOverPower(1)(x) * half * half


class I0e(SpecialUnary):
    """exp(-|x|) I0(x)."""

    name = "i0e"
    expression = "_i0e(x)"
    scipy = "special.i0e(x)"
    oracle = "mp.exp(-abs(x)) * mp.besseli(0, x)"
    domain = _SIGNED
    kinks = (0.0,)
    extremes = (-1e5, 1e-300, 700.0, 1e5)

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return i1e(x) - sign(x) * y


class I1e(SpecialUnary):
    """exp(-|x|) I1(x)."""

    name = "i1e"
    expression = "_i1e(x)"
    scipy = "special.i1e(x)"
    oracle = "mp.exp(-abs(x)) * mp.besseli(1, x)"
    domain = _SIGNED
    kinks = (0.0,)
    extremes = (-1e5, 1e-300, 700.0, 1e5)

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return i0e(x) - IOverPower(1)(x) - sign(x) * y


@dataclass(frozen=True, eq=False)
class IOverPower(OverPower):
    """exp(-|x|) I(x) / x**order for I of that order."""

    expression: ClassVar[str] = "_i_over_power(x, order)"
    kinks: ClassVar[tuple[float, ...]] = (0.0,)
    oracle: ClassVar[str] = (
        "mp.exp(-abs(x)) * (mp.besseli(order, x) / x**order if x else "
        "1 / mp.mpf(2) ** order / mp.factorial(order))"
    )

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return x * IOverPower(self.order + 1)(x) - sign(x) * y


class K0(SpecialUnary):
    """K0(x), the modified Bessel function of the second kind of order 0, for x > 0."""

    name = "k0"
    expression = "_k0(x)"
    scipy = "special.k0(x)"
    oracle = "mp.besselk(0, x)"
    domain = _POSITIVE
    dtypes = ("float64",)

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return -k1(x)


class K1(SpecialUnary):
    """K1(x), the modified Bessel function of the second kind of order 1, for x > 0."""

    name = "k1"
    expression = "_k1(x)"
    scipy = "special.k1(x)"
    oracle = "mp.besselk(1, x)"
    domain = _POSITIVE
    dtypes = ("float64",)

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return -k0(x) - y / x


class K0e(SpecialUnary):
    """exp(x) K0(x), for x > 0."""

    name = "k0e"
    expression = "_k0e(x)"
    scipy = "special.k0e(x)"
    oracle = "mp.exp(x) * mp.besselk(0, x)"
    domain = _POSITIVE
    dtypes = ("float64",)

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return y - k1e(x)


class K1e(SpecialUnary):
    """exp(x) K1(x), for x > 0."""

    name = "k1e"
    expression = "_k1e(x)"
    scipy = "special.k1e(x)"
    oracle = "mp.exp(x) * mp.besselk(1, x)"
    domain = _POSITIVE
    dtypes = ("float64",)

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return y - k0e(x) - y / x


j0 = unary(J0, "scipy.special.j0")
j1 = unary(J1, "scipy.special.j1")
y0 = unary(Y0, "scipy.special.y0")
y1 = unary(Y1, "scipy.special.y1")
i0 = unary(I0, "scipy.special.i0", "numpy.i0")
i1 = unary(I1, "scipy.special.i1")
i0e = unary(I0e, "scipy.special.i0e")
i1e = unary(I1e, "scipy.special.i1e")
k0 = unary(K0, "scipy.special.k0")
k1 = unary(K1, "scipy.special.k1")
k0e = unary(K0e, "scipy.special.k0e")
k1e = unary(K1e, "scipy.special.k1e")
