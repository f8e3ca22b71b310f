"""The analyser as the server sees it: a process that answers one job at a time, and may be ended.

So the server answers while a check runs, a check that nobody waits for is stopped, and what breaks
the analyser does not break the server.
"""

from __future__ import annotations

import asyncio
import pickle
import sys
from typing import Any

from varsync.errors import CannotRun
from varsync.server.jobs import LENGTH, Failed, Job, packed

# the modules are found where the server finds its own, and nowhere else: not in the current folder
_START = "import sys; sys.path[:] = sys.argv[1:]; from varsync.server.worker import main; main()"


class AnalyserError(Exception):
    """A bug in the analyser; `details` says more than the one line."""

    def __init__(self, message: str, details: str = "") -> None:
        super().__init__(message)
        self.details = details


class Analyser:
    """Starts its process when it is asked for the first time, or was ended."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._lock = asyncio.Lock()

    async def ask(self, job: Job) -> Any:
        """The answer to a job. Raises CannotRun, and AnalyserError.

        If it is cancelled, the process ends in the middle of the job.
        """
        async with self._lock:
            try:
                process = self._process = self._process or await _started()
                answer = await _asked(process, job)
            except (OSError, asyncio.IncompleteReadError):
                code = await self._process.wait() if self._process else None
                self.end()
                raise AnalyserError(f"the analyser ended with {code}") from None
            except BaseException:
                self.end()
                raise
        if isinstance(answer, Failed):
            raise AnalyserError(answer.message, answer.traceback)
        if isinstance(answer, CannotRun):
            raise answer
        return answer

    def end(self) -> None:
        """Ends the process."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
        self._process = None


async def _started() -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        "-c",
        _START,
        *filter(None, sys.path),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )


async def _asked(process: asyncio.subprocess.Process, job: Job) -> Any:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(packed(job))
    await process.stdin.drain()
    (length,) = LENGTH.unpack(await process.stdout.readexactly(LENGTH.size))
    return pickle.loads(await process.stdout.readexactly(length))
