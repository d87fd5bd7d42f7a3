"""Pairwise squared distances by one matrix product, for ``fast_distances=True`` only.

``|x - y|**2 = |x|**2 + |y|**2 - 2 x.y`` spares the array of all differences, and is many times
faster. It cancels where two points are near each other: the error is that of |x|**2, some 1e-16
of it, and not that of the distance. So it is never done unasked.
"""

from __future__ import annotations

from typing import NamedTuple

from graphcomp.graph import Variable
from graphcomp.ops.arithmetic import Divide, Multiply, Negative, Square, Subtract, sqrt
from graphcomp.ops.compare import maximum
from graphcomp.ops.norms import Norm
from graphcomp.ops.reduce import Sum
from graphcomp.ops.shape import Reshape
from graphcomp.rewrite.engine import Pass, rule
from graphcomp.rewrite.patterns import op_as, retyped

_DEPTH = 5  # how many factors of weighted differences are looked through


class _Differences(NamedTuple):
    """``weights[:, :, None] * (x[:, None] - y)``, or y - x, for points x (n, d) and y (m, d)."""

    x: Variable
    y: Variable
    turned: bool = False
    weights: Variable | None = None

    def times(self, factor: Variable) -> _Differences:
        return self._replace(weights=factor if self.weights is None else factor * self.weights)


def _differences(v: Variable, depth: int = _DEPTH) -> _Differences | None:
    """What all the differences in v, of three axes, are of; None where it is not that."""
    if v.ndim != 3 or v.dtype.kind != "f" or not depth:
        return None
    if isinstance(v.op, Subtract):
        a, b = v.inputs
        return _between(a, b, v)
    if isinstance(v.op, Negative):
        found = _differences(v.inputs[0], depth - 1)
        if found is None or found.weights is None:
            return None
        return found._replace(weights=-found.weights)
    if not isinstance(v.op, (Multiply, Divide)):
        return None
    pairs = (v.inputs, v.inputs[::-1]) if isinstance(v.op, Multiply) else (v.inputs,)
    for inner, factor in pairs:
        weight = _weight(factor, v)
        found = None if weight is None else _differences(inner, depth - 1)
        if found is not None and weight is not None:
            return found.times(1.0 / weight if isinstance(v.op, Divide) else weight)
    return None


def _between(a: Variable, b: Variable, v: Variable) -> _Differences | None:
    n, m, d = v.shape
    for column, row, turned in ((a, b, False), (b, a, True)):
        if not isinstance(column.op, Reshape) or column.shape != (n, 1, d):
            continue
        x = column.inputs[0]
        y = row.inputs[0] if isinstance(row.op, Reshape) and row.shape == (1, m, d) else row
        if x.shape == (n, d) and y.shape == (m, d):
            return _Differences(x, y, turned)
    return None


def _weight(factor: Variable, v: Variable) -> Variable | None:
    """A number, or the weights (n, m) of weights[:, :, None]."""
    if not factor.ndim:
        return factor
    if isinstance(factor.op, Reshape) and factor.shape == (*v.shape[:2], 1):
        (weights,) = factor.inputs
        return weights if weights.shape == v.shape[:2] else None
    if isinstance(factor.op, Negative):
        inner = _weight(factor.inputs[0], v)
        return None if inner is None else -inner
    return None


def _squared(found: _Differences) -> Variable:
    x, y = found.x, found.y
    both = _column(Sum((-1,))(x**2)) + Sum((-1,))(y**2)
    return maximum(both - 2.0 * (x @ y.T), 0.0)


def _column(x: Variable) -> Variable:
    return Reshape((*x.shape, 1))(x)


@rule(
    "sum((x[:, None] - y)**2, axis=-1) -> sum(x**2, 1)[:, None] + sum(y**2, 1) - 2 * x @ y.T",
    Sum,
    Norm,
    sample=lambda X: ((X[:, None] - X[None]) ** 2).sum(axis=-1),
    near_miss=lambda X: ((X[:, None] - X[None]) ** 2).sum(axis=0),
    after_differentiation=True,
)
def squared_distances(v: Variable, x: Variable) -> Variable | None:
    if isinstance(v.op, Sum):
        if not isinstance(x.op, Square) or v.op.axes != (-1,) or v.op.keepdims:
            return None
        x = x.inputs[0]
    elif op_as(Norm, v).axes != (-1,) or op_as(Norm, v).keepdims:
        return None
    found = _differences(x)
    if found is None or found.weights is not None:
        return None
    squared = _squared(found)
    return retyped(v, squared if isinstance(v.op, Sum) else sqrt(squared))


@rule(
    "sum(G[:, :, None] * (x[:, None] - y), axis=1) -> sum(G, axis=1)[:, None] * x - G @ y",
    Sum,
    sample=lambda X: (_column(X @ X.T) * (X[:, None] - X[None])).sum(axis=1),
    near_miss=lambda X: (X[:, None] * (X[:, None] - X[None])).sum(axis=1),
    after_differentiation=True,
)
def sum_of_differences(v: Variable, x: Variable) -> Variable | None:
    found = _differences(x)
    if found is None or found.weights is None or not found.weights.ndim or v.ndim != 2:
        return None
    G, axes = -found.weights if found.turned else found.weights, op_as(Sum, v).axes
    if axes == (-2,):
        return retyped(v, _column(Sum((-1,))(G)) * found.x - G @ found.y)
    if axes == (-3,):
        return retyped(v, G.T @ found.x - _column(Sum((-2,))(G)) * found.y)
    return None


fast_distances = Pass("fast_distances", [squared_distances, sum_of_differences])
