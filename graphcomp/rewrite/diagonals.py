"""Matrices of a few diagonals, and products with shifted identities.

A Hessian starts from the identity. Where the objective reads parts of its variable, the identity
is cut, shifted and scaled, and its parts are put together again: such matrices stay diagonals,
with values of their length, until they meet a full one.
"""

from __future__ import annotations

from graphcomp.dims import DimLike, lower_bound
from graphcomp.graph import Variable
from graphcomp.ops.arithmetic import Add, Multiply, Negative, Subtract
from graphcomp.ops.base import weak
from graphcomp.ops.contract import Matmul
from graphcomp.ops.create import Eye, full_of
from graphcomp.ops.diagonal import Diagonal, FromDiagonal, Trace
from graphcomp.ops.indexing import GetItem
from graphcomp.ops.reduce import Sum
from graphcomp.ops.scatter import IndexAdd, index_add
from graphcomp.ops.shape import BroadcastTo, Reshape, Transpose
from graphcomp.rewrite.engine import Context, Pass, rule
from graphcomp.rewrite.patterns import literal, number, op_as, retyped
from graphcomp.types import TensorType

_DEPTH = 4  # how many sums and scales deep diagonals are looked for
_FULL = slice(None)

Diagonals = dict[int, Variable]
"""By offset the values: a 0-d variable for equal ones, or a vector of the diagonal's length."""


def _offset(v: Variable) -> int | None:
    k = v.op.k if isinstance(v.op, Eye) else op_as(FromDiagonal, v).offset
    return k if isinstance(k, int) else None


def _length(matrix: TensorType, offset: int) -> DimLike:
    (length,) = Diagonal(offset).infer(matrix).shape
    return length


def diagonals_of(v: Variable, depth: int = _DEPTH) -> Diagonals | None:
    """The diagonals that v, a floating matrix, consists of; None where it is not plainly so."""
    if v.ndim != 2 or v.dtype.kind != "f" or not depth:
        return None
    if v.hints.name:
        return None
    if isinstance(v.op, (Eye, FromDiagonal)):
        k = _offset(v)
        return None if k is None else {k: v.inputs[0] if v.inputs else weak(1.0)}
    if isinstance(v.op, Negative):
        only = diagonals_of(v.inputs[0], depth - 1)
        return None if only is None else {k: -d for k, d in only.items()}
    if isinstance(v.op, (Add, Subtract)):
        if v.inputs[0].shape != v.inputs[1].shape:
            return None
        first = diagonals_of(v.inputs[0], depth - 1)
        second = None if first is None else diagonals_of(v.inputs[1], depth - 1)
        return _combined(v.op, first, second)
    return _multiplied(v, depth) if isinstance(v.op, Multiply) else None


def _combined(op: Add | Subtract, x: Diagonals | None, y: Diagonals | None) -> Diagonals | None:
    if x is None or y is None:
        return None
    signed = {k: -d if isinstance(op, Subtract) else d for k, d in y.items()}
    both = {k: op(x[k], y[k]) for k in x if k in y}
    return {**x, **signed, **both}


def _multiplied(v: Variable, depth: int) -> Diagonals | None:
    for x, factor in (v.inputs, v.inputs[::-1]):
        if factor.dtype != v.dtype and not factor.type.weak:
            continue
        found = diagonals_of(x, depth - 1) if x.shape == v.shape else None
        if found is not None:
            scaled = {k: _scaled(x.type, k, d, factor) for k, d in found.items()}
            kept = {k: d for k, d in scaled.items() if d is not None}
            return kept if len(kept) == len(scaled) else None
    return None


def _scaled(matrix: TensorType, k: int, d: Variable, factor: Variable) -> Variable | None:
    """The k-th diagonal's values d times what a broadcast factor has there."""
    if not factor.ndim:
        return factor * d
    rows, columns = matrix.shape
    length = _length(matrix, k)
    if factor.shape in ((columns,), (1, columns)):
        start = max(k, 0)
    elif factor.shape == (rows, 1):
        start = max(-k, 0)
    else:
        return None
    values = Reshape((factor.size,))(factor)
    if values.size != length:
        if not _holds(values.size - start - length):
            return None
        values = values[start : start + length]
    return d * values


def _holds(difference: DimLike) -> bool:
    """Whether the difference is known not to be negative."""
    low = lower_bound(difference)
    return low is not None and low >= 0


def matrix_of(diagonals: Diagonals, matrix: TensorType) -> Variable | None:
    """The matrix of that type with these diagonals, as a sum."""
    total: Variable | None = None
    if not diagonals:
        return full_of(0, matrix)
    # A term with a minus sign is not the first where it can be helped.
    for k, d in sorted(diagonals.items(), key=lambda item: _is_minus(item[1])):
        minus = total is not None and _is_minus(d)
        term = _term(k, -d if minus else d, matrix)
        if term is None:
            return None
        total = term if total is None else total - term if minus else total + term
    return total if total is not None and total.type == matrix else None


