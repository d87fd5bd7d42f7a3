"""Dimensions: axis lengths as integer polynomials over named sizes.

A `Dim` is a sum of terms, a term a coefficient and a sorted tuple of atoms, an atom a named size
or a floor-division, mod, minimum or maximum of dimensions. A constant is always a plain int.
"""

from collections.abc import Callable
from typing import Any

# First, since `dim` and `algebra` need each other, and only `dim` needs names of the other.
from graphcomp.dims.dim import Dim, _restore, names_of, set_lift

# isort: split
from graphcomp.dims.algebra import prod
from graphcomp.dims.atoms import DimLike, Shape, Size
from graphcomp.dims.bounds import lower_bound, upper_bound
from graphcomp.dims.evaluation import evaluate
from graphcomp.dims.extremes import maximum, minimum
from graphcomp.dims.reading import as_dim, as_shape, size
from graphcomp.dims.solving import Solution, solve
from graphcomp.dims.writing import expression

__all__ = [
    "Dim",
    "DimLike",
    "Shape",
    "Size",
    "Solution",
    "as_dim",
    "as_shape",
    "evaluate",
    "expression",
    "lower_bound",
    "maximum",
    "minimum",
    "names_of",
    "prod",
    "set_lift",
    "size",
    "solve",
    "upper_bound",
]

# What turns a Dim into a variable, see `set_lift`.
_lift: Callable[[Dim], Any] | None = None

for _pickled in (Dim, Size, Solution, _restore):  # a pickle names the package, not its modules
    _pickled.__module__ = __name__
del _pickled
