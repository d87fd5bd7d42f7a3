"""What the walk over the registry does not see: kinks, weak scalars, what cancels, complex."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import scipy.special

import graphcomp as gr
from graphcomp.errors import DTypeError, GraphError, OptionError
from graphcomp.ops.base import as_variable

INF = np.inf


def slopes(function: Any, *values: float) -> list[float]:
    """The derivatives of a scalar function by each of its scalar arguments."""
    xs = [gr.scalar(f"x{k}") for k in range(len(values))]
    z = function(*xs)
    table = gr.backprop(xs, gr.Graph([z]), z)
    given = dict(zip(xs, values, strict=True))
    return [float(gr.evaluate(given, table[x])) for x in xs]


@pytest.mark.parametrize(
    ("function", "point", "expected"),
    [
        (gr.relu, (0.0,), [0]),
        (lambda x: gr.relu(x, at_zero=1), (0.0,), [1]),
        (lambda x: gr.maximum(x, 0), (0.0,), [0]),
        (lambda x: gr.maximum(0.0, x), (0.0,), [0]),
        (lambda x: gr.minimum(x, np.float64(0.0)), (0.0,), [0]),
        (gr.maximum, (2.0, 2.0), [0.5, 0.5]),
        (gr.minimum, (2.0, 2.0), [0.5, 0.5]),
        (gr.maximum, (INF, INF), [0.5, 0.5]),
        (lambda x: gr.maximum(x, x), (2.0,), [1]),
        (lambda x: gr.clip(x, 0, 1), (0.0,), [1]),
        (lambda x: gr.clip(x, 0, 1), (1.0,), [1]),
        (gr.clip, (0.0, 0.0, 1.0), [1, 0, 0]),
        (gr.clip, (5.0, 2.0, 1.0), [0, 0, 1]),
        (abs, (0.0,), [0]),
        (gr.hypot, (0.0, 0.0), [0, 0]),
        (gr.arctan2, (0.0, 0.0), [0, 0]),
        (gr.power, (0.0, 0.0), [0, 0]),
        (gr.power, (0.0, 2.0), [0, 0]),
        (gr.power, (0.0, 1.0), [1, 0]),
        (lambda x: x**3, (-2.0,), [12]),
        (lambda x: x**0, (0.0,), [0]),
        (lambda x: x**-2, (-2.0,), [0.25]),
        (gr.sqrt, (0.0,), [INF]),
        (gr.sign, (0.0,), [0]),
        (gr.floor, (1.0,), [0]),
        (gr.rint, (0.5,), [0]),
        (lambda x: gr.where(x > 0, gr.log(x), x), (-1.0,), [1]),
        (gr.logaddexp, (-INF, -INF), [0, 0]),
        (gr.softplus, (INF,), [1]),
        (gr.sigmoid, (-INF,), [0]),
        (lambda x: (x > 0) * x, (3.0,), [1]),
    ],
)
def test_kink(function: Any, point: tuple[float, ...], expected: list[float]) -> None:
    assert slopes(function, *point) == expected


def test_second_derivatives_beside_the_kinks_of_power() -> None:
    """d2z/dxdy of x**y is x**(y - 1) * (1 + y * log(x)), also at y = 0."""

    def by_x(x: Any, y: Any) -> Any:
        z = x**y
        return gr.backprop([x], gr.Graph([z]), z)[x]

    assert slopes(by_x, 2.0, 0.0) == [0.0, 0.5]
    assert np.isfinite(slopes(by_x, 0.0, 0.0)).all()


def test_log_sum_exp_of_nothing_is_minus_infinity() -> None:
    x = gr.matrix("x", ("m", "n"))
    z = gr.logsumexp(x, axis=1)
    total = gr.sum(gr.where(gr.isfinite(z), z, 0))
    gradient = gr.backprop([x], gr.Graph([total]), total)[x]
    value = np.array([[-INF, -INF], [-INF, 0.0], [0.0, 0.0]])
    assert gr.evaluate({x: value}, z).tolist() == [-INF, 0.0, np.log(2)]
    assert gr.evaluate({x: value}, gradient).tolist() == [[0, 0], [0, 1], [0.5, 0.5]]
    empty = gr.vector("empty", 0)
    assert gr.evaluate({empty: []}, gr.logsumexp(empty)) == -INF


@pytest.mark.parametrize("axis", [None, 0, -1, (0, 1)])
@pytest.mark.parametrize("keepdims", [False, True])
def test_weighted_log_sum_exp_is_scipys(axis: Any, keepdims: bool) -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(3, 4)), rng.uniform(size=(3, 4))
    a[0, 0], b[0, 0] = 1000.0, 0.0
    x, w = gr.matrix("x", (3, 4)), gr.matrix("w", (3, 4))
    ours = gr.evaluate({x: a, w: b}, gr.logsumexp(x, axis, w, keepdims))
    np.testing.assert_allclose(ours, scipy.special.logsumexp(a, axis, b, keepdims), rtol=1e-13)


@pytest.mark.parametrize("name", ["expit", "log_expit", "softmax", "log_softmax", "logsumexp"])
def test_names_of_scipy(name: str) -> None:
    x = gr.vector("x", 3)
    a = np.array([-700.0, 0.0, 2.0])
    ours = gr.evaluate({x: a}, getattr(gr.special, name)(x))
    np.testing.assert_allclose(ours, getattr(scipy.special, name)(a), rtol=1e-14)


def test_nothing_overflows_with_a_warning() -> None:
    from graphcomp.ops.runtime import activations as run

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for dtype in (np.float32, np.float64):
            x = np.array([-1e4, -1.0, 0.0, 1.0, 1e4], dtype)
            for helper in (run._sigmoid, run._softmax, run._log_softmax, run._logsumexp):
                result = helper(x)
                assert result.dtype == dtype and np.isfinite(result).all()
            assert isinstance(run._sigmoid(x[0]), np.generic)
        assert run._logsumexp(np.full(3, -INF)) == -INF
        assert run._logsumexp(np.array([INF, 1.0])) == INF


# ------------------------------------------------------------------------------- types


F = gr.vector("f", 3, dtype="float32")
K = gr.vector("k", 3, dtype="int64")
B = gr.vector("b", 3, dtype="bool")
Z = gr.vector("z", 3, dtype="complex64")
X = gr.vector("x", "n")
N = as_variable(X.shape[0])  # a size: a weak int


@pytest.mark.parametrize(
    ("variable", "dtype"),
    [
        *((v, "float32") for v in (F + 1.5, 2 * F, F / 3, F**2, F**2.5, 2**F, 1 / F, F % 0.5)),
        *((v, "float32") for v in (gr.maximum(F, 0.0), gr.clip(F, 0.0, 1.0), gr.relu(F))),
        *((v, "float32") for v in (gr.where(F > 0, F, 0.0), gr.logaddexp(0, F), gr.softplus(F))),
        *((v, "float32") for v in (gr.sigmoid(F), gr.softmax(F), gr.logsumexp(F), abs(Z), Z.real)),
        *((v, "float64") for v in (K / 2, gr.sqrt(K), gr.exp(K), gr.sigmoid(K), F * np.float64(2))),
        *((v, "int64") for v in (K**2, K // 2, gr.relu(K), gr.maximum(K, 0), abs(K), -K, ~K)),
        *((v, "bool") for v in (B & B, ~B, F > 0, gr.isnan(K), gr.logical_not(F), B + B)),
        *((v, "complex64") for v in (Z * 2, F + 1j, gr.exp(Z), Z.conj())),
    ],
)
def test_promotion(variable: gr.Variable, dtype: str) -> None:
    assert variable.dtype == dtype
    given = {F: np.ones(3, "float32"), K: [1, 2, 3], B: [True] * 3, Z: np.ones(3, "complex64")}
    assert gr.evaluate(given, variable).dtype == dtype


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        (N + 1, 5),
        (N / 2, 2.0),
        (N // 3, 1),
        (N**2, 16),
        (N**-1, 0.25),
        (-N, -4),
        (N > 3, True),
        (~(N > 3), False),
        ((N > 3) + (N > 2), 2),
        ((N > 3) & (N > 5), False),
        (N.real, 4),
    ],
)
def test_python_scalars_stay_python_scalars(variable: gr.Variable, value: Any) -> None:
    result = gr.evaluate({X: np.ones(4)}, variable)
    assert variable.type.weak
    assert type(result) is type(value) and result == value
    assert np.dtype(type(result)) == variable.dtype


@pytest.mark.parametrize(
    "function",
    [
        *(gr.sqrt, gr.sigmoid, gr.softplus, gr.relu, gr.floor, gr.sign, gr.exp, abs, gr.isnan),
        *(lambda n: gr.where(n > 3, n, 1.5), lambda n: gr.maximum(n, 2), lambda n: n.imag),
        *(lambda n: n.astype("float32"), lambda n: (n * 1j).astype("float64")),
        lambda n: gr.clip(n, 0, 2),
    ],
)
def test_functions_of_python_scalars_give_numpy_scalars(function: Any) -> None:
    variable = function(N)
    result = gr.evaluate({X: np.ones(4)}, variable)
    assert not variable.type.weak
    assert isinstance(result, np.generic) and result.dtype == variable.dtype


# --------------------------------------------------------------------------- what cancels


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (X + 0, X),
        (0 + X, X),
        (X - 0.0, X),
        (X * 1, X),
        (1.0 * X, X),
        (X / 1, X),
        (gr.negative(-X), X),
        (+X, X),
        (X**1, X),
        (X**2, gr.square(X)),
        (X**2.0, gr.square(X)),
        (X**0.5, gr.sqrt(X)),
        (X**-1, 1 / X),
        (X.conj(), X),
        (Z.conj().conj(), Z),
        (X.real, X),
        (~~B, B),
        (gr.floor(K), K),
        (F.astype("float64").astype("float32"), F),
        (gr.logaddexp(0, X), gr.softplus(X)),
        (gr.logaddexp(X, 0.0), gr.softplus(X)),
    ],
)
def test_cancels_when_built(left: gr.Variable, right: gr.Variable) -> None:
    assert left is right


@pytest.mark.parametrize(
    ("variable", "name"),
    [
        (K + 0.0, "add"),
        (K * 1.0, "multiply"),
        (K / 1, "divide"),
        (gr.scalar("s") + gr.constant(np.zeros(3)), "add"),
        (B + 0, "add"),
        (K**2.0, "power"),
        (K.astype("float64").astype("int64"), "cast"),
    ],
)
def test_what_changes_the_type_stays(variable: gr.Variable, name: str) -> None:
    assert variable.op.name == name


def test_python_scalars_fold_exactly() -> None:
    two, three = as_variable(2), as_variable(3.0)
    assert two * three is as_variable(6.0)
    assert -(two - three) is as_variable(1.0)
    huge = as_variable(2**62) * 4
    assert huge.op.name == "multiply", "what does not fit an int64 is left to Python"


# --------------------------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("build", "error", "words"),
    [
        (lambda: gr.where(X > 0), OptionError, "where(condition, x, y)"),
        (lambda: gr.clip(X, 0, min=1), OptionError, "a_min"),
        (lambda: gr.relu(X, at_zero=2), OptionError, "at_zero"),
        (lambda: gr.relu(Z), DTypeError, "complex64"),
        (lambda: K**-1, DTypeError, "k ** -1.0"),
        (lambda: B - B, DTypeError, "bool"),
        (lambda: -B, DTypeError, "bool"),
        (lambda: +B, DTypeError, "bool"),
        (lambda: X & X, DTypeError, "float64"),
        (lambda: N & 1.5, DTypeError, "float"),
        (lambda: gr.exp(X, where=X > 0), GraphError, "where"),
    ],
)
def test_error(build: Any, error: type[GraphError], words: str) -> None:
    with pytest.raises(error) as caught:
        build()
    assert words in str(caught.value)
    assert "test_elementwise.py" in str(caught.value)


def test_numpy_dispatches_here() -> None:
    for ours, theirs in (
        (np.exp(X), gr.exp(X)),
        (np.true_divide(X, 2), X / 2),
        (np.abs(X), abs(X)),
        (np.where(X > 0, X, 0), gr.where(X > 0, X, 0)),
        (np.clip(X, 0, 1), X.clip(0, 1)),
        (np.clip(X, a_min=0, a_max=None), gr.clip(X, min=0)),
        (np.real(Z), Z.real),
        (np.angle(Z), gr.angle(Z)),
        (np.add([1.0, 2.0, 3.0], F), gr.add([1.0, 2.0, 3.0], F)),
        (np.float64(2.0) * X, np.multiply(np.float64(2.0), X)),
        (scipy.special.expit(X), gr.sigmoid(X)),
    ):
        assert ours is theirs
