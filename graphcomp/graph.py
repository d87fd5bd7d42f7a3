"""Variables, operations and graphs: the nodes are interned, every traversal is iterative."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, NoReturn

from graphcomp.dims import DimLike, Shape
from graphcomp.errors import GraphError, OptionError, TraceError
from graphcomp.operators import Operators
from graphcomp.registry import made_by_call
from graphcomp.source import FixedSource, Source, user_source
from graphcomp.types import DType, TensorType, TupleType

if TYPE_CHECKING:
    from graphcomp.ops.base import Op

    VariableType = TensorType | TupleType


class Hints:
    """What a variable is called and where it came from: outside of its identity."""

    __slots__ = ("gradient", "item", "name", "part", "role", "source")

    def __init__(
        self,
        name: str | None = None,
        role: str | None = None,
        source: Source | FixedSource | None = None,
        gradient: bool = False,
        part: bool = False,
        item: int | None = None,
    ) -> None:
        self.name = name  # the user's
        self.role = role  # ours, such as grad_W
        self.source = source
        self.gradient = gradient  # made by back-propagation
        self.part = part  # made on the way to the source's value, and not that value
        self.item = item  # the number of this one where the source's value has several

    @property
    def target(self) -> str | None:
        """The name that the user's line assigns the variable to."""
        if self.source is None:
            return None
        if self.item is None:
            return self.source.target
        names = self.source.targets
        return names[self.item] if self.item < len(names) else None

    def fill_from(self, other: Hints) -> None:
        """Take over what is not known here yet: the first hint wins."""
        self.name = self.name or other.name
        self.role = self.role or other.role
        if self.source is None or (self.part and other.source is not None):
            self.source, self.part, self.item = other.source, other.part, other.item


class Variable(Operators):
    """A typed array value of a graph: an input, a constant, or the result of an operation.

    Immutable and interned: the same operation on the same inputs is the same object. ``==`` is
    elementwise, as in NumPy; compare identity with ``is``. Make variables with ``gr.variable``
    and with operations.
    """

    __slots__ = ("__weakref__", "facts", "hints", "inputs", "op", "type")

    op: Op
    inputs: tuple[Variable, ...]
    type: Any  # TensorType; TupleType only for a result that Project takes apart
    hints: Hints
    facts: Any  # what rewriting has found out about the value, None before it looks

    @property
    def shape(self) -> Shape:
        shape: Shape = self.type.shape
        return shape

    @property
    def dtype(self) -> DType:
        dtype: DType = self.type.dtype
        return dtype

    @property
    def ndim(self) -> int:
        return len(self.type.shape)

    @property
    def size(self) -> DimLike:
        size: DimLike = self.type.size
        return size

    @property
    def name(self) -> str | None:
        """The user's name of it, or None."""
        return self.hints.name

    def named(self, name: str) -> Variable:
        """Give the variable a name for printing and for generated code; the first name stays.

        >>> import graphcomp as gr
        >>> gr.exp(gr.scalar("x")).named("growth").name
        'growth'
        """
        if not isinstance(name, str) or not name:
            raise OptionError(
                f"a name is a non-empty string, not {name!r}", "write one such as 'H'"
            )
        self.hints.name = self.hints.name or name
        return self

    @property
    def label(self) -> str:
        """What error messages call it: its name, its source text, or its operation."""
        if self.hints.name:
            return self.hints.name
        text = self.hints.source.expression if self.hints.source else ""
        return text if 0 < len(text) <= 40 and not self.hints.gradient else self.op.name

    def __repr__(self) -> str:
        name = f" {self.hints.name!r}" if self.hints.name else ""
        return f"<Variable{name} {self.op.describe()}: {self.type}>"

    __hash__ = object.__hash__

    def __copy__(self) -> Variable:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Variable:
        return self

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return _unflatten_one, (_flatten([self]),)

    def __setattr__(self, attribute: str, value: Any) -> NoReturn:
        raise TraceError(
            f"cannot set .{attribute} of {self.label}: a variable never changes",
            "make a new variable with the changed value",
        )


# ------------------------------------------------------------------------------------ interning

_lock = threading.RLock()
_table: dict[tuple[Any, ...], _Entry] = {}


class _Entry(weakref.ref[Variable]):
    __slots__ = ("key",)
    key: tuple[Any, ...]


