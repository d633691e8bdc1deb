"""The repository around a session: its files and their status, the branch, and what others do to the files.

Nothing here waits on the event loop: git and the watcher run in threads.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from spark_tui.app.pairing.notices import Notify, Severity
from spark_tui.app.pairing.read_files import ReadFiles
from spark_tui.app.pairing.review import Review
from spark_tui.app.workspace.git import Repository
from spark_tui.app.workspace.git_errors import GitError
from spark_tui.app.workspace.status import StatusSnapshot, read_status
from spark_tui.app.workspace.watcher import FilesChanged, RepositoryMoved, WatchingDegraded, watch


@dataclass(frozen=True, slots=True)
class Survey:
    """The repository as last seen: its files, git's view of them, and why they could not be read, if so."""

    paths: Sequence[str] = ()
    status: StatusSnapshot | None = None
    trouble: str = ""


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
        self._review = review
        self._read_files = read_files
        self._notify = notify
        self._on_change = on_change

    async def catch_up(self) -> None:
        """Take in what happened while nobody watched."""
        await self.look_around()
        await self._follow_head()
        await self._review.look_at_all()

    async def look_around(self) -> None:
        """Read which files there are, and what git says of them."""
        try:
            paths = await asyncio.to_thread(self._repository.list_files)
            status = await asyncio.to_thread(read_status, self._repository)
        except GitError as error:
            self.survey = Survey(trouble=str(error))
        else:
            self.survey = Survey(paths, status)
        self._on_change()

    async def watch(self) -> None:
        """Follow what happens, until cancelled."""
        async with contextlib.aclosing(watch(self._repository)) as events:
            async for event in events:
                match event:
                    case FilesChanged(paths):
                        known = [file.path for file in self._review.changes.files if _concerns(file.path, paths)]
                        await self._review.look_at(known, sorted(paths))
                        await self._read_files.look_at(partial(_concerns, changed=paths))
                    case RepositoryMoved(head):
                        if head:
                            await self._follow_head()
                            await self._review.look_at_all()
                            await self._read_files.look_at()
                    case WatchingDegraded(reason):
                        self._notify(reason, Severity.WARNING)
                await self.look_around()

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


def _concerns(path: str, changed: frozenset[str]) -> bool:
    """Whether ``path`` or a folder above it is among ``changed``."""
    if path in changed:
        return True
    return any(path.startswith(folder + "/") for folder in changed if len(folder) < len(path))
