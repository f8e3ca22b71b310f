"""Everything that `train` exports."""

from varsync_runtime.train import (
    autotrackable,
    averages,
    checkpoint,
    containers,
    distributed,
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
    "averages",
    "checkpoint",
    "containers",
    "distributed",
    "gfile",
    "io",
    "loading",
    "manager",
    "module",
    "python_state",
    "state",
]
