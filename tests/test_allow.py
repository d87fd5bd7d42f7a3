"""``allow=("scipy",)``: SciPy's own functions in generated files, and what only they can do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import codegen
import graphcomp as gr
from codegen.cli import main
from graphcomp.errors import GraphError, IdentifierError, NotDifferentiableError, OptionError
from graphcomp.ops.base import registry
from graphcomp.ops.incomplete import ByScipy

special = pytest.importorskip("scipy.special")
ROOT = Path(__file__).parent.parent


def body(function: Any) -> str:
    """The statements of a compiled function."""
    return str(function.source).split('"""\n', 2)[-1].split("\n\n\n")[0]


def test_scipy_stands_where_a_helper_would_be_pasted() -> None:
    x, y = gr.vector("x", "n"), gr.vector("y", "n")
    outputs = [gr.special.j0(x) * gr.special.xlogy(x, y), gr.special.boxcox(x, 0.5)]
    with_helpers = codegen.compile([x, y], outputs)
    with_scipy = codegen.compile([x, y], outputs, allow=("scipy",))
    head = with_scipy.source.partition("__all__")[0]
    assert "\nfrom scipy import special  # type: ignore[import-untyped]\n" in head
    assert "special.j0(x) * special.xlogy(x, y)" in with_scipy.source
    assert "def _j0" in with_helpers.source and "scipy" not in with_helpers.source
    assert "def _j0" not in with_scipy.source and "def _xlogy" not in with_scipy.source
    given = np.array([0.0, 0.5, 3.0]), np.array([0.0, 2.0, 0.1])
    with np.errstate(divide="ignore"):
        for a, b in zip(with_helpers(*given), with_scipy(*given), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-14)


def test_a_file_that_does_not_need_scipy_does_not_import_it() -> None:
    x = gr.vector("x", 3)
    assert "scipy" not in codegen.compile([x], gr.exp(x), allow=("scipy",)).source


def test_what_needs_scipy_is_refused_without_it() -> None:
    x = gr.vector("x", 3)
    with pytest.raises(OptionError, match=r'gammainc has no form in NumPy .*allow=\("scipy",\)'):
        codegen.compile([x], gr.special.gammainc(2.0, x))
    function = codegen.compile([x], gr.special.gammainc(2.0, x), allow="scipy")
    np.testing.assert_array_equal(function([0.5, 1, 2]), special.gammainc(2.0, [0.5, 1, 2]))


def test_gradients_need_scipy_where_their_function_does() -> None:
    z = gr.vector("z", "n")
    J = gr.sum(gr.special.jv(2.5, z) ** 2)
    function = codegen.compile([z], [J, gr.grad(J, z)], allow=("scipy",))
    assert "special.jv(2.5, z)" in body(function)
    at = np.array([0.5, 2.0, 9.0])
    expected = 2 * special.jv(2.5, at) * special.jvp(2.5, at)
    np.testing.assert_allclose(function(at)[1], expected, rtol=1e-13)


@pytest.mark.parametrize("name", sorted(n for n, op in registry.items() if issubclass(op, ByScipy)))
def test_a_parameter_without_a_derivative_is_refused_by_name(name: str) -> None:
    op = registry[name]
    operands = [gr.scalar(f"given_{parameter}") for parameter in op.parameters]
    y = op()(*operands)
    for parameter, x in zip(op.parameters[:-1], operands[:-1], strict=True):
        with pytest.raises(NotDifferentiableError, match=f"by {parameter}, here given_{parameter}"):
            gr.grad(y, x)
    assert gr.grad(y, operands[-1]).shape == ()


@pytest.mark.parametrize("allow", ["numba", ("scipy", "jax"), ("",)])
def test_unknown_packages_are_refused(allow: Any) -> None:
    x = gr.scalar("x")
    with pytest.raises(OptionError, match=r"use some of \['scipy'\]"):
        codegen.compile([x], x, allow=allow)


def test_names_of_modules_are_refused_only_where_they_are_imported() -> None:
    x, v = gr.vector("special", "n"), gr.scalar("linalg")
    y = gr.special.erf(x * v)
    assert codegen.compile([x, v], y)([0.5], 2.0) == pytest.approx(special.erf(1.0))
    with pytest.raises(IdentifierError, match=r"scipy\.special.*'special_1'"):
        codegen.compile([x, v], y, allow="scipy")
    s = gr.vector("s", "special")
    sized = codegen.compile([s], gr.special.erf(s) * s.shape[0], allow="scipy")
    np.testing.assert_allclose(sized([1.0, 2.0]), 2 * special.erf([1.0, 2.0]))


