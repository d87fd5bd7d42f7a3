"""The ``graphcomp`` command: write a function's derivatives to a file, or show its graph.

    graphcomp compile model.py:nll --arg "w: float64[p]" --arg "X: float64[n, p]" \\
        --wrt w --want fun_and_grad,hess -o nll_derivs.py
    graphcomp show model.py:nll --arg "w: float64[p]" --arg "X: float64[n, p]" --wrt w
    graphcomp show model.py:nll --arg "w: float64[p]" --arg "X: float64[n, p]" --passes

Exit status 0; 2 after an error, which is told in one paragraph on standard error.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import functools
import os
import re
import shlex
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple, NoReturn

from codegen.derivatives import derive, wanted_inputs
from codegen.module import PACKAGES, VERSION, Module
from graphcomp.backprop import backprop
from graphcomp.errors import GraphError
from graphcomp.graph import Graph, Variable
from graphcomp.rewrite import optimize
from graphcomp.source import is_library_file, user_source
from graphcomp.tracing import from_function
from graphcomp.tree import leaves

_TYPE = re.compile(r"(bool|u?int\d+|float\d+|complex\d+)\b")


class CommandError(Exception):
    """What the user of the command did, or gave, that cannot be right."""


class Argument(NamedTuple):
    """``--arg "X: float64[n, 3]"``: a type string, or ``--arg "hidden: 3"``: a value."""

    name: str
    value: Any
    text: str


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise CommandError(f"{message} (see {self.prog} --help)")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with the given arguments, by default the process's own."""
    caller = user_source()
    try:
        options = _parser().parse_args(arguments)
        text = options.run(options)
    except CommandError as error:
        return _fail(str(error))
    except GraphError as error:
        if caller and error.where == caller.place:  # it is about no line of the user's file
            return _fail("; ".join(filter(None, [error.what, error.mend])))
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
    parser.add_argument("--version", action="version", version=f"graphcomp {VERSION}")
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
    compile_.add_argument(
        "--allow", choices=PACKAGES, help="a package that the file may import beside NumPy"
    )
    compile_.add_argument("--name", type=_identifier, help="default: the name of FUNCTION")
    compile_.set_defaults(run=_compile)

    show = commands.add_parser("show", help="print a function's graph, with its gradient")
    _add_function(show)
    rewriting = show.add_mutually_exclusive_group()
    rewriting.add_argument(
        "--passes", action="store_true", help="print the graph and its work after each pass"
    )
    rewriting.add_argument("--diff", metavar="PASS", help="print what one pass changes")
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


