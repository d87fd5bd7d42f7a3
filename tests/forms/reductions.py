"""Reductions, scans, differences and integrals."""

from graphcomp.ops.base import Operand
from tests.forms import form, refused

NUMBERS = "float32 int64 complex128"
NAN = float("nan")
HOLES = Operand((2, 3), kind="fixed", value=[[NAN, 1.5, -0.5], [0.25, NAN, 2.0]])
HOLES_LAST = Operand((2, 2), kind="fixed", value=[[NAN, NAN], [0.25, 2.0]])
MASK = Operand((2, 3), kind="fixed", dtype="bool", value=[[1, 0, 1], [0, 1, 1]])
ROW_MASK = Operand((3,), kind="fixed", dtype="bool", value=[1, 0, 1])
NOTHING = Operand((2, 3), kind="fixed", dtype="bool", value=[[0, 0, 0], [0, 1, 1]])
COUNTS = Operand((4,), kind="fixed", dtype="int64", value=[1, 3, 2, 1])
WEIGHTS = Operand((4,), low=0.5, high=1.5)
POSITIVE = Operand((2, 3), low=0.5, high=1.5)
GRID = Operand((5,), kind="fixed", value=[0.0, 0.5, 1.5, 1.75, 3.0])
GRID4 = Operand((4,), kind="fixed", value=[0.0, 0.5, 1.5, 1.75])

# Every form of axis and keepdims.
AXES = [
    form(f"np.{name}(x{axis}{keep})", x=(2, 3, 2), order=order, dtypes="")
    for name, order in (("sum", 1), ("prod", 1), ("mean", 1), ("max", 1), ("std", 1), ("all", 0))
    for axis in ("", ", axis=1", ", axis=-3", ", axis=(0, -1)", ", axis=()", ", axis=(2, 0, 1)")
    for keep in ("", ", keepdims=True")
]

SUMS = [
    form("np.sum(x)", x=(2, 3)),
    form("np.sum(x, 1, None, None, True)", x=(2, 3)),
    form("np.sum(x, axis=np.int64(1))", x=(2, 3)),
    form("np.sum(x, dtype='float32')", x=(3,), order=0, dtypes="float32 int64 bool"),
    form("np.sum(x, dtype=complex)", x=(3,)),
    form("np.sum(x > 0)", x=(4,)),
    form("np.sum(x > 0, dtype=bool)", x=(4,)),
    form("np.sum(x, initial=0.5)", x=(3,)),
    form("np.sum(x, axis=0, initial=c)", x=(2, 3), c=()),
    form("np.sum(x, axis=0, where=m)", x=(2, 3), m=MASK),
    form("np.sum(x, where=m, initial=-1)", x=(2, 3), m=ROW_MASK),
    form("np.sum(x, axis=1, where=[[True], [False]])", x=(2, 3), symbolic=False),
    form("np.sum(x, where=[1, 0, 1], keepdims=True)", x=(2, 3), symbolic=False),
    form("np.sum(x, where=x > 0, axis=-1)", x=(2, 3), dtypes="float32 int64 complex128"),
    form("np.sum(x, where=False)", x=(2, 3)),
    form("np.sum(x, where=True, out=None, initial=None)", x=(2, 3)),
    form("np.prod(x)", x=(3,)),
    form("np.prod(x, axis=0, initial=2, where=m)", x=(2, 3), m=MASK),
    form("np.prod(x, axis=1, initial=c)", x=(2, 3), c=()),
    form("np.prod(x, dtype='int64')", x=(3,), order=0, dtypes="float32 bool"),
    form("x.sum(0, where=m, initial=1.0)", x=(2, 3), m=MASK),
    form("x.prod(axis=1, where=m)", x=(2, 3), m=MASK),
    form("x.mean(axis=1, where=m, keepdims=True)", x=(2, 3), m=MASK),
    form("x.var(axis=1, where=m, ddof=1)", x=(2, 3), m=MASK),
    form("x.std(0, ddof=1)", x=(2, 3)),
    form("x.max(axis=1, initial=-9.0, where=m)", x=(2, 3), m=MASK, dtypes="float32 int64"),
    form("np.mean(x)", x=(2, 3)),
    form("np.mean(x, axis=0, where=m)", x=(2, 3), m=MASK),
    form("np.mean(x, where=m, keepdims=True)", x=(2, 3), m=ROW_MASK),
    form("np.mean(x, axis=1, where=m)", x=(2, 3), m=NOTHING, order=0),
    form("np.mean(x, dtype='float32')", x=(3,), order=0, dtypes="float32 int64 bool"),
    form("np.mean(x, 0, dtype='complex128')", x=(2, 3)),
    form("np.sum(x, axis=1), np.prod(x, axis=1), np.mean(x, axis=1)", x=(2, 0)),
    form("np.sum(x), np.prod(x), np.mean(x), np.var(x)", x=(0,)),
    form("np.sum(x), np.prod(x), np.mean(x), np.max(x), np.std(x)", x=()),
    refused("np.sum(x, axis=2)", "axis", "2", x=(2, 3)),
    refused("np.sum(x, axis=(0, -2))", "twice", x=(2, 3)),
    refused("np.sum(x, axis=1.0)", "axis", x=(2, 3)),
    refused("np.sum(x, out=x)", "x.copy()", x=(2, 3)),
    refused("np.sum(x, where=m)", "broadcast", x=(3,), m=MASK),
    refused("np.sum(x, initial=[1.0, 2.0])", "initial", x=(2,)),
    refused("np.sum(x, where=x)", "truth", x=(2,)),
    refused("np.sum(x, initial=1j)", "initial", x=(2,)),
    refused("np.sum(x, dtype='S3')", "dtype", x=(2,)),
]

