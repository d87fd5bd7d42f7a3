"""Pieces of Python text with holes: an operation's meaning, parsed once, filled in many times.

A meaning is parsed with `ast`, held against an allow-list, and turned into a `Fragment`: text
between holes, where each hole knows how tightly its operand must bind. Filling in joins strings,
and puts parentheses exactly where the syntax tree needs them.
"""

from __future__ import annotations

import ast
import functools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from graphcomp import dims
from graphcomp.dims import Dim
from graphcomp.errors import GraphError
from graphcomp.ops import runtime
from graphcomp.ops.scipy_modules import SCIPY_MODULES

# Binding strength, weakest first: Python reference, section 6.17.
# MATMUL is TERM to Python; a product by elements inside one of matrices is set off for the reader.
TUPLE, TEST, OR, AND, NOT, COMPARE, BIT_OR, BIT_XOR, BIT_AND, SHIFT, SUM = range(11)
TERM, MATMUL, UNARY, POWER, NUMBER, ATOM = range(11, 17)

_BINARY: dict[type[ast.operator], tuple[str, int]] = {
    ast.Add: ("+", SUM),
    ast.Sub: ("-", SUM),
    ast.Mult: ("*", TERM),
    ast.Div: ("/", TERM),
    ast.FloorDiv: ("//", TERM),
    ast.Mod: ("%", TERM),
    ast.MatMult: ("@", MATMUL),
    ast.LShift: ("<<", SHIFT),
    ast.RShift: (">>", SHIFT),
    ast.BitAnd: ("&", BIT_AND),
    ast.BitXor: ("^", BIT_XOR),
    ast.BitOr: ("|", BIT_OR),
}
_UNARY = {ast.USub: ("-", UNARY), ast.Invert: ("~", UNARY), ast.Not: ("not ", NOT)}
_COMPARE = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}


class Code(NamedTuple):
    """An expression as text: how tightly it binds, and whether it is a mere name or number."""

    text: str
    precedence: int = ATOM
    simple: bool = True


class Hole(NamedTuple):
    """Where operand ``number`` goes, in parentheses if it binds less than ``precedence``."""

    number: int
    precedence: int


class PowerSign(NamedTuple):
    """``**``, with spaces around it unless both operands are simple."""

    left: int | bool  # an operand, or whether it is simple
    right: int | bool


Piece = str | Hole | PowerSign


@dataclass(frozen=True, slots=True)
class Fragment:
    """Text with holes. ``length`` counts the text alone.

    ``helpers`` are the helpers that it calls, and the modules of SciPy's that it needs.

    ``operator`` is true for infix operators, which nest more readably than calls.
    """

    pieces: tuple[Piece, ...]
    precedence: int
    simple: bool
    length: int
    helpers: frozenset[str]
    operator: bool
    arity: int

    @property
    def parameter(self) -> int | None:
        """The operand that the fragment is nothing but, if it is."""
        if len(self.pieces) == 1 and isinstance(self.pieces[0], Hole):
            return self.pieces[0].number
        return None

    def fill(self, operands: Sequence[Code]) -> Code:
        """The text with operands in its holes."""
        out: list[str] = []
        for piece in self.pieces:
            if type(piece) is str:
                out.append(piece)
            elif type(piece) is Hole:
                operand = operands[piece.number]
                weak = operand.precedence < piece.precedence
                out.append(f"({operand.text})" if weak else operand.text)
            elif type(piece) is PowerSign:
                simple = all(
                    side if isinstance(side, bool) else operands[side].simple for side in piece
                )
                out.append("**" if simple else " ** ")
        return Code("".join(out), self.precedence, self.simple)


# ------------------------------------------------------------------------------------- literals


_KNOWN = {
    math.pi: Code("np.pi"),
    2 * math.pi: Code("2 * np.pi", TERM, False),
    math.pi / 2: Code("np.pi / 2", TERM, False),
    math.e: Code("np.e"),
}


def number(value: Any) -> Code:
    """A Python number as its shortest text, or by its name."""
    if isinstance(value, bool):
        return Code(str(value))
    if isinstance(value, complex):
        return Code(_complex(value))
    if isinstance(value, float) and not np.isfinite(value):
        if value != value:
            return Code("np.nan")
        return Code("np.inf") if value > 0 else Code("-np.inf", UNARY, False)
    if isinstance(value, float) and abs(value) in _KNOWN:
        known = _KNOWN[abs(value)]
        return known if value > 0 else Code(f"-{known.text}", min(UNARY, known.precedence), False)
    text = repr(value)
    negative = text.startswith("-")
    return Code(text, UNARY if negative else NUMBER, not negative)


