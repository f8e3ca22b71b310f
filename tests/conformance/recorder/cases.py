"""What a case is. The ids are described in ../README.md."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Variable:
    """What a case gives to tf.Variable; `trainable` is empty where it plays no part."""

    synchronization: str
    aggregation: str
    dtype: str
    trainable: str = ""

    def __str__(self) -> str:
        fields = (self.synchronization, self.aggregation, self.dtype, self.trainable)
        return "-".join(field for field in fields if field)

    @classmethod
    def parse(cls, text: str) -> Variable:
        """The variable of an id's third part."""
        return cls(*text.split("-"))


@dataclass(frozen=True)
class Step:
    """One operation on the variable: what, where, and with which kind of operand.

    `numbers` are what the replicas write, by replica; `same` is what the host writes, or every
    replica where all write the same.
    """

    operation: str
    context: str
    value: str
    numbers: tuple[int, ...] = (10, 20, 30, 40)
    same: int = 5


@dataclass(frozen=True)
class CreateCase:
    """A variable is made at `place`; recorded is what it is."""

    strategy: str
    variable: Variable
    place: str
    area: str = "create"

    @property
    def id(self) -> str:
        return f"{self.area}/{self.strategy}/{self.variable}/{self.place}"


@dataclass(frozen=True)
class UpdateCase:
    """One variable and the operations done with it, one after another.

    Areas: `update` (made in the scope), `outside` (made outside it), `random` (any number of
    steps; `name` tells one from another, and `scoped` where the variable is made).
    """

    area: str
    strategy: str
    variable: Variable
    steps: tuple[Step, ...]
    initial: int = 1
    shape: tuple[int, ...] = ()
    name: str = ""
    scoped: bool = True

    @property
    def id(self) -> str:
        what = self.name
        if not what:
            step = self.steps[0]
            what = f"{step.operation}/{step.context}/{step.value}"
        return f"{self.area}/{self.strategy}/{self.variable}/{what}"


@dataclass(frozen=True)
class ReadCase:
    """Copy r holds 10 * (r + 1) and is read in one form."""

    strategy: str
    variable: Variable
    form: str
    context: str
    area: str = "read"

    @property
    def id(self) -> str:
        return f"{self.area}/{self.strategy}/{self.variable}/{self.form}/{self.context}"


@dataclass(frozen=True)
class CheckpointCase:
    """Copy 0 holds 11, copy r 10 * (r + 1); saved, and restored under the strategy `target`.

    `deferred`: the variable is made after the restore.
    """

    strategy: str
    variable: Variable
    target: str
    deferred: bool
    area: str = "checkpoint"

    @property
    def id(self) -> str:
        how = "deferred" if self.deferred else "restore"
        return f"{self.area}/{self.strategy}/{self.variable}/{how}/{self.target}"


@dataclass(frozen=True)
class ProgramCase:
    """A program written by hand in recorder/live, or a Python expression in `ctor`.

    `subject` is the variable that it works on, where there is one that the table crosses.
    """

    area: str
    strategy: str
    subject: Variable | str
    name: str
    context: str = ""

    @property
    def id(self) -> str:
        what = f"{self.name}/{self.context}" if self.context else self.name
        return f"{self.area}/{self.strategy}/{self.subject}/{what}"

    @property
    def variable(self) -> Variable:
        """The subject, where it is a variable."""
        assert isinstance(self.subject, Variable)
        return self.subject


Case = CreateCase | UpdateCase | ReadCase | CheckpointCase | ProgramCase
