"""TF_CONFIG: each worker of a multi-worker run has its own."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

VARIABLE = "TF_CONFIG"
FIRST_PORT = 20000  # of addresses at which nobody listens: the workers meet in memory


def tasks(config: str | None) -> list[tuple[str, int]]:
    """The training tasks of a TF_CONFIG, (type, index): the chief, then the workers.

    Empty where there is no cluster or it cannot be read.
    """
    cluster = _cluster(config)
    return [
        (kind, index) for kind in ("chief", "worker") for index in range(len(cluster.get(kind, ())))
    ]


def free_addresses(count: int) -> tuple[str, ...]:
    """So many addresses of this machine at which nobody listens."""
    with ExitStack() as stack:
        servers = [
            stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)
        ]
        return tuple(f"127.0.0.1:{server.getsockname()[1]}" for server in servers)


def for_worker(config: str | None, worker: int, workers: int, addresses: Sequence[str] = ()) -> str:
    """The TF_CONFIG of one of `workers` workers.

    What `config` says stays, but for the task; without a cluster in it, one of local workers is
    made up. A worker that the cluster has not is counted on in it. `addresses` are instead of those
    that it says.
    """
    try:
        content = json.loads(config) if config else {}
    except ValueError:
        return config or ""
    if not isinstance(content, dict):
        return config or ""
    if not tasks(config):
        made_up = [f"localhost:{FIRST_PORT + index}" for index in range(workers)]
        content["cluster"] = {**_cluster(config), "worker": made_up}
    known = tasks(json.dumps(content))
    for (kind, index), address in zip(known, addresses, strict=False):
        if isinstance(content["cluster"][kind], list):
            content["cluster"][kind][index] = address
    kind, index = known[worker] if worker < len(known) else ("worker", worker)
    content["task"] = {"type": kind, "index": index}
    return json.dumps(content)


def _cluster(config: str | None) -> dict[str, Any]:
    try:
        content = json.loads(config) if config else {}
    except ValueError:
        return {}
    cluster = content.get("cluster") if isinstance(content, dict) else None
    if not isinstance(cluster, dict):
        return {}
    return {kind: entry for kind, entry in cluster.items() if isinstance(entry, (list, dict))}


def become(worker: int, workers: int, addresses: Sequence[str] = ()) -> None:
    """Sets this process's TF_CONFIG, and keeps it this worker's whatever the script sets."""
    os.environ[VARIABLE] = for_worker(os.environ.get(VARIABLE), worker, workers, addresses)

    class Environment(type(os.environ)):  # type: ignore[misc]
        """os.environ, in which a TF_CONFIG that is set becomes that of this worker."""

        def __setitem__(self, key: Any, value: Any) -> None:
            if key == VARIABLE and isinstance(value, str):
                value = for_worker(value, worker, workers, addresses)
            super().__setitem__(key, value)

    Environment.__name__ = Environment.__qualname__ = "_Environ"
    os.environ.__class__ = Environment
