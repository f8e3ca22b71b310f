"""What is observed of events; each observation with events that must not give it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from varsync_rules.registry import rules
from varsync_runtime.diagnosis import rejections
from varsync_runtime.diagnosis.endings import Ending, Failure, Place, State, Status
from varsync_runtime.diagnosis.labels import label
from varsync_runtime.diagnosis.observations import side_by_side
from varsync_runtime.diagnosis.report import fails, report
from varsync_runtime.events import (
    Counted,
    Created,
    Diverged,
    Ended,
    Event,
    Ignored,
    Mixed,
    Named,
    PartialRead,
    Read,
    Rejected,
    Restored,
    Saved,
    Site,
    SteppedByLibrary,
    StrategyMade,
    Synchronised,
    Value,
    WorkerCopy,
    Written,
)

HERE = Site("train.py", 10)
THERE = Site("model.py", 3)
MADE = Created(
    variable=0,
    name="total",
    cls="MirroredVariable",
    synchronization="ON_WRITE",
    aggregation="NONE",
    dtype="float32",
    shape=(),
    trainable=False,
    copies=2,
    strategy="MirroredStrategy",
    context="cross_replica",
    step=0,
    initial=Value((), (0.0,), 0.0),
    site=THERE,
)
STRATEGY = StrategyMade("MirroredStrategy", 2, 1, Site("train.py", 1))
FINISHED = Ending(Status.FINISHED)


def number(value: float) -> Value:
    return Value((), (value,), abs(value))


def counted(event: Event, times: int = 8, nbytes: int = 32) -> Counted:
    return Counted(event, times, nbytes, 1, times)


def observed(*events: Event, made: Created = MADE, ranks: int = 2) -> list[tuple[str, str]]:
    """Codes and severities of what is observed if every rank tells this."""
    told = [[STRATEGY, made, *events, Ended(steps=8, seconds=1.0)] for _ in range(ranks)]
    document = report(told, FINISHED)
    json.dumps(document)
    return [(seen["code"], seen["severity"]) for seen in document["observations"]]


DIVERGED = Diverged(0, 1, (number(10), number(20)), "assign_add", "replica", "OWN", HERE)


def test_nothing_to_observe() -> None:
    assert observed() == []


@pytest.mark.parametrize(
    ("event", "code"),
    [
        (DIVERGED, "VS201"),
        (replace(DIVERGED, context="cross_replica"), "VS209"),
        (replace(DIVERGED, context="update"), "VS209"),
        (replace(DIVERGED, operation="slice_assign"), "VS215"),
        (replace(DIVERGED, rule="WORKER_FIRST"), "VS507"),
    ],
)
def test_copies_that_differ(event: Diverged, code: str) -> None:
    assert observed(event) == [(code, "warning")]


def test_divergence_names_values_and_places() -> None:
    document = report([[STRATEGY, MADE, DIVERGED]] * 2, FINISHED)
    (seen,) = document["observations"]
    assert "`total`" in seen["message"]
    assert "its copies differ since step 1;" in seen["message"]
    assert seen["location"] == {"filename": "train.py", "cell": None, "row": 10}
    assert [value["items"] for value in seen["values"]] == [[10], [20]]
    assert document["variables"][0]["diverged"]["step"] == 1
    assert fails(document)


def test_what_goes_apart_again_on_the_same_line_is_told_once() -> None:
    again = [replace(DIVERGED, step=step) for step in (1, 4, 7)]
    elsewhere = replace(DIVERGED, step=9, site=THERE)
    first, second = report([[STRATEGY, MADE, *again, elsewhere]] * 2, FINISHED)["observations"]
    assert (second["step"], second["times"]) == (1, 3)
    assert "since step 1, and 2 times again until step 7;" in second["message"]
    assert (first["step"], first["times"]) == (9, 1)


def update(operation: str = "SUM", changed: bool = True) -> Synchronised:
    return Synchronised(0, "update", operation, changed, HERE)


def modes(aggregation: str, synchronization: str = "ON_WRITE", **changes: object) -> Created:
    return replace(
        MADE,
        aggregation=aggregation,
        synchronization=synchronization,
        **changes,  # type: ignore[arg-type]
    )


def test_whole_values_under_sum() -> None:
    written = Written(0, "assign", "replica", "SUM", HERE)
    read = counted(Read(0, "cross_replica", False, HERE))
    assert observed(counted(written), made=modes("SUM")) == [("VS203", "warning")]
    for other in (
        replace(written, operation="assign_add"),
        replace(written, context="cross_replica"),
        replace(written, rule="MEAN"),
    ):
        assert observed(counted(other), read, made=modes("SUM")) == []


def test_the_same_value_from_every_replica() -> None:
    read = counted(Read(0, "cross_replica", False, HERE))
    same = counted(update(changed=False))
    assert observed(same, read, made=modes("SUM")) == [("VS202", "note")]
    assert observed(same, read, made=modes("ONLY_FIRST_REPLICA")) == [("VS603", "note")]
    assert observed(same, read, made=modes("MEAN")) == []
    assert observed(same, counted(update(), 1), read, made=modes("SUM")) == []
    once = counted(update(changed=False), 1)
    assert observed(once, read, made=modes("SUM")) == [("VS202", "note")]
    assert observed(once, read, made=modes("ONLY_FIRST_REPLICA")) == []


def test_a_total_that_is_summed_again() -> None:
    read = counted(Read(0, "cross_replica", False, HERE))
    same = counted(update(changed=False))
    reduced = Synchronised(None, "all_reduce", "SUM", True, THERE)
    assert observed(counted(reduced), same, read, made=modes("SUM")) == [("VS210", "note")]
    for other in (
        counted(replace(reduced, operation="MEAN")),
        counted(reduced, nbytes=64),
        counted(reduced, 4, 16),
    ):
        assert observed(other, same, read, made=modes("SUM")) == [("VS202", "note")]


def test_an_exchange_changed_something_if_it_did_on_one_replica() -> None:
    same, other = update(changed=False), update()
    told: list[list[Event]] = [
        [STRATEGY, modes("SUM"), counted(same, 8), counted(other, 2)],
        [STRATEGY, modes("SUM"), counted(same, 5), counted(other, 5)],
    ]
    rows = report(told, FINISHED)["ledger"]
    assert sorted((row["changed"], row["times"]) for row in rows) == [(False, 5), (True, 5)]
    told = [[STRATEGY, modes("SUM"), counted(same)], [STRATEGY, modes("SUM"), counted(other)]]
    assert [row["changed"] for row in report(told, FINISHED)["ledger"]] == [True]


def test_workers_that_differ() -> None:
    def copies(rule: str, *values: float) -> list[list[Event]]:
        return [
            [
                STRATEGY,
                MADE,
                WorkerCopy(0, worker, 1, 1, number(value), "assign", "replica", rule, HERE),
            ]
            for worker, value in enumerate(values)
        ]

    def codes(told: list[list[Event]]) -> list[str]:
        return [seen["code"] for seen in report(told, FINISHED)["observations"]]

    assert codes(copies("WORKER_FIRST", 1, 2)) == ["VS507"]
    assert codes(copies("OWN", 1, 2)) == ["VS201"]
    assert codes(copies("OWN", 1, 1)) == []
    document = report(copies("OWN", 1, 2), FINISHED)
    assert [one["items"] for one in document["variables"][0]["diverged"]["values"]] == [[1], [2]]


LIBRARYS = """
class Norm:
    def call(self, x):
        mean = cast(self.mean, x.dtype)
        self.mean.assign(mean * 0.9 + reduce_mean(x) * 0.1)
