"""``np.vectorize``: a function of single elements, or of small arrays, over whole arrays."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from graphcomp import dims
from graphcomp.dims import Shape
from graphcomp.errors import OptionError, ShapeError
from graphcomp.graph import Variable
from graphcomp.ops import shape as shapes
from graphcomp.ops.base import as_variable
from graphcomp.ops.batching import batch_outputs, element
from graphcomp.registry import call, public
from graphcomp.types import as_dtype, broadcast_shapes, format_shape

__all__ = ["vectorize"]

_CORE = r"\(\s*(?:\w+\s*(?:,\s*\w+\s*)*)?\)"
_LIST = rf"\s*{_CORE}(?:\s*,\s*{_CORE})*\s*"
_SIGNATURE = re.compile(rf"({_LIST})->({_LIST})")
Cores = list[tuple[str, ...]]


@public("numpy.vectorize")
def vectorize(
    pyfunc: Callable[..., Any] | None = None,
    otypes: Any = None,
    doc: str | None = None,
    excluded: Iterable[int | str] | None = None,
    cache: bool = False,
    signature: str | None = None,
) -> Callable[..., Any]:
    """A function that applies ``pyfunc`` to every element of its arguments, broadcast.

    As ``np.vectorize``. ``signature``, such as ``"(m,n),(n)->(m)"``, names the last axes that
    pyfunc takes at once; ``excluded`` names arguments, by number or by name, that it gets as they
    are; ``otypes`` are the dtypes of the results. pyfunc is called once, on variables that stand
    for one element each, and what it does is done to all of them at once. The function that is
    returned raises ShapeError where arguments do not fit the signature or each other; this one
    raises OptionError for a signature that is none.

    >>> import graphcomp as gr
    >>> dots = gr.vectorize(lambda row, v: row @ v, signature="(n),(n)->()")
    >>> dots(gr.matrix("X", ("m", 3)), gr.vector("v", 3)).shape
    (Dim('m'),)
    """
    if pyfunc is None:
        return functools.partial(
            vectorize, otypes=otypes, doc=doc, excluded=excluded, cache=cache, signature=signature
        )
    function = pyfunc
    cores = None if signature is None else _cores(signature)
    fixed = frozenset(excluded or ())
    dtypes = None if otypes is None else [as_dtype(kind) for kind in otypes]

    def vectorized(*args: Any, **kwargs: Any) -> Any:
        given: dict[int | str, Any] = dict(enumerate(args))
        given.update(kwargs)
        names = [name for name in given if name not in fixed]
        arrays = [as_variable(given[name]) for name in names]
        if not arrays:
            raise OptionError("vectorize without an argument to go through", "give it an array")

        def of_elements(elements: Sequence[Variable]) -> Any:
            chosen = {**given, **dict(zip(names, elements, strict=True))}
            positional = [chosen[k] for k in range(len(args))]
            return function(*positional, **{name: chosen[name] for name in kwargs})

        return _over_all(of_elements, arrays, cores, dtypes)

    if isinstance(getattr(pyfunc, "__name__", None), str):
        functools.update_wrapper(vectorized, pyfunc)
    return vectorized


def _cores(signature: str) -> Cores:
    """The names of the axes that each argument has at its end."""
    found = _SIGNATURE.fullmatch(signature)
    if found is None:
        raise OptionError(f"signature={signature!r}", "write it as '(m,n),(n)->(m)'")
    return [tuple(re.findall(r"\w+", core)) for core in re.findall(_CORE, found[1])]


def _over_all(
    function: Callable[[Sequence[Variable]], Any],
    arrays: list[Variable],
    cores: Cores | None,
    dtypes: list[Any] | None,
) -> Any:
    counts = _core_counts(arrays, cores)
    splits = [x.ndim - count for x, count in zip(arrays, counts, strict=True)]
    loop = broadcast_shapes(*(x.shape[:k] for x, k in zip(arrays, splits, strict=True)))
    size = dims.prod(loop)
    wholes = []
    for x, k in zip(arrays, splits, strict=True):
        core = x.shape[k:]
        spread = shapes.broadcast_to(x, (*loop, *core))
        wholes.append(shapes.Reshape((size, *core))(spread))
    elements = [element(whole) for whole in wholes]
    made = function(elements)
    results = [call("asarray", v) for v in (made if isinstance(made, tuple) else (made,))]
    if dtypes is not None:
        if len(dtypes) != len(results):
            raise OptionError(f"{len(dtypes)} otypes for {len(results)} results", "give as many")
        results = [v.astype(dtype) for v, dtype in zip(results, dtypes, strict=True)]
    table = batch_outputs(results, dict(zip(elements, wholes, strict=True)))
    finished = tuple(_shaped(v, table.get(v), loop) for v in results)
    return finished if isinstance(made, tuple) else finished[0]


def _core_counts(arrays: list[Variable], cores: Cores | None) -> list[int]:
    """How many axes of each argument the function takes at once."""
    if cores is None:
        return [0] * len(arrays)
    if len(cores) != len(arrays):
        raise ShapeError(
            f"{len(arrays)} arguments for a signature of {len(cores)}", "give one for each"
        )
    lengths: dict[str, Any] = {}
    for x, core in zip(arrays, cores, strict=True):
        last = x.shape[x.ndim - len(core) :] if core else ()
        fits = x.ndim >= len(core) and all(
            lengths.setdefault(name, n) == n for name, n in zip(core, last, strict=True)
        )
        if not fits:
            raise ShapeError(
                f"{x.label} of shape {format_shape(x.shape)} for ({', '.join(core)})",
                "axes of one name must have one length",
            )
    return [len(core) for core in cores]


def _shaped(result: Variable, whole: Variable | None, loop: Shape) -> Variable:
    if whole is None:  # it does not depend on the elements
        return shapes.broadcast_to(result, (*loop, *result.shape))
    return shapes.Reshape((*loop, *result.shape))(whole)
