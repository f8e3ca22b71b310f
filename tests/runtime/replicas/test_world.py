"""Meetings, sharing and the order of ranks."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pytest
from varsync_runtime import events
from varsync_runtime.replicas.block import SLOT
from varsync_runtime.replicas.endings import Drift, NoRoom, Stuck, Verdict
from varsync_runtime.replicas.intents import Intent, Posted
from varsync_runtime.replicas.world import World, current

from tests.runtime.ranks import SOON, account_of, run_ranks


def test_a_world_without_supervisor_has_one_rank() -> None:
    world = World()
    assert (world.rank, world.size, world.worker, world.workers) == (0, 1, 0, 1)
    intent = Intent("merge", extra=(1, "a"))
    assert world.meet(intent, data=b"x") == [Posted(intent, b"x")]
    assert world.share("value") == "value"
    array = np.arange(3)
    for result in (world.all_reduce(array), world.gather(array)[0]):
        assert np.array_equal(result, array) and result is not array
    world.grow(1)
    with pytest.raises(NoRoom, match="supervisor"):
        world.grow(2)


def test_each_rank_gets_what_all_posted_in_order_of_rank() -> None:
    def function(world: World) -> object:
        assert current() is world
        return world.meet(Intent("merge", f"op{world.rank}"), data=b"d" * world.rank)

    expected = [Posted(Intent("merge", f"op{rank}"), b"d" * rank) for rank in range(3)]
    assert run_ranks(3, function) == [expected] * 3


@pytest.mark.parametrize("size", [SLOT - 100, SLOT, 3 * SLOT + 17])
def test_what_is_posted_may_be_larger_than_a_slot(size: int) -> None:
    def function(world: World) -> object:
        data = bytes([65 + world.rank]) * (size if world.rank == 1 else 5)
        posted = world.meet(Intent("merge"), data=data)
        return [(len(data), set(data)) for _, data in posted]

    assert run_ranks(3, function) == [[(5, {65}), (size, {66}), (5, {67})]] * 3


def test_some_ranks_meet_without_the_others_and_in_any_mixture() -> None:
    def function(world: World) -> object:
        seen = []
        rng = np.random.default_rng(5)
        for step in range(200):
            ranks = sorted(rng.choice(4, size=rng.integers(2, 5), replace=False).tolist())
            if world.rank in ranks:
                mine = bytes([step, world.rank])
                posted = world.meet(Intent("merge", extra=(step,)), ranks, mine)
                seen.append([data for _, data in posted] == [bytes([step, r]) for r in ranks])
        return all(seen) and len(seen) > 50

    assert run_ranks(4, function) == [True] * 4


def test_share_gives_the_value_of_the_root() -> None:
    assert (
        run_ranks(3, lambda world: world.share({"from": world.rank}, root=2)) == [{"from": 2}] * 3
    )


def test_what_cannot_be_shared_raises_everywhere() -> None:
    def function(world: World) -> object:
        with pytest.raises(Exception, match=r"lambda|pickle"):
            world.share(lambda: None)
        return world.share("next")

    assert run_ranks(2, function) == ["next"] * 2


def test_the_world_grows_again_and_never_shrinks() -> None:
    def function(world: World) -> object:
        first = world.size
        world.grow(4)
        second = [posted.data for posted in world.meet(Intent("here"), data=bytes([world.rank]))]
        world.grow(3)
        return first, second, world.size

    result = (2, [b"\0", b"\1", b"\2", b"\3"], 4)
    assert run_ranks(2, function) == [result] * 4


def test_workers_have_their_own_ranks_worker_by_worker() -> None:
    def function(world: World) -> object:
        return world.rank, world.worker, world.local_ranks, world.meet(Intent("x"))[0][1]

    assert run_ranks(2, function, workers=2) == [(0, 0, (0,), b""), (1, 1, (1,), b"")]
    assert run_ranks(6, function, workers=2) == [
        (rank, rank // 3, (0, 1, 2) if rank < 3 else (3, 4, 5), b"") for rank in range(6)
    ]


def test_more_replicas_than_seats() -> None:
    (result,), _ = account_of(5, lambda world: None, capacity=4)
    assert "4 at most" in str(result)


def test_host_code_that_drifts_is_told_with_both_lines() -> None:
    def function(world: World) -> None:
        world.meet(Intent("host", "open", site=f"train.py:{world.rank}"))

    results, account = account_of(2, function)
    assert all(isinstance(result, Drift) for result in results)
    assert [str(row.intent) for row in results[0].table] == [
        "open at train.py:0",
        "open at train.py:1",
    ]
    assert account.verdict is Verdict.DRIFT


def test_ranks_that_take_others_for_their_company() -> None:
    def function(world: World) -> None:
        for _ in range(3):
            world.meet(Intent("merge"), [0, 1]) if world.rank < 2 else None
        ranks = [0, 1] if world.rank == 0 else None
        world.meet(Intent("merge", "assign", site=f"train.py:{world.rank}"), ranks)

    results, account = account_of(3, function)
    assert account.verdict is Verdict.DRIFT and account.seconds < SOON
    assert "train.py:0" in str(results[0]) and "train.py:1" in str(results[0])


def test_arrays_that_differ_are_not_added() -> None:
    def function(world: World) -> None:
        world.meet(Intent("merge", "all_reduce", site=f"train.py:{world.rank}"))
        world.all_reduce(np.ones(3 + world.rank))

    results, _ = account_of(2, function)
    assert all(isinstance(result, Drift) for result in results)
    assert [intent.shape for intent in intents(results[0])] == [(3,), (4,)]
    assert all("test_world.py" in intent.site for intent in intents(results[0]))


def intents(over: Drift) -> list[Intent]:
    """What each rank was about to do."""
    return [row.intent for row in over.table if row.intent is not None]


def read_in_replica_code(world: World) -> object:
    return world.meet(Intent("merge", "read", "total", site="train.py:3"))


def make_a_variable(world: World) -> object:
    return world.meet(Intent("grow", "grow", site="train.py:5"))


def open_a_file(world: World) -> object:
    return world.meet(Intent("host", "open", site="train.py:7"), data=b"data")


def share_a_value(world: World) -> object:
    return world.share([1, 2], operation="values")


def share_much(world: World) -> object:
    return world.share(b"x" * 3 * SLOT, operation="values")


def add(world: World) -> object:
    return world.all_reduce(np.ones(2, np.float32))


def add_much(world: World) -> object:
    return world.all_reduce(np.ones(200_000))


def gather(world: World) -> object:
    return world.gather(np.ones(2))


MEETINGS: dict[Callable[[World], object], str] = {
    read_in_replica_code: "read of total at train.py:3",
    make_a_variable: "grow at train.py:5",
    open_a_file: "open at train.py:7",
    share_a_value: "values at ",
    share_much: "values at ",
    add: "all_reduce float32[2] at ",
    add_much: "all_reduce float64[200000] at ",
    gather: "gather float64[2] at ",
}
PAIRS = [
    pytest.param(
        (one, other),
        id=f"{one.__name__}-{other.__name__}",
        # every two in one order; in the other, too, with the slow tests
        marks=() if first < second else pytest.mark.slow,
    )
    for (first, one), (second, other) in itertools.permutations(enumerate(MEETINGS), 2)
    if MEETINGS[one] != MEETINGS[other]
]


@pytest.mark.parametrize("pair", PAIRS)
def test_meetings_of_different_kinds_are_told_as_what_they_are(
    pair: tuple[Callable[[World], object], ...],
) -> None:
    def function(world: World) -> object:
        world.meet(Intent("before", site="train.py:1"))
        return pair[world.rank % 2](world)

    results, account = account_of(3, function)
    assert account.verdict is Verdict.DRIFT and account.seconds < SOON
    for result in results:
        assert isinstance(result, Drift)
        for rank, intent in enumerate(intents(result)):
            assert str(intent).startswith(MEETINGS[pair[rank % 2]])
            assert "train.py" in intent.site or "test_world.py" in intent.site


def test_a_meeting_that_one_rank_leaves_out_is_known_at_once() -> None:
    def function(world: World) -> None:
        if world.rank != 1:
            world.meet(Intent("read", variable="total", site="train.py:7"))

    results, account = account_of(3, function)
    assert isinstance(results[0], Stuck) and isinstance(results[2], Stuck)
    assert account.verdict is Verdict.STUCK
    assert account.seconds < SOON
    assert [row.lacks for row in account.table] == [(1,), (), (1,)]


def test_ranks_that_wait_for_each_other_in_a_ring_are_known_at_once() -> None:
    def function(world: World) -> None:
        ranks = [world.rank, (world.rank + 1) % 3]
        world.meet(Intent("merge", site=f"train.py:{world.rank}"), sorted(ranks))

    # 0 waits for 1 in {0, 1}, 1 for 2 in {1, 2}, 2 for 0 in {0, 2}
    results, account = account_of(3, function)
    assert account.verdict in (Verdict.STUCK, Verdict.DRIFT)
    assert account.seconds < SOON
    assert len(results[0].table) == 3


def test_events_of_all_ranks_reach_the_supervisor_in_their_order() -> None:
    def function(world: World) -> None:
        for step in range(50):
            events.tell(events.Ignored(f"symbol{step}", events.Site("train.py", step)))

    told: dict[int, list[str]] = {}

    def keep(seat: int, event: events.Event) -> None:
        assert isinstance(event, events.Ignored)
        told.setdefault(seat, []).append(event.symbol)

    account_of(3, function, on_event=keep)
    assert told == {rank: [f"symbol{step}" for step in range(50)] for rank in range(3)}
