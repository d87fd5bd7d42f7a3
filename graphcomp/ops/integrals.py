"""Exponential, sine and cosine integrals, Dawson's and Owen's, the dilogarithm, elementwise.

They carry ``scipy.special``'s names.
"""

from __future__ import annotations

import math
from typing import Any

from graphcomp.graph import Variable
from graphcomp.ops import error_functions, transcendental
from graphcomp.ops.base import as_variable, constant_value
from graphcomp.ops.elementwise import binary, unary
from graphcomp.ops.entropies import InverseBoxcox
from graphcomp.ops.floats import sinc
from graphcomp.ops.incomplete import ByScipy
from graphcomp.ops.special_base import SpecialBinary, SpecialUnary
from graphcomp.registry import public

__all__ = ["dawsn", "exp1", "expi", "expn", "owens_t", "sici", "spence"]


class Dawsn(SpecialUnary):
    """Dawson's integral, exp(-x**2) times the integral of exp(t**2) from 0 to x."""

    expression = "_dawsn(x)"
    scipy = "special.dawsn(x)"
    oracle = "mp.sqrt(mp.pi) / 2 * mp.exp(-x * x) * mp.erfi(x)"
    extremes = (-7.0, 0.0, 1e-300, 20.0)

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return 1 - 2 * x * y


class Exp1(SpecialUnary):
    """E1(x), the integral of exp(-t) / t from x to infinity, for x > 0."""

    name = "exp1"
    expression = "_exp1(x)"
    scipy = "special.exp1(x)"
    oracle = "mp.e1(x)"
    domain = ((0.3, 7.0),)
    dtypes = ("float64",)

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return -transcendental.exp(-x) / x


class Expi(SpecialUnary):
    """Ei(x), the principal value of the integral of exp(t) / t from -infinity to x."""

    expression = "_expi(x)"
    scipy = "special.expi(x)"
    oracle = "mp.ei(x)"
    domain = ((0.3, 7.0),)
    dtypes = ("float64",)
    extremes = (-20.0, -0.5, 12.0)

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return transcendental.exp(x) / x


class Spence(SpecialUnary):
    """The dilogarithm of 1 - x, the integral of log(t) / (1 - t) from 1 to x, for x >= 0."""

    expression = "_spence(x)"
    scipy = "special.spence(x)"
    oracle = "mp.re(mp.polylog(2, 1 - x))"
    domain = ((0.2, 4.0),)
    dtypes = ("float64",)
    extremes = (0.5, 1.0, 2.0, 50.0)

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return -InverseBoxcox()(1.0, x - 1)  # log(x) / (x - 1), smooth at 1


class SineIntegral(SpecialUnary):
    """Si(x), the integral of sin(t) / t from 0 to x."""

    expression = "_sine_integral(x)"
    scipy = "special.sici(x)[0]"
    oracle = "mp.si(x)"
    domain = ((-9.0, 9.0),)
    extremes = (0.0, 1e-300, 6.0, 50.0)

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return sinc(x / math.pi)


class CosineIntegral(SpecialUnary):
    """Ci(|x|), minus the integral of cos(t) / t from there to infinity."""

    expression = "_cosine_integral(x)"
    scipy = "special.sici(x)[1]"
    oracle = "mp.ci(abs(x))"
    domain = ((0.3, 9.0),)
    dtypes = ("float64",)
    extremes = (-8.0, 6.0, 50.0)

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return transcendental.cos(x) / x


class Expn(ByScipy):
    """E_n(x), the integral of exp(-x t) / t**n from 1 to infinity, for an int n and x > 0."""

    parameters = ("n", "x")
    domain = ((2.0, 4.0), (0.3, 4.0))
    oracle = "mp.expint(n, x)"

    def slope(self, n: Variable, x: Variable, y: Variable) -> Variable:
        return -expn(n - 1, x)  # DLMF 8.19.13


class OwensT(SpecialBinary):
    """T(h, a), the integral of exp(-h**2 (1 + t**2) / 2) / (1 + t**2) from 0 to a, over 2 pi."""

    name = "owens_t"
    parameters = ("h", "a")
    scipy = "special.owens_t(h, a)"
    oracle = "mp.quad(lambda t: mp.exp(-h**2 * (1 + t**2) / 2) / (1 + t**2), [0, a]) / (2 * mp.pi)"

    def partial(self, i: int, x: Variable, y: Variable, z: Variable) -> Variable | complex:
        """Owen (1956), "Tables for computing bivariate normal probabilities"."""
        if i == 0:
            chance = error_functions.erf(x * y * math.sqrt(0.5))
            return -0.5 / math.sqrt(2 * math.pi) * transcendental.exp(-0.5 * x * x) * chance
        scale = 1 + y * y
        return transcendental.exp(-0.5 * x * x * scale) / (2 * math.pi * scale)


dawsn = unary(Dawsn, "scipy.special.dawsn")
exp1 = unary(Exp1, "scipy.special.exp1")
expi = unary(Expi, "scipy.special.expi")
owens_t = binary(OwensT, "scipy.special.owens_t")
spence = unary(Spence, "scipy.special.spence")


@public("scipy.special.expn")
def expn(n: Any, x: Any, /) -> Variable:
    """E_n(x), the integral of exp(-x t) / t**n from 1 to infinity, as ``scipy.special.expn``.

    Differentiable by x. For n = 0 and 1 it needs NumPy only, for others SciPy
    (``allow=("scipy",)`` in ``codegen.compile``).

    >>> import graphcomp as gr
    >>> x = gr.scalar("x")
    >>> gr.evaluate({x: 1.0}, gr.special.expn(0, x)).round(6)
    np.float64(0.367879)
    """
    n, x = as_variable(n), as_variable(x)
    order = constant_value(n)
    if order == 0:
        return transcendental.exp(-x) / x  # type: ignore[no-any-return]
    return exp1(x) if order == 1 else Expn()(n, x)


@public("scipy.special.sici")
def sici(x: Any, /) -> tuple[Variable, Variable]:
    """The sine and cosine integrals Si(x) and Ci(|x|), as ``scipy.special.sici``.

    >>> import graphcomp as gr
    >>> x = gr.scalar("x")
    >>> [float(v.round(6)) for v in gr.evaluate({x: 1.0}, gr.special.sici(x))]
    [0.946083, 0.337404]
    """
    return SineIntegral()(x), CosineIntegral()(x)
