"""Operations whose value is an input's own, and which steer differentiation."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from graphcomp.errors import OptionError, ShapeError, ValueKindError
from graphcomp.graph import Variable
from graphcomp.ops import create, shape
from graphcomp.ops.base import Input, Meaning, Op, Operand, Sample, as_variable
from graphcomp.ops.batching import batch_outputs, element
from graphcomp.types import TensorType, format_shape

Rule = Callable[[tuple[Variable, ...], Variable, Variable], Sequence[Any]]


class StopGradient(Op):
    """x, which no gradient passes."""

    expression: ClassVar[str] = "x"
    is_view: ClassVar[bool] = True
    flops_per_element: ClassVar[float] = 0.0

    @property
    def nondiff(self) -> frozenset[int]:
        return frozenset((0,))

    def infer(self, *types: TensorType) -> TensorType:
        return types[0]

    def simplify(self, x: Variable) -> Variable | None:
        """What passes no gradient anyway is left as it is."""
        closed = not x.inputs and not isinstance(x.op, Input)
        cut = closed or isinstance(x.op, StopGradient) or not x.type.is_differentiable
        return x if cut else None

    @staticmethod
    def oracle(x: np.ndarray[Any, Any]) -> Any:
        return x

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for operand in ((), (0,), (5,), (2, 3)):
            yield Sample(cls(), (Operand(operand),))


def stop_gradient(x: Any) -> Variable:
    """The value of x, as a constant for differentiation: no gradient passes it.

    Shape and dtype are x's.

    >>> import graphcomp as gr
    >>> x = gr.scalar("x")
    >>> gr.evaluate({x: 3.0}, gr.grad(x * gr.stop_gradient(x), x))
    np.float64(3.0)
    """
    return StopGradient()(x)


@dataclass(frozen=True, eq=False)
class CustomVjp(Op):
    """y, a function of xs whose gradients on xs are the user's own; the inputs are y, then xs.

    ``stopped`` are the positions that no gradient goes to: y itself, and what is not floating.
    """

    rule: CheckedRule | BatchedRule
    stopped: tuple[int, ...] = (0,)
    parameters: ClassVar[tuple[str, ...]] = ("y", "*xs")
    is_view: ClassVar[bool] = True
    flops_per_element: ClassVar[float] = 0.0

    def _make_key(self) -> tuple[Any, ...]:
        return (CustomVjp, self.rule, self.stopped)

    def describe(self) -> str:
        return f"{self.name}({self.rule.function})"

    @property
    def nondiff(self) -> frozenset[int]:
        return frozenset(self.stopped)

    def infer(self, *types: TensorType) -> TensorType:
        return types[0]

    def meaning(self, *types: TensorType) -> Meaning:
        return Meaning("y")

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        return self.rule(inputs[1:], output, G)[i - 1]

    def batch(self, inputs: tuple[Variable, ...], batched: tuple[bool, ...]) -> Variable:
        y, *xs = inputs
        if not batched[0]:
            y = shape.broadcast_to(y, (xs[batched.index(True) - 1].shape[0], *y.shape))
        return replace(self, rule=BatchedRule(self.rule, batched[1:]))(y, *xs)

    @staticmethod
    def oracle(y: np.ndarray[Any, Any], x: np.ndarray[Any, Any]) -> Any:
        return y

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        op = cls(CheckedRule(_no_gradient, "_no_gradient"))
        for operand in ((), (0,), (3,), (2, 3)):
            yield Sample(op, (Operand(operand), Operand(operand)))


def _no_gradient(xs: tuple[Variable, ...], y: Variable, G: Variable) -> tuple[None, ...]:
    return (None,) * len(xs)


@dataclass(frozen=True)
class CheckedRule:
    """A user's rule, whose result has one gradient for each input, in the input's shape."""

    rule: Rule
    function: str

    def __call__(
        self, xs: tuple[Variable, ...], y: Variable, G: Variable
    ) -> tuple[Variable, ...]:
        gradients = self.rule(xs, y, G)
        if not isinstance(gradients, (tuple, list)) or len(gradients) != len(xs):
            many = isinstance(gradients, (tuple, list))
            raise OptionError(
                f"the vjp of {self.function} returned "
                f"{len(gradients) if many else type(gradients).__name__}, "
                f"and it has {len(xs)} inputs",
                "return a tuple with one gradient, or None, for each input",
            )
        return tuple(map(self._checked, range(len(xs)), xs, gradients))

    def _checked(self, i: int, x: Variable, gradient: Any) -> Variable:
        if gradient is None:
            return create.full_of(0, x.type)
        given = as_variable(gradient)
        if given.shape != x.shape:
            raise ShapeError(
                f"the vjp of {self.function} returned shape {format_shape(given.shape)} "
                f"for input {i}, which has shape {format_shape(x.shape)}",
                "a gradient has its input's shape",
            )
        return given


@dataclass(frozen=True)
class BatchedRule:
    """A rule along a leading axis of y, G and the inputs marked in ``batched``."""

    rule: CheckedRule | BatchedRule
    batched: tuple[bool, ...]

    @property
    def function(self) -> str:
        return self.rule.function

    def __call__(
        self, xs: tuple[Variable, ...], y: Variable, G: Variable
    ) -> tuple[Variable, ...]:
        one = [element(x) if b else x for x, b in zip(xs, self.batched, strict=True)]
        one_y, one_G = element(y), element(G)
        gradients = self.rule(tuple(one), one_y, one_G)
        whole = {e: x for e, x, b in zip(one, xs, self.batched, strict=True) if b}
        table = batch_outputs(gradients, {**whole, one_y: y, one_G: G})
        size = G.shape[0]
        wide = [
            table[g] if g in table else shape.broadcast_to(g, (size, *g.shape)) for g in gradients
        ]
        return tuple(
            # an input that all elements share receives the sum of what they send
            g if b else g.sum(axis=0)
            for g, b in zip(wide, self.batched, strict=True)
        )


def custom_vjp(function: Callable[..., Any], vjp: Rule) -> Callable[..., Variable]:
    """``function`` with a derivative of the user's own.

    ``function`` takes variables and returns one variable. ``vjp(inputs, output, G)`` takes the
    tuple of its inputs, its output, and G, the gradient on the output; it returns a tuple with
    the gradient on each input, of that input's shape, or None for zero. The value is computed
    by ``function``'s own graph. Derivatives of any order work where ``vjp`` is made of
    operations; ``jvp`` needs it to be linear in G. For complex values the gradients are those
    of the plain transpose, without conjugates.

    Raises ValueKindError where ``function`` returns something else than one variable,
    OptionError for a wrong number of gradients, ShapeError for one of another shape (both when
    a gradient is built).

    >>> import graphcomp as gr
    >>> clipped = gr.custom_vjp(lambda x: x * x, lambda xs, y, G: (0.5 * G,))
    >>> x = gr.scalar("x")
    >>> gr.evaluate({x: 3.0}, [clipped(x), gr.grad(clipped(x), x)])
    [np.float64(9.0), np.float64(0.5)]
    """
    name = getattr(function, "__name__", type(function).__name__)
    rule = CheckedRule(vjp, name)

    def steered(*args: Any) -> Variable:
        xs = [as_variable(arg) for arg in args]
        y = function(*xs)
        if not isinstance(y, Variable):
            raise ValueKindError(
                f"{name} returned {type(y).__name__}, and its derivative is that of one variable",
                "return one variable; several are several functions, or gr.stack of them",
            )
        fixed = [k for k, x in enumerate(xs, 1) if not x.type.is_differentiable]
        return CustomVjp(rule, (0, *fixed))(y, *xs)

    functools.update_wrapper(steered, function)
    return steered
