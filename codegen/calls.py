"""Calling a generated function with nested arguments: dicts, lists and tuples of arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from graphcomp import tree
from graphcomp.graph import Variable


def is_flat(structure: Any) -> bool:
    """Whether it is a variable or a list of them, as generated functions take and return."""
    if isinstance(structure, Variable):
        return True
    return isinstance(structure, (list, tuple)) and all(
        isinstance(item, Variable) for item in structure
    )


def nested(flat: Callable[..., Any], inputs: Any, outputs: Any) -> Callable[..., Any]:
    """The generated function behind arguments and results in the user's structure.

    Called with too few or too many arguments it raises TypeError; with one that is built
    otherwise, TypeError for another kind and ValueError for other keys or another length.
    """
    structures = inputs if isinstance(inputs, (list, tuple)) else [inputs]
    name = flat.__name__

    def function(*arguments: Any) -> Any:
        if len(arguments) != len(structures):
            raise TypeError(f"{name}: {len(arguments)} arguments, expected {len(structures)}")
        values = [
            leaf
            for k, (structure, argument) in enumerate(zip(structures, arguments, strict=True), 1)
            for leaf in _leaves(structure, argument, f"{name}: argument {k}")
        ]
        result = flat(*values)
        return result if isinstance(outputs, Variable) else tree.unflatten(outputs, result)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = flat.__doc__
    return function


def _leaves(structure: Any, value: Any, where: str) -> Iterator[Any]:
    """What stands in a value at each leaf of a structure."""
    keys: Sequence[Any]
    if isinstance(structure, dict):
        if not isinstance(value, dict):
            raise TypeError(f"{where} is a {type(value).__name__}, expected a dict")
        if value.keys() != structure.keys():
            raise ValueError(f"{where} has the keys {list(value)}, expected {list(structure)}")
        keys = list(structure)
    elif isinstance(structure, (list, tuple)):
        kind = type(structure).__name__
        if not isinstance(value, (list, tuple)):
            raise TypeError(f"{where} is a {type(value).__name__}, expected a {kind}")
        if len(value) != len(structure):
            raise ValueError(f"{where} has length {len(value)}, expected {len(structure)}")
        keys = range(len(structure))
    else:
        yield value
        return
    for key in keys:
        yield from _leaves(structure[key], value[key], f"{where}[{key!r}]")
