"""The error function, its scaled forms and their inverses; the normal distribution.

Coefficients without another source are this project's own, from interpolation at Chebyshev
nodes in 60 digits.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from graphcomp.ops.runtime.integrals import _dawsn


def _horner(x: Any, coefficients: Any) -> Any:
    """The polynomial with these coefficients, highest power first."""
    y = np.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        y *= x
        y += coefficient
    return y


def _exp_square(x: Any, scale: float) -> Any:
    """exp(scale * x**2) for a power of two, mending the rounding of the square."""
    x = np.clip(x, -40, 40)
    square = x * x
    high = np.rint(x * 2.0**21) / 2.0**21  # 27 bits, so that its square is exact
    low = x - high
    error = high * high - square + 2 * high * low + low * low
    with np.errstate(over="ignore", under="ignore"):
        return np.exp(scale * square) * (1 + scale * error)


def _erfcx(x: Any) -> Any:
    """exp(x**2) * erfc(x), as float64.

    (x + 1/2) erfcx(x) as one polynomial in (x - k) / (x + k) over all x > 0: the form
    of Shepherd and Laframboise, Math. Comp. 36 (1981).
    """
    x = np.asarray(x, float)
    positive = np.abs(x)
    coefficients = (
        1.6026311689644578e-10, -1.3092600782515724e-09, -1.8990948988681036e-09,
        1.597699306028909e-08, 1.1699267156520449e-08, -1.2425554325105353e-07,
        -2.870538036506958e-08, 8.709505972597183e-07, -4.866937583747071e-07,
        -5.718990187247767e-06, 1.1192069262828378e-05, 2.5823246705014385e-05,
        -0.00014507702101676352, 0.000146857195289428, 0.000877812921715932,
        -0.004873289842981085, 0.014181138710188668, -0.029346699288155306,
        0.04615216058012947, -0.054401965071233224, 0.041138369245074885,
        0.0017927077427397876, -0.07012029929277351, 0.6187563154189137,
    )  # fmt: skip
    y = _horner(1 - 7.5 / (positive + 3.75), coefficients) / (positive + 0.5)
    if np.any(x < 0):
        y = np.where(x < 0, 2 * _exp_square(x, 1.0) - y, y)
    return y[()]


def _erfc(x: Any) -> Any:
    """1 - erf(x), as float64; of full precision in the tail too."""
    y = _exp_square(x, -1.0) * _erfcx(np.abs(x))
    return np.where(x < 0, 2 - y, y)[()]


def _erf(x: Any) -> Any:
    """2 / sqrt(pi) times the integral of exp(-t**2) from 0 to x, as float64."""
    x = np.asarray(x, float)
    coefficients = (
        -7.795898827002142e-10, 1.3720064546777686e-08, -1.6208483801871705e-07,
        1.6447424703317362e-06, -1.492473690741966e-05, 0.00012055294904839707,
        -0.0008548325975389692, 0.0052239776071164225, -0.02686617064323777,
        0.11283791670945006, -0.37612638903183543, 1.1283791670955126,
    )  # fmt: skip

    def near_zero(x: Any) -> Any:
        return x * _horner(x * x, coefficients)

    def beyond(x: Any) -> Any:
        return np.copysign(1 - _erfc(np.abs(x)), x)

    return np.piecewise(x, [np.abs(x) < 1], [near_zero, beyond])[()]


def _erfi(x: Any) -> Any:
    """-i erf(i x), as float64: 2 / sqrt(pi) times the integral of exp(t**2) from 0 to x."""
    integral = _dawsn(np.clip(x, -30, 30))  # beyond, the result is infinite
    with np.errstate(over="ignore"):
        return 2 / np.pi**0.5 * integral * _exp_square(x, 1.0)


def _erfcinv_tail(y: Any) -> Any:
    """The x > 0 with erfc(x) = y for y < 1/4, from r = sqrt(-log(y)), which x is nearly."""
    with np.errstate(divide="ignore", invalid="ignore"):
        r = np.sqrt(-np.log(y))

    def near(r: Any) -> Any:
        p = (
            -5.360859370959487e-06, 0.0006881012958885088, 0.14438608636169423,
            1.8268224007954688, 5.265229235536048, 6.250330315427673, 5.615950527239256,
            2.913618227447303, 1.000661676515174,
        )  # fmt: skip
        q = (
            0.0633106444662687, 1.3050821473970673, 6.444995548799359,
            12.271927213153807, 15.665788459103974, 13.84848046041941,
            8.953293844043076, 3.8071648003687684, 1.0,
        )  # fmt: skip
        return r - r * (_horner(r, p) / _horner(r, q))

    def middle(r: Any) -> Any:
        p = (
            -3.1534038276729914e-10, 1.65943739092499e-07, 0.0001977194506991677,
            0.013519214754559177, 0.23959514793260195, 1.2990297121991305,
            1.9553247754293634, 1.2454266136548886, 0.9902978269799207,
        )  # fmt: skip
        q = (
            6.538709650470061e-05, 0.006196643228574473, 0.15001309359201412,
            1.2099468129592696, 3.4106580869594043, 3.9637056058291344,
            4.004140890935041, 2.064943541965236, 1.0,
        )  # fmt: skip
        return r - r * (_horner(r, p) / _horner(r, q))

    def far(r: Any) -> Any:
        p = (
            12208728.004207747, 18211848.74939772, 6491629.520778361, 811161.9785618938,
            39014.3026078653, 689.867815916263, 3.5049095832336183,
            0.0009961521220581964, -7.814937807331463e-07,
        )  # fmt: skip
        q = (
            13702460.064061517, 24520365.586332098, 37511025.58207786,
            22611143.395526335, 5156467.719138915, 477772.67689505673,
            18090.05156082195, 255.9227074595023, 1.0,
        )  # fmt: skip
        return r - r * (_horner(1 / r, p) / _horner(1 / r, q))

    return np.piecewise(r, [r < 3, (r >= 3) & (r < 8)], [near, middle, far])


def _erfinv(x: Any) -> Any:
    """The inverse of erf, as float64; pieces chosen as in Wichura's AS 241 (1988)."""
    x = np.asarray(x, float)

    def central(x: Any) -> Any:
        s = 0.5625 - x * x
        p = (
            0.004629517836199464, 0.31730417194039606, 3.408658782601145,
            12.832151510619875, 21.727106021614006, 18.039487150473597,
            7.160921199707379, 1.0845597967968248,
        )  # fmt: skip
        q = (
            0.030108495873496597, 0.8535064285470091, 6.247619308964538,
            18.607684554381887, 26.78300806716227, 19.70783200731746, 7.121354241112377,
            1.0,
        )  # fmt: skip
        return x * (_horner(s, p) / _horner(s, q))

    def tails(x: Any) -> Any:
        return np.copysign(_erfcinv_tail(1 - np.abs(x)), x)

    return np.piecewise(x, [np.abs(x) <= 0.75], [central, tails])[()]


