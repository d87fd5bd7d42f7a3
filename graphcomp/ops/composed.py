"""NumPy's functions that are a few operations in a row."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

from graphcomp.errors import DTypeError, OptionError, ShapeError, SizeError
from graphcomp.graph import Variable
from graphcomp.ops import compare, contract, create, join, parts, shape
from graphcomp.ops.base import as_variable, axis_from_end
from graphcomp.registry import public
from graphcomp.types import format_shape

__all__ = ["cross", "diff", "fabs", "meshgrid", "polyval", "select", "trapezoid", "vander"]


@public("numpy.fabs")
def fabs(x: Any, /) -> Variable:
    """The absolute value of a real x, as ``np.fabs``. Raises DTypeError for a complex x."""
    x = as_variable(x)
    if x.dtype.kind == "c":
        raise DTypeError(f"fabs does not take {x.dtype}", "write gr.abs(x)")
    return parts.absolute(x)


def _slice(x: Variable, axis: int, start: int | None, stop: int | None) -> Variable:
    """x[start:stop] along an axis counted from the end."""
    return x[(..., slice(start, stop), *(slice(None),) * (-axis - 1))]


@public("numpy.diff")
def diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Variable:
    """The n-th differences of neighbours along an axis, as ``np.diff``.

    Raises ShapeError for an axis that a does not have, OptionError for a negative n.

    >>> import graphcomp as gr
    >>> diff(gr.vector("x", "n")).shape
    (Dim('n - 1'),)
    """
    if n < 0:
        raise OptionError(f"diff of order {n}", "give an order of at least 0")
    a = as_variable(a)
    axis = axis_from_end(axis, a.ndim)
    ends = [None if end is None else as_variable(end) for end in (prepend, append)]
    length_one = (*a.shape[: a.ndim + axis], 1, *a.shape[a.ndim + axis + 1 :])
    pieces = [
        v if v is a or v.ndim else shape.broadcast_to(v, length_one)
        for v in (ends[0], a, ends[1])
        if v is not None
    ]
    result: Variable = join.concatenate(pieces, axis=axis) if len(pieces) > 1 else a
    for _ in range(n):
        later, earlier = _slice(result, axis, 1, None), _slice(result, axis, None, -1)
        result = compare.not_equal(later, earlier) if a.dtype.kind == "b" else later - earlier
    return result


@public("numpy.trapezoid", "numpy.trapz", "scipy.integrate.trapezoid")
def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Variable:
    """The integral of y over x, or over steps of dx, by the trapezoidal rule.

    Raises ShapeError for an axis that y does not have.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.trapezoid(gr.constant([1.0, 2.0, 3.0]), dx=0.5))
    np.float64(2.0)
    """
    y = as_variable(y)
    axis = axis_from_end(axis, y.ndim)
    if x is not None:
        x = as_variable(x)
        dx = diff(x, axis=axis if x.ndim > 1 else -1)
        if x.ndim == 1:
            dx = dx.reshape((-1, *(1,) * (-axis - 1)))
    areas: Variable = dx * (_slice(y, axis, 1, None) + _slice(y, axis, None, -1)) / 2.0
    return areas.sum(axis)


@public("numpy.cross", "numpy.linalg.cross")
def cross(a: Any, b: Any, axis: int = -1) -> Variable:
    """The cross product of vectors of three components along an axis, as ``np.cross``.

    Raises ShapeError where an operand does not have three components.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.cross(gr.constant([1, 0, 0]), gr.constant([0, 1, 0])))
    array([0, 0, 1])
    """
    operands = [shape.moveaxis(as_variable(v), axis, -1) for v in (a, b)]
    for v in operands:
        if v.shape[-1] != 3:
            raise ShapeError(
                f"cross of {v.label}, which is {format_shape(v.shape)}",
                "give vectors of three components; for two, write a[0] * b[1] - a[1] * b[0]",
            )
    (a0, a1, a2), (b0, b1, b2) = ([v[..., k] for k in range(3)] for v in operands)
    products = [a1 * b2 - a2 * b1, a2 * b0 - a0 * b2, a0 * b1 - a1 * b0]
    return join.stack(products, axis=axis)


@public("numpy.polyval")
def polyval(p: Any, x: Any) -> Variable:
    """The polynomial with coefficients p, highest power first, at x, by Horner's rule.

    >>> import graphcomp as gr
    >>> x = gr.scalar("x")
    >>> gr.evaluate({x: 2.0}, gr.polyval([1.0, 0.0, 3.0], x))
    np.float64(7.0)
    """
    x = as_variable(x)
    coefficients = p if isinstance(p, (list, tuple)) else as_variable(p)
    result = create.zeros_like(x)
    for coefficient in coefficients:
        result = result * x + coefficient
    return result


@public("numpy.vander")
def vander(x: Any, N: int | None = None, increasing: bool = False) -> Variable:
    """The Vandermonde matrix: a column for each power of x, the highest first.

    Shape (n, N), where N is n unless given. Raises SizeError for a symbolic N.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.vander(gr.constant([2, 3]), 3))
    array([[4, 2, 1],
           [9, 3, 1]])
    """
    x = as_variable(x)
    count = x.shape[0] if N is None else N
    if not isinstance(count, int):
        raise SizeError(f"vander of {x.label} has {count} columns", "give N a number")
    powers = range(count) if increasing else range(count - 1, -1, -1)
    x = x.astype(np.promote_types(x.dtype, int))
    return join.stack([x**k for k in powers], axis=-1)


@public("numpy.select")
def select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> Variable:
    """For each element the choice whose condition is the first that holds, as ``np.select``.

    Raises OptionError where the lists differ in length or are empty.

    >>> import graphcomp as gr
    >>> x = gr.vector("x", 3)
    >>> gr.evaluate({x: [-1.0, 0.5, 2.0]}, gr.select([x < 0, x > 1], [0.0, 1.0], x))
    array([0. , 0.5, 1. ])
    """
    if len(condlist) != len(choicelist) or not len(condlist):
        raise OptionError(
            f"select has {len(condlist)} conditions and {len(choicelist)} choices",
            "give one choice for each condition",
        )
    result = as_variable(default)
    for condition, choice in reversed(list(zip(condlist, choicelist, strict=True))):
        result = compare.where(condition, choice, result)
    return result


@public("numpy.meshgrid")
def meshgrid(
    *xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy"
) -> tuple[Variable, ...]:
    """Grids of coordinates from vectors of them, as ``np.meshgrid``.

    Raises OptionError for another ``indexing`` than ``"xy"`` and ``"ij"``.

    >>> import graphcomp as gr
    >>> [grid.shape for grid in gr.meshgrid(gr.vector("x", "n"), gr.vector("y", 3))]
    [(3, Dim('n')), (3, Dim('n'))]
    """
    if indexing not in ("xy", "ij"):
        raise OptionError(f"indexing={indexing!r}", "give 'xy' or 'ij'")
    count = len(xi)
    place = list(range(count))
    if indexing == "xy" and count > 1:
        place[:2] = 1, 0
    grids = [
        as_variable(x).reshape((*(1,) * k, -1, *(1,) * (count - k - 1)))
        for k, x in zip(place, xi, strict=True)
    ]
    return tuple(grids) if sparse else tuple(shape.broadcast_arrays(*grids))


@public("numpy.linalg.multi_dot")
def multi_dot(arrays: Sequence[Any], *, out: None = None) -> Variable:
    """The product of matrices from left to right, as ``np.linalg.multi_dot``."""
    return functools.reduce(contract.dot, map(as_variable, arrays))
