"""The ``graphcomp`` command: write a function's derivatives to a file, or show its graph.

    graphcomp compile model.py:nll --arg "w: float64[p]" --arg "X: float64[n, p]" \\
        --wrt w --want fun_and_grad,hess -o nll_derivs.py
    graphcomp show model.py:nll --arg "w: float64[p]" --arg "X: float64[n, p]" --wrt w

Exit status 0; 2 after an error, which is told in one paragraph on standard error.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import importlib.metadata
import os
import re
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

from codegen.module import Module
from graphcomp.backprop import backprop
from graphcomp.errors import GraphError
from graphcomp.graph import Graph, Variable
from graphcomp.source import is_library
from graphcomp.trace import from_function
from graphcomp.tree import leaves

_TYPE = re.compile(r"(bool|u?int\d+|float\d+|complex\d+)\b")


class CommandError(Exception):
    """What the user of the command did, or gave, that cannot be right."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise CommandError(f"{message} (see {self.prog} --help)")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with the given arguments, by default the process's own."""
    try:
        options = _parser().parse_args(arguments)
        text = options.run(options)
    except (CommandError, GraphError) as error:
        return _fail(str(error))
    except OSError as error:
        return _fail(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    return _print(text)


def _fail(message: str) -> int:
    print(f"graphcomp: {' '.join(message.split())}", file=sys.stderr)
    return 2


def _print(text: str) -> int:
    """Standard output in UTF-8, whatever the locale; its reader may leave early."""
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode())
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


