"""The graph of objects that a checkpoint keeps, and the keys of their values.

After tensorflow/python/checkpoint/graph_view.py and save_util.py.
"""

from __future__ import annotations

import collections
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.protocols import VariableLike
from varsync_runtime.tensors.trackable import Trackable, TrackableReference

OBJECT_GRAPH = "_CHECKPOINTABLE_OBJECT_GRAPH"
VARIABLE_VALUE = "VARIABLE_VALUE"
ATTRIBUTES = ".ATTRIBUTES"
# what is saved: in a SavedModel an object holds its functions too
CHECKPOINT, SAVED_MODEL = "checkpoint", "savedmodel"
V = TypeVar("V")


@dataclass
class Attribute:
    """A value of an object: its name there, the variable's name, the key in the file."""

    name: str
    full_name: str
    checkpoint_key: str


@dataclass
class Node:
    """An object: what it holds (names and numbers of nodes) and its values."""

    children: list[tuple[str, int]] = field(default_factory=list)
    attributes: list[Attribute] = field(default_factory=list)
    has_values: bool = False

    def __str__(self) -> str:
        """As TensorFlow prints it."""
        lines = []
        for name, number in self.children:
            lines += ["children {", f"  node_id: {number}", f'  local_name: "{name}"', "}"]
        for one in self.attributes:
            lines += ["attributes {", f'  name: "{one.name}"']
            if one.full_name:
                lines.append(f'  full_name: "{one.full_name}"')
            lines += [f'  checkpoint_key: "{one.checkpoint_key}"', "}"]
        lines += ["has_checkpoint_values {"]
        lines += ["  value: true"] if self.has_values else []
        return "\n".join([*lines, "}", ""])


class ObjectGraph:
    """The nodes; the first is the root."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self.nodes = list(nodes)

    def dumps(self) -> bytes:
        """The text that stands in the checkpoint."""
        listed = [
            [one.children, [[a.name, a.full_name, a.checkpoint_key] for a in one.attributes]]
            for one in self.nodes
        ]
        return json.dumps(listed).encode()

    @classmethod
    def loads(cls, text: bytes) -> ObjectGraph:
        """The graph that stands in a checkpoint."""
        nodes = [
            Node([(name, number) for name, number in children], [Attribute(*a) for a in attributes])
            for children, attributes in json.loads(text)
        ]
        return cls(nodes).marked()

    def marked(self) -> ObjectGraph:
        """Marks the nodes from which values are reached."""
        parents = collections.defaultdict(list)
        for node in self.nodes:
            for _, number in node.children:
                parents[number].append(node)
        waiting = [(number, node) for number, node in enumerate(self.nodes) if node.attributes]
        numbers = {id(node): number for number, node in enumerate(self.nodes)}
        while waiting:
            number, node = waiting.pop()
            if not node.has_values:
                node.has_values = True
                waiting += [(numbers[id(parent)], parent) for parent in parents[number]]
        return self

    def names(self) -> dict[int, str]:
        """The nodes' paths from the root, with dots, as messages show them."""
        names = {0: "(root)"}
        waiting = collections.deque([0])
        while waiting:
            number = waiting.popleft()
            for name, child in self.nodes[number].children:
                if child not in names:
                    names[child] = f"{names[number]}.{name}"
                    waiting.append(child)
        return names


class GraphView:
    """The objects that are found from a root, and from what is held beside it."""

    def __init__(
        self,
        root: Any,
        attached: list[TrackableReference] | None = None,
        save_type: str = CHECKPOINT,
    ) -> None:
        self.root = root
        self.attached = attached
        self.save_type = save_type

    def children(self, held_by: Any) -> dict[str, Any]:
        """What an object holds, by name."""
        if not isinstance(held_by, Trackable):
            return {}
        held_by._maybe_initialize_trackable()
        children = dict(held_by._trackable_children(self.save_type))
        if held_by is self.root and self.attached:
            children.update({one.name: one.ref for one in self.attached})
        return children

    def walk(self) -> list[tuple[Any, tuple[str, ...]]]:
        """All objects with their names from the root, the nearest first."""
        found = [(self.root, ())]
        seen = {id(self.root)}
        paths: list[tuple[Any, tuple[str, ...]]] = []
        waiting: collections.deque[tuple[Any, tuple[str, ...]]] = collections.deque(found)
        while waiting:
            current, path = waiting.popleft()
            paths.append((current, path))
            for name, child in self.children(current).items():
                if id(child) not in seen:
                    seen.add(id(child))
                    waiting.append((child, (*path, name)))
        return paths

    def objects(self) -> list[Any]:
        """All objects, the nearest first."""
        return [one for one, _ in self.walk()]

    def graph(self, saved: Callable[[Any], Mapping[str, V]]) -> tuple[ObjectGraph, dict[str, V]]:
        """The graph as it is saved, and the values by their keys in the checkpoint.

        `saved` is asked once for the values of each object that has some, by the object's names.
        """
        walked = self.walk()
        numbers = {id(one): number for number, (one, _) in enumerate(walked)}
        nodes = []
        found: dict[str, V] = {}
        for one, path in walked:
            node = Node([(name, numbers[id(child)]) for name, child in self.children(one).items()])
            base = "/".join([*map(_escaped, path), ATTRIBUTES]) + "/"
            for name, value in saved(one).items() if has_values(one) else ():
                key = base + _escaped(name)
                node.attributes.append(Attribute(name, getattr(one, "_shared_name", ""), key))
                found[key] = value
            nodes.append(node)
        return ObjectGraph(nodes).marked(), found


def has_values(one: Any) -> bool:
    """Whether an object has values of its own."""
    if isinstance(one, VariableLike):
        return True
    method = getattr(type(one), "_serialize_to_tensors", None)
    return method is not None and method is not Trackable._serialize_to_tensors


def _escaped(name: str) -> str:
    return name.replace(".", "..").replace("/", ".S")


@export("tf.train.TrackableView")
class TrackableView:
    """The objects that are found from a root, for who wants to look at them."""

    __module__ = "tensorflow.python.checkpoint.trackable_view"

    def __init__(self, root: Any) -> None:
        self._view = GraphView(root)

    @property
    def root(self) -> Any:
        """The object from which the others are found."""
        return self._view.root

    @classmethod
    def children(cls, obj: Any, save_type: str = CHECKPOINT, **kwargs: Any) -> dict[str, Any]:
        """What an object holds, by name."""
        del kwargs
        return GraphView(obj, save_type=save_type).children(obj)

    def descendants(self) -> list[Any]:
        """All objects, the root first."""
        return self._view.objects()
