"""What the report says of made-up data."""

from __future__ import annotations

from varsync_runtime import events


def tell(symbol: str, holds: str, why: str) -> None:
    """Says at the user's line that `symbol` gives made-up data, what it is, and why."""
    events.count(events.Approximated, symbol, f"made-up data: {holds}; {why}", events.here())


def examples(splits: dict[str, int]) -> str:
    """The splits of a dataset in words."""
    return ", ".join(f"{size:,} {split}" for split, size in splits.items()) + " examples"
