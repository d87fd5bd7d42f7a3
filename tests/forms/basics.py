"""The simplest forms."""

from tests.forms import form, refused

FORMS = [
    form("np.square(x)", x=(3,)),
    form("np.sum(x * y, axis=0)", x=(2, 3), y=(3,)),
    form("np.where(x > 0, x, y)", x=(4,), y=(4,), dtypes="float32 int64 complex128"),
    form("x @ y", x=(2, 3), y=(3,), dtypes="float32 int64 complex128"),
    refused("float(x)", "astype", x=()),
    form("x - np.floor(x).astype(int)", x=(5,), dtypes="float32"),
    form("(x - np.int64(x // 1))**2", x=(), dtypes=""),
    form("np.round(x).astype('int32') * x + np.sign(x).astype(bool)", x=(2, 3), dtypes="float32"),
]
