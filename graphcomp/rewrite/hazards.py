"""Operands at which operations warn, give NaN or have no finite derivative; and safe ones.

``fine`` says of what is known of an operand whether the value there is finite without a warning,
``smooth`` whether the first two derivatives are. Sums, products and squares are no hazards: they
overflow beyond 1e154 only.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from graphcomp.facts import Facts
from graphcomp.graph import Variable
from graphcomp.ops.arithmetic import (
    Cbrt,
    Divide,
    FloorDivide,
    Power,
    Reciprocal,
    Remainder,
    Sqrt,
)
from graphcomp.ops.base import Op, constant_value
from graphcomp.ops.bessel import K0, K1, Y0, Y1, K0e, K1e
from graphcomp.ops.entropies import Entr, KlDiv, LogRatio, RelEntr, Xlog1py, Xlogy
from graphcomp.ops.error_functions import Erfcinv, Erfinv, Logit, Ndtri
from graphcomp.ops.floats import Fmod
from graphcomp.ops.gamma_functions import (
    Beta,
    Betaln,
    Digamma,
    Gamma,
    Gammaln,
    Loggamma,
    Zeta,
)
from graphcomp.ops.stable import Log1mexp, Xlogx
from graphcomp.ops.transcendental import (
    Arccos,
    Arccosh,
    Arcsin,
    Arctanh,
    Cosh,
    Exp,
    Exp2,
    Expm1,
    Log,
    Log1p,
    Log2,
    Log10,
    Sinh,
)

Known = Callable[[Facts], bool]


@dataclass(frozen=True)
class Hazard:
    """What operand number ``operand`` must be like, and a value that is so."""

    operand: int
    fine: Known
    smooth: Known
    safe: float


def _positive(x: Facts) -> bool:
    return x.positive


def _nonnegative(x: Facts) -> bool:
    return x.nonnegative


def _nonzero(x: Facts) -> bool:
    return x.nonzero


def _anything(x: Facts) -> bool:
    return True


def _within(low: float, high: float) -> Known:
    """Strictly between the two."""
    return lambda x: low < x.low and x.high < high


def _from(low: float, high: float = math.inf) -> Known:
    return lambda x: low <= x.low and x.high <= high


def _same(known: Known, safe: float, operand: int = 0) -> Hazard:
    return Hazard(operand, known, known, safe)


_UNIT = Hazard(0, _from(-1.0, 1.0), _within(-1.0, 1.0), 0.0)
_TABLE: dict[type[Op], tuple[Hazard, ...]] = {
    **dict.fromkeys((Log, Log2, Log10), (_same(_positive, 1.0),)),
    Log1p: (_same(_within(-1.0, math.inf), 0.0),),
    Log1mexp: (_same(lambda x: x.negative, -1.0),),
    Sqrt: (Hazard(0, _nonnegative, _positive, 1.0),),
    Cbrt: (Hazard(0, _anything, _nonzero, 1.0),),
    Reciprocal: (_same(_nonzero, 1.0),),
    **dict.fromkeys((Divide, FloorDivide, Remainder, Fmod), (_same(_nonzero, 1.0, 1),)),
    **dict.fromkeys((Arcsin, Arccos), (_UNIT,)),
    **dict.fromkeys((Arctanh, Erfinv), (_same(_within(-1.0, 1.0), 0.0),)),
    Arccosh: (Hazard(0, _from(1.0), _within(1.0, math.inf), 2.0),),
    **dict.fromkeys((Logit, Ndtri), (_same(_within(0.0, 1.0), 0.5),)),
    Erfcinv: (_same(_within(0.0, 2.0), 1.0),),
    **dict.fromkeys((Gamma, Gammaln, Loggamma, Digamma, Zeta), (_same(_positive, 1.5),)),
    **dict.fromkeys((K0, K1, K0e, K1e, Y0, Y1), (_same(_positive, 1.0),)),
    **dict.fromkeys((Beta, Betaln), (_same(_positive, 1.0), _same(_positive, 1.0, 1))),
    Xlogy: (Hazard(1, _nonnegative, _positive, 1.0),),
    Xlog1py: (Hazard(1, _from(-1.0), _within(-1.0, math.inf), 0.0),),
    Xlogx: (Hazard(0, _nonnegative, _positive, 1.0),),
    Entr: (Hazard(0, _anything, _positive, 1.0),),
    **dict.fromkeys(
        (KlDiv, RelEntr, LogRatio),
        (Hazard(0, _anything, _positive, 1.0), Hazard(1, _anything, _positive, 1.0)),
    ),
}
_GROWING: dict[type[Op], float] = {
    Exp: 1.0,
    Expm1: 1.0,
    Sinh: 1.0,
    Cosh: 1.0,
    Exp2: 1 / math.log(2.0),
}


def hazards_of(v: Variable) -> Iterable[Hazard]:
    """Those of the operation that computes v."""
    op = type(v.op)
    if op in _TABLE:
        return _TABLE[op]
    if v.dtype.kind not in "fc":
        return ()
    if op in _GROWING:
        most = _GROWING[op] * 0.98 * math.log(float(np.finfo(v.dtype).max))
        both = issubclass(op, (Sinh, Cosh))
        return (_same(lambda x: x.high <= most and (not both or x.low >= -most), 0.0),)
    return (_of_power(v.inputs[1]),) if op is Power else ()


def _of_power(y: Variable) -> Hazard:
    """At base 1 all powers and their derivatives are finite."""
    p = constant_value(y)
    if isinstance(p, complex) or p is None:
        return _same(_positive, 1.0)
    if float(p).is_integer():
        return _same(_anything if p >= 0 else _nonzero, 1.0)
    fine = _nonnegative if p > 0 else _positive
    return Hazard(0, fine, _nonnegative if p > 2 else _positive, 1.0)


HAZARDOUS: tuple[type[Op], ...] = (*_TABLE, *_GROWING, Power)
