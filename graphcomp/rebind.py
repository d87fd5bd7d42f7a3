"""Re-make a user's function so that it, and what it calls, sees stand-ins for NumPy and SciPy.

Nothing of the user's is changed: functions are made anew over the same code with other globals,
closures and defaults; classes are subclassed, instances copied. What is not used is not looked at.
"""

from __future__ import annotations

import abc
import builtins
import functools
import os
import sys
from collections.abc import Callable
from types import BuiltinFunctionType, CellType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from graphcomp.buffers import Buffer, Proxy, is_own, plain
from graphcomp.graph import Variable
from graphcomp.registry import path_in_table, path_of
from graphcomp.shim import is_frozen_distribution, is_library, length, stand_in
from graphcomp.source import TracedGlobals

_python_import = builtins.__import__
_STANDARD_LIBRARY = os.path.dirname(os.__file__)
_OWN = ("graphcomp", "codegen")
_CONTAINERS = (list, tuple, dict)
_MODULE_NAMES = ("__name__", "__package__", "__spec__", "__path__")  # that an import reads
_DESCRIPTORS = (FunctionType, property, classmethod, staticmethod, functools.cached_property)
_NOT_COPIED = ("__dict__", "__weakref__", "__slots__", "__init_subclass__", "__module__")


class Rebinder:
    """One traced function's view of the world. Each object has one stand-in, made when met."""

    def __init__(self) -> None:
        self._made: dict[int, Any] = {}
        self._kept: list[Any] = []  # what _made's ids belong to
        self._builtins = {**vars(builtins), "__import__": self._import, "len": length}

    def __call__(self, value: Any) -> Any:
        """``value`` as the traced function is to see it."""
        if id(value) in self._made:
            return self._made[id(value)]
        if _is_ours(value):
            return self._keep(value, Proxy(value, path_in_table(value)))
        if isinstance(value, FunctionType):
            return self._function(value)
        if isinstance(value, ModuleType):
            return self._module(value)
        if isinstance(value, type):
            return self._class(value)
        if isinstance(value, MethodType):
            return self._method(value)
        if isinstance(value, functools.partial):
            inside = [self(part) for part in (value.func, value.args, value.keywords)]
            return self._keep(value, functools.partial(inside[0], *inside[1], **inside[2]))
        if isinstance(value, functools._lru_cache_wrapper):
            return self._keep(value, self(value.__wrapped__))
        if type(value) in _CONTAINERS:
            return self._container(value)
        if isinstance(value, Variable) or type(value) is np.ndarray:
            return self._keep(value, _from_outside(value))
        if type(value) is np.vectorize:
            return self._keep(value, self._vectorized(value))
        if _is_library_function(value) or is_frozen_distribution(value):
            return self._keep(value, stand_in(value, path_of(value)))
        return self._instance(value)

    def _keep(self, value: Any, made: Any) -> Any:
        self._kept.extend((value, made))
        self._made[id(value)] = self._made[id(made)] = made
        return made

    # ------------------------------------------------------------------------------ functions

    def _function(self, function: FunctionType) -> Any:
        if is_library(function.__module__):
            return self._keep(function, stand_in(function, path_of(function)))
        if _is_standard(function.__module__):
            return self._keep(function, function)
        cells = tuple(CellType() for _ in function.__closure__ or ())
        made = FunctionType(
            function.__code__,
            self._globals(function.__globals__),
            function.__name__,
            None,
            cells or None,
        )
        self._keep(function, made)  # before its cells are filled: it may call itself
        made.__defaults__ = self(function.__defaults__)
        made.__kwdefaults__ = self(function.__kwdefaults__)
        made.__dict__.update(function.__dict__)
        made.__qualname__, made.__module__ = function.__qualname__, function.__module__
        is_ours = _is_library_of_ours(function)
        for own, cell in zip(cells, function.__closure__ or (), strict=True):
            self._fill(own, cell, plain if is_ours else _as_it_is)
        return self._keep(function, Proxy(made)) if is_ours else made

    def _fill(self, own: CellType, cell: CellType, see: Callable[[Any], Any]) -> None:
        try:
            content = cell.cell_contents
        except ValueError:  # an empty cell
            return
        own.cell_contents = see(self(content))

    def _globals(self, real: dict[str, Any]) -> dict[str, Any]:
        if is_graphcomp(real.get("__name__")):
            return real
        if id(real) not in self._made:
            self._keep(real, _Globals(self, real, self._builtins))
        made: dict[str, Any] = self._made[id(real)]
        return made

    def _method(self, method: MethodType) -> Any:
        if is_library(method.__func__.__module__):
            return self._keep(method, stand_in(method, path_of(method)))
        return MethodType(self(method.__func__), self(method.__self__))

    def _vectorized(self, value: Any) -> Any:
        """``np.vectorize(f)``, made outside of the traced function."""
        make = stand_in(np.vectorize, "numpy.vectorize")
        types, fixed, signature = value.otypes, value.excluded, value.signature
        return make(self(value.pyfunc), otypes=types, excluded=fixed, signature=signature)

    # -------------------------------------------------------------------------------- modules

    def _module(self, module: ModuleType) -> Any:
        name = module.__name__
        if is_library(name):
            return self._keep(module, stand_in(module, name))
        if _is_standard(name):
            return self._keep(module, module)
        return self._keep(module, _UserModule(self, module))

    def _import(self, *args: Any, **kwargs: Any) -> Any:
        return self(_python_import(*args, **kwargs))

    # ----------------------------------------------------------------- containers and instances

    def _container(self, value: Any) -> Any:
        """A copy where something in it has a stand-in, else the thing itself."""
        self._keep(value, value)  # a container that holds itself
        if isinstance(value, dict):
            old = [part for pair in value.items() for part in pair]
            new = [self._key(part) if k % 2 == 0 else self(part) for k, part in enumerate(old)]
            made: Any = dict(zip(new[::2], new[1::2], strict=True))
        else:
            old, new = list(value), [self(item) for item in value]
            made = type(value)(new)
        changed = any(after is not before for after, before in zip(new, old, strict=True))
        return self._keep(value, made) if changed else value

    def _key(self, key: Any) -> Any:
        """An object of the user's that is a key is found by its stand-in."""
        return self(key) if _is_users_class(type(key)) else key

    def _class(self, cls: type) -> Any:
        if is_library(cls.__module__):
            return self._keep(cls, stand_in(cls, path_of(cls)))
        if not _is_users_class(cls):
            return self._keep(cls, cls)
        bases = [self(base) for base in cls.__bases__]
        new = [base for base, old in zip(bases, cls.__bases__, strict=True) if base is not old]
        space: dict[str, Any] = {"__module__": cls.__module__, "__qualname__": cls.__qualname__}
        if _has_dict(cls):
            space["__getattribute__"] = self._attribute_reader(cls)
        else:
            space["__slots__"] = ()
        made = type(cls)(cls.__name__, (*(new or [_Quiet]), cls), space)
        self._keep(cls, made)
        for name, value in vars(cls).items():
            if name not in _NOT_COPIED and isinstance(value, _DESCRIPTORS):
                setattr(made, name, self._descriptor(value))
        return abc.update_abstractmethods(made)

    def _attribute_reader(self, cls: type) -> Any:
        """What an instance holds gets its stand-in when it is read."""
        read: Any = cls.__getattribute__

        def read_and_rebind(instance: Any, name: str) -> Any:
            value = read(instance, name)
            return value if name.startswith("__") else self(value)

        return read_and_rebind

    def _descriptor(self, value: Any) -> Any:
        if isinstance(value, property):
            return property(*(self(part) for part in (value.fget, value.fset, value.fdel)))
        if isinstance(value, functools.cached_property):
            return property(self(value.func))
        if isinstance(value, (classmethod, staticmethod)):
            return type(value)(self(value.__func__))
        return self(value)

    def _instance(self, value: Any) -> Any:
        """A copy of a user's object, of the class with stand-ins."""
        if is_library(type(value).__module__):
            return value
        cls = self(type(value))
        if cls is type(value):
            return value
        try:
            made = object.__new__(cls)
        except TypeError:  # a subclass of dict, say, whose contents are not its attributes
            return self._keep(value, value)
        self._keep(value, made)
        if _has_dict(cls):
            object.__getattribute__(made, "__dict__").update(value.__dict__)
        for name in _slots(cls):
            if hasattr(value, name):
                object.__setattr__(made, name, getattr(value, name))
        return made


