"""Questions about values: equal, close, real, infinite with a sign. None carries a gradient."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from graphcomp.dims import Shape
from graphcomp.errors import DTypeError, ShapeError
from graphcomp.graph import Variable
from graphcomp.ops import compare, create, parts
from graphcomp.ops.base import Operand, Sample, as_variable, constant
from graphcomp.ops.compare import Comparison
from graphcomp.registry import call, public, refuse
from graphcomp.types import (
    DType,
    TensorType,
    broadcast_shapes,
    format_shape,
    result_dtype,
    ufunc_dtype,
    weak_type,
)

__all__ = [
    "allclose",
    "array_equal",
    "array_equiv",
    "isclose",
    "iscomplex",
    "isneginf",
    "isposinf",
    "isreal",
    "real_if_close",
]

# ------------------------------------------------------------------------------------ closeness


@dataclass(frozen=True, eq=False)
class Isclose(Comparison):
    """Whether x is as near to y as abs(x - y) <= atol + rtol * abs(y)."""

    rtol: float = 1e-5
    atol: float = 1e-8
    equal_nan: bool = False
    expression: ClassVar[str] = "np.isclose(x, y, rtol=rtol, atol=atol, equal_nan=equal_nan)"
    oracle: ClassVar[str] = (
        "abs(x - y) <= atol + rtol * abs(y) if mp.isfinite(x) and mp.isfinite(y) else "
        "x == y or bool(equal_nan and mp.isnan(x) and mp.isnan(y))"
    )
    takes_out: ClassVar[bool] = False
    dtypes: ClassVar[tuple[str, ...]] = ("float64", "int64", "complex128")

    def result_dtype(self, *types: TensorType) -> DType:
        return ufunc_dtype(np.equal, *(t.operand for t in types))

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        yield from super().samples()
        x = [1.0, 1.0, 1e10, np.nan, np.inf, -np.inf, np.inf]
        y = [1.0 + 1e-9, 1.001, 1.000001e10, np.nan, np.inf, np.inf, 1.0]
        operands = tuple(Operand((len(v),), kind="fixed", value=v) for v in (x, y))
        for op in (cls(), cls(equal_nan=True), cls(1e-2, 0.0)):
            yield Sample(op, operands)


@public("numpy.isclose")
def isclose(
    a: Any, b: Any, rtol: Any = 1e-05, atol: Any = 1e-08, equal_nan: bool = False
) -> Variable:
    """Whether abs(a - b) <= atol + rtol * abs(b), elementwise, as ``np.isclose``.

    Infinities are close to themselves; NaN to NaN with ``equal_nan``. The tolerances may be
    arrays or variables that broadcast with a and b. Raises ShapeError for shapes that do not
    broadcast.

    >>> import graphcomp as gr
    >>> x = gr.vector("x", 2)
    >>> gr.evaluate({x: [1.0, 1.1]}, gr.isclose(x, 1.0))
    array([ True, False])
    """
    if _is_number(rtol) and _is_number(atol):
        return Isclose(float(rtol), float(atol), bool(equal_nan))(a, b)
    a, b = as_variable(a), as_variable(b)
    b = b.astype(result_dtype(b.type, weak_type(1.0)))  # so that bools can be subtracted
    near = parts.absolute(a - b) <= atol + rtol * parts.absolute(b)
    close: Variable = (near & compare.isfinite(b)) | (a == b)
    return close | (compare.isnan(a) & compare.isnan(b)) if equal_nan else close


def _is_number(value: Any) -> bool:
    return isinstance(value, (bool, int, float, np.number))


@public("numpy.allclose")
def allclose(
    a: Any, b: Any, rtol: Any = 1e-05, atol: Any = 1e-08, equal_nan: bool = False
) -> Variable:
    """Whether all elements of a and b are close, as ``np.allclose``; see ``isclose``.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.allclose(gr.constant([1.0, 2.0]), [1.0, 2.1]))
    np.False_
    """
    return call("all", isclose(a, b, rtol, atol, equal_nan))


# ------------------------------------------------------------------------------ whole arrays


@public("numpy.array_equal")
def array_equal(a1: Any, a2: Any, equal_nan: bool = False) -> Variable:
    """Whether two arrays have one shape and equal elements, as ``np.array_equal``.

    Raises ShapeError where whether the shapes are equal depends on symbolic sizes.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.array_equal(gr.constant([1, 2]), [1, 2]))
    np.True_
    """
    x, y = as_variable(a1), as_variable(a2)
    if not _decided(x.shape == y.shape, x, y):
        return constant(np.False_)
    same = compare.equal(x, y)
    if equal_nan:
        same = compare.logical_or(same, compare.isnan(x) & compare.isnan(y))
    return call("all", same)


@public("numpy.array_equiv")
def array_equiv(a1: Any, a2: Any) -> Variable:
    """Whether two arrays, broadcast together, have equal elements, as ``np.array_equiv``.

    Raises ShapeError where whether they broadcast depends on symbolic sizes.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.array_equiv(gr.constant([1, 1]), 1))
    np.True_
    """
    x, y = as_variable(a1), as_variable(a2)
    if not _decided(_broadcast(x.shape, y.shape), x, y):
        return constant(np.False_)
    return call("all", x == y)


def _broadcast(x: Shape, y: Shape) -> bool:
    try:
        broadcast_shapes(x, y)
    except ShapeError:
        return False
    return True


def _decided(holds: bool, x: Variable, y: Variable) -> bool:
    """What holds of two shapes; ShapeError where other sizes would give another answer."""
    numbers = all(isinstance(d, int) for d in (*x.shape, *y.shape))
    if not holds and x.ndim == y.ndim and not numbers:
        raise ShapeError(
            f"whether {x.label} {format_shape(x.shape)} and {y.label} {format_shape(y.shape)} "
            "have one shape depends on their sizes",
            "give equal sizes one name",
        )
    return holds


# ------------------------------------------------------------------------ single elements


def _real_input(name: str, x: Any) -> Variable:
    given = as_variable(x)
    if given.dtype.kind == "c":
        raise DTypeError(
            f"{name} does not take {given.label}, which is {given.dtype}",
            "give it x.real or x.imag",
        )
    return given


@public("numpy.isposinf")
def isposinf(x: Any, out: None = None) -> Variable:
    """Whether x is inf, elementwise, as ``np.isposinf``. Raises DTypeError for a complex x.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.isposinf(gr.constant([1.0, float("inf")])))
    array([False,  True])
    """
    refuse("isposinf", out=out)
    return compare.equal(_real_input("isposinf", x), np.inf)


@public("numpy.isneginf")
def isneginf(x: Any, out: None = None) -> Variable:
    """Whether x is -inf, elementwise, as ``np.isneginf``. Raises DTypeError for a complex x."""
    refuse("isneginf", out=out)
    return compare.equal(_real_input("isneginf", x), -np.inf)


@public("numpy.iscomplex")
def iscomplex(x: Any) -> Variable:
    """Whether x has an imaginary part other than 0, elementwise, as ``np.iscomplex``.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.iscomplex(gr.constant([1j, 1.0])))
    array([ True, False])
    """
    x = as_variable(x)
    if x.dtype.kind != "c":
        return create.full_of(False, x.type.with_dtype(np.dtype(bool)))
    return compare.not_equal(parts.imag(x), 0)


@public("numpy.isreal")
def isreal(x: Any) -> Variable:
    """Whether the imaginary part of x is 0, elementwise, as ``np.isreal``."""
    x = as_variable(x)
    if x.dtype.kind != "c":
        return create.full_of(True, x.type.with_dtype(np.dtype(bool)))
    return compare.equal(parts.imag(x), 0)


@public("numpy.real_if_close")
def real_if_close(a: Any, tol: float = 100) -> Variable:
    """a itself where its dtype is real, as ``np.real_if_close``.

    Raises DTypeError for a complex a: the dtype of the answer would depend on its values.

    >>> import graphcomp as gr
    >>> gr.real_if_close(gr.vector("x", 3)).dtype
    dtype('float64')
    """
    given = as_variable(a)
    if given.dtype.kind == "c":
        raise DTypeError(
            f"real_if_close of {given.label}, which is {given.dtype}: whether the answer is "
            "complex depends on its values",
            "write gr.real(a) where the imaginary part does not matter",
        )
    return given
