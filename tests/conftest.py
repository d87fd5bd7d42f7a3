"""Counts of checks in the summary, with and without pytest-xdist."""

from __future__ import annotations

import sys
from collections import Counter
from typing import Any

from graphcomp.ops.base import registry
from graphcomp.registry import implementations
from tests.checks import STRUCTURAL
from tests.forms import tables


def pytest_runtest_setup() -> None:
    """Each test starts with Python's own recursion limit: mypy, once imported, raises it."""
    sys.setrecursionlimit(1000)


def walked() -> str:
    """What the registries hold for the tests to walk."""
    names = {name for name in registry if name not in STRUCTURAL}
    samples = [sample for name in names for sample in registry[name].samples()]
    operands = [operand for sample in samples for operand in sample.operands]
    arguments = sum(
        max((len(sample.operands) for sample in registry[name].samples()), default=0)
        for name in names
    )
    found = {
        "operations": len(names),
        "arguments": arguments,
        "samples": len(samples),
        "dtypes": len({operand.dtype for operand in operands}),
        "shapes": len({operand.shape for operand in operands}),
        "public names": len(implementations),
        "forms": len(tables()),
    }
    return ", ".join(f"{count} {kind}" for kind, count in found.items())


def pytest_terminal_summary(terminalreporter: Any) -> None:
    totals: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", "") == "call":
                for key, number in report.user_properties:
                    if key.startswith("count:"):
                        totals[key.removeprefix("count:")] += number
    if totals:
        terminalreporter.write_line(f"walked: {walked()}")
        line = ", ".join(f"{kind} {number}" for kind, number in sorted(totals.items()))
        terminalreporter.write_line(f"checks: {line}")
        skipped, compared = totals["skipped at a kink"], totals["first derivatives"]
        if compared:
            terminalreporter.write_line(
                f"points skipped for a kink: {skipped / (skipped + compared):.2%}"
            )
