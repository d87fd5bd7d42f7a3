"""The class `Dim`, with Python's operators and NumPy's protocols."""

from __future__ import annotations

import functools
import operator
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

import numpy as np

from graphcomp import dims
from graphcomp.dims.algebra import (
    INTEGERS,
    LARGEST_POWER,
    add,
    build,
    multiply,
    plain,
    prod,
    single,
    subtract,
    terms_of,
)
from graphcomp.dims.atoms import (
    Atom,
    DimLike,
    Monomial,
    Size,
    all_atoms,
    own_atoms,
    size_atom,
    size_of,
)
from graphcomp.dims.bounds import call_atom, compare, divisor_sign
from graphcomp.dims.division import floordiv, mod
from graphcomp.dims.evaluation import checked, fold
from graphcomp.dims.extremes import maximum, minimum
from graphcomp.dims.writing import expression, write
from graphcomp.errors import SizeError, TraceError
from graphcomp.source import is_traced

_SEQUENCES = (list, tuple, str, bytes)


def set_lift(function: Callable[[Dim], Any] | None) -> None:
    """Set what turns a Dim into a variable; the graph layer calls this once."""
    dims._lift = function


def _value(operand: Any) -> Any:
    """The operand, a Dim handed over to the graph layer."""
    if not isinstance(operand, Dim):
        return operand
    if dims._lift is None:
        raise TraceError(f"{operand} is a symbolic size and has no value", "import graphcomp first")
    return dims._lift(operand)


def _lifted(arguments: Any) -> Any:
    if isinstance(arguments, dict):
        return {key: _lifted(value) for key, value in arguments.items()}
    if type(arguments) in (list, tuple):
        return type(arguments)(map(_lifted, arguments))
    return _value(arguments)


def _apply(exact: Callable[[Any, Any], Any], python: Any, left: Any, right: Any, other: Any) -> Any:
    if isinstance(other, (Dim, *INTEGERS)):
        return exact(plain(left), plain(right))
    if hasattr(type(other), "__array_ufunc__") or isinstance(other, _SEQUENCES):
        return NotImplemented  # their own operator runs: [0.0] * n asks n for a number
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


def _power(base: DimLike, exponent: DimLike) -> Any:
    if not isinstance(exponent, int) or not 0 <= exponent <= LARGEST_POWER:
        return _value(base) ** _value(exponent)
    return prod([base] * exponent)


def _truediv(left: DimLike, right: DimLike) -> Any:
    return _value(left) / _value(right)


