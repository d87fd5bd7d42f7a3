"""The pages ``docs/operations.md`` and ``docs/conventions.md``.

``python -m tests.docs_table`` renews them.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

import graphcomp as gr
from graphcomp.ops.base import Op, registry
from graphcomp.ops.elementwise import Elementwise
from graphcomp.registry import implementations
from graphcomp.types import TupleType
from tests.checks import STRUCTURAL, Use
from tests.conventions import rows
from tests.forms import Form, Refused, tables

DOCS = Path(__file__).parent.parent / "docs"
ENTRIES = tables()

HEAD = """# Operations

Written by `python -m tests.docs_table` from the registries; a test keeps it so. Derivatives are
checked against central differences up to the order in the table, in every argument form that the
tests walk. What holds at kinks, ties and edges stands in [conventions](conventions.md).
"""

CONVENTIONS_HEAD = """# Conventions at kinks, ties and edges

Where a function has no derivative, one answer is as right as another, and it must be known which
one it is. These are graphcomp's, by `gr.grad` of the sum of the expression, each a row of a test.
The last columns are what JAX 0.10 (in 64 bits) and PyTorch 2.13 answer; a test compares them too
where these are installed. An empty cell: they have not this function.
"""

NOTES = """
## Reasons

- 0 at the kink of `abs`, `relu` and the norms is the subgradient of least norm, and what makes a
  minimiser stay where it is.
- Ties share equally, so that the answer does not depend on the order of the elements. A constant
  takes the tie from a variable: so `relu(x)` and `maximum(x, 0)` agree, as in the lectures.
  `relu(x, at_zero=1)` gives their 1(x >= 0).
- `clip` at its bound gives 1: a parameter that stands at its bound can leave it.
- The slope of `sqrt` at 0 is infinite, and so is the answer. Write `where` around it if you
  mean another: `np.where(x > 0, np.sqrt(x), 0)` has slope 0 there.
- Where eigenvalues or singular values are equal, what couples the vectors of two equal ones is
  taken as 0. What is symmetric in them, such as their sum, stays exact. Gradients on eigenvectors
  alone mean nothing there.
- Comparisons, `argmax` and the like give no gradient; where a gradient arrives at an integer or a
  bool, it is an error and never a silent zero.

## The branch not taken, and RuntimeWarnings

`np.where(x > 0, np.log(x), 0)` computes the logarithm of every x. Written out as it stands it
warns where x is 0 or less, and its derivative is 0 * inf there. The remedy is known as the double
where, `np.log(np.where(x > 0, x, 1))`, and graphcomp writes it: before it differentiates, and
again when it generates a file. So neither a NaN nor a warning comes from a branch not taken, in
values and in derivatives of both orders.

- A comparison or a bool array times a value counts as a `where`: `(x > 0) * np.sqrt(x)` is 0 for
  negative x, where NumPy's own is NaN. So do zeros of a `where` that are multiplied. What the
  user divides by 0 stays NaN, a mean of no elements too.
- What a comparison, `isnan` or the like looks at is left as it is written, and so is what is used
  in another place without a mask, or written as a double where already.
- `gr.backprop` and `stabilise=False` differentiate what stands there. `passes=()` generates it.

A generated function raises a RuntimeWarning where the result is not finite: `log(0)` that is
asked for warns and is -inf. Where all results are finite it raises none, but for these:

- underflow, which NumPy reports only where asked to;
- sums, products and squares beyond 1e154 in a branch not taken, or on the way to a finite result,
  as in `1 / (1 + x**2)`;
