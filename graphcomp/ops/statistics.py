"""Variance, standard deviation, covariance, weighted mean."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from graphcomp import dims
from graphcomp.dims import DimLike
from graphcomp.errors import DTypeError, OptionError, ShapeError
from graphcomp.graph import Variable
from graphcomp.ops import (
    arithmetic,
    compare,
    diagonal,
    join,
    masks,
    parts,
    reduce,
    shape as shapes,
)
from graphcomp.ops.base import Constant, Operand, Sample, as_variable, axis_from_end
from graphcomp.ops.reduce import Axis
from graphcomp.registry import public, refuse
from graphcomp.types import as_dtype, format_shape

__all__ = [
    "average",
    "corrcoef",
    "cov",
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
        some = len(self.axes) < x.ndim
        distance = x - reduce.Mean(self.axes, keepdims=some)(x)
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


class RootOfSquares(arithmetic.Sqrt):
    """The root of a sum of squares; its derivative is 0 where they are all 0."""

    name = "root_of_squares"

    def divisor(self, x: Variable, y: Variable) -> Variable | None:
        return None

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return (y != 0) / (2 * (y + (y == 0)))


root = RootOfSquares()


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
    ddof: Any = 0,
    keepdims: bool = False,
    *,
    where: Any = True,
    mean: Any = None,
    correction: Any = None,
) -> Variable:
    """The variance of elements of a over ``axis``: ``sum(abs(a - mean)**2) / (count - ddof)``.

    NaN or inf where the count is no larger than ``ddof``, as in NumPy. ``correction`` is the
    array API's name of ``ddof``. ``mean`` is the mean where it is known already, of the shape
    that ``keepdims=True`` gives it. Options and errors as ``sum``; DTypeError for an integer
    ``dtype``, OptionError for both ``ddof`` and ``correction``.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.var(gr.constant([1.0, 2.0, 3.0]), ddof=1))
    np.float64(1.0)
    """
    return _spread(Var, a, axis, ddof, keepdims, dtype, correction, where, mean, out)


@public("numpy.std")
def std(
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
    """The standard deviation of elements of a over ``axis``: the root of ``var``.

    Where all elements are equal it is 0 and so is its gradient, by convention: there it has a
    kink, as the norm of a vector at 0. Options and errors as ``var``.

    >>> import graphcomp as gr
    >>> x = gr.vector("x", 2)
    >>> gr.evaluate({x: [1.0, 1.0]}, gr.grad(gr.std(x), x))
    array([0., 0.])
    """
    return _spread(Std, a, axis, ddof, keepdims, dtype, correction, where, mean, out)


def _spread(
    op: type[Var],
    a: Any,
    axis: Axis,
    ddof: Any,
    keepdims: bool,
    dtype: Any,
    correction: Any,
    where: Any,
    mean: Any,
    out: None,
) -> Variable:
    refuse(op.function, out=out)
    less = degrees(ddof, correction)
    a = floating(a, dtype)
    mask = masks.as_mask(where, a)
    axes = reduce.normalize_axes(axis, a.ndim)
    if mask is None and mean is None and not isinstance(less, Variable):
        return op(axes, bool(keepdims), less)(a)
    square, count = centred_square(a, axes, mask, mean, bool(keepdims))
    variance = reduce.Sum(axes, bool(keepdims))(square) / _at_least_0(count - less)
    return variance if op is Var else root(variance)


def degrees(ddof: Any, correction: Any) -> Any:
    """What a variance takes off the count, a Python number or a variable.

    Raises OptionError where both names of it are given.
    """
    if correction is not None:
        if isinstance(ddof, Variable) or ddof != 0:
            raise OptionError("ddof= and correction= are one option", "give only one of them")
        ddof = correction
    return ddof.item() if isinstance(ddof, (np.generic, np.ndarray)) else ddof


def floating(a: Any, dtype: Any) -> Variable:
    """a in the dtype that its variance is computed in; DTypeError for one that does not fit."""
    x = as_variable(a)
    if dtype is None:
        return x if x.dtype.kind in "fc" else x.astype(float)
    given = as_dtype(dtype)
    if given.kind not in "fc":
        raise DTypeError(f"a variance in {given}", "give a floating dtype, and round afterwards")
    if x.dtype.kind == "c" and given.kind != "c":  # NumPy drops them of the mean, then not
        raise DTypeError(
            f"a variance of {x.dtype} in {given} would drop imaginary parts",
            "take .real first, or give a complex dtype",
        )
    return x.astype(given)


def centred_square(
    a: Variable, axes: reduce.Axes, mask: Variable | None, mean: Any, keepdims: bool
) -> tuple[Variable, Any]:
    """The squared distances of elements from their mean, 0 where the mask leaves one out; and
    how many elements there are for each mean."""
    count: Any = reduce.Sum(axes).count(a)
    where = True if mask is None else mask
    taken = masks.chosen(a, where, 0)
    if mask is not None:
        count = reduce.counted(mask, a, axes, True, a.dtype)
    if mean is None:
        mean = reduce.Sum(axes, keepdims=True)(taken) / count
    distance = masks.chosen(a - mean, where, 0)
    real = distance.dtype.kind != "c"
    square = distance**2 if real else parts.real(distance) ** 2 + parts.imag(distance) ** 2
    return square, count if mask is None or keepdims else shapes.squeeze(count, axes)


def _at_least_0(left: Any) -> Any:
    """What is left of a count; a variance of fewer elements than its ``ddof`` is NaN or inf."""
    if isinstance(left, Variable):
        return left if left.type.weak else compare.maximum(left, 0)
    return max(left, 0.0) if isinstance(left, float) else dims.maximum(0, left)


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

    ``weights`` has a's shape, or the lengths of the axes that ``axis`` names, in its order. With
    ``returned`` the sum of the weights comes too. Raises ShapeError where the weights do not
    fit. Where they sum to 0, at which NumPy raises an error, the result is inf or NaN.

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
        w = as_variable(weights)
        dtype = np.result_type(a.dtype, w.dtype, *([] if a.dtype.kind in "fc" else [float]))
        w = _weights(w, a, axis).astype(dtype)
        total = reduce.sum(w, axis, keepdims=keepdims)
        result = reduce.sum(a.astype(dtype) * w, axis, keepdims=keepdims) / total
    return (result, shapes.broadcast_to(total, result.shape)) if returned else result


def _weights(weights: Variable, a: Variable, axis: Axis) -> Variable:
    """The weights with a's axes, of length 1 where they do not lie along one."""
    if weights.shape == a.shape:
        return weights
    given = axis if isinstance(axis, (tuple, list)) else () if axis is None else (axis,)
    axes = [axis_from_end(k, a.ndim) for k in given]
    if weights.shape != tuple(a.shape[k] for k in axes) or not axes:
        raise ShapeError(
            f"weights of shape {format_shape(weights.shape)} for {a.label}, of shape "
            f"{format_shape(a.shape)}",
            "give them a's shape, or name with axis= the axes that they lie along",
        )
    order = sorted(range(len(axes)), key=axes.__getitem__)
    along = shapes.transpose(weights, order)
    shape = tuple(a.shape[k] if k in axes else 1 for k in range(-a.ndim, 0))
    return shapes.Reshape(shape)(along)