class Dim:
    """An immutable integer expression over named sizes; made by `size`, `as_dim` and operators.

    ``==`` and hash are structural, but in a traced function, where a branch may hang on it,
    ``==`` is decided for all sizes, as ``<`` is everywhere, or a `SizeError`. With other
    operands, and in NumPy functions, a Dim becomes a variable of the graph. Asking it for a
    number (``range(n)``, ``np.zeros(n)``, ``np.asarray(n)``) raises `TraceError`.

    >>> from graphcomp.dims import size
    >>> n = size("n")
    >>> 2 * n + n - 1, (2 * n + 1) // 2, n // 2 < n
    (Dim('3*n - 1'), Dim('n'), True)
    """

    __slots__ = ("_hash", "_terms")
    _terms: tuple[tuple[Monomial, int], ...]

    def __init__(self, terms: tuple[tuple[Monomial, int], ...]) -> None:
        self._terms = terms
        self._hash = hash(terms)

    __add__, __radd__ = _binary("add", add)
    __sub__, __rsub__ = _binary("sub", subtract)
    __mul__, __rmul__ = _binary("mul", multiply)
    __floordiv__, __rfloordiv__ = _binary("floordiv", floordiv)
    __mod__, __rmod__ = _binary("mod", mod)
    __truediv__, __rtruediv__ = _binary("truediv", _truediv)
    __pow__, __rpow__ = _binary("pow", _power)
    __lt__, _ = _binary("lt", functools.partial(compare, "<"))
    __le__, _ = _binary("le", functools.partial(compare, "<="))
    __gt__, _ = _binary("gt", functools.partial(compare, ">"))
    __ge__, _ = _binary("ge", functools.partial(compare, ">="))
    del _

    __index__ = _unavailable("an index, range(), np.zeros() or np.arange()")
    __int__ = _unavailable("int()")
    __float__ = _unavailable("float()")
    __len__ = _unavailable("len()")
    __iter__ = _unavailable("a loop")
    __array__ = _unavailable("an array")

    def __neg__(self) -> DimLike:
        return multiply(self, -1)

    def __pos__(self) -> Dim:
        return self

    def __bool__(self) -> bool:
        if divisor_sign(self):
            return True
        raise SizeError(f"{self} may be zero or not", "give an axis a larger minimum, by 'n + 1'")

    def __eq__(self, other: object) -> Any:
        if isinstance(other, Dim) and self._terms == other._terms:
            return True
        if isinstance(other, (Dim, *INTEGERS)) and is_traced(sys._getframe(1)):
            return compare("==", self, plain(other))
        return False if isinstance(other, Dim) else NotImplemented

    def __hash__(self) -> int:
        return self._hash

    def __repr__(self) -> str:
        return f"Dim('{write(self, str)}')"

    def __str__(self) -> str:
        return expression(self, {})

    def __reduce__(self) -> tuple[Callable[..., DimLike], tuple[Any, ...]]:
        # A flat list, since pickling nested objects would recurse as deep as they are.
        atoms = all_atoms(self)
        place = {atom: k for k, atom in enumerate(atoms)}

        def flat(value: DimLike) -> Any:
            return [([place[a] for a in monomial], c) for monomial, c in terms_of(value)]

        calls = [(a.kind, *(map(flat, a.arguments) if a.kind else size_of(a))) for a in atoms]
        return _restore, ([tuple(call) for call in calls], flat(self))

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        integers = all(isinstance(value, (Dim, *INTEGERS)) for value in inputs)
        if integers and ufunc in _UFUNCS and method == "__call__" and not kwargs:
            return _UFUNCS[ufunc](*map(plain, inputs))
        return getattr(ufunc, method)(*map(_value, inputs), **_lifted(kwargs))

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return function(*_lifted(args), **_lifted(kwargs))

    @property
    def sizes(self) -> tuple[Size, ...]:
        """The named sizes in it, with their minimums, by name."""
        return tuple(sorted(frozenset[Size]().union(*(a.sizes for a in own_atoms(self)))))

    @property
    def names(self) -> frozenset[str]:
        """The names of the sizes in it."""
        return frozenset(name for name, _ in self.sizes)

    def substitute(self, sizes: Mapping[str, DimLike]) -> DimLike:
        """With the sizes replaced; a number below a size's minimum is a `SizeError`.

        >>> from graphcomp.dims import size
        >>> (2 * size("n") + size("m")).substitute({"n": 3, "m": size("k")})
        Dim('k + 6')
        """

        def leaf(named: Size) -> DimLike:
            if named.name not in sizes:
                return single(size_atom(*named))
            return checked(named, sizes[named.name])

        return fold(self, leaf, {"//": floordiv, "%": mod, "min": minimum, "max": maximum})

    def to_sympy(self) -> Any:
        """The same expression in sympy, over integer symbols that know their sign."""
        import sympy

        def leaf(named: Size) -> Any:
            sign = {"positive": True} if named.minimum > 0 else {"nonnegative": True}
            return sympy.Symbol(named.name, integer=True, **sign)

        def floordiv(x: Any, y: Any) -> Any:
            return sympy.floor(sympy.sympify(x) / y)

        calls = {"//": floordiv, "%": sympy.Mod, "min": sympy.Min, "max": sympy.Max}
        return fold(self, leaf, calls)


def _restore(calls: list[tuple[Any, ...]], terms: list[tuple[list[int], int]]) -> DimLike:
    """What `Dim.__reduce__` took apart. Pickles hold this function's name."""
    atoms: list[Atom] = []

    def value(flat: Any) -> DimLike:
        return build({tuple(atoms[k] for k in monomial): c for monomial, c in flat})

    for kind, *arguments in calls:
        atoms.append(
            call_atom(kind, tuple(map(value, arguments))) if kind else size_atom(*arguments)
        )
    return value(terms)


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
