"""What derivatives are at kinks, ties and edges: the table behind ``docs/conventions.md``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

NAN, INF = float("nan"), float("inf")


@dataclass(frozen=True)
class Convention:
    """The gradient of the sum of an expression of x, at a point.

    ``jax`` and ``torch`` are expressions with the same meaning there (``jax`` is by default the
    same text), and ``jax_gives``, ``torch_gives`` their gradients where they differ from ours.
    A None leaves them out: they have not this function.
    """

    where: str
    text: str
    x: Any
    gradient: Any
    torch: str | None = None
    jax: str | None = ""
    jax_gives: Any = None
    torch_gives: Any = None
    note: str = ""


CONVENTIONS = [
    Convention("abs at 0", "np.abs(x)", 0.0, 0.0, "torch.abs(x)", jax_gives=1.0),
    Convention("relu at 0", "gr.relu(x)", 0.0, 0.0, "torch.relu(x)", "jax.nn.relu(x)"),
    Convention(
        "relu(x, at_zero=1) at 0", "gr.relu(x, at_zero=1)", 0.0, 1.0, None, None,
        note="the lectures' 1(x >= 0)",
    ),
    Convention(
        "maximum(x, 0) at 0: the constant takes the tie", "np.maximum(x, 0)", 0.0, 0.0,
        "torch.clamp(x, min=0)", jax_gives=0.5, torch_gives=1.0,
    ),
    Convention(
        "minimum(x, 0) at 0: the constant takes the tie", "np.minimum(x, 0)", 0.0, 0.0,
        "torch.clamp(x, max=0)", jax_gives=0.5, torch_gives=1.0,
    ),
    Convention(
        "maximum of two variables, tied: shared", "np.maximum(x[0], x[1])", [2.0, 2.0],
        [0.5, 0.5], "torch.maximum(x[0], x[1])",
    ),
    Convention(
        "fmin of two variables, tied: shared", "np.fmin(x[0], x[1])", [2.0, 2.0], [0.5, 0.5],
        "torch.fmin(x[0], x[1])", jax_gives=[0.0, 1.0], torch_gives=[1.0, 0.0],
    ),
    Convention(
        "max of an array, tied: shared", "np.max(x)", [1.0, 3.0, 3.0], [0.0, 0.5, 0.5],
        "torch.amax(x)",
    ),
    Convention(
        "sort, tied: shared", "np.sort(x) @ np.array([1.0, 2.0, 4.0])", [5.0, 1.0, 5.0],
        [3.0, 1.0, 3.0], "torch.sort(x)[0] @ torch.tensor([1.0, 2.0, 4.0], dtype=x.dtype)",
        jax_gives=[2.0, 1.0, 4.0], torch_gives=[2.0, 1.0, 4.0],
    ),
    Convention(
        "median, tied: shared", "np.median(x)", [1.0, 2.0, 2.0, 7.0], [0.0, 0.5, 0.5, 0.0],
        "torch.quantile(x, 0.5)",
    ),
    Convention(
        "clip at its bound: 1", "np.clip(x, 0, 1)", [0.0, 1.0], [1.0, 1.0],
        "torch.clamp(x, 0, 1)", jax_gives=[0.5, 0.5],
    ),
    Convention("sign at 0", "np.sign(x)", 0.0, 0.0, "torch.sign(x)"),
    Convention("floor at an integer", "np.floor(x)", 2.0, 0.0, "torch.floor(x)"),
    Convention("heaviside at 0", "np.heaviside(x, 0.5)", 0.0, 0.0, None),
    Convention(
        "remainder at a multiple", "np.remainder(x, 2)", 4.0, 1.0, "torch.remainder(x, 2)"
    ),
    Convention("sqrt at 0", "np.sqrt(x)", 0.0, INF, "torch.sqrt(x)"),
    Convention("cbrt at 0", "np.cbrt(x)", 0.0, INF, None),
    Convention(
        "hypot at (0, 0)", "np.hypot(x[0], x[1])", [0.0, 0.0], [0.0, 0.0],
        "torch.hypot(x[0], x[1])", jax_gives=[0.5, 0.5], torch_gives=[NAN, NAN],
    ),
    Convention(
        "arctan2 at (0, 0)", "np.arctan2(x[0], x[1])", [0.0, 0.0], [0.0, 0.0],
        "torch.atan2(x[0], x[1])", jax_gives=[NAN, NAN],
    ),
    Convention(
        "norm at 0", "np.linalg.norm(x)", [0.0, 0.0], [0.0, 0.0], "torch.linalg.norm(x)",
        jax_gives=[NAN, NAN],
    ),
    Convention(
        "norm of order 3 at 0", "np.linalg.norm(x, 3)", [0.0, 0.0], [0.0, 0.0],
        "torch.linalg.norm(x, 3)", jax_gives=[NAN, NAN],
    ),
    Convention("std of equal numbers", "np.std(x)", [2.0, 2.0], [0.0, 0.0],
               "torch.std(x, correction=0)", jax_gives=[NAN, NAN]),
    Convention("x**y by x at (0, 0)", "x**0.0", 0.0, 0.0, "x**0.0", jax_gives=NAN),
    Convention("x**2 at 0", "x**2", 0.0, 0.0, "x**2"),
    Convention("x**0.5 at 0", "x**0.5", 0.0, INF, "x**0.5"),
    Convention(
        "0**y by y at y > 0", "0.0**x", 2.0, 0.0, "torch.tensor(0.0, dtype=x.dtype)**x"
    ),
    Convention(
        "prod with one zero: exact", "np.prod(x)", [2.0, 0.0, 3.0], [0.0, 6.0, 0.0],
        "torch.prod(x)",
    ),
    Convention("prod with two zeros: exact", "np.prod(x)", [2.0, 0.0, 0.0], [0.0, 0.0, 0.0],
               "torch.prod(x)"),
    Convention(
        "cumprod with a zero: exact", "np.cumprod(x)", [2.0, 0.0, 3.0], [1.0, 8.0, 0.0],
        "torch.cumprod(x, 0)",
    ),
    Convention(
        "nan_to_num: nothing into nan", "np.nan_to_num(x)", [1.0, NAN], [1.0, 0.0],
        "torch.nan_to_num(x)",
    ),
    Convention(
        "nansum: nothing into nan", "np.nansum(x**2)", [1.0, NAN], [2.0, 0.0],
        "torch.nansum(x**2)", jax_gives=[2.0, NAN], torch_gives=[2.0, NAN],
    ),
    Convention(
        "where: nothing from the branch not taken", "np.where(x > 0, np.log(x), x)", 0.0, 1.0,
        "torch.where(x > 0, torch.log(x), x)", jax_gives=NAN, torch_gives=NAN,
    ),
    Convention(
        "a comparison times a value", "(x > 0) * x**0.5", [-1.0, 0.0, 4.0], [0.0, 0.0, 0.25],
        "(x > 0) * x**0.5", jax_gives=[NAN, NAN, 0.25], torch_gives=[NAN, NAN, 0.25],
    ),
    Convention(
        "copysign at 0", "np.copysign(x, -1.0)", 0.0, 0.0,
        "torch.copysign(x, torch.tensor(-1.0, dtype=x.dtype))", jax_gives=-1.0,
    ),
    Convention(
        "copysign: nothing into the sign", "np.copysign(2.0, x)", [3.0, -3.0], [0.0, 0.0],
        "torch.copysign(torch.tensor(2.0, dtype=x.dtype), x)",
    ),
    Convention(
        "nextafter", "np.nextafter(x, 9.0)", 1.0, 1.0,
        "torch.nextafter(x, torch.tensor(9.0, dtype=x.dtype))", None,
    ),
    Convention(
        "maximum.accumulate, tied: shared", "np.maximum.accumulate(x)", [1.0, 3.0, 3.0],
        [1.0, 1.5, 0.5], "torch.cummax(x, 0)[0]", "jax.lax.cummax(x)",
        torch_gives=[1.0, 1.0, 1.0],
    ),
    Convention(
        "fmax of nan and a number: the number's", "np.fmax(x, 1.0)", [NAN, 2.0], [0.0, 1.0],
        "torch.fmax(x, torch.tensor(1.0, dtype=x.dtype))",
    ),
    Convention(
        "fmin of nan and a number: the number's", "np.fmin(x[0], x[1])", [NAN, 2.0], [0.0, 1.0],
        "torch.fmin(x[0], x[1])",
    ),
    Convention(
        "maximum of nan and a number: none", "np.maximum(x[0], x[1])", [NAN, 2.0], [0.0, 0.0],
        "torch.maximum(x[0], x[1])", torch_gives=[1.0, 1.0],
    ),
    Convention(
        "quantile, tied: shared", "np.quantile(x, 0.4)", [1.0, 2.0, 2.0, 7.0],
        [0.0, 0.5, 0.5, 0.0], "torch.quantile(x, 0.4)", jax_gives=[0.0, 0.8, 0.2, 0.0],
        torch_gives=[0.0, 0.8, 0.2, 0.0],
    ),
    Convention(
        "piecewise: only the piece that holds",
        "np.piecewise(x, [x < 0, x > 0], [lambda v: -v, np.sqrt])",
        [-1.0, 0.0, 4.0], [-1.0, 0.0, 0.25], None,
    ),
    Convention("sinc at 0", "np.sinc(x)", 0.0, 0.0, "torch.sinc(x)"),
    Convention(
        "logsumexp of -inf: shares are 0", "scipy.special.logsumexp(x)", [0.0, -INF],
        [1.0, 0.0], "torch.logsumexp(x, 0)",
    ),
    Convention(
        "logaddexp(-inf, -inf)", "np.logaddexp(x[0], x[1])", [-INF, -INF], [0.0, 0.0],
        "torch.logaddexp(x[0], x[1])", torch_gives=[NAN, NAN], jax_gives=[NAN, NAN],
    ),
    Convention("xlogy(x, 0) at 0", "scipy.special.xlogy(x, 0.0)", 0.0, 0.0,
               "torch.special.xlogy(x, torch.tensor(0.0, dtype=x.dtype))", jax_gives=-INF),
    Convention("erf in its tail", "scipy.special.erf(x)", 30.0, 0.0, "torch.erf(x)"),
    Convention(
        "interp at a knot: the slope on the right",
        "np.interp(x, np.array([0.0, 1.0, 2.0]), np.array([0.0, 1.0, 4.0]))", 1.0, 3.0, None,
    ),
    Convention(
        "interp by the knots' values, at a knot", "np.interp(1.0, np.array([0.0, 1.0, 2.0]), x)",
        [0.0, 1.0, 4.0], [0.0, 1.0, 0.0], None,
    ),
    Convention(
        "interp by the knots, at a knot: the slope on the right",
        "np.interp(1.0, x, np.array([0.0, 1.0, 4.0]))", [0.0, 1.0, 2.0], [0.0, -3.0, 0.0], None,
    ),
    Convention("round", "np.round(x)", 1.5, 0.0, "torch.round(x)"),
    Convention(
        "det of a singular matrix", "np.linalg.det(x)", [[1.0, 2.0], [2.0, 4.0]],
        [[4.0, -2.0], [-2.0, 1.0]], "torch.linalg.det(x)", torch_gives=[[0.0, 0.0], [0.0, 0.0]],
    ),
    Convention(
        "eigvalsh with equal eigenvalues", "np.linalg.eigvalsh(x) @ np.array([1.0, 1.0])",
        [[2.0, 0.0], [0.0, 2.0]], [[1.0, 0.0], [0.0, 1.0]],
        "torch.linalg.eigvalsh(x) @ torch.tensor([1.0, 1.0], dtype=x.dtype)",
    ),
    Convention(
        "singular values, equal", "np.linalg.svd(x, compute_uv=False)",
        [[2.0, 0.0], [0.0, 2.0]], [[1.0, 0.0], [0.0, 1.0]], "torch.linalg.svdvals(x)",
    ),
    Convention(
        "nuclear norm of a matrix of rank 1", "np.linalg.norm(x, 'nuc')",
        [[1.0, 0.0], [0.0, 0.0]], [[1.0, 0.0], [0.0, 0.0]], "torch.linalg.norm(x, 'nuc')",
        jax_gives=[[1.0, 0.0], [0.0, 1.0]], torch_gives=[[1.0, 0.0], [0.0, 1.0]],
    ),
    Convention(
        "cholesky: of a symmetric matrix, both triangles alike", "np.linalg.cholesky(x) ** 2",
        [[4.0, 2.0], [2.0, 5.0]], [[1.0, 0.0], [0.0, 1.0]], "torch.linalg.cholesky(x) ** 2",
    ),
    Convention(
        "eigvalsh: of a symmetric matrix, both triangles alike", "np.linalg.eigvalsh(x)[-1]",
        [[2.0, 1.0], [1.0, 2.0]], [[0.5, 0.5], [0.5, 0.5]], "torch.linalg.eigvalsh(x)[-1]",
    ),
    Convention(
        "a singular value of 0", "np.linalg.svd(x, compute_uv=False)[1]",
        [[1.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 0.0]], "torch.linalg.svdvals(x)[1]",
        jax_gives=[[0.0, 0.0], [0.0, 1.0]], torch_gives=[[0.0, 0.0], [0.0, 1.0]],
    ),
    Convention(
        "eigvals", "np.linalg.eigvals(x).real", [[2.0, 1.0], [0.0, 1.0]],
        [[1.0, 0.0], [0.0, 1.0]], "torch.linalg.eigvals(x).real",
        note="complex even where all are real, and NumPy gives them as real",
    ),
]  # fmt: skip


def rows() -> list[str]:
    """The rows of the published table."""
    head = [
        "| where | expression | at | gradient | JAX | PyTorch |",
        "|---|---|---|---|---|---|",
    ]
    return head + [_row(c) for c in CONVENTIONS]


def _row(c: Convention) -> str:
    jax = "" if c.jax is None else c.gradient if c.jax_gives is None else c.jax_gives
    torch = "" if c.torch is None else c.gradient if c.torch_gives is None else c.torch_gives
    where = f"{c.where} ({c.note})" if c.note else c.where
    return f"| {where} | `{c.text}` | {c.x} | {c.gradient} | {jax} | {torch} |"
