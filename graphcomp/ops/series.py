"""Series of orthogonal polynomials, and of powers: ``np.polynomial.chebyshev.chebval`` and so on.

A series is linear in its coefficients, by the basis at x, and its derivative is a series again,
whose coefficients a matrix gives: both are NumPy's own.
"""

from __future__ import annotations

from collections.abc import Iterable
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

__all__: list[str] = []  # they go by NumPy's long names alone

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
        return TensorType(_floating(x).dtype, (*x.shape, self.n))

    def meaning(self, *types: TensorType) -> Meaning:
        function = f"np.polynomial.{self.basis}.{PREFIXES[self.basis]}vander"
        row = "" if types[0].ndim else "[0]"
        return Meaning(f"{function}(x, degree){row}", {"degree": self.n - 1})

    def flops(self, types: tuple[TensorType, ...], output: TensorType) -> DimLike:
        return 4 * output.size

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        (x,) = inputs
        if self.n == 1:
            return create.zeros_like(x)
        slopes = Basis(self.basis, self.n - 1)(x) @ slope(self.basis, self.n, x)
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


def slope(basis: str, n: DimLike, x: Variable) -> Variable:
    """``Slope`` in the precision of x."""
    matrix = Slope(basis, n)()
    narrow = np.empty(0, x.dtype).real.dtype
    return matrix if narrow == matrix.dtype else matrix.astype(narrow)


@dataclass(frozen=True, eq=False)
class Series(Op):
    """The sum of c[k] times the k-th polynomial of a basis, at each x."""

    basis: str
    parameters: ClassVar[tuple[str, ...]] = ("x", "c")

    def infer(self, *types: TensorType) -> TensorType:
        x, c = types
        if c.ndim != 1 or c.shape[0] == 0:
            raise ShapeError(
                f"coefficients of shape {format_shape(c.shape)}", "give a vector of one or more"
            )
        return TensorType(result_dtype(x, _floating(c)), x.shape)

    def meaning(self, *types: TensorType) -> Meaning:
        return Meaning(f"np.polynomial.{self.basis}.{PREFIXES[self.basis]}val(x, c)")

    def flops(self, types: tuple[TensorType, ...], output: TensorType) -> DimLike:
        return 4 * types[1].shape[0] * output.size

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        x, c = inputs
        n = c.shape[0]
        if i == 1:
            flat = shapes.Reshape((x.size,))(x)
            return shapes.Reshape((x.size,))(G) @ Basis(self.basis, n)(flat)
        return create.zeros_like(x) if n == 1 else G * self(x, slope(self.basis, n, c) @ c)

    def batch(self, inputs: tuple[Variable, ...], batched: tuple[bool, ...]) -> Variable:
        x, c = inputs
        if not batched[1]:
            return self(x, c)
        terms = Basis(self.basis, c.shape[1])(x)
        middle = (1,) * (x.ndim - batched[0])
        return reduce.sum(terms * shapes.Reshape((c.shape[0], *middle, c.shape[1]))(c), axis=-1)

    def oracle(self, x: Array, c: Array) -> Any:
        out = np.zeros(x.shape, np.result_type(x, c, float))
        for index, v in np.ndenumerate(x):
            out[index] = sum(a * p for a, p in zip(c, _values(self.basis, v, len(c)), strict=True))
        return out[()]

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for basis in PREFIXES:
            yield Sample(cls(basis), (Operand((2, 2)), Operand((4,))))
        for n, shape in ((1, (2,)), (2, ()), (3, (0,))):
            yield Sample(cls("legendre"), (Operand(shape), Operand((n,))))
        yield Sample(cls("chebyshev"), (Operand((2,)), Operand((3,), dtype="complex128")))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls("legendre"), (Operand((2,)), Operand((0,))), ShapeError)


def _floating(x: TensorType) -> TensorType:
    return x if x.dtype.kind in "fc" else x.with_dtype(create.FLOAT)


# ---------------------------------------------------------------------------------- functions


def _enter(basis: str, prefix: str) -> None:
    """The public functions of a basis, under NumPy's names of them."""

    def value(x: Any, c: Any, tensor: bool = True) -> Variable:
        return Series(basis)(as_variable(x), shapes.atleast_1d(as_variable(c)))

    def vander(x: Any, deg: DimLike) -> Variable:
        return Basis(basis, deg + 1)(shapes.atleast_1d(as_variable(x)))

    public(f"numpy.polynomial.{basis}.{prefix}val")(value)
    public(f"numpy.polynomial.{basis}.{prefix}vander")(vander)


for _basis, _prefix in PREFIXES.items():
    _enter(_basis, _prefix)


@public("numpy.polynomial.polynomial.polyval")
def _polyval(x: Any, c: Any, tensor: bool = True) -> Variable:
    """The polynomial with coefficients c, lowest power first, at x."""
    x, c = as_variable(x), shapes.atleast_1d(as_variable(c))
    if c.dtype.kind not in "fc":
        c = c.astype(create.FLOAT)
    p = rearrange.flip(c, 0)
    if tensor and c.ndim > 1:
        p = shapes.Reshape((*p.shape, *(1,) * x.ndim))(p)
    return polynomials.Polyval()(p, x)


@public("numpy.polynomial.polynomial.polyvander")
def _polyvander(x: Any, deg: DimLike) -> Variable:
    x = shapes.atleast_1d(as_variable(x)) + 0.0
    powers = create.arange(deg + 1, dtype=np.empty(0, x.dtype).real.dtype)
    return x[..., None] ** powers  # type: ignore[no-any-return]
