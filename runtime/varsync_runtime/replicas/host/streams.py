"""stdout, stderr and stdin of a script that several processes run."""

from __future__ import annotations

import faulthandler
import functools
import io
import os
import sys
from collections.abc import Callable
from typing import Any, TextIO

from varsync_runtime.replicas.host import held, together
from varsync_runtime.replicas.host.context import Role, in_replica, role, situation
from varsync_runtime.replicas.host.patches import replace
from varsync_runtime.replicas.world import current

# functions of os that ask what a descriptor is, and the descriptor that they take if none is given
ASKING: dict[str, tuple[int, ...]] = {"isatty": (), "ttyname": (), "get_terminal_size": (1,)}


class HostOutput(io.TextIOWrapper):
    """A standard stream that knows who speaks; made of the descriptor of the process's own."""

    def __init__(self, fd: int, like: TextIO) -> None:
        raw = io.FileIO(fd, "w", closefd=False)
        raw.name = f"<{'stdout' if fd == 1 else 'stderr'}>"
        interactive = raw.isatty()
        super().__init__(
            io.BufferedWriter(raw),
            encoding=getattr(like, "encoding", None) or "utf-8",
            errors=getattr(like, "errors", None) or "strict",
            line_buffering=interactive or fd == 2,
            write_through=bool(getattr(like, "write_through", False)),
        )
        vars(self)["mode"] = "w"
        self.inside = fd
        self.outside = fd  # where lines of replica context go: past the muted descriptor
        self._lines: dict[str, str] = {}

    def isatty(self) -> bool:
        return os.isatty(self.inside)

    def write(self, text: str) -> int:
        if in_replica():
            return self._write_lines(f"[replica {current().rank}] ", text)
        if current().worker and situation.first:
            return self._write_lines(f"[worker {current().worker}] ", text)
        if self._lines:
            self.finish_lines()
        return super().write(text)

    def _write_lines(self, prefix: str, text: str) -> int:
        """Says whole lines, so that the ranks' lines do not mix."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        *lines, rest = (self._lines.pop(prefix, "") + text).split("\n")
        if rest:
            self._lines[prefix] = rest
        if lines:
            whole = "".join(f"{prefix}{line}\n" for line in lines)
            late = held.keep(self.fileno(), whole)
            if late and in_replica():
                current().follow_first()  # what the host printed before comes before
            show(late)
        return len(text)

    def write_out(self, lines: str) -> None:
        """Writes whole lines at once, past the muted descriptor."""
        self.flush()
        data = memoryview(lines.encode(self.encoding, self.errors or "strict"))
        while data:
            data = data[os.write(self.outside, data) :]

    def finish_lines(self) -> None:
        """Ends the lines that replica code has begun."""
        for prefix, rest in list(self._lines.items()):
            if rest:
                self._write_lines(prefix, "\n")
        self._lines.clear()

    def speed_up(self) -> None:
        """From now on lines go out at once: those of other ranks come between them."""
        self.reconfigure(line_buffering=True)

    def mute(self, nowhere: int) -> None:
        """From now on host output goes nowhere, in this process and in programs that it runs."""
        fd = self.fileno()
        self.outside = os.dup(fd)
        os.dup2(nowhere, fd, inheritable=True)
        if fd == 2 and faulthandler.is_enabled():
            faulthandler.enable(self.outside)


class HostInput(io.TextIOWrapper):
    """Standard input: read by the first rank, for all."""

    def __init__(self, fd: int, like: TextIO) -> None:
        raw = io.FileIO(fd, "r", closefd=False)
        raw.name = "<stdin>"
        super().__init__(
            io.BufferedReader(raw),
            encoding=getattr(like, "encoding", None) or "utf-8",
            errors=getattr(like, "errors", None) or "strict",
        )
        vars(self)["mode"] = "r"

    def read(self, size: int | None = -1, /) -> str:
        return self._shared("read", lambda: super(HostInput, self).read(size))

    def readline(self, size: int = -1, /) -> str:  # type: ignore[override]
        return self._shared("readline", lambda: super(HostInput, self).readline(size))

    def __next__(self) -> str:  # type: ignore[override]
        line = self.readline()
        if not line:
            raise StopIteration
        return line

    def _shared(self, operation: str, do: Any) -> str:
        what = role()
        if what is Role.TOGETHER:
            return str(together.once(f"stdin.{operation}", do))
        return "" if what is Role.MUTE else str(do())


def install() -> None:
    """Replaces the standard streams of this process."""
    for name, fd in (("stdout", 1), ("stderr", 2)):
        old = getattr(sys, name)
        if old is None:
            continue
        old.flush()
        try:
            stream: HostOutput | None = HostOutput(fd, old)
        except OSError:  # closed: as Python does
            stream = None
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    for name, usual in ASKING.items():
        replace(os, name, functools.partial(_asking, usual))
    if sys.stdin is not None:
        try:
            source: HostInput | None = HostInput(0, sys.stdin)
        except OSError:
            source = None
        for name in ("stdin", "__stdin__"):
            setattr(sys, name, source)


def _asking(usual: tuple[int, ...], original: Callable[..., Any]) -> Callable[..., Any]:
    """The function, which tells the same of a muted output as where nothing is muted."""

    def ask(*args: Any) -> Any:
        outside = {stream.inside: stream.outside for stream in outputs()}
        return original(*(outside.get(fd, fd) for fd in args or usual))

    return ask


def outputs() -> list[HostOutput]:
    """The standard streams that are ours."""
    found = (sys.__stdout__, sys.__stderr__)
    return [stream for stream in found if isinstance(stream, HostOutput)]


def show(printed: held.Printed) -> None:
    """Writes what replica code has printed, of this process or another one."""
    for fd, lines in printed:
        for stream in outputs():
            if stream.fileno() == fd:
                stream.write_out(lines)


def printed(last: bool) -> held.Printed:
    """What replica code has printed in the segment that ends here; in the last one it ends lines."""
    if last:
        for stream in outputs():
            stream.finish_lines()
    return held.take()


def flush(last: bool = False) -> None:
    """Writes out what is buffered, also in streams that the script has put in place of ours.

    At the end, with `last`, what could not be written is an error, unless nobody reads it.
    """
    lost: OSError | None = None
    for stream in (sys.stdout, sys.stderr, *outputs()):
        try:
            stream.flush()
        except (BrokenPipeError, ValueError, AttributeError):
            continue
        except OSError as error:
            lost = lost or error
    if last and lost is not None:
        raise lost
