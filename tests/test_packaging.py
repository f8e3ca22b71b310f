"""The wheel holds the three packages, whole, and nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
import varsync

ROOT = Path(__file__).parent.parent
FOLDERS = {
    "varsync": ROOT / "varsync_cli",
    "varsync_rules": ROOT / "rules",
    "varsync_runtime": ROOT / "runtime",
}
INFO = f"varsync-{varsync.__version__}.dist-info"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (file,) = folder.iterdir()
    assert file.name == f"varsync-{varsync.__version__}-py3-none-any.whl"
    return ZipFile(file)


def own_files() -> set[str]:
    """What Git or the disk has of the packages, by their path in the wheel."""
    return {
        file.relative_to(folder).as_posix()
        for package, folder in FOLDERS.items()
        for file in (folder / package).rglob("*")
        if file.is_file() and file.suffix != ".pyc"
    }


def test_it_holds_the_three_packages_and_nothing_else(wheel: ZipFile) -> None:
    names = set(wheel.namelist())
    assert {name.split("/")[0] for name in names} == {*FOLDERS, INFO}
    assert {name for name in names if not name.startswith(INFO)} == own_files()


def test_pages_and_type_marks_are_in_it(wheel: ZipFile) -> None:
    names = set(wheel.namelist())
    pages = {name for name in names if name.endswith(".md")}
    assert len(pages) > 10
    others = {name for name in pages if not name.startswith("varsync_rules/catalog/vs")}
    assert others == {"varsync/authoring/template/abc123_my_name.md"}
    assert {f"{package}/py.typed" for package in FOLDERS} <= names


def test_every_rule_has_its_page(wheel: ZipFile) -> None:
    names = [name for name in wheel.namelist() if name.startswith("varsync_rules/catalog/vs")]
    pages = {name.removesuffix(".md") for name in names if name.endswith(".md")}
    checks = {name.removesuffix(".py") for name in names if name.endswith(".py")}
    assert checks <= pages


def test_what_is_said_of_it(wheel: ZipFile) -> None:
    metadata = wheel.read(f"{INFO}/METADATA").decode()
    assert f"\nVersion: {varsync.__version__}\n" in metadata
    assert "\nLicense-Expression: Apache-2.0\n" in metadata
    assert "# varsync" in metadata
    assert wheel.read(f"{INFO}/entry_points.txt").decode() == (
        "[console_scripts]\nvarsync = varsync.app:main\n"
        "\n[pytest11]\nvarsync = varsync.pytest_plugin\n"
    )
    assert "Apache License" in wheel.read(f"{INFO}/licenses/LICENSE").decode()
