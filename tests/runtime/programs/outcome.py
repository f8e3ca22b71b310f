"""What a program did, as data: the same for TensorFlow and for the simulator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Process:
    """One process. `error` and `message` are those of the exception that ended it, or "".

    `status` is the exit status, None if the process hung and was ended. `files` are the text files
    that it left in the folder in which it ran.
    """

    stdout: str
    status: int | None
    error: str = ""
    message: str = ""
    files: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        entry: dict[str, Any] = {"stdout": self.stdout.splitlines(), "status": self.status}
        if self.error:
            entry |= {"error": self.error, "message": self.message}
        if self.files:
            entry["files"] = {name: text.splitlines() for name, text in self.files.items()}
        return entry


def from_json(entry: Mapping[str, Any]) -> Process:
    """The process that `to_json` wrote down."""
    return Process(
        stdout="".join(line + "\n" for line in entry["stdout"]),
        status=entry["status"],
        error=entry.get("error", ""),
        message=entry.get("message", ""),
        files={
            name: "".join(line + "\n" for line in lines)
            for name, lines in entry.get("files", {}).items()
        },
    )


# What a program did: one entry for each worker, one in all where there are no workers.
Outcome = tuple[Process, ...]
