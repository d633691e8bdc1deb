"""Which changed paths git ignores, asked in batches and remembered for whole folders.

A build writes thousands of files under a few ignored folders; once such a folder is known, its files cost no process.
"""

from __future__ import annotations

from collections.abc import Collection

from spark_tui.app.workspace.git import Repository
from spark_tui.app.workspace.git_errors import GitError
from spark_tui.app.workspace.paths import from_git, parents, split_nul, to_git
from spark_tui.app.workspace.status import RULE_FILES


class IgnoreRules:
    """What git ignores in one repository; :meth:`forget` when the rules or the tracked files may have changed."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._folders: set[str] = set()
        self._submodules: frozenset[str] | None = None

    def forget(self) -> None:
        """Ask git anew from now on."""
        self._folders.clear()
        self._submodules = None

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
        answer = self._repository.look("check-ignore", "-z", "--stdin", stdin=stdin, accept=(0, 1)).stdout
        ignored = {from_git(path) for path in split_nul(answer)}
        # A folder may be ignored and yet hold files that were added by force, which count.
        if outermost := sorted(folder for folder in ignored & folders if ignored.isdisjoint(parents(folder))):
            scope = [f":(top,literal){folder}" for folder in outermost]
            tracked = [
                from_git(path) for path in split_nul(self._repository.look("ls-files", "-z", "--", *scope).stdout)
            ]
            holding = {parent for path in tracked for parent in parents(path)}
            self._folders.update(folder for folder in outermost if folder not in holding)
        return ignored

    def _outer(self, path: str) -> str:
        """The submodule that ``path`` lies in, else ``path``; git refuses to answer for paths beyond one."""
        submodules = self._submodules or frozenset()
        return next((folder for folder in parents(path) if folder in submodules), path)

    def _is_in_ignored_folder(self, path: str) -> bool:
        return bool(self._folders) and (path in self._folders or not self._folders.isdisjoint(parents(path)))
