"""Random numbers: draws from a ``np.random.Generator`` that is an input of the graph.

Location and scale stand outside of a draw, so that it is differentiable by reparametrisation:
``loc + scale * rng.standard_normal(size)`` (Kingma and Welling, 2014, "Auto-encoding variational
Bayes", section 2.4). These are the numbers that NumPy's own methods draw from an equal generator.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NoReturn

import numpy as np

from graphcomp.dims import Dim, Shape
from graphcomp.errors import (
    DTypeError,
    IdentifierError,
    NotDifferentiableError,
    OptionError,
    TraceError,
)
from graphcomp.graph import Variable
from graphcomp.ops import contract, factorize, indexing, transcendental
from graphcomp.ops.base import NO_DERIVATIVE, Input, Meaning, Op, as_variable
from graphcomp.registry import public, refuse
from graphcomp.types import GENERATOR, DType, TensorType, as_dtype, broadcast_shapes

__all__ = ["Generator", "bernoulli", "exponential", "generator", "gumbel", "normal", "uniform"]

Size = int | Dim | Sequence[int | Dim] | None

# The parameters of the methods of np.random.Generator that are drawn from.
_METHODS: Mapping[str, tuple[str, ...]] = {
    "standard_normal": (),
    "random": (),
    "standard_exponential": (),
    "standard_cauchy": (),
    "normal": ("loc", "scale"),
    "uniform": ("low", "high"),
    "exponential": ("scale",),
    "gumbel": ("loc", "scale"),
    "laplace": ("loc", "scale"),
    "logistic": ("loc", "scale"),
    "rayleigh": ("scale",),
    "standard_gamma": ("shape",),
    "beta": ("a", "b"),
    "poisson": ("lam",),
    "binomial": ("n", "p"),
    "geometric": ("p",),
    "integers": ("low", "high"),
    "permutation": ("n",),
}
_TAKES_DTYPE = frozenset({"standard_normal", "random", "standard_exponential", "standard_gamma"})


@dataclass(frozen=True, eq=False)
class Draw(Op):
    """Random numbers of one method of a generator.

    ``index`` counts the draws from the generator. The last input is the draw before this one,
    whose value is not read: so draws are made in their order, and none is left out before
    another.
    """

    method: str
    index: int
    size: Shape
    dtype: DType
    has_effect: ClassVar[bool] = True

    def parameter_names(self, count: int) -> tuple[str, ...]:
        before = self.index > 0
        given = _METHODS[self.method][: count - 1 - before]
        return ("rng", *given, *["before"] * before)

    @property
    def nondiff(self) -> frozenset[int]:
        return frozenset({0, 1 + len(_METHODS[self.method])})

    def infer(self, rng: TensorType, *parameters: TensorType) -> TensorType:
        if rng.dtype != GENERATOR.dtype:
            raise DTypeError(
                f"{self.method} draws from a generator", "make one by gr.random.generator"
            )
        return TensorType(self.dtype, self.size)

    def meaning(self, *types: TensorType) -> Meaning:
        literals: dict[str, Any] = {}
        names = self.parameter_names(len(types))
        arguments = [name for name in names if name not in ("rng", "before")]
        if self.method != "permutation" and self.size:
            arguments.append("size=size")
            literals["size"] = self.size[0] if len(self.size) == 1 else self.size
        if self.method in _TAKES_DTYPE and self.dtype != np.float64:
            arguments.append("dtype=dtype")
            literals["dtype"] = self.dtype
        text = f"rng.{self.method}({', '.join(arguments)})"
        return Meaning(text if self.size else f"np.{self.dtype.name}({text})", literals)

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        parameter = self.parameter_names(len(inputs))[i]
        raise NotDifferentiableError(
            f"a draw of rng.{self.method} has no derivative by {parameter}", NO_DERIVATIVE
        )


class Generator:
    """A random generator as an input of a graph, with the methods of ``np.random.Generator``.

    Each call draws anew. ``size`` may hold symbolic sizes; without it a result has the shape
    that the parameters broadcast to. ``variable`` is the input itself.

    >>> import numpy as np
    >>> import graphcomp as gr
    >>> rng, mu = gr.random.generator("rng"), gr.scalar("mu")
    >>> x = rng.normal(mu, 2.0, size=3)
    >>> values = {rng: np.random.default_rng(0), mu: 1.0}
    >>> bool(np.all(gr.evaluate(values, x) == np.random.default_rng(0).normal(1.0, 2.0, 3)))
    True
    """

    def __init__(self, variable: Variable) -> None:
        self.variable = variable
        self._last: Variable | None = None
        self._count = 0

    # ---------------------------------------------------------- differentiable by parameters

    def standard_normal(self, size: Size = None, dtype: Any = "float64", out: None = None) -> Any:
        """Normal numbers of mean 0 and variance 1."""
        return self._draw("standard_normal", size, dtype, out=out)

    def random(self, size: Size = None, dtype: Any = "float64", out: None = None) -> Any:
        """Uniform numbers in [0, 1)."""
        return self._draw("random", size, dtype, out=out)

    def standard_exponential(
        self, size: Size = None, dtype: Any = "float64", method: str = "zig", out: None = None
    ) -> Any:
        """Exponential numbers of mean 1."""
        refuse("standard_exponential", method=None if method == "zig" else method)
        return self._draw("standard_exponential", size, dtype, out=out)

    @public()
    def normal(self, loc: Any = 0.0, scale: Any = 1.0, size: Size = None) -> Any:
        """Normal numbers of mean ``loc`` and standard deviation ``scale``."""
        return self._scaled("standard_normal", loc, scale, size, "normal", (loc, scale))

    @public()
    def uniform(self, low: Any = 0.0, high: Any = 1.0, size: Size = None) -> Any:
        """Uniform numbers in [low, high)."""
        width = high if _is(low, 0) else high - low
        return self._scaled("random", low, width, size, "uniform", (low, high))

    @public()
    def exponential(self, scale: Any = 1.0, size: Size = None) -> Any:
        """Exponential numbers of mean ``scale``."""
        return self._scaled("standard_exponential", 0.0, scale, size, "exponential", (scale,))

    @public()
    def gumbel(self, loc: Any = 0.0, scale: Any = 1.0, size: Size = None) -> Any:
        """Gumbel numbers: ``loc - scale * log(E)`` with E exponential."""
        return self._scaled("gumbel", loc, scale, size, "gumbel", (loc, scale))

    @public()
    def laplace(self, loc: Any = 0.0, scale: Any = 1.0, size: Size = None) -> Any:
        """Numbers of the double exponential distribution."""
        return self._scaled("laplace", loc, scale, size, "laplace", (loc, scale))

    @public()
    def logistic(self, loc: Any = 0.0, scale: Any = 1.0, size: Size = None) -> Any:
        """Numbers of the logistic distribution."""
        return self._scaled("logistic", loc, scale, size, "logistic", (loc, scale))

    def standard_cauchy(self, size: Size = None) -> Any:
        """Numbers of the Cauchy distribution."""
        return self._draw("standard_cauchy", size)

    @public()
    def lognormal(self, mean: Any = 0.0, sigma: Any = 1.0, size: Size = None) -> Any:
        """Numbers whose logarithm is normal."""
        return transcendental.exp(self.normal(mean, sigma, size))

    @public()
    def rayleigh(self, scale: Any = 1.0, size: Size = None) -> Any:
        """Lengths of vectors of two normal numbers of standard deviation ``scale``."""
        return self._scaled("rayleigh", 0.0, scale, size, "rayleigh", (scale,))

    @public()
    def weibull(self, a: Any, size: Size = None) -> Any:
        """``E ** (1/a)`` with E exponential of mean 1."""
        return self._draw("standard_exponential", size, like=(a,)) ** (1.0 / as_variable(a))

    @public()
    def multivariate_normal(
        self,
        mean: Any,
        cov: Any,
        size: Size = None,
        check_valid: str = "warn",
        tol: float = 1e-8,
        *,
        method: str = "svd",
    ) -> Any:
        """Rows of shape (..., k) of mean (k,) and covariance (k, k), by ``method="cholesky"``.

        Raises OptionError for another method: their factors jump where eigenvalues cross.
        """
        if method != "cholesky":
            raise OptionError(
                f"multivariate_normal by method={method!r} has no derivative",
                'write method="cholesky"',
            )
        mean, lower = as_variable(mean), factorize.cholesky(cov)
        drawn = self._draw("standard_normal", (*_shape(size), *mean.shape))
        return mean + contract.matmul(drawn, lower.mT)

    @public()
    def gamma(self, shape: Any, scale: Any = 1.0, size: Size = None) -> Any:
        """``scale`` times a gamma number, which has no derivative by its ``shape``."""
        return scale * self.standard_gamma(shape, _size_or(size, (shape, scale)))

    def standard_gamma(
        self, shape: Any, size: Size = None, dtype: Any = "float64", out: None = None
    ) -> Any:
        """Gamma numbers of scale 1. Not differentiable by ``shape``."""
        return self._draw("standard_gamma", size, dtype, like=(shape,), out=out, given=(shape,))

    @public()
    def chisquare(self, df: Any, size: Size = None) -> Any:
        """Sums of ``df`` squared normal numbers. Not differentiable by ``df``."""
        return 2.0 * self.standard_gamma(as_variable(df) / 2.0, size)

    # ------------------------------------------------------------------------- whole numbers

    def beta(self, a: Any, b: Any, size: Size = None) -> Any:
        """Beta numbers. Not differentiable by ``a`` and ``b``."""
        return self._draw("beta", size, like=(a, b), given=(a, b))

    def poisson(self, lam: Any = 1.0, size: Size = None) -> Any:
        """Poisson counts, int64. Not differentiable by ``lam``."""
        return self._draw("poisson", size, "int64", like=(lam,), given=(lam,))

    def binomial(self, n: Any, p: Any, size: Size = None) -> Any:
        """Binomial counts, int64. Not differentiable by ``p``."""
        return self._draw("binomial", size, "int64", like=(n, p), given=(n, p))

    def geometric(self, p: Any, size: Size = None) -> Any:
        """Numbers of trials to the first success, int64. Not differentiable by ``p``."""
        return self._draw("geometric", size, "int64", like=(p,), given=(p,))

    @public()
    def bernoulli(self, p: Any, size: Size = None) -> Any:
        """True with probability ``p``: ``random(size) < p``, through which no gradient goes."""
        return self._draw("random", size, like=(p,)) < p

    def integers(
        self,
        low: Any,
        high: Any = None,
        size: Size = None,
        dtype: Any = "int64",
        endpoint: bool = False,
    ) -> Any:
        """Integers in [low, high), or in [0, low) without ``high``."""
        if high is None:
            low, high = 0, low
        refuse("integers", dtype=None if as_dtype(dtype) == np.int64 else dtype)
        return self._draw(
            "integers", size, "int64", like=(low, high), given=(low, high + int(endpoint))
        )

    @public()
    def permutation(self, x: Any, axis: int = 0) -> Any:
        """The numbers below ``x`` in random order, or an array with an axis in random order."""
        if isinstance(x, (int, np.integer, Dim)):
            size = x if isinstance(x, Dim) else int(x)
            return self._draw("permutation", size, "int64", given=(size,))
        x = as_variable(x)
        order = self._draw("permutation", x.shape[axis], "int64", given=(x.shape[axis],))
        return indexing.take(x, order, axis=axis)

    @public()
    def choice(
        self,
        a: Any,
        size: Size = None,
        replace: bool = True,
        p: Any = None,
        axis: int = 0,
        shuffle: bool = True,
    ) -> Any:
        """Elements of ``a`` (or numbers below it), each as likely as the others.

        Raises OptionError for ``replace=False`` and for ``p``.
        """
        if not replace or p is not None:
            raise OptionError(
                "choice of variables takes neither replace=False nor p",
                "take the first of rng.permutation(n), or np.searchsorted(np.cumsum(p), u) with "
                "u = rng.random(size)",
            )
        if isinstance(a, (int, np.integer, Dim)):
            return self.integers(0, a, size)
        a = as_variable(a)
        return indexing.take(a, self.integers(0, a.shape[axis], size), axis=axis)

    def shuffle(self, *_: Any, **__: Any) -> NoReturn:
        """Not available: a variable never changes."""
        raise TraceError("rng.shuffle(x) changes x in place", "write x = rng.permutation(x)")

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("_") or not hasattr(np.random.Generator, name):
            raise AttributeError(f"a generator has no attribute {name}")
        raise TraceError(
            f"rng.{name} is not among the draws of a graph",
            "pass the random array to the function as an argument",
        )

    # -------------------------------------------------------------------------------- drawing

    def _draw(
        self,
        method: str,
        size: Size = None,
        dtype: Any = "float64",
        *,
        like: Sequence[Any] = (),
        given: Sequence[Any] = (),
        out: None = None,
    ) -> Variable:
        refuse(f"rng.{method}", out=out)
        op = Draw(method, self._count, _shape(_size_or(size, like)), as_dtype(dtype))
        before = [] if self._last is None else [self._last]
        drawn = op(self.variable, *given, *before)
        self._last, self._count = drawn, self._count + 1
        return drawn

    def _scaled(
        self, standard: str, loc: Any, scale: Any, size: Size, method: str, given: tuple[Any, ...]
    ) -> Variable:
        """``loc + scale * standard``, or the method itself where all parameters are numbers."""
        if all(type(value) in (int, float) for value in given):
            if _is(loc, 0) and _is(scale, 1):
                return self._draw(standard, size)
            return self._draw(method, size, given=given)
        drawn = self._draw(standard, size, like=given)
        scaled = drawn if _is(scale, 1) else scale * drawn
        return scaled if _is(loc, 0) else loc + scaled


def _is(value: Any, number: float) -> bool:
    return type(value) in (int, float) and value == number


def _shape(size: Size) -> Shape:
    if size is None:
        return ()
    entries = tuple(size) if isinstance(size, Sequence) else (size,)
    return tuple(n if isinstance(n, Dim) else int(n) for n in entries)


def _size_or(size: Size, like: Sequence[Any]) -> Size:
    """The size asked for, else what the parameters broadcast to."""
    if size is not None or not like:
        return size
    return broadcast_shapes(*(as_variable(value).shape for value in like))


def as_input(value: Any) -> Any:
    """The variable of a generator; anything else as it is."""
    return value.variable if isinstance(value, Generator) else value


# ------------------------------------------------------------------------- functions for users


def generator(name: str = "rng") -> Generator:
    """A random generator as an input: the caller gives a ``np.random.Generator``.

    Raises IdentifierError for a name that is not a string.

    >>> import numpy as np
    >>> import codegen
    >>> import graphcomp as gr
    >>> rng = gr.random.generator("rng")
    >>> f = codegen.compile([rng], rng.standard_normal(2), name="noise")
    >>> bool(np.all(f(np.random.default_rng(1)) == np.random.default_rng(1).standard_normal(2)))
    True
    """
    if not isinstance(name, str) or not name:
        raise IdentifierError(
            f"the name of a generator is a non-empty string, not {name!r}",
            "write one such as 'rng'",
        )
    return Generator(Input(name, GENERATOR.dtype, (), uuid.uuid4().hex)().named(name))


def normal(rng: Generator, loc: Any = 0.0, scale: Any = 1.0, size: Size = None) -> Variable:
    """``rng.normal(loc, scale, size)``."""
    result: Variable = rng.normal(loc, scale, size)
    return result


def uniform(rng: Generator, low: Any = 0.0, high: Any = 1.0, size: Size = None) -> Variable:
    """``rng.uniform(low, high, size)``."""
    result: Variable = rng.uniform(low, high, size)
    return result


def exponential(rng: Generator, scale: Any = 1.0, size: Size = None) -> Variable:
    """``rng.exponential(scale, size)``."""
    result: Variable = rng.exponential(scale, size)
    return result


def gumbel(rng: Generator, loc: Any = 0.0, scale: Any = 1.0, size: Size = None) -> Variable:
    """``rng.gumbel(loc, scale, size)``."""
    result: Variable = rng.gumbel(loc, scale, size)
    return result


def bernoulli(rng: Generator, p: Any = 0.5, size: Size = None) -> Variable:
    """``rng.random(size) < p``: bool, and no gradient goes through."""
    result: Variable = rng.bernoulli(p, size)
    return result
