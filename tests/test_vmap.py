"""vmap beside stacking."""

from __future__ import annotations

import numpy as np
import pytest

import graphcomp as gr
from graphcomp.errors import OptionError, ShapeError

rng = np.random.default_rng(0)


def test_vmap_is_stacking():
    X, w, s = gr.matrix("X", (4, 3)), gr.vector("w", 3), gr.vector("s", 4)

    def f(x, w, s):
        return {"loss": gr.log(gr.sum(gr.exp(x * w))) * s, "same": gr.exp(w), "row": gr.cumsum(x)}

    built = gr.vmap(f, in_axes=(0, None, 0), out_axes={"loss": 0, "same": None, "row": 1})(X, w, s)
    point = {X: rng.normal(size=(4, 3)), w: rng.normal(size=3), s: rng.normal(size=4)}
    each = [f(X[k], w, s[k]) for k in range(4)]
    ours, theirs = gr.evaluate(point, [built, each])
    np.testing.assert_allclose(ours["loss"], [e["loss"] for e in theirs], rtol=1e-12)
    np.testing.assert_allclose(ours["row"], np.stack([e["row"] for e in theirs], axis=1))
    assert built["same"] is each[0]["same"]
    assert gr.vmap(f, (0, None, 0))(X, w, s)["same"].shape == (4, 3)


def test_vmap_of_axes_structures_and_itself():
    X, Y = gr.matrix("X", (3, "n")), gr.matrix("Y", ("m", 3))
    outer = gr.vmap(lambda x: gr.vmap(lambda y: x @ y)(Y), in_axes=1)(X)
    assert [str(d) for d in outer.shape] == ["n", "m"]
    A, B = rng.normal(size=(3, 4)), rng.normal(size=(5, 3))
    np.testing.assert_allclose(gr.evaluate({X: A, Y: B}, outer), (B @ A).T)
    pair = gr.vmap(lambda p: p["x"] * p["y"], in_axes=({"x": 1, "y": 0},))({"x": X, "y": X.T})
    np.testing.assert_allclose(gr.evaluate({X: A}, pair), (A * A).T)
    gradients = gr.vmap(lambda x: gr.grad(gr.sum(gr.sin(x) * x), x))(Y)
    np.testing.assert_allclose(gr.evaluate({Y: B}, gradients), np.cos(B) * B + np.sin(B))


def test_vmap_leaves_alone_what_does_not_depend():
    X, w = gr.matrix("X", ("n", 3)), gr.vector("w", 3)
    shared = gr.exp(gr.sin(w))
    y = gr.vmap(lambda x: gr.sum(x * shared))(X)
    assert shared in gr.Graph([y])


def test_vmap_keeps_names_and_lines():
    X = gr.matrix("X", (4, 3))
    y = gr.vmap(lambda x: gr.sum(x * x).named("energy"))(X)
    assert y.name == "energy" and "gr.sum(x * x)" in y.hints.source.expression
    assert not y.hints.gradient


def test_vmap_errors():
    X, w = gr.matrix("X", (4, 3)), gr.vector("w", 3)
    cases = [
        ((lambda: gr.vmap(lambda x, y: x * y)(X, w)), ShapeError, "different lengths: 4 of X, 3"),
        ((lambda: gr.vmap(lambda x: x, in_axes=None)(X)), OptionError, "no argument to map over"),
        ((lambda: gr.vmap(lambda x: x, in_axes=(0, 0))(X)), OptionError, "in_axes has 2 entries"),
        ((lambda: gr.vmap(lambda x: x, in_axes=2)(X)), ShapeError, "axis 2 is out of range"),
        ((lambda: gr.vmap(lambda x: x, out_axes=None)(X)), OptionError, "out_axes is None for"),
        ((lambda: gr.vmap(lambda x: (x, x), out_axes=[0])(X)), OptionError, "a tuple of 2"),
        ((lambda: gr.vmap(lambda p: p[0], in_axes=([0],))([X, X])), OptionError, "list of 2"),
    ]
    for call, error, message in cases:
        with pytest.raises(error, match=message):
            call()
