"""Changing elements without changing the operand."""

from __future__ import annotations

from typing import Any

import numpy as np


def _index_set(base: Any, index: Any, values: Any) -> Any:
    """A copy of base with values at an index."""
    out = np.array(base)
    out[index] = values
    return out


def _index_add(base: Any, index: Any, values: Any) -> Any:
    """A copy of base with values added at an index that names no element twice."""
    out = np.array(base)
    out[index] += values
    return out


def _index_at(ufunc: np.ufunc, base: Any, index: Any, values: Any) -> Any:
    """A copy of base changed by ufunc.at; values for one element accumulate."""
    out = np.array(base)
    ufunc.at(out, index, values)
    return out
