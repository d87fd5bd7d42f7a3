"""Elements several times over: each in a row, or all of them side by side."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from graphcomp.dims import Dim, DimLike, Shape, as_dim, as_shape, prod
from graphcomp.errors import ShapeError, SizeError, ValueKindError
from graphcomp.graph import Variable
from graphcomp.ops import create, reduce, scatter, shape as shapes
from graphcomp.ops.base import Bad, Meaning, Op, Operand, Sample, as_variable, axis_from_end
from graphcomp.ops.rearrange import listed
from graphcomp.registry import public
from graphcomp.types import TensorType

__all__ = ["repeat", "resize", "tile"]

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False)
class Repeat(Op):
    """Each element of x ``repeats`` times in a row along ``axis``, counted from the end.

    ``repeats`` is one number, or one for each element.
    """

    repeats: DimLike | tuple[int, ...]
    axis: int
    flops_per_element: ClassVar[float] = 0.0

    def infer(self, x: TensorType) -> TensorType:
        reduce.require_axes((self.axis,), x)
        shape = list(x.shape)
        if not isinstance(self.repeats, tuple):
            shape[self.axis] = shape[self.axis] * self.repeats
        elif shape[self.axis] == len(self.repeats):
            shape[self.axis] = sum(self.repeats)
        else:
            raise ShapeError(
                f"{len(self.repeats)} repeats for {shape[self.axis]} elements",
                "give one number, or one for each element",
            )
        return x.with_shape(tuple(shape))

    def simplify(self, x: Variable) -> Variable | None:
        return x if self.repeats == 1 and not x.type.weak else None

    def meaning(self, *types: TensorType) -> Meaning:
        axis = reduce.axis_literal((self.axis,), types[0].ndim)
        repeats = list(self.repeats) if isinstance(self.repeats, tuple) else self.repeats
        literals = {"repeats": repeats, "axis": axis}
        return Meaning("np.repeat(x, repeats, axis=axis)", literals, {"axis": None})

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        shape, k = inputs[0].shape, self.axis + inputs[0].ndim
        if isinstance(self.repeats, tuple):
            sources = Repeat(self.repeats, -1)(create.arange(shape[self.axis]))
            zeros = create.full_of(0, inputs[0].type.with_dtype(G.dtype))
            return scatter.updated(scatter.IndexAdd, zeros, (*[slice(None)] * k, sources), G)
        apart = shapes.Reshape((*shape[: k + 1], self.repeats, *shape[k + 1 :]))(G)
        return reduce.Sum((self.axis,))(apart)

    def oracle(self, x: Array) -> Any:
        shape = list(x.shape)
        count, each = shape[self.axis], self.repeats
        times = each if isinstance(each, tuple) else (int(each),) * count
        sources = [k for k in range(count) for _ in range(times[k])]
        shape[self.axis] = len(sources)
        out = np.empty(shape, x.dtype)
        for index in np.ndindex(out.shape):
            source = list(index)
            source[self.axis] = sources[source[self.axis]]
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
            ((3,), (2, 0, 1), -1),
            ((2, 3), (1, 2), -2),
        ):
            yield Sample(cls(repeats, axis), (Operand(shape),))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(2, -2), (Operand((3,)),), ShapeError)
        yield Bad(cls((1, 2), -1), (Operand((3,)),), ShapeError)


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


# ------------------------------------------------------------------------------------ functions


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
    a = shapes.atleast_1d(a)
    place = axis_from_end(axis, a.ndim)
    if isinstance(repeats, Variable):
        raise ValueKindError(
            f"repeats= of repeat is {repeats.label}, whose value would decide the result's shape",
            "give ints or a size",
        )
    if isinstance(repeats, (int, str, Dim)):
        return Repeat(as_dim(repeats), place)(a)
    length, counts = a.shape[place], np.asarray(repeats)
    if counts.dtype.kind not in "iub" or counts.ndim > 1 or (counts < 0).any():
        raise ValueKindError(f"repeats={repeats!r}", "give whole numbers of at least 0")
    if counts.size == 1:
        return Repeat(int(counts.ravel()[0]), place)(a)
    if not isinstance(length, int):
        raise SizeError(
            f"axis {axis} of {a.label} has the symbolic length {length}",
            "give one number of repeats for all its elements",
        )
    return Repeat(tuple(int(count) for count in counts), place)(a)


@public("numpy.tile")
def tile(A: Any, reps: Any) -> Variable:
    """A laid side by side ``reps`` times along each axis, as ``np.tile``.

    >>> import graphcomp as gr
    >>> tile(gr.vector("x", 3), (2, 1)).shape
    (2, 3)
    """
    A = as_variable(A)
    counts = tuple(as_dim(r) for r in listed(reps))
    return Tile(counts)(shapes.Reshape((*(1,) * (len(counts) - A.ndim), *A.shape))(A))


@public("numpy.resize")
def resize(a: Any, new_shape: Any) -> Variable:
    """The elements of a in another shape, again from the start until it is full.

    As ``np.resize``; of no elements it makes zeros.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.resize(gr.constant([1, 2, 3]), (2, 2)))
    array([[1, 2],
           [3, 1]])
    """
    flat, shape = shapes.ravel(a), as_shape(new_shape)
    size = prod(shape)
    if flat.size == 0:
        return create.full_of(0, flat.type.with_shape(shape))
    times = (size + flat.size - 1) // flat.size
    whole = Tile((times,))(flat)
    return shapes.Reshape(shape)(whole if whole.size == size else whole[:size])
