import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def quadratic_exp_hvp(
    x: Array, v: Array, A: Array, B: Array
) -> tuple[np.float64, Array, Array]:
    """f (), grad_x (n,), hvp_x (n,), for x (n,), v (n,), A (n, n), B (m, n)."""
    Ax = A @ x                                    # (n,)
    e = np.exp(B @ x)                             # (m,)
    f = 0.5 * (x @ Ax) + np.sum(e)
    grad_x = 0.5 * (Ax + A.T @ x) + B.T @ e       # (n,)
    hvp_x = 0.5 * (A @ v + A.T @ v) + B.T @ (e * (B @ v))
    return f, grad_x, hvp_x
