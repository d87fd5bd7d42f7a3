"""Plain NumPy objectives, as people write them; nothing in here knows of graphcomp.

Each is followed by its row of the table: the types of its arguments, and what to draw.
"""

from __future__ import annotations

import math
from collections import namedtuple
from math import sqrt

import numpy as np
import numpy.linalg as la
import scipy.linalg
import scipy.special
import scipy.special as sp
from numpy import exp, log as ln
from scipy.special import expit, logsumexp

from tests.objectives_table import Draw, case

DESIGN = np.arange(12.0).reshape(4, 3) / 10
POSITIVE = Draw("float64[n]", 0.5, 2.0)
ONE = Draw("float64", 0.3, 1.5)

# ----------------------------------------------------------------------------- statistics


@case("float64[p]", "float64[n, p]", Draw("float64[n]", kind="labels"), ONE)
def logistic_nll(w, X, y, lam):
    return np.sum(np.logaddexp(0, (1 - 2 * y) * (X @ w))) + lam / 2 * (w @ w)


@case("float64[p]", "float64[n, p]", "float64[n]", 0.25)
def ridge(w, X, y, lam):
    r = y - np.dot(X, w)
    return 0.5 * r.dot(r) + lam * np.sum(np.square(w))


@case("float64[k]", "float64[k]", "float64[k]", "float64[n]")
def mixture_of_gaussians(weights, mean, log_scale, x):
    log_pi = weights - logsumexp(weights)
    z = (x[:, None] - mean) / np.exp(log_scale)
    log_density = log_pi - 0.5 * z**2 - log_scale - 0.5 * np.log(2 * np.pi)
    return -np.sum(logsumexp(log_density, axis=1))


@case("float64[p, k]", "float64[n, p]", Draw("int64[n]", 0, 3))
def softmax_regression(W, X, labels):
    scores = X @ W
    scores = scores - scores.max(axis=1, keepdims=True)
    log_p = scores - np.log(np.sum(np.exp(scores), axis=1, keepdims=True))
    return -np.mean(log_p[np.arange(X.shape[0]), labels])


@case("float64[n]", "float64[n]", ONE)
def huber(prediction, y, delta):
    r = np.abs(prediction - y)
    return np.mean(np.where(r < delta, 0.5 * r**2, delta * (r - 0.5 * delta)))


@case("float64[p]", "float64[n, p]", Draw("int64[n]", 0, 5))
def poisson_regression(beta, X, counts):
    eta = X @ beta
    return np.sum(np.exp(eta) - counts * eta)


@case(ONE, ONE, POSITIVE)
def gamma_like(shape, rate, x):
    return np.sum((shape - 1) * ln(x) - rate * x) + len(x) * shape * math.log(rate)


@case("float64[5]", "float64[5]", name="weighted_variance")
def weighted_variance(x, w):
    w = exp(w) / exp(w).sum()
    mean = np.average(x) * 0 + np.sum(w * x)
    return np.sum(w * (x - mean) ** 2)


@case("float64[n, p]")
def covariance_logdet(X):
    centred = X - X.mean(axis=0)
    cov = centred.T @ centred / (X.shape[0] - 1) + 0.1 * np.eye(X.shape[1])
    sign, logdet = np.linalg.slogdet(cov)
    return sign * logdet


@case(ONE, ONE, ONE, "float64[m]", "float64[m]")
def gaussian_process(log_length, log_scale, log_noise, x, y):
    distance = x[:, np.newaxis] - x[np.newaxis, :]
    K = np.exp(2 * log_scale) * np.exp(-0.5 * (distance / np.exp(log_length)) ** 2)
    K = K + np.exp(2 * log_noise) * np.eye(x.shape[0])
    L = np.linalg.cholesky(K)
    alpha = np.linalg.solve(L.T, np.linalg.solve(L, y))
    return 0.5 * y @ alpha + np.sum(np.log(np.diag(L))) + 0.5 * x.shape[0] * np.log(2 * np.pi)


