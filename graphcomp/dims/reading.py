"""Dimensions and shapes from what users write: ints, names, text."""

from __future__ import annotations

import ast
import functools
import keyword
import unicodedata
from collections.abc import Callable, Sequence

import numpy as np

from graphcomp.dims.algebra import INTEGERS, LARGEST_POWER, add, multiply, prod, single, subtract
from graphcomp.dims.atoms import DimLike, Shape, size_atom
from graphcomp.dims.bounds import upper_bound
from graphcomp.dims.dim import Dim
from graphcomp.dims.division import floordiv, mod
from graphcomp.dims.extremes import extreme
from graphcomp.errors import SizeError


def size(name: str, minimum: int = 1) -> Dim:
    """A named size of at least ``minimum``. `SizeError` unless the name is an identifier.

    >>> size("n") + 1
    Dim('n + 1')
    """
    if not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name):
        raise SizeError(f"{name!r} cannot name a size", "write an identifier, such as 'n'")
    if isinstance(minimum, bool) or not isinstance(minimum, INTEGERS) or minimum < 0:
        raise SizeError(f"minimum of size {name} is {minimum!r}", "write an int of at least 0")
    return single(size_atom(unicodedata.normalize("NFKC", name), int(minimum)))


def as_dim(value: int | str | Dim) -> DimLike:
    """The dimension of an int, a Dim, or text over names, ints, ``+ - * // % **``, min and max.

    `SizeError` for anything else and for what is always negative.

    >>> as_dim(3), as_dim("n"), as_dim("min(2*n + 1, 5) // 2")
    (3, Dim('n'), Dim('min(5, 2*n + 1)//2'))
    """
    if isinstance(value, Dim):
        return value
    if isinstance(value, np.ndarray) and not value.ndim:
        value = value[()]
    if isinstance(value, str):
        result = _parse(value)
    elif isinstance(value, INTEGERS) and not isinstance(value, bool):
        result = int(value)
    else:
        raise SizeError(f"an axis length cannot be {value!r}", "write an int or a name such as 'n'")
    if (high := upper_bound(result)) is not None and high < 0:
        raise SizeError(f"axis length {value} is negative", "write at least 0")
    return result


def as_shape(shape: int | str | Dim | Sequence[int | str | Dim]) -> Shape:
    """The shape of one axis length or a sequence of them; errors as in `as_dim`.

    >>> as_shape("n"), as_shape(("n", 2))
    ((Dim('n'),), (Dim('n'), 2))
    """
    if isinstance(shape, np.ndarray) and not shape.ndim:
        shape = shape[()]
    if isinstance(shape, (str, Dim, *INTEGERS)):
        return (as_dim(shape),)
    try:
        return tuple(map(as_dim, shape))
    except TypeError:
        raise SizeError(f"{shape!r} is no shape", "write a tuple of ints and names") from None


@functools.lru_cache(maxsize=1024)
def _parse(text: str) -> DimLike:
    try:
        return _read(ast.parse(text.strip(), mode="eval").body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise SizeError(
            f"{text[:80]!r} is no axis length", "write names, ints, + - * // %, min() and max()"
        ) from None


_OPERATORS: dict[type, Callable[[DimLike, DimLike], DimLike]] = {
    ast.Add: add, ast.Sub: subtract, ast.Mult: multiply, ast.FloorDiv: floordiv, ast.Mod: mod,
}  # fmt: skip


def _read(node: ast.expr) -> DimLike:
    match node:
        case ast.Name(id=name):
            return size(name)
        case ast.Constant(value=int(value)) if not isinstance(value, bool):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return multiply(_read(operand), -1)
        case ast.BinOp(op=ast.Pow(), right=ast.Constant(value=int(n))) if 0 <= n <= LARGEST_POWER:
            return prod([_read(node.left)] * n)
        case ast.BinOp(op=op) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_read(node.left), _read(node.right))
        case ast.Call(func=ast.Name(id="min" | "max" as kind), args=[_, *_], keywords=[]):
            return extreme(kind, tuple(map(_read, node.args)))
    raise ValueError(ast.dump(node))
