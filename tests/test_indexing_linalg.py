"""What a walk over operations cannot see: index forms, symbolic slices, tuple results."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphcomp as gr
from graphcomp.errors import DTypeError, OptionError, ShapeError, SizeError, ValueKindError

X = np.arange(120.0).reshape(2, 3, 4, 5)
MASK = np.array([True, False, True])
ROWS = np.array([0, 1, 1])
COLUMN = np.array([[0], [2]])

INDICES: list[Any] = [
    0,
    -1,
    np.int64(1),
    np.array(1),
    (),
    ...,
    None,
    slice(None),
    (..., None),
    (None, ..., None),
    (slice(None), 1),
    (..., 0),
    (0, ..., 1),
    (slice(1, None), slice(None, -1), slice(None, None, 2)),
    (..., slice(None, None, -1)),
    (..., slice(3, 0, -2)),
    (..., slice(-2, None)),
    (..., slice(1, 100)),
    (..., slice(4, 1)),
    (..., slice(-100, 2)),
    (..., slice(100, None, -1)),
    (0, None, slice(1, 2), None, 1),
    ROWS,
    [0, 1, 1],
    [],
    [[0], [1]],
    (slice(None), ROWS),
    (ROWS, ROWS),
    (slice(None), ROWS, COLUMN),
    (ROWS, slice(None), ROWS),
    (slice(None), ROWS, slice(None), ROWS),
    (0, slice(None), ROWS),
    (0, ROWS),
    (slice(None), 0, ROWS),
    (slice(None), ROWS, 0),
    (ROWS, ..., 0),
    (None, ROWS),
    (ROWS, None, ROWS),
    (slice(None), ROWS, None, slice(1, None)),
    (..., COLUMN, ROWS),
    (ROWS, 0, COLUMN, slice(None, None, -1)),
    (-1, ROWS, ..., None),
    (slice(None), MASK),
    (slice(None), [True, False, True]),
    (..., MASK, slice(None), slice(2)),
    (np.ones((2, 3), bool),),
    X[..., 0] > 50,
    (slice(None), MASK, [0, 1]),
    True,
    (..., False),
    (0, True, ROWS),
    (ROWS, None, True),
]


@pytest.mark.parametrize("index", INDICES, ids=repr)
def test_index_is_numpys(index: Any) -> None:
    x = gr.tensor("x", X.shape)
    y = x[index]
    assert y.shape == X[index].shape
    np.testing.assert_array_equal(gr.evaluate({x: X}, y), X[index])


@pytest.mark.parametrize("index", INDICES, ids=repr)
def test_gradient_of_index_is_scatter(index: Any) -> None:
    x = gr.tensor("x", X.shape)
    weights = np.random.default_rng(0).normal(size=X[index].shape)
    z = gr.sum(x[index] * weights)
    expected = np.zeros(X.shape)
    np.add.at(expected, index, weights)
    np.testing.assert_allclose(gr.evaluate({x: X}, gr.grad(z, x)), expected)


@pytest.mark.parametrize("index", INDICES, ids=repr)
def test_vmap_of_index_is_stacking(index: Any) -> None:
    x = gr.tensor("x", (2, *X.shape))
    both = np.stack([X, X + 0.5])
    y = gr.vmap(lambda row: row[index])(x)
    np.testing.assert_array_equal(gr.evaluate({x: both}, y), np.stack([b[index] for b in both]))


VARIABLE_INDICES = [
    (lambda x, i: x[i], ()),
    (lambda x, i: x[:, i], ()),
    (lambda x, i: x[:, i], (3,)),
    (lambda x, i: x[i, 1:, i], (3,)),
    (lambda x, i: x[:, i, i], (2, 1)),
    (lambda x, i: x[0, :, i, None], (2,)),
    (lambda x, i: x[[0, 1, 1], i], (3,)),
    (lambda x, i: x[..., i, :, i], (2,)),
]


@pytest.mark.parametrize(("take", "shape"), VARIABLE_INDICES)
@pytest.mark.parametrize("axes", [(0, 0), (0, None), (None, 0)])
def test_vmap_over_index_variables(take: Any, shape: tuple[int, ...], axes: Any) -> None:
    values = np.random.default_rng(1).integers(-2, 2, (4, *shape))
    xs = np.stack([X, X + 0.5, X - 3, X * 2])
    arrays = [xs if axes[0] == 0 else X, values if axes[1] == 0 else values[0]]
    x, i = (
        gr.variable(name, np.shape(a), np.asarray(a).dtype)
        for name, a in zip("xi", arrays, strict=True)
    )
    y = gr.vmap(take, in_axes=axes)(x, i)
    rows = [
        take(a, b)
        for a, b in zip(
            xs if axes[0] == 0 else [X] * 4,
            values if axes[1] == 0 else [values[0]] * 4,
            strict=True,
        )
    ]
    np.testing.assert_array_equal(gr.evaluate({x: arrays[0], i: arrays[1]}, y), np.stack(rows))


SYMBOLIC = [
    (slice(1, None), "n - 1"),
    (slice(None, -1), "n - 1"),
    (slice(None, None, 2), "(n + 1)//2"),
    (slice(None, 5), "min(5, n)"),
    (slice(None, None, -1), "n"),
    (slice(2, None), "max(0, n - 2)"),
    (slice(None, -2), "max(0, n - 2)"),
    (slice(-3, None), "min(3, n)"),
    (slice(1, -1), "max(0, n - 2)"),
    (slice(None, None, -3), "(n + 2)//3"),
    (slice(4, 1, -1), None),
    (slice(-1, None, -2), None),
    (slice(-7, -2, 2), None),
    (slice(1, 6, 3), None),
    (slice(None, 3, -1), None),
]


@pytest.mark.parametrize(("part", "length"), SYMBOLIC, ids=repr)
def test_symbolic_slice(part: slice, length: str | None) -> None:
    x = gr.vector("x", "n")
    y = x[part]
    if length is not None:
        assert str(y.shape[0]) == length
    total = gr.sum(y * y)
    counted = gr.sum(gr.zeros(y.shape) + 1.0)
    for n in (1, 2, 3, 4, 7, 10):
        value = np.arange(n) + 1.0
        got, gradient, count = gr.evaluate({x: value}, [y, gr.grad(total, x), counted])
        np.testing.assert_array_equal(got, value[part])
        expected = np.zeros(n)
        expected[part] = 2 * value[part]
        np.testing.assert_array_equal(gradient, expected)
        assert count == len(value[part])


def test_symbolic_bounds() -> None:
    x = gr.vector("x", "2*n")
    half, value = x.shape[0] // 2, np.arange(8.0)
    first, second, middle = x[:half], x[half:], x[half]
    assert first.shape == second.shape == (half,)
    got = gr.evaluate({x: value}, [first, second, middle, x[-half], x[-half:]])
    np.testing.assert_array_equal(np.concatenate(got[:2]), value)
    assert got[2] == got[3] == 4.0
    np.testing.assert_array_equal(got[4], value[4:])


def test_index_variables_accumulate() -> None:
    x, i = gr.vector("x", "n"), gr.vector("i", "m", dtype="int64")
    gradient = gr.grad(gr.sum(gr.exp(x[i])), x)
    value = np.array([0.5, 1.0, 2.0])
    got = gr.evaluate({x: value, i: np.array([0, 2, 2, -1])}, gradient)
    np.testing.assert_allclose(got, np.exp(value) * [1, 0, 3])


def test_index_that_names_no_element_twice_is_known() -> None:
    x, i = gr.matrix("x", ("n", "k")), gr.vector("i", "n", dtype="int64")
    chosen = gr.grad(gr.sum(x[gr.arange(x.shape[0]), i]), x)
    repeated = gr.grad(gr.sum(x[i]), x)
    assert chosen.op.unique and not repeated.op.unique  # type: ignore[attr-defined]
    part = gr.grad(gr.sum(gr.exp(x[1:, 0])), x)
    updates = [v.op.update(*(u.type for u in v.inputs)) for v in (chosen, repeated, part)]
    texts = [update.text for update in updates if update is not None]
    assert texts == ["x[i0, i1] += y", "np.add.at(x, i0, y)", "x[1:, 0] += y"]
    assert chosen.inputs[1].ndim == 0  # a one for each element is a one


REFUSED: list[tuple[Any, type[Exception], str]] = [
    (3, ShapeError, "out of range"),
    (-4, ShapeError, "out of range"),
    ([0, 3], ShapeError, "out of range"),
    ((0, 0, 0), ShapeError, "axes"),
    ((..., ...), ShapeError, "more than one"),
    (1.5, DTypeError, "float64"),
    ([0.0], DTypeError, "float64"),
    (np.ones(4, bool), ShapeError, "mask of length 4"),
    (slice(0.5), ValueKindError, "bound"),
    (slice(None, None, 0), OptionError, "zero"),
]


@pytest.mark.parametrize(("index", "error", "text"), REFUSED, ids=repr)
def test_bad_index(index: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        gr.matrix("x", (3, 2))[index]


def test_symbolic_mask_shows_where() -> None:
    x = gr.vector("x", "n")
    mask = (x > 0).named("mask")
    with pytest.raises(DTypeError, match=r"write gr\.where\(mask, x, 0\)"):
        x[mask]


def test_bound_of_undecided_sign() -> None:
    x, y = gr.vector("x", "n"), gr.vector("y", "m")
    with pytest.raises(SizeError):
        x[: y.shape[0] - x.shape[0]]


def test_take_and_take_along_axis_are_numpys() -> None:
    value = np.random.default_rng(2).normal(size=(3, 4))
    x = gr.matrix("x", (3, 4))
    order = np.argsort(value, axis=1)
    uses = [
        (gr.take(x, [0, 5]), np.take(value, [0, 5])),
        (gr.take(x, ROWS, axis=-1), np.take(value, ROWS, axis=-1)),
        (gr.take(x, 1, axis=0), np.take(value, 1, axis=0)),
        (np.take(x, COLUMN, axis=1), np.take(value, COLUMN, axis=1)),
        (gr.take_along_axis(x, order, axis=1), np.sort(value, axis=1)),
        (gr.take_along_axis(x, order[:, :1], axis=1), np.min(value, axis=1, keepdims=True)),
        (gr.take_along_axis(x, order[:1, :], axis=-1), value[:, order[0]]),
    ]
    for variable, expected in uses:
        np.testing.assert_array_equal(gr.evaluate({x: value}, variable), expected)


PRODUCTS: list[tuple[Any, tuple[tuple[int, ...], ...]]] = [
    (np.dot, ((2, 3), (3,))),
    (np.dot, ((2, 3, 4), (5, 4, 6))),
    (np.dot, ((), (3,))),
    (np.inner, ((3,), (3,))),
    (np.inner, ((2, 3), (4, 3))),
    (np.inner, ((2, 3), (2, 4, 3))),
    (np.outer, ((2, 3), (4,))),
    (np.vdot, ((2, 3), (2, 3))),
    (np.vecdot, ((2, 3), (3,))),
    (np.kron, ((2, 3), (4, 5))),
    (np.kron, ((3,), (2, 2))),
    (np.multiply.outer, ((2, 3), (4,))),
    (np.tensordot, ((4, 2, 3), (2, 3, 5))),
    (lambda a, b: np.tensordot(a, b, axes=([0, 2], [1, 0])), ((4, 2, 3), (3, 4, 5))),
    (lambda a, b: np.tensordot(a, b, axes=([2, 0], [1, 2])), ((4, 2, 3), (5, 3, 4))),
    (lambda a, b: np.tensordot(a, b, axes=(0, 0)), ((4, 2, 3), (4, 5))),
    (lambda a, b: np.tensordot(a, b, axes=0), ((2,), (2, 3))),
    (lambda a, b: np.tensordot(a, b, axes=2), ((2, 3), (2, 3))),
    (lambda a, b: np.einsum("ij,jk", a, b), ((2, 3), (3, 4))),
    (lambda a, b: np.einsum("...ij,...jk", a, b), ((5, 2, 3), (3, 4))),
    (lambda a, b: np.einsum("...ij, jk -> ...ki", a, b), ((5, 2, 3), (3, 4))),
    (lambda a, b: np.einsum("ba,b", a, b), ((2, 3), (2,))),
    (lambda a: np.einsum("ii", a), ((3, 3),)),
    (lambda a: np.einsum("i...->...", a), ((3, 4, 2),)),
    (lambda a, b: np.einsum(a, [0, 1], b, [1, 2], [2, 0]), ((2, 3), (3, 4))),
    (lambda a, b: np.einsum(a, [0, ...], b, [0, ...]), ((3, 2), (3, 2))),
    (lambda a: np.trace(a, 1, 0, 2), ((3, 2, 4),)),
    (lambda a: np.diagonal(a, -1, 2, 0), ((3, 2, 4),)),
    (lambda a: np.diag(a, 1), ((3, 4),)),
    (lambda a: np.diag(a, -2), ((3,),)),
    (np.diagflat, ((2, 2),)),
    (lambda a: np.linalg.trace(a), ((2, 3, 3),)),
    (lambda a: np.linalg.diagonal(a, offset=1), ((2, 3, 3),)),
    (lambda a: np.linalg.matrix_power(a, 5), ((3, 3),)),
    (lambda a: np.linalg.matrix_power(a, 0), ((2, 3, 3),)),
    (lambda a: np.linalg.matrix_power(a, -2), ((2, 3, 3),)),
]


@pytest.mark.parametrize(("product", "shapes"), PRODUCTS)
def test_product_is_numpys(product: Any, shapes: Any) -> None:
    rng = np.random.default_rng(3)
    arrays = [rng.normal(size=shape) for shape in shapes]
    inputs = [gr.variable(f"x{k}", shape) for k, shape in enumerate(shapes)]
    y = product(*inputs)
    expected = product(*arrays)
    values = dict(zip(inputs, arrays, strict=True))
    assert y.shape == np.shape(expected)
    np.testing.assert_allclose(gr.evaluate(values, y), expected, rtol=1e-10, atol=1e-12)
    weights = rng.normal(size=y.shape)
    gradients = gr.grad(gr.sum(y * weights), inputs, independent="zeros")
    table = gr.evaluate(values, gradients)
    for k, gradient in enumerate(table):
        step = rng.normal(size=shapes[k])
        ends = [
            np.sum(weights * product(*arrays[:k], arrays[k] + h * step, *arrays[k + 1 :]))
            for h in (1e-6, -1e-6)
        ]
        slope = (ends[0] - ends[1]) / 2e-6
        np.testing.assert_allclose(np.sum(gradient * step), slope, rtol=1e-6, atol=1e-7)


NORMS: list[Any] = [
    {},
    {"axis": 1},
    {"axis": (0, 1)},
    {"axis": 0, "keepdims": True},
    {"ord": 1, "axis": 1},
    {"ord": np.inf, "axis": 1},
    {"ord": -np.inf, "axis": 0},
    {"ord": 3, "axis": 0},
    {"ord": 0, "axis": 0},
    {"ord": "fro"},
    {"ord": 1},
    {"ord": -1},
    {"ord": np.inf},
    {"ord": -np.inf, "keepdims": True},
]


@pytest.mark.parametrize("options", NORMS, ids=repr)
def test_norm_is_numpys(options: dict[str, Any]) -> None:
    value = np.random.default_rng(4).normal(size=(3, 4))
    x = gr.matrix("x", (3, 4))
    got = gr.evaluate({x: value}, np.linalg.norm(x, **options))  # type: ignore[call-overload]
    np.testing.assert_allclose(got, np.linalg.norm(value, **options))


def test_norm_at_zero_has_gradient_zero() -> None:
    x = gr.vector("x", 3)
    np.testing.assert_array_equal(
        gr.evaluate({x: np.zeros(3)}, gr.grad(gr.linalg.norm(x), x)), np.zeros(3)
    )


def test_tuple_results_have_names_and_come_through_numpy() -> None:
    A = gr.matrix("A", (3, 3))
    value = np.diag([1.0, 2.0, -3.0]) + 0.1
    value = value + value.T
    sign, logabsdet = np.linalg.slogdet(A)  # type: ignore[call-overload]
    assert logabsdet is gr.linalg.slogdet(A).logabsdet
    w, V = gr.linalg.eigh(A)
    assert w is np.linalg.eigh(A).eigenvalues  # type: ignore[call-overload]
    got = gr.evaluate({A: value}, [sign, logabsdet, w, (V * w) @ V.T])
    expected = np.linalg.slogdet(value)
    np.testing.assert_allclose(got[:2], expected)
    np.testing.assert_allclose(got[2], np.linalg.eigvalsh(value))
    np.testing.assert_allclose(got[3], value, atol=1e-12)


def test_eigenvalues_that_repeat_leave_no_nan() -> None:
    A = gr.matrix("A", (3, 3))
    w, V = gr.linalg.eigh(A)
    rebuilt = (V * gr.exp(w)) @ V.T
    gradient = gr.grad(gr.sum(w**2) + gr.trace(rebuilt), A)
    got = gr.evaluate({A: np.eye(3)}, gradient)
    np.testing.assert_allclose(got, (2 + np.e) * np.eye(3), atol=1e-12)


def test_complex_hermitian_derivatives() -> None:
    rng = np.random.default_rng(5)
    base = rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3))
    value, step = (m @ m.conj().T + np.eye(3) for m in (base, base.T + 0.3))
    A = gr.matrix("A", (3, 3), dtype="complex128")
    R = rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3))
    w, V = gr.linalg.eigh(A)
    L = gr.linalg.cholesky(A)
    projector = V[:, :1] @ V[:, :1].conj().T
    sign, logabsdet = gr.linalg.slogdet(A * 1j + R)
    for z in (
        gr.sum((L * R).real),
        gr.sum((projector * R).real) + gr.sum(w**2),
        (sign * (1 + 2j)).real + logabsdet,
        gr.linalg.norm(A),
        gr.sum((gr.linalg.solve(A + R, R) * R).real),
        gr.linalg.det(A + R).imag,
    ):
        gradient = gr.evaluate({A: value}, gr.backprop([A], gr.Graph([z]), z)[A])
        h = 1e-6
        slope = (gr.evaluate({A: value + h * step}, z) - gr.evaluate({A: value - h * step}, z)) / h
        np.testing.assert_allclose(np.sum(gradient * step).real, slope / 2, rtol=1e-6)


def test_solve_triangular_reads_one_triangle() -> None:
    scipy_linalg = pytest.importorskip("scipy.linalg")
    rng = np.random.default_rng(6)
    value, right = rng.normal(size=(3, 3)) + 3 * np.eye(3), rng.normal(size=(3, 2))
    A, b = gr.matrix("A", (3, 3)), gr.matrix("b", (3, 2))
    for options in ({}, {"lower": True}, {"trans": 1}, {"lower": True, "unit_diagonal": True}):
        y = gr.linalg.solve_triangular(A, b, **options)  # type: ignore[arg-type]
        expected = scipy_linalg.solve_triangular(value, right, **options)
        np.testing.assert_allclose(gr.evaluate({A: value, b: right}, y), expected)


def operations(*outputs: gr.Variable) -> list[str]:
    return [v.op.name for v in gr.Graph(outputs)]


def test_hessian_of_a_linear_model_is_matrix_products() -> None:
    X, q = gr.matrix("X", ("n", "p")), gr.vector("q", "n")
    V = gr.matrix("V", ("p", "p"))
    products = gr.vmap(lambda v: X.T @ (q * (X @ v)))(V)
    assert operations(products).count("matmul") == 2
    assert not {"reshape", "sum", "broadcast_to"} & set(operations(products))
    assert products.inputs[1] is X


def test_solve_of_one_matrix_is_one_solve() -> None:
    A, B = gr.matrix("A", (3, 3)), gr.matrix("B", ("m", 3))
    many = gr.vmap(lambda b: gr.linalg.solve(A, b))(B)
    assert set(operations(many)) == {"input", "transpose", "solve"}
    inner = next(v for v in gr.Graph([many]) if v.op.name == "solve")
    assert inner.ndim == 2 and inner.inputs[0] is A


def test_gradients_of_matrix_vector_products_are_what_one_would_write() -> None:
    X, w, v = gr.matrix("X", ("n", "p")), gr.vector("w", "p"), gr.vector("v", "n")
    z = v @ (X @ w)
    grad_X, grad_w = gr.grad(z, [X, w])
    assert grad_X.op.name == "outer" and grad_X.inputs == (v, w)
    assert grad_w.op.name == "matmul" and grad_w.inputs[0].op.name == "transpose"
