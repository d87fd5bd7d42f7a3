"""Products that leave one element out, and the recurrence behind derivatives of products."""

from __future__ import annotations

from typing import Any

import numpy as np


def _product_of_others(x: Any) -> Any:
    """For each element the product of the others along the last axis."""
    left, right = np.ones_like(x), np.ones_like(x)
    np.cumprod(x[..., :-1], axis=-1, out=left[..., 1:])
    np.cumprod(x[..., :0:-1], axis=-1, out=right[..., -2::-1])
    return left * right


def _recurrence(x: Any, g: Any) -> Any:
    """y[..., t] = g[..., t] + x[..., t] * y[..., t - 1], from y[..., -1] = 0."""
    y = np.array(g, np.result_type(x, g))
    for t in range(1, y.shape[-1]):
        y[..., t] += x[..., t] * y[..., t - 1]
    return y
