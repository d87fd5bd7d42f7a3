"""Running sums and products, and products that leave one element out."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from graphcomp.errors import OptionError, ShapeError
from graphcomp.graph import Variable
from graphcomp.ops import create, join, rearrange, reduce, shape as shapes
from graphcomp.ops.base import Bad, Meaning, Op, Operand, Sample, as_variable, axis_from_end
from graphcomp.registry import public, refuse
from graphcomp.types import DType, TensorType, as_dtype, result_dtype, sampled_dtype

__all__ = ["cumprod", "cumsum", "cumulative_prod", "cumulative_sum"]

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False)
class Cumulative(Op, abstract=True):
    """Base of running reductions along ``axis``, counted from the end.

    Subclasses give NumPy's name of it, ``bprop``, and ``of_values``: the oracle of one result.
    """

    axis: int
    function: ClassVar[str]
    takes_out: ClassVar[bool] = True

    def infer(self, x: TensorType) -> TensorType:
        reduce.require_axes((self.axis,), x)
        dtype: DType = sampled_dtype(getattr(np, self.function), x)
        return TensorType(dtype, x.shape)

    def meaning(self, *types: TensorType) -> Meaning:
        axis = reduce.axis_literal((self.axis,), types[0].ndim)
        return Meaning(f"np.{self.function}(x, axis=axis)", {"axis": axis}, {"axis": None})

    def of_values(self, values: list[Any]) -> Any:
        """The result for the elements up to a place, in plain Python."""
        raise NotImplementedError

    def oracle(self, x: Array) -> Any:
        out = np.empty(x.shape, complex if x.dtype.kind == "c" else float)
        for index in np.ndindex(x.shape):
            place = list(index)
            values = []
            for k in range(index[self.axis] + 1):
                place[self.axis] = k
                values.append(x[tuple(place)].item())
            out[index] = self.of_values(values)
        return out

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for shape, axis in (
            ((1,), -1),
            ((4,), -1),
            ((0,), -1),
            ((2, 3), -1),
            ((2, 3), -2),
            ((0, 3), -1),
            ((0, 3), -2),
            ((2, 3, 2), -2),
        ):
            yield Sample(cls(axis), (Operand(shape),))
        for dtype in ("int64", "bool", "complex128"):
            yield Sample(cls(-1), (Operand((3,), dtype=dtype),))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(-2), (Operand((3,)),), ShapeError)


class Cumsum(Cumulative):
    """The sums of the elements up to each place along an axis."""

    function = "cumsum"

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        reverse = rearrange.Flip((self.axis,))
        return reverse(self(reverse(G)))

    def of_values(self, values: list[Any]) -> Any:
        return reduce.exact_sum(values)


class Cumprod(Cumulative):
    """The products of the elements up to each place along an axis."""

    function = "cumprod"

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        x, y, G = (shapes.swapaxes(v, self.axis, -1) for v in (inputs[0], output, G))
        return shapes.swapaxes(_recurrence_gradient(x, G) * _previous(y, 1), self.axis, -1)

    def of_values(self, values: list[Any]) -> Any:
        return math.prod(values)

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        yield from super().samples()
        for value in ([1.5, 0.0, -2.0, 0.5], [0.0, 1.5, 0.0, 2.0]):
            yield Sample(cls(-1), (Operand((4,), kind="fixed", value=value),))


# ------------------------------------------------------- what their derivatives are made of


class ProductOfOthers(Op):
    """For each element the product of the others along the last axis, exact beside zeros."""

    expression = "_product_of_others(x)"
    flops_per_element = 3.0

    def infer(self, x: TensorType) -> TensorType:
        reduce.require_axes((-1,), x)
        return x

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        """An element is in the product before those behind it, and after those before it.

        With left and right the products before and behind each element, output = left * right;
        what reaches the running products comes back as in ``Cumprod``.
        """
        (x,) = inputs
        back, running = _reversed(x), Cumprod(-1)
        left = _previous(running(x), 1)
        right = _reversed(_previous(running(back), 1))
        behind = _reversed(_previous(Recurrence()(back, _reversed(G * right)), 0))
        before = _previous(Recurrence()(x, G * left), 0)
        return left * behind + right * before

    def oracle(self, x: Array) -> Any:
        out = np.empty(x.shape, complex if x.dtype.kind == "c" else float)
        for index in np.ndindex(x.shape):
            row = x[index[:-1]]
            out[index] = math.prod(v for k, v in enumerate(row) if k != index[-1])
        return out

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for shape in ((0,), (1,), (2,), (5,), (2, 3), (0, 3), (3, 0)):
            yield Sample(cls(), (Operand(shape),))
        yield Sample(cls(), (Operand((3,), dtype="complex128"),))
        for value in ([1.5, 0.0, -2.0, 0.5], [0.0, 1.5, 0.0, 2.0]):
            yield Sample(cls(), (Operand((4,), kind="fixed", value=value),))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(), (Operand(()),), ShapeError)


class Recurrence(Op):
    """y[t] = g[t] + x[t] * y[t - 1] along the last axis, from y[-1] = 0."""

    parameters = ("x", "g")
    expression = "_recurrence(x, g)"
    flops_per_element = 2.0

    def infer(self, x: TensorType, g: TensorType) -> TensorType:
        if x.shape != g.shape or not x.shape:
            raise ShapeError("shape mismatch", "both operands must have the same shape, no scalars")
        return TensorType(result_dtype(x, g), x.shape)

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        on_g = _recurrence_gradient(inputs[0], G)
        return on_g if i == 1 else on_g * _previous(output, 0)

    def batch(self, inputs: tuple[Variable, ...], batched: tuple[bool, ...]) -> Variable:
        shape = inputs[batched.index(True)].shape
        return self(*(shapes.BroadcastTo(shape)(v) for v in inputs))

    def oracle(self, x: Array, g: Array) -> Any:
        out = np.empty(x.shape, np.result_type(x, g, float))
        for index in np.ndindex(x.shape):
            *row, last = index
            before = out[(*row, last - 1)] if last else 0.0
            out[index] = g[index] + x[index] * before
        return out

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for shape in ((0,), (1,), (4,), (2, 3), (3, 0)):
            yield Sample(cls(), (Operand(shape), Operand(shape)))
        yield Sample(cls(), (Operand((3,), dtype="complex128"), Operand((3,))))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(), (Operand((2,)), Operand((3,))), ShapeError)
        yield Bad(cls(), (Operand(()), Operand(())), ShapeError)


def _reversed(x: Variable) -> Variable:
    return rearrange.Flip((-1,))(x)


def _previous(x: Variable, first: int) -> Variable:
    """At each place along the last axis the element before it, and ``first`` at the beginning."""
    start = create.full_of(first, x.type.with_shape((*x.shape[:-1], 1)))
    return join.Concatenate(-1)(start, x)[..., :-1]


def _recurrence_gradient(x: Variable, G: Variable) -> Variable:
    """The gradient a on g where y[t] = g[t] + x[t] * y[t - 1] has gradient G:
    a[t] = G[t] + x[t + 1] * a[t + 1], the same recurrence from the other end."""
    return _reversed(Recurrence()(_previous(_reversed(x), 0), _reversed(G)))


# ------------------------------------------------------------------------------------ functions


@public("numpy.cumsum")
def cumsum(a: Any, axis: int | None = None, dtype: Any = None, out: None = None) -> Variable:
    """The sums of the elements of a up to each place along ``axis``, or in a made flat.

    The result has a's shape, or (a.size,) without an axis. Raises ShapeError for an axis that
    a does not have.

    >>> import graphcomp as gr
    >>> x = gr.vector("x", 3)
    >>> gr.evaluate({x: [1.0, 2.0, 3.0]}, cumsum(x))
    array([1., 3., 6.])
    """
    return _running(Cumsum, a, axis, dtype, out)


@public("numpy.cumprod")
def cumprod(a: Any, axis: int | None = None, dtype: Any = None, out: None = None) -> Variable:
    """The products of the elements of a up to each place along ``axis``, as ``cumsum``.

    Its derivatives, of any order, are exact where elements are zero.

    >>> import graphcomp as gr
    >>> x = gr.vector("x", 3)
    >>> gr.evaluate({x: [2.0, 0.0, 3.0]}, cumprod(x))
    array([2., 0., 0.])
    """
    return _running(Cumprod, a, axis, dtype, out)


def _running(op: type[Cumulative], a: Any, axis: int | None, dtype: Any, out: Any) -> Variable:
    refuse(op.function, out=out)
    a = as_variable(a)
    if axis is None:
        a, axis = shapes.ravel(a), 0
    a = shapes.atleast_1d(a)
    running = op(axis_from_end(axis, a.ndim))
    if dtype is None:
        return running(a)
    return running(a.astype(as_dtype(dtype))).astype(dtype)


@public("numpy.cumulative_sum")
def cumulative_sum(
    x: Any,
    /,
    *,
    axis: int | None = None,
    dtype: Any = None,
    out: None = None,
    include_initial: bool = False,
) -> Variable:
    """The sums of the elements of x up to each place along ``axis``, as ``np.cumulative_sum``.

    ``axis`` may be left out for a vector. With ``include_initial`` the sum of nothing, 0, comes
    first. Raises ShapeError for an axis that x does not have, OptionError where it is missing.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, cumulative_sum(gr.constant([1.0, 2.0]), include_initial=True))
    array([0., 1., 3.])
    """
    return _cumulative(Cumsum, x, axis, dtype, out, 0 if include_initial else None)


@public("numpy.cumulative_prod")
def cumulative_prod(
    x: Any,
    /,
    *,
    axis: int | None = None,
    dtype: Any = None,
    out: None = None,
    include_initial: bool = False,
) -> Variable:
    """The products of the elements of x up to each place along ``axis``, as ``cumulative_sum``.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, cumulative_prod(gr.constant([2.0, 3.0]), include_initial=True))
    array([1., 2., 6.])
    """
    return _cumulative(Cumprod, x, axis, dtype, out, 1 if include_initial else None)


def _cumulative(
    op: type[Cumulative], x: Any, axis: int | None, dtype: Any, out: Any, first: int | None
) -> Variable:
    x = shapes.atleast_1d(x)
    if x.ndim != 1 and axis is None:
        raise OptionError(f"{x.label} has {x.ndim} axes", "say along which with axis=")
    axis = axis_from_end(axis or 0, x.ndim)
    result = _running(op, x, axis, dtype, out)
    if first is None:
        return result
    shape = (*x.shape[: x.ndim + axis], 1, *x.shape[x.ndim + axis + 1 :])
    return join.Concatenate(axis)(create.full_of(first, result.type.with_shape(shape)), result)
