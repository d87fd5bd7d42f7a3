"""ndarray's operators, methods and NumPy's protocols for variables.

They are looked up by NumPy's dotted names in a table that the operations fill, so this layer
knows none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import numpy as np

from graphcomp.dims import Dim, DimLike, Shape
from graphcomp.errors import TraceError

if TYPE_CHECKING:
    from graphcomp.graph import Variable

Axis = int | Sequence[int] | None
_F = TypeVar("_F", bound=Callable[..., Any])

implementations: dict[str, Callable[..., Any]] = {}


def public(*paths: str) -> Callable[[_F], _F]:
    """Enter a function as graphcomp's meaning of ``numpy.exp``, ``scipy.special.erf``, …"""

    def enter(function: _F) -> _F:
        for path in paths:
            implementations[path] = function
        return function

    return enter


def path_of(function: Any) -> str:
    """The dotted public name of a NumPy or SciPy function: ``numpy.linalg.solve``."""
    name = getattr(function, "__name__", type(function).__name__)
    if isinstance(function, np.ufunc):
        return f"numpy.{name}" if hasattr(np, name) else f"scipy.special.{name}"
    return f"{function.__module__}.{name}"


def _implementation(path: str) -> Callable[..., Any]:
    try:
        return implementations[path]
    except KeyError:
        raise TraceError(
            f"{path} is not an operation that graphcomp knows",
            "write it with the operations in gr, or add it as an operation",
        ) from None


def _numpy(name: str, *args: Any, **kwargs: Any) -> Any:
    return _implementation(f"numpy.{name}")(*args, **kwargs)


# np.add.reduce and its like, as the function of the same meaning.
_UFUNC_METHODS = {
    ("add", "reduce"): "sum",
    ("multiply", "reduce"): "prod",
    ("maximum", "reduce"): "max",
    ("minimum", "reduce"): "min",
    ("logical_and", "reduce"): "all",
    ("logical_or", "reduce"): "any",
    ("add", "accumulate"): "cumsum",
    ("multiply", "accumulate"): "cumprod",
    ("multiply", "outer"): "multiply.outer",
}


