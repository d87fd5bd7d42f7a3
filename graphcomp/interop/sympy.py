"""Elementwise operations from SymPy expressions: SymPy derives the derivatives."""

from __future__ import annotations

import itertools
import keyword
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from graphcomp.errors import DTypeError, IdentifierError, OptionError, ValueKindError
from graphcomp.evaluate import evaluate
from graphcomp.graph import Variable
from graphcomp.interop.sympy_graph import Template, as_graph, derivative
from graphcomp.ops.base import registry
from graphcomp.ops.batching import placeholder
from graphcomp.ops.elementwise import Elementwise
from graphcomp.registry import public
from graphcomp.rewrite import optimize
from graphcomp.types import TensorType, broadcast_shapes

_DIGITS = 400  # of the exact values: sums such as 1 + exp(-700) cancel in fewer
_LIMIT = 1e-6  # the relative error that is reported
_SCALAR = TensorType(np.dtype("float64"))
_WIDE = (1e-300, 1e-100, 1e-16, 1e-8, 1e-3, 0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 40.0,
         100.0, 300.0, 700.0, 800.0, 1e4, 1e8)  # fmt: skip
_STEPS = {"DiracDelta": lambda *_: 0, "Heaviside": lambda x, at_zero: at_zero if x == 0 else x > 0}
_FEW = (1e-8, 0.5, 3.0, 50.0, 800.0)


class UnstableWarning(UserWarning):
    """A formula whose value or derivative is wrong somewhere in its domain."""


class SymPyOp(Elementwise, abstract=True):
    """Base of the operations that ``op_from_sympy`` declares."""

    formula: ClassVar[str]
    value: ClassVar[Template]
    partials: ClassVar[tuple[Template, ...]]

    def infer(self, *types: TensorType) -> TensorType:
        for t in types:
            if t.dtype.kind not in "biuf":
                raise DTypeError(f"{self.name} is of real numbers", "take .real or abs first")
        shape = broadcast_shapes(*(t.shape for t in types))
        return TensorType(self.value.infer(*types).dtype, shape)

    def bprop(
        self, inputs: tuple[Variable, ...], output: Variable, i: int, G: Variable
    ) -> Variable:
        return G * self.partials[i](*inputs)

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return _restore, (self.name, self.formula, self.parameters)


@dataclass(frozen=True)
class Found:
    """What the check of one formula found over its domain.

    ``error`` is the worst relative error at ``points`` points where the exact value is a
    double; ``failures`` are the points, with the computed and the exact value, where it is above
    1e-6.
    """

    what: str
    formula: str
    points: int
    error: float
    failures: tuple[tuple[tuple[float, ...], float, float], ...]

    def __str__(self) -> str:
        good = f"    {self.points} points, worst relative error {self.error:.1e}"
        lines = [f"{self.what} = {self.formula}", good]
        for point, computed, exact in self.failures[:3]:
            at = ", ".join(f"{x:g}" for x in point)
            lines.append(f"    at {at}: {computed:g}, exactly {exact:.6g}")
        if len(self.failures) > 3:
            lines.append(f"    and at {len(self.failures) - 3} more points")
        return "\n".join(lines)


class SymPyFunction:
    """What ``op_from_sympy`` returns: call it on variables; print it to see its derivatives.

    ``derivatives`` maps each argument to SymPy's derivative by it; ``report`` holds what the
    check found of the value and of each derivative.
    """

    def __init__(
        self, op: type[SymPyOp], derivatives: dict[str, Any], report: tuple[Found, ...]
    ) -> None:
        self.op, self.derivatives, self.report = op, derivatives, report
        self.__name__, self.__doc__ = op.name, op.__doc__
        self._call = public()(op())

    def __call__(self, *operands: Any) -> Variable:
        if len(operands) != len(self.op.parameters):
            raise OptionError(
                f"{self.op.name} takes {', '.join(self.op.parameters)}",
                f"give {len(self.op.parameters)} operands, not {len(operands)}",
            )
        result: Variable = self._call(*operands)
        return result

    def __repr__(self) -> str:
        return "\n".join(map(str, self.report))


