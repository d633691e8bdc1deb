"""What happens in the folders of a work tree that are worth a watch, by inotify."""

from __future__ import annotations

import errno
import threading
import time
from collections.abc import Iterable, Iterator

from spark_tui.app.workspace.git import Repository
from spark_tui.app.workspace.inotify import Happened, Inotify, Mask
from spark_tui.app.workspace.status import RULE_FILES
from spark_tui.app.workspace.system_events import LONGEST_MS, QUIET_MS, Change
from spark_tui.app.workspace.watched_folders import WatchedFolders

_PASSED_OVER = frozenset({errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.ELOOP, errno.ENAMETOOLONG})
"""A folder that is gone, or closed to us, is no reason to watch none."""


def events(repository: Repository, stop: threading.Event) -> Iterator[set[tuple[Change, str]]]:
    """See :func:`~spark_tui.app.workspace.system_events.system_events`."""
    watch = _Watch(repository)
    try:
        watch.enter(watch.folders.all())
        yield set()
        while not stop.is_set():
            yield watch.next_batch(stop)
    finally:
        watch.close()


class _Watch:
    def __init__(self, repository: Repository) -> None:
        self.folders = WatchedFolders(repository)
        self._head = str(repository.git_dir / "HEAD")
        self._index = str(repository.git_dir / "index")
        self._queue = Inotify()

    def close(self) -> None:
        self._queue.close()

    def enter(self, folders: Iterable[str]) -> None:
        for folder in folders:
            try:
                self._queue.add(folder)
            except OSError as error:
                if error.errno not in _PASSED_OVER:
                    raise

    def next_batch(self, stop: threading.Event) -> set[tuple[Change, str]]:
        """What happens until it is quiet for a moment, or has gone on for long; empty where nothing does."""
        seen: set[tuple[Change, str]] = set()
        until: float | None = None
        while not stop.is_set():
            happened = self._queue.read((QUIET_MS if seen else LONGEST_MS) / 1000)
            seen.update(self._take(happened))
            now = time.monotonic()
            if until is None:
                until = now + LONGEST_MS / 1000
            if not happened or now >= until:
                break
        self._follow(seen)
        return seen

    def _take(self, happened: Iterable[Happened]) -> Iterator[tuple[Change, str]]:
        for mask, path in happened:
            if mask & Mask.OVERFLOW:
                # Some was lost, so anything may have happened: that is what a moved HEAD stands for.
                self.enter(self.folders.all())
                yield Change.MODIFIED, self._head
                continue
            if mask & Mask.FOLDER:
                if mask & Mask.ATTRIB:
                    continue
                if mask & (Mask.MOVED_FROM | Mask.DELETE):
                    self._queue.drop(path)
                else:
                    self.enter(self.folders.below(path))
            if mask & (Mask.CREATE | Mask.MOVED_TO):
                yield Change.ADDED, path
            elif mask & (Mask.DELETE | Mask.MOVED_FROM):
                yield Change.DELETED, path
            else:
                yield Change.MODIFIED, path

    def _follow(self, seen: Iterable[tuple[Change, str]]) -> None:
        """Ignored folders may be so no longer."""
        names = {name for _, name in seen}
        if any(name.rpartition("/")[2] in RULE_FILES for name in names):
            self.enter(self.folders.all())
        elif self._index in names:
            self.enter(self.folders.no_longer_left_out())
