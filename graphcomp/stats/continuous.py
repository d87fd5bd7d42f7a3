"""The continuous distributions of ``scipy.stats`` on the whole line.

Formulas are those of Johnson, Kotz and Balakrishnan, Continuous Univariate Distributions (1994).
Each is given for ``loc=0, scale=1``.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from graphcomp.graph import Variable
from graphcomp.ops.activations import log_expit, sigmoid, softplus
from graphcomp.ops.arithmetic import sqrt
from graphcomp.ops.bessel import i0e, i1e
from graphcomp.ops.compare import clip, maximum, where
from graphcomp.ops.entropies import cosm1
from graphcomp.ops.error_functions import log_ndtr, logit, ndtr, ndtri
from graphcomp.ops.gamma_functions import betaln, digamma
from graphcomp.ops.incomplete import stdtr, stdtrit
from graphcomp.ops.parts import absolute
from graphcomp.ops.transcendental import arctan2, exp, expm1, hypot, log, log1p, tan
from graphcomp.stats.density import Continuous
from graphcomp.stats.distribution import INF, log1mexp

__all__ = [
    "cauchy",
    "gumbel_l",
    "gumbel_r",
    "laplace",
    "logistic",
    "norm",
    "skewnorm",
    "t",
    "vonmises",
]

_LOG_2 = math.log(2)
_LOG_ROOT_TWO_PI = 0.5 * math.log(2 * math.pi)


class Norm(Continuous):
    """The normal distribution: f(z) = exp(-z**2 / 2) / sqrt(2 pi).

    >>> import graphcomp as gr
    >>> x, mu, sigma = gr.vector("x", "n"), gr.scalar("mu"), gr.scalar("sigma")
    >>> log_density = gr.stats.norm.logpdf(x, mu, sigma)
    >>> gr.evaluate({x: [1.0, 3.0], mu: 1.0, sigma: 2.0}, log_density).round(4)
    array([-1.6121, -2.1121])
    """

    def log_kernel(self, z: Variable) -> Any:
        return -0.5 * z**2

    def log_normalizer(self) -> Any:
        return _LOG_ROOT_TWO_PI

    def cumulative(self, z: Variable) -> Any:
        return ndtr(z)

    def log_cumulative(self, z: Variable) -> Any:
        return log_ndtr(z)

    def survival(self, z: Variable) -> Any:
        return ndtr(-z)

    def log_survival(self, z: Variable) -> Any:
        return log_ndtr(-z)

    def quantile(self, q: Variable) -> Any:
        return ndtri(q)

    def upper_quantile(self, q: Variable) -> Any:
        return -ndtri(q)

    def center(self) -> Any:
        return 0.0

    def spread(self) -> Any:
        return 1.0

    def disorder(self) -> Any:
        return 0.5 + _LOG_ROOT_TWO_PI


class T(Continuous):
    """Student's t: f(z) = (1 + z**2 / df)**(-(df + 1) / 2) / (sqrt(df) B(1/2, df/2))."""

    shapes = ("df",)

    def log_kernel(self, z: Variable, df: Any) -> Any:
        return -0.5 * (df + 1) * log1p(z**2 / df)

    def log_normalizer(self, df: Any) -> Any:
        return 0.5 * log(df) + betaln(0.5 * df, 0.5)

    def cumulative(self, z: Variable, df: Any) -> Any:
        return stdtr(df, z)

    def survival(self, z: Variable, df: Any) -> Any:
        return stdtr(df, -z)

    def quantile(self, q: Variable, df: Any) -> Any:
        return stdtrit(df, q)

    def upper_quantile(self, q: Variable, df: Any) -> Any:
        return -stdtrit(df, q)

    def center(self, df: Any) -> Any:
        return where(df > 1, 0 * df, INF)

    def spread(self, df: Any) -> Any:
        finite = where(df > 2, df / where(df > 2, df - 2, 1.0), INF)
        return where(df > 1, finite, math.nan)

    def disorder(self, df: Any) -> Any:
        half, more = 0.5 * df, 0.5 * (df + 1)
        return more * (digamma(more) - digamma(half)) + 0.5 * log(df) + betaln(half, 0.5)


class Cauchy(Continuous):
    """The Cauchy distribution: f(z) = 1 / (pi (1 + z**2)). It has no mean."""

    def log_kernel(self, z: Variable) -> Any:
        return -2 * log(hypot(1.0, z))

    def log_normalizer(self) -> Any:
        return math.log(math.pi)

    def cumulative(self, z: Variable) -> Any:
        return arctan2(1.0, -z) / math.pi

    def survival(self, z: Variable) -> Any:
        return arctan2(1.0, z) / math.pi

    def quantile(self, q: Variable) -> Any:
        return where(q < 0.5, -1 / tan(math.pi * q), 1 / tan(math.pi * (1 - q)))

    def upper_quantile(self, q: Variable) -> Any:
        return -self.quantile(q)

    def center(self) -> Any:
        return math.nan

    def spread(self) -> Any:
        return math.nan

    def disorder(self) -> Any:
        return math.log(4 * math.pi)


