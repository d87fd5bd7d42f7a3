"""The analysis: what is known of a variable, from its operation and what that is applied to."""

from __future__ import annotations

from collections.abc import Iterable

from graphcomp.facts import NOTHING, Derivation, Facts, derivations
from graphcomp.graph import Variable, set_facts
from graphcomp.ops.assume import Assume
from graphcomp.ops.base import Op, registry
from graphcomp.ops.elementwise import Elementwise
from graphcomp.rewrite.facts.matrices import of_elementwise
from graphcomp.types import TensorType

_found: dict[type[Op], Derivation | None] = {}


def derivation_of(op: type[Op]) -> Derivation | None:
    """What is entered for the class, or for the nearest abstract base: an operation that has
    another's class for its base, as a matter of code, may compute something else."""
    if op not in _found:
        own = [base for base in op.__mro__ if base is op or base not in _concrete()]
        _found[op] = next((derivations[base] for base in own if base in derivations), None)
    return _found[op]


def _concrete() -> frozenset[type]:
    return frozenset(registry.values())


class Knowledge:
    """Answers ``of(variable)`` in amortised constant time; each variable is looked at once.

    What follows from operations and declared inputs is kept with the variables. Promises, made
    by ``gr.assume`` in the graph of ``order``, hold in this graph only, and so do answers that
    may rest on them.
    """

    def __init__(self, order: Iterable[Variable] = ()) -> None:
        self._promised: dict[Variable, Facts] = {}
        self._answers: dict[Variable, Facts] = {}
        for v in order:
            if isinstance(v.op, Assume):
                # The promise is one about the value: it stays when the operation goes.
                inner = v.inputs[0]
                self._promise(inner, v.op.declared.facts(v.type))

    def _promise(self, v: Variable, facts: Facts) -> None:
        self._promised[v] = self._promised.get(v, NOTHING) & facts

    def replaced(self, old: Variable, new: Variable) -> None:
        """Hand on what was promised of a variable to the one that takes its place."""
        facts = self._promised.get(old)
        if facts is not None and new is not old:
            self._promise(new, facts)
            self._answers.pop(new, None)

    def of(self, variable: Variable) -> Facts:
        """What is known of the variable's value."""
        found = self._answer(variable)
        if found is not None:
            return found
        stack = [variable]
        while stack:
            v = stack[-1]
            waiting = [x for x in v.inputs if self._answer(x) is None]
            if waiting:
                stack.extend(waiting)
                continue
            stack.pop()
            self._enter(v)
        answer = self._answer(variable)
        assert answer is not None
        return answer

    def _answer(self, v: Variable) -> Facts | None:
        answer: Facts | None = self._answers.get(v) if self._promised else v.facts
        return answer

    def _enter(self, v: Variable) -> None:
        if not self._promised:
            set_facts(v, self._derive(v))
            return
        facts = self._derive(v)
        promised = self._promised.get(v)
        self._answers[v] = facts if promised is None else (facts & promised).of(v.type)

    def _derive(self, v: Variable) -> Facts:
        if not isinstance(v.type, TensorType) or v.type.dtype.kind not in "biufc":
            return NOTHING
        derivation = derivation_of(type(v.op))
        facts = derivation(v, self.of) if derivation is not None else NOTHING
        if v.ndim > 1 and isinstance(v.op, Elementwise):
            facts = facts & of_elementwise(v, self.of)
        return facts.of(v.type)


def facts_of(variable: Variable) -> Facts:
    """What is known of the variable's value, in any graph.

    >>> import graphcomp as gr
    >>> x = gr.vector("x", "n")
    >>> facts_of(1 + gr.exp(x)).low, facts_of(gr.exp(x) - 1).low
    (1.0, -1.0)
    """
    return Knowledge().of(variable)
