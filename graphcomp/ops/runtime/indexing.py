"""Adding at an index without changing the operand."""

from __future__ import annotations

from typing import Any

import numpy as np


def _index_add(base: Any, index: Any, values: Any) -> Any:
    """A copy of base with values added at an index that names no element twice."""
    out = np.array(base)
    out[index] += values
    return out


def _index_add_repeated(base: Any, index: Any, values: Any) -> Any:
    """A copy of base with values added at an index; values for one element accumulate."""
    out = np.array(base)
    np.add.at(out, index, values)
    return out
