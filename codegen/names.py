"""Identifiers of generated code: the user's own where possible, never a clash, always the same."""

from __future__ import annotations

import builtins
import functools
import keyword
import re
import unicodedata
from collections.abc import Iterable

from graphcomp.errors import DuplicateInputError, IdentifierError
from graphcomp.ops import runtime
from graphcomp.ops.scipy_modules import SCIPY_MODULES

_RESERVED = frozenset({*dir(builtins), *keyword.kwlist, "np", "_"})
_IN_HEADER = frozenset({"NDArray", "Any", "Array"})
_LONGEST = 60


def public_name(name: object, what: str) -> str:
    """The name of a function or argument as Python reads it (NFKC); IdentifierError if unfit."""
    if not isinstance(name, str):
        raise IdentifierError(f"the name of {what} is a string, not {name!r}")
    normal = unicodedata.normalize("NFKC", name)
    reason = _reason(normal)
    if reason:
        shown = ascii(name[:40])
        raise IdentifierError(
            f"{shown} cannot be the name of {what}: it {reason}",
            f"choose another, such as {_suggestion(normal)!r}",
        )
    return normal


def _reason(name: str) -> str:
    if not name.isidentifier():
        return "is no identifier"
    if keyword.iskeyword(name):
        return "is a keyword of Python"
    if name.startswith("_"):
        return "starts with an underscore, as generated helpers do"
    if name in _RESERVED:
        return "is a builtin of Python" if name != "np" else "is what the file calls NumPy"
    if name in _IN_HEADER:
        return "is what the file calls a type"
    if len(name) > _LONGEST:
        return f"is longer than {_LONGEST} characters"
    return ""


def _suggestion(name: str) -> str:
    base = sanitised(name)
    return base if not _reason(base) else f"{base}_1" if not _reason(f"{base}_1") else "x"


@functools.lru_cache(maxsize=1024)
def sanitised(name: str) -> str:
    """An identifier that resembles any text: ``my layer`` -> ``my_layer``; empty where none."""
    normal = unicodedata.normalize("NFKC", name)
    text = re.sub(r"\W+", "_", normal, flags=re.UNICODE).strip("_")[:_LONGEST]
    if text and not text.isidentifier():
        text = f"v_{text}"
    return text if text.isidentifier() else ""


def check_not_modules(names: Iterable[str]) -> None:
    """IdentifierError for a name that a file with SciPy has for a module."""
    for name in names:
        if name in SCIPY_MODULES:
            raise IdentifierError(
                f"{name!r} cannot be a name here: it is what the file calls scipy.{name}",
                f"choose another, such as {name + '_1'!r}",
            )


def check_inputs(names: Iterable[str]) -> None:
    """DuplicateInputError where a name comes twice."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise DuplicateInputError(
                f"two inputs are named {name}", "give each input a name of its own"
            )
        seen.add(name)


class Names:
    """The names in use in one function; ``new`` makes more."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = {*_RESERVED, *_IN_HEADER, *runtime.helpers, *taken}
        self._next: dict[str, int] = {}

    def is_free(self, wish: str) -> bool:
        """Whether ``new`` would give the wished name as it is."""
        return bool(wish) and sanitised(wish) == wish and wish not in self._taken

    def new(self, wish: str, number: bool = False) -> str:
        """The wished name, or it with the first free number behind; ``t`` where it has no letters.

        ``number``: with a number in any case, such as ``t1``.
        """
        base = sanitised(wish) or "t"
        if not number and base not in self._taken:
            self._taken.add(base)
            return base
        joint = "" if number else "_"
        k = self._next.get(base, 1)
        while f"{base}{joint}{k}" in self._taken:
            k += 1
        self._next[base] = k + 1
        name = f"{base}{joint}{k}"
        self._taken.add(name)
        return name
