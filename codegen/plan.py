"""Graph -> program: what becomes a statement, what is written inside another, in which order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from codegen import facts, fragment as fragments
from codegen.arguments import Arguments
from codegen.fragment import Code, Fragment
from codegen.names import Names
from codegen.program import (
    Apply,
    Assign,
    AssignTuple,
    Check,
    Expression,
    Function,
    Known,
    Name,
    ReadSize,
    Remark,
    Return,
    Slot,
    Statement,
    Update,
)
from graphcomp import dims
from graphcomp.errors import GraphError, MissingInputError
from graphcomp.graph import Variable, topological
from graphcomp.ops.arithmetic import Add, Divide, Multiply, Subtract
from graphcomp.ops.base import Constant, Input, Meaning, Op, SizeOf
from graphcomp.ops.create import Full
from graphcomp.ops.elementwise import Elementwise
from graphcomp.ops.structure import Project
from graphcomp.source import Source
from graphcomp.types import TensorType, TupleType, weak_type

_WIDTH = 70  # of an expression; a line has 88 columns, with indentation, name and " = "
_DEPTH = 3.5  # calls count 1, infix operators 1/2, a chain of one strength once
_MANY = 8  # operands of one operation
_LARGEST_CONSTANT = 64
_ZEROS_LIKE = fragments.fragment("np.zeros_like(x)", ("x",), {}, {}, {})
_COPY = fragments.fragment("x.copy()", ("x",), {}, {}, {})


@dataclass(frozen=True)
class Options:
    """How a function is written."""

    style: str = "readable"
    checks: bool = True
    comments: bool = True


class _Meant(NamedTuple):
    """An operation's fragment and the sizes that it reads."""

    fragment: Fragment
    sizes: frozenset[str]


class Built(NamedTuple):
    """An expression under construction, with what decides whether it can stay inside another."""

    value: Expression
    length: int
    depth: float = 0.0
    strength: int = fragments.ATOM
    variable: Variable | None = None  # None: a name or number, nothing to put on its own line


@dataclass
class Constants:
    """The array constants of a file, by operation key; shared by its functions."""

    names: dict[object, str] = field(default_factory=dict)
    values: dict[str, Code] = field(default_factory=dict)

    def name(self, op: Constant) -> str:
        """The module-level name of a constant."""
        if op.key not in self.names:
            name = f"_C{len(self.names)}"
            self.names[op.key] = name
            self.values[name] = fragments.array(op.value)
        return self.names[op.key]


def plan(
    name: str,
    inputs: Sequence[tuple[str, Variable]],
    outputs: Sequence[tuple[str, Variable]],
    options: Options,
    constants: Constants,
    helpers: set[str],
    single: bool = False,
) -> Function:
    """The function that computes ``outputs`` (wished name and variable) from named inputs.

    Raises MissingInputError, SizeError, and GraphError for a constant that is too large.
    """
    return _Planner(name, inputs, outputs, options, constants, helpers, single).function()


