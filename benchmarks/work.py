"""Work that generated functions do, counted call by call: function, gradient, Hessian times vector.

    python -m benchmarks.work

The generated files run as they are, on arrays that count what NumPy and BLAS are asked to do:
one flop for each element of an arithmetic ufunc, ``FUNCTION`` for each element of exp, log and the
like, the textbook's flops for products, solves and factorizations, one for each element that a
reduction reads or a copy writes. No estimate of graphcomp's enters. The theory of reverse mode
(Baur and Strassen 1983; Griewank and Walther, Evaluating Derivatives, 2008, 4.2) promises a
gradient for at most 4 times the function, and a product with the Hessian for 4 times that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import scipy.special

import codegen

FUNCTION = 10  # flops of one exp
_CHEAP = """
    add subtract multiply divide negative positive absolute square reciprocal maximum minimum
    greater greater_equal less less_equal equal not_equal logical_and logical_or logical_not
    bitwise_and bitwise_or invert sign isnan isfinite conjugate fmax fmin copysign sqrt
"""
CHEAP = frozenset(_CHEAP.split())
_VIEWS = """
    reshape transpose swapaxes moveaxis expand_dims squeeze broadcast_to ravel atleast_1d
    diagonal shape ndim size broadcast_shapes broadcast_arrays result_type iscomplexobj
"""
VIEWS = frozenset(_VIEWS.split())

counts: Counter[str] = Counter()  # flops, by kind
calls: Counter[str] = Counter()  # of NumPy's functions, by name


class Counted(np.ndarray[Any, Any]):
    """An array that enters in ``counts`` what NumPy does with it."""

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        if "out" in options:
            options["out"] = tuple(plain(x) for x in options["out"])
        arrays = [plain(x) for x in inputs]
        result = getattr(ufunc, method)(*arrays, **options)
        _count_ufunc(ufunc, method, arrays, result)
        return counted(result)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        args, kwargs = plain(args), plain(kwargs)
        result = function(*args, **kwargs)
        _count_function(function.__name__, args, result)
        return counted(result)

    def __getitem__(self, key: Any) -> Any:
        result = np.asarray(self)[plain(key)]
        if not np.may_share_memory(result, plain(self)):
            counts["moved"] += np.size(result)
        return counted(result)

    def __setitem__(self, key: Any, value: Any) -> None:
        counts["moved"] += np.size(value)
        np.asarray(self)[plain(key)] = plain(value)


def plain(x: Any) -> Any:
    """Without counting."""
    if isinstance(x, Counted):
        return x.view(np.ndarray)
    if isinstance(x, (tuple, list)) and type(x) in (tuple, list):
        return type(x)(plain(item) for item in x)
    return {k: plain(v) for k, v in x.items()} if isinstance(x, dict) else x


def counted(x: Any) -> Any:
    """Arrays with counting; NumPy's scalars stay what they are, and cost nothing."""
    if isinstance(x, tuple):
        items = [counted(item) for item in x]
        return type(x)(*items) if hasattr(x, "_fields") else tuple(items)
    return x.view(Counted) if isinstance(x, np.ndarray) else x


