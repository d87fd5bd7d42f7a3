"""Matrices: symmetry, definiteness, orthogonality, triangles. They hold to rounding.

Horn and Johnson, *Matrix Analysis* (2013), chapter 7, has the theorems.
"""

from __future__ import annotations

from graphcomp.facts import NOTHING, Facts, Known, knows
from graphcomp.graph import Variable
from graphcomp.ops.arithmetic import (
    Add,
    Divide,
    Multiply,
    Negative,
    Square,
    Subtract,
)
from graphcomp.ops.axes import Transpose
from graphcomp.ops.contract import Matmul, Outer
from graphcomp.ops.create import Full
from graphcomp.ops.determinants import Slogdet
from graphcomp.ops.factorize import Cholesky, Eigh
from graphcomp.ops.least_squares import Pinv, PinvOfHermitian
from graphcomp.ops.linalg import Inv, Solve
from graphcomp.ops.matrix_functions import Expm
from graphcomp.ops.parts import Absolute, Conjugate, Real
from graphcomp.ops.qr import Qr
from graphcomp.ops.shape import BroadcastTo, Reshape
from graphcomp.ops.shared import WithSoftmax
from graphcomp.ops.structure import Project
from graphcomp.ops.svd import Svd, Svdvals
from graphcomp.ops.transcendental import Arcsinh, Arctan, Expm1, Log1p, Sin, Sinh, Tanh
from graphcomp.ops.triangular import SolveTriangular

_LINEAR = (Add, Subtract, Negative)
_KEEPING_ZERO = (Negative, Absolute, Square, Sin, Sinh, Tanh, Arctan, Arcsinh, Expm1, Log1p, Real)

# ------------------------------------------------------------------------------ how operands relate


def transpose_of(x: Variable) -> Variable | None:
    """The A of A.T, the last two axes exchanged."""
    swapped = isinstance(x.op, Transpose) and x.op.axes == (-1, -2)
    return x.inputs[0] if swapped else None


def are_transposed(a: Variable, b: Variable) -> bool:
    """Whether one is plainly the other's transpose: A and A.T, x[:, None] and x[None, :]."""
    if transpose_of(a) is b or transpose_of(b) is a:
        return True
    for column, row in ((a, b), (b, a)):
        vector = _vector_along(column, -2)
        if vector is not None and vector is _vector_along(row, -1):
            return True
    return False


def are_adjoint(a: Variable, b: Variable) -> bool:
    """Whether one is plainly the other's conjugate transpose."""
    if a.dtype.kind != "c" and b.dtype.kind != "c":
        return are_transposed(a, b)
    for x, y in ((a, b), (b, a)):
        inner = transpose_of(x)
        if isinstance(x.op, Conjugate) and are_transposed(x.inputs[0], y):
            return True
        if inner is not None and isinstance(inner.op, Conjugate) and inner.inputs[0] is y:
            return True
    return False


def _vector_along(x: Variable, axis: int) -> Variable | None:
    """The vector that x is as a column (axis -2) or a row (-1) of a matrix."""
    if axis == -1 and x.ndim == 1:
        return x
    if x.ndim == 2 and isinstance(x.op, (Reshape, BroadcastTo)):
        inner = x.inputs[0]
        if inner.ndim == 1 and x.shape[axis] == inner.shape[0] and x.shape[-3 - axis] == 1:
            return inner
    return None


def is_scalar(x: Variable) -> bool:
    """Whether each matrix in the last two axes is one number throughout."""
    return x.ndim == 0 or (x.ndim > 1 and x.shape[-2:] == (1, 1)) or isinstance(x.op, Full)


# ------------------------------------------------------------------------------------- elementwise


def of_elementwise(v: Variable, known: Known) -> Facts:
    """What is known of the matrices that an elementwise operation gives."""
    if v.ndim < 2:
        return NOTHING
    scalars = [is_scalar(x) for x in v.inputs]
    facts = [known(x) for x in v.inputs]
    symmetric = all(s or f.symmetric for s, f in zip(scalars, facts, strict=True))
    found = Facts(symmetric=symmetric or _mirrors(v))
    found = found & _definite(v, facts, scalars)
    if isinstance(v.op, (Multiply, Add, Subtract, Divide, *_KEEPING_ZERO)):
        found = found & _triangles(v, facts, scalars)
    if isinstance(v.op, (*_LINEAR, Conjugate)):
        found = found.but(hermitian=all(f.hermitian for f in facts))
    return found


