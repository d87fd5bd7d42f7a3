"""Objectives made of helpers, closures, tables and classes, as people put code together."""

from __future__ import annotations

import abc
import functools
from math import lgamma, pi

import numpy as np
import numpy as onp

from tests import objectives_library
from tests.objectives import DESIGN, ONE, ridge
from tests.objectives_library import soft_threshold
from tests.objectives_table import Draw, case


def _helper(x):
    return np.asarray(x) * np.full(x.shape, 2.0)


@case("float64[n]")
def calls_helpers(x):
    return np.sum(_helper(soft_threshold(objectives_library.standardize(x), 0.1)))


@case("float64[n]", link="log")
def takes_functions_from_a_table(x, link):
    return np.sum(objectives_library.LINKS[link](x))


def _make_penalty(strength):
    def penalty(w):
        return strength * np.sum(np.array([w, w]) ** 2)

    return penalty


case("float64[p]", name="closure")(_make_penalty(0.3))
case("float64[p]", name="lambda")(lambda w: onp.sum(onp.asarray(w) ** 2))
case("float64[p]", "float64[n, p]", "float64[n]", name="partial")(functools.partial(ridge, lam=0.5))
case(ONE, name="ufunc")(np.exp)


@case("float64[n]")
def nested_functions(x):
    n = x.shape[0]

    def kernel(t, power=2):
        return np.asarray(t) ** power

    return sum(kernel(x, k) for k in (1, 2, 3)).sum() / n


@case(ONE, depth=4)
def recursive(x, depth):
    return np.array([x]).sum() if depth == 0 else np.sin(recursive(x, depth - 1)) + x


def traced(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return np.asarray(function(*args, **kwargs)) * 1.0

    return wrapper


@case("float64[n]")
@traced
def decorated(x):
    return np.zeros(x.shape[0]) + np.cos(x)


@functools.lru_cache
def _table(n):
    return np.linspace(0.0, 1.0, n)


@case("float64[4]")
def cached_table(x):
    return x @ _table(4) * lgamma(3) * pi


class Transform(abc.ABC):
    @abc.abstractmethod
    def __call__(self, t): ...


class Link(Transform):
    def __call__(self, t):
        return np.tanh(np.asarray(t))


class Regression:
    scale = 2.0

    def __init__(self, X, link):
        self.X, self.link = X, link

    @property
    def columns(self):
        return np.asarray(self.X).shape[1]

    @staticmethod
    def square(r):
        return np.asarray(r) ** 2

    def residual(self, w, y):
        return self.link(self.X @ w) - y

    def loss(self, w, y):
        return np.sum(self.square(self.residual(w, y))) / self.columns


class Regularized(Regression):
    def loss(self, w, y):
        return super().loss(w, y) + self.scale * np.sum(np.array([w, w]) ** 2)


case("float64[3]", "float64[4]", name="method")(Regression(DESIGN, Link()).loss)
case("float64[3]", "float64[4]", name="method_with_super")(Regularized(DESIGN, np.tanh).loss)
case("float64[n]", name="callable_object")(Link())


@case("float64[2]", "float64[3]")
def many_arrays(*arrays):
    return np.sum([np.sum(a**2) for a in arrays])


@case(w="float64[p]", x="float64[p]")
def keyword_arrays(**arrays):
    return arrays["w"] @ arrays["x"]


@case("float32[n]", Draw("float32", 0.5, 1.5))
def single_precision(x, a):
    x = np.asarray(x)
    return np.mean(np.where(x > 0, a * x, 0.1 * x) ** 2) * 2.0
