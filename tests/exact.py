"""Graphs evaluated in many digits: the truth that rewriting is held against.

Elementwise operations go by their mpmath oracles, element by element; what only moves, adds and
multiplies elements runs NumPy itself on arrays of mpmath numbers; the rest stands below.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import mpmath
import numpy as np

from graphcomp.evaluate import _compiled, _sizes, resolve
from graphcomp.graph import Variable, topological
from graphcomp.ops.base import Constant, Op
from graphcomp.ops.elementwise import Elementwise

Array = Any

# Operations whose meaning is plain Python operators, or moves elements about.
_MOVES = """
    sum matmul broadcast_to reshape transpose get_item index_add index_update concatenate stack
    full full_like eye from_diagonal diagonal trace outer where only_where stop_gradient assume
    make_tuple project cumsum prod flip roll size_of tril triu pad tile repeat zeros_like max
    min amax amin mean take tensordot einsum dot inner kron unbroadcast moveaxis expand_dims
    squeeze swapaxes arange diff custom_vjp kept copy
"""
MOVES = frozenset(_MOVES.split())


LARGEST = 8  # matrices


class NoTruthError(Exception):
    """An operation, or a value of it, that has no exact meaning here."""


def truth(values: Mapping[Variable, Any], outputs: list[Variable], digits: int = 50) -> list[Array]:
    """The outputs as arrays of mpmath numbers (bools and ints where they are those).

    An element at a pole is NaN. Raises NoTruthError for an operation without an exact meaning.
    """
    return [table[v] for table in [every_value(values, outputs, digits)] for v in outputs]


def every_value(
    values: Mapping[Variable, Any], outputs: list[Variable], digits: int = 50
) -> dict[Variable, Array]:
    """The exact value of each variable that the outputs need."""
    sizes = _sizes(dict(values))
    with mpmath.workdps(digits):
        table = {v: exact(x) for v, x in values.items()}
        for v in topological(outputs, table):
            if v not in table:
                table[v] = _value(v, [table[x] for x in v.inputs], sizes)
    return table


def exact(array: Any) -> Array:
    """The same numbers as mpmath's, in an array of objects."""
    array = np.asarray(array)
    return _objects([number(x) for x in array.ravel()], array.shape)


def number(x: Any) -> Any:
    """The same number as Python's bool or int, or mpmath's real or complex one."""
    if isinstance(x, (mpmath.mpf, mpmath.mpc)):
        return x
    if isinstance(x, (bool, np.bool_)):
        return bool(x)
    if isinstance(x, (int, np.integer)):
        return int(x)
    return (
        mpmath.mpc(complex(x))
        if isinstance(x, (complex, np.complexfloating))
        else mpmath.mpf(float(x))
    )


def _objects(items: list[Any], shape: tuple[int, ...]) -> Array:
    array = np.empty(len(items), dtype=object)
    array[:] = items
    return array.reshape(shape)


def _value(v: Variable, operands: list[Array], sizes: Mapping[str, int]) -> Array:
    op = v.op
    if isinstance(op, Constant):
        return exact(op.scalar if v.type.weak else op.value)
    try:
        if op.name in EXACT:
            result = EXACT[op.name](op, *operands)
        elif isinstance(op, Elementwise) and isinstance(op.oracle, str):
            result = _elementwise(op, operands)
        elif not v.inputs:
            function, literals = _compiled(op, ())
            result = exact(function(*(resolve(k, sizes) for k in literals)))
        elif op.name in MOVES:
            result = _numpy(v, operands, sizes)
        else:
            raise NoTruthError(f"{op.name} has no exact meaning")
    except (ZeroDivisionError, ValueError, OverflowError, TypeError, MemoryError) as error:
        raise NoTruthError(f"{op.name}: {error}") from error
    return result if isinstance(result, tuple) else _typed(result, v)


def _typed(result: Any, v: Variable) -> Array:
    """Objects, as numbers of the variable's kind."""
    array = np.asarray(result, dtype=object)
    if v.dtype.kind not in "fc":
        return array
    items = [x if isinstance(x, (mpmath.mpf, mpmath.mpc)) else number(x) for x in array.ravel()]
    if v.dtype.kind == "f":  # mpmath goes on into the plane where NumPy says NaN
        items = [_real(x) for x in items]
    return _objects(items, array.shape)


def _real(x: Any) -> Any:
    return x if isinstance(x, mpmath.mpf) else x.real if not x.imag else mpmath.nan


def _elementwise(op: Elementwise, operands: list[Array]) -> Array:
    names = op.parameter_names(len(operands))
    code = _code(op.oracle)
    arrays = np.broadcast_arrays(*operands)
    shape = arrays[0].shape
    scope = {"mp": mpmath.mp, **op.attributes}
    return _objects(
        [
            _at_pole_nan(code, scope | dict(zip(names, items, strict=True)))
            for items in zip(*(a.ravel() for a in arrays), strict=True)
        ],
        shape,
    )


def _at_pole_nan(code: Any, scope: dict[str, Any]) -> Any:
    try:
        return eval(code, scope)
    except (ZeroDivisionError, ValueError, OverflowError, MemoryError, TypeError):
        return mpmath.nan


@cache
def _code(text: str) -> Any:
    return compile(text, "<oracle>", "eval")


def _numpy(v: Variable, operands: list[Array], sizes: Mapping[str, int]) -> Any:
    function, literals = _compiled(v.op, tuple(x.type for x in v.inputs))
    plain = [
        np.asarray(a, dtype=x.dtype) if x.dtype.kind in "iub" else a
        for a, x in zip(operands, v.inputs, strict=True)
    ]
    unpacked = [a[()] if not a.ndim else a for a in plain]
    given = [
        object if isinstance(k, np.dtype) and k.kind in "fc" else resolve(k, sizes)
        for k in literals
    ]
    result = function(*unpacked, *given)
    return tuple(result) if isinstance(result, tuple) else result


