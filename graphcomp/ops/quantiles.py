"""Quantiles and percentiles, with and without NaN, and weighted ones.

The estimators are those of Hyndman and Fan (1996),
"Sample quantiles in statistical packages", as NumPy names them.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from graphcomp.errors import DTypeError, OptionError, ShapeError
from graphcomp.graph import Variable
from graphcomp.ops import (
    batching,
    compare,
    create,
    cumulative,
    indexing,
    order_statistics as orders,
    reduce,
    search,
    shape as shapes,
    sorting,
)
from graphcomp.ops.base import Bad, Constant, Meaning, Operand, Sample, as_variable
from graphcomp.ops.order_statistics import Ranks
from graphcomp.ops.reduce import Axes, Axis
from graphcomp.registry import public, refuse
from graphcomp.types import DType, TensorType, format_shape, sampled_dtype

__all__ = [
    "nanpercentile",
    "nanquantile",
    "percentile",
    "quantile",
]

Array = np.ndarray[Any, Any]

# Hyndman and Fan's estimators that are continuous in q, by their plotting positions.
CONTINUOUS = {
    "linear": (1.0, 1.0),
    "interpolated_inverted_cdf": (0.0, 1.0),
    "hazen": (0.5, 0.5),
    "weibull": (0.0, 0.0),
    "median_unbiased": (1 / 3, 1 / 3),
    "normal_unbiased": (3 / 8, 3 / 8),
}
STEPS = ("inverted_cdf", "closest_observation", "lower", "higher", "nearest")
METHODS = (*CONTINUOUS, *STEPS, "averaged_inverted_cdf", "midpoint")


def _ranks(method: str, n: Any, q: Any) -> Ranks:
    """The ranks, from 0, of the q-quantile of n elements, as ``np.quantile`` takes them."""
    slope: Any = 0.0
    if method in CONTINUOUS:
        alpha, beta = CONTINUOUS[method]
        slope = n + (1 - alpha - beta) if method != "linear" else n - 1
        rank = n * q + (alpha + q * (1 - alpha - beta)) - 1 if method != "linear" else slope * q
        below = np.floor(rank)
        t = rank - below
    elif method == "averaged_inverted_cdf":
        rank = n * q - 1
        below = np.floor(rank)
        t = np.where(rank == below, 0.5, 1.0)
    elif method == "midpoint":
        below, above = np.floor((n - 1) * q), np.ceil((n - 1) * q)
        t = np.where(below == above, 0.0, 0.5)
    else:
        only = _within(_step(method, n, q), n)
        return Ranks(only, only, 0.0, slope)
    return Ranks(_within(below, n), _within(below + 1, n), _number(t), slope)


def _step(method: str, n: Any, q: Any) -> Any:
    """The one rank of an estimator that is constant between jumps."""
    if method == "inverted_cdf":
        return np.ceil(n * q - 1)
    if method == "closest_observation":
        rank = n * q - 1.5
        below = np.floor(rank)
        return below + np.where((rank == below) & (below % 2 == 1), 0.0, 1.0)
    nearest = {"lower": np.floor, "higher": np.ceil, "nearest": np.rint}[method]
    return nearest((n - 1) * q)


def _within(rank: Any, n: Any) -> Any:
    """A rank as an index from 0 to n - 1."""
    return _number(np.clip(rank, 0, n - 1).astype(np.int64))


def _number(value: Any) -> Any:
    """A 0-d array of numbers as a Python number, which an index or a factor spells out."""
    return value if isinstance(value, Variable) or np.ndim(value) else np.asarray(value).item()


# ------------------------------------------------------------------------------------- operations


@functools.cache
def _function(name: str, method: str) -> Callable[..., Any]:
    """NumPy's function with its method, to ask it for dtypes."""
    return functools.partial(getattr(np, name), method=method)


