"""Functional update: ``x.at[index].set(values)``, by JAX's names."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from graphcomp.errors import DTypeError, OptionError, ShapeError
from graphcomp.graph import Variable
from graphcomp.ops import compare, create, scatter
from graphcomp.ops.base import as_variable
from graphcomp.ops.indexing import getitem
from graphcomp.ops.indices import as_entries, is_unique, open_bools, parse
from graphcomp.ops.shape import Reshape
from graphcomp.registry import public
from graphcomp.types import format_shape

__all__: list[str] = []

_KINDS = "biufc"


class At:
    """``x.at``: ``x.at[index]`` names elements, and its methods make copies of x with those
    elements changed.

    The index is any that ``x[index]`` takes. Besides, a mask that is a variable selects here too,
    where the values are the same for every element that it selects.

    >>> import graphcomp as gr
    >>> x = gr.vector("x", 3)
    >>> gr.evaluate({x: [1.0, 2.0, 3.0]}, [x.at[0].set(9.0), x.at[x > 1.5].multiply(10.0)])
    [array([9., 2., 3.]), array([ 1., 20., 30.])]
    """

    def __init__(self, x: Variable) -> None:
        self._x = x

    def __getitem__(self, index: Any) -> Elements:
        return Elements(self._x, index)

    def __repr__(self) -> str:
        return f"{self._x.label}.at"


class Elements:
    """Elements of x, and what may become of them in a copy.

    Values are broadcast to the shape of ``x[index]`` and converted to x's dtype. Where the index
    names an element several times, ``set`` keeps the last of its values, as NumPy's assignment
    does (in JAX it is undefined which); the others apply all of them, as ``np.add.at``. An
    index array is in range, or the evaluation raises IndexError. ``unique_indices=True``
    promises that no element is named twice, which makes shorter code; ``indices_are_sorted``
    changes nothing.

    Each method raises as ``x[index]``, and ShapeError for values that do not broadcast, DTypeError
    for values that x's dtype does not hold, OptionError for a ``mode`` other than None and
    ``"promise_in_bounds"``.
    """

    def __init__(self, x: Variable, index: Any) -> None:
        self._x, self._index = x, index
        entries = as_entries(index)
        alone = entries[0] if len(entries) == 1 else None
        is_mask = isinstance(alone, Variable) and alone.dtype.kind == "b"
        self._mask: Variable | None = _aligned(alone, x) if is_mask else None

    def __repr__(self) -> str:
        return f"{self._x.label}.at[{self._index!r}]"

    @public()
    def get(self, **options: Any) -> Variable:
        """``x[index]``."""
        _promised(**options)
        return getitem(self._x, self._index)

    @public()
    def set(self, values: Any, **options: Any) -> Variable:
        """What x is after ``x[index] = values``."""
        values = self._values(values, "set", strict=False)
        return self._update(scatter.IndexSet, values, lambda old, new: new, options)

    @public()
    def add(self, values: Any, **options: Any) -> Variable:
        """What x is after ``np.add.at(x, index, values)``."""
        values = self._values(values, "add")
        return self._update(scatter.IndexAdd, values, operator.add, options)

    @public()
    def subtract(self, values: Any, **options: Any) -> Variable:
        """What x is after ``np.subtract.at(x, index, values)``."""
        values = self._values(values, "subtract")
        return self._update(scatter.IndexAdd, -values, operator.add, options)

    @public()
    def multiply(self, values: Any, **options: Any) -> Variable:
        """What x is after ``np.multiply.at(x, index, values)``."""
        values = self._values(values, "multiply")
        return self._update(scatter.IndexMultiply, values, operator.mul, options)

    mul = multiply

    @public()
    def divide(self, values: Any, **options: Any) -> Variable:
        """x with its elements divided by each of their values; float64 where x is of ints."""
        return self._by_factors(operator.truediv, as_variable(values), options)

    @public()
    def power(self, values: Any, **options: Any) -> Variable:
        """x with its elements raised to each of their values, one after the other."""
        return self._by_factors(operator.pow, self._values(values, "raise to"), options)

    @public()
    def min(self, values: Any, **options: Any) -> Variable:
        """What x is after ``np.minimum.at(x, index, values)``; all that tie share the gradient."""
        values = self._values(values, "take the minimum with")
        return self._update(scatter.IndexMinimum, values, compare.minimum, options)

    @public()
    def max(self, values: Any, **options: Any) -> Variable:
        """What x is after ``np.maximum.at(x, index, values)``; all that tie share the gradient."""
        values = self._values(values, "take the maximum with")
        return self._update(scatter.IndexMaximum, values, compare.maximum, options)

    @public()
    def apply(self, func: Callable[[Variable], Any], **options: Any) -> Variable:
        """x with ``func`` of its elements in their place, applied once to each."""
        if self._mask is not None:
            return compare.where(self._mask, func(self._x), self._x)
        return self.set(func(self.get()), **options)

    # ------------------------------------------------------------------------------------- how

    def _update(
        self,
        op: type[scatter.IndexUpdate],
        values: Variable,
        combine: Callable[[Variable, Variable], Variable],
        options: dict[str, Any],
    ) -> Variable:
        """By one operation where elements may be named twice, else by what sets new values."""
        unique = _promised(**options)
        x = self._x
        if self._mask is not None:
            return compare.where(self._mask, combine(x, self._for_mask(values)), x)
        if issubclass(op, scatter.IndexAt) and (unique or self._is_unique()):
            values = combine(getitem(x, self._index), values).astype(x.dtype)
            op, unique = scatter.IndexSet, True
        return scatter.updated(op, x, self._index, values, unique)

    def _by_factors(
        self,
        combine: Callable[[Variable, Variable], Variable],
        values: Variable,
        options: dict[str, Any],
    ) -> Variable:
        """Several divisors or exponents of one element are multiplied."""
        unique = _promised(**options)
        x = self._x
        if combine is operator.truediv and x.dtype.kind not in "fc":
            x = x.astype("float64")
        values = Elements(x, self._index)._values(values, "divide by")
        if self._mask is not None:
            return compare.where(self._mask, combine(x, self._for_mask(values)), x)
        if unique or self._is_unique():
            changed = combine(getitem(x, self._index), values).astype(x.dtype)
            return scatter.updated(scatter.IndexSet, x, self._index, changed, True)
        ones = create.full_of(1, x.type)
        return combine(x, scatter.updated(scatter.IndexMultiply, ones, self._index, values))

    def _is_unique(self) -> bool:
        entries, arrays = parse(*open_bools(self._x, self._index))
        return is_unique(entries, tuple(arrays))

    def _values(self, values: Any, verb: str, strict: bool = True) -> Variable:
        """The values in x's dtype, which an assignment may round, and arithmetic may not."""
        x, given = self._x, as_variable(values)
        kinds = [_KINDS.index(v.dtype.kind.replace("u", "i")) for v in (given, x)]
        holds = np.can_cast(given.dtype, x.dtype, "same_kind") or kinds[0] < kinds[1]
        if not (holds or (given.type.weak and kinds[0] == kinds[1])) and (
            strict or given.dtype.kind == "c"
        ):
            raise DTypeError(
                f"cannot {verb} {given.dtype} at elements of {x.label}, which is {x.dtype}",
                f"write {x.label}.astype({given.dtype.name!r}).at[…], or convert the values",
            )
        return scatter.converted(given, x)

    def _for_mask(self, values: Variable) -> Variable:
        """The values, which must not differ along the axes that the mask selects from."""
        assert self._mask is not None
        selected = sum(1 for entry in as_entries(self._index) for _ in entry.shape)
        if values.ndim > self._x.ndim - selected:
            raise ShapeError(
                f"{self._x.label}.at[mask] takes values of at most {self._x.ndim - selected} axes, "
                f"not of shape {format_shape(values.shape)}: which of them is for which element "
                "would depend on the values of the mask",
                "write gr.where(mask, values, x) with values of the shape of x",
            )
        return values


def _aligned(mask: Any, x: Variable) -> Variable:
    """The mask with axes of length 1 for the axes of x that it does not select from."""
    if mask.ndim > x.ndim or mask.shape != x.shape[: mask.ndim]:
        raise ShapeError(
            f"a mask of shape {format_shape(mask.shape)} for {x.label}, "
            f"of shape {format_shape(x.shape)}",
            "a mask must have the lengths of the axes that it selects from",
        )
    return Reshape((*mask.shape, *(1,) * (x.ndim - mask.ndim)))(mask)


def _promised(
    indices_are_sorted: bool = False, unique_indices: bool = False, mode: str | None = None
) -> bool:
    """Whether no element is named twice; OptionError for a way to read what is out of range."""
    if mode not in (None, "promise_in_bounds"):
        raise OptionError(
            f"x.at[…] with mode={mode!r}",
            "leave it out, and bring the index in range: gr.clip(index, 0, n - 1)",
        )
    return bool(unique_indices)


@public("numpy.ndarray.at")
def _at(x: Variable) -> At:
    return At(x)