EXTREMES = [
    form("np.max(x), np.min(x), np.amax(x), np.amin(x)", x=(2, 3)),
    form("np.max(x, 1, None, True)", x=(2, 3)),
    form("np.max(x, axis=0, initial=0.25)", x=(2, 3)),
    form("np.min(x, axis=(0, 1), initial=0.25)", x=(2, 3)),
    form("np.max(x, axis=1, initial=c)", x=(2, 3), c=(), dtypes="float32 complex128"),
    form("np.min(x, axis=1, initial=c, keepdims=True)", x=(2, 3), c=(), dtypes="float32"),
    form("np.max(x, axis=0, where=m, initial=-1.5)", x=(2, 3), m=MASK),
    form("np.max(x, axis=1, where=m, initial=-5)", x=(2, 3), m=NOTHING),
    form("np.min(x, where=m, initial=5.0)", x=(2, 3), m=ROW_MASK),
    form("np.max(x, initial=0.5), np.min(x, axis=0, initial=-1)", x=(0,)),
    form("np.max(x, initial=c)", x=(0,), c=()),
    form("np.max(x, axis=1)", x=(0, 2)),
    form("np.add.reduce(x, 1, initial=2.0, where=m)", x=(2, 3), m=MASK),
    form("np.maximum.reduce(x, axis=None, initial=-1.0, where=m)", x=(2, 3), m=MASK),
    form("np.ptp(x)", x=(2, 3), dtypes="float32 int64 complex128"),
    form("np.ptp(x, axis=-1)", x=(2, 3), dtypes="float32 int64 complex128"),
    form("np.ptp(x, axis=(0, 1), keepdims=True)", x=(2, 3)),
    form("np.max(x, axis=0), np.min(x, 1, initial=1.0)", x=HOLES, order=0, dtypes="float32"),
    refused("np.max(x)", "no elements", x=(0,)),
    refused("np.min(x, axis=1)", "no elements", x=(2, 0)),
    refused("np.ptp(x)", "no elements", x=(0,)),
    refused("np.max(x, where=x > 0)", "initial", x=(3,)),
    refused("np.max(x, axis=1)", "axis", x=(3,)),
]

