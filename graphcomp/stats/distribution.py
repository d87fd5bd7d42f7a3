"""What all distributions share: parameters, supports, and one formula made into the others.

A distribution of one number is a family over shape parameters, shifted by ``loc`` and, where it is
continuous, stretched by ``scale``. Its class gives formulas for ``loc=0, scale=1``; outside of
the support results are constants, and gradients are 0 there. Parameters are not checked: where a
scale is negative or a shape outside of its domain, the formula's own value results, often NaN.
"""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, NoReturn

import numpy as np

from graphcomp.errors import DTypeError, OptionError, TraceError
from graphcomp.graph import Variable
from graphcomp.ops.arithmetic import sqrt
from graphcomp.ops.base import as_variable
from graphcomp.ops.compare import where
from graphcomp.ops.parts import floor
from graphcomp.ops.shape import broadcast_to
from graphcomp.ops.transcendental import exp, expm1, log, log1p
from graphcomp.registry import implementations, public
from graphcomp.types import broadcast_shapes

INF = math.inf
Bounds = tuple[Any, Any]
Formula = Callable[..., Any]
_ONLY_SCIPY = ("expect", "fit", "moment", "random_state", "rvs", "stats", "support")


class Parametrized:
    """Base of all distributions: ``norm(loc, scale)`` is one with its parameters frozen.

    ``methods`` are entered as graphcomp's meaning of those of ``scipy.stats.<name>``.
    """

    parameters: ClassVar[tuple[tuple[str, Any], ...]]  # (name, default), in SciPy's order
    methods: ClassVar[tuple[str, ...]]

    def __init__(self, name: str) -> None:
        self.name = name
        path = f"scipy.stats.{name}"
        self.signature = inspect.Signature(
            [
                inspect.Parameter(n, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=default)
                for n, default in self.parameters
            ]
        )
        public(path)(self.__call__)
        for method in self.methods:
            implementations[f"{path}.{method}"] = getattr(self, method)

    def __call__(self, *args: Any, **kwds: Any) -> Frozen:
        """The distribution with these parameters.

        Raises OptionError for a parameter that it does not have, or that is missing.
        """
        return Frozen(self, self.bind(args, kwds))

    def bind(self, args: tuple[Any, ...], kwds: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters by name. Raises OptionError where they do not fit the distribution."""
        try:
            bound = self.signature.bind(*args, **kwds)
        except TypeError as error:
            names = ", ".join(name for name, _ in self.parameters)
            raise OptionError(
                f"parameters of {self.name}: {error}", f"its parameters are {names}"
            ) from None
        bound.apply_defaults()
        return {name: self.read(value) for name, value in bound.arguments.items()}

    def given(
        self, args: tuple[Any, ...], kwds: Mapping[str, Any], at: Any = None
    ) -> dict[str, Any]:
        """The parameters of a call at a value, so that single precision stays.

        Python's own numbers among them are in float32 where all variables are: log(2.0) of one
        would be float64. Defaults stay, of which formulas need nothing.
        """
        given = self.bind(args, kwds)
        values = [v for v in (at, *given.values()) if isinstance(v, Variable) and not v.type.weak]
        kinds = {v.dtype for v in values if v.dtype.kind == "f"}
        if kinds != {np.dtype(np.float32)}:
            return given
        defaults = dict(self.parameters)
        return {
            name: as_variable(np.float32(value))
            if type(value) in (int, float) and value != defaults[name]
            else value
            for name, value in given.items()
        }

    def read(self, value: Any) -> Any:
        """A parameter or value as formulas take it."""
        return real(value)

    def __repr__(self) -> str:
        return f"gr.stats.{self.name}"


class Frozen:
    """A distribution with its parameters: ``norm(loc, scale).logpdf(x)``.

    >>> import graphcomp as gr
    >>> x = gr.vector("x", 2)
    >>> gr.evaluate({x: [0.0, 2.0]}, gr.stats.expon(scale=2.0).sf(x)).round(4)
    array([1.    , 0.3679])
    """

    def __init__(self, distribution: Parametrized, parameters: Mapping[str, Any]) -> None:
        self.dist, self.kwds = distribution, dict(parameters)

    def __getattr__(self, name: str) -> Any:
        if name in _ONLY_SCIPY:
            raise TraceError(
                f"{self.dist.name} of variables has no {name}",
                f"it has {', '.join(self.dist.methods)}; draw with rng = gr.random.generator()",
            )
        if name not in self.dist.methods:
            raise AttributeError(f"{self.dist!r} has no method {name}")
        return functools.partial(getattr(self.dist, name), **self.kwds)

    def __repr__(self) -> str:
        given = ", ".join(f"{name}={value!r}" for name, value in self.kwds.items())
        return f"{self.dist!r}({given})"


class Univariate(Parametrized):
    """Base of the distributions of one number.

    A class gives what has a closed form: ``cumulative(z, *shapes)``, and where they are more
    exact than what follows from it also ``log_cumulative``, ``survival`` and ``log_survival``;
    ``center``, ``spread`` and ``disorder`` of the shapes, which are mean, variance and entropy.
    """

    shapes: ClassVar[tuple[str, ...]] = ()
    whole: ClassVar[bool] = False  # of whole numbers

    def read(self, value: Any) -> Any:
        return real(value, self.whole)

    def support(self, *shapes: Any) -> Bounds:
        """The least and the greatest value; infinite ones are floats."""
        return -INF, INF

    def cumulative(self, z: Variable, *shapes: Any) -> Any:
        """P(Z <= z)."""
        self.refuse("cdf")

    def log_cumulative(self, z: Variable, *shapes: Any) -> Any:
        """log P(Z <= z)."""
        return log(self.cumulative(z, *shapes))

    def survival(self, z: Variable, *shapes: Any) -> Any:
        """P(Z > z)."""
        return 1 - self.cumulative(z, *shapes)

    def log_survival(self, z: Variable, *shapes: Any) -> Any:
        """log P(Z > z)."""
        return log(self.survival(z, *shapes))

    def center(self, *shapes: Any) -> Any:
        """The mean."""
        self.refuse("mean")

    def spread(self, *shapes: Any) -> Any:
        """The variance."""
        self.refuse("variance")

    def disorder(self, *shapes: Any) -> Any:
        """The entropy."""
        self.refuse("entropy")

    def refuse(self, what: str) -> NoReturn:
        """Raise TraceError: the distribution has no such formula."""
        raise TraceError(
            f"the {what} of scipy.stats.{self.name} has no closed form in graphcomp's operations",
            "work it out before, and pass the number to the function as an argument",
        )

    # -------------------------------------------------------------------------- for the user

    @public()
    def cdf(self, x: Any, *args: Any, **kwds: Any) -> Variable:
        """The cumulative distribution function, P(X <= x)."""
        return self._of_values(self.cumulative, x, args, kwds, below=0.0, above=1.0)

    @public()
    def logcdf(self, x: Any, *args: Any, **kwds: Any) -> Variable:
        """The logarithm of ``cdf``."""
        return self._of_values(self.log_cumulative, x, args, kwds, below=-INF, above=0.0)

    @public()
    def sf(self, x: Any, *args: Any, **kwds: Any) -> Variable:
        """The survival function, P(X > x) = 1 - cdf(x)."""
        return self._of_values(self.survival, x, args, kwds, below=1.0, above=0.0)

    @public()
    def logsf(self, x: Any, *args: Any, **kwds: Any) -> Variable:
        """The logarithm of ``sf``."""
        return self._of_values(self.log_survival, x, args, kwds, below=0.0, above=-INF)

    @public()
    def mean(self, *args: Any, **kwds: Any) -> Variable:
        """The mean."""
        given = self.given(args, kwds)
        return to_all_shapes(scaled(self.center(*self._shapes(given)), given), given)

    @public()
    def var(self, *args: Any, **kwds: Any) -> Variable:
        """The variance."""
        given = self.given(args, kwds)
        spread = self.spread(*self._shapes(given))
        scale = given.get("scale", 1)
        return to_all_shapes(spread if is_number(scale, 1) else scale**2 * spread, given)

    @public()
    def std(self, *args: Any, **kwds: Any) -> Variable:
        """The standard deviation."""
        given = self.given(args, kwds)
        spread = self.spread(*self._shapes(given))
        root = math.sqrt(spread) if isinstance(spread, (int, float)) else sqrt(spread)
        scale = given.get("scale", 1)
        return to_all_shapes(root if is_number(scale, 1) else scale * root, given)

    @public()
    def entropy(self, *args: Any, **kwds: Any) -> Variable:
        """The entropy in nats; of a continuous distribution the differential one."""
        given = self.given(args, kwds)
        disorder = self.disorder(*self._shapes(given))
        scale = given.get("scale", 1)
        return to_all_shapes(disorder if is_number(scale, 1) else disorder + log(scale), given)

    # --------------------------------------------------------------------------------- parts

    def _shapes(self, given: Mapping[str, Any]) -> list[Any]:
        return [given[name] for name in self.shapes]

    def _of_values(
        self,
        formula: Formula,
        x: Any,
        args: tuple[Any, ...],
        kwds: Mapping[str, Any],
        below: float,
        above: float,
    ) -> Variable:
        """``formula`` of the standardized x within the support, constants outside of it."""
        x = as_variable(self.read(x))
        given = self.given(args, kwds, x)
        z, shapes = standardized(x, given), self._shapes(given)
        low, high = self.support(*shapes)
        if self.whole:
            z = whole(z)
        under = None if is_number(low, -INF) else (z < low if self.whole else z <= low)
        over = None if is_number(high, INF) else z >= high
        outside = [condition for condition in (under, over) if condition is not None]
        inner = inside(z, outside, as_float(low) if self.whole else middle(low, high))
        result = formula(inner, *shapes)
        for outer, value in ((over, above), (under, below)):
            if outer is not None:
                result = where(outer, value, result)
        return to_all_shapes(result, given)


# ---------------------------------------------------------------------------- shared by formulas


def real(value: Any, whole: bool = False) -> Any:
    """A parameter or value in floating point, or in int64 where its distribution is ``whole``.

    Python's own numbers stay as they are, floating types too. Raises DTypeError for complex ones.
    """
    if type(value) in (bool, int, float):
        return value
    v = as_variable(value)
    if v.dtype.kind == "c":
        raise DTypeError(f"{v.label} is {v.dtype}", "a distribution is of real numbers")
    return v if v.type.weak or v.dtype.kind == "f" else v.astype("int64" if whole else "float64")


def is_number(value: Any, number: float) -> bool:
    """Whether ``value`` is Python's own ``number``, such as a default."""
    return type(value) in (int, float) and value == number


def as_float(value: Any) -> Any:
    """A whole number in floating point, where it is one of Python's own; anything else as it is."""
    return float(value) if isinstance(value, int) else value


def standardized(x: Variable, given: Mapping[str, Any]) -> Variable:
    """(x - loc) / scale."""
    loc, scale = given["loc"], given.get("scale", 1)
    shifted = x if is_number(loc, 0) else x - loc
    return shifted if is_number(scale, 1) else shifted / scale


def inside(z: Variable, outside: list[Variable], value: Any) -> Variable:
    """z, and ``value`` where one of the conditions holds: formulas are to be finite there."""
    return where(any_of(outside), value, z) if outside else z


def middle(low: Any, high: Any) -> Any:
    """A point within the bounds."""
    if is_number(low, -INF):
        return 0.0 if is_number(high, INF) else high - 1.0
    return low + 1.0 if is_number(high, INF) else 0.5 * (low + high)


def any_of(conditions: list[Variable]) -> Variable:
    """Whether one of the conditions holds, elementwise."""
    return functools.reduce(lambda a, b: a | b, conditions)


def whole(k: Variable) -> Variable:
    """The greatest whole number that is not above k."""
    return floor(k) if k.dtype.kind == "f" else k


def log1mexp(t: Any) -> Variable:
    """log(1 - exp(-t)) for t >= 0, exact for small and for large t (Maechler 2012)."""
    t = as_variable(t)
    small = t < math.log(2)
    large = where(small, 1.0, t)
    return where(small, log(-expm1(-t)), log1p(-exp(-large)))


def scaled(z: Any, given: Mapping[str, Any]) -> Any:
    """loc + scale * z."""
    loc, scale = given["loc"], given.get("scale", 1)
    stretched = z if is_number(scale, 1) else scale * z
    return stretched if is_number(loc, 0) else loc + stretched


def to_all_shapes(result: Any, given: Mapping[str, Any]) -> Variable:
    """A result in the shape that it and the parameters broadcast to."""
    result = as_variable(result)
    shapes = [v.shape for v in given.values() if isinstance(v, Variable)]
    shape = broadcast_shapes(result.shape, *shapes)
    return result if shape == result.shape else broadcast_to(result, shape)
