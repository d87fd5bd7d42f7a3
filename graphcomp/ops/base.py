"""What an operation is: a small frozen class with all that is known of it in one place.

A concrete class gives: ``infer`` (its type rule), ``expression`` (its meaning, one NumPy
expression over its parameters and attributes), ``bprop`` or partial derivatives, ``batch`` (its
vmap rule, where it needs one), ``samples`` and ``bad`` (inputs that the tests walk) and
``oracle`` (an independent way to its value). Declaring the class enters it in the registry.
"""

from __future__ import annotations

import dataclasses
import hashlib
import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from graphcomp import dims
from graphcomp.declared import UNDECLARED, Declared
from graphcomp.dims import Dim, DimLike, Shape
from graphcomp.errors import (
    DTypeError,
    GraphError,
    NotDifferentiableError,
    ShapeError,
    ValueKindError,
)
from graphcomp.graph import Variable, find, intern
from graphcomp.ops import runtime
from graphcomp.registry import call
from graphcomp.types import DType, TensorType, TupleType, weak_type

registry: dict[str, type[Op]] = {}

Python = bool | int | float | complex

NO_DERIVATIVE = "cut the path with gr.stop_gradient, or give it a derivative with gr.custom_vjp"

LARGEST_CONSTANT = 64  # elements: what a generated file spells out


@dataclass(frozen=True)
class Meaning:
    """An operation as a NumPy expression.

    ``text`` is one Python expression. Its free names are the operation's parameters, the names
    in ``literals``, ``np``, and the helpers of ``ops/runtime``, and SciPy's
    ``special`` and ``linalg``. Literals are ints, floats,
    strings, None, slices, dtypes, dimensions, and tuples of these. A keyword argument
    whose literal equals its value in ``defaults`` is left out when it is written down.
    """

    text: str
    literals: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    defaults: Mapping[str, Any] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True)
class Operand:
    """A random array for a test: its shape, dtype, range, and what else must hold of it.

    ``kind`` is ``"real"`` (uniform in [low, high]), ``"spd"`` (symmetric positive definite),
    ``"distinct"`` (no two values nearer than 0.05), or ``"fixed"`` (``value`` itself).
    """

    shape: tuple[int, ...] = ()
    low: float = -2.0
    high: float = 2.0
    dtype: str = "float64"
    kind: str = "real"
    value: Any = None


@dataclass(frozen=True)
class Sample:
    """One use of an operation for the tests to walk.

    ``op`` is the operation with its attributes, ``operands`` what it is applied to.
    ``second`` says whether second derivatives are checked too.
    """

    op: Op
    operands: tuple[Operand, ...]
    second: bool = True


@dataclass(frozen=True)
class Bad:
    """A use that must be refused with an error of this class."""

    op: Op
    operands: tuple[Operand, ...]
    error: type[GraphError]


