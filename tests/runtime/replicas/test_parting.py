"""A rank whose exchanges are not the world's stays until nobody needs it; who waits for it is stuck."""

from __future__ import annotations

import time

from varsync_runtime.replicas.account import Ending
from varsync_runtime.replicas.endings import State, Verdict
from varsync_runtime.replicas.intents import Intent
from varsync_runtime.replicas.supervisor import supervise
from varsync_runtime.replicas.world import World

READ = Intent("collective", "read", "total", site="train.py:27")


def test_ranks_part_together() -> None:
    def main(world: World) -> Ending:
        world.part()
        return Ending(0)

    account = supervise(main, workers=2)
    assert account.verdict is Verdict.NONE
    assert [end.code for end in account.ranks] == [0, 0]


def test_one_that_wants_what_others_will_not_do_is_stuck() -> None:
    def main(world: World) -> Ending:
        if world.rank:
            world.part()
            return Ending(0)
        while not world.has_parted(1):
            time.sleep(0.01)
        raise world.stuck(READ)

    account = supervise(main, workers=2)
    assert account.verdict is Verdict.STUCK
    assert [row.state for row in account.table] == [State.WAITING, State.ENDED]
    assert account.table[0].collective == READ