def test_an_intermediate_may_be_called_special() -> None:
    x = gr.vector("x", 2)
    middle = gr.special.erf(x).named("special")
    function = codegen.compile([x], [middle, middle * middle], allow="scipy")
    np.testing.assert_allclose(function([1.0, 2.0])[0], special.erf([1.0, 2.0]))


def test_float32_stays_float32_beside_python_numbers() -> None:
    x = gr.vector("x", 2, "float32")
    outputs = [gr.special.xlogy(x, 2.0), gr.special.gammainc(2.5, x), gr.special.erf(x)]
    for value in codegen.compile([x], outputs, allow="scipy")(np.float32([1, 2])):
        assert value.dtype == np.float32
    for value in gr.evaluate({x: np.float32([1, 2])}, outputs):
        assert value.dtype == np.float32


def test_the_hash_tells_files_with_scipy_apart() -> None:
    x = gr.vector("x", 2)

    def digest(**options: Any) -> str:
        source: str = codegen.compile([x], gr.special.erf(x), **options).source
        return next(line for line in source.splitlines() if "sha256" in line)

    assert digest() == digest(allow=()) != digest(allow="scipy") == digest(allow=["scipy"])


def test_modules_take_it_too() -> None:
    m = codegen.Module("fits", allow=("scipy",))
    m.add(lambda x: np.sum(special.gammaincc(3.0, x)), x="float64[n]", want=("fun", "grad"))
    x = np.array([0.5, 2.0])
    np.testing.assert_allclose(m.grad(x), -(x**2) * np.exp(-x) / 2)


def test_the_command_takes_it_and_says_so_in_the_head(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "import scipy.special\n\ndef tail(x):\n    return scipy.special.gammaincc(3.0, x)\n"
    (tmp_path / "model.py").write_text(text)
    monkeypatch.chdir(tmp_path)
    words = ["compile", "model.py:tail", "--arg", "x: float64", "-o", "out.py"]
    assert main(words) == 2
    assert "--allow scipy" in capsys.readouterr().err
    assert main([*words, "--allow", "scipy"]) == 0
    head = (tmp_path / "out.py").read_text().partition('"""')[0]
    assert "--allow scipy" in " ".join(head.replace("\\", "").replace("#", "").split())
    assert main([*words, "--allow", "numba"]) == 2
    assert "numba" in capsys.readouterr().err


@pytest.mark.parametrize("what", ["gr.evaluate({x: 1.0}, gr.special.gammainc(2.0, x))", "import"])
def test_without_scipy_graphcomp_works_and_says_what_needs_it(what: str) -> None:
    code = (
        "import sys; sys.modules['scipy'] = None\n"
        "import graphcomp as gr\nx = gr.scalar('x')\n"
        "assert abs(gr.evaluate({x: 1.0}, gr.special.j0(x)) - 0.7651976865579666) < 1e-15\n"
    )
    if what == "import":
        assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0
        return
    code += f"try: {what}\nexcept gr.GraphError as error: print(error)\n"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert "special.gammainc(a, x) needs SciPy" in done.stdout and "pip install" in done.stdout


def test_the_file_passes_mypy_strict(tmp_path: Path) -> None:
    api = pytest.importorskip("mypy.api")
    x = gr.vector("x", "n")
    J = gr.sum(gr.special.gammainc(2.0, x) * gr.special.erf(x))
    codegen.compile([x], [J, gr.grad(J, x)], allow="scipy").save(tmp_path / "f.py")
    codegen.compile([x], gr.special.erf(x), name="g", allow="scipy").save(tmp_path / "g.py")
    options = ["--strict", "--no-warn-unused-ignores", "--cache-dir", str(tmp_path / "cache")]
    out, err, status = api.run([*options, str(tmp_path / "f.py"), str(tmp_path / "g.py")])
    assert status == 0, out + err


def test_errors_are_graph_errors() -> None:
    with pytest.raises(GraphError, match="takes 2 arguments"):
        gr.from_function(lambda x: special.gammainc(x), x="float64")
