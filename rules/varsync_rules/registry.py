"""The rules there are: ours, each a module of `catalog` with its page beside it, and perhaps others.

Nothing else lists the rules. A module's name begins with its code (`vs201_…`), so the codes and
names are known from the file names alone, and a rule's module is imported only when it is run.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from varsync_rules.findings import Finding
    from varsync_rules.pages import Page
    from varsync_rules.program import Program

CATALOG = Path(__file__).parent / "catalog"

STEM = re.compile(r"([a-z]{1,3}\d{3})_([a-z0-9]+(?:_[a-z0-9]+)*)")
"""What the two files of a rule are called, without their suffixes."""

_CODE_OR_PREFIX = re.compile(r"([A-Z]{1,3})(\d{0,3})")

Check = Callable[["Program"], Iterable["Finding"]]


class UnknownRuleError(ValueError):
    """A code, prefix or name that no rule has."""


class UnusableRules(ValueError):
    """There are rules that can't be used: `str()` is the line that says whose, and why."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as its files tell it: `code` is VS201, `name` replica-update-without-aggregation."""

    code: str
    name: str
    page: Path
    module: str | None

    @property
    def origin(self) -> str:
        """Who has it, in words for messages."""
        return "varsync"

    @property
    def fingerprint(self) -> str:
        """Another one whenever the rule may find something else."""
        return _own_fingerprint()

    def text(self) -> str:
        """The page as it is written; raises UnusableRules where it can't be read."""
        try:
            return self.page.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UnusableRules(f"{self.origin}: {self.page.name}: {error}") from None

    def read(self) -> Page:
        """The page by its parts; raises UnusableRules where it has not the form of one."""
        from varsync_rules.pages import PageError, parse

        try:
            return parse(self.text(), self.page.name)
        except PageError as error:
            raise UnusableRules(f"{self.origin}: {error}") from None

    def check(self, program: Program) -> Iterator[Finding]:
        """The findings of this rule in a program; rules without a module are made elsewhere."""
        if self.module is None:
            return
        check: Check = importlib.import_module(self.module).check
        yield from check(program)


class Rules:
    """The rules that a run knows, in the order of their codes."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        """Raises UnusableRules; a rule that is given twice counts once."""
        by_page = {rule.page: rule for rule in rules}
        self._all = tuple(sorted(by_page.values(), key=lambda rule: rule.code))
        self._by_word: dict[str, Rule] = {}
        for rule in sorted(self._all, key=lambda rule: rule.origin != "varsync"):
            for kind, word in (("code", rule.code), ("name", rule.name)):
                held = self._by_word.setdefault(word, rule)
                if held is not rule:
                    raise UnusableRules(
                        f"{rule.origin}: {rule.page.name}: {held.origin} has a rule with the"
                        f" {kind} {word}"
                    )
        self.codes = frozenset(rule.code for rule in self._all)

    def __iter__(self) -> Iterator[Rule]:
        return iter(self._all)

    def joined(self, others: Iterable[Rule]) -> Rules:
        """These rules and others; raises UnusableRules."""
        more = [rule for rule in others if self._by_word.get(rule.code) is not rule]
        return Rules((*self._all, *more)) if more else self

    @cached_property
    def prefixes(self) -> frozenset[str]:
        """The letters that codes begin with: VS is ours."""
        return frozenset(code.rstrip("0123456789") for code in self.codes)

    def matching(self, selector: str) -> frozenset[str]:
        """The codes that a code, a prefix of codes, a name or `ALL` selects.

        A prefix has all letters of a code: `V` does not select VS201. Raises UnknownRuleError when
        it selects nothing.
        """
        wanted = selector.strip()
        if wanted.upper() == "ALL":
            return self.codes
        if self.is_prefix(wanted):
            upper = wanted.upper()
            codes = frozenset(
                code
                for code in self.codes
                if code.startswith(upper) and len(upper) >= len(code) - 3
            )
            if codes:
                return codes
        return frozenset((self.find(wanted).code,))

    def is_prefix(self, word: str) -> bool:
        """Whether a word is a code, or the beginning of codes, of rules like these."""
        match = _CODE_OR_PREFIX.fullmatch(word.upper())
        return match is not None and match[1] in self.prefixes

    def are_meant_by(self, words: Collection[str]) -> bool:
        """Whether some of these are "varsync", or letters that codes of these rules begin with."""
        return "varsync" in words or not self.prefixes.isdisjoint(words)

    def find(self, selector: str) -> Rule:
        """The one rule with this code or name; raises UnknownRuleError."""
        wanted = selector.strip()
        rule = self._by_word.get(wanted.upper()) or self._by_word.get(wanted.lower())
        if rule is None:
            raise UnknownRuleError(wanted)
        return rule

    @cached_property
    def fingerprint(self) -> str:
        """Another one whenever the rules may find something else: a part of a cache's key."""
        from hashlib import sha256

        parts = sorted({rule.fingerprint for rule in self._all})
        return sha256("\n".join(parts).encode()).hexdigest()


@cache
def rules() -> Rules:
    """Our own rules."""
    found = []
    for page in sorted(CATALOG.glob("vs[0-9][0-9][0-9]_*.md")):
        code, name = code_and_name(page.stem)
        has_check = page.with_suffix(".py").exists()
        module = f"varsync_rules.catalog.{page.stem}" if has_check else None
        found.append(Rule(code, name, page, module))
    return Rules(found)


def code_and_name(stem: str) -> tuple[str, str]:
    """The code and the name of the rule whose files have this stem; ValueError for any other."""
    match = STEM.fullmatch(stem)
    if match is None:
        raise ValueError(stem)
    return match[1].upper(), match[2].replace("_", "-")


@cache
def _own_fingerprint() -> str:
    """Tells one state of our own files from another: by their names, sizes and times."""
    from hashlib import sha256

    from varsync_runtime import semantics

    digest = sha256()
    for package in (CATALOG.parent, Path(semantics.__file__).parent):
        for file in sorted(package.rglob("*.py")):
            state = file.stat()
            digest.update(f"{file} {state.st_size} {state.st_mtime_ns}\n".encode())
    return digest.hexdigest()
