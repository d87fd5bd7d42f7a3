"""Variance, standard deviation, covariance, range, weighted mean, and sums without NaN."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from graphcomp import dims
from graphcomp.errors import DTypeError, OptionError, ShapeError
from graphcomp.graph import Variable
from graphcomp.ops import (
    arithmetic,
    compare,
    diagonal,
    join,
    parts,
    reduce,
    shape as shapes,
)
from graphcomp.ops.base import Operand, Sample, as_variable
from graphcomp.ops.reduce import Axis
from graphcomp.registry import public, refuse
from graphcomp.types import as_dtype, format_shape

__all__ = [
    "average",
    "corrcoef",
    "cov",
    "nan_to_num",
    "nanmean",
    "nansum",
    "ptp",
    "std",
    "var",
]


@dataclass(frozen=True, eq=False)
class Var(reduce.Reduce):
    """The variance of elements over axes: the mean squared distance from their mean, with
    ``count - ddof`` in the place of the count."""

    ddof: float = 0
    function: ClassVar[str] = "var"
    of_one_is_itself: ClassVar[bool] = False
    sample_dtypes: ClassVar[tuple[str, ...]] = ("int64", "bool", "complex128")
    flops_per_element: ClassVar[float] = 4.0

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        return self.expand(2.0 * G / self.divisor(inputs[0])) * self.centred(inputs[0])

    def divisor(self, x: Variable) -> Any:
        """The count less ddof, NaN unless above 0: NumPy's variance is NaN there."""
        left = self.count(x) - self.ddof if self.ddof else self.count(x)
        return math.nan if isinstance(left, (int, float)) and left <= 0 else left

    def centred(self, x: Variable) -> Variable:
        """x less its mean; conjugated, as in the derivative of abs(x)**2, where complex."""
        distance = x - reduce.Mean(self.axes, keepdims=True)(x)
        return distance.conj() if x.dtype.kind == "c" else distance

    def of_values(self, values: list[Any]) -> Any:
        if len(values) <= self.ddof:
            return math.nan
        mean = reduce.exact_sum(values) / len(values)
        return math.fsum(abs(v - mean) ** 2 for v in values) / (len(values) - self.ddof)

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        yield from super().samples()
        yield Sample(cls((-2,), ddof=1), (Operand((4, 2)),))
        yield Sample(cls((-2, -1), True, ddof=0.5), (Operand((2, 3)),))


class Std(Var):
    """The standard deviation of elements over axes: the root of the variance.

    Where it is 0, its gradient is 0, as that of a norm.
    """

    function = "std"

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        (x,) = inputs
        scale = self.divisor(x) * (output + (output == 0))  # never 0: x - mean is 0 there
        return self.expand(G / scale) * self.centred(x)

    def of_values(self, values: list[Any]) -> Any:
        return math.sqrt(super().of_values(values))


@public("numpy.var")
def var(
    a: Any,
    axis: Axis = None,
    dtype: Any = None,
    out: None = None,
    ddof: float = 0,
    keepdims: bool = False,
    *,
    where: bool = True,
    mean: None = None,
    correction: float | None = None,
) -> Variable:
    """The variance of elements of a over ``axis``: ``sum(abs(a - mean)**2) / (count - ddof)``.

    ``correction`` is the array API's name of ``ddof``. Shapes and errors as ``sum``.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.var(gr.constant([1.0, 2.0, 3.0]), ddof=1))
    np.float64(1.0)
    """
    return _spread(Var, a, axis, ddof, keepdims, dtype, correction, out=out, where=where, mean=mean)


@public("numpy.std")
def std(
    a: Any,
    axis: Axis = None,
    dtype: Any = None,
    out: None = None,
    ddof: float = 0,
    keepdims: bool = False,
    *,
    where: bool = True,
    mean: None = None,
    correction: float | None = None,
) -> Variable:
    """The standard deviation of elements of a over ``axis``: the root of ``var``.

    Where it is 0 its gradient is 0.

    >>> import graphcomp as gr
    >>> x = gr.vector("x", 2)
    >>> gr.evaluate({x: [1.0, 1.0]}, gr.grad(gr.std(x), x))
    array([0., 0.])
    """
    return _spread(Std, a, axis, ddof, keepdims, dtype, correction, out=out, where=where, mean=mean)


def _spread(
    op: type[Var],
    a: Any,
    axis: Axis,
    ddof: float,
    keepdims: bool,
    dtype: Any,
    correction: float | None,
    **refused: Any,
) -> Variable:
    refuse(op.function, **refused)
    if correction is not None and ddof:
        raise OptionError("ddof= and correction= are one option", "give only one of them")
    a = as_variable(a) if dtype is None else as_variable(a).astype(as_dtype(dtype))
    less = ddof if correction is None else correction
    return op(reduce.normalize_axes(axis, a.ndim), bool(keepdims), less)(a)


@public("numpy.ptp")
def ptp(a: Any, axis: Axis = None, out: None = None, keepdims: bool = False) -> Variable:
    """The largest less the smallest element over ``axis``, as ``np.ptp``.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.ptp(gr.constant([1.0, 4.0, 2.0])))
    np.float64(3.0)
    """
    return reduce.max(a, axis, out, keepdims) - reduce.min(a, axis, out, keepdims)


