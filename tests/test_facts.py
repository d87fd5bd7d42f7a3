"""What is known of values: a table, declarations, and a search for facts that are false."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

import graphcomp as gr
from graphcomp.declared import ASSUMPTIONS, Declared
from graphcomp.errors import GraphError, OptionError, ShapeError
from graphcomp.facts import INF, Facts, Sure, derivations, knows
from graphcomp.graph import topological
from graphcomp.ops.base import Op
from graphcomp.ops.structure import unpack
from graphcomp.rewrite.engine import build_example
from graphcomp.rewrite.facts import facts_of
from graphcomp.rewrite.facts.analysis import Knowledge
from graphcomp.types import TensorType, TupleType
from tests.checks import all_samples, draw

expit = gr.special.expit


def holds(facts: Facts, claim: str) -> bool:
    """``low=1``, ``positive``, ``finite``."""
    name, _, value = claim.partition("=")
    found = getattr(facts, name)
    return bool(found == float(value)) if value else bool(found)


# ------------------------------------------------------------------- expression -> facts expected

TABLE: list[tuple[str, Callable[..., gr.Variable], str, str]] = [
    # what is written, the graph, what must be known, what must not
    ("exp(x)", lambda x: gr.exp(x), "low=0 plus_zero never_nan", "positive finite"),
    ("1 + exp(x)", lambda x: 1 + gr.exp(x), "low=1 positive", "finite"),
    ("exp(x) - 1", lambda x: gr.exp(x) - 1, "low=-1", "nonnegative"),
    ("abs(x)", lambda x: gr.abs(x), "nonnegative finite", "nonzero"),
    ("x**2", lambda x: x**2, "nonnegative plus_zero", "positive finite"),
    ("x * x", lambda x: x * x, "nonnegative", "positive"),
    ("x * y", lambda x, y: x * y, "never_nan", "nonnegative"),
    ("x**3", lambda x: x**3, "", "nonnegative nonpositive"),
    ("x**-2", lambda x: x**-2.0, "nonnegative", "finite"),
    ("1 + x**2", lambda x: 1 + x**2, "low=1", ""),
    ("x**2 + y**2", lambda x, y: x**2 + y**2, "nonnegative", "positive"),
    ("x**2 - y**2", lambda x, y: x**2 - y**2, "", "nonnegative never_nan"),
    ("x**2 / (1 + y**2)", lambda x, y: x**2 / (1 + y**2), "nonnegative", ""),
    ("x / y**2", lambda x, y: x / y**2, "", "nonnegative"),
    ("1 / y**2", lambda y: 1 / y**2, "nonnegative", "finite"),
    ("1 / sqrt(z), z >= 0", lambda z: 1 / gr.sqrt(gr.assume(z, nonnegative=True)), "", "low=0"),
    ("sigmoid(x)", lambda x: expit(x), "low=0 high=1 finite", "positive"),
    ("1 / (1 + exp(-x))", lambda x: 1 / (1 + gr.exp(-x)), "low=0 high=1 finite", "positive"),
    ("p * (1 - p)", lambda x: expit(x) * (1 - expit(x)), "low=0 high=1", "positive"),
    ("p * (2 - p) - 1", lambda x: expit(x) * (2 - expit(x)) - 1, "low=-1", "nonnegative"),
    ("softmax(x)", lambda x: gr.special.softmax(x), "low=0 high=1", "finite=2"),
    ("log_softmax(x)", lambda x: gr.special.log_softmax(x), "nonpositive", ""),
    ("tanh(x)", lambda x: gr.tanh(x), "low=-1 high=1 finite", "nonzero"),
    ("1 - tanh(x)**2", lambda x: 1 - gr.tanh(x) ** 2, "low=0 high=1", "positive"),
    ("cosh(x)", lambda x: gr.cosh(x), "low=1 nonzero", "finite"),
    ("sin(x)", lambda x: gr.sin(x), "low=-1 high=1 finite", "finite=2"),
    ("log(1 + x**2)", lambda x: gr.log(1 + x**2), "nonnegative", "positive"),
    ("log(x)", lambda x: gr.log(x), "", "nonnegative never_nan"),
    ("sqrt(x)", lambda x: gr.sqrt(x), "nonnegative", "never_nan plus_zero"),
    ("logaddexp(0, x)", lambda x: gr.logaddexp(0, x), "nonnegative", "positive"),
    ("relu(x)", lambda x: gr.maximum(x, 0), "nonnegative", "positive"),
    ("maximum(x, 1)", lambda x: gr.maximum(x, 1), "low=1 positive", ""),
    ("minimum(x, 1)", lambda x: gr.minimum(x, 1), "high=1", "nonnegative"),
    ("clip(x, 1, 2)", lambda x: gr.clip(x, 1, 2), "low=1 high=2 finite", "finite=2"),
    ("where(m, exp, 2)", lambda m, x: gr.where(m, gr.exp(x), 2), "low=0", "positive"),
    ("where(m, x, 2)", lambda m, x: gr.where(m, x, 2), "finite", "nonnegative"),
    ("sum(exp(x))", lambda x: gr.sum(gr.exp(x)), "low=0", "positive"),
    ("sum(cosh(x))", lambda x: gr.sum(gr.cosh(x)), "low=1", ""),
    ("mean(sigmoid(x))", lambda x: gr.mean(expit(x)), "low=0 high=1", ""),
    ("x @ x", lambda x: x @ x, "nonnegative", "positive"),
    ("x @ y", lambda x, y: x @ y, "", "nonnegative"),
    ("max(exp(x))", lambda x: gr.max(gr.exp(x)), "low=0", ""),
    ("exp(x)[1:]", lambda x: gr.exp(x)[1:], "low=0", "positive"),
    ("concatenate", lambda x: gr.concatenate([gr.exp(x), gr.cosh(x)]), "low=0", "positive"),
    ("floor(x)", lambda x: gr.floor(x), "integer", "nonnegative"),
    ("norm(x)", lambda x: gr.linalg.norm(x), "nonnegative", "positive"),
    ("i * i", lambda i: i * i, "integer finite=2", "nonnegative"),  # it wraps around
    ("arange(5)", lambda: gr.arange(5), "nonnegative integer", "nonzero"),
    ("A.T @ A", lambda A: A.T @ A, "symmetric positive_semidefinite", "positive_definite"),
    ("A @ A.T", lambda A: A @ A.T, "symmetric positive_semidefinite", "positive_definite"),
    ("A @ B", lambda A, B: A @ B, "", "symmetric"),
    ("A @ A", lambda A: A @ A, "", "symmetric positive_semidefinite"),
    ("A + A.T", lambda A: A + A.T, "symmetric", "positive_semidefinite"),
    ("A - A.T", lambda A: A - A.T, "", "symmetric"),
    ("A + B.T", lambda A, B: A + B.T, "", "symmetric"),
    ("A.T @ A + eye", lambda A: A.T @ A + gr.eye(3), "positive_definite", "diagonal"),
    ("A.T @ A - eye", lambda A: A.T @ A - gr.eye(3), "symmetric", "positive_semidefinite"),
    ("2 * A.T @ A", lambda A: 2 * (A.T @ A), "positive_semidefinite", "positive_definite"),
    ("-A.T @ A", lambda A: -(A.T @ A), "symmetric", "positive_semidefinite"),
    ("s * A.T @ A", lambda A, s: s * (A.T @ A), "symmetric", "positive_semidefinite"),
    ("x * A.T @ A", lambda A, x: x * (A.T @ A), "", "symmetric"),
    ("inv(PD)", lambda A: gr.linalg.inv(A.T @ A + gr.eye(3)), "positive_definite", ""),
    ("cholesky", lambda A: gr.linalg.cholesky(A.T @ A + gr.eye(3)), "lower_triangular", "diagonal"),
    ("cholesky.T", lambda A: gr.linalg.cholesky(A @ A.T).T, "upper_triangular", "diagonal"),
    ("qr Q", lambda A: gr.linalg.qr(A)[0], "orthogonal orthonormal", "symmetric"),
    ("qr of X", lambda X: gr.linalg.qr(X)[0], "orthonormal", "orthogonal"),
    ("qr R", lambda A: gr.linalg.qr(A)[1], "upper_triangular", "orthogonal"),
    ("eigh V", lambda A: gr.linalg.eigh(A)[1], "orthogonal", "symmetric"),
    ("Q @ Q", lambda A, B: gr.linalg.qr(A)[0] @ gr.linalg.qr(B)[0], "orthogonal", ""),
    ("X.T @ S @ X", lambda X, Y: X.T @ (Y @ Y.T) @ X, "positive_semidefinite", ""),
    ("X.T @ (S @ X)", lambda X, Y: X.T @ ((Y + 0) @ Y.T @ X), "symmetric", ""),
    ("Y.T @ S @ X", lambda X, Y: Y.T @ (Y @ Y.T) @ X, "", "symmetric"),
    ("q >= 0", lambda X, q: X.T @ (gr.exp(q)[:, None] * X), "positive_semidefinite", ""),
    ("q", lambda X, q: X.T @ (q[:, None] * X), "symmetric", "positive_semidefinite"),
    ("X.T * q @ X", lambda X, q: (X.T * gr.exp(q)) @ X, "positive_semidefinite", ""),
    ("X.T @ (x * X)", lambda X, x: X.T @ (gr.exp(x) * X), "", "symmetric"),
    ("distances", lambda x: (x[:, None] - x[None, :]) ** 2, "symmetric nonnegative", ""),
    ("kernel", lambda x: gr.exp(-((x[:, None] - x[None, :]) ** 2)), "symmetric high=1", ""),
    ("differences", lambda x: x[:, None] - x[None, :], "", "symmetric"),
    ("outer(x, x)", lambda x: gr.outer(x, x), "positive_semidefinite", "positive_definite"),
    ("outer(x, y)", lambda x, y: gr.outer(x, y), "", "symmetric"),
    ("diag(cosh(x))", lambda x: gr.diag(gr.cosh(x)), "diagonal positive_definite", "unitary"),
    ("diag(x)", lambda x: gr.diag(x), "diagonal symmetric", "positive_semidefinite"),
    ("tril(A)", lambda A: gr.tril(A), "lower_triangular", "upper_triangular"),
    ("tril(A, 1)", lambda A: gr.tril(A, 1), "", "lower_triangular"),
    ("eye(3)", lambda: gr.eye(3), "diagonal positive_definite orthogonal low=0 high=1", ""),
    ("eye(3, 4)", lambda: gr.eye(3, 4), "diagonal", "orthogonal positive_definite"),
    ("constant", lambda: gr.constant([[2.0, 1], [1, 3]]), "positive_definite low=1 integer", ""),
    ("indefinite", lambda: gr.constant([[1.0, 2], [2, 1]]), "symmetric", "positive_definite"),
]  # fmt: skip


@pytest.mark.parametrize("entry", TABLE, ids=[entry[0] for entry in TABLE])
def test_table(entry: tuple[str, Callable[..., gr.Variable], str, str]) -> None:
    _, example, known, unknown = entry
    v = _with_inputs(example)
    facts = Knowledge(topological([v])).of(v)
    assert [c for c in known.split() if not holds(facts, c)] == []
    assert [c for c in unknown.split() if holds(facts, c)] == []


def _with_inputs(example: Callable[..., gr.Variable]) -> gr.Variable:
    """As samples of rules have theirs; q is a vector of the length of X's columns."""
    names = example.__code__.co_varnames[: example.__code__.co_argcount]
    if "q" not in names:
        return build_example(example)
    given = {"q": gr.vector("q", 4), "X": gr.matrix("X", (4, 3))}
    return example(*(given[name] for name in names))


