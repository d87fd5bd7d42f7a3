"""vmap: a function of single elements made one of whole arrays, operation by operation."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from graphcomp.dims import DimLike
from graphcomp.errors import OptionError, ShapeError
from graphcomp.graph import Variable
from graphcomp.ops import shape
from graphcomp.ops.base import as_variable, axis_from_end
from graphcomp.ops.batching import batch_outputs, element
from graphcomp.tree import beside, flatten

Axes = Any  # an int or None, or dicts, lists and tuples of these along the arguments


def vmap(fun: Callable[..., Any], in_axes: Axes = 0, out_axes: Axes = 0) -> Callable[..., Any]:
    """``fun`` along an axis of its arguments, all elements at once.

    The arguments and the result of ``fun`` are variables or nested dicts, lists and tuples of
    them. ``in_axes`` says which axis of each argument is mapped: an int for all, None for an
    argument that every element shares, or a tuple with one entry for each positional argument,
    which may be nested along that argument; keyword arguments are mapped along axis 0.
    ``out_axes`` says where the axis goes in the result, likewise; None asks for a result that
    is the same for all. As ``jax.vmap``.

    ``fun`` is called once, on variables without the axis; only what depends on them is made.

    Raises (when the result is called) OptionError where nothing is mapped or the axes do not
    fit the arguments, ShapeError where an axis does not exist or lengths differ.

    >>> import graphcomp as gr
    >>> X = gr.matrix("X", ("n", 3))
    >>> w = gr.vector("w", 3)
    >>> gr.vmap(lambda x: gr.sum(x * w))(X).shape
    (Dim('n'),)
    """

    def mapped(*args: Any, **kwargs: Any) -> Any:
        given = [*args, kwargs]
        values, rebuild = flatten(given)
        chosen = _spread([*_for_arguments(in_axes, args), 0], given, "in_axes")
        wholes = [
            None if axis is None else _axis_to_front(as_variable(value), axis)
            for value, axis in zip(values, chosen, strict=True)
        ]
        size = _common_length([whole for whole in wholes if whole is not None])
        elements = [
            value if whole is None else element(whole)
            for value, whole in zip(values, wholes, strict=True)
        ]
        *single, options = rebuild(elements)
        results = fun(*single, **options)
        outputs, rebuild_results = flatten(results)
        outputs = [as_variable(output) for output in outputs]
        table = batch_outputs(
            outputs,
            {e: whole for e, whole in zip(elements, wholes, strict=True) if whole is not None},
        )
        return rebuild_results(
            [
                _placed(output, table.get(output), axis, size)
                for output, axis in zip(
                    outputs, _spread(out_axes, results, "out_axes"), strict=True
                )
            ]
        )

    functools.update_wrapper(mapped, fun)
    return mapped


def _for_arguments(in_axes: Axes, args: tuple[Any, ...]) -> list[Any]:
    if not isinstance(in_axes, (tuple, list)):
        return [in_axes] * len(args)
    if len(in_axes) != len(args):
        raise OptionError(
            f"in_axes has {len(in_axes)} entries, and there are {len(args)} arguments",
            "give one entry for each positional argument, or one int for all",
        )
    return list(in_axes)


def _spread(axes: Axes, structure: Any, option: str) -> list[int | None]:
    """The axis of each leaf; an int or None stands for all the leaves below it."""
    return [axis for _, axis in beside(structure, axes, option, (int, type(None)))]


def _axis_to_front(value: Variable, axis: int) -> Variable:
    front = axis_from_end(axis, value.ndim) + value.ndim
    order = (front, *(k for k in range(value.ndim) if k != front))
    return shape.transpose(value, order)


def _common_length(wholes: list[Variable]) -> DimLike:
    if not wholes:
        raise OptionError("vmap has no argument to map over", "give in_axes an int for one")
    size = wholes[0].shape[0]
    for whole in wholes:
        if whole.shape[0] != size:
            raise ShapeError(
                f"vmap maps over axes of different lengths: {size} of {wholes[0].label}, "
                f"{whole.shape[0]} of {whole.label}",
                "the mapped axes must have one length",
            )
    return size


def _placed(
    output: Variable, batched: Variable | None, axis: int | None, size: DimLike
) -> Variable:
    """A result with the mapped axis where ``out_axes`` wants it."""
    if axis is None:
        if batched is not None:
            raise OptionError(
                f"out_axes is None for {output.label}, which depends on a mapped argument",
                "give it an int",
            )
        return output
    if batched is None:
        batched = shape.broadcast_to(output, (size, *output.shape))
    target = axis_from_end(axis, batched.ndim) + batched.ndim
    order = list(range(1, batched.ndim))
    order.insert(target, 0)
    return shape.transpose(batched, order)
