"""Functions of ``scipy.special`` that have no form in NumPy alone.

Incomplete gamma and beta functions and their inverses, Bessel functions of any order,
hypergeometric functions, distribution functions. ``gr.evaluate`` calls SciPy for them, and
``codegen.compile`` writes them where ``allow=("scipy",)`` lets the file import it. Each has
derivatives by the arguments for which a closed form is known; the others are parameters.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any

from graphcomp.errors import NotDifferentiableError
from graphcomp.graph import Variable
from graphcomp.ops import parts, transcendental
from graphcomp.ops.base import Operand, Sample
from graphcomp.ops.entropies import xlog1py, xlogy
from graphcomp.ops.gamma_functions import betaln, gammaln
from graphcomp.ops.special_base import Special
from graphcomp.registry import public, refuse

__all__ = [
    "betainc",
    "betaincc",
    "betainccinv",
    "betaincinv",
    "chdtr",
    "chdtrc",
    "fdtr",
    "gammainc",
    "gammaincc",
    "gammainccinv",
    "gammaincinv",
    "gdtr",
    "hyp0f1",
    "hyp1f1",
    "hyp2f1",
    "iv",
    "ive",
    "jn",
    "jv",
    "kv",
    "kve",
    "pdtr",
    "pdtrc",
    "stdtr",
    "stdtrit",
    "yv",
]


class ByScipy(Special, abstract=True):
    """Base of functions that SciPy has, smooth in their last operand.

    ``slope(*operands, result)`` is the derivative by that. The operands before it are parameters:
    a gradient that arrives there is refused.
    """

    dtypes = ("float64",)

    def __init_subclass__(cls, abstract: bool = False, **kwargs: Any) -> None:
        super().__init_subclass__(abstract=abstract, **kwargs)
        cls.scipy = f"special.{cls.name}({', '.join(cls.parameters)})"

    # (*args: Any, **kwargs: Any) lets subclasses name their operands: slope(self, a, x, y).
    def slope(self, *args: Any, **kwargs: Any) -> Variable:
        """The derivative by the last operand, given the operands and the result."""
        raise NotDifferentiableError(f"{self.name} has no derivative")

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        if i < len(inputs) - 1:
            name = self.parameters[i]
            raise NotDifferentiableError(
                f"{self.name}({', '.join(self.parameters)}) has no closed derivative by {name}, "
                f"here {inputs[i].label}",
                f"hold it constant with gr.stop_gradient({name}), or give {self.name} a "
                "derivative with gr.custom_vjp",
            )
        return G * self.slope(*inputs, output)

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        *parameters, last = cls.domain
        for shape in ((), (0,), (5,), (2, 3)):
            yield Sample(
                cls(),
                (*(Operand((), *p, dtype="int64") for p in parameters), Operand(shape, *last)),
            )
        shapes = [(2, 1), (1, 2), (2, 2)][: len(parameters)]
        fixed = (Operand(s, *p, dtype="int64") for s, p in zip(shapes, parameters, strict=True))
        yield Sample(cls(), (*fixed, Operand((2,), *last)))


# ------------------------------------------------------------- incomplete gamma and beta functions

_SHAPE, _PART, _LENGTH = (1.0, 4.0), (0.15, 0.85), (0.4, 5.0)


def _gamma_density(a: Variable, x: Variable) -> Variable:
    """x**(a - 1) exp(-x) / Gamma(a)."""
    return transcendental.exp(xlogy(a - 1, x) - x - gammaln(a))


def _beta_density(a: Variable, b: Variable, x: Variable) -> Variable:
    """x**(a - 1) (1 - x)**(b - 1) / B(a, b)."""
    return transcendental.exp(xlogy(a - 1, x) + xlog1py(b - 1, -x) - betaln(a, b))


class Gammainc(ByScipy):
    """P(a, x), the regularized lower incomplete gamma function."""

    parameters = ("a", "x")
    domain = (_SHAPE, _LENGTH)
    oracle = "mp.gammainc(a, 0, x, regularized=True)"

    def slope(self, a: Variable, x: Variable, y: Variable) -> Variable:
        return _gamma_density(a, x)


class Gammaincc(ByScipy):
    """Q(a, x) = 1 - P(a, x), the regularized upper incomplete gamma function."""

    parameters = ("a", "x")
    domain = (_SHAPE, _LENGTH)
    oracle = "mp.gammainc(a, x, mp.inf, regularized=True)"

    def slope(self, a: Variable, x: Variable, y: Variable) -> Variable:
        return -_gamma_density(a, x)


class Gammaincinv(ByScipy):
    """The x at which P(a, x) is y."""

    parameters = ("a", "y")
    domain = (_SHAPE, _PART)
    oracle = (
        "mp.findroot(lambda x: mp.gammainc(a, 0, x, regularized=True) - y, "
        "(1e-6, 40), solver='anderson', tol=1e-40)"
    )

    def slope(self, a: Variable, y: Variable, x: Variable) -> Variable:
        return 1 / _gamma_density(a, x)


class Gammainccinv(ByScipy):
    """The x at which Q(a, x) is y."""

    parameters = ("a", "y")
    domain = (_SHAPE, _PART)
    oracle = (
        "mp.findroot(lambda x: mp.gammainc(a, 0, x, regularized=True) - 1 + y, "
        "(1e-6, 40), solver='anderson', tol=1e-40)"
    )

    def slope(self, a: Variable, y: Variable, x: Variable) -> Variable:
        return -1 / _gamma_density(a, x)


class Betainc(ByScipy):
    """I_x(a, b), the regularized incomplete beta function."""

    parameters = ("a", "b", "x")
    domain = (_SHAPE, _SHAPE, _PART)
    oracle = "mp.betainc(a, b, 0, x, regularized=True)"

    def slope(self, a: Variable, b: Variable, x: Variable, y: Variable) -> Variable:
        return _beta_density(a, b, x)


class Betaincc(ByScipy):
    """1 - I_x(a, b), the complement of the regularized incomplete beta function."""

    parameters = ("a", "b", "x")
    domain = (_SHAPE, _SHAPE, _PART)
    oracle = "mp.betainc(a, b, x, 1, regularized=True)"

    def slope(self, a: Variable, b: Variable, x: Variable, y: Variable) -> Variable:
        return -_beta_density(a, b, x)


class Betaincinv(ByScipy):
    """The x at which I_x(a, b) is y."""

    parameters = ("a", "b", "y")
    domain = (_SHAPE, _SHAPE, _PART)
    oracle = (
        "mp.findroot(lambda x: mp.betainc(a, b, 0, x, regularized=True) - y, "
        "(0, 1), solver='anderson', tol=1e-40)"
    )

    def slope(self, a: Variable, b: Variable, y: Variable, x: Variable) -> Variable:
        return 1 / _beta_density(a, b, x)


class Betainccinv(ByScipy):
    """The x at which 1 - I_x(a, b) is y."""

    parameters = ("a", "b", "y")
    domain = (_SHAPE, _SHAPE, _PART)
    oracle = (
        "mp.findroot(lambda x: mp.betainc(a, b, x, 1, regularized=True) - y, "
        "(0, 1), solver='anderson', tol=1e-40)"
    )

    def slope(self, a: Variable, b: Variable, y: Variable, x: Variable) -> Variable:
        return -1 / _beta_density(a, b, x)


# -------------------------------------------------------------------- Bessel functions of any order


class Cylinder(ByScipy, abstract=True):
    """Base of Bessel functions of real order, whose slopes are made of their neighbours'."""

    parameters = ("v", "z")
    domain = ((0.0, 3.0), (0.5, 6.0))


