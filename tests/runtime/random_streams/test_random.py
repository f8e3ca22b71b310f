"""The numbers are those that TensorFlow was recorded to draw."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from varsync_runtime.function import undo
from varsync_runtime.ops.random import philox, words
from varsync_runtime.ops.random.surroundings import surroundings

from tests.runtime.random_streams import replicas
from tests.runtime.random_streams.cases import cases
from tests.runtime.random_streams.record import close, load
from tests.runtime.random_streams.stage import function, mirrored, tf

RECORDED = load()
CASES = cases()


@pytest.mark.parametrize("name", CASES)
def test_draws(name: str) -> None:
    for at, tensor in enumerate(CASES[name](tf, function)):
        close(name, np.asarray(tensor._array), RECORDED[f"{name}/{at}"])


def test_all_that_was_recorded_is_drawn() -> None:
    names = {name.rpartition("/")[0] for name in RECORDED if not name.startswith("replicas")}
    assert names <= set(CASES)
    assert all(not CASES[name](tf, function) for name in set(CASES) - names)


@pytest.mark.parametrize("name", replicas.DRAWS)
@pytest.mark.parametrize("mode", ["eager", "function"])
@pytest.mark.parametrize("number", [2, 4])
def test_replicas(number: int, mode: str, name: str) -> None:
    found = mirrored(number, mode, replicas.DRAWS[name])
    np.testing.assert_array_equal(found, RECORDED[f"replicas {number} {mode} {name}"])


def test_a_million_numbers_are_quick() -> None:
    taken = []
    for _ in range(5):
        start = time.perf_counter()
        tf.random.uniform([1_000_000])
        taken.append(time.perf_counter() - start)
    assert min(taken) < 0.06


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


def test_what_is_taken_back_is_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surroundings, "log", undo.log)
    tf.random.set_seed(3)
    with undo.Transaction() as writes:
        first = _three()
        writes.rollback()
    assert _three() == first
    assert _three() != first


def _three() -> list[float]:
    drawn: list[Any] = [tf.random.uniform([]), tf.random.uniform([], seed=1), tf.random.normal([])]
    return [float(one._array) for one in drawn]


def test_without_a_seed_replicas_differ_and_the_host_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tf.random.set_seed(None)

    def play(turns: replicas.Turns) -> list[float]:
        surroundings.replica = lambda: turns.rank if turns.inside else None
        drawn = []
        for turns.inside in (False, True, False):
            drawn.append(float(tf.random.uniform([])._array))
        return drawn

    first, second = replicas.in_processes(2, play)
    assert first[0] == second[0]
    assert first[1] != second[1]
    assert first[2] == second[2]
