"""Begins a rule: its two files, which pass their test as they are, to be changed."""

from __future__ import annotations

from pathlib import Path

from varsync_rules.plugins.listing import problem_of
from varsync_rules.registry import code_and_name

from varsync.errors import CannotRun, refusal

_TEMPLATE = Path(__file__).parent / "template" / "abc123_my_name"


def begin(name: str, folder: Path) -> list[Path]:
    """Writes the files of a rule called like `abc123-my-name` into a folder; raises CannotRun."""
    stem = name.lower().replace("-", "_")
    problem = problem_of(stem)
    if problem:
        raise CannotRun(f"{name!r}: {problem}")
    code, kebab = code_and_name(stem)
    files = {folder / f"{stem}{suffix}": _TEMPLATE.with_suffix(suffix) for suffix in (".py", ".md")}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file in files:
            if file.exists():
                raise CannotRun(f"{file}: it is there already")
        for file, template in files.items():
            text = template.read_text(encoding="utf-8")
            text = text.replace("ABC123", code).replace("my-name", kebab)
            file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CannotRun(f"{folder}: {refusal(error)}") from None
    return list(files)
