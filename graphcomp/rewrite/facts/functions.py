"""Functions of one real number: where their values lie, by where the argument lies.

What NumPy computes may be a few units in the last place from the true value, so the ends of a
range are widened, but for those that the functions meet exactly, such as ``exp(0) = 1``; they
never leave the function's own range.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from graphcomp.facts import INF, NOTHING, Facts, Known, Sure, knows
from graphcomp.graph import Variable
from graphcomp.ops.activations import Relu, Sigmoid, Softplus
from graphcomp.ops.base import Op
from graphcomp.ops.entropies import Cosm1, Huber
from graphcomp.ops.error_functions import Erf, Erfc, Erfcx, LogNdtr, Ndtr
from graphcomp.ops.floats import Copysign, Logaddexp2, Signbit
from graphcomp.ops.gamma_functions import Gamma
from graphcomp.ops.parts import (
    Absolute,
    Ceil,
    Conjugate,
    Floor,
    Imag,
    Real,
    Rint,
    Round,
    Sign,
    Trunc,
)
from graphcomp.ops.shared import SharedExp
from graphcomp.ops.stable import LogCosh, Sech, SigmoidSlope
from graphcomp.ops.statistics import RootOfSquares
from graphcomp.ops.transcendental import (
    Arccos,
    Arccosh,
    Arcsin,
    Arcsinh,
    Arctan,
    Arctan2,
    Arctanh,
    Cos,
    Cosh,
    Exp,
    Exp2,
    Expm1,
    Hypot,
    Log,
    Log1p,
    Log2,
    Log10,
    Logaddexp,
    Sin,
    Sinh,
    Tan,
    Tanh,
)
from graphcomp.rewrite.facts.arithmetic import operands

_PI = math.nextafter(math.pi, 4)
_ULPS = 16


@dataclass(frozen=True)
class Curve:
    """A real function as its facts need it.

    Its values lie in ``[low, high]``, and it gives no NaN from ``start`` to ``stop``. Where it
    rises all the way, ``rising`` is a double-precision version, with no rounding at the points
    ``exact``. ``odd``: it is 0 at 0 only, and has its argument's sign there.
    """

    low: float = -INF
    high: float = INF
    start: float = -INF
    stop: float = INF
    rising: Callable[[float], float] | None = None
    exact: tuple[float, ...] = (0.0,)
    odd: bool = False
    at_infinity: bool = True  # no NaN there

    def facts(self, x: Facts, eps: float, tiny: float) -> Facts:
        low, high = self.low, self.high
        if self.rising is not None:
            low = max(low, self._end(x.low, -1, eps, tiny))
            high = min(high, self._end(x.high, 1, eps, tiny))
        inside = x.low >= self.start and x.high <= self.stop
        never_nan = x.never_nan if self.at_infinity else x.finite
        return Facts(
            low,
            high,
            nonzero=self.odd and x.nonzero,
            plus_zero=x.plus_zero if self.odd else self.low >= 0,
            never_nan=never_nan if inside else Sure.NO,
            finite=x.finite if inside and self.high < INF and self.low > -INF else Sure.NO,
        )

    def _end(self, x: float, sign: int, eps: float, tiny: float) -> float:
        """The function's value at an end of the range of x, moved outward."""
        assert self.rising is not None
        if math.isinf(x) or not self.start <= x <= self.stop:
            return sign * INF
        try:
            value = self.rising(x)
        except (OverflowError, ValueError):
            return sign * INF if (x > 0) == (sign > 0) else -sign * float(np.finfo(float).max)
        return value if x in self.exact else value + sign * (_ULPS * eps * abs(value) + tiny)


CURVES: dict[type[Op], Curve] = {
    Exp: Curve(0.0, rising=math.exp),
    SharedExp: Curve(0.0, rising=math.exp),
    Exp2: Curve(0.0, rising=lambda x: 2.0**x),
    Expm1: Curve(-1.0, rising=math.expm1, odd=True),
    Log: Curve(start=0.0, rising=math.log, exact=(1.0,)),
    Log2: Curve(start=0.0, rising=math.log2, exact=(1.0,)),
    Log10: Curve(start=0.0, rising=math.log10, exact=(1.0,)),
    Log1p: Curve(start=-1.0, rising=math.log1p, odd=True),
    Sin: Curve(-1.0, 1.0, at_infinity=False),
    Cos: Curve(-1.0, 1.0, at_infinity=False),
    Tan: Curve(at_infinity=False),
    Arcsin: Curve(-_PI / 2, _PI / 2, -1.0, 1.0, rising=math.asin, odd=True),
    Arccos: Curve(0.0, _PI, -1.0, 1.0),
    Arctan: Curve(-_PI / 2, _PI / 2, rising=math.atan, odd=True),
    Sinh: Curve(rising=math.sinh, odd=True),
    Cosh: Curve(1.0),
    Tanh: Curve(-1.0, 1.0, rising=math.tanh, odd=True),
    Arcsinh: Curve(rising=math.asinh, odd=True),
    Arccosh: Curve(0.0, start=1.0),
    Arctanh: Curve(start=-1.0, stop=1.0, odd=True),
    Sigmoid: Curve(0.0, 1.0),
    Softplus: Curve(0.0),
    Erf: Curve(-1.0, 1.0, odd=True),
    Erfc: Curve(0.0, 2.0),
    Erfcx: Curve(0.0),
    Ndtr: Curve(0.0, 1.0),
    LogNdtr: Curve(high=0.0),
    Cosm1: Curve(-2.0, 0.0, at_infinity=False),
}