SPREAD = [
    form("np.var(x), np.std(x)", x=(2, 3)),
    form("np.var(x, 0, None, None, 1)", x=(3, 2)),
    form("np.var(x, axis=1, ddof=0.5, keepdims=True)", x=(2, 3)),
    form("np.var(x, axis=-1, correction=1)", x=(2, 3)),
    form("np.std(x, axis=(0, 2), ddof=np.float64(1))", x=(2, 2, 2)),
    form("np.var(x, ddof=c)", x=(4,), c=(), dtypes="float32"),
    form("np.var(x, axis=0, mean=mu)", x=(2, 3), mu=(1, 3), dtypes=NUMBERS),
    form("np.var(x, 1, mean=np.mean(x, 1, keepdims=True), ddof=1)", x=(2, 3)),
    form("np.std(x, axis=1, mean=mu, keepdims=True)", x=(2, 3), mu=(2, 1), dtypes=NUMBERS),
    form("np.var(x, axis=1, where=m)", x=(2, 3), m=MASK),
    form("np.var(x, where=m, ddof=1, keepdims=True)", x=(2, 3), m=ROW_MASK),
    form("np.std(x, axis=1, where=m)", x=(2, 3), m=MASK),
    form("np.std(x, where=m, mean=mu)", x=(2, 3), m=MASK, mu=(1, 1), dtypes=NUMBERS),
    form("np.var(x, axis=1, where=m, ddof=1)", x=(2, 3), m=NOTHING, order=0),
    form("np.var(x, dtype='float32')", x=(3,), order=0, dtypes="float32 int64", tolerance=1e-6),
    form("np.var(x + 1e8)", x=(5,), tolerance=1e-7, order=0, dtypes=""),
    form("np.average(x)", x=(2, 3)),
    form("np.average(x, axis=1, keepdims=True)", x=(2, 3)),
    form("np.average(x, weights=w)", x=(2, 3), w=POSITIVE),
    form("np.average(x, 0, w)", x=(4, 2), w=WEIGHTS),
    form("np.average(x, axis=1, weights=w, keepdims=True)", x=(2, 4), w=WEIGHTS),
    form("np.average(x, axis=-1, weights=[1, 2, 3])", x=(2, 3), symbolic=False),
    form("np.average(x, axis=(1, 2), weights=w)", x=(2, 2, 3), w=POSITIVE),
    form("np.average(x, axis=(2, 0), weights=w)", x=(3, 2, 2), w=POSITIVE, symbolic=False),
    form("np.average(x, axis=(0, 1), weights=w, returned=True)", x=(2, 3), w=POSITIVE),
    form("np.average(x, axis=0, returned=True)", x=(2, 3)),
    form("np.average(x, axis=1, weights=w, returned=True)", x=(2, 4), w=WEIGHTS),
    refused("np.var(x, ddof=1, correction=1)", "ddof", x=(3,)),
    refused("np.var(x, dtype=int)", "floating", x=(3,)),
    refused("np.var(x, dtype=float)", "imaginary", x=Operand((3,), dtype="complex128")),
    refused("np.average(x, weights=w)", "weights", x=(2, 3), w=(3,)),
    refused("np.average(x, axis=0, weights=w)", "weights", x=(2, 3), w=(3,)),
]

COVARIANCE = [
    form("np.cov(x)", x=(2, 4)),
    form("np.cov(x)", x=(4,)),
    form("np.cov(x, y)", x=(4,), y=(4,)),
    form("np.cov(x, y, False)", x=(4, 2), y=(4, 1)),
    form("np.cov(x, rowvar=False, bias=True)", x=(4, 2)),
    form("np.cov(x, ddof=0)", x=(2, 4)),
    form("np.cov(x, rowvar=False, fweights=f)", x=(4, 2), f=COUNTS),
    form("np.cov(x, None, False, aweights=a)", x=(4, 2), a=WEIGHTS, dtypes="float32"),
    form("np.corrcoef(x, rowvar=False)", x=(4, 2), dtypes="float32 complex128"),
    form("np.cov(x, fweights=f)", x=(2, 4), f=COUNTS),
    form("np.cov(x, aweights=a)", x=(2, 4), a=WEIGHTS, dtypes="float32"),
    form("np.cov(x, fweights=f, aweights=a, ddof=0)", x=(2, 4), f=COUNTS, a=WEIGHTS, dtypes=""),
    form("np.cov(x, fweights=f, aweights=a)", x=(2, 4), f=COUNTS, a=WEIGHTS, dtypes=""),
    form("np.cov(x, fweights=[1, 2, 1, 1], bias=True)", x=(2, 4), symbolic=False),
    form("np.cov(x, dtype='float32')", x=(2, 4), order=0, dtypes="float32 int64", tolerance=1e-6),
    form("np.corrcoef(x)", x=(2, 4), dtypes="float32 complex128"),
    form("np.corrcoef(x, y)", x=(4,), y=(4,), dtypes="float32 complex128"),
    form("np.corrcoef(x, y, rowvar=False)", x=(4, 1), y=(4, 2), dtypes="float32 complex128"),
    refused("np.cov(x)", "axes", x=(2, 2, 2)),
    refused("np.cov(x, fweights=f)", "fweights", x=(2, 4), f=(3,)),
    refused("np.cov(x, fweights=[1.5, 1, 1, 1])", "whole", x=(2, 4)),
    refused("np.cov(x, aweights=[-1.0, 1, 1, 1])", "negative", x=(2, 4)),
    refused("np.cov(x, ddof=0.5)", "ddof", x=(2, 4)),
]

