"""Objects whose attributes are tracked: `AutoTrackable`.

After tensorflow/python/trackable/autotrackable.py.
"""

from __future__ import annotations

import contextlib
import warnings
from typing import Any

from varsync_runtime.function.concrete import ConcreteFunction
from varsync_runtime.function.polymorphic import Function
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.trackable import Trackable
from varsync_runtime.train.containers import NoDependency, sticky_attribute_assignment


@export("tf.__internal__.tracking.AutoTrackable")
class AutoTrackable(Trackable):
    """An attribute assignment tells a checkpoint what the object holds."""

    __module__ = "tensorflow.python.trackable.autotrackable"

    def __setattr__(self, name: str, value: Any) -> None:
        try:
            if getattr(self, name) is value:
                return
        except AttributeError:
            pass
        if getattr(self, "_self_setattr_tracking", True):
            value = sticky_attribute_assignment(self, name, value)
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        self._delete_tracking(name)
        super().__delattr__(name)

    def _trackable_children(self, save_type: str = "checkpoint", **kwargs: Any) -> dict[str, Any]:
        held = super()._trackable_children(save_type, **kwargs)
        if save_type != "savedmodel":
            return held
        functions = {}
        for name in dir(self):
            # a property may fail, and a placeholder raises when it is asked for
            with contextlib.suppress(Exception), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                value = getattr(self, name)
                if isinstance(value, (Function, ConcreteFunction)):
                    functions[name] = value
        held = {
            name: one
            for name, one in held.items()
            if not isinstance(one, (Function, ConcreteFunction))
        }
        return {**held, **functions}

    def _no_dependency(self, value: Any) -> Any:
        return NoDependency(value)
