"""The type of a variable: dtype and shape; broadcasting; NumPy's promotion."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from graphcomp.dims import DimLike, Shape, prod
from graphcomp.errors import DTypeError, ShapeError

DType = np.dtype[Any]
_KINDS = "biufc"


@dataclass(frozen=True, slots=True)
class TensorType:
    """dtype and shape of an array. ``weak`` marks a Python scalar, which promotes weakly."""

    dtype: DType
    shape: Shape = ()
    weak: bool = False

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> DimLike:
        return prod(self.shape)

    @property
    def is_differentiable(self) -> bool:
        return self.dtype.kind in "fc"

    @property
    def operand(self) -> DType | type:
        """What NumPy's promotion sees: the dtype, or the Python type of a weak scalar."""
        return _PYTHON_TYPES[self.dtype.kind] if self.weak else self.dtype

    def __eq__(self, other: object) -> bool:
        if self is other:  # nearly always, in graphs of one kind of value
            return True
        if not isinstance(other, TensorType):
            return NotImplemented
        return (
            self.dtype == other.dtype and self.shape == other.shape and self.weak == other.weak
        )

    def with_shape(self, shape: Shape) -> TensorType:
        return replace(self, shape=shape, weak=False)

    def with_dtype(self, dtype: DType) -> TensorType:
        return replace(self, dtype=dtype, weak=False)

    def __str__(self) -> str:
        if self.dtype.kind == "O":
            return "random generator"
        return f"{self.dtype.name}{format_shape(self.shape)}"


@dataclass(frozen=True, slots=True)
class TupleType:
    """The type of an operation with several results."""

    items: tuple[TensorType, ...]

    def __str__(self) -> str:
        return "(" + ", ".join(map(str, self.items)) + ")"


GENERATOR = TensorType(np.dtype(object))  # the type of a np.random.Generator

_PYTHON_TYPES: dict[str, type] = {"b": bool, "i": int, "u": int, "f": float, "c": complex}


def format_shape(shape: Sequence[DimLike | None]) -> str:
    """``(n, 3)``, written as Python writes a tuple."""
    return "(" + ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "") + ")"


def as_dtype(dtype: Any) -> DType:
    """The NumPy dtype that ``dtype`` names; DTypeError where it is not a number's or bool's."""
    try:
        result: DType = np.dtype(dtype)
    except TypeError:
        raise DTypeError(f"{dtype!r} is no dtype", "give one such as 'float64'") from None
    if result.kind not in _KINDS or not result.isnative:
        raise DTypeError(
            f"dtype {result} is not supported",
            "bool, integer, float and complex dtypes in native byte order are",
        )
    return result


def weak_type(value: bool | int | float | complex) -> TensorType:
    """The type of a Python scalar."""
    return TensorType(np.dtype(type(value)), (), weak=True)


def broadcast_shapes(*shapes: Shape) -> Shape:
    """NumPy's broadcasting, for symbolic shapes too.

    >>> broadcast_shapes((3, 1), (4,))
    (3, 4)
    """
    if shapes and all(shape == shapes[0] for shape in shapes[1:]):
        return shapes[0]
    ndim = max(map(len, shapes), default=0)
    result: list[DimLike] = [1] * ndim
    for shape in shapes:
        for axis in range(-len(shape), 0):
            if shape[axis] == 1 or shape[axis] == result[axis]:
                continue
            if result[axis] != 1:
                raise ShapeError(
                    "shape mismatch",
                    "each axis must have the same length in all operands, or length 1",
                )
            result[axis] = shape[axis]
    return tuple(result)


@functools.cache
def ufunc_dtype(ufunc: np.ufunc, *operands: DType | type) -> DType:
    """The dtype of a ufunc's result, the first of several, as NumPy itself promotes."""
    loop = tuple(np.dtype(bool) if operand is bool else operand for operand in operands)
    try:
        dtype: DType = ufunc.resolve_dtypes((*loop, *(None,) * ufunc.nout))[len(loop)]
        return dtype
    except TypeError:
        names = ", ".join(np.dtype(operand).name for operand in operands)
        raise DTypeError(
            f"{ufunc.__name__} does not take {names}", "convert with .astype first"
        ) from None


def result_dtype(*types: TensorType) -> DType:
    """NumPy's common dtype of operands, Python scalars weak."""
    return _result_dtype(*(t.operand for t in types))


@functools.cache
def _result_dtype(*operands: DType | type) -> DType:
    return np.result_type(*(_example(operand, 0) for operand in operands))


def sampled_dtype(function: Callable[..., Any], *types: TensorType) -> DType:
    """The dtype that ``function`` returns for operands of these types, found by calling it."""
    return _sampled_dtype(function, *((t.operand, t.ndim) for t in types))


@functools.cache
def _sampled_dtype(
    function: Callable[..., Any], *operands: tuple[DType | type, int]
) -> DType:
    try:
        result = function(*(_example(operand, ndim) for operand, ndim in operands))
    except TypeError as error:
        raise DTypeError(str(error), "convert with .astype first") from None
    return np.asarray(result).dtype


def _example(operand: DType | type, ndim: int) -> Any:
    """A one, of the given kind, with ``ndim`` axes of length 1."""
    if isinstance(operand, type):
        return operand(1)
    return np.ones((1,) * ndim, operand) if ndim else operand.type(1)
