"""A change set in step with the disk: every look at a file, whoever changed it and why.

Events only say where to look. What is pending moves with its file; what cannot is marked; a switch of branches
holds all of it until the user comes back or carries it over. One cause, one notice.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from spark_tui.app.changes.change_set import ChangeSet
from spark_tui.app.changes.errors import ChangeError
from spark_tui.app.changes.file_change import FileChange
from spark_tui.app.changes.hunk import OVERWRITTEN
from spark_tui.app.changes.rebase import LineDiff
from spark_tui.app.changes.tracking import RebaseOutcome
from spark_tui.app.pairing.conflicts import has_conflict_marks
from spark_tui.app.pairing.notices import Notify, Severity
from spark_tui.app.workspace.files import FileSnapshot
from spark_tui.protocol.patch.edits import LineEdit, split_lines
from spark_tui.widgets.slices import Slices

MARKED = "git left conflict markers in it; resolve them first"
ALIKE = 0.9
"""From this share of common lines on, a new file is taken for one that is gone."""

SETTLING = 0.05
"""Seconds until a file that others changed is believed: most editors empty it before they fill it again."""

MOST_CANDIDATES = 50
"""Files that appeared at once and are compared with one that is gone; more is no rename but a checkout."""


class OnDisk:
    """Looks at files for ``changes``. ``read`` and ``diff`` block and are called in threads."""

    def __init__(
        self, changes: ChangeSet, read: Callable[[str], FileSnapshot], diff: LineDiff, notify: Notify
    ) -> None:
        self.held_on: str | None = None
        """The branch on which the hunks were made, while another is checked out."""
        self._changes = changes
        self._read = read
        self._diff = diff
        self._notify = notify
        self._held: frozenset[str] = frozenset()

    async def look_at(self, paths: Iterable[str], appeared: Iterable[str] = ()) -> bool:
        """The files at ``paths`` may have changed, and ``appeared`` are others that did; whether any hunk's file has.

        Files that are held are not looked at.
        """
        asked = [path for path in paths if path not in self._held]
        if await asyncio.to_thread(self._any_changed, asked):
            await asyncio.sleep(SETTLING)
        outcomes = await self._look(asked)
        self._tell(outcomes)
        gone = [file for file in self._changes.files if file.absent and file.is_open and file.moved_to is None]
        if gone:
            await self._find_moved(gone, [path for path in appeared if self._changes.file(path) is None])
        return any(outcome.changed for outcome in outcomes)

    async def look_before_write(self, paths: Iterable[str]) -> None:
        """As :meth:`look_at`, without a word: the refusal of what no longer fits says it."""
        await self._look(path for path in paths if path not in self._held)

    async def follow_move(self, path: str) -> bool:
        """The file at ``path`` is gone: its hunks go to where it seems to be now; whether they did."""
        file = self._changes.file(path)
        if file is None or file.moved_to is None:
            self._notify("no file here has been moved", Severity.INFORMATION)
            return False
        snapshot = await asyncio.to_thread(self._read, file.moved_to)
        try:
            self._changes.follow(path, snapshot, self._diff)
        except ChangeError as error:
            self._notify(str(error), Severity.WARNING)
            return False
        return True

    # -- branches ----------------------------------------------------------------------------------------------

    def hold(self, made_on: str, now_on: str) -> None:
        """Another branch is checked out than the hunks were made on: keep them as they are."""
        if self.held_on is not None or not any(file.is_open for file in self._changes.files):
            return
        self.held_on = made_on
        self._held = frozenset(file.path for file in self._changes.files)
        for path in self._held:
            self._changes.freeze(path, f"made on {made_on}; switch back, or /carry-over brings it to {now_on}")
        self._notify(
            f"branch changed, {made_on} → {now_on}: hunks are kept as they were; /carry-over brings them along",
            Severity.WARNING,
        )

    async def release(self) -> None:
        """What was held goes on with the files as they are now."""
        held, self._held, self.held_on = self._held, frozenset(), None
        for path in held:
            if self._changes.file(path) is not None:
                self._changes.freeze(path, None)
        await self.look_at(sorted(held))

    # -- inside ------------------------------------------------------------------------------------------------

    def _any_changed(self, paths: Iterable[str]) -> bool:
        """Whether one of the files is not as it was last seen; blocks."""
        files = (self._changes.file(path) for path in paths)
        return any(file is not None and self._read(file.path).data != file.base for file in files)

    async def _look(self, paths: Iterable[str]) -> list[RebaseOutcome]:
        asked = list(dict.fromkeys(paths))
        snapshots = await asyncio.to_thread(lambda: [self._read(path).cut() for path in asked])
        outcomes: list[RebaseOutcome] = []
        slices = Slices()
        for snapshot in snapshots:
            outcome = await self._rebase(snapshot)
            if outcome is not None:
                outcomes.append(outcome)
            await slices.turn()
        return outcomes

    async def _rebase(self, snapshot: FileSnapshot) -> RebaseOutcome | None:
        file = self._changes.file(snapshot.path)
        if file is None:
            return None
        if snapshot.refusal is None and snapshot.data is not None and snapshot.data != file.base:
            had_marks = file.base is not None and has_conflict_marks("".join(file.base_lines))
            if not had_marks and has_conflict_marks(snapshot.text):
                snapshot = replace(snapshot, refusal=MARKED)
        known: tuple[list[str], list[str]] | None = None
        edits: list[LineEdit] = []
        if snapshot.refusal is None and snapshot.data is not None and snapshot.data != file.base:
            known = file.base_lines, snapshot.lines
            edits = await asyncio.to_thread(self._diff, *known)

        def diff(old: list[str], new: list[str]) -> list[LineEdit]:
            """What was computed off the loop, where it is asked for; rare further questions are answered here."""
            return edits if known == (old, new) else self._diff(old, new)

        return self._changes.rebase(snapshot, diff)

    def _tell(self, outcomes: Sequence[RebaseOutcome]) -> None:
        conflicted = [outcome.path for outcome in outcomes if outcome.conflicted]
        if conflicted:
            names = conflicted[0] if len(conflicted) == 1 else f"{len(conflicted)} files"
            self._notify(f"{names} changed on disk where hunks are pending: see ‼", Severity.WARNING)
        overwritten = [outcome.path for outcome in outcomes if self._lost_accepted_lines(outcome)]
        if overwritten:
            names = overwritten[0] if len(overwritten) == 1 else f"{len(overwritten)} files"
            self._notify(
                f"{names}: accepted lines were overwritten from outside; r on a hunk brings it back", Severity.WARNING
            )

    def _lost_accepted_lines(self, outcome: RebaseOutcome) -> bool:
        return any(self._changes.hunk(hunk_id).note == OVERWRITTEN for hunk_id in outcome.retired)

    async def _find_moved(self, gone: Sequence[FileChange], appeared: Sequence[str]) -> None:
        if not 0 < len(appeared) <= MOST_CANDIDATES:
            return
        candidates = await asyncio.to_thread(lambda: [self._read(path) for path in appeared])
        for file in gone:
            found = next((other for other in candidates if _is_alike(file, other)), None)
            if found is not None:
                file.moved_to = found.path
                self._changes.touch(file.path)
                self._notify(
                    f"{file.path} seems to be {found.path} now; F in the diff lets its hunks follow", Severity.WARNING
                )


def _is_alike(file: FileChange, other: FileSnapshot) -> bool:
    if other.refusal is not None or other.data is None:
        return False
    one, two = Counter(file.base_lines), Counter(split_lines(other.text))
    return bool(one) and 2 * (one & two).total() >= ALIKE * (one.total() + two.total())
