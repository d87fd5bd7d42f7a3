import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def rosenbrock(x: Array) -> tuple[np.float64, Array, Array]:
    """f (), grad_x (n,), hess_x (n, n), for x (n,)."""
    a = x[:-1]                                    # (n-1,)
    r = x[1:] - a**2                              # (n-1,)
    f = np.sum(100.0 * r**2 + (1.0 - a) ** 2)
    grad_x = np.zeros_like(x)                     # (n,)
    grad_x[1:] = 200.0 * r
    grad_x[:-1] -= 400.0 * a * r + 2.0 * (1.0 - a)
    diagonal = np.zeros_like(x)                   # (n,)
    diagonal[1:] = 200.0
    diagonal[:-1] += 800.0 * a**2 - 400.0 * r + 2.0
    upper = np.diag(-400.0 * a, 1)                # (n, n)
    hess_x = np.diag(diagonal) + upper + upper.T  # (n, n)
    return f, grad_x, hess_x
