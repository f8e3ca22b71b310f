"""Messages of exceptions without what differs from run to run."""

from __future__ import annotations

import re

_LIMIT = 300
_REPLACEMENTS = (
    (re.compile(r"0x[0-9a-f]{6,}"), "0x"),
    (re.compile(r"(?<![\w.])/(?:[\w.+-]+/)+[\w.+-]*"), "PATH"),
    (re.compile(r"(?:127\.0\.0\.1|localhost):\d+"), "ADDRESS"),
    (re.compile(r"\{\{[^}]*\}\} ?"), ""),
    (re.compile(r"\s+"), " "),
)
_RAISED = re.compile(r"\w+(?:Error|Exception): ?")


def normalised(message: str) -> str:
    """The message in one line, without autograph's traceback, addresses and paths, and not too long."""
    if message.startswith("in user code:"):
        lines = [line.strip() for line in message.splitlines()]
        starts = [at for at, line in enumerate(lines) if _RAISED.match(line)]
        if starts:
            message = _RAISED.sub("", "\n".join(lines[starts[0] :]), count=1)
    for pattern, replacement in _REPLACEMENTS:
        message = pattern.sub(replacement, message)
    message = message.strip()
    return message if len(message) <= _LIMIT else message[:_LIMIT] + "..."
