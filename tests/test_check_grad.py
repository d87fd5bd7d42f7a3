"""The gradient checker finds planted errors, and lets right gradients pass."""

from __future__ import annotations

import numpy as np
import pytest

import graphcomp as gr
from graphcomp.errors import GradientError, OptionError


@pytest.mark.parametrize(
    "planted",
    [
        lambda xs, y, G: (1.001 * G * gr.cos(xs[0]),),
        lambda xs, y, G: (G * gr.cos(xs[0])[::-1],),
        lambda xs, y, G: (-G * gr.cos(xs[0]),),
        lambda xs, y, G: (None,),
    ],
    ids=["factor", "axis", "sign", "dropped"],
)
def test_check_grad_finds_planted_errors(planted):
    x = gr.vector("x", 3)
    wrong = gr.custom_vjp(gr.sin, planted)
    z = gr.sum(gr.exp(wrong(x))).named("J")
    message = r"the gradient of J on x\[0\] is \S+, and differences give [\d.]+ \(relative err"
    with pytest.raises(GradientError, match=message) as caught:
        gr.check_grad(z, x, {x: [0.1, 0.2, 0.3]})
    assert isinstance(caught.value, AssertionError)


def test_check_grad_steps_in_proportion():
    x = gr.vector("x", 2)
    for factor in (1.0, 1.001):
        square = gr.custom_vjp(gr.square, lambda xs, y, G, k=factor: (2 * k * G * xs[0],))
        z, point = gr.sum(square(1e-9 * x)), {x: [1e9, -3e9]}
        if factor == 1:
            assert gr.check_grad(z, x, point).largest < 1e-8
        else:
            with pytest.raises(GradientError, match=r"relative error 1.0e-03"):
                gr.check_grad(z, x, point)


def test_check_grad_mentions_kinks():
    x = gr.vector("x", 3)
    report = gr.check_grad(gr.sum(gr.relu(x) + x), x, {x: [0.0, -1.0, 1e-3]})
    assert report.kinks == ("x[0]",) and report.compared == 3 and report.largest < 1e-9
    assert str(report).splitlines()[1] == "3 elements compared, kinks at x[0]"
    wrong = gr.custom_vjp(gr.relu, lambda xs, y, G: (2.0 * G,))
    with pytest.raises(GradientError, match="at this kink its slopes are 0 and 1"):
        gr.check_grad(gr.sum(wrong(x)), x, {x: [0.0, 1.0, 1.0]})


def test_check_grad_samples_large_variables_and_wants_values():
    x, y = gr.vector("x", "n"), gr.vector("y", "n")
    z = gr.sum(gr.sin(x)) + gr.sum(y)
    assert gr.check_grad(z, [x], {x: np.ones(5000), y: np.ones(5000)}, elements=7).compared == 7
    H = gr.exp(x)
    with pytest.raises(OptionError, match="values lacks"):
        gr.check_grad(gr.sum(H * H), H, {x: np.ones(3)})
