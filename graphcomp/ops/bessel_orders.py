"""What follows from Bessel functions of any order: scaled ones, whole orders, and derivatives."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from graphcomp.errors import OptionError
from graphcomp.graph import Variable
from graphcomp.ops.base import as_variable
from graphcomp.ops.incomplete import iv, jv, kv, yv
from graphcomp.registry import public

__all__ = ["ivp", "jve", "jvp", "kn", "kvp", "yn", "yve", "yvp"]


@public("scipy.special.kn")
def kn(n: Any, x: Any, /) -> Variable:
    """K_n(x) of a whole order n, as ``scipy.special.kn``: ``kv`` with other names."""
    return kv(n, x)


@public("scipy.special.yn")
def yn(n: Any, x: Any, /) -> Variable:
    """Y_n(x) of a whole order n, as ``scipy.special.yn``: ``yv`` with other names."""
    return yv(n, x)


@public("scipy.special.jve")
def jve(v: Any, z: Any, /) -> Variable:
    """J_v(z) exp(-|Im z|), as ``scipy.special.jve``: ``jv``, since z is real."""
    return jv(v, z)


@public("scipy.special.yve")
def yve(v: Any, z: Any, /) -> Variable:
    """Y_v(z) exp(-|Im z|), as ``scipy.special.yve``: ``yv``, since z is real."""
    return yv(v, z)


def _derivative(
    function: Callable[[Any, Any], Variable], name: str, v: Any, z: Any, n: int, phase: int
) -> Variable:
    """The derivative of order n by z, by those of neighbouring orders v: DLMF 10.6.7, 10.29.5."""
    if isinstance(n, bool) or not isinstance(n, int) or n < 0:
        raise OptionError(f"{name} with n={n!r}", "give the number of derivatives, 0 or more")
    order, x = as_variable(v), as_variable(z)
    total = function(order - n, x)
    for k in range(1, n + 1):
        total = total + phase**k * math.comb(n, k) * function(order - n + 2 * k, x)
    return total / 2**n if n else total


@public("scipy.special.jvp")
def jvp(v: Any, z: Any, n: int = 1) -> Variable:
    """The derivative of order n of ``jv(v, z)`` by z, as ``scipy.special.jvp``.

    Raises OptionError for another n, and as ``jv``.
    """
    return _derivative(jv, "jvp", v, z, n, -1)


@public("scipy.special.yvp")
def yvp(v: Any, z: Any, n: int = 1) -> Variable:
    """The derivative of order n of ``yv(v, z)`` by z; errors as ``jvp``."""
    return _derivative(yv, "yvp", v, z, n, -1)


@public("scipy.special.ivp")
def ivp(v: Any, z: Any, n: int = 1) -> Variable:
    """The derivative of order n of ``iv(v, z)`` by z; errors as ``jvp``."""
    return _derivative(iv, "ivp", v, z, n, 1)


@public("scipy.special.kvp")
def kvp(v: Any, z: Any, n: int = 1) -> Variable:
    """The derivative of order n of ``kv(v, z)`` by z; errors as ``jvp``."""
    result = _derivative(kv, "kvp", v, z, n, 1)
    return -result if n % 2 else result
