"""A file changed outside: carry its hunks over to what is there now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from spark_tui.app.changes.file_change import FileChange
from spark_tui.app.changes.hunk import (
    ALREADY_THERE,
    DELETED_OUTSIDE,
    Conflict,
    HunkEvent,
    HunkKind,
    HunkState,
)
from spark_tui.app.changes.rebase import LineDiff, ThreeWay
from spark_tui.app.changes.staging import separate
from spark_tui.app.changes.tracking import RebaseOutcome, follow
from spark_tui.app.workspace.files import FileSnapshot
from spark_tui.protocol.patch.edits import LineEdit


def rebase_file(file: FileChange, snapshot: FileSnapshot, diff: LineDiff) -> RebaseOutcome:
    """Take ``snapshot`` as what is on disk now, and move the hunks of ``file`` onto it.

    ``diff`` is called only when the bytes differ, at most once more to look past white space, and once more while
    a patch to this file streams. A snapshot with a refusal freezes the file and changes nothing else.
    """
    outcome = RebaseOutcome(file.path, frozen=snapshot.refusal)
    file.frozen = snapshot.refusal
    if snapshot.refusal is not None:
        return outcome
    proposed = file.proposed_lines if file.is_watched else []
    if snapshot.data is None:
        if file.base is not None and not file.absent:
            _vanished(file, outcome)
    else:
        file.mode = snapshot.mode
        if file.absent:
            _reappeared(file, outcome)
        if snapshot.data != file.base:
            _changed(file, snapshot, diff, outcome)
    if outcome.changed:
        file.refresh()
        separate(file)
        if file.is_watched:
            file.drifted_outside(diff(proposed, file.proposed_lines))
    return outcome


def _vanished(file: FileChange, outcome: RebaseOutcome) -> None:
    outcome.changed = True
    for hunk in file.hunks:
        if hunk.state not in (HunkState.PENDING, HunkState.CONFLICTED):
            continue
        if hunk.kind is HunkKind.DELETE:
            hunk.step(HunkEvent.RETIRE, ALREADY_THERE)
            outcome.retired.append(hunk.id)
        elif hunk.state is HunkState.PENDING:
            hunk.conflict = Conflict(tuple(hunk.removed), (), tuple(hunk.added), deleted=True)
            hunk.step(HunkEvent.CONFLICT, DELETED_OUTSIDE)
            outcome.conflicted.append(hunk.id)
    file.absent = True


def _reappeared(file: FileChange, outcome: RebaseOutcome) -> None:
    outcome.changed = True
    file.absent = False
    file.moved_to = None
    for hunk in file.hunks:
        if hunk.conflict is not None and hunk.conflict.deleted:
            hunk.conflict = None
            if hunk.state is HunkState.CONFLICTED:
                hunk.step(HunkEvent.RESOLVE, "")
                outcome.cleared.append(hunk.id)


def _changed(file: FileChange, snapshot: FileSnapshot, diff: LineDiff, outcome: RebaseOutcome) -> None:
    outcome.changed = True
    theirs = snapshot.lines
    if file.base is None:
        base, edits = list[str](), [LineEdit(0, 0, tuple(theirs))] if theirs else []
    else:
        base = _adopt_convention(file, theirs)
        edits = diff(base, theirs)
    follow(file.hunks, ThreeWay(base, theirs, edits), outcome, diff)
    file.set_base(theirs, snapshot.data)


def _adopt_convention(file: FileChange, theirs: Sequence[str]) -> list[str]:
    """Give the base and all hunks the line ending of ``theirs``; returns the new base lines.

    An ending is not content: without this a file whose endings were flipped would conflict with every hunk.
    """
    base = list(file.base_lines)
    ending = _ending(theirs)
    if ending is not None and _ending(base) not in (None, ending):
        base = _with_ending(base, ending)
        for hunk in file.hunks:
            hunk.removed, hunk.added = _with_ending(hunk.removed, ending), _with_ending(hunk.added, ending)
            if (conflict := hunk.conflict) is not None:
                hunk.conflict = replace(
                    conflict,
                    base=tuple(_with_ending(conflict.base, ending)),
                    theirs=tuple(_with_ending(conflict.theirs, ending)),
                    ours=tuple(_with_ending(conflict.ours, ending)),
                )
    return base


def _ending(lines: Sequence[str]) -> str | None:
    """The line ending that most lines have; ``None`` without any."""
    text = "".join(lines)
    crlf = text.count("\r\n")
    lf = text.count("\n") - crlf
    return None if not crlf and not lf else "\r\n" if crlf > lf else "\n"


def _with_ending(lines: Sequence[str], ending: str) -> list[str]:
    return [line.removesuffix("\n").removesuffix("\r") + ending if line.endswith("\n") else line for line in lines]
