"""What a walk of the registry cannot see of reductions, shapes, creation and joining: the forms
of public arguments against NumPy's own results, conventions, symbolic sizes."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import graphcomp as gr
from graphcomp.errors import NotDifferentiableError
from graphcomp.ops.reduce import Sum, sum_to
from graphcomp.types import format_shape
from tests.checks import STENCIL, STEP

RNG = np.random.default_rng(3)
MATRIX = RNG.normal(size=(2, 3))
CUBE = RNG.normal(size=(2, 3, 4))
ROW = RNG.normal(size=(1, 3))
ARRAYS = {
    "scalar": np.float64(1.5),
    "vector": RNG.normal(size=4),
    "matrix": MATRIX,
    "cube": CUBE,
    "float32": MATRIX.astype("float32"),
    "int64": np.arange(6).reshape(2, 3),
    "int8": np.arange(6, dtype="int8"),
    "uint8": np.arange(6, dtype="uint8"),
    "bool": np.array([[True, False], [True, True]]),
    "complex": MATRIX + 1j * MATRIX[::-1],
    "empty": np.zeros((0, 3)),
}


def same(function: Callable[..., Any], *arrays: Any) -> None:
    """``function`` of variables, and NumPy's function of arrays, agree in value and type."""
    variables = [gr.variable(f"x{k}", a.shape, a.dtype) for k, a in enumerate(arrays)]
    outputs = function(gr, *variables)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = function(np, *arrays)
        values = gr.evaluate(dict(zip(variables, arrays, strict=True)), outputs)
    if not isinstance(outputs, (list, tuple)):
        outputs, values, expected = [outputs], [values], [expected]
    assert len(values) == len(expected)
    for output, value, truth in zip(outputs, values, expected, strict=True):
        assert np.asarray(truth).dtype == output.dtype == np.asarray(value).dtype
        assert np.shape(truth) == output.shape
        np.testing.assert_allclose(value, truth, rtol=1e-6 if output.dtype == "float32" else 1e-12)


def gradient(function: Callable[..., Any], x: np.ndarray, order: int = 1) -> np.ndarray:
    """The gradient of a sum of sines of function(x), or of a sum of sines of that."""
    v = gr.variable("x", x.shape)
    z = gr.sum(gr.sin(function(v)))
    for _ in range(order):
        (g,) = gr.backprop([v], gr.Graph([z]), z).values()
        z = gr.sum(gr.sin(g))
    return np.asarray(gr.evaluate({v: x}, g))


def differences(function: Callable[..., Any], x: np.ndarray, order: int = 1) -> np.ndarray:
    """The same gradient by central differences of the value, or of the gradient below it."""
    v = gr.variable("x", x.shape)
    output = function(v)

    def value(at: np.ndarray) -> float:
        inner = gr.evaluate({v: at}, output) if order == 1 else gradient(function, at, order - 1)
        return float(np.sum(np.sin(inner)))

    result = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        for k, weight in STENCIL:
            step = np.zeros_like(x)
            step[index] = k * STEP
            result[index] += weight * (value(x + step) - value(x - step)) / STEP
    return result


# ------------------------------------------------------------------------------------ reductions

AXES = (None, 0, -1, (0, 1), (-1, 0), ())


@pytest.mark.parametrize("name", ["sum", "prod", "mean", "max", "min", "var", "std", "all", "any"])
@pytest.mark.parametrize("axis", AXES, ids=str)
def test_axis_forms(name: str, axis: Any) -> None:
    for x in (MATRIX, CUBE, ROW):
        same(lambda m, x: getattr(m, name)(x, axis=axis), x)
        same(lambda m, x: getattr(m, name)(x, axis, keepdims=True), x)


