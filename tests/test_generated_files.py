"""Compiled functions at work: memory, tracebacks, saved files, processes, threads, long graphs."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import codegen
import graphcomp as gr
from tests.test_codegen import body

# --------------------------------------------------------------------------------------- memory


def test_results_share_memory_with_nothing() -> None:
    x, y = gr.matrix("x", ("n", "n")), gr.vector("y", "n")
    e = gr.exp(x)
    constant = gr.constant([1.0, 2.0])
    repeated = gr.broadcast_to(y, (3, y.shape[0]))
    computed = gr.broadcast_to(gr.exp(y), (3, y.shape[0]))
    outputs = [x, x, x.T, x[0], e, e, e.T, e[:, None], repeated, computed, constant]
    function = codegen.compile([x, y], outputs, passes=())
    given = [np.arange(4.0).reshape(2, 2), np.arange(2.0)]
    kept = [a.copy() for a in given]
    first, second = function(*given), function(*given)
    arrays = [*given, *first, *second]
    for i, a in enumerate(arrays):
        for b in arrays[:i]:
            assert not np.shares_memory(a, b)
    for a in first:
        a += 1.0
    for a, b in zip(given, kept, strict=True):
        np.testing.assert_array_equal(a, b)
    for a, b in zip(second, function(*given), strict=True):
        np.testing.assert_array_equal(a, b)


def test_scalar_results_are_numpy_scalars() -> None:
    x, b = gr.vector("x", "n"), gr.scalar("b")
    outputs = [gr.sum(x), b, gr.constant(2.0), gr.zeros(()), x[0], b * 2 + x.shape[0]]
    for value in codegen.compile([x, b], outputs)(np.ones(3), 1):
        assert isinstance(value, np.float64)


def test_indexed_gradients_accumulate_in_one_buffer() -> None:
    x = gr.vector("x", "n")
    J = gr.sum(x[1:] * x[:-1])
    function = codegen.compile([x], gr.grad(J, x))
    assert body(function).count("np.zeros") == 1
    np.testing.assert_array_equal(function(np.array([1.0, 2.0, 4.0])), [2.0, 5.0, 2.0])


def test_a_value_that_is_read_again_is_not_changed_in_place() -> None:
    x = gr.vector("x", 3)
    e = gr.exp(x)
    outputs = [gr.index_add(e, slice(1, None), x[1:]), gr.sum(e * 2.0)]
    function = codegen.compile([x], outputs, passes=())
    assert body(function).count("np.exp") == 1
    values = np.arange(3.0)
    for got, truth in zip(function(values), gr.evaluate({x: values}, outputs), strict=True):
        np.testing.assert_allclose(got, truth, rtol=1e-15)


def test_views_are_not_changed_in_place() -> None:
    x = gr.vector("x", 3)
    function = codegen.compile([x], gr.index_add(x[1:], slice(0, 1), x[:1]), passes=())
    values = np.arange(1.0, 4.0)
    assert function(values).tolist() == [3.0, 3.0]
    assert values.tolist() == [1.0, 2.0, 3.0]


def test_buffers_begin_with_their_first_values_and_subtract() -> None:
    x, a, i = gr.vector("x", "n"), gr.vector("a", "m"), gr.vector("i", "m", "int64")
    J = gr.sum(gr.sin(x[1:] - x[:-1]))
    function = codegen.compile([x], gr.grad(J, x))
    assert "[1:] = " in body(function) and "[:-1] -= " in body(function)
    values = np.array([0.5, 1.0, 3.0])
    np.testing.assert_allclose(function(values), gr.evaluate({x: values}, gr.grad(J, x)))
    repeated = codegen.compile([x, a, i], gr.index_add(gr.zeros(x.shape), i, -a))
    assert "np.subtract.at(result, i, a)" in body(repeated)
    assert repeated(np.ones(2), [1.0, 2.0], [1, 1]).tolist() == [0.0, -3.0]


# ---------------------------------------------------------------------------- files and processes


def test_tracebacks_show_the_generated_line() -> None:
    x, index = gr.vector("x", "n"), gr.vector("index", "m", dtype="int64")
    function = codegen.compile([x, index], x[index] * 2.0, name="picked")
    try:
        function(np.ones(2), np.array([5]))
    except IndexError:
        text = traceback.format_exc()
    assert "<graphcomp picked " in text
    assert "x[index]" in text


def test_saving_is_all_or_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    x = gr.scalar("x")
    function = codegen.compile([x], gr.exp(x), name="f")
    path = tmp_path / "f.py"
    function.save(path)
    assert path.read_text() == function.source
    with pytest.raises(FileNotFoundError, match="does not exist"):
        function.save(tmp_path / "no" / "f.py")
    path.write_text("old")

    def fail(*_: Any) -> None:
        raise OSError("disk")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk"):
        function.save(path)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["f.py"]


def test_a_saved_file_needs_only_numpy(tmp_path: Path) -> None:
    x = gr.vector("x", "n")
    codegen.compile([x], gr.sum(gr.tanh(x)), name="f").save(tmp_path / "mine.py")
    code = "import sys, mine; mine.f([0.0]); print([m for m in sys.modules if 'graphcomp' in m])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


_SAME_BYTES = """
import gc, hashlib, sys
gc.disable() if sys.argv[1] == "off" else None
import numpy as np, codegen, graphcomp as gr
def model():
    X, y, W = gr.matrix("X", ("n", 3)), gr.vector("y", "n"), gr.matrix("W", (3, 4))
    H = gr.tanh(X @ W).named("H")
    J = gr.sum((H @ np.arange(4.0) - y) ** 2) + gr.sum(gr.exp(W[1:]))
    clipped = gr.custom_vjp(lambda w: gr.exp(w), lambda inputs, output, G: (G * output,))
    J = J + gr.sum(clipped(W))
    outputs = [J, gr.grad(J, W)]
    sources = [
        codegen.compile([X, y, W], outputs, name="f", regenerate="", passes=passes).source
        for passes in (None, ())
    ]
    return "".join(sources)
