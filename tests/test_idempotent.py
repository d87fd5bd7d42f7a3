"""Running any pass twice changes nothing the second time; nor does the pipeline.

Over all golden graphs, objectives and argument forms, each with its gradient.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import numpy as np
import pytest

import graphcomp as gr
from graphcomp.errors import GraphError
from graphcomp.graph import Variable
from graphcomp.rewrite import PIPELINE, optimize
from graphcomp.types import TensorType
from tests.golden import graphs
from tests.objectives_table import CASES, Case as Objective
from tests.test_forms import FORMS, Case
from tests.test_tracing import Traced

PARTS = 40  # of the forms


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def with_gradient(inputs: list[Variable], results: list[object]) -> list[Variable]:
    """The outputs and their sum's gradient, as the algorithms make it, where there is one."""
    outputs = [v for v in results if isinstance(v, Variable) and isinstance(v.type, TensorType)]
    floating = [gr.sum(v) for v in outputs if v.dtype.kind == "f" and v.type.is_differentiable]
    chosen = [v for v in inputs if isinstance(v.type, TensorType) and v.type.is_differentiable]
    if floating and chosen:
        try:
            gradients = gr.grad(
                sum(floating[1:], start=floating[0]), chosen, independent="zeros", stabilise=False
            )
        except GraphError:  # an operation without a derivative
            return outputs
        outputs += gradients
    return outputs


def assert_idempotent(outputs: list[Variable]) -> None:
    for passes in [*[(each,) for each in PIPELINE], None]:
        after, _ = optimize(outputs, passes)
        again, report = optimize(after, passes)
        assert not report.fired
        assert all(a is b for a, b in zip(after, again, strict=True))


@pytest.mark.parametrize("name", graphs.CASES)
def test_golden_graphs(name: str) -> None:
    assert_idempotent(graphs.CASES[name]().outputs)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_objectives(case: Objective) -> None:
    traced = Traced(case)
    outputs = [v for _, v in gr.tree.leaves(traced.outputs)]
    assert_idempotent(with_gradient(list(traced.inputs), outputs))


@pytest.mark.parametrize("part", range(PARTS))
def test_forms(part: int) -> None:
    for entry in FORMS[part::PARTS]:
        case = Case(entry, symbolic=entry.symbolic)
        case.trace()
        try:
            assert_idempotent(with_gradient(list(case.inputs), case.outputs))
        except Exception as error:
            raise AssertionError(f"{entry.text}: {error}") from error
