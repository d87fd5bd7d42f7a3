"""Arrays with a margin around them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from graphcomp.dims import Dim, DimLike, as_dim, maximum
from graphcomp.errors import DTypeError, OptionError, ShapeError
from graphcomp.graph import Variable
from graphcomp.ops import compare, create, join, ranges, reduce, scatter, shape as shapes
from graphcomp.ops.base import Bad, Meaning, Op, Operand, Python, Sample, as_variable, axis_from_end
from graphcomp.ops.indices import FULL
from graphcomp.registry import call, public
from graphcomp.types import TensorType, format_shape

__all__ = ["pad"]

Widths = tuple[tuple[DimLike, DimLike], ...]
Array = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False)
class Margin(Op, abstract=True):
    """Base: x with ``widths`` elements before and after it, along its last axes."""

    widths: Widths
    flops_per_element: ClassVar[float] = 0.0

    def infer(self, x: TensorType) -> TensorType:
        if len(self.widths) > x.ndim:
            raise ShapeError(f"widths for {len(self.widths)} axes", f"it has {x.ndim} axes")
        added = [(0, 0)] * (x.ndim - len(self.widths)) + list(self.widths)
        lengths = [n + before + after for n, (before, after) in zip(x.shape, added, strict=True)]
        return x.with_shape(tuple(lengths))

    def simplify(self, x: Variable) -> Variable | None:
        is_nothing = all(n == 0 for pair in self.widths for n in pair)
        return x if is_nothing and not x.type.weak else None

    def literal(self, ndim: int) -> Any:
        """The widths as people write them."""
        return _shortest(((0, 0),) * (ndim - len(self.widths)) + self.widths)

    def batch(self, inputs: tuple[Variable, ...], batched: tuple[bool, ...]) -> Variable:
        return self(inputs[0])

    def before(self, x: Array) -> list[int]:
        """The widths before each axis, for the oracles."""
        return [0] * (x.ndim - len(self.widths)) + [int(b) for b, _ in self.widths]

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(((1, 1), (1, 1))), (Operand((3,)),), ShapeError)


def _shortest(pairs: tuple[tuple[Any, Any], ...]) -> Any:
    """One number, or one pair, where that says it all."""
    if all(pair == pairs[0] for pair in pairs):
        return pairs[0][0] if pairs[0][0] == pairs[0][1] else pairs[0]
    return pairs


@dataclass(frozen=True, eq=False)
class Pad(Margin):
    """x with a margin of one number, or of one for each side of each of the last axes."""

    value: Python | tuple[tuple[Python, Python], ...] = 0

    def meaning(self, *types: TensorType) -> Meaning:
        value: Any = self.value
        if isinstance(value, tuple):
            value = ((0, 0),) * (types[0].ndim - len(value)) + value
        literals = {"widths": self.literal(types[0].ndim), "constant_values": value}
        return Meaning(
            "np.pad(x, widths, constant_values=constant_values)", literals, {"constant_values": 0}
        )

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        shape = inputs[0].shape[inputs[0].ndim - len(self.widths) :]
        inside = [slice(b, b + n) for (b, _), n in zip(self.widths, shape, strict=True)]
        return G[(..., *inside)]

    def oracle(self, x: Array) -> Any:
        value = self.value
        sides = value if isinstance(value, tuple) else ((value, value),) * len(self.widths)
        shape = self.infer(TensorType(x.dtype, x.shape)).shape
        out = np.zeros(tuple(map(int, shape)), x.dtype)
        first, lead = self.before(x), x.ndim - len(self.widths)
        for index in np.ndindex(out.shape):
            out[index] = 0
            for k in range(x.ndim):  # the last axis that is outside decides
                place = index[k] - first[k]
                if not 0 <= place < x.shape[k]:
                    out[index] = sides[k - lead][place >= 0]
            inside = tuple(i - b for i, b in zip(index, first, strict=True))
            if all(0 <= i < n for i, n in zip(inside, x.shape, strict=True)):
                out[index] = x[inside]
        return out

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        uses: tuple[tuple[tuple[int, ...], Widths], ...] = (
            ((3,), ((1, 1),)),
            ((1,), ((0, 2),)),
            ((0,), ((2, 1),)),
            ((2, 3), ((1, 0), (2, 1))),
            ((2, 3), ((0, 1),)),
            ((2, 0), ((1, 1), (1, 1))),
        )
        for shape, widths in uses:
            yield Sample(cls(widths), (Operand(shape),))
        yield Sample(cls(((1, 1),), 2.5), (Operand((3,)),))
        yield Sample(cls(((1, 1), (2, 0)), ((1.5, 2.5), (3.5, 0))), (Operand((1, 2)),))
        yield Sample(cls(((1, 1),)), (Operand((3,), dtype="int64"),))


@dataclass(frozen=True, eq=False)
class PadByMode(Margin):
    """x with a margin of its own elements: ``"edge"``, ``"reflect"``, ``"symmetric"``, ``"wrap"``.

    ``odd``: a reflected element is twice the one at the edge less itself.
    """

    mode: str = "edge"
    odd: bool = False

    def infer(self, x: TensorType) -> TensorType:
        result = super().infer(x)
        for n, (before, after) in zip(x.shape[-len(self.widths) :], self.widths, strict=True):
            if n == 0 and not (before == 0 and after == 0):
                raise ShapeError(
                    f"cannot pad an empty axis by {self.mode!r}", "use mode='constant'"
                )
        return result

    def meaning(self, *types: TensorType) -> Meaning:
        literals = {
            "widths": self.literal(types[0].ndim),
            "mode": self.mode,
            "kind": "odd" if self.odd else "even",
        }
        text = "np.pad(x, widths, mode=mode, reflect_type=kind)"
        return Meaning(text if self.odd else "np.pad(x, widths, mode=mode)", literals)

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        """What each element of x was copied to comes back to it, axis by axis."""
        (x,) = inputs
        for axis, (before, after) in zip(range(-len(self.widths), 0), self.widths, strict=True):
            if before == 0 and after == 0:
                continue
            n = x.shape[axis]
            places = create.arange(-before, n + after)
            if self.odd and n != 1:
                G = _odd_adjoint(G, self.mode, places, n, axis)
            else:
                G = _add_along(G, _SOURCES[self.mode](places, n), n, axis)
        return G

    def oracle(self, x: Array) -> Any:
        shape = self.infer(TensorType(x.dtype, x.shape)).shape
        out = np.empty(tuple(map(int, shape)), x.dtype)
        first = self.before(x)
        for index in np.ndindex(out.shape):
            terms = [(1.0, index)]
            for k, (b, n) in enumerate(zip(first, x.shape, strict=True)):
                terms = [
                    (weight * w, (*place[:k], source, *place[k + 1 :]))
                    for weight, place in terms
                    for w, source in _terms(self.mode, self.odd, place[k] - b, n)
                ]
            out[index] = sum(weight * x[place] for weight, place in terms)
        return out

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        uses: tuple[tuple[tuple[int, ...], Widths], ...] = (
            ((3,), ((1, 2),)),
            ((1,), ((2, 1),)),
            ((2,), ((5, 4),)),
            ((2, 3), ((1, 0), (2, 1))),
        )
        for mode in _SOURCES:
            for odd in (False, True)[: 1 + (mode in ("reflect", "symmetric"))]:
                for shape, widths in uses:
                    yield Sample(cls(widths, mode, odd), (Operand(shape),))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield from super().bad()
        yield Bad(cls(((1, 0),)), (Operand((0,)),), ShapeError)


def _terms(mode: str, odd: bool, k: int, n: int) -> list[tuple[float, int]]:
    """Place k of a padded axis as a sum of elements of the n that there are, for the oracle."""
    if mode == "wrap":
        return [(1.0, k % n)]
    if mode == "edge" or (mode == "reflect" and n == 1):
        return [(1.0, min(max(k, 0), n - 1))]
    repeated = int(mode == "symmetric")
    weights: dict[int, float] = {}
    weight = 1.0
    while not 0 <= k < n:  # mirror it at the nearer end, until it is inside
        edge = 0 if k < 0 else n - 1
        k = -k - repeated if k < 0 else 2 * (n - 1) - k + repeated
        if odd:
            weights[edge] = weights.get(edge, 0.0) + 2 * weight
            weight = -weight
    weights[k] = weights.get(k, 0.0) + weight
    return [(w, place) for place, w in weights.items()]


# ------------------------------------------------------------------------------- where from


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


def _add_along(G: Variable, places: Variable, n: DimLike, axis: int) -> Variable:
    """G's elements added up at their places along an axis of length n."""
    shape = list(G.shape)
    shape[axis] = n
    zeros = create.full_of(0, TensorType(G.dtype, tuple(shape)))
    index = (*[FULL] * (axis + G.ndim), places)
    return scatter.updated(scatter.IndexAdd, zeros, index, G)