def _forget(entry: weakref.ref[Variable]) -> None:
    with _lock:
        if _table.get(entry.key) is entry:  # type: ignore[attr-defined]
            del _table[entry.key]


_origin: ContextVar[tuple[Hints, bool] | None] = ContextVar("graphcomp_origin", default=None)


class derived_from:  # noqa: N801 - used as a function
    """Variables made inside carry the source line of ``variable``, and the gradient mark."""

    __slots__ = ("_hints", "_token")

    def __init__(self, variable: Variable, gradient: bool = False) -> None:
        hints = variable.hints
        if gradient and not hints.gradient:
            hints = Hints(None, None, hints.source, True, hints.part)
        self._hints = hints

    def __enter__(self) -> None:
        self._token = _origin.set((self._hints, self._hints.part))

    def __exit__(self, *error: object) -> None:
        _origin.reset(self._token)


def now_derived_from(variable: Variable) -> None:
    """From here to the end of the surrounding ``derived_from``, the variable to follow.

    What is made is marked as a part of its value, which does not go by its name.
    """
    _origin.set((variable.hints, True))


_set_op = Variable.__dict__["op"].__set__
_set_inputs = Variable.__dict__["inputs"].__set__
_set_type = Variable.__dict__["type"].__set__
_set_hints = Variable.__dict__["hints"].__set__
set_facts = Variable.__dict__["facts"].__set__


def find(op: Op, inputs: tuple[Variable, ...]) -> Variable | None:
    """The living variable of this operation on these inputs, if there is one."""
    entry = _table.get((op.key, *map(id, inputs)))
    return entry() if entry is not None else None


def intern(op: Op, inputs: tuple[Variable, ...], type: VariableType) -> Variable:
    """The one variable of this operation on these inputs, made if need be."""
    key = (op.key, *map(id, inputs))
    with _lock:
        entry = _table.get(key)
        variable = entry() if entry is not None else None
        if variable is None:
            variable = Variable.__new__(Variable)
            _set_op(variable, op)
            _set_inputs(variable, inputs)
            _set_type(variable, type)
            _set_hints(variable, _new_hints(variable))
            set_facts(variable, None)
            entry = _Entry(variable, _forget)
            entry.key = key
            _table[key] = entry
    return variable


def _new_hints(variable: Variable) -> Hints:
    origin = _origin.get()
    if origin is None:
        made = made_by_call.get()
        if made is not None:
            made.append(variable)
        return Hints(source=user_source())
    hints, part = origin
    return Hints(source=hints.source, gradient=hints.gradient, part=part)


# ------------------------------------------------------------------------------------ traversal


def topological(
    outputs: Iterable[Variable], known: Container[Variable] = frozenset()
) -> list[Variable]:
    """The outputs and all they need, inputs before results, in an order fixed by the graph.

    What is in ``known`` is left out, with what only it needs.
    """
    # The second time that a variable is on top, its inputs have been placed.
    placed: dict[Variable, None] = {}
    seen: set[Variable] = set()
    for output in outputs:
        stack = [output]
        while stack:
            variable = stack[-1]
            if variable in placed or variable in known:
                stack.pop()
            elif variable in seen or not variable.inputs:
                stack.pop()
                placed[variable] = None
            else:
                seen.add(variable)
                stack.extend(reversed(variable.inputs))
    return list(placed)


def _flatten(outputs: Sequence[Variable]) -> tuple[Any, ...]:
    order = topological(outputs)
    index = {variable: k for k, variable in enumerate(order)}
    rows = []
    for v in order:
        source = v.hints.source.fixed if v.hints.source else None
        given = v.hints
        hints = (given.name, given.role, source, given.gradient, given.part, given.item)
        rows.append((v.op, tuple([index[x] for x in v.inputs]), v.type, hints))
    return tuple(rows), tuple(index[v] for v in outputs)


def _unflatten(flat: tuple[Any, ...]) -> tuple[Variable, ...]:
    rows, outputs = flat
    made: list[Variable] = []
    for op, inputs, type, hints in rows:
        arguments = tuple([made[k] for k in inputs])
        variable = find(op, arguments)
        if variable is None:
            variable = intern(op, arguments, type)
            _set_hints(variable, Hints(*hints))
        else:
            variable.hints.fill_from(Hints(*hints))
        made.append(variable)
    return tuple(made[k] for k in outputs)


