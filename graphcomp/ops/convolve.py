"""Convolution and correlation.

With s the shorter and l the longer of two vectors, ``mode="full"`` gives all s + l - 1 sums,
``"valid"`` the l - s + 1 in the middle of which each has all of s, ``"same"`` the l in the middle.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from graphcomp import dims
from graphcomp.dims import DimLike
from graphcomp.errors import OptionError, ShapeError
from graphcomp.graph import Variable
from graphcomp.ops import create, fourier, join, padding, parts, rearrange, reduce, shape as shapes
from graphcomp.ops.base import Bad, Meaning, Op, Operand, Sample, as_variable
from graphcomp.registry import public
from graphcomp.types import DType, TensorType, format_shape, sampled_dtype, ufunc_dtype

__all__ = ["convolve", "correlate"]

Array = np.ndarray[Any, Any]

_MODES = ("valid", "same", "full")  # by NumPy's old numbers for them

reverse = rearrange.Flip((-1,))


def conjugate(x: Variable) -> Variable:
    return parts.conjugate(x) if x.dtype.kind == "c" else x


def _is_longer(x: DimLike, y: DimLike) -> bool:
    """Whether x is known to be at least y."""
    least = dims.lower_bound(x - y)
    return least is not None and least >= 0


@dataclass(frozen=True, eq=False)
class Sliding(Op, abstract=True):
    """Base of the sums of products of one vector with the other as it slides along."""

    mode: str = "full"
    parameters: ClassVar[tuple[str, ...]] = ("x", "y")
    function: ClassVar[str]

    def infer(self, *types: TensorType) -> TensorType:
        x, y = types
        if x.ndim != 1 or y.ndim != 1:
            raise ShapeError("an operand that is no vector", "both must have one axis")
        if 0 in (*x.shape, *y.shape):
            raise ShapeError("an empty vector", "both need at least one element")
        dtype = sampled_dtype(getattr(np, self.function), x, y)
        return TensorType(dtype, (self.bounds(x.shape[0], y.shape[0])[1],))

    def bounds(self, m: DimLike, n: DimLike) -> tuple[DimLike, DimLike]:
        """Where the result begins among all m + n - 1 sums, and its length."""
        if self.mode == "full":
            return 0, m + n - 1
        short, long = dims.minimum(m, n), dims.maximum(m, n)
        if self.mode == "valid":
            return short - 1, long - short + 1
        return self.middle(m, n), long

    def middle(self, m: DimLike, n: DimLike) -> DimLike:
        """Where the result of ``mode="same"`` begins."""
        return (dims.minimum(m, n) - 1) // 2

    def meaning(self, *types: TensorType) -> Meaning:
        text = f"np.{self.function}(x, y, mode=mode)"
        usual = "full" if self.function == "convolve" else "valid"
        return Meaning(text, {"mode": self.mode}, {"mode": usual})

    def flops(self, types: tuple[TensorType, ...], output: TensorType) -> DimLike:
        return 2 * dims.prod((types[0].shape[0], types[1].shape[0]))

    def whole(self, inputs: tuple[Variable, ...], G: Variable) -> Variable:
        """The gradient on all the sums: zeros where the mode leaves them out."""
        x, y = inputs
        m, n = x.shape[0], y.shape[0]
        start, count = self.bounds(m, n)
        after = m + n - 1 - start - count
        if isinstance(start, int) and isinstance(after, int):
            return padding.Pad(((start, after),))(G)
        before, behind = (create.zeros((k,), G.dtype) for k in (start, after))
        return join.concatenate([before, G, behind])

    def batch(self, inputs: tuple[Variable, ...], batched: tuple[bool, ...]) -> Variable:
        """A stack of one operand is a product with a banded matrix of the other."""
        x, y = inputs
        m, n = x.shape[-1], y.shape[-1]
        start, count = self.bounds(m, n)
        if self.function == "correlate":
            y = reverse(conjugate(y))
        if not batched[1]:
            return x @ _banded(y, m, start, count)
        if not batched[0]:
            return y @ _banded(x, n, start, count)
        sums = by_fourier(x, y, (-1,))[..., slice(start, start + count)]
        return rounded(sums, ufunc_dtype(np.multiply, x.dtype, y.dtype))

    def oracle(self, x: Array, y: Array) -> Any:
        if self.function == "correlate":
            y = np.array([v.conjugate() for v in y[::-1]])
        sums = np.zeros(len(x) + len(y) - 1, np.result_type(x, y))
        for (i,), v in np.ndenumerate(x):
            for (j,), w in np.ndenumerate(y):
                sums[i + j] += v * w
        start, count = map(int, self.bounds(len(x), len(y)))
        return sums[start : start + count]

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for mode in _MODES:
            for m, n in ((4, 3), (2, 5), (3, 3), (5, 1), (4, 2)):
                yield Sample(cls(mode), (Operand((m,)), Operand((n,))))
        for dtype in ("complex128", "int64"):
            yield Sample(cls("same"), (Operand((4,), dtype=dtype), Operand((2,), dtype=dtype)))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(), (Operand((2, 3)), Operand((3,))), ShapeError)
        yield Bad(cls(), (Operand((0,)), Operand((3,))), ShapeError)


class Convolve(Sliding):
    """The sums of x[i] y[k - i] over i."""

    function = "convolve"

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        """A vector's gradient is G correlated with the other one."""
        x, y = inputs
        this, other = (x, y) if i == 0 else (y, x)
        if self.mode == "valid" and _is_longer(this.shape[0], other.shape[0]):
            return Correlate("full")(G, conjugate(other))
        if self.mode == "valid" and _is_longer(other.shape[0], this.shape[0]):
            return reverse(Correlate("valid")(other, conjugate(G)))
        return Correlate("valid")(self.whole(inputs, G), conjugate(other))


