"""Objects whose attributes are tracked: `AutoTrackable`.

After tensorflow/python/trackable/autotrackable.py.
"""

from __future__ import annotations

from typing import Any

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

    def _no_dependency(self, value: Any) -> Any:
        return NoDependency(value)
