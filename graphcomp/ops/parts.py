"""Absolute value and sign, rounding, parts of complex numbers, elementwise."""

from __future__ import annotations

import builtins
from collections.abc import Iterable
from typing import Any

import numpy as np

from graphcomp.errors import DTypeError, OptionError
from graphcomp.graph import Variable
from graphcomp.ops import compare, create, transcendental
from graphcomp.ops.base import Bad, Operand, as_variable
from graphcomp.ops.elementwise import Binary, Step, Unary, binary, unary
from graphcomp.registry import public, refuse
from graphcomp.types import DType, TensorType

__all__ = [
    "abs",
    "absolute",
    "angle",
    "around",
    "ceil",
    "conj",
    "conjugate",
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


class Rint(Rounding):
    """The integer nearest to x; halves go to the even one."""

    ufunc = np.rint
    oracle = "mp.nint(x)"

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        """None: NumPy rounds both parts of a complex number."""
        return ()


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


@public("numpy.round", "numpy.around")
def round(a: Any, decimals: int = 0, out: None = None) -> Variable:
    """a rounded to a number of decimals, halves to the even digit, as ``np.round``.

    Raises OptionError for integers with negative decimals, TraceError for ``out``.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.round(gr.constant([0.125, 2.5]), 2))
    array([0.12, 2.5 ])
    """
    a = as_variable(a)
    refuse("round", out=out)
    if decimals < 0 and a.dtype.kind in "iu":
        raise OptionError(
            f"round of {a.label}, which is {a.dtype}, to decimals={decimals}",
            "convert it with .astype('float64') first",
        )
    if decimals == 0 or a.dtype.kind in "iu":
        return rint(a)
    scale = 10.0 ** builtins.abs(decimals)
    return rint(a * scale) / scale if decimals > 0 else rint(a / scale) * scale


around = round


@public("numpy.angle")
def angle(z: Any, deg: bool = False) -> Variable:
    """The angle of complex numbers with the positive real axis, in radians or degrees.

    >>> import graphcomp as gr
    >>> z = gr.scalar("z", dtype="complex128")
    >>> gr.evaluate({z: 1j}, gr.angle(z, deg=True))
    np.float64(90.0)
    """
    z = as_variable(z)
    radians = transcendental.arctan2(imag(z), real(z))
    return radians * (180 / np.pi) if deg else radians
