"""Runs a plugin's rules: imports them, and tells in one line what goes wrong with them."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from varsync_rules.changes import Fix
from varsync_rules.findings import Confidence, Finding, Related, Severity, Span
from varsync_rules.plugins.plugin import Plugin
from varsync_rules.registry import Rule, UnusableRules

if TYPE_CHECKING:
    from varsync_rules.program import Program


@dataclass(frozen=True, slots=True)
class PluginRule(Rule):
    """A rule of a plugin, whose files had this content when it was listed."""

    plugin: Plugin
    content: str

    @property
    def origin(self) -> str:
        """The plugin."""
        return self.plugin.origin

    @property
    def fingerprint(self) -> str:
        """The content of the plugin's files."""
        return self.content

    def check(self, program: Program) -> Iterator[Finding]:
        """The findings of this rule in a program; raises UnusableRules for whatever goes wrong."""
        check = self._check()
        made = self._guarded(lambda: check(program), "its check")
        if not isinstance(made, Iterable):
            self._gives(f"{_kind(made)} and not findings")
        findings = iter(made)
        end = object()
        while (finding := self._guarded(lambda: next(findings, end), "its check")) is not end:
            if not isinstance(finding, Finding):
                self._gives(f"{_kind(finding)} and not a Finding")
            problem = _problem(finding, self)
            if problem:
                self._gives(problem)
            yield finding

    def _gives(self, what: str) -> NoReturn:
        self.plugin.fails(f"{self._file}: its check gives {what}")

    @property
    def _file(self) -> str:
        return f"{self.page.stem}.py"

    def _check(self) -> Callable[[Program], object]:
        module = self._guarded(self._import, "its import")
        check = getattr(module, "check", None)
        if not callable(check):
            self.plugin.fails(f"{self._file}: it has no function check(program)")
        found: Callable[[Program], object] = check
        return found

    def _import(self) -> object:
        package = self.plugin.package or _own_package(self.plugin.folder, self.content)
        return importlib.import_module(f"{package}.{self.page.stem}")

    def _guarded(self, call: Callable[[], object], what: str) -> object:
        try:
            # the standard output is for findings
            with redirect_stdout(sys.stderr):
                return call()
        except (UnusableRules, KeyboardInterrupt, GeneratorExit):
            raise
        # SystemExit too: it would end the run as if all were well
        except BaseException as error:
            self.plugin.fails(f"{self._place(error)}: {what} raised {_words(error)}")

    def _place(self, error: BaseException) -> str:
        """The last line of the plugin that an exception went through, or the rule's file."""
        import traceback

        places = [(one.filename, one.lineno) for one in traceback.extract_tb(error.__traceback__)]
        if isinstance(error, SyntaxError) and error.filename:
            places.append((error.filename, error.lineno))
        for file, line in reversed(places):
            path = Path(file).resolve()
            if path.is_relative_to(self.plugin.folder):
                return f"{path.relative_to(self.plugin.folder)}:{line}"
        return self._file


def _own_package(folder: str, content: str) -> str:
    """Imports a folder as a package with a name of its own; gives the name."""
    from importlib.machinery import ModuleSpec
    from importlib.util import module_from_spec, spec_from_file_location

    name = f"varsync_plugin_{content[:16]}"
    if name in sys.modules:
        return name
    start = Path(folder, "__init__.py")
    spec: ModuleSpec | None
    if start.is_file():
        spec = spec_from_file_location(name, start, submodule_search_locations=[folder])
    else:
        spec = ModuleSpec(name, None, is_package=True)
        spec.submodule_search_locations = [folder]
    assert spec is not None
    module = module_from_spec(spec)
    sys.modules[name] = module
    try:
        if spec.loader is not None and start.is_file():
            spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return name


def _problem(finding: Finding, rule: Rule) -> str:
    """What is wrong with a finding that a check gives; '' where nothing is."""
    if (finding.code, finding.name) != (rule.code, rule.name):
        return f"a finding of {finding.code} {finding.name}, and not of {rule.code} {rule.name}"
    wanted: dict[str, type | tuple[type, ...]] = {
        "severity": Severity,
        "message": str,
        "span": Span,
        "related": tuple,
        "explanation": str,
        "remedy": str,
        "confidence": Confidence,
        "fix": (Fix, type(None)),
    }
    for key, kind in wanted.items():
        if not isinstance(getattr(finding, key), kind):
            return f"a finding whose {key} is {_kind(getattr(finding, key))}"
    if not all(isinstance(one, Related) and isinstance(one.span, Span) for one in finding.related):
        return "a finding with related places that are not Related"
    if not finding.message.strip() or "\n" in finding.message:
        return "a finding whose message is not one line"
    return ""


def _kind(value: object) -> str:
    return "None" if value is None else f"a value of type {type(value).__name__}"


def _words(error: BaseException) -> str:
    words = " ".join(str(error).split())[:300]
    return f"{type(error).__name__}: {words}" if words else type(error).__name__
