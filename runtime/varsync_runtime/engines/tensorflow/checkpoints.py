"""What is told of variables that are written to checkpoints and restored from them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

from varsync_runtime import events
from varsync_runtime.engines.tensorflow import (
    library,
    rejections,
    steps,
    telling,
    variables,
)
from varsync_runtime.engines.tensorflow.wrapping import heard, is_heard, unheard, wrap
from varsync_runtime.events import Site
from varsync_runtime.semantics import Rule

CONTAINER = "_varsync_container"
REDUCED = {"SUM": Rule.SUM, "MEAN": Rule.MEAN}


class _Thread(threading.local):
    path = ""
    to_tell: list[Callable[[], None]] | None = None
    """What is told when all that is being saved is there."""
    initial: Any = None
    """The `CheckpointInitialValue` that the variable that is being made has asked for."""


_thread = _Thread()


def install() -> None:
    """Wraps what gives a checkpoint a variable's value, and a variable its value again."""
    from tensorflow.python.checkpoint import checkpoint, functional_saver
    from tensorflow.python.distribute import values, values_util
    from tensorflow.python.ops import resource_variable_ops
    from tensorflow.python.ops import variables as tf_variables
    from tensorflow.python.saved_model import save
    from tensorflow.python.trackable import base
    from tensorflow.python.training.saving import saveable_object_util

    wrap(values_util, "get_on_write_saveable", _saveable)
    wrap(values_util, "get_on_read_saveable", _saveable)
    wrap(values._MirroredSaveable, "restore", _restoring("_mirrored_variable"))
    wrap(values._SyncOnReadSaveable, "restore", _restoring("_sync_on_read_variable"))
    one_in_another = saveable_object_util.ResourceVariableSaveable
    wrap(one_in_another, "__init__", _saveable_of_one)
    wrap(one_in_another, "restore", _restoring(CONTAINER))
    wrap(resource_variable_ops.BaseResourceVariable, "_serialize_to_tensors", _serialize)
    wrap(resource_variable_ops.BaseResourceVariable, "_restore_from_tensors", _restore_plain)
    wrap(functional_saver.MultiDeviceSaver, "__init__", _saver)
    wrap(checkpoint.TrackableSaver, "save", _saving)
    # for what is restored at once, and for what is when it is made
    wrap(checkpoint._CheckpointRestoreCoordinator, "restore_saveables", _restoring_some)
    wrap(save, "save_and_return_nodes", _exporting)
    wrap(base.CheckpointInitialValue, "__init__", _initial_value)
    wrap(tf_variables.VariableMetaclass, "__call__", _made)


