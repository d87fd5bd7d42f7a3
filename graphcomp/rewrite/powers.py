"""Squares, reciprocals, roots. (Powers with a known exponent become these when they are built.)"""

from __future__ import annotations

from graphcomp.graph import Variable
from graphcomp.ops.arithmetic import Divide, Multiply, Power, Sqrt, Square, sqrt, square
from graphcomp.ops.parts import Absolute, absolute, imag, real
from graphcomp.ops.transcendental import exp
from graphcomp.rewrite.engine import Context, Pass, rule
from graphcomp.rewrite.patterns import literal, number, retyped


@rule("x * x -> x**2", Multiply, sample=lambda x: x * x, near_miss=lambda x, y: x * y)
def product_with_itself(v: Variable, x: Variable, y: Variable) -> Variable | None:
    return retyped(v, Square()(x)) if x is y else None


@rule(
    "y * (1 / x) -> y / x",
    Multiply,
    reads=(Divide,),
    sample=lambda x, y: y * (1.0 / x),
    near_miss=lambda x, y: y * (2.0 / x),
)
def times_reciprocal(v: Variable, x: Variable, y: Variable, context: Context) -> Variable | None:
    for a, b in ((x, y), (y, x)):
        inverse = isinstance(b.op, Divide) and literal(b.inputs[0]) == 1
        if inverse and (not b.ndim or context.is_private(b)):
            return retyped(v, a / b.inputs[1])
    return None


@rule(
    "x**a * x**b -> x**(a + b), x >= 0 or a and b whole",
    Multiply,
    reads=(Power,),
    sample=lambda x: x**3 * x**4,
    near_miss=lambda x: x**1.5 * x**2.5,
)
def product_of_powers(v: Variable, x: Variable, y: Variable, context: Context) -> Variable | None:
    first, second = _power(x), _power(y)
    if v.dtype.kind != "f" or (not isinstance(x.op, Power) and not isinstance(y.op, Power)):
        return None
    (base, a), (other, b) = first, second
    if base is not other or base.type != v.type or min(a, b) <= 0:
        return None
    if not all(context.is_private(p) for p in (x, y) if isinstance(p.op, Power)):
        return None
    whole = float(a).is_integer() and float(b).is_integer()
    return retyped(v, base ** (a + b)) if whole or context.knows(base).nonnegative else None


def _power(v: Variable) -> tuple[Variable, float]:
    """(x, a) of x**a, a plain number; (v, 1) of anything else."""
    if isinstance(v.op, Square):
        return v.inputs[0], 2
    if isinstance(v.op, Power):
        exponent = number(v.inputs[1])
        if isinstance(exponent, (int, float)):
            return v.inputs[0], exponent
    return v, 1


@rule(
    "y / sqrt(x) / sqrt(x) -> y / x, x >= 0",
    Divide,
    reads=(Divide,),
    sample=lambda x, y: y / sqrt(exp(x)) / sqrt(exp(x)),
    near_miss=lambda x, y: y / sqrt(x) / sqrt(x),
)
def over_root_twice(v: Variable, x: Variable, y: Variable, context: Context) -> Variable | None:
    if not isinstance(y.op, Sqrt) or not isinstance(x.op, Divide) or x.inputs[1] is not y:
        return None
    square_of_root = y.inputs[0]
    if v.dtype.kind != "f" or not context.is_private(x):
        return None
    known = context.knows(square_of_root)
    return retyped(v, x.inputs[0] / square_of_root) if known.nonnegative else None


@rule(
    "abs(x)**2 -> x.real**2 + x.imag**2, x complex",
    Square,
    reads=(Absolute,),
    sample=lambda x, y: square(absolute(x + 1j * y)),
    near_miss=lambda x: square(absolute(x)),
)
def square_of_complex(v: Variable, x: Variable, context: Context) -> Variable | None:
    if not isinstance(x.op, Absolute) or x.inputs[0].dtype.kind != "c":
        return None
    if not context.is_private(x):
        return None
    z = x.inputs[0]
    return retyped(v, real(z) ** 2 + imag(z) ** 2)


powers = Pass(
    "powers",
    [
        product_with_itself,
        times_reciprocal,
        product_of_powers,
        over_root_twice,
        square_of_complex,
    ],
)
