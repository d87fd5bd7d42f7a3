"""Where in a value each element matters: the masks under which elements come through.

An element of ``log(x)`` in ``where(c, log(x), 0)`` matters only where c holds, and so does that
of a factor beside ``where(c, G, 0)`` or ``c * y``. A variable that is used several times matters
where one of its uses does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

import numpy as np

from graphcomp.dims import Shape
from graphcomp.graph import Variable, topological
from graphcomp.ops.arithmetic import Add, Cast, Divide, Multiply, Negative, Subtract
from graphcomp.ops.base import Op
from graphcomp.ops.compare import BitwiseAnd, BitwiseOr, Invert, LogicalNot, Where
from graphcomp.ops.contract import Matmul
from graphcomp.ops.elementwise import Elementwise
from graphcomp.ops.norms import Norm
from graphcomp.ops.reduce import Reduce, Sum
from graphcomp.ops.search import AllTrue, AnyTrue
from graphcomp.ops.shape import BroadcastTo, Reshape, Transpose
from graphcomp.rewrite.engine import tested
from graphcomp.rewrite.patterns import number
from graphcomp.types import TensorType

_MOST_TESTS = 6  # in a mask: a further one is left out, which only widens it


class _Same:
    """Equality by ``key``: variables are told apart by identity."""

    @property
    def key(self) -> tuple[Any, ...]:
        raise AttributeError

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.key == self.key

    def __hash__(self) -> int:
        return hash(self.key)


@dataclass(frozen=True, eq=False)
class Test(_Same):
    """Whether ``condition``, a variable, ``holds``; of one that ``moves`` have taken to ``shape``.

    ``shape`` broadcasts to that of the value which the test is about.
    """

    condition: Variable
    holds: bool
    shape: Shape
    moves: tuple[Op, ...] = ()

    @property
    def key(self) -> tuple[Any, ...]:
        turns = [op.key for op in self.moves if isinstance(op, Transpose)]
        return (id(self.condition), self.holds, self.shape, *turns)

    @property
    def count(self) -> int:
        return 1

    @property
    def variables(self) -> tuple[Variable, ...]:
        return (self.condition,)

    def moved(self, op: Op, shape: Shape) -> Test:
        return replace(self, moves=(*self.moves, op), shape=shape)

    def is_opposite(self, other: AnyTest) -> bool:
        return isinstance(other, Test) and replace(other, holds=not other.holds) == self

    def build(self, now: Callable[[Variable], Variable]) -> Variable:
        """The test's condition as a variable; ``holds`` is for the user of it to heed."""
        v = now(self.condition)
        for op in self.moves:
            v = op(v)
        return v


@dataclass(frozen=True, eq=False)
class Either(_Same):
    """Whether all of the one tests hold, or all of the other."""

    one: Mask
    other: Mask

    @property
    def key(self) -> tuple[Any, ...]:
        return (self.one, self.other)

    @property
    def count(self) -> int:
        return sum(test.count for test in (*self.one, *self.other))

    @property
    def variables(self) -> tuple[Variable, ...]:
        return tuple(v for test in (*self.one, *self.other) for v in test.variables)


AnyTest = Test | Either
Mask = tuple[AnyTest, ...]  # the tests that hold wherever an element matters; (): always


def condition_of(mask: Mask, now: Callable[[Variable], Variable]) -> tuple[Variable, bool]:
    """(condition, whether it must hold) of a mask; ``now`` says what a variable has become."""
    first = mask[0]
    if len(mask) == 1 and isinstance(first, Test):
        return first.build(now), first.holds
    parts = [_truth(test, now) for test in mask]
    return reduce(BitwiseAnd(), parts), True


def _truth(test: AnyTest, now: Callable[[Variable], Variable]) -> Variable:
    if isinstance(test, Either):
        sides = [condition_of(side, now) for side in (test.one, test.other)]
        return BitwiseOr()(*(_as_bool(c) if holds else _negation(c) for c, holds in sides))
    condition = test.build(now)
    return _as_bool(condition) if test.holds else _negation(condition)


