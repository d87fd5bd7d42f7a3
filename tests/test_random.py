"""Random draws: NumPy's own numbers from an equal generator, differentiable by parameters."""

from __future__ import annotations

import pickle
import re
from typing import Any

import numpy as np
import pytest

import codegen
import graphcomp as gr
from graphcomp.errors import (
    DTypeError,
    GraphError,
    IdentifierError,
    NotDifferentiableError,
    OptionError,
    TraceError,
)
from tests.checks import STENCIL, STEP, assert_close

A = np.array([0.5, 1.2, 2.0])
X = np.arange(6.0).reshape(3, 2)

# Expressions of rng, of a (3,) between 0.5 and 2, and of X (3, 2).
DRAWS = [
    "rng.standard_normal()",
    "rng.standard_normal((2, 3))",
    "rng.standard_normal(3, dtype='float32')",
    "rng.standard_normal(size=X.shape)",
    "rng.random(4)",
    "rng.random(dtype=np.float32)",
    "rng.standard_exponential(size=(2,))",
    "rng.standard_exponential(2, dtype=np.float32)",
    "rng.standard_cauchy(3)",
    "rng.normal()",
    "rng.normal(1.5, 2)",
    "rng.normal(a, a**2)",
    "rng.normal(a, 2.0, size=(4, 3))",
    "rng.normal(loc=a[0])",
    "rng.normal(scale=a)",
    "rng.uniform(size=3)",
    "rng.uniform(-1, 2, (2, 2))",
    "rng.uniform(a, 3 * a)",
    "rng.uniform(high=a)",
    "rng.exponential(2.0, 3)",
    "rng.exponential(a)",
    "rng.gumbel(size=3)",
    "rng.gumbel(a, 2 * a)",
    "rng.laplace(a, a, size=(2, 3))",
    "rng.laplace(0, 3.0)",
    "rng.logistic(a, 1.0)",
    "rng.lognormal(a, 0.5)",
    "rng.rayleigh(a)",
    "rng.weibull(a, size=3)",
    "rng.gamma(2.0, a)",
    "rng.gamma(3.0, 2.0, size=(3,))",
    "rng.standard_gamma(1.5, 2)",
    "rng.chisquare(3.0, size=2)",
    "rng.beta(2.0, 3.0, size=2)",
    "rng.poisson(4.0, 3)",
    "rng.binomial(10, 0.3, size=3)",
    "rng.geometric(0.4, size=3)",
    "rng.integers(5, size=4)",
    "rng.integers(2, 9)",
    "rng.integers(2, 9, size=(2, 2), endpoint=True)",
    "rng.permutation(5)",
    "rng.permutation(X)",
    "rng.permutation(a)",
    "rng.choice(5, 3)",
    "rng.choice(a, size=(2, 2))",
    "rng.choice(X.shape[0], 4)",
    "X[rng.permutation(X.shape[0])][:2]",
    "rng.multivariate_normal(a, np.diag(a), 4, method='cholesky')",
    "rng.random(3) + rng.normal(size=3) * rng.random(3)",
    "a * (rng.random(3) < 0.5)",
    "[rng.integers(3), rng.random(2), rng.normal(a)][2]",
    "[rng.random(2), rng.random(2)][::-1]",
]


def rng_of(seed: int = 3) -> np.random.Generator:
    return np.random.default_rng(seed)


def plain(text: str) -> Any:
    scope: dict[str, Any] = {}
    exec(f"import numpy as np\ndef drawn(rng, a, X): return {text}", scope)
    return scope["drawn"]


@pytest.mark.parametrize("text", DRAWS)
@pytest.mark.parametrize(
    "types", [("float64[3]", "float64[3, 2]"), ("float64[3]", "float64[n, m]")]
)
def test_draws_are_numpys(text: str, types: tuple[str, str]) -> None:
    fun = plain(text)
    generator = rng_of()
    expected = fun(generator, A, X)
    inputs, outputs = gr.from_function(fun, rng_of(), *types)
    function = codegen.compile(inputs, outputs)
    values = {v: {"rng": rng_of(), "a": A, "X": X}[str(v.name)] for v in inputs}
    mine = rng_of()
    results = [function(mine, A, X), gr.evaluate(values, outputs)]
    for actual in results:
        several = type(expected) is list
        pairs = zip(actual, expected, strict=True) if several else [(actual, expected)]
        for a, b in pairs:
            assert_close(a, b, 1e-14, text)
            if isinstance(b, (np.ndarray, np.generic)):
                assert a.dtype == b.dtype
    assert mine.random() == generator.random(), "the stream goes on as NumPy's"


BY_A = [text for text in DRAWS if re.search(r"\ba\b", text) and "permutation" not in text]


