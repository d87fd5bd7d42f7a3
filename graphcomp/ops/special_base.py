"""Bases of the functions of ``scipy.special``: dtypes, and meanings by helpers or by SciPy."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from graphcomp.errors import DTypeError
from graphcomp.graph import Variable
from graphcomp.ops.base import Bad, Meaning, Op, Operand
from graphcomp.ops.elementwise import Binary, Elementwise, Unary, keeps_dtype
from graphcomp.types import DType, TensorType

_SINGLE = np.dtype(np.float32)
_DOUBLE = np.dtype(np.float64)


def special_dtype(op: Op, *types: TensorType) -> DType:
    """float32 for operands of at most single precision, else float64.

    SciPy's functions come in these two; integers are computed in double precision. Python numbers
    promote weakly. (SciPy itself is of two minds there: ``xlogy`` of a float32 array and a Python
    float is float64, ``kl_div`` is float32.) Raises DTypeError for complex operands.
    """
    for t in types:
        if t.dtype.kind == "c":
            raise DTypeError(f"{op.name} does not take {t.dtype}", "take .real or abs() first")
    strong = [t.dtype for t in types if not t.weak]
    single = strong and all(d.kind == "f" and d.itemsize <= _SINGLE.itemsize for d in strong)
    return _SINGLE if single else _DOUBLE


class Special(Elementwise, abstract=True):
    """Base of elementwise functions of real numbers that work in single or double precision.

    ``in_double`` says that the helper which ``expression`` calls returns float64 throughout.
    ``scipy`` names SciPy's own function.
    """

    in_double: ClassVar[bool] = True

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "int64")
    takes_out: ClassVar[bool] = False

    def result_dtype(self, *types: TensorType) -> DType:
        return special_dtype(self, *types)

    def simplify(self, *inputs: Variable) -> Variable | None:
        """The function of integers, bools and half floats, as that of floats."""
        narrow = [not x.type.weak and _is_narrow(x.dtype) for x in inputs]
        if not any(narrow):
            return None
        dtype = self.result_dtype(*(x.type for x in inputs))
        return self(*(x.astype(dtype) if n else x for x, n in zip(inputs, narrow, strict=True)))

    def meaning(self, *types: TensorType) -> Meaning:
        found = super().meaning(*types)
        kept = not self.in_double and all(keeps_dtype(t) and not t.weak for t in types)
        if kept or not self.expression or self.result_dtype(*types) != _SINGLE:
            return found
        literals = {**found.literals, "dtype": _SINGLE}
        return Meaning(f"({found.text}).astype(dtype)", literals, found.defaults)

    def scipy_meaning(self, *types: TensorType) -> Meaning | None:
        found = super().scipy_meaning(*types)
        weak = [n for n, t in zip(self.parameters, types, strict=True) if t.weak]
        if found is None or not weak or self.result_dtype(*types) != _SINGLE:
            return found
        literals = {**found.literals, "dtype": _SINGLE}
        return Meaning(_converted(found.text, weak), literals, found.defaults)

    @classmethod
    def bad(cls) -> Iterable[Bad]:
        operand = Operand((3,), dtype="complex128")
        yield Bad(cls(), (operand,) * len(cls.parameters), DTypeError)


class SpecialUnary(Special, Unary, abstract=True):
    """Base of such functions of one operand."""


class SpecialBinary(Special, Binary, abstract=True):
    """Base of such functions of two operands."""


def _is_narrow(dtype: DType) -> bool:
    return dtype.kind in "biu" or (dtype.kind == "f" and dtype.itemsize < _SINGLE.itemsize)


def _converted(text: str, names: Iterable[str]) -> str:
    """An expression with its Python numbers as NumPy scalars of ``dtype``, for SciPy promotes
    them as if they were arrays."""

    class Conversion(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> Any:
            if node.id not in names:
                return node
            return ast.Call(ast.Name("dtype", ast.Load()), [node], [])

    return ast.unparse(Conversion().visit(ast.parse(text, mode="eval")))
