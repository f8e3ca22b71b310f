"""A budget of steps: which steps and elements there are when it is spent."""

from __future__ import annotations

import pytest
from varsync_runtime.events import LimitOfSteps, of_limit
from varsync_runtime.events.budget import AFTER, Budget


def spent(most: int) -> Budget:
    budget = Budget(most)
    for _ in range(most):
        budget.step()
    return budget


def test_without_a_limit_there_is_no_end() -> None:
    budget = Budget()
    for _ in range(1000):
        budget.step()
    assert (budget.spent, budget.cut, budget.steps) == (False, None, 1000)


def test_a_step_that_nothing_was_fetched_for_ends_the_script() -> None:
    budget = spent(2)
    assert budget.spent
    budget.fetch()
    budget.step()
    with pytest.raises(LimitOfSteps) as raised:
        budget.step()
    assert raised.value.code is None
    assert (budget.steps, budget.cut) == (3, 3)


def test_each_element_that_was_fetched_is_worth_a_step() -> None:
    budget = spent(1)
    for _ in range(3):
        budget.fetch()
    for _ in range(3):
        budget.step()
    with pytest.raises(LimitOfSteps):
        budget.step()


def test_what_no_step_used_is_not_saved_up() -> None:
    budget = spent(1)
    for _ in range(3):
        budget.fetch()
    budget.step()
    budget.fetch()
    budget.step()
    with pytest.raises(LimitOfSteps):
        budget.step()


@pytest.mark.parametrize("most", [1, 3 * AFTER])
def test_epochs_without_an_end_come_to_one(most: int) -> None:
    budget = spent(most)
    with pytest.raises(LimitOfSteps):
        for _ in range(10_000):
            budget.fetch()
            budget.step()
    assert budget.steps == most + max(most, AFTER)


def test_the_end_of_the_data_is_known_for_the_limits() -> None:
    budget = spent(1)
    assert not of_limit(budget.ending(StopIteration()))
    budget.refuse()
    assert of_limit(LimitOfSteps())
    assert of_limit(budget.ending(StopIteration()))
    try:
        raise RuntimeError("generator raised StopIteration") from budget.ending(StopIteration())
    except RuntimeError as error:
        assert of_limit(error)
    try:
        try:
            raise budget.ending(StopIteration())
        except StopIteration:
            raise ValueError("the script's own")  # noqa: B904 - as people write it
    except ValueError as error:
        assert not of_limit(error)
    budget.fetch()
    assert not of_limit(budget.ending(StopIteration()))
