"""The verifier: whether a graph fits together, whatever rules have made of it."""

from __future__ import annotations

from collections.abc import Iterable

from graphcomp.errors import GraphError, VerifyError
from graphcomp.graph import Variable, find, topological


def verify(outputs: Iterable[Variable], after: str = "") -> None:
    """Check that each variable has the type that its operation infers, and is interned.

    Raises VerifyError naming the first variable that does not; ``after`` says what was run.

    >>> import graphcomp as gr
    >>> verify([gr.exp(gr.scalar("x"))])
    """
    for v in topological(outputs):
        if v.inputs and find(v.op, v.inputs) is not v:
            raise _broken(v, "is not the interned variable of its operation", after)
        try:
            inferred = v.op.infer(*(x.type for x in v.inputs))
        except GraphError as error:
            raise _broken(v, f"cannot be computed: {error.what}", after) from None
        if inferred != v.type:
            raise _broken(v, f"is {v.type}, but its operation gives {inferred}", after)


def _broken(v: Variable, what: str, after: str) -> VerifyError:
    where = v.hints.source.place if v.hints.source else ""
    suffix = f" after {after}" if after else ""
    return VerifyError(f"{v.op.describe()} {what}{suffix}", "report it", where)