@knows(*CURVES)
def of_function(v: Variable, known: Known) -> Facts:
    if v.dtype.kind != "f":
        return NOTHING
    (x,) = operands(v, known)
    limits = np.finfo(v.dtype)
    return CURVES[type(v.op)].facts(x, float(limits.eps), float(limits.tiny))


@knows(Absolute)
def of_absolute(v: Variable, known: Known) -> Facts:
    x = known(v.inputs[0])
    if v.inputs[0].dtype.kind == "c":
        return Facts(0.0, nonzero=x.nonzero, plus_zero=True, never_nan=x.never_nan)
    if v.dtype.kind in "iu" and not v.type.weak and x.low <= np.iinfo(v.dtype).min:
        return NOTHING  # -128 stays -128
    return x.elements().but(low=x.least, high=x.most, plus_zero=True)


@knows(Relu)
def of_relu(v: Variable, known: Known) -> Facts:
    (x,) = operands(v, known)
    return x.elements().but(
        low=max(x.low, 0.0), high=max(x.high, 0.0), nonzero=x.low > 0, plus_zero=x.plus_zero
    )


@knows(Sign)
def of_sign(v: Variable, known: Known) -> Facts:
    x = known(v.inputs[0])
    if v.dtype.kind == "c":
        return NOTHING
    low = 1.0 if x.positive else 0.0 if x.nonnegative else -1.0
    high = -1.0 if x.negative else 0.0 if x.nonpositive else 1.0
    return Facts(low, high, x.nonzero, x.plus_zero, True, x.never_nan, x.never_nan)


_ROUNDINGS: dict[type[Op], Callable[[float], float]] = {
    Floor: math.floor,
    Ceil: math.ceil,
    Rint: round,
    Trunc: math.trunc,
}


@knows(*_ROUNDINGS)
def of_rounding(v: Variable, known: Known) -> Facts:
    (x,) = operands(v, known)
    function = _ROUNDINGS[type(v.op)]
    low, high = (e if math.isinf(e) else float(function(e)) for e in (x.low, x.high))
    return Facts(low, high, integer=True, never_nan=x.never_nan, finite=x.finite)


@knows(Round)
def of_decimals(v: Variable, known: Known) -> Facts:
    (x,) = operands(v, known)
    return Facts(0.0 if x.low >= 0 else -INF, 0.0 if x.high <= 0 else INF)


@knows(Real, Imag)
def of_part(v: Variable, known: Known) -> Facts:
    x = known(v.inputs[0])
    return Facts(finite=x.finite, never_nan=x.finite)


@knows(Conjugate)
def of_conjugate(v: Variable, known: Known) -> Facts:
    return known(v.inputs[0])


@knows(Hypot)
def of_hypotenuse(v: Variable, known: Known) -> Facts:
    x, y = operands(v, known)
    return Facts(
        max(x.least, y.least) * (1 - 1e-3),
        nonzero=x.nonzero or y.nonzero,
        plus_zero=True,
        never_nan=min(x.never_nan, y.never_nan),
    )


@knows(SigmoidSlope, Sech, LogCosh)
def of_slope(v: Variable, known: Known) -> Facts:
    return Facts(0.0) if v.dtype.kind == "f" else NOTHING


@knows(RootOfSquares)
def of_root_of_squares(v: Variable, known: Known) -> Facts:
    return Facts(0.0)


@knows(Arctan2)
def of_angle(v: Variable, known: Known) -> Facts:
    y, x = operands(v, known)
    low = 0.0 if y.low >= 0 and y.plus_zero else -_PI
    high = _PI / 2 if x.low >= 0 and x.plus_zero else _PI
    low = max(low, -high)
    return Facts(low, high, never_nan=min(x.never_nan, y.never_nan))


@knows(Logaddexp, Logaddexp2)
def of_log_of_sum(v: Variable, known: Known) -> Facts:
    if v.dtype.kind != "f":
        return NOTHING
    x, y = operands(v, known)
    return Facts(max(x.low, y.low), never_nan=min(x.never_nan, y.never_nan))


@knows(Copysign)
def of_signed(v: Variable, known: Known) -> Facts:
    x, y = operands(v, known)
    positive = y.low >= 0 and y.plus_zero and y.never_nan == Sure.ALWAYS
    return x.elements().but(low=x.least if positive else -x.most, high=x.most, plus_zero=positive)


@knows(Signbit)
def of_sign_bit(v: Variable, known: Known) -> Facts:
    return Facts(0.0, 1.0)


@knows(Gamma)
def of_gamma(v: Variable, known: Known) -> Facts:
    (x,) = operands(v, known)
    positive = v.dtype.kind == "f" and x.low >= 0 and x.plus_zero
    return Facts(0.0, plus_zero=True) if positive else NOTHING


@knows(Huber)
def of_loss(v: Variable, known: Known) -> Facts:
    return Facts(0.0)
