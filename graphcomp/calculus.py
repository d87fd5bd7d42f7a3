"""Derivatives as nodes of the same graph: grad, vjp, jvp, hvp, jacobian, hessian; and vmap.

For complex variables a gradient is the direction of steepest ascent, dz/dRe(x) + i dz/dIm(x).
Back-propagation itself uses plain transposes; only the public functions here conjugate.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

from graphcomp.arguments import differentiable, matching, require_choice
from graphcomp.backprop import backprop, build_grad, edge_gradient, name_result
from graphcomp.dims import DimLike
from graphcomp.errors import (
    DTypeError,
    GraphError,
    IndependentError,
    NotDifferentiableError,
    SizeError,
    ValueKindError,
)
from graphcomp.graph import Graph, Variable, derived_from, topological
from graphcomp.ops import create, shape
from graphcomp.ops.batching import batch_outputs, placeholder
from graphcomp.ops.structure import MakeTuple
from graphcomp.rewrite.prepare import Prepared
from graphcomp.types import TensorType, TupleType, result_dtype

Mode = Literal["forward", "reverse"]

# ---------------------------------------------------------------------------- gradients


def grad(
    z: Variable,
    wrt: Any,
    *,
    independent: Literal["error", "zeros"] = "error",
    stabilise: bool = True,
) -> Any:
    """The gradient of the scalar z with respect to ``wrt``, in the structure of ``wrt``.

    ``wrt`` is a variable (an input or any intermediate one) or nested dicts, lists and tuples
    of them. A gradient has its variable's shape and dtype. Goodfellow, Bengio and Courville,
    *Deep Learning*, Algorithm 6.5.

    What is differentiated is z as a numerical analyst would have written it: ``log(1 + exp(x))``
    as softplus, whose derivatives are exact everywhere. z itself stays as it is.
    ``stabilise=False`` differentiates it as it stands, as ``gr.backprop`` does.

    Raises NotScalarError where z is not 0-d, DTypeError where z is not real or a variable not
    floating, NotDifferentiableError where the gradient arrives at something that has none, and
    IndependentError where z does not depend on a variable; ``independent="zeros"`` makes its
    gradient zeros.

    >>> import graphcomp as gr
    >>> x = gr.vector("x", 2)
    >>> gr.evaluate({x: [1.0, 2.0]}, gr.grad(gr.sum(x * x), x))
    array([2., 4.])
    """
    require_choice("independent", independent, ("error", "zeros"))
    xs, rebuild = differentiable(wrt, "wrt")
    _require_variable(z, "z")
    ready = Prepared([z], xs, stabilise)
    gradients = ready.restore(_gradients(ready, independent))
    with derived_from(z, gradient=True):
        return rebuild([_conjugate(g) for g in gradients])


def value_and_grad(
    z: Variable,
    wrt: Any,
    *,
    independent: Literal["error", "zeros"] = "error",
    stabilise: bool = True,
) -> tuple[Variable, Any]:
    """``(z, grad(z, wrt))``; options and errors as of ``grad``."""
    return z, grad(z, wrt, independent=independent, stabilise=stabilise)


def _gradients(ready: Prepared, independent: str = "error") -> list[Variable]:
    """The plain gradients (no conjugates), as back-propagation finds them."""
    (z,), xs = ready.ys, ready.xs
    if z.dtype.kind == "c":
        raise DTypeError(
            f"{z.label} is {z.dtype}, and has no direction of steepest ascent",
            "take its real part or its absolute value, or use gr.jacobian, gr.vjp or gr.jvp",
        )
    G = Graph([z])
    table = backprop(xs, G, z)
    if independent == "error":
        (given,) = ready.given_ys
        reached = Graph([given]).prune(given, ready.given_xs)
        for x in ready.given_xs:
            if x not in reached:
                raise _independent(given, x)
    return [table[x] for x in xs]


def _independent(z: Variable, x: Variable) -> IndependentError:
    """Says whether there is no path at all, or which operation lets no gradient through."""
    what = f"{z.label} does not depend on {x.label}"
    found = {x}
    for C in topological([z]):
        entries = [i for i, argument in enumerate(C.inputs) if argument in found]
        blocked = [i for i in entries if i in C.op.nondiff]
        if blocked:
            parameter = C.op.parameter_names(len(C.inputs))[blocked[0]]
            what = (
                f"no gradient of {z.label} reaches {x.label}: it enters {C.label} as the "
                f"{parameter} of {C.op.name}, which has no derivative"
            )
            break
        if entries:
            found.add(C)
    return IndependentError(what, 'leave it out of wrt, or pass independent="zeros"')


# ------------------------------------------------------------------- products with a vector


def vjp(y: Any, x: Any, u: Any, *, stabilise: bool = True) -> Any:
    """The vector-Jacobian product: the gradient of <u, y> with respect to x.

    y and x are variables or nested structures of them; u has y's structure and shapes, the
    result x's. Zeros where y does not depend on x. For complex values <u, y> is the real part
    of ``vdot(u, y)``, so that ``vjp(z, x, 1)`` is ``grad(z, x)``.
    ``stabilise`` is that of ``grad``.

    Raises ShapeError or DTypeError where u does not fit y, and as ``grad``.

    >>> import graphcomp as gr
    >>> x = gr.vector("x", 2)
    >>> gr.evaluate({x: [1.0, 2.0]}, gr.vjp(x * x, x, [1.0, 10.0]))
    array([ 2., 40.])
    """
    ys, _ = differentiable(y, "y")
    xs, rebuild = differentiable(x, "x")
    us = [_conjugate(v) for v in matching(u, "u", y, ys)]
    ready = Prepared(ys, xs, stabilise)
    pulled = ready.restore(_pull_back(ready.ys, ready.xs, us))
    products = [_conjugate(g) for g in pulled]
    for source, product in zip(xs, products, strict=True):
        name_result("vjp", product, source)
    return rebuild(products)


def jvp(y: Any, x: Any, v: Any, *, stabilise: bool = True) -> Any:
    """The Jacobian-vector product: the derivative of y along v, a direction of x.

    y and x are variables or nested structures of them; v has x's structure and shapes, the
    result y's. Zeros where y does not depend on x. ``stabilise`` is that of ``grad``.

    A vjp is linear in its cotangent u; its own vjp by u is the jvp (J. Townsend, "A new trick
    for calculating Jacobian vector products", 2017), so no operation needs a forward rule.

    Raises ShapeError or DTypeError where v does not fit x, NotDifferentiableError where an
    operation's ``bprop`` is not linear in G, and as ``grad``.

    >>> import graphcomp as gr
    >>> x = gr.vector("x", 2)
    >>> gr.evaluate({x: [1.0, 2.0]}, gr.jvp(x * x, x, [1.0, 10.0]))
    array([ 2., 40.])
    """
    ys, rebuild = differentiable(y, "y")
    xs, _ = differentiable(x, "x")
    ready = Prepared(ys, xs, stabilise)
    pushed = _push_forward(ready.ys, ready.xs, matching(v, "v", x, xs))
    tangents = ready.restore(pushed)
    for target, tangent in zip(ys, tangents, strict=True):
        name_result("jvp", tangent, target)
    return rebuild(tangents)


def hvp(z: Variable, x: Any, v: Any, *, stabilise: bool = True) -> Any:
    """The Hessian of the scalar z times v, without the Hessian: the vjp of ``grad(z, x)``.

    x is a variable or a nested structure of them; v has x's structure and shapes, and so has
    the result. Zeros where the gradient does not depend on x. For complex variables it is the
    change of ``grad(z, x)`` along v. ``stabilise`` is that of ``grad``.

    Raises ShapeError or DTypeError where v does not fit x, and as ``grad``.

    >>> import graphcomp as gr
    >>> x = gr.vector("x", 2)
    >>> gr.evaluate({x: [1.0, 2.0]}, gr.hvp(gr.sum(x * x * x), x, [1.0, 10.0]))
    array([  6., 120.])
    """
    xs, rebuild = differentiable(x, "x")
    vs = matching(v, "v", x, xs)
    _require_variable(z, "z")
    ready = Prepared([z], xs, stabilise)
    pulled = ready.restore(_pull_back(_gradients(ready), ready.xs, vs))
    products = [_conjugate(h) for h in pulled]
    for source, product in zip(xs, products, strict=True):
        name_result("hvp", product, source)
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
        G_prime = G.prune(y, xs)
        for C in G_prime:
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


# --------------------------------------------------------------------- Jacobians and Hessians


def jacobian(y: Any, x: Any, mode: Mode | None = None, *, stabilise: bool = True) -> Any:
    """The Jacobian of y with respect to x: ``y.shape + x.shape``, in their common dtype.

    y and x are variables or nested structures of them: the result has y's structure, and in
    each place x's. Blocks are zeros where y does not depend on x. ``mode="reverse"`` seeds an
    identity of y's size, ``"forward"`` one of x's; by default the smaller side is seeded, a
    known size before a symbolic one. ``stabilise`` is that of ``grad``.

    With y real and x complex each row is a gradient. With y and x complex, y must be a
    holomorphic function of x.

    Raises OptionError for another mode, NotDifferentiableError where y is complex and not
    holomorphic, and as ``grad``.

    >>> import graphcomp as gr
    >>> x = gr.vector("x", 2)
    >>> gr.evaluate({x: [1.0, 2.0]}, gr.jacobian(x * x, x))
    array([[2., 0.],
           [0., 4.]])
    """
    require_choice("mode", mode, (None, "forward", "reverse"))
    ys, rebuild_y = differentiable(y, "y")
    xs, rebuild_x = differentiable(x, "x")
    for target in ys:
        _require_holomorphic(target, xs)
    ready = Prepared(ys, xs, stabilise)
    if (mode or _smaller_side(ys, xs)) == "reverse":
        rows = [ready.restore(_reverse_blocks(target, ready.xs)) for target in ready.ys]
    else:
        columns = [ready.restore(_forward_blocks(ready.ys, source)) for source in ready.xs]
        rows = [list(row) for row in zip(*columns, strict=True)]
    for target, row in zip(ys, rows, strict=True):
        for k, source in enumerate(xs):
            row[k] = _in_common_dtype(row[k], target, source)
            name_result("jac", row[k], target, source)
            name_result("jac", row[k], source)
    return rebuild_y([rebuild_x(row) for row in rows])


def hessian(z: Variable, x: Any, *, stabilise: bool = True) -> Any:
    """The Hessian of the scalar z with respect to x: ``x.shape + x.shape``.

    x is a real variable or a nested structure of them: the result has x's structure, and in
    each place x's structure again, with blocks of shape ``a.shape + b.shape`` in their common
    dtype. Blocks are zeros where the gradient on a does not depend on b. Each pair of blocks
    is computed once, seeded on its smaller side, and transposed. ``stabilise`` is that of
    ``grad``.

    Raises DTypeError where a variable is complex (its Hessian is no complex matrix: use
    ``hvp``), and as ``grad``.

    >>> import graphcomp as gr
    >>> x = gr.vector("x", 2)
    >>> gr.evaluate({x: [1.0, 2.0]}, gr.hessian(gr.sum(x * x * x), x))
    array([[ 6.,  0.],
           [ 0., 12.]])
    """
    xs, rebuild = differentiable(x, "x")
    for source in xs:
        if source.dtype.kind == "c":
            raise DTypeError(
                f"{source.label} is {source.dtype}, and its Hessian is no complex matrix",
                "use gr.hvp, or build it from a real and an imaginary part",
            )
    _require_variable(z, "z")
    ready = Prepared([z], xs, stabilise)
    gradients = _gradients(ready)
    blocks: dict[tuple[int, int], Variable] = {}
    order = sorted(range(len(xs)), key=lambda k: _by_size(xs[k].size))
    for place, a in enumerate(order):
        later = order[place:]
        row = ready.restore(_reverse_blocks(gradients[a], [ready.xs[b] for b in later]))
        for b, block in zip(later, row, strict=True):
            block = _in_common_dtype(block, xs[a], xs[b])
            blocks[a, b] = block
            if a != b:
                blocks[b, a] = _swap_sides(block, xs[a].ndim)
    for a, b in sorted(blocks):
        name_result("hess", blocks[a, b], *((xs[a],) if a == b else (xs[a], xs[b])))
    count = range(len(xs))
    return rebuild([rebuild([blocks[a, b] for b in count]) for a in count])


def _reverse_blocks(y: Variable, xs: Sequence[Variable]) -> list[Variable]:
    """dy/dx for each x: a vjp for each element of y."""
    blocks = _for_each_unit(y.type, lambda u: _pull_back([y], xs, [u]))
    if y.dtype.kind != "c":
        return [_conjugate(block) for block in blocks]
    if all(x.dtype.kind == "c" for x in xs):
        return blocks
    parts = zip(_reverse_blocks(y.real, xs), _reverse_blocks(y.imag, xs), strict=True)
    return [
        block if x.dtype.kind == "c" else real + 1j * imag
        for x, block, (real, imag) in zip(xs, blocks, parts, strict=True)
    ]


def _forward_blocks(ys: Sequence[Variable], x: Variable) -> list[Variable]:
    """dy/dx for each y: a jvp for each element of x."""
    columns = _for_each_unit(x.type, lambda v: _push_forward(ys, [x], [v]))
    if x.dtype.kind == "c" and any(y.dtype.kind != "c" for y in ys):
        turned = _for_each_unit(x.type, lambda v: _push_forward(ys, [x], [1j * v]))
        columns = [
            c if y.dtype.kind == "c" else c + 1j * t
            for y, c, t in zip(ys, columns, turned, strict=True)
        ]
    return [_swap_sides(column, x.ndim) for column in columns]


def _for_each_unit(
    type: TensorType, products: Callable[[Variable], Sequence[Variable]]
) -> list[Variable]:
    """``products(u)`` for each unit array u of a type, along axes of its shape in front."""
    if not type.ndim:
        return list(products(create.full_of(1, type)))
    u = placeholder("u", type)
    outputs = products(u)
    with derived_from(outputs[0], gradient=True):
        units = shape.reshape(create.eye(type.size, dtype=type.dtype), (type.size, *type.shape))
        table = batch_outputs(outputs, {u: units})
        return [
            shape.reshape(table[output], (*type.shape, *output.shape))
            if output in table
            else create.full_of(0, output.type.with_shape((*type.shape, *output.shape)))
            for output in outputs
        ]


def _swap_sides(block: Variable, count: int) -> Variable:
    """The first ``count`` axes moved behind the others."""
    with derived_from(block, gradient=True):
        return shape.transpose(block, (*range(count, block.ndim), *range(count)))


def _in_common_dtype(block: Variable, y: Variable, x: Variable) -> Variable:
    """A reverse row comes in x's dtype, and a forward column in y's."""
    with derived_from(block, gradient=True):
        return block.astype(result_dtype(y.type, x.type))


def _by_size(size: DimLike) -> tuple[bool, int]:
    """Known sizes in their order, before symbolic ones."""
    return (False, size) if isinstance(size, int) else (True, 0)


def _smaller_side(ys: Sequence[Variable], xs: Sequence[Variable]) -> Mode:
    y, x = (sum(v.size for v in side) for side in (ys, xs))
    if isinstance(y, int) == isinstance(x, int):
        try:
            return "reverse" if y <= x else "forward"
        except SizeError:
            return "reverse"
    return "reverse" if isinstance(y, int) else "forward"


def _require_holomorphic(y: Variable, xs: Sequence[Variable]) -> None:
    """A complex derivative exists only where no conjugate, real part or modulus is taken."""
    sources = [x for x in xs if x.dtype.kind == "c"]
    if y.dtype.kind != "c" or not sources:
        return
    reached = Graph([y]).prune(y, sources)
    for C in reached:
        takes_complex = any(_is_complex(v) for v in C.inputs if v in reached)
        if takes_complex and (C.op.name in _NOT_HOLOMORPHIC or not _is_complex(C)):
            raise NotDifferentiableError(
                f"{y.label} is no holomorphic function of its complex variables, because of "
                f"{C.op.name} at {C.label}, so it has no complex Jacobian",
                "take the Jacobians of y.real and y.imag, or use gr.vjp or gr.jvp",
            )


_NOT_HOLOMORPHIC = ("conjugate", "sign")


def _is_complex(v: Variable) -> bool:
    types = v.type.items if isinstance(v.type, TupleType) else (v.type,)
    return all(t.dtype.kind == "c" for t in types)


def _require_variable(value: Any, argument: str) -> None:
    if not isinstance(value, Variable):
        raise ValueKindError(
            f"{argument} is {type(value).__name__}, not a variable", "give a scalar variable"
        )


def _conjugate(v: Variable) -> Variable:
    """The public form of a complex derivative, which also takes over what it is called."""
    if v.dtype.kind != "c":
        return v
    public = v.conj()
    if public.hints.gradient and public.hints.role is None:
        public.hints.role, v.hints.role = v.hints.role, None
    return public
