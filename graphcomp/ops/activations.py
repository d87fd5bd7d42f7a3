"""Rectifier, sigmoid, softplus; softmax and log-sum-exp."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from graphcomp.errors import DTypeError, OptionError, ShapeError
from graphcomp.graph import Variable
from graphcomp.ops import (
    compare,
    extremes,
    identity,
    parts,
    reduce,
    stable,
    transcendental,
)
from graphcomp.ops.base import Bad, Meaning, Op, Operand, Sample, as_variable
from graphcomp.ops.elementwise import Unary, keeps_dtype, unary
from graphcomp.ops.reduce import (
    Axes,
    Reduce,
    axes_of,
    axis_literal,
    normalize_axes,
    require_axes,
)
from graphcomp.registry import public
from graphcomp.types import DType, TensorType, ufunc_dtype

__all__ = [
    "log_expit",
    "log_softmax",
    "logsumexp",
    "relu",
    "sigmoid",
    "softmax",
    "softplus",
]

Array = np.ndarray[Any, Any]


def _floating(name: str, x: TensorType) -> DType:
    """The dtype of exp(x) for real x."""
    if x.dtype.kind == "c":
        raise DTypeError(f"{name} does not take {x.dtype}", "take .real or abs() first")
    return ufunc_dtype(np.exp, x.operand)


def _of_floats(op: Op, x: Variable) -> Variable | None:
    """The operation on integers and bools, as that on floats; the helpers take only those."""
    return op(x.astype(_floating(op.name, x.type))) if x.dtype.kind in "biu" else None


# ----------------------------------------------------------------------------------- elementwise


@dataclass(frozen=True, eq=False)
class Relu(Unary):
    """The larger of x and 0; its derivative at 0 is ``at_zero``."""

    at_zero: int = 0
    kinks: ClassVar[tuple[float, ...]] = (0.0,)
    dtypes: ClassVar[tuple[str, ...]] = ("float64", "int64")
    oracle: ClassVar[str] = "max(x, 0)"

    def result_dtype(self, *types: TensorType) -> DType:
        return ufunc_dtype(np.maximum, types[0].operand, int)

    def meaning(self, *types: TensorType) -> Meaning:
        x = types[0]
        return Meaning(f"np.maximum(x, {_zero(x)})", {"dtype": x.dtype})

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return x >= 0 if self.at_zero else y > 0


def _zero(x: TensorType) -> str:
    return "0" if keeps_dtype(x) else "dtype(0)"


class Sigmoid(Unary):
    """1 / (1 + exp(-x))."""

    expression = "_sigmoid(x)"
    flops_per_element = 7.0
    oracle = "1 / (1 + mp.exp(-x))"
    dtypes = ("float64", "int64")
    extremes = (-800.0, -40.0, 0.0, 40.0, 800.0)
    takes_out = False

    def result_dtype(self, *types: TensorType) -> DType:
        return _floating("sigmoid", types[0])

    def meaning(self, *types: TensorType) -> Meaning:
        x = types[0]
        text = "_sigmoid(x)" if keeps_dtype(x) else "dtype(_sigmoid(x))"
        return Meaning(text, {"dtype": x.dtype})

    def simplify(self, x: Variable) -> Variable | None:
        return _of_floats(self, x)

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return stable.sigmoid_slope(x)  # y * (1 - y) has no digits left where y is near 1

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(), (Operand((3,), dtype="complex128"),), DTypeError)


class Softplus(Unary):
    """log(1 + exp(x))."""

    expression = "np.logaddexp(0, x)"
    flops_per_element = 6.0
    oracle = "mp.log1p(mp.exp(x))"
    dtypes = ("float64", "int64")
    extremes = (-800.0, -40.0, 0.0, 40.0, 800.0)

    def result_dtype(self, *types: TensorType) -> DType:
        return ufunc_dtype(np.logaddexp, int, types[0].operand)

    def meaning(self, *types: TensorType) -> Meaning:
        x = types[0]
        return Meaning(f"np.logaddexp({_zero(x)}, x)", {"dtype": x.dtype})

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return sigmoid(x)

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(), (Operand((3,), dtype="complex128"),), DTypeError)


sigmoid = unary(Sigmoid, "scipy.special.expit")
softplus = unary(Softplus, "scipy.special.softplus")


def relu(x: Any, at_zero: Literal[0, 1] = 0) -> Variable:
    """The larger of x and 0, elementwise; the derivative at 0 is ``at_zero``.

    Shape and dtype are x's. Raises OptionError for another ``at_zero`` than 0 and 1, DTypeError
    for complex x. (Goodfellow, Bengio and Courville, section 6.3.1.)

    >>> import graphcomp as gr
    >>> x = gr.vector("x", 3)
    >>> gr.evaluate({x: [-1.0, 0.0, 2.0]}, gr.relu(x))
    array([0., 0., 2.])
    """
    if at_zero not in (0, 1):
        raise OptionError(f"at_zero is {at_zero!r}", "give 0 or 1")
    x = as_variable(x)
    if x.dtype.kind == "c":
        raise DTypeError(f"relu does not take {x.dtype}: {x.label}", "take .real or abs() first")
    return Relu(int(at_zero))(x)


@public("scipy.special.log_expit")
def log_expit(x: Any, /) -> Variable:
    """The logarithm of the sigmoid, as ``scipy.special.log_expit``: -softplus(-x).

    >>> import graphcomp as gr
    >>> x = gr.scalar("x")
    >>> gr.evaluate({x: -800.0}, gr.log_expit(x))
    np.float64(-800.0)
    """
    return -softplus(-as_variable(x))


# -------------------------------------------------------------------------------------- softmax


@dataclass(frozen=True, eq=False)
class Normalized(Op, abstract=True):
    """Base of softmax and its logarithm over ``axes``, counted from the end."""

    axes: Axes
    helper: ClassVar[str]
    flops_per_element: ClassVar[float] = 5.0

    def infer(self, *types: TensorType) -> TensorType:
        require_axes(self.axes, types[0])
        return TensorType(_floating(self.name, types[0]), types[0].shape)

    def simplify(self, x: Variable) -> Variable | None:
        return _of_floats(self, x)

    def meaning(self, *types: TensorType) -> Meaning:
        axis = axis_literal(self.axes, types[0].ndim)
        return Meaning(f"{self.helper}(x, axis=axis)", {"axis": axis}, {"axis": None})

    def total(self, x: Variable) -> Variable:
        """The sum over the axes, which stay with length 1."""
        return reduce.Sum(self.axes, keepdims=True)(x)

    def oracle(self, x: Array) -> Any:
        out = np.empty(x.shape)
        kept = [a for a in range(x.ndim) if a - x.ndim not in self.axes]
        for index in np.ndindex(x.shape):
            group = [i for i in np.ndindex(x.shape) if all(i[a] == index[a] for a in kept)]
            out[index] = self.of_group(float(x[index]), [float(x[i]) for i in group])
        return out

    @staticmethod
    def of_group(value: float, group: list[float]) -> float:
        """The result at one element, given all that it is normalised with."""
        raise NotImplementedError

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        uses: list[tuple[tuple[int, ...], Axes]] = [
            ((), ()),
            ((1,), (-1,)),
            ((5,), (-1,)),
            ((0,), (-1,)),
            ((0, 3), (-1,)),
            ((2, 3), (-2,)),
            ((2, 3), (-2, -1)),
            ((2, 3, 2), (-3, -1)),
        ]
        for shape, axes in uses:
            yield Sample(cls(axes), (Operand(shape),))
        for dtype in ("int64", "bool"):
            yield Sample(cls((-1,)), (Operand((2, 3), dtype=dtype),))
        yield from _extreme_samples(cls)

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls((-3,)), (Operand((2, 3)),), ShapeError)
        yield Bad(cls((-1,)), (Operand((3,), dtype="complex128"),), DTypeError)


class Softmax(Normalized):
    """exp(x) / sum(exp(x)) over axes."""

    helper = "_softmax"

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        return output * (G - self.total(G * output))

    @staticmethod
    def of_group(value: float, group: list[float]) -> float:
        return math.exp(value - _log_sum_exp(group))


class LogSoftmax(Normalized):
    """x - log(sum(exp(x))) over axes."""

    helper = "_log_softmax"

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        return G - transcendental.exp(output) * self.total(G)

    @staticmethod
    def of_group(value: float, group: list[float]) -> float:
        return value - _log_sum_exp(group)


class Logsumexp(Reduce):
    """log(sum(exp(x))) over axes."""

    function = "logsumexp"
    flops_per_element = 5.0
    takes_out = False

    def result_dtype(self, x: TensorType) -> DType:
        return _floating(self.name, x)

    def simplify(self, x: Variable) -> Variable | None:
        return _of_floats(self, x) if x.dtype.kind in "biu" else super().simplify(x)

    def meaning(self, *types: TensorType) -> Meaning:
        literals = {"axis": axis_literal(self.axes, types[0].ndim), "keepdims": self.keepdims}
        text = "_logsumexp(x, axis=axis, keepdims=keepdims)"
        return Meaning(text, literals, {"axis": None, "keepdims": False})

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        return self.expand(G) * transcendental.share(inputs[0], self.expand(output))

    def of_values(self, values: list[Any]) -> Any:
        return _log_sum_exp(values)

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        yield from super().samples()
        yield from _extreme_samples(cls)

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield from super().bad()
        yield Bad(cls((-1,)), (Operand((3,), dtype="complex128"),), DTypeError)


def _log_sum_exp(group: list[float]) -> float:
    if not group:
        return -math.inf
    top = max(group)
    return top + math.log(math.fsum(math.exp(value - top) for value in group))


def _extreme_samples(op: Any) -> Iterable[Sample]:
    extreme = Operand((3, 2), kind="fixed", value=[[800, 801], [-800, -802], [800, -800]])
    yield Sample(op((-1,)), (extreme,))


Axis = int | Sequence[int] | None


@public("scipy.special.softmax")
def softmax(x: Any, axis: Axis = None) -> Variable:
    """exp(x) / sum(exp(x)) over ``axis``, None for all, as ``scipy.special.softmax``.

    The shape is x's. Raises ShapeError for an axis that x does not have. (Goodfellow, Bengio
    and Courville, equation 6.29.)

    >>> import graphcomp as gr
    >>> x = gr.vector("x", 2)
    >>> gr.evaluate({x: [1000.0, 1000.0]}, gr.softmax(x))
    array([0.5, 0.5])
    """
    x = as_variable(x)
    axes = normalize_axes(axis, x.ndim)
    if x.dtype.kind != "c":
        return Softmax(axes)(x)
    e = transcendental.exp(x - _largest(x, axes))
    return e / reduce.Sum(axes, keepdims=True)(e)


@public("scipy.special.log_softmax")
def log_softmax(x: Any, axis: Axis = None) -> Variable:
    """The logarithm of softmax over ``axis``, None for all, as ``scipy.special.log_softmax``.

    The shape is x's. Raises ShapeError for an axis that x does not have. (Goodfellow, Bengio
    and Courville, equation 6.30.)

    >>> import graphcomp as gr
    >>> x = gr.vector("x", 2)
    >>> gr.evaluate({x: [1000.0, 0.0]}, gr.log_softmax(x))
    array([    0., -1000.])
    """
    x = as_variable(x)
    axes = normalize_axes(axis, x.ndim)
    return x - logsumexp(x, axes, keepdims=True) if x.dtype.kind == "c" else LogSoftmax(axes)(x)


@public("scipy.special.logsumexp")
def logsumexp(
    a: Any,
    axis: Axis = None,
    b: Any = None,
    keepdims: bool = False,
    return_sign: bool = False,
) -> Any:
    """log(sum(b * exp(a))) over ``axis``, None for all, as ``scipy.special.logsumexp``.

    The sum of nothing, and of nothing but -inf, is -inf. An element with ``b == 0`` is left
    out: no gradient goes to it. A negative sum of real numbers gives NaN, or with
    ``return_sign`` the logarithm of its absolute value and its sign. Raises ShapeError for an
    axis that a does not have.

    >>> import graphcomp as gr
    >>> x = gr.vector("x", 2)
    >>> gr.evaluate({x: [-1000.0, -1000.0]}, gr.logsumexp(x, b=[0.5, 0.5]))
    np.float64(-1000.0)
    """
    a = as_variable(a)
    if a.dtype.kind in "biu":
        a = a.astype(float)
    if b is not None:
        b = as_variable(b)
        a = compare.where(b == 0, -np.inf, a)
    axes = axes_of(axis, a.ndim)
    if b is None and not return_sign and a.dtype.kind != "c":
        return Logsumexp(axes, bool(keepdims))(a)
    top = _largest(a, axes)
    terms = transcendental.exp(a - top)
    total = reduce.Sum(axes, keepdims=True)(terms if b is None else b * terms)
    result = transcendental.log(parts.absolute(total) if return_sign else total) + top
    results = [result, parts.sign(total)] if return_sign else [result]
    if not keepdims:
        results = [reduce.Sum(axes)(v) for v in results]
    return tuple(results) if return_sign else results[0]


def _largest(x: Variable, axes: Axes) -> Variable:
    """The largest (real part) over axes, with length 1, 0 where it is infinite: what to take
    off before exp. No gradient passes it, since the results do not depend on it."""
    top = extremes.max(parts.real(x), axes, keepdims=True, initial=-np.inf)
    return identity.stop_gradient(compare.where(compare.isfinite(top), top, 0))
