"""Plays every case on TensorFlow and stores what it gave.

python -m tests.runtime.ops.record            # all of them
python -m tests.runtime.ops.record --missing  # those that are not recorded yet
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from tests.runtime.ops.play import play
from tests.runtime.ops.table import Case, all_cases

RECORDED = Path(__file__).parent / "recorded.json"


def load() -> dict[str, Any]:
    """What was recorded, by the name of the case."""
    return json.loads(RECORDED.read_text(encoding="utf-8"))["cases"]  # type: ignore[no-any-return]


def on_tensorflow(cases: list[Case]) -> dict[str, Any]:
    """What TensorFlow gives for cases now."""
    import tensorflow as tf

    return {case.name: play(tf, case) for case in cases}


def main() -> None:
    import tensorflow as tf

    kept = load() if "--missing" in sys.argv[1:] else {}
    new = on_tensorflow([case for case in all_cases() if case.name not in kept])
    found = {case.name: (kept | new)[case.name] for case in all_cases()}
    lines = ",\n".join(
        f"{json.dumps(name)}: {json.dumps(one, separators=(',', ':'))}"
        for name, one in found.items()
    )
    text = f'{{"tensorflow": "{tf.__version__}", "cases": {{\n{lines}\n}}}}\n'
    RECORDED.write_text(text, encoding="utf-8")
    failed = sum("error" in one for one in found.values())
    sys.stdout.write(f"{len(found)} cases ({len(new)} played), {failed} of them raise\n")


if __name__ == "__main__":
    main()
