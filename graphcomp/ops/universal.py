"""``reduce`` and ``accumulate`` of NumPy's ufuncs."""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from graphcomp import dims
from graphcomp.errors import DTypeError, ShapeError
from graphcomp.graph import Variable
from graphcomp.ops import (
    activations,
    compare,
    create,
    cumulative,
    join,
    shape as shapes,
    transcendental,
)
from graphcomp.ops.base import Bad, Meaning, Operand, Sample, as_variable, axis_from_end
from graphcomp.ops.cumulative import Cumulative, Recurrence
from graphcomp.ops.elementwise import loop_dtypes
from graphcomp.ops.rearrange import Flip
from graphcomp.ops.reduce import Reduce, axis_literal, normalize_axes, require_axes
from graphcomp.registry import call, public, refuse
from graphcomp.types import DType, TensorType, as_dtype, ufunc_dtype

__all__: list[str] = []

_LOG_2 = 0.6931471805599453

# ----------------------------------------------------------------------------- running extremes


class Running(Cumulative, abstract=True):
    """Base of what a ufunc accumulates along an axis, of the dtype of the elements."""

    takes_out = False

    def infer(self, x: TensorType) -> TensorType:
        require_axes((self.axis,), x)
        return TensorType(self.result_dtype(x), x.shape)

    def result_dtype(self, x: TensorType) -> DType:
        """The dtype of the result."""
        return x.dtype

    def meaning(self, *types: TensorType) -> Meaning:
        literals = {"axis": self.axis + types[0].ndim}
        return Meaning(f"np.{self.function}.accumulate(x, axis=axis)", literals, {"axis": 0})


class RunningExtreme(Running, abstract=True):
    """Base of running maxima and minima. Elements that tie share the gradient equally."""

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        """The gradient at a place is shared by the elements up to it that are the extreme.

        Both how many they are, and what comes back to each from the places behind it, is a
        recurrence that starts anew where the extreme changes.
        """
        x, y, G = (shapes.swapaxes(v, self.axis, -1) for v in (inputs[0], output, G))
        is_extreme = (x == y).astype(x.dtype)
        stays = (y[..., 1:] == y[..., :-1]).astype(x.dtype)
        start = is_extreme[..., :1] * 0
        ties = Recurrence()(join.concatenate([start, stays], axis=-1), is_extreme)
        shared = G / compare.where(ties == 0, 1, ties)
        back, reverse = join.concatenate([stays, start], axis=-1), Flip((-1,))
        behind = reverse(Recurrence()(reverse(back), reverse(shared)))
        return shapes.swapaxes(is_extreme * behind, self.axis, -1)

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for sample in super().samples():
            (x,) = sample.operands
            kind = "distinct" if x.dtype == "float64" else "real"
            yield Sample(sample.op, (Operand(x.shape, dtype=x.dtype, kind=kind),))


class RunningMaximum(RunningExtreme):
    """The largest of the elements up to each place along an axis."""

    function = "maximum"

    def of_values(self, values: list[Any]) -> Any:
        return sorted(values, key=lambda v: (v.real, v.imag))[-1]


class RunningMinimum(RunningExtreme):
    """The smallest of the elements up to each place along an axis."""

    function = "minimum"

    def of_values(self, values: list[Any]) -> Any:
        return sorted(values, key=lambda v: (v.real, v.imag))[0]


