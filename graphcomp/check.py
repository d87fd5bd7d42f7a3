"""A gradient checker: the built gradient beside central differences of the function."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphcomp.calculus import grad
from graphcomp.errors import GradientError, OptionError
from graphcomp.evaluate import evaluate
from graphcomp.graph import Variable, derived_from, topological
from graphcomp.ops.base import Op
from graphcomp.ops.batching import placeholder
from graphcomp.ops.random import as_input
from graphcomp.tree import leaves
from graphcomp.types import GENERATOR, DType

_EPSILON = float(np.finfo(np.float64).eps)
_STEP = _EPSILON ** (1 / 5)  # balances rounding, eps/step, with the stencil's error, step**4
_STEPS = (_STEP, _STEP / 100)  # the second for points near a kink
_DOUBLE = {"float16": "float64", "float32": "float64", "complex64": "complex128"}


@dataclass(frozen=True)
class GradientReport:
    """What ``check_grad`` found.

    ``errors`` has the largest relative error of each variable, by name; ``compared`` counts the
    elements; ``kinks`` names those where the slopes from left and right differ, and the
    gradient lies between them.
    """

    errors: dict[str, float]
    compared: int
    kinks: tuple[str, ...]

    @property
    def largest(self) -> float:
        """The largest relative error of all."""
        return max(self.errors.values(), default=0.0)

    def __str__(self) -> str:
        lines = [f"{name}: relative error {error:.1e}" for name, error in self.errors.items()]
        kinks = f", kinks at {', '.join(self.kinks)}" if self.kinks else ""
        return "\n".join([*lines, f"{self.compared} elements compared{kinks}"])


def check_grad(
    z: Variable,
    wrt: Any,
    values: Mapping[Variable, Any],
    *,
    tolerance: float | None = None,
    elements: int = 100,
) -> GradientReport:
    """Compare ``grad(z, wrt)`` with differences of z, in double precision.

    ``wrt`` is a variable or a nested structure of them, each with its value in ``values``, as
    for ``evaluate``. At most ``elements`` elements of each variable are compared, evenly
    spread. The differences are of fourth order, computed in float64 (complex128) whatever the
    graph's dtypes. ``tolerance`` is relative: 1e-6, or 1e-3 where single precision comes in.
    At a kink any gradient between the slopes on both sides passes, and the report says where.
    The values are first compared with what was declared of them.

    Raises GradientError, which names the element and both values; OptionError where ``values``
    lacks a variable of ``wrt``; and as ``grad`` and ``evaluate``.

    >>> import graphcomp as gr
    >>> x = gr.vector("x", 2)
    >>> gr.check_grad(gr.sum(x * x), x, {x: [1.0, 2.0]}).compared
    2
    """
    xs = [x for _, x in leaves(wrt)]
    values = {as_input(v): value for v, value in values.items()}
    evaluate(_fresh(values), z, check_assumptions=True)
    gradients = evaluate(_fresh(values), grad(z, xs, independent="zeros"))
    single = any(v.dtype.name in _DOUBLE for v in (z, *xs))
    limit = tolerance if tolerance is not None else 1e-3 if single else 1e-6
    wide_z, wide = _in_double(z, values)
    point = {
        wide[v]: value if v.type == GENERATOR else np.array(value, wide[v].dtype)
        for v, value in values.items()
    }
    errors: dict[str, float] = {}
    kinks: list[str] = []
    compared = 0
    for x, gradient in zip(xs, gradients, strict=True):
        if x not in wide:
            raise OptionError(f"values lacks {x.label}, which is in wrt", "give its array")
        errors[x.label] = 0.0
        for index in _spread(np.shape(gradient), elements):
            name = x.label + (f"[{', '.join(map(str, index))}]" if index else "")
            built = complex(gradient[index])
            found, kink = _compare(_Element(wide_z, point, wide[x], index), built, limit)
            error = found.error(built)
            if error > limit and not (kink and found.between(built)):
                raise _failure(f"{z.label} on {name}", built, error, found, kink)
            errors[x.label] = max(errors[x.label], 0.0 if kink else error)
            kinks += [name] if kink else []
            compared += 1
    return GradientReport(errors, compared, tuple(kinks))


@dataclass(frozen=True)
class _Slopes:
    """Differences at one element: central, from the left, from the right; and their noise.

    For a complex element the imaginary part is the slope along the imaginary axis.
    """

    central: complex
    left: complex
    right: complex
    noise: float

    def error(self, built: complex) -> float:
        """The relative error of a gradient, beyond what rounding explains."""
        excess = max(0.0, abs(built - self.central) - self.noise)
        if np.isnan(excess):
            return float("inf")
        return excess and excess / max(abs(built), abs(self.central))

    @property
    def gap(self) -> float:
        return abs(self.right - self.left)

    def between(self, built: complex) -> bool:
        """Whether a gradient lies between the slopes on both sides."""
        slack = self.noise + 1e-4 * self.gap
        return all(
            min(a, b) - slack <= g <= max(a, b) + slack
            for a, b, g in (
                (self.left.real, self.right.real, built.real),
                (self.left.imag, self.right.imag, built.imag),
            )
        )


@dataclass(frozen=True)
class _Element:
    """One element of x, as an argument of z."""

    z: Variable
    point: Mapping[Variable, Any]
    x: Variable
    index: tuple[int, ...]

    def at(self, shift: complex) -> float:
        moved = self.point[self.x].copy()
        moved[self.index] += shift
        return float(evaluate({**_fresh(self.point), self.x: moved}, self.z))

    def slopes(self, step: float) -> _Slopes:
        value = self.point[self.x][self.index]
        step *= max(1.0, abs(value))
        central = left = right = 0j
        largest = 0.0
        for unit in (1, 1j) if np.iscomplexobj(value) else (1,):
            f = {k: self.at(k * step * unit) for k in (-2, -1, 0, 1, 2)}
            central += unit * (8 * (f[1] - f[-1]) - (f[2] - f[-2])) / (12 * step)
            left += unit * (f[0] - f[-1]) / step
            right += unit * (f[1] - f[0]) / step
            largest = max(largest, *map(abs, f.values()))
        return _Slopes(central, left, right, 16 * _EPSILON * largest / step)


def _fresh(values: Mapping[Variable, Any]) -> dict[Variable, Any]:
    """The values, with copies of generators: every evaluation draws the same numbers."""
    return {v: copy.deepcopy(x) if v.type == GENERATOR else x for v, x in values.items()}


def _compare(element: _Element, built: complex, limit: float) -> tuple[_Slopes, bool]:
    """The differences that are nearer to the gradient, and whether they stand at a kink."""
    coarse = element.slopes(_STEPS[0])
    if coarse.error(built) <= limit:
        return coarse, False
    fine = element.slopes(_STEPS[1])
    # the slopes of a smooth function approach each other with the step
    kink = fine.gap > max(0.1 * coarse.gap, fine.noise) and fine.error(built) > limit
    nearer = fine if kink or fine.error(built) < coarse.error(built) else coarse
    return nearer, kink


def _failure(what: str, built: complex, error: float, found: _Slopes, kink: bool) -> GradientError:
    def show(value: complex) -> str:
        return f"{value:.10g}" if value.imag else f"{value.real:.10g}"

    where = ""
    if kink:
        where = f"; at this kink its slopes are {show(found.left)} and {show(found.right)}"
    return GradientError(
        f"the gradient of {what} is {show(built)}, and differences give {show(found.central)} "
        f"(relative error {error:.1e}){where}",
        "look at the derivatives of the operations between them, and at gr.custom_vjp and "
        "gr.stop_gradient",
    )


def _spread(shape: tuple[int, ...], most: int) -> Iterator[tuple[int, ...]]:
    """The indices of at most so many elements, evenly spread."""
    size = int(np.prod(shape, dtype=int))
    for flat in np.unique(np.linspace(0, size - 1, min(size, most)).round().astype(int)):
        yield tuple(int(k) for k in np.unravel_index(flat, shape))


def _in_double(
    z: Variable, values: Mapping[Variable, Any]
) -> tuple[Variable, dict[Variable, Variable]]:
    """z in double precision, as a function of inputs in double precision."""
    table = {
        v: v if v.type == GENERATOR else placeholder(v.label, v.type.with_dtype(_double(v.dtype)))
        for v in values
    }
    wide = dict(table)
    for variable in topological([z]):
        if variable not in table and variable.inputs:
            with derived_from(variable):
                inputs = [table[argument] for argument in variable.inputs]
                table[variable] = _double_op(variable.op)(*inputs)
        table.setdefault(variable, variable)
    return table[z], wide


def _double_op(op: Op) -> Op:
    dtype = op.attributes.get("dtype")
    if dtype is None or dtype.name not in _DOUBLE:
        return op
    return dataclasses.replace(op, dtype=_double(dtype))  # type: ignore[type-var]


def _double(dtype: DType) -> DType:
    return np.dtype(_DOUBLE.get(dtype.name, dtype))
