"""Options of `tf.saved_model.save` and `load`.

After tensorflow/python/saved_model/save_options.py and load_options.py.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import Any

from varsync_runtime.tensors.exports import export


@export("tf.saved_model.experimental.VariablePolicy")
class VariablePolicy(enum.Enum):
    """What is kept of where variables are."""

    NONE = None
    SAVE_VARIABLE_DEVICES = "save_variable_devices"
    EXPAND_DISTRIBUTED_VARIABLES = "expand_distributed_variables"

    def _save_variable_devices(self) -> bool:
        """Whether the devices of variables are saved."""
        return self is not VariablePolicy.NONE

    def _expand_distributed_variables(self) -> bool:
        """Whether functions keep all copies."""
        return self is VariablePolicy.EXPAND_DISTRIBUTED_VARIABLES

    @staticmethod
    def from_obj(obj: Any) -> VariablePolicy:
        """The policy that is meant by a member, its value in any case, or None."""
        if obj is None:
            return VariablePolicy.NONE
        if isinstance(obj, VariablePolicy):
            return obj
        wanted = str(obj).lower()
        for policy in VariablePolicy:
            if policy.value == wanted:
                return policy
        raise ValueError(f"Received invalid VariablePolicy value: {obj}.")


@export("tf.saved_model.SaveOptions")
class SaveOptions:
    """How a SavedModel is written. What is said of devices and files makes no difference."""

    __module__ = "tensorflow.python.saved_model.save_options"

    def __init__(
        self,
        namespace_whitelist: Sequence[str] | None = None,
        save_debug_info: bool = False,
        function_aliases: Any = None,
        experimental_debug_stripper: bool = False,
        experimental_io_device: str | None = None,
        experimental_variable_policy: Any = None,
        experimental_custom_gradients: bool = True,
        experimental_image_format: bool = False,
        experimental_skip_saver: bool = False,
        experimental_sharding_callback: Any = None,
        extra_tags: Sequence[str] | None = None,
    ) -> None:
        self.namespace_whitelist = list(namespace_whitelist or ())
        self.save_debug_info = save_debug_info
        self.function_aliases = function_aliases or {}
        self.experimental_debug_stripper = experimental_debug_stripper
        self.experimental_io_device = experimental_io_device
        self.experimental_variable_policy = VariablePolicy.from_obj(experimental_variable_policy)
        self.experimental_custom_gradients = experimental_custom_gradients
        self.experimental_image_format = experimental_image_format
        self.experimental_skip_saver = experimental_skip_saver
        self.experimental_sharding_callback = experimental_sharding_callback
        self.extra_tags = extra_tags


@export("tf.saved_model.LoadOptions")
class LoadOptions:
    """How a SavedModel is read. What is said of devices makes no difference."""

    __module__ = "tensorflow.python.saved_model.load_options"

    def __init__(
        self,
        allow_partial_checkpoint: bool = False,
        experimental_io_device: str | None = None,
        experimental_skip_checkpoint: bool = False,
        experimental_variable_policy: Any = None,
        experimental_load_function_aliases: bool = False,
    ) -> None:
        self.allow_partial_checkpoint = allow_partial_checkpoint
        self.experimental_io_device = experimental_io_device
        self.experimental_skip_checkpoint = experimental_skip_checkpoint
        self.experimental_variable_policy = VariablePolicy.from_obj(experimental_variable_policy)
        self.experimental_load_function_aliases = experimental_load_function_aliases
