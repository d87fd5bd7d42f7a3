"""Every derivative beside differences, and beside the other derivatives."""

from __future__ import annotations

import numpy as np
import pytest

import graphcomp as gr
from graphcomp.errors import (
    DTypeError,
    IndependentError,
    NotDifferentiableError,
    NotScalarError,
    OptionError,
    ShapeError,
    ValueKindError,
)
from graphcomp.ops.elementwise import Unary

rng = np.random.default_rng(0)


class Story:
    """A scalar of several variables of any rank, with values for them."""

    def __init__(self, z, point):
        self.z, self.point = z, point
        self.wrt = list(point)


def network():
    """A network: matrices, vectors and a scalar, with a tensor of data."""
    X, W = gr.tensor("X", ("n", 2, 3)), gr.matrix("W", (3, 4))
    c, w, b = gr.vector("c", 4), gr.vector("w", 4), gr.scalar("b")
    H = gr.tanh(X @ W + c)
    z = gr.mean((H @ w + b) ** 2) + 0.1 * gr.sum(W**2)
    return Story(
        z,
        {
            v: rng.normal(size=s)
            for v, s in ((X, (5, 2, 3)), (W, (3, 4)), (c, (4,)), (w, (4,)), (b, ()))
        },
    )


def likelihood():
    """A negative log-likelihood of a logistic regression, with broadcasting and reductions."""
    X, w, y = gr.matrix("X", ("n", 3)), gr.vector("w", 3), gr.vector("y", "n")
    z = gr.sum(gr.logaddexp(0.0, (1 - 2 * y) * (X @ w))) + 0.5 * (w @ w)
    return Story(z, {X: rng.normal(size=(6, 3)), w: rng.normal(size=3), y: rng.uniform(size=6)})


def rosenbrock():
    """Slices of one variable."""
    x = gr.vector("x", "n")
    z = gr.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)
    return Story(z, {x: rng.normal(size=5)})


def shared():
    """Fan-out, division, where, and one variable used at several ranks."""
    x, a = gr.vector("x", 3), gr.scalar("a")
    y = gr.exp(-x / (1 + a * a))
    z = gr.sum(gr.where(x > 0.3, y * y, gr.sin(y))) * gr.log(2 + gr.sum(y)) - gr.max(y)
    return Story(z, {x: np.array([0.5, -0.4, 1.1]), a: np.float64(0.7)})


STORIES = [network, likelihood, rosenbrock, shared]
stories = pytest.mark.parametrize("story", STORIES, ids=lambda s: s.__name__)


def direction(point):
    """Variables of the point's types, and random values for them."""
    along = [gr.variable("v", v.shape, v.dtype) for v in point]
    return along, [rng.normal(size=np.shape(value)) for value in point.values()]


def differences(f, point, along, step=1e-6):
    """The derivative of a function of a point along a direction, by central differences."""
    ahead, behind = (
        f({v: a + s * step * d for (v, a), d in zip(point.items(), along, strict=True)})
        for s in (1, -1)
    )
    return (np.asarray(ahead) - np.asarray(behind)) / (2 * step)


# ------------------------------------------------------------------------------ first derivatives


@stories
def test_gradients_equal_differences(story):
    s = story()
    report = gr.check_grad(s.z, s.wrt, s.point, tolerance=1e-7)
    assert report.compared == sum(np.size(v) for v in s.point.values()) and not report.kinks


@stories
def test_jvp_is_the_derivative_along_a_direction(story):
    s = story()
    vs, along = direction(s.point)
    y = gr.sin(s.z) * gr.exp(0.1 * s.wrt[0])
    built = gr.evaluate(s.point | dict(zip(vs, along, strict=True)), gr.jvp(y, s.wrt, vs))
    np.testing.assert_allclose(
        built, differences(lambda p: gr.evaluate(p, y), s.point, along), rtol=1e-6, atol=1e-8
    )