@case("float64[2]", Draw("float64[2, 2]", kind="spd"), "float64[1]", {"F": 1.0, "q": 0.1})
def kalman_step(x, P, z, model):
    F = np.array([[1.0, model["F"]], [0.0, 1.0]])
    H = np.array([[1.0, 0.0]])
    Q = model["q"] * np.eye(2)
    x, P = F @ x, F @ P @ F.T + Q
    S = H @ P @ H.T + np.eye(1)
    K = P @ H.T @ la.inv(S)
    x = x + K @ (z - H @ x)
    P = (np.eye(2) - K @ H) @ P
    return {"mean": x, "cov": P, "log_likelihood": -0.5 * np.log(la.det(S))}


# ------------------------------------------------------------------------------ test functions


@case("float64[5]")
def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2.0) ** 2.0 + (1 - x[:-1]) ** 2.0)


@case("float64[2]")
def rosenbrock_unpacked(p):
    x, y = p
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


@case("float64[2]", name="himmelblau")
def himmelblau(v):
    return (v[0] ** 2 + v[1] - 11) ** 2 + (v[0] + v[1] ** 2 - 7) ** 2


@case("float64[n]")
def ackley(x):
    n = x.size
    a = -20 * np.exp(-0.2 * np.sqrt(np.sum(x**2) / n))
    return a - np.exp(np.sum(np.cos(2 * np.pi * x)) / n) + np.e + 20


@case("float64[4]", name="loop_over_elements")
def loop_over_elements(x):
    total = 0.0
    for k in range(len(x)):
        total += math.sin(x[k]) * (k + 1)
    for value in x:
        total -= value**3
    return total


# ---------------------------------------------------------------------- physics and simulation


@case("float64[3]", ONE, ONE, ONE)
def lorenz(state, sigma, rho, beta):
    x, y, z = state
    return np.array([sigma * (y - x), x * (rho - z) - y, x * y - beta * z])


@case("float64[3]", name="runge_kutta", steps=3)
def runge_kutta(state, steps, h=0.05):
    for _ in range(steps):
        k1 = lorenz(state, 10.0, 28.0, 8 / 3)
        k2 = lorenz(state + h / 2 * k1, 10.0, 28.0, 8 / 3)
        state = state + h * k2
    return state


@case("float64[n]", "float64[n]", ONE)
def ode_residual(u, f, h):
    second = (u[2:] - 2 * u[1:-1] + u[:-2]) / h**2
    return np.sum((second + f[1:-1]) ** 2) + u[0] ** 2 + u[-1] ** 2


@case(ONE, ONE)
def rotation(angle, length):
    R = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return R @ np.asarray([length, 0.5])


@case("float64[m, 3]")
def lennard_jones(positions):
    delta = positions[:, None, :] - positions[None, :, :]
    squared = np.sum(delta**2, axis=-1) + np.eye(positions.shape[0])
    return np.sum(np.triu(squared**-6 - squared**-3, k=1))


@case("float64[n, 3]", "float64[m, 3]")
def pairwise_distances(A, B):
    squared = (A**2).sum(1)[:, None] + (B**2).sum(1) - 2 * A @ B.T
    return np.sqrt(np.maximum(squared, 0) + 1e-2)


@case(ONE, ONE, ONE, ONE)
def black_scholes_like(S, K, sigma, T):
    d1 = (math.log(S / K) + sigma**2 / 2 * T) / (sigma * sqrt(T))
    return S * expit(1.702 * d1) - K * expit(1.702 * (d1 - sigma * math.sqrt(T)))


# ------------------------------------------------------------------------------ networks

Layer = namedtuple("Layer", "W b")


@case(
    {
        "layers": [
            {"W": "float64[3, 4]", "b": "float64[4]"},
            {"W": "float64[4, 1]", "b": "float64[1]"},
        ]
    },
    "float64[n, 3]",
    activation="tanh",
)
def mlp_of_dicts(params, X, activation):
    act = {"tanh": np.tanh, "relu": lambda t: np.maximum(t, 0)}[activation]
    for layer in params["layers"][:-1]:
        X = act(X @ layer["W"] + layer["b"])
    last = params["layers"][-1]
    return np.mean((X @ last["W"] + last["b"]) ** 2)


@case([Layer("float64[2, 3]", "float64[3]"), Layer("float64[3, 2]", "float64[2]")], "float64[n, 2]")
def mlp_of_tuples(layers, X):
    for W, b in layers:
        X = sp.expit(np.matmul(X, W) + b)
    return X.sum(axis=0)


