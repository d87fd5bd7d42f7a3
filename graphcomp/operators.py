"""ndarray's operators and NumPy's protocols for variables, and what only numbers can answer.

What an operator means is looked up by NumPy's dotted names in a table that the operations fill,
so this layer knows none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from opcode import opmap
from types import NoneType
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from graphcomp.dims import Dim, Shape
from graphcomp.errors import TraceError, ValueKindError
from graphcomp.methods import Methods
from graphcomp.registry import apply, call, implementations, path_of
from graphcomp.source import user_source

if TYPE_CHECKING:
    from graphcomp.graph import Variable

_STORES = {opmap[name] for name in ("STORE_SUBSCR", "STORE_SLICE") if name in opmap}
_OPERANDS = (Dim, bool, int, float, complex, np.ndarray, np.generic, list, tuple)
_EQUALITY = ("equal", "not_equal")
_NO_CHANGE = "write a = a.at[index].set(value), or np.where(mask, value, a)"


class Operators(Methods):
    """Mixin of ``Variable``: whatever an ndarray can be asked."""

    __slots__ = ()

    __array_priority__ = 1000.0

    # ------------------------------------------------------------------------ NumPy's protocols

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        outs = kwargs.pop("out", None)
        if outs is not None or method == "at":
            name = _spelled(path_of(ufunc), method)
            raise TraceError(
                f"{name} would write {self._label()} into an array of numbers "
                "(out=, a += b, or .at)",
                "make a new value: a = a + b",
            )
        if method == "__call__":
            return apply(path_of(ufunc), inputs, kwargs)
        return ufunc_method(path_of(ufunc).removeprefix("numpy."), method, *inputs, **kwargs)

    def __array_function__(
        self,
        function: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
    ) -> Any:
        return apply(path_of(function), args, kwargs)

    def __array__(self, *args: Any, **kwargs: Any) -> NoReturn:
        _refuse_store(self._label())
        raise TraceError(
            f"{self._label()} is a symbolic variable, not an array of numbers",
            "use it as it is, or write gr.stack([...]); np.asarray and np.array work in functions "
            "that gr.from_function runs, and no library function that needs the numbers does",
        )

    # --------------------------------------------------------------- what only numbers can answer

    def _label(self) -> str:
        return str(getattr(self, "label", "this"))

    def __bool__(self) -> NoReturn:
        raise TraceError(
            f"the truth of {self._label()} is not known while the graph is built",
            "write gr.where(condition, a, b) instead of if, & | ~ instead of and, or, not, "
            "and gr.maximum(a, b) instead of max(a, b)",
        )

    def _no_number(self, kind: str, instead: str) -> NoReturn:
        _refuse_store(self._label())
        raise TraceError(f"{kind} needs a number, and {self._label()} is symbolic", instead)

    def __float__(self) -> NoReturn:
        self._no_number("float()", "leave float() out, or write .astype('float64')")

    def __format__(self, spec: str) -> str:
        if spec:
            self._no_number(f"the format {spec!r}", "leave the format out")
        return str(self)

    def __int__(self) -> NoReturn:
        self._no_number("int()", "write .astype('int64')")

    def __complex__(self) -> NoReturn:
        self._no_number("complex()", "write .astype('complex128')")

    def __index__(self) -> NoReturn:
        self._no_number("an index, a shape or range()", "use a plain int, or gr.take(x, index)")

    def item(self, *args: Any) -> NoReturn:
        """Not available: a variable has no number yet."""
        self._no_number(".item()", "leave it out: a 0-d variable is a scalar already")

    def tolist(self) -> NoReturn:
        """Not available: a variable has no numbers yet."""
        self._no_number(".tolist()", "leave it out")

    def nonzero(self) -> NoReturn:
        """Not available: the length of the answer depends on the numbers."""
        self._no_number(".nonzero()", "write gr.where(condition, a, b) over the whole array")

    def __setitem__(self, index: Any, value: Any) -> NoReturn:
        raise TraceError(
            f"cannot assign to elements of {self._label()}: a variable never changes", _NO_CHANGE
        )

    def __len__(self) -> int:
        shape = self._shape()
        if not shape:
            raise TraceError(f"len() of {self._label()}, which is a scalar", "use .size")
        if not isinstance(shape[0], int):
            raise TraceError(
                f"len({self._label()}) is the symbolic size {shape[0]}",
                "write x.shape[0], which may be used in arithmetic",
            )
        return shape[0]

    def __iter__(self) -> Iterator[Variable]:
        shape = self._shape()
        if not shape:
            raise TraceError(
                f"cannot iterate over {self._label()}, which is a scalar", "use it as it is"
            )
        if not isinstance(shape[0], int):
            raise TraceError(
                f"cannot iterate over {self._label()}: its length {shape[0]} is symbolic",
                "write it with array operations, or give the axis a number",
            )
        return (as_item(self[k], k) for k in range(shape[0]))

    def __contains__(self, value: object) -> NoReturn:
        raise TraceError(
            f"'in' asks for the numbers of {self._label()}", "write gr.any(x == value)"
        )

    def _shape(self) -> Shape:
        shape: Shape = self.shape  # type: ignore[attr-defined]
        return shape

    # --------------------------------------------------------------------------------- operators

    def __getitem__(self, index: Any) -> Variable:
        return call("ndarray.__getitem__", self, index)

    def __add__(self, other: Any) -> Variable:
        return _binary("add", self, other)

    def __radd__(self, other: Any) -> Variable:
        return _binary("add", other, self)

    def __sub__(self, other: Any) -> Variable:
        return _binary("subtract", self, other)

    def __rsub__(self, other: Any) -> Variable:
        return _binary("subtract", other, self)

    def __mul__(self, other: Any) -> Variable:
        return _binary("multiply", self, other)

    def __rmul__(self, other: Any) -> Variable:
        return _binary("multiply", other, self)

    def __truediv__(self, other: Any) -> Variable:
        return _binary("divide", self, other)

    def __rtruediv__(self, other: Any) -> Variable:
        return _binary("divide", other, self)

    def __floordiv__(self, other: Any) -> Variable:
        return _binary("floor_divide", self, other)

    def __rfloordiv__(self, other: Any) -> Variable:
        return _binary("floor_divide", other, self)

    def __mod__(self, other: Any) -> Variable:
        return _binary("remainder", self, other)

    def __rmod__(self, other: Any) -> Variable:
        return _binary("remainder", other, self)

    def __pow__(self, other: Any) -> Variable:
        return _binary("power", self, other)

    def __rpow__(self, other: Any) -> Variable:
        return _binary("power", other, self)

    def __matmul__(self, other: Any) -> Variable:
        return _binary("matmul", self, other)

    def __rmatmul__(self, other: Any) -> Variable:
        return _binary("matmul", other, self)

    def __and__(self, other: Any) -> Variable:
        return _binary("bitwise_and", self, other)

    def __rand__(self, other: Any) -> Variable:
        return _binary("bitwise_and", other, self)

    def __or__(self, other: Any) -> Variable:
        return _binary("bitwise_or", self, other)

    def __ror__(self, other: Any) -> Variable:
        return _binary("bitwise_or", other, self)

    def __xor__(self, other: Any) -> Variable:
        return _binary("bitwise_xor", self, other)

    def __rxor__(self, other: Any) -> Variable:
        return _binary("bitwise_xor", other, self)

    def __lshift__(self, other: Any) -> Variable:
        return _binary("left_shift", self, other)

    def __rlshift__(self, other: Any) -> Variable:
        return _binary("left_shift", other, self)

    def __rshift__(self, other: Any) -> Variable:
        return _binary("right_shift", self, other)

    def __rrshift__(self, other: Any) -> Variable:
        return _binary("right_shift", other, self)

    def __divmod__(self, other: Any) -> tuple[Variable, Variable]:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> tuple[Variable, Variable]:
        return other // self, other % self

    def __lt__(self, other: Any) -> Variable:
        return _binary("less", self, other)

    def __le__(self, other: Any) -> Variable:
        return _binary("less_equal", self, other)

    def __gt__(self, other: Any) -> Variable:
        return _binary("greater", self, other)

    def __ge__(self, other: Any) -> Variable:
        return _binary("greater_equal", self, other)

    def __eq__(self, other: Any) -> Variable:  # type: ignore[override]
        return _binary("equal", self, other)

    def __ne__(self, other: Any) -> Variable:  # type: ignore[override]
        return _binary("not_equal", self, other)

    def __neg__(self) -> Variable:
        return call("negative", self)

    def __pos__(self) -> Variable:
        return call("positive", self)

    def __abs__(self) -> Variable:
        return call("absolute", self)

    def __invert__(self) -> Variable:
        return call("invert", self)

    def __floor__(self) -> Variable:
        return call("floor", self)

    def __ceil__(self) -> Variable:
        return call("ceil", self)

    def __trunc__(self) -> Variable:
        return call("trunc", self)

    def __round__(self, decimals: int | None = None) -> Variable:
        return call("round", self, decimals or 0)


def ufunc_method(name: str, method: str, *inputs: Any, **kwargs: Any) -> Any:
    """``np.add.reduce`` and its like on variables: the function of the same meaning.

    Raises TraceError where there is none, and for what changes an array in place.
    """
    path = f"numpy.{name}.{method}"
    if method == "outer":
        if len(inputs) != 2:
            raise TypeError(f"{name}.outer() takes 2 operands, and {len(inputs)} are given")
        left, right = map(_strong, inputs)
        columns = call("reshape", left, (*np.shape(left), *(1,) * np.ndim(right)))
        return apply(f"numpy.{name}", (columns, right), kwargs)
    if path in implementations:
        return apply(path, inputs, kwargs)
    mend = {
        "at": "write x.at[index].add(value), or np.where(mask, value, x)",
        "reduceat": "reduce each slice, x[start:stop], and join the results with np.stack",
    }.get(method, "write it with the functions in gr")
    raise TraceError(f"{_spelled(f'numpy.{name}', method)} is not supported on variables", mend)


def _strong(operand: Any) -> Any:
    """An operand of ``outer``, where NumPy makes arrays of Python's numbers."""
    return np.asarray(operand) if isinstance(operand, (bool, int, float, complex)) else operand


