"""Einstein summation; its derivative is an Einstein summation again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from string import ascii_letters
from typing import Any, ClassVar

import numpy as np

from graphcomp.dims import Dim, DimLike
from graphcomp.errors import DTypeError, OptionError, ShapeError, SizeError
from graphcomp.graph import Variable
from graphcomp.ops import create, shape as shapes
from graphcomp.ops.base import Bad, Meaning, Op, Operand, Sample, as_variable
from graphcomp.registry import public, refuse
from graphcomp.types import TensorType, as_dtype, broadcast_shapes

__all__ = ["einsum", "einsum_path"]

Array = np.ndarray[Any, Any]

SMALL = 30_000  # multiplications, below which finding the best order costs more than it saves


@dataclass(frozen=True, eq=False)
class Einsum(Op):
    """The sum of products of elements with equal labels, in explicit form: ``ij,jk->ik``."""

    subscripts: str
    parameters: ClassVar[tuple[str, ...]] = ("*xs",)

    @property
    def terms(self) -> list[str]:
        """The labels of each operand."""
        return self.subscripts.split("->")[0].split(",")

    @property
    def output(self) -> str:
        """The labels of the result."""
        return self.subscripts.split("->")[1]

    def infer(self, *types: TensorType) -> TensorType:
        lengths = self._lengths(types)
        dtype = np.result_type(*(t.dtype for t in types))
        return TensorType(dtype, tuple(lengths[label] for label in self.output))

    def _lengths(self, types: Iterable[TensorType]) -> dict[str, DimLike]:
        """The length of each label; one of length 1 broadcasts, as in NumPy."""
        lengths: dict[str, DimLike] = {}
        for labels, operand in zip(self.terms, types, strict=True):
            if len(labels) != operand.ndim:
                raise ShapeError(
                    f"{len(labels)} labels '{labels}' for {operand.ndim} axes",
                    "write one letter for each axis of each operand",
                )
            for label, length in zip(labels, operand.shape, strict=True):
                try:
                    (lengths[label],) = broadcast_shapes((length,), (lengths.get(label, 1),))
                except ShapeError:
                    raise ShapeError(
                        f"label '{label}' stands for lengths {lengths[label]} and {length}",
                        "axes with the same label must have the same length",
                    ) from None
            for label in Counter(labels):
                own = {operand.shape[k] for k, other in enumerate(labels) if other == label}
                if len(own) > 1:
                    raise ShapeError(
                        f"label '{label}' repeats in '{labels}' for axes of different lengths",
                        "a diagonal needs axes of the same length",
                    )
        return lengths

    def flops(self, types: tuple[TensorType, ...], output: TensorType) -> Any:
        total: Any = len(types)
        for length in self._lengths(types).values():
            total = total * length
        return total

    def meaning(self, *types: TensorType) -> Meaning:
        operands = ", ".join(f"xs{k}" for k in range(len(types)))
        if len(types) > 2:  # in the best order; that may end in a 0-d array
            options = ", optimize=True)" if self.output else ", optimize=True)[()]"
        else:
            options = ", optimize=True)" if self._gains_by_blas(types) else ")"
        text = f"np.einsum(subscripts, {operands}{options}"
        return Meaning(text, {"subscripts": self.subscripts})

    def _gains_by_blas(self, types: tuple[TensorType, ...]) -> bool:
        """Whether it is a product of matrices, and large: some ten times faster then."""
        if len(types) != 2:
            return False
        x, y = map(set, self.terms)
        kept = set(self.output)
        work = self.flops(types, types[0])
        is_small = isinstance(work, int) and work < SMALL
        return bool((x & y) - kept and (x - y) & kept and (y - x) & kept) and not is_small

    def simplify(self, *inputs: Variable) -> Variable | None:
        if len(inputs) == 1 and not inputs[0].type.weak and self.terms == [self.output]:
            return inputs[0] if len(set(self.output)) == inputs[0].ndim else None
        return None

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        """Sum G times the other operands into the labels of operand i.

        A label that repeats in operand i is a diagonal: each repetition gets a label of its own,
        tied to the first by an identity matrix. A label that nothing else has was summed alone:
        its gradient is the same all along it.
        """
        x, labels = inputs[i], self.terms[i]
        operands = [v for k, v in enumerate(inputs) if k != i]
        terms = [t for k, t in enumerate(self.terms) if k != i]
        if self.output:
            operands, terms = [G, *operands], [self.output, *terms]
        free = iter([c for c in ascii_letters if c not in self.subscripts])
        target = ""
        for k, label in enumerate(labels):
            if label in target:
                target += next(free)
                operands.append(create.eye(x.shape[k], dtype=G.dtype))
                terms.append(label + target[-1])
            else:
                target += label
        known = "".join(label for label in target if any(label in term for term in terms))
        total = Einsum(f"{','.join(terms)}->{known}")(*operands) if operands else G
        if operands and not self.output:
            total = G * total
        if known == target:
            return total
        alone = [k for k, label in enumerate(target) if label not in known]
        total = shapes.expand_dims(total, alone)
        shape = [n if k in alone else total.shape[k] for k, n in enumerate(x.shape)]
        return shapes.broadcast_to(total, tuple(shape))

    def batch(self, inputs: tuple[Variable, ...], batched: tuple[bool, ...]) -> Variable:
        lead = next(c for c in ascii_letters if c not in self.subscripts)
        terms = [lead * b + term for term, b in zip(self.terms, batched, strict=True)]
        return Einsum(f"{','.join(terms)}->{lead}{self.output}")(*inputs)

    def oracle(self, *operands: Array) -> Any:
        lengths: dict[str, int] = {}
        for labels, x in zip(self.terms, operands, strict=True):
            for label, n in zip(labels, x.shape, strict=True):
                lengths[label] = n if n != 1 else lengths.get(label, 1)
        out = np.zeros([lengths[c] for c in self.output], np.result_type(*operands))
        for values in np.ndindex(*lengths.values()):
            at = dict(zip(lengths, values, strict=True))
            term: Any = 1
            for labels, x in zip(self.terms, operands, strict=True):
                place = [at[c] if n != 1 else 0 for c, n in zip(labels, x.shape, strict=True)]
                term = term * x[tuple(place)]
            out[tuple(at[c] for c in self.output)] += term
        return out[()]

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        uses: list[tuple[str, tuple[tuple[int, ...], ...]]] = [
            ("ij,jk->ik", ((2, 3), (3, 4))),
            ("ij->ji", ((2, 3),)),
            ("ij->", ((2, 3),)),
            ("ii->", ((3, 3),)),
            ("ii->i", ((3, 3),)),
            ("iji->j", ((2, 3, 2),)),
            ("i,i->", ((3,), (3,))),
            ("i,j->ij", ((2,), (3,))),
            ("ij,j->i", ((2, 3), (3,))),
            ("i,ij,j->", ((2,), (2, 3), (3,))),
            ("bij,bjk->bik", ((2, 2, 3), (2, 3, 2))),
            ("ij,ij->ij", ((2, 1), (2, 3))),
            ("ij,k->i", ((2, 3), (2,))),
            (",i->i", ((), (3,))),
            ("iij,j->i", ((2, 2, 3), (3,))),
            ("ij,jk->ik", ((2, 0), (0, 3))),
            ("ij,jk->ik", ((0, 2), (2, 3))),
        ]
        for subscripts, shapes_ in uses:
            yield Sample(cls(subscripts), tuple(map(Operand, shapes_)))
        numbers = Operand((2, 2), dtype="complex128")
        yield Sample(cls("ii,ij->j"), (numbers, numbers))

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls("ij,jk->ik"), (Operand((2, 3)), Operand((2, 3))), ShapeError)
        yield Bad(cls("ij->i"), (Operand((3,)),), ShapeError)
        yield Bad(cls("ii->i"), (Operand((2, 3)),), ShapeError)


@public("numpy.einsum")
def einsum(
    subscripts: Any,
    /,
    *operands: Any,
    out: None = None,
    dtype: Any = None,
    order: str = "K",
    casting: Any = "safe",
    optimize: Any = False,
) -> Variable:
    """The Einstein summation of the operands, as ``np.einsum``.

    Implicit and explicit form, repeated labels, ``...``, and alternating operands and lists of
    axis numbers. ``optimize`` is decided by the generated code, ``order`` has no meaning here.
    Raises ShapeError for labels that do not fit the operands, OptionError for subscripts that
    cannot be read, DTypeError for operands that ``casting`` keeps from ``dtype``.

    >>> import graphcomp as gr
    >>> gr.einsum("...ij,jk", gr.tensor("A", (5, 2, 3)), gr.matrix("B", (3, 4))).shape
    (5, 2, 4)
    >>> gr.einsum(gr.matrix("A", (2, 3)), [0, 1], [1, 0]).shape
    (3, 2)
    """
    refuse("einsum", out=out)
    explicit, variables = _read(subscripts, operands)
    if dtype is not None:
        dtype = as_dtype(dtype)
        for v in variables:
            if not np.can_cast(v.dtype, dtype, casting):
                raise DTypeError(
                    f"einsum of {v.label}, which is {v.dtype}, in {dtype}",
                    "give casting='unsafe', or convert it with .astype",
                )
        variables = [v.astype(dtype) for v in variables]
    return Einsum(explicit)(*variables)


@public("numpy.einsum_path")
def einsum_path(
    subscripts: Any, /, *operands: Any, optimize: Any = "greedy", einsum_call: bool = False
) -> tuple[list[Any], str]:
    """The order of contraction that ``np.einsum_path`` finds for operands of these shapes.

    Raises SizeError for symbolic sizes, and as ``einsum``.

    >>> import graphcomp as gr
    >>> A, b = gr.matrix("A", (2, 3)), gr.vector("b", 3)
    >>> gr.einsum_path("ij,j,j", A, b, b)[0]
    ['einsum_path', (1, 2), (0, 1)]
    """
    refuse("einsum_path", einsum_call=einsum_call or None)
    explicit, variables = _read(subscripts, operands)
    Einsum(explicit)(*variables)  # raises where they do not fit
    if any(isinstance(n, Dim) for v in variables for n in v.shape):
        raise SizeError(
            "the best order depends on sizes that are symbolic",
            "leave it out: the generated code finds the order by itself",
        )
    zeros = [np.broadcast_to(0.0, v.type.shape) for v in variables]
    path, text = np.einsum_path(explicit, *zeros, optimize=optimize)
    return path, text


def _read(subscripts: Any, operands: tuple[Any, ...]) -> tuple[str, list[Variable]]:
    """The subscripts in explicit form, and the operands, from either way to write them."""
    if not isinstance(subscripts, str):
        subscripts, operands = _from_lists((subscripts, *operands))
    variables = [as_variable(v) for v in operands]
    return _explicit(subscripts, [v.ndim for v in variables]), variables


def _from_lists(arguments: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]]:
    """``einsum(x, [0, 1], y, [1, 2], [0, 2])`` as subscripts and operands."""
    lists = [*arguments[1::2], *(arguments[-1:] if len(arguments) % 2 else ())]
    for axes in lists:
        if not isinstance(axes, (list, tuple)) or not all(map(_is_label, axes)):
            raise OptionError(
                f"einsum reads {axes!r} as the axis numbers of an operand",
                f"write a list of ints from 0 to {len(ascii_letters) - 1}, or of ... and such",
            )
    numbers = sorted({k for axes in lists for k in axes if k is not Ellipsis})
    letter = dict(zip(numbers, sorted(ascii_letters[: len(numbers)]), strict=True))
    texts = ["".join("..." if k is Ellipsis else letter[k] for k in axes) for axes in lists]
    count = len(arguments) // 2
    output = f"->{texts[-1]}" if len(arguments) % 2 else ""
    return ",".join(texts[:count]) + output, arguments[0 : 2 * count : 2]


def _is_label(k: Any) -> bool:
    is_number = isinstance(k, int | np.integer) and not isinstance(k, bool)
    return k is Ellipsis or (is_number and 0 <= k < len(ascii_letters))


def _explicit(subscripts: str, ranks: list[int]) -> str:
    """The subscripts with an output and with letters in place of each ``...``."""
    text = subscripts.replace(" ", "")
    left, arrow, output = text.partition("->")
    terms = left.split(",")
    letters = text.replace("...", "").replace("->", "").replace(",", "")
    if not all(c in ascii_letters for c in letters):
        raise OptionError(f"subscripts {subscripts!r}", "write letters, ',', '...' and '->'")
    if len(terms) != len(ranks):
        raise OptionError(
            f"subscripts {subscripts!r} name {len(terms)} operands, and {len(ranks)} are given",
            "write one term for each operand",
        )
    counts = [
        rank - len(term.replace("...", "")) if "..." in term else 0
        for term, rank in zip(terms, ranks, strict=True)
    ]
    free = [c for c in ascii_letters if c not in letters]
    shared = "".join(free[: max(0, *counts)])
    if min(counts) < 0:
        raise ShapeError(f"subscripts {subscripts!r} have more labels than axes", "leave some out")
    if not arrow:
        once = sorted(c for c, times in Counter(letters).items() if times == 1)
        output = "..." * ("..." in left) + "".join(once)
    if shared and "..." not in output:
        raise OptionError(
            f"subscripts {subscripts!r}: the output lacks the axes of '...'",
            "write '...' in the output too, or letters for the axes to sum",
        )
    terms = [
        term.replace("...", shared[len(shared) - count :])
        for term, count in zip(terms, counts, strict=True)
    ]
    output = output.replace("...", shared)
    if len(set(output)) < len(output) or not set(output) <= set("".join(terms)):
        raise OptionError(
            f"subscripts {subscripts!r}: the output repeats a label, or has one of its own",
            "name each label of the output once, and in an operand",
        )
    return f"{','.join(terms)}->{output}"
