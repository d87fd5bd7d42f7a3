"""The examples, run as their readers run them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent


def run(example: str, *options: str | Path) -> str:
    """What examples/<example> prints."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    answer = subprocess.run(
        [sys.executable, str(ROOT / "examples" / example), *map(str, options)],
        env={**os.environ, "PYTHONPATH": path},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout


def test_digits_reads_the_held_out_digits(tmp_path: Path) -> None:
    start = time.perf_counter()
    printed = run("digits.py", "--splits", "10", "--check", "--folder", tmp_path)
    accuracies = [float(found) for found in re.findall(r"split \d+: ([\d.]+)%", printed)]
    assert len(accuracies) == 10
    assert sum(accuracies) / 10 >= 97.0
    worst = re.search(r"first 100 gradients: within (\S+) of evaluate's", printed)
    assert worst and float(worst[1]) <= 1e-12
    assert time.perf_counter() - start < 120, "one split takes less than 20 s"
    generated = (tmp_path / "digits_step.py").read_text()
    imported = set(re.findall(r"^(?:import|from) (\w+)", generated, re.M))
    assert imported <= {"numpy", "typing", "collections"}


def test_xor_has_the_given_solution_and_learns() -> None:
    printed = run("xor.py")
    assert "the book's solution: error 0.0\n" in printed
    solved = dict(re.findall(r"(\d+) hidden units: (\d+) of 10 random starts", printed))
    assert int(solved["2"]) >= 1
    assert int(solved["8"]) >= 7


def test_logistic_agrees_with_scikit_learn(tmp_path: Path) -> None:
    printed = run("logistic.py", "--file", tmp_path / "logistic_derivs.py")
    difference = re.search(r"within (\S+) of scikit-learn's", printed)
    assert difference and float(difference[1]) <= 1e-6
    assert "def hess(" in (tmp_path / "logistic_derivs.py").read_text()
