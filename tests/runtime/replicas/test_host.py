"""Host code of several ranks does to the outside what one process would have done."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from varsync_runtime.replicas.endings import Verdict

from tests.runtime.ranks import SOON
from tests.runtime.replicas.scripts import PREAMBLE, finish, play, start

# Each is run alone and in three ranks: output, files and exit code are the same. `world` is there.
ONCE = {
    "prints": """
        import sys
        print("a", "b", sep="-")
        print("to stderr", file=sys.stderr)
        sys.stdout.write("c\\n")
        sys.stdout.buffer.write(b"d\\n")
        import os; sys.stdout.flush(); os.write(1, b"low\\n"); os.system("echo program")
        """,
    "a log that was opened before": """
        log.write("after\\n")
        log.close()
        print(open("log").read())
        """,
    "a log that is appended to": """
        for step in range(3):
            with open("log2", "a") as file:
                file.write(f"{step}\\n")
        print(open("log2").read(), end="")
        """,
    "a file that is read while it is written": """
        import os
        out = open("out", "w")
        for step in range(5):
            out.write(f"{step}\\n")
            out.flush()
            print(open("out").read().split(), os.path.getsize("out"), os.stat("out").st_size)
        print(out.tell())
        """,
    "all modes": """
        import io, os
        with open("f", "x") as f: print(f.write("hello"), f.tell(), f.name, f.mode)
        try: open("f", "x")
        except FileExistsError as error: print(error)
        with open("f", "r+") as f: print(f.read(2), f.write("X"), f.seek(0), f.read())
        with open("f", "w+b") as f: f.write(b"1234"); f.seek(1); print(f.read(), f.truncate(2))
        with open("f", "ab", buffering=0) as f: print(f.tell(), f.write(b"56"), f.tell())
        with open("f", "a+") as f: f.seek(0); print(f.read())
        with io.open("f", "wb") as f: print(f.writelines([b"a", b"b"]), f.seek(1), f.write(b"z"))
        print(open("f", "rb").read(), open(b"f").read(), open(os.open("f", os.O_RDONLY)).read())
        try: open("f", "bad")
        except ValueError as error: print(error)
        try: open("nowhere/f", "w")
        except FileNotFoundError as error: print(error, error.errno, error.filename)
        """,
    "folders": """
        import os, shutil
        os.makedirs("a/b/c")
        try: os.mkdir("a")
        except FileExistsError as error: print(error)
        os.makedirs("a/b", exist_ok=True)
        open("a/b/file", "w").write("x")
        os.rename("a/b/file", "a/b/other"); os.symlink("other", "a/b/link")
        shutil.copy("a/b/other", "a/copy"); shutil.copytree("a", "tree"); shutil.move("tree", "moved")
        print(sorted(os.listdir("a/b")), open("a/copy").read(), sorted(os.walk("moved")))
        os.remove("a/copy"); os.replace("a/b/other", "a/b/third"); os.chmod("a/b/third", 0o600)
        shutil.rmtree("moved"); print(os.path.exists("moved"), os.path.isdir("a"))
        """,
    "pathlib": """
        from pathlib import Path
        Path("p").mkdir(); Path("p/q").write_text("text"); Path("p/r").touch()
        print(Path("p/q").read_text(), sorted(Path("p").iterdir()), Path("p/q").stat().st_size)
        Path("p/q").rename("p/s"); Path("p/r").unlink(); print(sorted(Path("p").glob("*")))
        """,
    "temporary files": """
        import os, tempfile
        with tempfile.TemporaryDirectory() as folder:
            Path = os.path.join(folder, "x")
            open(Path, "w").write("x"); print(os.listdir(folder))
        print(os.path.exists(folder))
        with tempfile.NamedTemporaryFile("w+") as file:
            file.write("abc"); file.flush(); file.seek(0); print(file.read(), os.path.exists(file.name))
        print(os.path.exists(file.name))
        with tempfile.TemporaryFile() as file: file.write(b"1"); file.seek(0); print(file.read())
        with tempfile.SpooledTemporaryFile() as file: file.write(b"1"); print(file.tell())
        fd, name = tempfile.mkstemp(); os.write(fd, b"data"); os.close(fd)
        print(os.path.getsize(name)); os.unlink(name)
        """,
    "programs": """
        import os, subprocess
        done = subprocess.run("echo r >> ran; cat ran", shell=True, capture_output=True, text=True)
        print(done.stdout)
        print(subprocess.check_output(["wc", "-l", "ran"]), os.system("echo system >> ran"))
        try: subprocess.check_call(["false"])
        except subprocess.CalledProcessError as error: print(error)
        try: subprocess.run(["no-such-program"])
        except FileNotFoundError as error: print(error.filename)
        with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as p:
            print(p.communicate("through"), p.returncode)
        p = subprocess.Popen(["sh", "-c", "echo 1; echo 2; exit 3"], stdout=subprocess.PIPE, text=True)
        print(p.stdout.readline(), list(p.stdout), p.wait(), p.poll())
        p = subprocess.Popen(["sleep", "20"]); p.terminate(); print(p.wait())
        print(os.popen("echo popen").read(), subprocess.getoutput("echo out"))
        """,
    "input": """
        import sys
        print(input(), sys.stdin.readline(), next(sys.stdin), sys.stdin.read())
        try: input()
        except EOFError as error: print("EOF", error)
        """,
    "modules of the library that write": """
        import csv, gzip, json, logging, pickle, shelve, sys, zipfile
        with open("c", "w", newline="") as f: csv.writer(f).writerow([1, 2])
        with gzip.open("g", "wt") as f: f.write("zipped")
        json.dump({"a": 1}, open("j", "w")); print(json.load(open("j")), gzip.open("g", "rt").read())
        with zipfile.ZipFile("z", "w") as z: z.writestr("in", "content"); z.write("c")
        with zipfile.ZipFile("z", "a") as z: z.writestr("more", "x" * 1000)
        print(zipfile.ZipFile("z").namelist(), zipfile.ZipFile("z").read("in"))
        logging.basicConfig(filename="l", format="%(message)s"); logging.warning("logged")
        print(open("l").read())
        """,
    "NumPy's files": """
        import numpy as np
        np.save("a.npy", np.arange(4)); np.savez("b.npz", x=np.ones(2)); np.savetxt("c", np.eye(2))
        print(np.load("a.npy"), np.load("b.npz")["x"], np.loadtxt("c"))
        np.arange(3).tofile("d"); print(np.fromfile("d", dtype=int))
        m = np.memmap("e", np.int8, "w+", shape=3); m[:] = 7; m.flush(); del m
        print(np.fromfile("e", np.int8))
        """,
    "unclosed files": """
        keep = open("kept", "w"); keep.write("x" * 100)
        open("dropped", "w").write("y" * 100)
        """,
    "an exception": """
        import os
        os.mkdir("m")
        os.mkdir("m")
        """,
}
BEFORE = (
    PREAMBLE
    + """
