"""Values that differ between replicas, or are kept the same: `PerReplica`, `Mirrored`.

After tensorflow/python/distribute/values.py. A process has its own replica's part; the others' are
fetched when host code looks at them, in all processes at once, since they run the same host code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from varsync_runtime.distribute import contexts
from varsync_runtime.distribute.crew import Crew
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.spec import TensorSpec
from varsync_runtime.tensors.types import CompositeTensor

_TF = "tensorflow.python.distribute.values"


class Parts:
    """One part for each of this worker's replicas: those that are known here, and who has the rest.

    `known` holds the parts of this process by number; all parts are known without a crew. `specs`
    says what tensors the parts are, if they all are tensors and that is known; `brought` has all
    their arrays, if they are small and the replicas have shown them to each other.
    """

    __slots__ = ("_crew", "_known", "_specs", "brought", "count")

    def __init__(
        self,
        count: int,
        known: dict[int, Any],
        crew: Crew | None = None,
        specs: Sequence[TensorSpec] | None = None,
        brought: Sequence[np.ndarray] | None = None,
    ) -> None:
        self.count = count
        self.brought = brought
        self._known = known
        self._crew = crew
        self._specs = specs

    @classmethod
    def all(cls, values: Iterable[Any]) -> Parts:
        """Parts that every process knows."""
        known = dict(enumerate(values))
        return cls(len(known), known)

    def own(self, replica: int) -> Any:
        """The part of one of this worker's replicas, for code that runs as this replica.

        Host code runs in all processes and must `fetch`, so that all of them meet.
        """
        if replica in self._known:
            return self._known[replica]
        if not 0 <= replica < self.count:
            raise IndexError("tuple index out of range")
        return self.fetch()[replica]

    def known(self) -> list[Any]:
        """The parts that this process knows, in their order."""
        return [self._known[at] for at in sorted(self._known)]

    def numbers(self) -> list[int]:
        """The numbers of the parts that this process knows."""
        return sorted(self._known)

    def replaced(self, parts: list[Any]) -> Parts:
        """Other parts in place of those that this process knows."""
        known = dict(zip(sorted(self._known), parts, strict=True))
        return Parts(self.count, known, self._crew, self._specs)

    def specs(self) -> Sequence[Any]:
        """What stands for the parts where only their dtypes and shapes count."""
        return self._specs if self._crew is not None and self._specs is not None else self.fetch()

    def fetch(self) -> tuple[Any, ...]:
        """All parts; a meeting of all who run this host code, unless all know all of them."""
        crew = self._crew
        if crew is not None:
            own = self._known.get(crew.index) if crew.index is not None else None
            parts = crew.collect(own, "values")
            self._known = {**dict(enumerate(parts)), **self._known}
            self._crew = None
        return tuple([self._known[at] for at in range(self.count)])


@export("tf.distribute.DistributedValues")
class DistributedValues:
    """The base of what has a part for each replica."""

    __module__ = _TF

    def __init__(self, values: Iterable[Any] | Parts) -> None:
        self._parts = values if isinstance(values, Parts) else Parts.all(values)

    @property
    def _values(self) -> tuple[Any, ...]:
        return self._parts.fetch()

    def _of_replica(self, replica: int) -> Any:
        """The part of one of this worker's replicas, for code that runs as this replica."""
        return self._parts.own(replica)

    def _get(self) -> Any:
        """The part for who asks: the replica's own, or what `_get_cross_replica` gives."""
        replica = current_replica()
        if replica is None:
            return self._get_cross_replica()
        if contexts.in_default_context():
            return self._parts.fetch()[replica]
        return self._of_replica(replica)

    def _get_cross_replica(self) -> Any:
        raise NotImplementedError(
            "DistributedValues._get_cross_replica should be implemented by sub-classes which "
            f"support cross-replica accesses. Type name is {type(self)}"
        )

    @property
    def _primary(self) -> Any:
        return self._parts.fetch()[0]

    @property
    def _devices(self) -> tuple[str, ...]:
        return tuple(value.device for value in self._values)

    def __str__(self) -> str:
        lines = ",\n".join(f"  {at}: {value!s}" for at, value in enumerate(self._values))
        return f"{type(self).__name__}:{{\n{lines}\n}}"

    def __repr__(self) -> str:
        lines = ",\n".join(f"  {at}: {value!r}" for at, value in enumerate(self._values))
        return f"{type(self).__name__}:{{\n{lines}\n}}"


