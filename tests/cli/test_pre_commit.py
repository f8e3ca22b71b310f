"""The hook in a real pre-commit, which makes its environment from this repository."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent.parent
PARTS = ("varsync_cli", "rules", "runtime", "pyproject.toml", "README.md", "LICENSE")
BAD = """\
import tensorflow as tf

strategy = tf.distribute.MirroredStrategy()
with strategy.scope():
    total = tf.Variable(0.0, synchronization=tf.VariableSynchronization.NONE)
"""
REPLICA_UPDATE = """\
def step(x):
    total.assign_add(tf.reduce_sum(x))


for x in strategy.experimental_distribute_dataset(dataset):
    strategy.run(step, args=(x,))
"""
AUTHOR = ("-c", "user.name=Test", "-c", "user.email=test@example.org")


def run(*command: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs a command in which only the hook's own environment has varsync."""
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, env={**inherited, **environment}
    )


def git(*words: str, cwd: Path) -> str:
    """Runs git; gives what it writes."""
    words = ("git", *AUTHOR, *words)
    ran = subprocess.run(words, cwd=cwd, check=True, capture_output=True, text=True)
    return ran.stdout


@dataclass(frozen=True)
class Hook:
    """A repository with the hook, at a commit, and where pre-commit keeps the environment of it."""

    repository: Path
    revision: str
    cache: str


@pytest.fixture(scope="module")
def hook(tmp_path_factory: pytest.TempPathFactory) -> Hook:
    """A repository of the project as it is now. The environment is made once for all tests here."""
    folder = tmp_path_factory.mktemp("hook")
    shutil.copy(ROOT / ".pre-commit-hooks.yaml", folder)
    for part in PARTS:
        if (ROOT / part).is_dir():
            ignore = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / part, folder / part, ignore=ignore)
        else:
            shutil.copy(ROOT / part, folder)
    git("init", "-q", cwd=folder)
    git("add", ".", cwd=folder)
    git("commit", "-q", "-m", "The project", cwd=folder)
    revision = git("rev-parse", "HEAD", cwd=folder).strip()
    return Hook(folder, revision, str(tmp_path_factory.mktemp("cache")))


