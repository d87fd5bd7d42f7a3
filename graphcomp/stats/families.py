"""More continuous distributions of ``scipy.stats``: log-densities, and what else is short.

Each is given for ``loc=0, scale=1``.
"""

from __future__ import annotations

import math
from typing import Any

from graphcomp.graph import Variable
from graphcomp.ops.activations import sigmoid, softplus
from graphcomp.ops.entropies import xlogy
from graphcomp.ops.gamma_functions import gammaln
from graphcomp.ops.parts import absolute
from graphcomp.ops.transcendental import exp, expm1, log, log1p
from graphcomp.stats.density import Continuous
from graphcomp.stats.distribution import INF, Bounds, log1mexp

__all__ = ["chi", "fisk", "gennorm", "invgauss", "loguniform", "lomax", "powerlaw", "reciprocal"]


class Gennorm(Continuous):
    """The generalized normal distribution: f(z) = beta exp(-abs(z)**beta) / (2 Gamma(1/beta))."""

    shapes = ("beta",)

    def log_kernel(self, z: Variable, beta: Any) -> Any:
        return -(absolute(z) ** beta)

    def log_normalizer(self, beta: Any) -> Any:
        return gammaln(1 / beta) + math.log(2) - log(beta)


class Chi(Continuous):
    """The root of a chi squared number: f(z) is proportional to z**(df - 1) exp(-z**2 / 2)."""

    shapes = ("df",)

    def support(self, df: Any) -> Bounds:
        return 0, INF

    def log_kernel(self, z: Variable, df: Any) -> Any:
        return xlogy(df - 1, z) - 0.5 * z**2

    def log_normalizer(self, df: Any) -> Any:
        return gammaln(0.5 * df) + (0.5 * df - 1) * math.log(2)


class Lomax(Continuous):
    """The Pareto distribution of the second kind: f(z) = c (1 + z)**(-c - 1) for z >= 0."""

    shapes = ("c",)

    def support(self, c: Any) -> Bounds:
        return 0, INF

    def log_kernel(self, z: Variable, c: Any) -> Any:
        return -(c + 1) * log1p(z)

    def log_normalizer(self, c: Any) -> Any:
        return -log(c)

    def cumulative(self, z: Variable, c: Any) -> Any:
        return -expm1(-c * log1p(z))

    def log_cumulative(self, z: Variable, c: Any) -> Any:
        return log1mexp(c * log1p(z))

    def survival(self, z: Variable, c: Any) -> Any:
        return exp(-c * log1p(z))

    def log_survival(self, z: Variable, c: Any) -> Any:
        return -c * log1p(z)


class Fisk(Continuous):
    """The log-logistic distribution: f(z) = c z**(c - 1) / (1 + z**c)**2 for z > 0."""

    shapes = ("c",)
    open_below = True

    def support(self, c: Any) -> Bounds:
        return 0, INF

    def log_kernel(self, z: Variable, c: Any) -> Any:
        y = log(z)
        return (c - 1) * y - 2 * softplus(c * y)

    def log_normalizer(self, c: Any) -> Any:
        return -log(c)

    def cumulative(self, z: Variable, c: Any) -> Any:
        return sigmoid(c * log(z))

    def survival(self, z: Variable, c: Any) -> Any:
        return sigmoid(-c * log(z))


class Invgauss(Continuous):
    """The inverse Gaussian: f(z) = exp(-(z/mu - 1)**2 / (2 z)) / sqrt(2 pi z**3) for z > 0."""

    shapes = ("mu",)
    open_below = True

    def support(self, mu: Any) -> Bounds:
        return 0, INF

    def log_kernel(self, z: Variable, mu: Any) -> Any:
        return -1.5 * log(z) - 0.5 * (z / mu - 1) ** 2 / z

    def log_normalizer(self, mu: Any) -> Any:
        return 0.5 * math.log(2 * math.pi)

    def center(self, mu: Any) -> Any:
        return mu

    def spread(self, mu: Any) -> Any:
        return mu**3


class Powerlaw(Continuous):
    """The power function distribution: f(z) = a z**(a - 1) for 0 <= z <= 1."""

    shapes = ("a",)

    def support(self, a: Any) -> Bounds:
        return 0, 1

    def log_kernel(self, z: Variable, a: Any) -> Any:
        return xlogy(a - 1, z)

    def log_normalizer(self, a: Any) -> Any:
        return -log(a)

    def cumulative(self, z: Variable, a: Any) -> Any:
        return z**a

    def log_cumulative(self, z: Variable, a: Any) -> Any:
        return a * log(z)

    def center(self, a: Any) -> Any:
        return a / (a + 1)

    def spread(self, a: Any) -> Any:
        return a / ((a + 2) * (a + 1) ** 2)


class Loguniform(Continuous):
    """exp(U), U uniform: f(z) = 1 / (z log(b / a)) for a <= z <= b."""

    shapes = ("a", "b")

    def support(self, a: Any, b: Any) -> Bounds:
        return a, b

    def log_kernel(self, z: Variable, a: Any, b: Any) -> Any:
        return -log(z)

    def log_normalizer(self, a: Any, b: Any) -> Any:
        return log(log(b / a))

    def cumulative(self, z: Variable, a: Any, b: Any) -> Any:
        return log(z / a) / log(b / a)

    def survival(self, z: Variable, a: Any, b: Any) -> Any:
        return log(b / z) / log(b / a)

    def quantile(self, q: Variable, a: Any, b: Any) -> Any:
        return exp(log(a) + q * log(b / a))

    def center(self, a: Any, b: Any) -> Any:
        return (b - a) / log(b / a)


chi = Chi("chi")
fisk = Fisk("fisk")
gennorm = Gennorm("gennorm")
invgauss = Invgauss("invgauss")
lomax = Lomax("lomax")
loguniform = Loguniform("loguniform")
powerlaw = Powerlaw("powerlaw")
reciprocal = Loguniform("reciprocal")
