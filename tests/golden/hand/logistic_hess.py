import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def logistic_hess(w: Array, X: Array, y: Array, lam: float) -> Array:
    """hess_w (p, p), for w (p,), X (n, p), y (n,) in {0, 1}, lam ()."""
    s = 1.0 - 2.0 * y                             # (n,)
    z = s * (X @ w)                               # (n,)
    e = np.exp(-np.abs(z))                        # (n,)  never overflows
    p = np.where(z >= 0.0, 1.0, e) / (1.0 + e)    # (n,)  sigmoid(z)
    q = s**2 * p * (1.0 - p)                      # (n,)
    hess_w = (X.T * q) @ X + lam * np.eye(len(w))  # (p, p)
    return hess_w
