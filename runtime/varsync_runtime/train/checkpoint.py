"""`tf.train.Checkpoint`, and what `restore` gives."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from varsync_runtime.events import here
from varsync_runtime.function import graphs
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.dtypes import FROM_NUMPY
from varsync_runtime.tensors.errors import NotFoundError
from varsync_runtime.tensors.exports import export, registry
from varsync_runtime.tensors.tensor import Tensor
from varsync_runtime.train import files, states
from varsync_runtime.train.object_graph import GRAPH, collect
from varsync_runtime.train.restoration import Restoration
from varsync_runtime.train.trackable import AutoTrackable, is_trackable

_TF = "tensorflow.python.checkpoint.checkpoint"


def path_of(value: Any) -> str:
    """A path that may be given as a tensor, as bytes or as an object."""
    if isinstance(value, Tensor):
        value = value._array.item()
    if isinstance(value, bytes):
        return value.decode()
    return str(os.fspath(value))


class InitializationOnlyStatus:
    """tensorflow/python/checkpoint/checkpoint.py: there was nothing to restore."""

    __module__ = _TF
    WORDS = "No checkpoint specified (save_path=None); nothing is being restored."

    def assert_consumed(self) -> Any:
        raise AssertionError(self.WORDS)

    assert_existing_objects_matched = assert_consumed
    assert_nontrivial_match = assert_consumed

    def expect_partial(self) -> InitializationOnlyStatus:
        """Nothing is expected."""
        return self

    def run_restore_ops(self, session: Any = None) -> None:
        raise AssertionError(self.WORDS)

    def initialize_or_restore(self, session: Any = None) -> None:
        """Variables have their initial values."""


class CheckpointLoadStatus:
    """tensorflow/python/checkpoint/checkpoint.py: what was matched."""

    __module__ = _TF

    def __init__(self, restoration: Restoration) -> None:
        self._restoration = restoration

    def assert_consumed(self) -> CheckpointLoadStatus:
        """Raises unless file and program have the same objects."""
        for number in self._restoration.unmatched_in_file():
            raise AssertionError(
                f"Unresolved object in checkpoint {self._restoration.describe(number)}"
            )
        unused = self._restoration.unmatched_in_program(with_values=False)
        if unused:
            raise AssertionError(
                "Some Python objects were not bound to checkpointed values, likely due to changes in "
                f"the Python program: {unused}"
            )
        return self

    def assert_existing_objects_matched(self) -> CheckpointLoadStatus:
        """Raises unless the file has everything that the program has."""
        unused = self._restoration.unmatched_in_program(with_values=True)
        if unused:
            shown = min(10, len(unused))
            raise AssertionError(
                f"Found {len(unused)} Python objects that were not bound to checkpointed values, "
                f"likely due to changes in the Python program. Showing {shown} of {len(unused)} "
                f"unmatched objects: {unused[:shown]}"
            )
        return self

    def assert_nontrivial_match(self) -> CheckpointLoadStatus:
        """Raises if the root alone was matched."""
        if len(self._restoration.matched) <= 1:
            unused = self._restoration.unmatched_in_program(with_values=False)
            words = "Nothing except the root object matched a checkpointed value."
            if unused:
                raise AssertionError(
                    f"{words} Typically this means that the checkpoint does not match the Python "
                    f"program. The following objects have no matching checkpointed value: {unused}"
                )
            raise AssertionError(f"Nothing to load. No dependencies have been added to {self}")
        return self

    def expect_partial(self) -> CheckpointLoadStatus:
        """Silences the warnings about what is not used; there are none."""
        return self

    def run_restore_ops(self, session: Any = None) -> None:
        """Everything is restored already."""

    def initialize_or_restore(self, session: Any = None) -> None:
        """Everything is restored already."""


@export("tf.train.Checkpoint")
class Checkpoint(AutoTrackable):
    """tensorflow/python/checkpoint/checkpoint.py, `Checkpoint`."""

    __module__ = _TF

    def __init__(self, root: Any = None, **kwargs: Any) -> None:
        self.__dict__["_varsync_root"] = root
        self.__dict__["_varsync_counter"] = None
        if root is not None and not is_trackable(root):
            raise ValueError(
                "`Checkpoint` was expecting root to be a trackable object (an object derived from "
                f"`Trackable`), got {root}. If you believe this object should be trackable (i.e. it "
                "is part of the TensorFlow Python API and manages state), please open an issue."
            )
        for name, value in sorted(kwargs.items()):
            if not is_trackable(value):
                raise ValueError(
                    f"`Checkpoint` was expecting {name} to be a trackable object (an object derived "
                    f"from `Trackable`), got {value}. If you believe this object should be trackable "
                    "(i.e. it is part of the TensorFlow Python API and manages state), please open an "
                    "issue."
                )
            setattr(self, name, value)

    @property
    def save_counter(self) -> Any:
        """How often `save` was called: a variable, made when it is first asked for."""
        if self.__dict__["_varsync_counter"] is None:
            counter = registry()["tf.Variable"](
                np.int64(0), name="save_counter", trainable=False, dtype="int64"
            )
            self.__dict__["_varsync_counter"] = counter
            # a restored value may wait for it
            waiting = self.__dict__.get("_varsync_waiting", {}).pop("save_counter", ())
            for restoration, node in waiting:
                restoration.attached(counter, node)
        return self.__dict__["_varsync_counter"]

    def _parts(self) -> tuple[Any, list[tuple[str, Any]]]:
        """The root, and what belongs to it beside its own."""
        root = self.__dict__["_varsync_root"]
        counter = self.__dict__["_varsync_counter"]
        extra = [] if counter is None else [("save_counter", counter)]
        if root is None:
            return self, extra
        return root, [*super()._trackable_children(), *extra]

    def write(self, file_prefix: Any, options: Any = None) -> str:
        """Writes a checkpoint under exactly this name."""
        del options
        prefix = path_of(file_prefix)
        root, extra = self._parts()
        files.write(prefix, collect(root, extra, prefix, here()))
        return prefix

    def save(self, file_prefix: Any, options: Any = None) -> str:
        """Writes a numbered checkpoint and tells the folder's state file of it."""
        if graphs.current() is not None:
            raise NotImplementedError(
                "Calling tf.train.Checkpoint.save() from a function is not supported, as save() "
                "modifies saving metadata in ways not supported by TensorFlow Operations. Consider "
                "using tf.train.Checkpoint.write(), a lower-level API which does not update metadata. "
                "tf.train.latest_checkpoint and related APIs will not see this checkpoint."
            )
        self.save_counter.assign_add(1)
        number = int(convert(self.save_counter)._array)
        prefix = self.write(f"{path_of(file_prefix)}-{number}", options)
        folder = os.path.dirname(prefix)  # noqa: PTH120
        states.update(folder, prefix, [prefix])
        return prefix

    def read(self, save_path: Any, options: Any = None) -> Any:
        """Restores what `write` wrote."""
        del options
        prefix = path_of(save_path)
        contents = files.read(prefix)
        root, extra = self._parts()
        return CheckpointLoadStatus(Restoration(contents, root, extra, prefix, here()))

    def restore(self, save_path: Any, options: Any = None) -> Any:
        """Restores what `save` wrote; None restores nothing."""
        if save_path is None:
            self.save_counter  # noqa: B018
            return InitializationOnlyStatus()
        prefix = path_of(save_path)
        if not files.exists(prefix):
            raise NotFoundError(
                None,
                None,
                f"Error when restoring from checkpoint or SavedModel at {prefix}: "
                f"{files.missing(prefix).message}\nPlease double-check that the path is correct. You "
                "may be missing the checkpoint suffix (e.g. the '-1' in 'path/to/ckpt-1').",
            )
        self.save_counter  # noqa: B018
        return self.read(prefix, options)