def _odd_adjoint(G: Variable, mode: str, k: Variable, n: DimLike, axis: int) -> Variable:
    """The transpose of an odd reflection.

    It is x[s] or, mirrored, 2 x[-1] - x[s], and rises by 2 (x[-1] - x[0]) from each period to
    the next.
    """
    period = 2 * n - 2 if mode == "reflect" else 2 * n
    mirrored = k % period >= n
    rises = 2 * (k // period)
    column = (-1, *(1,) * (-axis - 1))
    sign = shapes.reshape(1 - 2 * mirrored.astype(G.real.dtype), column)
    first = shapes.reshape(rises, column).astype(G.real.dtype)
    back = _add_along(sign * G, _SOURCES[mode](k, n), n, axis)
    at_first = reduce.Sum((axis,), keepdims=True)(-first * G)
    at_last = reduce.Sum((axis,), keepdims=True)((1 - sign + first) * G)
    lead = (*[FULL] * (axis + G.ndim),)
    back = scatter.updated(scatter.IndexAdd, back, (*lead, slice(0, 1)), at_first)
    return scatter.updated(scatter.IndexAdd, back, (*lead, slice(-1, None)), at_last)


# ------------------------------------------------------------------------------------ for users


@public("numpy.pad")
def pad(
    array: Any,
    pad_width: Any,
    mode: Any = "constant",
    *,
    constant_values: Any = None,
    end_values: Any = None,
    reflect_type: str | None = None,
    stat_length: Any = None,
) -> Variable:
    """The array with a margin around it, as ``np.pad``.

    ``pad_width`` is a number, a pair (before, after), one such pair for each axis, or a dict
    from axes to pairs or numbers; the numbers may be sizes. Modes are ``"constant"`` (with
    ``constant_values``), ``"edge"``, ``"reflect"`` and ``"symmetric"`` (with ``reflect_type``),
    ``"wrap"``, ``"linear_ramp"`` (with ``end_values``), and ``"maximum"``, ``"mean"``,
    ``"median"``, ``"minimum"`` (with ``stat_length``). Values may be variables, in the same
    forms as widths. Raises OptionError for another mode, and for an option that is not the
    mode's; ShapeError for widths that do not fit or are negative, and for an empty axis that the
    mode has no elements for.

    >>> import graphcomp as gr
    >>> gr.pad(gr.matrix("X", ("n", 3)), ((1, 1), (0, 2))).shape
    (Dim('n + 2'), 5)
    """
    x = as_variable(array)
    widths = _widths(pad_width, x)
    given = {
        "constant_values": constant_values,
        "end_values": end_values,
        "reflect_type": reflect_type,
        "stat_length": stat_length,
    }
    _require_options(mode, {name for name, value in given.items() if value is not None})
    if mode in ("constant", "empty"):  # of what NumPy leaves unset, zeros are one choice
        return _constant(x, widths, 0 if constant_values is None else constant_values)
    if mode in _SOURCES:
        if reflect_type not in (None, "even", "odd"):
            raise OptionError(f"reflect_type={reflect_type!r}", "give 'even' or 'odd'")
        return PadByMode(widths, mode, reflect_type == "odd")(x)
    if mode == "linear_ramp":
        return _linear_ramp(x, widths, 0 if end_values is None else end_values)
    return _statistic(x, widths, mode, stat_length)


_OPTIONS = {
    "constant": "constant_values",
    "edge": "",
    "empty": "",
    "wrap": "",
    "reflect": "reflect_type",
    "symmetric": "reflect_type",
    "linear_ramp": "end_values",
    **dict.fromkeys(("maximum", "mean", "median", "minimum"), "stat_length"),
}


def _require_options(mode: Any, given: set[str]) -> None:
    if mode not in _OPTIONS:
        what = "a function" if callable(mode) else repr(mode)
        raise OptionError(f"pad with mode={what}", f"use one of {[*_OPTIONS]}")
    for name in given - {_OPTIONS[mode]}:
        raise OptionError(f"pad with mode={mode!r} takes no {name}=", "leave it out")


def _widths(pad_width: Any, x: Variable) -> Widths:
    if isinstance(pad_width, Mapping):
        found: list[Any] = [(0, 0)] * x.ndim
        for axis, width in pad_width.items():
            pair = width if isinstance(width, (tuple, list)) else (width, width)
            found[axis_from_end(axis, x.ndim)] = tuple(pair)
        pad_width = found
    pairs = _pairs(pad_width, x, "widths")
    flat = [n for pair in pairs for n in pair]
    whole = all(isinstance(n, (int, np.integer, Dim, str)) for n in flat)
    if not whole or any(isinstance(n, (int, np.integer)) and n < 0 for n in flat):
        raise ShapeError(
            f"cannot pad {x.label} by {pad_width}",
            "give whole numbers of at least 0: one, a pair, or a pair for each axis",
        )
    return tuple((as_dim(before), as_dim(after)) for before, after in pairs)


def _pairs(value: Any, x: Variable, what: str) -> list[tuple[Any, Any]]:
    """What NumPy broadcasts to (ndim, 2), as a pair for each axis of x."""
    table = np.empty(0, object)
    if isinstance(value, Variable) and value.ndim and isinstance(value.size, int):
        table = np.empty(value.shape, object)
        for index in np.ndindex(table.shape):
            table[index] = value[index]
    elif isinstance(value, (Variable, Dim, str)):
        table = np.empty((), object)
        table[()] = value
    elif isinstance(value, (tuple, list)):
        rows = [v if isinstance(v, (tuple, list, np.ndarray)) else (v,) for v in value]
        nested = any(isinstance(v, (tuple, list, np.ndarray)) for v in value)
        if len({len(row) for row in rows}) == 1:
            table = np.empty((len(rows), len(rows[0])), object)
            for index in np.ndindex(table.shape):
                table[index] = rows[index[0]][index[1]]
            table = table if nested else table[:, 0]
    else:
        table = np.asarray(value, object)
    try:
        return [(before, after) for before, after in np.broadcast_to(table, (x.ndim, 2))]
    except ValueError:
        raise ShapeError(
            f"cannot pad {x.label}, of shape {format_shape(x.shape)}: {what} {value}",
            "give one number, a pair (before, after), or a pair for each axis",
        ) from None


# --------------------------------------------------------------------- margins of other values


def _beside(x: Variable, axis: int, before: Variable | None, after: Variable | None) -> Variable:
    """x between two margins."""
    return join.Concatenate(axis)(*(part for part in (before, x, after) if part is not None))


def _constant(x: Variable, widths: Widths, values: Any) -> Variable:
    pairs = _pairs(values, x, "constant_values")
    flat = [as_variable(v) for pair in pairs for v in pair]
    if any(v.dtype.kind == "c" for v in flat) and x.dtype.kind != "c":
        raise DTypeError(
            f"cannot pad {x.label}, which is {x.dtype}, by complex values", "give real values"
        )
    if not any(isinstance(v, Variable) for pair in pairs for v in pair):
        numbers = tuple((_number(b), _number(a)) for b, a in pairs)
        one = {repr(n) for pair in numbers for n in pair}
        return Pad(widths, numbers[0][0] if len(one) == 1 else numbers)(x) if x.ndim else x
    for axis, (width, pair) in enumerate(zip(widths, pairs, strict=True), -x.ndim):
        sides = [_filled(x, axis, n, v) for n, v in zip(width, pair, strict=True)]
        x = _beside(x, axis, *sides)
    return x


def _number(value: Any) -> Python:
    number: Python = np.asarray(value)[()].item()
    return number


def _filled(x: Variable, axis: int, width: DimLike, value: Any) -> Variable | None:
    """A margin of one value, which may be a variable of one element or like an edge of x."""
    if width == 0:
        return None
    shape = list(x.shape)
    shape[axis] = width
    return shapes.broadcast_to(as_variable(value).astype(x.dtype), tuple(shape))


def _edges(x: Variable, axis: int) -> tuple[Variable, Variable]:
    """The first and the last elements along an axis, which stays, of length 1."""
    if x.shape[axis] == 0:
        raise ShapeError(f"cannot pad an empty axis of {x.label} so", "use mode='constant'")
    lead = (*[FULL] * (axis + x.ndim),)
    return x[(*lead, slice(0, 1))], x[(*lead, slice(-1, None))]


def _linear_ramp(x: Variable, widths: Widths, end_values: Any) -> Variable:
    pairs = _pairs(end_values, x, "end_values")
    for axis, (width, ends) in enumerate(zip(widths, pairs, strict=True), -x.ndim):
        sides: list[Variable | None] = []
        for k, edge in enumerate(_edges(x, axis)):
            if width[k] == 0:
                sides.append(None)
                continue
            line = shapes.Reshape((*edge.shape[: axis + x.ndim], *edge.shape[x.ndim + axis + 1 :]))
            end = as_variable(ends[k])
            ramp = ranges.linspace(end, line(edge), width[k], False, dtype=x.dtype, axis=axis)
            sides.append(call("flip", ramp, axis) if k else ramp)
        x = _beside(x, axis, *sides)
    return x


def _statistic(x: Variable, widths: Widths, mode: str, stat_length: Any) -> Variable:
    name = {"maximum": "max", "minimum": "min"}.get(mode, mode)
    pairs = _pairs(stat_length, x, "stat_length") if stat_length is not None else None
    for axis, width in enumerate(widths, -x.ndim):
        _edges(x, axis)
        lead = (*[FULL] * (axis + x.ndim),)
        sides: list[Variable | None] = []
        for k in (0, 1):
            count = None if pairs is None else pairs[axis][k]
            if count is not None and count < 1:
                raise OptionError(f"stat_length={stat_length}", "give numbers of at least 1")
            part = FULL if count is None else slice(-count, None) if k else slice(count)
            value = call(name, x[(*lead, part)], axis=axis, keepdims=True)
            if x.dtype.kind in "iu" and value.dtype.kind == "f":
                value = call("round", value)
            sides.append(_filled(x, axis, width[k], value))
        x = _beside(x, axis, *sides)
    return x
