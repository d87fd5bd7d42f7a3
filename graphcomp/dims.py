"""Dimensions: axis lengths as integer polynomials over named sizes.

A `Dim` is a sum of terms, a term a coefficient and a sorted tuple of atoms, an atom a named size
or a floor-division, mod, minimum or maximum of dimensions. A constant is always a plain int.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import keyword
import math
import operator
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias, TypeVar

import numpy as np

from graphcomp.errors import SizeError, TraceError

DimLike: TypeAlias = "int | Dim"
Shape: TypeAlias = "tuple[int | Dim, ...]"
_Monomial: TypeAlias = "tuple[_Atom, ...]"
_T = TypeVar("_T")

_INTEGERS = (int, np.integer)
_LARGEST_POWER = 64
_FUEL = 16  # how many cases `lower_bound` looks at before it settles for intervals
_lift: Callable[[Dim], Any] | None = None


class Size(NamedTuple):
    """A named size and the least value that it takes."""

    name: str
    minimum: int


class _Atom(str):
    """A named size (``kind`` is empty) or ``kind`` of ``arguments``.

    The string is a canonical key of bounded length: it gives order, equality and hash at the
    speed of strings, however deep the arguments are; "~" sorts calls behind names.
    """

    __slots__ = ("arguments", "depth", "high", "kind", "low", "sizes")
    kind: str
    arguments: tuple[DimLike, ...]
    depth: int
    low: int | None
    high: int | None
    sizes: frozenset[Size]


@functools.lru_cache(maxsize=4096)
def _named(name: str, minimum: int) -> _Atom:
    atom = _Atom(name if minimum == 1 else f"{name}{{{minimum}}}")
    atom.kind, atom.arguments, atom.depth = "", (), 0
    atom.low, atom.high, atom.sizes = minimum, None, frozenset([Size(name, minimum)])
    return atom


def _call(kind: str, arguments: tuple[DimLike, ...]) -> _Atom:
    key = f"~{kind}({','.join(map(_key, arguments))})"
    if len(key) > 100:
        key = f"{key[:40]}#{hashlib.blake2b(key.encode(), digest_size=20).hexdigest()}"
    atom = _Atom(key)
    inner = [a for argument in arguments for a in _own_atoms(argument)]
    atom.kind, atom.arguments = kind, arguments
    atom.depth = 1 + max(a.depth for a in inner)
    atom.sizes = frozenset().union(*(a.sizes for a in inner))
    atom.low, atom.high = _call_range(kind, arguments)
    return atom


def _single(atom: _Atom) -> Dim:
    return Dim((((atom,), 1),))


def _key(value: DimLike) -> str:
    if isinstance(value, int):
        return str(value)
    return "+".join("*".join((str(factor), *atoms)) for atoms, factor in value._terms)


def _own_atoms(value: DimLike) -> set[_Atom]:
    return set() if isinstance(value, int) else {a for atoms, _ in value._terms for a in atoms}


def _all_atoms(value: DimLike) -> list[_Atom]:
    """Every atom at any depth, arguments before calls."""
    found: set[_Atom] = set()
    stack = list(_own_atoms(value))
    while stack:
        atom = stack.pop()
        if atom not in found:
            found.add(atom)
            stack.extend(a for argument in atom.arguments for a in _own_atoms(argument))
    return sorted(found, key=lambda atom: (atom.depth, atom))


# --- operators -----------------------------------------------------------------------------


def _value(operand: Any) -> Any:
    """The operand, a Dim handed over to the graph layer."""
    if not isinstance(operand, Dim):
        return operand
    if _lift is None:
        raise TraceError(f"{operand} is a symbolic size and has no value", "import graphcomp first")
    return _lift(operand)


def _plain(operand: Any) -> DimLike:
    return operand if isinstance(operand, Dim) else operator.index(operand)


def _apply(exact: Callable[[Any, Any], Any], python: Any, left: Any, right: Any, other: Any) -> Any:
    if isinstance(other, (Dim, *_INTEGERS)):
        return exact(_plain(left), _plain(right))
    if hasattr(type(other), "__array_ufunc__"):
        return NotImplemented  # arrays and variables: their reflected operator runs
    return python(_value(left), _value(right))


_Method: TypeAlias = Callable[["Dim", Any], Any]


def _binary(name: str, exact: Callable[[Any, Any], Any]) -> tuple[_Method, _Method]:
    """An operator and its reflection: ``exact`` on integers, lifted on everything else."""
    python = getattr(operator, name)

    def forward(self: Dim, other: Any) -> Any:
        return _apply(exact, python, self, other, other)

    def reflected(self: Dim, other: Any) -> Any:
        return _apply(exact, python, other, self, other)

    forward.__name__, reflected.__name__ = f"__{name}__", f"__r{name}__"
    return forward, reflected


def _unavailable(what: str) -> Callable[..., Any]:
    def method(self: Dim, *_: Any, **__: Any) -> Any:
        raise TraceError(
            f"{self} is a symbolic size; {what} needs a number",
            f"write gr.zeros({self}), gr.arange({self}) or an operation on whole axes, "
            "or give the axis a number",
        )

    return method


def _add(left: DimLike, right: DimLike) -> DimLike:
    total = dict(_terms(left))
    for atoms, factor in _terms(right):
        total[atoms] = total.get(atoms, 0) + factor
    return _build(total)


def _multiply(left: DimLike, right: DimLike) -> DimLike:
    total: dict[_Monomial, int] = {}
    for a, m in _terms(left):
        for b, n in _terms(right):
            atoms = tuple(sorted(a + b)) if a and b else a or b
            total[atoms] = total.get(atoms, 0) + m * n
    return _build(total)


def _subtract(left: DimLike, right: DimLike) -> DimLike:
    return _add(left, _multiply(right, -1))


def _power(base: DimLike, exponent: DimLike) -> Any:
    if not isinstance(exponent, int) or not 0 <= exponent <= _LARGEST_POWER:
        return _value(base) ** _value(exponent)
    return prod([base] * exponent)


def _truediv(left: DimLike, right: DimLike) -> Any:
    return _value(left) / _value(right)


def _compare(symbol: str, left: DimLike, right: DimLike) -> bool:
    # a > b is b < a; a <= b is not b < a; a >= b is not a < b
    small, large = (left, right) if symbol in ("<", ">=") else (right, left)
    difference = _subtract(large, small)
    low, high = lower_bound(difference), upper_bound(difference)
    if low is not None and low > 0:
        return symbol in ("<", ">")
    if high is not None and high <= 0:
        return symbol not in ("<", ">")
    assert isinstance(difference, Dim)
    limits = ", ".join(f"{name} >= {least}" for name, least in difference.sizes)
    raise SizeError(
        f"{left} {symbol} {right} is not decided for all sizes ({limits})",
        "give the axis a number or a larger minimum, or write minimum(a, b) or maximum(a, b)",
    )


@functools.lru_cache(maxsize=4096)
def _divide(kind: str, left: DimLike, right: DimLike) -> DimLike:
    """``left // right`` or ``left % right``, by kind."""
    if isinstance(left, int) and isinstance(right, int) and right:
        return left // right if kind == "//" else left % right
    sign = _divisor_sign(right)
    if sign == 0:
        return _single(_call(kind, (left, right)))
    if sign < 0:
        positive = _divide(kind, _multiply(left, -1), _multiply(right, -1))
        return positive if kind == "//" else _multiply(positive, -1)
    if kind == "//":  # rounding up: -x//d -> -((x + d - 1)//d)
        factors = [c for atoms, c in _terms(_split(left, right, exact=True)[1]) if atoms]
        if factors and max(factors) < 0:
            flipped = _add(_subtract(right, left), -1)
            return _multiply(_divide("//", flipped, right), -1)
    whole, rest = _split(left, right)
    quotient = _constant_quotient(rest, right)
    if quotient is not None:
        both = _add(whole, quotient), _subtract(rest, _multiply(quotient, right))
        return both[kind == "%"]
    common, offset = 1, 0
    if isinstance(right, int):  # (2*x + 1)//4 -> x//2, and (2*x + 1) % 4 -> 2*(x % 2) + 1
        common = math.gcd(right, *(c for atoms, c in _terms(rest) if atoms))
        offset = dict(_terms(rest)).get((), 0) % common
        rest = _build({atoms: c // common for atoms, c in _terms(rest)})
        right //= common
        inner, shift = _atom_and_offset(rest)
        if kind == "//" and inner is not None and inner.kind == "//":
            below = inner.arguments[1]
            if isinstance(below, int):  # (x//a + c)//b -> (x + a*c)//(a*b)
                joined = _add(inner.arguments[0], below * shift)
                return _add(whole, _divide("//", joined, below * right))
    call = _single(_call(kind, (rest, right)))
    return _add(whole, call) if kind == "//" else _add(_multiply(call, common), offset)


_floordiv = functools.partial(_divide, "//")
_mod = functools.partial(_divide, "%")


def _divisor_sign(divisor: DimLike) -> int:
    """1 or -1, or 0 where a symbolic divisor may have either sign or be zero."""
    if divisor == 0:
        raise SizeError("a size is divided by zero", "give a divisor of at least 1")
    low, high = lower_bound(divisor), upper_bound(divisor)
    return int(low is not None and low > 0) - int(high is not None and high < 0)


def _split(value: DimLike, divisor: DimLike, exact: bool = False) -> tuple[DimLike, DimLike]:
    """Quotient and rest of a long division by the divisor's leading term."""
    lead, by = _terms(divisor)[0]
    whole: DimLike = 0
    rest: DimLike = 0
    open_ = value
    while terms := _terms(open_):
        atoms, factor = terms[0]
        quotient = _without(atoms, lead)
        count = 0 if quotient is None or (exact and factor % by) else factor // by
        if count and quotient is not None:
            step = _build({quotient: count})
            whole, open_ = _add(whole, step), _subtract(open_, _multiply(step, divisor))
        left = _terms(open_)
        if left and left[0][0] == atoms:  # what remains of this term cannot be divided
            rest = _add(rest, _build({atoms: left[0][1]}))
            open_ = _build(dict(left[1:]))
    return whole, rest


def _without(atoms: _Monomial, divisor: _Monomial) -> _Monomial | None:
    left = list(atoms)
    for atom in divisor:
        if atom not in left:
            return None
        left.remove(atom)
    return tuple(left)


def _constant_quotient(value: DimLike, divisor: DimLike) -> int | None:
    """0 where ``0 <= value < divisor``, -1 where ``-divisor <= value < 0``, for all sizes."""
    for quotient in (0, -1):
        start = _multiply(divisor, quotient)
        inside = _subtract(value, start), _subtract(_add(start, divisor), _add(value, 1))
        if all((low := lower_bound(side)) is not None and low >= 0 for side in inside):
            return quotient
    return None


def _atom_and_offset(value: DimLike) -> tuple[_Atom | None, int]:
    """(atom, c) where the value is ``atom + c``, else (None, 0)."""
    terms = dict(_terms(value))
    offset = terms.pop((), 0)
    atoms, factor = next(iter(terms.items())) if len(terms) == 1 else ((), 0)
    return (atoms[0], offset) if len(atoms) == 1 and factor == 1 else (None, 0)


# --- the class -----------------------------------------------------------------------------


class Dim:
    """An immutable integer expression over named sizes; made by `size`, `as_dim` and operators.

    ``==`` and hash are structural. ``<`` is decided for all sizes, or a `SizeError`. With other
    operands, and in NumPy functions, a Dim becomes a variable of the graph. Asking it for a
    number (``range(n)``, ``np.zeros(n)``, ``np.asarray(n)``) raises `TraceError`.

    >>> n = size("n")
    >>> 2 * n + n - 1, (2 * n + 1) // 2, n // 2 < n
    (Dim('3*n - 1'), Dim('n'), True)
    """

    __slots__ = ("_hash", "_terms")
    _terms: tuple[tuple[_Monomial, int], ...]

    def __init__(self, terms: tuple[tuple[_Monomial, int], ...]) -> None:
        self._terms = terms
        self._hash = hash(terms)

    __add__, __radd__ = _binary("add", _add)
    __sub__, __rsub__ = _binary("sub", _subtract)
    __mul__, __rmul__ = _binary("mul", _multiply)
    __floordiv__, __rfloordiv__ = _binary("floordiv", _floordiv)
    __mod__, __rmod__ = _binary("mod", _mod)
    __truediv__, __rtruediv__ = _binary("truediv", _truediv)
    __pow__, __rpow__ = _binary("pow", _power)
    __lt__, _ = _binary("lt", functools.partial(_compare, "<"))
    __le__, _ = _binary("le", functools.partial(_compare, "<="))
    __gt__, _ = _binary("gt", functools.partial(_compare, ">"))
    __ge__, _ = _binary("ge", functools.partial(_compare, ">="))
    del _

    __index__ = _unavailable("an index, range(), np.zeros() or np.arange()")
    __int__ = _unavailable("int()")
    __float__ = _unavailable("float()")
    __len__ = _unavailable("len()")
    __iter__ = _unavailable("a loop")
    __array__ = _unavailable("an array")

    def __neg__(self) -> DimLike:
        return _multiply(self, -1)

    def __pos__(self) -> Dim:
        return self

    def __bool__(self) -> bool:
        if _divisor_sign(self):
            return True
        raise SizeError(f"{self} may be zero or not", "give its sizes a larger minimum")

    def __eq__(self, other: object) -> Any:
        return self._terms == other._terms if isinstance(other, Dim) else NotImplemented

    def __hash__(self) -> int:
        return self._hash

    def __repr__(self) -> str:
        return f"Dim('{_write(self, str)}')"

    def __str__(self) -> str:
        return expression(self, {})

    def __reduce__(self) -> tuple[Callable[..., DimLike], tuple[Any, ...]]:
        # A flat list, since pickling nested objects would recurse as deep as they are.
        atoms = _all_atoms(self)
        place = {atom: k for k, atom in enumerate(atoms)}

        def flat(value: DimLike) -> Any:
            return [([place[a] for a in monomial], c) for monomial, c in _terms(value)]

        calls = [(a.kind, *(map(flat, a.arguments) if a.kind else _only(a.sizes))) for a in atoms]
        return _restore, ([tuple(call) for call in calls], flat(self))

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        integers = all(isinstance(value, (Dim, *_INTEGERS)) for value in inputs)
        if integers and ufunc in _UFUNCS and method == "__call__" and not kwargs:
            return _UFUNCS[ufunc](*map(_plain, inputs))
        return getattr(ufunc, method)(*map(_value, inputs), **_lifted(kwargs))

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return function(*_lifted(args), **_lifted(kwargs))

    @property
    def sizes(self) -> tuple[Size, ...]:
        """The named sizes in it, with their minimums, by name."""
        return tuple(sorted(frozenset[Size]().union(*(a.sizes for a in _own_atoms(self)))))

    @property
    def names(self) -> frozenset[str]:
        """The names of the sizes in it."""
        return frozenset(name for name, _ in self.sizes)

    def substitute(self, sizes: Mapping[str, DimLike]) -> DimLike:
        """With the sizes replaced; a number below a size's minimum is a `SizeError`.

        >>> (2 * size("n") + size("m")).substitute({"n": 3, "m": size("k")})
        Dim('k + 6')
        """

        def leaf(named: Size) -> DimLike:
            if named.name not in sizes:
                return _single(_named(*named))
            return _checked(named, sizes[named.name])

        return _fold(self, leaf, {"//": _floordiv, "%": _mod, "min": minimum, "max": maximum})

    def to_sympy(self) -> Any:
        """The same expression in sympy, over integer symbols that know their sign."""
        import sympy

        def leaf(named: Size) -> Any:
            sign = {"positive": True} if named.minimum > 0 else {"nonnegative": True}
            return sympy.Symbol(named.name, integer=True, **sign)

        def floordiv(x: Any, y: Any) -> Any:
            return sympy.floor(sympy.sympify(x) / y)

        calls = {"//": floordiv, "%": sympy.Mod, "min": sympy.Min, "max": sympy.Max}
        return _fold(self, leaf, calls)


def _terms(value: DimLike) -> tuple[tuple[_Monomial, int], ...]:
    return value._terms if isinstance(value, Dim) else (((), value),) if value else ()


def _build(total: dict[_Monomial, int]) -> DimLike:
    """Canonical: highest degree first, then by atoms; a constant is an int."""
    terms = [term for term in total.items() if term[1]]
    if not terms or (len(terms) == 1 and not terms[0][0]):
        return terms[0][1] if terms else 0
    if len(terms) > 1:
        terms.sort(key=lambda term: (-len(term[0]), term[0]))
    return Dim(tuple(terms))


def _only(sizes: frozenset[Size]) -> Size:
    return next(iter(sizes))


def _lifted(arguments: Any) -> Any:
    if isinstance(arguments, dict):
        return {key: _lifted(value) for key, value in arguments.items()}
    if type(arguments) in (list, tuple):
        return type(arguments)(map(_lifted, arguments))
    return _value(arguments)


def _fold(value: DimLike, leaf: Callable[[Size], _T], calls: Mapping[str, Callable[..., _T]]) -> _T:
    """The value with ``leaf`` for sizes and ``calls`` for calls, arguments first."""
    known: dict[_Atom, Any] = {}

    def total(part: DimLike) -> Any:
        result: Any = 0
        for atoms, factor in _terms(part):
            product: Any = factor
            for atom in atoms:
                product = product * known[atom]
            result = result + product
        return result

    for atom in _all_atoms(value):
        known[atom] = (
            calls[atom.kind](*map(total, atom.arguments)) if atom.kind else leaf(_only(atom.sizes))
        )
    result: _T = total(value)
    return result


def _restore(calls: list[tuple[Any, ...]], terms: list[tuple[list[int], int]]) -> DimLike:
    atoms: list[_Atom] = []

    def value(flat: Any) -> DimLike:
        return _build({tuple(atoms[k] for k in monomial): c for monomial, c in flat})

    for kind, *arguments in calls:
        atoms.append(_call(kind, tuple(map(value, arguments))) if kind else _named(*arguments))
    return value(terms)


# --- making them ---------------------------------------------------------------------------


def set_lift(function: Callable[[Dim], Any] | None) -> None:
    """Set what turns a Dim into a variable; the graph layer calls this once."""
    global _lift
    _lift = function


def size(name: str, minimum: int = 1) -> Dim:
    """A named size of at least ``minimum``. `SizeError` unless the name is an identifier.

    >>> size("n") + 1
    Dim('n + 1')
    """
    if not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name):
        raise SizeError(f"{name!r} cannot name a size", "write an identifier, such as 'n'")
    if isinstance(minimum, bool) or not isinstance(minimum, _INTEGERS) or minimum < 0:
        raise SizeError(f"minimum of size {name} is {minimum!r}", "write an int of at least 0")
    return _single(_named(unicodedata.normalize("NFKC", name), int(minimum)))


def as_dim(value: int | str | Dim) -> DimLike:
    """The dimension of an int, a Dim, or text over names, ints, ``+ - * // % **``, min and max.

    `SizeError` for anything else and for what is always negative.

    >>> as_dim(3), as_dim("n"), as_dim("min(2*n + 1, 5) // 2")
    (3, Dim('n'), Dim('min(5, 2*n + 1)//2'))
    """
    if isinstance(value, Dim):
        return value
    if isinstance(value, str):
        result = _parse(value)
    elif isinstance(value, _INTEGERS) and not isinstance(value, bool):
        result = int(value)
    else:
        raise SizeError(f"an axis length cannot be {value!r}", "write an int or a name such as 'n'")
    if (high := upper_bound(result)) is not None and high < 0:
        raise SizeError(f"axis length {value} is negative", "write at least 0")
    return result


def as_shape(shape: int | str | Dim | Sequence[int | str | Dim]) -> Shape:
    """The shape of one axis length or a sequence of them; errors as in `as_dim`.

    >>> as_shape("n"), as_shape(("n", 2))
    ((Dim('n'),), (Dim('n'), 2))
    """
    if isinstance(shape, (str, Dim, *_INTEGERS)):
        return (as_dim(shape),)
    try:
        return tuple(map(as_dim, shape))
    except TypeError:
        raise SizeError(f"{shape!r} is no shape", "write a tuple of ints and names") from None


@functools.lru_cache(maxsize=1024)
def _parse(text: str) -> DimLike:
    try:
        return _read(ast.parse(text.strip(), mode="eval").body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise SizeError(
            f"{text[:80]!r} is no axis length", "write names, ints, + - * // %, min() and max()"
        ) from None


_OPERATORS: dict[type, Callable[[DimLike, DimLike], DimLike]] = {
    ast.Add: _add, ast.Sub: _subtract, ast.Mult: _multiply, ast.FloorDiv: _floordiv, ast.Mod: _mod,
}  # fmt: skip


def _read(node: ast.expr) -> DimLike:
    match node:
        case ast.Name(id=name):
            return size(name)
        case ast.Constant(value=int(value)) if not isinstance(value, bool):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _multiply(_read(operand), -1)
        case ast.BinOp(op=ast.Pow(), right=ast.Constant(value=int(n))) if 0 <= n <= _LARGEST_POWER:
            return _plain(_power(_read(node.left), n))
        case ast.BinOp(op=op) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_read(node.left), _read(node.right))
        case ast.Call(func=ast.Name(id="min" | "max" as kind), args=[_, *_], keywords=[]):
            return _extreme(kind, tuple(map(_read, node.args)))
    raise ValueError(ast.dump(node))


def minimum(first: DimLike, *others: DimLike) -> DimLike:
    """The least of the values, as a dimension.

    >>> minimum(5, size("n")), minimum(size("n"), size("n") + 1)
    (Dim('min(5, n)'), Dim('n'))
    """
    return _extreme("min", (_plain(first), *map(_plain, others)))


def maximum(first: DimLike, *others: DimLike) -> DimLike:
    """The greatest of the values, as a dimension.

    >>> maximum(size("n") - 5, 0), maximum(size("n"), 1)
    (Dim('max(0, n - 5)'), Dim('n'))
    """
    return _extreme("max", (_plain(first), *map(_plain, others)))


@functools.lru_cache(maxsize=4096)
def _extreme(kind: str, values: tuple[DimLike, ...]) -> DimLike:
    sign = 1 if kind == "min" else -1
    kept: list[DimLike] = []
    for value in values:
        inner, offset = _atom_and_offset(value)
        parts: Iterable[DimLike] = [value]
        if (
            inner is not None and inner.kind == kind
        ):  # max(max(a, b) + c, d) -> max(a + c, b + c, d)
            parts = [_add(argument, offset) for argument in inner.arguments]
        for part in parts:
            gaps = [(other, _multiply(_subtract(part, other), sign)) for other in kept]
            if not any((low := lower_bound(gap)) is not None and low >= 0 for _, gap in gaps):
                kept = [o for o, gap in gaps if (high := upper_bound(gap)) is None or high > 0]
                kept.append(part)
    if len(kept) == 1:
        return kept[0]
    kept.sort(key=lambda part: (isinstance(part, Dim), _key(part)))
    return _single(_call(kind, tuple(kept)))


def prod(shape: Iterable[DimLike]) -> DimLike:
    """The number of elements of an array of that shape.

    >>> prod((2, size("n"), size("n")))
    Dim('2*n**2')
    """
    product: DimLike = 1
    for dim in shape:
        product = _multiply(product, dim)
    return product


def names_of(shape: Iterable[DimLike]) -> frozenset[str]:
    """The names of all sizes in a shape."""
    return frozenset().union(*(dim.names for dim in shape if isinstance(dim, Dim)))


_UFUNCS: dict[Any, Callable[..., Any]] = {
    np.add: operator.add, np.subtract: operator.sub, np.multiply: operator.mul,
    np.floor_divide: operator.floordiv, np.remainder: operator.mod, np.power: operator.pow,
    np.less: operator.lt, np.less_equal: operator.le, np.greater: operator.gt,
    np.greater_equal: operator.ge, np.equal: operator.eq, np.not_equal: operator.ne,
    np.minimum: minimum, np.maximum: maximum, np.negative: operator.neg,
}  # fmt: skip


# --- reading and writing them --------------------------------------------------------------


def _checked(named: Size, value: DimLike) -> DimLike:
    if isinstance(value, _INTEGERS) and value < named.minimum:
        raise SizeError(
            f"size {named.name} is {value}, and is declared at least {named.minimum}",
            f"declare it with size({named.name!r}, minimum={max(int(value), 0)})",
        )
    return _plain(value)


def evaluate(value: DimLike, sizes: Mapping[str, int]) -> int:
    """The number at given sizes; `SizeError` where one is missing or below its minimum.

    >>> evaluate(as_dim("2*n + m//2"), {"n": 3, "m": 5})
    8
    """

    def leaf(named: Size) -> int:
        if named.name not in sizes:
            raise SizeError(f"size {named.name} of {value} is not given", f"give {named.name}")
        return int(_checked(named, sizes[named.name]))

    calls: dict[str, Callable[..., int]]
    calls = {"//": operator.floordiv, "%": operator.mod, "min": min, "max": max}
    return value if isinstance(value, int) else _fold(value, leaf, calls)


def expression(value: DimLike, rename: Mapping[str, str]) -> str:
    """A valid Python expression, the sizes renamed.

    >>> expression(as_dim("(n + 1)//2 * n1"), {"n": "n_1"})
    'n1*((n_1 + 1)//2)'
    """

    def name_of(atom: _Atom) -> str:
        name = _only(atom.sizes).name
        return rename.get(name, name)

    return _write(value, name_of)


def _write(value: DimLike, name_of: Callable[[_Atom], str]) -> str:
    written: list[str] = []
    stack: list[Any] = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, Dim):
            stack.extend(reversed(_sum_pieces(item)))
        elif isinstance(item, _Atom) and item.kind:
            stack.extend(reversed(_call_pieces(item)))
        else:
            written.append(name_of(item) if isinstance(item, _Atom) else str(item))
    return "".join(written)