def _as_bool(condition: Variable) -> Variable:
    return condition if condition.dtype.kind == "b" else condition != 0


def _negation(condition: Variable) -> Variable:
    return Invert()(condition) if condition.dtype.kind == "b" else condition == 0


def tests_of(condition: Variable, holds: bool) -> Mask:
    """The condition taken apart: ``a & b`` is two tests, ``~a`` is the opposite one."""
    tests: list[AnyTest] = []
    waiting: list[tuple[Variable, bool, tuple[Op, ...]]] = [(condition, holds, ())]
    while waiting and len(tests) < _MOST_TESTS:
        v, holds, moves = waiting.pop()
        op, is_bool = v.op, v.dtype.kind == "b"
        if isinstance(op, (Transpose, Reshape)) or (is_bool and _is_some(op, holds)):
            waiting.append((v.inputs[0], holds, (op, *moves)))
        elif is_bool and isinstance(op, (Invert, LogicalNot)) and v.inputs[0].dtype.kind == "b":
            waiting.append((v.inputs[0], not holds, moves))
        elif is_bool and isinstance(op, BitwiseAnd if holds else BitwiseOr) and _apart(moves):
            waiting += [(x, holds, moves) for x in reversed(v.inputs) if x.shape == v.shape]
            moved = [Test(x, holds, x.shape) for x in v.inputs if x.shape != v.shape and not moves]
            tests += moved
        elif is_bool and isinstance(op, BitwiseOr) and holds and not moves:
            one, other = (tests_of(x, True) for x in v.inputs)
            tests.append(Either(one, other))
        else:
            tests.append(_moved(Test(v, holds, v.shape), moves))
    return tuple(tests)


def _is_some(op: Op, holds: bool) -> bool:
    return isinstance(op, AnyTrue if holds else AllTrue)


def _apart(moves: tuple[Op, ...]) -> bool:
    """Whether both parts of a moved ``a & b`` hold just where they do apart."""
    return all(isinstance(op, (Transpose, Reshape)) for op in moves)


def _moved(test: Test, moves: tuple[Op, ...]) -> Test:
    for op in moves:
        moved = op.infer(TensorType(np.dtype(bool), test.shape))
        assert isinstance(moved, TensorType)
        test = test.moved(op, moved.shape)
    return test


def both(one: Mask, other: Mask) -> Mask:
    """The mask of what matters under both."""
    for test in other:
        if test not in one and sum(t.count for t in one) + test.count <= _MOST_TESTS:
            one = (*one, test)
    return one


def either(one: Mask, other: Mask) -> Mask:
    """The mask of what matters under one of them: the tests they share, and the rest by ``|``."""
    shared = tuple(test for test in one if test in other)
    a, b = (tuple(t for t in mask if t not in shared) for mask in (one, other))
    if not a or not b:
        return shared
    if len(a) == len(b) == 1 and isinstance(a[0], Test) and a[0].is_opposite(b[0]):
        return shared
    joined = Either(a, b)
    if sum(t.count for t in shared) + joined.count > _MOST_TESTS:
        return shared
    return (*shared, joined)


# ------------------------------------------------------------------------------ masks and shapes

_Move = Callable[[Test], Test | None]


def _each(mask: Mask, move: _Move) -> Mask:
    """The tests moved; one that cannot follow is left out, and an Either with it."""
    moved: list[AnyTest] = []
    for test in mask:
        if isinstance(test, Test):
            new = move(test)
            moved += [] if new is None else [new]
            continue
        sides = [_each(side, move) for side in (test.one, test.other)]
        if [len(s) for s in sides] == [len(test.one), len(test.other)]:
            moved.append(Either(*sides))
    return tuple(moved)


def fitted(mask: Mask, shape: Shape) -> Mask:
    """For an operand that is broadcast to the mask's shape: where any of its copies matters."""
    return _each(mask, lambda test: _narrowed(test, shape))


