"""Series of orthogonal polynomials, and of powers: ``np.polynomial.chebyshev.chebval`` and so on.

A series is linear in its coefficients, by the basis at x, and its derivative is a series again,
whose coefficients a matrix gives: both are NumPy's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from graphcomp.dims import DimLike
from graphcomp.errors import ShapeError
from graphcomp.graph import Variable
from graphcomp.ops import create, polynomials, rearrange, reduce, shape as shapes
from graphcomp.ops.base import Bad, Meaning, Op, Operand, Sample, as_variable
from graphcomp.registry import public
from graphcomp.types import TensorType, format_shape, result_dtype

Array = np.ndarray[Any, Any]

# NumPy's modules, and how the names of their functions begin.
PREFIXES = {
    "chebyshev": "cheb", "legendre": "leg", "hermite": "herm", "hermite_e": "herme",
    "laguerre": "lag",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Basis(Op):
    """The first n polynomials of a basis at each x, along a new last axis."""

    basis: str
    n: DimLike

    def infer(self, x: TensorType) -> TensorType:
        if self.n == 0:
            raise ShapeError("a series without coefficients", "give at least one")
        dtype = result_dtype(x, TensorType(create.FLOAT if x.dtype.kind not in "fc" else x.dtype))
        return TensorType(dtype, (*x.shape, self.n))

    def meaning(self, *types: TensorType) -> Meaning:
        function = f"np.polynomial.{self.basis}.{PREFIXES[self.basis]}vander"
        return Meaning(f"{function}(x, degree)", {"degree": self.n - 1})

    def flops(self, types: tuple[TensorType, ...], output: TensorType) -> DimLike:
        return 4 * output.size

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        (x,) = inputs
        if self.n == 1:
            return create.zeros_like(x)
        slopes = Basis(self.basis, self.n - 1)(x) @ _slope(self, x.dtype)
        return reduce.sum(G * slopes, axis=-1)

    def oracle(self, x: Array) -> Any:
        out = np.zeros((*x.shape, int(self.n)), np.result_type(x, float))
        for index, v in np.ndenumerate(x):
            out[index] = _values(self.basis, v, int(self.n))
        return out

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for basis in PREFIXES:
            yield Sample(cls(basis, 4), (Operand((2,)),))
        for n, shape in ((1, (2,)), (2, ()), (3, (2, 2))):
            yield Sample(cls("legendre", n), (Operand(shape),))
        yield Sample(cls("chebyshev", 3), (Operand((2,), dtype="complex128"),))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls("legendre", 0), (Operand((2,)),), ShapeError)


def _values(basis: str, x: Any, n: int) -> list[Any]:
    """The polynomials at x by their recurrences, for the oracle."""
    values = [1.0, {"hermite": 2 * x, "laguerre": 1 - x}.get(basis, x)]
    for k in range(1, n):
        p, q = values[-1], values[-2]
        values.append(
            {
                "chebyshev": 2 * x * p - q,
                "legendre": ((2 * k + 1) * x * p - k * q) / (k + 1),
                "hermite": 2 * x * p - 2 * k * q,
                "hermite_e": x * p - k * q,
                "laguerre": ((2 * k + 1 - x) * p - k * q) / (k + 1),
            }[basis]
        )
    return values[:n]


@dataclass(frozen=True, eq=False)
class Slope(create.Creation):
    """The (n - 1, n) matrix that takes the coefficients of a series to those of its derivative."""

    basis: str
    n: DimLike
    expression: ClassVar[str] = ""

    def infer(self) -> TensorType:
        return TensorType(create.FLOAT, (self.n - 1, self.n))

    def meaning(self, *types: TensorType) -> Meaning:
        function = f"np.polynomial.{self.basis}.{PREFIXES[self.basis]}der"
        return Meaning(f"{function}(np.eye(n))", {"n": self.n})

    def oracle(self) -> Any:
        """By fitting the derivatives, from differences in the complex plane, at enough points."""
        n = int(self.n)
        points = [-0.9 + 1.8 * k / n for k in range(n)]
        rows = [_values(self.basis, x + 1e-20j, n) for x in points]
        slopes = [[complex(v).imag / 1e-20 for v in row] for row in rows]
        lower = [_values(self.basis, x, n - 1) for x in points]
        return np.linalg.lstsq(np.array(lower), np.array(slopes), rcond=None)[0]

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for basis in PREFIXES:
            yield Sample(cls(basis, 4), ())


def _slope(op: Basis, dtype: np.dtype[Any]) -> Variable:
    """The turned matrix (n, n - 1), as what multiplies the basis from behind: (n - 1, n)."""
    matrix = Slope(op.basis, op.n)()
    narrow = np.empty(0, dtype).real.dtype
    return matrix if narrow == matrix.dtype else matrix.astype(narrow)


# ---------------------------------------------------------------------------------- functions


def _series(basis: str) -> Callable[..., Variable]:
    def value(x: Any, c: Any, tensor: bool = True) -> Variable:
        x, c = as_variable(x), shapes.atleast_1d(as_variable(c))
        if c.ndim != 1:
            raise ShapeError(
                f"series with coefficients of shape {format_shape(c.shape)}",
                "give a vector of them, one series at a time",
            )
        return Basis(basis, c.shape[0])(x) @ c

    return value


def _basis(basis: str) -> Callable[..., Variable]:
    def vander(x: Any, deg: Any) -> Variable:
        degree = deg if isinstance(deg, int) else deg + 0
        return Basis(basis, degree + 1)(shapes.atleast_1d(as_variable(x)))

    return vander
