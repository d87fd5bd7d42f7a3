import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def gaussian_nll(
    beta: Array, X: Array, y: Array, Sigma: Array
) -> tuple[np.float64, Array, Array]:
    """J (), grad_beta (p,), hess_beta (p, p).

    beta is (p,), X (n, p), y (n,), Sigma (n, n) symmetric and positive definite.
    """
    n = len(y)
    L = np.linalg.cholesky(Sigma)                 # (n, n)
    z = np.linalg.solve(L, y - X @ beta)          # (n,)
    log_det = np.sum(np.log(np.diagonal(L)))      # log(det(Sigma)) / 2
    J = 0.5 * (z @ z) + log_det + 0.5 * n * np.log(2.0 * np.pi)
    grad_beta = -X.T @ np.linalg.solve(L.T, z)    # (p,)
    A = np.linalg.solve(L, X)                     # (n, p)
    hess_beta = A.T @ A                           # (p, p)
    return J, grad_beta, hess_beta
