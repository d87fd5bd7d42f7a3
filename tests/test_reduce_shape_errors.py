"""What reductions, shapes, creation and joining refuse: the error and its words, row by row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import graphcomp as gr
from graphcomp.errors import (
    DTypeError,
    OptionError,
    ShapeError,
    SizeError,
    TraceError,
    ValueKindError,
)

n_vector, matrix, scalar = gr.vector("v", "n"), gr.matrix("X", (2, 3)), gr.scalar("s")


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: gr.sum(matrix, axis=2), ShapeError, "axis 2 is out of range for 2 dimensions"),
        (lambda: gr.sum(matrix, axis=(0, -2)), ShapeError, "names one axis twice"),
        (lambda: gr.sum(matrix, axis="x"), DTypeError, "axis must be an int"),
        (lambda: gr.sum(matrix, axis=0.5), DTypeError, "axis must be an int"),
        (lambda: gr.cumsum(scalar, axis=1), ShapeError, "out of range"),
        (lambda: gr.flip(scalar, 0), ShapeError, "a scalar has no axes"),
        (lambda: gr.argmax(matrix, axis=5), ShapeError, "out of range"),
        (lambda: gr.max(gr.matrix("x", (0, 3))), ShapeError, "max of no elements"),
        (lambda: gr.argmin(gr.matrix("x", (2, 0)), axis=1), ShapeError, "argmin of no elements"),
        (lambda: gr.max(matrix, where=matrix > 0), OptionError, "initial="),
        (lambda: gr.max(matrix, initial=1j), DTypeError, "initial="),
        (lambda: np.sum(matrix, out=np.zeros(())), TraceError, "out="),
        (lambda: gr.var(matrix, ddof=1, correction=1), OptionError, "correction="),
        (lambda: gr.average(matrix, weights=[1.0, 2.0]), ShapeError, "weights of shape (2,)"),
        (lambda: gr.reshape(matrix, (4, 2)), ShapeError, "cannot reshape (2, 3) to (4, 2)"),
        (lambda: gr.reshape(matrix, (4, -1)), ShapeError, "do not divide by 4"),
        (lambda: gr.reshape(matrix, (-1, -1)), ShapeError, "-1 twice"),
        (lambda: gr.reshape(n_vector, (-1, 2)), SizeError, "declare the axis as a multiple"),
        (lambda: gr.reshape(matrix, (2, 3), order="Z"), OptionError, "order"),
        (lambda: gr.squeeze(matrix, 0), ShapeError, "axis 0 of X has length 2"),
        (lambda: gr.transpose(matrix, (0, 0)), ShapeError, "name each axis once"),
        (lambda: gr.transpose(matrix, (0,)), ShapeError, "do not permute"),
        (lambda: gr.moveaxis(matrix, (0, 1), 0), ShapeError, "cannot move"),
        (lambda: gr.broadcast_to(matrix, (2, 4)), ShapeError, "cannot broadcast (2, 3)"),
        (lambda: gr.broadcast_to(n_vector, ("m",)), ShapeError, "cannot broadcast (n,)"),
        (lambda: gr.flip(matrix, 2), ShapeError, "out of range"),
        (lambda: gr.roll(matrix, (1, 2, 3), (0, 1)), ShapeError, "3 shifts for 2 axes"),
        (lambda: gr.repeat(matrix, [1, 2], axis=1), ShapeError, "2 repeats for 3 elements"),
        (lambda: gr.repeat(n_vector, [1, 2]), SizeError, "symbolic length n"),
        (lambda: gr.repeat(matrix, scalar), ValueKindError, "decide the result's shape"),
        (lambda: gr.tril(scalar), ShapeError, "two axes"),
        (lambda: gr.zeros(-1), SizeError, "negative"),
        (lambda: gr.zeros("2 +"), SizeError, "no axis length"),
        (lambda: gr.full((2, 2), np.zeros(3)), ShapeError, "cannot broadcast (3,)"),
        (lambda: gr.arange(scalar), ValueKindError, "length must be known"),
        (lambda: gr.arange(0.5, n_vector.shape[0]), SizeError, "gr.arange(n)"),
        (lambda: gr.arange(0, 5, 0), ShapeError, "the step is 0"),
        (lambda: gr.concatenate([matrix, n_vector]), ShapeError, "X is float64(2, 3)"),
        (lambda: gr.concatenate([scalar, scalar]), ShapeError, "gr.stack"),
        (lambda: gr.concatenate([]), ShapeError, "nothing to concatenate"),
        (lambda: gr.concatenate([matrix], axis=2), ShapeError, "out of range"),
        (lambda: gr.concatenate(3), ValueKindError, "a list of arrays"),
        (lambda: gr.stack([matrix, scalar]), ShapeError, "all have one shape"),
        (lambda: gr.stack([]), ShapeError, "nothing to stack"),
        (lambda: gr.block([[matrix], matrix]), ShapeError, "not nested equally"),
        (lambda: gr.split(matrix, 2, axis=1), ShapeError, "does not divide into 2 parts"),
        (lambda: gr.split(n_vector, 2), SizeError, "is not known"),
        (lambda: gr.split(scalar, 2), ShapeError, "cannot be split"),
    ],
)
def test_errors_name_what_and_how_to_mend(
    make: Callable[[], Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error) as caught:
        make()
    assert type(caught.value) is error
    assert words in str(caught.value)
    assert "test_reduce_shape_errors.py" in str(caught.value)