@dataclass(frozen=True)
class Project:
    """A user's repository, in whose configuration the hook is."""

    folder: Path
    hook: Hook

    def configure(self, *arguments: str) -> None:
        """Lets the hook have these arguments."""
        entry = {"id": "varsync", "args": list(arguments)} if arguments else {"id": "varsync"}
        repository = {
            "repo": str(self.hook.repository),
            "rev": self.hook.revision,
            "hooks": [entry],
        }
        # JSON is YAML
        self.write(".pre-commit-config.yaml", json.dumps({"repos": [repository]}))

    def write(self, name: str, text: str) -> Path:
        """Makes a file, which is staged."""
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        git("add", "--", name, cwd=self.folder)
        return file

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Runs pre-commit: without words on what is staged."""
        return run(
            *(sys.executable, "-m", "pre_commit", "run", "--color=never", *words),
            cwd=self.folder,
            PRE_COMMIT_HOME=self.hook.cache,
        )

    def passes(self, *words: str) -> str:
        """The output of a run that finds nothing."""
        ran = self.run(*words)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    def fails(self, *words: str) -> str:
        """The output of a run that finds something."""
        ran = self.run(*words)
        assert ran.returncode == 1, ran.stdout + ran.stderr
        return ran.stdout


@pytest.fixture
def project(tmp_path: Path, hook: Hook) -> Project:
    git("init", "-q", cwd=tmp_path)
    made = Project(tmp_path, hook)
    made.configure()
    made.write("clean.py", "import tensorflow as tf\n")
    made.write("README.md", "words\n")
    return made


def test_a_clean_file_passes(project: Project) -> None:
    assert "Passed" in project.passes()


def test_a_misuse_fails(project: Project) -> None:
    project.write("bad.py", BAD)
    assert "bad.py:5:13  error VS101" in project.fails()


def test_what_is_excluded_is_left_out(project: Project) -> None:
    project.write("pyproject.toml", "[tool.varsync]\nextend-exclude = ['gen']\n")
    project.write("gen/bad.py", BAD)
    assert "Passed" in project.passes()
    git("rm", "-q", "--cached", "clean.py", cwd=project.folder)
    said = project.passes("--verbose")
    assert "Nothing to check: no Python files found." in said


def test_without_python_files_there_is_nothing_to_do(project: Project) -> None:
    git("rm", "-q", "--cached", "clean.py", cwd=project.folder)
    assert "Skipped" in project.passes()
    assert "Skipped" in project.passes("--all-files")


def test_only_what_is_staged_is_reported_and_the_rest_is_read(project: Project) -> None:
    (project.folder / "bad.py").write_text(BAD)
    assert "Passed" in project.passes()
    project.write("made.py", BAD.replace("synchronization=tf.VariableSynchronization.NONE", ""))
    git("commit", "-q", "--no-verify", "-m", "Made", cwd=project.folder)
    project.write(
        "train.py", f"import tensorflow as tf\nfrom made import strategy, total\n{REPLICA_UPDATE}"
    )
    said = project.fails()
    assert "train.py:4:5  warning VS201" in said
    assert "made.py" not in re.sub("-->.*", "", said)


def test_what_can_be_fixed_is_fixed_and_staged_by_the_user(project: Project) -> None:
    project.configure("--fix")
    file = project.write("bad.py", BAD)
    said = project.fails()
    assert "files were modified by this hook" in said
    assert "Fixed 1 finding." in said
    assert file.read_text() == BAD.replace(", synchronization=tf.VariableSynchronization.NONE", "")
    git("add", "bad.py", cwd=project.folder)
    assert "Passed" in project.passes()


def test_notebooks(project: Project) -> None:
    cells = [{"cell_type": "markdown", "source": "Words"}, {"cell_type": "code", "source": BAD}]
    file = project.write("train.ipynb", json.dumps({"cells": cells, "nbformat": 4}))
    assert "train.ipynb:cell 2:5:13  error VS101" in project.fails()
    project.configure("--fix")
    assert "files were modified by this hook" in project.fails()
    assert "NONE" not in file.read_text()
    git("add", "train.ipynb", cwd=project.folder)
    assert "Passed" in project.passes()


def test_thousands_of_files(project: Project) -> None:
    for number in range(2_000):
        file = project.folder / f"package{number % 7}" / f"module_{number}.py"
        file.parent.mkdir(exist_ok=True)
        file.write_text("x = 1\n")
    git("add", ".", cwd=project.folder)
    assert "Passed" in project.passes("--all-files")
    (project.folder / "package3" / "module_3.py").write_text(BAD)
    git("add", ".", cwd=project.folder)
    said = project.fails("--all-files")
    assert "package3/module_3.py:5:13  error VS101" in said
    # pre-commit splits long command lines: the hook runs a few times at most
    assert 1 <= said.count(" files.\n") <= 4


def test_a_commit_is_stopped(project: Project) -> None:
    installed = run(
        *(sys.executable, "-m", "pre_commit", "install"),
        cwd=project.folder,
        PRE_COMMIT_HOME=project.hook.cache,
    )
    assert installed.returncode == 0, installed.stderr
    project.write("bad.py", BAD)
    words = ("git", *AUTHOR, "commit", "-m", "Words")
    ran = run(*words, cwd=project.folder, PRE_COMMIT_HOME=project.hook.cache)
    assert ran.returncode == 1
    assert "bad.py:5:13  error VS101" in ran.stdout + ran.stderr
    project.write("bad.py", BAD.replace("\n    total", "\n    other").replace("NONE", "AUTO"))
    ran = run(*words, cwd=project.folder, PRE_COMMIT_HOME=project.hook.cache)
    assert ran.returncode == 0, ran.stdout + ran.stderr
