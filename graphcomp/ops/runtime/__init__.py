"""Plain NumPy helpers for what one expression cannot say.

The interpreter calls them; codegen pastes their source into the files that use them. Each is a
function that needs only ``np`` and other helpers, typed, with a docstring. Every function of a
module that is listed here is one.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from graphcomp.errors import IdentifierError
from graphcomp.ops.runtime import (
    activations,
    bessel,
    cumulative,
    entropies,
    error_functions,
    fourier,
    gamma_functions,
    indexing,
    integers,
    integrals,
    linalg,
    matrix_functions,
    sorting,
    stable,
)

helpers: dict[str, Callable[..., Any]] = {
    name: function
    for module in (
        activations,
        bessel,
        cumulative,
        entropies,
        error_functions,
        fourier,
        gamma_functions,
        indexing,
        integers,
        integrals,
        linalg,
        matrix_functions,
        sorting,
        stable,
    )
    for name, function in vars(module).items()
    if inspect.isfunction(function) and function.__module__ == module.__name__
}


def enter(helper: Callable[..., Any]) -> None:
    """Enter a helper of an operation's own.

    Raises IdentifierError for a name without a leading underscore, or that another helper has.
    """
    name = helper.__name__
    if not name.startswith("_"):
        raise IdentifierError(
            f"the helper {name} could clash with a user's name", f"call it _{name.lower()}"
        )
    known = helpers.setdefault(name, helper)
    if known.__module__ != helper.__module__:
        raise IdentifierError(
            f"helper {name} of {helper.__module__} has the name of one of {known.__module__}",
            "give it another name",
        )
    helpers[name] = helper
