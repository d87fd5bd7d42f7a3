"""NumPy's functions whose result has as many elements as the values decide.

Of constants they are NumPy's own; of variables they are refused, with what to write instead.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from graphcomp.errors import OptionError
from graphcomp.graph import Variable
from graphcomp.ops.base import Constant, as_variable
from graphcomp.registry import call, public

__all__ = [
    "argwhere",
    "flatnonzero",
    "intersect1d",
    "nonzero",
    "setdiff1d",
    "setxor1d",
    "trim_zeros",
    "union1d",
    "unique",
]

_WHERE = "write gr.where(condition, a, b) over the whole array, or gr.count_nonzero"
_SORT = "work on gr.sort(x), whose length is known"
_ISIN = "write gr.isin(a, b), and gr.where with it"


def _of_constants(name: str, mend: str) -> Callable[..., Any]:
    """NumPy's function of this name, for constants only."""
    plain = getattr(np, name)

    @functools.wraps(plain)
    def function(*args: Any, **kwargs: Any) -> Any:
        known = [_number(name, mend, v) for v in args]
        options = {key: _number(name, mend, v) for key, v in kwargs.items()}
        result = plain(*known, **options)
        return tuple(map(as_variable, result)) if isinstance(result, tuple) else as_variable(result)

    function.__doc__ = f"""``np.{name}`` of constants.

    Raises OptionError for a variable, since the shape of the result would depend on its values.
    """
    return public(f"numpy.{name}")(function)


def _number(name: str, mend: str, value: Any) -> Any:
    if not isinstance(value, Variable):
        return value
    if not isinstance(value.op, Constant):
        raise OptionError(
            f"{name} of {value.label}: the shape of the result would depend on values", mend
        )
    return value.op.value


nonzero = _of_constants("nonzero", _WHERE)
flatnonzero = _of_constants("flatnonzero", _WHERE)
argwhere = _of_constants("argwhere", _WHERE)
unique = _of_constants("unique", _SORT)
trim_zeros = _of_constants("trim_zeros", "cut it with a slice of known length, x[1:-1]")
intersect1d = _of_constants("intersect1d", _ISIN)
setdiff1d = _of_constants("setdiff1d", _ISIN)
setxor1d = _of_constants("setxor1d", _ISIN)
union1d = _of_constants("union1d", _ISIN)


def _of_known_kind(name: str, mend: str) -> None:
    """``np.emath.<name>``, whose answer is complex where values of real operands ask for it."""

    def function(*args: Any) -> Any:
        values = [as_variable(v) for v in args]
        if not any(v.dtype.kind == "c" for v in values):
            labels = ", ".join(v.label for v in values)
            raise OptionError(
                f"emath.{name} of {labels}: whether the answer is complex depends on values", mend
            )
        if name == "logn":
            return call("log", values[1]) / call("log", values[0])
        return call(name, *values)

    public(f"numpy.emath.{name}", f"numpy.lib.scimath.{name}")(function)


for _name in ("arccos", "arcsin", "arctanh", "log", "log10", "log2", "sqrt"):
    _of_known_kind(_name, f"write np.{_name}(x + 0j), or np.{_name}(x) where x is in its domain")
_of_known_kind("power", "write (x + 0j) ** p, or x**p where x is not negative")
_of_known_kind("logn", "write np.log(x + 0j) / np.log(n), or np.log(x) where x is positive")

# Names of NumPy 2.
for _name in ("unique_all", "unique_counts", "unique_inverse", "unique_values"):
    if hasattr(np, _name):
        _of_constants(_name, _SORT)
