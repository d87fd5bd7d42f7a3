"""codegen: expressions, names, structure, checks, modules, and that names stay names."""

from __future__ import annotations

import ast
import inspect
import keyword
from typing import Any

import numpy as np
import pytest

import codegen
import graphcomp as gr
from codegen import fragment as fragments
from codegen.fragment import Code
from codegen.layout import docstring, wrap
from codegen.names import Names, public_name
from graphcomp.errors import (
    DuplicateInputError,
    GraphError,
    IdentifierError,
    MissingInputError,
    OptionError,
    SizeError,
)


def body(function: Any) -> str:
    """The statements of a generated function, without checks and comments."""
    tree = ast.parse(function.source)
    (definition,) = [
        s for s in tree.body if isinstance(s, ast.FunctionDef) and not s.name.startswith("_")
    ]
    lines = [ast.unparse(s) for s in definition.body[1:]]
    return "\n".join(line for line in lines if "_argument(" not in line and "sizes:" not in line)


# ------------------------------------------------------------------------------------ fragments


A, SUM, NEG = Code("a"), Code("a + b", fragments.SUM, False), Code("-a", fragments.UNARY, False)
TWO, CALL = Code("2", fragments.NUMBER), Code("f(a)", fragments.ATOM, False)


@pytest.mark.parametrize(
    ("text", "operands", "expected"),
    [
        ("x + y", [SUM, SUM], "a + b + (a + b)"),
        ("x - y", [SUM, SUM], "a + b - (a + b)"),
        ("x * y", [SUM, A], "(a + b) * a"),
        ("x ** y", [A, TWO], "a**2"),
        ("x ** y", [SUM, TWO], "(a + b) ** 2"),
        ("x ** y", [NEG, NEG], "(-a) ** -a"),
        ("x ** y", [CALL, TWO], "f(a) ** 2"),
        ("-x", [NEG], "-(-a)"),
        ("-x", [SUM], "-(a + b)"),
        ("x.T", [SUM], "(a + b).T"),
        ("x.T", [TWO], "(2).T"),
        ("np.exp(x)", [SUM], "np.exp(a + b)"),
        ("x < y", [SUM, A], "a + b < a"),
        ("x[1:]", [SUM], "(a + b)[1:]"),
        ("x[:, None]", [A], "a[:, None]"),
        ("x[..., ::2]", [A], "a[..., ::2]"),
        ("x[y] += x", [A, SUM], "a[a + b] += a"),
        ("np.stack([x, y])", [A, SUM], "np.stack([a, a + b])"),
        ("(x, y)", [A, SUM], "(a, a + b)"),
    ],
)
def test_operands_are_filled_in_as_syntax(text: str, operands: list[Code], expected: str) -> None:
    made = fragments.fragment(text, ("x", "y")[: len(operands)], {}, {}, {})
    filled = made.fill(operands).text
    assert filled == expected
    ast.parse(filled)


@pytest.mark.parametrize(
    ("literals", "defaults", "expected"),
    [
        ({"k": None}, {"k": None}, "f(x)"),
        ({"k": 0}, {"k": False}, "f(x, k=0)"),
        ({"k": (1, 2)}, {}, "f(x, k=(1, 2))"),
        ({"k": (1,)}, {}, "f(x, k=(1,))"),
        ({"k": float("inf")}, {}, "f(x, k=np.inf)"),
        ({"k": -float("inf")}, {}, "f(x, k=-np.inf)"),
        ({"k": -2.5}, {}, "f(x, k=-2.5)"),
        ({"k": 2j}, {}, "f(x, k=2j)"),
        ({"k": np.dtype("float32")}, {}, "f(x, k=np.float32)"),
        ({"k": np.dtype(bool)}, {}, "f(x, k=np.bool_)"),
        ({"k": "ij,jk"}, {}, 'f(x, k="ij,jk")'),
        ({"k": "\"'\n"}, {}, None),
        ({"k": slice(1, None)}, {}, "f(x, k=slice(1, None, None))"),
        ({"k": ...}, {}, "f(x, k=...)"),
    ],
)
def test_literals(literals: dict[str, Any], defaults: dict[str, Any], expected: str | None) -> None:
    made = fragments.fragment("len(x, k=k)", ("x",), literals, defaults, {})
    filled = made.fill([Code("x")]).text.replace("len(", "f(")
    if expected is not None:
        assert filled == expected
    call = ast.parse(filled, mode="eval").body
    assert isinstance(call, ast.Call)


