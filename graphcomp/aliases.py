"""NumPy's functions that give a view of an array, or change one: what they do to buffers."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from graphcomp.buffers import Buffer, Call, fresh, plain, run, special
from graphcomp.elements import is_symbolic, on_plain
from graphcomp.errors import OptionError, TraceError
from graphcomp.ops.base import as_variable
from graphcomp.ops.scatter import index_set
from graphcomp.registry import apply, call

FULL = slice(None)


def _entry(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def enter(function: Callable[..., Any]) -> Callable[..., Any]:
        special.update({f"numpy.{name}": function for name in names})
        return function

    return enter


# ---------------------------------------------------------------------------------------- views


@_entry("transpose", "permute_dims", "swapaxes", "moveaxis", "rollaxis", "matrix_transpose",
        "linalg.matrix_transpose")  # fmt: skip
def _transposed(compute: Call, a: Buffer, *args: Any, **kwargs: Any) -> Any:
    """Lengths that all differ show where each axis goes."""
    compute(a.value, *args, **kwargs)  # raises for axes that it does not have
    lengths = range(2, 2 + len(a.value.shape))
    moved = compute(np.broadcast_to(0, lengths), *args, **kwargs)
    order = [length - 2 for length in moved.shape]
    if a.is_scalar or not order:
        return a
    return a.transposed(lambda value: compute(value, *args, **kwargs), order)


@_entry("reshape", "ravel")
def _reshaped(compute: Call, a: Buffer, *args: Any, **kwargs: Any) -> Any:
    """A view where the elements follow each other; else NumPy may have to copy them."""
    args, kwargs = plain(args), plain(kwargs)
    now = a.value
    made = compute(now, *args, **kwargs)
    copied = kwargs.get("copy") is True or a.is_scalar
    if isinstance(now, np.ndarray):
        is_view = np.may_share_memory(made, now) and not is_symbolic(made)
        copied = copied or not (is_view or is_symbolic(made))
    if copied:
        return fresh(made)
    order = kwargs.get("order", "C")
    if a.contiguous and order in ("C", "A", "K"):
        return _through(a, lambda value: compute(value, *args, **kwargs), contiguous=True)
    return fresh(made, contiguous=False).tied_to(a)


def flat(a: Buffer) -> Buffer:
    """The elements in C order, which write to the array whatever its layout."""
    if isinstance(a.value, np.ndarray) and not a.value.flags.c_contiguous:
        a.make_variable()
    return _through(a, lambda value: on_plain("reshape", value, (-1,)), a.contiguous)


def _through(a: Buffer, read: Callable[[Any], Any], contiguous: bool) -> Buffer:
    shape = a.value.shape
    return a.viewed(read, None, lambda new: call("reshape", new, shape), contiguous)


@_entry("flip", "fliplr", "flipud", "squeeze", "expand_dims", "atleast_1d", "atleast_2d",
        "atleast_3d")  # fmt: skip
def _indexed(compute: Call, a: Buffer, *args: Any, **kwargs: Any) -> Any:
    """What is an index of an array: seen by trying it on one of few elements."""
    args, kwargs = plain(args), plain(kwargs)
    if len(args) and compute.name.startswith("atleast"):
        return NotImplemented
    made = compute(a.value, *args, **kwargs)
    if a.is_scalar:
        return fresh(made)
    shape = a.value.shape
    lengths = [1 if isinstance(n, int) and n == 1 else k + 2 for k, n in enumerate(shape)]
    tried = np.zeros(lengths, np.int8)
    shown = compute(tried, *args, **kwargs)
    if shown.shape == tried.shape and shown.strides == tried.strides:
        return a
    index = _index_shown(tried, shown)
    return a.part(index)


def _index_shown(tried: Any, shown: Any) -> tuple[Any, ...]:
    """The basic index that gives ``shown``, a view with the axes in their order."""
    index: list[Any] = []
    rest = list(zip(shown.shape, shown.strides, strict=True))
    for length, stride in zip(tried.shape, tried.strides, strict=True):
        while rest and rest[0][0] == 1 and length != 1:
            index.append(None)
            rest.pop(0)
        if rest and rest[0][0] == length and (length == 1 or abs(rest[0][1]) == stride):
            backwards = length > 1 and rest[0][1] < 0
            index.append(slice(None, None, -1) if backwards else FULL)
            rest.pop(0)
        else:
            index.append(0)
    return (*index, *[None] * len(rest))


@_entry("rot90")
def _rotated(compute: Call, m: Buffer, k: int = 1, axes: Any = (0, 1)) -> Any:
    compute(m.value, k, axes)  # raises for axes that it does not have
    first, second = axes
    lead: list[Any] = [FULL] * len(m.value.shape)
    turned = {0: (), 1: (second,), 2: (first, second), 3: (first,)}[k % 4]
    for axis in turned:
        lead[axis] = slice(None, None, -1)
    flipped = m.part(tuple(lead))
    if k % 2 == 0:
        return flipped
    swap = functools.partial(on_plain, "swapaxes")
    return run("numpy.swapaxes", swap, (flipped, first, second), {})


@_entry("split", "array_split", "hsplit", "vsplit", "dsplit", "unstack")
def _pieces(compute: Call, a: Buffer, *args: Any, **kwargs: Any) -> Any:
    """The parts one after the other along the axis that they are shorter along."""
    args, kwargs = plain(args), plain(kwargs)
    made = compute(a.value, *args, **kwargs)
    name = compute.name
    unstacked = name == "unstack"
    axis = {"hsplit": 0 if len(a.value.shape) == 1 else 1, "vsplit": 0, "dsplit": 2}.get(name)
    if axis is None:
        given = kwargs.get("axis", args[1] if len(args) > 1 else 0)
        axis = given % len(a.value.shape)
    parts, start = [], 0
    for k, piece in enumerate(made):
        length = 1 if unstacked else piece.shape[axis]
        at = k if unstacked else slice(start, start + length)
        parts.append(a.part((*[FULL] * axis, at)))
        start = start + length
    return type(made)(parts)


@_entry("real", "imag")
def _component(compute: Call, a: Buffer) -> Any:
    if a.value.dtype.kind != "c":
        return a if compute.name == "real" else fresh(compute(a.value))
    if a.is_scalar:
        return fresh(compute(a.value))
    is_real = compute.name == "real"

    def write(new: Any) -> Any:
        now = as_variable(a.value)
        return new + 1j * now.imag if is_real else now.real + 1j * new

    return a.viewed(compute, None, write)


@_entry("diagonal", "broadcast_to", "lib.stride_tricks.sliding_window_view",
        "lib.stride_tricks.broadcast_to")  # fmt: skip
def _read_only(compute: Call, a: Buffer, *args: Any, **kwargs: Any) -> Any:
    args, kwargs = plain(args), plain(kwargs)
    if a.is_scalar:
        return fresh(compute(a.value, *args, **kwargs))
    return a.viewed(lambda value: compute(value, *args, **kwargs))


@_entry("diag")
def _diagonal(compute: Call, v: Buffer, k: int = 0) -> Any:
    return _read_only(compute, v, k) if len(v.value.shape) == 2 else NotImplemented


@_entry("asarray", "asanyarray", "ascontiguousarray", "asarray_chkfinite", "require")
def _same(compute: Call, a: Buffer, dtype: Any = None, *args: Any, **kw: Any) -> Any:
    """The array itself, where it has the dtype already."""
    name = compute.name
    keeps = dtype is None or np.dtype(getattr(dtype, "dtype", dtype)) == a.value.dtype
    if a.is_scalar or not keeps or kw.get("copy"):
        return NotImplemented
    if name in ("ascontiguousarray", "require") and not a.contiguous:
        return fresh(a.value)
    return a


@_entry("array")
def _array(compute: Call, object: Buffer, *args: Any, **kwargs: Any) -> Any:
    copy = kwargs.get("copy", True)
    if copy or len(object.value.shape) < kwargs.get("ndmin", 0):
        return NotImplemented
    return _same(compute, object, *args, **{**kwargs, "copy": None})


@_entry("shares_memory", "may_share_memory")
def _share(compute: Call, a: Buffer, b: Any, *_: Any) -> bool:
    return isinstance(b, Buffer) and a.root is b.root


# -------------------------------------------------------------------------------------- changes


def _numbers(*values: Any) -> bool:
    return not is_symbolic(plain(values))


def _changes(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A function that changes its first argument, by NumPy where all is numbers."""

    def enter(function: Callable[..., None]) -> Callable[..., Any]:
        def changed(compute: Call, a: Buffer, *args: Any, **kwargs: Any) -> None:
            a.require_own(f"np.{names[0]}")
            if _numbers(a, args, kwargs):
                compute(a.value, *plain(args), **plain(kwargs))
            else:
                function(a, *plain(args), **plain(kwargs))

        _entry(*names)(changed)
        return function

    return enter


