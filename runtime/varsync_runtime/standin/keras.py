"""The installed Keras 3 as `tf.keras`, as TensorFlow has it: its own package, on the stand-in."""

from __future__ import annotations

import functools
import importlib
import os
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from varsync_runtime import events
from varsync_runtime.distribute import keras_logs
from varsync_runtime.replicas.host import hdf5
from varsync_runtime.standin import gone
from varsync_runtime.tensors.errors import NotModelled

WHY = "its results agree with those on TensorFlow to 5e-6 of 1 + |value|, not to the bit"
# where Keras keeps what `tf.keras` shows
HOME = "keras._tf_keras.keras"
OWN = ("keras.src", "keras._tf_keras.keras.src")
"""What is not Keras's public API."""
OLD = "tf.compat.v1."
"""Keras 2 lived there; Keras 3 does not."""
INSTALL = "Keras: pip install 'varsync[keras]'"


class Watcher(MetaPathFinder):
    """Sees that Keras is about to be imported, and says what to do about a name that is gone."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of a module of Keras's public API, as others find it; None for other modules."""
        refused = gone.package(fullname)
        if refused is not None:
            raise refused
        if fullname.partition(".")[0] != "keras" or fullname.startswith(OWN):
            return None
        if fullname == "keras" and installed():
            imported()
        spec = _found(fullname, path)
        if spec is None:
            raise (
                gone.GoneModule(f"{fullname} without {INSTALL}")
                if fullname == "keras"
                else (gone.module(fullname))
            )
        return _telling(spec)


def _logged(logs: Any) -> None:
    from varsync_runtime.distribute import obtained  # loads NumPy, which is not ours to do early

    obtained.logged(logs)


def _found(name: str, path: Sequence[str] | None) -> ModuleSpec | None:
    others = (one for one in sys.meta_path if not isinstance(one, Watcher))
    return next((spec for one in others if (spec := one.find_spec(name, path)) is not None), None)


def _telling(spec: ModuleSpec) -> ModuleSpec:
    """The spec of a module that says what to do about a name that it has no longer."""
    loader: Any = spec.loader
    if not hasattr(loader, "exec_module"):
        return spec
    execute = loader.exec_module

    def executed(module: ModuleType) -> None:
        execute(module)
        vars(module).setdefault("__getattr__", gone.attribute(module.__name__))
        keras_logs.listen(module, _logged)

    loader.exec_module = executed
    return spec


@functools.cache
def installed() -> bool:
    """Whether there is a Keras that TensorFlow could use. It is not imported."""
    return _found("keras", None) is not None


@functools.cache
def imported() -> None:
    """Keras is about to be imported: the report says how far it is known to be right."""
    from importlib.metadata import version

    found = version("keras")
    if int(found.partition(".")[0]) < 3:
        raise gone.GoneModule(f"Keras {found}, which is installed: pip install 'varsync[keras]'")
    # another backend would not run on tensors of TensorFlow's
    os.environ["KERAS_BACKEND"] = "tensorflow"
    hdf5.install()
    events.count(events.Approximated, "keras", WHY, events.here())


def module(path: str) -> ModuleType | None:
    """Keras's module for `tf.keras.layers` or `tf.losses`; None if it has none there."""
    if path.startswith(OLD) or not installed():
        return None
    if os.environ.get("TF_USE_LEGACY_KERAS", "").lower() in ("1", "true"):
        raise NotModelled(gone.LEGACY)
    inside = path.removeprefix("tf.").removeprefix("keras").lstrip(".")
    try:
        return importlib.import_module(f"{HOME}.{inside}" if inside else HOME)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith(HOME):
            return None
        raise
