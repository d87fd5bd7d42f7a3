"""Matrices from diagonals, and what derivatives of decompositions need."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphcomp.ops.runtime.cumulative import _product_of_others


def _from_diagonal(values: Any, rows: int, columns: int, offset: int = 0) -> Any:
    """Zeros of shape (..., rows, columns) with values (..., d) on the diagonal at offset."""
    out = np.zeros((*values.shape[:-1], rows, columns), values.dtype)
    k = np.arange(values.shape[-1])
    out[..., k + max(-offset, 0), k + max(offset, 0)] = values
    return out


def _inverse_gaps(w: Any) -> Any:
    """1 / (w[j] - w[i]) at (i, j), and 0 where the two are equal to rounding."""
    return _inverse_or_zero(w[..., None, :] - w[..., :, None], w)


def _inverse_sums(s: Any) -> Any:
    """1 / (s[j] + s[i]) at (i, j), and 0 where both are 0 to rounding."""
    return _inverse_or_zero(s[..., None, :] + s[..., :, None], s)


def _inverse_or_zero(x: Any, values: Any) -> Any:
    """1 / x, and 0 where x could be a rounding error of the vector of values."""
    tiny = 4 * np.finfo(x.dtype).eps * np.sum(np.abs(values), axis=-1)[..., None, None]
    return np.divide(1, x, out=np.zeros_like(x), where=~(np.abs(x) <= tiny))


def _cofactors(a: Any) -> Any:
    """det(a) * inv(a).T, exact where a is singular too."""
    det = np.linalg.det(a)
    if np.all(det != 0):
        return det[..., None, None] * np.swapaxes(np.linalg.inv(a), -1, -2)
    U, s, Vh = np.linalg.svd(a)
    phase = np.linalg.det(U) * np.linalg.det(Vh)
    weights = phase[..., None] * _product_of_others(s)
    return (U.conj() * weights[..., None, :]) @ Vh.conj()
