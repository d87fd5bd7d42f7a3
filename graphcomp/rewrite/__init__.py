"""Rewriting: rules that make a graph cheaper and shorter, in passes that run to a fixed point."""

from graphcomp.rewrite.engine import Firing, Pass, Rule, rule
from graphcomp.rewrite.pipeline import PIPELINE, optimize
from graphcomp.rewrite.report import Report, work_of
from graphcomp.rewrite.verify import verify

__all__ = [
    "PIPELINE",
    "Firing",
    "Pass",
    "Report",
    "Rule",
    "optimize",
    "rule",
    "verify",
    "work_of",
]
