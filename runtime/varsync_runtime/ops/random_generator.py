"""`tf.random.Generator`: a generator with its state in a variable."""

from __future__ import annotations

from typing import Any

import numpy as np

from varsync_runtime.events import Approximated, count, here
from varsync_runtime.ops import random_samples
from varsync_runtime.ops.random_ops import normal_from, sizes, uniform_from
from varsync_runtime.ops.random_philox import Philox
from varsync_runtime.ops.random_seeds import WITHOUT_SEED, seeds
from varsync_runtime.tensors import dtypes
from varsync_runtime.tensors.convert import convert
from varsync_runtime.tensors.dtypes import as_dtype
from varsync_runtime.tensors.errors import NotModelled
from varsync_runtime.tensors.exports import export, provide, registry
from varsync_runtime.tensors.tensor import Tensor, make
from varsync_runtime.tensors.trackable import Trackable

SIZE = 3  # the counter in two numbers, and the key
PHILOX = 1
_SIGNED = 1 << 63


class _Algorithm:
    PHILOX = 1
    THREEFRY = 2
    AUTO_SELECT = 3


provide("tf.random.Algorithm", _Algorithm)
provide("tf.random.experimental.Algorithm", _Algorithm)


def _check(alg: Any) -> None:
    if alg not in (None, PHILOX, "philox", "auto_select", 3):
        raise NotModelled(f"the random algorithm {alg!r}")


def _signed(number: int) -> int:
    number %= 1 << 64
    return number - (1 << 64) if number >= _SIGNED else number


@export("tf.random.create_rng_state", "tf.random.experimental.create_rng_state")
def create_rng_state(seed: Any, alg: Any) -> Tensor:
    """tensorflow/python/ops/stateful_random_ops.py: the state that a seed stands for."""
    _check(alg)
    if isinstance(seed, int):
        numbers = [_signed(seed >> (64 * at)) for at in range(SIZE)]
    else:
        given = [int(one) for one in np.atleast_1d(convert(seed)._array)]
        numbers = ([0] * (SIZE - len(given)) + given)[:SIZE]
    return convert(np.array(numbers, dtype=np.int64))


