"""The training process of digits.py: it needs NumPy and the generated file, nothing else.

    python -I digits_train.py FOLDER SEED TRACED_STEPS

FOLDER holds digits_step.py and data.npz. Prints the accuracy on the held-out digits; the first
TRACED_STEPS steps, with their gradients, go to FOLDER/trace.npz.
"""

import sys
from pathlib import Path

import numpy as np

HIDDEN, EPOCHS, BATCH = 256, 30, 32
RATE, LAM = 0.5, 1e-4


def main(folder: Path, seed: int, traced_steps: int) -> None:
    sys.path.insert(0, str(folder))
    from digits_step import digits_step

    with np.load(folder / "data.npz") as data:
        X, y, X_test, y_test = (data[name] for name in ("X", "y", "X_test", "y_test"))
    rng = np.random.default_rng(1000 + seed)
    W1 = rng.normal(0.0, np.sqrt(2 / X.shape[1]), (X.shape[1], HIDDEN))
    W2 = rng.normal(0.0, np.sqrt(1 / HIDDEN), (HIDDEN, 10))
    trace = []

    for _ in range(EPOCHS):
        order = rng.permutation(len(y))
        for start in range(0, len(y) - BATCH + 1, BATCH):
            batch = order[start : start + BATCH]
            _, grad_W1, grad_W2 = digits_step(X[batch], y[batch], W1, W2, LAM)
            if len(trace) < traced_steps:
                point = {"batch": batch, "W1": W1, "W2": W2, "lam": LAM}
                trace.append({**point, "grad_W1": grad_W1, "grad_W2": grad_W2})
            W1 = W1 - RATE * grad_W1
            W2 = W2 - RATE * grad_W2

    if trace:
        np.savez(folder / "trace.npz", **{k: np.array([row[k] for row in trace]) for k in trace[0]})
    foreign = {"graphcomp", "codegen", "sklearn", "scipy", "sympy"} & set(sys.modules)
    assert not foreign, f"training needs NumPy alone, and imported {foreign}"
    predicted = np.argmax(np.maximum(0.0, X_test @ W1) @ W2, axis=1)
    print(np.mean(predicted == y_test))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
