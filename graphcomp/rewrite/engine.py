"""The rewriting engine: what a rule and a pass are, and how a pass runs to its fixed point.

A rule sees one variable and returns an equal one that is better, or None. A pass is a named list
of rules. A sweep goes through the graph from the inputs up; what a rule returns is looked at
again before anything above it, so that a chain of rewrites takes one sweep, and the work is
linear in the size of the graph. Sweeps are repeated until one of them fires nothing. A variable
never changes, so one that its rules left alone is looked at again only if they asked about the
graph around it.
"""

from __future__ import annotations

import functools
import inspect
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import chain
from operator import is_
from typing import NamedTuple, TypeAlias

from graphcomp.errors import VerifyError
from graphcomp.facts import Facts
from graphcomp.graph import Variable, derived_from, find, now_derived_from, topological
from graphcomp.inputs import variable
from graphcomp.ops.base import Op
from graphcomp.rewrite.facts import Knowledge
from graphcomp.types import TensorType

Outputs: TypeAlias = tuple[Variable, ...]
Rewrite: TypeAlias = Callable[..., Variable | None]
Example: TypeAlias = Callable[..., Variable]

_BUDGET = 20  # rewrites in one sweep, for each variable of the graph
_SWEEPS = 100
_WHOLE_RUNS = 10  # of a pass over the graph as a whole, in a pipeline: others may undo what it does

# The inputs of samples, by the name of the parameter.
_EXAMPLES: dict[str, tuple[tuple[int, ...], str]] = {
    **dict.fromkeys("stu", ((), "float64")),
    **dict.fromkeys("xyzw", ((3,), "float64")),
    **dict.fromkeys("ABC", ((3, 3), "float64")),
    **dict.fromkeys("XY", ((4, 3), "float64")),
    **dict.fromkeys("fg", ((3,), "float32")),
    **dict.fromkeys("ij", ((2,), "int64")),
    **dict.fromkeys("mk", ((3,), "bool")),
}


@dataclass(frozen=True, eq=False)
class Rule:
    """One rewriting of variables computed by one of ``ops``; made by the decorator ``rule``.

    ``sample`` builds a variable that the rule rewrites, ``near_miss`` one that looks alike and
    must stay. ``stabilisation`` marks a rule that gives finite values where there were none.
    """

    text: str
    ops: tuple[type[Op], ...]
    rewrite: Rewrite
    reads: tuple[type[Op], ...]
    sample: Example
    near_miss: Example
    needs_context: bool
    after_differentiation: bool
    stabilisation: bool

    def __repr__(self) -> str:
        return f"<Rule {self.text}>"


def rule(
    text: str,
    *ops: type[Op],
    reads: tuple[type[Op], ...] = (Op,),
    sample: Example,
    near_miss: Example,
    after_differentiation: bool = False,
    stabilisation: bool = False,
) -> Callable[[Rewrite], Rule]:
    """Declare a rule; ``text`` reads ``before -> after``.

    The function gets the variable and its inputs, and ``context`` where it has such a
    parameter. Samples are functions of inputs that their parameters' names describe: s t u
    scalars, w x y z vectors of length 3, f g such in float32, A B C square matrices, X Y matrices
    of 4 rows, i j indices, k m masks.

    ``reads`` spares looking: the rule is tried only where one of these computed an operand.
    """

    def declare(rewrite: Rewrite) -> Rule:
        needs_context = "context" in inspect.signature(rewrite).parameters
        return Rule(
            text,
            ops,
            rewrite,
            reads,
            sample,
            near_miss,
            needs_context,
            after_differentiation,
            stabilisation,
        )

    return declare


def build_example(example: Example) -> Variable:
    """A sample or near miss of a rule, on fresh inputs."""
    names = inspect.signature(example).parameters
    return example(*(variable(name, *_EXAMPLES[name]) for name in names))


class Pass:
    """A named list of rules, run to a fixed point.

    One that is ``last`` runs when the passes before it in a pipeline have nothing left to do.
    """

    last = False

    def __init__(self, name: str, rules: Iterable[Rule]) -> None:
        self.name = name
        self.rules = tuple(rules)

    def __repr__(self) -> str:
        return f"<Pass {self.name} of {len(self.rules)} rules>"

    def runner(self, differentiable: bool = False) -> Runner:
        """What runs the pass on the graphs of one call of ``optimize``."""
        return Runner(self, differentiable)


class Firing(NamedTuple):
    """One rewrite in a trace: the rule's text, the variables, and the user's line."""

    pass_name: str
    rule: str
    before: Variable
    after: Variable
    place: str


Changes: TypeAlias = list[tuple[Variable, Variable]]
WholeRewrite: TypeAlias = "Callable[[Context, bool], tuple[Outputs, Changes]]"


