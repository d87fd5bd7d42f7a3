"""The golden cases: graphs to compile, and sample data to run them on."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import graphcomp as gr


@dataclass(frozen=True)
class Case:
    """A graph to compile; ``hand/<name>.py`` holds the same function written by hand."""

    name: str
    inputs: list[gr.Variable]
    outputs: list[gr.Variable]
    title: str


def xor_step() -> Case:
    X = gr.matrix("X", ("n", 2))
    y = gr.vector("y", "n")
    W = gr.matrix("W", (2, 8))
    c = gr.vector("c", 8)
    w = gr.vector("w", 8)
    b = gr.scalar("b")
    H = gr.relu(X @ W + c).named("H")
    J = (gr.mean((H @ w + b - y) ** 2) + 1e-3 * gr.sum(W**2)).named("J")
    title = "One hidden layer of rectifiers, squared error, weight decay."
    return Case("xor_step", [X, y, W, c, w, b], [J, *gr.grad(J, [W, c, w, b])], title)


def _logistic() -> tuple[list[gr.Variable], gr.Variable]:
    w = gr.vector("w", "p")
    X = gr.matrix("X", ("n", "p"))
    y = gr.vector("y", "n")
    lam = gr.scalar("lam")
    z = ((1 - 2 * y) * (X @ w)).named("z")
    J = gr.sum(gr.logaddexp(0, z)) + lam / 2 * (w @ w)
    return [w, X, y, lam], J.named("J")


def logistic() -> Case:
    inputs, J = _logistic()
    title = "L2 logistic regression: value and gradient."
    return Case("logistic", inputs, [J, gr.grad(J, inputs[0])], title)


def logistic_hess() -> Case:
    inputs, J = _logistic()
    title = "L2 logistic regression: Hessian."
    return Case("logistic_hess", inputs, [gr.hessian(J, inputs[0]).named("hess_w")], title)


def mlp_cross_entropy() -> Case:
    X = gr.matrix("X", ("n", "p"))
    y = gr.vector("y", "n", dtype="int64")
    W1 = gr.matrix("W1", ("p", "h"))
    W2 = gr.matrix("W2", ("h", "k"))
    H = gr.tanh(X @ W1).named("H")
    log_p = gr.special.log_softmax(H @ W2, axis=1).named("log_p")
    J = -gr.mean(log_p[gr.arange(X.shape[0]), y]) + 5e-4 * (gr.sum(W1**2) + gr.sum(W2**2))
    J = J.named("J")
    title = "Two layers, softmax cross-entropy of integer labels, weight decay."
    return Case("mlp_cross_entropy", [X, y, W1, W2], [J, *gr.grad(J, [W1, W2])], title)


def softmax_regression_float32() -> Case:
    X = gr.matrix("X", ("n", "p"), dtype="float32")
    Y = gr.matrix("Y", ("n", "k"), dtype="float32")
    W = gr.matrix("W", ("p", "k"), dtype="float32")
    b = gr.vector("b", "k", dtype="float32")
    S = (X @ W + b).named("S")
    log_Z = gr.special.logsumexp(S, axis=1, keepdims=True).named("log_Z")
    J = (gr.mean(log_Z) - gr.sum(Y * S) / X.shape[0]).named("J")
    title = "Softmax regression on one-hot (or soft) labels, in float32."
    return Case("softmax_regression_float32", [X, Y, W, b], [J, *gr.grad(J, [W, b])], title)


def rosenbrock() -> Case:
    x = gr.vector("x", "n")
    f = gr.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).named("f")
    title = "Rosenbrock's function: value, gradient, Hessian."
    return Case("rosenbrock", [x], [f, gr.grad(f, x), gr.hessian(f, x).named("hess_x")], title)


def fff() -> Case:
    w = gr.scalar("w")
    x = gr.sin(w).named("x")
    y = gr.sin(x).named("y")
    z = gr.sin(y).named("z")
    grad_w = gr.grad(z, w)
    hess_w = gr.grad(grad_w, w).named("hess_w")
    title = "z = sin(sin(sin(w))): value, first and second derivative."
    return Case("fff", [w], [z, grad_w, hess_w], title)


def gaussian_nll() -> Case:
    beta = gr.vector("beta", "p")
    X = gr.matrix("X", ("n", "p"))
    y = gr.vector("y", "n")
    Sigma = gr.matrix("Sigma", ("n", "n"))
    L = gr.linalg.cholesky(Sigma).named("L")
    z = gr.linalg.solve(L, y - X @ beta).named("z")
    constant = 0.5 * math.log(2 * math.pi) * y.shape[0]
    J = (0.5 * (z @ z) + gr.sum(gr.log(gr.diagonal(L))) + constant).named("J")
    title = "-log N(y; X @ beta, Sigma): value, gradient, Hessian."
    outputs = [J, gr.grad(J, beta), gr.hessian(J, beta).named("hess_beta")]
    return Case("gaussian_nll", [beta, X, y, Sigma], outputs, title)


def ridge() -> Case:
    w = gr.vector("w", "p")
    X = gr.matrix("X", ("n", "p"))
    y = gr.vector("y", "n")
    lam = gr.scalar("lam")
    J = (gr.mean((X @ w - y) ** 2) + lam * gr.sum(w**2)).named("J")
    title = "Ridge regression: value, gradient, Hessian."
    outputs = [J, gr.grad(J, w), gr.hessian(J, w).named("hess_w")]
    return Case("ridge", [w, X, y, lam], outputs, title)


def huber() -> Case:
    w = gr.vector("w", "p")
    X = gr.matrix("X", ("n", "p"))
    y = gr.vector("y", "n")
    delta = gr.scalar("delta")
    r = (X @ w - y).named("r")
    a = gr.abs(r).named("a")
    J = gr.sum(gr.where(a <= delta, 0.5 * r**2, delta * (a - 0.5 * delta))).named("J")
    title = "Robust regression with Huber's loss: value and gradient."
    return Case("huber", [w, X, y, delta], [J, gr.grad(J, w)], title)


def quadratic_exp_hvp() -> Case:
    x = gr.vector("x", "n")
    v = gr.vector("v", "n")
    A = gr.matrix("A", ("n", "n"))
    B = gr.matrix("B", ("m", "n"))
    f = (0.5 * (x @ (A @ x)) + gr.sum(gr.exp(B @ x))).named("f")
    title = "f = x @ A @ x / 2 + sum(exp(B @ x)): value, gradient, Hessian times v."
    outputs = [f, gr.grad(f, x), gr.hvp(f, x, v).named("hvp_x")]
    return Case("quadratic_exp_hvp", [x, v, A, B], outputs, title)


def lotka_volterra() -> Case:
    x = gr.vector("x", "n")
    r = gr.vector("r", "n")
    A = gr.matrix("A", ("n", "n"))
    dx = (x * (r + A @ x)).named("dx")
    title = "Generalised Lotka-Volterra equations: right-hand side and its Jacobian."
    return Case("lotka_volterra", [x, r, A], [dx, gr.jacobian(dx, x).named("jac_x")], title)


def embedding() -> Case:
    E = gr.matrix("E", ("m", "d"))
    w = gr.vector("w", "d")
    index = gr.vector("index", "n", dtype="int64")
    y = gr.vector("y", "n")
    rows = E[index].named("rows")
    J = (0.5 * gr.sum((rows @ w - y) ** 2)).named("J")
    title = "Regression on rows of a table; a row may be read more than once."
    return Case("embedding", [E, w, index, y], [J, *gr.grad(J, [E, w])], title)


def precision_nll() -> Case:
    P = gr.matrix("P", ("p", "p"))
    C = gr.matrix("C", ("p", "p"))
    _, logdet = gr.linalg.slogdet(P)
    J = (gr.trace(C @ P) - logdet).named("J")
    title = "Gaussian precision matrix P given the covariance C: value and gradient."
    return Case("precision_nll", [P, C], [J, gr.grad(J, P)], title)


CASES: dict[str, Callable[[], Case]] = {
    case.__name__: case
    for case in (
        xor_step,
        logistic,
        logistic_hess,
        mlp_cross_entropy,
        softmax_regression_float32,
        rosenbrock,
        fff,
        gaussian_nll,
        ridge,
        huber,
        quadratic_exp_hvp,
        lotka_volterra,
        embedding,
        precision_nll,
    )
}


def data(case_name: str, rng: np.random.Generator) -> list[Any]:
    """Sample arguments of the case, in the order of its inputs."""
    return _SAMPLES[case_name](rng)


def _linear_model(rng: np.random.Generator, y: Any, scalar: float) -> list[Any]:
    """w (3,), X (len(y), 3), y, and a scalar."""
    return [rng.normal(size=3), rng.normal(size=(len(y), 3)), y, scalar]


def _positive_definite(rng: np.random.Generator, n: int) -> Any:
    A = rng.normal(size=(n, n))
    return A @ A.T + n * np.eye(n)


_SAMPLES: dict[str, Callable[[np.random.Generator], list[Any]]] = {
    "xor_step": lambda rng: [
        np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]),
        np.array([0.0, 1.0, 1.0, 0.0]),
        rng.normal(size=(2, 8)),
        rng.normal(size=8),
        rng.normal(size=8),
        0.1,
    ],
    "logistic": lambda rng: _linear_model(rng, rng.integers(0, 2, size=7) * 1.0, 0.3),
    "logistic_hess": lambda rng: _linear_model(rng, rng.integers(0, 2, size=7) * 1.0, 0.3),
    "mlp_cross_entropy": lambda rng: [
        rng.normal(size=(6, 3)),
        rng.integers(0, 4, size=6),
        rng.normal(size=(3, 5)),
        rng.normal(size=(5, 4)),
    ],
    "softmax_regression_float32": lambda rng: [
        rng.normal(size=(6, 3)).astype(np.float32),
        np.eye(4, dtype=np.float32)[rng.integers(0, 4, size=6)],
        rng.normal(size=(3, 4)).astype(np.float32),
        rng.normal(size=4).astype(np.float32),
    ],
    "rosenbrock": lambda rng: [rng.normal(size=5)],
    "fff": lambda rng: [float(rng.normal())],
    "gaussian_nll": lambda rng: [
        *_linear_model(rng, rng.normal(size=6), 0.0)[:3],
        _positive_definite(rng, 6),
    ],
    "ridge": lambda rng: _linear_model(rng, rng.normal(size=7), 0.3),
    "huber": lambda rng: _linear_model(rng, rng.normal(size=9), 0.8),
    "quadratic_exp_hvp": lambda rng: [
        rng.normal(size=4),
        rng.normal(size=4),
        rng.normal(size=(4, 4)),
        0.5 * rng.normal(size=(6, 4)),
    ],
    "lotka_volterra": lambda rng: [rng.random(4), rng.normal(size=4), rng.normal(size=(4, 4))],
    "embedding": lambda rng: [
        rng.normal(size=(5, 3)),
        rng.normal(size=3),
        np.array([0, 3, 3, 1, 0, 3]),
        rng.normal(size=6),
    ],
    "precision_nll": lambda rng: [_positive_definite(rng, 4), _positive_definite(rng, 4)],
}
