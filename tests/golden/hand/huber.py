import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def huber(w: Array, X: Array, y: Array, delta: float) -> tuple[np.float64, Array]:
    """J () and grad_w (p,), for w (p,), X (n, p), y (n,), delta () > 0."""
    r = X @ w - y                                 # (n,)
    a = np.abs(r)                                 # (n,)
    small = a <= delta                            # (n,)
    J = np.sum(np.where(small, 0.5 * r**2, delta * (a - 0.5 * delta)))
    grad_w = X.T @ np.where(small, r, delta * np.sign(r))
    return J, grad_w
