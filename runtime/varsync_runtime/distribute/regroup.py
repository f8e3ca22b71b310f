"""From what each replica has to one value for the host, and back.

After `regroup`, `select_replica` and `update_regroup` in
tensorflow/python/distribute/distribute_utils.py. Here each process has its own value and all
replicas' descriptions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from varsync_runtime.distribute import ledger
from varsync_runtime.distribute.crew import Crew
from varsync_runtime.distribute.description import Description, Leaf, same
from varsync_runtime.distribute.values import DistributedValues, Parts, PerReplica
from varsync_runtime.tensors import nest
from varsync_runtime.tensors.spec import TensorSpec

Columns = Iterator[list[np.ndarray]]
NO_COLUMNS: Columns = iter(())


class Absent:
    """Stands for the value of a process that is no replica."""


ABSENT = Absent()


def regroup(
    own: Any,
    descriptions: Sequence[Description],
    crew: Crew,
    columns: Columns = NO_COLUMNS,
) -> Any:
    """What the host gets of the values of this worker's replicas.

    `own` is this process's, `descriptions` are those of all. What is one object for all replicas
    comes back as it is; else a PerReplica. `columns` has the arrays of all replicas for each leaf,
    if they brought them.
    """
    first = descriptions[0]
    if isinstance(first, Leaf):
        return _leaf(own, descriptions, crew, next(columns, None))
    kind, keys, _ = first
    if kind == "mapping":
        return _mapping(own, descriptions, crew, columns)
    for at, other in enumerate(descriptions[1:], 1):
        # not by `assert`: what pytest makes of that has another message
        if isinstance(other, Leaf) or other[0] != kind:
            raise AssertionError
        if other[1] != keys:
            raise AssertionError(_lengths(kind, other[1], keys, at))
    parts = [
        regroup(
            ABSENT if own is ABSENT else own[at],
            [one[2][at] for one in descriptions],
            crew,
            columns,
        )
        for at in range(keys)
    ]
    if kind == "list":
        return parts
    if hasattr(own, "_fields"):
        return own._make(parts)
    return tuple(parts)


def _lengths(kind: str, length: int, first: int, at: int) -> str:
    if kind == "list":
        return f"len(v) == {length}, len(v0) == {first}"
    return f"Values to regroup had different lengths: len(v) == {length}, len(v0) == {first}"


def _mapping(own: Any, descriptions: Sequence[Description], crew: Crew, columns: Columns) -> Any:
    keys = set(descriptions[0][1])
    for other in descriptions[1:]:
        if isinstance(other, Leaf) or other[0] != "mapping":
            raise AssertionError
        if set(other[1]) != keys:
            raise AssertionError(f"v[0].keys: {keys}  v[i].keys: {set(other[1])}")
    found = {}
    for key in descriptions[0][1]:
        each = [one[2][one[1].index(key)] for one in descriptions]
        part = ABSENT if own is ABSENT else own[key]
        found[key] = regroup(part, each, crew, columns)
    return found if own is ABSENT else type(own)(found)


def _leaf(
    own: Any,
    descriptions: Sequence[Description],
    crew: Crew,
    brought: Sequence[np.ndarray] | None,
) -> Any:
    leaves = [one if isinstance(one, Leaf) else Leaf("structure", own=True) for one in descriptions]
    first = leaves[0]
    if first.kind == "variable" and same(leaves):
        return ledger.variable(first.token)  # type: ignore[arg-type]
    if same(leaves) or len(leaves) == 1:
        return crew.tell(None if own is ABSENT else own) if _missing(own, crew) else own
    known = {} if own is ABSENT or crew.index is None else {crew.index: own}
    return PerReplica(Parts(crew.local, known, crew, _specs(leaves), brought))


def _specs(leaves: Sequence[Leaf]) -> list[TensorSpec] | None:
    """The specs of tensors that replica code made, None if there are others."""
    if not all(one.kind == "tensor" and one.own for one in leaves):
        return None
    return [TensorSpec(one.token[1], one.token[0]) for one in leaves]  # type: ignore[index]


def _missing(own: Any, crew: Crew) -> bool:
    """Whether some process has no value of its own."""
    return crew.has_observers


def select(replica: int, structure: Any) -> Any:
    """The part of one replica: `select_replica`. A distributed variable stays what it is."""
    return nest.map_structure(lambda value: select_leaf(replica, value), structure)


def select_leaf(replica: int, value: Any) -> Any:
    """The same for what is no structure."""
    if isinstance(value, DistributedValues) and not getattr(
        value, "is_distributed_variable", False
    ):
        return value._of_replica(replica)
    return value


def holds_distributed(structure: Any) -> bool:
    """Whether there is a PerReplica or Mirrored value somewhere."""
    if isinstance(structure, DistributedValues):
        return True
    if isinstance(structure, (list, tuple)):
        return any(map(holds_distributed, structure))
    if isinstance(structure, Mapping):
        return any(map(holds_distributed, structure.values()))
    return False
