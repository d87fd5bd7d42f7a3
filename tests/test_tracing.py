"""from_function: plain NumPy runs unchanged, with the same value and the right gradient."""

from __future__ import annotations

import inspect
import threading
from typing import Any

import numpy as np
import pytest

import graphcomp as gr
from graphcomp.tracing import parse_type
from graphcomp.tree import leaves, unflatten
from tests import objectives, objectives_composed, objectives_library
from tests.objectives_table import CASES, Case, Draw

SIZES = {"n": 6, "p": 3, "k": 3, "m": 4, "d": 2}
STEP = 1e-4


def draw(wanted: Any, rng: np.random.Generator) -> Any:
    """Numbers for a type string or Draw; anything else is itself."""
    wanted = Draw(wanted) if isinstance(wanted, str) else wanted
    declared = parse_type(wanted.type) if isinstance(wanted, Draw) else None
    if declared is None:
        return wanted.type if isinstance(wanted, Draw) else wanted
    dtype, shape = declared
    lengths = [gr.dims.evaluate(d, SIZES) for d in shape]
    if wanted.kind == "labels":
        return rng.integers(0, 2, lengths).astype(dtype)
    if wanted.kind == "spd":
        a = rng.normal(size=lengths)
        return a @ a.T + np.eye(lengths[0])
    if dtype.kind == "i":
        return rng.integers(int(wanted.low), int(wanted.high), lengths)
    values = rng.uniform(wanted.low, wanted.high, lengths).astype(dtype)
    if not lengths:
        return float(values) if dtype.name == "float64" else dtype.type(values)
    return values


def mapped(structure: Any, function: Any) -> Any:
    return unflatten(structure, [function(leaf) for _, leaf in leaves(structure)])