def _sum_pieces(dim: Dim) -> list[Any]:
    first = next((term for term in dim._terms if term[1] > 0), dim._terms[0])
    pieces: list[Any] = []
    for term in (first, *(t for t in dim._terms if t is not first)):
        atoms, factor = term
        pieces.append((" - " if factor < 0 else " + ") if pieces else "-" * (factor < 0))
        factors: list[list[Any]] = [[abs(factor)]] if abs(factor) != 1 or not atoms else []
        # -(n//2) is not -n//2, and 2*(n//2) is not 2*n//2
        bare = len(atoms) == 1 and not factors and pieces[-1] != "-"
        for atom in dict.fromkeys(atoms):
            power = atoms.count(atom)
            body = [atom] if bare or atom.kind not in ("//", "%") else ["(", atom, ")"]
            factors.append([*body, f"**{power}"] if power > 1 else body)
        for k, body in enumerate(factors):
            pieces.extend(["*", *body] if k else body)
    return pieces


def _call_pieces(atom: _Atom) -> list[Any]:
    if atom.kind in ("min", "max"):
        inside = [piece for argument in atom.arguments for piece in (", ", argument)]
        return [f"{atom.kind}(", *inside[1:], ")"]
    left, right = atom.arguments
    divisor, offset = _atom_and_offset(right)
    simple = isinstance(right, int) or (divisor and not offset and divisor.kind not in ("//", "%"))
    return [
        *([left] if len(_terms(left)) <= 1 else ["(", left, ")"]),
        "//" if atom.kind == "//" else " % ",
        *([right] if simple else ["(", right, ")"]),
    ]


