"""`tf.random.Generator`: a generator whose state is a variable.

tensorflow/python/ops/stateful_random_ops.py. Its variable is whatever `tf.Variable` makes where the
generator is made: in a strategy's scope each replica has a copy, and mixes its number into the key,
so that each draws its own numbers; outside a scope replicas share the state, one after the other.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from varsync_runtime.events import Approximated, count, here
from varsync_runtime.ops import layout
from varsync_runtime.ops.random import philox, stateless, words
from varsync_runtime.ops.random.seeds import WITHOUT_SEED, seeds
from varsync_runtime.ops.random.stateless import Algorithm, algorithm_number, unsupported
from varsync_runtime.tensors import dtypes
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.dispatch import reject
from varsync_runtime.tensors.dtypes import as_dtype
from varsync_runtime.tensors.errors import UnimplementedError
from varsync_runtime.tensors.exports import export, registry
from varsync_runtime.tensors.protocols import VariableLike
from varsync_runtime.tensors.tensor import Tensor, make

SIZES = {Algorithm.PHILOX.value: 3, Algorithm.THREEFRY.value: 2, Algorithm.AUTO_SELECT.value: 3}
BLOCKS = 256  # of words for each number
MASK64 = stateless.MASK64


def state_size(alg: int) -> int:
    """How many integers the state of an algorithm has."""
    if alg not in SIZES:
        raise ValueError(unsupported(alg))
    return SIZES[alg]


def _signed(number: int) -> int:
    return number - (1 << 64) if number > (1 << 63) - 1 else number


def _state_tensor(value: Any) -> Tensor:
    if isinstance(value, (int, np.integer)):
        value = np.int64(_signed(int(value)))
    elif isinstance(value, (list, tuple)) and all(isinstance(one, int) for one in value):
        value = np.array([_signed(one) for one in value], dtype=np.int64)
    tensor: Tensor = layout.cast(convert(value), dtypes.int64)
    return tensor


@export("tf.random.create_rng_state", "tf.random.experimental.create_rng_state")
def create_rng_state(seed: Any, alg: Any) -> Tensor:
    """The state that an integer, or a vector of them, stands for."""
    size = state_size(algorithm_number(alg))
    if isinstance(seed, int):
        seed = [seed >> 64 * at & MASK64 for at in range(size)]
    array = _state_tensor(seed)._array.reshape(-1)[:size]
    padded = np.concatenate([np.zeros(size - array.size, dtype=np.int64), array])
    return make(padded, dtypes.int64)


class _Plain(VariableLike):
    """A state where there are no variables: in programs that use the ops alone."""

    __slots__ = ("_array",)
    trainable = False
    dtype = dtypes.int64

    def __init__(self, array: np.ndarray) -> None:
        self._array = array

    @property
    def shape(self) -> Any:
        return make(self._array, dtypes.int64).shape

    def _array_now(self) -> np.ndarray:
        return self._array

    def _read(self) -> Tensor:
        return make(self._array, dtypes.int64)

    def numpy(self) -> np.ndarray:
        """The state."""
        return self._array.copy()

    def assign(self, value: Any) -> None:
        """Another state."""
        self._array = convert(value)._array


def _public(name: str) -> Any:
    """What another part has under a public name, None if that part is not imported."""
    return registry().get(name)


def _make_variable(state: Tensor) -> Any:
    variable = _public("tf.Variable")
    if variable is None:
        return _Plain(state._array)
    return variable(state, dtype=dtypes.int64, trainable=False, name="StateVar")


@export("tf.random.Generator", "tf.random.experimental.Generator")
class Generator:
    """Random numbers from a state of its own."""

    __module__ = "tensorflow.python.ops.stateful_random_ops"

    def __init__(self, copy_from: Any = None, state: Any = None, alg: Any = None) -> None:
        has_strategy = _public("tf.distribute.has_strategy")
        self._distribution_strategy = None
        if has_strategy is not None and has_strategy():
            self._distribution_strategy = _public("tf.distribute.get_strategy")()
        if copy_from is not None:
            if (alg or state) is not None:
                raise AssertionError
            self._alg = copy_from.algorithm
            self._state_var = _make_variable(convert(copy_from.state))
            return
        assert alg is not None and state is not None
        self._alg = algorithm_number(alg)
        if isinstance(state, VariableLike):
            state.shape.assert_is_compatible_with([state_size(self._alg)])
            self._state_var = state
            return
        tensor = _state_tensor(state)
        tensor.shape.assert_is_compatible_with([state_size(self._alg)])
        self._state_var = _make_variable(tensor)

    # Where it comes from ----------------------------------------------------------------------

    @classmethod
    def from_state(cls, state: Any, alg: Any) -> Generator:
        """From all of a state."""
        return cls(alg=alg, state=state)

    @classmethod
    def from_seed(cls, seed: Any, alg: Any = None) -> Generator:
        """From an integer."""
        number = algorithm_number(Algorithm.PHILOX if alg is None else alg)
        return cls(state=create_rng_state(seed, number), alg=number)

    @classmethod
    def from_non_deterministic_state(cls, alg: Any = None) -> Generator:
        """From chance."""
        number = algorithm_number(Algorithm.PHILOX if alg is None else alg)
        symbol = "tf.random.Generator.from_non_deterministic_state"
        count(Approximated, symbol, WITHOUT_SEED, here())
        state = [seeds.by_chance().getrandbits(63) for _ in range(state_size(number))]
        return cls(state=state, alg=number)

    @classmethod
    def from_key_counter(cls, key: Any, counter: Any, alg: Any) -> Generator:
        """From the two parts of a state."""
        number = algorithm_number(alg)
        return cls(state=_joined(key, counter, number), alg=number)

    # Its state ----------------------------------------------------------------------------------

    @property
    def state(self) -> Any:
        return self._state_var

    @property
    def algorithm(self) -> int:
        return self._alg

    @property
    def key(self) -> Tensor:
        tensor: Tensor = convert(self._state_var)[-1]
        return tensor

    def reset(self, state: Any) -> None:
        """Another state."""
        tensor = _state_tensor(state)
        tensor.shape.assert_is_compatible_with([state_size(self._alg)])
        self._state_var.assign(tensor)

    def reset_from_seed(self, seed: Any) -> None:
        """The state of a seed."""
        self._state_var.assign(create_rng_state(seed, self._alg))

    def reset_from_key_counter(self, key: Any, counter: Any) -> None:
        """A state in two parts."""
        self._state_var.assign(_joined(key, counter, self._alg))

    def skip(self, delta: Any) -> Tensor:
        """Goes on by so many numbers; the state before."""
        before = self._skip(int(convert(delta)._array))
        return make(before, dtypes.int64, "RngReadAndSkip")

    def _skip(self, delta: int) -> np.ndarray:
        if self._alg == Algorithm.THREEFRY.value:
            words_ = "Non-XLA devices don't support the ThreeFry algorithm."
            raise reject("RngReadAndSkip", words_, UnimplementedError)
        write = getattr(self._state_var, "_skipped", None)
        if write is not None:
            before: np.ndarray = write(lambda array: _advanced(array, delta))
            return before
        array = convert(self._state_var)._array
        self._state_var.assign(make(_advanced(array, delta), dtypes.int64))
        return array

    def _philox(self, shape: Any) -> philox.Philox:
        """The generator for a tensor of this shape."""
        sizes = layout.integers(shape)
        state = [one & MASK64 for one in self._skip(int(np.prod(sizes, dtype=np.int64))).tolist()]
        key = self._own_key(state[2])
        made = philox.Philox(key, 0)
        made.counter = state[0] | state[1] << 64
        return made

    def _own_key(self, key: int) -> int:
        """The key, with the replica's number mixed in where each replica has numbers of its own."""
        if self._distribution_strategy is None:
            return key
        context = _public("tf.distribute.get_replica_context")()
        if context is None:
            return key
        number = context.replica_id_in_sync_group
        number = int(convert(number)._array)
        mixed = philox.block((key & philox.MASK, key >> 32), number)
        return mixed[0] | mixed[1] << 32

    # Its numbers --------------------------------------------------------------------------------

    def normal(
        self, shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = dtypes.float32,
        name: str | None = None,
    ) -> Tensor:  # fmt: skip
        """Numbers of a normal distribution."""
        generator = functools.partial(self._philox, shape)
        return stateless.drawn(stateless.NORMAL, generator, shape, mean, stddev, dtype)

    def truncated_normal(
        self, shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = dtypes.float32,
        name: str | None = None,
    ) -> Tensor:  # fmt: skip
        """The same without what is 2 standard deviations or more away from the mean."""
        generator = functools.partial(self._philox, shape)
        return stateless.drawn(stateless.TRUNCATED, generator, shape, mean, stddev, dtype)

    def uniform(
        self, shape: Any, minval: Any = 0, maxval: Any = None, dtype: Any = dtypes.float32,
        name: str | None = None,
    ) -> Tensor:  # fmt: skip
        """Numbers from `minval` up to `maxval`; integers of the whole range if both are None."""
        dtype = as_dtype(dtype)
        if not dtype.is_integer:
            op = "StatelessRandomUniformV2"
            found = stateless.fill(op, self._philox(shape), shape, dtype, words.uniform)
            return stateless.scaled(found, minval, 1 if maxval is None else maxval)
        if (minval is None) != (maxval is None):
            raise ValueError(
                f"For integer dtype {dtype}, minval and maxval must be both `None` or both "
                f"non-`None`; got minval={minval} and maxval={maxval}"
            )
        if minval is None:
            return self.uniform_full_int(shape, dtype)
        return stateless.fill_between(self._philox(shape), shape, minval, maxval, dtype)

    def uniform_full_int(
        self, shape: Any, dtype: Any = dtypes.uint64, name: str | None = None
    ) -> Tensor:
        """Integers of the whole range."""
        return stateless.fill_full(self._philox(shape), shape, as_dtype(dtype))

    def make_seeds(self, count: int = 1) -> Tensor:
        """Seeds for stateless ops: one a column."""
        keys = self.uniform_full_int([count], dtypes.int64)
        return make(np.stack([keys._array, np.zeros_like(keys._array)]), dtypes.int64, "stack")

    def split(self, count: int = 1) -> list[Generator]:
        """Generators with states of their own."""
        keys = self.uniform_full_int([count], dtypes.int64)._array.tolist()
        zeros = [0] * (state_size(self._alg) - 1)
        return [Generator(state=[*zeros, key], alg=self._alg) for key in keys]


