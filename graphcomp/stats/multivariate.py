"""The distributions of vectors of ``scipy.stats``: normal, t, Dirichlet, multinomial.

A value is the last axis of ``x``; axes before it are kept. As SciPy, results lose axes of length
1, and ``dirichlet`` has its vectors along the first axis.
"""

from __future__ import annotations

import inspect
import math
from typing import Any, ClassVar

from graphcomp.dims import DimLike
from graphcomp.errors import OptionError, ShapeError
from graphcomp.graph import Variable
from graphcomp.ops.base import as_variable
from graphcomp.ops.compare import where
from graphcomp.ops.diagonal import diagonal
from graphcomp.ops.entropies import xlogy
from graphcomp.ops.factorize import cholesky
from graphcomp.ops.gamma_functions import digamma, gammaln
from graphcomp.ops.join import concatenate
from graphcomp.ops.linalg import solve
from graphcomp.ops.reduce import sum
from graphcomp.ops.search import all
from graphcomp.ops.shape import squeeze
from graphcomp.ops.transcendental import exp, log, log1p
from graphcomp.registry import public
from graphcomp.stats.distribution import INF, Parametrized, real
from graphcomp.types import format_shape

__all__ = ["dirichlet", "multinomial", "multivariate_normal", "multivariate_t"]

_REQUIRED = inspect.Parameter.empty


class Elliptical(Parametrized):
    """Base of those whose density depends on x by a quadratic form."""

    center: ClassVar[str]  # the parameter names of the center and of the matrix
    matrix: ClassVar[str]

    def whitened(self, x: Any, given: dict[str, Any]) -> tuple[Variable, Variable, DimLike]:
        """The quadratic form of each x, the log-determinant of the matrix, and the dimension."""
        if given["allow_singular"] is not False:
            raise OptionError(
                f"{self.name} with allow_singular=True has no Cholesky factor",
                "leave it out, and add a small multiple of the identity to the matrix",
            )
        mean, matrix = given[self.center], as_variable(given[self.matrix])
        size = self.dimension(given)
        x = as_variable(real(x))
        if x.ndim < 2:  # of one dimension, a vector is as many values
            x = x.reshape(-1, 1) if size == 1 else x.reshape(1, -1)
        if x.shape[-1] != size:
            raise ShapeError(
                f"{x.label} has shape {format_shape(x.shape)}, for {self.name} of {size} numbers",
                f"its last axis must be {size}",
            )
        apart = x if mean is None else x - mean
        if matrix.ndim < 2:
            form = sum(apart**2 / matrix, axis=-1)
        else:
            lower = cholesky(matrix)
            rows = apart.reshape(-1, size)
            form = sum(solve(lower, rows.T) ** 2, axis=0)
            form = form.reshape(apart.shape[:-1])
        return form, self.log_determinant(given), size

    def dimension(self, given: dict[str, Any]) -> DimLike:
        """The length of a vector, of the center's or the matrix's shape."""
        for name in (self.center, self.matrix):
            if given[name] is not None and as_variable(given[name]).ndim:
                return as_variable(given[name]).shape[-1]
        return 1

    def log_determinant(self, given: dict[str, Any]) -> Variable:
        """The logarithm of the matrix's determinant: of a number that times the identity."""
        matrix = as_variable(given[self.matrix])
        if matrix.ndim == 2:
            return 2 * sum(log(diagonal(cholesky(matrix))))
        return sum(log(matrix)) if matrix.ndim else self.dimension(given) * log(matrix)

    def read(self, value: Any) -> Any:
        return value if value is None or isinstance(value, bool) else real(value)


class MultivariateNormal(Elliptical):
    """log f(x) = -(k log(2 pi) + log det(cov) + d**2) / 2, d**2 = (x - mean) cov**-1 (x - mean).

    ``cov`` is a matrix, of which the lower triangle is read, a vector of variances, or one
    variance. Raises ShapeError for an x of other length, OptionError for ``allow_singular=True``.

    >>> import graphcomp as gr
    >>> x, cov = gr.matrix("x", ("n", 2)), gr.matrix("cov", (2, 2))
    >>> log_density = gr.stats.multivariate_normal.logpdf(x, cov=cov)
    >>> gr.evaluate({x: [[0.0, 0.0], [2.0, 0.0]], cov: [[4, 0], [0, 1]]}, log_density).round(4)
    array([-2.531, -3.031])
    """

    parameters = (("mean", None), ("cov", 1), ("allow_singular", False))
    methods = ("logpdf", "pdf", "entropy")
    center, matrix = "mean", "cov"

    @public()
    def logpdf(self, x: Any, *args: Any, **kwds: Any) -> Variable:
        """The logarithm of the density."""
        form, log_det, size = self.whitened(x, self.bind(args, kwds))
        return squeeze(-0.5 * form - (0.5 * log_det + 0.5 * math.log(2 * math.pi) * size))

    @public()
    def pdf(self, x: Any, *args: Any, **kwds: Any) -> Variable:
        """The density."""
        return exp(self.logpdf(x, *args, **kwds))

    @public()
    def entropy(self, *args: Any, **kwds: Any) -> Variable:
        """The differential entropy in nats."""
        given = self.bind(args, kwds)
        half = 0.5 * self.log_determinant(given)
        return half + (0.5 + 0.5 * math.log(2 * math.pi)) * self.dimension(given)


