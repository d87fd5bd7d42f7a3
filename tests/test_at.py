"""``x.at[index].method(values)``: against NumPy's own in-place forms, and against differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import codegen
import graphcomp as gr
from graphcomp.errors import DTypeError, OptionError, ShapeError

RNG = np.random.default_rng(5)
X = RNG.uniform(0.5, 2.0, (3, 4))
ONCE: list[tuple[Any, tuple[int, ...]]] = [
    (0, (4,)),
    (-1, ()),
    ((1, 2), ()),
    ((slice(None), 1), (3,)),
    (slice(1, None), (2, 4)),
    ((..., slice(None, None, -2)), (3, 2)),
    (([0, 2], [1, 1]), (2,)),
    ((slice(None), [3, 0]), (2,)),
    (X > 1.2, ()),
    (np.array([True, False, True]), (4,)),
    (None, (3, 4)),
    (True, (3, 4)),
    (..., ()),
]
REPEATED: list[tuple[Any, tuple[int, ...]]] = [
    ([0, 0, -1], (3, 4)),
    ((slice(None), [1, 1, 3]), (3,)),
    (([0, 0], [1, 1]), (2,)),
]
IN_PLACE: dict[str, Callable[[np.ndarray, Any, Any], None]] = {
    "set": lambda out, i, v: out.__setitem__(i, v),
    "add": np.add.at,
    "subtract": np.subtract.at,
    "multiply": np.multiply.at,
    "divide": np.divide.at,
    "power": np.power.at,
    "min": np.minimum.at,
    "max": np.maximum.at,
}


@pytest.mark.parametrize("method", IN_PLACE)
@pytest.mark.parametrize(("index", "shape"), ONCE + REPEATED, ids=repr)
def test_update_is_numpys(method: str, index: Any, shape: tuple[int, ...]) -> None:
    values = RNG.uniform(0.6, 1.9, shape)
    x, v = gr.tensor("x", X.shape), gr.tensor("v", shape)
    y = getattr(x.at[index], method)(v)
    expected = X.copy()
    IN_PLACE[method](expected, index, values)
    gradients = gr.grad(gr.sum(gr.sin(y)), [x, v], independent="zeros")
    function = codegen.compile([x, v], [y, *gradients], name="f")
    for result, truth in zip(
        function(X, values), gr.evaluate({x: X, v: values}, [y, *gradients]), strict=True
    ):
        np.testing.assert_allclose(result, truth, rtol=1e-14, atol=1e-14)
    np.testing.assert_allclose(function(X, values)[0], expected, rtol=1e-14)
    wrt = [v] if method == "set" and index is ... else [x, v]
    gr.check_grad(gr.sum(gr.sin(y)), wrt, {x: X, v: values})


@pytest.mark.parametrize("method", IN_PLACE)
def test_variable_mask_is_where(method: str) -> None:
    x, v = gr.tensor("x", X.shape), gr.scalar("v")
    mask = x > 1.2
    y = getattr(x.at[mask], method)(v)
    expected = X.copy()
    IN_PLACE[method](expected, X > 1.2, 1.7)
    np.testing.assert_allclose(gr.evaluate({x: X, v: 1.7}, y), expected)
    rows = gr.vector("rows", 3, "bool")
    some = np.array([True, False, True])
    expected = X.copy()
    IN_PLACE[method](expected, some, X[0])
    y = getattr(x.at[rows], method)(X[0])
    np.testing.assert_allclose(gr.evaluate({x: X, rows: some}, y), expected)


def test_zeros_among_repeated_factors_are_exact() -> None:
    x, v, i = gr.vector("x", 2), gr.vector("v", 4), gr.vector("i", 4, "int64")
    z = gr.sum(x.at[i].multiply(v))
    point: dict[Any, Any] = {x: [2.0, 3.0], v: [0.0, 5.0, 7.0, 4.0], i: [0, 0, 1, 0]}
    first, second = gr.grad(z, v), gr.hessian(z, v)
    np.testing.assert_array_equal(gr.evaluate(point, first), [40.0, 0.0, 3.0, 0.0])
    expected = np.zeros((4, 4))
    expected[0, 1] = expected[1, 0] = 8.0
    expected[0, 3] = expected[3, 0] = 10.0
    np.testing.assert_array_equal(gr.evaluate(point, second), expected)


def test_dtypes_and_numbers() -> None:
    k, f = gr.vector("k", 3, "int64"), gr.vector("f", 3, "float32")
    assert k.at[0].set(2.7).dtype == k.dtype and f.at[0].add(1).dtype == f.dtype
    assert k.at[0].divide(2).dtype == np.float64
    values = gr.evaluate({k: [1, 2, 3]}, [k.at[0].set(2.7), k.at[1].divide(4)])
    np.testing.assert_array_equal(values, [[2, 2, 3], [1, 0.5, 3]])
    small = gr.vector("u", 2, "uint8")
    np.testing.assert_array_equal(
        gr.evaluate({small: np.array([1, 2], "uint8")}, small.at[0].subtract(1)), [0, 2]
    )


def test_what_was_set_is_read_back() -> None:
    x, v = gr.vector("x", "n"), gr.scalar("v")
    y = x.at[0].set(v).at[1].set(2 * v)
    assert y[0] is v and y[2] is x[2] and x.at[2].set(v).at[2].set(1.0) is x.at[2].set(1.0)
    assert x.at[...].get() is x and x.at[0].apply(gr.exp)[0] is gr.exp(x[0])


def test_statement_of_a_copy() -> None:
    x, v = gr.matrix("x", ("n", 3)), gr.vector("v", 3)
    source = codegen.compile([x, v], x.at[0].set(v).at[1:, 2].multiply(2.0), name="f").source
    lines = [line.partition("#")[0].strip() for line in source.splitlines()]
    start = next(k for k, line in enumerate(lines) if line.endswith("x.copy()"))
    name = lines[start].partition(" = ")[0].partition(":")[0]
    assert f"{name}[0] = v" in lines[start:] and f"{name}[1:, 2] = 2.0 * x[1:, 2]" in lines[start:]


REFUSED = [
    (lambda x, m: x.at[3].set(0.0), ShapeError, "out of range"),
    (lambda x, m: x.at[0].set([1.0, 2.0]), ShapeError, "broadcast"),
    (lambda x, m: x.at[0].set(1j), DTypeError, "complex128"),
    (lambda x, m: x.astype("int64").at[0].add(0.5), DTypeError, "astype"),
    (lambda x, m: x.at[m].get(), DTypeError, "where"),
    (lambda x, m: x.at[m].set(x), ShapeError, r"gr\.where"),
    (lambda x, m: x.at[m[:2]].set(0.0), ShapeError, "mask"),
    (lambda x, m: x.at[0].set(1.0, mode="drop"), OptionError, "clip"),
]


@pytest.mark.parametrize(("use", "error", "text"), REFUSED)
def test_refusals(use: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        use(gr.vector("x", 3), gr.vector("m", 3, "bool"))
