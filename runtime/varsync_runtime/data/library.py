"""Everything that `data` exports."""

from varsync_runtime.data import (
    batching,
    dataset,
    distributed,
    iterators,
    options,
    shuffling,
    sources,
    transforms,
)

__all__ = [
    "batching",
    "dataset",
    "distributed",
    "iterators",
    "options",
    "shuffling",
    "sources",
    "transforms",
]
