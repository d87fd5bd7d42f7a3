"""Accuracy of the special functions: ours and SciPy's against mpmath, on the same points.

    python -m benchmarks.special_accuracy [name ...]

An error is relative, in units of 2**-52; absolute where the function is smaller than the row's
``floor``, which is how zeros are judged, and in units of the smallest subnormal below the normal
range. ``ratio`` is our worst error over SciPy's, which counts as one unit at least.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
import scipy.special

import graphcomp as gr

mp = mpmath.mp
UNIT = mpmath.mpf(2) ** -52
SMALLEST = mpmath.mpf(2) ** -1074
DIGITS = 40
LIMIT = 4
RNG = np.random.default_rng(1)

Points = np.ndarray | tuple[np.ndarray, ...]


@dataclass(frozen=True)
class Row:
    """A function, its truth in mpmath, and named sets of points.

    In ``FUNCTIONS`` its key is SciPy's name, a comma and a remark. ``arguments`` come before the
    points in each call; ``digits`` is mpmath's precision.
    """

    truth: Callable[..., Any]
    points: Mapping[str, Points]
    floor: float = 0.0
    arguments: tuple[Any, ...] = ()
    digits: int = DIGITS


def line(low: float, high: float, count: int = 400) -> np.ndarray:
    """Points spread evenly."""
    return np.sort(RNG.uniform(low, high, count))


def decades(low: float, high: float, count: int = 400) -> np.ndarray:
    """Points of one sign spread evenly over the orders of magnitude."""
    sign, (low, high) = np.sign(low), np.log(np.abs((low, high)))
    return np.asarray(sign * np.exp(line(low, high, count)))


def pairs(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two sets of points in random company."""
    return RNG.permutation(first), RNG.permutation(second)


def _inverse_normal(p: Any) -> Any:
    """The x with ndtr(x) = p, by Newton's method on the logarithm."""
    if p > 0.5:
        return -_inverse_normal(1 - p)
    x = -mp.sqrt(-2 * mp.log(p)) if p < 0.1 else mp.mpf(-0.5)
    for _ in range(100):
        tail = mp.erfc(-x / mp.sqrt(2)) / 2
        step = mp.log(tail / p) * tail / mp.npdf(x)
        x -= step
        if abs(step) <= abs(x) * mp.mpf(10) ** (-25):
            break
    return x


def _log_gamma(x: Any) -> Any:
    return mp.log(abs(mp.gamma(x))) if x < 0 else mp.loggamma(x).real


def _beta(a: Any, b: Any) -> Any:
    return mp.gamma(a) * mp.gamma(b) * mp.rgamma(a + b)


def _binom(n: Any, k: Any) -> Any:
    return mp.gamma(n + 1) * mp.rgamma(k + 1) * mp.rgamma(n - k + 1)


def _boxcox(x: Any, power: Any) -> Any:
    return mp.expm1(power * mp.log(x)) / power


