"""Where in the user's code a variable was built: file, line and expression."""

from __future__ import annotations

import ast
import functools
import inspect
import linecache
import os
import sys
import textwrap
from dataclasses import dataclass
from itertools import islice
from types import CodeType, FrameType
from typing import Any

import numpy as np

_HERE = os.path.dirname(os.path.abspath(__file__))
# Frames of these folders are never the user's: ours, and the libraries that dispatch back to us.
_LIBRARIES = (
    _HERE + os.sep,
    os.path.join(os.path.dirname(_HERE), "codegen") + os.sep,
    os.path.dirname(os.path.abspath(np.__file__)) + os.sep,
    os.sep + os.path.join("site-packages", "scipy") + os.sep,
    "<frozen ",
    "<graphcomp ",
)


@functools.lru_cache(maxsize=4096)
def is_library_file(filename: str) -> bool:
    return any(folder in filename for folder in _LIBRARIES)


@dataclass(frozen=True, slots=True)
class Source:
    """A place in a program: a code object and the offset of an instruction in it.

    The line and the expression are looked up only when somebody reads them.
    """

    code: CodeType
    offset: int

    @property
    def fixed(self) -> FixedSource:
        """The same place as plain text, which can be pickled."""
        return _read(self)

    @property
    def file(self) -> str:
        return _read(self).file

    @property
    def line(self) -> int:
        return _read(self).line

    @property
    def place(self) -> str:
        """``model.py:14``."""
        return _read(self).place

    @property
    def expression(self) -> str:
        """The source text of the expression, on one line; empty where there is no source."""
        return _read(self).expression

    @property
    def target(self) -> str | None:
        """``H`` where the line is ``H = <this expression>``, else None."""
        return _read(self).target

    @property
    def targets(self) -> tuple[str, ...]:
        """``("w", "V")`` where the line is ``w, V = <this expression>``."""
        return _read(self).targets


@dataclass(frozen=True, slots=True)
class FixedSource:
    """A place in a program whose code is not at hand: what a pickle brings."""

    file: str
    line: int
    expression: str
    target: str | None
    targets: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}"

    @property
    def fixed(self) -> FixedSource:
        return self


@functools.lru_cache(maxsize=1 << 14)
def _read(source: Source) -> FixedSource:
    code = source.code
    span = next(islice(code.co_positions(), source.offset // 2, None), (None,) * 4)
    first = span[0] if span[0] is not None else code.co_firstlineno
    last = span[1] if span[1] is not None else first
    file = _relative(code.co_filename)
    lines = [linecache.getline(code.co_filename, n) for n in range(first, last + 1)]
    if not span[3] or not all(lines):
        return FixedSource(file, first, "", None)
    raw = [line.encode() for line in lines]
    raw[-1] = raw[-1][: span[3]]
    raw[0] = raw[0][span[2] or 0 :]
    expression = b"".join(raw).decode(errors="replace")
    assigned = _assignment(textwrap.dedent("".join(lines)), expression)
    if assigned is None:
        return FixedSource(file, first, " ".join(expression.split()), None)
    target, expression = assigned
    whole = " ".join(expression.split())
    if isinstance(target, ast.Name):
        return FixedSource(file, first, whole, target.id)
    names = tuple(item.id for item in target.elts if isinstance(item, ast.Name))
    return FixedSource(file, first, whole, None, names if len(names) == len(target.elts) else ())


def definition_of(function: Any) -> FixedSource | None:
    """The line on which a Python function is defined; None for one that is not Python's."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    if not isinstance(code, CodeType):
        return None
    return FixedSource(_relative(code.co_filename), code.co_firstlineno, "", None)


def _relative(filename: str) -> str:
    """The file, relative to the working directory where it lies below it, else its bare name."""
    if filename.startswith("<"):
        return filename
    try:
        relative = os.path.relpath(filename)
    except ValueError:
        return os.path.basename(filename)
    outside = relative.startswith(os.pardir)
    return os.path.basename(filename) if outside else relative.replace(os.sep, "/")


def _assignment(statement: str, expression: str) -> tuple[ast.Name | ast.Tuple, str] | None:
    """Target and value, where the statement assigns the expression to a name or to several.

    Where a value is taken apart, the expression that Python reports is the names it goes to.
    """
    try:
        tree = ast.parse(statement)
        shown = ast.unparse(ast.parse(f"({expression})", mode="eval").body)
    except (SyntaxError, ValueError):
        return None
    for node in tree.body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target, value = node.targets[0], ast.unparse(node.value)
            if isinstance(target, ast.Name) and shown == value:
                return target, expression
            if isinstance(target, ast.Tuple) and shown in (value, ast.unparse(target)):
                return target, ast.get_source_segment(statement, node.value) or expression
    return None


def user_source() -> Source | None:
    """The innermost frame of the call stack that belongs to the user."""
    frame = sys._getframe(1)
    while frame is not None:
        if not is_library_file(frame.f_code.co_filename):
            return Source(frame.f_code, frame.f_lasti)
        frame = frame.f_back  # type: ignore[assignment]
    return None


class TracedGlobals(dict[str, Any]):
    """Base of what a function sees as its globals while it is traced."""


def is_traced(frame: FrameType) -> bool:
    """Whether the code of a frame is a traced function's own."""
    return isinstance(frame.f_globals, TracedGlobals)
