"""The order of elements along an axis: sorting, partitioning, and the indices that do it.

Elements that tie share the gradient equally. So the derivative of sorting, of any order, is that
of a permutation, after the mean has been taken over each run of equal elements.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from graphcomp.dims import Dim, DimLike
from graphcomp.errors import DTypeError, OptionError, ShapeError, SizeError
from graphcomp.graph import Variable
from graphcomp.ops import create, indexing, reduce, scatter, shape as shapes
from graphcomp.ops.base import Bad, Meaning, Op, Operand, Sample, as_variable, axis_from_end
from graphcomp.ops.indices import Slot
from graphcomp.registry import public, refuse
from graphcomp.types import TensorType, broadcast_shapes, sampled_dtype

__all__ = ["argpartition", "argsort", "lexsort", "partition", "sort", "sort_complex"]

Array = np.ndarray[Any, Any]
INT = np.dtype("int64")
KINDS = ("quicksort", "heapsort", "mergesort", "stable")


def each_line(function: Any, *xs: Array, axis: int) -> Array:
    """``function`` of lists, for each line along an axis: for oracles, in plain loops."""
    out: list[Any] = []
    moved = [np.moveaxis(x, axis, -1) for x in xs]
    for row in np.ndindex(moved[0].shape[:-1]):
        out.append(function(*(x[row].tolist() for x in moved)))
    return np.moveaxis(np.array(out).reshape(moved[0].shape), -1, axis)


def _key(value: Any) -> Any:
    """What NumPy sorts by: of complex numbers the real part, then the imaginary part."""
    return (value.real, value.imag)


def _order(values: list[Any]) -> list[int]:
    return sorted(range(len(values)), key=lambda k: _key(values[k]))


# ------------------------------------------------------------------------------------- operations


@dataclass(frozen=True, eq=False)
class Ordering(Op, abstract=True):
    """Base of what reorders elements along ``axis``, counted from the end."""

    axis: int
    stable: bool = False  # ties keep their order
    function: ClassVar[str]

    def infer(self, *types: TensorType) -> TensorType:
        reduce.require_axes((self.axis,), types[0])
        return types[0].with_shape(types[0].shape)

    def meaning(self, *types: TensorType) -> Meaning:
        literals = {
            "axis": axis_text(self.axis, types[0].ndim),
            "kind": "stable" if self.stable else None,
        }
        defaults = {"axis": -1, "kind": None}
        return Meaning(f"np.{self.function}(x, axis=axis, kind=kind)", literals, defaults)

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for shape, axis in (((4,), -1), ((0,), -1), ((2, 3), -1), ((2, 3), -2), ((2, 3, 2), -2)):
            yield Sample(cls(axis), (Operand(shape, kind="distinct"),))
        tied = Operand(kind="fixed", dtype="int64", value=[2, 1, 2, 1])
        yield Sample(cls(-1, stable=True), (tied,))
        parts = [1 + 1j, 0.5, 1.1 - 1j, -2]
        yield Sample(cls(-1), (Operand(kind="fixed", dtype="complex128", value=parts),))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(-2), (Operand((3,)),), ShapeError)


def axis_text(axis: int, ndim: int) -> int:
    """An axis as NumPy code names it where -1 is the default: else from the front."""
    return axis if axis == -1 else axis + ndim


class Sort(Ordering):
    """x sorted along an axis, NaN last; ties share the gradient equally."""

    function = "sort"

    def simplify(self, x: Variable) -> Variable | None:
        return x if isinstance(x.op, Sort) and x.op.axis == self.axis else None

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        (x,) = inputs
        order = Argsort(self.axis)(x)
        return put_in_order(ShareTies(self.axis)(output, G), order, self.axis)

    def oracle(self, x: Array) -> Any:
        return each_line(lambda v: sorted(v, key=_key), x, axis=self.axis)


class Argsort(Ordering):
    """The indices that sort x along an axis."""

    function = "argsort"

    @property
    def permuted_axis(self) -> int:
        """The axis along which no index stands twice."""
        return self.axis

    def infer(self, *types: TensorType) -> TensorType:
        return super().infer(*types).with_dtype(INT)

    def oracle(self, x: Array) -> Any:
        return each_line(_order, x, axis=self.axis)


@dataclass(frozen=True, eq=False)
class ShareTies(Op):
    """The mean of g over each run of equal neighbours in x along ``axis``.

    A linear map of g that is its own transpose.
    """

    axis: int
    parameters: ClassVar[tuple[str, ...]] = ("x", "g")
    nondiff: ClassVar[frozenset[int]] = frozenset({0})
    flops_per_element: ClassVar[float] = 3.0

    def infer(self, x: TensorType, g: TensorType) -> TensorType:
        reduce.require_axes((self.axis,), x)
        if x.shape != g.shape:
            raise ShapeError("shape mismatch", "both operands must have the same shape")
        return g.with_shape(g.shape)

    def meaning(self, *types: TensorType) -> Meaning:
        literals = {"axis": axis_text(self.axis, types[0].ndim)}
        return Meaning("_share_ties(x, g, axis=axis)", literals, {"axis": -1})

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        return self(inputs[0], G)

    def batch(self, inputs: tuple[Variable, ...], batched: tuple[bool, ...]) -> Variable:
        shape = inputs[batched.index(True)].shape
        return self(*(shapes.broadcast_to(v, shape) for v in inputs))

    def oracle(self, x: Array, g: Array) -> Any:
        return each_line(_shared, x, g, axis=self.axis)

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        runs = [[1.0, 1.0, 2.0, 3.0, 3.0, 3.0], [0.0, 1.0, 1.0, 1.0, 1.0, 2.0]]
        tied = Operand((2, 6), kind="fixed", value=runs)
        yield Sample(cls(-1), (tied, Operand((2, 6))))
        yield Sample(cls(-2), (Operand((3, 2), dtype="int64"), Operand((3, 2))))
        yield Sample(cls(-1), (Operand((3,), kind="distinct"), Operand((3,), dtype="complex128")))
        yield Sample(cls(-1), (Operand((0,)), Operand((0,))))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(-1), (Operand((2,)), Operand((3,))), ShapeError)
        yield Bad(cls(-1), (Operand(()), Operand(())), ShapeError)


def _shared(x: list[Any], g: list[Any]) -> list[Any]:
    """The oracle of ShareTies on one line."""
    out: list[Any] = []
    while len(out) < len(x):
        first = last = len(out)
        while last < len(x) and x[last] == x[first]:
            last += 1
        out += [sum(g[first:last]) / (last - first)] * (last - first)
    return out


@dataclass(frozen=True, eq=False)
class Partition(Op):
    """x with the elements that sorting puts at ``kth`` in their places along ``axis``, smaller
    ones before and larger ones behind them in no particular order."""

    kth: tuple[DimLike, ...]
    axis: int
    function: ClassVar[str] = "partition"

    def infer(self, *types: TensorType) -> TensorType:
        (x,) = types
        reduce.require_axes((self.axis,), x)
        length = x.shape[self.axis]
        for k in self.kth:
            if isinstance(k, int) and isinstance(length, int) and not -length <= k < length:
                raise ShapeError(
                    f"kth={k} is out of range for an axis of length {length}",
                    f"use {-length} to {length - 1}" if length else "the axis is empty",
                )
        return x.with_shape(x.shape)

    def meaning(self, *types: TensorType) -> Meaning:
        kth = self.kth[0] if len(self.kth) == 1 else self.kth
        literals = {"kth": kth, "axis": axis_text(self.axis, types[0].ndim)}
        return Meaning(f"np.{self.function}(x, kth, axis=axis)", literals, {"axis": -1})

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        """Equal ranks belong together: x and the result are sorted into the same sequence."""
        there, back = Argsort(self.axis)(output), Argsort(self.axis)(inputs[0])
        values, gradient = (take_in_order(v, there, self.axis) for v in (output, G))
        return put_in_order(ShareTies(self.axis)(values, gradient), back, self.axis)

    def oracle(self, x: Array) -> Any:
        """Where every place is asked for, this is sorting; NumPy's order elsewhere is its own."""
        return each_line(lambda v: sorted(v, key=_key), x, axis=self.axis)

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        yield Sample(cls((0, 1, 2, 3), -1), (Operand((4,), kind="distinct"),))
        yield Sample(cls((1,), -2), (Operand((2, 3), kind="distinct"),))
        yield Sample(cls((-1,), -1), (Operand((2, 2), dtype="int64"),))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls((0,), -2), (Operand((3,)),), ShapeError)
        yield Bad(cls((3,), -1), (Operand((3,)),), ShapeError)


