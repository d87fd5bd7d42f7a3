"""Nested dicts, lists and tuples with variables at their leaves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from graphcomp.errors import OptionError, ValueKindError

Rebuild = Callable[[Sequence[Any]], Any]


def leaves(structure: Any, path: str = "") -> list[tuple[str, Any]]:
    """The leaves with their paths: ``layers_0_W`` for ``structure["layers"][0]["W"]``."""
    result: list[tuple[str, Any]] = []
    stack = [(path, structure)]
    while stack:
        prefix, node = stack.pop()
        items = _items(node)
        if items is None:
            result.append((prefix, node))
        else:
            join = f"{prefix}_" if prefix else ""
            stack.extend((f"{join}{key}", child) for key, child in reversed(items))
    return result


def flatten(structure: Any) -> tuple[list[Any], Rebuild]:
    """The leaves, and a function that puts other leaves into the same structure."""
    found = [leaf for _, leaf in leaves(structure)]
    return found, lambda values: unflatten(structure, values)


def unflatten(structure: Any, values: Sequence[Any]) -> Any:
    """``structure`` with its leaves replaced, in order. Nesting is as deep as people write it."""
    rest = iter(values)

    def build(node: Any) -> Any:
        items = _items(node)
        if items is None:
            return next(rest)
        children = [build(child) for _, child in items]
        if isinstance(node, dict):
            return dict(zip(node, children, strict=True))
        if hasattr(node, "_fields"):
            return type(node)(*children)
        return tuple(children) if isinstance(node, tuple) else children

    return build(structure)


def beside(
    structure: Any, values: Any, path: str, whole: tuple[type, ...] = ()
) -> list[tuple[str, Any]]:
    """What stands in ``values`` at each leaf of ``structure``, with its path.

    A value of a type in ``whole`` stands for all the leaves below it. Raises OptionError where
    ``values`` is built otherwise.
    """
    if whole and isinstance(values, whole):
        return [(path, values)] * len(leaves(structure))
    if isinstance(structure, dict):
        keys: Sequence[Any] = list(structure)
        fits = isinstance(values, dict) and values.keys() == structure.keys()
    elif isinstance(structure, (list, tuple)):
        keys = range(len(structure))
        fits = isinstance(values, (list, tuple)) and len(values) == len(keys)
    else:
        return [(path, values)]
    if not fits:
        kind = f"{type(structure).__name__} of {len(keys)}"
        raise OptionError(f"{path} must be a {kind}, like what it belongs to", f"give a {kind}")
    return [
        found
        for key in keys
        for found in beside(structure[key], values[key], f"{path}_{key}", whole)
    ]


def _items(node: Any) -> list[tuple[str, Any]] | None:
    if isinstance(node, dict):
        for key in node:
            if not isinstance(key, (str, int)):
                raise ValueKindError(
                    f"key {key!r} of a nested dict is neither str nor int", "rename the key"
                )
        return [(str(key), child) for key, child in node.items()]
    if isinstance(node, (list, tuple)):
        names = getattr(node, "_fields", range(len(node)))
        return [(str(name), child) for name, child in zip(names, node, strict=True)]
    return None
