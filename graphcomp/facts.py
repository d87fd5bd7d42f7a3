"""Facts about a value: what is known of every element, or of a matrix, whatever the inputs.

Facts of elements are about values *as computed*, rounding and underflow included: ``exp(x)`` is
``>= 0``, since it underflows to 0; ``1 + exp(x)`` is ``>= 1``. So no rule that rests on them can
change a value. Facts of matrices (the last two axes) hold to rounding, as they do in the books:
``A.T @ A`` is positive semidefinite.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from enum import IntEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from graphcomp.errors import OptionError, ShapeError
from graphcomp.types import DType, TensorType, format_shape

if TYPE_CHECKING:
    from graphcomp.graph import Variable
    from graphcomp.ops.base import Op

INF = math.inf

Array = np.ndarray[Any, Any]


class Sure(IntEnum):
    """When a fact holds: never known; where the graph's inputs are finite; always."""

    NO = 0
    GIVEN = 1
    ALWAYS = 2


@dataclass(frozen=True, slots=True, repr=False)
class Facts:
    """What is known of a value; the default knows nothing.

    ``low <= x <= high`` for each real element that is no NaN. ``nonzero``: no element is 0;
    ``plus_zero``: none is -0.0. ``integer``: each finite element is a whole number. ``finite``
    and ``never_nan`` are true where that is so for finite inputs of the graph, and
    ``Sure.ALWAYS`` where it is so for all that it may be given.

    ``symmetric`` is A = A.T, ``hermitian`` A = A.conj().T (one thing, for real ones);
    ``orthonormal`` has orthonormal columns, ``unitary`` is square too.
    """

    low: float = -INF
    high: float = INF
    nonzero: bool = False
    plus_zero: bool = False
    integer: bool = False
    finite: Sure = Sure.NO
    never_nan: Sure = Sure.NO
    symmetric: bool = False
    hermitian: bool = False
    positive_semidefinite: bool = False
    positive_definite: bool = False
    orthonormal: bool = False
    unitary: bool = False
    lower_triangular: bool = False
    upper_triangular: bool = False

    @property
    def positive(self) -> bool:
        """Every element is > 0, or NaN where ``never_nan`` does not exclude that."""
        return self.low > 0 or (self.low == 0 and self.nonzero)

    @property
    def negative(self) -> bool:
        """Every element is < 0, or NaN."""
        return self.high < 0 or (self.high == 0 and self.nonzero)

    @property
    def nonnegative(self) -> bool:
        """Every element is >= 0, or NaN."""
        return self.low >= 0

    @property
    def nonpositive(self) -> bool:
        """Every element is <= 0, or NaN."""
        return self.high <= 0

    @property
    def diagonal(self) -> bool:
        """Only the diagonal has elements other than 0."""
        return self.lower_triangular and self.upper_triangular

    @property
    def orthogonal(self) -> bool:
        """Q.T @ Q = Q @ Q.T = I, with the conjugate transpose where Q is complex."""
        return self.unitary

    @property
    def least(self) -> float:
        """The least magnitude that an element may have."""
        return max(self.low, -self.high, 0.0)

    @property
    def most(self) -> float:
        """The greatest magnitude that an element may have."""
        return max(self.high, -self.low, 0.0)

    def __repr__(self) -> str:
        known = {f.name: getattr(self, f.name) for f in fields(self)}
        kept = [f"{k}={v!r}" for k, v in known.items() if v != getattr(NOTHING, k)]
        return f"Facts({', '.join(kept)})"

    def but(self, **known: Any) -> Facts:
        """These facts with some of them replaced."""
        return replace(self, **known)

    def elements(self) -> Facts:
        """Only what is known of elements, wherever they stand."""
        return replace(NOTHING, **{name: getattr(self, name) for name in _OF_ELEMENTS})

    def matrix(self, other: Facts) -> Facts:
        """These facts of elements, and the other's of matrices."""
        return replace(self, **{name: getattr(other, name) for name in _OF_MATRICES})

    def __and__(self, other: Facts) -> Facts:
        """What holds of a value of which both are true."""
        best = {name: max(getattr(self, name), getattr(other, name)) for name in _NAMES}
        return Facts(**{**best, "high": min(self.high, other.high)})

    def __or__(self, other: Facts) -> Facts:
        """What holds of a value made of elements of the one and of the other."""
        common = {name: min(getattr(self, name), getattr(other, name)) for name in _NAMES}
        return Facts(**{**common, "high": max(self.high, other.high)})

    def of(self, type: TensorType) -> Facts:
        """With what follows from these facts and the type, without what the type excludes."""
        return _settled(self, type)


