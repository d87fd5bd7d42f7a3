"""Values set, added, multiplied, … at an index of a copy: what assignment is without changing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from graphcomp.dims import DimLike, Shape, prod
from graphcomp.errors import DTypeError, ShapeError
from graphcomp.graph import Variable
from graphcomp.ops import compare, create, indexing, reduce, shape as shapes
from graphcomp.ops.base import Bad, Meaning, Op, Operand, Sample, as_variable, constant_value, weak
from graphcomp.ops.index_samples import index_pairs, index_uses
from graphcomp.ops.indices import (
    BatchedIndex,
    Index,
    advanced_at,
    as_entries,
    index_text,
    is_unique,
    open_bools,
    parse,
    result_shape,
    show_index,
    slots,
)
from graphcomp.types import TensorType, broadcast_shapes, format_shape, result_dtype

__all__ = ["index_add", "index_set"]

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False)
class IndexUpdate(Op, abstract=True):
    """Base: a copy of x that ``values`` have changed at an index. Its inputs are x, the values,
    and the arrays of the index.

    ``unique``: the index is known to name no element twice.
    """

    index: Index
    unique: bool = False
    parameters: ClassVar[tuple[str, ...]] = ("x", "y", "*i")
    verb: ClassVar[str]

    def describe(self) -> str:
        return f"{self.name}{show_index(self.index)}"

    @property
    def nondiff(self) -> frozenset[int]:
        return frozenset(range(2, 2 + slots(self.index)))

    def target(self, x: Shape, arrays: Iterable[Shape]) -> Shape:
        """The shape of x[index]."""
        return result_shape(self.index, x, arrays)

    def infer(self, *types: TensorType) -> TensorType:
        x, y, *arrays = types
        target = self.target(x.shape, (a.shape for a in arrays))
        if len(y.shape) > len(target) or broadcast_shapes(target, y.shape) != target:
            raise ShapeError(
                f"cannot {self.verb} {format_shape(y.shape)} at an index of shape "
                f"{format_shape(target)}",
                "the values must broadcast to the shape of x[index]",
            )
        if not np.can_cast(y.dtype, x.dtype, "same_kind"):
            raise DTypeError(
                f"cannot {self.verb} {y.dtype} at elements of {x.dtype}",
                "convert with .astype first",
            )
        return x.with_shape(x.shape)

    def read(self, x: Variable, arrays: Iterable[Variable]) -> Variable:
        """x[index]."""
        return indexing.GetItem(self.index)(x, *arrays)

    def text(self, ndim: int) -> tuple[str, dict[str, Any]]:
        """The index as an argument of a function."""
        text, literals = index_text(self.index, ndim)
        if any(isinstance(entry, slice) for entry in self.index) or text.endswith(":"):
            return f"np.s_[{text}]", literals
        return (text if len(self.index) == 1 else f"({text})"), literals

    def flops(self, types: tuple[TensorType, ...], output: TensorType) -> DimLike:
        return prod(self.target(types[0].shape, (t.shape for t in types[2:])))

    def simplify(self, *inputs: Variable) -> Variable | None:
        """Values that one number fills are that number; broadcast values are broadcast anyway."""
        x, y, *arrays = inputs
        number = constant_value(y)
        if number is None and not isinstance(y.op, shapes.BroadcastTo):
            return None
        self.infer(*(v.type for v in inputs))
        if number is not None:
            return self(x, weak(number), *arrays) if y.ndim else None
        source = y.inputs[0]
        if isinstance(source.op, shapes.Reshape) and not source.inputs[0].ndim:
            source = source.inputs[0]
        return self(x, source, *arrays)

    def batch(self, inputs: tuple[Variable, ...], batched: tuple[bool, ...]) -> Variable:
        x, y, *arrays = inputs
        size = inputs[batched.index(True)].shape[0]
        target = self.target(
            x.shape[batched[0] :],
            (a.shape[b:] for a, b in zip(arrays, batched[2:], strict=True)),
        )
        if not batched[0]:
            x = shapes.broadcast_to(x, (size, *x.shape))
        moved = BatchedIndex.of(self.index, size, arrays, batched[2:], True)
        if y.ndim and (batched[1] or moved.order is not None):
            lead = (size,) if batched[1] else (1,)
            shape = y.shape[batched[1] :]
            y = shapes.Reshape((*lead, *(1,) * (len(target) - len(shape)), *shape))(y)
        return type(self)(moved.index, self.unique)(x, moved.from_front(y), *moved.arrays)

    def combine(self, old: Any, value: Any) -> Any:
        """What becomes of one element, for the oracle."""
        raise NotImplementedError

    def oracle(self, x: Array, y: Array, *arrays: Array) -> Any:
        out = np.array(x)
        shape: Any = self.target(x.shape, (a.shape for a in arrays))
        values = np.broadcast_to(y, shape)
        for source, target in index_pairs(self.index, x.shape, arrays):
            out[target] = self.combine(out[target], values[source])
        return out

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for index, shape, arrays in index_uses():
            target: Any = result_shape(index, shape, (a.shape for a in arrays))
            for values in dict.fromkeys((target, target[1:], ())):
                yield Sample(cls(index, not arrays), (Operand(shape), Operand(values), *arrays))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls((slice(1, None),)), (Operand((3,)), Operand((3,))), ShapeError)
        yield Bad(cls((0,)), (Operand((3,)), Operand((), dtype="complex128")), DTypeError)


class IndexAdd(IndexUpdate):
    """x with values added at an index; values for one element accumulate."""

    verb = "add"

    def meaning(self, *types: TensorType) -> Meaning:
        text, literals = self.text(types[0].ndim)
        helper = "_index_add(" if self.unique else "_index_at(np.add, "
        return Meaning(f"{helper}x, {text}, y)", literals)

    def update(self, *types: TensorType) -> Meaning | None:
        if not self.unique:
            text, literals = self.text(types[0].ndim)
            return Meaning(f"np.add.at(x, {text}, y)", literals)
        text, literals = index_text(self.index, types[0].ndim)
        return Meaning(f"x[{text}] += y", literals)

    def simplify(self, *inputs: Variable) -> Variable | None:
        """Adding nothing is left out; adding to all elements is a sum."""
        x, y, *_ = inputs
        if constant_value(y) == 0 or not self.index:
            result = self.infer(*(v.type for v in inputs))
            return x if constant_value(y) == 0 else (x + y).astype(result.dtype)
        return super().simplify(*inputs)

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        return G if i == 0 else self.read(G, inputs[2:])

    def combine(self, old: Any, value: Any) -> Any:
        return old + value


class IndexSet(IndexUpdate):
    """x with values in place of the elements at an index; of several for one the last stays."""

    verb = "set"

    def meaning(self, *types: TensorType) -> Meaning:
        text, literals = self.text(types[0].ndim)
        return Meaning(f"_index_set(x, {text}, y)", literals)

    def update(self, *types: TensorType) -> Meaning | None:
        text, literals = index_text(self.index, types[0].ndim)
        return Meaning(f"x[{text or '...'}] = y", literals)

    def simplify(self, *inputs: Variable) -> Variable | None:
        """What is set again at once, or as a whole, need not have been there before."""
        x, y, *arrays = inputs
        if not self.index and x.type == self.infer(*(v.type for v in inputs)):
            return shapes.broadcast_to(y.astype(x.dtype), x.shape)
        if x.op == self and all(a is b for a, b in zip(arrays, x.inputs[2:], strict=True)):
            return self(x.inputs[0], y, *arrays)
        return super().simplify(*inputs)

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        _, _, *arrays = inputs
        if i == 0:
            return self(G, weak(0.0), *arrays)
        gradient = self.read(G, arrays)
        if self.unique or is_unique(self.index, tuple(arrays)):
            return gradient
        numbers = shapes.Reshape(gradient.shape)(create.arange(gradient.size))
        blank = create.full_of(0, TensorType(numbers.dtype, output.shape))
        last = self.read(self(blank, numbers, *arrays), arrays)
        return compare.where(last == numbers, gradient, 0)

    def combine(self, old: Any, value: Any) -> Any:
        return value


# --------------------------------------------------------- accumulating at repeated elements


class IndexAt(IndexUpdate, abstract=True):
    """Base of updates by a ufunc's ``at``, for an index that may name an element twice."""

    function: ClassVar[str]

    def meaning(self, *types: TensorType) -> Meaning:
        text, literals = self.text(types[0].ndim)
        return Meaning(f"_index_at(np.{self.function}, x, {text}, y)", literals)

    def update(self, *types: TensorType) -> Meaning | None:
        text, literals = self.text(types[0].ndim)
        return Meaning(f"np.{self.function}.at(x, {text}, y)", literals)

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for index, shape, arrays in index_uses():
            if arrays and len(shape) < 3:
                target: Any = result_shape(index, shape, (a.shape for a in arrays))
                for values in dict.fromkeys((target, ())):
                    yield Sample(cls(index), (Operand(shape), Operand(values), *arrays))


