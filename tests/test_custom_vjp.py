"""A derivative of the user's own."""

from __future__ import annotations

import numpy as np
import pytest

import graphcomp as gr
from graphcomp.errors import OptionError, ShapeError, ValueKindError

rng = np.random.default_rng(0)


def log1pexp(x):
    return gr.log(1 + gr.exp(x))


def stable(xs, y, G):
    return (G / (1 + gr.exp(-xs[0])),)


def test_custom_vjp_has_the_functions_value_and_the_users_derivatives():
    x = gr.vector("x", 3)
    f = gr.custom_vjp(log1pexp, stable)
    assert f.__name__ == "log1pexp"
    z = gr.sum(f(x) * x)
    at = np.array([0.3, -0.2, 1.0])
    plain = gr.sum(log1pexp(x) * x)
    ours = [z, gr.grad(z, x), gr.hessian(z, x), gr.jvp(f(x), x, at)]
    theirs = [plain, gr.grad(plain, x), gr.hessian(plain, x), gr.jvp(log1pexp(x), x, at)]
    for a, b in zip(gr.evaluate({x: at}, ours), gr.evaluate({x: at}, theirs), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)
    assert np.isfinite(gr.evaluate({x: np.full(3, 800.0)}, gr.grad(gr.sum(f(x)), x))).all()
    # the rule is the user's own, even where it is no derivative
    twice = gr.custom_vjp(lambda a, b: a + b, lambda xs, y, G: (3 * G, None))
    a, b = gr.scalar("a"), gr.scalar("b")
    assert gr.evaluate({a: 1.0, b: 2.0}, gr.grad(twice(a, b), [a, b])) == [3.0, 0.0]


def test_custom_vjp_under_vmap():
    """Inputs with and without the axis; the shared one receives the sum."""
    x, s = gr.matrix("x", (4, 3)), gr.scalar("s")
    f = gr.custom_vjp(
        lambda v, s: gr.sum(v * v) * s, lambda xs, y, G: (5 * G * xs[1] * xs[0], G * y)
    )
    z = gr.sum(gr.vmap(f, in_axes=(0, None))(x, s))
    X = rng.normal(size=(4, 3))
    dx, ds = gr.evaluate({x: X, s: 2.0}, gr.grad(z, [x, s]))
    np.testing.assert_allclose(dx, 10 * X)
    assert ds == pytest.approx(2 * np.sum(X * X))
    rows = gr.vmap(lambda v: gr.grad(f(v, s), v))(x)
    np.testing.assert_allclose(gr.evaluate({x: X, s: 2.0}, rows), 10 * X)


@pytest.mark.parametrize(
    "rule, error, message",
    [
        (lambda xs, y, G: (G, G), OptionError, "the vjp of log1pexp returned 2, and it has 1"),
        (lambda xs, y, G: G, OptionError, "the vjp of log1pexp returned Variable"),
        (
            lambda xs, y, G: (gr.sum(G),),
            ShapeError,
            r"log1pexp returned shape \(\) for input 0, which has shape \(3,\)",
        ),
    ],
)
def test_wrong_custom_rules_are_refused_by_name(rule, error, message):
    x = gr.vector("x", 3)
    with pytest.raises(error, match=message):
        gr.grad(gr.sum(gr.custom_vjp(log1pexp, rule)(x)), x)


def test_custom_vjp_of_no_variable():
    with pytest.raises(ValueKindError, match="returned tuple, and its derivative is that of one"):
        gr.custom_vjp(lambda x: (x, x), stable)(gr.scalar("x"))