# ------------------------------------------------------------------------------- command line


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="graphcomp",
        description="Derivatives of a NumPy function, as a Python file that needs only NumPy.",
        allow_abbrev=False,
    )
    version = importlib.metadata.version("graphcomp")
    parser.add_argument("--version", action="version", version=f"graphcomp {version}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    compile_ = commands.add_parser("compile", help="write a function and its derivatives")
    _add_function(compile_)
    compile_.add_argument(
        "--want",
        type=_names,
        help="what to write: fun, grad, fun_and_grad, hess, … (default: fun_and_grad, "
        "and fun where there is no --wrt)",
    )
    compile_.add_argument("-o", "--output", default="-", metavar="OUT.py", help="default: print")
    compile_.add_argument("--license", help="SPDX name for the file's head; default: none")
    compile_.add_argument("--name", type=_identifier, help="default: the name of FUNCTION")
    compile_.set_defaults(run=_compile)

    show = commands.add_parser("show", help="print a function's graph, with its gradient")
    _add_function(show)
    show.set_defaults(run=_show)
    return parser


def _add_function(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("function", type=_place, metavar="FILE.py:FUNCTION")
    parser.add_argument(
        "--arg",
        action="append",
        default=[],
        type=_argument,
        metavar='"NAME: TYPE"',
        help="a parameter's type, such as 'X: float64[n, 3]', or its value, such as 'hidden: 3'",
    )
    parser.add_argument(
        "--wrt", type=_names, default=(), metavar="NAMES", help="differentiate by these: w,b"
    )


def _place(text: str) -> tuple[Path, str]:
    file, colon, name = text.rpartition(":")
    if not colon or not file or not name.isidentifier():
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form FILE.py:FUNCTION")
    return Path(file), name


def _names(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(","))
    for name in names:
        _identifier(name)
    return names


def _identifier(text: str) -> str:
    if not text.isidentifier():
        raise argparse.ArgumentTypeError(f"{text!r} is not a name")
    return text


def _argument(text: str) -> tuple[str, Any]:
    """``X: float64[n, 3]`` as a name and a type string, ``hidden: 3`` as a name and a value."""
    name, colon, value = (part.strip() for part in text.partition(":"))
    if not colon or not name.isidentifier():
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form 'NAME: TYPE'")
    if _TYPE.match(value):
        return name, value
    try:
        return name, ast.literal_eval(value)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        raise argparse.ArgumentTypeError(
            f"{value!r}, given for {name}, is neither a type such as float64[n, 3] "
            "nor a Python literal such as 3 or 'same'"
        ) from None


# ----------------------------------------------------------------------------------- commands


def _compile(options: argparse.Namespace) -> str:
    """The text to print: nothing where it goes to a file."""
    want = options.want or ("fun_and_grad" if options.wrt else "fun",)
    with _loaded(options) as (function, values):
        name = options.name or function.__name__
        module = Module(name, license=options.license)
        with _blaming(function.__name__):
            module.add(function, wrt=options.wrt, want=want, **values)
        source = module.source
    if options.output == "-":
        return source
    module.save(options.output)
    return ""


def _show(options: argparse.Namespace) -> str:
    with _loaded(options) as (function, values):
        with _blaming(function.__name__):
            inputs, outputs = from_function(function, **values)
        found = [output for _, output in leaves(outputs)]
        graph = Graph(found)
        if options.wrt:
            if len(found) != 1:
                raise CommandError(f"{function.__name__} has {len(found)} results, and a gradient "
                                   "is of one: leave --wrt out, or return one")
            backprop(_chosen(options.wrt, inputs), graph, found[0])
        return f"{graph}\n"


def _chosen(names: tuple[str, ...], inputs: Any) -> list[Variable]:
    """The inputs of these names; a nested argument's name stands for all in it."""
    named = {v.name: v for _, v in leaves(inputs)}
    chosen = []
    for name in names:
        found = [v for label, v in named.items() if label == name or label.startswith(f"{name}_")]
        if not found:
            raise CommandError(f"--wrt {name} is no input; the inputs are {', '.join(named)}")
        chosen += found
    return chosen


# -------------------------------------------------------------------------------- user's file


@contextlib.contextmanager
def _loaded(options: argparse.Namespace) -> Iterator[tuple[Callable[..., Any], dict[str, Any]]]:
    """The function, imported from its file, and its arguments.

    Its folder is importable meanwhile; what it prints goes to standard error.
    """
    path, name = options.function
    values: dict[str, Any] = {}
    for key, value in options.arg:
        if key in values:
            raise CommandError(f"--arg {key} is given twice")
        values[key] = value
    module = ModuleType(path.stem)
    module.__file__ = str(path)
    before = sys.modules.get(path.stem)
    sys.path.insert(0, str(path.resolve().parent))
    sys.modules[path.stem] = module
    try:
        with contextlib.redirect_stdout(sys.stderr):
            _execute(path, module)
            yield _function(module, path, name), values
    finally:
        sys.path.remove(str(path.resolve().parent))
        del sys.modules[path.stem]
        if before is not None:
            sys.modules[path.stem] = before


def _execute(path: Path, module: ModuleType) -> None:
    source = path.read_bytes()
    try:
        code = compile(source, str(path), "exec")
    except (SyntaxError, ValueError) as error:
        line = f":{error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        reason = error.msg if isinstance(error, SyntaxError) else str(error)
        raise CommandError(f"{path}{line}: not a Python file: {reason}") from None
    with _blaming(f"importing {path}"):
        exec(code, module.__dict__)


def _function(module: ModuleType, path: Path, name: str) -> Callable[..., Any]:
    function = getattr(module, name, None)
    if callable(function):
        return function  # type: ignore[no-any-return]
    if function is not None:
        raise CommandError(f"{name} in {path} is a {type(function).__name__}, not a function")
    there = [
        key
        for key, value in vars(module).items()
        if callable(value) and getattr(value, "__module__", None) == module.__name__
    ]
    instead = f"; it defines {', '.join(there)}" if there else ""
    raise CommandError(f"{path} has no function {name}{instead}")


@contextlib.contextmanager
def _blaming(what: str) -> Iterator[None]:
    """Errors of the user's own code, told with its line; graphcomp's own errors say it already."""
    try:
        yield
    except GraphError:
        raise
    except (Exception, SystemExit) as error:
        theirs = [
            frame
            for frame in traceback.extract_tb(error.__traceback__)
            if not is_library(frame.filename)
        ]
        if not theirs:
            raise
        frame = theirs[-1]
        line = f" ({frame.line})" if frame.line else ""
        reason = str(error) or "no message"
        raise CommandError(
            f"{what} failed at {frame.filename}:{frame.lineno}{line}: "
            f"{type(error).__name__}: {reason}"
        ) from error