class IndexMultiply(IndexAt):
    """x with elements at an index multiplied by values, once by each value for the element."""

    verb, function = "multiply", "multiply"

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        """By a value: the product of all other factors of its element, exact with zeros.

        It compares the values of the index in pairs, so memory is the square of their number.
        """
        x, y, *arrays = inputs
        if i == 0:
            return self(G, y, *arrays)
        whole = self.read(G * x, arrays)
        joined = broadcast_shapes(*(a.shape for a in arrays))
        count, rank = prod(joined), len(joined)
        start = advanced_at(self.index)
        order = [*range(start, start + rank), *range(start), *range(start + rank, whole.ndim)]
        factors = shapes.transpose(shapes.broadcast_to(y, whole.shape), order)
        rows = shapes.Reshape((count, prod(factors.shape[rank:])))(factors)
        place = shapes.Reshape((count,))(shapes.broadcast_to(self._place(x, arrays), joined))
        other = (place[:, None] == place) & (create.arange(count)[:, None] != create.arange(count))
        chosen = compare.where(other[:, :, None], rows, 1)
        others = shapes.Reshape(factors.shape)(reduce.prod(chosen, axis=1))
        back = [order.index(k) for k in range(whole.ndim)]
        return whole * shapes.transpose(others, back)

    def _place(self, x: Variable, arrays: list[Variable]) -> Variable:
        """For each tuple of the index arrays, a number of the elements that it names."""
        entries = [entry for entry in self.index if entry is not None]
        taken = [k for k, entry in enumerate(entries) if not isinstance(entry, slice)]
        lengths = tuple(x.shape[k] for k in taken)
        numbers = shapes.Reshape(lengths)(create.arange(prod(lengths)))
        return indexing.GetItem(tuple(entries[k] for k in taken))(numbers, *arrays)

    def combine(self, old: Any, value: Any) -> Any:
        return old * value


