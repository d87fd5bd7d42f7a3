"""SymPy expressions as graphs, and small graphs as NumPy expressions."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphcomp.errors import ValueKindError
from graphcomp.graph import Variable, topological
from graphcomp.ops.base import Constant, weak
from graphcomp.registry import implementation
from graphcomp.types import TensorType

# SymPy's name of a function: where its meaning on variables stands.
_NUMPY = {
    name: f"numpy.{name}"
    for name in ("exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "sign", "floor")
} | {
    "Abs": "numpy.absolute", "ceiling": "numpy.ceil", "asin": "numpy.arcsin",
    "acos": "numpy.arccos", "atan": "numpy.arctan", "atan2": "numpy.arctan2",
    "asinh": "numpy.arcsinh", "acosh": "numpy.arccosh", "atanh": "numpy.arctanh",
    "Heaviside": "numpy.heaviside", "Mod": "numpy.remainder", "Not": "numpy.logical_not",
}  # fmt: skip
_SPECIAL = {
    name: f"scipy.special.{name}" for name in ("erf", "erfc", "erfinv", "erfcinv", "gamma")
} | {
     "loggamma": "scipy.special.gammaln", "digamma": "scipy.special.digamma",
     "polygamma": "scipy.special.polygamma"}  # fmt: skip
_FUNCTIONS = _NUMPY | _SPECIAL
_FOLDED = {
    "Max": "numpy.maximum", "Min": "numpy.minimum", "And": "numpy.logical_and",
    "Or": "numpy.logical_or", "StrictLessThan": "numpy.less", "LessThan": "numpy.less_equal",
    "StrictGreaterThan": "numpy.greater", "GreaterThan": "numpy.greater_equal",
    "Equality": "numpy.equal", "Unequality": "numpy.not_equal",
}  # fmt: skip
_RECIPROCAL = {
    "sec": "cos",
    "csc": "sin",
    "cot": "tan",
    "sech": "cosh",
    "csch": "sinh",
    "coth": "tanh",
}
# Zero everywhere but at one point.
_NOWHERE = frozenset({"DiracDelta"})


def as_graph(expression: Any, inputs: Mapping[Any, Variable]) -> Variable:
    """A SymPy expression of symbols as operations on the variables that stand for them.

    Raises ValueKindError for a function without an operation.
    """
    import sympy

    table: dict[Any, Any] = dict(inputs)
    for node in sympy.postorder_traversal(expression):
        if node not in table:
            table[node] = _convert(node, [table.get(part) for part in node.args], table)
    result = table[expression]
    return result if isinstance(result, Variable) else weak(result)


def derivative(expression: Any, symbol: Any) -> Any:
    """SymPy's derivative; steps have derivative 0, and Mod is made of one."""
    import sympy

    steps = (sympy.floor, sympy.ceiling)
    found = expression.replace(sympy.Mod, lambda x, y: x - y * sympy.floor(x / y)).diff(symbol)
    unknown = [
        part
        for part in sympy.preorder_traversal(found)
        if isinstance(part, (sympy.Derivative, sympy.Subs)) and part.has(*steps)
    ]
    return found.xreplace(dict.fromkeys(unknown, sympy.Integer(0)))


def _convert(node: Any, parts: Sequence[Any], table: dict[Any, Any]) -> Any:
    name = type(node).__name__
    if node.is_Boolean and not node.args:
        return bool(node)
    if node.is_Integer:
        return int(node)
    if node.is_number and not node.args:
        return float(node)
    if name in _NOWHERE:
        return 0
    if name == "Add":
        return _sum(node, table)
    if name == "Mul":
        return _product(node, table)
    if name == "Pow":
        return _power(node, *parts)
    if name == "Piecewise":
        return _piecewise(parts)
    if name == "ExprCondPair":
        return tuple(parts)
    if name in _FUNCTIONS:
        return implementation(_FUNCTIONS[name])(*parts)
    if name in _FOLDED:
        return _folded(implementation(_FOLDED[name]), parts)
    if name in _RECIPROCAL:
        return 1 / implementation(f"numpy.{_RECIPROCAL[name]}")(*parts)
    raise ValueKindError(
        f"SymPy's {name} in {node} has no operation",
        f"use +, -, *, /, ** and {', '.join(sorted(_FUNCTIONS | _FOLDED))}, Piecewise",
    )


