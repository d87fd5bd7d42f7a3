"""A thousand random graphs mean the same after rewriting; a planted wrong rule is found out."""

from __future__ import annotations

import pytest

import graphcomp as gr
from graphcomp.graph import Variable, topological
from graphcomp.ops.arithmetic import Add, Subtract
from graphcomp.ops.compare import Where
from graphcomp.ops.transcendental import Tanh
from graphcomp.rewrite import Pass, Rule, rule
from tests.random_rewriting import NODES, Builder, check, check_many

CHUNK = 50
COUNT = 1000


@pytest.mark.parametrize("first", range(0, COUNT, CHUNK))
def test_rewriting_keeps_what_random_graphs_compute(first: int) -> None:
    tally = check_many(range(first, first + CHUNK))
    assert tally.graphs == CHUNK and not tally.wrong
    judged = tally.judged
    assert judged["agrees"] > 0.9 * judged.total(), "most agree without mpmath"
    assert judged["no truth"] < 0.03 * judged.total()
    assert len(tally.fired) > 20, "the graphs are of what rules look for"


def test_graphs_are_large_enough_and_drawn_from_the_seed_alone() -> None:
    for seed in range(20):
        outputs = gr.tree.flatten(Builder(seed).outputs(stabilise=False))[0]
        again = gr.tree.flatten(Builder(seed).outputs(stabilise=False))[0]
        assert len(topological(outputs)) >= NODES
        assert [v.op.describe() for v in topological(outputs)] == [
            v.op.describe() for v in topological(again)
        ]


# -------------------------------------------------------------------------------- planted defects


@rule("x - y -> y - x", Subtract, sample=lambda x, y: x - y, near_miss=lambda x: -x)
def turned(v: Variable, x: Variable, y: Variable) -> Variable | None:
    return y - x if x.ndim and y.ndim and x.op.name < y.op.name else None


@rule("tanh(x) -> expm1(2 * x) / (exp(2 * x) + 1)", Tanh, sample=gr.tanh, near_miss=lambda x: -x)
def overflows(v: Variable, x: Variable) -> Variable | None:
    return gr.expm1(2.0 * x) / (gr.exp(2.0 * x) + 1)


@rule("x + tanh(y) -> x + 1.0000001 * tanh(y)", Add, sample=lambda x: x + gr.tanh(x),
      near_miss=lambda x: -x)  # fmt: skip
def imprecise(v: Variable, x: Variable, y: Variable) -> Variable | None:
    return x + 1.0000001 * y if y.op.name == "tanh" and v.dtype == "float64" else None


@rule("where(c, x, y) -> c * x + (1 - c) * y", Where, sample=lambda m, x, y: gr.where(m, x, y),
      near_miss=lambda x: -x)  # fmt: skip
def leaks(v: Variable, c: Variable, x: Variable, y: Variable) -> Variable | None:
    new = c * x + (1 - c.astype("int64")) * y
    return new if new.type == v.type else None


@rule("x + y -> y", Add, sample=lambda x, y: x + y, near_miss=lambda x: -x)
def forgets(v: Variable, x: Variable, y: Variable) -> Variable | None:
    return y if x.op.name == "matmul" and y.type == v.type else None


@pytest.mark.parametrize("wrong", [turned, overflows, imprecise, leaks, forgets])
def test_a_planted_rule_is_caught(wrong: Rule) -> None:
    assert any(check(seed, [Pass("planted", [wrong])]).wrong for seed in range(400))
