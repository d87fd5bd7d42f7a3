"""Inverses, solves and determinants: no inverse where a solve does, and one factor for all.

A matrix known to be positive definite is factorised once, by Cholesky; its solves, determinant
and inverse use the factor. (Golub and Van Loan, *Matrix Computations*, 2013, chapters 3 and 4.)
Matrices of a known small size are left to LAPACK in one call.
"""

from __future__ import annotations

from graphcomp.graph import Variable
from graphcomp.inputs import variable
from graphcomp.ops.arithmetic import Divide, Multiply, Negative
from graphcomp.ops.axes import Transpose
from graphcomp.ops.base import Op
from graphcomp.ops.contract import Matmul
from graphcomp.ops.create import eye, full_of
from graphcomp.ops.determinants import Det, Slogdet
from graphcomp.ops.diagonal import Diagonal, FromDiagonal
from graphcomp.ops.factorize import Cholesky, Eigh, EighResult, Eigvalsh
from graphcomp.ops.linalg import Inv, Solve, hermitian, unpack_named
from graphcomp.ops.qr import Qr, QRResult, QrTriangle
from graphcomp.ops.rearrange import Tril, Triu, tril
from graphcomp.ops.reduce import Prod, Sum
from graphcomp.ops.shape import Reshape
from graphcomp.ops.structure import Project
from graphcomp.ops.svd import Svd, Svdvals
from graphcomp.ops.transcendental import Log
from graphcomp.ops.triangular import SolveTriangular
from graphcomp.rewrite.engine import Context, Pass, rule
from graphcomp.rewrite.facts.matrices import transpose_of
from graphcomp.rewrite.patterns import op_as, retyped, split_divisor, split_scale

_SMALL = 64  # rows; up to here one call costs less than several
_SOLVES = 3  # as many solves cost what an inverse costs


def _definite(size: int = 3) -> Variable:
    """A positive definite matrix, for samples."""
    A = variable("A", (size, size))
    return A.T @ A + eye(size)


def _lower(size: int = _SMALL + 1) -> Variable:
    """A lower triangular matrix, far from singular, for samples."""
    return tril(variable("A", (size, size))) / size + 2.0 * eye(size)


def _with_cholesky(A: Variable) -> Variable:
    return Inv()(A) + Cholesky()(A)


def _twice_solved(A: Variable, x: Variable, s: Variable) -> Variable:
    return Solve()(A, s * x) + Solve()(A, x)


def _is_small(A: Variable) -> bool:
    return isinstance(A.shape[-1], int) and A.shape[-1] <= _SMALL


# ----------------------------------------------------------------------------------------- inverses


@rule(
    "inv(A) @ B -> solve(A, B), B @ inv(A) -> solve(A.T, B.T).T",
    Matmul,
    sample=lambda x, A: x @ Inv()(A),
    near_miss=lambda A, B: (Inv()(A) * B) @ B,
)
def product_with_inverse(
    v: Variable, x: Variable, y: Variable, context: Context
) -> Variable | None:
    A = _inverted(x, context)
    if A is not None:
        return retyped(v, Solve()(A, y))
    A = _inverted(y, context)
    if A is None:
        return None
    return retyped(v, Solve()(A.mT, x) if x.ndim == 1 else Solve()(A.mT, x.mT).mT)


def _inverted(x: Variable, context: Context) -> Variable | None:
    """The A that x is the inverse of, where few products, and nothing else, need that inverse."""
    turned = transpose_of(x)
    inverse = x if turned is None else turned
    if not isinstance(inverse.op, Inv) or _uses(inverse, context) > _SOLVES:
        return None
    (A,) = inverse.inputs
    return A if turned is None else A.mT


def _uses(inverse: Variable, context: Context) -> int:
    """In how many products an inverse or its transpose stands; many where it has other uses."""
    count = 0
    for x in (inverse, inverse.mT):
        uses = [u for u in context.consumers(x) if transpose_of(u) is not x]
        if context.is_output(x) or x.hints.name is not None:
            return _SOLVES + 1
        if not all(isinstance(u.op, Matmul) for u in uses):
            return _SOLVES + 1
        count += len(uses)
    return count


