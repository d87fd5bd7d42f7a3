"""Bases of the operations that act on each element alone, with broadcasting."""

from __future__ import annotations

import cmath
import functools
import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar, Protocol

import numpy as np

from graphcomp.errors import (
    DTypeError,
    GraphError,
    NotDifferentiableError,
    OptionError,
    ShapeError,
)
from graphcomp.graph import Variable
from graphcomp.operators import ufunc_method
from graphcomp.ops import create
from graphcomp.ops.base import (
    NO_DERIVATIVE,
    Bad,
    Constant,
    Meaning,
    Op,
    Operand,
    Sample,
    as_variable,
    weak,
)
from graphcomp.registry import public, refuse
from graphcomp.types import (
    DType,
    TensorType,
    as_dtype,
    broadcast_shapes,
    ufunc_dtype,
    weak_type,
)

_PYTHONS = frozenset(map(np.dtype, ("bool", "int64", "float64", "complex128")))


def keeps_dtype(x: TensorType) -> bool:
    """Whether NumPy 1.26 keeps the dtype of x beside a Python number, as NumPy 2 does.

    It makes a float64 of a float32 scalar and a number, since there both are scalars.
    """
    return x.ndim > 0 or x.weak or x.dtype in _PYTHONS


class Elementwise(Op, abstract=True):
    """Base of operations that act on each element alone, with broadcasting.

    Subclasses give ``ufunc`` (promotion is asked of it) and ``partial``. ``domain`` is the
    interval from which tests draw each operand, ``extremes`` are further values; near a point
    of ``kinks`` derivatives are not compared with differences.
    """

    ufunc: ClassVar[np.ufunc]
    domain: ClassVar[tuple[tuple[float, float], ...]] = ((-2.0, 2.0),)
    kinks: ClassVar[tuple[float, ...]] = ()
    extremes: ClassVar[tuple[float, ...]] = ()
    dtypes: ClassVar[tuple[str, ...]] = ("float64",)  # that samples are drawn in
    takes_out: ClassVar[bool] = True

    def __init_subclass__(cls, abstract: bool = False, **kwargs: Any) -> None:
        super().__init_subclass__(abstract=abstract, **kwargs)
        if not cls.expression and "ufunc" in cls.__dict__:
            cls.expression = f"np.{cls.ufunc.__name__}({', '.join(cls.parameters)})"

    @property
    def is_python(self) -> bool:
        """Written with Python's operators, so that Python scalars stay Python scalars."""
        return self.expression != "" and "(" not in self.expression

    def infer(self, *types: TensorType) -> TensorType:
        if types[0].weak and self.is_python and all(t.weak for t in types):
            return weak_type(self.in_python(*(t.dtype.type(1).item() for t in types)))
        shape = broadcast_shapes(*[t.shape for t in types])
        dtype = self.result_dtype(*types)
        for t in types:
            if t.shape is shape and t.dtype is dtype and not t.weak:
                return t
        return TensorType(dtype, shape)

    def result_dtype(self, *types: TensorType) -> DType:
        """The dtype of the result, as NumPy promotes."""
        return ufunc_dtype(self.ufunc, *[t.operand for t in types])

    def in_python(self, *values: Any) -> Any:
        """What Python's own operator makes of Python scalars."""
        try:
            return _python_function(self.expression, self.parameters)(*values)
        except TypeError:
            names = ", ".join(type(value).__name__ for value in values)
            raise DTypeError(f"{self.name} does not take {names}", "convert one of them") from None

    def fold(self, *inputs: Variable) -> Variable | None:
        """The result on Python scalars that are known, as one; for what is exact everywhere."""
        for v in inputs:
            if not (v.type.weak and isinstance(v.op, Constant)):
                return None
        value = self.in_python(*(v.op.scalar for v in inputs))  # type: ignore[attr-defined]
        fits = abs(value) < 2**63 if isinstance(value, int) else cmath.isfinite(value)
        return weak(value) if fits else None

    def has_type_of(self, x: Variable, *operands: Variable) -> bool:
        """Whether this operation on the operands would have exactly x's type."""
        try:
            return bool(self.infer(*(v.type for v in operands)) == x.type)
        except GraphError:
            return False

    def batch(self, inputs: tuple[Variable, ...], batched: tuple[bool, ...]) -> Variable:
        return self(*align_batch(inputs, batched))

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        count = len(cls.parameters)
        shapes: list[tuple[tuple[int, ...], ...]] = [
            (shape,) * count for shape in ((), (0,), (1,), (5,), (2, 3), (0, 3))
        ]
        if count > 1:
            shapes += [((2, 3), (3,)), ((2, 1), (3,)), ((), (4,)), ((0, 1), (3,))]
        domain = cls.domain * count if len(cls.domain) == 1 else cls.domain
        for dtype in cls.dtypes:
            for group in shapes:
                padded = (*group, *group)[:count]
                yield Sample(
                    cls(),
                    tuple(
                        Operand(shape, low, high, dtype)
                        for shape, (low, high) in zip(padded, domain, strict=True)
                    ),
                )
        if cls.extremes:
            extreme = Operand((len(cls.extremes),), kind="fixed", value=cls.extremes)
            yield Sample(cls(), (extreme,) * count)


