"""Reductions over axes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from graphcomp import dims
from graphcomp.dims import DimLike, Shape
from graphcomp.errors import ShapeError
from graphcomp.graph import Variable
from graphcomp.ops import cumulative, masks, shape as shapes
from graphcomp.ops.base import Bad, Meaning, Op, Operand, Sample, as_variable, axis_from_end
from graphcomp.registry import public, refuse
from graphcomp.types import DType, TensorType, as_dtype, format_shape, sampled_dtype

__all__ = ["mean", "prod", "sum"]

Axes = tuple[int, ...]
Axis = int | Sequence[int] | None


def normalize_axes(axis: Axis, ndim: int) -> Axes:
    """The axes as sorted numbers counted from the end; None means all of them."""
    if axis is None:
        return tuple(range(-ndim, 0))
    chosen = axis if isinstance(axis, (tuple, list)) else (axis,)
    axes = tuple(sorted(axis_from_end(a, ndim) for a in chosen))
    if len(set(axes)) != len(axes):
        raise ShapeError(f"axis {axis} names one axis twice", "name each axis once")
    return axes


def axes_of(axis: Axis, ndim: int) -> Axes:
    """``normalize_axes`` for NumPy's ufunc reductions, which take axis 0 and -1 of a scalar too."""
    no_axis = not ndim and isinstance(axis, (int, np.integer)) and axis in (0, -1)
    return () if no_axis else normalize_axes(axis, ndim)


def axis_literal(axes: Axes, ndim: int) -> int | Axes | None:
    """How NumPy code names the axes: None for all, an int for one, else from the front."""
    if len(axes) == ndim:
        return None
    front = tuple(a + ndim for a in axes)
    return front[0] if len(front) == 1 else front


def require_axes(axes: Axes, x: TensorType) -> None:
    """ShapeError unless x has all of the axes, which are counted from the end."""
    for axis in axes:
        if axis < -x.ndim:
            raise ShapeError(f"there is no axis {axis}", f"it has {x.ndim} axes")


@dataclass(frozen=True, eq=False)
class Reduce(Op, abstract=True):
    """Base of reductions over ``axes``, counted from the end, of an operand of any rank.

    Subclasses give NumPy's name of it, ``bprop``, and ``of_values``: the oracle of one result.
    """

    axes: Axes
    keepdims: bool = False
    function: ClassVar[str]
    takes_out: ClassVar[bool] = True
    of_nothing: ClassVar[bool] = True  # whether there is a result for no elements
    of_one_is_itself: ClassVar[bool] = True
    neutral: ClassVar[int | bool] = 0  # what stands for an element that where= leaves out
    sample_kind: ClassVar[str] = "real"
    sample_dtypes: ClassVar[tuple[str, ...]] = ("int64", "bool")

    def infer(self, x: TensorType) -> TensorType:
        require_axes(self.axes, x)
        if not self.has_result_of_nothing and dims.prod(x.shape[a] for a in self.axes) == 0:
            raise ShapeError(
                f"{self.name} of no elements, along the empty axes of {format_shape(x.shape)}",
                "leave empty arrays out, or reduce over other axes",
            )
        return TensorType(self.result_dtype(x), self.reduced_shape(x.shape))

    @property
    def has_result_of_nothing(self) -> bool:
        return self.of_nothing

    def result_dtype(self, x: TensorType) -> DType:
        """The dtype of the result, as NumPy gives it."""
        return sampled_dtype(getattr(np, self.function), x)

    def reduced_shape(self, shape: Shape) -> Shape:
        """The shape with the axes taken out, or of length 1."""
        axes = {a + len(shape) for a in self.axes}
        if self.keepdims:
            return tuple(1 if k in axes else d for k, d in enumerate(shape))
        return tuple(d for k, d in enumerate(shape) if k not in axes)

    def simplify(self, x: Variable) -> Variable | None:
        """Where each result is of one element, that element."""
        lengths = [x.shape[a] for a in self.axes if a >= -x.ndim]
        if (
            self.of_one_is_itself
            and len(lengths) == len(self.axes)
            and dims.prod(lengths) == 1
            and self.result_dtype(x.type) == x.dtype
            and not x.type.weak
        ):
            return shapes.Reshape(self.reduced_shape(x.shape))(x)
        return None

    def meaning(self, *types: TensorType) -> Meaning:
        literals = {"axis": axis_literal(self.axes, types[0].ndim), **self.attributes}
        del literals["axes"]
        keywords = ", ".join(f"{name}={name}" for name in literals)
        defaults = {"axis": None, "keepdims": False, "ddof": 0, "initial": None}
        return Meaning(f"np.{self.function}(x, {keywords})", literals, defaults)

    def expand(self, reduced: Variable) -> Variable:
        """A value of the result's shape with the axes back as axes of length 1."""
        return reduced if self.keepdims else shapes.expand_dims(reduced, self.axes)

    def count(self, x: Variable) -> DimLike:
        """How many elements make one of the result."""
        return dims.prod(x.shape[a] for a in self.axes)

    def flops(self, types: tuple[TensorType, ...], output: TensorType) -> DimLike:
        return int(self.flops_per_element) * types[0].size

    def of_values(self, values: list[Any]) -> Any:
        """The result for a list of elements, in plain Python."""
        raise NotImplementedError

    def oracle(self, x: np.ndarray[Any, Any]) -> Any:
        axes = {a + x.ndim for a in self.axes}
        shape: Any = self.reduced_shape(x.shape)
        groups: dict[Axes, list[Any]] = {index: [] for index in np.ndindex(shape)}
        for index in np.ndindex(x.shape):
            kept = (0 if k in axes else i for k, i in enumerate(index))
            place = tuple(i for k, i in enumerate(kept) if self.keepdims or k not in axes)
            groups[place].append(x[index].item())
        return np.array([self.of_values(group) for group in groups.values()]).reshape(shape)

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        uses: list[tuple[tuple[int, ...], Axes, bool]] = [
            ((), (), False),
            ((1,), (-1,), False),
            ((5,), (-1,), False),
            ((5,), (-1,), True),
            ((2, 3), (-2, -1), False),
            ((2, 3), (-2,), False),
            ((2, 3), (-1,), True),
            ((2, 3, 2), (-3, -1), False),
            ((2, 3, 2), (-2,), True),
            ((0, 3), (-1,), False),
        ]
        if cls.of_nothing:
            uses += [((0,), (-1,), False), ((0, 3), (-2,), False)]
        for shape, axes, keepdims in uses:
            yield Sample(cls(axes, keepdims), (Operand(shape, kind=cls.sample_kind),))
        for dtype in cls.sample_dtypes:
            yield Sample(cls((-1,)), (Operand((2, 3), dtype=dtype),))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls((-3,)), (Operand((2, 3)),), ShapeError)
        if not cls.of_nothing:
            yield Bad(cls((-1,)), (Operand((2, 0)),), ShapeError)


