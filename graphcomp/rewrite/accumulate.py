"""Gradients that meet in a sum are scattered into one buffer."""

from __future__ import annotations

from graphcomp.graph import Variable
from graphcomp.ops.arithmetic import Add, Negative, Subtract
from graphcomp.ops.base import constant
from graphcomp.ops.create import full_of, zeros
from graphcomp.ops.scatter import IndexAdd, index_add
from graphcomp.rewrite.engine import Context, Pass, rule
from graphcomp.rewrite.patterns import (
    as_python,
    literal,
    number,
    pays,
    retyped,
    stripped,
)


def _is_zero(v: Variable) -> bool:
    return number(v) == 0


class _Scatters:
    """The scatters, last first, that v is privately made of, and whether they begin at zeros."""

    def __init__(self, v: Variable, context: Context) -> None:
        self.base, self.context = v, context
        self.steps: list[Variable] = []

    def advance(self) -> bool:
        """Take off one scatter; False where there is none left."""
        v = self.base
        if not isinstance(v.op, IndexAdd) or not self.context.is_private(v):
            return False
        self.steps.append(v)
        self.base = v.inputs[0]
        return True

    def onto(self, base: Variable) -> Variable | None:
        """The same scatters onto another base; None where they did not begin at zeros."""
        if not self.steps or not _is_zero(self.base):
            return None
        for step in reversed(self.steps):
            base = step.op(base, *step.inputs[1:])
        return base


@rule(
    "x + index_add(zeros, i, y) -> index_add(x, i, y)",
    Add,
    reads=(IndexAdd,),
    sample=lambda x, y: index_add(zeros(3), slice(0, 2), y[1:]) + x,
    near_miss=lambda x, y, z: index_add(z, slice(0, 2), y[1:]) + x,
)
def add_scattered(v: Variable, x: Variable, y: Variable, context: Context) -> Variable | None:
    # In lockstep, so that the shorter of two chains is moved: a sum of n reads takes n log n.
    if x.shape != y.shape:
        return None
    sides = [(_Scatters(y, context), x), (_Scatters(x, context), y)]
    while sides:
        for side in tuple(sides):
            scatters, other = side
            if scatters.advance():
                continue
            sides.remove(side)
            if other.type == v.type:
                moved = scatters.onto(other)
                if moved is not None:
                    return retyped(v, moved)
    return None


@rule(
    "2 + index_add(zeros, i, y) -> index_add(full(2), i, y)",
    Add,
    sample=lambda y: 2.0 + index_add(zeros(3), slice(0, 2), y[1:]),
    near_miss=lambda s, y: s + index_add(zeros(3), slice(0, 2), y[1:]),
    reads=(IndexAdd,),
)
def number_under_scattered(
    v: Variable, x: Variable, y: Variable, context: Context
) -> Variable | None:
    for c, scattered in ((x, y), (y, x)):
        value, scatters = literal(c), _Scatters(scattered, context)
        if value is not None and scattered.type == v.type:
            while scatters.advance():
                pass
            return scatters.onto(full_of(value, v.type))
    return None


@rule(
    "index_add(x, i, float64(2)) -> index_add(x, i, 2)",
    IndexAdd,
    sample=lambda x: index_add(x, slice(0, 2), constant(2.5)),
    near_miss=lambda x, s: index_add(x, slice(0, 2), s),
)
def scattered_number(v: Variable, x: Variable, y: Variable, *arrays: Variable) -> Variable | None:
    bare = stripped(y)
    if bare.ndim:
        return None
    python = as_python(bare)
    value = bare if python is None else python
    return None if value is y else retyped(v, v.op(x, value, *arrays))


@rule(
    "x - index_add(zeros, i, y) -> index_add(x, i, -y)",
    Subtract,
    reads=(IndexAdd,),
    sample=lambda x, y: x - index_add(zeros(3), slice(0, 2), y[1:]),
    near_miss=lambda x, y, z: x - index_add(z, slice(0, 2), y[1:]),
)
def subtract_scattered(v: Variable, x: Variable, y: Variable, context: Context) -> Variable | None:
    negative = _negative_scatter(y, context)
    return None if negative is None else retyped(v, x + negative)


@rule(
    "-index_add(zeros, i, y) -> index_add(zeros, i, -y)",
    Negative,
    reads=(IndexAdd,),
    sample=lambda y: -index_add(zeros(3), slice(0, 2), y[1:]),
    near_miss=lambda x, y: -index_add(x, slice(0, 2), y[1:]),
)
def negative_scattered(v: Variable, x: Variable, context: Context) -> Variable | None:
    negative = _negative_scatter(x, context)
    return None if negative is None else retyped(v, negative)


def _negative_scatter(v: Variable, context: Context) -> Variable | None:
    if not isinstance(v.op, IndexAdd) or not context.is_private(v):
        return None
    base, values, *arrays = v.inputs
    if not _is_zero(base) or values.dtype != v.dtype or not pays(values.size, v.size):
        return None
    return v.op(base, -values, *arrays)


accumulate = Pass(
    "accumulate",
    [
        add_scattered,
        number_under_scattered,
        scattered_number,
        subtract_scattered,
        negative_scattered,
    ],
)
