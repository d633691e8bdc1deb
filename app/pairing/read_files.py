"""What the model has read and nobody has changed through it: it is told when others change such a file."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from spark_tui.app.changes.change_set import ChangeSet
from spark_tui.app.workspace.files import FileSnapshot


class ReadFiles:
    """``read`` gives a file as it is on disk, and blocks. The files of ``changes`` are followed there, not here."""

    def __init__(self, changes: ChangeSet, read: Callable[[str], FileSnapshot]) -> None:
        self._changes = changes
        self._read = read
        self._known: dict[str, str | None] = {}
        self._changed: set[str] = set()

    def note(self, snapshot: FileSnapshot) -> None:
        """The model is shown ``snapshot``."""
        self._known[snapshot.path] = snapshot.digest
        self._changed.discard(snapshot.path)

    async def look_at(self, concerned: Callable[[str], bool] = lambda path: True) -> None:
        """Files may have changed on disk: look at those of which ``concerned`` is true."""
        before = {path: digest for path, digest in self._known.items() if concerned(path)}
        found = await asyncio.to_thread(self._digests, before)
        for path, now in found.items():
            if now == before[path] or self._known[path] != before[path]:
                continue  # the same, or read again by the model meanwhile
            self._known[path] = now
            if self._changes.file(path) is None:
                self._changed.add(path)

    def take_changed(self) -> set[str]:
        """The files that others have changed since the model read them and was last told."""
        changed, self._changed = self._changed, set()
        return changed

    def _digests(self, paths: Iterable[str]) -> dict[str, str | None]:
        return {path: self._read(path).digest for path in paths}
