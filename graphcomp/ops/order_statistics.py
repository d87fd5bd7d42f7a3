"""Means of two order statistics over axes: what medians and quantiles are, and the medians.

The gradient goes to the elements of these ranks; elements that tie share it equally.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, ClassVar, NamedTuple

from graphcomp import dims
from graphcomp.graph import Variable
from graphcomp.ops import compare, create, reduce, scatter, shape as shapes, sorting
from graphcomp.ops.base import Operand, Sample
from graphcomp.ops.reduce import Axes, Axis
from graphcomp.registry import public

__all__ = ["median", "nanmedian"]


class Ranks(NamedTuple):
    """Which order statistics make the result: ``(1 - t) * x[low] + t * x[high]``.

    ``slope`` is the derivative of the real-valued rank by q. The members are numbers where all
    that they follow from is known, else variables.
    """

    low: Any
    high: Any
    t: Any
    slope: Any


# --------------------------------------------------------------------------------- rows of values


def _orders(x: Variable, axes: Axes) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The axes of x with the reduced ones last, and the permutation back."""
    kept = tuple(k for k in range(-x.ndim, 0) if k not in axes)
    order = tuple(k + x.ndim for k in (*kept, *axes))
    return order, tuple(sorted(range(x.ndim), key=order.__getitem__))


def rows_of(x: Variable, axes: Axes) -> Variable:
    """x with the reduced axes as one, the last."""
    last = shapes.transpose(x, _orders(x, axes)[0])
    count = dims.prod(x.shape[a] for a in axes)
    return shapes.Reshape((*last.shape[: x.ndim - len(axes)], count))(last)


def kept_shape(shape: dims.Shape, axes: Axes) -> dims.Shape:
    return tuple(d for k, d in enumerate(shape, -len(shape)) if k not in axes)


def from_rows(rows: Variable, x: Variable, axes: Axes) -> Variable:
    """Values of ``rows_of(x, axes)`` at their places in x."""
    order, back = _orders(x, axes)
    return shapes.transpose(shapes.Reshape(tuple(x.shape[k] for k in order))(rows), back)


def place_of(rows: Variable, rank: Any, own: bool) -> tuple[Any, ...]:
    """The index of the elements of a rank: one for all rows, or each row's ``own``."""
    if not own:
        return (Ellipsis, rank)
    counts = []
    for k, d in enumerate(rows.shape[:-1]):
        alone = tuple(d if j == k else 1 for j in range(rank.ndim))
        counts.append(shapes.Reshape(alone)(create.arange(d)))
    return (*counts, rank)


# ------------------------------------------------------------------------------------- operations


class OrderStatistic(reduce.Reduce, abstract=True):
    """Base of means of two order statistics over ``axes``, counted from the end.

    Subclasses give ``ranks``. ``own``: each row has its own, by how many of it are not NaN.
    """

    of_one_is_itself = False
    sample_kind = "distinct"
    own: ClassVar[bool] = False

    def ranks(self, n: Any, *q: Variable) -> Ranks:
        """The ranks in rows of n elements."""
        raise NotImplementedError

    def ranks_in(self, rows: Variable, *q: Variable) -> Ranks:
        """The ranks in these rows, where each has its own of shape (rows, *q)."""
        n: Any = rows.shape[-1]
        if self.own:
            n = reduce.sum(compare.logical_not(compare.isnan(rows)), axis=-1)
            n = shapes.Reshape((*n.shape, *(1,) * sum(v.ndim for v in q)))(n)
        return self.ranks(n, *q)

    def to_x(self, x: Variable, G: Variable, *q: Variable) -> Variable:
        """The gradient G at the places of x that the result comes from."""
        rows = rows_of(x, self.axes)
        if rows.shape[-1] == 0:
            return create.full_of(0, x.type)
        order = sorting.Argsort(-1)(rows)
        ordered = sorting.take_in_order(rows, order, -1)
        ranks = self.ranks_in(rows, *q)
        at_rank: Variable = create.full_of(0, rows.type.with_dtype(G.dtype))
        shares = [(ranks.low, G * (1 - ranks.t)), (ranks.high, G * ranks.t)]
        if ranks.low is ranks.high or (isinstance(ranks.t, float) and ranks.t == 0):
            shares = [(ranks.low, G)]
        for rank, share in shares:
            at_rank = scatter.index_add(at_rank, place_of(rows, rank, self.own), share)
        shared = sorting.ShareTies(-1)(ordered, at_rank)
        return from_rows(sorting.put_in_order(shared, order, -1), x, self.axes)


class Median(OrderStatistic):
    """The median of elements over axes, the mean of the middle two; NaN where one is NaN."""

    function = "median"
    sample_dtypes: ClassVar[tuple[str, ...]] = ("int64", "bool", "complex128")

    def ranks(self, n: Any, *q: Variable) -> Ranks:
        return Ranks((n - 1) // 2, n // 2, 0.5, 0.0)

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        return self.to_x(inputs[0], shapes.Reshape(kept_shape(inputs[0].shape, self.axes))(G))

    def of_values(self, values: list[Any]) -> Any:
        present = sorted((v for v in values if v == v), key=lambda v: (v.real, v.imag))
        if not present or (not self.own and len(present) < len(values)):
            return math.nan
        return (present[(len(present) - 1) // 2] + present[len(present) // 2]) / 2


class Nanmedian(Median):
    """The median of the elements over axes that are not NaN."""

    function = "nanmedian"
    own = True
    sample_dtypes = ("int64", "bool")

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        yield from super().samples()
        yield Sample(cls((-1,)), (with_nan(),))


def with_nan() -> Operand:
    nan = math.nan
    value = [[3.0, nan, 1.0, nan], [2.0, 5.0, -1.0, 0.5], [nan, nan, nan, 7.0]]
    return Operand((3, 4), kind="fixed", value=value)


# ------------------------------------------------------------------------- functions for users


@public("numpy.median")
def median(
    a: Any,
    axis: Axis = None,
    out: None = None,
    overwrite_input: bool = False,
    keepdims: bool = False,
) -> Variable:
    """The median of a over ``axis``, the mean of the middle two; shapes and errors as ``sum``.

    NaN where an element is NaN. Elements that tie share the gradient equally.

    >>> import graphcomp as gr
    >>> x = gr.vector("x", 4)
    >>> gr.evaluate({x: [4.0, 1.0, 3.0, 2.0]}, gr.grad(gr.median(x), x))
    array([0. , 0. , 0.5, 0.5])
    """
    return reduce.reduced(Median, a, axis, keepdims, out=out)


@public("numpy.nanmedian")
def nanmedian(
    a: Any,
    axis: Axis = None,
    out: None = None,
    overwrite_input: bool = False,
    keepdims: bool = False,
) -> Variable:
    """The median of the elements of a over ``axis`` that are not NaN, as ``median``.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.nanmedian(gr.constant([1.0, float("nan"), 2.0])))
    np.float64(1.5)
    """
    return reduce.reduced(Nanmedian, a, axis, keepdims, out=out)