def _initial_value(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
    original(self, *args, **kwargs)
    _thread.initial = self


def _made(original: Any, cls: Any, *args: Any, **kwargs: Any) -> Any:
    """A variable whose value waited for it in a checkpoint may be made with that."""
    before, _thread.initial = _thread.initial, None
    after = before
    try:
        made = original(cls, *args, **kwargs)
        initial = _thread.initial
        if initial is not None and not variables.is_whole(made):
            after = initial  # of a part of what is being made
    finally:
        _thread.initial = after
    if initial is not None and variables.is_whole(made) and is_heard():
        with _at(initial.checkpoint_position.checkpoint.save_path_string):
            _restored(made, initial.wrapped_value, None)
    return made


def _saving(original: Any, self: Any, file_prefix: Any, *args: Any, **kwargs: Any) -> Any:
    with _at(file_prefix), _together():
        return original(self, file_prefix, *args, **kwargs)


def _restoring_some(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
    with _at(self.save_path_string):
        return original(self, *args, **kwargs)


@contextmanager
def _together() -> Iterator[None]:
    """What is saved in here is told when all of it is there."""
    before, _thread.to_tell = _thread.to_tell, []
    try:
        yield
        for tell in _thread.to_tell:
            tell()
    finally:
        _thread.to_tell = before


def _when_all_are_there(tell: Callable[[], None]) -> None:
    if _thread.to_tell is None:  # what is compiled saves
        tell()
    else:
        _thread.to_tell.append(tell)


@contextmanager
def _at(path: Any) -> Iterator[None]:
    """What is saved and restored in here is in this checkpoint, or in the model that has it."""
    from tensorflow.python.saved_model import path_helpers

    path = str(path)
    model = str(Path(path).parent.parent)
    of_model = path == path_helpers.get_variables_path(model)
    before, _thread.path = _thread.path, model if of_model else path
    try:
        yield
    finally:
        _thread.path = before


def _exporting(original: Any, *args: Any, **kwargs: Any) -> Any:
    with rejections.told(None, "save"):
        return original(*args, **kwargs)


def _saveable(original: Any, variable: Any, primary: Any, name: Any) -> Any:
    tensor, specs = original(variable, primary, name)

    def value() -> Any:
        with rejections.told(variable, "save"), unheard():
            saved = tensor()
        if saved is not None:
            _saved(variable, saved)
        return saved

    specs[0]._tensor = value
    return value, specs


def _saveable_of_one(original: Any, self: Any, variable: Any, *args: Any, **kwargs: Any) -> None:
    """The variable in an AggregatingVariable is saved and restored for it."""
    original(self, variable, *args, **kwargs)
    container = variables.container_of(variable)
    setattr(self, CONTAINER, container)
    if container is not None:
        self.specs[0]._tensor = _saves_plain(container, self.specs[0]._tensor)


def _saver(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
    """An object of a library gives the saver a distributed variable itself (Keras does)."""
    original(self, *args, **kwargs)
    for item in chain.from_iterable(self._shardable_tensors_by_task.values()):
        variable = item._tensor_save_spec._tensor
        if variables.is_whole(variable):
            item._tensor_save_spec._tensor = _saves(variable)
            key = (item.checkpoint_key, item.slice_spec)
            plain = self._keys_to_restore_fn[key]
            self._keys_to_restore_fn[key] = restores = _restores(variable, plain)
            self._restore_fn_to_keys[restores] = self._restore_fn_to_keys.pop(plain)


def _saves(variable: Any) -> Callable[[], Any]:
    from tensorflow.python.framework import ops

    def value() -> Any:
        with rejections.told(variable, "save"), unheard():
            saved = ops.convert_to_tensor(variable)
        _saved(variable, saved)
        return saved

    return value


def _restores(variable: Any, plain: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def restore(restored_tensors: Any) -> Any:
        with unheard():
            result = plain(restored_tensors)
        _restored(variable, next(iter(restored_tensors.values())), None)
        return result

    return restore


def _saved(variable: Any, tensor: Any) -> None:
    from tensorflow.python.distribute import values

    number, aggregation = variables.number_of(variable), variables.aggregation(variable)
    if number is None or not is_heard():
        return
    rule = Rule.WORKER_FIRST
    if isinstance(variable, values.SyncOnReadVariable):
        rule = REDUCED.get(aggregation, Rule.WORKER_FIRST)
    path, by = _thread.path, library.user()

    def tell(site: Site, saved: Any) -> None:
        if rule is not Rule.WORKER_FIRST:
            fields = (number, "save", rule.name, True, site, False, by)
            nbytes = saved.nbytes
            _when_all_are_there(
                lambda: telling.count(0, events.Synchronised, *fields, nbytes=nbytes)
            )
        _tell_saved(variable, number, path, rule, saved, site)

    telling.when_run(tell, [tensor])


def _tell_saved(variable: Any, number: int, path: str, rule: Rule, saved: Any, site: Site) -> None:
    copies = tuple(map(telling.value_of, variables.held(variable)))
    event = events.Saved(number, path, rule.name, copies, telling.value_of(saved), site)
    _when_all_are_there(lambda: telling.tell(event))


def _serialize(original: Any, self: Any) -> Any:
    result = original(self)
    if variables.is_whole(self):
        (spec,) = result.values()
        spec._tensor = _saves_plain(self, spec._tensor)
    return result


def _saves_plain(variable: Any, read: Callable[[], Any]) -> Callable[[], Any]:
    def value() -> Any:
        saved = read()
        number, path = variables.number_of(variable), _thread.path
        if saved is not None and number is not None and is_heard():
            telling.when_run(
                lambda site, array: _tell_saved(variable, number, path, Rule.OWN, array, site),
                [saved],
            )
        return saved

    return value


def _restoring(attribute: str) -> Any:
    def restore(original: Any, self: Any, restored_tensors: Any, restored_shapes: Any) -> Any:
        variable = getattr(self, attribute)
        with unheard():
            result = original(self, restored_tensors, restored_shapes)
        _restored(variable, restored_tensors[0], result)
        return result

    return restore


def _restored(variable: Any, tensor: Any, operation: Any) -> None:
    from tensorflow.python.distribute import values

    number, path = variables.number_of(variable), _thread.path
    if number is None:
        return
    on_read = isinstance(variable, values.SyncOnReadVariable)
    rule = Rule.SHARE if on_read and variables.aggregation(variable) == "SUM" else Rule.SAME

    def tell(site: Site, saved: Any) -> None:
        steps.settled(variable)
        copies = tuple(map(telling.value_of, variables.held(variable)))
        value = telling.value_of(saved)
        telling.tell(events.Restored(number, path, rule.name, value, copies, site))

    after = [] if operation is None or not hasattr(operation, "type") else [operation]
    with heard():
        telling.when_run(tell, [tensor], after)


def _restore_plain(original: Any, self: Any, restored_tensors: Any) -> Any:
    result = original(self, restored_tensors)
    if variables.is_whole(self):
        _restored(self, next(iter(restored_tensors.values())), result)
    return result
