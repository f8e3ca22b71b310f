"""What `restore` returns: an object that is asked how complete the restoration was.

After tensorflow/python/checkpoint/checkpoint.py.
"""

from __future__ import annotations

from typing import Any, NoReturn

from varsync_runtime.train.containers import TrackableDataStructure
from varsync_runtime.train.graph import GraphView, has_values
from varsync_runtime.train.restoring import Restoration

_TF = "tensorflow.python.checkpoint.checkpoint"
SHOWN = 10  # objects that a message lists


class CheckpointLoadStatus:
    """Of a restoration from a checkpoint."""

    __module__ = _TF

    def __init__(self, restoration: Restoration, view: GraphView) -> None:
        self._checkpoint = restoration
        self._object_graph_view = view
        self._root = view.root

    def assert_consumed(self) -> CheckpointLoadStatus:
        """Raises unless all values went to objects and all objects got values."""
        self.assert_existing_objects_matched()
        checkpoint = self._checkpoint
        names = checkpoint.graph.names()
        for number, node in enumerate(checkpoint.graph.nodes):
            if node.attributes and checkpoint.objects.get(number) is None:
                raise AssertionError(f"Unresolved object in checkpoint {names[number]}: {node}")
        if checkpoint.unused:
            lines = [
                f"{names[number]} ({checkpoint.objects[number]}): {attributes}"
                for number, attributes in checkpoint.unused.items()
            ]
            raise AssertionError(
                "Unused attributes in these objects (the attributes exist in the "
                "checkpoint but were not restored):\n" + "\n".join(lines)
            )
        return self

    def assert_existing_objects_matched(self) -> CheckpointLoadStatus:
        """Raises unless all objects that there are now got values."""
        checkpoint = self._checkpoint
        for number, node in enumerate(checkpoint.graph.nodes):
            one = checkpoint.objects.get(number)
            if one is not None and one._update_uid < checkpoint.uid:
                raise AssertionError(f"Object {node} not assigned a value from checkpoint.")
        for one in self._object_graph_view.objects():
            if isinstance(one, TrackableDataStructure) and not one._trackable_children():
                continue
            checkpoint.saw(one)
        unused = self._unmatched()
        if unused:
            shown = min(SHOWN, len(unused))
            raise AssertionError(
                f"Found {len(unused)} Python objects that were "
                "not bound to checkpointed values, likely due to changes in the "
                f"Python program. Showing {shown} of "
                f"{len(unused)} unmatched objects: {unused[:shown]}"
            )
        return self

    def assert_nontrivial_match(self) -> CheckpointLoadStatus:
        """Raises if nothing but the root was found in the checkpoint."""
        checkpoint = self._checkpoint
        for one in self._object_graph_view.objects():
            checkpoint.saw(one)
        if len(checkpoint.objects) <= 1:
            unused = self._unmatched()
            if unused:
                raise AssertionError(
                    "Nothing except the root object matched a checkpointed value. "
                    "Typically this means that the checkpoint does not match the "
                    "Python program. The following objects have no matching "
                    f"checkpointed value: {unused}"
                )
            raise AssertionError(
                "Nothing to load. No dependencies have been added to "
                f"{self._object_graph_view.root} yet."
            )
        return self

    def _unmatched(self) -> list[Any]:
        matched = {id(one) for one in self._checkpoint.objects.values()}
        seen = self._checkpoint.seen_objects()
        return [one for one in seen if has_values(one) and id(one) not in matched]

    def expect_partial(self) -> CheckpointLoadStatus:
        """Nothing is said later of what was not restored."""
        self._checkpoint.leftover.expect_partial = True
        return self

    def run_restore_ops(self, session: Any = None) -> None:
        """Does nothing: values are restored at once."""

    def initialize_or_restore(self, session: Any = None) -> None:
        """Does nothing: values are restored at once."""


class InitializationOnlyStatus:
    """Of `restore(None)`."""

    __module__ = _TF

    def __init__(self, view: GraphView) -> None:
        self._object_graph_view = view
        self._root = view.root

    def _refuse(self) -> NoReturn:
        raise AssertionError("No checkpoint specified (save_path=None); nothing is being restored.")

    def assert_consumed(self) -> NoReturn:
        """Raises: there is no checkpoint."""
        self._refuse()

    def assert_existing_objects_matched(self) -> NoReturn:
        """Raises: there is no checkpoint."""
        self._refuse()

    def assert_nontrivial_match(self) -> NoReturn:
        """Raises: there is no checkpoint."""
        self._refuse()

    def run_restore_ops(self, session: Any = None) -> NoReturn:
        """Raises: there is no checkpoint."""
        raise AssertionError(
            "No checkpoint specified, so no restore ops are available "
            "(save_path=None to Saver.restore)."
        )

    def initialize_or_restore(self, session: Any = None) -> None:
        """Does nothing: variables are initialized when they are made."""

    def expect_partial(self) -> InitializationOnlyStatus:
        """Nothing is said later of what was not restored."""
        return self
