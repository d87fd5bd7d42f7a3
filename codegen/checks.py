"""Helpers pasted into generated files that check their arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def _argument(
    function: str, name: str, value: Any, dtype: Any, shape: Any, sizes: Any = None
) -> Any:
    """The argument as an array of this dtype and shape.

    sizes holds the lengths met before, each with the argument that it comes from.
    """
    array = np.asarray(value)
    weak = type(value) in (int, float, complex)  # a number of Python takes on dtype
    given = np.result_type(dtype, value) if weak else array.dtype
    if not np.can_cast(given, dtype):
        text = f"{function}: argument {name} is {given}, expected {np.dtype(dtype)}"
        raise TypeError(text)
    sizes = {} if sizes is None else sizes
    fits = array.ndim == len(shape)
    notes = {}
    for size, length in zip(shape, array.shape, strict=False):
        known, origin = size, name
        if isinstance(size, str):
            known, origin = sizes.setdefault(size, (length, name))
        fits = fits and length == known
        if origin != name:
            notes[size] = f"{size} = {known} (from {origin})"
        elif length == 0 and str(size).isidentifier():  # a name stands for 1 or more
            fits = False
            notes[size] = f"{size} > 0"
    if not fits:
        wanted = str(shape).replace("'", "")
        if notes:
            wanted += " with " + ", ".join(notes.values())
        text = f"{function}: argument {name} has shape {array.shape}, expected {wanted}"
        raise ValueError(text)
    return np.asarray(value if weak else array, dtype)[()]


def _size(function: str, name: str, length: int, factor: int, minimum: int, origin: str) -> int:
    """The size for which factor * size is length; ValueError where it is none or too small."""
    size, rest = divmod(length, factor)
    if rest or size < minimum:
        raise ValueError(
            f"{function}: size {name} is {length / factor:g} (from {origin}), "
            f"expected an integer of at least {minimum}"
        )
    return size


def _generator(function: str, name: str, value: Any) -> np.random.Generator:
    """The argument, which must be a random generator."""
    if not isinstance(value, np.random.Generator):
        given = type(value).__name__
        text = f"{function}: argument {name} is a {given}, expected np.random.Generator"
        raise TypeError(text)
    return value


helpers: dict[str, Callable[..., Any]] = {
    "_argument": _argument,
    "_generator": _generator,
    "_size": _size,
}
