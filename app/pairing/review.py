"""Decisions on hunks, from the key to the disk, and what others do to the same files.

An accept's way: ``Review.accept`` -> ``ChangeSet.plan_accept`` -> ``Publisher.publish`` (in a thread: what is
replaced is kept, then the files are written) -> ``ChangeSet.accepted``. Edits from outside come in by
``Review.look_at``. Everything here runs on the event loop; only reading, writing and diffing leave it. One write or
rebase is under way at a time, in the order asked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum

from spark_tui.app.changes.change_set import ChangeSet
from spark_tui.app.changes.deciding import Side
from spark_tui.app.changes.errors import ChangeError
from spark_tui.app.changes.hunk import HunkState
from spark_tui.app.changes.plans import AcceptPlan
from spark_tui.app.changes.rebase import LineDiff
from spark_tui.app.changes.tracking import RebaseOutcome
from spark_tui.app.checkpoints.publisher import Publisher
from spark_tui.app.checkpoints.undoing import Done, NothingLeft, Undoing, UndoRefused
from spark_tui.app.workspace.errors import WorkspaceError, WriteConflict
from spark_tui.app.workspace.files import FileSnapshot
from spark_tui.app.workspace.git_errors import GitError
from spark_tui.protocol.patch.edits import LineEdit, split_lines


class Severity(Enum):
    """How a notice is meant."""

    INFORMATION = "info"
    WARNING = "warning"
    ERROR = "error"


Notify = Callable[[str, Severity], None]


class Review:
    """One change set and its files.

    ``read`` and ``diff`` block and are called in threads. ``on_change`` is called when there is something new to
    draw, ``on_decided`` when a decision has been taken and should be saved.
    """

    def __init__(
        self,
        changes: ChangeSet,
        publisher: Publisher,
        undoing: Undoing,
        read: Callable[[str], FileSnapshot],
        diff: LineDiff,
        *,
        notify: Notify,
        on_change: Callable[[], None],
        on_decided: Callable[[], None],
    ) -> None:
        self.changes = changes
        self._publisher = publisher
        self._undoing = undoing
        self._undone_earlier: list[tuple[str, ...]] = []
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
                self._notify(str(error), Severity.WARNING)
                return False
            if not plan.hunks or not await self._write(plan, "accept"):
                return False
            self.changes.accepted(plan)
            self._decided()
            return True

    async def undo(self, ids: Sequence[str] | None = None) -> bool:
        """Take accepted hunks (``None``: the last accept) out of the files again; they are pending then."""
        async with self._turnstile:
            if ids is None:
                record = self.changes.last_accepted
                ids = () if record is None else record.hunks
            if not ids:
                self._notify("nothing of this session is left to undo; /undo-earlier goes on", Severity.INFORMATION)
                return False
            try:
                plan = self.changes.plan_undo(ids)
            except ChangeError as error:
                self._notify(f"cannot undo: {error}", Severity.WARNING)
                self._on_change()
                return False
            if not await self._write(plan, "undo"):
                return False
            self.changes.undone(plan)
            self._decided()
            return True

    async def undo_turn(self) -> bool:
        """Take out all that was accepted of the turn of the last accept."""
        record = self.changes.last_accepted
        turn = None if record is None else max(self.changes.hunk(i).turn for i in record.hunks)
        return await self.undo([hunk.id for hunk in self.changes.hunks(HunkState.ACCEPTED) if hunk.turn == turn])

    async def undo_session(self) -> bool:
        """Take out all that was accepted in this session."""
        return await self.undo([hunk.id for hunk in self.changes.hunks(HunkState.ACCEPTED)])

    async def undo_earlier(self) -> bool:
        """Take out the last accept of any session that is still in the files, this one's included."""
        return await self._with_earlier(lambda: self._undoing.undo_last())

    async def redo(self) -> bool:
        """Accept again what the last undo took out."""
        ids = self.changes.last_undone
        if ids:
            return await self.accept(ids)
        if self._undone_earlier:
            keys = self._undone_earlier.pop()
            return await self._with_earlier(lambda: self._undoing.redo(keys), again=True)
        self._notify("nothing to redo", Severity.INFORMATION)
        return False

    async def _with_earlier(self, step: Callable[[], Done], *, again: bool = False) -> bool:
        async with self._turnstile:
            try:
                done = await asyncio.to_thread(step)
            except (NothingLeft, UndoRefused) as refusal:
                self._notify(str(refusal), Severity.WARNING)
                return False
            except (WorkspaceError, GitError) as error:
                self._notify(str(error), Severity.ERROR)
                return False
            if not again:
                self._undone_earlier.append(done.keys)
            for path in done.paths:
                await self._rebase(path)
        word = "done again" if again else "taken back"
        self._notify(f"{word}: {len(done.keys)} hunks in {', '.join(done.paths[:3])}", Severity.INFORMATION)
        self._decided()
        return True

    def reject(self, ids: Iterable[str], reason: str = "rejected") -> None:
        """Refuse pending or conflicted hunks; they can be brought back."""
        self._decide(lambda: self.changes.reject(ids, reason))

    def restore(self, ids: Iterable[str]) -> None:
        """Bring back rejected or retired hunks."""
        self._decide(lambda: self.changes.restore(ids))

    async def take_back(self, hunk_id: str) -> None:
        """Make a hunk pending again, whatever was decided on it; an accepted one leaves its file."""
        if self.changes.hunk(hunk_id).state is HunkState.ACCEPTED:
            await self.undo([hunk_id])
        else:
            self.restore([hunk_id])

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

    async def _write(self, plan: AcceptPlan, label: str) -> bool:
        kept = self._publisher.describe(self.changes, plan)
        try:
            await asyncio.to_thread(self._publisher.publish, plan, kept, label)
        except WriteConflict as conflict:
            for path in conflict.paths:
                await self._rebase(path)
            self._notify(f"{conflict}: look again before you accept", Severity.WARNING)
        except WorkspaceError as error:
            self._notify(str(error), Severity.ERROR)
        except GitError as error:
            self._notify(f"nothing was written, as what it replaces cannot be kept: {error}", Severity.ERROR)
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
