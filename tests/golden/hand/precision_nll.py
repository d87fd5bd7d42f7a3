import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def precision_nll(P: Array, C: Array) -> tuple[np.float64, Array]:
    """J () and grad_P (p, p), for P (p, p) of positive determinant and C (p, p)."""
    logdet = np.linalg.slogdet(P)[1]
    J = np.trace(C @ P) - logdet
    grad_P = C.T - np.linalg.inv(P).T             # (p, p)
    return J, grad_P
