"""Indices of many elements at once: of triangles and diagonals, and grids of coordinates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from graphcomp.dims import DimLike, Shape, as_dim, as_shape, maximum
from graphcomp.errors import DTypeError, OptionError, ShapeError, SizeError
from graphcomp.graph import Variable
from graphcomp.ops import create, shape as shapes, structure
from graphcomp.ops.base import Bad, Meaning, Op, Operand, Sample, as_variable, constant
from graphcomp.ops.elementwise import align_batch
from graphcomp.registry import public
from graphcomp.types import DType, TensorType, TupleType, as_dtype, broadcast_shapes

__all__ = [
    "diag_indices",
    "diag_indices_from",
    "fromfunction",
    "indices",
    "ix_",
    "mask_indices",
    "ravel_multi_index",
    "tri",
    "tril_indices",
    "tril_indices_from",
    "triu_indices",
    "triu_indices_from",
    "unravel_index",
]

INT = create.INT


# -------------------------------------------------------------------------------------- triangles


@dataclass(frozen=True, eq=False)
class TriangleIndices(create.Creation):
    """The rows and the columns of the elements of n x m on one side of the k-th diagonal and on
    it, row by row."""

    n: DimLike
    m: DimLike
    k: int = 0
    upper: bool = False

    def infer(self) -> TupleType:
        vector = TensorType(INT, (self._count(),))
        return TupleType((vector, vector))

    def _count(self) -> DimLike:
        if isinstance(self.n, int) and isinstance(self.m, int):
            rows = np.clip(np.arange(self.n) + self.k + (not self.upper), 0, self.m)
            below = int(rows.sum())
            return self.n * self.m - below if self.upper else below
        if self.upper:
            return _above(self.n, self.m, self.k)
        return self.n * self.m - _above(self.n, self.m, self.k + 1)

    def meaning(self, *types: TensorType) -> Meaning:
        name = "triu" if self.upper else "tril"
        columns = "" if self.m == self.n else ", m=m"
        return Meaning(f"np.{name}_indices(n, k=k{columns})", self.attributes, {"k": 0})

    def oracle(self) -> Any:
        sign = 1 if self.upper else -1
        places = [
            (i, j)
            for i in range(int(self.n))
            for j in range(int(self.m))
            if sign * (j - i - self.k) >= 0
        ]
        return tuple(np.array(places, INT).reshape(-1, 2).T)

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for n, m, k in (
            (3, 3, 0),
            (4, 4, 1),
            (3, 3, -1),
            (2, 2, 3),
            (3, 3, -5),
            (2, 4, 1),
            (4, 2, 0),
        ):
            for upper in (True, False):
                yield Sample(cls(n, m, k, upper), ())


def _above(n: DimLike, m: DimLike, k: int) -> DimLike:
    """How many of the elements of n x m are on the k-th diagonal and above.

    Row i has m - k - i, at least none and at most all m. The triangle of them that begins in
    row 0 has m - k rows, what hangs below row n is a triangle again, and so is what juts out to
    the left of column 0, where k is negative.
    """

    def triangle(side: DimLike) -> DimLike:
        side = maximum(0, side)
        return side * (side + 1) // 2

    return triangle(m - k) - triangle(m - k - n) - triangle(-k) + triangle(-k - n)


def _triangle(n: Any, k: int, m: Any, upper: bool) -> tuple[Variable, ...]:
    rows = as_dim(n)
    columns = rows if m is None else as_dim(m)
    places = TriangleIndices(rows, columns, create.as_int(k, "k"), upper)()
    return _named(structure.unpack(places), "rows", "columns")


def _named(results: tuple[Variable, ...], *names: str) -> tuple[Variable, ...]:
    """The results, called so in generated code."""
    for result, name in zip(results, names, strict=True):
        result.hints.role = result.hints.role or name
    return results


@public("numpy.triu_indices")
def triu_indices(n: Any, k: int = 0, m: Any = None) -> tuple[Variable, ...]:
    """The rows and the columns of the elements of n x m on and above the k-th diagonal.

    Each of shape (count,); without m there are n columns.

    >>> triu_indices("n", 1)[0].shape
    (Dim('(n**2 + n)//2 - n'),)
    """
    return _triangle(n, k, m, upper=True)


@public("numpy.tril_indices")
def tril_indices(n: Any, k: int = 0, m: Any = None) -> tuple[Variable, ...]:
    """The rows and the columns of the elements of n x m on and below the k-th diagonal.

    Shapes and errors as ``triu_indices``.
    """
    return _triangle(n, k, m, upper=False)


@public("numpy.triu_indices_from")
def triu_indices_from(arr: Any, k: int = 0) -> tuple[Variable, ...]:
    """``triu_indices`` for a matrix. Raises ShapeError for other than two axes."""
    rows, columns = _matrix_shape(arr)
    return triu_indices(rows, k, columns)


@public("numpy.tril_indices_from")
def tril_indices_from(arr: Any, k: int = 0) -> tuple[Variable, ...]:
    """``tril_indices`` for a matrix. Raises ShapeError for other than two axes."""
    rows, columns = _matrix_shape(arr)
    return tril_indices(rows, k, columns)


def _matrix_shape(arr: Any) -> Shape:
    x = as_variable(arr)
    if x.ndim != 2:
        raise ShapeError(f"{x.label} has {x.ndim} axes", "give a matrix")
    return x.shape


@public("numpy.mask_indices")
def mask_indices(n: Any, mask_func: Callable[..., Any], k: Any = 0) -> tuple[Variable, ...]:
    """The rows and the columns that a mask such as ``np.triu`` keeps, as ``np.mask_indices``.

    For a number n any mask of arrays will do, for a symbolic size ``triu`` and ``tril``. Raises
    SizeError for another one there.

    >>> import graphcomp as gr
    >>> mask_indices("n", gr.triu, 1)[0].shape
    (Dim('(n**2 + n)//2 - n'),)
    """
    size, name = as_dim(n), getattr(mask_func, "__name__", "")
    if name in ("triu", "tril"):
        return _triangle(size, k, None, upper=name == "triu")
    if not isinstance(size, int):
        raise SizeError(
            f"how many elements {name or mask_func} keeps of {size} x {size} is not known",
            "use np.triu or np.tril, or give the size as a number",
        )
    return tuple(map(constant, np.mask_indices(size, mask_func, k)))


@dataclass(frozen=True, eq=False)
class Tri(create.Creation):
    """Ones on and below the k-th diagonal of an n x m array, zeros above."""

    n: DimLike
    m: DimLike
    k: int = 0
    dtype: DType = create.FLOAT

    def infer(self) -> TensorType:
        return TensorType(self.dtype, (self.n, self.m))

    def meaning(self, *types: TensorType) -> Meaning:
        columns = "" if self.m == self.n else ", m"
        defaults = {"k": 0, "dtype": create.FLOAT}
        return Meaning(f"np.tri(n{columns}, k=k, dtype=dtype)", self.attributes, defaults)

    def oracle(self) -> Any:
        rows, columns = int(self.n), int(self.m)
        return [[float(j <= i + self.k) for j in range(columns)] for i in range(rows)]

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for n, m, k in ((3, 3, 0), (2, 4, 1), (3, 2, -1)):
            yield Sample(cls(n, m, k), ())
        yield Sample(cls(2, 2, 0, np.dtype("int32")), ())


@public("numpy.tri")
def tri(N: Any, M: Any = None, k: int = 0, dtype: Any = float, *, like: None = None) -> Variable:
    """An N x M array with ones on and below the k-th diagonal, as ``np.tri``.

    >>> tri("n", 3).shape
    (Dim('n'), 3)
    """
    n = as_dim(N)
    m = n if M is None else as_dim(M)
    if isinstance(k, Variable):  # an int that is known when the function runs
        return (create.arange(n)[:, None] + k >= create.arange(m)).astype(dtype)
    return Tri(n, m, create.as_int(k, "k"), as_dtype(dtype))()


# -------------------------------------------------------------------------------------- diagonals


@public("numpy.diag_indices")
def diag_indices(n: Any, ndim: int = 2) -> tuple[Variable, ...]:
    """The index of the main diagonal of an array of ndim axes of length n.

    >>> [rows.shape for rows in diag_indices("n")]
    [(Dim('n'),), (Dim('n'),)]
    """
    return (create.arange(as_dim(n)),) * create.as_int(ndim, "ndim")


@public("numpy.diag_indices_from")
def diag_indices_from(arr: Any) -> tuple[Variable, ...]:
    """``diag_indices`` for an array. Raises ShapeError unless its axes are of one length."""
    x = as_variable(arr)
    if x.ndim < 2 or any(d != x.shape[0] for d in x.shape):
        raise ShapeError(
            f"{x.label} of shape {x.shape} has no main diagonal of one length",
            "give an array of two or more axes of one length",
        )
    return diag_indices(x.shape[0], x.ndim)


# ------------------------------------------------------------------------------------------ grids


@dataclass(frozen=True, eq=False)
class Indices(create.Creation):
    """The coordinates of each element of a shape, along a new leading axis."""

    shape: Shape
    dtype: DType = INT

    def infer(self) -> TensorType:
        return TensorType(self.dtype, (len(self.shape), *self.shape))

    def meaning(self, *types: TensorType) -> Meaning:
        literals = {"dimensions": self.shape, "dtype": self.dtype}
        return Meaning("np.indices(dimensions, dtype=dtype)", literals, {"dtype": INT})

    def oracle(self) -> Any:
        shape = tuple(map(int, self.shape))
        out = np.empty((len(shape), *shape), self.dtype)
        for index in np.ndindex(shape):
            out[(slice(None), *index)] = index
        return out

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for shape in ((), (3,), (2, 3), (0, 2)):
            yield Sample(cls(shape), ())
        yield Sample(cls((2, 2), create.FLOAT), ())


@public("numpy.indices")
def indices(dimensions: Any, dtype: Any = int, sparse: bool = False) -> Any:
    """The coordinates of each element of an array of this shape, as ``np.indices``.

    Of shape (len(dimensions), *dimensions); with ``sparse`` a tuple of arrays that broadcast to
    them.

    >>> indices(("n", 3)).shape
    (2, Dim('n'), 3)
    """
    shape, kind = as_shape(dimensions), as_dtype(dtype)
    if not sparse:
        return Indices(shape, kind)()
    return _open_grid([create.arange(n, dtype=kind) for n in shape])


def _open_grid(vectors: Sequence[Variable]) -> tuple[Variable, ...]:
    """Each vector along an axis of its own."""
    rank = len(vectors)
    return tuple(
        shapes.Reshape((*(1,) * k, *v.shape, *(1,) * (rank - k - 1)))(v)
        for k, v in enumerate(vectors)
    )


@public("numpy.ix_")
def ix_(*args: Any) -> tuple[Variable, ...]:
    """The index of all combinations of some rows, columns, …, as ``np.ix_``.

    Raises ShapeError for other than vectors, DTypeError for a mask that is a variable.

    >>> import graphcomp as gr
    >>> X = gr.matrix("X", ("n", 4))
    >>> X[ix_(gr.arange("n"), [0, 2])].shape
    (Dim('n'), 2)
    """
    vectors = []
    for given in args:
        is_plain = not isinstance(given, Variable)
        places = np.asarray(given) if is_plain else given
        if places.ndim != 1:
            raise ShapeError("ix_ takes vectors of indices", "give one for each axis")
        if places.dtype.kind == "b":
            if not is_plain:
                raise DTypeError(
                    f"the length of the index would depend on the values of {given.label}",
                    "write gr.where over the whole array",
                )
            places = np.nonzero(places)[0]
        vectors.append(as_variable(places if places.size or not is_plain else places.astype(INT)))
    return _open_grid(vectors)


@public("numpy.fromfunction")
def fromfunction(
    function: Callable[..., Any],
    shape: Any,
    *,
    dtype: Any = float,
    like: None = None,
    **kwargs: Any,
) -> Any:
    """What a function makes of the coordinates of each element, as ``np.fromfunction``.

    >>> fromfunction(lambda i, j: i - 2 * j, ("n", 3)).shape
    (Dim('n'), 3)
    """
    coordinates = indices(shape, dtype)
    return function(*(coordinates[k] for k in range(coordinates.shape[0])), **kwargs)


# ---------------------------------------------------------------------------------- flat positions


def _require_ints(*operands: TensorType) -> None:
    for x in operands:
        if x.dtype.kind not in "iu":
            raise DTypeError(f"positions of dtype {x.dtype}", "convert them with .astype('int64')")


@dataclass(frozen=True, eq=False)
class UnravelIndex(Op):
    """The coordinates, in an array of a shape, of the elements at flat positions."""

    shape: Shape
    order: str = "C"
    expression: ClassVar[str] = "np.unravel_index(x, shape, order=order)"

    def infer(self, *types: TensorType) -> TupleType:
        (x,) = types
        _require_ints(x)
        return TupleType((TensorType(INT, x.shape),) * len(self.shape))

    def oracle(self, x: np.ndarray[Any, Any]) -> Any:
        lengths = self.shape if self.order == "F" else self.shape[::-1]
        found = []
        for length in map(int, lengths):
            found.append(x % length)
            x = x // length
        return tuple(found if self.order == "F" else found[::-1])

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for shape in ((), (3,), (0,)):
            for order in "CF":
                yield Sample(cls((2, 3), order), (Operand(shape, 0, 5, "int64"),))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls((2, 3)), (Operand((3,)),), DTypeError)


@dataclass(frozen=True, eq=False)
class RavelMultiIndex(Op):
    """The flat positions, in an array of a shape, of the elements at coordinates."""

    shape: Shape
    mode: str | tuple[str, ...] = "raise"
    order: str = "C"
    parameters: ClassVar[tuple[str, ...]] = ("*xs",)

    def infer(self, *types: TensorType) -> TensorType:
        _require_ints(*types)
        if len(types) != len(self.shape):
            raise ShapeError(
                f"{len(types)} coordinates in a shape of {len(self.shape)} axes",
                "give one for each axis",
            )
        return TensorType(INT, broadcast_shapes(*(t.shape for t in types)))

    def meaning(self, *types: TensorType) -> Meaning:
        names = ", ".join(self.parameter_names(len(types))) + ("," if len(types) == 1 else "")
        text = f"np.ravel_multi_index(({names}), shape, mode=mode, order=order)"
        return Meaning(text, self.attributes, {"mode": "raise", "order": "C"})

    def batch(self, inputs: tuple[Variable, ...], batched: tuple[bool, ...]) -> Variable:
        return self(*align_batch(inputs, batched))

    def oracle(self, *coordinates: np.ndarray[Any, Any]) -> Any:
        modes = (self.mode,) * len(self.shape) if isinstance(self.mode, str) else self.mode
        strides = np.cumprod([1, *self.shape[:0:-1]])[::-1]
        if self.order == "F":
            strides = np.cumprod([1, *self.shape[:-1]])
        total: Any = 0
        for x, length, mode, stride in zip(coordinates, self.shape, modes, strides, strict=True):
            inside = np.clip(x, 0, int(length) - 1) if mode == "clip" else x % length
            total = total + inside * stride
        return total

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        rows, columns = Operand((2, 1), 0, 1, "int64"), Operand((4,), 0, 2, "int64")
        for order in "CF":
            yield Sample(cls((2, 3), "raise", order), (rows, columns))
        outside = Operand((4,), -5, 5, "int64")
        yield Sample(cls((2, 3), ("clip", "wrap")), (outside, outside))
        yield Sample(cls((2, 3)), (Operand((), 0, 1, "int64"), Operand((), 0, 2, "int64")))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls((2, 3)), (Operand((3,), dtype="int64"),), ShapeError)
        yield Bad(cls((3,)), (Operand((3,)),), DTypeError)


def _require_order(order: str) -> None:
    if order not in ("C", "F"):
        raise OptionError(f"order={order!r}", "give 'C' or 'F'")


@public("numpy.unravel_index")
def unravel_index(indices: Any, shape: Any, order: str = "C") -> tuple[Variable, ...]:
    """The coordinates of the elements at flat positions, as ``np.unravel_index``.

    One array for each axis of the shape. A position out of range raises ValueError when it is
    evaluated. Raises DTypeError for positions that are no ints.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, unravel_index([5, 0], (2, 3)))
    (array([1, 0]), array([2, 0]))
    """
    _require_order(order)
    return structure.unpack(UnravelIndex(as_shape(shape), order)(as_variable(indices)))


@public("numpy.ravel_multi_index")
def ravel_multi_index(
    multi_index: Any, dims: Any, mode: Any = "raise", order: str = "C"
) -> Variable:
    """The flat positions of the elements at coordinates, as ``np.ravel_multi_index``.

    ``mode`` says what becomes of coordinates out of range: ``"raise"`` (when it is evaluated),
    ``"wrap"`` or ``"clip"``, for all axes or one for each. Raises DTypeError for coordinates
    that are no ints, ShapeError where there is not one for each axis.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, ravel_multi_index(([1, 0], [2, 0]), (2, 3)))
    array([5, 0])
    """
    _require_order(order)
    modes = mode if isinstance(mode, str) else tuple(mode)
    if not set((modes,) if isinstance(modes, str) else modes) <= {"raise", "wrap", "clip"}:
        raise OptionError(f"mode={mode!r}", "give 'raise', 'wrap' or 'clip'")
    if not isinstance(multi_index, (tuple, list)):
        whole = as_variable(multi_index)
        if not whole.ndim:
            raise ShapeError("coordinates must be a tuple of arrays", "give one for each axis")
        multi_index = [whole[k] for k in range(len(as_shape(dims)))]
    return RavelMultiIndex(as_shape(dims), modes, order)(*map(as_variable, multi_index))