class Traced:
    """A case, traced on its types, with numbers drawn for its inputs."""

    def __init__(self, case: Case, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        wanted = [*case.arguments], case.options
        types = mapped(wanted, lambda w: w.type if isinstance(w, Draw) else w)
        self.function = case.function
        self.args, self.kwargs = mapped(wanted, lambda w: draw(w, rng))
        self.inputs, self.outputs = gr.from_function(case.function, *types[0], **types[1])
        numeric = (np.ndarray, np.generic, float)
        self.values = [
            value for _, value in leaves((self.args, self.kwargs)) if isinstance(value, numeric)
        ]
        self.given = dict(zip(self.inputs, self.values, strict=True))

    def plain(self, values: list[Any]) -> Any:
        """The NumPy function itself on other numbers."""
        rest = iter(values)
        numeric = (np.ndarray, np.generic, float)
        args, kwargs = mapped(
            (self.args, self.kwargs), lambda v: next(rest) if isinstance(v, numeric) else v
        )
        return self.function(*args, **kwargs)


@pytest.fixture(params=CASES, ids=lambda case: case.name)
def traced(request: pytest.FixtureRequest) -> Traced:
    return Traced(request.param)


def test_value(traced: Traced) -> None:
    expected = leaves(traced.plain(traced.values))
    got = leaves(gr.evaluate(traced.given, traced.outputs))
    assert [path for path, _ in got] == [path for path, _ in expected]
    for (_, value), (_, plain) in zip(got, expected, strict=True):
        tight = np.asarray(plain).dtype.itemsize > 4
        np.testing.assert_allclose(value, plain, rtol=1e-12 if tight else 1e-5, atol=1e-13)
        assert np.shape(value) == np.shape(plain)
        assert np.asarray(value).dtype == np.asarray(plain).dtype


def test_gradient(traced: Traced) -> None:
    plain = [v for _, v in leaves(traced.plain(traced.values))]
    weights = [np.cos(np.arange(np.size(v))).reshape(np.shape(v)) for v in plain]

    def objective(values: list[Any]) -> float:
        results = [v for _, v in leaves(traced.plain(values))]
        return float(sum(np.sum(w * r) for w, r in zip(weights, results, strict=True)))

    outputs = [r for _, r in leaves(traced.outputs)]
    seeds = [gr.variable(f"seed_{k}", r.shape) for k, r in enumerate(outputs)]
    total = sum(gr.sum(w * r) for w, r in zip(seeds, outputs, strict=True))
    places = [k for k, v in enumerate(traced.inputs) if v.dtype.kind == "f"]
    wanted = [traced.inputs[k] for k in places]
    gradients = gr.grad(total, wanted, independent="zeros")
    given = {**traced.given, **dict(zip(seeds, weights, strict=True))}
    found = gr.evaluate(given, gradients)
    for k, gradient in zip(places, found, strict=True):
        single = traced.inputs[k].dtype == np.float32
        expected = differences(objective, traced.values, k, 1e-2 if single else STEP)
        assert gradient.dtype == traced.inputs[k].dtype
        scale = np.max(np.abs(expected), initial=1.0)
        np.testing.assert_allclose(
            gradient, expected, rtol=1e-6, atol=(1e-3 if single else 1e-7) * scale
        )


def differences(objective: Any, values: list[Any], k: int, step: float) -> np.ndarray:
    """Fourth-order central differences by argument k."""
    x = np.asarray(values[k], dtype=float)
    result = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        for weight, offset in ((8, 1), (-8, -1), (-1, 2), (1, -2)):
            moved = x.copy()
            moved[index] += offset * step
            at = moved.astype(np.asarray(values[k]).dtype)[()]
            others = [
                *values[:k],
                float(at) if isinstance(values[k], float) else at,
                *values[k + 1 :],
            ]
            result[index] += weight * objective(others) / (12 * step)
    return result


def test_some_forty_objectives() -> None:
    assert len(CASES) >= 40


def test_nothing_of_the_users_is_changed() -> None:
    modules = objectives, objectives_composed, objectives_library, np
    before = [dict(vars(module)) for module in modules]
    for case in CASES:
        Traced(case)
    after = [dict(vars(module)) for module in modules]
    for old, new in zip(before, after, strict=True):
        assert old.keys() == new.keys()
        assert all(old[name] is new[name] for name in old if name != "__builtins__")


def test_threads_trace_side_by_side() -> None:
    results: list[Any] = []

    def work() -> None:
        for case in CASES[:10]:
            traced = Traced(case)
            results.append(gr.evaluate(traced.given, traced.outputs))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 40


# ------------------------------------------------------------------------------ the arguments


def test_inputs_are_named_by_path_in_the_order_of_the_parameters() -> None:
    def f(params: Any, scale: Any, n: int, mode: str, *rest: Any, flag: bool = True, **more: Any):
        assert (n, mode, flag) == (3, "relu", True)
        return params["W"].sum() + scale + params["layers"][0][0] + rest[0] + more["z"]

    inputs, _ = gr.from_function(
        f, {"W": np.ones((2, 2)), "layers": [("float64",)]}, 2.0, 3, "relu", 1.5, z="float32[]"
    )
    assert [(v.name, v.dtype.name, v.shape) for v in inputs] == [
        ("params_W", "float64", (2, 2)),
        ("params_layers_0_0", "float64", ()),
        ("scale", "float64", ()),
        ("rest_0", "float64", ()),
        ("z", "float32", ()),
    ]


def test_variables_stay_and_defaults_are_static() -> None:
    def f(x, y, rate=0.5, steps=2, name="tanh", nothing=None):
        assert type(rate) is float and steps == 2 and nothing is None
        return x * y * rate

    x = gr.scalar("anything")
    inputs, out = gr.from_function(f, x, y=x)
    assert inputs == [x] or (len(inputs) == 1 and inputs[0] is x)
    assert gr.evaluate({x: 3.0}, out) == 4.5


def test_outputs_keep_their_structure_and_numbers_become_constants() -> None:
    inputs, out = gr.from_function(lambda x: {"a": (x, 2.0), "b": [np.arange(2)]}, "float64")
    values = gr.evaluate({inputs[0]: 1.0}, out)
    assert values["a"] == (1.0, 2.0)
    assert isinstance(values["a"], tuple) and isinstance(values["b"][0], np.ndarray)
    assert values["b"][0].dtype == np.int64


@pytest.mark.parametrize(
    ("text", "dtype", "shape"),
    [
        ("float64", "float64", ()),
        ("float32[]", "float32", ()),
        (" int64 [ n ] ", "int64", ("n",)),
        ("float64[2*n+1, 3]", "float64", ("2*n + 1", "3")),
        ("complex128[min(n, 4), n // 2]", "complex128", ("min(4, n)", "n//2")),
        ("bool[3,]", "bool", ("3",)),
    ],
)
def test_type_strings(text: str, dtype: str, shape: tuple[str, ...]) -> None:
    parsed = parse_type(text)
    assert parsed is not None
    assert (parsed[0].name, tuple(map(str, parsed[1]))) == (dtype, shape)


@pytest.mark.parametrize("text", ["relu", "", "floating", "integer", "mean squared", "x[0]"])
def test_other_strings_are_static(text: str) -> None:
    assert parse_type(text) is None


def test_an_objects_own_attributes_do_not_change() -> None:
    class Model:
        calls = 0

        def loss(self, w: Any) -> Any:
            self.calls += 1
            self.last = w
            return np.sum(np.array([w, w]))

    model = Model()
    gr.from_function(model.loss, "float64[n]")
    assert vars(model) == {}


def test_source_lines_are_the_functions_own() -> None:
    _, loss = gr.from_function(objectives.ridge, "float64[3]", "float64[n, 3]", "float64[n]", 1.0)
    G = gr.Graph([loss])
    names = {v.hints.source.target for v in G if v.hints.source}
    assert "r" in names
    first = inspect.getsourcelines(objectives.ridge)[1]
    lines = {v.hints.source.line for v in G if v.inputs and v.hints.source}
    assert lines <= set(range(first, first + 6))


def test_seeded_numbers_are_static_and_unseeded_ones_refused() -> None:
    def seeded(x):
        return x @ np.random.default_rng(0).normal(size=3)

    inputs, out = gr.from_function(seeded, "float64[3]")
    ones = np.ones(3)
    assert gr.evaluate({inputs[0]: ones}, out) == seeded(ones)


def test_arrays_of_one_number_or_a_pattern_are_never_large_constants() -> None:
    _, out = gr.from_function(objectives.larger_than_a_literal, "float64[12, 12]")
    constants = [v for v in gr.Graph([out]) if v.op.name == "constant"]
    assert constants and max(gr.dims.prod(v.shape) for v in constants) <= 12


def test_a_users_module_may_have_a_name_of_the_standard_library() -> None:
    space: dict[str, Any] = {"__name__": "test"}
    code = "import numpy as np\ndef f(x): return np.sum(np.asarray(x) * np.zeros(len(x)))"
    exec(code, space)
    assert gr.from_function(space["f"], "float64[n]")[1].shape == ()


def test_classes_hear_nothing_of_their_stand_ins() -> None:
    heard: list[str] = []

    class Base:
        def __init_subclass__(cls) -> None:
            heard.append(cls.__name__)

    class Slotted(Base):
        __slots__ = ("gain",)

        def __init__(self, gain: float) -> None:
            self.gain = gain

        def __call__(self, x: Any) -> Any:
            return np.array([x]) * self.gain

        @classmethod
        def unit(cls) -> Any:
            return cls(1.0)

    model = Slotted(3.0)

    def f(x: Any) -> Any:
        assert isinstance(model, Slotted) and isinstance(Slotted.unit(), Base)
        return np.sum(model(x) + Slotted.unit()(x))

    inputs, out = gr.from_function(f, "float64")
    assert gr.evaluate({inputs[0]: 2.0}, out) == 8.0
    assert heard == ["Slotted"]


def test_types_imported_by_name_and_objects_as_keys() -> None:
    """``ndarray`` of ``from numpy import ndarray`` is that of ``np.ndarray``."""
    from numpy import float32, float64, ndarray

    class Layer:
        def __call__(self, x: Any, w: Any) -> Any:
            assert isinstance(x, ndarray) and isinstance(w[0], float64)
            return np.zeros(2, float32) + x * w

    layers = [Layer(), Layer()]
    places = {layers[0]: slice(0, 2), layers[1]: slice(2, 4)}

    def f(x: Any, weights: Any) -> Any:
        for layer in layers:
            x = layer(x, weights[places[layer]])
        return float32(np.sum(x))

    inputs, out = gr.from_function(f, "float64[2]", "float64[4]")
    values = {inputs[0]: [1.0, 2.0], inputs[1]: [3.0, 4.0, 5.0, 6.0]}
    assert out.dtype == np.float32 and gr.evaluate(values, out) == 63.0


def test_long_loops_are_traced_in_linear_time() -> None:
    def loop(x: Any, steps: int) -> Any:
        for _ in range(steps):
            x = np.sin(np.asarray(x)) + x
        return x

    _, out = gr.from_function(loop, "float64", 20_000)
    assert len(gr.Graph([out])) == 40_001
