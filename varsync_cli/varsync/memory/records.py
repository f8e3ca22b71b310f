"""Facts and findings as JSON and back. What is read is somebody's file: it may be anything."""

from __future__ import annotations

import enum
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, get_args

from varsync_rules.changes import Change, Fix
from varsync_rules.facts import Facts, Import, Problem
from varsync_rules.findings import Confidence, Finding, Related, Severity, Span

from varsync.memory.known import Result, State

_CLASSES: dict[str, Any] = {
    each.__name__: each for each in (Finding, Span, Related, Fix, *get_args(Change))
}
_ENUMS: dict[str, type[enum.Enum]] = {each.__name__: each for each in (Severity, Confidence)}
_KIND = "is"

FactsByFile = dict[str, tuple[State | None, Facts]]


def result_to_json(result: Result) -> str:
    """A result as text; raises TypeError where a finding holds what is not known here."""
    document = {"findings": result.findings, "statistics": dict(result.statistics)}
    return json.dumps(document, default=_plain)


def result_from_json(text: str) -> Result:
    """The result of a text; raises ValueError, TypeError, KeyError or AttributeError."""
    document = json.loads(text, object_hook=_object)
    findings = tuple(document["findings"])
    if not all(isinstance(finding, Finding) for finding in findings):
        raise TypeError("a finding is expected")
    return Result(findings, document["statistics"])


def facts_to_json(facts: Mapping[str, tuple[State | None, Facts]]) -> str:
    """The facts of files as text."""
    return json.dumps(
        {
            file: [
                None if state is None else [state.modified, state.changed, state.size],
                known.digest,
                known.is_candidate,
                known.silencers,
                known.imports,
                known.strategies,
                known.problems,
            ]
            for file, (state, known) in facts.items()
        }
    )


def facts_from_json(text: str) -> FactsByFile:
    """The facts of files; raises ValueError, TypeError, KeyError or AttributeError."""
    return {
        file: (
            None if state is None else State(*state),
            Facts(
                digest,
                is_candidate,
                tuple(silencers),
                tuple([Import(level, base, tuple(names)) for level, base, names in imports]),
                tuple(strategies),
                None if problems is None else tuple(Problem(*each) for each in problems),
            ),
        )
        for file, (
            state,
            digest,
            is_candidate,
            silencers,
            imports,
            strategies,
            problems,
        ) in json.loads(text).items()
    }


def _plain(value: object) -> object:
    name = type(value).__name__
    if isinstance(value, enum.Enum) and name in _ENUMS:
        return {_KIND: name, "value": value.value}
    if is_dataclass(value) and name in _CLASSES:
        held = {item.name: getattr(value, item.name) for item in fields(value)}
        return {_KIND: name, **held}
    raise TypeError(f"{name} can't be kept")


def _object(held: dict[str, Any]) -> Any:
    kind = held.pop(_KIND, None)
    if kind is None:
        return held
    if kind in _ENUMS:
        return _ENUMS[kind](held["value"])
    # what is written as a list was a tuple
    return _CLASSES[kind](
        **{key: tuple(value) if isinstance(value, list) else value for key, value in held.items()}
    )
