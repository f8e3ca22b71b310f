"""Everything that `data` exports."""

from varsync_runtime.data import (
    batching,
    dataset,
    iterators,
    options,
    shuffling,
    sources,
    transforms,
)

__all__ = ["batching", "dataset", "iterators", "options", "shuffling", "sources", "transforms"]
