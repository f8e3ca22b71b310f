"""Everything that `train` exports."""

from varsync_runtime.train import (
    autotrackable,
    checkpoint,
    containers,
    gfile,
    io,
    loading,
    manager,
    module,
    python_state,
    state,
)

__all__ = [
    "autotrackable",
    "checkpoint",
    "containers",
    "gfile",
    "io",
    "loading",
    "manager",
    "module",
    "python_state",
    "state",
]
