"""The events, as plain values: text, numbers and tuples of them.

`variable` is a number that is the same on every replica, given in the order of creation. `site` is
the user's line. Enum members of TensorFlow stand as their names ("ON_READ", "SUM"), contexts and
operations as the semantics table spells them.
"""

from __future__ import annotations

from dataclasses import dataclass

from varsync_runtime.events.sites import NOWHERE, Site


@dataclass(frozen=True)
class Value:
    """What a tensor held: all `items` if it has at most eight, else none of them.

    `norm` is the Euclidean norm, for a tensor of numbers.
    """

    shape: tuple[int, ...]
    items: tuple[float | int | bool | str, ...] | None
    norm: float | None = None


@dataclass(frozen=True)
class Began:
    """A process is about to run the script, with this version of TensorFlow or as it."""

    tensorflow: str


@dataclass(frozen=True)
class StrategyMade:
    """A strategy was constructed: the class's name, its replicas in sync, its workers."""

    kind: str
    replicas: int
    workers: int
    site: Site


@dataclass(frozen=True)
class Created:
    """A variable was made, in a step or (0) before the first.

    `copies` is the number of its components over all workers, `initial` what each of them holds.
    Where a library made it for an object that the user had made, `context`, `step` and `site` are
    that object's, and `built` is the user's line that had it made; `path` is the library's name.
    """

    variable: int
    name: str
    cls: str
    synchronization: str
    aggregation: str
    dtype: str
    shape: tuple[int | None, ...]
    trainable: bool
    copies: int
    strategy: str
    context: str
    step: int
    initial: Value | None
    site: Site
    path: str = ""
    built: Site = NOWHERE


@dataclass(frozen=True)
class Swallowed:
    """An argument of a variable's creation that TensorFlow takes, and that changes nothing.

    `given` is what names a mode there, empty of a keyword that nothing knows.
    """

    variable: int
    parameter: str
    given: str
    step: int
    site: Site


@dataclass(frozen=True)
class Named:
    """What the script calls a variable that has its name from nobody, or not alone: `layers[0].w`."""

    variable: int
    name: str


@dataclass(frozen=True)
class Written:
    """A variable was written. `rule` names the member of `semantics.Rule` that was executed.

    Counted.
    """

    variable: int
    operation: str
    context: str
    rule: str
    site: Site


@dataclass(frozen=True)
class Shared:
    """The host gave an integer ON_READ SUM a total that its `replicas` can't share: each has `part`."""

    variable: int
    given: Value
    part: Value
    replicas: int
    step: int
    site: Site


@dataclass(frozen=True)
class Rebound:
    """A name of a distributed variable was bound to the result of `+=` or the like. Counted."""

    variable: int
    site: Site


@dataclass(frozen=True)
class NoGradient:
    """A tape had no gradient for an ON_READ variable that is not trainable. Counted."""

    variable: int
    site: Site


@dataclass(frozen=True)
class Read:
    """A variable was read on the host or in a replica; `reduces`: its copies had to be reduced.

    Counted.
    """

    variable: int
    context: str
    reduces: bool
    site: Site


@dataclass(frozen=True)
class SteppedByLibrary:
    """A library took a step, in a loop of its own that the user's line called. Counted."""

    site: Site


@dataclass(frozen=True)
class PartialRead:
    """A replica read its own copy of an ON_READ variable. Counted."""

    variable: int
    site: Site


@dataclass(frozen=True)
class Synchronised:
    """The replicas met and exchanged values. Counted, with the bytes that one replica gives.

    `cause` is "update", "read", "all_reduce", "reduce", "gather", "save", "create" or "merge_call".
    `changed` is false if all replicas gave the same value, so that nothing was gained. `own` says
    that they were given values of their own to start from: what is equal may be so by chance.
    `by` names the library's object that asked for it, such as the optimizer. An all-reduce of
    several tensors is told once for each, with their number in `together`; what was made of the
    gradient of one variable has that variable in `gradient_of`.
    """

    variable: int | None
    cause: str
    operation: str
    changed: bool
    site: Site
    own: bool = False
    by: str = ""
    together: int = 1
    gradient_of: int | None = None


@dataclass(frozen=True)
class Diverged:
    """Copies that TensorFlow treats as equal differ for the first time. `values` by replica.

    `of_gradient`: what was written was made of a gradient that nobody had reduced. `through`: the
    lines of libraries between the user's line and the write.
    """

    variable: int
    step: int
    values: tuple[Value, ...]
    operation: str
    context: str
    rule: str
    site: Site
    of_gradient: bool = False
    through: tuple[Site, ...] = ()


@dataclass(frozen=True)
class WorkerCopy:
    """What a worker's first replica held after it wrote a value of its own, the `number`-th time.

    Of the first writes only. Whether the workers' copies differ is seen when all have told.
    """

    variable: int
    worker: int
    number: int
    step: int
    value: Value
    operation: str
    context: str
    rule: str
    site: Site
    of_gradient: bool = False