class _Planner:
    def __init__(
        self,
        name: str,
        inputs: Sequence[tuple[str, Variable]],
        outputs: Sequence[tuple[str, Variable]],
        options: Options,
        constants: Constants,
        helpers: set[str],
        single: bool,
    ) -> None:
        self.name = name
        self.options = options
        self.constants = constants
        self.helpers = helpers
        self.single = single
        self.inputs = inputs
        self.order = topological(v for _, v in outputs)
        self._check_inputs()
        self.names = Names([n for n, _ in inputs])
        self.body: list[Statement] = []
        self.used_sizes: set[str] = set()
        self.cache: dict[tuple[Op, tuple[object, ...]], _Meant] = {}
        self.sources: dict[object, tuple[str, str]] = {}
        self.rename = {n: self.names.new(n) for n in self._size_names()}
        self.same: dict[Variable, Variable] = {}
        self.fragment_of: dict[Variable, _Meant] = {}
        self._find_fragments()
        self.outputs = self._wrap_outputs(outputs)
        self.uses: dict[Variable, int] = {}
        self.readers: dict[Variable, list[tuple[Variable, int]]] = {}
        self.projects: dict[Variable, dict[int, Variable]] = {}
        self._count_uses()
        self.owner: dict[Variable, Variable] = {}
        self.bases: set[Variable] = set()
        self.updated_by: dict[Variable, Variable] = {}
        self._find_updates()
        self.built: dict[Variable, Built] = {v: _named(n) for n, v in inputs}
        self.target: dict[Variable, str] = {}
        # What has a name already; unchecked arguments may be of another dtype than declared.
        self.by_name = dict(inputs) if options.checks else {}

    # ----------------------------------------------------------------------------- preparation

    def _check_inputs(self) -> None:
        given = {v for _, v in self.inputs}
        for v in self.order:
            if isinstance(v.op, Input) and v not in given:
                raise MissingInputError(
                    f"{self.name} needs the input {v.op.label}, which is not among its inputs",
                    f"add {v.op.label} to the inputs",
                )

    def _size_names(self) -> list[str]:
        shapes = [v.shape for _, v in self.inputs]
        return sorted(frozenset().union(*map(dims.names_of, shapes)))

    def _find_fragments(self) -> None:
        for v in self.order:
            self.same[v] = v
            if isinstance(v.op, (Input, Constant, SizeOf)) or facts.strong_number(v) is not None:
                continue
            meant = self._meant(v)
            k = meant.fragment.parameter
            if k is not None and v.inputs[k].type == v.type:
                self.same[v] = self.same[v.inputs[k]]
            else:
                self.fragment_of[v] = meant

    def _meant(self, v: Variable) -> _Meant:
        types = tuple([x.type for x in v.inputs])
        found = self.cache.get((v.op, types))
        if found is None:
            found = self._written(v, v.op.meaning(*types))
            self.cache[v.op, types] = found
        return found

    def _written(self, v: Variable, meaning: Meaning) -> _Meant:
        parameters = v.op.parameter_names(len(v.inputs))
        made = fragments.fragment(
            meaning.text, parameters, meaning.literals, meaning.defaults, self.rename
        )
        return _Meant(made, facts.sizes_in(meaning.literals.values()))

    def _use(self, meant: _Meant) -> Fragment:
        """The fragment, which is now going to be written: note its sizes and helpers."""
        self.used_sizes |= meant.sizes
        self.helpers |= meant.fragment.helpers
        return meant.fragment

    def _wrap_outputs(
        self, outputs: Sequence[tuple[str, Variable]]
    ) -> list[tuple[str, Variable, Fragment | None]]:
        """Each output with what makes it a value of its own: a copy, a NumPy scalar, or nothing."""
        roots: set[Variable] = set()
        result: list[tuple[str, Variable, Fragment | None]] = []
        for wish, v in outputs:
            if isinstance(v.type, TupleType):
                raise GraphError(
                    f"output {v.label} is a tuple of {len(v.type.items)} results",
                    "give its items as outputs",
                )
            v = self.same[v]
            root, shared = facts.root(v, self.same)
            wrap: Fragment | None = None
            if v.ndim:
                shared = shared or root in roots or isinstance(root.op, (Input, Constant))
                wrap = _COPY if shared else None
                roots.add(root)
            elif v.type.weak or facts.strong_number(v) is not None:
                wrap = fragments.fragment("dtype(x)", ("x",), {"dtype": v.dtype}, {}, {})
            result.append((wish, v, wrap))
        return result

    def _count_uses(self) -> None:
        for v in self.fragment_of:
            if isinstance(v.op, Project):
                self.projects.setdefault(self.same[v.inputs[0]], {})[v.op.index] = v
            for k, x in enumerate(v.inputs):
                x = self.same[x]
                self.uses[x] = self.uses.get(x, 0) + 1
                if isinstance(x.type, TensorType) and not x.ndim:
                    self.readers.setdefault(x, []).append((v, k))
        for _, v, _ in self.outputs:
            self.uses[v] = self.uses.get(v, 0) + 1

    def _find_updates(self) -> None:
        """Where an operation may change its first operand in place: which variable names it."""
        kept = {v for _, v, _ in self.outputs}
        for v in reversed(self.fragment_of):
            if not v.inputs or v.op.update(*(x.type for x in v.inputs)) is None:
                continue
            base = self.same[v.inputs[0]]
            if base.type != v.type or any(self.same[x] is base for x in v.inputs[1:]):
                continue
            fresh = isinstance(base.op, Full) or (
                self.uses[base] == 1
                and base not in kept
                and base in self.fragment_of
                and (base in self.owner or facts.is_fresh(base))
            )
            if fresh:
                self.owner[v] = base
        self.updated_by = {b: v for v, b in self.owner.items() if b in self.owner}
        self.bases = {b for b in self.owner.values() if b not in self.owner and b not in kept}

    # ------------------------------------------------------------------------------- statements

    def function(self) -> Function:
        slots = [self._argument(n, v) for n, v in self.inputs]
        self._name_outputs()
        for v in self.fragment_of:
            self._visit(v)
        results, values = self._results()
        self.body.append(Return(tuple(values), self.single))
        arguments = Arguments(slots, self.rename)
        head = arguments.head(frozenset(self.used_sizes), self.options.checks)
        self.helpers |= _check_helpers(head)
        return Function(self.name, slots, results, self.single, head, self.body)

    def _argument(self, name: str, v: Variable) -> Slot:
        """An argument; a scalar whose methods are used is no plain float to mypy."""
        methods = any(reader.op.name == "cast" for reader, _ in self.readers.get(v, ()))
        return Slot(name, v.dtype, v.shape, "nothing" if methods else "dtype")

    def _name_outputs(self) -> None:
        for wish, v, wrap in self.outputs:
            if wrap is None and v in self.fragment_of and v not in self.target:
                self.target[v] = self.names.new(self._public_wish(v) or wish or "result")

    def _visit(self, v: Variable) -> None:
        if isinstance(v.type, TupleType) and len(self.projects.get(v, ())) > 1:
            self._assign_tuple(v)
            return
        if isinstance(v.op, Project) and v in self.built:
            return
        if v in self.bases:
            return
        if v in self.owner:
            self._update(v)
            return
        built = self._combine(v)
        if self._is_statement(v, built):
            self._assign(v, built)
        else:
            self.built[v] = built

    def _is_statement(self, v: Variable, built: Built) -> bool:
        if v in self.target or self.options.style == "flat":
            return True
        cheap = v.op.is_view and self.fragment_of[v].fragment.length <= 2  # .T
        if self.uses[v] > 1 and not cheap:
            return True
        return bool(self._user_name(v)) and not v.type.weak

    def _assign(self, v: Variable, built: Built) -> None:
        name = self.target.get(v) or self.names.new(*self._wish(v, built))
        self.target[v] = name
        self.body.append(Assign(name, built.value, self._remark(v)))
        self.built[v] = _named(name)
        self.by_name[name] = v

    def _assign_tuple(self, v: Variable) -> None:
        built = self._combine(v)
        targets = []
        for k in range(len(v.type.items)):
            item = self.projects[v].get(k)
            if item is None:
                targets.append("_")
                continue
            wish = self._user_name(item) or f"{v.op.name}_{k}"
            name = self.target.get(item) or self.names.new(wish)
            self.target[item] = name
            self.built[item] = _named(name)
            targets.append(name)
        self.body.append(AssignTuple(tuple(targets), built.value))

    def _update(self, v: Variable) -> None:
        base = self.owner[v]
        if base in self.owner:
            name = self.target[base]
        else:
            last = self._last_update(v)
            name = self.target.get(last) or self.names.new(*self._wish(last, None))
            self.body.append(Assign(name, self._initial(base, last), self._remark(v)))
        self.target[v] = name
        self.built[v] = _named(name)
        meaning = v.op.update(*(x.type for x in v.inputs))
        assert meaning is not None
        fragment = self._use(self._written(v, meaning))
        operands = [_named(name)] + [self._operand(v, k) for k in range(1, len(v.inputs))]
        self.body.append(Update(Apply(fragment, tuple(b.value for b in operands))))

    def _initial(self, base: Variable, last: Variable) -> Expression:
        """What a buffer starts as; zeros like a value of that type where one is at hand."""
        if isinstance(base.op, Full) and base.op.fill == 0 and dims.names_of(base.shape):
            primal = (last.hints.role or "").removeprefix("grad_")
            for name in (primal, *(n for n, _ in self.inputs)):
                if name in self.by_name and self.by_name[name].type == base.type:
                    return Apply(_ZEROS_LIKE, (Name(name),))
        return self._combine(base).value

    def _last_update(self, v: Variable) -> Variable:
        while v in self.updated_by:
            v = self.updated_by[v]
        return v

    def _results(self) -> tuple[list[Slot], list[Expression]]:
        results: list[Slot] = []
        values: list[Expression] = []
        known = self._known_types()
        for wish, v, wrap in self.outputs:
            value = self._value(v)
            if wrap is not None:
                if not (v in self.target or isinstance(v.op, Input)):
                    hint = self._public_wish(v) or wish or "result"
                else:
                    hint = wish or f"copy_{_text(value.value)}"
                name = self.names.new(hint)
                shape = Remark(facts.shape_text(v))
                self.body.append(Assign(name, Apply(wrap, (value.value,)), shape))
                value = _named(name)
            values.append(value.value)
            results.append(Slot(_text(value.value), v.dtype, v.shape, known.get(v, "dtype")))
        return results, values

    def _known_types(self) -> dict[Variable, Known]:
        """For which variables NumPy's type hints know less than the dtype."""
        found: dict[Variable, Known] = {}
        for v in self.fragment_of:
            inputs = [self.same[x] for x in v.inputs]
            strong = [x for x in inputs if isinstance(x.type, TensorType) and not x.type.weak]
            known: Known = min((found.get(x, "dtype") for x in strong), default="dtype")
            known = max(known, facts.known_of(v, self.fragment_of[v].fragment))
            if known != "dtype":
                found[v] = known
        return found

    # ------------------------------------------------------------------------------ expressions

    def _combine(self, v: Variable) -> Built:
        """The operation on its operands; what makes it too long or deep goes on its own line."""
        fragment = self._use(self.fragment_of[v])
        operands = [self._operand(v, k) for k in range(len(v.inputs))]
        while True:
            built = _apply(v, fragment, operands)
            if built.length <= _WIDTH and built.depth <= _DEPTH:
                return built
            inside = [k for k, b in enumerate(operands) if b.variable is not None]
            if not inside:
                return built
            too_long = built.length > _WIDTH
            largest = max(inside, key=lambda k: _weight(operands[k], too_long))
            for k in inside if len(inside) > _MANY else [largest]:
                operands[k] = self._on_its_own_line(operands[k])

    def _on_its_own_line(self, operand: Built) -> Built:
        variable = operand.variable
        assert variable is not None
        if variable not in self.target:
            self._assign(variable, operand)
        return self.built[variable]

    def _operand(self, v: Variable, k: int) -> Built:
        x = self.same[v.inputs[k]]
        number = facts.strong_number(x)
        if number is not None:
            return _code(fragments.scalar(number, None if self._weak_serves(v, k) else x.dtype))
        return self._value(x)

    def _weak_serves(self, v: Variable, k: int, depth: int = 4) -> bool:
        """Whether a plain Python number as input k of v leaves the types of all results."""
        if not isinstance(v.op, Elementwise):
            return False
        types: list[TensorType] = [x.type for x in v.inputs]
        types[k] = weak_type(types[k].dtype.type(1).item())
        if not all(t.weak for t in types):
            try:
                return bool(v.op.infer(*types) == v.type)
            except GraphError:
                return False
        plain = isinstance(v.op, (Add, Subtract, Multiply)) or (
            isinstance(v.op, Divide) and not facts.may_be_zero(v.inputs[1])
        )
        return (
            plain
            and depth > 0
            and v.dtype.kind == "f"
            and all(wrapped is not v for _, wrapped, _ in self.outputs)
            and all(self._weak_serves(*reader, depth - 1) for reader in self.readers.get(v, ()))
        )

    def _value(self, x: Variable) -> Built:
        if x in self.built:
            return self.built[x]
        number = facts.strong_number(x)
        if number is not None:
            return _code(fragments.scalar(number, None))
        if isinstance(x.op, SizeOf):
            self.used_sizes |= x.op.dim.names
            return _code(fragments.literal(x.op.dim, self.rename))
        if x in self.bases:
            return self._combine(x)
        assert isinstance(x.op, Constant), x.op
        if not x.ndim:
            return _code(fragments.scalar(x.op.scalar, None))
        if x.op.value.size > _LARGEST_CONSTANT:
            raise GraphError(
                f"the constant {x.label} of shape {x.op.value.shape} has more than "
                f"{_LARGEST_CONSTANT} elements",
                "make it an argument: gr.variable(name, shape), passed at each call",
            )
        self.built[x] = _named(self.constants.name(x.op))
        return self.built[x]

    # -------------------------------------------------------------------------------- naming

    def _wish(self, v: Variable, built: Built | None) -> tuple[str, bool]:
        """What a statement's target would like to be called, and whether it must be numbered."""
        known = self._user_name(v) or v.hints.role
        if known:
            return known, False
        if len(v.inputs) == 1 and built is not None and isinstance(built.value, Apply):
            (operand,) = built.value.operands or (None,)
            if isinstance(operand, Name) and len(operand.text) <= 8 and not v.op.is_view:
                return f"{v.op.name}_{operand.text}", False
        return "g" if v.hints.gradient else "t", True

    def _remark(self, v: Variable) -> Remark:
        if v.hints.gradient or not v.inputs or not self.options.comments:
            return Remark(facts.shape_text(v))
        return Remark(facts.shape_text(v), self._source(v)[1])

    def _source(self, v: Variable) -> tuple[str, str]:
        """The name that the user's line assigns v to, and the user's expression for it."""
        source = v.hints.source
        if source is None:
            return "", ""
        key = (id(source.code), source.offset) if isinstance(source, Source) else source
        if key not in self.sources:
            self.sources[key] = (source.target or "", source.expression)
        return self.sources[key]

    def _user_name(self, v: Variable) -> str:
        """What the user calls a variable: by ``named``, or by assigning it to a name."""
        if v.hints.name:
            return v.hints.name
        return "" if v.hints.gradient else self._source(v)[0]

    def _public_wish(self, v: Variable) -> str:
        return v.hints.name or v.hints.role or self._user_name(v)


def _apply(v: Variable, fragment: Fragment, operands: Sequence[Built]) -> Built:
    length = fragment.length + sum([b.length for b in operands])
    depth = max([b.depth for b in operands], default=0.0)
    if fragment.operator:
        inner = [b.depth - 0.5 * (b.strength == fragment.precedence) for b in operands]
        depth = max([*inner, 0.0]) + 0.5
    elif operands and not v.op.is_view:
        depth += 1.0
    value = Apply(fragment, tuple([b.value for b in operands]))
    return Built(value, length, depth, fragment.precedence, v)


def _weight(built: Built, by_length: bool) -> tuple[float, float]:
    return (built.length, built.depth) if by_length else (built.depth, built.length)


def _named(name: str) -> Built:
    return Built(Name(name), len(name))


def _code(code: Code) -> Built:
    return Built(code, len(code.text), 0.0, code.precedence)


def _text(value: Expression) -> str:
    return value.text if isinstance(value, Name) else "value"


def _check_helpers(head: Iterable[Statement]) -> set[str]:
    found = set()
    for statement in head:
        if isinstance(statement, Check):
            found.add("_argument")
        elif isinstance(statement, ReadSize) and statement.origin:
            found.add("_size")
    return found