@pytest.mark.parametrize(
    "text",
    [
        "x.__class__", "open(x)", "lambda: x", "[y for y in x]", "x._private", "f'{x}'",
        "(y := x)", "await_(x)", "np.exp(**x)", "os.system(x)", "x; x", "import os", "*x,",
    ],
)  # fmt: skip
def test_what_no_meaning_needs_is_refused(text: str) -> None:
    with pytest.raises((GraphError, SyntaxError)):
        fragments.fragment(text, ("x",), {}, {}, {})


# ---------------------------------------------------------------------------------------- names


BAD_NAMES = [
    "", " ", "a b", "1a", "a-b", "a.b", "a\nb", "a;b", "np", "__init__", "__class__", "_helper",
    "a\x00", "x#", "x'", 'x"', "x\\", "(x)", "x=1", "x:int", "import os", "*x", "**x", "@x", "π r",
    "x\u2028", "x\u202e", "a\tb", "os.system('true')", "'''", '"""', "a\rb", "$x", "x!", "x?",
    "lambda: 0", "0", "-1", "None", "True", "x" * 200, "_", "__", "x\N{ZERO WIDTH SPACE}",
    "Array", "Any", *keyword.kwlist, "print", "eval", "exec", "open", "sum", "max", "type", "id",
    "input", "len",
]  # fmt: skip


@pytest.mark.parametrize("name", BAD_NAMES)
def test_bad_public_names_are_refused_with_a_way_out(name: str) -> None:
    with pytest.raises(IdentifierError, match=r"choose another, such as '\w+'"):
        public_name(name, "an input")


def test_names_are_read_as_python_reads_them() -> None:
    assert public_name("ﬁ", "an input") == "fi"
    x = [gr.scalar("ﬁ"), gr.scalar("fi")]
    with pytest.raises(DuplicateInputError, match="two inputs are named fi"):
        codegen.compile(x, x[0] * x[1])


def test_new_names_never_clash_and_never_change() -> None:
    names = Names(["x", "t1"])
    made = [names.new(w) for w in ("x", "x", "my layer", "np", "class", "", "sum", "1")]
    assert made == ["x_1", "x_2", "my_layer", "np_1", "class_1", "t", "sum_1", "v_1"]
    assert names.new("t", number=True) == "t2"


INJECTIONS = [
    'x"""\nimport os\n"""', "'''\nimport os\n'''", "x\nimport os", "x\r\nimport os",
    "# x\nimport os", "x\x0cimport os", "x\u2028import os", "x\x85import os",
    '\\"""\nimport os #', "\\", '"', '""', '"""',
    'x\\"""', "\\\n", "{x}", "{0}", "%s", "\\N{DIGIT ONE}", "\\x00", "\\u0041",
    "\x00", "\x1b[2J", "\u202e",
    "x;import os", "x#\n#\nimport os", "\tx", "  ", "é", "\ud800",
]  # fmt: skip


def hostile() -> list[str]:
    """200 texts that would like to be code."""
    endings = ["", "\n", '"', "\\", "\nimport os", ' """', "#"]
    return [text + end for text in INJECTIONS for end in endings][:210]


def test_there_are_200_hostile_texts() -> None:
    assert len(set(hostile())) >= 200


@pytest.mark.parametrize("text", hostile())
def test_text_of_the_user_stays_text(text: str) -> None:
    x = gr.vector("x", 2)
    y = gr.exp(x * 2.0).named(text or "y")
    outputs = {text: y, "b": gr.sum(y)}
    function = codegen.compile([x], outputs, license=text, doc=text, regenerate=text)
    _only_computes(function.source)
    assert set(function(np.ones(2))) == {text, "b"}
    if not text.isidentifier():
        with pytest.raises(IdentifierError):
            codegen.compile([x], y, name=text)
        with pytest.raises(IdentifierError):
            hostile_input = gr.scalar(text)
            codegen.compile([hostile_input], hostile_input * 2.0)


def _only_computes(source: str) -> None:
    """The file holds what every generated file holds, and nothing else."""
    source.encode()
    kinds = set()
    for statement in ast.parse(source).body:
        kinds.add(type(statement))
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            assert ast.unparse(statement).split()[1].split(".")[0] in {"numpy", "typing"}
        if isinstance(statement, ast.Expr):
            assert isinstance(statement.value, ast.Constant)
    assert kinds <= {ast.Import, ast.ImportFrom, ast.Expr, ast.Assign, ast.FunctionDef}


