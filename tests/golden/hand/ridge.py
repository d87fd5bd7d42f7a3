import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def ridge(w: Array, X: Array, y: Array, lam: float) -> tuple[np.float64, Array, Array]:
    """J (), grad_w (p,), hess_w (p, p), for w (p,), X (n, p), y (n,), lam ()."""
    n, p = X.shape
    r = X @ w - y                                 # (n,)
    J = np.mean(r**2) + lam * np.sum(w**2)
    grad_w = 2.0 / n * (X.T @ r) + 2.0 * lam * w  # (p,)
    hess_w = 2.0 / n * (X.T @ X) + 2.0 * lam * np.eye(p)
    return J, grad_w, hess_w
