import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Index = NDArray[np.int64]


def embedding(
    E: Array, w: Array, index: Index, y: Array
) -> tuple[np.float64, Array, Array]:
    """J (), grad_E (m, d), grad_w (d,).

    E is (m, d), w (d,), index (n,) in 0..m-1, y (n,).
    """
    rows = E[index]                               # (n, d)
    r = rows @ w - y                              # (n,)
    J = 0.5 * np.sum(r**2)
    grad_E = np.zeros_like(E)                     # (m, d)
    np.add.at(grad_E, index, np.outer(r, w))
    grad_w = rows.T @ r                           # (d,)
    return J, grad_E, grad_w