def _narrowed(test: Test, shape: Shape) -> Test:
    extra = len(test.shape) - len(shape)
    if extra > 0:
        axes = tuple(range(-len(test.shape), -len(shape)))
        test = _some(test, axes, False)
    wide = tuple(k for k in range(-len(test.shape), 0) if shape[k] == 1 and test.shape[k] != 1)
    return _some(test, wide, True) if wide else test


def _some(test: Test, axes: tuple[int, ...], keepdims: bool) -> Test:
    """Whether the test is met anywhere along the axes."""
    op = (AnyTrue if test.holds else AllTrue)(axes, keepdims)
    return test.moved(op, op.reduced_shape(test.shape))


def _reshaped(test: Test, shape: Shape) -> Test:
    return test if test.shape == shape else test.moved(Reshape(shape), shape)


def _padded(test: Test, rank: int) -> Test:
    """With axes of length 1 in front, up to the rank."""
    return _reshaped(test, (*(1,) * (rank - len(test.shape)), *test.shape))


def _expanded(test: Test, op: Reduce | Norm, rank: int) -> Test:
    """Of the results of a reduction: for its elements."""
    if not test.shape or op.keepdims:
        return test
    dims = list(_padded(test, rank - len(op.axes)).shape)
    for axis in sorted(axis + rank for axis in op.axes):
        dims.insert(axis, 1)
    return _reshaped(test, tuple(dims))


def _reduced(test: Test, op: Sum) -> Test:
    """Of elements: for their sums, which are zero where all elements are."""
    axes = tuple(a for a in op.axes if -a <= len(test.shape))
    if not axes:
        return test
    if all(test.shape[a] == 1 for a in axes):
        return _reshaped(
            test, op.reduced_shape(test.shape) if op.keepdims else _without(test, axes)
        )
    return _some(test, axes, op.keepdims)


def _without(test: Test, axes: tuple[int, ...]) -> Shape:
    rank = len(test.shape)
    return tuple(d for k, d in enumerate(test.shape) if k - rank not in axes)


def _turned(test: Test, axes: tuple[int, ...], rank: int) -> Test:
    if not test.shape:
        return test
    test = _padded(test, rank)
    op = Transpose(axes)
    kept = test.shape[: rank - len(axes)]
    return test.moved(op, (*kept, *(test.shape[a] for a in axes)))


def _inverse(axes: tuple[int, ...]) -> tuple[int, ...]:
    count = len(axes)
    front = [a + count for a in axes]
    return tuple(front.index(k) - count for k in range(count))


def _scalar(test: Test) -> Test | None:
    return None if test.shape else test


def _of_reshape(test: Test, start: Shape, end: Shape) -> Test | None:
    if not test.shape:
        return test
    return _reshaped(test, end) if test.shape == start else None


# ------------------------------------------------------------------------------- the two analyses


