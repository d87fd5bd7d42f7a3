"""What the derivatives of real Fourier transforms need."""

from __future__ import annotations

from typing import Any

import numpy as np


def _multiplicity(n: int, dtype: Any = float) -> Any:
    """How often each element of half a spectrum stands in the whole one, of length n: 1 or 2."""
    m = np.full(n // 2 + 1, 2, dtype)
    m[0] = 1
    if n % 2 == 0:
        m[-1] = 1
    return m
