"""numpy.linalg: solving, decompositions, least squares, norms."""

from __future__ import annotations

from graphcomp.ops.base import Operand
from tests.forms import Form, Refused, form, refused


def spd(*shape: int) -> Operand:
    return Operand(shape, kind="spd")


def fixed(value: object, dtype: str = "float64") -> Operand:
    return Operand((), kind="fixed", value=value, dtype=dtype)


COMPLEX = fixed([[2 + 1j, -1, 0.5j], [0.5j, 1.5 - 0.25j, 1], [0.25, 1j, -2]], "complex128")
TURNING = fixed([[1.0, -2.0, 0.5], [1.5, 0.5, 0.25], [0.5, -0.25, -1.0]])  # complex eigenvalues
SINGULAR = fixed([[1.0, 2.0, 0.5], [2.0, 4.0, 1.0], [-1.0, 0.5, 3.0]])
ORTHOGONAL = fixed([[0.0, 3.0, 0.0], [1.8, 0.0, 2.4], [2.4, 0.0, -1.8]])  # and times 3
REPEATED = fixed([[2.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 5.0]])
WIDE = fixed([[1.0, -0.5, 2.0], [0.25, 1.5, 1.0]])

FULL_RANK = "float32 int64 complex128"  # as bools, the columns are equal

REAL = "float32 int64 bool"  # where the phases of complex vectors are arbitrary

# Phases may turn from point to point; products of these do not.
PHASES = "(r[1], r[0][:, :1] * r[2][:1], r[0][:, 1:2] * r[2][1:2])"
EIGEN = "(r[0], abs(r[1]) ** 2, r[1][:, :1] * np.conj(r[1][:, 0]))"

