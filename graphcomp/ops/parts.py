"""Absolute value and sign, rounding, parts of complex numbers, elementwise."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from graphcomp.dims import DimLike
from graphcomp.errors import DTypeError, OptionError
from graphcomp.graph import Variable
from graphcomp.ops import compare, create, transcendental
from graphcomp.ops.base import Bad, Operand, Sample, as_variable
from graphcomp.ops.elementwise import Binary, Step, Unary, binary, unary, universal
from graphcomp.registry import public, refuse
from graphcomp.types import DType, TensorType, ufunc_dtype

__all__ = [
    "abs",
    "absolute",
    "angle",
    "around",
    "ceil",
    "conj",
    "conjugate",
    "fabs",
    "fix",
    "floor",
    "heaviside",
    "imag",
    "real",
    "rint",
    "round",
    "sign",
    "trunc",
]

_ALL = ("float64", "complex128", "int64")

# ------------------------------------------------------------------- absolute value and rounding


class Absolute(Unary):
    """The absolute value; its derivative at 0 is 0."""

    ufunc = np.absolute
    expression = "np.abs(x)"
    oracle = "abs(x)"
    kinks = (0.0,)
    dtypes = _ALL

    def flops(self, types: tuple[TensorType, ...], output: TensorType) -> DimLike:
        return (4 if types[0].dtype.kind == "c" else 1) * output.size

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        if x.dtype.kind == "c":
            return conjugate(x) / compare.where(y == 0, 1, y)
        return sign(x)


class Sign(Step):
    """-1, 0 or 1; for complex x, x / abs(x)."""

    ufunc = np.sign
    oracle = "mp.sign(x)"
    kinks = (0.0,)
    dtypes = _ALL

    def simplify(self, x: Variable) -> Variable | None:
        """NumPy below 2.0 means another thing by the sign of a complex number."""
        if x.dtype.kind != "c":
            return None
        y = absolute(x)
        return x / compare.where(y == 0, 1, y)


class Rounding(Step, abstract=True):
    """Base of roundings to integers, which leave integers as they are."""

    domain = ((1.6, 1.9),)  # between jumps

    def simplify(self, x: Variable) -> Variable | None:
        return x if x.dtype.kind in "iu" and not x.type.weak else None

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(), (Operand((3,), dtype="complex128"),), DTypeError)


class Floor(Rounding):
    """The largest integer that is not above x."""

    ufunc = np.floor
    oracle = "mp.floor(x)"


class Ceil(Rounding):
    """The smallest integer that is not below x."""

    ufunc = np.ceil
    oracle = "mp.ceil(x)"


class Rint(Step):
    """The integer nearest to x, a float; halves go to the even one. Of complex x, both parts."""

    ufunc = np.rint
    oracle = "mp.mpc(mp.nint(mp.re(x)), mp.nint(mp.im(x))) if mp.im(x) else mp.nint(mp.re(x))"
    domain = ((1.6, 1.9),)  # between jumps
    dtypes = _ALL


@dataclass(frozen=True, eq=False)
class Round(Step):
    """x rounded to a number of decimals; halves go to the even digit. Of complex x, both parts."""

    decimals: int = 1
    expression: ClassVar[str] = "np.round(x, decimals)"
    oracle: ClassVar[str] = "mp.nint(x * mp.mpf(10) ** decimals) / mp.mpf(10) ** decimals"
    domain: ClassVar[tuple[tuple[float, float], ...]] = ((1.66, 1.74),)  # between jumps
    takes_out: ClassVar[bool] = False

    def result_dtype(self, *types: TensorType) -> DType:
        return types[0].dtype

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        yield from super().samples()
        yield Sample(cls(-1), (Operand((3,), kind="fixed", value=[-1.0, 2.0, 4.0]),))
        yield Sample(cls(-2), (Operand((3,), -49, 49, "int64"),))


class Trunc(Rounding):
    """x without its fraction."""

    ufunc = np.trunc
    oracle = "int(x)"


class Heaviside(Binary):
    """0 where x is negative, 1 where it is positive, y where it is 0."""

    ufunc = np.heaviside
    oracle = "y if x == 0 else float(x > 0)"
    kinks = (0.0,)

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        x, _ = inputs
        return compare.where(x == 0, G, 0) if i else create.full_of(0, x.type)


# ------------------------------------------------------------------- parts of complex numbers


class Part(Unary, abstract=True):
    """Base of the real and the imaginary part."""

    is_view = True
    takes_out = False
    dtypes = ("complex128",)

    def result_dtype(self, *types: TensorType) -> DType:
        dtype: DType = types[0].dtype.type(0).real.dtype
        return dtype


class Real(Part):
    """The real part."""

    expression = "x.real"
    oracle = "mp.re(x)"

    def simplify(self, x: Variable) -> Variable | None:
        return x if x.dtype.kind != "c" else None

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        return G


class Imag(Part):
    """The imaginary part."""

    expression = "x.imag"
    oracle = "mp.im(x)"

    def simplify(self, x: Variable) -> Variable | None:
        return create.full_of(0, x.type) if x.dtype.kind != "c" else None

    def partial(self, x: Variable, y: Variable) -> Variable | complex:
        return -1j


class Conjugate(Unary):
    """The complex conjugate."""

    ufunc = np.conjugate
    expression = "np.conj(x)"
    oracle = "mp.conj(x)"
    dtypes = ("complex128", "float64")

    def simplify(self, x: Variable) -> Variable | None:
        if isinstance(x.op, Conjugate):
            return x.inputs[0]
        return x if x.dtype.kind in "iuf" else None

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        return Conjugate()(G)


# ------------------------------------------------------------------------------ public functions

absolute = abs = unary(Absolute, "numpy.abs")
sign = unary(Sign)
floor = unary(Floor)
ceil = unary(Ceil)
rint = unary(Rint)
trunc = unary(Trunc)
heaviside = binary(Heaviside)
real = unary(Real, "numpy.real")
imag = unary(Imag, "numpy.imag")
conjugate = conj = unary(Conjugate, "numpy.conj")


@public("numpy.ndarray.conj")
def _conj_method(x: Variable) -> Variable:
    """The method: of bools the same bools, of which ``np.conj`` makes integers."""
    return x if x.dtype.kind == "b" else conjugate(x)


@universal(np.fabs)
def fabs(x: Any) -> Variable:
    """The absolute value of a real x, a float, as ``np.fabs``. Raises DTypeError for complex x.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.fabs(gr.constant([-2, 1])))
    array([2., 1.])
    """
    x = as_variable(x)
    return absolute(x.astype(ufunc_dtype(np.fabs, x.type.operand)))


@public("numpy.fix")
def fix(x: Any, out: None = None) -> Variable:
    """x rounded towards 0, as ``np.fix``. Raises DTypeError for complex x, TraceError for out.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.fix(gr.constant([-1.7, 1.7])))
    array([-1.,  1.])
    """
    refuse("fix", out=out)
    return trunc(x)


@public("numpy.round", "numpy.around", "numpy.round_")
def round(a: Any, decimals: int = 0, out: None = None) -> Variable:
    """a rounded to a number of decimals, halves to the even digit, as ``np.round``.

    Negative decimals round to tens, hundreds and so on. Integers stay integers. Of complex
    numbers both parts are rounded. Raises TraceError for ``out``.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.round(gr.constant([0.125, 2.5]), 2))
    array([0.12, 2.5 ])
    """
    refuse("round", out=out)
    x = as_variable(a)
    if not isinstance(decimals, (int, np.integer)):
        raise OptionError(f"round of {x.label} to {decimals!r} decimals", "give a plain int")
    if x.dtype.kind == "b" and decimals:
        raise DTypeError(f"round of {x.label}, a bool, to {decimals} decimals", "use .astype first")
    if x.dtype.kind in "iu" and decimals >= 0:
        return x
    return Round(int(decimals))(x) if decimals else rint(x)


around = round


@public("numpy.angle")
def angle(z: Any, deg: bool = False) -> Variable:
    """The angle of complex numbers with the positive real axis, in radians or degrees.

    As ``np.angle``; derivatives at 0 are 0.

    >>> import graphcomp as gr
    >>> z = gr.scalar("z", dtype="complex128")
    >>> gr.evaluate({z: 1j}, gr.angle(z, deg=True))
    np.float64(90.0)
    """
    z = as_variable(z)
    radians = transcendental.arctan2(imag(z) if z.dtype.kind == "c" else 0, real(z))
    return radians * (180 / np.pi) if deg else radians