def _complex(value: complex) -> str:
    real, imag = value.real, value.imag
    minus_zero = real == 0 and np.signbit(real)
    if np.isfinite([real, imag]).all() and not (minus_zero or (imag == 0 and np.signbit(imag))):
        sign = "-" if imag < 0 else "+"
        if real:
            return f"({real!r} {sign} {abs(imag)!r}j)"
        return repr(value) if imag >= 0 else f"(0.0 - {-imag!r}j)"
    if minus_zero and np.isfinite(imag) and imag < 0:
        return f"(-{-imag!r}j)"  # as Python reads it, both parts are negated
    return f"complex({number(value.real).text}, {number(value.imag).text})"


def scalar(value: Any, dtype: np.dtype[Any] | None) -> Code:
    """A number: of ``dtype`` as NumPy makes one, or as plain Python where that is None."""
    python = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, np.float32) and np.isfinite(value):
        python = float(str(value))  # 0.1, not 0.10000000149011612
    plain = number(python)
    return plain if dtype is None else Code(f"{dtype_text(dtype)}({plain.text})")


def array(value: np.ndarray[Any, Any]) -> Code:
    """A small array as a call of ``np.array``."""
    dtype = "" if value.dtype == np.float64 else f", dtype={dtype_text(value.dtype)}"
    if not value.size:
        return Code(f"np.zeros({value.shape!r}{dtype})", ATOM, False)
    return Code(f"np.array({_nested(value)}{dtype})", ATOM, False)


def _nested(value: np.ndarray[Any, Any]) -> str:
    if not value.ndim:
        return scalar(value[()], None).text
    return "[" + ", ".join(_nested(item) for item in value) + "]"


def dtype_text(dtype: np.dtype[Any]) -> str:
    """``np.float32``; bool under the name that every NumPy has."""
    return "np.bool_" if dtype.kind == "b" else f"np.{dtype.name}"


def literal(value: Any, rename: Mapping[str, str], subscript: bool = False) -> Code:
    """An attribute of an operation as an expression, its sizes renamed."""
    if isinstance(value, Dim):
        return dimension(dims.expression(value, rename))
    if value is None or value is Ellipsis:
        return Code("None" if value is None else "...")
    if isinstance(value, (bool, int, float, complex)):
        return number(value)
    if isinstance(value, str):
        return Code(_quoted(value), ATOM, False)
    if isinstance(value, np.dtype):
        return Code(dtype_text(value))
    if isinstance(value, np.generic):
        return scalar(value, value.dtype)
    if isinstance(value, np.ndarray):
        return array(value) if value.ndim else scalar(value[()], value.dtype)
    if isinstance(value, slice):
        return _slice(value, rename, subscript)
    if isinstance(value, (tuple, list)):
        items = [literal(item, rename, subscript).text for item in value]
        comma = "," if len(items) == 1 else ""
        inside = ", ".join(items) + comma
        if isinstance(value, list):
            return Code(f"[{', '.join(items)}]", ATOM, False)
        bare = subscript and items
        return Code(inside, TUPLE, False) if bare else Code(f"({inside})", ATOM, False)
    raise GraphError(f"{type(value).__name__} {value!r} cannot be written as code")


@functools.lru_cache(maxsize=4096)
def dimension(text: str) -> Code:
    """The text of a dimension with its binding strength."""
    fragment = _build(text, (), (), frozenset())
    return Code(text, fragment.precedence, fragment.simple)


def _slice(value: slice, rename: Mapping[str, str], subscript: bool) -> Code:
    parts = (value.start, value.stop, value.step)
    if not subscript:
        texts = [literal(part, rename).text for part in parts]
        return Code(f"slice({', '.join(texts)})", ATOM, False)
    start, stop, step = ("" if p is None else literal(p, rename).text for p in parts)
    return Code(f"{start}:{stop}" + (f":{step}" if step else ""), TUPLE, False)


def _quoted(value: str) -> str:
    text = ascii(value)
    return text if '"' in text else f'"{text[1:-1]}"'


# -------------------------------------------------------------------------------------- parsing


