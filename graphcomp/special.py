"""Operations under the names of ``scipy.special``."""

from graphcomp.ops.activations import log_expit, log_softmax, logsumexp, softmax
from graphcomp.ops.activations import sigmoid as expit

__all__ = ["expit", "log_expit", "log_softmax", "logsumexp", "softmax"]
