"""The random ops under their public names, and what stands for `tf.function` and `strategy.run`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from varsync_runtime.function.graphs import FuncGraph, building
from varsync_runtime.ops import library
from varsync_runtime.ops.random import generators, seeds, stateful, stateless
from varsync_runtime.ops.random.names import names
from varsync_runtime.ops.random.surroundings import surroundings
from varsync_runtime.tensors.exports import registry

from tests.runtime.random_streams import replicas

PARTS = (library, generators, seeds, stateful, stateless)


class Module:
    """`tf`, with this package's names before others."""

    def __init__(self, path: str = "tf") -> None:
        self._path = path

    def __getattr__(self, name: str) -> Any:
        path = f"{self._path}.{name}"
        if path in names:
            return names[path]
        if path in registry() and "random" not in path:
            return registry()[path]
        if any(one.startswith(f"{path}.") for one in (*names, *registry())):
            return Module(path)
        raise AttributeError(path)


tf = Module()


def function(body: Callable[[], Any]) -> Callable[[], Any]:
    """Runs `body` as the same traced function at each call."""
    trace = Trace()

    def call() -> Any:
        graph = FuncGraph("body", tracing=trace.calls == 0)
        graph.trace = trace  # type: ignore[attr-defined]
        trace.calls += 1
        with building(graph):
            return body()

    return call


class Trace:
    """One signature of a function."""

    calls = 0


def mirrored(number: int, mode: str, draw: Any) -> np.ndarray:
    """What `replicas.on_tensorflow` records, of processes."""
    parts = replicas.in_processes(number, lambda turns: _replica(turns, mode, draw))
    hosts = {part.tobytes() for part in (one[:, 1] for one in parts)}
    assert len(hosts) == 1, "the host's numbers differ"
    drawn = [one[:, 0] for one in parts]
    found: np.ndarray = np.stack([*drawn, parts[0][:, 1]], axis=1)
    return found


def _replica(turns: replicas.Turns, mode: str, draw: Any) -> np.ndarray:
    surroundings.replica = lambda: turns.rank if turns.inside else None
    surroundings.graph = lambda: turns.graph
    surroundings.take_turn = turns.take

    def run() -> Any:
        from varsync_runtime.tensors.state import state

        turns.inside, turns.graph = True, state.graph
        found = draw(tf, turns.meet)
        turns.meet()
        turns.inside, turns.graph = False, None
        return found

    tf.random.set_seed(replicas.SEED)
    called = function(run) if mode == "function" else run
    steps = []
    for _ in range(replicas.STEPS):
        drawn = [float(one._array) for one in called()]
        host = [tf.random.uniform([]), tf.random.uniform([], seed=1)]
        steps.append([drawn, [float(one._array) for one in host]])
    found: np.ndarray = np.array(steps, dtype=np.float32)
    return found