def _is_minus(d: Variable) -> bool:
    value = literal(d)
    return isinstance(d.op, Negative) or (isinstance(value, (int, float)) and value < 0)


def _term(k: int, d: Variable, matrix: TensorType) -> Variable | None:
    rows, columns = matrix.shape
    if d.ndim:
        fits = d.dtype == matrix.dtype and d.shape == (_length(matrix, k),)
        return FromDiagonal(rows, columns, k)(d) if fits else None
    identity = Eye(rows, columns, k, matrix.dtype)()
    value = number(d)
    if value == 1:
        return identity
    return -identity if value == -1 else d * identity


# ---------------------------------------------------------------------------------------- rules


@rule(
    "diag(x) + diag(y) -> diag(x + y)",
    Add,
    Subtract,
    sample=lambda x, y: FromDiagonal(3, 3)(x) - FromDiagonal(3, 3)(y),
    near_miss=lambda x, y: FromDiagonal(4, 4, 1)(x) + FromDiagonal(4, 4, -1)(y),
    stabilisation=True,
)
def sum_of_diagonals(v: Variable, x: Variable, y: Variable) -> Variable | None:
    first = diagonals_of(x) if x.shape == y.shape else None
    second = None if first is None else diagonals_of(y)
    if first is None or second is None or not first.keys() & second.keys():
        return None
    merged = _combined(v.op, first, second)  # type: ignore[arg-type]
    return None if merged is None else matrix_of(_without_zeros(merged), v.type)


def _without_zeros(diagonals: Diagonals) -> Diagonals:
    return {k: d for k, d in diagonals.items() if number(d) != 0}


@rule(
    "(eye + diag(x)) * y -> diag(y) + diag(x * y)",
    Multiply,
    Negative,
    sample=lambda x, y: (Eye(3, 3)() + FromDiagonal(3, 3)(x)) * y,
    near_miss=lambda x, A: FromDiagonal(3, 3)(x) * A,
    stabilisation=True,
)
def scaled_diagonals(v: Variable, *inputs: Variable) -> Variable | None:
    # A number times identities stays outside, where it meets other scales; so does a sign.
    found = diagonals_of(v)
    if found is None or not any(d.ndim for d in found.values()):
        return None
    signed_sum = isinstance(v.op, Negative) and len(found) > 1
    return None if signed_sum else matrix_of(found, v.type)


@rule(
    "(A + diag(x)) + diag(y) -> A + (diag(x) + diag(y))",
    Add,
    Subtract,
    reads=(Add, Subtract),
    sample=lambda A, x, y: (A - FromDiagonal(3, 3)(x)) + FromDiagonal(3, 3)(y),
    near_miss=lambda A, B, x: (A + B) + FromDiagonal(3, 3)(x),
)
def gathered_diagonals(
    v: Variable, x: Variable, y: Variable, context: Context
) -> Variable | None:
    if not isinstance(x.op, (Add, Subtract)) or not context.is_private(x):
        return None
    A, B = x.inputs
    if isinstance(x.op, Add) and diagonals_of(A) is not None:
        A, B = B, A
    if diagonals_of(y) is None or not (B.shape == y.shape == v.shape):
        return None
    if A.type != v.type or diagonals_of(A) is not None or diagonals_of(B) is None:
        return None
    if isinstance(x.op, Add):
        return retyped(v, A + v.op(B, y))
    return retyped(v, A + (y - B) if isinstance(v.op, Add) else A - (B + y))


@rule(
    "index_add(x, (:, a:b), diag(y)) -> x + diag(index_add(0, c:d, y))",
    IndexAdd,
    sample=lambda x: index_add(full_of(0, TensorType(x.dtype, (3, 4))), (_FULL, slice(1, 4)),
                               FromDiagonal(3, 3)(x)),
    near_miss=lambda A, X: index_add(X, (slice(1, 4), _FULL), A),
    stabilisation=True,
)
def placed_diagonals(
    v: Variable, base: Variable, y: Variable, *arrays: Variable
) -> Variable | None:
    corner = None if arrays else _corner(op_as(IndexAdd, v).index, base.type, y)
    block = None if corner is None else diagonals_of(y)
    if corner is None or block is None:
        return None
    under = {} if number(base) == 0 else diagonals_of(base)
    total = dict(under or {})
    for k, d in block.items():
        row, column = corner
        offset = k + column - row
        values = _placed(total.get(offset), d, row, (y.type, k), (v.type, offset))
        if values is None:
            return None
        total[offset] = values
    placed = matrix_of(total, v.type)
    if placed is None or under is not None:
        return placed
    return retyped(v, base + placed)