@dataclass(frozen=True, eq=False)
class Quantile(orders.OrderStatistic):
    """The quantiles of elements over axes, for q of at most two axes, which come first."""

    method: str = "linear"
    function: ClassVar[str] = "quantile"
    parameters: ClassVar[tuple[str, ...]] = ("x", "q")
    of_nothing: ClassVar[bool] = False
    whole: ClassVar[int] = 1  # what q is a part of

    def infer(self, *types: TensorType) -> TensorType:
        x, q = types
        if q.ndim > 2:
            raise ShapeError(f"q has {q.ndim} axes", "give a number, a vector or a matrix")
        if q.dtype.kind == "c":
            raise DTypeError(f"q is {q.dtype}", "give real numbers")
        if x.dtype.kind == "b" and self.method not in STEPS:
            raise DTypeError("bools have no differences", "convert with .astype('int64') first")
        reduced = super().infer(x)
        dtype: DType = sampled_dtype(_function(self.function, self.method), x, q)
        return TensorType(dtype, (*q.shape, *reduced.shape))

    def result_dtype(self, x: TensorType) -> DType:
        return x.dtype

    def simplify(self, *inputs: Variable) -> Variable | None:
        return None

    def meaning(self, *types: TensorType) -> Meaning:
        literals: dict[str, Any] = {
            "axis": reduce.axis_literal(self.axes, types[0].ndim),
            "method": self.method,
            "keepdims": self.keepdims,
        }
        text = f"np.{self.function}(x, q, axis=axis, method=method, keepdims=keepdims)"
        result = self.infer(*types).dtype
        if result.kind == "f" and result.itemsize < 8:  # NumPy 1.26 gives float64
            text, literals["dtype"] = f"{text}.astype(dtype)", result
        return Meaning(text, literals, {"axis": None, "method": "linear", "keepdims": False})

    def ranks(self, n: Any, *q: Variable) -> Ranks:
        part: Any = q[0]
        if isinstance(part.op, Constant):
            part = part.op.scalar if not part.ndim else part.op.value
        return _ranks(self.method, n, part if self.whole == 1 else part / self.whole)

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        x, q = inputs
        G = shapes.Reshape((*q.shape, *orders.kept_shape(x.shape, self.axes)))(G)
        G = shapes.moveaxis(G, tuple(range(q.ndim)), tuple(range(-q.ndim, 0)))
        if i == 0:
            return self.to_x(x, G, q)
        rows = orders.rows_of(x, self.axes)
        ranks = self.ranks_in(rows, q)
        if isinstance(ranks.slope, float) and ranks.slope == 0:
            return create.full_of(0, q.type)
        low, high, _ = self.neighbours(rows, ranks)
        slope = ranks.slope if self.whole == 1 else ranks.slope / self.whole
        change = G * (high - low) * slope
        return reduce.sum(change, axis=tuple(range(change.ndim - q.ndim)))

    def batch(self, inputs: tuple[Variable, ...], batched: tuple[bool, ...]) -> Variable:
        x, q = inputs
        if not batched[1]:
            return shapes.moveaxis(self(x, q), q.ndim, 0)
        if not batched[0]:
            each = self(x, shapes.Reshape((q.size,))(q))
            return shapes.Reshape((*q.shape, *each.shape[1:]))(each)
        return batching.batch_composed(self.composed, inputs, batched)

    def composed(self, x: Variable, q: Variable) -> Variable:
        """The same by sorting, which takes another q for each row."""
        rows = orders.rows_of(x, self.axes)
        ranks = self.ranks_in(rows, q)
        low, high, last = self.neighbours(rows, ranks)
        value = low if ranks.low is ranks.high else low + (high - low) * ranks.t
        if value.dtype.kind == "f" and not self.own:
            top = shapes.expand_dims(last, tuple(range(-q.ndim, 0)))
            value = compare.where(compare.isnan(top), top, value)
        return _q_first(value, q.ndim, x, self.axes, self.keepdims)

    def neighbours(self, rows: Variable, ranks: Ranks) -> tuple[Variable, Variable, Variable]:
        """The two order statistics of each row, and its last."""
        ordered = sorting.Sort(-1)(rows)
        low, high = (orders.place_of(rows, rank, self.own) for rank in ranks[:2])
        return indexing.getitem(ordered, low), indexing.getitem(ordered, high), ordered[..., -1]

    def oracle(self, *operands: Array) -> Any:
        x, q = operands
        shape: Any = self.reduced_shape(x.shape)
        kept = [k for k in range(-x.ndim, 0) if k not in self.axes]
        rows = np.transpose(x, (*kept, *self.axes)).reshape(math.prod(shape), -1).tolist()
        parts = (np.ravel(q) / self.whole).tolist()
        values = [[_estimate(row, part, self.method) for row in rows] for part in parts]
        return np.array(values).reshape(np.shape(q) + shape)

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        def operands(shape: tuple[int, ...], q: Any) -> tuple[Operand, Operand]:
            value = np.multiply(q, cls.whole).astype(float)
            return Operand(shape, kind="distinct"), Operand(value.shape, kind="fixed", value=value)

        for method in METHODS:
            yield Sample(cls((-1,), method=method), operands((5,), [0.07, 0.45, 0.93]))
        yield Sample(cls((-3, -1), True), operands((2, 2, 3), 0.33))
        yield Sample(cls((-2,)), operands((3, 2), [[0.1, 0.6]]))
        yield Sample(cls(()), operands((), 0.5))
        yield Sample(cls((-1,)), operands((1,), 0.5))
        yield Sample(cls((-1,)), (Operand((4,), dtype="int64"), operands((), 0.4)[1]))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        q = Operand((), 0.0, 1.0)
        yield Bad(cls((-3,)), (Operand((2, 3)), q), ShapeError)
        yield Bad(cls((-1,)), (Operand((2, 0)), q), ShapeError)
        yield Bad(cls((-1,)), (Operand((2,)), Operand((1, 1, 1))), ShapeError)
        yield Bad(cls((-1,)), (Operand((2,), dtype="complex128"), q), DTypeError)


