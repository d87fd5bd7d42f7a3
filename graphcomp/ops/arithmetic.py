"""Arithmetic: the operators of Python, roots and powers, conversion of dtypes."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphcomp.errors import DTypeError
from graphcomp.graph import Variable
from graphcomp.ops import compare, create, transcendental
from graphcomp.ops.base import (
    Bad,
    Meaning,
    Op,
    Operand,
    Sample,
    as_variable,
    constant_value,
)
from graphcomp.ops.elementwise import (
    Binary,
    Step,
    Unary,
    binary,
    keeps_dtype,
    unary,
    universal,
)
from graphcomp.registry import public
from graphcomp.types import DType, TensorType, as_dtype, ufunc_dtype

__all__ = [
    "add",
    "astype",
    "cbrt",
    "divide",
    "float_power",
    "floor_divide",
    "mod",
    "multiply",
    "negative",
    "positive",
    "pow",
    "power",
    "reciprocal",
    "remainder",
    "sqrt",
    "square",
    "subtract",
    "true_divide",
]

_ALL = ("float64", "complex128", "int64")

# --------------------------------------------------------------------------- + - * / // % and -x


class Add(Binary):
    """x + y."""

    ufunc = np.add
    expression = "x + y"
    oracle = "x + y"
    dtypes = (*_ALL, "bool")

    def simplify(self, x: Variable, y: Variable) -> Variable | None:
        if constant_value(y) == 0 and self.has_type_of(x, x, y):
            return x
        if constant_value(x) == 0 and self.has_type_of(y, x, y):
            return y
        return self.fold(x, y)

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        return G


class Subtract(Binary):
    """x - y."""

    ufunc = np.subtract
    expression = "x - y"
    oracle = "x - y"
    dtypes = _ALL

    def simplify(self, x: Variable, y: Variable) -> Variable | None:
        if constant_value(y) == 0 and self.has_type_of(x, x, y):
            return x
        return self.fold(x, y)

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        return G if i == 0 else -G

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield from super().bad()
        yield Bad(cls(), (Operand((3,), dtype="bool"),) * 2, DTypeError)


class Multiply(Binary):
    """x * y."""

    ufunc = np.multiply
    expression = "x * y"
    oracle = "x * y"
    dtypes = (*_ALL, "bool")

    def simplify(self, x: Variable, y: Variable) -> Variable | None:
        if constant_value(y) == 1 and self.has_type_of(x, x, y):
            return x
        if constant_value(x) == 1 and self.has_type_of(y, x, y):
            return y
        return self.fold(x, y)

    def partial(self, i: int, x: Variable, y: Variable, z: Variable) -> Variable | float:
        return y if i == 0 else x


class Divide(Binary):
    """x / y."""

    ufunc = np.true_divide
    expression = "x / y"
    oracle = "mp.mpf(1) * x / y"
    domain = ((-2.0, 2.0), (1.0, 3.0))
    dtypes = _ALL

    def simplify(self, x: Variable, y: Variable) -> Variable | None:
        return x if constant_value(y) == 1 and self.has_type_of(x, x, y) else None

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        quotient = G / inputs[1]
        return quotient if i == 0 else -quotient * output


class FloorDivide(Binary):
    """The largest integer that is not above x / y."""

    ufunc = np.floor_divide
    expression = "x // y"
    oracle = "mp.floor(mp.mpf(1) * x / y)"
    domain = ((4.2, 4.5), (1.15, 1.35))  # no quotient near an integer
    dtypes = ("float64", "int64")

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        return create.full_of(0, inputs[i].type)


class Remainder(Binary):
    """x - y * floor(x / y): it has the sign of y."""

    ufunc = np.remainder
    expression = "x % y"
    oracle = "x - y * mp.floor(mp.mpf(1) * x / y)"
    domain = ((4.2, 4.5), (1.15, 1.35))  # no quotient near an integer
    dtypes = ("float64", "int64")

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        x, y = inputs
        return G if i == 0 else -G * (x // y)


class Negative(Unary):
    """-x."""

    ufunc = np.negative
    expression = "-x"
    oracle = "-x"
    dtypes = _ALL

    def simplify(self, x: Variable) -> Variable | None:
        return x.inputs[0] if isinstance(x.op, Negative) else self.fold(x)

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        return -G

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(), (Operand((3,), dtype="bool"),), DTypeError)


# ------------------------------------------------------------------------------ powers and roots


class Power(Binary):
    """x to the power y."""

    ufunc = np.power
    expression = "x**y"
    oracle = "x**y"
    domain = ((0.3, 2.5), (0.5, 2.5))
    dtypes = _ALL

    def meaning(self, *types: TensorType) -> Meaning:
        """Of a bool, ``**`` 2 is int8 and ``np.power`` is not."""
        x = types[0]
        plain = x.weak or x.dtype.kind != "b"
        return super().meaning(*types) if plain else Meaning("np.power(x, y)")

    def simplify(self, x: Variable, y: Variable) -> Variable | None:
        """x**2, x**1, x**0.5 and the like, where the simpler form has the same type."""
        exponent = constant_value(y)
        result: Variable | None = None
        if exponent == 2:
            result = Square()(x)
        elif exponent == 1:
            result = x
        elif exponent == 0.5:
            result = Sqrt()(x)
        elif exponent == -1:
            result = Divide()(1, x)
        elif exponent == 0:
            result = create.full_of(1, self.infer(x.type, y.type))
        return result if result is not None and self.has_type_of(result, x, y) else None

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        x, y = inputs
        return G * (self._by_base(x, y, output) if i == 0 else self._by_exponent(x, output))

    @staticmethod
    def _by_base(x: Variable, y: Variable, z: Variable) -> Variable:
        """y * x**(y - 1), and 0 at (0, 0)."""
        exponent = constant_value(y)
        if exponent is not None:
            number = operator.pos(np.asarray(exponent).item())
            base = x if x.dtype == z.dtype else x.astype(z.dtype)
            slope: Variable = number * base ** (number - 1)
            return slope
        return y * compare.where((x == 0) & (y == 0), 1, x) ** (y - 1)

    @staticmethod
    def _by_exponent(x: Variable, z: Variable) -> Variable:
        """z * log(x), and 0 where x is 0."""
        base = constant_value(x)
        positive = base is not None and not isinstance(base, complex) and base > 0
        safe = x if positive else compare.where(x == 0, 1, x)
        log = transcendental.log(safe)
        return z * (log if log.dtype == z.dtype else transcendental.log(safe.astype(z.dtype)))


class Square(Unary):
    """x squared."""

    ufunc = np.square
    expression = "x**2"
    oracle = "x * x"
    dtypes = _ALL

    def meaning(self, *types: TensorType) -> Meaning:
        x = types[0]
        return Meaning("x**2" if keeps_dtype(x) and x.dtype.kind != "b" else "np.square(x)")

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return 2 * x


class Sqrt(Unary):
    """The square root; its derivative at 0 is inf."""

    ufunc = np.sqrt
    oracle = "mp.sqrt(x)"
    domain = ((0.2, 4.0),)
    dtypes = _ALL

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return 0.5 / y


class Cbrt(Unary):
    """The cube root; its derivative at 0 is inf."""

    ufunc = np.cbrt
    oracle = "mp.sign(x) * mp.cbrt(abs(x))"
    kinks = (0.0,)

    def divisor(self, x: Variable, y: Variable) -> Variable | None:
        return 3 * y**2

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        yield Bad(cls(), (Operand((3,), dtype="complex128"),), DTypeError)


class Reciprocal(Unary):
    """1 / x; integers give integers, as in NumPy."""

    ufunc = np.reciprocal
    oracle = "1 / x"
    domain = ((0.4, 3.0),)
    dtypes = ("float64", "complex128")

    def partial(self, x: Variable, y: Variable) -> Variable | float:
        return -(y**2)


# ------------------------------------------------------------------------------------ conversion


@dataclass(frozen=True, eq=False)
class Cast(Op):
    """The values of x converted to ``dtype``; complex to real takes the real part.

    ``of_steps``: x is constant between jumps, as ``floor(x)`` is, and the result an integer or
    a bool. Its derivative is zeros then, and no gradient is lost on the way.
    """

    dtype: DType
    of_steps: bool = False

    @property
    def nondiff(self) -> frozenset[int]:
        return frozenset((0,)) if self.of_steps else frozenset()

    def infer(self, *types: TensorType) -> TensorType:
        return types[0].with_dtype(self.dtype)

    def meaning(self, *types: TensorType) -> Meaning:
        x = types[0]
        part = "x.real" if x.dtype.kind == "c" and self.dtype.kind not in "cb" else "x"
        text = f"{part}.astype(dtype)" if x.ndim else f"dtype({part})"
        return Meaning(text, {"dtype": self.dtype})

    def simplify(self, x: Variable) -> Variable | None:
        """Drop what changes nothing: also a widening within one kind before another cast."""
        if x.dtype == self.dtype and not x.type.weak:
            return x
        if isinstance(x.op, Cast):
            start = x.inputs[0]
            if start.dtype.kind == x.dtype.kind and np.can_cast(start.dtype, x.dtype):
                return self(start)
        if self.dtype.kind in "biu" and isinstance(x.op, (Step, FloorDivide)):
            return Cast(self.dtype, of_steps=True)(x) if not self.of_steps else None
        return None

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        return G

    def oracle(self, x: np.ndarray[Any, Any]) -> Any:
        convert = {"b": bool, "f": float, "c": complex}.get(self.dtype.kind, int)
        real = x.dtype.kind == "c" and convert is not complex
        values = [convert(v.real if real else v) for v in x.ravel().tolist()]
        return np.array(values, self.dtype).reshape(x.shape)

    @classmethod
    def samples(cls) -> Iterable[Sample]:
        uses = (
            ("float64", "float32"),
            ("float32", "float64"),
            ("float64", "int64"),
            ("float64", "bool"),
            ("float64", "complex128"),
            ("complex128", "float64"),
            ("int64", "float64"),
            ("bool", "float64"),
        )
        for start, end in uses:
            for shape in ((), (3,), (2, 3), (0, 3)):
                yield Sample(cls(np.dtype(end)), (Operand(shape, dtype=start),))


# ------------------------------------------------------------------------------ public functions

add = binary(Add)
subtract = binary(Subtract)
multiply = binary(Multiply)
divide = true_divide = binary(Divide, "numpy.true_divide")
floor_divide = binary(FloorDivide)
remainder = mod = binary(Remainder, "numpy.mod")
negative = unary(Negative)
square = unary(Square)
sqrt = unary(Sqrt)
cbrt = unary(Cbrt)
reciprocal = unary(Reciprocal)


@universal(np.power, "numpy.pow")
def power(x: Any, y: Any) -> Variable:
    """x to the power y, as ``np.power``.

    The derivative by x at (0, 0) is 0, and that by y is 0 wherever x is 0. Raises DTypeError
    for an integer x and a constant negative integer y, which NumPy refuses too.

    >>> import graphcomp as gr
    >>> x = gr.scalar("x")
    >>> gr.evaluate({x: 3.0}, gr.power(x, 2))
    np.float64(9.0)
    """
    x, y = as_variable(x), as_variable(y)
    exponent = constant_value(y)
    if x.dtype.kind in "biu" and y.dtype.kind in "biu" and exponent is not None and exponent < 0:
        if not x.type.weak:
            raise DTypeError(
                f"{x.label} is {x.dtype}, and integers have no negative integer powers",
                f"write {x.label} ** {float(exponent)}",
            )
        x = x * 1.0  # Python's integers do, as floats
    return Power()(x, y)


pow = power


@universal(np.float_power)
def float_power(x: Any, y: Any) -> Variable:
    """x to the power y, computed in float64 or complex128, as ``np.float_power``.

    Derivatives as of ``power``. Integers may have negative powers.

    >>> import graphcomp as gr
    >>> gr.evaluate({}, gr.float_power(gr.constant([2, 4]), -1))
    array([0.5 , 0.25])
    """
    x, y = as_variable(x), as_variable(y)
    dtype = ufunc_dtype(np.float_power, x.type.operand, y.type.operand)
    return Power()(x.astype(dtype), y if y.type.weak else y.astype(dtype))


@universal(np.positive)
def positive(x: Any) -> Variable:
    """x itself, as ``np.positive``. Raises DTypeError for bools."""
    value = as_variable(x)
    if value.dtype.kind == "b":
        raise DTypeError(f"positive does not take {value.label}, a bool", "use .astype first")
    return value


@public("numpy.astype")
def astype(x: Any, dtype: Any, *, copy: bool = True, device: Any = None) -> Variable:
    """The values of x converted to another dtype; complex to real takes the real part.

    Shape ``x.shape``; a variable needs no copy. Raises DTypeError for a dtype that graphs do not
    hold.

    >>> import graphcomp as gr
    >>> gr.vector("x", 3).astype("float32").dtype
    dtype('float32')
    """
    return Cast(as_dtype(dtype))(x)
