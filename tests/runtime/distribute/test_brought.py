"""Arrays that replicas bring to a meeting add up to what an all-reduce gives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from varsync_runtime.distribute import brought
from varsync_runtime.distribute.crew import Crew
from varsync_runtime.replicas.orders import Order
from varsync_runtime.replicas.world import World
from varsync_runtime.tensors.dtypes import as_dtype
from varsync_runtime.tensors.tensor import make

from tests.runtime.ranks import run_ranks
from tests.runtime.referee import standing_in

DTYPES = ("float16", "float32", "float64", "int8", "int64", "complex64", "bool")
SHAPES = ((), (1,), (0,), (7, 3), (129,))


def arrays(rank: int) -> list[np.ndarray]:
    """A replica's arrays: the sums of the floating ones depend on the order."""
    numbers = np.random.RandomState(rank)
    return [
        np.asarray(numbers.normal(size=shape) * 10 ** numbers.uniform(-3, 3)).astype(dtype)
        for dtype in DTYPES
        for shape in SHAPES
    ]


def columns(rows: list[list[np.ndarray]]) -> list[list[np.ndarray]]:
    """What replicas get that bring these arrays."""
    packed = [brought.pack(row, b"rest") for row in rows]
    assert {brought.unpack(one) for one in packed} == {b"rest"}
    return brought.columns([brought.forms(row) for row in rows], packed)


@pytest.mark.parametrize("ranks", [2, 3, 5])
def test_they_add_up_to_the_bit(ranks: int) -> None:
    rows = [arrays(rank) for rank in range(ranks)]

    def reduced(world: World) -> list[list[bytes]]:
        return [
            [world.all_reduce(array, order=order).tobytes() for array in arrays(world.rank)]
            for order in Order
        ]

    for result in run_ranks(ranks, reduced):
        assert result == [
            [brought.added(column, order).tobytes() for column in columns(rows)] for order in Order
        ]


def test_different_forms_are_not_added() -> None:
    one: np.ndarray = np.zeros(3, np.float32)
    other: np.ndarray = np.zeros(4, np.float32)
    assert len(columns([[one], [one]])) == 1
    assert columns([[one], [other]]) == []
    assert columns([[one], [one.astype(np.float64)]]) == []
    assert columns([[one], []]) == []


def test_only_small_tensors_are_brought() -> None:
    small: np.ndarray = np.zeros(8, np.float32)
    large: np.ndarray = np.zeros(1 << 16, np.float32)
    float32 = as_dtype("float32")

    def along(world: World) -> list[int]:
        crew = Crew(2)
        return [
            len(brought.along(crew, values))
            for values in (
                [make(small, float32)] * 2,
                [make(small, float32), 1.0],
                [make(large, float32)],
                [make(np.array(b"text", object), as_dtype("string"))],
            )
        ]

    assert run_ranks(2, along) == [[2, 0, 0, 0]] * 2
    assert brought.along(Crew(1), [make(small, float32)]) == []


def reduced(swapped: bool) -> list[object]:
    """What the host makes of a structure that two replicas return, in the same order or not."""
    import tensorflow as tf

    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])

    def step() -> Any:
        number = int(tf.distribute.get_replica_context().replica_id_in_sync_group)
        one, ten = tf.constant(1.0 + number), tf.constant([10.0 + number])
        if swapped and number:
            return {"b": (ten, [one * 100.0]), "a": one}
        return {"a": one, "b": (ten, [one * 100.0])}

    results = strategy.run(step)
    doubled = tf.nest.map_structure(lambda part: part * 2.0, results["a"], expand_composites=True)
    found = [strategy.reduce("SUM", value, axis=None) for value in (results, doubled)]
    return [one._array.tolist() for one in tf.nest.flatten(found)]


@pytest.mark.parametrize("swapped", [False, True])
def test_results_add_up_each_with_its_own(swapped: bool) -> None:
    def function(world: World) -> list[object]:
        with standing_in():
            return reduced(swapped)

    assert run_ranks(1, function) == [[3.0, [21.0], 300.0, 6.0]] * 2
