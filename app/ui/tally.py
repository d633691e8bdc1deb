"""What a change set comes to, for the row above the diff; a hunk is counted once a revision."""

from __future__ import annotations

from collections import Counter

from spark_tui.app.changes.change_set import ChangeSet
from spark_tui.app.changes.formatting import formatting_lines
from spark_tui.app.changes.hunk import Hunk, HunkState
from spark_tui.app.ui.file_blocks import is_shown
from spark_tui.widgets.change_header import ChangeFacts
from spark_tui.widgets.rows import Mark

COUNTED = (HunkState.STREAMING, HunkState.PENDING, HunkState.ACCEPTED, HunkState.CONFLICTED)
"""The states of hunks that are part of the change; what was refused is not."""


class Tally:
    """Counts the hunks of ``changes``."""

    def __init__(self, changes: ChangeSet) -> None:
        self._changes = changes
        self._formatting: dict[str, tuple[int, int]] = {}

    def facts(self) -> ChangeFacts:
        """The sums as they are now."""
        added = removed = formatting = files = 0
        marks: Counter[Mark] = Counter()
        for file in self._changes.files:
            hunks = [hunk for hunk in file if is_shown(hunk)]
            files += bool(hunks)
            marks.update(Mark(hunk.state.value) for hunk in hunks)
            for hunk in hunks:
                if hunk.state in COUNTED and hunk.has_lines:
                    added += len(hunk.added)
                    removed += len(hunk.removed)
                    formatting += self._formatting_of(hunk)
        return ChangeFacts(files, added, removed, formatting, marks)

    def _formatting_of(self, hunk: Hunk) -> int:
        """Counted once the hunk is whole."""
        if hunk.state is HunkState.STREAMING:
            return 0
        known = self._formatting.get(hunk.id)
        if known is None or known[0] != hunk.revision:
            known = self._formatting[hunk.id] = (hunk.revision, formatting_lines(hunk.removed, hunk.added))
        return known[1]
