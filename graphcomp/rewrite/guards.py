"""Guards: the branch not taken is computed at a safe place.

``where(x > 0, log(x), 0)`` computes the logarithm of every x, with a warning, and its derivative
is 0 * inf where x is 0. The remedy is known as the double where: ``log(where(x > 0, x, 1))``.
The pass writes it, once, at the innermost operand that needs it, for all elements that come
through nowhere: in a branch not taken, or beside a factor that is a masked zero.

Before differentiation whatever has no two finite derivatives is guarded, after it what has no
finite value, and what stands guarded in the graph already, so that value and gradient share it.
"""

from __future__ import annotations

from collections.abc import Iterable

from graphcomp.facts import Facts
from graphcomp.graph import Variable, derived_from, find, now_derived_from
from graphcomp.ops.arithmetic import Divide, Multiply
from graphcomp.ops.base import Op, weak
from graphcomp.ops.compare import (
    Greater,
    GreaterEqual,
    Less,
    LessEqual,
    NotEqual,
    Where,
    where,
)
from graphcomp.ops.elementwise import Elementwise
from graphcomp.ops.transcendental import log
from graphcomp.rewrite.activity import Activity, Mask, Test, condition_of, fitted, tests_of
from graphcomp.rewrite.engine import Changes, Context, Outputs, WholePass, inherit, rule
from graphcomp.rewrite.facts import Knowledge
from graphcomp.rewrite.facts.analysis import derivation_of
from graphcomp.rewrite.hazards import HAZARDOUS, Hazard, Known, hazards_of
from graphcomp.rewrite.patterns import number
from graphcomp.types import TensorType

_DEPTH = 6  # operations from an operand down to a guard that the user wrote


class _Guarding:
    """One walk over a graph: ``outputs``, and what it did."""

    def __init__(self, outputs: Outputs, knowledge: Knowledge, differentiable: bool) -> None:
        self.activity = Activity(outputs)
        self.knowledge, self.differentiable = knowledge, differentiable
        self.done: dict[Variable, Variable] = {}
        self.present = set(self.activity.order)
        self.guarded: list[tuple[Variable, Variable]] = []
        with derived_from(outputs[0]):
            for v in self.activity.order:
                self.done[v] = self._rebuilt(v)
        self.outputs = tuple(self.done[v] for v in outputs)

    def _now(self, v: Variable) -> Variable:
        return self.done.get(v, v)

    def _rebuilt(self, v: Variable) -> Variable:
        inputs = [self.done[x] for x in v.inputs]
        now_derived_from(v)
        guards = False
        if isinstance(v.op, HAZARDOUS) and v in self.activity.active:
            for hazard in hazards_of(v):
                i = hazard.operand
                safe = self._guard(v, i, hazard, inputs)
                guards = guards or safe is not inputs[i]
                inputs[i] = safe
        if all(a is b for a, b in zip(inputs, v.inputs, strict=True)):
            return v
        new = v.op(*inputs)
        if new.type != v.type:  # a weak operand, that the guard has made an array
            return v.op(*(self.done[x] for x in v.inputs))
        self.knowledge.replaced(v, new)
        inherit(new, v)
        if guards:
            self.guarded.append((v, new))
        return new

    def _guard(self, v: Variable, i: int, hazard: Hazard, inputs: list[Variable]) -> Variable:
        """Input i of v, with a safe value where it does not matter, if it needs one."""
        x, plain = inputs[i], v.inputs[i]
        if x.type.weak or x.dtype.kind not in "iufc" or number(x) is not None:
            return x
        mask = self.activity.usable(self.activity.of_use(v, i), v)
        known = self.knowledge.of(plain)
        if not mask or hazard.smooth(known) or self._is_guarded(x, mask, hazard):
            return x
        guarded = self._safe(x, plain, mask, hazard)
        if self.differentiable or not hazard.fine(known):
            return guarded
        return guarded if self._stands(v.op, (*inputs[:i], guarded, *inputs[i + 1 :])) else x

    def _stands(self, op: Op, inputs: tuple[Variable, ...]) -> bool:
        """Whether the graph has the operation on these inputs already."""
        found = find(op, inputs)
        return found is not None and found in self.present

    def _safe(self, x: Variable, plain: Variable, mask: Mask, hazard: Hazard) -> Variable:
        if isinstance(x.op, Where) and self._fine_number(x.inputs[1:], hazard.smooth):
            inner = x.inputs[2] if number(x.inputs[1]) is not None else x.inputs[1]
            if self._choose(inner, inner, mask, hazard) is x:
                return x
        return self._choose(x, plain, mask, hazard)

    def _fine_number(self, branches: Iterable[Variable], fine: Known) -> bool:
        return any(number(b) is not None and fine(self.knowledge.of(b)) for b in branches)

    def _choose(self, x: Variable, plain: Variable, mask: Mask, hazard: Hazard) -> Variable:
        """``where(mask, x, safe)``; where one test alone sees to it, by that test."""
        enough = [t for t in mask if self._sees_to_it(t, plain, x, hazard)]
        mask = fitted(tuple(enough[:1]) or mask, x.shape)
        condition, holds = condition_of(mask, self._now)
        safe = weak(hazard.safe if x.dtype.kind in "fc" else int(hazard.safe))
        chosen = where(condition, x, safe) if holds else where(condition, safe, x)
        return chosen if chosen.type == x.type else x

    def _sees_to_it(self, test: object, plain: Variable, x: Variable, hazard: Hazard) -> bool:
        """Whether the test is a comparison after which the operand is fine."""
        if not isinstance(test, Test) or not test.holds or test.moves:
            return False
        facts = _compared(test.condition, plain)
        return facts is not None and hazard.smooth(facts)

    def _is_guarded(self, x: Variable, mask: Mask, hazard: Hazard) -> bool:
        """Whether x is fine wherever one of the tests fails, by what stands there already."""
        if isinstance(x.op, Where) and self._fine_number(x.inputs[1:], hazard.smooth):
            chosen, other = x.inputs[1:] if number(x.inputs[1]) is None else x.inputs[:0:-1]
            sources = _sources(tests_of(x.inputs[0], chosen is x.inputs[1]))
            now = self._sources_now(mask)
            # One of this pass, though masks may have met since, or one of the user's.
            if sources == now or (number(other) == hazard.safe and sources & now):
                return True
        known = [self._off(x, test, _DEPTH) for test in mask if isinstance(test, Test)]
        return len(known) == len(mask) and all(f is not None and hazard.smooth(f) for f in known)

    def _sources_now(self, mask: Mask) -> set[tuple[Variable, bool]]:
        return {(self._now(v), holds) for v, holds in _sources(mask)}

    def _off(self, x: Variable, test: Test, depth: int) -> Facts | None:
        """What is known of x where the test fails; None where the test plays no part in it."""
        if not depth:
            return None
        if isinstance(x.op, Where) and x.inputs[0] is test.build(self._now):
            return self.knowledge.of(x.inputs[2 if test.holds else 1]).elements()
        if not isinstance(x.op, Elementwise):
            return None
        found = {u: self._off(u, test, depth - 1) for u in x.inputs}
        if all(f is None for f in found.values()):
            return None
        derivation = derivation_of(type(x.op))
        if derivation is None:
            return None

        def known(u: Variable) -> Facts:
            return found.get(u) or self.knowledge.of(u)

        return derivation(x, known).of(x.type)


