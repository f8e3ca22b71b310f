"""A variable of bfloat16 holds what TensorFlow 2.21 holds: rounded after each write."""

from __future__ import annotations

from typing import Any

import pytest

from tests.runtime.referee import standing_in


@pytest.mark.parametrize(
    ("writes", "held"),
    [
        ((("assign_add", 0.001),), 1.0),
        ((("assign_add", 0.1),), 1.1015625),
        ((("assign", 0.3),), 0.30078125),
        ((("assign_sub", 0.3), ("assign_add", 0.1)), 0.80078125),
    ],
)
def test_a_write_rounds(writes: tuple[tuple[str, float], ...], held: float) -> None:
    with standing_in():
        import tensorflow as tf

        variable: Any = tf.Variable(1.0, dtype=tf.bfloat16)
        for method, number in writes:
            getattr(variable, method)(number)
        assert float(tf.cast(variable, tf.float32)) == held
