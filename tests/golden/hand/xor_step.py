import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def xor_step(
    X: Array, y: Array, W: Array, c: Array, w: Array, b: float
) -> tuple[np.float64, Array, Array, Array, np.float64]:
    """J (), grad_W (2, 8), grad_c (8,), grad_w (8,), grad_b ().

    X is (n, 2), y (n,), W (2, 8), c (8,), w (8,), b ().
    """
    n = X.shape[0]
    Z = X @ W + c                                 # (n, 8)
    H = np.maximum(Z, 0.0)                        # (n, 8)
    r = H @ w + b - y                             # (n,)
    J = np.mean(r**2) + 1e-3 * np.sum(W**2)
    grad_r = 2.0 / n * r                          # (n,)
    grad_Z = np.outer(grad_r, w) * (Z > 0.0)      # (n, 8)
    grad_W = X.T @ grad_Z + 2e-3 * W              # (2, 8)
    grad_c = np.sum(grad_Z, axis=0)               # (8,)
    grad_w = H.T @ grad_r                         # (8,)
    grad_b = np.sum(grad_r)
    return J, grad_W, grad_c, grad_w, grad_b
