"""Where extremes and values are among elements, and whether and how many of these are true."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from graphcomp import dims
from graphcomp.errors import DTypeError, OptionError, ShapeError
from graphcomp.graph import Variable
from graphcomp.ops import batching, compare, rearrange, reduce, shape as shapes
from graphcomp.ops.base import (
    Bad,
    Constant,
    Meaning,
    Op,
    Operand,
    Sample,
    as_variable,
    axis_from_end,
)
from graphcomp.ops.reduce import Axis, Reduce
from graphcomp.registry import public
from graphcomp.types import TensorType, format_shape, result_dtype

__all__ = [
    "all",
    "any",
    "argmax",
    "argmin",
    "count_nonzero",
    "digitize",
    "isin",
    "nanargmax",
    "nanargmin",
    "searchsorted",
]

Array = np.ndarray[Any, Any]
INT = np.dtype("int64")
BOOL = np.dtype("bool")


class Argmax(Reduce):
    """The index of the largest element along one axis, or among all, counted in C order; the
    first of those that tie."""

    function = "argmax"
    of_nothing = False
    of_one_is_itself = False
    sample_kind = "distinct"

    def infer(self, x: TensorType) -> TensorType:
        if len(self.axes) not in (1, x.ndim):
            raise ShapeError(f"{len(self.axes)} of {x.ndim} axes", "give one axis, or None for all")
        return super().infer(x)

    def batch(self, inputs: tuple[Variable, ...], batched: tuple[bool, ...]) -> Variable:
        (x,) = inputs
        if len(self.axes) == 1:
            return self(x)
        flat = shapes.Reshape((x.shape[0], dims.prod(x.shape[1:])))(x)
        shape = (x.shape[0], *self.reduced_shape(x.shape[1:]))
        return shapes.Reshape(shape)(type(self)((-1,))(flat))

    def of_values(self, values: list[Any]) -> Any:
        return values.index(sorted(values)[-1])

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for sample in super().samples():
            if len(sample.op.attributes["axes"]) in (1, len(sample.operands[0].shape)):
                yield sample

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield from super().bad()
        yield Bad(cls((-2, -1)), (Operand((2, 3, 2)),), ShapeError)


class Argmin(Argmax):
    """The index of the smallest element along one axis, the first of those that tie."""

    function = "argmin"

    def of_values(self, values: list[Any]) -> Any:
        return values.index(sorted(values)[0])


class Nanargmax(Argmax):
    """The index of the largest element that is not NaN."""

    function = "nanargmax"

    def of_values(self, values: list[Any]) -> Any:
        return values.index(sorted(v for v in values if v == v)[-1])

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        yield from super().samples()
        nan = math.nan
        values = Operand((2, 3), kind="fixed", value=[[nan, 1.0, 2.0], [3.0, nan, 1.0]])
        yield Sample(cls((-1,)), (values,))


class Nanargmin(Nanargmax):
    """The index of the smallest element that is not NaN."""

    function = "nanargmin"

    def of_values(self, values: list[Any]) -> Any:
        return values.index(sorted(v for v in values if v == v)[0])


class AllTrue(Reduce):
    """Whether all elements over axes are true, that is not zero."""

    name = "all"
    function = "all"
    neutral = True
    neutral = True

    def of_values(self, values: list[Any]) -> Any:
        return False not in [bool(v) for v in values]


class AnyTrue(Reduce):
    """Whether any element over axes is true, that is not zero."""

    name = "any"
    function = "any"
    neutral = False
    neutral = False

    def of_values(self, values: list[Any]) -> Any:
        return True in [bool(v) for v in values]


# ------------------------------------------------------------------------- places among values


@dataclass(frozen=True, eq=False)
class Searchsorted(Op):
    """Where y belongs in sorted x (n,): how many elements of x come before it.

    With axes in front of x's last, each row of x serves what y has at that row.
    """

    side: str = "left"  # an equal element of x does not come before y; "right": it does
    parameters: ClassVar[tuple[str, ...]] = ("x", "y")

    def infer(self, *types: TensorType) -> TensorType:
        x, y = types
        rows = x.shape[:-1]
        if not x.ndim or y.shape[: len(rows)] != rows:
            raise ShapeError(
                f"cannot search in an array of shape {format_shape(x.shape)}",
                "search in a sorted vector",
            )
        return TensorType(INT, y.shape)

    def meaning(self, *types: TensorType) -> Meaning:
        function = "np.searchsorted" if types[0].ndim == 1 else "_searchsorted_rows"
        return Meaning(f"{function}(x, y, side=side)", {"side": self.side}, {"side": "left"})

    def batch(self, inputs: tuple[Variable, ...], batched: tuple[bool, ...]) -> Variable:
        x, y = inputs
        if not batched[0] and x.ndim == 1:
            return self(x, y)
        size = inputs[batched.index(True)].shape[0]
        whole = (
            v if b else shapes.broadcast_to(v, (size, *v.shape))
            for v, b in zip(inputs, batched, strict=True)
        )
        return self(*whole)

    def oracle(self, x: Array, y: Array) -> Any:
        out = np.empty(y.shape, int)
        for place in np.ndindex(y.shape):
            row = x[place[: x.ndim - 1]].tolist()
            value = y[place].item()
            before = [v < value or (self.side == "right" and v == value) for v in row]
            out[place] = before.count(True)
        return out

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        ascending = Operand((4,), kind="fixed", dtype="int64", value=[-1, 0, 0, 2])
        for side in ("left", "right"):
            yield Sample(cls(side), (ascending, Operand((2, 3), dtype="int64")))
        rows = Operand((2, 3), kind="fixed", value=[[-1.0, 0.0, 1.0], [-0.5, -0.2, 0.6]])
        yield Sample(cls(), (rows, Operand((2, 2))))
        yield Sample(cls(), (rows, Operand((2,))))
        yield Sample(cls(), (ascending, Operand(())))
        yield Sample(cls(), (Operand((0,)), Operand((0,))))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(), (Operand(()), Operand((2,))), ShapeError)
        yield Bad(cls(), (Operand((2, 3)), Operand((3,))), ShapeError)


@dataclass(frozen=True, eq=False)
class Digitize(Op):
    """The number of the bin of x between monotonic edges (n,): 0 before them, n behind."""

    right: bool = False  # a bin has its right edge, not its left one
    parameters: ClassVar[tuple[str, ...]] = ("x", "bins")
    expression: ClassVar[str] = "np.digitize(x, bins, right=right)"

    def infer(self, *types: TensorType) -> TensorType:
        x, bins = types
        if bins.ndim != 1:
            raise ShapeError(f"bins of shape {format_shape(bins.shape)}", "give a vector of edges")
        if "c" in (x.dtype.kind, bins.dtype.kind):
            raise DTypeError("complex numbers have no bins", "give real numbers")
        return TensorType(INT, x.shape)

    def composed(self, x: Variable, bins: Variable) -> Variable:
        search = Searchsorted("left" if self.right else "right")
        up = search(bins, x)
        down = bins.shape[0] - search(rearrange.Flip((-1,))(bins), x)
        return compare.where(bins[0] <= bins[-1], up, down)

    def batch(self, inputs: tuple[Variable, ...], batched: tuple[bool, ...]) -> Variable:
        if batched[1]:
            return batching.batch_composed(self.composed, inputs, batched)
        return self(*inputs)

    def oracle(self, x: Array, bins: Array) -> Any:
        edges = bins.tolist()
        falls = edges[0] > edges[-1]
        out = np.empty(x.shape, int)
        for place in np.ndindex(x.shape):
            below = [e < x[place] or (e == x[place] and not self.right) for e in edges]
            out[place] = below.count(falls is False)
        return out

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for edges in ([-1, 0, 2], [2, 1, -1]):
            bins = Operand((3,), kind="fixed", dtype="int64", value=edges)
            for right in (False, True):
                yield Sample(cls(right), (Operand((2, 3), dtype="int64"), bins))
        yield Sample(cls(), (Operand(()), bins))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(), (Operand((2,)), Operand(())), ShapeError)
        yield Bad(cls(), (Operand((2,), dtype="complex128"), Operand((2,))), DTypeError)


@dataclass(frozen=True, eq=False)
class Isin(Op):
    """Whether each element of x is one of y's, or with ``invert`` none of them."""

    invert: bool = False
    parameters: ClassVar[tuple[str, ...]] = ("x", "y")

    def infer(self, *types: TensorType) -> TensorType:
        result_dtype(*types)
        return TensorType(BOOL, types[0].shape)

    def meaning(self, *types: TensorType) -> Meaning:
        text = "np.isin(x, y, invert=invert)" + ("" if types[0].ndim else "[()]")
        return Meaning(text, {"invert": self.invert}, {"invert": False})

    def composed(self, x: Variable, y: Variable) -> Variable:
        same = shapes.Reshape((*x.shape, 1))(x) == shapes.Reshape((y.size,))(y)
        found = AnyTrue((-1,))(same)
        return compare.logical_not(found) if self.invert else found

    def batch(self, inputs: tuple[Variable, ...], batched: tuple[bool, ...]) -> Variable:
        if batched[1]:
            return batching.batch_composed(self.composed, inputs, batched)
        return self(*inputs)

    def oracle(self, x: Array, y: Array) -> Any:
        known = set(y.ravel().tolist())
        found = [(value in known) != self.invert for value in x.ravel().tolist()]
        return np.array(found, bool).reshape(x.shape)

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        some = Operand((2,), 0, 2, "int64")
        for invert in (False, True):
            yield Sample(cls(invert), (Operand((2, 3), dtype="int64"), some))
        yield Sample(cls(), (Operand((), dtype="int64"), some))


