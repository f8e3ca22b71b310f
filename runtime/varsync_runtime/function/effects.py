"""Python's own effects in a `tf.function`: they happen when it is traced, and not at later calls.

The code runs at later calls too, so what it finds in Python is put back to what it was when the
trace began, and what it leaves is put back afterwards: the numbers, texts and containers that the
function reaches through globals, closures and attributes of its instance. `print` is silent.
"""

from __future__ import annotations

import builtins
import functools
import types
from collections.abc import Callable, Iterator, MutableMapping, MutableSequence
from contextlib import contextmanager
from typing import Any

from varsync_runtime.events.sites import is_users
from varsync_runtime.function import graphs
from varsync_runtime.tensors.protocols import VariableLike

SIMPLE = (bool, int, float, complex, str, bytes, type(None))
MISSING = object()
LIMIT = 64  # functions that are looked through


class Effects:
    """What one trace found in Python when it began."""

    def __init__(self) -> None:
        self._places: list[_Place] = []
        self._found: list[Any] = []

    def keep(self, places: list[_Place]) -> None:
        """Remembers what these places hold now."""
        self._places = places
        self._found = [place.get() for place in places]

    @contextmanager
    def replayed(self) -> Iterator[None]:
        """A later call: it finds what the trace found, and leaves nothing behind."""
        now = [place.get() for place in self._places]
        for place, found, value in zip(self._places, self._found, now, strict=True):
            if found is not value:
                place.set(found)
        try:
            yield
        finally:
            for place, value in zip(self._places, now, strict=True):
                place.set(value)


class _Place:
    """A name that may be bound anew."""

    def get(self) -> Any:
        """What it holds: a simple value, or the contents of a container; else `MISSING`."""
        raise NotImplementedError

    def set(self, value: Any) -> None:
        """Makes it hold that again."""
        raise NotImplementedError


class _Key(_Place):
    """A global, or an attribute of an instance."""

    def __init__(self, space: dict[str, Any], name: str) -> None:
        self._space = space
        self._name = name

    def get(self) -> Any:
        value = self._space.get(self._name, MISSING)
        return value if isinstance(value, SIMPLE) else MISSING

    def set(self, value: Any) -> None:
        if value is not MISSING and isinstance(self._space.get(self._name), SIMPLE):
            self._space[self._name] = value


class _ClassAttribute(_Place):
    """An attribute of a class."""

    def __init__(self, owner: type, name: str) -> None:
        self._owner = owner
        self._name = name

    def get(self) -> Any:
        value = vars(self._owner).get(self._name, MISSING)
        return value if isinstance(value, SIMPLE) else MISSING

    def set(self, value: Any) -> None:
        if value is not MISSING and self.get() is not MISSING and self.get() is not value:
            setattr(self._owner, self._name, value)


class _Cell(_Place):
    """A name of an enclosing function."""

    def __init__(self, cell: types.CellType) -> None:
        self._cell = cell

    def get(self) -> Any:
        try:
            value = self._cell.cell_contents
        except ValueError:
            return MISSING
        return value if isinstance(value, SIMPLE) else MISSING

    def set(self, value: Any) -> None:
        if value is not MISSING and self.get() is not MISSING:
            self._cell.cell_contents = value


class _Container(_Place):
    """A list or a dictionary: what it holds."""

    def __init__(self, container: Any) -> None:
        self._container = container

    def get(self) -> Any:
        return self._container.copy()

    def set(self, value: Any) -> None:
        container = self._container
        if isinstance(container, list):
            if len(container) != len(value) or any(map(_differ, container, value)):
                container[:] = value
        elif container != value:
            container.clear()
            container.update(value)


def _differ(one: Any, other: Any) -> bool:
    return one is not other


def watch(function: Callable[..., Any]) -> Effects:
    """The effects of a trace of `function` that begins now."""
    effects = Effects()
    effects.keep(_Search().of(function))
    return effects


class _Search:
    """Goes through what a function can reach."""

    def __init__(self) -> None:
        self.places: list[_Place] = []
        self._seen: set[int] = set()
        self._looked_through = 0

    def of(self, function: Any) -> list[_Place]:
        """The places that a callable can reach."""
        self._value(function)
        return self.places

    def _value(self, value: Any) -> None:
        # to ask an ON_READ variable for what it does not have is to read it
        if id(value) in self._seen or isinstance(value, VariableLike):
            return
        self._seen.add(id(value))
        if isinstance(value, functools.partial):
            for one in (value.func, *value.args, *value.keywords.values()):
                self._value(one)
        elif isinstance(value, types.FunctionType):
            self._function(value)
            self._value(getattr(value, "__wrapped__", None))
        elif hasattr(value, "__func__"):
            self._value(value.__func__)
            self._instance(value.__self__)
        elif type(value) in (list, dict, set):
            if all(not _is_ours(one) for one in value):
                self.places.append(_Container(value))
        elif hasattr(value, "python_function"):
            self._value(value.python_function)
        elif isinstance(value, type):
            self._class(value)
        elif hasattr(value, "__dict__") and not isinstance(value, types.ModuleType):
            self._instance(value)

    def _function(self, function: types.FunctionType) -> None:
        if self._looked_through >= LIMIT or not is_users(function.__code__.co_filename):
            return
        self._looked_through += 1
        space = function.__globals__
        for name in _names(function.__code__):
            if name in space:
                value = space[name]
                if isinstance(value, SIMPLE):
                    self.places.append(_Key(space, name))
                else:
                    self._value(value)
        for cell in function.__closure__ or ():
            try:
                value = cell.cell_contents
            except ValueError:
                continue
            if isinstance(value, SIMPLE):
                self.places.append(_Cell(cell))
            else:
                self._value(value)

    def _instance(self, instance: Any) -> None:
        self._seen.add(id(instance))
        kind = type(instance)
        if _is_ours(instance) or not _is_users_class(kind):
            return
        space = getattr(instance, "__dict__", None)
        if not isinstance(space, dict):
            return
        for name, value in list(space.items()):
            if isinstance(value, SIMPLE):
                self.places.append(_Key(space, name))
            elif isinstance(value, (MutableSequence, MutableMapping)) or callable(value):
                self._value(value)
        self._value(kind)

    def _class(self, kind: type) -> None:
        if not _is_users_class(kind):
            return
        for name, value in list(vars(kind).items()):
            if name.startswith("__"):
                continue
            if isinstance(value, SIMPLE):
                self.places.append(_ClassAttribute(kind, name))
            elif isinstance(value, types.FunctionType):
                self._value(value)


def _names(code: types.CodeType) -> Iterator[str]:
    """The global names that a function and the functions in it use."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names(constant)


def _is_ours(value: Any) -> bool:
    return type(value).__module__.startswith(("varsync_runtime", "tensorflow"))


def _is_users_class(kind: type) -> bool:
    import sys

    file = getattr(sys.modules.get(kind.__module__), "__file__", None)
    return kind.__module__ == "__main__" or (file is not None and is_users(file))


_print = builtins.print


@functools.wraps(_print)
def _print_when_traced(*args: Any, **kwargs: Any) -> None:
    graph = graphs.current()
    if graph is None or graph.tracing:
        _print(*args, **kwargs)


def install() -> None:
    """Python's `print` is silent in later calls of compiled functions."""
    builtins.print = _print_when_traced


install()