def fragment(
    text: str,
    parameters: tuple[str, ...],
    literals: Mapping[str, Any],
    defaults: Mapping[str, Any],
    rename: Mapping[str, str],
) -> Fragment:
    """The fragment of a meaning: operands are holes, literals are written in."""
    written = []
    for name, value in literals.items():
        if name == "shape" and isinstance(value, tuple) and len(value) == 1:
            value = value[0]  # np.zeros(n)
        plain = literal(value, rename)
        inside = literal(value, rename, True) if isinstance(value, (slice, tuple)) else plain
        written.append((name, plain, inside))
    dropped = frozenset(
        name
        for name, value in literals.items()
        if name in defaults and type(defaults[name]) is type(value) and defaults[name] == value
    )
    return _build(text, parameters, tuple(written), dropped)


def conversion(dtype: np.dtype[Any]) -> Fragment:
    """A number as a NumPy scalar of ``dtype``: ``np.float32(x)``."""
    return fragment("dtype(x)", ("x",), {"dtype": dtype}, {}, {})


@functools.lru_cache(maxsize=1 << 14)
def _build(
    text: str,
    parameters: tuple[str, ...],
    literals: tuple[tuple[str, Code, Code], ...],
    dropped: frozenset[str],
) -> Fragment:
    printer = _Printer(text, parameters, literals, dropped)
    body = _parse(text)
    precedence = printer.statement(body)
    pieces = tuple(_joined(printer.pieces))
    holes = [p.number for p in pieces if isinstance(p, Hole)]
    root = body.value if isinstance(body, ast.Expr) else None
    return Fragment(
        pieces,
        precedence,
        precedence >= NUMBER and isinstance(root, (ast.Name, ast.Attribute, ast.Constant)),
        sum(len(p) for p in pieces if isinstance(p, str)),
        frozenset(printer.helpers),
        isinstance(root, (ast.BinOp, ast.UnaryOp, ast.Compare)),
        max(holes, default=-1) + 1,
    )


@functools.lru_cache(maxsize=4096)
def _parse(text: str) -> ast.stmt:
    body = ast.parse(text).body
    if len(body) != 1 or not isinstance(body[0], (ast.Expr, ast.AugAssign, ast.Assign)):
        raise GraphError(f"{text!r} is not one expression")
    return body[0]


def _joined(pieces: Iterable[Piece]) -> list[Piece]:
    result: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, str) and result and isinstance(result[-1], str):
            result[-1] += piece
        else:
            result.append(piece)
    return result