class CheckpointReader:
    """What `tf.train.load_checkpoint` gives."""

    __module__ = "tensorflow.python.util._pywrap_checkpoint_reader"

    def __init__(self, contents: files.Contents) -> None:
        self._arrays = contents.arrays

    def get_variable_to_shape_map(self) -> dict[str, list[int]]:
        """The shapes of the values, by key."""
        shapes = {key: list(array.shape) for key, array in self._arrays.items()}
        return {**shapes, GRAPH: []}

    def get_variable_to_dtype_map(self) -> dict[str, Any]:
        """The dtypes of the values, by key."""
        return {key: FROM_NUMPY[array.dtype] for key, array in self._arrays.items()}

    def has_tensor(self, tensor_str: str) -> bool:
        """Whether there is a value of this key."""
        return tensor_str in self._arrays

    def get_tensor(self, tensor_str: str) -> Any:
        """The value of a key."""
        if tensor_str not in self._arrays:
            raise NotFoundError(None, None, f"Key {tensor_str} not found in checkpoint")
        array = self._arrays[tensor_str]
        return array if array.ndim else array[()]


@export("tf.train.load_checkpoint")
def load_checkpoint(ckpt_dir_or_file: Any) -> CheckpointReader:
    """A reader for a checkpoint, or for the latest one of a folder."""
    given = path_of(ckpt_dir_or_file)
    prefix = states.latest_checkpoint(given) or given
    return CheckpointReader(files.read(prefix))


@export("tf.train.list_variables")
def list_variables(ckpt_dir_or_file: Any) -> list[tuple[str, list[int]]]:
    """The keys and shapes of a checkpoint."""
    return sorted(load_checkpoint(ckpt_dir_or_file).get_variable_to_shape_map().items())


@export("tf.train.load_variable")
def load_variable(ckpt_dir_or_file: Any, name: str) -> Any:
    """The value of a key of a checkpoint."""
    name = name.removesuffix(":0")
    return load_checkpoint(ckpt_dir_or_file).get_tensor(name)