def _advanced(array: np.ndarray, delta: int) -> np.ndarray:
    """A state after so many numbers."""
    low, high, key = (one & MASK64 for one in array.tolist())
    counter = ((low | high << 64) + delta * BLOCKS) & philox.COUNTERS
    parts = [_signed(one) for one in (counter & MASK64, counter >> 64, key)]
    return np.array(parts, dtype=np.int64)


def _joined(key: Any, counter: Any, alg: int) -> Tensor:
    counter, key = _state_tensor(counter), _state_tensor(key)
    counter.shape.assert_is_compatible_with([state_size(alg) - 1])
    key.shape.assert_is_compatible_with([])
    return make(np.concatenate([counter._array, key._array.reshape(1)]), dtypes.int64)


class _Global:
    """The generator that is used where none is named."""

    generator: Any = None


@export("tf.random.get_global_generator", "tf.random.experimental.get_global_generator")
def get_global_generator() -> Any:
    """The global generator; the first time it is made, from chance."""
    if _Global.generator is None:
        with _public("tf.init_scope")():
            _Global.generator = Generator.from_non_deterministic_state()
    return _Global.generator


@export("tf.random.set_global_generator", "tf.random.experimental.set_global_generator")
def set_global_generator(generator: Any) -> None:
    """Another global generator."""
    _Global.generator = generator
