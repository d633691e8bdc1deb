"""Put new edits over the pending hunks of a file.

An edit is on the file's proposed text. Where it keeps clear of every pending hunk it becomes a hunk of its own;
where it touches some, one hunk that does both takes their place, and they are retired with that reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from spark_tui.app.changes.file_change import FileChange, trim
from spark_tui.app.changes.hunk import REPLACES, Hunk, HunkEvent, HunkKind, HunkState
from spark_tui.protocol.patch.edits import LineEdit

UNMADE = "a later edit took it back"


@dataclass(frozen=True, slots=True)
class Origin:
    """Who stages: ``section`` names the section of the patch, ``new_id`` gives the next free hunk id."""

    section: str
    turn: int
    new_id: Callable[[], str]


def stage(file: FileChange, edit: LineEdit, origin: Origin, *, places: int = 1) -> Hunk | None:
    """Stage ``edit`` on the proposed text of ``file``; returns the hunk it is part of now.

    ``None`` when nothing is left to do: the edit changes nothing, or takes back what was pending. A hunk of the
    same section that is touched is extended and keeps its id.
    """
    first, last = file.layout.touching(edit.start, edit.end)
    hunk: Hunk | None
    if first == last:
        shift = file.layout.shift(first)
        start, end = edit.start - shift, edit.end - shift
        start, removed, added = trim(start, file.base_lines[start:end], list(edit.lines))
        if not removed and not added:
            return None
        hunk = _new(file, HunkKind.EDIT, origin, start, removed, added)
        hunk.places = places
        file.insert(hunk, first)
    else:
        hunk = _compose(file, edit, origin, first, last, places)
    file.drifted(edit)
    return hunk


def stage_file(file: FileChange, lines: list[str] | None, origin: Origin) -> Hunk | None:
    """Stage the whole of ``file``: its new content, or ``None`` to delete it; supersedes all that is pending.

    Returns ``None`` when a file is deleted that only the pending hunks would have made.
    """
    exists = file.base is not None and not file.absent
    before = len(file.proposed_lines)
    if lines is None and not exists:
        for hunk in file.hunks:
            if hunk.state in (HunkState.PENDING, HunkState.CONFLICTED):
                _unmake(hunk)
        file.refresh()
        file.drifted(LineEdit(0, before, ()))
        return None
    kind = HunkKind.DELETE if lines is None else HunkKind.CREATE
    made = _new(file, kind, origin, 0, list(file.base_lines) if exists else [], lines or [])
    if kind is HunkKind.CREATE and exists:
        made.note, made.replaces = REPLACES, True
    supersede([h for h in file.hunks if h.state in (HunkState.PENDING, HunkState.CONFLICTED)], made)
    if file.absent:
        file.lose_base()
    file.hunks.insert(0, made)
    file.refresh()
    file.drifted(LineEdit(0, before, tuple(made.added)))
    return made


def stage_rename(file: FileChange, target: str, replaced: list[str] | None, origin: Origin) -> Hunk | None:
    """Stage the move of ``file`` to ``target``; back to where it is on disk takes a pending move away.

    ``replaced`` are the lines of the file that is at ``target``, ``None`` where there is none.
    """
    hunk = None
    if target != file.path:
        hunk = _new(file, HunkKind.RENAME, origin, 0, replaced or [], [])
        hunk.source, hunk.target = file.path, target
        hunk.replaces = replaced is not None
        hunk.note = REPLACES if hunk.replaces else ""
    if (earlier := file.rename) is not None:
        if hunk is None:
            _unmake(earlier)
        else:
            supersede([earlier], hunk)
    if hunk is not None:
        file.hunks.insert(0, hunk)
    file.refresh()
    return hunk


def set_aside(file: FileChange, hunk: Hunk, part: Sequence[LineEdit], new_id: Callable[[], str]) -> list[Hunk]:
    """Make of ``hunk``, which was cut off and is retired, what can be brought back of it; returns all it becomes.

    ``part`` are the edits that came, on the proposed text. One that touches a pending hunk cannot be had without it
    and is left out. Where nothing is left, ``hunk`` stays as it was seen and cannot be brought back.
    """
    if hunk.kind is HunkKind.CREATE:
        if hunk.added:
            exists = file.base is not None and not file.absent
            hunk.places, hunk.is_part, hunk.replaces = 1, True, exists
            hunk.removed = list(file.base_lines) if exists else []
        return [hunk]
    pieces: list[tuple[int, list[str], list[str]]] = []
    for edit in part:
        first, last = file.layout.touching(edit.start, edit.end)
        shift = file.layout.shift(first)
        start, end = edit.start - shift, edit.end - shift
        start, removed, added = trim(start, file.base_lines[start:end], list(edit.lines))
        if first == last and (removed or added):
            pieces.append((start, removed, added))
    made = [hunk, *(replace(hunk, id=new_id()) for _ in pieces[1:])]
    for one, (start, removed, added) in zip(made, pieces, strict=False):
        one.start, one.removed, one.added = start, removed, added
        one.places, one.is_part = 1, True
    return made


def supersede(hunks: Iterable[Hunk], by: Hunk) -> None:
    """Retire ``hunks`` in favour of ``by``."""
    for hunk in hunks:
        hunk.step(HunkEvent.RETIRE, f"superseded by {by.id}")
        hunk.superseded_by = by.id


def separate(file: FileChange) -> None:
    """Retire pending hunks that overlap the one before: of two that came back to the same lines, one can be had."""
    standing: Hunk | None = None
    overlaps = False
    for hunk in file.pending:
        if standing is not None and hunk.start < standing.end:
            supersede([hunk], standing)
            overlaps = True
        else:
            standing = hunk
    if overlaps:
        file.refresh()


def _unmake(hunk: Hunk) -> None:
    hunk.step(HunkEvent.RETIRE, UNMADE)
    hunk.told = hunk.state


def _compose(file: FileChange, edit: LineEdit, origin: Origin, first: int, last: int, places: int) -> Hunk | None:
    """One hunk for ``edit`` and the pending hunks ``[first, last)`` that it touches."""
    touched = list(file.pending[first:last])
    own = next((hunk for hunk in touched if hunk.origin == origin.section), None)
    layout = file.layout
    low, high = min(edit.start, layout.start(first)), max(edit.end, layout.end(last - 1))
    base_low = low - layout.shift(first)
    base_high = high - layout.shift(last)
    if own is not None and len(touched) == 1 and own.kind is HunkKind.CREATE:
        own.added[edit.start : edit.end] = edit.lines
        return _amended(file, own, first)
    text: list[str] = []
    position = base_low
    for hunk in touched:
        text += file.base_lines[position : hunk.start]
        text += hunk.added
        position = hunk.start + len(hunk.removed)
    text += file.base_lines[position:base_high]
    text[edit.start - low : edit.end - low] = edit.lines
    removed = file.base_lines[base_low:base_high]
    kind = next((hunk.kind for hunk in touched if hunk.kind is not HunkKind.EDIT), HunkKind.EDIT)
    start = base_low
    if kind is HunkKind.EDIT:
        start, removed, text = trim(base_low, removed, text)
        if not removed and not text:
            for hunk in touched:
                _unmake(hunk)
            file.refresh()
            return None
    if own is None:
        own = _new(file, kind, origin, start, removed, text)
        own.replaces = any(hunk.replaces for hunk in touched)
        own.note = REPLACES if own.replaces else ""
        file.hunks.insert(file.hunks.index(touched[0]), own)
    else:
        own.start, own.removed, own.added = start, removed, text
        own.ambiguity = None
        own.revision += 1
    own.places = places
    supersede([hunk for hunk in touched if hunk is not own], own)
    file.refresh()
    return own


def _amended(file: FileChange, hunk: Hunk, index: int) -> Hunk:
    hunk.revision += 1
    file.relined(index)
    return hunk


def _new(file: FileChange, kind: HunkKind, origin: Origin, start: int, removed: list[str], added: list[str]) -> Hunk:
    hunk = Hunk(origin.new_id(), file.path, kind, HunkState.STREAMING, start, removed, added, origin.turn)
    hunk.origin = origin.section
    hunk.step(HunkEvent.CLOSE)
    return hunk
