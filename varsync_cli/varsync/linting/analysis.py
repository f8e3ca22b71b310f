"""The rules on the files of a run: what has nothing to do with each other is evaluated apart.

So what did not change since an earlier run is not evaluated again, and the rest by several processes.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from typing import TypeAlias

from varsync_rules.facts import Problem, finding_of
from varsync_rules.files import Modules
from varsync_rules.findings import Finding
from varsync_rules.imports import Imports
from varsync_rules.naming import Names
from varsync_rules.processes import beside
from varsync_rules.registry import Rules
from varsync_rules.statistics import Statistics
from varsync_rules.syntax import problems_in
from varsync_rules.target import Target, under

from varsync.console.progress import Told, silently
from varsync.files.sources import Sources
from varsync.memory.known import Result
from varsync.memory.memory import Memory

# Less than this, in bytes, is done here: a process of its own would take longer to start.
_WORTH_A_PROCESS = 1_000_000

Problems: TypeAlias = dict[str, tuple[Problem, ...]]


@dataclass(frozen=True, slots=True)
class Task:
    """A group of files, from which of them the evaluation starts, and a name for all of that."""

    files: tuple[str, ...]
    entries: frozenset[str]
    key: str


class Analysis:
    """The findings of a program before suppression.

    `reported` are the files whose findings are wanted, the others are context; `codes` those of the
    `rules` to run; `roots` the folders in which absolute imports start.
    """

    def __init__(
        self,
        sources: Sources,
        reported: Collection[str],
        *,
        rules: Rules,
        codes: frozenset[str],
        roots: Sequence[str],
        memory: Memory,
        jobs: int,
        told: Told = silently,
    ) -> None:
        self._sources = sources
        self._reported = frozenset(reported)
        self._displays = frozenset(sources.found(file).display for file in reported)
        self._rules = rules
        self._codes = codes
        self._memory = memory
        self._jobs = jobs
        self._told = told
        self._names = Names(sources.facts, roots)
        self._targets = _targets(sources)
        self.counters: Counter[str] = Counter({item.name: 0 for item in fields(Statistics)})

    def findings(self) -> list[Finding]:
        """All findings, sorted. Raises Moved."""
        results: list[Result] = []
        open_tasks: list[Task] = []
        for task in self._tasks():
            known = self._memory.result(task.key)
            if known is None:
                open_tasks.append(task)
            else:
                results.append(known)
        self.counters["remembered"] = len(results)
        unknown = self._unknown()
        evaluated = frozenset(file for task in open_tasks for file in task.entries)
        rest = self._beside(unknown - evaluated)
        for task, (result, problems) in zip(open_tasks, self._run_all(open_tasks), strict=True):
            self._memory.keep(task.key, result)
            results.append(result)
            for file in task.entries & unknown:
                self._sources.learn(file, problems[file])
        for file, found in rest().items():
            self._sources.learn(file, found)
        for result in results:
            self.counters.update(result.statistics)
        self.counters["files"] = len(self._sources.facts)
        findings = [finding for result in results for finding in result.findings]
        findings += self._syntax_errors()
        return sorted(findings, key=lambda finding: finding.sort_key)

    def _tasks(self) -> Iterable[Task]:
        """The groups of files that can matter, and in which files are reported."""
        facts = self._sources.facts
        imports = Imports(self._names, {file: known.imports for file, known in facts.items()})
        # whole programs are the rule: who leads to a part of one is not looked for twice
        is_part = len(self._reported) < len(facts)
        leading = imports.leading_to(self._reported) if is_part else self._reported
        for group in imports.groups():
            candidates = [file for file in group if facts[file].is_candidate]
            reported = self._reported.intersection(group)
            if not candidates or not reported:
                continue
            if is_part:
                candidates = [file for file in candidates if file in leading]
            if candidates and imports.any_of_library(group):
                files = tuple(sorted(group))
                entries = frozenset(candidates)
                yield Task(files, entries, self._key(files, entries))

    def _key(self, files: Iterable[str], entries: frozenset[str]) -> str:
        """A hash of all that the findings of a task depend on."""
        which = (self._rules.fingerprint, sorted(self._codes))
        hashed = hashlib.blake2b(repr(which).encode(), digest_size=20)
        for file in files:
            found = self._sources.found(file)
            parts = (
                found.display,
                self._sources.facts[file].digest,
                self._names.of(file),
                self._names.meaning(file),
                str(self._targets[file]),
                file in entries,
                file in self._reported,
            )
            hashed.update(repr(parts).encode(errors="surrogatepass"))
        return hashed.hexdigest()

    def _run_all(self, tasks: list[Task]) -> list[tuple[Result, Problems]]:
        """What comes of each task."""
        for task in tasks:
            for file in task.files:
                self._sources.source(file)  # here, so that no other process reads it
        sizes = [sum(len(self._sources.source(file).data) for file in t.entries) for t in tasks]
        if self._jobs < 2 or len(tasks) < 2 or sum(sizes) < _WORTH_A_PROCESS:
            return self._run_here(tasks, tasks)
        shares: list[list[int]] = [[] for _ in range(min(self._jobs, len(tasks)))]
        loads = [0] * len(shares)
        for number in sorted(range(len(tasks)), key=lambda number: -sizes[number]):
            least = loads.index(min(loads))
            shares[least].append(number)
            loads[least] += sizes[number]
        own, *others = [[tasks[number] for number in share] for share in shares]
        collects = [beside(self._work(share)) for share in others]
        done = [self._run_here(own, tasks), *(collect() for collect in collects)]
        by_number = {
            number: result
            for share, results in zip(shares, done, strict=True)
            for number, result in zip(share, results, strict=True)
        }
        return [by_number[number] for number in range(len(tasks))]

    def _work(self, tasks: list[Task]) -> Callable[[], list[tuple[Result, Problems]]]:
        return lambda: [self._run(task) for task in tasks]

    def _run_here(self, tasks: list[Task], all_tasks: list[Task]) -> list[tuple[Result, Problems]]:
        """What comes of these tasks; how far they are is taken for how far all are."""
        total = sum(len(task.entries) for task in all_tasks)
        scale = total / max(sum(len(task.entries) for task in tasks), 1)
        done = 0.0
        results = []
        for task in tasks:
            before, size = done, len(task.entries)

            def told(part: float, before: float = before, size: int = size) -> None:
                nonlocal done
                done = max(done, before + part * size)
                self._told(int(done * scale), total, "checking files")

            results.append(self._run(task, told))
            done = before + size
        return results

    def _run(
        self, task: Task, told: Callable[[float], None] = lambda part: None
    ) -> tuple[Result, Problems]:
        # a fifth of the time of a run that evaluates nothing would be this import
        from varsync_rules import lint

        sources = [self._sources.source(file) for file in task.files]
        modules = Modules(sources, self._names, self._targets)
        outcome = lint.evaluate(modules, task.entries, self._codes, self._rules, told)
        findings = [f for f in outcome.findings if f.span.path in self._displays]
        problems = {
            file: outcome.problems[display]
            for file in task.entries
            if (display := self._sources.found(file).display) in outcome.problems
        }
        return Result(tuple(findings), asdict(outcome.statistics)), problems

    def _unknown(self) -> frozenset[str]:
        """The reported files of which nobody has looked whether they can be parsed."""
        if "VS901" not in self._codes:
            return frozenset()
        facts = self._sources.facts
        return frozenset(file for file in self._reported if facts[file].problems is None)

    def _beside(self, files: frozenset[str]) -> Callable[[], Problems]:
        """Starts to look whether files can be parsed, on a large tree in another process."""
        sources = {file: self._sources.source(file) for file in sorted(files)}

        def work() -> Problems:
            return {file: problems_in(source) for file, source in sources.items()}

        size = sum(len(source.data) for source in sources.values())
        return beside(work) if self._jobs > 1 and size > _WORTH_A_PROCESS else work

    def _syntax_errors(self) -> Iterable[Finding]:
        if "VS901" in self._codes:
            for file in self._reported:
                for problem in self._sources.facts[file].problems or ():
                    yield finding_of(problem, self._sources.found(file).display)


def _targets(sources: Sources) -> dict[str, Target]:
    """What each file runs on: the strategies that a project uses are those that its files name."""
    named: dict[Target, set[str]] = {}
    for file, facts in sources.facts.items():
        named.setdefault(sources.found(file).settings.target, set()).update(facts.strategies)
    resolved = {target: under(target, names) for target, names in named.items()}
    return {file: resolved[sources.found(file).settings.target] for file in sources.facts}
