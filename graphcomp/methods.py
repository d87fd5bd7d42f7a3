"""ndarray's methods and attributes for variables, looked up by NumPy's names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from graphcomp.dims import DimLike
from graphcomp.errors import MemoryLayoutError, TraceError
from graphcomp.registry import call

if TYPE_CHECKING:
    from graphcomp.graph import Variable
    from graphcomp.ops.at import At

Axis = int | Sequence[int] | None

_OF_MEMORY = frozenset((
    "base", "byteswap", "ctypes", "data", "dump", "dumps", "flags", "getfield", "setfield",
    "setflags", "strides", "tobytes", "tofile",
))  # fmt: skip


class Methods:
    """Mixin of ``Variable``: whatever an ndarray can be asked by name."""

    __slots__ = ()

    @property
    def T(self) -> Variable:  # noqa: N802
        """The transpose, all axes reversed."""
        return call("transpose", self)

    @property
    def mT(self) -> Variable:  # noqa: N802
        """The transpose of the last two axes."""
        return call("matrix_transpose", self)

    @property
    def real(self) -> Variable:
        """The real part."""
        return call("real", self)

    @property
    def imag(self) -> Variable:
        """The imaginary part."""
        return call("imag", self)

    @property
    def at(self) -> At:
        """``x.at[index].set(values)``: a copy of x with elements changed."""
        return call("ndarray.at", self)  # type: ignore[return-value]

    @property
    def itemsize(self) -> int:
        """Bytes of one element."""
        itemsize: int = self.dtype.itemsize  # type: ignore[attr-defined]
        return itemsize

    @property
    def nbytes(self) -> DimLike:
        """Bytes of all elements."""
        nbytes: DimLike = self.itemsize * self.size  # type: ignore[attr-defined]
        return nbytes

    if not TYPE_CHECKING:  # to a type checker every name would be there

        def __getattr__(self, name: str) -> NoReturn:
            if name in _OF_MEMORY:
                raise MemoryLayoutError(
                    f"x.{name} is about the memory of an array, and a variable has none",
                    "leave it out, or ask it of the arrays that are passed in",
                )
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    # -------------------------------------------------------------------------------- reductions

    def sum(
        self,
        axis: Axis = None,
        dtype: Any = None,
        out: None = None,
        keepdims: bool = False,
        initial: Any = None,
        where: Any = True,
    ) -> Variable:
        """As ``np.sum``."""
        return call("sum", self, axis, dtype, out, keepdims, initial, where)

    def prod(
        self,
        axis: Axis = None,
        dtype: Any = None,
        out: None = None,
        keepdims: bool = False,
        initial: Any = None,
        where: Any = True,
    ) -> Variable:
        """As ``np.prod``."""
        return call("prod", self, axis, dtype, out, keepdims, initial, where)

    def mean(
        self,
        axis: Axis = None,
        dtype: Any = None,
        out: None = None,
        keepdims: bool = False,
        *,
        where: Any = True,
    ) -> Variable:
        """As ``np.mean``."""
        return call("mean", self, axis, dtype, out, keepdims, where=where)

    def max(
        self,
        axis: Axis = None,
        out: None = None,
        keepdims: bool = False,
        initial: Any = None,
        where: Any = True,
    ) -> Variable:
        """As ``np.max``."""
        return call("max", self, axis, out, keepdims, initial, where)

    def min(
        self,
        axis: Axis = None,
        out: None = None,
        keepdims: bool = False,
        initial: Any = None,
        where: Any = True,
    ) -> Variable:
        """As ``np.min``."""
        return call("min", self, axis, out, keepdims, initial, where)

    def all(
        self, axis: Axis = None, out: None = None, keepdims: bool = False, *, where: Any = True
    ) -> Variable:
        """As ``np.all``."""
        return call("all", self, axis, out, keepdims, where=where)

    def any(
        self, axis: Axis = None, out: None = None, keepdims: bool = False, *, where: Any = True
    ) -> Variable:
        """As ``np.any``."""
        return call("any", self, axis, out, keepdims, where=where)

    def var(
        self,
        axis: Axis = None,
        dtype: Any = None,
        out: None = None,
        ddof: float = 0,
        keepdims: bool = False,
        *,
        where: Any = True,
        mean: Any = None,
        correction: float | None = None,
    ) -> Variable:
        """As ``np.var``."""
        return call(
            "var",
            self,
            axis,
            dtype,
            out,
            ddof,
            keepdims,
            where=where,
            mean=mean,
            correction=correction,
        )

    def std(
        self,
        axis: Axis = None,
        dtype: Any = None,
        out: None = None,
        ddof: float = 0,
        keepdims: bool = False,
        *,
        where: Any = True,
        mean: Any = None,
        correction: float | None = None,
    ) -> Variable:
        """As ``np.std``."""
        return call(
            "std",
            self,
            axis,
            dtype,
            out,
            ddof,
            keepdims,
            where=where,
            mean=mean,
            correction=correction,
        )

    def cumsum(self, axis: int | None = None, dtype: Any = None, out: None = None) -> Variable:
        """As ``np.cumsum``."""
        return call("cumsum", self, axis, dtype, out)

    def cumprod(self, axis: int | None = None, dtype: Any = None, out: None = None) -> Variable:
        """As ``np.cumprod``."""
        return call("cumprod", self, axis, dtype, out)

    def argmax(
        self, axis: int | None = None, out: None = None, *, keepdims: bool = False
    ) -> Variable:
        """As ``np.argmax``."""
        return call("argmax", self, axis=axis, keepdims=keepdims, out=out)

    def argmin(
        self, axis: int | None = None, out: None = None, *, keepdims: bool = False
    ) -> Variable:
        """As ``np.argmin``."""
        return call("argmin", self, axis=axis, keepdims=keepdims, out=out)

    # ------------------------------------------------------------------------------------- shapes

    def reshape(
        self, *shape: DimLike | Sequence[DimLike], order: str = "C", copy: bool | None = None
    ) -> Variable:
        """As ``np.reshape``; the shape as one tuple or as several arguments."""
        return call("reshape", self, _one_or_many(shape), order=order, copy=copy)

    def transpose(self, *axes: Any) -> Variable:
        """As ``np.transpose``; the axes as one tuple or as several arguments."""
        return call("transpose", self, _one_or_many(axes) if axes else None)

    def swapaxes(self, axis1: int, axis2: int) -> Variable:
        """As ``np.swapaxes``."""
        return call("swapaxes", self, axis1, axis2)

    def squeeze(self, axis: Axis = None) -> Variable:
        """As ``np.squeeze``."""
        return call("squeeze", self, axis=axis)

    def ravel(self, order: str = "C") -> Variable:
        """As ``np.ravel``."""
        return call("ravel", self, order=order)

    def flatten(self, order: str = "C") -> Variable:
        """As ``ndarray.flatten``."""
        return call("ravel", self, order=order)

    @property
    def flat(self) -> Variable:
        """The elements in C order, to be indexed or iterated over."""
        return call("ravel", self)

    def repeat(self, repeats: Any, axis: int | None = None) -> Variable:
        """As ``np.repeat``."""
        return call("repeat", self, repeats, axis=axis)

    # ------------------------------------------------------------------------------------- values

    def astype(
        self,
        dtype: Any,
        order: str = "K",
        casting: str = "unsafe",
        subok: bool = True,
        copy: bool = True,
    ) -> Variable:
        """The values converted to another dtype; how memory is laid out has no meaning here."""
        return call("astype", self, dtype)

    def view(self, dtype: Any = None) -> Variable:
        """As ``ndarray.view``: the bytes read as another dtype."""
        return call("ndarray.view", self, dtype)

    def copy(self, order: str = "C") -> Variable:
        """The variable itself, which never changes."""
        return self  # type: ignore[return-value]

    def conj(self) -> Variable:
        """The complex conjugate; of bools the same bools, where ``np.conj`` makes integers."""
        return call("ndarray.conj", self)

    def conjugate(self) -> Variable:
        """The complex conjugate; of bools the same bools, where ``np.conj`` makes integers."""
        return call("ndarray.conj", self)

    def clip(self, min: Any = None, max: Any = None, out: None = None) -> Variable:
        """As ``np.clip``."""
        return call("clip", self, min, max, out=out)

    def round(self, decimals: int = 0, out: None = None) -> Variable:
        """As ``np.round``."""
        return call("round", self, decimals, out=out)

    def dot(self, other: Any) -> Variable:
        """As ``np.dot``."""
        return call("dot", self, other)

    def trace(
        self, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None, out: None = None
    ) -> Variable:
        """As ``np.trace``."""
        return call("trace", self, offset, axis1, axis2, dtype, out)

    def diagonal(self, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Variable:
        """As ``np.diagonal``."""
        return call("diagonal", self, offset, axis1, axis2)

    def take(
        self, indices: Any, axis: int | None = None, out: None = None, mode: str = "raise"
    ) -> Variable:
        """As ``np.take``."""
        return call("take", self, indices, axis=axis, out=out, mode=mode)

    def choose(self, choices: Any, out: None = None, mode: str = "raise") -> Variable:
        """As ``np.choose``."""
        return call("choose", self, choices, out=out, mode=mode)

    def compress(self, condition: Any, axis: int | None = None, out: None = None) -> Variable:
        """As ``np.compress``."""
        return call("compress", condition, self, axis=axis, out=out)

    # ------------------------------------------------------------------------------ order, search

    def argsort(
        self,
        axis: int | None = -1,
        kind: str | None = None,
        order: None = None,
        *,
        stable: bool | None = None,
    ) -> Variable:
        """As ``np.argsort``."""
        return call("argsort", self, axis=axis, kind=kind, order=order, stable=stable)

    def argpartition(
        self, kth: Any, axis: int | None = -1, kind: str = "introselect", order: None = None
    ) -> Variable:
        """As ``np.argpartition``."""
        return call("argpartition", self, kth, axis=axis, kind=kind, order=order)

    def searchsorted(self, v: Any, side: str = "left", sorter: Any = None) -> Variable:
        """As ``np.searchsorted``."""
        return call("searchsorted", self, v, side=side, sorter=sorter)

    # --------------------------------------------------------------- what changes an array in place

    def sort(self, *_: Any, **__: Any) -> NoReturn:
        """Not available: a variable never changes."""
        _refuse_change("x.sort()", "write x = np.sort(x)")

    def partition(self, *_: Any, **__: Any) -> NoReturn:
        """Not available: a variable never changes."""
        _refuse_change("x.partition(kth)", "write x = np.partition(x, kth)")

    def fill(self, *_: Any) -> NoReturn:
        """Not available: a variable never changes."""
        _refuse_change("x.fill(value)", "write x = np.full(x.shape, value)")

    def put(self, *_: Any) -> NoReturn:
        """Not available: a variable never changes."""
        _refuse_change("x.put(indices, values)", "write x = x.at[indices].set(values)")

    def resize(self, *_: Any) -> NoReturn:
        """Not available: a variable never changes."""
        _refuse_change("x.resize(shape)", "write x = np.reshape(x, shape)")


def _refuse_change(what: str, mend: str) -> NoReturn:
    raise TraceError(f"{what} changes an array in place, and a variable never changes", mend)


def _one_or_many(values: Sequence[Any]) -> Any:
    return values[0] if len(values) == 1 else tuple(values)
