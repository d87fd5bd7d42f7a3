"""Forms that the test suites of peers and the examples of NumPy's documentation call."""

from graphcomp.ops.base import Operand
from tests.forms import form, refused


def _ints(*value: int, dtype: str = "int64") -> Operand:
    return Operand((len(value),), dtype=dtype, kind="fixed", value=list(value))


ONE = Operand((), dtype="int64", kind="fixed", value=1)
BYTES = Operand((2, 2), 0, 255, "uint8")

FORMS = [
    # ---------------------------------------------------------------------- axes of a scalar
    *(
        form(f"np.{name}(x, axis={axis})", x=(), order=0)
        for name in ("sum", "prod", "max", "min", "any", "ptp", "nansum", "nanmax", "argmax",
                     "cumsum", "squeeze", "count_nonzero", "argsort")
        for axis in (0, -1)
    ),
    form("np.repeat(x, 2, axis=0)", x=()),
    form("scipy.special.logsumexp(x, axis=0)", x=()),
    form("np.sum(x, where=None)", x=(3,), order=0),
    refused("np.exp(x, where=None)", "where", x=(3,)),
    refused("np.mean(x, axis=0)", "axis", x=()),
    # -------------------------------------------------------------- places that are variables
    form("np.roll(x, k)", x=(2, 3), k=ONE),
    form("np.roll(x, k, axis=1)", x=(2, 3), k=_ints(4), symbolic=False),
    form("np.roll(x, (k, 2), axis=(0, 1))", x=(2, 3), k=ONE),
    form("np.insert(x, k, v)", x=(4,), k=ONE, v=()),
    form("np.insert(x, k, v, axis=1)", x=(2, 3), k=ONE, v=(2,), symbolic=False),
    form("np.insert(x, k, v)", x=(4,), k=_ints(3, -1, 0, 3), v=(4,), symbolic=False),
    form("np.insert(x, k, v, axis=0)", x=(3, 2), k=_ints(1), v=(2, 2), symbolic=False),
    refused("np.insert(x, x, 1.0)", "ints", x=(3,)),
    form("np.delete(x, np.array([[0], [-1]]))", x=(4,), symbolic=False),
    form("x * np.eye(3, k=k)", x=(3, 3), k=ONE, symbolic=False),
    form("x * np.tri(3, 4, k)", x=(3, 4), k=ONE, symbolic=False),
    form("np.tril(x, k)", x=(3, 3), k=ONE),
    form("np.triu(x, k)", x=(2, 3, 3), k=ONE),
    form("np.kaiser(5, b)", b=()),
    form("x * np.kaiser(x.shape[0], b)", x=(4,), b=()),
    form("x * np.bartlett(x.shape[0])", x=(4,)),
    form("x * np.blackman(x.shape[0])", x=(5,)),
    form("x * np.hamming(x.shape[0])", x=(4,)),
    form("x * np.hanning(x.shape[0])", x=(5,)),
    form("np.vander(x, x.shape[0])", x=(3,)),
    form("x[np.triu_indices(x.shape[0], m=x.shape[1])]", x=(3, 4)),
    form("x[np.tril_indices(x.shape[0], -1, x.shape[1])]", x=(4, 2)),
    form("np.add.reduceat(x, [0, 2, 1], axis=1)", x=(2, 4), symbolic=False),
    form("np.maximum.reduceat(x, [0, 2])", x=(4,), symbolic=False),
    form("np.logaddexp(x, 2)", x=(3,)),
    # --------------------------------------------------------------------------------- lengths
    form("np.full(np.array(3), x)", x=()),
    form("np.linspace(x, 2.0, np.array(4))", x=()),
    form("np.linspace(x, y, 3, retstep=True)", x=(), y=()),
    form("np.size(x, axis=(0, 1))", x=(2, 3), symbolic=False),
    form("[x + g for g in np.indices((2, 3), sparse=True)]", x=()),
    form("np.r_['0,2', x, [4, 5, 6]]", x=(3,), symbolic=False),
    form("np.r_['1,2,0', x, x]", x=(3,)),
    form("np.c_['0,2', x, [4, 5, 6]]", x=(3,), symbolic=False),
    refused("np.c_['c', x]", "concatenate", x=(3,)),
    form("np.astype(x, np.float32, copy=False)", x=(3,), order=0),
    # ------------------------------------------------------------------------------------ bits
    form("np.packbits(x, axis=0, bitorder='little')", x=Operand((9, 2), dtype="bool"), order=0),
    form("np.packbits(x)", x=_ints(1, 0, 3), order=0),
    form("np.unpackbits(x, axis=1, count=11)", x=BYTES, order=0, symbolic=False),
    form("np.unpackbits(x, count=-3, bitorder='little')", x=BYTES, order=0, symbolic=False),
    form("x.view(complex)", x=(3, 4), symbolic=False, dtypes=""),
    form("x.view(float)", x=Operand((3,), dtype="complex128"), dtypes=""),
    form("x.view(np.int64)", x=(3,), order=0, dtypes=""),
    form("x.view(np.uint8)", x=_ints(1, -2), order=0),
    refused("x.view(np.float32)", "astype", x=(2,)),
    refused("x.view(complex)", "multiple", x=(3,)),
    refused("x.strides", "memory", x=(3,)),
    # ------------------------------------------------------------------------------- functions
    form("np.vectorize(lambda a, b: (a * b, a - b))(x, y)", x=(2, 1), y=(3,)),
    form("np.vectorize(lambda a: a @ a, signature='(n)->()')(x)", x=(2, 3)),
    form("np.vectorize(lambda a, p: np.polyval(p, a), excluded=['p'])(x, p=p)", x=(3,), p=(4,)),
    form("np.vectorize(signature='(n)->(n)')(lambda a: a * a.sum())(x)", x=(2, 3)),
    form("np.vectorize(lambda a: 2 * a, otypes='f')(x)", x=(3,), order=0, dtypes="float32"),
    refused("np.vectorize(lambda a: a, signature='n')(x)", "signature", x=(3,)),
    refused("np.vectorize(np.dot, signature='(n),(n)->()')(x, y)", "length", x=(3,), y=(2,)),
    refused("np.emath.sqrt(x)", "x + 0j", x=(3,)),
    form("np.emath.sqrt(x)", x=Operand((3,), dtype="complex128"), dtypes=""),
    form("np.emath.logn(2, x)", x=Operand((3,), dtype="complex128"), dtypes=""),
]  # fmt: skip
