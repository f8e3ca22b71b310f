"""Lint on the generated programs: what it calls an error is what TensorFlow was recorded to raise."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from varsync_rules.findings import Finding

from . import generated, sites, store

pytestmark = pytest.mark.slow

SEEDS = range(300)
# So many of the places that raise lint reports, of all that were recorded; whoever teaches lint to
# see more of them raises the number.
SEEN, RAISING = 435, 444
# Of what it reports, so much is in the words of what was recorded at that place. What is not stands
# where an earlier line raised.
IN_THE_SAME_WORDS = 469


@dataclass(frozen=True)
class Linted:
    """A program: what lint says, where it says that it raises, what raised, what did not run."""

    seed: int
    findings: list[Finding]
    reported: dict[Finding, set[str]]
    raised: dict[str, set[str]]
    unreached: set[str]


@pytest.fixture(scope="module")
def linted() -> list[Linted]:
    recorded = generated.load(store.versions()[-1])
    found = []
    for seed in SEEDS:
        findings, outputs = sites.lint(seed), recorded[seed]
        found.append(
            Linted(
                seed,
                findings,
                sites.reported(seed, findings),
                sites.recorded(outputs),
                sites.unreached(seed, outputs),
            )
        )
    return found


def test_no_error_is_false(linted: list[Linted]) -> None:
    assert not [
        (program.seed, finding.code, finding.span.line, finding.message, places)
        for program in linted
        for finding, places in program.reported.items()
        if not places & program.raised.keys() and not places <= program.unreached
    ]


def test_every_error_is_placed(linted: list[Linted]) -> None:
    assert all(all(program.reported.values()) for program in linted)


def test_so_many_raising_places_are_seen(linted: list[Linted]) -> None:
    raising = {(program.seed, place) for program in linted for place in program.raised}
    seen = {
        (program.seed, place)
        for program in linted
        for places in program.reported.values()
        for place in places
    }
    assert (len(seen & raising), len(raising)) == (SEEN, RAISING)


def test_what_is_said_is_what_was_raised(linted: list[Linted]) -> None:
    agreeing = [
        (program.seed, finding)
        for program in linted
        for finding, places in program.reported.items()
        if any(
            _agree(finding.explanation, words)
            for place in places
            for words in program.raised.get(place, ())
        )
    ]
    assert len(agreeing) >= IN_THE_SAME_WORDS


def _agree(explanation: str, recorded: str) -> bool:
    said = re.sub(r"^(\w+(?:Error|Exception)): ", r"\1 ", explanation)
    # the words of a creation were recorded without the exception's class
    alone = said.partition(" ")[2]
    return recorded[:45] in said or any(text and text[:40] in recorded for text in (said, alone))


def test_no_message_has_an_empty_name(linted: list[Linted]) -> None:
    assert not [
        (program.seed, text)
        for program in linted
        for finding in program.findings
        for text in (finding.message, *(related.message for related in finding.related))
        if "``" in text
    ]