class MultivariateT(Elliptical):
    """Student's t of k numbers: f(x) is proportional to (1 + d**2 / df)**(-(df + k) / 2).

    d**2 = (x - loc) shape**-1 (x - loc). Raises as ``multivariate_normal``.
    """

    parameters = (("loc", None), ("shape", 1), ("df", 1), ("allow_singular", False))
    methods = ("logpdf", "pdf")
    center, matrix = "loc", "shape"

    @public()
    def logpdf(self, x: Any, *args: Any, **kwds: Any) -> Variable:
        """The logarithm of the density."""
        given = self.bind(args, kwds)
        form, log_det, size = self.whitened(x, given)
        df = as_variable(given["df"])
        half, whole = 0.5 * df, 0.5 * (df + size)
        normalizer = 0.5 * log_det + 0.5 * size * log(math.pi * df) + gammaln(half) - gammaln(whole)
        return squeeze(-whole * log1p(form / df) - normalizer)

    @public()
    def pdf(self, x: Any, *args: Any, **kwds: Any) -> Variable:
        """The density."""
        return exp(self.logpdf(x, *args, **kwds))


class Dirichlet(Parametrized):
    """f(x) = Gamma(sum(alpha)) prod(x**(alpha - 1) / Gamma(alpha)), x of sum 1.

    ``x`` is (k,), or (k, n) for n vectors; its last row may be left out. That it is not negative
    and its sum 1 is not checked. Raises ShapeError for an x of other length.

    >>> import graphcomp as gr
    >>> x, alpha = gr.vector("x", 3), gr.vector("alpha", 3)
    >>> values = {x: [0.2, 0.3, 0.5], alpha: [1.0, 1.0, 1.0]}
    >>> gr.evaluate(values, gr.stats.dirichlet.pdf(x, alpha)).round(4)
    np.float64(2.0)
    """

    parameters = (("alpha", _REQUIRED),)
    methods = ("logpdf", "pdf", "mean", "var", "entropy")

    def alpha(self, args: Any, kwds: Any) -> Variable:
        """The parameter. Raises ShapeError unless it is a vector."""
        alpha = as_variable(self.bind(args, kwds)["alpha"])
        if alpha.ndim != 1:
            raise ShapeError(f"{alpha.label} has {alpha.ndim} axes", "alpha is a vector")
        return alpha

    @public()
    def logpdf(self, x: Any, *args: Any, **kwds: Any) -> Variable:
        """The logarithm of the density."""
        alpha, x = self.alpha(args, kwds), as_variable(real(x))
        if x.shape[:1] == (alpha.shape[0] - 1,):
            x = concatenate([x, 1 - sum(x, axis=0, keepdims=True)])
        if x.shape[:1] != alpha.shape:
            raise ShapeError(
                f"{x.label} has shape {format_shape(x.shape)} and alpha {alpha.shape[0]} entries",
                "the first axis of x must be as long as alpha, or one shorter",
            )
        return squeeze(sum(xlogy(alpha - 1, x.T), axis=-1).T - _log_beta(alpha))

    @public()
    def pdf(self, x: Any, *args: Any, **kwds: Any) -> Variable:
        """The density."""
        return exp(self.logpdf(x, *args, **kwds))

    @public()
    def mean(self, *args: Any, **kwds: Any) -> Variable:
        """The means, alpha / sum(alpha)."""
        alpha = self.alpha(args, kwds)
        return squeeze(alpha / sum(alpha))

    @public()
    def var(self, *args: Any, **kwds: Any) -> Variable:
        """The variances."""
        alpha = self.alpha(args, kwds)
        total = sum(alpha)
        return squeeze(alpha * (total - alpha) / (total**2 * (total + 1)))

    @public()
    def entropy(self, *args: Any, **kwds: Any) -> Variable:
        """The differential entropy in nats."""
        alpha = self.alpha(args, kwds)
        total = sum(alpha)
        spread = (total - alpha.shape[0]) * digamma(total)
        return _log_beta(alpha) + spread - sum((alpha - 1) * digamma(alpha))


class Multinomial(Parametrized):
    """P(x) = n! prod(p**x / x!), x of sum n along its last axis; -inf for other x.

    That p has the sum 1 is not checked. Raises ShapeError for an x without axes.

    >>> import graphcomp as gr
    >>> x, p = gr.vector("x", 2, dtype="int64"), gr.vector("p", 2)
    >>> gr.evaluate({x: [1, 1], p: [0.5, 0.5]}, gr.stats.multinomial.pmf(x, 2, p)).round(4)
    np.float64(0.5)
    """

    parameters = (("n", _REQUIRED), ("p", _REQUIRED))
    methods = ("logpmf", "pmf", "mean")

    @public()
    def logpmf(self, x: Any, *args: Any, **kwds: Any) -> Variable:
        """log P(x)."""
        given, x = self.bind(args, kwds), as_variable(real(x))
        if not x.ndim:
            raise ShapeError(f"{x.label} has no axes", "x is a vector of counts")
        n, p = given["n"], given["p"]
        possible = all(x >= 0, axis=-1) & (sum(x, axis=-1) == n)
        counts = where(x < 0, 0, x)
        terms = sum(xlogy(counts, p) - gammaln(counts + 1), axis=-1)
        return where(possible, gammaln(n + 1) + terms, -INF)

    @public()
    def pmf(self, x: Any, *args: Any, **kwds: Any) -> Variable:
        """P(x)."""
        return exp(self.logpmf(x, *args, **kwds))

    @public()
    def mean(self, *args: Any, **kwds: Any) -> Variable:
        """The means, n p."""
        given = self.bind(args, kwds)
        return as_variable(given["n"])[..., None] * as_variable(given["p"])


def _log_beta(alpha: Variable) -> Variable:
    return sum(gammaln(alpha)) - gammaln(sum(alpha))


multivariate_normal = MultivariateNormal("multivariate_normal")
multivariate_t = MultivariateT("multivariate_t")
dirichlet = Dirichlet("dirichlet")
multinomial = Multinomial("multinomial")