def current_replica() -> int | None:
    """The worker's replica that runs, or the copy that is updated; None in cross-replica context.

    `values_util.get_current_replica_id_as_int`; outside any scope it is 0.
    """
    context = contexts.get_replica_context()
    return context._replica_id if context is not None else contexts.update_replica_id()


@export("tf.types.experimental.distributed.PerReplica")
class PerReplica(DistributedValues, CompositeTensor):
    """A part for each replica, each its own."""

    __module__ = _TF

    @property
    def values(self) -> tuple[Any, ...]:
        """The parts of this worker's replicas, in their order."""
        return self._values

    @property
    def _type_spec(self) -> Any:
        return PerReplicaSpec(self._values)

    def __tf_tensor__(self, dtype: Any = None, name: str | None = None) -> Any:
        del name
        if contexts.in_cross_replica_context() or not contexts.has_strategy():
            if dtype is not None:
                raise AttributeError("'PerReplica' object has no attribute 'dtype'")
            raise ValueError(
                "It looks like you are using a PerReplica object while not inside a replica "
                "context, which is not supported. Try running your op or function inside a replica "
                "context by using `strategy.run`"
            )
        from varsync_runtime.tensors.convert import convert

        return convert(self._get(), dtype)

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpickled, (self._values,)

    def _trace_parts(self) -> Sequence[Any]:
        """What counts of this as an argument of a `tf.function`: all parts, in all processes."""
        return self._parts.specs() if current_replica() is None else self._parts.known()

    def _nest_components(self) -> list[Any]:
        """The parts that are known here, for what goes through a structure leaf by leaf."""
        return self._parts.known()

    def _nest_numbers(self) -> list[int]:
        """The numbers of these parts."""
        return self._parts.numbers()

    def _nest_rebuilt(self, parts: list[Any]) -> PerReplica:
        """The same with other parts in place of those that are known here."""
        return PerReplica(self._parts.replaced(parts))


def _unpickled(values: Iterable[Any]) -> PerReplica:
    return PerReplica(values)


class PerReplicaSpec:
    """The type of a PerReplica: a spec for each part."""

    __module__ = _TF

    def __init__(self, values: Iterable[Any]) -> None:
        self._value_specs = tuple(TensorSpec(value.shape, value.dtype) for value in values)

    def __repr__(self) -> str:
        return f"PerReplicaSpec({', '.join(map(repr, self._value_specs))})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PerReplicaSpec) and self._value_specs == other._value_specs

    def __hash__(self) -> int:
        return hash(self._value_specs)


class Mirrored(DistributedValues):
    """A part for each replica, all of which are kept the same."""

    __module__ = _TF

    @property
    def values(self) -> tuple[Any, ...]:
        """The parts of this worker's replicas."""
        return self._values

    def _get_cross_replica(self) -> Any:
        return self._parts.fetch()[0]

    def _is_mirrored(self) -> bool:
        return True

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "_parts":
            raise AttributeError(name)
        return getattr(self._get(), name)

    def __tf_tensor__(self, dtype: Any = None, name: str | None = None) -> Any:
        del name
        from varsync_runtime.tensors.convert import convert

        return convert(self._get(), dtype)


def _delegated(name: str) -> Callable[..., Any]:
    def operator(self: Any, *operands: Any) -> Any:
        return getattr(self._get(), name)(*operands)

    operator.__name__ = name
    return operator


_OPERATORS = (
    "add radd sub rsub mul rmul truediv rtruediv floordiv rfloordiv mod rmod lt le gt ge and rand "
    "or ror xor rxor getitem pow rpow invert neg abs matmul rmatmul"
)
for _name in _OPERATORS.split():
    setattr(Mirrored, f"__{_name}__", _delegated(f"__{_name}__"))


def is_mirrored(value: Any) -> bool:
    """`distribute_utils.is_mirrored`: kept the same on all replicas."""
    return bool(getattr(value, "_is_mirrored", lambda: False)())
