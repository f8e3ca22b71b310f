"""python -m tests.runtime.referee [part ...]: records the cases on the installed TensorFlow."""

from __future__ import annotations

import sys

from tests.runtime.referee import PARTS, record


def main() -> None:
    """Records the parts that are named, or all."""
    for part in sys.argv[1:] or PARTS:
        record(part)


if __name__ == "__main__":
    main()