"""

STATISTIC = """
class Layer:
    def call(self, x):
        new = 0.9 * self.mean + 0.1 * x
        self.mean.assign(0.9 * self.mean + 0.1 * x)
        self.mean.assign_sub(0.1 * (self.mean - x))
        self.mean.assign(new)
        self.mean.assign(x * 2)
        self.mean.assign(tf.maximum(self.mean, x))

    def reset(self, x):
        self.mean.assign(0.9 * self.mean + 0.1 * x)
"""


def test_what_was_written_decides_which_rule_speaks(tmp_path: Path) -> None:
    assert observed(replace(DIVERGED, of_gradient=True)) == [("VS212", "warning")]
    source = tmp_path / "layer.py"
    source.write_text(STATISTIC)
    codes = [
        observed(replace(DIVERGED, site=Site(str(source), line)))[0][0]
        for line, text in enumerate(STATISTIC.splitlines(), 1)
        if "assign" in text
    ]
    assert codes == ["VS213", "VS213", "VS213", "VS201", "VS201", "VS201"]


def test_a_statistic_of_a_librarys_layer_is_a_note(tmp_path: Path) -> None:
    source = tmp_path / "layer.py"
    source.write_text(LIBRARYS)
    cast, assign = Site(str(source), 4), Site(str(source), 5)
    assert observed(replace(DIVERGED, through=(cast, assign))) == [("VS213", "note")]
    assert observed(replace(DIVERGED, through=(cast,))) == [("VS201", "warning")]


def test_dropped_values() -> None:
    assert observed(counted(update()), made=modes("ONLY_FIRST_REPLICA")) == [("VS204", "warning")]


def test_mixed_up() -> None:
    met = (("assign_add of a", HERE), ("assign_add of b", THERE))
    assert observed(Mixed(1, met)) == [("VS217", "warning")]
    other_way = (("assign_add of b", THERE), ("assign_add of a", HERE))
    assert observed(Mixed(1, met), Mixed(1, other_way)) == [("VS217", "warning")]


def test_outside_the_scope() -> None:
    written = Written(0, "assign_add", "replica", "IN_TURN", HERE)
    assert observed(counted(written)) == [("VS401", "warning")]
    assert observed(counted(replace(written, context="outside_scope"))) == []
    servers = replace(MADE, strategy="ParameterServerStrategyV2")
    assert observed(counted(written), made=servers) == []


def test_partial_reads() -> None:
    read = counted(PartialRead(0, HERE))
    assert observed(read, made=modes("SUM", "ON_READ")) == [("VS301", "note")]
    assert observed(read, made=modes("NONE", "ON_READ")) == []
    # what is written back may be read
    write = Written(0, "assign", "replica", "OWN", HERE)
    assert observed(read, counted(write), made=modes("SUM", "ON_READ")) == []
    for other in (
        counted(write, 7),
        counted(replace(write, site=THERE)),
        counted(replace(write, context="cross_replica")),
    ):
        assert ("VS301", "note") in observed(read, other, made=modes("SUM", "ON_READ"))


def test_what_is_read_to_be_reduced(tmp_path: Path) -> None:
    script = tmp_path / "train.py"
    script.write_text(
        "whole = context.all_reduce(SUM, total.read_value())\n"
        "share = total / context.all_reduce(SUM, total)\n"
        "whole = context.all_reduce(SUM, other)\n"
    )
    seen = [
        observed(counted(PartialRead(0, Site(str(script), line))), made=modes("SUM", "ON_READ"))
        for line in (1, 2, 3)
    ]
    assert seen == [[], [("VS301", "note")], [("VS301", "note")]]


def test_reads_that_cost() -> None:
    read = Read(0, "cross_replica", True, HERE)
    assert observed(counted(read), made=modes("SUM", "ON_READ")) == [("VS602", "note")]
    assert observed(counted(read, 2), made=modes("SUM", "ON_READ")) == []
    assert observed(counted(replace(read, reduces=False))) == []
    loop = SteppedByLibrary(HERE)
    assert observed(counted(read), counted(loop), made=modes("SUM", "ON_READ")) == []
    loop = SteppedByLibrary(THERE)
    assert observed(counted(read), counted(loop), made=modes("SUM", "ON_READ")) == [
        ("VS602", "note")
    ]


def test_updates_that_nobody_reads() -> None:
    assert observed(counted(update()), made=modes("SUM")) == [("VS601", "note")]
    for reader in ("cross_replica", "replica"):
        read = counted(Read(0, reader, False, HERE))
        assert observed(counted(update()), read, made=modes("SUM")) == []
    assert observed(counted(update()), made=modes("SUM", trainable=True)) == []


@pytest.mark.parametrize(("rule", "code"), [("MEAN", "VS216"), ("FIRST", "VS204")])
def test_counts_of_which_a_part_is_kept(tmp_path: Path, rule: str, code: str) -> None:
    script = tmp_path / "train.py"
    script.write_text("def step(x):\n    total.assign_add(tf.size(x))\n    total.assign_add(x)\n")
    for line, copies, seen in ((2, 2, [(code, "warning")]), (2, 1, []), (3, 2, [])):
        site = Site(str(script), line)
        written = counted(Written(0, "assign_add", "replica", rule, site))
        met = counted(Synchronised(0, "update", rule, False, site, own=True), times=1)
        assert observed(written, met, made=replace(MADE, copies=copies)) == seen


def saved(*events: Event, made: Created, steps: int) -> list[object]:
    """What the remedies would spare after so many steps."""
    told = [[STRATEGY, made, *events, Ended(steps=steps, seconds=1.0)]] * 2
    return [seen["saves"] for seen in report(told, FINISHED)["observations"]]


def test_what_is_read_seldom_spares_all_but_the_reads() -> None:
    read = counted(Read(0, "cross_replica", False, THERE), times=10)
    synchronised = counted(update(), times=1000, nbytes=4000)
    spared = {"synchronisations": 990, "bytes_of_a_replica": 3960}
    assert saved(synchronised, read, made=modes("SUM"), steps=1000) == [spared]


def test_reads_in_each_step_spare_all_but_one_in_a_hundred() -> None:
    read = counted(Read(0, "cross_replica", True, HERE), times=1000)
    reduced = Synchronised(0, "read", "SUM", True, HERE)
    exchange = counted(reduced, times=1000, nbytes=4000)
    spared = {"synchronisations": 990, "bytes_of_a_replica": 3960}
    assert saved(read, exchange, made=modes("SUM", "ON_READ"), steps=1000) == [spared]


def test_made_again_and_again() -> None:
    again = [
        replace(MADE, variable=number, context="replica", step=number, site=HERE)
        for number in (1, 2, 3)
    ]
    assert observed(*again) == [("VS402", "warning")]
    assert observed(again[0]) == []


def test_initial_values_that_are_summed() -> None:
    made = modes("SUM", "ON_READ", initial=number(100))
    assert observed(made=made) == [("VS106", "warning")]
    assert observed(made=replace(made, copies=1)) == []
    assert observed(made=replace(made, initial=number(0))) == []
    assert observed(made=replace(made, aggregation="MEAN")) == []


def test_own_weights() -> None:
    made = modes("MEAN", "ON_READ", trainable=True)
    assert observed(made=made) == [("VS103", "warning")]
    assert observed(made=replace(made, trainable=False)) == []


def test_modes_without_effect() -> None:
    made = modes("SUM", "AUTO", strategy="ParameterServerStrategyV2")
    assert observed(made=made) == [("VS503", "note")]
    assert observed(made=replace(made, aggregation="NONE")) == []


def test_checkpoints() -> None:
    saved = Saved(0, "ckpt", "WORKER_FIRST", (number(1), number(2)), number(1), HERE)
    assert observed(saved) == [("VS406", "warning")]
    assert observed(replace(saved, copies=(number(1), number(1)))) == []
    three = Value((), (3,), 3.0)
    restored = Restored(0, "ckpt", "SHARE", Value((), (7,), 7.0), (three, three), HERE)
    assert observed(restored, made=modes("SUM", "ON_READ")) == [("VS405", "warning")]
    whole = replace(restored, saved=Value((), (6,), 6.0))
    assert observed(whole, made=modes("SUM", "ON_READ")) == []


@pytest.mark.parametrize(("code", "words"), rejections.WORDS)
def test_rejections_name_rules_that_exist(code: str, words: str) -> None:
    assert rules().find(code).code == code
    raised = Rejected("ValueError", f"it says {words} here", 0, "assign", "replica", 1, HERE)
    assert observed(raised)[0][1] == "error"


@pytest.mark.parametrize(("cls", "code"), [("ResourceVariable", "VS403"), ("MirroredVariable", "")])
def test_an_assertion_without_words_is_known_by_its_variable(cls: str, code: str) -> None:
    raised = Rejected("AssertionError", "", 0, "assign", "cross_replica", 1, HERE)
    made = replace(MADE, cls=cls)
    assert [seen or "" for seen, _ in observed(raised, made=made)] == [code]


def test_a_rejection_that_no_rule_knows() -> None:
    raised = Rejected("ValueError", "something else", None, "reduce", "replica", 1, HERE)
    assert [severity for _, severity in observed(raised)] == ["error"]


def test_a_run_that_is_stuck() -> None:
    waiting = Place(0, State.WAITING, "the read of `total`", HERE)
    stuck = Ending(Status.STUCK, "", (waiting, Place(1, State.ENDED)))
    document = report([[STRATEGY, MADE]] * 2, stuck)
    (seen,) = document["observations"]
    assert (seen["code"], seen["severity"]) == ("VS502", "error")
    assert "replica 1 has ended" in seen["message"]
    elsewhere = Place(1, State.WAITING, "assign_add of `b`", THERE)
    document = report([[STRATEGY, MADE]] * 2, Ending(Status.STUCK, "", (waiting, elsewhere)))
    (seen,) = document["observations"]
    assert seen["code"] == "VS501"
    assert [place["location"]["row"] for place in seen["related"]] == [10, 3]


def test_what_replicas_do_together_is_counted_once() -> None:
    document = report([[MADE, counted(update(), 5, 20)]] * 4, FINISHED)
    assert document["totals"]["synchronisations"] == 5
    assert document["totals"]["bytes_of_a_replica"] == 20
    assert document["variables"][0]["synchronisations"] == 5


def test_counts_of_one_replica_add_up() -> None:
    ignored = Ignored("tf.summary.scalar", HERE)
    document = report([[counted(ignored, 3), counted(ignored, 4)]], FINISHED)
    assert document["ignored"][0]["times"] == 7


def test_a_script_that_failed() -> None:
    failed = Failure("KeyError", "'x'", "Traceback...", 1)
    document = report([[MADE], [MADE]], Ending(Status.FAILED, failure=failed))
    assert document["outcome"]["exception"]["class"] == "KeyError"


def test_many_values_are_cut() -> None:
    assert side_by_side(number(at) for at in range(9)) == "0, 1, 2, 3, ..."
    assert side_by_side([Value((3, 4), None, 2.5)]) == "shape [3, 4], norm 2.5"
    assert side_by_side([Value((2,), (1.0, 2.5), None)]) == "[1, 2.5]"


def test_a_limit_of_steps_is_said() -> None:
    ended: list[Event] = [MADE, Ended(3, 0.1, cut=2)]
    assert report([ended, ended], FINISHED)["outcome"]["status"] == "limit of steps"
    failed = report([ended], Ending(Status.FAILED))
    assert failed["outcome"]["status"] == "script failed"


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        ("v = tf.Variable(1.0)", 1, "v"),
        ("self.total = tf.Variable(\n    1.0,\n)", 1, "self.total"),
        ("self.total = tf.Variable(\n    1.0,\n)", 2, "self.total"),
        ("both = [tf.Variable(n) for n in range(2)]", 1, "both"),
        ("x['v'] = tf.Variable(1.0)", 1, "x['v']"),
        ("v: tf.Variable = tf.Variable(1.0)", 1, "v"),
        ("def f():\n    return tf.Variable(1.0)", 2, "Variable"),
        ("a, b = tf.Variable(1.0), tf.Variable(2.0)", 1, "Variable"),
        ("no python", 1, "Variable"),
    ],
)
def test_variables_without_a_name_are_called_as_in_the_source(
    tmp_path: Path, text: str, line: int, expected: str
) -> None:
    script = tmp_path / "train.py"
    script.write_text(text, encoding="utf-8")
    made = replace(MADE, name="Variable", site=Site(str(script), line))
    assert label(made) == expected
    assert label(replace(made, name="given")) == "given"
    assert label(replace(made, name="given", path="layer/given")) == "layer/given"


def test_only_what_has_its_name_not_alone_is_called_as_the_script_does() -> None:
    def labelled(*names: str) -> list[str]:
        made = [replace(MADE, variable=at, name=name) for at, name in enumerate(names)]
        told: list[Event] = [*made, *(Named(at, f"held[{at}]") for at in range(len(names) - 1))]
        return [row["label"] for row in report([told], FINISHED)["variables"]]

    assert labelled("w", "b", "c") == ["w", "b", "c"]
    assert labelled("w", "b", "w") == ["held[0]", "b", "w"]
    assert labelled("w", "w", "w", "b") == ["held[0]", "held[1]", "held[2]", "b"]
    assert labelled("b", "w", "w", "w", "w")[3:] == ["held[3]", "w"]
    assert report([[MADE, replace(MADE, variable=1)]], FINISHED)["variables"][1]["label"] == (
        "total (2)"
    )


def test_what_is_exchanged_together_is_one_row_of_the_ledger() -> None:
    made = [replace(MADE, variable=at, name=f"v{at}") for at in range(3)]
    one = Synchronised(None, "all_reduce", "SUM", True, HERE, False, "adam", 2, 0)
    other = replace(one, gradient_of=2)
    read = Synchronised(0, "read", "SUM", True, HERE, False, "mean")
    exchanged = (
        counted(one, 6, 24),
        counted(other, 6, 48),
        counted(replace(one, together=1, gradient_of=None), 3, 12),
        counted(read, 4, 16),
        counted(replace(read, variable=1), 4, 16),
        counted(replace(read, variable=2), 5, 20),
    )
    rows = report([[*made, *exchanged]] * 2, FINISHED)["ledger"]
    shown = {
        (row["cause"], tuple(row["variables"]), row["gradients"], row["tensors"]): (
            row["times"],
            row["bytes_of_a_replica"],
        )
        for row in rows
    }
    assert shown == {
        ("all_reduce", ("v0", "v2"), True, 2): (6, 72),
        ("all_reduce", (), False, 1): (3, 12),
        ("read", ("v0", "v1"), False, 2): (4, 32),
        ("read", ("v2",), False, 1): (5, 20),
    }


def test_a_rejection_is_told_once_whatever_objects_the_replicas_name() -> None:
    first, second = (
        Rejected(
            "RuntimeError", f"Mixing <S at 0x{at}> and others", 0, "assign", "replica", 1, HERE
        )
        for at in ("7fae1000b610", "7fae0c7d1790")
    )
    assert len(observed(first, second)) == 1
    assert len(observed(first, replace(second, step=2))) == 2