@stories
def test_jvp_and_vjp_are_transposes(story):
    """<u, J v> = <J' u, v>, for several outputs and several variables at once."""
    s = story()
    y = {"a": gr.sin(s.wrt[0]) * s.z, "b": [s.z, gr.exp(0.1 * s.wrt[-1])]}
    leaves = [y["a"], *y["b"]]
    us = [gr.variable("u", v.shape) for v in leaves]
    vs, along = direction(s.point)
    point = s.point | dict(zip(vs, along, strict=True))
    shapes = [np.shape(value) for value in gr.evaluate(s.point, leaves)]
    point |= {u: rng.normal(size=shape) for u, shape in zip(us, shapes, strict=True)}
    pushed = gr.jvp(y, s.wrt, vs)
    pulled = gr.vjp(y, s.wrt, {"a": us[0], "b": us[1:]})
    left = sum(gr.sum(u * t) for u, t in zip(us, [pushed["a"], *pushed["b"]], strict=True))
    right = sum(gr.sum(g * v) for g, v in zip(pulled, vs, strict=True))
    assert gr.evaluate(point, left) == pytest.approx(gr.evaluate(point, right), rel=1e-10)


def test_structures_are_kept_and_an_intermediate_variable_may_be_asked_for():
    x = gr.vector("x", 3)
    H = gr.exp(x)
    z = gr.sum(H * H) + x[0]
    value, gradients = gr.value_and_grad(z, {"layer": (H, [x])})
    assert value is z and type(gradients["layer"]) is tuple
    at = np.array([0.1, 0.2, 0.3])
    dH, (dx,) = gr.evaluate({x: at}, gradients["layer"])
    np.testing.assert_allclose(dH, 2 * np.exp(at))
    np.testing.assert_allclose(dx, 2 * np.exp(2 * at) + np.array([1, 0, 0]))


def test_float32_stays_float32_and_mixes():
    x, y = gr.vector("x", 4, dtype="float32"), gr.vector("y", 4)
    z = gr.sum(gr.tanh(2.0 * x) * y) + gr.mean(x)
    point = {x: np.float32([0.1, -0.2, 0.3, 0.5]), y: np.array([1.0, 2.0, 3.0, 4.0])}
    dx, dy = gr.grad(z, [x, y])
    assert (dx.dtype, dy.dtype) == ("float32", "float64")
    assert gr.hvp(z, x, np.ones(4, "float32")).dtype == "float32"
    assert [b.dtype for b in gr.hessian(z, [x, y])[0]] == ["float32", "float64"]
    for mode in ("forward", "reverse"):
        assert gr.jacobian(gr.exp(x), [x, y], mode)[0].dtype == "float32"
        assert gr.jacobian(x * y, [x, y], mode)[0].dtype == "float64"
    assert gr.check_grad(z, [x, y], point).largest < 1e-5
    only = gr.sum(gr.exp(x) * 0.5)
    assert {v.dtype for v in gr.Graph([gr.hessian(only, x)]) if v.inputs} == {x.dtype}


# --------------------------------------------------------------------------------- second and on


@stories
def test_hvp_equals_differences_of_the_gradient(story):
    s = story()
    vs, along = direction(s.point)
    gradients = gr.grad(s.z, s.wrt)
    point = s.point | dict(zip(vs, along, strict=True))
    built = gr.evaluate(point, gr.hvp(s.z, s.wrt, vs))
    for k, product in enumerate(built):
        expected = differences(lambda p, k=k: gr.evaluate(p, gradients[k]), s.point, along)
        np.testing.assert_allclose(product, expected, rtol=1e-6, atol=1e-6)


@stories
def test_hessian_blocks_are_symmetric_and_equal_hvp_and_the_jacobian_of_the_gradient(story):
    s = story()
    names = dict(enumerate(s.wrt))
    blocks = gr.hessian(s.z, names)
    vs, along = direction(s.point)
    gradients = gr.grad(s.z, s.wrt)
    for a, x in names.items():
        for b, y in names.items():
            assert blocks[a][b].shape == (*x.shape, *y.shape)
    values, products, forward, reverse = gr.evaluate(
        s.point | dict(zip(vs, along, strict=True)),
        [
            blocks,
            gr.hvp(s.z, s.wrt, vs),
            gr.jacobian(gradients, s.wrt, mode="forward"),
            gr.jacobian(gradients, s.wrt, mode="reverse"),
        ],
    )
    for a in names:
        total = sum(np.tensordot(values[a][b], along[b], along[b].ndim) for b in names)
        np.testing.assert_allclose(total, products[a], rtol=1e-9, atol=1e-9)
        for b in names:
            for other in (forward, reverse):
                np.testing.assert_allclose(values[a][b], other[a][b], rtol=1e-9, atol=1e-10)