# ----------------------------------------------------------------------------- sums and products


def exact_sum(values: list[Any]) -> Any:
    """The correctly rounded sum of Python numbers, of complex ones by their parts."""
    if any(isinstance(value, complex) for value in values):
        real, imaginary = zip(*((value.real, value.imag) for value in values), strict=True)
        return complex(math.fsum(real), math.fsum(imaginary))
    return math.fsum(values)


class Sum(Reduce):
    """The sum of elements over axes."""

    function = "sum"
    sample_dtypes = ("int64", "bool", "complex128")

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        return shapes.broadcast_to(self.expand(G), inputs[0].shape)

    def of_values(self, values: list[Any]) -> Any:
        return exact_sum(values)


class Mean(Reduce):
    """The mean of elements over axes; NaN where there are none."""

    function = "mean"
    sample_dtypes = ("int64", "bool", "complex128")

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        (x,) = inputs
        count = self.count(x)
        share = G / count if count != 0 else G  # of nothing: x is empty
        return shapes.broadcast_to(self.expand(share), x.shape)

    def of_values(self, values: list[Any]) -> Any:
        return exact_sum(values) / len(values) if values else math.nan


class Prod(Reduce):
    """The product of elements over axes."""

    function = "prod"
    neutral = 1
    sample_dtypes = ("int64", "bool", "complex128")

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        """G times the product of the other elements, which is exact where some are zero."""
        (x,) = inputs
        kept = tuple(k for k in range(-x.ndim, 0) if k not in self.axes)
        order = tuple(k + x.ndim for k in (*kept, *self.axes))
        last = shapes.transpose(x, order)
        joined = shapes.Reshape((*last.shape[: len(kept)], self.count(x)))(last)
        others = shapes.Reshape(last.shape)(cumulative.ProductOfOthers()(joined))
        back = tuple(sorted(range(x.ndim), key=lambda k: order[k]))
        return self.expand(G) * shapes.transpose(others, back)

    def of_values(self, values: list[Any]) -> Any:
        return math.prod(values)

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        yield from super().samples()
        for value in ([1.5, 0.0, -2.0, 0.5], [0.0, 1.5, 0.0], [[0.0, 2.0], [-1.5, 0.5]]):
            shape = np.shape(value)
            for axes in {(-1,), tuple(range(-len(shape), 0))}:
                yield Sample(cls(axes), (Operand(shape, kind="fixed", value=value),))


