"""Bessel functions of orders 0 and 1.

The coefficients are those of Chebyshev interpolants, computed for this file with mpmath at 40
digits: series in x**2 for small x, and for large x Hankel's asymptotic forms (DLMF 10.17 and
10.40) as functions of 1/x**2 and 1/x, which are smooth down to 1/x = 0.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def _chebyshev(x: Any, low: float, high: float, coefficients: list[float]) -> Any:
    """The Chebyshev series on [low, high] at x."""
    t = (2 * x - (low + high)) / (high - low)
    return np.polynomial.chebyshev.chebval(t, coefficients)


# ------------------------------------------------------------------------------------- J and Y


def _j0(x: Any) -> Any:
    """J0(x), the Bessel function of the first kind of order 0."""
    x = np.abs(np.asarray(x, float))
    return np.piecewise(x, [x <= 5], [_j0_near, lambda x: _j_far(0, x)])[()]


def _j1(x: Any) -> Any:
    """J1(x), the Bessel function of the first kind of order 1."""
    x = np.asarray(x, float)
    y = np.piecewise(np.abs(x), [np.abs(x) <= 5], [_j1_near, lambda x: _j_far(1, x)])
    return np.where(np.signbit(x), -y, y)[()]


def _y0(x: Any) -> Any:
    """Y0(x), the Bessel function of the second kind of order 0."""
    x = np.asarray(x, float)
    return np.piecewise(x, [x <= 5], [_y0_near, lambda x: _y_far(0, x)])[()]


def _y1(x: Any) -> Any:
    """Y1(x), the Bessel function of the second kind of order 1."""
    x = np.asarray(x, float)
    return np.piecewise(x, [x <= 5], [_y1_near, lambda x: _y_far(1, x)])[()]


def _j0_near(x: Any) -> Any:
    """J0 on [0, 5], with its zeros split off; they stand in two parts."""
    series = [
        0.003433775195443006, -0.001974794511586004, 0.0002472802343211527,
        -1.7951655945298798e-05, 8.614299472476033e-07, -2.9521425632684864e-08,
        7.609233569353203e-10, -1.531306324653633e-11, 2.475309497955091e-13,
        -3.2866707304697332e-15, 3.6501313955036886e-17, -3.4418858692258494e-19,
    ]  # fmt: skip
    zeros = (x - 2.404825210571289 - 3.471244837061216e-07) * (x + 2.404825557695773)
    zeros *= (x - 5.520077705383301 - 4.049030098683466e-07) * (x + 5.520078110286311)
    return zeros * _chebyshev(x * x, 0, 25, series)


def _j1_near(x: Any) -> Any:
    """J1 on [0, 5], with its zeros split off; they stand in two parts."""
    series = [
        0.0004546530983912736, -0.00021348093861811067, 2.2341253121436404e-05,
        -1.38767402387634e-06, 5.806885161405081e-08, -1.7621593742140618e-09,
        4.072176387317086e-11, -7.422794511260187e-13, 1.096138032866157e-14,
        -1.3392526677386197e-16, 1.3771260961669168e-18, -1.208775673915002e-20,
    ]  # fmt: skip
    zeros = (x - 3.8317060470581055 + 7.685059315313556e-08) * (x + 3.8317059702075125)
    zeros *= (x - 7.015586853027344 + 1.8321172499646294e-07) * (x + 7.015586669815619)
    return x * (zeros * _chebyshev(x * x, 0, 25, series))


def _y0_near(x: Any) -> Any:
    """Y0 on (0, 5]: 2/pi log(x) J0(x) and a series in x**2."""
    series = [
        0.20605257634092228, -0.13017522381095709, -0.291894720865317,
        0.10268287966073635, -0.014279159901781987, 0.0011164629864165486,
        -5.677525113380376e-05, 2.0406703657627165e-06, -5.476431029755533e-08,
        1.141220652090372e-09, -1.9021689490013906e-11, 2.5954970583106197e-13,
        -2.9540707750193604e-15, 2.848154182311252e-17,
    ]  # fmt: skip
    return _chebyshev(x * x, 0, 25, series) + 2 / np.pi * np.log(x) * _j0_near(x)


def _y1_near(x: Any) -> Any:
    """Y1 on (0, 5]: 2/pi (log(x) J1(x) - 1/x) and x times a series in x**2."""
    series = [
        0.0531074450560213, 0.14189450894667655, -0.08834328868289824,
        0.017111109934210778, -0.0017057852565133666, 0.000105257530278434,
        -4.44507526565354e-06, 1.3699277670028168e-07, -3.222883768023259e-09,
        5.984534092223177e-11, -9.000965667133812e-13, 1.1194186560306676e-14,
        -1.1707921590181557e-16,
    ]  # fmt: skip
    log = np.log(x + (x == 0))  # x log(x) is 0 at 0
    smooth = x * _chebyshev(x * x, 0, 25, series) + 2 / np.pi * log * _j1_near(x)
    return smooth - 2 / np.pi / x


def _j_far(order: int, x: Any) -> Any:
    """J0 or J1 for x > 5."""
    p, q, cosine, sine = _hankel(order, x)
    return (p * cosine - q * sine) / np.sqrt(np.pi * x)


def _y_far(order: int, x: Any) -> Any:
    """Y0 or Y1 for x > 5."""
    p, q, cosine, sine = _hankel(order, x)
    return (p * sine + q * cosine) / np.sqrt(np.pi * x)


def _hankel(order: int, x: Any) -> Any:
    """P, Q, and sqrt(2) times the cosine and sine of x - (2 order + 1) pi/4 (DLMF 10.17)."""
    p0 = [
        0.9986523398776954, -0.00132937162125028, 1.761305551290559e-05,
        -6.319367118733069e-07, 3.948825587093808e-08, -3.5409678948019087e-09,
        4.103246366872386e-10, -5.765747662655223e-11, 9.423105578391987e-12,
        -1.7401405706283885e-12, 3.5557750052411783e-13, -7.914641501338115e-14,
        1.8959456362961828e-14, -4.841483019175697e-15, 1.3078555195901338e-15,
        -3.714050821413154e-16, 1.103023177871277e-16, -3.410936210498114e-17,
        1.0942187869810236e-17,
    ]  # fmt: skip
    q0 = [
        -0.12364702582167493, 0.0013190194049922607, -3.218799121266175e-05,
        1.6237093205642789e-06, -1.2743289742032805e-07, 1.3513032763134409e-08,
        -1.785075905119705e-09, 2.79085713479036e-10, -4.988908027652833e-11,
        9.950713667806645e-12, -2.1751206043008833e-12, 5.140127162427605e-13,
        -1.2993242656059178e-13, 3.4837635776889786e-14, -9.84005757254373e-15,
        2.9115274918592e-15, -8.982151171303344e-16, 2.877768906557925e-16,
        -9.542905011731343e-17, 3.2658161943648366e-17, -1.150518178532616e-17,
        4.16320426537859e-18, -1.544369143900366e-18,
    ]  # fmt: skip
    p1 = [
        1.00226762068534, 0.0022437352958079985, -2.3071018862548286e-05,
        7.639181732533905e-07, -4.589685232343401e-08, 4.020515478419001e-09,
        -4.586773977170972e-10, 6.373158962859246e-11, -1.0327344567640412e-11,
        1.8943274995111034e-12, -3.849703387824105e-13, 8.529914525779044e-14,
        -2.03544697865723e-14, 5.180421738900549e-15, -1.3953502148258493e-15,
        3.9523601713314257e-16, -1.171117080126803e-16, 3.614078564738109e-17,
        -1.1572356053251518e-17,
    ]  # fmt: skip
    q1 = [
        0.37308734621468637, -0.0018705189681051477, 4.0056994520460306e-05,
        -1.914402839085632e-06, 1.458816510742199e-07, -1.5183398644673165e-08,
        1.979922260589517e-09, -3.065981449437696e-10, 5.440233592059753e-11,
        -1.0786652192538468e-11, 2.346352831758894e-12, -5.522046856541826e-13,
        1.390972848139383e-13, -3.7181516752164614e-14, 1.0474063117829167e-14,
        -3.091784202917912e-15, 9.518051831081499e-16, -3.0436450667050517e-16,
        1.0075487579997493e-16, -3.4426306619813246e-17, 1.2110503970221687e-17,
        -4.376388902428328e-18,
    ]  # fmt: skip
    z = np.square(5 / x)
    p = _chebyshev(z, 0, 1, p1 if order else p0)
    q = _chebyshev(z, 0, 1, q1 if order else q0) / x
    total, difference = np.sin(x) + np.cos(x), np.sin(x) - np.cos(x)
    return (p, q, difference, -total) if order else (p, q, total, difference)


def _j_over_power(x: Any, order: int) -> Any:
    """J(x) / x**order for J of that order, smooth at 0 (DLMF 10.2.2 and 10.6.1)."""
    x = np.abs(np.asarray(x, float))
    near, scale = x <= order + 3, 1.0
    q, far = -np.square(np.where(near, x, 0)) / 4, np.where(near, order + 3, x)
    term: Any = 0.0
    for m in range(1, order + 1):
        scale *= 2 * m
    for m in range(30 + 2 * order, 0, -1):
        term = (1 + term) * q / (m * (m + order))
    before, here = _j0(far), _j1(far)
    for m in range(1, order):
        before, here = here, 2 * m / far * here - before
    return np.where(near, (1 + term) / scale, here / far**order)[()]


# ------------------------------------------------------------------------------------- I and K


def _i0(x: Any) -> Any:
    """I0(x), the modified Bessel function of the first kind of order 0."""
    half = np.exp(np.abs(x) / 2)  # exp(x) overflows before I0 does
    return _i0e(x) * half * half


def _i1(x: Any) -> Any:
    """I1(x), the modified Bessel function of the first kind of order 1."""
    half = np.exp(np.abs(x) / 2)  # exp(x) overflows before I1 does
    return _i1e(x) * half * half


def _i0e(x: Any) -> Any:
    """exp(-|x|) I0(x)."""
    near = [
        0.33839763720473803, -0.3046826723431984, 0.17162090152220877,
        -0.09490109704804764, 0.04930528423967071, -0.02373741480589947,
        0.010546460394594998, -0.004324309995050576, 0.0016394756169413357,
        -0.0005763755745385824, 0.00018850288509584165, -5.754195010082104e-05,
        1.6448448070728896e-05, -4.4167383584587505e-06, 1.1173875391201037e-06,
        -2.670793853940612e-07, 6.046995022541919e-08, -1.300025009986248e-08,
        2.6598237246823866e-09, -5.189795601635263e-10, 9.675809035373237e-11,
        -1.726826291441556e-11, 2.95505266312964e-12, -4.856446783111929e-13,
        7.676185498604936e-14, -1.1685332877993451e-14, 1.715391285555133e-15,
        -2.431279846547955e-16, 3.3307945188222384e-17, -4.4153416464793395e-18,
    ]  # fmt: skip
    far = [
        0.4022452055070544, 0.0033691164782556943, 6.889758346916825e-05,
        2.8913705208347567e-06, 2.0489185894690638e-07, 2.266668990498178e-08,
        3.3962320257083865e-09, 4.94060238822497e-10, 1.1889147107846439e-11,
        -3.1499165279632416e-11, -1.3215811840447713e-11, -1.7941785315068062e-12,
        7.180124451383666e-13, 3.8527783827421426e-13, 1.54008621752141e-14,
        -4.150569347287222e-14, -9.554846698828307e-15, 3.8116806693526224e-15,
        1.7725601330565263e-15, -3.425485619677219e-16, -2.8276239805165836e-16,
        3.461222867697461e-17, 4.46562142029676e-17, -4.830504485944182e-18,
        -7.233180487874754e-18,
    ]  # fmt: skip
    x = np.abs(np.asarray(x, float))
    return np.piecewise(
        x,
        [x <= 8],
        [
            lambda x: _chebyshev(x, 0, 8, near),
            lambda x: _chebyshev(8 / x, 0, 1, far) / np.sqrt(x),
        ],
    )[()]


def _i1e(x: Any) -> Any:
    """exp(-|x|) I1(x)."""
    near = [
        0.12629359322181682, -0.17641651835783406, 0.1026436586898471,
        -0.05294598120809499, 0.024726449030626516, -0.010564084894626197,
        0.004156422944312888, -0.0015135724506312532, 0.0005122859561685758,
        -0.00016176081582589674, 4.781565107550054e-05, -1.3273163656039436e-05,
        3.4702513081376785e-06, -8.568720264695455e-07, 2.0032947535521353e-07,
        -4.445059128796328e-08, 9.381537386495773e-09, -1.8872497517228294e-09,
        3.625590281552117e-10, -6.663489723502027e-11, 1.1736186298890901e-11,
        -1.9839743977649436e-12, 3.223793365945575e-13, -5.042185504727912e-14,
        7.600684294735408e-15, -1.1055969477353862e-15, 1.5536319577362005e-16,
        -2.111421214358166e-17, 2.7779141127610464e-18,
    ]  # fmt: skip
    far = [
        0.38928811750914005, -0.009761097491361469, -0.00011058893876262371,
        -3.882564808877691e-06, -2.512236237870209e-07, -2.6314688468895196e-08,
        -3.835380385964237e-09, -5.589743462196584e-10, -1.8974958123505413e-11,
        3.2526035830154884e-11, 1.4125807436613782e-11, 2.0356285441470896e-12,
        -7.198551776245908e-13, -4.0835511110921974e-13, -2.1015418427726643e-14,
        4.272440016711951e-14, 1.0420276984128802e-14, -3.8144030724370075e-15,
        -1.8803547755107825e-15, 3.3082023109209285e-16, 2.96262899764595e-16,
        -3.209525921993424e-17, -4.6503053684893586e-17, 4.414348323071708e-18,
        7.517296310842105e-18,
    ]  # fmt: skip
    x = np.asarray(x, float)
    y = np.piecewise(
        np.abs(x),
        [np.abs(x) <= 8],
        [
            lambda x: x * _chebyshev(x, 0, 8, near),
            lambda x: _chebyshev(8 / x, 0, 1, far) / np.sqrt(x),
        ],
    )
    return np.copysign(y, x)[()]


def _i_over_power(x: Any, order: int) -> Any:
    """exp(-|x|) I(x) / x**order for I of that order, smooth at 0 but for the exponential."""
    x = np.abs(np.asarray(x, float))
    near, scale = x <= 2 * order + 6, 1.0
    q, far = np.square(np.where(near, x, 0)) / 4, np.where(near, 2 * order + 6, x)
    term: Any = 0.0
    for m in range(1, order + 1):
        scale *= 2 * m
    for m in range(40 + 2 * order, 0, -1):
        term = (1 + term) * q / (m * (m + order))
    before, here = _i0e(far), _i1e(far)
    for m in range(1, order):
        before, here = here, before - 2 * m / far * here
    return np.where(near, (1 + term) / scale * np.exp(-x), here / far**order)[()]


def _k0(x: Any) -> Any:
    """K0(x), the modified Bessel function of the second kind of order 0."""
    x = np.asarray(x, float)
    branches = [_k0_near, lambda x: np.exp(-x) * _k_far(0, x)]
    return np.piecewise(x, [x <= 2], branches)[()]


def _k1(x: Any) -> Any:
    """K1(x), the modified Bessel function of the second kind of order 1."""
    x = np.asarray(x, float)
    branches = [_k1_near, lambda x: np.exp(-x) * _k_far(1, x)]
    return np.piecewise(x, [x <= 2], branches)[()]


def _k0e(x: Any) -> Any:
    """exp(x) K0(x)."""
    x = np.asarray(x, float)
    branches = [lambda x: np.exp(x) * _k0_near(x), lambda x: _k_far(0, x)]
    return np.piecewise(x, [x <= 2], branches)[()]


def _k1e(x: Any) -> Any:
    """exp(x) K1(x)."""
    x = np.asarray(x, float)
    branches = [lambda x: np.exp(x) * _k1_near(x), lambda x: _k_far(1, x)]
    return np.piecewise(x, [x <= 2], branches)[()]


def _k0_near(x: Any) -> Any:
    """K0 on (0, 2]: -log(x/2) I0(x) and a series in x**2."""
    series = [
        -0.2676636966169514, 0.3442898999246285, 0.0359799365153615,
        0.001264615411446926, 2.286212103119452e-05, 2.5347910790261494e-07,
        1.904516377220209e-09, 1.0349695257633625e-11, 4.2598161427910826e-14,
        1.3744654358807508e-16,
    ]  # fmt: skip
    return _chebyshev(x * x, 0, 4, series) - np.log(x / 2) * _i0(x)


def _k1_near(x: Any) -> Any:
    """K1 on (0, 2]: log(x/2) I1(x) and a series in x**2, over x."""
    series = [
        0.7626501136694739, -0.3531559607765449, -0.12261118082265715,
        -0.006975723859639864, -0.0001730288957513052, -2.4334061415659684e-06,
        -2.213387630734726e-08, -1.4114883926335278e-10, -6.666901694199329e-13,
        -2.427449850519366e-15,
    ]  # fmt: skip
    log = np.log(x / 2 + (x == 0))  # x log(x) is 0 at 0
    return log * _i1(x) + _chebyshev(x * x, 0, 4, series) / x


def _k_far(order: int, x: Any) -> Any:
    """exp(x) K0(x) or exp(x) K1(x) for x > 2."""
    k0 = [
        1.2201515410329777, -0.0314481013119645, 0.0015698838857300533,
        -0.00012849549581627802, 1.39498137188765e-05, -1.8317555227191195e-06,
        2.766813639445015e-07, -4.660489897687948e-08, 8.574034017414225e-09,
        -1.6975345093890614e-09, 3.5773972814003283e-10, -7.957489244477396e-11,
        1.8559491149549264e-11, -4.514597883374519e-12, 1.1403405882073441e-12,
        -2.9800969231481784e-13, 8.032890775068375e-14, -2.2275133267462965e-14,
        6.340076476276646e-15, -1.848593377920907e-15, 5.5120559994043335e-16,
        -1.6782311257549006e-16, 5.2103917776435543e-17, -1.6475805939842632e-17,
    ]  # fmt: skip
    k1 = [
        1.3603130952422213, 0.10392373657681724, -0.002857816859622779,
        0.00019521551847135162, -1.936197974166083e-05, 2.406484947837217e-06,
        -3.5019606030878126e-07, 5.7410841254500495e-08, -1.0345762465678097e-08,
        2.0150497551970347e-09, -4.1903547593419254e-10, 9.218315187605315e-11,
        -2.129967838427791e-11, 5.139639673482343e-12, -1.2891739609498229e-12,
        3.348419666052243e-13, -8.976705182010146e-14, 2.4771544242195988e-14,
        -7.0198370892147685e-15, 2.038703166239861e-15, -6.057047270643018e-16,
        1.8380935752430455e-16, -5.689462849193648e-17, 1.7940510478863572e-17,
    ]  # fmt: skip
    return _chebyshev(2 / x, 0, 1, k1 if order else k0) / np.sqrt(x)
