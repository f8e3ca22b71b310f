"""The help of a command as a page of a manual: options in groups, examples, exit codes, variables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any, NamedTuple

from typer.core import TyperCommand

OTHER = "Other options"
_CHOICES = r"[<\[]([\w-]+(?:\|[\w-]+)+)[>\]]"
# what stands for a value, in place of the type that it has in Python
_VALUES = {
    "<int range>": "N",
    "<int>": "N",
    "<float range>": "NUMBER",
    "<path>": "FILE",
    "<str>": "TEXT",
}
# a longer list of words stands behind the option's help
_WIDE = 40


class Manual(NamedTuple):
    """What the help of a command says besides its parameters.

    `groups` are the names of options by the heading under which they stand, in their order; those
    in no group stand under "Other options". `exits` are the exit codes, `environment` the variables
    that the command reads.
    """

    groups: Mapping[str, str] = {}
    examples: Mapping[str, str] = {}
    exits: Mapping[str, str] = {}
    environment: Mapping[str, str] = {}


COLOURS = {
    "NO_COLOR": "No colours, if it is set to anything.",
    "FORCE_COLOR": "Colours also where the output is no terminal.",
}
TRACEBACK = {"VARSYNC_TRACEBACK": "1 shows where a bug of varsync is, like --traceback."}


def command_of(name: str) -> type[TyperCommand]:
    """The kind of command whose help is the manual of this name."""
    manual: Manual = import_module(f"varsync.manuals.{name}").MANUAL
    return with_manual(manual)


def with_manual(manual: Manual) -> type[TyperCommand]:
    """The kind of command whose help is this manual."""

    class Command(TyperCommand):
        def format_options(self, ctx: Any, formatter: Any) -> None:
            for heading, rows in _sections(manual, self.get_params(ctx), ctx):
                with formatter.section(heading):
                    formatter.write_dl(rows, col_max=26)

        def format_epilog(self, ctx: Any, formatter: Any) -> None:
            if manual.examples:
                with formatter.section("Examples"):
                    for example, does in manual.examples.items():
                        formatter.write(f"{'':{formatter.current_indent}}{example}\n")
                        with formatter.indentation():
                            formatter.write_text(does)
            for heading, table in (("Exit codes", manual.exits), ("Variables", manual.environment)):
                if table:
                    with formatter.section(heading):
                        formatter.write_dl(list(table.items()), col_max=26)

    return Command


def _sections(manual: Manual, params: list[Any], ctx: Any) -> Iterator[tuple[str, list[Any]]]:
    """The headings, with the rows below them."""
    records = {
        param.name: _readable(*record)
        for param in params
        if (record := param.get_help_record(ctx)) is not None
    }
    arguments = {param.name for param in params if param.param_type_name == "argument"}
    headings = {name: heading for heading, names in manual.groups.items() for name in names.split()}
    rest = [name for name in records if name not in headings and name not in arguments]
    sections = {
        "Arguments": [name for name in records if name in arguments],
        **{heading: names.split() for heading, names in manual.groups.items()},
        OTHER if manual.groups else "Options": rest,
    }
    for heading, names in sections.items():
        rows = [records[name] for name in names if name in records]
        if rows:
            yield heading, rows


def _readable(option: str, does: str) -> tuple[str, str]:
    """An option and its help; a long list of words goes from the one to the other."""
    for type_, value in _VALUES.items():
        option = option.replace(type_, value)
    found = re.search(_CHOICES, option)
    if found is None or len(option) <= _WIDE:
        return option, does
    sentence, bracket, default = does.partition("  [")
    words = found[1].split("|")
    listed = f"{', '.join(words[:-1])} or {words[-1]}"
    return (
        re.sub(_CHOICES, "<word>", option),
        f"{sentence} The word is {listed}.{bracket}{default}",
    )
