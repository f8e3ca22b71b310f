"""The manual of `varsync table`."""

from __future__ import annotations

from varsync.manual import COLOURS, TRACEBACK, Manual

MANUAL = Manual(
    groups={"Options": "strategy output_format help"},
    examples={
        "varsync table --strategy MirroredStrategy": "Create, update, read and save, in one table.",
        "varsync table --output-format json": "All strategies, for programs.",
    },
    exits={"0": "The table was written.", "2": "There is no such strategy or format."},
    environment={**COLOURS, **TRACEBACK},
)