def _cast(op: Op, x: Array) -> Array:
    return x


def _along(axes: Any, x: Array) -> tuple[Array, Callable[[list[Any]], Array]]:
    """Rows along the axes, and how results, one for each row, go back with axes of length 1."""
    axes = tuple(range(-x.ndim, 0)) if axes is None else tuple(np.atleast_1d(axes))
    kept = [k for k in range(-x.ndim, 0) if k not in axes]
    order = [k + x.ndim for k in (*kept, *axes)]
    moved = x.transpose(order)
    lead = moved.shape[: len(kept)]
    rows = moved.reshape(int(np.prod(lead, dtype=int)), -1)
    shape = [1 if k in axes else x.shape[k] for k in range(-x.ndim, 0)]
    return rows, lambda items: _objects(items, tuple(shape))


def _logsumexp(op: Any, x: Array) -> Array:
    rows, back = _along(op.axes, x)
    total = back([mpmath.log(mpmath.fsum(map(mpmath.exp, row))) for row in rows])
    return total if op.keepdims else total.squeeze(tuple(op.axes))


def _softmax(op: Any, x: Array) -> Array:
    return _elementwise_exp(_log_softmax(op, x))


def _elementwise_exp(x: Array) -> Array:
    return _objects([mpmath.exp(t) for t in x.ravel()], x.shape)


def _log_softmax(op: Any, x: Array) -> Array:
    rows, back = _along(getattr(op, "axes", None), x)
    return x - back([mpmath.log(mpmath.fsum(map(mpmath.exp, row))) for row in rows])


def _matrices(function: Callable[..., Any]) -> Callable[..., Array]:
    """Apply to each matrix of stacks; vectors of a right-hand side stand as columns."""

    def apply(op: Op, *operands: Array) -> Array:
        lead = np.broadcast_shapes(*(a.shape[:-2] for a in operands if a.ndim > 1))
        if any(a.shape[-1] > LARGEST for a in operands):
            raise NoTruthError(f"{op.name} of large matrices")
        vector = operands[-1].ndim == 1
        full = [
            a[:, None] if a.ndim == 1 else np.broadcast_to(a, lead + a.shape[-2:]) for a in operands
        ]
        if any(a.shape[:-2] != lead for a in full):
            raise NoTruthError(f"{op.name} of stacks and vectors")
        results = [
            function(*(mpmath.matrix(a[k].tolist()) for a in full)) for k in np.ndindex(lead)
        ]
        arrays = [
            np.array(r.tolist(), dtype=object) if isinstance(r, mpmath.matrix) else r
            for r in results
        ]
        stacked = np.array(arrays, dtype=object).reshape(lead + np.shape(arrays[0]))
        return stacked[..., 0] if vector and stacked.ndim else stacked

    return apply


def _norm(op: Any, x: Array) -> Array:
    rows, back = _along(op.axes, x)
    powers = [mpmath.fsum(abs(t) ** op.ord for t in row) for row in rows]
    total = back([p ** (mpmath.mpf(1) / op.ord) for p in powers])
    return total if op.keepdims else total.squeeze(tuple(op.axes))


def _exprel(op: Any, x: Array) -> Array:
    """The integral of t**order exp(x t) over [0, 1], DLMF 13.4.1."""
    k = op.order + 1
    return _objects([mpmath.hyp1f1(k, k + 1, t) / k for t in x.ravel()], x.shape)


def _sin_over_x(op: Any, x: Array) -> Array:
    """The derivatives of the integral of cos(x t) over [0, 1], likewise."""
    k, turn = op.order + 1, mpmath.mpc(0, 1)
    items = [mpmath.re(turn**op.order * mpmath.hyp1f1(k, k + 1, turn * t)) / k for t in x.ravel()]
    return _objects(items, x.shape)


def _weighted_logsumexp(op: Any, x: Array, b: Array) -> Array:
    rows, back = _along(op.axes, x)
    weights, _ = _along(op.axes, np.broadcast_to(b, x.shape))
    total = back(
        [
            mpmath.log(mpmath.fsum(w * mpmath.exp(t) for w, t in zip(ws, row, strict=True)))
            for row, ws in zip(rows, weights, strict=True)
        ]
    )
    return total if op.keepdims else total.squeeze(tuple(op.axes))


def _solve_triangular(op: Any, A: Array, B: Array) -> Array:
    return _matrices(lambda L, b: mpmath.inverse(L) * b)(
        op, np.tril(A) if op.lower else np.triu(A), B
    )


def _slogdet(op: Op, A: Array) -> tuple[Array, Array]:
    det = np.asarray(_matrices(mpmath.det)(op, A), dtype=object)
    signs = [mpmath.sign(x) for x in det.ravel()]
    return _objects(signs, det.shape), _objects(
        [mpmath.log(abs(x)) for x in det.ravel()], det.shape
    )


EXACT: dict[str, Callable[..., Any]] = {
    "cast": _cast,
    "logsumexp": _logsumexp,
    "softmax": _softmax,
    "log_softmax": _log_softmax,
    "weighted_logsumexp": _weighted_logsumexp,
    "norm": _norm,
    "exprel": _exprel,
    "sin_over_x": _sin_over_x,
    "solve": _matrices(lambda A, B: mpmath.inverse(A) * B),
    "inv": _matrices(mpmath.inverse),
    "det": _matrices(mpmath.det),
    "slogdet": _slogdet,
    "solve_triangular": _solve_triangular,
    "project": lambda op, parts: parts[op.index],
    "cholesky": _matrices(mpmath.cholesky),
}
