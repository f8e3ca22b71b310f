"""What is wrong, as the rules of lint name it, seen in a run."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass

from varsync_runtime.events import Site, Value

SEEN = {
    "VS101": "",
    "VS102": "",
    "VS103": "a variable that is trainable and ON_READ",
    "VS104": "",
    "VS105": "an argument of `tf.Variable` that changes nothing, such as a mode in another one's place",
    "VS106": "an ON_READ variable under SUM that does not start with zero",
    "VS107": "the gradient of an ON_READ variable, which is None",
    "VS201": "copies that differ since each replica wrote its own value without aggregation",
    "VS202": "updates under SUM for which all replicas gave the same value",
    "VS203": "`assign` in replica context under SUM",
    "VS204": "ONLY_FIRST_REPLICA where the replicas gave different values, or counted their own data",
    "VS205": "",
    "VS206": "",
    "VS207": "an integer total of which each replica got a share: their sum is less",
    "VS208": "`v += x` that bound the name to a tensor and wrote nothing",
    "VS209": "copies that differ since cross-replica context gave them a per-replica value",
    "VS210": "updates under SUM with what the replicas had summed before",
    "VS211": "",
    "VS212": "copies that differ since each replica wrote what its own gradient gave",
    "VS213": "copies that differ since a layer kept a statistic of each replica's inputs",
    "VS214": "",
    "VS215": "copies that differ since a write that goes round the aggregation, as of a slice",
    "VS216": "MEAN of what each replica counted of its own data",
    "VS217": "replicas that met in different updates, of which TensorFlow takes all for the first",
    "VS301": "an ON_READ variable of which a replica reads its own share, not to reduce it",
    "VS401": "a variable made outside the scope, which every replica wrote",
    "VS402": "a variable that a replica function made again in each step",
    "VS403": "a library's variable made outside the scope of the weights that are trained with it",
    "VS405": "an integer ON_READ variable that reads less after it was restored",
    "VS406": "a checkpoint of copies that differ",
    "VS407": "",
    "VS408": "",
    "VS501": "workers that wait for ever where not all came to a collective of host code, or that met in "
    "different ones; what some workers alone wrote",
    "VS502": "workers that wait for ever in a step that others did not do",
    "VS503": "a mode that ParameterServerStrategy ignores",
    "VS504": "",
    "VS507": "copies that differ since each worker took its own first value",
    "VS601": "a variable that is synchronised more often than it is read",
    "VS602": "an ON_READ variable that the host reads in every step",
    "VS603": "updates under ONLY_FIRST_REPLICA for which all replicas gave the same value",
}
"""What a run shows under each rule's code, besides what TensorFlow rejects; empty: that alone."""

CODES = frozenset(SEEN)
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
