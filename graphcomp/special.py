"""Operations under the names of ``scipy.special``."""

from graphcomp.ops import (
    bessel,
    bessel_orders,
    entropies,
    error_functions,
    gamma_functions,
    incomplete,
    integrals,
)
from graphcomp.ops.activations import (
    log_expit,
    log_softmax,
    logsumexp,
    sigmoid as expit,
    softmax,
    softplus,
)
from graphcomp.ops.arithmetic import cbrt
from graphcomp.ops.bessel import *
from graphcomp.ops.bessel_orders import *
from graphcomp.ops.entropies import *
from graphcomp.ops.error_functions import *
from graphcomp.ops.floats import sinc
from graphcomp.ops.gamma_functions import *
from graphcomp.ops.incomplete import *
from graphcomp.ops.integrals import *
from graphcomp.ops.parts import round
from graphcomp.ops.transcendental import exp2, expm1, log1p

__all__ = [
    "cbrt",
    "exp2",
    "expit",
    "expm1",
    "log1p",
    "log_expit",
    "log_softmax",
    "logsumexp",
    "round",
    "sinc",
    "softmax",
    "softplus",
    *bessel.__all__,
    *bessel_orders.__all__,
    *entropies.__all__,
    *error_functions.__all__,
    *gamma_functions.__all__,
    *incomplete.__all__,
    *integrals.__all__,
]