class IndexExtremum(IndexAt, abstract=True):
    """Base of minimum and maximum. All that tie for an element share the gradient equally; a
    constant takes it from variables."""

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        x, y, *arrays = inputs
        of_x = (x == output).astype(G.dtype)
        of_y = (y == self.read(output, arrays)).astype(G.dtype)
        zeros = create.full_of(0, x.type.with_dtype(G.dtype))
        values = IndexAdd(self.index)(zeros, of_y, *arrays)
        if i == 0:
            return (
                G * of_x * (values == 0) if compare.is_constant(y) else G * of_x / (of_x + values)
            )
        if compare.is_constant(x):
            share = compare.where(of_x == 0, G / compare.maximum(values, 1), 0)
        else:
            share = G / (of_x + values)
        return of_y * self.read(share, arrays)

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        """Values that are nowhere near a tie."""
        for sample in super().samples():
            x, y, *arrays = sample.operands
            x = replace(x, kind="distinct")
            y = replace(y, kind="distinct", low=-1.87, high=1.68)
            yield replace(sample, operands=(x, y, *arrays))


class IndexMinimum(IndexExtremum):
    """x with elements at an index replaced by values that are smaller."""

    verb, function = "take the minimum with", "minimum"

    def combine(self, old: Any, value: Any) -> Any:
        return old if old < value else value


class IndexMaximum(IndexExtremum):
    """x with elements at an index replaced by values that are larger."""

    verb, function = "take the maximum with", "maximum"

    def combine(self, old: Any, value: Any) -> Any:
        return old if old > value else value


# ------------------------------------------------------------------------- functions for users


def updated(
    op: type[IndexUpdate], x: Variable, index: Any, values: Variable, unique: bool = False
) -> Variable:
    """x with values at the user's index; ``unique`` promises that it names no element twice."""
    if x.ndim:
        opened, entries = open_bools(x, index)
    else:  # its one element, for which NumPy has no place in a scalar
        opened, entries = open_bools(shapes.Reshape((1,))(x), (0, *as_entries(index)))
    places, arrays = parse(opened, entries)
    is_once = unique or is_unique(places, tuple(arrays))
    return shapes.Reshape(x.shape)(op(places, is_once)(opened, values, *arrays))


def converted(values: Variable, x: Variable) -> Variable:
    """The values in x's dtype; a Python number that NumPy converts without loss stays one."""
    if values.type.weak and np.can_cast(values.dtype, x.dtype, "same_kind"):
        return values
    return values.astype(x.dtype)


def index_add(x: Any, index: Any, values: Any) -> Variable:
    """A copy of x with ``values`` added at ``index``; values for one element accumulate.

    The shape is x's, the dtype NumPy's common one of x and values. Raises as ``x[index]``, and
    ShapeError where the values do not broadcast to the shape of ``x[index]``.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.index_add(gr.zeros(3), [0, 0, 2], 1.0))
    array([2., 0., 1.])
    """
    x, values = as_variable(x), as_variable(values)
    return updated(IndexAdd, x.astype(result_dtype(x.type, values.type)), index, values)


def index_set(x: Any, index: Any, values: Any) -> Variable:
    """A copy of x with ``values`` at ``index``: what x is after ``x[index] = values``.

    The shape and dtype are x's: values are converted, as NumPy does, and of several for one
    element the last stays. Raises as ``x[index]``, ShapeError where the values do not
    broadcast to the shape of ``x[index]``, DTypeError for complex values in a real x.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.index_set(gr.zeros(3), slice(1, None), [1.0, 2.0]))
    array([0., 1., 2.])
    """
    x, values = as_variable(x), as_variable(values)
    if values.dtype.kind == "c" and x.dtype.kind != "c":
        raise DTypeError(
            f"cannot set complex values in {x.label}, which is {x.dtype}",
            "write values.real, or x.astype('complex128')",
        )
    return updated(IndexSet, x, index, converted(values, x))