# ------------------------------------------------------------------------- functions for users


@public("numpy.all")
def all(
    a: Any, axis: Axis = None, out: None = None, keepdims: bool = False, *, where: Any = True
) -> Variable:
    """Whether all elements of a over ``axis`` are true; a bool, shapes and errors as ``sum``."""
    return reduce.reduced(AllTrue, a, axis, keepdims, out=out, where=where)


@public("numpy.any")
def any(
    a: Any, axis: Axis = None, out: None = None, keepdims: bool = False, *, where: Any = True
) -> Variable:
    """Whether any element of a over ``axis`` is true; a bool, shapes and errors as ``sum``."""
    return reduce.reduced(AnyTrue, a, axis, keepdims, out=out, where=where)


@public("numpy.count_nonzero")
def count_nonzero(a: Any, axis: Axis = None, *, keepdims: bool = False) -> Variable:
    """How many elements of a over ``axis`` are not zero; an int64, shapes as ``sum``."""
    a = as_variable(a)
    return reduce.sum(a if a.dtype.kind == "b" else a != 0, axis, keepdims=keepdims)


@public("numpy.argmax")
def argmax(
    a: Any, axis: int | None = None, out: None = None, *, keepdims: bool = False
) -> Variable:
    """The index of the largest element along ``axis``, or in a made flat; an int64.

    The first of those that tie. It has no derivative. Raises ShapeError for no elements.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.argmax(gr.constant([[1, 5], [7, 2]]), axis=1))
    array([1, 0])
    """
    return index_of(Argmax, a, axis, out, keepdims)