@rule(
    "solve(inv(A), b) -> A @ b",
    Solve,
    reads=(Inv,),
    sample=lambda A, x: Solve()(Inv()(A), x),
    near_miss=lambda A, B, x: Solve()(A @ B, x),
)
def solve_with_inverse(v: Variable, A: Variable, b: Variable) -> Variable | None:
    return retyped(v, A.inputs[0] @ b) if isinstance(A.op, Inv) else None


@rule(
    "inv(A.T) -> inv(A).T",
    Inv,
    sample=lambda A: Inv()(A.T),
    near_miss=lambda A: Inv()(A),
)
def inverse_of_transposed(v: Variable, x: Variable) -> Variable | None:
    A = transpose_of(x)
    return None if A is None else retyped(v, Inv()(A).mT)


@rule(
    "det(inv(A)) -> 1 / det(A), det(A.T) -> det(A)",
    Det,
    sample=lambda A: Det()(Inv()(A)),
    near_miss=lambda A, B: Det()(A @ B),
)
def det_of_inverse(v: Variable, x: Variable) -> Variable | None:
    if isinstance(x.op, Inv):
        return retyped(v, 1.0 / Det()(x.inputs[0]))
    A = transpose_of(x)
    return None if A is None else retyped(v, Det()(A))


@rule(
    "slogdet(inv(A))[1] -> -slogdet(A)[1], slogdet(A.T) -> slogdet(A)",
    Project,
    reads=(Slogdet,),
    sample=lambda A: Project(1)(Slogdet()(Inv()(A))),
    near_miss=lambda A, B: Project(1)(Slogdet()(A @ B)),
)
def slogdet_of_inverse(v: Variable, x: Variable) -> Variable | None:
    if not isinstance(x.op, Slogdet):
        return None
    (A,) = x.inputs
    inner = transpose_of(A)
    if inner is not None:
        return retyped(v, v.op(Slogdet()(inner)))
    if not isinstance(A.op, Inv) or A.dtype.kind == "c":
        return None
    new = v.op(Slogdet()(A.inputs[0]))
    return retyped(v, -new if op_as(Project, v).index else new)


@rule(
    "solve(A, B) @ x -> solve(A, B @ x), x @ solve(A, B) -> solve(A.T, x) @ B",
    Matmul,
    reads=(Solve, SolveTriangular),
    sample=lambda A, B, x: x @ Solve()(A, B),
    near_miss=lambda A, B, C: C @ Solve()(A, B),
)
def product_with_solution(
    v: Variable, x: Variable, y: Variable, context: Context
) -> Variable | None:
    for solution, vector in ((x, y), (y, x)):
        if vector.ndim != 1 or not _is_solve(solution) or not context.is_private(solution):
            continue
        A, B = solution.inputs
        if solution.ndim == A.ndim == B.ndim == 2:
            if solution is x:
                return retyped(v, solution.op(A, B @ y))
            return retyped(v, _turned_solve(solution)(A.mT, x) @ B)
    return None


@rule(
    "solve(A, s * x) -> s * solve(A, x), where solve(A, x) is computed anyway",
    Solve,
    SolveTriangular,
    Matmul,
    reads=(Multiply, Divide, Negative),
    sample=lambda A, x, s: _twice_solved(A, x, s),
    near_miss=lambda A, x, s: Solve()(A, s * x),
)
def scaled_solution(v: Variable, A: Variable, x: Variable, context: Context) -> Variable | None:
    scaled, divided = split_scale(x), split_divisor(x)
    if scaled is not None and scaled[1].ndim and context.has(v.op, A, scaled[1]):
        return retyped(v, scaled[0] * v.op(A, scaled[1]))
    if divided is not None and context.has(v.op, A, divided[0]):
        return retyped(v, v.op(A, divided[0]) / divided[1])
    if isinstance(x.op, Negative) and context.has(v.op, A, x.inputs[0]):
        return retyped(v, -v.op(A, x.inputs[0]))
    return None


