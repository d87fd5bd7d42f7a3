"""Products that sum over axes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from graphcomp.errors import ShapeError
from graphcomp.graph import Variable
from graphcomp.operators import public
from graphcomp.ops.base import Op, Operand, Sample
from graphcomp.types import TensorType, broadcast_shapes, ufunc_dtype


class Matmul(Op):
    """The matrix product of two operands of at least two axes, batched over leading axes."""

    parameters: ClassVar[tuple[str, ...]] = ("x", "y")
    expression: ClassVar[str] = "x @ y"
    takes_out: ClassVar[bool] = True

    def infer(self, *types: TensorType) -> TensorType:
        x, y = types
        if x.shape[-1] != y.shape[-2]:
            raise ShapeError("shape mismatch", "the first's last axis must equal the second's first")
        lead = broadcast_shapes(x.shape[:-2], y.shape[:-2])
        dtype = ufunc_dtype(np.matmul, x.operand, y.operand)
        return TensorType(dtype, (*lead, x.shape[-2], y.shape[-1]))

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        x, y = inputs
        return G @ y.mT if i == 0 else x.mT @ G

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        yield Sample(cls(), (Operand((2, 3)), Operand((3, 4))))


@public("numpy.matmul")
def matmul(x: Any, y: Any, /) -> Variable:
    """The matrix product, as ``np.matmul``: vectors too, batched over leading axes."""
    return Matmul()(x, y)