_NAMES = tuple(field.name for field in fields(Facts))
_OF_MATRICES = _NAMES[_NAMES.index("symmetric") :]
_OF_ELEMENTS = tuple(name for name in _NAMES if name not in _OF_MATRICES)
_OF_SQUARES = (
    "symmetric",
    "hermitian",
    "positive_semidefinite",
    "positive_definite",
    "unitary",
)

NOTHING = Facts()


def is_square(type: TensorType) -> bool:
    """Whether the last two axes have one length."""
    return len(type.shape) > 1 and type.shape[-1] == type.shape[-2]


def rounded(value: float, dtype: DType) -> float:
    """A bound as a number of the dtype. Rounding is monotone: it stays a bound of what is
    computed, and rounded, in that dtype."""
    if dtype.kind != "f" or dtype.itemsize >= 8 or math.isinf(value):
        return value
    if abs(value) > float(np.finfo(dtype).max):
        return math.copysign(INF, value)
    return float(dtype.type(value))


def _settled(facts: Facts, type: TensorType) -> Facts:
    kind = type.dtype.kind
    if facts is NOTHING and kind in "fc":
        return facts
    low, high, finite = facts.low, facts.high, facts.finite
    never_nan, plus_zero, integer = facts.never_nan, facts.plus_zero, facts.integer
    if kind == "c":
        low, high, plus_zero, integer = -INF, INF, False, False
    elif kind == "f":
        low, high = rounded(low, type.dtype), rounded(high, type.dtype)
        if low > -INF and high < INF:
            finite = max(finite, never_nan)
    else:
        least, most = (-INF, INF) if type.weak and kind != "b" else _integer_range(type.dtype)
        low, high = max(low, least), min(high, most)
        finite, plus_zero, integer = Sure.ALWAYS, True, True
    if integer and facts.nonzero:
        low, high = 1.0 if low == 0 else low, -1.0 if high == 0 else high
    nonzero = facts.nonzero or low > 0 or high < 0
    return replace(
        facts,
        low=low,
        high=high,
        nonzero=nonzero,
        plus_zero=plus_zero or (nonzero and kind != "c"),
        integer=integer,
        finite=finite,
        never_nan=max(finite, never_nan),
        **_of_matrix(facts, type, low),
    )


@lru_cache(maxsize=64)
def _integer_range(dtype: DType) -> tuple[float, float]:
    if dtype.kind == "b":
        return 0.0, 1.0
    return float(np.iinfo(dtype).min), float(np.iinfo(dtype).max)


def _of_matrix(facts: Facts, type: TensorType, low: float) -> dict[str, bool]:
    """What is known of the last two axes, and what follows from it."""
    if not any([getattr(facts, name) for name in _OF_MATRICES]):
        return {}
    if len(type.shape) < 2:
        return dict.fromkeys(_OF_MATRICES, False)
    if not is_square(type):
        return dict.fromkeys(_OF_SQUARES, False)
    real = type.dtype.kind != "c"
    definite = facts.positive_definite
    diagonal = facts.diagonal
    semidefinite = facts.positive_semidefinite or definite or (real and diagonal and low >= 0)
    both = facts.symmetric or facts.hermitian
    hermitian = facts.hermitian or semidefinite or (real and (both or diagonal))
    unitary = facts.unitary or facts.orthonormal
    symmetric = facts.symmetric or diagonal or (real and hermitian)
    triangular = facts.lower_triangular or facts.upper_triangular
    mirrored = symmetric or hermitian
    return {
        "symmetric": symmetric,
        "hermitian": hermitian,
        "positive_semidefinite": semidefinite,
        "positive_definite": definite,
        "unitary": unitary,
        "orthonormal": unitary,
        "lower_triangular": facts.lower_triangular or (triangular and mirrored),
        "upper_triangular": facts.upper_triangular or (triangular and mirrored),
    }


# ------------------------------------------------------------------ what operations let be known

Known = Callable[["Variable"], Facts]
Derivation = Callable[["Variable", Known], Facts]
_O = TypeVar("_O", bound=Derivation)

derivations: dict[type[Op], Derivation] = {}


def knows(*ops: type[Op]) -> Callable[[_O], _O]:
    """Enter what is known of the results of operations, which without this is nothing.

    The function gets a variable that one of ``ops`` computes, and ``known``, which gives the
    facts of whatever it is computed from. The families' own stand in ``rewrite/facts``; an
    operation that stands alone has its beside the class.
    """

    def enter(derivation: _O) -> _O:
        for op in ops:
            derivations[op] = derivation
        return derivation

    return enter


# -------------------------------------------------------------------------- what users declare

