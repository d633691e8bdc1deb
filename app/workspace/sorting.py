"""Which of the paths that the system tells of matter: those of the work tree, and few of git's own. Pure."""

from __future__ import annotations

import os
from collections.abc import Iterable

HEAD, INDEX = "/head", "/index"
"""What a change in the git directory means. No path of the work tree begins with a slash."""

_HEAD_FILES = frozenset({"HEAD", "packed-refs", "MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "ORIG_HEAD"})
_HEAD_FOLDERS = ("refs/", "reftable/", "rebase-merge", "rebase-apply")


class Sorter:
    """Tells a change of the work tree at ``root`` from one of git's own in ``git_dirs``; all are absolute."""

    def __init__(self, root: str, git_dirs: Iterable[str]) -> None:
        self._root = f"{root}{os.sep}"
        self._git_dirs = [f"{folder}{os.sep}" for folder in set(git_dirs)]

    def sort(self, name: str) -> str | None:
        """The path in the work tree, or what it means for git; ``None`` for what nobody needs to know."""
        for folder in self._git_dirs:
            if name.startswith(folder):
                inside = name[len(folder) :]
                if inside.endswith(".lock"):
                    return None
                if inside in _HEAD_FILES or inside.startswith(_HEAD_FOLDERS):
                    return HEAD
                return INDEX if inside == "index" else None
        if not name.startswith(self._root):
            return None
        path = name[len(self._root) :]
        return None if ".git" in path.split("/") else path
