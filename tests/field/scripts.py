"""Training scripts that others wrote, from packages and their documentation, and how they end.

`scripts.csv` has a line for each: a file of a package, or with `block` an example of the documentation
in it (the object, and which of its code blocks); what it is run with; and its end: what is printed
when it has trained, how many steps it made, or what it needs that is not modelled.
"""

from __future__ import annotations

import ast
import csv
import json
import os
import re
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.field.packages import Package, fetch, fetch_source, install

TABLE = Path(__file__).with_name("scripts.csv")
# what the scripts import besides TensorFlow, Keras and their own package
BESIDE = (
    "attrs==26.1.0", "cloudpickle==3.1.2", "decorator==5.3.1", "dm-tree==0.1.9", "gast==0.7.0",
    "joblib==1.6.0", "narwhals==2.29.0", "regex==2026.11.15", "scikit-learn==1.9.1",
    "scipy==1.17.1", "sentencepiece==0.2.3", "six==1.17.0", "threadpoolctl==3.8.0",
    "tokenizers==0.23.3", "tqdm==4.70.1", "wrapt==2.5.2",
)  # fmt: skip
# a reader of the documentation knows these names
KNOWN = "import keras\nimport numpy as np\nimport tensorflow as tf\n"
# the folder of a wheel that is unpacked, where that is not all
FOLDERS = {"tensorflow-cpu": "tensorflow/python/distribute"}
# examples of MNIST's form, small
MNIST = """
import sys
import numpy as np
random = np.random.default_rng(0)
arrays = {}
for part, count in (("train", 256), ("test", 64)):
    digits = random.integers(0, 10, count).astype(np.uint8)
    images = random.integers(0, 60, (count, 28, 28)).astype(np.uint8)
    for image, digit in zip(images, digits):
        image[2 * digit : 2 * digit + 4, 4:24] += 150
    arrays |= {f"x_{part}": images, f"y_{part}": digits}
np.savez(sys.argv[1], **arrays)
"""


@dataclass(frozen=True)
class Script:
    """A line of the table."""

    script: str
    package: str
    block: str
    arguments: str
    beside: str
    end: str

    @property
    def title(self) -> str:
        return self.block.split(" ")[0] or Path(self.script).stem


@dataclass(frozen=True)
class Run:
    """What came of it."""

    stdout: str
    stderr: str
    report: dict[str, object]

    @property
    def end(self) -> str:
        """`finished`, or `not modelled` and what."""
        outcome = self.report["outcome"]
        assert isinstance(outcome, dict)
        if outcome["status"] != "not modelled":
            return str(outcome["status"])
        found = re.match(r"varsync simulate does not model ([\w.]+)", outcome["message"])
        return f"not modelled: {found[1] if found else outcome['message']}"


@cache
def scripts() -> tuple[Script, ...]:
    """The table."""
    with TABLE.open(newline="", encoding="utf-8") as file:
        return tuple(Script(**row) for row in csv.DictReader(file))


def folder_of(package: str) -> Path:
    """Where a package's files are, which are fetched if they were not yet: `name==version`."""
    name, version = package.removesuffix(" (source)").split("==")
    if package.endswith("(source)"):
        return fetch_source(name, version)
    return fetch(Package(name, version, FOLDERS.get(name, "")))


def documented(file: Path, block: str) -> str:
    """The code of an example in a docstring."""
    name, _, number = block.partition(" ")
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and node.name == name:
            blocks = re.findall(r"```(?: *python)?\n(.*?)```", ast.get_docstring(node) or "", re.S)
            return KNOWN + textwrap.dedent(blocks[int(number)])
    raise LookupError(f"{file} has no {name}")


def run(script: Script, scratch: Path) -> Run:
    """Runs it on two replicas for 20 steps, in a folder and a home of its own."""
    package = folder_of(script.package)
    path = package / script.script
    paths = [package, *map(folder_of, script.beside.split()), install(BESIDE)]
    if script.block:
        text = documented(path, script.block)
        name = script.package.split("==")[0].replace("-", "_")
        path = scratch / "example.py"
        # Keras and TensorFlow themselves are not taken from there
        if name == "keras_hub":
            text = f"import {name}\n{text}"
        else:
            paths = paths[1:]
        path.write_text(text, encoding="utf-8")
    data = scratch / ".art" / "data"
    data.mkdir(parents=True)
    subprocess.run([sys.executable, "-c", MNIST, str(data / "mnist.npz")], check=True)
    command = [sys.executable, "-m", "varsync", "simulate", str(path), "--replicas", "2"]
    command += ["--max-steps", "20", "--quiet", "--exit-zero", "--report-file", "report.json"]
    ours = [os.path.abspath(entry) for entry in sys.path if entry]  # noqa: PTH100
    environment = {
        **os.environ,
        "HOME": str(scratch),
        "PYTHONPATH": os.pathsep.join([*map(str, paths), *ours]),
        "KERAS_BACKEND": "tensorflow",
        "DDE_BACKEND": "tensorflow",
    }
    done = subprocess.run(
        [*command, "--", *script.arguments.split()],
        cwd=scratch,
        env=environment,
        text=True,
        capture_output=True,
        check=False,
        timeout=600,
    )
    report = scratch / "report.json"
    assert report.exists(), done.stderr
    return Run(done.stdout, done.stderr, json.loads(report.read_text(encoding="utf-8")))


def table() -> str:
    """The table of the documentation."""
    lines = ["| script | of | ends |", "|---|---|---|"]
    for one in scripts():
        where = f"`{one.block.split(' ')[0]}`'s example in `{one.script}`" if one.block else ""
        ends = one.end if one.end.startswith("not") else "trains"
        lines.append(f"| {where or f'`{one.script}`'} | {one.package} | {ends} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(table(), end="")
