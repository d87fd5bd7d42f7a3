"""The reference interpreter: Algorithm 1 (Goodfellow, Bengio and Courville, Algorithm 6.1)."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from graphcomp import dims
from graphcomp.dims import Dim
from graphcomp.errors import (
    AssumptionError,
    DTypeError,
    MissingInputError,
    ShapeError,
    SizeError,
)
from graphcomp.graph import Variable, topological
from graphcomp.ops import runtime
from graphcomp.ops.assume import Assume
from graphcomp.ops.base import Constant, Input, Op
from graphcomp.ops.random import as_input
from graphcomp.ops.scipy_modules import scipy_modules
from graphcomp.tree import flatten
from graphcomp.types import GENERATOR, TensorType, format_shape


def evaluate(
    values: Mapping[Variable, Any], outputs: Any, *, check_assumptions: bool = False
) -> Any:
    """The values of ``outputs``, a variable or nested dicts, lists and tuples of variables.

    ``values`` gives an array for each input that the outputs need; any variable may be given,
    and is then not computed. A 0-d result is a NumPy scalar.

    ``check_assumptions`` compares what was declared of inputs, and by ``gr.assume``, with the
    values; matrices are compared up to rounding.

    Raises MissingInputError, ShapeError, SizeError or DTypeError for values that do not fit,
    AssumptionError for one that is not what it was declared to be.

    >>> import graphcomp as gr
    >>> x = gr.vector("x", 2)
    >>> evaluate({x: [1.0, 2.0]}, x * x)
    array([1., 4.])
    """
    wanted, rebuild = flatten(outputs)
    given = {as_input(v): _as_given(as_input(v), value) for v, value in values.items()}
    sizes = _sizes(given)
    table: dict[Variable, Any] = dict(given)
    for variable in _needed(wanted, given):
        table[variable] = _run(variable, [table[x] for x in variable.inputs], sizes)
    if check_assumptions:
        for variable in table:
            _check_assumptions(variable, table[variable])
    return rebuild([np.copy(v)[()] if np.ndim(v) else v for v in (table[w] for w in wanted)])


def _check_assumptions(variable: Variable, value: Any) -> None:
    op = variable.op
    if isinstance(op, (Input, Assume)) and (wrong := op.declared.violation(value)):
        name = variable.label if isinstance(op, Input) else variable.inputs[0].label
        place = variable.hints.source.place if variable.hints.source else ""
        raise AssumptionError(
            f"{name} is declared {wrong}, and its value is not",
            "give such a value, or leave the assumption out",
            place,
        )


def _needed(wanted: list[Variable], given: Mapping[Variable, Any]) -> list[Variable]:
    """What is to be computed, inputs before results; given values hide what is above them."""
    order = topological(wanted, given)
    for variable in order:
        if isinstance(variable.op, Input):
            raise MissingInputError(
                f"the value of input {variable.op.label} is missing",
                f"give it: {{{variable.op.label}: array}}",
            )
    return order


def _as_given(variable: Variable, value: Any) -> Any:
    if variable.type == GENERATOR:
        if not isinstance(value, np.random.Generator):
            raise DTypeError(
                f"{variable.label} is a random generator, and was given {type(value).__name__}",
                "give np.random.default_rng(seed)",
            )
        return value
    array = np.asarray(value)
    weak = type(value) in (bool, int, float, complex)
    source = type(value) if weak else array.dtype
    if not (
        np.can_cast(array.dtype, variable.dtype, "safe")
        or (weak and np.result_type(variable.dtype, value) == variable.dtype)
    ):
        raise DTypeError(
            f"{variable.label} is {variable.dtype}, and was given {source}",
            f"convert the value with .astype({variable.dtype.name!r})",
        )
    return array.astype(variable.dtype, copy=False)[()]


def _sizes(given: Mapping[Variable, Any]) -> dict[str, int]:
    """The named sizes, read off the given arrays; ShapeError where one does not fit."""
    variables = list(given)
    for v in variables:
        if np.ndim(given[v]) != v.ndim:
            raise ShapeError(
                f"{v.label} has shape {np.shape(given[v])}, expected {format_shape(v.shape)}",
                f"give an array of {v.ndim} axes",
            )
    sizes: dict[str, int] = {}
    for found in dims.solve([v.shape for v in variables]):
        length = np.shape(given[variables[found.argument]])[found.axis]
        sizes[found.name] = (length - dims.evaluate(found.offset, sizes)) // found.factor
        if sizes[found.name] < found.minimum:
            raise SizeError(
                f"size {found.name} is {sizes[found.name]}, at least {found.minimum} was declared",
                f"give longer arrays, or declare gr.size({found.name!r}, minimum=0)",
            )
    for v in variables:
        expected = tuple(dims.evaluate(d, sizes) for d in v.shape)
        if np.shape(given[v]) != expected:
            raise ShapeError(
                f"{v.label} has shape {np.shape(given[v])}, expected {expected}",
                f"its shape is {format_shape(v.shape)}",
            )
    return sizes


def _run(variable: Variable, inputs: list[Any], sizes: Mapping[str, int]) -> Any:
    if isinstance(variable.op, Constant):
        return variable.op.scalar if variable.type.weak else variable.op.value[()]
    function, literals = _compiled(variable.op, tuple(x.type for x in variable.inputs))
    try:
        values = [resolve(literal, sizes) for literal in literals]
    except KeyError as error:
        raise SizeError(
            f"size {error.args[0]} is not the length of any given input",
            "give an input that has an axis of that length",
        ) from None
    with np.errstate(all="ignore"):
        result = function(*inputs, *values)
    return result[()] if isinstance(result, np.ndarray) and not result.ndim else result


@functools.lru_cache(maxsize=1 << 14)
def _compiled(op: Op, types: tuple[TensorType, ...]) -> tuple[Callable[..., Any], list[Any]]:
    meaning = op.meaning(*types)
    names = (*op.parameter_names(len(types)), *meaning.literals)
    return _function(meaning.text, names), list(meaning.literals.values())


@functools.cache
def _function(text: str, names: tuple[str, ...]) -> Callable[..., Any]:
    code = compile(f"lambda {', '.join(names)}: {text}", "<graphcomp meaning>", "eval")
    scope = {"np": np, **runtime.helpers, **scipy_modules(text)}
    function: Callable[..., Any] = eval(code, scope)
    return function


def resolve(literal: Any, sizes: Mapping[str, int]) -> Any:
    """A literal of a Meaning with its dimensions as ints, and dtypes as NumPy's scalar types."""
    if isinstance(literal, Dim):
        return dims.evaluate(literal, sizes)
    if isinstance(literal, tuple):
        return tuple(resolve(item, sizes) for item in literal)
    if isinstance(literal, slice):
        parts = (literal.start, literal.stop, literal.step)
        return slice(*(resolve(part, sizes) for part in parts))
    return literal.type if isinstance(literal, np.dtype) else literal
