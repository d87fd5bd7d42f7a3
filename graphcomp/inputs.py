"""Declaring the inputs of a graph."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from graphcomp.declared import UNDECLARED, declare
from graphcomp.dims import Dim, as_shape
from graphcomp.errors import IdentifierError, ShapeError
from graphcomp.graph import Variable
from graphcomp.ops.base import Input
from graphcomp.types import TensorType, as_dtype

Entry = int | str | Dim


def variable(
    name: str, shape: Entry | Sequence[Entry] = (), dtype: Any = "float64", **assumptions: Any
) -> Variable:
    """An input: a named array that the caller gives.

    An entry of ``shape`` is an int, the name of a size (``"n"``: any length, the same wherever
    ``"n"`` stands), or an expression of sizes (``"2*n + 1"``).

    ``assumptions`` are facts that you vouch for; rewriting relies on them, and nothing checks
    them but ``gr.evaluate`` and ``gr.check_grad``. Of every element: ``positive=True``,
    ``nonnegative``, ``negative``, ``nonpositive``, ``nonzero``, ``integer``, ``finite``, and
    ``bounds=(low, high)``, both included, None for none. Of the matrices in the last two axes:
    ``symmetric=True``, ``hermitian``, ``positive_definite``, ``positive_semidefinite``,
    ``orthogonal``, ``unitary``, ``diagonal``, ``lower_triangular``, ``upper_triangular``. A
    derivative is still that by each element on its own.

    Raises IdentifierError for a name that is not a string, SizeError for an entry that is no
    length, DTypeError for a dtype that graphs do not hold, OptionError for assumptions that are
    unknown or contradict each other, ShapeError for those that the shape does not allow.

    >>> variable("X", ("n", 3)).shape
    (Dim('n'), 3)
    >>> variable("K", ("n", "n"), positive_definite=True)
    <Variable 'K' input, positive definite: float64(n, n)>
    """
    if not isinstance(name, str) or not name:
        raise IdentifierError(
            f"the name of an input is a non-empty string, not {name!r}", "write one such as 'x'"
        )
    kind = TensorType(as_dtype(dtype), as_shape(shape))
    declared = declare(name, kind, assumptions) if assumptions else UNDECLARED
    made = Input(name, kind.dtype, kind.shape, uuid.uuid4().hex, declared)()
    return made.named(name)


def scalar(name: str, dtype: Any = "float64", **assumptions: Any) -> Variable:
    """A 0-d input. Assumptions and errors are those of ``variable``."""
    return variable(name, (), dtype, **assumptions)


def vector(name: str, n: Entry, dtype: Any = "float64", **assumptions: Any) -> Variable:
    """An input of shape (n,). Assumptions and errors are those of ``variable``."""
    return variable(name, (n,), dtype, **assumptions)


def matrix(
    name: str, shape: Sequence[Entry], dtype: Any = "float64", **assumptions: Any
) -> Variable:
    """An input of shape (m, n). Assumptions and errors are those of ``variable``, and ShapeError
    for another rank."""
    if isinstance(shape, (int, str, Dim)) or len(shape) != 2:
        raise ShapeError(f"matrix {name} has shape {shape!r}", "give two lengths, or use gr.tensor")
    return tensor(name, shape, dtype, **assumptions)


def tensor(
    name: str, shape: Sequence[Entry], dtype: Any = "float64", **assumptions: Any
) -> Variable:
    """An input of any shape. Assumptions and errors are those of ``variable``."""
    return variable(name, shape, dtype, **assumptions)
