"""Declaring the inputs of a graph."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from graphcomp.dims import Dim, as_shape
from graphcomp.errors import IdentifierError, ShapeError
from graphcomp.graph import Variable
from graphcomp.ops.base import Input
from graphcomp.types import as_dtype

Entry = int | str | Dim


def variable(name: str, shape: Entry | Sequence[Entry] = (), dtype: Any = "float64") -> Variable:
    """An input: a named array that the caller gives.

    An entry of ``shape`` is an int, the name of a size (``"n"``: any length, the same wherever
    ``"n"`` stands), or an expression of sizes (``"2*n + 1"``).

    Raises IdentifierError for a name that is not a string, SizeError for an entry that is no
    length, DTypeError for a dtype that graphs do not hold.

    >>> variable("X", ("n", 3)).shape
    (Dim('n'), 3)
    """
    if not isinstance(name, str) or not name:
        raise IdentifierError(
            f"the name of an input is a non-empty string, not {name!r}", "write one such as 'x'"
        )
    made = Input(name, as_dtype(dtype), as_shape(shape), uuid.uuid4().hex)()
    return made.named(name)


def scalar(name: str, dtype: Any = "float64") -> Variable:
    """A 0-d input. Raises as ``variable``."""
    return variable(name, (), dtype)


def vector(name: str, n: Entry, dtype: Any = "float64") -> Variable:
    """An input of shape (n,). Raises as ``variable``."""
    return variable(name, (n,), dtype)


def matrix(name: str, shape: Sequence[Entry], dtype: Any = "float64") -> Variable:
    """An input of shape (m, n). Raises as ``variable``, and ShapeError for another rank."""
    if isinstance(shape, (int, str, Dim)) or len(shape) != 2:
        raise ShapeError(f"matrix {name} has shape {shape!r}", "give two lengths, or use gr.tensor")
    return tensor(name, shape, dtype)


def tensor(name: str, shape: Sequence[Entry], dtype: Any = "float64") -> Variable:
    """An input of any shape. Raises as ``variable``."""
    return variable(name, shape, dtype)