def test_sizes_are_at_least_their_minimum() -> None:
    x = gr.vector("x", "n")
    n = x.shape[0]
    assert facts_of(gr.sum(x) / n).low == -INF
    assert facts_of(gr.ones(3) * n).low == 1 and facts_of(gr.ones(3) * (n - 1)).low == 0


def test_float32_is_rounded_as_it_is_computed() -> None:
    x = gr.vector("x", 3, "float32", bounds=(0, 0.1))
    assert facts_of(x + 0.2).high == float(np.float32(np.float32(0.1) + np.float32(0.2)))
    assert facts_of(x * 1e-30 * 1e-30).low == 0 and not facts_of(x + 1e-30 * 1e-30).positive


def test_long_chains_take_no_recursion() -> None:
    x = gr.scalar("x", positive=True)
    y = x
    for _ in range(20_000):
        y = y + x
    assert facts_of(y).positive


# ------------------------------------------------------------------------------------ declarations


@pytest.mark.parametrize(
    ("assumptions", "claims"),
    [
        ({"positive": True}, "positive nonnegative nonzero never_nan=2 plus_zero"),
        ({"nonnegative": True}, "nonnegative never_nan=2"),
        ({"negative": True}, "negative nonpositive"),
        ({"bounds": (0, 1)}, "low=0 high=1 finite=2"),
        ({"bounds": (1, None)}, "low=1 positive"),
        ({"bounds": (-1, 1), "nonzero": True}, "low=-1 nonzero"),
        ({"finite": True}, "finite=2 never_nan=2"),
        ({"integer": True, "positive": True}, "integer low=1"),
        ({"symmetric": True}, "symmetric hermitian"),
        ({"positive_definite": True}, "positive_definite positive_semidefinite symmetric"),
        ({"orthogonal": True}, "orthogonal unitary orthonormal"),
        ({"diagonal": True, "positive": False}, "diagonal symmetric"),
        ({"diagonal": True, "nonnegative": True}, "positive_semidefinite"),
        ({"lower_triangular": True, "symmetric": True}, "diagonal"),
    ],
)
def test_declared(assumptions: dict[str, Any], claims: str) -> None:
    facts = facts_of(gr.matrix("A", ("n", "n"), **assumptions))
    assert [c for c in claims.split() if not holds(facts, c)] == []


