"""Hard points: where what people write overflows, cancels or divides 0 by 0. The table behind
``docs/hard_points.md``.

``python -m tests.hard_points`` prints what we get wrong; with ``--peers`` it asks JAX, PyTorch and
autograd too, those that are installed, and keeps their answers in ``hard_points.json``, from which
the page is written.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import mpmath
import numpy as np

import codegen
import graphcomp as gr

DIGITS = 1300  # so that differences see the 1 in 1 + exp(1000), and 1e-300 beside it
TOLERANCE = 2e-13
ANSWERS = Path(__file__).with_suffix(".json")
INF = float("inf")
NONE = float("nan")  # there is no such derivative: any finite number will do
NEGLIGIBLE = 1e-100
ORDERS = ("value", "first", "second")
PEERS = {"jax": "JAX", "torch": "PyTorch", "autograd": "autograd"}

Triple = tuple[float, ...]


@dataclass(frozen=True)
class HardPoint:
    """An expression of x in NumPy's and SciPy's names, and a point.

    ``truth`` is the same in mpmath's names, or the value and both derivatives themselves where
    a convention says what they are. ``peers`` leaves out those who have not the function.
    """

    text: str
    x: float
    truth: str | Triple
    peers: str = "jax torch autograd"

    @property
    def key(self) -> str:
        return f"{self.text} at {self.x!r}"


S = "(1 / (1 + np.exp(-x)))"
MP_S = "(1 / (1 + mp.exp(-x)))"
SOFT = "np.exp({0}) / np.sum(np.exp({0}))".format("np.array([x, 0 * x, -x])")
MP_SUM = "(mp.exp(x) + 1 + mp.exp(-x))"
EXPREL = "mp.hyp1f1(1, 2, x)"
NO_TORCH = "jax autograd"


def _table() -> Iterator[HardPoint]:
    """Each row: the expression, its truth, and points."""
    rows: list[tuple[str, str | Triple, tuple[float, ...]]] = [
        # logarithms and exponentials
        ("np.log(1 + np.exp(x))", "mp.log(1 + mp.exp(x))", (1000.0, -40.0, -800.0)),
        ("np.log1p(np.exp(x))", "mp.log(1 + mp.exp(x))", (1000.0,)),
        ("np.log(1 + x)", "mp.log(1 + x)", (1e-18,)),
        ("np.exp(x) - 1", "mp.exp(x) - 1", (1e-18,)),
        ("np.log(1 - np.exp(x))", "mp.log(1 - mp.exp(x))", (-1e-20, -50.0)),
        ("np.log(1 - np.exp(-x))", "mp.log(1 - mp.exp(-x))", (1e-20,)),
        ("np.log1p(-np.exp(x))", "mp.log(1 - mp.exp(x))", (-1e-20,)),
        ("np.log(np.exp(x) - 1)", "mp.log(mp.exp(x) - 1)", (1e-20, 1000.0)),
        ("np.log(np.exp(x) + np.exp(2 * x))", "mp.log(mp.exp(x) + mp.exp(2 * x))",
         (1000.0, -1000.0)),
        ("np.log(np.sum(np.exp(np.array([x, 2 * x, -x]))))",
         "mp.log(mp.exp(x) + mp.exp(2 * x) + mp.exp(-x))", (500.0, -900.0)),
        ("np.log(np.mean(np.exp(np.array([x, 2 * x]))))",
         "mp.log((mp.exp(x) + mp.exp(2 * x)) / 2)", (600.0,)),
        ("np.log(np.cosh(x))", "mp.log(mp.cosh(x))", (1000.0, 1e-9)),
        ("np.log((1 + x) / (1 - x))", "mp.log((1 + x) / (1 - x))", (1e-18,)),
        ("np.log(x + np.sqrt(x * x + 1))", "mp.asinh(x)", (1e-18, -1e10)),
        # sigmoids and likelihoods
        (S, MP_S, (-1000.0, 1000.0, 40.0)),
        ("np.exp(x) / (1 + np.exp(x))", MP_S, (1000.0,)),
        (f"np.log{S}", f"mp.log({MP_S})", (-1000.0, 40.0)),
        (f"np.log(1 - {S})", "-mp.log(1 + mp.exp(x))", (1000.0, -40.0)),
        (f"-(0.3 * np.log{S} + 0.7 * np.log(1 - {S}))",
         "mp.mpf(0.3) * mp.log(1 + mp.exp(-x)) + mp.mpf(0.7) * mp.log(1 + mp.exp(x))",
         (800.0, -800.0)),
        (f"np.log({S} / (1 - {S}))", "x", (40.0, 800.0)),
        ("scipy.special.logit(scipy.special.expit(x))", "x", (40.0, -800.0)),
        (f"({SOFT})[0]", f"mp.exp(x) / {MP_SUM}", (800.0,)),
        (f"np.log({SOFT})[2]", f"-x - mp.log{MP_SUM}", (400.0,)),
        (f"-np.log(({SOFT})[1])", f"mp.log{MP_SUM}", (800.0,)),
        ("np.log(scipy.special.softmax(np.array([x, 0 * x, -x])))[2]",
         f"-x - mp.log{MP_SUM}", (400.0,)),
        ("1 - np.tanh(x) ** 2", "mp.sech(x) ** 2", (30.0,)),
        ("1 / (np.exp(x) + np.exp(-x))", "mp.sech(x) / 2", (800.0,)),
        ("np.exp(-x) / (1 + np.exp(-x)) ** 2", "mp.exp(-x) / (1 + mp.exp(-x)) ** 2", (-800.0,)),
        # masks: the branch not taken
        ("np.where(x > 0, np.log(x), 0.0)", (0.0, 0.0, 0.0), (-1.0, 0.0)),
        ("np.where(x > 0, np.sqrt(x), 0.0)", (0.0, 0.0, 0.0), (0.0, -2.0)),
        ("np.where(x > 0, np.sqrt(x) * np.log(x), 2 * x)", (-4.0, 2.0, 0.0), (-2.0,)),
        ("np.where(x < 10, np.exp(x), x)", (1000.0, 1.0, 0.0), (1000.0,)),
        ("np.where(x > 1, 1 / (x - 1), x)", (1.0, 1.0, 0.0), (1.0,)),
        ("np.where(x > 0, x * np.log(x), 0.0)", (0.0, 0.0, 0.0), (0.0,)),
        ("np.where(x > 0, x / np.sqrt(x), x)", (0.0, 1.0, 0.0), (0.0,)),
        # 0 / 0 and cancellation
        ("np.sin(x) / x", "mp.sinc(x)", (0.0, 1e-9)),
        ("(np.exp(x) - 1) / x", EXPREL, (0.0, 1e-12)),
        ("x / (np.exp(x) - 1)", f"1 / {EXPREL}", (0.0, 1e-12, 800.0)),
        ("1 - np.cos(x)", "1 - mp.cos(x)", (1e-9,)),
        ("(1 - np.cos(x)) / x ** 2", "mp.sinc(x / 2) ** 2 / 2", (1e-8,)),
        ("x * np.log(x)", (0.0, -INF, INF), (0.0,)),
        ("-x * np.log(x) - (1 - x) * np.log(1 - x)",
         "-x * mp.log(x) - (1 - x) * mp.log(1 - x)", (1e-20,)),
        ("np.exp(2 * np.log(x))", (0.0, 0.0, 2.0), (0.0,)),
        # norms and spreads
        ("np.sqrt(x * x)", (0.0, 0.0, 0.0), (0.0,)),
        ("np.sqrt(x * x)", "abs(x)", (1e-200, -1e200)),
        ("np.sqrt(np.sum(np.array([x, 2 * x]) ** 2))", (0.0, 0.0, NONE), (0.0,)),
        ("np.linalg.norm(np.array([x, x]))", (0.0, 0.0, NONE), (0.0,)),
        ("np.hypot(x, 2 * x)", (0.0, 0.0, NONE), (0.0,)),
        ("np.hypot(x, 1.0)", "mp.hypot(x, 1)", (1e200,)),
        ("np.std(np.array([x, x, x]))", (0.0, 0.0, 0.0), (2.0,)),
        ("np.prod(np.array([x, x, 3.0]))", (0.0, 0.0, 6.0), (0.0,)),
        # tails and special functions
        ("np.log(scipy.special.ndtr(x))", "mp.log(mp.erfc(-x / mp.sqrt(2)) / 2)", (-45.0,)),
        ("scipy.special.log_ndtr(x)", "mp.log(mp.erfc(-x / mp.sqrt(2)) / 2)", (-45.0,)),
        ("np.log(scipy.special.erfc(x))", "mp.log(mp.erfc(x))", (30.0,)),
        ("scipy.special.betaln(x, 0.5)", "mp.loggamma(x) + mp.loggamma(0.5) - mp.loggamma(x + 0.5)",
         (1e-9,)),
    ]  # fmt: skip
    for text, truth, points in rows:
        peers = "jax torch autograd"
        if "betaln" in text:
            peers = NO_TORCH
        yield from (HardPoint(text, x, truth, peers) for x in points)


POINTS = list(_table())


def truth_of(point: HardPoint) -> Triple:
    """The value, the first and the second derivative."""
    if not isinstance(point.truth, str):
        return point.truth
    function = eval(f"lambda x: {point.truth}", {"mp": mpmath.mp, "abs": abs})
    with mpmath.workdps(20 if "gamma" in point.truth else DIGITS):
        if "gamma" in point.truth:
            with mpmath.workdps(60):
                return tuple(float(mpmath.diff(function, mpmath.mpf(point.x), n)) for n in range(3))
        x, h = mpmath.mpf(point.x), mpmath.mpf("1e-400")
        low, middle, high = function(x - h), function(x), function(x + h)
        second = (low - 2 * middle + high) / h**2
        return tuple(float(v) for v in (middle, (high - low) / (2 * h), second))


def is_right(answer: float, truth: float) -> bool:
    """Whether an answer is the truth to nearly all digits, or as small as it."""
    if np.isnan(truth):
        return bool(np.isfinite(answer))
    if not np.isfinite(truth) or not np.isfinite(answer):
        return answer == truth
    return abs(answer - truth) <= TOLERANCE * abs(truth) + NEGLIGIBLE


# ------------------------------------------------------------------------------------- the answers


def function_of(text: str, scope: dict[str, Any]) -> Callable[[Any], Any]:
    exec(f"def f(x): return {text}", scope)
    return scope["f"]  # type: ignore[no-any-return]


def ours(point: HardPoint) -> Triple:
    """By a generated function; a RuntimeWarning is an error where all results are finite."""
    exec("import numpy as np, scipy.special", scope := {})
    (x,), y = gr.from_function(function_of(point.text, scope), "float64")
    first = gr.grad(y, x, independent="zeros")
    second = gr.grad(first, x, independent="zeros")
    compiled = codegen.compile([x], [y, first, second])
    with warnings.catch_warnings(record=True) as raised:
        warnings.simplefilter("always")
        answer = tuple(map(float, compiled(np.float64(point.x))))
    if raised and np.isfinite(answer).all():
        raise RuntimeWarning(f"{point.key}: {raised[0].message}")
    return answer


def by_jax(point: HardPoint) -> Triple:
    import jax

    jax.config.update("jax_enable_x64", True)
    exec("import jax.scipy.special", {})
    f = function_of(point.text, {"np": jax.numpy, "scipy": jax.scipy})
    x = jax.numpy.float64(point.x)
    return tuple(float(g(x)) for g in (f, jax.grad(f), jax.grad(jax.grad(f))))


def by_autograd(point: HardPoint) -> Triple:
    import autograd
    import autograd.numpy
    import autograd.scipy.special

    f = function_of(point.text, {"np": autograd.numpy, "scipy": autograd.scipy})
    first = autograd.grad(f)
    x = np.float64(point.x)
    return tuple(float(g(x)) for g in (f, first, autograd.grad(first)))


class _Names:
    """PyTorch's functions under NumPy's names."""

    def __init__(self, *modules: Any, **own: Any) -> None:
        self.__dict__.update(own)
        self._modules = modules

    def __getattr__(self, name: str) -> Any:
        return next(getattr(m, name) for m in self._modules if hasattr(m, name))


def by_torch(point: HardPoint) -> Triple:
    import torch

    def as_tensor(v: Any) -> Any:
        return v if isinstance(v, torch.Tensor) else torch.tensor(v, dtype=torch.float64)

    names = _Names(
        torch,
        array=lambda items: torch.stack([as_tensor(v) for v in items]),
        where=lambda c, a, b: torch.where(c, as_tensor(a), as_tensor(b)),
        hypot=lambda a, b: torch.hypot(a, as_tensor(b)),
        std=lambda v: torch.std(v, correction=0),
    )
    special = _Names(torch.special, softmax=lambda v: torch.softmax(v, 0))
    f = function_of(point.text, {"np": names, "scipy": SimpleNamespace(special=special)})
    x = torch.tensor(point.x, dtype=torch.float64, requires_grad=True)
    y = f(x)
    (first,) = torch.autograd.grad(y, x, create_graph=True)
    if not first.requires_grad:
        return float(y), float(first), 0.0
    (second,) = torch.autograd.grad(first, x, allow_unused=True)
    return float(y), float(first), 0.0 if second is None else float(second)


BY_PEER = {"jax": by_jax, "torch": by_torch, "autograd": by_autograd}


def installed(peer: str) -> bool:
    return importlib.util.find_spec(peer) is not None


def answers_of(peer: str) -> dict[str, list[str] | None]:
    """A peer's answers, as text; None where it has not the function."""
    found: dict[str, list[str] | None] = {}
    for point in POINTS:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found[point.key] = [repr(v) for v in BY_PEER[peer](point)]
        except (AttributeError, NotImplementedError, StopIteration, TypeError):
            found[point.key] = None
    return found