class RunningLogaddexp(Running):
    """log(sum(exp(x))) of the elements up to each place along an axis."""

    function = "logaddexp"

    def result_dtype(self, x: TensorType) -> DType:
        return ufunc_dtype(np.logaddexp, x.dtype, x.dtype)

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        """What comes back to y[t], b[t] = G[t] + exp(y[t] - y[t + 1]) * b[t + 1], of which x[t]
        has the part exp(x[t] - y[t])."""
        x, y, G = (shapes.swapaxes(v, self.axis, -1) for v in (inputs[0], output, G))
        reverse = Flip((-1,))
        kept = transcendental.share(y[..., :-1], y[..., 1:])
        kept = join.concatenate([kept, create.zeros_like(y[..., :1])], axis=-1)
        behind = reverse(Recurrence()(reverse(kept), reverse(G)))
        return shapes.swapaxes(behind * transcendental.share(x, y), self.axis, -1)

    def of_values(self, values: list[Any]) -> Any:
        top = max(values)
        return top + math.log(math.fsum(math.exp(v - top) for v in values))

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        yield from (s for s in super().samples() if s.operands[0].dtype == "float64")
        extreme = Operand((4,), kind="fixed", value=[-900.0, -901.0, 900.0, 899.0])
        yield Sample(cls(-1), (extreme,))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield from super().bad()
        yield Bad(cls(-1), (Operand((3,), dtype="complex128"),), DTypeError)


# -------------------------------------------------------------- of integers and truth values

# What reduces bools and integers, in plain Python.
_IN_PYTHON: dict[str, Callable[[Any, Any], Any]] = {
    "bitwise_and": operator.and_,
    "bitwise_or": operator.or_,
    "bitwise_xor": operator.xor,
    "gcd": math.gcd,
    "lcm": math.lcm,
    "logical_xor": lambda x, y: bool(x) != bool(y),
}
_IDENTITY: dict[str, Any] = {"bitwise_and": -1, "lcm": 1, "logical_xor": False}


def _loop_dtype(ufunc: str, x: TensorType, method: str) -> DType:
    """The dtype that a ufunc's reduction has, found by reducing a one."""
    try:
        result = getattr(getattr(np, ufunc), method)(np.ones(1, x.dtype))
    except TypeError:
        raise DTypeError(
            f"{ufunc}.{method} does not take {x.dtype}", "convert with .astype first"
        ) from None
    return np.asarray(result).dtype


@dataclass(frozen=True, eq=False)
class UfuncReduce(Reduce):
    """The elements over axes, combined by a ufunc of integers or truth values."""

    ufunc: str = "bitwise_or"
    takes_out: ClassVar[bool] = False
    of_one_is_itself: ClassVar[bool] = False
    nondiff = frozenset({0})

    def infer(self, x: TensorType) -> TensorType:
        if self.ufunc == "lcm" and len(self.axes) > 1:
            raise ShapeError("lcm reduces one axis at a time", "reduce the axes one by one")
        result = super().infer(x)
        if self.ufunc == "lcm" and dims.prod(x.shape[a] for a in self.axes) == 0:
            raise ShapeError("lcm of no integers", "leave empty arrays out")
        return result

    def result_dtype(self, x: TensorType) -> DType:
        return _loop_dtype(self.ufunc, x, "reduce")

    def meaning(self, *types: TensorType) -> Meaning:
        literals = {"axis": axis_literal(self.axes, types[0].ndim), "keepdims": self.keepdims}
        if types[0].ndim == 1:
            literals["axis"] = 0
        text = f"np.{self.ufunc}.reduce(x, axis=axis, keepdims=keepdims)"
        return Meaning(text, literals, {"axis": 0, "keepdims": False})

    def of_values(self, values: list[Any]) -> Any:
        start = _IDENTITY.get(self.ufunc, 0)
        return functools.reduce(_IN_PYTHON[self.ufunc], values, start)

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for ufunc in _IN_PYTHON:
            for shape, axes, keepdims in (
                ((4,), (-1,), False),
                ((2, 3), (-2,), True),
                ((0, 3), (-1,), False),
            ):
                operand = Operand(shape, 1, 60, "int64")
                yield Sample(cls(axes, keepdims, ufunc), (operand,))
        operand = Operand((2, 3), dtype="bool")
        yield Sample(cls((-2, -1), False, "logical_xor"), (operand,))
        yield Sample(cls((-1,), False, "bitwise_xor"), (operand,))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls((-3,)), (Operand((2, 3), dtype="int64"),), ShapeError)
        yield Bad(cls((-1,)), (Operand((2, 3)),), DTypeError)
        yield Bad(cls((-2, -1), False, "lcm"), (Operand((2, 3), dtype="int64"),), ShapeError)


