"""Convolutions of arrays of any rank under the names of ``scipy.signal``."""

from graphcomp.ops.convolve import (
    convolve2d,
    correlate2d,
    fftconvolve,
    signal_convolve as convolve,
    signal_correlate as correlate,
)

__all__ = ["convolve", "convolve2d", "correlate", "correlate2d", "fftconvolve"]
