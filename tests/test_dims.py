"""Dimensions: simplification, text, decisions, substitution, solving; a random cross-check."""

from __future__ import annotations

import copy
import itertools
import operator
import pickle
import random
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from graphcomp import dims
from graphcomp.dims import (
    Dim,
    DimLike,
    as_dim,
    as_shape,
    evaluate,
    expression,
    lower_bound,
    maximum,
    minimum,
    names_of,
    prod,
    size,
    solve,
    upper_bound,
)
from graphcomp.errors import SizeError, TraceError

n, m, z = size("n"), size("m"), size("z", minimum=0)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2 * n + 1, "2*n + 1"),
        (1 + n + n, "2*n + 1"),
        (5 - n, "5 - n"),
        (n * m * n - 3, "m*n**2 - 3"),
        (n - n, "0"),
        ((2 * n) // 2, "n"),
        ((2 * n + 1) // 2, "n"),
        ((n * m) // m, "n"),
        ((n * m + n) // (m + 1), "n"),
        ((n * z) // z, "n*z//z"),  # z may be zero
        (n % 1, "0"),
        ((2 * n) % 2, "0"),
        ((2 * n + 1) % 4, "2*(n % 2) + 1"),
        (n % 4 // 4, "0"),
        (n // (n + 1), "0"),
        ((n + 1) // 2, "(n + 1)//2"),
        (-(-n // 2), "(n + 1)//2"),
        (-(-n // m), "(n - 1)//m + 1"),
        (((n + 1) // 2 + 1) // 2, "(n + 3)//4"),
        (2 * (n // 2), "2*(n//2)"),
        (-(n // 2), "-(n//2)"),
        (n // (m // 2 + 1), "n//(m//2 + 1)"),
        (n // -2, "-((n + 1)//2)"),
        (minimum(n, 5), "min(5, n)"),
        (minimum(n, n + 1), "n"),
        (minimum(minimum(m, n), 5), "min(5, m, n)"),
        (minimum(n, n - n // 2), "n - n//2"),
        (maximum(n, 1), "n"),
        (maximum(maximum(n - 1, 0) - 2, 0), "max(0, n - 3)"),
        (n**3, "n**3"),
    ],
)
def test_simplified_and_written(value: DimLike, text: str) -> None:
    assert str(value) == text
    if isinstance(value, Dim) and "z" not in text and upper_bound(value) is None:
        assert as_dim(text) == value
        assert hash(as_dim(text)) == hash(value)


def test_equality_is_structural() -> None:
    assert n + m == m + n and repr(n + m) == repr(m + n)
    assert minimum(n, m) == minimum(m, n)
    assert size("z") != z and n != 3 and n != m
    assert repr(z + 1) == "Dim('z{0} + 1')" and repr(n) == "Dim('n')"


@pytest.mark.parametrize(
    ("left", "symbol", "right", "expected"),
    [
        (n, ">", 0, True),
        (n, "<=", 0, False),
        (z, ">=", 0, True),
        (n // 2, "<", n, True),
        (minimum(5, n), "<=", n, True),
        (n - minimum(5, n), ">=", 0, True),
        (m * (n // m), "<=", n, True),
        (n % m, "<", m, True),
        (n * n, ">=", n, True),
        (1, "<", n + 1, True),
        (maximum(n - 5, 0), "<", n, True),
        (n, "<", 5, None),
        (n, "<", m, None),
        (z, ">", 0, None),
    ],
)
def test_comparisons(left: Any, symbol: str, right: Any, expected: bool | None) -> None:
    compare = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}[symbol]
    if expected is None:
        with pytest.raises(SizeError, match=r"not decided for all sizes \(.*>= "):
            compare(left, right)
    else:
        assert compare(left, right) is expected


def test_truth() -> None:
    assert n and -n
    with pytest.raises(SizeError, match="z may be zero"):
        bool(z)


@pytest.mark.parametrize(
    "bad",
    [-1, True, 2.0, None, "", "n-", "f(n)", "n.real", "n[0]", "n/2", "-n", "-3", "min()",
     "min(n, key=n)", "n**n", "n if n else 1", "n//0", "True", "lambda", "("*300, "n+"*9999 + "n"],
)  # fmt: skip
def test_bad_axis_lengths(bad: Any) -> None:
    with pytest.raises(SizeError):
        as_dim(bad)


@pytest.mark.parametrize("bad", ["", "2n", "n-1", "for", None, 3])
def test_bad_names(bad: Any) -> None:
    with pytest.raises(SizeError):
        size(bad)
    with pytest.raises(SizeError):
        size("n", minimum=-1)


def test_shapes() -> None:
    int64: Any = np.int64(3)
    assert as_shape(("n", int64, m)) == (n, 3, m)
    assert as_shape("n") == (n,) and as_shape(3) == (3,) and as_shape(()) == ()
    assert prod((2, n, 3, n)) == 6 * n * n and prod(()) == 1
    assert names_of((n, 3, m // 2)) == {"n", "m"}
    assert type(as_dim(int64)) is int
    with pytest.raises(SizeError):
        as_shape(None)  # type: ignore[arg-type]


def test_substitute_evaluate_rename() -> None:
    n1 = size("n1")
    value = minimum(n, 5) + n1
    assert value.substitute({"n": 9, "n1": n}) == n + 5
    assert (n + m).substitute({"n": m, "m": n}) == n + m
    assert expression(value, {"n": "n1", "n1": "n"}) == "n + min(5, n1)"
    assert (n // m).substitute({"n": 6 * m}) == 6
    for sizes in ({"n": 0, "m": 1}, {"n": 1}):
        with pytest.raises(SizeError):
            evaluate(n + m, sizes)
    with pytest.raises(SizeError, match="at least 1"):
        n.substitute({"n": 0})
    assert n.sizes == (("n", 1),) and (n * z).names == {"n", "z"}


def test_solve() -> None:
    shapes = [as_shape(("2*n + m - 1", 3)), as_shape(("m", "k + n")), as_shape("m")]
    found = {s.name: s for s in solve(shapes)}
    assert list(found) == ["m", "n", "k"]
    sizes = {"m": 4, "n": 3, "k": 2}
    for solution in found.values():
        length = evaluate(shapes[solution.argument][solution.axis], sizes)
        number = (length - evaluate(solution.offset, sizes)) // solution.factor
        assert number == sizes[solution.name]
    with pytest.raises(SizeError, match="give an input an axis of length k"):
        solve([(n, size("k") // 2)])
    assert [s.minimum for s in solve([(z,), (size("z", 2),)])] == [2]


class Value:
    """Stands for the graph layer's variable: writes down what reaches it."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Value:
        return Value(f"{ufunc.__name__}({', '.join(map(Value.of, inputs))})")

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Value:
        return Value(f"{function.__name__}({', '.join(map(Value.of, args))})")

    @staticmethod
    def of(value: Any) -> str:
        if isinstance(value, (list, tuple)):
            return f"[{', '.join(map(Value.of, value))}]"
        return value.text if isinstance(value, Value) else str(value)


def _binary(symbol: str) -> tuple[Callable[..., Value], Callable[..., Value]]:
    def forward(self: Value, other: Any) -> Value:
        return Value(f"({self.text} {symbol} {Value.of(other)})")

    def reflected(self: Value, other: Any) -> Value:
        return Value(f"({Value.of(other)} {symbol} {self.text})")

    return forward, reflected


for _name, _symbol in {"mul": "*", "truediv": "/", "pow": "**", "gt": ">", "lt": "<"}.items():
    _forward, _reflected = _binary(_symbol)
    setattr(Value, f"__{_name}__", _forward)
    setattr(Value, f"__r{_name}__", _reflected)


@pytest.fixture
def lifted() -> Iterator[None]:
    before = dims._lift
    dims.set_lift(lambda dim: Value(f"<{dim}>"))
    yield
    dims.set_lift(before)


@pytest.mark.usefixtures("lifted")
@pytest.mark.parametrize(
    ("use", "text"),
    [
        (lambda: n / 2, "(<n> / 2)"),
        (lambda: 2 / n, "(2 / <n>)"),
        (lambda: n * 0.5, "(<n> * 0.5)"),
        (lambda: 0.5 * n, "(0.5 * <n>)"),
        (lambda: n / m, "(<n> / <m>)"),
        (lambda: n**-1, "(<n> ** -1)"),
        (lambda: n**0.5, "(<n> ** 0.5)"),
        (lambda: 2**n, "(2 ** <n>)"),
        (lambda: n * Value("x"), "(n * x)"),
        (lambda: Value("x") / n, "(x / n)"),
        (lambda: n < Value("x"), "(x > n)"),
        (lambda: n < 2.5, "(<n> < 2.5)"),
        (lambda: n * np.ones(2), "multiply(<n>, [1. 1.])"),
        (lambda: np.ones(2) * n, "multiply([1. 1.], <n>)"),
        (lambda: n * np.float64(2), "(<n> * 2.0)"),
        (lambda: np.sqrt(n), "sqrt(<n>)"),
        (lambda: np.stack([n, 1]), "stack([<n>, 1])"),
        (lambda: np.sum(n), "sum(<n>)"),
        (lambda: np.int64(2) * n + np.int64(1), "2*n + 1"),
        (lambda: np.minimum(n, 5), "min(5, n)"),
    ],
)
def test_as_a_value(use: Callable[[], Any], text: str) -> None:
    assert Value.of(use()) == text


@pytest.mark.parametrize(
    "use",
    [
        lambda: range(n),
        lambda: np.zeros((n,)),
        lambda: np.zeros((2, n)),
        lambda: np.asarray(n),
        lambda: np.asarray([n, 1]),
        lambda: int(n),
        lambda: float(n),
        lambda: len(n),
        lambda: list(n),
        lambda: [1, 2][n],
    ],
)
def test_a_number_is_asked_for(use: Callable[[], Any]) -> None:
    with pytest.raises(TraceError, match=r"n is a symbolic size.*gr\.zeros\(n\)"):
        use()


def test_numpy_words_its_own_error_for_a_lone_length() -> None:
    with pytest.raises(TypeError, match=r"Dim\('n'\)"):
        np.zeros(n)  # NumPy replaces any TypeError of __index__


def test_no_object_arrays_without_a_graph(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dims, "_lift", None)
    for use in (lambda: np.ones(3) * n, lambda: n * np.ones(3), lambda: n / 2):
        with pytest.raises(TraceError):
            use()


def test_to_sympy() -> None:
    pytest.importorskip("sympy")
    value = 2 * (n // 3) + minimum(n, m) % 4 - maximum(m, 2)
    symbols = {str(s): s for s in value.to_sympy().free_symbols}
    for a, b in itertools.product(range(1, 6), repeat=2):
        number = value.to_sympy().subs({symbols["n"]: a, symbols["m"]: b})
        assert number == evaluate(value, {"n": a, "m": b})


def test_deep_expressions_need_no_recursion() -> None:
    deep: Any = n
    for _ in range(3000):
        deep = (deep + m) // n
    assert evaluate(deep, {"n": 2, "m": 3}) == 2
    assert len(str(deep)) > 9000 and lower_bound(deep) == 0
    for twin in (pickle.loads(pickle.dumps(deep)), copy.deepcopy(deep)):
        assert twin == deep and hash(twin) == hash(deep)
    assert deep.substitute({"n": n}) == deep


_OPERATIONS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "+": (operator.add, operator.add),
    "-": (operator.sub, operator.sub),
    "*": (operator.mul, operator.mul),
    "//": (operator.floordiv, operator.floordiv),
    "%": (operator.mod, operator.mod),
    "min": (minimum, min),
    "max": (maximum, max),
}
_SIZES = [
    dict(zip("nmz", numbers, strict=True))
    for numbers in itertools.product((1, 2, 3, 8), (1, 2, 7), (0, 1, 4))
]
_Numbers = list[int | None]  # at each of _SIZES; None where a divisor is zero


def _random(rng: random.Random, depth: int) -> tuple[Any, _Numbers]:
    if depth == 0 or rng.random() < 0.15:
        if rng.random() < 0.35:
            constant = rng.randint(-3, 6)
            return constant, [constant] * len(_SIZES)
        dim = rng.choice([n, m, z])
        return dim, [at[str(dim)] for at in _SIZES]
    symbolic, plain = _OPERATIONS[rng.choice(list(_OPERATIONS))]
    (left, xs), (right, ys) = _random(rng, depth - 1), _random(rng, depth - 1)
    if symbolic in (operator.floordiv, operator.mod) and not isinstance(right, Dim) and not right:
        return left, xs
    usable = [None not in (x, y) and (y or ("div" not in plain.__name__ and "mod" not in
              plain.__name__)) for x, y in zip(xs, ys, strict=True)]  # fmt: skip
    numbers = [plain(x, y) if ok else None for x, y, ok in zip(xs, ys, usable, strict=True)]
    return symbolic(left, right), numbers


@pytest.mark.parametrize("seed", range(8))
def test_random_expressions_equal_plain_integers(seed: int) -> None:
    rng = random.Random(seed)
    decided = 0
    for _ in range(150):
        try:
            (value, numbers), (other, others) = _random(rng, rng.randint(1, 4)), _random(rng, 2)
        except (SizeError, ZeroDivisionError):
            continue
        low, high = lower_bound(value), upper_bound(value)
        try:
            less: bool | None = value < other
            decided += 1
        except SizeError:
            less = None
        compiled = compile(str(value), "dim", "eval")
        for at, number, threshold in zip(_SIZES, numbers, others, strict=True):
            if number is None:
                continue
            assert evaluate(value, at) == eval(compiled, {}, dict(at)) == number
            assert low is None or low <= number
            assert high is None or number <= high
            assert less is None or threshold is None or less == (number < threshold)
    assert decided > 20
