"""What random ops ask of the replicas: which of them runs here, and whose turn it is.

All random ops of a segment without a seed of their own take from one sequence, replica after
replica; how far it is, is handed on like what a replica wrote to a variable of which there is one
copy.
"""

from __future__ import annotations

from varsync_runtime.distribute import contexts, ledger
from varsync_runtime.distribute.rounds import ReplicaRun, current_run
from varsync_runtime.ops.random.graphs import Frame, current_frame
from varsync_runtime.ops.random.kernels import handing
from varsync_runtime.ops.random.surroundings import surroundings

NUMBER = -2
"""The number under which the ledger has what is handed on; variables have 0, 1, 2…"""


def _run() -> ReplicaRun | None:
    """The run of the replica in whose context the code stands."""
    return current_run() if contexts.current_mode().replica_context is not None else None


def _replica() -> int | None:
    run = _run()
    return None if run is None else run.index


def _frame() -> Frame | None:
    run = _run()
    return current_frame() if run is None else run.frame


def _take_turn() -> None:
    run = _run()
    if run is not None:
        run.take_turn()


def _wrote() -> None:
    run = _run()
    if run is not None:
        run.wrote_plain(handing)


ledger.enter_as(NUMBER, handing)
surroundings.replica = _replica
surroundings.frame = _frame
surroundings.take_turn = _take_turn
surroundings.wrote = _wrote
