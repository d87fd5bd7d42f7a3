"""Size, threads and sharing: long chains, many threads, no shared memory."""

from __future__ import annotations

import copy
import gc
import pickle
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import codegen
import graphcomp as gr
from benchmarks import deep_chains
from graphcomp import graph as graphs

LENGTH = 100_000


def chain(length: int) -> tuple[gr.Variable, gr.Variable]:
    x = gr.scalar("x")
    y = x
    for _ in range(length // 2):
        y = gr.sin(y) + x
    return x, y


def expected(x: float, length: int) -> tuple[float, float]:
    y, dy = np.float64(x), 1.0
    for _ in range(length // 2):
        y, dy = np.sin(y) + x, np.cos(y) * dy + 1.0
    return float(y), float(dy)


def test_chain_of_100_000_operations() -> None:
    """Build, print, pickle, copy, compile and run, with the default recursion limit."""
    x, y = chain(LENGTH)
    G = gr.Graph([y])
    assert len(G) == LENGTH + 1
    assert str(G).count("\n") >= LENGTH
    assert pickle.loads(pickle.dumps(y)) is y
    assert copy.deepcopy(y) is y
    function = codegen.compile([x], [y], name="chain")
    value, _ = expected(0.5, LENGTH)
    assert function(0.5)[0] == pytest.approx(value, rel=1e-12)
    assert gr.evaluate({x: 0.5}, y) == pytest.approx(value, rel=1e-12)


def test_gradient_of_a_chain_of_100_000_operations() -> None:
    x, y = chain(LENGTH)
    G = gr.Graph([y])
    table = gr.backprop([x], G, y)
    assert len(G) <= 5 * LENGTH
    value, slope = expected(0.5, LENGTH)
    function = codegen.compile([x], [y, table[x]], name="chain")
    assert function(0.5) == pytest.approx((value, slope), rel=1e-10)


@pytest.mark.parametrize("problem", [deep_chains.chain, deep_chains.wide_sum, deep_chains.reads])
def test_optimizing_100_000_operations(problem: Callable[[int], deep_chains.Problem]) -> None:
    """In seconds of this process: others may be busy beside it."""
    x, y, _ = problem(LENGTH)
    gradient = gr.grad(y, x)
    start = time.process_time()
    gr.optimize([y, gradient])
    assert time.process_time() - start < 20


def test_graph_of_another_process_is_the_same() -> None:
    x = gr.vector("x", "n")
    J = gr.sum(gr.exp(x) * x).named("J")
    text = pickle.dumps(gr.Graph([J, gr.grad(J, x)]))
    again = pickle.loads(text)
    assert again.outputs[0] is J and again.outputs[0].name == "J"
    assert pickle.dumps(again) == text


def test_dead_variables_leave_the_table() -> None:
    gc.collect()
    before = len(graphs._table)
    x, y = chain(2000)
    assert len(graphs._table) > before + 1900
    del x, y
    gc.collect()
    assert len(graphs._table) <= before


def in_threads(count: int, work: Callable[[int], Any]) -> list[Any]:
    results: list[Any] = [None] * count
    errors: list[BaseException] = []
    barrier = threading.Barrier(count)

    def run(k: int) -> None:
        try:
            barrier.wait()
            results[k] = work(k)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(k,)) for k in range(count)]
    old = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(old)
    assert not errors, errors
    return results


def test_threads_build_one_node_each() -> None:
    x = gr.vector("x", "n")

    def build(_: int) -> list[gr.Variable]:
        y, made = x, []
        for k in range(500):
            y = gr.tanh(y) * float(k)
            made.append(y)
        return made

    rows = in_threads(8, build)
    for same in zip(*rows, strict=True):
        assert all(v is same[0] for v in same)


def test_threads_compile_the_same_bytes() -> None:
    def work(_: int) -> str:
        x = gr.vector("x", "n")
        J = gr.sum(gr.exp(-(x**2)))
        return codegen.compile([x], [J, gr.grad(J, x)], name="bump").source

    assert len(set(in_threads(8, work))) == 1


def test_threads_call_one_function() -> None:
    x, A = gr.vector("x", "n"), gr.matrix("A", ("n", "n"))
    J = gr.sum(gr.exp(A @ x)) + x @ x
    function = codegen.compile([x, A], [J, *gr.grad(J, [x, A])], name="f")
    rng = np.random.default_rng(0)
    data = [(rng.normal(size=4), rng.normal(size=(4, 4))) for _ in range(8)]
    alone = [function(*row) for row in data]

    def call(k: int) -> bool:
        return all(
            np.array_equal(a, b)
            for _ in range(1000)
            for a, b in zip(function(*data[k]), alone[k], strict=True)
        )

    assert all(in_threads(8, call))


def test_outputs_share_no_memory_and_inputs_stay() -> None:
    x, A = gr.vector("x", 3), gr.matrix("A", (3, 3))
    e = gr.exp(x)
    outputs = [x, e, e, A.T, x[1:], A[0], gr.broadcast_to(x, (2, 3)), e.reshape(3, 1), A, e[::-1]]
    function = codegen.compile([x, A], outputs, name="f")
    arrays = [np.arange(3.0), np.arange(9.0).reshape(3, 3)]
    kept = [a.copy() for a in arrays]
    results = function(*arrays)
    for value, truth in zip(results, gr.evaluate({x: kept[0], A: kept[1]}, outputs), strict=True):
        assert np.array_equal(value, truth)
        value[...] = -1.0  # writable, and nobody else feels it
    for array, copied in zip(arrays, kept, strict=True):
        assert np.array_equal(array, copied)
    again = function(*arrays)
    for k, a in enumerate(again):
        assert not any(np.shares_memory(a, b) for b in [*again[:k], *arrays])
