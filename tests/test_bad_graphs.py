"""Bad graphs, derivatives and values: each its own kind of error, with what, where, how to mend."""

from __future__ import annotations

import numpy as np

import graphcomp as gr
from graphcomp import errors
from tests.bad import Bad, check, enter, ids

GRAPHS: list[Bad] = []


@enter(GRAPHS, errors.ShapeError, "in matmul: X is float64(n, 3), W is float64(2, 8)", "last axis")
def bad_matmul():
    X, W = gr.matrix("X", ("n", 3)), gr.matrix("W", (2, 8))
    return X @ W


@enter(GRAPHS, errors.ShapeError, "x has shape (2,), expected (3,)")
def bad_value_shape():
    x = gr.vector("x", 3)
    return gr.evaluate({x: np.ones(2)}, x + 1)


@enter(GRAPHS, errors.ShapeError, "y has shape (3,), expected (2,)", "its shape is (n,)")
def bad_value_sizes():
    x, y = gr.vector("x", "n"), gr.vector("y", "n")
    return gr.evaluate({x: np.ones(2), y: np.ones(3)}, x + y)


@enter(GRAPHS, errors.SizeError, "'n n' is no axis length", "write names")
def bad_size_name():
    return gr.vector("x", "n n")


@enter(GRAPHS, errors.SizeError, "axis length -1 is negative", "write at least 0")
def bad_negative_size():
    return gr.vector("x", -1)


@enter(GRAPHS, errors.SizeError, "m", "give")
def bad_unknown_size():
    x = gr.vector("x", "n")
    return gr.evaluate({x: np.ones(2)}, gr.zeros("m"))


@enter(GRAPHS, errors.DTypeError, "dtype object is not supported")
def bad_input_dtype():
    return gr.vector("x", 3, dtype=object)


@enter(GRAPHS, errors.DTypeError, "k is int64, and was given float64", ".astype('int64')")
def bad_value_dtype():
    k = gr.vector("k", 2, dtype="int64")
    return gr.evaluate({k: np.ones(2)}, k + 1)


@enter(GRAPHS, errors.IdentifierError, "the name of an input is a non-empty string")
def bad_empty_name():
    return gr.scalar("")


@enter(GRAPHS, errors.MissingInputError, "the value of input y is missing", "{y: array}")
def bad_missing_input():
    x, y = gr.scalar("x"), gr.scalar("y")
    return gr.evaluate({x: 1.0}, x * y)


@enter(GRAPHS, errors.NotScalarError, "has shape (3,); a gradient needs a scalar", "gr.sum")
def bad_gradient_of_vector():
    x = gr.vector("x", 3)
    return gr.grad(x * x, x)


@enter(GRAPHS, errors.DTypeError, "k is int64", "'float64'")
def bad_gradient_by_integers():
    k = gr.vector("k", 3, dtype="int64")
    return gr.grad(gr.sum(k * 1.5), k)


@enter(GRAPHS, errors.NotDifferentiableError, "int64", "gr.stop_gradient")
def bad_gradient_through_integers():
    x = gr.vector("x", 3)
    return gr.grad(gr.sum(x.astype("int64") * 2.0), x)


@enter(GRAPHS, errors.IndependentError, "does not depend on y")
def bad_independent():
    x, y = gr.scalar("x"), gr.scalar("y")
    return gr.grad(x * x, y)


@enter(GRAPHS, errors.ValueKindError, "a list of variables is not an array", "gr.stack([...])")
def bad_list_of_variables():
    x = gr.scalar("x")
    return gr.sum([x, x])


@enter(GRAPHS, errors.OptionError, "a name is a non-empty string, not 3")
def bad_name():
    return gr.scalar("x").named(3)  # type: ignore[arg-type]


@ids(GRAPHS)
def test_bad_graphs(bad: Bad) -> None:
    check(bad, bad.function)


def test_every_kind_is_a_standard_exception_too() -> None:
    kinds = [
        k for k in vars(errors).values() if isinstance(k, type) and k.__module__ == errors.__name__
    ]
    standard = (ValueError, TypeError, AttributeError, AssertionError)
    for kind in kinds:
        if kind is not errors.GraphError:
            assert issubclass(kind, standard)
