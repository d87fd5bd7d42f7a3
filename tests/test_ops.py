"""Every registered operation, walked by its own samples."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import codegen
import graphcomp as gr
from graphcomp.errors import GraphError
from graphcomp.ops.base import Sample, registry
from tests.checks import (
    STRUCTURAL,
    Use,
    all_samples,
    assert_close,
    differences,
    draw,
    oracle_values,
    projection,
)

SAMPLES = all_samples()
SEED = 7
samples = pytest.mark.parametrize(("name", "sample"), SAMPLES, ids=[name for name, _ in SAMPLES])


@pytest.fixture
def count(request: pytest.FixtureRequest) -> Any:
    """Count a check for the summary."""

    def add(kind: str, number: int = 1) -> None:
        request.node.user_properties.append((f"count:{kind}", number))

    return add


@pytest.mark.parametrize("name", sorted(set(registry) - STRUCTURAL))
def test_every_operation_has_samples_and_an_oracle(name: str) -> None:
    op = registry[name]
    assert list(op.samples()), f"{name} declares no samples"
    assert op.oracle is not None, f"{name} declares no oracle"


@samples
def test_inferred_type_is_executed_type(name: str, sample: Sample, count: Any) -> None:
    use = Use.of(sample, SEED)
    for v, value in zip(use.results, use.at(use.results), strict=True):
        assert (np.asarray(value).dtype, np.shape(value)) == (v.dtype, v.shape)
        if not v.shape:
            assert isinstance(value, np.generic), f"a 0-d result is a NumPy scalar: {value!r}"
        count("types")


@samples
def test_value_is_the_oracles(name: str, sample: Sample, count: Any) -> None:
    use = Use.of(sample, SEED)
    expected = oracle_values(use)
    for value, truth in zip(use.at(use.invariants), expected, strict=True):
        assert_close(value, np.asarray(truth).astype(np.asarray(value).dtype), 1e-12, name)
        count("values", np.size(value))


@samples
def test_value_of_non_contiguous_operands(name: str, sample: Sample) -> None:
    use = Use.of(sample, SEED)
    strided = [np.repeat(a, 2, axis=-1)[..., ::2] if a.ndim else a for a in use.arrays]
    for a, b in zip(use.at(use.results), use.at(use.results, strided), strict=True):
        assert_close(b, a, 1e-13, name)


def check_first(use: Use, z: gr.Variable) -> tuple[int, int]:
    """First derivatives against differences; returns elements compared and skipped."""
    compared = skipped = 0
    for i in use.differentiable():
        x = use.inputs[i]
        gradient = gr.backprop([x], gr.Graph([z]), z)[x]
        assert (gradient.dtype, gradient.shape) == (x.dtype, x.shape)
        mask = use.kink_mask(i)
        actual = np.asarray(use.at(gradient))
        if i in use.op.symmetric_inputs:
            actual = (actual + np.conj(np.swapaxes(actual, -1, -2))) / 2
        expected = differences(use, z, i)
        assert_close(actual, expected, 1e-6, f"d{use.op.name}/dx{i}", mask, floor=1e-4)
        skipped += int(mask.sum())
        compared += int(mask.size - mask.sum())
    return compared, skipped


@samples
def test_first_derivative(name: str, sample: Sample, count: Any) -> None:
    use = Use.of(sample, SEED)
    z = use.scalar()
    if z is None or z.dtype.itemsize < 8:
        return
    compared, skipped = check_first(use, z)
    count("first derivatives", compared)
    count("skipped at a kink", skipped)


def test_few_points_are_skipped_for_a_kink() -> None:
    skipped = total = 0
    for _, sample in SAMPLES:
        use = Use.of(sample, SEED)
        for i in use.differentiable():
            mask = use.kink_mask(i)
            skipped, total = skipped + int(mask.sum()), total + mask.size
    assert total > 3000 and skipped <= 0.02 * total


@samples
def test_second_derivative(name: str, sample: Sample, count: Any) -> None:
    use = Use.of(sample, SEED)
    z = use.scalar()
    if z is None or z.dtype.itemsize < 8 or not sample.second:
        return
    chosen = [use.inputs[i] for i in use.differentiable()]
    table = gr.backprop(chosen, gr.Graph([z]), z)
    second = projection([table[x] for x in chosen], 2)
    if second is not None:
        compared, skipped = check_first(use, second)
        count("second derivatives", compared)
        count("skipped at a kink", skipped)


@samples
def test_float32_stays_and_agrees(name: str, sample: Sample, count: Any) -> None:
    narrow = {"float64": "float32", "complex128": "complex64"}
    use, wide = Use.of(sample, SEED, narrow), Use.of(sample, SEED)
    for a, b in zip(use.at(use.invariants), wide.at(wide.invariants), strict=True):
        assert_close(a, np.asarray(b).astype(np.asarray(a).dtype), 1e-3, name)
    z, z_wide = use.scalar(), wide.scalar()
    if z is None or z_wide is None:
        return
    for i in use.differentiable():
        x, x_wide = use.inputs[i], wide.inputs[i]
        gradient = gr.backprop([x], gr.Graph([z]), z)[x]
        expected = gr.backprop([x_wide], gr.Graph([z_wide]), z_wide)[x_wide]
        assert (gradient.dtype, gradient.shape) == (x.dtype, x.shape)
        value = np.asarray(use.at(gradient))
        assert value.dtype == x.dtype
        mask = use.kink_mask(i)
        truth = np.asarray(wide.at(expected))
        assert_close(value, truth, 1e-3, f"float32 {name}", mask, floor=1e-2)
        count("float32 gradients")


@samples
def test_vmap_is_stacking(name: str, sample: Sample, count: Any) -> None:
    if not sample.operands:
        return
    use = Use.of(sample, SEED)
    others = [
        [draw(operand, np.random.default_rng(seed)) for operand in sample.operands]
        for seed in (21, 22, 23)
    ]
    every = set(range(len(use.inputs)))
    for chosen in {frozenset(every), *(frozenset({i}) for i in every)}:
        rows = [
            [row[i] if i in chosen else use.arrays[i] for i in range(len(row))] for row in others
        ]
        arrays = [
            np.stack([row[i] for row in rows]) if i in chosen else use.arrays[i]
            for i in range(len(use.inputs))
        ]
        inputs = [gr.variable(f"b{i}", a.shape, a.dtype) for i, a in enumerate(arrays)]
        axes = tuple(0 if i in chosen else None for i in range(len(inputs)))

        def results(*xs: gr.Variable, op: Any = sample.op) -> list[gr.Variable]:
            return Use(op, [], list(xs), op(*xs)).results

        batched = gr.vmap(results, in_axes=axes)(*inputs)
        values = gr.evaluate(dict(zip(inputs, arrays, strict=True)), batched)
        stacked = [use.at(use.results, row) for row in rows]
        for k, value in enumerate(values):
            assert_close(value, np.stack([s[k] for s in stacked]), 1e-12, f"vmap {name} {chosen}")
            count("vmap")


@samples
def test_generated_code_is_the_interpreter(name: str, sample: Sample, count: Any) -> None:
    use = Use.of(sample, SEED)
    outputs = use.results
    z = use.scalar()
    if z is not None:
        chosen = [use.inputs[i] for i in use.differentiable()]
        table = gr.backprop(chosen, gr.Graph([z]), z)
        outputs = [*outputs, *(table[x] for x in chosen)]
    forms: list[tuple[str, ...]] = [] if use.op.needs_scipy else [()]
    forms += [("scipy",)] if use.op.scipy_meaning(*(v.type for v in use.inputs)) else []
    for allow in forms:
        function = codegen.compile(use.inputs, outputs, name="generated", allow=allow)
        with np.errstate(all="ignore"):
            actual = function(*use.arrays)
        for a, b in zip(actual, use.at(outputs), strict=True):
            assert np.asarray(a).dtype == np.asarray(b).dtype
            assert_close(a, b, 1e-11, name)
            count("generated")


BAD = [
    (f"{name}-{k}", bad) for name, op in sorted(registry.items()) for k, bad in enumerate(op.bad())
]


@pytest.mark.parametrize(("name", "bad"), BAD, ids=[name for name, _ in BAD])
def test_bad_operands_are_refused(name: str, bad: Any) -> None:
    arrays = [draw(operand, np.random.default_rng(SEED)) for operand in bad.operands]
    inputs = [gr.variable(f"x{k}", a.shape, a.dtype) for k, a in enumerate(arrays)]
    with pytest.raises(GraphError) as caught:
        bad.op(*inputs)
    assert type(caught.value) is bad.error
    if inputs:
        assert "x0" in str(caught.value), "the message names the operand"
    assert "test_ops.py" in str(caught.value), "the message names the user's line"
