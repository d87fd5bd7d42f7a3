"""Comparisons and logic, and what chooses by them: where, maximum, minimum, clip."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from graphcomp.errors import DTypeError, OptionError, ShapeError
from graphcomp.graph import Variable
from graphcomp.ops.base import Bad, Input, Meaning, Operand, Sample
from graphcomp.ops.elementwise import Binary, Elementwise, Unary, binary, converted, unary
from graphcomp.registry import call, public, refuse
from graphcomp.types import DType, TensorType, result_dtype, sampled_dtype, weak_type

__all__ = [
    "bitwise_and",
    "bitwise_invert",
    "bitwise_not",
    "bitwise_or",
    "bitwise_xor",
    "clip",
    "equal",
    "fmax",
    "fmin",
    "greater",
    "greater_equal",
    "invert",
    "isfinite",
    "isinf",
    "isnan",
    "less",
    "less_equal",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "maximum",
    "minimum",
    "not_equal",
    "where",
]

_NUMBERS = ("float64", "int64", "bool", "complex128")

# ------------------------------------------------------------------- comparisons and properties


class Predicate(Unary, abstract=True):
    """Base of tests of one operand. A truth value carries no gradient."""

    nondiff = frozenset({0})
    extremes: ClassVar[tuple[float, ...]] = (-np.inf, -1.0, -0.0, 2.0, np.inf, np.nan)
    dtypes: ClassVar[tuple[str, ...]] = _NUMBERS


class Comparison(Binary, abstract=True):
    """Base of comparisons and logic of two operands. A truth value carries no gradient.

    Complex numbers compare by their real parts, then by their imaginary parts.
    """

    nondiff = frozenset({0, 1})
    dtypes: ClassVar[tuple[str, ...]] = _NUMBERS


class Equal(Comparison):
    """x == y."""

    ufunc = np.equal
    expression = "x == y"
    oracle = "x == y"


class NotEqual(Comparison):
    """x != y."""

    ufunc = np.not_equal
    expression = "x != y"
    oracle = "x != y"


class Less(Comparison):
    """x < y."""

    ufunc = np.less
    expression = "x < y"
    oracle = "(x.real, x.imag) < (y.real, y.imag)"


class LessEqual(Comparison):
    """x <= y."""

    ufunc = np.less_equal
    expression = "x <= y"
    oracle = "(x.real, x.imag) <= (y.real, y.imag)"


class Greater(Comparison):
    """x > y."""

    ufunc = np.greater
    expression = "x > y"
    oracle = "(x.real, x.imag) > (y.real, y.imag)"


class GreaterEqual(Comparison):
    """x >= y."""

    ufunc = np.greater_equal
    expression = "x >= y"
    oracle = "(x.real, x.imag) >= (y.real, y.imag)"


class Isnan(Predicate):
    """Whether x is not a number."""

    ufunc = np.isnan
    oracle = "mp.isnan(x)"


class Isinf(Predicate):
    """Whether x is inf or -inf."""

    ufunc = np.isinf
    oracle = "mp.isinf(x)"


class Isfinite(Predicate):
    """Whether x is neither infinite nor NaN."""

    ufunc = np.isfinite
    oracle = "mp.isfinite(x)"


# ---------------------------------------------------------------------------------------- logic


class LogicalAnd(Comparison):
    """Whether x and y are both other than 0."""

    ufunc = np.logical_and
    oracle = "bool(x) and bool(y)"


class LogicalOr(Comparison):
    """Whether x or y is other than 0."""

    ufunc = np.logical_or
    oracle = "bool(x) or bool(y)"


class LogicalXor(Comparison):
    """Whether just one of x and y is other than 0."""

    ufunc = np.logical_xor
    oracle = "bool(x) != bool(y)"


class LogicalNot(Predicate):
    """Whether x is 0."""

    ufunc = np.logical_not
    oracle = "not x"


class Bitwise(Comparison, abstract=True):
    """Base of bitwise logic on bools and integers."""

    dtypes: ClassVar[tuple[str, ...]] = ("int64", "bool")

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield from super().bad()
        yield Bad(cls(), (Operand((3,)), Operand((3,), dtype="bool")), DTypeError)


class BitwiseAnd(Bitwise):
    """x & y, bit by bit."""

    ufunc = np.bitwise_and
    expression = "x & y"
    oracle = "x & y"


class BitwiseOr(Bitwise):
    """x | y, bit by bit."""

    ufunc = np.bitwise_or
    expression = "x | y"
    oracle = "x | y"


class BitwiseXor(Bitwise):
    """x ^ y, bit by bit."""

    ufunc = np.bitwise_xor
    expression = "x ^ y"
    oracle = "x ^ y"


class Invert(Unary):
    """~x: not x for a bool, every bit turned for an integer."""

    ufunc = np.invert
    expression = "~x"
    oracle = "not x if isinstance(x, bool) else -x - 1"
    nondiff = frozenset({0})
    dtypes = ("int64", "bool")

    def infer(self, *types: TensorType) -> TensorType:
        x = types[0]
        return weak_type(True) if x.weak and x.dtype.kind == "b" else super().infer(x)

    def meaning(self, *types: TensorType) -> Meaning:
        """Python's own ``~True`` is -2."""
        return Meaning("not x" if types[0].weak and types[0].dtype.kind == "b" else "~x")

    def simplify(self, x: Variable) -> Variable | None:
        return x.inputs[0] if isinstance(x.op, Invert) else None

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(), (Operand((3,)),), DTypeError)


