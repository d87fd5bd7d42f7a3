"""Random graphs over every registered operation: three ways of computing them agree.

Generated code and interpreter are compared with plain NumPy: the ufunc itself for elementwise
operations, the independent oracle for the others. The tolerance follows from how much each
output moves when the inputs move by their last bit.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings, strategies as st

import codegen
import graphcomp as gr
from graphcomp.graph import topological
from graphcomp.ops.base import Constant, Op, Operand, Sample, SizeOf
from graphcomp.ops.elementwise import Elementwise
from graphcomp.types import TupleType
from tests.checks import Use, all_samples, draw, elementwise_oracle

GRAPHS = 300
SAMPLES = [
    sample
    for _, sample in all_samples()
    if all(0 not in o.shape for o in sample.operands) and not sample.op.needs_scipy
]
NAMES = sorted({sample.op.name for sample in SAMPLES})
BY_NAME = {name: [s for s in SAMPLES if s.op.name == name] for name in NAMES}
drawn: set[str] = set()
compared: Counter[str] = Counter()


class Builder:
    """Grows a graph by operations whose operands are made from what is there."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.inputs = [gr.vector("a", 4), gr.matrix("b", (2, 3)), gr.scalar("c")]
        self.arrays = [self.rng.uniform(-1, 1, v.shape) for v in self.inputs]
        self.values = list(self.inputs)

    def fit(self, operand: Operand) -> gr.Variable:
        """A variable of the shape and range that the operand asks for."""
        dtype = np.dtype(operand.dtype)
        if operand.kind == "fixed" or dtype.kind in "iub":
            return gr.constant(draw(operand, self.rng))
        source = self.values[self.rng.integers(len(self.values))]
        size = int(np.prod(operand.shape))
        places = self.rng.integers(0, source.size, size)
        flat = gr.sin(source.ravel()[places] * self.rng.uniform(0.5, 2, size))
        x = flat.reshape(operand.shape)
        if operand.kind == "spd":
            return x @ x.mT + operand.shape[-1] * gr.eye(operand.shape[-1])
        if operand.kind == "distinct":
            return x + gr.constant(draw(operand, self.rng))
        middle, radius = (operand.low + operand.high) / 2, (operand.high - operand.low) / 2
        return (middle + 0.99 * radius * x).astype(dtype)

    def grow(self, sample: Sample) -> None:
        output = sample.op(*(self.fit(operand) for operand in sample.operands))
        drawn.add(sample.op.name)
        for v in Use(sample.op, [], [], output).results:
            real = v.real if v.dtype.kind == "c" else v
            real = real.astype("float64")
            if v.dtype.kind in "iub":
                real = gr.stop_gradient(real)
            if real.size:
                self.values.append(gr.tanh(real))

    @property
    def nodes(self) -> int:
        return len(topological(self.values))

    def outputs(self) -> list[gr.Variable]:
        total = gr.sum(self.values[-1])
        for v in self.values[3:-1]:
            total = total + gr.sum(v)
        return [total, *gr.grad(total, self.inputs, independent="zeros")]


def plain(outputs: list[gr.Variable], values: dict[gr.Variable, Any]) -> list[Any]:
    """The outputs by ufuncs and oracles, without any operation's expression."""
    table: dict[gr.Variable, Any] = dict(values)
    for v in topological(outputs):
        if v in table:
            continue
        op, operands = v.op, [table[x] for x in v.inputs]
        if isinstance(op, Constant):
            table[v] = op.scalar if v.type.weak else op.value[()]
        elif isinstance(op, Elementwise) and "ufunc" in type(op).__dict__:
            table[v] = op.ufunc(*operands)
        elif op.name == "make_tuple":
            table[v] = tuple(operands)
        elif op.name == "project":
            table[v] = operands[0][op.index]
        elif isinstance(op, Elementwise):
            table[v] = elementwise(op, operands, v)
        elif type(op).invariants is not Op.invariants:  # the oracle is of what is unique
            made = Use(op, [], [], op(*map(gr.constant, operands)))
            results = gr.evaluate({}, made.results)
            table[v] = tuple(results) if isinstance(v.type, TupleType) else results[0]
        else:
            assert not isinstance(op, SizeOf)
            result = op.oracle(*map(np.asarray, operands))
            if isinstance(v.type, TupleType):
                table[v] = tuple(np.asarray(r) for r in result)
            else:
                table[v] = np.asarray(result).astype(v.dtype)[()]
    return [table[v] for v in outputs]


def elementwise(op: Elementwise, operands: list[Any], v: gr.Variable) -> Any:
    use = Use(op, [np.asarray(x) for x in operands], list(v.inputs), v)
    return elementwise_oracle(use)[()]


def nudge(array: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The array with every element moved by about its last bit."""
    return array * (1 + np.finfo(float).eps * rng.choice([-1.0, 1.0], array.shape))


@settings(
    max_examples=GRAPHS,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(st.integers(0, 2**32 - 1), st.lists(st.sampled_from(NAMES), min_size=3, max_size=6))
def check_graph(seed: int, names: list[str]) -> None:
    builder = Builder(seed)
    # Beside hypothesis' own choice, the operation that has waited longest.
    waiting = [name for name in NAMES if name not in drawn][:1]
    for name in [*names, *waiting]:
        builder.grow(BY_NAME[name][builder.rng.integers(len(BY_NAME[name]))])
    while builder.nodes < 30:
        builder.grow(SAMPLES[builder.rng.integers(len(SAMPLES))])
    outputs = builder.outputs()
    values = dict(zip(builder.inputs, builder.arrays, strict=True))
    points = [[nudge(a, builder.rng) for a in builder.arrays] for _ in range(4)]
    with np.errstate(all="ignore"):
        try:
            expected = plain(outputs, values)
            moved = [
                gr.evaluate(dict(zip(builder.inputs, point, strict=True)), outputs)
                for point in points
            ]
            interpreted = gr.evaluate(values, outputs)
        except (np.linalg.LinAlgError, ZeroDivisionError):  # a matrix without an inverse
            compared["singular"] += 1
            return
        generated = codegen.compile(builder.inputs, outputs, name="f")(*builder.arrays)
    for k, truth in enumerate(expected):
        finite = np.isfinite(truth)
        if not finite.any():
            compared["nothing finite"] += 1
            continue
        scale = float(np.max(np.abs(np.where(finite, truth, 0))))
        spread = max(float(np.max(np.abs(np.where(finite, m[k] - truth, 0)))) for m in moved)
        allowed = 100 * spread + 1e-11 * max(scale, 1.0)
        compared["sharply" if allowed <= 1e-6 * max(scale, 1.0) else "loosely"] += 1
        for way, value in (("interpreter", interpreted[k]), ("generated", generated[k])):
            error = np.max(np.abs(np.where(finite, value - truth, 0)))
            assert error <= allowed, (way, k, error, allowed)


def test_three_ways_agree() -> None:
    drawn.clear()
    compared.clear()
    check_graph()
    assert drawn == set(NAMES), "every registered operation is drawn"
    assert compared["sharply"] >= 0.95 * compared.total(), compared
