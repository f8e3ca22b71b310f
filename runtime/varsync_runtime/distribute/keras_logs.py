"""What Keras logs after each step of `fit`: its loss and metrics, under their names."""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import ModuleType
from typing import Any

HOME = ("keras.callbacks", "keras._tf_keras.keras.callbacks")
"""The modules that have Keras's list of callbacks."""


def listen(module: ModuleType, logged: Callable[[Any], None]) -> None:
    """Has what the callbacks are told `logged` as well, if this is one of those modules."""
    callbacks = vars(module).get("CallbackList")  # not to be told that it is gone
    if module.__name__ not in HOME or callbacks is None:
        return
    told = callbacks.on_train_batch_end
    if hasattr(told, "__wrapped__"):
        return

    @functools.wraps(told)
    def on_train_batch_end(self: Any, batch: Any, logs: Any = None) -> Any:
        logged(logs)
        return told(self, batch, logs)

    callbacks.on_train_batch_end = on_train_batch_end