@pytest.mark.parametrize(
    "name",
    [
        *("sum", "prod", "mean", "max", "min", "var", "std", "all", "any", "count_nonzero"),
        *("argmax", "argmin", "cumsum", "cumprod", "ptp", "average"),
    ],
)
@pytest.mark.parametrize("kind", sorted(ARRAYS))
def test_result_types(name: str, kind: str) -> None:
    x = ARRAYS[kind]
    no_elements = kind == "empty" and name in ("max", "min", "argmax", "argmin", "ptp", "average")
    if no_elements or (kind == "bool" and name == "ptp"):
        return
    same(lambda m, x: getattr(m, name)(x), x)
    if np.ndim(x):
        same(lambda m, x: getattr(m, name)(x, axis=-1), x)


@pytest.mark.parametrize(
    "call",
    [
        lambda m, x: m.sum(x, dtype="float32"),
        lambda m, x: m.sum(x > 0, dtype="int32"),
        lambda m, x: m.mean(x, 0, "float32"),
        lambda m, x: m.prod(x, dtype=np.complex128),
        lambda m, x: m.cumsum(x, 1, "float32"),
        lambda m, x: m.cumsum(x, axis=-2),
        lambda m, x: m.cumprod(x),
        lambda m, x: m.var(x, ddof=1),
        lambda m, x: m.std(x, 0, ddof=0.5),
        lambda m, x: m.std(x, axis=1, correction=1, keepdims=True),
        lambda m, x: m.argmax(x, 0),
        lambda m, x: m.argmin(x, keepdims=True),
        lambda m, x: m.argmax(x, axis=1, keepdims=True),
        lambda m, x: m.count_nonzero(x > 0, axis=0),
        lambda m, x: m.count_nonzero(x, keepdims=True),
        lambda m, x: m.amax(x, 1) - m.amin(x, 1),
        lambda m, x: m.ptp(x, axis=0, keepdims=True),
        lambda m, x: m.average(x, axis=0, weights=[1.0, 3.0]),
        lambda m, x: m.average(x, weights=x**2, keepdims=True),
        lambda m, x: m.average(x, 1, weights=np.arange(3), returned=True),
        lambda m, x: m.average(x, 1, returned=True),
        lambda m, x: x.sum(0) + x.mean(axis=0) + x.max(0) + x.std(0) + x.prod(0),
        lambda m, x: np.add.reduce(x) + np.multiply.reduce(x, axis=0) + np.maximum.reduce(x),
        lambda m, x: np.add.accumulate(x),
        lambda m, x: np.sum(a=x, axis=1),
    ],
)
def test_argument_forms(call: Callable[..., Any]) -> None:
    same(call, MATRIX)


def test_numpys_own_functions_dispatch() -> None:
    same(lambda _, x: np.sum(x, axis=0), MATRIX)
    same(lambda _, x: np.concatenate([np.flip(x), np.zeros_like(x)]), MATRIX)
    same(lambda _, x: np.var(x, ddof=1, axis=0), MATRIX)


ZEROS = [
    np.array([1.5, 0.0, -2.0, 0.5]),
    np.array([0.0, 1.5, 0.0]),
    np.zeros(3),
    np.array([[0.0, 2.0, 1.0], [0.0, -1.5, 0.5]]),
]


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("x", ZEROS, ids=lambda x: f"{x.tolist()}")
@pytest.mark.parametrize("name", ["prod", "cumprod"])
def test_products_with_zeros_are_exact(name: str, x: np.ndarray, order: int) -> None:
    for axis in (None, 0, -1):

        def function(v: gr.Variable, axis: Any = axis) -> gr.Variable:
            return getattr(gr, name)(v, axis)

        actual = gradient(function, x, order)
        np.testing.assert_allclose(actual, differences(function, x, order), atol=1e-8)


@pytest.mark.parametrize(("name", "sign"), [("max", 1.0), ("min", -1.0)])
def test_ties_share_equally(name: str, sign: float) -> None:
    x = gr.matrix("x", (2, 3))
    z = gr.sum(getattr(gr, name)(x, axis=1) * np.array([6.0, 10.0]))
    (g,) = gr.backprop([x], gr.Graph([z]), z).values()
    values = sign * np.array([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]])
    expected = [[0.0, 3.0, 3.0], [10 / 3, 10 / 3, 10 / 3]]
    np.testing.assert_allclose(gr.evaluate({x: values}, g), expected)


