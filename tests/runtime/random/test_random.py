"""The numbers are those that TensorFlow was recorded to draw."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from varsync_runtime.function import undo
from varsync_runtime.ops.random import philox, words
from varsync_runtime.replicas.world import World

from tests.runtime.random import replicas
from tests.runtime.random.draws import draws
from tests.runtime.random.record import close, load
from tests.runtime.ranks import run_ranks
from tests.runtime.referee import standing_in

RECORDED = load()
DRAWS = draws()
OF_REPLICAS = [name for name in RECORDED if name.startswith("replicas")]


@pytest.fixture(scope="module")
def tf() -> Iterator[Any]:
    with standing_in() as module:
        yield module


@pytest.mark.parametrize("name", DRAWS)
def test_draws(tf: Any, name: str) -> None:
    for at, tensor in enumerate(DRAWS[name](tf)):
        close(name, tensor.numpy(), RECORDED[f"{name}/{at}"])


def test_all_that_was_recorded_is_drawn(tf: Any) -> None:
    names = {name.rpartition("/")[0] for name in RECORDED if name not in OF_REPLICAS}
    assert names <= set(DRAWS)
    assert all(not DRAWS[name](tf) for name in set(DRAWS) - names)
    assert len(OF_REPLICAS) == len(replicas.DRAWS) * len(replicas.MODES) * len(replicas.NUMBERS)


@functools.cache
def drawn_by_replicas() -> list[dict[str, np.ndarray]]:
    """By process."""
    return run_ranks(1, _of_replicas)


def _of_replicas(world: World) -> dict[str, np.ndarray]:
    with standing_in() as module:
        return replicas.drawn(module)


@pytest.mark.parametrize("name", OF_REPLICAS)
def test_replicas(name: str) -> None:
    found = drawn_by_replicas()
    assert len(found) == max(replicas.NUMBERS)
    for of_process in found:
        np.testing.assert_array_equal(of_process[name], RECORDED[name])


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**64 - 1), st.integers(0, 2**128 - 1), st.integers(0, 40))
def test_arrays_and_numbers_agree(key: int, counter: int, count: int) -> None:
    pair = (key & philox.MASK, key >> 32)
    one_by_one = [philox.block(pair, (counter + at) & philox.COUNTERS) for at in range(count)]
    offsets: np.ndarray = np.arange(count, dtype=np.uint64)
    wanted = np.array(one_by_one, dtype=np.uint32).reshape(count, 4)
    np.testing.assert_array_equal(philox.blocks(pair, counter, count), wanted)
    found = philox.scramble(pair, philox.counters(counter, offsets))
    np.testing.assert_array_equal(found, wanted)


@settings(max_examples=50, deadline=None)
@given(st.integers(-(2**63), 2**63 - 2), st.data())
def test_integers_stay_between(low: int, data: st.DataObject) -> None:
    high = data.draw(st.integers(low + 1, 2**63 - 1))
    found = words.between((1, 2), 3, 20, np.dtype(np.int64), low, high).tolist()
    assert all(low <= one < high for one in found)


def test_what_is_taken_back_is_drawn_again(tf: Any) -> None:
    tf.random.set_seed(3)
    with undo.Transaction() as writes:
        first = _three(tf)
        writes.rollback()
    assert _three(tf) == first
    assert _three(tf) != first


def _three(tf: Any) -> list[float]:
    drawn = [tf.random.uniform([]), tf.random.uniform([], seed=1), tf.random.normal([])]
    return [float(one) for one in drawn]


def test_without_a_seed_replicas_differ_and_the_host_does_not() -> None:
    first, second = run_ranks(1, _without_seed)
    assert first == second
    before, replica_0, replica_1, after = first
    assert len({before, replica_0, replica_1, after}) == 4


def _without_seed(world: World) -> list[float]:
    with standing_in() as tf:
        tf.config.set_logical_device_configuration(
            tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
        )
        strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
        drawn = [tf.random.uniform([])]
        drawn += strategy.experimental_local_results(strategy.run(lambda: tf.random.uniform([])))
        return [float(one) for one in (*drawn, tf.random.uniform([]))]
