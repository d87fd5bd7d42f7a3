"""Derivatives as nodes of the same graph: grad, vjp, jvp, hvp, jacobian, hessian; and vmap.

For complex variables a gradient is the direction of steepest ascent, dz/dRe(x) + i dz/dIm(x).
Back-propagation itself uses plain transposes; only the public functions here conjugate.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal

import numpy as np

from graphcomp.backprop import backprop, build_grad, edge_gradient, name_result
from graphcomp.dims import DimLike, prod
from graphcomp.errors import (
    DTypeError,
    GraphError,
    IndependentError,
    NotDifferentiableError,
    OptionError,
    ShapeError,
    SizeError,
    ValueKindError,
)
from graphcomp.graph import Graph, Variable, derived_from, topological
from graphcomp.ops import shape
from graphcomp.ops.base import as_variable
from graphcomp.ops.batching import batch_outputs, placeholder
from graphcomp.ops.structure import MakeTuple, unpack
from graphcomp.tree import Rebuild, flatten, leaves
from graphcomp.types import TensorType, TupleType, format_shape

Mode = Literal["forward", "reverse"]

# ---------------------------------------------------------------------------- gradients


def grad(z: Variable, wrt: Any, *, independent: Literal["error", "zeros"] = "error") -> Any:
    """The gradient of the scalar z with respect to ``wrt``, in the structure of ``wrt``.

    ``wrt`` is a variable (an input or any intermediate one) or nested dicts, lists and tuples
    of them. A gradient has its variable's shape and dtype. Goodfellow, Bengio and Courville,
    *Deep Learning*, Algorithm 6.5.

    Raises NotScalarError where z is not 0-d, DTypeError where z is not real or a variable not
    floating, NotDifferentiableError where the gradient arrives at something that has none, and
    IndependentError where z does not depend on a variable; ``independent="zeros"`` makes its
    gradient zeros.

    >>> import graphcomp as gr
    >>> x = gr.vector("x", 2)
    >>> gr.evaluate({x: [1.0, 2.0]}, gr.grad(gr.sum(x * x), x))
    array([2., 4.])
    """
    _choice("independent", independent, ("error", "zeros"))
    xs, rebuild = _variables(wrt, "wrt")
    return rebuild([_conjugate(g) for g in _gradients(z, xs, independent)])


def value_and_grad(
    z: Variable, wrt: Any, *, independent: Literal["error", "zeros"] = "error"
) -> tuple[Variable, Any]:
    """``(z, grad(z, wrt))``; raises as ``grad``."""
    return z, grad(z, wrt, independent=independent)


def _gradients(z: Variable, xs: list[Variable], independent: str = "error") -> list[Variable]:
    """The plain gradients (no conjugates), as back-propagation finds them."""
    _require_variable(z, "z")
    if z.dtype.kind == "c":
        raise DTypeError(
            f"{z.label} is {z.dtype}, and has no direction of steepest ascent",
            "take its real part or its absolute value, or use gr.jacobian, gr.vjp or gr.jvp",
        )
    G = Graph([z])
    table = backprop(xs, G, z)
    if independent == "error":
        reached = Graph([z]).prune(z, xs)
        for x in xs:
            if x not in reached:
                raise _independent(z, x)
    return [table[x] for x in xs]


def _independent(z: Variable, x: Variable) -> IndependentError:
    """Says whether there is no path at all, or which operation lets no gradient through."""
    what = f"{z.label} does not depend on {x.label}"
    needed = topological([z])
    if x in set(needed):
        found = {x}
        for C in needed:
            for i, argument in enumerate(C.inputs):
                if argument in found and i in C.op.nondiff:
                    parameter = C.op.parameter_names(len(C.inputs))[i]
                    raise IndependentError(
                        f"no gradient of {z.label} reaches {x.label}: the only path goes "
                        f"through {C.op.name}, which has no derivative by its {parameter}",
                        'leave it out of wrt, or pass independent="zeros"',
                    )
            if any(argument in found for argument in C.inputs):
                found.add(C)
    return IndependentError(what, 'leave it out of wrt, or pass independent="zeros"')


# ------------------------------------------------------------------- products with a vector


def vjp(y: Any, x: Any, u: Any) -> Any:
    """The vector-Jacobian product: the gradient of <u, y> with respect to x.

    y and x are variables or nested structures of them; u has y's structure and shapes, the
    result x's. Zeros where y does not depend on x. For complex values <u, y> is the real part
    of ``vdot(u, y)``, so that ``vjp(z, x, 1)`` is ``grad(z, x)``.

    Raises ShapeError or DTypeError where u does not fit y, and as ``grad``.

    >>> import graphcomp as gr
    >>> x = gr.vector("x", 2)
    >>> gr.evaluate({x: [1.0, 2.0]}, gr.vjp(x * x, x, [1.0, 10.0]))
    array([ 2., 40.])
    """
    ys, _ = _variables(y, "y")
    xs, rebuild = _variables(x, "x")
    us = [_conjugate(v) for v in _matching(u, "u", y, ys)]
    return rebuild([_conjugate(g) for g in _pull_back(ys, xs, us)])


def jvp(y: Any, x: Any, v: Any) -> Any:
    """The Jacobian-vector product: the derivative of y along v, a direction of x.

    y and x are variables or nested structures of them; v has x's structure and shapes, the
    result y's. Zeros where y does not depend on x.

    A vjp is linear in its cotangent u; its own vjp by u is the jvp (J. Townsend, "A new trick
    for calculating Jacobian vector products", 2017), so no operation needs a forward rule.

    Raises ShapeError or DTypeError where v does not fit x, NotDifferentiableError where an
    operation's ``bprop`` is not linear in G, and as ``grad``.

    >>> import graphcomp as gr
    >>> x = gr.vector("x", 2)
    >>> gr.evaluate({x: [1.0, 2.0]}, gr.jvp(x * x, x, [1.0, 10.0]))
    array([ 2., 40.])
    """
    ys, rebuild = _variables(y, "y")
    xs, _ = _variables(x, "x")
    tangents = _push_forward(ys, xs, _matching(v, "v", x, xs))
    for target, tangent in zip(ys, tangents, strict=True):
        name_result("jvp", tangent, target)
    return rebuild(tangents)


def hvp(z: Variable, x: Any, v: Any) -> Any:
    """The Hessian of the scalar z times v, without the Hessian: the vjp of ``grad(z, x)``.

    x is a variable or a nested structure of them; v has x's structure and shapes, and so has
    the result. Zeros where the gradient does not depend on x. For complex variables it is the
    change of ``grad(z, x)`` along v.

    Raises ShapeError or DTypeError where v does not fit x, and as ``grad``.

    >>> import graphcomp as gr
    >>> x = gr.vector("x", 2)
    >>> gr.evaluate({x: [1.0, 2.0]}, gr.hvp(gr.sum(x * x * x), x, [1.0, 10.0]))
    array([  6., 120.])
    """
    xs, rebuild = _variables(x, "x")
    vs = _matching(v, "v", x, xs)
    products = [_conjugate(h) for h in _pull_back(_gradients(z, xs), xs, vs)]
    for target, product in zip(xs, products, strict=True):
        name_result("hvp", product, target)
    return rebuild(products)


def _pull_back(
    ys: Sequence[Variable], xs: Sequence[Variable], us: Sequence[Variable]
) -> list[Variable]:
    """Back-propagation from several outputs at once, whose gradients are us."""
    with derived_from(ys[0], gradient=True):
        y, u = (ys[0], us[0]) if len(ys) == 1 else (MakeTuple()(*ys), MakeTuple()(*us))
    G = Graph([y])
    G_prime = G.prune(y, xs)
    grad_table = {y: u}
    G.insert(u)
    return [build_grad(x, G, G_prime, grad_table) for x in xs]


def _push_forward(
    ys: Sequence[Variable], xs: Sequence[Variable], vs: Sequence[Variable]
) -> list[Variable]:
    """The tangents of ys where xs have the tangents vs."""
    us = [placeholder("u", y.type) for y in ys]
    tangents = _pull_back(_pull_back(ys, xs, us), us, vs)
    if not set(us).isdisjoint(topological(tangents)):
        raise _not_linear(ys, xs)
    return tangents


def _not_linear(ys: Sequence[Variable], xs: Sequence[Variable]) -> GraphError:
    """Which operation between xs and ys sends back what is not linear in the gradient on it."""
    G = Graph(ys)
    for y in ys:
        for C in G_prime if (G_prime := G.prune(y, xs)) else ():
            for i, argument in enumerate(C.inputs):
                if argument in G_prime and i not in C.op.nondiff and not _is_linear(C, i):
                    return NotDifferentiableError(
                        f"{C.op.name}, which computes {C.label}, sends its input {i} a "
                        "gradient that is not linear in G, so it has no jvp",
                        f"correct the bprop of {C.op.describe()}, or use gr.vjp",
                    )
    raise AssertionError("a vjp of linear rules is linear")


def _is_linear(C: Variable, i: int) -> bool:
    D, parts = _cotangent(C.type)
    sent = edge_gradient(C, i, D)
    cotangent, _ = _cotangent(sent.type)
    return set(parts).isdisjoint(topological(_pull_back([sent], parts, [cotangent])))


def _cotangent(type: TensorType | TupleType) -> tuple[Variable, list[Variable]]:
    """A placeholder for a gradient, and its parts."""
    if isinstance(type, TupleType):
        parts = [placeholder("G", t) for t in type.items]
        return MakeTuple()(*parts), parts
    part = placeholder("G", type)
    return part, [part]
