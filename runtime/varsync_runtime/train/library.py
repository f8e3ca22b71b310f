"""Everything that `train` exports."""

from varsync_runtime.distribute.variables.keeping import TableKeeper
from varsync_runtime.train import (
    autotrackable,
    averages,
    checkpoint,
    containers,
    gfile,
    io,
    loading,
    manager,
    module,
    python_state,
    records,
    saved_model,
    state,
    values,
)

# variables are saved and restored as the table of semantics says
values.use(TableKeeper())

__all__ = [
    "autotrackable",
    "averages",
    "checkpoint",
    "containers",
    "gfile",
    "io",
    "loading",
    "manager",
    "module",
    "python_state",
    "records",
    "saved_model",
    "state",
]
