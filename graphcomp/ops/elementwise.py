"""Bases of the operations that act on each element alone, with broadcasting."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, Protocol

import numpy as np

from graphcomp.errors import NotDifferentiableError, TraceError
from graphcomp.graph import Variable
from graphcomp.operators import public
from graphcomp.ops.base import Op, Operand, Sample
from graphcomp.types import DType, TensorType, broadcast_shapes, ufunc_dtype, weak_type


class Elementwise(Op, abstract=True):
    """Base of operations that act on each element alone, with broadcasting.

    Subclasses give ``ufunc`` (promotion is asked of it) and ``partial``. ``domain`` is the
    interval from which tests draw each operand; within ``near`` of a point of ``kinks``
    derivatives are not compared with differences.
    """

    ufunc: ClassVar[np.ufunc]
    domain: ClassVar[tuple[tuple[float, float], ...]] = ((-2.0, 2.0),)
    kinks: ClassVar[tuple[float, ...]] = ()
    dtypes: ClassVar[tuple[str, ...]] = ("float64",)  # that samples are drawn in
    takes_out: ClassVar[bool] = True

    def __init_subclass__(cls, abstract: bool = False, **kwargs: Any) -> None:
        super().__init_subclass__(abstract=abstract, **kwargs)
        if not cls.expression and "ufunc" in cls.__dict__:
            cls.expression = f"np.{cls.ufunc.__name__}({', '.join(cls.parameters)})"

    @property
    def is_python(self) -> bool:
        """Written with Python's operators, so that Python scalars stay Python scalars."""
        return "(" not in self.expression

    def infer(self, *types: TensorType) -> TensorType:
        if all(t.weak for t in types) and self.is_python:
            return weak_type(self.result_dtype(*types).type(1).item())
        shape = broadcast_shapes(*(t.shape for t in types))
        return TensorType(self.result_dtype(*types), shape)

    def result_dtype(self, *types: TensorType) -> DType:
        """The dtype of the result, as NumPy promotes."""
        return ufunc_dtype(self.ufunc, *(t.operand for t in types))

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


class Unary(Elementwise, abstract=True):
    """Base of elementwise operations of one operand: give ``partial(x, y)``, y the output."""

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        """dy/dx."""
        raise NotDifferentiableError(f"{self.name} has no derivative")

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        return G * self.partial(inputs[0], output)


class Binary(Elementwise, abstract=True):
    """Base of elementwise operations of two operands: give ``partial(i, x, y, z)``, z the output."""

    parameters: ClassVar[tuple[str, ...]] = ("x", "y")

    def partial(self, i: int, x: Variable, y: Variable, z: Variable) -> Variable | float:
        """dz/dx for i = 0, dz/dy for i = 1."""
        raise NotDifferentiableError(f"{self.name} has no derivative")

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        return G * self.partial(i, *inputs, output)


def align_batch(
    inputs: tuple[Variable, ...], batched: tuple[bool, ...]
) -> tuple[Variable, ...]:
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
    """A public elementwise function of one operand."""

    def __call__(self, x: Any, /, *, dtype: Any = None) -> Variable: ...


class BinaryFunction(Protocol):
    """A public elementwise function of two operands."""

    def __call__(self, x: Any, y: Any, /, *, dtype: Any = None) -> Variable: ...


def unary(op: type[Unary], *paths: str) -> UnaryFunction:
    """The public function of an operation, entered under its NumPy name and ``paths``."""
    instance = op()

    def function(x: Any, /, *, dtype: Any = None, **options: Any) -> Variable:
        _refuse(op, options)
        result = instance(x)
        return result if dtype is None else result.astype(dtype)

    return _publish(function, op, paths)  # type: ignore[no-any-return]


def binary(op: type[Binary], *paths: str) -> BinaryFunction:
    """The public function of an operation, entered under its NumPy name and ``paths``."""
    instance = op()

    def function(x: Any, y: Any, /, *, dtype: Any = None, **options: Any) -> Variable:
        _refuse(op, options)
        result = instance(x, y)
        return result if dtype is None else result.astype(dtype)

    return _publish(function, op, paths)  # type: ignore[no-any-return]


def _refuse(op: type[Op], options: dict[str, Any]) -> None:
    for option, value in options.items():
        if value is not None and not (option == "where" and value is True):
            raise TraceError(
                f"{op.name} does not take {option}= on variables",
                "write gr.where(condition, a, b), or make a new value",
            )


def _publish(function: Any, op: type[Elementwise], paths: tuple[str, ...]) -> Any:
    function.__name__ = function.__qualname__ = op.name
    function.__doc__ = op.__doc__
    if "ufunc" in op.__dict__:
        paths = (f"numpy.{op.ufunc.__name__}", *paths)
    return public(*paths)(function)