def _count_ufunc(ufunc: Any, method: str, arrays: list[Any], result: Any) -> None:
    calls[ufunc.__name__] += 1
    if ufunc is np.matmul:
        rows, inner = np.shape(arrays[0])[-2:] if np.ndim(arrays[0]) > 1 else (1, len(arrays[0]))
        columns = np.shape(arrays[1])[-1] if np.ndim(arrays[1]) > 1 else 1
        stacks = max(1, np.size(result) // max(1, rows * columns))
        counts["products"] += 2 * stacks * rows * inner * columns
        return
    each = 1 if ufunc.__name__ in CHEAP else FUNCTION
    kind = "arithmetic" if each == 1 else "functions"
    size = np.size(arrays[0]) if method in ("reduce", "accumulate") else np.size(result)
    counts[kind] += each * (np.size(arrays[1]) if method == "at" else size)


def _count_function(name: str, args: Any, result: Any) -> None:
    calls[name] += 1
    if name in VIEWS:
        return
    n = np.shape(args[0])[-1] if args and np.ndim(args[0]) > 1 else 1
    stacks = np.size(args[0]) // n**2 if n > 1 else 1
    if name == "solve":
        counts["factorizations"] += stacks * 2 * n**3 // 3 + 2 * n * np.size(result)
    elif name == "inv":
        counts["factorizations"] += stacks * 2 * n**3
    elif name in ("det", "slogdet"):
        counts["factorizations"] += stacks * 2 * n**3 // 3
    elif name == "cholesky":
        counts["factorizations"] += stacks * n**3 // 3
    elif name in ("dot", "vdot", "outer", "einsum", "tensordot", "inner"):
        counts["products"] += _contraction(name, args)
    elif name in ("sum", "mean", "max", "min", "amax", "amin", "prod", "trace", "cumsum", "norm"):
        counts["arithmetic"] += np.size(args[0])
    else:
        results = result if isinstance(result, tuple) else (result,)
        counts["moved"] += sum(np.size(r) for r in results)


def _contraction(name: str, args: Any) -> int:
    if name == "einsum":
        lengths: dict[str, int] = {}
        for letters, array in zip(args[0].split("->")[0].split(","), args[1:], strict=True):
            lengths.update(zip(letters, np.shape(array), strict=True))
        return 2 * int(np.prod(list(lengths.values())))
    a, b = np.size(args[0]), np.size(args[1])
    return 2 * a * b // (1 if name == "outer" else max(1, np.shape(args[0])[-1]))


class _Numpy:
    """``np`` for a generated file, whose arrays count."""

    def __init__(self, module: Any) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._module, name)
        if name == "linalg":
            return _Numpy(found)
        if isinstance(found, (type, np.ufunc)) or not callable(found):
            return found

        def call(*args: Any, **kwargs: Any) -> Any:
            result = found(*args, **kwargs)
            if isinstance(result, np.ndarray) and not isinstance(result, Counted):
                return counted(result)
            return result

        return call


def work(source: str, name: str, arrays: dict[str, Any]) -> Counter[str]:
    """What one call of a generated function does, in flops by kind; and ``calls`` is set."""
    scope: dict[str, Any] = {"__name__": "counted"}
    exec(compile(source, "<counted>", "exec"), scope)
    scope["np"] = _Numpy(np)
    counts.clear()
    calls.clear()
    scope[name](**{key: counted(np.asarray(value)) for key, value in arrays.items()})
    return Counter(counts)


# --------------------------------------------------------------------------------------- problems


@dataclass(frozen=True)
class Problem:
    """A function as people write it, its arguments' types and values, and what to derive by."""

    name: str
    function: Callable[..., Any]
    types: dict[str, str]
    values: dict[str, Any]
    wrt: str


def _draw(**shapes: Any) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    return {name: rng.normal(size=shape) for name, shape in shapes.items()}


def logistic(w: Any, X: Any, y: Any, lam: Any) -> Any:
    z = X @ w
    return np.sum(np.log(1 + np.exp(z)) - y * z) + lam / 2 * (w @ w)


def mixture(alpha: Any, mu: Any, log_sigma: Any, x: Any) -> Any:
    z = (x[:, None] - mu) / np.exp(log_sigma)
    log_p = alpha - scipy.special.logsumexp(alpha) - log_sigma - z**2 / 2
    return -np.sum(scipy.special.logsumexp(log_p, axis=1))


def mlp(W1: Any, b1: Any, W2: Any, X: Any, Y: Any) -> Any:
    scores = np.tanh(X @ W1 + b1) @ W2
    return -np.sum(Y * scipy.special.log_softmax(scores, axis=1)) / X.shape[0]


def gaussian_process(theta: Any, D: Any, y: Any) -> Any:
    K = np.exp(theta[0] - D / np.exp(theta[1])) + np.exp(theta[2]) * np.eye(len(y))
    return 0.5 * y @ np.linalg.solve(K, y) + 0.5 * np.linalg.slogdet(K)[1]


def black_scholes(S: Any, sigma: Any, K: Any) -> Any:
    d = np.log(S / K) / sigma + sigma / 2
    return np.sum(S * scipy.special.expit(d) - K * scipy.special.expit(d - sigma))