# --------------------------------------------------------------------------------------- the page

HEAD = """# Hard points

Written by `python -m tests.hard_points`; a test keeps it so. Each row is an expression as people
write it, a point, and the truth by mpmath: the value, the first and the second derivative. Where
a function has a kink or an infinite slope, the truth is that of the [conventions](conventions.md);
`none`: there is no such derivative, and any finite number will do.

The answers of graphcomp are those of its generated function, which raises no RuntimeWarning where
its results are finite. `right` is to {tolerance:g} relative (or 1e-100) in all three numbers;
otherwise the wrong ones are told. An empty cell: they have not this function.
JAX 0.10 (64 bits), PyTorch 2.13, autograd 1.9.

| expression | x | value | first | second | graphcomp | JAX | PyTorch | autograd |
|---|---|---|---|---|---|---|---|---|
"""


def page() -> str:
    """The text of ``docs/hard_points.md``."""
    answers = json.loads(ANSWERS.read_text(encoding="utf-8"))
    names = ("graphcomp", *PEERS.values())
    rows, right = [], dict.fromkeys(names, 0)
    for point in POINTS:
        truth = truth_of(point)
        given = [ours(point), *(answers[peer].get(point.key) for peer in PEERS)]
        cells = [_cell(answer, truth) for answer in given]
        for name, cell in zip(names, cells, strict=True):
            right[name] += cell == "right"
        shown = ["none" if np.isnan(v) else f"{v:.6g}" for v in truth]
        rows.append(" | ".join([f"| `{point.text}`", f"{point.x:g}", *shown, *cells]) + " |")
    counts = ", ".join(f"{name} in {count}" for name, count in right.items())
    foot = f"\n\nRight in all three numbers, of {len(POINTS)} points: {counts}.\n"
    return HEAD.format(tolerance=TOLERANCE) + "\n".join(rows) + foot


def _cell(answer: Sequence[Any] | None, truth: Triple) -> str:
    if answer is None:
        return ""
    wrong = [
        f"{order} {float(a):.6g}"
        for order, a, t in zip(ORDERS, answer, truth, strict=True)
        if not is_right(float(a), t)
    ]
    return ", ".join(wrong) or "right"


def main() -> None:
    """Write the page, and print what is wrong in ours."""
    if "--peers" in sys.argv:
        kept = json.loads(ANSWERS.read_text(encoding="utf-8")) if ANSWERS.exists() else {}
        kept.update({peer: answers_of(peer) for peer in PEERS if installed(peer)})
        ANSWERS.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    for point in POINTS:
        truth = truth_of(point)
        try:
            answer: Triple = ours(point)
        except Exception as error:
            print(f"{point.key}: {error}")
            continue
        for order, a, t in zip(ORDERS, answer, truth, strict=True):
            if not is_right(a, t):
                print(f"{point.key}: {order} is {a!r}, and {t!r} is right")
    path = Path(__file__).parent.parent / "docs" / "hard_points.md"
    path.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