def _erfcinv(y: Any) -> Any:
    """The inverse of erfc, as float64; exact for small y, which 1 - y would round away."""
    y = np.asarray(y, float)

    def central(y: Any) -> Any:
        return _erfinv(1 - y)

    def tails(y: Any) -> Any:
        return np.copysign(_erfcinv_tail(np.minimum(y, 2 - y)), 1 - y)

    return np.piecewise(y, [np.abs(y - 1) <= 0.75], [central, tails])[()]


def _ndtr(x: Any) -> Any:
    """The standard normal distribution function, as float64."""
    y = 0.5 * _exp_square(x, -0.5) * _erfcx(np.abs(x) / 2**0.5)
    return np.where(x > 0, 1 - y, y)[()]


def _log_ndtr(x: Any) -> Any:
    """The logarithm of the standard normal distribution function, as float64."""
    x = np.asarray(x, float)
    scaled = 0.5 * _erfcx(np.abs(x) / 2**0.5)
    with np.errstate(divide="ignore", over="ignore"):
        left = np.log(scaled) - 0.5 * x * x
    return np.where(x < 0, left, np.log1p(-scaled * _exp_square(x, -0.5)))[()]


def _ndtri(p: Any) -> Any:
    """The inverse of the standard normal distribution function, as float64."""
    return 0 - 2**0.5 * _erfcinv(2 * np.asarray(p, float))


def _ndtri_exp(y: Any) -> Any:
    """The x whose log_ndtr(x) is y, as float64; far below, by its asymptotic series.

    There x**2 / 2 = -y - log(|x| sqrt(2 pi)) + log(1 - 1/x**2 + 3/x**4 - ...).
    """
    y = np.asarray(y, float)

    def near_zero(y: Any) -> Any:
        return 0 - _ndtri(-np.expm1(y))

    def far(y: Any) -> Any:
        x = 2**0.5 * np.sqrt(-y)
        for _ in range(8):
            s = x**-2.0
            rest = np.log1p(-s * (1 - s * (3 - s * (15 - 105 * s))))
            x = 2**0.5 * np.sqrt(-y - np.log(x * (2 * np.pi) ** 0.5) + rest)
        return -x

    def middle(y: Any) -> Any:
        return _ndtri(np.exp(y))

    with np.errstate(all="ignore"):
        return np.piecewise(y, [y > -0.5, y < -600], [near_zero, far, middle])[()]


def _logit(p: Any) -> Any:
    """log(p / (1 - p)), as float64, without cancellation near 1/2."""
    p = np.asarray(p, float)
    with np.errstate(divide="ignore", invalid="ignore"):
        near_half = np.abs(p - 0.5) < 0.2
        return np.where(near_half, 2 * np.arctanh(2 * p - 1), np.log(p / (1 - p)))[()]


def _erfcx_integral(x: Any, order: int) -> Any:
    """exp(x**2) times the repeated integral of erfc (DLMF 7.18.2), as float64.

    Its recurrence, DLMF 7.18.7, runs upward for x < 2. Above, where these integrals are
    its minimal solution, ratios of neighbours come from the continued fraction
    (Gautschi, SIAM Review 9, 1967).
    """
    x = np.asarray(x, float)

    def upward(x: Any) -> Any:
        before, y = np.full_like(x, 2 / np.pi**0.5), _erfcx(x)
        for k in range(1, order + 1):
            before, y = y, (before - 2 * x * y) / (2 * k)
        return y

    def downward(x: Any) -> Any:
        ratio, y = np.zeros_like(x), _erfcx(x)
        for k in range(order + 60, 0, -1):
            ratio = 1 / (2 * x + 2 * (k + 1) * ratio)
            if k <= order:
                y = y * ratio
        return y

    return np.piecewise(x, [x < 2], [upward, downward])[()]
