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
from spark_tui.app.changes.errors import ChangeError
from spark_tui.app.changes.hunk import HunkKind, HunkState
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
            return await self._accept(ids, seen)

    async def accept_lines(self, hunk_id: str, lines: frozenset[int], revision: int) -> bool:
        """Write only these lines of a hunk as it was at ``revision``; whether it was done. See :meth:`part`."""
        async with self._turnstile:
            chosen = self.part(hunk_id, lines, revision)
            return bool(chosen) and await self._accept(chosen, None)

    def reject_lines(self, hunk_id: str, lines: frozenset[int], revision: int) -> None:
        """Refuse only these lines of a hunk as it was at ``revision``; see :meth:`part`."""
        if chosen := self.part(hunk_id, lines, revision):
            self.reject(chosen)

    def part(self, hunk_id: str, lines: frozenset[int], revision: int) -> list[str]:
        """Split off some lines of a hunk, as indices into its removed and then its added ones; their new hunks' ids.

        Nothing, and a word to the user, where the hunk is another by now or has to be taken whole.
        """
        try:
            hunk = self.changes.hunk(hunk_id)
            if hunk.revision != revision:
                self._notify("the hunk has changed: look again before you decide", Severity.WARNING)
                return []
            if hunk.kind is not HunkKind.EDIT:
                self._notify(f"{hunk.path} is taken whole; e edits it first", Severity.WARNING)
                return []
            return self.changes.split(hunk_id, lines)[0]
        except ChangeError as error:
            self._notify(str(error), Severity.WARNING)
            return []

    async def _accept(self, ids: Iterable[str], seen: Mapping[str, int] | None) -> bool:
        try:
            plan = self.changes.plan_accept(ids, seen)
        except ChangeError as error:
            self._notify(str(error), Severity.WARNING)
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
                self._notify(f"cannot undo: {error}", Severity.WARNING)
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
        """Replace what a pending hunk adds by ``text``."""
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
            outcomes = [await self._rebase(path) for path in paths]
        conflicted = [outcome.path for outcome in outcomes if outcome is not None and outcome.conflicted]
        if conflicted:
            names = conflicted[0] if len(conflicted) == 1 else f"{len(conflicted)} files"
            self._notify(f"{names} changed on disk where hunks are pending: see ‼", Severity.WARNING)
        if any(outcome is not None and outcome.changed for outcome in outcomes):
            self._decided()

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
            self._notify(str(error), Severity.WARNING)
        else:
            self._decided()

    def _decided(self) -> None:
        self._on_decided()
        self._on_change()
