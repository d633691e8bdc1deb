"""Decisions on hunks, from the key to the disk, and what others do to the same files.

An accept's way: ``Review.accept`` -> ``ChangeSet.plan_accept`` -> ``Publisher.publish`` (in a thread: what is
replaced is kept, then the files are written) -> ``ChangeSet.accepted``. Edits from outside come in by
``Review.look_at``. Everything here runs on the event loop; only reading, writing and diffing leave it. One write or
rebase is under way at a time, in the order asked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence

from spark_tui.app.changes.change_set import ChangeSet
from spark_tui.app.changes.deciding import Side
from spark_tui.app.changes.errors import ChangeError, PlanRefused
from spark_tui.app.changes.hunk import HunkState
from spark_tui.app.changes.plans import AcceptPlan
from spark_tui.app.changes.rebase import LineDiff
from spark_tui.app.checkpoints.publisher import Publisher
from spark_tui.app.checkpoints.undoing import Done, NothingLeft, Undoing, UndoRefused
from spark_tui.app.pairing.conflicts import marked, request, resolved
from spark_tui.app.pairing.notices import Notify, Severity
from spark_tui.app.pairing.on_disk import OnDisk
from spark_tui.app.workspace.errors import WorkspaceError, WriteConflict
from spark_tui.app.workspace.files import FileSnapshot
from spark_tui.app.workspace.git_errors import GitError
from spark_tui.protocol.patch.edits import split_lines
from spark_tui.widgets.slices import Slices


class Review:
    """One change set and its files.

    ``read``, ``diff`` and ``open_elsewhere`` (which of some paths an editor has open, and which editor) block and are
    called in threads. ``on_change`` is called when there is something new to
    draw, ``on_decided`` when a decision has been taken and should be saved.
    """

    def __init__(
        self,
        changes: ChangeSet,
        publisher: Publisher,
        undoing: Undoing,
        read: Callable[[str], FileSnapshot],
        diff: LineDiff,
        open_elsewhere: Callable[[Sequence[str]], list[tuple[str, str]]],
        *,
        notify: Notify,
        on_change: Callable[[], None],
        on_decided: Callable[[], None],
    ) -> None:
        self.changes = changes
        self._publisher = publisher
        self._undoing = undoing
        self._undone_earlier: list[tuple[str, ...]] = []
        self.disk = OnDisk(changes, read, diff, notify)
        self._open_elsewhere = open_elsewhere
        self._notify = notify
        self._on_change = on_change
        self._on_decided = on_decided
        self._turnstile = asyncio.Lock()

    # -- decisions ---------------------------------------------------------------------------------------------

    async def accept(self, ids: Iterable[str], seen: Mapping[str, int] | None = None) -> bool:
        """Write pending hunks to disk; whether it was done.

        ``seen`` maps ids to the revisions on the screen; without, what stands now counts as seen. The files are
        looked at first, so what an edit from outside made another text of is not written unseen.
        """
        chosen = list(ids)
        async with self._turnstile:
            return await self._accept(chosen, seen)

    async def accept_lines(self, hunk_id: str, lines: frozenset[int], revision: int) -> bool:
        """Write only these lines of a hunk as it was at ``revision``; whether it was done. See :meth:`part`."""
        async with self._turnstile:
            chosen = self.part(hunk_id, lines, revision)
            return bool(chosen) and await self._accept(chosen, None)

    def part(self, hunk_id: str, lines: frozenset[int], revision: int) -> list[str]:
        """Split off some lines of a hunk, as indices into its removed and then its added ones; their new hunks' ids.

        Nothing, and a word to the user, where the hunk is another by now or can only be taken as a whole.
        """
        try:
            hunk = self.changes.hunk(hunk_id)
            if hunk.revision != revision:
                self._notify("the hunk has changed: look again before you decide", Severity.WARNING)
                return []
            return self.changes.split(hunk_id, lines)[0]
        except ChangeError as error:
            self._notify(_reason(error), Severity.WARNING)
            return []

    async def _accept(self, chosen: Sequence[str], seen: Mapping[str, int] | None) -> bool:
        try:
            seen = seen or {hunk_id: self.changes.hunk(hunk_id).revision for hunk_id in chosen}
            await self.disk.look_before_write(self.changes.file_of(hunk_id).path for hunk_id in chosen)
            plan = self.changes.plan_accept(chosen, seen)
        except ChangeError as error:
            self._notify(_reason(error), Severity.WARNING)
            self._on_change()
            return False
        if not plan.hunks:
            return False
        await self._warn_of_editors([write.path for write in plan.writes])
        if not await self._write(plan, "accept"):
            return False
        await self._in_slices(self.changes.accepting(plan))
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
                self._notify(f"cannot undo: {_reason(error)}", Severity.WARNING)
                self._on_change()
                return False
            if not await self._write(plan, "undo"):
                return False
            await self._in_slices(self.changes.undoing(plan))
            paths = [file.path for file in plan.files]
            self._notify(f"{_summary('taken back', len(plan.hunks), paths)}; U accepts again", Severity.INFORMATION)
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
            await self.disk.look_before_write(done.paths)
        word = "done again" if again else "taken back"
        self._notify(_summary(word, len(done.keys), done.paths), Severity.INFORMATION)
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

    def move_on(self, hunk_id: str) -> None:
        """Move a hunk to the next place that its context fits."""
        self._decide(lambda: self.changes.move_on(hunk_id))

    def text_to_edit(self, hunk_id: str) -> str:
        """What is edited by hand: the lines that a hunk adds, or all sides of its conflict."""
        hunk = self.changes.hunk(hunk_id)
        return marked(hunk.conflict) if hunk.state is HunkState.CONFLICTED and hunk.conflict else "".join(hunk.added)

    def edited(self, hunk_id: str, text: str) -> None:
        """``text`` is what came of :meth:`text_to_edit`: the hunk's new lines, or the conflict's outcome."""
        if self.changes.hunk(hunk_id).state is HunkState.CONFLICTED:
            self._decide(lambda: self.changes.resolve(hunk_id, resolved(text)))
        else:
            self._decide(lambda: self.changes.set_lines(hunk_id, split_lines(text)))

    def ask_again(self, hunk_id: str) -> str | None:
        """Give a conflict back to the model: what to say to it, or ``None`` where there is no conflict."""
        hunk = self.changes.hunk(hunk_id)
        if hunk.state is not HunkState.CONFLICTED or hunk.conflict is None:
            self._notify("there is no conflict to ask about", Severity.INFORMATION)
            return None
        words = request(hunk, hunk.conflict)
        self.reject([hunk_id], "asked for again")
        return words

    def acceptable(self, path: str | None = None) -> list[str]:
        """The pending hunks of one file, or of all, in display order."""
        return [hunk.id for hunk in self.changes.hunks(HunkState.PENDING, path=path)]

    def refusable(self, path: str) -> list[str]:
        """The hunks of a file that can be rejected, in display order."""
        return [hunk.id for hunk in self.changes.hunks(HunkState.PENDING, HunkState.CONFLICTED, path=path)]

    # -- the outside -------------------------------------------------------------------------------------------

    async def look_at(self, paths: Iterable[str], appeared: Iterable[str] = ()) -> None:
        """The files at ``paths`` may have changed on disk: carry their hunks over to what is there now.

        ``appeared`` are other files that did, among which one that is gone may be found again.
        """
        async with self._turnstile:
            if await self.disk.look_at(paths, appeared):
                self._decided()

    async def look_at_all(self) -> None:
        """Look at every file of the change set: events may have been missed."""
        await self.look_at([file.path for file in self.changes.files])

    async def branch_changed(self, before: str, now: str) -> None:
        """Another branch is checked out: hold what is pending, or let it go on where it was made."""
        async with self._turnstile:
            if self.disk.held_on == now:
                await self.disk.release()
            else:
                self.disk.hold(before, now)
            self._decided()

    async def carry_over(self) -> None:
        """Bring what is held to the branch that is checked out."""
        async with self._turnstile:
            await self.disk.release()
            self._decided()

    async def follow_move(self, path: str) -> None:
        """Let the hunks of a file that was moved outside go with it."""
        async with self._turnstile:
            if await self.disk.follow_move(path):
                self._decided()

    # -- inside ------------------------------------------------------------------------------------------------

    async def _warn_of_editors(self, paths: Sequence[str]) -> None:
        for path, editor in await asyncio.to_thread(self._open_elsewhere, paths):
            self._notify(f"{path} seems to be open in {editor}: load it again there before saving", Severity.WARNING)

    async def _write(self, plan: AcceptPlan, label: str) -> bool:
        kept = self._publisher.describe(self.changes, plan)
        try:
            await asyncio.to_thread(self._publisher.publish, plan, kept, label)
        except WriteConflict as conflict:
            await self.disk.look_before_write(conflict.paths)
            self._notify(f"{conflict}: look again before you accept", Severity.WARNING)
        except WorkspaceError as error:
            self._notify(str(error), Severity.ERROR)
        except GitError as error:
            self._notify(f"nothing was written, as what it replaces cannot be kept: {error}", Severity.ERROR)
        else:
            return True
        self._on_change()
        return False

    async def _in_slices(self, steps: Iterable[object]) -> None:
        """Go through ``steps``; what is done is drawn meanwhile, since to draw all of it at once takes long too."""
        slices = Slices()
        for _ in steps:
            if await slices.turn():
                self._on_change()

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


def _summary(what: str, hunks: int, paths: Sequence[str]) -> str:
    more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
    return f"{what}: {hunks} hunk{'s'[: hunks != 1]} in {', '.join(paths[:3])}{more}"


def _reason(error: ChangeError) -> str:
    """One line for the user, who does not know hunks by their ids."""
    if isinstance(error, PlanRefused):
        return "; ".join(dict.fromkeys(error.reasons.values()))
    return str(error)
