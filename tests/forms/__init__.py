"""Public functions in all their argument forms, as NumPy code: tables that ``test_forms`` walks.

An entry is one expression over named operands. Plain NumPy is its oracle.
"""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from typing import Any

from graphcomp.ops.base import Operand

DTYPES = "float32 int64 bool complex128"


@dataclass(frozen=True)
class Form:
    """One expression with its operands.

    ``wrt`` names the operands to differentiate by; None: all that are real or complex.
    ``order`` is how many derivatives are checked, 0 for values only. ``symbolic`` says that the
    form traces with a named size in place of each length above 1. ``dtypes`` are those that
    it is tried in besides its own: where NumPy refuses one, so must the traced function.
    ``tolerance`` is that of values, relative to the largest element (at least 1); derivatives
    are compared to 1e-6. ``gauge`` is an expression over the results ``r`` to differentiate in
    their place, for results that are not unique. ``allow`` goes to ``codegen.compile``.
    """

    text: str
    operands: dict[str, Operand]
    wrt: str | None = None
    order: int = 2
    symbolic: bool = True
    dtypes: str = DTYPES
    tolerance: float = 1e-12
    gauge: str | None = None
    allow: tuple[str, ...] = ()


@dataclass(frozen=True)
class Refused:
    """An expression that must be refused with a GraphError that says all of ``words``."""

    text: str
    words: tuple[str, ...]
    operands: dict[str, Operand]


_OPTIONS = frozenset(Form.__dataclass_fields__) - {"text", "operands"}


def form(text: str, **given: Any) -> Form:
    """``form("np.sum(x, axis=0)", x=(2, 3), order=1)``: a shape or an Operand for each name."""
    options = {name: value for name, value in given.items() if name in _OPTIONS}
    return Form(text, _operands(given), **options)


def refused(text: str, *words: str, **given: Any) -> Refused:
    """``refused("np.nonzero(x)", "where", x=(3,))``."""
    return Refused(text, words, _operands(given))


def _operands(given: dict[str, Any]) -> dict[str, Operand]:
    return {
        name: value if isinstance(value, Operand) else Operand(value, kind="spread")
        for name, value in given.items()
        if name not in _OPTIONS
    }


def tables() -> list[Form | Refused]:
    """The entries of every module of this package."""
    found: list[Form | Refused] = []
    for module in sorted(m.name for m in pkgutil.iter_modules(__path__)):
        found += importlib.import_module(f"{__name__}.{module}").FORMS
    return found
