"""Public functions in all their argument forms: traced NumPy code against plain NumPy."""

from __future__ import annotations

import itertools
import warnings
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import codegen
import graphcomp as gr
from graphcomp.dims import Dim
from graphcomp.errors import GraphError
from graphcomp.ops.base import Operand
from graphcomp.registry import implementations
from tests.checks import STENCIL, STEP, assert_close, draw, projection
from tests.forms import Form, Refused, tables

TABLES = tables()
FORMS = [entry for entry in TABLES if isinstance(entry, Form)]
REFUSED = [entry for entry in TABLES if isinstance(entry, Refused)]
forms = pytest.mark.parametrize("entry", FORMS, ids=[entry.text for entry in FORMS])


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def function(text: str, names: list[str]) -> Callable[..., Any]:
    """The expression as a function of its operands."""
    scope: dict[str, Any] = {}
    exec(f"import numpy as np, scipy, math\ndef form({', '.join(names)}): return {text}", scope)
    made: Callable[..., Any] = scope["form"]
    return made


class Case:
    """A form with its arrays, traced: floating ones in ``dtype``, fixed ones if ``fixed`` too."""

    def __init__(
        self,
        entry: Form | Refused,
        dtype: str | None = None,
        symbolic: bool = False,
        longer: int = 0,
        fixed: bool = True,
    ) -> None:
        self.entry = entry
        self.names = list(entry.operands)
        self.plain = function(entry.text, self.names)
        rng = np.random.default_rng(zlib.crc32(entry.text.encode()))
        self.arrays = {}
        for name, operand in entry.operands.items():
            shape = tuple(n + longer if n > 1 else n for n in operand.shape)
            array = spread(shape, operand, rng)
            if dtype and array.dtype.kind in "fc" and (fixed or operand.kind != "fixed"):
                array = converted(array, dtype, operand)
            self.arrays[name] = array
        self.symbolic = symbolic

    def trace(self) -> None:
        types = {name: self._type(array) for name, array in self.arrays.items()}
        self.inputs, self.results = gr.from_function(self.plain, **types)
        self.outputs = flat(self.results)

    def _type(self, array: np.ndarray) -> str:
        shape = [f"n{n}" if self.symbolic and n > 1 else str(n) for n in array.shape]
        return f"{array.dtype.name}[{', '.join(shape)}]" if shape else array.dtype.name

    def numpy(self, **moved: np.ndarray) -> list[Any]:
        arrays = {name: array.copy() for name, array in {**self.arrays, **moved}.items()}
        scalars = {n: a[()] if not a.ndim else a for n, a in arrays.items()}
        return flat(self.plain(**scalars))

    def at(self, outputs: Any, **moved: np.ndarray) -> Any:
        arrays = {**self.arrays, **moved}
        return gr.evaluate({v: arrays[str(v.name)] for v in self.inputs}, outputs)

    def chosen(self) -> list[gr.Variable]:
        names = self.entry.wrt.split() if isinstance(self.entry, Form) and self.entry.wrt else None
        return [
            v
            for v in self.inputs
            if v.type.is_differentiable and (names is None or v.name in names)
        ]


def spread(shape: tuple[int, ...], operand: Operand, rng: np.random.Generator) -> np.ndarray:
    """Distinct values of both signs, none near another or near 0; or what the operand asks for."""
    if operand.kind != "spread":
        return draw(Operand(shape, *_rest(operand)), rng)
    count = int(np.prod(shape))
    low, high = -1.9 + 0.2 * rng.random(), 2.1 + 0.2 * rng.random()
    values = rng.permutation(np.linspace(low, high, count + 1)[:count])
    return np.where(np.abs(values) < 0.03, values + 0.07, values).reshape(shape)


def converted(array: np.ndarray, dtype: str, operand: Operand) -> np.ndarray:
    """The array in another dtype; where that is complex and the operand free, with imaginary
    parts, all different, so that no branch cut or tie is met."""
    if np.dtype(dtype).kind != "c" or array.dtype.kind == "c" or operand.kind == "fixed":
        return array.astype(dtype)
    rng = np.random.default_rng(array.size)
    parts = rng.permutation(np.linspace(-1.28, 1.17, array.size)).reshape(array.shape)
    if operand.kind == "spd":
        parts = (parts - np.swapaxes(parts, -1, -2)) / 2
    return np.asarray(array + 1j * parts, dtype)


def _rest(operand: Operand) -> tuple[Any, ...]:
    return (operand.low, operand.high, operand.dtype, operand.kind, operand.value)


def flat(results: Any) -> list[Any]:
    """The arrays in a result: itself, or those of a tuple, list or dict of them."""
    found, stack = [], [results]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            item = tuple(item.values())
        if isinstance(item, (list, tuple)):
            stack += reversed(item)
        elif item is not None:
            found.append(item)
    return found


