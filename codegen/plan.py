"""Graph -> program: what becomes a statement, what is written inside another, in which order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from codegen import fragment as fragments
from codegen.arguments import Arguments, helpers_of
from codegen.facts import may_be_zero, shape_text, storage, strong_number, weak_needs_dtype
from codegen.fragment import Code, Fragment
from codegen.hints import dtype_by_hints
from codegen.meanings import Meanings, Meant
from codegen.names import Names
from codegen.naming import Naming
from codegen.nesting import Built, apply, code, named, too_large, worst
from codegen.program import (
    Apply,
    Assign,
    AssignTuple,
    Expression,
    Function,
    Name,
    Remark,
    Return,
    Slot,
    Statement,
    Update,
)
from codegen.updates import adds, find_updates, is_zeros, update_meaning
from graphcomp import dims
from graphcomp.errors import GraphError, MissingInputError
from graphcomp.graph import Variable, topological
from graphcomp.ops.arithmetic import Add, Divide, Multiply, Negative, Subtract
from graphcomp.ops.base import LARGEST_CONSTANT, Constant, Input, SizeOf
from graphcomp.ops.elementwise import Elementwise
from graphcomp.ops.scipy_modules import SCIPY_MODULES
from graphcomp.ops.structure import Project
from graphcomp.types import TensorType, TupleType, weak_type

_ZEROS_LIKE = fragments.fragment("np.zeros_like(x)", ("x",), {}, {}, {})
_COPY = fragments.fragment("x.copy()", ("x",), {}, {}, {})


@dataclass(frozen=True)
class Options:
    """How a function is written."""

    style: str = "readable"
    checks: bool = True
    comments: bool = True
    allow: tuple[str, ...] = ()  # packages that the file may import beside NumPy


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


@dataclass(frozen=True)
class Request:
    """A function as it is asked for: named inputs, and outputs with the names wished for them.

    ``summary`` and ``about`` are for its docstring: what it computes, and whose derivative it is.
    """

    name: str
    inputs: Sequence[tuple[str, Variable]]
    outputs: Sequence[tuple[str, Variable]]
    single: bool = False
    summary: str = ""
    about: str = ""


def plan(request: Request, options: Options, constants: Constants, helpers: set[str]) -> Function:
    """The function that computes the outputs; its constants and helpers join those of the file.

    Raises MissingInputError, SizeError, and GraphError for a constant that is too large.
    """
    return _Planner(request, options, constants, helpers).function()


class _Planner:
    def __init__(
        self, request: Request, options: Options, constants: Constants, helpers: set[str]
    ) -> None:
        self.request = request
        self.options = options
        self.constants = constants
        self.helpers = helpers
        order = topological(v for _, v in request.outputs)
        self._check_inputs(order)
        modules = SCIPY_MODULES if options.allow else ()
        names = Names([*(n for n, _ in request.inputs), *modules])
        self.table = names.new("sizes") if options.checks else ""
        self.rename = {n: names.new(n) for n in self._size_names()}
        self.names = names
        self.naming = Naming(names, [v for _, v in request.outputs], options.comments)
        self.meanings = Meanings(order, self.rename, options.allow)
        self.same = self.meanings.same
        self.outputs = self._wrap_outputs()
        self.uses: dict[Variable, int] = {}
        self.projects: dict[Variable, dict[int, Variable]] = {}
        self._count_uses()
        kept = {v for _, v, _ in self.outputs}
        self.updates = find_updates(self.meanings, lambda v: self.uses[v], kept)
        self.body: list[Statement] = []
        self.used_sizes: set[str] = set()
        self.built: dict[Variable, Built] = {v: named(n) for n, v in request.inputs}
        self.target: dict[Variable, str] = {}
        # What has a name already; unchecked arguments may be of another dtype than declared.
        self.by_name = dict(request.inputs) if options.checks else {}

    # ----------------------------------------------------------------------------- preparation

    def _check_inputs(self, order: Sequence[Variable]) -> None:
        given = {v for _, v in self.request.inputs}
        for v in order:
            if isinstance(v.op, Input) and v not in given:
                name = self.request.name
                raise MissingInputError(
                    f"{name} needs the input {v.op.label}, which is not among its inputs",
                    f"add {v.op.label} to the inputs",
                )

    def _size_names(self) -> list[str]:
        shapes = [v.shape for _, v in self.request.inputs]
        return sorted(frozenset().union(*map(dims.names_of, shapes)))

    def _wrap_outputs(self) -> list[tuple[str, Variable, Fragment | None]]:
        """Each output with what makes it a value of its own: a copy, a NumPy scalar, or nothing."""
        roots: set[Variable] = set()
        result: list[tuple[str, Variable, Fragment | None]] = []
        for wish, v in self.request.outputs:
            if isinstance(v.type, TupleType):
                raise GraphError(
                    f"output {v.label} is a tuple of {len(v.type.items)} results",
                    "give its items as outputs",
                )
            v = self.same[v]
            root, shared = storage(v, self.same)
            wrap: Fragment | None = None
            if v.ndim:
                shared = shared or root in roots or isinstance(root.op, (Input, Constant))
                wrap = _COPY if shared else None
                roots.add(root)
            elif v.type.weak or strong_number(v) is not None:
                wrap = fragments.conversion(v.dtype)
            result.append((wish, v, wrap))
        return result

    def _count_uses(self) -> None:
        for v in self.meanings.of:
            if isinstance(v.op, Project):
                self.projects.setdefault(self.same[v.inputs[0]], {})[v.op.index] = v
            for x in v.inputs:
                x = self.same[x]
                self.uses[x] = self.uses.get(x, 0) + 1
        for _, v, _ in self.outputs:
            self.uses[v] = self.uses.get(v, 0) + 1

    @cached_property
    def readers(self) -> dict[Variable, list[tuple[Variable, int]]]:
        """The operations that read each scalar, and as which of their inputs."""
        found: dict[Variable, list[tuple[Variable, int]]] = {}
        for v in self.meanings.of:
            for k, x in enumerate(v.inputs):
                x = self.same[x]
                if isinstance(x.type, TensorType) and not x.ndim:
                    found.setdefault(x, []).append((v, k))
        return found

    # ------------------------------------------------------------------------------- statements

    def function(self) -> Function:
        request = self.request
        for wish, v, wrap in self.outputs:
            if wrap is None and v in self.meanings.of and v not in self.target:
                self.target[v] = self.naming.output(v, wish)
        for v in self.meanings.of:
            self._visit(v)
        results, values = self._results()
        self.body.append(Return(tuple(values), request.single))
        slots = [Slot(n, v.dtype, v.shape, declared=_declared(v)) for n, v in request.inputs]
        arguments = Arguments(slots, self.rename, self.table)
        head = arguments.head(frozenset(self.used_sizes), self.options.checks)
        self.helpers |= helpers_of(head)
        return Function(
            request.name, slots, results, request.single, head, self.body,
            request.summary, request.about,
        )  # fmt: skip

    def _visit(self, v: Variable) -> None:
        if isinstance(v.type, TupleType) and len(self.projects.get(v, ())) > 1:
            self._assign_tuple(v)
            return
        if (isinstance(v.op, Project) and v in self.built) or v in self.updates.bases:
            return
        if v in self.updates.owner:
            self._update(v)
            return
        built = self._combine(v)
        if self._is_statement(v):
            self._assign(v, built)
        else:
            self.built[v] = built

    def _is_statement(self, v: Variable) -> bool:
        if v in self.target or self.options.style == "flat" or v.op.has_effect:
            return True
        cheap = v.op.is_view and self.meanings.of[v].fragment.length <= 2  # .T of a name
        cheap = cheap and all(self._is_named(x) for x in v.inputs)
        if self.uses[v] > 1 and not cheap:
            return True
        return isinstance(v.type, TensorType) and not v.type.weak and bool(self.naming.users(v))

    def _is_named(self, x: Variable) -> bool:
        return x not in self.built or isinstance(self.built[x].value, Name)

    def _assign(self, v: Variable, built: Built) -> None:
        name = self.target.get(v) or self.naming.statement(v, built.value)
        self.target[v] = name
        self.body.append(Assign(name, built.value, self.naming.remark(v)))
        self.built[v] = named(name)
        self.by_name[name] = v

    def _assign_tuple(self, v: Variable) -> None:
        built = self._combine(v)
        targets = []
        for k in range(len(v.type.items)):
            item = self.projects[v].get(k)
            if item is None:
                targets.append("_")
                continue
            name = self.target.get(item) or self.naming.item(item, v, k)
            self.target[item] = name
            self.built[item] = named(name)
            targets.append(name)
        self.body.append(AssignTuple(tuple(targets), built.value))

    def _update(self, v: Variable) -> None:
        base = self.updates.owner[v]
        copied = v in self.updates.copied
        first = copied or base not in self.updates.owner
        if not first:
            name = self.target[base]
        else:
            last = self.updates.last(v)
            name = self.target.get(last) or self.naming.statement(last, None)
            initial = self._copy(v) if copied else self._initial(base, last)
            self.body.append(Assign(name, initial, self.naming.remark(v)))
        self.target[v] = name
        self.built[v] = named(name)
        operands = [named(name)] + [self._operand(v, k) for k in range(1, len(v.inputs))]
        values = [b.value for b in operands]
        negated = operands[1].variable
        sign = "+"
        if v in self.updates.sets:
            sign = ""
        elif adds(v) and negated is not None and isinstance(negated.op, Negative):
            assert isinstance(values[1], Apply)
            sign, (values[1],) = "-", values[1].operands
        elif adds(v) and isinstance(values[1], Code) and values[1].precedence == fragments.UNARY:
            sign, values[1] = "-", values[1]._replace(text=values[1].text.removeprefix("-"))
        fragment = self._use(self.meanings.written(v, update_meaning(v, sign)))
        self.body.append(Update(Apply(fragment, tuple(values))))

    def _initial(self, base: Variable, last: Variable) -> Expression:
        """What a buffer starts as; zeros like a value of that type where one is at hand."""
        if is_zeros(base) and dims.names_of(base.shape):
            primal = (last.hints.role or "").removeprefix("grad_")
            for name in (primal, *(n for n, _ in self.request.inputs)):
                if name in self.by_name and self.by_name[name].type == base.type:
                    return Apply(_ZEROS_LIKE, (Name(name),))
        return self._combine(base).value

    def _copy(self, v: Variable) -> Expression:
        """A copy of what v changes."""
        return Apply(_COPY, (self._operand(v, 0).value,))

    def _results(self) -> tuple[list[Slot], list[Expression]]:
        results: list[Slot] = []
        values: list[Expression] = []
        by_hints = dtype_by_hints(self.meanings)
        for wish, v, wrap in self.outputs:
            value = self._value(v).value
            if wrap is not None:
                shown = value.text if isinstance(value, Name) else "value"
                plain = v in self.target or isinstance(v.op, Input)
                name = self.names.new(wish or f"copy_{shown}") if plain else ""
                name = name or self.naming.output(v, wish)
                self.body.append(Assign(name, Apply(wrap, (value,)), Remark(shape_text(v))))
                value = Name(name)
            assert isinstance(value, Name)
            values.append(value)
            results.append(Slot(value.text, v.dtype, v.shape, by_hints.get(v, True)))
        return results, values

    # ------------------------------------------------------------------------------ expressions

    def _use(self, meant: Meant) -> Fragment:
        """The fragment, which is now going to be written: note its sizes and helpers."""
        self.used_sizes |= meant.sizes
        self.helpers |= meant.fragment.helpers
        return meant.fragment

    def _combine(self, v: Variable) -> Built:
        """The operation on its operands; what makes it too long or deep goes on its own line."""
        fragment = self._use(self.meanings.of[v])
        operands = [self._operand(v, k) for k in range(len(v.inputs))]
        while True:
            built = apply(v, fragment, operands)
            wide = worst(operands, built) if too_large(built) else []
            if not wide:
                return built
            for k in wide:
                operands[k] = self._on_its_own_line(operands[k])

    def _on_its_own_line(self, operand: Built) -> Built:
        variable = operand.variable
        assert variable is not None
        if variable not in self.target:
            self._assign(variable, operand)
        return self.built[variable]

    def _operand(self, v: Variable, k: int) -> Built:
        x = self.same[v.inputs[k]]
        number = None if x in self.built else strong_number(x)
        if number is not None:
            return code(fragments.scalar(number, None if self._weak_serves(v, k) else x.dtype))
        built = self._value(x)
        if weak_needs_dtype(v, x):
            return apply(v, fragments.conversion(v.dtype), [built])._replace(variable=None)
        return built

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
            isinstance(v.op, Divide) and not may_be_zero(v.inputs[1])
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
        number = strong_number(x)
        if number is not None:
            return code(fragments.scalar(number, None))
        if isinstance(x.op, SizeOf):
            self.used_sizes |= self.meanings.known_sizes([x.op.dim])
            return code(fragments.literal(x.op.dim, self.rename))
        if x in self.updates.bases:
            return self._combine(x)
        assert isinstance(x.op, Constant), x.op
        if not x.ndim:
            return code(fragments.scalar(x.op.scalar, None))
        if x.op.value.size > LARGEST_CONSTANT:
            raise GraphError(
                f"the constant {x.label} of shape {x.op.value.shape} has more than "
                f"{LARGEST_CONSTANT} elements",
                "make it an argument: gr.variable(name, shape), passed at each call",
            )
        self.built[x] = named(self.constants.name(x.op))
        return self.built[x]


def _declared(v: Variable) -> str:
    """What the user vouches for of an input, in words."""
    return str(v.op.declared) if isinstance(v.op, Input) else ""
