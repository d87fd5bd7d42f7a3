"""Operations under the names of ``scipy.special``."""

from graphcomp.ops.activations import log_expit, log_softmax, logsumexp, sigmoid as expit, softmax
from graphcomp.ops.bessel import *
from graphcomp.ops.entropies import *
from graphcomp.ops.error_functions import *
from graphcomp.ops.gamma_functions import *
from graphcomp.ops.incomplete import *
from graphcomp.ops.integrals import *

__all__ = ["expit", "log_expit", "log_softmax", "logsumexp", "softmax"]
