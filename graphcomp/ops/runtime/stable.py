"""Helpers of the operations that stabilisation makes."""

from __future__ import annotations

from typing import Any

import numpy as np


def _sigmoid_slope(x: Any) -> Any:
    """The derivative of 1 / (1 + exp(-x)), exact for large |x|."""
    e = np.exp(-np.abs(x))
    return e / (1 + e) ** 2


def _sech(x: Any) -> Any:
    """1 / cosh(x), without overflow."""
    e = np.exp(-np.abs(x))
    return 2 * e / (1 + e * e)


def _log_cosh(x: Any) -> Any:
    """log(cosh(x)), without overflow and exact near 0."""
    r = np.abs(x)
    near = np.log1p(2 * np.sinh(0.5 * np.minimum(r, 1)) ** 2)
    far = r + (np.log1p(np.exp(-2 * r)) - 0.6931471805599453)
    return np.where(r < 1, near, far)[()]


def _log1mexp(x: Any) -> Any:
    """log(1 - exp(x)) for x <= 0, exact for small and for large |x| (Maechler 2012)."""
    near = x > -0.6931471805599453
    small, large = np.where(near, x, -1), np.where(near, -1, x)
    return np.where(near, np.log(-np.expm1(small)), np.log1p(-np.exp(large)))[()]


def _bose(x: Any) -> Any:
    """1 / (exp(x) - 1), without overflow."""
    r = np.abs(x)
    return np.where(x >= 0, np.exp(-r), -1)[()] / -np.expm1(-r)


def _exprel(x: Any) -> Any:
    """(exp(x) - 1) / x, and 1 at 0."""
    safe = np.where(x == 0, 1, x)
    return np.where(x == 0, 1, np.expm1(safe) / safe)[()]


def _exprel_derivative(x: Any, order: int) -> Any:
    """The integral of t**order * exp(x * t) over [0, 1]: a derivative of (exp(x) - 1) / x.

    By parts, x * f_n = exp(x) - n * f_{n-1}; near 0, where this cancels, series of positive
    terms (Abramowitz and Stegun 13.1.2 and, for negative x, 13.1.27).
    """
    small = np.abs(x) < order + 2
    large = np.where(small, order + 2, x)
    y = np.expm1(large) / large
    for n in range(1, order + 1):
        y = (np.exp(large) - n * y) / large
    x = np.where(small, x, 0)
    r = np.abs(x)
    up, power = 0 * r, 1 + 0 * r
    down, term = 0 * r, 1 / (order + 1) + 0 * r
    for n in range(20 + 10 * order):
        up, power = up + power / (n + order + 1), power * r / (n + 1)
        down, term = down + term, term * r / (n + order + 2)
    return np.where(small, np.where(x < 0, np.exp(x) * down, up), y)[()]


def _sin_over_x(x: Any, order: int = 0) -> Any:
    """sin(x) / x, 1 at 0, or its derivative of that order.

    x f(x) = sin(x) differentiated n times is x f_n = sin(x + n pi / 2) - n f_{n-1}. Near 0,
    where this cancels, the Taylor series.
    """
    small = np.abs(x) < order + 1 if order else x == 0
    large = np.where(small, order + 1, x)
    sin, cos = np.sin(large), np.cos(large)
    y = sin / large
    for n in range(1, order + 1):
        y = ((sin, cos, -sin, -cos)[n % 4] - n * y) / large
    x = np.where(small, x, 0)
    k, power = (order + 1) // 2, order % 2
    term = (-1) ** k * x**power
    series = 0 * x
    for _ in range(14 + 2 * order if order else 1):
        series = series + term / (2 * k + 1)
        term = -term * x * x / ((power + 1) * (power + 2))
        k, power = k + 1, power + 2
    return np.where(small, series, y)[()]


def _weighted_logsumexp(x: Any, b: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """log(sum(b * exp(x))) over an axis, without overflow of what has a weight."""
    x, b = np.broadcast_arrays(x, b)
    top = np.max(np.where(b == 0, -np.inf, x), axis=axis, keepdims=True, initial=-np.inf)
    top = np.where(np.isfinite(top), top, 0).astype(x.dtype)
    with np.errstate(divide="ignore"):
        terms = b * np.exp(np.minimum(x - top, np.log(np.finfo(x.dtype).max) - 1))
        y = np.log(np.sum(terms, axis=axis, keepdims=True)) + top
    return y if keepdims else np.squeeze(y, axis=axis)[()]


def _share_of_two(x: Any, y: Any) -> Any:
    """exp(x) / (exp(x) + exp(y)), without overflow; 0 where both are -inf."""
    d = x - np.maximum(y, np.finfo(np.result_type(x, y, np.float16)).min)
    e = np.exp(-np.abs(d))
    return np.where(d >= 0, 1, e)[()] / (1 + e)