@public("numpy.average")
def average(
    a: Any,
    axis: Axis = None,
    weights: Any = None,
    returned: bool = False,
    *,
    keepdims: bool = False,
) -> Any:
    """The weighted mean ``sum(a * weights) / sum(weights)`` over ``axis``, as ``np.average``.

    ``weights`` has a's shape, or is a vector along one ``axis``. With ``returned`` the sum of
    the weights comes too. Raises ShapeError where the weights do not fit.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.average(gr.constant([1.0, 5.0]), weights=[3.0, 1.0]))
    np.float64(2.0)
    """
    a = as_variable(a)
    if weights is None:
        result = reduce.mean(a, axis, keepdims=keepdims)
        count = dims.prod(a.shape[k] for k in reduce.normalize_axes(axis, a.ndim))
        total = as_variable(count).astype(result.dtype)
    else:
        w = _weights(as_variable(weights), a, axis)
        product = a * w
        if product.dtype.kind not in "fc":
            product = product.astype(float)
        total = reduce.sum(w.astype(product.dtype), axis, keepdims=keepdims)
        result = reduce.sum(product, axis, keepdims=keepdims) / total
    return (result, shapes.broadcast_to(total, result.shape)) if returned else result


def _weights(weights: Variable, a: Variable, axis: Axis) -> Variable:
    if weights.shape == a.shape:
        return weights
    axes = reduce.normalize_axes(axis, a.ndim)
    if len(axes) != 1 or weights.shape != (a.shape[axes[0]],):
        raise ShapeError(
            f"weights of shape {format_shape(weights.shape)} for {a.label}, of shape "
            f"{format_shape(a.shape)}",
            "give them a's shape, or as a vector along one axis",
        )
    along = shapes.Reshape((*weights.shape, *(1,) * (-1 - axes[0])))(weights)
    return shapes.broadcast_to(along, a.shape)


@public("numpy.cov")
def cov(
    m: Any,
    y: Any = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: float | None = None,
    fweights: None = None,
    aweights: None = None,
    *,
    dtype: Any = None,
) -> Variable:
    """The covariance matrix of the rows of m, and of y, as ``np.cov``.

    A vector is one row; the columns with ``rowvar=False``. The products are divided by the count
    less ``ddof``: 1, or 0 with ``bias``. Raises OptionError for weights.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.cov(gr.constant([[1.0, 2.0, 3.0], [1.0, 0.0, -1.0]])))
    array([[ 1., -1.],
           [-1.,  1.]])
    """
    refuse("cov", fweights=fweights, aweights=aweights)
    rows = _rows(m, rowvar)
    if y is not None:
        rows = join.concatenate([rows, _rows(y, rowvar)])
    rows = rows.astype(np.result_type(rows.dtype, float) if dtype is None else as_dtype(dtype))
    distance = rows - reduce.mean(rows, axis=1, keepdims=True)
    less = (0 if bias else 1) if ddof is None else ddof
    products = distance @ distance.T.conj() / (rows.shape[1] - less)
    return products[0, 0] if products.shape[0] == 1 else products


def _rows(m: Any, rowvar: bool) -> Variable:
    x = as_variable(m)
    if x.ndim > 2:
        raise ShapeError(f"{x.label} has {x.ndim} axes", "give a vector or a matrix")
    if x.ndim < 2:
        return shapes.Reshape((1, x.size))(x)
    return x if rowvar else x.T


@public("numpy.corrcoef")
def corrcoef(x: Any, y: Any = None, rowvar: bool = True, *, dtype: Any = None) -> Variable:
    """The matrix of Pearson's correlation coefficients of rows, as ``np.corrcoef``.

    The covariances, each divided by both standard deviations. Raises as ``cov``.

    >>> import graphcomp as gr
    >>> gr.corrcoef(gr.matrix("X", (2, "n"))).shape
    (2, 2)
    """
    c = cov(x, y, rowvar, dtype=dtype)
    if not c.ndim:
        return c / c
    deviation = arithmetic.sqrt(parts.real(diagonal.diag(c)))
    ratio = c / deviation[:, None] / deviation
    return ratio if c.dtype.kind == "c" else compare.clip(ratio, -1, 1)


@public("numpy.nan_to_num")
def nan_to_num(
    x: Any, copy: bool = True, nan: float = 0.0, posinf: Any = None, neginf: Any = None
) -> Variable:
    """x with numbers for NaN and infinities, as ``np.nan_to_num``.

    By default 0 and the largest numbers of x's dtype. Raises DTypeError for a complex x.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.nan_to_num(gr.constant([1.0, float("nan")])))
    array([1., 0.])
    """
    given = as_variable(x)
    if given.dtype.kind == "c":
        raise DTypeError(f"nan_to_num of {given.dtype}", "give it the real and imaginary part")
    if given.dtype.kind != "f":
        return given
    limits = np.finfo(given.dtype)
    largest = float(limits.max) if posinf is None else posinf
    smallest = float(limits.min) if neginf is None else neginf
    numbers = compare.where(compare.isnan(given), nan, given)
    numbers = compare.where(given == math.inf, largest, numbers)
    return compare.where(given == -math.inf, smallest, numbers)


@public("numpy.nansum")
def nansum(
    a: Any, axis: Axis = None, dtype: Any = None, out: None = None, keepdims: bool = False
) -> Variable:
    """The sum of the elements over ``axis`` that are not NaN, as ``np.nansum``.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.nansum(gr.constant([1.0, float("nan")])))
    np.float64(1.0)
    """
    a = as_variable(a)
    return reduce.sum(compare.where(compare.isnan(a), 0, a), axis, dtype, out, keepdims)


@public("numpy.nanmean")
def nanmean(
    a: Any, axis: Axis = None, dtype: Any = None, out: None = None, keepdims: bool = False
) -> Variable:
    """The mean of the elements over ``axis`` that are not NaN, as ``np.nanmean``.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.nanmean(gr.constant([3.0, float("nan")])))
    np.float64(3.0)
    """
    a = as_variable(a)
    total = nansum(a, axis, dtype, out, keepdims)
    count = reduce.sum(compare.logical_not(compare.isnan(a)), axis, keepdims=keepdims)
    return total / (count.astype(total.dtype) if total.dtype.kind in "fc" else count)
