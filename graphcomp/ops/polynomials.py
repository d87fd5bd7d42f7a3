"""Polynomials, as ``np.polyval`` and its relatives and as ``np.polynomial`` write them."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from graphcomp import dims
from graphcomp.dims import DimLike
from graphcomp.errors import OptionError, ShapeError, SizeError
from graphcomp.graph import Variable
from graphcomp.ops import (
    convolve,
    create,
    eig,
    join,
    least_squares,
    linalg,
    parts,
    reduce,
    scipy_linalg,
    shape as shapes,
)
from graphcomp.ops.base import Bad, Op, Operand, Sample, as_variable
from graphcomp.registry import public
from graphcomp.types import TensorType, broadcast_shapes, format_shape, sampled_dtype

__all__ = [
    "poly", "polyadd", "polyder", "polydiv", "polyfit", "polyint", "polymul", "polysub", "polyval",
    "roots",
]  # fmt: skip

Array = np.ndarray[Any, Any]


class Polyval(Op):
    """The polynomial with coefficients p, highest power first along its first axis, at x."""

    parameters: ClassVar[tuple[str, ...]] = ("p", "x")
    expression: ClassVar[str] = "np.polyval(p, x)"

    def infer(self, *types: TensorType) -> TensorType:
        p, x = types
        if not p.ndim or p.shape[0] == 0:
            raise ShapeError("a polynomial without coefficients", "give at least one")
        shape = broadcast_shapes(p.shape[1:], x.shape)
        return TensorType(sampled_dtype(np.polyval, p, x), shape)

    def flops(self, types: tuple[TensorType, ...], output: TensorType) -> DimLike:
        return 2 * types[0].shape[0] * output.size

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        p, x = inputs
        if i == 1:
            slopes = p[:-1] * _column(_counted_down(p, p.shape[0] - 1, 0), p.ndim)
            return create.zeros_like(x) if p.shape[0] == 1 else G * self(slopes, x)
        powers = _counted_down(x, p.shape[0] - 1, -1)
        if p.ndim == 1:
            flat = shapes.Reshape((x.size,))(x)
            return shapes.Reshape((x.size,))(G) @ flat[:, None] ** powers
        above = G.ndim - x.ndim
        terms = G * shapes.Reshape((1, *(1,) * above, *x.shape))(x) ** _column(powers, G.ndim + 1)
        lacking = G.ndim + 1 - p.ndim
        summed = reduce.sum_to(terms, (p.shape[0], *(1,) * lacking, *p.shape[1:]))
        return shapes.Reshape(p.shape)(summed)

    def batch(self, inputs: tuple[Variable, ...], batched: tuple[bool, ...]) -> Variable:
        p, x = inputs
        if not batched[0] and p.ndim == 1:
            return self(p, x)
        if batched[0]:  # the coefficients stay in front of the batch
            rank = max(p.ndim - 2, x.ndim - batched[1])
            p = _pad_rank(_swap_first(p), 2, rank)
        else:
            p = shapes.expand_dims(_pad_rank(p, 1, x.ndim - 1), 1)
        if batched[1]:
            x = _pad_rank(x, 1, p.ndim - 2)
        return self(p, x)

    @staticmethod
    def oracle(p: Array, x: Array) -> Any:
        shape = np.broadcast_shapes(p.shape[1:], x.shape)
        x = np.broadcast_to(x, shape)
        total = np.zeros(shape, np.result_type(p, x))
        for k, coefficient in enumerate(p):
            for index, value in np.ndenumerate(np.broadcast_to(coefficient, shape)):
                term = value
                for _ in range(len(p) - 1 - k):
                    term = term * x[index]
                total[index] += term
        return total[()]

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for p, x in (((1,), (2,)), ((3,), ()), ((4,), (2, 2)), ((3, 2), (2,)), ((2, 1), (2, 3))):
            yield Sample(cls(), (Operand(p), Operand(x)))
        yield Sample(cls(), (Operand((3,), dtype="complex128"), Operand((2,))))
        yield Sample(cls(), (Operand((3,), dtype="int64"), Operand((2,), dtype="int64")))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(), (Operand(()), Operand((2,))), ShapeError)
        yield Bad(cls(), (Operand((0,)), Operand((2,))), ShapeError)


def _column(x: Variable, ndim: int) -> Variable:
    """A vector along the first of ``ndim`` axes."""
    return shapes.Reshape((x.shape[0], *(1,) * (ndim - 1)))(x)


def _swap_first(p: Variable) -> Variable:
    return p.swapaxes(0, 1)


def _pad_rank(x: Variable, lead: int, rank: int) -> Variable:
    """x with axes of length 1 behind its ``lead`` first ones, so that ``rank`` others follow."""
    missing = rank - (x.ndim - lead)
    return shapes.Reshape((*x.shape[:lead], *(1,) * missing, *x.shape[lead:]))(x)


def derivative(p: Variable) -> Variable:
    """The coefficients of the derivative, for more than one coefficient."""
    return p[:-1] * _column(create.arange(p.shape[0] - 1, 0, -1), p.ndim)


def _counted_down(x: Variable, first: DimLike, stop: DimLike) -> Variable:
    """The integers from ``first`` down to before ``stop``, in a dtype that keeps x's."""
    narrow = x.dtype in (np.float16, np.float32, np.complex64)
    return create.arange(first, stop, -1, dtype=linalg.real_dtype(x.dtype) if narrow else None)


