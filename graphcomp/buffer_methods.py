"""ndarray's operators, methods and attributes, and NumPy's protocols, for buffers."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from graphcomp import aliases
from graphcomp.buffers import Buffer, fresh, plain, run
from graphcomp.elements import as_operand, element, is_symbolic, item
from graphcomp.errors import TraceError
from graphcomp.operators import Operators, as_item
from graphcomp.regions import is_basic
from graphcomp.registry import applied, path_of
from graphcomp.types import as_dtype

# Python's name of an operator, and NumPy's function of it.
_BINARY = {
    "add": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide",
    "floordiv": "floor_divide", "mod": "remainder", "pow": "power", "matmul": "matmul",
    "and": "bitwise_and", "or": "bitwise_or", "xor": "bitwise_xor", "lshift": "left_shift",
    "rshift": "right_shift",
}  # fmt: skip
_COMPARE = ("lt", "le", "eq", "ne", "gt", "ge")
_UNARY = ("neg", "pos", "abs", "invert")
_NUMBER = ("bool", "float", "int", "complex", "index", "floor", "ceil", "trunc", "round", "format")
_VIEWS = ("transpose", "swapaxes", "reshape", "ravel", "squeeze", "diagonal")
_CHANGES = ("fill", "sort", "partition")


def _operation(how: Callable[..., Any]) -> Callable[..., Any]:
    def compute(*operands: Any) -> Any:
        return how(*map(as_operand, operands)) if is_symbolic(operands) else how(*operands)

    def operate(self: Buffer, *others: Any) -> Any:
        return run("operator", compute, (self, *others), {})

    return operate


def _reflected(operation: Callable[..., Any]) -> Callable[..., Any]:
    return lambda self, other: operation(other, self)


def _in_place(operation: Callable[..., Any], name: str) -> Callable[..., Any]:
    def operate(self: Buffer, other: Any) -> Any:
        if self.is_scalar:
            return operation(self, other)
        self.change(name, other)
        return self

    return operate


def _number(name: str) -> Callable[..., Any]:
    def ask(self: Buffer, *args: Any) -> Any:
        return fresh(getattr(self.value, name)(*args))

    return ask


def _method(name: str, path: str = "") -> Callable[..., Any]:
    """ndarray's method ``name``, by way of what its function does to buffers."""

    def compute(value: Any, *args: Any, **kwargs: Any) -> Any:
        bound = getattr(value, name)
        if isinstance(value, Operators):
            return applied(path or f"numpy.ndarray.{name}", bound, args, kwargs)
        return bound(*args, **kwargs)

    def method(self: Buffer, *args: Any, **kwargs: Any) -> Any:
        return run(path or f"ndarray.{name}", compute, (self, *args), kwargs)

    return method