@dataclass(frozen=True, eq=False)
class UfuncAccumulate(Running):
    """The elements up to each place along an axis, combined by a ufunc of integers."""

    ufunc: str = "bitwise_or"
    nondiff = frozenset({0})

    @property
    def function(self) -> str:  # type: ignore[override]
        return self.ufunc

    def result_dtype(self, x: TensorType) -> DType:
        return _loop_dtype(self.ufunc, x, "accumulate")

    def of_values(self, values: list[Any]) -> Any:
        return functools.reduce(_IN_PYTHON[self.ufunc], values)

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        for ufunc in _IN_PYTHON:
            for shape, axis in (((4,), -1), ((2, 3), -2), ((0, 3), -1)):
                yield Sample(cls(axis, ufunc), (Operand(shape, 1, 60, "int64"),))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(-2), (Operand((3,), dtype="int64"),), ShapeError)
        yield Bad(cls(-1), (Operand((3,)),), DTypeError)


# ------------------------------------------------------------------ reduce, by NumPy's names


_FLOATING = ("hypot", "logaddexp", "logaddexp2")  # which compute integers in floats


def _operand(ufunc: str, array: Any, dtype: Any) -> Variable:
    """An array in the dtype in which NumPy reduces it; DTypeError where the ufunc takes none."""
    x = as_variable(array)
    target = None if dtype is None else as_dtype(dtype)
    loop = loop_dtypes(getattr(np, ufunc), (x, x), target, "unsafe")
    return x if dtype is None and ufunc not in _FLOATING else x.astype(loop[0])


def _reduction(ufunc: str, function: Callable[..., Variable]) -> None:
    """Enter ``np.<ufunc>.reduce``, whose axis is 0 by default."""

    def reduce(
        array: Any,
        axis: Any = 0,
        dtype: Any = None,
        out: None = None,
        keepdims: bool = False,
        initial: Any = None,
        where: Any = True,
    ) -> Variable:
        refuse(f"{ufunc}.reduce", out=out)
        array = _operand(ufunc, array, dtype)
        if not array.ndim and axis in (0, -1):  # which NumPy lets pass
            axis = None
        options = {} if initial is None else {"initial": initial}
        options |= {} if where is True else {"where": where}
        result = function(array, axis=axis, keepdims=keepdims, **options)
        return result if dtype is None else result.astype(dtype)

    public(f"numpy.{ufunc}.reduce")(reduce)


def _named(name: str) -> Callable[..., Variable]:
    def function(array: Variable, **options: Any) -> Variable:
        return call(name, array, **options)

    return function


def _of_truth(name: str) -> Callable[..., Variable]:
    """``np.all`` and ``np.any``, with a start."""

    def function(array: Variable, initial: Any = None, **options: Any) -> Variable:
        result = call(name, array, **options)
        return result if initial is None else _TRUTHS[name](result, initial)

    return function


def _log_of_sum(x: Variable, initial: Any = None, where: Any = True, **options: Any) -> Variable:
    """log(sum(exp(x))); elements without ``where`` count as -inf."""
    x = x if where is True else compare.where(where, x, -np.inf)
    result = activations.logsumexp(x, **options)
    return result if initial is None else transcendental.logaddexp(result, initial)


def _log2_of_sum(x: Variable, initial: Any = None, **options: Any) -> Variable:
    start = None if initial is None else initial * _LOG_2
    return _log_of_sum(x * _LOG_2, start, **options) / _LOG_2


def _of_integers(ufunc: str) -> Callable[..., Variable]:
    def function(x: Variable, axis: Any, keepdims: bool, **refused: Any) -> Variable:
        refuse(f"{ufunc}.reduce", **refused)
        return UfuncReduce(normalize_axes(axis, x.ndim), bool(keepdims), ufunc)(x)

    return function


