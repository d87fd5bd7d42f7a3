"""The simplest forms."""

from tests.forms import form, refused

FORMS = [
    form("np.square(x)", x=(3,)),
    form("np.sum(x * y, axis=0)", x=(2, 3), y=(3,)),
    form("np.where(x > 0, x, y)", x=(4,), y=(4,), dtypes="float32 int64 complex128"),
    form("x @ y", x=(2, 3), y=(3,), dtypes="float32 int64 complex128"),
    refused("float(x)", "astype", x=()),
]
