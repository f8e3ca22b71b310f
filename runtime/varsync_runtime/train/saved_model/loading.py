"""`tf.saved_model.load`.

After tensorflow/python/saved_model/load.py.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from varsync_runtime.distribute.enums import VariableAggregationV2, VariableSynchronization
from varsync_runtime.distribute.variables import creation
from varsync_runtime.tensors.dtypes import as_dtype
from varsync_runtime.tensors.exports import export, registry
from varsync_runtime.tensors.protocols import VariableLike
from varsync_runtime.train import values
from varsync_runtime.train.autotrackable import AutoTrackable
from varsync_runtime.train.containers import ListWrapper, _DictWrapper
from varsync_runtime.train.files import Reader
from varsync_runtime.train.graph import OBJECT_GRAPH, ObjectGraph
from varsync_runtime.train.saved_model import files, functions
from varsync_runtime.train.saved_model.options import LoadOptions
from varsync_runtime.train.saved_model.saving import Exported, exported

SERVING = "serve"
Pairs = list[tuple[Any, Any]]


@export("tf.saved_model.load", "tf.compat.v1.saved_model.load_v2")
def load(export_dir: Any, tags: Any = None, options: LoadOptions | None = None) -> Any:
    """The object that was saved, made of new objects: under a strategy its variables are its."""
    folder = os.fspath(export_dir)
    model = files.read(folder)
    wanted = [tags] if isinstance(tags, str) else tags
    if wanted is not None and set(wanted) != {SERVING}:
        raise ValueError(
            f"Got an incompatible argument to `tags`: {list(wanted)}. The SavedModel at {folder} "
            f"has one MetaGraph with tags ['{SERVING}']. You may omit the argument, pass 'None', or "
            "pass matching tags."
        )
    reader = Reader(files.variables_of(folder))
    graph = ObjectGraph.loads(reader.get_tensor(OBJECT_GRAPH))
    ours = exported(folder, model.token)
    pairs: Pairs = []
    objects = [_made(node, number, folder, ours, pairs) for number, node in enumerate(model.nodes)]
    pairs += [(one, objects[number]) for number, one in (ours.variables if ours else {}).items()]
    for one, node in zip(objects, model.nodes, strict=True):
        for name, number in node.children:
            _hold(one, name, objects[number])
    if options is None or not options.experimental_skip_checkpoint:
        for one, saved in zip(objects, graph.nodes, strict=True):
            if saved.attributes and isinstance(one, VariableLike):
                attribute = saved.attributes[0]
                array = reader.array(attribute.checkpoint_key)
                value = values.Restoring(
                    one, attribute.name, attribute.checkpoint_key, array, one.dtype
                )
                values.restore(one, [value], folder)
    root = objects[0]
    _finish(root, model, folder, ours, pairs)
    return root


def _made(node: files.Node, number: int, folder: str, ours: Exported | None, pairs: Pairs) -> Any:
    """An object without what it holds. `pairs` will have the variables that functions work on."""
    if node.kind == "variable":
        return _variable(**node.variable)
    if node.kind == "list":
        return ListWrapper([])
    if node.kind == "dict":
        return _DictWrapper({})
    if node.kind in ("function", "trace") and ours is None:
        return functions.OfAnotherRun(folder)
    if node.kind == "trace":
        assert ours is not None
        return functions.RestoredTrace(ours.functions[number][0], pairs)
    if node.kind == "function":
        assert ours is not None
        original = ours.originals[number]
        return functions.RestoredFunction(
            original.name, original.input_signature, ours.functions[number], pairs
        )

    class _UserObject(AutoTrackable):
        """An object of the script's, of which nothing is known but what it holds."""

        __module__ = "tensorflow.python.saved_model.load"
        __qualname__ = "Loader._recreate_base_user_object.<locals>._UserObject"

    return _UserObject()


def _variable(
    name: str,
    dtype: str,
    shape: Sequence[int | None] | None,
    trainable: bool,
    synchronization: str,
    aggregation: str,
) -> Any:
    """A variable like the one that was saved, under the current strategy."""
    sizes = [0 if size is None else size for size in shape or ()]
    made_of = as_dtype(dtype)
    zeros: Any = np.zeros(sizes, made_of._array_type) if made_of.name != "string" else ""
    if made_of.name == "string" and sizes:
        zeros = np.full(sizes, b"", dtype=object)
    return creation.from_call(
        zeros,
        dtype=made_of,
        shape=shape,
        name=name,
        trainable=trainable,
        synchronization=VariableSynchronization[synchronization],
        aggregation=VariableAggregationV2[aggregation],
        of_saved_model=True,
    )


def _hold(one: Any, name: str, child: Any) -> None:
    """Gives an object what it holds."""
    if isinstance(one, ListWrapper):
        while len(one) <= int(name):
            one.append(None)
        one[int(name)] = child
        one._non_append_mutation = False
    elif isinstance(one, _DictWrapper):
        one[name] = child
    else:
        setattr(one, name, child)
        if name == "__call__" and callable(child):
            setattr(type(one), "__call__", _called)  # noqa: B010 - Python looks at the class


def _called(self: Any, *args: Any, **kwargs: Any) -> Any:
    return vars(self)["__call__"](*args, **kwargs)


def _finish(
    root: Any, model: files.Model, folder: str, ours: Exported | None, pairs: Pairs
) -> None:
    """What the root has besides what it holds."""
    if ours is None:
        found: dict[str, Any] = {name: functions.OfAnotherRun(folder) for name in model.signatures}
    else:
        found = {
            name: functions._WrapperFunction(one, pairs) for name, one in ours.signatures.items()
        }
    vars(root)["signatures"] = functions._SignatureMap(found)
    vars(root)["tensorflow_version"] = registry()["tf.version.VERSION"]
    vars(root)["tensorflow_git_version"] = registry()["tf.version.GIT_VERSION"]
