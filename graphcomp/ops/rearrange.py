"""Operations that reverse, shift or blank out elements along axes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from graphcomp.errors import ShapeError, ValueKindError
from graphcomp.graph import Variable
from graphcomp.ops import create, reduce, shape as shapes
from graphcomp.ops.base import Bad, Meaning, Op, Operand, Sample, as_variable, axis_from_end
from graphcomp.registry import call, public
from graphcomp.types import TensorType

__all__ = [
    "flip",
    "fliplr",
    "flipud",
    "roll",
    "rot90",
    "tril",
    "triu",
]

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


@public("numpy.rot90")
def rot90(m: Any, k: int = 1, axes: Sequence[int] = (0, 1)) -> Variable:
    """m turned by k right angles in the plane of two axes, from the first towards the second.

    As ``np.rot90``. Raises ShapeError unless ``axes`` names two axes of m.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.rot90(gr.constant([[1, 2], [3, 4]])))
    array([[2, 4],
           [1, 3]])
    """
    m = as_variable(m)
    plane = [axis_from_end(axis, m.ndim) for axis in axes]
    if len(plane) != 2 or plane[0] == plane[1]:
        raise ShapeError(f"axes={axes} is no plane", "name two different axes")
    turns = create.as_int(k, "k") % 4
    if turns % 2 == 0:
        return Flip(tuple(sorted(plane)))(m) if turns else m
    if turns == 1:
        return shapes.swapaxes(Flip((plane[1],))(m), *plane)
    return Flip((plane[1],))(shapes.swapaxes(m, *plane))


@public("numpy.roll")
def roll(a: Any, shift: Any, axis: Axis = None) -> Variable:
    """The elements of a moved on by ``shift`` along ``axis``, as ``np.roll``.

    Without an axis a is rolled as if it were flat. The shifts may be a variable of ints. Raises
    ShapeError for an axis that a does not have, or as many shifts as axes where neither is one.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.roll(gr.constant([1, 2, 3]), 1))
    array([3, 1, 2])
    """
    a = as_variable(a)
    if isinstance(shift, Variable):
        steps = _each_int(shift)
    else:
        steps = [create.as_int(step, "a shift") for step in listed(shift)]
    if axis is None:
        return shapes.Reshape(a.shape)(_rolled(shapes.ravel(a), {-1: sum(steps)}))
    axes = [axis_from_end(k, a.ndim) for k in listed(axis)]
    count = max(len(axes), len(steps))
    axes, steps = (v * count if len(v) == 1 else v for v in (axes, steps))
    if len(axes) != len(steps):
        raise ShapeError(f"{len(steps)} shifts for {len(axes)} axes", "give one for each axis")
    total: dict[int, Any] = {}
    for step, place in zip(steps, axes, strict=True):
        total[place] = total.get(place, 0) + step
    return _rolled(a, total)


def _each_int(shift: Variable) -> list[Any]:
    if shift.dtype.kind not in "iu" or not isinstance(shift.size, int):
        raise ValueKindError(
            f"shift= of roll is {shift.label}, {shift.type}", "give ints, and how many of them"
        )
    return list(shapes.Reshape((shift.size,))(shift))


def _rolled(a: Variable, steps: dict[int, Any]) -> Variable:
    if not any(isinstance(step, Variable) for step in steps.values()):
        return Roll(tuple(steps.values()), tuple(steps))(a)
    for axis, step in steps.items():
        n = a.shape[axis]
        a = call("take", a, (create.arange(n) - step) % n, axis=axis)
    return a


def listed(value: Any) -> Sequence[Any]:
    """A number as a list of one, an array as a list."""
    if isinstance(value, np.ndarray):
        return list(np.atleast_1d(value))
    return value if isinstance(value, (tuple, list)) else (value,)


def _square(m: Any) -> Variable:
    """A matrix; a vector, as NumPy reads it here, is one of equal rows."""
    m = as_variable(m)
    return shapes.BroadcastTo((m.shape[0], m.shape[0]))(m) if m.ndim == 1 else m


def _places(m: Variable) -> tuple[Variable, Variable]:
    """The rows and the columns of the last two axes, to compare with each other."""
    if m.ndim < 2:
        raise ShapeError(f"{m.label} has no rows and columns", "give an array of two axes or more")
    return create.arange(m.shape[-2])[:, None], create.arange(m.shape[-1])


@public("numpy.tril")
def tril(m: Any, k: int = 0) -> Variable:
    """m with zeros above the k-th diagonal of its last two axes, as ``np.tril``.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.tril(gr.constant([[1, 2], [3, 4]])))
    array([[1, 0],
           [3, 4]])
    """
    m = _square(m)
    if isinstance(k, Variable):
        rows, columns = _places(m)
        return call("where", rows + k >= columns, m, create.zeros((), m.dtype))
    return Tril(create.as_int(k, "k"))(m)


@public("numpy.triu")
def triu(m: Any, k: int = 0) -> Variable:
    """m with zeros below the k-th diagonal of its last two axes, as ``np.triu``.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.triu(gr.constant([[1, 2], [3, 4]])))
    array([[1, 2],
           [0, 4]])
    """
    m = _square(m)
    if isinstance(k, Variable):
        rows, columns = _places(m)
        return call("where", rows + k <= columns, m, create.zeros((), m.dtype))
    return Triu(create.as_int(k, "k"))(m)
