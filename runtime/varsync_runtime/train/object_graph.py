"""The objects that a checkpoint reaches from its root, with their keys."""

from __future__ import annotations

from collections import deque
from typing import Any

from varsync_runtime.events import Site
from varsync_runtime.tensors.protocols import VariableLike
from varsync_runtime.train.files import Contents, Node
from varsync_runtime.train.trackable import children
from varsync_runtime.train.values import saved_array

ATTRIBUTE = "VARIABLE_VALUE"
GRAPH = "_CHECKPOINTABLE_OBJECT_GRAPH"


def reach(root: Any, extra: list[tuple[str, Any]]) -> list[tuple[Any, tuple[str, ...]]]:
    """The objects and their paths, breadth first; `extra` belongs to the root too."""
    found: list[tuple[Any, tuple[str, ...]]] = [(root, ())]
    seen = {id(root)}
    queue: deque[tuple[Any, tuple[str, ...]]] = deque(found)
    while queue:
        value, path = queue.popleft()
        for name, child in below(value, extra if value is root else []):
            if id(child) not in seen:
                seen.add(id(child))
                found.append((child, (*path, name)))
                queue.append(found[-1])
    return found


def below(value: Any, extra: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """What a value consists of, with what is added to it."""
    named = dict(children(value))
    named.update(extra)
    return list(named.items())


def key_of(path: tuple[str, ...], attribute: str = ATTRIBUTE) -> str:
    """The key of a value in a checkpoint."""
    escaped = [part.replace(".", "..").replace("/", ".S") for part in path]
    return "/".join([*escaped, ".ATTRIBUTES", attribute])


def collect(root: Any, extra: list[tuple[str, Any]], path: str, site: Site) -> Contents:
    """What a checkpoint of the root holds."""
    objects = reach(root, extra)
    numbers = {id(value): number for number, (value, _) in enumerate(objects)}
    contents = Contents([], {})
    for value, names in objects:
        node = Node()
        for name, child in below(value, extra if value is root else []):
            node.children.append((name, numbers[id(child)]))
        if isinstance(value, VariableLike):
            key = key_of(names)
            node.values[ATTRIBUTE] = key
            node.full_name = str(getattr(value, "_shared_name", ""))
            contents.arrays[key] = saved_array(value, path, site)
        elif hasattr(value, "_checkpoint_values"):
            for attribute, array in value._checkpoint_values().items():
                key = key_of(names, attribute)
                node.values[attribute] = key
                contents.arrays[key] = array
        contents.nodes.append(node)
    return contents