def test_not_a_number_is_not_hidden() -> None:
    x = gr.vector("x", 2)
    z = gr.max(x)
    (g,) = gr.backprop([x], gr.Graph([z]), z).values()
    assert np.isnan(gr.evaluate({x: [np.nan, 1.0]}, [z, g])[0])
    assert np.isnan(gr.evaluate({x: [np.nan, 1.0]}, g)).all()


def test_std_of_equal_elements_has_gradient_zero() -> None:
    x = gr.vector("x", "n")
    z = gr.std(x)
    (g,) = gr.backprop([x], gr.Graph([z]), z).values()
    np.testing.assert_array_equal(gr.evaluate({x: [2.0, 2.0, 2.0]}, g), np.zeros(3))


def test_no_gradient_passes_an_index() -> None:
    x = gr.vector("x", 3)
    z = gr.sum(x) * gr.argmax(x)
    with pytest.raises(NotDifferentiableError, match="argmax"):
        gr.backprop([x], gr.Graph([z]), z)


def test_a_reduction_of_nothing_to_do_is_its_operand() -> None:
    x, k = gr.matrix("x", ("n", 1)), gr.vector("k", 3, dtype="int8")
    assert gr.sum(x, axis=()) is x
    assert gr.max(x, axis=1, keepdims=True) is x
    assert gr.sum(x, axis=1) is gr.reshape(x, ("n",))
    assert gr.sum(k, axis=()).dtype == np.dtype("int64")


@pytest.mark.parametrize("shape", [(), (3,), (1, 3), (2, 3), (2, 1), (1, 1), (1, 2, 3)], ids=str)
def test_sum_to_undoes_a_broadcast_with_one_sum(shape: tuple[int, ...]) -> None:
    G = RNG.normal(size=(5, 2, 3) if len(shape) < 3 else (4, 5, 2, 3))
    if len(shape) == 3:
        shape = (1, *shape[1:])
    x = gr.variable("x", G.shape)
    result = sum_to(x, shape)
    nodes = gr.Graph([result])
    assert [isinstance(v.op, Sum) for v in nodes].count(True) == 1
    expected = np.zeros(shape)
    for index in np.ndindex(G.shape):
        tail = index[len(index) - len(shape) :]
        expected[tuple(0 if d == 1 else i for i, d in zip(tail, shape, strict=True))] += G[index]
    np.testing.assert_allclose(gr.evaluate({x: G}, result), expected)


# ---------------------------------------------------------------------------------------- shapes


