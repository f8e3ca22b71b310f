"""`tf.train.ExponentialMovingAverage`."""

from __future__ import annotations

from typing import Any

from varsync_runtime.distribute import contexts
from varsync_runtime.distribute.enums import ReduceOp
from varsync_runtime.function.graphs import building
from varsync_runtime.ops.layout import cast
from varsync_runtime.tensors import dtypes
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.exports import export, registry
from varsync_runtime.tensors.protocols import VariableLike

FLOATS = (dtypes.bfloat16, dtypes.float16, dtypes.float32, dtypes.float64)


@export("tf.train.ExponentialMovingAverage")
class ExponentialMovingAverage:
    """tensorflow/python/training/moving_averages.py, `ExponentialMovingAverage`."""

    __module__ = "tensorflow.python.training.moving_averages"

    def __init__(
        self,
        decay: Any,
        num_updates: Any = None,
        zero_debias: bool = False,
        name: str = "ExponentialMovingAverage",
    ) -> None:
        self._decay = decay
        self._num_updates = num_updates
        self._zero_debias = zero_debias
        self._name = name
        self._averages: dict[Any, Any] = {}

    @property
    def name(self) -> str:
        return self._name

    def apply(self, var_list: Any = None) -> None:
        """Makes the averages of variables if there are none yet, and brings them up to date."""
        for variable in var_list or ():
            if not isinstance(variable, VariableLike):
                raise TypeError(
                    "tf.train.ExponentialMovingAverage does not support non-Variable tensors when "
                    "eager execution is enabled."
                )
        for variable in var_list or ():
            if variable.dtype not in FLOATS:
                raise TypeError(f"The variables must be half, float, or double: {variable.name}")
            if variable.ref() not in self._averages:
                self._averages[variable.ref()] = self._slot(variable)
        decay = self._rate()
        for variable in var_list or ():
            assign_moving_average(self._averages[variable.ref()], variable, decay)

    def _slot(self, variable: Any) -> Any:
        """The variable for an average, beside the one that is averaged."""
        name = f"{variable.name.partition(':')[0]}/{self._name}"
        strategy = contexts.get_strategy()
        with building(None):
            initial = variable.read_value()
            with strategy.extended.colocate_vars_with(variable):
                return registry()["tf.Variable"](initial, trainable=False, name=name)

    def _rate(self) -> Any:
        decay = convert(self._decay, dtypes.float32)
        if self._num_updates is None:
            return decay
        updates = cast(convert(self._num_updates), dtypes.float32)
        grown = (1.0 + updates) / (10.0 + updates)
        return decay if bool(decay._array <= grown._array) else grown

    def average(self, var: Any) -> Any:
        """The variable that holds the average of `var`, None if there is none."""
        return self._averages.get(var.ref())

    def average_name(self, var: Any) -> str:
        """The name of the average of `var`."""
        if var.ref() in self._averages:
            found: str = self._averages[var.ref()].name
            return found.partition(":")[0]
        return f"{var.name.partition(':')[0]}/{self._name}"

    def variables_to_restore(self, moving_avg_variables: Any = None) -> dict[str, Any]:
        """The averages' names, with the variables that they are restored into."""
        return {self.average_name(one): one for one in moving_avg_variables or ()}


@export("tf.__internal__.train.assign_moving_average")
def assign_moving_average(
    variable: Any, value: Any, decay: Any, zero_debias: bool = False, name: str | None = None
) -> Any:
    """tensorflow/python/training/moving_averages.py, `assign_moving_average`."""
    del zero_debias, name
    share = cast(convert(1.0 - decay), variable.dtype)

    def update(copy: Any, value: Any) -> Any:
        return copy.assign_sub((copy - value) * share)

    replica = contexts.get_replica_context()
    if replica is None:
        strategy = contexts.get_strategy()
        return strategy.extended.update(variable, update, args=(value,))
    if not contexts.has_strategy():
        return contexts.get_strategy().extended.update(variable, update, args=(value,))

    def merged(strategy: Any, variable: Any, value: Any) -> Any:
        mean = strategy.extended.reduce_to(ReduceOp.MEAN, value, variable)
        return strategy.extended.update(variable, update, args=(mean,))

    return replica.merge_call(merged, args=(variable, value))
