"""Matrices from diagonals, and what derivatives of decompositions need."""

from __future__ import annotations

from typing import Any

import numpy as np


def _from_diagonal(values: Any, rows: int, columns: int, offset: int = 0) -> Any:
    """Zeros of shape (..., rows, columns) with values (..., d) on the diagonal at offset."""
    out = np.zeros((*values.shape[:-1], rows, columns), values.dtype)
    k = np.arange(values.shape[-1])
    out[..., k + max(-offset, 0), k + max(offset, 0)] = values
    return out


def _inverse_gaps(w: Any) -> Any:
    """1 / (w[..., j] - w[..., i]) at (i, j), and 0 where the two are equal."""
    gaps = w[..., None, :] - w[..., :, None]
    return np.divide(1, gaps, out=np.zeros_like(gaps), where=gaps != 0)
