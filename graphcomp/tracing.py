"""Turning a plain NumPy function into a graph: run it on variables."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from graphcomp.arrays import as_array
from graphcomp.buffers import Buffer, fresh, plain
from graphcomp.dims import Dim, as_shape
from graphcomp.errors import (
    DuplicateInputError,
    SizeError,
    TraceError,
    ValueKindError,
)
from graphcomp.graph import Variable
from graphcomp.inputs import variable
from graphcomp.ops.base import Constant
from graphcomp.ops.random import Generator, generator
from graphcomp.rebind import Rebinder
from graphcomp.source import FixedSource, definition_of
from graphcomp.tree import leaves, unflatten
from graphcomp.types import as_dtype

_TYPE = re.compile(r"\s*((?:bool|u?int|float|complex)\d*)\s*(?:\[(.*)\]\s*)?$", re.DOTALL)
_LIKE_TYPE = re.compile(r"\s*(?:bool|u?int|float|complex)\d*\s*\[")


def from_function(
    fun: Callable[..., Any], /, *args: Any, **kwargs: Any
) -> tuple[list[Variable], Any]:
    """Run a plain NumPy function on variables; return ``(inputs, outputs)``.

    The arguments are those of a call of ``fun``, in nested dicts, lists and tuples if it takes
    such. A type string (``"float64[n, 3]"``, ``"float64"``), an array, a float or a complex number
    becomes an input, named after its parameter and its path within it (``layers_0_W``). Variables
    stay as they are. A ``np.random.Generator``, or the class, becomes a random generator of the
    graph. Everything else is static and passed on: ints, bools, other strings,
    None, functions, objects. So is the default of a parameter that is not given.

    ``inputs`` is a flat list in the order of the parameters; ``outputs`` is what ``fun`` returns,
    a variable or nested dicts, lists and tuples of them; numbers in it become constants.

    While it runs, ``fun`` and the functions that it calls see stand-ins for NumPy, SciPy and
    math, so that ``np.array([x, y])`` or ``np.zeros(x.shape[0])`` make variables. Nothing
    outside is changed. ``if`` and ``for`` run while the graph is built.

    Raises TraceError for what a graph cannot express, and where the arguments do not fit ``fun``;
    DTypeError and SizeError for a type string that names no type; ValueKindError for an argument
    or a result that is no number; DuplicateInputError for two inputs of one name.

    >>> import numpy as np
    >>> def energy(w, X): return np.sum((X @ w) ** 2)
    >>> inputs, E = from_function(energy, "float64[p]", "float64[n, p]")
    >>> [v.name for v in inputs], E.shape
    (['w', 'X'], ())
    """
    if not callable(fun):
        raise TraceError(f"from_function needs a function, not {fun!r}", "give it the function")
    rebind = Rebinder()
    call = _bind(fun, args, kwargs)
    inputs = _Inputs(rebind, definition_of(fun))
    for parameter, structure in call.arguments.items():
        kind = call.signature.parameters[parameter].kind
        path = "" if kind is inspect.Parameter.VAR_KEYWORD else parameter
        call.arguments[parameter] = inputs.declare(structure, path)
    try:
        result = rebind(fun)(*call.args, **call.kwargs)
    except ValueError as error:  # NumPy's, for a[0] = x: our own error is its cause
        if isinstance(error.__cause__, TraceError):
            raise error.__cause__ from None
        raise
    return inputs.found, _outputs(result, name_of(fun))


def name_of(fun: Callable[..., Any]) -> str:
    """What messages call a function."""
    return str(getattr(fun, "__name__", type(fun).__name__))


def _bind(
    fun: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> inspect.BoundArguments:
    try:
        signature = inspect.signature(fun)
    except (TypeError, ValueError):  # compiled, and without one
        kinds = inspect.Parameter
        positional = [kinds(f"x{k}", kinds.POSITIONAL_ONLY) for k in range(len(args))]
        signature = inspect.Signature([*positional, kinds("options", kinds.VAR_KEYWORD)])
    try:
        return signature.bind(*args, **kwargs)
    except TypeError as error:
        raise TraceError(
            f"these are not the arguments of {name_of(fun)}{signature}: {error}",
            "give each parameter a type string such as 'float64[n]', an array, or a static value",
        ) from None


class _Inputs:
    """The inputs declared so far."""

    def __init__(self, rebind: Rebinder, definition: FixedSource | None) -> None:
        self._named: dict[str, Variable] = {}
        self._rebind = rebind
        self._definition = definition  # of the function whose parameters they are

    @property
    def found(self) -> list[Variable]:
        return list(self._named.values())

    def declare(self, structure: Any, path: str) -> Any:
        """The argument at ``path``, with variables for what is numeric or a type string."""
        old = leaves(structure, path)
        new = [_argument(self._leaf(name, value)) for name, value in old]
        if all(made is value for made, (_, value) in zip(new, old, strict=True)):
            return structure
        return unflatten(structure, new)

    def _leaf(self, name: str, value: Any) -> Any:
        if isinstance(value, Variable):
            return value if isinstance(value.op, Constant) else self._add(value)
        if isinstance(value, np.random.Generator) or value is np.random.Generator:
            value = generator(name)
        if isinstance(value, Generator):
            self._add(value.variable)
            return value
        if isinstance(value, str):
            declared = parse_type(value)
            return self._parameter(name, *declared) if declared else value
        if isinstance(value, np.ma.MaskedArray) or (
            isinstance(value, np.ndarray) and value.dtype.kind not in "biufc"
        ):
            raise ValueKindError(
                f"argument {name} is {_kind(value)}", "give an array of numbers, or its type"
            )
        if isinstance(value, (np.ndarray, float, complex, np.inexact)):
            return self._parameter(name, np.asarray(value).dtype, np.shape(value))
        return self._rebind(value)

    def _parameter(self, name: str, dtype: Any, shape: tuple[int | Dim, ...]) -> Variable:
        new = variable(name, shape, dtype)
        new.hints.source = self._definition or new.hints.source
        return self._add(new)

    def _add(self, new: Variable) -> Variable:
        label = new.name or f"{id(new)}"
        if self._named.setdefault(label, new) is not new:
            raise DuplicateInputError(
                f"two inputs are called {label}", "rename a parameter or a key"
            )
        return new


def _argument(value: Any) -> Any:
    """What the function sees of an argument, whose array is the caller's."""
    if isinstance(value, Variable):
        return Buffer(value, "an argument of the function", is_scalar=not value.ndim)
    return fresh(value)