class Op:
    """Base of all operations. Subclasses with attributes are frozen dataclasses, ``eq=False``.

    ``bprop(inputs, output, i, G)`` returns the gradient on input i, given G, the gradient on the
    output: a vector-Jacobian product with plain transposes, never conjugated. Its result may
    be broadcast against the input or of a wider dtype: back-propagation sums and casts it.
    """

    name: ClassVar[str]
    expression: ClassVar[str] = ""
    scipy: ClassVar[str] = ""  # the same by SciPy, "special.erf(x)", or all there is
    parameters: ClassVar[tuple[str, ...]] = ("x",)  # ("*xs",): any number: xs0, xs1, …
    is_view: ClassVar[bool] = False  # the result may share memory with an input
    takes_out: ClassVar[bool] = False  # the NumPy function has out=
    has_effect: ClassVar[bool] = False  # it draws from a generator: a statement of its own
    # Inputs read as symmetric matrices: their gradient is that along symmetric changes.
    symmetric_inputs: ClassVar[frozenset[int]] = frozenset()
    flops_per_element: ClassVar[float] = 1.0
    # Functions of the operation's own that its expression calls, beside those of ops/runtime.
    helpers: ClassVar[tuple[Callable[..., Any], ...]] = ()
    oracle: ClassVar[Any] = None  # "mp.exp(x)" for elementwise ones, else a function of arrays

    def __init_subclass__(cls, abstract: bool = False, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "name" not in cls.__dict__:
            cls.name = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()
        for helper in cls.helpers:
            runtime.enter(helper)
        if not abstract:
            registry[cls.name] = cls

    # ------------------------------------------------------------------------------- identity

    @property
    def attributes(self) -> dict[str, Any]:
        if not dataclasses.is_dataclass(self):
            return {}
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}

    @cached_property
    def key(self) -> tuple[Any, ...]:
        """What tells operations apart: class, and type and repr of each attribute."""
        return self._make_key()

    def _make_key(self) -> tuple[Any, ...]:
        return (type(self), *((type(v), repr(v)) for v in self.attributes.values()))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Op) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "key"}

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    def describe(self) -> str:
        """The name with its attributes: ``sum(axes=(-1,))``."""
        inside = ", ".join(f"{name}={show(value)}" for name, value in self.attributes.items())
        return f"{self.name}({inside})" if inside else self.name

    # ---------------------------------------------------------------------------- what it does

    @property
    def nondiff(self) -> frozenset[int]:
        """Positions of the inputs that no gradient goes to, whatever their values."""
        return frozenset()

    # (*args: Any, **kwargs: Any) lets subclasses name their operands: infer(self, x, y).

    def infer(self, *args: Any, **kwargs: Any) -> TensorType | TupleType:
        """The type of the result for operands of these types; raises ShapeError or DTypeError."""
        raise GraphError(
            f"operation {self.name} has no type rule", f"define {type(self).__name__}.infer"
        )

    def meaning(self, *types: TensorType) -> Meaning:
        """The NumPy expression for operands of these types, SciPy's where NumPy has none."""
        if self.expression:
            return Meaning(self.expression, self.attributes, self._defaults)
        found = self.scipy_meaning(*types)
        if found is None:
            raise GraphError(
                f"operation {self.name} has no NumPy expression",
                f"define {type(self).__name__}.expression",
            )
        return found

    def scipy_meaning(self, *types: TensorType) -> Meaning | None:
        """The expression by SciPy's own function, for files that may import SciPy."""
        return Meaning(self.scipy, self.attributes, self._defaults) if self.scipy else None

    @property
    def needs_scipy(self) -> bool:
        """Whether it has no form in NumPy alone."""
        return bool(self.scipy) and not self.expression

    @property
    def _defaults(self) -> dict[str, Any]:
        if not dataclasses.is_dataclass(self):
            return {}
        fields = dataclasses.fields(self)
        return {f.name: f.default for f in fields if f.default is not dataclasses.MISSING}

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        """The gradient on input i, given the gradient G on the output."""
        raise NotDifferentiableError(f"{self.name} has no derivative", NO_DERIVATIVE)

    def update(self, *types: TensorType) -> Meaning | None:
        """The operation as a statement that changes its first operand in place, where one is
        natural: ``x[index] += y``. Codegen uses it where nothing else reads that operand."""
        return None

    def simplify(self, *args: Any, **kwargs: Any) -> Variable | None:
        """A variable equal to this operation on these inputs, where one is at hand."""
        return None

    def batch(self, inputs: tuple[Variable, ...], batched: tuple[bool, ...]) -> Variable:
        """The operation along a new leading axis of the inputs marked in ``batched``.

        The default serves operations that count their axes from the end.
        """
        return self(*inputs)

    def invariants(self, *results: Variable) -> tuple[Variable, ...]:
        """What the tests compare where results are not unique, such as the signs of eigenvectors:
        functions of them that are. The oracle gives these functions' values."""
        return results

    def flops(self, types: tuple[TensorType, ...], output: TensorType) -> DimLike:
        """Estimated floating-point operations of one evaluation."""
        return int(self.flops_per_element) * output.size

    def work(self, inputs: tuple[Variable, ...], output: Variable) -> DimLike:
        """``flops`` on these very variables, which may be related in a way that saves some."""
        result = output.type.items[0] if isinstance(output.type, TupleType) else output.type
        return self.flops(tuple([x.type for x in inputs]), result)

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        """Uses for the tests to walk; an operation without any fails them."""
        return ()

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        """Uses that must be refused."""
        return ()

    # ------------------------------------------------------------------------------ application

    def parameter_names(self, count: int) -> tuple[str, ...]:
        """The names of ``count`` inputs in ``expression``."""
        if self.parameters and self.parameters[-1].startswith("*"):
            fixed, rest = self.parameters[:-1], self.parameters[-1][1:]
            return (*fixed, *(f"{rest}{k}" for k in range(count - len(fixed))))
        return self.parameters

    def __call__(self, *inputs: Any) -> Variable:
        variables = tuple([v if isinstance(v, Variable) else as_variable(v) for v in inputs])
        found = find(self, variables)
        if found is not None:
            return found
        simpler = self.simplify(*variables)
        if simpler is not None:
            return simpler
        try:
            result = self.infer(*[v.type for v in variables])
        except GraphError as error:
            raise self._located(error, variables) from None
        return intern(self, variables, result)

    def _located(self, error: GraphError, inputs: tuple[Variable, ...]) -> GraphError:
        """The error of a type rule, with the operands' names and types."""
        labels = [v.op.describe() if isinstance(v.op, Constant) else v.label for v in inputs]
        operands = ", ".join(f"{a} is {v.type}" for a, v in zip(labels, inputs, strict=True))
        colon = ": " if operands else ""
        return type(error)(f"{error.what} in {self.name}{colon}{operands}", error.mend)


def show(value: Any) -> str:
    """An attribute as people write it."""
    if isinstance(value, tuple):
        return "(" + ", ".join(map(show, value)) + ("," if len(value) == 1 else "") + ")"
    if isinstance(value, np.dtype):
        return value.name
    return str(value) if isinstance(value, Dim) else repr(value)


# --------------------------------------------------------------------- inputs, constants, sizes