def _spelled(path: str, method: str) -> str:
    """A ufunc or a method of one, as NumPy's users write it."""
    name = path.replace("numpy.", "np.", 1)
    return name if method == "__call__" else f"{name}.{method}"


def _binary(name: str, x: Any, y: Any) -> Variable:
    """Operands that no graph can hold are left to their own operator."""
    operand = y if isinstance(x, Operators) else x
    if isinstance(operand, (str, bytes, NoneType)) and name not in _EQUALITY:
        raise ValueKindError(
            f"{operand!r} cannot be an operand of {name} with {_called(x, y)}",
            "give a number, an array of numbers or a variable",
        )
    if not isinstance(operand, (Operators, *_OPERANDS)):
        return NotImplemented  # type: ignore[no-any-return]
    return call(name, x, y)


def _called(*operands: Any) -> str:
    """What messages call the variable among the operands of an operator."""
    return next(v._label() for v in operands if isinstance(v, Operators))


def _refuse_store(label: str) -> None:
    """The error where the user's line is ``a[index] = variable`` with a NumPy array ``a``."""
    source = user_source()
    if source is not None and source.code.co_code[source.offset] in _STORES:
        target = source.expression or "an element"
        raise TraceError(
            f"{target} = {label} would write a variable into an array of numbers",
            "build the array from its parts: np.array([...]) inside gr.from_function, "
            "or gr.stack([...])",
        )


def as_item(variable: Any, k: int) -> Variable:
    """A variable that an iteration makes as its k-th: ``a, b = x`` names both."""
    if variable.hints.source == user_source():  # made here
        variable.hints.item = k
    return variable  # type: ignore[no-any-return]
