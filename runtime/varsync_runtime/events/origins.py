"""Who made a variable, and on which line of the user.

A library makes the variables of its layers when they are first called, and the line that calls is
not the one that a user knows them by: that is where the layer was made.
"""

from __future__ import annotations

import functools
import sys
import weakref
from collections.abc import Callable, Iterator
from typing import NamedTuple

from varsync_runtime.events.sites import Site, is_installed, name_of


class Origin(NamedTuple):
    """The user's line, the step in which it ran, and whether in replica code."""

    site: Site
    step: int
    in_replica: bool


class Maker(NamedTuple):
    """`path` is the name that a library has for a variable, empty if it has none.

    `origin` is where the user made it, or the library's object that has it.
    """

    path: str
    origin: Origin


class Origins:
    """Where the objects of libraries were made: layers, metrics, optimizers.

    `callees` are the libraries' objects whose methods the user's line runs, the innermost first;
    `is_tensor` is true of tensors and variables; `now` is where the program is.
    """

    def __init__(
        self,
        callees: Callable[[], Iterator[object]],
        is_tensor: Callable[[object], bool],
        now: Callable[[], Origin],
    ) -> None:
        self._callees = callees
        self._is_tensor = is_tensor
        self._now = now
        self._noted: dict[int, tuple[weakref.ref[object], Origin]] = {}

    def note(self, made: object) -> None:
        """An object is made that may give variables; where, is kept as long as it lives."""
        if not _is_of_library(type(made).__module__):
            return
        key = id(made)
        try:
            reference = weakref.ref(made, lambda _: self._noted.pop(key, None))
        except TypeError:
            return
        self._noted[key] = (reference, self._origin(self._is_tensor(made)))

    def of_variable(self) -> Maker:
        """Who makes the variable that is being made."""
        for owner in self._callees():
            if self._is_tensor(owner):
                path = getattr(owner, "path", None)
                origin = self._known(owner) or self._origin(True)
                return Maker(path if isinstance(path, str) else "", origin)
            break
        return Maker("", self._origin(True))

    def user(self) -> str:
        """The name of the library's object that does what is being done; empty if it has none.

        Such as the optimizer that reduces gradients, the layer, the metric.
        """
        return next(filter(None, map(self._name, self._callees())), "")

    def _name(self, owner: object) -> str:
        """`sequential/dense` of what has such a path, else its name; empty if it has none."""
        return "" if self._is_tensor(owner) else name_of(owner)

    def _origin(self, is_variable: bool) -> Origin:
        """The origin of the library's object that makes what is being made, if it has one.

        What the user asks an object for (`model.compile("adam")`) is made there and then, unless it
        is one of its variables.
        """
        owners = [owner for owner in self._callees() if not self._is_tensor(owner)]
        if owners and (is_variable or owners[0] is not owners[-1]):
            known = self._known(owners[0])
            if known is not None:
                return known
        return self._now()

    def _known(self, owner: object) -> Origin | None:
        reference, origin = self._noted.get(id(owner), (None, None))
        return origin if reference is not None and reference() is owner else None


@functools.cache
def _is_of_library(module: str) -> bool:
    """Whether a module belongs to an installed package that is not TensorFlow."""
    if module.partition(".")[0] == "tensorflow":
        return False
    filename = getattr(sys.modules.get(module), "__file__", None)
    return isinstance(filename, str) and is_installed(filename)