# -------------------------------------------------------------------------------------- choosing


def is_constant(v: Variable) -> bool:
    """Whether v is plainly a constant: one, or a reshaped or broadcast one."""
    while len(v.inputs) == 1 and v.op.is_view:
        v = v.inputs[0]
    return not v.inputs and not isinstance(v.op, Input)


class Extremum(Binary, abstract=True):
    """Base of maximum and minimum. Where the operands tie, two variables share the gradient
    equally; a constant takes it from a variable."""

    dtypes = _NUMBERS

    def wins(self, x: Variable, y: Variable) -> Variable:
        """Whether x alone is the result."""
        raise NotImplementedError

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        mine, other = inputs[i], inputs[1 - i]
        wins = self.wins(mine, other)
        if is_constant(other):
            return G * wins
        tie = inputs[0] == inputs[1]  # in this order for both, so that they share it
        return where(tie, 0.5 * G, where(wins, G, 0))

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        """Floating values that are nowhere near a tie."""
        for sample in super().samples():
            x, y = sample.operands
            if x.dtype == "float64":
                x = replace(x, kind="distinct")
                y = replace(y, kind="distinct", low=-1.7, high=2.3)
            yield Sample(sample.op, (x, y))


class Maximum(Extremum):
    """The larger of x and y; NaN where one is NaN."""

    ufunc = np.maximum
    oracle = "max(x, y, key=lambda v: (v.real, v.imag))"

    def wins(self, x: Variable, y: Variable) -> Variable:
        return x > y


class Minimum(Extremum):
    """The smaller of x and y; NaN where one is NaN."""

    ufunc = np.minimum
    oracle = "min(x, y, key=lambda v: (v.real, v.imag))"

    def wins(self, x: Variable, y: Variable) -> Variable:
        return x < y


class Fmax(Extremum):
    """The larger of x and y; the other one where one is NaN."""

    ufunc = np.fmax
    oracle = "max(x, y, key=lambda v: (v.real, v.imag))"

    def wins(self, x: Variable, y: Variable) -> Variable:
        return (x > y) | isnan(y)


class Fmin(Extremum):
    """The smaller of x and y; the other one where one is NaN."""

    ufunc = np.fmin
    oracle = "min(x, y, key=lambda v: (v.real, v.imag))"

    def wins(self, x: Variable, y: Variable) -> Variable:
        return (x < y) | isnan(y)


@dataclass(frozen=True, eq=False)
class Clip(Elementwise):
    """x limited to ``low`` and ``high``, or to the one of them that there is.

    The derivative by x at a bound is 1. Where low > high, the result is high.
    """

    has_low: bool = True
    has_high: bool = True
    kinks: ClassVar[tuple[float, ...]] = ()
    oracle: ClassVar[str] = (
        "(lambda k, y: min(y, high, key=k) if has_high else y)"
        "(*(lambda k: (k, max(x, low, key=k) if has_low else x))(lambda v: (v.real, v.imag)))"
    )

    @property
    def bounds(self) -> tuple[str, ...]:
        return ("low",) * self.has_low + ("high",) * self.has_high

    def parameter_names(self, count: int) -> tuple[str, ...]:
        return ("x", *self.bounds)

    def meaning(self, *types: TensorType) -> Meaning:
        low, high = (b if b in self.bounds else "None" for b in ("low", "high"))
        return Meaning(f"np.clip(x, {low}, {high})")

    def result_dtype(self, *types: TensorType) -> DType:
        return sampled_dtype(np.clip, types[0], types[1], types[-1])

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        x, low, high = inputs[0], inputs[1], inputs[-1]
        if i == 0:
            inside = [low <= x] * self.has_low + [x <= high] * self.has_high
            return G * (inside[0] & inside[1] if len(inside) == 2 else inside[0])
        if i == 1 and self.has_low:
            return G * ((x < low) & (low <= high) if self.has_high else x < low)
        return G * ((x > high) | (low > high) if self.has_low else x > high)

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for shapes in (((), (), ()), ((5,), (), ()), ((2, 3), (3,), (2, 1)), ((0, 3), (3,), ())):
            for dtype in ("float64", "int64", "complex128"):
                x = Operand(shapes[0], -3.0, 3.0, dtype)
                low = Operand(shapes[1], -1.0, -0.8, dtype)
                high = Operand(shapes[2], 1.0, 1.2, dtype)
                yield Sample(cls(), (x, low, high))
                yield Sample(cls(True, False), (x, low))
                yield Sample(cls(False, True), (x, high))
        crossed = [Operand((4,), kind="fixed", value=v) for v in ([-2, 0, 2, 5], [1] * 4, [-1] * 4)]
        yield Sample(cls(), tuple(crossed))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(), (Operand((3,)), Operand((2,)), Operand(())), ShapeError)