def same(actual: list[Any], expected: list[Any], tolerance: float, what: str) -> None:
    """Values, dtypes and shapes; plain numbers among the results must be equal."""
    assert len(actual) == len(expected), f"{what}: {len(actual)} results, NumPy has {len(expected)}"
    for a, b in zip(actual, expected, strict=True):
        assert_close(a, b, tolerance, what)
        if isinstance(b, (np.ndarray, np.generic)):
            assert np.asarray(a).dtype == b.dtype, f"{what}: {np.asarray(a).dtype}, not {b.dtype}"
            assert b.ndim or isinstance(a, np.generic), f"{what}: a 0-d result is a NumPy scalar"


@pytest.fixture
def count(request: pytest.FixtureRequest) -> Any:
    def add(kind: str, number: int = 1) -> None:
        request.node.user_properties.append((f"count:{kind}", number))

    return add


@forms
def test_values(entry: Form, count: Any) -> None:
    case = Case(entry)
    expected = case.numpy()
    case.trace()
    same(case.at(case.outputs), expected, entry.tolerance, entry.text)
    count("form values")


@forms
def test_generated_code(entry: Form, count: Any) -> None:
    case = Case(entry)
    case.trace()
    outputs = list(case.outputs)
    z, chosen = scalar(case), case.chosen()
    if entry.order and z is not None and chosen:
        outputs += gr.grad(z, chosen, independent="zeros")
    generated = codegen.compile(case.inputs, outputs, name="generated", allow=entry.allow)
    given = [case.arrays[str(v.name)] for v in case.inputs]
    before = [array.tobytes() for array in given]
    what, expected = f"{entry.text}\n{generated.source}", case.at(outputs)
    actual = flat(generated(*given))
    same(actual, expected, 1e-12, what)
    assert [array.tobytes() for array in given] == before, f"inputs changed: {what}"
    arrays = [array for array in (*actual, *given) if isinstance(array, np.ndarray)]
    shared = [1 for a, b in itertools.combinations(arrays, 2) if np.shares_memory(a, b)]
    assert not shared, f"results share memory: {what}"
    for layout in (fortran, backwards):
        same(flat(generated(*map(layout, given))), expected, 1e-12, f"{layout.__name__}: {what}")
    count("form generated", 3)


def fortran(array: np.ndarray) -> np.ndarray:
    return np.array(array, order="F")


def backwards(array: np.ndarray) -> np.ndarray:
    """The same values at negative strides, with gaps, every axis in reverse."""
    if not array.ndim:
        return array
    wide = np.repeat(array[(slice(None, None, -1),) * array.ndim], 2, axis=-1)
    return wide[..., ::2][(slice(None, None, -1),) * array.ndim]


def scalar(case: Case) -> gr.Variable | None:
    """A random real linear function of the results, or of their ``gauge``."""
    outputs = case.outputs
    if isinstance(case.entry, Form) and case.entry.gauge:
        gauge = function(case.entry.gauge, ["r"])
        _, reduced = gr.from_function(gauge, case.results)
        outputs = flat(reduced)
    return projection([v for v in outputs if isinstance(v, gr.Variable)], 1)


def numpy_scalar(case: Case, **moved: np.ndarray) -> float:
    """The same function of NumPy's own results."""
    results: Any = case.plain(**{n: a.copy() for n, a in {**case.arrays, **moved}.items()})
    if isinstance(case.entry, Form) and case.entry.gauge:
        results = function(case.entry.gauge, ["r"])(results)
    constants = [gr.constant(np.asarray(v)) for v in flat(results) if not isinstance(v, str)]
    z = projection(constants, 1)
    assert z is not None
    return float(gr.evaluate({}, z))


def differences(case: Case, name: str, value: Callable[..., float]) -> np.ndarray:
    """Central differences of ``value`` by one operand; for complex x: dz/dRe - 1j dz/dIm."""
    x = case.arrays[name]
    result = np.zeros(x.shape, x.dtype)
    for index in np.ndindex(x.shape):
        for direction in (1.0, 1j) if x.dtype.kind == "c" else (1.0,):
            total = 0.0
            for k, weight in STENCIL:
                for sign in (1, -1):
                    moved = x.copy()
                    moved[index] += sign * k * STEP * direction
                    total += sign * weight * value(**{name: moved})
            result[index] += total / STEP * np.conj(direction)
    return result


def check_derivatives(case: Case, order: int) -> int:
    """First and second derivatives; returns how many elements were compared."""
    z, chosen, compared = scalar(case), case.chosen(), 0
    if z is None or not chosen:
        return 0
    first = gr.backprop(chosen, gr.Graph([z]), z)
    for v in chosen:
        name = str(v.name)
        expected = differences(case, name, lambda **moved: numpy_scalar(case, **moved))
        what = f"d({case.entry.text})/d{name}"
        assert_close(case.at(first[v]), expected, 1e-6, what, floor=1e-2)
        compared += v.type.size if isinstance(v.type.size, int) else 0
    second = projection([first[v] for v in chosen], 2) if order > 1 else None
    if second is None:
        return compared
    table = gr.backprop(chosen, gr.Graph([second]), second)
    for v in chosen:
        name = str(v.name)
        expected = differences(case, name, lambda **moved: float(case.at(second, **moved)))
        what = f"second derivative of {case.entry.text} by {name}"
        assert_close(case.at(table[v]), expected, 1e-6, what, floor=1e-2)
        compared += v.type.size if isinstance(v.type.size, int) else 0
    return compared


