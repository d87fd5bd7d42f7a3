"""Indexing, and functions that read elements at an index."""

import numpy as np

from graphcomp.ops.base import Operand
from tests.forms import form, refused

_PLACES = Operand((3,), dtype="int64", kind="fixed", value=[2, 0, -1])
_TABLE = Operand((2, 3), dtype="int64", kind="fixed", value=np.array([[1, 0, 2], [2, 2, -3]]))
_MASK = Operand((4,), dtype="bool", kind="fixed", value=[True, False, True, True])


def _static(*texts: str, **given: object) -> list[object]:
    """Forms whose index fits only these lengths."""
    return [form(text, symbolic=False, **given) for text in texts]


FORMS = [
    # ---------------------------------------------------------------------------------- basic
    form("x[0]", x=(3,)),
    form("x[-1]", x=(3, 2)),
    form("x[np.int32(1)]", x=(3, 2)),
    form("x[np.array(1)]", x=(3,)),
    form("x[()]", x=()),
    form("x[...]", x=(3,)),
    form("x[None]", x=()),
    form("x[np.newaxis, :, None]", x=(3,)),
    form("x[..., None]", x=(2, 3)),
    form("x[:, ::-1]", x=(2, 3)),
    form("x[::-2]", x=(5,)),
    form("x[1:]", x=(3,)),
    form("x[:-1]", x=(3,)),
    form("x[1:-1]", x=(4,)),
    form("x[-2:]", x=(4,)),
    form("x[::3]", x=(7,)),
    form("x[x.shape[0] // 2:]", x=(4,)),
    form("x[:x.shape[0] - 1]", x=(4,)),
    form("x[0, ..., -1]", x=(2, 3, 2)),
    form("x[..., 0]", x=(2, 3)),
    form("x[slice(None), 1]", x=(2, 3)),
    form("x[np.s_[1:, None]]", x=(3,)),
    *_static("x[5:]", "x[3:1]", "x[-100:100]", "x[4:0:-2]", x=(5,)),
    # ------------------------------------------------------------------------------- advanced
    *_static(
        "x[[0, 2]]",
        "x[[0, 0, -1]]",
        "x[np.array([[0, 1], [2, 0]])]",
        "x[[True, False, True]]",
        "x[np.array([True, False, True])]",
        "x[True]",
        "x[False]",
        "x[np.array(True), [1, 0]]",
        "x[[]]",
        "x[(0,)]",
        "x[np.zeros(3, bool)]",
        x=(3,),
    ),
    *_static(
        "x[[0, 1], [2, 0]]",
        "x[[[0], [1]], [2, 0]]",
        "x[[0, 1]]",
        "x[:, [0, 2]]",
        "x[1, [0, 2]]",
        "x[[1, 0], 2]",
        "x[[1, 0], ::-1]",
        "x[..., [1]]",
        "x[None, [0, 1], None]",
        "x[[0, 1], None, [2, 0]]",
        "x[:, [True, False, True]]",
        "x[[True, False], [0]]",
        "x[np.array([[True, False, True], [False, True, False]])]",
        "x[np.ix_([0, 1], [2, 0])]",
        "x[np.ix_([True, False], [0, 2])]",
        "x[..., True]",
        "x[np.tril_indices(2)]",
        "x[np.diag_indices(2)]",
        x=(2, 3),
    ),
    *_static(
        "x[[0, 1], :, [1, 0]]",
        "x[:, [0, 1], [1, 0]]",
        "x[0, :, [1, 0]]",
        "x[:, 0, [1, 0]]",
        "x[[1], ..., [0]]",
        "x[np.ones((2, 3), bool), 0]",
        "x[:, np.array([[True, False], [False, True], [True, True]])]",
        "x[[0, 1], 1:, None]",
        x=(2, 3, 2),
    ),
    form("x[i]", x=(3,), i=_PLACES),
    form("x[i, 1:]", x=(3, 2), i=_PLACES),
    form("x[:, i]", x=(2, 3), i=_PLACES),
    form("x[i, i]", x=(3, 3), i=_PLACES),
    form("x[np.arange(x.shape[0]), i]", x=(3, 4), i=_PLACES),
    form("x[i[0]]", x=(3,), i=_PLACES),
    # ----------------------------------------------------------------------------------- take
    form("np.take(x, i)", x=(3,), i=_PLACES),
    form("np.take(x, i)", x=(2, 3), i=_PLACES),
    form("np.take(x, i, axis=0)", x=(3, 2), i=_PLACES),
    form("np.take(x, i, 1)", x=(2, 3), i=_TABLE),
    form("np.take(x, 1, axis=-1)", x=(2, 3)),
    form("np.take(x, i, mode='wrap')", x=(2,), i=_PLACES),
    form("np.take(x, i, mode='clip')", x=(2,), i=_PLACES),
    form("np.take(x, [[0, 7], [-9, 1]], axis=1, mode='wrap')", x=(2, 3), symbolic=False),
    form("np.take(x, [0, 7, -9], 0, None, 'clip')", x=(4,)),
    form("np.take(x, [])", x=(4,)),
    form("np.take(x, np.array([1]), axis=0)", x=(2, 3)),
    form("x.take(i)", x=(3,), i=_PLACES),
    form("x.take([0, 1], axis=1, mode='clip')", x=(2, 3)),
    form("np.take(a=x, indices=0)", x=(3,)),
    form("np.take_along_axis(x, i, axis=1)", x=(2, 3), i=_TABLE),
    form("np.take_along_axis(x, i, -1)", x=(2, 3), i=_TABLE),
    form("np.take_along_axis(x, i, axis=None)", x=(2, 3), i=_PLACES),
    form("np.take_along_axis(x, np.argmax(x, axis=0)[None], axis=0)", x=(3, 2)),
    form("np.take_along_axis(x, i, 1)", x=(1, 3), i=_TABLE, symbolic=False),
    # ------------------------------------------------------------------------------- refusals
    refused("x[x > 0]", "where", x=(3,)),
    refused("x[m]", "where", x=(4,), m=_MASK),
    refused("x[3]", "out of range", x=(3,)),
    refused("x[[0, -4]]", "out of range", x=(3,)),
    refused("x[0, 0]", "axes", x=(3,)),
    refused("x[1.0]", "ints", x=(3,)),
    refused("x['a']", "constant", x=(3,)),
    refused("x[..., ...]", "...", x=(3,)),
    refused("x[np.ones(4, bool)]", "mask", x=(3,)),
    refused("x[::0]", "step", x=(3,)),
    refused("x[x]", "astype", x=(3,)),
    refused("np.take(x, 0, mode='other')", "clip", x=(3,)),
    refused("np.take(x, [0.5])", "ints", x=(3,)),
    form("np.take(x, 0, out=np.zeros(()))", x=(3,), dtypes=""),
    refused("np.take(x, 0, axis=1)", "axis 1", x=(3,)),
    refused("np.take_along_axis(x, i, 0)", "axes", x=(3, 2), i=_PLACES),
    refused("x.__setitem__(0, 1.0)", "x.copy()", x=(3,)),
]
