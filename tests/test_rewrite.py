"""Rewriting: every rule by its samples, then passes, report, trace, verifier and guards."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

import graphcomp as gr
from graphcomp.errors import GraphError, OptionError, VerifyError
from graphcomp.graph import Variable, intern, topological
from graphcomp.ops.arithmetic import Add, Multiply, Negative
from graphcomp.ops.base import Input, Op
from graphcomp.ops.transcendental import Exp
from graphcomp.rewrite import PIPELINE, Firing, Pass, Rule, optimize, rule, verify, work_of
from graphcomp.rewrite.engine import Context, WholePass, build_example
from tests.golden import graphs

RULES = [(each, one) for each in PIPELINE for one in each.rules]
BY_TEXT = pytest.mark.parametrize("each, one", RULES, ids=[one.text for _, one in RULES])
GOLDEN = pytest.mark.parametrize("name", graphs.CASES)


def random_values(outputs: list[Variable], seed: int = 0) -> dict[Variable, np.ndarray]:
    rng = np.random.default_rng(seed)
    values = {}
    for v in topological(outputs):
        if isinstance(v.op, Input):
            normal, whole = rng.normal(size=v.shape), rng.integers(0, 2, size=v.shape)
            values[v] = np.asarray(normal if v.dtype.kind in "fc" else whole, v.dtype)
    return values


def assert_equal_values(before: list[Variable], after: list[Variable]) -> None:
    values = random_values([*before, *after])
    single = before[0].dtype == np.float32
    for a, b in zip(*gr.evaluate(values, [before, after]), strict=True):
        np.testing.assert_allclose(b, a, rtol=1e-5 if single else 1e-12, atol=1e-12)
        assert type(a) is type(b) and np.asarray(a).dtype == np.asarray(b).dtype


def rewritten(one: Rule, v: Variable) -> Variable | None:
    """What the rule alone makes of v; of an operand, where it asks what stands beside that."""
    if not isinstance(v.op, one.ops):
        after, report = optimize(v, [Pass("alone", [one])])
        return after if report.fired else None
    context = {"context": Context((v,))} if one.needs_context else {}
    return one.rewrite(v, *v.inputs, **context)


# ------------------------------------------------------------------------------------- each rule


@BY_TEXT
def test_sample_fires(each: Pass, one: Rule) -> None:
    before = build_example(one.sample)
    after = rewritten(one, before)
    assert after is not None and after is not before
    assert after.type == before.type
    verify([after])
    assert_equal_values([before], [after])


@BY_TEXT
def test_near_miss_stays(each: Pass, one: Rule) -> None:
    assert rewritten(one, build_example(one.near_miss)) is None


@BY_TEXT
def test_pass_is_idempotent_and_saves_work(each: Pass, one: Rule) -> None:
    for example in (one.sample, one.near_miss):
        before = build_example(example)
        after, _ = optimize(before, (each,), verify=True)
        again, report = optimize(after, (each,))
        assert again is after and not report.fired
        old, new = work_of([before]), work_of([after])
        assert one.stabilisation or new.flops <= old.flops or new.bytes < old.bytes


@GOLDEN
def test_reads_only_spares_looking(name: str) -> None:
    outputs = graphs.CASES[name]().outputs
    everywhere = [
        each
        if isinstance(each, WholePass)
        else Pass(each.name, [replace(one, reads=(Op,)) for one in each.rules])
        for each in PIPELINE
    ]
    (after, report), (truth, expected) = optimize(outputs), optimize(outputs, everywhere)
    assert all(a is b for a, b in zip(after, truth, strict=True))
    assert report.fired == expected.fired


def test_texts_are_unique() -> None:
    texts = [one.text for _, one in RULES]
    assert len(set(texts)) == len(texts)
    assert all("->" in text for text in texts)


# --------------------------------------------------------------------------------- whole graphs


@GOLDEN
def test_golden_graphs(name: str) -> None:
    case = graphs.CASES[name]()
    after, _ = optimize(case.outputs, verify=True)
    values = dict(zip(case.inputs, graphs.data(name, np.random.default_rng(0)), strict=True))
    single = case.outputs[0].dtype == np.float32
    for a, b in zip(*gr.evaluate(values, [case.outputs, after]), strict=True):
        np.testing.assert_allclose(b, a, rtol=2e-5 if single else 1e-10, atol=1e-12)
        assert type(a) is type(b) and a.dtype == b.dtype
    whole, _ = optimize(case.outputs, [each for each in PIPELINE if not each.last])
    assert len(topological(whole)) <= len(topological(case.outputs))
    again, second = optimize(after)
    assert all(a is b for a, b in zip(after, again, strict=True)) and not second.fired


def names_in(outputs: list[Variable]) -> list[str]:
    return [v.op.name for v in topological(outputs)]


def test_logistic_hessian_is_one_product() -> None:
    [hessian], _ = optimize(graphs.CASES["logistic_hess"]().outputs)
    weighted, penalty = hessian.inputs
    assert weighted.op.name == "matmul" and penalty.op.name == "multiply"
    assert sum(v.op.name == "matmul" for v in topological([weighted])) == 2  # and X @ w
    assert hessian.name == "hess_w"


def test_a_tridiagonal_hessian_is_three_diagonals() -> None:
    case = graphs.CASES["rosenbrock"]()
    after, _ = optimize(case.outputs)
    names = names_in([after[2]])
    assert names.count("from_diagonal") == 3 and "eye" not in names
    assert all(v.ndim == 1 for v in topological([after[2]]) if v.op.name == "multiply")


def test_parts_of_a_parameter_vector_are_not_multiplied_by_the_identity() -> None:
    w, X, y = gr.vector("w", "p + 1"), gr.matrix("X", ("n", "p")), gr.vector("y", "n")
    z = X @ w[1:] + w[0]
    after, _ = optimize(gr.hessian(gr.sum(gr.logaddexp(0, z) - y * z), w))
    assert "eye" not in names_in([after])
    assert names_in([after]).count("matmul") == 2  # X @ w and the weighted X.T @ X


def test_powers_of_one_input_make_rows() -> None:
    c, x = gr.vector("c", 3), gr.vector("x", "n")
    after, _ = optimize(gr.hessian(gr.sum((c[0] + c[1] * x + c[2] * x**2) ** 2), c))
    assert "eye" not in names_in([after])


def test_a_zero_state_vanishes() -> None:
    W, x, n = gr.matrix("W", (3, 3)), gr.vector("x", 3), gr.zeros(3)
    after, _ = optimize(gr.tanh(W @ n + x))
    assert names_in([after]) == ["input", "tanh"]


@pytest.mark.parametrize("k", [-2, -1, 0, 1, 3])
def test_a_transposed_identity_turns_its_diagonal(k: int) -> None:
    for columns in (3, 4):
        after, _ = optimize(gr.eye(3, columns, k).T, ("products",))
        assert names_in([after]) == ["eye"]
        np.testing.assert_array_equal(gr.evaluate({}, after), np.eye(3, columns, k).T)


def test_a_division_stays_as_written() -> None:
    x = gr.vector("x", 3)
    for y in (x / 4, x / 3, gr.sum(x) / 8):
        assert optimize(y)[0] is y


def test_a_matrix_of_one_element_is_broadcast() -> None:
    x, y = gr.vector("x", 3), gr.vector("y", 1)
    z = (gr.diag(x) + gr.diag(y)) - gr.diag(y**2)
    assert_equal_values([z], [optimize(z)[0]])


def test_a_nan_stays_in_its_block() -> None:
    s = gr.scalar("s")
    y = gr.index_add(gr.zeros((3, 4)), (slice(None), slice(1, None)), s * gr.eye(3))
    value = gr.evaluate({s: np.nan}, optimize(y)[0])
    assert not value[:, 0].any()


def test_mean_of_squares() -> None:
    r = gr.vector("r", "n")
    gradient = gr.grad(gr.sum(r**2) / r.shape[0], r)
    after, _ = optimize(gradient)
    scale, x = after.inputs
    assert x is r and after.op.name == "multiply"
    assert scale.op.name == "divide" and scale.type.weak


def test_huber_selects_once() -> None:
    case = graphs.CASES["huber"]()
    after, _ = optimize(case.outputs)
    assert names_in([after[1]]).count("where") == 1


@pytest.mark.parametrize("reads", [2, 5])
def test_reads_share_one_buffer(reads: int) -> None:
    x = gr.vector("x", 10)
    z = gr.sum(gr.exp(x[0] * 1.5))
    for k in range(1, reads):
        z = z + gr.sin(x[k])
    after, _ = optimize(gr.grad(z, x))
    assert names_in([after]).count("full") == 1
    assert "add" not in names_in([after])
    assert_equal_values([gr.grad(z, x)], [after])


def test_a_broadcast_scatter_stays() -> None:
    x, A = gr.vector("x", 2), gr.matrix("A", (3, 3))
    y = gr.index_add(gr.zeros(3), slice(0, 2), x) + A
    assert_equal_values([y], [optimize(y)[0]])


def test_a_scatter_keeps_its_precision() -> None:
    x, s = gr.vector("x", 3, "float32"), gr.vector("s", 2)
    y = x + gr.index_add(gr.zeros(3), slice(0, 2), s)
    assert_equal_values([y], [optimize(y)[0]])


def test_python_divides_by_no_zero() -> None:
    x = gr.vector("x", 3)
    y = gr.constant(2.0) * (x / gr.constant(0.0)) + gr.constant(1.0) / gr.constant(0.0) * x
    with np.errstate(all="ignore"):
        assert not np.isfinite(gr.evaluate({x: np.ones(3)}, optimize(y)[0])).any()


@pytest.mark.parametrize("dtype", ["int8", "uint8", "bool", "int64"])
def test_small_integers(dtype: str) -> None:
    """Literals are not gathered where the product would not fit."""
    x = gr.vector("x", 3, dtype=dtype)
    outputs = [100 * (100 * x), x + x, (x + x) + x, x * x]
    outputs += [] if dtype in ("bool", "uint8") else [-(-128 * x), x - (-2 * x)]
    assert_equal_values(outputs, optimize(outputs, verify=True)[0])


def test_float32_stays() -> None:
    x = gr.vector("x", "n", dtype="float32")
    gradient = gr.grad(gr.sum(x**2) / x.shape[0], x)
    after, _ = optimize(gradient)
    assert after.dtype == np.float32 and "cast" not in names_in([after])


def test_numbers_of_a_wider_type_stay() -> None:
    x = gr.vector("x", 3, dtype="float32")
    y = gr.constant(2.0) * x
    after, _ = optimize(y)
    assert after is y


def test_stop_gradient_vanishes_after_differentiation_only() -> None:
    x = gr.vector("x", 3)
    y = gr.stop_gradient(gr.exp(x)) + x
    assert "stop_gradient" not in names_in([optimize(y)[0]])
    assert "stop_gradient" in names_in([optimize(y, differentiable=True)[0]])


def test_dead_code_goes() -> None:
    x = gr.vector("x", 3)
    after, _ = optimize(gr.exp(x) + gr.zeros(3))
    assert after.op.name == "exp"


# Steps of random graphs over all dtypes; one that does not fit its operands is left out.
BINARY = [lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a * b, lambda a, b: a / b]
BINARY += [lambda a, b: a @ b, lambda a, b: gr.where(a > 0, b, 0)]
BINARY += [lambda a, b: gr.where(a > 0, 0, b)]
UNARY = [lambda a: -a, lambda a: 2.0 * a, lambda a: a * -3.0, lambda a: a / 4.0, lambda a: a / 3]
UNARY += [lambda a: a.T, lambda a: gr.sum(a), lambda a: gr.sum(a, axis=0, keepdims=True), gr.diag]
UNARY += [lambda a: gr.broadcast_to(a, (2, 3, 3)), lambda a: a[..., :2], lambda a: a[None]]
UNARY += [lambda a: a**2, lambda a: gr.exp(-gr.abs(a)), lambda a: a + 1.0, lambda a: 0 - a, gr.mean]
UNARY += [lambda a: gr.index_add(gr.zeros(3), slice(0, 2), a), lambda a: a.astype("float32")]
UNARY += [lambda a: gr.diag(a, 1)[1:], lambda a: gr.diag(a) - 2.0 * gr.eye(3), lambda a: a[:, 0]]
UNARY += [lambda a: gr.eye(4, 3, k=-1) @ a, lambda a: gr.eye(3)[:, 1][:, None] * a, lambda a: a[1:]]
UNARY += [lambda a: gr.index_add(gr.zeros((3, 4)), (slice(None), slice(1, None)), a)]
UNARY += [lambda a: gr.index_add(gr.eye(3, 4), (slice(None), slice(None, -1)), a)]


def random_outputs(seed: int) -> list[Variable]:
    rng = np.random.default_rng(seed)
    shapes = [(), (3,), (3, 3), (1, 3), (3, 1), (2, 3, 3)]
    dtypes = ["float64"] * 6 + ["float32", "int64", "int8", "uint8", "bool", "complex128"]
    pool = [
        gr.variable(f"v{k}", shapes[rng.integers(len(shapes))], dtypes[rng.integers(len(dtypes))])
        for k in range(4)
    ]
    pool += [gr.constant(0.0), gr.constant(2.0), gr.ones((3, 3)), gr.full(3, 2.0), gr.eye(3)]
    for _ in range(25):
        a, b = pool[rng.integers(len(pool))], pool[-1 - rng.integers(8)]
        with contextlib.suppress(GraphError):
            if rng.random() < 0.5:
                pool.append(BINARY[rng.integers(len(BINARY))](a, b))
            else:
                pool.append(UNARY[rng.integers(len(UNARY))](b))
    return pool[-3:]


@pytest.mark.parametrize("seed", range(60))
def test_random_graphs(seed: int) -> None:
    outputs = random_outputs(seed)
    after, _ = optimize(outputs, verify=True)
    values = random_values(outputs, seed)
    single = any(v.dtype in (np.float32, np.float16) for v in topological(outputs))
    for a, b in zip(*gr.evaluate(values, [outputs, after]), strict=True):
        if np.all(np.isfinite(a)):
            scale = np.max(np.abs(a), initial=1.0)
            np.testing.assert_allclose(b, a, rtol=1e-3 if single else 1e-8, atol=1e-8 * scale)
    assert not optimize(after)[1].fired


# ------------------------------------------------------------------------------------ the front


def test_structure_is_kept() -> None:
    x = gr.vector("x", 3)
    after, _ = optimize({"a": [x * x, gr.stop_gradient(x)], "b": (x,)})
    assert set(after) == {"a", "b"} and isinstance(after["b"], tuple)
    assert after["a"][0].op.name == "square" and after["a"][1] is x


def test_no_passes_give_the_raw_graph() -> None:
    x = gr.vector("x", 3)
    y = x * x
    after, report = optimize(y, passes=())
    assert after is y and report.passes == ()


def test_passes_by_name() -> None:
    x = gr.vector("x", 3)
    y = -(x * x) + x
    assert "square" in names_in([optimize(y, ("powers",))[0]])
    assert "square" not in names_in([optimize(y, ("identities",))[0]])
    without = optimize(y, ("-powers",))[0]
    assert "square" not in names_in([without]) and "negative" not in names_in([without])


@pytest.mark.parametrize("passes", [("nonsense",), ("-nonsense",), "nonsense"])
def test_unknown_pass(passes: object) -> None:
    with pytest.raises(OptionError, match=r"no pass is called 'nonsense'.* there are stabilise, "):
        optimize(gr.vector("x", 3), passes)  # type: ignore[arg-type]


def test_outputs_are_variables() -> None:
    with pytest.raises(OptionError, match="outputs are variables"):
        optimize([1.0])


def test_report() -> None:
    x = gr.vector("x", "n")
    _, report = optimize([-(-2.0 * x) * x])
    text = str(report)
    assert "identities: " in text and "-((-x) * y) -> x * y" in text
    assert report.fired["-((-x) * y) -> x * y"] == 1
    assert report.before.nodes >= report.after.nodes
    assert f"total: {report.before}" in text
    assert str(work_of([gr.exp(x)])) == "2 nodes, n flops, 16*n bytes"


def test_trace_names_rule_and_line() -> None:
    x = gr.vector("x", 3)
    y = x * x
    trace: list[Firing] = []
    after, _ = optimize(y, trace=trace)
    [firing] = trace
    assert firing.pass_name == "powers" and firing.rule == "x * x -> x**2"
    assert firing.before is y and firing.after is after
    assert firing.place.startswith("tests/test_rewrite.py:") or "test_rewrite.py" in firing.place


# -------------------------------------------------------------------------------------- hints


def test_name_and_line_follow() -> None:
    x = gr.vector("x", 3)
    y = (x * x).named("energy")
    after, _ = optimize(y)
    assert after is not y and after.name == "energy"
    assert after.hints.source is not None
    assert after.hints.source.line == y.hints.source.line  # type: ignore[union-attr]


def test_a_part_does_not_go_by_the_name_of_the_whole() -> None:
    x, y = gr.vector("x", 3), gr.vector("y", 3)
    total = 0.5 * x + 0.5 * y
    after, _ = optimize(total)
    inner = after.inputs[1]
    assert inner.op.name == "add"
    assert not after.hints.part and after.hints.source.target == "total"  # type: ignore[union-attr]
    assert inner.hints.part and inner.hints.source is not None


def test_role_of_a_gradient_follows() -> None:
    W = gr.matrix("W", (2, 3))
    gradient = gr.grad(gr.mean(W**2), W)
    assert gradient.hints.role == "grad_W"
    after, _ = optimize(gradient)
    assert after is not gradient
    assert after.hints.role == "grad_W" and after.hints.gradient


def test_inputs_and_named_variables_keep_to_themselves() -> None:
    x, s = gr.vector("x", 3), gr.vector("s", 3)
    kept = gr.exp(s).named("kept")
    for inner in (x, kept):
        outer = gr.stop_gradient(inner).named("outer")
        after, _ = optimize(outer)
        assert after is inner and after.name in ("x", "kept")


def test_named_intermediates_stay() -> None:
    x, y = gr.vector("x", 3), gr.scalar("y")
    scaled = (y * x).named("scaled")
    after, _ = optimize(gr.sum(scaled))
    assert after.inputs[0] is scaled


# ----------------------------------------------------------------- the guards, by planted errors


def planted(rewrite: Callable[..., Variable | None], *ops: type) -> Pass:
    """A pass of one rule."""
    declare = rule("exp(x) -> nonsense", *(ops or (Exp,)), sample=gr.exp, near_miss=gr.sin)
    return Pass("planted", [declare(rewrite)])


@pytest.mark.parametrize(
    "rewrite",
    [
        lambda v, x: x.astype("float32"),
        lambda v, x: gr.sum(x),
        lambda v, x: x[:2],
        lambda v, x: gr.reshape(x, (3, 1)),
    ],
    ids=["dtype", "rank", "length", "axis"],
)
def test_a_rule_that_changes_the_type(rewrite: Callable[..., Variable]) -> None:
    with pytest.raises(VerifyError, match=r"rule 'exp\(x\) -> nonsense' of pass planted made"):
        optimize(gr.exp(gr.vector("x", 3)), [planted(rewrite)])


def test_verifier_finds_a_wrong_type_inside() -> None:
    x = gr.vector("x", 3)

    def plant(v: Variable, x: Variable) -> Variable:
        wrong = intern(Negative(), (x,), x.type.with_dtype(np.dtype("float32")))
        return Multiply()(wrong, x)

    broken = [planted(plant)]
    optimize(gr.exp(x), broken)
    with pytest.raises(VerifyError, match="after pass planted"):
        optimize(gr.exp(x), broken, verify=True)


@pytest.mark.parametrize(
    "rewrite",
    [
        lambda v, x: v + 1.0 - 1.0,
        lambda v, x: gr.exp(x + 1.0),
        lambda v, x: gr.exp(gr.exp(x)),
    ],
    ids=["contains itself", "grows", "nests"],
)
def test_rules_without_end(rewrite: Callable[..., Variable]) -> None:
    with pytest.raises(VerifyError, match=r"pass planted rewrites without end, by: exp\(x\)"):
        optimize(gr.exp(gr.vector("x", 3)), [planted(rewrite)])


def test_rules_that_undo_each_other() -> None:
    def swap(v: Variable, x: Variable, y: Variable) -> Variable:
        return y + x

    with pytest.raises(VerifyError, match="without end"):
        optimize(gr.vector("x", 3) + gr.vector("y", 3), [planted(swap, Add)])


# ------------------------------------------------------------------------------------- long graphs


def test_long_chains() -> None:
    x = gr.vector("x", 3)
    y = x
    for _ in range(3_000):
        y = -gr.sin(-(0.5 * y) * 2.0)
    z = gr.sum(y)
    after, report = optimize([z, gr.grad(z, x)])
    assert report.after.nodes < report.before.nodes
    assert optimize(after)[1].fired == {}


def test_work_is_linear() -> None:
    """Rule calls per node, counted, do not grow with the graph."""

    def calls_per_node(size: int) -> float:
        calls = 0

        def count(v: Variable, *_: Variable) -> None:
            nonlocal calls
            calls += 1

        y = x = gr.vector("x", 3)
        for _ in range(size):
            y = gr.sin(-y) * x
        passes = [*PIPELINE, planted(count, Negative, Multiply)]
        optimize(y, passes)
        return calls / size

    assert calls_per_node(2_000) <= 1.1 * calls_per_node(200)


def test_sums_of_many_reads() -> None:
    """Scatters of a sum of many reads, right- and left-nested, meet in one buffer."""
    x = gr.vector("x", 600)
    left = right = gr.sin(x[0])
    for k in range(1, 600):
        left = left + gr.sin(x[k])
        right = gr.sin(x[k]) + right
    for z in (left, right):
        gradient = gr.grad(z, x)
        after, _ = optimize(gradient)
        assert names_in([after]).count("full") == 1
        assert_equal_values([gradient], [after])
