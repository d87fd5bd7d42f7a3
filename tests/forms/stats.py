"""scipy.stats' distributions. SciPy's results are float64 throughout; graphcomp keeps float32, so
that float32 is not among the dtypes."""

from graphcomp.ops.base import Operand
from tests.forms import form, refused

X = Operand((2, 3), -2.5, 3.0)
POSITIVE = Operand((2, 3), 0.3, 4.0)
ABOVE = Operand((2, 3), 2.2, 6.0)
UNIT = Operand((2, 3), 0.1, 0.9)
Q = Operand((3,), 0.2, 0.8)
LOC = Operand((3,), -0.4, 0.2)
SCALE = Operand((), 1.2, 2.0)
SHAPE = Operand((3,), 1.2, 3.0)
LARGE = Operand((3,), 4.5, 7.0)
P = Operand((3,), 0.2, 0.8)
FAR = Operand((7,), kind="fixed", value=[-400.0, -9.0, 0.0, 0.5, 9.0, 400.0, float("nan")])
TAIL = Operand((4,), kind="fixed", value=[1e-300, 1e-12, 0.5, 1.0])
NOT_PROBABLE = Operand((4,), kind="fixed", value=[-0.1, 0.0, 1.0, 1.5])
COUNTS = Operand((6,), kind="fixed", value=[-1.0, 0.0, 1.0, 2.5, 4.0, 9.0])
K = Operand((2, 3), 0, 5, "int64")
N = Operand((), 5, 9, "int64")
MATRIX = Operand((3, 3), kind="spd")
SQUARE = Operand((3, 3), -1.0, 1.0)
DOUBLE = {"dtypes": ""}
ALLOW = {"allow": ("scipy",), **DOUBLE}

# What each takes as x: with the shapes given, its log-density is smooth there.
_LINE = {"norm": "", "cauchy": "", "laplace": "", "logistic": "", "gumbel_r": "", "gumbel_l": "",
         "t": "a", "skewnorm": "a", "vonmises": "a"}  # fmt: skip
_HALF = {"expon": "", "halfnorm": "", "halfcauchy": "", "lognorm": "a", "gamma": "a",
         "chi2": "a", "invgamma": "a", "weibull_min": "a", "rayleigh": "", "maxwell": "",
         "f": "a b"}  # fmt: skip
_SHAPES = {"a": SHAPE, "b": LARGE}
_CLOSED = [
    "norm", "cauchy", "laplace", "logistic", "gumbel_r", "gumbel_l", "expon", "halfnorm",
    "halfcauchy", "lognorm", "weibull_min", "rayleigh",
]  # fmt: skip
_BY_SCIPY = ["gamma", "chi2", "invgamma", "maxwell", "t", "f"]  # by the last argument only
_ENTROPIES = [*_CLOSED, "gamma", "chi2", "invgamma", "maxwell", "t", "vonmises"]


def call(name: str, method: str, x: str, /, **given: object) -> object:
    """``scipy.stats.name.method(x, shapes)`` with loc and scale."""
    names = {**_LINE, **_HALF}[name].split()
    text = f"scipy.stats.{name}.{method}({', '.join([x, *names, 'loc=loc', 'scale=scale'])})"
    operands = {n: _SHAPES[n] for n in names}
    return form(text, **{**operands, "loc": LOC, "scale": SCALE, **DOUBLE, **given})


def far(name: str, method: str) -> object:
    """Values in the tails, at the ends of the support and outside of it."""
    shapes = ", ".join({"a": "2.5", "b": "3.5"}[n] for n in {**_LINE, **_HALF}[name].split())
    text = f"scipy.stats.{name}.{method}(x{', ' if shapes else ''}{shapes})"
    return form(text, x=FAR, order=0, allow=("scipy",), tolerance=1e-10, **DOUBLE)