# --- bounds --------------------------------------------------------------------------------


def lower_bound(value: DimLike) -> int | None:
    """A number that the value never goes below at any sizes, None where none is found.

    >>> n = size("n")
    >>> lower_bound(2 * n - 1), lower_bound(n - minimum(5, n)), lower_bound(-n)
    (1, 0, None)
    """
    return value if isinstance(value, int) else _lower(value, _FUEL)


def upper_bound(value: DimLike) -> int | None:
    """A number that the value never exceeds at any sizes, None where none is found."""
    low = lower_bound(_multiply(value, -1))
    return None if low is None else -low


@functools.lru_cache(maxsize=8192)
def _lower(value: DimLike, fuel: int) -> int | None:
    """The better of interval arithmetic and of putting limits for the outermost call."""
    best = _interval(value)
    calls = [atom for atom in _own_atoms(value) if atom.kind]
    if not calls or fuel <= 0:
        return best
    call = max(calls, key=lambda atom: (atom.depth, atom))
    if any(atoms.count(call) > 1 for atoms, _ in _terms(value)):
        return best
    with_call = {atoms: factor for atoms, factor in _terms(value) if call in atoms}
    slope = _build({_without(atoms, (call,)) or (): c for atoms, c in with_call.items()})
    rest = _build({atoms: c for atoms, c in _terms(value) if atoms not in with_call})
    for rising in (True, False):
        tilt = _interval(slope if rising else _multiply(slope, -1))
        if tilt is not None and tilt >= 0:
            found = _lower_by_limits(call, slope, rest, rising, fuel)
            return max((low for low in (best, found) if low is not None), default=None)
    return best