@dataclass(frozen=True)
class Mixed:
    """The replicas met with different operations, and replica 0's counted for all.

    `met` holds, by replica, what each was about to do ("assign_add of b") and where. Where
    `workers` of them met across workers, each gets the result under its own operation, unless the
    values do not fit together and TensorFlow `raised`.
    """

    step: int
    met: tuple[tuple[str, Site], ...]
    workers: int = 0
    raised: str = ""


@dataclass(frozen=True)
class Rejected:
    """TensorFlow raises here. `caught` is not known yet: the script may go on."""

    exception: str
    message: str
    variable: int | None
    operation: str
    context: str
    step: int
    site: Site


@dataclass(frozen=True)
class Saved:
    """A variable was written to a checkpoint: what its copies held and what is in the file."""

    variable: int
    path: str
    rule: str
    copies: tuple[Value, ...]
    saved: Value
    site: Site


@dataclass(frozen=True)
class Restored:
    """A variable was restored: what is in the file, and what replica's copies hold now."""

    variable: int
    path: str
    rule: str
    saved: Value
    copies: tuple[Value, ...]
    site: Site


@dataclass(frozen=True)
class Ignored:
    """A symbol of TensorFlow did nothing (summaries, device placement, ...). Counted."""

    symbol: str
    site: Site


REFUSAL = "varsync simulate does not model "
"""How the exception begins that `Refused` tells of."""


@dataclass(frozen=True)
class Refused:
    """The script used what is not modelled, and was told so by an exception. Counted."""

    what: str
    site: Site


@dataclass(frozen=True)
class Approximated:
    """A symbol did something else than in TensorFlow, in a way that is said. Counted."""

    symbol: str
    why: str
    site: Site


@dataclass(frozen=True)
class Reached:
    """A line that somebody asked for is run for the first time."""

    site: Site


@dataclass(frozen=True)
class Apart:
    """What this replica's copy of a variable held in a step, since copies were seen to differ.

    `distance` is the Euclidean norm of what it has more than the first replica's, None where the
    values are no numbers. Of some steps only, the same ones on all replicas.
    """

    variable: int
    step: int
    distance: float | None
    value: Value


@dataclass(frozen=True)
class Held:
    """What this replica's copy of a variable holds at the end of the run."""

    variable: int
    value: Value


@dataclass(frozen=True)
class Kept:
    """The elements of this replica's copy: all of them, or every `stride`-th in C order.

    `data` are their bytes, as NumPy lays out an array of `dtype`. `when` is "initial", when it was
    made, or "final", at the end of the run.
    """

    variable: int
    when: str
    dtype: str
    stride: int
    data: bytes


@dataclass(frozen=True)
class Obtained:
    """Host code got a number in a step (0: before the first one). Counted, of the first replica.

    `what` is "reduce", of what it reduced over the replicas, "log", of what a library logs under a
    `name`, or "fetch", of other tensors whose value it took.
    """

    what: str
    name: str
    step: int
    value: float
    site: Site


@dataclass(frozen=True)
class Stepped:
    """Where a replica's time went in the steps from `first` to `last`, in microseconds.

    `begin` is of the clock that all processes have; the parts follow it and each other without a
    gap, mixed. Step 0 is what came before the first step, -1 what came after the last one.
    """

    first: int
    last: int
    begin: int
    host: int
    compute: int
    wait: int
    synchronise: int


@dataclass(frozen=True)
class Span:
    """One thing that a replica did from `begin` to `end`, in nanoseconds of the common clock.

    `kind` is "step", "wait", "exchange" (as `Synchronised` tells of it; `variables` are those that
    are exchanged, or of which the gradients are) or "meeting" (the replicas keep in step).
    """

    kind: str
    begin: int
    end: int
    what: str
    site: Site
    by: str = ""
    variables: tuple[int | None, ...] = ()
    nbytes: int = 0


@dataclass(frozen=True)
class Details:
    """What a replica did, in the order in which it was done; so many more were `left_out`."""

    spans: tuple[Span, ...]
    left_out: int = 0


@dataclass(frozen=True)
class Ended:
    """This process ran to the end of the script; `cut` is the step after which steps were left out."""

    steps: int
    seconds: float
    cut: int | None = None


@dataclass(frozen=True)
class Counted:
    """How often an event happened since it was last told, and in which steps."""

    event: Event
    times: int
    nbytes: int
    first_step: int
    last_step: int


Event = (
    Began
    | StrategyMade
    | Created
    | Swallowed
    | Named
    | Written
    | Shared
    | Rebound
    | NoGradient
    | Read
    | SteppedByLibrary
    | PartialRead
    | Synchronised
    | Diverged
    | WorkerCopy
    | Mixed
    | Rejected
    | Saved
    | Restored
    | Ignored
    | Refused
    | Approximated
    | Reached
    | Apart
    | Held
    | Kept
    | Obtained
    | Stepped
    | Details
    | Ended
    | Counted
)
