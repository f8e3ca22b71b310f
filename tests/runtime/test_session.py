"""How a run ended, from what its supervisor saw."""

from __future__ import annotations

import pytest
from varsync_runtime.diagnosis.endings import State, Status
from varsync_runtime.replicas.account import Account, Ending, RankEnd
from varsync_runtime.replicas.endings import Verdict
from varsync_runtime.session import _ending

WAITED = RankEnd(0, 0, 0, 100, code=None, signal=9, by_supervisor=True, ending=None, intent=None)


def account(other: RankEnd) -> Account:
    """One replica was seen to wait for ever, and the other ended so."""
    return Account(Verdict.STUCK, -1, (WAITED, other), (), exit_code=1, seconds=1.0)


@pytest.mark.parametrize(
    ("code", "signal", "words"),
    [(None, 9, "killed by SIGKILL"), (3, None, "left with os._exit(3)")],
)
def test_what_others_wait_for_was_lost(code: int | None, signal: int | None, words: str) -> None:
    lost = RankEnd(1, 1, 0, 101, code, signal, by_supervisor=False, ending=None, intent=None)
    told = account(lost)
    ending = _ending(told, told.ranks)
    assert ending.status is Status.LOST
    assert ending.message.startswith(f"replica 1 was lost, {words}")
    assert ending.places[1].state is State.LOST


def test_a_script_that_came_to_its_end_leaves_others_waiting() -> None:
    ended = RankEnd(1, 1, 0, 101, 0, None, by_supervisor=False, ending=Ending(0), intent=None)
    told = account(ended)
    assert _ending(told, told.ranks).status is Status.STUCK
