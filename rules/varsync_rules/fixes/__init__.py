"""Writes what fixes ask for into the source: LibCST finds the nodes, and only they are replaced.

`edits_of` gives the replacement for each change of a file, `chosen` those that do not overlap, and
`rewritten` the file's new bytes. Nothing here writes files.
"""

from __future__ import annotations

from varsync_rules.fixes.comments import silencing
from varsync_rules.fixes.edits import CannotFix, Edit, chosen
from varsync_rules.fixes.files import edits_of, rewritten

__all__ = ["CannotFix", "Edit", "chosen", "edits_of", "rewritten", "silencing"]
