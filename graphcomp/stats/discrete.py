"""The distributions of whole numbers of ``scipy.stats``.

Formulas are those of Johnson, Kemp and Kotz, Univariate Discrete Distributions (2005). Each is
given for ``loc=0``. Binomial coefficients are written with the beta function, which loses no
digits where its arguments are large: C(n, k) = 1 / ((n + 1) B(n - k + 1, k + 1)).
"""

from __future__ import annotations

from typing import Any

from graphcomp.graph import Variable
from graphcomp.ops.compare import maximum, minimum
from graphcomp.ops.entropies import entr, xlog1py, xlogy
from graphcomp.ops.gamma_functions import betaln, gammaln
from graphcomp.ops.incomplete import betainc, betaincc, pdtr, pdtrc
from graphcomp.ops.transcendental import exp, expm1, log, log1p
from graphcomp.stats.density import Discrete
from graphcomp.stats.distribution import INF, Bounds, log1mexp

__all__ = [
    "bernoulli",
    "betabinom",
    "binom",
    "geom",
    "hypergeom",
    "nbinom",
    "poisson",
    "randint",
]


class Bernoulli(Discrete):
    """1 with probability p, else 0.

    >>> import graphcomp as gr
    >>> k, p = gr.vector("k", 2, dtype="int64"), gr.scalar("p")
    >>> gr.evaluate({k: [0, 1], p: 0.25}, gr.stats.bernoulli.logpmf(k, p)).round(4)
    array([-0.2877, -1.3863])
    """

    shapes = ("p",)

    def support(self, p: Any) -> Bounds:
        return 0, 1

    def log_mass(self, k: Variable, p: Any) -> Any:
        return xlogy(k, p) + xlog1py(1 - k, -p)

    def cumulative(self, z: Variable, p: Any) -> Any:
        return 1 - p + 0 * z

    def survival(self, z: Variable, p: Any) -> Any:
        return p + 0 * z

    def center(self, p: Any) -> Any:
        return p

    def spread(self, p: Any) -> Any:
        return p * (1 - p)

    def disorder(self, p: Any) -> Any:
        return entr(p) + entr(1 - p)


class Binom(Discrete):
    """Successes in n trials: P(k) = C(n, k) p**k (1 - p)**(n - k) for 0 <= k <= n."""

    shapes = ("n", "p")

    def support(self, n: Any, p: Any) -> Bounds:
        return 0, n

    def log_mass(self, k: Variable, n: Any, p: Any) -> Any:
        return xlogy(k, p) + xlog1py(n - k, -p) - (betaln(n - k + 1, k + 1) + log1p(n))

    def cumulative(self, z: Variable, n: Any, p: Any) -> Any:
        return betaincc(z + 1, n - z, p)

    def survival(self, z: Variable, n: Any, p: Any) -> Any:
        return betainc(z + 1, n - z, p)

    def center(self, n: Any, p: Any) -> Any:
        return n * p

    def spread(self, n: Any, p: Any) -> Any:
        return n * p * (1 - p)


class Poisson(Discrete):
    """The Poisson distribution: P(k) = mu**k exp(-mu) / k! for k >= 0."""

    shapes = ("mu",)

    def support(self, mu: Any) -> Bounds:
        return 0, INF

    def log_mass(self, k: Variable, mu: Any) -> Any:
        return xlogy(k, mu) - mu - gammaln(k + 1)

    def cumulative(self, z: Variable, mu: Any) -> Any:
        return pdtr(z, mu)

    def survival(self, z: Variable, mu: Any) -> Any:
        return pdtrc(z, mu)

    def center(self, mu: Any) -> Any:
        return mu

    def spread(self, mu: Any) -> Any:
        return mu


class Geom(Discrete):
    """Trials up to the first success: P(k) = (1 - p)**(k - 1) p for k >= 1."""

    shapes = ("p",)

    def support(self, p: Any) -> Bounds:
        return 1, INF

    def log_mass(self, k: Variable, p: Any) -> Any:
        return xlog1py(k - 1, -p) + log(p)

    def cumulative(self, z: Variable, p: Any) -> Any:
        return -expm1(z * log1p(-p))

    def log_cumulative(self, z: Variable, p: Any) -> Any:
        return log1mexp(-z * log1p(-p))

    def survival(self, z: Variable, p: Any) -> Any:
        return exp(z * log1p(-p))

    def log_survival(self, z: Variable, p: Any) -> Any:
        return z * log1p(-p)

    def center(self, p: Any) -> Any:
        return 1 / p

    def spread(self, p: Any) -> Any:
        return (1 - p) / p**2

    def disorder(self, p: Any) -> Any:
        return (entr(p) + entr(1 - p)) / p