def _corner(index: tuple[object, ...], x: TensorType, part: Variable) -> tuple[int, int] | None:
    """The row and column of x at which a part of it begins, where these are plain numbers."""
    if x.ndim != 2 or part.ndim != 2 or GetItem(index).infer(x).shape != part.shape:  # type: ignore[arg-type]
        return None
    starts = []
    for entry in index:
        if not isinstance(entry, slice) or entry.step not in (None, 1):
            return None
        start = 0 if entry.start is None else entry.start
        if not isinstance(start, int) or start < 0:
            return None
        starts.append(start)
    row, column = (*starts, 0, 0)[:2]
    return row, column


def _placed(
    under: Variable | None,
    d: Variable,
    row: int,
    inner: tuple[TensorType, int],
    outer: tuple[TensorType, int],
) -> Variable | None:
    """The values of a diagonal of ``outer`` with d, of a diagonal of the block, added to it."""
    if not d.ndim and literal(d) is None:
        return None  # times zeros outside of the block, it might be NaN there
    start = row + max(-inner[1], 0) - max(-outer[1], 0)
    length, whole = _length(*inner), _length(*outer)
    if start == 0 and length == whole:
        return d if under is None else under + d
    if not _holds(whole - start - length) or start < 0:
        return None
    if under is None:
        under = full_of(0, TensorType(outer[0].dtype, (whole,)))
    elif not under.ndim:
        under = BroadcastTo((whole,))(under.astype(outer[0].dtype))
    return index_add(under, _part(start, length, whole), d)


def _part(start: DimLike, length: DimLike, whole: DimLike) -> slice:
    """The slice of that start and length, as people write it: from the end where that is plain."""
    rest = whole - start - length
    stop = None if rest == 0 else -rest if isinstance(rest, int) else start + length
    return slice(None if start == 0 else start, stop)


@rule(
    "(eye - diag(x))[:, a:b] -> eye - diag(x[c:d]), (x + y).T -> x.T + y.T",
    GetItem,
    Transpose,
    sample=lambda: (Eye(4, 4)() - Eye(4, 4, 1)())[:, 1:],
    near_miss=lambda x: FromDiagonal(3, 3)(x)[::2],
)
def part_of_diagonals(v: Variable, x: Variable, *arrays: Variable) -> Variable | None:
    found = diagonals_of(x) if v.ndim == 2 and not arrays else None
    if found is None:
        return None
    if isinstance(v.op, Transpose):
        return matrix_of({-k: d for k, d in found.items()}, v.type)
    corner = _corner(op_as(GetItem, v).index, x.type, v)
    if corner is None or any(d.ndim for d in found.values()):
        return None
    shift = corner[0] - corner[1]
    return matrix_of({k + shift: d for k, d in found.items()}, v.type)


@rule(
    "eye(n)[:, a:b] -> eye(n, b - a, -a)",
    GetItem,
    reads=(Eye,),
    sample=lambda: Eye(4, 4)()[1:, :2],
    near_miss=lambda: Eye(4, 4)()[::2],
)
def part_of_identity(v: Variable, x: Variable, *_: Variable) -> Variable | None:
    if not isinstance(x.op, Eye) or v.ndim != 2:
        return None
    starts: list[DimLike] = []
    for entry in op_as(GetItem, v).index:
        if not isinstance(entry, slice) or entry.step not in (None, 1):
            return None
        start = 0 if entry.start is None else entry.start
        if not _holds(start):
            return None
        starts.append(start)
    row, column = (*starts, 0, 0)[:2]
    rows, columns = v.shape
    return retyped(v, Eye(rows, columns, x.op.k + row - column, x.op.dtype)())


@rule(
    "eye(n, m, -k) @ A -> index_add(0, k:, A), eye(n, m, k) @ A -> A[k:]",
    Matmul,
    reads=(Eye,),
    sample=lambda X: Eye(6, 4, -1)() @ X,
    near_miss=lambda A: Eye(3, 3, 1)() @ A,
    stabilisation=True,
)
def product_with_identity(v: Variable, x: Variable, y: Variable) -> Variable | None:
    if isinstance(x.op, Eye):
        return _retyped(v, _shifted(x.op.n, x.op.k, y, max(-2, -y.ndim)))
    if isinstance(y.op, Eye):
        return _retyped(v, _shifted(y.op.m, -y.op.k, x, -1))
    return None


def _retyped(v: Variable, new: Variable | None) -> Variable | None:
    return None if new is None else retyped(v, new)


