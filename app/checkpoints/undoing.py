"""Taking back, and doing again, what was accepted in any session: from the steps in git to a write of the files."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from spark_tui.app.changes.change_set import ChangeSet
from spark_tui.app.changes.errors import ChangeError, PlanRefused
from spark_tui.app.changes.hunk import Hunk, HunkState
from spark_tui.app.changes.plans import AcceptPlan
from spark_tui.app.changes.rebase import LineDiff
from spark_tui.app.checkpoints.ledger import Ledger
from spark_tui.app.checkpoints.publisher import Kept, Writing, write_step
from spark_tui.app.checkpoints.replay import replay
from spark_tui.app.checkpoints.step import step_of
from spark_tui.app.checkpoints.store import CheckpointStore
from spark_tui.app.workspace.files import FileSnapshot


class NothingLeft(Exception):
    """None of the hunks is in the files any more, or none can come back: there is nothing to do."""


class UndoRefused(Exception):
    """Some hunks stand in the way: ``hunks``, each with its reason, and with its conflict where it has one."""

    def __init__(self, hunks: Sequence[tuple[Hunk, str]]) -> None:
        super().__init__("; ".join(f"{hunk.path}:{hunk.start + 1}: {reason}" for hunk, reason in hunks))
        self.hunks = hunks


@dataclass(frozen=True, slots=True)
class Done:
    """What was written: a letter for each file, as git has it (A new, D deleted, M else), and the hunks' keys."""

    letters: Mapping[str, str]
    keys: tuple[str, ...]

    @property
    def paths(self) -> tuple[str, ...]:
        """The files."""
        return tuple(self.letters)


class Undoing:
    """Undo and redo over the steps of ``store``. ``read`` and ``diff`` are as for a change set; all calls block.

    They raise :exc:`NothingLeft`, :exc:`UndoRefused`, :exc:`~..workspace.errors.WorkspaceError` and
    :exc:`~..workspace.git_errors.GitError`; then nothing has been written.
    """

    def __init__(
        self, store: CheckpointStore, writer: Writing, read: Callable[[str], FileSnapshot], diff: LineDiff
    ) -> None:
        self._store = store
        self._writer = writer
        self._read = read
        self._diff = diff

    def ledger(self) -> Ledger:
        """What stands."""
        return Ledger(self._store.steps())

    def undo(self, keys: Sequence[str]) -> Done:
        """Take the hunks ``keys`` out of the files: only their lines, whatever else was edited since."""
        ledger, changes = self._replayed(keys)
        standing = [key for key in keys if changes.hunk(key).state is HunkState.ACCEPTED]
        if not standing:
            raise NothingLeft("it is not in the files any more")
        plan = _allowed(changes, partial(changes.plan_undo, standing))
        self._write(plan, self._step(changes, plan, ledger, keys), "undo")
        return Done(_letters(plan), plan.hunks)

    def undo_last(self) -> Done:
        """Take back the last accept that is still in the files."""
        for accept in self.ledger().standing():
            try:
                return self.undo(accept.applied)
            except NothingLeft:
                continue
        raise NothingLeft("nothing to undo: nothing that was accepted is in the files")

    def redo(self, keys: Sequence[str]) -> Done:
        """Put hunks that were taken back into the files again."""
        ledger, changes = self._replayed(keys)
        parts: list[tuple[AcceptPlan, Kept]] = []
        # One accept may stand on another's lines, so they come back in their order.
        for group in ledger.by_accept(keys):
            gone = [key for key in group if changes.hunk(key).state in (HunkState.REJECTED, HunkState.RETIRED)]
            try:
                changes.restore(gone)
            except ChangeError as error:
                raise NothingLeft(str(error).partition(": ")[2]) from error
            if gone:
                plan = _allowed(changes, partial(changes.plan_accept, gone))
                parts.append((plan, self._step(changes, plan, ledger, group)))
                changes.accepted(plan)
        if not parts:
            raise NothingLeft("it is in the files already")
        for plan, step in parts:
            self._write(plan, step, "redo")
        letters: dict[str, str] = {}
        for plan, _ in parts:
            letters = _letters(plan) | letters
        return Done(letters, tuple(key for plan, _ in parts for key in plan.hunks))

    def _replayed(self, keys: Sequence[str]) -> tuple[Ledger, ChangeSet]:
        steps = self._store.steps()
        ledger = Ledger(steps)
        first = ledger.first_step(keys)
        since = [(step, self._store.contents(number, step)) for number, step in steps.items() if number >= first]
        return ledger, replay(since, self._read, self._diff)

    def _step(self, changes: ChangeSet, plan: AcceptPlan, ledger: Ledger, keys: Sequence[str]) -> Kept:
        origin = ledger.accept(ledger.first_step(keys))
        session, request = ("", "") if origin is None else (origin.step.session, origin.step.request)
        return step_of(changes, plan, str, session=session, request=request, now=time.time())

    def _write(self, plan: AcceptPlan, step: Kept, label: str) -> None:
        write_step(self._store, self._writer, plan.writes, label, step)


def _allowed(changes: ChangeSet, plan: Callable[[], AcceptPlan]) -> AcceptPlan:
    try:
        return plan()
    except PlanRefused as refused:
        raise UndoRefused([(changes.hunk(key), reason) for key, reason in refused.reasons.items()]) from refused


def _letters(plan: AcceptPlan) -> dict[str, str]:
    return {write.path: "D" if write.data is None else "A" if write.before is None else "M" for write in plan.writes}