WITHOUT_NAN = [
    form(f"np.nan{name}(x{rest})", x=HOLES, dtypes="float32 complex128")
    for name in ("sum", "prod", "mean", "max", "min", "var", "std")
    for rest in ("", ", axis=0", ", axis=-1, keepdims=True")
] + [
    form("np.nansum(x, initial=2.0, where=m)", x=HOLES, m=MASK),
    form("np.nanprod(x, axis=0, initial=2.0)", x=HOLES),
    form("np.nanmean(x, axis=1, where=m)", x=HOLES, m=MASK),
    form("np.nanmean(x, dtype='complex128')", x=HOLES),
    form("np.nanvar(x, axis=1, ddof=1)", x=HOLES),
    form("np.nanvar(x, correction=1, where=m)", x=HOLES, m=MASK),
    form("np.nanvar(x, axis=1, mean=mu)", x=HOLES, mu=(2, 1), dtypes="float32"),
    form("np.nanstd(x, axis=(0, 1), ddof=1, keepdims=True)", x=HOLES),
    form("np.nanmax(x, axis=1, initial=0.0)", x=HOLES),
    form("np.nanmin(x, axis=0, initial=1.0, where=m)", x=HOLES, m=MASK),
    form("np.nanmax(x, axis=1, initial=c)", x=HOLES, c=(), dtypes="float32"),
    form("np.nancumsum(x), np.nancumprod(x)", x=HOLES, symbolic=False),
    form("np.nancumsum(x, axis=0), np.nancumprod(x, 1)", x=HOLES),
    form("np.nanargmax(x), np.nanargmin(x)", x=HOLES),
    form("np.nanargmax(x, axis=1), np.nanargmin(x, axis=0, keepdims=True)", x=HOLES),
    form("np.nansum(x, 1), np.nanprod(x, 1), np.nanmean(x, 1)", x=HOLES_LAST, order=0),
    form("np.nanmax(x, 1), np.nanmin(x, 1), np.nanvar(x, 1)", x=HOLES_LAST, order=0),
    form("np.nanvar(x, 1, ddof=2), np.nanstd(x, 1)", x=HOLES_LAST, order=0),
    form("np.nansum(x), np.nanmean(x), np.nanmax(x, 0), np.nanvar(x)", x=(2, 3)),
    form("np.nansum(x), np.nanmax(x), np.nanmean(x)", x=Operand((3,), dtype="int64")),
    refused("np.nanmax(x)", "no elements", x=(0,)),
    refused("np.nanmax(x, where=x > 0)", "initial", x=(3,)),
]

SCANS = [
    form("np.cumsum(x)", x=(4,)),
    form("np.cumsum(x)", x=(2, 3)),
    form("np.cumsum(x, axis=-2), np.cumprod(x, axis=1)", x=(2, 3)),
    form("np.cumprod(x)", x=(2, 2)),
    form("np.cumsum(x, dtype='float32')", x=(3,), order=0, dtypes="int64 bool", tolerance=1e-6),
    form("np.cumsum(x), np.cumprod(x)", x=()),
    form("np.cumsum(x), np.cumprod(x)", x=(0,)),
    form("x.cumsum(), x.cumprod(axis=0), x.cumsum(1, None, None)", x=(2, 2)),
    form("np.cumulative_sum(x)", x=(3,)),
    form("np.cumulative_sum(x, axis=-1)", x=(2, 3)),
    form("np.cumulative_sum(x, axis=0, include_initial=True)", x=(2, 3)),
    form("np.cumulative_sum(x, include_initial=True, dtype=complex)", x=(3,)),
    form("np.cumulative_prod(x, axis=1, include_initial=True)", x=(2, 3)),
    form("np.cumulative_prod(x, dtype='float64')", x=(3,), dtypes="float32 int64"),
    refused("np.cumulative_sum(x)", "axis=", x=(2, 3)),
    form("np.cumulative_sum(x), np.cumulative_prod(x, axis=0)", x=()),
    refused("np.cumsum(x, axis=2)", "axis", x=(2, 3)),
    refused("np.cumsum(x, out=x)", "x.copy()", x=(3,)),
]