def _shifted(length: DimLike, k: DimLike, x: Variable, axis: int) -> Variable | None:
    """x moved by k places to the front along an axis that gets another length.

    None where it would be cut and filled up with zeros at once, or where the sizes do not tell.
    """
    before = x.shape[axis]
    lead, tail = (_FULL,) * (x.ndim + axis), (_FULL,) * (-axis - 1)
    if _holds(k) and _holds(before - k - length):
        return x[(*lead, _part(k, length, before), *tail)]
    if _holds(-k) and _holds(length + k - before):
        shape = (*x.shape[: len(lead)], length, *x.shape[len(lead) + 1 :])
        zeros = full_of(0, x.type.with_shape(shape))
        return index_add(zeros, (*lead, _part(-k, before, length), *tail), x)
    return None


@rule(
    "sum(A * eye) -> trace(A)",
    Sum,
    reads=(Multiply,),
    sample=lambda A: (A * Eye(3, 3)()).sum(),
    near_miss=lambda A: (A * Eye(3, 3)()).sum(axis=0),
    stabilisation=True,
)
def sum_of_diagonal(v: Variable, x: Variable) -> Variable | None:
    op = op_as(Sum, v)
    if not isinstance(x.op, Multiply) or op.axes[-2:] != (-2, -1) or op.keepdims:
        return None
    for A, identity in (x.inputs, x.inputs[::-1]):
        eye = identity.op
        if isinstance(eye, Eye) and isinstance(eye.k, int) and A.shape[-2:] == identity.shape:
            traced = Trace(eye.k)(A)
            outer = tuple(a + 2 for a in op.axes[:-2])
            return retyped(v, Sum(outer)(traced) if outer else traced)
    return None


@rule(
    "sum(diag(x), axis=-1) -> x",
    Sum,
    reads=(FromDiagonal,),
    sample=lambda x: FromDiagonal(3, 3)(x).sum(axis=1, keepdims=True),
    near_miss=lambda x: FromDiagonal(4, 4, 1)(x).sum(axis=1),
)
def sum_along_diagonal(v: Variable, x: Variable) -> Variable | None:
    op = x.op
    whole = isinstance(op, FromDiagonal) and op.offset == 0 and op.rows == op.columns
    if not whole or op_as(Sum, v).axes not in ((-1,), (-2,)):
        return None
    return retyped(v, Reshape(v.shape)(x.inputs[0]))


@rule(
    "eye[:, j, None] * x + eye[:, k, None] * y -> index_add(index_add(0, j, x), k, y)",
    Add,
    Subtract,
    reads=(Multiply, Reshape, Negative),
    sample=lambda X, x: index_add(X, (slice(1, 3),), 1.0) + Eye(4, 4)()[:, 0][:, None] * x,
    near_miss=lambda X, x: X + Eye(4, 4)()[:, 0][:, None] * x,
    stabilisation=True,
)
def added_row(v: Variable, x: Variable, y: Variable, context: Context) -> Variable | None:
    if v.ndim != 2:
        return None
    for buffer, other in ((x, y), (y, x)):
        row = _single_row(other)
        if row is None or (other is x and isinstance(v.op, Subtract)):
            continue
        base = buffer if isinstance(buffer.op, IndexAdd) and context.is_private(buffer) else None
        first = _single_row(buffer) if base is None and v.shape[1] != 1 else None
        if first is not None:
            base = index_add(full_of(0, v.type), *first)
        if base is not None and base.type == v.type:
            k, values = row
            return retyped(v, index_add(base, k, -values if isinstance(v.op, Subtract) else values))
    return None


def _single_row(v: Variable, depth: int = 3) -> tuple[int, Variable] | None:
    """(k, y) where v is zero but for its k-th row y, which broadcasts."""
    if v.ndim != 2 or not depth or v.hints.name:
        return None
    if isinstance(v.op, Reshape) and v.shape[1] == 1:
        unit = v.inputs[0]
        if isinstance(unit.op, GetItem) and isinstance(unit.inputs[0].op, Eye):
            index, eye = unit.op.index, unit.inputs[0].op
            if len(index) == 2 and index[0] == _FULL and isinstance(index[1], int) and eye.k == 0:
                return (index[1], weak(1.0)) if eye.n == eye.m else None
    if isinstance(v.op, Negative):
        inner = _single_row(v.inputs[0], depth - 1)
        return None if inner is None else (inner[0], -inner[1])
    if isinstance(v.op, Multiply):
        for x, factor in (v.inputs, v.inputs[::-1]):
            inner = _single_row(x, depth - 1)
            if inner is not None and factor.shape in ((), v.shape[1:], (1, *v.shape[1:])):
                vector = Reshape(v.shape[1:])(factor) if factor.ndim else factor
                return inner[0], vector * inner[1]
    return None


diagonals = Pass(
    "diagonals",
    [
        part_of_identity,
        part_of_diagonals,
        sum_of_diagonals,
        scaled_diagonals,
        gathered_diagonals,
        placed_diagonals,
        product_with_identity,
        sum_of_diagonal,
        sum_along_diagonal,
        added_row,
    ],
)