def _folded(function: Callable[..., Any], parts: Sequence[Any]) -> Any:
    result, *rest = parts
    for part in rest:
        result = function(result, part)
    return result


def _sum(node: Any, table: dict[Any, Any]) -> Any:
    """Terms with a minus are subtracted, as people write."""
    terms = sorted(node.args, key=lambda t: (t.could_extract_minus_sign(), t.is_number))
    total: Any = None
    for term in terms:
        if total is None:
            total = table[term]
        elif term.could_extract_minus_sign():
            total = total - _of(-term, table)
        else:
            total = total + table[term]
    return total


def _product(node: Any, table: dict[Any, Any]) -> Any:
    """One quotient, rather than factors to negative powers."""
    import sympy

    above, below = sympy.fraction(node, exact=True)
    if below != 1:
        return _of(above, table) / _of(below, table)
    product: Any = None
    for factor in node.args:
        value = table[factor]
        product = value if product is None else product * value
    return product


def _of(expression: Any, table: dict[Any, Any]) -> Any:
    """A rearranged expression; its parts are known, or are converted now."""
    import sympy

    for part in sympy.postorder_traversal(expression):
        if part not in table:
            table[part] = _convert(part, [table.get(p) for p in part.args], table)
    return table[expression]


def _power(node: Any, base: Any, exponent: Any) -> Any:
    import sympy

    if node.base is sympy.E:
        return implementation("numpy.exp")(exponent)
    if node.exp == sympy.Rational(1, 2):
        return implementation("numpy.sqrt")(base)
    if node.exp == sympy.Rational(-1, 2):
        return 1 / implementation("numpy.sqrt")(base)
    if node.exp.is_Integer and node.exp < 0:
        return 1 / (base if node.exp == -1 else base ** -int(node.exp))
    return base**exponent


def _piecewise(pairs: Sequence[Any]) -> Any:
    where = implementation("numpy.where")
    result: Any = float("nan")
    for value, condition in reversed(pairs):
        if condition is True:
            result = value
        elif condition is not False:
            result = where(condition, value, result)
    return result


# ----------------------------------------------------------------------- a graph to use anywhere


@dataclass(frozen=True)
class Template:
    """A graph of elementwise operations over placeholders, to be built on other variables."""

    inputs: tuple[Variable, ...]
    output: Variable

    def __call__(self, *variables: Variable) -> Variable:
        """The same operations on these variables."""
        table = dict(zip(self.inputs, variables, strict=True))
        for v in topological([self.output]):
            if v not in table:
                table[v] = v.op(*(table[x] for x in v.inputs)) if v.inputs else v
        return table[self.output]

    def infer(self, *types: TensorType) -> TensorType:
        """The type of the result for operands of these types."""
        table: dict[Variable, Any] = dict(zip(self.inputs, types, strict=True))
        for v in topological([self.output]):
            if v not in table:
                table[v] = v.op.infer(*(table[x] for x in v.inputs)) if v.inputs else v.type
        result: TensorType = table[self.output]
        return result

    def text(self, names: Sequence[str]) -> str:
        """One NumPy expression of operands with these names."""
        table: dict[Variable, ast.expr] = {
            v: ast.Name(name) for v, name in zip(self.inputs, names, strict=True)
        }
        for v in topological([self.output]):
            if v not in table:
                table[v] = _expression(v, [table[x] for x in v.inputs])
        return ast.unparse(table[self.output])


class _Substitute(ast.NodeTransformer):
    def __init__(self, nodes: Mapping[str, ast.expr]) -> None:
        self.nodes = nodes

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.nodes.get(node.id, node)


def _expression(v: Variable, operands: Sequence[ast.expr]) -> ast.expr:
    if isinstance(v.op, Constant):
        return _literal(v.op.scalar)
    meaning = v.op.meaning(*(x.type for x in v.inputs))
    nodes = dict(zip(v.op.parameter_names(len(operands)), operands, strict=True))
    nodes.update({name: _literal(value) for name, value in meaning.literals.items()})
    made: ast.expr = _Substitute(nodes).visit(ast.parse(meaning.text, mode="eval").body)
    return made


def _literal(value: Any) -> ast.expr:
    return ast.parse(repr(value), mode="eval").body
