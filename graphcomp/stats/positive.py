"""The continuous distributions of ``scipy.stats`` with shape parameters, of positive numbers.

Formulas are those of Johnson, Kotz and Balakrishnan, Continuous Univariate Distributions (1994).
Each is given for ``loc=0, scale=1``.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from graphcomp.graph import Variable
from graphcomp.ops.arithmetic import sqrt
from graphcomp.ops.compare import where
from graphcomp.ops.entropies import xlog1py, xlogy
from graphcomp.ops.error_functions import log_ndtr, ndtr, ndtri
from graphcomp.ops.gamma_functions import betaln, digamma, gamma as gamma_function, gammaln
from graphcomp.ops.incomplete import (
    betainc,
    betaincc,
    betainccinv,
    betaincinv,
    gammainc,
    gammaincc,
    gammainccinv,
    gammaincinv,
)
from graphcomp.ops.transcendental import exp, expm1, log, log1p
from graphcomp.stats.density import Continuous
from graphcomp.stats.distribution import INF, Bounds, log1mexp

__all__ = [
    "beta",
    "chi2",
    "f",
    "gamma",
    "invgamma",
    "lognorm",
    "maxwell",
    "pareto",
    "rayleigh",
    "weibull_min",
]


class Positive(Continuous):
    """Base of those with support [0, inf)."""

    def support(self, *shapes: Any) -> Bounds:
        return 0, INF


class Lognorm(Positive):
    """exp(s N), N normal: f(z) = exp(-(log(z) / s)**2 / 2) / (s z sqrt(2 pi)) for z > 0."""

    shapes = ("s",)
    open_below = True

    def log_kernel(self, z: Variable, s: Any) -> Any:
        y = log(z)
        return -0.5 * (y / s) ** 2 - y

    def log_normalizer(self, s: Any) -> Any:
        return log(s) + 0.5 * math.log(2 * math.pi)

    def cumulative(self, z: Variable, s: Any) -> Any:
        return ndtr(log(z) / s)

    def log_cumulative(self, z: Variable, s: Any) -> Any:
        return log_ndtr(log(z) / s)

    def survival(self, z: Variable, s: Any) -> Any:
        return ndtr(-log(z) / s)

    def log_survival(self, z: Variable, s: Any) -> Any:
        return log_ndtr(-log(z) / s)

    def quantile(self, q: Variable, s: Any) -> Any:
        return exp(s * ndtri(q))

    def upper_quantile(self, q: Variable, s: Any) -> Any:
        return exp(-s * ndtri(q))

    def center(self, s: Any) -> Any:
        return exp(0.5 * s**2)

    def spread(self, s: Any) -> Any:
        return expm1(s**2) * exp(s**2)

    def disorder(self, s: Any) -> Any:
        return log(s) + 0.5 * (1 + math.log(2 * math.pi))


class Gamma(Positive):
    """The gamma distribution: f(z) = z**(a - 1) exp(-z) / Gamma(a) for z >= 0."""

    shapes = ("a",)

    def log_kernel(self, z: Variable, a: Any) -> Any:
        return xlogy(a - 1, z) - z

    def log_normalizer(self, a: Any) -> Any:
        return gammaln(a)

    def cumulative(self, z: Variable, a: Any) -> Any:
        return gammainc(a, z)

    def survival(self, z: Variable, a: Any) -> Any:
        return gammaincc(a, z)

    def quantile(self, q: Variable, a: Any) -> Any:
        return gammaincinv(a, q)

    def upper_quantile(self, q: Variable, a: Any) -> Any:
        return gammainccinv(a, q)

    def center(self, a: Any) -> Any:
        return a

    def spread(self, a: Any) -> Any:
        return a

    def disorder(self, a: Any) -> Any:
        return a + gammaln(a) + (1 - a) * digamma(a)


class Chi2(Positive):
    """Chi squared: f(z) = z**(df/2 - 1) exp(-z/2) / (2**(df/2) Gamma(df/2)) for z >= 0."""

    shapes = ("df",)

    def log_kernel(self, z: Variable, df: Any) -> Any:
        return xlogy(0.5 * df - 1, z) - 0.5 * z

    def log_normalizer(self, df: Any) -> Any:
        return 0.5 * math.log(2) * df + gammaln(0.5 * df)

    def cumulative(self, z: Variable, df: Any) -> Any:
        return gammainc(0.5 * df, 0.5 * z)

    def survival(self, z: Variable, df: Any) -> Any:
        return gammaincc(0.5 * df, 0.5 * z)

    def quantile(self, q: Variable, df: Any) -> Any:
        return 2 * gammaincinv(0.5 * df, q)

    def upper_quantile(self, q: Variable, df: Any) -> Any:
        return 2 * gammainccinv(0.5 * df, q)

    def center(self, df: Any) -> Any:
        return df

    def spread(self, df: Any) -> Any:
        return 2 * df

    def disorder(self, df: Any) -> Any:
        half = 0.5 * df
        return half + math.log(2) + gammaln(half) + (1 - half) * digamma(half)


class Invgamma(Positive):
    """1 / G, G gamma: f(z) = z**(-a - 1) exp(-1/z) / Gamma(a) for z > 0."""

    shapes = ("a",)
    open_below = True

    def log_kernel(self, z: Variable, a: Any) -> Any:
        return -(a + 1) * log(z) - 1 / z

    def log_normalizer(self, a: Any) -> Any:
        return gammaln(a)

    def cumulative(self, z: Variable, a: Any) -> Any:
        return gammaincc(a, 1 / z)

    def survival(self, z: Variable, a: Any) -> Any:
        return gammainc(a, 1 / z)

    def quantile(self, q: Variable, a: Any) -> Any:
        return 1 / gammainccinv(a, q)

    def upper_quantile(self, q: Variable, a: Any) -> Any:
        return 1 / gammaincinv(a, q)

    def center(self, a: Any) -> Any:
        return _finite_above(1, a, lambda a: 1 / (a - 1))

    def spread(self, a: Any) -> Any:
        return _finite_above(2, a, lambda a: 1 / ((a - 1) ** 2 * (a - 2)))

    def disorder(self, a: Any) -> Any:
        return a + gammaln(a) - (a + 1) * digamma(a)


class Beta(Continuous):
    """The beta distribution: f(z) = z**(a - 1) (1 - z)**(b - 1) / B(a, b) for 0 <= z <= 1."""

    shapes = ("a", "b")

    def support(self, a: Any, b: Any) -> Bounds:
        return 0, 1

    def log_kernel(self, z: Variable, a: Any, b: Any) -> Any:
        return xlogy(a - 1, z) + xlog1py(b - 1, -z)

    def log_normalizer(self, a: Any, b: Any) -> Any:
        return betaln(a, b)

    def cumulative(self, z: Variable, a: Any, b: Any) -> Any:
        return betainc(a, b, z)

    def survival(self, z: Variable, a: Any, b: Any) -> Any:
        return betaincc(a, b, z)

    def quantile(self, q: Variable, a: Any, b: Any) -> Any:
        return betaincinv(a, b, q)

    def upper_quantile(self, q: Variable, a: Any, b: Any) -> Any:
        return betainccinv(a, b, q)

    def center(self, a: Any, b: Any) -> Any:
        return a / (a + b)

    def spread(self, a: Any, b: Any) -> Any:
        return a * b / ((a + b) ** 2 * (a + b + 1))

    def disorder(self, a: Any, b: Any) -> Any:
        part = (a - 1) * digamma(a) + (b - 1) * digamma(b)
        return betaln(a, b) - part + (a + b - 2) * digamma(a + b)


class F(Positive):
    """The ratio of two mean chi squared numbers, of m = dfn and n = dfd degrees of freedom.

    f(z) = (m/n)**(m/2) z**(m/2 - 1) (1 + m z / n)**(-(m + n) / 2) / B(m/2, n/2) for z >= 0.
    """

    shapes = ("dfn", "dfd")

    def log_kernel(self, z: Variable, dfn: Any, dfd: Any) -> Any:
        return xlogy(0.5 * dfn - 1, z) - 0.5 * (dfn + dfd) * log1p(dfn / dfd * z)

    def log_normalizer(self, dfn: Any, dfd: Any) -> Any:
        return betaln(0.5 * dfn, 0.5 * dfd) - 0.5 * dfn * log(dfn / dfd)

    def cumulative(self, z: Variable, dfn: Any, dfd: Any) -> Any:
        return betaincc(0.5 * dfd, 0.5 * dfn, dfd / (dfd + dfn * z))

    def survival(self, z: Variable, dfn: Any, dfd: Any) -> Any:
        return betainc(0.5 * dfd, 0.5 * dfn, dfd / (dfd + dfn * z))

    def quantile(self, q: Variable, dfn: Any, dfd: Any) -> Any:
        y = betainccinv(0.5 * dfd, 0.5 * dfn, q)
        return dfd / dfn * ((1 - y) / y)

    def upper_quantile(self, q: Variable, dfn: Any, dfd: Any) -> Any:
        y = betaincinv(0.5 * dfd, 0.5 * dfn, q)
        return dfd / dfn * ((1 - y) / y)

    def center(self, dfn: Any, dfd: Any) -> Any:
        return _finite_above(2, dfd, lambda n: n / (n - 2))

    def spread(self, dfn: Any, dfd: Any) -> Any:
        return _finite_above(
            4, dfd, lambda n: 2 * n**2 * (dfn + n - 2) / (dfn * (n - 2) ** 2 * (n - 4))
        )


class WeibullMin(Positive):
    """The Weibull distribution: f(z) = c z**(c - 1) exp(-z**c) for z >= 0."""

    shapes = ("c",)

    def log_kernel(self, z: Variable, c: Any) -> Any:
        return xlogy(c - 1, z) - z**c

    def log_normalizer(self, c: Any) -> Any:
        return -log(c)

    def cumulative(self, z: Variable, c: Any) -> Any:
        return -expm1(-(z**c))

    def log_cumulative(self, z: Variable, c: Any) -> Any:
        return log1mexp(z**c)

    def survival(self, z: Variable, c: Any) -> Any:
        return exp(-(z**c))

    def log_survival(self, z: Variable, c: Any) -> Any:
        return -(z**c)

    def quantile(self, q: Variable, c: Any) -> Any:
        return (-log1p(-q)) ** (1 / c)

    def upper_quantile(self, q: Variable, c: Any) -> Any:
        return (-log(q)) ** (1 / c)

    def center(self, c: Any) -> Any:
        return gamma_function(1 + 1 / c)

    def spread(self, c: Any) -> Any:
        return gamma_function(1 + 2 / c) - gamma_function(1 + 1 / c) ** 2

    def disorder(self, c: Any) -> Any:
        return np.euler_gamma * (1 - 1 / c) - log(c) + 1


class Pareto(Continuous):
    """The Pareto distribution: f(z) = b z**(-b - 1) for z >= 1."""

    shapes = ("b",)

    def support(self, b: Any) -> Bounds:
        return 1, INF

    def log_kernel(self, z: Variable, b: Any) -> Any:
        return -(b + 1) * log(z)

    def log_normalizer(self, b: Any) -> Any:
        return -log(b)

    def cumulative(self, z: Variable, b: Any) -> Any:
        return -expm1(-b * log(z))

    def log_cumulative(self, z: Variable, b: Any) -> Any:
        return log1mexp(b * log(z))

    def survival(self, z: Variable, b: Any) -> Any:
        return z ** (-b)

    def log_survival(self, z: Variable, b: Any) -> Any:
        return -b * log(z)

    def quantile(self, q: Variable, b: Any) -> Any:
        return exp(-log1p(-q) / b)

    def upper_quantile(self, q: Variable, b: Any) -> Any:
        return q ** (-1 / b)

    def center(self, b: Any) -> Any:
        return _finite_above(1, b, lambda b: b / (b - 1))

    def spread(self, b: Any) -> Any:
        return _finite_above(2, b, lambda b: b / ((b - 1) ** 2 * (b - 2)))

    def disorder(self, b: Any) -> Any:
        return 1 + 1 / b - log(b)


class Rayleigh(Positive):
    """The length of a vector of two normal numbers: f(z) = z exp(-z**2 / 2) for z >= 0."""

    open_below = True

    def log_kernel(self, z: Variable) -> Any:
        return log(z) - 0.5 * z**2

    def cumulative(self, z: Variable) -> Any:
        return -expm1(-0.5 * z**2)

    def log_cumulative(self, z: Variable) -> Any:
        return log1mexp(0.5 * z**2)

    def survival(self, z: Variable) -> Any:
        return exp(-0.5 * z**2)

    def log_survival(self, z: Variable) -> Any:
        return -0.5 * z**2

    def quantile(self, q: Variable) -> Any:
        return sqrt(-2 * log1p(-q))

    def upper_quantile(self, q: Variable) -> Any:
        return sqrt(-2 * log(q))

    def center(self) -> Any:
        return math.sqrt(math.pi / 2)

    def spread(self) -> Any:
        return 2 - math.pi / 2

    def disorder(self) -> Any:
        return 0.5 * np.euler_gamma + 1 - 0.5 * math.log(2)


class Maxwell(Positive):
    """The length of a vector of three normal numbers.

    f(z) = sqrt(2 / pi) z**2 exp(-z**2 / 2) for z >= 0.
    """

    open_below = True

    def log_kernel(self, z: Variable) -> Any:
        return 2 * log(z) - 0.5 * z**2

    def log_normalizer(self) -> Any:
        return 0.5 * math.log(math.pi / 2)

    def cumulative(self, z: Variable) -> Any:
        return gammainc(1.5, 0.5 * z**2)

    def survival(self, z: Variable) -> Any:
        return gammaincc(1.5, 0.5 * z**2)

    def quantile(self, q: Variable) -> Any:
        return sqrt(2 * gammaincinv(1.5, q))

    def upper_quantile(self, q: Variable) -> Any:
        return sqrt(2 * gammainccinv(1.5, q))

    def center(self) -> Any:
        return 2 * math.sqrt(2 / math.pi)

    def spread(self) -> Any:
        return 3 - 8 / math.pi

    def disorder(self) -> Any:
        return np.euler_gamma + 0.5 * math.log(2 * math.pi) - 0.5


def _finite_above(bound: float, shape: Any, moment: Any) -> Variable:
    """``moment(shape)``, and inf where the shape is not above ``bound``."""
    exists = shape > bound
    return where(exists, moment(where(exists, shape, bound + 1.0)), INF)


lognorm = Lognorm("lognorm")
gamma = Gamma("gamma")
chi2 = Chi2("chi2")
invgamma = Invgamma("invgamma")
beta = Beta("beta")
f = F("f")
weibull_min = WeibullMin("weibull_min")
pareto = Pareto("pareto")
rayleigh = Rayleigh("rayleigh")
maxwell = Maxwell("maxwell")