@export("tf.random.Generator", "tf.random.experimental.Generator")
class Generator(Trackable):
    """tensorflow/python/ops/stateful_random_ops.py, `Generator`."""

    __module__ = "tensorflow.python.ops.stateful_random_ops"

    def __init__(self, copy_from: Any = None, state: Any = None, alg: Any = None) -> None:
        _check(alg)
        if copy_from is not None:
            state = copy_from.state.read_value()
        self._state_var = registry()["tf.Variable"](
            convert(state), dtype=dtypes.int64, name="StateVar", trainable=False
        )

    @classmethod
    def from_state(cls, state: Any, alg: Any) -> Generator:
        """A generator with this state."""
        array = np.array([int(one) for one in convert(state)._array], dtype=np.int64)
        return cls(state=convert(array), alg=alg)

    @classmethod
    def from_seed(cls, seed: Any, alg: Any = None) -> Generator:
        """A generator whose state a seed gives."""
        return cls(state=create_rng_state(seed, alg or "philox"), alg=alg)

    @classmethod
    def from_non_deterministic_state(cls, alg: Any = None) -> Generator:
        """A generator in any state; all replicas have the same."""
        count(Approximated("tf.random.Generator", WITHOUT_SEED, here()))
        numbers = [_signed(seeds.chance.getrandbits(64)) for _ in range(SIZE)]
        return cls(state=convert(np.array(numbers, dtype=np.int64)), alg=alg)

    @classmethod
    def from_key_counter(cls, key: Any, counter: Any, alg: Any) -> Generator:
        """A generator with this key and counter."""
        numbers = [*[int(one) for one in convert(counter)._array], int(convert(key)._array)]
        return cls(state=convert(np.array(numbers, dtype=np.int64)), alg=alg)

    def reset(self, state: Any) -> None:
        """Sets the state."""
        array = np.array([int(one) for one in convert(state)._array], dtype=np.int64)
        self._state_var.assign(convert(array))

    def reset_from_seed(self, seed: Any) -> None:
        """Sets the state that a seed gives."""
        self._state_var.assign(create_rng_state(seed, "philox"))

    def reset_from_key_counter(self, key: Any, counter: Any) -> None:
        """Sets key and counter."""
        self.reset([*[int(one) for one in convert(counter)._array], int(convert(key)._array)])

    @property
    def state(self) -> Any:
        """The variable with the state."""
        return self._state_var

    @property
    def algorithm(self) -> int:
        return PHILOX

    @property
    def key(self) -> Tensor:
        """The key, an int64 tensor."""
        return convert(np.int64(self._numbers()[2]))

    def _trackable_children(self, save_type: str = "checkpoint", **kwargs: Any) -> dict[str, Any]:
        del save_type, kwargs
        return {"_state_var": self._state_var}

    def _numbers(self) -> list[int]:
        return [int(one) for one in self._state_var._array_now()]

    def skip(self, delta: Any) -> Tensor:
        """Goes on as if `delta` numbers had been drawn; gives the state before."""
        before = self._numbers()
        counter = (before[0] % (1 << 64)) | ((before[1] % (1 << 64)) << 64)
        counter += int(convert(delta)._array) * random_samples.SKIP
        after = [_signed(counter), _signed(counter >> 64), before[2]]
        self._state_var.assign(convert(np.array(after, dtype=np.int64)))
        return convert(np.array(before, dtype=np.int64))

    def _reserved(self, shape: Any) -> Philox:
        """The generator for one tensor of this shape."""
        wanted = sizes(shape, "RngReadAndSkip")
        before = self.skip(int(np.prod(wanted, dtype=np.int64)))
        low, high, key = (int(one) % (1 << 64) for one in before._array)
        return Philox.of_state(key, low | (high << 64))

    def normal(
        self,
        shape: Any,
        mean: Any = 0.0,
        stddev: Any = 1.0,
        dtype: Any = dtypes.float32,
        name: str | None = None,
    ) -> Tensor:
        """Normal numbers."""
        del name
        generator = self._reserved(shape)
        return normal_from(random_samples.normal, generator, shape, mean, stddev, as_dtype(dtype))

    def truncated_normal(
        self,
        shape: Any,
        mean: Any = 0.0,
        stddev: Any = 1.0,
        dtype: Any = dtypes.float32,
        name: str | None = None,
    ) -> Tensor:
        """Normal numbers within two deviations."""
        del name
        sampler = random_samples.truncated_normal
        return normal_from(sampler, self._reserved(shape), shape, mean, stddev, as_dtype(dtype))

    def uniform(
        self,
        shape: Any,
        minval: Any = 0,
        maxval: Any = None,
        dtype: Any = dtypes.float32,
        name: str | None = None,
    ) -> Tensor:
        """Uniform numbers."""
        del name
        kind = as_dtype(dtype)
        if kind.is_integer and maxval is None:
            raise ValueError(f"Must specify maxval for integer dtype {kind!r}")
        return uniform_from(self._reserved(shape), shape, minval, maxval, kind)

    def uniform_full_int(
        self, shape: Any, dtype: Any = dtypes.uint64, name: str | None = None
    ) -> Tensor:
        """All bits of an integer type."""
        del name
        return uniform_from(self._reserved(shape), shape, None, None, as_dtype(dtype))

    def binomial(self, *args: Any, **kwargs: Any) -> Tensor:
        raise NotModelled("tf.random.Generator.binomial")

    def _keys(self, number: int) -> np.ndarray:
        keys = self.uniform_full_int([number], dtypes.uint64)
        array: np.ndarray = keys._array.view(np.int64)
        return array

    def make_seeds(self, count: int = 1) -> Tensor:
        """Seeds for stateless ops, one a column."""
        keys = self._keys(count)
        return make(np.stack([keys, np.zeros_like(keys)]), dtypes.int64)

    def split(self, count: int = 1) -> list[Generator]:
        """Generators that are independent of this one."""
        return [Generator.from_key_counter(key, [0, 0], PHILOX) for key in self._keys(count)]


_global: list[Generator] = []


@export("tf.random.get_global_generator", "tf.random.experimental.get_global_generator")
def get_global_generator() -> Generator:
    """The generator of the process."""
    if not _global:
        _global.append(
            Generator.from_non_deterministic_state()
            if seeds.seed is None
            else Generator.from_seed(seeds.of_op())
        )
    return _global[0]


@export("tf.random.set_global_generator", "tf.random.experimental.set_global_generator")
def set_global_generator(generator: Generator) -> None:
    """Replaces the generator of the process."""
    _global[:] = [generator]