@pytest.mark.parametrize(
    ("assumptions", "error", "words"),
    [
        ({"positive": True, "negative": True}, OptionError, "positive and negative"),
        ({"bounds": (1, 0)}, OptionError, "low <= high"),
        ({"bounds": 3}, OptionError, "two numbers"),
        ({"bounds": (-2, -1), "positive": True}, OptionError, "no value is"),
        ({"positive": 1}, OptionError, "positive=True"),
        ({"postive": True}, OptionError, "some of positive"),
        ({"symmetric": True}, ShapeError, "one length"),
        ({"positive_definite": True, "negative": True}, ShapeError, "one length"),
    ],
)
def test_refused(assumptions: dict[str, Any], error: type[GraphError], words: str) -> None:
    for declare in (
        lambda: gr.matrix("A", ("n", 3), **assumptions),
        lambda: gr.assume(gr.exp(gr.matrix("A", ("n", 3))), **assumptions),
    ):
        with pytest.raises(error, match=words):
            declare()
    with pytest.raises(ShapeError, match="only matrices"):
        gr.vector("x", 3, symmetric=True)
    with pytest.raises(OptionError, match="no order"):
        gr.vector("x", 3, "complex128", positive=True)


def test_a_promise_holds_in_its_graph_only() -> None:
    x = gr.vector("x", 3)
    y = x - 1.0
    promised, _ = gr.optimize(gr.abs(gr.assume(y, nonnegative=True)))
    assert promised is y
    plain = gr.abs(y)
    assert gr.optimize(plain)[0] is plain and not facts_of(y).nonnegative


