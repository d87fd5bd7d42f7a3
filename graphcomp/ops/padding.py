"""Arrays with a margin around them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from graphcomp.dims import DimLike, maximum
from graphcomp.errors import OptionError, ShapeError
from graphcomp.graph import Variable
from graphcomp.ops import compare, create, indexing
from graphcomp.ops.base import Bad, Meaning, Op, Operand, Python, Sample, as_variable
from graphcomp.registry import public
from graphcomp.types import TensorType

__all__ = ["pad"]

Widths = tuple[tuple[int, int], ...]


@dataclass(frozen=True, eq=False)
class Pad(Op):
    """x with ``widths`` elements of one value before and after it, along its last axes."""

    widths: Widths
    value: Python = 0
    flops_per_element: ClassVar[float] = 0.0

    def infer(self, x: TensorType) -> TensorType:
        if len(self.widths) > x.ndim:
            raise ShapeError(f"widths for {len(self.widths)} axes", f"it has {x.ndim} axes")
        added = [(0, 0)] * (x.ndim - len(self.widths)) + list(self.widths)
        lengths = [n + sum(pair) for n, pair in zip(x.shape, added, strict=True)]
        return x.with_shape(tuple(lengths))

    def simplify(self, x: Variable) -> Variable | None:
        return None if any(map(any, self.widths)) else x

    def meaning(self, *types: TensorType) -> Meaning:
        widths: Any = ((0, 0),) * (types[0].ndim - len(self.widths)) + self.widths
        if len({n for pair in widths for n in pair}) == 1:
            widths = widths[0][0]
        elif len(set(widths)) == 1:
            widths = widths[0]
        literals = {"widths": widths, "value": self.value}
        return Meaning("np.pad(x, widths, constant_values=value)", literals, {"constant_values": 0})

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        shape = inputs[0].shape[inputs[0].ndim - len(self.widths) :]
        inside = [slice(b, b + n) for (b, _), n in zip(self.widths, shape, strict=True)]
        return G[(..., *inside)]

    def batch(self, inputs: tuple[Variable, ...], batched: tuple[bool, ...]) -> Variable:
        return self(inputs[0])

    def oracle(self, x: np.ndarray[Any, Any]) -> Any:
        before = [0] * (x.ndim - len(self.widths)) + [b for b, _ in self.widths]
        shape = self.infer(TensorType(x.dtype, x.shape)).shape
        out = np.full(tuple(map(int, shape)), self.value, x.dtype)
        for index in np.ndindex(x.shape):
            out[tuple(k + b for k, b in zip(index, before, strict=True))] = x[index]
        return out

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for shape, widths in (
            ((3,), ((1, 1),)),
            ((1,), ((0, 2),)),
            ((0,), ((2, 1),)),
            ((2, 3), ((1, 0), (2, 1))),
            ((2, 3), ((0, 1),)),
            ((2, 0), ((1, 1), (1, 1))),
        ):
            yield Sample(cls(widths), (Operand(shape),))
        yield Sample(cls(((1, 1),), 2.5), (Operand((3,)),))
        yield Sample(cls(((1, 1),)), (Operand((3,), dtype="int64"),))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(((1, 1), (1, 1))), (Operand((3,)),), ShapeError)


@public("numpy.pad")
def pad(
    array: Any, pad_width: Any, mode: str = "constant", *, constant_values: Python = 0
) -> Variable:
    """The array with a margin around it, as ``np.pad``.

    ``pad_width`` is a number, a pair (before, after), or one such pair for each axis. ``mode``
    is ``"constant"``, ``"edge"``, ``"wrap"``, ``"reflect"`` or ``"symmetric"``. Raises
    OptionError for another mode, ShapeError for widths that do not fit or are negative.

    >>> import graphcomp as gr
    >>> gr.pad(gr.matrix("X", ("n", 3)), ((1, 1), (0, 2))).shape
    (Dim('n + 2'), 5)
    """
    x = as_variable(array)
    widths = _widths(pad_width, x)
    if mode == "constant" and isinstance(constant_values, (bool, int, float, complex)):
        return Pad(widths, constant_values)(x)
    if mode not in _SOURCES:
        raise OptionError(
            f"pad with mode={mode!r}, constant_values={constant_values!r}",
            f"use one number and 'constant', or one of {[*_SOURCES]}",
        )
    for axis, (before, after) in enumerate(widths):
        if before or after:
            n = x.shape[axis]
            places = create.arange(-before, n + after)
            x = indexing.take(x, _SOURCES[mode](places, n), axis)
    return x


def _widths(pad_width: Any, x: Variable) -> Widths:
    try:
        pairs = np.broadcast_to(np.asarray(pad_width), (x.ndim, 2))
    except ValueError:
        pairs = None
    if pairs is None or pairs.dtype.kind not in "iu" or (pairs < 0).any():
        raise ShapeError(
            f"cannot pad {x.label}, which has {x.ndim} axes, by {pad_width}",
            "give whole numbers of at least 0: one, a pair, or a pair for each axis",
        )
    return tuple((int(before), int(after)) for before, after in pairs)


def _reflect(k: Variable, n: DimLike) -> Variable:
    """Mirrored at the first and at the last element, which are not repeated."""
    period = maximum(1, 2 * n - 2)
    return compare.minimum(k % period, period - k % period)


def _symmetric(k: Variable, n: DimLike) -> Variable:
    """Mirrored at the ends, so that the first and the last element are repeated."""
    return compare.minimum(k % (2 * n), 2 * n - 1 - k % (2 * n))


# For each mode, where place k of a padded axis takes its element of the n that there are.
_SOURCES: dict[str, Callable[[Variable, DimLike], Variable]] = {
    "edge": lambda k, n: compare.clip(k, 0, n - 1),
    "wrap": lambda k, n: k % n,
    "reflect": _reflect,
    "symmetric": _symmetric,
}
