"""The installed Keras 3 as `tf.keras`, as TensorFlow has it: its own package, on the stand-in."""

from __future__ import annotations

import functools
import importlib
import os
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from types import ModuleType

from varsync_runtime import events
from varsync_runtime.replicas.host import hdf5

WHY = "its results agree with those on TensorFlow to 5e-6 of 1 + |value|, not to the bit"
# where Keras keeps what `tf.keras` shows
HOME = "keras._tf_keras.keras"
OLD = "tf.compat.v1."
"""Keras 2 lived there; Keras 3 does not."""


class Watcher(MetaPathFinder):
    """Finds nothing, but sees that Keras is about to be imported."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> None:
        """None for every module."""
        if fullname == "keras":
            imported()


@functools.cache
def installed() -> bool:
    """Whether there is a Keras that TensorFlow could use. It is not imported."""
    others = [one for one in sys.meta_path if not isinstance(one, Watcher)]
    return any(one.find_spec("keras", None) is not None for one in others)


@functools.cache
def imported() -> None:
    """Keras is about to be imported: the report says how far it is known to be right."""
    # another backend would not run on tensors of TensorFlow's
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    hdf5.install()
    events.count(events.Approximated, "keras", WHY, events.here())


def module(path: str) -> ModuleType | None:
    """Keras's module for `tf.keras.layers` or `tf.losses`; None if it has none there."""
    if path.startswith(OLD) or not installed():
        return None
    inside = path.removeprefix("tf.").removeprefix("keras").lstrip(".")
    try:
        return importlib.import_module(f"{HOME}.{inside}" if inside else HOME)
    except ModuleNotFoundError as error:
        if error.name is not None and error.name.startswith(HOME):
            return None
        raise
