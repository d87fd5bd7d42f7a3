"""The Fourier transforms of NumPy and SciPy."""

from graphcomp.ops.base import Operand
from tests.forms import form, refused

COMPLEX = Operand((4,), dtype="complex128")
GRID = Operand((2, 3), dtype="complex128")
BLOCK = Operand((2, 3, 2), dtype="complex128")

_TO_REAL = ("irfft", "hfft")
_OF_REAL = ("rfft", "ihfft")

FORMS = [
    *(
        form(f"np.fft.{name}(x{arguments})", x=(4,) if name in _OF_REAL else COMPLEX)
        for name in ("fft", "ifft", *_OF_REAL, *_TO_REAL)
        for arguments in (
            "", ", 3", ", n=6", ", n=5, norm='ortho'", ", None, -1, 'forward'", ", n=1",
            ", axis=0, norm='backward', out=None", ", n=np.int64(4)",
        )
    ),
    *(form(f"np.fft.{name}(x, axis=0)", x=(3, 2)) for name in ("fft", "ifft", "rfft", "hfft")),
    *(form(f"np.fft.{name}(x, n=len(x))", x=(4,)) for name in ("fft", "rfft", "irfft")),
    form("np.fft.irfft(np.fft.rfft(x), n=len(x))", x=(5,), dtypes="float32 int64 bool"),
    form("np.abs(np.fft.fft(x)) ** 2", x=(5,)),
    *(
        form(f"np.fft.{name}(x{arguments})", x=(2, 3) if name[0] == "r" else GRID, order=1)
        for name in ("fft2", "ifft2", "rfft2", "irfft2", "fftn", "ifftn", "rfftn", "irfftn")
        for arguments in ("", ", (3, 2), axes=(0, 1)", ", axes=(1, 0)", ", None, (-2, -1), 'ortho'")
    ),
    *(
        form(f"np.fft.{name}(x{arguments})", x=(2, 3, 2) if name[0] == "r" else BLOCK, order=1)
        for name in ("fft2", "rfftn", "irfftn", "fftn")
        for arguments in (", axes=(0, 2)", ", s=(-1, 4), axes=(1, 0), norm='forward'", ", axes=[1]")
    ),
    form("np.fft.fftn(x, s=(4, 2))", x=(2, 3, 2), order=1),
    form("np.fft.fftn(x, axes=(0, 0))", x=(3, 2), order=1),
    form("np.fft.irfftn(x, s=(2, 5))", x=GRID, order=1),
    form("np.fft.fftn(x, axes=())", x=GRID, order=1),
    *(
        form(f"np.fft.{name}(x{arguments})", x=(4, 3), order=1)
        for name in ("fftshift", "ifftshift")
        for arguments in ("", ", axes=0", ", axes=(1,)", ", [0, 1]", ", axes=-1")
    ),
    form("x * np.fft.fftfreq(len(x))", x=(5,)),
    form("x * np.fft.fftfreq(x.size, d=0.1)", x=(4,)),
    form("np.fft.rfft(x) * np.fft.rfftfreq(x.shape[0], 0.5)", x=(5,)),
    form("np.fft.fftfreq(4, d=x)", x=()),
    *(
        form(f"scipy.fft.{name}(x{arguments})", x=(4,) if name in _OF_REAL else COMPLEX, order=1)
        for name in ("fft", "ifft", *_OF_REAL, *_TO_REAL)
        for arguments in ("", ", n=5, norm='ortho'", ", 3, -1, None, False, workers=1")
    ),
    *(
        form(f"scipy.fft.{name}(x, s=(3, 4))", x=(2, 3) if name[0] == "r" else GRID, order=1)
        for name in ("fft2", "ifftn", "rfft2", "irfftn", "hfft2")
    ),
    form("scipy.fft.ihfftn(x)", x=(2, 3), order=1),
    form("scipy.fft.fftshift(x, axes=0)", x=(3, 2), order=1),
    *(
        form(f"scipy.fft.{name}(x, {kind}{options})", x=(4,), order=1, dtypes="float32 int64")
        for name in ("dct", "idct")
        for kind in (2, 3)
        for options in ("", ", norm='ortho'", ", norm='forward'", ", n=3", ", orthogonalize=True")
    ),
    form("scipy.fft.dct(x, axis=0)", x=(3, 2), order=1, dtypes="float32"),
    form("scipy.fft.dctn(x, norm='ortho')", x=(3, 2), order=1, dtypes="float32"),
    form("scipy.fft.idctn(x, s=(2, 4), axes=(0, 1))", x=(3, 2), order=1, dtypes="float32"),
    refused("scipy.fft.dct(x, type=1)", "type", x=(3,)),
    refused("np.fft.fft(x, axis=1)", "axis", x=(3,)),
    refused("np.fft.fft(x)", "axis", x=()),
    refused("np.fft.fft(x, n=0)", "length", x=(3,)),
    refused("np.fft.irfft(x)", "length", x=(1,)),
    refused("np.fft.fft(x, n=2.5)", "length", x=(3,)),
    refused("np.fft.fft(x, norm='orthogonal')", "norm", "ortho", x=(3,)),
    refused("np.fft.fftn(x, s=3)", "length", x=(3, 2)),
    refused("np.fft.rfft(x)", "real", x=COMPLEX),
    form("np.fft.fft(x, out=np.empty(3, complex))", x=(3,), symbolic=False, dtypes=""),
    refused("np.fft.fftn(x, s=(2,), axes=(0, 1))", "lengths", x=(3, 2)),
]  # fmt: skip
