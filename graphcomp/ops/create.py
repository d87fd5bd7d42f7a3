"""Arrays made from nothing: constants, the identity, ranges; symbolic lengths allowed."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from graphcomp.dims import Dim, DimLike, Shape, as_dim, as_shape, maximum, prod, size
from graphcomp.errors import DTypeError, ShapeError, SizeError, ValueKindError
from graphcomp.graph import Variable
from graphcomp.ops import shape as shapes
from graphcomp.ops.base import Bad, Meaning, Op, Python, Sample, as_variable, constant_value
from graphcomp.registry import public
from graphcomp.types import DType, TensorType, as_dtype

__all__ = [
    "arange",
    "empty_like",
    "eye",
    "full",
    "full_like",
    "identity",
    "ones",
    "ones_like",
    "zeros",
    "zeros_like",
]

Array = np.ndarray[Any, Any]
Number = int | float | Dim

FLOAT = np.dtype("float64")
INT = np.dtype("int64")


class Creation(Op, abstract=True):
    """Base of operations without inputs, which therefore are never batched."""

    parameters: ClassVar[tuple[str, ...]] = ()


@dataclass(frozen=True, eq=False)
class Full(Creation):
    """An array of one number."""

    shape: Shape
    fill: Python
    dtype: DType

    def infer(self) -> TensorType:
        return TensorType(self.dtype, self.shape)

    def meaning(self, *types: TensorType) -> Meaning:
        literals = {"shape": self.shape, "fill": self.fill, "dtype": self.dtype}
        if not self.shape:
            return Meaning("dtype(fill)", literals)
        # By the text of the number: -0.0 is no plain zero.
        number = repr(self.fill)
        if number in ("0.0", "0", "False", "0j"):
            return Meaning("np.zeros(shape, dtype=dtype)", literals, {"dtype": FLOAT})
        if number in ("1.0", "1", "True", "(1+0j)"):
            return Meaning("np.ones(shape, dtype=dtype)", literals, {"dtype": FLOAT})
        default = {"dtype": np.dtype(type(self.fill))}
        return Meaning("np.full(shape, fill, dtype=dtype)", literals, default)

    def oracle(self) -> Any:
        return np.array([self.fill] * int(prod(self.shape)), self.dtype).reshape(self.shape)

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for shape in ((), (0,), (2, 3)):
            for fill in (0.0, -0.0, 1.0, 2.5):
                yield Sample(cls(shape, fill, FLOAT), ())
            yield Sample(cls(shape, 1, INT), ())
            yield Sample(cls(shape, 7, np.dtype("int8")), ())
            yield Sample(cls(shape, True, np.dtype(bool)), ())
            yield Sample(cls(shape, 2.5, np.dtype("float32")), ())
            yield Sample(cls(shape, 1j, np.dtype("complex128")), ())


@dataclass(frozen=True, eq=False)
class Eye(Creation):
    """Ones on the k-th diagonal of an n x m array, zeros elsewhere."""

    n: DimLike
    m: DimLike
    k: DimLike = 0
    dtype: DType = FLOAT

    def infer(self) -> TensorType:
        return TensorType(self.dtype, (self.n, self.m))

    def meaning(self, *types: TensorType) -> Meaning:
        columns = "" if self.m == self.n else ", m"
        return Meaning(
            f"np.eye(n{columns}, k=k, dtype=dtype)", self.attributes, {"k": 0, "dtype": FLOAT}
        )

    def oracle(self) -> Any:
        rows, columns = int(self.n), int(self.m)
        return [[float(j - i == self.k) for j in range(columns)] for i in range(rows)]

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        yield Sample(cls(3, 3), ())
        yield Sample(cls(2, 4, 1), ())
        yield Sample(cls(4, 2, -1, np.dtype("float32")), ())
        yield Sample(cls(2, 2, 5, INT), ())


@dataclass(frozen=True, eq=False)
class Arange(Creation):
    """start, start + step, … before stop."""

    start: Number
    stop: Number
    step: Number
    dtype: DType

    def infer(self) -> TensorType:
        return TensorType(self.dtype, (self._length(),))

    def _length(self) -> DimLike:
        start, stop, step = self.start, self.stop, self.step
        if step == 0:
            raise ShapeError("the step is 0", "give a step that reaches stop")
        numbers = [v for v in (start, stop, step) if not isinstance(v, Dim)]
        if len(numbers) == 3:
            return len(np.arange(*numbers))
        if any(isinstance(v, float) for v in numbers):
            raise SizeError(
                "the length of a range with fractions up to a symbolic size is unknown",
                "write start + step * gr.arange(n)",
            )
        return maximum(0, -((start - stop) // step))  # type: ignore[arg-type]

    def meaning(self, *types: TensorType) -> Meaning:
        step = ", step" if self.step != 1 else ""
        start = "start, " if step or self.start != 0 else ""
        default = {"dtype": _range_dtype(self.start, self.stop, self.step)}
        return Meaning(f"np.arange({start}stop{step}, dtype=dtype)", self.attributes, default)

    def oracle(self) -> Any:
        count = int(self._length())
        return np.array([self.start + k * self.step for k in range(count)], self.dtype)

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for start, stop, step in ((0, 4, 1), (2, 5, 1), (5, -1, -2), (3, 1, 1)):
            yield Sample(cls(start, stop, step, INT), ())
        yield Sample(cls(0, 4, 1, FLOAT), ())
        yield Sample(cls(0.5, 2.0, 0.25, FLOAT), ())

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(0, 4, 0, INT), (), ShapeError)
        yield Bad(cls(0.5, size("n"), 1, FLOAT), (), SizeError)


def _range_dtype(*numbers: Number) -> DType:
    return FLOAT if any(isinstance(v, float) for v in numbers) else INT


# ------------------------------------------------------------------------------------ functions


def as_int(value: Any, what: str) -> int:
    """An int that the user gives; DTypeError for anything else."""
    try:
        return operator.index(value)
    except TypeError:
        mend = "give a number such as 1"
        raise DTypeError(f"{what} must be an int, not {value!r}", mend) from None


def full_of(number: Python, like: TensorType) -> Variable:
    """An array of one number with the shape and dtype of a type."""
    return Full(like.shape, like.dtype.type(number).item(), like.dtype)()


@public("numpy.zeros")
def zeros(
    shape: Any, dtype: Any = None, order: str = "C", *, device: Any = None, like: None = None
) -> Variable:
    """Zeros; an entry of the shape is an int, a size, or the name of a size.

    Raises SizeError for an entry that is no length.

    >>> zeros(("n", 3)).shape
    (Dim('n'), 3)
    """
    return full_of(0, TensorType(as_dtype(dtype), as_shape(shape)))


@public("numpy.ones")
def ones(
    shape: Any, dtype: Any = None, order: str = "C", *, device: Any = None, like: None = None
) -> Variable:
    """Ones, as ``zeros``."""
    return full_of(1, TensorType(as_dtype(dtype), as_shape(shape)))


@public("numpy.full")
def full(
    shape: Any,
    fill_value: Any,
    dtype: Any = None,
    order: str = "C",
    *,
    device: Any = None,
    like: None = None,
) -> Variable:
    """``fill_value``, a number, array or variable, broadcast to ``shape``, as ``np.full``.

    Raises ShapeError where it does not broadcast to the shape.

    >>> full("n", 2).dtype
    dtype('int64')
    """
    value = as_variable(fill_value)
    target = value.dtype if dtype is None else as_dtype(dtype)
    number = constant_value(value)
    if number is not None and not value.ndim:
        return full_of(number, TensorType(target, as_shape(shape)))
    return shapes.broadcast_to(value.astype(target), shape)


@public("numpy.zeros_like", "numpy.empty_like")
def zeros_like(
    a: Any,
    dtype: Any = None,
    order: str = "K",
    subok: bool = True,
    shape: Any = None,
    *,
    device: Any = None,
) -> Variable:
    """Zeros of the shape and dtype of a, unless others are given, as ``np.zeros_like``.

    >>> import graphcomp as gr
    >>> zeros_like(gr.matrix("X", ("n", 3))).shape
    (Dim('n'), 3)
    """
    return full_like(a, 0, dtype, shape=shape)


@public("numpy.ones_like")
def ones_like(
    a: Any,
    dtype: Any = None,
    order: str = "K",
    subok: bool = True,
    shape: Any = None,
    *,
    device: Any = None,
) -> Variable:
    """Ones of the shape and dtype of a, unless others are given, as ``np.ones_like``."""
    return full_like(a, 1, dtype, shape=shape)


@public("numpy.full_like")
def full_like(
    a: Any,
    fill_value: Any,
    dtype: Any = None,
    order: str = "K",
    subok: bool = True,
    shape: Any = None,
    *,
    device: Any = None,
) -> Variable:
    """``fill_value`` broadcast to the shape of a, in a's dtype, as ``np.full_like``.

    ``shape`` and ``dtype`` replace a's. Raises ShapeError where the value does not broadcast.
    """
    like = as_variable(a)
    target = like.dtype if dtype is None else dtype
    return full(like.shape if shape is None else shape, fill_value, target)


empty_like = zeros_like


@public("numpy.eye")
def eye(
    N: Any,
    M: Any = None,
    k: int = 0,
    dtype: Any = float,
    order: str = "C",
    *,
    device: Any = None,
    like: None = None,
) -> Variable:
    """An N x M array (N x N without M) with ones on the k-th diagonal, as ``np.eye``.

    >>> eye("n").shape
    (Dim('n'), Dim('n'))
    """
    n = as_dim(N)
    m = n if M is None else as_dim(M)
    if isinstance(k, Variable):  # an int that is known when the function runs
        return (arange(n)[:, None] + k == arange(m)).astype(dtype)
    return Eye(n, m, as_int(k, "k"), as_dtype(dtype))()


@public("numpy.identity")
def identity(n: Any, dtype: Any = None, *, like: None = None) -> Variable:
    """The identity matrix of n rows, as ``np.identity``. Raises SizeError for no length."""
    return eye(n, dtype=float if dtype is None else dtype)


@public("numpy.arange")
def arange(
    start: Any = None,
    stop: Any = None,
    step: Any = 1,
    dtype: Any = None,
    *,
    device: Any = None,
    like: None = None,
) -> Variable:
    """The numbers from start (or 0) up to stop, in steps, as ``np.arange``.

    Each is a number or a size; the result has shape (length,). Raises ValueKindError for a
    variable, whose value would decide the length; SizeError for fractions beside sizes.

    >>> arange("n").shape
    (Dim('n'),)
    """
    if stop is None:
        start, stop = 0, start
    start = 0 if start is None else start
    first, last, stride = (_number(v) for v in (start, stop, 1 if step is None else step))
    natural = _range_dtype(first, last, stride)
    if any(isinstance(v, Dim) for v in (first, last, stride)):
        first, last, stride = map(_whole, (first, last, stride))
    return Arange(first, last, stride, natural if dtype is None else as_dtype(dtype))()


def _whole(value: Number) -> Number:
    """1.0 as 1, with which a symbolic length is exact."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _number(value: Any) -> Number:
    if isinstance(value, str):
        return as_dim(value)
    if isinstance(value, (Dim, int, float)) and not isinstance(value, bool):
        return float(value) if isinstance(value, float) else value
    if isinstance(value, (np.integer, np.floating)):
        number: int | float = value.item()
        return number
    raise ValueKindError(
        f"{value!r} cannot bound a range, whose length must be known",
        "give numbers or sizes, and scale the result: start + step * gr.arange(n)",
    )
