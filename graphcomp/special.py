"""Operations under the names of ``scipy.special``."""

from graphcomp.ops.activations import log_expit, log_softmax, logsumexp, sigmoid as expit, softmax

__all__ = ["expit", "log_expit", "log_softmax", "logsumexp", "softmax"]