def robust(w: Any, X: Any, y: Any) -> Any:
    r = y - X @ w
    small = np.abs(r) < 1
    return np.sum(np.where(small, r**2 / 2, np.abs(r) - 0.5))


def factorization(U: Any, V: Any, M: Any) -> Any:
    return np.sum((U @ V.T - M) ** 2) + 0.1 * (np.sum(U**2) + np.sum(V**2))


def problems() -> Iterator[Problem]:
    """The seven of the table."""
    n, p = 1000, 40
    data = _draw(X=(n, p), y=n, w=p)
    regression = {"w": "float64[p]", "X": "float64[n, p]", "y": "float64[n]"}
    yield Problem(
        "logistic regression", logistic, {**regression, "lam": "float64"},
        {**data, "y": (data["y"] > 0) * 1.0, "lam": 0.1}, "w",
    )  # fmt: skip
    yield Problem(
        "Gaussian mixture", mixture,
        {"alpha": "float64[k]", "mu": "float64[k]", "log_sigma": "float64[k]", "x": "float64[n]"},
        _draw(alpha=8, mu=8, log_sigma=8, x=n), "alpha,mu,log_sigma",
    )  # fmt: skip
    labels = np.eye(10)[np.arange(200) % 10]
    yield Problem(
        "multilayer perceptron", mlp,
        {"W1": "float64[p, h]", "b1": "float64[h]", "W2": "float64[h, k]", "X": "float64[n, p]",
         "Y": "float64[n, k]"},
        {**_draw(W1=(30, 50), b1=50, W2=(50, 10), X=(200, 30)), "Y": labels}, "W1,b1,W2",
    )  # fmt: skip
    points = np.linspace(0, 5, 60)
    yield Problem(
        "Gaussian process", gaussian_process,
        {"theta": "float64[3]", "D": "float64[n, n]", "y": "float64[n]"},
        {"theta": [0.1, 0.2, -1.0], "D": (points[:, None] - points) ** 2, "y": np.sin(points)},
        "theta",
    )  # fmt: skip
    drawn = _draw(S=n, sigma=n, K=n)
    yield Problem(
        "Black-Scholes", black_scholes, dict.fromkeys(("S", "sigma", "K"), "float64[n]"),
        {name: np.exp(0.1 * x) for name, x in drawn.items()}, "S,sigma",
    )  # fmt: skip
    yield Problem("robust regression", robust, regression, data, "w")
    yield Problem(
        "matrix factorization", factorization,
        {"U": "float64[n, k]", "V": "float64[m, k]", "M": "float64[n, m]"},
        _draw(U=(80, 5), V=(60, 5), M=(80, 60)), "U,V",
    )  # fmt: skip


def measured(problem: Problem) -> SimpleNamespace:
    """The work of the function, of value and gradient, and of the Hessian times a vector."""
    module = codegen.Module("counted").add(
        problem.function, want=("fun", "grad", "fun_and_grad", "hvp"), wrt=problem.wrt,
        **problem.types,
    )  # fmt: skip
    names = problem.wrt.split(",")
    vectors = {
        "v" if len(names) == 1 else f"v_{n}": np.ones(np.shape(problem.values[n])) for n in names
    }
    of = {
        name: work(module.source, name, problem.values) for name in ("fun", "grad", "fun_and_grad")
    }
    of["hvp"] = work(module.source, "hvp", {**problem.values, **vectors})
    return SimpleNamespace(**of)


def main() -> None:
    """Print the table."""
    head = ("function", "gradient", "both", "Hv", "grad/f", "both/f", "Hv/grad")
    print(f"{'flops':22}" + "".join(f"{word:>10}" for word in head))
    for problem in problems():
        found = measured(problem)
        f, g, b, h = (c.total() for c in (found.fun, found.grad, found.fun_and_grad, found.hvp))
        print(f"{problem.name:22}{f:10}{g:10}{b:10}{h:10}{g / f:10.2f}{b / f:10.2f}{h / g:10.2f}")


if __name__ == "__main__":
    main()
