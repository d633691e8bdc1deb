"""Lists of paths in order, as large as the repository. Pure.

What walks 200,000 records holds the interpreter's lock, which the event loop waits for, also from another thread. So
the records are taken apart by patterns, a slice at a time, and not one by one.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence

from spark_tui.app.workspace.paths import from_git

SLICE = 1 << 16
"""Bytes that are taken apart in one go, some 600 records: well below a millisecond."""

FEW = 200
"""Up to so many changes are put into a list one at a time; more are sorted in."""

_FILE = re.compile(r"\0[^S] 1[02]0\d{3} [0-9a-f]+ \d\t([^\0]+)(?=\0)")
_SUBMODULE = re.compile(r"\0. 160000 [0-9a-f]+ \d\t([^\0]+)(?=\0)")


def files_of_index(listing: bytes) -> list[str]:
    """The files in what ``git ls-files -z -t --stage`` printed, in order and each once.

    Submodules and sparse paths (tag ``S``) are none. Symbolic links are.
    """
    paths: list[str] = []
    for part in _slices(listing):
        paths += _FILE.findall(from_git(part))
    if not listing.isascii():
        paths.sort()  # git orders by bytes, which for those that are no UTF-8 is another order
    if b"\0M " in listing or listing.startswith(b"M "):
        return list(dict.fromkeys(paths))  # an unmerged path stands there once for each of its stages
    return paths


def submodules_of_index(listing: bytes) -> frozenset[str]:
    """The paths at which the same listing has another repository's commit."""
    found: set[str] = set()
    for part in _slices(listing):
        if b" 160000 " in part:
            found.update(_SUBMODULE.findall(from_git(part)))
    return frozenset(found)


def _slices(listing: bytes) -> Iterator[bytes]:
    """Whole records, each after its NUL."""
    start = 0
    while start < len(listing):
        end = listing.find(b"\0", start + SLICE) + 1 or len(listing)
        yield b"\0" + listing[start:end]
        start = end


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
