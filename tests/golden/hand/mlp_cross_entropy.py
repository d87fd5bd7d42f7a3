import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Labels = NDArray[np.int64]


def mlp_cross_entropy(
    X: Array, y: Labels, W1: Array, W2: Array
) -> tuple[np.float64, Array, Array]:
    """J (), grad_W1 (p, h), grad_W2 (h, k).

    X is (n, p), y (n,) in 0..k-1, W1 (p, h), W2 (h, k).
    """
    n = X.shape[0]
    rows = np.arange(n)
    H = np.tanh(X @ W1)                           # (n, h)
    S = H @ W2                                    # (n, k)
    S = S - np.max(S, axis=1, keepdims=True)
    log_p = S - np.log(np.sum(np.exp(S), axis=1, keepdims=True))
    J = -np.mean(log_p[rows, y]) + 5e-4 * (np.sum(W1**2) + np.sum(W2**2))
    grad_S = np.exp(log_p) / n                    # (n, k)
    grad_S[rows, y] -= 1.0 / n
    grad_H = grad_S @ W2.T                        # (n, h)
    grad_W1 = X.T @ (grad_H * (1.0 - H**2)) + 1e-3 * W1
    grad_W2 = H.T @ grad_S + 1e-3 * W2
    return J, grad_W1, grad_W2
