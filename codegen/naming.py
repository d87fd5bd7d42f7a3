"""What variables are called in generated code, and what the comments on them say."""

from __future__ import annotations

import re
from collections.abc import Iterable

from codegen.facts import shape_text
from codegen.names import Names
from codegen.program import Apply, Expression, Name, Remark
from graphcomp.graph import Variable
from graphcomp.source import Source

_LONGEST_OPERAND = 8  # exp_x, exp_log_p; a longer one makes no good name
_CALL = re.compile(r"(?:np\.|linalg\.|_)*(\w+)\($")


class Naming:
    """Names for the statements of one function: the user's where there are any.

    Comments show expressions of the user's code that made the first of ``outputs``, none of the
    functions that it calls: names mean other things there.
    """

    def __init__(self, names: Names, outputs: Iterable[Variable], comments: bool) -> None:
        self._names = names
        self._comments = comments
        sources = [v.hints.source for v in outputs if not v.hints.gradient]
        self._main = next((s.code for s in sources if isinstance(s, Source)), None)
        self._sources: dict[object, tuple[str, str]] = {}  # by place and number there

    def output(self, v: Variable, wish: str) -> str:
        """A new name for an output: what the caller wishes, or what it is called in the graph."""
        own = [v.hints.name, v.hints.role, self.users(v)]
        wishes = [w for w in (wish, *own) if w] or ["result" if v.ndim else "value"]
        free = [w for w in wishes if self._names.is_free(w)]
        return self._names.new((free or wishes)[0])

    def statement(self, v: Variable, value: Expression | None) -> str:
        """A new name for what a statement computes: the user's, ``exp_x``, or a number."""
        known = self.users(v) or v.hints.role
        if known:
            return self._names.new(known)
        if len(v.inputs) == 1 and isinstance(value, Apply) and not v.op.is_view:
            (operand,) = value.operands or (None,)
            if isinstance(operand, Name) and len(operand.text) <= _LONGEST_OPERAND:
                of = operand.text.strip("_")
                return self._names.new(f"{_called(value) or v.op.name}_{of}")
        return self._names.new("g" if v.hints.gradient else "t", number=True)

    def item(self, v: Variable, of: Variable, k: int) -> str:
        """A new name for the k-th result of an operation that has several."""
        return self._names.new(self.users(v) or v.hints.role or f"{of.op.name}_{k}")

    def users(self, v: Variable) -> str:
        """What the user calls a variable: by ``named``, or by assigning it to a name."""
        if v.hints.name:
            return v.hints.name
        return "" if v.hints.gradient or v.hints.part else self._source(v)[0]

    def remark(self, v: Variable) -> Remark:
        """The shape, and the user's own expression where the line is the user's."""
        if v.hints.gradient or v.hints.part or not v.inputs or not self._comments:
            return Remark(shape_text(v))
        source = v.hints.source
        elsewhere = isinstance(source, Source) and source.code is not self._main
        return Remark(shape_text(v), "" if elsewhere else self._source(v)[1])

    def _source(self, v: Variable) -> tuple[str, str]:
        """The name that the user's line assigns v to, and the user's expression for it."""
        source = v.hints.source
        if source is None:
            return "", ""
        place = (id(source.code), source.offset) if isinstance(source, Source) else source
        key = (place, v.hints.item)
        if key not in self._sources:
            expression = source.expression if v.hints.item is None else ""
            self._sources[key] = (v.hints.target or "", expression)
        return self._sources[key]


def _called(value: Apply) -> str:
    """The function's own name where the expression is a call: ``exp`` of ``np.exp(x)``."""
    head = value.fragment.pieces[0]
    match = _CALL.match(head) if isinstance(head, str) else None
    return match[1] if match else ""
