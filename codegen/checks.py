"""Helpers pasted into generated files that check their arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def _argument(
    function: str, name: str, value: Any, dtype: Any, shape: Any, sizes: Any = None
) -> Any:
    """The argument as an array of this dtype and shape; sizes holds lengths met before."""
    array, met = np.asarray(value), {}
    weak = type(value) in (int, float, complex)  # a number of Python takes on dtype
    given = np.result_type(dtype, value) if weak else array.dtype
    if not np.can_cast(given, dtype):
        text = f"{function}: argument {name} is {given}, expected {np.dtype(dtype)}"
        raise TypeError(text)
    for size, length in zip(shape, array.shape, strict=False):
        if isinstance(size, str):  # a name stands for 1 or more
            met[size] = sizes.setdefault(size, (max(length, size.isidentifier()), name))
    if array.shape != tuple(met[n][0] if n in met else n for n in shape):
        known = [
            f"{n} = {k} (from {origin})" if origin != name else f"{n} > 0"
            for n, (k, origin) in met.items()
            if origin != name or 0 in array.shape
        ]
        wanted = str(shape).replace("'", "") + " with " * bool(known) + ", ".join(known)
        text = f"{function}: argument {name} has shape {array.shape}, expected {wanted}"
        raise ValueError(text)
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
