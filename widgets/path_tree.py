"""The file tree without a screen: a sorted list of paths, folded into the rows that are open.

Paths that share a prefix stand next to each other in any sorted list, so a folder is a range of the list and is found
by bisection. Nothing is built for what is folded away: 200,000 paths cost a sort, and then only what is shown.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from typing import NamedTuple

from spark_tui.widgets.fuzzy import Finder
from spark_tui.widgets.rows import Mark

YOURS = "changed by you"
AFTER_SLASH = chr(ord("/") + 1)


class Part(Enum):
    """Where a row stands: among the files listed first, the model's and then the user's, in the tree, or between."""

    CHANGES = "changes"
    EDITED = "edited"
    RULE = "rule"
    TREE = "tree"
    HITS = "hits"


class TreeRow(NamedTuple):
    """One row. ``path`` has no slash at its end; ``depth`` is 0 at the root; ``open`` is for folders only.

    Of a rule ``path`` says what is below it, if that needs to be said.
    """

    part: Part
    path: str
    depth: int
    folder: bool
    open: bool

    @property
    def key(self) -> tuple[Part, str, bool]:
        """What stays the same while the row stands for the same thing."""
        return self.part, self.path, self.folder


@dataclass(frozen=True, slots=True)
class ChangeMark:
    """What the change set does to one file: lines added and removed, and how its hunks stand."""

    added: int
    removed: int
    state: Mark


URGENCY = (Mark.RETIRED, Mark.REJECTED, Mark.ACCEPTED, Mark.PENDING, Mark.STREAMING, Mark.CONFLICTED)


def sum_marks(one: ChangeMark, other: ChangeMark) -> ChangeMark:
    """Both counts together, and the state that asks more of the user."""
    state = max(one.state, other.state, key=URGENCY.index)
    return ChangeMark(one.added + other.added, one.removed + other.removed, state)


GIT_URGENCY = "?RADMU"


def more_urgent(one: str, other: str) -> str:
    """The one of two git letters that asks more of the user; an unknown letter asks least."""
    return max(one, other, key=GIT_URGENCY.find)


def folders_of(path: str) -> Iterator[str]:
    """Every folder that holds ``path``, the innermost first; none for a path at the root."""
    end = path.rfind("/")
    while end > 0:
        yield path[:end]
        end = path.rfind("/", 0, end)


class PathTree:
    """All paths, which folders are open, and the rows that follow from both."""

    def __init__(self) -> None:
        self.rows: list[TreeRow] = []
        self.changes_first = False
        self._opened: set[str] = set()
        self._listed: list[str] = []
        self._extra: frozenset[str] = frozenset()
        self._changed: Sequence[str] = ()
        self._edited: Sequence[str] = ()
        self._paths: list[str] = []
        self._query = ""
        self._finder = Finder(())

    @property
    def paths(self) -> Sequence[str]:
        """Every path that is known, sorted and each once."""
        return self._paths

    @property
    def query(self) -> str:
        """What the rows are narrowed to; empty when they are not."""
        return self._query

    @property
    def hits(self) -> str:
        """How many paths match the query, those too that are not listed, with a plus where there may be more."""
        return f"{self._finder.count:,}{'' if self._finder.is_all else '+'}" if self._query else ""

    @property
    def finder(self) -> Finder:
        """What finds the paths of a query; another one whenever there are other paths."""
        return self._finder

    def set_paths(self, paths: Iterable[str]) -> None:
        """Take ``paths`` in place of those listed before; order and doubles do not matter."""
        listed = _sorted_once(path.rstrip("/") for path in paths)
        if listed != self._listed:
            self._listed = listed
            self._merge()

    def set_changed(self, changed: Collection[str]) -> None:
        """Take the change set's files; those that are not listed are added to the tree. Cheap if nothing is new."""
        ordered = _sorted_once(changed)
        if ordered == self._changed:
            return
        self._changed = ordered
        extra = frozenset(path for path in ordered if not _holds(self._listed, path))
        if extra != self._extra:
            self._extra = extra
            self._merge()
        elif self.changes_first:
            self.rebuild()

    def set_edited(self, edited: Collection[str]) -> None:
        """Take the files that the user has changed meanwhile. Cheap if nothing is new."""
        ordered = _sorted_once(edited)
        if ordered != self._edited:
            self._edited = ordered
            if self.changes_first:
                self.rebuild()

    def set_query(self, query: str) -> None:
        """Show only files that answer ``query``, as :mod:`~spark_tui.widgets.fuzzy` has it.

        An empty one shows the tree. What is needed for that is let go with the query.
        """
        self._query = query.strip()
        if not self._query:
            self._finder = Finder(self._paths)
        self.rebuild()

    def list_changes_first(self, first: bool) -> None:
        """Whether the change set's files are listed above the tree, and then others that the user has changed."""
        self.changes_first = first
        self.rebuild()

    def toggle(self, index: int) -> None:
        """Open or fold the folder at row ``index``; of other rows, nothing happens."""
        row = self.rows[index]
        if not row.folder:
            return
        self.rows[index] = row._replace(open=not row.open)
        if row.open:
            self._opened.discard(row.path)
            end = index + 1
            while end < len(self.rows) and self.rows[end].depth > row.depth:
                end += 1
            del self.rows[index + 1 : end]
        else:
            self._opened.add(row.path)
            self.rows[index + 1 : index + 1] = self._below(row.path + "/", row.depth + 1)

    def open_to(self, path: str) -> None:
        """Open every folder that holds ``path``."""
        folders = set(folders_of(path))
        if not folders <= self._opened:
            self._opened |= folders
            self.rebuild()

    def find(self, key: tuple[Part, str, bool]) -> int | None:
        """The row that ``key`` names, or ``None``. Takes time in proportion to the rows that are open."""
        for index, (part, path, _, folder, _) in enumerate(self.rows):
            if (part, path, folder) == key:
                return index
        return None

    def parent(self, index: int) -> int | None:
        """The row of the folder that holds row ``index``; ``None`` at the root and outside the tree."""
        row = self.rows[index]
        if row.part is not Part.TREE or row.depth == 0:
            return None
        return next((at for at in range(index - 1, -1, -1) if self.rows[at].depth < row.depth), None)

    def rebuild(self) -> None:
        """Build the rows again."""
        if self._query:
            self.rows = [TreeRow(Part.HITS, path, 0, False, False) for path in self._finder.find(self._query)]
            return
        self.rows = []
        if self.changes_first:
            self.rows += [TreeRow(Part.CHANGES, path, 0, False, False) for path in self._changed]
            edited = [path for path in self._edited if not _holds(self._changed, path)]
            if self.rows and edited:
                self.rows.append(TreeRow(Part.RULE, YOURS, 0, False, False))
            self.rows += [TreeRow(Part.EDITED, path, 0, False, False) for path in edited]
            if self.rows:
                self.rows.append(TreeRow(Part.RULE, "", 0, False, False))
        self.rows += self._below("", 0)

    def _merge(self) -> None:
        self._extra = frozenset(path for path in self._changed if not _holds(self._listed, path))
        self._paths = sorted([*self._listed, *self._extra]) if self._extra else self._listed
        self._finder = Finder(self._paths)
        self.rebuild()

    def _below(self, prefix: str, depth: int) -> Iterator[TreeRow]:
        """The rows in the folder ``prefix`` (empty, or with its slash): folders first, then files."""
        paths, length = self._paths, len(prefix)
        at = bisect_left(paths, prefix) if prefix else 0
        end = bisect_left(paths, prefix[:-1] + AFTER_SLASH) if prefix else len(paths)
        folders: list[str] = []
        files: list[TreeRow] = []
        while at < end:
            path = paths[at]
            slash = path.find("/", length)
            if slash < 0:
                files.append(TreeRow(Part.TREE, path, depth, False, False))
                at += 1
            else:
                folders.append(path[:slash])
                at = bisect_left(paths, path[:slash] + AFTER_SLASH, at, end)
        folders.sort()  # "a." comes before "a" among the paths, for "." comes before "/"
        for folder in folders:
            is_open = folder in self._opened
            yield TreeRow(Part.TREE, folder, depth, True, is_open)
            if is_open:
                yield from self._below(folder + "/", depth + 1)
        yield from files


def git_dots(status: Mapping[str, str]) -> dict[str, str]:
    """For each folder the most urgent git letter of what it holds."""
    dots: dict[str, str] = {}
    for path, letters in status.items():
        letter = letters.strip()[:1]
        for folder in folders_of(path):
            held = dots.get(folder, "")
            dots[folder] = more_urgent(held, letter) if held else letter
    return dots


def folder_marks(changes: Mapping[str, ChangeMark]) -> dict[str, ChangeMark]:
    """For each folder the sum of the marks of what it holds."""
    sums: dict[str, ChangeMark] = {}
    for path, mark in changes.items():
        for folder in folders_of(path):
            sums[folder] = sum_marks(sums[folder], mark) if folder in sums else mark
    return sums


def _sorted_once(paths: Iterable[str]) -> list[str]:
    """Sorted, without doubles and empty ones. A list that is in order already, as git's is, costs one pass."""
    ordered = sorted(path for path in paths if path)
    if any(one == other for one, other in pairwise(ordered)):
        return list(dict.fromkeys(ordered))
    return ordered


def _holds(ordered: Sequence[str], path: str) -> bool:
    at = bisect_right(ordered, path)
    return at > 0 and ordered[at - 1] == path
