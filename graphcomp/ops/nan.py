"""Reductions and running sums that leave NaN out. No gradient goes into a NaN."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from graphcomp.graph import Variable
from graphcomp.ops import compare, cumulative, extremes, masks, reduce, search, statistics
from graphcomp.ops.base import Operand, Sample, as_variable
from graphcomp.ops.reduce import Axis
from graphcomp.registry import public, refuse

__all__ = [
    "nanargmax",
    "nanargmin",
    "nancumprod",
    "nancumsum",
    "nanmax",
    "nanmean",
    "nanmin",
    "nanprod",
    "nanstd",
    "nansum",
    "nanvar",
]


def _numbers(values: list[Any]) -> list[Any]:
    return [value for value in values if value == value]


_HOLES = Operand((2, 3), kind="fixed", value=[[math.nan, 1.5, -0.5], [0.25, math.nan, 2.0]])


# ------------------------------------------------------------------------------------- operations


class Nanmax(extremes.Extreme):
    """The largest of the elements over axes that are not NaN; NaN where all are."""

    function = "nanmax"
    larger = True
    passes_nan = False

    @staticmethod
    def of_elements(values: list[Any]) -> Any:
        return max(_numbers(values), default=math.nan)

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        yield from super().samples()
        yield Sample(cls((-1,)), (_HOLES,))
        yield Sample(cls((-2,), keepdims=True, initial=1.0), (_HOLES,))


class Nanmin(Nanmax):
    """The smallest of the elements over axes that are not NaN; NaN where all are."""

    function = "nanmin"
    larger = False

    @staticmethod
    def of_elements(values: list[Any]) -> Any:
        return min(_numbers(values), default=math.nan)


class Nanargmax(search.Argmax):
    """The index of the largest element that is not NaN along one axis, or among all."""

    function = "nanargmax"

    def of_values(self, values: list[Any]) -> Any:
        return values.index(max(_numbers(values)))

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        yield from super().samples()
        yield Sample(cls((-1,)), (_HOLES,))


class Nanargmin(Nanargmax):
    """The index of the smallest element that is not NaN along one axis, or among all."""

    function = "nanargmin"

    def of_values(self, values: list[Any]) -> Any:
        return values.index(min(_numbers(values)))


# -------------------------------------------------------------------------------------- functions


def _without_nan(a: Any, fill: int) -> Variable:
    """a with ``fill`` for NaN."""
    a = as_variable(a)
    return a if a.dtype.kind not in "fc" else compare.where(compare.isnan(a), fill, a)


def _present(a: Variable, where: Any) -> Variable:
    """Which elements are not NaN and are taken by ``where``."""
    mask = masks.as_mask(where, a)
    present = ~compare.isnan(a)
    return present if mask is None else present & mask


@public("numpy.nansum")
def nansum(
    a: Any,
    axis: Axis = None,
    dtype: Any = None,
    out: None = None,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = True,
) -> Variable:
    """The sum of the elements over ``axis`` that are not NaN; options and errors as ``sum``.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.nansum(gr.constant([1.0, float("nan")])))
    np.float64(1.0)
    """
    return reduce.sum(_without_nan(a, 0), axis, dtype, out, keepdims, initial, where)


@public("numpy.nanprod")
def nanprod(
    a: Any,
    axis: Axis = None,
    dtype: Any = None,
    out: None = None,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = True,
) -> Variable:
    """The product of the elements over ``axis`` that are not NaN; options and errors as ``sum``.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.nanprod(gr.constant([2.0, float("nan"), 3.0])))
    np.float64(6.0)
    """
    return reduce.prod(_without_nan(a, 1), axis, dtype, out, keepdims, initial, where)


@public("numpy.nancumsum")
def nancumsum(a: Any, axis: int | None = None, dtype: Any = None, out: None = None) -> Variable:
    """The sums of the elements up to each place, NaN as 0; options and errors as ``cumsum``.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.nancumsum(gr.constant([2.0, float("nan"), 3.0])))
    array([2., 2., 5.])
    """
    return cumulative.cumsum(_without_nan(a, 0), axis, dtype, out)


@public("numpy.nancumprod")
def nancumprod(a: Any, axis: int | None = None, dtype: Any = None, out: None = None) -> Variable:
    """The products of the elements up to each place, NaN as 1; options as ``cumsum``.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.nancumprod(gr.constant([2.0, float("nan"), 3.0])))
    array([2., 2., 6.])
    """
    return cumulative.cumprod(_without_nan(a, 1), axis, dtype, out)


@public("numpy.nanmean")
def nanmean(
    a: Any,
    axis: Axis = None,
    dtype: Any = None,
    out: None = None,
    keepdims: bool = False,
    *,
    where: Any = True,
) -> Variable:
    """The mean of the elements over ``axis`` that are not NaN; options and errors as ``mean``.

    NaN where all are NaN.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.nanmean(gr.constant([3.0, float("nan")])))
    np.float64(3.0)
    """
    a = as_variable(a)
    taken = _present(a, where) if a.dtype.kind in "fc" else where
    return reduce.mean(a, axis, dtype, out, keepdims, where=taken)


@public("numpy.nanvar")
def nanvar(
    a: Any,
    axis: Axis = None,
    dtype: Any = None,
    out: None = None,
    ddof: Any = 0,
    keepdims: bool = False,
    *,
    where: Any = True,
    mean: Any = None,
    correction: Any = None,
) -> Variable:
    """The variance of the elements over ``axis`` that are not NaN; options and errors as ``var``.

    NaN where no more than ``ddof`` elements are left.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.nanvar(gr.constant([3.0, float("nan"), 5.0])))
    np.float64(1.0)
    """
    a = as_variable(a)
    if a.dtype.kind not in "fc":
        return statistics.var(
            a, axis, dtype, out, ddof, keepdims, where=where, mean=mean, correction=correction
        )
    refuse("nanvar", out=out)
    less = statistics.degrees(ddof, correction)
    a = statistics.floating(a, dtype)
    present = _present(a, where)
    axes = reduce.normalize_axes(axis, a.ndim)
    square, count = statistics.centred_square(a, axes, present, mean, bool(keepdims))
    left = count - less
    return reduce.Sum(axes, bool(keepdims))(square) / compare.where(left > 0, left, math.nan)


@public("numpy.nanstd")
def nanstd(
    a: Any,
    axis: Axis = None,
    dtype: Any = None,
    out: None = None,
    ddof: Any = 0,
    keepdims: bool = False,
    *,
    where: Any = True,
    mean: Any = None,
    correction: Any = None,
) -> Variable:
    """The standard deviation of the elements over ``axis`` that are not NaN, as ``nanvar``.

    Where it is 0 its gradient is 0.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.nanstd(gr.constant([3.0, float("nan"), 5.0])))
    np.float64(1.0)
    """
    variance = nanvar(
        a, axis, dtype, out, ddof, keepdims, where=where, mean=mean, correction=correction
    )
    return statistics.root(variance)


@public("numpy.nanmax")
def nanmax(
    a: Any,
    axis: Axis = None,
    out: None = None,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = True,
) -> Variable:
    """The largest of the elements over ``axis`` that are not NaN; options and errors as ``max``.

    NaN where all are NaN and there is no ``initial``; no gradient goes there.

    >>> import graphcomp as gr
    >>> x = gr.vector("x", 3)
    >>> gr.evaluate({x: [1.0, float("nan"), 2.0]}, gr.grad(gr.nanmax(x), x))
    array([0., 0., 1.])
    """
    a = as_variable(a)
    if a.dtype.kind not in "fc":
        return extremes.max(a, axis, out, keepdims, initial, where)
    return extremes.extreme(Nanmax, a, axis, keepdims, out, initial, where)


@public("numpy.nanmin")
def nanmin(
    a: Any,
    axis: Axis = None,
    out: None = None,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = True,
) -> Variable:
    """The smallest of the elements over ``axis`` that are not NaN, as ``nanmax``.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.nanmin(gr.constant([1.0, float("nan"), 2.0])))
    np.float64(1.0)
    """
    a = as_variable(a)
    if a.dtype.kind not in "fc":
        return extremes.min(a, axis, out, keepdims, initial, where)
    return extremes.extreme(Nanmin, a, axis, keepdims, out, initial, where)


@public("numpy.nanargmax")
def nanargmax(
    a: Any, axis: int | None = None, out: None = None, *, keepdims: bool = False
) -> Variable:
    """The index of the largest element along ``axis`` that is not NaN, as ``argmax``.

    As NumPy's, the evaluation raises ValueError where all are NaN.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.nanargmax(gr.constant([1.0, float("nan"), 2.0])))
    np.int64(2)
    """
    return search.index_of(Nanargmax, a, axis, out, keepdims)


@public("numpy.nanargmin")
def nanargmin(
    a: Any, axis: int | None = None, out: None = None, *, keepdims: bool = False
) -> Variable:
    """The index of the smallest element along ``axis`` that is not NaN, as ``nanargmax``.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.nanargmin(gr.constant([1.0, float("nan"), 2.0])))
    np.int64(0)
    """
    return search.index_of(Nanargmin, a, axis, out, keepdims)
