"""The files of one run: what is known of each, and its text where somebody needs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from varsync_rules.facts import Facts, Problem, digest_of, facts_of
from varsync_rules.source import Source, UnreadableSource, read

from varsync.files.discovery import Found
from varsync.memory.known import state_of
from varsync.memory.memory import Memory


class Moved(Exception):
    """A file is not any more what it was when the run began."""


class Sources:
    """Files by their absolute paths. Those that the memory knows are read when they are asked for.

    `contents` are the bytes of files that do not come from the disk.
    """

    def __init__(self, contents: Mapping[str, bytes], memory: Memory) -> None:
        self._contents = contents
        self._memory = memory
        self._found: dict[str, Found] = {}
        self._facts: dict[str, Facts] = {}
        self._read: dict[str, Source] = {}

    def add(self, found: Found) -> None:
        """Looks at a file; raises UnreadableSource."""
        file = found.absolute
        data = self._contents.get(file)
        facts = self._memory.facts(file) if data is None else None
        if facts is None:
            state = state_of(file)
            source = self._take(found)
            before = self._memory.facts_before(file)
            is_same = before is not None and before.digest == digest_of(source.data)
            facts = before if before is not None and is_same else facts_of(source)
            if data is None:
                self._memory.learn(file, facts, state)
        self._found[file] = found
        self._facts[file] = facts

    def _take(self, found: Found) -> Source:
        data = self._contents.get(found.absolute)
        if data is None:
            source = read(Path(found.absolute), found.display)
        else:
            source = Source(found.display, Path(found.absolute), data)
        self._read[found.absolute] = source
        return source

    def __contains__(self, file: str) -> bool:
        return file in self._found

    @property
    def facts(self) -> Mapping[str, Facts]:
        """What is known of each file."""
        return self._facts

    def found(self, file: str) -> Found:
        """How a file was found."""
        return self._found[file]

    def source(self, file: str) -> Source:
        """The source of a file; raises Moved."""
        source = self._read.get(file)
        if source is None:
            try:
                source = self._take(self._found[file])
            except UnreadableSource:
                raise Moved(file) from None
            if digest_of(source.data) != self._facts[file].digest:
                raise Moved(file)
        return source

    def learn(self, file: str, problems: tuple[Problem, ...]) -> None:
        """Remembers what keeps Python from parsing a file."""
        facts = replace(self._facts[file], problems=problems)
        self._facts[file] = facts
        if file not in self._contents:
            self._memory.learn_more(file, facts)
