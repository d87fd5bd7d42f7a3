"""NumPy's universal functions: every one, with its keywords and methods."""

import numpy as np

from graphcomp.ops.base import Operand
from tests.forms import form, refused

REAL = "float32 int64"  # NumPy computes that of bools in float16
POSITIVE = Operand((2, 3), 0.3, 3.0)
UNIT = Operand((2, 3), -0.8, 0.8)
ABOVE_ONE = Operand((2, 3), 1.3, 3.0)
BETWEEN = Operand((2, 3), 1.6, 1.9)  # between the jumps of roundings
FAR = Operand((3,), 4.2, 4.5)
STEPS = Operand((3,), 1.15, 1.35)  # FAR / STEPS is nowhere near an integer
K = Operand((2, 3), -9, 9, "int64")
COUNTS = Operand((2, 3), 0, 5, "int64")
TRUTH = Operand((2, 3), dtype="bool")
APART = Operand((3,), kind="fixed", value=[0.523, -0.656, 0.789])
SCATTERED = Operand((2, 3), kind="fixed", value=[[-1.3, 0.4, 1.9], [0.7, -0.2, -0.9]])
SPECIAL = Operand((6,), kind="fixed", value=[np.nan, np.inf, -np.inf, -0.5, 0.0, 2.0])
RUN = Operand((7,), kind="fixed", value=[1.0, 3.0, 2.0, 3.0, 5.0, 4.0, 5.5])

_PLAIN = (
    "absolute abs fabs arctan arcsinh atan asinh conj conjugate cos cosh deg2rad degrees radians "
    "rad2deg exp exp2 expm1 negative positive sign sin sinh square tanh cbrt reciprocal "
    "real imag angle sinc"
)
_SMOOTH = [form(f"np.{name}(x)", x=(2, 3)) for name in _PLAIN.split() if hasattr(np, name)]

_POSITIVE = "sqrt log log2 log10 log1p"
_DOMAINS = [
    *(form(f"np.{name}(x)", x=POSITIVE) for name in _POSITIVE.split()),
    *(form(f"np.{name}(x)", x=UNIT) for name in ("arcsin", "arccos", "arctanh", "tan")),
    form("np.arccosh(x)", x=ABOVE_ONE),
]
_ROUNDINGS = [
    form(f"np.{name}(x)", x=BETWEEN) for name in ("floor", "ceil", "trunc", "rint", "fix")
]

_TWO = (
    "add subtract multiply divide true_divide maximum minimum fmax fmin logaddexp logaddexp2 "
    "hypot arctan2 copysign heaviside"
)
_BINARY = [form(f"np.{name}(x, y)", x=SCATTERED, y=APART) for name in _TWO.split()]

_TESTS = "isnan isinf isfinite signbit logical_not isposinf isneginf isreal iscomplex"
_RELATIONS = (
    "equal not_equal less less_equal greater greater_equal logical_and logical_or logical_xor"
)
_TRUTHS = [
    *(form(f"np.{name}(x)", x=SPECIAL, order=0, symbolic=False) for name in _TESTS.split()),
    *(form(f"np.{name}(x, y)", x=(2, 3), y=(3,), order=0) for name in _RELATIONS.split()),
    *(form(f"np.{name}(x, 0.5)", x=(2, 3), order=0) for name in _RELATIONS.split()),
]

