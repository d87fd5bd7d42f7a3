"""Stand-ins for NumPy, SciPy and math inside a traced function.

A stand-in calls graphcomp's operation where an argument holds a variable or a symbolic size, and
the library's own function otherwise, so that what is plain numbers stays plain numbers.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any, NoReturn

import numpy as np

from graphcomp import buffer_methods as buffer_methods  # completes Buffer
from graphcomp.arrays import array, as_array, holds
from graphcomp.buffers import Buffer, Dispatcher, Proxy, fresh, plain, run
from graphcomp.dims import Dim
from graphcomp.errors import TraceError
from graphcomp.graph import Variable
from graphcomp.ops.base import LARGEST_CONSTANT
from graphcomp.registry import apply, implementation, implementations, is_distribution, path_of
from graphcomp.stats.distribution import Frozen
from graphcomp.types import format_shape

LIBRARIES = ("numpy", "scipy", "math")
_SYMBOLS = (Variable, Dim)

# These take a sequence of arrays; elsewhere a list of variables is one array.
_SEQUENCES = {
    f"scipy.linalg.{name}"
    for name in ("cho_solve", "lu_solve", "matmul_toeplitz", "solve_toeplitz")
} | {
    f"numpy.{name}"
    for name in ("broadcast_arrays", "choose", "column_stack", "concat", "concatenate", "dstack",
                 "einsum", "histogram2d", "histogramdd", "hstack", "lexsort", "linalg.multi_dot",
                 "meshgrid", "piecewise", "ravel_multi_index", "row_stack", "select", "stack",
                 "unstack", "vstack")
}  # fmt: skip

# These read the nesting of their lists.
_NESTED = {"numpy.block"}

# Large arrays of these stay operations, since a generated file does not spell their numbers out.
_PATTERNS = {
    f"numpy.{name}"
    for name in (
        "arange",
        "diag",
        "eye",
        "geomspace",
        "identity",
        "indices",
        "linspace",
        "logspace",
        "tri",
        "tril_indices",
        "triu_indices",
    )
}

# These read an iterator once; it is made a list, in which variables can be seen.
_TAKES_ITERATORS = ("numpy.fromiter", "math.fsum", "math.prod")

# What these make of a function takes variables, whatever they are called with.
_FROM_FUNCTIONS = ("numpy.vectorize",)

# What an array holds that nobody has filled: nothing that changes from one trace to the next.
_UNFILLED = {"numpy.empty": np.zeros, "numpy.empty_like": np.zeros_like}

# Where math's name of a function is not NumPy's.
_MATH = {
    "acos": "arccos", "acosh": "arccosh", "asin": "arcsin", "asinh": "arcsinh", "atan": "arctan",
    "atan2": "arctan2", "atanh": "arctanh", "pow": "power", "fsum": "sum", "prod": "prod",
}  # fmt: skip
_MATH_SPECIAL = {"erf": "erf", "erfc": "erfc", "gamma": "gamma", "lgamma": "gammaln"}
_MATH_ARRAYS = ("fsum", "prod", "dist", "sumprod")


def is_library(name: str | None) -> bool:
    """Whether a module's name is that of NumPy, SciPy, math, or a part of them."""
    return name is not None and name.partition(".")[0] in LIBRARIES


def stand_in(real: Any, path: str) -> Any:
    """What a traced function sees in place of ``real``, a library's object called ``path``."""
    if isinstance(real, ModuleType):
        return Library(real, path)
    if path in _INDEX_TRICKS:
        return _IndexTrick(real, path)
    if real is np.ndarray:
        return _ArrayType("ndarray", (), {"real": np.ndarray})
    if path in _FROM_FUNCTIONS:
        return Function(real, path)
    if isinstance(real, type):
        return _scalar_type(real) if issubclass(real, np.generic) else real
    if is_frozen_distribution(real):
        return FrozenDistribution(real)
    if callable(real) or any(known.startswith(f"{path}.") for known in implementations):
        return Function(real, path)
    return real


