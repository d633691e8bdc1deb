"""Which folders are worth a watch: those of the work tree that git does not ignore, and few of git's own.

A folder that holds a tracked file is known from the index. Only of the others git is asked, all those of one depth at
once: there are few.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence

from spark_tui.app.workspace.git import Repository
from spark_tui.app.workspace.git_errors import GitError
from spark_tui.app.workspace.paths import from_git, parents, split_nul, to_git

GIT_FOLDERS = ("refs", "reftable", "rebase-merge", "rebase-apply")
"""Folders of the git directory whose changes mean something; the objects in it may be a million."""


class WatchedFolders:
    """Walks ``repository``. Folders are absolute; the methods block."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._root = str(repository.root)
        self._git_dirs = {str(repository.git_dir), str(repository.common_dir)}
        self._tracked: frozenset[str] = frozenset()
        self._submodules: frozenset[str] = frozenset()
        self._left_out: set[str] = set()

    def all(self) -> Iterator[str]:
        """Every folder to watch, outer ones first."""
        for folder in sorted(self._git_dirs):
            yield folder
        for folder in sorted(self._git_dirs):
            for name in GIT_FOLDERS:
                yield from self._walk([f"{folder}/{name}"], list)
        try:
            index = self._repository.index()
            self._tracked, self._submodules = folders_of(index.files), index.submodules
        except GitError:
            self._tracked = self._submodules = frozenset()
        self._left_out.clear()
        yield from self._walk([self._root], self._worth)

    def below(self, folder: str) -> Iterator[str]:
        """What is to be watched of a ``folder`` that appeared: itself and what is in it, or nothing."""
        inside = next((git_dir for git_dir in self._git_dirs if folder.startswith(f"{git_dir}/")), None)
        if inside is not None:
            name = folder[len(inside) + 1 :].partition("/")[0]
            return self._walk([folder] if name in GIT_FOLDERS else [], list)
        return self._walk(self._worth([folder]), self._worth)

    def no_longer_left_out(self) -> Iterator[str]:
        """Folders that were ignored as a whole, and hold a tracked file now, with what is in them."""
        if not self._left_out:
            return iter(())
        scope = [f":(top,literal){folder}" for folder in sorted(self._left_out)[:1000]]
        try:
            listing = self._repository.look("ls-files", "-z", "--", *scope).stdout
        except GitError:
            return iter(())
        self._tracked |= folders_of([from_git(path) for path in split_nul(listing)])
        back = self._left_out & self._tracked
        self._left_out -= back
        return self._walk([f"{self._root}/{folder}" for folder in sorted(back)], self._worth)

    def _walk(self, level: Iterable[str], worth: Callable[[list[str]], Iterable[str]]) -> Iterator[str]:
        while level:
            inside: list[str] = []
            for folder in level:
                yield folder
                inside += _subfolders(folder)
            level = list(worth(inside))

    def _worth(self, folders: Sequence[str]) -> list[str]:
        """Those of ``folders``, each in one that is watched, that git does not ignore."""
        wanted: list[str] = []
        unsure: dict[str, str] = {}
        for folder in folders:
            path = folder[len(self._root) + 1 :]
            if path in self._tracked or self._is_in_submodule(path):
                wanted.append(folder)
            elif folder not in self._git_dirs:
                unsure[path] = folder
        if unsure:
            ignored = self._ignored(unsure)
            self._left_out |= ignored
            wanted += [folder for path, folder in unsure.items() if path not in ignored]
        return wanted

    def _is_in_submodule(self, path: str) -> bool:
        return bool(self._submodules) and (path in self._submodules or not self._submodules.isdisjoint(parents(path)))

    def _ignored(self, paths: Iterable[str]) -> set[str]:
        stdin = b"".join(to_git(path) + b"\0" for path in paths)
        try:
            answer = self._repository.look(
                "check-ignore", "-z", "--no-index", "--stdin", stdin=stdin, accept=(0, 1)
            ).stdout
        except GitError:
            return set()
        return {from_git(path) for path in split_nul(answer)}


def folders_of(paths: Sequence[str]) -> frozenset[str]:
    """Every folder that holds one of ``paths``."""
    innermost = {path[: path.rfind("/")] for path in paths if "/" in path}
    found = set(innermost)
    for folder in innermost:
        found.update(parents(folder))
    return frozenset(found)


def _subfolders(folder: str) -> list[str]:
    """The folders in ``folder`` that are no links and no repository's own; none where it cannot be read."""
    try:
        with os.scandir(folder) as entries:
            return [entry.path for entry in entries if entry.is_dir(follow_symlinks=False) and entry.name != ".git"]
    except OSError:
        return []
