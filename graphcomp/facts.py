"""Facts about a value: what is known of every element, or of a matrix, whatever the inputs.

Facts of elements are about values *as computed*, rounding and underflow included: ``exp(x)`` is
``>= 0``, since it underflows to 0; ``1 + exp(x)`` is ``>= 1``. So no rule that rests on them can
change a value. Facts of matrices (the last two axes) hold to rounding, as they do in the books:
``A.T @ A`` is positive semidefinite.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from enum import IntEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from graphcomp.types import DType, TensorType

if TYPE_CHECKING:
    from graphcomp.graph import Variable
    from graphcomp.ops.base import Op

INF = math.inf


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
    if not any(getattr(facts, name) for name in _OF_MATRICES):
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
