"""Elementwise operations and their derivatives against 50 digits.

``python -m tests.oracles`` prints the worst errors of each operation. The exact value is that of
the operation's oracle; the exact derivative is ``sympy.diff`` of the oracle where SymPy can read
it, and mpmath's differences in 50 digits where it cannot.
"""

from __future__ import annotations

import dataclasses
import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import mpmath
import numpy as np
import sympy

import graphcomp as gr
from graphcomp.ops.base import registry
from graphcomp.ops.elementwise import Elementwise, Step
from tests.checks import STEP

DIGITS = 50
POINTS = 40


@dataclass(frozen=True)
class Worst:
    """The worst relative error of a value or derivative; ``by`` says what the exact one is by."""

    op: str
    what: str
    by: str
    points: int
    error: float
    at: tuple[float, ...]


def operations() -> list[type[Elementwise]]:
    """The elementwise operations of real numbers that have a derivative."""
    return [
        op
        for _, op in sorted(registry.items())
        if issubclass(op, Elementwise)
        and isinstance(op.oracle, str)
        and any(all(x.dtype == "float64" for x in sample.operands) for sample in op.samples())
        and not dataclasses.is_dataclass(op)
    ]


def points(op: type[Elementwise]) -> Iterator[tuple[float, ...]]:
    """Points of the domain, none near a kink."""
    count = len(op.parameters)
    domain = op.domain * count if len(op.domain) == 1 else op.domain
    rng = np.random.default_rng(11)
    for _ in range(POINTS):
        point = tuple(float(rng.uniform(low, high)) for low, high in domain)
        if all(abs(x - kink) > STEP for x in point for kink in op.kinks):
            yield point


def worst_errors(op: type[Elementwise]) -> list[Worst]:
    """The worst errors of the value and of the derivative by each operand."""
    inputs = [gr.scalar(f"x{k}") for k in range(len(op.parameters))]
    output = op()(*inputs)
    found = [_worst(op, "value", "mpmath", output, inputs, _value(op))]
    if not output.type.is_differentiable or issubclass(op, Step):
        return found
    for k, x in enumerate(inputs):
        if k in op().nondiff:
            continue
        gradient = gr.grad(output, x, independent="zeros")
        exact, by = _derivative(op, k)
        found.append(_worst(op, f"d/d{op.parameters[k]}", by, gradient, inputs, exact))
    return found


def _worst(
    op: type[Elementwise],
    what: str,
    by: str,
    output: gr.Variable,
    inputs: list[gr.Variable],
    exact: Callable[..., Any],
) -> Worst:
    worst, at, count = 0.0, (), 0
    for point in points(op):
        computed = gr.evaluate(dict(zip(inputs, point, strict=True)), output)
        with mpmath.workdps(DIGITS):
            truth = exact(*map(mpmath.mpf, point))
            error = _relative(computed, truth)
        count += 1
        if error > worst:
            worst, at = error, point
    return Worst(op.name, what, by, count, worst, at)


def _relative(computed: Any, truth: Any) -> float:
    if isinstance(computed, (bool, np.bool_)):
        return float(bool(computed) != bool(truth))
    truth = mpmath.mpf(truth)
    if not mpmath.isfinite(truth) or not np.isfinite(computed):
        return 0.0 if float(truth) == float(computed) else math.inf
    scale = max(abs(truth), mpmath.mpf(2) ** -10)
    return float(abs(mpmath.mpf(float(computed)) - truth) / scale)


def _value(op: type[Elementwise]) -> Callable[..., Any]:
    code = compile(op.oracle, f"<oracle of {op.name}>", "eval")

    def value(*point: Any) -> Any:
        return eval(code, {"mp": mpmath.mp, **dict(zip(op.parameters, point, strict=True))})

    return value


def _derivative(op: type[Elementwise], k: int) -> tuple[Callable[..., Any], str]:
    """The exact derivative by operand k, and what gives it."""
    symbols = [sympy.Symbol(name, real=True) for name in op.parameters]
    try:
        scope = {"mp": _SYMPY, **dict(zip(op.parameters, symbols, strict=True))}
        formula = sympy.sympify(eval(op.oracle, scope)).diff(symbols[k])
        if not isinstance(formula, sympy.Expr) or formula.has(sympy.Derivative, sympy.Subs):
            raise TypeError
        exact = sympy.lambdify(symbols, formula, "mpmath")
        with mpmath.workdps(DIGITS):
            exact(*map(mpmath.mpf, next(points(op))))
        return exact, "sympy"
    except (AttributeError, TypeError, NameError, ValueError):
        pass
    value = _value(op)
    order = tuple(int(j == k) for j in range(len(symbols)))
    return lambda *point: mpmath.diff(value, point, order), "mpmath"


class _Names(SimpleNamespace):
    """SymPy's functions under mpmath's names."""

    def __getattr__(self, name: str) -> Any:
        return getattr(sympy, name)


_SYMPY = _Names(
    mpf=sympy.Rational, fabs=sympy.Abs, log1p=lambda x: sympy.log(1 + x),
    expm1=lambda x: sympy.exp(x) - 1, hypot=lambda x, y: sympy.sqrt(x**2 + y**2), ln=sympy.log,
)  # fmt: skip


def main() -> None:
    """Print the worst errors, largest first."""
    names = set(sys.argv[1:])
    chosen = [op for op in operations() if not names or op.name in names]
    rows = [row for op in chosen for row in worst_errors(op)]
    for row in sorted(rows, key=lambda row: -row.error):
        at = ", ".join(f"{x:.4g}" for x in row.at)
        print(
            f"{row.op:18} {row.what:8} {row.error:9.1e}  {row.points} points, by {row.by}, at {at}"
        )


if __name__ == "__main__":
    main()
