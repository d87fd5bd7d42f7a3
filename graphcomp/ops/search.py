"""Where the extremes are, and whether and how many elements are true."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from typing import Any

import numpy as np

from graphcomp import dims
from graphcomp.errors import ShapeError
from graphcomp.graph import Variable
from graphcomp.ops import reduce, shape as shapes
from graphcomp.ops.base import Bad, Operand, Sample, as_variable
from graphcomp.ops.reduce import Axis, Reduce
from graphcomp.registry import public, refuse
from graphcomp.types import TensorType

__all__ = ["all", "any", "argmax", "argmin", "count_nonzero"]


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