def parameters(name: str, method: str) -> object:
    """A moment or the entropy, of the parameters."""
    names = {**_LINE, **_HALF}[name].split()
    text = f"scipy.stats.{name}.{method}({', '.join([*names, 'loc', 'scale'])})"
    operands = dict.fromkeys(names, LARGE)
    return form(text, **operands, loc=LOC, scale=SCALE, tolerance=1e-10, **DOUBLE)


FORMS = [
    # log-densities with all their parameters
    *(call(name, "logpdf", "x", x=X) for name in _LINE),
    *(call(name, "logpdf", "x", x=POSITIVE) for name in _HALF),
    *(call(name, "pdf", "x", x=X, order=1) for name in ("norm", "t", "logistic")),
    *(call(name, "pdf", "x", x=POSITIVE, order=1) for name in ("expon", "gamma")),
    *(far(name, "logpdf") for name in [*_LINE, *_HALF] if name not in ("gumbel_r", "gumbel_l")),
    *(far(name, "cdf") for name in [*_CLOSED, *_BY_SCIPY]),
    *(far(name, "sf") for name in [*_CLOSED, *_BY_SCIPY]),
    *(far(name, "logsf") for name in ("norm", "expon", "laplace", "logistic", "weibull_min")),
    *(far(name, "logcdf") for name in ("norm", "expon", "laplace", "logistic", "weibull_min")),
    *(call(name, "logcdf", "x", x=POSITIVE, order=1) for name in _CLOSED),
    *(call(name, "cdf", "x", x=POSITIVE, order=1) for name in _CLOSED),
    *(call(name, "sf", "x", x=POSITIVE, order=1) for name in _CLOSED),
    *(call(name, "logsf", "x", x=POSITIVE, order=1) for name in _CLOSED),
    *(call(name, "ppf", "q", q=Q, order=1, tolerance=1e-10) for name in _CLOSED),
    *(call(name, "isf", "q", q=Q, order=1, tolerance=1e-10) for name in _CLOSED),
    *(call(n, "cdf", "x", x=POSITIVE, wrt="x loc scale", **ALLOW) for n in _BY_SCIPY),
    *(call(n, "sf", "x", x=POSITIVE, wrt="x loc scale", **ALLOW) for n in _BY_SCIPY),
    *(call(n, "ppf", "q", q=Q, order=1, wrt="q loc", **ALLOW) for n in _BY_SCIPY),
    *(call(n, "isf", "q", q=Q, order=1, wrt="q loc", **ALLOW) for n in _BY_SCIPY),
    *(parameters(name, "mean") for name in [*_CLOSED, *_BY_SCIPY] if "cauchy" not in name),
    *(parameters(name, "var") for name in [*_CLOSED, *_BY_SCIPY] if "cauchy" not in name),
    *(parameters(name, "std") for name in ("norm", "gamma", "gumbel_r", "lognorm")),
    *(parameters(name, "entropy") for name in _ENTROPIES),
    # ways to give parameters
    form("scipy.stats.norm.logpdf(x)", x=X, dtypes="int64"),
    form("scipy.stats.norm.logpdf(x, 0.5)", x=X, dtypes="int64"),
    form("scipy.stats.norm.logpdf(x, 0.5, 2)", x=X, dtypes="int64"),
    form("scipy.stats.norm.logpdf(x, scale=2.0)", x=X, dtypes="int64"),
    form("scipy.stats.norm.logpdf(0.5, loc, scale)", loc=LOC, scale=SCALE, **DOUBLE),
    form("scipy.stats.norm.logpdf([0.5, 1, 2], loc, scale)", loc=LOC, scale=SCALE,
         symbolic=False, **DOUBLE),
    form("scipy.stats.norm(loc, scale).logpdf(x)", x=X, loc=LOC, scale=SCALE, **DOUBLE),
    form("scipy.stats.norm(loc=loc).cdf(x)", x=X, loc=LOC, **DOUBLE),
    form("scipy.stats.norm(0.5, 2.0).logpdf(x)", x=X, **DOUBLE),
    form("scipy.stats.norm().sf(x)", x=X, **DOUBLE),
    form("scipy.stats.norm(loc, scale).mean()", loc=LOC, scale=SCALE, order=1, **DOUBLE),
    form("scipy.stats.norm(loc, scale).interval(0.9)", loc=LOC, scale=SCALE, order=1, **DOUBLE),
    form("scipy.stats.norm.interval(0.5, loc, scale)", loc=LOC, scale=SCALE, order=1, **DOUBLE),
    form("scipy.stats.norm.median(loc, scale)", loc=LOC, scale=SCALE, order=1, **DOUBLE),
    form("x * scipy.stats.norm.ppf(0.975)", x=X, **DOUBLE),
    form("scipy.stats.gamma.logpdf(x, a=a)", x=POSITIVE, a=SHAPE, **DOUBLE),
    form("scipy.stats.gamma(a, scale=2).logpdf(x)", x=POSITIVE, a=SHAPE, **DOUBLE),
    form("scipy.stats.gamma(2.5).logpdf(x)", x=POSITIVE, **DOUBLE),
    form("scipy.stats.t.logpdf(x, 3)", x=X, dtypes="int64"),
    form("scipy.stats.t.logpdf(x, df)", x=X, df=Operand((), kind="fixed", value=1e9), order=0,
         tolerance=1e-10, **DOUBLE),
    form("np.sum(scipy.stats.norm.logpdf(x, loc, scale))", x=(4,), loc=(), scale=SCALE, **DOUBLE),
    # intervals
    form("scipy.stats.uniform.logpdf(x, loc, scale)", x=UNIT, loc=LOC, scale=SCALE, **DOUBLE),
    form("scipy.stats.uniform.cdf(x, -0.5, 2)", x=UNIT, **DOUBLE),
    form("scipy.stats.uniform.logcdf(x, -0.5, 2)", x=FAR, order=0, **DOUBLE),
    form("scipy.stats.uniform.logsf(x, -0.5, 2)", x=FAR, order=0, **DOUBLE),
    form("scipy.stats.uniform.ppf(q, loc, scale)", q=Q, loc=LOC,
         scale=SCALE, **DOUBLE),
    form("scipy.stats.uniform.var(loc, scale)", loc=LOC, scale=SCALE, **DOUBLE),
    form("scipy.stats.beta.logpdf(x, a, b)", x=UNIT, a=SHAPE, b=LARGE, **DOUBLE),
    form("scipy.stats.beta.logpdf(x, a, b, -1, 3)", x=UNIT, a=SHAPE, b=LARGE, **DOUBLE),
    form("scipy.stats.beta.logpdf(x, 1.5, 2.5)", x=FAR, order=0, **DOUBLE),
    form("scipy.stats.beta.logpdf(x, 1, 1)", x=FAR, order=0, **DOUBLE),
    form("scipy.stats.beta.cdf(x, a, b)", x=UNIT, a=SHAPE, b=LARGE, wrt="x", **ALLOW),
    form("scipy.stats.beta.sf(x, a, b)", x=UNIT, a=SHAPE, b=LARGE, wrt="x", **ALLOW),
    form("scipy.stats.beta.ppf(x, a, b)", x=UNIT, a=SHAPE, b=LARGE, wrt="x", order=1, **ALLOW),
    form("scipy.stats.beta.mean(a, b)", a=SHAPE, b=LARGE, **DOUBLE),
    form("scipy.stats.beta.var(a, b)", a=SHAPE, b=LARGE, **DOUBLE),
    form("scipy.stats.beta.entropy(a, b)", a=SHAPE, b=LARGE, tolerance=1e-10, **DOUBLE),
    form("scipy.stats.truncnorm.logpdf(x, a, b)", x=UNIT, a=Operand((3,), -1.5, -0.5),
         b=Operand((3,), 1.5, 2.5), **DOUBLE),
    form("scipy.stats.truncnorm.logpdf(x, 1.5, 9.5)", x=FAR, order=0, tolerance=1e-10, **DOUBLE),
    form("scipy.stats.truncnorm.logpdf(x, 30, np.inf)", x=Operand((3,), 31.0, 33.0),
         tolerance=1e-9, **DOUBLE),
    form("scipy.stats.truncnorm.logcdf(x, a, 2.5)", x=UNIT, a=Operand((3,), -1.5, -0.5), **DOUBLE),
    form("scipy.stats.truncnorm.cdf(x, -np.inf, 2.5)", x=UNIT, **DOUBLE),
    form("scipy.stats.truncnorm.sf(x, a, 2.5)", x=UNIT, a=Operand((3,), -1.5, -0.5), **DOUBLE),
    form("scipy.stats.pareto.logpdf(x, b)", x=ABOVE, b=SHAPE, **DOUBLE),
    form("scipy.stats.pareto.logpdf(x, b, 0.2, scale)", x=ABOVE, b=SHAPE, scale=SCALE, **DOUBLE),
    form("scipy.stats.pareto.logpdf(x, 2.5)", x=FAR, order=0, **DOUBLE),
    form("scipy.stats.pareto.cdf(x, b)", x=ABOVE, b=SHAPE, **DOUBLE),
    form("scipy.stats.pareto.logcdf(x, b)", x=ABOVE, b=SHAPE, **DOUBLE),
    form("scipy.stats.pareto.logsf(x, b)", x=ABOVE, b=SHAPE, **DOUBLE),
    form("scipy.stats.pareto.sf(x, 2.5)", x=FAR, order=0, **DOUBLE),
    form("scipy.stats.pareto.ppf(x, b)", x=UNIT, b=SHAPE, tolerance=1e-10, **DOUBLE),
    form("scipy.stats.pareto.mean(b)", b=LARGE, **DOUBLE),
    form("scipy.stats.pareto.var(b)", b=LARGE, **DOUBLE),
    form("scipy.stats.pareto.mean(b)", b=Operand((3,), 0.2, 0.8), order=0, **DOUBLE),
    form("scipy.stats.pareto.entropy(b)", b=LARGE, **DOUBLE),
    form("scipy.stats.skewnorm.mean(a)", a=SHAPE, **DOUBLE),
    form("scipy.stats.skewnorm.var(a)", a=SHAPE, **DOUBLE),
    # others
    *(form(f"scipy.stats.{name}.logpdf(x, a, loc, scale)", x=POSITIVE, a=SHAPE, loc=LOC,
           scale=SCALE, **DOUBLE) for name in ("gennorm", "chi", "lomax", "fisk", "invgauss")),
    *(form(f"scipy.stats.{name}.logpdf(x, 2.5)", x=FAR, order=0, **DOUBLE)
      for name in ("chi", "lomax", "fisk", "invgauss", "powerlaw")),
    *(form(f"scipy.stats.{name}.{method}(x, a)", x=POSITIVE, a=SHAPE, order=1, **DOUBLE)
      for name in ("lomax", "fisk") for method in ("cdf", "sf", "logcdf", "logsf")),
    form("scipy.stats.powerlaw.logpdf(x, a)", x=UNIT, a=SHAPE, **DOUBLE),
    form("scipy.stats.powerlaw.cdf(x, a)", x=UNIT, a=SHAPE, **DOUBLE),
    form("scipy.stats.powerlaw.var(a)", a=SHAPE, **DOUBLE),
    form("scipy.stats.invgauss.mean(a, scale=2)", a=SHAPE, **DOUBLE),
    form("scipy.stats.loguniform.logpdf(x, a, 8.0)", x=ABOVE, a=Operand((3,), 0.5, 1.5), **DOUBLE),
    form("scipy.stats.reciprocal.logpdf(x, 0.1, b, scale=0.5)", x=UNIT, b=LARGE, **DOUBLE),
    form("scipy.stats.loguniform.cdf(x, 0.1, b)", x=UNIT, b=LARGE, **DOUBLE),
    form("scipy.stats.loguniform.ppf(x, 0.1, b)", x=UNIT, b=LARGE, **DOUBLE),
    form("scipy.stats.loguniform.mean(0.1, b)", b=LARGE, **DOUBLE),
    # tails of probabilities
    *(form(f"scipy.stats.{name}.ppf(q)", q=NOT_PROBABLE, order=0, **DOUBLE) for name in
      ("norm", "expon", "logistic", "laplace", "gumbel_r", "halfnorm", "rayleigh", "uniform")),
    *(form(f"scipy.stats.{name}.isf(q)", q=TAIL, order=0, tolerance=1e-10, **DOUBLE) for name in
      ("norm", "expon", "logistic", "laplace", "gumbel_r", "gumbel_l", "rayleigh")),
    *(form(f"np.log(np.abs(scipy.stats.cauchy.{m}(q)))", q=Operand((3,), kind="fixed",
           value=[1e-300, 1e-9, 0.25]), order=0, tolerance=1e-10, **DOUBLE) for m in
      ("ppf", "isf")),
    # whole numbers
    form("scipy.stats.bernoulli.logpmf(k, p)", k=Operand((2, 3), 0, 1, "int64"), p=P, **DOUBLE),
    form("scipy.stats.bernoulli.logpmf(k, 0.3)", k=COUNTS, order=0, **DOUBLE),
    form("scipy.stats.bernoulli.cdf(k, 0.3)", k=COUNTS, order=0, **DOUBLE),
    form("scipy.stats.bernoulli.sf(k, 0.3)", k=COUNTS, order=0, **DOUBLE),
    form("scipy.stats.bernoulli(p).pmf(1)", p=P, **DOUBLE),
    form("scipy.stats.bernoulli.entropy(p)", p=P, **DOUBLE),
    form("scipy.stats.binom.logpmf(k, n, p)", k=K, n=N, p=P, **DOUBLE),
    form("scipy.stats.binom.logpmf(k, 5, p, loc=-1)", k=K, p=P, **DOUBLE),
    form("scipy.stats.binom.logpmf(k, 4, 0.3)", k=COUNTS, order=0, **DOUBLE),
    form("scipy.stats.binom.pmf(k, 7, p)", k=K, p=P, **DOUBLE),
    form("scipy.stats.binom.cdf(k, 4, 0.3)", k=COUNTS, order=0, **ALLOW),
    form("scipy.stats.binom.cdf(k, 7, p)", k=K, p=P, **ALLOW),
    form("scipy.stats.binom.sf(k, 7, p)", k=K, p=P, **ALLOW),
    form("scipy.stats.binom.mean(n, p)", n=N, p=P, **DOUBLE),
    form("scipy.stats.binom.std(n, p)", n=N, p=P, **DOUBLE),
    form("scipy.stats.poisson.logpmf(k, mu)", k=K, mu=SHAPE, **DOUBLE),
    form("scipy.stats.poisson.logpmf(k, 2.5)", k=COUNTS, order=0, **DOUBLE),
    form("scipy.stats.poisson.logpmf(k, 0)", k=COUNTS, order=0, **DOUBLE),
    form("scipy.stats.poisson.pmf(k, mu, loc=1)", k=K, mu=SHAPE, **DOUBLE),
    form("scipy.stats.poisson(mu).logpmf(k)", k=K, mu=SHAPE, **DOUBLE),
    form("scipy.stats.poisson.cdf(k, mu)", k=K, mu=SHAPE, **ALLOW),
    form("scipy.stats.poisson.sf(k, 2.5)", k=COUNTS, order=0, **ALLOW),
    form("scipy.stats.poisson.var(mu)", mu=SHAPE, **DOUBLE),
    form("scipy.stats.geom.logpmf(k + 1, p)", k=K, p=P, **DOUBLE),
    form("scipy.stats.geom.logpmf(k, 0.3)", k=COUNTS, order=0, **DOUBLE),
    form("scipy.stats.geom.cdf(k, p)", k=K, p=P, **DOUBLE),
    form("scipy.stats.geom.logsf(k, 0.3)", k=COUNTS, order=0, **DOUBLE),
    form("scipy.stats.geom.mean(p)", p=P, **DOUBLE),
    form("scipy.stats.geom.var(p)", p=P, **DOUBLE),
    form("scipy.stats.geom.entropy(p)", p=P, **DOUBLE),
    form("scipy.stats.nbinom.logpmf(k, n, p)", k=K, n=SHAPE, p=P, **DOUBLE),
    form("scipy.stats.nbinom.logpmf(k, 3, 0.4)", k=COUNTS, order=0, **DOUBLE),
    form("scipy.stats.nbinom.cdf(k, 3, p)", k=K, p=P, **ALLOW),
    form("scipy.stats.nbinom.mean(n, p)", n=SHAPE, p=P, **DOUBLE),
    form("scipy.stats.nbinom.var(n, p)", n=SHAPE, p=P, **DOUBLE),
    form("scipy.stats.hypergeom.logpmf(k, 20, 7, 9)", k=K, **DOUBLE),
    form("scipy.stats.hypergeom.logpmf(k, 12, 4, 10)", k=COUNTS, order=0, **DOUBLE),
    form("scipy.stats.hypergeom.pmf(k, 20, n, 9)", k=K, n=N, **DOUBLE),
    form("scipy.stats.hypergeom.mean(20, n, 9)", n=N, **DOUBLE),
    form("scipy.stats.hypergeom.var(20, n, 9)", n=N, **DOUBLE),
    form("scipy.stats.betabinom.logpmf(k, 6, a, b)", k=K, a=SHAPE, b=LARGE, **DOUBLE),
    form("scipy.stats.betabinom.logpmf(k, 4, 1.5, 2.5)", k=COUNTS, order=0, **DOUBLE),
    form("scipy.stats.betabinom.mean(6, a, b)", a=SHAPE, b=LARGE, **DOUBLE),
    form("scipy.stats.betabinom.var(6, a, b)", a=SHAPE, b=LARGE, **DOUBLE),
    form("scipy.stats.randint.logpmf(k, -1, n)", k=K, n=N, **DOUBLE),
    form("scipy.stats.randint.cdf(k, 1, 5)", k=COUNTS, order=0, **DOUBLE),
    form("scipy.stats.randint.var(1, n)", n=N, **DOUBLE),
    # vectors
    form("scipy.stats.multivariate_normal.logpdf(x, m, A @ A.T + np.eye(3))", x=(4, 3), m=(3,),
         A=SQUARE, symbolic=False, **DOUBLE),
    form("scipy.stats.multivariate_normal.logpdf(x, m, C)", x=(3,), m=(3,), C=MATRIX,
         wrt="x m", **DOUBLE),
    form("scipy.stats.multivariate_normal.logpdf(x, mean=m)", x=(2, 4, 3), m=(3,), **DOUBLE),
    form("scipy.stats.multivariate_normal.logpdf(x, cov=C)", x=(2, 4, 3), C=MATRIX, wrt="x",
         **DOUBLE),
    form("scipy.stats.multivariate_normal.logpdf(x, m, v)", x=(4, 3), m=(3,), v=SHAPE, **DOUBLE),
    form("scipy.stats.multivariate_normal.logpdf(x, m, s)", x=(4, 3), m=(3,), s=SCALE, **DOUBLE),
    form("scipy.stats.multivariate_normal.logpdf(x)", x=(4,), **DOUBLE),
    form("scipy.stats.multivariate_normal.logpdf(x, m, s)", x=(), m=(), s=SCALE, **DOUBLE),
    form("scipy.stats.multivariate_normal.pdf(x, m, C)", x=(4, 3), m=(3,), C=MATRIX, wrt="x m",
         **DOUBLE),
    form("scipy.stats.multivariate_normal(m, C).logpdf(x)", x=(4, 3), m=(3,), C=MATRIX, wrt="x m",
         **DOUBLE),
    form("scipy.stats.multivariate_normal(np.zeros(3), np.eye(3)).logpdf(x)", x=(4, 3),
         symbolic=False, **DOUBLE),
    form("scipy.stats.multivariate_normal.entropy(m, A @ A.T + np.eye(3))", m=(3,), A=SQUARE,
         wrt="A", symbolic=False, **DOUBLE),
    form("scipy.stats.multivariate_t.logpdf(x, m, A @ A.T + np.eye(3), df)", x=(4, 3), m=(3,),
         A=SQUARE, df=SCALE, symbolic=False, **DOUBLE),
    form("scipy.stats.multivariate_t.logpdf(x, m, C, df=4)", x=(3,), m=(3,), C=MATRIX, wrt="x m",
         **DOUBLE),
    form("scipy.stats.multivariate_t.pdf(x, shape=C, df=3)", x=(4, 3), C=MATRIX, wrt="x",
         **DOUBLE),
    form("scipy.stats.dirichlet.logpdf(x, a)", x=Operand((2,), 0.1, 0.4), a=SHAPE, symbolic=False,
         **DOUBLE),
    form("scipy.stats.dirichlet.logpdf([0.2, 0.3, 0.5], alpha=a)", a=SHAPE, symbolic=False,
         **DOUBLE),
    form("scipy.stats.dirichlet.pdf(x / x.sum(axis=0), a)", x=Operand((3, 4), 0.2, 0.8), a=SHAPE,
         symbolic=False, **DOUBLE),
    form("scipy.stats.dirichlet(a).logpdf(x)", x=Operand((2,), 0.1, 0.4), a=SHAPE, symbolic=False,
         **DOUBLE),
    form("scipy.stats.dirichlet.mean(a)", a=SHAPE, **DOUBLE),
    form("scipy.stats.dirichlet.var(a)", a=SHAPE, **DOUBLE),
    form("scipy.stats.dirichlet.entropy(a)", a=SHAPE, **DOUBLE),
    form("scipy.stats.multinomial.logpmf([[1, 2, 1], [4, 0, 0]], 4, p / p.sum())", p=P,
         symbolic=False, **DOUBLE),
    form("scipy.stats.multinomial.logpmf([[1, 2, 1], [5, -1, 0], [1, 1, 1]], 4, p / p.sum())",
         p=P, symbolic=False, order=0, **DOUBLE),
    form("scipy.stats.multinomial.pmf(k, k.sum(-1), p / p.sum())", k=K, p=P, **DOUBLE),
    form("scipy.stats.multinomial(4, p / p.sum()).logpmf([1, 2, 1])", p=P, symbolic=False,
         **DOUBLE),
    # refusals
    refused("scipy.stats.norm.logpdf(x, mu=1)", "loc, scale", x=(3,)),
    refused("scipy.stats.gamma.logpdf(x)", "'a'", x=(3,)),
    refused("scipy.stats.norm.logpdf(x)", "complex128", x=Operand((3,), dtype="complex128")),
    refused("scipy.stats.skewnorm.cdf(x, 1)", "closed form", x=(3,)),
    refused("scipy.stats.norm.rvs(x)", "rng", x=(3,)),
    refused("scipy.stats.norm(x).rvs(4)", "rng", x=(3,)),
    refused("x + scipy.stats.norm.rvs(size=3)", "rng", x=(3,)),
    refused("scipy.stats.multivariate_normal.logpdf(x, cov=C)", "last axis", x=(2,), C=(3, 3)),
    refused("scipy.stats.multivariate_normal.logpdf(x, cov=C, allow_singular=True)", "identity",
            x=(3,), C=(3, 3)),
    refused("scipy.stats.dirichlet.logpdf(x, a)", "first axis", x=(5,), a=(3,)),
]  # fmt: skip