first = model()
gc.collect() if sys.argv[1] == "on" else None
assert model() == first
print(hashlib.sha256(first.encode()).hexdigest())
"""


def test_the_same_graph_gives_the_same_bytes() -> None:
    def start(seed: int) -> subprocess.Popen[str]:
        environment = {**os.environ, "PYTHONHASHSEED": str(seed)}
        command = [sys.executable, "-c", _SAME_BYTES, "on" if seed % 2 else "off"]
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)

    digests = set()
    for pair in range(0, 20, 2):
        running = [start(pair), start(pair + 1)]
        digests |= {process.communicate()[0] for process in running}
    assert len(digests) == 1
    assert len(digests.pop().strip()) == 64


def test_outputs_of_any_structure_are_added_to_a_module() -> None:
    x, s = gr.vector("x", "n"), gr.scalar("s")
    J = s * gr.sum(x**2)
    module = codegen.Module("sums")
    module.add_outputs("value", [x, s], J)
    module.add_outputs("both", {"x": x, "s": s}, {"J": J, "by": [gr.grad(J, x), gr.grad(J, s)]})
    assert module.value([1.0, 2.0], 3.0) == 15.0
    value, grad_x, grad_s = module.both([1.0, 2.0], 3.0)
    assert (value, grad_s) == (15.0, 5.0)
    assert np.array_equal(grad_x, [6.0, 12.0])
    assert module.source.count("def _argument(") == 1
    with pytest.raises(gr.GraphError, match="two functions are named both"):
        module.add_outputs("both", [x, s], J)


def test_compiling_and_calling_from_many_threads() -> None:
    results: list[Any] = []

    def work() -> None:
        x = gr.vector("x", "n")
        J = gr.sum(gr.exp(x) * x)
        function = codegen.compile([x], [J, gr.grad(J, x)], regenerate="")
        results.append((function.source, [function(np.ones(3))[0] for _ in range(100)]))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 8
    assert len({source for source, _ in results}) == 1
    assert len({value for _, values in results for value in values}) == 1


def test_long_chains_and_sums() -> None:
    x = gr.vector("x", "n")
    chain = x
    for k in range(20_000):
        chain = gr.sin(chain) if k % 2 else chain + x
    start = time.perf_counter()
    function = codegen.compile([x], chain, passes=())
    assert time.perf_counter() - start < 10.0
    assert np.isfinite(function(np.ones(2))).all()
    total = x
    for k in range(5_000):
        total = total + gr.sin(x * float(k))
    expected = 1.0 + np.sum(np.sin(np.arange(5_000.0)))
    np.testing.assert_allclose(codegen.compile([x], total)(np.ones(1)), expected)
