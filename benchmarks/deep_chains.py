"""Seconds that each stage takes on long and wide graphs, at three sizes: all should be linear.

    python -m benchmarks.deep_chains [size ...]

A size is the number of operations before differentiation; the defaults are 10,000, 30,000 and
100,000. ``chain`` is deep, one operation on the other; ``sum`` adds many terms up; ``reads``
indexes one vector again and again, so that its gradient is gathered in one buffer.
"""

from __future__ import annotations

import pickle
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import codegen
import graphcomp as gr

SIZES = (10_000, 30_000, 100_000)
STAGES = ("build", "print", "pickle", "gradient", "optimize", "compile", "run")

Problem = tuple[gr.Variable, gr.Variable, Any]  # input, output, and a value of the input


def chain(size: int) -> Problem:
    """``y = sin(y) + x``, again and again."""
    x = gr.scalar("x")
    y = x
    for _ in range(size // 2):
        y = gr.sin(y) + x
    return x, y, 0.5


def wide_sum(size: int) -> Problem:
    """Python's sum of ``sin(k * x)``."""
    x = gr.scalar("x")
    return x, sum((gr.sin(float(k) * x) for k in range(2, 2 + size // 3)), start=x), 0.5


def reads(size: int) -> Problem:
    """``z += exp(x[k])`` over all elements."""
    length = size // 3
    x = gr.vector("x", length)
    z = gr.exp(x[0])
    for k in range(1, length):
        z = z + gr.exp(x[k])
    return x, z, np.zeros(length)


def measure(problem: Callable[[int], Problem], size: int) -> dict[str, float]:
    """The seconds of each stage, by its name."""
    seconds: dict[str, float] = {}

    def timed(stage: str, work: Callable[[], Any]) -> Any:
        start = time.perf_counter()
        result = work()
        seconds[stage] = time.perf_counter() - start
        return result

    x, y, value = timed("build", lambda: problem(size))
    timed("print", lambda: str(gr.Graph(y)))
    timed("pickle", lambda: pickle.loads(pickle.dumps(y)))
    gradient = timed("gradient", lambda: gr.grad(y, x))
    timed("optimize", lambda: gr.optimize([y, gradient]))
    function = timed("compile", lambda: codegen.compile([x], [y, gradient], name="both"))
    timed("run", lambda: function(value))
    return seconds


def main(sizes: tuple[int, ...] = SIZES) -> None:
    """Print a row for each problem and size; ``compile`` optimizes once more."""
    print(" " * 16 + "".join(f"{stage:>10}" for stage in STAGES))
    for problem in (chain, wide_sum, reads):
        for size in sizes:
            seconds = measure(problem, size)
            cells = "".join(f"{seconds[stage]:10.2f}" for stage in STAGES)
            print(f"{problem.__name__:8}{size:8}" + cells, flush=True)


if __name__ == "__main__":
    main(tuple(map(int, sys.argv[1:])) or SIZES)
