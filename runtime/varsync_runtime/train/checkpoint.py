"""`tf.train.Checkpoint`: saves and restores the values of all objects that are found from a root.

After tensorflow/python/checkpoint/checkpoint.py.
"""

from __future__ import annotations

import copy
import inspect
import os
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from varsync_runtime.tensors import dtypes, errors
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.exports import export, registry
from varsync_runtime.tensors.oserrors import translated
from varsync_runtime.tensors.state import state
from varsync_runtime.tensors.trackable import Trackable, TrackableReference
from varsync_runtime.train import files, restoring, values
from varsync_runtime.train.autotrackable import AutoTrackable
from varsync_runtime.train.containers import NoDependency
from varsync_runtime.train.graph import OBJECT_GRAPH, GraphView
from varsync_runtime.train.state import update_checkpoint_state
from varsync_runtime.train.status import CheckpointLoadStatus, InitializationOnlyStatus

IN_A_FUNCTION = (
    "Calling tf.train.Checkpoint.save() from a function is not supported, as save() modifies "
    "saving metadata in ways not supported by TensorFlow Operations. Consider using "
    "tf.train.Checkpoint.write(), a lower-level API which does not update metadata. "
    "tf.train.latest_checkpoint and related APIs will not see this checkpoint."
)


@export("tf.train.CheckpointOptions")
class CheckpointOptions:
    """How a checkpoint is written. Whatever is said of devices and threads makes no difference."""

    __module__ = "tensorflow.python.checkpoint.checkpoint_options"

    def __init__(
        self,
        experimental_io_device: str | None = None,
        experimental_enable_async_checkpoint: bool = False,
        experimental_write_callbacks: list[Callable[..., Any]] | None = None,
        enable_async: bool = False,
        experimental_skip_slot_variables: bool = False,
        experimental_sharding_callback: Any = None,
    ) -> None:
        self.experimental_io_device = experimental_io_device
        self.enable_async = experimental_enable_async_checkpoint or enable_async
        self.experimental_enable_async_checkpoint = self.enable_async
        for callback in experimental_write_callbacks or ():
            if len(inspect.signature(callback).parameters) > 1:
                raise AssertionError
        self.experimental_write_callbacks = experimental_write_callbacks
        self.experimental_sharding_callback = experimental_sharding_callback
        self.experimental_skip_slot_variables = experimental_skip_slot_variables

    def with_callback(self, callback: Callable[[str], Any]) -> CheckpointOptions:
        """The same, and `callback` is called with the path when the checkpoint is written."""
        other = copy.copy(self)
        other.experimental_write_callbacks = [*(self.experimental_write_callbacks or ()), callback]
        return other


def require_trackable(value: Any, name: str) -> None:
    """Raises unless a checkpoint can look at the object."""
    if not isinstance(value, Trackable) and not hasattr(value, "get_concrete_function"):
        raise ValueError(
            f"`Checkpoint` was expecting {name} to be a trackable object (an object derived from "
            f"`Trackable`), got {value}. If you believe this object should be trackable (i.e. it "
            "is part of the TensorFlow Python API and manages state), please open an issue."
        )


def _object_of(value: Any) -> Any:
    return value() if isinstance(value, weakref.ref) else value


