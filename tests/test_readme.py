"""The code of README and of the docs runs, and prints what they say that it prints.

``python -m tests.test_readme`` renews what they show of it.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SHOWING = ("README.md", "docs/numpy_and_scipy.md")  # pages that show what their code prints
_BLOCK = re.compile(r"^<!-- ([\w ]+?)(?:: (\S+))? -->\n```\w*\n(.*?)^```$", re.M | re.S)


def blocks(document: str) -> list[tuple[str, str, str]]:
    """(kind, file, text) of each marked code block."""
    return [tuple(match.groups()) for match in _BLOCK.finditer((ROOT / document).read_text())]


def run(*command: str | Path, cwd: Path) -> str:
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    answer = subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": path},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout


@pytest.fixture
def readme(tmp_path: Path) -> Path:
    """A folder with the files that README's marked blocks are."""
    for kind, file, text in blocks("README.md"):
        if kind == "file":
            (tmp_path / file).write_text(text)
    return tmp_path


def test_every_python_block_is_marked() -> None:
    for document in (*SHOWING, "docs/add_an_operation.md"):
        marked = [text for _, _, text in blocks(document)]
        plain = re.findall(r"^```python\n(.*?)^```$", (ROOT / document).read_text(), re.M | re.S)
        assert plain and [text for text in plain if text not in marked] == []


@pytest.mark.parametrize("document", SHOWING)
def test_the_code_prints_what_the_page_shows(document: str, tmp_path: Path) -> None:
    shown = {file: text for kind, file, text in blocks(document) if kind == "output of"}
    assert shown
    for file, printed in outputs(document, tmp_path).items():
        assert printed == shown[file].rstrip("\n"), "renew with python -m tests.test_readme"


def outputs(document: str, folder: Path) -> dict[str, str]:
    """What each file of a page prints whose output the page shows."""
    for kind, file, text in blocks(document):
        if kind == "file":
            (folder / file).write_text(text)
    files = [file for kind, file, _ in blocks(document) if kind == "output of"]
    return {file: run(sys.executable, file, cwd=folder).rstrip("\n") for file in files}


def test_the_example_saves_what_it_prints(readme: Path) -> None:
    printed = run(sys.executable, "example.py", cwd=readme)
    assert (readme / "xor_step.py").read_text().rstrip("\n") == printed.rstrip("\n")


def test_the_saved_example_needs_numpy_alone(readme: Path) -> None:
    run(sys.executable, "example.py", cwd=readme)
    program = (
        "import sys; sys.path.insert(0, '.'); import numpy as np, xor_step as m\n"
        "c = np.ones(8); J, *grads = m.xor_step(np.eye(2), np.ones(2), np.ones((2, 8)), c, c, 0)\n"
        "assert [g.shape for g in grads] == [(2, 8), (8,), (8,), ()]\n"
        "assert not {'graphcomp', 'codegen', 'sympy', 'networkx'} & set(sys.modules)\n"
    )
    run(sys.executable, "-I", "-c", program, cwd=readme)


def test_the_module_and_the_command_write_the_same_functions(readme: Path) -> None:
    run(sys.executable, "generate.py", cwd=readme)
    generated = readme / "logistic_derivs.py"
    by_module = _code(generated)
    generated.unlink()
    ((_, _, command),) = [block for block in blocks("README.md") if block[0] == "command"]
    words = shlex.split(command)
    assert words.pop(0) == "graphcomp"
    run(sys.executable, "-m", "codegen", *words, cwd=readme)
    assert _code(generated) == by_module


def _code(path: Path) -> list[str]:
    """The lines of a generated file from its first import on."""
    lines = path.read_text().splitlines()
    return lines[next(k for k, line in enumerate(lines) if "import" in line.split()) :]


def test_the_operation_of_the_docs_passes_the_tests_of_operations(tmp_path: Path) -> None:
    for kind, file, text in blocks("docs/add_an_operation.md"):
        assert kind == "file"
        (tmp_path / file).write_text(text)
    program = (
        "import sys, pytest; sys.path.insert(0, sys.argv[1]); import spherical, sinhc\n"
        "sys.exit(pytest.main(['-p', 'no:cacheprovider', '-p', 'no:xdist',\n"
        "                      'tests/test_ops.py', '-k', sys.argv[2]]))"
    )
    (said,) = re.findall(r"says `(\d+ passed)`", (ROOT / "docs/add_an_operation.md").read_text())
    for name, count in (("haversine", said), ("sinhc", "passed")):
        printed = run(sys.executable, "-c", program, tmp_path, name, cwd=ROOT)
        assert count in printed and "failed" not in printed


def test_the_docs_show_the_change_as_it_is(tmp_path: Path) -> None:
    page = (ROOT / "docs/add_an_operation.md").read_text()
    _, file, text = blocks("docs/add_an_operation.md")[0]
    (lines,) = re.findall(rf"ops/{file} \| (\d+) \+", page)
    assert int(lines) == len(text.splitlines())
    assert int(re.findall(r"(\d+) insertions", page)[0]) == int(lines) + 1


def test_readmes_commands_set_everything_up() -> None:
    lines = [
        line
        for line in (ROOT / "README.md").read_text().splitlines()
        if line.startswith("python3 -m venv ")
    ]
    assert [line.split()[-1] for line in lines] == ["examples/digits.py", "auto"]


def renew() -> None:
    """Put what the code prints now into the pages."""
    for document in SHOWING:
        page = ROOT / document
        with tempfile.TemporaryDirectory() as folder:
            printed = outputs(document, Path(folder))
        for kind, file, old in blocks(document):
            if kind == "output of":
                head = f"<!-- output of: {file} -->\n```python\n"
                text = page.read_text()
                assert head + old in text
                page.write_text(text.replace(f"{head}{old}```", f"{head}{printed[file]}\n```"))


if __name__ == "__main__":
    renew()
