"""Dimensions as text: expressions that Python and `as_dim` read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from graphcomp.dims import dim
from graphcomp.dims.algebra import atom_and_offset, terms_of
from graphcomp.dims.atoms import Atom, DimLike, size_of


def expression(value: DimLike, rename: Mapping[str, str]) -> str:
    """A valid Python expression, the sizes renamed.

    >>> from graphcomp.dims import as_dim
    >>> expression(as_dim("(n + 1)//2 * n1"), {"n": "n_1"})
    'n1*((n_1 + 1)//2)'
    """

    def name_of(atom: Atom) -> str:
        name = size_of(atom).name
        return rename.get(name, name)

    return write(value, name_of)


def write(value: DimLike, name_of: Callable[[Atom], str]) -> str:
    """The value as text, its sizes written by ``name_of``; without recursion."""
    written: list[str] = []
    stack: list[Any] = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, dim.Dim):
            stack.extend(reversed(_sum_pieces(item)))
        elif isinstance(item, Atom) and item.kind:
            stack.extend(reversed(_call_pieces(item)))
        else:
            written.append(name_of(item) if isinstance(item, Atom) else str(item))
    return "".join(written)


def _sum_pieces(value: dim.Dim) -> list[Any]:
    terms = terms_of(value)
    first = next((term for term in terms if term[1] > 0), terms[0])
    pieces: list[Any] = []
    for term in (first, *(t for t in terms if t is not first)):
        atoms, factor = term
        pieces.append((" - " if factor < 0 else " + ") if pieces else "-" * (factor < 0))
        factors: list[list[Any]] = [[abs(factor)]] if abs(factor) != 1 or not atoms else []
        # -(n//2) is not -n//2, and 2*(n//2) is not 2*n//2
        bare = len(atoms) == 1 and not factors and pieces[-1] != "-"
        for atom in dict.fromkeys(atoms):
            power = atoms.count(atom)
            body = [atom] if bare or atom.kind not in ("//", "%") else ["(", atom, ")"]
            factors.append([*body, f"**{power}"] if power > 1 else body)
        for k, body in enumerate(factors):
            pieces.extend(["*", *body] if k else body)
    return pieces


def _call_pieces(atom: Atom) -> list[Any]:
    if atom.kind in ("min", "max"):
        inside = [piece for argument in atom.arguments for piece in (", ", argument)]
        return [f"{atom.kind}(", *inside[1:], ")"]
    left, right = atom.arguments
    divisor, offset = atom_and_offset(right)
    simple = isinstance(right, int) or (divisor and not offset and divisor.kind not in ("//", "%"))
    return [
        *([left] if len(terms_of(left)) <= 1 else ["(", left, ")"]),
        "//" if atom.kind == "//" else " % ",
        *([right] if simple else ["(", right, ")"]),
    ]