@public("numpy.argmin")
def argmin(
    a: Any, axis: int | None = None, out: None = None, *, keepdims: bool = False
) -> Variable:
    """The index of the smallest element, as ``argmax``."""
    return index_of(Argmin, a, axis, out, keepdims)


def index_of(op: type[Argmax], a: Any, axis: int | None, out: Any, keepdims: bool) -> Variable:
    a = as_variable(a)
    if axis is not None and a.ndim:
        axis = axis_from_end(axis, a.ndim)
    return reduce.reduced(op, a, axis, keepdims, out=out)


@public("numpy.nanargmax")
def nanargmax(
    a: Any, axis: int | None = None, out: None = None, *, keepdims: bool = False
) -> Variable:
    """The index of the largest element that is not NaN, as ``argmax``.

    The function raises ValueError when it meets only NaN along an axis, as NumPy's.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.nanargmax(gr.constant([1.0, float("nan"), 3.0])))
    np.int64(2)
    """
    return index_of(Nanargmax, a, axis, out, keepdims)


@public("numpy.nanargmin")
def nanargmin(
    a: Any, axis: int | None = None, out: None = None, *, keepdims: bool = False
) -> Variable:
    """The index of the smallest element that is not NaN, as ``nanargmax``."""
    return index_of(Nanargmin, a, axis, out, keepdims)


@public("numpy.searchsorted")
def searchsorted(a: Any, v: Any, side: str = "left", sorter: Any = None) -> Variable:
    """Where elements of v belong in the sorted vector a, as ``np.searchsorted``; an int64.

    Before equal elements of a, or behind them with ``side="right"``. ``sorter`` holds the
    indices that sort a. It has no derivative. Raises ShapeError unless a is a vector,
    OptionError for another side.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.searchsorted(gr.constant([1.0, 2.0, 3.0]), [2.0, 9.0]))
    array([1, 3])
    """
    if side not in ("left", "right"):
        raise OptionError(f"side={side!r}", "give 'left' or 'right'")
    x = as_variable(a)
    if x.ndim != 1:
        raise ShapeError(
            f"searchsorted in {x.label}, of shape {format_shape(x.shape)}",
            "search in a sorted vector, and in each row of a matrix by gr.vmap",
        )
    return Searchsorted(side)(x if sorter is None else x[as_variable(sorter)], v)


@public("numpy.digitize")
def digitize(x: Any, bins: Any, right: bool = False) -> Variable:
    """The number of each element's bin between monotonic edges ``bins``, as ``np.digitize``.

    0 before them, ``len(bins)`` behind; a bin has its left edge, or with ``right`` its right one.
    An int64 without derivative. Raises ShapeError unless bins is a vector, DTypeError for complex
    numbers, OptionError for constant bins that are not monotonic.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.digitize(gr.constant([0.5, 1.0, 7.0]), [0.0, 1.0, 2.0]))
    array([1, 2, 3])
    """
    edges = as_variable(bins)
    if isinstance(edges.op, Constant) and edges.ndim == 1 and edges.dtype.kind != "c":
        steps = edges.op.value[1:] >= edges.op.value[:-1], edges.op.value[1:] <= edges.op.value[:-1]
        if not (steps[0].all() or steps[1].all()):
            raise OptionError("digitize with bins that rise and fall", "sort them")
    return Digitize(bool(right))(x, edges)


@public("numpy.isin")
def isin(
    element: Any,
    test_elements: Any,
    assume_unique: bool = False,
    invert: bool = False,
    *,
    kind: str | None = None,
) -> Variable:
    """Whether each element is one of ``test_elements``, as ``np.isin``; a bool of its shape.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.isin(gr.constant([1, 2, 3]), [3, 1]))
    array([ True, False,  True])
    """
    return Isin(bool(invert))(element, test_elements)


@public("numpy.in1d")
def in1d(
    ar1: Any,
    ar2: Any,
    assume_unique: bool = False,
    invert: bool = False,
    *,
    kind: str | None = None,
) -> Variable:
    """``isin`` of ar1 made flat, as ``np.in1d`` of NumPy 1."""
    return isin(shapes.ravel(as_variable(ar1)), ar2, invert=invert)
