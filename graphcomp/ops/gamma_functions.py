"""The gamma function, its logarithm and their derivatives; beta functions; counting."""

from __future__ import annotations

import math
import numbers
import operator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from graphcomp.errors import OptionError
from graphcomp.graph import Variable
from graphcomp.ops import compare, transcendental
from graphcomp.ops.base import as_variable, constant_value
from graphcomp.ops.elementwise import Step, binary, unary
from graphcomp.ops.special_base import Special, SpecialBinary, SpecialUnary
from graphcomp.registry import public

__all__ = [
    "beta",
    "betaln",
    "binom",
    "comb",
    "digamma",
    "factorial",
    "gamma",
    "gammaln",
    "gammasgn",
    "loggamma",
    "multigammaln",
    "perm",
    "poch",
    "polygamma",
    "psi",
    "rgamma",
    "zeta",
]

_LARGEST_FACTORIAL = 170  # of those that float64 holds

# ----------------------------------------------------------------------------- one operand


class Gamma(SpecialUnary):
    """The gamma function; (n - 1)! at whole n."""

    expression = "_gamma(x)"
    scipy = "special.gamma(x)"
    oracle = "mp.gamma(x)"
    domain = ((1.0, 3.0),)
    extremes = (-4.5, -0.5, 0.1, 1.0, 2.5, 7.0)

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return y * digamma(x)


class Rgamma(SpecialUnary):
    """1 / gamma(x), which is 0 at the poles of gamma."""

    expression = "_rgamma(x)"
    scipy = "special.rgamma(x)"
    oracle = "mp.rgamma(x)"
    extremes = (-4.5, -3.0, -0.5, 0.0, 0.5, 7.0, 30.0)

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        """That of sin(pi x) gamma(1 - x) / pi below 1/2, for digamma has poles there."""
        is_left = x < 0.5
        left, right = compare.where(is_left, x, 0), compare.where(is_left, 1, x)
        angle = math.pi * left
        ratio = transcendental.sin(angle) * digamma(1 - left) / math.pi
        below = gamma(1 - left) * (transcendental.cos(angle) - ratio)
        return compare.where(is_left, below, -rgamma(right) * digamma(right))


class Gammaln(SpecialUnary):
    """log(abs(gamma(x)))."""

    expression = "_gammaln(x)"
    scipy = "special.gammaln(x)"
    oracle = "mp.log(abs(mp.gamma(x)))"
    domain = ((1.0, 4.0),)
    extremes = (-4.5, -0.5, 0.1, 1.0, 2.0, 50.0)

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return digamma(x)


class Loggamma(SpecialUnary):
    """log(gamma(x)); NaN for x < 0, as on the real numbers in SciPy."""

    expression = "_loggamma(x)"
    scipy = "special.loggamma(x)"
    oracle = "mp.loggamma(x)"
    domain = ((1.0, 4.0),)
    extremes = (0.1, 1.0, 2.0, 50.0)

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return digamma(x)


class Digamma(SpecialUnary):
    """The derivative of log(gamma(x))."""

    expression = "_digamma(x)"
    scipy = "special.digamma(x)"
    oracle = "mp.digamma(x)"
    domain = ((1.0, 4.0),)
    extremes = (-4.5, -0.5, 0.4, 1.4616321449683622, 50.0)

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return Zeta(2)(x)


@dataclass(frozen=True, eq=False)
class Zeta(SpecialUnary):
    """The sum of (x + k)**-s over k >= 0, Hurwitz' zeta function, by x."""

    s: int | float = 2
    expression: ClassVar[str] = "_zeta(s, x)"
    scipy: ClassVar[str] = "special.zeta(s, x)"
    oracle: ClassVar[str] = "mp.nsum(lambda k: (x + k) ** -s, [0, mp.inf])"
    domain: ClassVar[tuple[tuple[float, float], ...]] = ((1.0, 4.0),)
    extremes: ClassVar[tuple[float, ...]] = (-1.5, 0.3, 1.0, 11.0, 15.0)

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return -self.s * Zeta(self.s + 1)(x)


class Gammasgn(Special, Step):
    """The sign of gamma(x); NaN at its poles."""

    expression = "_gammasgn(x)"
    scipy = "special.gammasgn(x)"
    oracle = "mp.sign(mp.gamma(x))"
    domain = ((1.0, 4.0),)
    extremes = (-4.5, -3.5, 0.5, 7.0)


gamma = unary(Gamma, "scipy.special.gamma")
rgamma = unary(Rgamma, "scipy.special.rgamma")
gammaln = unary(Gammaln, "scipy.special.gammaln")
loggamma = unary(Loggamma, "scipy.special.loggamma")
digamma = psi = unary(Digamma, "scipy.special.digamma", "scipy.special.psi")
gammasgn = unary(Gammasgn, "scipy.special.gammasgn")


