"""Products that sum over axes: matmul and its relatives."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import numpy as np

from graphcomp.dims import Shape, prod
from graphcomp.errors import OptionError, ShapeError
from graphcomp.graph import Variable
from graphcomp.ops import axes as reorder, reduce, shape as shapes
from graphcomp.ops.base import Bad, Meaning, Op, Operand, Sample, as_variable
from graphcomp.ops.elementwise import align_batch
from graphcomp.registry import public, refuse
from graphcomp.types import TensorType, as_dtype, broadcast_shapes, format_shape, ufunc_dtype

__all__ = ["dot", "inner", "kron", "matmul", "outer", "tensordot", "vdot"]

Array = np.ndarray[Any, Any]


class Matmul(Op):
    """The matrix product of vectors and matrices, batched over leading axes as ``np.matmul``."""

    parameters: ClassVar[tuple[str, ...]] = ("x", "y")
    expression: ClassVar[str] = "x @ y"
    takes_out: ClassVar[bool] = True

    def infer(self, *types: TensorType) -> TensorType:
        x, y = types
        if not x.ndim or not y.ndim:
            raise ShapeError("a scalar operand", "write x * y")
        if x.shape[-1] != y.shape[-1 if y.ndim == 1 else -2]:
            place = {1: "length", 2: "first axis"}.get(y.ndim, "last axis but one")
            raise ShapeError(
                "shape mismatch", f"the first's last axis must equal the second's {place}"
            )
        lead = broadcast_shapes(x.shape[:-2], y.shape[:-2])
        shape = (*lead, *x.shape[-2:-1], *(y.shape[-1:] if y.ndim > 1 else ()))
        return TensorType(ufunc_dtype(np.matmul, x.operand, y.operand), shape)

    def flops(self, types: tuple[TensorType, ...], output: TensorType) -> Any:
        return 2 * types[0].shape[-1] * output.size

    def work(self, inputs: tuple[Variable, ...], output: Variable) -> Any:
        """Of x.T @ x BLAS computes one triangle."""
        x, y = inputs
        for a, b in ((x, y), (y, x)):
            if isinstance(a.op, reorder.Transpose) and a.op.axes == (-1, -2) and a.inputs[0] is b:
                return x.shape[-1] * output.size
        return super().work(inputs, output)

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        x, y = inputs
        if x.ndim == y.ndim == 1:
            return G * (y if i == 0 else x)
        if y.ndim == 1:  # (..., m, k) @ (k,)
            return Outer()(G, y) if i == 0 else contract_leading(x, G, x.ndim - 1)
        if x.ndim == 1:  # (k,) @ (..., k, n)
            return contract_trailing(y, G) if i == 0 else Outer()(x, G)
        if i == 0:
            return contract_leading(G.mT, y.mT, y.ndim - 1) if x.ndim == 2 < y.ndim else G @ y.mT
        return contract_leading(x, G, x.ndim - 1) if y.ndim == 2 < x.ndim else x.mT @ G

    def batch(self, inputs: tuple[Variable, ...], batched: tuple[bool, ...]) -> Variable:
        x, y = inputs
        x_rank, y_rank = x.ndim - batched[0], y.ndim - batched[1]
        if not batched[0] and y_rank == 1:  # A @ v for each v: one product
            product = y @ x if x_rank == 1 else y @ x.mT
            return product if x_rank <= 2 else reorder.moveaxis(product, -2, 0)
        if not batched[1] and x_rank == 1:  # v @ A for each v
            product = x @ y
            return product if y_rank <= 2 else reorder.moveaxis(product, -2, 0)
        if batched[0] and x_rank == y_rank == 1:
            terms = x * y
            return reduce.sum(terms, axis=-1).astype(terms.dtype)  # sum widens small ints
        if batched[1] and y_rank == 1:
            return shapes.squeeze(self.batch((x, _column(y)), batched), -1)
        if batched[0] and x_rank == 1:
            return shapes.squeeze(self.batch((_row(x), y), batched), -2)
        if x_rank == 1 or y_rank == 1:  # an unbatched vector
            return x @ y
        return self(*align_batch(inputs, batched))

    @staticmethod
    def oracle(x: Array, y: Array) -> Any:
        a = x[None, :] if x.ndim == 1 else x
        b = y[:, None] if y.ndim == 1 else y
        lead = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
        a = np.broadcast_to(a, (*lead, *a.shape[-2:]))
        b = np.broadcast_to(b, (*lead, *b.shape[-2:]))
        out = np.zeros((*lead, a.shape[-2], b.shape[-1]), np.result_type(x, y))
        for index in np.ndindex(out.shape):
            *batch, m, n = index
            for k in range(a.shape[-1]):
                out[index] += a[(*batch, m, k)] * b[(*batch, k, n)]
        if x.ndim == 1:
            out = out[..., 0, :]
        return (out[..., 0] if y.ndim == 1 else out)[()]

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        uses: list[tuple[tuple[int, ...], tuple[int, ...]]] = [
            ((2, 3), (3, 4)),
            ((3,), (3,)),
            ((2, 3), (3,)),
            ((3,), (3, 2)),
            ((2, 2, 3), (2, 3, 2)),
            ((2, 2, 3), (3, 2)),
            ((2, 3), (2, 3, 2)),
            ((1, 3), (2, 3, 2)),
            ((2, 1, 2, 3), (3, 3, 2)),
            ((2, 2, 3), (3,)),
            ((3,), (2, 3, 2)),
            ((0, 3), (3, 2)),
            ((2, 0), (0, 3)),
            ((0,), (0,)),
            ((0, 2, 3), (3,)),
        ]
        for x, y in uses:
            yield Sample(cls(), (Operand(x), Operand(y)))
        integers = Operand((2, 3), dtype="int64", low=-5, high=5)
        yield Sample(cls(), (integers, Operand((3,))))
        yield Sample(cls(), (Operand((2,), dtype="int32", low=-5, high=5), integers))
        for x, y in (((2, 3), (3, 2)), ((3,), (3, 2)), ((2, 2, 3), (3,))):
            yield Sample(cls(), (Operand(x, dtype="complex128"), Operand(y, dtype="complex128")))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        for x, y in (((2, 3), (2, 3)), ((3,), (2,)), ((), (3,)), ((2, 2, 3), (3, 3, 2))):
            yield Bad(cls(), (Operand(x), Operand(y)), ShapeError)


class Outer(Op):
    """x[..., i] * y[..., j]: the outer product of vectors, batched over leading axes."""

    parameters: ClassVar[tuple[str, ...]] = ("x", "y")

    def infer(self, *types: TensorType) -> TensorType:
        x, y = types
        if not x.ndim or not y.ndim:
            raise ShapeError("a scalar operand", "write x * y")
        lead = broadcast_shapes(x.shape[:-1], y.shape[:-1])
        dtype = ufunc_dtype(np.multiply, x.operand, y.operand)
        return TensorType(dtype, (*lead, x.shape[-1], y.shape[-1]))

    def meaning(self, *types: TensorType) -> Meaning:
        x, y = types
        if x.ndim == y.ndim == 1:
            return Meaning("np.outer(x, y)")
        row = "y" if y.ndim == 1 else "y[..., None, :]"
        return Meaning(f"x[..., None] * {row}")

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        x, y = inputs
        if i == 0:
            return G @ y if y.ndim == 1 else shapes.squeeze(G @ _column(y), -1)
        return x @ G if x.ndim == 1 else shapes.squeeze(_row(x) @ G, -2)

    def batch(self, inputs: tuple[Variable, ...], batched: tuple[bool, ...]) -> Variable:
        return self(*align_batch(inputs, batched))

    @staticmethod
    def oracle(x: Array, y: Array) -> Any:
        lead = np.broadcast_shapes(x.shape[:-1], y.shape[:-1])
        x, y = np.broadcast_to(x, (*lead, x.shape[-1])), np.broadcast_to(y, (*lead, y.shape[-1]))
        out = np.empty((*x.shape, y.shape[-1]), np.result_type(x, y))
        for *batch, m, n in np.ndindex(out.shape):
            out[(*batch, m, n)] = x[(*batch, m)] * y[(*batch, n)]
        return out

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        uses: list[tuple[tuple[int, ...], tuple[int, ...]]] = [
            ((2,), (3,)), ((0,), (3,)), ((2, 3), (2, 2)), ((2, 3), (2,)), ((3,), (2, 2)),
        ]  # fmt: skip
        for x, y in uses:
            yield Sample(cls(), (Operand(x), Operand(y)))
        yield Sample(cls(), (Operand((2,), dtype="complex128"), Operand((3,))))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(), (Operand(()), Operand((3,))), ShapeError)
        yield Bad(cls(), (Operand((2, 3)), Operand((3, 3))), ShapeError)


def _column(x: Variable) -> Variable:
    """(..., n) as (..., n, 1)."""
    return shapes.Reshape((*x.shape, 1))(x)


def _row(x: Variable) -> Variable:
    """(..., n) as (..., 1, n)."""
    return shapes.Reshape((*x.shape[:-1], 1, x.shape[-1]))(x)


def contract_leading(x: Variable, y: Variable, count: int) -> Variable:
    """Sum over the first ``count`` axes of both operands, as one matrix product."""
    free_x, free_y = x.shape[count:], y.shape[count:]
    together = prod(x.shape[:count])
    left = shapes.Reshape((together, *_flat(free_x)))(x)
    right = shapes.Reshape((together, *_flat(free_y)))(y)
    product = (left.mT if free_x else left) @ right
    return shapes.Reshape((*free_x, *free_y))(product)


def contract_trailing(x: Variable, y: Variable) -> Variable:
    """Sum (..., k, n) with (..., n) over all axes but the one of k, as one matrix product."""
    if x.ndim == 2:
        return x @ y
    by_k = reorder.moveaxis(x, -2, 0)
    return shapes.Reshape((x.shape[-2], prod(y.shape)))(by_k) @ shapes.Reshape((prod(y.shape),))(y)


def _flat(shape: Shape) -> Shape:
    return (prod(shape),) if shape else ()


# ------------------------------------------------------------------------- functions for users


def gufunc_operands(
    function: str, x1: Any, x2: Any, out: Any, options: dict[str, Any]
) -> tuple[Variable, Variable]:
    """The operands of a ufunc of NumPy's on whole vectors, in ``dtype`` where that is given.

    Raises OptionError for the other options of such a ufunc, TraceError for ``out``.
    """
    refuse(function, out=out)
    dtype = options.pop("dtype", None)
    for option, harmless in (("order", "K"), ("subok", True), ("casting", "same_kind")):
        if options.get(option) == harmless:
            del options[option]
    if options.get("axes") is not None or options.get("axis") is not None:
        raise OptionError(
            f"{function} does not take axes= on variables",
            "move the axes to the end with gr.moveaxis",
        )
    refuse(function, **options)
    x, y = as_variable(x1), as_variable(x2)
    return (x, y) if dtype is None else (x.astype(as_dtype(dtype)), y.astype(as_dtype(dtype)))


@public("numpy.matmul")
def matmul(x1: Any, x2: Any, /, out: None = None, **options: Any) -> Variable:
    """The matrix product, as ``np.matmul``: of vectors too, batched over leading axes.

    Shape (..., m, n) of (..., m, k) and (..., k, n). Raises ShapeError where the inner axes
    differ, and for a scalar; OptionError for ``axes=``.

    >>> import graphcomp as gr
    >>> matmul(gr.matrix("X", ("n", 3)), gr.vector("w", 3)).shape
    (Dim('n'),)
    """
    return Matmul()(*gufunc_operands("matmul", x1, x2, out, options))


@public("numpy.linalg.matmul")
def _linalg_matmul(x1: Any, x2: Any, /) -> Variable:
    return Matmul()(x1, x2)


@public("numpy.dot")
def dot(a: Any, b: Any, out: None = None) -> Variable:
    """The product over a's last axis and b's last but one, as ``np.dot``.

    Raises ShapeError where these axes differ, TraceError for ``out``.

    >>> import graphcomp as gr
    >>> dot(gr.tensor("a", (2, 3, 4)), gr.tensor("b", (5, 4, 6))).shape
    (2, 3, 5, 6)
    """
    refuse("dot", out=out)
    x, y = as_variable(a), as_variable(b)
    if not x.ndim or not y.ndim:
        return x * y
    if y.ndim <= 2:
        return x @ y
    return tensordot(x, y, axes=(-1, -2))


@public("numpy.inner")
def inner(a: Any, b: Any, /) -> Variable:
    """The product over the last axes, as ``np.inner``. Raises ShapeError where these differ.

    >>> import graphcomp as gr
    >>> inner(gr.matrix("A", (2, 3)), gr.matrix("B", (4, 3))).shape
    (2, 4)
    """
    x, y = as_variable(a), as_variable(b)
    if not x.ndim or not y.ndim:
        return x * y
    return tensordot(x, y, axes=(-1, -1))


@public("numpy.outer")
def outer(a: Any, b: Any, out: None = None) -> Variable:
    """The products of each element of a with each of b, both flattened, as ``np.outer``.

    Raises TraceError for ``out``.

    >>> import graphcomp as gr
    >>> outer(gr.vector("a", 2), gr.vector("b", 3)).shape
    (2, 3)
    """
    refuse("outer", out=out)
    x, y = as_variable(a), as_variable(b)
    return Outer()(shapes.Reshape((x.size,))(x), shapes.Reshape((y.size,))(y))


@public("numpy.linalg.outer")
def _linalg_outer(x1: Any, x2: Any, /) -> Variable:
    x, y = as_variable(x1), as_variable(x2)
    if x.ndim != 1 or y.ndim != 1:
        raise ShapeError(
            f"linalg.outer of {format_shape(x.shape)} and {format_shape(y.shape)}",
            "give two vectors, or write gr.outer, which flattens",
        )
    return Outer()(x, y)


@public("numpy.vdot")
def vdot(a: Any, b: Any, /) -> Variable:
    """The sum of conj(a) * b over all elements, as ``np.vdot``. Raises ShapeError if sizes differ.

    >>> import graphcomp as gr
    >>> vdot(gr.matrix("A", (2, 3)), gr.matrix("B", (2, 3))).shape
    ()
    """
    x, y = _conj(as_variable(a)), as_variable(b)
    return shapes.Reshape((x.size,))(x) @ shapes.Reshape((y.size,))(y)


def _conj(x: Variable) -> Variable:
    return x.conj() if x.dtype.kind == "c" else x


@public("numpy.tensordot")
def tensordot(a: Any, b: Any, axes: Any = 2) -> Variable:
    """The sum of products over pairs of axes, as ``np.tensordot``.

    ``axes``: the count of a's last and b's first axes, or a pair of axes or lists of axes.
    Raises ShapeError where the paired axes differ.

    >>> import graphcomp as gr
    >>> tensordot(gr.tensor("a", (2, 3, 4)), gr.tensor("b", (4, 3)), axes=([2, 1], [0, 1])).shape
    (2,)
    """
    x, y = as_variable(a), as_variable(b)
    over_x, over_y = _paired_axes(x, y, axes)
    if [x.shape[k] for k in over_x] != [y.shape[k] for k in over_y]:
        raise ShapeError(
            f"tensordot pairs axes {over_x} of {x.label} {format_shape(x.shape)} "
            f"with axes {over_y} of {y.label} {format_shape(y.shape)}",
            "paired axes must have the same lengths",
        )
    if not over_x:
        return shapes.Reshape((*x.shape, *(1,) * y.ndim))(x) * y
    free_x = [k for k in range(x.ndim) if k not in over_x]
    free_y = [k for k in range(y.ndim) if k not in over_y]
    product = _as_matrix(x, free_x, over_x) @ _turn(_as_matrix(y, free_y, over_y))
    shape = (*(x.shape[k] for k in free_x), *(y.shape[k] for k in free_y))
    return shapes.Reshape(shape)(product)


@public("numpy.linalg.tensordot")
def _linalg_tensordot(x1: Any, x2: Any, /, *, axes: Any = 2) -> Variable:
    return tensordot(x1, x2, axes)


def _paired_axes(x: Variable, y: Variable, axes: Any) -> tuple[list[int], list[int]]:
    if isinstance(axes, int | np.integer):
        count = int(axes)
        if not 0 <= count <= min(x.ndim, y.ndim):
            raise ShapeError(
                f"tensordot over {count} axes of {x.label} and {y.label}",
                f"give at most {min(x.ndim, y.ndim)}",
            )
        return list(range(x.ndim - count, x.ndim)), list(range(count))
    if isinstance(axes, np.ndarray):
        axes = axes.tolist()
    if not isinstance(axes, Sequence) or len(axes) != 2:
        raise OptionError(f"axes={axes!r} of tensordot", "give an int or two lists of axes")
    over_x, over_y = (_axis_list(v, which) for v, which in zip((x, y), axes, strict=True))
    if len(over_x) != len(over_y):
        raise ShapeError(f"tensordot pairs {over_x} with {over_y}", "give as many axes of each")
    return over_x, over_y


def _axis_list(v: Variable, axes: Any) -> list[int]:
    chosen = (axes,) if isinstance(axes, int | np.integer) else tuple(axes)
    reduce.normalize_axes(chosen, v.ndim)
    return [int(k) % v.ndim for k in chosen]


def _as_matrix(x: Variable, free: list[int], over: list[int]) -> Variable:
    """x as (free, over), each flattened, without an axis for no free ones."""
    rows, columns = _flat(tuple(x.shape[k] for k in free)), prod(x.shape[k] for k in over)
    if over == list(range(len(over))) and free:  # transposed, it needs no copy
        return shapes.Reshape((columns, *rows))(x).T
    return shapes.Reshape((*rows, columns))(reorder.transpose(x, (*free, *over)))


def _turn(matrix: Variable) -> Variable:
    return matrix.T if matrix.ndim == 2 else matrix


@public("numpy.multiply.outer")
def _multiply_outer(a: Any, b: Any) -> Variable:
    return tensordot(a, b, axes=0)


@public("numpy.kron")
def kron(a: Any, b: Any) -> Variable:
    """The Kronecker product, as ``np.kron``: each axis has the product of the lengths.

    >>> import graphcomp as gr
    >>> kron(gr.matrix("A", (2, 3)), gr.matrix("B", (4, 5))).shape
    (8, 15)
    """
    x, y = as_variable(a), as_variable(b)
    rank = max(x.ndim, y.ndim)
    left: Shape = (*(1,) * (rank - x.ndim), *x.shape)
    right: Shape = (*(1,) * (rank - y.ndim), *y.shape)
    apart = shapes.Reshape(tuple(d for n in left for d in (n, 1)))(x)
    inside = shapes.Reshape(tuple(d for n in right for d in (1, n)))(y)
    shape = tuple(m * n for m, n in zip(left, right, strict=True))
    return shapes.Reshape(shape)(apart * inside)
