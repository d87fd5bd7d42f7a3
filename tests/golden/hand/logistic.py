import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def logistic(w: Array, X: Array, y: Array, lam: float) -> tuple[np.float64, Array]:
    """J () and grad_w (p,), for w (p,), X (n, p), y (n,) in {0, 1}, lam ()."""
    s = 1.0 - 2.0 * y                             # (n,)
    z = s * (X @ w)                               # (n,)
    J = np.sum(np.logaddexp(0.0, z)) + 0.5 * lam * (w @ w)
    e = np.exp(-np.abs(z))                        # (n,)  never overflows
    p = np.where(z >= 0.0, 1.0, e) / (1.0 + e)    # (n,)  sigmoid(z)
    grad_w = X.T @ (s * p) + lam * w              # (p,)
    return J, grad_w
