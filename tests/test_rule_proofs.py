"""Each rule is proved, keeps the policy on floats, and a wrong one is found out."""

from __future__ import annotations

from dataclasses import replace

import pytest

import graphcomp as gr
from graphcomp.graph import Variable
from graphcomp.ops.arithmetic import Add, Divide, Multiply
from graphcomp.ops.transcendental import Log
from graphcomp.rewrite import PIPELINE, Rule, rule
from tests.rule_proofs import before_and_after, float_policy, is_scalar, prove

RULES = [one for each in PIPELINE for one in each.rules]
each_rule = pytest.mark.parametrize("one", RULES, ids=[one.text for one in RULES])


@each_rule
def test_rule_is_proved(one: Rule) -> None:
    proof = prove(one)
    assert not proof.wrong and proof.by
    if is_scalar(list(before_and_after(one))):
        assert proof.by in ("sympy", "mpmath")


@each_rule
def test_rule_keeps_finite_values(one: Rule) -> None:
    assert float_policy(one) == ""


# --------------------------------------------------------------------------- rules that are wrong


@rule("x + y -> y", Add, sample=lambda x, y: x + y, near_miss=lambda x: -x)
def forgets(v: Variable, x: Variable, y: Variable) -> Variable | None:
    return y


@rule("(x / y) * y -> x", Multiply, sample=lambda x, y: (x / y) * y, near_miss=lambda x: -x)
def divides_by_zero(v: Variable, x: Variable, y: Variable) -> Variable | None:
    return x.inputs[0]


@rule("x - y -> x * (1 - y / x)", Add, sample=lambda x, y: x + y, near_miss=lambda x: -x)
def loses_zero(v: Variable, x: Variable, y: Variable) -> Variable | None:
    return x * (1 + y / x)


@rule(
    "log(x) -> 2 * log(sqrt(x + 1e-20))", Log,
    sample=lambda x: gr.log(x), near_miss=lambda x: -x,
)  # fmt: skip
def is_nearly_right(v: Variable, x: Variable) -> Variable | None:
    return 2 * gr.log(gr.sqrt(x + 1e-20))


@rule("x / y -> x / -y", Divide, sample=lambda x, y: x / y, near_miss=lambda x: -x)
def turns_a_sign(v: Variable, x: Variable, y: Variable) -> Variable | None:
    return x / -y


@pytest.mark.parametrize("one", [forgets, is_nearly_right, turns_a_sign])
def test_a_wrong_rule_is_not_proved(one: Rule) -> None:
    assert prove(one).wrong


@pytest.mark.parametrize("one", [forgets, divides_by_zero, loses_zero, turns_a_sign])
def test_a_rule_that_breaks_the_policy_is_found(one: Rule) -> None:
    assert float_policy(one)


def test_widening_is_for_stabilisations_only() -> None:
    assert float_policy(divides_by_zero) and not float_policy(
        replace(divides_by_zero, stabilisation=True)
    )
