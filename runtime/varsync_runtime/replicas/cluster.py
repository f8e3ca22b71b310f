"""TF_CONFIG: each worker of a multi-worker run has its own."""

from __future__ import annotations

import json
import os
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


def for_worker(config: str | None, worker: int, workers: int) -> str:
    """The TF_CONFIG of one of `workers` workers.

    What `config` says stays, but for the task; without a cluster in it, one of local workers is
    made up. A worker that the cluster has not is counted on in it.
    """
    try:
        content = json.loads(config) if config else {}
    except ValueError:
        return config or ""
    if not isinstance(content, dict):
        return config or ""
    if not tasks(config):
        addresses = [f"localhost:{FIRST_PORT + index}" for index in range(workers)]
        content["cluster"] = {**_cluster(config), "worker": addresses}
    known = tasks(json.dumps(content))
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


def become(worker: int, workers: int) -> None:
    """Sets this process's TF_CONFIG, and keeps it this worker's whatever the script sets."""
    os.environ[VARIABLE] = for_worker(os.environ.get(VARIABLE), worker, workers)

    class Environment(type(os.environ)):  # type: ignore[misc]
        """os.environ, in which a TF_CONFIG that is set becomes that of this worker."""

        def __setitem__(self, key: Any, value: Any) -> None:
            if key == VARIABLE and isinstance(value, str):
                value = for_worker(value, worker, workers)
            super().__setitem__(key, value)

    Environment.__name__ = Environment.__qualname__ = "_Environ"
    os.environ.__class__ = Environment
