"""The exponential and the square root of a matrix, Sylvester's equation, and what follows.

The derivative of the exponential in a direction is a block of the exponential of a matrix of
twice the size: Higham (2008), *Functions of Matrices*, section 3.2; Al-Mohy and Higham (2009),
SIAM J. Matrix Anal. Appl. 30, 1639-1657.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from graphcomp.dims import DimLike
from graphcomp.errors import OptionError, ShapeError
from graphcomp.graph import Variable
from graphcomp.ops import contract, create, join, linalg, shape as shapes
from graphcomp.ops.base import Bad, Op, Operand, Sample, as_variable
from graphcomp.ops.elementwise import align_batch
from graphcomp.registry import public, refuse
from graphcomp.types import DType, TensorType, broadcast_shapes, format_shape

__all__: list[str] = []

Array = np.ndarray[Any, Any]


def _common_dtype(*types: TensorType) -> DType:
    """Floating, and as narrow as the operands."""
    whole = any(t.dtype.kind not in "fc" for t in types)
    return np.result_type(*(t.dtype for t in types), "float64" if whole else "float32")


def _floating(x: Any) -> Variable:
    v = as_variable(x)
    dtype = _common_dtype(v.type)
    return v if v.dtype == dtype and not v.type.weak else v.astype(dtype)


class OfSquare(Op, abstract=True):
    """Base of functions of one square matrix, batched over leading axes, by a helper."""

    def infer(self, *types: TensorType) -> TensorType:
        (x,) = types
        linalg.require_square(x)
        return x.with_dtype(_common_dtype(x))

    def flops(self, types: tuple[TensorType, ...], output: TensorType) -> DimLike:
        return 20 * types[0].shape[-1] * types[0].size

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(), (Operand((2, 3)),), ShapeError)
        yield Bad(cls(), (Operand((3,)),), ShapeError)


class Expm(OfSquare):
    """The exponential of a square matrix."""

    expression = "_expm(x)"

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        """The transpose of the derivative at x is the derivative at x.T."""
        return ExpmFrechet()(inputs[0].mT, G)

    @staticmethod
    def oracle(x: Array) -> Any:
        return _by_series(x, np.zeros_like(x))[0]

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for shape in ((1, 1), (3, 3), (2, 2, 2), (0, 0), (0, 2, 2)):
            yield Sample(cls(), (Operand(shape),))
        yield Sample(cls(), (Operand((2, 2), low=-6, high=6),))
        yield Sample(cls(), (Operand((2, 2), dtype="complex128"),))


class ExpmFrechet(Op):
    """The derivative of the exponential at x in direction e; linear in e."""

    parameters: ClassVar[tuple[str, ...]] = ("x", "e")
    expression: ClassVar[str] = "_expm_frechet(x, e)"

    def infer(self, *types: TensorType) -> TensorType:
        for t in types:
            linalg.require_square(t)
        dtype = _common_dtype(*types)
        return TensorType(dtype, broadcast_shapes(*(t.shape for t in types)))

    def flops(self, types: tuple[TensorType, ...], output: TensorType) -> DimLike:
        return 160 * output.shape[-1] * output.size

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        """By e as for ``Expm``. By x: the output is a block of exp([[x, e], [0, x]])."""
        x, e = inputs
        if i == 1:
            return ExpmFrechet()(x.mT, G)
        x, e = (shapes.broadcast_to(v, output.shape) for v in (x, e))
        n = x.shape[-1]
        nothing = create.zeros(output.shape, G.dtype)
        whole = ExpmFrechet()(_blocks(x, e, x).mT, _blocks(nothing, G, nothing))
        return whole[..., :n, :n] + whole[..., n:, n:]

    def batch(self, inputs: tuple[Variable, ...], batched: tuple[bool, ...]) -> Variable:
        return self(*align_batch(inputs, batched))

    @staticmethod
    def oracle(x: Array, e: Array) -> Any:
        return _by_series(x, e)[1]

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for shape in ((1, 1), (2, 2), (2, 2, 2), (0, 0)):
            yield Sample(cls(), (Operand(shape), Operand(shape)))
        yield Sample(cls(), (Operand((2, 2), dtype="complex128"), Operand((2, 1, 2, 2))), False)
        yield Sample(cls(), (Operand((2, 2)), Operand((2, 2), low=-50, high=50)), False)

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(), (Operand((2, 2)), Operand((3, 3))), ShapeError)


def _blocks(a: Variable, b: Variable, c: Variable) -> Variable:
    """[[a, b], [0, c]]."""
    top = join.concatenate([a, b], axis=-1)
    bottom = join.concatenate([create.zeros_like(a), c], axis=-1)
    return join.concatenate([top, bottom], axis=-2)


def _by_series(x: Array, e: Array) -> tuple[Array, Array]:
    """exp(x) and its derivative, by the series in extended precision, for the oracles."""
    dtype = np.result_type(x, e, np.longdouble)
    shape = np.broadcast_shapes(x.shape, e.shape)
    x, e = (np.broadcast_to(v, shape).astype(dtype) for v in (x, e))
    power = np.zeros(shape, dtype)
    for k in range(shape[-1]):
        power[..., k, k] = 1
    moved = np.zeros(shape, dtype)
    total, derivative = power.copy(), moved.copy()
    for k in range(1, 120):
        moved = (x @ moved + e @ power) / k
        power = x @ power / k
        total, derivative = total + power, derivative + moved
    return total, derivative


class SolveSylvester(Op):
    """The solution x of a @ x + x @ b = q, batched over leading axes."""

    parameters: ClassVar[tuple[str, ...]] = ("a", "b", "q")
    expression: ClassVar[str] = "_solve_sylvester(a, b, q)"

    def infer(self, *types: TensorType) -> TensorType:
        a, b, q = types
        linalg.require_square(a)
        linalg.require_square(b)
        if q.shape[-2:] != (a.shape[-1], b.shape[-1]):
            raise ShapeError(
                "right-hand side of another shape",
                "it needs as many rows as the first matrix, and columns as the second",
            )
        lead = broadcast_shapes(a.shape[:-2], b.shape[:-2], q.shape[:-2])
        return TensorType(_common_dtype(a, b, q), (*lead, *q.shape[-2:]))

    def flops(self, types: tuple[TensorType, ...], output: TensorType) -> DimLike:
        unknowns = output.shape[-1] * output.shape[-2]
        return output.size * unknowns * unknowns

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        """With s the gradient on q: a.T @ s + s @ b.T = G."""
        a, b, _ = inputs
        s = SolveSylvester()(a.mT, b.mT, G)
        if i == 2:
            return s
        return -(s @ output.mT) if i == 0 else -(output.mT @ s)

    def batch(self, inputs: tuple[Variable, ...], batched: tuple[bool, ...]) -> Variable:
        return self(*align_batch(inputs, batched))

    @staticmethod
    def oracle(a: Array, b: Array, q: Array) -> Any:
        """The solution is the integral of -exp(a t) q exp(b t); here by eigenvalues."""
        u, left = np.linalg.eig(a)[::-1], np.linalg.eig(a)[0]
        v, right = np.linalg.eig(b)[::-1], np.linalg.eig(b)[0]
        inner = np.linalg.inv(u[0]) @ q @ v[0]
        x = u[0] @ (inner / (left[..., :, None] + right[..., None, :])) @ np.linalg.inv(v[0])
        is_complex = any(w.dtype.kind == "c" for w in (a, b, q))
        return x if is_complex else x.real

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for a, b, q in (
            ((2, 2), (3, 3), (2, 3)),
            ((1, 1), (1, 1), (1, 1)),
            ((2, 2, 2), (1, 1), (2, 2, 1)),
        ):
            spd = Operand(a, kind="spd"), Operand(b, kind="spd")
            yield Sample(cls(), (*spd, Operand(q)), second=a == (2, 2))
        spd = Operand((2, 2), kind="spd"), Operand((2, 2), kind="spd")
        yield Sample(cls(), (*spd, Operand((2, 2), dtype="complex128")), second=False)

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(), (Operand((2, 2)), Operand((3, 3)), Operand((3, 2))), ShapeError)


class Sqrtm(OfSquare):
    """The principal square root of a square matrix."""

    expression = "_sqrtm(x)"

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        """From y @ y = x: y @ dy + dy @ y = dx. Higham (2008), section 6.1."""
        return SolveSylvester()(output.mT, output.mT, G)

    @staticmethod
    def oracle(x: Array) -> Any:
        w, v = np.linalg.eig(x)
        root = v @ (np.sqrt(w.astype(complex))[..., None] * np.linalg.inv(v))
        return root if x.dtype.kind == "c" else root.real

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for shape in ((1, 1), (3, 3), (2, 2, 2), (0, 0)):
            yield Sample(cls(), (Operand(shape, kind="spd"),))
        turned = [[1.0, -2.0], [1.5, 0.5]]
        yield Sample(cls(), (Operand((2, 2), kind="fixed", value=turned),))
        value = [[1.0 + 1j, -2.0], [1.5, 0.5j]]
        yield Sample(cls(), (Operand((2, 2), dtype="complex128", kind="fixed", value=value),))


# ---------------------------------------------------------------------------------- functions


@public("scipy.linalg.expm")
def expm(A: Any) -> Variable:
    """The exponential of (..., n, n), as ``scipy.linalg.expm``. Raises ShapeError unless square.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.linalg.expm(gr.constant([[0.0, 1.0], [0.0, 0.0]])))
    array([[1., 1.],
           [0., 1.]])
    """
    return Expm()(_floating(A))


@public("scipy.linalg.expm_frechet")
def expm_frechet(
    A: Any, E: Any, method: str | None = None, compute_expm: bool = True, check_finite: bool = True
) -> Any:
    """The exponential of A and its derivative in direction E, as ``scipy.linalg.expm_frechet``.

    The derivative alone with ``compute_expm=False``. Raises ShapeError unless both are square
    and of one size, OptionError for an unknown method.
    """
    if method not in (None, "SPS", "blockEnlarge"):
        raise OptionError(f"method={method!r}", "give 'SPS' or 'blockEnlarge', or leave it out")
    derivative = ExpmFrechet()(_floating(A), _floating(E))
    return (expm(A), derivative) if compute_expm else derivative


@public("scipy.linalg.sqrtm")
def sqrtm(A: Any, disp: Any = None, blocksize: Any = None) -> Variable:
    """The principal square root of (..., n, n), as ``scipy.linalg.sqrtm``.

    The root of a real matrix is real here; it is NaN where there is no real one, so convert the
    matrix to complex first. Raises ShapeError unless square.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.linalg.sqrtm(gr.constant([[4.0, 0.0], [0.0, 9.0]])))
    array([[2., 0.],
           [0., 3.]])
    """
    refuse("sqrtm", disp=disp, blocksize=blocksize)
    return Sqrtm()(_floating(A))


@public("scipy.linalg.solve_sylvester")
def solve_sylvester(a: Any, b: Any, q: Any) -> Variable:
    """The solution x (m, n) of a @ x + x @ b = q, as ``scipy.linalg.solve_sylvester``.

    All m n unknowns are solved for at once, which suits some dozens of rows. Raises ShapeError
    for shapes that do not fit.

    >>> import graphcomp as gr
    >>> A, B, Q = gr.matrix("A", (2, 2)), gr.matrix("B", (3, 3)), gr.matrix("Q", (2, 3))
    >>> gr.linalg.solve_sylvester(A, B, Q).shape
    (2, 3)
    """
    return SolveSylvester()(*map(_floating, (a, b, q)))


@public("scipy.linalg.solve_continuous_lyapunov", "scipy.linalg.solve_lyapunov")
def solve_continuous_lyapunov(a: Any, q: Any) -> Variable:
    """The solution x of a @ x + x @ a.conj().T = q; errors as ``solve_sylvester``."""
    a = _floating(a)
    return SolveSylvester()(a, _hermitian(a), _floating(q))


@public("scipy.linalg.solve_discrete_lyapunov")
def solve_discrete_lyapunov(a: Any, q: Any, method: str | None = None) -> Variable:
    """The solution x (n, n) of a @ x @ a.conj().T - x + q = 0, as SciPy's function of the name.

    All n**2 unknowns are solved for at once, whatever the method. Raises ShapeError unless both
    are square and of one size, OptionError for an unknown method.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, solve_discrete_lyapunov(gr.constant([[0.5]]), gr.constant([[3.0]])))
    array([[4.]])
    """
    if method not in (None, "direct", "bilinear"):
        raise OptionError(f"method={method!r}", "give 'direct' or 'bilinear', or leave it out")
    dtype = np.result_type(as_variable(a).dtype, as_variable(q).dtype, np.float64)  # as in SciPy
    a, q = as_variable(a).astype(dtype), as_variable(q).astype(dtype)
    linalg.require_square(a.type)
    if a.ndim != 2 or a.shape != q.shape:
        raise ShapeError(
            f"solve_discrete_lyapunov of {format_shape(a.shape)} and {format_shape(q.shape)}",
            "give two square matrices of one size",
        )
    n = a.shape[0]
    conj = a.conj() if a.dtype.kind == "c" else a
    system = create.eye(n * n, dtype=a.dtype) - contract.kron(a, conj)
    return shapes.Reshape(q.shape)(linalg.solve(system, shapes.ravel(q)))


def _hermitian(a: Variable) -> Variable:
    return linalg.hermitian(a) if a.dtype.kind == "c" else a.mT


@public("scipy.linalg.coshm")
def coshm(A: Any) -> Variable:
    """The hyperbolic cosine of a square matrix, as ``scipy.linalg.coshm``."""
    return 0.5 * (expm(A) + expm(-as_variable(A)))


@public("scipy.linalg.sinhm")
def sinhm(A: Any) -> Variable:
    """The hyperbolic sine of a square matrix, as ``scipy.linalg.sinhm``."""
    return 0.5 * (expm(A) - expm(-as_variable(A)))


@public("scipy.linalg.tanhm")
def tanhm(A: Any) -> Variable:
    """The hyperbolic tangent of a square matrix, as ``scipy.linalg.tanhm``."""
    return linalg.solve(coshm(A), sinhm(A))


@public("scipy.linalg.cosm")
def cosm(A: Any) -> Variable:
    """The cosine of a square matrix, as ``scipy.linalg.cosm``."""
    x = _floating(A)
    return coshm(1j * x) if x.dtype.kind == "c" else expm(1j * x).real


@public("scipy.linalg.sinm")
def sinm(A: Any) -> Variable:
    """The sine of a square matrix, as ``scipy.linalg.sinm``."""
    x = _floating(A)
    return -1j * sinhm(1j * x) if x.dtype.kind == "c" else expm(1j * x).imag


@public("scipy.linalg.tanm")
def tanm(A: Any) -> Variable:
    """The tangent of a square matrix, as ``scipy.linalg.tanm``."""
    return linalg.solve(cosm(A), sinm(A))
