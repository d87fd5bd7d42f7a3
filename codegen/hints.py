"""What NumPy's own type hints know of the results."""

from __future__ import annotations

import numpy as np

from codegen.meanings import Meanings, Meant
from graphcomp.graph import Variable
from graphcomp.ops.arithmetic import Divide
from graphcomp.ops.base import Input
from graphcomp.types import TensorType

# As found with numpy 2.4 and mypy --strict over every sample of every operation.
_VAGUE = frozenset(
    {"mean", "var", "std", "prod", "cumprod", "norm", "inv", "solve", "cholesky"}
    | {"equal", "not_equal", "polyval", "svdvals"}
)
# floating[Any] serves as np.float32, but ndarray[Any] times a Python float is taken for float64.
_GENERIC = frozenset(map(np.dtype, ("float16", "float32", "complex64")))
_CLASSES = frozenset(map(np.dtype, ("float64", "complex128")))


def dtype_by_hints(meanings: Meanings) -> dict[Variable, bool]:
    """Whether mypy takes each result for what it is: an ndarray or scalar of its dtype."""
    found: dict[Variable, bool] = {}
    arrays: set[Variable] = set()  # numbers that it takes for arrays
    for v, meant in meanings.of.items():
        if not isinstance(v.type, TensorType):
            continue
        inputs = [meanings.same[x] for x in v.inputs]
        if not v.ndim and (_is_array(v, meant) or not arrays.isdisjoint(inputs)):
            arrays.add(v)
        told = [found.get(x, True) for x in inputs if not _is_weak(x)]
        if v.dtype in _GENERIC:
            exact = all(told) and not _widens(v)
        else:
            exact = _is_told(v) and (any(told) or not told)
        found[v] = exact and v not in arrays
    return found


def _is_array(v: Variable, meant: Meant) -> bool:
    end = meant.fragment.pieces[-1]
    return v.op.name == "matmul" or (isinstance(end, str) and end.endswith("[()]"))


def _widens(v: Variable) -> bool:
    """Whether a float or a quotient meets an array of which mypy may not know the dtype."""
    vague = any(not isinstance(x.op, Input) and not _is_weak(x) for x in v.inputs)
    divides = isinstance(v.op, Divide) and not any(map(_is_weak, v.inputs))
    return vague and (divides or any(_is_weak(x) and x.dtype.kind in "fc" for x in v.inputs))


def _is_told(v: Variable) -> bool:
    return v.op.name not in _VAGUE and (v.ndim > 0 or v.dtype in _CLASSES)


def _is_weak(v: Variable) -> bool:
    return not isinstance(v.type, TensorType) or v.type.weak
