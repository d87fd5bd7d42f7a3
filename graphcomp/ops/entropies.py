"""Logarithms with their limits at 0, entropies, robust losses and power transforms.

They carry ``scipy.special``'s names. Where x = 0 makes a term vanish, so it does in derivatives:
those of ``xlogy(x, y)`` are 0 at (0, 0), and exact at (0, y).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from graphcomp.errors import DTypeError, OptionError
from graphcomp.graph import Variable
from graphcomp.ops import compare, parts, transcendental
from graphcomp.ops.arithmetic import power
from graphcomp.ops.base import Bad, Operand, Sample, as_variable
from graphcomp.ops.create import arange
from graphcomp.ops.elementwise import binary, unary
from graphcomp.ops.reduce import mean
from graphcomp.ops.special_base import SpecialBinary, SpecialUnary
from graphcomp.registry import public
from graphcomp.types import DType, TensorType, result_dtype

__all__ = [
    "boxcox",
    "boxcox1p",
    "cosm1",
    "diric",
    "entr",
    "exp10",
    "huber",
    "inv_boxcox",
    "inv_boxcox1p",
    "kl_div",
    "powm1",
    "pseudo_huber",
    "radian",
    "rel_entr",
    "xlog1py",
    "xlogy",
]


class SinglePrecision(SpecialBinary, abstract=True):
    """Base of those whose helpers compute in the precision of the operands."""

    in_double = False


# ------------------------------------------------------------------------- x log(y), entropies


class Weighted(SinglePrecision, abstract=True):
    """Base of x times a logarithm; complex numbers too."""

    dtypes = ("float64", "complex128", "int64")
    domain = ((-2.0, 2.0), (0.3, 2.5))

    def result_dtype(self, *types: TensorType) -> DType:
        if any(t.dtype.kind == "c" for t in types):
            return result_dtype(*types)
        return super().result_dtype(*types)

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        return ()


class Xlogy(Weighted):
    """x log(y), and 0 where x is 0."""

    expression = "_xlogy(x, y)"
    scipy = "special.xlogy(x, y)"
    oracle = "x * mp.log(y) if x else 0"

    def partial(self, i: int, x: Variable, y: Variable, z: Variable) -> Variable | float:
        safe = compare.where((x == 0) & (y == 0), 1, y)
        return transcendental.log(safe) if i == 0 else x / safe

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        yield from super().samples()
        x = Operand((3,), kind="fixed", value=[0.0, 0.0, -0.0])
        yield Sample(cls(), (x, Operand((3,), kind="fixed", value=[2.0, 0.5, 1.0])))


class Xlog1py(Weighted):
    """x log(1 + y), and 0 where x is 0."""

    name = "xlog1py"
    expression = "_xlog1py(x, y)"
    scipy = "special.xlog1py(x, y)"
    oracle = "x * mp.log1p(y) if x else 0"
    domain = ((-2.0, 2.0), (-0.7, 2.0))

    def partial(self, i: int, x: Variable, y: Variable, z: Variable) -> Variable | float:
        safe = compare.where((x == 0) & (y == -1), 0, y)
        return transcendental.log1p(safe) if i == 0 else x / (1 + safe)


class Entr(SpecialUnary):
    """-x log(x), 0 at 0 and -inf below: the entropy of an event of probability x."""

    in_double = False
    expression = "_entr(x)"
    scipy = "special.entr(x)"
    oracle = "-x * mp.log(x) if x > 0 else mp.mpf(0) if x == 0 else mp.ninf"
    domain = ((0.2, 3.0),)

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return -1 - transcendental.log(x)


class LogRatio(SinglePrecision):
    """log(x / y), exact where x is near y; 0 at (0, 0)."""

    expression = "_log_ratio(x, y)"
    oracle = "mp.log(x) - mp.log(y)"
    domain = ((0.3, 3.0),)
    dtypes = ("float64",)

    def partial(self, i: int, x: Variable, y: Variable, z: Variable) -> Variable | float:
        return 1 / x if i == 0 else -1 / y


class RelEntr(SinglePrecision):
    """x log(x / y), the term of a relative entropy; 0 where x is 0, inf where not defined."""

    expression = "_rel_entr(x, y)"
    scipy = "special.rel_entr(x, y)"
    oracle = "x * mp.log(x / y)"
    domain = ((0.3, 3.0),)
    dtypes = ("float64",)

    def partial(self, i: int, x: Variable, y: Variable, z: Variable) -> Variable | float:
        return log_ratio(x, y) + 1 if i == 0 else -_ratio(x, y)


class KlDiv(SinglePrecision):
    """x log(x / y) - x + y, the term of a Kullback-Leibler divergence; inf where not defined."""

    expression = "_kl_div(x, y)"
    scipy = "special.kl_div(x, y)"
    oracle = "x * mp.log(x / y) - x + y"
    domain = ((0.3, 3.0),)
    dtypes = ("float64",)

    def partial(self, i: int, x: Variable, y: Variable, z: Variable) -> Variable | float:
        return log_ratio(x, y) if i == 0 else 1 - _ratio(x, y)


def _ratio(x: Variable, y: Variable) -> Variable:
    """x / y, and 0 at (0, 0)."""
    return x / compare.where((x == 0) & (y == 0), 1, y)


# ------------------------------------------------------------------------------- robust losses


class Huber(SinglePrecision):
    """r**2 / 2 as far as |r| is delta, linear beyond; inf for delta < 0 (Huber 1964)."""

    parameters = ("delta", "r")
    expression = "_huber(delta, r)"
    scipy = "special.huber(delta, r)"
    oracle = "r * r / 2 if abs(r) <= delta else delta * (abs(r) - delta / mp.mpf(2))"
    domain = ((0.9, 1.1), (-0.8, 0.8))

    def partial(self, i: int, x: Variable, y: Variable, z: Variable) -> Variable | float:
        delta, r = x, y
        if i == 0:
            return compare.maximum(parts.absolute(r) - delta, 0)
        return compare.minimum(compare.maximum(r, -delta), delta)

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        yield from super().samples()
        r = Operand((4,), kind="fixed", value=[-3.0, 0.0, 50.0, 2.0])
        yield Sample(cls(), (Operand((), 0.5, 0.6), r))


class PseudoHuber(SinglePrecision):
    """delta**2 (sqrt(1 + (r / delta)**2) - 1), a smooth Huber loss; inf for delta < 0."""

    parameters = ("delta", "r")
    expression = "_pseudo_huber(delta, r)"
    scipy = "special.pseudo_huber(delta, r)"
    oracle = "delta**2 * (mp.sqrt(1 + (r / mp.mpf(delta)) ** 2) - 1)"
    domain = ((0.5, 2.0), (-2.0, 2.0))
    dtypes = ("float64",)

    def partial(self, i: int, x: Variable, y: Variable, z: Variable) -> Variable | float:
        delta, r = x, y
        h = transcendental.hypot(delta, r)
        safe = compare.where(h == 0, 1, h)
        if i == 1:
            return delta * (r / safe)
        gap = r * (r / (safe + delta))  # h - delta
        return gap * (gap / safe)


# ---------------------------------------------------------------------------- power transforms


@dataclass(frozen=True, eq=False)
class Boxcox(SpecialBinary):
    """(x**lmbda - 1) / lmbda, or log(x) for lmbda = 0 (Box and Cox 1964).

    This is the integral of s**(lmbda - 1) from 1 to x. Its derivatives by lmbda have powers of
    log(s) in the integrand: they are of this class, with ``order`` that power.
    """

    order: int = 0
    parameters: ClassVar[tuple[str, ...]] = ("x", "lmbda")
    expression: ClassVar[str] = "_boxcox(x, lmbda, order=order)"
    domain: ClassVar[tuple[tuple[float, float], ...]] = ((0.4, 3.0), (-1.5, 1.5))
    dtypes: ClassVar[tuple[str, ...]] = ("float64",)
    oracle: ClassVar[str] = (
        "mp.quad(lambda v: v**order * mp.exp(lmbda * v), mp.linspace(0, mp.log(x), 3))"
    )

    @property
    def scipy(self) -> str:  # type: ignore[override]
        return f"special.{self.name}(x, lmbda)" if not self.order else ""

    def partial(self, i: int, x: Variable, y: Variable, z: Variable) -> Variable | float:
        if i == 1:
            return type(self)(self.order + 1)(x, y)
        slope = self.base(x) ** (y - 1)
        return slope * self.log(x) ** self.order if self.order else slope

    @staticmethod
    def base(x: Variable) -> Variable:
        """What the logarithm is taken of."""
        return x

    @staticmethod
    def log(x: Variable) -> Variable:
        """The logarithm of ``base``."""
        return transcendental.log(x)

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        yield from super().samples()
        domain = cls.domain[0]
        exponents = Operand((4,), kind="fixed", value=[0.0, 1e-20, 1e-4, 1.0])
        for order in (0, 1):
            yield Sample(cls(order), (Operand((4,), *domain), exponents))


class Boxcox1p(Boxcox):
    """((1 + x)**lmbda - 1) / lmbda, or log(1 + x) for lmbda = 0."""

    name = "boxcox1p"
    expression = "_boxcox1p(x, lmbda, order=order)"
    domain = ((-0.6, 2.0), (-1.5, 1.5))
    oracle = "mp.quad(lambda v: v**order * mp.exp(lmbda * v), mp.linspace(0, mp.log1p(x), 3))"

    @staticmethod
    def base(x: Variable) -> Variable:
        return 1 + x

    @staticmethod
    def log(x: Variable) -> Variable:
        return transcendental.log1p(x)


@dataclass(frozen=True, eq=False)
class InverseBoxcox(SpecialBinary):
    """log1p(lmbda y) / lmbda, the logarithm of the inverse of the Box-Cox transform.

    This is the integral of 1 / (1 + lmbda s) from 0 to y. Its derivatives by lmbda are of this
    class: ``order`` k integrates s**k / (1 + lmbda s)**(k + 1).
    """

    order: int = 0
    parameters: ClassVar[tuple[str, ...]] = ("y", "lmbda")
    expression: ClassVar[str] = "_inverse_boxcox(y, lmbda, order=order)"
    domain: ClassVar[tuple[tuple[float, float], ...]] = ((-0.6, 2.0), (-0.3, 1.0))
    dtypes: ClassVar[tuple[str, ...]] = ("float64",)
    oracle: ClassVar[str] = (
        "mp.quad(lambda v: v**order / (1 + lmbda * v) ** (order + 1), mp.linspace(0, y, 3))"
    )

    def partial(self, i: int, x: Variable, y: Variable, z: Variable) -> Variable | float:
        if i == 1:
            return -(self.order + 1) * InverseBoxcox(self.order + 1)(x, y)
        slope = 1 / (1 + x * y)
        return slope * (x * slope) ** self.order if self.order else slope

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        yield from super().samples()
        exponents = Operand((4,), kind="fixed", value=[0.0, 1e-20, 1e-4, 1.0])
        for order in (0, 1):
            yield Sample(cls(order), (Operand((4,), *cls.domain[0]), exponents))


class Powm1(SpecialBinary):
    """x**y - 1, exact where x**y is near 1."""

    name = "powm1"
    expression = "_powm1(x, y)"
    scipy = "special.powm1(x, y)"
    oracle = "mp.powm1(x, y)"
    domain = ((0.3, 2.5), (-2.0, 2.0))
    dtypes = ("float64",)

    def partial(self, i: int, x: Variable, y: Variable, z: Variable) -> Variable | float:
        if i == 0:
            return y * compare.where((x == 0) & (y == 0), 1, x) ** (y - 1)
        return xlogy(power(x, y), x)


class Cosm1(SpecialUnary):
    """cos(x) - 1, exact near 0."""

    name = "cosm1"
    in_double = False
    expression = "-2 * np.sin(0.5 * x) ** 2"
    scipy = "special.cosm1(x)"
    oracle = "-2 * mp.sin(x / mp.mpf(2)) ** 2"
    extremes = (-50.0, 1e-9, 0.0, 3.0)

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return -transcendental.sin(x)


xlogy = binary(Xlogy, "scipy.special.xlogy")
xlog1py = binary(Xlog1py, "scipy.special.xlog1py")
entr = unary(Entr, "scipy.special.entr")
log_ratio = LogRatio()
rel_entr = binary(RelEntr, "scipy.special.rel_entr")
kl_div = binary(KlDiv, "scipy.special.kl_div")
huber = binary(Huber, "scipy.special.huber")
pseudo_huber = binary(PseudoHuber, "scipy.special.pseudo_huber")
boxcox = binary(Boxcox, "scipy.special.boxcox")
boxcox1p = binary(Boxcox1p, "scipy.special.boxcox1p")
powm1 = binary(Powm1, "scipy.special.powm1")
cosm1 = unary(Cosm1, "scipy.special.cosm1")


@public("scipy.special.inv_boxcox")
def inv_boxcox(y: Any, lmbda: Any, /) -> Variable:
    """The inverse of the Box-Cox transform: (1 + lmbda y)**(1/lmbda), or exp(y) for lmbda = 0.

    Elementwise, with broadcasting. Raises DTypeError for complex operands, ShapeError for shapes
    that do not broadcast.

    >>> import graphcomp as gr
    >>> y = gr.vector("y", 2)
    >>> gr.evaluate({y: [1.0, 3.0]}, gr.special.inv_boxcox(y, 1))
    array([2., 4.])
    """
    return transcendental.exp(InverseBoxcox()(y, lmbda))


@public("scipy.special.inv_boxcox1p")
def inv_boxcox1p(y: Any, lmbda: Any, /) -> Variable:
    """The inverse of ``boxcox1p``: ``inv_boxcox(y, lmbda) - 1``, exact near 0.

    Raises as ``inv_boxcox``.

    >>> import graphcomp as gr
    >>> y = gr.vector("y", 2)
    >>> gr.evaluate({y: [1.0, 3.0]}, gr.special.inv_boxcox1p(y, 1))
    array([1., 3.])
    """
    return transcendental.expm1(InverseBoxcox()(y, lmbda))


# ----------------------------------------------------------------------------- powers and angles


@public("scipy.special.exp10")
def exp10(x: Any, /) -> Variable:
    """10 to the power x, elementwise, as ``scipy.special.exp10``.

    >>> import graphcomp as gr
    >>> x = gr.vector("x", 2)
    >>> gr.evaluate({x: [-1.0, 2.0]}, gr.special.exp10(x))
    array([  0.1, 100. ])
    """
    result: Variable = power(10.0, x)
    return result


@public("scipy.special.radian")
def radian(d: Any, m: Any, s: Any, /) -> Variable:
    """The angle of d degrees, m minutes and s seconds in radians, as ``scipy.special.radian``.

    >>> import graphcomp as gr
    >>> d = gr.scalar("d")
    >>> float(gr.evaluate({d: 90.0}, gr.special.radian(d, 0, 0)))
    1.5707963267948966
    """
    return transcendental.deg2rad((as_variable(s) / 60 + m) / 60 + d)


@public("scipy.special.diric")
def diric(x: Any, n: int) -> Variable:
    """sin(n x / 2) / (n sin(x / 2)), the periodic sinc function, as ``scipy.special.diric``.

    ``n`` is a positive int. It is the mean of n cosines, cos((n + 1 - 2k) x / 2) for k = 1 … n,
    and computed so, which has all its derivatives at multiples of 2 pi. Raises OptionError for
    another n, DTypeError for complex x.

    >>> import graphcomp as gr
    >>> x = gr.vector("x", 2)
    >>> gr.evaluate({x: [0.0, np.pi]}, gr.special.diric(x, 3)).round(6)
    array([ 1.      , -0.333333])
    """
    if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or n < 1:
        raise OptionError(f"n is {n!r}", "give a positive int")
    x = as_variable(x)
    if x.dtype.kind == "c":
        raise DTypeError(f"diric does not take {x.dtype}", "take .real or abs() first")
    dtype = x.dtype if x.dtype.kind == "f" else float
    angles = x[..., None] * (0.5 * arange(1 - int(n), int(n), 2, dtype=dtype))
    return mean(transcendental.cos(angles), axis=-1)
