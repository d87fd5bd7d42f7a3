"""The ``graphcomp`` command: what it writes, and what it says when something is wrong."""

from __future__ import annotations

import importlib.util
import os
import shlex
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from codegen.cli import main

ROOT = Path(__file__).parent.parent

MODEL = """\
import numpy as np

print("loading")


def nll(w, X, y, lam):
    return np.sum(np.logaddexp(0, (1 - 2 * y) * (X @ w))) + lam / 2 * (w @ w)


def mlp(params, x, hidden, power=2.0, kind="sum"):
    out = x
    for k in range(hidden):
        out = np.tanh(out @ params["W"] + params["b"])
    if power > 2:
        out = out ** power
    return np.sum(out) if kind == "sum" else np.mean(out)


def pair(x):
    return x, x + 1


def wrong(x):
    return 1 / 0


def late(x):
    return np.sum(x @ x.T @ np.ones(7))


def count(x):
    return int(x)


def leave(x):
    raise SystemExit("enough")


answer = 42


def naive(x):
    return np.sum(np.log(1 + np.exp(x)))
"""

NLL = ["--arg", "w: float64[p]", "--arg", "X: float64[n, p]", "--arg", "y: float64[n]"]
NLL += ["--arg", "lam: float64"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory that holds model.py."""
    (tmp_path / "model.py").write_text(MODEL)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("generated", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def data() -> tuple[Any, ...]:
    rng = np.random.default_rng(1)
    return rng.normal(size=3), rng.normal(size=(5, 3)), np.array([0.0, 1.0, 1.0, 0.0, 1.0]), 0.3


def original(w: Any, X: Any, y: Any, lam: float) -> Any:
    return np.sum(np.logaddexp(0, (1 - 2 * y) * (X @ w))) + lam / 2 * (w @ w)


# ------------------------------------------------------------------------------------ compile


def test_compile_writes_the_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["compile", "model.py:nll", *NLL, "--wrt", "w", "--want", "fun_and_grad,hess"]
    assert main([*command, "-o", "out.py", "--license", "0BSD"]) == 0
    said = capsys.readouterr()
    assert said.out == "" and said.err == "loading\n"
    text = (folder / "out.py").read_text()
    assert "SPDX-License-Identifier: 0BSD" in text
    assert "graphcomp compile model.py:nll" in text
    assert str(folder) not in text
    module = load(folder / "out.py")
    w, X, y, lam = data()
    J, grad = module.fun_and_grad(w, X, y, lam)
    hess = module.hess(w, X, y, lam)
    assert np.isclose(J, original(w, X, y, lam), rtol=1e-13)
    for k in range(3):
        e = 1e-5 * np.eye(3)[k]
        slope = (original(w + e, X, y, lam) - original(w - e, X, y, lam)) / 2e-5
        assert abs(grad[k] - slope) < 1e-8
        change = module.fun_and_grad(w + e, X, y, lam)[1] - module.fun_and_grad(w - e, X, y, lam)[1]
        assert np.allclose(hess[k], change / 2e-5, atol=1e-8)


def test_the_regenerate_line_regenerates(folder: Path) -> None:
    command = ["compile", "model.py:nll", *NLL, "--wrt", "w", "--name", "logistic"]
    assert main([*command, "-o", "out.py"]) == 0
    first = (folder / "out.py").read_text()
    commented = first.partition("# Regenerate: ")[2].partition("# graph sha256")[0]
    words = shlex.split(commented.replace("\\\n# ", ""))
    assert words[0] == "graphcomp"
    (folder / "out.py").unlink()
    assert main(words[1:]) == 0
    assert (folder / "out.py").read_text() == first


def test_without_output_it_prints_nothing_but_the_file(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compile", "model.py:nll", *NLL]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("# ") and "loading" not in printed
    (folder / "printed.py").write_text(printed)
    w, X, y, lam = data()
    assert np.isclose(load(folder / "printed.py").fun(w, X, y, lam), original(w, X, y, lam))


def test_nested_and_static_arguments(folder: Path) -> None:
    arguments = [
        "params: {'W': 'float64[3, 3]', 'b': 'float64[3]'}",
        "x: float64[n, 3]",
        "hidden: 2",
        "power: 3.0",
        "kind: 'mean'",
    ]
    flags = [word for text in arguments for word in ("--arg", text)]
    assert main(["compile", "model.py:mlp", *flags, "--wrt", "params", "-o", "out.py"]) == 0
    rng = np.random.default_rng(2)
    W, b, x = rng.normal(size=(3, 3)), rng.normal(size=3), rng.normal(size=(4, 3))
    value, *gradients = load(folder / "out.py").fun_and_grad(W, b, x)
    expected = np.mean(np.tanh(np.tanh(x @ W + b) @ W + b) ** 3.0)
    assert np.isclose(value, expected, rtol=1e-13)
    assert [np.shape(g) for g in gradients] == [(3, 3), (3,)]


def test_a_folder_of_helpers_and_a_future_import(folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "pieces.py").write_text("import numpy as np\ndef f(x): return np.sin(x)\n")
    (folder / "sub" / "main.py").write_text(
        "from __future__ import annotations\n"
        "from dataclasses import dataclass\n"
        "from pieces import f\n"
        "@dataclass\n"
        "class Config:\n    scale: float = 2.0\n"
        "def g(x): return Config().scale * f(x)\n"
    )
    paths, names = list(sys.path), set(sys.modules)
    assert main(["compile", "sub/main.py:g", "--arg", "x: float64", "-o", "g.py"]) == 0
    assert sys.path == paths and set(sys.modules) - names <= {"pieces"}
    assert load(folder / "g.py").fun(0.5) == 2 * np.sin(0.5)
    assert not (folder / "sub" / "__pycache__" / "main.cpython-311.pyc").exists()


# --------------------------------------------------------------------------------------- show


def test_show_prints_the_graph_and_its_gradient(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["show", "model.py:nll", *NLL]) == 0
    plain = capsys.readouterr().out
    assert main(["show", "model.py:nll", *NLL, "--wrt", "w"]) == 0
    both = capsys.readouterr().out
    assert "float64(n, p)" in plain or "float64[n, p]" in plain
    assert "model.py:7" in plain
    assert len(both.splitlines()) > len(plain.splitlines())
    assert "grad_w" in both and "grad_w" not in plain


def test_show_passes_prints_the_graph_after_each(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["show", "model.py:naive", "--arg", "x: float64[n]", "--passes"]) == 0
    given, first, *_ = capsys.readouterr().out.split("\n\n")
    assert given.startswith("as given: 6 nodes, 4*n flops") and " exp(x) " in given
    assert first.startswith("stabilise: 6 nodes, 4*n flops")
    assert "1  log(1 + exp(x)) -> softplus(x)\n" in first and " softplus(x) " in first


def test_show_diff_prints_what_one_pass_changes(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["show", "model.py:naive", "--arg", "x: float64[n]"]
    assert main([*command, "--diff", "stabilise"]) == 0
    lines = capsys.readouterr().out.splitlines()
    [came] = [line for line in lines if line.startswith("+")]
    assert "softplus(x)" in came
    assert sum(line.startswith("-") for line in lines) == 3  # exp(x), 1 + %1, log(%2)
    assert main([*command, "--wrt", "x", "--diff", "signs"]) == 0
    assert capsys.readouterr().out == "signs changes nothing here\n"


# ------------------------------------------------------------------------------------- errors

X1 = ["--arg", "x: float64[3]"]
WRONG = {
    "no command": ([], "COMMAND"),
    "unknown command": (["draw"], "invalid choice"),
    "no place": (["compile", "model.py"], "FILE.py:FUNCTION"),
    "no file": (["compile", "absent.py:f"], "absent.py: No such file"),
    "a folder": (["compile", ".:f"], "directory"),
    "no function": (["compile", "model.py:nil"], "no function nil; it defines nll, mlp"),
    "no function at all": (["compile", "empty.py:f"], "no function f"),
    "not a function": (["compile", "model.py:answer"], "answer in model.py is a int"),
    "syntax error": (["compile", "broken.py:f"], "broken.py:2: not a Python file"),
    "not text": (["compile", "bytes.py:f"], "bytes.py"),
    "fails on import": (["compile", "failing.py:f"], "failing.py:1 (import no_such_module)"),
    "leaves on import": (["compile", "leaving.py:f"], "leaving.py:2"),
    "bad argument": (["compile", "model.py:nll", "--arg", "w"], "'w' is not of the form"),
    "bad type": (["compile", "model.py:pair", "--arg", "x: float64[n"], "float64[n"),
    "bad dtype": (["compile", "model.py:pair", "--arg", "x: float12[n]"], "float12"),
    "bad size": (["compile", "model.py:pair", "--arg", "x: float64[-1]"], "-1"),
    "bad literal": (["compile", "model.py:pair", "--arg", "x: foo()"], "neither a type"),
    "code": (["compile", "model.py:pair", "--arg", "x: __import__('os')"], "neither a type"),
    "given twice": (["compile", "model.py:pair", *X1, *X1], "given twice"),
    "missing argument": (["compile", "model.py:nll", "--arg", "w: float64[p]"], "'X'"),
    "unknown argument": (["compile", "model.py:pair", *X1, "--arg", "z: 3"], "'z'"),
    "user's exception": (["compile", "model.py:wrong", *X1], "model.py:24 (return 1 / 0)"),
    "user's exit": (["compile", "model.py:leave", *X1], "model.py:36"),
    "shapes": (["compile", "model.py:late", "--arg", "x: float64[3, 2]"], "model.py:28"),
    "tracing": (["compile", "model.py:count", *X1], "model.py:32"),
    "wrt unknown": (["compile", "model.py:nll", *NLL, "--wrt", "v"], "v"),
    "wrt no name": (["compile", "model.py:nll", *NLL, "--wrt", "w,"], "not a name"),
    "no scalar": (["compile", "model.py:pair", *X1, "--wrt", "x"], "one result, and it has 2"),
    "unknown want": (["compile", "model.py:nll", *NLL, "--wrt", "w", "--want", "joy"], "joy"),
    "want without wrt": (["compile", "model.py:nll", *NLL, "--want", "hess"], "wrt"),
    "bad name": (["compile", "model.py:nll", *NLL, "--name", "class"], "class"),
    "no folder": (["compile", "model.py:nll", *NLL, "-o", "none/out.py"], "none"),
    "output is a folder": (["compile", "model.py:nll", *NLL, "-o", "."], "directory"),
    "own file": (["compile", "model.py:nll", *NLL, "-o", "./model.py"], "itself"),
    "show: wrt of two results": (["show", "model.py:pair", *X1, "--wrt", "x"], "2 results"),
    "show: wrt unknown": (["show", "model.py:nll", *NLL, "--wrt", "v"], "they are w, X, y, lam"),
    "show: no such pass": (
        ["show", "model.py:pair", *X1, "--diff", "joy"],
        "called 'joy'; there ran",
    ),
    "show: two ways": (
        ["show", "model.py:pair", *X1, "--diff", "signs", "--passes"],
        "not allowed",
    ),
    "show: -o": (["show", "model.py:nll", *NLL, "-o", "x.py"], "unrecognized"),
}


@pytest.mark.parametrize("name", WRONG)
def test_errors_are_one_clear_paragraph(
    name: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "broken.py").write_text("x = 1\ndef f(:\n")
    (folder / "bytes.py").write_bytes(b"\x00\xff\xfe")
    (folder / "empty.py").write_text("")
    (folder / "failing.py").write_text("import no_such_module\n")
    (folder / "leaving.py").write_text("import sys\nsys.exit(3)\n")
    before = sorted(folder.iterdir())
    command, message = WRONG[name]
    assert main(command) == 2
    said = capsys.readouterr()
    *printed, paragraph = said.err.splitlines()
    assert printed in ([], ["loading"])
    assert paragraph.startswith("graphcomp: ") and message in paragraph
    assert said.out == ""
    assert (folder / "model.py").read_text() == MODEL
    assert sorted(folder.iterdir()) == before


def test_an_error_keeps_the_old_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "out.py").write_text("old\n")
    assert main(["compile", "model.py:wrong", *X1, "-o", "out.py"]) == 2
    assert (folder / "out.py").read_text() == "old\n"


def test_only_files_are_replaced(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(folder / "pipe")
    assert main(["compile", "model.py:nll", *NLL, "-o", "pipe"]) == 2
    assert "not a file" in capsys.readouterr().err
    assert (folder / "pipe").is_fifo()
    (folder / "real.py").write_text("old")
    (folder / "link.py").symlink_to("real.py")
    assert main(["compile", "model.py:nll", *NLL, "-o", "link.py"]) == 0
    assert (folder / "link.py").is_symlink() and "def fun" in (folder / "real.py").read_text()


# ------------------------------------------------------------------------- in its own process


def run(*words: str, cwd: Path, **options: Any) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return subprocess.run(
        [sys.executable, "-m", "codegen", *words],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": path, **options},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


def test_the_process(folder: Path) -> None:
    assert run("--version", cwd=folder).stdout.startswith("graphcomp ")
    assert "compile" in run("--help", cwd=folder).stdout
    failed = run("compile", "model.py:wrong", *X1, cwd=folder)
    assert failed.returncode == 2
    assert "Traceback" not in failed.stderr and "ZeroDivisionError" in failed.stderr


def test_the_output_does_not_depend_on_the_locale(folder: Path) -> None:
    (folder / "greek.py").write_text("def f(ξ):\n    return ξ * 2  # ×\n", encoding="utf-8")
    command = ["compile", "greek.py:f", "--arg", "ξ: float64"]
    plain = run(*command, cwd=folder, PYTHONIOENCODING="ascii", LC_ALL="C")
    assert plain.returncode == 0, plain.stderr
    assert plain.stdout == run(*command, cwd=folder).stdout


def test_a_reader_that_leaves_early(folder: Path) -> None:
    command = f"{sys.executable} -m codegen --version | true"
    answer = subprocess.run(
        ["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert answer.stderr == ""