_SIGNS: dict[str, dict[str, Any]] = {
    "positive": {"low": 0.0, "nonzero": True, "never_nan": Sure.ALWAYS},
    "nonnegative": {"low": 0.0, "never_nan": Sure.ALWAYS},
    "negative": {"high": 0.0, "nonzero": True, "never_nan": Sure.ALWAYS},
    "nonpositive": {"high": 0.0, "never_nan": Sure.ALWAYS},
    "nonzero": {"nonzero": True},
    "integer": {"integer": True, "never_nan": Sure.ALWAYS},
    "finite": {"finite": Sure.ALWAYS},
}
_MATRICES: dict[str, dict[str, Any]] = {
    "symmetric": {"symmetric": True},
    "hermitian": {"hermitian": True},
    "positive_definite": {"positive_definite": True},
    "positive_semidefinite": {"positive_semidefinite": True},
    "orthogonal": {"unitary": True},
    "unitary": {"unitary": True},
    "diagonal": {"lower_triangular": True, "upper_triangular": True},
    "lower_triangular": {"lower_triangular": True},
    "upper_triangular": {"upper_triangular": True},
}
ASSUMPTIONS = (*_SIGNS, "bounds", *_MATRICES)


@dataclass(frozen=True)
class Declared:
    """Facts that the user vouches for, in the user's words: what an input carries."""

    words: tuple[str, ...] = ()
    bounds: tuple[float, float] | None = None

    def __bool__(self) -> bool:
        return bool(self.words) or self.bounds is not None

    def __str__(self) -> str:
        """``symmetric, positive definite``, ``in [0, 1]``."""
        words = [word.replace("_", " ") for word in self.words]
        if self.bounds is not None:
            low, high = self.bounds
            if low == -INF or high == INF:
                words.append(f"<= {high:g}" if low == -INF else f">= {low:g}")
            else:
                words.append(f"in [{low:g}, {high:g}]")
        return ", ".join(words)

    def facts(self, type: TensorType) -> Facts:
        """What they say of a value of the type."""
        if not self:
            return NOTHING
        found = Facts(*self.bounds, never_nan=Sure.ALWAYS) if self.bounds else NOTHING
        for word in self.words:
            found = found & Facts(**(_SIGNS.get(word) or _MATRICES[word]))
        return found.of(type)

    def violation(self, value: Any) -> str:
        """The first of them, in words, that an array does not meet; empty where it meets all."""
        array = np.asarray(value)
        for word in self.words:
            if not _CHECKS[word](array):
                return word.replace("_", " ")
        if self.bounds is not None:
            low, high = (rounded(bound, array.dtype) for bound in self.bounds)
            if not np.all((array >= low) & (array <= high)):
                return str(Declared(bounds=self.bounds))
        return ""


UNDECLARED = Declared()


def declare(name: str, type: TensorType, assumptions: Mapping[str, Any]) -> Declared:
    """The facts of ``positive=True, bounds=(0, 1)`` on a value of this name and type.

    Raises OptionError for an unknown word, a value other than True or False, bounds that are no
    two numbers, and facts that contradict each other; ShapeError for facts of matrices on what
    has no such axes.
    """
    words, bounds = [], None
    for word, value in assumptions.items():
        if word == "bounds":
            bounds = None if value is None else _bounds(name, value)
        elif word not in ASSUMPTIONS:
            raise OptionError(
                f"{name} is declared {word!r}, which says nothing known",
                f"give some of {', '.join(ASSUMPTIONS)}",
            )
        elif not isinstance(value, (bool, np.bool_)):
            raise OptionError(
                f"{name} is declared {word}={value!r}", f"give {word}=True, or leave it out"
            )
        elif value:
            words.append(word)
    declared = Declared(tuple(word for word in ASSUMPTIONS if word in words), bounds)
    _check_type(name, declared, type)
    _check_consistent(name, declared)
    return declared


def _bounds(name: str, value: Any) -> tuple[float, float]:
    try:
        low, high = value
        low, high = -INF if low is None else float(low), INF if high is None else float(high)
    except (TypeError, ValueError):
        low, high = INF, -INF
    if not low <= high:
        raise OptionError(
            f"{name} is declared bounds={value!r}",
            "give two numbers (low, high), low <= high, None where there is no bound",
        )
    return low, high