class Context:
    """What rules may ask about the graph around a variable."""

    def __init__(self, outputs: Outputs, knowledge: Knowledge | None = None) -> None:
        self.outputs = outputs
        self.order = topological(outputs)
        self.knowledge = knowledge or Knowledge(self.order)
        self.classes = {type(v.op) for v in self.order}
        self._uses = Counter(outputs)
        self._uses.update(chain.from_iterable([v.inputs for v in self.order]))
        self.asked = False  # set by a question whose answer may change with the graph
        self._tested: set[Variable] | None = None
        self._masked = any(op.name == "where" for op in self.classes)

    def is_tested(self, v: Variable) -> bool:
        """Whether a comparison or the like depends on v: a NaN there may be meant to be one."""
        if self._tested is None:
            self._tested = tested(self.order)
        return v in self._tested

    def is_private(self, v: Variable) -> bool:
        """Whether v has one use and no name, so that it may vanish into its consumer."""
        if v.hints.name is not None:
            return False
        self.asked = True
        return self._uses.get(v, 1) <= 1

    def has(self, op: Op, *inputs: Variable) -> bool:
        """Whether the graph computes that operation on these inputs."""
        self.asked = True
        found = find(op, inputs)
        return found is not None and found in self._members

    def is_output(self, v: Variable) -> bool:
        """Whether v is among the outputs of the graph."""
        return v in self._outputs

    def consumers(self, v: Variable) -> list[Variable]:
        """What the graph computes from v directly."""
        self.asked = True
        return self._consumers.get(v, [])

    @functools.cached_property
    def _outputs(self) -> frozenset[Variable]:
        return frozenset(self.outputs)

    @functools.cached_property
    def _members(self) -> set[Variable]:
        return set(self.order)

    @functools.cached_property
    def _consumers(self) -> dict[Variable, list[Variable]]:
        found: dict[Variable, list[Variable]] = {}
        for v in self.order:
            for x in set(v.inputs):
                found.setdefault(x, []).append(v)
        return found

    def knows(self, v: Variable) -> Facts:
        """What is known of v's value: ``context.knows(v).nonnegative``."""
        return self.knowledge.of(v)

    def replaced(self, old: Variable, new: Variable) -> None:
        """Note that the consumers of ``old`` now use ``new``."""
        self.knowledge.replaced(old, new)
        self._uses[new] += self._uses.get(old, 1)
        if self._masked and self.is_tested(old):
            assert self._tested is not None
            self._tested.add(new)


def tested(order: list[Variable]) -> set[Variable]:
    """The variables that comparisons, roundings to ints or treatments of NaN depend on."""
    found: set[Variable] = set()
    for v in reversed(order):
        if v in found or _is_test(v):
            found.update(v.inputs)
    return found


def _is_test(v: Variable) -> bool:
    if isinstance(v.type, TensorType) and v.dtype.kind in "biu":
        return True
    return v.op.name.startswith("nan") or v.op.name in ("fmax", "fmin")


class Runner:
    """Runs one pass, again and again; remembers the variables that it has nothing to do on."""

    def __init__(self, each: Pass, differentiable: bool = False) -> None:
        self.name = each.name
        self.table = _table(each, differentiable)
        self.settled: set[Variable] = set()

    def run(
        self, context: Context, trace: list[Firing] | None = None
    ) -> tuple[Context, dict[str, int]]:
        """The graph after the pass, and how often each rule fired; appends to ``trace``.

        Raises VerifyError where a rule changes a type, or rules rewrite without end.
        """
        fired: Counter[str] = Counter()
        for _ in range(_SWEEPS):
            sweep = _Sweep(self, context, trace)
            if not sweep.fired:
                return context, dict(fired)
            context = Context(sweep.outputs, context.knowledge)
            fired.update(sweep.fired)
        raise _endless(self.name, sweep.latest)


class WholePass(Pass):
    """A pass that looks at the graph as a whole, in one walk; its one rule does it to a variable.

    ``rewrite(context, differentiable)`` gives the new outputs, and each variable that it changed
    with what took its place.
    """

    def __init__(
        self, name: str, rules: Iterable[Rule], rewrite: WholeRewrite, last: bool = False
    ) -> None:
        super().__init__(name, rules)
        self.rewrite = rewrite
        self.last = last

    def runner(self, differentiable: bool = False) -> Runner:
        return _WholeRunner(self, differentiable)


class _WholeRunner(Runner):
    def __init__(self, each: WholePass, differentiable: bool) -> None:
        super().__init__(each, differentiable)
        self.rewrite, self.differentiable = each.rewrite, differentiable
        self.text = each.rules[0].text
        self.left = _WHOLE_RUNS

    def run(
        self, context: Context, trace: list[Firing] | None = None
    ) -> tuple[Context, dict[str, int]]:
        fired: Counter[str] = Counter()
        while self.left:
            outputs, changes = self.rewrite(context, self.differentiable)
            if all(map(is_, outputs, context.outputs)):
                break
            self.left -= 1
            fired[self.text] += len(changes)
            context = Context(outputs, context.knowledge)
            if trace is not None:
                trace += [Firing(self.name, self.text, a, b, _place(a)) for a, b in changes]
        return context, dict(fired)


def _place(v: Variable) -> str:
    return v.hints.source.place if v.hints.source else ""


def _endless(name: str, rules: Iterable[str]) -> VerifyError:
    listed = "; ".join(dict.fromkeys(rules))
    return VerifyError(
        f"pass {name} rewrites without end, by: {listed}",
        f'leave it out with passes=("-{name}",), and report it',
    )


