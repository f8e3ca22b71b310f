"""What an editor offers for a finding: mend it, silence it, read about it; and mend the file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lsprotocol import types
from varsync_rules.fixes import silencing
from varsync_rules.fixes.positions import Positions
from varsync_rules.registry import Rules
from varsync_rules.source import Source, UnreadableSource

from varsync.server.diagnostics import diagnostic, location, plain
from varsync.server.documents import Documents, File
from varsync.server.jobs import Place, Problem, Replacement
from varsync.server.positions import units
from varsync.server.uris import uri_of

FIX_ALL = "source.fixAll.varsync"
KINDS = (types.CodeActionKind.QuickFix.value, FIX_ALL)
SHOW_PAGE = "varsync.showDocumentation"


@dataclass(frozen=True, slots=True)
class Abilities:
    """What the client can do: versions in edits, edits that come later, show files, Markdown."""

    versions: bool = False
    resolves: bool = False
    shows: bool = False
    reads_markdown: bool = True


def wants(only: Iterable[str] | None, kind: str) -> bool:
    """Whether actions of a kind are asked for; a kind stands for what is below it."""
    return only is None or any(f"{kind}.".startswith(f"{one}." if one else "") for one in only)


def quick_fixes(
    problems: Iterable[Problem], documents: Documents, abilities: Abilities, known: Rules
) -> Iterator[types.CodeAction]:
    """The actions for findings: first what mends one, then what silences it, then its page."""
    chosen = list(problems)
    for problem in chosen:
        if problem.fix is not None and problem.finding.fix is not None:
            fix = problem.finding.fix
            doubt = "" if fix.is_safe else f" (unsafe: {fix.unsafe})"
            yield types.CodeAction(
                title=plain(f"{problem.finding.code}: {fix.title}{doubt}"),
                kind=types.CodeActionKind.QuickFix,
                diagnostics=[diagnostic(problem, documents, known)],
                is_preferred=fix.is_safe or None,
                edit=edit_of([problem.fix], documents, abilities),
            )
    for problem in chosen:
        file = documents.files.get(problem.place.path)
        silence = file and _silence(problem, file, documents.encoding, known)
        if silence:
            yield types.CodeAction(
                title=f"Silence {problem.finding.code} on this line",
                kind=types.CodeActionKind.QuickFix,
                diagnostics=[diagnostic(problem, documents, known)],
                edit=edit_of(silence, documents, abilities),
            )
    if abilities.shows:
        codes = {problem.finding.code for problem in chosen}
        for rule in (rule for rule in known if rule.code in codes):
            title = f"Show the documentation of {rule.code}"
            page = uri_of(str(rule.page))
            yield types.CodeAction(
                title=title,
                kind=types.CodeActionKind.QuickFix,
                command=types.Command(title=title, command=SHOW_PAGE, arguments=[page]),
            )


def _silence(problem: Problem, file: File, encoding: str, known: Rules) -> list[Replacement]:
    """The comment that silences a finding; nothing where no comment can."""
    try:
        source = Source(problem.finding.span.path, Path(file.path), file.data)
    except UnreadableSource:
        return []
    edits, _ = silencing(source, [problem.finding], "", known)
    found = []
    for cell, of_cell in edits.items():
        text = source.text_of(cell)
        positions = Positions(text)
        lines = text.split("\n")

        def position(
            offset: int, at: Positions = positions, of: list[str] = lines
        ) -> tuple[int, int]:
            line, column = at.place(offset)
            return line - 1, units(of[line - 1][: column - 1], encoding)

        for edit in of_cell:
            place = Place(file.path, cell, position(edit.start), position(edit.end))
            found.append(Replacement(place, edit.text))
    return found


def edit_of(
    replacements: Iterable[Replacement], documents: Documents, abilities: Abilities
) -> types.WorkspaceEdit:
    """Replacements as an edit; where the client can, of the very versions that were checked."""
    by_uri: dict[str, list[types.TextEdit]] = {}
    versions: dict[str, int | None] = {}
    for replacement in replacements:
        place = replacement.place
        at = location(place, documents)
        by_uri.setdefault(at.uri, []).append(types.TextEdit(at.range, replacement.text))
        file = documents.files.get(place.path)
        versions[at.uri] = file.parts[place.cell].version if file is not None else None
    if not abilities.versions:
        return types.WorkspaceEdit(changes=by_uri)
    return types.WorkspaceEdit(
        document_changes=[
            types.TextDocumentEdit(
                types.OptionalVersionedTextDocumentIdentifier(uri=uri, version=versions[uri]),
                list(edits),
            )
            for uri, edits in by_uri.items()
        ]
    )


def fix_all(uri: str) -> types.CodeAction:
    """The action that mends a document, without its edit."""
    return types.CodeAction(
        title="Fix all that varsync can mend safely", kind=FIX_ALL, data={"uri": uri}
    )