def length(value: Any) -> int | Dim:
    """``len``, which of a variable may be a symbolic size."""
    value = plain(value)
    return value.shape[0] if isinstance(value, Variable) and value.ndim else len(value)


class Library:
    """A module of a library, whose functions take variables."""

    def __init__(self, real: ModuleType, path: str) -> None:
        self._real, self._path, self._made = real, path, dict[str, Any]()

    def __getattr__(self, name: str) -> Any:
        if name not in self._made:
            real = getattr(self._real, name)
            self._made[name] = stand_in(real, f"{self._path}.{name}")
        return self._made[name]

    def __dir__(self) -> Sequence[str]:
        return dir(self._real)

    def __repr__(self) -> str:
        return repr(self._real)


class Function(Dispatcher):
    """A function of a library, which takes variables too."""

    def __init__(self, real: Any, path: str) -> None:
        self._real, self._path = real, path

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self._path in _FROM_FUNCTIONS:
            if not args and "pyfunc" not in kwargs:  # a decorator with options
                return functools.partial(self, **kwargs)
            return Proxy(self.of_plain(*plain(args), **plain(kwargs)))
        if self._path in _TAKES_ITERATORS:
            args = tuple(list(v) if isinstance(v, Iterator) else v for v in args)
        args, kwargs = _first_and_out(self._real, args, kwargs)
        return run(self._known_path() or self._path, self.of_plain, args, kwargs)

    def of_plain(self, *args: Any, **kwargs: Any) -> Any:
        if self._path.startswith("scipy.stats.") and self._path.endswith(".rvs"):
            _refuse_draws(self._path, kwargs)
        if self._path.startswith("numpy.random."):
            _refuse_unseeded(self._path, args, kwargs)
        if not holds(_SYMBOLS, (args, kwargs)) and self._path not in _FROM_FUNCTIONS:
            made = _UNFILLED.get(self._path, self._real)(*args, **kwargs)
            if is_frozen_distribution(made):
                return FrozenDistribution(made)
            parts = made if isinstance(made, tuple) else (made,)
            is_large = (
                self._path in _PATTERNS and max(map(np.size, parts), default=0) > LARGEST_CONSTANT
            )
            return apply(self._path, args, kwargs) if is_large else made
        if self._path.startswith("math."):
            return _math(self._path.removeprefix("math."), self._real, args, kwargs)
        path = self._known_path()
        if path is not None:
            lists = _each_array if path in _SEQUENCES else _array_of_list
            if path in _NESTED:
                lists = _as_it_is
            args = tuple(lists(value) for value in args)
            made = apply(path, args, {k: lists(v) for k, v in kwargs.items()})
            return FrozenDistribution(made) if isinstance(made, Frozen) else made
        if _is_dispatched(self._real):
            args = tuple(map(_array_of_list, args))
            return self._real(*args, **kwargs)
        return apply(self._path, args, kwargs)  # raises: it has none

    def _known_path(self) -> str | None:
        for path in (self._path, path_of(self._real)):
            if path in implementations:
                return path
        return None

    def __getattr__(self, name: str) -> Any:
        return stand_in(getattr(self._real, name), f"{self._path}.{name}")

    def __repr__(self) -> str:
        return repr(self._real)


class FrozenDistribution:
    """``norm(0, 1)``, a distribution with its parameters, SciPy's or graphcomp's."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._real, name)
        if is_distribution(value):
            return stand_in(value, path_of(value))
        if not callable(value):
            return value

        def method(*args: Any, **kwargs: Any) -> Any:
            args, kwargs = plain(args), plain(kwargs)
            if isinstance(self._real, Frozen):
                return fresh(value(*map(_array_of_list, args), **kwargs))
            path, before, given = _frozen_parameters(self._real)
            if name == "rvs":
                _refuse_draws(f"{path}.rvs", kwargs)
            if not holds(_SYMBOLS, (args, kwargs)):
                return fresh(value(*args, **kwargs))
            args = tuple(map(_array_of_list, args))
            return fresh(apply(f"{path}.{name}", (*args, *before), {**given, **kwargs}))

        return method

    def __repr__(self) -> str:
        return repr(self._real)


def is_frozen_distribution(value: Any) -> bool:
    """Whether ``value`` is one of SciPy's distributions with its parameters."""
    cls = type(value)
    return cls.__module__.startswith("scipy.stats.") and cls.__name__.endswith("_frozen")