def _sources(mask: Mask) -> set[tuple[Variable, bool]]:
    """The conditions of a mask, and whether they must hold."""
    found: set[tuple[Variable, bool]] = set()
    waiting = list(mask)
    while waiting:
        test = waiting.pop()
        if isinstance(test, Test):
            found.add((test.condition, test.holds))
        else:
            waiting += [*test.one, *test.other]
    return found


def _compared(condition: Variable, x: Variable) -> Facts | None:
    """What is known of x after it has met the condition, a comparison with a number."""
    if not isinstance(condition.op, (Greater, GreaterEqual, Less, LessEqual, NotEqual)):
        return None
    a, b = condition.inputs
    k, flipped = (number(b), False) if a is x else (number(a), True)
    if (b if flipped else a) is not x or not isinstance(k, (int, float)):
        return None
    if isinstance(condition.op, NotEqual):
        return Facts(nonzero=k == 0)
    strict = isinstance(condition.op, (Greater, Less))
    if isinstance(condition.op, (Greater, GreaterEqual)) is not flipped:
        return Facts(low=k, nonzero=k > 0 or (strict and k == 0))
    return Facts(high=k, nonzero=k < 0 or (strict and k == 0))


def guarded(context: Context, differentiable: bool) -> tuple[Outputs, Changes]:
    """The outputs with guards, and each guarded variable before and after."""
    masked = any(isinstance(v.type, TensorType) and v.dtype.kind == "b" for v in context.order)
    if not masked or not any(issubclass(op, HAZARDOUS) for op in context.classes):
        return context.outputs, []
    walk = _Guarding(context.outputs, context.knowledge, differentiable)
    return walk.outputs, walk.guarded


@rule(
    "where(c, log(x), y) -> where(c, log(where(c, x, 1)), y), and so where c * log(x)",
    Where,
    Multiply,
    Divide,
    sample=lambda x: where(x > 0, log(x), 0.0),
    near_miss=lambda x: where(x > 0, log(1 + x**2), 0.0),
    stabilisation=True,
)
def guard(v: Variable, *inputs: Variable, context: Context) -> Variable | None:
    (new,), _ = guarded(Context((v,), context.knowledge), False)
    return None if new is v else new


guards = WholePass("guards", [guard], guarded)
