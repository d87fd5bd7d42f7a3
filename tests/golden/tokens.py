"""How long a function is: Python tokens of its body, for comparing generated with hand-written."""

from __future__ import annotations

import ast
import io
import tokenize

_LAYOUT = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}


def count_tokens(source: str, function: str) -> int:
    """Count the tokens of the body of ``function``, a function at the top of ``source``.

    Left out: the signature, the docstring, comments, line ends and indentation, and statements
    that only check an argument, ``X = _argument("f", "X", X, ...)``.
    """
    definition = _find(source, function)
    body = definition.body[1:] if ast.get_docstring(definition) is not None else definition.body
    arguments = {argument.arg for argument in _arguments(definition.args)}
    counted = {
        line
        for statement in body
        if not _is_check(statement, arguments)
        for line in range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)
    }
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return sum(token.start[0] in counted and token.type not in _LAYOUT for token in tokens)


def _find(source: str, function: str) -> ast.FunctionDef:
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.FunctionDef) and statement.name == function:
            return statement
    raise ValueError(f"no function {function} at the top of the source")


def _arguments(arguments: ast.arguments) -> list[ast.arg]:
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]


def _is_check(statement: ast.stmt, arguments: set[str]) -> bool:
    """Whether the statement is ``X = _helper(...)`` with X an argument."""
    if not isinstance(statement, ast.Assign) or not isinstance(statement.value, ast.Call):
        return False
    helper = statement.value.func
    return (
        isinstance(helper, ast.Name)
        and helper.id.startswith("_")
        and all(isinstance(t, ast.Name) and t.id in arguments for t in statement.targets)
    )
