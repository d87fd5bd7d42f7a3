"""What NumPy's own type hints know of the results."""

from __future__ import annotations

import numpy as np

from codegen.meanings import Meanings
from graphcomp.graph import Variable
from graphcomp.types import TensorType

# As found with numpy 2.4 and mypy --strict over every sample of every operation.
_SOME_FLOAT = frozenset(
    {"mean", "var", "std", "prod", "cumprod", "norm", "inv", "solve", "cholesky"}
)
_GENERIC = frozenset(map(np.dtype, ("float16", "float32", "complex64")))  # floating[Any] serves
_CLASSES = frozenset(map(np.dtype, ("float64", "complex128")))  # and here it does not


def dtype_by_hints(meanings: Meanings) -> dict[Variable, bool]:
    """Whether mypy takes each result for what it is: an ndarray or scalar of its dtype."""
    found: dict[Variable, bool] = {}
    for v in meanings.of:
        if isinstance(v.type, TensorType):
            inputs = [meanings.same[x] for x in v.inputs]
            told = [found.get(x, True) for x in inputs if not _is_weak(x)]
            found[v] = v.dtype in _GENERIC or (_is_told(v) and (any(told) or not told))
    return found


def _is_told(v: Variable) -> bool:
    return v.op.name not in _SOME_FLOAT and (v.ndim > 0 or v.dtype in _CLASSES)


def _is_weak(v: Variable) -> bool:
    return not isinstance(v.type, TensorType) or v.type.weak