class Correlate(Sliding):
    """The sums of x[i + k] conj(y[i]) over i."""

    function = "correlate"

    def middle(self, m: DimLike, n: DimLike) -> DimLike:
        """NumPy slides the shorter one, and so turns the longer second round."""
        if _is_longer(m, n):
            return (n - 1) // 2
        if _is_longer(n, m):
            return m // 2
        first = dims.minimum(m, n)
        swapped = dims.maximum(0, dims.minimum(1, n - m))  # 1 where the second is longer
        return (first - 1 + swapped) // 2

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        x, y = inputs
        conj = conjugate(y)
        is_valid = self.mode == "valid" and _is_longer(x.shape[0], y.shape[0])
        if i == 0:
            if is_valid:
                return Convolve("full")(G, conj)
            return Convolve("valid")(self.whole(inputs, G), conj)
        if is_valid:
            return conjugate(Correlate("valid")(x, conjugate(G)))
        gradient = reverse(Correlate("valid")(self.whole(inputs, G), conjugate(x)))
        return conjugate(gradient)


def _banded(y: Variable, rows: DimLike, start: DimLike, count: DimLike) -> Variable:
    """The matrix with y[start + k - i] at (i, k), and zeros where y ends."""
    margin = create.zeros((rows - 1,), y.dtype)
    padded = join.concatenate([margin, y, margin])
    first = create.arange(start + rows - 1, start + rows - 1 + count)
    return padded[first - create.arange(rows)[:, None]]


# ------------------------------------------------------------------------- functions for users


def _mode(mode: Any) -> str:
    if isinstance(mode, int) and not isinstance(mode, bool) and 0 <= mode < len(_MODES):
        return _MODES[mode]
    if mode not in _MODES:
        raise OptionError(f"mode={mode!r}", "give 'full', 'same' or 'valid'")
    return str(mode)


@public("numpy.convolve")
def convolve(a: Any, v: Any, mode: str = "full") -> Variable:
    """The convolution of two vectors, as ``np.convolve``.

    Of lengths m and n: m + n - 1 elements, max(m, n) with ``mode="same"``,
    max(m, n) - min(m, n) + 1 with ``"valid"``. Raises ShapeError for what is no vector and for
    an empty one, OptionError for another mode.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.convolve(gr.constant([1, 2, 3]), gr.constant([0, 1])))
    array([0, 1, 2, 3])
    """
    return Convolve(_mode(mode))(*(shapes.atleast_1d(as_variable(x)) for x in (a, v)))


