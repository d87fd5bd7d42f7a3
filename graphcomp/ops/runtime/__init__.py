"""Plain NumPy helpers for what one expression cannot say.

The interpreter calls them; codegen pastes their source into the files that use them. Each is a
function that needs only ``np`` and other helpers, typed, with a docstring.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

helpers: dict[str, Callable[..., Any]] = {}
