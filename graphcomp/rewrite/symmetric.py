"""Symmetric matrices: products kept as ``A.T @ A``, of which BLAS computes one half only."""

from __future__ import annotations

from graphcomp.graph import Variable
from graphcomp.ops.arithmetic import Multiply, Sqrt, Square
from graphcomp.ops.axes import Transpose
from graphcomp.ops.contract import Matmul
from graphcomp.ops.shape import Reshape
from graphcomp.ops.transcendental import Exp
from graphcomp.rewrite.engine import Context, Pass, rule
from graphcomp.rewrite.facts.matrices import transpose_of
from graphcomp.rewrite.patterns import retyped


@rule(
    "A.T -> A, A symmetric",
    Transpose,
    sample=lambda A: (A.T + A).T,
    near_miss=lambda A, B: (A + B).T,
)
def transposed_symmetric(v: Variable, x: Variable, context: Context) -> Variable | None:
    if transpose_of(v) is x and context.knows(x).symmetric:
        return retyped(v, x)
    return None


@rule(
    "x @ A -> A @ x, A symmetric",
    Matmul,
    sample=lambda A, x: x @ (A.T + A),
    near_miss=lambda A, B, x: x @ (A.T + B),
)
def vector_by_symmetric(v: Variable, x: Variable, y: Variable, context: Context) -> Variable | None:
    # Either costs the same; one form for both lets them be shared.
    if x.ndim == 1 and y.ndim == 2 and context.knows(y).symmetric:
        return retyped(v, y @ x)
    return None


@rule(
    "(X.T * q) @ X -> A.T @ A, A = sqrt(q)[:, None] * X, q >= 0",
    Matmul,
    reads=(Multiply,),
    sample=lambda X, x: (X * Exp()(x)) @ X.T,
    near_miss=lambda X, x: (X * x) @ X.T,
    after_differentiation=True,
)
def weighted_square(v: Variable, x: Variable, y: Variable, context: Context) -> Variable | None:
    if v.ndim != 2 or x.ndim != 2 or v.dtype.kind != "f":
        return None
    for scaled, other, along in ((x, y, -1), (y, x, -2)):
        if not isinstance(scaled.op, Multiply) or not context.is_private(scaled):
            continue
        for X, q in (scaled.inputs, scaled.inputs[::-1]):
            if X.shape == scaled.shape and _are_transposed(X, other):
                weights = _weights(q, X.shape[along], along)
                if weights is not None and _is_weight(weights, v, context):
                    return retyped(v, _square(X, _root(weights), along))
    return None


def _are_transposed(X: Variable, Y: Variable) -> bool:
    return transpose_of(X) is Y or transpose_of(Y) is X


def _weights(q: Variable, length: object, along: int) -> Variable | None:
    """q as a vector along that axis of a matrix."""
    if q.ndim == 2 and isinstance(q.op, Reshape) and q.shape[along] == length:
        (vector,) = q.inputs
        return vector if vector.shape == (length,) and q.shape[-3 - along] == 1 else None
    return q if q.ndim == 1 and along == -1 and q.shape == (length,) else None


def _is_weight(q: Variable, v: Variable, context: Context) -> bool:
    return q.dtype == v.dtype and context.knows(q).nonnegative


def _root(q: Variable) -> Variable:
    return q.inputs[0] if isinstance(q.op, Square) else Sqrt()(q)


def _square(X: Variable, root: Variable, along: int) -> Variable:
    """The product that sums over an axis of X weighted by root**2, as A.T @ A or A @ A.T."""
    inner = transpose_of(X)
    X, along = (X, along) if inner is None else (inner, -3 - along)
    A = X * root if along == -1 else Reshape((*root.shape, 1))(root) * X
    return A @ A.mT if along == -1 else A.mT @ A


symmetric = Pass("symmetric", [transposed_symmetric, vector_by_symmetric, weighted_square])
