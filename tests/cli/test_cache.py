"""What a run remembers for the next: the same findings, whatever became of the files or of the cache."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
import varsync.files.sources
import varsync.memory.memory
import varsync.memory.store
import varsync_rules.lint
import varsync_rules.source
from hypothesis import given, settings
from hypothesis import strategies as st
from varsync.configuration.config import Configuration
from varsync.configuration.settings import Options
from varsync.files.discovery import discover
from varsync.linting.checking import check
from varsync.memory.known import Result
from varsync.memory.memory import Memory
from varsync.memory.records import result_from_json, result_to_json
from varsync.memory.store import Store
from varsync_rules.changes import Fix, SetKeyword
from varsync_rules.findings import Confidence, Finding, Related, Severity, Span

from .conftest import Shell

MODEL = """\
import tensorflow as tf

def made():
    return tf.Variable(0.0{mode})
"""
TRAIN = """\
import tensorflow as tf
from model import made

strategy = tf.distribute.MirroredStrategy()
with strategy.scope():
    total = made()

def step():
    total.assign_add({value})

strategy.run(step)
"""
ALONE = TRAIN.replace("from model import made", "made = lambda: tf.Variable(0.0)")
VARYING = "tf.random.uniform([])"


@pytest.fixture(autouse=True)
def times_are_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test has just written is not read again for that reason alone."""
    monkeypatch.setattr(varsync.memory.memory, "_SETTLED", 0)


@pytest.fixture
def project(real: Shell) -> Shell:
    """A program of two files, one of one file, one that can't be parsed, and one of no interest."""
    real.write("model.py", MODEL.format(mode=""))
    real.write("train.py", TRAIN.format(value=VARYING))
    real.write("alone.py", ALONE.format(value=VARYING))
    real.write("broken.py", "x = = 1\n")
    real.write("other.py", "x = 1\n")
    return real


def all_of(shell: Shell, *words: str) -> str:
    """Everything that lint finds, as JSON."""
    return shell("lint", "--output-format", "json", *words).out


def remembered(shell: Shell, *words: str) -> int:
    """How many groups of files were not evaluated again."""
    err = shell("lint", "-v", *words).err
    return int(err.partition("remembered: ")[2].partition("\n")[0])


def files_of(shell: Shell) -> list[Path]:
    """The files of the cache."""
    cache = shell.folder / ".varsync_cache"
    return sorted(file for file in cache.rglob("*") if file.is_file())