def _from_outside(value: Any) -> Any:
    """A variable, or an array of numbers, of which the function sees the numbers there are."""
    if isinstance(value, Variable):
        return Buffer(value, "from outside of the function", is_scalar=not value.ndim)
    if value.dtype.kind not in "biufc":
        return value
    seen = value.view()
    seen.setflags(write=False)
    return Buffer(seen, "from outside of the function", contiguous=seen.flags.c_contiguous)


def is_graphcomp(name: str | None) -> bool:
    """Whether a module is one of graphcomp's own."""
    return (name or "").partition(".")[0] in _OWN


def _is_ours(value: Any) -> bool:
    """A module, function, class or object of graphcomp's own."""
    return is_own(value) and not isinstance(value, TracedGlobals)


def _is_library_of_ours(function: FunctionType) -> bool:
    """A function that graphcomp made for the user, and that carries his function's name."""
    return is_graphcomp(function.__globals__.get("__name__"))


def _as_it_is(value: Any) -> Any:
    return value


class _Globals(TracedGlobals):
    """A module's names, each with its stand-in from its first use on."""

    def __init__(self, rebind: Rebinder, real: dict[str, Any], builtin: dict[str, Any]) -> None:
        super().__init__({name: real[name] for name in _MODULE_NAMES if name in real})
        self["__builtins__"] = builtin
        self._rebind, self._real = rebind, real

    def __missing__(self, name: str) -> Any:
        made = self[name] = self._rebind(self._real[name])
        return made


