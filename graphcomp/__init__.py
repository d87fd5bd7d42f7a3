"""graphcomp: a symbol-to-symbol computational-graph compiler."""

from graphcomp.backprop import backprop, build_grad
from graphcomp.evaluate import evaluate
from graphcomp.graph import Graph, Variable
from graphcomp.inputs import matrix, scalar, tensor, variable, vector
from graphcomp.ops.arithmetic import *
from graphcomp.ops.base import constant
from graphcomp.ops.contract import *
from graphcomp.ops.reduce import *
from graphcomp.ops.shape import *