@pytest.mark.parametrize(
    "text", ["a", 'quote "', 'three """ quotes', '"""', "back \\", 'end"', "x" * 300, "a\n\nb"]
)
def test_docstrings_read_back(text: str) -> None:
    lines = docstring(text, "    ")
    assert all(len(line) <= 88 for line in lines)
    value = ast.literal_eval("\n".join(lines).strip())
    assert "".join(value.split()) == "".join(text.split())


def test_long_lines_are_broken_in_brackets() -> None:
    for text in ("f(" + ", ".join(f"argument{k}" for k in range(40)) + ")", "aa + " * 60 + "b"):
        lines = wrap("x = ", text, "    ")
        assert all(len(line) <= 88 for line in lines)
        assert ast.dump(ast.parse("\n".join(lines).strip())) == ast.dump(ast.parse(f"x = {text}"))


# ------------------------------------------------------------------------- what is and is not seen


def test_flat_arguments_give_the_generated_function_itself() -> None:
    x, y = gr.vector("x", "n"), gr.scalar("y")
    function = codegen.compile([x, y], [x * y, y], name="scaled")
    assert inspect.isfunction(function)
    assert function.__code__.co_filename.startswith("<graphcomp scaled ")
    assert list(inspect.signature(function).parameters) == ["x", "y"]
    assert function.report.nodes_before == 3
    assert "3 graph nodes" in str(function.report)


def test_one_variable_gives_a_bare_result_and_a_list_a_tuple() -> None:
    x = gr.scalar("x")
    assert codegen.compile([x], gr.exp(x))(0.0) == 1.0
    assert codegen.compile([x], [gr.exp(x)])(0.0) == (1.0,)
    assert codegen.compile([x], [])(0.0) == ()


def test_nested_arguments_and_results_keep_their_structure() -> None:
    p = {"W": gr.matrix("W", (2, 3)), "layers": [gr.vector("b", 3)]}
    x = gr.vector("x", 2)
    h = x @ p["W"] + p["layers"][0]
    function = codegen.compile([p, x], {"h": h, "both": [h, gr.sum(h)]}, name="layer")
    W, b, xs = np.ones((2, 3)), np.ones(3), np.ones(2)
    result = function({"W": W, "layers": [b]}, xs)
    assert result["h"].tolist() == [3.0] * 3
    assert result["both"][1] == 9.0
    keys = r"^layer: argument 1 has the keys \['W'\], expected \['W', 'layers'\]$"
    with pytest.raises(ValueError, match=keys):
        function({"W": W}, xs)
    length = r"^layer: argument 1\['layers'\] has length 2, expected 1$"
    with pytest.raises(ValueError, match=length):
        function({"W": W, "layers": [b, b]}, xs)
    with pytest.raises(TypeError, match=r"^layer: argument 1 is a ndarray, expected a dict$"):
        function(W, xs)
    with pytest.raises(TypeError, match=r"^layer: 1 arguments, expected 2$"):
        function(W)


def test_names_of_the_user_are_kept() -> None:
    x = gr.vector("x", "n")
    hidden = gr.tanh(x).named("hidden")
    J = gr.sum(hidden * hidden).named("J")
    function = codegen.compile([x], [J, gr.grad(J, x)])
    text = body(function)
    assert "hidden = np.tanh(x)" in text
    assert "return (J, grad_x)" in text


def test_comments_can_be_left_out() -> None:
    x = gr.matrix("x", ("n", 2))
    with_comments = codegen.compile([x], gr.exp(x) @ x.T)
    without = codegen.compile([x], gr.exp(x) @ x.T, comments=False)
    assert "# (n, n)" in with_comments.source
    code = without.source.split("def f(")[1]
    assert "#" not in code.split("def _argument")[0]


def test_flat_style_gives_one_operation_a_line() -> None:
    x = gr.vector("x", "n")
    text = body(codegen.compile([x], gr.sum(gr.exp(x) * 2.0), style="flat"))
    assert text.count("\n") == 3
    with pytest.raises(OptionError, match="readable"):
        codegen.compile([x], x, style="pretty")
    with pytest.raises(OptionError, match="numpy"):
        codegen.compile([x], x, target="fortran")


