"""The continuous distributions of ``scipy.stats`` that are cut off: on half a line, or an interval.

Each is given for ``loc=0, scale=1``.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from graphcomp.graph import Variable
from graphcomp.ops.base import as_variable
from graphcomp.ops.compare import maximum, where
from graphcomp.ops.error_functions import erf, erfinv, log_ndtr, ndtr, ndtri
from graphcomp.ops.transcendental import arctan, arctan2, exp, expm1, hypot, log, log1p, tan
from graphcomp.stats.density import Continuous
from graphcomp.stats.distribution import INF, Bounds, log1mexp

__all__ = ["expon", "halfcauchy", "halfnorm", "truncnorm", "uniform"]

_LOG_2 = math.log(2)
_LOG_ROOT_TWO_PI = 0.5 * math.log(2 * math.pi)


class Expon(Continuous):
    """The exponential distribution: f(z) = exp(-z) for z >= 0."""

    entire = True

    def support(self) -> Bounds:
        return 0, INF

    def log_kernel(self, z: Variable) -> Any:
        return -z

    def cumulative(self, z: Variable) -> Any:
        return -expm1(-z)

    def log_cumulative(self, z: Variable) -> Any:
        return log1mexp(z)

    def survival(self, z: Variable) -> Any:
        return exp(-z)

    def log_survival(self, z: Variable) -> Any:
        return -z

    def quantile(self, q: Variable) -> Any:
        return -log1p(-q)

    def upper_quantile(self, q: Variable) -> Any:
        return -log(q)

    def center(self) -> Any:
        return 1.0

    def spread(self) -> Any:
        return 1.0

    def disorder(self) -> Any:
        return 1.0


class Halfnorm(Continuous):
    """The half normal distribution: f(z) = sqrt(2 / pi) exp(-z**2 / 2) for z >= 0."""

    entire = True

    def support(self) -> Bounds:
        return 0, INF

    def log_kernel(self, z: Variable) -> Any:
        return -0.5 * z**2

    def log_normalizer(self) -> Any:
        return 0.5 * math.log(math.pi / 2)

    def cumulative(self, z: Variable) -> Any:
        return erf(z / math.sqrt(2))

    def survival(self, z: Variable) -> Any:
        return 2 * ndtr(-z)

    def log_survival(self, z: Variable) -> Any:
        return log_ndtr(-z) + _LOG_2

    def quantile(self, q: Variable) -> Any:
        return math.sqrt(2) * erfinv(q)

    def upper_quantile(self, q: Variable) -> Any:
        return -ndtri(0.5 * q)

    def center(self) -> Any:
        return math.sqrt(2 / math.pi)

    def spread(self) -> Any:
        return 1 - 2 / math.pi

    def disorder(self) -> Any:
        return 0.5 * math.log(math.pi / 2) + 0.5


class Halfcauchy(Continuous):
    """The half Cauchy distribution: f(z) = 2 / (pi (1 + z**2)) for z >= 0."""

    entire = True

    def support(self) -> Bounds:
        return 0, INF

    def log_kernel(self, z: Variable) -> Any:
        return -2 * log(hypot(1.0, z))

    def log_normalizer(self) -> Any:
        return math.log(math.pi / 2)

    def cumulative(self, z: Variable) -> Any:
        return 2 / math.pi * arctan(z)

    def survival(self, z: Variable) -> Any:
        return 2 / math.pi * arctan2(1.0, z)

    def quantile(self, q: Variable) -> Any:
        return tan(0.5 * math.pi * q)

    def upper_quantile(self, q: Variable) -> Any:
        return 1 / tan(0.5 * math.pi * q)

    def center(self) -> Any:
        return INF

    def spread(self) -> Any:
        return INF

    def disorder(self) -> Any:
        return math.log(2 * math.pi)


class Uniform(Continuous):
    """The uniform distribution on [loc, loc + scale]: f(z) = 1 for 0 <= z <= 1."""

    def support(self) -> Bounds:
        return 0, 1

    def log_kernel(self, z: Variable) -> Any:
        return 0 if z.dtype == np.float64 else as_variable(z.dtype.type(0))

    def cumulative(self, z: Variable) -> Any:
        return z

    def log_survival(self, z: Variable) -> Any:
        return log1p(-z)

    def quantile(self, q: Variable) -> Any:
        return q

    def center(self) -> Any:
        return 0.5

    def spread(self) -> Any:
        return 1 / 12

    def disorder(self) -> Any:
        return 0.0


class Truncnorm(Continuous):
    """The normal distribution between a and b: f(z) = phi(z) / (Phi(b) - Phi(a))."""

    shapes = ("a", "b")
    entire = True

    def support(self, a: Any, b: Any) -> Bounds:
        return a, b

    def log_kernel(self, z: Variable, a: Any, b: Any) -> Any:
        return -0.5 * z**2

    def log_normalizer(self, a: Any, b: Any) -> Any:
        return _log_normal_mass(a, b) + _LOG_ROOT_TWO_PI

    def cumulative(self, z: Variable, a: Any, b: Any) -> Any:
        return exp(self.log_cumulative(z, a, b))

    def log_cumulative(self, z: Variable, a: Any, b: Any) -> Any:
        return _log_normal_mass(a, z) - _log_normal_mass(a, b)

    def survival(self, z: Variable, a: Any, b: Any) -> Any:
        return exp(self.log_survival(z, a, b))

    def log_survival(self, z: Variable, a: Any, b: Any) -> Any:
        return _log_normal_mass(z, b) - _log_normal_mass(a, b)


def _log_normal_mass(a: Any, b: Any) -> Variable:
    """log(Phi(b) - Phi(a)), in the tail where a and b are, for a <= b."""
    right = a > 0
    least = maximum(where(right, -b, a), -1e15)  # an infinite bound has no gradient, and no NaN
    low, high = log_ndtr(least), log_ndtr(where(right, -a, b))
    return high + log1mexp(high - low)


expon = Expon("expon")
halfnorm = Halfnorm("halfnorm")
halfcauchy = Halfcauchy("halfcauchy")
uniform = Uniform("uniform")
truncnorm = Truncnorm("truncnorm")
