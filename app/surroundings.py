"""The repository around a session: its files and their status, the branch, and what others do to the files.

Nothing here waits on the event loop: git and the watcher run in threads.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Collection
from dataclasses import replace
from functools import partial

from spark_tui.app.pairing.notices import Notify, Severity
from spark_tui.app.pairing.read_files import ReadFiles
from spark_tui.app.pairing.review import Review
from spark_tui.app.workspace.git import Repository
from spark_tui.app.workspace.git_errors import GitError
from spark_tui.app.workspace.paths import parents
from spark_tui.app.workspace.status import StatusSnapshot
from spark_tui.app.workspace.survey import Survey, Surveyor
from spark_tui.app.workspace.watcher import FilesChanged, RepositoryMoved, WatchBegan, WatchingDegraded, watch

WATCH_AFTER = 0.5
"""Seconds from the first look until watching begins, which starts a process and walks every folder: the first answer
comes before. What is missed meanwhile is seen by the look that follows."""


class Surroundings:
    """Tells ``review`` and ``read_files`` what happens to ``repository`` from outside; ``branch`` is the one last
    seen, empty for none.

    ``on_change`` is called after each new :attr:`survey`.
    """

    def __init__(
        self,
        repository: Repository,
        review: Review,
        read_files: ReadFiles,
        branch: str,
        *,
        notify: Notify,
        on_change: Callable[[], None],
    ) -> None:
        self.survey = Survey()
        self.branch = branch
        self._repository = repository
        self._surveyor = Surveyor(repository)
        self._review = review
        self._read_files = read_files
        self._notify = notify
        self._on_change = on_change
        self._unseen: set[str] | None = set()
        self._written: set[str] = set()
        self._has_unseen = asyncio.Event()
        self._has_missed = False

    async def catch_up(self) -> None:
        """Take in what happened while nobody watched."""
        self._show(await asyncio.to_thread(self._surveyor.list_tracked))
        self._show(await asyncio.to_thread(self._surveyor.look))
        await self._follow_head()
        await self._review.look_at_all()
        self._show(self.survey)

    def resurvey(self, paths: frozenset[str] | None = None) -> None:
        """Read again what git says of ``paths``, or all of it; soon, and once for all that is asked for meanwhile."""
        if paths is None or self._unseen is None:
            self._unseen = None
        else:
            self._unseen |= paths
        self._has_unseen.set()

    async def watch(self) -> None:
        """Follow what happens, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keep_surveying())
            tasks.create_task(self._follow_events())

    async def _keep_surveying(self) -> None:
        while True:
            await self._has_unseen.wait()
            self._has_unseen.clear()
            unseen, self._unseen = self._unseen, set()
            written, self._written = self._written, set()
            missed, self._has_missed = self._has_missed, False
            before, survey = self.survey, await asyncio.to_thread(self._surveyor.look, unseen)
            self._show(survey, written | _new_letters(before, survey) if missed else written)

    async def _follow_events(self) -> None:
        await asyncio.sleep(WATCH_AFTER)
        async with contextlib.aclosing(watch(self._repository)) as events:
            async for event in events:
                match event:
                    case FilesChanged(paths):
                        self._written |= paths
                        self.resurvey(paths)
                        known = [file.path for file in self._review.changes.files if _concerns(file.path, paths)]
                        await self._review.look_at(known, sorted(paths))
                        await self._read_files.look_at(partial(_concerns, changed=paths))
                    case RepositoryMoved(head):
                        self.resurvey()
                        if head:
                            await self._follow_head()
                            await self._review.look_at_all()
                            await self._read_files.look_at()
                    case WatchBegan():
                        # What happened between the look and this moment was seen by nobody.
                        self._has_missed = True
                        self.resurvey()
                        await self._follow_head()
                        await self._review.look_at_all()
                        await self._read_files.look_at()
                    case WatchingDegraded(reason):
                        self._notify(reason, Severity.WARNING)
                self._show(self.survey)

    def _show(self, survey: Survey, written: Collection[str] = ()) -> None:
        """Tell of ``survey``; ``written`` are paths that somebody wrote to since the last."""
        survey = replace(survey, edited=self._edits(survey.status, frozenset(written)))
        if survey != self.survey:
            self.survey = survey
            self._on_change()

    def _edits(self, status: StatusSnapshot | None, written: frozenset[str]) -> frozenset[str]:
        """What others have changed; of the change set's files their lines tell, since we write these too."""
        if status is None:
            return frozenset()
        changes = self._review.changes
        ours = {path for file in changes.files for path in (file.path, file.target)}
        ours |= {hunk.source for hunk in changes.hunks() if hunk.source is not None}
        fresh = {path for path in status.entries if _concerns(path, written)} if written else set()
        return frozenset((self.survey.edited.union(fresh) - ours | changes.edited_outside) & status.entries.keys())

    async def _follow_head(self) -> None:
        """See which branch is checked out; a merge or rebase under way says nothing yet."""
        try:
            head = await asyncio.to_thread(self._repository.head)
            busy = await asyncio.to_thread(self._repository.operation)
        except GitError:
            return
        if busy is not None:
            return
        before, self.branch = self.branch, head.branch or "a detached HEAD"
        if before and before != self.branch:
            await self._review.branch_changed(before, self.branch)


def _new_letters(before: Survey, now: Survey) -> set[str]:
    """The paths of which git says something else than before; none where it had not been asked."""
    if before.status is None:
        return set()
    return {path for path, letter in now.letters.items() if before.letters.get(path) != letter}


def _concerns(path: str, changed: frozenset[str]) -> bool:
    """Whether ``path`` or a folder above it is among ``changed``; these may be many."""
    return path in changed or not changed.isdisjoint(parents(path))
