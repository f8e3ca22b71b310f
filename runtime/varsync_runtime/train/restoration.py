"""Restoring: the objects of a file are matched with the program's by the names of attributes."""

from __future__ import annotations

from collections import deque
from typing import Any

from varsync_runtime.events import Site
from varsync_runtime.tensors.dtypes import FROM_NUMPY
from varsync_runtime.tensors.errors import InvalidArgumentError
from varsync_runtime.tensors.protocols import VariableLike
from varsync_runtime.train.files import Contents
from varsync_runtime.train.object_graph import ATTRIBUTE, below, reach
from varsync_runtime.train.trackable import AutoTrackable
from varsync_runtime.train.values import restore_array


class Restoration:
    """One `restore`: which object of the program each object of the file is."""

    def __init__(
        self, contents: Contents, root: Any, extra: list[tuple[str, Any]], path: str, site: Site
    ) -> None:
        self._contents = contents
        self._path = path
        self._site = site
        self.root = root
        self.extra = extra
        self.matched: dict[int, Any] = {}
        self.attached(root, 0)

    def attached(self, value: Any, node: int) -> None:
        """Matches an object with one of the file, and what is below them."""
        queue = deque([(value, node)])
        while queue:
            value, node = queue.popleft()
            if node in self.matched:
                continue
            self.matched[node] = value
            self._restore(value, node)
            named = dict(below(value, self.extra if value is self.root else []))
            for name, child in self._contents.nodes[node].children:
                if name in named:
                    queue.append((named[name], child))
                elif isinstance(value, AutoTrackable) and child not in self.matched:
                    value._wait(name, self, child)

    def _restore(self, value: Any, node: int) -> None:
        for attribute, key in self._contents.nodes[node].values.items():
            array = self._contents.arrays[key]
            if attribute == ATTRIBUTE and isinstance(value, VariableLike):
                self._check(value, array, key)
                restore_array(value, array, self._path, self._site)
            elif hasattr(value, "_restore_values"):
                value._restore_values({attribute: array})

    def _check(self, variable: Any, array: Any, key: str) -> None:
        dtype = FROM_NUMPY[array.dtype]
        if dtype is not variable.dtype:
            raise InvalidArgumentError(
                None,
                None,
                "{{function_node __wrapped__RestoreV2_dtypes_1_device_/job:localhost/replica:0/task:0"
                f"/device:CPU:0}}}} tensor_name = {key}; expected dtype {variable.dtype.word} does "
                f"not equal original dtype {dtype.word} [Op:RestoreV2]",
            )
        if not variable.shape.is_compatible_with(array.shape):
            raise ValueError(
                f"Received incompatible tensor with shape {array.shape} when attempting to restore "
                f"variable with shape {variable.shape} and name {variable.name}."
            )

    def unmatched_in_file(self) -> list[int]:
        """The objects of the file that have values, and no object in the program."""
        return [
            number
            for number, node in enumerate(self._contents.nodes)
            if node.values and number not in self.matched
        ]

    def unmatched_in_program(self, *, with_values: bool) -> list[Any]:
        """The objects of the program that the file does not have."""
        known = {id(one) for one in self.matched.values()}
        found = [value for value, _ in reach(self.root, self.extra) if id(value) not in known]
        if with_values:
            found = [one for one in found if isinstance(one, VariableLike)]
        return [one for one in found if not isinstance(one, (list, tuple, dict))]

    def describe(self, number: int) -> str:
        """An object of the file as TensorFlow writes it in messages."""
        node = self._contents.nodes[number]
        lines = []
        for attribute, key in node.values.items():
            lines += [
                "attributes {",
                f'  name: "{attribute}"',
                f'  full_name: "{node.full_name}"',
                f'  checkpoint_key: "{key}"',
                "}",
            ]
        lines += ["has_checkpoint_values {", "  value: true", "}", ""]
        return f"{self._where(number)}: " + "\n".join(lines)

    def _where(self, number: int) -> str:
        for above, node in enumerate(self._contents.nodes):
            for name, child in node.children:
                if child == number and above < number:
                    return f"{self._where(above)}.{name}"
        return "(root)"
