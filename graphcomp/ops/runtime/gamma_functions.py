"""The gamma function, its logarithm, their derivatives, and what is made of them.

Coefficients without another source are this project's own, from interpolation at Chebyshev
nodes in 60 digits.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from graphcomp.ops.runtime.error_functions import _horner


def _sin_pi(x: Any) -> Any:
    """sin(pi * x), exact to rounding near every zero."""
    nearest = np.rint(x)
    return np.where(nearest % 2 == 0, 1, -1) * np.sin(np.pi * (x - nearest))


def _gamma_factors(x: Any) -> Any:
    """Two numbers whose product is gamma(x), x >= 0; neither overflows before 200.

    Below 3 from gamma on [1, 2]; above, Stirling's formula with its correction as a
    polynomial in 1/x, the power taken in two halves; exact at integers up to 23.
    """
    small = x < 3
    first, second = np.ones_like(x), np.empty_like(x)

    v = x[small]
    w = v - np.floor(v)
    p = (
        2.902250155872659e-05, 0.0003524597949092313, 0.0027328158824730425,
        0.016988237551121128, 0.0738970315467388, 0.2664425060621577,
        0.6021935674856143, 1.0,
    )  # fmt: skip
    q = (
        0.00021462798133534784, -0.002976412269023573, 0.010970709238829842,
        0.02613385940287833, -0.20927637091403406, -0.04184000500256148,
        1.1794092323871486, 1.0,
    )  # fmt: skip
    factor = np.where(v < 1, 1 / v, np.maximum(1, v - 1))
    second[small] = _horner(w, p) / _horner(w, q) * factor

    v = np.minimum(x[~small], 200)
    correction = (
        0.000702859653636026, -0.0016491664669824938, 0.0014286980834420009,
        -0.00017893429812548852, -0.0005739543361187978, 6.799094331077775e-05,
        0.0007841473126873923, -0.0002294762895616596, -0.0026813270658888368,
        0.003472222221110523, 0.08333333333333895, 1.0,
    )  # fmt: skip
    half = v ** (0.5 * v - 0.25)
    first[~small] = half
    scale = (2 * np.pi) ** 0.5 * _horner(1 / v, correction)
    second[~small] = scale * (half / np.exp(v))

    whole = (x == np.rint(x)) & (x >= 1) & (x <= 23)
    first[whole] = 1
    second[whole] = np.cumprod(np.maximum(np.arange(23.0), 1))[x[whole].astype(int) - 1]
    return first, second


def _gamma(x: Any) -> Any:
    """The gamma function, as float64: inf at 0, nan at the other poles.

    For x < 0 by reflection, gamma(x) gamma(-x) = -pi / (x sin(pi x)).
    """
    x = np.asarray(x, float)
    with np.errstate(all="ignore"):
        first, second = _gamma_factors(np.abs(x))
        y = first * second
        if np.any(x < 0):
            sine = np.where(x == np.rint(x), np.nan, _sin_pi(x))
            y = np.where(x < 0, -np.pi / (x * sine) / first / second, y)
        return np.where(np.abs(x) < 1e-20, 1 / x, y)[()]


def _rgamma(x: Any) -> Any:
    """1 / gamma(x), as float64: zero at the poles of gamma."""
    x = np.asarray(x, float)
    with np.errstate(all="ignore"):
        first, second = _gamma_factors(np.abs(x))
        y = 1 / first / second
        if np.any(x < 0):
            y = np.where(x < 0, -x * _sin_pi(x) / np.pi * first * second, y)
        return np.where(np.abs(x) < 1e-20, x, y)[()]


def _stirling_error(x: Any) -> Any:
    """log(gamma(x)) less (x - 1/2) log(x) - x + log(2 pi) / 2 for x >= 4."""
    coefficients = (
        -0.009270537961723677, 0.004897400222972809, -0.0018485657084907699,
        0.0008398890452701349, -0.0005952098662897389, 0.0007936505792475166,
        -0.00277777777714881, 0.08333333333333302,
    )  # fmt: skip
    return _horner((1 / x) ** 2, coefficients) / x


def _gammaln(x: Any) -> Any:
    """log(abs(gamma(x))), as float64, of full relative precision near its zeros 1, 2.

    There from (x - 1)(x - 2) times a rational function; Stirling's formula from 4 on;
    reflection below -1/2.
    """
    x = np.asarray(x, float)

    def at_one_plus(u: Any) -> Any:
        p = (
            6.322465084206917e-05, 0.018886106447397574, 0.41407126013852186,
            2.9159366240220783, 9.084916114908062, 14.248322798334971,
            11.686279486171978, 4.770777607496598, 0.7631532572329335,
        )  # fmt: skip
        q = (
            0.005324681809183941, 0.19664781212084098, 2.107488298120385,
            9.707874878760087, 22.590160503453053, 28.517064248802132,
            19.731174295603584, 7.015256204652373, 1.0,
        )  # fmt: skip
        return u * (u - 1) * (_horner(u + 0.5, p) / _horner(u + 0.5, q))

    def near_zero(x: Any) -> Any:
        return at_one_plus(x) - np.log(np.abs(x))

    def near_one(x: Any) -> Any:
        return at_one_plus(x - 1)

    def near_two(x: Any) -> Any:
        p = (
            1.9702730186883908e-07, 0.00014222381254434913, 0.006420115485951662,
            0.08643115457469057, 0.47641676246122644, 1.2025142573147285,
            1.3766904714229071, 0.5772156648015568,
        )  # fmt: skip
        q = (
            3.369336323988088e-05, 0.0024284304412902223, 0.0485923378057595,
            0.397466951674158, 1.5462159350187064, 3.007925687861102, 2.809940784725076,
            1.0,
        )  # fmt: skip
        return (x - 1) * (x - 2) * (_horner(x - 1, p) / _horner(x - 1, q))

    def large(x: Any) -> Any:
        constant = 0.5 * np.log(2 * np.pi) - 0.5
        return (x - 0.5) * (np.log(x) - 1) + (constant + _stirling_error(x))

    def reflected(x: Any) -> Any:
        return np.log(np.pi / np.abs(x * _sin_pi(x))) - _gammaln(-x)

    pieces = [np.abs(x) < 0.5, (x >= 0.5) & (x < 1.5), (x >= 1.5) & (x < 4), x <= -0.5]
    functions = [near_zero, near_one, near_two, reflected, large]
    with np.errstate(all="ignore"):
        return np.piecewise(x, pieces, functions)[()]


def _loggamma(x: Any) -> Any:
    """log(gamma(x)), as float64; nan for x < 0."""
    return _gammaln(np.where(x < 0, np.nan, x))


def _digamma(x: Any) -> Any:
    """The derivative of log(gamma(x)), as float64: -inf at 0, nan at the other poles.

    digamma(1 + u) from a rational function times the distance to its root for u < 3,
    above by log(u) + 1/(2u) and a polynomial in 1/u**2; reflection for x < 0.
    """
    x = np.asarray(x, float)

    def small(u: Any) -> Any:
        p = (
            2.7200459223145526e-08, 2.9680247721878655e-05, 0.00185527341092483,
            0.03589576872370044, 0.2942406271694936, 1.129143680588412,
            1.9768721849923316, 1.2503801375034054,
        )  # fmt: skip
        q = (
            5.493425338825715e-06, 0.0004882204942307578, 0.012526258173511343,
            0.13541136731167883, 0.7079881314333463, 1.8491840595239417,
            2.264563759984068, 1.0,
        )  # fmt: skip
        distance = u - 0.46163214496836236 - -1.5522348162858677e-17
        return distance * (_horner(u, p) / _horner(u, q))

    def large(u: Any) -> Any:
        coefficients = (
            -4.15409568940603, 3.2200812668413126, -1.2213863296286607,
            0.32525222437397994, -0.07768996902561713, 0.020904992716699745,
            -0.007571670662698111, 0.004166613154056894, -0.003968253600942064,
            0.0083333333323328, -0.08333333333333287,
        )  # fmt: skip
        inverse = 1 / u
        rest = inverse * _horner(inverse * inverse, coefficients)
        return np.log(u) + inverse * (0.5 + rest)

    with np.errstate(all="ignore"):
        u = np.where(x >= 1, x - 1, np.abs(x))
        y = np.piecewise(u, [u < 3], [small, large])
        offset = np.where(x == np.rint(x), np.nan, x - np.rint(x))
        rest = np.where(x >= 0, 1 / x, np.pi / np.tan(np.pi * offset))
        return np.where(x >= 1, y, y - rest)[()]


def _zeta(s: float, q: Any) -> Any:
    """The sum of (q + k)**-s over k >= 0, Hurwitz' zeta function, as float64; s > 1.

    By Euler and Maclaurin's formula. For q < 0, which only an integer s allows, by the
    sums from the fractional part of q up and from there down to q.
    """
    q = np.asarray(q, float)
    count = 10 + int(s)
    bernoulli = 1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510

    def large(q: Any) -> Any:
        factor = s / (2 * q * q)
        total = 1 / (s - 1) + 0.5 / q
        for k, number in enumerate(bernoulli, 1):
            total = total + number * factor
            ratio = (s + 2 * k - 1) * (s + 2 * k) / ((2 * k + 1) * (2 * k + 2))
            factor = factor * ratio / (q * q)
        return total / q ** (s - 1)

    def term(q: Any) -> Any:
        return 1 / (q * q) if s == 2 else q**-s

    def shifted(q: Any) -> Any:
        total = large(q + count)
        for k in range(count - 1, -1, -1):
            total = total + term(q + k)
        return total

    def positive(q: Any) -> Any:
        return np.piecewise(q, [q < count], [shifted, large])

    def negative(q: Any) -> Any:
        offset = q - np.rint(q)
        above = np.where(offset > 0, offset, 1 + offset)
        below = np.where(offset > 0, 1 - offset, -offset)
        sign = np.nan if s % 1 else (-1) ** (s % 2)
        far = positive(1 + above) + sign * (positive(1 + below) - positive(1 - q))
        return np.where(offset == 0, np.inf, term(above) + sign * term(below) + far)

    with np.errstate(all="ignore"):
        return np.piecewise(q, [q < 0], [negative, positive])[()]


def _gammasgn(x: Any) -> Any:
    """The sign of gamma(x), as float64; that of x at 0, nan at the other poles."""
    x = np.asarray(x, float)
    with np.errstate(invalid="ignore"):
        sign = np.where(np.floor(x) % 2 == 0, 1.0, -1.0)
        sign = np.where((x == np.floor(x)) | np.isnan(x), np.nan, sign)
    return np.where((x > 0) | (x == 0), np.copysign(1.0, x), sign)[()]


def _gammaln_change(x: Any, h: Any) -> Any:
    """log(gamma(x + h) / (gamma(x) * x**h)) for x >= 4, h >= 0, without cancellation.

    As in Didonato and Morris, Algorithm 708, ACM Trans. Math. Software 18 (1992).
    """
    change = _stirling_error(x + h) - _stirling_error(x)
    return (x + h - 0.5) * np.log1p(h / x) - h + change


def _beta_operands(a: Any, b: Any) -> Any:
    """The lower and the higher operand, the sign of beta, and where it has a pole.

    Whole a <= 0 and b > 0 with a finite limit are made positive by
    beta(a, b) = (-1)**b beta(1 - a - b, b).
    """
    a, b = np.broadcast_arrays(np.asarray(a, float), np.asarray(b, float))
    low, high = np.minimum(a, b), np.maximum(a, b)
    pole = (low <= 0) & (low == np.rint(low)) | (high <= 0) & (high == np.rint(high))
    limit = pole & (high > 0) & (high == np.rint(high)) & (low + high < 1)
    limit &= np.isfinite(low)
    sign = np.where(limit & (high % 2 == 1), -1, 1)
    low = np.where(limit, 1 - low - high, low)
    return np.minimum(low, high), np.maximum(low, high), sign, pole & ~limit


def _betaln(a: Any, b: Any) -> Any:
    """log(abs(beta(a, b))), as float64; large operands as in Algorithm 708."""
    with np.errstate(all="ignore"):
        low, high, _, pole = _beta_operands(a, b)
        y = np.where((low > 0) & (high == np.inf), -np.inf, low + high)
        y[pole] = np.inf
        finite = np.isfinite(y)
        both = finite & (low >= 10)
        one = finite & (low > 0) & (low < 10) & (high >= 100)
        x, z = low[both], high[both]
        power = (x - 0.5) * np.log(x / (x + z)) - z * np.log1p(x / z)
        errors = _stirling_error(x) + _stirling_error(z) - _stirling_error(x + z)
        y[both] = 0.5 * np.log(2 * np.pi / z) + power + errors

        x, z = low[one], high[one]
        y[one] = _gammaln(x) - x * np.log(z) - _gammaln_change(z, x)

        near = finite & ~(both | one) & (np.maximum(high, -low) < 100)
        x, z = low[near], high[near]
        y[near] = np.log(np.abs(_gamma(x) * (_gamma(z) * _rgamma(x + z))))

        rest = finite & ~(both | one | near)
        x, z = low[rest], high[rest]
        y[rest] = _gammaln(x) + _gammaln(z) - _gammaln(x + z)
    return y[()]


def _beta(a: Any, b: Any) -> Any:
    """gamma(a) * gamma(b) / gamma(a + b), as float64; inf at poles."""
    with np.errstate(all="ignore"):
        low, high, sign, pole = _beta_operands(a, b)
        y = np.empty_like(low)
        near = (np.maximum(high, -low) < 165) & (low + high < 165)
        x, z = low[near], high[near]
        y[near] = _gamma(x) * (_gamma(z) * _rgamma(x + z))
        x, z = low[~near], high[~near]
        signs = np.where(x > 0, 1, _gammasgn(x) * _gammasgn(z) * _gammasgn(x + z))
        y[~near] = np.where(np.isnan(signs), 0, signs) * np.exp(_betaln(x, z))
        return np.where(pole, np.inf, sign * y)[()]


def _binom(n: Any, k: Any) -> Any:
    """The binomial coefficient for real n and k, as float64; nan at integers n < 0.

    A product for small whole k, whose partial products are binomial coefficients
    themselves; else 1 / ((n + 1) beta(n - k + 1, k + 1)).
    """
    n, k = np.broadcast_arrays(np.asarray(n, float), np.asarray(k, float))
    with np.errstate(all="ignore"):
        whole = n == np.rint(n)
        k = np.where(whole & (k > n / 2) & (k <= n) & (n > 0), n - k, k)
        y = np.empty_like(k)
        short = (k == np.rint(k)) & (k >= 0) & (k < 30)
        m, j = n[short], k[short]
        product = np.ones_like(j)
        for i in range(1, int(np.max(j, initial=0)) + 1):
            product = np.where(i <= j, product * (m - j + i) / i, product)
        y[short] = product

        m, j = n[~short], k[~short]
        inverse = (m + 1) * _beta(1 + m - j, 1 + j)
        other = 1 / inverse
        lost = (inverse == 0) & (m > 0)
        m, j = m[lost], j[lost]
        other[lost] = np.exp(-_betaln(1 + m - j, 1 + j) - np.log(m + 1))
        y[~short] = other
        return np.where(whole & (n < 0), np.nan, y)[()]


def _poch(x: Any, m: Any) -> Any:
    """gamma(x + m) / gamma(x), the rising factorial, as float64; inf at poles.

    A product for small whole m, after reflection where both are poles of gamma; for
    large x by how the logarithm changes.
    """
    x, m = np.broadcast_arrays(np.asarray(x, float), np.asarray(m, float))
    with np.errstate(all="ignore"):
        whole = m == np.rint(m)
        both = whole & (x == np.rint(x)) & (x <= 0) & (x + m <= 0)
        sign = np.where(both & (m % 2 == 1), -1, 1)
        x = np.where(both, 1 - x - m, x)
        pole = (x + m <= 0) & (x + m == np.rint(x + m))
        y = np.where(pole, np.inf, 0.0 * (x + m))

        short = whole & (np.abs(m) < 30)
        z, h = np.where(m < 0, x + m, x)[short], m[short]
        product = np.ones_like(z)
        for i in range(int(np.max(np.abs(h), initial=0))):
            product = np.where(i < np.abs(h), product * (z + i), product)
        y[short] = np.where(h < 0, 1 / product, product)

        rest = ~(short | pole | ((x <= 0) & (x == np.rint(x))))
        large = rest & (x >= 50) & (m >= 0)
        z, h = x[large], m[large]
        y[large] = z**h * np.exp(_gammaln_change(z, h))

        near = rest & ~large & (np.maximum(np.abs(x), np.abs(x + m)) < 165)
        z, h = x[near], m[near]
        y[near] = _gamma(z + h) * _rgamma(z)

        far = rest & ~(large | near)
        z, h = x[far], m[far]
        signs = _gammasgn(z) * _gammasgn(z + h)
        y[far] = signs * np.exp(_gammaln(z + h) - _gammaln(z))
    return (sign * y)[()]
