"""XOR: the book's network and its given solution, then learned from random weights.

Goodfellow, Bengio and Courville, *Deep Learning*, section 6.1: f(x) = w . max(0, W' x + c) + b,
and the mean squared error over the four points. Full-batch gradient descent on the generated
function; two hidden units often end in a local minimum, eight seldom.

    python examples/xor.py
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import codegen
import graphcomp as gr

X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
y = np.array([0.0, 1.0, 1.0, 0.0])

SOLUTION = {
    "W": np.array([[1.0, 1.0], [1.0, 1.0]]),
    "c": np.array([0.0, -1.0]),
    "w": np.array([1.0, -2.0]),
    "b": 0.0,
}
ZERO = 1e-12  # of the mean squared error


def step() -> Callable[..., Any]:
    """xor_step(X, y, weights) -> J and its gradients, for any number of hidden units."""
    inputs = gr.matrix("X", ("n", 2))
    targets = gr.vector("y", "n")
    weights = {
        "W": gr.matrix("W", (2, "h")),
        "c": gr.vector("c", "h"),
        "w": gr.vector("w", "h"),
        "b": gr.scalar("b"),
    }
    H = gr.relu(inputs @ weights["W"] + weights["c"])
    J = gr.mean((H @ weights["w"] + weights["b"] - targets) ** 2)
    return codegen.compile([inputs, targets, weights], [J, gr.grad(J, weights)], name="xor_step")


def learn(xor_step: Callable[..., Any], hidden: int, seed: int) -> float:
    """The error that gradient descent reaches from random weights."""
    rng = np.random.default_rng(seed)
    weights = {
        "W": rng.normal(size=(2, hidden)),
        "c": np.zeros(hidden),
        "w": rng.normal(size=hidden),
        "b": 0.0,
    }
    for _ in range(5000):
        J, gradients = xor_step(X, y, weights)
        if J < ZERO:
            break
        weights = {name: value - 0.1 * gradients[name] for name, value in weights.items()}
    return float(J)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Learn XOR.")
    parser.add_argument("--seeds", type=int, default=10, help="how many random starts")
    options = parser.parse_args(arguments)

    xor_step = step()
    J, _ = xor_step(X, y, SOLUTION)
    print(f"the book's solution: error {J}")
    for hidden in (2, 8):
        errors = [learn(xor_step, hidden, seed) for seed in range(options.seeds)]
        solved = sum(error < ZERO for error in errors)
        print(f"{hidden} hidden units: {solved} of {options.seeds} random starts reach zero error")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