class Jv(Cylinder):
    """J_v(z), the Bessel function of the first kind of real order v."""

    oracle = "mp.besselj(v, z)"

    def slope(self, v: Variable, z: Variable, y: Variable) -> Variable:
        return 0.5 * (jv(v - 1, z) - jv(v + 1, z))  # DLMF 10.6.1


class Yv(Cylinder):
    """Y_v(z), the Bessel function of the second kind of real order v."""

    oracle = "mp.bessely(v, z)"

    def slope(self, v: Variable, z: Variable, y: Variable) -> Variable:
        return 0.5 * (yv(v - 1, z) - yv(v + 1, z))  # DLMF 10.6.1


class Iv(Cylinder):
    """I_v(z), the modified Bessel function of the first kind of real order v."""

    oracle = "mp.besseli(v, z)"

    def slope(self, v: Variable, z: Variable, y: Variable) -> Variable:
        return 0.5 * (iv(v - 1, z) + iv(v + 1, z))  # DLMF 10.29.1


class Ive(Cylinder):
    """exp(-|z|) I_v(z)."""

    oracle = "mp.exp(-abs(z)) * mp.besseli(v, z)"

    def slope(self, v: Variable, z: Variable, y: Variable) -> Variable:
        return 0.5 * (ive(v - 1, z) + ive(v + 1, z)) - parts.sign(z) * y


