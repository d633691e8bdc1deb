"""Seeing what others do to the work tree.

Events are hints: they say where to look, and may be missed (an overflowing queue, a network file system). Whoever
writes compares digests at the write, and tells its own writes from others' by their digests too.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from spark_tui.app.workspace.git import Repository
from spark_tui.app.workspace.git_errors import GitError
from spark_tui.app.workspace.ignoring import IgnoreRules
from spark_tui.app.workspace.paths import from_git, split_nul
from spark_tui.app.workspace.sorting import HEAD, INDEX, Sorter
from spark_tui.app.workspace.system_events import WatchProcessDied, system_events
from spark_tui.app.workspace.watch_records import Began, Change

GIT_AT_WORK_LIMIT = 2.0
"""Seconds for which changes are held back while git holds its index, so that a switch of branches is one batch."""

POLL_INTERVAL = 1.0
"""Least seconds between two looks at all files where the system cannot watch."""


@dataclass(frozen=True, slots=True)
class RepositoryMoved:
    """git did something. ``head``: HEAD, a branch, or a merge or rebase; not ``head``: only the index changed."""

    head: bool


@dataclass(frozen=True, slots=True)
class FilesChanged:
    """``paths`` were written, made or removed; none is ignored by git. Tell which by looking.

    A removed folder may stand for all that was in it. A replaced file is one path, whatever the editor did to it.
    """

    paths: frozenset[str]


@dataclass(frozen=True, slots=True)
class WatchBegan:
    """What happens from now on is told. What happened just before was seen by nobody; look at all.

    Told first, and again whenever watching broke off and began anew.
    """


@dataclass(frozen=True, slots=True)
class WatchingDegraded:
    """Told once: the system cannot watch this work tree, so files are looked at every so often. One line."""

    reason: str


WorkspaceEvent = RepositoryMoved | FilesChanged | WatchBegan | WatchingDegraded


async def watch(repository: Repository) -> AsyncGenerator[WorkspaceEvent, None]:
    """Yield events until the iterator is closed. Of one batch, :class:`RepositoryMoved` is first.

    Watching begins at the first ``anext``, in a process of its own, and a thread reads from it, since to judge what
    changed takes git. No error ends it: a process that dies is started again, once, and where that does not help or
    the system's limits do not allow to watch, it goes on by polling.
    """
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[WorkspaceEvent] = asyncio.Queue()
    stop = threading.Event()

    def pump() -> None:
        for event in _all_events(repository, stop):
            # The loop is closed when the program ends without closing the iterator.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(queue.put_nowait, event)

    thread = threading.Thread(target=pump, name="watcher", daemon=True)
    thread.start()
    try:
        while True:
            yield await queue.get()
    finally:
        stop.set()
        await asyncio.to_thread(thread.join, 2.0)


def _all_events(repository: Repository, stop: threading.Event) -> Iterator[WorkspaceEvent]:
    try:
        try:
            yield from _watch_system(repository, stop)
        except WatchProcessDied:
            yield from _watch_system(repository, stop)
    except (OSError, RuntimeError) as error:
        yield WatchingDegraded(f"{_why_not(error)}; looking at the files every second or so instead")
        yield from _poll(repository, stop)


class _Batch:
    """Changes that will be told together, split into those of git's own files and the others."""

    def __init__(self, repository: Repository) -> None:
        self._sorter = Sorter(str(repository.root), (str(repository.git_dir), str(repository.common_dir)))
        self.changes: dict[str, set[Change]] = {}
        self.head = False
        self.index = False
        self.since: float | None = None
        self.git_at_work = False

    def add(self, changes: Iterable[tuple[Change, str]], now: float) -> None:
        """Take in what the system told."""
        for change, name in changes:
            where = self._sorter.sort(name)
            if where is None:
                continue
            if where == HEAD:
                self.head = True
            elif where == INDEX:
                self.index = True
            else:
                self.changes.setdefault(where, set()).add(change)
            self.since = self.since or now

    def is_due(self, git_at_work: bool, now: float) -> bool:
        """Whether it is time to tell. HEAD moves shortly after git frees its index, so one more round is waited."""
        if self.since is None:
            return False
        was_at_work, self.git_at_work = self.git_at_work, git_at_work
        return now - self.since > GIT_AT_WORK_LIMIT or not (git_at_work or was_at_work)