def _norm(x: Variable, axis: Any, keepdims: bool, **refused: Any) -> Variable:
    refuse("hypot.reduce", **refused)
    return call("linalg.norm", x, axis=axis, keepdims=keepdims)


_TRUTHS = {"all": compare.logical_and, "any": compare.logical_or}
_NAMES = {
    "add": "sum",
    "multiply": "prod",
    "maximum": "max",
    "minimum": "min",
    "fmax": "nanmax",
    "fmin": "nanmin",
}
for _ufunc, _name in _NAMES.items():
    _reduction(_ufunc, _named(_name))
for _ufunc in _IN_PYTHON:
    _reduction(_ufunc, _of_integers(_ufunc))
_reduction("logical_and", _of_truth("all"))
_reduction("logical_or", _of_truth("any"))
_reduction("hypot", _norm)
_reduction("logaddexp", _log_of_sum)
_reduction("logaddexp2", _log2_of_sum)

# ----------------------------------------------------------------- reduceat, by NumPy's names


def _parts(ufunc: str) -> None:
    """Enter ``np.<ufunc>.reduceat``, at places that are constants."""

    def reduceat(
        array: Any, indices: Any, axis: int = 0, dtype: Any = None, out: None = None
    ) -> Variable:
        refuse(f"{ufunc}.reduceat", out=out)
        x = shapes.moveaxis(_operand(ufunc, array, dtype), axis, 0)
        starts = [create.as_int(k, "an index of reduceat") for k in indices]
        stops: list[int | None] = [*starts[1:], None]
        parts = []
        for start, stop in zip(starts, stops, strict=True):
            is_part = stop is None or start < stop
            part = x[start:stop] if is_part else x[start : start + 1]
            parts.append(call(f"{ufunc}.reduce", part, dtype=dtype))
        return shapes.moveaxis(call("stack", parts), 0, axis)

    public(f"numpy.{ufunc}.reduceat")(reduceat)


for _ufunc in ("add", "multiply", "maximum", "minimum", "logical_and", "logical_or", "logaddexp"):
    _parts(_ufunc)

# -------------------------------------------------------------- accumulate, by NumPy's names


def _scan(ufunc: str, function: Callable[[Variable, int], Variable]) -> None:
    """Enter ``np.<ufunc>.accumulate``, along axis 0 by default."""

    def accumulate(array: Any, axis: int = 0, dtype: Any = None, out: None = None) -> Variable:
        refuse(f"{ufunc}.accumulate", out=out)
        array = _operand(ufunc, array, dtype)
        if not array.ndim:
            raise ShapeError(
                f"{ufunc}.accumulate of {array.label}, a scalar", "give it an array with axes"
            )
        result = function(array, axis_from_end(axis, array.ndim))
        return result if dtype is None else result.astype(dtype)

    public(f"numpy.{ufunc}.accumulate")(accumulate)


def _scan_of_integers(ufunc: str) -> Callable[[Variable, int], Variable]:
    return lambda x, axis: UfuncAccumulate(axis, ufunc)(x)


_scan("add", lambda x, axis: cumulative.Cumsum(axis)(x))
_scan("multiply", lambda x, axis: cumulative.Cumprod(axis)(x))
_scan("maximum", lambda x, axis: RunningMaximum(axis)(x))
_scan("minimum", lambda x, axis: RunningMinimum(axis)(x))
_scan("logical_and", lambda x, axis: RunningMinimum(axis)(x.astype("bool")))
_scan("logical_or", lambda x, axis: RunningMaximum(axis)(x.astype("bool")))
_scan("logaddexp", lambda x, axis: RunningLogaddexp(axis)(x))
_scan("logaddexp2", lambda x, axis: RunningLogaddexp(axis)(x * _LOG_2) / _LOG_2)
for _ufunc in _IN_PYTHON:
    _scan(_ufunc, _scan_of_integers(_ufunc))