def op_from_sympy(
    name: str,
    expression: Any,
    *,
    arguments: Sequence[str] | None = None,
    domain: Sequence[tuple[float, float]] | tuple[float, float] = (-np.inf, np.inf),
) -> SymPyFunction:
    """Declare an elementwise operation of real numbers by a SymPy expression or its text.

    SymPy derives the derivatives; printing the result shows them. ``arguments`` orders the
    symbols (by default they are in alphabetical order). ``domain`` is the interval of every
    argument, or one for each, over which values and derivatives are compared with exact ones
    when the operation is declared, from 1e-300 to 1e8.

    Warns with UnstableWarning where the formula, rewritten, is not finite or wrong by more than
    1e-6 though the exact value is a double. Raises ValueKindError for what is not an expression
    or has a function without an operation, IdentifierError for a name that is no identifier or is
    another operation's, OptionError for ``arguments`` that are not the symbols.

    >>> import graphcomp as gr
    >>> bump = gr.op_from_sympy("bump", "1 / (1 + x**2)")
    >>> bump.derivatives["x"]
    -2*x/(x**2 + 1)**2
    >>> x = gr.scalar("x")
    >>> y = bump(x)
    >>> float(gr.evaluate({x: 1.0}, gr.grad(y, x)))
    -0.5
    """
    _check_name(name)
    formula, symbols = _parse(name, expression, arguments)
    derivatives = {str(s): derivative(formula, s) for s in symbols}
    op = _declare(name, formula, symbols)
    domains = _domains(domain, len(symbols))
    found = [_check(f"{name}({', '.join(map(str, symbols))})", formula, symbols, op.value, domains)]
    for s, template in zip(symbols, op.partials, strict=True):
        found.append(_check(f"d{name}/d{s}", derivatives[str(s)], symbols, template, domains))
    for each in found:
        if each.failures:
            warnings.warn(
                f"{each}\n    write it in a form that does not overflow or cancel, or give the "
                "domain in which it is used",
                UnstableWarning,
                stacklevel=2,
            )
    return SymPyFunction(op, derivatives, tuple(found))


# ----------------------------------------------------------------------------------- declaring


def _check_name(name: Any) -> None:
    if not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name):
        raise IdentifierError(f"{name!r} is no name for an operation", 'write one such as "mish"')
    if name in registry and not issubclass(registry[name], SymPyOp):
        raise IdentifierError(f"{name} is an operation already", "choose another name")


def _parse(
    name: str, expression: Any, arguments: Sequence[str] | None
) -> tuple[Any, tuple[Any, ...]]:
    """The expression over real symbols, and these in order."""
    import sympy

    try:
        known = {a: sympy.Symbol(a) for a in arguments or ()}
        parsed = sympy.sympify(expression, locals=known)
    except Exception as error:  # SymPy's parser raises whatever the text makes it raise
        raise ValueKindError(
            f"{expression!r} of {name} is no SymPy expression: {error}", "correct it"
        ) from None
    if not isinstance(parsed, sympy.Expr):
        raise ValueKindError(
            f"{expression!r} of {name} is {type(parsed).__name__}, not an expression of numbers",
            "write a formula",
        )
    names = sorted(str(s) for s in parsed.free_symbols)
    if not names or (arguments is not None and sorted(arguments) != names):
        raise OptionError(
            f"the symbols of {name} are {', '.join(names) or 'none'}",
            "name them all in arguments, in the order in which they are given"
            if names else "write a formula with at least one",
        )  # fmt: skip
    if "np" in names:
        raise IdentifierError(f"{name} has a symbol np", "call it something else")
    symbols = tuple(sympy.Symbol(n, real=True) for n in arguments or names)
    real = {s: r for s in parsed.free_symbols for r in symbols if str(r) == str(s)}
    return parsed.xreplace(real), symbols