@public("numpy.correlate")
def correlate(a: Any, v: Any, mode: str = "valid") -> Variable:
    """The correlation of a with the conjugate of v, as ``np.correlate``; else as ``convolve``.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.correlate(gr.constant([1, 2, 3]), gr.constant([0, 1])))
    array([2, 3])
    """
    return Correlate(_mode(mode))(as_variable(a), as_variable(v))


# ------------------------------------------------------------------------------ scipy.signal


def by_fourier(x: Variable, y: Variable, axes: tuple[int, ...]) -> Variable:
    """All the sums of a convolution along axes, by the convolution theorem."""
    lengths = tuple(x.shape[k] + y.shape[k] - 1 for k in axes)
    if "c" in (x.dtype.kind, y.dtype.kind):
        product = fourier.Fft(lengths, axes)(x) * fourier.Fft(lengths, axes)(y)
        return fourier.Ifft(lengths, axes)(product)
    product = fourier.Rfft(lengths, axes)(x) * fourier.Rfft(lengths, axes)(y)
    return fourier.Irfft(lengths, axes)(product)


def rounded(sums: Variable, dtype: DType) -> Variable:
    """Sums by Fourier transforms in the dtype of direct ones: whole numbers are rounded."""
    if dtype.kind in "iub":
        sums = parts.rint(sums)
    return sums if sums.dtype == dtype else sums.astype(dtype)


def _signal_operands(function: str, in1: Any, in2: Any) -> tuple[Variable, Variable]:
    x, y = as_variable(in1), as_variable(in2)
    if x.ndim != y.ndim:
        raise ShapeError(
            f"{function} of {format_shape(x.shape)} and {format_shape(y.shape)}",
            "both must have the same number of axes",
        )
    if 0 in (*x.shape, *y.shape):
        raise ShapeError(
            f"{function} of {format_shape(x.shape)} and {format_shape(y.shape)}",
            "both need at least one element",
        )
    return x, y


