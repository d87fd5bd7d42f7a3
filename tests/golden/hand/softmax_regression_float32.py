import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]


def softmax_regression_float32(
    X: Array, Y: Array, W: Array, b: Array
) -> tuple[np.float32, Array, Array]:
    """J (), grad_W (p, k), grad_b (k,), for X (n, p), Y (n, k), W (p, k), b (k,)."""
    n = X.shape[0]
    S = X @ W + b                                 # (n, k)
    shift = np.max(S, axis=1, keepdims=True)      # (n, 1)
    log_Z = shift + np.log(np.sum(np.exp(S - shift), axis=1, keepdims=True))
    J = np.mean(log_Z) - np.sum(Y * S) / n
    grad_S = (np.exp(S - log_Z) - Y) / n          # (n, k)
    grad_W = X.T @ grad_S                         # (p, k)
    grad_b = np.sum(grad_S, axis=0)               # (k,)
    return J, grad_W, grad_b
