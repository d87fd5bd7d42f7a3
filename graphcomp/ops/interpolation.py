"""Piecewise-linear interpolation, and angles made continuous."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from graphcomp.errors import DTypeError, OptionError, ShapeError
from graphcomp.graph import Variable
from graphcomp.ops import (
    batching,
    compare,
    create,
    join,
    parts,
    reduce,
    scatter,
    search,
    sorting,
)
from graphcomp.ops.base import (
    Bad,
    Meaning,
    Op,
    Operand,
    Sample,
    as_variable,
    axis_from_end,
    constant_value,
)
from graphcomp.registry import public
from graphcomp.types import TensorType, format_shape, sampled_dtype

__all__ = ["interp", "unwrap"]

Array = np.ndarray[Any, Any]
COMPLEX = np.dtype("complex128")
FLOAT = np.dtype("float64")


@dataclass(frozen=True)
class _Segment:
    """The part of the line between knots ``k - 1`` and ``k`` that an element of x lies on.

    ``t`` is where on it, from 0 to 1; ``inside`` says whether x lies between the outer knots.
    """

    k: Variable
    t: Variable
    slope: Variable
    inside: Variable

    @staticmethod
    def of(x: Variable, xp: Variable, fp: Variable) -> _Segment:
        """At a knot this is the segment to its right, at the last knot that to its left."""
        last = xp.shape[0] - 1
        k = compare.clip(search.Searchsorted("right")(xp, x), 1, last)
        start, width = xp[k - 1], xp[k] - xp[k - 1]
        width = compare.where(width == 0, 1, width)  # of one knot, or two in one place
        t = compare.clip((x - start) / width, 0, 1)
        inside = (x >= xp[0]) & (x <= xp[last])
        return _Segment(k, t, (fp[k] - fp[k - 1]) / width, inside)


@dataclass(frozen=True, eq=False)
class Interp(Op):
    """The value at x of the line through the points (xp, fp), xp ascending.

    Beyond them it is the first and last of fp, or further inputs: ``left``, ``right``.
    """

    has_left: bool = False
    has_right: bool = False
    parameters: ClassVar[tuple[str, ...]] = ("x", "xp", "fp", "*beyond")
    flops_per_element: ClassVar[float] = 10.0

    def parameter_names(self, count: int) -> tuple[str, ...]:
        return ("x", "xp", "fp", *("left",) * self.has_left, *("right",) * self.has_right)

    def infer(self, *types: TensorType) -> TensorType:
        x, xp, fp, *beyond = types
        if xp.ndim != 1 or xp.shape != fp.shape:
            raise ShapeError("the points are no two vectors of one length", "give xp and fp of one")
        if xp.shape[0] == 0:
            raise ShapeError("there are no points", "give at least one")
        if any(t.ndim for t in beyond):
            raise ShapeError("left or right is an array", "give numbers")
        if "c" in (x.dtype.kind, xp.dtype.kind):
            raise DTypeError("x or xp is complex", "give real x and xp; fp may be complex")
        if fp.dtype.kind != "c" and any(t.dtype.kind == "c" for t in beyond):
            raise DTypeError("left or right is complex, fp is not", "make fp complex too")
        return TensorType(COMPLEX if fp.dtype.kind == "c" else FLOAT, x.shape)

    def meaning(self, *types: TensorType) -> Meaning:
        beyond = "".join(f", {name}={name}" for name in self.parameter_names(len(types))[3:])
        return Meaning(f"np.interp(x, xp, fp{beyond})")

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        x, xp, fp = inputs[:3]
        if i > 2:
            beyond = x < xp[0] if i == 3 and self.has_left else x > xp[-1]
            return reduce.sum(compare.where(beyond, G, 0))
        part = _Segment.of(x, xp, fp)
        if i == 0:
            return compare.where(part.inside, G * part.slope, 0)
        if i == 1:
            G = compare.where(part.inside, -G * part.slope, 0)
        elif self.has_left or self.has_right:
            given = [x < xp[0]] * self.has_left + [x > xp[-1]] * self.has_right
            G = compare.where(given[0] | given[-1], 0, G)
        result = create.full_of(0, inputs[i].type.with_dtype(output.dtype))
        for k, share in ((part.k - 1, 1 - part.t), (part.k, part.t)):
            result = scatter.index_add(result, k, G * share)
        return result

    def batch(self, inputs: tuple[Variable, ...], batched: tuple[bool, ...]) -> Variable:
        if not any(batched[1:]):
            return self(*inputs)
        return batching.batch_composed(self.composed, inputs, batched)

    def composed(self, x: Variable, xp: Variable, fp: Variable, *beyond: Variable) -> Variable:
        """The same by other operations."""
        part = _Segment.of(x, xp, fp)
        low = fp[part.k - 1]
        y = low + (fp[part.k] - low) * part.t
        y = y.astype(COMPLEX if fp.dtype.kind == "c" else FLOAT)
        if self.has_left:
            y = compare.where(x < xp[0], beyond[0], y)
        if self.has_right:
            y = compare.where(x > xp[-1], beyond[-1], y)
        return y

    def oracle(self, x: Array, xp: Array, fp: Array, *beyond: Array) -> Any:
        def value(at: Any) -> Any:
            if at < xp[0]:
                return beyond[0] if self.has_left else fp[0]
            if at > xp[-1]:
                return beyond[-1] if self.has_right else fp[-1]
            for a, b, f, g in zip(xp, xp[1:], fp, fp[1:], strict=False):
                if a <= at <= b:
                    return (f * (b - at) + g * (at - a)) / (b - a)
            return fp[0]

        out = np.empty(x.shape, complex if fp.dtype.kind == "c" else float)
        for place in np.ndindex(x.shape):
            out[place] = value(x[place])
        return out

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        x = Operand((7,), kind="fixed", value=[-2.5, -1.5, -0.3, 0.1, 0.7, 1.9, 3.0])
        xp = Operand((4,), kind="fixed", value=[-2.0, -0.5, 0.4, 2.0])
        fp = Operand((4,))
        number = Operand(())
        yield Sample(cls(), (x, xp, fp))
        yield Sample(cls(True, True), (x, xp, fp, number, number))
        yield Sample(cls(False, True), (x, xp, fp, number))
        yield Sample(cls(True, False), (Operand((2, 2), -1.9, 1.9), xp, fp, number))
        yield Sample(cls(), (Operand((), kind="fixed", value=0.2), xp, fp))
        yield Sample(cls(), (x, xp, Operand((4,), dtype="complex128")))
        yield Sample(cls(), (x, Operand((1,)), Operand((1,))))
        yield Sample(cls(), (Operand((0,)), xp, fp))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(), (Operand((3,)), Operand((2,)), Operand((3,))), ShapeError)
        yield Bad(cls(), (Operand((3,)), Operand((0,)), Operand((0,))), ShapeError)
        yield Bad(cls(), (Operand((), dtype="complex128"), *[Operand((2,))] * 2), DTypeError)


@dataclass(frozen=True, eq=False)
class Unwrap(Op):
    """x along ``axis``, counted from the end, with multiples of ``period`` added so that no
    step is larger than half of it; steps below ``discont`` stay."""

    axis: int
    discont: float | None = None
    period: float = 2 * math.pi
    flops_per_element: ClassVar[float] = 10.0

    def infer(self, *types: TensorType) -> TensorType:
        (x,) = types
        reduce.require_axes((self.axis,), x)
        if x.dtype.kind == "c":
            raise DTypeError("complex numbers have no period", "give it gr.angle(x)")
        if x.dtype.kind == "b":
            raise DTypeError("bools have no period", "convert with .astype first")
        return x.with_dtype(sampled_dtype(_unwrap_of(type(self.period)), x))

    def meaning(self, *types: TensorType) -> Meaning:
        literals = {**self.attributes, "axis": sorting.axis_text(self.axis, types[0].ndim)}
        if self.period == 2 * math.pi:
            del literals["period"]
        keywords = ", ".join(f"{name}={name}" for name in literals)
        return Meaning(f"np.unwrap(x, {keywords})", literals, {"axis": -1, "discont": None})

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        return G

    def oracle(self, x: Array) -> Any:
        def line(values: list[Any]) -> list[Any]:
            out = values[:1]
            turns = 0
            for before, value in itertools.pairwise(values):
                step = value - before
                limit = self.period / 2 if self.discont is None else self.discont
                if abs(step) >= max(limit, self.period / 2):
                    turns -= round(step / self.period)
                out.append(value + turns * self.period)
            return out

        return sorting.each_line(line, x, axis=self.axis)

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        turning = Operand((6,), kind="fixed", value=[0.1, 2.0, -2.2, -0.4, 4.0, 11.0])
        yield Sample(cls(-1), (turning,))
        yield Sample(cls(-1, 5.0), (turning,))
        yield Sample(cls(-1, None, 3.1), (turning,))
        yield Sample(cls(-2, None, 1.7), (Operand((3, 2), kind="distinct"),))
        yield Sample(cls(-1), (Operand((1,)),))
        whole = Operand((5,), dtype="int64", kind="fixed", value=[0, 3, 1, 7, 2])
        yield Sample(cls(-1, None, 5), (whole,))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(-2), (Operand((3,)),), ShapeError)
        yield Bad(cls(-1), (Operand((3,), dtype="complex128"),), DTypeError)


def _unwrap_of(kind: type) -> Any:
    return _unwrap_integer if kind is int else np.unwrap


def _unwrap_integer(x: Any) -> Any:
    return np.unwrap(x, period=2)


# ------------------------------------------------------------------------- functions for users


@public("numpy.interp")
def interp(
    x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None
) -> Variable:
    """The value at x of the line through the points (xp, fp), as ``np.interp``.

    ``x`` any shape; ``xp`` and ``fp`` vectors of one length, xp ascending; the result has x's
    shape, float64, or complex128 where fp is complex. Beyond the points it is ``left`` and
    ``right``, by default the first and last of fp. With a ``period`` x and xp are taken modulo it,
    and xp may be in any order. The derivative by x at a point is the slope to its right (at the
    last one to its left), beyond the points 0. Raises ShapeError for other shapes, DTypeError
    for complex x, OptionError for a period of 0.

    >>> import graphcomp as gr
    >>> x = gr.scalar("x")
    >>> y = gr.interp(x, [0.0, 1.0, 3.0], [5.0, 7.0, 3.0])
    >>> gr.evaluate({x: 1.0}, [y, gr.grad(y, x)])
    [np.float64(7.0), np.float64(-2.0)]
    """
    x, xp, fp = as_variable(x), as_variable(xp), as_variable(fp)
    if period is not None:
        return _periodic(x, xp, fp, as_variable(period))
    beyond = [v for v in (left, right) if v is not None]
    return Interp(left is not None, right is not None)(x, xp, fp, *beyond)


def _periodic(x: Variable, xp: Variable, fp: Variable, period: Variable) -> Variable:
    """Interpolation between the points of one period, and the neighbours of its ends."""
    if constant_value(period) == 0:
        raise OptionError("interp with a period of 0", "give another period, or leave it out")
    if xp.ndim != 1 or xp.shape != fp.shape:
        raise ShapeError(
            f"interp of xp {format_shape(xp.shape)} and fp {format_shape(fp.shape)}",
            "give vectors of one length",
        )
    number = constant_value(period)
    period = parts.absolute(period) if number is None else as_variable(abs(number))
    x, xp = x % period, xp % period
    order = sorting.Argsort(-1)(xp)
    xp, fp = xp[order], fp[order]
    wide = join.concatenate([xp[-1:] - period, xp, xp[:1] + period])
    return Interp()(x, wide, join.concatenate([fp[-1:], fp, fp[:1]]))


@public("numpy.unwrap")
def unwrap(p: Any, discont: Any = None, axis: int = -1, *, period: Any = 2 * math.pi) -> Variable:
    """p along ``axis`` with multiples of ``period`` added, so that it goes on without jumps.

    As ``np.unwrap``: steps are brought to at most half a period, those below ``discont`` stay.
    Shape p's; the derivative is that of p itself. Raises ShapeError for an axis that p does not
    have, DTypeError for complex p, OptionError unless discont and period are numbers.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.unwrap(gr.constant([0.0, 3.0, 1.0]), period=4))
    array([ 0., -1., -3.])
    """
    x = as_variable(p)
    step = None if discont is None else _plain(discont, "discont")
    return Unwrap(axis_from_end(axis, x.ndim), step, _plain(period, "period"))(x)


def _plain(value: Any, name: str) -> Any:
    """A Python number."""
    number = constant_value(as_variable(value))
    if number is None or np.iscomplexobj(number):
        raise OptionError(f"unwrap with {name}={getattr(value, 'label', value)}", "give a number")
    return number.item() if isinstance(number, np.generic) else number
