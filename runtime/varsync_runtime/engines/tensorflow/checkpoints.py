"""What is told of variables that are written to checkpoints and restored from them."""

from __future__ import annotations

import threading
from typing import Any

from varsync_runtime import events
from varsync_runtime.engines.tensorflow import (
    library,
    places,
    rejections,
    steps,
    telling,
    variables,
)
from varsync_runtime.engines.tensorflow.wrapping import heard, is_heard, unheard, wrap
from varsync_runtime.events import Site
from varsync_runtime.semantics import Rule

REDUCED = {"SUM": Rule.SUM, "MEAN": Rule.MEAN}


class _Thread(threading.local):
    path = ""


_thread = _Thread()


def install() -> None:
    """Wraps what gives a checkpoint a variable's value, and a variable its value again."""
    from tensorflow.python.checkpoint import checkpoint
    from tensorflow.python.distribute import values, values_util
    from tensorflow.python.ops import resource_variable_ops
    from tensorflow.python.saved_model import save

    wrap(values_util, "get_on_write_saveable", _saveable)
    wrap(values_util, "get_on_read_saveable", _saveable)
    wrap(values._MirroredSaveable, "restore", _restoring("_mirrored_variable"))
    wrap(values._SyncOnReadSaveable, "restore", _restoring("_sync_on_read_variable"))
    wrap(resource_variable_ops.BaseResourceVariable, "_serialize_to_tensors", _serialize)
    wrap(resource_variable_ops.BaseResourceVariable, "_restore_from_tensors", _restore_plain)
    for name in ("save", "restore"):
        wrap(checkpoint.TrackableSaver, name, _at_path)
    wrap(save, "save_and_return_nodes", _exporting)


def _at_path(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
    path = args[0] if args else kwargs.get("file_prefix", kwargs.get("save_path"))
    before, _thread.path = _thread.path, str(path)
    try:
        return original(self, *args, **kwargs)
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
            telling.count(0, events.Synchronised, *fields, nbytes=saved.nbytes)
        _tell_saved(variable, number, path, rule, saved, site)

    telling.when_run(tell, [tensor])


def _tell_saved(variable: Any, number: int, path: str, rule: Rule, saved: Any, site: Site) -> None:
    copies = tuple(map(telling.value_of, variables.held(variable)))
    value = telling.value_of(saved)
    telling.tell(events.Saved(number, path, rule.name, copies, value, site))


def _serialize(original: Any, self: Any) -> Any:
    result = original(self)
    if variables.is_whole(self) and is_heard():
        site = places.here() or places.now()
        arrays = variables.held(self)
        if arrays[0] is not None:
            number = variables.number_of(self)
            assert number is not None
            _tell_saved(self, number, _thread.path, Rule.OWN, arrays[0], site)
    return result


def _restoring(attribute: str) -> Any:
    def restore(original: Any, self: Any, restored_tensors: Any, restored_shapes: Any) -> Any:
        from tensorflow.python.distribute import values

        variable = getattr(self, attribute)
        with unheard():
            result = original(self, restored_tensors, restored_shapes)
        on_read = isinstance(variable, values.SyncOnReadVariable)
        shares = on_read and variables.aggregation(variable) == "SUM"
        _restored(variable, restored_tensors[0], Rule.SHARE if shares else Rule.SAME, result)
        return result

    return restore


def _restored(variable: Any, tensor: Any, rule: Rule, operation: Any) -> None:
    number, path = variables.number_of(variable), _thread.path
    if number is None:
        return

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
        _restored(self, next(iter(restored_tensors.values())), Rule.SAME, result)
    return result
