"""The README says what is so: its output is real, its options and examples work.

python tests/test_readme.py      writes the output of the example into the README, and draws it
"""

from __future__ import annotations

import html
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from rich.console import Console
from rich.text import Text
from varsync.configuration.tables import read_table
from varsync_rules.registry import rules
from varsync_rules.source import Source
from varsync_rules.suppressions import read

ROOT = Path(__file__).parent.parent
PICTURE = ROOT / "docs" / "simulate.svg"
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The blocks of a language, in the order of the page."""
    found: list[str] = re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.M | re.S)
    return found


def commands() -> list[str]:
    return [line for block in blocks("sh") for line in block.splitlines()]


def run_example(folder: Path, command: str, *options: str) -> tuple[str, str]:
    """What a part of the first command prints, elsewhere than in this repository, on each stream."""
    if not (folder / "examples").exists():
        shutil.copytree(ROOT / "examples", folder / "examples")
    (words,) = (part.split() for part in commands()[0].split("&&") if f"varsync {command}" in part)
    environment = {name: value for name, value in os.environ.items() if name != "FORCE_COLOR"}
    ran = subprocess.run(
        [sys.executable, "-m", *words, *options],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    return ran.stdout, ran.stderr


def last_finding(output: str) -> str:
    """The part of lint's output that the README shows: the last finding and the line that counts."""
    starts = [match.start() for match in re.finditer(r"^\S+:\d+:\d+  ", output, re.M)]
    return output[starts[-1] :]


def first_observation(outputs: tuple[str, str]) -> str:
    """What the README shows of the simulation: the script's output, the first observation."""
    stdout, report = outputs
    headline, observation = report.split("\n\n")[:2]
    return f"{stdout}{timeless(headline)}\n\n{observation}\n"


def timeless(text: str) -> str:
    """A report as if the run had taken 0.6 s."""
    return re.sub(r"(?<=, )\d+\.\d s(?=\x1b|$)", "0.6 s", text, flags=re.M)


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> str:
    return run_example(tmp_path_factory.mktemp("readme"), "lint")[0]


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    return run_example(tmp_path_factory.mktemp("readme"), "simulate")


def test_the_output_is_what_lint_prints(output: str) -> None:
    """`python tests/test_readme.py` writes it anew."""
    assert blocks("text")[0] == last_finding(output)


def test_the_output_is_what_simulate_prints(simulated: tuple[str, str]) -> None:
    """`python tests/test_readme.py` writes it anew."""
    assert blocks("text")[1:] == [first_observation(simulated)]


def test_the_picture_shows_what_simulate_prints(simulated: tuple[str, str]) -> None:
    """`python tests/test_readme.py` draws it anew."""
    drawn = PICTURE.read_text(encoding="utf-8")
    texts = re.findall(
        r"<text [^>]*>(.*?)</text>", drawn.split('<g class="varsync-matrix">')[1], re.S
    )
    shown = html.unescape("".join(texts)).replace("\N{NO-BREAK SPACE}", " ")
    assert "".join(shown.split()) == "".join(whole(simulated).split())


def test_the_example_has_several_misuses(output: str) -> None:
    headings = re.findall(r"^examples/(\w+\.py):\d+:\d+  \w+ (VS\d{3}) ", output, re.M)
    assert len({code for _, code in headings}) >= 4
    assert {file for file, _ in headings} == {"model.py", "train.py"}


def test_there_are_two_commands_to_set_up() -> None:
    setup = TEXT.split("## Set up")[1].split("\n## ")[0]
    lines = re.findall(r"^```sh\n(.*?)^```$", setup, re.M | re.S)
    assert [len(block.splitlines()) for block in lines] == [1, 1]
    assert re.fullmatch(r"pip install \. && varsync lint .* && varsync simulate .*\n", lines[0])
    assert lines[1].endswith("&& pytest -n auto\n")


def test_its_options_exist() -> None:
    helped = ""
    for command in ((), ("lint",), ("rule",), ("simulate",), ("table",), ("config",)):
        helped += subprocess.run(
            [sys.executable, "-m", "varsync", *command, "--help"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    outside = {"--exit-zero"}
    for option in set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", TEXT)) | outside:
        assert re.search(rf"{option}\b", helped), option


def test_its_rules_exist() -> None:
    known = {rule.code for rule in rules()}
    for code in set(re.findall(r"\bVS\d{3}\b", TEXT)):
        assert code in known


def test_its_configuration_is_one(tmp_path: Path) -> None:
    (table,) = blocks("toml")
    file = tmp_path / "pyproject.toml"
    file.write_text(table)
    options = read_table(file)
    assert options is not None
    assert options.per_file_ignores == (("tests/*", ("VS2",)),)


def test_its_comments_suppress() -> None:
    block = next(block for block in blocks("python") if "ignore" in block)
    found = read(Source("a.py", Path("/a.py"), block.encode()), rules())
    assert [sorted(entry.codes or ())[:1] for entry in found.by_line[0, 1]] == [["VS201"]]
    assert [sorted(entry.codes or ())[:1] for entry in found.by_line[0, 2]] == [["VS201"]]
    assert len(found.whole_file) == 1


def test_its_program_runs(tmp_path: Path) -> None:
    block = next(block for block in blocks("python") if "varsync.lint" in block)
    (tmp_path / "src").mkdir()
    shutil.copytree(ROOT / "examples", tmp_path / "src" / "examples")
    # the script that it simulates is called train.py
    shutil.copytree(ROOT / "examples", tmp_path, dirs_exist_ok=True)
    ran = subprocess.run(
        [sys.executable, "-c", block], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert re.search(r"^VS2\d\d src/examples/model\.py 22 `self\.mean`", ran.stdout, re.M)
    assert re.search(r"^VS2\d\d \S*model\.py:22 `self\.mean`", ran.stdout, re.M)


def test_its_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", TEXT):
        assert target.startswith("https://") or (ROOT / target).exists(), target


def whole(outputs: tuple[str, str]) -> str:
    """What a terminal shows of the simulation: the command, the script's output, the report."""
    part = next(part for part in commands()[0].split("&&") if "varsync simulate" in part)
    return f"$ {part.strip()}\n{outputs[0]}{timeless(outputs[1])}"


def draw(text: str) -> str:
    """A picture (SVG) of a terminal with this text, which may have colours."""
    console = Console(record=True, width=120, file=io.StringIO(), legacy_windows=False)
    console.print(Text.from_ansi(text))
    drawn = str(console.export_svg(title="varsync", unique_id="varsync"))
    # no fonts from elsewhere
    return re.sub(r"@font-face \{.*?\}\s*", "", drawn, flags=re.S)


def write_output() -> None:
    """Puts what the commands print now into the README, and draws the picture."""
    with tempfile.TemporaryDirectory() as folder:
        lint = last_finding(run_example(Path(folder), "lint")[0])
        simulated = run_example(Path(folder), "simulate")
        coloured = run_example(Path(folder), "simulate", "--color", "always")
    text = TEXT
    for before, now in zip(blocks("text"), (lint, first_observation(simulated)), strict=True):
        text = text.replace(before, now)
    (ROOT / "README.md").write_text(text, encoding="utf-8")
    PICTURE.write_text(draw(whole(coloured)), encoding="utf-8")


if __name__ == "__main__":
    write_output()