@public("scipy.special.zeta")
def zeta(x: Any, q: Any = None, out: None = None) -> Variable:
    """Hurwitz' zeta function, the sum of (q + k)**-x over k >= 0, as ``scipy.special.zeta``.

    x is a plain number above 1, q anything; the shape is q's. Raises OptionError for another x
    and where q is left out, which would make it Riemann's function of x.

    >>> import graphcomp as gr
    >>> q = gr.scalar("q")
    >>> gr.evaluate({q: 1.0}, gr.special.zeta(2, q))
    np.float64(1.6449340668482264)
    """
    if out is not None:
        raise OptionError("zeta does not take out= on variables", "use the value it returns")
    if q is None or isinstance(x, Variable):
        raise OptionError(
            "zeta is known as a function of q alone", "give x as a number and q as the variable"
        )
    s = float(x) if isinstance(x, numbers.Real) else math.nan
    if not 1 < s < math.inf:
        raise OptionError(f"zeta has x={x!r}", "give a number above 1")
    return Zeta(int(s) if s.is_integer() else s)(q)


@public("scipy.special.polygamma")
def polygamma(n: Any, x: Any) -> Variable:
    """The derivative of order n of digamma(x), as ``scipy.special.polygamma``.

    n is a whole number from 0 to 170, or an array of a few such numbers; the shape is that of
    both broadcast. Raises OptionError for another n, DTypeError for complex x, ShapeError for
    shapes that do not broadcast. (DLMF 5.15: (-1)**(n + 1) n! zeta(n + 1, x).)

    >>> import graphcomp as gr
    >>> x = gr.scalar("x")
    >>> gr.evaluate({x: 1.0}, gr.special.polygamma(1, x))
    np.float64(1.6449340668482264)
    """
    if isinstance(n, (list, tuple, np.ndarray)) and np.ndim(n):
        orders = np.asarray(n)
        result: Any = 0.0
        for k in np.unique(orders).tolist():
            result = compare.where(orders == k, polygamma(k, x), result)
        return as_variable(result)
    order = _whole("polygamma", "n", n, 0, _LARGEST_FACTORIAL)
    if order == 0:
        return digamma(x)
    factor = float((-1) ** (order + 1) * math.factorial(order))
    return factor * Zeta(order + 1)(x) if factor != 1 else Zeta(order + 1)(x)


def _whole(function: str, name: str, value: Any, low: int, high: float) -> int:
    """A whole number that the graph is built for; floats such as 2.0 are one."""
    try:
        if isinstance(value, Variable):
            raise TypeError
        number = operator.index(value.item() if hasattr(value, "item") else value)
    except (TypeError, ValueError):
        whole = isinstance(value, float) and value.is_integer()
        number = int(value) if whole else low - 1
    if not low <= number <= high:
        upto = f"from {low} to {high}" if high < math.inf else f"of at least {low}"
        raise OptionError(f"{function} has {name}={value!r}", f"give a whole number {upto}")
    return number


@public("scipy.special.multigammaln")
def multigammaln(a: Any, d: Any) -> Variable:
    """The logarithm of the multivariate gamma function of dimension d, as SciPy's.

    d is a whole number of at least 1; the shape is a's. NaN where a < (d - 1)/2, which SciPy
    refuses. Raises OptionError for another d. (Muirhead 1982, theorem 2.1.12.)

    >>> import graphcomp as gr
    >>> a = gr.scalar("a")
    >>> round(gr.evaluate({a: 3.0}, gr.special.multigammaln(a, 2)), 6)
    np.float64(1.550195)
    """
    a = as_variable(a)
    dimension = _whole("multigammaln", "d", d, 1, math.inf)
    total = loggamma(a)
    for j in range(1, dimension):
        total = total + loggamma(a - 0.5 * j)
    constant = dimension * (dimension - 1) / 4 * math.log(math.pi)
    return total + constant if constant else total


# ----------------------------------------------------------------------------- two operands


class Beta(SpecialBinary):
    """gamma(x) gamma(y) / gamma(x + y)."""

    expression = "_beta(x, y)"
    scipy = "special.beta(x, y)"
    oracle = "mp.beta(x, y)"
    domain = ((1.0, 4.0),)
    extremes = (-0.3, 0.2, 1.0, 15.5, 90.0)

    def partial(self, i: int, x: Variable, y: Variable, z: Variable) -> Variable | float:
        return z * (digamma((x, y)[i]) - digamma(x + y))


class Betaln(SpecialBinary):
    """log(abs(beta(x, y)))."""

    expression = "_betaln(x, y)"
    scipy = "special.betaln(x, y)"
    oracle = "mp.log(abs(mp.beta(x, y)))"
    domain = ((1.0, 4.0),)
    extremes = (-0.3, 0.2, 1.0, 15.5, 90.0)

    def partial(self, i: int, x: Variable, y: Variable, z: Variable) -> Variable | float:
        return digamma((x, y)[i]) - digamma(x + y)


