"""Exponentials, logarithms, circular and hyperbolic functions, elementwise."""

from __future__ import annotations

import math

import numpy as np

from graphcomp.graph import Variable
from graphcomp.ops import activations, arithmetic, compare, stable
from graphcomp.ops.base import constant_value
from graphcomp.ops.elementwise import Binary, Unary, binary, unary
from graphcomp.types import DType, TensorType, ufunc_dtype

__all__ = [
    "acos",
    "acosh",
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "cos",
    "cosh",
    "deg2rad",
    "degrees",
    "exp",
    "exp2",
    "expm1",
    "hypot",
    "log",
    "log1p",
    "log2",
    "log10",
    "logaddexp",
    "rad2deg",
    "radians",
    "sin",
    "sinh",
    "tan",
    "tanh",
]

_COMPLEX = ("float64", "complex128")
_LOG_2 = 0.6931471805599453
_LOG_10 = 2.302585092994046

# ---------------------------------------------------------------- exponentials and logarithms


class Exp(Unary):
    """e to the power x."""

    ufunc = np.exp
    oracle = "mp.exp(x)"
    dtypes = (*_COMPLEX, "int64")

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return y


class Exp2(Unary):
    """2 to the power x."""

    ufunc = np.exp2
    oracle = "mp.mpf(2) ** x"
    dtypes = _COMPLEX

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return _LOG_2 * y


class Expm1(Unary):
    """exp(x) - 1, exact near 0."""

    ufunc = np.expm1
    oracle = "mp.expm1(x)"
    dtypes = _COMPLEX
    extremes = (-800.0, -1e-20, 0.0, 1e-20, 30.0)

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return exp(x)  # y + 1 would lose all digits where x is very negative


class Log(Unary):
    """The natural logarithm."""

    ufunc = np.log
    oracle = "mp.log(x)"
    domain = ((0.3, 3.0),)
    dtypes = _COMPLEX

    def divisor(self, x: Variable, y: Variable) -> Variable | None:
        return x


class Log2(Unary):
    """The logarithm to base 2."""

    ufunc = np.log2
    oracle = "mp.log(x) / mp.log(2)"
    domain = ((0.3, 3.0),)
    dtypes = _COMPLEX

    def divisor(self, x: Variable, y: Variable) -> Variable | None:
        return _LOG_2 * x


class Log10(Unary):
    """The logarithm to base 10."""

    ufunc = np.log10
    oracle = "mp.log(x) / mp.log(10)"
    domain = ((0.3, 3.0),)
    dtypes = _COMPLEX

    def divisor(self, x: Variable, y: Variable) -> Variable | None:
        return _LOG_10 * x


class Log1p(Unary):
    """log(1 + x), exact near 0."""

    ufunc = np.log1p
    oracle = "mp.log1p(x)"
    domain = ((-0.7, 2.0),)
    dtypes = _COMPLEX
    extremes = (-1e-20, 0.0, 1e-20, 1e30)

    def divisor(self, x: Variable, y: Variable) -> Variable | None:
        return 1 + x


class Logaddexp(Binary):
    """log(exp(x) + exp(y)), without overflow."""

    ufunc = np.logaddexp
    oracle = "mp.log(mp.exp(x) + mp.exp(y))"
    extremes = (-800.0, 0.0, 800.0)

    def simplify(self, x: Variable, y: Variable) -> Variable | None:
        """logaddexp(0, y) -> softplus(y), and with the operands swapped."""
        for zero, other in ((x, y), (y, x)):
            if constant_value(zero) == 0:
                result = activations.Softplus()(other)
                if self.has_type_of(result, x, y):
                    return result
        return None

    def partial(self, i: int, x: Variable, y: Variable, z: Variable) -> Variable | float:
        return stable.share_of_two(x, y) if i == 0 else stable.share_of_two(y, x)


class Share(Binary):
    """exp(x - y), the part that x has in y = log(sum(exp(x))); 0, not NaN, where both are -inf."""

    expression = "_share(x, y)"
    flops_per_element = 3.0
    oracle = "mp.exp(x - y)"
    takes_out = False

    def result_dtype(self, *types: TensorType) -> DType:
        return ufunc_dtype(np.subtract, *(t.operand for t in types))

    def partial(self, i: int, x: Variable, y: Variable, z: Variable) -> Variable | float:
        return z if i == 0 else -z


# ------------------------------------------------------------------------- circular functions


class Sin(Unary):
    """The sine of x in radians."""

    ufunc = np.sin
    oracle = "mp.sin(x)"
    dtypes = _COMPLEX

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return cos(x)


class Cos(Unary):
    """The cosine of x in radians."""

    ufunc = np.cos
    oracle = "mp.cos(x)"
    dtypes = _COMPLEX

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return -sin(x)


class Tan(Unary):
    """The tangent of x in radians."""

    ufunc = np.tan
    oracle = "mp.tan(x)"
    domain = ((-1.0, 1.0),)
    dtypes = _COMPLEX

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return 1 + y**2


class Arcsin(Unary):
    """The angle in [-pi/2, pi/2] whose sine is x."""

    ufunc = np.arcsin
    oracle = "mp.asin(x)"
    domain = ((-0.8, 0.8),)
    dtypes = _COMPLEX

    def divisor(self, x: Variable, y: Variable) -> Variable | None:
        return arithmetic.sqrt(1 - x**2)


