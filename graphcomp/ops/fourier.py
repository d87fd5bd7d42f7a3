"""The discrete Fourier transforms of ``numpy.fft``, and what their derivatives are made of.

Each transform is linear, and its plain transpose is another one of the family. With w_k how
often element k of half a spectrum stands in the whole one (once or twice):

    fft.T = fft,   rfft.T(G) = hfft(G / w),   irfft.T(G) = w * ihfft(G),
    ifft.T = ifft, hfft.T(G) = w * rfft(G),   ihfft.T(G) = irfft(G / w),

of the same length and norm. Several axes: hfft is irfftn of the conjugate, ihfft that of rfftn.
"""

from __future__ import annotations

import cmath
import functools
import math
import operator
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from graphcomp.dims import Dim, DimLike, Shape, minimum
from graphcomp.errors import DTypeError, ShapeError
from graphcomp.graph import Variable
from graphcomp.ops import arithmetic, create, padding, reduce, scatter, shape as shapes
from graphcomp.ops.base import Bad, Meaning, Op, Operand, Sample
from graphcomp.ops.create import Creation
from graphcomp.types import DType, TensorType

Array = np.ndarray[Any, Any]
Axes = tuple[int, ...]

OPPOSITE = {"backward": "forward", "ortho": "ortho", "forward": "backward"}
_WIDE = (np.dtype("float64"), np.dtype("complex128"))  # what NumPy 1.26 computes in


