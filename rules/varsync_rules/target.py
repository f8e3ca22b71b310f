"""What a project says that it runs on: versions of TensorFlow and Keras, and strategies.

A rule that rests on one of them is silent where the target excludes it. Where nothing is said,
nothing is assumed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from varsync_runtime.semantics.kinds import StrategyKind

Version = tuple[int, int]

STRATEGIES = (
    "MirroredStrategy",
    "MultiWorkerMirroredStrategy",
    "OneDeviceStrategy",
    "CentralStorageStrategy",
    "ParameterServerStrategy",
    "TPUStrategy",
)
"""The strategies by the names of their classes in `tf.distribute`."""

NO_STRATEGY = "default"


class Versions(NamedTuple):
    """The versions that may be installed: from `least` on, those before `below`. None: no bound."""

    least: Version | None = None
    below: Version | None = None

    def are_from(self, version: Version) -> bool:
        """Whether all of them are this one or later."""
        return self.least is not None and self.least >= version

    def are_before(self, version: Version) -> bool:
        """Whether all of them are earlier than this one."""
        return self.below is not None and self.below <= version

    def __str__(self) -> str:
        bounds = ((">=", self.least), ("<", self.below))
        return ",".join(f"{sign}{v[0]}.{v[1]}" for sign, v in bounds if v is not None) or "any"


ANY = Versions()


class Target(NamedTuple):
    """Which TensorFlow and Keras a program runs on, and under which strategies; None: any.

    `strategies` are names of STRATEGIES, or NO_STRATEGY; `used`: those that the program names.
    """

    tensorflow: Versions = ANY
    keras: Versions = ANY
    strategies: frozenset[str] | None = None
    used: bool = False

    def __str__(self) -> str:
        # the same in every process, unlike the order of a set
        names = ", ".join(sorted(self.strategies or ())) or "any"
        return f"TensorFlow {self.tensorflow}, Keras {self.keras}, {names}"

    @property
    def keras_generation(self) -> int | None:
        """Which Keras `import keras` is: 2, 3, or None where that isn't known.

        TensorFlow before 2.16 brings a Keras 2 of its own version.
        """
        if self.keras.are_before((3, 0)):
            return 2
        if self.keras == ANY and self.tensorflow.are_before((2, 16)):
            return 2
        return 3 if self.keras.are_from((3, 0)) else None

    @property
    def tf_keras_generation(self) -> int | None:
        """Which Keras `tf.keras` is. Before TensorFlow 2.16 it is Keras 2, whatever is installed."""
        if self.tensorflow.are_before((2, 16)):
            return 2
        if self.keras_generation is not None:
            return self.keras_generation
        return 3 if self.tensorflow.are_from((2, 16)) else None

    @property
    def assumed(self) -> frozenset[StrategyKind | None]:
        """What a strategy that the program does not show may be; None stands for any.

        Where some of the target's have several replicas, what happens under those counts.
        """
        return _kinds(self.strategies)


@cache
def _kinds(strategies: frozenset[str] | None) -> frozenset[StrategyKind | None]:
    # not at the start: a run that evaluates nothing needs none of it
    from varsync_runtime.semantics.kinds import StrategyKind, may_replicate

    from varsync_rules.surface import STRATEGIES as KINDS

    if strategies is None:
        return frozenset((None,))
    kinds = frozenset(
        KINDS.get(f"tf.distribute.{name}", StrategyKind.DEFAULT) for name in strategies
    )
    return frozenset(filter(may_replicate, kinds)) or kinds


UNKNOWN = Target()


def named_in(text: bytes) -> tuple[str, ...]:
    """The names of strategies in a text, be it code or comment, each once."""
    if b"Strategy" not in text:
        return ()
    found = re.findall(rb"\b(?:%s)\b" % "|".join(STRATEGIES).encode(), text)
    return tuple(sorted({name.decode() for name in found}))


def under(target: Target, named: Iterable[str]) -> Target:
    """A target under the strategies that its program names, where it is that; any if it names none."""
    if not target.used:
        return target
    return Target(target.tensorflow, target.keras, frozenset(named) or None)