class Percentile(Quantile):
    """The percentiles of elements over axes: the quantiles of q / 100."""

    function = "percentile"
    whole = 100


class Nanquantile(Quantile):
    """The quantiles of the elements over axes that are not NaN."""

    function = "nanquantile"
    own = True

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        yield from super().samples()
        yield Sample(cls((-1,)), (orders.with_nan(), Operand(kind="fixed", value=0.4 * cls.whole)))


class Nanpercentile(Nanquantile):
    """The percentiles of the elements over axes that are not NaN."""

    function = "nanpercentile"
    whole = 100


def _q_first(value: Variable, count: int, x: Variable, axes: Axes, keepdims: bool) -> Variable:
    """Values of shape (rows, *q) as (*q, *rows), with the reduced axes back if they are kept."""
    first = shapes.moveaxis(value, tuple(range(-count, 0)), tuple(range(count)))
    return shapes.expand_dims(first, axes) if keepdims and axes else first


def _estimate(row: list[float], q: float, method: str) -> float:
    """The oracle: Hyndman and Fan's (1 - g) x[j] + g x[j + 1], with j and g from n q + m."""
    values = sorted(v for v in row if v == v)
    n = len(values)
    by_position: dict[str, Callable[[float], int]] = {
        "lower": math.floor,
        "higher": math.ceil,
        "nearest": round,
    }
    if method in by_position:
        return values[by_position[method]((n - 1) * q)]
    if method == "midpoint":
        h = (n - 1) * q
        return (values[math.floor(h)] + values[math.ceil(h)]) / 2
    m = {
        "inverted_cdf": 0.0,
        "averaged_inverted_cdf": 0.0,
        "closest_observation": -0.5,
        "interpolated_inverted_cdf": 0.0,
        "hazen": 0.5,
        "weibull": q,
        "linear": 1 - q,
        "median_unbiased": (q + 1) / 3,
        "normal_unbiased": q / 4 + 3 / 8,
    }[method]
    j = math.floor(n * q + m)
    g = n * q + m - j
    if method == "closest_observation":
        g = float(g != 0 or j % 2 == 1)
    elif method.endswith("inverted_cdf") and not method.startswith("interpolated"):
        g = 1.0 if g > 0 else 0.5 * method.startswith("averaged")
    low, high = (values[min(max(k, 1), n) - 1] for k in (j, j + 1))
    return low + g * (high - low)


# --------------------------------------------------------------------------------------- weighted


def _weighted(
    a: Variable, q: Variable, axis: Axis, keepdims: bool, weights: Variable, skip_nan: bool
) -> Variable:
    """The inverse of the weighted empirical distribution function, as ``np.quantile`` has it."""
    axes = reduce.normalize_axes(axis, a.ndim)
    weights = _weights_like(a, weights, None if axis is None else axes)
    absent = compare.isnan(a)
    rows = orders.rows_of(a, axes)
    mass = orders.rows_of(compare.where(absent, 0, weights) if skip_nan else weights, axes)
    mass = sorting.take_in_order(mass, sorting.Argsort(-1)(rows), -1)
    share = cumulative.cumsum(mass, axis=-1, dtype=float)
    share = share / share[..., -1:]
    if q.dtype.kind == "f":
        share = share.astype(q.dtype)
    share = compare.where(share == 0, -1, share)  # what has no weight is not the 0-quantile
    wanted = shapes.broadcast_to(q, (*share.shape[:-1], *q.shape))
    rank = compare.minimum(search.Searchsorted()(share, wanted), rows.shape[-1] - 1)
    ordered = sorting.Sort(-1)(rows)
    value = indexing.getitem(ordered, orders.place_of(rows, rank, own=True))
    if a.dtype.kind == "f" and not skip_nan:
        last = shapes.expand_dims(ordered[..., -1], tuple(range(-q.ndim, 0)))
        value = compare.where(compare.isnan(last), last, value)
    return _q_first(value, q.ndim, a, axes, keepdims)


