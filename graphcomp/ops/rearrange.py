"""Operations that reverse, shift, repeat or blank out elements along axes."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from graphcomp.dims import Dim, DimLike, Shape, as_dim
from graphcomp.errors import ShapeError, SizeError, ValueKindError
from graphcomp.graph import Variable
from graphcomp.ops import create, reduce, shape as shapes
from graphcomp.ops.base import Bad, Meaning, Op, Operand, Sample, as_variable, axis_from_end
from graphcomp.registry import public
from graphcomp.types import TensorType

__all__ = ["flip", "fliplr", "flipud", "repeat", "roll", "tile", "tril", "triu"]

Array = np.ndarray[Any, Any]
Axis = int | Sequence[int] | None


@dataclass(frozen=True, eq=False)
class Flip(Op):
    """The elements of x in reverse order along ``axes``, counted from the end."""

    axes: tuple[int, ...]
    is_view: ClassVar[bool] = True
    flops_per_element: ClassVar[float] = 0.0

    def infer(self, x: TensorType) -> TensorType:
        reduce.require_axes(self.axes, x)
        return x.with_shape(x.shape)

    def simplify(self, x: Variable) -> Variable | None:
        if isinstance(x.op, Flip):
            left = set(self.axes) ^ set(x.op.axes)
            return Flip(tuple(sorted(left)))(x.inputs[0])
        same = not self.axes or isinstance(x.op, create.Full)
        return x if same and not x.type.weak else None

    def meaning(self, *types: TensorType) -> Meaning:
        ndim = types[0].ndim
        entries = ["::-1" if k in self.axes else ":" for k in range(-ndim, self.axes[-1] + 1)]
        if len(entries) > 2 and len(self.axes) == 1:
            entries = ["...", *entries[-1:], *[":"] * (-1 - self.axes[-1])]
        return Meaning(f"x[{', '.join(entries)}]")

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        return self(G)

    def oracle(self, x: Array) -> Any:
        out = np.empty_like(x)
        flipped = {a + x.ndim for a in self.axes}
        for index in np.ndindex(x.shape):
            source = (x.shape[k] - 1 - i if k in flipped else i for k, i in enumerate(index))
            out[index] = x[tuple(source)]
        return out

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for shape, axes in (
            ((3,), (-1,)),
            ((0,), (-1,)),
            ((2, 3), (-2,)),
            ((2, 3), (-2, -1)),
            ((2, 3, 2), (-1,)),
            ((2, 3, 2), (-2,)),
            ((2, 3, 2), (-3, -1)),
        ):
            yield Sample(cls(axes), (Operand(shape),))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls((-2,)), (Operand((3,)),), ShapeError)


@dataclass(frozen=True, eq=False)
class Roll(Op):
    """The elements of x moved on by ``shifts`` along ``axes``; what leaves one end enters the
    other."""

    shifts: tuple[int, ...]
    axes: tuple[int, ...]
    flops_per_element: ClassVar[float] = 0.0

    def infer(self, x: TensorType) -> TensorType:
        reduce.require_axes(self.axes, x)
        return x.with_shape(x.shape)

    def simplify(self, x: Variable) -> Variable | None:
        return x if not any(self.shifts) and not x.type.weak else None

    def meaning(self, *types: TensorType) -> Meaning:
        axes = tuple(a + types[0].ndim for a in self.axes)
        one = len(axes) == 1
        literals = {
            "shift": self.shifts[0] if one else self.shifts,
            "axis": (None if types[0].ndim == 1 else axes[0]) if one else axes,
        }
        return Meaning("np.roll(x, shift, axis=axis)", literals, {"axis": None})

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        return Roll(tuple(-shift for shift in self.shifts), self.axes)(G)

    def oracle(self, x: Array) -> Any:
        out = np.empty_like(x)
        for index in np.ndindex(x.shape):
            target = list(index)
            for shift, a in zip(self.shifts, self.axes, strict=True):
                target[a] = (target[a] + shift) % x.shape[a]
            out[tuple(target)] = x[index]
        return out

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for shape, shifts, axes in (
            ((4,), (1,), (-1,)),
            ((0,), (1,), (-1,)),
            ((2, 3), (-5,), (-1,)),
            ((2, 3), (1,), (-2,)),
            ((2, 3), (1, 2), (-2, -1)),
        ):
            yield Sample(cls(shifts, axes), (Operand(shape),))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls((1,), (-2,)), (Operand((3,)),), ShapeError)


@dataclass(frozen=True, eq=False)
class Repeat(Op):
    """Each element of x ``repeats`` times in a row along ``axis``, counted from the end."""

    repeats: DimLike
    axis: int
    flops_per_element: ClassVar[float] = 0.0

    def infer(self, x: TensorType) -> TensorType:
        reduce.require_axes((self.axis,), x)
        shape = list(x.shape)
        shape[self.axis] = shape[self.axis] * self.repeats
        return x.with_shape(tuple(shape))

    def simplify(self, x: Variable) -> Variable | None:
        return x if self.repeats == 1 and not x.type.weak else None

    def meaning(self, *types: TensorType) -> Meaning:
        axis = reduce.axis_literal((self.axis,), types[0].ndim)
        literals = {"repeats": self.repeats, "axis": axis}
        return Meaning("np.repeat(x, repeats, axis=axis)", literals, {"axis": None})

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        shape, k = inputs[0].shape, self.axis + inputs[0].ndim
        apart = shapes.Reshape((*shape[: k + 1], self.repeats, *shape[k + 1 :]))(G)
        return reduce.Sum((self.axis,))(apart)

    def oracle(self, x: Array) -> Any:
        shape = list(x.shape)
        shape[self.axis] *= int(self.repeats)
        out = np.empty(shape, x.dtype)
        for index in np.ndindex(out.shape):
            source = list(index)
            source[self.axis] //= int(self.repeats)
            out[index] = x[tuple(source)]
        return out

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for shape, repeats, axis in (
            ((3,), 2, -1),
            ((3,), 0, -1),
            ((0,), 2, -1),
            ((2, 3), 2, -1),
            ((2, 3), 3, -2),
            ((2, 1, 2), 2, -2),
        ):
            yield Sample(cls(repeats, axis), (Operand(shape),))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(2, -2), (Operand((3,)),), ShapeError)


@dataclass(frozen=True, eq=False)
class Tile(Op):
    """x laid side by side ``reps`` times along its last ``len(reps)`` axes."""

    reps: Shape
    flops_per_element: ClassVar[float] = 0.0

    def infer(self, x: TensorType) -> TensorType:
        if len(self.reps) > x.ndim:
            raise ShapeError(f"{len(self.reps)} repetitions for {x.ndim} axes", "expand it first")
        reps = (*(1,) * (x.ndim - len(self.reps)), *self.reps)
        return x.with_shape(tuple(d * r for d, r in zip(x.shape, reps, strict=True)))

    def simplify(self, x: Variable) -> Variable | None:
        return x if not [r for r in self.reps if r != 1] and not x.type.weak else None

    def meaning(self, *types: TensorType) -> Meaning:
        reps = self.reps[0] if len(self.reps) == 1 else self.reps
        return Meaning("np.tile(x, reps)", {"reps": reps})

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        shape, count = inputs[0].shape, len(self.reps)
        pairs = [d for pair in zip(self.reps, shape[-count:], strict=True) for d in pair]
        apart = shapes.Reshape((*shape[:-count], *pairs))(G)
        return reduce.Sum(tuple(range(-2 * count, 0, 2)))(apart)

    def oracle(self, x: Array) -> Any:
        reps = [1] * (x.ndim - len(self.reps)) + [int(r) for r in self.reps]
        out = np.empty([d * r for d, r in zip(x.shape, reps, strict=True)], x.dtype)
        for index in np.ndindex(out.shape):
            out[index] = x[tuple(i % d for i, d in zip(index, x.shape, strict=True))]
        return out

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for shape, reps in (
            ((3,), (2,)),
            ((0,), (2,)),
            ((2, 3), (2,)),
            ((2, 3), (2, 3)),
            ((2, 3), (0, 1)),
            ((2, 1, 3), (2, 1)),
        ):
            yield Sample(cls(reps), (Operand(shape),))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls((2, 2)), (Operand((3,)),), ShapeError)


@dataclass(frozen=True, eq=False)
class Triangle(Op, abstract=True):
    """Base of the operations that keep one side of the k-th diagonal of the last two axes."""

    k: int = 0
    flops_per_element: ClassVar[float] = 0.0

    def infer(self, x: TensorType) -> TensorType:
        if x.ndim < 2:
            raise ShapeError(f"a triangle needs two axes, not {x.ndim}", "expand it first")
        return x

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        return self(G)

    def keeps(self, row: int, column: int) -> bool:
        """Whether the element in this row and column stays."""
        raise NotImplementedError

    def oracle(self, x: Array) -> Any:
        out = np.zeros_like(x)
        for index in np.ndindex(x.shape):
            if self.keeps(*index[-2:]):
                out[index] = x[index]
        return out

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for shape, k in (((3, 3), 0), ((2, 4), 1), ((4, 2), -1), ((0, 3), 0), ((2, 3, 3), 0)):
            yield Sample(cls(k), (Operand(shape),))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(), (Operand((3,)),), ShapeError)


class Tril(Triangle):
    """x with zeros above the k-th diagonal."""

    expression = "np.tril(x, k=k)"

    def keeps(self, row: int, column: int) -> bool:
        return column - row <= self.k


class Triu(Triangle):
    """x with zeros below the k-th diagonal."""

    expression = "np.triu(x, k=k)"

    def keeps(self, row: int, column: int) -> bool:
        return column - row >= self.k


# ------------------------------------------------------------------------------------ functions


@public("numpy.flip")
def flip(m: Any, axis: Axis = None) -> Variable:
    """m in reverse order along ``axis``, or along all axes, as ``np.flip``.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.flip(gr.constant([1, 2, 3])))
    array([3, 2, 1])
    """
    m = as_variable(m)
    return Flip(reduce.normalize_axes(axis, m.ndim))(m)


@public("numpy.flipud")
def flipud(m: Any) -> Variable:
    """m with its rows in reverse order, as ``np.flipud``. Raises ShapeError for a scalar."""
    return flip(m, 0)


@public("numpy.fliplr")
def fliplr(m: Any) -> Variable:
    """m with its columns in reverse order, as ``np.fliplr``. Raises ShapeError for a vector."""
    return flip(m, 1)


@public("numpy.roll")
def roll(a: Any, shift: int | Sequence[int], axis: Axis = None) -> Variable:
    """The elements of a moved on by ``shift`` along ``axis``, as ``np.roll``.

    Without an axis a is rolled as if it were flat. Raises ShapeError for an axis that a does
    not have, or as many shifts as axes where neither is one.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.roll(gr.constant([1, 2, 3]), 1))
    array([3, 1, 2])
    """
    a = as_variable(a)
    steps = [operator.index(step) for step in _listed(shift)]
    if axis is None:
        flat = Roll((sum(steps),), (-1,))(shapes.ravel(a))
        return shapes.Reshape(a.shape)(flat)
    axes = [axis_from_end(k, a.ndim) for k in _listed(axis)]
    count = max(len(axes), len(steps))
    axes, steps = (v * count if len(v) == 1 else v for v in (axes, steps))
    if len(axes) != len(steps):
        raise ShapeError(f"{len(steps)} shifts for {len(axes)} axes", "give one for each axis")
    total: dict[int, int] = {}
    for step, place in zip(steps, axes, strict=True):
        total[place] = total.get(place, 0) + step
    return Roll(tuple(total.values()), tuple(total))(a)


def _listed(value: int | Sequence[int]) -> Sequence[int]:
    return value if isinstance(value, (tuple, list)) else (value,)


@public("numpy.repeat")
def repeat(a: Any, repeats: Any, axis: int | None = None) -> Variable:
    """Each element of a several times in a row along ``axis``, as ``np.repeat``.

    ``repeats`` is an int or a size for all, or a list of ints, one for each element. Without
    an axis a is repeated as if it were flat. Raises SizeError for a list beside an axis of
    symbolic length, ShapeError where the list does not fit the axis.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.repeat(gr.constant([1, 2]), [1, 2]))
    array([1, 2, 2])
    """
    a = as_variable(a)
    if axis is None:
        a, axis = shapes.ravel(a), 0
    place = axis_from_end(axis, a.ndim)
    if isinstance(repeats, Variable):
        raise ValueKindError(
            f"repeats= of repeat is {repeats.label}, whose value would decide the result's shape",
            "give ints or a size",
        )
    if isinstance(repeats, (int, str, Dim)):
        return Repeat(as_dim(repeats), place)(a)
    length, counts = a.shape[place], np.asarray(repeats)
    if not isinstance(length, int):
        raise SizeError(
            f"axis {axis} of {a.label} has the symbolic length {length}",
            "give one number of repeats for all its elements",
        )
    if counts.shape not in ((length,), (1,), ()):
        raise ShapeError(f"{counts.size} repeats for {length} elements", "give one for each")
    index = np.repeat(np.arange(length), counts)
    result: Variable = a[(*[slice(None)] * (place + a.ndim), index)]
    return result


@public("numpy.tile")
def tile(A: Any, reps: Any) -> Variable:
    """A laid side by side ``reps`` times along each axis, as ``np.tile``.

    >>> import graphcomp as gr
    >>> tile(gr.vector("x", 3), (2, 1)).shape
    (2, 3)
    """
    A = as_variable(A)
    counts = tuple(as_dim(r) for r in _listed(reps))
    return Tile(counts)(shapes.Reshape((*(1,) * (len(counts) - A.ndim), *A.shape))(A))


@public("numpy.tril")
def tril(m: Any, k: int = 0) -> Variable:
    """m with zeros above the k-th diagonal of its last two axes, as ``np.tril``.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.tril(gr.constant([[1, 2], [3, 4]])))
    array([[1, 0],
           [3, 4]])
    """
    return Tril(operator.index(k))(m)


@public("numpy.triu")
def triu(m: Any, k: int = 0) -> Variable:
    """m with zeros below the k-th diagonal of its last two axes, as ``np.triu``.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.triu(gr.constant([[1, 2], [3, 4]])))
    array([[1, 2],
           [0, 4]])
    """
    return Triu(operator.index(k))(m)
