"""Proofs of rules: that the sample before and after each is the same function of its inputs.

``python -m tests.rule_proofs`` prints how each is proved: by SymPy, which simplifies the difference
to 0, or by mpmath at 50 digits and more on a grid that goes out to 1e300; ``sampled`` is proved on
random operands only, where it is of arrays. The last column is the float policy: on the grid, with
0, -0.0, infinities and NaN, every finite value stays but for rounding and for what
overflows in between, and only a stabilisation makes a finite value where there was none.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
import sympy

import graphcomp as gr
from graphcomp.graph import Variable, topological
from graphcomp.ops.base import Constant, Input
from graphcomp.ops.elementwise import Elementwise
from graphcomp.rewrite import PIPELINE, Pass, Rule, optimize
from graphcomp.rewrite.engine import Context, build_example
from graphcomp.types import TensorType
from tests.exact import NoTruthError, every_value, truth
from tests.oracles import _SYMPY

DIGITS = (50, 750)  # the second where 1 + 1e-300 matters
GRID = [0.0, 1e-300, 1e-30, 1e-8, 0.3, 0.75, 1.0, 2.0, 3.5, 40.0, 800.0, 1e5, 1e17, 1e300]
EXTREMES = [*GRID, -0.0, *(-x for x in GRID[1:]), np.inf, -np.inf, np.nan, 5e-324]
POINTS = 150
SAMPLED = 30
ALIKE = {"broadcast_to", "reshape", "cast", "full", "stop_gradient", "assume", "only_where"}
INTEGERS = [0, 1, 2, 3, 7]
SOLVERS = {"solve", "inv", "det", "slogdet", "cholesky", "lstsq", "pinv", "qr", "eigh", "svd"}
LONGEST = 40  # operations that SymPy is asked to simplify
NEAR = 1e-40  # relative, at 50 digits


@dataclass(frozen=True)
class Proof:
    """How a rule was proved, on how many points; ``wrong`` says where it fails."""

    rule: Rule
    by: str
    points: int
    wrong: str = ""


def before_and_after(one: Rule) -> tuple[Variable, Variable]:
    """The sample, and what the rule makes of it."""
    v = build_example(one.sample)
    if not isinstance(v.op, one.ops):  # it rewrites an operand, beside which something stands
        after, _ = optimize(v, [Pass("alone", [one])])
        return v, after
    context = {"context": Context((v,))} if one.needs_context else {}
    after = one.rewrite(v, *v.inputs, **context)
    assert after is not None
    return v, after


def is_scalar(outputs: list[Variable]) -> bool:
    """Whether each element is a function of the elements in its place."""
    return all(
        isinstance(v.op, (Elementwise, Constant, Input)) or v.op.name in ALIKE
        for v in topological(outputs)
    )


def prove(one: Rule) -> Proof:
    """The proof of a rule, by whatever decides it."""
    before, after = before_and_after(one)
    if is_scalar([before, after]) and _by_sympy(before, after):
        return Proof(one, "sympy", 0)
    by = "mpmath" if is_scalar([before, after]) else "sampled"
    count = 0
    for values in points([before, after], 1, GRID + [-x for x in GRID[1:]]):
        agreed = _agree(values, before, after)
        if agreed is False:
            return Proof(one, by, count, f"at {_shown(values)}")
        count += agreed is not None
    if count:
        return Proof(one, by, count)
    wrong = "" if _agree_in_floats(before, after) else "nowhere comparable"
    return Proof(one, "floats", SAMPLED, wrong)


def _agree_in_floats(before: Variable, after: Variable) -> bool:
    """Of what has no exact meaning here: whether random operands give the same."""
    count = 0
    for values in points([before, after], 3, GRID[4:9]):
        try:
            a, b = gr.evaluate(values, [before, after])
        except np.linalg.LinAlgError:
            continue
        if not np.allclose(a, b, rtol=1e-9, atol=1e-9):
            return False
        count += 1
    return count > 0


def _agree(values: dict[Variable, Any], before: Variable, after: Variable) -> bool | None:
    """Whether the values agree; None where all are at poles."""
    for digits in DIGITS:
        try:
            a, b = truth(values, [before, after], digits)
        except NoTruthError:
            return None
        with mpmath.workdps(digits):
            pairs = list(zip(np.broadcast_to(a, b.shape).ravel(), b.ravel(), strict=True))
            judged = [_near(x, y) for x, y in pairs if _is_finite(x) and _is_finite(y)]
        if all(judged):
            return True if judged else None
    return False


def _is_finite(x: Any) -> bool:
    return isinstance(x, (bool, int)) or bool(mpmath.isfinite(x))


def _near(a: Any, b: Any) -> bool:
    tiny = mpmath.mpf("1e-340")  # which no float64 tells from 0
    return bool(a == b or abs(a - b) <= NEAR * max(abs(a), abs(b)) + tiny)


def points(outputs: list[Variable], seed: int, grid: list[float]) -> Iterator[dict[Variable, Any]]:
    """Values of the inputs: each of the grid, all pairs of them, or random ones of it."""
    rng = np.random.default_rng(seed)
    inputs = [v for v in topological(outputs) if isinstance(v.op, Input)]
    floating = [v for v in inputs if v.dtype.kind in "fc"]
    chosen: Any = itertools.product(grid, repeat=len(floating))
    if len(grid) ** len(floating) > POINTS or not is_scalar(outputs):
        many = POINTS if is_scalar(outputs) else SAMPLED
        chosen = (rng.choice(grid, len(floating)) for _ in range(many))
    solves = any(v.op.name in SOLVERS for v in topological(outputs))
    for k, items in enumerate(chosen):
        values: dict[Variable, Any] = {}
        mixed = 2 if solves else k % 2 if is_scalar(outputs) else k % 3
        for v in inputs:
            if not isinstance(v.type, TensorType) or v.dtype.kind not in "fc":
                values[v] = rng.choice(INTEGERS[:2], v.shape).astype(v.dtype)
        for v, item in zip(floating, items, strict=True):
            value = np.full(v.shape, item)
            if value.ndim and mixed:
                value = rng.choice(grid, v.shape)
            if value.ndim and mixed == 2:
                value = rng.normal(size=v.shape)
            with np.errstate(over="ignore"):
                values[v] = _as_declared(v, value, solves).astype(v.dtype)
        if any(v.op.declared.violation(values[v]) for v in inputs):  # type: ignore[attr-defined]
            continue
        if all(np.isfinite(x).all() for x in values.values()) or not np.isfinite(grid).all():
            yield values


def _as_declared(v: Variable, value: Any, solves: bool) -> Any:
    """The value, or one made from it that is what the input is declared to be."""
    choices = [value]
    if v.ndim == 2 and v.shape[0] == v.shape[1] and solves:
        spd = value @ value.T + np.eye(len(value))
        choices = [spd, np.tril(spd), np.triu(spd), value]
    declared = v.op.declared  # type: ignore[attr-defined]
    return next((x for x in choices if not declared.violation(x)), value)


# ---------------------------------------------------------------------------------------- SymPy


def _by_sympy(before: Variable, after: Variable) -> bool:
    """Whether SymPy simplifies the difference to 0."""
    try:
        difference = _expression(before) - _expression(after)
        if difference.has(sympy.Piecewise, sympy.Derivative, sympy.Integral):
            return False
        if difference.count_ops() > LONGEST:
            return False
        return bool(difference == 0 or sympy.simplify(difference) == 0)
    except (AttributeError, TypeError, NameError, ValueError, NoTruthError):
        return False


def _expression(output: Variable) -> Any:
    table: dict[Variable, Any] = {}
    for v in topological([output]):
        op, operands = v.op, [table[x] for x in v.inputs]
        if isinstance(op, Input):
            if not isinstance(v.type, TensorType) or v.dtype.kind not in "fc":
                raise NoTruthError("of integers")
            table[v] = sympy.Symbol(op.label, real=v.dtype.kind == "f")
        elif isinstance(op, Constant):
            table[v] = sympy.nsimplify(op.scalar if v.type.weak else op.value.item(), rational=True)
        elif op.name == "full":
            table[v] = sympy.nsimplify(op.fill, rational=True)  # type: ignore[attr-defined]
        elif op.name in ALIKE:
            table[v] = operands[0]
        else:
            names = op.parameter_names(len(operands))
            scope = {"mp": _SYMPY, **op.attributes, **dict(zip(names, operands, strict=True))}
            table[v] = sympy.sympify(eval(op.oracle, scope))  # type: ignore[arg-type]
    return table[output]


# --------------------------------------------------------------------------------------- floats


def float_policy(one: Rule) -> str:
    """Where the rule breaks the policy on floats; empty where nowhere."""
    before, after = before_and_after(one)
    with np.errstate(all="ignore"):
        for values in points([before, after], 2, EXTREMES):
            wrong = _compare(one, values, before, after)
            if wrong:
                return f"{wrong} at {_shown(values)}"
    return ""


def _compare(one: Rule, values: dict[Variable, Any], before: Variable, after: Variable) -> str:
    try:
        a, b = map(np.asarray, gr.evaluate(values, [before, after]))
    except np.linalg.LinAlgError:
        return ""
    rtol = 1e-5 if a.dtype == np.float32 else 1e-13
    close = np.isclose(b, a, rtol=rtol, atol=1e-320)
    if np.all(close | ~(np.isfinite(a) | np.isfinite(b))):
        return ""
    try:
        table = every_value(values, [before, after], DIGITS[1])
    except NoTruthError:
        alike = np.allclose(b, a, rtol=1e-9, atol=1e-9, equal_nan=True)
        return "" if one.stabilisation or alike else f"{a} became {b}"
    ulps = 4 * float(np.finfo(a.dtype).eps)
    slack = ulps * _largest(table, before), ulps * _largest(table, after)
    exact = np.broadcast_to(table[before], b.shape).ravel()
    items = zip(a.ravel(), b.ravel(), exact, strict=True)
    if all(_keeps(one, *item, slack) for item in items) or _leaves_range(table):
        return ""
    return f"{a} became {b}"


def _keeps(one: Rule, written: Any, computed: Any, exact: Any, slack: tuple[float, float]) -> bool:
    """Whether a value is what was written, or the exact one, or no number like it."""
    if written == computed or not (np.isfinite(written) or np.isfinite(computed)):
        return True
    if not _is_finite(exact):  # at a pole, or out of a NaN
        return one.stabilisation
    if not np.isfinite(computed):
        return bool(abs(exact) > float(np.finfo(computed.dtype).max))
    error = abs(computed - exact)
    rtol = 1e-5 if computed.dtype == np.float32 else 1e-12
    if np.isfinite(written) and error <= 2 * abs(written - exact) + slack[0]:
        return True
    return bool(error <= rtol * abs(exact) + slack[1] + 1e-320)


def _largest(table: dict[Variable, Any], output: Variable) -> float:
    """The largest number on the way to the output: what its rounding is relative to."""
    numbers = [
        abs(x)
        for v in topological([output])
        if isinstance(v.type, TensorType) and v.dtype.kind in "fc"
        for x in np.asarray(table[v], dtype=object).ravel()
        if _is_finite(x) and abs(x) < 1e308
    ]
    return float(max(numbers, default=0))


def _leaves_range(table: dict[Variable, Any]) -> bool:
    """Whether something in between overflows or underflows."""
    for v, value in table.items():
        if not isinstance(v.type, TensorType) or v.dtype.kind not in "fc":
            continue
        info = np.finfo(v.dtype)
        for x in np.asarray(value, dtype=object).ravel():
            if x == x and x and not float(info.tiny) <= abs(x) <= float(info.max):
                return True
    return False


def _shown(values: dict[Variable, Any]) -> str:
    return ", ".join(f"{v.label}={np.asarray(x).tolist()}" for v, x in values.items())


def main() -> None:
    """Print the table; the rules of one pass where its name is given."""
    names = set(sys.argv[1:])
    for each in PIPELINE:
        if names and each.name not in names:
            continue
        for one in each.rules:
            proof = prove(one)
            policy = float_policy(one) or "kept"
            mark = "widens" if one.stabilisation else ""
            print(
                f"{each.name:12}{proof.by:8}{proof.points:5}  {one.text[:60]:60} {mark:7}"
                f"{proof.wrong} {policy}",
                flush=True,
            )


if __name__ == "__main__":
    main()