class _Methods:
    """What is set on Buffer below."""

    __array_priority__ = 2000.0
    __hash__ = object.__hash__

    # ------------------------------------------------------------------------------ protocols

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if method == "at":
            return aliases.at(ufunc, *inputs)
        path = path_of(ufunc) if method == "__call__" else f"{path_of(ufunc)}.{method}"
        if len(inputs) > ufunc.nin and method == "__call__":
            kwargs["out"], inputs = inputs[ufunc.nin :], inputs[: ufunc.nin]
        outs = kwargs.get("out")
        if isinstance(outs, tuple) and len(outs) == 1:
            kwargs["out"] = outs[0]
        return run(path, getattr(ufunc, method), inputs, kwargs)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return run(path_of(function), function, args, kwargs)

    def __array__(self: Any, dtype: Any = None, copy: Any = None) -> Any:
        if isinstance(self.value, np.ndarray):
            return np.array(self.value, dtype)
        return self.value.__array__()

    # ------------------------------------------------------------------------------- elements

    def __getitem__(self: Any, index: Any) -> Any:
        place = plain(index)
        if not is_basic(place) or self.is_scalar:
            return fresh(item(self.value, place), arrays=not self.is_scalar)
        now = self.value
        found = element(now, place)
        if not np.ndim(found) and not isinstance(found, np.ndarray):
            return fresh(found)
        return self.part(place)

    def __setitem__(self: Any, index: Any, value: Any) -> None:
        self.set(index, value)

    def __iter__(self: Any) -> Iterator[Any]:
        iter(self.value)  # raises for a scalar and for a symbolic length
        return (_item(self, k) for k in range(self.value.shape[0]))

    def __len__(self: Any) -> int:
        return len(self.value)

    def __contains__(self: Any, value: Any) -> bool:
        return plain(value) in self.value

    def __copy__(self: Any) -> Any:
        return self if self.is_scalar else self.copy()

    def __deepcopy__(self: Any, memo: Any) -> Any:
        return self.__copy__()

    def __divmod__(self: Any, other: Any) -> Any:
        return self // other, self % other

    def __rdivmod__(self: Any, other: Any) -> Any:
        return other // self, other % self

    def __repr__(self: Any) -> str:
        return repr(self.value)

    def __str__(self: Any) -> str:
        return str(self.value)

    # -------------------------------------------------------------------- methods, attributes

    def __getattr__(self: Any, name: str) -> Any:
        if name.startswith("__"):  # NumPy's interfaces to memory
            raise AttributeError(name)
        found = getattr(self.value, name)
        if not callable(found):
            return fresh(found)
        return _method(name).__get__(self)

    def __setattr__(self: Any, name: str, value: Any) -> None:
        if name in _SETTABLE:
            getattr(self, name)[...] = value
        elif name in _OWN:
            object.__setattr__(self, name, value)
        else:
            raise TraceError(
                f"cannot set .{name} of {self._label()}",
                "write x = x.reshape(shape), or x.astype(dtype)",
            )

    def copy(self: Any, order: str = "C") -> Any:
        """A new array of the same contents."""
        now = self.value
        return fresh(now.copy() if isinstance(now, np.ndarray) else now, arrays=not self.is_scalar)

    def astype(self: Any, dtype: Any, *args: Any, copy: bool = True, **kwargs: Any) -> Any:
        """A new array of another dtype; without ``copy`` this one, where it has it already."""
        dtype = as_dtype(dtype)
        if not copy and dtype == self.value.dtype:
            return self
        return fresh(self.value.astype(dtype, *args), self.contiguous, not self.is_scalar)

    def put(self: Any, indices: Any, values: Any, mode: str = "raise") -> None:
        """As ``np.put``."""
        run("numpy.put", np.put, (self, indices, values, mode), {})

    def resize(self: Any, *shape: Any, **_: Any) -> None:
        """Not available: a view of the array would lose its memory."""
        raise TraceError("x.resize(shape) changes the memory of x", "write x = np.resize(x, shape)")

    def view(self: Any, dtype: Any = None) -> Any:
        """Another name for the array, or its bytes read as another dtype, which nobody changes."""
        if dtype is None:
            return self[...]
        target = as_dtype(dtype)
        if self.is_scalar:
            return fresh(self.value.view(target))
        return self.viewed(lambda now: now.view(target))

    def named(self: Any, name: str) -> Any:
        """Give the variable a name."""
        if not isinstance(self.value, np.ndarray):
            self.value.named(name)
        return self

    @property
    def flat(self: Any) -> Any:
        """The elements in C order, which write to the array."""
        return aliases.flat(self)

    @property
    def T(self: Any) -> Any:  # noqa: N802
        """The transpose, all axes reversed."""
        return run("numpy.transpose", operator.attrgetter("T"), (self,), {})

    @property
    def mT(self: Any) -> Any:  # noqa: N802
        """The transpose of the last two axes."""
        return run("numpy.matrix_transpose", _matrix_transpose, (self,), {})

    @property
    def real(self: Any) -> Any:
        """The real part, a view."""
        return run("numpy.real", np.real, (self,), {})

    @property
    def imag(self: Any) -> Any:
        """The imaginary part, a view."""
        return run("numpy.imag", np.imag, (self,), {})


def _item(array: Any, k: int) -> Any:
    """The k-th item of an iteration."""
    found = array[k]
    value = plain(found)
    if isinstance(value, Operators):
        as_item(value, k)
    return found


def _matrix_transpose(value: Any) -> Any:
    return np.swapaxes(value, -1, -2) if isinstance(value, np.ndarray) else value.mT


_SETTABLE = ("flat", "real", "imag")
_OWN = frozenset(Buffer.__slots__)


def _set_up() -> None:
    made: dict[str, Any] = {}
    for name, function in _BINARY.items():
        how = getattr(operator, f"{name}_" if name in ("and", "or") else name)
        made[f"__{name}__"] = operation = _operation(how)
        made[f"__r{name}__"] = _reflected(operation)
        made[f"__i{name}__"] = _in_place(operation, function)
    for name in _COMPARE + _UNARY:
        made[f"__{name}__"] = _operation(getattr(operator, name))
    for name in _NUMBER:
        made[f"__{name}__"] = _number(f"__{name}__")
    for name in _VIEWS:
        made[name] = _method(name, f"numpy.{name}")
    for name in _CHANGES:
        made[name] = _method(name, f"numpy.ndarray.{name}")
    for name, value in {**vars(_Methods), **made}.items():
        if name not in ("__dict__", "__weakref__", "__module__", "__doc__", "__qualname__"):
            setattr(Buffer, name, value)


_set_up()
