"""What a pipeline did: how often each rule fired, and the work before and after."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from graphcomp.dims import DimLike
from graphcomp.errors import OptionError
from graphcomp.graph import Graph, Variable, render, topological
from graphcomp.ops.base import Constant, Input
from graphcomp.ops.structure import MakeTuple, Project
from graphcomp.types import TensorType, TupleType

Outputs = tuple[Variable, ...]


@dataclass(frozen=True)
class Work:
    """Estimates for one evaluation of a graph: variables, operations, bytes read and written."""

    nodes: int
    flops: DimLike
    bytes: DimLike

    def __str__(self) -> str:
        return f"{self.nodes} nodes, {self.flops} flops, {self.bytes} bytes"


def work_of(outputs: Iterable[Variable]) -> Work:
    """The estimated work of evaluating the outputs once.

    >>> import graphcomp as gr
    >>> print(work_of([gr.exp(gr.vector("x", "n"))]))
    2 nodes, n flops, 16*n bytes
    """
    order = topological(outputs)
    flops: DimLike = 0
    moved: DimLike = 0
    for v in order:
        if isinstance(v.op, (Input, Constant, MakeTuple, Project)):
            continue
        if not v.op.is_view:
            flops = flops + v.op.work(v.inputs, v)
            moved = moved + _bytes(v.type)
            for x in v.inputs:
                moved = moved + _bytes(x.type)
    return Work(len(order), flops, moved)


def _bytes(kind: TensorType | TupleType) -> DimLike:
    if isinstance(kind, TupleType):
        total: DimLike = 0
        for item in kind.items:
            total = total + _bytes(item)
        return total
    return 0 if kind.weak else kind.size * kind.dtype.itemsize


@dataclass(frozen=True)
class PassReport:
    """What one pass did: ``fired`` maps the text of a rule to how often it fired."""

    name: str
    fired: dict[str, int]
    outputs_before: Outputs
    outputs_after: Outputs

    @cached_property
    def before(self) -> Work:
        return work_of(self.outputs_before)

    @cached_property
    def after(self) -> Work:
        return work_of(self.outputs_after)

    @property
    def diff(self) -> str:
        """The lines of the printed graph that the pass changed, as a unified diff."""
        return render("diff", Graph(self.outputs_before), Graph(self.outputs_after))

    def __str__(self) -> str:
        lines = [f"{self.name}: {self.before}", f"{'':{len(self.name)}}  -> {self.after}"]
        lines += [f"  {count:6}  {text}" for text, count in self.fired.items()]
        return "\n".join(lines)


@dataclass(frozen=True)
class Report:
    """What a pipeline did, pass by pass; ``print`` it. A pass that fired nothing is left out."""

    passes: tuple[PassReport, ...]
    outputs_before: Outputs
    outputs_after: Outputs
    ran: tuple[str, ...] = ()

    @property
    def fired(self) -> dict[str, int]:
        """How often each rule fired in all passes together, by the rule's text."""
        total: dict[str, int] = {}
        for each in self.passes:
            for text, count in each.fired.items():
                total[text] = total.get(text, 0) + count
        return total

    @cached_property
    def before(self) -> Work:
        return work_of(self.outputs_before)

    @cached_property
    def after(self) -> Work:
        return work_of(self.outputs_after)

    def show(self) -> str:
        """The graph as given and after each pass that fired, each with its work and rules.

        >>> import graphcomp as gr
        >>> x = gr.vector("x", "n")
        >>> _, report = gr.optimize((2.0 * gr.exp(x)).sum())
        >>> print(report.show().count("variables, 1 output"))
        2
        """
        parts = [f"as given: {self.before}\n{Graph(self.outputs_before)}"]
        parts += [f"{each}\n{Graph(each.outputs_after)}" for each in self.passes]
        return "\n\n".join(parts)

    def diff(self, name: str) -> str:
        """What the pass of that name changed, each time it fired, as unified diffs.

        Lines with ``-`` went, lines with ``+`` came. What stands in the place of a variable goes
        by its name. Empty where the pass fired nothing.

        Raises OptionError where no pass of that name ran.

        >>> import graphcomp as gr
        >>> x = gr.vector("x", 3)
        >>> _, report = gr.optimize(gr.log(1 + gr.exp(x)))
        >>> print(report.fired)
        {'log(1 + exp(x)) -> softplus(x)': 1}
        >>> "softplus(x)" in report.diff("stabilise"), report.diff("powers")
        (True, '')
        """
        if name not in self.ran:
            raise OptionError(f"no pass is called {name!r}", f"there ran {', '.join(self.ran)}")
        return "\n\n".join(f"{each}\n{each.diff}" for each in self.passes if each.name == name)

    def __str__(self) -> str:
        return "\n".join([*map(str, self.passes), f"total: {self.before}", f"    -> {self.after}"])
