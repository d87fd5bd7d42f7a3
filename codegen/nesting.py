"""Expressions under construction: how long and how deep they are, and what to take out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from codegen import fragment as fragments
from codegen.fragment import Code, Fragment, Hole
from codegen.program import Apply, Expression, Name
from graphcomp.graph import Variable
from graphcomp.ops.arithmetic import Divide, FloorDivide, Multiply, Negative, Remainder
from graphcomp.ops.base import Constant

_WIDTH = 70  # of an expression; a line has 88 columns, with indentation, name and " = "
_DEPTH = 3.5  # calls count 1, infix operators 1/2, a chain of one strength once
_MANY = 8  # operands of one operation

_NEGATED_PRODUCT = Fragment(
    ("-", Hole(0, fragments.TERM)), fragments.TERM, False, 1, frozenset(), True, 1
)


class Built(NamedTuple):
    """An expression under construction, with what decides whether it can stay inside another."""

    value: Expression
    length: int
    depth: float = 0.0
    strength: int = fragments.ATOM
    variable: Variable | None = None  # None: a name or number, nothing to put on its own line


def named(name: str) -> Built:
    return Built(Name(name), len(name))


def code(text: Code) -> Built:
    return Built(text, len(text.text), 0.0, text.precedence)


def apply(v: Variable, fragment: Fragment, operands: Sequence[Built]) -> Built:
    """The fragment of v's operation filled with operands."""
    if isinstance(v.op, Negative) and _negates_factor(operands[0]):
        fragment = _NEGATED_PRODUCT
    length = fragment.length + sum([b.length for b in operands])
    depth = max([b.depth for b in operands], default=0.0)
    if fragment.operator:
        inner = [b.depth - 0.5 * (b.strength == fragment.precedence) for b in operands]
        depth = max([*inner, 0.0]) + 0.5
    elif operands and not v.op.is_view:
        depth += 1.0
    value = Apply(fragment, tuple([b.value for b in operands]))
    return Built(value, length, depth, fragment.precedence, v)


def _negates_factor(built: Built) -> bool:
    """Whether built is a product or quotient that is as well negated in its first factor: the
    sign of ``-x * y`` rounds nothing, but integers can overflow, and ``-x // y`` is another."""
    v = built.variable
    if v is None or not isinstance(v.op, (Multiply, Divide)):
        return False
    while isinstance(v.op, (Multiply, Divide)):
        v = v.inputs[0]
    plain = not isinstance(v.op, (Constant, FloorDivide, Negative, Remainder))
    return plain and (v.type.weak or v.dtype.kind in "fc")


def too_large(built: Built) -> bool:
    return built.length > _WIDTH or built.depth > _DEPTH


def worst(operands: Sequence[Built], whole: Built) -> list[int]:
    """Which operands to put on lines of their own: the one that is most of the trouble, or all
    of very many; empty where they are names and numbers already."""
    inside = [k for k, b in enumerate(operands) if b.variable is not None]
    if len(inside) > _MANY or not inside:
        return inside
    too_long = whole.length > _WIDTH
    return [max(inside, key=lambda k: _weight(operands[k], too_long))]


def _weight(built: Built, by_length: bool) -> tuple[float, float]:
    return (built.length, built.depth) if by_length else (built.depth, built.length)
