"""Polynomials of NumPy."""

from graphcomp.ops.base import Operand
from tests.forms import form, refused

C3 = Operand((3,), dtype="complex128")
SERIES = (
    ("polynomial", "poly"), ("chebyshev", "cheb"), ("legendre", "leg"),
    ("hermite", "herm"), ("hermite_e", "herme"), ("laguerre", "lag"),
)  # fmt: skip
VECTORS = {"x": (2,), "y": (2,), "z": (2,), "symbolic": False, "order": 1, "dtypes": "float32"}

FORMS = [
    form("np.polyval(p, x)", p=(4,), x=(2, 3)),
    form("np.polyval(p, x)", p=(3,), x=()),
    form("np.polyval(p, x)", p=(1,), x=(3,)),
    form("np.polyval(p, x)", p=(3, 2), x=(2,)),
    form("np.polyval(p, x)", p=C3, x=(2,)),
    form("np.polyval([1.0, 0.0, -2.0], x)", x=(3,)),
    form("np.polyval([3, 2, 1], x)", x=(3,)),
    form("np.polyval([a, 1.0, a], x)", a=(), x=(3,)),
    form("np.polyval(p, 2.0)", p=(3,)),
    form("np.polyval(p, np.array([1.0, 2.0]))", p=(3,)),
    form("np.polyval([], x)", x=(3,), order=0),
    form("np.polyval(np.poly1d([1.0, 2.0]), x)", x=(3,)),
    form("np.poly1d([1.0, 2.0, 3.0])(x)", x=(3,)),
    form("np.polyder(p)", p=(4,)),
    form("np.polyder(p, m=2)", p=(4,), symbolic=False),
    form("np.polyder(p, 0)", p=(3,)),
    form("np.polyder(p, 3)", p=(2,), symbolic=False),
    form("np.polyint(p)", p=(3,)),
    form("np.polyint(p, 2)", p=(3,)),
    form("np.polyint(p, k=3)", p=(3,)),
    form("np.polyint(p, m=2, k=[1.0, 2.0])", p=(3,)),
    form("np.polyint(p, 2, k)", p=(3,), k=(2,), symbolic=False),
    form("np.polyadd(p, q)", p=(3,), q=(3,)),
    form("np.polyadd(p, q)", p=(2,), q=(4,), symbolic=False),
    form("np.polysub(p, q)", p=(4,), q=(2,), symbolic=False),
    form("np.polyadd(p, 2.0)", p=(3,)),
    form("np.polysub([1.0, 2.0, 3.0, 4.0], p)", p=(2,), symbolic=False),
    form("np.polymul(p, q)", p=(3,), q=(2,), dtypes="float32 int64 complex128"),
    form("np.polymul(p, [1.0, -1.0])", p=(3,), symbolic=False, dtypes="float32 int64 complex128"),
    form("np.poly(r)", r=(3,), symbolic=False, dtypes="float32 int64 complex128"),
    form("np.poly([r, 1.0, 2 * r])", r=(), dtypes="float32 complex128"),
    form("np.sort_complex(np.roots(p))", symbolic=False, dtypes="", order=0,
         p=Operand((3,), kind="fixed", value=[1.0, -1.0, 4.0])),
    form("np.polyfit(x, y, 2)", x=(5,), y=(5,), order=1, dtypes="int64 complex128"),
    form("np.polyfit(x, y, 1, w=w)", x=(4,), y=(4,), w=(4,), order=1, dtypes="complex128"),
    form("np.polyfit(x, y, deg=1)", x=(4,), y=(4, 2), order=1, dtypes="complex128"),
    form("np.sort_complex(np.roots(p))", order=0, symbolic=False, dtypes="",
         p=Operand((3,), kind="fixed", value=[2, 2, 5], dtype="uint8")),
    form("np.polyfit(x, y, 1, cov=True)", x=(5,), y=(5,), order=1, dtypes="complex128"),
    form("np.polyfit(x, y, 1, None, False, None, 'unscaled')", x=(5,), y=(5, 2), order=1,
         dtypes=""),
    *(
        form(f"np.polynomial.{module}.{name}val(x, c)", x=(2, 3), c=(4,))
        for module, name in SERIES
    ),
    form("np.polynomial.polynomial.polyval(x, c)", x=(2,), c=(3, 4), order=1),
    form("np.polynomial.polynomial.polyval(x, c, tensor=False)", x=(2,), c=(3, 2)),
    form("np.polynomial.chebyshev.chebval(x, [1.0, 2.0, 3.0])", x=()),
    form("np.polynomial.legendre.legvander(x, 3)", x=(2,)),
    form("np.polynomial.polynomial.polyvander(x, 2)", x=(3,)),
    form("np.polyfit(x, y, 1, full=True)", x=(6,), y=(6,), order=1, dtypes="", symbolic=False),
    form("np.polydiv(u, v)", u=(4,), v=Operand((2,), 1, 2), symbolic=False, dtypes=""),
    form("np.polydiv(u, v)", u=(2,), v=(3,), symbolic=False, dtypes="float32"),
    form("np.poly(A)", A=(2, 2), symbolic=False, dtypes="float32"),
    *(
        form(f"np.polynomial.{module}.{name}{call}", **shapes)
        for module, name in SERIES
        for call, shapes in (
            ("add(c, d)", {"c": (3,), "d": (2,), "symbolic": False, "dtypes": "float32"}),
            ("sub(c, d)", {"c": (2,), "d": (3,), "symbolic": False, "dtypes": "float32"}),
            ("der(c, 2, scl=2.0)", {"c": (4,), "symbolic": False, "dtypes": "float32"}),
            ("der(c, axis=1)", {"c": (2, 3), "symbolic": False}),
            ("val2d(x, y, c)", {"x": (2,), "y": (2,), "c": (2, 3), "symbolic": False, "order": 1}),
            ("grid2d(x, y, c)", {"x": (2,), "y": (3,), "c": (2, 2), "symbolic": False, "order": 1}),
            ("vander2d(x, y, [1, 2])", {"x": (2,), "y": (2,), "symbolic": False}),
            ("val3d(x, y, z, c)", {**VECTORS, "c": (2, 2, 2)}),
            ("grid3d(x, y, z, c)", {**VECTORS, "c": (2, 2, 2)}),
            ("vander3d(x, y, z, [1, 0, 2])", VECTORS),
        )
    ),
    form("np.polynomial.polynomial.polymul(c, d)", c=(3,), d=(2,), symbolic=False,
         dtypes="float32"),
    form("np.polynomial.polynomial.polymulx(c)", c=(3,), dtypes="float32"),
    form("np.polynomial.polynomial.polydiv(c, d)", c=(4,), d=Operand((2,), 1, 2), symbolic=False,
         dtypes=""),
    form("np.polynomial.polynomial.polypow(c, 3)", c=(2,), symbolic=False),
    form("np.polynomial.polynomial.polyint(c, 2, k=[1, 2], lbnd=0.5)", c=(3,), symbolic=False),
    form("np.polynomial.polynomial.polyline(a, b)", a=(), b=(), dtypes="float32"),
    form("np.sort(np.polynomial.polynomial.polyroots(c)) + 0j", symbolic=False, dtypes="", order=0,
         c=Operand((3,), kind="fixed", value=[6.0, -5.0, 1.0])),
    form("np.polynomial.polynomial.polyfromroots(r)", r=(3,), symbolic=False),
    form("np.polynomial.polynomial.polyvalfromroots(x, r)", x=(2,), r=(3,)),
    form("np.polynomial.polynomial.polyfit(x, y, 2)", x=(6,), y=(6,), order=1, dtypes=""),
    refused("np.polyfit(x, y, 1)", "rows", x=(4,), y=(3,)),
    refused("np.polyder(p, m=-1)", "order", p=(3,)),
    refused("np.polyint(p, m=2, k=[1.0, 2.0, 3.0])", "constants", p=(3,)),
    refused("np.poly(A)", "square", A=(2, 3)),
]  # fmt: skip
