"""Products that sum: einsum, dot and their relatives, convolution."""

from graphcomp.ops.base import Operand
from tests.forms import form, refused

C23 = Operand((2, 3), dtype="complex128")
C3 = Operand((3,), dtype="complex128")
I3 = Operand((3,), dtype="int64")

FORMS = [
    # einsum: implicit and explicit form
    form("np.einsum('ij,jk', x, y)", x=(2, 3), y=(3, 2)),
    form("np.einsum('ba', x)", x=(2, 3)),
    form("np.einsum('aB', x)", x=(2, 3)),
    form("np.einsum('ii', x)", x=(3, 3)),
    form("np.einsum('ii->i', x)", x=(3, 3)),
    form("np.einsum('iji->j', x)", x=(2, 3, 2)),
    form("np.einsum('ijij->', x)", x=(2, 3, 2, 3), order=1),
    form("np.einsum('ii,i', x, y)", x=(3, 3), y=(3,)),
    form("np.einsum('i,i', x, x)", x=(3,)),
    form("np.einsum('ij,jk->', x, y)", x=(2, 3), y=(3, 2)),
    form("np.einsum('ij,ij->i', x, y)", x=(2, 3), y=(1, 3)),
    form("np.einsum('ij,j->', x, y)", x=C23, y=(3,)),
    form("np.einsum(' i j , j -> i ', x, y)", x=(2, 3), y=(3,)),
    form("np.einsum(',', x, y)", x=(), y=()),
    form("np.einsum('i,->i', x, 2.0)", x=(3,)),
    form("np.einsum('i,j', x, [1.0, 2.0])", x=(3,)),
    form("np.einsum('i->', x)", x=I3),
    # ellipsis
    form("np.einsum('...ii->...i', x)", x=(2, 3, 3)),
    form("np.einsum('i...->...', x)", x=(2, 3)),
    form("np.einsum('i...i', x)", x=(3, 2, 3)),
    form("np.einsum('...j', x)", x=(2, 3)),
    form("np.einsum('..., ...', 3, x)", x=(2, 3)),
    form("np.einsum('i...j,j...->i...', x, y)", x=(2, 3, 4), y=(4, 3), order=1),
    form("np.einsum('ij...,jk...->ik...', x, y)", x=(2, 3, 2), y=(3, 2, 1), order=1),
    form("np.einsum('...ij,...jk->...ik', x, y)", x=(2, 2, 3), y=(3, 2), order=1),
    # lists of axes, options
    form("np.einsum(x, [0, 0])", x=(3, 3)),
    form("np.einsum(x, [0, 1], [1, 0])", x=(2, 3)),
    form("np.einsum(x, [0, 1], y, [1, 2], [0, 2])", x=(2, 3), y=(3, 2)),
    form("np.einsum(x, [Ellipsis, 1], y, [1, 2])", x=(2, 3), y=(3, 2)),
    form("np.einsum(x, [30, 1], y, [1, 2])", x=(2, 3), y=(3, 2)),
    form("np.einsum('ij,jk,kl->il', x, y, x, optimize=True)", x=(2, 3), y=(3, 2)),
    form("np.einsum('ij,jk', x, y, optimize='optimal', order='F')", x=(2, 3), y=(3, 2)),
    form("np.einsum('ij,jk,k', x, x, y, optimize=['einsum_path', (0, 1), (0, 1)])",
         x=(2, 2), y=(2,)),
    form("np.einsum('i,i', x, y, dtype='float32', casting='unsafe')", x=(3,), y=(3,), order=0,
         dtypes="float32", tolerance=1e-6),
    refused("np.einsum('ij,jk', x, x)", "label", x=(2, 3)),
    refused("np.einsum('ijk', x)", "axes", x=(2, 3)),
    refused("np.einsum('ij->ik', x)", "output", x=(2, 3)),
    refused("np.einsum('ij->ii', x)", "output", x=(2, 3)),
    refused("np.einsum('i...->i', x)", "...", x=(2, 3)),
    refused("np.einsum('i,j', x)", "operands", x=(3,)),
    refused("np.einsum('i!', x)", "letters", x=(3,)),
    form("np.einsum('i', x, out=np.empty(3))", x=(3,), symbolic=False, dtypes="float32 int64"),
    refused("np.einsum(x, [99])", "axis numbers", x=(3,)),
    refused("np.einsum('i', x, dtype='float32')", "casting", x=(3,)),
    # tensordot, dot, inner, outer
    form("np.tensordot(x, y)", x=(2, 3, 2), y=(3, 2)),
    form("np.tensordot(x, y, 1)", x=(2, 3), y=(3, 2)),
    form("np.tensordot(x, y, axes=0)", x=(2,), y=(3, 2)),
    form("np.tensordot(x, y, axes=(1, 0))", x=(2, 3), y=(3, 2)),
    form("np.tensordot(x, y, axes=([0, 1], [1, 0]))", x=(2, 3, 2), y=(3, 2)),
    form("np.tensordot(x, y, axes=[[-1], [-2]])", x=(2, 3), y=(3, 2), order=1),
    form("np.tensordot(x, y, axes=([], []))", x=(2,), y=(3,)),
    form("np.tensordot(x, y, np.array([[1], [0]]))", x=C23, y=(3, 2), order=1),
    form("np.linalg.tensordot(x, y, axes=1)", x=(2, 3), y=(3,)),
    refused("np.tensordot(x, y, 1)", "lengths", x=(2, 3), y=(2, 3)),
    refused("np.tensordot(x, y, 3)", "most", x=(2, 3), y=(2, 3)),
    refused("np.tensordot(x, y, axes=([0], [0, 1]))", "axes", x=(2, 3), y=(2, 3)),
    *(
        form("np.dot(x, y)", x=x, y=y)
        for x, y in (
            ((), ()), ((), (3,)), ((2, 3), ()), ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)),
            ((2, 3), (3, 2)), ((2, 2, 3), (3,)), ((3,), (2, 3, 2)), ((2, 2, 3), (2, 3, 2)),
        )
    ),
    form("np.dot(x, [1.0, 2.0, 3.0])", x=(3,), symbolic=False),
    form("x.dot(y)", x=C23, y=(3,)),
    refused("np.dot(x, y)", "axis", x=(2, 3), y=(2, 3)),
    form("np.dot(x, x, out=np.empty(()))", x=(3,), dtypes=""),
    *(
        form("np.inner(x, y)", x=x, y=y)
        for x, y in (((3,), (3,)), ((2, 3), (3,)), ((2, 3), (2, 3)), ((), (3,)), ((2, 2, 3), (3,)))
    ),
    form("np.outer(x, y)", x=(2,), y=(3,)),
    form("np.outer(x, y)", x=(2, 2), y=()),
    form("np.linalg.outer(x, y)", x=(2,), y=C3),
    form("np.multiply.outer(x, y)", x=(2, 2), y=(3,)),
    refused("np.linalg.outer(x, x)", "vectors", x=(2, 2)),
    form("np.vdot(x, y)", x=(3,), y=(3,)),
    form("np.vdot(x, y)", x=C23, y=C23, order=1),
    form("np.vdot(x, y)", x=(), y=()),
    form("np.vecdot(x, y)", x=C23, y=C3),
    form("np.vecdot(x, y, axis=0)", x=(3, 2), y=(3,)),
    form("np.linalg.vecdot(x, y, axis=-2)", x=(3, 2), y=(3, 2)),
    refused("np.vecdot(x, y)", "length", x=(3,), y=(2,)),
    refused("np.vecdot(x, x, axes=[0, 0, ()])", "axes", x=(3,)),
    form("np.matvec(x, y)", x=(2, 3), y=(3,)),
    form("np.matvec(x, y)", x=(2, 2, 3), y=(2, 3), order=1),
    form("np.vecmat(x, y)", x=C3, y=(3, 2)),
    form("np.vecmat(x, y)", x=(2, 3), y=(2, 3, 2), order=1),
    # matmul
    *(
        form("np.matmul(x, y)", x=x, y=y, order=1)
        for x, y in (
            ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 2)), ((2, 2, 3), (3,)),
            ((3,), (2, 3, 2)), ((2, 2, 3), (3, 2)), ((2, 3), (2, 3, 2)), ((2, 1, 2, 3), (3, 3, 2)),
        )
    ),
    form("x @ x.T", x=C23),
    form("np.linalg.matmul(x, y)", x=(2, 3), y=(3,)),
    form("np.matmul(x, y, dtype='complex128')", x=(2, 3), y=(3,), order=1, dtypes="float32"),
    refused("np.matmul(x, y)", "scalar", x=(), y=(3,)),
    refused("np.matmul(x, x)", "axis", x=(2, 3)),
    refused("np.matmul(x, x, axes=[(0, 1), (1, 0), (0, 1)])", "moveaxis", x=(2, 3)),
    # cross
    form("np.cross(x, y)", x=(3,), y=(3,), symbolic=False, dtypes="float32 int64 complex128"),
    form("np.cross(x, y)", x=(2, 3), y=(3,), symbolic=False, dtypes="float32 int64 complex128"),
    form("np.cross(x, y)", x=(2,), y=(2,), symbolic=False, dtypes="float32 int64 complex128"),
    form("np.cross(x, y)", x=(2,), y=(3,), symbolic=False, dtypes="float32 int64 complex128"),
    form("np.cross(x, y)", x=(4, 3), y=(4, 2), symbolic=False, dtypes="float32 int64", order=1),
    form("np.cross(x, y, axis=0)", x=(3, 2), y=(3, 2), symbolic=False, dtypes="float32 complex128"),
    form("np.cross(x, y, axisa=0, axisb=1)", x=(3, 2), y=(2, 3), symbolic=False, dtypes="float32"),
    form("np.cross(x, y, 0, 1, 0)", x=(3, 2), y=(2, 3), symbolic=False, dtypes="float32"),
    form("np.cross(x, y, axisc=0)", x=(2, 3), y=(2, 3), symbolic=False, dtypes="float32"),
    form("np.cross(x, [0.0, 0.0, 1.0])", x=(3,), symbolic=False, dtypes="float32 int64 complex128"),
    form("np.linalg.cross(x, y, axis=0)", x=(3, 2), y=(3, 2), symbolic=False, dtypes="float32"),
    refused("np.cross(x, x)", "components", x=(4,)),
    # chains and powers
    form("np.linalg.multi_dot([x, y])", x=(2, 3), y=(3, 2)),
    form("np.linalg.multi_dot((x, y, z))", x=(2, 3), y=(3, 4), z=(4, 2), order=1),
    form("np.linalg.multi_dot([x, y, z])", x=(3,), y=(3, 4), z=(4,)),
    form("np.linalg.multi_dot([x, y, z, z.T])", x=(2, 5), y=(5, 3), z=(3, 4), order=1),
    refused("np.linalg.multi_dot([x])", "two", x=(2, 3)),
    refused("np.linalg.multi_dot([x, y, x])", "vectors", x=(3, 3), y=(3,)),
    *(
        form(f"np.linalg.matrix_power(x, {n})", x=Operand((2, 2), kind="spd"), order=1)
        for n in (-3, -1, 0, 1, 2, 3, 5)
    ),
    form("np.linalg.matrix_power(x, 3)", x=(2, 2, 2), order=1),
    # convolution and correlation
    *(
        form(f"np.{function}(x, y{mode})", x=(m,), y=(n,))
        for function in ("convolve", "correlate")
        for mode in ("", ", 'same'", ", mode='valid'", ", 'full'")
        for m, n in ((5, 3), (2, 4), (3, 3))
    ),
    form("np.convolve(x, [1.0, -2.0])", x=(4,), symbolic=False),
    form("np.convolve(x, y)", x=(), y=(3,)),
    form("np.convolve(x, y, 'same')", x=C3, y=(2,)),
    form("np.correlate(x, y, 'same')", x=(2,), y=C3),
    form("np.correlate(x, x, 'full')", x=C3),
    refused("np.convolve(x, y)", "axis", x=(2, 3), y=(3,)),
    refused("np.convolve(x, y, 'middle')", "mode", "same", x=(2,), y=(3,)),
    *(
        form(f"scipy.signal.{function}(x, y, {mode!r})", x=x, y=y, order=1, symbolic=False)
        for function in ("convolve", "correlate", "fftconvolve")
        for mode in ("full", "same", "valid")
        for x, y in (((4,), (3,)), ((2,), (4,)), ((3, 4), (2, 3)))
        if not (function == "fftconvolve" and mode == "valid" and x == (2,))
    ),
    form("scipy.signal.fftconvolve(x, y, axes=1)", x=(2, 4), y=(2, 3), order=1, symbolic=False),
    form("scipy.signal.convolve(x, y, method='fft')", x=(4,), y=(3,)),
    form("scipy.signal.correlate(x, y)", x=C23, y=(2, 2), order=1, symbolic=False),
    refused("scipy.signal.convolve(x, y)", "axes", x=(2, 3), y=(3,)),
    form("np.trace(x)", x=(3, 3)),
    form("np.trace(x, offset=1)", x=(2, 3)),
    form("np.trace(x, -1, 0, 2)", x=(3, 2, 3)),
    form("np.trace(x, axis1=1, axis2=2)", x=(2, 3, 3)),
    *(
        form(f"scipy.signal.{function}2d(x, y{options})", x=(4, 3), y=(2, 3), symbolic=False,
             order=1, dtypes="int64 complex128")
        for function in ("convolve", "correlate")
        for options in (
            "", ", 'same'", ", mode='valid'", ", boundary='wrap'", ", 'same', 'symm'",
            ", 'full', 'fill', 2.0",
        )
    ),
    form("scipy.signal.convolve2d(x, y, mode='same')", x=(4, 3), y=(2, 2)),
    form("scipy.signal.convolve2d(x, y, 'valid')", x=(2, 2), y=(3, 4), symbolic=False),
    refused("scipy.signal.convolve2d(x, y, boundary='odd')", "boundary", x=(2, 3), y=(2, 2)),
    refused("scipy.signal.convolve2d(x, y, 'odd')", "mode", x=(2, 3), y=(2, 2)),
    refused("scipy.signal.correlate2d(x, y)", "two matrices", x=(3,), y=(2,)),
]  # fmt: skip
