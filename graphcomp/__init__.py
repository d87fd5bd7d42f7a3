"""graphcomp: a symbol-to-symbol computational-graph compiler.

``gr.vector``, ``gr.matrix``, … declare inputs; operations carry NumPy's names; ``gr.grad`` and
its like add derivatives to the same graph; ``codegen.compile`` writes it as a NumPy file.
"""

from graphcomp import (
    fft as fft,
    integrate as integrate,
    linalg as linalg,
    random as random,
    show as show,
    signal as signal,
    special as special,
    stats as stats,
)
from graphcomp.backprop import backprop as backprop, build_grad as build_grad
from graphcomp.batch import vmap as vmap
from graphcomp.calculus import (
    grad as grad,
    hessian as hessian,
    hvp as hvp,
    jacobian as jacobian,
    jvp as jvp,
    value_and_grad as value_and_grad,
    vjp as vjp,
)
from graphcomp.check import check_grad as check_grad
from graphcomp.dims import Dim as Dim, size as size
from graphcomp.errors import GraphError as GraphError
from graphcomp.evaluate import evaluate as evaluate
from graphcomp.graph import Graph as Graph, Variable as Variable
from graphcomp.inputs import (
    matrix as matrix,
    scalar as scalar,
    tensor as tensor,
    variable as variable,
    vector as vector,
)
from graphcomp.interop import op_from_sympy as op_from_sympy
from graphcomp.ops.activations import *
from graphcomp.ops.arithmetic import *
from graphcomp.ops.assembly import *
from graphcomp.ops.assume import *
from graphcomp.ops.at import *
from graphcomp.ops.axes import *
from graphcomp.ops.base import constant as constant
from graphcomp.ops.bits import *
from graphcomp.ops.closeness import *
from graphcomp.ops.compare import *
from graphcomp.ops.composed import *
from graphcomp.ops.contract import *
from graphcomp.ops.convolve import *
from graphcomp.ops.counting import *
from graphcomp.ops.create import *
from graphcomp.ops.cumulative import *
from graphcomp.ops.diagonal import *
from graphcomp.ops.differences import *
from graphcomp.ops.einsum import *
from graphcomp.ops.extremes import *
from graphcomp.ops.floats import *
from graphcomp.ops.grids import *
from graphcomp.ops.identity import custom_vjp as custom_vjp, stop_gradient as stop_gradient
from graphcomp.ops.in_place import *
from graphcomp.ops.indexing import *
from graphcomp.ops.integers import *
from graphcomp.ops.interpolation import *
from graphcomp.ops.join import *
from graphcomp.ops.nan import *
from graphcomp.ops.order_statistics import *
from graphcomp.ops.padding import *
from graphcomp.ops.parts import *
from graphcomp.ops.polynomials import *
from graphcomp.ops.power_series import *
from graphcomp.ops.products import *
from graphcomp.ops.python_math import *
from graphcomp.ops.quantiles import *
from graphcomp.ops.ranges import *
from graphcomp.ops.rearrange import *
from graphcomp.ops.reduce import *
from graphcomp.ops.repetition import *
from graphcomp.ops.scatter import *
from graphcomp.ops.search import *
from graphcomp.ops.selection import *
from graphcomp.ops.series import *
from graphcomp.ops.shape import *
from graphcomp.ops.sorting import *
from graphcomp.ops.statistics import *
from graphcomp.ops.tapers import *
from graphcomp.ops.transcendental import *
from graphcomp.ops.universal import *
from graphcomp.ops.unknown_shapes import *
from graphcomp.ops.vectorized import *
from graphcomp.ops.windows import *
from graphcomp.rewrite import optimize as optimize
from graphcomp.tracing import from_function as from_function