FUNCTIONS: dict[str, Row] = {
    "erf": Row(mp.erf, {
        "center": line(-1, 1), "flanks": line(-6, 6), "tiny": decades(1e-320, 1e-3),
    }),
    "erfc": Row(mp.erfc, {
        "center": line(-3, 3), "left": line(-8, 0), "right": line(3, 12), "tail": line(12, 26.5),
        "subnormal": line(26.5, 27.3),
    }),
    "erfcx": Row(lambda x: mp.exp(x * x) * mp.erfc(x), {
        "center": line(-1, 5), "right": decades(5, 1e3), "left": line(-26.6, -1),
    }),
    "erfinv": Row(mp.erfinv, {
        "center": line(-0.75, 0.75), "flanks": line(-1, 1), "tiny": decades(1e-320, 1e-3, 100),
        "to one": 1 - decades(1e-15, 0.1),
    }),
    "erfcinv": Row(lambda y: -_inverse_normal(y / 2) / mp.sqrt(2), {
        "center": line(0.25, 1.75), "tail": decades(1e-300, 0.3), "left": line(1.75, 2),
        "subnormal": decades(1e-323, 1e-300, 100),
    }),
    "ndtr": Row(lambda x: mp.erfc(-x / mp.sqrt(2)) / 2, {
        "center": line(-3, 3), "right": line(0, 10), "left": line(-12, -3),
        "tail": line(-37.5, -12), "subnormal": line(-38.5, -37.5, 100),
    }),
    "log_ndtr": Row(lambda x: mp.log(mp.erfc(-x / mp.sqrt(2)) / 2), {
        "center": line(-3, 3), "right": line(3, 37), "left": line(-30, -3),
        "tail": decades(-30, -1e4, 100),
    }, digits=400),
    "ndtri": Row(_inverse_normal, {
        "center": line(0.125, 0.875), "tail": decades(1e-300, 0.2), "right": line(0.8, 1),
        "subnormal": decades(1e-323, 1e-300, 100),
    }),
    "ndtri_exp": Row(lambda y: _inverse_normal(mp.exp(y)), {
        "right": decades(-1e-15, -0.5), "middle": line(-30, -0.5), "left": line(-1200, -30, 200),
        "far": decades(-1e3, -1e4, 50),
    }),
    "erfi": Row(mp.erfi, {
        "center": line(-3, 3), "flanks": line(-26, 26), "tiny": decades(1e-320, 1e-3, 100),
    }),
    "expit": Row(lambda x: 1 / (1 + mp.exp(-x)), {
        "center": line(-3, 3), "left": line(-700, -3), "right": line(3, 40),
    }, digits=330),
    "logit": Row(lambda p: mp.log(p / (1 - p)), {
        "center": line(0.2, 0.8), "half": 0.5 + decades(1e-15, 0.1), "left": decades(1e-320, 0.3),
        "right": 1 - decades(1e-15, 0.3),
    }),
    "log_expit": Row(lambda x: -mp.log1p(mp.exp(-x)), {
        "center": line(-3, 3), "left": line(-700, -3), "right": line(3, 700),
    }, digits=330),
    "gamma": Row(mp.gamma, {
        "near one": line(0.5, 3), "small": decades(1e-307, 0.5), "middle": line(3, 20),
        "large": line(20, 171.6), "left": line(-20, 0), "far left": line(-170, -20),
        "whole": np.arange(1.0, 172),
    }),
    "rgamma": Row(mp.rgamma, {
        "near one": line(0.5, 3), "small": decades(1e-320, 0.5), "middle": line(3, 20),
        "large": line(20, 171.6), "subnormal": line(171.6, 178, 100), "left": line(-20, 0),
        "far left": line(-170, -20),
    }),
    "gammaln": Row(_log_gamma, {
        "near one": 1 + decades(1e-15, 0.4), "below one": 1 - decades(1e-15, 0.5),
        "near two": 2 + decades(1e-15, 1), "below two": 2 - decades(1e-15, 0.5),
        "small": decades(1e-320, 0.5), "middle": line(3, 20), "large": decades(20, 1e305),
    }),
    "gammaln, x < 0": Row(_log_gamma, {
        "left": line(-20, 0), "far left": line(-1e3, -20), "small left": decades(-1e-300, -0.4),
    }, floor=1.0),
    "digamma": Row(mp.digamma, {
        "near one": line(0.5, 1.3), "small": decades(1e-300, 0.5), "middle": line(1.6, 20),
        "large": decades(20, 1e305), "root": 1.4616321449683622 + line(-0.2, 0.2),
    }),
    "digamma, x < 0": Row(mp.digamma, {
        "left": line(-20, 0), "far left": line(-1e3, -20),
    }, floor=1.0),
    "polygamma, n = 1": Row(mp.psi, {
        "small": decades(1e-150, 1), "middle": line(1, 20), "large": decades(20, 1e300),
        "left": line(-20, 0),
    }, arguments=(1,)),
    "polygamma, n = 2": Row(mp.psi, {
        "small": decades(1e-100, 1), "middle": line(1, 20), "large": decades(20, 1e150),
    }, arguments=(2,)),
    "polygamma, n = 2, x < 0": Row(mp.psi, {
        "left": line(-20, 0),
    }, floor=1.0, arguments=(2,)),
    "polygamma, n = 12": Row(mp.psi, {
        "small": decades(1e-20, 1), "middle": line(1, 20), "large": decades(20, 1e15),
    }, arguments=(12,)),
    "beta": Row(_beta, {
        "small": pairs(decades(1e-100, 3), decades(1e-100, 3)),
        "middle": pairs(line(0, 20), line(0, 20)), "large": pairs(line(10, 500), line(10, 500)),
        "skew": pairs(decades(1e2, 1e7), line(0.1, 20)),
    }),
    "betaln": Row(lambda a, b: mp.log(_beta(a, b)), {
        "small": pairs(decades(1e-100, 1), decades(1e-100, 1)),
        "middle": pairs(line(0, 20), line(0, 20)), "large": pairs(line(10, 500), line(10, 500)),
        "skew": pairs(decades(1e2, 1e7), line(0.1, 20)),
    }, floor=1.0, digits=60),
    "binom": Row(_binom, {
        "whole": pairs(np.repeat(np.arange(200.0, 401), 2), np.repeat(np.arange(201.0), 2)),
        "small": pairs(line(0, 20), line(-3, 20)), "large": pairs(line(50, 900), line(0, 50)),
    }, floor=1e-3),
    "poch": Row(mp.rf, {
        "small": pairs(line(0.1, 10), line(0, 10)), "large": pairs(line(1, 1000), line(0, 50)),
        "tiny step": pairs(decades(1, 1e6), decades(1e-10, 1)),
    }),
    "j0": Row(lambda x: mp.besselj(0, x), {
        "near": line(-5, 5), "middle": line(5, 60), "far": decades(60, 1e15),
        "tiny": decades(1e-320, 1, 100),
    }, floor=0.1),
    "j1": Row(lambda x: mp.besselj(1, x), {
        "near": line(-5, 5), "middle": line(5, 60), "far": decades(60, 1e15),
    }, floor=0.1),
    "j1, near 0": Row(lambda x: mp.besselj(1, x), {"tiny": decades(1e-320, 1, 100)}),
    "y0": Row(lambda x: mp.bessely(0, x), {
        "near": line(0, 5), "middle": line(5, 60), "far": decades(60, 1e15),
        "tiny": decades(1e-320, 0.5, 100),
    }, floor=0.1),
    "y1": Row(lambda x: mp.bessely(1, x), {
        "near": line(0, 5), "middle": line(5, 60), "far": decades(60, 1e15),
        "tiny": decades(1e-307, 1, 100),
    }, floor=0.1),
    "i0": Row(lambda x: mp.besseli(0, x), {"near": line(-8, 8), "far": line(8, 713)}),
    "i1": Row(lambda x: mp.besseli(1, x), {
        "near": line(-8, 8), "far": line(8, 713), "tiny": decades(1e-320, 1, 100),
    }),
    "i0e": Row(lambda x: mp.exp(-abs(x)) * mp.besseli(0, x), {
        "near": line(-8, 8), "far": decades(8, 1e6),
    }),
    "i1e": Row(lambda x: mp.exp(-abs(x)) * mp.besseli(1, x), {
        "near": line(-8, 8), "far": decades(8, 1e6), "tiny": decades(1e-320, 1, 100),
    }),
    "k0": Row(lambda x: mp.besselk(0, x), {
        "near": line(0, 2), "far": line(2, 745), "tiny": decades(1e-320, 1, 100),
    }),
    "k1": Row(lambda x: mp.besselk(1, x), {
        "near": line(0, 2), "far": line(2, 745), "tiny": decades(1e-307, 1, 100),
    }),
    "k0e": Row(lambda x: mp.exp(x) * mp.besselk(0, x), {
        "near": line(0, 2), "far": decades(2, 1e6),
    }),
    "k1e": Row(lambda x: mp.exp(x) * mp.besselk(1, x), {
        "near": line(0, 2), "far": decades(2, 1e6),
    }),
    "xlogy": Row(lambda x, y: x * mp.log(y), {
        "all": pairs(line(-5, 5), decades(1e-300, 1e300)),
        "near one": pairs(line(-5, 5), 1 + decades(1e-15, 0.1)),
    }),
    "xlog1py": Row(lambda x, y: x * mp.log1p(y), {
        "all": pairs(line(-5, 5), decades(1e-300, 1e300)), "left": pairs(line(-5, 5), line(-1, 0)),
    }),
    "entr": Row(lambda x: -x * mp.log(x), {"all": decades(1e-320, 1e300)}),
    "rel_entr": Row(lambda x, y: x * mp.log(x / y), {
        "all": pairs(decades(1e-300, 1e200), decades(1e-300, 1e200)),
        "near": pairs(line(1, 1.1), line(1, 1.1)),
    }),
    "kl_div": Row(lambda x, y: x * mp.log(x / y) - x + y, {
        "all": pairs(decades(1e-300, 1e200), decades(1e-300, 1e200)),
    }),
    "kl_div, near 1": Row(lambda x, y: x * mp.log(x / y) - x + y, {
        "near": pairs(line(0.5, 2), line(0.5, 2)),
    }, floor=1.0),
    "pseudo_huber": Row(lambda d, r: d * d * (mp.sqrt(1 + (r / d) ** 2) - 1), {
        "all": pairs(decades(1e-100, 1e100), decades(1e-30, 1e100)),
    }, digits=300),
    "boxcox": Row(_boxcox, {
        "all": pairs(decades(1e-3, 1e3), line(-3, 3)),
        "log": pairs(decades(1e-300, 1e300), decades(1e-320, 1e-3)),
    }),
    "boxcox1p": Row(lambda x, y: _boxcox(1 + x, y), {
        "all": pairs(line(-0.9, 9), line(-3, 3)), "tiny": pairs(decades(1e-320, 1), line(-3, 3)),
    }, digits=360),
    "inv_boxcox": Row(lambda y, c: mp.exp(mp.log1p(c * y) / c), {
        "all": pairs(line(0, 3), line(0, 3)), "log": pairs(line(-30, 30), decades(1e-320, 1e-3)),
    }, digits=360),
    "powm1": Row(mp.powm1, {
        "all": pairs(decades(1e-3, 1e3), line(-3, 3)),
        "near": pairs(1 + decades(1e-15, 0.1), line(-3, 3)),
    }),
    "cosm1": Row(lambda x: -2 * mp.sin(x / 2) ** 2, {
        "near": line(-3, 3), "tiny": decades(1e-150, 1),
    }),
    "dawsn": Row(lambda x: mp.sqrt(mp.pi) / 2 * mp.exp(-x * x) * mp.erfi(x), {
        "near": line(-5, 5), "far": line(5, 25), "tiny": decades(1e-320, 1),
    }),
    "exp1": Row(mp.e1, {
        "near": line(0, 5), "far": line(5, 740), "tiny": decades(1e-320, 1),
    }),
    "expi": Row(mp.ei, {
        "left": line(-700, 0), "near": line(0.5, 10), "middle": line(10, 40), "far": line(40, 715),
        "tiny": decades(1e-320, 0.2),
    }),
    "expi, root": Row(mp.ei, {"root": line(0.3, 0.5)}, floor=1.0),
    "spence": Row(lambda x: mp.polylog(2, 1 - x).real, {
        "near": line(0, 3), "far": decades(3, 1e100), "root": 1 + decades(1e-15, 0.1),
        "tiny": decades(1e-320, 1, 100),
    }),
}  # fmt: skip


