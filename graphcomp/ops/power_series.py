"""Coefficients of polynomials, lowest power first, as ``np.polynomial.polynomial`` has them, and
sums and derivatives of series of other bases.

NumPy trims zeros behind the last coefficient of its results; here they stay, since which there
are depends on the numbers.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from graphcomp import dims
from graphcomp.errors import OptionError, ShapeError
from graphcomp.graph import Variable
from graphcomp.ops import (
    convolve,
    create,
    join,
    polynomials,
    rearrange,
    reduce,
    series,
    shape as shapes,
    sorting,
)
from graphcomp.ops.base import as_variable, axis_from_end
from graphcomp.registry import implementation, public
from graphcomp.types import format_shape

__all__: list[str] = []  # they go by NumPy's long names alone

_MODULE = "numpy.polynomial.polynomial"


def _reversed(c: Any) -> Variable:
    return rearrange.flip(_vector(c), 0)


def _vector(c: Any) -> Variable:
    """Coefficients as floats, of which NumPy makes ints too."""
    v = shapes.atleast_1d(as_variable(c))
    if v.ndim != 1:
        raise ShapeError(f"coefficients of shape {format_shape(v.shape)}", "give a vector of them")
    result: Variable = v if v.dtype.kind in "fc" else v.astype(create.FLOAT)
    return result


def _flipped(function: Callable[..., Variable]) -> Callable[..., Variable]:
    """A function of coefficients, highest power first, of those in the other order."""

    def of_lowest_first(c1: Any, c2: Any) -> Variable:
        return rearrange.flip(function(_reversed(c1), _reversed(c2)), 0)

    return of_lowest_first


for _prefix, _basis in (("poly", "polynomial"), *((p, b) for b, p in series.PREFIXES.items())):
    public(f"numpy.polynomial.{_basis}.{_prefix}add")(_flipped(polynomials.polyadd))
    public(f"numpy.polynomial.{_basis}.{_prefix}sub")(_flipped(polynomials.polysub))


@public(f"{_MODULE}.polymul")
def _polymul(c1: Any, c2: Any) -> Variable:
    """The coefficients of the product."""
    return convolve.convolve(_vector(c1), _vector(c2))


@public(f"{_MODULE}.polymulx")
def _polymulx(c: Any) -> Variable:
    """The coefficients of x times the polynomial."""
    v = _vector(c)
    return join.concatenate([create.zeros((1,), v.dtype), v])


@public(f"{_MODULE}.polydiv")
def _polydiv(c1: Any, c2: Any) -> tuple[Variable, ...]:
    """The quotient and the remainder."""
    parts = polynomials.polydiv(_reversed(c1), _reversed(c2))
    return tuple(rearrange.flip(part, 0) for part in parts)


@public(f"{_MODULE}.polypow")
def _polypow(c: Any, pow: Any, maxpower: Any = None) -> Variable:
    """The coefficients of a whole power; OptionError for others, and above ``maxpower``."""
    power = create.as_int(pow, "pow")
    if power < 0 or (maxpower is not None and power > maxpower):
        raise OptionError(f"polypow to the power {power}", "give a whole number of at least 0")
    v = _vector(c)
    return functools.reduce(convolve.convolve, [v] * power, create.ones((1,), v.dtype))


@public(f"{_MODULE}.polyder")
def _polyder(c: Any, m: int = 1, scl: Any = 1, axis: int = 0) -> Variable:
    """The coefficients of the m-th derivative, times ``scl`` for each, along an axis."""
    result, axis = _along(c, axis)
    for _ in range(_times("polyder", m)):
        n = result.shape[0]
        if n == 1:
            result = result * 0
        else:
            result = result[1:] * _powers(create.arange(1, n), result)
        result = result * scl
    return shapes.moveaxis(result, 0, axis)


@public(f"{_MODULE}.polyint")
def _polyint(
    c: Any, m: int = 1, k: Any = (), lbnd: Any = 0, scl: Any = 1, axis: int = 0
) -> Variable:
    """The coefficients of the m-th integral from ``lbnd``, where it is ``k``, times ``scl``."""
    result, axis = _along(c, axis)
    count = _times("polyint", m)
    constants: Sequence[Any] = list(k) if isinstance(k, (list, tuple)) else [k]
    if len(constants) > count:
        raise OptionError(f"polyint of order {count} with {len(constants)} constants", "give fewer")
    for order in range(count):
        powers = _powers(create.arange(1, result.shape[0] + 1), result)
        above = result * scl / powers
        at_bound = reduce.sum(above * as_variable(lbnd) ** powers, axis=0, keepdims=True)
        start = constants[order] if order < len(constants) else 0
        result = join.concatenate([start - at_bound, above])
    return shapes.moveaxis(result, 0, axis)


def _powers(numbers: Variable, c: Variable) -> Variable:
    """Numbers along the first axis of c, in its precision."""
    column = shapes.Reshape((numbers.shape[0], *(1,) * (c.ndim - 1)))(numbers)
    result: Variable = column.astype(c.real.dtype)
    return result


def _along(c: Any, axis: int) -> tuple[Variable, int]:
    v = shapes.atleast_1d(as_variable(c))
    v = v if v.dtype.kind in "fc" else v.astype(create.FLOAT)
    axis = axis_from_end(axis, v.ndim)
    return shapes.moveaxis(v, axis, 0), axis


def _times(function: str, m: Any) -> int:
    order = create.as_int(m, "m")
    if order < 0:
        raise OptionError(f"{function} of order {order}", "give a whole number of at least 0")
    return order


@public(f"{_MODULE}.polyfromroots")
def _polyfromroots(roots: Any) -> Variable:
    """The coefficients of the polynomial with these roots."""
    zeros = _vector(roots)
    made = polynomials.poly(zeros.astype(np.result_type(zeros.dtype, float)))
    return rearrange.flip(shapes.atleast_1d(made), 0)


@public(f"{_MODULE}.polyroots")
def _polyroots(c: Any) -> Variable:
    """The roots, complex, in order."""
    return sorting.sort(polynomials.roots(_reversed(c)))


@public(f"{_MODULE}.polyline")
def _polyline(off: Any, scl: Any) -> Variable:
    """The coefficients of off + scl * x."""
    return join.stack([as_variable(off), as_variable(scl)])


@public(f"{_MODULE}.polyvalfromroots")
def _polyvalfromroots(x: Any, r: Any, tensor: bool = True) -> Variable:
    """The polynomial with the roots r, along their first axis, at x."""
    x, zeros = as_variable(x), shapes.atleast_1d(as_variable(r))
    if zeros.dtype.kind not in "fc":
        zeros = zeros.astype(create.FLOAT)
    if tensor:
        zeros = shapes.Reshape((*zeros.shape, *(1,) * x.ndim))(zeros)
    return reduce.prod(x - zeros, axis=0)


@public(f"{_MODULE}.polyfit")
def _polyfit(
    x: Any, y: Any, deg: Any, rcond: float | None = None, full: bool = False, w: Any = None
) -> Any:
    """The coefficients of the best fit, as ``np.polyfit`` in the other order."""
    fitted = polynomials.polyfit(x, y, deg, rcond, full, w)
    if full:
        c, *report = fitted
        return rearrange.flip(c, 0), report
    return rearrange.flip(fitted, 0)


# --------------------------------------------------------------------- several variables at once


def _enter(basis: str, prefix: str) -> None:
    """The functions of two and three variables, from those of one."""
    vander = implementation(f"numpy.polynomial.{basis}.{prefix}vander")

    def of_several(points: Sequence[Any], c: Any) -> Variable:
        """The basis at each variable, contracted with the coefficients."""
        arrays = shapes.broadcast_arrays(*map(as_variable, points))
        total = as_variable(c)
        for k, x in enumerate(arrays):
            n = total.shape[x.ndim if k else 0]  # the points' axes go first from then on
            others = total.ndim - 1 - (x.ndim if k else 0)
            row = shapes.Reshape((*x.shape, n, *(1,) * others))(vander(x, n - 1))
            total = reduce.sum(row * total, axis=x.ndim)
        return total

    def grid(points: Sequence[Any], c: Any) -> Variable:
        total = as_variable(c)
        for point in points:
            x = as_variable(point)
            total = _grid_step(vander, x, total)
        return total

    def vander_of(points: Sequence[Any], deg: Sequence[Any]) -> Variable:
        arrays = shapes.broadcast_arrays(*map(as_variable, points))
        rows = [vander(x, d) for x, d in zip(arrays, deg, strict=True)]
        made: Variable = rows[0]
        for row in rows[1:]:
            product = made[..., :, None] * row[..., None, :]
            made = shapes.Reshape((*made.shape[:-1], made.shape[-1] * row.shape[-1]))(product)
        return made

    path = f"numpy.polynomial.{basis}.{prefix}"
    public(f"{path}val2d")(lambda x, y, c: of_several((x, y), c))
    public(f"{path}val3d")(lambda x, y, z, c: of_several((x, y, z), c))
    public(f"{path}grid2d")(lambda x, y, c: grid((x, y), c))
    public(f"{path}grid3d")(lambda x, y, z, c: grid((x, y, z), c))
    public(f"{path}vander2d")(lambda x, y, deg: vander_of((x, y), deg))
    public(f"{path}vander3d")(lambda x, y, z, deg: vander_of((x, y, z), deg))


def _as_matrix(c: Variable) -> Variable:
    """All axes but the first as one."""
    return shapes.Reshape((c.shape[0], dims.prod(c.shape[1:])))(c)


def _grid_step(vander: Callable[..., Variable], x: Variable, total: Variable) -> Variable:
    """The coefficients of the first axis at each of the points, whose axes go last."""
    row = shapes.Reshape((x.size, total.shape[0]))(vander(x, total.shape[0] - 1))
    product = _as_matrix(total).T @ row.T
    return shapes.Reshape((*total.shape[1:], *x.shape))(product)


for _basis, _prefix in (("polynomial", "poly"), *series.PREFIXES.items()):
    _enter(_basis, _prefix)


def _derivative(basis: str) -> Callable[..., Variable]:
    def of_series(c: Any, m: int = 1, scl: Any = 1, axis: int = 0) -> Variable:
        result, axis = _along(c, axis)
        for _ in range(_times("a derivative", m)):
            n = result.shape[0]
            flat = _as_matrix(result)
            slopes = series.slope(basis, n, result) @ flat if n != 1 else flat * 0
            result = shapes.Reshape((slopes.shape[0], *result.shape[1:]))(slopes) * scl
        return shapes.moveaxis(result, 0, axis)

    return of_series


for _basis, _prefix in series.PREFIXES.items():
    public(f"numpy.polynomial.{_basis}.{_prefix}der")(_derivative(_basis))
