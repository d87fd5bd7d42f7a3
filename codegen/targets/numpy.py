"""The NumPy target: names of types and what a file imports."""

from __future__ import annotations

from dataclasses import dataclass

from codegen.fragment import dtype_text
from graphcomp.types import DType

_FLOATS = {"float64": "float", "complex128": "complex"}  # NumPy's scalars are Python's as well
_INTEGERS = {"i": "int", "u": "int", "b": "bool"}


@dataclass(frozen=True)
class Target:
    """Python with NumPy."""

    name: str = "numpy"
    imports: tuple[str, ...] = ("import numpy as np",)

    def argument_hint(self, dtype: DType) -> str:
        """The type hint of a 0-d argument."""
        if dtype.kind == "O":
            return "np.random.Generator"
        return _INTEGERS.get(dtype.kind) or self.result_hint(dtype)

    def result_hint(self, dtype: DType) -> str:
        """The type hint of a 0-d result."""
        return _FLOATS.get(dtype.name) or dtype_text(dtype)

    def alias(self, dtype: DType, most_common: bool) -> str:
        """The name of an array type in the file: ``Array``, ``Int64Array``."""
        return "Array" if most_common else f"{dtype.name.capitalize()}Array"


TARGETS = {"numpy": Target()}