@functools.cache
def _python_function(expression: str, parameters: tuple[str, ...]) -> Callable[..., Any]:
    function: Callable[..., Any] = eval(f"lambda {', '.join(parameters)}: {expression}")
    return function


class Unary(Elementwise, abstract=True):
    """Base of elementwise operations of one operand: give ``partial(x, y)``, y the output.

    Where dx/dy is the simpler one, give ``divisor(x, y)`` instead.
    """

    def partial(self, x: Variable, y: Variable) -> Variable | complex:
        """dy/dx."""
        raise NotDifferentiableError(f"{self.name} has no derivative", NO_DERIVATIVE)

    def divisor(self, x: Variable, y: Variable) -> Variable | None:
        """dx/dy, where back-propagation had better divide by it."""
        return None

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        divisor = self.divisor(inputs[0], output)
        return G * self.partial(inputs[0], output) if divisor is None else G / divisor


class Step(Unary, abstract=True):
    """Base of operations that are constant between jumps: their derivative is zeros."""

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        return create.full_of(0, inputs[0].type)


class Binary(Elementwise, abstract=True):
    """Base of elementwise operations of two operands: give ``partial(i, x, y, z)``, z the
    output."""

    parameters: ClassVar[tuple[str, ...]] = ("x", "y")

    def meaning(self, *types: TensorType) -> Meaning:
        """Python's own operator makes a Python complex of one and a np.float64."""
        x, y = types
        if x.weak and x.dtype.kind == "c" and not (y.weak or y.ndim) and self.is_python:
            return Meaning(f"np.{self.ufunc.__name__}(x, y)")
        return super().meaning(*types)

    def partial(self, i: int, x: Variable, y: Variable, z: Variable) -> Variable | complex:
        """dz/dx for i = 0, dz/dy for i = 1."""
        raise NotDifferentiableError(f"{self.name} has no derivative", NO_DERIVATIVE)

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        x, y = inputs
        return G * self.partial(i, x, y, output)

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        for dtype in cls.dtypes:
            operands = Operand((2, 3), dtype=dtype), Operand((4,), dtype=dtype)
            yield Bad(cls(), operands, ShapeError)


def align_batch(inputs: tuple[Variable, ...], batched: tuple[bool, ...]) -> tuple[Variable, ...]:
    """Give batched operands of lower rank axes of length 1 behind the batch axis, so that
    broadcasting meets batch axis with batch axis."""
    ranks = [v.ndim - b for v, b in zip(inputs, batched, strict=True)]
    rank = max(ranks)
    return tuple(
        v.reshape((v.shape[0], *(1,) * (rank - r), *v.shape[1:])) if b and r < rank else v
        for v, b, r in zip(inputs, batched, ranks, strict=True)
    )


# ------------------------------------------------------------------------- functions for users


class UnaryFunction(Protocol):
    """A public elementwise function of one operand, with the keywords of NumPy's ufuncs."""

    def __call__(
        self,
        x: Any,
        /,
        out: None = None,
        *,
        where: Any = True,
        casting: str = "same_kind",
        order: str = "K",
        dtype: Any = None,
        subok: bool = True,
        signature: None = None,
    ) -> Variable: ...


class BinaryFunction(Protocol):
    """A public elementwise function of two operands, with the keywords of NumPy's ufuncs."""

    def __call__(
        self,
        x: Any,
        y: Any,
        /,
        out: None = None,
        *,
        where: Any = True,
        casting: str = "same_kind",
        order: str = "K",
        dtype: Any = None,
        subok: bool = True,
        signature: None = None,
    ) -> Variable: ...

    def reduce(self, array: Any, axis: Any = 0, **options: Any) -> Variable: ...
    def accumulate(self, array: Any, axis: int = 0, **options: Any) -> Variable: ...
    def outer(self, A: Any, B: Any, /, **options: Any) -> Variable: ...


_OPTIONS: dict[str, Any] = {
    "where": True,
    "casting": "same_kind",
    "order": "K",
    "dtype": None,
    "subok": True,
    "signature": None,
}


