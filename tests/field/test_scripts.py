"""Training scripts of others start in the simulation, and train, or end with a line that says why not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.field.scripts import Script, run, scripts, table

PAGE = Path(__file__).parents[2] / "docs" / "simulate.md"


@pytest.mark.field
@pytest.mark.parametrize("script", scripts(), ids=lambda script: script.title)
def test_it_trains_or_says_what_is_not_modelled(script: Script, tmp_path: Path) -> None:
    seen = run(script, tmp_path)
    if script.end.startswith("not modelled"):
        assert seen.end == script.end, seen.stderr[-2000:]
        assert seen.stderr.splitlines()[-1].startswith("varsync: varsync simulate does not model ")
        assert "Traceback" not in seen.stderr
        return
    assert seen.end in ("finished", "limit of steps"), seen.stderr[-2000:]
    if script.end.startswith("prints "):
        assert script.end.removeprefix("prints ") in seen.stdout
    else:
        assert seen.report["steps"] == int(script.end.split()[0])


def test_there_are_ten_and_the_page_lists_them() -> None:
    assert len(scripts()) >= 10
    assert table() in PAGE.read_text(encoding="utf-8")
