"""Independent oracles: SymPy and mpmath in 50 digits, and JAX where it is installed."""

from __future__ import annotations

import importlib.util
from typing import Any

import numpy as np
import pytest

import graphcomp as gr
from graphcomp.ops.elementwise import Elementwise
from graphcomp.ops.transcendental import Tanh
from tests.checks import assert_close, projection, weights_of
from tests.forms import Form
from tests.oracles import operations, worst_errors
from tests.test_forms import FORMS, Case, flat

LIMIT = 1e-12  # relative, where the exact value is above 0.001
NO_JAX = "jax is not installed: no comparison with it was made"
# Forms on which JAX differs, and why.
OTHERWISE = {
    "np.median(np.abs(x - np.median(x)))": "at the kink of abs, which stands at the median",
    "x.sum(0, where=m, initial=1.0)": "jax's method leaves initial out",
}
JAX = importlib.util.find_spec("jax") is not None
COMPARED = FORMS if JAX else FORMS[:1]  # one that says that it is skipped


@pytest.fixture
def count(request: pytest.FixtureRequest) -> Any:
    def add(kind: str, number: int = 1) -> None:
        request.node.user_properties.append((f"count:{kind}", number))

    return add


@pytest.mark.parametrize("op", operations(), ids=lambda op: op.name)
def test_values_and_derivatives_in_50_digits(op: type[Elementwise], count: Any) -> None:
    for row in worst_errors(op):
        assert row.error <= LIMIT, f"{row.op} {row.what}: {row.error:.2g} at {row.at}, by {row.by}"
        count("50-digit points", row.points)


def test_a_planted_error_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Tanh, "partial", lambda self, x, y: 1 - y * y + 1e-9)
    assert max(row.error for row in worst_errors(Tanh)) > LIMIT


@pytest.mark.skipif(not JAX, reason=NO_JAX)
@pytest.mark.parametrize("entry", COMPARED, ids=[entry.text for entry in COMPARED])
def test_jax_agrees(entry: Form, count: Any) -> None:
    """Values and gradients of the forms that JAX has too, but for where it answers otherwise."""
    import jax

    jax.config.update("jax_enable_x64", True)
    case = Case(entry)
    function = in_jax(case)
    try:
        expected = flat(function(**jax_arrays(case)))
    except Exception:  # whatever JAX raises where it has not this form
        count("forms that jax lacks")
        return
    case.trace()
    actual = flat(case.at(case.outputs))
    if entry.text in OTHERWISE or list(map(np.shape, actual)) != list(map(np.shape, expected)):
        count("forms that jax answers otherwise")
        return
    for a, b in zip(actual, expected, strict=True):
        assert_close(a, np.asarray(b), tolerance(a), f"{entry.text} in jax")
        count("jax values")
    if entry.order and entry.gauge is None:
        check_gradients(case, function, count)


def jax_arrays(case: Case) -> dict[str, Any]:
    import jax

    return {name: jax.numpy.asarray(a) for name, a in case.arrays.items()}


def tolerance(value: Any) -> float:
    return 1e-5 if np.asarray(value).dtype.name in ("float32", "complex64") else 1e-9


def in_jax(case: Case) -> Any:
    """The form with jax.numpy in place of NumPy."""
    import math

    import jax
    import jax.scipy.special

    names = ", ".join(case.names)
    scope: dict[str, Any] = {"np": jax.numpy, "scipy": jax.scipy, "math": math}
    exec(f"def form({names}): return {case.entry.text}", scope)
    return scope["form"]


def check_gradients(case: Case, function: Any, count: Any) -> None:
    import jax

    chosen = case.chosen()
    z = projection(case.outputs, 1)
    if z is None or not chosen:
        return
    names = [str(v.name) for v in chosen]
    weights = weights_of(case.outputs, 1)

    def scalar(*moved: Any) -> Any:
        results = flat(function(**{**jax_arrays(case), **dict(zip(names, moved, strict=True))}))
        pairs = [(r, w) for r, w in zip(results, weights, strict=True) if w is not None]
        return sum(jax.numpy.sum(r * w).real for r, w in pairs)

    arrays = [jax_arrays(case)[name] for name in names]
    try:
        expected = jax.grad(scalar, argnums=tuple(range(len(names))))(*arrays)
    except (TypeError, NotImplementedError, ValueError):
        count("forms that jax does not differentiate")
        return
    gradients = gr.backprop(chosen, gr.Graph([z]), z)
    loose = max(map(tolerance, case.at(case.outputs)), default=1e-8)
    for v, truth in zip(chosen, expected, strict=True):
        what = f"{case.entry.text} by {v.name}"
        unknown = np.isnan(np.asarray(truth))  # where jax divides 0 by 0
        assert_close(case.at(gradients[v]), np.asarray(truth), 10 * loose, what, unknown)
        count("jax gradients")
        count("gradients that are nan in jax", int(unknown.any()))
