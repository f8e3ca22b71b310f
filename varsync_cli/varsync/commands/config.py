"""`varsync config`: the keys of `[tool.varsync]`, and their JSON schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from varsync.errors import CannotRun

if TYPE_CHECKING:
    from varsync.configuration.tables import Key


def config(
    key: Annotated[
        str | None,
        typer.Argument(
            help="A key of the table, as 'select' or 'target.keras'.", show_default="all"
        ),
    ] = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON schema of the table, for editors.")
    ] = False,
) -> int:
    """Explain the keys of the configuration table.

    What holds in a project, and who says it, is shown by `varsync lint --show-settings`.
    """
    from varsync.configuration.tables import KEYS, TARGET_KEYS
    from varsync.console.terminal import write

    if schema:
        import json

        from varsync.configuration.schema import schema as document

        if key is not None:
            raise CannotRun("--schema is of all keys")
        write(json.dumps(document(), indent=2) + "\n")
        return 0
    keys = {**KEYS, **{f"target.{name}": one for name, one in TARGET_KEYS.items()}}
    if key is not None and key not in keys:
        raise CannotRun(f"there is no key {key!r} (there are {', '.join(keys)})")
    chosen = keys if key is None else {key: keys[key]}
    write("\n".join(_page(name, one) for name, one in chosen.items()))
    return 0


def _page(name: str, key: Key) -> str:
    """A key, what its value is, and what it does."""
    from textwrap import fill

    kind = f"one of {', '.join(key.words)}" if key.words and name != "target" else key.kind.value
    lines = [
        fill(text, 78, initial_indent="  ", subsequent_indent="  ") for text in (kind, key.does)
    ]
    return "\n".join([name, *lines, ""])
