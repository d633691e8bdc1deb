"""What there is in the repository, read again at the price of what changed rather than of its size."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from spark_tui.app.workspace.git import Repository
from spark_tui.app.workspace.git_errors import GitError
from spark_tui.app.workspace.listing import with_changes
from spark_tui.app.workspace.status import UNTRACKED, StatusSnapshot, git_letters, read_status, update_status


@dataclass(frozen=True, slots=True)
class Survey:
    """The repository as last seen.

    ``paths`` are its files in order: tracked ones that are there, and untracked ones that are not ignored; the same
    object as before where they are the same. ``status`` is ``None`` until git has been asked, ``letters`` says it in
    one letter for each path that has one, in order of path. ``trouble`` is why nothing could be read, in one line.
    ``edited`` are those files unlike the last commit which others changed since the session began.
    """

    paths: Sequence[str] = ()
    status: StatusSnapshot | None = None
    letters: Mapping[str, str] = field(default_factory=dict)
    trouble: str = ""
    edited: frozenset[str] = frozenset()


_Signature = tuple[int, int, int] | None


class Surveyor:
    """Reads one repository again and again; each call blocks on git, and there is one at a time."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._index_was: _Signature = None
        self._tracked: Sequence[str] = ()
        self._last = Survey()

    def list_tracked(self) -> Survey:
        """The files that git tracks, without a look at the work tree: there at once, and nearly right."""
        try:
            self._read_index()
        except GitError as error:
            return Survey(trouble=str(error))
        return Survey(self._tracked)

    def look(self, changed: Collection[str] | None = None) -> Survey:
        """See how things are. ``changed`` are all the paths that may have changed since, none of them in git's own
        files; ``None`` where that is not known.
        """
        before = self._last.status
        try:
            index_stays = self._read_index()
            if before is not None and changed is not None and index_stays:
                status = update_status(self._repository, before, changed)
            else:
                status = read_status(self._repository)
        except GitError as error:
            self._last = Survey(trouble=str(error))
            return self._last
        paths = with_changes(self._tracked, *self._unlike_index(status))
        if paths == self._last.paths:
            paths = self._last.paths
        self._last = Survey(paths, status, git_letters(status))
        return self._last

    def _read_index(self) -> bool:
        """List what git tracks, if its index was written since; returns whether it was not."""
        now = _signature(self._repository)
        if now is not None and now == self._index_was:
            return True
        tracked = self._repository.tracked_files()
        if tracked != self._tracked:
            self._tracked = tracked
        self._index_was = now
        return False

    def _unlike_index(self, status: StatusSnapshot) -> tuple[list[str], list[str]]:
        """Files that the index does not name, and files it names that are not there."""
        new: list[str] = []
        gone: list[str] = []
        for path, code in status.entries.items():
            if code == UNTRACKED:
                if not path.endswith("/"):  # another repository
                    new.append(path)
            elif path in status.unmerged:
                # The letters tell what both sides did, not what is there.
                if not os.path.lexists(self._repository.root / path):
                    gone.append(path)
            elif code[1] == "D":
                gone.append(path)
        return new, gone


def _signature(repository: Repository) -> _Signature:
    """git replaces its index as a whole, so these differ whenever it was written."""
    try:
        found = (repository.git_dir / "index").stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
