"""Which devices a strategy runs on, as scripts name them, and how many replicas there are.

The machine (what `varsync simulate --replicas` asks for, and what the script did with `tf.config`)
is that of `varsync_runtime.function.devices`. After tensorflow/python/distribute/device_util.py and
mirrored_strategy.py, `all_local_devices`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from varsync_runtime.function import devices as machine

DEVICE = re.compile(
    r"^(?:/job:(?P<job>[^/]+))?(?:/replica:(?P<replica>\d+))?(?:/task:(?P<task>\d+))?"
    r"/?(?:device:)?(?P<kind>[A-Za-z_]+):(?P<index>\d+)$"
)
TWO = 2  # replicas, where neither the script nor the user says how many


def asked() -> int | None:
    """How many replicas are asked for, whatever the script says."""
    return machine.current().replicas


def canonical(name: str, job: str = "localhost", task: int = 0) -> str:
    """The whole name of a device: `device_util.canonicalize`."""
    found = DEVICE.match(name)
    if found is None:
        raise ValueError(f"Unknown attribute '{name}' is encountered while parsing the device spec")
    kind = found["kind"].upper()
    return (
        f"/job:{found['job'] or job}/replica:{found['replica'] or 0}"
        f"/task:{found['task'] or task}/device:{kind}:{found['index']}"
    )


class _Wish:
    """Whether a strategy has as many replicas as were asked for."""

    granted = False


def for_replicas(given: Sequence[str] | None, job: str = "localhost", task: int = 0) -> list[str]:
    """The devices of a strategy that was given these, or none.

    How many replicas are asked for decides for the first strategy, and for those without a list. A
    script that names devices that exist gets them if it has looked which there are, or if it has
    another strategy already: it restores into another number of replicas.
    """
    names = [canonical(str(one), job, task) for one in given or all_local()]
    wanted = asked()
    chosen = machine.current().looked_at and all(map(exists, names))
    settled = given is not None and (_Wish.granted or chosen)
    _Wish.granted = True
    if wanted is None or wanted == len(names) or settled:
        return names
    kind = names[0].rpartition("/")[2].split(":")[1]
    return [canonical(f"/device:{kind}:{at}", job, task) for at in range(wanted)]


def all_local() -> list[str]:
    """GPUs if there are any, else CPUs if the script made several; else two."""
    for kind in ("GPU", "CPU"):
        names = [one.name for one in machine.current().logical(kind)]
        if (kind == "GPU" and names) or len(names) > 1:
            return names
    return [f"/device:GPU:{at}" for at in range(asked() or TWO)]


def exists(name: str) -> bool:
    """Whether the machine has a device of this whole name."""
    kind, index = name.rpartition("/")[2].split(":")[1:]
    return int(index) < len(machine.current().logical(kind))


def same(one: str, other: str) -> bool:
    """Whether two names mean the same device."""
    return canonical(one) == canonical(other)
