"""A graph as text, one variable per line: name, type, operation with its inputs, source."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from typing import Any

from graphcomp.graph import Graph, Variable
from graphcomp.ops.base import Constant, Input, Op, show
from graphcomp.source import FixedSource, Source

WIDEST = 120
_WIDTHS = (24, 28, 48, 28)  # the widest that name, type, operation and place get
_PARAMETER = re.compile(r"[A-Za-z_]+")

Row = tuple[str, str, str, str, str, str]


def render(G: Graph) -> str:
    """The graph in topological order; ``>`` marks outputs, ``*`` what back-propagation made.

    A variable carries the user's name, its gradient's (``grad_W``), or a number (``%7``).
    Numbers that are constants stand in the operations that use them. Time and length are linear
    in the number of variables.
    """
    return "\n".join([_headline(G), *lines(rows(G, names_in(G)))])


def rows(G: Graph, names: dict[Variable, str]) -> list[Row]:
    """The cells of each variable that has a line."""
    outputs = set(G.outputs)
    texts = _Sources()
    return [_row(v, names, v in outputs, texts) for v in G if not is_number(v)]


def lines(table: list[Row], others: list[Row] | None = None) -> list[str]:
    """The rows in columns, as wide as they and the ``others`` need."""
    every = [*table, *(others or ())]
    longest = [max(map(len, column)) for column in zip(*every, strict=True)] if every else []
    widths = [*map(min, longest[1:5], _WIDTHS)]
    return [_line(row, widths) for row in table]


def _headline(G: Graph) -> str:
    made = sum(v.hints.gradient for v in G)
    by_backprop = f", {made} made by back-propagation (*)" if made else ""
    many = "variable" if len(G) == 1 else "variables"
    outputs = "output" if len(G.outputs) == 1 else "outputs"
    return f"{len(G)} {many}, {len(G.outputs)} {outputs} (>){by_backprop}"


def _row(v: Variable, names: dict[Variable, str], is_output: bool, texts: _Sources) -> Row:
    marks = (">" if is_output else " ") + ("*" if v.hints.gradient else " ")
    return marks, names[v], str(v.type), _operation(v, names), *texts.of(v)


def _line(row: Row, widths: list[int]) -> str:
    cells = [_cut(cell, width).ljust(width) for cell, width in zip(row[1:5], widths, strict=True)]
    return _cut(f"{row[0]} {'  '.join(cells)}  {row[5]}".rstrip(), WIDEST)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 3] + "..."


# -------------------------------------------------------------------------------------- the cells


def is_number(v: Variable) -> bool:
    """Whether it stands in the operations that use it, and has no line."""
    return isinstance(v.op, Constant) and not v.ndim and v.hints.name is None


def _operation(v: Variable, names: dict[Variable, str]) -> str:
    if not v.inputs:
        return v.op.describe()
    parts: list[str] = []
    length = 0
    for x in v.inputs:
        if length > _WIDTHS[2]:
            break
        parts.append(names[x] if x in names else _number(x))
        length += len(parts[-1])
    if _is_infix(v.op):
        operands = dict(zip(v.op.parameters, parts, strict=True))
        return _PARAMETER.sub(lambda found: operands[found[0]], v.op.expression)
    return f"{v.op.name}({', '.join((*parts, *_attributes(v.op)))})"


def _is_infix(op: Op) -> bool:
    """Whether its expression is operators and operands only, as ``x + y``."""
    found = _PARAMETER.findall(op.expression)
    return bool(found) and set(found) <= set(op.parameters) and "(" not in op.expression


def _number(x: Variable) -> str:
    assert isinstance(x.op, Constant)
    text = str(x.op.scalar)
    return f"({text})" if text.startswith("-") else text


def _attributes(op: Op) -> Iterator[str]:
    """The attributes that differ from their defaults."""
    fields: tuple[dataclasses.Field[Any], ...] = (
        dataclasses.fields(op) if dataclasses.is_dataclass(op) else ()
    )
    for field in fields:
        value = getattr(op, field.name)
        if type(value) is not type(field.default) or show(value) != show(field.default):
            yield f"{field.name}={show(value)}"


def names_in(G: Graph) -> dict[Variable, str]:
    """A name for each variable but plain numbers; no two alike."""
    names: dict[Variable, str] = {}
    used: dict[str, int] = {}
    targets = _Targets(G)
    number = 0
    for v in G:
        if is_number(v):
            continue
        name = v.hints.name or v.hints.role or targets.of(v)
        if name is None:
            number += 1
            names[v] = f"%{number}"
            continue
        used[name] = used.get(name, 0) + 1
        names[v] = name if used[name] == 1 else f"{name}_{used[name]}"
    return names


class _Targets:
    """``H`` for what the user's line ``H = ...`` computes; looked up once per place."""

    def __init__(self, G: Graph) -> None:
        self._graph = G
        self._known: dict[object, str | None] = {}

    def of(self, v: Variable) -> str | None:
        source = v.hints.source
        if source is None or v.hints.gradient or isinstance(v.op, Constant):
            return None
        place = _place(source)
        if place not in self._known:
            self._known[place] = source.target
        target = self._known[place]
        return target if target and self._is_last(v, place) else None

    def _is_last(self, v: Variable, place: object) -> bool:
        """Whether nothing that the same line made is computed from v."""
        users = self._graph.get_consumers(v)
        return not any(_place(c.hints.source) == place for c in users if not c.hints.gradient)


class _Sources:
    """The user's file and line, and text; looked up once per place."""

    def __init__(self) -> None:
        self._known: dict[object, tuple[str, str]] = {}

    def of(self, v: Variable) -> tuple[str, str]:
        source = v.hints.source
        if source is None:
            return "", ""
        place = _place(source)
        if place not in self._known:
            target = f"{source.target} = " if source.target else ""
            self._known[place] = source.place, f"{target}{source.expression}"
        file_and_line, expression = self._known[place]
        return file_and_line, "" if isinstance(v.op, Input) else expression


def _place(source: Source | FixedSource | None) -> object:
    """Cheap to hash, unlike a code object."""
    return (id(source.code), source.offset) if isinstance(source, Source) else source