@pytest.mark.parametrize(
    "entry", [e for e in FORMS if e.order], ids=[e.text for e in FORMS if e.order]
)
def test_derivatives(entry: Form, count: Any) -> None:
    case = Case(entry)
    case.trace()
    count("form derivatives", check_derivatives(case, entry.order))


COMPLEX = [e for e in FORMS if e.order and "complex128" in e.dtypes.split()]


@pytest.mark.parametrize("entry", COMPLEX, ids=[entry.text for entry in COMPLEX])
def test_complex_derivatives(entry: Form, count: Any) -> None:
    """By complex operands, where NumPy takes them; operands with fixed values stay as they are."""
    case = Case(entry, "complex128", fixed=False)
    free = [a for a in case.arrays.values() if a.dtype.kind == "c"]
    try:
        case.numpy()
    except (TypeError, ValueError, ArithmeticError, np.linalg.LinAlgError):
        return
    if free:
        case.trace()
        order = entry.order if sum(a.size for a in free) <= 6 else 1
        count("form complex derivatives", check_derivatives(case, order))


@pytest.mark.parametrize(
    "entry", [e for e in FORMS if e.symbolic], ids=[e.text for e in FORMS if e.symbolic]
)
def test_symbolic_sizes(entry: Form, count: Any) -> None:
    """One generated function serves arrays of several lengths."""
    case = Case(entry, symbolic=True)
    case.trace()
    case.inputs = [v for v in case.inputs if str(v.name) in case.arrays]
    generated = codegen.compile(case.inputs, case.outputs, name="generated", allow=entry.allow)
    what = f"{entry.text}\n{generated.source}"
    same(flat(generated(**case.arrays)), case.numpy(), max(entry.tolerance, 1e-12), what)
    count("form symbolic")
    if any(operand.kind == "fixed" for operand in entry.operands.values()):
        return
    longer = Case(entry, longer=1)
    try:
        expected = longer.numpy()
    except (ValueError, IndexError, TypeError):
        return  # it asks for these lengths
    same(flat(generated(**longer.arrays)), expected, max(entry.tolerance, 1e-12), f"longer {what}")
    count("form symbolic")


@forms
def test_other_dtypes(entry: Form, count: Any) -> None:
    """NumPy's values and dtypes; what NumPy refuses is refused."""
    for dtype in entry.dtypes.split():
        case = Case(entry, dtype)
        if all(a.dtype.kind not in "fc" for a in Case(entry).arrays.values()):
            return
        what = f"{entry.text} in {dtype}"
        try:
            expected = case.numpy()
        except TypeError:
            with pytest.raises(GraphError):
                case.trace()
            continue
        except (ValueError, ArithmeticError, np.linalg.LinAlgError):
            continue  # these numbers do not suit the function
        try:
            case.trace()
        except GraphError as error:
            raise AssertionError(f"{what} is refused: {error}") from error
        same(case.at(case.outputs), expected, 1e-4 if dtype == "float32" else 1e-11, what)
        count("form dtypes")


@pytest.mark.parametrize("entry", REFUSED, ids=[entry.text for entry in REFUSED])
def test_refusals(entry: Refused) -> None:
    case = Case(entry)
    with pytest.raises(GraphError) as caught:
        case.trace()
    missing = [word for word in entry.words if word not in str(caught.value)]
    assert not missing, f"{entry.text}: {caught.value} does not say {missing}"


def test_a_planted_error_is_caught() -> None:
    """The walk compares: a wrong value, dtype or derivative does not pass."""
    path = "numpy.square"
    right = implementations[path]
    entry = Form("np.square(x)", {"x": Operand((3,), kind="spread")})
    wrong: dict[str, tuple[Callable[..., Any], Callable[..., None]]] = {
        "value": (lambda x: right(x) * 1.001, test_values),
        "dtype": (lambda x: right(x).astype("float64"), test_other_dtypes),
        "derivative": (lambda x: right(x) - 1e-3 * (x - gr.stop_gradient(x)), test_derivatives),
    }
    for kind, (plant, check) in wrong.items():
        implementations[path] = plant
        try:
            with pytest.raises(AssertionError):
                check(entry, lambda *_: None)
        finally:
            implementations[path] = right
        check(entry, lambda *_: None)
        assert kind


def test_sizes_are_dims() -> None:
    """What the symbolic walk relies on: a named size traces as a dimension."""
    _, shape = gr.from_function(lambda x: x, "float64[n3]")
    assert isinstance(shape.shape[0], Dim)