@pytest.mark.parametrize("dtype", ["float32", "complex64", "int64", "bool"])
def test_strong_and_weak_constants_keep_the_type(dtype: str) -> None:
    x = gr.vector("x", "n", dtype=dtype)
    outputs = [x * 2, x * gr.constant(np.float64(2.0)), x * gr.constant(np.array(2, dtype))]
    values = np.ones(3, dtype)
    results = codegen.compile([x], outputs)(values)
    for got, expected in zip(results, gr.evaluate({x: values}, outputs), strict=True):
        assert got.dtype == expected.dtype
        assert got.tolist() == expected.tolist()


def test_plain_numbers_where_they_keep_the_type() -> None:
    x = gr.vector("x", "n")
    text = body(codegen.compile([x], x * gr.constant(np.float64(2.5)), passes=()))
    assert "x * 2.5" in text
    x = gr.vector("x", "n", dtype="float32")
    text = body(codegen.compile([x], x * gr.constant(np.float64(2.5)), passes=()))
    assert "x * np.float64(2.5)" in text
    text = body(codegen.compile([x], x * gr.constant(np.float32(0.1)), passes=()))
    assert "x * 0.1" in text


def test_small_constants_are_written_large_ones_refused() -> None:
    x = gr.vector("x", 3)
    function = codegen.compile([x], [x * np.array([1.0, 2.0, np.nan]), x + np.arange(3)])
    assert "_C0 = np.array([1.0, 2.0, np.nan])" in function.source
    np.testing.assert_array_equal(function(np.ones(3))[0], [1.0, 2.0, np.nan])
    y = gr.vector("y", 100)
    with pytest.raises(GraphError, match="make it an argument"):
        codegen.compile([y], y * np.arange(100.0))


# --------------------------------------------------------------------------------------- checks


