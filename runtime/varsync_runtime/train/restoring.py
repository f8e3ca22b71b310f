"""Bringing a checkpoint's values to the objects that stand where the saved ones stood.

What a checkpoint has for objects that are not there yet waits at the object that will hold them.
After tensorflow/python/checkpoint/restore.py.
"""

from __future__ import annotations

import collections
import itertools
import sys
import weakref
from typing import Any

from varsync_runtime.train import values
from varsync_runtime.train.files import Reader
from varsync_runtime.train.graph import OBJECT_GRAPH, GraphView, ObjectGraph, has_values

_numbers = itertools.count(1)


def next_number() -> int:
    """The number of a restoration; a later one is greater."""
    return next(_numbers)


class Restoration:
    """One `restore` and what has come of it so far."""

    def __init__(self, reader: Reader, path: str, view: GraphView) -> None:
        self.reader = reader
        self.path = path
        self.view = view
        self.graph = ObjectGraph.loads(reader.get_tensor(OBJECT_GRAPH))
        self.uid = next_number()
        self.objects: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()
        self.matched: set[int] = set()
        self.unused: dict[int, list[str]] = {}
        self.seen: dict[int, weakref.ref[Any]] = {}
        self.dtypes = reader.get_variable_to_dtype_map()
        self.leftover = Leftover(self.graph, self.matched, self.unused)

    def saw(self, trackable: Any) -> None:
        """Remembers an object of the script."""
        self.seen[id(trackable)] = weakref.ref(trackable)

    def seen_objects(self) -> list[Any]:
        """The objects that were seen and are still there."""
        found = [reference() for reference in self.seen.values()]
        return [one for one in found if one is not None]


class Leftover:
    """Says what was never restored when the last that could still ask for it is gone."""

    def __init__(self, graph: ObjectGraph, matched: set[int], unused: dict[int, list[str]]) -> None:
        self.expect_partial = False
        self.graph = graph
        self.matched = matched
        self.unused = unused

    def __del__(self) -> None:
        if self.expect_partial or sys is None or sys.is_finalizing():
            return
        names = self.graph.names()
        lines = [
            f"Value in checkpoint could not be found in the restored object: {names[number]}"
            for number, node in enumerate(self.graph.nodes)
            if node.attributes and number not in self.matched
        ]
        lines += [
            "An attribute in the restored object could not be found in the checkpoint. Object: "
            f"{names[number]}, attribute: {attributes}"
            for number, attributes in self.unused.items()
        ]
        if lines:
            warn(
                "Detecting that an object or model or tf.train.Checkpoint is being deleted with "
                "unrestored values. See the following logs for the specific values in question. "
                "To silence these warnings, use `status.expect_partial()`. See "
                "https://www.tensorflow.org/api_docs/python/tf/train/Checkpoint#restorefor details "
                "about the status object returned by the restore function."
            )
        for line in lines:
            warn(line)


def warn(words: str) -> None:
    """What TensorFlow logs as a warning."""
    print(f"WARNING:tensorflow:{words}", file=sys.stderr)


class Position:
    """A node of a checkpoint that is to be restored into an object."""

    def __init__(self, restoration: Restoration, number: int) -> None:
        self.restoration = restoration
        self.number = number

    @property
    def restore_uid(self) -> int:
        """The number of the restoration."""
        return self.restoration.uid

    @property
    def node(self) -> Any:
        """What the checkpoint has of the object."""
        return self.restoration.graph.nodes[self.number]

    def bind(self, trackable: Any) -> bool:
        """Says that `trackable` stands for this node; whether that is new."""
        restoration = self.restoration
        restoration.saw(trackable)
        current = restoration.objects.get(self.number)
        restoration.matched.add(self.number)
        if current is None:
            restoration.objects[self.number] = trackable
            return True
        if current is not trackable:
            warn(
                "Inconsistent references when loading the checkpoint into this object graph. For "
                "example, in the saved checkpoint object, `model.layer.weight` and "
                "`model.layer_copy.weight` reference the same variable, while in the current "
                "object these are two different variables. The referenced variables are:"
                f"({current} and {trackable})."
            )
        return False

    def restore(self, trackable: Any) -> None:
        """Restores an object and all that it holds."""
        if not self.bind(trackable):
            return
        waiting = collections.deque([(self, trackable)])
        found: list[values.Restoring] = []
        while waiting:
            position, one = waiting.popleft()
            found += position._values(one)
            waiting.extend(position._children(one))
        values.require_dtypes(found)
        by_object: dict[int, list[values.Restoring]] = {}
        for each in found:
            by_object.setdefault(id(each.trackable), []).append(each)
        for group in by_object.values():
            values.restore(group[0].trackable, group, self.restoration.path)

    def _values(self, trackable: Any) -> list[values.Restoring]:
        """The values for one object, unless a later restoration has given it others."""
        restoration = self.restoration
        trackable._maybe_initialize_trackable()
        if restoration.uid <= trackable._update_uid:
            return []
        trackable._update_uid = restoration.uid
        if self.node.attributes and not has_values(trackable):
            names = [one.name for one in self.node.attributes]
            restoration.unused.setdefault(self.number, []).extend(names)
            return []
        return [
            values.Restoring(
                trackable,
                one.name,
                one.checkpoint_key,
                restoration.reader.array(one.checkpoint_key),
                restoration.dtypes[one.checkpoint_key],
            )
            for one in self.node.attributes
        ]

    def _children(self, trackable: Any) -> list[tuple[Position, Any]]:
        """The children that are there; what the others get waits for them."""
        restoration = self.restoration
        held = trackable._trackable_children()
        found = []
        for name, number in self.node.children:
            if restoration.objects.get(number) is not None:
                continue
            position = Position(restoration, number)
            local = trackable._lookup_dependency(name, held)
            if local is None:
                if position.node.has_values:
                    trackable._deferred_dependencies.setdefault(name, []).append(position)
            elif position.bind(local):
                found.append((position, local))
        return found


def restore(view: GraphView, reader: Reader, path: str) -> Restoration:
    """Restores all objects that are found from a root."""
    restoration = Restoration(reader, path, view)
    Position(restoration, 0).restore(view.root)
    numbers = dict(restoration.graph.nodes[0].children)
    for reference in view.attached or ():
        number = numbers.get(reference.name)
        if reference.name == "root" or number is None or number in restoration.objects:
            continue
        Position(restoration, number).restore(reference.ref)
    return restoration
