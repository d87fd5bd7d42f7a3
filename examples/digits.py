"""Handwritten digits: a network differentiated here, trained by a process with NumPy alone.

The example of Goodfellow, Bengio and Courville, *Deep Learning*, section 6.5.7, exactly: one
hidden layer of rectifiers H = max(0, X W1) without biases, unnormalised log-probabilities
U = H W2, the mean cross-entropy of softmax(U) with the labels, and weight decay
lam * (sum(W1**2) + sum(W2**2)); minibatch stochastic gradient descent on the 1,797 images of
8 by 8 pixels that come with scikit-learn, a fifth of them held out.

    python examples/digits.py                one split
    python examples/digits.py --splits 10    ten splits, and their mean accuracy
    python examples/digits.py --check        the first 100 gradients against gr.evaluate's

The generated file is left in --folder, if one is given, beside the data and the weights.
"""

from __future__ import annotations

import argparse
import contextlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

import codegen
import graphcomp as gr

TRAIN = Path(__file__).with_name("digits_train.py")
TOLERANCE = 1e-12


def objective() -> tuple[list[gr.Variable], list[gr.Variable]]:
    """The inputs X, y, W1, W2, lam, and the outputs J, dJ/dW1, dJ/dW2."""
    X = gr.matrix("X", ("m", 64))
    y = gr.vector("y", "m", dtype="int64")
    W1 = gr.matrix("W1", (64, "h"))
    W2 = gr.matrix("W2", ("h", 10))
    lam = gr.scalar("lam")

    H = gr.relu(X @ W1)
    U = H @ W2
    log_p = gr.special.log_softmax(U, axis=1)
    J_mle = -gr.mean(log_p[gr.arange(X.shape[0]), y])
    J = J_mle + lam * (gr.sum(W1**2) + gr.sum(W2**2))
    return [X, y, W1, W2, lam], [J, *gr.grad(J, [W1, W2])]


def split(seed: int) -> dict[str, np.ndarray]:
    """The images with pixels in [0, 1], shuffled by the seed, a fifth of them held out."""
    digits = load_digits()
    order = np.random.default_rng(seed).permutation(len(digits.target))
    test, train = np.split(order, [len(order) // 5])
    X, y = digits.data / 16.0, digits.target.astype(np.int64)
    return {"X": X[train], "y": y[train], "X_test": X[test], "y_test": y[test]}


def train(folder: Path, seed: int, traced_steps: int) -> float:
    """Train in a process of its own; the share of held-out digits that it reads rightly."""
    np.savez(folder / "data.npz", **split(seed))
    command = [sys.executable, "-I", str(TRAIN), str(folder), str(seed), str(traced_steps)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(answer.stdout)


def largest_difference(folder: Path) -> float:
    """Between gradients of the training process and ``gr.evaluate``'s, relative to the largest."""
    inputs, outputs = objective()
    worst = 0.0
    with np.load(folder / "data.npz") as data, np.load(folder / "trace.npz") as trace:
        X, y = data["X"], data["y"]
        steps = [trace[name] for name in ("batch", "W1", "W2", "lam", "grad_W1", "grad_W2")]
        for batch, W1, W2, lam, *gradients in zip(*steps, strict=True):
            values = [X[batch], y[batch], W1, W2, lam]
            _, *expected = gr.evaluate(dict(zip(inputs, values, strict=True)), outputs)
            for a, b in zip(gradients, expected, strict=True):
                worst = max(worst, float(np.max(np.abs(a - b)) / np.max(np.abs(b))))
    return worst


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Train a network on handwritten digits.")
    parser.add_argument("--splits", type=int, default=1, help="how many splits of the data")
    parser.add_argument("--check", action="store_true", help="compare the first 100 gradients")
    parser.add_argument("--folder", type=Path, help="keep the generated file and the data here")
    options = parser.parse_args(arguments)

    with contextlib.ExitStack() as stack:
        folder = options.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        step = codegen.compile(*objective(), name="digits_step")
        step.save(folder / "digits_step.py")
        print(f"digits_step.py: {len(step.source.splitlines())} lines")

        accuracies = []
        for seed in range(options.splits):
            start = time.perf_counter()
            accuracies.append(train(folder, seed, 100 if options.check else 0))
            seconds = time.perf_counter() - start
            print(f"split {seed}: {accuracies[-1]:.2%} of the held-out digits, {seconds:.1f} s")
        print(f"mean accuracy: {np.mean(accuracies):.2%}")
        if options.check:
            worst = largest_difference(folder)
            print(f"first 100 gradients: within {worst:.1e} of evaluate's, relative")
            return int(worst > TOLERANCE)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
