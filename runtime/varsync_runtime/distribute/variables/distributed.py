"""Variables with a copy on each replica: `MirroredVariable` and `SyncOnReadVariable`.

After tensorflow/python/distribute/values.py. A process holds its own replica's copy; the objects of
the others' copies are there too, since scripts ask for them, but their values are elsewhere.
"""

from __future__ import annotations

import copy
import weakref
from collections.abc import Sequence
from typing import Any

import numpy as np

from varsync_runtime import events, semantics
from varsync_runtime.distribute import contexts, ledger, rejections, telling
from varsync_runtime.distribute.crew import Crew
from varsync_runtime.distribute.enums import VariableSynchronization
from varsync_runtime.distribute.rounds import current_run
from varsync_runtime.distribute.values import DistributedValues, Mirrored, Parts, current_replica
from varsync_runtime.distribute.variables import reading, updating
from varsync_runtime.distribute.variables.base import Aggregations, Variable
from varsync_runtime.distribute.variables.plain import ResourceVariable, with_updates
from varsync_runtime.ops.random.surroundings import Kept
from varsync_runtime.semantics import Context, Execution, Making, Operation, ReadForm
from varsync_runtime.tensors.absent import delegated
from varsync_runtime.tensors.dtypes import DType
from varsync_runtime.tensors.shapes import TensorShape
from varsync_runtime.tensors.state import state
from varsync_runtime.tensors.tensor import Tensor

_TF = "tensorflow.python.distribute.values"


