"""SciPy's solvers for matrices given by their diagonals. Here the matrix is written out and
treated as a whole, which suits some hundreds of rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphcomp import dims
from graphcomp.dims import DimLike
from graphcomp.errors import OptionError, ShapeError
from graphcomp.graph import Variable
from graphcomp.ops import compare, contract, create, diagonal, join, linalg, rearrange, scipy_linalg
from graphcomp.ops.base import as_variable
from graphcomp.registry import implementation, public, refuse
from graphcomp.types import format_shape

__all__: list[str] = []


def _toeplitz(c_or_cr: Any, other: Any) -> tuple[Variable, Variable]:
    """The matrix and what it meets, both in double precision, as SciPy converts them."""
    column, row = c_or_cr if isinstance(c_or_cr, (tuple, list)) else (c_or_cr, None)
    matrix, other = scipy_linalg.toeplitz(column, row), as_variable(other)
    dtype = np.result_type(matrix.dtype, other.dtype, np.float64)
    return matrix.astype(dtype), other.astype(dtype)


@public("scipy.linalg.solve_toeplitz")
def solve_toeplitz(c_or_cr: Any, b: Any, check_finite: bool = True) -> Variable:
    """The solution x of ``toeplitz(c, r) @ x = b`` given c, or (c, r), and b.

    As ``scipy.linalg.solve_toeplitz``. Raises ShapeError for lengths that do not fit.
    """
    return linalg.solve(*_toeplitz(c_or_cr, b))


@public("scipy.linalg.matmul_toeplitz")
def matmul_toeplitz(
    c_or_cr: Any, x: Any, check_finite: bool = False, workers: int | None = None
) -> Variable:
    """``toeplitz(c, r) @ x`` given c, or (c, r), and x, as ``scipy.linalg.matmul_toeplitz``.

    Raises ShapeError for lengths that do not fit.
    """
    return contract.matmul(*_toeplitz(c_or_cr, x))


@public("scipy.linalg.solve_circulant")
def solve_circulant(
    c: Any,
    b: Any,
    singular: str = "raise",
    tol: float | None = None,
    caxis: int = -1,
    baxis: int = 0,
    outaxis: int = 0,
) -> Variable:
    """The solution x of ``circulant(c) @ x = b`` for a vector c, as SciPy's function of the name.

    Raises ShapeError for lengths that do not fit, OptionError for least squares and other axes.
    """
    options = {"singular": (singular, "raise"), "baxis": (baxis, 0), "outaxis": (outaxis, 0)}
    changed = {name: given for name, (given, plain) in options.items() if given != plain}
    refuse("solve_circulant", tol=tol, caxis=None if caxis in (0, -1) else caxis, **changed)
    c = as_variable(c)
    if c.ndim != 1:
        raise ShapeError(f"solve_circulant of {format_shape(c.shape)}", "give c as a vector")
    return linalg.solve(scipy_linalg.circulant(c), b)


@public("scipy.linalg.convolution_matrix")
def convolution_matrix(a: Any, n: DimLike, mode: str = "full") -> Variable:
    """The matrix for which ``convolution_matrix(a, n, mode) @ v`` is ``np.convolve(a, v, mode)``.

    As ``scipy.linalg.convolution_matrix``. Raises ShapeError unless a is a vector, OptionError for
    another mode.
    """
    a = as_variable(a)
    if a.ndim != 1:
        raise ShapeError(f"convolution_matrix of {format_shape(a.shape)}", "give a vector")
    if mode not in ("full", "same", "valid"):
        raise OptionError(f"mode={mode!r}", "give 'full', 'same' or 'valid'")
    zeros = create.zeros((n - 1,), a.dtype)
    whole = scipy_linalg.toeplitz(join.concatenate([a, zeros]), join.concatenate([a[:1], zeros]))
    if mode == "full":
        return whole
    trimmed = dims.minimum(n, a.shape[0]) - 1
    above, below = (trimmed // 2, trimmed - trimmed // 2) if mode == "same" else (trimmed, trimmed)
    return whole[above : whole.shape[0] - below]


@public("scipy.linalg.eigh_tridiagonal")
def eigh_tridiagonal(
    d: Any,
    e: Any,
    eigvals_only: bool = False,
    select: str = "a",
    select_range: Any = None,
    check_finite: bool = True,
    tol: float = 0.0,
    lapack_driver: str = "auto",
) -> Any:
    """The eigenvalues and eigenvectors of the symmetric matrix with diagonals d and e beside it.

    As ``scipy.linalg.eigh_tridiagonal``, and ``gr.linalg.eigh``. ``select="i"`` keeps those from
    ``select_range[0]`` to ``[1]``; one by values raises OptionError.
    """
    if select not in ("a", "i", 0, 2):
        raise OptionError(f"select={select!r}", "give 'a' or 'i'")
    e = as_variable(e)
    matrix = diagonal.diag(d) + diagonal.diag(e, 1) + diagonal.diag(e, -1)
    chosen = None if select in ("a", 0) else select_range
    return scipy_linalg.eigh(matrix, eigvals_only=eigvals_only, subset_by_index=chosen)


@public("scipy.linalg.eigvalsh_tridiagonal")
def eigvalsh_tridiagonal(d: Any, e: Any, select: str = "a", *rest: Any, **options: Any) -> Any:
    """The eigenvalues alone; arguments and errors as ``scipy.linalg.eigh_tridiagonal``."""
    return eigh_tridiagonal(d, e, True, select, *rest, **options)


@public("scipy.linalg.solveh_banded")
def solveh_banded(
    ab: Any,
    b: Any,
    overwrite_ab: bool = False,
    overwrite_b: bool = False,
    lower: bool = False,
    check_finite: bool = True,
) -> Variable:
    """The solution x of a @ x = b for a positive definite a given by the diagonals of one half.

    As ``scipy.linalg.solveh_banded``: ``ab[u + i - j, j] = a[i, j]`` for i <= j, or with ``lower``
    ``ab[i - j, j] = a[i, j]`` for i >= j. Raises ShapeError unless ab is a matrix.
    """
    ab = as_variable(ab)
    if ab.ndim != 2:
        raise ShapeError(f"solveh_banded of {format_shape(ab.shape)}", "give the rows of a matrix")
    width, n = ab.shape
    rows, columns = create.arange(n)[:, None], create.arange(n)
    places = rows - columns if lower else rows - columns + (width - 1)
    inside = (places >= 0) & (places < width)
    half = compare.where(inside, ab[compare.clip(places, 0, width - 1), columns], 0)
    other = rearrange.tril(half, -1) if lower else rearrange.triu(half, 1)
    return linalg.solve(half + linalg.hermitian(other), b)


@public("scipy.linalg.pinvh")
def pinvh(
    a: Any,
    atol: float | None = None,
    rtol: float | None = None,
    lower: bool = True,
    return_rank: bool = False,
    check_finite: bool = True,
) -> Variable:
    """The pseudo-inverse of a symmetric or Hermitian a, as ``gr.linalg.pinv``.

    Raises OptionError for ``atol`` and ``return_rank``.
    """
    refuse("pinvh", atol=atol, return_rank=return_rank or None)
    options = {} if rtol is None else {"rtol": rtol}
    result: Variable = implementation("numpy.linalg.pinv")(a, hermitian=True, **options)
    return result
