"""scipy.special's Bessel functions, entropies, transforms and integrals, and what needs SciPy."""

import math

from graphcomp.ops.base import Operand
from tests.forms import form, refused

REAL = "float32 int64"  # SciPy takes complex numbers in some of these, and halves bool in others
SINGLE = "float32"

POSITIVE = Operand((4,), 0.3, 5.0)
LENGTHS = Operand((2, 3), 0.3, 5.0)
PART = Operand((4,), 0.15, 0.85)
COUNT = Operand((4,), 1.0, 4.0, dtype="int64")
EDGES = Operand((7,), kind="fixed", value=[0.0, -1.0, 1.0, 2.0, float("inf"), 40.0, float("nan")])
FAR = Operand((6,), kind="fixed", value=[-40.0, -12.5, -0.3, 5.0, 26.0, 200.0])
TINY = Operand((5,), kind="fixed", value=[0.0, 1e-320, 1e-300, 1e-20, 1e-8])

TURNS = Operand((3,), kind="fixed", value=[0.0, 2 * math.pi, -4 * math.pi])


def values(text: str, **operands: object) -> object:
    """A form of which only values are compared."""
    return form(text, order=0, dtypes="float32", **operands)


def by_scipy(text: str, **given: object) -> object:
    """A form that needs SciPy: no file in NumPy alone."""
    return form(text, **{"dtypes": SINGLE, "allow": ("scipy",), **given})


