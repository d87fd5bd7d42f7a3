"""Algorithms 1 to 6 as printed, beside what production does."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

import graphcomp as gr
from graphcomp.textbook import (
    MLP,
    Node,
    algorithm_1,
    algorithm_2,
    algorithm_3,
    algorithm_4,
    algorithm_5,
)

ADD = (lambda a, b: a + b, lambda j, a, b: 1.0)
MULTIPLY = (lambda a, b: a * b, lambda j, a, b: (b, a)[j])
SIN = (lambda a: np.sin(a), lambda j, a: np.cos(a))
TANH = (lambda a: np.tanh(a), lambda j, a: 1 - np.tanh(a) ** 2)
KINDS = [(ADD, gr.add, 2), (MULTIPLY, gr.multiply, 2), (SIN, gr.sin, 1), (TANH, gr.tanh, 1)]


@pytest.mark.parametrize("seed", range(10))
def test_algorithms_1_and_2_equal_evaluate_and_grad(seed):
    rng = np.random.default_rng(seed)
    x = list(rng.uniform(-1, 1, 3))
    inputs = [gr.scalar(f"x{k}") for k in range(3)]
    nodes, variables = [], list(inputs)
    for _ in range(12):
        kind, build, arity = KINDS[rng.integers(len(KINDS))]
        parents = [int(k) for k in rng.integers(0, len(variables), arity)]
        nodes.append(Node(*kind, parents))
        variables.append(build(*(variables[k] for k in parents)))
    # so that the last node depends on every input
    for k in range(3):
        nodes.append(Node(*ADD, [len(variables) - 1, k]))
        variables.append(variables[-1] + variables[k])
    z = variables[-1]
    point = dict(zip(inputs, x, strict=True))
    u = algorithm_1(x, nodes)
    np.testing.assert_allclose(u, gr.evaluate(point, variables), rtol=1e-12)
    gradients = gr.evaluate(point, gr.grad(z, inputs))
    np.testing.assert_allclose(algorithm_2(x, nodes), gradients, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("depth", [1, 2, 4])
def test_algorithms_3_and_4_equal_the_graph_of_the_same_network(depth):
    rng = np.random.default_rng(depth)
    units = [3, 5, 4, 6, 2][: depth + 1]
    arrays_W = [rng.normal(size=(m, n)) for n, m in pairwise(units)]
    arrays_b = [rng.normal(size=m) for m in units[1:]]
    x, y = rng.normal(size=units[0]), rng.normal(size=units[-1])
    mlp = MLP(
        arrays_W,
        arrays_b,
        f=np.tanh,
        f_prime=lambda a: 1 - np.tanh(a) ** 2,
        L=lambda y_hat, y: np.sum((y_hat - y) ** 2),
        L_gradient=lambda y_hat, y: 2 * (y_hat - y),
        Omega=lambda W, b: sum(np.sum(p**2) for p in [*W, *b]),
        Omega_gradient=lambda p: 2 * p,
        lam=0.1,
    )
    W = [gr.matrix(f"W{k}", w.shape) for k, w in enumerate(arrays_W)]
    b = [gr.vector(f"b{k}", len(v)) for k, v in enumerate(arrays_b)]
    h, a = gr.constant(x), []
    for weights, bias in zip(W, b, strict=True):
        a.append(bias + weights @ h)
        h = gr.tanh(a[-1])
    J = gr.sum((h - y) ** 2) + 0.1 * sum(gr.sum(p**2) for p in [*W, *b])
    built = gr.grad(J, {"a": a, "W": W, "b": b})
    point = dict(zip([*W, *b], [*arrays_W, *arrays_b], strict=True))
    value, gradients, activations = gr.evaluate(point, [J, built, a])
    forward, backward = algorithm_3(mlp, x, y), algorithm_4(mlp, x, y)
    np.testing.assert_allclose(forward.J, value, rtol=1e-12)
    for part, expected in (("a", backward.a), ("W", backward.W), ("b", backward.b)):
        assert len(gradients[part]) == len(expected) == depth
        for ours, theirs in zip(gradients[part], expected, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-13)
    for ours, theirs in zip(activations, forward.a, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)


def _graphs():
    x, y, s = gr.vector("x", 3), gr.vector("y", 3), gr.scalar("s")
    W = gr.matrix("W", (3, 3))
    tower = s
    for _ in range(20):
        tower = tower * tower
    return {
        "chain": (gr.exp(gr.sin(s)), [s]),
        "fan-out": (gr.sum(gr.exp(x) * gr.sin(x) + x), [x]),
        "tower": (tower, [s]),
        "broadcast": (gr.sum(s * x + W), [s, x, W]),
        "network": (gr.sum(gr.tanh(W @ gr.tanh(W @ x)) * y), [W, x, y]),
        "unused": (gr.sum(x * x), [x, y]),
    }


@pytest.mark.parametrize("name", _graphs())
def test_algorithms_5_and_6_build_the_very_nodes_of_backprop(name):
    z, T = _graphs()[name]
    printed = algorithm_5(T, gr.Graph([z]), z)
    production = gr.backprop(T, gr.Graph([z]), z)
    for V in T:
        assert printed[V] is production[V]
