"""Back-propagation on a graph: Algorithms 6.5 and 6.6 of Goodfellow, Bengio and Courville,
*Deep Learning*, section 6.5 (5 and 6 in the lecture slides), iterative.

The gradient nodes go into the same graph, so a gradient can be differentiated again.
"""

from __future__ import annotations

from collections.abc import Iterable

from graphcomp.errors import DTypeError, NotDifferentiableError, NotScalarError
from graphcomp.graph import Graph, Variable, derived_from
from graphcomp.ops import create, reduce, shape, structure
from graphcomp.types import TupleType, format_shape


def backprop(T: Iterable[Variable], G: Graph, z: Variable) -> dict[Variable, Variable]:
    """Algorithm 5: insert the gradients of scalar z in G; return ``{V: gradient}`` for V in T.

    A gradient has its variable's shape and dtype. For complex variables it is the plain
    transpose's: ``gr.grad`` conjugates it into the direction of steepest ascent.

    Raises NotScalarError where z is not 0-d, DTypeError where z or a V in T is not floating,
    NotDifferentiableError where the gradient meets an operation without a derivative.

    >>> import graphcomp as gr
    >>> x = gr.scalar("x")
    >>> z = gr.exp(x)
    >>> G = gr.Graph([z])
    >>> backprop([x], G, z)[x] is z
    True
    """
    T = list(T)
    if z.ndim:
        raise NotScalarError(
            f"{z.label} has shape {format_shape(z.shape)}; a gradient needs a scalar",
            "reduce it first, for example with gr.sum, or use gr.jacobian or gr.vjp",
        )
    for V in [z, *T]:
        if not V.type.is_differentiable:
            raise DTypeError(
                f"{V.label} is {V.dtype}, and only floating values have derivatives",
                "declare it, or convert it, as 'float64'",
            )
    G_prime = G.prune(z, T)
    with derived_from(z, gradient=True):
        grad_table = {z: create.full_of(1, z.type)}
    G.insert(grad_table[z])
    gradients = {V: build_grad(V, G, G_prime, grad_table) for V in T}
    for W, gradient in grad_table.items():
        name_result("grad", gradient, W)
    return gradients


def build_grad(
    V: Variable, G: Graph, G_prime: Graph, grad_table: dict[Variable, Variable]
) -> Variable:
    """Algorithm 6: the gradient on V, from those on its consumers in G'; filled into grad_table.

    The book's recursion over consumers is a stack here. A V without a consumer in G' has
    gradient zero, the empty sum. Raises NotDifferentiableError as ``backprop``.
    """
    stack = [V]
    while stack:
        W = stack[-1]
        if W in grad_table:
            stack.pop()
            continue
        consumers = G_prime.get_consumers(W) if W in G_prime else []
        waiting = [C for C in consumers if C not in grad_table]
        if waiting:
            stack.extend(reversed(waiting))
            continue
        stack.pop()
        parts = [
            edge_gradient(C, i, grad_table[C])
            for C in consumers
            for i, argument in enumerate(C.inputs)
            if argument is W and i not in C.op.nondiff
        ]
        with derived_from(W, gradient=True):
            grad_table[W] = _total(W, parts)
        G.insert(grad_table[W])
    return grad_table[V]


def edge_gradient(C: Variable, i: int, D: Variable) -> Variable:
    """What consumer C, with gradient D on it, sends to its input i: one call of ``bprop``.

    Here stands once what every rule would repeat: sum back to the shape of a broadcast input,
    cast to its dtype, take the real part for a real input.
    """
    V = C.inputs[i]
    with derived_from(C, gradient=True):
        if isinstance(V.type, TupleType):
            return C.op.bprop(C.inputs, C, i, D)
        if not V.type.is_differentiable:
            raise NotDifferentiableError(
                f"the gradient arrives at {V.label}, which is {V.dtype} "
                f"(computed by {V.op.name}, used by {C.op.name}) and has no derivative",
                "keep the path floating, or cut it with gr.stop_gradient",
            )
        gradient = C.op.bprop(C.inputs, C, i, D)
        if gradient.type == V.type and not V.type.weak:
            return gradient
        if gradient.ndim > V.ndim or gradient.shape != V.shape:
            if gradient.ndim >= V.ndim:
                gradient = reduce.sum_to(gradient, V.shape)
            gradient = shape.broadcast_to(gradient, V.shape)
        if gradient.dtype != V.dtype or gradient.type.weak:
            if gradient.dtype.kind == "c" and V.dtype.kind != "c":
                gradient = gradient.real
            gradient = gradient.astype(V.dtype)
    return gradient


def _total(W: Variable, parts: list[Variable]) -> Variable:
    if isinstance(W.type, TupleType):
        total = parts[0]
        for part in parts[1:]:
            total = structure.add_tuples(total, part)
        return total
    if not parts:
        return create.full_of(0, W.type)
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total


def name_result(prefix: str, result: Variable, *of: Variable) -> None:
    """Call a new node ``grad_W``; a node that was there before keeps what it is called."""
    hints = result.hints
    if hints.gradient and result.inputs and hints.role is None:
        names = [v.hints.name or v.hints.target for v in of]
        if all(names) and not any(v.hints.gradient for v in of):
            hints.role = "_".join([prefix, *filter(None, names)])
