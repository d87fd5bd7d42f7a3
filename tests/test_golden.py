"""Generated files beside hand-written ones: numbers, length, style, and no drift."""

from __future__ import annotations

import functools
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import graphcomp as gr
from tests.golden.graphs import CASES, data
from tests.golden.renew import GENERATED, compiled
from tests.golden.tokens import count_tokens

HAND = Path(__file__).parent / "golden" / "hand"
LENGTH = 1.3  # tokens of a generated function, as a multiple of the hand-written one's

each_case = pytest.mark.parametrize("name", CASES)
generated = functools.cache(compiled)


def _hand(name: str) -> Any:
    namespace: dict[str, Any] = {}
    exec(compile((HAND / f"{name}.py").read_text(), name, "exec"), namespace)
    return namespace[name]


def _as_list(results: Any) -> list[Any]:
    return list(results) if isinstance(results, (tuple, list)) else [results]


@each_case
def test_agrees_with_the_interpreter_and_with_the_hand_written_function(name: str) -> None:
    case = CASES[name]()
    for seed in range(3):
        arguments = data(name, np.random.default_rng(seed))
        got = _as_list(generated(name)(*arguments))
        expected = gr.evaluate(dict(zip(case.inputs, arguments, strict=True)), case.outputs)
        by_hand = _as_list(_hand(name)(*arguments))
        tolerance = 1e-12 if case.inputs[0].dtype == np.float64 else 1e-5
        for g, e, h in zip(got, expected, by_hand, strict=True):
            np.testing.assert_allclose(g, e, rtol=tolerance, atol=tolerance)
            np.testing.assert_allclose(g, h, rtol=tolerance, atol=tolerance)
            assert g.dtype == e.dtype
            assert isinstance(g, np.generic) == (np.ndim(e) == 0)


@each_case
def test_is_about_as_short_as_the_hand_written_function(name: str) -> None:
    mine = count_tokens(generated(name).source, name)
    by_hand = count_tokens((HAND / f"{name}.py").read_text(), name)
    assert mine <= LENGTH * by_hand, f"{mine} tokens, by hand {by_hand}"


@each_case
def test_file_has_not_drifted(name: str) -> None:
    kept = (GENERATED / f"{name}.py").read_text(encoding="utf-8")
    assert generated(name).source == kept, "renew with: python -m tests.golden.renew"


def test_files_pass_mypy_strict() -> None:
    _run("mypy", "--strict", "--config-file", "", str(GENERATED))


def test_files_pass_ruff() -> None:
    options = ["--isolated", "--select", "E,F,W,B", "--line-length", "88"]
    _run("ruff", "check", *options, str(GENERATED))


def _run(module: str, *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