@pytest.mark.parametrize(
    "call",
    [
        lambda m, x: m.reshape(x, -1),
        lambda m, x: m.reshape(x, (3, -1), order="F"),
        lambda m, x: m.reshape(x, 24, "F"),
        lambda m, x: x.reshape(4, -1, 2),
        lambda m, x: x.reshape((2, 12)),
        lambda m, x: m.ravel(x) + x.flatten(),
        lambda m, x: m.ravel(x, order="F"),
        lambda m, x: m.transpose(x),
        lambda m, x: m.transpose(x, (1, 0, 2)),
        lambda m, x: m.transpose(x, axes=(-1, 0, 1)),
        lambda m, x: x.transpose(2, 0, 1),
        lambda m, x: x.T + m.swapaxes(x, 0, -1),
        lambda m, x: m.moveaxis(x, 0, -1),
        lambda m, x: m.moveaxis(x, (0, 1), (-1, 0)),
        lambda m, x: m.moveaxis(x, [2, 0], [0, 1]),
        lambda m, x: m.expand_dims(x, 0),
        lambda m, x: m.expand_dims(x, (1, -1)),
        lambda m, x: m.squeeze(m.expand_dims(x, (0, 2))),
        lambda m, x: m.squeeze(m.expand_dims(x, (0, 2)), axis=2),
        lambda m, x: m.squeeze(m.expand_dims(x, (0, 2)), axis=(0, -3)),
        lambda m, x: m.squeeze(x),
        lambda m, x: m.broadcast_to(x, (5, 2, 3, 4)),
        lambda m, x: m.broadcast_arrays(x, x[0], 1.0),
        lambda m, x: m.atleast_1d(x, 1.0),
        lambda m, x: m.atleast_2d(x[0, 0]),
        lambda m, x: m.atleast_2d(x[0, 0, 0]),
        lambda m, x: m.copy(x),
        lambda m, x: m.flip(x),
        lambda m, x: m.flip(x, 1),
        lambda m, x: m.flip(x, axis=(0, -1)),
        lambda m, x: m.flipud(x) + m.fliplr(x),
        lambda m, x: m.roll(x, 5),
        lambda m, x: m.roll(x, -1, axis=1),
        lambda m, x: m.roll(x, (1, 2), axis=(0, -1)),
        lambda m, x: m.roll(x, 1, axis=(0, 1)),
        lambda m, x: m.roll(x, (1, 1), axis=(2, 2)),
        lambda m, x: m.repeat(x, 2),
        lambda m, x: m.repeat(x, 3, axis=1),
        lambda m, x: m.repeat(x, [0, 2, 1], axis=1),
        lambda m, x: m.repeat(x, [2], axis=0),
        lambda m, x: m.tile(x, 2),
        lambda m, x: m.tile(x, (2, 1, 3)),
        lambda m, x: m.tile(x, (2, 1, 1, 2)),
        lambda m, x: m.tril(x) + m.triu(x, 1),
        lambda m, x: m.tril(x, k=-1),
    ],
)
def test_shape_forms(call: Callable[..., Any]) -> None:
    same(call, CUBE)


def test_shape_no_ops_cancel() -> None:
    x = gr.tensor("x", ("n", 2, 3))
    assert gr.transpose(gr.transpose(x, (1, 2, 0)), (2, 0, 1)) is x
    assert gr.moveaxis(x, 1, 1) is x
    assert gr.reshape(gr.reshape(x, (-1,)), ("n", 2, 3)) is x
    assert gr.flip(gr.flip(x, 0), 0) is x
    assert gr.flip(gr.flip(x), (0, 2)) is gr.flip(x, 1)
    assert gr.broadcast_to(x, ("n", 2, 3)) is x
    assert gr.roll(x, 0, axis=1) is x
    assert gr.repeat(x, 1, axis=0) is x
    assert gr.tile(x, 1) is x
    assert gr.concatenate([x]) is x
    assert gr.squeeze(gr.expand_dims(x, 1), 1) is x


def test_arrays_of_one_number_stay_so() -> None:
    ones = gr.ones(("n", 3))
    assert gr.reshape(ones, (3, "n")) is gr.ones((3, "n"))
    assert ones.T is gr.ones((3, "n"))
    assert gr.broadcast_to(gr.constant(1.0), ("n", 3)) is ones
    assert gr.flip(ones) is ones


@pytest.mark.parametrize(
    ("make", "shape"),
    [
        (lambda: gr.reshape(gr.vector("x", "2*n"), (-1, 2)), "(n, 2)"),
        (lambda: gr.reshape(gr.matrix("x", ("n", 6)), (-1, 3)), "(2*n, 3)"),
        (lambda: gr.reshape(gr.matrix("x", ("n", "m")), ("m", -1)), "(m, n)"),
        (lambda: gr.ravel(gr.matrix("x", ("n", "m"))), "(m*n,)"),
        (lambda: gr.repeat(gr.vector("x", "n"), 3), "(3*n,)"),
        (lambda: gr.tile(gr.vector("x", "n"), (2, "m")), "(2, m*n)"),
        (lambda: gr.concatenate([gr.vector("x", "n"), gr.vector("y", "m")]), "(m + n,)"),
        (lambda: gr.split(gr.vector("x", "3*n"), 3)[2], "(n,)"),
        (lambda: gr.zeros("n"), "(n,)"),
        (lambda: gr.full(("n", "n + 1"), gr.scalar("a")), "(n, n + 1)"),
        (lambda: gr.eye("n", "m"), "(n, m)"),
        (lambda: gr.arange(gr.vector("x", "n").shape[0]), "(n,)"),
        (lambda: gr.arange(1, "n + 1"), "(n,)"),
        (lambda: gr.arange(0, "2*n", 2), "(n,)"),
        (lambda: gr.linspace(0, 1, "n"), "(n,)"),
        (lambda: gr.std(gr.matrix("x", ("n", "m")), axis=0, keepdims=True), "(1, m)"),
    ],
)
def test_symbolic_shapes(make: Callable[[], Any], shape: str) -> None:
    assert format_shape(make().shape) == shape


