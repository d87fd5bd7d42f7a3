"""Helpers of sigmoid, softmax and log-sum-exp."""

from __future__ import annotations

from typing import Any

import numpy as np


def _sigmoid(x: Any) -> Any:
    """1 / (1 + exp(-x)), without overflow."""
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)


def _share(x: Any, y: Any) -> Any:
    """exp(x - y), the part of x in y = log(sum(exp(x))); 0 where all is -inf."""
    return np.exp(x - np.maximum(y, np.finfo(y.dtype).min))


def _softmax(x: Any, axis: Any = None) -> Any:
    """exp(x) / sum(exp(x)) over an axis, without overflow."""
    e = np.exp(x - np.max(x, axis=axis, keepdims=True, initial=-np.inf))
    return e / np.sum(e, axis=axis, keepdims=True)


def _log_softmax(x: Any, axis: Any = None) -> Any:
    """x - log(sum(exp(x))) over an axis, without overflow."""
    s = x - np.max(x, axis=axis, keepdims=True, initial=-np.inf)
    return s - np.log(np.sum(np.exp(s), axis=axis, keepdims=True))


def _logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """log(sum(exp(x))) over an axis, without overflow; -inf where there is nothing to sum."""
    top = np.max(x, axis=axis, keepdims=True, initial=-np.inf)
    top = np.where(np.isfinite(top), top, 0)
    with np.errstate(divide="ignore"):
        y = np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True)) + top
    return y if keepdims else np.squeeze(y, axis=axis)[()]


def _log_softmax_softmax(x: Any, axis: Any = None) -> Any:
    """x - log(sum(exp(x))) over an axis and its exponential, without overflow."""
    s = x - np.max(x, axis=axis, keepdims=True, initial=-np.inf)
    e = np.exp(s)
    total = np.sum(e, axis=axis, keepdims=True)
    return s - np.log(total), e / total


def _logsumexp_softmax(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """log(sum(exp(x))) over an axis, and the part of each in the sum, without overflow.

    Where there is nothing to sum these are -inf and 0.
    """
    top = np.max(x, axis=axis, keepdims=True, initial=-np.inf)
    top = np.where(np.isfinite(top), top, 0)
    e = np.exp(x - top)
    total = np.sum(e, axis=axis, keepdims=True)
    with np.errstate(divide="ignore"):
        y = np.log(total) + top
    part = e / np.where(total == 0, 1, total)
    return (y if keepdims else np.squeeze(y, axis=axis)[()]), part
