"""Bases of the continuous and of the discrete distributions: densities and quantiles."""

from __future__ import annotations

import inspect
import math
from collections.abc import Mapping
from typing import Any, ClassVar

from graphcomp.graph import Variable
from graphcomp.ops.base import as_variable
from graphcomp.ops.compare import where
from graphcomp.ops.parts import floor
from graphcomp.ops.transcendental import exp, log
from graphcomp.registry import public
from graphcomp.stats.distribution import (
    INF,
    Univariate,
    any_of,
    as_float,
    inside,
    is_number,
    middle,
    scaled,
    standardized,
    to_all_shapes,
)

_OF_BOTH = ("cdf", "logcdf", "sf", "logsf", "mean", "var", "std", "entropy")
_REQUIRED = inspect.Parameter.empty


class Continuous(Univariate):
    """Base of the continuous distributions: log f(z) = log_kernel(z) - log_normalizer().

    ``open_below`` says that the density is 0 at the least value itself, ``entire`` that the kernel
    is finite outside of the support too. Of the quantiles a class gives ``quantile(q)`` and, where
    1 - q would lose digits, ``upper_quantile(q)``.
    """

    methods = ("logpdf", "pdf", "ppf", "isf", "median", "interval", *_OF_BOTH)
    open_below: ClassVar[bool] = False
    entire: ClassVar[bool] = False

    def __init_subclass__(cls) -> None:
        defaults = {"loc": 0, "scale": 1}
        cls.parameters = (*((name, _REQUIRED) for name in cls.shapes), *defaults.items())

    def log_kernel(self, z: Variable, *shapes: Any) -> Any:
        """The part of the log-density that depends on z."""
        raise AssertionError(self.name)

    def log_normalizer(self, *shapes: Any) -> Any:
        """The part that does not."""
        return 0

    def quantile(self, q: Variable, *shapes: Any) -> Any:
        """The z at which ``cumulative`` is q."""
        self.refuse("inverse cdf")

    def upper_quantile(self, q: Variable, *shapes: Any) -> Any:
        """The z at which ``survival`` is q."""
        return self.quantile(1 - q, *shapes)

    # -------------------------------------------------------------------------- for the user

    @public()
    def logpdf(self, x: Any, *args: Any, **kwds: Any) -> Variable:
        """The logarithm of the density; -inf outside of the support, with gradients 0."""
        x = as_variable(self.read(x))
        given = self.given(args, kwds, x)
        z, shapes = standardized(x, given), self._shapes(given)
        low, high = self.support(*shapes)
        outside = []
        if not is_number(low, -INF):
            outside.append(z <= low if self.open_below else z < low)
        if not is_number(high, INF):
            outside.append(z > high)
        inner = z if self.entire else inside(z, outside, middle(low, high))
        kernel = self.log_kernel(inner, *shapes)
        result = _difference(kernel, self._log_constant(given))
        return to_all_shapes(where(any_of(outside), -INF, result) if outside else result, given)

    @public()
    def pdf(self, x: Any, *args: Any, **kwds: Any) -> Variable:
        """The density, exp(logpdf)."""
        return exp(self.logpdf(x, *args, **kwds))

    @public()
    def ppf(self, q: Any, *args: Any, **kwds: Any) -> Variable:
        """The inverse of ``cdf``; NaN for a q outside of [0, 1]."""
        q = self.read(q)
        given = self.given(args, kwds, q)
        z = self.quantile(_probability(q), *self._shapes(given))
        return to_all_shapes(scaled(z, given), given)

    @public()
    def isf(self, q: Any, *args: Any, **kwds: Any) -> Variable:
        """The inverse of ``sf``; NaN for a q outside of [0, 1]."""
        q = self.read(q)
        given = self.given(args, kwds, q)
        z = self.upper_quantile(_probability(q), *self._shapes(given))
        return to_all_shapes(scaled(z, given), given)

    @public()
    def median(self, *args: Any, **kwds: Any) -> Variable:
        """The median, ppf(0.5)."""
        return self.ppf(0.5, *args, **kwds)

    @public()
    def interval(self, confidence: Any, *args: Any, **kwds: Any) -> tuple[Variable, Variable]:
        """The bounds between which X is with this probability, the same outside of each."""
        tail = (1 - confidence) / 2
        return self.ppf(tail, *args, **kwds), self.isf(tail, *args, **kwds)

    def _log_constant(self, given: Mapping[str, Any]) -> Any:
        normalizer, scale = self.log_normalizer(*self._shapes(given)), given["scale"]
        if is_number(scale, 1):
            return normalizer
        return log(scale) if is_number(normalizer, 0) else log(scale) + normalizer


class Discrete(Univariate):
    """Base of the distributions of whole numbers, by ``log_mass(k, *shapes)``."""

    methods = ("logpmf", "pmf", *_OF_BOTH)
    whole = True

    def __init_subclass__(cls) -> None:
        cls.parameters = (*((name, _REQUIRED) for name in cls.shapes), ("loc", 0))

    def log_mass(self, k: Variable, *shapes: Any) -> Any:
        """log P(K = k) of a whole k in the support."""
        raise AssertionError(self.name)

    @public()
    def logpmf(self, k: Any, *args: Any, **kwds: Any) -> Variable:
        """log P(K = k); -inf outside of the support and between whole numbers, with gradients 0."""
        k = as_variable(self.read(k))
        given = self.given(args, kwds, k)
        z, shapes = standardized(k, given), self._shapes(given)
        low, high = self.support(*shapes)
        outside = [] if is_number(low, -INF) else [z < low]
        if not is_number(high, INF):
            outside.append(z > high)
        if z.dtype.kind == "f":
            outside.append(z != floor(z))
        inner = inside(z, outside, as_float(low))
        result = where(any_of(outside), -INF, self.log_mass(inner, *shapes))
        return to_all_shapes(result, given)

    @public()
    def pmf(self, k: Any, *args: Any, **kwds: Any) -> Variable:
        """P(K = k)."""
        return exp(self.logpmf(k, *args, **kwds))


def _difference(a: Any, b: Any) -> Variable:
    if is_number(b, 0):
        return as_variable(a)
    return -as_variable(b) if is_number(a, 0) else a - b


def _probability(q: Any) -> Variable:
    """q, or NaN where it is none."""
    if isinstance(q, (int, float)):
        return as_variable(float(q) if 0 <= q <= 1 else math.nan)
    return where((q < 0) | (q > 1), math.nan, q)
