"""When the open files are checked, and what was found in each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from varsync_rules.registry import Rules, rules

from varsync.server.analyser import Analyser
from varsync.server.documents import Documents
from varsync.server.jobs import Checked, CheckOpen, FixFile, Problem, Replacement

PAUSE = 0.3
"""In seconds: who types is left alone for that long."""

PATIENCE = 10.0
"""In seconds: for how long a check may go on when another one is due; its work is not lost."""


@dataclass(slots=True)
class Events:
    """Who is told what: which files have new findings, why a project can't be checked, a bug."""

    found: Callable[[Iterable[str]], None]
    refused: Callable[[str, str | None], None]
    broke: Callable[[Exception], None]


@dataclass(slots=True)
class _Result:
    revision: int
    problems: list[Problem]
    rules: Rules


@dataclass(slots=True)
class Checks:
    """Has the files checked that were changed, one check at a time, and keeps what was found."""

    documents: Documents
    events: Events
    analyser: Analyser = field(default_factory=Analyser)
    _due: dict[str, float] = field(default_factory=dict)
    _results: dict[str, _Result] = field(default_factory=dict)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _done: asyncio.Condition = field(default_factory=asyncio.Condition)

    def request(self, paths: Iterable[str], *, pause: float = 0.0) -> None:
        """Has the projects of these open files checked, after a pause in which nothing is changed."""
        due = asyncio.get_running_loop().time() + pause
        self._due.update((path, due) for path in paths)
        self._wake.set()

    def request_all(self) -> None:
        """Has everything that is open checked."""
        self.request(self.documents.files)

    def problems(self, path: str) -> list[Problem] | None:
        """What is found in an open file as it is now; None as long as it is not known.

        What would mend it is left out where that is in another file, which was changed since.
        """
        file, result = self.documents.files.get(path), self._results.get(path)
        if file is None or result is None or result.revision < file.changed:
            return None
        return [
            replace(problem, fix=None)
            if problem.fix is not None and self._changed(problem.fix.place.path) > result.revision
            else problem
            for problem in result.problems
        ]

    def rules(self, path: str) -> Rules:
        """The rules that are known in a file: ours as long as nothing else is."""
        result = self._results.get(path)
        return result.rules if result is not None else rules()

    async def settled(self, path: str) -> list[Problem]:
        """What is found in a file as it is now, when it is known; nothing where it is closed."""
        async with self._done:
            await self._done.wait_for(
                lambda: path not in self.documents.files or self.problems(path) is not None
            )
        return self.problems(path) or []

    def _changed(self, path: str) -> int:
        file = self.documents.files.get(path)
        return file.changed if file is not None else 0

    async def fixes(self, path: str) -> list[Replacement]:
        """What `varsync lint --fix` would change in an open file, as it is when this is known.

        Raises CannotRun and AnalyserError.
        """
        while path in self.documents.files:
            revision = self.documents.revision
            job = FixFile(self._contents(), path, self.documents.encoding)
            fixes: list[Replacement] = await self.analyser.ask(job)
            if self.documents.revision == revision:
                return fixes
        return []

    async def run(self) -> None:
        """Checks what is due, until it is cancelled."""
        try:
            while True:
                await self._wake.wait()
                await self._pause()
                self._wake.clear()
                wanted = self._open_due()
                self._due.clear()
                if wanted:
                    await self._check(wanted)
                async with self._done:
                    self._done.notify_all()
        finally:
            self.analyser.end()

    def _open_due(self) -> frozenset[str]:
        return frozenset(self._due).intersection(self.documents.files)

    async def _pause(self) -> None:
        loop = asyncio.get_running_loop()
        while (left := max(self._due.values(), default=0.0) - loop.time()) > 0:
            await asyncio.sleep(left)

    def _contents(self) -> dict[str, bytes]:
        return {path: file.data for path, file in self.documents.files.items()}

    async def _check(self, wanted: frozenset[str]) -> None:
        revision = self.documents.revision
        job = CheckOpen(self._contents(), wanted, self.documents.encoding)
        try:
            checked = await self._unless_outdated(asyncio.ensure_future(self.analyser.ask(job)))
            if checked is None:
                # what was not found out is due again, with what was changed meanwhile
                self.request(wanted)
            else:
                self._keep(checked, revision)
        except Exception as error:
            # whatever it is, the next check may go well
            self._keep(Checked({path: [] for path in wanted}), revision)
            self.events.broke(error)

    async def _unless_outdated(self, asked: asyncio.Future[Checked]) -> Checked | None:
        """What is answered; None where it takes long and another check is due meanwhile."""
        woken = asyncio.ensure_future(self._wake.wait())
        either: set[asyncio.Future[Any]] = {asked, woken}
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not asked.done():
                await asyncio.wait({asked}, timeout=PATIENCE)
            return asked.result() if asked.done() else None
        finally:
            woken.cancel()
            asked.cancel()

    def _keep(self, checked: Checked, revision: int) -> None:
        for root, refusal in checked.refusals.items():
            self.events.refused(root, refusal)
        current = []
        for path, problems in checked.problems.items():
            file = self.documents.files.get(path)
            if file is not None and file.changed <= revision:
                self._results[path] = _Result(
                    revision, problems, checked.rules.get(path, self.rules(path))
                )
                current.append(path)
        for path in self._results.keys() - self.documents.files.keys():
            del self._results[path]
        self.events.found(current)