def _unflatten_one(flat: tuple[Any, ...]) -> Variable:
    return _unflatten(flat)[0]


# ---------------------------------------------------------------------------------------- graph


class Graph:
    """Variables and the operations that tie them, with outputs; grows by ``insert``.

    Iteration is in topological order: inputs before results.

    >>> import graphcomp as gr
    >>> x = gr.scalar("x")
    >>> G = gr.Graph([gr.exp(x) * x])
    >>> [G.get_operation(v).name for v in G]
    ['input', 'exp', 'multiply']
    """

    def __init__(self, outputs: Variable | Iterable[Variable]) -> None:
        outputs = (outputs,) if isinstance(outputs, Variable) else tuple(outputs)
        for output in outputs:
            if not isinstance(output, Variable):
                raise OptionError(f"a graph's outputs are variables, not {output!r}")
        self.outputs: tuple[Variable, ...] = outputs
        self._consumers: dict[Variable, list[Variable]] = {}
        self._add(topological(outputs))

    def _add(self, variables: Iterable[Variable]) -> None:
        for variable in variables:
            self._consumers[variable] = []
            for argument in variable.inputs:
                users = self._consumers.get(argument)
                if users is not None and not (users and users[-1] is variable):
                    users.append(variable)

    def __iter__(self) -> Iterator[Variable]:
        return iter(self._consumers)

    def __reversed__(self) -> Iterator[Variable]:
        return reversed(self._consumers)

    def __len__(self) -> int:
        return len(self._consumers)

    def __contains__(self, variable: object) -> bool:
        return variable in self._consumers

    def _require(self, V: Variable) -> None:
        if V not in self._consumers:
            raise GraphError(f"{V.label} is not in this graph", "insert it first")

    def get_operation(self, V: Variable) -> Op:
        """The operation that computes V."""
        self._require(V)
        return V.op

    def get_inputs(self, V: Variable) -> tuple[Variable, ...]:
        """The variables that V is computed from, in the operation's order."""
        self._require(V)
        return V.inputs

    def get_consumers(self, V: Variable) -> list[Variable]:
        """The variables of this graph that are computed from V, each once."""
        self._require(V)
        return list(self._consumers[V])

    def insert(self, V: Variable) -> None:
        """Add V, and what it is computed from, to the graph."""
        self._add(topological([V], self._consumers))

    def prune(self, z: Variable, T: Iterable[Variable]) -> Graph:
        """G': only what is an ancestor of z and a descendant of a variable in T.

        Goodfellow, Bengio and Courville, Algorithm 6.5. An input that an operation has no
        derivative for (an index, a condition) carries no gradient, so it makes no descendant.
        """
        self._require(z)
        ancestors = {z}
        for variable in reversed(self):
            if variable in ancestors:
                ancestors.update(_differentiable_inputs(variable))
        reached: dict[Variable, None] = {}
        wanted = set(T)
        for variable in self:
            if variable in ancestors and (
                variable in wanted
                or any(argument in reached for argument in _differentiable_inputs(variable))
            ):
                reached[variable] = None
        pruned = Graph(())
        pruned.outputs = (z,) if z in reached else ()
        pruned._add(reached)
        return pruned

    def __str__(self) -> str:
        return render("text", self)

    def __repr__(self) -> str:
        return f"<Graph of {len(self)} variables, {len(self.outputs)} outputs>"

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return _unpickle_graph, (_flatten([*self.outputs, *self]), len(self.outputs))


def _differentiable_inputs(variable: Variable) -> list[Variable]:
    blocked = variable.op.nondiff
    return [argument for i, argument in enumerate(variable.inputs) if i not in blocked]


def _unpickle_graph(flat: tuple[Any, ...], outputs: int) -> Graph:
    variables = _unflatten(flat)
    graph = Graph(variables[:outputs])
    for variable in variables[outputs:]:
        graph.insert(variable)
    return graph


_renderers: dict[str, Callable[..., str]] = {}


def set_renderer(kind: str, renderer: Callable[..., str]) -> None:
    """Enter a renderer of graphs; ``show`` does so for each of its formats."""
    _renderers[kind] = renderer


def render(kind: str, *graphs: Graph) -> str:
    """The graphs in one of the formats: one as ``"text"``, two as a ``"diff"``."""
    return _renderers[kind](*graphs)