def test_third_derivatives_by_asking_again():
    x = gr.vector("x", 3)
    z = gr.sum(x**3) * x[0]
    third = gr.jacobian(gr.hessian(z, x), x)
    assert third.shape == (3, 3, 3)
    at = np.array([0.5, -1.0, 2.0])
    hess = gr.hessian(z, x)
    expected = np.stack(
        [differences(lambda p: gr.evaluate(p, hess), {x: at}, [e]) for e in np.eye(3)], axis=-1
    )
    np.testing.assert_allclose(gr.evaluate({x: at}, third), expected, rtol=1e-7, atol=1e-7)
    s = gr.scalar("s")
    d = gr.exp(2 * s)
    for _ in range(5):
        d = gr.grad(d, s)
    assert gr.evaluate({s: 0.3}, d) == pytest.approx(32 * np.exp(0.6))


def test_second_derivatives_of_linear_functions_are_zeros():
    x, y = gr.vector("x", 3), gr.matrix("y", (2, "n"))
    z = gr.sum(2 * x) + gr.sum(y)
    blocks = gr.hessian(z, [x, y])
    point = {x: np.ones(3), y: np.ones((2, 4))}
    for value, shape in zip(
        gr.evaluate(point, [blocks[0][0], blocks[0][1], blocks[1][0], gr.hvp(z, x, np.ones(3))]),
        [(3, 3), (3, 2, 4), (2, 4, 3), (3,)],
        strict=True,
    ):
        np.testing.assert_array_equal(value, np.zeros(shape))


# ------------------------------------------------------------------------------------- Jacobians


