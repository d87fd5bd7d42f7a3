"""Batching of a graph: every operation along a new leading axis, where its inputs have one."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping

from graphcomp.dims import DimLike
from graphcomp.errors import VerifyError
from graphcomp.graph import Variable, derived_from, topological
from graphcomp.ops.base import Input
from graphcomp.types import TensorType, TupleType


def batch_outputs(
    outputs: Iterable[Variable], batched: Mapping[Variable, Variable]
) -> dict[Variable, Variable]:
    """What depends on the keys of ``batched``, made again along a new leading axis.

    ``batched`` maps a variable to its values along that axis, of shape (size, *variable.shape).
    The answer maps each variable that the outputs need, and that depends on such a key, to its
    values along the axis; what depends on none is not in it, and is not made again.

    Raises VerifyError where an operation's ``batch`` returns another type.
    """
    table = dict(batched)
    size = next(iter(batched.values())).shape[0]
    for variable in topological(outputs):
        if variable in table:
            continue
        flags = tuple([argument in table for argument in variable.inputs])
        if not any(flags):
            continue
        inputs = tuple([table.get(argument, argument) for argument in variable.inputs])
        with derived_from(variable):
            result = variable.op.batch(inputs, flags)
        expected = _with_axis(variable.type, size)
        if result.type != expected:
            raise VerifyError(
                f"the vmap rule of {variable.op.name} returned {result.type}, not {expected}",
                f"correct {type(variable.op).__qualname__}.batch",
            )
        if variable.hints.name:
            result.named(variable.hints.name)
        table[variable] = result
    return table


def _with_axis(type: TensorType | TupleType, size: DimLike) -> TensorType | TupleType:
    if isinstance(type, TupleType):
        return TupleType(tuple(t.with_shape((size, *t.shape)) for t in type.items))
    return type.with_shape((size, *type.shape))


def placeholder(name: str, type: TensorType) -> Variable:
    """An input of its own, that stands for any value of a type while a graph is built."""
    return Input(name, type.dtype, type.shape, uuid.uuid4().hex)().named(name)


def element(whole: Variable) -> Variable:
    """A placeholder for one element of ``whole`` along its leading axis."""
    return placeholder(whole.label, whole.type.with_shape(whole.shape[1:]))


def batch_composed(
    function: Callable[..., Variable], inputs: tuple[Variable, ...], batched: tuple[bool, ...]
) -> Variable:
    """``function`` of the inputs along the leading axis of those marked: the vmap rule of an
    operation that other operations compose, where those have rules of their own."""
    elements = [element(v) if b else v for v, b in zip(inputs, batched, strict=True)]
    result = function(*elements)
    table = {e: v for e, v, b in zip(elements, inputs, batched, strict=True) if b}
    return batch_outputs([result], table)[result]
