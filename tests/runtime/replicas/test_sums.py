"""Sums over ranks are TensorFlow's to the bit; arrays of any size and dtype get there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from varsync_runtime.replicas.block import CHUNK
from varsync_runtime.replicas.intents import Intent
from varsync_runtime.replicas.orders import Order, ring_chunk, runs
from varsync_runtime.replicas.world import World

from tests.runtime.ranks import run_ranks
from tests.runtime.replicas import record_sums

# whole, at once: ranks that read one file share its position
RECORDED = dict(np.load(record_sums.FILE))
ORDERS = {"all_reduce": Order.RING, "reduce": Order.RANKS}


def bits(array: NDArray[Any]) -> bytes:
    return bytes(np.ascontiguousarray(array).tobytes())


@pytest.mark.parametrize("replicas", record_sums.REPLICAS)
def test_sums_equal_tensorflow_s_to_the_bit(replicas: int) -> None:
    cases = [case for case in record_sums.cases() if case[1] == replicas]
    assert len(cases) > 100

    def function(world: World) -> list[str]:
        wrong = []
        for case in cases:
            operation, _, dtype, size = case
            array = record_sums.values(replicas, dtype, size)[world.rank]
            result = world.all_reduce(array, order=ORDERS[operation])
            if bits(result) != bits(RECORDED[record_sums.name(*case)]):
                wrong.append(record_sums.name(*case))
        return wrong

    assert run_ranks(replicas, function) == [[]] * replicas


def test_the_recording_tells_the_orders_apart() -> None:
    """With more than two replicas the ring's sum is another number than the ranks'."""
    different = 0
    for operation, replicas, dtype, size in record_sums.cases():
        if operation == "all_reduce" and replicas > 2 and dtype == "float32":
            ring, ranks = (
                RECORDED[record_sums.name(name, replicas, dtype, size)]
                for name in ("all_reduce", "reduce")
            )
            different += bits(ring) != bits(ranks)
    assert different > 30


def reference(arrays: list[NDArray[Any]], order: Order) -> NDArray[Any]:
    """The sum in the plainest way, element by chunk."""
    flat = [array.reshape(-1) for array in arrays]
    count, ranks = flat[0].size, len(flat)
    result = np.empty_like(flat[0])
    chunk = ring_chunk(count, result.itemsize, ranks) if order is Order.RING else max(count, 1)
    for number, start in enumerate(range(0, count, chunk)):
        first = number + (order is Order.FIRST_LAST)
        cut = slice(start, start + chunk)
        total = flat[first % ranks][cut]
        for offset in range(1, ranks):
            total = total + flat[(first + offset) % ranks][cut]
        result[cut] = total
    return result.reshape(arrays[0].shape)


DTYPES = ["float32", "float64", "float16", "int8", "int32", "int64", "uint8", "bool", "complex64"]
LINE = CHUNK // 4
COUNTS = st.one_of(
    st.integers(0, 300),
    st.sampled_from([LINE - 1, LINE, LINE + 1, 2 * LINE + 3, 16384, 16385, 3 * LINE]),
    st.integers(0, 4 * LINE),
)


def some(rank: int, dtype: str, count: int) -> NDArray[Any]:
    rng = np.random.default_rng([rank, count])
    values = rng.normal(size=count) * 10.0 ** rng.uniform(-3, 3, count)
    with np.errstate(all="ignore"):
        result: NDArray[Any] = values.astype(dtype)
    return result


@settings(max_examples=6, deadline=None)
@given(
    st.integers(2, 5),
    st.lists(st.tuples(COUNTS, st.sampled_from(DTYPES), st.sampled_from(Order)), max_size=12),
)
@example(3, [(1, "float64", order) for order in Order])
def test_any_size_dtype_order_and_number_of_ranks(
    ranks: int, sums: list[tuple[int, str, Order]]
) -> None:
    def function(world: World) -> list[object]:
        wrong: list[object] = []
        for count, dtype, order in sums:
            arrays = [some(rank, dtype, count) for rank in range(ranks)]
            with np.errstate(all="ignore"):
                result = world.all_reduce(arrays[world.rank], order=order)
                expected = reference(arrays, order)
            if bits(result) != bits(expected) or result.dtype != expected.dtype:
                wrong.append((count, dtype, order))
            together = world.gather(arrays[world.rank])
            if [bits(array) for array in together] != [bits(array) for array in arrays]:
                wrong.append(("gather", count, dtype))
        return wrong

    assert run_ranks(ranks, function) == [[]] * ranks


def test_shapes_layouts_and_byte_orders() -> None:
    def function(world: World) -> object:
        matrix = np.arange(12.0).reshape(3, 4)
        scalar = world.all_reduce(np.array(2.5))
        assert scalar.shape == () and scalar == 5.0
        assert np.array_equal(world.all_reduce(matrix.T), 2 * matrix.T)
        assert np.array_equal(world.all_reduce(matrix[::2, 1:3]), 2 * matrix[::2, 1:3])
        assert world.all_reduce(np.empty((0, 3))).shape == (0, 3)
        assert np.array_equal(world.gather(matrix[:, 1])[1], matrix[:, 1])
        result = world.all_reduce(matrix)
        result += 1  # it is the rank's own
        return float(world.all_reduce(matrix, [1, 0])[0, 1])

    assert run_ranks(2, function) == [2.0, 2.0]


def test_references_cannot_be_sent() -> None:
    def function(world: World) -> None:
        world.all_reduce(np.array([None], dtype=object))

    assert all(isinstance(result, TypeError) for result in run_ranks(2, function))


@given(st.integers(0, 5000), st.integers(0, 5000), st.integers(1, 9), st.sampled_from([1, 2, 4, 8]))
def test_the_runs_of_a_ring_cover_each_element_once(
    start: int, length: int, ranks: int, itemsize: int
) -> None:
    count = start + length
    cut = list(runs(Order.RING, start, count, count, itemsize, ranks))
    assert [low for low, _, _ in cut] == (
        [start, *(high for _, high, _ in cut)][:-1] if cut else []
    )
    assert not length or cut[-1][1] == count
    assert all(0 <= first < ranks for _, _, first in cut)


@pytest.mark.slow
def test_many_more_ranks_than_processors() -> None:
    def function(world: World) -> object:
        total = world.all_reduce(np.full(1000, world.rank, np.float32))
        return float(total[0]), len(world.meet(Intent("barrier")))

    assert run_ranks(64, function) == [(2016.0, 64)] * 64