class Kv(Cylinder):
    """K_v(z), the modified Bessel function of the second kind of real order v."""

    oracle = "mp.besselk(v, z)"

    def slope(self, v: Variable, z: Variable, y: Variable) -> Variable:
        return -0.5 * (kv(v - 1, z) + kv(v + 1, z))  # DLMF 10.29.1


class Kve(Cylinder):
    """exp(z) K_v(z)."""

    oracle = "mp.exp(z) * mp.besselk(v, z)"

    def slope(self, v: Variable, z: Variable, y: Variable) -> Variable:
        return y - 0.5 * (kve(v - 1, z) + kve(v + 1, z))


# ------------------------------------------------------------------------ hypergeometric functions


class Hyp0f1(ByScipy):
    """The confluent hypergeometric limit function 0F1(; v; z)."""

    name = "hyp0f1"
    parameters = ("v", "z")
    domain = (_SHAPE, (-2.0, 2.0))
    oracle = "mp.hyp0f1(v, z)"

    def slope(self, v: Variable, z: Variable, y: Variable) -> Variable:
        return hyp0f1(v + 1, z) / v


class Hyp1f1(ByScipy):
    """Kummer's confluent hypergeometric function 1F1(a; b; x)."""

    name = "hyp1f1"
    parameters = ("a", "b", "x")
    domain = (_SHAPE, _SHAPE, (-2.0, 2.0))
    oracle = "mp.hyp1f1(a, b, x)"

    def slope(self, a: Variable, b: Variable, x: Variable, y: Variable) -> Variable:
        return a / b * hyp1f1(a + 1, b + 1, x)


class Hyp2f1(ByScipy):
    """Gauss's hypergeometric function 2F1(a, b; c; z)."""

    name = "hyp2f1"
    parameters = ("a", "b", "c", "z")
    domain = (_SHAPE, _SHAPE, _SHAPE, (-0.7, 0.6))
    oracle = "mp.hyp2f1(a, b, c, z)"

    def slope(self, a: Variable, b: Variable, c: Variable, z: Variable, y: Variable) -> Variable:
        return a * b / c * hyp2f1(a + 1, b + 1, c + 1, z)


# -------------------------------------------------------------------------- distribution functions


def _student_density(df: Variable, t: Variable) -> Variable:
    """The density of Student's t distribution."""
    log_scale = -0.5 * transcendental.log(df) - betaln(0.5 * df, 0.5)
    return transcendental.exp(log_scale - xlog1py(0.5 * (df + 1), t * t / df))


class Stdtr(ByScipy):
    """The distribution function of Student's t with df degrees of freedom, at t."""

    parameters = ("df", "t")
    domain = (_SHAPE, (-2.0, 2.0))
    oracle = (
        "(1 + mp.sign(t) * mp.betainc(mp.mpf(1) / 2, mp.mpf(df) / 2, 0, "
        "t * t / (df + t * t), regularized=True)) / 2"
    )

    def slope(self, df: Variable, t: Variable, p: Variable) -> Variable:
        return _student_density(df, t)


class Stdtrit(ByScipy):
    """The t at which the distribution function of Student's t is p."""

    parameters = ("df", "p")
    domain = (_SHAPE, _PART)
    oracle = (
        "mp.findroot(lambda t: mp.sign(t) * mp.betainc(mp.mpf(1) / 2, mp.mpf(df) / 2, 0, "
        "t * t / (df + t * t), regularized=True) / 2 + mp.mpf(1) / 2 - p, "
        "(-9, 9), solver='anderson', tol=1e-40)"
    )

    def slope(self, df: Variable, p: Variable, t: Variable) -> Variable:
        return 1 / _student_density(df, t)


class Chdtr(ByScipy):
    """The distribution function of chi square with v degrees of freedom, at x."""

    parameters = ("v", "x")
    domain = (_SHAPE, _LENGTH)
    oracle = "mp.gammainc(mp.mpf(v) / 2, 0, x / 2, regularized=True)"

    def slope(self, v: Variable, x: Variable, p: Variable) -> Variable:
        return 0.5 * _gamma_density(0.5 * v, 0.5 * x)


