"""Differences of neighbours, and the derivatives and integrals that they approximate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from graphcomp.dims import DimLike
from graphcomp.errors import DTypeError, OptionError, ShapeError
from graphcomp.graph import Variable
from graphcomp.ops import compare, create, cumulative, join, shape as shapes
from graphcomp.ops.base import as_variable, axis_from_end
from graphcomp.ops.reduce import Axis, normalize_axes
from graphcomp.registry import public
from graphcomp.types import format_shape

__all__ = ["diff", "ediff1d", "gradient", "trapezoid"]


def _along(x: Variable, axis: int, index: Any) -> Variable:
    """x[index] along an axis counted from the end; (None, k) keeps the axis, with length 1."""
    chosen = index if isinstance(index, tuple) else (index,)
    return x[(..., *chosen, *(slice(None),) * (-axis - 1))]


def _length_one(shape: Sequence[DimLike], axis: int) -> tuple[DimLike, ...]:
    """The shape with length 1 along an axis counted from the end."""
    return tuple(1 if k == axis else shape[k] for k in range(-len(shape), 0))


@public("numpy.diff")
def diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Variable:
    """The n-th differences of neighbours along an axis, as ``np.diff``.

    ``prepend`` and ``append``, numbers or arrays, are joined to a along the axis first. Raises
    ShapeError for an axis that a does not have and for what does not join, OptionError for a
    n that is no int or negative.

    >>> import graphcomp as gr
    >>> diff(gr.vector("x", "n")).shape
    (Dim('n - 1'),)
    """
    if not isinstance(n, (int, np.integer)) or n < 0:
        raise OptionError(f"diff of order {n!r}", "give an int of at least 0")
    if n == 0:
        return as_variable(a)
    a = as_variable(a)
    axis = axis_from_end(axis, a.ndim)
    ends = [None if end is None else _end(end, a, axis) for end in (prepend, append)]
    pieces = [v for v in (ends[0], a, ends[1]) if v is not None]
    result: Variable = join.concatenate(pieces, axis=axis) if len(pieces) > 1 else a
    for _ in range(n):
        later, earlier = _along(result, axis, slice(1, None)), _along(result, axis, slice(-1))
        result = compare.not_equal(later, earlier) if result.dtype.kind == "b" else later - earlier
    return result


def _end(value: Any, a: Variable, axis: int) -> Variable:
    """What ``diff`` joins to a: a number along the whole of the other axes."""
    end = as_variable(value)
    end = end.astype(end.dtype) if end.type.weak else end
    return end if end.ndim else shapes.broadcast_to(end, _length_one(a.shape, axis))


@public("numpy.ediff1d")
def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Variable:
    """The differences of neighbours of a made flat, between ``to_begin`` and ``to_end``.

    As ``np.ediff1d``; the dtype is ary's. Raises DTypeError for ends of a kind of number that
    it does not hold.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, ediff1d(gr.constant([1, 2, 4]), to_begin=-9, to_end=[7, 8]))
    array([-9,  1,  2,  7,  8])
    """
    flat = shapes.ravel(as_variable(ary))
    differences = flat[1:] - flat[:-1]
    pieces = [differences]
    for place, end in ((0, to_begin), (len(pieces) + 1, to_end)):
        if end is None:
            continue
        end = as_variable(end)
        name = "to_end" if place else "to_begin"
        if not np.can_cast(end.dtype, flat.dtype, "same_kind"):
            raise DTypeError(f"{name} is {end.dtype} for {flat.dtype}", "convert the array first")
        pieces.insert(place, shapes.ravel(end.astype(flat.dtype)))
    return join.concatenate(pieces) if len(pieces) > 1 else differences


# --------------------------------------------------------------------------------------- gradient


@public("numpy.gradient")
def gradient(f: Any, *varargs: Any, axis: Axis = None, edge_order: int = 1) -> Any:
    """The derivative along axes by second-order differences, as ``np.gradient``.

    ``varargs`` are the spacings: none, one number for all axes, or for each axis a number or
    the vector of its coordinates. Inside, it is the slopes on both sides, weighted so that it
    is right for a parabola (Quarteroni, Sacco and Saleri, *Numerical Mathematics*); at
    the ends it is the slope of the outermost pair, or with ``edge_order=2`` the derivative of
    the outermost parabola. Returns one variable for one axis, else a tuple.

    Raises ShapeError for an axis with fewer than ``edge_order + 1`` elements and coordinates
    that do not fit it, OptionError for another number of spacings or ``edge_order``, DTypeError
    for bools.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gradient(gr.constant([1.0, 4.0, 9.0]), edge_order=2))
    array([2., 4., 6.])
    """
    if edge_order not in (1, 2):
        raise OptionError(f"gradient has edge_order={edge_order!r}", "give 1 or 2")
    f = as_variable(f)
    if f.dtype.kind == "b":
        raise DTypeError("gradient of bools", "convert with .astype first")
    if f.dtype.kind in "iu":
        f = f.astype(float)
    given = axis if isinstance(axis, (tuple, list)) else None if axis is None else (axis,)
    normalize_axes(given, f.ndim)  # raises where one is missing or named twice
    axes = range(-f.ndim, 0) if given is None else [axis_from_end(k, f.ndim) for k in given]
    results = tuple(
        _gradient(f, k, spacing, edge_order)
        for k, spacing in zip(axes, _spacings(f, varargs, axes), strict=True)
    )
    return results[0] if len(results) == 1 else results


def _spacings(f: Variable, varargs: Sequence[Any], axes: Sequence[int]) -> list[Variable]:
    """For each axis the distance of neighbours: one, or with length n - 1 along the axis."""
    spacings = [as_variable(spacing) for spacing in varargs or (1.0,)]
    if len(spacings) == 1 and not spacings[0].ndim:
        spacings = spacings * len(axes)
    if len(spacings) != len(axes):
        raise OptionError(
            f"gradient has {len(spacings)} spacings for {len(axes)} axes",
            "give one number for all axes, or one spacing for each",
        )
    return [
        _distances(f, axis, at) if at.ndim else at for axis, at in zip(axes, spacings, strict=True)
    ]


def _distances(f: Variable, axis: int, coordinates: Variable) -> Variable:
    if coordinates.shape != (f.shape[axis],):
        raise ShapeError(
            f"coordinates of shape {format_shape(coordinates.shape)} for an axis of length "
            f"{f.shape[axis]}",
            "give a vector of one coordinate for each element along the axis",
        )
    if coordinates.dtype.kind in "iu":
        coordinates = coordinates.astype(float)
    distances = coordinates[1:] - coordinates[:-1]
    return shapes.Reshape((*distances.shape, *(1,) * (-1 - axis)))(distances)


def _gradient(f: Variable, axis: int, h: Variable, edge_order: int) -> Variable:
    """The mean of the slopes on both sides, each weighted by the distance on the other.

    Beyond the ends stands a further interval as long as the outermost: of the same slope, or
    for a parabola of a slope that goes on along its straight line.
    """
    length = f.shape[axis]
    if isinstance(length, int) and length <= edge_order:
        raise ShapeError(
            f"gradient along an axis of length {length} of {f.label}",
            f"it needs at least {edge_order + 1} elements with edge_order={edge_order}",
        )
    slopes = diff(f, axis=axis) / h
    distances = _beyond(h, axis, 1) if h.ndim else None
    slopes = _beyond(slopes, axis, edge_order, None if distances is None else h)
    before, after = _along(slopes, axis, slice(-1)), _along(slopes, axis, slice(1, None))
    if distances is None:
        return ((before + after) / 2).astype(f.dtype)
    left, right = _along(distances, axis, slice(-1)), _along(distances, axis, slice(1, None))
    return ((right * before + left * after) / (left + right)).astype(f.dtype)


def _beyond(x: Variable, axis: int, order: int, h: Variable | None = None) -> Variable:
    """x with one further element at each end: the same again, or on the line through the two
    outermost, which stand in the middle of intervals of lengths h."""
    ends = []
    for end, inner in ((0, 1), (-1, -2)):
        x0 = _along(x, axis, (None, end))
        if order == 2:
            rise = x0 - _along(x, axis, (None, inner))
            if h is not None:
                h0, h1 = _along(h, axis, (None, end)), _along(h, axis, (None, inner))
                rise = rise * (2 * h0 / (h0 + h1))
            x0 = x0 + rise
        ends.append(x0)
    return join.Concatenate(axis)(ends[0], x, ends[1])


# -------------------------------------------------------------------------------------- integrals


def _steps(y: Variable, x: Any, dx: Any, axis: int) -> Variable:
    """The widths of the intervals between neighbours of y along an axis."""
    if x is None:
        return as_variable(dx)
    x = as_variable(x)
    steps = diff(x, axis=axis if x.ndim > 1 else -1)
    if x.ndim == 1 and axis != -1:
        steps = shapes.Reshape((*steps.shape, *(1,) * (-axis - 1)))(steps)
    return steps


def _require_coordinates(y: Variable, x: Any, axis: int) -> None:
    shape = () if x is None else as_variable(x).shape
    if x is not None and shape not in ((y.shape[axis],), y.shape):
        raise ShapeError(
            f"coordinates of shape {format_shape(shape)} for {y.label}, of shape "
            f"{format_shape(y.shape)}",
            "give one for each element, or for each along the axis",
        )


def _areas(y: Variable, x: Any, dx: Any, axis: int) -> Variable:
    """The trapezoids between neighbours of y."""
    heights = _along(y, axis, slice(1, None)) + _along(y, axis, slice(-1))
    areas: Variable = _steps(y, x, dx, axis) * heights / 2.0
    return areas


@public("numpy.trapezoid", "numpy.trapz", "scipy.integrate.trapezoid")
def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Variable:
    """The integral of y over x, or over steps of dx, by the trapezoidal rule.

    ``x`` is a vector along the axis, or broadcasts against y. Raises ShapeError for an axis that
    y does not have and an x that does not fit.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.trapezoid(gr.constant([1.0, 2.0, 3.0]), dx=0.5))
    np.float64(2.0)
    """
    y = as_variable(y)
    axis = axis_from_end(axis, y.ndim)
    return _areas(y, x, dx, axis).sum(axis)


@public("scipy.integrate.cumulative_trapezoid")
def cumulative_trapezoid(
    y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1, initial: int | None = None
) -> Variable:
    """The integrals of y from the start to each place, as SciPy's ``cumulative_trapezoid``.

    With ``initial=0`` the integral 0 at the start comes first. Raises ShapeError as
    ``trapezoid``, OptionError for another ``initial``.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, cumulative_trapezoid(gr.constant([1.0, 2.0, 3.0]), initial=0))
    array([0. , 1.5, 4. ])
    """
    if initial is not None and initial != 0:
        raise OptionError(f"initial={initial!r}", "give 0 or None, and add a constant afterwards")
    y = as_variable(y)
    axis = axis_from_end(axis, y.ndim)
    _require_coordinates(y, x, axis)
    result = cumulative.cumsum(_areas(y, x, dx, axis), axis)
    if initial is None:
        return result
    start = create.full_of(0, result.type.with_shape(_length_one(result.shape, axis)))
    return join.Concatenate(axis)(start, result)


@public("scipy.integrate.simpson")
def simpson(y: Any, x: Any = None, *, dx: Any = 1.0, axis: int = -1) -> Variable:
    """The integral of y over x, or over steps of dx, by Simpson's rule, as SciPy's ``simpson``.

    Each pair of intervals takes the parabola through its three points. An odd interval at the
    end takes the parabola through the last three (Cartwright, "Simpson's rule cumulative
    integration with MS Excel and irregularly-spaced data"). A symbolic length stands for 3 and
    more; the coordinates x of a row must differ. As in SciPy the result is a float64 where x is
    given, and for a vector of even length. Raises ShapeError where x does not fit y.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, simpson(gr.constant([0.0, 1.0, 4.0])))
    np.float64(2.6666666666666665)
    """
    y = as_variable(y)
    axis = axis_from_end(axis, y.ndim)
    _require_coordinates(y, x, axis)
    length = y.shape[axis]
    if length == 2:
        return trapezoid(y, x, dx, axis)
    h = _steps(y, x, dx, axis)
    if x is not None:
        h = h.astype(float)
    whole = 2 * ((length - 1) // 2)
    pairs = _parabolas(y, h, axis, whole).sum(axis)
    odd = (length + 1) % 2
    if odd == 0:
        return pairs
    last = _last_parabola(y, h, axis)
    if y.ndim == 1:
        last = last.astype(np.promote_types(last.dtype, float))
    return pairs + (last if odd == 1 else odd * last)


def _parabolas(y: Variable, h: Variable, axis: int, whole: DimLike) -> Variable:
    """The integrals over pairs of intervals, the first ``whole`` of them."""
    y0, y1 = (_along(y, axis, slice(k, whole, 2)) for k in range(2))
    y2 = _along(y, axis, slice(2, whole + 1, 2))
    if not h.ndim:
        return (y0 + 4.0 * y1 + y2) * (h / 3.0)
    h0, h1 = (_along(h, axis, slice(k, whole, 2)) for k in range(2))
    width = h0 + h1
    return (
        width
        / 6.0
        * (y0 * (2.0 - h1 / h0) + y1 * (width * width / (h0 * h1)) + y2 * (2.0 - h0 / h1))
    )


def _last_parabola(y: Variable, h: Variable, axis: int) -> Variable:
    """The integral over the last interval."""
    y0, y1, y2 = (_along(y, axis, k) for k in (-3, -2, -1))
    if not h.ndim:
        return (5.0 * y2 + 8.0 * y1 - y0) * (h / 12.0)
    h0, h1 = (_along(h, axis, k) for k in (-2, -1))
    width = h0 + h1
    outer = h1 * (2.0 * h1 + 3.0 * h0) / (6.0 * width)
    middle = h1 * (h1 + 3.0 * h0) / (6.0 * h0)
    return outer * y2 + middle * y1 - h1**3 / (6.0 * h0 * width) * y0
