"""Reshape and broadcast."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from graphcomp.dims import Shape, as_shape, prod
from graphcomp.errors import OptionError, ShapeError, SizeError
from graphcomp.graph import Variable
from graphcomp.ops import create, reduce
from graphcomp.ops.axes import (
    Transpose as Transpose,
    matrix_transpose as matrix_transpose,
    moveaxis as moveaxis,
    swapaxes as swapaxes,
    transpose as transpose,
)
from graphcomp.ops.base import (
    Bad,
    Meaning,
    Op,
    Operand,
    Sample,
    as_variable,
    constant_value,
)
from graphcomp.registry import public
from graphcomp.types import TensorType, broadcast_shapes, format_shape

__all__ = [
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "broadcast_arrays",
    "broadcast_to",
    "copy",
    "expand_dims",
    "ravel",
    "reshape",
    "squeeze",
]

Array = np.ndarray[Any, Any]


# --------------------------------------------------------------------------------------- reshape


@dataclass(frozen=True, eq=False)
class Reshape(Op):
    """The elements of x, in C order, in another shape of the same size."""

    shape: Shape
    is_view: ClassVar[bool] = True
    flops_per_element: ClassVar[float] = 0.0

    def infer(self, x: TensorType) -> TensorType:
        if x.size != prod(self.shape):
            raise ShapeError(
                f"cannot reshape {format_shape(x.shape)} to {format_shape(self.shape)}",
                "both shapes must have the same number of elements",
            )
        return x.with_shape(self.shape)

    def simplify(self, x: Variable) -> Variable | None:
        if x.shape == self.shape and not x.type.weak:
            return x
        if isinstance(x.op, create.Full) and x.size == prod(self.shape):
            return create.Full(self.shape, x.op.fill, x.op.dtype)()
        return self(x.inputs[0]) if isinstance(x.op, Reshape) else None

    def meaning(self, *types: TensorType) -> Meaning:
        x = types[0]
        if not x.shape:  # may be a Python number, which has no methods
            scalar = "" if self.shape else "[()]"
            return Meaning(f"np.reshape(x, shape){scalar}", {"shape": self.shape})
        index = _unit_axes_index(x.shape, self.shape)
        if index is not None:
            return Meaning(f"x[{index}]")
        if len(self.shape) == 1:
            return Meaning("x.ravel()")
        return Meaning("x.reshape(shape)", {"shape": self.shape})

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        return Reshape(inputs[0].shape)(G)

    def batch(self, inputs: tuple[Variable, ...], batched: tuple[bool, ...]) -> Variable:
        return Reshape((inputs[0].shape[0], *self.shape))(inputs[0])

    def oracle(self, x: Array) -> Any:
        out = np.empty(self.shape, x.dtype)
        for target, source in zip(np.ndindex(out.shape), np.ndindex(x.shape), strict=True):
            out[target] = x[source]
        return out

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for shape, new in (
            ((2, 3), (6,)),
            ((6,), (3, 2)),
            ((2, 3), (3, 2)),
            ((), (1, 1)),
            ((1, 1), ()),
            ((2, 3), (2, 1, 3)),
            ((2, 3), (2, 3, 1, 1)),
            ((3, 1, 2, 1), (3, 2)),
            ((2, 1, 3), (1, 6)),
            ((0, 2), (0,)),
            ((0,), (0, 3)),
        ):
            yield Sample(cls(new), (Operand(shape),))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls((4,)), (Operand((2, 3)),), ShapeError)
        yield Bad(cls(()), (Operand((0,)),), ShapeError)


def _unit_axes_index(old: Shape, new: Shape) -> str | None:
    """``:, None`` or ``:, 0`` where axes of length 1 only come or only go, else None."""
    longer, shorter, mark = (new, old, "None") if len(new) > len(old) else (old, new, "0")
    entries: list[str] = []
    matched = 0
    for length in longer:
        if matched < len(shorter) and length == shorter[matched]:
            entries.append(":")
            matched += 1
        elif length == 1:
            entries.append(mark)
        else:
            return None
    if matched < len(shorter):
        return None
    kept = entries.index(mark)
    if kept > 1 and ":" not in entries[kept:]:
        entries[:kept] = ["..."]
    while entries[-1] == ":":
        entries.pop()
    return ", ".join(entries)


@public("numpy.reshape")
def reshape(
    a: Any, /, shape: Any = None, order: str = "C", *, newshape: Any = None, copy: Any = None
) -> Variable:
    """The elements of a in another shape of the same size, as ``np.reshape``.

    One entry may be -1: it becomes the size of a divided by the rest. ``order="F"`` reads and
    writes the elements with the first axis running fastest; ``"A"`` is ``"C"`` here, since
    variables have no memory layout. Raises ShapeError where the sizes differ or do not divide,
    SizeError where that depends on a symbolic size, OptionError for another order.

    >>> import graphcomp as gr
    >>> gr.reshape(gr.vector("x", "2*n"), (-1, 2)).shape
    (Dim('n'), 2)
    """
    a = as_variable(a)
    if (shape is None) == (newshape is None):
        raise OptionError("reshape takes one shape", "give it as shape=")
    wanted = _inferred(a, newshape if shape is None else shape)
    if _is_fortran(order):
        return transpose(Reshape(wanted[::-1])(transpose(a)))
    return Reshape(wanted)(a)


def _inferred(a: Variable, shape: Any) -> Shape:
    """The shape with its entry of -1, if there is one, filled in."""
    entries = tuple(shape) if isinstance(shape, (tuple, list, np.ndarray)) else (shape,)
    free = [k for k, d in enumerate(entries) if isinstance(d, (int, np.integer)) and d == -1]
    if not free:
        return as_shape(entries)
    if len(free) > 1:
        raise ShapeError(f"shape {entries} has -1 twice", "only one axis can be inferred")
    before, after = as_shape(entries[: free[0]]), as_shape(entries[free[0] + 1 :])
    known = prod((*before, *after))
    if known == 0 or (isinstance(known, int) and isinstance(a.size, int) and a.size % known):
        raise ShapeError(
            f"cannot reshape {a.label}, of shape {format_shape(a.shape)}, to {entries}",
            f"its {a.size} elements do not divide by {known}",
        )
    if a.size % known != 0:
        raise SizeError(
            f"whether the {a.size} elements of {a.label} divide by {known} is not known",
            f"declare the axis as a multiple, such as '{known}*k', or give the whole shape",
        )
    return (*before, a.size // known, *after)


def _is_fortran(order: str) -> bool:
    if order not in ("C", "F", "A", "K"):
        raise OptionError(f"order={order!r}", "give 'C', 'F', 'A' or 'K'")
    return order == "F"


@public("numpy.ravel")
def ravel(a: Any, order: str = "C") -> Variable:
    """a as one axis of length a.size, as ``np.ravel``; orders as those of ``reshape``.

    >>> import graphcomp as gr
    >>> gr.ravel(gr.matrix("X", ("n", 3))).shape
    (Dim('3*n'),)
    """
    a = as_variable(a)
    return Reshape((a.size,))(transpose(a) if _is_fortran(order) else a)


@public("numpy.expand_dims")
def expand_dims(a: Any, axis: int | Sequence[int]) -> Variable:
    """a with new axes of length 1 at ``axis`` of the result, as ``np.expand_dims``.

    Raises ShapeError for an axis that the result does not have.

    >>> import graphcomp as gr
    >>> gr.expand_dims(gr.vector("x", "n"), 0).shape
    (1, Dim('n'))
    """
    a = as_variable(a)
    ndim = a.ndim + (len(axis) if isinstance(axis, (tuple, list)) else 1)
    new = {k + ndim for k in reduce.normalize_axes(axis, ndim)}
    rest = iter(a.shape)
    return Reshape(tuple(1 if k in new else next(rest) for k in range(ndim)))(a)


@public("numpy.squeeze")
def squeeze(a: Any, axis: int | Sequence[int] | None = None) -> Variable:
    """a without its axes of length 1, or without those in ``axis``, as ``np.squeeze``.

    Raises ShapeError where an axis to leave out is not of length 1.

    >>> import graphcomp as gr
    >>> gr.squeeze(gr.tensor("x", (1, "n", 1)), -1).shape
    (1, Dim('n'))
    """
    a = as_variable(a)
    if axis is None:
        return Reshape(tuple(d for d in a.shape if d != 1))(a)
    chosen = reduce.axes_of(axis, a.ndim)
    for k in chosen:
        if a.shape[k] != 1:
            raise ShapeError(
                f"axis {k + a.ndim} of {a.label} has length {a.shape[k]}",
                "only axes of length 1 can be squeezed out",
            )
    return Reshape(tuple(d for k, d in enumerate(a.shape) if k - a.ndim not in chosen))(a)


@public("numpy.atleast_1d")
def atleast_1d(*arys: Any) -> Any:
    """Each operand with at least one axis; several give a tuple, as ``np.atleast_1d``."""
    made = tuple(x if x.ndim else Reshape((1,))(x) for x in map(as_variable, arys))
    return made[0] if len(made) == 1 else made


@public("numpy.atleast_2d")
def atleast_2d(*arys: Any) -> Any:
    """Each operand with at least two axes, new ones in front, as ``np.atleast_2d``."""
    made = tuple(
        x if x.ndim > 1 else Reshape((1, *atleast_1d(x).shape))(x) for x in map(as_variable, arys)
    )
    return made[0] if len(made) == 1 else made


@public("numpy.atleast_3d")
def atleast_3d(*arys: Any) -> Any:
    """Each operand with at least three axes, as ``np.atleast_3d``: (1, n, 1), (m, n, 1)."""
    made = tuple(map(_with_three_axes, map(as_variable, arys)))
    return made[0] if len(made) == 1 else made


def _with_three_axes(x: Variable) -> Variable:
    shapes: tuple[Shape, ...] = ((1, 1, 1), (1, *x.shape, 1), (*x.shape, 1))
    return x if x.ndim > 2 else Reshape(shapes[x.ndim])(x)


@public("numpy.copy")
def copy(a: Any, order: str = "K", subok: bool = False) -> Variable:
    """a itself: variables never change."""
    return as_variable(a)


# ------------------------------------------------------------------------------------- broadcast


@dataclass(frozen=True, eq=False)
class BroadcastTo(Op):
    """x repeated along axes of length 1, and new leading axes, to ``shape``."""

    shape: Shape
    is_view: ClassVar[bool] = True
    expression: ClassVar[str] = "np.broadcast_to(x, shape)"
    flops_per_element: ClassVar[float] = 0.0

    def infer(self, x: TensorType) -> TensorType:
        if not self._reaches(x.shape):
            raise ShapeError(
                f"cannot broadcast {format_shape(x.shape)} to {format_shape(self.shape)}",
                "each axis of the operand must have length 1 or that of the target",
            )
        return x.with_shape(self.shape)

    def _reaches(self, shape: Shape) -> bool:
        lead = len(self.shape) - len(shape)
        pairs = zip(shape, self.shape[lead:], strict=True) if lead >= 0 else [(0, 1)]
        return not [1 for length, target in pairs if length != 1 and length != target]

    def simplify(self, x: Variable) -> Variable | None:
        if not self._reaches(x.shape):
            return None
        if x.shape == self.shape and not x.type.weak:
            return x
        number = constant_value(x)
        if number is not None:
            return create.full_of(number, x.type.with_shape(self.shape))
        if isinstance(x.op, BroadcastTo):
            return self(x.inputs[0])
        return Reshape(self.shape)(x) if x.size == prod(self.shape) else None

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        return reduce.sum_to(G, inputs[0].shape)

    def batch(self, inputs: tuple[Variable, ...], batched: tuple[bool, ...]) -> Variable:
        (x,) = inputs
        size, new = x.shape[0], len(self.shape) + 1 - x.ndim
        return BroadcastTo((size, *self.shape))(Reshape((size, *(1,) * new, *x.shape[1:]))(x))

    def oracle(self, x: Array) -> Any:
        out = np.empty(self.shape, x.dtype)
        for index in np.ndindex(out.shape):
            tail = index[len(index) - x.ndim :]
            out[index] = x[tuple(0 if d == 1 else k for k, d in zip(tail, x.shape, strict=True))]
        return out

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for shape, new in (
            ((), (3,)),
            ((), (0, 2)),
            ((3,), (2, 3)),
            ((2, 1), (2, 3)),
            ((2, 1, 2), (3, 2, 3, 2)),
            ((1,), (0,)),
            ((3,), (1, 3)),
        ):
            yield Sample(cls(new), (Operand(shape),))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        for shape, new in (((2,), (3,)), ((2, 3), (3,)), ((3,), (1,))):
            yield Bad(cls(new), (Operand(shape),), ShapeError)


@public("numpy.broadcast_to")
def broadcast_to(array: Any, shape: Any, subok: bool = False) -> Variable:
    """array broadcast to a shape, as ``np.broadcast_to``.

    Raises ShapeError where an axis has neither length 1 nor the target's.

    >>> import graphcomp as gr
    >>> gr.broadcast_to(gr.vector("x", 3), ("n", 3)).shape
    (Dim('n'), 3)
    """
    return BroadcastTo(as_shape(shape))(array)


@public("numpy.broadcast_arrays")
def broadcast_arrays(*args: Any, subok: bool = False) -> tuple[Variable, ...]:
    """The operands broadcast against each other, as ``np.broadcast_arrays``."""
    arrays = [as_variable(x) for x in args]
    shape = broadcast_shapes(*(x.shape for x in arrays))
    return tuple(BroadcastTo(shape)(x) for x in arrays)
