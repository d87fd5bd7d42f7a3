"""The table of what NumPy's and SciPy's functions mean on variables, by dotted public name.

Operations fill it; operators, NumPy's protocols and the tracer look things up in it.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from types import MethodType
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np

from graphcomp.errors import OptionError, TraceError

if TYPE_CHECKING:
    from graphcomp.graph import Variable

_F = TypeVar("_F", bound=Callable[..., Any])

implementations: dict[str, Callable[..., Any]] = {}

# The variables made so far by the user's call of a public function, while it runs.
made_by_call: ContextVar[list[Variable] | None] = ContextVar("graphcomp_made", default=None)


def public(*paths: str) -> Callable[[_F], _F]:
    """Enter a function as graphcomp's meaning of ``numpy.exp``, ``scipy.special.erf``, …

    Of the variables that a call makes, only what it returns is the value of the user's
    expression; the others are marked as parts of it.
    """

    def enter(function: _F) -> _F:
        @functools.wraps(function)
        def whole(*args: Any, **kwargs: Any) -> Any:
            if made_by_call.get() is not None:  # called by another public function
                return function(*args, **kwargs)
            made: list[Variable] = []
            token = made_by_call.set(made)
            try:
                result = function(*args, **kwargs)
            finally:
                made_by_call.reset(token)
            if len(made) > 1:
                _mark_parts(made, result)
            return result

        for path in paths:
            implementations[path] = whole
        return cast(_F, whole)

    return enter


def _mark_parts(made: list[Variable], result: Any) -> None:
    several = isinstance(result, (tuple, list))
    returned = {id(v): k for k, v in enumerate(result if several else [result])}
    for variable in made:
        k = returned.get(id(variable))
        variable.hints.part = k is None
        variable.hints.item = k if several else None


def path_of(function: Any) -> str:
    """The dotted public name of a NumPy or SciPy function.

    >>> path_of(np.linalg.solve), path_of(np.abs)
    ('numpy.linalg.solve', 'numpy.absolute')
    """
    name = getattr(function, "__name__", None) or _object_name(function)
    if isinstance(function, np.ufunc):
        return f"numpy.{name}" if hasattr(np, name) else f"scipy.special.{name}"
    if isinstance(function, MethodType) and is_distribution(function.__self__):
        return f"{path_of(function.__self__)}.{name}"
    module = getattr(function, "__module__", None) or ""
    return ".".join([*(part for part in module.split(".") if part[:1] != "_"), name])


_paths: dict[int, str] = {}


def path_in_table(function: Any) -> str:
    """NumPy's name of a function of graphcomp's, empty where it has none."""
    if len(_paths) != len(implementations):
        _paths.update({id(known): path for path, known in reversed(implementations.items())})
    return _paths.get(id(function), "")


def is_distribution(value: Any) -> bool:
    """Whether ``value`` is one of SciPy's distributions, as ``scipy.stats.norm`` is."""
    cls = type(value)
    return cls.__module__.startswith("scipy.stats.") and cls.__name__.endswith("_gen")


def _object_name(value: Any) -> str:
    """SciPy's distributions are objects of classes such as ``norm_gen``."""
    name = type(value).__name__
    if not is_distribution(value):
        return name
    own: str = getattr(value, "name", None) or name.removesuffix("_gen")
    return own


def implementation(path: str) -> Callable[..., Any]:
    """graphcomp's meaning of a function; TraceError where it has none."""
    try:
        return implementations[path]
    except KeyError:
        raise TraceError(
            f"{path} is not an operation that graphcomp knows",
            "write it with the operations in gr, or add it as an operation",
        ) from None


def apply(path: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """The function of a dotted name applied to arguments of the user's.

    Raises TraceError where graphcomp has no such function, or none with these arguments.
    """
    return applied(path, implementation(path), args, kwargs)


def applied(
    name: str, function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]
) -> Any:
    """The function's result. Raises TraceError where it does not take such arguments."""
    try:
        return function(*args, **kwargs)
    except TypeError as error:
        if _binds(function, args, kwargs):
            raise
        raise TraceError(
            f"{name} of variables does not take these arguments: {error}",
            f"it takes {', '.join(inspect.signature(function).parameters)}",
        ) from None


def refuse(function: str, **options: Any) -> None:
    """Refuse the options of NumPy's that are given: not None, and not ``where=True``.

    Raises TraceError for ``out``, OptionError for the others.
    """
    for option, value in options.items():
        if value is True if option == "where" else value is None:
            continue
        what = f"{function} does not take {option}= on variables"
        if option == "out":
            raise TraceError(what, "make a new value: use the one that is returned")
        where = "write gr.where(condition, a, b) for the elements to take"
        raise OptionError(what, where if option == "where" else "leave it out")


def _binds(function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> bool:
    try:
        inspect.signature(function).bind(*args, **kwargs)
    except TypeError:
        return False
    return True


def call(name: str, *args: Any, **kwargs: Any) -> Variable:
    """NumPy's function ``name`` applied to variables."""
    result: Variable = implementation(f"numpy.{name}")(*args, **kwargs)
    return result
