"""Questions that rules ask of variables."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from graphcomp.dims import DimLike, lower_bound
from graphcomp.graph import Variable
from graphcomp.ops.arithmetic import Add, Cast, Divide, Multiply, Negative, Subtract
from graphcomp.ops.base import Constant, Op, Python, SizeOf, weak
from graphcomp.ops.create import Full
from graphcomp.ops.diagonal import FromDiagonal
from graphcomp.ops.shape import BroadcastTo, Reshape
from graphcomp.rewrite.engine import Context
from graphcomp.types import TensorType

_O = TypeVar("_O", bound=Op)


def literal(v: Variable) -> Python | None:
    """The Python number that v is written as, None where it is none."""
    op = v.op
    return op.scalar if isinstance(op, Constant) and op.weak else None


def number(v: Variable) -> Python | None:
    """The Python number that every element of v equals, where that is plain to see."""
    op = v.op
    if isinstance(op, Full):
        return op.fill
    if isinstance(op, Constant) and not op.value.ndim:
        value: Python = op.value.item()
        return value
    return None


NUMBERS: tuple[type[Op], ...] = (Constant, Full)
"""What computes the variables that ``number`` knows the value of."""


def op_as(kind: type[_O], v: Variable) -> _O:
    """v's operation, known to be of that class."""
    assert isinstance(v.op, kind)
    return v.op


def retyped(v: Variable, new: Variable) -> Variable | None:
    """``new`` where it has v's type, else None."""
    return new if new.type == v.type else None


def either(x: Variable, y: Variable, op: type[Op]) -> tuple[Variable, Variable] | None:
    """(the operand computed by ``op``, the other), None where neither is."""
    if isinstance(x.op, op):
        return x, y
    return (y, x) if isinstance(y.op, op) else None


def is_scale(s: Variable, x: Variable) -> bool:
    """Whether s counts as the scale in ``s * x``: 0-d beside an array, or a literal."""
    return not s.ndim and (x.ndim > 0 or (literal(s) is not None and literal(x) is None))


def split_scale(v: Variable) -> tuple[Variable, Variable] | None:
    """(s, x) where v is ``s * x``, s a scale and x of v's type or a size; None where it is not."""
    if isinstance(v.op, Multiply):
        s, x = v.inputs
        if is_scale(s, x) and (x.type == v.type or (v.type.weak and isinstance(x.op, SizeOf))):
            return s, x
    return None


def split_divisor(v: Variable) -> tuple[Variable, Variable] | None:
    """(x, d) where v is ``x / d``, d a 0-d value and x an array of v's type."""
    if isinstance(v.op, Divide):
        x, d = v.inputs
        if x.ndim and not d.ndim and x.type == v.type:
            return x, d
    return None


def as_python(v: Variable, depth: int = 3) -> Variable | None:
    """The 0-d v, or the number that fills v, as a Python number: ``1.0 / n`` of the float64 one."""
    if v.type.weak:
        return v
    value = number(v)
    if value is not None:
        # 0.1 in float32 is written 0.1: beside float32 values it becomes the same number.
        single = v.dtype in (np.float32, np.float16) and math.isfinite(value.real)
        return weak(float(str(v.dtype.type(value))) if single else value)
    if v.ndim or not depth or type(v.op) not in _FOLDS:
        return None
    operands: list[Variable] = []
    for x in reversed(v.inputs):  # in a long sum or product the last one is the shortest
        part = as_python(x, depth - 1)
        if part is None:
            return None
        operands.insert(0, part)
    return quotient(*operands) if isinstance(v.op, Divide) else v.op(*operands)


def quotient(s: Variable, d: Variable) -> Variable | None:
    """s / d; None where Python would compute it and might divide by zero."""
    return s / d if not (s.type.weak and d.type.weak) or _is_nonzero(d) else None


def _is_nonzero(v: Variable) -> bool:
    """Whether Python may divide by v: where NumPy gives inf, it raises."""
    if isinstance(v.op, SizeOf):
        low = lower_bound(v.op.dim)
        return low is not None and low > 0
    return bool(literal(v))


_FOLDS: dict[type[Op], Callable[..., Any]] = {
    Add: operator.add,
    Subtract: operator.sub,
    Multiply: operator.mul,
    Divide: operator.truediv,
    Negative: operator.neg,
}