def test_a_promise_stays_when_its_variable_is_rewritten() -> None:
    x, s = gr.vector("x", 3), gr.scalar("s")
    y = gr.assume(s * x + s * x * 2.0, nonnegative=True)
    assert "absolute" not in [v.op.name for v in topological([gr.optimize(gr.abs(y))[0]])]


def test_a_promise_has_the_derivative_of_its_value() -> None:
    x = gr.vector("x", 3)
    y = gr.grad(gr.sum(gr.assume(gr.exp(x), positive=True)), x)
    assert gr.optimize(y)[0].op.name == "exp"


# --------------------------------------------------------------------------- a search for falsehood


def falsehood(facts: Facts, value: Any, finite_inputs: bool) -> str:
    """The first fact that an array shows to be false; empty where there is none."""
    a = np.asarray(value)
    numbers = a[~np.isnan(a)]
    needed = Sure.GIVEN if finite_inputs else Sure.ALWAYS
    checks = {
        "low": lambda: a.dtype.kind == "c" or bool(np.all(numbers >= facts.low)),
        "high": lambda: a.dtype.kind == "c" or bool(np.all(numbers <= facts.high)),
        "nonzero": lambda: not facts.nonzero or bool(np.all(a != 0)),
        "plus_zero": lambda: (
            not facts.plus_zero or a.dtype.kind != "f" or not np.any(np.signbit(a) & (a == 0))
        ),
        "integer": lambda: (
            not facts.integer or bool(np.all((np.rint(numbers) == numbers) | np.isinf(numbers)))
        ),
        "finite": lambda: facts.finite < needed or bool(np.all(np.isfinite(a))),
        "never_nan": lambda: facts.never_nan < needed or not np.any(np.isnan(a)),
    }
    wrong = [name for name, check in checks.items() if not check()]
    if a.ndim > 1 and a.size and np.all(np.isfinite(a)):
        words = [w for w in ASSUMPTIONS if w not in _OF_ELEMENTS and getattr(facts, w)]
        wrong += filter(None, [Declared((w,)).violation(a) for w in words if w not in _STRICT])
        wide = a.astype(complex if a.dtype.kind == "c" else float)
        product = np.swapaxes(wide, -1, -2).conj() @ wide
        if facts.orthonormal and not np.allclose(product, np.eye(a.shape[-1]), atol=1e-5):
            wrong.append("orthonormal")
        if facts.positive_definite and Declared(("positive_semidefinite",)).violation(a):
            wrong.append("positive_definite")
    return wrong[0] if wrong else ""


