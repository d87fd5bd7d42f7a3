"""Operations declared by a SymPy expression."""

from __future__ import annotations

import pickle
import subprocess
import sys
import warnings
from typing import Any

import numpy as np
import pytest
import sympy

import codegen
import graphcomp as gr
from graphcomp.errors import DTypeError, GraphError, IdentifierError, OptionError, ValueKindError
from graphcomp.interop.sympy import SymPyFunction, UnstableWarning

X = np.linspace(0.3, 2.7, 5)
Y = np.linspace(-1.1, 1.9, 5)

# Expressions of x, or of x and y, with the same in NumPy.
FORMULAS = [
    ("1 / (1 + x**2)", "1 / (1 + x**2)"),
    ("x*exp(-x**2/2) - 3", "x * np.exp(-(x**2) / 2) - 3"),
    ("sqrt(x**2 + y**2)", "np.hypot(x, y)"),
    ("atan2(y, x) + Max(x, y, 1)", "np.arctan2(y, x) + np.maximum(np.maximum(x, y), 1)"),
    ("Abs(y)*sign(y) + floor(x) + ceiling(x)", "y + np.floor(x) + np.ceil(x)"),
    ("Piecewise((x**2, y < 0), (sin(x)/x, True))", "np.where(y < 0, x**2, np.sin(x) / x)"),
    ("Heaviside(y)*x + Mod(x, 2)", "np.heaviside(y, 0.5) * x + x % 2"),
    ("log(x)/sqrt(x) + x**y + pi", "np.log(x) / np.sqrt(x) + x**y + np.pi"),
    ("sec(x) + coth(x)", "1 / np.cos(x) + 1 / np.tanh(x)"),
    ("x**Rational(3, 2) / 7", "x**1.5 / 7"),
]


def declare(name: str, formula: Any, **options: Any) -> SymPyFunction:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnstableWarning)
        return gr.op_from_sympy(name, formula, **options)


@pytest.mark.parametrize(("formula", "plain"), FORMULAS, ids=[f for f, _ in FORMULAS])
def test_value_derivatives_and_code(formula: str, plain: str) -> None:
    f = declare("declared", formula)
    x, y = gr.vector("x", 5), gr.vector("y", 5)
    operands = [x, y][: len(f.op.parameters)]
    value = f(*operands)
    expected = eval(plain, {"np": np, "x": X, "y": Y})
    at = dict(zip([x, y], [X, Y], strict=True))
    np.testing.assert_allclose(gr.evaluate(at, value), expected, rtol=1e-14)
    z = gr.sum(value * np.arange(1.0, 6))
    gr.check_grad(z, operands, at)
    second = gr.sum(sum(gr.sum(g) for g in gr.grad(z, operands)) * 1.0)
    gr.check_grad(second, operands, at)
    generated = codegen.compile([x, y], [value, *gr.grad(z, operands)])
    np.testing.assert_allclose(generated(X, Y)[0], expected, rtol=1e-14)


def test_float32_stays_and_shapes_broadcast() -> None:
    f = declare("ratio", "x / (1 + y**2)")
    x, y = gr.matrix("x", (2, 1), "float32"), gr.vector("y", 3, "float32")
    assert (f(x, y).dtype, f(x, y).shape) == (np.float32, (2, 3))
    assert f(gr.scalar("k", "int64"), 2).dtype == np.float64
    mapped = gr.vmap(f, in_axes=(0, None))(x, 2.0)
    assert mapped.shape == (2, 1)


def test_what_is_printed() -> None:
    text = repr(declare("bump", "1 / (1 + x**2)"))
    assert "bump(x) = 1/(x**2 + 1)" in text
    assert "dbump/dx = -2*x/(x**2 + 1)**2" in text
    assert "worst relative error" in text


def test_a_form_that_cancels_or_overflows_is_reported() -> None:
    with pytest.warns(UnstableWarning) as caught:
        f = gr.op_from_sympy("hyperbola", "sqrt(x**2 + 1) - x")
    assert "at 1e+08: 0, exactly 5e-09" in str(caught[0].message)
    assert f.report[0].failures
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        gr.op_from_sympy("hyperbola", "sqrt(x**2 + 1) - x", domain=(-10, 10))
    with pytest.warns(UnstableWarning, match="at 800: nan, exactly 1"):
        gr.op_from_sympy("ratio_of_sums", "(exp(x) + x) / (exp(x) + 3*x**2)")


def test_a_wrong_derivative_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sympy.Expr, "diff", lambda self, s: sympy.Integer(1) * s)
    f = declare("planted", "x**3")
    assert not any(found.failures for found in f.report), "the check is against SymPy's own"
    monkeypatch.undo()
    x = gr.scalar("x")
    with pytest.raises(GraphError, match="differences give"):
        gr.check_grad(f(x), x, {x: 2.0})


def test_arguments_are_in_the_order_asked_for() -> None:
    f = declare("quotient", "b / a", arguments=["b", "a"])
    assert float(gr.evaluate({}, f(gr.constant(6.0), 3.0))) == 2.0
    assert list(f.derivatives) == ["b", "a"]


def test_declared_again() -> None:
    x = gr.scalar("x")
    first = declare("again", "x**2")(x)
    second = declare("again", "x**3")(x)
    assert [float(v) for v in gr.evaluate({x: 2.0}, [first, second])] == [4.0, 8.0]


def test_graphs_pickle_into_another_process(tmp_path: Any) -> None:
    path = tmp_path / "graph.pickle"
    x = gr.scalar("x")
    y = declare("cubic", "x**3 + x")(x)
    assert pickle.loads(pickle.dumps(y)) is y
    path.write_bytes(pickle.dumps([x, y]))
    code = (
        "import pickle, sys, graphcomp as gr\n"
        "x, y = pickle.load(open(sys.argv[1], 'rb'))\n"
        "print(gr.evaluate({x: 2.0}, [y, gr.grad(y, x)]))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code, str(path)], check=True, capture_output=True, text=True
    )
    assert "10.0" in answer.stdout and "13.0" in answer.stdout


BAD: list[tuple[type[GraphError], str, tuple[Any, ...], dict[str, Any]]] = [
    (ValueKindError, "no SymPy expression", ("q", "x +"), {}),
    (ValueKindError, "no operation", ("q", "zeta(x)"), {}),
    (ValueKindError, "not an expression", ("q", "x < 3"), {}),
    (OptionError, "none", ("q", "3"), {}),
    (OptionError, "x, y", ("q", "x + y"), {"arguments": ["x"]}),
    (OptionError, "domain", ("q", "x"), {"domain": (2, 1)}),
    (IdentifierError, "choose another", ("sin", "x"), {}),
    (IdentifierError, "no name", ("1q", "x"), {}),
    (IdentifierError, "np", ("q", "np + 1"), {}),
]


@pytest.mark.parametrize(("error", "words", "args", "options"), BAD)
def test_what_is_refused(
    error: type[GraphError], words: str, args: tuple[Any, ...], options: dict[str, Any]
) -> None:
    with pytest.raises(error, match=words):
        gr.op_from_sympy(*args, **options)


def test_real_numbers_only() -> None:
    f = declare("square_plus", "x**2 + 1")
    with pytest.raises(DTypeError, match="real"):
        f(gr.scalar("z", "complex128"))
    with pytest.raises(OptionError, match="operands"):
        f()