class Binom(SpecialBinary):
    """The binomial coefficient, n = x over k = y, of real numbers.

    Its derivatives are NaN where it is 0, at whole k < 0 or k > n.
    """

    expression = "_binom(x, y)"
    scipy = "special.binom(x, y)"
    oracle = "mp.binomial(x, y)"
    domain = ((5.0, 9.0), (1.0, 4.0))

    def partial(self, i: int, x: Variable, y: Variable, z: Variable) -> Variable | float:
        rest = digamma(x - y + 1)
        return z * (digamma(x + 1) - rest if i == 0 else rest - digamma(y + 1))


class Poch(SpecialBinary):
    """gamma(x + y) / gamma(x), the rising factorial.

    Its derivatives are NaN at whole x <= 0.
    """

    expression = "_poch(x, y)"
    scipy = "special.poch(x, y)"
    oracle = "mp.rf(x, y)"
    domain = ((1.0, 4.0), (0.0, 3.0))

    def partial(self, i: int, x: Variable, y: Variable, z: Variable) -> Variable | float:
        upper = digamma(x + y)
        return z * (upper - digamma(x) if i == 0 else upper)


beta = binary(Beta, "scipy.special.beta")
betaln = binary(Betaln, "scipy.special.betaln")
binom = binary(Binom, "scipy.special.binom")
poch = binary(Poch, "scipy.special.poch")

# --------------------------------------------------------------------------------- counting


def _refuse_exact(function: str, exact: Any) -> None:
    if exact:
        raise OptionError(
            f"{function} does not take exact=True on variables", "leave it out: floats are made"
        )


@public("scipy.special.comb")
def comb(N: Any, k: Any, *, exact: bool = False, repetition: bool = False) -> Variable:
    """The number of ways to choose k of N, as ``scipy.special.comb``: floats; real N and k too.

    With ``repetition``, of N + k - 1. Zero where k > N, k < 0 or N < 0. The shape is the
    broadcast one. Raises OptionError for ``exact=True``, which is for Python's integers.

    >>> import graphcomp as gr
    >>> n = gr.vector("n", 2)
    >>> gr.evaluate({n: [5.0, 2.0]}, gr.special.comb(n, 3))
    array([10.,  0.])
    """
    _refuse_exact("comb", exact)
    N, k = as_variable(N), as_variable(k)
    if repetition:
        of_none = compare.logical_and(compare.equal(N, 0), compare.equal(k, 0))
        return compare.where(of_none, 1, comb(N + k - 1, k))
    possible, N, k = _choices(N, k)
    return compare.where(possible, binom(N, k), 0)


@public("scipy.special.perm")
def perm(N: Any, k: Any, exact: bool = False) -> Variable:
    """The number of sequences of k out of N, as ``scipy.special.perm``: floats; N!/(N - k)!.

    Zero where k > N, k < 0 or N < 0. The shape is the broadcast one. Raises OptionError for
    ``exact=True``, which is for Python's integers.

    >>> import graphcomp as gr
    >>> n = gr.scalar("n")
    >>> gr.evaluate({n: 5.0}, gr.special.perm(n, 2))
    np.float64(20.0)
    """
    _refuse_exact("perm", exact)
    possible, N, k = _choices(as_variable(N), as_variable(k))
    return compare.where(possible, poch(N - k + 1, k), 0)


def _choices(N: Variable, k: Variable) -> tuple[Variable, Variable, Variable]:
    """Where k of N things can be chosen, and both numbers, elsewhere such as have derivatives."""
    known = constant_value(k)
    if known is not None and known >= 0:
        possible = k <= N
    else:
        is_count = k >= 0
        possible = compare.logical_and(is_count, k <= N)
        k = compare.where(is_count, k, 0)
    return possible, compare.where(possible, N, k), k


@public("scipy.special.factorial")
def factorial(n: Any, exact: bool = False, extend: str = "zero") -> Variable:
    """n!, as ``scipy.special.factorial``: floats, by gamma(n + 1) for n that is not whole.

    Zero for n < 0. The shape is n's. Raises OptionError for ``exact=True``, which is for
    Python's integers, and for another ``extend`` than "zero".

    >>> import graphcomp as gr
    >>> n = gr.vector("n", 3)
    >>> gr.evaluate({n: [5.0, 0.5, -1.0]}, gr.special.factorial(n))
    array([120.        ,   0.88622693,   0.        ])
    """
    _refuse_exact("factorial", exact)
    if extend != "zero":
        raise OptionError(f"factorial has extend={extend!r}", "write gr.special.gamma(n + 1)")
    n = as_variable(n)
    is_below = n < 0
    return compare.where(is_below, 0, gamma(compare.where(is_below, 0, n) + 1))