class Laplace(Continuous):
    """The double exponential distribution: f(z) = exp(-abs(z)) / 2."""

    def log_kernel(self, z: Variable) -> Any:
        return -absolute(z)

    def log_normalizer(self) -> Any:
        return _LOG_2

    def cumulative(self, z: Variable) -> Any:
        tail = 0.5 * exp(-absolute(z))
        return where(z < 0, tail, 1 - tail)

    def log_cumulative(self, z: Variable) -> Any:
        return where(z < 0, z - _LOG_2, log1p(-0.5 * exp(-absolute(z))))

    def survival(self, z: Variable) -> Any:
        return self.cumulative(-z)

    def log_survival(self, z: Variable) -> Any:
        return self.log_cumulative(-z)

    def quantile(self, q: Variable) -> Any:
        return where(q < 0.5, log(2 * q), -log(2 * (1 - q)))

    def upper_quantile(self, q: Variable) -> Any:
        return -self.quantile(q)

    def center(self) -> Any:
        return 0.0

    def spread(self) -> Any:
        return 2.0

    def disorder(self) -> Any:
        return 1 + _LOG_2


class Logistic(Continuous):
    """The logistic distribution: f(z) = exp(-z) / (1 + exp(-z))**2."""

    def log_kernel(self, z: Variable) -> Any:
        return z - 2 * softplus(z)

    def cumulative(self, z: Variable) -> Any:
        return sigmoid(z)

    def log_cumulative(self, z: Variable) -> Any:
        return log_expit(z)

    def survival(self, z: Variable) -> Any:
        return sigmoid(-z)

    def log_survival(self, z: Variable) -> Any:
        return log_expit(-z)

    def quantile(self, q: Variable) -> Any:
        return logit(q)

    def upper_quantile(self, q: Variable) -> Any:
        return -logit(q)

    def center(self) -> Any:
        return 0.0

    def spread(self) -> Any:
        return math.pi**2 / 3

    def disorder(self) -> Any:
        return 2.0


class GumbelR(Continuous):
    """The Gumbel distribution of maxima: f(z) = exp(-z - exp(-z))."""

    def log_kernel(self, z: Variable) -> Any:
        return -z - exp(-z)

    def cumulative(self, z: Variable) -> Any:
        return exp(-exp(-z))

    def log_cumulative(self, z: Variable) -> Any:
        return -exp(-z)

    def survival(self, z: Variable) -> Any:
        return -expm1(-exp(-z))

    def log_survival(self, z: Variable) -> Any:
        return _log_upper_gumbel(z)

    def quantile(self, q: Variable) -> Any:
        return -log(-log(q))

    def upper_quantile(self, q: Variable) -> Any:
        return -log(-log1p(-q))

    def center(self) -> Any:
        return np.euler_gamma

    def spread(self) -> Any:
        return math.pi**2 / 6

    def disorder(self) -> Any:
        return np.euler_gamma + 1


class GumbelL(Continuous):
    """The Gumbel distribution of minima: f(z) = exp(z - exp(z))."""

    def log_kernel(self, z: Variable) -> Any:
        return z - exp(z)

    def cumulative(self, z: Variable) -> Any:
        return -expm1(-exp(z))

    def log_cumulative(self, z: Variable) -> Any:
        return _log_upper_gumbel(-z)

    def survival(self, z: Variable) -> Any:
        return exp(-exp(z))

    def log_survival(self, z: Variable) -> Any:
        return -exp(z)

    def quantile(self, q: Variable) -> Any:
        return log(-log1p(-q))

    def upper_quantile(self, q: Variable) -> Any:
        return log(-log(q))

    def center(self) -> Any:
        return -np.euler_gamma

    def spread(self) -> Any:
        return math.pi**2 / 6

    def disorder(self) -> Any:
        return np.euler_gamma + 1


def _log_upper_gumbel(z: Variable) -> Variable:
    """log(1 - exp(-exp(-z))), which for large z is -z - exp(-z) / 2."""
    near, far = clip(z, -7.0, 20.0), maximum(z, 20.0)
    return where(z > 20, -far - 0.5 * exp(-far), log1mexp(exp(-near)))


class Skewnorm(Continuous):
    """The skew normal distribution: f(z) = 2 phi(z) Phi(a z) (Azzalini 1985)."""

    shapes = ("a",)

    def log_kernel(self, z: Variable, a: Any) -> Any:
        return log_ndtr(a * z) - 0.5 * z**2

    def log_normalizer(self, a: Any) -> Any:
        return _LOG_ROOT_TWO_PI - _LOG_2

    def center(self, a: Any) -> Any:
        return math.sqrt(2 / math.pi) * a / sqrt(1 + a**2)

    def spread(self, a: Any) -> Any:
        return 1 - 2 / math.pi * a**2 / (1 + a**2)


class Vonmises(Continuous):
    """The von Mises distribution: f(z) = exp(kappa cos(z)) / (2 pi I0(kappa)), of any angle z."""

    shapes = ("kappa",)

    def log_kernel(self, z: Variable, kappa: Any) -> Any:
        return kappa * cosm1(z)

    def log_normalizer(self, kappa: Any) -> Any:
        return log(i0e(kappa)) + math.log(2 * math.pi)

    def center(self, kappa: Any) -> Any:
        return 0.0

    def disorder(self, kappa: Any) -> Any:
        ratio = i1e(kappa) / i0e(kappa)
        return kappa * (1 - ratio) + log(i0e(kappa)) + math.log(2 * math.pi)


norm = Norm("norm")
t = T("t")
cauchy = Cauchy("cauchy")
laplace = Laplace("laplace")
logistic = Logistic("logistic")
gumbel_r = GumbelR("gumbel_r")
gumbel_l = GumbelL("gumbel_l")
skewnorm = Skewnorm("skewnorm")
vonmises = Vonmises("vonmises")
