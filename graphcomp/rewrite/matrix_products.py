"""Products of which only a part is wanted, and products of rank one."""

from __future__ import annotations

from graphcomp.graph import Variable
from graphcomp.ops.arithmetic import Add, Multiply, Subtract
from graphcomp.ops.axes import Transpose
from graphcomp.ops.contract import Matmul, Outer
from graphcomp.ops.diagonal import Diagonal, Trace, diagonal, trace
from graphcomp.ops.einsum import Einsum, einsum
from graphcomp.ops.reduce import Sum
from graphcomp.ops.shape import Reshape
from graphcomp.rewrite.engine import Context, Pass, rule
from graphcomp.rewrite.facts.matrices import transpose_of
from graphcomp.rewrite.patterns import op_as, retyped, split_scale


def _private_product(x: Variable, context: Context) -> tuple[Variable, Variable] | None:
    """The A and B of a product of matrices A @ B that nothing else needs."""
    if not isinstance(x.op, Matmul) or not context.is_private(x):
        return None
    A, B = x.inputs
    return (A, B) if A.ndim > 1 and B.ndim > 1 else None


def _elementwise(A: Variable, B: Variable) -> Variable:
    """A * B.T, or the same transposed where that reads better."""
    turned = transpose_of(A)
    return A * B.mT if turned is None or transpose_of(B) is not None else turned * B


@rule(
    "trace(A @ B) -> sum(A * B.T)",
    Trace,
    reads=(Matmul,),
    sample=lambda A, B: trace(A @ B),
    near_miss=lambda A, B: trace(A @ B, 1),
)
def trace_of_product(v: Variable, x: Variable, context: Context) -> Variable | None:
    product = _private_product(x, context)
    if product is None or op_as(Trace, v).offset != 0 or x.shape[-1] != x.shape[-2]:
        return None
    return retyped(v, Sum((-2, -1))(_elementwise(*product)))


@rule(
    "diagonal(A @ B) -> sum(A * B.T, axis=-1)",
    Diagonal,
    reads=(Matmul,),
    sample=lambda X, A: diagonal(X @ (A @ X.T)),
    near_miss=lambda X, A: diagonal(X @ A),
)
def diagonal_of_product(v: Variable, x: Variable, context: Context) -> Variable | None:
    product = _private_product(x, context)
    if product is None or op_as(Diagonal, v).offset != 0 or x.shape[-1] != x.shape[-2]:
        return None
    A, B = product
    turned = transpose_of(A)
    if turned is not None and transpose_of(B) is None:
        return retyped(v, Sum((-2,))(turned * B))
    return retyped(v, Sum((-1,))(A * B.mT))


@rule(
    "sum(A @ B) -> sum(A, axis=0) @ sum(B, axis=1), sum(A @ x) -> sum(A, axis=0) @ x",
    Sum,
    reads=(Matmul,),
    sample=lambda A, B: (A @ B).sum(axis=1),
    near_miss=lambda x, A, y: (x @ A @ y).sum(),
)
def sum_of_product(v: Variable, x: Variable, context: Context) -> Variable | None:
    if not isinstance(x.op, Matmul) or not context.is_private(x):
        return None
    A, B = x.inputs
    axes = op_as(Sum, v).axes
    if not x.ndim or max(A.ndim, B.ndim) > 2 or x.dtype.kind not in "fc":
        return None
    rows = A.ndim == 2 and -x.ndim in axes
    columns = B.ndim == 2 and -1 in axes
    product = (Sum((-2,))(A) if rows else A) @ (Sum((-1,))(B) if columns else B)
    return retyped(v, Reshape(v.shape)(product) if product.shape != v.shape else product)


@rule(
    "A @ x + A @ y -> A @ (x + y), x @ A + y @ A -> (x + y) @ A",
    Add,
    Subtract,
    reads=(Matmul,),
    sample=lambda A, x, y: x @ A - y @ A,
    near_miss=lambda A, x, y: A @ x + y @ A,
)
def vectors_by_one_matrix(
    v: Variable, x: Variable, y: Variable, context: Context
) -> Variable | None:
    if not (isinstance(x.op, Matmul) and isinstance(y.op, Matmul)) or v.ndim != 1 or x is y:
        return None
    if not (context.is_private(x) and context.is_private(y)):
        return None
    (a, b), (c, d) = x.inputs, y.inputs
    if a is c and a.ndim == 2 and b.type == d.type and b.ndim == 1:
        return retyped(v, a @ v.op(b, d))
    if b is d and b.ndim == 2 and a.type == c.type and a.ndim == 1:
        return retyped(v, v.op(a, c) @ b)
    return None


@rule(
    "x @ A.T -> A @ x, A.T @ x -> x @ A where that is computed anyway",
    Matmul,
    reads=(Transpose,),
    sample=lambda A, x: x @ A.T,
    near_miss=lambda A, x: A.T @ x,
)
def vector_by_transposed(
    v: Variable, x: Variable, y: Variable, context: Context
) -> Variable | None:
    A = transpose_of(y)
    if x.ndim == 1 and A is not None and A.ndim == 2:
        return retyped(v, A @ x)
    A = transpose_of(x)
    if y.ndim == 1 and A is not None and A.ndim == 2 and context.has(v.op, y, A):
        return retyped(v, y @ A)
    return None


# ----------------------------------------------------------------------------------- outer products


