"""What a pair of the matrix is made of: a form (how a program is written) and a kernel (a misuse)."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

MARK = "# <- here"


@dataclass(frozen=True)
class Side:
    """One side of a kernel, the misuse or its right twin: what fills the slots of a form.

    The blocks (`before`, `setup`, `outside`, `replica`, `each_step`, `host`) are lines in which VAR
    stands for the variable, OTHER for a second object that `setup` or `outside` makes, X for the
    replica's batch, RESULT for what strategy.run returned and STRATEGY for the strategy. A line that
    ends with MARK is where the rule's finding is.
    """

    replica: str = "VAR.assign_add(tf.reduce_sum(X))"
    """The body of the replica function."""
    initial: str = "0.0"
    rest: str = "trainable=False"
    """The creation's other arguments."""
    synchronization: str = ""
    aggregation: str = ""
    """The modes as the creation spells them, or "" where it does not."""
    created_here: bool = False
    """The finding is where the variable is created."""
    before: str = ""
    """Before the strategy is made."""
    strategy: str = "tf.distribute.MirroredStrategy()"
    chosen_here: bool = False
    """The finding is where the strategy is made."""
    scope: str = "STRATEGY.scope()"
    """What the variable is created in."""
    setup: str = ""
    """In the scope, behind the variable's creation."""
    outside: str = ""
    """Behind the scope."""
    each_step: str = ""
    """On the host, behind each strategy.run."""
    host: str = ""
    """On the host, behind the loop."""

    @property
    def modes(self) -> str:
        """The keyword arguments of the modes that the side spells."""
        given = {"synchronization": self.synchronization, "aggregation": self.aggregation}
        return ", ".join(f"{name}={value}" for name, value in given.items() if value)

    @property
    def plain(self) -> str:
        """The arguments of the creation without the modes."""
        return ", ".join(filter(None, (self.initial, self.rest)))

    @property
    def arguments(self) -> str:
        """All arguments of the creation."""
        return ", ".join(filter(None, (self.plain, self.modes)))

    @property
    def keywords(self) -> str:
        """The arguments of the creation without the initial value."""
        return ", ".join(filter(None, (self.rest, self.modes)))

    @property
    def marked_blocks(self) -> list[str]:
        """The blocks that hold a marked line."""
        return [block for block in self.blocks.values() if MARK in block]

    @property
    def blocks(self) -> dict[str, str]:
        """The blocks by name."""
        names = ("before", "setup", "outside", "replica", "each_step", "host")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True)
class Kernel:
    """A rule's misuse and its right twin, alike but for what makes the difference.

    `severity` is the finding's; `softer` names the forms and axes in which less can be seen, with
    the severity there. `not_applicable` says by form or axis why a pair makes no sense.
    """

    code: str
    severity: str
    wrong: Side
    right: Side
    variant: str = ""
    """What tells it from another kernel of the rule."""
    traced: bool = False
    """The step is compiled with tf.function."""
    in_replica: bool = True
    """What the replica function does plays a part."""
    anywhere: bool = False
    """It is a misuse in host code, too, and without a replica function in sight."""
    portable: bool = False
    """It is a misuse in library code, too, that no strategy is in sight of."""
    softer: Mapping[str, str] = field(default_factory=dict)
    not_applicable: Mapping[str, str] = field(default_factory=dict)
    not_seen: Mapping[str, str] = field(default_factory=dict)
    """The forms that varsync does not see through, with the reason."""

    @property
    def key(self) -> str:
        """The rule's code, with the variant."""
        return f"{self.code} {self.variant}".strip()

    @cached_property
    def traits(self) -> dict[str, str]:
        """What a form may be unable to hold, each with the reason why the pair then makes no sense."""
        sides = (self.wrong, self.right)
        found: dict[str, str] = {}
        if not all(_is_expression(side.replica) for side in sides):
            found["statements"] = "the replica function is more than one expression"
        if not any(side.modes for side in sides):
            found["modeless"] = "the modes play no part"
        if not self.in_replica:
            found["host alone"] = "the replica function plays no part"
        if not self.portable:
            found["strategy"] = "rests on a strategy that the program shows"
        if any(side.host or side.each_step for side in sides):
            found["host"] = "rests on what the host does"
        if self.wrong.modes == self.right.modes:
            found["same modes"] = "both sides have the same modes"
        if self.traced:
            found["traced"] = "rests on a compiled step"
        if self.anywhere:
            found["anywhere"] = "a misuse wherever it runs"
        if not any(re.search(r"\bVAR\b", block) for block in self.wrong.marked_blocks):
            found["variable"] = "what is wrong does not show in a use of the variable"
        if any(re.search(r"\breturn\b", side.replica) for side in sides):
            found["result"] = "needs what the replica function returns"
        if any(_mentions(side, "OTHER") for side in sides):
            found["other"] = "needs a second object beside the variable"
        if any(side.scope != Side.scope for side in sides):
            found["scope"] = "rests on the scope that the variable is created in"
        if self.wrong.outside:
            found["outside"] = "needs something made outside the scope"
        if self.wrong.chosen_here:
            found["chosen"] = "the construction of the strategy is the misuse"
        if self.wrong.created_here:
            found["creation"] = "the creation by itself is the misuse"
        if self.wrong.strategy != Side.strategy:
            found["own strategy"] = "rests on one kind of strategy"
        if any('"' in side.modes for side in sides):
            found["string mode"] = "a mode that is no member of the enum"
        if any(side.initial != Side.initial for side in sides):
            found["initial"] = "rests on the initial value"
        return found


def _is_expression(text: str) -> bool:
    try:
        ast.parse(text.strip(), mode="eval")
    except SyntaxError:
        return False
    return True


def _mentions(side: Side, name: str) -> bool:
    return any(re.search(rf"\b{name}\b", block) for block in side.blocks.values())


NAMES = {"VAR": "total", "OTHER": "other", "X": "x", "STRATEGY": "strategy", "RESULT": "result"}


@dataclass(frozen=True)
class Form:
    """A way to write a program: templates of its files, whose slots a side of a kernel fills.

    A line `$replica` holds a block, with names of its own in braces: `$replica{VAR=self.total}`; in
    a line `$arguments`, `$strategy` and the like stand for a piece of text (see `render`). `excludes`
    are traits of kernels that the form can't hold. In a form that `hides`, nobody can tell whether it
    is a misuse, so the wrong side is silent, too.
    `rewrite` spells names of TensorFlow otherwise after the slots are filled, and `header` is what
    stands in `$header` then.
    """

    name: str
    axis: str
    files: Mapping[str, str]
    names: Mapping[str, str] = field(default_factory=dict)
    excludes: frozenset[str] = frozenset()
    hides: bool = False
    header: str = ""
    rewrite: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The form's name with its axis."""
        return f"{self.axis}/{self.name}"


@dataclass(frozen=True)
class Program:
    """A rendered program: its files and the marked places."""

    files: Mapping[str, str]
    marks: frozenset[tuple[str, int]]