class _Printer:
    """Turns one syntax tree into pieces; refuses every node that a meaning has no use for."""

    def __init__(
        self,
        text: str,
        parameters: tuple[str, ...],
        literals: tuple[tuple[str, Code, Code], ...],
        dropped: frozenset[str],
    ) -> None:
        self.text = text
        self.parameters = {name: k for k, name in enumerate(parameters)}
        self.literals = {name: (plain, inside) for name, plain, inside in literals}
        self.dropped = dropped
        self.pieces: list[Piece] = []
        self.helpers: set[str] = set()
        self.free = not parameters and not literals  # a dimension: names are sizes

    def statement(self, body: ast.stmt) -> int:
        if isinstance(body, ast.Expr):
            before = self.expression(body.value, TUPLE)
            return before
        if isinstance(body, ast.AugAssign):
            self.expression(body.target, ATOM)
            self.pieces.append(f" {_BINARY[type(body.op)][0]}= ")
            self.expression(body.value, TEST)
        elif isinstance(body, ast.Assign):
            self.expression(body.targets[0], ATOM)
            self.pieces.append(" = ")
            self.expression(body.value, TEST)
        return TUPLE

    def expression(self, node: ast.expr, need: int) -> int:
        """Write the node, in parentheses where it binds less than needed; return its strength."""
        start = len(self.pieces)
        found = self._write(node, need)
        if found < need:
            self.pieces.insert(start, "(")
            self.pieces.append(")")
        return found

    def _write(self, node: ast.expr, need: int) -> int:
        method = getattr(self, f"_{type(node).__name__.lower()}", None)
        if method is None:
            raise GraphError(f"{type(node).__name__} is not allowed in a meaning: {self.text}")
        result: int = method(node, need)
        return result

    def _name(self, node: ast.Name, need: int) -> int:
        name = node.id
        if name in self.parameters:
            self.pieces.append(Hole(self.parameters[name], need))
            return ATOM
        if name in self.literals:
            code = self.literals[name][0]
            self.pieces.append(code.text)
            return code.precedence
        if name in runtime.helpers or (name in SCIPY_MODULES and not self.free):
            self.helpers.add(name)
        elif name != "np" and name not in _PYTHON and not self.free:
            raise GraphError(f"the meaning {self.text!r} uses an unknown name, {name}")
        self.pieces.append(name)
        return ATOM

    def _constant(self, node: ast.Constant, need: int) -> int:
        code = literal(node.value, {})
        self.pieces.append(code.text)
        return code.precedence

    def _attribute(self, node: ast.Attribute, need: int) -> int:
        if node.attr.startswith("_"):
            raise GraphError(f"the meaning {self.text!r} uses a private name, {node.attr}")
        self.expression(node.value, ATOM)
        self.pieces.append(f".{node.attr}")
        return ATOM

    def _binop(self, node: ast.BinOp, need: int) -> int:
        if isinstance(node.op, ast.Pow):
            self.expression(node.left, NUMBER)
            self.pieces.append(PowerSign(self._simple(node.left), self._simple(node.right)))
            self.expression(node.right, UNARY)
            return POWER
        sign, strength = _BINARY[type(node.op)]
        self.expression(node.left, strength)
        self.pieces.append(sign if self.free and sign in ("*", "//") else f" {sign} ")
        self.expression(node.right, UNARY if strength == TERM else strength + 1)
        return strength

    def _simple(self, node: ast.expr) -> int | bool:
        if isinstance(node, ast.Name):
            if node.id in self.parameters:
                return self.parameters[node.id]
            return self.literals[node.id][0].simple if node.id in self.literals else True
        return isinstance(node, ast.Constant)

    def _unaryop(self, node: ast.UnaryOp, need: int) -> int:
        sign, strength = _UNARY[type(node.op)]
        self.pieces.append(sign)
        self.expression(node.operand, strength + 1 if strength == UNARY else strength)
        return strength

    def _compare(self, node: ast.Compare, need: int) -> int:
        self.expression(node.left, COMPARE + 1)
        for sign, right in zip(node.ops, node.comparators, strict=True):
            self.pieces.append(f" {_COMPARE[type(sign)]} ")
            self.expression(right, COMPARE + 1)
        return COMPARE

    def _ifexp(self, node: ast.IfExp, need: int) -> int:
        self.expression(node.body, TEST + 1)
        self.pieces.append(" if ")
        self.expression(node.test, TEST + 1)
        self.pieces.append(" else ")
        self.expression(node.orelse, TEST)
        return TEST

    def _call(self, node: ast.Call, need: int) -> int:
        self.expression(node.func, ATOM)
        keywords = [k for k in node.keywords if not self._is_default(k)]
        if any(k.arg is None for k in keywords):
            raise GraphError(f"** is not allowed in a meaning: {self.text}")
        items = [("", argument) for argument in node.args]
        items += [(f"{k.arg}=", k.value) for k in keywords]
        self._items("(", items, ")")
        return ATOM

    def _is_default(self, keyword: ast.keyword) -> bool:
        return isinstance(keyword.value, ast.Name) and keyword.value.id in self.dropped

    def _items(self, open: str, items: Sequence[tuple[str, ast.expr]], close: str) -> None:
        self.pieces.append(open)
        for k, (prefix, item) in enumerate(items):
            self.pieces.append(", " * (k > 0) + prefix)
            self.expression(item, TEST)
        self.pieces.append(close)

    def _tuple(self, node: ast.Tuple, need: int) -> int:
        comma = "," if len(node.elts) == 1 else ""
        self._items("(", [("", item) for item in node.elts], f"{comma})")
        return ATOM

    def _list(self, node: ast.List, need: int) -> int:
        self._items("[", [("", item) for item in node.elts], "]")
        return ATOM

    def _subscript(self, node: ast.Subscript, need: int) -> int:
        self.expression(node.value, ATOM)
        self.pieces.append("[")
        items = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if not items:
            self.pieces.append("()")
        for k, item in enumerate(items):
            self.pieces.append(", " * (k > 0))
            self._index(item)
        if isinstance(node.slice, ast.Tuple) and len(items) == 1:
            self.pieces.append(",")
        self.pieces.append("]")
        return ATOM

    def _index(self, node: ast.expr) -> None:
        if isinstance(node, ast.Name) and node.id in self.literals:
            self.pieces.append(self.literals[node.id][1].text)
        elif isinstance(node, ast.Slice):
            for k, part in enumerate((node.lower, node.upper, node.step)):
                self.pieces.append(":" if k == 1 or (k == 2 and part) else "")
                if part is not None:
                    self.expression(part, BIT_OR)
        else:
            self.expression(node, TEST)


_PYTHON = frozenset({"min", "max", "abs", "int", "float", "bool", "complex", "len", "slice"})
