"""Arithmetic: the operators of Python, elementwise."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from graphcomp.graph import Variable
from graphcomp.operators import public
from graphcomp.ops.base import Op, Operand, Sample, constant_value
from graphcomp.ops.elementwise import Binary, Unary, binary, unary
from graphcomp.types import DType, TensorType, as_dtype


def _same_as(x: Variable, op: Binary, *operands: Variable) -> bool:
    """Whether ``op`` on the operands would have exactly x's type."""
    return bool(op.infer(*(v.type for v in operands)) == x.type)


class Add(Binary):
    """x + y."""

    ufunc = np.add
    expression = "x + y"
    oracle = "x + y"

    def simplify(self, x: Variable, y: Variable) -> Variable | None:
        if constant_value(y) == 0 and _same_as(x, self, x, y):
            return x
        if constant_value(x) == 0 and _same_as(y, self, x, y):
            return y
        return None

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        return G


class Multiply(Binary):
    """x * y."""

    ufunc = np.multiply
    expression = "x * y"
    oracle = "x * y"

    def simplify(self, x: Variable, y: Variable) -> Variable | None:
        if constant_value(y) == 1 and _same_as(x, self, x, y):
            return x
        if constant_value(x) == 1 and _same_as(y, self, x, y):
            return y
        return None

    def partial(self, i: int, x: Variable, y: Variable, z: Variable) -> Variable | float:
        return y if i == 0 else x


class Negative(Unary):
    """-x."""

    ufunc = np.negative
    expression = "-x"
    oracle = "-x"

    def simplify(self, x: Variable) -> Variable | None:
        return x.inputs[0] if isinstance(x.op, Negative) else None

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        return -G


@dataclass(frozen=True, eq=False)
class Cast(Op):
    """The values of x converted to ``dtype``."""

    dtype: DType
    expression: ClassVar[str] = "x.astype(dtype)"

    def infer(self, *types: TensorType) -> TensorType:
        return types[0].with_dtype(self.dtype)

    def simplify(self, x: Variable) -> Variable | None:
        return x if x.dtype == self.dtype and not x.type.weak else None

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        return G

    @staticmethod
    def oracle(x: np.ndarray[Any, Any]) -> Any:
        return np.array([float(v) for v in x.ravel()]).reshape(x.shape)

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for shape in ((), (3,), (2, 3)):
            yield Sample(cls(np.dtype("float64")), (Operand(shape, dtype="float32"),))


add = binary(Add)
multiply = binary(Multiply)
negative = unary(Negative)


@public("numpy.astype")
def astype(x: Any, dtype: Any) -> Variable:
    """The values of x converted to another dtype; complex to real takes the real part.

    Shape ``x.shape``. Raises DTypeError for a dtype that graphs do not hold.
    """
    return Cast(as_dtype(dtype))(x)


