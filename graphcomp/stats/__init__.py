"""Distributions under the names of ``scipy.stats``: ``gr.stats.norm.logpdf(x, mu, sigma)``."""

from graphcomp.stats.bounded import *
from graphcomp.stats.continuous import *
from graphcomp.stats.discrete import *
from graphcomp.stats.families import *
from graphcomp.stats.multivariate import *
from graphcomp.stats.positive import *
