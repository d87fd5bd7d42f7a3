"""Counts of checks in the summary, with and without pytest-xdist."""

from __future__ import annotations

from collections import Counter
from typing import Any


def pytest_terminal_summary(terminalreporter: Any) -> None:
    totals: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", "") == "call":
                for key, number in report.user_properties:
                    if key.startswith("count:"):
                        totals[key.removeprefix("count:")] += number
    if totals:
        line = ", ".join(f"{kind} {number}" for kind, number in sorted(totals.items()))
        terminalreporter.write_line(f"checks: {line}")
        skipped, compared = totals["skipped at a kink"], totals["first derivatives"]
        if compared:
            terminalreporter.write_line(
                f"points skipped for a kink: {skipped / (skipped + compared):.2%}"
            )