# -------------------------------------------------------------------------- np.polyval and so on


def _coefficients(p: Any) -> Variable:
    """A list of numbers and variables, or an array, as one variable with an axis."""
    if isinstance(p, (list, tuple)) and any(isinstance(c, Variable) for c in p):
        p = join.stack(shapes.broadcast_arrays(*map(as_variable, p)))
    return shapes.atleast_1d(as_variable(p))  # type: ignore[no-any-return]


@public("numpy.polyval")
def polyval(p: Any, x: Any) -> Variable:
    """The polynomial with coefficients p, highest power first, at x, by Horner's rule.

    As ``np.polyval``: the first axis of p is that of the coefficients, and others broadcast
    against x.

    >>> import graphcomp as gr
    >>> x = gr.scalar("x")
    >>> gr.evaluate({x: 2.0}, gr.polyval([1.0, 0.0, 3.0], x))
    np.float64(7.0)
    """
    p, x = _coefficients(p), as_variable(x)
    return create.zeros_like(x) if p.shape[0] == 0 else Polyval()(p, x)


@public("numpy.polyder")
def polyder(p: Any, m: int = 1) -> Variable:
    """The coefficients of the m-th derivative, as ``np.polyder``.

    Raises OptionError for a negative m.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.polyder(gr.constant([1.0, 2.0, 3.0])))
    array([2., 2.])
    """
    result = _vector(p)
    for _ in range(_order("polyder", m)):
        result = derivative(result) if result.shape[0] not in (0, 1) else result[:0] * 1
    return result


@public("numpy.polyint")
def polyint(p: Any, m: int = 1, k: Any = None) -> Variable:
    """The coefficients of the m-th antiderivative, as ``np.polyint``.

    ``k`` gives the constants of integration, the first for the first integral; 0 unless given.
    Raises OptionError for a negative m and for another number of constants.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.polyint(gr.constant([2.0, 2.0]), k=3))
    array([1., 2., 3.])
    """
    m, result = _order("polyint", m), _vector(p)
    constants = shapes.atleast_1d(as_variable(0.0 if k is None else k))
    if constants.shape == (1,):
        constants = shapes.broadcast_to(constants, (m,))
    if constants.shape != (m,):
        raise OptionError(
            f"polyint of order {m} with constants {format_shape(constants.shape)}",
            "give one for each integral",
        )
    for order in range(m):
        powers = create.arange(result.shape[0], 0, -1)
        result = join.concatenate([result / powers, constants[order : order + 1]])
    return result


def _order(function: str, m: Any) -> int:
    try:
        order = operator.index(m)
    except TypeError:
        order = -1
    if order < 0:
        raise OptionError(f"{function} of order {m!r}", "give a whole number of at least 0")
    return order


def _vector(p: Any) -> Variable:
    v = _coefficients(p)
    if v.ndim != 1:
        raise ShapeError(f"coefficients of shape {format_shape(v.shape)}", "give a vector of them")
    return v


