"""What the table answers: small frozen values. How an answer is computed is in `arithmetic`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from varsync_runtime.semantics.kinds import (
    Aggregation,
    DTypeKind,
    Operation,
    StrategyKind,
    Synchronization,
    VariableClass,
    Word,
)


class Rule(Word):
    """Which value each copy gets, or a reader sees. N is the number of replicas.

    Of an update v = f(v, operand), replica r's operand being x_r and a value given once y:
    every copy is updated, but for PRIMARY (each worker's first copy alone) and NOTHING.
    """

    NOTHING = "nothing is written"
    OWN = "each copy with its replica's own value"
    SAME = "every copy with the one value that is given"
    SUM = "every copy with the sum of the replicas' values"
    MEAN = "every copy with the mean of the replicas' values"
    FIRST = "every copy with replica 0's value"
    WORKER_FIRST = "each worker's copies with the value of its own first replica"
    WORKER_SUM = "every copy with the one value times the number of workers"
    SHARE = "every copy with 1/N of the value"
    IN_TURN = "the one copy with every replica's value, one after the other"
    FIRST_AGAIN = "each copy in turn with what replica 0's copy holds by then"
    MEAN_AGAIN = "each copy in turn with the mean of what the copies hold by then"
    SLICES = "every copy with every replica's slices, one after the other"
    SLICES_OVER_N = "every copy with 1/N of every replica's slices, one after the other"
    PRIMARY = "the first copy alone"
    JOINED = "the replicas' values, one behind the other"


@dataclass(frozen=True)
class Raises:
    """TensorFlow raises `exception` (a class's name); its message holds `message` literally.

    `written` is what the copies got before it raised.
    """

    exception: str
    message: str
    written: Rule = Rule.NOTHING

    def worded(self, **words: object) -> Raises:
        """The same with the places in the message filled in."""
        return replace(self, message=self.message.format(**words))

    def after(self, written: Rule) -> Raises:
        """The same, raised after the copies were written."""
        return replace(self, written=written)


@dataclass(frozen=True)
class Hangs:
    """Workers wait for one that does not come.

    Nothing is raised while its process lives; `ends` is what they raise some ten seconds after it
    ended.
    """

    ends: Raises = Raises("UnavailableError", "Collective ops is aborted by: ")


@dataclass(frozen=True)
class Strategy:
    """A strategy: its kind, the replicas in sync, and the worker processes they are spread over.

    A parameter server's workers do not run in sync, so it has one replica.
    """

    kind: StrategyKind
    replicas: int = 1
    workers: int = 1

    def __post_init__(self) -> None:
        if self.workers < 1 or self.replicas < 1 or self.replicas % self.workers:
            raise ValueError("every worker has the same number of replicas, at least one")

    @property
    def replicas_of_worker(self) -> int:
        """The replicas that one worker process runs."""
        return self.replicas // self.workers


@dataclass(frozen=True)
class Variable:
    """A variable as TensorFlow made it: its class decides all that follows.

    `synchronization` is the attribute (ON_WRITE where AUTO was given to a replicating strategy).
    `copies` is the number of components over all workers.
    """

    cls: VariableClass
    strategy: Strategy
    synchronization: Synchronization
    aggregation: Aggregation
    dtype: DTypeKind
    trainable: bool
    copies: int

    def __hash__(self) -> int:
        # the table is asked at every read and write, and finds its answer by this
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash(
            (self.cls, self.strategy, self.synchronization, self.aggregation, self.dtype,
             self.trainable, self.copies)
        )  # fmt: skip


@dataclass(frozen=True)
class Updated:
    """An update or a restore that succeeds.

    `collective`: all workers have to take part, or the others wait. `merges`: the replicas meet in
    a `merge_call`, so each of them has to reach it. `diverges`: copies that TensorFlow treats as
    equal get different values if the replicas' values differ.
    """

    rule: Rule
    operation: Operation
    dtype: DTypeKind
    workers: int = 1
    collective: bool = False
    merges: bool = False
    diverges: bool = False


@dataclass(frozen=True)
class Read:
    """What a reader, or a checkpoint, gets.

    `reduces`: a reduction takes place; `collective`: all workers have to take part.
    """

    rule: Rule
    workers: int = 1
    collective: bool = False
    reduces: bool = False