class _UserModule:
    """A module of the user's, seen through stand-ins."""

    def __init__(self, rebind: Rebinder, real: ModuleType) -> None:
        self._rebind, self._real = rebind, real

    def __getattr__(self, name: str) -> Any:
        return self._rebind(getattr(self._real, name))


class _Quiet:
    """Keeps a user's ``__init_subclass__`` from hearing of our subclasses."""

    __slots__ = ()

    def __init_subclass__(cls, **_: Any) -> None:
        pass


def _is_library_function(value: Any) -> bool:
    if isinstance(value, np.ufunc):
        return True
    compiled = isinstance(value, BuiltinFunctionType) or is_library(type(value).__module__)
    return compiled and callable(value) and is_library(getattr(value, "__module__", None))


def _is_standard(name: str | None) -> bool:
    """The standard library and graphcomp itself need no stand-ins."""
    root = (name or "").partition(".")[0]
    if root in _OWN or root not in sys.stdlib_module_names or root not in sys.modules:
        return root in _OWN
    file = getattr(sys.modules[root], "__file__", None)  # a user's test.py is not Python's
    return file is None or file.startswith(_STANDARD_LIBRARY)


def _is_users_class(cls: type) -> bool:
    """A plain class of the user's own code, not of an installed package."""
    if type(cls) not in (type, abc.ABCMeta) or issubclass(cls, (BaseException, tuple)):
        return False
    if is_library(cls.__module__) or _is_standard(cls.__module__):
        return False
    if issubclass(cls, (np.generic, np.ndarray)):
        return False
    file = getattr(sys.modules.get(cls.__module__), "__file__", None) or ""
    return "site-packages" not in file and "dist-packages" not in file


def _has_dict(cls: type) -> bool:
    return cls.__dictoffset__ != 0


def _slots(cls: type) -> list[str]:
    declared = [vars(base).get("__slots__", ()) for base in cls.__mro__]
    names = [name for slots in declared for name in ((slots,) if isinstance(slots, str) else slots)]
    return [name for name in names if name not in _NOT_COPIED]
