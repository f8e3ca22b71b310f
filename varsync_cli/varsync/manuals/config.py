"""The manual of `varsync config`."""

from __future__ import annotations

from varsync.manual import TRACEBACK, Manual

MANUAL = Manual(
    groups={"Options": "schema help"},
    examples={
        "varsync config": "All keys.",
        "varsync config target.strategies": "One of them.",
        "varsync config --schema": "A JSON schema by which editors complete the table.",
    },
    exits={"0": "The keys were shown.", "2": "There is no such key."},
    environment=TRACEBACK,
)
