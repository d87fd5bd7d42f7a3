"""The cosine transforms of ``scipy.fft``, types 2 and 3, by Fourier transforms."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from graphcomp.dims import DimLike
from graphcomp.errors import DTypeError, OptionError, ShapeError
from graphcomp.graph import Variable
from graphcomp.ops import arithmetic, create, fourier, join, rearrange, transcendental
from graphcomp.ops.base import as_variable, axis_from_end
from graphcomp.ops.fourier_functions import length
from graphcomp.registry import public

_INVERSE = {2: 3, 3: 2}


def _turns(count: DimLike, sign: int, x: Variable) -> Variable:
    """exp(sign * pi i k / (2 n)) for k below n, in the precision of x."""
    turns = transcendental.exp(sign * 0.5j * math.pi * create.arange(count) / count)
    dtype = np.result_type(x.dtype, np.complex64)
    return turns if turns.dtype == dtype else turns.astype(dtype)


def _second(x: Variable) -> Variable:
    """2 sum(x[j] cos(pi k (2j + 1) / (2n))): x and its mirror image make an even signal."""
    n = x.shape[-1]
    even = join.concatenate([x, rearrange.Flip((-1,))(x)], axis=-1)
    spectrum = fourier.Rfft((2 * n,), (-1,))(even)[..., :n]
    return (spectrum * _turns(n, -1, x)).real


def _third(x: Variable) -> Variable:
    """x[0] + 2 sum(x[j] cos(pi j (2k + 1) / (2n))), the transpose of the second but for x[0]."""
    n = x.shape[-1]
    spectrum = x * _turns(n, 1, x)
    return fourier.Irfft((2 * n,), (-1,), "forward")(spectrum)[..., :n]


def _scaled_first(x: Variable, factor: float) -> Variable:
    return join.concatenate([x[..., :1] * factor, x[..., 1:]], axis=-1)


def _cosine(
    x: Any, kind: int, n: Any, axis: int, norm: str | None, orthogonalize: bool | None
) -> Variable:
    """The transform of one kind; ``norm`` as for a forward transform."""
    if kind not in _INVERSE:
        raise OptionError(f"dct of type {kind}", "types 2 and 3 are there")
    if norm not in (None, *fourier.OPPOSITE):
        raise OptionError(f"norm={norm!r}", "give None, 'backward', 'ortho' or 'forward'")
    v = as_variable(x)
    if v.dtype.kind == "c":
        raise DTypeError(f"dct of {v.dtype}", "transform the real and the imaginary part alone")
    if v.dtype.kind != "f":
        v = v.astype("float64")
    axis = axis_from_end(axis, v.ndim)
    if n is not None:
        n = length(n)
        v = fourier.fit(v, (*v.shape[:axis], n, *v.shape[axis:][1:]))
    v = v.swapaxes(axis, -1)
    is_orthogonal = norm == "ortho" if orthogonalize is None else orthogonalize
    if kind == 3 and is_orthogonal:
        v = _scaled_first(v, math.sqrt(2))
    count = 2 * v.shape[-1]
    v = _second(v) if kind == 2 else _third(v)
    if kind == 2 and is_orthogonal:
        v = _scaled_first(v, math.sqrt(0.5))
    if norm == "ortho":
        is_known = isinstance(count, int)
        v = v / (math.sqrt(count) if is_known else arithmetic.sqrt(count).astype(v.dtype))
    elif norm == "forward":
        v = v / count
    return v.swapaxes(axis, -1)


@public("scipy.fft.dct")
def dct(
    x: Any,
    type: int = 2,
    n: Any = None,
    axis: int = -1,
    norm: str | None = None,
    overwrite_x: bool = False,
    workers: int | None = None,
    orthogonalize: bool | None = None,
) -> Variable:
    """The discrete cosine transform of real values, of type 2 or 3, as ``scipy.fft.dct``.

    Raises OptionError for another type or norm, ShapeError for an axis that x does not have,
    DTypeError for complex values.
    """
    return _cosine(x, type, n, axis, norm, orthogonalize)


@public("scipy.fft.idct")
def idct(
    x: Any,
    type: int = 2,
    n: Any = None,
    axis: int = -1,
    norm: str | None = None,
    overwrite_x: bool = False,
    workers: int | None = None,
    orthogonalize: bool | None = None,
) -> Variable:
    """The inverse of ``dct`` of the same type and norm, as ``scipy.fft.idct``."""
    opposite = fourier.OPPOSITE.get(norm or "backward", norm)
    return _cosine(x, _INVERSE.get(type, type), n, axis, opposite, orthogonalize)


def _in_turn(
    one: Callable[..., Variable], x: Any, kind: int, s: Any, axes: Any, norm: str | None,
    orthogonalize: bool | None,
) -> Variable:  # fmt: skip
    v = as_variable(x)
    count = v.ndim if s is None else len(s)
    places = range(-count, 0) if axes is None else [axes] if isinstance(axes, int) else axes
    lengths = [None] * len(places) if s is None else s
    if len(lengths) != len(places):
        raise ShapeError(
            f"{len(lengths)} lengths for {len(places)} axes", "give one length for each axis"
        )
    for n, axis in zip(lengths, places, strict=True):
        v = one(v, kind, n, axis, norm, orthogonalize=orthogonalize)
    return v


@public("scipy.fft.dctn")
def dctn(
    x: Any,
    type: int = 2,
    s: Any = None,
    axes: Any = None,
    norm: str | None = None,
    overwrite_x: bool = False,
    workers: int | None = None,
    *,
    orthogonalize: bool | None = None,
) -> Variable:
    """``dct`` along several axes, all unless given, as ``scipy.fft.dctn``.

    Raises as ``dct``, and ShapeError unless ``s`` has a length for each axis.
    """
    return _in_turn(dct, x, type, s, axes, norm, orthogonalize)


@public("scipy.fft.idctn")
def idctn(
    x: Any,
    type: int = 2,
    s: Any = None,
    axes: Any = None,
    norm: str | None = None,
    overwrite_x: bool = False,
    workers: int | None = None,
    *,
    orthogonalize: bool | None = None,
) -> Variable:
    """The inverse of ``dctn`` of the same type and norm, as ``scipy.fft.idctn``."""
    return _in_turn(idct, x, type, s, axes, norm, orthogonalize)
