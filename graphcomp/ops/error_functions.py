"""The error function and the normal distribution function, scaled forms, inverses; logit."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from graphcomp.graph import Variable
from graphcomp.ops import compare, transcendental
from graphcomp.ops.elementwise import unary
from graphcomp.ops.special_base import SpecialUnary

__all__ = [
    "erf",
    "erfc",
    "erfcinv",
    "erfcx",
    "erfi",
    "erfinv",
    "log_ndtr",
    "logit",
    "ndtr",
    "ndtri",
    "ndtri_exp",
]

_SQRT_2 = math.sqrt(2)
_SQRT_PI = math.sqrt(math.pi)


class Erf(SpecialUnary):
    """The error function, 2/sqrt(pi) times the integral of exp(-t**2) from 0 to x."""

    expression = "_erf(x)"
    scipy = "special.erf(x)"
    oracle = "mp.erf(x)"
    extremes = (-30.0, -1.0, 0.0, 1e-20, 1.0, 6.0)

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return 2 / _SQRT_PI * transcendental.exp(-x * x)


class Erfc(SpecialUnary):
    """1 - erf(x), of full precision where that is small."""

    expression = "_erfc(x)"
    scipy = "special.erfc(x)"
    oracle = "mp.erfc(x)"
    extremes = (-30.0, -1.0, 0.0, 1.0, 6.0, 30.0)

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return -2 / _SQRT_PI * transcendental.exp(-x * x)


class Erfcx(SpecialUnary):
    """exp(x**2) * erfc(x), which decays slowly where erfc vanishes."""

    expression = "_erfcx(x)"
    scipy = "special.erfcx(x)"
    oracle = "mp.exp(x * x) * mp.erfc(x)"
    extremes = (-1.5, 0.0, 3.0, 40.0, 1e4)

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return -2 * ErfcxIntegral(1)(x)  # 2 x y - 2/sqrt(pi) would cancel for large x


@dataclass(frozen=True, eq=False)
class ErfcxIntegral(SpecialUnary):
    """exp(x**2) times the repeated integral of erfc of an order, DLMF 7.18.2.

    The derivatives of erfcx: that of order n is -2 (n + 1) times that of order n + 1.
    """

    order: int = 1
    expression: ClassVar[str] = "_erfcx_integral(x, order)"
    extremes: ClassVar[tuple[float, ...]] = (-1.5, 0.0, 1.99, 2.5, 40.0, 1e4)
    oracle: ClassVar[str] = (
        "2 / mp.sqrt(mp.pi) / mp.fac(order)"
        " * mp.quad(lambda t: t**order * mp.exp(-t * (t + 2 * x)), [0, 1, 3, 12])"
    )

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return -2 * (self.order + 1) * ErfcxIntegral(self.order + 1)(x)


class Erfi(SpecialUnary):
    """The imaginary error function, 2/sqrt(pi) times the integral of exp(t**2) from 0 to x."""

    expression = "_erfi(x)"
    scipy = "special.erfi(x)"
    oracle = "mp.erfi(x)"
    extremes = (-3.0, 0.0, 1e-20, 1.0)

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return 2 / _SQRT_PI * transcendental.exp(x * x)


class Erfinv(SpecialUnary):
    """The inverse of erf; NaN outside of [-1, 1]."""

    expression = "_erfinv(x)"
    scipy = "special.erfinv(x)"
    oracle = "mp.erfinv(x)"
    domain = ((-0.9, 0.9),)

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return _SQRT_PI / 2 * transcendental.exp(y * y)


class Erfcinv(SpecialUnary):
    """The inverse of erfc; NaN outside of [0, 2]."""

    expression = "_erfcinv(x)"
    scipy = "special.erfcinv(x)"
    oracle = "mp.erfinv(1 - x)"
    domain = ((0.1, 1.9),)

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return -_SQRT_PI / 2 * transcendental.exp(y * y)


class Ndtr(SpecialUnary):
    """The standard normal distribution function."""

    expression = "_ndtr(x)"
    scipy = "special.ndtr(x)"
    oracle = "mp.ncdf(x)"
    extremes = (-38.0, -8.0, 0.0, 8.0, 40.0)

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return 1 / (_SQRT_2 * _SQRT_PI) * transcendental.exp(-0.5 * x * x)


class LogNdtr(SpecialUnary):
    """The logarithm of the standard normal distribution function.

    Its derivative is the density over the distribution function; beyond 37 (13 in float32),
    where that has vanished but for 1e-297, it stays as it is there.
    """

    expression = "_log_ndtr(x)"
    scipy = "special.log_ndtr(x)"
    oracle = "mp.log(mp.erfc(-x / mp.sqrt(2)) / 2)"
    extremes = (-1e3, -8.0, 0.0, 8.0, 50.0)

    def divisor(self, x: Variable, y: Variable) -> Variable | None:
        reached = compare.minimum(x, 37.0 if x.dtype.itemsize > 4 else 13.0)
        return _SQRT_PI / _SQRT_2 * erfcx(-1 / _SQRT_2 * reached)


class Ndtri(SpecialUnary):
    """The inverse of the standard normal distribution function; NaN outside of [0, 1]."""

    expression = "_ndtri(x)"
    scipy = "special.ndtri(x)"
    oracle = "mp.sqrt(2) * mp.erfinv(2 * x - 1)"
    domain = ((0.05, 0.95),)

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return _SQRT_2 * _SQRT_PI * transcendental.exp(0.5 * y * y)


class NdtriExp(SpecialUnary):
    """The x with log_ndtr(x) = y, for y < 0 so low that exp(y) vanishes too."""

    expression = "_ndtri_exp(x)"
    scipy = "special.ndtri_exp(x)"
    oracle = "mp.sqrt(2) * mp.erfinv(2 * mp.exp(x) - 1)"
    domain = ((-4.0, -0.1),)
    dtypes = ("float64",)

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return _SQRT_PI / _SQRT_2 * erfcx(-1 / _SQRT_2 * y)


class Logit(SpecialUnary):
    """log(x / (1 - x)), the inverse of the sigmoid; NaN outside of [0, 1]."""

    expression = "_logit(x)"
    scipy = "special.logit(x)"
    oracle = "mp.log(x / (1 - x))"
    domain = ((0.05, 0.95),)

    def divisor(self, x: Variable, y: Variable) -> Variable | None:
        return x * (1 - x)


erf = unary(Erf, "scipy.special.erf")
erfc = unary(Erfc, "scipy.special.erfc")
erfcx = unary(Erfcx, "scipy.special.erfcx")
erfi = unary(Erfi, "scipy.special.erfi")
erfinv = unary(Erfinv, "scipy.special.erfinv")
erfcinv = unary(Erfcinv, "scipy.special.erfcinv")
ndtr = unary(Ndtr, "scipy.special.ndtr")
log_ndtr = unary(LogNdtr, "scipy.special.log_ndtr")
ndtri = unary(Ndtri, "scipy.special.ndtri")
ndtri_exp = unary(NdtriExp, "scipy.special.ndtri_exp")
logit = unary(Logit, "scipy.special.logit")