# ------------------------------------------------------------------------------ functions for users


def reduced(
    op: type[Reduce],
    a: Any,
    axis: Axis,
    keepdims: bool,
    *,
    dtype: Any = None,
    out: None = None,
    where: Any = True,
) -> Variable:
    """A reduction over NumPy's ``axis``; in ``dtype`` where that is given."""
    refuse(op.function, out=out)
    a = masks.chosen(as_variable(a), where, op.neutral)
    axes = normalize_axes(axis, a.ndim) if op is Mean else axes_of(axis, a.ndim)
    reduction = op(axes, bool(keepdims))
    if dtype is None:
        return reduction(a)
    return reduction(a.astype(as_dtype(dtype))).astype(dtype)


@public("numpy.sum")
def sum(
    a: Any,
    axis: Axis = None,
    dtype: Any = None,
    out: None = None,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = True,
) -> Variable:
    """The sum of elements of a over ``axis``: an int, a tuple of ints, or None for all.

    The result has the shape of a without those axes, or with length 1 with ``keepdims``; its
    dtype is NumPy's, int64 for bools and small ints. ``initial`` is a further number to add;
    ``where``, a mask that broadcasts to a's shape, says which elements to take. Raises
    ShapeError for an axis that a does not have and a mask that does not fit, DTypeError for a
    complex ``initial`` of a real sum, TraceError for ``out=``.

    >>> import graphcomp as gr
    >>> X = gr.matrix("X", ("n", 3))
    >>> gr.sum(X, axis=0).shape, gr.sum(X, axis=-1, keepdims=True).shape
    ((3,), (Dim('n'), 1))
    """
    result = reduced(Sum, a, axis, keepdims, dtype=dtype, out=out, where=where)
    return result if initial is None else result + masks.as_initial(initial, result.dtype)


@public("numpy.prod")
def prod(
    a: Any,
    axis: Axis = None,
    dtype: Any = None,
    out: None = None,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = True,
) -> Variable:
    """The product of elements of a over ``axis``; options, dtypes and errors as ``sum``.

    Its derivatives, of any order, are exact where elements are zero.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.prod(gr.constant([[1.0, 2.0], [3.0, 4.0]]), axis=1))
    array([ 2., 12.])
    """
    result = reduced(Prod, a, axis, keepdims, dtype=dtype, out=out, where=where)
    return result if initial is None else result * masks.as_initial(initial, result.dtype)


@public("numpy.mean")
def mean(
    a: Any,
    axis: Axis = None,
    dtype: Any = None,
    out: None = None,
    keepdims: bool = False,
    *,
    where: Any = True,
) -> Variable:
    """The mean of elements of a over ``axis``, float64 for ints; options and errors as ``sum``.

    NaN where there are no elements.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.mean(gr.constant([1, 2])))
    np.float64(1.5)
    """
    a = as_variable(a)
    mask = masks.as_mask(where, a)
    if mask is None:
        return reduced(Mean, a, axis, keepdims, dtype=dtype, out=out)
    result = sampled_dtype(np.mean, a.type) if dtype is None else as_dtype(dtype)
    total = reduced(Sum, a.astype(result), axis, keepdims, out=out, where=mask)
    return (total / counted(mask, a, axis, keepdims, total.dtype)).astype(result)


def counted(mask: Variable, a: Variable, axis: Axis, keepdims: bool, dtype: DType) -> Variable:
    """How many elements of a the mask takes over ``axis``, to divide a sum of ``dtype`` by."""
    count = reduced(Sum, shapes.broadcast_to(mask, a.shape), axis, keepdims)
    widens = dtype.kind in "fc" and np.result_type(count.dtype, dtype) != dtype
    return count.astype(np.empty(0, dtype).real.dtype) if widens else count


# --------------------------------------------------------------------------- back to an operand


def sum_to(x: Variable, shape: Shape) -> Variable:
    """Sum over the axes along which an operand of ``shape`` was broadcast to x's shape."""
    if x.shape == shape:
        return x
    added = x.ndim - len(shape)
    stretched = [k for k, d in enumerate(shape) if d == 1 and x.shape[added + k] != 1]
    axes = (*range(-x.ndim, -len(shape)), *(k - len(shape) for k in stretched))
    if not added:
        return Sum(axes, keepdims=True)(x)
    return shapes.Reshape(shape)(Sum(axes)(x))
