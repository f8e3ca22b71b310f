"""Frames of events of one process in which several replicas run: each names its replica."""

from __future__ import annotations

from collections.abc import Callable

from varsync_runtime.events import Event, recorder


def sender(send: Callable[[bytes], None] | None, replica: int) -> Callable[[bytes], None] | None:
    """Sends the frames of one replica."""
    return None if send is None else lambda frame: send(bytes([replica]) + frame)


def read(frame: bytes) -> tuple[int, list[Event]]:
    """The replica of its process that told a frame, and its events."""
    return frame[0], recorder.read_frame(frame[1:])
