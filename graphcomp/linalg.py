"""Linear algebra under the names of ``numpy.linalg``: ``gr.linalg.solve`` and its like."""

from graphcomp.ops.contract import matmul, outer, tensordot, vecdot
from graphcomp.ops.factorize import EighResult, cholesky, eigh, eigvalsh
from graphcomp.ops.linalg import (
    SlogdetResult,
    det,
    inv,
    matrix_power,
    slogdet,
    solve,
    solve_triangular,
)
from graphcomp.ops.norms import matrix_norm, norm, vector_norm
from graphcomp.ops.scipy_linalg import block_diag, cho_factor, cho_solve
from graphcomp.ops.shape import matrix_transpose

__all__ = [
    "EighResult",
    "SlogdetResult",
    "block_diag",
    "cho_factor",
    "cho_solve",
    "cholesky",
    "det",
    "eigh",
    "eigvalsh",
    "inv",
    "matmul",
    "matrix_norm",
    "matrix_power",
    "matrix_transpose",
    "norm",
    "outer",
    "slogdet",
    "solve",
    "solve_triangular",
    "tensordot",
    "vecdot",
    "vector_norm",
]