- what is computed to be tested: `np.nansum(np.log(x))` warns of the logarithms that it leaves out.
"""


def pages() -> dict[str, str]:
    """The text of each page."""
    return {
        "operations.md": "\n".join(
            [HEAD, *functions(), "", *distributions(), "", *operations(), ""]
        ),
        "conventions.md": "\n".join([CONVENTIONS_HEAD, *rows(), NOTES]),
    }


# ------------------------------------------------------------------------------------ functions


def functions() -> list[str]:
    """One row for each public function."""
    groups: dict[int, list[str]] = {}
    for path, function in implementations.items():
        if not path.startswith("scipy.stats."):
            groups.setdefault(id(function), []).append(path)
    rows = []
    for paths in groups.values():
        function = implementations[paths[0]]
        names = ", ".join(f"`{path}`" for path in sorted(paths))
        rows.append((own_name(function), names, orders(paths, function), first_line(function)))
    head = [
        f"## Functions\n\n{sum(map(len, groups.values()))} names of NumPy and SciPy stand for "
        f"{len(groups)} functions. *Checked* is the order of the derivatives and the number of "
        "argument forms.\n",
        "| graphcomp | NumPy, SciPy | checked | |",
        "|---|---|---|---|",
    ]
    return head + [f"| {a} | {b} | {c} | {d} |" for a, b, c, d in sorted(rows, key=_by_name)]


def _by_name(row: tuple[str, ...]) -> tuple[bool, str, str]:
    return (not row[0], row[0], row[1])


def own_name(function: Any) -> str:
    """``gr.linalg.solve``; empty for what has no name in ``gr``."""
    for prefix, module in _modules():
        for name, value in sorted(vars(module).items()):
            if value is function and not name.startswith("_"):
                return f"`{prefix}.{name}`"
    return ""


def _modules() -> Iterable[tuple[str, Any]]:
    yield "gr", gr
    for name in ("linalg", "fft", "special"):
        yield f"gr.{name}", getattr(gr, name)


def forms_of(paths: Iterable[str]) -> list[Form]:
    """The forms that call a function by one of its names."""
    return [entry for entry in entries_of(paths) if isinstance(entry, Form)]


def entries_of(paths: Iterable[str]) -> list[Form | Refused]:
    """The forms and refusals that call a function by one of its names."""
    spelled = []
    for path in paths:
        short = re.escape(path.replace("numpy.", "np.", 1))
        spelled.append(rf"\b{short}(?![\w.])")
        name = path.removeprefix("numpy.").removeprefix("ndarray.")
        if path.startswith("numpy.") and "." not in name:
            spelled.append(rf"\.{re.escape(name)}\(")
    pattern = re.compile("|".join(spelled))
    return [entry for entry in ENTRIES if pattern.search(entry.text)]


def walked(paths: Iterable[str]) -> list[type[Op]]:
    """The elementwise operations that the functions are, whose samples the tests walk."""
    names = {path.rpartition(".")[2] for path in paths}
    return [op for name, op in registry.items() if name in names and issubclass(op, Elementwise)]


def orders(paths: Iterable[str], function: Any) -> str:
    """``2, 14 forms``: the order of checked derivatives, and by how many forms."""
    paths = list(paths)
    found = forms_of(paths)
    order = max((form.order for form in found), default=0)
    if any(any(differentiable(op)) for op in walked(paths)):
        order = 2
    if not found and not walked(paths):
        return ""
    many = f", {len(found)} form{'s' if len(found) > 1 else ''}" if found else ""
    return (str(order) if order else "values") + many


def first_line(function: Any) -> str:
    text = (inspect.getdoc(function) or "").partition("\n")[0]
    return text.replace("|", "\\|")


def distributions() -> list[str]:
    """One row for each distribution."""
    methods: dict[str, list[str]] = {}
    for path in implementations:
        if path.startswith("scipy.stats."):
            _, _, name, *method = path.split(".")
            methods.setdefault(name, []).extend(method)
    head = [
        "## Distributions\n\nUnder the names of `scipy.stats`, in `gr.stats`; also frozen: "
        "`gr.stats.norm(mu, sigma).logpdf(x)`.\n",
        "| distribution | methods |",
        "|---|---|",
    ]
    rows = [f"| `{name}` | {', '.join(sorted(found))} |" for name, found in sorted(methods.items())]
    return head + rows


# ----------------------------------------------------------------------------------- operations


def operations() -> list[str]:
    """One row for each registered operation."""
    head = [
        f"## Registered operations\n\nThe {len(registry)} operations that graphs are made of.\n",
        "| operation | differentiable | orders | domain of tests | kinks | |",
        "|---|---|---|---|---|---|",
    ]
    rows = []
    for name, op in sorted(registry.items()):
        if not op.__module__.startswith("graphcomp."):
            continue  # a user's own
        chosen = ", ".join(differentiable(op)) if name not in STRUCTURAL else ""
        second = name not in STRUCTURAL and any(s.second for s in op.samples())
        order = ("1 and 2" if second else "1") if chosen else ""
        kinks = ", ".join(f"{k:g}" for k in getattr(op, "kinks", ()))
        rows.append(
            f"| `{name}` | {chosen} | {order} | {_domain(op)} | {kinks} | {first_line(op)} |"
        )
    return head + rows


def differentiable(op: type[Op]) -> list[str]:
    """The parameters that a gradient goes to, in any of the operation's samples."""
    found: dict[str, None] = {}
    for sample in op.samples():
        use = Use.of(sample, 7)
        types = use.output.type
        items = types.items if isinstance(types, TupleType) else (types,)
        if not any(t.is_differentiable for t in items):
            continue
        names = sample.op.parameter_names(len(use.inputs))
        found.update(dict.fromkeys(names[i] for i in use.differentiable()))
    return [name for name in found if not re.search(r"[1-9]$", name)]


def _domain(op: type[Op]) -> str:
    if not issubclass(op, Elementwise):
        return ""
    return ", ".join(f"[{low:g}, {high:g}]" for low, high in op.domain)


def main() -> None:
    """Write the pages."""
    with np.errstate(all="ignore"):
        for name, text in pages().items():
            (DOCS / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
