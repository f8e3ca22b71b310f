"""The two ops whose gradient is the gradient of their result, whatever it is."""

from __future__ import annotations

from typing import Any

from varsync_runtime.tensors.dispatch import Op


def _same(dy: Any, out: Any, array: Any) -> Any:
    return dy


READ = Op("ReadVariableOp", lambda array: array, vjps=(_same,))
IDENTITY = Op("Identity", lambda array: array, vjps=(_same,))