class Argpartition(Partition):
    """The indices that partition x along an axis."""

    function = "argpartition"

    @property
    def permuted_axis(self) -> int:
        """The axis along which no index stands twice."""
        return self.axis

    def infer(self, *types: TensorType) -> TensorType:
        return super().infer(*types).with_dtype(INT)

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        return Op.bprop(self, inputs, output, i, G)

    def oracle(self, x: Array) -> Any:
        return each_line(_order, x, axis=self.axis)

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        yield Sample(cls((0, 1, 2, 3), -1), (Operand((4,), kind="distinct"),))
        yield Sample(cls((1,), -2), (Operand((2, 3), kind="distinct"),))


@dataclass(frozen=True, eq=False)
class Lexsort(Op):
    """The indices that sort by several keys of one shape along ``axis``, the last key first."""

    axis: int
    parameters: ClassVar[tuple[str, ...]] = ("*keys",)

    @property
    def permuted_axis(self) -> int:
        """The axis along which no index stands twice."""
        return self.axis

    def infer(self, *types: TensorType) -> TensorType:
        reduce.require_axes((self.axis,), types[0])
        if any(t.shape != types[0].shape for t in types):
            raise ShapeError("keys of several shapes", "give keys of one shape")
        return types[0].with_dtype(INT)

    def meaning(self, *types: TensorType) -> Meaning:
        keys = "".join(f"keys{k}, " for k in range(len(types)))
        literals = {"axis": axis_text(self.axis, types[0].ndim)}
        return Meaning(f"np.lexsort(({keys}), axis=axis)", literals, {"axis": -1})

    def batch(self, inputs: tuple[Variable, ...], batched: tuple[bool, ...]) -> Variable:
        shape = inputs[batched.index(True)].shape
        return self(*(shapes.broadcast_to(v, shape) for v in inputs))

    def oracle(self, *keys: Array) -> Any:
        def order(*lines: list[Any]) -> list[int]:
            return sorted(range(len(lines[0])), key=lambda k: [v[k] for v in reversed(lines)])

        return each_line(order, *keys, axis=self.axis)

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        tied = Operand((5,), dtype="int64", kind="fixed", value=[1, 0, 1, 0, 1])
        yield Sample(cls(-1), (Operand((5,), kind="distinct"), tied))
        yield Sample(cls(-2), (Operand((3, 2), dtype="int64"), Operand((3, 2), kind="distinct")))
        yield Sample(cls(-1), (Operand((0,)),))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(-1), (Operand((2,)), Operand((3,))), ShapeError)


