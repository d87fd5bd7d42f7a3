"""Functions of matrices, and the equations that their derivatives solve."""

from __future__ import annotations

from typing import Any

import numpy as np


def _expm(x: Any) -> Any:
    """The exponential of square matrices, by scaling and squaring with a Padé approximant.

    Higham (2005), SIAM J. Matrix Anal. Appl. 26, 1179-1193.
    """
    b = (
        64764752532480000.0, 32382376266240000.0, 7771770303897600.0, 1187353796428800.0,
        129060195264000.0, 10559470521600.0, 670442572800.0, 33522128640.0, 1323241920.0,
        40840800.0, 960960.0, 16380.0, 182.0, 1.0,
    )  # fmt: skip
    norm = np.max(np.sum(np.abs(x), axis=-2), axis=-1, initial=0)
    squarings = np.maximum(np.frexp(norm / 5.371920351148152)[1], 0)[..., None, None]
    x = x * np.exp2(-squarings).astype(x.dtype)
    one = np.eye(x.shape[-1], dtype=x.dtype)
    x2 = x @ x
    x4 = x2 @ x2
    x6 = x4 @ x2
    odd = x6 @ (b[13] * x6 + b[11] * x4 + b[9] * x2) + b[7] * x6 + b[5] * x4 + b[3] * x2
    odd = x @ (odd + b[1] * one)
    even = x6 @ (b[12] * x6 + b[10] * x4 + b[8] * x2) + b[6] * x6 + b[4] * x4 + b[2] * x2
    even = even + b[0] * one
    y = np.linalg.solve(even - odd, even + odd)
    for k in range(np.max(squarings, initial=0)):
        y = np.where(k < squarings, y @ y, y)
    return y


def _expm_frechet(x: Any, e: Any) -> Any:
    """The derivative of the exponential at x in direction e: a block of exp([[x, e], [0, x]]).

    Higham (2008), Functions of Matrices, section 10.6. It is linear in e, which is scaled to the
    size of x: a large one would cost squarings, and digits with them.
    """
    n = x.shape[-1]
    x, e = np.broadcast_arrays(x, e)
    size = np.max(np.abs(x), axis=(-2, -1), keepdims=True, initial=0)
    scale = np.max(np.abs(e), axis=(-2, -1), keepdims=True, initial=0) / np.maximum(size, 1)
    scale = np.where(scale > 0, scale, 1)
    e = e / scale
    top = np.concatenate([x, e], axis=-1)
    bottom = np.concatenate([np.zeros_like(x), x], axis=-1)
    return scale * _expm(np.concatenate([top, bottom], axis=-2))[..., :n, n:]


def _sqrtm(x: Any) -> Any:
    """The principal square root of square matrices; NaN where the iteration finds none.

    The product form of the Denman-Beavers iteration, scaled by determinants: Cheng, Higham,
    Kenney and Laub (2001), SIAM J. Matrix Anal. Appl. 22, 1112-1125.
    """
    n = x.shape[-1]
    one, y, m = np.eye(n, dtype=x.dtype), x, x
    tolerance = n * np.finfo(x.dtype).eps
    for k in range(40):
        change = np.max(np.abs(m - one), axis=(-2, -1), keepdims=True, initial=0)
        if np.all(change <= tolerance):
            break
        mu = np.ones_like(change)
        if k < 10:  # the scaling is of use far from the root only
            logdet = np.linalg.slogdet(m)[1][..., None, None] / (2 * max(n, 1))
            mu = np.where(change > 0.01, np.exp(-logdet), mu).astype(change.dtype)
        inverse = np.linalg.inv(m) / mu**2
        y = mu * (y + y @ inverse) / 2
        m = (one + (mu**2 * m + inverse) / 2) / 2
    return np.where(change <= 1e3 * tolerance, y, np.nan)


def _solve_sylvester(a: Any, b: Any, q: Any) -> Any:
    """The solution x of a @ x + x @ b = q, as one linear system for all elements of x."""
    m, n = a.shape[-1], b.shape[-1]
    left = a[..., :, None, :, None] * np.eye(n)[:, None, :]
    right = np.eye(m)[:, None, :, None] * np.swapaxes(b, -1, -2)[..., None, :, None, :]
    system = (left + right).reshape(*np.broadcast_shapes(a.shape[:-2], b.shape[:-2]), m * n, m * n)
    dtype = np.result_type(a, b, q)
    x = np.linalg.solve(system.astype(dtype), q.reshape(*q.shape[:-2], m * n, 1))
    return x.reshape(*x.shape[:-2], m, n)
