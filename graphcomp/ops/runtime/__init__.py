"""Plain NumPy helpers for what one expression cannot say.

The interpreter calls them; codegen pastes their source into the files that use them. Each is a
function that needs only ``np`` and other helpers, typed, with a docstring. Every function of a
module that is listed here is one.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from graphcomp.ops.runtime import activations, cumulative, indexing, linalg

helpers: dict[str, Callable[..., Any]] = {
    name: function
    for module in (activations, cumulative, indexing, linalg)
    for name, function in vars(module).items()
    if inspect.isfunction(function) and function.__module__ == module.__name__
}
