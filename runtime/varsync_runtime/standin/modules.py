"""The modules `tensorflow`, `tensorflow.math`, … whose names come from the export registry."""

from __future__ import annotations

import types
from collections.abc import Iterable
from typing import Any

from varsync_runtime.standin import abseil, gone, keras
from varsync_runtime.standin.names import PACKAGES, Kind, Names, load
from varsync_runtime.standin.placeholders import Placeholder
from varsync_runtime.tensors.exports import registry

MISSING = object()  # `tf.newaxis` is None


class StandIn(types.ModuleType):
    """A module of the stand-in. A name is looked up when it is first read.

    A name that is exported gives its value; one that TensorFlow has and varsync does not model a
    placeholder; another one raises AttributeError in TensorFlow's words.
    """

    def __init__(self, path: str) -> None:
        super().__init__(imported_name(path))
        self.__dict__["_varsync_path"] = path

    def __getattr__(self, name: str) -> Any:
        path: str = self.__dict__["_varsync_path"]
        # Python's own protocols ask for such names; where any name may be, they are not
        asked = not name.startswith("__") or load().kind(f"{path}.{name}") is not None
        value = find(f"{path}.{name}", load()) if asked else MISSING
        if value is MISSING:
            in_version_1 = load().kind(f"tf.compat.v1.{name}") is not None
            if path == "tf" and (words := gone.of_tensorflow(name, in_version_1)):
                raise gone.GoneName(words)
            raise AttributeError(f"module {api_name(path)!r} has no attribute {name!r}")
        self.__dict__[name] = value
        return value

    def __dir__(self) -> Iterable[str]:
        path: str = self.__dict__["_varsync_path"]
        return sorted({*(load().module(path) or ()), *super().__dir__()})


_modules: dict[str, StandIn] = {}


def module(path: str) -> StandIn:
    """The module of a path (`tf`, `tf.math`), one for each path."""
    if path not in _modules:
        _modules[path] = StandIn(path)
    return _modules[path]


def forget() -> None:
    """The modules are made anew when they are asked for again."""
    _modules.clear()


def exported(path: str, names: Names) -> Any:
    """The value that is exported under this path or another name of the same thing, or MISSING."""
    values = registry()
    for spelling in names.spellings(path):
        if spelling in values:
            return values[spelling]
    return MISSING


def find(path: str, names: Names) -> Any:
    """What the name of this path gives: value, module or placeholder; MISSING if there is none."""
    value = exported(path, names)
    if value is not MISSING:
        return value
    kind = names.kind(path)
    if kind is Kind.MODULE or names.is_private_module(path):
        return module(path)
    if kind is Kind.KERAS:
        found = keras.module(path)
        if found is not None:
            return found
    of_abseil = abseil.value(path)
    if of_abseil is not abseil.NONE:
        return of_abseil
    return Placeholder(path) if kind is not None or is_free(path, names) else MISSING


def is_module(path: str, names: Names) -> bool:
    """Whether `import` finds a module at this path."""
    if names.is_private_module(path):
        return True
    return names.kind(path) is Kind.MODULE or is_of_keras(path, names)


def is_of_keras(path: str, names: Names) -> bool:
    """Whether this path, or one above it, is a module of Keras."""
    parts = path.split(".")
    return any(names.kind(".".join(parts[:end])) is Kind.KERAS for end in range(2, len(parts) + 1))


def of_keras(path: str, names: Names) -> types.ModuleType | None:
    """Keras's own module at this path, `tf.keras.layers`; None if it is no path of Keras."""
    return keras.module(path) if is_of_keras(path, names) else None


def is_free(path: str, names: Names) -> bool:
    """Whether any name may be there: what private modules and Keras hold is not recorded."""
    above = path.rpartition(".")[0]
    return is_module(above, names) and names.module(above) is None


def imported_name(path: str) -> str:
    """The name under which a path is imported: `tensorflow.math` for `tf.math`."""
    return "tensorflow" + path.removeprefix("tf")


def api_name(path: str) -> str:
    """The name that TensorFlow's own modules bear: `tensorflow._api.v2.math` for `tf.math`."""
    if path == "tf" or path.startswith(PACKAGES):
        return imported_name(path)
    if path.startswith("tf.keras"):
        return "keras._tf_keras" + path.removeprefix("tf")
    return "tensorflow._api.v2" + path.removeprefix("tf")
