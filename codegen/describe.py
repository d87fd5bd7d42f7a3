"""The docstrings of generated functions and files, from what is computed from what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from codegen.layout import WIDTH
from codegen.program import Function, Slot
from graphcomp.types import format_shape

_ROOM = WIDTH - 10  # between indentation and quotes


def of_function(function: Function, about: str = "") -> str:
    """``J () and grad_w (p,), for w (p,), X (n, p).``, behind a summary where there is one.

    ``about`` is a line on the function whose derivative it is.
    """
    above = "\n".join(line for line in (function.summary, about) if line)
    types = _types(function)
    return f"{above}\n\n{types}" if above else types


def of_file(functions: Sequence[Function]) -> str:
    """``step: J and its gradient by W, b.`` where that is what the only function computes."""
    if len(functions) != 1 or functions[0].summary or not functions[0].results:
        return ""
    (function,) = functions
    results = [s.name for s in function.results]
    gradients = [name.removeprefix("grad_") for name in results if name.startswith("grad_")]
    values = [name for name in results if not name.startswith("grad_")]
    if not gradients or len(values) > 1:
        return ""
    subject = f"{values[0]} and its gradient" if values else "gradient"
    return f"{function.name}: {subject} by {', '.join(gradients)}."


def of_derivative(want: str, function: str, wrt: Sequence[str]) -> str:
    """What one wanted function of a traced one computes: ``Hessian of nll(w, X) by w.``"""
    by = ", ".join(wrt)
    function = function or "the function"
    return {
        "fun": f"Value of {function}.",
        "grad": f"Gradient of {function} by {by}.",
        "fun_and_grad": f"Value of {function} and its gradient by {by}.",
        "hess": f"Hessian of {function} by {by}.",
        "jac": f"Jacobian of {function} by {by}.",
        "hvp": f"Hessian of {function} by {by}, times a vector.",
    }[want]


def _types(function: Function) -> str:
    slots = [*function.arguments, *function.results]
    counts = Counter(s.dtype.name for s in slots if s.dtype.kind != "O")
    common = counts.most_common(1)[0][0] if counts else ""
    results = [_described(s, common) for s in function.results]
    arguments = [_described(s, common) for s in function.arguments]
    types = f"; {'all' if len(counts) == 1 else 'others'} {common}" if common else ""
    given = f", for {', '.join(arguments)}" if arguments else ""
    one = f"{_and(results)}{given}{types}."
    if len(one) <= _ROOM:
        return one
    first = ", ".join(results)
    second = ", ".join(arguments).replace(" ", " is ", 1)
    return f"{first}.\n\n{second}{types}." if second else f"{first}{types}."


def _and(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _described(slot: Slot, common: str) -> str:
    if slot.dtype.kind == "O":
        return slot.name
    dtype = "" if slot.dtype.name == common else f" {slot.dtype.name}"
    declared = f" {slot.declared}" if slot.declared else ""
    return f"{slot.name} {format_shape(slot.shape)}{dtype}{declared}"
