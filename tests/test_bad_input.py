"""Bad functions and traces: each its own kind of error, with what is wrong, where, how to mend."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import scipy.special

import graphcomp as gr
from graphcomp import errors
from tests.bad import Bad, check, enter, ids

# ------------------------------------------- what a variable cannot do, traced or not

ALWAYS: list[Bad] = []  # of x: float64(n,), v: float64(3,), a: float64()
TRACE = errors.TraceError


@enter(ALWAYS, TRACE, "the truth of x.sum() > 0 is not known", "gr.where(condition, a, b)")
def bad_if(x, v, a):
    return 1 if x.sum() > 0 else 2


@enter(ALWAYS, TRACE, "the truth of v is not known", "& | ~ instead of and")
def bad_and(x, v, a):
    return v and a


@enter(ALWAYS, TRACE, "the truth of", "gr.maximum(a, b) instead of max(a, b)")
def bad_max(x, v, a):
    return max(a, 1.0)


@enter(ALWAYS, TRACE, "float() needs a number, and a is symbolic", "leave float() out")
def bad_float(x, v, a):
    return float(a)


@enter(ALWAYS, TRACE, "int() needs a number, and a is symbolic", ".astype('int64')")
def bad_int(x, v, a):
    return int(a)


@enter(ALWAYS, TRACE, "complex() needs a number, and a is symbolic", ".astype('complex128')")
def bad_complex(x, v, a):
    return complex(a)


@enter(ALWAYS, TRACE, "n is a symbolic size", "range()", "give the axis a number")
def bad_range(x, v, a):
    return list(range(x.shape[0]))


@enter(ALWAYS, TRACE, "cannot iterate over x: its length n is symbolic", "array operations")
def bad_iteration(x, v, a):
    return sum(value for value in x)


@enter(ALWAYS, TRACE, "cannot iterate over a, which is a scalar")
def bad_unpacking(x, v, a):
    first, second = a
    return first + second


@enter(ALWAYS, TRACE, "len() of a, which is a scalar")
def bad_len_of_scalar(x, v, a):
    return len(a)


@enter(ALWAYS, TRACE, "cannot set .shape of v")
def bad_set_shape(x, v, a):
    v.shape = (3, 1)
    return v


@enter(ALWAYS, TRACE, "'in' asks for the numbers of v", "gr.any(x == value)")
def bad_in(x, v, a):
    return 2.0 in v


@enter(ALWAYS, TRACE, ".item() needs a number", "leave it out")
def bad_item(x, v, a):
    return a.item()


@enter(ALWAYS, TRACE, ".tolist() needs a number")
def bad_tolist(x, v, a):
    return v.tolist()


@enter(ALWAYS, TRACE, "a is symbolic", "use a plain int")
def bad_list_index(x, v, a):
    return [1, 2, 3][a]


@enter(ALWAYS, TRACE, "numpy.is_busday is not an operation that graphcomp knows")
def bad_unknown_function(x, v, a):
    return np.is_busday(v)


@enter(ALWAYS, TRACE, "np.subtract.accumulate is not supported on variables")
def bad_ufunc_method(x, v, a):
    return np.subtract.accumulate(v)


@enter(ALWAYS, errors.ValueKindError, "cannot be a constant of a graph")
def bad_object_array(x, v, a):
    return np.array([None, 1, 2], dtype=object) * v


@enter(ALWAYS, errors.ValueKindError, "None cannot be an operand of add with v", "give a number")
def bad_none(x, v, a):
    return v + None


@enter(ALWAYS, errors.ValueKindError, "'2' cannot be an operand of power with v")
def bad_text(x, v, a):
    return v ** "2"


@enter(ALWAYS, errors.ShapeError, "v is float64(3,), constant is int64(2,)")
def bad_dot(x, v, a):
    return np.dot(v, [1, 2])


@enter(ALWAYS, errors.OptionError, "the first argument of cho_solve is no pair", "cho_factor")
def bad_factor(x, v, a):
    return gr.linalg.cho_solve(np.eye(3), v)


@enter(ALWAYS, errors.ShapeError, "shape mismatch", "v is float64(3,)", "each axis must")
def bad_broadcast(x, v, a):
    return v + np.ones(2)


@enter(ALWAYS, errors.ShapeError, "x is float64(n,)", "v is float64(3,)")
def bad_symbolic_broadcast(x, v, a):
    return x * v


@enter(ALWAYS, errors.ShapeError, "cannot reshape (3,) to (2, 2)", "the same number of elements")
def bad_reshape(x, v, a):
    return v.reshape(2, 2)


@enter(ALWAYS, errors.ShapeError, "axis 1 is out of range for 1 dimensions", "use -1 to 0")
def bad_axis(x, v, a):
    return v.sum(axis=1)


@enter(ALWAYS, errors.DTypeError, "bitwise_and does not take", "astype")
def bad_bits(x, v, a):
    return v & 3


@enter(ALWAYS, errors.DTypeError, "'tensor' is no dtype", "give one such as 'float64'")
def bad_dtype(x, v, a):
    return v.astype("tensor")


@enter(ALWAYS, TRACE, "the format '.2f' needs a number, and a is symbolic")
def bad_format(x, v, a):
    return f"{a:.2f}"


@enter(ALWAYS, TRACE, "n is a symbolic size", "gr.zeros(n)")
def bad_repeated_list(x, v, a):
    return np.array([0.0] * x.shape[0])


@ids(ALWAYS)
def test_refused_outside_of_a_trace(bad: Bad) -> None:
    x, v, a = gr.vector("x", "n"), gr.vector("v", 3), gr.scalar("a")
    check(bad, lambda: bad.function(x, v, a))


@ids(ALWAYS)
def test_refused_inside_of_a_trace(bad: Bad) -> None:
    check(bad, lambda: gr.from_function(bad.function, "float64[n]", "float64[3]", "float64"))


def test_one_element_stored_into_an_array() -> None:
    def store(a: Any) -> Any:
        z = np.zeros(3)
        z[0] = a
        return z

    # NumPy puts a ValueError of its own on top.
    with pytest.raises(ValueError) as caught:
        store(gr.scalar("a"))
    assert "z[0] = a would write" in str(caught.value.__cause__)


# -------------------------------------------------- what works inside of a trace only

OUTSIDE: list[Bad] = []
ARGUMENT: list[Bad] = []  # these change an argument


@enter(ARGUMENT, TRACE, "cannot assign to elements of v", "np.where(mask, value, a)")
def bad_assignment(x, v, a):
    v[0] = 1
    return v


@enter(ARGUMENT, TRACE, "cannot assign to elements of v", "np.where(mask, value, a)")
def bad_in_place(x, v, a):
    v[1:] += 1
    return v


@enter(OUTSIDE, TRACE, "would write v into an array of numbers", "a = a + b")
def bad_accumulation(x, v, a):
    total = np.zeros(3)
    total += v
    return total


@enter(OUTSIDE, TRACE, "rows[0] = v would write", "gr.stack([...])", "gr.from_function")
def bad_slice_store(x, v, a):
    rows = np.zeros((2, 3))
    rows[0] = v
    return rows


@enter(OUTSIDE, TRACE, "np.add.at would write")
def bad_at(x, v, a):
    total = np.zeros(3)
    np.add.at(total, [0, 0, 1], v)
    return total


@enter(OUTSIDE, TRACE, "out=", "make a new value")
def bad_out(x, v, a):
    out = np.zeros(3)
    np.exp(v, out=out)
    return out


@enter(ARGUMENT, TRACE, "x.sort() changes an array in place", "np.sort(x)")
def bad_sort(x, v, a):
    x.sort()
    return x


@enter(OUTSIDE, TRACE, "x is a symbolic variable, not an array of numbers", "gr.from_function")
def bad_asarray(x, v, a):
    return np.asarray(x)


@enter(OUTSIDE, TRACE, "a is a symbolic variable", "gr.stack([...])")
def bad_array(x, v, a):
    return np.array([a, 2.0])


@enter(OUTSIDE, TRACE, "v is a symbolic variable")
def bad_array_of_objects(x, v, a):
    return np.array([v, v], dtype=object)


@enter(OUTSIDE, TRACE, "x is a symbolic variable")
def bad_one_object(x, v, a):
    return np.array(x, dtype=object)


@enter(OUTSIDE, TRACE, "a is a symbolic variable")
def bad_full(x, v, a):
    return np.full(3, a)


@enter(OUTSIDE, TRACE, "n is a symbolic size", "gr.zeros(n)")
def bad_ones(x, v, a):
    return np.ones((x.shape[0], 2))


@enter(OUTSIDE, TRACE, "n is a symbolic size", "gr.zeros(n)")
def bad_size_array(x, v, a):
    return np.asarray([x.shape[0]])


@enter(OUTSIDE, TRACE, "x is a symbolic variable")
def bad_logsumexp(x, v, a):
    return scipy.special.logsumexp(x)


@enter(OUTSIDE, TRACE, "x is a symbolic variable")
def bad_softmax(x, v, a):
    return scipy.special.softmax(x)


@enter(OUTSIDE, TRACE, "a is a symbolic variable")
def bad_list_argument(x, v, a):
    return np.exp([a, a])


@enter(OUTSIDE, TRACE, "len(x) is the symbolic size n", "write x.shape[0]")
def bad_len(x, v, a):
    return len(x) * v


@enter(OUTSIDE, TRACE, "float() needs a number, and a is symbolic")
def bad_math(x, v, a):
    return math.log(a)


@ids(OUTSIDE)
def test_refused_outside_and_never_an_object_array(bad: Bad) -> None:
    x, v, a = gr.vector("x", "n"), gr.vector("v", 3), gr.scalar("a")
    check(bad, lambda: bad.function(x, v, a))
    assert issubclass(bad.error, TypeError)


@ids([bad for bad in OUTSIDE if "object" not in bad.function.__name__])
def test_works_inside(bad: Bad) -> None:
    _, out = gr.from_function(bad.function, "float64[n]", "float64[3]", "float64")
    assert isinstance(out, gr.Variable)


@ids(ARGUMENT)
def test_an_argument_is_not_changed(bad: Bad) -> None:
    x, v, a = gr.vector("x", "n"), gr.vector("v", 3), gr.scalar("a")
    check(bad, lambda: bad.function(x, v, a))
    inside = Bad(bad.function, TRACE, ("is an argument of the function", ".copy()"))
    check(inside, lambda: gr.from_function(bad.function, "float64[n]", "float64[3]", "float64"))


@pytest.mark.parametrize("make", [np.zeros, np.empty], ids=lambda make: make.__name__)
def test_a_size_alone_as_numpys_shape(make: Any) -> None:
    n = gr.vector("x", "n").shape[0]
    with pytest.raises(TypeError, match="n"):
        make(n)


@pytest.mark.parametrize("left", [np.ones(3, np.float32), np.float32(2), [1.0, 2.0, 3.0], 2, 2.0])
def test_operators_never_build_object_arrays(left: Any) -> None:
    v = gr.vector("v", 3, dtype="float32")
    n = gr.vector("x", "n").shape[0]
    for other in (v,) if isinstance(left, list) else (v, n):  # [0.0] * n is refused
        for result in (left * other, other * left):
            assert isinstance(result, (gr.Variable, type(n)))


# ------------------------------------------------------------ a trace's own arguments

TRACES: list[Bad] = []


@enter(TRACES, TRACE, "np.random.normal would draw its numbers once", "np.random.default_rng(seed)")
def bad_random():
    return gr.from_function(lambda v: v + np.random.normal(size=3), "float64[3]")


@enter(TRACES, errors.SizeError, "n % 2 == 0 is not decided for all sizes", "'n + 2'")
def bad_branch_on_a_size():
    return gr.from_function(lambda x: x if len(x) % 2 == 0 else -x, "float64[n]")


@enter(TRACES, errors.SizeError, "n == 4 is not decided for all sizes", "give the axis a number")
def bad_question_about_a_shape():
    return gr.from_function(lambda x: x if x.shape != (4,) else -x, "float64[n]")


@enter(TRACES, TRACE, "numpy.mean of variables does not take", "'weights'", "it takes a, axis")
def bad_keyword():
    return gr.from_function(lambda x: np.mean(x, weights=x), "float64[n]")


@enter(TRACES, TRACE, "math.exp takes one number, and v has shape (3,)", "write np.exp")
def bad_math_of_array():
    return gr.from_function(lambda v: math.exp(v), "float64[3]")


@enter(TRACES, TRACE, "missing a required argument: 'b'", "give each parameter a type string")
def bad_missing_argument():
    return gr.from_function(lambda a, b: a + b, "float64")


@enter(TRACES, TRACE, "from_function needs a function, not 3")
def bad_no_function():
    return gr.from_function(3, "float64")  # type: ignore[arg-type]


@enter(TRACES, errors.ValueKindError, "<lambda> returns None, which is not a number")
def bad_no_result():
    return gr.from_function(lambda a: None, "float64")


@enter(TRACES, errors.ValueKindError, "<lambda> returns a str at loss_0")
def bad_text_result():
    return gr.from_function(lambda a: {"loss": ["low", a]}, "float64")


@enter(TRACES, errors.ValueKindError, "argument a is an array of dtype object")
def bad_object_argument():
    return gr.from_function(lambda a: a, np.array([None]))


@enter(TRACES, errors.ValueKindError, "argument a is a MaskedArray")
def bad_masked_argument():
    return gr.from_function(lambda a: a, np.ma.array([1.0], mask=[True]))


@enter(TRACES, errors.DuplicateInputError, "two inputs are called a_b", "rename a parameter")
def bad_same_path():
    return gr.from_function(lambda a, a_b: a["b"] + a_b, {"b": "float64"}, "float64")


@enter(TRACES, errors.DTypeError, "'float63' is no dtype", "give one such as 'float64'")
def bad_type_name():
    return gr.from_function(lambda a: a, "float63[n]")


@enter(TRACES, errors.SizeError, "'float64[n' is no type", "write one such as 'float64[n, 3]'")
def bad_type_string():
    return gr.from_function(lambda a: a, "float64[n")


@enter(TRACES, errors.SizeError, "'n+' is no axis length")
def bad_axis_length():
    return gr.from_function(lambda a: a, "float64[n+]")


@enter(TRACES, errors.ShapeError, "a list holds (3,) and ()", "must have one shape")
def bad_ragged_list():
    return gr.from_function(lambda v: np.array([v, v[0]]), "float64[3]")


@ids(TRACES)
def test_bad_traces(bad: Bad) -> None:
    check(bad, bad.function)