class Nbinom(Discrete):
    """Failures up to the n-th success: P(k) = C(k + n - 1, n - 1) p**n (1 - p)**k for k >= 0."""

    shapes = ("n", "p")

    def support(self, n: Any, p: Any) -> Bounds:
        return 0, INF

    def log_mass(self, k: Variable, n: Any, p: Any) -> Any:
        return xlog1py(k, -p) + n * log(p) - (betaln(n, k + 1) + log(n + k))

    def cumulative(self, z: Variable, n: Any, p: Any) -> Any:
        return betainc(n, z + 1, p)

    def survival(self, z: Variable, n: Any, p: Any) -> Any:
        return betaincc(n, z + 1, p)

    def center(self, n: Any, p: Any) -> Any:
        return n * (1 - p) / p

    def spread(self, n: Any, p: Any) -> Any:
        return n * (1 - p) / p**2


class Hypergeom(Discrete):
    """Marked ones among N drawn of M, of which n are marked: C(n, k) C(M - n, N - k) / C(M, N)."""

    shapes = ("M", "n", "N")

    def support(self, M: Any, n: Any, N: Any) -> Bounds:
        return maximum(N - (M - n), 0), minimum(n, N)

    def log_mass(self, k: Variable, M: Any, n: Any, N: Any) -> Any:
        return _log_choose(n, k) + _log_choose(M - n, N - k) - _log_choose(M, N)

    def center(self, M: Any, n: Any, N: Any) -> Any:
        return N * (n / M)

    def spread(self, M: Any, n: Any, N: Any) -> Any:
        marked = n / M
        return N * marked * (1 - marked) * ((M - N) / (M - 1))


class Betabinom(Discrete):
    """Binomial of n trials with a beta(a, b) probability.

    P(k) = C(n, k) B(k + a, n - k + b) / B(a, b) for 0 <= k <= n.
    """

    shapes = ("n", "a", "b")

    def support(self, n: Any, a: Any, b: Any) -> Bounds:
        return 0, n

    def log_mass(self, k: Variable, n: Any, a: Any, b: Any) -> Any:
        return _log_choose(n, k) + betaln(k + a, n - k + b) - betaln(a, b)

    def center(self, n: Any, a: Any, b: Any) -> Any:
        return n * (a / (a + b))

    def spread(self, n: Any, a: Any, b: Any) -> Any:
        total = a + b
        return n * (total + n) * a * b / (total**2 * (total + 1))


class Randint(Discrete):
    """The uniform distribution on the whole numbers from low to high - 1."""

    shapes = ("low", "high")

    def support(self, low: Any, high: Any) -> Bounds:
        return low, high - 1

    def log_mass(self, k: Variable, low: Any, high: Any) -> Any:
        return -log(high - low)

    def cumulative(self, z: Variable, low: Any, high: Any) -> Any:
        return (z - low + 1) / (high - low)

    def survival(self, z: Variable, low: Any, high: Any) -> Any:
        return (high - 1 - z) / (high - low)

    def center(self, low: Any, high: Any) -> Any:
        return (low + high - 1) / 2

    def spread(self, low: Any, high: Any) -> Any:
        return ((high - low) ** 2 - 1) / 12

    def disorder(self, low: Any, high: Any) -> Any:
        return log(high - low)


def _log_choose(n: Any, k: Any) -> Variable:
    """The logarithm of the binomial coefficient of n over k."""
    return -(betaln(n - k + 1, k + 1) + log1p(n))


bernoulli = Bernoulli("bernoulli")
binom = Binom("binom")
poisson = Poisson("poisson")
geom = Geom("geom")
nbinom = Nbinom("nbinom")
hypergeom = Hypergeom("hypergeom")
betabinom = Betabinom("betabinom")
randint = Randint("randint")
