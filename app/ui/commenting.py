"""From a line of the diff to the model: where a comment stands, and what narrows a change."""

from __future__ import annotations

from collections.abc import Sequence

from spark_tui.app.changes.change_set import ChangeSet
from spark_tui.app.changes.hunk import HunkState
from spark_tui.app.pairing.places import Place, place_of_hunk, proposed_line, quoted
from spark_tui.widgets.rows import DiffRow, RowKind

_OF_HUNK = (RowKind.HUNK, RowKind.ADDED, RowKind.REMOVED)


def place_of(changes: ChangeSet, path: str, rows: Sequence[DiffRow], hunk_id: str | None) -> Place | None:
    """What ``rows`` of the diff are about: lines of one kind, or a whole hunk by its header; ``None`` without any.

    Lines between those that were chosen belong to it. Of a hunk that was rejected no line stands anywhere: it is all
    of the hunk.
    """
    in_hunk = any(row.kind in _OF_HUNK for row in rows)
    if hunk_id is not None and in_hunk and changes.hunk(hunk_id).state is HunkState.REJECTED:
        return place_of_hunk(changes, changes.hunk(hunk_id))
    kept = {row.new - 1: row.text for row in rows if row.new is not None}
    if kept:
        return _place_between(changes, path, kept)
    gone = [row for row in rows if row.kind is RowKind.REMOVED]
    if gone and gone[0].old is not None:
        return Place(path, proposed_line(changes, path, gone[0].old - 1), tuple(row.text for row in gone), True)
    if hunk_id is None or not in_hunk:
        return None
    return place_of_hunk(changes, changes.hunk(hunk_id))


def _place_between(changes: ChangeSet, path: str, kept: dict[int, str]) -> Place:
    """From the first to the last of the lines ``kept``, by their numbers from 0 in the proposed text."""
    first, last = min(kept), max(kept)
    file = changes.file(path)
    if last - first + 1 > len(kept) and file is not None:
        lines = file.proposed_lines[first : last + 1]
        return Place(path, first, tuple(line.rstrip("\r\n") for line in lines))
    return Place(path, first, tuple(kept[number] for number in sorted(kept)))


def narrowing(changes: ChangeSet, hunk_id: str) -> list[tuple[str, str]]:
    """Ways to ask for less, from one hunk: what each is called, and what the model is told."""
    hunk = changes.hunk(hunk_id)
    place = place_of_hunk(changes, hunk)
    return [
        (
            "smaller: only the lines you need",
            f"Smaller, please: your change of {place.words} changes more than it has to. "
            f"Take back what is not needed and keep the rest. It reads now:\n{quoted(place.excerpt)}",
        ),
        (
            f"only this file: {hunk.path}",
            f"Do it only in {hunk.path}, and take back your pending changes of other files.",
        ),
    ]
