"""What earlier runs found out, so that it need not be found out again."""

from __future__ import annotations

import time

from varsync_rules.facts import Facts

from varsync.memory.known import Result, State, state_of
from varsync.memory.store import Store

_MOST_RESULTS = 1_000
_SETTLED = 2_000_000_000
"""In nanoseconds: what was written later than so long ago may be written again unnoticed."""


class Memory:
    """Facts of files, and results by a key that stands for all that they depend on.

    With a `store` it begins with what an earlier process left there, and `save` adds to it.
    """

    def __init__(self, store: Store | None = None) -> None:
        self._store = store
        self._facts: dict[str, tuple[State | None, Facts]] = {}
        self._results: dict[str, Result] = {}
        self._has_learned = False
        if store is not None:
            self._facts.update(store.facts())

    def facts(self, file: str) -> Facts | None:
        """The facts of a file that is as it was: an absolute path."""
        known = self._facts.get(file)
        return known[1] if known and known[0] is not None and known[0] == state_of(file) else None

    def facts_before(self, file: str) -> Facts | None:
        """The facts of a file as it was when it was last read."""
        known = self._facts.get(file)
        return known[1] if known else None

    def learn(self, file: str, facts: Facts, state: State | None) -> None:
        """Remembers a file that was in this state before it was read; None: it is no file."""
        if state is not None and time.time_ns() - max(state.modified, state.changed) < _SETTLED:
            state = None
        if self._facts.get(file) != (state, facts):
            self._facts[file] = (state, facts)
            self._has_learned = True

    def learn_more(self, file: str, facts: Facts) -> None:
        """Remembers what else is known of a file."""
        known = self._facts.get(file)
        if known is not None and known[1].digest == facts.digest:
            self._facts[file] = (known[0], facts)
            self._has_learned = True

    def result(self, key: str) -> Result | None:
        """The result of this key."""
        known = self._results.get(key)
        if known is None and self._store is not None:
            known = self._store.result(key)
        return known

    def keep(self, key: str, result: Result) -> None:
        """Remembers a result."""
        self._results[key] = result
        while len(self._results) > _MOST_RESULTS:
            del self._results[next(iter(self._results))]
        if self._store is not None:
            self._store.keep(key, result)

    def save(self) -> None:
        """Writes to the store what was learned, if there is one and it can be written."""
        if self._store is not None and self._has_learned:
            self._store.keep_facts(self._facts)
            self._has_learned = False