def errors(actual: np.ndarray, truths: list[Any], floor: float) -> list[float]:
    """The error of each value, as the module's text defines it."""
    found = []
    for value, truth in zip(actual.tolist(), truths, strict=True):
        if mpmath.isnan(truth) or mpmath.isinf(truth) or not np.isfinite(value):
            same = value == float(truth) or (value != value and mpmath.isnan(truth))
            found.append(0.0 if same else np.inf)
            continue
        unit = max(UNIT * max(abs(truth), floor), SMALLEST)
        found.append(float(abs(mpmath.mpf(value) - truth) / unit))
    return found


def measure(name: str, row: Row, points: Points) -> tuple[float, float, float, Any]:
    """Our worst error, SciPy's, their ratio, and the point of ours."""
    arrays = points if isinstance(points, tuple) else (points,)
    variables = [gr.vector(f"x{k}", len(array)) for k, array in enumerate(arrays)]
    function = getattr(gr.special, name)(*row.arguments, *variables)
    ours = gr.evaluate(dict(zip(variables, arrays, strict=True)), function)
    with np.errstate(all="ignore"):
        theirs = getattr(scipy.special, name)(*row.arguments, *arrays)
    with mpmath.workdps(row.digits):
        converted = [[mpmath.mpf(v) for v in array.tolist()] for array in arrays]
        truths = [row.truth(*row.arguments, *each) for each in zip(*converted, strict=True)]
        our, their = errors(ours, truths, row.floor), errors(theirs, truths, row.floor)
    worst = int(np.argmax(our))
    where = tuple(float(array[worst]) for array in arrays)
    ratio = our[worst] / max(max(their), 1.0)
    return our[worst], max(their), ratio, where


def main(names: list[str]) -> None:
    """Print the worst errors of each function on each set of points."""
    print(f"{'function':24} {'points':12} {'ours':>10} {'SciPy':>10} {'ratio':>7}  worst at")
    ratios = [0.0]
    for key, row in FUNCTIONS.items():
        name = key.partition(",")[0]
        if names and name not in names:
            continue
        for region, points in row.points.items():
            ours, theirs, ratio, where = measure(name, row, points)
            place = ", ".join(f"{x:.17g}" for x in where)
            print(f"{key:24} {region:12} {ours:10.3g} {theirs:10.3g} {ratio:7.2f}  {place}")
            ratios.append(ratio)
    print(f"worst ratio {max(ratios):.2f}; at most {LIMIT} is asked for")


if __name__ == "__main__":
    main(sys.argv[1:])