def _check_type(name: str, declared: Declared, type: TensorType) -> None:
    ordered = ("positive", "nonnegative", "negative", "nonpositive", "integer")
    for word in declared.words:
        what = f"{name} is declared {word.replace('_', ' ')}"
        if word in _MATRICES and len(type.shape) < 2:
            raise ShapeError(
                f"{what}, and has shape {format_shape(type.shape)}", "only matrices can be"
            )
        if word in _MATRICES and not word.endswith("triangular") and not is_square(type):
            raise ShapeError(
                f"{what}, and has shape {format_shape(type.shape)}",
                "give its last two axes one length",
            )
        if type.dtype.kind == "c" and word in ordered:
            raise OptionError(f"{what}, and is complex", "complex numbers have no order")
        if type.dtype.kind == "c" and word == "orthogonal":
            raise OptionError(f"{what}, and is complex", "say unitary=True")
    if declared.bounds is not None and type.dtype.kind == "c":
        raise OptionError(f"{name} is declared bounds, and is complex", "give bounds of its parts")


_OPPOSITES = (
    ("positive", "negative"),
    ("positive", "nonpositive"),
    ("nonnegative", "negative"),
)


def _check_consistent(name: str, declared: Declared) -> None:
    words = {*declared.words}
    for one, other in _OPPOSITES:
        if one in words and other in words:
            raise OptionError(f"{name} is declared {one} and {other}", "leave one of them out")
    zero = {"nonnegative", "nonpositive"} <= words and "nonzero" in words
    low, high = declared.bounds or (-INF, INF)
    empty = (
        (high < 0 and "nonnegative" in words)
        or (low > 0 and "nonpositive" in words)
        or (high <= 0 and "positive" in words)
        or (low >= 0 and "negative" in words)
        or (low == high == 0 and "nonzero" in words)
    )
    if "positive_definite" in words:  # its diagonal is positive
        empty = empty or bool(words & {"negative", "nonpositive"}) or high <= 0
    if zero or empty:
        raise OptionError(
            f"{name} is declared {declared}, which no value is", "leave one of them out"
        )


# ---------------------------------------------------------------- whether arrays meet what is said


def _close(a: Array, b: Array) -> bool:
    kind = np.result_type(a.dtype, b.dtype)
    epsilon = float(np.finfo(kind).eps) if kind.kind in "fc" else 0.0
    scale = float(np.max(np.abs(a), initial=0.0)) or 1.0
    slack = 1e3 * epsilon * scale * max(a.shape[-1], 1)
    return bool(np.all(np.abs(a - b) <= slack))


def _transposed(a: Array) -> Array:
    return np.swapaxes(a, -1, -2)


def _is_hermitian(a: Array) -> bool:
    return _close(a, np.conj(_transposed(a)))


def _is_unitary(a: Array) -> bool:
    product = np.conj(_transposed(a)) @ a
    return _close(product, np.broadcast_to(np.eye(a.shape[-1], dtype=a.dtype), product.shape))


def _spectrum(a: Array) -> tuple[Array, float]:
    """Eigenvalues, and what rounding may have done to them."""
    kind = a.dtype if a.dtype.kind in "fc" and a.dtype.itemsize > 2 else np.dtype(np.float64)
    values = np.linalg.eigvalsh(a.astype(kind))
    size = max(a.shape[-1], 1) * float(np.max(np.abs(values), initial=0.0))
    return values, 10 * float(np.finfo(kind).eps) * size


def _is_semidefinite(a: Array) -> bool:
    if not (np.all(np.isfinite(a)) and _is_hermitian(a)):
        return False
    values, slack = _spectrum(a)
    return bool(np.all(values >= -slack))


def _is_definite(a: Array) -> bool:
    """As far as Cholesky's factorisation would tell."""
    if not (np.all(np.isfinite(a)) and _is_hermitian(a)):
        return False
    return bool(np.all(_spectrum(a)[0] > 0))


def _whole_numbers(a: Array) -> bool:
    return a.dtype.kind in "biu" or bool(np.all((np.rint(a) == a) | ~np.isfinite(a)))


_CHECKS: dict[str, Any] = {
    "positive": lambda a: bool(np.all(a > 0)),
    "nonnegative": lambda a: bool(np.all(a >= 0)),
    "negative": lambda a: bool(np.all(a < 0)),
    "nonpositive": lambda a: bool(np.all(a <= 0)),
    "nonzero": lambda a: bool(np.all(a != 0)),
    "integer": lambda a: _whole_numbers(a) and not np.any(np.isnan(a)),
    "finite": lambda a: bool(np.all(np.isfinite(a))),
    "symmetric": lambda a: _close(a, _transposed(a)),
    "hermitian": _is_hermitian,
    "positive_definite": _is_definite,
    "positive_semidefinite": _is_semidefinite,
    "orthogonal": _is_unitary,
    "unitary": _is_unitary,
    "diagonal": lambda a: bool(np.all((a == 0) | np.eye(a.shape[-1], dtype=bool))),
    "lower_triangular": lambda a: not np.any(np.triu(a, 1)),
    "upper_triangular": lambda a: not np.any(np.tril(a, -1)),
}
