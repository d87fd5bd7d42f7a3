"""Ways from and to other systems."""

from graphcomp.interop.sympy import op_from_sympy

__all__ = ["op_from_sympy"]