class Arccos(Unary):
    """The angle in [0, pi] whose cosine is x."""

    ufunc = np.arccos
    oracle = "mp.acos(x)"
    domain = ((-0.8, 0.8),)
    dtypes = _COMPLEX

    def divisor(self, x: Variable, y: Variable) -> Variable | None:
        return -arithmetic.sqrt(1 - x**2)


class Arctan(Unary):
    """The angle in [-pi/2, pi/2] whose tangent is x."""

    ufunc = np.arctan
    oracle = "mp.atan(x)"
    domain = ((-0.8, 0.8),)
    dtypes = _COMPLEX
    extremes = (-1e20, -3.0, 3.0, 1e20)

    def divisor(self, x: Variable, y: Variable) -> Variable | None:
        return 1 + x**2


class Arctan2(Binary):
    """The angle of the point with ordinate x and abscissa y; derivatives at the origin are 0."""

    ufunc = np.arctan2
    oracle = "mp.atan2(x, y)"
    domain = ((0.3, 2.0), (-2.0, 2.0))

    def partial(self, i: int, x: Variable, y: Variable, z: Variable) -> Variable | float:
        r = hypot(x, y)
        safe = compare.where(r == 0, 1, r)
        return (y if i == 0 else -x) / safe / safe


class Hypot(Binary):
    """sqrt(x**2 + y**2), without overflow; derivatives at the origin are 0."""

    ufunc = np.hypot
    oracle = "mp.sqrt(x * x + y * y)"
    domain = ((0.3, 2.0), (-2.0, 2.0))

    def partial(self, i: int, x: Variable, y: Variable, z: Variable) -> Variable | float:
        return (x if i == 0 else y) / compare.where(z == 0, 1, z)


class Deg2rad(Unary):
    """Degrees in radians."""

    ufunc = np.deg2rad
    oracle = "mp.radians(x)"

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return math.pi / 180


class Rad2deg(Unary):
    """Radians in degrees."""

    ufunc = np.rad2deg
    oracle = "mp.degrees(x)"

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return 180 / math.pi


# ----------------------------------------------------------------------- hyperbolic functions


class Sinh(Unary):
    """The hyperbolic sine."""

    ufunc = np.sinh
    oracle = "mp.sinh(x)"
    dtypes = _COMPLEX

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return cosh(x)


class Cosh(Unary):
    """The hyperbolic cosine."""

    ufunc = np.cosh
    oracle = "mp.cosh(x)"
    dtypes = _COMPLEX

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return sinh(x)


class Tanh(Unary):
    """The hyperbolic tangent."""

    ufunc = np.tanh
    oracle = "mp.tanh(x)"
    domain = ((-1.0, 1.0),)
    dtypes = _COMPLEX
    extremes = (-800.0, -3.0, 3.0, 800.0)

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return 1 - y**2


class Arcsinh(Unary):
    """The number whose hyperbolic sine is x."""

    ufunc = np.arcsinh
    oracle = "mp.asinh(x)"
    domain = ((-0.8, 0.8),)
    dtypes = _COMPLEX

    def divisor(self, x: Variable, y: Variable) -> Variable | None:
        return arithmetic.sqrt(1 + x**2)


class Arccosh(Unary):
    """The number, not negative, whose hyperbolic cosine is x."""

    ufunc = np.arccosh
    oracle = "mp.acosh(x)"
    domain = ((1.3, 3.0),)
    dtypes = _COMPLEX

    def divisor(self, x: Variable, y: Variable) -> Variable | None:
        # Not sqrt(x**2 - 1): that has other branches for complex x, and fewer digits near 1.
        return arithmetic.sqrt(x - 1) * arithmetic.sqrt(x + 1)


class Arctanh(Unary):
    """The number whose hyperbolic tangent is x."""

    ufunc = np.arctanh
    oracle = "mp.atanh(x)"
    domain = ((-0.7, 0.7),)
    dtypes = _COMPLEX

    def divisor(self, x: Variable, y: Variable) -> Variable | None:
        return 1 - x**2


# --------------------------------------------------------------------------- public functions

exp = unary(Exp)
exp2 = unary(Exp2)
expm1 = unary(Expm1)
log = unary(Log)
log2 = unary(Log2)
log10 = unary(Log10)
log1p = unary(Log1p)
logaddexp = binary(Logaddexp)
share = Share()
sin = unary(Sin)
cos = unary(Cos)
tan = unary(Tan)
arcsin = asin = unary(Arcsin, "numpy.asin")
arccos = acos = unary(Arccos, "numpy.acos")
arctan = atan = unary(Arctan, "numpy.atan")
arctan2 = atan2 = binary(Arctan2, "numpy.atan2")
hypot = binary(Hypot)
deg2rad = radians = unary(Deg2rad, "numpy.radians")
rad2deg = degrees = unary(Rad2deg, "numpy.degrees")
sinh = unary(Sinh)
cosh = unary(Cosh)
tanh = unary(Tanh)
arcsinh = asinh = unary(Arcsinh, "numpy.asinh")
arccosh = acosh = unary(Arccosh, "numpy.acosh")
arctanh = atanh = unary(Arctanh, "numpy.atanh")