def _watch_system(repository: Repository, stop: threading.Event) -> Iterator[WorkspaceEvent]:
    rules = IgnoreRules(repository)
    batch = _Batch(repository)
    for seen in system_events(repository, stop):
        if isinstance(seen, Began):
            yield WatchBegan()
            continue
        now = time.monotonic()
        batch.add(seen, now)
        if batch.is_due((repository.git_dir / "index.lock").exists(), now):
            due, batch = batch, _Batch(repository)
            yield from _events(repository, rules, due)


def _events(repository: Repository, rules: IgnoreRules, batch: _Batch) -> list[WorkspaceEvent]:
    """What to tell of a batch; blocks on git."""
    events: list[WorkspaceEvent] = []
    if batch.head or batch.index:
        rules.forget()
        events.append(RepositoryMoved(head=batch.head))
    paths = {path for path, changes in batch.changes.items() if not _is_passing(repository.root / path, changes)}
    if paths:
        visible = _expand(repository, rules.keep_visible(paths))
        if visible:
            events.append(FilesChanged(frozenset(visible)))
    return events


def _is_passing(path: Path, changes: set[Change]) -> bool:
    """Whether the path came and went within the batch, as the temporary file of an atomic replace does."""
    return {Change.ADDED, Change.DELETED} <= changes and not os.path.lexists(path)


def _expand(repository: Repository, paths: set[str]) -> set[str]:
    """Put the files in place of a new folder: the system may not have told of those made right after it."""
    folders = [
        path for path in paths if (repository.root / path).is_dir() and not (repository.root / path).is_symlink()
    ]
    if not folders:
        return paths
    scope = [f":(top,literal){folder}" for folder in folders[:1000]]
    try:
        listing = repository.look("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *scope).stdout
    except GitError:
        return paths
    return (paths - set(folders)) | {from_git(path).rstrip("/") for path in split_nul(listing)}


def _why_not(error: Exception) -> str:
    if isinstance(error, WatchProcessDied):
        return "the process that watches the files died twice"
    told = " ".join(str(error).split())
    if "watch limit" in told.lower():
        return "the system's limit of watched folders is reached (fs.inotify.max_user_watches)"
    if "creating recommended watcher: too many open files" in told.lower():
        return "the system's limit of watching programs is reached (fs.inotify.max_user_instances)"
    return f"the folder cannot be watched ({told})"


def _poll(repository: Repository, stop: threading.Event) -> Iterator[WorkspaceEvent]:
    before = _take_stock(repository)
    yield WatchBegan()
    pause = POLL_INTERVAL
    while not stop.wait(pause):
        started = time.monotonic()
        now = _take_stock(repository)
        # Looking may take a twentieth of the time, however large the work tree is.
        pause = max(POLL_INTERVAL, 20 * (time.monotonic() - started))
        yield from _compare(before, now)
        before = now


_Stock = dict[str, tuple[int, int, int] | str]


def _take_stock(repository: Repository) -> _Stock:
    """What can be told from outside of each file that is not ignored, of HEAD, and of the index; blocks."""
    stock: _Stock = {INDEX: _signature(repository.git_dir / "index")}
    try:
        stock[HEAD] = f"{repository.head()} {repository.operation()}"
        paths = repository.list_files()
    except GitError:
        return stock
    for path in paths:
        stock[path] = _signature(repository.root / path)
    return stock


def _signature(path: Path) -> tuple[int, int, int]:
    try:
        found = path.lstat()
    except OSError:
        return (0, 0, 0)
    return (found.st_mtime_ns, found.st_size, found.st_ino)


def _compare(before: Mapping[str, object], now: Mapping[str, object]) -> list[WorkspaceEvent]:
    """The events between two stocks; none where git could not be asked for one of them."""
    if HEAD not in before or HEAD not in now:
        return []
    changed = {path for path in before.keys() | now.keys() if before.get(path) != now.get(path)}
    events: list[WorkspaceEvent] = []
    if changed & {HEAD, INDEX}:
        events.append(RepositoryMoved(head=HEAD in changed))
    if paths := changed - {HEAD, INDEX}:
        events.append(FilesChanged(frozenset(paths)))
    return events