@case("float64[n, d]", "float64[n, d]", "float64[n, d]")
def attention(Q, K, V):
    scores = np.einsum("id,jd->ij", Q, K) / np.sqrt(Q.shape[-1])
    return scipy.special.softmax(scores, axis=-1) @ V


@case("float64[n, d]", "float64[d]", "float64[d]")
def layer_norm(x, gain, bias, eps=1e-5):
    mean = np.mean(x, axis=-1, keepdims=True)
    var = np.var(x, axis=-1, keepdims=True)
    return gain * (x - mean) / np.sqrt(var + eps) + bias


@case("float64[2, 2]", "float64[3, 2]", "float64[5, 3]")
def recurrent(U, W, xs):
    h = np.zeros(2)
    for x in xs:
        h = np.tanh(h @ U + x @ W)
    return h


# ------------------------------------------------------------- what NumPy does not dispatch


@case("float64[n]")
def as_array_and_zeros(x):
    x = np.asarray(x, dtype=float)
    padded = np.concatenate([np.zeros(1), x, np.zeros(x.shape[0])])
    return np.sum(padded * np.arange(2 * x.shape[0] + 1))


@case(ONE, ONE)
def lists_of_scalars(a, b):
    v = np.array([a, b, 1.0])
    M = np.array([[a, 2], [b**2, a * b]], dtype=np.float64)
    return np.linalg.norm(v) + np.sum([a**2, b]) + np.dot([a, b], v[:2]) + M.sum()


@case(ONE, "float64[n]")
def full_and_ones(a, x):
    n = x.shape[0]
    return np.full(n, a) @ x + np.sum(np.full((2, n), a) * np.ones((2, n))) + np.full(3, a).sum()


@case("float64[n]")
def local_imports(x):
    import numpy as numerics
    from numpy import stack
    from scipy.special import log_softmax

    return numerics.sum(stack([x, 2 * x]) * log_softmax(numerics.array([x, x**2])))


@case("float64[n]")
def asks_questions(x):
    assert isinstance(x, np.ndarray) and not np.isscalar(x)
    assert np.ndim(x) == 1 and np.shape(x) == x.shape
    tiny = np.finfo(x.dtype).eps
    scale = np.float64(2) * np.float64(x.sum() ** 2 + tiny)
    assert np.isscalar(scale) and np.size(x) == x.shape[0]
    return scale * x / np.size(x)


@case("float64[n]", "float64[n]")
def stacked(x, y):
    rows = np.vstack([x, y])
    columns = np.column_stack((x, y))
    return np.sum(rows @ columns) + np.sum(np.hstack([x, [1.0, 2.0]])) + np.c_[x, y].sum()


@case("float64[4]")
def index_tricks(x):
    return np.sum(np.r_[x[0], x[::-1], 0.0] * np.arange(6))


@case("float64[n, m]")
def ufunc_methods(X):
    return np.add.reduce(X) + np.sum(np.multiply.outer(X[0], X[0]), 0)


@case("float64[n, m]", "float64[m]")
def differences_and_integrals(Y, x):
    bends = np.diff(Y, n=2, axis=0, prepend=0.0)
    return np.sum(bends**2) + np.trapezoid(Y, x, axis=1).sum() + np.trapezoid(Y, dx=0.5, axis=0)[0]


@case("float64[n, 3]", "float64[3]", "float64[3]")
def products_of_several(A, b, c):
    chain = np.linalg.multi_dot([A, np.outer(b, c), A.T])
    return np.cross(A, b).sum(axis=0) @ np.cross(b, c) + np.trace(chain)


@case("float64[3]", "float64[n]", "float64[m]")
def polynomial_on_a_grid(p, x, y):
    X, Y = np.meshgrid(x, y)
    inner = np.select([X < -0.5, X < 0.5], [X**2, 2 * X * Y], default=Y)
    return np.polyval(p, X * Y).sum() + inner.sum() + math.fabs(p[0])


