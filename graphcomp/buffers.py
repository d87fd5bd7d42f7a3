"""Arrays that a traced function may change in place.

NumPy code fills arrays; a graph's variables never change. A buffer stands between the two: it is
what a traced function sees of an array, and holds the variable that the array is at this moment.
A change in place puts another variable there; views read from the array that they are views of,
and write to it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import FunctionType, MethodType, ModuleType
from typing import Any, NoReturn

import numpy as np

from graphcomp.dims import Dim
from graphcomp.elements import (
    Read,
    as_operand,
    element,
    fitting,
    is_symbolic,
    on_plain,
    reading,
    set_at,
    turned,
    variable_of,
    whole,
)
from graphcomp.errors import DTypeError, ShapeError, TraceError
from graphcomp.graph import Variable
from graphcomp.ops.at import At, Elements
from graphcomp.ops.base import as_variable
from graphcomp.ops.random import Generator
from graphcomp.ops.scatter import IndexUpdate, index_add, index_set
from graphcomp.regions import Region, is_basic
from graphcomp.registry import call, path_in_table
from graphcomp.source import TracedGlobals, user_source
from graphcomp.types import format_shape


class Buffer:
    """An array or a scalar of a traced function: numbers, until a variable is written into it.

    ``owner`` says whose the array is, where it is not the function's own. ``contiguous``: its
    elements are known to follow each other in memory, in C order.
    """

    __slots__ = (
        "__weakref__", "_base", "_owner", "_read", "_region", "_seen", "_source", "_tie",
        "_value", "_write", "contiguous", "is_scalar",
    )  # fmt: skip

    _read: Read
    _seen: Any
    _write: Read | None
    __getattr__: Callable[[Any, str], Any]  # with the methods, set in buffer_methods

    def __init__(
        self, value: Any, owner: str = "", is_scalar: bool = False, contiguous: bool = True
    ) -> None:
        self._value = value
        self._owner = owner
        self.is_scalar = is_scalar
        self.contiguous = contiguous
        self._source = user_source()  # where the array was made
        self._base: Buffer | None = None
        self._region: Region | None = None
        self._tie: tuple[Buffer, Any] | None = None

    def viewed(
        self,
        read: Read,
        region: Region | None = None,
        write: Read | None = None,
        contiguous: bool = False,
    ) -> Buffer:
        """A view of this array: what ``read`` makes of it, whatever it becomes.

        It writes to its ``region`` of this array; or through ``write``, which makes of the new
        contents of the view those of this array; or not at all.
        """
        found = self.value
        value = read(found)
        if isinstance(found, np.ndarray) and not isinstance(value, np.ndarray):
            self.make_variable()  # sizes are symbolic, or it is one element
            found = self.value
            value = read(found)
        made = type(self)(value, contiguous=contiguous)
        made._base, made._read, made._region, made._write = self, read, region, write
        made._seen = found
        return made

    def tied_to(self, other: Buffer) -> Buffer:
        """This, marked as what may share memory with the other or not: changes are refused."""
        root = other.root
        self._tie = root, root._value
        return self

    # ------------------------------------------------------------------------- what it is now

    @property
    def value(self) -> Any:
        """The array of numbers, or the variable, that this is at the moment."""
        if self._tie is not None and self._tie[0]._value is not self._tie[1]:
            _refuse_tied()
        if self._base is not None:
            found = self._base.value
            if found is not self._seen:
                self._value, self._seen = self._read(found), found
        return self._value

    @property
    def root(self) -> Buffer:
        """The array that this is a view of, or itself."""
        root = self
        while root._base is not None:
            root = root._base
        return root

    def make_variable(self) -> None:
        """From now on a variable, the array that this is a view of too."""
        root = self.root
        if isinstance(root._value, np.ndarray):
            root._value = variable_of(root._value, root._source)

    def _label(self) -> str:
        return str(getattr(self._value, "label", "the array"))

    # ----------------------------------------------------------------------------- changing it

    def set(self, index: Any, value: Any) -> None:
        """What ``a[index] = value`` does."""
        self.require_own("an assignment to elements")
        place, given = plain(index), plain(value)
        now = self.value
        if isinstance(now, np.ndarray) and not is_symbolic((place, given)):
            now[place] = given
        elif is_basic(place):
            try:
                part = self.part(place)
            except IndexError as error:
                raise ShapeError(str(error), "index within the array") from None
            if not (isinstance(value, Buffer) and part.value is value.value):
                part.assign(given)  # else a[index] += b has made the change already
        else:
            self.make_variable()
            self.assign(set_at(self.value, place, given))

    def assign(self, value: Any) -> None:
        """What ``a[...] = value`` does."""
        now, base = self.value, self._base
        if isinstance(now, np.ndarray) and not is_symbolic(value):
            now[...] = value
            return
        self.make_variable()
        value = fitting(value, now.shape)
        if base is None:
            self._hold(whole(self._value, value))
        elif self._region is not None:
            base._put(index_set, self._region, value, now.shape)
        else:
            assert self._write is not None
            base.assign(self._write(whole(self.value, value)))

    def change(self, name: str, other: Any) -> None:
        """What ``a += other`` does, for NumPy's function of this name."""
        self.require_own(f"np.{name} in place")
        now, other = self.value, plain(other)
        if isinstance(now, np.ndarray) and not is_symbolic(other):
            getattr(np, name)(now, other, out=now)
            return
        result = call(name, as_operand(now), as_operand(other))
        if name not in ("add", "subtract") or not self._is_part:
            self.receive(result, name)
            return
        self._require_fit(result, name)
        given = as_variable(other)
        given = -given if name == "subtract" else given
        if not given.type.weak:
            given = given.astype(self.value.dtype)
        assert self._base is not None and self._region is not None
        self.make_variable()
        self._base._put(index_add, self._region, fitting(given, now.shape), now.shape)

    @property
    def _is_part(self) -> bool:
        return self._region is not None and not self._region.is_whole

    def receive(self, result: Any, name: str) -> None:
        """The result of a function as the contents, as by ``out=``."""
        self.require_own(f"np.{name} into it")
        if isinstance(self.value, np.ndarray) and not is_symbolic(result):
            np.copyto(self.value, result, casting="same_kind")
            return
        result = as_variable(result)
        self._require_fit(result, name)
        self.assign(result.astype(self.value.dtype))

    def _require_fit(self, result: Variable, name: str) -> None:
        now = self.value
        if result.shape != now.shape:
            raise ShapeError(
                f"np.{name} gives {format_shape(result.shape)}, for an array of shape "
                f"{format_shape(now.shape)}",
                "write a = a + b, which makes a new array",
            )
        if not np.can_cast(result.dtype, now.dtype, "same_kind"):
            raise DTypeError(
                f"np.{name} gives {result.dtype}, for an array of {now.dtype}",
                "write a = a + b, or make the array with the dtype of the result",
            )

    def _put(self, how: Callable[..., Any], region: Region, value: Any, shape: Any) -> None:
        """A value of this shape, or that broadcasts to it, for a region of this array."""
        if not region.is_plain and np.ndim(value):
            value = turned(as_variable(value), region, shape)
        if region.is_whole and how is index_set:
            self.assign(value)
        elif self._base is None:
            self._hold(how(self._value, region.index, value))
        else:
            self.assign(how(self.value, region.index, value))

    def _hold(self, value: Variable) -> None:
        """Another variable from now on; where it is the old one with other elements, it goes by
        the name of the array."""
        self._value = value
        if isinstance(value.op, IndexUpdate) and self._source is not None:
            value.hints.role = value.hints.role or self._source.target

    def require_own(self, what: str) -> None:
        """Refuse to change what is not the function's own."""
        name, root = self._label(), self.root
        if self._tie is not None and not isinstance(self.value, np.ndarray):
            _refuse_tied()
        if root._owner:
            raise TraceError(
                f"{name} is {root._owner}, and {what} would change it for the caller too",
                f"change a copy: {root._label()} = {root._label()}.copy()",
            )
        view: Buffer | None = self
        while view is not None and view._base is not None:
            if view._region is None and view._write is None:
                raise TraceError(f"{name} is a read-only view", "write .copy() after it")
            view = view._base
        if self.is_scalar:
            raise TraceError(f"{name} is a scalar, which does not change", "make a new value")

    # --------------------------------------------------------------------------------- its parts

    def part(self, index: Any) -> Buffer:
        """The view that a basic index makes."""
        base, region, read = self._region_at(index)
        contiguous = base.contiguous and region is not None and region.is_contiguous
        if region is None:
            return base.viewed(read, None, lambda new: set_at(base.value, index, new))
        return base.viewed(read, region, contiguous=contiguous)

    def _region_at(self, index: Any) -> tuple[Buffer, Region | None, Read]:
        """A region of the nearest array below that an index of this one can be said to be."""
        if self._base is not None and self._region is not None:
            region = self._region.at(index, self._base.value.shape)
            if region is not None:
                return self._base, region, reading(self._read, index, region)
        region = Region.whole(len(self.value.shape)).at(index, self.value.shape)
        return self, region, lambda value: element(value, index)

    def transposed(self, read: Read, order: list[int]) -> Buffer:
        """The view with its axes in this order."""
        if self._base is not None and self._region is not None:
            inner, region = self._read, self._region.transposed(order)
            return self._base.viewed(lambda value: read(inner(value)), region)
        return self.viewed(read, Region.whole(len(order)).transposed(order))