@public("numpy.cov")
def cov(
    m: Any,
    y: Any = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: int | None = None,
    fweights: Any = None,
    aweights: Any = None,
    *,
    dtype: Any = None,
) -> Variable:
    """The covariance matrix of the rows of m, and of y, as ``np.cov``.

    A vector is one row; the columns with ``rowvar=False``. The products are divided by the count
    less ``ddof``: 1, or 0 with ``bias``. ``fweights`` says how often each observation occurs,
    ``aweights`` how much it weighs. Raises ShapeError where m has more than two axes or weights
    are not one vector of a number for each observation, DTypeError for constant ``fweights``
    that are not whole, OptionError for a ``ddof`` that is no int.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.cov(gr.constant([[1.0, 2.0, 3.0], [1.0, 0.0, -1.0]])))
    array([[ 1., -1.],
           [-1.,  1.]])
    """
    if ddof is not None and ddof != int(ddof):
        raise OptionError(f"cov with ddof={ddof}", "give an int")
    table, axis = as_variable(m), 0  # along which the observations lie
    if rowvar or table.ndim != 2 or y is not None:
        table, axis = _rows(table, rowvar), 1
    if y is not None:
        y = as_variable(y)
        table = join.concatenate([table, _rows(y, rowvar or y.shape[:-1] == (1,))])
    table = table.astype(np.result_type(table.dtype, float) if dtype is None else as_dtype(dtype))
    less = (0 if bias else 1) if ddof is None else int(ddof)
    weights = _observations(table.shape[axis], fweights, aweights)
    if weights is None:
        count = table.shape[axis]
        distance = weighted = table - reduce.mean(table, axis=axis, keepdims=True)
        divisor = _at_least_0(count - less) if count != 0 else math.nan
    else:
        total = reduce.sum(weights)
        along = weights if axis else weights[:, None]
        distance = table - reduce.sum(table * along, axis=axis, keepdims=True) / total
        weighted = distance * along
        divisor = _divisor(total, weights, less, aweights)
    products = distance @ weighted.T.conj() if axis else distance.T @ weighted.conj()
    result: Variable = products / divisor
    return result[0, 0] if result.shape[0] == 1 else result


def _observations(count: DimLike, fweights: Any, aweights: Any) -> Variable | None:
    """The product of both kinds of weights of observations, None where there are none."""
    product: Variable | None = None
    for name, given in (("fweights", fweights), ("aweights", aweights)):
        if given is None:
            continue
        w = as_variable(given)
        if w.shape != (count,):
            raise ShapeError(
                f"{name} has shape {format_shape(w.shape)} for {count} observations",
                "give a vector of one number for each",
            )
        values = w.op.value if isinstance(w.op, Constant) else np.zeros(1)
        if name == "fweights" and (values != np.round(values)).any():
            raise DTypeError("fweights are not whole numbers", "give counts, or use aweights=")
        if (values < 0).any():
            raise OptionError(f"{name} has a negative number", "give weights of at least 0")
        product = w if product is None else product * w
    return product


def _divisor(total: Variable, weights: Variable, less: int, aweights: Any) -> Variable:
    """The sum of the weights less the degrees of freedom, weighted as in ``np.cov``."""
    if not less:
        return total
    share = 1 if aweights is None else reduce.sum(weights * as_variable(aweights)) / total
    return compare.maximum(total - less * share, 0)


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
