"""Nothing comes from the branch not taken: no NaN and no warning, in two orders of derivatives."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
import pytest
import scipy.special  # noqa: F401 - rows name it

import codegen
import graphcomp as gr
from graphcomp.graph import topological
from graphcomp.ops.base import Input
from graphcomp.rewrite import optimize
from graphcomp.rewrite.guards import guards
from graphcomp.rewrite.masks import masks

INF = float("inf")


@dataclass(frozen=True)
class Row:
    """An elementwise function of x; at each point the formula, by mpmath, that is in force."""

    text: str
    truth: Mapping[float, str]


ROWS = [
    Row("np.where(x > 0, np.log(x), 0)", {-1: "0", 0: "0", 2: "log(x)"}),
    Row("np.where(x > 0, np.log(x), x)", {-1: "x", 0: "x", 2: "log(x)"}),
    Row("np.where(x <= 0, 0, np.log(x))", {-1: "0", 0: "0", 2: "log(x)"}),
    Row("np.where(~(x > 0), 0, np.log(x))", {-1: "0", 0: "0", 2: "log(x)"}),
    Row("np.where(0 < x, np.log(x)**2 + np.log(x), 1)", {-1: "1", 0: "1", 2: "log(x)**2+log(x)"}),
    Row("np.where(x > 0, x * np.log(x), 0)", {-1: "0", 0: "0", 2: "x*log(x)"}),
    Row("np.where(x > 0, np.sqrt(x), 0)", {-1: "0", 0: "0", 4: "sqrt(x)"}),
    Row("np.where(x > 0, x**0.5, x)", {-1: "x", 0: "x", 4: "sqrt(x)"}),
    Row("np.where(x > 0, x**1.5, 0)", {-1: "0", 0: "0", 4: "x**1.5"}),
    Row("np.where(x > 0, x**-2.0, -x)", {-1: "-x", 0: "-x", 2: "x**-2"}),
    Row("np.where(x > 0, x**x, 1)", {-1: "1", 0: "1", 2: "x**x"}),
    Row("np.where(x != 0, 1 / x, 0)", {0: "0", 2: "1/x", -2: "1/x"}),
    Row("np.where(x == 0, 1, np.sin(x) / x)", {0: "1", 2: "sin(x)/x"}),
    Row("np.where(x == 0, 0, np.sin(x)**2 / x**2)", {0: "0", 2: "(sin(x)/x)**2"}),
    Row("np.where(x == 0, 0, np.arctan(x) / x)", {0: "0", 2: "atan(x)/x"}),
    Row("np.where(x == 0, 0, x**2 * np.sin(1 / x))", {0: "0", 2: "x*x*sin(1/x)"}),
    Row("np.where(x == 0, 0, np.exp(-1 / x**2))", {0: "0", 2: "exp(-1/x**2)"}),
    Row("np.where(x > 0, np.exp(-1 / x), 0)", {-1: "0", 0: "0", 2: "exp(-1/x)"}),
    Row("np.where(np.abs(x) < 1, np.exp(-1 / (1 - x**2)), 0)",
        {-1: "0", 1: "0", 2: "0", 0.5: "exp(-1/(1-x*x))"}),
    Row("np.where(x > 0, x, np.exp(x) - 1)", {-1: "expm1(x)", 2: "x", 1e3: "x"}),
    Row("np.where(x > 0, x, np.expm1(x))", {-1: "expm1(x)", 2: "x", 1e3: "x"}),
    Row("np.where(x > 20, x, np.log(1 + np.exp(x)))", {-1: "log1p(exp(x))", 1e3: "x"}),
    Row("np.where(x > 30, x, np.log1p(np.exp(x)))", {-1: "log1p(exp(x))", 1e3: "x"}),
    Row("np.where(x >= 0, 1 / (1 + np.exp(-x)), np.exp(x) / (1 + np.exp(x)))",
        {-1e3: "0", -1: "1/(1+exp(-x))", 2: "1/(1+exp(-x))", 1e3: "1"}),
    Row("np.where(x < 0, np.cosh(x), 1 + x)", {-1: "cosh(x)", 1e3: "1+x"}),
    Row("np.where(np.abs(x) < 1, np.arcsin(x), x)", {0.5: "asin(x)", 1: "x", 2: "x"}),
    Row("np.where(np.abs(x) <= 0.9, np.arccos(x), 0)", {0.5: "acos(x)", 1: "0", -2: "0"}),
    Row("np.arccos(np.clip(x, -1, 1))", {0.5: "acos(x)", 2: "0", -2: "pi"}),
    Row("np.arcsin(np.minimum(np.maximum(x, -1), 1))", {0.5: "asin(x)", 2: "pi/2", -2: "-pi/2"}),
    Row("np.where(np.abs(x) < 1, np.arctanh(x), 0)", {0.5: "atanh(x)", 1: "0", -2: "0"}),
    Row("np.where(x > 1, np.arccosh(x), 0)", {2: "acosh(x)", 1: "0", 0: "0"}),
    Row("np.where(x > -1, np.log1p(x), -x)", {1: "log1p(x)", -1: "-x", -2: "-x"}),
    Row("np.where((x > 0) & (x < 1), np.log(x / (1 - x)), 0)",
        {0: "0", 1: "0", 2: "0", -1: "0", 0.25: "log(x/(1-x))"}),
    Row("np.where((x > 0) & (x < 1), -x * np.log(x) - (1 - x) * np.log(1 - x), 0)",
        {0: "0", 1: "0", 2: "0", -1: "0", 0.25: "-x*log(x)-(1-x)*log(1-x)"}),
    Row("np.where((x <= 0) | (x >= 1), 0, scipy.special.logit(x))",
        {0: "0", 1: "0", 2: "0", 0.25: "log(x/(1-x))"}),
    Row("np.where(x > 0, scipy.special.gammaln(x), 0)", {0: "0", -1: "0", 2.5: "loggamma(x)"}),
    Row("np.where(x > 0, scipy.special.digamma(x), 0)", {0: "0", -1: "0", 2.5: "digamma(x)"}),
    Row("np.where(np.abs(x) < 1, scipy.special.erfinv(x), x)", {1: "x", 2: "x", 0.5: "erfinv(x)"}),
    Row("np.where(x > 0, scipy.special.xlogy(x, x), 0)", {0: "0", -1: "0", 2: "x*log(x)"}),
    Row("np.where(x > 0, scipy.special.k0(x), 0)", {0: "0", -1: "0", 2: "besselk(0,x)"}),
    Row("np.where(x > 0, np.log2(x) + np.log10(x), 0)", {0: "0", 2: "log(x,2)+log(x,10)"}),
    Row("np.where(x > 0, np.cbrt(x), 0)", {0: "0", 8: "cbrt(x)"}),
    Row("np.where(x > 0, np.reciprocal(x), 0)", {0: "0", 2: "1/x"}),
    # nested and several
    Row("np.where(x < 0, 0, np.where(x < 1, np.sqrt(1 - x), np.log(x)))",
        {-1: "0", 0.5: "sqrt(1-x)", 1: "log(x)", 2: "log(x)"}),
    Row("np.where(x > 0, np.where(x < 2, np.log(x) * np.log(2 - x), 1), x)",
        {-1: "x", 0: "x", 1: "log(x)*log(2-x)", 2: "1", 3: "1"}),
    Row("np.where(x > 0, np.sqrt(x), 0) + np.where(x > 1, 2 * np.sqrt(x), 0)",
        {-1: "0", 0: "0", 0.25: "sqrt(x)", 4: "3*sqrt(x)"}),
    Row("np.where(x > 0, np.log(x), 0) * np.where(x < 2, np.sqrt(2 - x), 0)",
        {-1: "0", 0: "0", 1.5: "log(x)*sqrt(2-x)", 2: "0", 3: "0"}),
    Row("np.where(x > 0, np.log(np.where(x > 0, x, 1)), 0)", {-1: "0", 0: "0", 2: "log(x)"}),
    Row("np.where(x > 0, np.log(np.sqrt(x)) / np.sqrt(x), 0)",
        {-1: "0", 0: "0", 2: "log(x)/2/sqrt(x)"}),
    Row("np.exp(np.where(x > 0, np.log(x), 0))", {-1: "1", 0: "1", 2: "x"}),
    Row("1 / np.where(x > 0, x, 1)", {-1: "1", 0: "1", 2: "1/x"}),
    Row("np.select([x < -1, x > 1], [np.log(-x), np.log(x)], 0)",
        {-2: "log(-x)", -1: "0", 0: "0", 1: "0", 2: "log(x)"}),
    Row("np.select([x <= 0, x < 1], [x, np.log(x)], np.sqrt(x - 1))",
        {-1: "x", 0: "x", 0.5: "log(x)", 2: "sqrt(x-1)"}),
    Row("np.piecewise(x, [x > 0], [np.log, lambda x: -x])", {-1: "-x", 0: "-x", 2: "log(x)"}),
    Row("np.piecewise(x, [x < 0, x > 0], [lambda x: np.sqrt(-x), np.sqrt, 0])",
        {-4: "sqrt(-x)", 0: "0", 4: "sqrt(x)"}),
    # comparisons times values
    Row("(x > 0) * x**0.5", {-1: "0", 0: "0", 4: "sqrt(x)"}),
    Row("(x > 0) * np.log(x) * x", {-1: "0", 0: "0", 2: "x*log(x)"}),
    Row("(x > 0).astype(x.dtype) * np.sqrt(x)", {-1: "0", 0: "0", 4: "sqrt(x)"}),
    Row("(x > 0) * (x < 1) * np.log(x) * np.log(1 - x)",
        {-1: "0", 0: "0", 0.25: "log(x)*log(1-x)", 1: "0", 2: "0"}),
    Row("(x < 1) * np.sqrt(1 - x) + (x >= 1) * np.log(x)",
        {-3: "sqrt(1-x)", 0.75: "sqrt(1-x)", 1: "log(x)", 2: "log(x)"}),
    # at limits
    Row("np.sqrt(np.maximum(x, 0))", {-1: "0", 4: "sqrt(x)"}),
    Row("np.log(np.maximum(x, 1e-3))", {-1: "log(1e-3)", 0: "log(1e-3)", 2: "log(x)"}),
    Row("-np.log(np.clip(x, 1e-3, None))", {-1: "-log(1e-3)", 0: "-log(1e-3)", 2: "-log(x)"}),
    Row("np.where(np.abs(x) <= 1, 0.5 * x**2, np.abs(x) - 0.5)", {0: "x*x/2", 3: "x-0.5"}),
    Row("x / np.where(np.abs(x) == 0, 1, np.abs(x))", {0: "x", 2: "1", -2: "-1"}),
    Row("np.where(x > 0, np.log(1 / x), 0)", {-1: "0", 0: "0", 2: "-log(x)"}),
    # data that are not finite
    Row("np.where(np.isfinite(x), x**2, 0)", {INF: "0", 2: "x**2"}),
    Row("np.where(np.isnan(x), 0, x * np.exp(x))", {float("nan"): "0", 2: "x*exp(x)"}),
    Row("np.nan_to_num(x**2)", {float("nan"): "0", 2: "x**2"}),
]  # fmt: skip

DTYPES = ("float64", "float32")


def truth(row: Row, dtype: str) -> tuple[list[float], list[list[float]]]:
    """The points of a row, and the derivatives there of order 0, 1 and 2."""
    points = list(row.truth)
    with mpmath.workdps(40):
        orders = [[_derivative(row.truth[x], x, order) for x in points] for order in range(3)]
    return points, orders


def _derivative(formula: str, x: float, order: int) -> float:
    def f(x: Any) -> Any:
        return mpmath.mpf(1) * eval(formula, {**vars(mpmath), "x": x})

    point = mpmath.mpf(x) if np.isfinite(x) else mpmath.mpf(0)
    return float(mpmath.diff(f, point, order)) if order else float(f(point))


def compiled(text: str, *points: Any, **options: Any) -> Any:
    """The function of a text, its gradient and its Hessian, of the sum, in one file."""
    names = "xyz"[: len(points)]
    exec(f"def f({', '.join(names)}): return {text}", scope := {"np": np, "scipy": scipy, "gr": gr})
    inputs, y = gr.from_function(scope["f"], *points)
    z = gr.sum(y)
    outputs = [y, gr.grad(z, inputs[0]), gr.hessian(z, inputs[0])]
    return codegen.compile(inputs, outputs, **options)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("row", ROWS, ids=[row.text for row in ROWS])
def test_values_and_derivatives(row: Row, dtype: str) -> None:
    points, (values, slopes, curvatures) = truth(row, dtype)
    x = np.array(points, dtype)
    f = compiled(row.text, x)
    with np.errstate(all="raise", under="ignore"):
        found = f(x)
    tolerance = 1e-12 if dtype == "float64" else 2e-5
    for actual, expected in zip(found, (values, slopes, np.diag(curvatures)), strict=True):
        assert actual.dtype == dtype
        np.testing.assert_allclose(actual, expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("row", ROWS, ids=[row.text for row in ROWS])
def test_guarded_once(row: Row) -> None:
    exec(f"def f(x): return {row.text}", scope := {"np": np, "scipy": scipy})
    (x,), y = gr.from_function(scope["f"], np.array(list(row.truth), float))
    for differentiable, passes in itertools.product((False, True), ((guards,), (masks, guards))):
        once, _ = optimize(y, passes, differentiable=differentiable, verify=True)
        twice, report = optimize(once, passes, differentiable=differentiable)
        assert twice is once and not report.fired