FORMS = [
    # Bessel functions of orders 0 and 1
    *(form(f"scipy.special.{n}(x)", x=(2, 3), dtypes=REAL) for n in ("j0", "j1", "i0", "i1")),
    *(form(f"scipy.special.{n}(x)", x=(2, 3), dtypes=REAL) for n in ("i0e", "i1e")),
    *(form(f"scipy.special.{n}(x)", x=POSITIVE, dtypes=SINGLE) for n in ("y0", "y1", "k0", "k1")),
    *(form(f"scipy.special.{n}(x)", x=POSITIVE, dtypes=SINGLE) for n in ("k0e", "k1e")),
    *(values(f"scipy.special.{n}(x)", x=FAR) for n in ("j0", "j1", "i0e", "i1e", "i0", "i1")),
    *(values(f"scipy.special.{n}(x)", x=TINY) for n in ("j0", "j1", "i0e", "i1e", "i0", "i1")),
    *(values(f"scipy.special.{n}(x)", x=EDGES) for n in ("y0", "y1", "k0", "k1", "k0e", "k1e")),
    form("scipy.special.j0(x)", x=(), dtypes=REAL),
    form("scipy.special.j1([x, x])", x=(3,), dtypes=REAL),
    form("scipy.special.i0e(x)[::2]", x=(4,), dtypes=REAL),
    form("np.i0(x)", x=(2, 3), dtypes="int64", order=1),
    # x log y, entropies
    form("scipy.special.xlogy(x, y)", x=(4,), y=POSITIVE, dtypes=REAL),
    form("scipy.special.xlogy(x, y)", x=(2, 1), y=POSITIVE, dtypes=SINGLE),
    form("scipy.special.xlogy(2, y)", y=POSITIVE, dtypes="complex128"),
    form("scipy.special.xlogy(x, 0.5)", x=(4,), dtypes="complex128"),
    form("scipy.special.xlogy(x + 0j, y)", x=(4,), y=POSITIVE, dtypes="complex128"),
    form("scipy.special.xlog1py(x, y)", x=(4,), y=POSITIVE, dtypes=REAL),
    form("scipy.special.xlog1py(x, y)", x=(), y=POSITIVE, dtypes=SINGLE),
    form("scipy.special.entr(x)", x=POSITIVE, dtypes=SINGLE),
    values("scipy.special.entr(x)", x=EDGES),
    form("scipy.special.rel_entr(x, y)", x=LENGTHS, y=Operand((3,), 0.3, 5.0), dtypes=SINGLE),
    values("scipy.special.rel_entr(x[:, None], x)", x=EDGES),
    form("np.sum(scipy.special.rel_entr(x / np.sum(x), 0.25))", x=POSITIVE, dtypes=SINGLE),
    form("scipy.special.kl_div(x, y)", x=POSITIVE, y=POSITIVE, dtypes=SINGLE),
    values("scipy.special.kl_div(x[:, None], x)", x=EDGES),
    values("scipy.special.xlogy(x[:, None], x)", x=EDGES),
    values("scipy.special.xlog1py(x[:, None], x)", x=EDGES),
    # robust losses, power transforms
    form("scipy.special.huber(1.3, r)", r=(2, 3), dtypes=SINGLE),
    form("scipy.special.huber(d, r)", d=PART, r=(4,), dtypes=SINGLE),
    values("scipy.special.huber(x[:, None], x)", x=EDGES),
    form("scipy.special.pseudo_huber(1.3, r)", r=(2, 3), dtypes=SINGLE),
    form("scipy.special.pseudo_huber(d, r)", d=POSITIVE, r=(4,), dtypes=SINGLE),
    form("scipy.special.boxcox(x, y)", x=POSITIVE, y=(4,), dtypes=SINGLE),
    form("scipy.special.boxcox(x, 0)", x=POSITIVE, dtypes=SINGLE),
    form("scipy.special.boxcox(x, [0, 0.5, 1, -1])", x=POSITIVE, dtypes="", symbolic=False),
    form("scipy.special.boxcox1p(x, y)", x=POSITIVE, y=(4,), dtypes=SINGLE),
    form("scipy.special.inv_boxcox(x, y)", x=PART, y=PART, dtypes=SINGLE),
    form("scipy.special.inv_boxcox(x, 0.0)", x=(2, 3), dtypes=SINGLE),
    form("scipy.special.inv_boxcox1p(x, y)", x=PART, y=PART, dtypes=SINGLE),
    values("scipy.special.boxcox(x[:, None], x)", x=EDGES),
    values("scipy.special.boxcox1p(x[:, None], x)", x=EDGES),
    values("scipy.special.inv_boxcox(x[:, None], x)", x=EDGES),
    form("scipy.special.powm1(x, y)", x=POSITIVE, y=(4,), dtypes=SINGLE),
    form("scipy.special.powm1(1 + 1e-9 * x, y)", x=POSITIVE, y=(4,), dtypes=""),
    values("scipy.special.powm1(x[:4, None], x[:4])", x=EDGES),
    form("scipy.special.cosm1(x)", x=(2, 3), dtypes=REAL),
    form("scipy.special.exp10(x)", x=(2, 3), dtypes=REAL),
    form("scipy.special.exp2(x)", x=(2, 3), dtypes=REAL),
    form("scipy.special.expm1(x)", x=(2, 3), dtypes=REAL),
    form("scipy.special.log1p(x)", x=POSITIVE, dtypes=SINGLE),
    form("scipy.special.cbrt(x)", x=(2, 3), dtypes=REAL),
    form("scipy.special.round(x)", x=(2, 3), dtypes=SINGLE),
    form("scipy.special.radian(x, y, 30)", x=(2, 3), y=(3,), dtypes=""),
    form("scipy.special.sinc(x)", x=(2, 3), dtypes=REAL),
    form("scipy.special.diric(x, 4)", x=(2, 3), dtypes=""),
    form("scipy.special.diric(x, n=7)", x=(), dtypes=""),
    form("scipy.special.diric(x, 1)", x=(3,), dtypes=""),
    form("scipy.special.diric(x, 4)", x=TURNS, order=0, dtypes=""),
    form("scipy.special.softplus(x)", x=(2, 3), dtypes=SINGLE),
    refused("scipy.special.diric(x, 2.5)", "positive int", x=(3,)),
    refused("scipy.special.j0(x + 1j)", "complex128", x=(3,)),
    refused("scipy.special.kl_div(x + 1j, 2)", "complex128", x=(3,)),
    # integrals
    form("scipy.special.dawsn(x)", x=(2, 3), dtypes=REAL),
    form("scipy.special.exp1(x)", x=POSITIVE, dtypes=SINGLE),
    form("scipy.special.expi(x)", x=POSITIVE, dtypes=SINGLE),
    form("scipy.special.spence(x)", x=POSITIVE, dtypes=SINGLE),
    form("scipy.special.sici(x)", x=POSITIVE, dtypes=SINGLE),
    form("scipy.special.sici(x)[0]", x=(2, 3), dtypes=SINGLE),
    form("scipy.special.expn(0, x) + scipy.special.expn(1, x)", x=POSITIVE, dtypes=""),
    *(values(f"scipy.special.{n}(x)", x=FAR) for n in ("dawsn", "expi", "sici")),
    *(values(f"scipy.special.{n}(x)", x=EDGES) for n in ("dawsn", "exp1", "expi")),
    # what SciPy alone has
    *(
        by_scipy(f"scipy.special.{name}(a, x)", a=COUNT, x=POSITIVE)
        for name in ("gammainc", "gammaincc", "jv", "yv", "iv", "ive", "kv", "kve", "chdtr")
    ),
    *(
        by_scipy(f"scipy.special.{name}(2.5, x)", x=LENGTHS, dtypes="")
        for name in ("gammainc", "gammaincc", "jv", "yv", "iv", "ive", "kv", "kve", "stdtr")
    ),
    *(
        by_scipy(f"scipy.special.{name}(a, 2, x)", a=COUNT, x=PART)
        for name in ("betainc", "betaincc", "betaincinv", "betainccinv", "hyp1f1", "gdtr", "fdtr")
    ),
    *(
        by_scipy(f"scipy.special.{name}(3, x)", x=PART, dtypes="")
        for name in ("gammaincinv", "gammainccinv", "stdtrit", "chdtrc", "pdtr", "pdtrc", "hyp0f1")
    ),
    by_scipy("scipy.special.hyp2f1(1, 2, 3.5, x)", x=PART, dtypes=""),
    by_scipy("scipy.special.jn(2, x)", x=POSITIVE),
    *(
        by_scipy(f"scipy.special.{name}(2, x)", x=POSITIVE, dtypes="")
        for name in ("yn", "kn", "jve", "yve", "jvp", "yvp", "ivp", "kvp")
    ),
    *(
        by_scipy(f"scipy.special.{name}(1.5, x{options})", x=POSITIVE, dtypes="", order=1)
        for name in ("jvp", "yvp", "ivp", "kvp")
        for options in (", 0", ", n=3")
    ),
    by_scipy("scipy.special.owens_t(h, a)", h=(2, 3), a=(3,)),
    by_scipy("scipy.special.owens_t(h, 0.5)", h=(4,), dtypes=""),
    refused("scipy.special.jvp(1, x, -1)", "number of derivatives", x=(3,)),
    by_scipy("scipy.special.expn(3, x)", x=POSITIVE, dtypes=""),
    by_scipy("np.sum(scipy.special.gammainc(k, x)**2) * scipy.special.erf(x)", k=COUNT, x=POSITIVE),
    refused("scipy.special.gammainc(1, x, 2)", "takes 2 arguments", x=(3,)),
]
