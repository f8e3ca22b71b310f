"""The recorder of a process, and the sites of the user's lines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from varsync_runtime import events
from varsync_runtime.events import Counted, Event, Ignored, PartialRead, Site, recorder
from varsync_runtime.events.sites import here, is_users

SITE = Site("train.py", 3)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Event]:
    """What a fresh recorder sends."""
    sent: list[Event] = []
    fresh = recorder.Recorder(lambda frame: sent.extend(events.read_frame(frame)))
    monkeypatch.setattr(recorder, "current", fresh)
    return sent


def test_counts_are_sent_as_one(told: list[Event]) -> None:
    for _ in range(5):
        events.next_step()
        events.count(PartialRead, 1, SITE, nbytes=4)
    assert told == []
    events.flush()
    assert told == [Counted(PartialRead(1, SITE), 5, 20, 1, 5)]
    events.flush()
    assert len(told) == 1


def test_counts_come_before_what_is_told_after_them(told: list[Event]) -> None:
    events.count(PartialRead, 1, SITE)
    events.tell(Ignored("tf.summary.scalar", SITE))
    assert [type(event) for event in told] == [Counted, Ignored]


def test_counts_are_sent_by_and_by(told: list[Event], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "INTERVAL", -1.0)
    events.count(PartialRead, 1, SITE)
    assert told == [Counted(PartialRead(1, SITE), 1, 0, 0, 0)]


def test_without_a_receiver_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "current", recorder.Recorder())
    events.count(PartialRead, 1, SITE)
    events.tell(PartialRead(1, SITE))
    assert recorder.current.counts == {}


def test_the_site_is_the_users_line(tmp_path: Path) -> None:
    text = "import json\n\nsite = json.loads('1', parse_int=lambda text: here())\n"
    names: dict[str, object] = {"here": here}
    exec(compile(text, tmp_path / "train.py", "exec"), names)
    assert names["site"] == Site(str(tmp_path / "train.py"), 3)


def test_libraries_are_not_the_users() -> None:
    assert not is_users(json.__file__)
    assert not is_users(pytest.__file__)
    assert not is_users(events.__file__)
    assert not is_users("<frozen importlib._bootstrap>")
    assert is_users(__file__)


def test_a_limit_of_steps(told: list[Event]) -> None:
    events.limit_steps(2)
    assert [events.next_step(), events.next_step()] == [1, 2]
    assert events.budget().cut is None
    with pytest.raises(events.LimitOfSteps) as raised:
        events.next_step()
    assert raised.value.code is None
    assert events.budget().cut == 2
    assert events.step() == 2


def test_what_is_held_can_be_taken_back(told: list[Event]) -> None:
    events.count(Ignored, "before", SITE)
    with recorder.current.held():
        recorder.current.flushed = 0.0  # it would be time to send
        events.count(Ignored, "within", SITE)
        recorder.current.forget()
    events.count(Ignored, "after", SITE)
    events.flush()
    counted = [event.event for event in told if isinstance(event, Counted)]
    assert counted == [Ignored("before", SITE), Ignored("after", SITE)]


def test_what_is_held_within_what_is_held_is_taken_back_alone(told: list[Event]) -> None:
    with recorder.current.held():
        events.count(PartialRead, 1, SITE, nbytes=4)
        with recorder.current.held():
            events.count(PartialRead, 2, SITE)
            recorder.current.forget()
        with recorder.current.held():
            events.count(PartialRead, 1, SITE, nbytes=4)
    events.flush()
    assert told == [Counted(PartialRead(1, SITE), 2, 8, 0, 0)]
