"""What the tests of operations compare with: random operands, oracles, central differences.

Nothing here uses a derivative rule: values come from the interpreter or from an oracle,
derivatives from differences of values.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np

import graphcomp as gr
from graphcomp.ops import structure
from graphcomp.ops.base import Op, Operand, Sample, registry
from graphcomp.ops.elementwise import Elementwise
from graphcomp.types import TupleType

# Sixth-order central difference: f'(x) = sum(w (f(x + kh) - f(x - kh))) / h.
STENCIL = ((1, 45 / 60), (2, -9 / 60), (3, 1 / 60))
STEP = 5e-3

# Leaves and tuples have no operands of their own to sample; test_random is about draws.
STRUCTURAL = {"input", "constant", "size_of", "make_tuple", "project", "draw"}


def all_samples() -> list[Any]:
    """(name-index, sample) of every registered operation."""
    return [
        (f"{name}-{k}", sample)
        for name, op in sorted(registry.items())
        if name not in STRUCTURAL
        for k, sample in enumerate(op.samples())
    ]


def draw(operand: Operand, rng: np.random.Generator) -> np.ndarray:
    """An array of the kind that the operand asks for."""
    shape, low, high = operand.shape, operand.low, operand.high
    if operand.kind == "fixed":
        return np.asarray(operand.value, operand.dtype)
    if operand.kind == "spd":
        a = rng.normal(size=shape)
        if operand.dtype == "complex128":
            a = a + 1j * rng.normal(size=shape)
        return a @ np.conj(np.swapaxes(a, -1, -2)) + shape[-1] * np.eye(shape[-1])
    if operand.kind == "distinct":
        values = np.linspace(low, high, int(np.prod(shape)) or 1)[: int(np.prod(shape))]
        return rng.permutation(values).reshape(shape).astype(operand.dtype)
    dtype = np.dtype(operand.dtype)
    if dtype.kind == "b":
        return np.asarray(rng.integers(0, 2, shape), bool)
    if dtype.kind in "iu":
        return np.asarray(rng.integers(int(low), int(high) + 1, shape), dtype)
    values = rng.uniform(low, high, shape)
    if dtype.kind == "c":
        values = values + 1j * rng.uniform(low, high, shape)
    return np.asarray(values, dtype)


@dataclass
class Use:
    """A sample with its arrays: inputs, result and interpreter at hand."""

    op: Op
    arrays: list[np.ndarray]
    inputs: list[gr.Variable]
    output: gr.Variable

    @classmethod
    def of(cls, sample: Sample, seed: int, dtypes: dict[str, str] | None = None) -> Use:
        rng = np.random.default_rng(seed)
        arrays = [draw(operand, rng) for operand in sample.operands]
        arrays = [a.astype((dtypes or {}).get(a.dtype.name, a.dtype)) for a in arrays]
        inputs = [gr.variable(f"x{k}", a.shape, a.dtype) for k, a in enumerate(arrays)]
        return cls(sample.op, arrays, inputs, sample.op(*inputs))

    @property
    def results(self) -> list[gr.Variable]:
        if isinstance(self.output.type, TupleType):
            return list(structure.unpack(self.output))
        return [self.output]

    @property
    def invariants(self) -> list[gr.Variable]:
        """The results, or what of them is unique."""
        return list(self.op.invariants(*self.results))

    def differentiable(self) -> list[int]:
        return [
            k
            for k, x in enumerate(self.inputs)
            if k not in self.op.nondiff and x.type.is_differentiable
        ]

    def at(self, outputs: Any, arrays: list[np.ndarray] | None = None) -> Any:
        values = self.arrays if arrays is None else arrays
        return gr.evaluate(dict(zip(self.inputs, values, strict=True)), outputs)

    def scalar(self, seed: int = 1) -> gr.Variable | None:
        """A random real linear function of the floating results; None where there are none."""
        return projection(self.invariants, seed)

    def kink_mask(self, i: int) -> np.ndarray:
        """Elements of operand i whose stencil could meet a kink of an elementwise operation."""
        kinks = getattr(self.op, "kinks", ())
        x = self.arrays[i]
        near = np.zeros(x.shape, bool)
        for kink in kinks:
            near |= np.abs(x - kink) < 4 * STEP
        return near


def projection(outputs: list[gr.Variable], seed: int) -> gr.Variable | None:
    """A random real linear function of the floating outputs; None where there are none."""
    total: gr.Variable | None = None
    for v, w in zip(outputs, weights_of(outputs, seed), strict=True):
        if w is None:
            continue
        term = gr.sum(v * gr.constant(w))
        term = term.real if term.dtype.kind == "c" else term
        total = term if total is None else total + term
    return total


def weights_of(outputs: list[gr.Variable], seed: int) -> list[np.ndarray | None]:
    """The weights of ``projection``; None for outputs that are not floating."""
    rng = np.random.default_rng(seed)
    found: list[np.ndarray | None] = []
    for v in outputs:
        if v.dtype.kind not in "fc":
            found.append(None)
            continue
        weights = rng.normal(size=v.shape)
        if v.dtype.kind == "c":
            weights = weights + 1j * rng.normal(size=v.shape)
        found.append(np.asarray(weights, v.dtype))
    return found


def differences(use: Use, z: gr.Variable, i: int) -> np.ndarray:
    """dz/d(operand i) by central differences; for complex x: dz/dRe - 1j dz/dIm."""
    x = use.arrays[i]
    symmetric = i in use.op.symmetric_inputs
    result = np.zeros(x.shape, np.result_type(x.dtype, np.float64))
    for index in np.ndindex(x.shape):
        for direction in (1.0, 1j) if x.dtype.kind == "c" else (1.0,):
            total = 0.0
            for (k, weight), sign in itertools.product(STENCIL, (1, -1)):
                moved = x.copy()
                for place, way in moves(index, direction, symmetric):
                    moved[place] += sign * k * STEP * way
                arrays = [*use.arrays[:i], moved, *use.arrays[i + 1 :]]
                total += sign * weight * float(use.at(z, arrays))
            result[index] += total / STEP * np.conj(direction)
    return result


def moves(
    index: tuple[int, ...], direction: complex, symmetric: bool
) -> list[tuple[tuple[int, ...], complex]]:
    """An element and where it moves to; half of it in a symmetric matrix, whose mirrored element
    moves the conjugate way, so that it stays symmetric, or Hermitian."""
    if not symmetric:
        return [(index, direction)]
    mirrored = (*index[:-2], index[-1], index[-2])
    return [(index, direction / 2), (mirrored, np.conj(direction) / 2)]


def oracle_values(use: Use) -> list[np.ndarray]:
    """The results by the operation's independent oracle."""
    oracle = type(use.op).oracle
    if isinstance(use.op, Elementwise):
        return [elementwise_oracle(use)]
    value = use.op.oracle(*use.arrays)
    assert oracle is not None
    return list(value) if isinstance(value, tuple) else [value]


