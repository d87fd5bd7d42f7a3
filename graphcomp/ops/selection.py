"""Elements chosen from several arrays by conditions or numbers, and picked out by masks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from graphcomp.dims import Shape
from graphcomp.errors import DTypeError, OptionError, ShapeError
from graphcomp.graph import Variable
from graphcomp.ops import compare, elementwise, indexing, shape as shapes
from graphcomp.ops.base import (
    Bad,
    Constant,
    Meaning,
    Op,
    Operand,
    Sample,
    as_variable,
    axis_from_end,
    constant,
)
from graphcomp.registry import public, refuse
from graphcomp.types import TensorType, broadcast_shapes, format_shape, result_dtype

__all__ = ["choose", "compress", "extract", "piecewise", "select"]

Array = np.ndarray[Any, Any]
MODES = ("raise", "wrap", "clip")


@dataclass(frozen=True, eq=False)
class Choose(Op):
    """For each element k of the first operand the element of choice k there, broadcast.

    A number that is none of a choice is an error, taken modulo their count with ``mode`` "wrap",
    or the nearest one with "clip".
    """

    mode: str = "raise"
    parameters: ClassVar[tuple[str, ...]] = ("x", "*choices")
    nondiff: ClassVar[frozenset[int]] = frozenset({0})

    def infer(self, *types: TensorType) -> TensorType:
        x, *choices = types
        if x.dtype.kind not in "biu":
            raise DTypeError(f"numbers of choices are ints, not {x.dtype}", "use .astype('int64')")
        return TensorType(result_dtype(*choices), broadcast_shapes(*(t.shape for t in types)))

    def meaning(self, *types: TensorType) -> Meaning:
        choices = "".join(f"choices{k}, " for k in range(len(types) - 1))
        scalar = "" if any(t.ndim for t in types) else "[()]"
        text = f"np.choose(x, ({choices}), mode=mode){scalar}"
        return Meaning(text, {"mode": self.mode}, {"mode": "raise"})

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        number, last = inputs[0], len(inputs) - 2
        if self.mode == "wrap":
            number = number % (last + 1)
        elif self.mode == "clip":
            number = compare.clip(number, 0, last)
        return compare.where(number == i - 1, G, 0)

    def batch(self, inputs: tuple[Variable, ...], batched: tuple[bool, ...]) -> Variable:
        return self(*elementwise.align_batch(inputs, batched))

    def oracle(self, x: Array, *choices: Array) -> Any:
        number, *rows = np.broadcast_arrays(x, *choices)
        out = np.empty(number.shape, np.result_type(*choices))
        for place in np.ndindex(number.shape):
            k = int(number[place])
            k = k % len(rows) if self.mode == "wrap" else min(max(k, 0), len(rows) - 1)
            out[place] = rows[k][place]
        return out

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        number = Operand((2, 3), 0, 2, "int64")
        yield Sample(cls(), (number, Operand((2, 3)), Operand(()), Operand((3,))))
        for mode in ("wrap", "clip"):
            far = Operand((4,), kind="fixed", dtype="int64", value=[-3, 0, 1, 5])
            yield Sample(cls(mode), (far, Operand((4,)), Operand((4,), dtype="complex128")))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        number = Operand((2,), 0, 1, "int64")
        yield Bad(cls(), (Operand((2,)), Operand((2,))), DTypeError)
        yield Bad(cls(), (number, Operand((3,)), Operand((2,))), ShapeError)


class OnlyWhere(Op):
    """x, to which a gradient comes only where the condition, of the same shape, holds."""

    parameters: ClassVar[tuple[str, ...]] = ("x", "condition")
    expression: ClassVar[str] = "x"
    is_view: ClassVar[bool] = True
    nondiff: ClassVar[frozenset[int]] = frozenset({1})
    flops_per_element: ClassVar[float] = 0.0

    def infer(self, *types: TensorType) -> TensorType:
        x, condition = types
        if x.shape != condition.shape:
            raise ShapeError("shape mismatch", "both operands must have the same shape")
        return x

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        return compare.where(inputs[1], G, 0)

    def batch(self, inputs: tuple[Variable, ...], batched: tuple[bool, ...]) -> Variable:
        shape = inputs[batched.index(True)].shape
        return self(*(shapes.broadcast_to(v, shape) for v in inputs))

    @staticmethod
    def oracle(x: Array, condition: Array) -> Any:
        return x

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        """Where the condition holds: elsewhere the gradient is not the derivative of the value."""
        for shape in ((), (2, 3)):
            holds = Operand(shape, kind="fixed", dtype="bool", value=np.ones(shape, bool))
            yield Sample(cls(), (Operand(shape), holds))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(), (Operand((2,)), Operand((3,), dtype="bool")), ShapeError)


# ------------------------------------------------------------------------- functions for users


@public("numpy.select")
def select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> Variable:
    """For each element the choice whose condition is the first that holds, as ``np.select``.

    Raises OptionError where the lists differ in length or are empty, DTypeError for a condition
    that is no bool.

    >>> import graphcomp as gr
    >>> x = gr.vector("x", 3)
    >>> gr.evaluate({x: [-1.0, 0.5, 2.0]}, gr.select([x < 0, x > 1], [0.0, 1.0], x))
    array([0. , 0.5, 1. ])
    """
    conditions, choices = list(map(as_variable, condlist)), list(map(as_variable, choicelist))
    if len(conditions) != len(choices) or not conditions:
        raise OptionError(
            f"select has {len(conditions)} conditions and {len(choices)} choices",
            "give one choice for each condition",
        )
    for condition in conditions:
        if condition.dtype.kind != "b":
            raise DTypeError(
                f"select by {condition.label}, which is {condition.dtype}",
                "give a condition, such as x != 0",
            )
    otherwise = as_variable(default)
    dtype = result_dtype(*(v.type for v in (*choices, otherwise)))
    result = _first(conditions, choices, otherwise)
    if result.dtype == dtype:
        return result
    return _first(conditions, choices, otherwise.astype(dtype))


def _first(conditions: list[Variable], choices: list[Variable], result: Variable) -> Variable:
    for condition, choice in zip(reversed(conditions), reversed(choices), strict=True):
        result = compare.where(condition, choice, result)
    return result


@public("numpy.choose")
def choose(a: Any, choices: Any, out: None = None, mode: str = "raise") -> Variable:
    """For each element k of a the element of ``choices[k]`` there, as ``np.choose``.

    ``choices`` is a sequence of arrays, or an array along whose first axis they are; all are
    broadcast with a. ``mode`` says what a number that is none of a choice does: an error, "wrap"
    or "clip". Raises DTypeError unless a is of ints, OptionError for another mode and without
    choices.

    >>> import graphcomp as gr
    >>> x = gr.vector("x", 3)
    >>> gr.evaluate({x: [1.0, 2.0, 3.0]}, gr.choose([0, 1, 0], [x, -x]))
    array([ 1., -2.,  3.])
    """
    refuse("choose", out=out)
    if mode not in MODES:
        raise OptionError(f"mode={mode!r}", f"give one of {', '.join(MODES)}")
    if not isinstance(choices, (list, tuple)):
        table = as_variable(choices)
        if not table.ndim or not isinstance(table.shape[0], int):
            raise ShapeError(
                f"choose from {table.label}, of shape {format_shape(table.shape)}",
                "give a list of arrays",
            )
        choices = list(table)
    if not len(choices):
        raise OptionError("choose from nothing", "give at least one choice")
    return Choose(mode)(a, *choices)


@public("numpy.piecewise")
def piecewise(x: Any, condlist: Any, funclist: Sequence[Any], *args: Any, **kw: Any) -> Variable:
    """x through the function whose condition holds, the last of several, as ``np.piecewise``.

    ``funclist`` holds functions and numbers, one for each condition, and one more for where none
    holds (0 without it). The result has x's shape and dtype. Each function is applied to the
    whole of x, and where its condition fails neither its value nor its derivative comes through.
    Raises OptionError where the lists do not fit.

    >>> import graphcomp as gr
    >>> x = gr.vector("x", 3)
    >>> y = gr.piecewise(x, [x > 0], [gr.sqrt, lambda x: -x])
    >>> gr.evaluate({x: [-1.0, 0.25, 4.0]}, [y, gr.grad(gr.sum(y), x)])
    [array([1. , 0.5, 2. ]), array([-1.  ,  1.  ,  0.25])]
    """
    x = as_variable(x)
    conditions = _conditions(condlist, x)
    count = len(conditions)
    if len(funclist) == count + 1:
        taken = conditions[0]
        for condition in conditions[1:]:
            taken = taken | condition
        conditions.append(compare.logical_not(taken))
    elif len(funclist) != count:
        raise OptionError(
            f"piecewise has {count} conditions and {len(funclist)} functions",
            "give one function for each condition, and at most one more",
        )
    result = as_variable(0).astype(x.dtype)
    if len(funclist) > count:
        result = _piece(funclist[-1], x, conditions[-1], args, kw)
    for condition, function in zip(conditions[:count], funclist, strict=False):
        result = compare.where(condition, _piece(function, x, condition, args, kw), result)
    return shapes.broadcast_to(result, x.shape)


def _conditions(condlist: Any, x: Variable) -> list[Variable]:
    """NumPy takes one condition too, without a list around it."""
    if isinstance(condlist, (list, tuple)):
        several = bool(condlist) and (not x.ndim or np.ndim(condlist[0]) > 0)
        listed = list(condlist) if several else [np.asarray(condlist)]
    else:
        table = as_variable(condlist)
        listed = list(table) if table.ndim > x.ndim else [table]
    return [c if c.dtype.kind == "b" else c != 0 for c in map(as_variable, listed)]


def _piece(function: Any, x: Variable, condition: Variable, args: Any, kw: Any) -> Variable:
    """The function of x, which gets no derivative where the condition fails."""
    value = function
    if callable(function):
        value = function(OnlyWhere()(x, shapes.broadcast_to(condition, x.shape)), *args, **kw)
    return as_variable(value).astype(x.dtype)


@public("numpy.compress")
def compress(condition: Any, a: Any, axis: int | None = None, out: None = None) -> Variable:
    """The slices of a along ``axis``, or its elements, where ``condition`` holds.

    As ``np.compress``; the condition is a vector of constants, at most as long as the axis.
    Raises DTypeError for a variable condition, ShapeError for one that does not fit.

    >>> import graphcomp as gr
    >>> gr.compress([True, False, True], gr.vector("x", 3)).shape
    (2,)
    """
    refuse("compress", out=out)
    x = as_variable(a)
    if axis is None:
        x, axis = shapes.Reshape((x.size,))(x), -1
    mask = _static_mask("compress", condition, x)
    if mask.ndim != 1:
        raise ShapeError(f"compress by a condition of {mask.ndim} axes", "give a vector")
    lead: Shape = x.shape[: axis_from_end(axis, x.ndim)]
    index = (*(slice(None),) * len(lead), constant(np.flatnonzero(mask)))
    return indexing.getitem(x, index)


@public("numpy.extract")
def extract(condition: Any, arr: Any) -> Variable:
    """The elements of arr where ``condition``, an array of constants, holds; a vector.

    As ``np.extract``. Raises as ``compress``.

    >>> import graphcomp as gr
    >>> gr.extract([[True, False], [False, True]], gr.matrix("X", (2, 2))).shape
    (2,)
    """
    x = as_variable(arr)
    places = np.flatnonzero(_static_mask("extract", condition, x))
    return indexing.getitem(shapes.Reshape((x.size,))(x), (constant(places),))


def _static_mask(function: str, condition: Any, x: Variable) -> Array:
    mask = as_variable(condition)
    if not isinstance(mask.op, Constant):
        raise DTypeError(
            f"{function} by {mask.label}: how much it takes would depend on values",
            f"write gr.where({mask.label}, {x.label}, 0) and reduce that, "
            "or give a NumPy array of bools",
        )
    return mask.op.value.astype(bool)
