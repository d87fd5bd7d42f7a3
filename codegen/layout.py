"""Lines of at most 88 columns, comments, and text of the user's that must stay mere text."""

from __future__ import annotations

import functools
import re
import textwrap

WIDTH = 88
_COMMENT_COLUMN = 50
_ARITHMETIC = {"+", "-", "*", "/", "//", "%", "@", "**", "&", "|", "^", "<<", ">>"}
_OPERATORS = _ARITHMETIC | {"<", "<=", ">", ">=", "==", "!=", "if", "else"}
_OPEN, _CLOSE = "([{", ")]}"


def wrap(prefix: str, text: str, indent: str = "") -> list[str]:
    """``prefix`` and an expression, broken inside brackets where it is too long for a line."""
    line = f"{indent}{prefix}{text}"
    if len(line) <= WIDTH:
        return [line]
    opening = _call_bracket(text)
    inner = indent + "    "
    if opening:
        head, body, tail = text[: opening + 1], text[opening + 1 : -1], text[-1]
    else:
        head, body, tail = "(", text, ")"
    if body.endswith(","):
        body = body[:-1] if tail != ")" or ", " in body else body
    return [f"{indent}{prefix}{head}", *_fill(body, inner), f"{indent}{tail}"]


def _call_bracket(text: str) -> int:
    """Where the bracket opens that the text ends with, if the text is one call or display."""
    depths = _depths(text)
    zero = [k for k, depth in enumerate(depths) if depth == 1 and text[k] in _OPEN]
    whole = text[-1] in _CLOSE and len(zero) == 1 and " " not in text[: zero[0]]
    return zero[0] if whole else 0


def _depths(text: str) -> list[int]:
    """The bracket depth at each character; 99 inside strings."""
    result: list[int] = []
    depth = 0
    quote = ""
    escaped = False
    for c in text:
        if quote:
            result.append(99)
            quote = "" if c == quote and not escaped else quote
            escaped = c == "\\" and not escaped
            continue
        quote = c if c in "'\"" else ""
        depth += c in _OPEN
        result.append(depth)
        depth -= c in _CLOSE
    return result


def _fill(text: str, indent: str) -> list[str]:
    """Lines of the text, which stands in brackets, broken at the outermost places that help."""
    room = WIDTH - len(indent)
    depths = _depths(text)
    breaks = [k for k, c in enumerate(text) if c == " " and depths[k] < 99 and _breakable(text, k)]
    lines: list[str] = []
    start = 0
    while len(text) - start > room:
        near = [k for k in breaks if start < k <= start + room]
        if not near:
            later = [k for k in breaks if k > start]
            if not later:
                break
            near = later[:1]
        outermost = min(depths[k] for k in near)
        cut = max(k for k in near if depths[k] == outermost)
        lines.append(indent + text[start:cut])
        start = cut + 1
    return [*lines, indent + text[start:]]


def _breakable(text: str, k: int) -> bool:
    """Whether a line may end before the space at k: after a comma, before an operator."""
    if text[k - 1] in ",:":
        return text[k - 1] == ","
    word = text[k + 1 :].split(" ", 1)[0]
    return word in _OPERATORS


def with_comment(line: str, comment: str) -> str:
    """The line with a comment behind, in its column; without it where there is no room."""
    if not comment:
        return line
    full = f"{line:<{_COMMENT_COLUMN}}# {comment}"
    if len(line) > _COMMENT_COLUMN - 2:
        full = f"{line}  # {comment}"
    return full if len(full) <= WIDTH else line


@functools.lru_cache(maxsize=1024)
def one_line(text: str, room: int) -> str:
    """User's text for a comment: one printable line of at most ``room`` characters."""
    words = " ".join(str(text).split())
    safe = "".join(c if c.isprintable() else "?" for c in words)
    safe = safe.encode("utf-8", "replace").decode()
    return safe if len(safe) <= room else safe[: room - 3] + "..."


def shell_command(text: str) -> list[str]:
    """A command as the text of comment lines, broken between its words as a shell allows."""
    lines = [""]
    for word in re.findall(r"""(?:'[^']*'|"[^"]*"|\S)+""", one_line(text, 4000)):
        if len(lines[-1]) + len(word) > WIDTH - 20:
            lines[-1] += " \\"
            lines.append("   ")
        lines[-1] += f" {word}" if lines[-1] else word
    return lines


def docstring(text: str, indent: str = "") -> list[str]:
    """User's text as a docstring that nothing can break out of."""
    lines = [_printable(line) for line in str(text).strip().splitlines()]
    for width in (WIDTH - len(indent) - 3, 40, 8):
        wrapped = [part for line in lines for part in _rewrapped(line, width)] or [""]
        escaped = [_escaped(line) for line in wrapped]
        if all(len(indent) + 3 + len(line) <= WIDTH for line in escaped):
            break
    last = escaped[-1]
    if len(escaped) == 1 and len(indent) + len(last) + 6 <= WIDTH:
        return [f'{indent}"""{last}"""']
    body = [f"{indent}{line}".rstrip() for line in escaped[1:]]
    return [f'{indent}"""{escaped[0]}', *body, f'{indent}"""']


def _printable(line: str) -> str:
    return "".join(c if c.isprintable() else " " for c in line).rstrip()


def _rewrapped(line: str, width: int) -> list[str]:
    return [line] if len(line) <= width else textwrap.wrap(line, width)


def _escaped(line: str) -> str:
    text = line.replace("\\", "\\\\")
    return text.replace('"', '\\"') if '"""' in text or text.endswith('"') else text
