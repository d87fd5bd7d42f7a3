"""Nothing comes from the branch not taken: no NaN and no warning, in two orders of derivatives."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
import pytest
import scipy.special
import scipy.stats

import codegen
import graphcomp as gr
from graphcomp.graph import Variable, topological
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
    _, y = gr.from_function(scope["f"], np.array(list(row.truth), float))
    for differentiable, passes in itertools.product((False, True), ((guards,), (masks, guards))):
        once, _ = optimize(y, passes, differentiable=differentiable, verify=True)
        twice, report = optimize(once, passes, differentiable=differentiable)
        assert twice is once and not report.fired


# ----------------------------------------------------------------- arrays, reductions, statistics

NAN = float("nan")
MASK = "np.array([[True, True, False], [True, False, False]])"
ROW = [[1.0, 2.0, 3.0], [1.0, 0.0, -1.0]]
SOFT = (np.exp([1.0, 2.0]) / np.exp([1.0, 2.0]).sum()).tolist()

ARRAYS: list[tuple[str, tuple[Any, ...], Any, Any]] = [
    # text, points, value, gradient of the sum
    ("np.linalg.norm(x)", ([0.0, 0.0],), 0.0, [0.0, 0.0]),
    ("x / np.where(np.linalg.norm(x) == 0, 1, np.linalg.norm(x))", ([0.0, 0.0],), [0, 0], [1, 1]),
    ("np.where(np.linalg.norm(x) > 0, x / np.linalg.norm(x), 0)", ([0.0, 0.0],), [0, 0], [0, 0]),
    ("np.where(np.sum(x**2) > 0, np.sqrt(np.sum(x**2)), 0)", ([0.0, 0.0],), 0, [0, 0]),
    ("np.where(np.sum(x**2) > 0, x / np.sqrt(np.sum(x**2)), 0)", ([0.0, 0.0],), [0, 0], [0, 0]),
    (f"scipy.special.softmax(np.where({MASK}, x, -np.inf), axis=1)", (ROW,),
     [[*SOFT, 0], [1, 0, 0]], np.zeros((2, 3))),
    (f"scipy.special.logsumexp(np.where({MASK}, x, -np.inf), axis=1)", (ROW,),
     [np.logaddexp(1, 2), 1], [[*SOFT, 0], [1, 0, 0]]),
    ("np.where(np.sum(y) > 0, np.sum(x * y) / np.sum(y), 0)", ([1.0, 2.0], [0.0, 0.0]), 0, [0, 0]),
    ("np.sum(x * y) / np.maximum(np.sum(y), 1)", ([1.0, 2.0], [0.0, 0.0]), 0, [0, 0]),
    ("np.where(np.sum(y) > 0, np.log(np.sum(x * y)), 0)", ([1.0, 2.0], [0.0, 0.0]), 0, [0, 0]),
    ("np.where((y > 0)[:, None], np.log(x), 0)", ([[1.0, 2.0], [0.0, -1.0]], [1.0, 0.0]),
     [[0, np.log(2)], [0, 0]], [[1, 0.5], [0, 0]]),
    ("np.where(y > 0, np.sum(np.log(x), axis=1), 0)", ([[1.0, 2.0], [0.0, -1.0]], [1.0, 0.0]),
     [np.log(2), 0], [[1, 0.5], [0, 0]]),
    ("np.where(y > 0, np.sum(np.log(x), axis=0, keepdims=True), 0)",
     ([[1.0, 0.0], [2.0, -1.0]], [[1.0, 0.0]]), [[np.log(2), 0]], [[1, 0], [0.5, 0]]),
    ("np.where(y > 0, np.log(x)[:, None], 0)", ([2.0, 0.0], [[1.0, 1.0], [0.0, 0.0]]),
     [[np.log(2)] * 2, [0, 0]], [1, 0]),
    ("np.where(y > 0, np.log(x).T, 0)", ([[1.0, 2.0], [0.0, -1.0]], [[1.0, 0.0], [1.0, 0.0]]),
     [[0, 0], [np.log(2), 0]], [[1, 0.5], [0, 0]]),
    ("np.where((y > 0) & (y < 5), np.log(x).T, 0)",
     ([[1.0, 2.0], [0.0, -1.0]], [[1.0, 0.0], [1.0, 6.0]]), [[0, 0], [np.log(2), 0]],
     [[1, 0.5], [0, 0]]),
    ("np.where(y > 0, np.log(x).reshape(2, 2), 0)",
     ([1.0, 2.0, 0.0, -1.0], [[1.0, 1.0], [0.0, 0.0]]), [[0, np.log(2)], [0, 0]], [1, 0.5, 0, 0]),
    ("np.where(y > 0, np.log(x @ x), 0)", ([0.0, 0.0], -1.0), 0, [0, 0]),
    ("np.where(y > 0, np.log(x), 0)", (0.0, [-1.0, 0.0]), [0, 0], 0),
    ("np.where(x > 0, np.log(x), 0) @ np.where(x > 0, np.sqrt(x), 0)", ([0.0, -1.0, 4.0],),
     np.log(16.0), [0, 0, 0.5 + np.log(4) / 4]),
    ("np.prod(np.where(x > 0, np.log(x), 1))", ([0.0, -1.0, 2.0],), np.log(2), [0, 0, 0.5]),
    ("np.cumsum(np.where(x > 0, np.log(x), 1))[-1:]", ([0.0, -1.0, 2.0],), [2 + np.log(2)],
     [0, 0, 0.5]),
    ("np.max(np.where(x > 0, np.log(x), -5))", ([0.0, -1.0, 2.0],), np.log(2), [0, 0, 0.5]),
    ("np.sum(np.log(x), where=x > 0)", ([2.0, -1.0, 0.0],), np.log(2), [0.5, 0, 0]),
    ("np.mean(x**2, where=np.array([True, False]))", ([1.0, NAN],), 1, [2, 0]),
    ("np.nansum(x**2)", ([1.0, NAN],), 1, [2, 0]),
    ("np.nansum(np.exp(x) * x)", ([1.0, NAN],), np.e, [2 * np.e, 0]),
    ("np.nansum(x * y)", ([1.0, NAN], [2.0, 3.0]), 2, [2, 0]),
    ("np.nanmean(x**2)", ([1.0, NAN],), 1, [2, 0]),
    ("np.nanvar(x)", ([1.0, 2.0, NAN],), 0.25, [-0.5, 0.5, 0]),
    ("np.nanprod(x**2)", ([2.0, NAN],), 4, [4, 0]),
    ("np.arccos(np.clip((x[0]**2 + x[1]**2 - x[2]**2) / (2 * x[0] * x[1]), -1, 1))",
     ([1.0, 1.0, 3.0],), np.pi, [0, 0, 0]),
    ("scipy.special.xlogy(y, x)", ([0.0, 1.0], [0.0, 1.0]), [0, 0], [0, 1]),
    ("scipy.stats.gamma.logpdf(y, 1.0, scale=x)", (2.0, 0.0), -np.log(2), -0.5),
    ("scipy.stats.chi2.logpdf(y, 2.0, scale=x)", (2.0, 0.0), -np.log(4), -0.5),
    ("scipy.stats.weibull_min.logpdf(y, 1.0, scale=x)", (2.0, 0.0), -np.log(2), -0.5),
    ("scipy.stats.beta.logpdf(y, 1.0, 2.0, scale=x)", (2.0, 0.0), 0, -0.5),
    ("scipy.stats.gamma.pdf(x, 2.0)", ([-1.0, 1.0],), [0, np.exp(-1)], [0, 0]),
]  # fmt: skip


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("text, points, value, slope", ARRAYS, ids=[row[0] for row in ARRAYS])
def test_arrays(text: str, points: tuple[Any, ...], value: Any, slope: Any, dtype: str) -> None:
    arrays = [np.asarray(point, dtype) for point in points]
    f = compiled(text, *arrays)
    with np.errstate(all="raise", under="ignore"):
        found, gradient, hessian = f(*arrays)
    tolerance = 1e-12 if dtype == "float64" else 2e-5
    np.testing.assert_allclose(found, value, rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(gradient, slope, rtol=tolerance, atol=tolerance)
    assert np.all(np.isfinite(hessian))


# ------------------------------------------------------------------------------ what it is made of


def names_in(outputs: Any) -> list[str]:
    return [v.op.name for v in topological(outputs if isinstance(outputs, list) else [outputs])]


def test_value_and_gradient_share_the_guard() -> None:
    x = gr.vector("x", "n")
    z = gr.sum(gr.where(x > 0, gr.sqrt(x) + gr.log(x), 0))
    after, _ = optimize([z, gr.grad(z, x)])
    names = names_in(after)
    assert names.count("sqrt") == names.count("log") == names.count("greater") == 1
    assert names.count("where") == 3  # the guard, the value and the gradient


def test_a_value_alone_is_not_guarded_for_its_derivative() -> None:
    x = gr.vector("x", 3)
    y = gr.where(x != 0, gr.sqrt(gr.square(gr.sin(x)) + gr.square(gr.tanh(x))), 0)
    assert names_in(optimize(y, (guards,))[0]).count("where") == 1
    assert names_in(optimize(y, (guards,), differentiable=True)[0]).count("where") == 2


@pytest.mark.parametrize(
    "text",
    [
        "np.where(x > 0, np.log(1 + x**2), 0)",  # fine everywhere
        "np.where(x > 0, np.exp(-x**2), 0)",
        "np.where(x > 0, np.log(np.where(x > 0, x, 1)), 0)",  # the user's own
        "np.where(x > 0, np.log(3 * np.where(x > 0, x, 1)**2), 0)",
        "np.where(x > 0, x**2 + np.sin(x), 0)",
        "np.where(np.log(x) > 0, np.log(x), 0)",  # needed everywhere, by the condition
        "np.where(x > 0, np.log(x), 0) + np.log(x)",  # needed everywhere
        "np.log(np.where(x > 0, x, 1))",
        "(x + 1) * np.log(x)",
    ],
)
def test_nothing_is_guarded(text: str) -> None:
    exec(f"def f(x): return {text}", scope := {"np": np})
    _, y = gr.from_function(scope["f"], np.ones(3))
    assert optimize(y, (guards,), differentiable=True)[0] is y


def test_raw_gradients_are_safe_too() -> None:
    """Of Algorithm 5, whose graph no pass has seen: two orders."""
    x = gr.vector("x", 2)
    z = gr.sum(gr.where(x > 0, gr.log(x) ** 2 / gr.sqrt(x), x))
    first = gr.backprop([x], gr.Graph([z]), z)[x]
    total = gr.sum(first)
    second = gr.backprop([x], gr.Graph([total]), total)[x]
    f = codegen.compile([x], [first, second])
    with np.errstate(all="raise"):
        found = f(np.array([0.0, 1.0]))
    np.testing.assert_allclose(found, [[1.0, 0.0], [0.0, 2.0]], atol=1e-14)


def test_a_gradient_by_what_stands_in_the_branch() -> None:
    x = gr.vector("x", 2)
    h = gr.sqrt(x)
    z = gr.sum(gr.where(x > 0, h**2 + 1 / h, 0))
    f = codegen.compile([x], [gr.grad(z, h), gr.hessian(z, h)])
    with np.errstate(all="raise"):
        gradient, hessian = f(np.array([0.0, 1.0]))
    np.testing.assert_allclose(gradient, [0.0, 1.0])
    np.testing.assert_allclose(hessian, [[0.0, 0.0], [0.0, 4.0]])


def test_products_with_vectors() -> None:
    x = gr.vector("x", 2)
    y = gr.where(x > 0, gr.log(x), 0)
    with np.errstate(all="raise"):
        outputs = [
            gr.jvp(y, x, [1.0, 1.0]),
            gr.vjp(y, x, [1.0, 1.0]),
            gr.hvp(gr.sum(y), x, [1.0, 1.0]),
        ]
        found = codegen.compile([x], [*outputs, gr.jacobian(y, x)])(np.array([0.0, 2.0]))
    for actual, expected in zip(
        found, ([0, 0.5], [0, 0.5], [0, -0.25], np.diag([0, 0.5])), strict=True
    ):
        np.testing.assert_allclose(actual, expected)


def test_the_guard_reads_well() -> None:
    x = gr.vector("x", "n")
    f = codegen.compile([x], gr.where(x > 0, gr.log(x), 0))
    assert "np.where(t1, np.log(np.where(t1, x, 1.0)), 0)" in f.source


def test_what_passes_are_left_out() -> None:
    x = gr.vector("x", 2)
    y = gr.where(x > 0, gr.log(x), 0)
    assert codegen.compile([x], y, passes=()).source.count("np.where") == 1
    raw = gr.grad(gr.sum(y), x, stabilise=False)
    with np.errstate(all="ignore"):
        assert np.isnan(gr.evaluate({x: [0.0, 1.0]}, raw)[0])


def test_masks_of_one_kind_meet() -> None:
    x, y, m = gr.vector("x", 3), gr.vector("y", 3), gr.vector("m", 3, dtype="bool")
    z = gr.where(m, x, 0) * gr.exp(y) + gr.where(gr.logical_not(m), 0, y) * gr.sin(x)
    after, _ = optimize(z, (masks,))
    assert after.op.name == "where" and names_in(after).count("where") == 1


def deep(length: int) -> Variable:
    x = gr.vector("x", 3)
    y: Variable = x
    for k in range(length):
        y = gr.where(y > k, gr.log(y), gr.sqrt(x)) if k % 2 else gr.sin(y)
    return y


def test_linear_in_the_size_of_the_graph() -> None:
    y = deep(2000)
    after, report = optimize(y, (guards,), differentiable=True)
    assert sum(report.fired.values()) >= 1000
    assert len(topological([after])) < 6 * len(topological([y]))


def test_what_the_user_divides_by_zero_stays_nan() -> None:
    x, m = gr.vector("x", 2), gr.vector("m", 2, dtype="bool")
    outputs = [gr.mean(x, where=m), gr.where(m, x, 0) / gr.where(m, x, 0)]
    with np.errstate(all="ignore"):
        mean, quotient = codegen.compile([x, m], outputs)(np.ones(2), np.zeros(2, bool))
    assert np.isnan(mean) and np.all(np.isnan(quotient))


def test_what_is_tested_for_nan_stays_nan() -> None:
    x, m = gr.vector("x", 2), gr.vector("m", 2, dtype="bool")
    product = gr.where(m, 1.0, 0.0) * gr.log(x)
    f = codegen.compile([x, m], gr.where(gr.isnan(product), 5.0, product))
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(f(np.array([-1.0, 1.0]), np.zeros(2, bool)), [5.0, 0.0])
