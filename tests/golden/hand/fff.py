import numpy as np


def fff(w: float) -> tuple[np.float64, np.float64, np.float64]:
    """z, grad_w = dz/dw and hess_w = d2z/dw2, all ()."""
    x = np.sin(w)
    y = np.sin(x)
    z = np.sin(y)
    cos_w = np.cos(w)
    cos_x = np.cos(x)
    cos_y = np.cos(y)
    dy_dw = cos_x * cos_w
    grad_w = cos_y * dy_dw
    hess_w = -z * dy_dw**2 - cos_y * (y * cos_w**2 + cos_x * x)
    return z, grad_w, hess_w
