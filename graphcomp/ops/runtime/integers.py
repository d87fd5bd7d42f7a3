"""Helpers on integers."""

from __future__ import annotations

from typing import Any

import numpy as np


def _bitwise_count(x: Any) -> Any:
    """The number of ones among the bits of abs(x), as ``np.bitwise_count`` of NumPy 2.

    Sums of bits side by side in one word: Warren, Hacker's Delight, section 5-1.
    """
    bits = np.asarray(np.abs(x)).astype(np.uint64)
    for shift, mask in (
        (1, 0x5555555555555555),
        (2, 0x3333333333333333),
        (4, 0x0F0F0F0F0F0F0F0F),
        (8, 0x00FF00FF00FF00FF),
        (16, 0x0000FFFF0000FFFF),
        (32, 0x00000000FFFFFFFF),
    ):
        bits = (bits & np.uint64(mask)) + (bits >> np.uint64(shift) & np.uint64(mask))
    return bits.astype(np.uint8)[()]