_OF_ELEMENTS = ("positive", "nonnegative", "negative", "nonpositive", "nonzero", "integer",
                "finite", "bounds")  # fmt: skip
_STRICT = ("positive_definite",)  # cannot be told from semidefinite where rounding matters


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        (Facts(low=0.0), -1e-300),
        (Facts(high=1.0), np.nextafter(1, 2)),
        (Facts(nonzero=True), [1.0, -0.0]),
        (Facts(plus_zero=True), [1.0, -0.0]),
        (Facts(integer=True), 0.5),
        (Facts(finite=Sure.GIVEN), np.inf),
        (Facts(never_nan=Sure.GIVEN), np.nan),
        (Facts(symmetric=True), [[1.0, 2], [3, 4]]),
        (Facts(positive_semidefinite=True), [[1.0, 2], [2, 1]]),
        (Facts(orthonormal=True), [[1.0, 1], [0, 1]]),
        (Facts(lower_triangular=True), [[1.0, 1], [0, 1]]),
    ],
)
def test_a_planted_wrong_fact_is_caught(claim: Facts, value: Any) -> None:
    assert falsehood(claim, value, finite_inputs=True)
    assert not falsehood(Facts(), value, finite_inputs=True)


def declared_input(array: np.ndarray, level: int) -> gr.Variable:
    """An input for the array, declared to be some, or all, of what it is."""
    kinds = ("finite", "nonzero", "nonnegative", "nonpositive", "positive", "integer", "symmetric",
             "positive_definite", "lower_triangular", "upper_triangular")  # fmt: skip
    assumptions: dict[str, Any] = {}
    for word in kinds if level else ():
        try:
            gr.variable("x", array.shape, array.dtype, **{word: True})
        except GraphError:
            continue
        if array.size and not Declared((word,)).violation(array):
            assumptions[word] = True
    if level > 1 and array.size and array.dtype.kind != "c" and not np.isnan(array).any():
        assumptions["bounds"] = (float(array.min()), float(array.max()))
    return gr.variable("x", array.shape, array.dtype, **assumptions)


def check_graph(values: dict[gr.Variable, Any], outputs: list[gr.Variable]) -> None:
    nodes = [v for v in topological(outputs) if not isinstance(v.type, TupleType)]
    nodes = [v for v in nodes if v.type.dtype.kind in "biufc"]
    finite = all(np.all(np.isfinite(a)) for v, a in values.items() if v.dtype.kind in "biufc")
    for v, value in zip(nodes, gr.evaluate(values, nodes), strict=True):
        found = falsehood(facts_of(v), value, finite)
        assert not found, f"{found} of {v}: {facts_of(v)} of {value!r}"


OPERATIONS = sorted({sample.op.name for _, sample in all_samples()})
BY_NAME = {n: [s for _, s in all_samples() if s.op.name == n] for n in OPERATIONS}


