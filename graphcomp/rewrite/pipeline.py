"""The pipeline: the list of passes, and ``optimize``, which runs it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from graphcomp import tree
from graphcomp.errors import OptionError, VerifyError
from graphcomp.graph import Variable
from graphcomp.rewrite.accumulate import accumulate
from graphcomp.rewrite.cleanup import cleanup
from graphcomp.rewrite.constants import constants
from graphcomp.rewrite.diagonals import diagonals
from graphcomp.rewrite.distances import fast_distances as distances
from graphcomp.rewrite.engine import Context, Firing, Pass
from graphcomp.rewrite.factors import factors
from graphcomp.rewrite.guards import guards
from graphcomp.rewrite.identities import identities
from graphcomp.rewrite.masks import masks
from graphcomp.rewrite.matrix_chains import matrix_chains
from graphcomp.rewrite.matrix_joins import matrix_joins
from graphcomp.rewrite.matrix_products import matrix_products
from graphcomp.rewrite.matrix_solves import matrix_solves
from graphcomp.rewrite.one_hot import one_hot
from graphcomp.rewrite.powers import powers
from graphcomp.rewrite.products import products
from graphcomp.rewrite.report import PassReport, Report
from graphcomp.rewrite.same import same
from graphcomp.rewrite.shapes import shapes
from graphcomp.rewrite.sharing import shared_exps, shared_means, shared_softmaxes, shared_tails
from graphcomp.rewrite.signs import signs
from graphcomp.rewrite.slices import slices
from graphcomp.rewrite.stabilise import stabilise
from graphcomp.rewrite.symmetric import symmetric
from graphcomp.rewrite.verify import verify as verify_graph

PIPELINE: tuple[Pass, ...] = (
    stabilise,  # first: it reads what the user wrote, before and after differentiation alike
    masks,
    guards,
    cleanup,
    identities,
    same,
    powers,
    signs,
    shapes,
    slices,
    one_hot,
    constants,
    factors,
    diagonals,
    products,
    matrix_products,
    matrix_chains,
    matrix_solves,
    symmetric,
    matrix_joins,
    accumulate,
    shared_tails,
    shared_softmaxes,
    shared_exps,
    shared_means,
)

_ROUNDS = 20


def optimize(
    outputs: Any,
    passes: Iterable[str | Pass] | None = None,
    trace: list[Firing] | None = None,
    *,
    verify: bool = False,
    differentiable: bool = False,
    fast_distances: bool = False,
) -> tuple[Any, Report]:
    """The outputs rewritten to cost less, in their structure, and a report.

    ``outputs`` is a variable, or nested dicts, lists and tuples of them. ``passes`` names the
    passes to run, ``()`` none; names with a minus leave passes out of the default pipeline:
    ``("-powers",)``. To ``trace``, a list, is appended each rewrite with the user's line.
    ``verify`` checks the graph after each pass. ``differentiable`` leaves out the rules that
    would change a derivative at a kink, for graphs that are to be differentiated further.
    ``fast_distances`` computes squared distances between all points by one matrix product, which
    is less exact where points are near each other.

    Values change by rounding only, types not at all.

    Raises OptionError for a pass that does not exist, VerifyError for a defect of a rule:
    a changed type, or rewriting without end.

    >>> import graphcomp as gr
    >>> x = gr.vector("x", "n")
    >>> y, report = optimize(gr.sum(2.0 * x))
    >>> print(gr.Graph([y]).get_operation(y).name, report.fired)
    multiply {'sum(s * x) -> s * sum(x)': 1}
    """
    leaves, rebuild = tree.flatten(outputs)
    for leaf in leaves:
        if not isinstance(leaf, Variable):
            raise OptionError(f"outputs are variables, not {leaf!r}", "give variables only")
    selected = (distances, *select(passes)) if fast_distances else select(passes)
    chosen = [(each, each.runner(differentiable)) for each in selected]
    context = Context(tuple(leaves))
    settled: dict[Pass, Context] = {}  # the graph that a pass has left, and has nothing to do on
    steps: list[PassReport] = []
    for _ in range(_ROUNDS):
        start = context
        for each, runner in chosen:
            if settled.get(each) is context or (each.last and context is not start):
                continue
            before = context
            context, fired = runner.run(before, trace)
            settled[each] = context
            if verify:
                verify_graph(context.outputs, f"pass {each.name}")
            if fired:
                steps.append(PassReport(each.name, fired, before.outputs, context.outputs))
        if context is start:
            break
    else:
        latest = "; ".join(dict.fromkeys(text for step in steps[-3:] for text in step.fired))
        raise VerifyError(
            f"the passes undo each other without end, by: {latest}",
            "leave one of them out by its name with a minus, and report it",
        )
    ran = tuple(each.name for each, _ in chosen)
    return rebuild(context.outputs), Report(tuple(steps), tuple(leaves), context.outputs, ran)


def select(passes: Iterable[str | Pass] | None) -> tuple[Pass, ...]:
    """The passes of these names, in the order given; all but those with a minus before them."""
    if passes is None:
        return PIPELINE
    if isinstance(passes, str):
        passes = (passes,)
    wanted = tuple(passes)
    left_out = {p[1:] for p in wanted if isinstance(p, str) and p.startswith("-")}
    named = [p for p in wanted if isinstance(p, Pass) or not p.startswith("-")]
    known = {each.name: each for each in PIPELINE}
    for name in [*left_out, *(p for p in named if isinstance(p, str))]:
        if name not in known:
            raise OptionError(f"no pass is called {name!r}", f"there are {', '.join(known)}")
    if left_out and not named:
        named = list(PIPELINE)
    chosen = (known[p] if isinstance(p, str) else p for p in named)
    return tuple(each for each in chosen if each.name not in left_out)
