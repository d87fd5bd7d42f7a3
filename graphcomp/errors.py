"""GraphError and its kinds: what is wrong, where (the user's own line), and how to mend it."""

from __future__ import annotations

from graphcomp.source import user_source


class GraphError(Exception):
    """Base of every error that graphcomp raises on purpose.

    ``what`` says what is wrong; ``mend`` says what to write instead; ``where`` is the user's
    file and line, found on the call stack unless given.
    """

    def __init__(self, what: str, mend: str = "", where: str | None = None) -> None:
        if where is None:
            source = user_source()
            where = source.place if source else ""
        self.what, self.mend, self.where = what, mend, where
        place = f", at {where}" if where else ""
        super().__init__(f"{what}{place}" + (f"; {mend}" if mend else ""))

    def __reduce__(self) -> tuple[type[GraphError], tuple[str, str, str]]:
        return type(self), (self.what, self.mend, self.where)


class ShapeError(GraphError, ValueError):
    """Shapes that do not fit each other, or an axis that does not exist."""


class NotScalarError(ShapeError):
    """A scalar was asked for, and the variable is not one."""


class SizeError(GraphError, ValueError):
    """A named size that is unknown, unsolvable or undecidable."""


class DTypeError(GraphError, TypeError):
    """Data types that an operation does not take."""


class ValueKindError(GraphError, TypeError):
    """A value of a kind that the graph cannot hold."""


class IdentifierError(GraphError, ValueError):
    """A name that cannot be used in generated code."""


class DuplicateInputError(GraphError, ValueError):
    """Two inputs of one name in one function."""


class MissingInputError(GraphError, ValueError):
    """An output needs an input that was not declared or given."""


class NotDifferentiableError(GraphError, TypeError):
    """A gradient arrives where there is no derivative."""


class IndependentError(GraphError, ValueError):
    """A derivative was asked for with respect to something that has no influence."""


class TraceError(GraphError, TypeError):
    """Python asked a symbolic variable for something that only a number has."""


class MemoryLayoutError(GraphError, AttributeError):
    """An attribute of an array's memory, which a variable does not have."""


class VerifyError(GraphError, AssertionError):
    """A rewritten graph does not fit together: a defect of a rule, not of the user's code."""


class OptionError(GraphError, ValueError):
    """An option or argument with a value outside of what is allowed."""


class AssumptionError(GraphError, ValueError):
    """A value that is not what it was declared to be."""


class GradientError(GraphError, AssertionError):
    """A gradient that differs from the differences of the function."""
