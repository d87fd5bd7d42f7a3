"""ndarray's methods and attributes for variables, looked up by NumPy's names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from graphcomp.dims import DimLike
from graphcomp.errors import TraceError
from graphcomp.registry import call

if TYPE_CHECKING:
    from graphcomp.graph import Variable

Axis = int | Sequence[int] | None


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
    def itemsize(self) -> int:
        """Bytes of one element."""
        itemsize: int = self.dtype.itemsize  # type: ignore[attr-defined]
        return itemsize

    @property
    def nbytes(self) -> DimLike:
        """Bytes of all elements."""
        nbytes: DimLike = self.itemsize * self.size  # type: ignore[attr-defined]
        return nbytes

    # -------------------------------------------------------------------------------- reductions

    def sum(
        self, axis: Axis = None, dtype: Any = None, out: None = None, keepdims: bool = False
    ) -> Variable:
        """As ``np.sum``."""
        return call("sum", self, axis=axis, dtype=dtype, keepdims=keepdims, out=out)

    def prod(
        self, axis: Axis = None, dtype: Any = None, out: None = None, keepdims: bool = False
    ) -> Variable:
        """As ``np.prod``."""
        return call("prod", self, axis=axis, dtype=dtype, keepdims=keepdims, out=out)

    def mean(
        self, axis: Axis = None, dtype: Any = None, out: None = None, keepdims: bool = False
    ) -> Variable:
        """As ``np.mean``."""
        return call("mean", self, axis=axis, dtype=dtype, keepdims=keepdims, out=out)

    def max(self, axis: Axis = None, out: None = None, keepdims: bool = False) -> Variable:
        """As ``np.max``."""
        return call("max", self, axis=axis, keepdims=keepdims, out=out)

    def min(self, axis: Axis = None, out: None = None, keepdims: bool = False) -> Variable:
        """As ``np.min``."""
        return call("min", self, axis=axis, keepdims=keepdims, out=out)

    def all(self, axis: Axis = None, out: None = None, keepdims: bool = False) -> Variable:
        """As ``np.all``."""
        return call("all", self, axis=axis, keepdims=keepdims, out=out)

    def any(self, axis: Axis = None, out: None = None, keepdims: bool = False) -> Variable:
        """As ``np.any``."""
        return call("any", self, axis=axis, keepdims=keepdims, out=out)

    def var(
        self,
        axis: Axis = None,
        dtype: Any = None,
        out: None = None,
        ddof: float = 0,
        keepdims: bool = False,
    ) -> Variable:
        """As ``np.var``."""
        return call("var", self, axis=axis, dtype=dtype, ddof=ddof, keepdims=keepdims, out=out)

    def std(
        self,
        axis: Axis = None,
        dtype: Any = None,
        out: None = None,
        ddof: float = 0,
        keepdims: bool = False,
    ) -> Variable:
        """As ``np.std``."""
        return call("std", self, axis=axis, dtype=dtype, ddof=ddof, keepdims=keepdims, out=out)

    def cumsum(self, axis: int | None = None, dtype: Any = None) -> Variable:
        """As ``np.cumsum``."""
        return call("cumsum", self, axis=axis, dtype=dtype)

    def cumprod(self, axis: int | None = None, dtype: Any = None) -> Variable:
        """As ``np.cumprod``."""
        return call("cumprod", self, axis=axis, dtype=dtype)

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

    def reshape(self, *shape: DimLike | Sequence[DimLike], order: str = "C") -> Variable:
        """As ``np.reshape``; the shape as one tuple or as several arguments."""
        return call("reshape", self, _one_or_many(shape), order=order)

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

    def copy(self, order: str = "C") -> Variable:
        """The variable itself, which never changes."""
        return self  # type: ignore[return-value]

    def conj(self) -> Variable:
        """The complex conjugate."""
        return call("conjugate", self)

    def conjugate(self) -> Variable:
        """The complex conjugate."""
        return call("conjugate", self)

    def clip(self, min: Any = None, max: Any = None, out: None = None) -> Variable:
        """As ``np.clip``."""
        return call("clip", self, min, max, out=out)

    def round(self, decimals: int = 0, out: None = None) -> Variable:
        """As ``np.round``."""
        return call("round", self, decimals, out=out)

    def dot(self, other: Any) -> Variable:
        """As ``np.dot``."""
        return call("dot", self, other)

    def trace(self, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Variable:
        """As ``np.trace``."""
        return call("trace", self, offset, axis1, axis2)

    def diagonal(self, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Variable:
        """As ``np.diagonal``."""
        return call("diagonal", self, offset, axis1, axis2)

    def take(self, indices: Any, axis: int | None = None) -> Variable:
        """As ``np.take``."""
        return call("take", self, indices, axis=axis)

    def argsort(self, axis: int | None = -1) -> Variable:
        """As ``np.argsort``."""
        return call("argsort", self, axis=axis)

    # --------------------------------------------------------------- what changes an array in place

    def sort(self, *_: Any, **__: Any) -> NoReturn:
        """Not available: a variable never changes."""
        _refuse_change("x.sort()", "write x = np.sort(x)")

    def fill(self, *_: Any) -> NoReturn:
        """Not available: a variable never changes."""
        _refuse_change("x.fill(value)", "write x = np.full(x.shape, value)")

    def put(self, *_: Any) -> NoReturn:
        """Not available: a variable never changes."""
        _refuse_change("x.put(indices, values)", "write np.where(mask, values, x)")

    def resize(self, *_: Any) -> NoReturn:
        """Not available: a variable never changes."""
        _refuse_change("x.resize(shape)", "write x = np.reshape(x, shape)")


def _refuse_change(what: str, mend: str) -> NoReturn:
    raise TraceError(f"{what} changes an array in place, and a variable never changes", mend)


def _one_or_many(values: Sequence[Any]) -> Any:
    return values[0] if len(values) == 1 else tuple(values)
