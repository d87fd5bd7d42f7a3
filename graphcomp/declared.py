"""Facts that the user vouches for: how they are declared, and whether an array meets them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphcomp.errors import OptionError, ShapeError
from graphcomp.facts import INF, NOTHING, Facts, Sure, is_square, rounded
from graphcomp.types import TensorType, format_shape

Array = np.ndarray[Any, Any]

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
        """``symmetric positive definite``, ``in [0, 1]``."""
        words = [word.replace("_", " ") for word in self.words]
        if self.bounds is not None:
            low, high = self.bounds
            if low == -INF or high == INF:
                words.append(f"<= {high:g}" if low == -INF else f">= {low:g}")
            else:
                words.append(f"in [{low:g}, {high:g}]")
        return " ".join(words)

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
    if a.dtype.kind not in "fc":
        return bool(np.array_equal(a, b))
    scale = float(np.max(np.abs(a), initial=0.0)) or 1.0
    slack = 1e3 * float(np.finfo(a.dtype).eps) * scale * max(a.shape[-1], 1)
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
    "diagonal": lambda a: bool(np.all((a == 0) | (np.eye(*a.shape[-2:]) > 0))),
    "lower_triangular": lambda a: not np.any(np.triu(a, 1)),
    "upper_triangular": lambda a: not np.any(np.tril(a, -1)),
}