class DistributedVariable(DistributedValues, Variable):
    """A variable with one copy for each replica."""

    __module__ = _TF
    is_distributed_variable = True

    def _is_mirrored(self) -> bool:
        """Whether TensorFlow takes the copies to be equal."""
        raise NotImplementedError

    _private = False

    def __init__(
        self,
        strategy: Any,
        crew: Crew,
        copies: Sequence[ResourceVariable],
        aggregation: Aggregations,
        in_table: semantics.Variable,
    ) -> None:
        super().__init__(Parts.all(copies))
        self._distribute_strategy = strategy
        self._crew = crew
        self._aggregation = aggregation
        self._in_table = in_table
        self._doubt = Kept(False)
        self._difference = Kept(False)
        self._variable_number = ledger.enter(self)
        for one in copies:
            one._container = one._distributed_container = weakref.ref(self)
            one._unique = f"{one._shared_name}_{self._variable_number}"
        first = copies[0]
        self.dtype: DType = first.dtype
        self.trainable = first.trainable

    def _initialized(self, compiled: bool) -> Any:
        """What the table says of a variable that a `tf.function` with a collective op makes, or
        one that is compiled with XLA."""
        making = Making.ONCE_UNDER_XLA if compiled else Making.ONCE_BESIDE_COLLECTIVE
        return semantics.make(self._in_table.strategy, making, Execution.FUNCTION)

    def _initializer_fails(self, compiled: bool) -> bool:
        """Whether TensorFlow cannot compute the initial value in such a function."""
        return isinstance(self._initialized(compiled), semantics.Raises)

    def _leave_uninitialized(self, compiled: bool) -> None:
        """The first copy has got its initial value, the others have none; with XLA none has."""
        for one in self._copies[not compiled :]:
            one._array = np.zeros(0, self.dtype._array_type)
        self._unsure = True

    def _uninitialized(self, compiled: bool, made: events.Site) -> BaseException:
        """What TensorFlow raises then, of a variable that was made at this line."""
        site = events.here()
        outcome = self._initialized(compiled)
        error = rejections.error(outcome, file=site.filename, line=site.line)
        rejections.tell(error, self._variable_number, "create", Context.REPLICA.value, made)
        return error

    # What it is ----------------------------------------------------------------------------

    @property
    def _unsure(self) -> bool:
        """Whether copies may differ; then the host asks replica 0 for its own."""
        return self._doubt.value

    @_unsure.setter
    def _unsure(self, unsure: bool) -> None:
        self._doubt.set(unsure)

    @property
    def _diverged(self) -> bool:
        """Whether copies were seen to differ, so that it was told."""
        return self._difference.value

    @_diverged.setter
    def _diverged(self, diverged: bool) -> None:
        self._difference.set(diverged)

    @property
    def _copies(self) -> tuple[ResourceVariable, ...]:
        return self._parts.fetch()

    @property
    def values(self) -> tuple[ResourceVariable, ...]:
        """The copies of this worker's replicas."""
        return self._copies

    @property
    def _primary(self) -> ResourceVariable:
        first: ResourceVariable = self._parts.own(0)
        return first

    @property
    def _own(self) -> ResourceVariable:
        """The copy whose value is in this process; an observer has replica 0's."""
        own: ResourceVariable = self._parts.own(self._crew.index or 0)
        return own

    @property
    def _devices(self) -> tuple[str, ...]:
        return tuple(one.device for one in self._copies)

    @property
    def name(self) -> str:  # type: ignore[override]
        return self._primary.name

    @property
    def _shared_name(self) -> str:
        return self._primary._shared_name

    @property
    def _unique_id(self) -> str:
        return self._primary._unique_id

    @property
    def shape(self) -> TensorShape:  # type: ignore[override]
        return self._primary.shape

    @property
    def synchronization(self) -> VariableSynchronization:
        return self._primary.synchronization

    @property
    def aggregation(self) -> Aggregations:
        return self._aggregation

    @property
    def distribute_strategy(self) -> Any:
        """The strategy in whose scope it was made."""
        return self._distribute_strategy

    @property
    def constraint(self) -> Any:
        """The function that optimizers apply after an update."""
        return self._primary.constraint

    @property
    def device(self) -> str:
        """Where the copy is that belongs here."""
        return self._parts.fetch()[current_replica() or 0].device  # type: ignore[no-any-return]

    @property
    def op(self) -> Any:
        """The operation of a copy's handle."""
        return self._primary.op

    @property
    def initial_value(self) -> Any:
        """Not kept when eager."""
        return self._primary.initial_value

    def is_initialized(self, name: str | None = None) -> Tensor:
        """Whether all copies have values: always."""
        return self._primary.is_initialized(name)

    @property
    def handle(self) -> Any:
        """The handle of the copy that belongs here, for raw operations."""
        reading.require(self, ReadForm.HANDLE)
        return self._parts.fetch()[current_replica() or 0].handle

    # Reading -------------------------------------------------------------------------------

    def _local_array(self) -> np.ndarray:
        """What this process's copy holds."""
        return self._own._array

    def _array_now(self) -> np.ndarray:
        return reading.value(self)

    def _read(self) -> Tensor:
        return reading.tensor(self)

    def _get(self) -> Any:
        return self._read()

    def _spoken(self) -> Any:
        return self._delegate()

    def _tape_key(self) -> Any:
        return reading.tape_key(self)

    def value(self) -> Tensor:
        self._not_while_synchronising("value")
        return reading.tensor(self)

    def read_value(self) -> Tensor:
        self._not_while_synchronising("read_value")
        return reading.tensor(self)

    def _not_while_synchronising(self, method: str) -> None:
        """A mirrored variable does not care."""

    def numpy(self) -> Any:
        if state.graph is not None:
            raise NotImplementedError(
                "DistributedVariable.numpy() is only available when eager execution is enabled."
            )
        return self.read_value().numpy()

    def __getattr__(self, name: str) -> Any:
        # our own private names are each object's own, and one that is made has not all yet
        if (name.startswith("_") and not name.startswith("__")) or "_parts" not in self.__dict__:
            raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")
        return getattr(self._delegate(), name)

    def _delegate(self) -> Any:
        """Whom TensorFlow asks for what this class does not have."""
        replica = current_replica()
        if replica is not None:
            return self._parts.fetch()[replica]
        of_first = self._aggregation.name == "ONLY_FIRST_REPLICA"
        return self._primary if self._is_mirrored() or of_first else self._read()

    # TensorFlow's class has none of these; its `__getattr__` finds them, or Python does not

    @delegated
    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        del copy
        if state.graph is not None:
            return self._delegate().__array__()  # type: ignore[no-any-return]
        if dtype is None and not self.shape.rank and reading.is_refused(self, ReadForm.ARRAY):
            # a NumPy scalar, which NumPy itself refuses where it is who asks
            return self._read().numpy()  # type: ignore[no-any-return]
        return np.asarray(self._read().numpy(), dtype=dtype)  # type: ignore[no-any-return]

    @delegated
    def __float__(self) -> Any:
        return reading.number(self, float)

    @delegated
    def __int__(self) -> Any:
        return reading.number(self, int)

    @delegated
    def __complex__(self) -> Any:
        return reading.number(self, complex)

    # Writing -------------------------------------------------------------------------------

    @delegated
    def __iadd__(self, other: Any) -> Any:
        del other
        # Python goes on to `+` and the like, as it does where TensorFlow has no such method
        telling.rebound(self)
        return NotImplemented

    __isub__ = __imul__ = __itruediv__ = __ifloordiv__ = __imod__ = __ipow__ = __iadd__

    def count_up_to(self, limit: int) -> Any:
        """Not for distributed variables."""
        return self._update(Operation.COUNT_UP_TO, limit)

    def set_shape(self, shape: Any) -> None:
        """Not for distributed variables."""
        raise NotImplementedError

    @delegated
    def __copy__(self) -> Any:
        copied = object.__new__(type(self))
        copied.__dict__.update(self.__dict__)
        return copied

    def __reduce__(self) -> Any:
        raise TypeError("cannot pickle 'weakref.ReferenceType' object")

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        updating.refuse(self, Operation.DEEPCOPY)
        with contexts.enter_or_assert(self._distribute_strategy):
            copies = [copy.deepcopy(one, memo) for one in self._copies]
        copied = type(self)(
            self._distribute_strategy, self._crew, copies, self._aggregation, self._in_table
        )
        copied._unsure = self._unsure
        copied._private = current_run() is not None
        memo[id(self)] = copied
        return copied