def _kind(value: Any) -> str:
    if isinstance(value, np.ndarray) and not isinstance(value, np.ma.MaskedArray):
        return f"an array of dtype {value.dtype}"
    return f"a {type(value).__name__}"


def parse_type(text: str) -> tuple[np.dtype[Any], tuple[int | Dim, ...]] | None:
    """dtype and shape of a type string; None where ``text`` is another string.

    Raises DTypeError or SizeError where it begins as a type and is none.

    >>> parse_type("float32[n, 2*n + 1]"), parse_type("relu")
    ((dtype('float32'), (Dim('n'), Dim('2*n + 1'))), None)
    """
    match = _TYPE.match(text)
    if not match:
        if _LIKE_TYPE.match(text):
            raise SizeError(f"{text!r} is no type", "write one such as 'float64[n, 3]'")
        return None
    dtype, inside = match.groups()
    return as_dtype(dtype), as_shape(_split(inside or ""))


def _split(text: str) -> list[str]:
    """The entries between commas that stand outside of parentheses."""
    entries, depth = [""], 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if letter == "," and not depth:
            entries.append("")
        else:
            entries[-1] += letter
    return entries if entries[-1].strip() else entries[:-1]


def _outputs(result: Any, name: str) -> Any:
    """What the function returned, with variables for numbers."""
    found = []
    for path, value in leaves(result):
        try:
            found.append(as_array(plain(value)))
        except ValueKindError:
            where = f" at {path}" if path else ""
            raise ValueKindError(
                f"{name} returns {_described(value)}{where}, which is not a number",
                "return variables, numbers, or nested dicts, lists and tuples of them",
            ) from None
    return unflatten(result, found)


def _described(value: Any) -> str:
    return "None" if value is None else f"a {type(value).__name__}"