class Where(Elementwise):
    """x where the condition holds, else y. Nothing comes through from the branch not taken."""

    parameters = ("condition", "x", "y")
    oracle = "x if condition else y"
    nondiff = frozenset({0})
    takes_out = False

    def meaning(self, *types: TensorType) -> Meaning:
        text = "np.where(condition, x, y)"
        return Meaning(text if any(t.ndim for t in types) else f"{text}[()]")

    def result_dtype(self, *types: TensorType) -> DType:
        return result_dtype(*types[1:])

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        condition = inputs[0]
        return where(condition, G, 0) if i == 1 else where(condition, 0, G)

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        uses: list[tuple[tuple[int, ...], ...]] = [((), (), ()), ((0,),) * 3, ((5,),) * 3]
        uses += [((2, 3), (3,), (2, 1)), ((3,), (), (2, 3)), ((), (3,), (3,)), ((0, 1), (3,), ())]
        for shapes in uses:
            for dtypes in (("bool", "float64", "float64"), ("int64", "complex128", "float64")):
                operands = zip(shapes, dtypes, strict=True)
                yield Sample(cls(), tuple(Operand(s, 0.0, 1.0, dtype) for s, dtype in operands))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        operands = (Operand((2,), dtype="bool"), Operand((3,)), Operand(()))
        yield Bad(cls(), operands, ShapeError)


# ------------------------------------------------------------------------------ public functions

equal = binary(Equal)
not_equal = binary(NotEqual)
less = binary(Less)
less_equal = binary(LessEqual)
greater = binary(Greater)
greater_equal = binary(GreaterEqual)
isnan = unary(Isnan)
isinf = unary(Isinf)
isfinite = unary(Isfinite)
logical_and = binary(LogicalAnd)
logical_or = binary(LogicalOr)
logical_xor = binary(LogicalXor)
logical_not = unary(LogicalNot)
bitwise_and = binary(BitwiseAnd)
bitwise_or = binary(BitwiseOr)
bitwise_xor = binary(BitwiseXor)
invert = bitwise_not = bitwise_invert = unary(Invert, "numpy.bitwise_not", "numpy.bitwise_invert")
maximum = binary(Maximum)
minimum = binary(Minimum)
fmax = binary(Fmax)
fmin = binary(Fmin)
_where = Where()


@public("numpy.where")
def where(condition: Any, x: Any = None, y: Any = None, /) -> Variable:
    """x where ``condition`` holds, else y, broadcast together, as ``np.where``.

    Nothing comes through from the branch not taken, neither in derivatives of any order nor as a
    warning: it is computed at a safe place (``docs/conventions.md``). Raises OptionError with one
    argument only, whose result would have a shape that depends on values.

    >>> import graphcomp as gr
    >>> x = gr.vector("x", 3)
    >>> gr.evaluate({x: [-1.0, 2.0, 3.0]}, gr.where(x > 0, x, 0.0))
    array([0., 2., 3.])
    """
    if x is None or y is None:
        raise OptionError(
            "where needs both branches: the indices of true values have no fixed shape",
            "write gr.where(condition, x, y)",
        )
    return _where(condition, x, y)


@public("numpy.clip")
def clip(
    a: Any,
    a_min: Any = None,
    a_max: Any = None,
    out: None = None,
    *,
    min: Any = None,
    max: Any = None,
    dtype: Any = None,
    casting: str = "same_kind",
    where: Any = True,
    **layout: Any,
) -> Variable:
    """a limited to ``a_min`` and ``a_max`` (also called ``min`` and ``max``), as ``np.clip``.

    A bound may be an array or a variable, or None for no bound. The derivative by ``a`` at a
    bound is 1. With ``dtype`` all are converted to it first. Raises OptionError for a bound
    given twice, TraceError for ``out``.

    >>> import graphcomp as gr
    >>> x = gr.vector("x", 3)
    >>> gr.evaluate({x: [-1.0, 0.5, 3.0]}, gr.clip(x, 0, 1))
    array([0. , 0.5, 1. ])
    """
    refuse("clip", out=out, where=where)
    for name, one, other in (("a_min", a_min, min), ("a_max", a_max, max)):
        if one is not None and other is not None:
            raise OptionError(f"clip is given {name} and {name[2:]}", "give one of them")
    low, high = (a_min if min is None else min), (a_max if max is None else max)
    options = {"dtype": dtype, "casting": casting, **layout}
    if low is None and high is None:
        return call("positive", a, **options)
    given = (a, *(bound for bound in (low, high) if bound is not None))
    given = converted("clip", None, len(given), given, None, options)
    return Clip(low is not None, high is not None)(*given)
