"""A gradient costs at most 4 times its function, counted from the calls that run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from benchmarks import work
from benchmarks.work import Problem, measured, problems
from tests.golden import graphs
from tests.golden.renew import compiled

PROBLEMS = list(problems())


@pytest.mark.parametrize("flops_of_exp", [1, 10])
@pytest.mark.parametrize("problem", PROBLEMS, ids=[problem.name for problem in PROBLEMS])
def test_cheap_gradients(
    problem: Problem, flops_of_exp: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "FUNCTION", flops_of_exp)
    found = measured(problem)
    f, gradient, both, product = (
        kind.total() for kind in (found.fun, found.grad, found.fun_and_grad, found.hvp)
    )
    assert gradient <= both <= 4 * f
    assert product <= 4 * gradient


def counted(source: str, **arrays: Any) -> dict[str, int]:
    text = f"import numpy as np\ndef f({', '.join(arrays)}):\n    return {source}\n"
    return dict(work.work(text, "f", arrays))


def test_what_is_counted() -> None:
    x, A, B = np.ones(3), np.ones((2, 3)), np.ones((3, 4))
    assert counted("x + 2.0 * x", x=x) == {"arithmetic": 6}
    assert counted("np.exp(A)", A=A) == {"functions": 6 * work.FUNCTION}
    assert counted("A @ B", A=A, B=B) == {"products": 2 * 2 * 3 * 4}
    assert counted("x @ x", x=x) == {"products": 6}
    assert counted("A @ x", A=A, x=x) == {"products": 12}
    assert counted("np.sum(A, axis=0)", A=A) == {"arithmetic": 6}
    assert counted("A.sum()", A=A) == {"arithmetic": 6}
    assert counted("np.zeros((2, 2)) + np.eye(2)", x=x) == {"arithmetic": 4}
    assert counted("np.linalg.solve(A, x)", A=np.eye(3), x=x) == {"factorizations": 18 + 18}
    assert counted("np.linalg.cholesky(A)", A=np.eye(3)) == {"factorizations": 9}
    assert counted("A.T[0, 1:]", A=A) == {}
    assert counted("x[np.array([0, 1])]", x=x) == {"moved": 2}
    assert counted("np.einsum('ij,jk->ik', A, B)", A=A, B=B) == {"products": 48}
    assert counted("np.concatenate((x, x))", x=x) == {"moved": 6}


def calls_of(name: str) -> dict[str, int]:
    """How often the generated function of a golden case calls what."""
    case = graphs.CASES[name]()
    arguments = graphs.data(name, np.random.default_rng(0))
    names = [str(v.name) for v in case.inputs]
    work.work(compiled(name).source, name, dict(zip(names, arguments, strict=True)))
    return dict(work.calls)


def test_logistic_value_and_gradient_call_one_exp() -> None:
    calls = calls_of("logistic")
    assert calls.get("exp") == 1 and calls.get("log1p") == 1 and "logaddexp" not in calls
    assert calls.get("matmul") == 3  # X @ w, X.T @ r, and w @ w


def test_softmax_cross_entropy_calls_one_exp_and_one_log() -> None:
    calls = calls_of("mlp_cross_entropy")
    assert calls.get("exp") == 1 and calls.get("log") == 1