_WHOLE = "bitwise_and bitwise_or bitwise_xor gcd lcm add multiply subtract maximum fmin"
_INTEGERS = [
    *(form(f"np.{name}(x, y)", x=K, y=COUNTS, order=0) for name in _WHOLE.split()),
    *(form(f"np.{name}(x, y)", x=K, y=COUNTS, order=0) for name in ("left_shift", "right_shift")),
    form("np.invert(x)", x=K, order=0),
    form("np.bitwise_not(x)", x=TRUTH, order=0),
    form("x << 2", x=K, order=0),
    form("x >> y", x=K, y=COUNTS, order=0),
    form("1 << y", y=COUNTS, order=0),
    form("x & 3 | y ^ 1", x=K, y=COUNTS, order=0),
    form("x // 2 - x % 3", x=K, order=0),
    form("np.gcd(x, 12) + np.lcm(4, y)", x=K, y=COUNTS, order=0),
    form("np.fmod(x, 4)", x=K, order=0),
    form("np.sqrt(y)", y=COUNTS, order=0),
    form("np.copysign(x, y)", x=K, y=COUNTS, order=0),
    form("np.floor(x)", x=K, order=0),
    form("np.rint(x)", x=K, order=0),
    form("np.reciprocal(y + 1)", y=COUNTS, order=0),
    form("np.sin(x) + np.exp(y)", x=K, y=COUNTS, order=0),
    form("np.logical_xor(x, y)", x=TRUTH, y=COUNTS, order=0),
    form("np.fabs(x)", x=K, order=0),
    form("np.sinc(x)", x=K, order=0),
    form("np.signbit(x)", x=K, order=0),
    form("np.float_power(y + 1, -2)", y=COUNTS, order=0),
]
if hasattr(np, "bitwise_count"):
    _INTEGERS += [
        form("np.bitwise_count(x)", x=K, order=0),
        form("np.bitwise_left_shift(x, y) - np.bitwise_right_shift(x, y)", x=K, y=COUNTS, order=0),
        form("np.bitwise_invert(x)", x=K, order=0),
    ]

_POWERS = [
    form("np.power(x, y)", x=POSITIVE, y=(3,)),
    form("np.power(x, 3)", x=(2, 3)),
    form("np.power(x, -2)", x=(2, 3)),
    form("np.power(x, 2.5)", x=POSITIVE),
    form("np.power(2.0, x)", x=(2, 3)),
    form("np.power(x, [1, 2, 3])", x=(2, 3), symbolic=False),
    form("np.power(x, k)", x=(2, 3), k=Operand((3,), -3, 4, "int64"), symbolic=True),
    form("x ** y", x=POSITIVE, y=(2, 3)),
    form("np.float_power(x, y)", x=POSITIVE, y=(3,)),
    form("np.float_power(x, 3)", x=(2, 3)),
    form("pow(x, 2)", x=(3,), dtypes="float32 int64 complex128"),
]
_REMAINDERS = [
    form("np.floor_divide(x, y)", x=FAR, y=STEPS),
    form("np.remainder(x, y)", x=FAR, y=STEPS),
    form("np.remainder(-x, y)", x=FAR, y=STEPS),
    form("np.mod(x, -y)", x=FAR, y=STEPS),
    form("np.fmod(x, y)", x=FAR, y=STEPS),
    form("np.fmod(-x, y)", x=FAR, y=STEPS),
    form("np.divmod(x, y)", x=FAR, y=STEPS),
    form("divmod(x, y)", x=FAR, y=STEPS),
    form("divmod(4.4, y)", y=STEPS),
    form("x // y + 7.1 % y", x=FAR, y=STEPS),
]
_FLOATS = [
    form("np.ldexp(x, k)", x=(2, 3), k=COUNTS),
    form("np.ldexp(x, 3)", x=(2, 3)),
    form("np.frexp(x)", x=BETWEEN),
    form("np.frexp(x)[0] * 2", x=BETWEEN),
    form("np.modf(x)", x=BETWEEN),
    form("np.modf(-x)", x=BETWEEN),
    form("np.modf(k)", k=K, order=0),
    form("np.nextafter(x, y)", x=BETWEEN, y=(3,)),
    form("np.spacing(x)", x=BETWEEN),
    form("np.copysign(x, -1)", x=(2, 3)),
    form("np.copysign(1.5, x)", x=(2, 3)),
    form("np.heaviside(x, 0.5)", x=(2, 3)),
]
_REPAIRS = [
    form("np.nan_to_num(x)", x=SPECIAL, order=0),
    form("np.nan_to_num(x, nan=1.5)", x=(2, 3)),
    form("np.nan_to_num(x, True, 1.5, 9.0, -9.0)", x=SPECIAL, symbolic=False),
    form("np.nan_to_num(x, posinf=33333333, neginf=33333333)", x=SPECIAL, symbolic=False),
    form("np.nan_to_num(x, posinf=np.inf)", x=SPECIAL, order=0),
    form("np.nan_to_num(x + 1j * x[::-1], nan=2, posinf=9.0, neginf=-9.0)", x=SPECIAL, order=0),
    form("np.nan_to_num(k)", k=K, order=0),
]
_CLIPS = [
    form("np.clip(x, -1, 1)", x=(2, 3)),
    form("np.clip(x, a_min=-1.0, a_max=1.0)", x=(2, 3)),
    form("np.clip(x, None, 1)", x=(2, 3)),
    form("np.clip(x, -0.5, None)", x=(2, 3)),
    form("np.clip(x, [-1, 0, 0.5], 1.5)", x=(2, 3), symbolic=False),
    form("np.clip(x, y, y + 0.9)", x=SCATTERED, y=APART, dtypes="float32"),
    form("np.clip(x, 1, -1)", x=(2, 3)),
    form("x.clip(-1, 1)", x=(2, 3)),
    form("x.clip(max=1)", x=(2, 3)),
    form("np.clip(k, -3, 3)", k=K, order=0),
    form("np.clip(x, -1, 1, dtype='float32')", x=(2, 3), order=0, dtypes="float32"),
]
if np.lib.NumpyVersion(np.__version__) >= "2.1.0":
    _CLIPS += [
        form("np.clip(x, min=-1, max=1)", x=(2, 3)),
        form("np.clip(x, max=1)", x=(2, 3)),
        form("np.clip(x, min=0.5)", x=(2, 3)),
        form("np.clip(x)", x=(2, 3)),
    ]
