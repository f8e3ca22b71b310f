"""Runs scripts on real TensorFlow: it is imported once, and each run is a fork of this process."""

from __future__ import annotations

import importlib
import json
import os
import runpy
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

from varsync_runtime.datasets.scratch import scratch as made_up
from varsync_runtime.standin import tensorflow_datasets
from varsync_runtime.standin.completing import Completer

from tests.catalog.page_runner import _free_ports, _wait

from .messages import normalised
from .outcome import Outcome, Process, from_json


@dataclass(frozen=True)
class Job:
    """A script to be run, with its arguments, by `processes` workers with `devices` in all.

    With `may_hang` the processes are ended as soon as all of them idle.
    """

    script: Path
    devices: int
    arguments: tuple[str, ...] = ()
    processes: int = 1
    workers: bool = False
    may_hang: bool = False


def prepare(keras: bool = False) -> None:
    """Imports TensorFlow, and Keras, so that the forks need not; called before the first `play`.

    What the scripts would download is made up, as it is for those that are simulated.
    """
    os.environ.update(CUDA_VISIBLE_DEVICES="-1", TF_CPP_MIN_LOG_LEVEL="3", OPENBLAS_NUM_THREADS="1")
    os.environ.pop("TF_CONFIG", None)
    sys.meta_path[:0] = [Completer(), tensorflow_datasets.Finder()]
    # Keras asks once where its home is, and TensorFlow imports it
    home = tempfile.TemporaryDirectory(prefix="varsync-programs-")
    _homes.append(home)
    os.environ.update(without_local_data(Path(home.name)))
    importlib.import_module("tensorflow")
    if keras:
        importlib.import_module("keras")


_homes: list[tempfile.TemporaryDirectory[str]] = []


def without_local_data(folder: Path) -> dict[str, str]:
    """The environment in which Keras and tensorflow_datasets find no data but in this folder."""
    return {"KERAS_HOME": str(folder), "TFDS_DATA_DIR": str(folder)}


def version() -> str:
    """Major and minor version of the installed TensorFlow."""
    import tensorflow as tf

    return ".".join(str(tf.__version__).split(".")[:2])


def play(job: Job) -> Outcome:
    """Runs a script in new processes, in a new empty folder, and returns what they did."""
    from tensorflow.python.eager import context

    # A context that is set up has threads and devices, which would not survive the fork.
    assert not context.context()._initialized
    with tempfile.TemporaryDirectory(prefix="varsync-programs-") as scratch:
        folders = [Path(scratch, f"process{index}") for index in range(job.processes)]
        for folder in folders:
            (folder / "files").mkdir(parents=True)
        pids = []
        for index, config in enumerate(_configs(job)):
            sys.stdout.flush()
            sys.stderr.flush()
            pid = os.fork()
            if pid == 0:
                _perform(job, index, folders, config)
            pids.append(pid)
        statuses = _wait(pids, job.may_hang)
        return tuple(
            _seen(folder, statuses.get(pid)) for folder, pid in zip(folders, pids, strict=True)
        )


def _configs(job: Job) -> list[str]:
    if not job.workers:
        return [""]
    addresses = [f"127.0.0.1:{port}" for port in _free_ports(job.processes)]
    return [
        json.dumps({"cluster": {"worker": addresses}, "task": {"type": "worker", "index": index}})
        for index in range(job.processes)
    ]


def _perform(job: Job, index: int, folders: Sequence[Path], config: str) -> NoReturn:
    """What a forked process does; it never returns."""
    folder = folders[index]
    status, error, message = 1, "Unknown", ""
    try:
        os.setsid()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        for name, stream in (("stdout", 1), ("stderr", 2)):
            with (folder / name).open("wb") as file:
                os.dup2(file.fileno(), stream)
        with Path(os.devnull).open("rb") as nothing:
            os.dup2(nothing.fileno(), 0)
        sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
        os.chdir(folder / "files")
        sys.argv = [str(job.script), *job.arguments]
        sys.path.insert(0, str(job.script.parent))
        sys.dont_write_bytecode = True
        if config:
            os.environ["TF_CONFIG"] = config
        made_up.folder = folder / "made_up"
        _set_devices(job.devices // job.processes)
        status, error, message = _run(job.script)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        result = {"status": status, "error": error, "message": message}
        (folder / "result.part").write_text(json.dumps(result))
        (folder / "result.part").rename(folder / "result")
        # A worker that leaves early would take the others' last collective with it.
        until = time.monotonic() + 20
        while time.monotonic() < until and not all((each / "result").exists() for each in folders):
            time.sleep(0.02)
        os._exit(status)


def _set_devices(count: int) -> None:
    import tensorflow as tf

    cpu = tf.config.list_physical_devices("CPU")[0]
    devices = [tf.config.LogicalDeviceConfiguration() for _ in range(count)]
    tf.config.set_logical_device_configuration(cpu, devices)


def _run(script: Path) -> tuple[int, str, str]:
    """Exit status, class and message of the exception, as if the script ran by itself."""
    try:
        runpy.run_path(str(script), run_name="__main__")
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0, "", ""
        print(end.code, file=sys.stderr)
        return 1, "", ""
    except BaseException as error:
        traceback.print_exc()
        return 1, type(error).__name__, normalised(str(error))
    return 0, "", ""


def _seen(folder: Path, status: int | None) -> Process:
    """What a process left behind; `status` is None if it was ended."""
    result = folder / "result"
    if result.exists():
        # perhaps it was ended while it waited for the others to be done
        entry = json.loads(result.read_text())
    elif status is None:
        entry = {"status": None}
    else:
        code = os.waitstatus_to_exitcode(status)
        entry = {"status": code, "error": "ProcessDied", "message": f"exit code {code}"}
    stdout = (folder / "stdout").read_text(errors="replace").splitlines()
    return replace(from_json({**entry, "stdout": stdout}), files=text_files(folder / "files"))


def text_files(folder: Path) -> dict[str, str]:
    """The text files in a folder, by their names in it."""
    return {
        str(file.relative_to(folder)): file.read_text(errors="replace")
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }
