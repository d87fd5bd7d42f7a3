"""How many elements, or how much weight, falls on each number or into each bin."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from graphcomp import dims
from graphcomp.dims import DimLike, as_dim
from graphcomp.errors import DTypeError, OptionError, ShapeError
from graphcomp.graph import Variable
from graphcomp.ops import (
    batching,
    compare,
    create,
    differences,
    extremes,
    join,
    reduce,
    scatter,
    search,
    shape as shapes,
)
from graphcomp.ops.base import (
    Bad,
    Constant,
    Meaning,
    Op,
    Operand,
    Sample,
    as_variable,
    constant_value,
)
from graphcomp.registry import call, public
from graphcomp.types import DType, TensorType, format_shape

__all__ = ["bincount", "histogram", "histogram2d", "histogram_bin_edges", "histogramdd"]

Array = np.ndarray[Any, Any]
INT = np.dtype("int64")
FLOAT = np.dtype("float64")


# ------------------------------------------------------------------------------------- operations


@dataclass(frozen=True, eq=False)
class Bincount(Op):
    """How often each number below ``length`` is in x (n,), or with weights (n,) how much they
    weigh. No element of x may reach ``length``."""

    length: DimLike
    weighted: bool = False
    parameters: ClassVar[tuple[str, ...]] = ("x", "*weights")
    nondiff: ClassVar[frozenset[int]] = frozenset({0})

    def parameter_names(self, count: int) -> tuple[str, ...]:
        return ("x", "weights")[:count]

    def infer(self, *types: TensorType) -> TensorType:
        x, *weights = types
        if x.ndim != 1 or any(w.shape != x.shape for w in weights):
            raise ShapeError("x is no vector, or its weights are not as many", "give vectors")
        if x.dtype.kind == "b" or not np.can_cast(x.dtype, INT):
            raise DTypeError(f"cannot count numbers of dtype {x.dtype}", "give ints from 0 up")
        if any(w.dtype.kind == "c" for w in weights):
            raise DTypeError("the weights are complex", "give their real and imaginary part")
        return TensorType(FLOAT if self.weighted else INT, (self.length,))

    def meaning(self, *types: TensorType) -> Meaning:
        weights = ", weights=weights" if self.weighted else ""
        return Meaning(f"np.bincount(x{weights}, minlength=length)", {"length": self.length})

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        return G[inputs[0]]

    def composed(self, x: Variable, *weights: Variable) -> Variable:
        dtype = FLOAT if self.weighted else INT
        added = weights[0].astype(dtype) if weights else 1
        return scatter.index_add(create.full_of(0, TensorType(dtype, (self.length,))), x, added)

    def batch(self, inputs: tuple[Variable, ...], batched: tuple[bool, ...]) -> Variable:
        return batching.batch_composed(self.composed, inputs, batched)

    def oracle(self, x: Array, *weights: Array) -> Any:
        total = [0.0 if self.weighted else 0] * int(self.length)
        for k, number in enumerate(x.tolist()):
            total[number] += weights[0][k].item() if weights else 1
        return np.array(total, FLOAT if self.weighted else INT)

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        numbers = Operand((5,), 0, 3, "int64")
        yield Sample(cls(4), (numbers,))
        yield Sample(cls(5, True), (numbers, Operand((5,))))
        yield Sample(cls(4, True), (Operand((5,), 0, 3, "int32"), Operand((5,), dtype="int64")))
        yield Sample(cls(2), (Operand((0,), dtype="int64"),))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(3), (Operand((2, 2), dtype="int64"),), ShapeError)
        yield Bad(cls(3), (Operand((2,)),), DTypeError)
        numbers = Operand((2,), dtype="int64")
        yield Bad(cls(3, True), (numbers, Operand((3,))), ShapeError)
        yield Bad(cls(3, True), (numbers, Operand((2,), dtype="complex128")), DTypeError)


@dataclass(frozen=True, eq=False)
class Histogram(Op):
    """How many elements of x (n,) are in each bin between ascending edges, or with weights (n,)
    how much they weigh; a bin has its left edge, the last one both.

    ``uniform`` bins are (count, first edge, last edge); otherwise the edges are the second input.
    """

    uniform: tuple[DimLike, float, float] | None = None
    weighted: bool = False
    parameters: ClassVar[tuple[str, ...]] = ("x", "*rest")
    flops_per_element: ClassVar[float] = 8.0

    def parameter_names(self, count: int) -> tuple[str, ...]:
        return ("x", *("edges",) * (self.uniform is None), *("weights",) * self.weighted)

    @property
    def nondiff(self) -> frozenset[int]:
        """What is counted is constant between jumps, in x and in the edges."""
        return frozenset(range(1 + (self.uniform is None)))

    def infer(self, *types: TensorType) -> TensorType:
        x, *rest = types
        if x.ndim != 1 or (self.weighted and rest[-1].shape != x.shape):
            raise ShapeError("weights of another shape", "give one weight for each element")
        if any(t.dtype.kind == "c" for t in (x, *rest[: self.uniform is None])):
            raise DTypeError("complex numbers have no bins", "give real numbers")
        if self.uniform is None and (rest[0].ndim != 1 or rest[0].shape[0] in (0, 1)):
            raise ShapeError(
                f"edges of shape {format_shape(rest[0].shape)}", "give a vector of two or more"
            )
        count = rest[0].shape[0] - 1 if self.uniform is None else self.uniform[0]
        return TensorType(rest[-1].dtype if self.weighted else INT, (count,))

    def meaning(self, *types: TensorType) -> Meaning:
        weights = ", weights=weights" if self.weighted else ""
        if self.uniform is None:
            return Meaning(f"np.histogram(x, edges{weights})[0]")
        count, *ends = self.uniform
        text = f"np.histogram(x, count, ends{weights})[0]"
        return Meaning(text, {"count": count, "ends": tuple(ends)})

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        x, *rest = inputs
        number, inside = self.numbers(x, *rest)
        return compare.where(inside, G[number], 0)

    def numbers(self, x: Variable, *rest: Variable) -> tuple[Variable, Variable]:
        """The number of each element's bin, and whether it is in one."""
        edges = uniform_edges(*self.uniform, x.dtype) if self.uniform else rest[0]
        number = search.Searchsorted("right")(edges, x) - 1
        inside = (x >= edges[0]) & (x <= edges[-1])
        return compare.clip(number, 0, edges.shape[0] - 2), inside

    def composed(self, x: Variable, *rest: Variable) -> Variable:
        number, inside = self.numbers(x, *rest)
        output = self(x, *rest).type
        added = compare.where(inside, rest[-1], 0) if self.weighted else inside
        return scatter.index_add(create.full_of(0, output), number, added.astype(output.dtype))

    def batch(self, inputs: tuple[Variable, ...], batched: tuple[bool, ...]) -> Variable:
        return batching.batch_composed(self.composed, inputs, batched)

    def oracle(self, x: Array, *rest: Array) -> Any:
        edges = np.linspace(*self.uniform[1:], self.uniform[0] + 1) if self.uniform else rest[0]
        total = [0] * (len(edges) - 1)
        for k, value in enumerate(x.tolist()):
            weight = rest[-1][k].item() if self.weighted else 1
            for b in range(len(total)):
                last = b == len(total) - 1 and value == edges[-1]
                if edges[b] <= value < edges[b + 1] or last:
                    total[b] += weight
        return np.array(total, rest[-1].dtype if self.weighted else INT)

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        x, edges = Operand((6,)), Operand((4,), kind="fixed", value=[-1.5, -0.2, 0.3, 1.1])
        yield Sample(cls(), (x, edges))
        yield Sample(cls(None, True), (x, edges, Operand((6,))))
        yield Sample(cls((3, -1.0, 1.5), True), (x, Operand((6,))))
        whole = Operand((6,), dtype="int64")
        yield Sample(cls((4, -2.0, 2.0)), (whole,))
        yield Sample(cls(None, True), (whole, edges, Operand((6,), dtype="complex128")))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(), (Operand((2,)), Operand(())), ShapeError)
        yield Bad(cls(None, True), (Operand((2,)), Operand((3,)), Operand((3,))), ShapeError)
        yield Bad(cls(), (Operand((2,), dtype="complex128"), Operand((3,))), DTypeError)


# ------------------------------------------------------------------------------------------ edges


def uniform_edges(count: DimLike, first: Any, last: Any, dtype: DType) -> Variable:
    """The edges of ``count`` equal bins between two ends, numbers or 0-d variables."""
    kind = np.result_type(dtype, np.float16) if dtype.kind == "f" else FLOAT
    if not isinstance(first, Variable) and not isinstance(last, Variable):
        return call("linspace", first, last, count + 1, dtype=kind)
    first, last = (as_variable(v).astype(kind) for v in (first, last))
    lower = first + (last - first) / count * create.arange(count, dtype=kind)
    return join.concatenate([lower, shapes.Reshape((1,))(last)])


def _ends(x: Variable, between: Any) -> tuple[Any, Any]:
    """The outer edges: those given, else the extremes of x; 0.5 more on both sides of one."""
    if between is not None:
        first, last = _given_ends(between)
        if isinstance(first, float) and first == last:
            return first - 0.5, last + 0.5
        return first, last
    if x.size == 0:
        return 0.0, 1.0
    x = x.astype(np.result_type(x.dtype, np.float16) if x.dtype.kind == "f" else FLOAT)
    first, last = extremes.min(x), extremes.max(x)
    half = compare.where(first == last, 0.5, 0.0).astype(x.dtype)
    return first - half, last + half


def _given_ends(between: Any) -> tuple[Any, Any]:
    try:
        first, last = between
    except (TypeError, ValueError):
        raise OptionError(f"range={between!r}", "give (first, last)") from None
    numbers = [constant_value(as_variable(v)) for v in (first, last)]
    if None in numbers:
        return as_variable(first), as_variable(last)
    first, last = map(float, numbers)
    if first > last or not np.isfinite([first, last]).all():
        raise OptionError(f"range=({first}, {last})", "give finite ends in ascending order")
    return first, last


def _count(bins: Any) -> DimLike | None:
    """The number of bins, where ``bins`` is one; None for edges."""
    if isinstance(bins, dims.Dim):
        return bins
    if isinstance(bins, str):
        raise OptionError(
            f"bins={bins!r}: the number of bins would depend on values",
            "give their number, or edges",
        )
    if np.ndim(bins):
        return None
    try:
        number = operator.index(bins)
    except TypeError:
        raise DTypeError(f"bins={bins!r}", "give an int or a vector of edges") from None
    if number < 1:
        raise OptionError(f"bins={number}", "give at least one")
    return number


def _edges(bins: Any) -> Variable:
    """Edges as a variable; OptionError for constant ones that fall."""
    edges = as_variable(bins)
    if edges.ndim != 1:
        raise ShapeError(f"edges of shape {format_shape(edges.shape)}", "give a vector")
    if isinstance(edges.op, Constant) and (edges.op.value[:-1] > edges.op.value[1:]).any():
        raise OptionError("bins whose edges fall", "give ascending edges")
    return edges


def _flat(a: Any) -> Variable:
    x = as_variable(a)
    if x.dtype.kind == "c":
        raise DTypeError(
            f"{x.label} is complex, and complex numbers have no bins", "give real ones"
        )
    return shapes.Reshape((x.size,))(x.astype(np.uint8) if x.dtype.kind == "b" else x)


def _rule_of_thumb(x: Variable, bins: Any, between: Any) -> Any:
    """NumPy's automatic edges, where the numbers are known."""
    if isinstance(bins, str) and isinstance(x.op, Constant):
        return np.histogram_bin_edges(x.op.value, bins, between)
    return bins


# ------------------------------------------------------------------------- functions for users


@public("numpy.bincount")
def bincount(x: Any, /, weights: Any = None, minlength: Any = 0) -> Variable:
    """How often each number from 0 is in the vector x, as ``np.bincount``, or their weights.

    The length is ``minlength``, or one more than the largest number in x if that is more; so x
    is made of constants, or ``minlength`` is at least the number of values that it can have (that
    of the results of ``digitize`` and ``searchsorted`` is known). An int64; with weights a
    float64 that is differentiable by them. Raises OptionError where the length would depend on
    values and for a negative number, ShapeError unless x and weights are vectors of one length,
    DTypeError for an x not of ints and complex weights.

    >>> import graphcomp as gr
    >>> w = gr.vector("w", 3)
    >>> gr.evaluate({w: [0.5, 1.0, 2.0]}, gr.bincount([0, 2, 2], weights=w))
    array([0.5, 0. , 3. ])
    """
    numbers = as_variable(x)
    added = [] if weights is None else [as_variable(weights)]
    length = as_dim(minlength)
    if isinstance(numbers.op, Constant) and numbers.dtype.kind in "biu":
        values = numbers.op.value
        if values.size and values.min() < 0:
            raise OptionError(f"bincount of {values.min()}", "give numbers from 0 up")
        length = dims.maximum(length, int(values.max(initial=-1)) + 1)
    elif numbers.dtype.kind in "iu" and not _is_below(numbers, length):
        raise OptionError(
            f"bincount of {numbers.label}: its length would depend on values",
            "write gr.index_add(gr.zeros(length), x, weights)",
        )
    elif numbers.dtype.kind == "b":
        raise OptionError(
            f"bincount of {numbers.label}: its length would depend on values",
            "write gr.stack([gr.sum(~x), gr.sum(x)])",
        )
    if numbers.dtype.kind == "b":
        numbers = numbers.astype(INT)
    return Bincount(length, bool(added))(numbers, *added)


def _is_below(x: Variable, length: DimLike) -> bool:
    """Whether it is plain that the indices x are below ``length``."""
    while isinstance(x.op, shapes.Reshape):
        x = x.inputs[0]
    limits = {search.Searchsorted: 0, search.Digitize: 1}
    if type(x.op) not in limits:
        return False
    beyond = x.inputs[limits[type(x.op)]].shape[-1] + 1
    spare = dims.lower_bound(length - beyond)
    return spare is not None and spare >= 0


@public("numpy.histogram_bin_edges")
def histogram_bin_edges(a: Any, bins: Any = 10, range: Any = None, weights: Any = None) -> Variable:
    """The edges of the bins that ``histogram`` counts in, as ``np.histogram_bin_edges``.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.histogram_bin_edges(gr.constant([0.0, 4.0, 1.0]), bins=4))
    array([0., 1., 2., 3., 4.])
    """
    x = _flat(a)
    bins = _rule_of_thumb(x, bins, range)
    count = _count(bins)
    return _edges(bins) if count is None else uniform_edges(count, *_ends(x, range), x.dtype)


@public("numpy.histogram")
def histogram(
    a: Any, bins: Any = 10, range: Any = None, density: bool | None = None, weights: Any = None
) -> tuple[Variable, Variable]:
    """``(counts, edges)``: how many elements of a are in each bin, as ``np.histogram``.

    ``bins`` is their number, or their ascending edges; ``range`` the outer edges, by default the
    smallest and largest element. An int64, or with ``weights`` (of a's shape) their sums, which
    are differentiable by them; by a and the edges the counts have no derivative. With ``density``
    the counts are divided by their sum and the widths of the bins, and differentiable by the
    edges too. Raises OptionError for the name of a rule for bins unless a is constant, and for
    edges that fall; ShapeError for weights of another shape; DTypeError for complex a.

    >>> import graphcomp as gr
    >>> w = gr.vector("w", 3)
    >>> counts, edges = gr.histogram([0.5, 1.5, 1.7], bins=2, range=(0, 2), weights=w)
    >>> gr.evaluate({w: [1.0, 2.0, 3.0]}, counts)
    array([1., 5.])
    """
    x = _flat(a)
    added = []
    if weights is not None:
        mass = as_variable(weights)
        if mass.shape != as_variable(a).shape:
            raise ShapeError(
                f"weights of shape {format_shape(mass.shape)} for {x.label}",
                "give them the shape of the array",
            )
        added = [shapes.Reshape((mass.size,))(mass)]
    edges = histogram_bin_edges(x, bins, range, weights)
    ends = _ends(x, range) if range is not None and not np.ndim(bins) else ()
    if ends and not any(isinstance(end, Variable) for end in ends):
        uniform = (edges.shape[0] - 1, *ends)
        counts = Histogram(uniform, bool(added))(x, *added)
    else:
        counts = Histogram(None, bool(added))(x, edges, *added)
    if density:
        counts = counts / differences.diff(edges).astype(float) / reduce.sum(counts)
    return counts, edges


@public("numpy.histogram2d")
def histogram2d(
    x: Any,
    y: Any,
    bins: Any = 10,
    range: Any = None,
    density: bool | None = None,
    weights: Any = None,
) -> tuple[Variable, Variable, Variable]:
    """``(counts, x_edges, y_edges)`` of points (x, y), as ``np.histogram2d``; see ``histogramdd``.

    ``bins`` is a number or edges for both axes, or a list of two of these.

    >>> import graphcomp as gr
    >>> counts, _, _ = gr.histogram2d([0.5, 1.5], [0.5, 0.7], bins=2, range=[(0, 2), (0, 2)])
    >>> gr.evaluate({}, counts)
    array([[1., 0.],
           [1., 0.]])
    """
    both = isinstance(bins, dims.Dim) or not np.ndim(_shallow(bins)) or len(_listed(bins)) != 2
    choices = [bins, bins] if both else bins
    counts, (x_edges, y_edges) = histogramdd([x, y], choices, range, density, weights)
    return counts, x_edges, y_edges


def _shallow(bins: Any) -> Any:
    """A list without what is in it, so that its number of axes may be asked."""
    return [0] * len(bins) if isinstance(bins, (list, tuple)) else bins


def _listed(bins: Any) -> Sequence[Any]:
    return bins if isinstance(bins, (list, tuple)) else [None] * as_variable(bins).shape[0]


@public("numpy.histogramdd")
def histogramdd(
    sample: Any,
    bins: Any = 10,
    range: Any = None,
    density: bool | None = None,
    weights: Any = None,
) -> tuple[Variable, list[Variable]]:
    """``(counts, edges)`` of points in several dimensions, as ``np.histogramdd``.

    ``sample`` is an array (n, d), or a list of d vectors; ``bins`` a number, or for each dimension
    a number or edges; ``range`` the outer edges of each. The counts are a float64 with an axis
    for each dimension, differentiable by ``weights`` (n,). Raises as ``histogram``.

    >>> import graphcomp as gr
    >>> counts, edges = gr.histogramdd(gr.constant([[0.0, 1.0], [2.0, 3.0]]), bins=(2, 1))
    >>> gr.evaluate({}, counts)
    array([[1.],
           [1.]])
    """
    columns = _columns(sample)
    d = len(columns)
    choices = [bins] * d if np.ndim(_shallow(bins)) == 0 else bins
    ranges = [None] * d if range is None else range
    if len(choices) != d or len(ranges) != d:
        raise OptionError(f"bins= or range= is not of {d} dimensions", "give one for each")
    edges = [histogram_bin_edges(x, b, r) for x, b, r in zip(columns, choices, ranges, strict=True)]
    place: Any = 0
    for x, e in zip(columns, edges, strict=True):  # 0 and the last are outside
        number = search.Searchsorted("right")(e, x) - (x == e[-1]).astype(INT)
        place = place * (e.shape[0] + 1) + number
    sizes = tuple(e.shape[0] + 1 for e in edges)
    added = [] if weights is None else [as_variable(weights)]
    flat = Bincount(dims.prod(sizes), bool(added))(place, *added)
    counts = shapes.Reshape(sizes)(flat)[(slice(1, -1),) * d].astype(FLOAT)
    if density:
        total = reduce.sum(counts)
        for k, e in enumerate(edges):
            width = differences.diff(e)
            counts = counts / shapes.Reshape((*width.shape, *(1,) * (d - 1 - k)))(width)
        counts = counts / total
    return counts, edges


def _columns(sample: Any) -> list[Variable]:
    """The vectors of coordinates of the points."""
    if isinstance(sample, (list, tuple)):
        return [_flat(x) for x in (sample if np.ndim(sample[0]) else [sample])]
    points = as_variable(sample)
    if points.ndim < 2:
        return [_flat(points)]
    if points.ndim > 2 or not isinstance(points.shape[1], int):
        raise ShapeError(
            f"{points.label} of shape {format_shape(points.shape)}",
            "give points (n, d), where d is a number, or a list of vectors",
        )
    return [points[:, k] for k in np.arange(points.shape[1]).tolist()]
