"""What is wrong, as the rules of lint name it, seen in a run."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass

from varsync_runtime.events import Site, Value

# fmt: off
_NUMBERS = (
    101, 102, 103, 104, 105, 106, 107, 201, 202, 203, 204, 205, 206, 207, 208,
    209, 210, 211, 212, 213, 214, 215, 216, 217, 301, 401, 402, 403, 405, 406,
    407, 408, 501, 502, 503, 504, 507, 601, 602, 603,
)
# fmt: on
CODES = frozenset(f"VS{number}" for number in _NUMBERS)
"""The rules of which a run can show that they were broken."""


class Severity(enum.Enum):
    """How bad: TensorFlow raises or hangs; the values are wrong; needless, or right if meant so."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class Savings:
    """What the remedy would spare one replica: synchronisations, and the bytes that it gave."""

    times: int
    nbytes: int


@dataclass(frozen=True)
class Observation:
    """One thing that was seen. `code` is the rule's, empty where no rule speaks of it.

    `values` are those of the replicas where they show it, `related` other lines and what is there,
    `saves` what the remedy would, where that is what it is for.
    """

    code: str
    severity: Severity
    message: str
    site: Site
    variable: int | None = None
    step: int | None = None
    times: int = 1
    values: tuple[Value, ...] = ()
    related: tuple[tuple[Site, str], ...] = ()
    saves: Savings | None = None


def shown(value: Value) -> str:
    """A value in a message: its items, or its shape and norm."""
    if value.items is None:
        norm = "" if value.norm is None else f", norm {value.norm:.6g}"
        return f"shape {list(value.shape)}{norm}"
    items = ", ".join(
        f"{item:.6g}" if isinstance(item, float) else str(item) for item in value.items
    )
    return items if value.shape == () else f"[{items}]"


def side_by_side(values: Iterable[Value], most: int = 4) -> str:
    """The values of the replicas: `10 and 20`, of many the first ones."""
    texts = [shown(value) for value in values]
    if len(texts) > most:
        texts = [*texts[:most], "..."]
    return " and ".join(texts) if len(texts) == 2 else ", ".join(texts)


def often(times: int) -> str:
    """`once`, or how many times."""
    return "once" if times == 1 else f"{times} times"
