"""Graphs that are built by hand, to see what shapes come out: what Keras does with symbolic inputs.

After tensorflow/python/framework/func_graph.py and `placeholder` of tensorflow/python/ops/array_ops.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from varsync_runtime.function.graphs import FuncGraph, current
from varsync_runtime.tensors.dtypes import as_dtype
from varsync_runtime.tensors.errors import NotModelled
from varsync_runtime.tensors.exports import export
from varsync_runtime.tensors.guesses import FIRST, SECOND, give, look_again, sizes
from varsync_runtime.tensors.shapes import TensorShape
from varsync_runtime.tensors.tensor import SymbolicTensor


@export("tf.__internal__.FuncGraph")
class ScratchGraph(FuncGraph):
    """A graph that no call builds: its placeholders have no values, only dtypes and shapes."""

    look_again = staticmethod(look_again)
    runs = False

    def __init__(self, name: str, *args: Any, **kwargs: Any) -> None:
        del args, kwargs
        super().__init__(name, tracing=True, converted=False, may_create=True)


@export("tf.compat.v1.placeholder")
def placeholder(dtype: Any, shape: Any = None, name: str | None = None) -> SymbolicTensor:
    """A tensor of the graph that is built, for a value that is given later."""
    graph = current()
    if graph is None:
        raise RuntimeError("tf.placeholder() is not compatible with eager execution.")
    known = TensorShape(shape)
    if not isinstance(graph, ScratchGraph) or known.rank is None:
        raise NotModelled("tf.compat.v1.placeholder in a tf.function, or without a rank")
    wanted = as_dtype(dtype)
    first, second = (
        np.zeros(sizes(known.as_list(), choice), wanted._array_type) for choice in (FIRST, SECOND)
    )
    label = graph.unique_name(name or "Placeholder")
    made = SymbolicTensor(first, wanted, "Placeholder", label)
    give(made, second)
    return made
