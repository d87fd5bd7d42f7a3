"""SciPy's linear algebra."""

from graphcomp.ops.base import Operand
from tests.forms import form, refused

SPD = Operand((3, 3), kind="spd")
SPD2 = Operand((2, 2), kind="spd")
SQUARE = Operand(
    (3, 3), kind="fixed", value=[[2.0, -1.0, 0.5], [1.0, 3.0, -0.5], [0.25, 0.5, -1.5]]
)
COMPLEX = Operand((2, 2), dtype="complex128")
FLOATS = "float32 complex128"
TALL = Operand((3, 2), kind="fixed", value=[[0.5, -1.0], [2.0, 3.0], [0.25, 0.5]])
LEADING = Operand((3,), kind="fixed", value=[4.0, 1.0, -0.5])
HALF = Operand((2, 3), kind="fixed", value=[[0.5, 1.0, 0.5], [4.0, 5.0, 6.0]])
SMALL = Operand((2, 2), kind="fixed", value=[[0.5, -0.25], [0.125, 0.375]])

FORMS = [
    *(
        form(f"scipy.linalg.solve(A, b{options})", A=SPD, b=b, dtypes="float32")
        for options in ("", ", assume_a='gen', check_finite=False", ", transposed=True")
        for b in ((3,), (3, 2))
    ),
    form("scipy.linalg.solve(A, b, assume_a='upper triangular')", A=SQUARE, b=(3,), dtypes=FLOATS),
    form("scipy.linalg.solve(A, b, assume_a='lower triangular', transposed=True)", A=SQUARE,
         b=(3,), dtypes="float32"),
    form("scipy.linalg.solve(A, b, assume_a='diagonal')", A=SQUARE, b=(3, 2), dtypes=FLOATS),
    *(
        form(f"scipy.linalg.solve((A + A.conj().T) / 2, b, assume_a={kind!r})",
             A=SPD, b=(3,), dtypes="")
        for kind in ("sym", "pos", "her", "positive definite")
    ),
    refused("scipy.linalg.solve(A, b, assume_a='odd')", "assume_a", A=SPD, b=(3,)),
    *(
        form(f"scipy.linalg.solve_triangular(A, b{options})", A=SQUARE, b=b, dtypes=FLOATS)
        for options in (
            "", ", lower=True", ", trans=1", ", trans='C', lower=True", ", unit_diagonal=True",
            ", 'T', True, True", ", trans='N'",
        )
        for b in ((3,), (3, 2))
    ),
    refused("scipy.linalg.solve_triangular(A, b, trans=3)", "trans", A=SPD, b=(3,)),
    form("scipy.linalg.cholesky((A + A.conj().T) / 2)", A=SPD, dtypes="float32 complex128"),
    form("scipy.linalg.cholesky((A + A.conj().T) / 2, lower=True)", A=SPD, dtypes="float32"),
    *(
        form(f"scipy.linalg.cho_solve(scipy.linalg.cho_factor((A + A.conj().T) / 2{lower}), b)",
             A=SPD, b=b, dtypes="")
        for lower in ("", ", lower=True")
        for b in ((3,), (3, 2))
    ),
    form("scipy.linalg.inv(A)", A=SQUARE, dtypes=FLOATS),
    form("scipy.linalg.det(A)", A=SQUARE, dtypes=FLOATS),
    form("scipy.linalg.norm(x)", x=(2, 3)),
    form("scipy.linalg.pinv(x)", x=(3, 2), order=1, dtypes="float32 complex128"),
    form("scipy.linalg.lstsq(x, y)[0]", x=(4, 2), y=(4,), order=1, dtypes="float32 complex128"),
    form("scipy.linalg.eigh((A + A.conj().T) / 2, B, eigvals_only=True)", A=(3, 3), B=SPD,
         dtypes="", order=1, wrt="A"),
    form("scipy.linalg.eigvalsh((A + A.conj().T) / 2)", A=(3, 3), dtypes="float32 complex128"),
    form("scipy.linalg.svd(x, compute_uv=False)", x=(3, 2), dtypes="float32 complex128"),
    form("scipy.linalg.svdvals(x)", x=(3, 2), dtypes="float32 complex128"),
    form("scipy.linalg.qr(x, mode='economic')", x=(3, 2), order=1, dtypes="float32 complex128"),
    form("scipy.linalg.polar(x)", x=(3, 2), order=1, dtypes="float32 complex128"),
    form("scipy.linalg.polar(x, side='left')", x=(2, 2), order=1, dtypes="float32 complex128"),
    refused("scipy.linalg.qr(x, pivoting=True)", "pivoting", x=(3, 2)),
    # functions of matrices
    *(form("scipy.linalg.expm(x)", x=x, dtypes=FLOATS) for x in ((2, 2), (2, 2, 2), COMPLEX)),
    form("scipy.linalg.expm(3 * x)", x=(3, 3), order=1, dtypes="int64 complex128"),
    form("scipy.linalg.expm_frechet(x, e)", x=(2, 2), e=(2, 2), dtypes="complex128"),
    form("scipy.linalg.expm_frechet(x, e, compute_expm=False)", x=(2, 2), e=(2, 2), dtypes=""),
    *(
        form(f"scipy.linalg.{name}(x)", x=(2, 2), order=1, dtypes="")
        for name in ("cosm", "sinm", "tanm", "coshm", "sinhm", "tanhm")
    ),
    form("scipy.linalg.cosm(x)", x=COMPLEX, order=1, dtypes="complex128"),
    form("scipy.linalg.sinm(x)", x=COMPLEX, order=1, dtypes="complex128"),
    form("scipy.linalg.sqrtm(x)", x=SPD, dtypes="float32 complex128"),
    form("scipy.linalg.solve_sylvester(A, B, Q)", A=SPD, B=SPD2, Q=(3, 2), dtypes="complex128"),
    form("scipy.linalg.solve_continuous_lyapunov(A, Q)", A=SPD2, Q=(2, 2), dtypes="complex128"),
    refused("scipy.linalg.expm(x)", "square", x=(2, 3)),
    # structured matrices
    form("scipy.linalg.toeplitz(c)", c=(3,)),
    form("scipy.linalg.toeplitz(c, r)", c=(3,), r=(4,)),
    form("scipy.linalg.circulant(c)", c=(3,)),
    form("scipy.linalg.hankel(c)", c=(3,)),
    form("scipy.linalg.hankel(c, r)", c=(3,), r=(2,)),
    form("scipy.linalg.companion(c)", c=(4,)),
    form("scipy.linalg.block_diag(x, y)", x=(2, 3), y=(2,)),
    form("scipy.linalg.block_diag(x, 1.0, x.T)", x=(2, 3), order=1),
    form("scipy.linalg.khatri_rao(x, y)", x=(2, 3), y=(4, 3)),
    form("scipy.linalg.solve_banded((1, 1), ab, b)",
         ab=Operand((3, 4), kind="fixed", value=[[0, 1, -1, 2.0], [4, 5, 6, 7], [1, -2, 1, 0]]),
         b=(4,), order=1, dtypes=FLOATS, symbolic=False),
    refused("scipy.linalg.khatri_rao(x, y)", "columns", x=(2, 3), y=(2, 2)),
    # LU factors
    *(
        form(f"scipy.linalg.lu(A{options})", A=TALL, dtypes=FLOATS)
        for options in ("", ", permute_l=True", ", p_indices=True, check_finite=False")
    ),
    form("scipy.linalg.lu(A.T)", A=TALL, dtypes=FLOATS, symbolic=False),
    form("scipy.linalg.lu(A, p_indices=True)", A=Operand((2, 3, 3)), order=1, dtypes="float32"),
    form("scipy.linalg.lu_factor(A)", A=SQUARE, dtypes=FLOATS),
    form("scipy.linalg.lu_factor(A, True, False)", A=TALL, dtypes=FLOATS),
    *(
        form(f"scipy.linalg.lu_solve(scipy.linalg.lu_factor(A), b{options})", A=SQUARE, b=b,
             dtypes="complex128")
        for options in ("", ", trans=1", ", 2")
        for b in ((3,), (3, 2))
    ),
    refused("scipy.linalg.lu_solve(scipy.linalg.lu_factor(A), b, 3)", "trans", A=SQUARE, b=(3,)),
    refused("scipy.linalg.lu_solve(scipy.linalg.lu_factor(A), b)", "rows", A=SQUARE, b=(2,)),
    refused("scipy.linalg.lu_factor(x)", "two axes", x=(3,)),
    *(
        form(f"scipy.linalg.solve_discrete_lyapunov(A{options})", A=SMALL, Q=(2, 2), dtypes=FLOATS)
        for options in (", Q", ", q=Q, method='direct'")
    ),
    # (SciPy's own is wrong for a real A and a complex Q.)
    form("scipy.linalg.solve_discrete_lyapunov(A, Q, 'bilinear')", A=SMALL, Q=SMALL, dtypes=FLOATS),
    refused("scipy.linalg.solve_discrete_lyapunov(A, Q, 'odd')", "method", A=(2, 2), Q=(2, 2)),
    refused("scipy.linalg.solve_discrete_lyapunov(A, Q)", "one size", A=(2, 2), Q=(3, 3)),
    # matrices given by their diagonals
    *(
        form(f"scipy.linalg.{function}_toeplitz({given}, x)", c=LEADING, r=(3,), x=x, order=1,
             dtypes=FLOATS)
        for function in ("solve", "matmul")
        for given in ("c", "(c, r)")
        for x in ((3,), (3, 2))
    ),
    form("scipy.linalg.solve_circulant(c, b)", c=LEADING, b=(3,), dtypes="complex128"),
    refused("scipy.linalg.solve_circulant(c, b, 'lstsq')", "singular", c=(3,), b=(3,)),
    *(
        form(f"scipy.linalg.convolution_matrix(x, {n}{mode})", x=(3,), symbolic=mode == "")
        for n in (2, 4)
        for mode in ("", ", mode='same'", ", 'valid'")
    ),
    refused("scipy.linalg.convolution_matrix(x, 3, 'odd')", "mode", x=(3,)),
    form("scipy.linalg.eigvalsh_tridiagonal(d, e)", d=LEADING, e=(2,), dtypes="float32",
         symbolic=False),
    form("scipy.linalg.eigh_tridiagonal(d, e, select='i', select_range=(1, 2))[0]", d=LEADING,
         e=(2,), dtypes="", symbolic=False),
    form("scipy.linalg.eigh_tridiagonal(d, e)", d=LEADING, e=(2,), dtypes="", symbolic=False,
         gauge="[r[0], np.abs(r[1])]", order=1),
    refused("scipy.linalg.eigh_tridiagonal(d, e, select='v')", "select", d=(3,), e=(2,)),
    form("scipy.linalg.solveh_banded(ab, b)", ab=HALF, b=(3,), order=1, dtypes="float32",
         symbolic=False),
    form("scipy.linalg.solveh_banded(ab[::-1], b, lower=True)", ab=HALF, b=(3, 2), order=1,
         dtypes="float32", symbolic=False),
    form("scipy.linalg.pinvh(A @ A.T)", A=SQUARE, dtypes="float32"),
]  # fmt: skip
