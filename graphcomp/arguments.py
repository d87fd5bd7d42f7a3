"""What the functions of ``calculus`` are given: nested structures of variables, and options."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphcomp.errors import DTypeError, OptionError, ShapeError, ValueKindError
from graphcomp.graph import Variable
from graphcomp.ops import create
from graphcomp.ops.base import Constant, as_variable
from graphcomp.tree import Rebuild, beside, flatten, leaves
from graphcomp.types import format_shape, result_dtype


def require_choice(option: str, value: Any, allowed: tuple[Any, ...]) -> None:
    """Raise OptionError unless the value is one of those allowed."""
    if value not in allowed:
        raise OptionError(
            f"{option}={value!r} is not known", f"choose one of {', '.join(map(repr, allowed))}"
        )


def differentiable(structure: Any, argument: str) -> tuple[list[Variable], Rebuild]:
    """The leaves of an argument, which must be floating variables."""
    for path, leaf in leaves(structure, argument):
        if not isinstance(leaf, Variable):
            raise ValueKindError(
                f"{path} is {type(leaf).__name__}, not a variable",
                "give a variable, or nested dicts, lists and tuples of variables",
            )
        if not leaf.type.is_differentiable:
            raise DTypeError(
                f"{leaf.label} is {leaf.dtype}, and only floating values have derivatives",
                "declare it, or convert it, as 'float64'",
            )
    return flatten(structure)


def matching(
    values: Any, argument: str, structure: Any, variables: Sequence[Variable]
) -> list[Variable]:
    """One value for each variable of a structure, of its shape and dtype."""
    found = beside(structure, values, argument)
    return [
        _fitting(value, path, variable)
        for (path, value), variable in zip(found, variables, strict=True)
    ]


def _fitting(value: Any, path: str, variable: Variable) -> Variable:
    given = as_variable(value)
    if given.shape != variable.shape:
        raise ShapeError(
            f"{path} has shape {format_shape(given.shape)}, "
            f"and {variable.label} has shape {format_shape(variable.shape)}",
            "both must have the same shape",
        )
    if result_dtype(given.type, variable.type) != variable.dtype:
        raise DTypeError(
            f"{path} is {given.dtype}, and {variable.label} is {variable.dtype}",
            f"convert it with .astype({variable.dtype.name!r})",
        )
    if isinstance(given.op, Constant) and not given.ndim:
        return create.full_of(given.op.scalar, variable.type)
    return given.astype(variable.dtype)
