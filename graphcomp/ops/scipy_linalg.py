"""SciPy's linear algebra, under its argument names; what they say of memory has no meaning here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from graphcomp.errors import OptionError, ShapeError
from graphcomp.graph import Variable
from graphcomp.ops import (
    compare,
    create,
    determinants,
    diagonal,
    factorize,
    join,
    linalg,
    norms,
    shape,
)
from graphcomp.ops.base import as_variable
from graphcomp.registry import implementation, public, refuse
from graphcomp.types import format_shape

_SYMMETRIC = ("sym", "symmetric", "her", "hermitian", "pos", "positive definite")
_GENERAL = (None, "gen", "general", "banded", "tridiagonal")
_TRIANGULAR = {"upper triangular": False, "lower triangular": True}


@public("scipy.linalg.solve")
def solve(
    a: Any,
    b: Any,
    lower: bool = False,
    overwrite_a: bool = False,
    overwrite_b: bool = False,
    check_finite: bool = True,
    assume_a: str | None = None,
    transposed: bool = False,
) -> Variable:
    """The solution x of a @ x = b, or of a.T @ x = b, as ``scipy.linalg.solve``.

    Of a symmetric a all is read, whatever ``lower`` says. Raises as ``gr.linalg.solve``,
    OptionError for an unknown ``assume_a``.
    """
    a = as_variable(a)
    if assume_a in _TRIANGULAR:
        return linalg.solve_triangular(a, b, int(transposed), _TRIANGULAR[assume_a])
    if assume_a == "diagonal":
        d, rhs = diagonal.diagonal(a, 0, -2, -1), as_variable(b)
        return rhs / (d if rhs.ndim == 1 else shape.expand_dims(d, -1))
    if assume_a not in (*_GENERAL, *_SYMMETRIC):
        known = [*_SYMMETRIC, "gen", "diagonal", *_TRIANGULAR]
        raise OptionError(f"solve with assume_a={assume_a!r}", f"use one of {known}")
    return linalg.solve(a.mT if transposed else a, b)


@public("scipy.linalg.solve_triangular")
def solve_triangular(
    a: Any,
    b: Any,
    trans: int | str = 0,
    lower: bool = False,
    unit_diagonal: bool = False,
    overwrite_b: bool = False,
    check_finite: bool = True,
) -> Variable:
    """As ``gr.linalg.solve_triangular``."""
    return linalg.solve_triangular(a, b, trans, lower, unit_diagonal)


@public("scipy.linalg.cholesky")
def cholesky(
    a: Any, lower: bool = False, overwrite_a: bool = False, check_finite: bool = True
) -> Variable:
    """The Cholesky factor of a symmetric a, the upper one unless ``lower``."""
    return factorize.cholesky(a, upper=not lower)


@public("scipy.linalg.cho_factor")
def cho_factor(
    a: Any, lower: bool = False, overwrite_a: bool = False, check_finite: bool = True
) -> tuple[Variable, bool]:
    """The factor for ``cho_solve``, and whether it is the lower one.

    As ``scipy.linalg.cho_factor``, with zeros in the other half. Raises ShapeError unless square.
    """
    return cholesky(a, lower), lower


@public("scipy.linalg.cho_solve")
def cho_solve(
    c_and_lower: tuple[Any, bool], b: Any, overwrite_b: bool = False, check_finite: bool = True
) -> Variable:
    """The solution x of a @ x = b, given ``cho_factor(a)``, as ``scipy.linalg.cho_solve``.

    Raises ShapeError for a b without as many rows as a, OptionError for a factor alone.

    >>> import graphcomp as gr
    >>> A, b = gr.matrix("A", ("n", "n")), gr.vector("b", "n")
    >>> gr.linalg.cho_solve(gr.linalg.cho_factor(A), b).shape
    (Dim('n'),)
    """
    if not (isinstance(c_and_lower, (tuple, list)) and len(c_and_lower) == 2):
        raise OptionError(
            "the first argument of cho_solve is no pair", "give cho_factor(a), or (L, True)"
        )
    factor, lower = c_and_lower
    first, second = ("N", "C") if lower else ("C", "N")
    half = linalg.solve_triangular(factor, b, first, lower)
    return linalg.solve_triangular(factor, half, second, lower)


@public("scipy.linalg.inv")
def inv(a: Any, overwrite_a: bool = False, check_finite: bool = True) -> Variable:
    """As ``gr.linalg.inv``."""
    return linalg.inv(a)


@public("scipy.linalg.det")
def det(a: Any, overwrite_a: bool = False, check_finite: bool = True) -> Variable:
    """As ``gr.linalg.det``, in float64 or complex128 for narrower values too, as in SciPy."""
    a = as_variable(a)
    wide = np.result_type(a.dtype, np.float64)
    return determinants.det(a if a.dtype == wide else a.astype(wide))


@public("scipy.linalg.norm")
def norm(
    a: Any, ord: Any = None, axis: Any = None, keepdims: bool = False, check_finite: bool = True
) -> Variable:
    """As ``gr.linalg.norm``."""
    return norms.norm(a, ord, axis, keepdims)


# ------------------------------------------------------------------------------ decompositions


def _numpy(name: str) -> Callable[..., Any]:
    return implementation(f"numpy.linalg.{name}")


@public("scipy.linalg.pinv")
def pinv(
    a: Any,
    *,
    atol: float | None = None,
    rtol: float | None = None,
    return_rank: bool = False,
    check_finite: bool = True,
) -> Variable:
    """As ``gr.linalg.pinv``. Raises OptionError for ``atol`` and ``return_rank``."""
    refuse("pinv", atol=atol, return_rank=return_rank or None)
    result: Variable = _numpy("pinv")(a) if rtol is None else _numpy("pinv")(a, rtol=rtol)
    return result


@public("scipy.linalg.lstsq")
def lstsq(
    a: Any,
    b: Any,
    cond: Any = None,
    overwrite_a: bool = False,
    overwrite_b: bool = False,
    check_finite: bool = True,
    lapack_driver: str | None = None,
) -> Any:
    """As ``gr.linalg.lstsq``."""
    return _numpy("lstsq")(a, b, cond)


@public("scipy.linalg.eigh")
def eigh(
    a: Any,
    b: Any = None,
    *,
    lower: bool = True,
    eigvals_only: bool = False,
    overwrite_a: bool = False,
    overwrite_b: bool = False,
    type: int = 1,
    check_finite: bool = True,
    subset_by_index: Any = None,
    subset_by_value: Any = None,
    driver: str | None = None,
) -> Any:
    """The eigenvalues and eigenvectors of a symmetric a, or of a @ v = w * b @ v.

    As ``scipy.linalg.eigh``, and as ``gr.linalg.eigh``; b must be positive definite, and is
    factorized. Raises OptionError for another ``type`` and for ``subset_by_value``.
    """
    refuse("eigh", subset_by_value=subset_by_value, type=None if type == 1 else type)
    if b is None:
        w, v = _numpy("eigh")(a, "L" if lower else "U")
    else:
        half = factorize.cholesky(b)
        left = linalg.solve_triangular(half, as_variable(a), lower=True)
        both = linalg.solve_triangular(half, linalg.hermitian(left), lower=True)
        w, v = _numpy("eigh")(linalg.hermitian(both))
        v = linalg.solve_triangular(half, v, "C", lower=True)
    if subset_by_index is not None:
        first, last = subset_by_index
        w, v = w[..., first : last + 1], v[..., first : last + 1]
    return w if eigvals_only else (w, v)


@public("scipy.linalg.eigvalsh")
def eigvalsh(a: Any, b: Any = None, *, lower: bool = True, **options: Any) -> Any:
    """The eigenvalues alone; arguments and errors as ``eigh``."""
    return eigh(a, b, lower=lower, eigvals_only=True, **options)


@public("scipy.linalg.eig")
def eig(
    a: Any,
    b: Any = None,
    left: bool = False,
    right: bool = True,
    overwrite_a: bool = False,
    overwrite_b: bool = False,
    check_finite: bool = True,
    homogeneous_eigvals: bool = False,
) -> Any:
    """As ``gr.linalg.eig``; a @ v = w * b @ v is solved with inv(b) @ a.

    Raises OptionError for left eigenvectors and homogeneous eigenvalues.
    """
    refuse("eig", left=left or None, homogeneous_eigvals=homogeneous_eigvals or None)
    matrix = a if b is None else linalg.solve(b, a)
    return tuple(_numpy("eig")(matrix)) if right else _numpy("eigvals")(matrix)


@public("scipy.linalg.eigvals")
def eigvals(a: Any, b: Any = None, overwrite_a: bool = False, check_finite: bool = True) -> Any:
    """The eigenvalues alone, as ``eig``."""
    return eig(a, b, right=False)


@public("scipy.linalg.svd")
def svd(
    a: Any,
    full_matrices: bool = True,
    compute_uv: bool = True,
    overwrite_a: bool = False,
    check_finite: bool = True,
    lapack_driver: str = "gesdd",
) -> Any:
    """As ``gr.linalg.svd``."""
    return _numpy("svd")(a, full_matrices, compute_uv)


@public("scipy.linalg.svdvals")
def svdvals(a: Any, overwrite_a: bool = False, check_finite: bool = True) -> Any:
    """As ``gr.linalg.svdvals``."""
    return _numpy("svd")(a, compute_uv=False)


@public("scipy.linalg.qr")
def qr(
    a: Any,
    overwrite_a: bool = False,
    lwork: int | None = None,
    mode: str = "full",
    pivoting: bool = False,
    check_finite: bool = True,
) -> Any:
    """As ``gr.linalg.qr``; ``mode`` is ``"full"``, ``"economic"`` or ``"r"``.

    Raises OptionError for another mode and for pivoting.
    """
    refuse("qr", pivoting=pivoting or None)
    modes = {"full": "complete", "economic": "reduced", "r": "r"}
    if mode not in modes:
        raise OptionError(f"qr with mode={mode!r}", "give 'full', 'economic' or 'r'")
    result = _numpy("qr")(a, modes[mode])
    return (result,) if mode == "r" else tuple(result)


@public("scipy.linalg.polar")
def polar(a: Any, side: str = "right") -> tuple[Variable, Variable]:
    """The unitary u and the positive p of a = u @ p, or of a = p @ u with ``side="left"``.

    As ``scipy.linalg.polar``. Raises OptionError for another side.
    """
    if side not in ("right", "left"):
        raise OptionError(f"polar with side={side!r}", "give 'right' or 'left'")
    u, s, vh = _numpy("svd")(a, full_matrices=False)
    turned = vh if side == "right" else linalg.hermitian(u)
    return u @ vh, (linalg.hermitian(turned) * s) @ turned


@public("scipy.linalg.solve_banded")
def solve_banded(
    l_and_u: tuple[int, int],
    ab: Any,
    b: Any,
    overwrite_ab: bool = False,
    overwrite_b: bool = False,
    check_finite: bool = True,
) -> Variable:
    """The solution x of a @ x = b for a with l diagonals below the main one and u above it.

    ``ab[u + i - j, j] = a[i, j]``, as in ``scipy.linalg.solve_banded``; a is written out and
    solved as a whole. Raises ShapeError for an ab without l + u + 1 rows.
    """
    below, above = l_and_u
    ab = as_variable(ab)
    if ab.ndim != 2 or ab.shape[0] != below + above + 1:
        raise ShapeError(
            f"{ab.label} is {format_shape(ab.shape)}, for {below} + {above} + 1 diagonals",
            "it needs one row for each diagonal",
        )
    n = ab.shape[1]
    rows, columns = create.arange(n)[:, None], create.arange(n)
    places = above + rows - columns
    inside = (places >= 0) & (places <= below + above)
    band = ab[compare.clip(places, 0, below + above), columns]
    return linalg.solve(compare.where(inside, band, 0.0), b)


# -------------------------------------------------------------------------- structured matrices


def _vector(a: Any) -> Variable:
    return shape.ravel(as_variable(a))


@public("scipy.linalg.toeplitz")
def toeplitz(c: Any, r: Any = None) -> Variable:
    """The matrix with first column c and first row r, constant along diagonals.

    As ``scipy.linalg.toeplitz``: r is conj(c) unless given, and its first element is not read.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.linalg.toeplitz(gr.constant([1, 2, 3]), gr.constant([1, 4])))
    array([[1, 4],
           [2, 1],
           [3, 2]])
    """
    c = _vector(c)
    r = (c.conj() if c.dtype.kind == "c" else c) if r is None else _vector(r)
    values = join.concatenate([r[:0:-1], c])
    rows, columns = create.arange(c.shape[0])[:, None], create.arange(r.shape[0])
    return values[rows - columns + (r.shape[0] - 1)]


@public("scipy.linalg.circulant")
def circulant(c: Any) -> Variable:
    """The matrix whose columns are c turned on by one each, as ``scipy.linalg.circulant``.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.linalg.circulant(gr.constant([1, 2, 3])))
    array([[1, 3, 2],
           [2, 1, 3],
           [3, 2, 1]])
    """
    column = _vector(c)
    n = column.shape[0]
    places = create.arange(n)
    return column[(places[:, None] - places) % n]


@public("scipy.linalg.hankel")
def hankel(c: Any, r: Any = None) -> Variable:
    """The matrix with first column c and last row r, constant along antidiagonals.

    As ``scipy.linalg.hankel``: r is zeros unless given, and its first element is not read.
    """
    c = _vector(c)
    r = create.zeros_like(c) if r is None else _vector(r)
    values = join.concatenate([c, r[1:]])
    return values[create.arange(c.shape[0])[:, None] + create.arange(r.shape[0])]


@public("scipy.linalg.companion")
def companion(a: Any) -> Variable:
    """The companion matrix of the polynomial with coefficients a, as ``scipy.linalg.companion``.

    Raises ShapeError for fewer than two coefficients.
    """
    a = as_variable(a)
    if a.ndim != 1 or a.shape[0] in (0, 1):
        raise ShapeError(f"companion of {format_shape(a.shape)}", "give two or more coefficients")
    first = -a[1:] / (1.0 * a[0])
    n = a.shape[0] - 1
    return join.concatenate([first[None], create.eye(n - 1, n, dtype=first.dtype)])


@public("scipy.linalg.khatri_rao")
def khatri_rao(a: Any, b: Any) -> Variable:
    """The Kronecker product of each column of a with that of b, as ``scipy.linalg.khatri_rao``.

    Raises ShapeError unless both are matrices with as many columns.

    >>> import graphcomp as gr
    >>> gr.linalg.khatri_rao(gr.matrix("A", (2, 3)), gr.matrix("B", (4, 3))).shape
    (8, 3)
    """
    a, b = as_variable(a), as_variable(b)
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[1]:
        raise ShapeError(
            f"khatri_rao of {format_shape(a.shape)} and {format_shape(b.shape)}",
            "give two matrices with as many columns",
        )
    products = a[:, None, :] * b
    return shape.Reshape((a.shape[0] * b.shape[0], a.shape[1]))(products)


@public("scipy.linalg.block_diag")
def block_diag(*arrs: Any) -> Variable:
    """The matrix with the given ones along its diagonal and zeros elsewhere.

    As ``scipy.linalg.block_diag``.

    >>> import graphcomp as gr
    >>> gr.linalg.block_diag(gr.matrix("A", (2, 3)), gr.matrix("B", ("n", 1))).shape
    (Dim('n + 2'), 4)
    """
    if not arrs:
        return create.zeros((1, 0))
    blocks = [shape.atleast_2d(a) for a in arrs]
    dtype = np.result_type(*(a.dtype for a in blocks))
    return join.block(
        [
            [
                a if i == k else create.zeros((a.shape[0], b.shape[1]), dtype)
                for k, b in enumerate(blocks)
            ]
            for i, a in enumerate(blocks)
        ]
    )