@rule(
    "solve(L.T, W).T @ X -> W.T @ W, W = solve(L, X)",
    Matmul,
    reads=(Solve, SolveTriangular, Transpose),
    sample=lambda A, x: Solve()(A.T, Solve()(A, x)) @ x,
    near_miss=lambda A, x, y: Solve()(A.T, Solve()(A, x)) @ y,
)
def square_of_solution(v: Variable, x: Variable, y: Variable, context: Context) -> Variable | None:
    if max(x.ndim, y.ndim) > 2:
        return None
    for solution, X in ((_turned(x), y), (y, _turned(x))):
        W = _halfway(solution, X, context)
        if W is not None:
            return retyped(v, _turned(W) @ W)
    return None


def _halfway(solution: Variable, X: Variable, context: Context) -> Variable | None:
    """The W of ``solve(L.T, W)``, a private one, if it is ``solve(L, X)``."""
    if not _is_solve(solution) or not context.is_private(solution):
        return None
    A, W = solution.inputs
    if A.ndim != 2 or not _is_solve(W) or W.op != _turned_solve(solution):
        return None
    return W if W.inputs[1] is X and W.inputs[0] is A.mT else None


def _turned(x: Variable) -> Variable:
    return x.mT if x.ndim == 2 else x


def _is_solve(x: Variable) -> bool:
    return isinstance(x.op, (Solve, SolveTriangular))


def _turned_solve(x: Variable) -> Solve | SolveTriangular:
    """The operation that solves with the transposed matrix."""
    op = x.op
    assert isinstance(op, (Solve, SolveTriangular))
    return SolveTriangular(not op.lower) if isinstance(op, SolveTriangular) else op


# ---------------------------------------------------------------------------------------- triangles


@rule(
    "solve(diag(d), b) -> b / d",
    Solve,
    reads=(FromDiagonal,),
    sample=lambda x, A: Solve()(FromDiagonal(3, 3)(x), A),
    near_miss=lambda x, A, B: Solve()(FromDiagonal(3, 3)(x) + A, B),
)
def solve_diagonal(v: Variable, A: Variable, b: Variable) -> Variable | None:
    if not isinstance(A.op, FromDiagonal) or A.op.offset != 0 or A.ndim != 2:
        return None
    (d,) = A.inputs
    return retyped(v, b / (d if b.ndim == 1 else Reshape((*d.shape, 1))(d)))


@rule(
    "solve(L, b) -> solve_triangular(L, b), L triangular",
    Solve,
    sample=lambda: Solve()(_lower().T, variable("b", _SMALL + 1)),
    near_miss=lambda A, x: Solve()(tril(A), x),
)
def solve_triangle(v: Variable, A: Variable, b: Variable, context: Context) -> Variable | None:
    facts = context.knows(A)
    if _is_small(A) or not (facts.lower_triangular or facts.upper_triangular):
        return None
    return retyped(v, SolveTriangular(facts.lower_triangular)(A, b))


@rule(
    "solve_triangular(tril(L), b) -> solve_triangular(L, b)",
    SolveTriangular,
    reads=(Tril, Triu),
    sample=lambda A, x: SolveTriangular(True)(tril(A * A + 1.0), x),
    near_miss=lambda A, x: SolveTriangular(False)(tril(A * A + 1.0), x),
)
def triangle_of_triangle(v: Variable, A: Variable, b: Variable) -> Variable | None:
    kind = Tril if op_as(SolveTriangular, v).lower else Triu
    if isinstance(A.op, kind) and A.op.k == 0:
        return retyped(v, v.op(A.inputs[0], b))
    return None


@rule(
    "det(L) -> prod(diagonal(L)), slogdet(L)[1] -> sum(log(abs(diagonal(L)))), L triangular",
    Det,
    Project,
    reads=(Tril, Triu, Cholesky, Slogdet),
    sample=lambda A: Project(1)(Slogdet()(tril(A))),
    near_miss=lambda A: Project(1)(Slogdet()(A)),
)
def det_of_triangle(v: Variable, x: Variable, context: Context) -> Variable | None:
    A = x.inputs[0] if isinstance(x.op, Slogdet) else x
    if isinstance(v.op, Project) and (x is A or v.op.index != 1):
        return None
    facts = context.knows(A)
    if not (facts.lower_triangular or facts.upper_triangular):
        return None
    diagonal = Diagonal()(A)
    if isinstance(v.op, Det):
        return retyped(v, Prod((-1,))(diagonal))
    return retyped(v, Sum((-1,))(Log()(abs(diagonal))))