def test_symbolic_sizes_are_taken_from_the_arrays() -> None:
    x, y = gr.vector("x", "n"), gr.vector("y", "m")
    n = x.shape[0]
    outputs = [
        gr.concatenate([x, y, gr.ones(n)]),
        gr.arange(n, 0, -1),
        gr.eye(n, dtype="float32"),
        gr.mean(x),
        *gr.split(gr.concatenate([x, x]), 2),
    ]
    values = gr.evaluate({x: [1.0, 2.0, 3.0], y: [7.0]}, outputs)
    expected = [[1, 2, 3, 7, 1, 1, 1], [3, 2, 1], np.eye(3), 2.0, [1, 2, 3], [1, 2, 3]]
    for value, truth in zip(values, expected, strict=True):
        np.testing.assert_array_equal(value, truth)


def test_gradient_of_concatenation_with_symbolic_offsets() -> None:
    x, y = gr.vector("x", "n"), gr.vector("y", "m")
    joined = gr.concatenate([x, y, x])
    z = gr.sum(joined * joined * gr.arange(joined.shape[0]))
    table = gr.backprop([x, y], gr.Graph([z]), z)
    values = {x: np.array([1.0, 2.0]), y: np.array([3.0, 4.0, 5.0])}
    np.testing.assert_allclose(gr.evaluate(values, table[x]), [2 * 1 * 5, 2 * 2 * (1 + 6)])
    np.testing.assert_allclose(gr.evaluate(values, table[y]), [2 * 3 * 2, 2 * 4 * 3, 2 * 5 * 4])


# ------------------------------------------------------------------------- creation and joining