@pytest.fixture(scope="module")
def checked() -> Any:
    X, y, W = gr.matrix("X", ("n", 2)), gr.vector("y", "n"), gr.vector("W", 2)
    return codegen.compile([X, y, W], X @ W - y, name="residual")


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((np.ones((5, 2)), np.ones(4), np.ones(2)), ValueError,
         r"^residual: argument y has shape \(4,\), expected \(n,\) with n = 5 \(from X\)$"),
        ((np.ones((5, 2)), np.ones(5), np.ones(3)), ValueError,
         r"^residual: argument W has shape \(3,\), expected \(2,\)$"),
        ((np.ones((5, 3)), np.ones(5), np.ones(2)), ValueError,
         r"^residual: argument X has shape \(5, 3\), expected \(n, 2\)$"),
        ((np.ones(5), np.ones(5), np.ones(2)), ValueError, r"X has shape \(5,\)"),
        ((np.ones((0, 2)), np.ones(0), np.ones(2)), ValueError, r"X has shape \(0, 2\)"),
        ((np.ones((5, 2)) * 1j, np.ones(5), np.ones(2)), TypeError,
         "residual: argument X is complex128, expected float64"),
        ((np.array([["a", "b"]]), np.ones(1), np.ones(2)), TypeError, "argument X is <U1"),
    ],
)  # fmt: skip
def test_arguments_are_checked(
    checked: Any, arguments: tuple[Any, ...], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        checked(*arguments)


def test_safe_conversions_pass(checked: Any) -> None:
    expected = [1.0, 1.0]
    assert checked([[1, 1], [1, 1]], [1, 1], [1, 1]).tolist() == expected
    ones = np.ones((2, 2), np.float32)
    assert checked(ones, ones[0], np.ones(2, bool)).tolist() == expected
    x = gr.scalar("x", dtype="float32")
    assert codegen.compile([x], x * 2)(0.5) == np.float32(1.0)


def test_sizes_in_expressions_are_solved_and_checked() -> None:
    x, y = gr.vector("x", "2*n + m"), gr.vector("y", "m")
    function = codegen.compile([x, y], gr.sum(x) * y.shape[0] + x.shape[0] + gr.sum(y), name="s")
    assert function(np.ones(7), np.ones(3)) == 7 * 3 + 7 + 3
    with pytest.raises(ValueError, match=r"s: size n is 1.5 \(from x\)"):
        function(np.ones(6), np.ones(3))
    z = gr.matrix("z", ("m + 1", "m"))
    function = codegen.compile([z, y], gr.sum(z) + y.shape[0], name="s")
    with pytest.raises(ValueError, match=r"has shape \(3, 3\), expected \(m \+ 1, m\)$"):
        function(np.ones((3, 3)), np.ones(3))


def test_lengths_are_kept_for_other_arguments_only() -> None:
    x, y, square = gr.vector("x", "n"), gr.vector("y", "2*n"), gr.matrix("A", ("n", "n"))
    assert "sizes" not in codegen.compile([x], gr.sum(x)).source.split("def _argument")[0]
    function = codegen.compile([square], gr.sum(square), name="s")
    assert "sizes" not in function.source.split("def _argument")[0]
    with pytest.raises(ValueError, match=r"has shape \(2, 3\), expected \(n, n\)$"):
        function(np.ones((2, 3)))
    function = codegen.compile([y], gr.sum(y), name="s")
    assert "n = " not in function.source.split("def _argument")[0]
    with pytest.raises(ValueError, match=r"s: size n is 1.5 \(from y\)"):
        function(np.ones(3))
    function = codegen.compile([x, y], gr.sum(x) + gr.sum(y), name="s")
    with pytest.raises(ValueError, match=r"expected \(2\*n,\) with 2\*n = 4 \(from x\)$"):
        function(np.ones(2), np.ones(3))


def test_a_number_that_its_type_cannot_hold_is_refused() -> None:
    x = gr.scalar("x", dtype="uint8")
    function = codegen.compile([x], x * 1)
    assert function(255) == 255
    for value in (256, -1):
        with pytest.raises(OverflowError):
            function(value)


def test_checks_can_be_left_out() -> None:
    x = gr.vector("x", "n")
    function = codegen.compile([x], gr.sum(x) / x.shape[0], checks=False)
    assert "_argument" not in function.source
    assert function(np.ones(4)) == 1.0


def test_sizes_that_no_input_tells() -> None:
    s, x = gr.scalar("s"), gr.vector("x", "n*m")
    lone = s * gr.vector("v", "m").shape[0]
    for inputs, output in (([s], s * gr.zeros("m")), ([s], lone), ([x], gr.sum(x))):
        with pytest.raises(SizeError, match=r"size m cannot be found .* an axis of length m"):
            codegen.compile(inputs, output)


def test_missing_and_duplicate_inputs() -> None:
    x, y = gr.vector("x", "n"), gr.vector("y", "n")
    with pytest.raises(MissingInputError, match="needs the input y"):
        codegen.compile([x], x + y)
    with pytest.raises(DuplicateInputError, match="two inputs are named x"):
        codegen.compile([x, gr.scalar("x")], x)
    with pytest.raises(OptionError, match="is not an input"):
        codegen.compile([x + y], x + y)


# ------------------------------------------------------------------------------------- modules


def test_modules_share_helpers_and_load() -> None:
    def nll(w: Any, X: Any, y: Any, lam: Any) -> Any:
        """Logistic regression."""
        return np.sum(np.logaddexp(0, (1 - 2 * y) * (X @ w))) + lam / 2 * (w @ w)

    module = codegen.Module("logistic", license="0BSD")
    module.add(
        nll, w="float64[p]", X="float64[n, p]", y="float64[n]", lam="float64", wrt="w",
        want=("fun", "fun_and_grad", "hess", "hvp"),
    )  # fmt: skip
    assert module.source.startswith("# SPDX-License-Identifier: 0BSD\n")
    assert '"""Logistic regression."""' in module.source
    assert module.source.count("def _argument(") == 1
    rng = np.random.default_rng(0)
    w, X, y = rng.normal(size=3), rng.normal(size=(9, 3)), rng.integers(0, 2, 9)
    value, gradient = module.fun_and_grad(w, X, y, 0.5)
    np.testing.assert_allclose(value, nll(w, X, y, 0.5))
    step = 1e-6 * rng.normal(size=3)
    change = nll(w + step, X, y, 0.5) - nll(w - step, X, y, 0.5)
    np.testing.assert_allclose(2 * gradient @ step, change, rtol=1e-5)
    product = module.load().hvp(w, X, y, 0.5, step)
    np.testing.assert_allclose(module.hess(w, X, y, 0.5) @ step, product, rtol=1e-12)
    with pytest.raises(OptionError, match="two functions are named fun"):
        module.add(nll, "float64[p]", "float64[n, p]", "float64[n]", "float64")
    with pytest.raises(OptionError, match="want='third'"):
        module.add(nll, "float64[p]", "float64[n, p]", "float64[n]", "float64", want="third")
    with pytest.raises(AttributeError):
        _ = module.nothing