DIFFERENCES = [
    form("np.diff(x)", x=(4,)),
    form("np.diff(x, 2)", x=(4,)),
    form("np.diff(x, n=3, axis=0)", x=(4, 2)),
    form("np.diff(x, 0)", x=(4,)),
    form("np.diff(x, axis=0)", x=(3, 2)),
    form("np.diff(x, prepend=0)", x=(4,)),
    form("np.diff(x, prepend=0.5, append=x[0])", x=(4,)),
    form("np.diff(x, axis=0, prepend=c, append=y)", x=(3, 2), c=(), y=(1, 2)),
    form("np.diff(x, axis=-1, append=2.0, n=2)", x=(2, 3)),
    form("np.diff(x, n=5)", x=(3,), symbolic=False),
    form("np.diff(x > 0)", x=(4,)),
    form("np.ediff1d(x)", x=(2, 3), symbolic=False),
    form("np.ediff1d(x, 1, -9)", x=(4,), dtypes="float32 int64 complex128"),
    form("np.ediff1d(x, to_end=e, to_begin=[[1, 2]])", x=(4,), e=(2,), dtypes="float32 complex128"),
    form("np.gradient(x)", x=(4,), dtypes="float32 int64 complex128 bool"),
    form("np.gradient(x)", x=(3, 4)),
    form("np.gradient(x)", x=(2,)),
    form("np.gradient(x, 2.0)", x=(4,)),
    form("np.gradient(x, h)", x=(4,), h=()),
    form("np.gradient(x, 0.5, edge_order=2)", x=(5,)),
    form("np.gradient(x, t)", x=(5,), t=GRID, dtypes="float32 complex128"),
    form("np.gradient(x, t, edge_order=2)", x=(5,), t=GRID, dtypes="float32 complex128"),
    form("np.gradient(x, [0, 1, 3, 4])", x=(4,), symbolic=False),
    form("np.gradient(x, axis=0)", x=(3, 4)),
    form("np.gradient(x, 2.0, axis=-1, edge_order=2)", x=(2, 4)),
    form("np.gradient(x, t, axis=0)", x=(4, 2), t=GRID4, dtypes="float32 complex128"),
    form("np.gradient(x, 2.0, t)", x=(3, 4), t=GRID4, dtypes="float32 complex128"),
    form("np.gradient(x, t, 0.5, axis=(1, 0), edge_order=2)", x=(3, 4), t=GRID4, dtypes="float32"),
    form("np.gradient(x, axis=(1,))", x=(3, 4)),
    refused("np.gradient(x)", "2 elements", x=(1,)),
    refused("np.gradient(x, edge_order=2)", "3 elements", x=(2,)),
    refused("np.gradient(x, edge_order=3)", "edge_order", x=(5,)),
    refused("np.gradient(x, 1.0, 2.0)", "spacings", x=(4,)),
    refused("np.gradient(x, [0.0, 1.0])", "coordinates", x=(4,)),
    refused("np.diff(x, -1)", "order", x=(4,)),
    refused("np.diff(x, 1.0)", "int", x=(4,)),
    refused("np.diff(x)", "axes", x=()),
    refused("np.ediff1d(x, to_end=1j)", "to_end", x=(4,)),
]

INTEGRALS = [
    form("np.trapezoid(y)", y=(4,)),
    form("np.trapezoid(y, x)", y=(4,), x=GRID4),
    form("np.trapezoid(y, dx=h)", y=(4,), h=()),
    form("np.trapezoid(y, x, axis=0)", y=(4, 2), x=GRID4),
    form("np.trapezoid(y, x, axis=1)", y=(2, 4), x=(2, 4)),
    form("np.trapezoid(y, [0, 1, 3, 4], axis=-2)", y=(4, 2), symbolic=False),
    form("scipy.integrate.trapezoid(y, dx=0.5, axis=0)", y=(3, 2)),
    form("scipy.integrate.cumulative_trapezoid(y)", y=(4,), dtypes="float32 int64 complex128"),
    form("scipy.integrate.cumulative_trapezoid(y, x, initial=0)", y=(4,), x=GRID4),
    form("scipy.integrate.cumulative_trapezoid(y, dx=0.5, axis=0)", y=(3, 2)),
    form("scipy.integrate.simpson(y)", y=(5,)),
    form("scipy.integrate.simpson(y)", y=(6,)),
    form("scipy.integrate.simpson(y)", y=(2,), symbolic=False),
    form("scipy.integrate.simpson(y)", y=(1,)),
    form("scipy.integrate.simpson(y, x=x)", y=(5,), x=GRID, dtypes="float32 complex128"),
    form("scipy.integrate.simpson(y, x=x)", y=(4,), x=GRID4, dtypes="float32 complex128"),
    form("scipy.integrate.simpson(y, x, axis=0)", y=(5, 2), x=GRID, dtypes="float32 complex128"),
    form("scipy.integrate.simpson(y, dx=h, axis=0)", y=(4, 2), h=(), dtypes="float32 int64 bool"),
    form("scipy.integrate.simpson(y, dx=0.5)", y=(2, 4)),
    refused("scipy.integrate.simpson(y, [0, 1])", "coordinates", y=(4,)),
    refused("scipy.integrate.cumulative_trapezoid(y, initial=1)", "initial", y=(4,)),
]

