"""Floating-point numbers taken apart and put together; remainders; repaired values; sinc."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from graphcomp.errors import DTypeError, TraceError
from graphcomp.graph import Variable
from graphcomp.ops import arithmetic, compare, create, parts, transcendental
from graphcomp.ops.base import Bad, Meaning, Operand, Sample, as_variable
from graphcomp.ops.compare import Predicate
from graphcomp.ops.elementwise import (
    Binary,
    Step,
    Unary,
    binary,
    keeps_dtype,
    unary,
    universal,
)
from graphcomp.ops.runtime.stable import _sin_over_x
from graphcomp.registry import public
from graphcomp.types import DType, TensorType, sampled_dtype, ufunc_dtype

__all__ = [
    "copysign",
    "divmod",
    "fmod",
    "frexp",
    "ldexp",
    "logaddexp2",
    "modf",
    "nan_to_num",
    "nextafter",
    "signbit",
    "sinc",
    "spacing",
]

_LOG_2 = 0.6931471805599453

# ---------------------------------------------------------------------- signs and neighbours


class Copysign(Binary):
    """abs(x) with the sign of y; its derivative by x at 0 is 0."""

    ufunc = np.copysign
    oracle = "abs(x) if y >= 0 else -abs(x)"
    kinks = (0.0,)
    dtypes = ("float64", "int64")

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        x, y = inputs
        if i == 1:
            return create.full_of(0, y.type)
        return G * (parts.sign(x) * parts.sign(output))


class Signbit(Predicate):
    """Whether the sign of x is set: x is negative, or -0.0."""

    ufunc = np.signbit
    oracle = "mp.sign(x) < 0"
    extremes = (-np.inf, -1.0, 0.0, 2.0, np.inf)
    dtypes = ("float64", "int64", "bool")


class Nextafter(Binary):
    """The number next to x in the direction of y. It moves with x, and not with y."""

    ufunc = np.nextafter
    # The spacing of floats between 1 and 2, above x or below it.
    oracle = "x + mp.sign(y - x) * mp.mpf(2) ** -52"
    domain = ((1.1, 1.9), (-2.0, 2.0))

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        return create.full_of(0, inputs[1].type) if i else G


class Spacing(Step):
    """The distance from x to the float next to it, away from 0."""

    ufunc = np.spacing
    oracle = "mp.sign(x) * mp.mpf(2) ** (mp.floor(mp.log(abs(x), 2)) - 52)"
    domain = ((1.1, 1.9),)  # between powers of 2


# --------------------------------------------------------------------- mantissa and exponent


class Ldexp(Binary):
    """x * 2**y, for an integer y."""

    ufunc = np.ldexp
    oracle = "x * mp.mpf(2) ** int(y)"
    nondiff = frozenset({1})

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        return self(G, inputs[1])

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for x, y in (((), ()), ((5,), (5,)), ((0, 3), (3,)), ((2, 1), (3,)), ((), (4,))):
            yield Sample(cls(), (Operand(x), Operand(y, -3, 4, "int64")))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(), (Operand((2,)), Operand((2,))), DTypeError)


class Mantissa(Unary):
    """m in x = m * 2**e, with 0.5 <= abs(m) < 1."""

    expression = "np.frexp(x)[0]"
    oracle = "mp.frexp(x)[0]"
    domain = ((0.6, 0.9),)  # between powers of 2
    extremes = (-1.7, 5.0)
    takes_out = False

    def result_dtype(self, *types: TensorType) -> DType:
        return ufunc_dtype(np.frexp, types[0].operand)

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        return ldexp(G, -Exponent()(inputs[0]))


class Exponent(Unary):
    """e in x = m * 2**e, with 0.5 <= abs(m) < 1."""

    expression = "np.frexp(x)[1]"
    oracle = "mp.frexp(x)[1]"
    domain = ((0.6, 3.9),)
    nondiff = frozenset({0})
    takes_out = False

    def result_dtype(self, *types: TensorType) -> DType:
        ufunc_dtype(np.frexp, types[0].operand)
        return np.dtype(np.int32)


class Fraction(Unary):
    """x without its integer part, with the sign of x."""

    expression = "np.modf(x)[0]"
    oracle = "x - int(x)"
    domain = ((1.1, 1.9),)  # between integers
    extremes = (-1.5, 0.0, 2.25)
    takes_out = False

    def result_dtype(self, *types: TensorType) -> DType:
        return ufunc_dtype(np.modf, types[0].operand)

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        return G


class Fmod(Binary):
    """x - y * trunc(x / y): it has the sign of x."""

    ufunc = np.fmod
    oracle = "x - y * int(mp.mpf(1) * x / y)"
    domain = ((-4.5, -4.2), (1.15, 1.35))  # no quotient near an integer
    dtypes = ("float64", "int64")

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        x, y = inputs
        return -G * parts.trunc(x / y) if i else G


class Logaddexp2(Binary):
    """log2(2**x + 2**y), without overflow."""

    ufunc = np.logaddexp2
    oracle = "mp.log(mp.mpf(2) ** x + mp.mpf(2) ** y, 2)"
    extremes = (-2000.0, 0.0, 2000.0)

    def partial(self, i: int, x: Variable, y: Variable, z: Variable) -> Variable | float:
        return transcendental.share(_LOG_2 * (x, y)[i], _LOG_2 * z)


# -------------------------------------------------------------------------------------- sinc


def _sinc_derivative(x: Any, order: int) -> Any:
    """The derivative of sin(pi x) / (pi x) of an order above 0."""
    return np.pi**order * _sin_over_x(np.pi * x, order)


@dataclass(frozen=True, eq=False)
class Sinc(Unary):
    """sin(pi x) / (pi x), and 1 at 0; or its derivative of an order above 0."""

    order: int = 0
    helpers: ClassVar[tuple[Any, ...]] = (_sinc_derivative,)
    oracle: ClassVar[str] = "mp.diff(mp.sincpi, x, order)"
    dtypes: ClassVar[tuple[str, ...]] = ("float64", "complex128", "int64")
    takes_out: ClassVar[bool] = False
    flops_per_element: ClassVar[float] = 10.0

    def result_dtype(self, *types: TensorType) -> DType:
        return sampled_dtype(np.sinc, types[0])

    def meaning(self, *types: TensorType) -> Meaning:
        x = types[0]
        text = "_sinc_derivative(x, order)" if self.order else "np.sinc(x)"
        literals = {"order": self.order, "dtype": x.dtype}
        return Meaning(text if keeps_dtype(x) else f"dtype({text})", literals)

    def partial(self, x: Variable, y: Variable) -> Variable | complex:
        return Sinc(self.order + 1)(x)

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        yield from super().samples()
        values = [-30.3, -0.7, -1e-3, 0.0, 1e-9, 0.31, 0.33, 0.96, 1.0]
        for order in range(4):
            near = Operand((len(values),), kind="fixed", value=values)
            yield Sample(cls(order), (near,))
        yield Sample(cls(1), (Operand((5,), dtype="complex128"),))


# ---------------------------------------------------------------------------- repaired values


@dataclass(frozen=True, eq=False)
class NanToNum(Unary):
    """x with ``nan`` for NaN, ``posinf`` and ``neginf`` or the largest numbers for infinities.

    No gradient comes through from what is replaced.
    """

    nan: float = 0.0
    posinf: float | None = None
    neginf: float | None = None
    expression: ClassVar[str] = "np.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf)"
    dtypes: ClassVar[tuple[str, ...]] = ("float64", "complex128", "int64")
    takes_out: ClassVar[bool] = False
    oracle: ClassVar[str] = (
        "x if mp.isfinite(x) else nan if mp.isnan(x) else posinf if x > 0 else neginf"
    )

    def result_dtype(self, *types: TensorType) -> DType:
        return types[0].dtype

    def simplify(self, x: Variable) -> Variable | None:
        return x if x.dtype.kind in "biu" and not x.type.weak else None

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        (x,) = inputs
        if x.dtype.kind != "c":
            return compare.where(compare.isfinite(x), G, 0)
        real = compare.where(compare.isfinite(x.real), G.real, 0)
        return real + 1j * compare.where(compare.isfinite(x.imag), G.imag, 0)

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        yield from super().samples()
        for op, values in (
            (cls(5.0), [np.nan, -0.5, 0.0, 2.0]),
            (cls(1.5, 3.0, -3.0), [np.nan, np.inf, -np.inf, -0.5, 0.0, 2.0]),
        ):
            yield Sample(op, (Operand((len(values),), kind="fixed", value=values),))


@public("numpy.nan_to_num")
def nan_to_num(
    x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None
) -> Variable:
    """x with numbers for NaN and infinities, as ``np.nan_to_num``.

    Infinities become ``posinf`` and ``neginf``, by default the largest numbers of x's dtype. In
    complex x the real and the imaginary parts are repaired. No gradient comes through from what
    is replaced; where a replacement is a variable, it gets that gradient. Raises TraceError for
    ``copy=False``, which changes x.

    >>> import graphcomp as gr
    >>> x = gr.vector("x", 3)
    >>> gr.evaluate({x: [1.0, float("nan"), float("inf")]}, gr.nan_to_num(x, posinf=9.0))
    array([1., 0., 9.])
    """
    if not copy:
        raise TraceError(
            "nan_to_num(copy=False) changes an array in place, and a variable never changes",
            "write x = np.nan_to_num(x)",
        )
    x = as_variable(x)
    if all(value is None or _is_number(value) for value in (nan, posinf, neginf)):
        numbers = (None if value is None else float(value) for value in (nan, posinf, neginf))
        return NanToNum(*numbers)(x)  # type: ignore[arg-type]
    if x.dtype.kind == "c":
        re, im = (nan_to_num(part, True, nan, posinf, neginf) for part in (x.real, x.imag))
        return re + 1j * im
    result = x
    largest = {1: posinf, -1: neginf}
    for sign, value in largest.items():
        if value is not None:
            result = compare.where(x == sign * np.inf, as_variable(value).astype(x.dtype), result)
    result = compare.where(compare.isnan(x), as_variable(nan).astype(x.dtype), result)
    return NanToNum()(result) if None in (posinf, neginf) else result


def _is_number(value: Any) -> bool:
    return isinstance(value, (bool, int, float, np.number, np.bool_))


# ------------------------------------------------------------------------------ public functions

copysign = binary(Copysign)
signbit = unary(Signbit)
nextafter = binary(Nextafter)
spacing = unary(Spacing)
ldexp = binary(Ldexp)
fmod = binary(Fmod)
logaddexp2 = binary(Logaddexp2)
sinc = unary(Sinc, "numpy.sinc")


@universal(np.frexp)
def frexp(x: Any) -> tuple[Variable, Variable]:
    """The mantissa m and the int32 exponent e in x = m * 2**e, 0.5 <= abs(m) < 1, as ``np.frexp``.

    The derivative of m is 2**-e. Raises DTypeError for complex x.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.frexp(gr.constant(12.0)))
    (np.float64(0.75), np.int32(4))
    """
    return Mantissa()(x), Exponent()(x)


@universal(np.modf)
def modf(x: Any) -> tuple[Variable, Variable]:
    """The fraction and the integer part of x, both with the sign of x, as ``np.modf``.

    Raises DTypeError for complex x.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.modf(gr.constant(-2.5)))
    (np.float64(-0.5), np.float64(-2.0))
    """
    x = as_variable(x)
    return Fraction()(x), parts.trunc(x.astype(ufunc_dtype(np.modf, x.type.operand)))


@universal(np.divmod)
def divmod(x: Any, y: Any) -> tuple[Variable, Variable]:
    """The floor of x / y and the remainder, as ``np.divmod``: ``(x // y, x % y)``.

    Raises DTypeError for complex operands.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.divmod(gr.constant(-7), 2))
    (np.int64(-4), np.int64(1))
    """
    return arithmetic.floor_divide(x, y), arithmetic.remainder(x, y)
