"""Names that no other table calls: aliases, questions about arrays, answers known at once."""

from graphcomp.ops.base import Operand
from tests.forms import form, refused

_INTS = Operand((4,), 0, 7, "int64")
_BOOLS = Operand((4,), dtype="bool")

FORMS = [
    *(form(f"scipy.fft.{name}(x)", x=(3, 2), order=1, dtypes="float32 int64")
      for name in ("fftn", "ifft2", "rfftn", "hfftn", "ihfft2")),
    form("scipy.fft.irfft2(x)", x=(3, 3), order=1, dtypes="float32"),
    form("x * scipy.fft.fftfreq(4) + scipy.fft.rfftfreq(6)", x=(4,), order=1, symbolic=False),
    form("np.linalg.diagonal(x, offset=1)", x=(2, 3, 3), order=1),
    form("np.linalg.trace(x, offset=-1)", x=(2, 3, 3), order=1),
    form("np.einsum(x, [0, 1], y, [1], [0], optimize=np.einsum_path('ij,j->i', x, y)[0])",
         x=(2, 3), y=(3,), order=0, dtypes="", symbolic=False),
    form("scipy.linalg.eig(x)[0]", x=(2, 2), gauge="np.sum(r**2)", dtypes="", tolerance=1e-9),
    form("scipy.linalg.eigvals(x)", x=(2, 2), gauge="np.sum(r**2)", dtypes="", tolerance=1e-9),
    *(form(f"np.polynomial.{module}(x, 3)", x=(3,), dtypes="float32")
      for module in ("chebyshev.chebvander", "hermite.hermvander", "hermite_e.hermevander",
                     "laguerre.lagvander")),
    form("np.fmin.reduce(x, axis=1)", x=(2, 3)),
    *(form(f"np.{name}.accumulate(x)", x=_INTS, order=0, dtypes="")
      for name in ("bitwise_and", "bitwise_xor", "lcm")),
    *(form(f"np.{name}.reduceat(x, [0, 2, 1])", x=(4, 2), dtypes="float32 int64", symbolic=False)
      for name in ("multiply", "minimum", "logaddexp")),
    *(form(f"np.{name}.reduceat(x, [0, 2])", x=_BOOLS, order=0, dtypes="", symbolic=False)
      for name in ("logical_and", "logical_or")),
    form("x.conj() * x", x=(3,), dtypes="float32 complex128"),
    form("x.view(np.int64)", x=(3,), order=0, dtypes=""),
    form("np.logical_xor.accumulate(x)", x=_BOOLS, order=0, dtypes=""),
    form("x[: np.shape(x)[0] - 1] * np.ndim(x) + np.size(x)", x=(3,), dtypes="float32"),
    form("np.empty(x.shape).shape", x=(2, 3), order=0, dtypes="", symbolic=False),
    form("np.fromiter((v * v for v in x), float)", x=(3,), symbolic=False, dtypes=""),
    form("np.isscalar(x), np.iterable(x), np.iscomplexobj(x), np.isrealobj(x)", x=(3,), order=0,
         dtypes="float32"),
    form("x.astype(np.result_type(x, np.float32)) * np.can_cast(x.dtype, float)", x=(3,),
         dtypes="float32"),
    form("x.astype(np.promote_types(x.dtype, np.float32))", x=(3,), dtypes="float32"),
    form("x.astype(np.common_type(x, x))", x=(3,), dtypes="float32"),
    *(refused(f"np.{call}", "x.copy()", x=(3, 3))
      for call in ("copyto(x, 0)", "fill_diagonal(x, 0)", "place(x, x > 0, [1])",
                   "put(x, [0], 1)", "putmask(x, x > 0, 1)",
                   "put_along_axis(x, np.array([[0]]), 1, 0)")),
    *(refused(f"np.{name}(x)", "depend on values", x=(3,))
      for name in ("nonzero", "flatnonzero", "argwhere", "unique", "trim_zeros", "unique_all",
                   "unique_counts", "unique_inverse", "unique_values")),
    *(refused(f"np.{name}(x, x)", name, x=(3,))
      for name in ("intersect1d", "setdiff1d", "setxor1d", "union1d")),
    refused("np.lib.stride_tricks.as_strided(x, (2,))", "sliding_window_view", x=(3,)),
]  # fmt: skip
