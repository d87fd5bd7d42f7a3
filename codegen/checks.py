"""Helpers pasted into generated files that check their arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def _argument(
    function: str, name: str, value: Any, dtype: Any, shape: Any, expected: str = ""
) -> Any:
    """Convert an argument safely and check its shape; None is any length but 0."""
    array = np.asarray(value)
    weak = type(value) in (bool, int, float, complex)
    safe = np.can_cast(array.dtype, dtype)
    if not safe and not (weak and np.result_type(dtype, value) == dtype):
        given = f"argument {name} is {array.dtype}"
        raise TypeError(f"{function}: {given}, expected {np.dtype(dtype)}")
    if len(shape) != array.ndim or not all(
        length is ... or (got > 0 if length is None else got == length)
        for got, length in zip(array.shape, shape, strict=True)
    ):
        given = f"argument {name} has shape {array.shape}"
        wanted = expected.format(*shape, shape=shape) if expected else str(shape)
        raise ValueError(f"{function}: {given}, expected {wanted}")
    return array.astype(dtype, copy=False)[()]


def _size(
    function: str, name: str, length: int, factor: int, minimum: int, origin: str
) -> int:
    """The size for which factor * size is length; ValueError where it is none or too small."""
    size, rest = divmod(length, factor)
    if rest or size < minimum:
        raise ValueError(
            f"{function}: size {name} is {length / factor:g} (from {origin}), "
            f"expected an integer of at least {minimum}"
        )
    return size


helpers: dict[str, Callable[..., Any]] = {"_argument": _argument, "_size": _size}
