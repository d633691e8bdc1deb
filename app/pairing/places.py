"""Where something that the user says stands: lines of a file as the model sees it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from spark_tui.app.changes.change_set import ChangeSet
from spark_tui.app.changes.hunk import Hunk, HunkState

EXCERPT_LINES = 12
"""Lines of one place that are quoted to the model."""

EXCERPT_WIDTH = 200
"""Characters of one quoted line."""


@dataclass(frozen=True, slots=True)
class Place:
    """Lines of the proposed text of ``path``, from ``start`` (0-based) on, which read ``excerpt``.

    ``removed``: the lines are not in that text, as the change takes them away, or, with ``rejected``, as the user
    did not let them in; ``start`` is where they would stand.
    """

    path: str
    start: int
    excerpt: tuple[str, ...]
    removed: bool = False
    rejected: bool = False

    @property
    def end(self) -> int:
        """The line of the proposed text behind them."""
        return self.start if self.removed else self.start + len(self.excerpt)

    @property
    def words(self) -> str:
        """The lines in words, counted from 1: ``a.py, lines 2-3``."""
        if self.end - self.start <= 1:
            return f"{self.path}, line {self.start + 1}"
        return f"{self.path}, lines {self.start + 1}-{self.end}"


def quoted(excerpt: Sequence[str]) -> str:
    """The lines as the model is shown them, each behind ``>``; the rest of a long excerpt is counted."""
    lines = [f"> {line[:EXCERPT_WIDTH]}".rstrip() for line in excerpt[:EXCERPT_LINES]]
    if len(excerpt) > EXCERPT_LINES:
        lines.append(f"> ({len(excerpt) - EXCERPT_LINES} more lines)")
    return "\n".join(lines)


def place_of_hunk(changes: ChangeSet, hunk: Hunk) -> Place:
    """All lines of ``hunk``: those that it adds, or where it adds none, those that it takes away."""
    rejected = hunk.state is HunkState.REJECTED
    lines = tuple(line.rstrip("\r\n") for line in hunk.added or hunk.removed)
    start = proposed_line(changes, hunk.path, hunk.start)
    return Place(hunk.path, start, lines, removed=rejected or not hunk.added, rejected=rejected)


def proposed_line(changes: ChangeSet, path: str, base_line: int) -> int:
    """Where a line of the file on disk is in the text with all pending hunks made; both from 0."""
    before = [
        hunk for hunk in changes.hunks(HunkState.PENDING, path=path) if hunk.has_lines and hunk.end <= base_line
    ]
    return base_line + sum(hunk.growth for hunk in before if hunk.start < base_line)