class Activity:
    """For each variable of a graph, the mask under which its elements matter to the outputs.

    ``zeros[v]`` is the mask off which v is exactly zero. ``order`` has conditions before what
    they do not need, so that a mask may be used on whatever comes after it: ``usable``. A
    quotient 0 / 0 and a mean of nothing that the user wrote stay NaN; of a gradient they are zeros.
    """

    def __init__(self, outputs: Sequence[Variable]) -> None:
        tests = [v.inputs[0] for v in topological(outputs) if isinstance(v.op, Where)]
        tests += [v for v in topological(outputs) if _is_truth(v)]
        self.order = topological([*tests, *outputs])
        self.place = {v: k for k, v in enumerate(self.order)}
        self.zeros: dict[Variable, Mask] = {}
        self.tested = tested(self.order)
        for v in self.order:
            mask = self._zero_off(v)
            if mask:
                self.zeros[v] = mask
        self.active: dict[Variable, Mask] = dict.fromkeys(outputs, ())
        self.has_masks = bool(tests)
        if self.has_masks:
            self._walk()

    def _walk(self) -> None:
        for v in reversed(topological(list(self.active))):
            for i, x in enumerate(v.inputs):
                mask = self.of_use(v, i)
                known = self.active.get(x)
                self.active[x] = mask if known is None else either(known, mask)

    def usable(self, mask: Mask, v: Variable) -> Mask:
        """The tests that cannot depend on v."""
        place = self.place[v]
        return tuple(t for t in mask if all(self.place[c] < place for c in t.variables))

    def of_use(self, v: Variable, i: int) -> Mask:
        """Where the elements of v's input i matter to v, for all that v matters."""
        op, x, mask = v.op, v.inputs[i], self.active[v]
        if not isinstance(x.type, TensorType) or not isinstance(v.type, TensorType):
            return ()
        if isinstance(op, Where) and i:
            mask = both(mask, tests_of(v.inputs[0], i == 1))
        elif v in self.tested:  # 0 * inf there may be meant to be NaN
            pass
        elif isinstance(op, Multiply) and v.inputs[0] is not v.inputs[1]:
            mask = both(mask, self.zeros.get(v.inputs[1 - i], ()))
        elif isinstance(op, Divide) and i == 1 and v.hints.gradient:
            mask = both(mask, self.zeros.get(v.inputs[0], ()))
        return self._backward(v, x, mask) if mask else mask

    def _backward(self, v: Variable, x: Variable, mask: Mask) -> Mask:
        """The mask of a result, for the operand."""
        op = v.op
        if op.has_effect:
            return ()
        if isinstance(op, (Elementwise, BroadcastTo)) or (v.shape == x.shape and _keeps(op)):
            return fitted(mask, x.shape)
        if isinstance(op, (Reduce, Norm)):
            return _each(mask, lambda test: _expanded(test, op, x.ndim))
        if isinstance(op, Transpose):
            return _each(mask, lambda test: _turned(test, _inverse(op.axes), v.ndim))
        if isinstance(op, Reshape):
            return _each(mask, lambda test: _of_reshape(test, v.shape, x.shape))
        return _each(mask, _scalar)

    def _zero_off(self, v: Variable) -> Mask:
        op, zeros = v.op, self.zeros.get
        if not isinstance(v.type, TensorType):
            return ()
        if _is_truth(v):
            return tests_of(v, True)
        if isinstance(op, Where):
            condition, x, y = v.inputs
            if number(y) == 0:
                return both(zeros(x, ()), tests_of(condition, True))
            return both(zeros(y, ()), tests_of(condition, False)) if number(x) == 0 else ()
        if isinstance(op, (Multiply, Matmul)):
            one, other = (zeros(x, ()) for x in v.inputs)
            mask = both(one, other)
            return mask if isinstance(op, Multiply) else _each(mask, _scalar)
        if isinstance(op, (Add, Subtract)):
            one, other = (zeros(x, ()) for x in v.inputs)
            return either(one, other) if one and other else ()
        mask = zeros(v.inputs[0], ()) if v.inputs else ()
        return self._forward(v, mask) if mask else mask

    def _forward(self, v: Variable, mask: Mask) -> Mask:
        """The mask off which an operand is zero, for the result of a linear operation."""
        op = v.op
        if isinstance(op, (Cast, Negative, Divide, BroadcastTo)) or _keeps(op):
            return mask
        if isinstance(op, Sum):
            return _each(mask, lambda test: _reduced(test, op)) if v.hints.gradient else ()
        if isinstance(op, Transpose):
            return _each(mask, lambda test: _turned(test, op.axes, v.ndim))
        if isinstance(op, Reshape):
            start = v.inputs[0].shape
            return _each(mask, lambda test: _of_reshape(test, start, v.shape))
        return ()


def _is_truth(v: Variable) -> bool:
    return isinstance(v.type, TensorType) and v.dtype.kind == "b" and not v.type.weak


def _keeps(op: Op) -> bool:
    """Whether the operation hands on its first operand, element by element."""
    return isinstance(op, Cast) or (op.is_view and op.expression == "x")
