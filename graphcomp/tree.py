"""Nested dicts, lists and tuples with variables at their leaves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from graphcomp.errors import ValueKindError

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


def _items(node: Any) -> list[tuple[str, Any]] | None:
    if isinstance(node, dict):
        for key in node:
            if not isinstance(key, (str, int)):
                raise ValueKindError(f"key {key!r} of a nested dict is neither str nor int")
        return [(str(key), child) for key, child in node.items()]
    if isinstance(node, (list, tuple)):
        names = getattr(node, "_fields", range(len(node)))
        return [(str(name), child) for name, child in zip(names, node, strict=True)]
    return None