def _weights_like(a: Variable, weights: Variable, axes: Axes | None) -> Variable:
    if weights.shape == a.shape:
        return weights
    lengths = None if axes is None else tuple(a.shape[k] for k in axes)
    if axes is None or weights.shape != lengths:
        raise ShapeError(
            f"weights of shape {format_shape(weights.shape)} for {a.label}, of shape "
            f"{format_shape(a.shape)}",
            "give them a's shape, or its lengths along axis=",
        )
    wide = tuple(d if k in axes else 1 for k, d in enumerate(a.shape, -a.ndim))
    return shapes.broadcast_to(shapes.Reshape(wide)(weights), a.shape)


# ------------------------------------------------------------------------- functions for users


@public("numpy.quantile")
def quantile(
    a: Any,
    q: Any,
    axis: Axis = None,
    out: None = None,
    overwrite_input: bool = False,
    method: str = "linear",
    keepdims: bool = False,
    *,
    weights: Any = None,
) -> Variable:
    """The q-quantiles of a over ``axis``, with the axes of q in front, as ``np.quantile``.

    ``q`` is a number from 0 to 1 or an array of them, of at most two axes; ``method`` one of
    NumPy's names of estimators (Hyndman and Fan, 1996); ``weights``, of a's shape or the lengths
    along ``axis``, go with method "inverted_cdf". The derivative by q is that of the line
    between two order statistics, 0 for estimators with jumps. Raises ShapeError for an axis out
    of range and weights that do not fit, OptionError for an unknown method and a q out of range.

    >>> import graphcomp as gr
    >>> x = gr.vector("x", 3)
    >>> gr.evaluate({x: [3.0, 1.0, 2.0]}, gr.quantile(x, [0.25, 0.5]))
    array([1.5, 2. ])
    """
    return _quantile(Quantile, a, q, axis, out, method, keepdims, weights)


@public("numpy.percentile")
def percentile(
    a: Any,
    q: Any,
    axis: Axis = None,
    out: None = None,
    overwrite_input: bool = False,
    method: str = "linear",
    keepdims: bool = False,
    *,
    weights: Any = None,
) -> Variable:
    """The percentiles of a over ``axis``, for q from 0 to 100; else as ``quantile``.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.percentile(gr.constant([1.0, 2.0, 3.0]), 25))
    np.float64(1.5)
    """
    return _quantile(Percentile, a, q, axis, out, method, keepdims, weights)


@public("numpy.nanquantile")
def nanquantile(
    a: Any,
    q: Any,
    axis: Axis = None,
    out: None = None,
    overwrite_input: bool = False,
    method: str = "linear",
    keepdims: bool = False,
    *,
    weights: Any = None,
) -> Variable:
    """The quantiles of the elements of a over ``axis`` that are not NaN, as ``quantile``."""
    return _quantile(Nanquantile, a, q, axis, out, method, keepdims, weights)


@public("numpy.nanpercentile")
def nanpercentile(
    a: Any,
    q: Any,
    axis: Axis = None,
    out: None = None,
    overwrite_input: bool = False,
    method: str = "linear",
    keepdims: bool = False,
    *,
    weights: Any = None,
) -> Variable:
    """The percentiles of the elements of a over ``axis`` that are not NaN, as ``percentile``."""
    return _quantile(Nanpercentile, a, q, axis, out, method, keepdims, weights)


def _quantile(
    op: type[Quantile],
    a: Any,
    q: Any,
    axis: Axis,
    out: None,
    method: str,
    keepdims: bool,
    weights: Any,
) -> Variable:
    refuse(op.function, out=out)
    if method not in METHODS:
        raise OptionError(f"method={method!r}", f"give one of {', '.join(METHODS)}")
    a, q = as_variable(a), as_variable(q)
    if isinstance(q.op, Constant) and not _is_part(q.op.value, op.whole):
        raise OptionError(f"{op.function} of q={q.op.value}", f"give q from 0 to {op.whole}")
    if weights is None:
        return op(reduce.normalize_axes(axis, a.ndim), bool(keepdims), method)(a, q)
    if method != "inverted_cdf":
        raise OptionError(f"method={method!r} with weights", "give method='inverted_cdf'")
    if a.dtype.kind == "c":
        raise DTypeError(f"{op.function} of {a.dtype}, which has no order", "take .real or abs()")
    part = q if op.whole == 1 else q / op.whole
    return _weighted(a, part, axis, bool(keepdims), as_variable(weights), op.own)


def _is_part(q: Array, whole: int) -> bool:
    return q.dtype.kind == "c" or bool(((q >= 0) & (q <= whole)).all())
