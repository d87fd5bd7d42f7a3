"""What changed between two graphs, as a unified diff of their texts."""

from __future__ import annotations

import difflib
from itertools import chain, count

from graphcomp.graph import Graph, Variable
from graphcomp.show import text

_CONTEXT = 2  # lines


def render(before: Graph, after: Graph) -> str:
    """The lines of ``before`` that went and those of ``after`` that came; empty where none did.

    What stands in the place of a variable goes by its name, so that only the lines change whose
    operation does.
    """
    names = text.names_in(before)
    old = text.rows(before, names)
    new = text.rows(after, _names_after(before, after, names))
    changes = difflib.unified_diff(
        text.lines(old, new), text.lines(new, old), n=_CONTEXT, lineterm=""
    )
    return "\n".join(list(changes)[2:])  # without the heads that would name files


def _names_after(before: Graph, after: Graph, names: dict[Variable, str]) -> dict[Variable, str]:
    places, own = _places(before, after), text.names_in(after)
    found = {v: names[v] for v in after if v in names}
    used, known = set(found.values()), set(names.values())
    numbers = (name for name in map("%{}".format, count(1)) if name not in known)
    for v in after:
        if v in found or text.is_number(v):
            continue
        wishes = [names.get(places.get(v, v)), None if own[v].startswith("%") else own[v]]
        free = (name for name in wishes if name and name not in used)
        found[v] = next(chain(free, numbers))
        used.add(found[v])
    return found


def _places(before: Graph, after: Graph) -> dict[Variable, Variable]:
    """Variables of ``after``, and the variable of ``before`` that stood in the same place."""
    found: dict[Variable, Variable] = {}
    stack = list(zip(before.outputs, after.outputs, strict=True))
    while stack:
        old, new = stack.pop()
        if new in found or new is old:
            continue
        found[new] = old
        if old.op.key == new.op.key and len(old.inputs) == len(new.inputs):
            stack += zip(old.inputs, new.inputs, strict=True)
    return found
