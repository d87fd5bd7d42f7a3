"""Stabilisation: the graph that a numerical analyst would have written.

What users write for log(1 + exp(x)), a softmax or sin(x) / x overflows or cancels somewhere, and
its derivatives do so more. The rules put named functions in its place whose values and
derivatives are exact over the whole range. ``gr.grad`` and its like differentiate what this
pass makes of a graph.
"""

from __future__ import annotations

from graphcomp.rewrite.engine import Pass
from graphcomp.rewrite.stabilise_by_hand import BY_HAND
from graphcomp.rewrite.stabilise_determinants import DETERMINANTS
from graphcomp.rewrite.stabilise_hyperbolic import HYPERBOLIC
from graphcomp.rewrite.stabilise_logs import LOGS
from graphcomp.rewrite.stabilise_points import POINTS
from graphcomp.rewrite.stabilise_ratios import RATIOS
from graphcomp.rewrite.stabilise_special import SPECIAL

stabilise = Pass(
    "stabilise", [*LOGS, *HYPERBOLIC, *RATIOS, *POINTS, *DETERMINANTS, *BY_HAND, *SPECIAL]
)
