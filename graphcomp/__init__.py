"""graphcomp: a symbol-to-symbol computational-graph compiler."""

from graphcomp import linalg, show, special
from graphcomp.backprop import backprop, build_grad
from graphcomp.calculus import grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from graphcomp.check import check_grad
from graphcomp.evaluate import evaluate
from graphcomp.graph import Graph, Variable
from graphcomp.inputs import matrix, scalar, tensor, variable, vector
from graphcomp.ops.activations import *
from graphcomp.ops.arithmetic import *
from graphcomp.ops.base import constant
from graphcomp.ops.compare import *
from graphcomp.ops.composed import *
from graphcomp.ops.contract import *
from graphcomp.ops.create import *
from graphcomp.ops.cumulative import *
from graphcomp.ops.diagonal import *
from graphcomp.ops.einsum import *
from graphcomp.ops.identity import custom_vjp, stop_gradient
from graphcomp.ops.indexing import *
from graphcomp.ops.join import *
from graphcomp.ops.parts import *
from graphcomp.ops.rearrange import *
from graphcomp.ops.reduce import *
from graphcomp.ops.search import *
from graphcomp.ops.shape import *
from graphcomp.ops.statistics import *
from graphcomp.ops.transcendental import *
from graphcomp.rewrite import optimize
from graphcomp.tracing import from_function
from graphcomp.vectorize import vmap
