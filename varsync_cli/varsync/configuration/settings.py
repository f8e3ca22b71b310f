"""Settings that hold for a file, made of layers: defaults, a configuration file, a command line."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property

from varsync_rules.registry import Rules, UnknownRuleError, rules
from varsync_rules.target import ANY, Target, Versions

from varsync.configuration.patterns import Patterns, anchored, problem_of
from varsync.configuration.requirements import Stated, parse, stated
from varsync.errors import CannotRun

DEFAULT_EXCLUDE = (
    ".bzr",
    ".direnv",
    ".eggs",
    ".git",
    ".git-rewrite",
    ".hg",
    ".ipynb_checkpoints",
    ".mypy_cache",
    ".nox",
    ".pants.d",
    ".pyenv",
    ".pytest_cache",
    ".pytype",
    ".ruff_cache",
    ".varsync_cache",
    ".svn",
    ".tox",
    ".venv",
    ".vscode",
    "__pycache__",
    "__pypackages__",
    "_build",
    "buck-out",
    "build",
    "dist",
    "node_modules",
    "site-packages",
    "venv",
)

ALWAYS = frozenset(("VS901", "VS903"))
"""What could not be checked is said whatever is selected, unless it is ignored by itself."""

PatternRules = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class PluginName:
    """A plugin as a layer names it; `folder` is the one that its name is relative to."""

    name: str
    folder: str


@dataclass(frozen=True)
class Options:
    """One layer: a `[tool.varsync]` table or a command line. None is "not given"."""

    extend: str | None = None
    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] | None = None
    per_file_ignores: PatternRules | None = None
    exclude: tuple[str, ...] | None = None
    extend_exclude: tuple[str, ...] | None = None
    force_exclude: bool | None = None
    respect_gitignore: bool | None = None
    output_format: str | None = None
    fix: bool | None = None
    unsafe_fixes: bool | None = None
    show_fixes: bool | None = None
    fixable: tuple[str, ...] | None = None
    unfixable: tuple[str, ...] | None = None
    baseline: str | None = None
    fail_on: str | None = None
    plugins: tuple[PluginName, ...] | None = None
    target_tensorflow: str | None = None
    target_keras: str | None = None
    target_strategies: tuple[str, ...] | None = None
    ignore_noqa: bool | None = None


@dataclass(frozen=True)
class Settings:
    """What holds for the files below `root`, an absolute path; patterns are relative to it."""

    root: str
    codes: frozenset[str]
    per_file_ignores: tuple[tuple[str, frozenset[str]], ...] = ()
    exclude: tuple[str, ...] = DEFAULT_EXCLUDE
    extend_exclude: tuple[str, ...] = ()
    force_exclude: bool = False
    respect_gitignore: bool = True
    output_format: str = "full"
    fix: bool = False
    unsafe_fixes: bool = False
    show_fixes: bool = False
    fixable: frozenset[str] = field(default_factory=lambda: rules().codes)
    baseline: str | None = None
    fail_on: str = "warning"
    plugins: tuple[str, ...] = ()
    rules: Rules = field(default_factory=rules, compare=False)
    """All that are known: ours, and those of plugins."""
    target_tensorflow: str | None = None
    target_keras: str | None = None
    target_strategies: tuple[str, ...] = ("any",)
    ignore_noqa: bool = False
    """No comment silences anything: of a command line alone."""
    origins: Mapping[str, tuple[str, ...]] = field(default_factory=dict, compare=False)
    """What set them, by the key, in the order of the layers."""

    @cached_property
    def target(self) -> Target:
        """What the files run on: as told, else as the project in the root requires."""
        names = self.target_strategies
        return Target(
            self._versions("tensorflow")[0],
            self._versions("keras")[0],
            None if names in (("any",), ("used",)) else frozenset(names),
            used="used" in names,
        )

    @cached_property
    def _required(self) -> Stated:
        return stated(self.root)

    def _versions(self, package: str) -> tuple[Versions, tuple[str, ...]]:
        """The versions of TensorFlow or Keras, and who says them."""
        key = f"target_{package}"
        told = getattr(self, key)
        if told is not None:
            return parse(told) or ANY, self.origins.get(key, ())
        versions: Versions = getattr(self._required, package)
        return versions, self._required.files if versions != ANY else ()

    @cached_property
    def excluded(self) -> Patterns:
        """The patterns of what is left out."""
        return Patterns((*self.exclude, *self.extend_exclude))

    @cached_property
    def _ignores(self) -> tuple[tuple[Patterns, bool, frozenset[str]], ...]:
        return tuple(
            (Patterns([pattern.removeprefix("!")]), pattern.startswith("!"), codes)
            for pattern, codes in self.per_file_ignores
        )

    @cached_property
    def _prefix(self) -> str:
        return self.root.replace(os.sep, "/").rstrip("/") + "/"

    def relative(self, absolute: str) -> str:
        """An absolute path as patterns see it: from the root, with slashes.

        Of a file that is not below the root only the name counts.
        """
        path = absolute.replace(os.sep, "/")
        if path.startswith(self._prefix):
            return path[len(self._prefix) :]
        return path.rpartition("/")[2]

    def excludes(self, absolute: str) -> bool:
        """Whether a path, or a folder that it is in below the root, is excluded."""
        return self.excluded.match_any_part(self.relative(absolute), absolute.replace(os.sep, "/"))

    def codes_for(self, absolute: str) -> frozenset[str]:
        """The rules that are run on the file with this absolute path."""
        codes = self.codes
        path = absolute.replace(os.sep, "/")
        for patterns, negated, ignored in self._ignores:
            if patterns.match_any_part(self.relative(absolute), path) is not negated:
                codes -= ignored
        return codes


def defaults(root: str, known: Rules | None = None) -> Settings:
    """The settings where nobody says anything: all rules that are `known` (None: ours) are run."""
    known = known or rules()
    return Settings(root, known.codes, fixable=known.codes, rules=known)


def layered(settings: Settings, options: Options, origin: str, name: str) -> Settings:
    """Settings with a layer of options on top.

    `origin` and the key begin the message of a CannotRun, `name` is what the layer is called.
    """
    known = settings.rules
    ignores = settings.per_file_ignores
    if options.per_file_ignores is not None:
        where = f"{origin}per-file-ignores"
        ignores = tuple(
            (pattern, frozenset(code for word in words for code in _codes(word, where, known)))
            for pattern, words in options.per_file_ignores
        )
    return replace(
        settings,
        codes=_choose(settings, options, origin),
        per_file_ignores=ignores,
        exclude=settings.exclude if options.exclude is None else options.exclude,
        extend_exclude=(*settings.extend_exclude, *(options.extend_exclude or ())),
        force_exclude=_given(options.force_exclude, settings.force_exclude),
        respect_gitignore=_given(options.respect_gitignore, settings.respect_gitignore),
        output_format=options.output_format or settings.output_format,
        fix=_given(options.fix, settings.fix),
        unsafe_fixes=_given(options.unsafe_fixes, settings.unsafe_fixes),
        show_fixes=_given(options.show_fixes, settings.show_fixes),
        fixable=_fixable(settings, options, origin),
        fail_on=options.fail_on or settings.fail_on,
        target_tensorflow=options.target_tensorflow or settings.target_tensorflow,
        target_keras=options.target_keras or settings.target_keras,
        target_strategies=options.target_strategies or settings.target_strategies,
        ignore_noqa=_given(options.ignore_noqa, settings.ignore_noqa),
        baseline=settings.baseline
        if options.baseline is None
        else os.path.join(settings.root, options.baseline),
        plugins=(*settings.plugins, *(plugin.name for plugin in options.plugins or ())),
        origins=_origins(settings, options, name),
    )


# The settings that several keys of several layers make together
_SHARED = {"select": "codes", "ignore": "codes", "extend_select": "codes", "unfixable": "fixable"}
_GROWING = ("codes", "fixable", "extend_exclude", "plugins")


def _origins(settings: Settings, options: Options, name: str) -> dict[str, tuple[str, ...]]:
    """What set the settings, when a layer of this name is laid over them."""
    found = dict(settings.origins)
    for item in fields(options):
        if getattr(options, item.name) is not None:
            setting = _SHARED.get(item.name, item.name)
            before = found.get(setting, ()) if setting in _GROWING else ()
            found[setting] = before if name in before else (*before, name)
    return found


def rebased(options: Options, folder: str) -> Options:
    """Options whose paths and patterns are relative to a folder, as they mean the same anywhere."""

    def absolute(patterns: tuple[str, ...] | None) -> tuple[str, ...] | None:
        return None if patterns is None else tuple(anchored(word, folder) for word in patterns)

    ignores = options.per_file_ignores
    return replace(
        options,
        exclude=absolute(options.exclude),
        extend_exclude=absolute(options.extend_exclude),
        per_file_ignores=None
        if ignores is None
        else tuple((anchored(pattern, folder), words) for pattern, words in ignores),
        baseline=None if options.baseline is None else os.path.join(folder, options.baseline),
    )


def _fixable(settings: Settings, options: Options, origin: str) -> frozenset[str]:
    """The rules whose findings a layer lets be fixed."""
    steps = _steps(
        ("fixable", True, options.fixable),
        ("unfixable", False, options.unfixable),
        origin=origin,
        known=settings.rules,
    )
    before = settings.fixable if options.fixable is None else frozenset[str]()
    return _narrowest_wins(before, steps)


def as_lines(settings: Settings) -> Iterator[str]:
    """The settings as the table of a configuration file that sets all of them, with who set them."""
    yield f"# of files below {settings.root}"
    for item in fields(settings):
        name = "select" if item.name == "codes" else item.name.replace("_", "-")
        value = getattr(settings, item.name)
        if (
            name in ("root", "rules", "origins", "ignore-noqa")
            or name.startswith("target-")
            or value is None
        ):
            continue
        if item.name == "per_file_ignores":
            value = dict(value)
        yield _line(settings, name, value, settings.origins.get(item.name, ()))
    for package in ("tensorflow", "keras"):
        versions, origins = settings._versions(package)
        yield _line(settings, f"target.{package}", str(versions), origins)
    names = settings.target_strategies
    yield _line(
        settings,
        "target.strategies",
        names[0] if names in (("any",), ("used",)) else names,
        settings.origins.get("target_strategies", ()),
    )


def _line(settings: Settings, name: str, value: object, origins: tuple[str, ...]) -> str:
    return f"{name} = {_as_toml(value, settings.rules)}" + (
        f"  # {', '.join(origins)}" if origins else ""
    )


def _as_toml(value: object, known: Rules) -> str:
    if isinstance(value, frozenset):
        return '["ALL"]' if value >= known.codes else json.dumps(sorted(value))
    if isinstance(value, dict):
        pairs = (f"{json.dumps(key)} = {_as_toml(held, known)}" for key, held in value.items())
        return f"{{{', '.join(pairs)}}}"
    return json.dumps(value)


def require_patterns(options: Options, origin: str) -> None:
    """Raises CannotRun for a pattern that makes no sense; `origin` and the key name it."""
    for key, patterns in (
        ("exclude", options.exclude),
        ("extend-exclude", options.extend_exclude),
        ("per-file-ignores", [pattern for pattern, _ in options.per_file_ignores or ()]),
    ):
        for pattern in patterns or ():
            require_pattern(pattern, f"{origin}{key}")


def require_pattern(pattern: str, origin: str) -> None:
    """Raises CannotRun, which says where it was written, for a pattern that makes no sense."""
    problem = problem_of(pattern)
    if problem is not None:
        raise CannotRun(f"{origin}: {pattern!r} is no pattern: {problem}")


def _given(value: bool | None, default: bool) -> bool:
    return default if value is None else value


def _choose(settings: Settings, options: Options, origin: str) -> frozenset[str]:
    """The codes that a layer selects: of two selectors that disagree the narrower one wins."""
    steps = _steps(
        ("select", True, options.select),
        ("extend-select", True, options.extend_select),
        ("ignore", False, options.ignore),
        origin=origin,
        known=settings.rules,
    )
    return _narrowest_wins(settings.codes if options.select is None else ALWAYS, steps)


# how narrow a selector is, whether it adds, and its codes
_Step = tuple[int, bool, frozenset[str]]


def _steps(
    *keys: tuple[str, bool, tuple[str, ...] | None], origin: str, known: Rules
) -> list[_Step]:
    return [
        (_narrowness(selector, known), adds, _codes(selector, f"{origin}{key}", known))
        for key, adds, selectors in keys
        for selector in selectors or ()
    ]


def _narrowest_wins(chosen: frozenset[str], steps: list[_Step]) -> frozenset[str]:
    # of two equally narrow ones what takes away comes last and wins
    for _, adds, codes in sorted(steps, key=lambda step: (step[0], not step[1])):
        chosen = chosen | codes if adds else chosen - codes
    return chosen


def _narrowness(selector: str, known: Rules) -> int:
    """0 for ALL, more for each digit of a prefix, most for a code or a name."""
    word = selector.strip()
    if word.upper() == "ALL":
        return 0
    return 1 + (sum(map(str.isdigit, word)) if known.is_prefix(word) else 3)


def _codes(selector: str, origin: str, known: Rules) -> frozenset[str]:
    """The codes of a selector; raises CannotRun, which says where it was written."""
    if not selector.strip():
        raise CannotRun(f"{origin}: {selector!r} is no rule: give a code, a prefix or a name")
    try:
        return known.matching(selector)
    except UnknownRuleError:
        raise CannotRun(f"{origin}: {unknown_rule(selector, known)}") from None


def unknown_rule(selector: str, known: Rules) -> str:
    """The words that there is no such rule, with the one that was perhaps meant."""
    from difflib import get_close_matches

    wanted = selector.strip()
    near = get_close_matches(wanted.upper(), sorted(known.codes), 1, 0.7)
    near += get_close_matches(wanted.lower(), [rule.name for rule in known], 1, 0.6)
    hint = f" (did you mean {near[0]}?)" if near else ""
    return f"there is no rule {wanted!r}{hint}"
