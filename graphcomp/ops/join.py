"""Arrays put together, and taken apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from graphcomp.dims import Dim, DimLike, as_dim
from graphcomp.errors import (
    DTypeError,
    OptionError,
    ShapeError,
    SizeError,
    ValueKindError,
)
from graphcomp.graph import Variable
from graphcomp.ops import reduce, shape as shapes
from graphcomp.ops.base import Bad, Meaning, Op, Operand, Sample, as_variable, axis_from_end
from graphcomp.registry import public, refuse
from graphcomp.types import DType, TensorType, as_dtype, sampled_dtype

__all__ = [
    "append",
    "array_split",
    "block",
    "column_stack",
    "concatenate",
    "dsplit",
    "dstack",
    "hsplit",
    "hstack",
    "row_stack",
    "split",
    "stack",
    "unstack",
    "vsplit",
    "vstack",
]

Array = np.ndarray[Any, Any]


def _joined(*arrays: Any) -> Any:
    return np.stack(arrays)


def _common_dtype(types: Sequence[TensorType]) -> DType:
    """The dtype of the joined arrays: Python scalars are not weak here."""
    first = {t.operand: TensorType(t.dtype, (), t.weak) for t in types}
    return sampled_dtype(_joined, *first.values())


@dataclass(frozen=True, eq=False)
class Join(Op, abstract=True):
    """Base of operations on any number of arrays of one rank, along ``axis`` of the result."""

    axis: int
    parameters: ClassVar[tuple[str, ...]] = ("*xs",)
    function: ClassVar[str]
    flops_per_element: ClassVar[float] = 0.0

    def meaning(self, *types: TensorType) -> Meaning:
        names = ", ".join(self.parameter_names(len(types)))
        comma = "," if len(types) == 1 else ""
        result = self.infer(*types)
        assert isinstance(result, TensorType)
        literals = {"axis": self.axis + result.ndim}
        return Meaning(f"np.{self.function}(({names}{comma}), axis=axis)", literals, {"axis": 0})

    def batch(self, inputs: tuple[Variable, ...], batched: tuple[bool, ...]) -> Variable:
        size = inputs[batched.index(True)].shape[0]
        whole = (
            x if b else shapes.BroadcastTo((size, *x.shape))(x)
            for x, b in zip(inputs, batched, strict=True)
        )
        return self(*whole)


class Concatenate(Join):
    """The arrays one behind the other along an axis that they have."""

    function = "concatenate"
    takes_out = True

    def infer(self, *types: TensorType) -> TensorType:
        if not types:
            raise ShapeError("there is nothing to concatenate", "give at least one array")
        shape = list(types[0].shape)
        if not shape:
            raise ShapeError("scalars cannot be concatenated", "write gr.stack([...])")
        reduce.require_axes((self.axis,), types[0])
        length: DimLike = 0
        for x in types:
            if x.ndim != len(shape) or _without(x, self.axis) != _without(types[0], self.axis):
                raise ShapeError(
                    "shape mismatch", "all axes but the one along which they are joined must agree"
                )
            length = length + x.shape[self.axis]
        shape[self.axis] = length
        return TensorType(_common_dtype(types), tuple(shape))

    def simplify(self, *xs: Variable) -> Variable | None:
        return xs[0] if len(xs) == 1 and xs[0].ndim else None

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        start: DimLike = 0
        for x in inputs[:i]:
            start = start + x.shape[self.axis]
        return _part(G, self.axis, start, start + inputs[i].shape[self.axis])

    def oracle(self, *arrays: Array) -> Any:
        """Where each result element comes from, counted along the axis."""
        sources = [(x, k) for x in arrays for k in range(x.shape[self.axis])]
        shape = self.infer(*(TensorType(x.dtype, x.shape) for x in arrays)).shape
        out = np.empty(shape, np.result_type(*arrays))
        for index in np.ndindex(out.shape):
            x, k = sources[index[self.axis]]
            place = list(index)
            place[self.axis] = k
            out[index] = x[tuple(place)]
        return out

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for axis, group in (
            (-1, ((2,), (3,))),
            (-1, ((0,), (3,), (1,))),
            (-2, ((2, 3), (1, 3))),
            (-1, ((2, 3), (2, 1), (2, 2))),
            (-1, ((0, 3), (0, 2))),
            (-2, ((2, 1, 2), (2, 3, 2))),
        ):
            yield Sample(cls(axis), tuple(Operand(shape) for shape in group))
        yield Sample(cls(-1), (Operand((2,)), Operand((2,), dtype="float32")))
        yield Sample(cls(-1), (Operand((2,)), Operand((2,), dtype="complex128")))
        yield Sample(cls(-1), (Operand((2,), dtype="int64"), Operand((2,), dtype="float32")))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        for group in (((2, 3), (2, 4)), ((3,), (1, 3)), ((), ())):
            yield Bad(cls(-2 if group[0] else -1), tuple(map(Operand, group)), ShapeError)


class Stack(Join):
    """Arrays of one shape along a new axis."""

    function = "stack"

    def infer(self, *types: TensorType) -> TensorType:
        if not types:
            raise ShapeError("there is nothing to stack", "give at least one array")
        if any(x.shape != types[0].shape for x in types):
            raise ShapeError("shape mismatch", "stacked arrays must all have one shape")
        at = self.axis + types[0].ndim + 1
        if at < 0:
            raise ShapeError(f"there is no axis {self.axis}", "count it in the result")
        shape = (*types[0].shape[:at], len(types), *types[0].shape[at:])
        return TensorType(_common_dtype(types), shape)

    def meaning(self, *types: TensorType) -> Meaning:
        if any(x.shape for x in types):
            return super().meaning(*types)
        return Meaning(f"np.array([{', '.join(self.parameter_names(len(types)))}])")

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        lead = [slice(None)] * (self.axis + G.ndim)
        return G[(*lead, i)]

    def oracle(self, *arrays: Array) -> Any:
        shape = self.infer(*(TensorType(x.dtype, x.shape) for x in arrays)).shape
        out = np.empty(shape, np.result_type(*arrays))
        for index in np.ndindex(out.shape):
            at = self.axis + len(index)
            out[index] = arrays[index[at]][(*index[:at], *index[at + 1 :])]
        return out

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for axis, count, shape in (
            (-1, 1, ()),
            (-1, 3, ()),
            (-1, 2, (3,)),
            (-2, 2, (3,)),
            (-2, 2, (0,)),
            (-3, 2, (2, 3)),
            (-2, 2, (2, 3)),
        ):
            yield Sample(cls(axis), (Operand(shape),) * count)
        yield Sample(cls(-1), (Operand(()), Operand((), dtype="float32")))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(-1), (Operand((2,)), Operand((3,))), ShapeError)
        yield Bad(cls(-3), (Operand((2,)), Operand((2,))), ShapeError)


def _without(x: TensorType, axis: int) -> tuple[DimLike, ...]:
    at = axis + x.ndim
    return (*x.shape[:at], *x.shape[at + 1 :]) if at >= 0 else ()


def _part(x: Variable, axis: int, start: DimLike, stop: DimLike) -> Variable:
    """``x[start:stop]`` along an axis counted from the end, as people write it."""
    whole = x.shape[axis]
    part = slice(None if start == 0 else start, None if stop == whole else stop)
    return x[(*[slice(None)] * (axis + x.ndim), part)]


# ---------------------------------------------------------------------------------- put together


def _operands(arrays: Any, dtype: Any = None, casting: str = "same_kind") -> list[Variable]:
    """The arrays, in one dtype where that is given or implied by the casting allowed."""
    if not isinstance(arrays, (list, tuple, Variable, np.ndarray)):
        raise ValueKindError(f"a list of arrays is needed, not {arrays!r}", "write [x, y]")
    found = [as_variable(x) for x in arrays]
    if dtype is None and casting in ("same_kind", "unsafe"):
        return found
    if casting not in ("no", "equiv", "safe", "same_kind", "unsafe"):
        raise OptionError(f"casting={casting!r}", "give 'same_kind', or one of NumPy's others")
    target = as_dtype(_common_dtype([x.type for x in found]) if dtype is None else dtype)
    for x in found:
        if not np.can_cast(x.dtype, target, casting):  # type: ignore[arg-type]
            raise DTypeError(
                f"cannot convert {x.label} from {x.dtype} to {target} by casting={casting!r}",
                "convert it with .astype first",
            )
    return [x.astype(target) for x in found]


@public("numpy.concatenate", "numpy.concat")
def concatenate(
    arrays: Any,
    axis: int | None = 0,
    out: None = None,
    *,
    dtype: Any = None,
    casting: str = "same_kind",
) -> Variable:
    """The arrays one behind the other along ``axis``, as ``np.concatenate``.

    With ``axis=None`` each is made flat first. The dtype is NumPy's common one. Raises
    ShapeError where their other axes differ, or for scalars.

    >>> import graphcomp as gr
    >>> concatenate([gr.vector("x", "n"), gr.vector("y", 3)]).shape
    (Dim('n + 3'),)
    """
    refuse("concatenate", out=out)
    xs = _operands(arrays, dtype, casting)
    if axis is None:
        return Concatenate(-1)(*map(shapes.ravel, xs))
    ndim = xs[0].ndim if xs else 1
    return Concatenate(axis_from_end(axis, ndim) if ndim else -1)(*xs)


@public("numpy.stack")
def stack(
    arrays: Any,
    axis: int = 0,
    out: None = None,
    *,
    dtype: Any = None,
    casting: str = "same_kind",
) -> Variable:
    """Arrays of one shape along a new axis, at ``axis`` of the result, as ``np.stack``.

    Scalars make a vector: ``stack([a, b])`` is what ``np.array([a, b])`` is for numbers.
    Raises ShapeError where the shapes differ.

    >>> import graphcomp as gr
    >>> gr.stack([gr.scalar("a"), gr.scalar("b")]).shape
    (2,)
    """
    refuse("stack", out=out)
    xs = _operands(arrays, dtype, casting)
    return Stack(axis_from_end(axis, xs[0].ndim + 1 if xs else 1))(*xs)


@public("numpy.vstack", "numpy.row_stack")
def vstack(tup: Any, *, dtype: Any = None, casting: str = "same_kind") -> Variable:
    """The arrays one below the other: vectors are rows, as ``np.vstack``.

    >>> import graphcomp as gr
    >>> gr.vstack([gr.vector("x", 3), gr.matrix("Y", ("n", 3))]).shape
    (Dim('n + 1'), 3)
    """
    xs = _operands(tup, dtype, casting)
    if _are_equal_vectors(xs):
        return Stack(-2)(*xs)
    return concatenate([shapes.atleast_2d(x) for x in xs], 0)


row_stack = vstack


@public("numpy.hstack")
def hstack(tup: Any, *, dtype: Any = None, casting: str = "same_kind") -> Variable:
    """The arrays side by side, as ``np.hstack``.

    >>> import graphcomp as gr
    >>> gr.hstack([gr.matrix("X", (2, 3)), gr.matrix("Y", (2, "n"))]).shape
    (2, Dim('n + 3'))
    """
    xs = [shapes.atleast_1d(x) for x in _operands(tup, dtype, casting)]
    return concatenate(xs, 0 if xs and xs[0].ndim == 1 else 1)


@public("numpy.column_stack")
def column_stack(tup: Any) -> Variable:
    """The arrays side by side: vectors are columns, as ``np.column_stack``.

    >>> import graphcomp as gr
    >>> gr.column_stack([gr.vector("x", "n"), gr.vector("y", "n")]).shape
    (Dim('n'), 2)
    """
    xs = _operands(tup)
    if _are_equal_vectors(xs):
        return Stack(-1)(*xs)
    return concatenate([x if x.ndim > 1 else shapes.atleast_2d(x).T for x in xs], 1)


@public("numpy.dstack")
def dstack(tup: Any) -> Variable:
    """The arrays along a third axis, as ``np.dstack``.

    >>> import graphcomp as gr
    >>> gr.dstack([gr.vector("x", "n"), gr.vector("y", "n")]).shape
    (1, Dim('n'), 2)
    """
    return concatenate([shapes.atleast_3d(x) for x in _operands(tup)], 2)


def _are_equal_vectors(xs: Sequence[Variable]) -> bool:
    return bool(xs) and all(x.ndim == 1 and x.shape == xs[0].shape for x in xs)


@public("numpy.append")
def append(arr: Any, values: Any, axis: int | None = None) -> Variable:
    """``values`` behind ``arr``, both made flat without an axis, as ``np.append``.

    >>> import graphcomp as gr
    >>> gr.append(gr.vector("x", "n"), 1.0).shape
    (Dim('n + 1'),)
    """
    return concatenate([arr, values], axis)


@public("numpy.block")
def block(arrays: Any) -> Variable:
    """Arrays put together from nested lists of blocks, as ``np.block``.

    The innermost lists are joined along the last axis, those around them along the one before.

    >>> import graphcomp as gr
    >>> A, b = gr.matrix("A", ("n", "n")), gr.matrix("b", ("n", 1))
    >>> block([[A, b], [b.T, 1.0]]).shape
    (Dim('n + 1'), Dim('n + 1'))
    """
    depth = _depth(arrays)
    ndim = max(depth, *(x.ndim for x in _leaves(arrays, depth)))
    return _block(arrays, depth, ndim)


def _depth(arrays: Any) -> int:
    if not isinstance(arrays, list):
        return 0
    depths = {_depth(x) for x in arrays}
    if len(depths) != 1:
        raise ShapeError("the lists of a block matrix are not nested equally", "or one is empty")
    return 1 + depths.pop()


def _leaves(arrays: Any, depth: int) -> list[Variable]:
    found = [arrays]
    for _ in range(depth):
        found = [x for row in found for x in row]
    return [as_variable(x) for x in found]


def _block(arrays: Any, depth: int, ndim: int) -> Variable:
    if not depth:
        x = as_variable(arrays)
        return shapes.Reshape((*(1,) * (ndim - x.ndim), *x.shape))(x)
    return Concatenate(-depth)(*(_block(x, depth - 1, ndim) for x in arrays))


# ------------------------------------------------------------------------------------ taken apart


@public("numpy.split")
def split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Variable]:
    """ary in equal parts, or cut at the given places, as ``np.split``.

    Raises ShapeError where the axis does not divide into equal parts, SizeError where that
    depends on a symbolic size.
    """
    x, place = _along(ary, axis)
    if isinstance(indices_or_sections, np.integer):
        indices_or_sections = int(indices_or_sections)
    if isinstance(indices_or_sections, (tuple, list, np.ndarray)):
        return _cut(x, place, indices_or_sections)
    count, length = as_dim(indices_or_sections), x.shape[place]
    if not isinstance(count, int) or count < 1:
        raise SizeError(f"{count} parts cannot be listed", "the number of parts is an int above 0")
    rest = length % count
    if isinstance(rest, int) and rest:
        raise ShapeError(
            f"axis {axis} of {x.label}, of length {length}, does not divide into {count} parts",
            "use gr.array_split, or give the places to cut at",
        )
    if rest != 0:
        raise SizeError(
            f"whether {length}, axis {axis} of {x.label}, divides into {count} parts is not known",
            f"declare the axis as a multiple, such as '{count}*k', or give the places to cut at",
        )
    step = length // count
    return _cut(x, place, [step * k for k in range(1, count)])


@public("numpy.array_split")
def array_split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Variable]:
    """ary in nearly equal parts, the longer ones first, as ``np.array_split``.

    Raises SizeError where the axis has a symbolic length that is no multiple of the parts.

    >>> import graphcomp as gr
    >>> [part.shape for part in gr.array_split(gr.vector("x", 5), 2)]
    [(3,), (2,)]
    """
    x, place = _along(ary, axis)
    length = x.shape[place]
    if not isinstance(indices_or_sections, (int, np.integer)) or not isinstance(length, int):
        return split(x, indices_or_sections, axis)
    if indices_or_sections < 1:
        return split(x, indices_or_sections, axis)
    parts = [len(part) for part in np.array_split(range(length), indices_or_sections)]
    return _cut(x, place, [int(k) for k in np.cumsum(parts)[:-1]])


@public("numpy.vsplit")
def vsplit(ary: Any, indices_or_sections: Any) -> list[Variable]:
    """ary split along its first axis, as ``np.vsplit``."""
    return split(ary, indices_or_sections, 0)


@public("numpy.hsplit")
def hsplit(ary: Any, indices_or_sections: Any) -> list[Variable]:
    """ary split along its second axis, or its only one, as ``np.hsplit``."""
    return split(ary, indices_or_sections, 0 if as_variable(ary).ndim == 1 else 1)


@public("numpy.dsplit")
def dsplit(ary: Any, indices_or_sections: Any) -> list[Variable]:
    """ary split along its third axis, as ``np.dsplit``. Raises ShapeError where it has none."""
    return split(ary, indices_or_sections, 2)


@public("numpy.unstack")
def unstack(x: Any, /, *, axis: int = 0) -> tuple[Variable, ...]:
    """The parts of x along an axis, without that axis, as ``np.unstack``.

    Raises SizeError where the axis has a symbolic length.

    >>> import graphcomp as gr
    >>> [part.shape for part in unstack(gr.matrix("X", ("n", 2)), axis=1)]
    [(Dim('n'),), (Dim('n'),)]
    """
    x, place = _along(x, axis)
    length = x.shape[place]
    if not isinstance(length, int):
        raise SizeError(
            f"axis {axis} of {x.label} has the symbolic length {length}",
            "write it with array operations, or give the axis a number",
        )
    lead = (slice(None),) * (place + x.ndim)
    return tuple(x[(*lead, k)] for k in range(length))


def _along(ary: Any, axis: int) -> tuple[Variable, int]:
    x = as_variable(ary)
    if not x.ndim:
        raise ShapeError(f"{x.label} is a scalar and cannot be split", "give an array")
    return x, axis_from_end(axis, x.ndim)


def _cut(x: Variable, axis: int, places: Iterable[Any]) -> list[Variable]:
    ends = [k if isinstance(k, Dim) else int(k) for k in places]
    return [
        _part(x, axis, start, stop)
        for start, stop in zip([0, *ends], [*ends, x.shape[axis]], strict=True)
    ]
