"""Where in the user's code a variable was built: file, line and expression."""

from __future__ import annotations

import ast
import functools
import linecache
import os
import sys
import textwrap
from dataclasses import dataclass
from itertools import islice
from types import CodeType

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
def _is_library(filename: str) -> bool:
    return any(folder in filename for folder in _LIBRARIES)


@dataclass(frozen=True, slots=True)
class Source:
    """A place in a program: a code object and the offset of an instruction in it.

    The line and the expression are looked up only when somebody reads them.
    """

    code: CodeType
    offset: int

    @property
    def span(self) -> tuple[int, int, int, int]:
        """First line, last line, first column, column past the end (columns in bytes)."""
        span = next(islice(self.code.co_positions(), self.offset // 2, None), (None,) * 4)
        first, last, start, stop = span
        line = first if first is not None else self.code.co_firstlineno
        return line, last if last is not None else line, start or 0, stop or 0

    @property
    def line(self) -> int:
        return self.span[0]

    @property
    def file(self) -> str:
        """The file, relative to the working directory where it lies below it, else its name."""
        filename = self.code.co_filename
        if filename.startswith("<"):
            return filename
        try:
            relative = os.path.relpath(filename)
        except ValueError:
            return os.path.basename(filename)
        outside = relative.startswith(os.pardir)
        return os.path.basename(filename) if outside else relative.replace(os.sep, "/")

    @property
    def place(self) -> str:
        """``model.py:14``."""
        return f"{self.file}:{self.line}"

    @property
    def expression(self) -> str:
        """The source text of the expression, on one line; empty where there is no source."""
        first, last, start, stop = self.span
        lines = [linecache.getline(self.code.co_filename, n) for n in range(first, last + 1)]
        if not stop or not all(lines):
            return ""
        raw = [line.encode() for line in lines]
        raw[-1] = raw[-1][:stop]
        raw[0] = raw[0][start:]
        return " ".join(b"".join(raw).decode(errors="replace").split())

    @property
    def target(self) -> str | None:
        """``H`` where the line is ``H = <this expression>``, else None."""
        first, last, _, _ = self.span
        lines = [linecache.getline(self.code.co_filename, n) for n in range(first, last + 1)]
        return _assigned_name(textwrap.dedent("".join(lines)), self.expression)


    @property
    def fixed(self) -> FixedSource:
        """The same place as plain text, which can be pickled."""
        return FixedSource(self.file, self.line, self.expression, self.target)


@dataclass(frozen=True, slots=True)
class FixedSource:
    """A place in a program whose code is not at hand: what a pickle brings."""

    file: str
    line: int
    expression: str
    target: str | None

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}"

    @property
    def fixed(self) -> FixedSource:
        return self


@functools.lru_cache(maxsize=4096)
def _assigned_name(statement: str, expression: str) -> str | None:
    try:
        tree = ast.parse(statement)
        value = ast.dump(ast.parse(expression, mode="eval").body)
    except (SyntaxError, ValueError):
        return None
    for node in tree.body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target = node.targets[0]
            if isinstance(target, ast.Name) and ast.dump(node.value) == value:
                return target.id
    return None


def user_source() -> Source | None:
    """The innermost frame of the call stack that belongs to the user."""
    frame = sys._getframe(1)
    while frame is not None:
        if not _is_library(frame.f_code.co_filename):
            return Source(frame.f_code, frame.f_lasti)
        frame = frame.f_back  # type: ignore[assignment]
    return None