def _vectors(x: Variable, context: Context) -> tuple[Variable, Variable] | None:
    """The vectors of an outer product that nothing else needs."""
    if not isinstance(x.op, Outer) or x.ndim != 2 or not context.is_private(x):
        return None
    p, q = x.inputs
    return (p, q) if p.ndim == q.ndim == 1 else None


@rule(
    "outer(x, y) @ A -> outer(x, y @ A), A @ outer(x, y) -> outer(A @ x, y)",
    Matmul,
    reads=(Outer,),
    sample=lambda A, x, y: A @ Outer()(x, y),
    near_miss=lambda A, B: A @ B,
)
def product_with_outer(v: Variable, x: Variable, y: Variable, context: Context) -> Variable | None:
    vectors = _vectors(x, context)
    if vectors is not None and y.ndim <= 2:
        p, q = vectors
        return retyped(v, p * (q @ y) if y.ndim == 1 else Outer()(p, q @ y))
    vectors = _vectors(y, context)
    if vectors is not None and x.ndim <= 2:
        p, q = vectors
        return retyped(v, (x @ p) * q if x.ndim == 1 else Outer()(x @ p, q))
    return None


@rule(
    "s * A + outer(s * x, y) -> s * (A + outer(x, y))",
    Add,
    Subtract,
    reads=(Outer,),
    sample=lambda A, x, s: s * A - Outer()(s * x, x),
    near_miss=lambda A, x, s: A - Outer()(s * x, x),
)
def common_scale_with_outer(
    v: Variable, x: Variable, y: Variable, context: Context
) -> Variable | None:
    for scaled, outer in ((x, y), (y, x)):
        split, vectors = split_scale(scaled), _vectors(outer, context)
        if split is None or vectors is None or not context.is_private(scaled):
            continue
        s, A = split
        for k in (0, 1):
            factor = split_scale(vectors[k])
            if factor is not None and factor[0] is s and A.type == v.type == outer.type:
                bare = Outer()(*(factor[1] if i == k else q for i, q in enumerate(vectors)))
                return retyped(v, s * (v.op(A, bare) if scaled is x else v.op(bare, A)))
    return None


@rule(
    "sum(outer(x, y) * A) -> x @ (A @ y), sum(outer(x, y) * A, axis=1) -> x * (A @ y)",
    Sum,
    reads=(Multiply,),
    sample=lambda A, x, y: (A * Outer()(x, y)).sum(),
    near_miss=lambda A, B: (A * B).sum(),
)
def sum_with_outer(v: Variable, x: Variable, context: Context) -> Variable | None:
    if not isinstance(x.op, Multiply) or x.ndim != 2 or not context.is_private(x):
        return None
    for outer, A in (x.inputs, x.inputs[::-1]):
        vectors = _vectors(outer, context)
        if vectors is not None and A.shape == x.shape:
            return retyped(v, Reshape(v.shape)(_summed(*vectors, A, op_as(Sum, v).axes)))
    return None


def _summed(p: Variable, q: Variable, A: Variable, axes: tuple[int, ...]) -> Variable:
    if len(axes) == 2:
        return p @ (A @ q)
    return p * (A @ q) if axes == (-1,) else (p @ A) * q


# ------------------------------------------------------------------------------------------- einsum


@rule(
    'einsum("ij,jk->ik", A, B) -> A @ B',
    Einsum,
    sample=lambda A, X: einsum("ji,kj->ki", A, X),
    near_miss=lambda A, B: einsum("ij,ij->ij", A, B),
)
def einsum_as_product(v: Variable, *inputs: Variable) -> Variable | None:
    op = op_as(Einsum, v)
    if len(inputs) != 2 or v.dtype.kind not in "fc":
        return None
    (x, y), (a, b), out = inputs, op.terms, op.output
    shared = [label for label in a if label in b and label not in out]
    if len(shared) != 1 or x.type.weak or y.type.weak:
        return None
    left = _arranged(a, b, out, shared[0])
    right = _arranged(b, a, out, shared[0])
    if left is None or right is None or left[0] != right[0]:
        return None
    lead, i, k = left[0], left[1], right[1]
    if (lead and not (i and k)) or not _same_lengths(op, x, y):
        return None
    first = x if a == lead + i + shared[0] else x.mT
    second = y if b == lead + shared[0] + k else y.mT
    if out == lead + i + k:
        return retyped(v, first @ second)
    return retyped(v, second.mT @ first.mT) if out == lead + k + i else None


def _arranged(own: str, other: str, out: str, over: str) -> tuple[str, str] | None:
    """(batch labels, the label that only this operand has), where they stand as in a product."""
    lead = "".join(c for c in own if c in other and c != over)
    rest = [c for c in own if c not in other]
    if len(rest) > 1 or len(set(own)) < len(own) or not out.startswith(lead):
        return None
    if not own.startswith(lead) or any(c not in out for c in rest):
        return None
    return lead, "".join(rest)


def _same_lengths(op: Einsum, x: Variable, y: Variable) -> bool:
    """Whether no label is broadcast."""
    lengths = dict(zip(op.terms[0], x.shape, strict=True))
    return all(lengths.get(c, n) == n for c, n in zip(op.terms[1], y.shape, strict=True))


matrix_products = Pass(
    "matrix_products",
    [
        trace_of_product,
        diagonal_of_product,
        sum_of_product,
        vectors_by_one_matrix,
        vector_by_transposed,
        product_with_outer,
        common_scale_with_outer,
        sum_with_outer,
        einsum_as_product,
    ],
)
