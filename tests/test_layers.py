"""Imports go down only: the layers of both packages, lowest first, and what breaks them."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# A name stands for the module or for all modules of the package. Those of one line are one layer.
LAYERS = [
    "graphcomp.source",
    "graphcomp.errors",
    "graphcomp.dims",
    "graphcomp.types graphcomp.registry",
    "graphcomp.facts",
    "graphcomp.declared",
    "graphcomp.methods",
    "graphcomp.operators",
    "graphcomp.graph graphcomp.tree",
    "graphcomp.ops",
    "graphcomp.fft graphcomp.integrate graphcomp.linalg graphcomp.random graphcomp.signal "
    "graphcomp.special graphcomp.stats",
    "graphcomp.evaluate graphcomp.backprop graphcomp.inputs",
    "graphcomp.rewrite",
    "graphcomp.arguments graphcomp.batch",
    "graphcomp.calculus",
    "graphcomp.interop",
    "graphcomp.check graphcomp.textbook",
    "graphcomp.arrays",
    "graphcomp.regions",
    "graphcomp.elements",
    "graphcomp.buffers",
    "graphcomp.aliases",
    "graphcomp.buffer_methods",
    "graphcomp.shim",
    "graphcomp.rebind",
    "graphcomp.tracing",
    "graphcomp.show",
    "graphcomp",
    "codegen.fragment codegen.names codegen.layout codegen.checks",
    "codegen.program",
    "codegen.arguments codegen.facts codegen.nesting",
    "codegen.meanings codegen.naming",
    "codegen.hints codegen.updates",
    "codegen.describe",
    "codegen.plan",
    "codegen.targets",
    "codegen.write",
    "codegen.calls codegen.derivatives",
    "codegen.module",
    "codegen",
    "codegen.cli",
    "codegen.__main__",
]
RANK = {name: rank for rank, line in enumerate(LAYERS) for name in line.split()}
WHOLE = {"graphcomp", "codegen"}  # the packages' own __init__, not all that is in them
# Imported where they are used: slow ones, the oracles' mpmath, which only tests need, and SciPy,
# which the interpreter needs for what NumPy has no form of.
LATE = {"sympy", "networkx", "mpmath", "scipy"}


def modules() -> dict[str, Path]:
    """Every module of both packages, by its dotted name."""
    found = {}
    for package in ("graphcomp", "codegen"):
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def layer(module: str) -> str | None:
    """The entry of LAYERS that a module belongs to, if there is one."""
    if module in RANK:
        return module
    package = module.rpartition(".")[0]
    while package and package not in WHOLE:
        if package in RANK:
            return package
        package = package.rpartition(".")[0]
    return None


def imports(source: str) -> Iterator[tuple[int, str, bool]]:
    """(line, imported module, hidden) of each import that happens when the code runs."""
    stack: list[tuple[ast.AST, bool]] = [(ast.parse(source), False)]
    while stack:
        node, hidden = stack.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            stack += [(child, hidden) for child in node.orelse]
            continue
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name, hidden) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"line {node.lineno}: a relative import"
            for alias in node.names:
                member = f"{node.module}.{alias.name}"
                yield node.lineno, member if member in MODULES else str(node.module), hidden
        elif isinstance(node, ast.Call) and _is_import(node):
            yield node.lineno, "a module by its name", True
        inside = hidden or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        stack += [(child, inside) for child in ast.iter_child_nodes(node)]


def _is_import(call: ast.Call) -> bool:
    """A call of __import__ or import_module, unless it only passes on the user's own."""
    name = ast.unparse(call.func).rpartition(".")[2]
    passed_on = call.args and isinstance(call.args[0], ast.Starred)
    return name in ("__import__", "import_module") and not passed_on


def violations(module: str, source: str) -> list[str]:
    """What is wrong with a module's imports, a sentence each."""
    here = layer(module)
    if here is None:
        return [f"{module} is in no layer: add it to LAYERS"]
    wrong = []
    for line, imported, hidden in imports(source):
        top = imported.partition(".")[0]
        if hidden and top not in LATE:
            wrong.append(f"{module}:{line} hides the import of {imported} in a function")
        there = layer(imported) if top in WHOLE else None
        if there is not None and RANK[there] > RANK[here]:
            wrong.append(f"{module}:{line} imports {imported}, which is above it")
        elif there is not None and there != here and RANK[there] == RANK[here]:
            wrong.append(f"{module}:{line} imports {imported}, which stands beside it")
    return wrong


@pytest.mark.parametrize("module", MODULES)
def test_imports_go_down_and_none_is_hidden(module: str) -> None:
    assert violations(module, MODULES[module].read_text()) == []


def test_every_layer_is_there() -> None:
    assert [name for name in RANK if name not in MODULES] == []


@pytest.mark.parametrize(
    ("module", "source", "message"),
    [
        ("graphcomp.dims", "from graphcomp.graph import Graph", "above it"),
        ("graphcomp.dims", "from graphcomp import graph", "above it"),
        ("graphcomp.backprop", "import graphcomp as gr", "above it"),
        ("graphcomp.ops.reduce", "import codegen.module", "above it"),
        ("graphcomp.ops.reduce", "if True:\n    from graphcomp import backprop", "above it"),
        ("graphcomp.backprop", "from graphcomp.evaluate import evaluate", "beside it"),
        ("graphcomp.graph", "def f():\n    from graphcomp.types import as_dtype", "hides"),
        ("graphcomp.graph", "def f():\n    import jax", "hides"),
        ("graphcomp.graph", "f = lambda: __import__('jax')", "hides"),
        ("graphcomp.unheard_of", "", "no layer"),
    ],
)
def test_planted_violations_are_caught(module: str, source: str, message: str) -> None:
    (found,) = violations(module, source)
    assert message in found


@pytest.mark.parametrize(
    "source",
    [
        "from graphcomp.errors import GraphError",
        "if TYPE_CHECKING:\n    from graphcomp.ops.base import Op",
        "def f():\n    import sympy",
    ],
)
def test_what_is_allowed_passes(source: str) -> None:
    assert violations("graphcomp.graph", source) == []


@pytest.mark.parametrize("package", ["graphcomp", "codegen"])
def test_start_up_imports_nothing_heavy(package: str) -> None:
    code = f"import sys, {package}; print(*{{m.partition('.')[0] for m in sys.modules}})"
    answer = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=ROOT
    )
    assert not {"sympy", "networkx", "scipy", "sklearn", "matplotlib"} & set(answer.stdout.split())
