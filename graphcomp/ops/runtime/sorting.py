"""Helpers of sorting and searching."""

from __future__ import annotations

from typing import Any

import numpy as np


def _share_ties(x: Any, g: Any, axis: int = -1) -> Any:
    """The mean of g over each run of equal neighbours in x along an axis."""
    x, g = np.moveaxis(x, axis, -1), np.moveaxis(g, axis, -1)
    begins = np.ones(x.shape, bool)
    np.not_equal(x[..., 1:], x[..., :-1], out=begins[..., 1:])
    if not begins.all():
        first = np.flatnonzero(begins)
        lengths = np.diff(first, append=begins.size)
        means = np.add.reduceat(g.ravel(), first) / lengths
        g = np.repeat(means, lengths).reshape(x.shape).astype(g.dtype)
    return np.moveaxis(g, -1, axis)


def _searchsorted_rows(x: Any, y: Any, side: Any = "left") -> Any:
    """np.searchsorted of each row of x, its last axis, for what y has at that row."""
    out = np.empty(y.shape, np.int64)
    for row in np.ndindex(x.shape[:-1]):
        out[row] = np.searchsorted(x[row], y[row], side=side)
    return out
