"""Which changed paths git ignores, asked in batches and remembered for whole folders.

A build writes thousands of files under a few ignored folders; once such a folder is known, its files cost no process.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from spark_tui.app.workspace.git import Repository
from spark_tui.app.workspace.git_errors import GitError
from spark_tui.app.workspace.listing import holds, holds_below, with_changes
from spark_tui.app.workspace.paths import from_git, parents, split_nul, to_git
from spark_tui.app.workspace.status import RULE_FILES


class IgnoreRules:
    """What git ignores in one repository; :meth:`forget` when the rules or the tracked files may have changed."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._folders: set[str] = set()
        self._submodules: frozenset[str] | None = None
        self._tracked: Sequence[str] | None = None

    def forget(self) -> None:
        """Ask git anew from now on."""
        self._folders.clear()
        self._submodules = None
        self._tracked = None

    def keep_visible(self, paths: Collection[str]) -> set[str]:
        """Those of ``paths`` that git does not ignore; blocks. Inside a submodule, the submodule stands for them.

        Where git cannot say, everything is visible: one look too many does no harm.
        """
        if any(path.rpartition("/")[2] in RULE_FILES for path in paths):
            self.forget()
        candidates = {path for path in paths if not self._is_in_ignored_folder(path)}
        if not candidates:
            return set()
        try:
            if self._submodules is None:
                self._submodules = self._repository.submodules()
            candidates = {self._outer(path) for path in candidates}
            ignored = self._ask(candidates)
        except GitError:
            return candidates
        return {path for path in candidates if path not in ignored and not self._is_in_ignored_folder(path)}

    def _ask(self, candidates: set[str]) -> set[str]:
        """The ignored ones of ``candidates``; remembers the ignored folders that they lie in."""
        folders = {folder for path in candidates for folder in parents(path)}
        asked = [to_git(path) for path in sorted(candidates | folders)]
        stdin = b"\0".join(asked) + b"\0"
        # Without the index, which git would go through once for each path.
        answer = self._repository.look(
            "check-ignore", "-z", "--no-index", "--stdin", stdin=stdin, accept=(0, 1)
        ).stdout
        named = {from_git(path) for path in split_nul(answer)}
        # What is tracked counts, also where a rule names it, or the folder that it lies in.
        ignored = {path for path in named if not self._is_tracked(path)}
        self._folders.update(folder for folder in ignored & folders if ignored.isdisjoint(parents(folder)))
        return ignored

    def _is_tracked(self, path: str) -> bool:
        """Whether git has ``path``, or a file in it."""
        if self._tracked is None:
            self._tracked = with_changes(self._repository.tracked_files(), self._submodules or ())
        return holds(self._tracked, path) or holds_below(self._tracked, path)

    def _outer(self, path: str) -> str:
        """The submodule that ``path`` lies in, else ``path``; git refuses to answer for paths beyond one."""
        submodules = self._submodules or frozenset()
        return next((folder for folder in parents(path) if folder in submodules), path)

    def _is_in_ignored_folder(self, path: str) -> bool:
        return bool(self._folders) and (path in self._folders or not self._folders.isdisjoint(parents(path)))
