"""Functions that fill and change arrays: NumPy, the traced graph, the generated file agree."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import codegen
import graphcomp as gr
from graphcomp import errors

CASES: list[Any] = []
STEP = 1e-4


def case(*types: str, order: int = 2, **sizes: int) -> Callable[[Any], Any]:
    """Enter a function of arguments of these types; ``sizes`` are numbers for symbolic lengths."""

    def enter(function: Any) -> Any:
        CASES.append(pytest.param(function, types, order, sizes, id=function.__name__))
        return function

    return enter


# ------------------------------------------------------------------------------ elements


@case("float64", "float64")
def one_by_one(a, b):
    out = np.zeros(3)
    out[0] = a
    out[1] = a * b
    out[-1] = b
    return out


@case("float64[3]")
def augmented_slices(x):
    out = np.ones(3)
    out[1:] += x[1:]
    out[:2] -= x[:2] ** 2
    out[0] *= 3
    out[::2] /= 2 + x[::2] ** 2
    out[1] **= 2
    return out


@case("float64[n]", n=4)
def of_the_length_of_x(x):
    out = np.zeros(x.shape[0])
    out[0] = x[0]
    out[1:] = np.diff(x)
    return out


@case("float64[n]", n=5)
def stencil(u):
    new = u.copy()
    new[1:-1] += 0.1 * (u[2:] - 2 * u[1:-1] + u[:-2])
    new[0] = new[-1] = 0
    return new


@case("float64[4]")
def recursion(x):
    s = np.empty_like(x)
    s[0] = x[0]
    for k in range(1, len(x)):
        s[k] = 0.9 * s[k - 1] + x[k] * s[k - 1]
    return s


@case("float64[3]", "float64[3]", "float64[3]", "float64[3]")
def thomas(a, b, c, d):
    n = len(d)
    b, d = b + 4, d.copy()
    for k in range(1, n):
        m = a[k] / b[k - 1]
        b[k] -= m * c[k - 1]
        d[k] = d[k] - m * d[k - 1]
    x = np.zeros(n)
    x[-1] = d[-1] / b[-1]
    for k in range(n - 2, -1, -1):
        x[k] = (d[k] - c[k] * x[k + 1]) / b[k]
    return x


@case("float64[4]", "float64[4]")
def levinson(r, y):
    n = len(y)
    r = r + np.array([8.0, 0, 0, 0])
    x, f, b = np.zeros(n), np.zeros(n), np.zeros(n)
    f[0] = b[0] = 1 / r[0]
    x[0] = y[0] / r[0]
    for k in range(1, n):
        ef = r[k:0:-1] @ f[:k]
        eb = r[1 : k + 1] @ b[:k]
        den = 1 - ef * eb
        fn, bn = np.zeros(n), np.zeros(n)
        fn[:k], bn[1 : k + 1] = f[:k] / den, b[:k] / den
        fn[1 : k + 1] -= ef / den * b[:k]
        bn[:k] -= eb / den * f[:k]
        f, b = fn, bn
        x[: k + 1] += (y[k] - r[k:0:-1] @ x[:k]) * b[: k + 1]
    return x


@case("float64")
def rotation(t):
    R = np.eye(3)
    R[0, 0] = R[1, 1] = np.cos(t)
    R[0, 1] = -np.sin(t)
    R[1, 0] = -R[0, 1]
    return R


@case("float64[3]", "float64")
def covariance(x, scale):
    n, x = x.size, x / 4
    K = np.zeros((n, n))
    for i in range(n):
        for j in range(i + 1):
            K[i][j] = np.exp(-((x[i] - x[j]) ** 2) * scale)
            K[j, i] = K[i, j]
    K[np.diag_indices(n)] += 0.1
    return K


@case("float64[2]", "float64")
def rk4(y, k):
    def rate(y):
        dy = np.empty(2)
        dy[0] = y[1]
        dy[1] = -k * y[0]
        return dy

    path = np.empty((4, 2))
    path[0] = y
    for i, h in enumerate(np.diff(np.linspace(0, 1, 4))):
        k1 = rate(path[i])
        k2 = rate(path[i] + h / 2 * k1)
        k3 = rate(path[i] + h / 2 * k2)
        k4 = rate(path[i] + h * k3)
        path[i + 1] = path[i] + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return path


@case("float64[3, 2]")
def one_hot(x):
    labels = np.array([2, 0, 1])
    hot = np.zeros((3, 3))
    hot[np.arange(3), labels] = 1
    return hot @ x


@case("float64[4]")
def index_arrays(x):
    out = np.zeros(5)
    out[[3, 1]] = x[:2]
    out[[0, 2]] += x[2:]
    out[[4, 4]] += x[:2]  # the last one stays
    return out


# --------------------------------------------------------------------------------- views


@case("float64[3]")
def rows(x):
    out = np.zeros((2, 3))
    row = out[1]
    row[:] = x
    row += 1
    out[0] = row * 2
    row[2] = 7
    return out, row


@case("float64[3]")
def views_see_later_changes(x):
    out = np.zeros(3)
    first, tail = out[:1], out[1:]
    out[:] = x
    return first * tail


@case("float64[3]")
def columns_by_the_transpose(x):
    out = np.zeros((3, 2))
    out.T[0] = x
    out.T[1, 1:] = x[1:] ** 2
    np.swapaxes(out, 0, 1)[1, 0] = 5 * x[0]
    return out


@case("float64[6]")
def through_reshapes(x):
    out = np.zeros((2, 3))
    out.reshape(-1)[1:] = x[1:]
    out.ravel()[0] = x[0] ** 2
    np.reshape(out, (3, 2))[2] *= 3
    out.flat[4] = x[5]
    return out


@case("float64[3]")
def slices_of_slices(x):
    out = np.zeros(7)
    part = out[1:][::2]
    part[:] = x
    part[1:][::-1][0] = 2 * x[0]
    return out


@case("float64[n]", n=4)
def slices_of_slices_of_any_length(x):
    out = np.zeros(x.shape[0])
    out[1:][1:] = x[2:]
    out[1:][0] = x[0]
    out[:-1][:1] = 3 * x[1]
    return out


@case("float64[3]")
def loop_over_rows(x):
    out = np.zeros((2, 3))
    for k, row in enumerate(out):
        row[:] = x * k
        row[k] = 1
    return out


@case("float64[2, 3]")
def other_views(x):
    a = np.zeros((2, 3))
    np.flip(a, 1)[0] = x[0]
    np.expand_dims(a, 0)[0, 1] = x[1]
    a[None][0, 0, 0] = 3 * x[0, 0]
    np.squeeze(a[:1])[1] = x[1, 1] ** 2
    np.flipud(a)[0, 2] = x[0, 1]
    np.moveaxis(a, 0, 1)[1, 1] += 5
    return a


@case("float64[4]")
def pieces(x):
    out = np.zeros(4)
    left, right = np.split(out, 2)
    left[:] = x[2:]
    right += x[:2] ** 2
    first, *_ = np.array_split(out, 3)
    first[0] *= 2
    return out


@case("float64[2, 2]")
def turned(x):
    out = np.zeros((2, 2))
    np.rot90(out)[0] = x[0]
    np.rot90(out, 2)[0, 1] = x[1, 1]
    return out


@case("float64[2]")
def parts_of_complex(x):
    z = np.zeros(2, complex)
    z.real = x
    z.imag[1:] = x[:1] ** 2
    z.real[0] += 2
    return z.real, z.imag


@case("float64[3]")
def diagonal_by_flat(x):
    out = np.zeros((3, 3))
    out.flat[::4] = x
    return out + np.diagonal(out)


@case("float64[3]")
def diagonal_sees_changes(x):
    out = np.zeros((3, 3))
    d = np.diagonal(out)
    out[:] = x
    return d * x


# -------------------------------------------------------------------------------- aliases


@case("float64[3]")
def two_names(x):
    a = x * 2
    b = a
    b += 1
    a[0] = 0
    return a * b


@case("float64[3]")
def a_copy_is_apart(x):
    a = x * 2
    b, c = a.copy(), np.array(a)
    a[0] = 5
    b[1] = 7
    c *= 2
    return a, b, c


@case("float64[3]")
def asarray_is_no_copy(x):
    a = np.exp(x)
    np.asarray(a)[0] = 1
    np.atleast_1d(a)[1] = x[2]
    return a


@case("float64[3]")
def filled_by_a_helper(x):
    def fill(target, k):
        target[k] = x[k] * k
        target /= 2

    out = np.ones(3)
    for k in range(3):
        fill(out, k)
    return out


@case("float64[3]")
def in_containers(x):
    store = {"a": [np.zeros(3), np.ones(3)]}
    store["a"][0][1] = x[0]
    both = store["a"]
    both[1] += both[0] * x
    return np.stack(both)


@case("float64")
def same_zeros_twice(a):
    x, y = np.zeros(2), np.zeros(2)
    x[0] = a
    y[1] = a**2
    return x, y


@case("float64")
def scalars_do_not_alias(a):
    s = a
    s += 1
    t = np.exp(a)
    u = t
    u *= 2
    return s * t, u


@case("float64")
def array_without_axes(a):
    t = np.zeros(())
    t[...] = a
    u = t
    u += 1
    return t * a


@case("float64[3]")
def a_value_read_before(x):
    out = np.zeros(3)
    out[:] = x
    before, first = out * 1, out[0]
    out[:] = 0
    return before, first, out


@case("float64[3]")
def self_overlap(x):
    a = x.copy()
    a[1:] = a[:-1]
    a += a[::-1]
    a[:] = a[::-1] * a
    return a


@case("float64[3]")
def swapped_rows(x):
    A = np.outer(x, x + 1)
    A[[0, 1]] = A[[1, 0]]
    A[0], A[2] = A[2].copy(), A[0].copy()
    return A


@case("float64[2, 2]")
def elimination(A):
    A = A.copy() + 3 * np.eye(2)
    for k in range(2):
        A[k] /= A[k, k]
        for i in range(2):
            if i != k:
                A[i] -= A[i, k] * A[k]
        A[k, k] += 1
    return A


# -------------------------------------------------------------------- masks and functions


@case("float64[4]")
def masks(x):
    y = x.copy()
    y[x > 0] = 0
    y[np.array([True, False, False, True])] = x[:2]
    y[y < -1] = -1
    return y


@case("float64[2, 3]")
def mask_of_rows(x):
    y = x * 1
    y[x[:, 0] > 0] = x[1] * 2
    return y


@case("float64[3]")
def out_arguments(x):
    out = np.empty(3)
    np.exp(x, out=out)
    np.multiply(out, 2, out)
    np.add(out, 1, out=out, where=x > 0)
    np.clip(out, 0.5, 2, out=out)
    total = np.zeros(2)
    np.sum(np.stack([x, out]), axis=1, out=total)
    return out, total


@case("float64[3, 3]")
def filling_functions(x):
    a = x.copy()
    np.fill_diagonal(a, 2.0)
    b = x * 2
    np.fill_diagonal(b, x[0])
    c = np.ones((3, 3))
    c.fill(x[1, 1])
    c[0].fill(0)
    return a, b, c


@case("float64[n, n]", n=3)
def diagonal_of_any_length(x):
    a = x.copy()
    np.fill_diagonal(a, 0)
    a[...] += 1
    return a


@case("float64[4]")
def ufunc_at(x):
    a = np.zeros(3)
    np.add.at(a, [0, 0, 1, 2], x)
    np.subtract.at(a, [1, 1], x[:2])
    np.multiply.at(a, [2, 2], x[2:])
    np.negative.at(a, [0, 1])
    return a


@case("float64[4]")
def put_and_copyto(x):
    a = np.zeros((2, 2))
    np.put(a, [0, 3], x[:2])
    np.copyto(a[1], x[2:])
    np.copyto(a, 9.0, where=x.reshape(2, 2) > 1)
    b = np.zeros(4)
    np.putmask(b, x > 0, x**2)
    np.place(b, x < -1, -3.0)
    b.put([1], x[3])
    return a, b


@case("float64[2, 2]")
def along_an_axis(x):
    a = np.zeros((2, 3))
    np.put_along_axis(a, np.array([[0, 2], [1, 0]]), x, axis=1)
    return a


@case("float64[4]")
def sorted_in_place(x):
    a = x * 2
    a.sort()
    b = x.reshape(2, 2).copy()
    b[0].sort()
    b[:, 1] += a[:2]
    return a, b


@case("float64[3]")
def no_nans(x):
    a = x / 1
    np.nan_to_num(a, copy=False)
    a @= np.eye(3)
    return a


# --------------------------------------------------------------------------------- dtypes


@case("float64", order=0)
def truncated(a):
    out = np.zeros(3, int)
    out[0] = 1.7
    out[1] = a * 3
    return out


@case("float64[2]")
def other_dtypes(x):
    a = np.ones(2, np.float32)
    a += x
    a[0] = x[1]
    b = np.zeros(2, complex)
    b[1] = x[0]
    return a.astype(float), b.real


@case("int64[3]", order=0)
def integers(k):
    a = np.arange(3)
    a += k
    a[1:] *= 2
    a //= 2
    a[0] <<= 1
    mask = k > 1
    mask[0] = True
    mask &= a > 0
    return a, mask


@case("float64[2]")
def broadcast_values(x):
    a = np.zeros((3, 2))
    a[:] = x
    a += x
    a[0] = [x[0], 1]
    a[1] = x[None, :]
    a[2, :] = (3, x[1])
    return a


@case("float64[3]")
def numbers_stay_numbers(x):
    steps = np.zeros(3)
    steps[0] = 2
    steps += 1
    count = np.bincount([0, 1, 1], minlength=3)
    count[0] += 1
    if steps[0] > 2 and count.sum() == 4:
        x = x * steps
    return x[: int(steps[1])] + float(count[1])


@case("float64[3]")
def unpacked(x):
    out = np.zeros((3, 2))
    for (i, j), value in zip([(0, 1), (2, 0)], x, strict=False):
        out[i, j] = value
    a, b, c = out
    b[:] = a + c
    return out, len(out), out.shape[1]


@case("float64[2]")
def accumulators(x):
    mean, squares = np.zeros(2), np.zeros((2, 2))
    for k in range(3):
        delta = x * k - mean
        mean += delta / (k + 1)
        squares += np.outer(delta, x * k - mean)
    return mean, squares


@case("float64[4]")
def log_probabilities(x):
    alpha = np.full((2, 2), -np.inf)
    alpha[0, :] = x[:2]
    alpha[1, :] = np.logaddexp(alpha[0, 0] + x[2], alpha[0, 1] + x[3])
    return alpha


@case("float64[3, 3]")
def cholesky_by_hand(A):
    A = A @ A.T + 3 * np.eye(3)
    L = np.zeros_like(A)
    for i in range(3):
        for j in range(i + 1):
            s = A[i, j] - L[i, :j] @ L[j, :j]
            L[i, j] = np.sqrt(s) if i == j else s / L[j, j]
    return L


@case("float64[3]")
def vandermonde(x):
    V = np.ones((3, 3))
    for k in range(1, 3):
        V[:, k] = V[:, k - 1] * x
    V[..., 0] -= x
    return V


@case("float64[n, 2]", n=3)
def columns_of_any_length(X):
    Z = np.zeros((X.shape[0], 3))
    Z[:, 0] = 1
    Z[:, 1:] = X
    Z[:, 2] *= Z[:, 1]
    return Z.T @ Z


@case("float64[2, 2]", "float64[2]")
def block_matrix(A, b):
    M = np.zeros((3, 3))
    M[:2, :2] = A
    M[:2, 2] = M[2, :2] = b
    M[2:, 2:] = b @ b
    return M


@case("float64[3]")
def normalized(x):
    y = x - x.mean()
    y /= np.sqrt((y**2).sum())
    y -= y.max()
    np.exp(y, out=y)
    y /= y.sum()
    return y


@case("float64[3]")
def vectorized_callback(x):
    def scaled(row):
        row = row.copy()
        row[0] = 1
        return row * 2

    return np.apply_along_axis(scaled, 0, x)


@case("float64[5]")
def polynomial_by_convolution(r):
    p = np.zeros(6)
    p[0] = 1
    for k, root in enumerate(r):
        p[1 : k + 2] -= root * p[: k + 1]
    return p


# ------------------------------------------------------------------------------- checks


def _arrays(types: Any, sizes: Any) -> list[Any]:
    rng = np.random.default_rng(3)
    found = []
    for text in types:
        dtype, shape = gr.tracing.parse_type(text)
        lengths = [gr.dims.evaluate(d, sizes) for d in shape]
        values = rng.normal(size=lengths) if dtype.kind == "f" else rng.integers(0, 5, lengths)
        found.append(values if lengths else float(values))
    return found


def _flat(result: Any) -> list[Any]:
    return list(result) if isinstance(result, (tuple, list)) else [result]


def _scalar(function: Any, arrays: list[Any]) -> float:
    """A function of all results, whose second derivative is none of zeros."""
    copies = [np.array(a) if np.ndim(a) else a for a in arrays]
    results = _flat(function(*copies))
    return sum(float(np.sum(np.sin(np.asarray(r) * (k + 1)))) for k, r in enumerate(results))


def _difference(function: Any, arrays: list[Any], along: list[Any]) -> float:
    def at(step: float) -> Any:
        return function([a + step * d for a, d in zip(arrays, along, strict=True)])

    return (8 * (at(STEP) - at(-STEP)) - (at(2 * STEP) - at(-2 * STEP))) / (12 * STEP)


@pytest.mark.parametrize(("function", "types", "order", "sizes"), CASES)
def test_agrees_with_numpy(function: Any, types: Any, order: int, sizes: Any) -> None:
    arrays = _arrays(types, sizes)
    before = [np.array(a) for a in arrays]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = _flat(function(*[np.array(a) if np.ndim(a) else a for a in arrays]))
    inputs, outputs = gr.from_function(function, *types)
    outputs = _flat(outputs)
    generated = codegen.compile(inputs, outputs, name="generated")
    got = gr.evaluate(dict(zip(inputs, arrays, strict=True)), outputs)
    for value, wanted, written in zip(got, expected, generated(*arrays), strict=True):
        assert np.shape(value) == np.shape(wanted)
        assert np.asarray(value).dtype == np.asarray(wanted).dtype
        np.testing.assert_allclose(value, wanted, rtol=1e-13, atol=1e-13)
        np.testing.assert_allclose(written, value, rtol=1e-13, atol=1e-13)
        assert np.asarray(written).dtype == np.asarray(wanted).dtype
    for array, copy in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(array, copy)
    if order:
        _check_derivatives(function, arrays, inputs, outputs)


def _check_derivatives(function: Any, arrays: Any, inputs: Any, outputs: Any) -> None:
    z = sum(gr.sum(gr.sin(r * (k + 1))) for k, r in enumerate(outputs))
    gradients = gr.grad(z, inputs)
    rng = np.random.default_rng(4)
    along = [rng.normal(size=np.shape(a)) for a in arrays]
    ways = [gr.variable(f"way_{k}", v.shape, v.dtype) for k, v in enumerate(inputs)]
    slope = sum(gr.sum(g * d) for g, d in zip(gradients, ways, strict=True))
    curves = gr.grad(slope, inputs, independent="zeros")
    curve = sum(gr.sum(c * d) for c, d in zip(curves, ways, strict=True))
    compiled = codegen.compile([*inputs, *ways], [slope, curve], name="derivatives")
    first, second = compiled(*arrays, *along)

    def slope_at(points: Any) -> Any:
        return compiled(*points, *along)[0]

    if not any(r.dtype.name == "float32" for r in outputs) and function.__name__ != "other_dtypes":
        wanted = _difference(lambda points: _scalar(function, points), arrays, along)
        assert abs(first - wanted) < 1e-6 * max(1, abs(wanted))
        wanted = _difference(slope_at, arrays, along)
        assert abs(second - wanted) < 1e-6 * max(1, abs(wanted))


def test_with_functions_of_graphcomp() -> None:
    def fill(x: Any) -> Any:
        out = gr.zeros(3)
        out[:2] = gr.tanh(x[:2])
        out[2] = gr.sum(out)
        assert isinstance(out, gr.Variable)
        assert isinstance(out, np.ndarray)
        return out.at[0].add(x[1]), gr.grad(gr.sum(out**2), x)

    (x,), (out, gradient) = gr.from_function(fill, "float64[3]")
    values, slopes = gr.evaluate({x: [1.0, 2.0, 3.0]}, [out, gradient])
    t = np.tanh([1.0, 2.0])
    np.testing.assert_allclose(values, [t[0] + 2, t[1], t.sum()])
    np.testing.assert_allclose(slopes, [*(2 * (t + t.sum()) * (1 - t**2)), 0])


def test_random_numbers_fill_an_array() -> None:
    def noise(rng: Any, s: Any) -> Any:
        out = np.zeros(2)
        out[:] = rng.normal(0.0, s, size=2)
        out[0] = 1
        return out

    inputs, out = gr.from_function(noise, np.random.Generator, "float64")
    run = codegen.compile(inputs, out, name="noise")
    drawn = run(np.random.default_rng(0), 2.0)
    np.testing.assert_array_equal(drawn, noise(np.random.default_rng(0), 2.0))


# ------------------------------------------------------------------------------ refusals

OUTSIDE = np.zeros(3)
REFUSED: list[Any] = []


def refused(error: type[Exception], *words: str) -> Callable[[Any], Any]:
    def enter(function: Any) -> Any:
        REFUSED.append(pytest.param(function, error, words, id=function.__name__))
        return function

    return enter


TRACE = errors.TraceError


@refused(TRACE, "x is an argument of the function", "x = x.copy()")
def argument(x):
    x[0] = 1


@refused(TRACE, "x is an argument of the function", "x = x.copy()")
def argument_in_place(x):
    x += 1


@refused(TRACE, "an argument of the function", "x = x.copy()")
def view_of_an_argument(x):
    row = x[1:]
    row[:] = 0


@refused(TRACE, "an argument of the function", "x = x.copy()")
def same_as_an_argument(x):
    np.asarray(x).T[0] = 1


@refused(TRACE, "an argument of the function", "x = x.copy()")
def argument_by_a_function(x):
    np.fill_diagonal(np.outer(x, x), 1)
    np.copyto(x, 1)


@refused(TRACE, "an argument of the function", "x = x.copy()")
def argument_as_out(x):
    np.exp(x, out=x)


@refused(TRACE, "an argument of the function", "x = x.copy()")
def sorted_argument(x):
    x.sort()


@refused(TRACE, "from outside of the function", ".copy()")
def outside(x):
    OUTSIDE[0] = x[0]


@refused(TRACE, "from outside of the function", ".copy()")
def outside_by_numbers(x):
    OUTSIDE[0] = 1


@refused(TRACE, "layout in memory", ".copy()")
def copy_or_view(x):
    a = np.outer(x, x)
    a.T.reshape(-1)[0] = 1


@refused(TRACE, "read-only view", ".copy()")
def read_only(x):
    np.diagonal(np.outer(x, x))[0] = 1


@refused(errors.DTypeError, "np.add gives float64, for an array of int64", "a = a + b")
def float_into_int(x):
    a = np.zeros(3, int)
    a += x


@refused(errors.ShapeError, "np.add gives (3, 3), for an array of shape (3,)", "a = a + b")
def larger_result(x):
    a = x * 1
    a += np.outer(x, x)


@refused(errors.ShapeError, "cannot assign (3,) to elements of shape (2,)")
def values_of_another_length(x):
    a = np.zeros(3)
    a[:2] = x


@refused(errors.ShapeError, "index 5 is out of bounds for axis 0 with size 3")
def element_outside(x):
    a = np.zeros(3)
    a[5] = x[0]


@refused(TRACE, "unexpected keyword argument 'power'", "it takes axis, dtype")
def unknown_option_of_a_method(x):
    x.sum(power=2)


@refused(errors.ShapeError, "cannot assign (2, 1) to elements of shape (2,)")
def values_of_another_shape(x):
    a = np.zeros((4, 2))
    a[1] = np.ones((2, 3)) @ x.reshape(3, 1)


@refused(TRACE, "would depend on the mask", "np.where")
def several_values_at_a_mask(x):
    a = x * 1
    np.place(a, x > 0, [1.0, 2.0])


@refused(TRACE, "changes the memory", "np.resize")
def resized(x):
    a = x * 1
    a.resize(4)


@refused(TRACE, "cannot set .shape", "reshape")
def set_shape(x):
    a = x * 1
    a.shape = (3, 1)


@pytest.mark.parametrize(("function", "error", "words"), REFUSED)
def test_refusals(function: Any, error: Any, words: Any) -> None:
    with pytest.raises(error) as caught:
        gr.from_function(function, "float64[3]")
    missing = [word for word in words if word not in str(caught.value)]
    assert not missing, str(caught.value)
    assert "tests/test_buffers.py" in str(caught.value)
    np.testing.assert_array_equal(OUTSIDE, np.zeros(3))


def test_generated_file_fills_one_array() -> None:
    def fill(a: Any, b: Any, n: int) -> Any:
        out = np.zeros(n)
        out[0] = a
        out[1:] = b
        out[1:] += b**2
        return out

    inputs, out = gr.from_function(fill, "float64", "float64[3]", 4)
    source = codegen.compile(inputs, out, name="fill").source
    for line in ("out: Array = np.zeros(4)", "out[0] = a", "out[1:] = b", "return out"):
        assert line in source, source