def _convolve(x: Variable, y: Variable, mode: str, axes: tuple[int, ...], method: str) -> Variable:
    """The convolution of arrays along axes; of the others the operands broadcast.

    ``mode="same"`` has the lengths of x, as in SciPy.
    """
    if mode not in _MODES:
        raise OptionError(f"mode={mode!r}", "give 'full', 'same' or 'valid'")
    if mode == "valid":
        x, y = _longer_first(x, y, axes)
    if x.ndim == 1 and method != "fft":
        if mode != "same" or _is_longer(x.shape[0], y.shape[0]):
            return Convolve(mode)(x, y)
        sums = Convolve()(x, y)
    else:
        sums = by_fourier(x, y, axes)
    if mode == "full":
        return sums
    index: list[Any] = [slice(None)] * sums.ndim
    for k in axes:
        m, n = x.shape[k], y.shape[k]
        start, count = ((n - 1) // 2, m) if mode == "same" else (n - 1, m - n + 1)
        index[k] = slice(start, start + count)
    return sums[tuple(index)]


def _longer_first(x: Variable, y: Variable, axes: tuple[int, ...]) -> tuple[Variable, Variable]:
    if all(_is_longer(x.shape[k], y.shape[k]) for k in axes):
        return x, y
    if all(_is_longer(y.shape[k], x.shape[k]) for k in axes):
        return y, x
    raise ShapeError(
        f"mode='valid' of {format_shape(x.shape)} and {format_shape(y.shape)}",
        "one must be at least as long as the other along every axis",
    )


@public("scipy.signal.convolve")
def signal_convolve(in1: Any, in2: Any, mode: str = "full", method: str = "auto") -> Variable:
    """The convolution of two arrays of one rank, as ``scipy.signal.convolve``.

    Vectors are summed unless ``method="fft"``, other ranks go by Fourier transforms. Raises
    ShapeError for operands of different ranks, OptionError for another mode or method.
    """
    if method not in ("auto", "direct", "fft"):
        raise OptionError(f"method={method!r}", "give 'auto', 'direct' or 'fft'")
    x, y = _signal_operands("convolve", in1, in2)
    if not x.ndim:
        return x * y
    result = _convolve(x, y, mode, tuple(range(-x.ndim, 0)), method)
    return rounded(result, ufunc_dtype(np.multiply, x.dtype, y.dtype))


@public("scipy.signal.correlate")
def signal_correlate(in1: Any, in2: Any, mode: str = "full", method: str = "auto") -> Variable:
    """The correlation of in1 with the conjugate of in2, as ``scipy.signal.correlate``.

    Raises as ``scipy.signal.convolve`` of variables.
    """
    x, y = _signal_operands("correlate", in1, in2)
    if not x.ndim:
        return x * conjugate(y)
    axes = tuple(range(-x.ndim, 0))
    turn = rearrange.Flip(axes)
    return signal_convolve(x, turn(conjugate(y)), mode, method)


@public("scipy.signal.fftconvolve", "scipy.signal.oaconvolve")
def fftconvolve(in1: Any, in2: Any, mode: str = "full", axes: Any = None) -> Variable:
    """The convolution along ``axes``, all unless given, by Fourier transforms.

    As ``scipy.signal.fftconvolve``. Raises as ``scipy.signal.convolve`` of variables.
    """
    x, y = _signal_operands("fftconvolve", in1, in2)
    if not x.ndim:
        return x * y
    along = reduce.normalize_axes(axes, x.ndim)
    return _convolve(x, y, mode, along, "fft")


_BOUNDARIES = {"fill": "constant", "wrap": "wrap", "symm": "symmetric"}  # by NumPy's names


def _in_plane(
    x: Variable, y: Variable, mode: str, boundary: str, fillvalue: float, start: Sequence[DimLike]
) -> Variable:
    """The convolution of matrices, x continued beyond its edges; ``"same"`` begins at start."""
    for name, value, known in (("mode", mode, _MODES), ("boundary", boundary, _BOUNDARIES)):
        if value not in known:
            raise OptionError(f"{name}={value!r}", f"give one of {', '.join(map(repr, known))}")
    if x.ndim != 2 or y.ndim != 2:
        raise ShapeError(
            f"a convolution in the plane of {format_shape(x.shape)} and {format_shape(y.shape)}",
            "give two matrices",
        )
    dtype, axes = ufunc_dtype(np.multiply, x.dtype, y.dtype), (-2, -1)
    if mode == "valid":
        return rounded(_convolve(x, y, "valid", axes, "auto"), dtype)
    if boundary == "fill" and fillvalue == 0:
        sums = _convolve(x, y, "full", axes, "auto")
    else:
        margins = [(n - 1, n - 1) for n in y.shape]
        fill: dict[str, Any] = {"constant_values": fillvalue} if boundary == "fill" else {}
        wide = padding.pad(x, margins, _BOUNDARIES[boundary], **fill)
        sums = _convolve(wide, y, "valid", axes, "auto")
    if mode == "same":
        rows, columns = (slice(k, k + m) for k, m in zip(start, x.shape, strict=True))
        sums = sums[rows, columns]
    return rounded(sums, dtype)


@public("scipy.signal.convolve2d")
def convolve2d(
    in1: Any, in2: Any, mode: str = "full", boundary: str = "fill", fillvalue: float = 0
) -> Variable:
    """The convolution of two matrices, as ``scipy.signal.convolve2d``.

    Beyond its edges in1 is ``fillvalue``, or goes on from the other side (``"wrap"``), or is
    mirrored (``"symm"``). Raises ShapeError for what is no matrix, OptionError for another mode
    or boundary.
    """
    x, y = as_variable(in1), as_variable(in2)
    return _in_plane(x, y, mode, boundary, fillvalue, [(n - 1) // 2 for n in y.shape])


@public("scipy.signal.correlate2d")
def correlate2d(
    in1: Any, in2: Any, mode: str = "full", boundary: str = "fill", fillvalue: float = 0
) -> Variable:
    """The correlation of in1 with the conjugate of in2, as ``scipy.signal.correlate2d``.

    Arguments and errors are those of ``scipy.signal.convolve2d`` of variables.
    """
    x, y = as_variable(in1), as_variable(in2)
    start = [n // 2 for n in y.shape]
    if y.ndim == 2:
        y = rearrange.Flip((-2, -1))(conjugate(y))
    return _in_plane(x, y, mode, boundary, fillvalue, start)