@pytest.mark.parametrize(
    "call",
    [
        lambda m, x: m.zeros(3),
        lambda m, x: m.zeros((2, 0), dtype=int),
        lambda m, x: m.ones((2, 3), "float32"),
        lambda m, x: m.ones((), bool),
        lambda m, x: m.full((2, 2), 7),
        lambda m, x: m.full(3, -0.0),
        lambda m, x: m.full(3, np.nan),
        lambda m, x: m.full(2, np.float32(1.5)),
        lambda m, x: m.full(2, 1.5, dtype="int64"),
        lambda m, x: m.full((2, 3), [1, 2, 3]),
        lambda m, x: m.full(2, True),
        lambda m, x: m.full(2, 1j),
        lambda m, x: m.zeros_like(x),
        lambda m, x: m.ones_like(x, dtype="int8"),
        lambda m, x: m.full_like(x, 2.5),
        lambda m, x: m.full_like(x, 2.5, dtype=int, shape=(4,)),
        lambda m, x: m.zeros_like(3),
        lambda m, x: m.eye(3),
        lambda m, x: m.eye(2, 4, k=-1, dtype="float32"),
        lambda m, x: m.identity(2),
        lambda m, x: m.arange(4),
        lambda m, x: m.arange(1, 4),
        lambda m, x: m.arange(5, 0, -2),
        lambda m, x: m.arange(0),
        lambda m, x: m.arange(3.0),
        lambda m, x: m.arange(0, 1, 0.25),
        lambda m, x: m.arange(4, dtype="float32"),
        lambda m, x: m.linspace(0, 1),
        lambda m, x: m.linspace(2.0, 3.0, 5, endpoint=False),
        lambda m, x: m.linspace(x[0], x[1], 4),
        lambda m, x: m.linspace(0, 10, 5, dtype=int),
        lambda m, x: m.concatenate([x, x]),
        lambda m, x: m.concatenate((x, [[1], [2]]), axis=-1),
        lambda m, x: m.concatenate([x, x[0]], axis=None),
        lambda m, x: m.concatenate([x, x], dtype="float32"),
        lambda m, x: m.concatenate([x.astype("float32"), m.ones((1, 3), int)]),
        lambda m, x: m.stack([x, x]),
        lambda m, x: m.stack((x, x + 1), axis=-1),
        lambda m, x: m.stack([x[0, 0], 1.0, 2]),
        lambda m, x: m.stack([x[0, 0].astype("float32"), 1.0]),
        lambda m, x: m.stack([x, x], axis=1, dtype="float32"),
        lambda m, x: m.vstack([x, x[0]]),
        lambda m, x: m.vstack([x[0], x[1]]),
        lambda m, x: m.hstack([x, x]),
        lambda m, x: m.hstack([x[0], 1.0]),
        lambda m, x: m.column_stack([x[0], x[1]]),
        lambda m, x: m.column_stack([x, x[:, 0]]),
        lambda m, x: m.dstack([x, x]),
        lambda m, x: m.dstack([x[0], x[1]]),
        lambda m, x: m.append(x, 3.0),
        lambda m, x: m.append(x, x, axis=0),
        lambda m, x: m.block([[x, x], [x, x]]),
        lambda m, x: m.block([x, m.ones((2, 1))]),
        lambda m, x: m.block([[x], [x[0]]]),
        lambda m, x: m.split(x, 3, axis=1),
        lambda m, x: m.split(x, 2),
        lambda m, x: m.split(x, [1], axis=-1),
        lambda m, x: m.split(x, [1, 1, 5], axis=1),
        lambda m, x: m.split(x, [-1], axis=1),
        lambda m, x: m.array_split(x, 2, axis=1),
        lambda m, x: m.array_split(x, 4, axis=1),
        lambda m, x: m.hsplit(x, 3),
        lambda m, x: m.vsplit(x, [1]),
    ],
)
def test_creation_and_joining_forms(call: Callable[..., Any]) -> None:
    same(call, MATRIX)


def test_full_of_a_variable_passes_its_gradient() -> None:
    a = gr.scalar("a")
    z = gr.sum(gr.full((2, "n"), a) * gr.ones((2, "n"))) + gr.sum(gr.vector("x", "n")) * 0.0
    (g,) = gr.backprop([a], gr.Graph([z]), z).values()
    x = next(v for v in gr.Graph([z]) if v.name == "x")
    assert gr.evaluate({a: 2.0, x: np.zeros(5)}, g) == 10.0


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda x: gr.expand_dims(x, 2), "x[:, :, None]"),
        (lambda x: gr.expand_dims(x, (1, 3)), "x[:, None, :, None]"),
        (lambda x: gr.expand_dims(x, 0), "x[None]"),
        (lambda x: gr.expand_dims(x, -1), "x[..., None]"),
        (lambda x: gr.expand_dims(x, 2), "x[:, :, None]"),
        (lambda x: gr.ravel(x), "x.ravel()"),
        (lambda x: gr.reshape(x, (3, 8)), "x.reshape(shape)"),
        (lambda x: gr.swapaxes(x, 0, 2), "x.T"),
        (lambda x: gr.swapaxes(x, 1, 2), "np.swapaxes(x, first, second)"),
        (lambda x: gr.flip(x, 0), "x[::-1]"),
        (lambda x: gr.flip(x, -1), "x[..., ::-1]"),
        (lambda x: gr.flip(x, (0, 2)), "x[::-1, :, ::-1]"),
        (lambda x: gr.sum(x), "np.sum(x, axis=axis, keepdims=keepdims)"),
    ],
)
def test_meanings_read_as_people_write(make: Callable[..., Any], text: str) -> None:
    x = gr.tensor("x", (2, 3, 4))
    made = make(x)
    assert made.op.meaning(*(v.type for v in made.inputs)).text == text