def _mirrors(v: Variable) -> bool:
    """``A + A.T`` and its kin; ``(x[:, None] - x[None, :])**2``."""
    if len(v.inputs) == 2 and v.op.name in ("add", "multiply", "maximum", "minimum", "hypot"):
        a, b = v.inputs
        return are_transposed(a, b) or (a is b and _is_antisymmetric(a))
    if isinstance(v.op, (Square, Absolute)):
        return _is_antisymmetric(v.inputs[0])
    return False


def _is_antisymmetric(x: Variable) -> bool:
    return isinstance(x.op, Subtract) and are_transposed(*x.inputs)


def _definite(v: Variable, facts: list[Facts], scalars: list[bool]) -> Facts:
    if isinstance(v.op, Add) and not any(scalars):
        x, y = facts
        both = x.positive_semidefinite and y.positive_semidefinite
        strictly = both and (x.positive_definite or y.positive_definite)
        return Facts(positive_semidefinite=both, positive_definite=strictly)
    if isinstance(v.op, Multiply):
        x, y = facts
        if any(scalars):
            (s, A) = (x, y) if scalars[0] else (y, x)
            return _scaled(s, A)
        both = x.positive_semidefinite and y.positive_semidefinite  # Schur's product theorem
        return Facts(
            positive_semidefinite=both,
            positive_definite=x.positive_definite and y.positive_definite,
        )
    if isinstance(v.op, Divide) and scalars[1]:
        return _scaled(facts[1], facts[0])
    if isinstance(v.op, Conjugate):
        return facts[0]
    return NOTHING


def _scaled(s: Facts, A: Facts) -> Facts:
    """A times or by a number."""
    return Facts(
        hermitian=A.hermitian and s.low > -float("inf"),
        positive_semidefinite=A.positive_semidefinite and s.nonnegative,
        positive_definite=A.positive_definite and s.positive,
    )


def _triangles(v: Variable, facts: list[Facts], scalars: list[bool]) -> Facts:
    """A product is triangular where one factor is, a sum where all terms are."""
    if isinstance(v.op, Multiply):
        wide = [f for x, f in zip(v.inputs, facts, strict=True) if x.shape[-2:] == v.shape[-2:]]
        return Facts(
            lower_triangular=any(f.lower_triangular for f in wide),
            upper_triangular=any(f.upper_triangular for f in wide),
        )
    if isinstance(v.op, Divide) and scalars[1]:
        facts = facts[:1]
    elif isinstance(v.op, Divide) or any(scalars):
        return NOTHING
    return Facts(
        lower_triangular=all(f.lower_triangular for f in facts),
        upper_triangular=all(f.upper_triangular for f in facts),
    )


# ---------------------------------------------------------------------------------------- products


@knows(Matmul)
def of_matmul(v: Variable, known: Known) -> Facts:
    a, b = v.inputs
    x, y = known(a), known(b)
    if a.ndim < 2 or b.ndim < 2:
        return _elements_of_product(v, x, y, a is b)
    found = _elements_of_product(v, x, y, False) & _congruence(a, b, known)
    return found.but(
        orthonormal=x.orthonormal and y.orthonormal,
        unitary=x.unitary and y.unitary,
        lower_triangular=x.lower_triangular and y.lower_triangular,
        upper_triangular=x.upper_triangular and y.upper_triangular,
    )


def _elements_of_product(v: Variable, x: Facts, y: Facts, is_square: bool) -> Facts:
    if v.dtype.kind != "f":
        return NOTHING
    same = x.low >= 0 and y.low >= 0
    opposite = (x.high <= 0 and y.low >= 0) or (x.low >= 0 and y.high <= 0)
    if is_square or same or (x.high <= 0 and y.high <= 0):
        return Facts(0.0, integer=x.integer and y.integer, plus_zero=same and x.plus_zero)
    if opposite:
        return Facts(high=0.0, integer=x.integer and y.integer)
    return Facts(integer=x.integer and y.integer)


def _congruence(a: Variable, b: Variable, known: Known) -> Facts:
    """``A.T @ A``, ``A.T @ (q * A)``, ``A.T @ S @ A`` in either order of products."""
    if are_adjoint(a, b):
        return Facts(symmetric=a.dtype.kind != "c", hermitian=True, positive_semidefinite=True)
    if are_transposed(a, b):
        return Facts(symmetric=True)
    for inner, other, outer_is_left in ((b, a, True), (a, b, False)):
        if isinstance(inner.op, Matmul):
            p, q = inner.inputs
            middle, end = (p, q) if outer_is_left else (q, p)
            if middle.ndim > 1 and end.ndim > 1:
                found = _middle(other, end, known(middle))
                if found is not NOTHING:
                    return found
        if isinstance(inner.op, Multiply):
            found = _weighted(other, inner, outer_is_left, known)
            if found is not NOTHING:
                return found
    return NOTHING


