"""Algorithms 5 and 6 in production: what is built, how much of it, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

import graphcomp as gr
from graphcomp.errors import DTypeError, NotDifferentiableError, NotScalarError
from graphcomp.ops.base import registry


@pytest.fixture
def bprop_calls(monkeypatch):
    """Counts the calls of every operation's bprop, by a list of (consumer, input)."""
    calls = []
    classes = {c for op in registry.values() for c in op.__mro__ if "bprop" in c.__dict__}
    for cls in classes:

        def counted(self, inputs, output, i, G, original=cls.__dict__["bprop"]):
            calls.append((output, i))
            return original(self, inputs, output, i, G)

        monkeypatch.setattr(cls, "bprop", counted)
    return calls


def edges(G_prime):
    return {
        (C, i)
        for C in G_prime
        for i, argument in enumerate(C.inputs)
        if argument in G_prime and i not in C.op.nondiff
    }


def chain(x):
    for _ in range(30):
        x = gr.sin(x)
    return x


def fan_out(x):
    return sum(gr.sin(k * x) for k in range(1, 20))


def tower(x):
    for level in range(60):
        x = x * x if level % 2 else x + x
    return x


def mixed(x):
    y = gr.where(x > 0.5, gr.exp(x), x * x)
    return y * gr.stop_gradient(y) + gr.sum(gr.stack([x, y]))


@pytest.mark.parametrize("function", [chain, fan_out, tower, mixed])
def test_bprop_runs_once_for_each_edge(function, bprop_calls):
    x = gr.scalar("x")
    z = function(x)
    G = gr.Graph([z])
    G_prime = G.prune(z, [x])
    forward = len(G)
    gradient = gr.backprop([x], G, z)[x]
    assert len(bprop_calls) == len(set(bprop_calls))
    assert set(bprop_calls) == edges(G_prime)
    assert gradient in G
    assert len(G) <= 5 * forward


def test_tower_is_right():
    x = gr.scalar("x")
    z, value = tower(x), 0.5 + 1e-9
    built = gr.evaluate({x: value}, [z, gr.grad(z, x)])
    y, dy = value, 1.0
    for level in range(60):
        y, dy = (y * y, 2 * y * dy) if level % 2 else (y + y, 2 * dy)
    np.testing.assert_allclose(built, [y, dy], rtol=1e-12)


def test_nothing_outside_of_the_pruned_graph_gets_a_gradient():
    x, y = gr.vector("x", 3), gr.vector("y", 3)
    aside = gr.exp(y)
    h = gr.sin(x)
    z = gr.sum(h * aside)
    G = gr.Graph([z, gr.sum(h)])  # a consumer of h that is no ancestor of z
    G_prime = G.prune(z, [x])
    assert {x, h} <= set(G_prime) and aside not in G_prime and y not in G_prime
    grad_table = {z: gr.constant(1.0)}
    gr.build_grad(x, G, G_prime, grad_table)
    assert set(grad_table) == set(G_prime)


def test_an_input_without_derivative_is_no_way_to_z():
    x, c = gr.vector("x", 3), gr.vector("c", 3)
    h = gr.sin(c)
    z = gr.sum(gr.where(h > 0, x, 2 * x))
    G_prime = gr.Graph([z]).prune(z, [x, c])
    assert c not in G_prime and h not in G_prime and x in G_prime
    largest = gr.grad(x[gr.argmax(x)], x)
    np.testing.assert_array_equal(gr.evaluate({x: [1.0, 3.0, 2.0]}, largest), [0, 1, 0])


def test_the_gradient_of_an_unused_variable_is_zeros_of_its_type():
    x, y = gr.vector("x", 3), gr.variable("y", ("n", 2), "float32")
    z = gr.sum(x)
    gradient = gr.backprop([y], gr.Graph([z]), z)[y]
    assert (gradient.shape, gradient.dtype) == (y.shape, y.dtype)
    assert gradient.op.describe() == "full(shape=(n, 2), fill=0.0, dtype=float32)"


def test_gradients_have_their_variables_type_and_sum_what_was_broadcast():
    a = gr.variable("a", (3, 1), "float32")
    b, s = gr.vector("b", "n"), gr.scalar("s")
    z = gr.sum(gr.exp(s * a) * b)
    gradients = gr.grad(z, [a, b, s])
    assert [(g.shape, g.dtype) for g in gradients] == [(v.shape, v.dtype) for v in (a, b, s)]
    A, B = np.float32([[0.1], [0.2], [0.3]]), np.array([1.0, 2.0])
    da, db, ds = gr.evaluate({a: A, b: B, s: 0.5}, gradients)
    e = np.exp(0.5 * A) * B
    np.testing.assert_allclose(da, 0.5 * e.sum(axis=1, keepdims=True), rtol=1e-6)
    np.testing.assert_allclose(db, np.exp(0.5 * A).sum() * np.ones(2), rtol=1e-6)
    np.testing.assert_allclose(ds, (A * e).sum(), rtol=1e-6)


def test_new_gradient_nodes_are_named_and_marked():
    x = gr.vector("x", 3)
    H = gr.sin(x)
    z = gr.sum(H * H)
    G = gr.Graph([z])
    gradient = gr.backprop([x], G, z)[x]
    assert gradient.hints.role == "grad_x" and gradient.hints.gradient
    assert "grad_H" in {v.hints.role for v in G}
    assert not any(v.hints.gradient for v in gr.Graph([z]))


def test_a_chain_of_20000_operations_needs_no_recursion():
    x = gr.scalar("x")
    z = x
    for _ in range(20_000):
        z = gr.sin(z)
    G = gr.Graph([z])
    gr.backprop([x], G, z)
    assert len(G) > 40_000


def test_errors_name_what_where_and_how_to_mend():
    x, k = gr.vector("x", 3), gr.vector("k", 3, dtype="int64")
    with pytest.raises(NotScalarError, match=r"exp\(x\) has shape \(3,\); a gradient needs a sc"):
        gr.backprop([x], gr.Graph([y := gr.exp(x)]), y)
    with pytest.raises(DTypeError, match="k is int64, and only floating values have deriv"):
        gr.backprop([k], gr.Graph([z := gr.sum(x * k)]), z)
    message = (
        r"the gradient arrives at x.astype\(\"int64\"\), which is int64 \(computed by cast, used "
        r"by cast\) and has no derivative, at \S*test_backprop.py:\d+; keep the path floating, or "
        r"cut it with gr.stop_gradient"
    )
    with pytest.raises(NotDifferentiableError, match=message):
        gr.grad(gr.sum(x.astype("int64").astype("float64") * x), x)
    with pytest.raises(NotDifferentiableError, match=r"computed by argmax, used by multiply"):
        gr.grad(gr.argmax(x) * gr.sum(x), x)
