"""Matrix products: with the identity, with diagonals, with one number, and transposed."""

from __future__ import annotations

from graphcomp.errors import ShapeError
from graphcomp.graph import Variable
from graphcomp.ops.arithmetic import Add, Multiply, Negative, Subtract
from graphcomp.ops.base import weak
from graphcomp.ops.contract import Matmul
from graphcomp.ops.create import Eye, eye
from graphcomp.ops.diagonal import FromDiagonal, diag
from graphcomp.ops.indexing import GetItem
from graphcomp.ops.reduce import Sum
from graphcomp.ops.shape import BroadcastTo, Reshape, Transpose, broadcast_to
from graphcomp.rewrite.engine import Context, Pass, rule
from graphcomp.rewrite.patterns import number, op_as, retyped, stripped


def _is_identity(v: Variable) -> bool:
    return isinstance(v.op, Eye) and v.op.k == 0 and v.op.n == v.op.m


@rule(
    "eye @ A -> A",
    Matmul,
    sample=lambda A: A @ eye(3),
    near_miss=lambda A: A @ eye(3, k=1),
)
def product_with_identity(v: Variable, x: Variable, y: Variable) -> Variable | None:
    if _is_identity(x):
        return retyped(v, y)
    return retyped(v, x) if _is_identity(y) else None


@rule("eye.T -> eye", Transpose, sample=lambda: eye(3).T, near_miss=lambda A: A.T)
def transposed_identity(v: Variable, x: Variable) -> Variable | None:
    if isinstance(x.op, Eye):
        return retyped(v, Eye(x.op.m, x.op.n, -x.op.k, x.op.dtype)())
    return None


@rule(
    "eye * d -> diag(d)",
    Multiply,
    sample=lambda x: eye(3) * x,
    near_miss=lambda x: eye(3, k=1) * x,
)
def identity_times_vector(v: Variable, x: Variable, y: Variable) -> Variable | None:
    for identity, d in ((x, y), (y, x)):
        op = identity.op
        if isinstance(op, Eye) and d.ndim and d.size != 1:
            # A row fills every column of the diagonal, a column every row, or else it is cut.
            whole = op.k <= 0 and d.shape in ((op.m,), (1, op.m))
            whole = whole or (op.k >= 0 and d.shape == (op.n, 1))
            values = Reshape((d.size,))(d)
            diagonal = FromDiagonal(op.n, op.m, op.k)
            if whole and _fits(diagonal, values):
                return retyped(v, diagonal(values))
    return None


@rule(
    "diag(d) * y -> diag(d * y), -diag(d) -> diag(-d)",
    Multiply,
    Negative,
    sample=lambda x, s: s * diag(x),
    near_miss=lambda x, A: A * diag(x),
)
def diagonal_times_number(
    v: Variable, x: Variable, *others: Variable, context: Context
) -> Variable | None:
    if isinstance(v.op, Negative):
        moved = _values(x, context)
        return None if moved is None else retyped(v, x.op(-moved))
    for diagonal, s in ((x, *others), (*others, x)):
        values = _values(diagonal, context)
        if values is not None and not s.ndim:
            return retyped(v, diagonal.op(s * values))
    return None


@rule(
    "diag(x) + diag(y) -> diag(x + y)",
    Add,
    Subtract,
    sample=lambda x, y: diag(x) + diag(y),
    near_miss=lambda x, y: diag(x, 1) + diag(y, -1),
)
def sum_of_diagonals(
    v: Variable, x: Variable, y: Variable, context: Context
) -> Variable | None:
    a, b = _values(x, context), _values(y, context)
    if a is None or b is None or x.op.key != y.op.key:
        return None
    return retyped(v, x.op(v.op(a, b)))


def _fits(diagonal: FromDiagonal, values: Variable) -> bool:
    try:
        diagonal.infer(values.type)
    except ShapeError:
        return False
    return True


def _values(v: Variable, context: Context) -> Variable | None:
    """d where v is privately ``diag(d)``, which has more elements."""
    private = isinstance(v.op, FromDiagonal) and context.is_private(v)
    return v.inputs[0] if private else None


@rule(
    "diag(d) @ A -> d[:, None] * A",
    Matmul,
    sample=lambda A, x: diag(x) @ A,
    near_miss=lambda A, x: diag(x, 1)[:3, :3] @ A,
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
    "eye(n)[:, a:b] -> eye(n, b - a, -a)",
    GetItem,
    sample=lambda: eye(4)[1:, :2],
    near_miss=lambda: eye(4)[::2],
)
def sliced_identity(v: Variable, x: Variable, *_: Variable) -> Variable | None:
    if not isinstance(x.op, Eye) or v.ndim != 2:
        return None
    starts = []
    for entry in op_as(GetItem, v).index:
        if not isinstance(entry, slice) or entry.step not in (None, 1):
            return None
        start = 0 if entry.start is None else entry.start
        if not isinstance(start, int) or start < 0:
            return None
        starts.append(start)
    row, column = (*starts, 0, 0)[:2]
    rows, columns = v.shape
    return retyped(v, Eye(rows, columns, x.op.k + row - column, x.op.dtype)())


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
        product_with_identity,
        transposed_identity,
        sliced_identity,
        identity_times_vector,
        diagonal_times_number,
        sum_of_diagonals,
        product_with_diagonal,
        product_with_number,
        transposed_product,
        product_of_transposed,
    ],
)
