"""What moves, chooses, reduces and creates elements, and comparisons of them."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from operator import or_
from typing import Any

import numpy as np

from graphcomp.dims import lower_bound, upper_bound
from graphcomp.facts import INF, NOTHING, Facts, Known, Sure, is_square, knows
from graphcomp.graph import Variable
from graphcomp.ops.activations import LogSoftmax, Logsumexp, Softmax
from graphcomp.ops.assembly import Delete, Insert
from graphcomp.ops.assume import Assume
from graphcomp.ops.axes import Transpose
from graphcomp.ops.base import Constant, Input, SizeOf
from graphcomp.ops.compare import (
    Clip,
    Comparison,
    Fmax,
    Fmin,
    Maximum,
    Minimum,
    Predicate,
    Where,
)
from graphcomp.ops.counting import Bincount
from graphcomp.ops.create import Arange, Eye, Full
from graphcomp.ops.diagonal import Diagonal, FromDiagonal, Trace
from graphcomp.ops.extremes import Max, Min
from graphcomp.ops.identity import CustomVjp, StopGradient
from graphcomp.ops.indexing import GetItem
from graphcomp.ops.join import Concatenate, Stack
from graphcomp.ops.norms import Norm
from graphcomp.ops.order_statistics import Median
from graphcomp.ops.padding import Pad
from graphcomp.ops.rearrange import Flip, Roll, Tril, Triu
from graphcomp.ops.reduce import Mean, Prod, Sum
from graphcomp.ops.repetition import Repeat, Tile
from graphcomp.ops.search import Argmax, Argmin
from graphcomp.ops.selection import OnlyWhere
from graphcomp.ops.shape import BroadcastTo, Reshape
from graphcomp.ops.sorting import Argsort, Partition, Sort
from graphcomp.ops.statistics import Var
from graphcomp.ops.universal import RunningMaximum, RunningMinimum
from graphcomp.ops.windows import SlidingWindows
from graphcomp.rewrite.facts.arithmetic import operands

_ZERO = Facts(0.0, 0.0, False, True, True, Sure.ALWAYS, Sure.ALWAYS)
_LARGEST_MATRIX = 64  # rows of a constant whose eigenvalues are looked at

# ------------------------------------------------------------------ what is there to begin with


@knows(Input)
def of_input(v: Variable, known: Known) -> Facts:
    assert isinstance(v.op, Input)
    return Facts(finite=Sure.GIVEN) & v.op.declared.facts(v.type)


@knows(Constant)
def of_constant(v: Variable, known: Known) -> Facts:
    assert isinstance(v.op, Constant)
    return of_array(v.op.value)


@knows(Full)
def of_full(v: Variable, known: Known) -> Facts:
    assert isinstance(v.op, Full)
    with np.errstate(over="ignore"):
        facts = of_array(np.asarray(v.op.fill).astype(v.dtype))
    return facts.but(symmetric=is_square(v.type))


def of_array(value: np.ndarray[Any, Any]) -> Facts:
    """What is known of a constant."""
    finite, nan = bool(np.isfinite(value).all()), bool(np.isnan(value).any())
    facts = Facts(
        nonzero=bool(np.all(value != 0)),
        finite=Sure.ALWAYS if finite else Sure.NO,
        never_nan=Sure.NO if nan else Sure.ALWAYS,
    )
    if value.dtype.kind != "c":
        numbers = value[~np.isnan(value)]
        low, high = (float(numbers.min()), float(numbers.max())) if numbers.size else (0.0, 0.0)
        whole = value.dtype.kind != "f"
        facts = facts.but(
            # a float has no room for all digits of an int64
            low=low if not whole or abs(low) < 2**53 else -INF,
            high=high if not whole or abs(high) < 2**53 else INF,
            plus_zero=whole or not bool(np.any((value == 0) & np.signbit(value))),
            integer=whole or bool(np.all((np.rint(value) == value) | ~np.isfinite(value))),
        )
    return facts & _of_matrix(value) if finite and value.ndim > 1 and value.size else facts


def _of_matrix(value: np.ndarray[Any, Any]) -> Facts:
    facts = Facts(
        lower_triangular=not np.triu(value, 1).any(),
        upper_triangular=not np.tril(value, -1).any(),
    )
    rows, columns = value.shape[-2:]
    if rows != columns:
        return facts
    turned = np.swapaxes(value, -1, -2)
    hermitian = bool(np.array_equal(value, turned.conj()))
    facts = facts.but(symmetric=bool(np.array_equal(value, turned)), hermitian=hermitian)
    if rows > _LARGEST_MATRIX or value.dtype.kind == "b":
        return facts
    wide = value.astype("complex128" if value.dtype.kind == "c" else "float64")
    product = np.swapaxes(wide, -1, -2).conj() @ wide
    facts = facts.but(unitary=bool(np.all(np.abs(product - np.eye(rows)) < 1e-13 * rows)))
    if not hermitian:
        return facts
    values = np.linalg.eigvalsh(wide)
    return facts.but(positive_definite=bool(values.min() > 1e-8 * abs(values).max()))


@knows(SizeOf)
def of_size(v: Variable, known: Known) -> Facts:
    assert isinstance(v.op, SizeOf)
    low, high = lower_bound(v.op.dim), upper_bound(v.op.dim)
    return Facts(-INF if low is None else float(low), INF if high is None else float(high))


@knows(Eye)
def of_eye(v: Variable, known: Known) -> Facts:
    op = v.op
    assert isinstance(op, Eye)
    facts = Facts(0.0, 1.0, False, True, True, Sure.ALWAYS, Sure.ALWAYS)
    if op.k != 0:
        return facts
    square = is_square(v.type)
    return facts.but(
        lower_triangular=True, upper_triangular=True, positive_definite=square, unitary=square
    )


@knows(Arange)
def of_range(v: Variable, known: Known) -> Facts:
    op = v.op
    assert isinstance(op, Arange)
    start, step = op.start, op.step
    if isinstance(start, float) or isinstance(step, float) or v.dtype.kind == "c":
        return NOTHING
    first, least = lower_bound(start), lower_bound(step)
    rising = first is not None and least is not None and least > 0
    low = float(first) if rising and first is not None else -INF
    return Facts(low, integer=True, never_nan=Sure.ALWAYS, finite=Sure.ALWAYS)


# ---------------------------------------------------------------------- the same elements, moved


@knows(StopGradient, CustomVjp, OnlyWhere)
def of_itself(v: Variable, known: Known) -> Facts:
    return known(v.inputs[0])


@knows(Assume)
def of_assumption(v: Variable, known: Known) -> Facts:
    assert isinstance(v.op, Assume)
    return known(v.inputs[0]) & v.op.declared.facts(v.type)


@knows(GetItem, Flip, Roll, Sort, Partition, Repeat, SlidingWindows, Diagonal, Delete)
def of_moved(v: Variable, known: Known) -> Facts:
    return known(v.inputs[0]).elements()


@knows(Reshape, BroadcastTo, Tile)
def of_reshaped(v: Variable, known: Known) -> Facts:
    """Of matrices the same holds where the last two axes are as they were."""
    (x,) = v.inputs
    same = x.ndim > 1 and v.shape[-2:] == x.shape[-2:] and not isinstance(v.op, Tile)
    return known(x) if same else known(x).elements()


@knows(Transpose)
def of_transposed(v: Variable, known: Known) -> Facts:
    assert isinstance(v.op, Transpose)
    x, axes = known(v.inputs[0]), v.op.axes
    if axes[-2:] == (-1, -2):
        return x.but(
            orthonormal=x.unitary,
            lower_triangular=x.upper_triangular,
            upper_triangular=x.lower_triangular,
        )
    return x if axes[-2:] == (-2, -1) else x.elements()


@knows(Tril, Triu)
def of_triangle(v: Variable, known: Known) -> Facts:
    op, x = v.op, known(v.inputs[0])
    assert isinstance(op, (Tril, Triu))
    lower = x.lower_triangular or (isinstance(op, Tril) and _at_most(op.k, 0))
    upper = x.upper_triangular or (isinstance(op, Triu) and _at_most(0, op.k))
    return (x.elements() | _ZERO).but(lower_triangular=lower, upper_triangular=upper)


def _at_most(a: Any, b: Any) -> bool:
    return isinstance(a, int) and isinstance(b, int) and a <= b


@knows(FromDiagonal)
def of_diagonal_matrix(v: Variable, known: Known) -> Facts:
    assert isinstance(v.op, FromDiagonal)
    x = known(v.inputs[0])
    main = v.op.offset == 0
    definite = main and x.positive and v.dtype.kind != "c"
    return (x | _ZERO).but(
        lower_triangular=v.op.offset <= 0,
        upper_triangular=v.op.offset >= 0,
        positive_definite=definite,
    )


# ------------------------------------------------------------------------- one of several elements


def _any_of(facts: Iterable[Facts]) -> Facts:
    return functools.reduce(or_, facts)


@knows(Concatenate, Stack, Insert)
def of_joined(v: Variable, known: Known) -> Facts:
    return _any_of(operands(v, known)).elements()


@knows(Pad)
def of_padded(v: Variable, known: Known) -> Facts:
    assert isinstance(v.op, Pad)
    x = known(v.inputs[0]).elements()
    return x | of_array(np.asarray(v.op.value).astype(v.dtype)).elements()


@knows(Where)
def of_choice(v: Variable, known: Known) -> Facts:
    condition, x, y = v.inputs
    facts = operands(v, known)
    common = facts[1] | facts[2]
    same = condition.ndim == 0 and x.shape == y.shape
    return common if same else common.elements()


@knows(Maximum, Minimum)
def of_greater(v: Variable, known: Known) -> Facts:
    x, y = operands(v, known)
    if v.dtype.kind == "c":
        return NOTHING
    greatest = isinstance(v.op, Maximum)
    pick = max if greatest else min
    positive = (x.positive or y.positive) if greatest else (x.negative or y.negative)
    return (
        (x | y)
        .elements()
        .but(
            low=pick(x.low, y.low),
            high=pick(x.high, y.high),
            nonzero=positive or (x.nonzero and y.nonzero),
        )
    )


@knows(Fmax, Fmin)
def of_greater_number(v: Variable, known: Known) -> Facts:
    """Of a number and a NaN, the number."""
    x, y = operands(v, known)
    if v.dtype.kind == "c":
        return NOTHING
    low, high = min(x.low, y.low), max(x.high, y.high)
    if isinstance(v.op, Fmax):
        low = max(low, *(f.low for f in (x, y) if f.never_nan == Sure.ALWAYS), low)
    else:
        high = min(high, *(f.high for f in (x, y) if f.never_nan == Sure.ALWAYS), high)
    return Facts(low, high, never_nan=max(x.never_nan, y.never_nan))


@knows(Clip)
def of_clipped(v: Variable, known: Known) -> Facts:
    op = v.op
    assert isinstance(op, Clip)
    if v.dtype.kind == "c":
        return NOTHING
    facts = operands(v, known)
    found = facts[0].elements()
    if op.has_low:
        low = facts[1]
        found = (
            (found | low)
            .elements()
            .but(low=max(found.low, low.low), high=max(found.high, low.high))
        )
    if op.has_high:
        high = facts[-1]
        found = (
            (found | high)
            .elements()
            .but(low=min(found.low, high.low), high=min(found.high, high.high))
        )
    return found


@knows(Comparison, Predicate)
def of_truth(v: Variable, known: Known) -> Facts:
    return Facts(0.0, 1.0) if v.dtype.kind == "b" else NOTHING


# ------------------------------------------------------------------------------------- reductions


def never_empty(v: Variable) -> bool:
    """Whether each element of the reduction v is made of at least one."""
    least = lower_bound(v.inputs[0].size)
    return least is not None and least > 0


def _in_batches(v: Variable) -> bool:
    """Whether only axes before the last two are reduced, and matrices stay matrices."""
    axes: tuple[int, ...] = v.op.axes  # type: ignore[attr-defined]
    return bool(axes) and all(axis < -2 for axis in axes)


@knows(Sum)
def of_total(v: Variable, known: Known) -> Facts:
    """A sum of nonnegative numbers is at least each of them, however it is rounded."""
    (x,) = operands(v, known)
    if v.dtype.kind in "biu":
        return NOTHING
    filled = never_empty(v)
    low = -INF if x.low < 0 else x.low if filled else 0.0
    high = INF if x.high > 0 else x.high if filled else 0.0
    found = Facts(
        low,
        high,
        nonzero=filled and (x.positive or x.negative),
        plus_zero=x.plus_zero,
        integer=x.integer,
        never_nan=_sum_never_nan(x),
    )
    return _sum_of_matrices(v, x, found)


def _sum_of_matrices(v: Variable, x: Facts, found: Facts) -> Facts:
    if not _in_batches(v):
        return found
    return found.but(
        symmetric=x.symmetric,
        hermitian=x.hermitian,
        positive_semidefinite=x.positive_semidefinite,
        positive_definite=x.positive_definite and never_empty(v),
        lower_triangular=x.lower_triangular,
        upper_triangular=x.upper_triangular,
    )


def _sum_never_nan(x: Facts) -> Sure:
    """Partial sums may overflow both ways."""
    return x.never_nan if x.low >= 0 or x.high <= 0 else Sure.NO


@knows(Mean)
def of_mean(v: Variable, known: Known) -> Facts:
    (x,) = operands(v, known)
    if v.dtype.kind != "f":
        return NOTHING
    found = Facts(0.0 if x.low >= 0 else -INF, 0.0 if x.high <= 0 else INF, plus_zero=x.plus_zero)
    filled = never_empty(v)
    if filled and v.dtype.itemsize == 8:  # sums of small whole numbers are exact
        low, high = (e if e == round(e) else None for e in _ends(x))
        found = found.but(
            low=found.low if low is None else max(found.low, low),
            high=found.high if high is None else min(found.high, high),
        )
    found = found.but(never_nan=_sum_never_nan(x) if filled else Sure.NO)
    return _sum_of_matrices(v, x, found)


def _ends(x: Facts) -> tuple[float, float]:
    return (
        x.low if abs(x.low) <= 2**20 else 0.5,
        x.high if abs(x.high) <= 2**20 else 0.5,
    )


@knows(Prod)
def of_factors(v: Variable, known: Known) -> Facts:
    (x,) = operands(v, known)
    if v.dtype.kind != "f" or x.low < 0:
        return NOTHING
    return Facts(1.0 if x.low >= 1 else 0.0, 1.0 if x.high <= 1 else INF, plus_zero=x.plus_zero)


@knows(Max, Min)
def of_extreme(v: Variable, known: Known) -> Facts:
    op, x = v.op, known(v.inputs[0]).elements()
    assert isinstance(op, (Max, Min))
    if v.dtype.kind == "c":
        return NOTHING
    return x if op.initial is None else x | of_array(np.asarray(op.initial).astype(v.dtype))


@knows(RunningMaximum, RunningMinimum)
def of_running_extreme(v: Variable, known: Known) -> Facts:
    return NOTHING if v.dtype.kind == "c" else known(v.inputs[0]).elements()


@knows(Median)
def of_median(v: Variable, known: Known) -> Facts:
    x = known(v.inputs[0])
    return Facts(0.0 if x.low >= 0 else -INF, 0.0 if x.high <= 0 else INF)


@knows(Norm, Var)
def of_norm(v: Variable, known: Known) -> Facts:
    return Facts(0.0)


@knows(Softmax)
def of_softmax(v: Variable, known: Known) -> Facts:
    return Facts(0.0, 1.0, plus_zero=True)


@knows(LogSoftmax)
def of_log_softmax(v: Variable, known: Known) -> Facts:
    return Facts(high=0.0)


@knows(Logsumexp)
def of_logsumexp(v: Variable, known: Known) -> Facts:
    (x,) = operands(v, known)
    filled = never_empty(v) and v.dtype.kind == "f"
    return Facts(low=x.low if filled else -INF)


@knows(Argmax, Argmin, Argsort)
def of_positions(v: Variable, known: Known) -> Facts:
    return Facts(0.0)


@knows(Bincount)
def of_counts(v: Variable, known: Known) -> Facts:
    assert isinstance(v.op, Bincount)
    if not v.op.weighted:
        return Facts(0.0)
    weights = known(v.inputs[1])
    return Facts(0.0 if weights.low >= 0 else -INF)


@knows(Trace)
def of_trace(v: Variable, known: Known) -> Facts:
    x = known(v.inputs[0])
    if v.dtype.kind != "f":
        return NOTHING
    return Facts(0.0 if x.low >= 0 else -INF, 0.0 if x.high <= 0 else INF)
