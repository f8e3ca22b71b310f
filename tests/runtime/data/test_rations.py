"""What passes over distributed datasets give when the budget of steps is spent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from varsync_runtime import events
from varsync_runtime.data.rations import rationed


@pytest.fixture(autouse=True)
def _() -> Iterator[None]:
    yield
    events.limit_steps(None)


def test_without_a_limit_the_elements_are_what_they_were() -> None:
    elements = iter(range(3))
    assert rationed(elements) is elements


def test_a_pass_ends_when_the_budget_is_spent_and_later_ones_give_one_element() -> None:
    events.limit_steps(2)
    seen = []
    for _ in range(3):
        for one in rationed(iter(range(5))):
            events.next_step()
            seen.append(one)
    assert seen == [0, 1, 0, 0]
    assert (events.step(), events.budget().cut) == (4, 2)


def test_an_iterator_goes_on_where_it_was_cut() -> None:
    """As Keras does with `steps_per_epoch`."""
    events.limit_steps(1)
    iterator = rationed(iter(range(4)))
    assert next(iterator) == 0
    events.next_step()
    for expected in (1, 2, 3):
        assert next(iterator, "end") == "end"
        assert next(iterator) == expected
    assert next(iterator, "end") == "end"


def test_an_iterator_that_was_made_before_the_end_gives_one_element_after_it() -> None:
    events.limit_steps(1)
    iterator = rationed(iter(range(4)))
    events.next_step()
    assert list(iterator) == [0]


def test_data_that_ends_by_itself_is_not_cut() -> None:
    events.limit_steps(1)
    for _ in rationed(iter(range(1))):
        events.next_step()
    assert list(rationed(iter(range(1)))) == [0]
    assert events.budget().cut is None


def test_workers_end_together() -> None:
    """One whose budget is spent ends the pass of all."""
    events.limit_steps(100)
    others = iter([False, False, True])
    assert list(rationed(iter(range(5)), lambda mine: mine or next(others))) == [0, 1]
    assert events.budget().cut == 0