@_changes("copyto")
def _copyto(dst: Buffer, src: Any, casting: str = "same_kind", where: Any = True) -> None:
    source = as_variable(src)
    if casting == "unsafe":
        source = source.astype(dst.value.dtype)
    chosen = source if where is True else call("where", where, source, dst.value)
    dst.receive(call("broadcast_to", chosen, dst.value.shape), "copyto")


@_changes("ndarray.fill")
def _fill(a: Buffer, value: Any) -> None:
    a.assign(value)


@_changes("fill_diagonal")
def _fill_diagonal(a: Buffer, val: Any, wrap: bool = False) -> None:
    now = as_variable(a.value)
    if now.ndim < 2:
        raise TraceError("np.fill_diagonal needs an array of at least two axes", "write a[:] = val")
    count = call("arange", min(now.shape) if _static(now.shape) else _shorter(now.shape))
    if wrap and _static(now.shape) and now.shape[0] > now.shape[1] + 1:
        raise OptionError("np.fill_diagonal with wrap=True of a tall array", "set the elements")
    a.set((count,) * now.ndim, _repeated(val, count.size))


def _static(shape: Sequence[Any]) -> bool:
    return all(isinstance(length, int) for length in shape)


def _shorter(shape: Sequence[Any]) -> Any:
    least = shape[0]
    for length in shape[1:]:
        least = least if length == least else np.minimum(least, length)
    return least


