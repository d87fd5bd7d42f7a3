"""What numerical analysts name: functions whose obvious form overflows, or cancels near a point.

Stabilisation makes them of what users write, before differentiation: their derivatives are
operations that are exact over the whole range, to any order.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from graphcomp.graph import Variable
from graphcomp.ops import transcendental
from graphcomp.ops.base import Meaning, Op, Operand, Sample
from graphcomp.ops.elementwise import keeps_dtype
from graphcomp.ops.special_base import SpecialBinary, SpecialUnary
from graphcomp.types import TensorType

_EXTREMES = (-800.0, -40.0, -1e-8, 0.0, 1e-8, 40.0, 800.0)


class Stable(SpecialUnary, abstract=True):
    """Base of those of one operand; their helpers compute in its precision."""

    in_double = False


class SigmoidSlope(Stable):
    """exp(x) / (1 + exp(x))**2, the derivative of the sigmoid."""

    expression = "_sigmoid_slope(x)"
    oracle = "mp.exp(-abs(x)) / (1 + mp.exp(-abs(x))) ** 2"
    extremes = _EXTREMES

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return -(y * transcendental.tanh(0.5 * x))


class Sech(Stable):
    """1 / cosh(x)."""

    expression = "_sech(x)"
    oracle = "mp.sech(x)"
    extremes = _EXTREMES

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return -(y * transcendental.tanh(x))


class LogCosh(Stable):
    """log(cosh(x))."""

    expression = "_log_cosh(x)"
    oracle = "mp.log(mp.cosh(x))"
    extremes = _EXTREMES

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return transcendental.tanh(x)


class Log1mexp(Stable):
    """log(1 - exp(x)), for x below 0 (Maechler 2012)."""

    name = "log1mexp"
    expression = "_log1mexp(x)"
    oracle = "mp.log(-mp.expm1(x))"
    domain = ((-3.0, -0.2),)
    dtypes = ("float64",)
    extremes = (-800.0, -40.0, -0.7, -0.69, -0.1)

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return -bose(-x)


class Bose(Stable):
    """1 / (exp(x) - 1), as in the statistics of Bose and Einstein."""

    expression = "_bose(x)"
    oracle = "1 / mp.expm1(x)"
    domain = ((0.4, 3.0),)
    dtypes = ("float64",)
    extremes = (-800.0, -40.0, -1.0, 1.0, 40.0)

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return y * bose(-x)


class Xlogx(Stable):
    """x log(x), 0 at 0."""

    expression = "_xlogy(x, x)"
    oracle = "x * mp.log(x) if x else mp.mpf(0)"
    domain = ((0.2, 3.0),)
    dtypes = ("float64",)

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return transcendental.log(x) + 1

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        yield from super().samples()
        yield Sample(cls(), (Operand((4,), kind="fixed", value=[1.0, 0.5, 2.0, 40.0]),))


@dataclass(frozen=True, eq=False)
class Derived(Stable, abstract=True):
    """Base of those with a name for each derivative: ``order`` counts them."""

    order: int = 0

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return type(self)(self.order + 1)(x)

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        yield from super().samples()
        values = [-30.3, -2.5, -1e-3, 0.0, 1e-9, 0.96, 1.1, 2.1, 5.0]
        for order in (1, 2, 3):
            near = Operand((len(values),), kind="fixed", value=values)
            yield Sample(cls(order), (near,))


class Exprel(Derived):
    """(exp(x) - 1) / x, 1 at 0; or a derivative of it, the integral of t**order * exp(x t)
    over [0, 1]."""

    oracle: ClassVar[str] = "mp.quad(lambda t: t**order * mp.exp(x * t), [0, 0.5, 1])"

    def meaning(self, *types: TensorType) -> Meaning:
        text = "_exprel_derivative(x, order)" if self.order else "_exprel(x)"
        return _in_precision(self, text, types[0])


class SinOverX(Derived):
    """sin(x) / x, 1 at 0; or a derivative of it, of that order."""

    oracle: ClassVar[str] = "mp.diff(mp.sinc, x, order)"

    def meaning(self, *types: TensorType) -> Meaning:
        text = "_sin_over_x(x, order)" if self.order else "_sin_over_x(x)"
        return _in_precision(self, text, types[0])


def _in_precision(op: Op, text: str, x: TensorType) -> Meaning:
    """NumPy 1.26 makes float64 of a float32 scalar beside a Python number."""
    literals = {**op.attributes, "dtype": x.dtype}
    return Meaning(text if keeps_dtype(x) else f"dtype({text})", literals)


class ShareOfTwo(SpecialBinary):
    """exp(x) / (exp(x) + exp(y)), the derivative of logaddexp(x, y) by x; 0 where both are -inf."""

    in_double = False
    expression = "_share_of_two(x, y)"
    oracle = "1 / (1 + mp.exp(y - x))"
    dtypes: ClassVar[tuple[str, ...]] = ("float64",)

    def partial(self, i: int, x: Variable, y: Variable, z: Variable) -> Variable | float:
        slope = z * share_of_two(y, x)
        return slope if i == 0 else -slope

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        yield from super().samples()
        x = Operand((4,), kind="fixed", value=[0.0, 800.0, -800.0, 40.0])
        yield Sample(cls(), (x, Operand((), kind="fixed", value=np.array(0.5))))


sigmoid_slope = SigmoidSlope()
sech = Sech()
log_cosh = LogCosh()
log1mexp = Log1mexp()
bose = Bose()
xlogx = Xlogx()
exprel = Exprel()
sin_over_x = SinOverX()
share_of_two = ShareOfTwo()
