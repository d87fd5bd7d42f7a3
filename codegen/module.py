"""Compiled functions and modules: their source, their call, and saving them."""

from __future__ import annotations

import hashlib
import inspect
import linecache
import os
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from codegen.calls import is_flat, nested
from codegen.derivatives import derive, names_in, wanted_inputs
from codegen.describe import of_derivative
from codegen.names import check_inputs, check_not_modules, public_name
from codegen.plan import Constants, Options, Request, plan
from codegen.program import Function, Program
from codegen.targets.numpy import TARGETS
from codegen.write import Header, write
from graphcomp import tree
from graphcomp.errors import OptionError, ValueKindError
from graphcomp.graph import Variable, topological
from graphcomp.ops.base import Constant, Input, Op
from graphcomp.ops.random import as_input
from graphcomp.rewrite import optimize
from graphcomp.rewrite.pipeline import select
from graphcomp.rewrite.stabilise import stabilise
from graphcomp.source import user_source
from graphcomp.tracing import from_function, name_of

VERSION = "0.1.0"
FORMAT = 1
STYLES = ("readable", "flat")
PACKAGES = ("scipy",)  # that a file may import beside NumPy, where it is allowed to
_LONGEST_CALL = 50  # in a docstring


@dataclass(frozen=True)
class Report:
    """What compiling did: graph nodes before and after rewriting, statements."""

    name: str
    nodes_before: int
    nodes_after: int
    statements: int
    rewriting: Any = None

    def __str__(self) -> str:
        text = (
            f"{self.name}: {self.nodes_before} graph nodes, {self.nodes_after} after rewriting; "
            f"{self.statements} statements"
        )
        return f"{text}\n{self.rewriting}" if self.rewriting is not None else text


