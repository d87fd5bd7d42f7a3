"""SciPy's linear algebra, under its argument names; what they say of memory has no meaning here."""

from __future__ import annotations

from typing import Any

from graphcomp.errors import OptionError
from graphcomp.graph import Variable
from graphcomp.ops import create, factorize, join, linalg, norms, shape
from graphcomp.ops.base import as_variable
from graphcomp.registry import public

_SYMMETRIC = ("sym", "symmetric", "her", "hermitian", "pos", "positive definite")
_GENERAL = (None, "gen", "general")


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
    """The solution x of a @ x = b, as ``scipy.linalg.solve``; all of a is read.

    Raises as ``gr.linalg.solve``, OptionError for an ``assume_a`` that reads a part of a.
    """
    if assume_a not in (*_GENERAL, *_SYMMETRIC):
        raise OptionError(f"solve with assume_a={assume_a!r}", f"use one of {[*_SYMMETRIC, 'gen']}")
    a = as_variable(a)
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
    factor = factorize.cholesky(a)
    return factor if lower else linalg.hermitian(factor)


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

    Raises ShapeError for a b without as many rows as a.

    >>> import graphcomp as gr
    >>> A, b = gr.matrix("A", ("n", "n")), gr.vector("b", "n")
    >>> gr.linalg.cho_solve(gr.linalg.cho_factor(A), b).shape
    (Dim('n'),)
    """
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
    """As ``gr.linalg.det``."""
    return linalg.det(a)


@public("scipy.linalg.norm")
def norm(
    a: Any, ord: Any = None, axis: Any = None, keepdims: bool = False, check_finite: bool = True
) -> Variable:
    """As ``gr.linalg.norm``."""
    return norms.norm(a, ord, axis, keepdims)


@public("scipy.linalg.block_diag")
def block_diag(*arrs: Any) -> Variable:
    """The matrix with the given ones along its diagonal and zeros elsewhere.

    As ``scipy.linalg.block_diag``.

    >>> import graphcomp as gr
    >>> gr.linalg.block_diag(gr.matrix("A", (2, 3)), gr.matrix("B", ("n", 1))).shape
    (Dim('n + 2'), 4)
    """
    blocks = [shape.atleast_2d(a) for a in arrs]
    return join.block(
        [
            [a if i == k else create.zeros((a.shape[0], b.shape[1])) for k, b in enumerate(blocks)]
            for i, a in enumerate(blocks)
        ]
    )