def _lower_by_limits(
    call: _Atom, slope: DimLike, rest: DimLike, rising: bool, fuel: int
) -> int | None:
    """A lower bound of ``slope * call + rest``, where the slope's sign is known."""
    limits = _limits(call, rising)
    found: list[int | None] = []
    for scale, limit in limits:
        share, remainder = _split(slope, scale, exact=True)
        fuel_each = (fuel - 1) // len(limits)
        if remainder == 0:
            found.append(_lower(_add(_multiply(share, limit), rest), fuel_each))
        elif isinstance(scale, int):
            scaled = _lower(_add(_multiply(slope, limit), _multiply(scale, rest)), fuel_each)
            found.append(None if scaled is None else -(-scaled // scale))
    known = [low for low in found if low is not None]
    if call.kind == ("min" if rising else "max"):  # one of them holds, and which is not known
        return min(known) if known and len(known) == len(found) else None
    return max(known, default=None)


def _limits(call: _Atom, rising: bool) -> list[tuple[DimLike, DimLike]]:
    """Pairs (d, e): ``d * call >= e`` where rising, else ``d * call <= e``; d is positive.

    All hold, but for a rising minimum and a falling maximum, where one of them does.
    """
    if call.kind in ("min", "max"):
        return [(1, argument) for argument in call.arguments]
    value, divisor = call.arguments
    if (low := _interval(divisor)) is None or low <= 0:
        return []
    start = _interval(value)
    last = _subtract(divisor, 1)
    if call.kind == "%":
        limits: list[tuple[DimLike, DimLike]] = [(1, 0 if rising else last)]
    else:
        limits = [(divisor, _subtract(value, last) if rising else value)]
    if start is not None and start >= 0:
        limits.append((1, 0 if rising else value))
    return limits


def _interval(value: DimLike) -> int | None:
    """Each atom is its lower bound plus something from 0 to upper - lower; multiply out."""
    if isinstance(value, int):
        return value
    total: dict[_Monomial, int] = {}
    for atoms, factor in value._terms:
        if len(set(atoms)) > 10:  # 2**10 products
            return None
        part: dict[_Monomial, int] = {(): factor}
        for atom in atoms:
            if atom.low is None:
                return None
            raised = {(*monomial, atom): c for monomial, c in part.items()}
            for monomial, c in part.items() if atom.low else ():
                raised[monomial] = raised.get(monomial, 0) + c * atom.low
            part = raised
        for monomial, c in part.items():
            total[monomial] = total.get(monomial, 0) + c
    bound = total.pop((), 0)
    for monomial, c in total.items():
        if c < 0:
            for atom in monomial:
                if atom.high is None or atom.low is None:
                    return None
                c *= atom.high - atom.low
            bound += c
    return bound


def _call_range(kind: str, arguments: tuple[DimLike, ...]) -> tuple[int | None, int | None]:
    lows, highs = [*map(lower_bound, arguments)], [*map(upper_bound, arguments)]
    known_lows = [low for low in lows if low is not None]
    known_highs = [high for high in highs if high is not None]
    if kind == "min":
        all_known = len(known_lows) == len(lows)
        return min(known_lows) if all_known else None, min(known_highs, default=None)
    if kind == "max":
        all_known = len(known_highs) == len(highs)
        return max(known_lows, default=None), max(known_highs) if all_known else None
    (low, least), (high, most) = lows, highs
    if least is None or least <= 0:
        return None, None
    if kind == "%":
        ends = [] if most is None else [most - 1]
        ends += [high] if high is not None and low is not None and low >= 0 else []
        return 0, min(ends, default=None)
    return _quotient(low, least, most, up=False), _quotient(high, least, most, up=True)


def _quotient(value: int | None, least: int, most: int | None, up: bool) -> int | None:
    """The limit of ``value // d`` for d from least to most, below or (``up``) above."""
    if value is None:
        return None
    if (value >= 0) == up:
        return value // least
    return value // most if most is not None else -int(value < 0)


# --- where sizes are read ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Solution:
    """Where a size is read: ``name = (shape of argument[axis] - offset) // factor``.

    ``dim`` is that axis as declared, ``offset`` a dimension over names solved earlier.
    """

    name: str
    minimum: int
    argument: int
    axis: int
    dim: DimLike
    offset: DimLike = 0
    factor: int = 1


def solve(shapes: Sequence[Sequence[DimLike]]) -> list[Solution]:
    """In which input axis each named size is found, in an order in which they can be read.

    `SizeError` names a size that no axis determines.

    >>> [(s.name, s.axis, str(s.offset), s.factor) for s in solve([as_shape(("2*n + m", "m"))])]
    [('m', 1, '0', 1), ('n', 0, 'm', 2)]
    """
    axes = [
        (argument, axis, dim)
        for argument, shape in enumerate(shapes)
        for axis, dim in enumerate(shape)
        if isinstance(dim, Dim)
    ]
    least: dict[str, int] = {}
    for _, _, dim in axes:
        for name, low in dim.sizes:
            least[name] = max(low, least.get(name, 0))
    solved: dict[str, Solution] = {}
    for plain in (True, False):
        progress = True
        while progress and len(solved) < len(least):
            progress = False
            for argument, axis, dim in axes:
                unknown = [name for name in dim.names if name not in solved]
                read = _affine_in(dim, unknown[0]) if len(unknown) == 1 else None
                if read is None or (plain and read != (0, 1)):
                    continue
                (name,) = unknown
                solved[name] = Solution(name, least[name], argument, axis, dim, *read)
                progress = True
    if missing := [name for name in least if name not in solved]:
        name = missing[0]
        raise SizeError(
            f"size {name} cannot be found from the shapes of the inputs",
            f"give an input an axis of length {name}",
        )
    return list(solved.values())


def _affine_in(dim: Dim, name: str) -> tuple[DimLike, int] | None:
    """(offset, factor) where the dim is ``factor * name + offset``, factor at least 1."""
    own = {t: c for t, c in dim._terms if len(t) == 1 and not t[0].kind
           and _only(t[0].sizes).name == name}  # fmt: skip
    offset = _build({atoms: c for atoms, c in dim._terms if atoms not in own})
    factor = sum(own.values())
    return None if factor < 1 or name in names_of((offset,)) else (offset, factor)
