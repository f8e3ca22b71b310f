"""What a project says that it runs on: versions of TensorFlow and Keras, and strategies.

A rule that rests on one of them is silent where the target excludes it. Where nothing is said,
nothing is assumed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from varsync_runtime.semantics.kinds import StrategyKind, may_replicate

Version = tuple[int, int]

STRATEGY_KINDS: dict[str, StrategyKind] = {
    "MirroredStrategy": StrategyKind.MIRRORED,
    "MultiWorkerMirroredStrategy": StrategyKind.MULTI_WORKER_MIRRORED,
    "OneDeviceStrategy": StrategyKind.ONE_DEVICE,
    "CentralStorageStrategy": StrategyKind.CENTRAL_STORAGE,
    "ParameterServerStrategy": StrategyKind.PARAMETER_SERVER,
    "TPUStrategy": StrategyKind.TPU,
}
"""The strategies by the names of their classes in `tf.distribute`."""

_MENTION = re.compile(rb"\b(?:%s)\b" % b"|".join(name.encode() for name in STRATEGY_KINDS))


@dataclass(frozen=True, slots=True)
class Versions:
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


@dataclass(frozen=True, slots=True)
class Target:
    """Which TensorFlow and Keras a program runs on, and under which strategies; None: any.

    `used`: under those that the program names.
    """

    tensorflow: Versions = ANY
    keras: Versions = ANY
    strategies: frozenset[StrategyKind] | None = None
    used: bool = False

    def __str__(self) -> str:
        # the same in every process, unlike the order of a set
        kinds = sorted(kind.value for kind in self.strategies or ())
        return f"TensorFlow {self.tensorflow}, Keras {self.keras}, {', '.join(kinds) or 'any'}"

    @property
    def keras_generation(self) -> int | None:
        """Which Keras `import keras` is: 2, 3, or None where that isn't known."""
        if self.keras.are_before((3, 0)):
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
        if self.strategies is None:
            return _ANY_STRATEGY
        return frozenset(filter(may_replicate, self.strategies)) or self.strategies


UNKNOWN = Target()
_ANY_STRATEGY: frozenset[StrategyKind | None] = frozenset((None,))


def named_in(text: bytes) -> tuple[str, ...]:
    """The names of strategies in a text, be it code or comment, each once."""
    if b"Strategy" not in text:
        return ()
    return tuple(sorted({name.decode() for name in _MENTION.findall(text)}))


def under(target: Target, named: Iterable[str]) -> Target:
    """A target under the strategies that its program names, where it is that; any if it names none."""
    if not target.used:
        return target
    kinds = frozenset(STRATEGY_KINDS[name] for name in named)
    return Target(target.tensorflow, target.keras, kinds or None)
