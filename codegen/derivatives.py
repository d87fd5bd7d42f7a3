"""What a module is asked for, as outputs: the value, gradients, Jacobians, Hessians, products."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from graphcomp import tree
from graphcomp.calculus import grad, hessian, hvp, jacobian
from graphcomp.errors import OptionError
from graphcomp.graph import Variable
from graphcomp.inputs import variable
from graphcomp.ops.base import Input

Named = list[tuple[str, Variable]]
Pair = tuple[list[Variable], Named]


def derive(
    want: str,
    inputs: Sequence[Variable],
    outputs: Any,
    wrt: Sequence[Variable],
    name: str,
    stabilise: bool = True,
) -> Pair:
    """Inputs and named outputs of one wanted function; OptionError for an unknown one.

    ``stabilise`` is that of ``gr.grad``.
    """
    if want not in _WANTS:
        raise OptionError(f"want={want!r} is unknown", f"use some of {', '.join(_WANTS)}")
    return _WANTS[want](list(inputs), outputs, list(wrt), name, stabilise)


def names_in(wrt: Any) -> list[str]:
    """The names in ``"w, b"`` or ``["w", "b"]``; none in None."""
    return wrt.replace(",", " ").split() if isinstance(wrt, str) else list(wrt or ())


def wanted_inputs(inputs: Sequence[Variable], wrt: Any) -> list[Variable]:
    """The inputs that ``wrt`` names: a name or several; a parameter stands for all in it."""
    floating = [v for v in inputs if v.type.is_differentiable]
    if wrt is None:
        return floating[:1]
    found: list[Variable] = []
    for name in names_in(wrt):
        exact = [v for v in inputs if v.name == name]
        inside = [v for v in inputs if str(v.name).startswith(f"{name}_")]
        if not (exact or inside):
            known = ", ".join(str(v.name) for v in inputs)
            raise OptionError(f"wrt={name!r} is none of the arguments", f"they are {known}")
        found += exact or inside
    return found


def _fun(
    inputs: list[Variable], outputs: Any, wrt: list[Variable], name: str, stabilise: bool
) -> Pair:
    return inputs, _labelled(outputs, name, inputs)


def _grad(
    inputs: list[Variable], outputs: Any, wrt: list[Variable], name: str, stabilise: bool
) -> Pair:
    gradients = grad(_only(outputs, "a gradient"), wrt, stabilise=stabilise)
    return inputs, [(f"grad_{x.name}", g) for x, g in zip(wrt, gradients, strict=True)]


def _fun_and_grad(
    inputs: list[Variable], outputs: Any, wrt: list[Variable], name: str, stabilise: bool
) -> Pair:
    _, gradients = _grad(inputs, outputs, wrt, name, stabilise)
    return inputs, _labelled(outputs, name, inputs) + gradients


def _hess(
    inputs: list[Variable], outputs: Any, wrt: list[Variable], name: str, stabilise: bool
) -> Pair:
    z = _only(outputs, "a Hessian")
    if len(wrt) == 1:
        return inputs, [(f"hess_{wrt[0].name}", hessian(z, wrt[0], stabilise=stabilise))]
    blocks = hessian(z, wrt, stabilise=stabilise)
    return inputs, [
        (f"hess_{x.name}" if i == j else f"hess_{x.name}_{y.name}", blocks[i][j])
        for i, x in enumerate(wrt)
        for j, y in enumerate(wrt)
    ]


def _jac(
    inputs: list[Variable], outputs: Any, wrt: list[Variable], name: str, stabilise: bool
) -> Pair:
    named = _labelled(outputs, name, inputs)
    prefix = [
        f"jac_{label or k}_" if len(named) > 1 else "jac_" for k, (label, _) in enumerate(named)
    ]
    return inputs, [
        (f"{head}{x.name}", jacobian(y, x, stabilise=stabilise))
        for head, (_, y) in zip(prefix, named, strict=True)
        for x in wrt
    ]


def _hvp(
    inputs: list[Variable], outputs: Any, wrt: list[Variable], name: str, stabilise: bool
) -> Pair:
    z = _only(outputs, "a Hessian-vector product")
    taken = {str(v.name) for v in inputs}
    vectors = []
    for x in wrt:
        label = "v" if len(wrt) == 1 else f"v_{x.name}"
        while label in taken:
            label += "_1"
        vectors.append(variable(label, x.shape, x.dtype))
    products = hvp(z, wrt, vectors, stabilise=stabilise)
    named = [(f"hvp_{x.name}", p) for x, p in zip(wrt, products, strict=True)]
    return [*inputs, *vectors], named


_WANTS: dict[str, Callable[[list[Variable], Any, list[Variable], str, bool], Pair]] = {
    "fun": _fun,
    "grad": _grad,
    "fun_and_grad": _fun_and_grad,
    "hess": _hess,
    "jac": _jac,
    "hvp": _hvp,
}


def _labelled(outputs: Any, name: str, inputs: Sequence[Variable]) -> Named:
    """The results with their names: the user's own, or the function's where it has one only."""
    taken = {v.name for v in inputs}
    if isinstance(outputs, Variable):
        own = _own_name(outputs)
        return [(name if not own or own in taken else own, outputs)]
    return [(_own_name(v) if path.isdigit() else path, v) for path, v in tree.leaves(outputs)]


def _own_name(v: Variable) -> str:
    return "" if isinstance(v.op, Input) else v.hints.name or v.hints.target or ""


def _only(outputs: Any, what: str) -> Variable:
    leaves = [v for _, v in tree.leaves(outputs)]
    if len(leaves) != 1:
        raise OptionError(f"{what} needs a function of one result, and it has {len(leaves)}")
    only: Variable = leaves[0]
    return only
