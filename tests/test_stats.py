"""Distributions: gradients outside of the support, float32, and the ways in which SciPy's are met.

Their values and derivatives are compared with SciPy's in tests/forms/stats.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import codegen
import graphcomp as gr
from graphcomp.registry import path_of
from graphcomp.stats import bounded, continuous, discrete, families, positive
from graphcomp.stats.density import Continuous
from graphcomp.stats.distribution import Univariate

stats = pytest.importorskip("scipy.stats")
log_density = stats.norm.logpdf
prior = stats.norm(0.5, 2.0)
vectors = stats.multivariate_normal(np.zeros(2), 2 * np.eye(2))

SHAPES = {
    "bernoulli": (0.3,), "geom": (0.3,), "binom": (4, 0.3), "nbinom": (4, 0.3),
    "hypergeom": (20, 7, 9), "betabinom": (4, 1.5, 2.5), "randint": (1, 5),
}  # fmt: skip
ALL: list[Univariate] = [
    getattr(module, name)
    for module in (bounded, continuous, families, positive, discrete)
    for name in module.__all__
]
POINTS = np.array([-90.0, -3.0, 0.4, 2.0, 3.5, 90.0])  # not at the ends of a support


@pytest.fixture(autouse=True)
def quiet() -> Any:
    with np.errstate(all="ignore"):
        yield


def inputs(distribution: Univariate, dtype: str) -> dict[gr.Variable, Any]:
    """Its parameters as variables, with values."""
    shapes = SHAPES.get(distribution.name, (1.5, 2.5)[: len(distribution.shapes)])
    values = dict(zip(distribution.shapes, shapes, strict=True)) | {"loc": 0.0}
    if isinstance(distribution, Continuous):
        values["scale"] = 1.0
    return {gr.scalar(name, dtype=dtype): np.dtype(dtype).type(v) for name, v in values.items()}


@pytest.mark.parametrize("distribution", ALL, ids=repr)
def test_gradients_outside_of_the_support_are_zero(distribution: Univariate) -> None:
    x, given = gr.vector("x", "n"), inputs(distribution, "float64")
    method = "logpdf" if isinstance(distribution, Continuous) else "logpmf"
    y = getattr(distribution, method)(x, *given)
    first = gr.grad(gr.sum(y), list(given), independent="zeros")
    second = gr.grad(gr.sum(gr.stack(first)), list(given), independent="zeros")
    derivatives = gr.stack(first + second)
    assert not np.isnan(gr.evaluate({x: POINTS, **given}, derivatives)).any()
    outside = POINTS[np.isneginf(gr.evaluate({x: POINTS, **given}, y))]
    if outside.size:
        assert not gr.evaluate({x: outside, **given}, derivatives).any()


@pytest.mark.parametrize("distribution", ALL, ids=repr)
def test_float32_stays(distribution: Univariate) -> None:
    given = inputs(distribution, "float32")
    x = gr.vector("x", 2, dtype="float32")
    values = {x: np.array([2, 3], "float32"), **given}
    for method in ("logpdf", "logpmf", "cdf", "logsf", "ppf", "mean", "std", "entropy"):
        if method not in distribution.methods:
            continue
        arguments = list(given) if method in ("mean", "std", "entropy") else [x, *given]
        try:
            y = getattr(distribution, method)(*arguments)
        except gr.GraphError as error:
            assert "closed form" in str(error)
            continue
        if arguments[0] is x:  # of which only x says that results are single
            numbers = getattr(distribution, method)(x, *map(float, given.values()))
            assert numbers.dtype == np.float32, method
        assert gr.evaluate(values, y).dtype == np.float32 == y.dtype, method


def traced(function: Any, *arrays: Any) -> None:
    """What a function gives when it is traced is what it gives."""
    types = [f"float64[{', '.join(map(str, np.shape(a)))}]" for a in arrays]
    variables, outputs = gr.from_function(function, *types)
    values = dict(zip(variables, arrays, strict=True))
    np.testing.assert_allclose(gr.evaluate(values, outputs), function(*arrays), rtol=1e-12)


def test_however_scipys_distributions_are_met() -> None:
    x, mu, sigma = np.array([0.3, -1.0, 2.0]), np.float64(0.2), np.float64(1.3)

    def imported(x: Any, mu: Any, sigma: Any) -> Any:
        from scipy.stats import gamma, norm

        return norm.logpdf(x, mu, sigma) + norm(mu, sigma).cdf(x) + gamma(sigma).mean()

    def held(x: Any, mu: Any, sigma: Any) -> Any:
        given = stats.norm(0.5, 2.0).logpdf(x) + stats.t(3).logpdf(x) * stats.t(3).ppf(0.9)
        return given + log_density(x, mu, scale=sigma) + prior.logpdf(x) + prior.mean()

    traced(imported, x, mu, sigma)
    traced(held, x, mu, sigma)
    traced(lambda x: vectors.logpdf(x) + prior.dist.logpdf(x[:, 0]), np.stack([x, x**2], 1))
    traced(lambda x: stats.norm.rvs(size=3, random_state=0) + x, x)


def test_paths_of_distributions() -> None:
    assert path_of(stats.norm) == "scipy.stats.norm"
    assert path_of(stats.gumbel_r.logpdf) == "scipy.stats.gumbel_r.logpdf"
    assert path_of(stats.vonmises_line) == "scipy.stats.vonmises_line"
    assert path_of(stats.dirichlet) == "scipy.stats.dirichlet"


@pytest.mark.parametrize("name", ["rvs", "fit", "expect"])
def test_what_only_scipy_has_is_refused(name: str) -> None:
    with pytest.raises(gr.GraphError, match=name):
        getattr(gr.stats.norm(gr.scalar("mu")), name)
    with pytest.raises(gr.GraphError, match=name):
        gr.from_function(lambda x: getattr(stats.norm, name)(x), "float64[3]")
    with pytest.raises(gr.GraphError):
        gr.from_function(lambda x: getattr(stats.norm(x), name)(), "float64[3]")
    assert not hasattr(gr.stats.norm(), "nothing")


def test_a_normal_log_likelihood_reads_as_written_by_hand() -> None:
    x, mu, sigma = gr.vector("x", "n"), gr.scalar("mu"), gr.scalar("sigma")
    source = codegen.compile([x, mu, sigma], gr.stats.norm.logpdf(x, mu, sigma)).source
    assert "-0.5 * ((x - mu) / sigma) ** 2 - (np.log(sigma) + 0.9189385332046727)" in source


def test_extreme_tails_are_exact() -> None:
    """Against expansions that hold there to the last digit, or nearly."""
    s = gr.stats
    cases = [
        (s.expon.logcdf(1e-300), np.log(1e-300)),
        (s.expon.logcdf(60.0), -np.exp(-60.0)),
        (s.gumbel_r.logsf(800.0), -800.0),
        (s.gumbel_l.logcdf(-800.0), -800.0),
        (s.cauchy.logpdf(1e200), -np.log(np.pi) - 400 * np.log(10)),
        (s.cauchy.cdf(-1e300), 1 / (np.pi * 1e300)),
        (s.norm.logsf(1e10), -0.5e20),
        (s.logistic.logpdf(-1000.0), -1000.0),
        (s.norm.logpdf(1e-300, 0.0, 1e-300), -0.5 - 0.5 * np.log(2 * np.pi) + 300 * np.log(10)),
    ]
    for y, expected in cases:
        np.testing.assert_allclose(gr.evaluate({}, y), expected, rtol=1e-14)