class Operators:
    """Mixin of ``Variable``: whatever an ndarray can be asked."""

    __slots__ = ()

    __array_priority__ = 1000.0

    # ------------------------------------------------------------------------ NumPy's protocols

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        path = path_of(ufunc)
        if kwargs.pop("out", None) is not None:
            raise TraceError(
                f"np.{ufunc.__name__} cannot write a variable into an array (out=, or a += b)",
                "make a new value: a = a + b",
            )
        if kwargs.get("where", False) is True:
            del kwargs["where"]
        if method == "__call__":
            return _implementation(path)(*inputs, **kwargs)
        name = _UFUNC_METHODS.get((ufunc.__name__, method))
        if name is None:
            raise TraceError(
                f"np.{ufunc.__name__}.{method} is not supported on variables",
                "write it with the functions in gr",
            )
        if method != "outer" and len(inputs) == 1:
            kwargs.setdefault("axis", 0)
        return _numpy(name, *inputs, **kwargs)

    def __array_function__(
        self,
        function: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
    ) -> Any:
        return _implementation(path_of(function))(*args, **kwargs)

    def __array__(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TraceError(
            f"{self._label()} is a symbolic variable, not an array of numbers",
            "np.asarray and np.array work inside gr.from_function only; "
            "here write gr.stack([...]), or use the variable as it is",
        )

    # --------------------------------------------------------------- what only numbers can answer

    def _label(self) -> str:
        return str(getattr(self, "label", "this"))

    def __bool__(self) -> NoReturn:
        raise TraceError(
            f"the truth of {self._label()} is not known while the graph is built",
            "write gr.where(condition, a, b) instead of if, and & | ~ instead of and, or, not",
        )

    def _no_number(self, kind: str, instead: str) -> NoReturn:
        raise TraceError(f"{kind} needs a number, and {self._label()} is symbolic", instead)

    def __float__(self) -> NoReturn:
        self._no_number("float()", "leave float() out, or write .astype('float64')")

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

    def __setitem__(self, index: Any, value: Any) -> NoReturn:
        raise TraceError(
            f"cannot assign to elements of {self._label()}: a variable never changes",
            "write gr.where(mask, value, x), or gr.concatenate and gr.stack the pieces",
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
            raise TraceError(f"cannot iterate over {self._label()}, which is a scalar", "use it")
        if not isinstance(shape[0], int):
            raise TraceError(
                f"cannot iterate over {self._label()}: its length {shape[0]} is symbolic",
                "write it with array operations, or give the axis a number",
            )
        return (self[k] for k in range(shape[0]))

    def __contains__(self, value: object) -> NoReturn:
        raise TraceError(
            f"'in' asks for the numbers of {self._label()}",
            "write gr.any(x == value)",
        )

    def _shape(self) -> Shape:
        shape: Shape = self.shape  # type: ignore[attr-defined]
        return shape

    # --------------------------------------------------------------------------------- operators

    def __getitem__(self, index: Any) -> Variable:
        return _numpy("ndarray.__getitem__", self, index)  # type: ignore[no-any-return]

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
        return _binary("true_divide", self, other)

    def __rtruediv__(self, other: Any) -> Variable:
        return _binary("true_divide", other, self)

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
        return _numpy("negative", self)  # type: ignore[no-any-return]

    def __pos__(self) -> Variable:
        return _numpy("positive", self)  # type: ignore[no-any-return]

    def __abs__(self) -> Variable:
        return _numpy("absolute", self)  # type: ignore[no-any-return]

    def __invert__(self) -> Variable:
        return _numpy("invert", self)  # type: ignore[no-any-return]

    # ------------------------------------------------------------------------ ndarray's methods

    @property
    def T(self) -> Variable:  # noqa: N802
        """The transpose, all axes reversed."""
        return _numpy("transpose", self)  # type: ignore[no-any-return]

    @property
    def mT(self) -> Variable:  # noqa: N802
        """The transpose of the last two axes."""
        return _numpy("matrix_transpose", self)  # type: ignore[no-any-return]

    @property
    def real(self) -> Variable:
        """The real part."""
        return _numpy("real", self)  # type: ignore[no-any-return]

    @property
    def imag(self) -> Variable:
        """The imaginary part."""
        return _numpy("imag", self)  # type: ignore[no-any-return]

    def sum(self, axis: Axis = None, dtype: Any = None, out: None = None, keepdims: bool = False) -> Variable:
        """As ``np.sum``."""
        return _numpy("sum", self, axis=axis, dtype=dtype, out=out, keepdims=keepdims)  # type: ignore[no-any-return]

    def prod(self, axis: Axis = None, dtype: Any = None, out: None = None, keepdims: bool = False) -> Variable:
        """As ``np.prod``."""
        return _numpy("prod", self, axis=axis, dtype=dtype, out=out, keepdims=keepdims)  # type: ignore[no-any-return]

    def mean(self, axis: Axis = None, dtype: Any = None, out: None = None, keepdims: bool = False) -> Variable:
        """As ``np.mean``."""
        return _numpy("mean", self, axis=axis, dtype=dtype, out=out, keepdims=keepdims)  # type: ignore[no-any-return]

    def max(self, axis: Axis = None, out: None = None, keepdims: bool = False) -> Variable:
        """As ``np.max``."""
        return _numpy("max", self, axis=axis, out=out, keepdims=keepdims)  # type: ignore[no-any-return]

    def min(self, axis: Axis = None, out: None = None, keepdims: bool = False) -> Variable:
        """As ``np.min``."""
        return _numpy("min", self, axis=axis, out=out, keepdims=keepdims)  # type: ignore[no-any-return]

    def all(self, axis: Axis = None, out: None = None, keepdims: bool = False) -> Variable:
        """As ``np.all``."""
        return _numpy("all", self, axis=axis, out=out, keepdims=keepdims)  # type: ignore[no-any-return]

    def any(self, axis: Axis = None, out: None = None, keepdims: bool = False) -> Variable:
        """As ``np.any``."""
        return _numpy("any", self, axis=axis, out=out, keepdims=keepdims)  # type: ignore[no-any-return]

    def var(
        self,
        axis: Axis = None,
        dtype: Any = None,
        out: None = None,
        ddof: float = 0,
        keepdims: bool = False,
    ) -> Variable:
        """As ``np.var``."""
        return _numpy(  # type: ignore[no-any-return]
            "var", self, axis=axis, dtype=dtype, out=out, ddof=ddof, keepdims=keepdims
        )

    def std(
        self,
        axis: Axis = None,
        dtype: Any = None,
        out: None = None,
        ddof: float = 0,
        keepdims: bool = False,
    ) -> Variable:
        """As ``np.std``."""
        return _numpy(  # type: ignore[no-any-return]
            "std", self, axis=axis, dtype=dtype, out=out, ddof=ddof, keepdims=keepdims
        )

    def cumsum(self, axis: int | None = None, dtype: Any = None) -> Variable:
        """As ``np.cumsum``."""
        return _numpy("cumsum", self, axis=axis, dtype=dtype)  # type: ignore[no-any-return]

    def cumprod(self, axis: int | None = None, dtype: Any = None) -> Variable:
        """As ``np.cumprod``."""
        return _numpy("cumprod", self, axis=axis, dtype=dtype)  # type: ignore[no-any-return]

    def argmax(self, axis: int | None = None, *, keepdims: bool = False) -> Variable:
        """As ``np.argmax``."""
        return _numpy("argmax", self, axis=axis, keepdims=keepdims)  # type: ignore[no-any-return]

    def argmin(self, axis: int | None = None, *, keepdims: bool = False) -> Variable:
        """As ``np.argmin``."""
        return _numpy("argmin", self, axis=axis, keepdims=keepdims)  # type: ignore[no-any-return]

    def reshape(self, *shape: DimLike | Sequence[DimLike], order: str = "C") -> Variable:
        """As ``np.reshape``; the shape as one tuple or as several arguments."""
        return _numpy("reshape", self, _one_or_many(shape), order=order)  # type: ignore[no-any-return]

    def transpose(self, *axes: Any) -> Variable:
        """As ``np.transpose``; the axes as one tuple or as several arguments."""
        return _numpy("transpose", self, _one_or_many(axes) if axes else None)  # type: ignore[no-any-return]

    def swapaxes(self, axis1: int, axis2: int) -> Variable:
        """As ``np.swapaxes``."""
        return _numpy("swapaxes", self, axis1, axis2)  # type: ignore[no-any-return]

    def squeeze(self, axis: Axis = None) -> Variable:
        """As ``np.squeeze``."""
        return _numpy("squeeze", self, axis=axis)  # type: ignore[no-any-return]

    def ravel(self, order: str = "C") -> Variable:
        """As ``np.ravel``."""
        return _numpy("ravel", self, order=order)  # type: ignore[no-any-return]

    def flatten(self, order: str = "C") -> Variable:
        """As ``ndarray.flatten``."""
        return _numpy("ravel", self, order=order)  # type: ignore[no-any-return]

    def astype(self, dtype: Any) -> Variable:
        """The values converted to another dtype."""
        return _numpy("astype", self, dtype)  # type: ignore[no-any-return]

    def copy(self) -> Variable:
        """As ``np.copy``."""
        return _numpy("copy", self)  # type: ignore[no-any-return]

    def dot(self, other: Any) -> Variable:
        """As ``np.dot``."""
        return _numpy("dot", self, other)  # type: ignore[no-any-return]

    def clip(self, min: Any = None, max: Any = None) -> Variable:
        """As ``np.clip``."""
        return _numpy("clip", self, min, max)  # type: ignore[no-any-return]

    def conj(self) -> Variable:
        """The complex conjugate."""
        return _numpy("conjugate", self)  # type: ignore[no-any-return]

    def conjugate(self) -> Variable:
        """The complex conjugate."""
        return _numpy("conjugate", self)  # type: ignore[no-any-return]

    def trace(self, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Variable:
        """As ``np.trace``."""
        return _numpy("trace", self, offset, axis1, axis2)  # type: ignore[no-any-return]

    def diagonal(self, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Variable:
        """As ``np.diagonal``."""
        return _numpy("diagonal", self, offset, axis1, axis2)  # type: ignore[no-any-return]

    def take(self, indices: Any, axis: int | None = None) -> Variable:
        """As ``np.take``."""
        return _numpy("take", self, indices, axis=axis)  # type: ignore[no-any-return]

    def repeat(self, repeats: Any, axis: int | None = None) -> Variable:
        """As ``np.repeat``."""
        return _numpy("repeat", self, repeats, axis=axis)  # type: ignore[no-any-return]

    def round(self, decimals: int = 0) -> Variable:
        """As ``np.round``."""
        return _numpy("round", self, decimals)  # type: ignore[no-any-return]


def _one_or_many(values: Sequence[Any]) -> Any:
    return values[0] if len(values) == 1 else tuple(values)


def _binary(name: str, x: Any, y: Any) -> Variable:
    """Operands that no graph can hold are left to their own operator."""
    operand = y if isinstance(x, Operators) else x
    if not isinstance(operand, (Operators, *_OPERANDS)):
        return NotImplemented
    return _numpy(name, x, y)  # type: ignore[no-any-return]


_OPERANDS = (Dim, bool, int, float, complex, np.ndarray, np.generic, list, tuple)
