"""Matrix products: with diagonals, with one number, transposed, and with a common operand."""

from __future__ import annotations

from graphcomp.graph import Variable
from graphcomp.ops.arithmetic import Add, Subtract
from graphcomp.ops.base import weak
from graphcomp.ops.contract import Matmul, Outer
from graphcomp.ops.create import Eye, eye, full_of, ones, zeros
from graphcomp.ops.diagonal import FromDiagonal, diag
from graphcomp.ops.reduce import Sum
from graphcomp.ops.shape import BroadcastTo, Reshape, Transpose, broadcast_to
from graphcomp.rewrite.engine import Context, Pass, rule
from graphcomp.rewrite.patterns import NUMBERS, number, retyped, stripped


@rule("eye.T -> eye", Transpose, sample=lambda: eye(3).T, near_miss=lambda A: A.T)
def transposed_identity(v: Variable, x: Variable) -> Variable | None:
    if isinstance(x.op, Eye):
        return retyped(v, Eye(x.op.m, x.op.n, -x.op.k, x.op.dtype)())
    return None


@rule(
    "diag(d) @ A -> d[:, None] * A",
    Matmul,
    sample=lambda A, x: diag(x) @ A,
    near_miss=lambda A, x: diag(x, 1)[:3, :3] @ A,
    stabilisation=True,
)
def product_with_diagonal(v: Variable, x: Variable, y: Variable) -> Variable | None:
    if _is_diagonal(x):
        d = x.inputs[0]
        return retyped(v, (Reshape((*d.shape, 1))(d) if y.ndim > 1 else d) * y)
    return retyped(v, x * y.inputs[0]) if _is_diagonal(y) else None


def _is_diagonal(v: Variable) -> bool:
    op = v.op
    return (
        isinstance(op, FromDiagonal)
        and v.ndim == 2
        and op.offset == 0
        and op.rows == op.columns
    )


@rule(
    "A @ broadcast_to(s) -> s * sum(A, axis=-1)",
    Matmul,
    sample=lambda A, s: A @ broadcast_to(s, (3,)),
    near_miss=lambda A, x: A @ x,
)
def product_with_number(v: Variable, x: Variable, y: Variable) -> Variable | None:
    s = _number_vector(y)
    if s is not None:
        return retyped(v, s * Sum((-1,))(x))
    s = _number_vector(x)
    return None if s is None else retyped(v, s * Sum((-min(y.ndim, 2),))(y))


def _number_vector(v: Variable) -> Variable | None:
    """The 0-d value that all elements of the vector v equal."""
    if v.ndim != 1:
        return None
    value = number(v)
    if value is not None:
        return weak(value)
    s = stripped(v) if isinstance(v.op, BroadcastTo) else v
    return s if not s.ndim else None


@rule(
    "A @ 0 -> 0",
    Matmul,
    Outer,
    reads=NUMBERS,
    sample=lambda A: A @ zeros((3, 2)),
    near_miss=lambda A: A @ ones((3, 2)),
    stabilisation=True,
)
def product_with_zeros(v: Variable, x: Variable, y: Variable) -> Variable | None:
    return full_of(0, v.type) if number(x) == 0 or number(y) == 0 else None


@rule(
    "A @ C + B @ C -> (A + B) @ C",
    Add,
    Subtract,
    reads=(Matmul,),
    sample=lambda A, B, C: A @ C - B @ C,
    near_miss=lambda A, B, x: A @ x + B @ x,
)
def common_operand(v: Variable, x: Variable, y: Variable, context: Context) -> Variable | None:
    if not (isinstance(x.op, Matmul) and isinstance(y.op, Matmul)) or v.ndim < 2 or x is y:
        return None
    (A, C), (B, D) = x.inputs, y.inputs
    left, right = C is D and A.type == B.type, A is B and C.type == D.type
    if not (left or right) or not (context.is_private(x) and context.is_private(y)):
        return None
    return retyped(v, v.op(A, B) @ C if left else A @ v.op(C, D))


@rule(
    "(A.T @ B).T -> B.T @ A",
    Transpose,
    sample=lambda A, B: (A.T @ B).T,
    near_miss=lambda A, B: (A @ B).T,
)
def transposed_product(v: Variable, x: Variable, context: Context) -> Variable | None:
    if not isinstance(x.op, Matmul) or not _is_turned(v) or not context.is_private(x):
        return None
    a, b = x.inputs
    if min(a.ndim, b.ndim) < 2 or not (_is_turned(a) or _is_turned(b)):
        return None
    return retyped(v, b.mT @ a.mT)


@rule(
    "A.T @ B.T -> (B @ A).T",
    Matmul,
    sample=lambda A, B: A.T @ B.T,
    near_miss=lambda A, B: A.T @ B,
)
def product_of_transposed(v: Variable, x: Variable, y: Variable) -> Variable | None:
    if _is_turned(x) and _is_turned(y):
        return retyped(v, (y.inputs[0] @ x.inputs[0]).mT)
    return None


def _is_turned(v: Variable) -> bool:
    return isinstance(v.op, Transpose) and v.op.axes == (-1, -2)


products = Pass(
    "products",
    [
        transposed_identity,
        product_with_diagonal,
        product_with_number,
        product_with_zeros,
        common_operand,
        transposed_product,
        product_of_transposed,
    ],
)