@public("numpy.polyadd")
def polyadd(a1: Any, a2: Any) -> Variable:
    """The coefficients of the sum of two polynomials, as ``np.polyadd``.

    Raises SizeError where it is not known which is longer.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.polyadd(gr.constant([1.0, 2.0]), gr.constant([9.0, 5.0, 4.0])))
    array([9., 6., 6.])
    """
    p, q = _aligned(_vector(a1), _vector(a2))
    return p + q


@public("numpy.polysub")
def polysub(a1: Any, a2: Any) -> Variable:
    """The coefficients of the difference of two polynomials, as ``np.polysub``."""
    p, q = _aligned(_vector(a1), _vector(a2))
    return p - q


def _aligned(p: Variable, q: Variable) -> tuple[Variable, Variable]:
    """Both with as many coefficients: zeros in front of the shorter one."""
    lacking = q.shape[0] - p.shape[0]
    least, most = dims.lower_bound(lacking), dims.upper_bound(lacking)
    if least is not None and least >= 0:
        return _with_zeros(p, lacking), q
    if most is not None and most <= 0:
        return p, _with_zeros(q, -lacking)
    raise SizeError(
        f"which of {p.label} {format_shape(p.shape)} and {q.label} {format_shape(q.shape)} is "
        "longer is not known",
        "declare both with one size, or with numbers",
    )


def _with_zeros(p: Variable, count: DimLike) -> Variable:
    return join.concatenate([create.zeros((count,), p.dtype), p]) if count != 0 else p


@public("numpy.polymul")
def polymul(a1: Any, a2: Any) -> Variable:
    """The coefficients of the product of two polynomials, as ``np.polymul``.

    Leading zeros stay, where NumPy trims them: which there are depends on the numbers.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.polymul(gr.constant([1.0, 2.0]), gr.constant([1.0, -2.0])))
    array([ 1.,  0., -4.])
    """
    return convolve.convolve(_vector(a1), _vector(a2))


@public("numpy.polydiv")
def polydiv(u: Any, v: Any) -> tuple[Variable, Variable]:
    """The quotient and the remainder of two polynomials, as ``np.polydiv``.

    Of m and n coefficients the quotient has m - n + 1, the remainder n - 1, at least one each;
    NumPy trims zeros in front of the remainder: which there are depends on the numbers. Raises
    SizeError for symbolic lengths, ShapeError for other than vectors.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.polydiv(gr.constant([3.0, 5.0, 2.0]), gr.constant([2.0, 1.0])))
    (array([1.5 , 1.75]), array([0.25]))
    """
    above, below = _vector(u) + 0.0, _vector(v) + 0.0
    m, n = above.shape[0], below.shape[0]
    if not isinstance(m, int) or not isinstance(n, int):
        raise SizeError(f"polydiv of {m} by {n} coefficients", "give them a number of each")
    if not m or not n:
        raise ShapeError("a polynomial without coefficients", "give at least one")
    dtype = np.result_type(above.dtype, below.dtype)
    if m < n:
        return create.zeros((1,), dtype), above.astype(dtype)
    rest, quotient = above, []
    for _ in range(m - n + 1):  # one step of the long division for each coefficient
        q = rest[0] / below[0]
        quotient.append(q)
        tail = rest[1:n] - q * below[1:]
        rest = join.concatenate([tail, rest[n:]]) if rest.shape[0] > n else tail
    return join.stack(quotient), rest if n > 1 else create.zeros((1,), dtype)