@dataclass(frozen=True, eq=False)
class Input(Op):
    """A variable that the caller gives; each is its own identity.

    ``declared`` are the facts that the user vouches for.
    """

    label: str
    dtype: DType
    shape: Shape
    token: str = dataclasses.field(repr=False)
    declared: Declared = UNDECLARED
    parameters: ClassVar[tuple[str, ...]] = ()

    def infer(self, *types: TensorType) -> TensorType:
        return TensorType(self.dtype, self.shape)

    def describe(self) -> str:
        return f"input, {self.declared}" if self.declared else "input"


@dataclass(frozen=True, eq=False)
class Constant(Op):
    """A value known when the graph is built. ``weak``: a Python scalar, which promotes weakly."""

    value: np.ndarray[Any, Any]
    weak: bool = False
    parameters: ClassVar[tuple[str, ...]] = ()

    def _make_key(self) -> tuple[Any, ...]:
        digest = hashlib.sha256(np.ascontiguousarray(self.value).tobytes()).digest()
        return (Constant, self.value.dtype.str, self.value.shape, self.weak, digest)

    @property
    def scalar(self) -> Any:
        """The value of a 0-d constant: a Python scalar where weak, else a NumPy scalar."""
        return self.value.item() if self.weak else self.value[()]

    def infer(self, *types: TensorType) -> TensorType:
        return TensorType(self.value.dtype, self.value.shape, self.weak)

    def meaning(self, *types: TensorType) -> Meaning:
        value = self.scalar if self.weak else self.value
        return Meaning("value", {"value": value})

    def describe(self) -> str:
        size = self.value.size
        return f"constant({self.scalar!r})" if size == 1 and not self.value.ndim else "constant"


@dataclass(frozen=True, eq=False)
class SizeOf(Op):
    """A dimension used as a value: a weak Python int."""

    dim: Dim
    parameters: ClassVar[tuple[str, ...]] = ()
    expression: ClassVar[str] = "dim"

    def infer(self, *types: TensorType) -> TensorType:
        return weak_type(1)


# -------------------------------------------------------------------------- values to variables


def constant(value: Any) -> Variable:
    """A constant of the graph; arrays are copied.

    A number or array keeps NumPy's dtype. (A Python number that meets a variable in an
    expression promotes weakly, as in NumPy, without this call.)

    >>> constant([1.0, 2.0]).shape
    (2,)
    """
    if isinstance(value, Variable):
        return value
    try:
        array = np.array(value)
    except (TypeError, ValueError):
        raise ValueKindError(
            f"{value!r} is not an array of numbers", "give a number, or lists of one length"
        ) from None
    if array.dtype.kind not in "biufc":
        raise ValueKindError(
            f"a {type(value).__name__} cannot be a constant of a graph",
            "give a number or an array of numbers",
        )
    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    array.setflags(write=False)
    return Constant(array)()


def weak(value: Python) -> Variable:
    """A Python scalar as a constant that promotes weakly."""
    array = np.array(value)
    array.setflags(write=False)
    return Constant(array, weak=True)()


def as_variable(value: Any) -> Variable:
    """Anything that may stand in an expression, as a variable; ValueKindError if it may not."""
    if isinstance(value, Variable):
        return value
    kind = type(value)
    if kind in (float, int, bool, complex):
        return weak(value)
    if kind is Dim:
        return SizeOf(value)()
    if isinstance(value, (list, tuple)) and _has_variable(value):
        raise ValueKindError(
            "a list of variables is not an array", "write gr.stack([...]) to make it one"
        )
    if isinstance(value, np.ndarray) and value.size > LARGEST_CONSTANT and is_uniform(value):
        return call("full", value.shape, value.flat[0].item(), dtype=value.dtype)
    return constant(value)


def is_uniform(array: np.ndarray[Any, Any]) -> bool:
    """Whether an array of numbers holds one number throughout, to the bit."""
    first: np.generic = array.flat[0]
    return array.dtype.kind in "biufc" and array.tobytes() == first.tobytes() * array.size


dims.set_lift(as_variable)


def _has_variable(values: Sequence[Any]) -> bool:
    stack = list(values)
    while stack:
        value = stack.pop()
        if isinstance(value, (Variable, Dim)):
            return True
        if isinstance(value, (list, tuple)):
            stack.extend(value)
    return False


def constant_value(v: Variable) -> Any:
    """The number that every element of ``v`` equals, where that is plain to see, else None."""
    if isinstance(v.op, Constant):
        return v.op.scalar if v.op.value.ndim == 0 else None
    return getattr(v.op, "fill", None)


def axis_from_end(axis: int, ndim: int) -> int:
    """A valid axis, counted from the end; ShapeError names the range."""
    try:
        number = operator.index(axis)
    except TypeError:
        raise DTypeError(f"axis must be an int, not {axis!r}", "give one such as 0 or -1") from None
    if not -ndim <= number < ndim:
        raise ShapeError(
            f"axis {number} is out of range for {ndim} dimensions",
            f"use {-ndim} to {ndim - 1}" if ndim else "a scalar has no axes",
        )
    return number - ndim if number >= 0 else number
