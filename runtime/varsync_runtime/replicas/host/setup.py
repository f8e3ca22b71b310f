"""Puts the host functions in place in a rank, and takes care of them when ranks are copied."""

from __future__ import annotations

import os

from varsync_runtime.replicas.host import files, held, programs, sources, streams
from varsync_runtime.replicas.host.context import situation
from varsync_runtime.replicas.world import World, current


def install(world: World) -> None:
    """In the first rank of a worker, before the script."""
    streams.install()
    files.install()
    programs.install()
    sources.install()
    os.register_at_fork(after_in_child=_left)


def before_fork() -> None:
    """In the first rank, before it is copied: what is buffered must not be written twice."""
    streams.flush()
    files.flush_all()
    for stream in streams.outputs():
        stream.speed_up()
    sources.remember()


def after_birth(world: World) -> None:
    """In a copy: its host output and its open files lead nowhere."""
    situation.first = False
    situation.member = True
    held.take()
    nowhere = files.open_nowhere()
    files.let_go_of_writers(nowhere)
    for stream in streams.outputs():
        stream.mute(nowhere)
    sources.recall()


def _left() -> None:
    """After any fork, in the child: no rank, unless `after_birth` comes."""
    situation.member = False


def begin_replica_code() -> None:
    """The replicas' code comes next: what the host has printed goes out before it."""
    if situation.first:
        streams.flush()
    current().begin_replica_code()


def finish() -> None:
    """At the end of a rank: writes out what is buffered."""
    for stream in streams.outputs():
        stream.finish_lines()
    streams.show(held.take())
    files.flush_all()
    streams.flush(last=True)
