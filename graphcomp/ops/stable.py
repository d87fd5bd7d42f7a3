"""What numerical analysts name: functions whose obvious form overflows, or cancels near a point.

Stabilisation makes them of what users write, before differentiation: their derivatives are
operations that are exact over the whole range, to any order.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from graphcomp.errors import DTypeError, ShapeError
from graphcomp.graph import Variable
from graphcomp.ops import activations, reduce, transcendental
from graphcomp.ops.base import Bad, Meaning, Op, Operand, Sample
from graphcomp.ops.elementwise import align_batch, keeps_dtype
from graphcomp.ops.special_base import SpecialBinary, SpecialUnary
from graphcomp.types import TensorType, broadcast_shapes

Array = np.ndarray[Any, Any]

_EXTREMES = (-800.0, -40.0, -1e-8, 0.0, 1e-8, 40.0, 800.0)


class Stable(SpecialUnary, abstract=True):
    """Base of those of one operand; their helpers compute in its precision."""

    in_double = False


class SigmoidSlope(Stable):
    """exp(x) / (1 + exp(x))**2, the derivative of the sigmoid."""

    expression = "_sigmoid_slope(x)"
    flops_per_element = 6.0
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


@dataclass(frozen=True, eq=False)
class WeightedLogsumexp(Op):
    """log(sum(b * exp(x))) over axes of x and b broadcast, for weights b of any sign."""

    axes: tuple[int, ...]
    keepdims: bool = False
    parameters: ClassVar[tuple[str, ...]] = ("x", "b")

    @property
    def unweighted(self) -> activations.Logsumexp:
        return activations.Logsumexp(self.axes, self.keepdims)

    def infer(self, *types: TensorType) -> TensorType:
        x, b = types
        if x.weak or b.weak or x.dtype != b.dtype:
            raise DTypeError(f"{x.dtype} and {b.dtype}", "use .astype to make them one")
        whole = TensorType(x.dtype, broadcast_shapes(x.shape, b.shape))
        return self.unweighted.infer(whole)

    def meaning(self, *types: TensorType) -> Meaning:
        ndim = max(t.ndim for t in types)
        literals = {"axis": reduce.axis_literal(self.axes, ndim), "keepdims": self.keepdims}
        text = "_weighted_logsumexp(x, b, axis=axis, keepdims=keepdims)"
        return Meaning(text, literals, {"axis": None, "keepdims": False})

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        x, b = inputs
        part = transcendental.share(x, self.unweighted.expand(output))
        return self.unweighted.expand(G) * (b * part if i == 0 else part)

    def batch(self, inputs: tuple[Variable, ...], batched: tuple[bool, ...]) -> Variable:
        return self(*align_batch(inputs, batched))

    def oracle(self, x: Array, b: Array) -> Any:
        terms = np.broadcast_arrays(x, b)
        kept = [a for a in range(terms[0].ndim) if a - terms[0].ndim not in self.axes]
        groups: dict[tuple[int, ...], float] = {}
        for index in np.ndindex(terms[0].shape):
            place = tuple(index[a] for a in kept)
            term = float(terms[1][index]) * math.exp(float(terms[0][index]))
            groups[place] = groups.get(place, 0.0) + term
        values = np.array([math.log(total) for total in groups.values()])
        shape = tuple(terms[0].shape[a] for a in kept)
        return values.reshape(self.unweighted.reduced_shape(terms[0].shape) or shape)

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for shape, weights, axes, keepdims in (
            ((5,), (5,), (-1,), False),
            ((2, 3), (3,), (-1,), True),
            ((3,), (2, 3), (-2,), False),
            ((2, 3), (2, 1), (-2, -1), False),
        ):
            yield Sample(cls(axes, keepdims), (Operand(shape), Operand(weights, 0.2, 2.0)))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls((-1,)), (Operand((3,)), Operand((4,))), ShapeError)
        yield Bad(cls((-1,)), (Operand((3,)), Operand((3,), dtype="float32")), DTypeError)


sigmoid_slope = SigmoidSlope()
sech = Sech()
log_cosh = LogCosh()
log1mexp = Log1mexp()
bose = Bose()
xlogx = Xlogx()
exprel = Exprel()
sin_over_x = SinOverX()
share_of_two = ShareOfTwo()
