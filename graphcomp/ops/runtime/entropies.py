"""Logarithms with their limits at 0, entropies, power transforms."""

from __future__ import annotations

from typing import Any

import numpy as np


def _xlogy(x: Any, y: Any) -> Any:
    """x log(y), and 0 where x is 0."""
    return x * np.log(np.where((x == 0) & (y == y), 1, y))


def _xlog1py(x: Any, y: Any) -> Any:
    """x log(1 + y), and 0 where x is 0."""
    return x * np.log1p(np.where((x == 0) & (y == y), 0, y))


def _entr(x: Any) -> Any:
    """-x log(x), 0 at 0 and -inf below."""
    with np.errstate(invalid="ignore"):
        return np.where(x < 0, -np.inf, 0 - _xlogy(x, x))[()]


def _log_ratio(x: Any, y: Any) -> Any:
    """log(x / y), exact where x is near y, and without overflow; 0 at (0, 0)."""
    both = (x == 0) & (y == 0)
    x, y = np.where(both, 1, x), np.where(both, 1, y)
    near = (x < 2 * y) & (y < 2 * x)
    d = np.where(near, x - y, 0) / np.where(near, y, 1)
    return np.where(near, np.log1p(d), np.log(x) - np.log(y))[()]


def _rel_entr(x: Any, y: Any) -> Any:
    """x log(x / y), 0 where x is 0, inf where it is not defined."""
    inside, edge, unknown = _entropy_domain(x, y)
    value = x * _log_ratio(np.where(inside, x, 1), np.where(inside, y, 1))
    return np.select([inside, edge, unknown], [value, 0, np.nan], np.inf)[()]


def _kl_div(x: Any, y: Any) -> Any:
    """x log(x / y) - x + y, inf where it is not defined."""
    inside, edge, unknown = _entropy_domain(x, y)
    value = x * _log_ratio(np.where(inside, x, 1), np.where(inside, y, 1)) + (y - x)
    return np.select([inside, edge, unknown], [value, y, np.nan], np.inf)[()]


def _entropy_domain(x: Any, y: Any) -> Any:
    """Where both are positive, where x is 0 and y is not negative, where one is NaN."""
    return (x > 0) & (y > 0), (x == 0) & (y >= 0), (x != x) | (y != y)


def _huber(delta: Any, r: Any) -> Any:
    """r**2 / 2 as far as |r| is delta, linear beyond; inf for delta < 0."""
    a = np.abs(r)
    c = np.minimum(a, delta)
    y = c * np.where(a <= delta, 0.5 * c, a - 0.5 * c)
    return np.where(delta < 0, np.inf, y)[()]


def _pseudo_huber(delta: Any, r: Any) -> Any:
    """delta**2 (sqrt(1 + (r / delta)**2) - 1), without cancellation; inf for delta < 0."""
    zero = (delta == 0) | (r == 0)
    a, h = np.where(zero, 1, np.abs(r)), np.where(zero, 1, np.hypot(delta, r) + delta)
    y = np.where(zero, 0, delta * a * np.where(np.isinf(a), 1, a / h))
    return np.where(delta < 0, np.inf, y)[()]


def _powm1(x: Any, y: Any) -> Any:
    """x**y - 1, exact where x**y is near 1."""
    t = y * np.log(np.where(x > 0, x, 1))
    near = (x > 0) & (np.abs(t) < 0.5)
    direct = np.power(np.asarray(np.where(near, 1, x), float), y) - 1
    return np.where(near, np.expm1(np.where(near, t, 0)), direct)[()]


def _boxcox(x: Any, lmbda: Any, order: int = 0) -> Any:
    """The integral of log(s)**order s**(lmbda - 1) from 1 to x."""
    with np.errstate(divide="ignore"):
        return _exponential_moment(np.log(np.asarray(x, float)), lmbda, order)


def _boxcox1p(x: Any, lmbda: Any, order: int = 0) -> Any:
    """The integral of log(s)**order s**(lmbda - 1) from 1 to 1 + x."""
    with np.errstate(divide="ignore"):
        return _exponential_moment(np.log1p(np.asarray(x, float)), lmbda, order)


def _exponential_moment(x: Any, c: Any, order: int) -> Any:
    """The integral of s**order exp(c s) from 0 to x, smooth at c = 0.

    For order 0 it is expm1(c x) / c. Higher ones follow by parts, and near c x = 0 from
    the series of Kummer's function 1F1(order + 1; order + 2; c x), in its form of positive
    terms (DLMF 13.2.39).
    """
    t = c * np.where(c == 0, 0, x)
    small = np.abs(t) < 1e-17
    safe = np.where(small, 1, c)
    large = t > 700  # exp(t) overflows before the quotient does
    half = np.exp(np.where(large, t, 0) / 2)
    y = np.where(large, half / safe * half, np.expm1(np.where(large, 0, t)) / safe)
    y = np.where(small, x, y)
    finite, power = np.where(np.isinf(x), 0, x), np.ones_like(t)
    for m in range(1, order + 1):
        power = power * finite
        q = np.minimum(np.abs(t), m + 2)
        series, rising = np.zeros_like(t), np.zeros_like(t)
        for n in range(40, -1, -1):
            series = series * q / (n + 1) + 1 / (n + m + 1)
            rising = rising * q / (n + m + 2) + 1
        series = np.where(t < 0, np.exp(-q) * rising / (m + 1), series)
        by_parts = (power * np.exp(t) - m * y) / safe
        y = np.where(np.abs(t) <= m + 2, power * finite * series, by_parts)
    return y[()]


def _inverse_boxcox(y: Any, lmbda: Any, order: int = 0) -> Any:
    """The integral of s**order / (1 + lmbda s)**(order + 1) from 0 to y, smooth at lmbda = 0.

    For order 0 it is log1p(lmbda y) / lmbda. Higher ones follow by parts, and near
    lmbda y = 0 from the binomial series.
    """
    y = np.asarray(y, float)
    u = lmbda * np.where(lmbda == 0, 0, y)
    small = np.abs(u) < 1e-17
    safe = np.where(small, 1, lmbda)
    z = np.where(small, y, np.log1p(u) / safe)
    near, power = np.abs(u) < 0.25, np.ones_like(u)
    q, ratio = np.where(near, u, 0), y / (1 + u)
    for m in range(1, order + 1):
        power, series, binomial = power * y, np.zeros_like(u), np.ones_like(u)
        for n in range(60):
            series = series + binomial / (n + m + 1)
            binomial = -binomial * q * (n + m + 1) / (n + 1)
        z = np.where(near, power * y * series, (z - ratio**m / m) / safe)
    return z[()]
