"""Each row of the published conventions; JAX's and PyTorch's answers where they are installed."""

from __future__ import annotations

import importlib.util
from typing import Any

import numpy as np
import pytest

import codegen
import graphcomp as gr
from tests.conventions import CONVENTIONS, Convention

each = pytest.mark.parametrize("row", CONVENTIONS, ids=[c.where for c in CONVENTIONS])


def has(library: str) -> bool:
    return importlib.util.find_spec(library) is not None


def function(text: str, scope: dict[str, Any]) -> Any:
    exec(f"def f(x): return {text}", scope)
    return scope["f"]


def same(actual: Any, expected: Any) -> None:
    np.testing.assert_allclose(actual, np.asarray(expected, float), rtol=1e-12, atol=1e-15)


@each
def test_our_answer(row: Convention) -> None:
    exec("import scipy.special", scope := {"np": np, "gr": gr})
    fun = function(row.text, scope)
    x0 = np.asarray(row.x, float)
    (x,), y = gr.from_function(fun, x0)
    gradient = gr.grad(gr.sum(y), x, independent="zeros")
    same(gr.evaluate({x: x0}, gradient), row.gradient)
    with np.errstate(all="ignore"):
        same(codegen.compile([x], gradient)(x0), row.gradient)


@pytest.mark.skipif(not has("jax"), reason="jax is not installed: its answers are not checked")
@each
def test_jax_answers(row: Convention) -> None:
    if row.jax is None:
        return
    import jax
    import jax.scipy.special

    jax.config.update("jax_enable_x64", True)
    scope = {"np": jax.numpy, "jax": jax, "scipy": jax.scipy}
    fun = function(row.jax or row.text, scope)
    gradient = jax.grad(lambda x: jax.numpy.sum(fun(x)))(jax.numpy.asarray(row.x, float))
    same(gradient, row.gradient if row.jax_gives is None else row.jax_gives)


@pytest.mark.skipif(not has("torch"), reason="torch is not installed: its answers are not checked")
@each
def test_torch_answers(row: Convention) -> None:
    if row.torch is None:
        return
    import torch

    fun = function(row.torch, {"torch": torch})
    x = torch.tensor(row.x, dtype=torch.float64, requires_grad=True)
    fun(x).sum().backward()
    same(x.grad.numpy(), row.gradient if row.torch_gives is None else row.torch_gives)
