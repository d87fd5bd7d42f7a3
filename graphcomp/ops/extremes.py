"""The largest and the smallest of elements over axes, and the range between them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from graphcomp.errors import OptionError
from graphcomp.graph import Variable
from graphcomp.ops import compare, masks, reduce
from graphcomp.ops.base import Constant, Operand, Sample, as_variable
from graphcomp.ops.reduce import Axis
from graphcomp.registry import public, refuse
from graphcomp.types import DType

__all__ = ["amax", "amin", "max", "min", "ptp"]


@dataclass(frozen=True, eq=False)
class Extreme(reduce.Reduce, abstract=True):
    """Base of max and min: elements that tie share the gradient equally.

    ``initial`` is a further element, the whole result where there is no other. Being a constant
    it takes a tie.
    """

    initial: Any = None
    larger: ClassVar[bool]
    passes_nan: ClassVar[bool] = True  # to the result, and NaN to the gradient
    of_nothing: ClassVar[bool] = False
    sample_kind: ClassVar[str] = "distinct"

    @property
    def has_result_of_nothing(self) -> bool:
        return self.initial is not None

    def simplify(self, x: Variable) -> Variable | None:
        return super().simplify(x) if self.initial is None else None

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        (x,) = inputs
        is_extreme = (x == self.expand(output)).astype(x.dtype)
        ties = reduce.Sum(self.axes, keepdims=True)(is_extreme)
        if self.initial is not None:
            is_initial = output == self.initial
            G = compare.where(is_initial, 0, G)
            ties = ties + self.expand(is_initial)
        if not self.passes_nan:
            ties = ties + (ties == 0)
        return is_extreme * (self.expand(G) / ties)

    def of_values(self, values: list[Any]) -> Any:
        return self.of_elements(values if self.initial is None else [*values, self.initial])

    @staticmethod
    def of_elements(values: list[Any]) -> Any:
        """The result for some elements, in plain Python."""
        raise NotImplementedError

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        yield from super().samples()
        for initial, shape in ((0.3, (2, 3)), (9.0, (3,)), (0.5, (2, 0)), (-9.0, (2, 2))):
            yield Sample(cls((-1,), initial=initial), (Operand(shape, kind="distinct"),))


class Max(Extreme):
    """The largest of the elements over axes; NaN where one is NaN."""

    function = "max"
    larger = True

    @staticmethod
    def of_elements(values: list[Any]) -> Any:
        return sorted(values)[-1]


class Min(Extreme):
    """The smallest of the elements over axes; NaN where one is NaN."""

    function = "min"
    larger = False

    @staticmethod
    def of_elements(values: list[Any]) -> Any:
        return sorted(values)[0]


@public("numpy.max", "numpy.amax")
def max(
    a: Any,
    axis: Axis = None,
    out: None = None,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = True,
) -> Variable:
    """The largest of the elements of a over ``axis``, and of ``initial``; errors as ``sum``.

    Elements that tie share the gradient equally; a constant ``initial`` takes it from them.
    Raises ShapeError where there are no elements and no ``initial``, OptionError for ``where=``
    without ``initial``.

    >>> import graphcomp as gr
    >>> x = gr.vector("x", 3)
    >>> gr.evaluate({x: [1.0, 2.0, 2.0]}, gr.grad(gr.max(x), x))
    array([0. , 0.5, 0.5])
    """
    return extreme(Max, a, axis, keepdims, out, initial, where)


@public("numpy.min", "numpy.amin")
def min(
    a: Any,
    axis: Axis = None,
    out: None = None,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = True,
) -> Variable:
    """The smallest of the elements of a over ``axis``, as ``max``.

    >>> import graphcomp as gr
    >>> gr.min(gr.matrix("X", ("n", 3)), axis=1).shape
    (Dim('n'),)
    """
    return extreme(Min, a, axis, keepdims, out, initial, where)


amax, amin = max, min


@public("numpy.ptp")
def ptp(a: Any, axis: Axis = None, out: None = None, keepdims: bool = False) -> Variable:
    """The largest less the smallest element over ``axis``, as ``np.ptp``; errors as ``max``.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.ptp(gr.constant([1.0, 4.0, 2.0])))
    np.float64(3.0)
    """
    return max(a, axis, out, keepdims) - min(a, axis, out, keepdims)


def extreme(
    op: type[Extreme],
    a: Any,
    axis: Axis,
    keepdims: bool,
    out: None,
    initial: Any,
    where: Any,
) -> Variable:
    """An extreme over NumPy's ``axis``, with its ``initial`` and ``where``."""
    refuse(op.function, out=out)
    a = as_variable(a)
    mask = masks.as_mask(where, a)
    axes = reduce.axes_of(axis, a.ndim)
    if initial is None:
        if mask is not None:
            raise OptionError(
                f"{op.name} with where= may have no elements to choose from",
                "give initial=, the result where there are none",
            )
        return op(axes, bool(keepdims))(a)
    start = masks.as_initial(initial, a.dtype)
    if mask is not None:
        a = compare.where(mask, a, start)
    if isinstance(start.op, Constant):
        return op(axes, bool(keepdims), start.op.scalar)(a)
    choose = compare.maximum if op.larger else compare.minimum
    return choose(op(axes, bool(keepdims), _beyond(op, a.dtype))(a), start)


def _beyond(op: type[Extreme], dtype: DType) -> Any:
    """The value that is a maximum, or minimum, only where there are no elements."""
    if dtype.kind in "fc":
        return -math.inf if op.larger else math.inf
    if dtype.kind == "b":
        return not op.larger
    limits = np.iinfo(dtype)
    return int(limits.min if op.larger else limits.max)