@pytest.mark.parametrize("name", OPERATIONS)
def test_facts_hold_of_every_operation(name: str) -> None:
    rng = np.random.default_rng(0)
    for sample, level in itertools.product(BY_NAME[name][:12], range(3)):
        if any(o.dtype == "object" for o in sample.operands) or sample.op.has_effect:
            continue
        arrays = [np.asarray(draw(o, rng)) for o in sample.operands]
        inputs = [declared_input(a, level) for a in arrays]
        fixed = [o.kind == "fixed" for o in sample.operands]
        operands = [gr.constant(a) if f and a.dtype.kind in "iub" else v
                    for a, v, f in zip(arrays, inputs, fixed, strict=True)]  # fmt: skip
        output = sample.op(*operands)
        if isinstance(output.type, TupleType):
            outputs = list(unpack(output))
        else:
            outputs = [output]
        check_graph(dict(zip(inputs, arrays, strict=True)), outputs)


HARD = [0.0, -0.0, 1.0, -1.0, 0.5, 5e-324, -5e-324, 1e-200, -1e-200, 1e200, -1e200, 3.0, -2.5,
        709.0, -745.2, 1e308, -1e308, 0.1, math.pi, 1 - 2.0**-53, 1 + 2.0**-52, 40.0,
        -40.0]  # fmt: skip
UNARY = [gr.exp, gr.expm1, gr.log, gr.log1p, gr.sqrt, gr.cbrt, gr.abs, gr.square, gr.tanh, gr.sinh,
         gr.cosh, gr.sin, gr.arctan, gr.arcsinh, gr.sign, gr.floor, gr.negative, expit, gr.relu,
         gr.softplus, gr.special.erf, gr.special.erfc, gr.reciprocal, gr.sum, gr.mean, gr.max,
         gr.linalg.norm, lambda x: gr.sort(x, axis=None), lambda x: x**3, lambda x: x**-2.0,
         lambda x: x**1.5,
         lambda x: 1 - x, lambda x: 1 + x, lambda x: 2 * x, lambda x: 0.5 * x,
         lambda x: x.astype("float32"), lambda x: gr.clip(x, 0, 1), gr.special.softmax,
         lambda x: gr.outer(x, x), lambda x: gr.diag(x.ravel())]  # fmt: skip
BINARY = [gr.add, gr.subtract, gr.multiply, gr.divide, gr.maximum, gr.minimum, gr.power, gr.fmax,
          gr.logaddexp, gr.hypot, gr.arctan2, gr.remainder, gr.copysign,
          lambda x, y: gr.where(x > y, x, y), lambda x, y: gr.clip(x, y, 1)]  # fmt: skip


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_facts_hold_on_random_graphs(data: st.DataObject) -> None:
    """At hard points too: zeros of both signs, what underflows and overflows, NaN, infinities."""
    extremes = data.draw(st.booleans())
    pool = [*HARD, math.inf, -math.inf, math.nan] if extremes else HARD
    values: dict[gr.Variable, Any] = {}
    for dtype in ("float64", "float64", "float32"):
        drawn = data.draw(st.lists(st.sampled_from(pool), min_size=3, max_size=3))
        with np.errstate(over="ignore"):
            array = np.array(drawn).astype(dtype)
        values[declared_input(array, data.draw(st.integers(0, 2)))] = array
    made = list(values)
    for _ in range(8):
        if data.draw(st.booleans()):
            x = made[data.draw(st.integers(0, len(made) - 1))]
            made.append(data.draw(st.sampled_from(UNARY))(x))
        else:
            x, y = (made[data.draw(st.integers(0, len(made) - 1))] for _ in range(2))
            if x.shape == y.shape or 0 in (x.ndim, y.ndim):
                made.append(data.draw(st.sampled_from(BINARY))(x, y))
        if made[-1].size > 100:
            made.pop()
    check_graph(values, made)


def test_a_new_operation_states_its_facts_beside_itself() -> None:
    class Planted(Op, abstract=True):
        """x, said to be positive."""

        expression = "x"

        def infer(self, *types: TensorType) -> TensorType:
            return types[0]

    knows(Planted)(lambda v, known: Facts(low=1.0))
    x = gr.vector("x", 3)
    try:
        with pytest.raises(AssertionError, match="low of"):
            check_graph({x: np.zeros(3)}, [Planted()(x)])
    finally:
        del derivations[Planted]
