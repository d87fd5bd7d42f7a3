"""A second module of a user's, which the objectives import: they see NumPy through it, too."""

import numpy as np
from numpy import asarray


def standardize(x):
    x = asarray(x)
    return (x - x.mean()) / np.full(x.shape, x.std())


def soft_threshold(x, by):
    return np.sign(x) * np.maximum(np.abs(x) - by, 0.0)


LINKS = {"identity": lambda t: t, "log": np.exp, "logit": lambda t: 1 / (1 + np.exp(-t))}
