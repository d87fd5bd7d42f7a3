"""The functions of ``numpy.fft``, and those of ``scipy.fft`` that have the same names."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from graphcomp.dims import Dim, DimLike
from graphcomp.errors import OptionError, ShapeError, SizeError
from graphcomp.graph import Variable
from graphcomp.ops import reduce
from graphcomp.ops.base import as_variable, axis_from_end
from graphcomp.ops.fourier import (
    OPPOSITE,
    Fft,
    Fftfreq,
    Fftshift,
    Hfft,
    Ifft,
    Ihfft,
    Irfft,
    Rfft,
    Rfftfreq,
    Transform,
)
from graphcomp.registry import public, refuse

__all__ = [
    "fft", "fft2", "fftfreq", "fftn", "fftshift", "hfft", "ifft", "ifft2", "ifftn", "ifftshift",
    "ihfft", "irfft", "irfft2", "irfftn", "rfft", "rfft2", "rfftfreq", "rfftn",
]  # fmt: skip

Axis = int | Sequence[int] | None


def _norm(norm: str | None) -> str:
    if norm is not None and norm not in OPPOSITE:
        raise OptionError(f"norm={norm!r}", "give None, 'backward', 'ortho' or 'forward'")
    return norm or "backward"


def length(n: Any) -> DimLike:
    """A number of elements; SizeError for what is none."""
    if isinstance(n, Dim):
        return n
    try:
        return operator.index(n)
    except TypeError:
        raise SizeError(f"a transform of length {n!r}", "give an int or a size") from None


def along_axis(op: type[Transform], a: Any, n: Any, axis: int, norm: str | None) -> Variable:
    """A transform along one axis, to length n, or to that of the operand."""
    x = as_variable(a)
    axis = axis_from_end(axis, x.ndim)
    if n is not None:
        n = length(n)
    elif op.halves == 1:
        n = 2 * (x.shape[axis] - 1)
    else:
        n = x.shape[axis]
    return op((n,), (axis,), _norm(norm))(x)


def along_axes(op: type[Transform], a: Any, s: Any, axes: Axis, norm: str | None) -> Variable:
    """A transform along several axes, to lengths s: None or -1 is the length that there is.

    An axis that is named twice is transformed twice, the last one first, as in NumPy.
    """
    x = as_variable(a)
    if s is not None and not isinstance(s, Iterable):
        raise SizeError(f"s={s!r}", "give a length for each axis, such as s=(8, 8)")
    s = None if s is None else tuple(s)
    if isinstance(axes, int):
        axes = (axes,)
    if axes is None:
        axes = range(-(x.ndim if s is None else len(s)), 0)
    places = tuple(axis_from_end(k, x.ndim) for k in axes)
    whole = [-1] * len(places) if s is None else list(s)
    if len(whole) != len(places):
        raise ShapeError(
            f"{len(whole)} lengths for {len(places)} axes", "give one length for each axis"
        )
    if not places:
        if op.halves:
            raise ShapeError(f"{op.function} along no axis", "name at least one axis")
        return x
    lengths = [
        x.shape[k] if n is None or n == -1 else length(n)
        for n, k in zip(whole, places, strict=True)
    ]
    if op.halves == 1 and s is None:
        lengths[-1] = 2 * (x.shape[places[-1]] - 1)
    if len(set(places)) == len(places):
        return op(tuple(lengths), places, _norm(norm))(x)
    if op.halves:
        raise ShapeError(f"{op.function} along axes {axes}", "name each axis once")
    for n, k in reversed(list(zip(lengths, places, strict=True))):
        x = op((n,), (k,), _norm(norm))(x)
    return x


# ---------------------------------------------------------------------------------- numpy.fft


@public("numpy.fft.fft")
def fft(
    a: Any, n: Any = None, axis: int = -1, norm: str | None = None, out: None = None
) -> Variable:
    """The discrete Fourier transform along an axis, as ``np.fft.fft``.

    ``n`` crops or pads with zeros to that many elements; it may be a symbolic size. ``norm`` is
    None, ``"backward"``, ``"ortho"`` or ``"forward"``. The result is complex64 for float32 and
    complex64, under NumPy 1.26 too. Raises ShapeError for an axis that a does not have, and for
    no elements; OptionError for another norm; TraceError for ``out``.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.fft.fft(gr.constant([1.0, 0.0, -1.0, 0.0])))
    array([0.+0.j, 2.+0.j, 0.+0.j, 2.+0.j])
    """
    refuse("fft", out=out)
    return along_axis(Fft, a, n, axis, norm)


@public("numpy.fft.ifft")
def ifft(
    a: Any, n: Any = None, axis: int = -1, norm: str | None = None, out: None = None
) -> Variable:
    """The inverse of ``fft``, as ``np.fft.ifft``; arguments and errors as ``fft``."""
    refuse("ifft", out=out)
    return along_axis(Ifft, a, n, axis, norm)


@public("numpy.fft.rfft")
def rfft(
    a: Any, n: Any = None, axis: int = -1, norm: str | None = None, out: None = None
) -> Variable:
    """The first n//2 + 1 elements of ``fft`` of real values, as ``np.fft.rfft``.

    Raises as ``fft``, and DTypeError for complex values.

    >>> import graphcomp as gr
    >>> gr.fft.rfft(gr.vector("x", "n")).shape
    (Dim('n//2 + 1'),)
    """
    refuse("rfft", out=out)
    return along_axis(Rfft, a, n, axis, norm)


@public("numpy.fft.irfft")
def irfft(
    a: Any, n: Any = None, axis: int = -1, norm: str | None = None, out: None = None
) -> Variable:
    """The inverse of ``rfft``, as ``np.fft.irfft``: n real values, 2 (m - 1) unless given.

    >>> import graphcomp as gr
    >>> x = gr.vector("x", 5)
    >>> gr.fft.irfft(gr.fft.rfft(x), n=5).shape
    (5,)
    """
    refuse("irfft", out=out)
    return along_axis(Irfft, a, n, axis, norm)


@public("numpy.fft.hfft")
def hfft(
    a: Any, n: Any = None, axis: int = -1, norm: str | None = None, out: None = None
) -> Variable:
    """The real spectrum of a signal that is its own conjugate reversed, as ``np.fft.hfft``."""
    refuse("hfft", out=out)
    return along_axis(Hfft, a, n, axis, norm)


@public("numpy.fft.ihfft")
def ihfft(
    a: Any, n: Any = None, axis: int = -1, norm: str | None = None, out: None = None
) -> Variable:
    """The inverse of ``hfft``, as ``np.fft.ihfft``. Raises DTypeError for complex values."""
    refuse("ihfft", out=out)
    return along_axis(Ihfft, a, n, axis, norm)


@public("numpy.fft.fftn")
def fftn(
    a: Any, s: Any = None, axes: Axis = None, norm: str | None = None, out: None = None
) -> Variable:
    """The Fourier transform along ``axes``, all unless given, as ``np.fft.fftn``.

    ``s`` gives a length for each axis, -1 for the length that it has. Raises as ``fft``.

    >>> import graphcomp as gr
    >>> gr.fft.fftn(gr.tensor("x", (2, "n", 4)), s=(8, -1), axes=(0, 1)).shape
    (8, Dim('n'), 4)
    """
    refuse("fftn", out=out)
    return along_axes(Fft, a, s, axes, norm)


@public("numpy.fft.ifftn")
def ifftn(
    a: Any, s: Any = None, axes: Axis = None, norm: str | None = None, out: None = None
) -> Variable:
    """The inverse of ``fftn``, as ``np.fft.ifftn``."""
    refuse("ifftn", out=out)
    return along_axes(Ifft, a, s, axes, norm)


@public("numpy.fft.rfftn")
def rfftn(
    a: Any, s: Any = None, axes: Axis = None, norm: str | None = None, out: None = None
) -> Variable:
    """``rfft`` along the last of ``axes`` and ``fft`` along the others, as ``np.fft.rfftn``."""
    refuse("rfftn", out=out)
    return along_axes(Rfft, a, s, axes, norm)


@public("numpy.fft.irfftn")
def irfftn(
    a: Any, s: Any = None, axes: Axis = None, norm: str | None = None, out: None = None
) -> Variable:
    """The inverse of ``rfftn``, as ``np.fft.irfftn``; ``s`` is the shape of its result."""
    refuse("irfftn", out=out)
    return along_axes(Irfft, a, s, axes, norm)


@public("numpy.fft.fft2")
def fft2(
    a: Any, s: Any = None, axes: Axis = (-2, -1), norm: str | None = None, out: None = None
) -> Variable:
    """``fftn`` along the last two axes unless others are given, as ``np.fft.fft2``."""
    refuse("fft2", out=out)
    return along_axes(Fft, a, s, axes, norm)


@public("numpy.fft.ifft2")
def ifft2(
    a: Any, s: Any = None, axes: Axis = (-2, -1), norm: str | None = None, out: None = None
) -> Variable:
    """The inverse of ``fft2``, as ``np.fft.ifft2``."""
    refuse("ifft2", out=out)
    return along_axes(Ifft, a, s, axes, norm)


@public("numpy.fft.rfft2")
def rfft2(
    a: Any, s: Any = None, axes: Axis = (-2, -1), norm: str | None = None, out: None = None
) -> Variable:
    """``rfftn`` along the last two axes unless others are given, as ``np.fft.rfft2``."""
    refuse("rfft2", out=out)
    return along_axes(Rfft, a, s, axes, norm)


@public("numpy.fft.irfft2")
def irfft2(
    a: Any, s: Any = None, axes: Axis = (-2, -1), norm: str | None = None, out: None = None
) -> Variable:
    """The inverse of ``rfft2``, as ``np.fft.irfft2``."""
    refuse("irfft2", out=out)
    return along_axes(Irfft, a, s, axes, norm)


@public("numpy.fft.fftshift", "scipy.fft.fftshift")
def fftshift(x: Any, axes: Axis = None) -> Variable:
    """The spectrum with frequency 0 in the middle of ``axes``, all unless given.

    As ``np.fft.fftshift``. Raises ShapeError for an axis that x does not have.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.fft.fftshift(gr.constant([0, 1, -2, -1])))
    array([-2, -1,  0,  1])
    """
    x = as_variable(x)
    return Fftshift(reduce.normalize_axes(axes, x.ndim))(x)


@public("numpy.fft.ifftshift", "scipy.fft.ifftshift")
def ifftshift(x: Any, axes: Axis = None) -> Variable:
    """The inverse of ``fftshift``, as ``np.fft.ifftshift``."""
    x = as_variable(x)
    return Fftshift(reduce.normalize_axes(axes, x.ndim), inverse=True)(x)


@public("numpy.fft.fftfreq")
def fftfreq(n: Any, d: Any = 1.0, device: None = None) -> Variable:
    """The frequencies of the elements of ``fft``, as ``np.fft.fftfreq``; n may be symbolic.

    Raises SizeError for an n that is no size, and below 1.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.fft.fftfreq(4, d=0.5))
    array([ 0. ,  0.5, -1. , -0.5])
    """
    return _frequencies(Fftfreq, n, d)


@public("numpy.fft.rfftfreq")
def rfftfreq(n: Any, d: Any = 1.0, device: None = None) -> Variable:
    """The frequencies of the elements of ``rfft``, as ``np.fft.rfftfreq``."""
    return _frequencies(Rfftfreq, n, d)


def _frequencies(op: Callable[..., Any], n: Any, d: Any) -> Variable:
    n = length(n)
    if isinstance(n, int) and n < 1:
        raise SizeError(f"the frequencies of {n} elements", "give a positive number")
    if isinstance(d, (int, float)):
        return op(n, float(d))()  # type: ignore[no-any-return]
    return op(n)() / as_variable(d)  # type: ignore[no-any-return]


# ---------------------------------------------------------------------------------- scipy.fft


def _as_in_scipy(op: type[Transform], axes: Any) -> Callable[..., Variable]:
    """A function with SciPy's arguments; what they say of memory and threads has no meaning."""
    if isinstance(axes, int):

        def one(
            x: Any, n: Any = None, axis: int = axes, norm: str | None = None,
            overwrite_x: bool = False, workers: int | None = None, *, plan: None = None,
        ) -> Variable:  # fmt: skip
            return along_axis(op, x, n, axis, norm)

        return one

    def several(
        x: Any, s: Any = None, axes: Axis = axes, norm: str | None = None,
        overwrite_x: bool = False, workers: int | None = None, *, plan: None = None,
    ) -> Variable:  # fmt: skip
        return along_axes(op, x, s, axes, norm)

    return several


for _op in (Fft, Ifft, Rfft, Irfft, Hfft, Ihfft):
    for _suffix, _axes in (("", -1), ("2", (-2, -1)), ("n", None)):
        public(f"scipy.fft.{_op.function}{_suffix}")(_as_in_scipy(_op, _axes))


def _scipy_frequencies(op: Callable[..., Any], n: Any, d: Any = 1.0, *, xp: None = None,
                       device: None = None) -> Variable:  # fmt: skip
    return _frequencies(op, n, d)


public("scipy.fft.fftfreq")(functools.partial(_scipy_frequencies, Fftfreq))
public("scipy.fft.rfftfreq")(functools.partial(_scipy_frequencies, Rfftfreq))
