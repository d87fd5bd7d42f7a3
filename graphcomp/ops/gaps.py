"""What couples eigenvalues, or singular values, in the derivative of a decomposition.

Where two are equal, their vectors have no derivative of their own: any rotation of them would
do as well. What couples equal values is taken as 0, so that nothing becomes infinite, and
functions that treat equal values alike keep their exact gradient.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from graphcomp.errors import ShapeError
from graphcomp.graph import Variable
from graphcomp.ops import reduce
from graphcomp.ops.base import Bad, Op, Operand, Sample
from graphcomp.types import TensorType

Array = np.ndarray[Any, Any]


class Inverses(Op, abstract=True):
    """Base of 1 / (w[j] + sign w[i]) at (i, j), and 0 where the divisor is 0 but for rounding."""

    sign: ClassVar[int]

    def infer(self, *types: TensorType) -> TensorType:
        (w,) = types
        if not w.ndim:
            raise ShapeError("a number", "values stand along the last axis")
        return w.with_shape((*w.shape, w.shape[-1]))

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        """d(1 / divisor) = -d(divisor) / divisor**2."""
        change = G * output * output
        columns, rows = reduce.sum(change, axis=-2), reduce.sum(change, axis=-1)
        return rows - columns if self.sign < 0 else -(rows + columns)

    def oracle(self, x: Array) -> Any:
        out = np.zeros((*x.shape, x.shape[-1]), x.dtype)
        for *lead, i, j in np.ndindex(out.shape):
            divisor = x[(*lead, j)].item() + self.sign * x[(*lead, i)].item()
            out[(*lead, i, j)] = 1.0 / divisor if divisor else 0.0
        return out

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for shape in ((3,), (1,), (0,), (2, 3)):
            yield Sample(cls(), (Operand(shape, 0.5, 2.0, kind="distinct"),))
        yield Sample(cls(), (Operand((3,), dtype="complex128"),))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(), (Operand(()),), ShapeError)


class InverseGaps(Inverses):
    """1 / (w[j] - w[i]) at (i, j), and 0 where the two are equal but for rounding."""

    sign = -1
    expression: ClassVar[str] = "_inverse_gaps(x)"


class InverseSums(Inverses):
    """1 / (s[j] + s[i]) at (i, j), and 0 where both are 0 but for rounding."""

    sign = 1
    expression: ClassVar[str] = "_inverse_sums(x)"


def rank_ones(columns: Variable, rows: Variable) -> Variable:
    """The product of column k (..., m, k) and row k (..., k, n), for each k: (..., k, m, n).

    Of eigenvectors or singular vectors, these are what their signs, or phases, do not change.
    """
    return columns.mT[..., :, :, None] * rows[..., :, None, :]