def _declare(name: str, formula: Any, symbols: Sequence[Any]) -> type[SymPyOp]:
    names = tuple(map(str, symbols))
    value = _template(formula, symbols)
    members: dict[str, Any] = {
        "__doc__": f"{formula}, declared by a SymPy expression.",
        "name": name,
        "parameters": names,
        "formula": str(formula),
        "value": value,
        "partials": tuple(_template(derivative(formula, s), symbols) for s in symbols),
        "expression": value.text(names),
        "oracle": _mpmath_text(formula),
        "takes_out": False,
    }
    return type(name.title().replace("_", ""), (SymPyOp,), members)


def _restore(name: str, formula: str, names: tuple[str, ...]) -> SymPyOp:
    """The operation of a pickled graph."""
    op = registry.get(name)
    if not (isinstance(op, type) and issubclass(op, SymPyOp) and op.formula == formula):
        _check_name(name)
        op = _declare(name, *_parse(name, formula, names))
    made: SymPyOp = op()
    return made


def _template(formula: Any, symbols: Sequence[Any]) -> Template:
    """The formula as operations, rewritten as a compiled graph is."""
    inputs = {s: placeholder(str(s), _SCALAR) for s in symbols}
    output, _ = optimize(as_graph(formula, inputs), differentiable=True)
    return Template(tuple(inputs.values()), output)


def _mpmath_text(formula: Any) -> str:
    from sympy.printing.pycode import MpmathPrinter

    text: str = MpmathPrinter().doprint(formula)
    return text.replace("mpmath.", "mp.")


# ------------------------------------------------------------------------------------ checking


def _domains(domain: Any, count: int) -> list[tuple[float, float]]:
    pairs = np.asarray(domain, float)
    if pairs.shape == (2,):
        pairs = np.broadcast_to(pairs, (count, 2))
    if pairs.shape != (count, 2) or not np.all(pairs[:, 0] < pairs[:, 1]):
        raise OptionError(f"domain={domain!r}", "give (low, high), or one for each argument")
    return [(float(low), float(high)) for low, high in pairs]


def _points(domains: Sequence[tuple[float, float]]) -> Iterator[tuple[float, ...]]:
    sizes = _WIDE if len(domains) == 1 else _FEW
    values = sorted({0.0, *sizes, *(-size for size in sizes)})
    return itertools.product(*([x for x in values if low <= x <= high] for low, high in domains))


def _check(
    what: str,
    formula: Any,
    symbols: Sequence[Any],
    template: Template,
    domains: Sequence[tuple[float, float]],
) -> Found:
    """The rewritten graph against the formula in 400 digits."""
    import mpmath
    import sympy

    exact_function = sympy.lambdify(symbols, formula, [_STEPS, "mpmath"])
    worst, failures, count = 0.0, [], 0
    for point in _points(domains):
        with mpmath.workdps(_DIGITS):
            exact = _double(exact_function, [mpmath.mpf(x) for x in point])
        if exact is None:
            continue
        values = dict(zip(template.inputs, point, strict=True))
        computed = float(evaluate(values, template.output))
        error = _relative(computed, exact)
        count, worst = count + 1, max(worst, error)
        if error > _LIMIT:
            failures.append((point, computed, exact))
    return Found(what, str(formula), count, worst, tuple(failures))


def _double(function: Callable[..., Any], point: Sequence[Any]) -> float | None:
    """The value as a finite double; None where there is none."""
    try:
        value = float(function(*point))
    except (TypeError, ValueError, ArithmeticError):  # complex, a pole, beyond all doubles
        return None
    return value if np.isfinite(value) else None


def _relative(computed: float, exact: float) -> float:
    if np.isnan(computed) or np.isinf(computed):
        return float("inf")
    difference = abs(computed - exact)
    return difference / abs(exact) if abs(exact) > 1e-300 else min(difference * 1e300, 1.0)
