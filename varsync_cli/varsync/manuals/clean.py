"""The manual of `varsync clean`."""

from __future__ import annotations

from varsync.manual import TRACEBACK, Manual

MANUAL = Manual(
    groups={"Options": "cache_dir help"},
    examples={"varsync clean": "Remove the cache of the project in the current folder."},
    exits={"0": "There is no cache any more.", "2": "It can't be removed."},
    environment={"VARSYNC_CACHE_DIR": "Where the cache is.", **TRACEBACK},
)
