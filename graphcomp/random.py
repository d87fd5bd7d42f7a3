"""Random numbers from a generator that is an input: ``rng.normal(mu, sigma, size=n)``."""

from graphcomp.ops.random import (
    Generator,
    bernoulli,
    exponential,
    generator,
    gumbel,
    normal,
    uniform,
)

__all__ = ["Generator", "bernoulli", "exponential", "generator", "gumbel", "normal", "uniform"]