def _refuse_tied() -> NoReturn:
    raise TraceError(
        "whether NumPy makes a copy or a view here depends on the layout in memory, "
        "and the array or the view is changed",
        "write .copy() after it",
    )


# ------------------------------------------------------------------------------- plain values


def plain(value: Any) -> Any:
    """The value without buffers: numbers and variables as they are at the moment."""
    if isinstance(value, Buffer):
        return value.value
    if isinstance(value, (Proxy, Dispatcher)):
        return value._real if isinstance(value, Proxy) else value.of_plain
    kind = type(value)
    if kind in (list, tuple) or hasattr(value, "_fields"):
        items = [plain(item) for item in value]
        if all(new is old for new, old in zip(items, value, strict=True)):
            return value
        return kind(*items) if hasattr(value, "_fields") else kind(items)
    if kind is dict:
        made = {key: plain(item) for key, item in value.items()}
        return value if all(made[key] is value[key] for key in made) else made
    if kind is slice:
        return slice(plain(value.start), plain(value.stop), plain(value.step))
    if isinstance(value, (FunctionType, MethodType)) and _is_traced(value):
        return _on_plain_values(value)
    return value


def _is_traced(function: FunctionType | MethodType) -> bool:
    inner = getattr(function, "__func__", function)
    return isinstance(getattr(inner, "__globals__", None), TracedGlobals)


