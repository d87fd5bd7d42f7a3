"""What is known of values: sign, range, symmetry and the like, for rules to ask about."""

from graphcomp.rewrite.facts import arithmetic, arrays, functions, matrices
from graphcomp.rewrite.facts.analysis import Knowledge, facts_of

__all__ = ["Knowledge", "arithmetic", "arrays", "facts_of", "functions", "matrices"]
