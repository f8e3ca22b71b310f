"""The cells of a notebook run one after the other, in one namespace."""

from __future__ import annotations

import inspect
import traceback
from typing import Any

import pytest
from varsync_runtime import events
from varsync_runtime.events import Counted, Event, Ignored, Site
from varsync_runtime.replicas.notebook import Cell, Notebook


def run(*cells: str) -> dict[str, Any]:
    """What is in the namespace after cells that are numbered 1, 3, 5, ..."""
    numbered = [Cell(2 * at + 1, text) for at, text in enumerate(cells)]
    notebook = Notebook("/nowhere/train.ipynb", numbered, "skipped")
    notebook.publish()
    names: dict[str, Any] = {"__name__": "__main__"}
    notebook.run(names)
    return names


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("a = 1\na + 1", "2\n"),
        ("1\n2", "2\n"),
        ("'x'\n\n# a comment\n", "'x'\n"),
        ("None", ""),
        ("1;", ""),
        ("1 ;  # a comment;\n", ""),
        ("'a;'", "'a;'\n"),
        ("a = 1", ""),
        ("if True:\n    1", ""),
        ("", ""),
        ("display('x', [1])", "'x'\n[1]\n"),
        ("skipped('%time')", ""),
        ("get_ipython().getoutput('ls')", "[]\n"),
    ],
)
def test_what_a_cell_shows(cell: str, shown: str, capsys: pytest.CaptureFixture[str]) -> None:
    run(cell)
    assert capsys.readouterr().out == shown


def test_names_stay_from_cell_to_cell() -> None:
    assert run("def f(): return x", "x = 3", "y = f()")["y"] == 3


def test_future_imports_count_for_the_rest_also_after_magics() -> None:
    names = run(
        "skipped('%matplotlib inline')\nfrom __future__ import annotations\ndef f(x: y): pass",
        "def g(x: z): pass",
    )
    assert (names["f"].__annotations__, names["g"].__annotations__) == ({"x": "y"}, {"x": "z"})


def test_the_source_of_functions_is_known() -> None:
    names = run("a = 1\ndef f():\n    return 'é'\n", "def g():\n    pass\n")
    assert inspect.getsource(names["f"]) == "def f():\n    return 'é'\n"
    assert inspect.getsource(names["g"]) == "def g():\n    pass\n"


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        (
            "a = 1\ndef f():\n    return a / 0\nf()",
            '  File "/nowhere/train.ipynb:cell 3", line 4, in <module>\n    f()\n',
        ),
        ("a = 1\nb = = 2", '  File "/nowhere/train.ipynb:cell 3", line 2\n    b = = 2\n'),
        ("a = 1\nreturn 5", '  File "/nowhere/train.ipynb:cell 3", line 2\n    return 5\n'),
    ],
)
def test_errors_name_cell_and_line(cell: str, told: str) -> None:
    with pytest.raises((ZeroDivisionError, SyntaxError)) as raised:
        run("1", cell)
    error = raised.value
    text = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    assert told in text


def test_nothing_of_a_broken_cell_is_run(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SyntaxError):
        run("print('first')", "print('never')\nbreak")
    assert capsys.readouterr().out == "first\n"


def test_magics_are_counted_where_they_stand() -> None:
    told: list[Event] = []
    events.start(lambda frame: told.extend(events.read_frame(frame)))
    try:
        run("skipped('%pip install x')", "a = 1\nfor _ in range(2): get_ipython().system('ls')")
        events.flush()
    finally:
        events.start(None)
    first, second = Site("/nowhere/train.ipynb:cell 1", 1), Site("/nowhere/train.ipynb:cell 3", 2)
    assert [(one.event, one.times) for one in told if isinstance(one, Counted)] == [
        (Ignored("%pip install x", first), 1),
        (Ignored("!ls", second), 2),
    ]
    assert (first.cell, Site("train.py", 1).cell) == (
        ("/nowhere/train.ipynb", 1),
        ("train.py", 0),
    )
