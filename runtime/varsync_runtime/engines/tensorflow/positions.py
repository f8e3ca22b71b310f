"""In which context and replica code runs on TensorFlow, in the words of the table."""

from __future__ import annotations

from typing import Any

from varsync_runtime.semantics import Context


def context() -> Context:
    """Where the code of this thread runs."""
    from tensorflow.python.distribute import distribute_lib

    replica = distribute_lib.get_replica_context()
    updating = distribute_lib.get_update_replica_id() is not None
    if not distribute_lib.has_strategy():
        return Context.OUTSIDE_SCOPE
    if replica is None:
        return Context.UPDATE if updating else Context.CROSS_REPLICA
    return Context.UPDATE_FROM_REPLICA if updating else Context.REPLICA


def replica() -> int:
    """The replica of this process for which the code runs; 0 on the host."""
    from tensorflow.python.distribute import values_util

    number = values_util.get_current_replica_id_as_int()
    return number if isinstance(number, int) and number >= 0 else 0


def local(number: int, strategy: Any) -> int:
    """The number of a replica among those of this process."""
    count = len(strategy.extended.worker_devices)
    return number % count if count else 0


def nbytes(tensor: Any) -> int | None:
    """The bytes of a tensor, a number or rows of one; None if that is known at run time alone."""
    import numpy as np
    from tensorflow.python.framework import indexed_slices

    if isinstance(tensor, indexed_slices.IndexedSlices):
        tensor = tensor.values
    shape = getattr(tensor, "shape", None)
    if shape is None:
        return 8
    if not hasattr(tensor, "dtype") or not hasattr(tensor.dtype, "size"):
        return int(np.asarray(tensor).nbytes)
    count = shape.num_elements()
    return None if count is None else int(count * tensor.dtype.size)
