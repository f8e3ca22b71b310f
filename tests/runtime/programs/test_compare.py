"""What counts as the same output."""

from __future__ import annotations

import pytest

from .compare import difference, same
from .outcome import Process
from .simulated import Run, by_worker, differences


@pytest.mark.parametrize(
    ("expected", "seen"),
    [
        ("loss 1.2345678", "loss 1.2345679"),
        ("[ 1.5  2.25]", "[1.5 2.25]"),
        ("[1.0, 100000.0]", "[1.0, 100000.05]"),
        ("1e-08", "3.2e-08"),
        ("w -0.0", "w 0.0"),
        ("loss 0.12345", "loss 0.12346"),
        ("nan inf -inf", "nan inf -inf"),
        ("step 3/10 - 1.0e+10", "step 3/10 - 10000001000.0"),
    ],
)
def test_the_same(expected: str, seen: str) -> None:
    assert same(expected, seen)


@pytest.mark.parametrize(
    ("expected", "seen"),
    [
        ("loss 1.23456", "loss 1.23466"),
        ("52.0", "52.1"),
        ("0.123", "0.124"),
        ("3", "4"),
        ("3", "3.0"),
        ("1000000", "1000001"),
        ("float32", "float64"),
        ("x1.0", "x1.0000001"),
        ("nan", "0.0"),
        ("inf", "-inf"),
        ("1.0 2.0", "1.0"),
        ("1.0", "-1.0"),
        ("ValueError: a", "ValueError: b"),
        ("[1.0]", "(1.0)"),
    ],
)
def test_not_the_same(expected: str, seen: str) -> None:
    assert not same(expected, seen)
    assert difference(expected, seen)


def test_lines_come_in_order_and_none_is_missing() -> None:
    assert not difference("a\nb\n", "a\nb\n")
    assert "line 1" in difference("a\nb\n", "b\na\n")
    assert "1 lines instead of 2" in difference("a\nb\n", "a\n")
    assert "the first that only one has: c" in difference("a\nb\n", "a\nb\nc\n")


REPLICAS = "start\nreplica 0\nvalue 1.0\nreplica 1\nvalue 2.0\nend\n"


@pytest.mark.parametrize(
    "order",
    [
        ["[replica 0] replica 0", "[replica 0] value 1.0", "[replica 1] replica 1"],
        ["[replica 1] replica 1", "[replica 0] replica 0", "[replica 0] value 1.0"],
    ],
)
def test_replicas_may_speak_in_any_order(order: list[str]) -> None:
    lines = ["start", *order, "[replica 1] value 2.0", "end"]
    assert not difference(REPLICAS, "\n".join(lines))


def test_each_replica_speaks_in_its_own_order_and_between_the_host_lines() -> None:
    swapped = ["[replica 0] value 1.0", "[replica 0] replica 0"]
    rest = ["[replica 1] replica 1", "[replica 1] value 2.0"]
    assert difference(REPLICAS, "\n".join(["start", *swapped, *rest, "end"]))
    assert difference(REPLICAS, "\n".join(["start", *rest, *swapped, "end"]))
    late = ["[replica 0] replica 0", "[replica 0] value 1.0", *rest]
    assert difference(REPLICAS, "\n".join(["start", "end", *late]))
    assert difference(REPLICAS, "\n".join([*late, "start", "end"]))


def test_workers_are_told_apart() -> None:
    text = "a\n[worker 1] b\n[worker 1 replica 3] c\n[replica 0] d\n"
    assert by_worker(text, 2) == ["a\n[replica 0] d\n", "b\n[replica 3] c\n"]
    assert by_worker("[worker 1] b\n", 1) == ["[worker 1] b\n"]


TRACEBACK = """Traceback (most recent call last):
  File "train.py", line 3, in <module>
tensorflow.python.framework.errors_impl.InvalidArgumentError: shapes differ at 0x7fff12345678
and more
"""


def test_a_failed_script_is_compared_by_its_exception() -> None:
    recorded = (Process("x\n", 1, "InvalidArgumentError", "shapes differ at 0x and more"),)
    assert not differences(recorded, Run("x\n", TRACEBACK, 3, {}))
    assert differences(recorded, Run("x\n", TRACEBACK.replace("differ", "agree"), 3, {}))
    assert differences(recorded, Run("x\n", TRACEBACK.replace("InvalidArgument", "Other"), 3, {}))
    assert differences(recorded, Run("x\n", TRACEBACK, 1, {}))
    assert differences(recorded, Run("y\n", TRACEBACK, 3, {}))


def test_a_hang_is_an_observation() -> None:
    recorded = (Process("x\n", None), Process("x\ndone\n", 0))
    output = "x\n[worker 1] x\n[worker 1] done\n"
    assert not differences(recorded, Run(output, "", 1, {}))
    assert differences(recorded, Run(output, "", 0, {}))
    assert differences(recorded, Run(output + "done\n", "", 1, {}))


def test_files_and_status_count() -> None:
    recorded = (Process("x\n", 0, files={"log": "1.0\n"}),)
    assert not differences(recorded, Run("x\n", "", 1, {"log": "1.0\n"}))
    assert differences(recorded, Run("x\n", "", 2, {"log": "1.0\n"}))
    assert differences(recorded, Run("x\n", "", 3, {"log": "1.0\n"}))
    assert differences(recorded, Run("x\n", "", 0, {"log": "1.0\n1.0\n"}))
    assert differences(recorded, Run("x\n", "", 0, {}))