@case(ONE, ONE, "float64[n, d]", "float64[n]")
def gaussian_process_with_scipy(scale, noise, X, y):
    squared = np.sum((X[:, None] - X[None]) ** 2, axis=-1)
    K = scale * np.exp(-0.5 * squared) + noise * np.eye(len(X))
    L = scipy.linalg.cholesky(K, lower=True, check_finite=False)
    white = scipy.linalg.solve_triangular(L, y, lower=True)
    fit = y @ scipy.linalg.cho_solve((L, True), y) + y @ scipy.linalg.solve(K, y, assume_a="pos")
    fit = fit + y @ scipy.linalg.cho_solve(scipy.linalg.cho_factor(K), y) + white @ white
    return fit + np.log(np.diag(L)).sum() + scipy.linalg.norm(scipy.linalg.block_diag(K, L))


@case("float64[k]", "float64[n, k]", Draw("int64[n]", 0, 50))
def cox_sorted_by_time(beta, X, time):
    eta = (X @ beta)[np.argsort(-time)]
    return np.sum(np.log(np.cumsum(np.exp(eta))) - eta)


@case("float64[n, 3]")
def sums_over_pairs(x):
    i, j = np.triu_indices(len(x), 1)
    below, _ = np.tril_indices(x.shape[0], k=-1)
    return np.sum(1 / (1 + np.sum((x[i] - x[j]) ** 2, axis=-1))) + x[below].sum()


@case("float64[n, m]")
def margins(X):
    ghost = np.pad(X, ((1, 0), (0, 2)), mode="edge")[0] @ np.pad(X[0], (0, 2), constant_values=1.0)
    turned = np.pad(X, 1, "reflect")[0] @ np.pad(X[-1], 1, "symmetric")
    return ghost + turned + np.sum(np.pad(X, 1) ** 2 * np.pad(X, ((1, 1), (1, 1)), mode="wrap"))


@case("float64[n, 3]", "float64[3]")
def moments_and_powers(X, c):
    fit = np.vander(X[:, 0], 3) @ c + np.vander(c, increasing=True)[0, 1]
    spread = np.cov(X, rowvar=False, bias=True).trace() + np.corrcoef(X.T)[0, 1]
    steps = np.arange(1.0, len(X) + 1)
    return spread + fit @ steps + np.nansum(X) * np.nanmean(X) + np.nan_to_num(X[0] / c) @ c


@case("float64[n]")
def degrees_and_roots(x):
    angle = np.radians(90 * x) + np.deg2rad(x) + np.degrees(x) / 50 + math.degrees(x[0])
    capped = np.fmax(x, -0.2) * np.fmin(x, 0.3) + np.heaviside(x, 0.5) * np.round(x + 7, 1)
    return np.sum(np.sin(angle) * np.cbrt(x + 2) + capped) + math.log(x[0] + 2, 2)


@case("float64[4]", Draw("int64[n]", 0, 3))
def looked_up(x, labels):
    one_hot = np.eye(3)[labels]
    scale = np.arange(10.0)[: len(labels)]
    assert isinstance(one_hot, np.ndarray) and np.isscalar(scale.sum())
    return np.sum(one_hot @ x[:3]) + np.sum(DESIGN[labels + 1, 0]) * x[3] * scale.max()


@case("float64[12, 12]")
def larger_than_a_literal(X):
    n = len(X)
    curvature = np.diag(np.ones(n - 1), 1) - 2 * np.eye(n) + np.diag(np.ones(n - 1), -1)
    doubled = np.zeros((n, n))
    doubled[:] = 2.0
    i, j = np.triu_indices(n, 1)
    line = np.linspace(0, 1, n * n).reshape(n, n) + np.log(np.arange(1, n * n + 1)).reshape(n, n)
    return np.sum((curvature @ X) ** 2) + np.sum(doubled * X * line) + np.sum(X[i, j] * X[j, i])


@case("float64[n]", "float64[n]")
def spectral_smoothness(x, y):
    z = np.hanning(len(x)) * x - np.mean(x)
    autocorrelation = np.correlate(z, z, mode="full")[len(z) - 1 :]
    spread = np.sum((autocorrelation[1:] / autocorrelation[0]) ** 2)
    energy = y[1:-1] ** 2 - y[:-2] * y[2:]  # Teager
    return spread + np.std(np.lib.stride_tricks.sliding_window_view(energy, 3).mean(axis=-1))


@case("float64[3]")
def iterated(x):
    squares = np.fromiter((v**2 for v in x), float)
    return squares @ x + math.fsum(v for v in x)
