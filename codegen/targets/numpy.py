"""The NumPy target: names of types and what a file imports."""

from __future__ import annotations

from dataclasses import dataclass

from codegen.fragment import dtype_text
from codegen.program import Slot

_SCALARS = {"f": "float", "c": "complex", "i": "int", "u": "int", "b": "bool"}
_ABSTRACT = {
    "f": "np.floating[Any]",
    "c": "np.complexfloating[Any, Any]",
    "i": "np.integer[Any]",
    "u": "np.integer[Any]",
    "b": "np.bool_",
}


@dataclass(frozen=True)
class Target:
    """Python with NumPy."""

    name: str = "numpy"
    imports: tuple[str, ...] = ("import numpy as np",)

    def scalar_hint(self, slot: Slot, result: bool) -> str:
        """The type hint of a 0-d value."""
        python = _SCALARS[slot.dtype.kind]
        if slot.dtype.name == "float64" and slot.known == "dtype":
            return python
        if result:
            return f"{'int' if python == 'bool' else python} | {_ABSTRACT[slot.dtype.kind]}"
        return python if slot.dtype.name == "complex128" else f"{python} | {dtype_text(slot.dtype)}"

    def element_hint(self, slot: Slot) -> str:
        """What stands in the brackets of ``NDArray[...]``."""
        return dtype_text(slot.dtype) if slot.known == "dtype" else _ABSTRACT[slot.dtype.kind]

    def alias(self, element: str, most_common: bool) -> str:
        """The name of an array type in the file: ``Array``, ``Int64Array``."""
        if most_common:
            return "Array"
        bare = element.removeprefix("np.").partition("[")[0].rstrip("_")
        return f"{bare.capitalize()}Array"


TARGETS = {"numpy": Target()}