class Module:
    """Several functions in one file, sharing helpers and constants.

    Options are those of ``codegen.compile``. The functions are attributes of the module.

    >>> import numpy as np
    >>> def energy(w, k): return k * np.sum(w**2)
    >>> m = Module("energies", license="0BSD")
    >>> m = m.add(energy, w="float64[n]", k="float64", want=("fun", "grad"))
    >>> m.grad([1.0, 2.0], 0.5)
    array([1., 2.])
    """

    def __init__(
        self,
        name: str,
        license: str | None = None,
        doc: str | None = None,
        *,
        target: str = "numpy",
        style: str = "readable",
        checks: bool = True,
        comments: bool = True,
        passes: Any = None,
        regenerate: str | None = None,
        allow: str | Sequence[str] = (),
        fast_distances: bool = False,
    ) -> None:
        if target not in TARGETS:
            raise OptionError(f"target {target!r} is unknown", f"use one of {list(TARGETS)}")
        if style not in STYLES:
            raise OptionError(f"style {style!r} is unknown", f"use one of {list(STYLES)}")
        self.name = public_name(name, "a module")
        self.license = license or ""
        self.doc = doc or ""
        self.target = TARGETS[target]
        self.options = Options(style, checks, comments, _allowed(allow))
        self.passes = passes
        self.fast_distances = fast_distances
        self.regenerate = _regenerate() if regenerate is None else regenerate
        self.reports: dict[str, Report] = {}
        self._functions: list[Function] = []
        self._graphs: list[str] = []
        self._constants = Constants()
        self._helpers: set[str] = set()
        self._source: str | None = None
        self._loaded: ModuleType | None = None

    def add(
        self,
        fun: Callable[..., Any],
        /,
        *types: Any,
        args: Mapping[str, Any] | None = None,
        want: str | Sequence[str] = ("fun",),
        wrt: str | Sequence[str] | None = None,
        prefix: str = "",
        **named_types: Any,
    ) -> Module:
        """Add what is wanted of a NumPy function, one generated function each.

        ``want`` is some of ``fun``, ``grad``, ``fun_and_grad``, ``hess``, ``jac``, ``hvp``, which
        are also the generated functions' names, behind ``prefix``. ``types`` and ``named_types``
        describe the arguments as for ``gr.from_function``, and so does the mapping ``args``, which
        serves parameters called ``want``, ``wrt``, ``prefix`` or ``args`` too. ``wrt`` names those
        to differentiate by (by default the first floating one). All keep the argument order of
        ``fun``.

        Raises as ``gr.from_function`` and ``codegen.compile``, and OptionError for an unknown
        ``want`` or ``wrt`` and for a function name that is taken.
        """
        inputs, outputs = from_function(fun, *types, **(args or {}), **named_types)
        chosen = wanted_inputs(inputs, wrt)
        by = names_in(wrt) or [str(v.name) for v in chosen]
        label = name_of(fun) if name_of(fun).isidentifier() else ""
        called = _called(fun, label)
        about = (inspect.getdoc(fun) or "") if label else ""
        stabilised = any(one is stabilise for one in select(self.passes))
        for each in (want,) if isinstance(want, str) else want:
            arguments, results = derive(each, inputs, outputs, chosen, label, stabilised)
            named = [(public_name(v.name, "an input"), v) for v in arguments]
            name = public_name(prefix + each, "a function")
            summary = of_derivative(each, called, by)
            self._add(Request(name, named, results, len(results) == 1, summary, about))
        return self

    def add_outputs(self, name: str, inputs: Any, outputs: Any) -> Module:
        """Add a function of flat or nested inputs that returns outputs, flattened in order.

        Raises as ``codegen.compile``.
        """
        self._add(_part(name, inputs, outputs))
        return self

    def _add(self, part: Request) -> Function:
        if any(f.name == part.name for f in self._functions):
            raise OptionError(f"two functions are named {part.name}", "name each differently")
        if self.options.allow:
            check_not_modules([part.name, *(name for name, _ in part.inputs)])
        before = topological(v for _, v in part.outputs)
        rewritten, report = optimize(
            [v for _, v in part.outputs], self.passes, fast_distances=self.fast_distances
        )
        outputs = [(wish, v) for (wish, _), v in zip(part.outputs, rewritten, strict=True)]
        function = plan(
            replace(part, outputs=outputs), self.options, self._constants, self._helpers
        )
        order = topological(rewritten)
        self._functions.append(function)
        self._graphs.append(_canonical(order, part.inputs, rewritten))
        self._source = self._loaded = None
        self.reports[part.name] = Report(
            part.name, len(before), len(order), len(function.body), report
        )
        return function

    @property
    def source(self) -> str:
        """The text of the file."""
        if self._source is None:
            program = Program(self._functions, self._constants.values, self._helpers)
            texts = [*self._graphs, *(f"allow {name}" for name in self.options.allow)]
            digest = hashlib.sha256("\n".join(texts).encode()).hexdigest()
            header = Header(VERSION, FORMAT, digest, self.regenerate, self.license, self.doc)
            self._source = write(program, header, self.target, self.options.comments)
        return self._source

    def load(self) -> ModuleType:
        """The generated module; tracebacks show its lines."""
        if self._loaded is None:
            source = self.source
            tag = hashlib.sha256(source.encode()).hexdigest()[:12]
            filename = f"<graphcomp {self.name} {tag}>"
            code = compile(source, filename, "exec", dont_inherit=True)
            loaded = ModuleType(self.name)
            loaded.__file__ = filename
            linecache.cache[filename] = (
                len(source), None, source.splitlines(keepends=True), filename,
            )  # fmt: skip
            exec(code, loaded.__dict__)
            self._loaded = loaded
        return self._loaded

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in self.reports:
            raise AttributeError(f"module {self.name} has no function {name}")
        return getattr(self.load(), name)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the file in one step: on failure an old file stays as it was.

        Raises FileNotFoundError where the directory does not exist.
        """
        save(self.source, path)


def compile_function(
    inputs: Any,
    outputs: Any,
    name: str = "f",
    target: str = "numpy",
    style: str = "readable",
    checks: bool = True,
    *,
    comments: bool = True,
    passes: Any = None,
    license: str | None = None,
    doc: str | None = None,
    regenerate: str | None = None,
    allow: str | Sequence[str] = (),
    fast_distances: bool = False,
) -> Any:
    """Compile outputs to a function of inputs that needs only NumPy.

    ``inputs`` is a list of input variables, ``outputs`` a variable (the result is bare) or a list
    of them (a tuple). Nested dicts, lists and tuples keep their structure in arguments and
    results. ``style`` is ``"readable"``, or ``"flat"`` with one operation a line; ``checks`` and
    ``comments`` say what is written beside the mathematics; ``passes`` and
    ``fast_distances`` go to ``gr.optimize``.
    ``doc``, ``license`` and ``regenerate``, a command, stand in the head of the file.
    ``allow=("scipy",)`` lets it import SciPy: SciPy's own functions stand where helpers would be
    pasted in, and functions that NumPy has no form for, such as ``gammainc``, can be written.

    The function has the attributes ``source``, ``save(path)`` and ``report``.

    Raises IdentifierError for a name that cannot be one in Python, DuplicateInputError for two
    inputs of one name, MissingInputError where outputs need another input, SizeError for a size
    that no argument tells, OptionError for an unknown target, style or package and for an
    operation that needs SciPy where that is not allowed, and GraphError for a constant of more
    than 64 elements.

    >>> import graphcomp as gr
    >>> x = gr.vector("x", "n")
    >>> f = compile_function([x], gr.sum(x * x), name="square_sum")
    >>> float(f([1.0, 2.0]))
    5.0
    """
    module = Module(
        public_name(name, "a function"), license, doc, target=target, style=style, checks=checks,
        comments=comments, passes=passes, regenerate=regenerate, allow=allow,
        fast_distances=fast_distances,
    )  # fmt: skip
    part = _part(name, inputs, outputs)
    module._add(part)
    flat = getattr(module.load(), module.name)
    plain = is_flat(inputs) and is_flat(outputs)
    function: Any = flat if plain else nested(flat, inputs, outputs)
    function.source = module.source
    function.report = module.reports[module.name]
    function.save = module.save
    return function


def _allowed(packages: str | Sequence[str]) -> tuple[str, ...]:
    names = [packages] if isinstance(packages, str) else list(packages)
    for name in names:
        if name not in PACKAGES:
            raise OptionError(f"allow={name!r} is unknown", f"use some of {list(PACKAGES)}")
    return tuple(sorted(set(names)))


def _called(fun: Callable[..., Any], label: str) -> str:
    """``nll(w, X, y)``: a call of the function, for docstrings."""
    if not label:
        return ""
    try:
        parameters = list(inspect.signature(fun).parameters)
    except (TypeError, ValueError):  # compiled, and without one
        return label
    call = f"{label}({', '.join(parameters)})"
    return call if len(call) <= _LONGEST_CALL else label


def _part(name: str, inputs: Any, outputs: Any) -> Request:
    given = [(path, as_input(v)) for path, v in tree.leaves(inputs)]
    for _, v in given:
        if not isinstance(v, Variable) or not isinstance(v.op, Input):
            shown = v.label if isinstance(v, Variable) else repr(v)
            raise OptionError(
                f"{shown} is not an input", "inputs are made by gr.variable, gr.vector, ..."
            )
    named = [(public_name(v.name, "an input"), v) for _, v in given]
    check_inputs(n for n, _ in named)
    single = isinstance(outputs, Variable)
    wanted = [("", outputs)] if single else tree.leaves(outputs)
    for path, v in wanted:
        if not isinstance(v, Variable):
            raise ValueKindError(f"output {path} is {v!r}, not a variable", "use gr.constant(...)")
    wishes = [(path.lstrip("0123456789_"), v) for path, v in wanted]
    return Request(public_name(name, "a function"), named, wishes, single)


def _regenerate() -> str:
    source = user_source()
    return f"python {source.file}" if source and not source.file.startswith("<") else ""


def _canonical(
    order: Sequence[Variable],
    inputs: Sequence[tuple[str, Variable]],
    outputs: Sequence[Variable],
) -> str:
    """The graph as text that depends on nothing but the graph."""
    index = {v: k for k, v in enumerate(order)}
    written: dict[object, str] = {}
    rows = []
    for v in order:
        if v.op.key not in written:
            written[v.op.key] = _described(v.op)
        if v.type not in written:
            written[v.type] = str(v.type)
        rows.append(f"{written[v.op.key]} {[index[x] for x in v.inputs]} {written[v.type]}")
    names = [n for n, _ in inputs]
    return "\n".join([*rows, str(names), str([index[v] for v in outputs])])


def _described(op: Op) -> str:
    if isinstance(op, Input):
        return f"input {op.label}, {op.declared}" if op.declared else f"input {op.label}"
    if isinstance(op, Constant):
        data = np.ascontiguousarray(op.value)
        return f"constant {op.weak} {data.dtype.str} {data.shape} {data.tobytes().hex()}"
    return op.describe()


def save(source: str, path: str | os.PathLike[str]) -> None:
    """Write text to a file in one step."""
    target = Path(os.path.realpath(path))  # a link stays a link
    if not target.parent.is_dir():
        raise FileNotFoundError(
            f"cannot save {target}: the directory {target.parent} does not exist"
        )
    if target.exists() and not target.is_file():  # os.replace would put a file in its place
        raise OSError(f"cannot save {target}: it is a directory or a device, not a file")
    # Not tempfile's: a new file is to have the permissions that the process gives new files.
    temporary = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
    try:
        with open(temporary, "x", encoding="utf-8", newline="\n") as file:
            file.write(source)
        if target.exists():
            temporary.chmod(target.stat().st_mode & 0o777)
        os.replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
