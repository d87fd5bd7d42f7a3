"""Algorithms 1 to 6 as printed: I. Goodfellow, Y. Bengio and A. Courville, *Deep Learning*,
chapter 6 (6.1 to 6.6 there, 1 to 6 in the lecture slides), in its order and with its names.

For reading beside the book, and as an oracle for ``backprop.py``: recursive, plain and slow.
Nodes are numbered from 0 here, and from 1 in the book.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from graphcomp.backprop import edge_gradient
from graphcomp.graph import Graph, Variable
from graphcomp.ops.create import full_of

Array = NDArray[np.float64]


class Node(NamedTuple):
    """u = f(parents), a scalar; ``partial(j, *values)`` is du/du_j for the j-th of its parents."""

    f: Callable[..., float]
    partial: Callable[..., float]
    parents: Sequence[int]


def algorithm_1(x: Sequence[float], nodes: Sequence[Node]) -> list[float]:
    """Forward: the values u of the inputs x and of the nodes that follow them; the last is u(n).

    >>> product = Node(lambda a, b: a * b, lambda j, a, b: (b, a)[j], (0, 1))
    >>> algorithm_1([2.0, 3.0], [product])
    [2.0, 3.0, 6.0]
    """
    u = list(x)
    for node in nodes:
        A = [u[j] for j in node.parents]
        u.append(node.f(*A))
    return u


def algorithm_2(x: Sequence[float], nodes: Sequence[Node]) -> list[float]:
    """Back-propagation on numbers: du(n)/dx for each input x.

    >>> product = Node(lambda a, b: a * b, lambda j, a, b: (b, a)[j], (0, 1))
    >>> algorithm_2([2.0, 3.0], [product])
    [3.0, 2.0]
    """
    u = algorithm_1(x, nodes)
    n = len(u)
    grad_table = [0.0] * n
    grad_table[n - 1] = 1.0
    for j in range(n - 2, -1, -1):
        grad_table[j] = sum(
            grad_table[i] * node.partial(k, *(u[parent] for parent in node.parents))
            for i, node in enumerate(nodes, len(x))
            for k, parent in enumerate(node.parents)
            if parent == j
        )
    return grad_table[: len(x)]


class MLP(NamedTuple):
    """A multi-layer perceptron of depth l = len(W), and its cost on one example."""

    W: Sequence[Array]  # W(k), of shape (units of layer k, units of layer k-1)
    b: Sequence[Array]
    f: Callable[[Array], Array]
    f_prime: Callable[[Array], Array]
    L: Callable[[Array, Array], float]
    L_gradient: Callable[[Array, Array], Array]  # by y_hat
    Omega: Callable[[Sequence[Array], Sequence[Array]], float]  # of W and b
    Omega_gradient: Callable[[Array], Array]  # by any one W(k) or b(k), given it
    lam: float


class Forward(NamedTuple):
    """What Algorithm 3 computes: activations a(1..l), outputs h(0..l), and the cost J."""

    a: list[Array]
    h: list[Array]
    J: float


class Backward(NamedTuple):
    """What Algorithm 4 computes: the gradients of J on a(1..l), W(1..l), b(1..l)."""

    a: list[Array]
    W: list[Array]
    b: list[Array]


def algorithm_3(mlp: MLP, x: Array, y: Array) -> Forward:
    """Forward propagation through a deep network, and the cost."""
    h = [x]
    a = []
    for W, b in zip(mlp.W, mlp.b, strict=True):
        a.append(b + W @ h[-1])
        h.append(mlp.f(a[-1]))
    y_hat = h[-1]
    J = mlp.L(y_hat, y) + mlp.lam * mlp.Omega(mlp.W, mlp.b)
    return Forward(a, h, J)


def algorithm_4(mlp: MLP, x: Array, y: Array) -> Backward:
    """Backward computation for the same network, from the output layer to the first."""
    a, h, _ = algorithm_3(mlp, x, y)
    result = Backward([], [], [])
    g = mlp.L_gradient(h[-1], y)
    for k in range(len(mlp.W) - 1, -1, -1):
        g = g * mlp.f_prime(a[k])
        result.a.insert(0, g)
        result.b.insert(0, g + mlp.lam * mlp.Omega_gradient(mlp.b[k]))
        result.W.insert(0, np.outer(g, h[k]) + mlp.lam * mlp.Omega_gradient(mlp.W[k]))
        g = mlp.W[k].T @ g
    return result


def algorithm_5(T: Sequence[Variable], G: Graph, z: Variable) -> dict[Variable, Variable]:
    """The outermost skeleton of back-propagation; as ``graphcomp.backprop``."""
    G_prime = G.prune(z, T)
    grad_table = {z: full_of(1, z.type)}
    for V in T:
        algorithm_6(V, G, G_prime, grad_table)
    return {V: grad_table[V] for V in T}


def algorithm_6(
    V: Variable, G: Graph, G_prime: Graph, grad_table: dict[Variable, Variable]
) -> Variable:
    """The inner loop, build_grad(V, G, G', grad_table); recursive, as in the book."""
    if V in grad_table:
        return grad_table[V]
    total = None
    for C in G_prime.get_consumers(V) if V in G_prime else ():
        D = algorithm_6(C, G, G_prime, grad_table)
        for i, argument in enumerate(G.get_inputs(C)):
            if argument is V and i not in G.get_operation(C).nondiff:
                part = edge_gradient(C, i, D)  # op.bprop(get_inputs(C, G'), V, D)
                total = part if total is None else total + part
    grad_table[V] = full_of(0, V.type) if total is None else total
    G.insert(grad_table[V])
    return grad_table[V]
