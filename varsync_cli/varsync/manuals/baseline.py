"""The manual of `varsync baseline`."""

from __future__ import annotations

from varsync.commands.baseline import DEFAULT
from varsync.manual import TRACEBACK, Manual

MANUAL = Manual(
    groups={"Options": "file config isolated help"},
    examples={
        "varsync baseline update": f"Write {DEFAULT}, for version control.",
        "varsync baseline prune src": "Forget what was mended in a folder.",
        f"varsync lint --baseline {DEFAULT}": "Show what is new.",
    },
    exits={"0": "The file was written.", "2": "It can't run."},
    environment=TRACEBACK,
)