def _on_plain_values(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of the user's for a library to call, which knows no buffers."""

    @functools.wraps(function)
    def called(*args: Any, **kwargs: Any) -> Any:
        return plain(function(*map(fresh, args), **{k: fresh(v) for k, v in kwargs.items()}))

    return called


def fresh(value: Any, contiguous: bool = True, arrays: bool = False) -> Any:
    """Plain values as new buffers, in nested lists and tuples too.

    A 0-d variable is a scalar, or with ``arrays`` an array without axes.
    """
    if isinstance(value, Variable):
        return Buffer(value, is_scalar=not (arrays or value.ndim), contiguous=contiguous)
    if type(value) is np.ndarray and value.dtype.kind in "biufc":
        return Buffer(value, contiguous=value.flags.c_contiguous)
    if type(value) in (list, tuple):
        return type(value)(fresh(item, contiguous, arrays) for item in value)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(fresh(item, contiguous) for item in value))
    # NumPy loads np.random, which takes a while, where it is first named: not at import.
    if isinstance(value, (*_HOLDERS, np.random.Generator, np.random.RandomState)):
        return Proxy(value)
    return value


class Dispatcher:
    """Base of what stands in a traced function for a library's function."""

    def of_plain(self, *args: Any, **kwargs: Any) -> Any:
        """What it gives for plain values, with plain results."""
        raise TraceError("this takes no values", "call another function")


_HOLDERS = (At, Elements, Generator)
_OWN = ("graphcomp", "codegen")
_SEEN = (Variable, Dim, Buffer, BaseException)


def is_own(value: Any) -> bool:
    """Whether it is graphcomp's, and to be called with plain values."""
    if isinstance(value, type):
        return not issubclass(value, _SEEN[2:]) and value.__module__.split(".")[0] in _OWN
    if isinstance(value, (*_SEEN, Proxy, np.generic, np.ndarray)):
        return False
    if isinstance(value, ModuleType):
        return value.__name__.split(".")[0] in _OWN
    names = [getattr(value, "__module__", None), type(value).__module__]
    return any(str(name).split(".")[0] in _OWN for name in names)


