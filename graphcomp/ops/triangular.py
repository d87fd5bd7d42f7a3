"""Solving with triangular matrices, in quadratic time, batched over leading axes.

NumPy has no function for it; ``np.linalg.solve`` factorises the triangle anew. Substitution by
halves is as cheap as SciPy's and consists of matrix products (Higham, "Accuracy and Stability of
Numerical Algorithms", 2002, chapter 8). Derivatives follow Giles (2008), "An extended collection
of matrix derivative results for forward and reverse mode algorithmic differentiation".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from graphcomp.dims import DimLike
from graphcomp.errors import ShapeError
from graphcomp.graph import Variable
from graphcomp.ops import contract, linalg, rearrange, shape as shapes
from graphcomp.ops.base import Bad, Meaning, Op, Operand, Sample
from graphcomp.ops.elementwise import align_batch
from graphcomp.types import TensorType

__all__: list[str] = []

Array = np.ndarray[Any, Any]


def _solve_triangular(a: Any, b: Any, lower: bool) -> Any:
    """The solution x of a @ x = b, reading one triangle of a: one half of x, then the other."""
    n = a.shape[-1]
    if n <= 64:
        return np.linalg.solve(np.tril(a) if lower else np.triu(a), b)
    if b.ndim == 1:
        return _solve_triangular(a, b[:, None], lower)[:, 0]
    k = n // 2
    if lower:
        top = _solve_triangular(a[..., :k, :k], b[..., :k, :], lower)
        rest = b[..., k:, :] - a[..., k:, :k] @ top
        bottom = _solve_triangular(a[..., k:, k:], rest, lower)
    else:
        bottom = _solve_triangular(a[..., k:, k:], b[..., k:, :], lower)
        rest = b[..., :k, :] - a[..., :k, k:] @ bottom
        top = _solve_triangular(a[..., :k, :k], rest, lower)
    return np.concatenate([top, bottom], axis=-2)


@dataclass(frozen=True, eq=False)
class SolveTriangular(Op):
    """The solution of x @ z = y as ``Solve`` gives it, reading one triangle of x only."""

    lower: bool
    parameters: ClassVar[tuple[str, ...]] = ("x", "y")
    helpers = (_solve_triangular,)

    def infer(self, *types: TensorType) -> TensorType:
        return linalg.Solve().infer(*types)

    def meaning(self, *types: TensorType) -> Meaning:
        x, y = types
        literals = {"lower": self.lower}
        if x.ndim > 2 and y.ndim == 1:
            axes = "None, " * (x.ndim - 2) + ":, None"
            return Meaning(f"_solve_triangular(x, y[{axes}], lower=lower)[..., 0]", literals)
        short = x.ndim > 2 and y.ndim == x.ndim - 1  # NumPy 1.26 would take it for vectors
        right = "y[None]" if short else "y"
        return Meaning(f"_solve_triangular(x, {right}, lower=lower)", literals)

    def scipy_meaning(self, *types: TensorType) -> Meaning | None:
        if any(t.ndim > 2 for t in types):
            return None
        return Meaning("linalg.solve_triangular(x, y, lower=lower)", {"lower": self.lower})

    def flops(self, types: tuple[TensorType, ...], output: TensorType) -> DimLike:
        return types[0].shape[-1] * output.size

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        """Giles (2008), cut to the triangle that is read."""
        x, y = inputs
        turned = SolveTriangular(not self.lower)
        if y.ndim > 1:
            gradient = turned(x.mT, G)
        else:
            gradient = (
                shapes.squeeze(turned(x.mT, _column(G)), -1) if x.ndim > 2 else turned(x.T, G)
            )
        if i == 1:
            return gradient
        whole = gradient @ output.mT if y.ndim > 1 else contract.Outer()(gradient, output)
        return -(rearrange.Tril(0)(whole) if self.lower else rearrange.Triu(0)(whole))

    def batch(self, inputs: tuple[Variable, ...], batched: tuple[bool, ...]) -> Variable:
        x, y = inputs
        vectors = y.ndim - batched[1] == 1
        if vectors and not batched[1]:
            return self(x, y)
        if vectors and x.ndim == 2:  # one matrix: the vectors are its columns
            return self(x, y.T).T
        if vectors:
            axes = x.ndim - batched[0] - 2
            columns = shapes.Reshape((y.shape[0], *(1,) * axes, y.shape[1], 1))(y)
            return shapes.squeeze(self(x, columns), -1)
        return self(*align_batch(inputs, batched))

    def oracle(self, x: Array, y: Array) -> Any:
        """Substitution, one unknown after the other."""
        columns = y[:, None] if y.ndim == 1 else y
        lead = np.broadcast_shapes(x.shape[:-2], columns.shape[:-2])
        x = np.broadcast_to(x, (*lead, *x.shape[-2:]))
        out = np.array(np.broadcast_to(columns, (*lead, *columns.shape[-2:])), np.result_type(x, y))
        n = x.shape[-1]
        for index in np.ndindex(lead):
            for k in range(n) if self.lower else range(n - 1, -1, -1):
                for j in range(k) if self.lower else range(k + 1, n):
                    out[index][k] = out[index][k] - x[index][k, j] * out[index][j]
                out[index][k] = out[index][k] / x[index][k, k]
        return out[..., 0] if y.ndim == 1 else out

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        uses: list[tuple[tuple[int, ...], tuple[int, ...]]] = [
            ((3, 3), (3,)),
            ((2, 2), (2, 2)),
            ((2, 2, 2), (2,)),
            ((2, 2, 2), (2, 1)),
            ((2, 2), (3, 2, 1)),
            ((0, 0), (0,)),
        ]
        for lower in (True, False):
            for x, y in uses:
                yield Sample(cls(lower), (Operand(x, kind="spd"), Operand(y)))
        turned = Operand((2, 2), dtype="complex128", kind="fixed", value=[[2 + 1j, -1], [0.5j, 1]])
        yield Sample(cls(True), (turned, Operand((2,), dtype="complex128")))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        for x, y in (((2, 3), (2,)), ((3, 3), (2,)), ((3, 3), ())):
            yield Bad(cls(True), (Operand(x), Operand(y)), ShapeError)


def _column(x: Variable) -> Variable:
    return shapes.Reshape((*x.shape, 1))(x)
