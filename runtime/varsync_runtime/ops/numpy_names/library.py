"""Imports all of it, which exports its names."""

from varsync_runtime.ops.numpy_names import arranging, constants, elementwise, making, reducing

PARTS = (arranging, constants, elementwise, making, reducing)