def elementwise_oracle(use: Use) -> np.ndarray:
    names = use.op.parameter_names(len(use.inputs))
    code = compile(use.op.oracle, f"<oracle of {use.op.name}>", "eval")
    arrays = np.broadcast_arrays(*use.arrays) if use.arrays else []
    shape = arrays[0].shape
    values = np.zeros(shape, use.output.dtype)
    with mpmath.workdps(30):
        for index in np.ndindex(shape):
            scope = {n: to_mp(a[index]) for n, a in zip(names, arrays, strict=True)}
            result = eval(code, {"mp": mpmath.mp, **scope, **use.op.attributes})
            kind = {"c": complex, "f": float, "b": bool}.get(values.dtype.kind, int)
            values[index] = kind(result)
    return values


def to_mp(value: Any) -> Any:
    """The same number as a Python or mpmath number."""
    kind = value.dtype.kind
    if kind == "b":
        return bool(value)
    if kind in "iu":
        return int(value)
    return mpmath.mpc(complex(value)) if kind == "c" else mpmath.mpf(float(value))


def assert_close(
    actual: Any,
    expected: Any,
    tolerance: float,
    what: str,
    mask: Any = None,
    floor: float = 1.0,
) -> None:
    """Equal to ``tolerance``, relative to the largest expected element (at least ``floor``)."""
    actual, expected = np.asarray(actual), np.asarray(expected)
    assert actual.shape == expected.shape, f"{what}: shape {actual.shape} != {expected.shape}"
    if mask is not None:
        actual, expected = actual[~mask], expected[~mask]
    if not expected.size:
        return
    same = (actual == expected) | ((actual != actual) & (expected != expected))
    if same.all():
        return
    with np.errstate(invalid="ignore"):
        scale = max(floor, float(np.max(np.abs(expected[np.isfinite(expected)]), initial=0.0)))
        error = np.where(same, 0.0, np.abs(actual - expected) / scale)
    worst = float(np.max(error))
    assert worst <= tolerance, f"{what}: error {worst:.3g}\n{actual}\nexpected\n{expected}"
