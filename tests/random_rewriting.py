"""Random graphs, rewritten and as written: what they compute is the same.

``python -m tests.random_rewriting --count 20000`` draws that many (``--jobs 2`` at once) and says
which rules they fired, and how often. Each has at least 30 nodes, a value and its gradient, grown
mostly of the patterns that rules look for. Where both are finite, they agree within what the
inputs' last bits move the unoptimised one, or the optimised one is nearer to the truth of mpmath;
where the unoptimised one is not finite, the optimised one is right by mpmath or not finite either.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import mpmath
import numpy as np

import graphcomp as gr
from graphcomp.errors import GraphError
from graphcomp.graph import Variable, topological
from graphcomp.rewrite import Pass, optimize
from tests.exact import NoTruthError, exact, truth

NODES = 30
NUDGES = 3
DIGITS = 60
STEP = mpmath.mpf("1e-20")

Step = Callable[..., Variable]

# ----------------------------------------------------------------------------------- the patterns

ELEMENTWISE: list[Step] = [
    lambda t: gr.log(1 + gr.exp(t)),
    lambda t: gr.log1p(gr.exp(-t)),
    lambda t: gr.log(1 - gr.exp(-gr.abs(t) - 0.1)),
    lambda t: 1 / (1 + gr.exp(-t)),
    lambda t: gr.exp(t) / (1 + gr.exp(t)),
    lambda t: gr.exp(t) - 1,
    lambda t: (gr.exp(t) - 1) / t,
    lambda t: gr.sin(t) / t,
    lambda t: 1 - gr.cos(t),
    lambda t: gr.sqrt(t * t),
    lambda t: gr.abs(t) * gr.log(gr.abs(t)),
    lambda t: gr.log(gr.sigmoid(t)),
    lambda t: gr.log(gr.cosh(t)),
    lambda t: gr.sigmoid(t) * (1 - gr.sigmoid(t)),
    lambda t: gr.exp(t) * gr.exp(-t) + gr.exp(-t),
    lambda t: gr.exp(t) + gr.exp(-t),
    lambda t: 1 - gr.tanh(t) ** 2,
    lambda t: gr.where(t > 0, gr.log(t), 0),
    lambda t: gr.where(t > 0, gr.sqrt(t), t),
    lambda t: gr.where(t == 0, 1, gr.sin(t) / t),
    lambda t: gr.where(t < 1, gr.exp(t), 2.0 * t),
    lambda t: gr.where(t > 0, t, 0) * 3.0,
    lambda t: gr.where(t > 0, 0, t) + gr.where(t > 0, t**2, 0),
    lambda t: gr.maximum(t, 0),
    lambda t: gr.logaddexp(0, t),
    lambda t: gr.softplus(t) - gr.sigmoid(t),
    lambda t: gr.negative(-t),
    lambda t: 0 - 2.0 * t,
    lambda t: (3 * t) / 2,
    lambda t: t * -1 + t,
    lambda t: t + 0.0,
    lambda t: (t * t) * t,
    lambda t: t**2 / 4,
    lambda t: 2.0 / (1 + t**2),
    lambda t: gr.tanh(t),
    lambda t: gr.abs(t) ** 0.5,
    lambda t: gr.exp(gr.log(1 + t**2)),
    lambda t: gr.log(gr.exp(t) * 2.0),
    lambda t: gr.sqrt(1 + t**2),
]
BINARY: list[Step] = [
    lambda a, b: a + b,
    lambda a, b: a - b,
    lambda a, b: a * b,
    lambda a, b: a / (1 + b**2),
    lambda a, b: a / b,
    lambda a, b: gr.log(gr.exp(a) + gr.exp(b)),
    lambda a, b: gr.sqrt(a * a + b * b),
    lambda a, b: gr.where(a > b, a, b),
    lambda a, b: gr.where(a > 0, gr.log(a) * b, b),
    lambda a, b: a * b + a * gr.tanh(b),
    lambda a, b: a / 2.0 + b / 2.0,
    lambda a, b: (a + b) - b,
    lambda a, b: (-a) * b,
    lambda a, b: a - (-2.0) * b,
    lambda a, b: a * (1 / (1 + b * b)),
    lambda a, b: (a * 2.0) * (b * 0.5),
    lambda a, b: gr.sum(a) * b,
    lambda a, b: gr.exp(a) / (gr.exp(a) + gr.exp(b)),
]
ROWS: list[Step] = [
    lambda t: gr.log(gr.sum(gr.exp(t), axis=-1)),
    lambda t: gr.exp(t) / gr.sum(gr.exp(t), axis=-1, keepdims=True),
    lambda t: gr.log(gr.special.softmax(t, axis=-1)),
    lambda t: gr.special.softmax(t, axis=-1),
    lambda t: gr.special.logsumexp(t, axis=-1) + gr.sum(gr.special.softmax(t, axis=-1), axis=-1),
    lambda t: gr.exp(t - gr.special.logsumexp(t, axis=-1, keepdims=True)),
    lambda t: gr.sqrt(gr.sum(t * t, axis=-1)),
    lambda t: gr.sum(t * t, axis=-1),
    lambda t: gr.mean(t, axis=-1, keepdims=True) * t,
    lambda t: t - gr.mean(t, axis=-1, keepdims=True),
    lambda t: gr.sum(2.0 * t, axis=0),
    lambda t: t[..., 1:],
    lambda t: t[..., ::-1],
    lambda t: gr.concatenate([t[..., :1], t[..., 1:] * 2.0], axis=-1),
    lambda t: gr.concatenate([t, t], axis=-1)[..., : t.shape[-1]],
    lambda t: gr.stack([t, -t])[0],
    lambda t: gr.sum(gr.broadcast_to(t, (2, *t.shape)), axis=0),
    lambda t: gr.broadcast_to(t, (2, *t.shape))[1],
    lambda t: gr.reshape(gr.reshape(t, (-1,)), t.shape),
    lambda t: t.T.T,
    lambda t: gr.diff(t, axis=-1),
    lambda t: gr.index_add(gr.zeros(t.shape), (..., slice(0, 1)), t[..., :1]) + t,
]
VECTORS: list[Step] = [
    lambda v, S: gr.diag(v) @ S,
    lambda v, S: gr.linalg.inv(S) @ v,
    lambda v, S: gr.linalg.solve(S, v),
    lambda v, S: gr.linalg.solve(S, 2.0 * v) - S @ v,
    lambda v, S: v @ S @ v,
    lambda v, S: S @ v + S.T @ v,
    lambda v, S: gr.linalg.solve(S, v) + gr.linalg.solve(S, gr.tanh(v)),
    lambda v, S: v @ gr.linalg.solve(S, v),
    lambda v, S: S.T @ (gr.exp(-(v**2))[:, None] * S),
    lambda v, S: (v[:, None] - v) * S,
    lambda v, S: gr.diag(v) + gr.diag(gr.tanh(v)) * S,
    lambda v, S: gr.eye(3) @ S + v,
]
MATRICES: list[Step] = [
    lambda A, S: A @ S,
    lambda A, S: A.T @ A,
    lambda A, S: (A.T @ S).T,
    lambda A, S: A.T @ S.T,
    lambda A, S: gr.trace(A @ S),
    lambda A, S: A @ S + S @ S,
    lambda A, S: gr.log(gr.linalg.det(S)) + gr.trace(A),
    lambda A, S: gr.linalg.inv(S) @ A,
    lambda A, S: gr.linalg.solve(S, A),
    lambda A, S: gr.linalg.cholesky(S) @ A,
    lambda A, S: gr.sum(A * gr.eye(3)),
    lambda A, S: (A - 2.0 * gr.eye(3)).T,
    lambda A, S: (2.0 * A) @ (0.5 * S),
    lambda A, S: A @ S @ A[0],
    lambda A, S: gr.eye(3)[:, 1:] @ A[:2],
    lambda A, S: A @ gr.zeros((3, 3)) + S,
]
MAGNITUDES = (1.0, 1.0, 1.0, 1.0, 0.01, 1e-6, 30.0, 800.0)


class Builder:
    """A random graph: ``inputs`` with their ``arrays``, and the ``total`` to differentiate."""

    def __init__(self, seed: int) -> None:
        rng = self.rng = np.random.default_rng(seed)
        dtype = "float32" if rng.random() < 0.15 else "float64"
        self.inputs = [
            gr.vector("x", 3, dtype=dtype),
            gr.matrix("A", (3, 3), dtype=dtype),
            gr.scalar("s", dtype=dtype),
            gr.vector("p", 3, dtype=dtype, positive=True),
            gr.vector("q", 3, dtype=dtype, bounds=(0, 1)),
            gr.matrix("X", (4, 3), dtype=dtype),
        ]
        self.arrays = [self._array(v, np.dtype(dtype)) for v in self.inputs]
        A = self.inputs[1]
        self.spd = A @ A.T * 0.1 + 3.0 * gr.eye(3, dtype=dtype)
        self.pool = [*self.inputs, self.spd]
        while len(topological(self.pool)) < NODES // 2 + 5:
            self._grow()
        self.total = self._total()

    def _array(self, v: Variable, dtype: Any) -> Any:
        rng = self.rng
        value = rng.normal(size=v.shape) * rng.choice(MAGNITUDES if v.ndim < 2 else MAGNITUDES[:5])
        if v.ndim == 1 and rng.random() < 0.15:
            value[rng.integers(3)] = rng.choice([0.0, value[0]])
        if v.name == "p":
            value = np.abs(value) + 1e-3
        if v.name == "q":
            value = rng.uniform(0.05, 0.95, 3)
        return np.asarray(value, dtype)[()]

    def _pick(self, ndim: int | None = None, shape: Any = None) -> Variable:
        rng, pool = self.rng, self.pool
        fits = [v for v in pool if (ndim is None or v.ndim == ndim) and shape in (None, v.shape)]
        latest = fits[-3:] if rng.random() < 0.6 else fits
        return latest[rng.integers(len(latest))]

    def _matrix(self) -> Variable:
        """Not the other operand again: ``inv(S) @ S - eye`` is nothing but rounding."""
        A = self._pick(2, (3, 3))
        return self.inputs[1] if A is self.spd else A

    def _grow(self) -> None:
        """One pattern on what is there; what does not fit is left out."""
        rng = self.rng
        table = rng.choice(5, p=[0.4, 0.2, 0.16, 0.12, 0.12])
        with contextlib.suppress(GraphError):
            if table == 0:
                new = _any(rng, ELEMENTWISE)(self._pick())
            elif table == 1:
                new = _any(rng, BINARY)(self._pick(), self._pick())
            elif table == 2:
                new = _any(rng, ROWS)(self._pick())
            elif table == 3:
                new = _any(rng, VECTORS)(self._pick(1, (3,)), self.spd)
            else:
                new = _any(rng, MATRICES)(self._matrix(), self.spd)
            if rng.random() < 0.4:
                new = gr.tanh(new) if rng.random() < 0.5 else new * 0.25
            if new.ndim < 3 and new.type.is_differentiable and new.dtype == self.spd.dtype:
                self.pool.append(new)

    def _total(self) -> Variable:
        used = {x for v in topological(self.pool) for x in v.inputs}
        loose = [v for v in self.pool if v not in used] or self.pool[-1:]
        total = gr.sum(loose[0])
        for k, v in enumerate(loose[1:]):
            total = total + (gr.sum(v) if k % 2 else gr.mean(v * 1.5))
        return total

    def outputs(self, stabilise: bool) -> dict[str, Any]:
        """The value, its gradients, and something in the middle."""
        gradients = gr.grad(self.total, self.inputs, independent="zeros", stabilise=stabilise)
        return {"value": self.total, "gradients": gradients, "middle": (self.pool[-1],)}


def _any(rng: np.random.Generator, table: list[Step]) -> Step:
    return table[rng.integers(len(table))]


# -------------------------------------------------------------------------------------- the check


@dataclass
class Tally:
    """What was found: rules fired, ways in which elements were judged, and what is wrong."""

    fired: Counter[str] = field(default_factory=Counter)
    judged: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    graphs: int = 0

    def add(self, other: Tally) -> None:
        self.fired += other.fired
        self.judged += other.judged
        self.wrong += other.wrong
        self.graphs += other.graphs


def check(seed: int, passes: Iterable[str | Pass] | None = None) -> Tally:
    """Draw the graph of a seed, and compare it with what rewriting makes of it."""
    tally = Tally(graphs=1)
    built = Builder(seed)
    raw = built.outputs(stabilise=False)
    flat = gr.tree.flatten(raw)[0]
    assert len(topological(flat)) >= NODES
    values = dict(zip(built.inputs, built.arrays, strict=True))
    try:
        expected = gr.evaluate(values, flat)
        moved = [gr.evaluate(_nudged(built, k), flat) for k in range(NUDGES)]
    except np.linalg.LinAlgError:
        tally.judged["singular"] += 1
        return tally
    judge = Judge(built, flat, expected, moved)
    given = raw if seed % 2 else built.outputs(stabilise=True)
    after, report = optimize(given, passes)
    tally.fired.update(report.fired)
    leaves = gr.tree.flatten(after)[0]
    if gr.tree.flatten(raw)[1](leaves).keys() != after.keys():
        tally.wrong.append(f"seed {seed}: structure {after}")
    for k, (value, v) in enumerate(zip(gr.evaluate(values, leaves), flat, strict=True)):
        if type(value) is not type(expected[k]) or leaves[k].type != v.type:
            tally.wrong.append(f"seed {seed}: output {k} is {leaves[k].type}, was {v.type}")
        elif wrong := judge(k, value, tally.judged):
            tally.wrong.append(f"seed {seed}: output {k}, {v.op.name}: {wrong}")
    if optimize(after, passes)[1].fired:
        tally.wrong.append(f"seed {seed}: {optimize(after, passes)[1].fired} the second time")
    return tally


def _nudged(built: Builder, seed: int) -> dict[Variable, Any]:
    """The inputs, each element moved by about its last bit."""
    rng = np.random.default_rng(seed)
    return {
        v: (a * (1 + np.finfo(a.dtype).eps * rng.choice([-1, 1], a.shape))).astype(a.dtype)[()]
        for v, a in zip(built.inputs, map(np.asarray, built.arrays), strict=True)
    }


class Judge:
    """Whether an output's value will do, beside what the unoptimised graph gives."""

    def __init__(self, built: Builder, outputs: list[Variable], expected: Any, moved: Any) -> None:
        self.built, self.outputs, self.expected, self.moved = built, outputs, expected, moved
        self.values = {v: exact(a) for v, a in zip(built.inputs, built.arrays, strict=True)}

    def __call__(self, k: int, value: Any, judged: Counter[str]) -> str:
        """What is wrong with output k; empty where nothing is."""
        expected, found = np.asarray(self.expected[k]), np.asarray(value)
        finite = np.isfinite(expected)
        with np.errstate(all="ignore"):
            spread = np.max([np.abs(m[k] - expected) for m in self.moved], axis=0)
            base = 1e-12 if expected.dtype == np.float64 else 1e-4
            scale = np.max(np.abs(expected), initial=0.0, where=finite)
            allowed = 20 * np.nan_to_num(spread, nan=0, posinf=0) + base * (1 + scale)
            close = np.abs(found - expected) <= allowed
        fine = (close & finite) | ~(finite | np.isfinite(found)) | (found == expected)
        if fine.all():
            judged["agrees"] += 1
            return ""
        for index in np.argwhere(~fine):
            place = tuple(index)
            exactly = self._truth(k, place)
            if exactly is None or not mpmath.isfinite(exactly):
                judged["no truth"] += 1
                if finite[place] and not np.isfinite(found[place]):
                    return f"{expected[place]} became {found[place]}, of no truth"
                continue
            error, limit = abs(found[place] - exactly), np.finfo(found.dtype).max
            if not np.isfinite(found[place]):
                if abs(exactly) < limit and finite[place]:
                    return f"{expected[place]} became {found[place]}, truth {float(exactly)}"
                continue
            tolerance = max(1e3 * base * abs(exactly), allowed[place] if finite[place] else base)
            if finite[place]:
                tolerance = max(tolerance, 25 * abs(expected[place] - exactly))
            if error > tolerance:
                return f"{expected[place]} became {found[place]}, truth {float(exactly)}"
            judged["right by mpmath"] += 1
        return ""

    def _truth(self, k: int, place: tuple[int, ...]) -> Any:
        """The output's element in many digits; a gradient by the value's differences."""
        try:
            with mpmath.workdps(DIGITS):
                if 1 <= k <= len(self.built.inputs):
                    return self._slope(self.built.inputs[k - 1], place)
                return self._limit(self.outputs[k])[place]
        except NoTruthError:
            return None

    def _slope(self, v: Variable, place: tuple[int, ...]) -> Any:
        low, high = self._moved(v, place, -STEP), self._moved(v, place, STEP)
        total = [truth(x, [self.built.total], DIGITS)[0][()] for x in (low, high)]
        return (total[1] - total[0]) / (2 * STEP)

    def _moved(self, v: Variable, place: tuple[int, ...], by: Any) -> dict[Variable, Any]:
        array = self.values[v].copy()
        array[place] += by
        return {**self.values, v: array}

    def _limit(self, output: Variable) -> Any:
        """The value; where it is 0 / 0, that a little aside."""
        (value,) = truth(self.values, [output], DIGITS)
        if all(mpmath.isfinite(x) for x in value.ravel()):
            return value
        aside = {v: a + mpmath.mpf("1e-30") for v, a in self.values.items()}
        return truth(aside, [output], DIGITS)[0]


# ------------------------------------------------------------------------------------ the command


def check_many(seeds: Iterable[int]) -> Tally:
    """The tallies of many seeds, together."""
    tally = Tally()
    with np.errstate(all="ignore"):
        for seed in seeds:
            tally.add(check(seed))
    return tally


def main() -> None:
    """Draw, compare, print; exit status 1 where anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    seeds = range(options.first, options.first + options.count)
    chunks = [seeds[k : k + 50] for k in range(0, len(seeds), 50)]
    tally = Tally()
    with multiprocessing.Pool(options.jobs) as pool:
        for each in pool.imap_unordered(check_many, chunks):
            tally.add(each)
            for line in each.wrong:
                print(line, flush=True)
    for text, count in tally.fired.most_common():
        print(f"{count:8}  {text}")
    print(f"{tally.graphs} graphs, {len(tally.wrong)} wrong, {dict(tally.judged)}")
    raise SystemExit(bool(tally.wrong))


if __name__ == "__main__":
    main()
