"""print(G): each variable with its type, operation and source line; gradient nodes marked."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

import graphcomp as gr
from graphcomp.show import text


def lecture() -> tuple[gr.Graph, dict[str, gr.Variable]]:
    X = gr.matrix("X", ("n", 2))
    y = gr.vector("y", "n")
    w = gr.vector("w", 2)
    b = gr.scalar("b")
    H = X @ w + b
    r = H - y
    J = 0.5 * gr.sum(r * r)
    G = gr.Graph([J])
    gr.backprop([w, b], G, J)
    return G, {"X": X, "y": y, "w": w, "b": b, "H": H, "r": r, "J": J}


def row(G: gr.Graph, name: str) -> str:
    """The line of the variable that is called ``name``."""
    return next(line for line in str(G).splitlines() if f" {name} " in line[:20])


def test_lecture_graph_at_a_glance() -> None:
    G, _ = lecture()
    lines = str(G).splitlines()
    made = sum(v.hints.gradient for v in G)
    assert lines[0] == f"{len(G)} variables, 1 output (>), {made} made by back-propagation (*)"
    assert row(G, "H").split()[:5] == ["H", "float64(n,)", "%1", "+", "b"]
    assert row(G, "r").split()[:5] == ["r", "float64(n,)", "H", "-", "y"]
    assert row(G, "J").startswith(">  J ")
    for name in ("grad_w", "grad_b", "grad_r"):
        assert row(G, name).startswith(" * ")


def test_places_and_source_text() -> None:
    G, _ = lecture()
    first = lecture.__code__.co_firstlineno
    assert f"tests/test_show.py:{first + 5}" in row(G, "H")
    assert row(G, "H").endswith("H = X @ w + b")
    assert row(G, "grad_r").endswith("r = H - y")


def test_every_variable_has_a_line_and_numbers_stand_where_they_are_used() -> None:
    G, _ = lecture()
    numbers = [v for v in G if v.op.name == "constant"]
    assert len(numbers) == 1
    assert len(str(G).splitlines()) == 1 + len(G) - len(numbers)
    assert "0.5 * %" in row(G, "J")


def test_columns_are_aligned() -> None:
    G, _ = lecture()
    starts = {line.index("float64") for line in str(G).splitlines()[1:]}
    assert len(starts) == 1


def test_attributes_and_negative_numbers() -> None:
    x = gr.matrix("x", (2, 3))
    total = gr.sum(x, axis=0, keepdims=True).named("total")
    scaled = (x * -2.0).named("scaled")
    printed = str(gr.Graph([total, scaled]))
    assert "sum(x, axes=(-2,), keepdims=True)" in printed
    assert "x * (-2.0)" in printed


def test_two_variables_of_one_name_are_told_apart() -> None:
    x = gr.scalar("x")
    printed = str(gr.Graph([gr.exp(x).named("y"), gr.sin(x).named("y")]))
    assert " y " in printed and " y_2 " in printed


def test_diff_names_what_stands_in_the_place_alike() -> None:
    x = gr.vector("x", 3)
    y = gr.log(1 + gr.exp(2.0 * x))
    _, report = gr.optimize(gr.sum(gr.sin(y)))
    lines = report.diff("stabilise").splitlines()
    [came] = [line for line in lines if line.startswith("+")]
    went = [line for line in lines if line.startswith("-")]
    assert len(went) == 3 and came.split()[1] == went[-1].split()[1] == "y"
    assert report.diff("powers") == ""
    assert report.show().count("as given: ") == 1
    with pytest.raises(gr.GraphError, match=r"no pass is called 'joy'.*; there ran stabilise, "):
        report.diff("joy")
    assert gr.optimize(y, passes=())[1].show().endswith(str(gr.Graph(y)))


def test_lines_are_capped() -> None:
    xs = [gr.scalar(f"a_very_long_name_of_an_input_{k}") for k in range(300)]
    printed = str(gr.Graph([gr.stack(xs)]))
    assert max(map(len, printed.splitlines())) <= text.WIDEST


def test_the_empty_graph() -> None:
    assert str(gr.Graph([])) == "0 variables, 0 outputs (>)"


def test_repr_is_short() -> None:
    G, variables = lecture()
    assert repr(variables["w"]) == "<Variable 'w' input: float64(2,)>"
    assert len(repr(G)) < 60
    assert len(repr(gr.constant(np.arange(10_000)))) < 80


@pytest.mark.parametrize("build", ["chain", "wide"])
def test_time_is_linear(build: str) -> None:
    def seconds(n: int) -> float:
        G = gr.Graph([many(build, n)])
        start = time.process_time()
        assert len(str(G).splitlines()) >= n
        return time.process_time() - start

    small, large = seconds(2_000), seconds(40_000)
    assert large < 20 * 3 * max(small, 0.01)


def many(build: str, n: int) -> Any:
    x = gr.scalar("x")
    if build == "wide":
        return gr.stack([x * float(k + 2) for k in range(n)])
    y = x
    for k in range(n):
        y = y * x if k % 2 else y + x
    return y
