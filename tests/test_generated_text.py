"""Generated text: docstrings, names, dialect of NumPy; and what its functions accept."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from typing import Any

import numpy as np
import pytest

import codegen
import graphcomp as gr
from graphcomp.ops import runtime
from graphcomp.ops.base import registry
from tests.test_codegen import body


def loss(w: Any, X: Any, y: Any) -> Any:
    """Squared error.

    More about it.
    """
    for _ in range(2):
        X = np.tanh(X)
    return np.sum((X @ w - y) ** 2)


_LOSS = {"w": "float64[p]", "X": "float64[n, p]", "y": "float64[n]"}


def test_docstrings_say_what_is_computed() -> None:
    module = codegen.Module("m").add(loss, args=_LOSS, want=("fun", "fun_and_grad", "hess"))
    assert str(module.load().__doc__).splitlines() == ["Squared error.", "", "More about it."]
    assert module.fun.__doc__.splitlines()[0] == "Value of loss(w, X, y)."
    assert module.fun_and_grad.__doc__.splitlines() == [
        "Value of loss(w, X, y) and its gradient by w.",
        "",
        "    loss () and grad_w (p,), for w (p,), X (n, p), y (n,); all float64.",
        "    ",
    ]
    module.add(lambda w: np.sum(w), "float64[p]", want="grad", prefix="other_")
    assert "Squared error." in module.hess.__doc__.splitlines()[1]
    assert module.other_grad.__doc__.startswith("Gradient of the function by w.")


def test_parameters_may_be_called_as_options_are() -> None:
    def f(want: Any, prefix: Any, args: Any) -> Any:
        return want * prefix * args

    types = {"want": "float64", "prefix": "float64", "args": "float64"}
    assert codegen.Module("m").add(f, args=types).fun(2.0, 3.0, 4.0) == 24.0


def test_what_is_taken_apart_has_the_users_names() -> None:
    def f(theta: Any, A: Any) -> Any:
        scale, shift = np.exp(theta)
        w, V = np.linalg.eigh(A)
        return scale**2 * np.sum(V[0] * w) + np.sin(shift) * shift

    inputs, output = gr.from_function(f, "float64[2]", "float64[3, 3]")
    lines = body(codegen.compile(inputs, output)).splitlines()
    shown = [line.split("  ")[0].strip() for line in lines]
    assert "shift = exp_theta[1]" in shown
    assert "w, V = np.linalg.eigh(A)" in shown


def test_a_gradient_by_parts_is_set_where_it_was_zero() -> None:
    x = gr.vector("x", 5)
    J = gr.sin(x[0]) * x[1] - gr.sum(gr.cos(x[2:4]) * x[:2])
    text = body(codegen.compile([x], gr.grad(J, x)))
    assert "[0] = " in text and "[1] = " in text and "[2:4] = " in text
    assert "[:2] -= " in text


@pytest.mark.parametrize(
    ("written", "build"),
    [
        ("-x * y", lambda x, y, i: -(x * y)),
        ("-x / y", lambda x, y, i: -(x / y)),
        ("-(i * i)", lambda x, y, i: -(i * i)),
        ("-(i / x)", lambda x, y, i: -(i / x)),
        ("-(x // y * y)", lambda x, y, i: -(x // y * y)),
        ("(-x * y) ** 3", lambda x, y, i: (-(x * y)) ** 3),
        ("x / (2 * np.pi)", lambda x, y, i: x / (2 * np.pi)),
        ("-np.pi * x", lambda x, y, i: -np.pi * x),
        ("(2 * np.pi) ** x", lambda x, y, i: (2 * np.pi) ** x),
    ],
)
def test_expressions_read_as_a_person_writes_them(written: str, build: Any) -> None:
    x, y, i = gr.vector("x", "n"), gr.vector("y", "n"), gr.vector("i", "n", "uint8")
    function = codegen.compile([x, y, i], build(x, y, i), passes=())
    assert f" = {written}\n" in re.sub(" +# .*", "", body(function)) + "\n"
    given = {x: np.array([0.5, -2.0]), y: np.array([3.0, 0.25]), i: np.uint8([3, 250])}
    np.testing.assert_array_equal(function(*given.values()), gr.evaluate(given, build(x, y, i)))


def test_rebound_names_are_numbered_in_order() -> None:
    def iterate(v: Any) -> Any:
        for _ in range(3):
            v = np.sin(v)
        return v

    text = body(codegen.Module("m").add(iterate, v="float64[n]"))
    assert [line.split(":")[0].split(" =")[0] for line in text.splitlines()[:-1]] == [
        "v_1", "v_2", "iterate",
    ]  # fmt: skip


def test_float32_scalars_meet_float32_numbers_only() -> None:
    """NumPy 1.26 makes a float64 of a float32 scalar and a Python float."""
    x, v = gr.scalar("x", "float32"), gr.vector("v", "n", "float32")
    text = body(codegen.compile([x, v], [0.5 * x, x**2, gr.sum(v) / v.shape[0], 0.5 * v]))
    for part in ("np.float32(0.5) * x", "np.square(x)", "np.sum(v) / np.float32(n)", "= 0.5 * v"):
        assert part in text


NEWER_THAN_1_26 = {
    "mT", "matrix_transpose", "astype", "concat", "permute_dims", "vecdot", "matvec", "vecmat",
    "trapezoid", "bool", "pow", "acos", "asin", "atan", "atan2", "acosh", "asinh", "atanh",
    "bitwise_invert", "bitwise_left_shift", "unstack", "isdtype", "unique_values",
    "cumulative_sum", "cumulative_prod", "vector_norm", "matrix_norm", "long", "ulong",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(registry))
def test_meanings_use_no_name_that_numpy_1_26_lacks(name: str) -> None:
    texts = [inspect.getsource(helper) for helper in runtime.helpers.values()]
    for sample in registry[name].samples():
        inputs = [gr.variable(f"x{k}", o.shape, o.dtype) for k, o in enumerate(sample.operands)]
        texts.append(sample.op.meaning(*[v.type for v in inputs]).text)
    for text in dict.fromkeys(texts):
        for node in ast.walk(ast.parse(textwrap.dedent(text))):
            if isinstance(node, ast.Attribute):
                of_numpy = isinstance(node.value, ast.Name) and node.value.id == "np"
                assert node.attr != "mT"
                assert not (of_numpy and node.attr in NEWER_THAN_1_26), text


def test_lists_and_strided_and_read_only_arrays_are_taken() -> None:
    X, w = gr.matrix("X", ("n", "p")), gr.vector("w", "p")
    J = gr.sum((X @ w) ** 2)
    function = codegen.compile([X, w], [J, *gr.grad(J, [X, w])])
    plain = np.arange(12.0).reshape(4, 3)
    read_only = plain.copy()
    read_only.flags.writeable = False
    strided = np.repeat(np.repeat(plain, 2, axis=0), 2, axis=1)[::2, ::2]
    expected = function(plain, np.ones(3))
    for given in (plain.tolist(), read_only, strided, np.asfortranarray(plain)):
        for got, truth in zip(function(given, [1, 1, 1]), expected, strict=True):
            np.testing.assert_allclose(got, truth)
    with pytest.raises(ValueError, match=r"X has shape \(0, 3\), expected \(n, p\) with n > 0"):
        function(np.ones((0, 3)), np.ones(3))
