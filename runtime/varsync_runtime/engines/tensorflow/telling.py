"""Events of a run on TensorFlow: told at once, or by ops when what is compiled runs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from varsync_runtime import events
from varsync_runtime.engines.tensorflow import frames, places, wrapping
from varsync_runtime.events import Event, recorder

ITEMS = 8  # values of so many elements are told whole
LAST = "_varsync_last"
"""What keeps the order in a graph: the last op of those that tell, and that call what may tell."""
CALLS = ("StatefulPartitionedCall", "While", "If", "Case")

_lock = threading.RLock()
_send: Callable[[bytes], None] | None = None
_recorders: dict[int, recorder.Recorder] = {}


def begin() -> None:
    """The recorder of this process becomes replica 0's; the other replicas get their own."""
    global _send
    _send = recorder.current.send
    recorder.start(frames.sender(_send, 0), recorder.current.on_step)


def install() -> None:
    """Wraps what brings ops into a graph."""
    from tensorflow.python.framework import func_graph

    wrapping.wrap(func_graph.FuncGraph, "_create_op_internal", _in_order)


def of_replica(replica: int) -> recorder.Recorder:
    """The recorder of one replica of this process."""
    if not replica:
        return recorder.current
    if replica not in _recorders:
        _recorders[replica] = recorder.Recorder(frames.sender(_send, replica))
    own = _recorders[replica]
    own.budget = recorder.current.budget
    return own


def tell(event: Event) -> None:
    """Tells an event at once."""
    with _lock:
        events.tell(event)


def count(replica: int, kind: Callable[..., Event], *fields: Any, nbytes: int = 0) -> None:
    """Counts an event of a replica: its class, and the values of its fields in order."""
    with _lock:
        of_replica(replica).count((kind, *fields), nbytes)


def at_end(replica: int, event: Event) -> None:
    """Tells an event of a replica with the last ones."""
    with _lock:
        of_replica(replica).later.append(event)


def flush() -> None:
    """Sends what was counted."""
    with _lock:
        for own in (recorder.current, *_recorders.values()):
            own.flush()


def when_run(told: Callable[..., None], tensors: Iterable[Any] = (), after: Any = ()) -> None:
    """Calls `told(site, *arrays)` now or, in what is being compiled, each time that it runs.

    `arrays` are what the tensors hold then. `after` are operations and tensors that have to be there
    before.
    """
    from tensorflow.python.eager import context

    site = places.here()

    def tells(*arrays: Any) -> None:
        told(places.now() if site is None else site, *arrays)

    if context.executing_eagerly():
        with wrapping.unheard():
            tells(*(np.asarray(one) for one in tensors))
        return
    _in_graph(tells, list(tensors), list(after))


def _in_graph(tells: Callable[..., None], tensors: list[Any], after: list[Any]) -> None:
    from tensorflow.python.framework import func_graph, ops
    from tensorflow.python.ops import script_ops
    from tensorflow.python.saved_model import save_context

    graph = ops.get_default_graph()
    if not isinstance(graph, func_graph.FuncGraph) or save_context.in_save_context():
        return
    last = getattr(graph, LAST, None)
    with wrapping.unheard(), ops.control_dependencies([*after, *([last] if last else [])]):
        op = script_ops.numpy_function(tells, tensors, [])
    setattr(graph, LAST, op)


def _in_order(original: Any, self: Any, op_type: str, *args: Any, **kwargs: Any) -> Any:
    """What a graph calls tells in the order in which it was called."""
    op = original(self, op_type, *args, **kwargs)
    if op_type in CALLS and wrapping.is_heard():
        last = getattr(self, LAST, None)
        if last is not None:
            op._add_control_input(last)
        setattr(self, LAST, op)
    return op


def value_of(array: Any) -> events.Value:
    """What a tensor held, as events tell it."""
    array = np.asarray(array)
    items = None
    if array.size <= ITEMS:
        items = tuple(
            item if isinstance(item, (int, float, bool, str)) else _text(item)
            for item in array.ravel().tolist()
        )
    norm = None
    if array.dtype.kind in "fiu":
        norm = float(np.linalg.norm(array.astype(np.float64)))
    return events.Value(tuple(array.shape), items, norm)


def _text(item: Any) -> str:
    return item.decode("utf-8", "replace") if isinstance(item, bytes) else str(item)