with_updates(DistributedVariable)
for _operation in (Operation.SCATTER_ND_MIN, Operation.SCATTER_ND_MAX):
    delegated(vars(DistributedVariable)[_operation.value])


class MirroredVariable(DistributedVariable):
    """Copies that TensorFlow takes to be equal."""

    __module__ = _TF

    def _is_mirrored(self) -> bool:
        return True

    def _get_cross_replica(self) -> Any:
        return self._read()


class SyncOnReadVariable(DistributedVariable):
    """Copies that are each replica's own, and are put together when the host reads."""

    __module__ = _TF

    def _is_mirrored(self) -> bool:
        return False

    def _get_cross_replica(self) -> Any:
        return self._read()

    @delegated
    def _delegate(self) -> Any:
        with contexts.enter_or_assert(self._distribute_strategy):
            return super()._delegate()

    @delegated
    def __copy__(self) -> Any:
        # TensorFlow's copy looks for its copies in itself
        raise RecursionError("maximum recursion depth exceeded")

    def _not_while_synchronising(self, method: str) -> None:
        if contexts.in_variable_sync_on_read_context():
            raise NotImplementedError(
                f"call `variable.{method}()` inside variable_sync_on_read_context is not supported"
            )


class TPUDistributedVariable(DistributedVariable):
    """A TPUStrategy's variable; a policy says which of the two it is.

    tensorflow/python/distribute/tpu_values.py
    """

    __module__ = "tensorflow.python.distribute.tpu_values"

    def _is_mirrored(self) -> bool:
        return self._in_table.cls is semantics.VariableClass.TPU_MIRRORED

    def _get_cross_replica(self) -> Any:
        return self._read()


__all__ = [
    "DistributedVariable",
    "Mirrored",
    "MirroredVariable",
    "SyncOnReadVariable",
    "TPUDistributedVariable",
]
