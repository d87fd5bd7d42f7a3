import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def lotka_volterra(x: Array, r: Array, A: Array) -> tuple[Array, Array]:
    """dx (n,) and jac_x (n, n), for x (n,), r (n,), A (n, n)."""
    growth = r + A @ x                            # (n,)
    dx = x * growth                               # (n,)
    jac_x = np.diag(growth) + x[:, None] * A      # (n, n)
    return dx, jac_x
