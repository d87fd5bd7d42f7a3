"""L2-regularised logistic regression: one generated file with value, gradient and Hessian.

scikit-learn's breast-cancer data (569 tumours, 30 features, standardised); the intercept is not
penalised. SciPy's trust-exact method takes the generated gradient and Hessian, and the
coefficients are compared with scikit-learn's own Newton solver.

    python examples/logistic.py
    python examples/logistic.py --file logistic_derivs.py    keep the generated file
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import numpy as np
from scipy.optimize import minimize
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression

import codegen


def nll(beta, X, y, lam):
    """-log likelihood + lam/2 |w|**2, for y in {0, 1}; beta holds the intercept, then w."""
    w = beta[1:]
    z = beta[0] + X @ w
    return np.sum(np.logaddexp(0.0, (1 - 2 * y) * z)) + lam / 2 * (w @ w)


def generate(path: Path) -> ModuleType:
    """Write the file, and import it as any other program would."""
    module = codegen.Module("logistic_derivs")
    module.add(
        nll,
        beta="float64[p + 1]",
        X="float64[n, p]",
        y="float64[n]",
        lam="float64",
        wrt="beta",
        want=("fun_and_grad", "hess"),
    )
    module.save(path)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    generated = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generated)
    return generated


def standardised() -> tuple[np.ndarray, np.ndarray]:
    """Features of mean 0 and deviation 1, and the labels 0 and 1."""
    X, y = load_breast_cancer(return_X_y=True)
    return (X - X.mean(axis=0)) / X.std(axis=0), y.astype(np.float64)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Fit a logistic regression.")
    parser.add_argument("--lam", type=float, default=1.0, help="strength of the penalty")
    parser.add_argument("--file", type=Path, help="keep the generated file here")
    options = parser.parse_args(arguments)

    X, y = standardised()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        generated = generate(options.file or folder / "logistic_derivs.py")
    found = minimize(
        generated.fun_and_grad,
        np.zeros(X.shape[1] + 1),
        args=(X, y, options.lam),
        jac=True,
        hess=generated.hess,
        method="trust-exact",
        options={"gtol": 1e-10},
    )
    print(f"trust-exact: {found.nit} iterations, |gradient| {np.linalg.norm(found.jac):.1e}")

    theirs = LogisticRegression(C=1 / options.lam, solver="newton-cholesky", tol=1e-13)
    theirs.fit(X, y)
    expected = np.concatenate([theirs.intercept_, theirs.coef_[0]])
    difference = np.max(np.abs(found.x - expected)) / np.max(np.abs(expected))
    print(f"coefficients: within {difference:.1e} of scikit-learn's, relative")
    return int(difference > 1e-6)


if __name__ == "__main__":
    raise SystemExit(main())
