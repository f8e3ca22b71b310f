"""What tells a worker which one it is, and what all workers read alike: the parts of TF_CONFIG."""

from __future__ import annotations

import ast

from varsync_rules.evaluate.frames import Machine
from varsync_rules.immutable import replace
from varsync_rules.values import Arguments, Const, Container, Data, Value, join

CLUSTER = "cluster"
"""The tag of TF_CONFIG as a whole."""
TASK = "task"
"""The tag of what differs from worker to worker."""

OWN = frozenset({TASK, "clock", "of_worker"})
"""The tags of what each worker has for itself: number, clock, what its replicas returned."""

SHARD = "shard"
"""The tag of a dataset of which each worker reads its own part."""
SLICE = "worker_slice"
"""The operation that takes a worker's own part of a sequence, of a length of its own."""

# Tasks that are no members of the cluster of workers that train together
_NO_WORKERS = frozenset({"evaluator", "ps"})


def part(data: Data, index: Value) -> Data:
    """`config["task"]` is the worker's own; `config["cluster"]` is the same for all."""
    if CLUSTER not in data.tags or not index:
        return data
    tags = data.tags - {CLUSTER}
    return replace(data, tags=tags | {TASK} if Const("task") in index else tags)


def tells_apart(value: Value) -> bool:
    """Whether a comparison with this value can part workers: not one that asks for an evaluator."""
    held: list[object] = []
    for atom in value:
        for inner in atom.elements() if isinstance(atom, Container) else (atom,):
            held.append(inner.value if isinstance(inner, Const) else None)
    return not held or not all(name in _NO_WORKERS for name in held)


def own_tags(value: Value) -> frozenset[str]:
    """What in a value each worker has for itself."""
    tags: set[str] = set()
    for atom in value:
        if isinstance(atom, Data) and not atom.reduced:
            tags |= atom.tags & OWN
    return frozenset(tags)


def depending(value: Value, tags: frozenset[str]) -> Value:
    """A number that was chosen by a condition on what has these tags."""
    plain = all(isinstance(atom, (Const, Data)) for atom in value)
    return join(value, (Data(tags=tags),)) if tags and plain and value else value


def keep_turns(machine: Machine, made: Container, source: Value) -> None:
    """Note that a sequence is as long as what it was made of, where that has a length of its own."""
    for atom in source:
        if isinstance(atom, Container):
            turns = atom.attributes.get("turns", ())
            if turns:
                machine.write(made, "turns", turns)


def sliced(sequence: Value, bounds: ast.Slice) -> Value:
    """What tells how long a worker's own part of a sequence is: `files[worker::4]`.

    Every so many, or from one bound to another, the parts may well be equally long.
    """
    if bounds.step is None and (bounds.lower is None or bounds.upper is None):
        return (Data(op=SLICE),)
    every = bounds.step.value if isinstance(bounds.step, ast.Constant) else None
    (atom,) = sequence if len(sequence) == 1 else (None,)
    if isinstance(atom, Container) and not atom.rest and isinstance(every, int) and every > 0:
        return (Data(op=SLICE),) if len(atom.items) % every else ()
    return (Data(tags=frozenset({SHARD})),)


def shard(dataset: Data, method: str, arguments: Arguments) -> Data:
    """`dataset.shard(n, index)`; with a number of turns it does not matter how long it is."""
    if method != SHARD:
        return replace(dataset, tags=dataset.tags - {SHARD})
    own = any(TASK in own_tags(value) for value in arguments.all_values())
    return replace(dataset, tags=dataset.tags | {SHARD}) if own else dataset