def _repeated(values: Any, count: Any) -> Any:
    """Values over and over, until there are ``count``; one number is itself."""
    values = as_variable(values)
    if not values.ndim or values.size == 1:
        return call("reshape", values, ())
    values = call("ravel", values)
    return values if values.size == count else call("resize", values, (count,))


@_changes("put")
def _put(a: Buffer, ind: Any, v: Any, mode: str = "raise") -> None:
    now = as_variable(a.value)
    places = as_variable(ind).astype("int64")
    places = call("reshape", places, (-1,))
    if mode == "wrap":
        places = places % now.size
    elif mode == "clip":
        places = call("clip", places, 0, now.size - 1)
    changed = index_set(call("ravel", now), places, _repeated(v, places.size))
    a.assign(call("reshape", changed, now.shape))


@_changes("put_along_axis")
def _put_along_axis(arr: Buffer, indices: Any, values: Any, axis: int | None) -> None:
    if axis is None:
        _put(arr, indices, values)
        return
    now, places = as_variable(arr.value), as_variable(indices)
    along = axis % now.ndim
    index = [
        places if k == along else call("reshape", call("arange", now.shape[k]), alone)
        for k in range(now.ndim)
        for alone in [tuple(now.shape[k] if j == k else 1 for j in range(now.ndim))]
    ]
    arr.set(tuple(index), values)


@_changes("place")
def _place(arr: Buffer, mask: Any, vals: Any) -> None:
    values = as_variable(vals)
    if is_symbolic(mask) and values.size != 1:
        raise TraceError(
            "np.place of several values at a symbolic mask: which value is for which element "
            "would depend on the mask",
            "write np.where(mask, values, arr) with values of the shape of arr",
        )
    if is_symbolic(mask):
        _putmask(arr, mask, values)
        return
    mask = np.asarray(mask, bool)
    arr.set(mask, _repeated(values, int(mask.sum())))


@_changes("putmask")
def _putmask(a: Buffer, mask: Any, values: Any) -> None:
    now = as_variable(a.value)
    given = as_variable(values)
    if given.size == 1:
        given = call("reshape", given, ())
    elif given.shape != now.shape:
        given = call("resize", given, now.shape)
    a.assign(call("where", mask, given.astype(now.dtype), now))


@_changes("ndarray.sort")
def _sort(a: Buffer, axis: int = -1, kind: Any = None, order: Any = None, **kwargs: Any) -> None:
    a.assign(call("sort", a.value, axis, kind, order, **kwargs))


@_changes("ndarray.partition")
def _partition(a: Buffer, kth: Any, axis: int = -1, kind: str = "introselect", **kw: Any) -> None:
    a.assign(call("partition", a.value, kth, axis, kind, **kw))


@_entry("nan_to_num")
def _nan_to_num(compute: Call, x: Buffer, copy: bool = True, *args: Any, **kwargs: Any) -> Any:
    if copy:
        return NotImplemented
    x.require_own("np.nan_to_num(copy=False)")
    x.assign(compute(x.value, True, *plain(args), **plain(kwargs)))
    return x


_AT = {
    "add": "add", "subtract": "subtract", "multiply": "multiply", "divide": "divide",
    "true_divide": "divide", "power": "power", "minimum": "min", "maximum": "max",
}  # fmt: skip


def at(ufunc: np.ufunc, a: Any, index: Any, *values: Any) -> None:
    """What ``ufunc.at`` does to a buffer."""
    name = ufunc.__name__
    a.require_own(f"np.{name}.at")
    index, values = plain(index), plain(values)
    if _numbers(a, index, values):
        ufunc.at(a.value, index, *values)
        return
    elements = as_variable(a.value).at[index]
    if not values:
        a.assign(elements.apply(lambda old: apply(f"numpy.{name}", (old,), {})))
        return
    if name not in _AT:
        raise TraceError(
            f"np.{name}.at is not supported on variables",
            f"where no element is named twice, write a[index] = np.{name}(a[index], values)",
        )
    changed = getattr(elements, _AT[name])(*values)
    a.receive(changed, f"{name}.at")


for _name, _ufunc in vars(np).items():  # getattr would import what NumPy imports late
    if isinstance(_ufunc, np.ufunc):
        special[f"numpy.{_name}.at"] = functools.partial(lambda u, _, *a: at(u, *a), _ufunc)
