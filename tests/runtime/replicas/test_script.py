"""A script under the supervisor is what it is under `python script.py`."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from varsync_runtime.replicas import cluster
from varsync_runtime.replicas.endings import Verdict

from tests.runtime.ranks import SOON
from tests.runtime.replicas.scripts import finish, play, start

ALIKE = {
    "what a script knows of itself": """
        import sys, os, inspect
        print(sys.argv, __name__, __file__, sys.path[0], __package__, __doc__, __spec__)
        print(sorted(n for n in vars() if n.startswith("__")), __loader__.name)
        import __main__
        print(__main__.__dict__ is globals(), sys.stdout.name, sys.stdout.mode, sys.stdin.name)
        if __name__ == "__main__":
            print("main", sys.getrecursionlimit(), inspect.getmodule(inspect.currentframe()))
        """,
    "a module beside it": """
        from beside import value
        print(value)
        """,
    "pickled objects of main": """
        import pickle
        class Thing: pass
        print(type(pickle.loads(pickle.dumps(Thing()))) is Thing)
        """,
    "an exception": """
        def inner(x):
            return 1 / x
        def outer():
            try:
                inner(0)
            except ZeroDivisionError as error:
                raise ValueError("no é") from error
        print("before")
        outer()
        """,
    "an exception group of exceptions": """
        try:
            raise KeyError("a")
        except KeyError:
            raise RuntimeError
        """,
    "a syntax error": "print('never')\nx = = 1\n",
    "an indentation error": "if True:\nx = 1\n",
    "an own excepthook": """
        import sys
        sys.excepthook = lambda kind, error, trace: print("hook", kind.__name__, error)
        raise ValueError("x")
        """,
    "exit with a code": "import sys; print('a', end=''); sys.exit(5)",
    "exit with a large code": "import sys; sys.exit(256 + 7)",
    "exit with a text": "import sys; sys.exit('bye')",
    "exit with nothing": "raise SystemExit",
    "exit at once": "import os, sys; print('x'); sys.stdout.flush(); os._exit(9)",
    "the end of an interpreter": """
        import atexit, threading, time
        atexit.register(print, "first registered")
        atexit.register(print, "last registered")
        class Last:
            def __del__(self): print("deleted")
        last = Last()
        threading.Thread(target=lambda: (time.sleep(0.05), print("thread"))).start()
        log = open("unclosed", "w")
        log.write("not flushed")
        print("end")
        """,
    "an exception in a thread": """
        import threading
        t = threading.Thread(target=lambda: 1 / 0, name="T"); t.start(); t.join()
        """,
    "bytes and unusual text": """
        import sys
        sys.stdout.write("é\\u20ac")
        sys.stdout.flush()
        sys.stdout.buffer.write(b"\\xff\\n")
        sys.stdout.writelines(["a\\n", "b\\n"])
        print("to stderr", file=sys.stderr)
        print("no newline", end="")
        """,
    "standard input": """
        import sys
        print(input("name? "))
        print([line for line in sys.stdin])
        print(repr(sys.stdin.read()))
        """,
    "input that has ended": """
        import sys
        sys.stdin.read()
        input()
        """,
    "a path that goes nowhere": "import nothing_of_this_name",
    "a deep recursion": """
        def f(n): return f(n + 1)
        try: f(0)
        except RecursionError: print("deep")
        """,
}


@pytest.mark.parametrize("name", ALIKE)
def test_alike(tmp_path: Path, name: str) -> None:
    script = ALIKE[name]
    (tmp_path / "beside.py").write_text("value = 'of the module beside'\n")
    lines = "me\nline 1\nline 2\n" if name == "standard input" else ""
    process = start(tmp_path, script, ("a", "-b"), preamble="", stdin=subprocess.PIPE)
    played = finish(tmp_path, process, lines)
    unclosed = tmp_path / "unclosed"
    assert not unclosed.exists() or unclosed.read_text() == "not flushed"
    plain = subprocess.run(
        [sys.executable, "train.py", "a", "-b"],
        cwd=tmp_path,
        input=lines,
        capture_output=True,
        text=True,
        errors="surrogateescape",
        check=False,
        env={**os.environ, "PYTHONPATH": ""},
    )
    assert played.stdout == plain.stdout
    assert played.stderr == plain.stderr.replace("\r", "")
    assert played.code == plain.returncode


def test_a_script_that_is_not_there(tmp_path: Path) -> None:
    process = start(tmp_path, "")
    finish(tmp_path, process)
    plain = subprocess.run(
        [sys.executable, "nothing.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    code = "from varsync_runtime.replicas.script import run; print(run('nothing.py').code)"
    ours = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path))},
    )
    assert ours.stderr == plain.stderr and ours.stdout == "2\n"
    assert plain.returncode == 2


def test_a_folder_with_a_main(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "__main__.py").write_text("import part; print(__name__, part.x)")
    (tmp_path / "app" / "part.py").write_text("x = 5")
    code = "from varsync_runtime.replicas.script import run; run('app')"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path))},
    )
    assert done.stdout == "__main__ 5\n", done.stderr


def test_a_traceback_has_no_frames_of_ours(tmp_path: Path) -> None:
    script = """
    strategy(2)
    def step():
        raise ValueError("in a step")
    current().grow(1) or step()
    """
    played = play(tmp_path, script)
    assert played.code == 1
    assert "varsync_runtime" not in played.stderr and "replicas" not in played.stderr
    assert re.findall(r'File "(.*?)"', played.stderr) == [str(tmp_path / "train.py")] * 2
    assert played.stderr.endswith("ValueError: in a step\n")
    assert [end.ending and end.ending.error for end in played.told.ranks] == [
        "ValueError: in a step"
    ] * 2
    assert played.told.ranks[1].ending is not None
    assert played.told.ranks[1].ending.traceback == played.stderr


def test_arguments_and_exit_code_come_from_the_first_rank(tmp_path: Path) -> None:
    script = """
    import sys
    world = strategy(3)
    world.meet(Intent("last"))
    sys.exit(10 + world.rank)
    """
    played = play(tmp_path, script)
    assert played.code == 10
    assert [end.code for end in played.told.ranks] == [10, 11, 12]
    assert played.told.verdict is Verdict.NONE


@pytest.mark.slow
def test_a_first_rank_that_fails_alone_does_not_leave_the_others_running(tmp_path: Path) -> None:
    script = """
    world = strategy(2)
    if world.rank == 0:
        raise ValueError("only here")
    while True:
        pass
    """
    played = play(tmp_path, script)
    assert played.code == 1 and played.seconds < SOON
    assert played.told.verdict is Verdict.OVER
    assert played.told.ranks[1].by_supervisor


# -- workers


WORKERS = """
import json, os
config = json.loads(os.environ["TF_CONFIG"])
print(config["task"], len(config["cluster"]["worker"]))
posted = current().meet(Intent("hello"), data=bytes([current().worker]))
print([data[0] for _, data in posted])
"""


def test_each_worker_has_its_config_and_its_output_its_prefix(tmp_path: Path) -> None:
    played = play(tmp_path, WORKERS, workers=2)
    assert sorted(played.stdout.splitlines()) == sorted(
        [
            "{'type': 'worker', 'index': 0} 2",
            "[0, 1]",
            "[worker 1] {'type': 'worker', 'index': 1} 2",
            "[worker 1] [0, 1]",
        ]
    )
    assert [(end.rank, end.worker) for end in played.told.ranks] == [(0, 0), (1, 1)]


def test_a_config_of_the_script_keeps_its_cluster(tmp_path: Path) -> None:
    script = """
    import json, os
    os.environ["TF_CONFIG"] = json.dumps(
        {"cluster": {"chief": ["a:1"], "worker": ["b:2"]}, "task": {"type": "chief", "index": 0}}
    )
    print(os.environ["TF_CONFIG"], type(os.environ).__name__)
    """
    played = play(tmp_path, script, workers=2)
    whole = '{"cluster": {"chief": ["a:1"], "worker": ["b:2"]}, "task": {"type": "%s", "index": 0}}'
    assert set(played.stdout.splitlines()) == {
        whole % "chief" + " _Environ",
        "[worker 1] " + whole % "worker" + " _Environ",
    }


def test_a_chief_that_waits_for_a_worker_that_has_ended(tmp_path: Path) -> None:
    script = """
    world = current()
    for step in range(3):
        world.meet(Intent("merge", "assign_add", "total", site=f"train.py:{step}"))
    if world.worker == 0:
        world.meet(Intent("read", "read", "total", site="train.py:20"))
    """
    played = play(tmp_path, script, workers=2)
    assert played.told.verdict is Verdict.STUCK and played.seconds < SOON
    chief, worker = played.told.table
    assert chief.lacks == (1,) and "train.py:20" in str(chief)
    assert "train.py:2" in str(worker) and worker.state.name == "ENDED"


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (None, []),
        ("", []),
        ("{", []),
        ("[]", []),
        ('{"cluster": 5}', []),
        ('{"cluster": {"worker": ["a", "b"]}}', [("worker", 0), ("worker", 1)]),
        (
            '{"cluster": {"chief": ["c"], "worker": ["a"], "ps": ["p"]}}',
            [("chief", 0), ("worker", 0)],
        ),
    ],
)
def test_tasks_of_a_config(config: str | None, expected: list[tuple[str, int]]) -> None:
    assert cluster.tasks(config) == expected


def test_the_config_of_a_worker() -> None:
    made_up = json.loads(cluster.for_worker(None, 1, 3))
    assert len(made_up["cluster"]["worker"]) == 3
    assert made_up["task"] == {"type": "worker", "index": 1}
    ours = '{"cluster": {"worker": ["a", "b"]}, "task": {"type": "worker", "index": 0}, "rpc": 1}'
    assert json.loads(cluster.for_worker(ours, 1, 2)) == {
        "cluster": {"worker": ["a", "b"]},
        "task": {"type": "worker", "index": 1},
        "rpc": 1,
    }
    assert cluster.for_worker("not json", 0, 2) == "not json"
    elsewhere = json.loads(cluster.for_worker(ours, 1, 2, ("c:1", "d:2")))
    assert elsewhere["cluster"] == {"worker": ["c:1", "d:2"]}


def test_free_addresses_differ() -> None:
    addresses = cluster.free_addresses(3)
    assert len(set(addresses)) == 3
