"""Linear algebra, rewritten: what an expert would have written, with the values unchanged."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

import codegen
import graphcomp as gr
from graphcomp.graph import Variable, topological
from graphcomp.ops.contract import Matmul
from graphcomp.rewrite import optimize, work_of
from graphcomp.rewrite.distances import fast_distances
from graphcomp.rewrite.engine import build_example

RNG = np.random.default_rng(0)
N = 70  # rows: beyond the block that is solved in one call
A, B, C = (gr.matrix(name, ("n", "n")) for name in "ABC")
x, y = gr.vector("x", "n"), gr.vector("y", "n")
X, w = gr.matrix("X", ("n", "p")), gr.vector("w", "p")
K = gr.matrix("K", ("n", "n"), positive_definite=True)
MATRIX, VECTOR = RNG.normal(size=(N, N)), RNG.normal(size=N)
DEFINITE = MATRIX @ MATRIX.T + N * np.eye(N)
VALUES: dict[Variable, Any] = {
    A: MATRIX, B: MATRIX[::-1] + np.eye(N), C: MATRIX[:, ::-1], K: DEFINITE,
    x: VECTOR, y: VECTOR[::-1], X: RNG.normal(size=(N, 5)), w: RNG.normal(size=5),
}  # fmt: skip


def optimized(*outputs: Variable) -> tuple[list[Variable], Counter[str]]:
    """The outputs rewritten, of equal values, and how often each operation is in them."""
    after, _ = optimize(list(outputs), verify=True)
    for a, b in zip(*gr.evaluate(VALUES, [list(outputs), after]), strict=True):
        np.testing.assert_allclose(b, a, rtol=1e-9, atol=1e-9)
    assert not optimize(after)[1].fired
    return after, Counter(v.op.name for v in topological(after))


def products_of_matrices(outputs: list[Variable]) -> int:
    """How many products have a matrix for a result."""
    return sum(isinstance(v.op, Matmul) and v.ndim == 2 for v in topological(outputs))


# ------------------------------------------------------------------------------------------- orders


@pytest.mark.parametrize(
    "product",
    [
        A @ B @ x,
        x @ (A @ B),
        (A @ B).T @ C @ x,
        (A @ (B @ C)).T @ x,
        (A @ x) @ (B @ C),
        A @ B @ C @ x @ y,
    ],
    ids=str,
)
def test_a_chain_with_a_vector_has_no_product_of_matrices(product: Variable) -> None:
    assert not products_of_matrices(optimized(product)[0])


def test_sizes_that_are_known_decide() -> None:
    P, Q, R = gr.matrix("P", (2, 30)), gr.matrix("Q", (30, 3)), gr.matrix("R", (3, 40))
    for product in (P @ (Q @ R), (P @ Q) @ R):
        after, _ = optimize(product)
        assert work_of([after]).flops == 2 * (2 * 30 * 3 + 2 * 3 * 40)


def test_sizes_that_do_not_decide_leave_the_order() -> None:
    P, Q, R = gr.matrix("P", ("a", "b")), gr.matrix("Q", ("b", "c")), gr.matrix("R", ("c", "d"))
    for product in (P @ (Q @ R), (P @ Q) @ R):
        assert optimize(product)[0] is product


def test_a_product_that_is_needed_anyway_stays() -> None:
    AB = A @ B
    after, _ = optimized(AB @ x, AB)
    assert after[0].inputs[0] is after[1]


def test_long_chains_take_linear_work() -> None:
    product = A
    for _ in range(60):
        product = product @ A
    assert not products_of_matrices([optimize(product @ x)[0]])


# -------------------------------------------------------------------------------------- derivatives


def test_gradient_of_a_quadratic_form() -> None:
    _, counts = optimized(gr.grad(x @ A @ x, x))
    assert counts["matmul"] == 2 and counts["add"] == 1 and not counts["outer"]


def weighted_hessian(q: Variable | float) -> Variable:
    z = X @ w
    return gr.hessian(gr.sum(q * (gr.logaddexp(0, z) - y * z)), w)


def is_square(v: Variable) -> bool:
    """Whether v is A.T @ A."""
    a, b = v.inputs
    return isinstance(v.op, Matmul) and a.op.name == "transpose" and a.inputs[0] is b


def test_the_logistic_hessian_is_one_symmetric_product() -> None:
    (hessian,), counts = optimized(weighted_hessian(1.0))
    assert is_square(hessian) and not counts["eye"]
    positive = gr.vector("q", "n", nonnegative=True)
    assert is_square(optimize(weighted_hessian(positive))[0])


def test_weights_of_unknown_sign_make_no_square() -> None:
    hessian, _ = optimize(weighted_hessian(gr.vector("q", "n")))
    assert not is_square(hessian) and "sqrt" not in [v.op.name for v in topological([hessian])]


@pytest.mark.parametrize(
    "quadratic", [y @ gr.linalg.solve(K, y), y @ gr.linalg.inv(K) @ y], ids=["solve", "inv"]
)
@pytest.mark.parametrize(
    "logdet", [gr.linalg.slogdet(K)[1], gr.log(gr.linalg.det(K))], ids=["slogdet", "log(det)"]
)
def test_a_marginal_likelihood_has_one_factor(quadratic: Variable, logdet: Variable) -> None:
    value = 0.5 * quadratic + 0.5 * logdet
    _, counts = optimized(value, *gr.grad(value, [K, y]))
    assert counts["cholesky"] == 1
    assert not counts["inv"] + counts["solve"] + counts["slogdet"] + counts["det"]


def test_ridge_regression_by_cholesky() -> None:
    lam = gr.scalar("lam", positive=True)
    _, counts = optimized_with(lam, gr.linalg.inv(X.T @ X + lam * gr.eye(X.shape[1])) @ X.T @ y)
    assert counts["cholesky"] == 1 and counts["solve_triangular"] == 2 and not counts["inv"]


def optimized_with(lam: Variable, *outputs: Variable) -> tuple[list[Variable], Counter[str]]:
    VALUES[lam] = 0.5
    return optimized(*outputs)


def test_a_matrix_not_known_to_be_definite_is_solved() -> None:
    _, counts = optimized(gr.linalg.inv(A) @ x)
    assert counts["solve"] == 1 and not counts["cholesky"] + counts["inv"]


def test_an_inverse_that_is_needed_stays() -> None:
    _, counts = optimized(gr.linalg.inv(A) @ x, gr.linalg.inv(A))
    assert counts["inv"] == 1 and not counts["solve"]


def test_value_and_gradient_share_a_decomposition() -> None:
    value = gr.sum(gr.linalg.eigvalsh(K) ** 2)
    _, counts = optimized(value, gr.grad(value, K))
    assert counts["eigh"] == 1 and not counts["eigvalsh"]
    value = gr.sum(gr.linalg.svdvals(A) ** 2)
    _, counts = optimized(value, gr.grad(value, A))
    assert counts["svd"] == 1 and not counts["svdvals"]
    _, counts = optimized(gr.sum(gr.linalg.qr(A, "r") ** 4) + gr.sum(gr.linalg.qr(A)[0] ** 4))
    assert counts["qr"] == 1 and not counts["qr_triangle"]


def test_solves_of_one_matrix_are_one() -> None:
    solve = gr.linalg.solve
    _, counts = optimized(solve(B, x) @ solve(B, x * y), solve(B, X))
    assert counts["solve"] == 1
    _, counts = optimized(solve(B, solve(B, x)), solve(A, x))
    assert counts["solve"] == 3
    first = solve(B, x)
    _, counts = optimized(solve(B, first), solve(B, first * y), solve(B, y))
    assert counts["solve"] == 2


# ------------------------------------------------------------------------------------- determinants


def test_logarithm_of_a_determinant_does_not_overflow() -> None:
    large = 1e10 * np.eye(N)
    value, gradient = gr.log(gr.linalg.det(A)), gr.grad(gr.log(gr.linalg.det(A)), A)
    after, _ = optimize([value, gradient])
    logdet, inverse = gr.evaluate({A: large}, after)
    np.testing.assert_allclose(logdet, N * np.log(1e10))
    np.testing.assert_allclose(inverse, np.eye(N) / 1e10)


def test_a_negative_determinant_has_no_logarithm() -> None:
    after, _ = optimize(gr.log(gr.linalg.det(A)))
    with np.errstate(invalid="ignore"):
        assert np.isnan(gr.evaluate({A: np.diag([-1.0, 2.0])}, after))


# ---------------------------------------------------------------------------------------- distances


def test_distances_are_exact_unless_asked() -> None:
    D = gr.sum((X[:, None] - X[None]) ** 2, axis=-1)
    assert not any(isinstance(v.op, Matmul) for v in topological([optimize(D)[0]]))
    after, _ = optimize(D, fast_distances=True)
    assert all(v.ndim < 3 for v in topological([after]))


@pytest.mark.parametrize("turned", [False, True])
def test_fast_distances_and_their_gradient(turned: bool) -> None:
    Y = gr.matrix("Y", ("m", "p"))
    difference = Y[None] - X[:, None] if turned else X[:, None] - Y[None]
    value = gr.sum(gr.exp(-gr.sum(difference**2, axis=-1)))
    outputs = [value, *gr.grad(value, [X, Y])]
    after, _ = optimize(outputs, fast_distances=True, verify=True)
    assert all(v.ndim < 3 for v in topological(after))
    values = {X: RNG.normal(size=(6, 2)), Y: RNG.normal(size=(4, 2))}
    for a, b in zip(*gr.evaluate(values, [outputs, after]), strict=True):
        np.testing.assert_allclose(b, a, rtol=1e-10, atol=1e-12)
    compiled = codegen.compile([X, Y], outputs, fast_distances=True)
    np.testing.assert_allclose(compiled(values[X], values[Y])[0], gr.evaluate(values, value))


@pytest.mark.parametrize("one", fast_distances.rules, ids=lambda one: one.text)
def test_rules_of_fast_distances(one: Any) -> None:
    assert optimize(build_example(one.sample), (fast_distances,))[1].fired
    assert not optimize(build_example(one.near_miss), (fast_distances,))[1].fired


# ------------------------------------------------------------------------------------------ solving


@pytest.mark.parametrize("lower", [True, False])
@pytest.mark.parametrize(
    "shapes", [((200, 200), (200,)), ((200, 200), (200, 3)), ((2, 99, 99), (99, 2))]
)
def test_triangles_are_solved_by_halves(lower: bool, shapes: Any) -> None:
    first, second = shapes
    T = (np.tril if lower else np.triu)(RNG.normal(size=first)) / 10 + 3 * np.eye(first[-1])
    b = RNG.normal(size=second)
    L, r = gr.variable("L", first), gr.variable("r", second)
    triangle = gr.tril(L) if lower else gr.triu(L)
    after, _ = optimize(gr.linalg.solve(triangle, r))
    assert after.op.name == "solve_triangular"
    found = gr.evaluate({L: T, r: b}, after)
    np.testing.assert_allclose(T @ found, np.broadcast_to(b, found.shape), atol=1e-10)


def test_a_singular_triangle_is_refused() -> None:
    L, r = gr.matrix("L", (99, 99)), gr.vector("r", 99)
    after, _ = optimize(gr.linalg.solve(gr.tril(L), r))
    with pytest.raises(np.linalg.LinAlgError):
        gr.evaluate({L: np.tril(np.ones((99, 99)), -1), r: np.ones(99)}, after)
