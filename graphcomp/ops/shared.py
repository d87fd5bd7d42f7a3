"""What several functions share: one exponential, taken once.

Made by the last passes of rewriting, where a graph has softmax and its logarithm of one value,
sigmoid and softplus of another. Stabilisation, which would put the functions together again,
looks through none of these.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from graphcomp.errors import DTypeError, ShapeError
from graphcomp.graph import Variable
from graphcomp.ops import activations, structure
from graphcomp.ops.base import Bad, Meaning, Op, Operand, Sample
from graphcomp.ops.elementwise import Unary
from graphcomp.ops.reduce import Axes, axis_literal
from graphcomp.types import TensorType, TupleType

Array = np.ndarray[Any, Any]


class SharedExp(Unary):
    """exp(x), that several values are computed from."""

    ufunc = np.exp
    oracle = "mp.exp(x)"

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return y


@dataclass(frozen=True, eq=False)
class WithSoftmax(Op, abstract=True):
    """Base of two results over ``axes`` of one exponential, the second of which is softmax."""

    axes: Axes
    helper: ClassVar[str]
    takes_out: ClassVar[bool] = False

    @property
    def first(self) -> Op:
        """The operation that the first result is of."""
        raise NotImplementedError

    @property
    def second(self) -> activations.Softmax:
        return activations.Softmax(self.axes)

    def infer(self, *types: TensorType) -> TupleType:
        first, second = self.first.infer(*types), self.second.infer(*types)
        if types[0].dtype.kind != "f" or types[0].weak:
            raise DTypeError(f"{self.name} does not take {types[0].dtype}", "convert to float")
        assert isinstance(first, TensorType)
        return TupleType((first, second))

    def meaning(self, *types: TensorType) -> Meaning:
        axis = axis_literal(self.axes, types[0].ndim)
        return Meaning(f"{self.helper}(x, axis=axis)", {"axis": axis}, {"axis": None})

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        softmax = structure.Project(1)(output)
        G_first, G_second = structure.unpack(G)
        through = G_second - self.second.total(G_second * softmax)
        return self.of_first(G_first, softmax) + softmax * through

    def of_first(self, G: Variable, softmax: Variable) -> Variable:
        """The gradient on x of the first result."""
        raise NotImplementedError

    def oracle(self, x: Array) -> Any:
        return self.first.oracle(x), self.second.oracle(x)

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls((-3,)), (Operand((2, 3)),), ShapeError)
        yield Bad(cls((-1,)), (Operand((3,), dtype="int64"),), DTypeError)


class LogSoftmaxSoftmax(WithSoftmax):
    """x - log(sum(exp(x))) and its exponential."""

    helper = "_log_softmax_softmax"

    @property
    def first(self) -> Op:
        return activations.LogSoftmax(self.axes)

    def of_first(self, G: Variable, softmax: Variable) -> Variable:
        return G - softmax * self.second.total(G)

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        extreme = Operand((3, 2), kind="fixed", value=[[800, 801], [-800, -802], [800, -800.0]])
        for axes, operand in (
            ((-1,), Operand((5,))),
            ((-2,), Operand((2, 3))),
            ((-2, -1), Operand((2, 2))),
            ((-1,), extreme),
        ):
            yield Sample(cls(axes), (operand,))


@dataclass(frozen=True, eq=False)
class LogsumexpSoftmax(WithSoftmax):
    """log(sum(exp(x))) and exp(x) / sum(exp(x)), which is 0 where all x are -inf."""

    keepdims: bool = False
    helper = "_logsumexp_softmax"

    @property
    def first(self) -> activations.Logsumexp:
        return activations.Logsumexp(self.axes, self.keepdims)

    def meaning(self, *types: TensorType) -> Meaning:
        literals = {"axis": axis_literal(self.axes, types[0].ndim), "keepdims": self.keepdims}
        text = f"{self.helper}(x, axis=axis, keepdims=keepdims)"
        return Meaning(text, literals, {"axis": None, "keepdims": False})

    def of_first(self, G: Variable, softmax: Variable) -> Variable:
        return self.first.expand(G) * softmax

    def oracle(self, x: Array) -> Any:
        kept = [k for k in range(x.ndim) if k - x.ndim not in self.axes]
        groups: dict[tuple[int, ...], list[float]] = {}
        for index in np.ndindex(x.shape):
            groups.setdefault(tuple(index[k] for k in kept), []).append(float(x[index]))
        totals = [math.log(math.fsum(map(math.exp, group))) for group in groups.values()]
        shape = self.first.infer(TensorType(x.dtype, x.shape)).shape
        return np.reshape(totals, shape)[()], self.second.oracle(x)

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for shape, axes, keepdims in (
            ((5,), (-1,), False),
            ((2, 3), (-2,), True),
            ((2, 2), (-2, -1), False),
        ):
            yield Sample(cls(axes, keepdims), (Operand(shape),))


shared_exp = SharedExp()