def fold(op: Op, *numbers: Python | None) -> Variable | None:
    """The literal that ``op`` makes of literals, by one correctly rounded operation of Python's.

    None where an operand is no literal or the result is not finite. (``exp`` and its like are
    never folded: their last bit differs between processors.)
    """
    function = _FOLDS.get(type(op))
    if function is None or any(n is None or isinstance(n, (bool, complex)) for n in numbers):
        return None
    try:
        value = function(*numbers)
    except (ZeroDivisionError, OverflowError):
        return None
    fits = abs(value) < 2**63 if isinstance(value, int) else math.isfinite(value)
    return weak(value) if fits else None


def negated(s: Variable) -> Variable | None:
    """-s, where a literal in front of s takes the sign: ``-2.0 / n`` of ``2.0 / n``."""
    if isinstance(s.op, (Multiply, Divide)):
        first = fold(Negative(), literal(s.inputs[0]))
        return None if first is None else s.op(first, s.inputs[1])
    return fold(Negative(), literal(s))


def is_floating(v: Variable) -> bool:
    """Whether v is real or complex floating: literals beside small integers may not fit them."""
    return v.dtype.kind in "fc"


# Gathering brings a literal to the front; looking deeper would walk long products again and again.
_LITERAL_DEPTH = 2


def is_negative(v: Variable) -> bool:
    """Whether v's leading literal is negative: ``-2.0``, ``-2.0 * x``, ``-2.0 / n * x``."""
    value = _leading_literal(v)
    return isinstance(value, (int, float)) and value < 0


def leads_with_number(v: Variable) -> bool:
    """Whether v begins with a literal, which could take a sign."""
    return _leading_literal(v) is not None


def _leading_literal(v: Variable) -> Python | None:
    for _ in range(_LITERAL_DEPTH):
        if isinstance(v.op, (Multiply, Divide)):
            v = v.inputs[0]
    return literal(v)


_SIGN_DEPTH = 3  # products deep


def unsigned(
    v: Variable, context: Context, literals: bool = True, depth: int = _SIGN_DEPTH
) -> Variable | None:
    """-v by taking a sign off: of -x, of -2.0, of such a factor in a private product or diagonal.

    Without ``literals``, only where that saves an operation. None where there is no sign.
    """
    if isinstance(v.op, Negative):
        return v.inputs[0]
    value = literal(v)
    if value is not None:
        return negated(v) if literals and is_negative(v) else None
    if not depth or not isinstance(v.op, (Multiply, Divide, FromDiagonal)):
        return None
    if not (v.type.weak or (is_floating(v) and context.is_private(v))):
        return None
    for i, x in enumerate(v.inputs):
        if x.type.weak or x.dtype == v.dtype:
            opposite = unsigned(x, context, literals, depth - 1)
            if opposite is not None:
                return v.op(*v.inputs[:i], opposite, *v.inputs[i + 1 :])
    return None


def pays(new: DimLike, old: DimLike) -> bool:
    """Whether ``new`` elements are no more than ``old``, as far as the sizes tell.

    Where they do not (n against p), a move outward is taken to pay: it joins scalar factors.
    """
    if new == old:
        return True
    if isinstance(new, int) and isinstance(old, int):
        return new <= old
    low = lower_bound(new - old)
    return low is None or low <= 0


def stripped(x: Variable) -> Variable:
    """x without the axes and repeats that broadcasting would bring back."""
    while x.inputs:
        inner = x.inputs[0]
        if not (
            isinstance(x.op, BroadcastTo)
            or (isinstance(x.op, Reshape) and _adds_axes(inner, x))
            or (isinstance(x.op, Cast) and _is_weak_number(inner, x.type))
        ):
            break
        x = inner
    return x


def _adds_axes(inner: Variable, reshaped: Variable) -> bool:
    """Whether the reshape only puts axes of length 1 in front."""
    extra = reshaped.ndim - inner.ndim
    return (
        extra > 0
        and not inner.type.weak
        and reshaped.shape == (*(1,) * extra, *inner.shape)
    )


def _is_weak_number(inner: Variable, to: TensorType) -> bool:
    return bool(inner.type.weak) and np.can_cast(inner.dtype, to.dtype, "same_kind")
