"""Linear algebra under the names of ``numpy.linalg``: ``gr.linalg.solve`` and its like."""

from numpy.linalg import LinAlgError

from graphcomp.ops.axes import matrix_transpose
from graphcomp.ops.contract import matmul, outer, tensordot
from graphcomp.ops.determinants import SlogdetResult, det, slogdet
from graphcomp.ops.diagonal import linalg_diagonal as diagonal, linalg_trace as trace
from graphcomp.ops.eig import EigResult, eig, eigvals
from graphcomp.ops.factorize import EighResult, cholesky, eigh, eigvalsh
from graphcomp.ops.least_squares import LstsqResult, lstsq, pinv
from graphcomp.ops.linalg import (
    inv,
    matrix_power,
    solve,
    solve_triangular,
    tensorinv,
    tensorsolve,
)
from graphcomp.ops.lu import lu, lu_factor, lu_solve
from graphcomp.ops.matrix_functions import (
    coshm,
    cosm,
    expm,
    expm_frechet,
    sinhm,
    sinm,
    solve_continuous_lyapunov,
    solve_discrete_lyapunov,
    solve_sylvester,
    sqrtm,
    tanhm,
    tanm,
)
from graphcomp.ops.norms import cond, matrix_norm, norm, vector_norm
from graphcomp.ops.products import cross, multi_dot, vecdot
from graphcomp.ops.qr import QRResult, qr
from graphcomp.ops.scipy_linalg import (
    block_diag,
    cho_factor,
    cho_solve,
    circulant,
    companion,
    hankel,
    khatri_rao,
    polar,
    solve_banded,
    toeplitz,
)
from graphcomp.ops.structured_solvers import (
    convolution_matrix,
    eigh_tridiagonal,
    eigvalsh_tridiagonal,
    matmul_toeplitz,
    pinvh,
    solve_circulant,
    solve_toeplitz,
    solveh_banded,
)
from graphcomp.ops.svd import SVDResult, matrix_rank, svd, svdvals

__all__ = [
    "EigResult",
    "EighResult",
    "LinAlgError",
    "LstsqResult",
    "QRResult",
    "SVDResult",
    "SlogdetResult",
    "block_diag",
    "cho_factor",
    "cho_solve",
    "cholesky",
    "circulant",
    "companion",
    "cond",
    "convolution_matrix",
    "coshm",
    "cosm",
    "cross",
    "det",
    "diagonal",
    "eig",
    "eigh",
    "eigh_tridiagonal",
    "eigvals",
    "eigvalsh",
    "eigvalsh_tridiagonal",
    "expm",
    "expm_frechet",
    "hankel",
    "inv",
    "khatri_rao",
    "lstsq",
    "lu",
    "lu_factor",
    "lu_solve",
    "matmul",
    "matmul_toeplitz",
    "matrix_norm",
    "matrix_power",
    "matrix_rank",
    "matrix_transpose",
    "multi_dot",
    "norm",
    "outer",
    "pinv",
    "pinvh",
    "polar",
    "qr",
    "sinhm",
    "sinm",
    "slogdet",
    "solve",
    "solve_banded",
    "solve_circulant",
    "solve_continuous_lyapunov",
    "solve_discrete_lyapunov",
    "solve_sylvester",
    "solve_toeplitz",
    "solve_triangular",
    "solveh_banded",
    "sqrtm",
    "svd",
    "svdvals",
    "tanhm",
    "tanm",
    "tensordot",
    "tensorinv",
    "tensorsolve",
    "toeplitz",
    "trace",
    "vecdot",
    "vector_norm",
]