def _argument(text: str) -> Argument:
    name, colon, value = (part.strip() for part in text.partition(":"))
    if not colon or not name.isidentifier():
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form 'NAME: TYPE'")
    if _TYPE.match(value):
        return Argument(name, value, text)
    try:
        return Argument(name, ast.literal_eval(value), text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        raise argparse.ArgumentTypeError(
            f"{value!r}, given for {name}, is neither a type such as float64[n, 3] "
            "nor a Python literal such as 3 or 'same'"
        ) from None


# ----------------------------------------------------------------------------------- commands


def _compile(options: argparse.Namespace) -> str:
    """The text to print: nothing where it goes to a file."""
    path, name = options.function
    output = Path(options.output)
    if output.exists() and path.exists() and output.samefile(path):
        raise CommandError(f"-o {output} is the file of {name} itself: give another")
    want = options.want or ("fun_and_grad" if options.wrt else "fun",)
    if not options.wrt and set(want) != {"fun"}:
        raise CommandError(f"--want {','.join(want)} needs --wrt, the names to differentiate by")
    regenerate = _command(options, want)
    module = Module(
        options.name or name,
        license=options.license,
        regenerate=regenerate,
        allow=options.allow or (),
    )
    with _loaded(options) as (function, values):
        module.add(function, wrt=options.wrt, want=want, **values)
    module.load()  # nothing that Python does not take is handed out
    if options.output == "-":
        return module.source
    module.save(output)
    return ""


def _command(options: argparse.Namespace, want: tuple[str, ...]) -> str:
    """The command that makes the file again, in a fixed order of options."""
    path, name = options.function
    file = path.name if path.is_absolute() else path.as_posix()
    words = ["graphcomp", "compile", f"{file}:{name}"]
    for argument in options.arg:
        words += ["--arg", argument.text]
    if options.wrt:
        words += ["--wrt", ",".join(options.wrt)]
    words += ["--want", ",".join(want)]
    for option in ("name", "license", "allow"):
        if getattr(options, option):
            words += [f"--{option}", getattr(options, option)]
    if options.output != "-":
        words += ["-o", Path(options.output).name]
    return " ".join(map(_quoted, words))


def _quoted(word: str) -> str:
    """A word as people quote it for a shell: in double quotes where it holds single ones."""
    return f'"{word}"' if "'" in word and not set('"$`\\!') & set(word) else shlex.quote(word)


def _show(options: argparse.Namespace) -> str:
    with _loaded(options) as (function, values):
        inputs, outputs = from_function(function, **values)
        found = [output for _, output in leaves(outputs)]
        if options.passes or options.diff:
            return _rewriting(options, inputs, outputs)
        graph = Graph(found)
        if options.wrt:
            if len(found) != 1:
                raise CommandError(
                    f"{options.function[1]} returns {len(found)} results, and a gradient is of "
                    "one: leave --wrt out, or return one"
                )
            backprop(wanted_inputs(inputs, options.wrt), graph, found[0])
        return f"{graph}\n"


def _rewriting(options: argparse.Namespace, inputs: list[Variable], outputs: Any) -> str:
    """What rewriting makes of the function, and of its gradient, on the way to a file."""
    want = "fun_and_grad" if options.wrt else "fun"
    by = wanted_inputs(inputs, options.wrt) if options.wrt else []
    _, wanted = derive(want, inputs, outputs, by, options.function[1])
    report = optimize([v for _, v in wanted])[1]
    if options.passes:
        return f"{report.show()}\n"
    return f"{report.diff(options.diff) or f'{options.diff} changes nothing here'}\n"


# -------------------------------------------------------------------------------- user's file


@contextlib.contextmanager
def _loaded(options: argparse.Namespace) -> Iterator[tuple[Callable[..., Any], dict[str, Any]]]:
    """The function, imported from its file, and its arguments.

    Its folder is importable meanwhile; what it prints goes to standard error.
    """
    path, name = options.function
    module = ModuleType(f"user_file_{path.stem}")  # never the name of a library
    module.__file__ = str(path)
    folder = str(path.resolve().parent)
    sys.path.insert(0, folder)
    sys.modules[module.__name__] = module
    try:
        with contextlib.redirect_stdout(sys.stderr):
            _execute(path, module)
            with _blaming(name):
                yield _bound(_function(module, path, name), _values(options.arg))
    finally:
        sys.path.remove(folder)
        del sys.modules[module.__name__]


def _values(arguments: Sequence[Argument]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for argument in arguments:
        if argument.name in values:
            raise CommandError(f"--arg {argument.name} is given twice")
        values[argument.name] = argument.value
    return values


def _bound(
    function: Callable[..., Any], values: dict[str, Any]
) -> tuple[Callable[..., Any], dict[str, Any]]:
    """A float is a value here, not an example of an argument: it goes into the function."""
    fixed = {key: value for key, value in values.items() if isinstance(value, (float, complex))}
    if not fixed:
        return function, values
    bound = functools.partial(function, **fixed)
    functools.update_wrapper(bound, function)
    del bound.__wrapped__  # type: ignore[attr-defined]  # its signature is the partial one
    return bound, {key: value for key, value in values.items() if key not in fixed}


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
    except (CommandError, GraphError):
        raise
    except (Exception, SystemExit) as error:
        theirs = [
            frame
            for frame in traceback.extract_tb(error.__traceback__)
            if not is_library_file(frame.filename)
        ]
        place = ""
        if theirs:
            line = f" ({theirs[-1].line})" if theirs[-1].line else ""
            place = f" at {theirs[-1].filename}:{theirs[-1].lineno}{line}"
        reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        raise CommandError(f"{what} failed{place}: {reason}") from error