def test_jacobians_of_any_rank():
    X, v = gr.matrix("X", (2, 3)), gr.vector("v", 2)
    y = gr.exp(X).T * v + gr.sum(X)
    point = {X: rng.normal(size=(2, 3)), v: rng.normal(size=2)}
    for mode in ("forward", "reverse", None):
        (dX, dv), again = gr.evaluate(
            point, [gr.jacobian(y, (X, v), mode), gr.jacobian({"y": y}, X, mode)["y"]]
        )
        assert dX.shape == (3, 2, 2, 3) and dv.shape == (3, 2, 2)
        np.testing.assert_array_equal(dX, again)
        for at in np.ndindex(2, 3):
            unit = np.zeros((2, 3))
            unit[at] = 1
            expected = differences(lambda p: gr.evaluate(p, y), point, [unit, np.zeros(2)])
            np.testing.assert_allclose(dX[(..., *at)], expected, rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize(
    "rows, columns, seeded",
    [(2, 5, 2), (5, 2, 2), ("n", 3, 3), (3, "n", 3), ("n + 1", "n", "n"), ("n", "n", "n")],
)
def test_jacobians_seed_the_smaller_side(rows, columns, seeded):
    A, x = gr.matrix("A", (rows, columns)), gr.vector("x", columns)
    J = gr.jacobian(gr.sin(A @ x), x)
    eyes = [v for v in gr.Graph([J]) if v.op.name == "eye"]
    assert [str(v.shape[0]) for v in eyes] == [str(seeded)]


def test_scalars_on_one_side_need_no_seed_and_no_batch():
    x, s = gr.vector("x", "n"), gr.scalar("s")
    assert gr.jacobian(gr.sum(gr.exp(x)), x) is gr.vjp(gr.sum(gr.exp(x)), x, 1.0)
    J = gr.jacobian(gr.exp(s * x), s)
    names = {v.op.name for v in gr.Graph([J])}
    assert not names & {"eye", "reshape"}
    np.testing.assert_allclose(
        gr.evaluate({x: [1.0, 2.0], s: 0.5}, J), np.array([1, 2]) * np.exp([0.5, 1.0])
    )


def test_the_graph_grows_with_operations_never_with_elements():
    def nodes(n):
        x = gr.vector("x", n)
        return len(gr.Graph([gr.hessian(gr.sum(gr.sin(x[1:]) * x[:-1]), x)]))

    assert nodes(5) == nodes(500) == nodes("n")


def test_the_hessian_of_logistic_regression_is_products_of_matrices():
    X, w = gr.matrix("X", ("n", "p")), gr.vector("w", "p")
    H = gr.hessian(gr.sum(gr.softplus(X @ w)), w)
    products = [v for v in gr.Graph([H]) if v.op.name == "matmul"]
    assert all(v.ndim <= 2 for v in gr.Graph([H]))
    assert len(products) <= 3
    at, point = rng.normal(size=3), rng.normal(size=(7, 3))
    p = 1 / (1 + np.exp(-point @ at))
    expected = point.T * (p * (1 - p)) @ point
    np.testing.assert_allclose(gr.evaluate({X: point, w: at}, H), expected, rtol=1e-10)


def test_results_are_named():
    x, w = gr.vector("x", 3), gr.vector("w", 3)
    y = gr.sin(x * w).named("y")
    z = gr.sum(y * y)
    assert gr.jacobian(y, x).hints.role == "jac_y_x"
    assert gr.jacobian(gr.cos(x * w), x).hints.role == "jac_x"
    blocks = gr.hessian(z, [x, w])
    assert [b.hints.role for b in blocks[0]] == ["hess_x", "hess_x_w"]
    assert gr.hvp(z, x, np.ones(3)).hints.role == "hvp_x"


# --------------------------------------------------------------------------------------- complex


def test_complex_gradients_are_the_direction_of_steepest_ascent():
    c, x = gr.vector("c", 3, dtype="complex128"), gr.vector("x", 3)
    z = gr.sum(abs(c * c + x) ** 2) + gr.sum((c * (1 + 2j)).real * x) + gr.sum(c.imag**3)
    point = {c: np.array([1 + 2j, -0.5 + 0.1j, 0.3j]), x: np.array([0.5, 1.0, 2.0])}
    assert gr.check_grad(z, [c, x], point, tolerance=1e-7).compared == 6
    assert gr.grad(z, c).dtype == "complex128" and gr.grad(z, x).dtype == "float64"
    # moving along the gradient ascends by its squared length
    g = gr.evaluate(point, gr.grad(z, c))
    ascent = differences(lambda p: gr.evaluate(p, z), point, [g, np.zeros(3)])
    assert ascent == pytest.approx(np.vdot(g, g).real, rel=1e-6)


def test_complex_products_are_adjoint_in_the_real_inner_product():
    c, x = gr.vector("c", 3, dtype="complex128"), gr.vector("x", 3)
    y = gr.exp(1j * c) * x + c.conj() * abs(c)
    point = {c: rng.normal(size=3) + 1j * rng.normal(size=3), x: rng.normal(size=3)}
    u, v = (rng.normal(size=3) + 1j * rng.normal(size=3) for _ in range(2))
    w = rng.normal(size=3)
    pushed, (dc, dx) = gr.evaluate(point, [gr.jvp(y, [c, x], [v, w]), gr.vjp(y, [c, x], u)])
    np.testing.assert_allclose(
        pushed, differences(lambda p: gr.evaluate(p, y), point, [v, w]), rtol=1e-7
    )
    assert np.vdot(u, pushed).real == pytest.approx(np.vdot(dc, v).real + np.vdot(dx, w))
    z = gr.sum(abs(y) ** 2)
    g = gr.grad(z, c)
    np.testing.assert_allclose(
        gr.evaluate(point, gr.hvp(z, c, v)),
        differences(lambda p: gr.evaluate(p, g), point, [v, 0 * w]),
        rtol=1e-6,
    )


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_complex_jacobians(mode):
    c, x = gr.vector("c", 2, dtype="complex128"), gr.vector("x", 2)
    point = {c: np.array([0.5 + 1j, -0.2 + 0.3j]), x: np.array([0.7, -0.4])}
    holomorphic, wave, power = gr.exp(c) * c, gr.exp(1j * x), gr.sum(abs(c) ** 2)
    at, t = point[c], point[x]
    J, K, L = gr.evaluate(
        point,
        [gr.jacobian(y, v, mode) for y, v in ((holomorphic, c), (wave, x), (power, c))],
    )
    np.testing.assert_allclose(J, np.diag(np.exp(at) * (1 + at)), atol=1e-14)
    np.testing.assert_allclose(K, np.diag(1j * np.exp(1j * t)), atol=1e-14)
    np.testing.assert_allclose(L, 2 * at, atol=1e-14)
    with pytest.raises(NotDifferentiableError, match="no holomorphic function"):
        gr.jacobian(c.conj() * c, c, mode)
    with pytest.raises(DTypeError, match="its Hessian is no complex matrix"):
        gr.hessian(power, c)
    with pytest.raises(DTypeError, match="no direction of steepest ascent"):
        gr.grad(gr.sum(c), c)


# ------------------------------------------------------------------------------ independent, cut


def test_independence_is_an_error_or_zeros():
    x, y = gr.vector("x", 3), gr.vector("y", 3)
    z = gr.sum(x * gr.stop_gradient(y)).named("J")
    with pytest.raises(IndependentError, match=r"J does not depend on w, at \S*test_calc"):
        gr.grad(z, [x, gr.scalar("w")])
    message = (
        r"no gradient of J reaches y: it enters gr.stop_gradient\(y\) as the x of "
        r"stop_gradient, which has no derivative"
    )
    with pytest.raises(IndependentError, match=message):
        gr.grad(z, y)
    with pytest.raises(IndependentError, match="the condition of where"):
        gr.grad(gr.sum(gr.where(y.astype(bool), x, 0.0)), y)
    _, dy = gr.grad(z, [x, y], independent="zeros")
    assert dy.op.describe() == "full(shape=(3,), fill=0.0, dtype=float64)"
    assert gr.vjp(gr.exp(x), y, np.ones(3)).op.name == "full"
    assert gr.jvp(gr.exp(x), y, np.ones(3)).op.name == "full"
    assert gr.jacobian(gr.exp(x), y).shape == (3, 3)


def test_stop_gradient():
    x = gr.vector("x", 3)
    cut = gr.stop_gradient(gr.exp(x))
    assert gr.stop_gradient(cut) is cut
    at = np.array([0.1, 0.2, 0.3])
    built = gr.evaluate({x: at}, [cut, gr.grad(gr.sum(x * cut), x), gr.hessian(gr.sum(x * cut), x)])
    np.testing.assert_allclose(built[0], np.exp(at))
    np.testing.assert_allclose(built[1], np.exp(at))
    np.testing.assert_array_equal(built[2], np.zeros((3, 3)))


# ---------------------------------------------------------------------------------------- errors


def test_bad_arguments():
    x, y = gr.vector("x", 3), gr.vector("y", "n")
    z = gr.sum(x * x)
    cases = [
        (lambda: gr.grad(x, x), NotScalarError, r"x has shape \(3,\); a gradient needs a scalar"),
        (lambda: gr.grad(z, [x, "x"]), ValueKindError, "wrt_1 is str, not a variable"),
        (lambda: gr.grad(1.0, x), ValueKindError, "z is float, not a variable"),
        (lambda: gr.grad(z, x, independent="no"), OptionError, "independent='no' is not known"),
        (lambda: gr.jacobian(x, x, mode="back"), OptionError, "choose one of None, 'forward'"),
        (lambda: gr.vjp(x, x, np.ones(2)), ShapeError, r"u has shape \(2,\), and x has shape \(3"),
        (lambda: gr.jvp(x, [x], np.ones(3)), OptionError, "v must be a list of 1"),
        (lambda: gr.vjp([x], x, [1j * np.ones(3)]), DTypeError, "u_0 is complex128, and x is fl"),
        (lambda: gr.hvp(z, x, y), ShapeError, r"v has shape \(n,\)"),
        (lambda: gr.hessian(z, y), IndependentError, "does not depend on y"),
        (lambda: gr.grad(gr.sum(x), gr.vector("k", 3, dtype="int64")), DTypeError, "k is int64"),
    ]
    for call, error, message in cases:
        with pytest.raises(error, match=message):
            call()


class Crooked(Unary, abstract=True):
    """3 x, whose bprop is not linear in G."""

    name = "crooked"
    ufunc = np.positive
    expression = "3 * x"

    def bprop(self, inputs, output, i, G):
        return G * G


def test_jvp_names_the_operation_whose_bprop_is_not_linear():
    x = gr.vector("x", 3)
    y = gr.sin(Crooked()(gr.exp(x)))
    with pytest.raises(NotDifferentiableError, match=r"crooked, which computes .* not linear in G"):
        gr.jvp([y, x], x, np.ones(3))
    bent = gr.custom_vjp(lambda x: x, lambda xs, y, G: (G**2,))
    with pytest.raises(NotDifferentiableError, match=r"the bprop of custom_vjp\(<lambda>\)"):
        gr.jvp(bent(x), x, np.ones(3))


# ------------------------------------------------------------------------------------------ size


def test_long_chains_need_no_recursion():
    x = gr.scalar("x")
    z = x
    for _ in range(20_000):
        z = gr.sin(z)
    assert gr.evaluate({x: 0.0}, gr.grad(z, x)) == 1.0
    y = x
    for _ in range(3_000):
        y = gr.sin(y)
    assert gr.evaluate({x: 0.0}, [gr.jvp(y, x, 1.0), gr.hessian(y, x)]) == [1.0, 0.0]
