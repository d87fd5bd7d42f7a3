"""Several results: a tuple-typed variable and the operation that takes it apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from graphcomp.errors import DTypeError
from graphcomp.graph import Variable
from graphcomp.ops import create, shape as shapes
from graphcomp.ops.base import Meaning, Op
from graphcomp.types import TensorType, TupleType


class MakeTuple(Op):
    """Several variables as one tuple-typed variable: what the gradient of several results is."""

    parameters: ClassVar[tuple[str, ...]] = ("*xs",)

    def infer(self, *types: TensorType) -> TupleType:
        return TupleType(types)

    def meaning(self, *types: TensorType) -> Meaning:
        return Meaning("(" + "".join(f"xs{k}, " for k in range(len(types))) + ")")

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        return Project(i)(G)

    def batch(self, inputs: tuple[Variable, ...], batched: tuple[bool, ...]) -> Variable:
        size = inputs[batched.index(True)].shape[0]
        return self(
            *(
                v if b else shapes.broadcast_to(v, (size, *v.shape))
                for v, b in zip(inputs, batched, strict=True)
            )
        )


@dataclass(frozen=True, eq=False)
class Project(Op):
    """Result ``index`` of an operation with several results."""

    index: int
    expression: ClassVar[str] = "x[index]"

    def infer(self, *types: TensorType | TupleType) -> TensorType:
        if not isinstance(types[0], TupleType):
            raise DTypeError("an operation with one result is not a tuple", "use it as it is")
        return types[0].items[self.index]

    def simplify(self, x: Variable) -> Variable | None:
        return x.inputs[self.index] if isinstance(x.op, MakeTuple) else None

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        items: tuple[TensorType, ...] = inputs[0].type.items
        return MakeTuple()(
            *(G if k == self.index else create.full_of(0, t) for k, t in enumerate(items))
        )


def unpack(x: Variable) -> tuple[Variable, ...]:
    """All results of a tuple-typed variable."""
    return tuple(Project(k)(x) for k in range(len(x.type.items)))


def add_tuples(x: Variable, y: Variable) -> Variable:
    """The sums of the members of two tuple-typed variables."""
    return MakeTuple()(*(a + b for a, b in zip(unpack(x), unpack(y), strict=True)))