class TestAgain:
    def test_the_same_is_found_and_nothing_evaluated(
        self, project: Shell, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = all_of(project)
        assert {item["code"] for item in json.loads(first)} >= {"VS201", "VS901"}

        def refuse(*_: object) -> None:
            raise AssertionError("evaluated again")

        monkeypatch.setattr(varsync_rules.lint, "evaluate", refuse)
        assert all_of(project) == first

    def test_only_what_has_to_do_with_a_change_is_evaluated(self, project: Shell) -> None:
        assert remembered(project) == 0
        assert remembered(project) == 2
        project.write("alone.py", ALONE.format(value="1.0 * " + VARYING))
        assert remembered(project) == 1
        project.write("model.py", MODEL.format(mode=", trainable=False"))
        assert remembered(project) == 1

    def test_a_change_elsewhere_changes_what_is_found_here(self, project: Shell) -> None:
        assert "train.py:9 VS201" in project.found()
        project.write("model.py", MODEL.format(mode=", aggregation=tf.VariableAggregation.SUM"))
        assert "train.py:9 VS201" not in project.found()

    def test_a_new_file_with_an_imported_name(self, project: Shell) -> None:
        (project.folder / "model.py").unlink()
        assert "train.py:9 VS201" not in project.found()
        project.write("model.py", MODEL.format(mode=""))
        assert "train.py:9 VS201" in project.found()

    def test_a_change_that_leaves_size_and_time(self, project: Shell) -> None:
        def written(name: str) -> list[str]:
            file = project.write("alone.py", ALONE.format(value=VARYING).replace("total", name))
            os.utime(file, (1_000_000_000, 1_000_000_000))
            return [finding["message"][:7] for finding in json.loads(all_of(project, "alone.py"))]

        assert written("total") == ["`total`"]
        assert written("other") == ["`other`"]

    def test_rules_that_were_not_run_before(self, project: Shell) -> None:
        assert project.found("--select", "VS1") == ["broken.py:1 VS901"]
        assert "alone.py:9 VS201" in project.found("--select", "VS2")
        assert project.found("--select", "VS1") == ["broken.py:1 VS901"]

    def test_paths_are_those_of_the_folder(
        self, project: Shell, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        project.write("pyproject.toml", "")
        assert "alone.py:9 VS201" in project.found()
        (project.folder / "sub").mkdir()
        monkeypatch.chdir(project.folder / "sub")
        assert f"{project.folder}/alone.py:9 VS201" in project.found("..")

    def test_a_file_passed_by_name(self, project: Shell) -> None:
        for _ in range(2):
            assert project.found("train.py") == ["train.py:9 VS201"]
            assert "alone.py:9 VS201" in project.found()

    def test_comments_count_in_every_run(self, project: Shell) -> None:
        project.write(
            "alone.py", ALONE.format(value=VARYING).replace("uniform([]))", "uniform([]))  # noqa")
        )
        for _ in range(2):
            assert "alone.py:9 VS201" not in project.found()
        project.write("other.py", "x = 1  # noqa: VS201\n")
        for _ in range(2):
            assert "other.py:1 VS902" in project.found()

    def test_what_is_mended_is_found_no_more(self, project: Shell) -> None:
        all_of(project)
        project("lint", "--fix", "--unsafe-fixes")
        assert [place for place in project.found() if "VS201" in place] == []
        assert project.found() == project.found("--no-cache")


class TestWhere:
    def test_in_the_project_and_unseen_by_git(self, project: Shell) -> None:
        all_of(project, "train.py")
        cache = project.folder / ".varsync_cache"
        assert (cache / ".gitignore").read_text() == "*\n"
        assert (
            (cache / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f0688")
        )

    @pytest.mark.parametrize("way", ["option", "environment"])
    def test_elsewhere(
        self, project: Shell, way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        words = ["--cache-dir", str(tmp_path / "c")] if way == "option" else []
        if way == "environment":
            monkeypatch.setenv("VARSYNC_CACHE_DIR", str(tmp_path / "c"))
        assert remembered(project, *words) == 0
        assert remembered(project, *words) == 2
        assert not (project.folder / ".varsync_cache").exists()
        assert (tmp_path / "c" / "CACHEDIR.TAG").exists()

    @pytest.mark.parametrize("way", ["option", "environment"])
    def test_nowhere(self, project: Shell, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
        if way == "environment":
            monkeypatch.setenv("VARSYNC_NO_CACHE", "1")
        words = ["-n"] if way == "option" else []
        assert remembered(project, *words) == remembered(project, *words) == 0
        assert not (project.folder / ".varsync_cache").exists()

    def test_where_nothing_can_be_written(self, project: Shell) -> None:
        expected = all_of(project, "--no-cache")
        project.write("file", "")
        for target in ("file", "file/below", "/proc/none", "/dev/null"):
            assert all_of(project, "--cache-dir", target) == expected

    def test_never_where_other_things_are(self, project: Shell) -> None:
        """Else a cache in the project would replace its .gitignore, and `clean` all of it."""
        ignores = project.write(".gitignore", "*.log\n")
        ran = project("lint", "--cache-dir", ".")
        assert (ran.code, ran.out) == (2, "")
        assert ran.err == "varsync: --cache-dir: other files are in .\n"
        ran = project("clean", "--cache-dir", ".")
        assert ran.err == f"varsync: {project.folder}: it is no cache of varsync\n"
        # a folder that is called so, and one that another program marked as its cache
        project.write(".varsync_cache/mine.txt", "words\n")
        project.write("target/CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55\n")
        project.write("target/debug/mine.txt", "words\n")
        assert all_of(project) == all_of(project, "--no-cache")
        assert [file.name for file in files_of(project)] == ["mine.txt"]
        assert project("clean").code == project("clean", "--cache-dir", "target").code == 2
        assert (project.folder / "target/debug/mine.txt").exists()
        assert ignores.read_text() == "*.log\n"

    def test_clean(self, project: Shell) -> None:
        all_of(project)
        cache = project.folder / ".varsync_cache"
        assert project("clean").out == f"Removed {cache}\n"
        assert not cache.exists()
        assert project("clean").out == f"{cache} is not there\n"
        assert project("clean", "--cache-dir", ".").code == 2
        assert (project.folder / "train.py").exists()


class TestBrokenCache:
    GARBAGE = (
        lambda data: b"",
        lambda data: data[: len(data) // 2],
        lambda data: b"\xff\x00" * 100,
        lambda data: data.replace(b"VS201", b"VS202"),
        lambda data: data.partition(b"\n")[0] + b"\n{}",
        lambda data: b"[" * 100_000,
    )

    @pytest.mark.parametrize("garble", GARBAGE)
    def test_is_as_if_it_were_not_there(self, project: Shell, garble: object) -> None:
        expected = all_of(project)
        for file in files_of(project):
            file.write_bytes(garble(file.read_bytes()))  # type: ignore[operator]
        assert all_of(project) == expected
        assert all_of(project) == expected
        assert remembered(project) == 2

    def test_what_is_whole_but_of_another_form(self, project: Shell) -> None:
        expected = all_of(project)
        store = Store(str(project.folder / ".varsync_cache"), str(project.folder))
        for text in ("[]", "{}", "null", '{"train.py": 1}', '{"findings": [1], "statistics": {}}'):
            for file in files_of(project):
                if file.name not in (".gitignore", "CACHEDIR.TAG"):
                    store._write(str(file), text)
            assert all_of(project) == expected

    def test_folders_where_files_should_be(self, project: Shell) -> None:
        expected = all_of(project)
        for file in files_of(project):
            file.unlink()
            file.mkdir()
        assert all_of(project) == expected

    def test_results_do_not_grow_for_ever(
        self, real: Shell, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(varsync.memory.store, "_MOST_RESULTS", 20)
        store = Store(str(real.folder / "c"), str(real.folder))
        for number in range(50):
            store.keep(f"{number:040}", Result((), {}))
        assert 10 <= len(list((real.folder / "c").rglob("0" * 38 + "*"))) <= 21
        assert store.result(f"{49:040}") == Result((), {})


class TestAtOnce:
    def test_many_runs_with_one_cache_agree(self, project: Shell) -> None:
        expected = json.loads(all_of(project, "--no-cache"))
        command = [sys.executable, "-m", "varsync", "lint", "--output-format", "json"]
        runs = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
        assert all(json.loads(run.communicate()[0]) == expected for run in runs)
        assert remembered(project) == 2

    @pytest.mark.slow
    def test_killed_runs_leave_a_cache_that_can_be_used(self, project: Shell) -> None:
        expected = json.loads(all_of(project, "--no-cache"))
        rng = random.Random(5)
        for number in range(60):
            if number % 7 == 0:
                project("clean")
            command = [sys.executable, "-m", "varsync", "lint", "-q"]
            run = subprocess.Popen(command, stdout=subprocess.DEVNULL)
            try:
                run.wait(rng.uniform(0.05, 0.5))
            except subprocess.TimeoutExpired:
                run.kill()
                run.wait()
            assert json.loads(all_of(project)) == expected

    def test_a_file_that_changes_while_it_is_read(
        self, project: Shell, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        memory = Memory()

        def run() -> list[str]:
            configuration = Configuration(Options(), isolated=True)
            report = check(discover(["."], configuration), memory=memory)
            return [f"{finding.span.path}:{finding.code}" for finding in report.findings]

        assert "alone.py:VS201" in run()
        read = varsync_rules.source.read

        def late(path: Path, display: str) -> object:
            if path.name == "alone.py":
                project.write("alone.py", "x = 1\n")
            return read(path, display)

        monkeypatch.setattr(varsync.files.sources, "read", late)
        assert "alone.py:VS201" not in run()
        assert "train.py:VS201" in run()


class TestProcesses:
    @pytest.fixture
    def wide(self, real: Shell) -> Shell:
        """Many programs that have nothing to do with each other."""
        filler = "# " + "x" * 60_000 + "\n"
        for number in range(24):
            real.write(f"p{number}/train{number}.py", filler + ALONE.format(value=VARYING))
        real.write("broken.py", filler + "tf.Variable( = \n")
        return real

    def test_several_find_what_one_finds(self, wide: Shell) -> None:
        one = all_of(wide, "--no-cache", "--jobs", "1")
        assert len(json.loads(one)) == 25
        for jobs in ("2", "64"):
            assert all_of(wide, "--no-cache", "--jobs", jobs) == one

    def test_one_that_dies_is_made_up_for(
        self, wide: Shell, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        expected = all_of(wide, "--no-cache", "--jobs", "1")
        parent = os.getpid()
        evaluate = varsync_rules.lint.evaluate

        def fragile(*words: object) -> object:
            if os.getpid() != parent:
                os._exit(3)
            return evaluate(*words)  # type: ignore[arg-type]

        monkeypatch.setattr(varsync_rules.lint, "evaluate", fragile)
        assert all_of(wide, "--no-cache", "--jobs", "2") == expected

    def test_what_fails_in_another_process_is_told(
        self, wide: Shell, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*_: object) -> None:
            raise ZeroDivisionError("it broke")

        monkeypatch.setattr(varsync_rules.lint, "evaluate", fail)
        ran = wide("lint", "--no-cache", "--jobs", "2")
        assert (ran.code, ran.out) == (2, "")
        assert "ZeroDivisionError: it broke" in ran.err

    @pytest.mark.parametrize("jobs", ["0", "-1", "two"])
    def test_a_number_is_needed(self, real: Shell, jobs: str) -> None:
        ran = real("lint", "--jobs", jobs)
        assert (ran.code, ran.err.count("\n")) == (2, 1)


spans = st.builds(Span, st.text(), *[st.integers()] * 5)
findings = st.builds(
    Finding,
    st.text(),
    st.text(),
    st.sampled_from(Severity),
    st.text(),
    spans,
    st.lists(st.builds(Related, spans, st.text()), max_size=2).map(tuple),
    st.text(),
    st.text(),
    st.sampled_from(Confidence),
    st.none()
    | st.builds(Fix, st.text(), st.builds(SetKeyword, spans, st.text(), st.text()), st.text()),
)


@settings(max_examples=25)
@given(st.lists(findings, max_size=3).map(tuple))
def test_findings_are_read_as_they_were_written(found: tuple[Finding, ...]) -> None:
    result = Result(found, {"creations": 3})
    assert result_from_json(result_to_json(result)) == result
