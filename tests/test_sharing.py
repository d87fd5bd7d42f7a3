"""Shared transcendentals, one-hot products and slices: work counted in the generated text."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import codegen
import graphcomp as gr
from graphcomp.graph import Variable, topological
from graphcomp.ops.activations import sigmoid, softplus
from graphcomp.ops.base import Input
from graphcomp.ops.stable import sigmoid_slope
from graphcomp.rewrite import optimize
from tests.golden import graphs


def compiled(outputs: list[Variable]) -> Any:
    inputs = [v for v in topological(outputs) if isinstance(v.op, Input)]
    return codegen.compile(inputs, outputs, name="f")


def calls(source: str) -> dict[str, int]:
    """How often the whole file, helpers included, calls what costs most."""
    code = "\n".join(line.split("  #")[0] for line in source.splitlines())
    code = re.sub(r'""".*?"""', "", code, flags=re.DOTALL)
    names = ("exp", "log", "log1p", "logaddexp", "expm1")
    found = {name: len(re.findall(rf"np\.{name}\(", code)) for name in names}
    found["@"] = len(re.findall(r" @ ", code))
    return {name: count for name, count in found.items() if count}


# ---------------------------------------------------------------------- what the goldens must call

LOSSES: dict[str, Callable[[Variable], Variable]] = {
    "logaddexp": lambda z: gr.logaddexp(0, z),
    "log1p(exp)": lambda z: gr.log1p(gr.exp(z)),
    "log(1 + exp)": lambda z: gr.log(1 + gr.exp(z)),
    "-log(sigmoid)": lambda z: -gr.log(1 / (1 + gr.exp(z))),
    "by hand": lambda z: gr.maximum(z, 0) + gr.log1p(gr.exp(-gr.abs(z))),
}


def logistic(loss: str) -> tuple[list[Variable], list[Variable]]:
    w, X, y = gr.vector("w", "p"), gr.matrix("X", ("n", "p")), gr.vector("y", "n")
    lam = gr.scalar("lam")
    J = gr.sum(LOSSES[loss]((1 - 2 * y) * (X @ w))) + lam / 2 * gr.sum(w**2)
    return [w, X, y, lam], [J, gr.grad(J, w)]


@pytest.mark.parametrize("loss", LOSSES)
def test_logistic_regression(loss: str) -> None:
    inputs, outputs = logistic(loss)
    function = codegen.compile(inputs, outputs, name="logistic")
    assert calls(function.source) == {"exp": 1, "log1p": 1, "@": 2}
    rng = np.random.default_rng(0)
    X = rng.normal(size=(6, 3)) * np.array([1.0, 30.0, 900.0])
    values = [rng.normal(size=3), X, rng.integers(0, 2, 6) * 1.0, 0.3]
    J, grad = function(*values)
    z = (1 - 2 * values[2]) * (X @ values[0])
    np.testing.assert_allclose(J, np.sum(np.logaddexp(0, z)) + 0.15 * values[0] @ values[0])
    p = np.exp(-np.logaddexp(0, -z))
    np.testing.assert_allclose(grad, X.T @ ((1 - 2 * values[2]) * p) + 0.3 * values[0])


def at_labels(S: Variable, y: Variable) -> Variable:
    return S[gr.arange(S.shape[0]), y]


def by_hand(S: Variable, y: Variable) -> Variable:
    e = gr.exp(S - gr.max(S, axis=1, keepdims=True))
    return -gr.mean(gr.log(at_labels(e / gr.sum(e, axis=1, keepdims=True), y)))


def naive(S: Variable, y: Variable) -> Variable:
    p = gr.exp(S) / gr.sum(gr.exp(S), axis=1, keepdims=True)
    return -gr.mean(gr.sum(gr.eye(4)[y] * gr.log(p), axis=1))


CROSS_ENTROPIES: dict[str, Callable[[Variable, Variable], Variable]] = {
    "log_softmax": lambda S, y: -gr.mean(at_labels(gr.special.log_softmax(S, axis=1), y)),
    "logsumexp": lambda S, y: gr.mean(gr.special.logsumexp(S, axis=1) - at_labels(S, y)),
    "one-hot": lambda S, y: -gr.mean(gr.sum(gr.eye(4)[y] * gr.special.log_softmax(S, 1), 1)),
    "by hand": by_hand,
    "naive": naive,
}


@pytest.mark.parametrize("loss", CROSS_ENTROPIES)
def test_softmax_cross_entropy(loss: str) -> None:
    X, W, y = gr.matrix("X", ("n", 3)), gr.matrix("W", (3, 4)), gr.vector("y", "n", "int64")
    J = CROSS_ENTROPIES[loss](X @ W, y)
    function = codegen.compile([X, W, y], [J, gr.grad(J, W)], name="f")
    found = calls(function.source)
    assert (found["exp"], found["log"], found["@"]) == (1, 1, 2)
    assert "np.eye" not in function.source
    rng = np.random.default_rng(1)
    A, B, k = 40 * rng.normal(size=(5, 3)), rng.normal(size=(3, 4)), rng.integers(0, 4, 5)
    value, grad = function(A, B, k)
    S = A @ B
    log_Z = np.logaddexp.reduce(S, axis=1)
    p = np.exp(S - log_Z[:, None])
    np.testing.assert_allclose(value, np.mean(log_Z - S[np.arange(5), k]), rtol=1e-12)
    p[np.arange(5), k] -= 1
    np.testing.assert_allclose(grad, A.T @ p / 5, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("name", ["mlp_cross_entropy", "softmax_regression_float32"])
def test_golden_cross_entropies(name: str) -> None:
    case = graphs.CASES[name]()
    found = calls(codegen.compile(case.inputs, case.outputs, name=name).source)
    assert found["exp"] == 1 and found["log"] == 1


def test_a_cross_entropy_by_hand_is_smooth() -> None:
    z, y = gr.vector("z", 3), gr.vector("y", 3)
    J = gr.sum(gr.maximum(z, 0) - z * y + gr.log1p(gr.exp(-gr.abs(z))))
    outputs = [J, gr.grad(J, z), gr.grad(gr.sum(gr.grad(J, z)), z)]
    value, grad, second = gr.evaluate({z: [-800.0, 0.0, 800.0], y: [0.0, 1.0, 1.0]}, outputs)
    assert value == pytest.approx(np.log(2))
    assert grad.tolist() == [0.0, -0.5, 0.0] and second.tolist() == [0.0, 0.25, 0.0]


# ----------------------------------------------------------------------- one exp(-abs(x)) for many

PAIRS = {
    "sigmoid, softplus": lambda x: [sigmoid(x), softplus(x)],
    "opposite": lambda x: [sigmoid(x), softplus(-x), sigmoid(-x), softplus(x)],
    "slope": lambda x: [sigmoid(-x), sigmoid_slope(x)],
    "differences": lambda x: [sigmoid(x - 1.0), softplus(1.0 - x)],
    "by hand": lambda x: [softplus(x), gr.exp(-gr.abs(x))],
}
EXTREMES = [-np.inf, -800.0, -40.0, -1e-9, -0.0, 0.0, 1e-300, 0.3, 40.0, 800.0, np.inf, np.nan]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("pair", PAIRS)
def test_one_tail(pair: str, dtype: str) -> None:
    x = gr.vector("x", len(EXTREMES), dtype)
    outputs = PAIRS[pair](x)
    after, report = optimize(outputs, verify=True)
    assert "shared_tails" in {each.name for each in report.passes}
    assert [v.op.name for v in topological(after)].count("shared_exp") == 1
    assert not optimize(after)[1].fired
    values = {x: np.array(EXTREMES, dtype)}
    for a, b in zip(*gr.evaluate(values, [outputs, after]), strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_allclose(b, a, rtol=4 * np.finfo(dtype).eps)


def test_a_tail_of_a_scalar() -> None:
    for dtype in ("float64", "float32"):
        x = gr.scalar("x", dtype)
        function = codegen.compile([x], [softplus(x), sigmoid(x)], name="f")
        for value, truth in zip(
            function(np.dtype(dtype).type(-3)), (0.04858735, 0.04742587), strict=True
        ):
            assert value.dtype == dtype and value == pytest.approx(truth, rel=1e-6)


def test_functions_of_different_values_stay() -> None:
    x, y = gr.vector("x", 3), gr.vector("y", 3)
    outputs = [sigmoid(x), softplus(y)]
    after, _ = optimize(outputs)
    assert all(a is b for a, b in zip(after, outputs, strict=True))


def test_a_graph_to_be_differentiated_stays() -> None:
    x = gr.vector("x", 3)
    outputs = [sigmoid(x), softplus(x), gr.softmax(x), gr.log_softmax(x), gr.var(x), x - gr.mean(x)]
    after, _ = optimize(outputs, differentiable=True)
    assert all(a is b for a, b in zip(after, outputs, strict=True))


# --------------------------------------------------------------------------------- softmax's family


@pytest.mark.parametrize("keepdims", [False, True])
def test_rows_of_minus_infinity(keepdims: bool) -> None:
    X = gr.matrix("X", (3, 2))
    total = gr.logsumexp(X, axis=1, keepdims=keepdims)
    outputs = [total, gr.grad(gr.sum(total), X)]
    after, _ = optimize(outputs)
    assert "logsumexp_softmax" in {v.op.name for v in topological(after)}
    value = np.array([[-np.inf, -np.inf], [-np.inf, 1.0], [800.0, 801.0]])
    for a, b in zip(*gr.evaluate({X: value}, [outputs, after]), strict=True):
        np.testing.assert_allclose(b, a, rtol=1e-12)


def test_logsumexp_with_and_without_its_axis() -> None:
    X = gr.matrix("X", (3, 2))
    outputs = [
        gr.logsumexp(X, axis=1),
        gr.logsumexp(X, axis=1, keepdims=True),
        gr.softmax(X, axis=1),
    ]
    after, _ = optimize(outputs, verify=True)
    assert [v.op.name for v in topological(after)].count("logsumexp_softmax") == 1
    value = {X: np.random.default_rng(0).normal(size=(3, 2))}
    for a, b in zip(*gr.evaluate(value, [outputs, after]), strict=True):
        np.testing.assert_allclose(b, a, rtol=1e-13)


def test_normalisation_takes_one_mean() -> None:
    X = gr.matrix("X", ("n", "p"))
    for spread in (gr.var, gr.std):
        for ddof in (0, 1):
            s = spread(X, axis=1, keepdims=True, ddof=ddof)
            J = gr.sum(gr.tanh((X - gr.mean(X, axis=1, keepdims=True)) / (s + 0.1)))
            outputs = [J, gr.grad(J, X)]
            function = compiled(outputs)
            assert "np.var" not in function.source and "np.std" not in function.source
            value = np.random.default_rng(0).normal(size=(4, 3))
            for a, b in zip(gr.evaluate({X: value}, outputs), function(value), strict=True):
                np.testing.assert_allclose(b, a, rtol=1e-12, atol=1e-14)


# ------------------------------------------------------------------------------------------- slices

BOUNDS = [None, 0, 1, 2, 4, -1, -2, -4]
PARTS = [slice(a, b) for a in BOUNDS for b in BOUNDS]


@pytest.mark.parametrize("length", [1, 3, 5])
def test_parts_of_parts(length: int) -> None:
    x = gr.vector("x", length)
    value = np.arange(float(length))
    for first in PARTS:
        inner = x[first]
        size = inner.shape[0]
        for then in [*PARTS, *range(-size, size)]:
            y = inner[then]
            after, _ = optimize(y, ("slices",), verify=True)
            np.testing.assert_array_equal(gr.evaluate({x: value}, after), value[first][then])


def test_parts_of_a_symbolic_length() -> None:
    x = gr.vector("x", "n + 4")
    outputs = [x[1:][0], x[:-1][-1], x[1:][1:], x[1:-1][:-1], x[-3:][1], x[:3][2], x[2:][:-1]]
    after, _ = optimize(outputs, verify=True)
    assert all(v.inputs[0] is x for v in after)
    value = np.arange(6.0)
    for a, b in zip(*gr.evaluate({x: value}, [outputs, after]), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_read_out_of_range_is_still_refused() -> None:
    x = gr.vector("x", "n")
    after, _ = optimize(x[:-1][0])
    assert after.op.name == "get_item" and after.inputs[0] is not x
    with pytest.raises(IndexError):
        gr.evaluate({x: np.ones(1)}, after)


def test_a_gradient_of_joined_parts() -> None:
    a, b = gr.vector("a", "n"), gr.vector("b", "m")
    J = gr.sum(gr.concatenate([a, b]) ** 2)
    function = compiled([J, *gr.grad(J, [a, b])])
    J_, grad_a, grad_b = function(np.ones(2), 2 * np.ones(3))
    assert J_ == 14 and grad_a.tolist() == [2, 2] and grad_b.tolist() == [4, 4, 4]


def test_gathering_twice() -> None:
    X, i, j = gr.matrix("X", (4, 3)), gr.vector("i", 3, "int64"), gr.vector("j", 2, "int64")
    after, _ = optimize(X[i][j])
    assert after.inputs[0] is X
    value = {X: np.arange(12.0).reshape(4, 3), i: np.array([3, 0, 2]), j: np.array([-1, 0])}
    np.testing.assert_array_equal(*gr.evaluate(value, [X[i][j], after]))


# ----------------------------------------------------------------------------------- other products


def test_one_hot_products() -> None:
    X, y = gr.matrix("X", (3, 4)), gr.vector("y", 3, "int64")
    hot = gr.eye(4)[y]
    outputs = [
        gr.sum(hot * X, axis=1),
        gr.sum(X * hot),
        gr.sum(hot * X, axis=1, keepdims=True),
        hot @ X.T[:, :2],
        X - 0.5 * hot,
        hot / 3.0 - X,
        gr.sum(-2.0 * hot, axis=-1),
    ]
    after, _ = optimize(outputs, verify=True)
    assert "eye" not in {v.op.name for v in topological(after)}
    value = {X: np.random.default_rng(0).normal(size=(3, 4)), y: np.array([3, 0, -2])}
    for a, b in zip(*gr.evaluate(value, [outputs, after]), strict=True):
        np.testing.assert_allclose(b, a, rtol=1e-14)


def test_infinities_beside_a_one_hot_row() -> None:
    X, y = gr.matrix("X", (2, 3)), gr.vector("y", 2, "int64")
    after, _ = optimize(gr.sum(gr.eye(3)[y] * X, axis=1))
    value = {X: np.array([[1.0, -np.inf, 0.0], [np.nan, 2.0, 3.0]]), y: np.array([0, 2])}
    assert gr.evaluate(value, after).tolist() == [1.0, 3.0]


def test_a_question_for_nan_is_answered() -> None:
    x = gr.vector("x", 2)
    outputs = [x == x, x != x, x <= x]
    value = {x: np.array([1.0, np.nan])}
    for a, b in zip(*gr.evaluate(value, [outputs, optimize(outputs)[0]]), strict=True):
        np.testing.assert_array_equal(a, b)


def test_compensated_sums_keep_their_error_term() -> None:
    x, y = gr.scalar("x"), gr.scalar("y")
    total = x + y
    error = y - (total - x)
    after, _ = optimize(error)
    assert gr.evaluate({x: 1e16, y: 1.0}, after) == np.float64(1.0) - ((1e16 + 1.0) - 1e16)


@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
def test_squares_of_complex_magnitudes(dtype: str) -> None:
    f = gr.vector("f", 3, dtype)
    outputs = [gr.abs(f) ** 2]
    after, _ = optimize(outputs, verify=True)
    assert "absolute" not in {v.op.name for v in topological(after)}
    value = {f: np.array([1 + 2j, 0, -3j], dtype)}
    np.testing.assert_allclose(*gr.evaluate(value, [outputs[0], after[0]]), rtol=1e-6)