FORMS: list[Form | Refused] = [
    # ---------------------------------------------------------------------- solving and inverses
    form("np.linalg.solve(a, b)", a=spd(3, 3), b=(3,)),
    form("np.linalg.solve(a, b)", a=spd(3, 3), b=(3, 2)),
    form("np.linalg.solve(a, b)", a=spd(2, 3, 3), b=(2, 3, 1)),
    form("np.linalg.solve(a, b)", a=spd(2, 3, 3), b=(3, 2)),
    form("np.linalg.solve(a, b)", a=spd(2, 2, 2), b=(2,)),
    form("np.linalg.solve(a, b)", a=COMPLEX, b=(3,)),
    form("np.linalg.solve(a, [1.0, 2.0, 3.0])", a=spd(3, 3), symbolic=False),
    form("np.linalg.inv(a)", a=spd(3, 3)),
    form("np.linalg.inv(a)", a=spd(2, 2, 2)),
    form("np.linalg.inv(a)", a=COMPLEX),
    form("np.linalg.tensorsolve(a, b)", a=(2, 3, 6), b=(2, 3), symbolic=False, order=1),
    form("np.linalg.tensorsolve(a, b, axes=(0,))", a=(4, 2, 2), b=(2, 2), symbolic=False, order=1),
    form("np.linalg.tensorsolve(a, b)", a=(4, 2, 2), b=(4,), symbolic=False, order=1),
    form("np.linalg.tensorinv(a)", a=(2, 2, 4), symbolic=False, order=1),
    form("np.linalg.tensorinv(a, ind=1)", a=(4, 2, 2), symbolic=False, order=1),
    refused("np.linalg.solve(a, b)", "square", a=(2, 3), b=(2,)),
    refused("np.linalg.solve(a, b)", "rows", a=(3, 3), b=(2,)),
    refused("np.linalg.inv(a)", "square", a=(2, 3)),
    refused("np.linalg.tensorsolve(a, b)", "elements", a=(2, 3, 5), b=(2, 3)),
    refused("np.linalg.tensorinv(a, ind=0)", "ind", a=(2, 2, 4)),
    refused("np.linalg.tensorinv(a)", "elements", a=(2, 2, 3)),
    # ------------------------------------------------------------------------------ determinants
    form("np.linalg.det(a)", a=(3, 3)),
    form("np.linalg.det(a)", a=(2, 2, 2)),
    form("np.linalg.det(a)", a=COMPLEX),
    form("np.linalg.det(a)", a=SINGULAR, tolerance=1e-11),
    form("np.linalg.slogdet(a)", a=spd(3, 3)),
    form("np.linalg.slogdet(a)[1]", a=spd(2, 2, 2)),
    form("np.linalg.slogdet(a).logabsdet", a=TURNING),
    form("np.linalg.slogdet(a)", a=COMPLEX),
    refused("np.linalg.det(a)", "square", a=(3,)),
    # ---------------------------------------------------------------- symmetric decompositions
    form("np.linalg.cholesky(a @ a.T)", a=TURNING),
    form("np.linalg.cholesky(a @ np.conj(a.T))", a=COMPLEX),
    form("np.linalg.cholesky(a @ np.conj(np.swapaxes(a, 1, 2)))", a=spd(2, 2, 2)),
    form("np.linalg.cholesky(a @ a.T, upper=True)", a=TURNING),
    form("np.linalg.eigh(a + a.T)", a=TURNING, gauge=EIGEN),
    form("np.linalg.eigh(a + np.conj(a.T))", a=COMPLEX, gauge=EIGEN),
    form("np.linalg.eigh(a + a.T, UPLO='U')", a=TURNING, gauge=EIGEN),
    form("np.linalg.eigh(a + a.T, 'l').eigenvalues", a=TURNING),
    form("abs(np.linalg.eigh(a + np.conj(np.swapaxes(a, 1, 2)))[1]) ** 2", a=(2, 2, 2)),
    form("np.linalg.eigvalsh(a + a.T)", a=TURNING),
    form("np.linalg.eigvalsh(a + np.conj(a.T), UPLO='U')", a=COMPLEX),
    refused("np.linalg.eigh(a, UPLO='x')", "UPLO", a=(3, 3)),
    refused("np.linalg.cholesky(a)", "square", a=(2, 3)),
    # -------------------------------------------------------------- general eigenvalues: complex
    form("np.linalg.eig(a)", a=TURNING, gauge=EIGEN, dtypes="complex128"),
    form("np.linalg.eig(a)", a=COMPLEX, gauge=EIGEN, dtypes="complex128"),
    form("np.linalg.eig(a)[0].astype(complex)", a=spd(3, 3), dtypes="int64 complex128"),
    form("np.abs(np.linalg.eig(a).eigenvectors)", a=spd(2, 2, 2)),
    form("np.linalg.eigvals(a)", a=TURNING, dtypes="complex128"),
    form("np.linalg.eigvals(a)", a=COMPLEX, dtypes="complex128"),
    form("np.linalg.eigvals(a).real", a=spd(3, 3)),
    refused("np.linalg.eig(a)", "square", a=(2, 3)),
    # ------------------------------------------------------------------------------------------ QR
    form("np.linalg.qr(a)", a=(3, 3)),
    form("np.linalg.qr(a)", a=(4, 2)),
    form("np.linalg.qr(a)", a=WIDE),
    form("np.linalg.qr(a)", a=(2, 3, 2)),
    form("np.linalg.qr(a)", a=COMPLEX),
    form("np.linalg.qr(a).R", a=(3, 2)),
    form("np.linalg.qr(a, mode='r')", a=(3, 2)),
    form("np.linalg.qr(a, 'r')", a=WIDE),
    form("np.linalg.qr(a, 'complete')", a=(3, 2), symbolic=False, dtypes=REAL),
    form("np.linalg.qr(a, 'complete')", a=WIDE),
    form("np.linalg.qr(a, 'complete')", a=(4, 2), gauge="(r[0][:, :2], r[1])"),
    refused("np.linalg.qr(a, mode='raw')", "complete", a=(3, 2)),
    refused("np.linalg.qr(a)", "matrix", a=(3,)),
    # ------------------------------------------------------------------------- singular values
    form("np.linalg.svd(a)", a=(3, 3), dtypes=REAL),
    form("np.linalg.svd(a)", a=(3, 3), gauge=PHASES),
    form("np.linalg.svd(a)", a=(3, 2), dtypes=REAL),
    form("np.linalg.svd(a)", a=(3, 2), gauge=PHASES),
    form("np.linalg.svd(a)", a=WIDE),
    form("np.linalg.svd(a)", a=COMPLEX, gauge=PHASES),
    form("np.linalg.svd(a, full_matrices=False)", a=(4, 2), gauge=PHASES),
    form("np.linalg.svd(a, False)", a=WIDE),
    form("np.linalg.svd(a, False)", a=(2, 3, 2), dtypes=REAL),
    form("np.linalg.svd(a, full_matrices=False).S", a=(3, 2)),
    form("np.linalg.svd(a, compute_uv=False)", a=(3, 2)),
    form("np.linalg.svd(a, False, False)", a=(2, 2, 3)),
    form("np.linalg.svd(a + a.T, hermitian=True)", a=TURNING, gauge=PHASES),
    form("np.linalg.svd(a + a.T, compute_uv=False, hermitian=True)", a=TURNING),
    form("np.linalg.svd(a, full_matrices=0)", a=(0, 2)),
    form("np.linalg.svdvals(a)", a=(3, 2)),
    form("np.linalg.svdvals(a)", a=COMPLEX),
    form("np.linalg.matrix_rank(a)", a=SINGULAR, order=0),
    form("np.linalg.matrix_rank(a)", a=(2, 3, 2), order=0),
    form("np.linalg.matrix_rank(a)", a=(3,), order=0),
    form("np.linalg.matrix_rank(a, 1.5)", a=(3, 2), order=0),
    form("np.linalg.matrix_rank(a, tol=1.0, hermitian=True)", a=spd(3, 3), order=0),
    form("np.linalg.matrix_rank(a, rtol=0.5)", a=(2, 3, 2), order=0),
    refused("np.linalg.svd(a)", "matrix", a=(3,)),
    # ------------------------- where values repeat, or are 0: functions that have a derivative
    form("np.sum(np.linalg.eigvalsh(a + a.T))", a=REPEATED),
    form("np.sum(np.linalg.eigvalsh(a + a.T) ** 2)", a=REPEATED, order=1),
    form("np.prod(np.linalg.eigh(a + a.T)[0])", a=REPEATED, order=1),
    form("np.linalg.eig(a)[0].sum().real", a=REPEATED, order=1),
    form("(lambda r: r[0] @ r[2])(np.linalg.svd(a))", a=ORTHOGONAL, order=1),
    form("np.linalg.norm(a, 'nuc')", a=ORTHOGONAL, order=1),
    form("np.linalg.det(a)", a=fixed([[1.0, 0.0], [0.0, 1.0]])),
    form("np.linalg.det(a)", a=fixed([[0.0, 0.0], [0.0, 0.0]]), dtypes="float32"),
    form("np.linalg.pinv(a, hermitian=True)", a=REPEATED, order=0),
    *(
        form(f"np.linalg.norm(x, {p})", x=fixed([0.0, 0.0, 0.0]), order=1)
        for p in ("None", "1", "2", "3", "1.5", "np.inf")
    ),
    *(
        form(f"np.linalg.norm(x, {p})", x=fixed([[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]), order=1)
        for p in ("'fro'", "'nuc'", "1", "2", "np.inf")
    ),
    # ------------------------------------------------------------- pseudoinverse, least squares
    form("np.linalg.pinv(a)", a=(3, 2)),
    form("np.linalg.pinv(a)", a=WIDE),
    form("np.linalg.pinv(a)", a=COMPLEX),
    form("np.linalg.pinv(a, 1e-10)", a=(2, 3, 2)),
    form("np.linalg.pinv(a, rcond=[1e-10, 1e-12])", a=(2, 3, 2), symbolic=False, order=1),
    form("np.linalg.pinv(a, rtol=1e-10)", a=(3, 2)),
    form("np.linalg.pinv(a, rtol=None)", a=(3, 2)),
    form("np.linalg.pinv(a + a.T, hermitian=True)", a=TURNING),
    form("np.linalg.lstsq(a, b)[0]", a=(4, 2), b=(4,)),
    form("np.linalg.lstsq(a, b, rcond=None)", a=(4, 2), b=(4,), dtypes=FULL_RANK),
    form("np.linalg.lstsq(a, b, rcond=None)", a=(3, 2), b=(3, 2), dtypes=FULL_RANK),
    form("np.linalg.lstsq(a, b, None)", a=WIDE, b=(2,)),
    form("np.linalg.lstsq(a, b, 1e-10)[0]", a=spd(3, 3), b=(3,)),
    form("np.linalg.lstsq(a, b, rcond=-1)[0]", a=(3, 2), b=(3,)),
    form("np.linalg.lstsq(a, b)[0]", a=COMPLEX, b=(3,)),
    refused("np.linalg.pinv(a, 1e-10, rtol=1e-10)", "one of them", a=(3, 2)),
    refused("np.linalg.lstsq(a, b)", "pinv", a=(2, 3, 2), b=(3,)),
    refused("np.linalg.lstsq(a, b)", "rows", a=(3, 2), b=(2,)),
    # --------------------------------------------------------------------------------------- norms
    form("np.linalg.norm(x)", x=(3,)),
    form("np.linalg.norm(x)", x=()),
    form("np.linalg.norm(x)", x=(2, 3, 2)),
    *(form(f"np.linalg.norm(x, {p})", x=(4,)) for p in ("2", "1", "np.inf", "-np.inf", "3", "0")),
    *(form(f"np.linalg.norm(x, ord={p})", x=(4,)) for p in ("-1", "-2", "0.5", "2.5", "1.0")),
    form("np.linalg.norm(x, axis=0)", x=(3, 2)),
    form("np.linalg.norm(x, 3, -1, True)", x=(2, 3)),
    form("np.linalg.norm(x, ord=np.inf, axis=1)", x=(2, 3)),
    form("np.linalg.norm(x, ord=0, axis=1)", x=(2, 3)),
    form("np.linalg.norm(x, axis=(0, 2))", x=(2, 3, 2)),
    form("np.linalg.norm(x, axis=(2, 0), keepdims=True)", x=(2, 3, 2)),
    *(
        form(f"np.linalg.norm(x, {p})", x=(3, 2))
        for p in ("'fro'", "'nuc'", "1", "-1", "2", "-2", "np.inf", "-np.inf")
    ),
    form("np.linalg.norm(x, 'nuc', axis=(0, 2), keepdims=True)", x=spd(2, 2, 2)),
    form("np.linalg.norm(x, 2, axis=(2, 1))", x=(2, 3, 2)),
    form("np.linalg.norm(x, 1, axis=(2, 0), keepdims=True)", x=(2, 3, 2)),
    form("np.linalg.norm(x, -np.inf, axis=(1, 2))", x=(2, 3, 2)),
    form("np.linalg.norm(x, 'nuc')", x=COMPLEX),
    form("np.linalg.norm(x, 3)", x=Operand((3,), dtype="complex128")),
    *(form(f"np.linalg.norm(x, {p})", x=(0, 3)) for p in ("'fro'", "'nuc'", "1", "2", "np.inf")),
    *(form(f"np.linalg.norm(x, {p})", x=(0,)) for p in ("2", "1", "np.inf", "3", "0")),
    form("np.linalg.vector_norm(x)", x=(2, 3)),
    form("np.linalg.vector_norm(x, ord=3)", x=(2, 3)),
    form("np.linalg.vector_norm(x, axis=1, ord=1, keepdims=True)", x=(2, 3)),
    form("np.linalg.vector_norm(x, axis=(0, 2), ord=2.5, keepdims=True)", x=(2, 3, 2)),
    form("np.linalg.vector_norm(x, axis=(0, 1, 3))", x=(2, 1, 3, 2)),
    form("np.linalg.vector_norm(x, ord=-np.inf)", x=(2, 3)),
    form("np.linalg.matrix_norm(x)", x=(2, 3, 2)),
    form("np.linalg.matrix_norm(x, ord='nuc', keepdims=True)", x=(2, 3, 2)),
    form("np.linalg.matrix_norm(x, ord=-2)", x=(2, 3, 2)),
    refused("np.linalg.norm(x, 'fro')", "vector", x=(3,)),
    refused("np.linalg.norm(x, 3)", "ord", x=(3, 2)),
    refused("np.linalg.norm(x, 2)", "axes", x=(2, 3, 2)),
    refused("np.linalg.norm(x, axis=(0, 0))", "twice", x=(2, 3)),
    refused("np.linalg.norm(x, axis=2)", "axis", x=(2, 3)),
    *(
        form(f"np.linalg.cond(x, {p})", x=TURNING)
        for p in ("None", "2", "-2", "'fro'", "'nuc'", "1", "-1", "np.inf", "-np.inf")
    ),
    form("np.linalg.cond(x)", x=(2, 3, 2)),
    form("np.linalg.cond(x, p=1)", x=spd(2, 2, 2)),
    refused("np.linalg.cond(x, 1)", "square", x=(3, 2)),
    refused("np.linalg.cond(x)", "elements", x=(0, 2)),
]