@dataclass(frozen=True, eq=False)
class Transform(Op, abstract=True):
    """Base of the transforms: to ``lengths`` along ``axes``, which are counted from the end.

    The lengths are those of the whole spectrum; the operand is cropped or padded with zeros to
    fit. The last axis is the one of which half a spectrum keeps only its first half.
    """

    lengths: Shape
    axes: Axes
    norm: str = "backward"
    function: ClassVar[str]  # its name in np.fft, along one axis
    conjugates: ClassVar[bool] = False  # along several axes it is another one's conjugate
    takes_real: ClassVar[bool] = False  # only real operands
    halves: ClassVar[int] = 0  # 1: the operand is half a spectrum, -1: the result is
    sign: ClassVar[int] = -1  # of the exponent

    def result_dtype(self, x: TensorType) -> DType:
        """As narrow as the operand, as from NumPy 2 on; NumPy 1.26 computes in complex128."""
        dtype = np.result_type(x.dtype, "complex64" if x.dtype.kind in "fc" else "complex128")
        return np.empty(0, dtype).real.dtype if self.halves == 1 else dtype

    def infer(self, x: TensorType) -> TensorType:
        reduce.require_axes(self.axes, x)
        if self.takes_real and x.dtype.kind == "c":
            raise DTypeError(
                f"{self.function} of {x.dtype}", "it takes real values: write gr.fft.fft(x)"
            )
        for n in self.lengths:
            if isinstance(n, int) and n < 1:
                raise ShapeError(f"{self.function} of length {n}", "a transform needs elements")
        return TensorType(self.result_dtype(x), self._resized(x.shape, self.halves == -1))

    def _resized(self, shape: Shape, half: bool) -> Shape:
        """``shape`` with the lengths, or with half of the last one, along the axes."""
        resized = list(shape)
        for axis, n in zip(self.axes, self.lengths, strict=True):
            resized[axis] = n
        if half:
            resized[self.axes[-1]] = self.lengths[-1] // 2 + 1
        return tuple(resized)

    def meaning(self, *types: TensorType) -> Meaning:
        (x,) = types
        call = self._along_axis(x) if len(self.axes) == 1 else self._along_axes(x)
        dtype = self.result_dtype(x)
        if dtype in _WIDE:
            return call
        text = f"{call.text}.astype(dtype, copy=False)"
        return Meaning(text, {**call.literals, "dtype": dtype}, call.defaults)

    def _along_axis(self, x: TensorType) -> Meaning:
        (axis,) = self.axes
        literals = {
            "n": None if self._is_natural(x) else self.lengths[0],
            "axis": axis if axis == -1 else axis + x.ndim,
            "norm": self.norm,
        }
        text = f"np.fft.{self.function}(x, n=n, axis=axis, norm=norm)"
        return Meaning(text, literals, {"n": None, "axis": -1, "norm": "backward"})

    def _along_axes(self, x: TensorType) -> Meaning:
        is_natural, is_last_two = self._is_natural(x), self.axes == (-2, -1)
        usual = (-2, -1) if is_last_two else None
        if is_last_two or (is_natural and self.axes == tuple(range(-x.ndim, 0))):
            axes: Any = usual
        else:
            axes = tuple(a + x.ndim for a in self.axes)
        literals = {"s": None if is_natural else self.lengths, "axes": axes, "norm": self.norm}
        function, before, after = self.function, "x", ""
        if self.conjugates:  # hfft and ihfft, which NumPy has along one axis only
            literals["norm"] = OPPOSITE[self.norm]
            function = "irfft" if self.halves == 1 else "rfft"
            before, after = ("np.conj(x)", "") if self.halves == 1 else ("x", ".conj()")
        name = f"{function}{'2' if is_last_two else 'n'}"
        text = f"np.fft.{name}({before}, s=s, axes=axes, norm=norm){after}"
        return Meaning(text, literals, {"s": None, "axes": usual, "norm": "backward"})

    def _is_natural(self, x: TensorType) -> bool:
        """Whether NumPy would take these lengths unasked."""
        natural = [x.shape[axis] for axis in self.axes]
        if self.halves == 1:
            natural[-1] = 2 * (natural[-1] - 1)
        return tuple(natural) == self.lengths

    def flops(self, types: tuple[TensorType, ...], output: TensorType) -> DimLike:
        """5 n log2(n), with 10 for the logarithm of a length that is not known."""
        steps = sum(
            math.ceil(math.log2(max(n, 2))) if isinstance(n, int) else 10 for n in self.lengths
        )
        return 5 * steps * output.size

    def multiplicity(self, G: Variable) -> Variable:
        """The weights w, to multiply a half spectrum like G with."""
        w = Multiplicity(self.lengths[-1], np.empty(0, G.dtype).real.dtype)()
        after = -self.axes[-1] - 1
        return shapes.Reshape((w.shape[0], *(1,) * after))(w) if after else w

    def like(self, op: type[Transform]) -> Transform:
        """Another transform of the same lengths."""
        return op(self.lengths, self.axes, self.norm)

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        return fit(self.transposed(G), inputs[0].shape)

    def transposed(self, G: Variable) -> Variable:
        """The plain transpose applied to G, before the crop or the padding is taken back."""
        return self(G)

    def oracle(self, x: Array) -> Any:
        """The sums of the definition, axis by axis."""
        lengths = tuple(map(int, self.lengths))
        *others, (last, n) = zip(self.axes, lengths, strict=True)
        for axis, length in others:
            x = _dft(_resize(x, axis, length), axis, self.sign, self.norm)
        if self.halves == 1:
            x = _whole(_resize(x, last, n // 2 + 1), last, n)
        y = _dft(_resize(x, last, n), last, self.sign, self.norm)
        if self.halves == -1:
            return np.take(y, range(n // 2 + 1), last)
        return y.real if self.halves == 1 else y

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        dtype = "float64" if cls.takes_real else "complex128"
        uses: list[tuple[tuple[int, ...], tuple[int, ...], Axes, str]] = [
            ((4,), (4,), (-1,), "backward"),
            ((3,), (3,), (-1,), "ortho"),
            ((3,), (1,), (-1,), "forward"),
            ((3,), (6,), (-1,), "forward"),
            ((4,), (3,), (-1,), "backward"),
            ((2, 3), (5,), (-2,), "backward"),
            ((2, 3), (2, 3), (-2, -1), "backward"),
            ((2, 3), (3, 2), (-1, -2), "ortho"),
            ((3, 1, 2), (3, 2), (-3, -1), "forward"),
            ((0, 3), (3,), (-1,), "backward"),
        ]
        for shape, lengths, axes, norm in uses:
            yield Sample(cls(lengths, axes, norm), (Operand(shape, dtype=dtype),))
        for dtype in ("float64", "int64"):
            yield Sample(cls((4,), (-1,)), (Operand((3,), dtype=dtype),))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls((3,), (-2,)), (Operand((3,)),), ShapeError)
        yield Bad(cls((0,), (-1,)), (Operand((3,)),), ShapeError)
        if cls.takes_real:
            yield Bad(cls((3,), (-1,)), (Operand((3,), dtype="complex128"),), DTypeError)


class Fft(Transform):
    """The sums of x[j] exp(-2 pi i j k / n) over j."""

    function = "fft"


class Ifft(Transform):
    """The sums of x[j] exp(2 pi i j k / n) / n over j."""

    function = "ifft"
    sign = 1


class Rfft(Transform):
    """The first half of the spectrum of real values; the other half is its mirror image."""

    function = "rfft"
    takes_real = True
    halves = -1

    def transposed(self, G: Variable) -> Variable:
        return self.like(Hfft)(divided(G, self.multiplicity(G)))


class Irfft(Transform):
    """The real values whose spectrum begins with x."""

    function = "irfft"
    halves = 1
    sign = 1

    def transposed(self, G: Variable) -> Variable:
        return self.multiplicity(G) * self.like(Ihfft)(G)


class Hfft(Transform):
    """The real spectrum of a signal that begins with x and is its own conjugate reversed."""

    function = "hfft"
    conjugates = True
    halves = 1

    def transposed(self, G: Variable) -> Variable:
        return self.multiplicity(G) * self.like(Rfft)(G)


class Ihfft(Transform):
    """The first half of the signal that has the real spectrum x."""

    function = "ihfft"
    conjugates = True
    takes_real = True
    halves = -1
    sign = 1

    def transposed(self, G: Variable) -> Variable:
        return self.like(Irfft)(divided(G, self.multiplicity(G)))


def divided(G: Variable, w: Variable) -> Variable:
    """G / w, with w left out where it is a factor of G, as after irfft(rfft(x) * y)."""
    factors: list[Variable] = []
    stack = [G]
    found = False
    while stack and len(factors) < 8:  # further down is no plain product
        v = stack.pop()
        if v is w and not found:
            found = True
        elif isinstance(v.op, arithmetic.Multiply):
            stack += reversed(v.inputs)
        else:
            factors.append(v)
    if not found or stack:
        return G / w
    product = functools.reduce(operator.mul, factors)
    return product if product.type == G.type else G / w


def fit(x: Variable, shape: Shape) -> Variable:
    """x cropped and padded with zeros, at the end of each axis, to a shape."""
    kept = tuple(slice(minimum(have, n)) for have, n in zip(x.shape, shape, strict=True))
    if x.shape == shape:
        return x
    cropped = x[kept] if any(k.stop != n for k, n in zip(kept, x.shape, strict=True)) else x
    missing = [n - have for n, have in zip(shape, cropped.shape, strict=True)]
    if not any(isinstance(n, Dim) for n in missing):
        return padding.Pad(tuple((0, int(n)) for n in missing))(cropped)
    return scatter.index_add(create.zeros(shape, x.dtype), kept, cropped)


# -------------------------------------------------------------------------------- for the oracles


def _resize(x: Array, axis: int, n: int) -> Array:
    out = np.zeros([n if k == axis + x.ndim else d for k, d in enumerate(x.shape)], complex)
    for index in np.ndindex(x.shape):
        if index[axis] < n:
            out[index] = x[index]
    return out


def _whole(x: Array, axis: int, n: int) -> Array:
    """The whole spectrum of length n that begins with x and is its own conjugate reversed."""
    whole = _resize(x, axis, n)
    for index in np.ndindex(whole.shape):
        mirrored = list(index)
        mirrored[axis] = -index[axis] % n
        if index[axis] == mirrored[axis]:
            whole[index] = whole[index].real
        elif index[axis] > mirrored[axis]:
            whole[index] = x[tuple(mirrored)].conjugate()
    return whole


def _dft(x: Array, axis: int, sign: int, norm: str) -> Array:
    n = x.shape[axis]
    normed = "forward" if sign < 0 else "backward"
    scale = 1 / math.sqrt(n) if norm == "ortho" else 1 / n if norm == normed else 1.0
    out = np.zeros(x.shape, complex)
    for index in np.ndindex(x.shape):
        source = list(index)
        for j in range(n):
            source[axis] = j
            turn = cmath.exp(sign * 2j * math.pi * (j * index[axis] % n) / n)
            out[index] += scale * turn * x[tuple(source)]
    return out


# ---------------------------------------------------------------------- weights and frequencies


@dataclass(frozen=True, eq=False)
class Multiplicity(Creation):
    """How often each element of half a spectrum stands in the whole one, of length n."""

    n: DimLike
    dtype: DType = create.FLOAT
    expression: ClassVar[str] = "_multiplicity(n, dtype)"

    def meaning(self, *types: TensorType) -> Meaning:
        dtype = "" if self.dtype == create.FLOAT else ", dtype"
        return Meaning(f"_multiplicity(n{dtype})", self.attributes)

    def infer(self) -> TensorType:
        return TensorType(self.dtype, (self.n // 2 + 1,))

    def oracle(self) -> Any:
        n = int(self.n)
        return [float(len({k, -k % n})) for k in range(n // 2 + 1)]

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for n in (1, 2, 3, 6):
            yield Sample(cls(n), ())
        yield Sample(cls(4, np.dtype("float32")), ())


@dataclass(frozen=True, eq=False)
class Fftfreq(Creation):
    """The frequencies of the n elements of a spectrum, in cycles for each step of length d."""

    n: DimLike
    d: float = 1.0
    expression: ClassVar[str] = "np.fft.fftfreq(n, d=d)"

    def infer(self) -> TensorType:
        return TensorType(create.FLOAT, (self.n,))

    def oracle(self) -> Any:
        n = int(self.n)
        return [(k if k < n - k else k - n) / (n * self.d) for k in range(n)]

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for n in (1, 4, 5):
            yield Sample(cls(n), ())
        yield Sample(cls(4, 0.25), ())


@dataclass(frozen=True, eq=False)
class Rfftfreq(Creation):
    """The frequencies of the elements of half a spectrum."""

    n: DimLike
    d: float = 1.0
    expression: ClassVar[str] = "np.fft.rfftfreq(n, d=d)"

    def infer(self) -> TensorType:
        return TensorType(create.FLOAT, (self.n // 2 + 1,))

    def oracle(self) -> Any:
        n = int(self.n)
        return [k / (n * self.d) for k in range(n // 2 + 1)]

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for n in (1, 4, 5):
            yield Sample(cls(n), ())
        yield Sample(cls(4, 0.25), ())


@dataclass(frozen=True, eq=False)
class Fftshift(Op):
    """x turned so that frequency 0 comes to the middle of ``axes``; ``inverse``: back."""

    axes: Axes
    inverse: bool = False
    flops_per_element: ClassVar[float] = 0.0

    def infer(self, x: TensorType) -> TensorType:
        reduce.require_axes(self.axes, x)
        return x.with_shape(x.shape)

    def simplify(self, x: Variable) -> Variable | None:
        if isinstance(x.op, Fftshift) and x.op == Fftshift(self.axes, not self.inverse):
            return x.inputs[0]
        return None

    def meaning(self, *types: TensorType) -> Meaning:
        name = "ifftshift" if self.inverse else "fftshift"
        axes = reduce.axis_literal(self.axes, types[0].ndim)
        return Meaning(f"np.fft.{name}(x, axes=axes)", {"axes": axes}, {"axes": None})

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        return Fftshift(self.axes, not self.inverse)(G)

    def oracle(self, x: Array) -> Any:
        out = np.empty_like(x)
        for index in np.ndindex(x.shape):
            target = list(index)
            for axis in self.axes:
                n = x.shape[axis]
                target[axis] = (index[axis] + (-(n // 2) if self.inverse else n // 2)) % n
            out[tuple(target)] = x[index]
        return out

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for inverse in (False, True):
            for shape, axes in (((4,), (-1,)), ((2, 3), (-2, -1)), ((2, 3, 1), (-2,))):
                yield Sample(cls(axes, inverse), (Operand(shape),))
        yield Sample(cls((-1,)), (Operand((3,), dtype="complex128"),))
        yield Sample(cls((-1,)), (Operand((3,), dtype="int64"),))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls((-2,)), (Operand((3,)),), ShapeError)
