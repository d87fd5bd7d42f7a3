"""NumPy's functions that are a few operations in a row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from graphcomp import dims
from graphcomp.dims import Dim
from graphcomp.errors import OptionError, ShapeError
from graphcomp.graph import Variable
from graphcomp.ops import create, join, shape
from graphcomp.ops.base import as_variable, axis_from_end
from graphcomp.ops.batching import batch_outputs, element
from graphcomp.registry import call, public

__all__ = [
    "apply_along_axis",
    "apply_over_axes",
    "meshgrid",
    "vander",
]


@public("numpy.vander")
def vander(x: Any, N: Any = None, increasing: bool = False) -> Variable:
    """The Vandermonde matrix: a column for each power of x, the highest first.

    Shape (n, N), where N is n unless given. Raises ShapeError for other than a vector.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.vander(gr.constant([2, 3]), 3))
    array([[4, 2, 1],
           [9, 3, 1]])
    """
    x = as_variable(x)
    if x.ndim != 1:
        raise ShapeError(f"{x.label} has {x.ndim} axes", "vander takes a vector")
    count = x.shape[0] if N is None else dims.as_dim(N)
    if isinstance(count, Dim):
        last = create.arange(count)
        exponents = last if increasing else count - 1 - last
        return x.astype(np.promote_types(x.dtype, int))[:, None] ** exponents  # type: ignore[no-any-return]
    powers = range(count) if increasing else range(count - 1, -1, -1)
    x = x.astype(np.promote_types(x.dtype, int))
    if not powers:
        return create.zeros((x.shape[0], 0), x.dtype)
    return join.stack([x**k for k in powers], axis=-1)


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


@public("numpy.apply_along_axis")
def apply_along_axis(
    func1d: Callable[..., Any], axis: int, arr: Any, *args: Any, **kwargs: Any
) -> Variable:
    """``func1d`` of each vector of arr along an axis, as ``np.apply_along_axis``.

    The axes of func1d's result stand in the place of the axis. func1d is called once, on one
    vector that stands for all. Raises ShapeError for an axis that arr does not have.

    >>> import graphcomp as gr
    >>> gr.apply_along_axis(lambda row: row[::-1] / gr.sum(row), 1, gr.matrix("X", ("n", 3))).shape
    (Dim('n'), 3)
    """
    arr = as_variable(arr)
    axis = axis_from_end(axis, arr.ndim)
    last = shape.moveaxis(arr, axis, -1)
    lead = last.shape[:-1]
    rows = shape.Reshape((dims.prod(lead), last.shape[-1]))(last)
    row = element(rows)
    result: Variable = call("asarray", func1d(row, *args, **kwargs))
    whole = batch_outputs([result], {row: rows}).get(result)
    if whole is None:  # it does not depend on the vector
        whole = shape.broadcast_to(result, (rows.shape[0], *result.shape))
    whole = shape.Reshape((*lead, *result.shape))(whole)
    before, added = arr.ndim + axis, result.ndim
    order = (*range(before), *range(len(lead), len(lead) + added), *range(before, len(lead)))
    return shape.transpose(whole, order)


@public("numpy.apply_over_axes")
def apply_over_axes(func: Callable[..., Any], a: Any, axes: Any) -> Variable:
    """``func(a, axis)`` over one axis after the other, as ``np.apply_over_axes``.

    An axis that func takes away stays with length 1. Raises ShapeError for an axis that a does
    not have, and where func changes the number of axes otherwise.

    >>> import graphcomp as gr
    >>> gr.apply_over_axes(gr.sum, gr.tensor("X", (2, "n", 3)), [0, 2]).shape
    (1, Dim('n'), 1)
    """
    result = as_variable(a)
    ndim = result.ndim
    for axis in np.ravel(axes).tolist():
        axis = axis_from_end(axis, ndim)
        reduced: Variable = func(result, axis)
        result = shape.expand_dims(reduced, axis) if reduced.ndim == ndim - 1 else reduced
        if result.ndim != ndim:
            raise ShapeError(
                f"func made {reduced.ndim} axes of {ndim}", "it may take away the axis, or none"
            )
    return result
