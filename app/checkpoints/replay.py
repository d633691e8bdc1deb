"""Steps done again in memory, so that hunks of earlier sessions stand where they are now in the files of today.

What lies between two steps, and between the last one and the files on disk, was done by others: it is followed by
the same three-way merge as an edit from outside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress

from spark_tui.app.changes.change_set import ChangeSet
from spark_tui.app.changes.errors import ChangeError
from spark_tui.app.changes.hunk import HunkState
from spark_tui.app.changes.rebase import LineDiff
from spark_tui.app.checkpoints.step import Step, replaced_lines
from spark_tui.app.workspace.files import FileSnapshot

UNDONE = "undone"


def replay(
    steps: Iterable[tuple[Step, list[bytes]]], read: Callable[[str], FileSnapshot], diff: LineDiff
) -> ChangeSet:
    """A change set in which the hunks of ``steps`` (each with the contents that it replaced) are on today's files.

    Hunks have their keys as ids. Those that stand are accepted, those that were taken back are rejected.
    """
    changes = ChangeSet()
    for step, contents in steps:
        for file in step.files:
            data = None if file.content is None else contents[file.content]
            _look(changes, FileSnapshot(file.path, data, file.mode if data is not None else 0), diff)
        with suppress(ChangeError, ValueError):
            if step.undone:
                _take_back(changes, step.undone)
            else:
                _accept(changes, step, contents)
    for known in list(changes.files):
        changes.rebase(read(known.path), diff)
    return changes


def _look(changes: ChangeSet, snapshot: FileSnapshot, diff: LineDiff) -> None:
    if changes.file(snapshot.path) is None:
        changes.open(snapshot)
    else:
        changes.rebase(snapshot, diff)


def _accept(changes: ChangeSet, step: Step, contents: list[bytes]) -> None:
    for record in step.hunks:
        file = changes.file(record.path)
        if file is None:
            raise ValueError(f"{record.path} is not among the files of the step")
        changes.adopt(record.hunk(replaced_lines(record, step, contents, file.base_lines)))
    changes.accepted(changes.plan_accept(step.keys))


def _take_back(changes: ChangeSet, keys: Iterable[str]) -> None:
    standing = {hunk.id for hunk in changes.hunks(HunkState.ACCEPTED)}
    known = [key for key in keys if key in standing]
    changes.undone(changes.plan_undo(known))
    open_again = {hunk.id for hunk in changes.hunks(HunkState.PENDING, HunkState.CONFLICTED)}
    changes.reject([key for key in known if key in open_again], UNDONE)
