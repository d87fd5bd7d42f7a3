"""The bits of numbers: packed eight to a byte, and read as numbers of another dtype."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from graphcomp.dims import Dim, DimLike
from graphcomp.errors import DTypeError, OptionError, ShapeError
from graphcomp.graph import Variable
from graphcomp.ops import create, join, shape as shapes
from graphcomp.ops.base import Bad, Meaning, Op, Operand, Sample, as_variable, axis_from_end
from graphcomp.registry import public
from graphcomp.types import DType, TensorType, as_dtype

__all__ = ["packbits", "unpackbits"]

Array = np.ndarray[Any, Any]
BYTE = np.dtype("uint8")
ORDERS = ("big", "little")


@dataclass(frozen=True, eq=False)
class Packbits(Op):
    """Each eight truth values along an axis as the bits of a byte, zeros in place of the last."""

    axis: int
    bitorder: str = "big"

    def infer(self, *types: TensorType) -> TensorType:
        (x,) = types
        if x.dtype.kind not in "biu":
            raise DTypeError(f"packbits takes ints and bools, not {x.dtype}", "write x != 0")
        return TensorType(BYTE, _replaced(x.shape, self.axis, (x.shape[self.axis] + 7) // 8))

    def meaning(self, *types: TensorType) -> Meaning:
        literals = {"axis": self.axis + types[0].ndim, "bitorder": self.bitorder}
        text = "np.packbits(x, axis=axis, bitorder=bitorder)"
        return Meaning(text, literals, {"bitorder": "big"})

    def oracle(self, x: Array) -> Any:
        rows = np.moveaxis(x, self.axis, -1)
        out = np.zeros((*rows.shape[:-1], -(-rows.shape[-1] // 8)), int)
        for *index, k in np.ndindex(rows.shape):
            power = k % 8 if self.bitorder == "little" else 7 - k % 8
            out[(*index, k // 8)] += 2**power * bool(rows[(*index, k)])
        return np.moveaxis(out, -1, self.axis)

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        yield Sample(cls(-1), (Operand((9,), dtype="bool"),))
        yield Sample(cls(-2, "little"), (Operand((3, 2), -2, 2, "int64"),))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(-1), (Operand((3,)),), DTypeError)


@dataclass(frozen=True, eq=False)
class Unpackbits(Op):
    """The bits of bytes along an axis, as zeros and ones."""

    axis: int
    bitorder: str = "big"

    def infer(self, *types: TensorType) -> TensorType:
        (x,) = types
        if x.dtype != BYTE:
            raise DTypeError(f"unpackbits takes uint8, not {x.dtype}", "use .astype('uint8')")
        return TensorType(BYTE, _replaced(x.shape, self.axis, x.shape[self.axis] * 8))

    def meaning(self, *types: TensorType) -> Meaning:
        literals = {"axis": self.axis + types[0].ndim, "bitorder": self.bitorder}
        text = "np.unpackbits(x, axis=axis, bitorder=bitorder)"
        return Meaning(text, literals, {"bitorder": "big"})

    def oracle(self, x: Array) -> Any:
        order = range(8) if self.bitorder == "little" else range(7, -1, -1)
        bits = [x.astype(int) // 2**k % 2 for k in order]
        axis = self.axis + x.ndim
        return np.stack(bits, axis + 1).reshape(_replaced(x.shape, self.axis, x.shape[axis] * 8))

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        yield Sample(cls(-1), (Operand((2, 2), 0, 255, "uint8"),))
        yield Sample(cls(-2, "little"), (Operand((2, 2), 0, 255, "uint8"),))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(-1), (Operand((3,), dtype="int64"),), DTypeError)


class Interpretation(Op, abstract=True):
    """The bytes of x read as numbers of another dtype, along the last axis where sizes differ."""

    is_view: ClassVar[bool] = True
    flops_per_element: ClassVar[float] = 0.0

    def target(self, x: TensorType) -> DType:
        """The dtype that the bytes of x are read as."""
        raise AssertionError

    def infer(self, *types: TensorType) -> TensorType:
        (x,) = types
        old, new = x.dtype, self.target(x)
        if old.itemsize == new.itemsize:
            return x.with_dtype(new)
        if not x.ndim:
            raise ShapeError(f"a scalar of {old} is not one of {new}", "give it an axis first")
        if old.itemsize > new.itemsize:
            last = x.shape[-1] * (old.itemsize // new.itemsize)
        else:
            ratio = new.itemsize // old.itemsize
            last = x.shape[-1] // ratio
            if last * ratio != x.shape[-1]:
                raise ShapeError(
                    f"a last axis of length {x.shape[-1]}",
                    f"to read {new} from {old} it must be a multiple of {ratio}",
                )
        return TensorType(new, (*x.shape[:-1], last))

    def meaning(self, *types: TensorType) -> Meaning:
        whole = "np.ascontiguousarray(x)" if types[0].ndim else "x"
        return Meaning(f"{whole}.view(dtype)", {"dtype": self.target(types[0])})

    def batch(self, inputs: tuple[Variable, ...], batched: tuple[bool, ...]) -> Variable:
        return self(*inputs)

    def oracle(self, x: Array) -> Any:
        values = np.frombuffer(x.tobytes(), self.target(TensorType(x.dtype, x.shape)))
        return values.reshape((*x.shape[:-1], -1) if x.ndim else ())


@dataclass(frozen=True, eq=False)
class View(Interpretation):
    """The bits of x read as another dtype, of which one is of integers; without a derivative."""

    dtype: DType

    def target(self, x: TensorType) -> DType:
        return self.dtype

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for shape, dtype in (((3,), "float64"), ((), "uint64"), ((2,), "uint8")):
            yield Sample(cls(np.dtype(dtype)), (Operand(shape, dtype="int64"),))
        yield Sample(cls(np.dtype("int64")), (Operand((2, 8), 0, 99, "uint8"),))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(np.dtype("int64")), (Operand((3,), dtype="uint8"),), ShapeError)
        yield Bad(cls(np.dtype("int64")), (Operand((), dtype="uint8"),), ShapeError)


class Pairs(Interpretation):
    """Each two real numbers along the last axis as a complex one."""

    def target(self, x: TensorType) -> DType:
        return np.dtype(f"c{2 * x.dtype.itemsize}")

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        return shapes.Reshape(inputs[0].shape)(join.stack([G, 1j * G], axis=-1))

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        yield Sample(cls(), (Operand((2, 4)),))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(), (Operand((3,)),), ShapeError)
        yield Bad(cls(), (Operand(()),), ShapeError)


class Parts(Interpretation):
    """The real and the imaginary part of each number, one after the other along the last axis."""

    def target(self, x: TensorType) -> DType:
        return np.empty(0, x.dtype).real.dtype

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        return G[..., ::2] - 1j * G[..., 1::2]

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        yield Sample(cls(), (Operand((2, 2), dtype="complex128"),))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(), (Operand((), dtype="complex128"),), ShapeError)


def _replaced(shape: tuple[DimLike, ...], axis: int, length: DimLike) -> tuple[DimLike, ...]:
    place = axis + len(shape)
    return (*shape[:place], length, *shape[place + 1 :])


# ------------------------------------------------------------------------------------ functions


def _along(a: Any, axis: int | None, bitorder: str) -> tuple[Variable, int]:
    if bitorder not in ORDERS:
        raise OptionError(f"bitorder={bitorder!r}", "give 'big' or 'little'")
    x = as_variable(a)
    if axis is None:
        return shapes.Reshape((x.size,))(x), -1
    return x, axis_from_end(axis, x.ndim)


@public("numpy.packbits")
def packbits(a: Any, /, axis: int | None = None, bitorder: str = "big") -> Variable:
    """Each eight elements along ``axis``, or of a made flat, as the bits of a uint8.

    As ``np.packbits``: a bit is 1 where the element is not 0; zeros fill the last byte. Raises
    DTypeError for other than ints and bools, OptionError for another ``bitorder``.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.packbits(gr.constant([1, 0, 0, 0, 0, 0, 1, 1])))
    array([131], dtype=uint8)
    """
    x, axis = _along(a, axis, bitorder)
    return Packbits(axis, bitorder)(x)


@public("numpy.unpackbits")
def unpackbits(
    a: Any, /, axis: int | None = None, count: int | None = None, bitorder: str = "big"
) -> Variable:
    """The bits of uint8 numbers along ``axis``, or of a made flat, as ``np.unpackbits``.

    ``count`` is how many to take; zeros follow where there are fewer, and a negative count says
    how many to leave out at the end. Raises DTypeError for other than uint8, OptionError for
    another ``bitorder``.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.unpackbits(gr.constant(131).astype("uint8").reshape(1)))
    array([1, 0, 0, 0, 0, 0, 1, 1], dtype=uint8)
    """
    x, axis = _along(a, axis, bitorder)
    bits = Unpackbits(axis, bitorder)(x)
    if count is None:
        return bits
    number = create.as_int(count, "count")
    length = bits.shape[axis]
    if number > 0 and not isinstance(length, Dim) and number > length:
        lacking = _replaced(bits.shape, axis, number - length)
        return join.concatenate([bits, create.zeros(lacking, BYTE)], axis=axis)
    rest = (slice(None),) * (-1 - axis)
    return bits[(..., slice(number), *rest)]


@public("numpy.ndarray.view")
def view(x: Variable, dtype: Any = None) -> Variable:
    """The bytes of x read as another dtype, as ``ndarray.view``; x itself without one.

    Raises DTypeError for one that has no meaning, ShapeError where the last axis does not hold
    a whole number of them.
    """
    target = x.dtype if dtype is None else as_dtype(dtype)
    if target == x.dtype:
        return x
    if x.dtype.kind not in "fc" or target.kind not in "fc":
        return View(target)(x)
    op: Interpretation = Parts() if x.dtype.kind == "c" else Pairs()
    if op.target(x.type) != target:
        raise DTypeError(f"the bytes of {x.label}, {x.dtype}, are no {target}", "write .astype")
    return op(x)
