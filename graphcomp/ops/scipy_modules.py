"""The modules of SciPy's that a meaning may call beside NumPy: ``special.gammainc(a, x)``.

graphcomp itself needs no SciPy: the interpreter imports it when it first comes upon an operation
that has no form in NumPy alone, and a generated file where the user allows it.
"""

from __future__ import annotations

import ast
import functools
from types import ModuleType

from graphcomp.errors import OptionError

SCIPY_MODULES = frozenset({"linalg", "special"})  # by the names that they have in an expression


@functools.cache
def scipy_modules(text: str) -> dict[str, ModuleType]:
    """The modules for an expression that calls some of them, by name.

    Raises OptionError where SciPy is not installed.
    """
    names = {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}
    if names.isdisjoint(SCIPY_MODULES):
        return {}
    try:
        from scipy import linalg, special
    except ImportError:
        raise OptionError(f"{text} needs SciPy", "install it: pip install scipy") from None
    return {"linalg": linalg, "special": special}