EXPONENTIALS = [
    form("scipy.special.logsumexp(x)", x=(2, 3), dtypes="float32 int64 complex128"),
    form("scipy.special.logsumexp(x, axis=(0, 2), keepdims=True)", x=(2, 3, 2)),
    form("scipy.special.logsumexp(x, axis=1, b=b)", x=(2, 3), b=POSITIVE),
    form("scipy.special.logsumexp(x, b=[0.5, 0, 2.0])", x=(2, 3), symbolic=False),
    form("scipy.special.logsumexp(x, b=b, return_sign=True)", x=(3,), b=(3,)),
    form("scipy.special.logsumexp(x, 0, return_sign=True, keepdims=True)", x=(2, 3)),
    form("scipy.special.logsumexp(x, b=-1)", x=(3,), order=0),
    form("scipy.special.softmax(x)", x=(2, 3), dtypes=NUMBERS),
    form("scipy.special.softmax(x, axis=(0, 1))", x=(2, 3), dtypes=NUMBERS),
    form("scipy.special.softmax(x, -1)", x=(2, 3), dtypes=NUMBERS),
    form("scipy.special.log_softmax(x)", x=(2, 3), dtypes=NUMBERS),
    form("scipy.special.log_softmax(x, axis=0)", x=(2, 3), dtypes=NUMBERS),
]

CHOICES = [
    form("np.all(x), np.any(x)", x=(3,), order=0),
    form("np.all(x, axis=(0, 1), keepdims=True)", x=(2, 3), order=0),
    form("np.all(x > 0, axis=1, where=m)", x=(2, 3), m=MASK, dtypes="float32 int64"),
    form("np.any(x > 0, where=m)", x=(2, 3), m=ROW_MASK, dtypes="float32 int64"),
    form("x.all(where=m), x.any(axis=0, where=m)", x=(2, 3), m=MASK, order=0),
    form("np.count_nonzero(x > 0)", x=(4,), dtypes="float32 int64"),
    form("np.count_nonzero(x, axis=(0, 1), keepdims=True)", x=(2, 3), order=0),
    form("np.count_nonzero(x, axis=-1)", x=(2, 3), order=0),
    form("np.argmax(x), np.argmin(x)", x=(2, 3), order=0),
    form("np.argmax(x, 1), np.argmin(x, axis=-2, keepdims=True)", x=(2, 3), order=0),
    form("np.argmax(x, keepdims=True)", x=(2, 3), order=0),
    refused("np.argmax(x)", "no elements", x=(0,)),
    refused("np.argmax(x, axis=(0, 1))", "axis", x=(2, 3)),
    refused("np.argmax(x, axis=2)", "axis", x=(2, 3)),
]

ALONG = [
    form("np.apply_along_axis(np.sum, 0, x)", x=(2, 3)),
    form("np.apply_along_axis(lambda r: r[::-1] * r, -1, x)", x=(2, 3)),
    form("np.apply_along_axis(lambda r: np.outer(r, r), 1, x)", x=(2, 3, 2)),
    form("np.apply_along_axis(lambda r, k, s=1: r[k] * s, 0, x, 1, s=2)", x=(3, 2), symbolic=False),
    form("np.apply_along_axis(np.cumsum, 0, x)", x=(4,)),
    form("np.apply_over_axes(np.sum, x, [0, 2])", x=(2, 3, 2)),
    form("np.apply_over_axes(np.mean, x, 1)", x=(2, 3)),
    refused("np.apply_along_axis(np.sum, 2, x)", "axis", x=(2, 3)),
]

FORMS = [
    *AXES, *SUMS, *EXTREMES, *SPREAD, *COVARIANCE, *WITHOUT_NAN, *SCANS, *DIFFERENCES,
    *INTEGRALS, *EXPONENTIALS, *CHOICES, *ALONG,
]  # fmt: skip