@public("numpy.poly")
def poly(seq_of_zeros: Any) -> Variable:
    """The coefficients of the polynomial with these roots, as ``np.poly``.

    A square matrix gives its characteristic polynomial. Of complex roots the coefficients are
    complex, where NumPy makes them real if it can. Raises ShapeError for other shapes, SizeError
    for a symbolic length.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.poly(gr.constant([1.0, 2.0])))
    array([ 1., -3.,  2.])
    """
    zeros = _coefficients(seq_of_zeros)
    if zeros.ndim == 2 and zeros.shape[0] == zeros.shape[1] != 0:
        result = poly(eig.eigvals(zeros))
        return result if zeros.dtype.kind == "c" else parts.real(result)
    if zeros.ndim != 1:
        raise ShapeError(
            f"poly of {format_shape(zeros.shape)}", "give a vector of roots, or a square matrix"
        )
    if not isinstance(zeros.shape[0], int):
        raise SizeError(
            f"poly of {zeros.shape[0]} roots has a step for each", "give it a number of roots"
        )
    if zeros.dtype.kind not in "fc":
        zeros = zeros.astype("float64")
    if not zeros.shape[0]:
        return as_variable(1.0)
    result = create.ones((1,), zeros.dtype)
    nothing = create.zeros((1,), zeros.dtype)
    for k in range(zeros.shape[0]):
        shifted = join.concatenate([nothing, result])
        result = join.concatenate([result, nothing]) - zeros[k] * shifted
    return result


@public("numpy.roots")
def roots(p: Any) -> Variable:
    """The roots of a polynomial, as ``np.roots``: the eigenvalues of its companion matrix.

    The result is complex, where NumPy makes it real if it can. Neither the first nor the last
    coefficient may be 0: NumPy leaves such out, and how many depends on the numbers.

    >>> import graphcomp as gr
    >>> gr.roots(gr.vector("p", 4)).shape
    (3,)
    """
    p = _vector(p)
    if p.shape[0] in (0, 1):
        return create.zeros((0,), "complex128")
    return eig.eigvals(scipy_linalg.companion(p if p.dtype.kind in "fc" else p.astype(float)))


@public("numpy.polyfit")
def polyfit(
    x: Any,
    y: Any,
    deg: Any,
    rcond: float | None = None,
    full: bool = False,
    w: Any = None,
    cov: bool | str = False,
) -> Any:
    """The polynomial of degree ``deg`` that fits points best by least squares, as ``np.polyfit``.

    ``x`` (n,), ``y`` (n,) or (n, k); ``w`` (n,) weighs the residuals. With ``cov`` the
    covariance follows, not scaled for ``"unscaled"``; with ``full`` the sums of squares, the rank
    and the singular values, as of ``lstsq``, and rcond. Raises OptionError for a list of degrees,
    ShapeError for points that do not fit together.

    >>> import graphcomp as gr
    >>> x, y = gr.vector("x", "n"), gr.vector("y", "n")
    >>> gr.polyfit(x, y, 2).shape
    (3,)
    """
    x, y = as_variable(x), as_variable(y)
    if x.ndim != 1 or y.ndim not in (1, 2) or x.shape[0] != y.shape[0]:
        raise ShapeError(
            f"polyfit of {format_shape(x.shape)} and {format_shape(y.shape)}",
            "give a vector x, and a y with as many rows",
        )
    count = _order("polyfit", deg) + 1
    x, y = x + 0.0, y + 0.0
    left = x.astype(np.promote_types(x.dtype, int))[:, None] ** create.arange(count - 1, -1, -1)
    if w is not None:
        w = as_variable(w) + 0.0
        left = left * w[:, None]
        y = y * (w[:, None] if y.ndim == 2 else w)
    scale = reduce.sum(left * left, axis=0) ** 0.5
    left = left / scale
    if rcond is None and x.dtype != left.dtype:  # else it is what lstsq takes unasked
        rcond = x.shape[0] * float(np.finfo(x.dtype).eps)
    fitted, squares, rank, values = least_squares.lstsq(left, y, rcond)
    c = (fitted.T / scale).T
    if full:
        eps = x.shape[0] * float(np.finfo(x.dtype).eps)
        return c, squares, rank, values, eps if rcond is None else rcond
    if not cov:
        return c
    covariance = linalg.inv(left.T @ left) / (scale[:, None] * scale)
    if y.ndim == 2:
        covariance = shapes.expand_dims(covariance, -1)
    if cov != "unscaled":
        residuals = left @ fitted - y
        squares = parts.absolute(residuals) ** 2 if residuals.dtype.kind == "c" else residuals**2
        variance = reduce.sum(squares, axis=0) / (x.shape[0] - count)
        covariance = covariance * variance
    return c, covariance
