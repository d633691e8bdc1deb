"""Decisions on hunks, from the key to the disk, and what others do to the same files.

An accept's way: ``Review.accept`` -> ``ChangeSet.plan_accept`` -> ``Writer.commit`` (in a thread) ->
``ChangeSet.accepted``. Edits from outside come in by ``Review.look_at``. Everything here runs on the event loop;
only reading, writing and diffing leave it. One write or rebase is under way at a time, in the order asked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from typing import Protocol

from spark_tui.app.changes.change_set import ChangeSet
from spark_tui.app.changes.deciding import Side
from spark_tui.app.changes.errors import ChangeError, PlanRefused
from spark_tui.app.changes.hunk import HunkState
from spark_tui.app.changes.rebase import LineDiff
from spark_tui.app.changes.tracking import RebaseOutcome
from spark_tui.app.workspace.errors import WorkspaceError, WriteConflict
from spark_tui.app.workspace.files import FileSnapshot, FileWrite
from spark_tui.protocol.patch.edits import LineEdit, split_lines


class Severity(Enum):
    """How a notice is meant."""

    INFORMATION = "info"
    WARNING = "warning"
    ERROR = "error"


SETTLING = 0.05
"""Seconds until a file that others changed is believed: most editors empty it before they fill it again."""

Notify = Callable[[str, Severity], None]


class Writing(Protocol):
    """What publishes files; see :class:`spark_tui.app.workspace.writer.Writer`."""

    def commit(self, writes: Sequence[FileWrite], label: str = "") -> None:
        """Write all or nothing; blocks."""


class Review:
    """One change set and its files.

    ``read`` and ``diff`` block and are called in threads. ``on_change`` is called when there is something new to
    draw, ``on_decided`` when a decision has been taken and should be saved.
    """

    def __init__(
        self,
        changes: ChangeSet,
        writer: Writing,
        read: Callable[[str], FileSnapshot],
        diff: LineDiff,
        *,
        notify: Notify,
        on_change: Callable[[], None],
        on_decided: Callable[[], None],
    ) -> None:
        self.changes = changes
        self._writer = writer
        self._read = read
        self._diff = diff
        self._notify = notify
        self._on_change = on_change
        self._on_decided = on_decided
        self._turnstile = asyncio.Lock()

    # -- decisions ---------------------------------------------------------------------------------------------

    async def accept(self, ids: Iterable[str], seen: Mapping[str, int] | None = None) -> bool:
        """Write pending hunks to disk; whether it was done. ``seen`` maps ids to the revisions on the screen."""
        async with self._turnstile:
            try:
                plan = self.changes.plan_accept(ids, seen)
            except ChangeError as error:
                self._notify(_reason(error), Severity.WARNING)
                return False
            if not plan.hunks or not await self._write(plan.writes, "accept"):
                return False
            self.changes.accepted(plan)
            self._decided()
            return True

    async def undo(self) -> bool:
        """Take the last accept out of the files again; its hunks are pending then."""
        async with self._turnstile:
            record = self.changes.last_accepted
            if record is None:
                self._notify("nothing to undo: nothing was accepted", Severity.INFORMATION)
                return False
            try:
                plan = self.changes.plan_undo(record.hunks)
            except ChangeError as error:
                self._notify(f"cannot undo: {_reason(error)}", Severity.WARNING)
                return False
            if not await self._write(plan.writes, "undo"):
                return False
            self.changes.undone(plan)
            self._decided()
            return True

    async def redo(self) -> bool:
        """Accept again what the last undo took out."""
        ids = self.changes.last_undone
        if not ids:
            self._notify("nothing to redo", Severity.INFORMATION)
            return False
        return await self.accept(ids)

    def reject(self, ids: Iterable[str], reason: str = "rejected") -> None:
        """Refuse pending or conflicted hunks; they can be brought back."""
        self._decide(lambda: self.changes.reject(ids, reason))

    def restore(self, ids: Iterable[str]) -> None:
        """Bring back rejected or retired hunks."""
        self._decide(lambda: self.changes.restore(ids))

    def resolve(self, hunk_id: str, choice: Side | Sequence[str]) -> None:
        """Decide a conflict: a side, or the lines to have instead."""
        self._decide(lambda: self.changes.resolve(hunk_id, choice))

    def set_lines(self, hunk_id: str, text: str) -> None:
        """Replace what a pending hunk adds by ``text``; a conflict is decided by it."""
        if self.changes.hunk(hunk_id).state is HunkState.CONFLICTED:
            self.resolve(hunk_id, split_lines(text))
        else:
            self._decide(lambda: self.changes.set_lines(hunk_id, split_lines(text)))

    def acceptable(self, path: str | None = None) -> list[str]:
        """The pending hunks of one file, or of all, in display order."""
        return [hunk.id for hunk in self.changes.hunks(HunkState.PENDING, path=path)]

    def refusable(self, path: str) -> list[str]:
        """The hunks of a file that can be rejected, in display order."""
        return [hunk.id for hunk in self.changes.hunks(HunkState.PENDING, HunkState.CONFLICTED, path=path)]

    # -- the outside -------------------------------------------------------------------------------------------

    async def look_at(self, paths: Iterable[str]) -> None:
        """The files at ``paths`` may have changed on disk: carry their hunks over to what is there now."""
        async with self._turnstile:
            known = list(paths)
            if any([await self._is_changed(path) for path in known]):
                await asyncio.sleep(SETTLING)
            outcomes = [await self._rebase(path) for path in known]
        conflicted = [outcome.path for outcome in outcomes if outcome is not None and outcome.conflicted]
        if conflicted:
            names = conflicted[0] if len(conflicted) == 1 else f"{len(conflicted)} files"
            self._notify(f"{names} changed on disk where hunks are pending: see ‼", Severity.WARNING)
        if any(outcome is not None and outcome.changed for outcome in outcomes):
            self._decided()

    async def _is_changed(self, path: str) -> bool:
        """Whether the file is not as it was last seen."""
        file = self.changes.file(path)
        return file is not None and (await asyncio.to_thread(self._read, path)).data != file.base

    async def _rebase(self, path: str) -> RebaseOutcome | None:
        snapshot = await asyncio.to_thread(self._read, path)
        file = self.changes.file(path)
        if file is None:
            return None
        before = file.base_lines
        known: tuple[list[str], list[str]] | None = None
        edits = []
        if snapshot.refusal is None and snapshot.data is not None and snapshot.data != file.base:
            known = before, split_lines(snapshot.text)
            edits = await asyncio.to_thread(self._diff, *known)

        def diff(old: list[str], new: list[str]) -> list[LineEdit]:
            """What was computed off the loop, where it is asked for; rare further questions are answered here."""
            return edits if known == (old, new) else self._diff(old, new)

        return self.changes.rebase(snapshot, diff)

    # -- inside ------------------------------------------------------------------------------------------------

    async def _write(self, writes: Sequence[FileWrite], label: str) -> bool:
        try:
            await asyncio.to_thread(self._writer.commit, writes, label)
        except WriteConflict as conflict:
            for path in conflict.paths:
                await self._rebase(path)
            self._notify(f"{conflict}: look again before you accept", Severity.WARNING)
        except WorkspaceError as error:
            self._notify(str(error), Severity.ERROR)
        else:
            return True
        self._on_change()
        return False

    def _decide(self, step: Callable[[], None]) -> None:
        try:
            step()
        except ChangeError as error:
            self._notify(_reason(error), Severity.WARNING)
        else:
            self._decided()

    def _decided(self) -> None:
        self._on_decided()
        self._on_change()


def _reason(error: ChangeError) -> str:
    """One line for the user, who does not know hunks by their ids."""
    if isinstance(error, PlanRefused):
        return "; ".join(dict.fromkeys(error.reasons.values()))
    return str(error)