class _Table(dict[tuple[type[Op], ...], tuple[Rule, ...]]):
    """The rules to try, by the classes of the operation and of those that computed its inputs."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = tuple(rules)
        self.ops = tuple({op for one in self.rules for op in one.ops})

    def __missing__(self, classes: tuple[type[Op], ...]) -> tuple[Rule, ...]:
        op, *operands = classes
        self[classes] = tuple(
            one
            for one in self.rules
            if issubclass(op, one.ops)
            and (one.reads == (Op,) or any(issubclass(c, one.reads) for c in operands))
        )
        return self[classes]

    def may_rewrite(self, op: type[Op]) -> bool:
        """Whether there is a rule for the class, whatever computed the inputs."""
        return issubclass(op, self.ops)


@functools.lru_cache(maxsize=128)
def _table(each: Pass, differentiable: bool) -> _Table:
    return _Table(r for r in each.rules if not (differentiable and r.after_differentiation))


class _Sweep:
    """One walk over the graph: ``outputs`` and, by rule, how often it ``fired``."""

    def __init__(self, runner: Runner, context: Context, trace: list[Firing] | None) -> None:
        self.name, self.table, self.settled = runner.name, runner.table, runner.settled
        self.context, self.trace = context, trace
        self.fired: Counter[str] = Counter()
        self.latest: deque[str] = deque(maxlen=8)
        self.done: dict[Variable, Variable] = {}  # variables and what they end as
        self.next: dict[Variable, Variable] = {}  # what they become first
        self.outputs = context.outputs
        self.budget = _BUDGET * (len(context.order) + 50)
        if context.order:
            with derived_from(context.order[0]):
                self._walk(context.order)

    def _walk(self, order: list[Variable]) -> None:
        """Up to the first rewrite there is nothing to note down."""
        busy = {op for op in self.context.classes if self.table.may_rewrite(op)}
        for v in [v for v in order if type(v.op) in busy and v not in self.settled]:
            new = self._first_rule(v)
            if new is not None:
                start = next(k for k, u in enumerate(order) if u is v)
                self.done = dict(zip(order[:start], order, strict=False))
                self.next[v] = new
                for u in order[start:]:
                    self._settle(u)
                self.outputs = tuple(self.done[u] for u in self.outputs)
                return

    def _settle(self, start: Variable) -> None:
        """Enter in ``done`` what the variable ends as, and whatever that needs."""
        done, stack = self.done, [start]
        while stack:
            v = stack[-1]
            if v in done:
                stack.pop()
                continue
            if v in self.next:
                waiting = [u for u in (self.next[v],) if u not in done]
                if not waiting:
                    done[v] = done[self.next[v]]
            else:
                waiting = [x for x in v.inputs if x not in done]
                if not waiting:
                    new = self._step(v)
                    if new is None:
                        done[v] = v
                    else:
                        self.next[v] = new
            if waiting:
                # One that waits for this one comes back: the rules run in a circle.
                if self.budget < 0 or any(x in self.next for x in waiting):
                    raise _endless(self.name, self.latest)
                stack.extend(reversed(waiting))

    def _step(self, v: Variable) -> Variable | None:
        """v on its rewritten inputs, or else as the first rule that fires has it, or None."""
        inputs = [self.done[x] for x in v.inputs]
        if all(map(is_, inputs, v.inputs)):
            return self._first_rule(v)
        now_derived_from(v)
        new = v.op(*inputs)
        self._replace(v, new, None)
        return new

    def _first_rule(self, v: Variable) -> Variable | None:
        if v in self.settled:
            return None
        context = self.context
        context.asked = False
        rules = self.table[type(v.op), *[type(x.op) for x in v.inputs]]
        if rules:
            now_derived_from(v)
        for one in rules:
            if one.needs_context:
                new = one.rewrite(v, *v.inputs, context=context)
            else:
                new = one.rewrite(v, *v.inputs)
            if new is not None and new is not v:
                self._replace(v, new, one)
                return new
        if not context.asked:
            self.settled.add(v)
        return None

    def _replace(self, old: Variable, new: Variable, one: Rule | None) -> None:
        if new.type != old.type:
            text = one.text if one else f"rebuilding {old.op.describe()}"
            raise VerifyError(
                f"rule {text!r} of pass {self.name} made {new.op.describe()}: {new.type} "
                f"of {old.op.describe()}: {old.type}",
                "a rule keeps dtype and shape",
            )
        self.context.replaced(old, new)
        inherit(new, old)
        if one is None:
            return
        self.fired[one.text] += 1
        self.latest.append(one.text)
        self.budget -= 1
        if self.trace is not None:
            self.trace.append(Firing(self.name, one.text, old, new, _place(old)))


def inherit(new: Variable, old: Variable) -> None:
    """Hand the hints of a variable on to what replaces it.

    An input or a constant keeps to itself, and so does what the user has named.
    """
    if new.inputs and new.hints.name is None:
        new.hints.fill_from(old.hints)
