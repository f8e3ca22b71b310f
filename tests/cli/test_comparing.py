"""What compare makes of runs: which variables are meant, where runs part, what is suggested."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from varsync.comparing.changes import Change, found
from varsync.comparing.comparison import Comparison, Result, Variant
from varsync.comparing.differing import Parting, final, series
from varsync.comparing.networks import NETWORKS, in_words
from varsync.comparing.suggesting import suggestion
from varsync.console.style import Style
from varsync.errors import CannotRun
from varsync.reports.comparison import head, render, rows
from varsync.reports.html.comparison import render as as_page
from varsync.simulation import Location, Series, Simulation, Synchronisation, Value, Variable
from varsync_runtime.elements import Elements

HERE = Location("/x/train.py", 3)


def variable(name: str, *values: float, modes: str = "ON_WRITE SUM", number: int = 0) -> Variable:
    synchronization, aggregation = modes.split()
    held = tuple(Value((), (value,), abs(value)) for value in values)
    return Variable(
        number, name.rpartition("/")[2], name, "", synchronization, aggregation, "float32", (), 2,
        HERE, 0, 0, None, held, None,
    )  # fmt: skip


def run(
    *variables: Variable, times: int = 0, losses: Iterable[float] = (), status: str = "finished"
) -> Simulation:
    """A run with these variables, which synchronised so many times."""
    losses = tuple(losses)
    ledger = (Synchronisation("update", "SUM", (), HERE, times, 4 * times, True),)
    loss = Series("reduce", None, 1, HERE, tuple(range(1, len(losses) + 1)), losses)
    return Simulation(
        status, "", None, 3, 0, (), variables, ledger, (loss,), (), "", "", {},
        {
            (made.id, "final", replica): Elements(1, np.array(value.items))
            for made in variables
            for replica, value in enumerate(made.final)
        },
    )  # fmt: skip


def compared(one: Simulation, written: Simulation, *tried: tuple[str, Simulation]) -> Comparison:
    """Of one replica, of two, and of two with other modes for the variable `v`."""
    made = Comparison("train.py", NETWORKS["pcie"])
    made.results = [Result(Variant(1), one, 0.0), Result(Variant(2), written, 0.0)]
    for modes, ran in tried:
        change = Change("v", *modes.split())
        made.results.append(Result(Variant(2, (change,)), ran, 0.0, {"v": change}))
    return made


def test_it_says_of_each_run_whether_tensorflow_agrees() -> None:
    def document(agrees: bool | None, *differences: dict[str, Any]) -> dict[str, Any]:
        agreement = {"agrees": agrees, "differences": list(differences)}
        return {"engine": "both", "tensorflow_version": "2.21.0", "agreement": agreement}

    differs = {"part": "variable", "subject": "<v>", "numpy": "1", "tensorflow": None}
    documents = [document(True), document(None), document(False, *[differs] * 9)]
    ran = run(losses=(1.0, 2.0))
    made = compared(ran, ran, ("ON_READ MEAN", ran))
    assert "TensorFlow" not in head(made)
    made.results = [
        replace(result, run=replace(result.run, document=each))
        for result, each in zip(made.results, documents, strict=True)
    ]
    assert "TensorFlow agrees in" not in render(made, Style())
    assert [row[-1] for row in rows(made)] == ["agrees", "not known", "differs"]
    shown = render(made, Style())
    assert "train.py: 3 runs, simulated as on TensorFlow 2.21.0" in shown
    assert shown.count("run 3: variable <v>: 1, on TensorFlow -\n") == 8
    assert "run 3: and 1 more on TensorFlow" in shown
    page = as_page(made)
    assert ">TensorFlow differs<" in page
    assert "variable &lt;v&gt;: 1, on TensorFlow -" in page and "TensorFlow beside it" in page
    made.results = [
        replace(result, run=replace(result.run, document=documents[0])) for result in made.results
    ]
    assert "\nTensorFlow agrees in 3 runs\n" in render(made, Style())


def test_the_variables_that_a_name_means() -> None:
    known = [variable(name) for name in ("acc/total", "loss/total", "layers[0].w", "w")]
    nowhere = replace(variable("lost"), location=None)

    def meant(name: str) -> list[str]:
        return [made.label for made in found(name, [*known, nowhere])]

    assert meant("acc/total") == ["acc/total"]
    assert meant("total") == ["acc/total", "loss/total"]  # TensorFlow's name of both
    assert meant("acc/*") == ["acc/total"]
    assert meant("layers[0].?") == ["layers[0].w"]
    assert meant("w") == ["w"]
    for name, words in (
        ("lost", "'lost' is not made on a line of the script, so it keeps its modes"),
        ("los/total", "(did you mean loss/total"),
        ("zzz", "(it has acc/total, loss/total, layers[0].w, w)"),
    ):
        with pytest.raises(CannotRun) as error:
            meant(name)
        assert words in str(error.value)
    with pytest.raises(CannotRun, match="it made none"):
        found("w", [])


@pytest.mark.parametrize(
    ("modes", "value"),
    [
        ("ON_WRITE SUM", 1.0),
        ("ON_READ SUM", 4.0),
        ("ON_READ MEAN", 2.0),
        ("ON_READ ONLY_FIRST_REPLICA", 1.0),
        ("ON_READ NONE", None),
    ],
)
def test_what_the_host_reads_at_the_end(modes: str, value: float | None) -> None:
    held = final(variable("v", 1.0, 3.0, modes=modes))
    assert (held and held.items) == (value if value is None else (value,))


@pytest.mark.parametrize(
    ("one", "many", "parted"),
    [
        ([1.0, 0.5], [1.0 + 1e-7, 0.5], None),
        ([1.0, 0.5, 0.2], [1.0, 0.6, 0.9], (2, 0.5, 0.6)),
        ([1.0, 0.5], [1.0], (2, 0.5, None)),
        ([1.0], [1.0, 0.5], (2, None, 0.5)),
        ([float("nan")], [float("nan")], None),
        ([float("nan")], [1.0], (1, "nan", 1.0)),
    ],
)
def test_the_first_step_in_which_losses_part(one: Any, many: Any, parted: Any) -> None:
    found = list(series(run(losses=one), run(losses=many), 1e-5))
    seen = [(each.step, "nan" if each.one != each.one else each.one, each.many) for each in found]
    assert seen == ([] if parted is None else [parted])
    assert all(isinstance(each, Parting) and each.series == "reduce, train.py:3" for each in found)


ONE = run(variable("v", 4.0), times=2)


def test_the_cheapest_of_what_is_right_is_suggested() -> None:
    own = run(variable("v", 1.0, 3.0, modes="ON_READ SUM"), times=1)
    cheap = run(variable("v", 1.0, 3.0, modes="ON_READ MEAN"), times=0)
    words = suggestion(
        compared(
            ONE,
            run(variable("v", 4.0, 4.0), times=6),
            ("ON_READ SUM", own),
            ("ON_READ MEAN", cheap),
        )
    )
    assert words.startswith(
        "v: ON_READ SUM: it ends as on one replica; synchronisations: 1 in place of 6"
    )
    assert "The program computes the same as it does now." in words


def test_a_mode_that_changes_the_program_is_said_to() -> None:
    wrong = run(variable("v", 8.0, 8.0), times=6)
    right = run(variable("v", 4.0, 4.0, modes="ON_WRITE MEAN"), times=6)
    words = suggestion(compared(ONE, wrong, ("ON_WRITE MEAN", right)))
    assert "This changes what the program computes on 2 replicas: v is 4.0, not 8.0." in words


def test_what_is_written_stays_where_nothing_is_won() -> None:
    written = run(variable("v", 4.0, 4.0), times=6)
    other = run(variable("v", 4.0, 4.0, modes="ON_WRITE MEAN"), times=6)
    words = suggestion(compared(ONE, written, ("ON_WRITE MEAN", other)))
    assert words == "v: as it is written: it ends as on one replica"


def test_what_nobody_can_read_and_what_fails_is_not_suggested() -> None:
    wrong = run(variable("v", 8.0, 8.0), times=6)
    unread = run(variable("v", 4.0, 4.0, modes="ON_READ NONE"))
    failed = run(variable("v", 4.0, 4.0), status="script failed")
    words = suggestion(compared(ONE, wrong, ("ON_READ NONE", unread), ("ON_WRITE SUM", failed)))
    assert words.startswith("v: none of the modes gives what one replica has")


def test_a_loss_that_parts_is_not_right() -> None:
    written = run(variable("v", 4.0, 4.0), times=6, losses=[1.0])
    parts = run(variable("v", 4.0, 4.0, modes="ON_READ ONLY_FIRST_REPLICA"), losses=[2.0])
    one = run(variable("v", 4.0), losses=[1.0])
    words = suggestion(compared(one, written, ("ON_READ ONLY_FIRST_REPLICA", parts)))
    assert words == "v: as it is written: it ends as on one replica"


@pytest.mark.parametrize(
    ("network", "replicas", "times", "nbytes", "seconds"),
    [
        # 2 messages of 5 us, and of half of the bytes each
        ("pcie", 2, 1, 0, 10e-6),
        ("pcie", 2, 1, 50_000_000_000, 10e-6 + 2.0),
        # ten times 6 messages of 2 us; 6 quarters of 300 GB at 300 GB/s
        ("nvlink", 4, 10, 300_000_000_000, 120e-6 + 1.5),
        ("100gbe", 4, 1, 12_500_000_000, 120e-6 + 1.5),
        ("10gbe", 3, 1, 1_250_000_000, 200e-6 + 4 / 3),
        ("10gbe", 1, 9, 9, 0.0),
    ],
)
def test_times_computed_by_hand(
    network: str, replicas: int, times: int, nbytes: int, seconds: float
) -> None:
    assert NETWORKS[network].seconds(replicas, times, nbytes) == pytest.approx(seconds)


def test_times_in_words() -> None:
    assert [in_words(one) for one in (12e-6, 3.4e-3, 1.25)] == ["12 us", "3.40 ms", "1.25 s"]