# --------------------------------------------------------------------- along the order of an axis


def _places(order: Variable, axis: int) -> list[Variable]:
    """The index arrays of the elements that ``order`` numbers along an axis."""
    places = []
    for k in range(-order.ndim, 0):
        alone = tuple(d if j == k else 1 for j, d in enumerate(order.shape, -order.ndim))
        count = create.arange(order.shape[k]) if k != axis else order
        places.append(count if k == axis else shapes.Reshape(alone)(count))
    return places


def take_in_order(x: Variable, order: Variable, axis: int) -> Variable:
    """x in the order that the indices give along an axis."""
    index = tuple(map(Slot, range(x.ndim)))
    return indexing.GetItem(index)(x, *_places(order, axis))


def put_in_order(values: Variable, order: Variable, axis: int) -> Variable:
    """The transpose of ``take_in_order``: values put at the indices, which name each place once."""
    shape = broadcast_shapes(values.shape, order.shape)
    zeros = create.full_of(0, values.type.with_shape(shape))
    index = tuple(map(Slot, range(order.ndim)))
    return scatter.IndexAdd(index, unique=True)(zeros, values, *_places(order, axis))


# ------------------------------------------------------------------------- functions for users


def along(a: Any, axis: int | None) -> tuple[Variable, int]:
    """The operand and its axis counted from the end, made flat where the axis is None."""
    x = as_variable(a)
    if axis is None:
        return shapes.Reshape((x.size,))(x), -1
    return x, axis_from_end(axis, x.ndim)


def _is_stable(kind: str | None, stable: bool | None) -> bool:
    if kind is not None and stable is not None:
        raise OptionError("kind= and stable= are one option", "give one of them")
    if kind is not None and kind not in KINDS:
        raise OptionError(f"kind={kind!r}", f"give one of {', '.join(KINDS)}")
    return bool(stable) or kind in ("stable", "mergesort")


@public("numpy.sort")
def sort(
    a: Any,
    axis: int | None = -1,
    kind: str | None = None,
    order: None = None,
    *,
    stable: bool | None = None,
) -> Variable:
    """a sorted along ``axis``, or made flat and sorted with None, as ``np.sort``; NaN last.

    Elements that tie share the gradient equally. Raises ShapeError for an axis that a does not
    have, OptionError for ``order`` and an unknown ``kind``.

    >>> import graphcomp as gr
    >>> x = gr.vector("x", 3)
    >>> gr.evaluate({x: [2.0, 1.0, 2.0]}, gr.grad(gr.sort(x)[1], x))
    array([0.5, 0. , 0.5])
    """
    refuse("sort", order=order)
    x, axis = along(a, axis)
    return Sort(axis, _is_stable(kind, stable))(x)


