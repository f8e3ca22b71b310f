"""What a rank tells its supervisor: frames through a pipe.

A frame is its length (4 bytes), its kind (1 byte) and that many bytes. A rank that is killed may
leave a truncated one at the end, which is dropped.
"""

from __future__ import annotations

import enum
import os
import struct
import threading
from collections.abc import Iterator

HEAD = struct.Struct("<IB")


class Kind(enum.IntEnum):
    """What a frame holds."""

    HELLO = 1  # nothing: the rank has begun
    EVENT = 2  # what the recorder of events made
    RESULT = 3  # what `main` wants to hand to the caller of the supervisor
    END = 4  # a pickled Ending


class Channel:
    """The writing end. After `close`, and where the script has closed it, frames go nowhere."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._lock = threading.Lock()
        status = os.fstat(fd)
        self._pipe = (status.st_dev, status.st_ino)

    def send(self, kind: Kind, payload: bytes = b"") -> None:
        """Writes a frame whole; waits while the pipe is full."""
        frame = memoryview(HEAD.pack(len(payload), kind) + payload)
        with self._lock:
            if not self._is_ours():
                return
            try:
                while frame:
                    frame = frame[os.write(self._fd, frame) :]
            except BrokenPipeError:  # no supervisor any more, so nothing is left to be done
                os._exit(1)

    def event(self, frame: bytes) -> None:
        """Sends a frame of events."""
        self.send(Kind.EVENT, frame)

    def close(self) -> None:
        """Closes this process's end."""
        if self._is_ours():
            os.close(self._fd)
        self._fd = -1

    def renew(self) -> None:
        """In a forked process: a lock that another thread held would be held forever."""
        self._lock = threading.Lock()

    def _is_ours(self) -> bool:
        # a script may close all descriptors (daemons do), and its next file has our number
        try:
            status = os.fstat(self._fd)
        except OSError:
            return False
        return (status.st_dev, status.st_ino) == self._pipe


class Frames:
    """Makes frames of the bytes that come out of a pipe."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[Kind, bytes]]:
        """The frames that are whole with this data."""
        buffer = self._buffer
        buffer += data
        start = 0
        while len(buffer) - start >= HEAD.size:
            length, kind = HEAD.unpack_from(buffer, start)
            stop = start + HEAD.size + length
            if len(buffer) < stop:
                break
            yield Kind(kind), bytes(buffer[start + HEAD.size : stop])
            start = stop
        del buffer[:start]
