"""NumPy's window functions, which taper a signal towards its ends."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from graphcomp import dims
from graphcomp.dims import Dim, DimLike
from graphcomp.graph import Variable
from graphcomp.ops import create
from graphcomp.ops.base import Meaning, Sample, as_variable
from graphcomp.registry import call, public
from graphcomp.types import TensorType

__all__ = ["bartlett", "blackman", "hamming", "hanning", "kaiser"]


@dataclass(frozen=True, eq=False)
class Taper(create.Creation):
    """The window of M points that NumPy has under this name: ``kind``."""

    kind: str
    M: DimLike

    def infer(self) -> TensorType:
        return TensorType(create.FLOAT, (dims.maximum(0, self.M),))

    def meaning(self, *types: TensorType) -> Meaning:
        return Meaning(f"np.{self.kind}(M)", {"M": self.M})

    def oracle(self) -> Any:
        """Harris (1978), "On the use of windows for harmonic analysis"."""
        count = int(self.M)
        if count == 1:
            return [1.0]
        places = [2 * k / (count - 1) - 1 for k in range(count)]
        if self.kind == "bartlett":
            return [1 - abs(t) for t in places]
        cosines = {"hanning": (0.5, 0.5), "hamming": (0.54, 0.46), "blackman": (0.42, 0.5, 0.08)}
        return [
            sum(a * math.cos(k * math.pi * t) for k, a in enumerate(cosines[self.kind]))
            for t in places
        ]

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for kind in ("bartlett", "blackman", "hamming", "hanning"):
            for count in (0, 1, 4, 5):
                yield Sample(cls(kind, count), ())


@public("numpy.bartlett")
def bartlett(M: Any) -> Variable:
    """The Bartlett window of M points, a triangle, as ``np.bartlett``.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.bartlett(5))
    array([0. , 0.5, 1. , 0.5, 0. ])
    """
    return Taper("bartlett", dims.as_dim(M))()


@public("numpy.blackman")
def blackman(M: Any) -> Variable:
    """The Blackman window of M points, as ``np.blackman``.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.blackman(5)).round(2)
    array([-0.  ,  0.34,  1.  ,  0.34, -0.  ])
    """
    return Taper("blackman", dims.as_dim(M))()


@public("numpy.hamming")
def hamming(M: Any) -> Variable:
    """The Hamming window of M points, as ``np.hamming``.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.hamming(5)).round(2)
    array([0.08, 0.54, 1.  , 0.54, 0.08])
    """
    return Taper("hamming", dims.as_dim(M))()


@public("numpy.hanning")
def hanning(M: Any) -> Variable:
    """The Hann window of M points, as ``np.hanning``.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.hanning(5))
    array([0. , 0.5, 1. , 0.5, 0. ])
    """
    return Taper("hanning", dims.as_dim(M))()


@public("numpy.kaiser")
def kaiser(M: Any, beta: Any) -> Variable:
    """The Kaiser window of M points and a shape that may be a variable, as ``np.kaiser``.

    >>> import graphcomp as gr
    >>> gr.kaiser("n", gr.scalar("beta")).shape
    (Dim('n'),)
    """
    count, shape = dims.as_dim(M), as_variable(beta) + 0.0
    if count == 1:
        return create.ones((1,), shape.dtype)
    half = (count - 1) / 2.0
    width = dims.maximum(count - 1, 1) / 2.0 if isinstance(count, Dim) else half
    inside = 1 - ((create.arange(count) - half) / width) ** 2
    return call("i0", shape * inside**0.5) / call("i0", shape)
