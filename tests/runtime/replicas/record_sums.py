"""Records how TensorFlow adds over replicas: run with TensorFlow, from the root of the repository.

    python -m tests.runtime.replicas.record_sums

writes recorded_sums.npz beside this file: for each number of replicas, dtype, size and operation
the result to the bit. The inputs are made by `values`, so they are not stored.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

FILE = Path(__file__).with_name("recorded_sums.npz")
REPLICAS = (2, 3, 4)
OPERATIONS = ("all_reduce", "reduce")


def sizes(replicas: int, dtype: str) -> list[int]:
    """Numbers of elements on both sides of where the ring's chunks change their length."""
    line = 64 // np.dtype(dtype).itemsize
    per_rank = [line - 1, line, line + 1, 2 * line, 3 * line - 1, 7 * line]
    around = [each * replicas + off for each in per_rank for off in (-1, 0, 1)]
    large = [4099] if dtype == "float32" else []
    return sorted({1, 2, 3, 5, *around, 515, *large})


def values(replicas: int, dtype: str, size: int) -> NDArray[Any]:
    """What each replica brings, of very different magnitude; shape (replicas, size)."""
    rng = np.random.default_rng([replicas, size])
    if np.dtype(dtype).kind == "i":
        whole: NDArray[Any] = rng.integers(-(2**31), 2**31, (replicas, size)).astype(dtype)
        return whole
    reach = 2 if dtype == "float16" else 6
    spread = 10.0 ** rng.uniform(-reach, reach, (replicas, size))
    real: NDArray[Any] = (rng.normal(size=(replicas, size)) * spread).astype(dtype)
    return real


def cases() -> Iterator[tuple[str, int, str, int]]:
    """Operation, replicas, dtype and size of each recorded sum."""
    for replicas in REPLICAS:
        for dtype in ("float32", "float64", "float16", "int32"):
            for size in sizes(replicas, dtype):
                for operation in OPERATIONS:
                    yield operation, replicas, dtype, size


def name(operation: str, replicas: int, dtype: str, size: int) -> str:
    """Under which a case is stored."""
    return f"{operation}-{replicas}-{dtype}-{size}"


def record() -> None:
    """Runs all cases on TensorFlow with logical CPU devices."""
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        for replicas in REPLICAS:
            # a process each: devices that have met in a group of 2 cannot meet in one of 3
            part = Path(folder, f"{replicas}.npz")
            command = [sys.executable, "-m", "tests.runtime.replicas.record_sums"]
            subprocess.run([*command, str(replicas), str(part)], check=True)
            results |= np.load(part)
    np.savez_compressed(FILE, **results)


def record_part(replicas: int, file: Path) -> None:
    """Runs the cases of so many replicas."""
    import tensorflow as tf

    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(
        cpu, [tf.config.LogicalDeviceConfiguration()] * replicas
    )
    strategy = tf.distribute.MirroredStrategy([f"CPU:{index}" for index in range(replicas)])
    results = {"version": np.array(tf.__version__)}
    for operation, number, dtype, size in cases():
        if number != replicas:
            continue
        arrays = values(replicas, dtype, size)
        given = strategy.experimental_distribute_values_from_function(
            lambda context, arrays=arrays: tf.constant(arrays[context.replica_id_in_sync_group])
        )
        if operation == "reduce":
            result = strategy.reduce(tf.distribute.ReduceOp.SUM, given, axis=None)
        else:
            result = strategy.run(_all_reduce(tf), args=(given,))
            result = strategy.experimental_local_results(result)[0]
        results[name(operation, replicas, dtype, size)] = result.numpy()
    np.savez_compressed(file, **results)


def _all_reduce(tf: Any) -> Any:
    def function(value: Any) -> Any:
        context = tf.distribute.get_replica_context()
        return context.all_reduce(tf.distribute.ReduceOp.SUM, value)

    return function


if __name__ == "__main__":
    if len(sys.argv) > 1:
        record_part(int(sys.argv[1]), Path(sys.argv[2]))
    else:
        record()