def universal(ufunc: np.ufunc | None, *paths: str) -> Callable[[Callable[..., Any]], Any]:
    """Enter a function of operands as ``ufunc``, with the keywords that ufuncs take.

    ``dtype`` and ``casting`` convert the operands as NumPy does before it computes. ``order``
    and ``subok`` say how memory is laid out and have no effect. ``out``, ``where`` and
    ``signature`` are refused.
    """
    if ufunc is not None:
        paths = (f"numpy.{ufunc.__name__}", *paths)

    def enter(function: Callable[..., Any]) -> Any:
        name = function.__name__
        operands = function.__code__.co_varnames[: function.__code__.co_argcount]
        count = len(operands)

        def whole(*args: Any, out: Any = None, **options: Any) -> Any:
            if options or out is not None or len(args) != count:
                args = converted(name, ufunc, count, args, out, options)
            return function(*args)

        functools.update_wrapper(whole, function)
        whole.__signature__ = _signature(operands)  # type: ignore[attr-defined]
        if ufunc is not None and count == 2:
            for method in ("reduce", "accumulate", "outer", "reduceat", "at"):
                setattr(whole, method, functools.partial(ufunc_method, name, method))
        return public(*paths)(whole)

    return enter


@functools.cache
def _signature(operands: tuple[str, ...]) -> inspect.Signature:
    kinds = inspect.Parameter
    return inspect.Signature(
        [kinds(name, kinds.POSITIONAL_ONLY) for name in operands]
        + [kinds("out", kinds.POSITIONAL_OR_KEYWORD, default=None)]
        + [kinds(key, kinds.KEYWORD_ONLY, default=value) for key, value in _OPTIONS.items()]
    )


def converted(
    name: str,
    ufunc: np.ufunc | None,
    count: int,
    args: tuple[Any, ...],
    out: Any,
    options: dict[str, Any],
) -> tuple[Any, ...]:
    """The operands of a call with options, converted as NumPy converts them."""
    unknown = set(options) - set(_OPTIONS)
    if unknown or not count <= len(args) <= count + (ufunc.nout if ufunc else 1):
        given = f"the keyword {min(unknown)}" if unknown else f"{len(args)} operands"
        raise TypeError(f"{name}() takes {count} operands and the keywords of ufuncs, not {given}")
    outs = (*args[count:], *(out if isinstance(out, tuple) else (out,)))
    for out in outs:
        refuse(name, out=out)
    chosen = {**_OPTIONS, **options}
    refuse(name, where=chosen["where"], signature=chosen["signature"])
    if chosen["order"] not in ("K", "A", "C", "F", None):
        raise OptionError(f"{name} has order={chosen['order']!r}", "give 'K', or leave it out")
    args = args[:count]
    dtype, casting = chosen["dtype"], chosen["casting"]
    if dtype is None and casting == "same_kind":
        return args
    variables = [as_variable(v) for v in args]
    target = None if dtype is None else as_dtype(dtype)
    if ufunc is not None:
        types = loop_dtypes(ufunc, variables, target, casting)
    else:
        types = tuple(target or v.dtype for v in variables)
    for v, t in zip(variables, types, strict=False):
        if not np.can_cast(v.dtype, t, casting):
            raise DTypeError(f"{name} would cast {v.label} from {v.dtype} to {t}", "use .astype")
    return tuple(v.astype(t) for v, t in zip(variables, types, strict=False))


def loop_dtypes(
    ufunc: np.ufunc, operands: Sequence[Variable], dtype: DType | None, casting: str
) -> tuple[DType, ...]:
    """The dtypes in which NumPy computes a ufunc, those of the operands first."""
    types = [t if (t := v.type.operand) is not bool else np.dtype(bool) for v in operands]
    free: Any = (None,) * len(types)
    results = (None,) * ufunc.nout
    loop: dict[str, Any] = {"casting": casting}
    if dtype is not None:
        loop["signature"] = (*free, *((dtype,) * ufunc.nout))
    try:
        found: tuple[DType, ...] = ufunc.resolve_dtypes((*types, *results), **loop)
    except (TypeError, ValueError) as error:
        raise DTypeError(f"{ufunc.__name__}: {error}", "convert with .astype first") from None
    return found


def unary(op: type[Unary], *paths: str) -> UnaryFunction:
    """The public function of an operation, entered under its NumPy name and ``paths``."""
    instance = op()

    def function(x: Any) -> Variable:
        return instance(x)

    return _publish(function, op, paths)  # type: ignore[no-any-return]


def binary(op: type[Binary], *paths: str) -> BinaryFunction:
    """The public function of an operation, entered under its NumPy name and ``paths``."""
    instance = op()

    def function(x: Any, y: Any) -> Variable:
        return instance(x, y)

    return _publish(function, op, paths)  # type: ignore[no-any-return]


def _publish(function: Any, op: type[Elementwise], paths: tuple[str, ...]) -> Any:
    function.__name__ = function.__qualname__ = op.name
    ufunc = op.__dict__.get("ufunc")
    path = f"numpy.{ufunc.__name__}" if ufunc is not None else paths[0] if paths else None
    like = f", as ``{path}``" if path else ""
    function.__doc__ = f"""{op.__doc__}

    Elementwise, with broadcasting{like}. Raises DTypeError for a dtype that it does not take,
    ShapeError for shapes that do not broadcast.
    """
    return universal(ufunc, *paths)(function)