@public("numpy.argsort")
def argsort(
    a: Any,
    axis: int | None = -1,
    kind: str | None = None,
    order: None = None,
    *,
    stable: bool | None = None,
) -> Variable:
    """The indices that sort a along ``axis``, or a made flat; an int64 of a's shape.

    Ties keep their order where ``stable`` or a ``kind`` of "stable" or "mergesort" asks for it.
    It has no derivative. Raises as ``sort``.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.argsort(gr.constant([3.0, 1.0, 2.0])))
    array([1, 2, 0])
    """
    refuse("argsort", order=order)
    x, axis = along(shapes.atleast_1d(a), axis)
    return Argsort(axis, _is_stable(kind, stable))(x)


@public("numpy.msort")
def msort(a: Any) -> Variable:
    """a sorted along its first axis, as ``np.msort`` of NumPy 1."""
    return sort(a, axis=0)


@public("numpy.sort_complex")
def sort_complex(a: Any) -> Variable:
    """a sorted along its last axis by real, then imaginary part; complex, as NumPy's.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.sort_complex(gr.constant([2.0, 1.0])))
    array([1.+0.j, 2.+0.j])
    """
    x = sort(a)
    return x.astype(sampled_dtype(np.sort_complex, x.type))


@public("numpy.partition")
def partition(
    a: Any, kth: Any, axis: int | None = -1, kind: str = "introselect", order: None = None
) -> Variable:
    """a with its ``kth`` smallest elements in their places along ``axis``, as ``np.partition``.

    ``kth`` is an index or several, known when the graph is built. Elements that tie share the
    gradient equally. Raises ShapeError for an index or axis out of range, OptionError for
    ``order``.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.partition(gr.constant([3.0, 1.0, 2.0]), 1)[1])
    np.float64(2.0)
    """
    return _partition(Partition, a, kth, axis, kind, order)


@public("numpy.argpartition")
def argpartition(
    a: Any, kth: Any, axis: int | None = -1, kind: str = "introselect", order: None = None
) -> Variable:
    """The indices that ``partition`` a, an int64 of a's shape. Raises as ``partition``.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.argpartition(gr.constant([3.0, 1.0, 2.0]), 1)[1])
    np.int64(2)
    """
    return _partition(Argpartition, a, kth, axis, kind, order)


def _partition(
    op: type[Partition], a: Any, kth: Any, axis: int | None, kind: str, order: None
) -> Variable:
    refuse(op.function, order=order)
    if kind != "introselect":
        raise OptionError(f"kind={kind!r}", "give 'introselect'")
    x, axis = along(a, axis)
    several = kth if isinstance(kth, (list, tuple, range, np.ndarray)) and np.ndim(kth) else (kth,)
    return op(tuple(map(_whole, several)), axis)(x)


def _whole(k: Any) -> DimLike:
    if isinstance(k, Dim):
        return k
    try:
        return operator.index(k)
    except TypeError:
        raise DTypeError(
            f"kth={getattr(k, 'label', k)!r} is no int", "give one such as 0"
        ) from None


@public("numpy.lexsort")
def lexsort(keys: Any, axis: int = -1) -> Variable:
    """The indices that sort by several keys, the last of them first, as ``np.lexsort``.

    ``keys`` is a sequence of arrays of one shape, or an array whose rows they are. An int64 of
    their shape. Raises ShapeError for keys of several shapes and for an axis out of range.

    >>> import graphcomp as gr
    >>> last, first = gr.constant([0, 1, 0]), gr.constant([3.0, 1.0, 2.0])
    >>> gr.evaluate({}, gr.lexsort((first, last)))
    array([2, 0, 1])
    """
    columns = list(map(as_variable, keys if isinstance(keys, Sequence) else _rows_of(keys)))
    if not columns:
        raise OptionError("lexsort without keys", "give at least one")
    return Lexsort(axis_from_end(axis, columns[0].ndim))(*columns)


def _rows_of(keys: Any) -> Iterable[Variable]:
    x = as_variable(keys)
    if not x.ndim or not isinstance(x.shape[0], int):
        raise SizeError(
            f"lexsort of {x.label}, whose number of keys is not known", "give a list of keys"
        )
    return x
