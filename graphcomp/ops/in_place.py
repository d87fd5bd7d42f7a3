"""NumPy's functions that change an array in place: refused, by the expression of the new array."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from graphcomp.errors import TraceError
from graphcomp.registry import public

__all__: list[str] = []

_INSTEAD = {
    "copyto": "dst = np.where(where, src, dst)",
    "fill_diagonal": "a = a.at[np.diag_indices(n)].set(val)",
    "place": "arr = np.where(mask, value, arr)",
    "put": "a = a.ravel().at[ind].set(v).reshape(a.shape)",
    "put_along_axis": "arr = arr.at[np.arange(n)[:, None], indices].set(values)",
    "putmask": "a = np.where(mask, value, a)",
}


def _refusing(name: str, instead: str) -> Callable[..., NoReturn]:
    def refuse(*_: Any, **__: Any) -> NoReturn:
        raise TraceError(
            f"np.{name} changes an array in place, and a variable never changes",
            f"write {instead}",
        )

    return refuse


for _name, _mend in _INSTEAD.items():
    public(f"numpy.{_name}")(_refusing(_name, _mend))