def _middle(a: Variable, b: Variable, S: Facts) -> Facts:
    """a @ S @ b."""
    if are_adjoint(a, b):
        return Facts(
            symmetric=S.symmetric and a.dtype.kind != "c",
            hermitian=S.hermitian,
            positive_semidefinite=S.positive_semidefinite,
        )
    return Facts(symmetric=S.symmetric) if are_transposed(a, b) else NOTHING


def _weighted(other: Variable, scaled: Variable, on_right: bool, known: Known) -> Facts:
    """``A.T @ (q * A)``: q scales A along the axis that the product sums over."""
    for A, q in (scaled.inputs, scaled.inputs[::-1]):
        if A.shape != scaled.shape or A.ndim < 2:
            continue
        column = q.ndim > 1 and q.shape[-1] == 1 and q.shape[-2] == A.shape[-2]
        row = q.ndim > 0 and q.shape[-1] == A.shape[-1] and (q.ndim < 2 or q.shape[-2] == 1)
        if not (is_scalar(q) or (column if on_right else row)):
            continue
        weights = known(q)
        real = q.dtype.kind != "c"
        if are_adjoint(other, A):
            return Facts(
                symmetric=A.dtype.kind != "c" and scaled.dtype.kind != "c",
                hermitian=real,
                positive_semidefinite=real and weights.nonnegative,
            )
        if are_transposed(other, A):
            return Facts(symmetric=True)
    return NOTHING


@knows(Outer)
def of_outer(v: Variable, known: Known) -> Facts:
    a, b = v.inputs
    x, y = known(a), known(b)
    elements = _elements_of_product(v, x, y, False).but(integer=False)
    if a is not b:
        return elements
    return elements.but(symmetric=True, positive_semidefinite=v.dtype.kind != "c")


# ------------------------------------------------------------------------ inverses, factorisations


@knows(Inv, Pinv, PinvOfHermitian)
def of_inverse(v: Variable, known: Known) -> Facts:
    x = known(v.inputs[0])
    exact = type(v.op) is Inv
    return Facts(
        symmetric=x.symmetric,
        hermitian=x.hermitian,
        positive_semidefinite=x.positive_semidefinite,
        positive_definite=x.positive_definite and exact,
        unitary=x.unitary,
        lower_triangular=x.lower_triangular and (exact or x.upper_triangular),
        upper_triangular=x.upper_triangular and (exact or x.lower_triangular),
    )


@knows(Solve, SolveTriangular)
def of_solution(v: Variable, known: Known) -> Facts:
    A, B = v.inputs
    if B.ndim < 2 or v.ndim < 2:
        return NOTHING
    a, b = known(A), known(B)
    return Facts(
        unitary=a.unitary and b.unitary,
        orthonormal=a.unitary and b.orthonormal,
        lower_triangular=a.lower_triangular and b.lower_triangular,
        upper_triangular=a.upper_triangular and b.upper_triangular,
    )


@knows(Cholesky)
def of_cholesky(v: Variable, known: Known) -> Facts:
    return Facts(lower_triangular=True, upper_triangular=known(v.inputs[0]).diagonal)


@knows(Expm)
def of_matrix_exponential(v: Variable, known: Known) -> Facts:
    x = known(v.inputs[0])
    return Facts(
        symmetric=x.symmetric,
        hermitian=x.hermitian,
        positive_semidefinite=x.hermitian,
        lower_triangular=x.lower_triangular,
        upper_triangular=x.upper_triangular,
    )


@knows(Svdvals)
def of_singular_values(v: Variable, known: Known) -> Facts:
    return Facts(0.0)


@knows(Project)
def of_result(v: Variable, known: Known) -> Facts:
    """One of the results of an operation that has several."""
    assert isinstance(v.op, Project)
    op, k = v.inputs[0].op, v.op.index
    if isinstance(op, Eigh):
        return Facts(unitary=k == 1)
    if isinstance(op, Qr):
        return Facts(orthonormal=k == 0, upper_triangular=k == 1)
    if isinstance(op, Svd):
        if k == 1:
            return Facts(0.0)
        whole = v.shape[-1] == v.shape[-2]
        return Facts(orthonormal=k == 0 or whole)
    if isinstance(op, WithSoftmax) and k == 1:
        return Facts(0.0, 1.0, plus_zero=True)
    if isinstance(op, Slogdet) and k == 0 and v.dtype.kind == "f":
        return Facts(-1.0, 1.0, integer=True)
    return NOTHING