class Chdtrc(ByScipy):
    """The probability of more than x under chi square with v degrees of freedom."""

    parameters = ("v", "x")
    domain = (_SHAPE, _LENGTH)
    oracle = "mp.gammainc(mp.mpf(v) / 2, x / 2, mp.inf, regularized=True)"

    def slope(self, v: Variable, x: Variable, p: Variable) -> Variable:
        return -0.5 * _gamma_density(0.5 * v, 0.5 * x)


class Gdtr(ByScipy):
    """The distribution function of the gamma distribution of rate a and shape b, at x."""

    parameters = ("a", "b", "x")
    domain = (_SHAPE, _SHAPE, _LENGTH)
    oracle = "mp.gammainc(b, 0, a * x, regularized=True)"

    def slope(self, a: Variable, b: Variable, x: Variable, p: Variable) -> Variable:
        return a * _gamma_density(b, a * x)


class Fdtr(ByScipy):
    """The distribution function of F with dfn and dfd degrees of freedom, at x."""

    parameters = ("dfn", "dfd", "x")
    domain = (_SHAPE, _SHAPE, _LENGTH)
    oracle = (
        "mp.betainc(mp.mpf(dfn) / 2, mp.mpf(dfd) / 2, 0, dfn * x / (dfn * x + dfd), "
        "regularized=True)"
    )

    def slope(self, dfn: Variable, dfd: Variable, x: Variable, p: Variable) -> Variable:
        total = dfn * x + dfd
        part = _beta_density(0.5 * dfn, 0.5 * dfd, dfn * x / total)
        return part * (dfn / total) * (dfd / total)


class Pdtr(ByScipy):
    """The probability of at most k events under a Poisson distribution of mean m."""

    parameters = ("k", "m")
    domain = (_SHAPE, _LENGTH)
    oracle = "mp.gammainc(k + 1, m, mp.inf, regularized=True)"

    def slope(self, k: Variable, m: Variable, p: Variable) -> Variable:
        return -_gamma_density(parts.floor(k) + 1, m)


class Pdtrc(ByScipy):
    """The probability of more than k events under a Poisson distribution of mean m."""

    parameters = ("k", "m")
    domain = (_SHAPE, _LENGTH)
    oracle = "mp.gammainc(k + 1, 0, m, regularized=True)"

    def slope(self, k: Variable, m: Variable, p: Variable) -> Variable:
        return _gamma_density(parts.floor(k) + 1, m)


# ------------------------------------------------------------------------------ public functions


def _function(op: type[ByScipy]) -> Callable[..., Variable]:
    instance, names = op(), op.parameters

    def function(*operands: Any, **options: Any) -> Variable:
        refuse(op.name, **options)
        if len(operands) != len(names):
            raise TypeError(f"{op.name} takes {len(names)} arguments: {', '.join(names)}")
        return instance(*operands)

    parameters = [inspect.Parameter(n, inspect.Parameter.POSITIONAL_ONLY) for n in names]
    options = inspect.Parameter("options", inspect.Parameter.VAR_KEYWORD)
    function.__signature__ = inspect.Signature([*parameters, options])  # type: ignore[attr-defined]
    function.__name__ = function.__qualname__ = op.name
    *fixed, last = names
    function.__doc__ = f"""{op.__doc__}

    Elementwise, with broadcasting, as ``scipy.special.{op.name}({", ".join(names)})``, which it
    needs (``allow=("scipy",)`` in ``codegen.compile``). Differentiable by {last}; a gradient by
    {" or ".join(fixed)} raises NotDifferentiableError. Raises DTypeError for complex operands,
    ShapeError for shapes that do not broadcast.
    """
    return public(f"scipy.special.{op.name}")(function)


betainc = _function(Betainc)
betaincc = _function(Betaincc)
betainccinv = _function(Betainccinv)
betaincinv = _function(Betaincinv)
chdtr = _function(Chdtr)
chdtrc = _function(Chdtrc)
fdtr = _function(Fdtr)
gammainc = _function(Gammainc)
gammaincc = _function(Gammaincc)
gammainccinv = _function(Gammainccinv)
gammaincinv = _function(Gammaincinv)
gdtr = _function(Gdtr)
hyp0f1 = _function(Hyp0f1)
hyp1f1 = _function(Hyp1f1)
hyp2f1 = _function(Hyp2f1)
iv = _function(Iv)
ive = _function(Ive)
jn = jv = _function(Jv)
kv = _function(Kv)
kve = _function(Kve)
pdtr = _function(Pdtr)
pdtrc = _function(Pdtrc)
stdtr = _function(Stdtr)
stdtrit = _function(Stdtrit)
yv = _function(Yv)
