"""Graphs made ready for differentiation: stabilised, guarded, the variables of interest kept.

A rule must not look through a variable that a gradient is wanted for, nor merge it with another
that has its value. It is wrapped in a ``Kept`` until the derivative is there.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from graphcomp.graph import Variable, derived_from, now_derived_from, topological
from graphcomp.ops.base import Op
from graphcomp.rewrite.engine import inherit
from graphcomp.rewrite.guards import guards
from graphcomp.rewrite.masks import masks
from graphcomp.rewrite.pipeline import optimize
from graphcomp.rewrite.stabilise import stabilise
from graphcomp.types import TensorType

Variables = Sequence[Variable]

READY = (stabilise, masks, guards)


@dataclass(frozen=True, eq=False)
class Kept(Op, abstract=True):
    """x, which rules do not look through; ``place`` tells several apart."""

    place: int

    name = "kept"
    expression = "x"
    is_view = True
    flops_per_element = 0.0

    def infer(self, *types: TensorType) -> TensorType:
        return types[0]

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        return G


class Prepared:
    """``ys`` and ``xs`` to differentiate in place of ``given_ys`` and ``given_xs``.

    ``restore`` puts the given variables back into what was derived.
    """

    def __init__(self, ys: Variables, xs: Variables, stabilised: bool = True) -> None:
        self.given_ys, self.given_xs = list(ys), list(xs)
        self.ys, self.xs = list(ys), list(xs)
        self._kept: dict[int, Variable] = {}
        self.stabilised = stabilised
        if stabilised:
            self._stabilise()

    def _stabilise(self) -> None:
        self._kept = {k: x for k, x in enumerate(self.xs) if x.inputs}
        if not self._kept:
            self.ys = list(_stabilised(tuple(self.ys)))
            return
        place = {x: k for k, x in self._kept.items()}
        marked = _rebuilt(self.ys, lambda old, new: Kept(place[old])(new) if old in place else new)
        self.ys, _ = optimize(marked, READY, differentiable=True)
        found = {v.op.place: v for v in topological(self.ys) if isinstance(v.op, Kept)}
        self.xs = [
            x if k not in self._kept else found.get(place[x], x) for k, x in enumerate(self.xs)
        ]

    def restore(self, results: Variables) -> list[Variable]:
        """The derivatives in terms of the variables given, with their masks outside."""
        kept = self._kept
        if kept:
            results = _rebuilt(
                results, lambda old, new: kept[old.op.place] if isinstance(old.op, Kept) else new
            )
        if self.stabilised:
            results, _ = optimize(list(results), (masks,), differentiable=True)
        return list(results)


def _rebuilt(
    outputs: Variables, change: Callable[[Variable, Variable], Variable]
) -> list[Variable]:
    """The graph with ``change(old, new)`` for each variable, on changed inputs."""
    order = topological(outputs)
    done: dict[Variable, Variable] = {}
    with derived_from(order[0]):
        for v in order:
            inputs = [done[x] for x in v.inputs]
            new = v
            if any(a is not b for a, b in zip(inputs, v.inputs, strict=True)):
                now_derived_from(v)
                new = v.op(*inputs)
                inherit(new, v)
            done[v] = change(v, new)
            if done[v] is not new and isinstance(done[v].op, Kept):
                inherit(done[v], v)
    return [done[v] for v in outputs]


_cache: dict[int, tuple[weakref.ref[Variable], Variable]] = {}


def _stabilised(ys: tuple[Variable, ...]) -> tuple[Variable, ...]:
    """Of one variable the result is remembered as long as it lives."""
    if len(ys) != 1:
        return tuple(optimize(ys, READY, differentiable=True)[0])
    (y,) = ys
    entry = _cache.get(id(y))
    if entry is not None and entry[0]() is y:
        return (entry[1],)
    new, _ = optimize(y, READY, differentiable=True)
    if new is not y:  # else the entry would keep it alive
        key = id(y)
        _cache[key] = (weakref.ref(y, lambda _: _cache.pop(key, None)), new)
    return (new,)
