"""Operations under the names of ``scipy.integrate``."""

from graphcomp.ops.differences import cumulative_trapezoid, simpson, trapezoid

__all__ = ["cumulative_trapezoid", "simpson", "trapezoid"]
