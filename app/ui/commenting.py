"""From a line of the diff to the model: where a comment stands, and what narrows a change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from spark_tui.app.changes.change_set import ChangeSet
from spark_tui.app.changes.hunk import HunkState
from spark_tui.widgets.rows import DiffRow, RowKind


@dataclass(frozen=True, slots=True)
class Place:
    """Lines of a file as the model sees it, from 0, and their texts; ``removed`` where the change takes them away."""

    path: str
    start: int
    excerpt: tuple[str, ...]
    removed: bool = False


def place_of(changes: ChangeSet, path: str, rows: Sequence[DiffRow], hunk_id: str | None) -> Place | None:
    """What ``rows`` of the diff are about: lines of one kind, or a whole hunk by its header; ``None`` without any."""
    kept = [row for row in rows if row.new is not None]
    if kept:
        return Place(path, (kept[0].new or 1) - 1, tuple(row.text for row in kept))
    gone = [row for row in rows if row.kind is RowKind.REMOVED]
    if gone and gone[0].old is not None:
        return Place(path, proposed_line(changes, path, gone[0].old - 1), tuple(row.text for row in gone), True)
    if hunk_id is None or not rows or rows[0].kind not in (RowKind.HUNK, RowKind.ADDED, RowKind.REMOVED):
        return None
    return _place_of_hunk(changes, path, hunk_id)


def _place_of_hunk(changes: ChangeSet, path: str, hunk_id: str) -> Place:
    hunk = changes.hunk(hunk_id)
    start = proposed_line(changes, path, hunk.start)
    lines = hunk.added or hunk.removed
    return Place(path, start, tuple(line.rstrip("\r\n") for line in lines), removed=not hunk.added)


def proposed_line(changes: ChangeSet, path: str, base_line: int) -> int:
    """Where a line of the file on disk is in the text with all pending hunks made; both from 0."""
    before = [
        hunk for hunk in changes.hunks(HunkState.PENDING, path=path) if hunk.has_lines and hunk.end <= base_line
    ]
    return base_line + sum(hunk.growth for hunk in before if hunk.start < base_line)


def narrowing(changes: ChangeSet, hunk_id: str) -> list[tuple[str, str]]:
    """Ways to ask for less, from one hunk: what each is called, and what the model is told."""
    hunk = changes.hunk(hunk_id)
    place = _place_of_hunk(changes, hunk.path, hunk_id)
    first, last = place.start + 1, place.start + max(len(place.excerpt), 1)
    where = f"line {first}" if first == last else f"lines {first}-{last}"
    return [
        (
            "smaller: only the lines you need",
            f"Smaller, please: your change of {hunk.path}, {where}, changes more than it has to. "
            "Take back what is not needed and keep the rest.",
        ),
        (
            f"only this file: {hunk.path}",
            f"Do it only in {hunk.path}, and take back your pending changes of other files.",
        ),
    ]
