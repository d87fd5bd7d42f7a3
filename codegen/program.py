"""The lowered form between graph and text: functions of statements in order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from codegen.fragment import Code, Fragment
from graphcomp.dims import Shape
from graphcomp.types import DType


class Name(NamedTuple):
    """A name used as a value."""

    text: str


class Apply(NamedTuple):
    """A fragment with its operands."""

    fragment: Fragment
    operands: tuple[Expression, ...] = ()


Expression = Name | Apply | Code


class Remark(NamedTuple):
    """What the comment on a statement may say: the shape, and the user's own expression."""

    shape: str = ""
    source: str = ""


class Assign(NamedTuple):
    """``target = value``."""

    target: str
    value: Expression
    remark: Remark = Remark()


@dataclass(frozen=True, slots=True)
class AssignTuple:
    """``w, V = value``."""

    targets: tuple[str, ...]
    value: Expression


@dataclass(frozen=True, slots=True)
class Update:
    """A statement that changes its first operand in place."""

    value: Apply


@dataclass(frozen=True, slots=True)
class Sizes:
    """The table in which the checks keep the lengths that they meet."""

    table: str


@dataclass(frozen=True, slots=True)
class Check:
    """Convert and check an argument: an entry of ``shape`` is a length, or its text.

    ``table`` keeps the lengths that have a text for other checks; empty where none is shared.
    """

    argument: str
    dtype: DType
    shape: tuple[int | str, ...]
    table: str


@dataclass(frozen=True, slots=True)
class Know:
    """Enter a length in the table of sizes, with the argument that it comes from."""

    table: str
    size: str
    length: Code
    origin: str


@dataclass(frozen=True, slots=True)
class ReadSizes:
    """``n, p = X.shape``."""

    names: tuple[str, ...]
    argument: str


@dataclass(frozen=True, slots=True)
class ReadSize:
    """``name = (length - offset) // factor``, with a check where ``origin`` names the argument.

    Without a name the check is all there is to it.
    """

    name: str
    length: str
    offset: Code | None = None
    factor: int = 1
    minimum: int = 1
    origin: str = ""
    size: str = ""


@dataclass(frozen=True, slots=True)
class Return:
    """Return the values; ``single``: one value bare, not a tuple."""

    values: tuple[Expression, ...]
    single: bool


Statement = Assign | AssignTuple | Update | Sizes | Check | Know | ReadSize | ReadSizes | Return


@dataclass(frozen=True, slots=True)
class Slot:
    """An argument or result as the signature and docstring know it.

    ``exact``: by NumPy's own type hints the result is of this dtype. ``declared`` says in words
    what an argument must be: ``positive definite``.
    """

    name: str
    dtype: DType
    shape: Shape
    exact: bool = True
    declared: str = ""


@dataclass(slots=True)
class Function:
    """A function: its signature, checks of arguments and reads of sizes, and what it computes."""

    name: str
    arguments: list[Slot]
    results: list[Slot]
    single: bool
    head: list[Statement]
    body: list[Statement]
    summary: str = ""
    about: str = ""


@dataclass(slots=True)
class Program:
    """A file: constants, helpers (modules of SciPy's among them) and functions."""

    functions: list[Function] = field(default_factory=list)
    constants: dict[str, Code] = field(default_factory=dict)
    helpers: set[str] = field(default_factory=set)
