"""Where named sizes are read: which axis of which input gives each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graphcomp.dims.algebra import build, terms_of
from graphcomp.dims.atoms import DimLike, Monomial, size_of
from graphcomp.dims.dim import Dim, names_of
from graphcomp.errors import SizeError


@dataclass(frozen=True, slots=True)
class Solution:
    """Where a size is read: ``name = (shape of argument[axis] - offset) // factor``.

    ``dim`` is that axis as declared, ``offset`` a dimension over names solved earlier.
    """

    name: str
    minimum: int
    argument: int
    axis: int
    dim: DimLike
    offset: DimLike = 0
    factor: int = 1


def solve(shapes: Sequence[Sequence[DimLike]]) -> list[Solution]:
    """In which input axis each named size is found, in an order in which they can be read.

    `SizeError` names a size that no axis determines.

    >>> from graphcomp.dims import as_shape
    >>> [(s.name, s.axis, str(s.offset), s.factor) for s in solve([as_shape(("2*n + m", "m"))])]
    [('m', 1, '0', 1), ('n', 0, 'm', 2)]
    """
    axes = [
        (argument, axis, dim)
        for argument, shape in enumerate(shapes)
        for axis, dim in enumerate(shape)
        if isinstance(dim, Dim)
    ]
    least: dict[str, int] = {}
    for _, _, dim in axes:
        for name, low in dim.sizes:
            least[name] = max(low, least.get(name, 0))
    solved: dict[str, Solution] = {}
    for plain in (True, False):
        progress = True
        while progress and len(solved) < len(least):
            progress = False
            for argument, axis, dim in axes:
                unknown = [name for name in dim.names if name not in solved]
                read = _affine_in(dim, unknown[0]) if len(unknown) == 1 else None
                if read is None or (plain and read != (0, 1)):
                    continue
                (name,) = unknown
                solved[name] = Solution(name, least[name], argument, axis, dim, *read)
                progress = True
    if missing := [name for name in least if name not in solved]:
        name = missing[0]
        raise SizeError(
            f"size {name} cannot be found from the shapes of the inputs",
            f"give an input an axis of length {name}",
        )
    return list(solved.values())


def _affine_in(dim: Dim, name: str) -> tuple[DimLike, int] | None:
    """(offset, factor) where the dim is ``factor * name + offset``, factor at least 1."""
    factor = 0
    others: dict[Monomial, int] = {}
    for atoms, c in terms_of(dim):
        if len(atoms) == 1 and not atoms[0].kind and size_of(atoms[0]).name == name:
            factor += c
        else:
            others[atoms] = c
    offset = build(others)
    return None if factor < 1 or name in names_of((offset,)) else (offset, factor)