import sys
log = open("log", "a"); log.write("before\\n"); print("before", end="")
world = strategy(int(sys.argv[1]))
"""
)


def files(folder: Path) -> dict[str, bytes]:
    skip = {"train.py", "account", "z", "g", "a.npy", "b.npz"}
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in skip
    }


@pytest.mark.parametrize("name", ONCE)
def test_three_ranks_are_one_to_the_outside(tmp_path: Path, name: str) -> None:
    outcomes = []
    for size in (1, 3):
        folder = tmp_path / f"{size}-ranks"
        folder.mkdir()
        process = start(folder, ONCE[name], (str(size),), preamble=BEFORE, stdin=subprocess.PIPE)
        played = finish(folder, process, "one\ntwo\nthree\nfour\n")
        assert played.told.verdict is Verdict.NONE, (str(played.told), played.stderr)
        stderr = played.stderr.replace(str(folder), "")
        outcomes.append((played.stdout, stderr, played.code, files(folder)))
    assert outcomes[0] == outcomes[1]


def test_output_of_replica_code_says_whose_it_is(tmp_path: Path) -> None:
    script = """
    import sys
    print("before")
    world = strategy(3)
    print("host")
    world.meet(Intent("run"))
    inside[0] = True
    print("in replica", world.rank)
    print("half", end=" ")
    print("line\\nnext")
    print("error", file=sys.stderr)
    open(f"of-{world.rank}", "w").write("own")
    inside[0] = False
    world.meet(Intent("ran"))
    print("after")
    """
    played = play(tmp_path, script)
    lines = played.stdout.splitlines()
    assert lines[:2] == ["before", "host"] and lines[-1] == "after"
    for rank in range(3):
        own = [line for line in lines if line.startswith(f"[replica {rank}] ")]
        said = [f"in replica {rank}", "half line", "next"]
        assert own == [f"[replica {rank}] {text}" for text in said]
        assert (tmp_path / f"of-{rank}").read_text() == "own"
    assert len(lines) == 12
    errors = sorted(played.stderr.splitlines())
    assert errors == [f"[replica {rank}] error" for rank in range(3)]


def test_chance_and_the_clock_are_the_same_for_all(tmp_path: Path) -> None:
    script = """
    import os, random, secrets, tempfile, time, uuid
    import numpy as np
    random.seed(3); random.random()
    world = strategy(3)
    seen = [random.random(), uuid.uuid4(), secrets.token_hex(4), os.urandom(5), time.time(),
            time.perf_counter(), tempfile.mktemp(), random.Random().random(),
            random.SystemRandom().random(), np.random.default_rng().random(), np.random.rand()]
    end, steps = time.monotonic() + 0.03, 0
    while time.monotonic() < end:
        steps += 1
    seen.append(steps)
    random.seed(); seen.append(random.random())
    theirs = world.share(seen)
    assert theirs == seen, [(a, b) for a, b in zip(seen, theirs) if a != b]
    random.seed(3); first = random.random(), random.random()
    print(first[1] == seen[0])
    """
    played = play(tmp_path, script)
    assert played.stdout == "True\n", played.stderr
    assert [end.code for end in played.told.ranks] == [0, 0, 0], str(played.told)


def test_host_code_that_goes_different_ways_is_told_with_both_lines(tmp_path: Path) -> None:
    script = """
    import os
    world = strategy(2)
    if os.getpid() % 2 == world.share(os.getpid()) % 2 and world.rank == 0:
        os.mkdir("even")
    else:
        os.mkdir("odd")
    """
    played = play(tmp_path, script)
    assert played.told.verdict is Verdict.DRIFT and played.seconds < SOON
    rows = [str(row.intent) for row in played.told.table]
    line = len(PREAMBLE.splitlines()) + 5
    assert rows == [f"os.mkdir at train.py:{line}", f"os.mkdir at train.py:{line + 2}"]


def test_threads_and_children_of_other_ranks_do_nothing_on_the_host(tmp_path: Path) -> None:
    script = """
    import os, threading
    world = strategy(3)
    def write(name):
        print(name)
        open(name, "a").write("x")
    thread = threading.Thread(target=write, args=("thread",))
    thread.start(); thread.join()
    child = os.fork()
    if child == 0:
        write("child")
        os._exit(0)
    else:
        os.waitpid(child, 0)
        print("parent")
    """
    played = play(tmp_path, script)
    assert sorted(played.stdout.split()) == ["child", "parent", "thread"], played.stderr
    assert (tmp_path / "thread").read_text() == "x"


def test_aside_is_no_meeting(tmp_path: Path) -> None:
    script = """
    world = strategy(2)
    if world.rank == 1:
        with host.aside():
            open("no", "w").write("x")
    with host.aside():
        open("yes", "a").write("x")
    world.meet(Intent("end"))
    """
    played = play(tmp_path, script)
    assert played.told.verdict is Verdict.NONE
    assert (tmp_path / "yes").read_text() == "x" and not (tmp_path / "no").exists()


def test_workers_change_files_each_for_itself(tmp_path: Path) -> None:
    script = """
    import os
    world = current()
    os.mkdir(f"worker-{world.worker}")
    world.grow(4)
    with open(f"worker-{world.worker}/log", "a") as file:
        file.write("x")
    world.meet(Intent("end"))
    print(world.rank)
    """
    played = play(tmp_path, script, workers=2)
    assert sorted(played.stdout.splitlines()) == ["0", "[worker 1] 2"], played.stderr
    assert [(tmp_path / f"worker-{w}" / "log").read_text() for w in (0, 1)] == ["x", "x"]
