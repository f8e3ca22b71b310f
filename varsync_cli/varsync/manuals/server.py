"""The manual of `varsync server`."""

from __future__ import annotations

from varsync.manual import TRACEBACK, Manual

MANUAL = Manual(
    groups={"Options": "stdio help"},
    exits={
        "0": "The editor has closed it.",
        "1": "The editor ended it without saying so before.",
        "2": "It can't run: the extra lsp is missing.",
    },
    environment=TRACEBACK,
)