def _frozen_parameters(frozen: Any) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
    """The path of its distribution, and its parameters: positional ones and those by name."""
    if hasattr(frozen, "dist"):  # of one number
        return path_of(frozen.dist), frozen.args, frozen.kwds
    distribution = frozen._dist
    names = inspect.signature(distribution.__call__).parameters
    return path_of(distribution), (), {n: getattr(frozen, n) for n in names if hasattr(frozen, n)}


def _is_dispatched(real: Any) -> bool:
    """A ufunc or a method of one: NumPy itself hands these to the variable."""
    return isinstance(real, np.ufunc) or isinstance(getattr(real, "__self__", None), np.ufunc)


def _first_and_out(
    real: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments with the array that is changed or viewed in front, and ``out`` by its name."""
    if isinstance(real, np.ufunc):
        if len(args) > real.nin and isinstance(args[real.nin], Buffer):
            outs = args[real.nin :]
            args, kwargs = args[: real.nin], {**kwargs, "out": outs[0] if len(outs) == 1 else outs}
        return args, kwargs
    if not any(isinstance(value, Buffer) for value in (*args, *kwargs.values())):
        return args, kwargs
    try:
        parameters = inspect.signature(real).parameters.values()
        names = [p.name for p in parameters if p.kind is not inspect.Parameter.KEYWORD_ONLY]
    except (TypeError, ValueError):
        return args, kwargs
    if names and not args and names[0] in kwargs:
        args = (kwargs[names[0]],)
        kwargs = {name: value for name, value in kwargs.items() if name != names[0]}
    if "out" in names and len(args) > (place := names.index("out")):
        by_name = zip(names[place:], args[place:], strict=False)
        args, kwargs = args[:place], {**kwargs, **dict(by_name)}
    return args, kwargs


def _array_of_list(value: Any) -> Any:
    """A list of variables as one variable; a shape, with sizes only, stays as it is."""
    is_list = isinstance(value, (list, tuple)) and not hasattr(value, "_fields")
    return as_array(value) if is_list and holds(Variable, value) else value


def _as_it_is(value: Any) -> Any:
    return value


def _each_array(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_array_of_list(item) for item in value]
    return value


def _math(
    name: str, real: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> Any:
    """``math.log(x)`` of a 0-d variable."""
    arrays = name in _MATH_ARRAYS
    for value in args:
        if isinstance(value, Variable) and value.ndim and not arrays:
            raise TraceError(
                f"math.{name} takes one number, and {value.label} has shape "
                f"{format_shape(value.shape)}",
                f"write np.{_MATH.get(name, name)}",
            )
    if name == "log" and len(args) == 2:
        above, below = (
            _math("log", real, (v,), {}) if holds(_SYMBOLS, v) else real(v) for v in args
        )
        quotient: Variable = above / below
        return quotient
    special = _MATH_SPECIAL.get(name)
    path = f"scipy.special.{special}" if special else f"numpy.{_MATH.get(name, name)}"
    if f"math.{name}" in implementations:  # it is not what NumPy's function of that name is
        path = f"math.{name}"
    return apply(path, [as_array(value) for value in args] if arrays else args, kwargs)


def _refuse_unseeded(path: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
    """Numbers drawn while the graph is built would stay the same in every later call."""
    name = path.removeprefix("numpy.random.")
    if name != "default_rng" or not (args or kwargs):
        raise TraceError(
            f"np.random.{name} would draw its numbers once, while the graph is built",
            "pass the random array to the function as an argument, "
            "or make fixed numbers with np.random.default_rng(seed)",
        )


def _refuse_draws(path: str, kwargs: Mapping[str, Any]) -> None:
    """Draws of SciPy's, but for those of plain numbers from a seed."""
    if kwargs.get("random_state") is None or holds(_SYMBOLS, kwargs):
        raise TraceError(
            f"{path} would draw its numbers once, while the graph is built",
            "draw with rng = gr.random.generator(), or pass the random array to the function",
        )


# ----------------------------------------------------------------------------------------- types


class _ArrayType(type):
    """``np.ndarray``: what a traced function sees of an array is one too."""

    real: type

    def __instancecheck__(cls, value: Any) -> bool:
        return isinstance(value, cls.real) or (isinstance(value, Buffer) and not value.is_scalar)

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        args, kwargs = plain(args), plain(kwargs)
        if holds(_SYMBOLS, (args, kwargs)):
            raise TraceError("np.ndarray() makes no variable", "write np.zeros(shape)")
        return fresh(cls.real(*args, **kwargs))


class _ScalarType(type):
    """``np.float64`` and its like: a conversion, a dtype, and a type to check against."""

    real: type[np.generic]

    def __instancecheck__(cls, value: Any) -> bool:
        if isinstance(value, Buffer):
            return value.is_scalar and issubclass(value.value.dtype.type, cls.real)
        return isinstance(value, cls.real)

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        args = plain(args)
        if holds(_SYMBOLS, args):
            return fresh(array(args[0], np.dtype(cls.real)))
        return fresh(cls.real(*args, **kwargs))


def _scalar_type(real: type[np.generic]) -> type:
    """NumPy reads the ``dtype`` of a class, so the stand-in serves as one."""
    if real not in _CONCRETE:  # np.floating and its like are asked about, never called
        return real
    return _ScalarType(real.__name__, (), {"real": real, "dtype": np.dtype(real)})


_CONCRETE = {real for real in np.sctypeDict.values() if issubclass(real, (np.bool_, np.number))}


# -------------------------------------------------------------------------------- np.r_ and np.c_

_INDEX_TRICKS = ("numpy.r_", "numpy.c_")


class _IndexTrick:
    """``np.r_[a, b]`` and ``np.c_[a, b]`` of variables."""

    def __init__(self, real: Any, path: str) -> None:
        self._real, self._path = real, path

    def __getitem__(self, key: Any) -> Any:
        key = plain(key)
        if not holds(_SYMBOLS, key):
            return fresh(self._real[key])
        items = list(key) if isinstance(key, tuple) else [key]
        axis, ndmin, place = (0, 1, -1) if self._path == "numpy.r_" else (-1, 2, 0)
        if isinstance(items[0], str):  # "axis", "axis,ndmin" or "axis,ndmin,place"
            try:
                given = [int(number) for number in items.pop(0).split(",")]
                axis, ndmin, place = (*given, *(axis, ndmin, place)[len(given) :])
            except ValueError:
                _refuse_trick(self._path, key[0])
        pieces = [self._piece(item, ndmin, place) for item in items]
        return fresh(implementation("numpy.concatenate")(pieces, axis=axis))

    def _piece(self, item: Any, ndmin: int, place: int) -> Any:
        """An array of at least ``ndmin`` axes, of which its own ones begin at ``place``."""
        if isinstance(item, str) or (isinstance(item, slice) and holds(_SYMBOLS, item)):
            _refuse_trick(self._path, item)
        if isinstance(item, slice):
            item = _numbers_between(item)
        item = as_array(item)
        added = ndmin - item.ndim
        if added <= 0:
            return item
        before = place if place >= 0 else ndmin + place + 1 - item.ndim
        before = min(max(before, 0), added)
        return item.reshape((*(1,) * before, *item.shape, *(1,) * (added - before)))


def _numbers_between(item: slice) -> Any:
    """What a slice stands for in ``np.r_``."""
    return np.r_[item]


def _refuse_trick(path: str, item: Any) -> NoReturn:
    raise TraceError(
        f"{path.replace('numpy', 'np')}[…] of variables does not take {item!r}",
        "write np.concatenate or np.arange",
    )
