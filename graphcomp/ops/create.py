"""Arrays made from nothing: constants, the identity, ranges; symbolic lengths allowed."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from graphcomp.dims import Dim, DimLike, Shape, as_dim, as_shape, maximum, prod, size
from graphcomp.errors import OptionError, ShapeError, SizeError, ValueKindError
from graphcomp.graph import Variable
from graphcomp.ops import shape as shapes
from graphcomp.ops.base import Bad, Meaning, Op, Python, Sample, as_variable, constant_value
from graphcomp.registry import public, refuse
from graphcomp.types import DType, TensorType, as_dtype

__all__ = [
    "arange",
    "empty_like",
    "eye",
    "full",
    "full_like",
    "identity",
    "linspace",
    "ones",
    "ones_like",
    "tril_indices",
    "triu_indices",
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


@dataclass(frozen=True, eq=False)
class TriangleIndices(Creation):
    """The rows (``part`` 0) or columns (1) of the elements of n x n on one side of the k-th
    diagonal and on it, row by row."""

    n: DimLike
    k: int
    upper: bool
    part: int

    def infer(self) -> TensorType:
        k = self.k if self.upper else -self.k
        side = maximum(0, self.n - k if k > 0 else self.n + k - 1)
        corner = side * (side + 1) // 2
        return TensorType(INT, (corner if k > 0 else self.n * self.n - corner,))

    def meaning(self, *types: TensorType) -> Meaning:
        name = "triu" if self.upper else "tril"
        return Meaning(f"np.{name}_indices(n, k=k)[part]", self.attributes, {"k": 0})

    def oracle(self) -> Any:
        n = range(int(self.n))
        sign = 1 if self.upper else -1
        return [(i, j)[self.part] for i in n for j in n if sign * (j - i - self.k) >= 0]

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for n, k in ((3, 0), (4, 1), (3, -1), (2, 3), (3, -5), (1, 1)):
            for upper in (True, False):
                for part in (0, 1):
                    yield Sample(cls(n, k, upper, part), ())


def _range_dtype(*numbers: Number) -> DType:
    return FLOAT if any(isinstance(v, float) for v in numbers) else INT


@dataclass(frozen=True, eq=False)
class Linspace(Creation):
    """``num`` numbers from start to stop, evenly spaced."""

    start: float
    stop: float
    num: DimLike
    endpoint: bool = True
    expression: ClassVar[str] = "np.linspace(start, stop, num, endpoint=endpoint)"

    def infer(self) -> TensorType:
        return TensorType(FLOAT, (self.num,))

    def oracle(self) -> Any:
        count = int(self.num)
        gaps = max(count - self.endpoint, 1)
        return [(self.start * (gaps - k) + self.stop * k) / gaps for k in range(count)]

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for num in (0, 1, 5):
            yield Sample(cls(-1.0, 2.0, num), ())
            yield Sample(cls(-1.0, 2.0, num, endpoint=False), ())


# ------------------------------------------------------------------------------------ functions


def full_of(number: Python, like: TensorType) -> Variable:
    """An array of one number with the shape and dtype of a type."""
    return Full(like.shape, like.dtype.type(number).item(), like.dtype)()


@public("numpy.zeros")
def zeros(shape: Any, dtype: Any = float, order: str = "C") -> Variable:
    """Zeros; an entry of the shape is an int, a size, or the name of a size.

    Raises SizeError for an entry that is no length.

    >>> zeros(("n", 3)).shape
    (Dim('n'), 3)
    """
    return full_of(0, TensorType(as_dtype(dtype), as_shape(shape)))


@public("numpy.ones")
def ones(shape: Any, dtype: Any = float, order: str = "C") -> Variable:
    """Ones, as ``zeros``."""
    return full_of(1, TensorType(as_dtype(dtype), as_shape(shape)))


@public("numpy.full")
def full(shape: Any, fill_value: Any, dtype: Any = None, order: str = "C") -> Variable:
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
    a: Any, dtype: Any = None, order: str = "K", subok: bool = True, shape: Any = None
) -> Variable:
    """Zeros of the shape and dtype of a, unless others are given, as ``np.zeros_like``.

    >>> import graphcomp as gr
    >>> zeros_like(gr.matrix("X", ("n", 3))).shape
    (Dim('n'), 3)
    """
    return full_like(a, 0, dtype, shape=shape)


@public("numpy.ones_like")
def ones_like(
    a: Any, dtype: Any = None, order: str = "K", subok: bool = True, shape: Any = None
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
) -> Variable:
    """``fill_value`` broadcast to the shape of a, in a's dtype, as ``np.full_like``.

    ``shape`` and ``dtype`` replace a's. Raises ShapeError where the value does not broadcast.
    """
    like = as_variable(a)
    target = like.dtype if dtype is None else dtype
    return full(like.shape if shape is None else shape, fill_value, target)


empty_like = zeros_like


@public("numpy.eye")
def eye(N: Any, M: Any = None, k: int = 0, dtype: Any = float, order: str = "C") -> Variable:
    """An N x M array (N x N without M) with ones on the k-th diagonal, as ``np.eye``.

    >>> eye("n").shape
    (Dim('n'), Dim('n'))
    """
    n = as_dim(N)
    return Eye(n, n if M is None else as_dim(M), operator.index(k), as_dtype(dtype))()


@public("numpy.identity")
def identity(n: Any, dtype: Any = None) -> Variable:
    """The identity matrix of n rows, as ``np.identity``. Raises SizeError for no length."""
    return eye(n, dtype=float if dtype is None else dtype)


@public("numpy.arange")
def arange(start: Any, stop: Any = None, step: Any = 1, dtype: Any = None) -> Variable:
    """The numbers from start (or 0) up to stop, in steps, as ``np.arange``.

    Each is a number or a size; the result has shape (length,). Raises ValueKindError for a
    variable, whose value would decide the length; SizeError for fractions beside sizes.

    >>> arange("n").shape
    (Dim('n'),)
    """
    if stop is None:
        start, stop = 0, start
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


@public("numpy.triu_indices")
def triu_indices(n: DimLike | str, k: int = 0, m: Any = None) -> tuple[Variable, Variable]:
    """The rows and the columns of the elements of n x n on and above the k-th diagonal.

    Each of shape (count,). Raises OptionError for another number of columns than n.

    >>> triu_indices("n", 1)[0].shape
    (Dim('(n**2 + n)//2 - n'),)
    """
    return _triangle(n, k, m, upper=True)


@public("numpy.tril_indices")
def tril_indices(n: DimLike | str, k: int = 0, m: Any = None) -> tuple[Variable, Variable]:
    """The rows and the columns of the elements of n x n on and below the k-th diagonal.

    Shapes and errors as ``triu_indices``.
    """
    return _triangle(n, k, m, upper=False)


def _triangle(n: DimLike | str, k: int, m: Any, upper: bool) -> tuple[Variable, Variable]:
    rows = as_dim(n)
    if m is not None and m != rows:
        raise OptionError(f"the indices of a triangle of {rows} x {m}", "leave m out")
    return (
        TriangleIndices(rows, operator.index(k), upper, 0)(),
        TriangleIndices(rows, operator.index(k), upper, 1)(),
    )


@public("numpy.linspace")
def linspace(
    start: Any,
    stop: Any,
    num: Any = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    axis: int = 0,
) -> Variable:
    """``num`` evenly spaced values from start to stop, as ``np.linspace``.

    start and stop are numbers, or arrays or variables of one shape, which follows the new
    leading axis in the result. Raises OptionError for ``retstep`` and another ``axis``.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, linspace(0, 1, 5))
    array([0.  , 0.25, 0.5 , 0.75, 1.  ])
    """
    refuse("linspace", retstep=retstep or None, axis=axis or None)
    count = as_dim(num)
    ends = [as_variable(v) for v in (start, stop)]
    if all(v.dtype.kind in "iuf" and not v.ndim and not v.inputs for v in ends):
        numbers = [constant_value(v) for v in ends]
        if None not in numbers:
            result = Linspace(float(numbers[0]), float(numbers[1]), count, bool(endpoint))()
            return result if dtype is None else result.astype(dtype)
    span = ends[1] - ends[0]
    unit = Linspace(0.0, 1.0, count, bool(endpoint))()
    result = ends[0] + span * shapes.reshape(unit, (count, *(1,) * span.ndim))
    return result if dtype is None else result.astype(dtype)
