"""Lists of paths in order, as large as the repository. Pure.

What walks 200,000 records holds the interpreter's lock, which the event loop waits for, also from another thread. So
the records are taken apart by patterns, a piece at a time as git writes them, and not one by one.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Sequence

from spark_tui.app.workspace.paths import from_git

FEW = 200
"""Up to so many changes are put into a list one at a time; more are sorted in."""

_FILE = re.compile(r"\0[^S] 1[02]0\d{3} [0-9a-f]+ \d\t([^\0]+)(?=\0)")
_SUBMODULE = re.compile(r"\0. 160000 [0-9a-f]+ \d\t([^\0]+)(?=\0)")


class IndexListing:
    """Takes in what ``git ls-files -z -t --stage`` prints, in pieces that may end anywhere."""

    def __init__(self) -> None:
        self._paths: list[str] = []
        self._submodules: set[str] = set()
        self._rest = b"\0"
        self._is_ascii = True
        self._is_unmerged = False

    def feed(self, piece: bytes) -> None:
        """Take in the next piece; one as a pipe gives it takes well below a millisecond."""
        whole, nul, rest = (self._rest + piece).rpartition(b"\0")
        self._rest = nul + rest
        records = from_git(whole + nul)
        self._paths += _FILE.findall(records)
        if " 160000 " in records:
            self._submodules.update(_SUBMODULE.findall(records))
        self._is_ascii = self._is_ascii and records.isascii()
        self._is_unmerged = self._is_unmerged or "\0M " in records

    @property
    def files(self) -> list[str]:
        """The files in order and each once. Submodules and sparse paths (tag ``S``) are none; symbolic links are."""
        if self._is_unmerged:
            self._paths = list(dict.fromkeys(self._paths))  # a path stands there once for each of its stages
        if not self._is_ascii:
            self._paths.sort()  # git orders by bytes, which for those that are no UTF-8 is another order
        return self._paths

    @property
    def submodules(self) -> frozenset[str]:
        """The paths that have another repository's commit."""
        return frozenset(self._submodules)


def with_changes(ordered: Sequence[str], added: Collection[str], removed: Collection[str] = ()) -> Sequence[str]:
    """``ordered`` with some paths more and some fewer; the same object where nothing changes."""
    new = [path for path in added if not holds(ordered, path)]
    gone = [path for path in removed if holds(ordered, path)]
    if not new and not gone:
        return ordered
    if len(new) + len(gone) > FEW:
        left_out = set(gone)
        kept = [path for path in ordered if path not in left_out] if left_out else list(ordered)
        return sorted(kept + sorted(new))
    changed = list(ordered)
    for path in gone:
        del changed[bisect_left(changed, path)]
    for path in new:
        changed.insert(bisect_left(changed, path), path)
    return changed


def holds(ordered: Sequence[str], path: str) -> bool:
    """Whether ``path`` is in a list that is in order."""
    at = bisect_left(ordered, path)
    return at < len(ordered) and ordered[at] == path


def holds_below(ordered: Sequence[str], folder: str) -> bool:
    """Whether any path in ``folder`` is in a list that is in order."""
    start = f"{folder}/"
    at = bisect_left(ordered, start)
    return at < len(ordered) and ordered[at].startswith(start)
