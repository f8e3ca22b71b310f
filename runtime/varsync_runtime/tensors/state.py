"""What every op looks at while it runs: the open tapes, the graph that is built, the run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol


class Graph(Protocol):
    """What stands for TensorFlow's FuncGraph while a `tf.function` runs (made by `function`)."""

    look_again: Callable[..., None] | None
    """Told of each op with its results, where sizes are guessed: `guesses.look_again`."""

    sized: bool
    """False if a batch of unknown size came in: a size of 0 may be such a one."""

    runs: bool
    """False of a graph that is built for the shapes alone, and never run."""

    def unique_name(self, name: str) -> str:
        """`name`, with `_1`, `_2`... after it if it was given out before."""


class State:
    """One object, so that a look costs one attribute."""

    __slots__ = ("begun", "blanks", "form_only", "gradients", "graph", "stamp", "tapes")

    def __init__(self) -> None:
        self.begun = False
        """Whether the script has done what makes TensorFlow set up its devices."""
        self.graph: Graph | None = None
        """The graph that is built; tensors made now are symbolic. None: eager."""
        self.stamp: object = None
        """The replica run that is under way (set by `distribute`); each tensor keeps it."""
        self.tapes: list[Any] = []
        """The tapes that record now, the outermost first."""
        self.blanks: Any = None
        """The run with values that stand for others which is under way (see `blanks`)."""
        self.form_only = False
        """What is read now is looked at for its shape and dtype alone."""
        self.gradients = False
        """Whether this replica run has computed gradients: what is made of them is known by it."""


state = State()


class Hooks:
    """What other parts do at a tensor; each is None until they set it."""

    def __init__(self) -> None:
        self.symbolic_bool: Callable[[Any], bool] | None = None
        """`bool()` of a symbolic tensor: the branch to take (the conversion of `if` by `function`).

        It raises, or answers. None: raises what TensorFlow raises without AutoGraph.
        """
        self.symbolic_iter: Callable[[Any], Any] | None = None
        """`iter()` of a symbolic tensor, in the same way."""
        self.eager_read: Callable[[Any], None] | None = None
        """Told of each eager tensor whose value goes to Python (`numpy()`, `bool()`, `print`)."""
        self.cast: Callable[[Any], None] | None = None
        """Told of each Python number that stands for a symbolic tensor (`int(x)`, `float(x)`)."""
        self.strategy: Callable[[], Any] | None = None
        """The current `tf.distribute.Strategy`, for ops that divide by its number of replicas."""
        self.cross_replica: Callable[[], bool] | None = None
        """Whether code runs in cross-replica context."""


hooks = Hooks()
