"""`tf.train.ExponentialMovingAverage`: averages of variables, as the semantics table says.

After tensorflow/python/training/moving_averages.py.
"""

from __future__ import annotations

import contextlib
import itertools
from typing import Any

import numpy as np

from varsync_runtime import semantics
from varsync_runtime.distribute import contexts, rejections
from varsync_runtime.distribute.variables import reading, updating
from varsync_runtime.distribute.where import context_of
from varsync_runtime.function.graphs import building
from varsync_runtime.function.scopes import name_scope
from varsync_runtime.semantics import Average, Context, Operation, Raises, Read, Rule
from varsync_runtime.tensors import dtypes
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.exports import export, registry
from varsync_runtime.tensors.protocols import VariableLike
from varsync_runtime.tensors.tensor import make

FLOATS = (dtypes.bfloat16, dtypes.float16, dtypes.float32, dtypes.float64)

_names: set[str] = set()


def _unique(name: str) -> str:
    """The name, with a number behind it if it was given out before."""
    numbered = (f"{name}_{number}" for number in itertools.count(1))
    found = name
    while found in _names:
        found = next(numbered)
    _names.add(found)
    return found


def _shared_name(variable: Any) -> str:
    return str(variable.name).removesuffix(":0")


@export("tf.train.ExponentialMovingAverage")
class ExponentialMovingAverage:
    """Keeps a moving average beside each variable. `zero_debias` is for tensors only."""

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
        """What the averages' names end with."""
        return self._name

    def apply(self, var_list: Any = None) -> None:
        """Moves the averages; makes those that are not there yet."""
        variables = list(var_list or ())
        for variable in variables:
            if not isinstance(variable, VariableLike):
                raise TypeError(
                    "tf.train.ExponentialMovingAverage does not support non-Variable tensors when "
                    "eager execution is enabled."
                )
        for variable in variables:
            if variable.dtype not in FLOATS:
                raise TypeError(
                    f"The variables must be half, float, or double: {getattr(variable, 'name', '')}"
                )
            if variable.ref() not in self._averages:
                self._averages[variable.ref()] = self._make(variable)
        rate = self._rate()
        for variable in variables:
            self._move(variable, self._rule(variable), rate)

    def _rule(self, variable: Any) -> Average:
        """The table's answer; raises what it says."""
        context = context_of(variable)
        outcome = semantics.average(variable._in_table, context)
        if isinstance(outcome, Raises):
            # what cannot be found among the copies is the average itself, taken for a replica's id
            error = rejections.error(outcome, cls=type(self._averages[variable.ref()]).__name__)
            number = variable._variable_number
            raise rejections.rejected(error, number, "average", context.value)
        return outcome

    def _make(self, variable: Any) -> Any:
        """The variable for an average."""
        context = context_of(variable)
        initial = _start(variable, context)
        name = _unique(f"{_shared_name(variable)}/{self._name}")
        strategy = contexts.get_strategy()
        with building(None), name_scope(""), contextlib.ExitStack() as stack:
            if contexts.has_strategy():
                stack.enter_context(strategy.extended.colocate_vars_with(variable))
            return registry()["tf.Variable"](
                make(initial, variable.dtype), trainable=False, name=name
            )

    def _rate(self) -> Any:
        """The share of the new value, in float32."""
        decay = np.float32(convert(self._decay, dtypes.float32)._array)
        if self._num_updates is not None:
            updates = np.float32(convert(self._num_updates)._array)
            one, ten = np.float32(1.0), np.float32(10.0)
            decay = min(decay, (one + updates) / (ten + updates))
        return np.float32(1.0) - decay

    def _move(self, variable: Any, average: Average, rate: Any) -> None:
        shadow = self._averages[variable.ref()]
        context = context_of(variable)
        share = make(np.asarray(rate, dtype=variable.dtype._array_type), variable.dtype)

        def move(strategy: Any) -> None:
            value = make(_value(variable, average.value, context), variable.dtype)

            def update(copy: Any) -> Any:
                return copy.assign_sub((copy - value) * share)

            strategy.extended.update(shadow, update)
            if average.value is Rule.OWN and hasattr(shadow, "_crew"):
                # each copy moved towards its own value
                updating.diverged(shadow, Operation.ASSIGN_SUB, Rule.OWN, context)

        replica = contexts.get_replica_context()
        if replica is not None and contexts.has_strategy():
            replica.merge_call(move)
        else:
            move(contexts.get_strategy())

    def average(self, var: Any) -> Any:
        """The variable with the average of `var`, None if there is none."""
        return self._averages.get(var.ref())

    def average_name(self, var: Any) -> str:
        """The name of the average of `var`."""
        if var.ref() in self._averages:
            return _shared_name(self._averages[var.ref()])
        return f"{_shared_name(var)}/{self._name}"

    def variables_to_restore(self, moving_avg_variables: Any = None) -> dict[str, Any]:
        """The averages' names with the variables into which they are to be restored."""
        return {self.average_name(one): one for one in moving_avg_variables or ()}


def _start(variable: Any, context: Context) -> np.ndarray:
    """What a new average starts with: what is read, where there is no other answer."""
    if context is Context.REPLICA:
        return _own(variable)  # replicas that make a variable all get what the first one gives
    outcome = semantics.average(variable._in_table, context)
    if isinstance(outcome, Raises):
        return reading.value(variable)
    return _value(variable, outcome.start, context)


def _own(variable: Any) -> np.ndarray:
    """What this process's copy holds."""
    array: np.ndarray = (
        variable._local_array() if hasattr(variable, "_crew") else variable._array_now()
    )
    return array


def _value(variable: Any, rule: Rule, context: Context) -> np.ndarray:
    """What is averaged, by the rule of the table."""
    if rule is Rule.OWN or not hasattr(variable, "_crew"):
        return _own(variable)
    return reading.combined(variable, Read(rule, variable._in_table.strategy.workers), context)
