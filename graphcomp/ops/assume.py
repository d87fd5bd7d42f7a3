"""Facts that the user vouches for in the middle of a graph."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from graphcomp.declared import UNDECLARED, Declared, declare
from graphcomp.graph import Variable
from graphcomp.ops.base import Meaning, Op, Operand, Sample, as_variable
from graphcomp.types import TensorType

__all__ = ["assume"]


@dataclass(frozen=True, eq=False)
class Assume(Op):
    """x, of which the declared facts hold."""

    declared: Declared = UNDECLARED
    is_view: ClassVar[bool] = True
    flops_per_element: ClassVar[float] = 0.0

    def infer(self, *types: TensorType) -> TensorType:
        return types[0]

    def meaning(self, *types: TensorType) -> Meaning:
        return Meaning("x")

    def describe(self) -> str:
        return f"assume({self.declared})"

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        return G

    @staticmethod
    def oracle(x: np.ndarray[Any, Any]) -> Any:
        return x

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for shape in ((), (0,), (5,), (2, 3)):
            yield Sample(cls(Declared(("positive",))), (Operand(shape, 0.5, 2.0),))
        spd = Operand((3, 3), kind="spd")
        yield Sample(cls(Declared(("symmetric", "positive_definite"))), (spd,))


def assume(x: Any, **assumptions: Any) -> Variable:
    """The value of x, for which you vouch that these facts hold.

    ``assumptions`` are those of ``gr.variable``: ``positive=True``, ``bounds=(0, 1)``,
    ``symmetric=True`` and so on. They are a promise about the value of x, wherever it is used:
    rewriting relies on it, and nothing checks it but ``gr.evaluate`` and ``gr.check_grad``. The
    derivative is that of x.

    Raises OptionError for assumptions that are unknown or contradict each other, ShapeError for
    those that the shape does not allow.

    >>> import graphcomp as gr
    >>> x = gr.vector("x", 2)
    >>> y, _ = gr.optimize(gr.abs(gr.assume(x - 1.0, nonnegative=True)))
    >>> gr.Graph([y]).get_operation(y).name
    'subtract'
    """
    x = as_variable(x)
    declared = declare(x.label, x.type, assumptions)
    return Assume(declared)(x) if declared else x
