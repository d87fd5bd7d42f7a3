"""The table that a module of objectives fills, row by row."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Draw:
    """A type string, and the interval or the kind that numbers are drawn from."""

    type: str
    low: float = -1.0
    high: float = 1.0
    kind: str = ""


@dataclass
class Case:
    name: str
    function: Any
    arguments: tuple[Any, ...]
    options: dict[str, Any] = field(default_factory=dict)


CASES: list[Case] = []


def case(*arguments: Any, name: str = "", **options: Any) -> Any:
    def enter(function: Any) -> Any:
        CASES.append(Case(name or function.__name__, function, arguments, options))
        return function

    return enter