class Proxy:
    """A function, object or module that knows no buffers: it is given what they hold."""

    def __init__(self, real: Any, path: str = "") -> None:
        self._real, self._path = real, path

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return run(self._path, self._real, args, kwargs)

    def __getitem__(self, index: Any) -> Any:
        return fresh(self._real[plain(index)])

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._real, name)
        if is_own(value) or (callable(value) and not isinstance(value, type)):
            return Proxy(value, path_in_table(value))
        return fresh(value)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in ("_real", "_path"):
            object.__setattr__(self, name, value)
        else:
            setattr(self._real, name, plain(value))

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        return type(self._real)

    def __instancecheck__(self, value: Any) -> bool:
        return isinstance(_as_variable_or_same(value), self._real)

    def __dir__(self) -> Any:
        return dir(self._real)

    def __repr__(self) -> str:
        return repr(self._real)


def _as_variable_or_same(value: Any) -> Any:
    """What graphcomp's own classes are asked about: an array is a variable to them."""
    if isinstance(value, Buffer):
        return as_variable(value.value)
    return plain(value)


# ------------------------------------------------------------------- functions of libraries

# What a function of NumPy's does that gives a view, or changes its first argument, by its path:
# special(compute, first, *args, **kwargs), where ``compute`` takes plain values.
special: dict[str, Callable[..., Any]] = {}

# Their results are arrays, without axes too, and in C order whatever the order of their arguments.
_MAKERS = {
    f"numpy.{name}"
    for name in ("array", "asarray", "asanyarray", "ascontiguousarray", "empty", "empty_like",
                 "full", "full_like", "ones", "ones_like", "zeros", "zeros_like", "matmul", "dot")
}  # fmt: skip


class Call:
    """A function of plain values, with its NumPy name."""

    def __init__(self, path: str, function: Callable[..., Any]) -> None:
        self.name, self._function = path.rpartition(".")[2], function

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._function(*args, **kwargs)


def run(path: str, compute: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    """A function of a library on what buffers hold; its results are buffers."""
    how = special.get(path)
    if how is not None and args and isinstance(args[0], Buffer):
        found = how(Call(path, compute), *args, **kwargs)
        if found is not NotImplemented:
            return found
    outs = kwargs.get("out")
    if outs is not None and _holds_buffer(outs):
        return _into(path, compute, args, kwargs)
    result = compute(*plain(args), **plain(kwargs))
    given = [a for a in (*args, *kwargs.values()) if isinstance(a, Buffer)]
    if _is_einsum_view(path, args, kwargs):
        return fresh(result).tied_to(args[1])
    made = fresh(result, path in _MAKERS or all(a.contiguous for a in given), path in _MAKERS)
    if isinstance(result, np.ndarray):
        for buffer in given:
            now = buffer.value
            if now is result:
                return buffer
            if isinstance(now, np.ndarray) and np.may_share_memory(now, result):
                return made.tied_to(buffer)
    return made


def _is_einsum_view(path: str, args: Any, kwargs: Any) -> bool:
    """Whether ``np.einsum("ii->i", a)`` sums nothing, so that NumPy gives a view."""
    if path != "numpy.einsum" or len(args) != 2 or not isinstance(args[1], Buffer):
        return False
    before, arrow, after = str(args[0]).partition("->")
    return bool(arrow) and set(before) == set(after) and bool(after.strip())


def _holds_buffer(outs: Any) -> bool:
    return any(isinstance(out, Buffer) for out in (outs if isinstance(outs, tuple) else (outs,)))


def _into(path: str, compute: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    """A call with ``out=``: what it gives without, put there; ``where`` leaves the rest."""
    name = path.rpartition(".")[2]
    kwargs = dict(kwargs)
    outs = kwargs.pop("out")
    where = (
        plain(kwargs.pop("where", True)) if isinstance(getattr(np, name, None), np.ufunc) else True
    )
    results = compute(*plain(args), **plain(kwargs))
    many = isinstance(results, tuple)
    for out, result in zip(_tuple(outs), results if many else (results,), strict=True):
        if out is None:
            continue
        if where is not True:
            result = on_plain("where", where, result, plain(out))
        out.receive(result, name)
    return outs if many else _tuple(outs)[0]


def _tuple(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)
