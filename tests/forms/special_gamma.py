"""scipy.special's error and gamma functions."""

from graphcomp.ops.base import Operand
from tests.forms import form, refused

REAL = "float32 int64"  # SciPy takes complex numbers in some of these, and halves bool in others

UNIT = Operand((4,), 0.1, 0.9)
INNER = Operand((2, 3), -0.9, 0.9)
POSITIVE = Operand((4,), 0.3, 5.0)
COUNT = Operand((4,), 5.0, 9.0)
FEW = Operand((4,), 1.0, 4.0)
EDGES = Operand((7,), kind="fixed", value=[0.0, -1.0, 1.0, 2.0, float("inf"), 40.0, float("nan")])
FAR = Operand((6,), kind="fixed", value=[-40.0, -12.5, -0.3, 5.0, 26.0, 200.0])


def values(text: str, **operands: object) -> object:
    """A form of which only values are compared."""
    return form(text, order=0, dtypes="float32", **operands)


FORMS = [
    # the error function and its relatives
    form("scipy.special.erf(x)", x=(2, 3), dtypes=REAL),
    form("scipy.special.erf(x)", x=(), dtypes=REAL),
    form("scipy.special.erf([x, x])", x=(3,), dtypes=REAL),
    form("math.erf(x) + math.erfc(x)", x=(), dtypes="float32"),
    form("scipy.special.erfc(x)", x=(2, 3), dtypes=REAL),
    form("scipy.special.erfcx(x)", x=(2, 3), dtypes=REAL),
    form("scipy.special.erfinv(x)", x=INNER, dtypes="float32"),
    form("scipy.special.erfcinv(2 * x)", x=UNIT, dtypes="float32"),
    form("scipy.special.ndtr(x)", x=(5,), dtypes=REAL),
    form("scipy.special.log_ndtr(x)", x=(5,), dtypes=REAL),
    form("scipy.special.log_ndtr(20 * x)", x=(5,), dtypes="int64"),
    form("scipy.special.ndtri(x)", x=UNIT, dtypes="float32"),
    form("scipy.special.ndtri_exp(-x)", x=POSITIVE, dtypes=""),
    form("scipy.special.erfi(x)", x=(4,), dtypes=REAL),
    form("scipy.special.expit(x)", x=(5,), dtypes=REAL),
    form("scipy.special.logit(x)", x=UNIT, dtypes="float32"),
    form("scipy.special.log_expit(x)", x=(5,), dtypes=REAL),
    form("scipy.special.logit(scipy.special.expit(x))", x=(5,), dtypes="float32"),
    form("scipy.special.ndtri(scipy.special.ndtr(x))", x=(5,), dtypes="float32"),
    *(
        values(f"scipy.special.{name}(x)", x=edges)
        for name in ("erf", "erfc", "erfcx", "erfi", "ndtr", "log_ndtr", "expit", "log_expit")
        for edges in (EDGES, FAR)
    ),
    *(
        values(f"scipy.special.{name}(x)", x=EDGES)
        for name in ("erfinv", "erfcinv", "ndtri", "ndtri_exp", "logit")
    ),
    refused("scipy.special.erf(x)", "complex128", x=Operand((3,), dtype="complex128")),
    form("scipy.special.erf(x, out=np.zeros(3))", x=(3,), symbolic=False, dtypes="float32"),
    refused("scipy.special.erf(x, where=[True, False, True])", "where", x=(3,)),
    # the gamma function and its relatives
    form("scipy.special.gamma(x)", x=POSITIVE, dtypes="float32"),
    form("scipy.special.gamma(-x)", x=POSITIVE, dtypes="float32"),
    form("math.gamma(x) + math.lgamma(x)", x=Operand((), 1.0, 3.0), dtypes="float32"),
    form("scipy.special.rgamma(x)", x=(5,), dtypes=REAL),
    form("scipy.special.gammaln(x)", x=POSITIVE, dtypes="float32"),
    form("scipy.special.loggamma(x)", x=POSITIVE, dtypes="float32"),
    form("scipy.special.gammasgn(x)", x=POSITIVE, dtypes="float32"),
    form("scipy.special.digamma(x)", x=POSITIVE, dtypes="float32"),
    form("scipy.special.psi(x)", x=Operand((2, 2), 1.0, 4.0), dtypes="float32"),
    form("scipy.special.polygamma(0, x)", x=POSITIVE, dtypes=""),
    form("scipy.special.polygamma(1, x)", x=POSITIVE, dtypes=""),
    form("scipy.special.polygamma(3, x)", x=Operand((3,), 1.0, 4.0), dtypes=""),
    form("scipy.special.polygamma([[1], [3]], x)", x=Operand((3,), 1.0, 4.0), dtypes=""),
    form("scipy.special.polygamma(n=2, x=np.array([x, x]))", x=FEW, dtypes=""),
    form("scipy.special.zeta(3, x)", x=FEW, dtypes="float32"),
    form("scipy.special.zeta(2.5, q=x)", x=FEW, dtypes="float32"),
    form("scipy.special.multigammaln(x, 3)", x=Operand((3,), 2.0, 4.0), dtypes=""),
    form("scipy.special.multigammaln(a=x, d=1)", x=Operand((3,), 2.0, 4.0), dtypes=""),
    *(
        values(f"scipy.special.{name}(x)", x=EDGES)
        for name in ("gamma", "rgamma", "gammaln", "loggamma", "digamma", "gammasgn")
    ),
    refused("scipy.special.gamma(x)", "complex128", x=Operand((3,), dtype="complex128")),
    refused("scipy.special.polygamma(0.5, x)", "whole number", x=(3,)),
    refused("scipy.special.polygamma(x, 1.0)", "whole number", x=(3,)),
    refused("scipy.special.zeta(x)", "q", x=(3,)),
    refused("scipy.special.zeta(0.5, x)", "above 1", x=(3,)),
    refused("scipy.special.multigammaln(x, 0)", "whole number", x=(3,)),
    # two operands
    form("scipy.special.beta(x, y)", x=FEW, y=FEW, dtypes="float32"),
    form("scipy.special.beta(x, 2.5)", x=FEW, dtypes=""),
    form("scipy.special.beta(x[:, None], x)", x=FEW, dtypes="float32"),
    form("scipy.special.betaln(x, y)", x=FEW, y=FEW, dtypes="float32"),
    form("scipy.special.binom(n, k)", n=COUNT, k=FEW, dtypes="float32"),
    form("scipy.special.binom(n, 2)", n=COUNT, dtypes="float32 int64"),
    form("scipy.special.poch(x, m)", x=FEW, m=FEW, dtypes="float32"),
    form("scipy.special.comb(n, k)", n=COUNT, k=FEW, dtypes=""),
    form("scipy.special.comb(n, 3)", n=Operand((5,), 0, 6, "int64"), dtypes=""),
    form("scipy.special.comb(n, k, repetition=True)", n=COUNT, k=FEW, dtypes=""),
    form("scipy.special.comb(N=n, k=2.5, exact=False)", n=COUNT, dtypes=""),
    form("scipy.special.perm(n, 3)", n=COUNT, dtypes=""),
    form("scipy.special.factorial(x)", x=POSITIVE, dtypes=""),
    form("scipy.special.factorial(n)", n=Operand((5,), 0, 6, "int64"), dtypes=""),
    refused("scipy.special.comb(n, 2, exact=True)", "exact", n=(3,)),
    refused("scipy.special.perm(n, 2, exact=True)", "exact", n=(3,)),
    refused("scipy.special.factorial(n, exact=True)", "exact", n=(3,)),
    refused("scipy.special.beta(x, y)", "shape", x=(3,), y=(2,)),
]
