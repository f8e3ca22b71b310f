"""Everything that `data` exports."""

from varsync_runtime.data import (
    batching,
    choosing,
    dataset,
    distributed,
    experimental,
    iterators,
    legacy,
    options,
    readers,
    shuffling,
    sources,
    transforms,
)

__all__ = [
    "batching",
    "choosing",
    "dataset",
    "distributed",
    "experimental",
    "iterators",
    "legacy",
    "options",
    "readers",
    "shuffling",
    "sources",
    "transforms",
]
