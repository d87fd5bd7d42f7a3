"""Where the extremes are, the order of elements, and whether and how many elements are true."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphcomp import dims
from graphcomp.errors import ShapeError
from graphcomp.graph import Variable
from graphcomp.ops import reduce, shape as shapes
from graphcomp.ops.base import Bad, Meaning, Op, Operand, Sample, as_variable, axis_from_end
from graphcomp.ops.reduce import Axis, Reduce
from graphcomp.registry import public, refuse
from graphcomp.types import TensorType

__all__ = ["all", "any", "argmax", "argmin", "argsort", "count_nonzero"]


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


class AllTrue(Reduce):
    """Whether all elements over axes are true, that is not zero."""

    name = "all"
    function = "all"

    def of_values(self, values: list[Any]) -> Any:
        return False not in [bool(v) for v in values]


class AnyTrue(Reduce):
    """Whether any element over axes is true, that is not zero."""

    name = "any"
    function = "any"

    def of_values(self, values: list[Any]) -> Any:
        return True in [bool(v) for v in values]


@dataclass(frozen=True, eq=False)
class Argsort(Op):
    """The indices that sort x along ``axis``, counted from the end."""

    axis: int
    stable: bool = False  # ties keep their order

    def infer(self, x: TensorType) -> TensorType:
        reduce.require_axes((self.axis,), x)
        return TensorType(np.dtype("int64"), x.shape)

    def meaning(self, *types: TensorType) -> Meaning:
        front = self.axis + types[0].ndim if self.axis != -1 else -1
        literals = {"axis": front, "kind": "stable" if self.stable else None}
        return Meaning("np.argsort(x, axis=axis, kind=kind)", literals, {"axis": -1, "kind": None})

    def batch(self, inputs: tuple[Variable, ...], batched: tuple[bool, ...]) -> Variable:
        return self(inputs[0])

    def oracle(self, x: np.ndarray[Any, Any]) -> Any:
        out = np.empty(x.shape, int)
        for line in np.ndindex(*x.shape[: self.axis], *x.shape[x.ndim + self.axis + 1 :]):
            place = (*line[: x.ndim + self.axis], slice(None), *line[x.ndim + self.axis :])
            values = x[place].tolist()
            out[place] = sorted(range(len(values)), key=values.__getitem__)
        return out

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for shape, axis in (((4,), -1), ((0,), -1), ((2, 3), -1), ((2, 3), -2), ((2, 3, 2), -2)):
            yield Sample(cls(axis), (Operand(shape, kind="distinct"),))
        tied = Operand(kind="fixed", dtype="int64", value=[2, 1, 2, 1])
        yield Sample(cls(-1, stable=True), (tied,))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(-2), (Operand((3,)),), ShapeError)


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
    It has no derivative. Raises ShapeError for an axis that a does not have, OptionError for
    ``order``.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.argsort(gr.constant([3.0, 1.0, 2.0])))
    array([1, 2, 0])
    """
    refuse("argsort", order=order)
    keeps_ties = bool(stable) or kind in ("stable", "mergesort")
    x = as_variable(a)
    if axis is None:
        x, axis = shapes.Reshape((x.size,))(x), -1
    return Argsort(axis_from_end(axis, x.ndim), keeps_ties)(x)


@public("numpy.all")
def all(
    a: Any, axis: Axis = None, out: None = None, keepdims: bool = False, *, where: bool = True
) -> Variable:
    """Whether all elements of a over ``axis`` are true; a bool, shapes and errors as ``sum``."""
    return reduce.reduced(AllTrue, a, axis, keepdims, out=out, where=where)


@public("numpy.any")
def any(
    a: Any, axis: Axis = None, out: None = None, keepdims: bool = False, *, where: bool = True
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
    return _index_of(Argmax, a, axis, out, keepdims)


@public("numpy.argmin")
def argmin(
    a: Any, axis: int | None = None, out: None = None, *, keepdims: bool = False
) -> Variable:
    """The index of the smallest element, as ``argmax``."""
    return _index_of(Argmin, a, axis, out, keepdims)


def _index_of(op: type[Argmax], a: Any, axis: int | None, out: Any, keepdims: bool) -> Variable:
    axis = None if axis is None else operator.index(axis)
    return reduce.reduced(op, a, axis, keepdims, out=out)