_ROUNDED = [
    form("np.round(x)", x=BETWEEN),
    form("np.round(x, 2)", x=(2, 3), order=0),
    form("np.round(x * 100, -1)", x=(2, 3), order=0),
    form("np.around(x, decimals=1)", x=(2, 3), order=0),
    form("x.round(1)", x=(2, 3), order=0),
    form("round(x, 1)", x=(), order=0, dtypes="float32 int64"),
    form("np.round(k * 7, -1)", k=K, order=0),
    form("np.round(k, 3)", k=K, order=0),
    form("np.around(x + 1j * x, 1)", x=(3,), order=0),
]
_CLOSENESS = [
    form("np.isclose(x, y)", x=(3,), y=(3,), order=0),
    form("np.isclose(x, x + 1e-9)", x=(3,), order=0, dtypes="int64 bool complex128"),
    form("np.isclose(x, y, rtol=1.0)", x=(2, 3), y=(3,), order=0),
    form("np.isclose(x, 0.5, 1e-3, 0.7)", x=(2, 3), order=0),
    form("np.isclose(x, x, atol=np.array([0.1, 0.2]))", x=(3, 2), order=0, symbolic=False),
    form("np.isclose(x, x)", x=SPECIAL, order=0),
    form("np.isclose(x, x, equal_nan=True)", x=SPECIAL, order=0),
    form("np.allclose(x, x + 1e-9)", x=(3,), order=0, dtypes="int64 complex128"),
    form("np.allclose(x, y, rtol=0.1, atol=10.0)", x=(3,), y=(3,), order=0),
    form("np.array_equal(x, x)", x=(2, 3), order=0),
    form("np.array_equal(x, y)", x=(2, 3), y=(3,), order=0),
    form("np.array_equal(x, y)", x=(2,), y=(3,), order=0, symbolic=False),
    form("np.array_equal(x, x, equal_nan=True)", x=SPECIAL, order=0, dtypes="float32"),
    form("np.array_equiv(x, x[:1])", x=(2, 3), order=0),
    form("np.array_equiv(x, y)", x=(2, 3), y=(2,), order=0, symbolic=False),
    form("np.real_if_close(x)", x=(3,), dtypes="float32"),
]
_COMPLEX = [
    form("np.angle(x, deg=True)", x=(3,)),
    form("np.angle(x + 1j * y)", x=(3,), y=(3,), dtypes="float32 complex128"),
    form("np.angle(x + 1j * y, True)", x=(3,), y=(3,), dtypes="float32 complex128"),
    form("np.abs(x + 1j * y)", x=(3,), y=(3,), dtypes="float32 complex128"),
    form("np.sqrt(x + 1j)", x=(3,)),
    form("np.log(x + 1j * y)", x=(3,), y=(3,), dtypes="float32 complex128"),
    form("np.power(x + 1j, y)", x=(3,), y=(3,), dtypes="float32 complex128"),
    form("np.power(x + 1j, 2 - 1j)", x=(3,), dtypes="float32 complex128"),
    form("np.sign(x + 1j)", x=(3,), dtypes="float32 complex128"),
    form("x.conj(), np.conj(x)", x=Operand((3,), dtype="bool"), order=0),
    form("np.conj(x + 1j) * x", x=(3,)),
    form("np.real(x * 1j) + np.imag(x * 1j)", x=(3,)),
    form("np.maximum(x * 1j, y)", x=(3,), y=(3,), dtypes="float32 complex128"),
    form("x.real + x.imag", x=(3,)),
]
_KEYWORDS = [
    form("np.add(x, y, dtype='float32')", x=(2, 3), y=(3,), order=0),
    form("np.add(k, 1, dtype=float)", k=K, order=0),
    form("np.power(k, 2, dtype='float64')", k=K, order=0),
    form("np.sin(k, dtype=np.float32)", k=K, order=0),
    form("np.exp(x, dtype=np.complex128)", x=(3,), dtypes="float32"),
    form("np.exp(x, None)", x=(3,)),
    form("np.add(x, 1, None)", x=(3,)),
    form("np.multiply(x, 2.0, out=None, where=True, order='C', subok=False)", x=(3,)),
    form("np.subtract(x, 1, casting='unsafe')", x=(3,)),
    form("np.add(k, 1.5, dtype='int64', casting='unsafe')", k=K, order=0),
    form("np.true_divide(k, 3, dtype='float32')", k=K, order=0),
    form("np.sqrt(x, dtype='float32')", x=POSITIVE, order=0),
    form("np.add([x, 2 * x], x)", x=(3,), symbolic=True),
    form("np.maximum([0.5, 1.0, -1.0], x)", x=(3,), symbolic=False),
]
_OUTER = [
    form("np.add.outer(x, y)", x=(2,), y=(3,)),
    form("np.subtract.outer(x, y)", x=(2, 2), y=(3,)),
    form("np.multiply.outer([1.0, 2.0], x)", x=(2, 2)),
    form("np.divide.outer(x, y)", x=(2,), y=(3,), dtypes="float32 int64 complex128"),
    form("np.maximum.outer(x, y)", x=(2,), y=(3,)),
    form("np.power.outer(x, [1, 2, 3])", x=(2,), dtypes="float32 complex128"),
    form("np.arctan2.outer(x, y)", x=(2,), y=(3,)),
    form("np.less.outer(x, y)", x=(2,), y=(3,), order=0),
    form("np.hypot.outer(x, 2.0)", x=(2,)),
    form("np.gcd.outer(k, k)", k=K, order=0),
    form("np.add.outer(x, x, dtype='float32')", x=(2,), order=0),
    form("np.subtract.outer(x, x)", x=()),
]
_REDUCTIONS = [
    form("np.add.reduce(x)", x=(2, 3)),
    form("np.add.reduce(x, axis=1)", x=(2, 3)),
    form("np.add.reduce(x, axis=None)", x=(2, 3)),
    form("np.add.reduce(x, (0, 2), keepdims=True)", x=(2, 3, 2)),
    form("np.add.reduce(x, 0, 'float32')", x=(2, 3), order=0),
    form("np.add.reduce(x)", x=()),
    form("np.multiply.reduce(x, -1)", x=(2, 3)),
    form("np.maximum.reduce(x)", x=(2, 3)),
    form("np.minimum.reduce(x, axis=None, keepdims=True)", x=(2, 3)),
    form("np.fmax.reduce(x, axis=1)", x=(2, 3), dtypes="float32 int64 complex128"),
    form("np.logical_and.reduce(x > y)", x=(2, 3), y=(3,), order=0, dtypes="float32 int64"),
    form("np.logical_or.reduce(x, axis=1)", x=(2, 3), order=0),
    form("np.logical_xor.reduce(x)", x=(2, 3), order=0),
    form("np.logical_and.reduce([x > 0, y > 0])", x=(3,), y=(3,), order=0),
    form("np.logaddexp(x, 2)", x=(2, 3), dtypes=REAL),
    form("np.logaddexp.reduce(x)", x=(2, 3), dtypes=REAL),
    form("np.logaddexp.reduce(x, axis=1, keepdims=True)", x=(2, 3), dtypes=REAL),
    form("np.logaddexp2.reduce(x, -1)", x=(2, 3), dtypes=REAL),
    form("np.logaddexp.reduce(x, initial=0.5)", x=(2, 3), dtypes=REAL),
    form("np.hypot.reduce(x)", x=(2, 3), dtypes=REAL),
    form("np.hypot.reduce(x, axis=None, keepdims=True)", x=(2, 3), dtypes=REAL),
    form("np.bitwise_or.reduce(k)", k=K, order=0),
    form("np.bitwise_and.reduce(k, axis=1, keepdims=True)", k=K, order=0),
    form("np.bitwise_xor.reduce(k, axis=None)", k=K, order=0),
    form("np.gcd.reduce(k, axis=1)", k=COUNTS, order=0),
    form("np.lcm.reduce(k)", k=COUNTS, order=0),
    form("np.add.reduce([x, y, x])", x=(3,), y=(3,)),
]
_SCANS = [
    form("np.add.accumulate(x)", x=(2, 3)),
    form("np.add.accumulate(x, 1)", x=(2, 3)),
    form("np.multiply.accumulate(x, axis=-1)", x=(2, 3)),
    form("np.maximum.accumulate(x)", x=(5,)),
    form("np.maximum.accumulate(x, axis=1)", x=(2, 4)),
    form("np.minimum.accumulate(x, -2)", x=(3, 2)),
    form("np.maximum.accumulate(x)", x=RUN, order=0),
    form("np.minimum.accumulate(x[::-1])", x=(5,)),
    form("np.logaddexp.accumulate(x)", x=(4,), dtypes=REAL),
    form("np.logaddexp.accumulate(x, axis=1)", x=(2, 4), dtypes=REAL),
    form("np.logaddexp2.accumulate(x)", x=(4,), dtypes=REAL),
    form("np.logical_and.accumulate(x > -1)", x=(5,), order=0),
    form("np.logical_or.accumulate(x > 1)", x=(5,), order=0),
    form("np.bitwise_or.accumulate(k, axis=1)", k=K, order=0),
    form("np.gcd.accumulate(k)", k=COUNTS, order=0),
    form("np.maximum.accumulate(k, axis=1)", k=K, order=0),
    form("np.add.accumulate(k, dtype=float)", k=K, order=0),
]
_MATH = [
    form("math.remainder(x, y)", x=(), y=Operand((), 1.7, 1.9), order=0, dtypes=""),
    form("math.fmod(x, 0.75)", x=(), dtypes=""),
    form("math.copysign(x, -1.0)", x=(), dtypes=""),
    form("math.isclose(x, y, rel_tol=0.5)", x=(), y=(), order=0, dtypes=""),
    form("math.hypot(x, y, 2.0)", x=(), y=(), dtypes=""),
    form("math.hypot(x, y)", x=(), y=(), dtypes=""),
    form("math.ldexp(x, 3)", x=(), dtypes=""),
    form("math.modf(x)", x=Operand((), 1.2, 1.4), dtypes=""),
    form("math.dist(x, y)", x=(3,), y=(3,), order=1, dtypes="complex128"),
    form("math.nextafter(x, 2.5)", x=Operand((), 1.2, 1.4), dtypes=""),
    form("math.ulp(x)", x=Operand((), 1.2, 1.4), order=0, dtypes=""),
    form("math.gcd(k, 12, 8)", k=Operand((), 1, 30, "int64"), order=0),
    form("math.lcm(k, 12, 8)", k=Operand((), 1, 30, "int64"), order=0),
]
_REFUSED = [
    refused("np.exp(x, where=x > 0)", "where=", "gr.where", x=(3,)),
    form("np.exp(x, out=np.zeros(3))", x=(3,), symbolic=False, dtypes="float32"),
    form("np.add(x, 1, np.zeros(3))", x=(3,), symbolic=False, dtypes="float32 int64"),
    refused("np.hypot.reduceat(x, [0, 2])", "x[start:stop]", x=(4,)),
    refused("np.power.reduce(x)", "np.power.reduce is not supported", x=(4,)),
    refused("np.subtract.accumulate(x)", "np.subtract.accumulate", x=(4,)),
    refused("np.maximum.accumulate(x)", "scalar", x=()),
    refused("np.maximum.accumulate(x, axis=1)", "axis 1", x=(3,)),
    refused("np.exp(x, dtype='int64')", "exp", x=(3,)),
    refused("np.exp(x, order='Z')", "order", x=(3,)),
    refused("np.add(x, x, casting='no', dtype='float32')", "add", x=(3,)),
    refused("np.nan_to_num(x, copy=False)", "x.copy()", x=(3,)),
    refused("np.real_if_close(x + 1j)", "gr.real", x=(3,)),
    refused("np.isposinf(x + 1j)", "x.real", x=(3,)),
    refused("np.left_shift(x, 1)", "left_shift does not take float64", x=(3,)),
    refused("np.gcd(x, 2)", "gcd does not take", x=(3,)),
    refused("np.fmod(x + 1j, 2)", "fmod does not take complex128", x=(3,)),
    refused("np.ldexp(x, x)", "ldexp does not take", x=(3,)),
    form("np.clip(x, -1, 1, out=np.zeros(3))", x=(3,), symbolic=False, dtypes="float32"),
    form("np.round(x, out=np.zeros(3))", x=(3,), symbolic=False, dtypes="float32", order=1),
    refused("np.add(x)", "", x=(3,)),
    refused("np.lcm.reduce(k, axis=None)", "one axis", k=K),
    refused("np.negative(x > 0)", "negative does not take bool", x=(3,)),
    refused("np.subtract(x > 0, x > 0)", "subtract does not take bool", x=(3,)),
    refused("np.floor(x * 1j)", "floor does not take complex128", x=(3,)),
]

FORMS = [
    *(_SMOOTH + _DOMAINS + _ROUNDINGS + _BINARY + _TRUTHS + _INTEGERS + _POWERS + _REMAINDERS),
    *(_FLOATS + _REPAIRS + _CLIPS + _ROUNDED + _CLOSENESS + _COMPLEX + _KEYWORDS + _OUTER),
    *(_REDUCTIONS + _SCANS + _MATH + _REFUSED),
]
