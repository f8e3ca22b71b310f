"""Symbols that do nothing to the values of a program: they are counted, and said in the report."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from varsync_runtime.events import Ignored, count, here
from varsync_runtime.tensors.exports import provide

# a symbol and what its call gives
WITHOUT_EFFECT: dict[str, Any] = {
    "tf.config.experimental.set_memory_growth": None,
    "tf.config.experimental.get_memory_growth": False,
    "tf.config.experimental.set_synchronous_execution": None,
    "tf.config.experimental.get_synchronous_execution": True,
    "tf.config.experimental.enable_op_determinism": None,
    "tf.config.experimental.disable_mlir_bridge": None,
    "tf.config.experimental.enable_mlir_bridge": None,
    "tf.config.experimental.enable_tensor_float_32_execution": None,
    "tf.config.experimental.tensor_float_32_execution_enabled": True,
    "tf.config.experimental.get_device_policy": "silent",
    "tf.config.experimental.set_device_policy": None,
    "tf.config.experimental.get_memory_usage": 0,
    "tf.config.experimental.reset_memory_stats": None,
    "tf.config.optimizer.set_experimental_options": None,
    "tf.config.threading.get_inter_op_parallelism_threads": 0,
    "tf.config.threading.get_intra_op_parallelism_threads": 0,
    "tf.config.threading.set_inter_op_parallelism_threads": None,
    "tf.config.threading.set_intra_op_parallelism_threads": None,
    "tf.config.set_soft_device_placement": None,
    "tf.config.get_soft_device_placement": True,
    "tf.debugging.set_log_device_placement": None,
    "tf.debugging.get_log_device_placement": False,
    "tf.debugging.disable_traceback_filtering": None,
    "tf.debugging.enable_traceback_filtering": None,
    "tf.debugging.is_traceback_filtering_enabled": True,
    "tf.debugging.experimental.enable_dump_debug_info": None,
    "tf.debugging.experimental.disable_dump_debug_info": None,
    "tf.data.experimental.enable_debug_mode": None,
    "tf.experimental.async_clear_error": None,
    "tf.compat.v1.enable_eager_execution": None,
    "tf.compat.v1.enable_v2_behavior": None,
    "tf.compat.v2.enable_v2_behavior": None,
    "tf.compat.v1.enable_v2_tensorshape": None,
    "tf.compat.v1.enable_resource_variables": None,
    "tf.compat.v1.enable_control_flow_v2": None,
    "tf.compat.v1.enable_tensor_equality": None,
    "tf.profiler.experimental.ProfilerOptions": None,
    "tf.profiler.experimental.start": None,
    "tf.profiler.experimental.stop": None,
    "tf.profiler.experimental.client.trace": None,
    "tf.profiler.experimental.client.monitor": "",
    "tf.profiler.experimental.server.start": None,
    "tf.test.is_built_with_cuda": False,
    "tf.test.is_built_with_rocm": False,
    "tf.test.is_built_with_gpu_support": False,
    "tf.test.is_built_with_xla": True,
    "tf.xla.experimental.compile": None,
}
# a context that does nothing
CONTEXTS = (
    "tf.profiler.experimental.Profile",
    "tf.profiler.experimental.Trace",
    "tf.experimental.async_scope",
    "tf.xla.experimental.jit_scope",
)


def ignored(symbol: str) -> None:
    """Counts a use of a symbol that does nothing."""
    count(Ignored, symbol, here())


def _function(symbol: str, result: Any) -> Callable[..., Any]:
    def function(*args: Any, **kwargs: Any) -> Any:
        ignored(symbol)
        return result

    function.__name__ = function.__qualname__ = symbol.rpartition(".")[2]
    return function


class _Context:
    """Entered and left, it does nothing; as a decorator it gives the function."""

    symbol = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        ignored(self.symbol)

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *exception: object) -> None:
        return None

    def __call__(self, function: Any) -> Any:
        return function

    def set_metadata(self, **kwargs: Any) -> None:
        """`tf.profiler.experimental.Trace.set_metadata`."""


def _export() -> None:
    for symbol, result in WITHOUT_EFFECT.items():
        if symbol.startswith("tf.compat.v2."):
            continue
        provide(symbol, _function(symbol, result))
    for symbol in CONTEXTS:
        name = symbol.rpartition(".")[2]
        provide(symbol, type(name, (_Context,), {"symbol": symbol}))


_export()