# ----------------------------------------------------------------------- positive definite matrices


@rule(
    "solve(A, b) -> solve_triangular(L.T, solve_triangular(L, b)), L = cholesky(A)",
    Solve,
    sample=lambda: Solve()(_definite(_SMALL + 1), variable("b", _SMALL + 1)),
    near_miss=lambda A, x: Solve()(A.T @ A, x),
)
def solve_definite(v: Variable, A: Variable, b: Variable, context: Context) -> Variable | None:
    if _is_small(A) or not context.knows(A).positive_definite:
        return None
    if A.ndim > 2 and b.ndim == 1:
        return None  # the half solution, a vector for each matrix, would be taken for a matrix
    L = Cholesky()(A)
    half = SolveTriangular(True)(L, b)
    return retyped(v, SolveTriangular(False)(hermitian(L), half))


@rule(
    "slogdet(A)[1] -> 2 * sum(log(diagonal(cholesky(A)))), slogdet(A)[0] -> 1",
    Project,
    reads=(Slogdet,),
    sample=lambda: Project(1)(Slogdet()(_definite(_SMALL + 1))),
    near_miss=lambda A: Project(1)(Slogdet()(A.T @ A)),
)
def slogdet_definite(v: Variable, x: Variable, context: Context) -> Variable | None:
    if not isinstance(x.op, Slogdet) or not context.knows(x.inputs[0]).positive_definite:
        return None
    (A,) = x.inputs
    if op_as(Project, v).index == 0:
        return full_of(1, v.type)
    if _is_small(A) and not context.has(Cholesky(), A):
        return None
    diagonal = Diagonal()(Cholesky()(A))
    return retyped(v, 2.0 * Sum((-1,))(Log()(diagonal if A.dtype.kind != "c" else diagonal.real)))


@rule(
    "inv(A) beside cholesky(A) -> W.T @ W, W = inv(L)",
    Inv,
    sample=lambda: _with_cholesky(_definite()),
    near_miss=lambda A: Inv()(A.T @ A),
)
def inverse_by_cholesky(v: Variable, A: Variable, context: Context) -> Variable | None:
    if not (context.knows(A).positive_definite and context.has(Cholesky(), A)):
        return None
    L = Cholesky()(A)
    W = SolveTriangular(True)(L, eye(A.shape[-1], dtype=v.dtype))
    return retyped(v, hermitian(W) @ W)


# ------------------------------------------------------------------------------- one factor for all


@rule(
    "svdvals(A) beside svd(A) -> svd(A)[1], eigvalsh beside eigh and R beside qr likewise",
    Eigvalsh,
    Svdvals,
    QrTriangle,
    sample=lambda A: Svdvals()(A) + Project(1)(Svd(full_matrices=False)(A)),
    near_miss=lambda A, B: Svdvals()(A) + Project(1)(Svd(full_matrices=False)(B)),
)
def values_of_factors(v: Variable, A: Variable, context: Context) -> Variable | None:
    for whole, names, index in _wholes(v.op):
        if context.has(whole, A):
            return retyped(v, unpack_named(whole(A), *names)[index])
    return None


def _wholes(op: Op) -> list[tuple[Op, tuple[str, ...], int]]:
    """The decompositions that have the result of op for a part, their parts' names, and which."""
    if isinstance(op, Eigvalsh):
        return [(Eigh(op.UPLO), EighResult._fields, 0)]
    if isinstance(op, Svdvals):
        return [(Svd(full), ("U", "s", "Vh"), 1) for full in (False, True)]
    return [(Qr(), QRResult._fields, 1)]


matrix_solves = Pass(
    "matrix_solves",
    [
        product_with_inverse,
        product_with_solution,
        scaled_solution,
        square_of_solution,
        solve_with_inverse,
        inverse_of_transposed,
        det_of_inverse,
        slogdet_of_inverse,
        solve_diagonal,
        solve_triangle,
        triangle_of_triangle,
        det_of_triangle,
        solve_definite,
        slogdet_definite,
        inverse_by_cholesky,
        values_of_factors,
    ],
)