@export("tf.train.Checkpoint")
class Checkpoint(AutoTrackable):
    """Saves and restores `root`, or the objects that are given by name."""

    __module__ = "tensorflow.python.checkpoint.checkpoint"
    _view: Any
    _attached_dependencies: Any

    def __init__(self, root: Any = None, **kwargs: Any) -> None:
        self._maybe_initialize_trackable()
        object.__setattr__(self, "_root", root)
        self._save_counter: Any = None
        attached: list[TrackableReference] | None = None
        held_by = None
        if root:
            held_by = _object_of(root)
            require_trackable(held_by, "root")
            if not isinstance(held_by, Trackable):
                # a tf.function holds nothing
                held_by = AutoTrackable()
            attached = []
            kwargs["root"] = root
            held_by._maybe_initialize_trackable()
            self._save_counter = NoDependency(held_by._lookup_dependency("save_counter"))
        for name, value in sorted(kwargs.items()):
            setattr(self, name, value)
            converted = _object_of(getattr(self, name))
            require_trackable(converted, name)
            if held_by is None or attached is None:
                continue
            child = held_by._lookup_dependency(name)
            if child is None:
                attached.append(TrackableReference(name, converted))
            elif child != converted:
                raise ValueError(
                    f"Cannot create a Checkpoint with keyword argument {name} if root.{name} "
                    "already exists."
                )
        self._attached_dependencies = NoDependency(attached)
        self._view = NoDependency(GraphView(self if held_by is None else held_by, attached))

    # The counter ---------------------------------------------------------------------------

    @property
    def save_counter(self) -> Any:
        """A variable that counts the calls of `save`."""
        self._make_save_counter()
        return self._save_counter

    def _make_save_counter(self) -> None:
        if self._save_counter is not None:
            return
        initial = np.int64(0)
        counter = registry()["tf.Variable"](
            initial, name="save_counter", dtype=dtypes.int64, trainable=False
        )
        self._track_trackable(counter, "save_counter")
        self._save_counter = NoDependency(counter)
        if self._attached_dependencies is not None:
            self._attached_dependencies.append(TrackableReference("save_counter", counter))
            waiting = self._view.root._deferred_dependencies.pop("save_counter", ())
            if waiting:
                waiting[0].restore(counter)

    # Writing -------------------------------------------------------------------------------

    def write(self, file_prefix: Any, options: CheckpointOptions | None = None) -> Any:
        """Writes a checkpoint under just this path; the path."""
        return self._write(os.fspath(file_prefix), options)

    def _write(self, file_prefix: str, options: CheckpointOptions | None = None) -> Any:
        file_prefix = _text(file_prefix)
        folder = os.path.dirname(file_prefix)  # noqa: PTH120 - "" stays ""
        if folder:
            with translated(folder):
                os.makedirs(folder, exist_ok=True)  # noqa: PTH103 - what replicas agree on
        with values.together():
            graph, found = self._view.graph(lambda one: values.saved(one, file_prefix))
        text = np.array(graph.dumps(), dtype=object)
        found[OBJECT_GRAPH] = files.Saved(text, dtypes.string)
        files.write(file_prefix, found)
        for callback in (options.experimental_write_callbacks if options else None) or ():
            if inspect.signature(callback).parameters:
                callback(file_prefix)
            else:
                callback()
        return file_prefix if state.graph is None else convert(file_prefix)

    def save(self, file_prefix: Any, options: CheckpointOptions | None = None) -> Any:
        """Writes a checkpoint whose path ends with the next number; the path."""
        file_prefix = os.fspath(file_prefix)
        if state.graph is not None:
            raise NotImplementedError(IN_A_FUNCTION)
        self.save_counter.assign_add(1)
        number = int(self.save_counter.numpy())
        options = (options or CheckpointOptions()).with_callback(_record)
        return self._write(f"{file_prefix}-{number}", options)

    def sync(self) -> None:
        """Waits for checkpoints that are being written: there are none."""

    # Reading -------------------------------------------------------------------------------

    def read(self, save_path: Any, options: CheckpointOptions | None = None) -> Any:
        """Restores what `write` has written."""
        del options
        if save_path is None:
            return InitializationOnlyStatus(self._view)
        if state.graph is not None:
            raise TypeError("Tensor is unhashable. Instead, use tensor.ref() as the key.")
        path = _text(os.fspath(save_path))
        restoration = restoring.restore(self._view, files.Reader(path), path)
        return CheckpointLoadStatus(restoration, self._view)

    def restore(self, save_path: Any, options: CheckpointOptions | None = None) -> Any:
        """Restores what `save` has written; what is not there yet is restored when it comes."""
        try:
            status = self.read(save_path, options)
        except errors.NotFoundError as error:
            raise errors.NotFoundError(
                None,
                None,
                f"Error when restoring from checkpoint or SavedModel at {save_path}: "
                f"{error.message}\nPlease double-check that the path is correct. You may be "
                "missing the checkpoint suffix (e.g. the '-1' in 'path/to/ckpt-1').",
            ) from None
        self._make_save_counter()
        return status


def _text(path: Any) -> str:
    return path.decode() if isinstance(path, bytes) else str(path)


def _record(path: str) -> None:
    folder = os.path.dirname(path)  # noqa: PTH120 - "" stays ""
    update_checkpoint_state(folder, path, [path], save_relative_paths=True)
