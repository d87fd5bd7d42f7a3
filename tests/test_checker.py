"""The checker of derivatives is checked itself: wrong rules are planted, and must be caught."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import graphcomp as gr
from graphcomp.ops.arithmetic import Multiply
from graphcomp.ops.base import Op, Operand, Sample
from graphcomp.ops.contract import Matmul
from graphcomp.ops.parts import Absolute
from graphcomp.ops.reduce import Sum
from graphcomp.ops.transcendental import Exp
from tests.checks import Use, assert_close, oracle_values
from tests.test_ops import check_first


class ScaledExp(Exp, abstract=True):
    """A derivative times 1.001."""

    def partial(self, x: gr.Variable, y: gr.Variable) -> gr.Variable:
        return 1.001 * y


class DroppedMultiply(Multiply, abstract=True):
    """A term that is dropped: nothing for the second operand."""

    def partial(self, i: int, x: gr.Variable, y: gr.Variable, z: gr.Variable) -> gr.Variable:
        return y if i == 0 else gr.zeros_like(x)


class WrongAxisSum(Sum, abstract=True):
    """The gradient put back along the wrong axis of a square operand."""

    def bprop(
        self, inputs: tuple[gr.Variable, ...], output: gr.Variable, i: int, G: gr.Variable
    ) -> gr.Variable:
        return gr.broadcast_to(gr.expand_dims(G, -1), inputs[0].shape)


class SwappedMatmul(Matmul, abstract=True):
    """The transpose on the wrong operand, for square ones."""

    def bprop(
        self, inputs: tuple[gr.Variable, ...], output: gr.Variable, i: int, G: gr.Variable
    ) -> gr.Variable:
        x, y = inputs
        return y.mT @ G if i == 0 else G @ x.mT


PLANTED: list[tuple[Op, tuple[tuple[int, ...], ...]]] = [
    (ScaledExp(), ((3,),)),
    (DroppedMultiply(), ((3,), (3,))),
    (WrongAxisSum((-2,)), ((3, 3),)),
    (SwappedMatmul(), ((3, 3), (3, 3))),
]


def checked(op: Op, shapes: tuple[tuple[int, ...], ...]) -> Callable[[], object]:
    use = Use.of(Sample(op, tuple(Operand(shape) for shape in shapes)), 3)
    z = use.scalar()
    assert z is not None
    return lambda: check_first(use, z)


@pytest.mark.parametrize(("op", "shapes"), PLANTED, ids=lambda value: type(value).__name__)
def test_planted_error_is_caught(op: Op, shapes: tuple[tuple[int, ...], ...]) -> None:
    with pytest.raises(AssertionError, match="error"):
        checked(op, shapes)()


@pytest.mark.parametrize(("op", "shapes"), PLANTED, ids=lambda value: type(value).__name__)
def test_the_right_rule_passes(op: Op, shapes: tuple[tuple[int, ...], ...]) -> None:
    right = type(op).__mro__[1]
    checked(right(**op.attributes), shapes)()


def test_points_at_a_kink_are_masked() -> None:
    at = Operand((4,), kind="fixed", value=[0.0, 0.01, -0.01, 0.5])
    assert Use.of(Sample(Absolute(), (at,)), 3).kink_mask(0).tolist() == [True, True, True, False]


def test_a_small_derivative_is_not_taken_for_zero() -> None:
    with pytest.raises(AssertionError):
        assert_close([1.001e-3], [1e-3], 1e-6, "small", floor=1e-4)


def test_a_wrong_oracle_is_noticed() -> None:
    class Doubled(Exp, abstract=True):
        oracle = "2*mp.exp(x)"

    use = Use.of(Sample(Doubled(), (Operand((3,)),)), 3)
    with pytest.raises(AssertionError):
        assert_close(use.at(use.output), oracle_values(use)[0], 1e-12, "exp")
    assert np.isfinite(use.at(use.output)).all()