@pytest.mark.parametrize("text", BY_A)
def test_derivative_by_parameters(text: str) -> None:
    """A draw from an equal generator is a smooth function of its parameters."""
    fun = plain(f"np.sum(np.sin({text}))")
    inputs, z = gr.from_function(fun, rng_of(), "float64[3]", "float64[3, 2]")
    a = next(v for v in inputs if v.name == "a")
    gradient = codegen.compile(inputs, gr.grad(z, a))(rng_of(), A, X)
    expected = np.zeros(3)
    for k in range(3):
        for m, weight in STENCIL:
            step = np.eye(3)[k] * m * STEP
            up, down = fun(rng_of(), A + step, X), fun(rng_of(), A - step, X)
            expected[k] += weight * (up - down) / STEP
    assert_close(gradient, expected, 1e-6, text)


def test_a_dead_draw_shifts_no_other() -> None:
    def fun(rng: Any) -> Any:
        rng.normal(size=5)
        return rng.random()

    inputs, outputs = gr.from_function(fun, np.random.Generator)
    assert codegen.compile(inputs, outputs)(rng_of()) == fun(rng_of())


def test_equal_draws_are_not_merged() -> None:
    rng = gr.random.generator("rng")
    x, y = rng.random(3), rng.random(3)
    assert x is not y
    values = gr.evaluate({rng: rng_of()}, [y, x])
    assert not np.any(values[0] == values[1])
    source = codegen.compile([rng], y - x).source
    assert source.count("rng.random(size=3)") == 2


def test_functions_of_the_namespace() -> None:
    rng, p = gr.random.generator("rng"), gr.scalar("p")
    drawn = [
        gr.random.normal(rng, p, 2.0, 2),
        gr.random.uniform(rng, 0.0, p, 2),
        gr.random.exponential(rng, p, 2),
        gr.random.gumbel(rng, p, 1.0, 2),
        gr.random.bernoulli(rng, p, 4),
    ]
    real = rng_of()
    expected = [
        real.normal(0.4, 2.0, 2),
        real.uniform(0.0, 0.4, 2),
        real.exponential(0.4, 2),
        real.gumbel(0.4, 1.0, 2),
        real.random(4) < 0.4,
    ]
    for actual, truth in zip(gr.evaluate({rng: rng_of(), p: 0.4}, drawn), expected, strict=True):
        assert_close(actual, truth, 1e-14, "namespace")
    assert drawn[-1].dtype == bool


def test_graphs_with_draws_pickle_and_show() -> None:
    rng = gr.random.generator("rng")
    x = rng.normal(gr.scalar("mu"), 1.0)
    assert "random generator" in str(gr.Graph([x]))
    assert pickle.loads(pickle.dumps(x)) is x


def test_checked_gradients_draw_the_same_numbers_each_time() -> None:
    rng, mu = gr.random.generator("rng"), gr.vector("mu", 2)
    z = gr.sum(rng.normal(mu, mu**2) ** 3)
    report = gr.check_grad(z, mu, {rng: rng_of(), mu: [1.0, 2.0]})
    assert report.compared == 2


def test_the_second_derivative_reads_the_same_draw() -> None:
    rng, mu = gr.random.generator("rng"), gr.scalar("mu")
    z = (mu * rng.standard_normal()) ** 3
    (h,) = [gr.hessian(z, mu)]
    function = codegen.compile([rng, mu], h)
    assert function.source.count("rng.standard_normal") == 1
    assert_close(function(rng_of(), 2.0), 12 * rng_of().standard_normal() ** 3, 1e-12, "hessian")


def test_a_draw_under_vmap_is_one_draw() -> None:
    rng, x = gr.random.generator("rng"), gr.vector("x", 3)
    y = gr.vmap(lambda e: e * rng.standard_normal())(x)
    value = gr.evaluate({rng: rng_of(), x: [1.0, 2.0, 3.0]}, y)
    assert_close(value, rng_of().standard_normal() * np.arange(1.0, 4), 1e-14, "vmap")


BAD: list[tuple[type[GraphError], str, Any]] = [
    (NotDifferentiableError, "standard_gamma", lambda r, x: gr.grad(r.standard_gamma(x), x)),
    (NotDifferentiableError, "poisson", lambda r, x: gr.grad(r.poisson(x) * 1.0, x)),
    (TraceError, "permutation", lambda r, x: r.shuffle(x)),
    (TraceError, "argument", lambda r, x: r.hypergeometric(3, 4, 5)),
    (TraceError, "out=", lambda r, x: r.random(3, out=np.zeros(3))),
    (OptionError, "cholesky", lambda r, x: r.multivariate_normal(np.zeros(2), np.eye(2))),
    (OptionError, "permutation", lambda r, x: r.choice(4, 2, replace=False)),
    (IdentifierError, "string", lambda r, x: gr.random.generator(3)),
    (DTypeError, "default_rng", lambda r, x: gr.evaluate({r: 3}, r.random())),
]


@pytest.mark.parametrize(("error", "words", "use"), BAD, ids=[b[1] for b in BAD])
def test_what_is_refused(error: type[GraphError], words: str, use: Any) -> None:
    with pytest.raises(error, match=words):
        use(gr.random.generator("rng"), gr.scalar("x"))


def test_a_generated_function_wants_a_generator() -> None:
    rng = gr.random.generator("rng")
    function = codegen.compile([rng], rng.random(), name="draw")
    with pytest.raises(TypeError, match="draw: argument rng is a int"):
        function(3)
