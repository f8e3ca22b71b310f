"""Answers what an editor asks: what to show at a place, and what can be done there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from lsprotocol import types

from varsync.errors import CannotRun
from varsync.server import actions, hover
from varsync.server.actions import Abilities
from varsync.server.analyser import AnalyserError
from varsync.server.checks import Checks
from varsync.server.diagnostics import range_of
from varsync.server.documents import Documents, File
from varsync.server.jobs import Problem
from varsync.server.positions import Position


@dataclass(slots=True)
class Answers:
    """`failed` is told why there is no answer."""

    documents: Documents
    checks: Checks
    failed: Callable[[Exception], None]
    abilities: Abilities = field(default_factory=Abilities)

    def hover(self, params: types.HoverParams) -> types.Hover | None:
        """The pages of what is found at a place, or named by a comment there."""
        of = self.documents.file_of(params.text_document.uri)
        if of is None:
            return None
        file, cell = of
        position = position_of(params.position)
        problems = self.checks.problems(file.path) or ()
        here = hover.overlapping(problems, cell, position, position)
        codes = [problem.finding.code for problem in here]
        known = self.checks.rules(file.path)
        codes += hover.named(file, cell, position, self.documents.encoding, known)
        text = hover.pages(codes, known)
        if not text:
            return None
        markdown = self.abilities.reads_markdown
        kind = types.MarkupKind.Markdown if markdown else types.MarkupKind.PlainText
        return types.Hover(
            types.MarkupContent(kind, text), range_of(here[0].place) if here else None
        )

    async def actions(self, params: types.CodeActionParams) -> list[types.CodeAction]:
        """What can be done about what is found in a range."""
        uri = params.text_document.uri
        of, problems = await self._settled(uri)
        if of is None:
            return []
        file, cell = of
        only = params.context.only
        kinds = None if only is None else [getattr(kind, "value", kind) for kind in only]
        found: list[types.CodeAction] = []
        if actions.wants(kinds, types.CodeActionKind.QuickFix.value):
            start, end = position_of(params.range.start), position_of(params.range.end)
            here = hover.overlapping(problems, cell, start, end)
            found += actions.quick_fixes(
                here, self.documents, self.abilities, self.checks.rules(file.path)
            )
        if actions.wants(kinds, actions.FIX_ALL) and any(
            problem.is_mended and problem.place.cell == cell for problem in problems
        ):
            action = actions.fix_all(uri)
            found.append(action if self.abilities.resolves else await self.resolve(action))
        return found

    async def _settled(self, uri: str) -> tuple[tuple[File, int] | None, list[Problem]]:
        """The file that a document is or is part of, and what is found in it."""
        of = self.documents.file_of(uri)
        problems = [] if of is None else await self.checks.settled(of[0].path)
        # it may have been closed meanwhile, or its cells moved
        return self.documents.file_of(uri), problems

    async def resolve(self, action: types.CodeAction) -> types.CodeAction:
        """The action that mends a document, with its edit."""
        uri = action.data["uri"] if isinstance(action.data, dict) else ""
        of = self.documents.file_of(uri)
        if of is None:
            return action
        file, cell = of
        try:
            fixes = await self.checks.fixes(file.path)
        except (CannotRun, AnalyserError) as error:
            self.failed(error)
        else:
            own = [fix for fix in fixes if fix.place.cell == cell]
            action.edit = actions.edit_of(own, self.documents, self.abilities)
        return action


def position_of(position: types.Position) -> Position:
    """A position of the protocol as ours."""
    return position.line, position.character
