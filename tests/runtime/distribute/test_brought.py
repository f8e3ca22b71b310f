"""Arrays that replicas bring to a meeting add up to what an all-reduce gives."""

from __future__ import annotations

import numpy as np
import pytest
from varsync_runtime.distribute import brought
from varsync_runtime.distribute.crew import Crew
from varsync_runtime.replicas.orders import Order
from varsync_runtime.replicas.world import World
from varsync_runtime.tensors.dtypes import as_dtype
from varsync_runtime.tensors.tensor import make

from tests.runtime.ranks import run_ranks

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
